"""The schema that the shop executes: the shipped part of Shopify's, each field with what resolves it."""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    get_named_type,
)

from agent.practice.shopify import bulk_calls, inventory_reads, order_reads, quantities, reads, sending_reads, writes
from agent.practice.shopify.access import check, required
from agent.practice.shopify.context import RESOLVERS, Info, Resolver, shown_moment
from agent.practice.shopify.orders import Fulfillment, FulfillmentOrder, Line, Order, Refund
from agent.practice.shopify.shop import BulkOperation
from agent.practice.shopify.stock import Item, Level, Location, Product, Variant

FILE = Path(__file__).with_name("admin.graphql")
WITH_RESOLVERS = (
    bulk_calls,
    inventory_reads,
    order_reads,
    quantities,
    reads,
    sending_reads,
    writes,
)  # importing them registers what they resolve
_KINDS: dict[type, str] = {
    BulkOperation: "BulkOperation",
    Fulfillment: "Fulfillment",
    FulfillmentOrder: "FulfillmentOrder",
    Item: "InventoryItem",
    Level: "InventoryLevel",
    Line: "LineItem",
    Location: "Location",
    Order: "Order",
    Product: "Product",
    Refund: "Refund",
    Variant: "ProductVariant",
}


@cache
def schema() -> GraphQLSchema:
    """Built once a process."""
    built = build_schema(FILE.read_text(encoding="utf-8"), assume_valid=True)
    for kind in built.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, each in kind.fields.items():
                each.resolve = _resolver(kind.name, name, get_named_type(each.type).name)
        elif isinstance(kind, GraphQLInterfaceType):
            kind.resolve_type = _kind_of
    _serialize(built, "DateTime", shown_moment)
    _serialize(built, "UnsignedInt64", str)
    _serialize(built, "Money", lambda value: f"{value:.2f}")
    return built


def _serialize(built: GraphQLSchema, name: str, show: Any) -> None:
    scalar = built.type_map[name]
    assert isinstance(scalar, GraphQLScalarType)
    scalar.coerce_output_value = show


def _resolver(kind: str, name: str, answers: str) -> Resolver:
    run = RESOLVERS.get((kind, name)) or _attribute(kind, name)
    sentence = required(kind, name, answers)
    if sentence is None:
        return run
    guarded: Resolver = partial(_guarded, sentence, run)
    return guarded


def _guarded(sentence: str, run: Resolver, one: Any, info: Info, **asked: Any) -> Any:
    check(sentence, info)
    return run(one, info, **asked)


def _attribute(kind: str, name: str) -> Resolver:
    if name == "id":
        by_kind: Resolver = reads.global_id(kind)
        return by_kind
    plain = "id" if name == "legacyResourceId" else re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
    return lambda one, info, **asked: one[plain] if isinstance(one, dict) else getattr(one, plain)


def _kind_of(one: Any, info: Info, _: Any) -> str:
    return _KINDS[type(one)]
