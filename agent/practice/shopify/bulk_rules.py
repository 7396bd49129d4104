"""What Shopify lets a bulk query be; sentences as recorded of 2026-04."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    parse,
    validate,
)

CONNECTIONS, DEPTH = 5, 2
_NODES = (
    "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: '{0} {{ edges {{ "
    "node {{'. Selecting via 'nodes' is not supported. Invalid connection fields: '{1}'."
)
_NO_ID = (
    "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be of 'ID' "
    "return type. Connection fields without 'id': {}."
)


@dataclass(slots=True)
class _Seen:
    """What a walk over a bulk query comes across."""

    connections: list[str] = field(default_factory=list)
    depth: int = 0
    by_nodes: list[str] = field(default_factory=list)
    without_id: list[str] = field(default_factory=list)
    in_list: bool = False


def problems(schema: GraphQLSchema, query: str) -> list[str]:
    """Why this cannot be a bulk query; nothing where it can."""
    try:
        document = parse(query)
    except GraphQLError as wrong:
        at_end = not query.strip() or "<EOF>" in wrong.message
        said = "syntax error, unexpected end of file" if at_end else f"syntax error, {wrong.message}"
        return [f"Invalid bulk query: {said}"]
    operation = next((each for each in document.definitions if isinstance(each, OperationDefinitionNode)), None)
    if operation is None or operation.operation is not OperationType.QUERY:
        return ["Invalid operation type. Only `query` operations are supported."]
    wrong_fields = validate(schema, document)
    return list(_broken(schema, operation)) or [each.message for each in wrong_fields]


def _broken(schema: GraphQLSchema, operation: OperationDefinitionNode) -> Iterator[str]:
    seen, root = _Seen(), schema.query_type
    assert root is not None
    _walk(root, operation.selection_set, seen, _Place())
    tops = [each.name.value for each in operation.selection_set.selections if isinstance(each, FieldNode)]
    if "node" in tops:
        yield "Bulk queries cannot contain a top level `node` field."
    if seen.in_list:
        yield "Queries that contain a connection field within a list field are not currently supported."
    elif not seen.connections:
        yield "Bulk queries must contain at least one connection."
    if seen.by_nodes:
        yield _NODES.format(seen.by_nodes[0], "', '".join(seen.by_nodes))
    if seen.depth > DEPTH:
        yield f"Bulk queries cannot contain connections with a nesting depth greater than {DEPTH}."
    if len(seen.connections) > CONNECTIONS:
        yield f"Bulk queries cannot contain more than {CONNECTIONS} connections."
    if seen.without_id:
        yield _NO_ID.format(", ".join(seen.without_id))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk is: how many connections around, which of them does not select its node's id, and in a list?"""

    depth: int = 0
    parent: str | None = None
    listed: bool = False


def _walk(kind: object, chosen: SelectionSetNode, seen: _Seen, place: _Place) -> None:
    for node in chosen.selections:
        if isinstance(node, InlineFragmentNode):
            _walk(kind, node.selection_set, seen, place)
        if isinstance(node, FieldNode) and node.selection_set is not None:
            answers = getattr(kind, "fields", {}).get(node.name.value)
            if answers is not None:
                _step(node, answers.type, seen, place)


def _step(node: FieldNode, answers: GraphQLOutputType, seen: _Seen, place: _Place) -> None:
    named, name, chosen = get_named_type(answers), node.name.value, node.selection_set
    assert chosen is not None
    if not named.name.endswith("Connection"):
        inside = place.listed or (_is_list(answers) and name not in {"edges", "nodes"})
        _walk(named, chosen, seen, replace(place, listed=inside))
        return
    seen.connections.append(name)
    seen.depth, seen.in_list = max(seen.depth, place.depth), seen.in_list or place.listed
    if _child(chosen, "nodes") is not None:
        seen.by_nodes.append(name)
    if place.parent is not None and place.parent not in seen.without_id:
        seen.without_id.append(place.parent)
    edges = _child(chosen, "edges")
    inner = _child(edges.selection_set, "node") if edges is not None else None
    has_id = inner is not None and _child(inner.selection_set, "id") is not None
    _walk(named, chosen, seen, _Place(place.depth + 1, None if has_id else name, place.listed))


def _is_list(answers: object) -> bool:
    return isinstance(answers.of_type if isinstance(answers, GraphQLNonNull) else answers, GraphQLList)


def _child(chosen: SelectionSetNode | None, name: str) -> FieldNode | None:
    for each in chosen.selections if chosen is not None else ():
        if isinstance(each, FieldNode) and each.name.value == name and each.alias is None:
            return each
    return None
