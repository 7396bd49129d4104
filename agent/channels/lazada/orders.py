"""Lazada's orders: which changed, which are open, and what each line means (ORDER_LINES).

Orders are listed by the time of their last change, 100 a call, and their items come by number, 50 orders a call. Every
item is one unit, with a status of its own; the units of one SKU are folded into one line. Lazada has no status of an
order. Nothing about buyers is kept (R8).

A list is not read by skipping: an order that changes meanwhile leaves its place, and no more than 5,000 can be skipped.
Each page begins at the time of the last order before it; orders of that very second are read twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from agent.channels.answers import CallFailed
from agent.channels.http import TRY_AGAIN
from agent.channels.lazada.errors import Declined
from agent.channels.lazada.listings import Catalogue
from agent.channels.lazada.reader import Item, Reader, asked_since, number, time_of
from agent.channels.places import Place
from agent.channels.reads import Row, lacks_lines, parts
from agent.channels.values import objects, record, records, text
from agent.frames import UNTOLD
from agent.ports import Clock
from agent.words import in_words

PAGE, ORDERS = 100, 50
FARTHEST = 5_000
"""Offset and limit together must not be more."""
FIRST = datetime(2012, 1, 1, tzinfo=UTC)
LOOK_BACK = timedelta(days=30)
"""Whatever their status, orders changed since are looked through for open ones: no filter finds every status."""
OPEN_LISTS = ("unpaid", "pending", "packed", "ready_to_ship", "topack", "toship")
"""Filters that find orders which are still to be sent, however old."""
SENT = frozenset({
    "shipped", "shipping", "delivered", "failed", "failed_delivery", "lost", "lost_by_3pl", "damaged_by_3pl",
    "shipped_back", "shipped_back_failed", "package_scrapped", "confirmed",
})  # fmt: skip
"""It has left; what is lost or on its way back is not on the shelf either."""
BACK = frozenset({"returned", "shipped_back_success"})
"""It left, and has come back."""
GIVEN_UP = frozenset({"canceled", "cancelled"})
DONE = SENT | BACK | GIVEN_UP
MANY = 20_000
"""Units of which it is remembered when they left."""


class OrderBook:
    """Finds orders, and remembers when their units left."""

    def __init__(self, clock: Clock, catalogue: Catalogue, zone: int) -> None:
        self._clock, self._catalogue, self._zone = clock, catalogue, zone
        self._left: dict[str, datetime | None] = {}
        """Unit -> when it left; None: it was seen here."""

    async def changed(self, since: datetime | None, ask: Reader) -> list[Item]:
        """Orders changed since, with their items; None: all open ones, however old."""
        if since is not None:
            numbers = await self._listed(ask, "update", since)
        else:
            numbers = await self._listed(ask, "update", self._clock.now() - LOOK_BACK)
            for status in OPEN_LISTS:
                numbers |= await self._listed(ask, "created", FIRST, status)
            numbers = {id_: states for id_, states in numbers.items() if not states or not states <= DONE}
        found = await self.by_number([str(id_) for id_ in numbers], ask)
        shown = {number(order.get("order_id")) for order in found}
        if missing := [str(id_) for id_ in numbers if id_ not in shown]:  # one that cannot be read stops no other
            ask.look.partial += missing
            ask.look.issues.append(in_words("lazada.order_lines_missing", name=ask.name, orders=missing))
        return found

    async def by_number(self, numbers: Sequence[str], ask: Reader) -> list[Item]:
        """These orders with their items; what Lazada does not have any more is left out."""
        ids = [id_ for each in numbers if (id_ := number(each))]
        return [order for some in parts(ids, ORDERS) for order in await self._items(some, ask)]

    async def _items(self, ids: Sequence[int], ask: Reader) -> list[Item]:
        """One that is not there refuses the whole call: halves find it."""
        try:
            answer = await ask.answer("orders/items/get", {"order_ids": f"[{','.join(map(str, ids))}]"})
        except Declined as declined:
            if declined.meant.kind != "gone":
                raise
            half = len(ids) // 2
            return [each for some in (ids[:half], ids[half:]) if half for each in await self._items(some, ask)]
        if (found := objects(record(answer.json).get("data"))) is None:
            raise ask.unclear()
        return found

    async def _listed(self, ask: Reader, by: str, since: datetime, status: str = "") -> dict[int, frozenset[str]]:
        """Number -> the statuses of its units, of all orders by the time of their `update` or when they were `created`,
        the oldest first."""
        stamp = "updated_at" if by == "update" else "created_at"
        found: dict[int, frozenset[str]] = {}
        begin, offset = since, 0
        while True:
            asked: dict[str, str | int] = {
                f"{by}_after": asked_since(begin), "sort_by": stamp, "sort_direction": "ASC", "offset": offset,
                "limit": PAGE, **({"status": status} if status else {}),
            }  # fmt: skip
            orders = (await ask.ask("orders/get", asked)).get("orders")
            if objects(orders) is None or not isinstance(orders, list):
                raise ask.unclear()
            for order in orders:
                if (id_ := number(order.get("order_id"))) is not None:
                    found[id_] = _statuses(order)
            if len(orders) < PAGE:
                return found
            last = time_of(record(orders[-1]).get(stamp), self._zone)
            if last is not None and last > begin:
                begin, offset = last, 0
            elif (offset := offset + PAGE) + PAGE > FARTHEST:
                raise CallFailed(
                    "host", in_words("lazada.too_many_orders_at_once", name=ask.name), TRY_AGAIN, reached=False
                )

    # --- lines ------------------------------------------------------------------------------------------------------

    def rows(self, channel: str, order: Item, place: Place | None, ask: Reader) -> list[Row]:
        """ORDER_LINES of one order: one line a SKU, and one more of what Lazada sends of it itself."""
        id_, units = text(order.get("order_id")), records(order.get("order_items"))
        lines: dict[str, list[Item]] = {}
        for unit in units:
            if number(unit.get("order_item_id")) and time_of(unit.get("updated_at"), self._zone):
                lines.setdefault(_line(unit), []).append(unit)
        rows = [(channel, id_, line, *self._row(same, place)) for line, same in lines.items()]
        good = sum(map(len, lines.values()))
        unread = len(units) - good + (objects(order.get("order_items")) is None)
        lacks_lines(id_, [*lines, *[None] * unread], rows, ask.look)
        self._forget_some()
        return rows

    def _row(self, units: Sequence[Item], place: Place | None) -> Row:
        """All columns of ORDER_LINES but channel, order and line."""
        ours = [unit for unit in units if _here(unit, place)]
        states = [_status(unit) for unit in ours]
        times = [time for unit in units if (time := time_of(unit.get("updated_at"), self._zone))]
        began = [time for unit in units if (time := time_of(unit.get("created_at"), self._zone))]
        sale = min(began, default=min(times))
        left = [self._left_at(unit) for unit in ours]
        freed = [t for unit in ours if _status(unit) in GIVEN_UP and (t := time_of(unit.get("updated_at"), self._zone))]
        open_ = sum(state not in DONE for state in states)
        return (
            listing_of(units[0], self._catalogue.items),
            text(units[0].get("sku")),
            len(ours),
            open_,
            sum(state in SENT | BACK for state in states),
            sum(state in BACK for state in states),
            open_ > 0,
            ", ".join(sorted({_status(unit) for unit in units})),
            sale,
            max(freed, default=None),
            max(filter(None, left), default=None),
            max(times),
            "marketplace" if _is_theirs(units[0]) else "seller",
        )

    def _left_at(self, unit: Item) -> datetime | None:
        """When it was shipped. `shipped` is dated by its own change; a later status was changed once more since. One
        that was never seen before it arrived may have left at any time since its sale."""
        state, key = _status(unit), str(unit.get("order_item_id"))
        if state not in SENT | BACK:
            self._left[key] = None
            return None
        changed = time_of(unit.get("updated_at"), self._zone)
        if (known := self._left.get(key)) is not None:
            return known
        self._left[key] = changed if state in ("shipped", "shipping") or key in self._left else UNTOLD
        return self._left[key]

    def _forget_some(self) -> None:
        if len(self._left) > MANY:
            self._left = dict(list(self._left.items())[MANY // 2 :])


def _statuses(order: Item) -> frozenset[str]:
    told = order.get("statuses")
    return frozenset(word.lower() for each in told if (word := text(each))) if isinstance(told, list) else frozenset()


def _status(unit: Item) -> str:
    return (text(unit.get("status")) or "").lower()


def _is_theirs(unit: Item) -> bool:
    return text(unit.get("is_fbl")) == "1"


def _here(unit: Item, place: Place | None) -> bool:
    said = text(unit.get("warehouse_code"))
    return place is None or not said or said.casefold() == place.id.casefold()


def _line(unit: Item) -> str:
    """What units are folded by: the same through all of an order's life."""
    sku = ids_of(unit)[1]
    name = str(sku) if sku else text(unit.get("sku")) or text(unit.get("order_item_id")) or ""
    return f"{name}-fbl" if _is_theirs(unit) else name


def ids_of(unit: Item) -> tuple[int | None, int | None]:
    """Item and SKU of a unit. Not every answer has both ids; Lazada's own SKU (1000000306_VNAMZ-2000000363) and the
    page's address (.../i1000000306-s2000000363.html) hold them, too."""
    own = re.fullmatch(r"(\d+)_\w+-(\d+)", text(unit.get("shop_sku")) or "")
    page = re.search(r"[-/]i(\d+)-s(\d+)\.html", text(unit.get("product_detail_url")) or "")
    found = own or page
    item, sku = number(unit.get("product_id")), number(unit.get("sku_id"))
    return item or (number(found[1]) if found else None), sku or (number(found[2]) if found else None)


def listing_of(unit: Item, items: dict[int, int]) -> str | None:
    """The id of its listing. `items`: SKU id -> item id, as far as they were read."""
    item, sku = ids_of(unit)
    item = item or items.get(sku or 0)
    return f"{item}-{sku}" if item and sku else None
