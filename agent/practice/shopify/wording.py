"""GraphQL's own errors in Shopify's words, as recorded; errors that were not recorded keep graphql-core's sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    get_named_type,
    type_from_ast,
)

Fault = dict[str, Any]


def _undefined_field(found: re.Match[str]) -> tuple[str, Fault]:
    name, kind = found.groups()
    told = {"code": "undefinedField", "typeName": kind, "fieldName": name}
    return f"Field '{name}' doesn't exist on type '{kind}'", told


def _undefined_argument(found: re.Match[str]) -> tuple[str, Fault]:
    name, where = found.groups()
    short = where.rpartition(".")[2]
    told = {"code": "argumentNotAccepted", "name": short, "typeName": "Field", "argumentName": name}
    return f"Field '{short}' doesn't accept argument '{name}'", told


def _undefined_directive(found: re.Match[str]) -> tuple[str, Fault]:
    return f"Directive @{found[1]} is not defined", {"code": "undefinedDirective", "directiveName": found[1]}


def _unused_variable(found: re.Match[str]) -> tuple[str, Fault]:
    name, operation = found[1], found[2] or "anonymous query"
    told = {"code": "variableNotUsed", "variableName": name}
    return f"Variable ${name} is declared by {operation} but not used", told


_WORDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, Fault]]], ...] = (
    (re.compile(r"Cannot query field '(\w+)' on type '(\w+)'"), _undefined_field),
    (re.compile(r"Unknown argument '(\w+)' on field '([\w.]+)'"), _undefined_argument),
    (re.compile(r"Unknown directive '@(\w+)'"), _undefined_directive),
    (re.compile(r"Variable '\$(\w+)' is never used(?: in operation '(\w+)')?"), _unused_variable),
)


def shown(error: GraphQLError, document: DocumentNode) -> Fault:
    """One error of validation."""
    told: Fault = {
        "message": error.message,
        "locations": [{"line": at.line, "column": at.column} for at in error.locations or ()],
    }
    if error.nodes:
        told["path"] = _path(document, error.nodes[0])
    for pattern, say in _WORDS:
        found = pattern.match(error.message)
        if found:
            told["message"], told["extensions"] = say(found)
    return told


def _path(document: DocumentNode, wanted: Node) -> list[str]:
    """`["mutation SetQty", "inventorySetQuantities", "userErrors", "code"]`."""
    for each in document.definitions:
        for path, node in _below(each, []):
            if node is wanted:
                return path
    return []


def _below(node: Node, path: list[str]) -> Iterator[tuple[list[str], Node]]:
    path = [*path, *_name(node)]
    yield path, node
    for part in ("directives", "variable_definitions"):
        for one in getattr(node, part, None) or ():
            yield path, one
    for one in getattr(node, "arguments", None) or ():
        yield [*path, one.name.value], one
    chosen = getattr(node, "selection_set", None)
    for one in chosen.selections if chosen is not None else ():
        yield from _below(one, path)


def _name(node: Node) -> list[str]:
    if isinstance(node, OperationDefinitionNode):
        return [f"{node.operation.value} {node.name.value}" if node.name else node.operation.value]
    if isinstance(node, FieldNode):
        return [node.alias.value if node.alias else node.name.value]
    if isinstance(node, InlineFragmentNode):
        return [f"... on {node.type_condition.name.value}" if node.type_condition else "..."]
    return []


# -- variables -------------------------------------------------------------------------------------------------------


def wrong_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: dict[str, Any]
) -> Iterator[Fault]:
    """What is wrong with the values of the variables; graphql-core takes them once nothing is."""
    for each in operation.variable_definitions or ():
        name = each.variable.name.value
        kind = type_from_ast(schema, each.type)
        if name not in given and (each.default_value is not None or not isinstance(kind, GraphQLNonNull)):
            continue
        problems = list(_problems(given.get(name), kind, []))  # type: ignore[arg-type]
        if problems:
            where = f" for {'.'.join(map(str, problems[0]['path']))}" if problems[0]["path"] else ""
            why = f" ({problems[0]['explanation']})" if problems[0]["path"] else ""
            said = f"Variable ${name} of type {kind} was provided invalid value{where}{why}"
            place = each.loc.start_token if each.loc else None
            yield {
                "message": said,
                "locations": [{"line": place.line, "column": place.column}] if place else [],
                "extensions": {"code": "INVALID_VARIABLE", "value": given.get(name), "problems": problems},
            }


def _problems(value: Any, kind: GraphQLInputType, path: list[str | int]) -> Iterator[Fault]:
    if isinstance(kind, GraphQLNonNull):
        if value is None:
            yield {"path": path, "explanation": "Expected value to not be null"}
            return
        kind = kind.of_type
    if value is None:
        return
    if isinstance(kind, GraphQLList):
        for at, each in enumerate(value if isinstance(value, list) else [value]):
            yield from _problems(each, kind.of_type, [*path, at] if isinstance(value, list) else path)
    elif isinstance(kind, GraphQLInputObjectType):
        yield from _object_problems(value, kind, path)
    else:
        yield from _plain_problems(value, get_named_type(kind), path)


def _object_problems(value: Any, kind: GraphQLInputObjectType, path: list[str | int]) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield {"path": path, "explanation": f"Expected {_json(value)} to be a key-value object."}
        return
    for name in value.keys() - kind.fields.keys():
        yield {"path": [*path, name], "explanation": f"Field is not defined on {kind.name}"}
    for name, each in kind.fields.items():
        if name in value or isinstance(each.type, GraphQLNonNull):
            yield from _problems(value.get(name), each.type, [*path, name])


def _plain_problems(value: Any, kind: Any, path: list[str | int]) -> Iterator[Fault]:
    if isinstance(kind, GraphQLEnumType):
        if value not in kind.values:
            yield {"path": path, "explanation": f"Expected {_json(value)} to be one of: {', '.join(kind.values)}"}
    elif kind.name == "ID":
        if not (isinstance(value, str) and value.startswith("gid://")):
            said = f"Invalid global id {str(value)!r}"
            yield {"path": path, "explanation": said, "message": said}
    elif isinstance(kind, GraphQLScalarType):
        try:
            kind.coerce_input_value(value)
        except GraphQLError:
            yield {"path": path, "explanation": f"Could not coerce value {_json(value)} to {kind.name}"}


def _json(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
