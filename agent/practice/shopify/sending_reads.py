"""Reading what is to be sent, what was sent, and what was given back."""

from __future__ import annotations

from typing import Any

from agent.practice.shopify.context import Info, field_of, listed
from agent.practice.shopify.ids import gid
from agent.practice.shopify.orders import (
    Fulfillment,
    FulfillmentLine,
    FulfillmentOrder,
    Line,
    Order,
    Refund,
    RefundLine,
    SentLine,
)
from agent.practice.shopify.pages import Page
from agent.practice.shopify.stock import Location


@field_of("FulfillmentOrder", "lineItems")
def lines_to_send(one: FulfillmentOrder, info: Info, **asked: Any) -> Page:
    return listed(one.lines, info, asked)


@field_of("FulfillmentOrder", "assignedLocation")
def assigned(one: FulfillmentOrder, info: Info) -> dict[str, Any]:
    context = info.context
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
@field_of("Fulfillment", "order")
@field_of("Refund", "order")
def order_of(one: FulfillmentOrder | Fulfillment | Refund, info: Info) -> Order:
    context = info.context
    return context.shop.late.readable()[one.order_id]


@field_of("FulfillmentOrder", "orderId")
def order_id(one: FulfillmentOrder, info: Info) -> str:
    return gid("Order", one.order_id)


@field_of("FulfillmentOrder", "orderName")
def order_name(one: FulfillmentOrder, info: Info) -> str:
    name: str = order_of(one, info).name
    return name


@field_of("Fulfillment", "name")
def name_of_fulfillment(one: Fulfillment, info: Info) -> str:
    have = order_of(one, info)
    return f"{have.name}.{[each.id for each in have.fulfillments].index(one.id) + 1}"


@field_of("Fulfillment", "status")
def fulfillment_status(one: Fulfillment, info: Info) -> str:
    return one.status


@field_of("Fulfillment", "displayStatus")
def fulfillment_display(one: Fulfillment, info: Info) -> str:
    return "FULFILLED"


@field_of("Fulfillment", "updatedAt")
def fulfillment_updated_at(one: Fulfillment, info: Info) -> Any:
    return one.created_at


@field_of("Fulfillment", "location")
def place_of_fulfillment(one: Fulfillment, info: Info) -> Location | None:
    return info.context.shop.locations.get(one.location_id)


@field_of("Fulfillment", "fulfillmentLineItems")
def sent_lines(one: Fulfillment, info: Info, **asked: Any) -> Page:
    return listed(one.lines, info, asked)


@field_of("Refund", "updatedAt", "processedAt")
def refunded_at(one: Refund, info: Info) -> Any:
    return one.created_at


@field_of("Refund", "refundLineItems")
def refund_lines(one: Refund, info: Info, **asked: Any) -> Page:
    return listed(one.lines, info, asked)


@field_of("RefundLineItem", "location")
def place_of_refund(one: RefundLine, info: Info) -> Location | None:
    context = info.context
    return context.shop.locations.get(one.location_id or 0)


# -- their lines -----------------------------------------------------------------------------------------------------


@field_of("FulfillmentOrderLineItem", "lineItem")
@field_of("FulfillmentLineItem", "lineItem")
@field_of("RefundLineItem", "lineItem")
def line_of(one: FulfillmentLine | SentLine | RefundLine, info: Info) -> Line:
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
