"""What a query costs: fitted to recorded answers, and close to them, but not Shopify's own formula.

An object is 1, a scalar 0, a mutation 10 (what it answers with is in that); userErrors, money, page infos and edges are
0; a connection of n is 2 + steps(n) * (1 + what each node asks for), with steps(n) = max(1, floor(2 ln n)). The actual
cost is reckoned likewise from what came back: as many of the steps as came of what was asked for, nothing below what
is null, and the first thing of a list stands for all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    NamedTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

MOST = 1000
_FREE = {"userErrors", "pageInfo"}
_FREE_TYPES = {"MoneyBag", "MoneyV2", "LocationAddress", "InventoryItemMeasurement"}
_MUTATION = 10
_UNKNOWN = object()


class Cost:
    """Prices one operation, before (`requested`) and after (`actual`)."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self.schema, self.operation, self.fragments, self.variables = schema, operation, fragments, variables

    def requested(self) -> int:
        return self._operation(_UNKNOWN)

    def actual(self, data: Any) -> int:
        return self._operation(data) if data is not None else 0

    def _operation(self, data: Any) -> int:
        root = self.schema.get_root_type(self.operation.operation)
        assert root is not None
        if self.operation.operation is not OperationType.MUTATION:
            return self._inside(root, self.operation.selection_set, data)
        return sum(self._mutation(root, node, data) for _, node in self._fields(root, self.operation.selection_set))

    def _mutation(self, root: GraphQLObjectType, node: FieldNode, data: Any) -> int:
        kind = get_named_type(root.fields[node.name.value].type)
        answer = _value(node, data)
        if answer is None or not isinstance(kind, GraphQLObjectType) or node.selection_set is None:
            return _MUTATION
        return _MUTATION + sum(self._payload(kind, each, answer) for _, each in self._fields(kind, node.selection_set))

    def _payload(self, kind: GraphQLObjectType, node: FieldNode, answer: Any) -> int:
        """What a mutation answers with is in its price; only what that holds is not."""
        return max(0, self._field(kind, node, answer) - 1)

    def _inside(self, kind: GraphQLCompositeType, chosen: SelectionSetNode | None, data: Any) -> int:
        return sum(self._field(known, node, data) for known, node in self._fields(kind, chosen))

    def _field(self, kind: GraphQLCompositeType, node: FieldNode, data: Any) -> int:
        name = node.name.value
        answers = self._type_of(kind, name)
        value = _value(node, data)
        if answers is None or name in _FREE or answers.name in _FREE_TYPES:
            return 0
        if answers.name.endswith("Connection"):
            return self._connection(answers, node, value)
        first = next((each for each in value if each is not None), None) if isinstance(value, list) else value
        return 1 if first is None else 1 + self._inside(answers, node.selection_set, first)

    def _type_of(self, kind: GraphQLCompositeType, name: str) -> GraphQLCompositeType | None:
        fields = getattr(kind, "fields", {})
        answers = get_named_type(fields[name].type) if name in fields else None
        return answers if is_composite_type(answers) else None

    def _connection(self, kind: GraphQLCompositeType, node: FieldNode, value: Any) -> int:
        chosen = {each.name.value: each for _, each in self._fields(kind, node.selection_set)}
        asked = self._asked(node)
        steps = max(1, math.floor(2 * math.log(asked))) if asked > 0 else 0
        if value is not _UNKNOWN and steps:
            came = _length(chosen, value)
            steps = max(1, round(steps * came / asked)) if came else 0
        return 2 + steps * sum(self._each(kind, chosen[name], value) for name in ("nodes", "edges") if name in chosen)

    def _each(self, kind: GraphQLCompositeType, node: FieldNode, value: Any) -> int:
        """What one thing in a connection costs; an edge and its node are one."""
        answers, first = self._type_of(kind, node.name.value), _first(_value(node, value))
        assert answers is not None
        inside = self._inside(answers, node.selection_set, first)
        named = (each.name.value for _, each in self._fields(answers, node.selection_set))
        return 1 + inside - (node.name.value == "edges" and "node" in named)

    def _asked(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in {"first", "last"}:
                if isinstance(argument.value, VariableNode):
                    return int(self.variables.get(argument.value.name.value) or 0)
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
        return 0

    def _fields(
        self, kind: GraphQLCompositeType, chosen: SelectionSetNode | None
    ) -> Iterator[tuple[GraphQLCompositeType, FieldNode]]:
        """The fields, those of fragments as well, and the type that each is a field of."""
        for node in chosen.selections if chosen is not None else ():
            if isinstance(node, FieldNode):
                yield kind, node
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields(self._named(node.type_condition, kind), node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                yield from self._fields(self._named(fragment.type_condition, kind), fragment.selection_set)

    def _named(self, condition: NamedTypeNode | None, kind: GraphQLCompositeType) -> GraphQLCompositeType:
        found = self.schema.type_map.get(condition.name.value) if condition is not None else None
        return found if found is not None and is_composite_type(found) else kind


def _value(node: FieldNode, data: Any) -> Any:
    if data is _UNKNOWN:
        return _UNKNOWN
    return data.get(node.alias.value if node.alias else node.name.value) if isinstance(data, dict) else None


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else (_UNKNOWN if value is _UNKNOWN else None)


def _length(chosen: Mapping[str, FieldNode], value: Any) -> int:
    return max((len(_value(chosen[name], value) or ()) for name in ("nodes", "edges") if name in chosen), default=0)
