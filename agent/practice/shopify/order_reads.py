"""Reading orders, what is still to be sent, refunds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from agent.practice.shopify import filters
from agent.practice.shopify.context import (
    ALL_ORDERS,
    Context,
    Info,
    Resolver,
    by_id,
    counted,
    field_of,
    found,
    listed,
    matching,
    sort_key,
)
from agent.practice.shopify.ids import number
from agent.practice.shopify.orders import (
    Fulfillment,
    FulfillmentLine,
    FulfillmentOrder,
    Line,
    Order,
    Refund,
)
from agent.practice.shopify.pages import Page
from agent.practice.shopify.reads import LOOK_UP
from agent.practice.shopify.stock import Product, Variant

_KEYS = {
    "ID": by_id,
    "PROCESSED_AT": lambda each: each.created_at,
    "CREATED_AT": lambda each: each.created_at,
    "UPDATED_AT": lambda each: each.updated_at,
    "ORDER_NUMBER": lambda each: each.number,
}


def _readable(info: Info) -> list[Order]:
    """Orders of the last 60 days, unless the app may read all of them."""
    context = info.context
    orders = context.shop.late.readable().values()
    since = context.shop.moment() - ALL_ORDERS
    return [each for each in orders if "read_all_orders" in context.scopes or each.created_at >= since]


@field_of("QueryRoot", "orders")
def orders(_: Any, info: Info, **asked: Any) -> Page:
    """Of every status, test orders too, unless the query says otherwise."""
    return found(_readable(info), info, asked, filters.ORDERS, sort_key(asked, "PROCESSED_AT", _KEYS))


@field_of("QueryRoot", "ordersCount")
def orders_count(_: Any, info: Info, limit: int | None = None, **asked: Any) -> dict[str, Any]:
    return counted(len(matching(_readable(info), info, asked, filters.ORDERS)), limit)


@field_of("QueryRoot", "order")
def order(_: Any, info: Info, id: str) -> Order | None:
    wanted = number(id, "Order")
    return next((each for each in _readable(info) if each.id == wanted), None)


def _one_of(kind: str, read: Callable[[Order], Iterable[Any]]) -> Resolver:
    """Finds what belongs to an order by its id."""

    def look_up(_: Any, info: Info, id: str) -> Any:
        wanted = number(id, kind)
        return next((each for one in _readable(info) for each in read(one) if each.id == wanted), None)

    return look_up


def fulfillment_order(_: Any, info: Info, id: str) -> FulfillmentOrder | None:
    """By its id, if the app's scopes let it see that one."""
    found = _one_of("FulfillmentOrder", lambda one: one.fulfillment_orders)(None, info, id=id)
    return found if found is not None and _visible(info.context, found) else None


LOOK_UP |= {
    "Order": order,
    "FulfillmentOrder": fulfillment_order,
    "Fulfillment": _one_of("Fulfillment", lambda one: one.fulfillments),
    "LineItem": _one_of("LineItem", lambda one: one.lines),
    "Refund": _one_of("Refund", lambda one: one.refunds),
}


@field_of("Order", "lineItems")
def lines(one: Order, info: Info, **asked: Any) -> Page:
    return listed(one.lines, info, asked)


@field_of("Order", "refunds")
def refunds(one: Order, info: Info, first: int | None = None, **asked: Any) -> list[Refund]:
    return one.refunds[:first]


@field_of("Order", "fulfillments")
def fulfillments(one: Order, info: Info, first: int | None = None, **asked: Any) -> list[Fulfillment]:
    return one.fulfillments[:first]


@field_of("Order", "fulfillmentOrders")
def fulfillment_orders(one: Order, info: Info, **asked: Any) -> Page:
    """Those that the app's scopes let it see: a service's places need another scope than the seller's own."""
    context = info.context
    shown = [each for each in one.fulfillment_orders if _visible(context, each)]
    return listed(shown, info, asked)


def _visible(context: Context, one: FulfillmentOrder) -> bool:
    service = context.shop.locations[one.location_id].is_fulfillment_service
    scope = "read_third_party_fulfillment_orders" if service else "read_merchant_managed_fulfillment_orders"
    return scope in context.scopes


@field_of("Order", "displayFinancialStatus")
def financial(one: Order, info: Info) -> str:
    return one.financial


@field_of("Order", "processedAt")
def processed_at(one: Order, info: Info) -> Any:
    return one.created_at


@field_of("Order", "closed")
def closed(one: Order, info: Info) -> bool:
    return one.closed_at is not None


@field_of("Order", "confirmed")
def confirmed(one: Order, info: Info) -> bool:
    return True


@field_of("Order", "currencyCode")
def currency(one: Order, info: Info) -> str:
    context = info.context
    return context.shop.currency


@field_of("Order", "tags")
def tags(one: Order, info: Info) -> list[str]:
    return []


@field_of("Order", "note")
def note(one: Order, info: Info) -> None:
    return None


@field_of("Order", "subtotalLineItemsQuantity")
def ordered_units(one: Order, info: Info) -> int:
    return sum(line.quantity for line in one.lines)


@field_of("Order", "currentSubtotalLineItemsQuantity")
def current_units(one: Order, info: Info) -> int:
    return sum(line.current_quantity for line in one.lines)


# -- lines -----------------------------------------------------------------------------------------------------------


@field_of("LineItem", "variant")
@field_of("FulfillmentOrderLineItem", "variant")
def variant(one: Line | FulfillmentLine, info: Info) -> Variant | None:
    """None where the variant is gone."""
    context = info.context
    return context.shop.variants.get(_line(one).variant_id)


@field_of("LineItem", "product")
def product(one: Line, info: Info) -> Product | None:
    have = variant(one, info)
    return have.product if have is not None else None


def _line(one: Line | FulfillmentLine) -> Line:
    return one.line if isinstance(one, FulfillmentLine) else one


@field_of("LineItem", "nonFulfillableQuantity")
def non_fulfillable(one: Line, info: Info) -> int:
    """Ordered, and neither to be sent nor sent: what was taken off before it was sent."""
    return one.removed - one.returned


@field_of("LineItem", "requiresShipping")
@field_of("FulfillmentOrderLineItem", "requiresShipping")
def requires_shipping(one: Any, info: Info) -> bool:
    return True


@field_of("LineItem", "restockable")
def restockable(one: Line, info: Info) -> bool:
    return one.tracked
