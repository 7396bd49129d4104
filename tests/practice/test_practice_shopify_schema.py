"""The shipped part of Shopify's schema is Shopify's own, and everything in it is answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    execute_sync,
    get_named_type,
    is_leaf_type,
    parse,
)

from agent.practice.shopify import access, gid
from agent.practice.shopify.context import Context
from agent.practice.shopify.filters import ORDERS, VARIANTS
from agent.practice.shopify.schema import FILE, schema
from tests.channels.wire.admin_schema import faults_of, misfits_of_answer
from tests.practice.cut_shopify_schema import CONTRACT, HEADER, SPECS, contract, cut, vendor
from tests.practice.shopify_stage import Stage


@pytest.fixture
def judge() -> GraphQLSchema:
    if not CONTRACT.exists():
        pytest.skip("Shopify's schema is not on this computer; the shipped part of it was not compared")
    return vendor()


def own_types() -> list[Any]:
    built = build_schema(FILE.read_text(encoding="utf-8"))  # checked whole: `assume_valid` is not said here
    return [each for name, each in built.type_map.items() if not name.startswith("__")]


def test_the_shipped_part_says_where_it_comes_from_and_how_it_may_be_used() -> None:
    assert FILE.read_text(encoding="utf-8").startswith(HEADER)
    assert "ISC License" in HEADER and "Copyright 2025-present, Shopify Inc." in HEADER


def test_the_shipped_part_is_what_the_script_cuts(judge: GraphQLSchema) -> None:
    assert FILE.read_text(encoding="utf-8") == cut()


def test_every_type_field_argument_and_value_is_the_vendors(judge: GraphQLSchema) -> None:
    wrong = [each for own in own_types() for each in differences(own, judge.type_map.get(own.name))]
    assert wrong == []


def differences(own: Any, theirs: Any) -> Iterator[str]:
    if type(own) is not type(theirs):
        yield f"{own.name} is no {type(own).__name__} there"
    elif isinstance(own, GraphQLEnumType):
        if set(own.values) != set(theirs.values):
            yield f"{own.name} has other values"
    elif isinstance(own, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        for name, field in own.fields.items():
            other = theirs.fields.get(name)
            if other is None or str(field.type) != str(other.type):
                yield f"{own.name}.{name} is {other and other.type} there"
            elif isinstance(field, GraphQLField):
                yield from (f"{own.name}.{name}({each})" for each in _arguments(field, other))


def _arguments(field: GraphQLField, other: GraphQLField) -> Iterator[str]:
    for name, argument in field.args.items():
        theirs = other.args.get(name)
        if theirs is None or str(theirs.type) != str(argument.type):
            yield name
    yield from (name for name, each in other.args.items() if str(each.type).endswith("!") and name not in field.args)


def test_what_a_scope_opens_is_what_the_vendor_says() -> None:
    if not CONTRACT.exists():
        pytest.skip("Shopify's list of required access is not on this computer; nothing was compared")
    told = {
        (each["typeName"], each.get("fieldName")): each["requiredAccess"]
        for each in contract()["offline_scopes"]["items"]
        if each["requiredAccess"]
    }
    for kind, sentence in access.TYPES.items():
        assert told[kind, None] == sentence, kind
    for place, sentence in access.FIELDS.items():
        assert told[place] == sentence, place


@pytest.mark.parametrize(("field", "fields"), [("productVariants", VARIANTS), ("orders", ORDERS)])
def test_what_a_list_is_searched_by_is_what_the_contract_names(
    judge: GraphQLSchema, field: str, fields: dict[str, Any]
) -> None:
    assert judge.query_type is not None
    described = judge.query_type.fields[field].args["query"].description or ""
    rows = re.findall(r"^\| (\w+) \| (?:string|id|time|boolean|integer|float) \|", described, re.M)
    assert {name or "default" for name in fields} == set(rows)


VALIDATED = SPECS / "validated_queries.graphql"
OPERATIONS = ["ShopAndLocations", "Variants", "SetQty", "Activate", "Orders", "Bulk", "Poll", "KeepListed"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_of_the_queries_that_were_validated_runs(operation: str) -> None:
    if not VALIDATED.exists():
        pytest.skip("the validated queries are not on this computer; none of them was run")
    stage, text = Stage(), VALIDATED.read_text(encoding="utf-8")
    barn = stage.shop.add_location("Barn")
    product, (mug,) = stage.shop.add_product("Mug", [{"sku": "MUG", "quantity": 5}])
    stage.shop.sell(mug, 1)
    told = {
        "Variants": {"loc": stage.place()},
        "SetQty": {
            "key": "k",
            "input": {"name": "available", "reason": "correction", "quantities": [stage.row(mug, 7, was=4)]},
        },
        "Activate": {"item": stage.item(mug), "loc": stage.place(barn), "key": "k"},
        "Orders": {"q": "updated_at:>='2026-11-22T06:00:00Z'"},
        "Bulk": {"q": "{ products { edges { node { id } } } }"},
        "Poll": {"id": gid("BulkOperation", 1)},
        "KeepListed": {
            "pid": gid("Product", product),
            "variants": [{"id": gid("ProductVariant", mug), "inventoryPolicy": "CONTINUE"}],
        },
    }.get(operation, {})
    answer = json.loads(stage.respond(text, told, operationName=operation).body)
    assert "errors" not in answer
    assert all(value is not None for value in answer["data"].values()) or operation == "Poll"
    assert '"message"' not in json.dumps(answer["data"])


# -- everything in it is answered ------------------------------------------------------------------------------------

DEPTH = 6
_GIVEN = {"first": "2", "names": '["available"]'}


class Asking:
    """Writes a query for every field of a type and of what hangs on it, and remembers which fields it asked for."""

    def __init__(self, given: dict[str, str]) -> None:
        self.given = _GIVEN | given
        self.asked: set[tuple[str, str]] = set()

    def about(self, kind: GraphQLObjectType, depth: int = DEPTH, above: tuple[str, ...] = ()) -> str:
        """Never the same type twice on the way down."""
        return " ".join(
            each for name, field in kind.fields.items() if (each := self._one(kind, name, field, depth, above))
        )

    def _one(self, kind: GraphQLObjectType, name: str, field: GraphQLField, depth: int, above: tuple[str, ...]) -> str:
        inner = get_named_type(field.type)
        given = ", ".join(f"{each}: {self.given[each]}" for each in field.args if each in self.given)
        called = f"{name}({given})" if given else name
        if is_leaf_type(inner):
            self.asked.add((kind.name, name))
            return called
        if not depth or not isinstance(inner, GraphQLObjectType) or inner.name in above:
            return ""
        inside = self.about(inner, depth - 1, (*above, inner.name))
        if inside:
            self.asked.add((kind.name, name))
        return f"{called} {{ {inside} }}" if inside else ""


@pytest.fixture
def busy() -> Stage:
    """A shop in which there is something of everything."""
    stage = Stage()
    barn = stage.shop.add_location("Barn")
    mug = stage.shop.add_simple("MUG", "Mug", {stage.shop.main_location: 5, barn: 2})
    order = stage.shop.book_order([(mug, 3)])
    stage.shop.fulfil(order.id, {order.lines[0].id: 1})
    stage.shop.refund(order.id, {order.lines[0].id: 1}, kind="RETURN")
    stage.shop.hold(order.id)
    run = 'mutation { bulkOperationRunQuery(query: "{ products { edges { node { id } } } }") { userErrors { code } } }'
    assert stage.data(run) == {"userErrors": []}
    stage.time.pass_(10)
    return stage


def ids_of(stage: Stage) -> dict[str, str]:
    mug = next(iter(stage.shop.variants))
    level = f"gid://shopify/InventoryLevel/143273001266?inventory_item_id={stage.item(mug).rpartition('/')[2]}"
    return {
        "location": stage.place(),
        "product": gid("Product", next(iter(stage.shop.products))),
        "productVariant": gid("ProductVariant", mug),
        "inventoryItem": stage.item(mug),
        "inventoryLevel": level,
        "order": gid("Order", next(iter(stage.shop.orders))),
        "bulkOperation": gid("BulkOperation", next(iter(stage.shop.bulk))),
    }


def test_every_field_that_can_be_read_is_answered_as_the_vendor_types_it(busy: Stage) -> None:
    root, ids = schema().query_type, ids_of(busy)
    assert root is not None
    given = {"locationId": f'"{ids["location"]}"', "inventoryItemId": f'"{ids["inventoryItem"]}"'}
    covered: set[tuple[str, str]] = set()
    for name in root.fields.keys() - {"node", "nodes"}:
        asking = Asking(given | ({"id": f'"{ids[name]}"'} if name in ids else {}))
        query = f"{{ {asking.about(GraphQLObjectType('QueryRoot', {name: root.fields[name]}))} }}"
        result = execute_sync(schema(), parse(query), context_value=Context(busy.shop))
        assert result.errors is None and result.data is not None and result.data[name] is not None, name
        assert faults_of(query) == [] and misfits_of_answer(query, {}, result.data) == []
        covered |= asking.asked
    assert readable() - covered == BACK


BACK = {("FulfillmentOrder", "order"), ("Fulfillment", "order"), ("Refund", "order")}


def test_what_belongs_to_an_order_leads_back_to_it(busy: Stage) -> None:
    (order,) = busy.shop.orders.values()
    ids = [
        gid("FulfillmentOrder", order.fulfillment_orders[0].id),
        gid("Fulfillment", order.fulfillments[0].id),
        gid("Refund", order.refunds[0].id),
        gid("LineItem", order.lines[0].id),
    ]
    query = """query N($ids: [ID!]!) { nodes(ids: $ids) { id ... on FulfillmentOrder { order { id } }
      ... on Fulfillment { order { id } } ... on Refund { order { id } } ... on LineItem { sku } } }"""
    found = busy.data(query, {"ids": ids})
    assert [each["id"] for each in found] == ids
    assert {each["order"]["id"] for each in found[:3]} == {gid("Order", order.id)}


def readable() -> set[tuple[str, str]]:
    """Every field of every type but those that only a mutation answers with."""
    kinds = [each for each in schema().type_map.values() if isinstance(each, GraphQLObjectType)]
    written = re.compile(r"__\w+|Mutation|\w+Payload|\w*UserError|InventoryAdjustmentGroup|InventoryChange")
    fields = {(kind.name, name) for kind in kinds if not written.fullmatch(kind.name) for name in kind.fields}
    return fields - {("QueryRoot", "node"), ("QueryRoot", "nodes")}
