"""Reading orders, what is still to be sent, refunds."""

from __future__ import annotations

from typing import Any

from agent.practice.shopify import filters
from agent.practice.shopify.context import ALL_ORDERS, Context, Info, by_id, field_of, found, listed, sort_key
from agent.practice.shopify.ids import gid, number
from agent.practice.shopify.orders import FulfillmentLine, FulfillmentOrder, Line, Order, Refund, RefundLine
from agent.practice.shopify.pages import Page
from agent.practice.shopify.stock import Location, Product, Variant

_KEYS = {
    "ID": by_id,
    "PROCESSED_AT": lambda each: each.created_at,
    "CREATED_AT": lambda each: each.created_at,
    "UPDATED_AT": lambda each: each.updated_at,
    "ORDER_NUMBER": lambda each: each.number,
}


def _readable(info: Info) -> list[Order]:
    """Orders of the last 60 days, unless the app may read all of them."""
    context: Context = info.context
    orders = context.shop.readable_orders().values()
    since = context.shop.moment() - ALL_ORDERS
    return [each for each in orders if "read_all_orders" in context.scopes or each.created_at >= since]


@field_of("QueryRoot", "orders")
def orders(_: Any, info: Info, **asked: Any) -> Page:
    """Of every status, test orders too, unless the query says otherwise."""
    return found(_readable(info), info, asked, filters.ORDERS, sort_key(asked, "PROCESSED_AT", _KEYS))


@field_of("QueryRoot", "ordersCount")
def orders_count(_: Any, info: Info, limit: int | None = None, **asked: Any) -> dict[str, Any]:
    have = len(found(_readable(info), info, {**asked, "every": True}, filters.ORDERS, by_id).nodes)
    short = limit is not None and have > limit
    return {"count": limit if short else have, "precision": "AT_LEAST" if short else "EXACT"}


@field_of("QueryRoot", "order")
def order(_: Any, info: Info, id: str) -> Order | None:
    wanted = number(id, "Order")
    return next((each for each in _readable(info) if each.id == wanted), None)


@field_of("Order", "lineItems")
def lines(one: Order, info: Info, **asked: Any) -> Page:
    return listed(one.lines, info, asked)


@field_of("Order", "refunds")
def refunds(one: Order, info: Info, first: int | None = None, **asked: Any) -> list[Refund]:
    return one.refunds[:first]


@field_of("Order", "fulfillmentOrders")
def fulfillment_orders(one: Order, info: Info, **asked: Any) -> Page:
    """Those that the app's scopes let it see: a service's places need another scope than the seller's own."""
    context: Context = info.context
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
    context: Context = info.context
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
    context: Context = info.context
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


@field_of("FulfillmentOrderLineItem", "lineItem")
@field_of("RefundLineItem", "lineItem")
def line_of(one: FulfillmentLine | RefundLine, info: Info) -> Line:
    return one.line


@field_of("FulfillmentOrderLineItem", "inventoryItemId")
def item_id(one: FulfillmentLine, info: Info) -> str:
    return gid("InventoryItem", one.line.item_id)


@field_of("FulfillmentOrderLineItem", "sku")
def sku(one: FulfillmentLine, info: Info) -> str | None:
    return one.line.sku


@field_of("FulfillmentOrderLineItem", "productTitle")
def product_title(one: FulfillmentLine, info: Info) -> str:
    return one.line.title


@field_of("FulfillmentOrderLineItem", "variantTitle")
def variant_title(one: FulfillmentLine, info: Info) -> str | None:
    return one.line.variant_title


# -- fulfilment orders and refunds -----------------------------------------------------------------------------------


@field_of("FulfillmentOrder", "lineItems")
def lines_to_send(one: FulfillmentOrder, info: Info, **asked: Any) -> Page:
    return listed(one.lines, info, asked)


@field_of("FulfillmentOrder", "assignedLocation")
def assigned(one: FulfillmentOrder, info: Info) -> dict[str, Any]:
    context: Context = info.context
    place = context.shop.locations[one.location_id]
    return {"name": place.name, "country_code": context.shop.country, "location": place}


@field_of("FulfillmentOrder", "requestStatus")
def request_status(one: FulfillmentOrder, info: Info) -> str:
    return "UNSUBMITTED"


@field_of("FulfillmentOrder", "fulfillAt")
def fulfill_at(one: FulfillmentOrder, info: Info) -> Any:
    return one.created_at


@field_of("FulfillmentOrder", "fulfillmentHolds")
def holds(one: FulfillmentOrder, info: Info) -> list[dict[str, Any]]:
    held = {"id": gid("FulfillmentHold", one.id), "reason": "OTHER", "reason_notes": None}
    return [held] if one.status == "ON_HOLD" else []


@field_of("FulfillmentOrder", "order")
@field_of("Refund", "order")
def order_of(one: FulfillmentOrder | Refund, info: Info) -> Order:
    context: Context = info.context
    return context.shop.readable_orders()[one.order_id]


@field_of("FulfillmentOrder", "orderId")
def order_id(one: FulfillmentOrder, info: Info) -> str:
    return gid("Order", one.order_id)


@field_of("FulfillmentOrder", "orderName")
def order_name(one: FulfillmentOrder, info: Info) -> str:
    name: str = order_of(one, info).name
    return name


@field_of("Refund", "updatedAt", "processedAt")
def refunded_at(one: Refund, info: Info) -> Any:
    return one.created_at


@field_of("Refund", "refundLineItems")
def refund_lines(one: Refund, info: Info, **asked: Any) -> Page:
    return listed(one.lines, info, asked)


@field_of("RefundLineItem", "location")
def place_of_refund(one: RefundLine, info: Info) -> Location | None:
    context: Context = info.context
    return context.shop.locations.get(one.location_id or 0)
