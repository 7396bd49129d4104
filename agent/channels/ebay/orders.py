"""eBay's orders (Fulfillment API): which changed, which are open, and what each line means (ORDER_LINES).

Only purchases that have gone through the checkout are shown: one still to be paid takes its unit off the listing and
has no order yet. A refund tells money, never units: only a whole one is read as a return. What of a line has left
stands in the order's parcels, one call an order that has any, asked again only when the order changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent.channels.ebay.errors import Declined
from agent.channels.ebay.listings import Catalogue
from agent.channels.ebay.reader import FULFILLMENT, PASSES, Item, Reader
from agent.channels.reads import Row, lacks_lines, numbered, parts
from agent.channels.values import moment, objects, record, records, text, whole
from agent.ports import Clock
from agent.words import in_words

PAGE, BY_ID = 200, 50
OLDEST = timedelta(days=729)
"""eBay shows orders of two years, and refuses to be asked for older ones."""
KEPT = 5_000
"""So many orders' parcels are remembered."""


@dataclass
class OrderBook:
    """Finds orders and their parcels."""

    clock: Clock
    _parcels: dict[tuple[str, str], list[Item]] = field(default_factory=dict)
    """(order, its time of change) -> what was sent."""

    async def changed(self, since: datetime | None, ask: Reader) -> list[Item]:
        """Orders changed since; None: all of two years that are not wholly sent."""
        oldest = self.clock.now() - OLDEST
        if since is not None:
            return await self._listed(f"lastmodifieddate:[{_said(max(since, oldest))}..]", ask)
        open_ = "orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}"
        return await self._listed(f"creationdate:[{_said(oldest)}..],{open_}", ask)

    async def by_number(self, numbers: Sequence[str], ask: Reader) -> list[Item]:
        """These orders; what eBay does not show any more is left out."""
        return [order for some in parts(list(numbers), BY_ID) for order in await self._some(some, ask)]

    async def _some(self, numbers: Sequence[str], ask: Reader) -> list[Item]:
        """One that is not there may refuse the whole call: halves find it."""
        try:
            return _orders(await ask.get(f"{FULFILLMENT}order", {"orderIds": ",".join(numbers)}), ask)
        except Declined as declined:
            if declined.meant.kind not in ("gone", "item"):
                raise
        half = len(numbers) // 2
        return [each for some in (numbers[:half], numbers[half:]) if half for each in await self._some(some, ask)]

    async def _listed(self, wanted: str, ask: Reader) -> list[Item]:
        """An order that changes meanwhile leaves its place, and the next one moves past our reading place; a total that
        is not reached shows it, and all is read again (I16)."""
        found: dict[str, Item] = {}
        total = 0
        for _ in range(PASSES):
            total, offset = 0, 0
            while True:
                told = await ask.get(f"{FULFILLMENT}order", {"filter": wanted, "limit": PAGE, "offset": offset})
                here = _orders(told, ask)
                found |= numbered(here, "orderId", ask.look)
                total, offset = whole(told.get("total")) or 0, offset + PAGE
                if not here or not told.get("next"):
                    break
            if len(found) >= total:
                return list(found.values())
        ask.look.issues.append(in_words("ebay.orders_moved", name=ask.name, total=total, shown=len(found)))
        return list(found.values())

    async def parcels(self, order: Item, ask: Reader) -> list[Item]:
        """What was sent of an order."""
        id_, changed = text(order.get("orderId")) or "", text(order.get("lastModifiedDate")) or ""
        hrefs = order.get("fulfillmentHrefs")
        if not hrefs or not isinstance(hrefs, list):
            return []
        if (id_, changed) not in self._parcels:
            told = await ask.get(f"{FULFILLMENT}order/{id_}/shipping_fulfillment")
            while len(self._parcels) >= KEPT:
                del self._parcels[next(iter(self._parcels))]
            self._parcels[id_, changed] = records(told.get("fulfillments"))
        return self._parcels[id_, changed]


def _orders(told: Item, ask: Reader) -> list[Item]:
    found = objects(told.get("orders"))
    if found is None and ("orders" in told or whole(told.get("total")) != 0):
        raise ask.unclear()
    return found or []


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


# --- lines ------------------------------------------------------------------------------------------------------------


def order_rows(channel: str, order: Item, parcels: Sequence[Item], catalogue: Catalogue, ask: Reader) -> list[Row]:
    """ORDER_LINES of one order."""
    entries = records(order.get("lineItems"))
    rows = [(channel, *row) for entry in entries if (row := _row(order, entry, parcels, catalogue)) is not None]
    lacks_lines(text(order.get("orderId")), order.get("lineItems"), rows, ask.look)
    return rows


def _row(order: Item, entry: Item, parcels: Sequence[Item], catalogue: Catalogue) -> Row | None:
    """All columns of ORDER_LINES but the channel."""
    line, item, bought = text(entry.get("lineItemId")), text(entry.get("legacyItemId")), whole(entry.get("quantity"))
    if line is None or bought is None or bought < 0:
        return None
    given_up = record(order.get("cancelStatus")).get("cancelState") == "CANCELED"
    refunded = order.get("orderPaymentStatus") == "FULLY_REFUNDED"
    shipped, left = _sent(entry, line, bought, parcels)
    if shipped and left is None:
        left = moment(order.get("lastModifiedDate"))
    open_ = 0 if given_up else bought - shipped
    sku = text(entry.get("sku"))
    return (
        text(order.get("orderId")),
        line,
        catalogue.listing_of(item, _options(entry), _raw(entry.get("sku"))) if item else None,
        sku,
        bought,
        open_,
        shipped,
        shipped if refunded else 0,
        open_ > 0,
        _state(order, entry, given_up=given_up, refunded=refunded),
        moment(order.get("creationDate")),
        None,
        left,
        moment(order.get("lastModifiedDate")),
        "marketplace" if _by_ebay(order) else "seller",
    )


def _sent(entry: Item, line: str, bought: int, parcels: Sequence[Item]) -> tuple[int, datetime | None]:
    """Units that have left, and when the last of them did."""
    units, left = 0, None
    for parcel in parcels:
        mine = [each for each in records(parcel.get("lineItems")) if text(each.get("lineItemId")) == line]
        if mine:
            units += sum(_units(each) for each in mine)
            at = moment(parcel.get("shippedDate"))
            left = max(left, at) if left and at else left or at
    if entry.get("lineItemFulfillmentStatus") == "FULFILLED":
        return bought, left
    return min(units, bought), left


def _units(each: Item) -> int:
    """Of a line in a parcel; the contract says that 1 is meant where nothing stands."""
    said = whole(each.get("quantity"))
    return 1 if said is None else max(0, said)


def _state(order: Item, entry: Item, *, given_up: bool, refunded: bool) -> str:
    if given_up or refunded:
        return "CANCELED" if given_up else "FULLY_REFUNDED"
    return text(entry.get("lineItemFulfillmentStatus")) or text(order.get("orderFulfillmentStatus")) or ""


def _options(entry: Item) -> dict[str, str]:
    """Name -> value of the variation that was bought."""
    pairs = {text(each.get("name")): text(each.get("value")) for each in records(entry.get("variationAspects"))}
    return {name: value for name, value in pairs.items() if name and value}


def _raw(sku: object) -> str | None:
    return sku if isinstance(sku, str) and sku else None


def _by_ebay(order: Item) -> bool:
    return record(record(order.get("program")).get("fulfillmentProgram")).get("fulfilledBy") == "EBAY"
