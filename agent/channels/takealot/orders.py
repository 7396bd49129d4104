"""Takealot's sales, in our words (ORDER_LINES): one row an order item. No buyer's data (R8): this interface has none.

Takealot does not tell which sales changed, and when. So each look reads the days since the last one, and those before
of which a line is still to be sent, as far as they fit into the same call; and now and then the whole window of days in
which a state still changes. What a line looked like is remembered from look to look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from agent.channels.answers import CallFailed, Look
from agent.channels.base import Lane
from agent.channels.http import TRY_AGAIN
from agent.channels.reads import Row, lacks_lines
from agent.channels.takealot.reader import PAGE, Item, Reader
from agent.channels.values import moment, text, whole
from agent.frames import UNTOLD
from agent.ports import Clock
from agent.words import in_words

SAST = timezone(timedelta(hours=2), "SAST")
"""Days are South Africa's."""
WINDOW = timedelta(days=30)
EVERY = 900.0
"""Seconds between two reads of the whole window."""
SLICE, SLICES = timedelta(days=180), 4
"""The Seller API gives 180 days at once; so much is asked for here, too, back to two years."""
OPEN = ("new", "preparing", "processing", "lead time", "leadtime", "transfer", "transit", "awaiting", "packed", "ready",
        "received", "accepted", "confirmed", "backorder", "dropship", "drop ship", "collection")  # fmt: skip
"""Words of states in which the units are still to be sent to the customer."""
MANY = 50_000
"""Lines whose last state is remembered, at the least."""
SENT = ("shipped", "delivered", "collected", "return")
ONE_CALL = PAGE - 100
"""So many known sales at most are read with each look; the rest of the page is for new ones."""


@dataclass(frozen=True)
class _Known:
    """What is remembered of a line."""

    state: str
    since: datetime
    """When it was first seen in this state."""
    shipped_at: datetime | None
    """When it was seen to become shipped; UNTOLD: some time before it was first seen."""
    day: date
    """On which it was sold, in South Africa."""
    waits: bool
    """It is still to be sent, out of the seller's own stock."""


class SalesBook:
    """Finds sales, and remembers what they were like."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader, self._clock = reader, clock
        self._whole_at: float | None = None
        self._known: dict[str, _Known] = {}

    async def changed(self, since: datetime | None, lane: Lane, look: Look) -> list[Item]:
        """Sales that may have changed since: the days from then on and those of lines that wait; each 15 minutes, and
        when everything is looked at again, the whole window. None: all, as far back as open ones can be."""
        if since is None:
            return await self._all(lane, look)
        today = self._clock.now().astimezone(SAST).date()
        begin, began = since.astimezone(SAST).date(), self._clock.monotonic()
        everything = lane == "audit" or self._whole_at is None or began - self._whole_at >= EVERY
        begin = min(begin, today - WINDOW if everything else self._first_waiting(today))
        found = await self._reader.all("sales", {"order_date__gte": begin.isoformat()}, lane, look)
        self._must_be_whole(look)
        if everything:
            self._whole_at = began
        return found

    def _first_waiting(self, today: date) -> date:
        """The first day of which a line waits, no further back than one call reaches."""
        lines = Counter(known.day for known in self._known.values())
        waiting = {known.day for known in self._known.values() if known.waits and known.day >= today - WINDOW}
        first, count = today, 0
        for day in sorted(lines, reverse=True):
            count += lines[day]
            if count > ONE_CALL:
                break
            first = min(first, day) if day in waiting else first
        return first

    async def _all(self, lane: Lane, look: Look) -> list[Item]:
        found: list[Item] = []
        end = self._clock.now().astimezone(SAST).date() + timedelta(days=1)
        for _ in range(SLICES):
            begin = end - SLICE
            days = {"order_date__gte": begin.isoformat(), "order_date__lte": end.isoformat()}
            found += await self._reader.all("sales", days, lane, look)
            end = begin - timedelta(days=1)
        self._must_be_whole(look)
        return found

    async def by_id(self, orders: Sequence[str], lane: Lane, look: Look) -> list[Item]:
        """These orders afresh: one call each."""
        found: list[Item] = []
        for order in dict.fromkeys(orders):
            if order.isascii() and order.isdecimal():
                found += await self._reader.all("sales", {"order_id": order}, lane, look)
        self._must_be_whole(look)
        return found

    def _must_be_whole(self, look: Look) -> None:
        """An order of which a page is missing would look as if lines had been taken out of it."""
        if not look.complete:
            raise CallFailed("host", look.issues[-1], TRY_AGAIN, reached=False)

    def rows(self, channel: str, sales: Sequence[Item], look: Look, *, only_open: bool) -> list[Row]:
        """ORDER_LINES rows."""
        orders: dict[str, dict[str, Item]] = {}
        for at, sale in enumerate(sales):
            line = text(sale.get("order_item_id")) or f"unnumbered {at}"
            orders.setdefault(text(sale.get("order_id")) or "", {})[line] = sale
        rows: list[Row] = []
        for order, lines in orders.items():
            made = [row for line, sale in lines.items() if (row := self._row(channel, order, line, sale, look))]
            lacks_lines(order, list(lines), made, look)
            rows += [row for row in made if row[6] or not only_open]
        if len(self._known) > max(MANY, 4 * len(sales)):
            kept = {f"{row[1]}/{row[2]}" for row in rows}
            self._known = {line: known for line, known in self._known.items() if line in kept}
        return rows

    def _row(self, channel: str, order: str, line: str, sale: Item, look: Look) -> Row | None:
        units, sold_at = whole(sale.get("quantity")), moment(sale.get("order_date"))
        if not order or line.startswith("unnumbered") or units is None or units < 0 or sold_at is None:
            return None
        state = plain(text(sale.get("sale_status")) or "")
        kind = kind_of(state)
        if kind == "unknown":
            look.issues.append(in_words("takealot.unknown_state", order=order, state=state))
        is_open, left = kind in ("open", "unknown"), kind in ("shipped", "returned")
        theirs = bool(text(sale.get("stock_source_region")))
        known = self._remember(
            f"{order}/{line}", f"{state} {units}", sold_at, look, left=left, waits=is_open and not theirs
        )
        return (
            channel,
            order,
            line,
            text(sale.get("offer_id")),
            text(sale.get("sku")),
            units,
            units if is_open else 0,
            units if left else 0,
            units if kind == "returned" else 0,
            is_open and not theirs,
            state or None,
            sold_at,
            None,
            known.shipped_at,
            known.since,
            "marketplace" if theirs else "seller",
        )

    def _remember(self, line: str, state: str, sold_at: datetime, look: Look, *, left: bool, waits: bool) -> _Known:
        """When it was first seen in this state, and when it was shipped: Takealot says neither. A line that this run of
        the program has not seen unshipped may have been shipped at any time since it was sold."""
        now = look.ended or self._clock.now()
        known = self._known.get(line)
        if known is None or known.state != state:
            shipped_at = None if not left else UNTOLD if known is None else known.shipped_at or now
            known = _Known(state, now, shipped_at, sold_at.astimezone(SAST).date(), waits)
            self._known[line] = known
        return known


def plain(state: str) -> str:
    """`shipped_to_customer`, `Shipped to Customer`: the same."""
    return " ".join(state.replace("_", " ").casefold().split())


def kind_of(state: str) -> str:
    """open, shipped, returned, cancelled, or unknown, of a plain state. A return that was only asked for has not
    come back; it was shipped."""
    if "cancel" in state:
        return "cancelled"
    if state.startswith("returned"):
        return "returned"
    if any(state.startswith(word) for word in SENT):
        return "shipped"
    return "open" if any(word in state for word in OPEN) else "unknown"
