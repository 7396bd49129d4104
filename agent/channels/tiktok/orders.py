"""TikTok Shop's orders: which changed, which are open, and what each line means (ORDER_LINES).

A list comes with all its lines, one for each unit; they are folded by SKU. Of a virtual bundle its parts count. What
was sent back stands in a list of its own. TikTok tells of buyers as well, unasked: nothing of that is read (R8).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.channels.answers import CallFailed
from agent.channels.http import TRY_AGAIN
from agent.channels.reads import Row, lacks_lines, parts
from agent.channels.tiktok.places import Places
from agent.channels.tiktok.reader import Item, Reader, moment, number
from agent.channels.values import objects, records, text, whole
from agent.frames import UNTOLD
from agent.words import in_words

SEARCH, BY_ID = "order/202309/orders/search", "order/202507/orders"
RETURNS = "return_refund/202602/returns/search"
IDS = 50
PASSES = 3
HOLDING = ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION")
"""Still to be sent, in the order in which an order goes through them: one that moves on while we read is in a list
that is read later."""
SENT = frozenset({"IN_TRANSIT", "DELIVERED", "COMPLETED"})
GIVEN_UP = "CANCELLED"
BACK = ("RETURN_OR_REFUND_REQUEST_SUCCESS", "RETURN_OR_REFUND_REQUEST_COMPLETE")
"""Of a return: the units have come back."""
COLLECTED = ("FULFILLING", "COMPLETED", "CANCELLED")
"""Of a parcel: the carrier has it, or had it and lost it."""


@dataclass(frozen=True)
class _List:
    """A list that comes in pages: where it is, what its rows are called, and its order."""

    path: str
    name: str
    sorting: Mapping[str, str]


ORDERS = _List(SEARCH, "orders", {"sort_field": "update_time", "sort_order": "ASC"})
BY_BIRTH = _List(SEARCH, "orders", {"sort_field": "create_time", "sort_order": "ASC"})
SENT_BACK = _List(RETURNS, "return_orders", {})


class OrderBook:
    """Finds orders and what came back of them."""

    async def changed(self, since: datetime | None, ask: Reader) -> list[Item]:
        """Orders changed since, and those of which something came back since; None: all open ones, however old."""
        if since is None:
            return await self._open(ask)
        moved: Item = {"update_time_ge": int(since.timestamp())}
        found = await self._listed(ORDERS, moved, ask)
        came_back = await self._listed(SENT_BACK, {**moved, "return_status": list(BACK)}, ask)
        others = {id_: None for each in came_back.values() if (id_ := number(each.get("order_id"))) not in found}
        return [*found.values(), *await self.by_id([each for each in others if each], ask)]

    async def by_id(self, ids: Sequence[str], ask: Reader) -> list[Item]:
        """These orders; what TikTok does not have any more is left out, and the list itself where it has none of them.
        An order that is gone is told and stays allocated."""
        found: list[Item] = []
        for some in parts([each for each in ids if number(each)], IDS):
            data = await ask.get(BY_ID, {"ids": ",".join(some)})
            found += ask.listed(data, "orders") if "orders" in data else []
        return found

    async def came_back(self, orders: Sequence[Item], ask: Reader) -> frozenset[str]:
        """Ids of the lines of these orders whose units were sent back, whenever that was."""
        sent = [id_ for order in orders if _any_sent(order) and (id_ := number(order.get("id")))]
        found: set[str] = set()
        for some in parts(sent, IDS):
            asked: Item = {"order_ids": list(some), "return_status": list(BACK)}
            for each in (await self._listed(SENT_BACK, asked, ask)).values():
                if each.get("return_type") == "RETURN_AND_REFUND":
                    found |= set(_lines_of(each))
        return frozenset(found)

    async def _open(self, ask: Reader) -> list[Item]:
        found: dict[str, Item] = {}
        began: datetime | None = None
        for status in HOLDING:
            found |= await self._listed(BY_BIRTH, {"order_status": status}, ask)
            began = began or ask.look.began
        if began is not None:  # one that moved backwards meanwhile is in none of the lists
            moved: Item = {"update_time_ge": int(began.timestamp())}
            found |= await self._listed(ORDERS, moved, ask)
        return list(found.values())

    async def _listed(self, kind: _List, asked: Item, ask: Reader) -> dict[str, Item]:
        """All pages. A place in a list moves when an order leaves it or moves in it: a total that is not reached shows
        it, and all is read again. Where orders leave and come (a status), that is no proof: such a list is read until
        nothing new is found. Raises CallFailed where the total is never reached: an order that lacks would look as if
        it had not been."""
        found: dict[str, Item] = {}
        for _ in range(PASSES):
            before = len(found)
            pages, reached = await self._pass(kind, asked, found, ask)
            if reached and (pages == 1 or "order_status" not in asked or len(found) == before):
                return found
        if reached:
            return found
        what = in_words("tiktok.orders_not_all_shown", name=ask.name)
        raise CallFailed("host", what, TRY_AGAIN, reached=False)

    async def _pass(self, kind: _List, asked: Item, found: dict[str, Item], ask: Reader) -> tuple[int, bool]:
        """Adds what is there; gives how many pages there are, and whether as many were read as are counted."""
        token, pages, passed, total = "", 0, 0, 0
        while not pages or token:
            data, token = await ask.page(kind.path, asked, kind.sorting, token)
            rows = ask.listed(data, kind.name)
            pages, passed = pages + 1, passed + len(rows)
            total = max(total, whole(data.get("total_count")) or 0)
            found |= {number(row.get("id") or row.get("return_id")) or f"unnumbered {len(found)}": row for row in rows}
        return pages, min(len(found), passed) >= total


def _lines_of(returned: Item) -> Iterator[str]:
    for line in records(returned.get("return_line_items")):
        inner = [number(sub.get("sub_order_line_item_id")) for sub in records(line.get("return_sub_line_items"))]
        yield from (id_ for id_ in inner or [number(line.get("order_line_item_id"))] if id_)


def _any_sent(order: Item) -> bool:
    return any(_state(order, line) in SENT for line in records(order.get("line_items")))


# --- lines ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Unit:
    """Units of one SKU that go the same way: a line, a part of a bundle, or so many of one."""

    sku: str
    seller_sku: str | None
    count: int
    state: str
    left: bool
    """Given up after the carrier had it."""
    ids: tuple[str | None, ...]
    at: datetime | None
    """When its sending was arranged."""


def order_rows(channel: str, order: Item, places: Places | None, returned: frozenset[str], ask: Reader) -> list[Row]:
    """ORDER_LINES of one order: a line is a SKU."""
    entries = records(order.get("line_items"))
    told = [list(_units(order, entry)) for entry in entries]
    groups: dict[str, list[_Unit]] = {}
    for unit in (unit for units in told for unit in units):
        groups.setdefault(unit.sku, []).append(unit)
    here = _here(order, places)
    rows = [(channel, *_row(order, sku, units, returned, here=here)) for sku, units in groups.items()]
    unread = sum(not units for units in told) + (objects(order.get("line_items")) is None)
    lacks_lines(text(order.get("id")), [None] * (len(rows) + unread), rows, ask.look)
    return rows


def _units(order: Item, line: Item) -> Iterator[_Unit]:
    """Of a line; of a virtual bundle what it is made of, each with a state of its own where TikTok tells it. Nothing
    where it cannot be read."""
    inner = [(sub, 1) for sub in records(line.get("sub_item_info"))]
    inner = inner or [(part, whole(part.get("sku_count")) or 0) for part in records(line.get("combined_listing_skus"))]
    made = [_unit(order, line, thing, count) for thing, count in inner or [(line, 1)]]
    yield from (unit for unit in made if unit is not None and None not in made)


def _unit(order: Item, line: Item, thing: Item, count: int) -> _Unit | None:
    sku = number(thing.get("sku_id"))
    if sku is None or count <= 0:
        return None
    said = {
        **line,
        **{name: thing[name] for name in ("display_status", "package_status", "rts_time") if thing.get(name)},
    }
    arranged = moment(said.get("rts_time"))
    collected = bool(moment(order.get("collection_time"))) and said.get("package_status") in COLLECTED
    ids = (number(line.get("id")), number(thing.get("id")))
    left = collected and arranged is not None
    return _Unit(sku, text(thing.get("seller_sku")), count, _state(order, said), left, ids, arranged)


def _state(order: Item, line: Item) -> str:
    return text(line.get("display_status")) or text(order.get("status")) or ""


def _row(order: Item, sku: str, units: Sequence[_Unit], returned: frozenset[str], *, here: bool) -> Row:
    """All columns of ORDER_LINES but the channel. A state that is not known holds its units."""
    shipped = came_back = open_ = ordered = 0
    for unit in units if here else ():
        undelivered = unit.state == GIVEN_UP and unit.left
        gone = unit.state in SENT or undelivered
        ordered += unit.count
        shipped += unit.count if gone else 0
        open_ += unit.count if not gone and unit.state != GIVEN_UP else 0
        came_back += unit.count if gone and (undelivered or returned & {*unit.ids}) else 0
    created, updated = moment(order.get("create_time")), moment(order.get("update_time"))
    freed = ordered - shipped - open_ > 0
    return (
        text(order.get("id")),
        sku,
        sku,
        units[0].seller_sku,
        ordered,
        open_,
        shipped,
        came_back,
        open_ > 0,
        text(order.get("status")),
        created,
        (moment(order.get("cancel_time")) or updated) if freed else None,
        (_left_at(order, units) or UNTOLD) if shipped else None,
        updated,
        "seller" if order.get("fulfillment_type") in (None, "", "FULFILLMENT_BY_SELLER") else "marketplace",
    )


def _left_at(order: Item, units: Sequence[_Unit]) -> datetime | None:
    """When the carrier had it. Of an order in parcels nothing says so: while it is on its way, its last change is that;
    later, when its sending was arranged is the nearest."""
    if collected := moment(order.get("collection_time")):
        return collected
    if order.get("status") in ("IN_TRANSIT", "PARTIALLY_SHIPPING"):
        return moment(order.get("update_time"))
    arranged = [unit.at for unit in units if unit.at is not None]
    return max(arranged, default=moment(order.get("rts_time")))


def _here(order: Item, places: Places | None) -> bool:
    """Whether it is sent from our warehouse, or it is not said from which."""
    said = number(order.get("warehouse_id"))
    return places is None or said is None or said == places.ours.id or said not in places.all
