"""Shopee's orders: which changed, which are open, and what each line means (ORDER_LINES).

Only lists of numbers can be asked for by time, in windows of 15 days at most; the lines come by number, 50 orders a
call. Nothing about buyers is asked for (R8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.channels.http import TRY_AGAIN
from agent.channels.places import Place
from agent.channels.reads import Row, lacks_lines, numbered, parts, same_page
from agent.channels.shopee.errors import Declined
from agent.channels.shopee.listings import listing_id
from agent.channels.shopee.reader import Item, Reader, number, response
from agent.channels.values import objects, records, text, whole
from agent.ports import Clock

PAGE, DETAILS = 100, 50
DAY = 86_400
WINDOW = 15 * DAY
"""The longest that one list may look over."""
OLDEST = 27 * WINDOW
"""How far back open orders are looked for: more than a year."""
PASSES = 3
FIELDS = "item_list,package_list,fulfillment_flag,pickup_done_time"
HOLDING = frozenset({
    "UNPAID", "PENDING", "INVOICE_PENDING", "READY_TO_SHIP", "RETRY_SHIP", "PROCESSED", "IN_CANCEL",
})  # fmt: skip
"""Still to be sent. PROCESSED: the label is printed, the parcel stands in the warehouse."""
SENT = frozenset({"SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED", "TO_RETURN"})
GIVEN_UP = "CANCELLED"
LEFT = frozenset({"LOGISTICS_PICKUP_DONE", "LOGISTICS_DELIVERY_DONE", "LOGISTICS_DELIVERY_FAILED", "LOGISTICS_LOST"})
"""Of a parcel: the courier has it, or had it."""


class OrderBook:
    """Finds orders."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def changed(self, since: datetime | None, ask: Reader) -> list[Item]:
        """Orders changed since; None: all open ones, however old."""
        now = int(self._clock.now().timestamp())
        begin = now - OLDEST if since is None else int(since.timestamp())
        end = max(begin, now) + DAY
        found = await self._numbers(windows(begin, end), ask)
        if ask.look.ended is not None and (there := int(ask.look.ended.timestamp())) >= end:
            found |= await self._numbers(windows(end, there + DAY), ask)  # this computer's clock is days behind
        wanted = [sn for sn, status in found.items() if since is not None or status not in {*SENT, GIVEN_UP}]
        return await self.by_number(wanted, ask)

    async def by_number(self, numbers: Sequence[str], ask: Reader) -> list[Item]:
        """These orders; what Shopee does not have any more is left out."""
        return [order for some in parts(list(numbers), DETAILS) for order in await self._details(some, ask)]

    async def _details(self, numbers: Sequence[str], ask: Reader) -> list[Item]:
        """One that is not there refuses the whole call: halves find it."""
        asked = {
            "order_sn_list": ",".join(numbers), "response_optional_fields": FIELDS,
            "request_order_status_pending": "true",
        }  # fmt: skip
        try:
            if (found := objects(await ask.listed("order/get_order_detail", asked, "order_list"))) is None:
                raise ask.unclear()
            return found
        except Declined as declined:
            if declined.meant.kind != "gone":
                raise
        half = len(numbers) // 2
        return [each for some in (numbers[:half], numbers[half:]) if half for each in await self._details(some, ask)]

    async def _numbers(self, spans: Sequence[tuple[int, int]], ask: Reader) -> dict[str, str | None]:
        """Number -> status. A cursor is a place in a list out of which an order moves when it changes: where there was
        more than one page, and something changed meanwhile, the list is read again."""
        found: dict[str, str | None] = {}
        for _ in range(PASSES):
            began: datetime | None = None
            long: list[tuple[int, int]] = []
            for span in spans:
                pages, at = await self._pages(span, found, ask)
                began, long = began or at, long + [span] * (pages > 1)
            if not long or began is None or not await self._changed_after(began, ask):
                break
            spans = list(dict.fromkeys([*long, spans[-1]]))
        return found

    async def _pages(
        self, span: tuple[int, int], found: dict[str, str | None], ask: Reader
    ) -> tuple[int, datetime | None]:
        """Adds what is there; gives how many pages it had, and the server's time before the first."""
        pages, began, cursor = 0, None, ""
        while True:
            answer = await ask.answer("order/get_order_list", _asked(span, cursor))
            pages, began = pages + 1, began or answer.began
            told = response(ask, answer)
            listed = numbered(records(told.get("order_list")), "order_sn", ask.look)
            found |= {sn: text(row.get("order_status")) for sn, row in listed.items()}
            further = text(told.get("next_cursor")) or ""
            if told.get("more") is not True:
                return pages, began
            if further in ("", cursor):
                raise same_page(ask.name, TRY_AGAIN)
            cursor = further

    async def _changed_after(self, moment: datetime, ask: Reader) -> bool:
        since = int(moment.timestamp()) + 1
        told = await ask.ask("order/get_order_list", {**_asked((since, since + DAY), ""), "page_size": 1})
        return bool(records(told.get("order_list")))


def windows(begin: int, end: int) -> list[tuple[int, int]]:
    """Spans of 15 days at most, the oldest first, without a gap (both ends count)."""
    return [(at, min(at + WINDOW, end)) for at in range(begin, end, WINDOW)]


def _asked(span: tuple[int, int], cursor: str) -> dict[str, str | int]:
    return {
        "time_range_field": "update_time", "time_from": span[0], "time_to": span[1], "page_size": PAGE,
        "cursor": cursor, "response_optional_fields": "order_status", "request_order_status_pending": "true",
    }  # fmt: skip


# --- lines ------------------------------------------------------------------------------------------------------------


@dataclass
class _Units:
    """What an order says of one model: of several entries of the same (a bundle deal), the sum."""

    ordered: int = 0
    cancelled: int = 0
    returned: int = 0
    parcelled: int = 0


def order_rows(channel: str, order: Item, place: Place | None, ask: Reader) -> list[Row]:
    """ORDER_LINES of one order. Two models of an item share its `order_item_id`: all three numbers name a line."""
    entries = records(order.get("item_list"))
    groups: dict[tuple[int, int, int], list[Item]] = {}
    for entry in entries:
        if (key := _key(entry)) is not None and _units(entry) is not None:
            groups.setdefault(key, []).append(entry)
    parcelled = _parcelled(order)
    rows = [(channel, *_row(order, key, same, parcelled.get(key, 0), place)) for key, same in groups.items()]
    folded = sum(map(len, groups.values())) - len(groups)
    unread = len(entries) - folded - len(rows) + (objects(order.get("item_list")) is None)
    lacks_lines(text(order.get("order_sn")), [None] * (len(rows) + unread), rows, ask.look)
    return rows


def _key(entry: Item) -> tuple[int, int, int] | None:
    item = number(entry.get("item_id"))
    return (item, number(entry.get("model_id")) or 0, number(entry.get("order_item_id")) or 0) if item else None


def _units(entry: Item) -> _Units | None:
    """Units that somebody asked to cancel are still to be sent until it is agreed."""
    bought = whole(entry.get("model_quantity_purchased"))
    if bought is None or bought < 0:
        return None
    cancelled, active = whole(entry.get("cancelled_qty")), whole(entry.get("active_qty"))
    if cancelled is None:
        cancelled = 0 if active is None else bought - active - (whole(entry.get("cancel_requested_qty")) or 0)
    return _Units(bought, min(max(cancelled, 0), bought), max(whole(entry.get("returned_qty")) or 0, 0))


def _parcelled(order: Item) -> dict[tuple[int, int, int], int]:
    """Units that the courier has, while the rest of the order still waits."""
    gone: dict[tuple[int, int, int], int] = {}
    for package in records(order.get("package_list")):
        for entry in records(package.get("item_list")) if package.get("logistics_status") in LEFT else []:
            if (key := _key(entry)) is not None:
                gone[key] = gone.get(key, 0) + max(whole(entry.get("model_quantity")) or 0, 0)
    return gone


def _row(order: Item, key: tuple[int, int, int], same: Sequence[Item], parcelled: int, place: Place | None) -> Row:
    """All columns of ORDER_LINES but the channel."""
    said = [units for entry in same if (units := _units(entry)) is not None]
    bought, cancelled, returned = (sum(getattr(u, name) for u in said) for name in ("ordered", "cancelled", "returned"))
    state = text(order.get("order_status")) or ""
    updated, left = _moment(order.get("update_time")), _moment(order.get("pickup_done_time"))
    kept = bought - cancelled
    if not _here(same[0], place):
        bought = kept = cancelled = returned = parcelled = 0  # it is sent from another warehouse of the shop
    if state == GIVEN_UP:
        shipped = min(bought, parcelled) if left else 0  # it left, and came back undelivered
        open_, returned = 0, shipped
    elif state in SENT:
        open_, shipped = 0, kept
    else:
        shipped = min(kept, parcelled)
        open_ = kept - shipped
    freed = bought - open_ - shipped > 0
    return (
        text(order.get("order_sn")),
        "-".join(map(str, key)),
        listing_id(key[0], key[1]),
        text(same[0].get("model_sku")) or text(same[0].get("item_sku")),
        bought,
        open_,
        shipped,
        min(returned, shipped),
        open_ > 0 and state not in SENT,
        state,
        _moment(order.get("create_time")),
        updated if freed else None,
        (left or updated) if shipped else None,
        updated,
        "marketplace" if _theirs(order) else "seller",
    )


def _here(entry: Item, place: Place | None) -> bool:
    """Shopee names the warehouse of a line only in shops with several."""
    said = text(entry.get("product_location_id"))
    return place is None or not said or place.id in said.split(",")


def _theirs(order: Item) -> bool:
    """Sent by Shopee, or out of stock that the seller has already sent to Shopee (advance fulfilment)."""
    return order.get("fulfillment_flag") == "fulfilled_by_shopee" or order.get("advance_package") is True


def _moment(value: object) -> datetime | None:
    seconds = whole(value)
    return datetime.fromtimestamp(seconds, UTC) if seconds and 0 < seconds < 2**33 else None
