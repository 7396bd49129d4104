"""Orders 2026-01-01: searched by time, and one by its number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from agent.practice.amazon.listing_calls import Path, Told, asked_time, told_time
from agent.practice.amazon.orders import Line, Order, Parcel
from agent.practice.amazon.shop import Shop
from agent.practice.amazon.wording import absent, invalid
from agent.practice.wire import Request

OLDEST = timedelta(days=730)
MARGIN = timedelta(minutes=2)


def search(shop: Shop, request: Request, path: Path) -> Told:
    """GET /orders/2026-01-01/orders."""
    query = dict(request.query)
    size = int(query.get("maxResultsPerPage", "100"))
    if not 1 <= size <= 100:
        raise invalid("maxResultsPerPage must be between 1 and 100.")
    token = query.get("paginationToken")
    if token is not None and token not in shop.pages:
        raise invalid("Invalid paginationToken.")
    kind, before = _times(shop, query)
    ids = shop.pages.pop(token) if token else [order.id for order in _wanted(shop, query, kind, before)]
    known = {order.id: order for order in shop.readable()}
    told: Told = {
        "orders": [_order(shop, known[id_], query) for id_ in ids[:size] if id_ in known],
        f"{kind}Before": told_time(before),
    }
    if ids[size:]:
        further = shop.new_id()
        shop.pages[further] = ids[size:]
        told["pagination"] = {"nextToken": further}
    return told


def _times(shop: Shop, query: Mapping[str, str]) -> tuple[str, Any]:
    """Which time is asked for, and up to when the answer reaches."""
    kinds = [kind for kind in ("lastUpdated", "created") if f"{kind}After" in query]
    if len(kinds) != 1:
        raise invalid("Exactly one of createdAfter and lastUpdatedAfter must be provided.")
    latest = shop.moment() - timedelta(seconds=shop.behind)
    before = query.get(f"{kinds[0]}Before")
    if before and asked_time(before) > shop.moment() - MARGIN:
        raise invalid(f"{kinds[0]}Before must be at least two minutes before the time of the request.")
    return kinds[0], asked_time(before) if before else latest


def _wanted(shop: Shop, query: Mapping[str, str], kind: str, before: Any) -> list[Order]:
    after = asked_time(query[f"{kind}After"])
    statuses, keepers = (query[name].split(",") if name in query else None
                         for name in ("fulfillmentStatuses", "fulfilledBy"))  # fmt: skip
    found = []
    for order in shop.readable():
        at = order.updated if kind == "lastUpdated" else order.created
        if after <= at <= before and order.created >= shop.moment() - OLDEST:
            fits = (statuses is None or order.status in statuses) and (keepers is None or order.fulfilled_by in keepers)
            asked = query.get("marketplaceIds", shop.marketplace).split(",")
            found += [order] if fits and shop.market(order.country)[0] in asked else []
    return found


def get(shop: Shop, request: Request, path: Path) -> Told:
    """GET /orders/2026-01-01/orders/{orderId}."""
    found = next((order for order in shop.readable() if order.id == path["orderId"]), None)
    if found is None or found.created < shop.moment() - OLDEST:
        raise absent(f"Order {path['orderId']}")
    return {"order": _order(shop, found, dict(request.query))}


def _order(shop: Shop, order: Order, query: Mapping[str, str]) -> Told:
    data = query.get("includedData", "").split(",")
    market = shop.market(order.country)
    told: Told = {
        "orderId": order.id, "createdTime": told_time(order.created), "lastUpdatedTime": told_time(order.updated),
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": market[0], "marketplaceName": market[1]},
        "orderItems": [_line(shop, line, data) for line in order.lines],
    }  # fmt: skip
    if "FULFILLMENT" in data:
        told["fulfillment"] = {"fulfillmentStatus": order.status, "fulfilledBy": order.fulfilled_by}
    if "PACKAGES" in data and order.fulfilled_by == "MERCHANT":
        told["packages"] = [_parcel(each) for each in order.parcels]
    if "BUYER" in data:
        told["buyer"] = {"buyerName": "Nobody Real", "buyerEmail": "nobody@example.com"}
    return told


def _line(shop: Shop, line: Line, data: list[str]) -> Told:
    told: Told = {
        "orderItemId": line.item_id, "quantityOrdered": line.quantity,
        "product": {"asin": line.asin, "title": line.title, "sellerSku": line.sku,
                    "price": {"unitPrice": {"amount": line.price, "currencyCode": shop.currency}}},
    }  # fmt: skip
    if "FULFILLMENT" in data:
        told["fulfillment"] = {"quantityFulfilled": line.sent, "quantityUnfulfilled": line.left}
    if "CANCELLATION" in data and line.cancelled_by:
        told["cancellation"] = {"cancellationExecution": {"cancelledBy": line.cancelled_by}}
    return told


def _parcel(parcel: Parcel) -> Told:
    return {
        "packageReferenceId": str(parcel.number), "shipTime": told_time(parcel.sent), "carrier": "Practice Post",
        "packageStatus": {"status": "IN_TRANSIT"},
        "packageItems": [{"orderItemId": item, "quantity": n} for item, n in parcel.units.items()],
    }  # fmt: skip
