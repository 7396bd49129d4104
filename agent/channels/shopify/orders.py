"""Shopify's orders: finding them, and saying their lines in our words (ORDER_LINES). No buyer's data (R8).

Shopify takes the units of a line off `available` when the order is placed, paid or not, test or not. What is still to
be shipped stands in the fulfilment orders, what was shipped in the fulfilments, each at a location; only the units of
the chosen location are ours, those of others count as if they had not been ordered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent.channels.answers import Look
from agent.channels.http import TRY_AGAIN
from agent.channels.reads import Row, lacks_lines, same_page
from agent.channels.shopify.locations import Location, Locations
from agent.channels.shopify.queries import ORDER_IDS, ORDERS, ORDERS_BY_ID, gid, more, number
from agent.channels.shopify.reader import Asking, Item, next_page
from agent.channels.values import moment, objects, record, records, text, whole
from agent.words import in_words

OPEN = frozenset({"OPEN", "IN_PROGRESS", "SCHEDULED", "ON_HOLD", "INCOMPLETE"})
"""Fulfilment orders whose remaining units are still to be shipped (INCOMPLETE: given back by a service, recorded)."""
UNDONE = frozenset({"CANCELLED", "ERROR", "FAILURE"})
"""Fulfilments that did not happen."""


class OrderBook:
    """Finds orders, whole."""

    def __init__(self, locations: Locations) -> None:
        self._locations = locations

    async def changed(self, since: datetime | None, ask: Asking) -> list[Item]:
        """Orders changed since, oldest change first; None: every open order that Shopify shows this app."""
        query = "status:open"
        if since is not None:
            query = f"updated_at:>='{since.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}'"
        return [await _whole(order, ask) for order in await ask.pages(ORDERS, "orders", {"query": query})]

    async def by_id(self, ids: Sequence[str], ask: Asking) -> list[Item]:
        """These orders afresh."""
        wanted = [gid("Order", id_) for id_ in ids if id_.isascii() and id_.isdigit()]
        return [await _whole(order, ask) for order in await ask.these(ORDERS_BY_ID, wanted, ORDER_IDS, {})]

    async def rows(self, channel: str, orders: Sequence[Item], ask: Asking) -> list[Row]:
        """ORDER_LINES rows; of an order read twice, the last."""
        here = await self._locations.chosen(ask)
        newest = {order.get("id"): order for order in orders}
        return [row for order in newest.values() for row in order_rows(channel, order, here, ask.look)]


async def _whole(order: Item, ask: Asking) -> Item:
    """The order with all that hangs on it: lists in the place of pages."""
    made = dict(order)
    made["lineItems"] = await _all(order, "lineItems", ask)
    made["fulfillmentOrders"] = [
        {**each, "lineItems": await _all(each, "fulfillmentOrders.lineItems", ask)}
        for each in await _all(order, "fulfillmentOrders", ask) or ()
    ]
    for parts, lines in (("fulfillments", "fulfillmentLineItems"), ("refunds", "refundLineItems")):
        made[parts] = [{**each, lines: await _all(each, f"{parts}.{lines}", ask)} for each in records(order.get(parts))]
    return made


async def _all(owner: Item, name: str, ask: Asking) -> list[Item] | None:
    """Every page of a part; None where it cannot be read."""
    part = name.rpartition(".")[2]
    connection, before = record(owner.get(part)), None
    found = objects(connection.get("nodes"))
    while (after := next_page(connection)) is not None:
        if after == before:
            raise same_page(ask.name, TRY_AGAIN)
        data = await ask.data(more(name), {"id": owner.get("id"), "after": after})
        connection, before = record(record(data.get("node")).get(part)), after
        more_of_it = objects(connection.get("nodes"))
        found = None if found is None or more_of_it is None else found + more_of_it
    return found


@dataclass
class _Units:
    """Units by line, at the chosen location and at others."""

    here: Counter[str] = field(default_factory=Counter)
    elsewhere: Counter[str] = field(default_factory=Counter)

    def add(self, line: object, units: object, place: object, here: Location) -> None:
        id_ = number(record(line).get("id"))
        if id_ is not None:
            where = self.elsewhere if (found := record(place).get("id")) and found != here.id else self.here
            where[id_] += max(0, whole(units) or 0)

    def total(self, line: str) -> int:
        return self.here[line] + self.elsewhere[line]


@dataclass
class _Order:
    """One version of an order, and the units of its lines."""

    id: str
    state: str
    cancelled: bool
    reserved: bool
    """Shopify has taken the units off the listings."""
    created: datetime | None
    updated: datetime | None
    routed: bool
    """It shows where its units are to be shipped from."""
    open: _Units = field(default_factory=_Units)
    shipped: _Units = field(default_factory=_Units)
    shipped_at: dict[str, datetime] = field(default_factory=dict)
    restocked_at: dict[str, datetime] = field(default_factory=dict)


def order_rows(channel: str, order: Item, here: Location, look: Look) -> list[Row]:
    """ORDER_LINES rows of one whole order."""
    id_ = number(order.get("id"))
    if id_ is None:
        look.issues.append(in_words("shopify.order_without_usable_number"))
        return []
    if not all(_readable(each) for each in records(order.get("fulfillmentOrders"))):
        lacks_lines(id_, None, [], look)  # what is open of it is not known: nothing is said of it
        return []
    about = _about(id_, order, here)
    rows = [row for line in records(order.get("lineItems")) if (row := _line(channel, about, line))]
    lacks_lines(id_, order.get("lineItems"), rows, look)
    return rows


def _readable(route: Item) -> bool:
    """What waits in it can be told, and whether it waits."""
    lines = objects(route.get("lineItems"))
    return (
        isinstance(route.get("status"), str)
        and lines is not None
        and all(number(record(each.get("lineItem")).get("id")) for each in lines)
        and all(whole(each.get("remainingQuantity")) is not None for each in lines)
    )


def _about(id_: str, order: Item, here: Location) -> _Order:
    cancelled = order.get("cancelledAt") is not None
    state = "CANCELLED" if cancelled else text(order.get("displayFulfillmentStatus")) or "OPEN"
    about = _Order(
        id=id_,
        state=f"{state} (test)" if order.get("test") is True else state,
        cancelled=cancelled,
        reserved=order.get("confirmed") is not False,
        created=moment(order.get("createdAt")),
        updated=moment(order.get("updatedAt")),
        routed=bool(records(order.get("fulfillmentOrders"))),
    )
    for route in records(order.get("fulfillmentOrders")):
        if route.get("status") in OPEN and not cancelled:
            place = record(route.get("assignedLocation")).get("location")
            for each in records(route.get("lineItems")):
                about.open.add(each.get("lineItem"), each.get("remainingQuantity"), place, here)
    _add_shipped(about, records(order.get("fulfillments")), here)
    _add_restocked(about, records(order.get("refunds")), here)
    return about


def _add_shipped(about: _Order, fulfillments: Sequence[Item], here: Location) -> None:
    for parcel in fulfillments:
        if parcel.get("status") in UNDONE:
            continue
        at = moment(parcel.get("createdAt"))
        for each in records(parcel.get("fulfillmentLineItems")):
            about.shipped.add(each.get("lineItem"), each.get("quantity"), parcel.get("location"), here)
            _latest(about.shipped_at, each.get("lineItem"), at)


def _add_restocked(about: _Order, refunds: Sequence[Item], here: Location) -> None:
    """Refunds and cancellations that put units back on the listing, at this location."""
    for refund in refunds:
        at = moment(refund.get("createdAt"))
        for each in records(refund.get("refundLineItems")):
            place = record(each.get("location")).get("id")
            if each.get("restockType") != "NO_RESTOCK" and place in (None, here.id):
                _latest(about.restocked_at, each.get("lineItem"), at)


def _latest(times: dict[str, datetime], line: object, at: datetime | None) -> None:
    id_ = number(record(line).get("id"))
    if id_ is not None and at is not None:
        times[id_] = max(at, times.get(id_, at))


def _line(channel: str, about: _Order, line: Item) -> Row | None:
    id_, total = number(line.get("id")), whole(line.get("quantity"))
    if id_ is None or total is None:
        return None
    unfulfilled = 0 if about.cancelled else max(0, whole(line.get("unfulfilledQuantity")) or 0)
    if about.routed:  # units that wait in a route which this app may not see are to be shipped from elsewhere
        open_, away = about.open.here[id_], max(about.open.elsewhere[id_], unfulfilled - about.open.here[id_])
    else:
        open_, away = unfulfilled, 0
    shipped = about.shipped.here[id_]
    ordered = max(0, total - away - about.shipped.elsewhere[id_])
    sold = about.created if about.reserved and ordered else None
    return (
        channel,
        about.id,
        id_,
        number(record(line.get("variant")).get("id")),
        text(line.get("sku")),
        ordered,
        open_,
        shipped,
        _returned(line, total, open_ + away + about.shipped.total(id_), shipped),
        open_ > 0 and about.reserved,
        about.state,
        sold,
        about.restocked_at.get(id_),
        about.shipped_at.get(id_) if shipped else None,
        about.updated,
        "seller",
    )


def _returned(line: Item, total: int, kept: int, shipped: int) -> int:
    """Units that are gone from the order (refunded or removed) though they were shipped: what is neither open nor
    shipped had gone before."""
    current = whole(line.get("currentQuantity"))
    gone = max(0, total - current) if current is not None else 0
    return min(shipped, max(0, gone - max(0, total - kept)))
