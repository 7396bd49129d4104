"""WooCommerce's orders: finding them, and saying their lines in our words (ORDER_LINES). No buyer's data (R8)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.channels.answers import Look
from agent.channels.base import Lane
from agent.channels.http import CallFailed
from agent.channels.reads import Row, lacks_lines
from agent.channels.values import moment, record, records, text, whole
from agent.channels.woocommerce.reader import API, PAGE, Declined, Item, Params, Reader, id_of
from agent.words import in_words

ORDER_FIELDS = (
    "id,status,created_via,payment_method,date_created_gmt,date_modified_gmt,date_paid_gmt,date_completed_gmt,line_items,"
    "refunds"
)
"""Nothing about the buyer (R8)."""
OPEN_STATUSES = ("processing", "on-hold")
UNPAID = frozenset({"pending", "checkout-draft", "auto-draft"})
ENDED = frozenset({"cancelled", "failed", "refunded", "trash"})
CHECKOUT = ("checkout", "store-api")
OFFLINE = frozenset({"bacs", "cheque", "cod"})
"""Ways to pay by which WooCommerce takes the units at the order, whenever it is paid."""


class OrderBook:
    """Finds orders with their refunds."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._refunds: dict[tuple[int, ...], list[Item]] = {}
        self._more_statuses: list[str] = []

    async def changed(self, since: datetime | None, lane: Lane, look: Look) -> list[Item]:
        """Orders changed since; None: every order in an open state, however old."""
        params: Params = {"_fields": ORDER_FIELDS}
        if since is None:
            params["status"] = ",".join([*OPEN_STATUSES, *await self._other_open_statuses(lane, look)])
        return await self._reader.changed("orders", params, since, lane, look)

    async def _other_open_statuses(self, lane: Lane, look: Look) -> list[str]:
        """Those that other plugins added, as the shop itself describes its orders; what it said last if it will not."""
        try:
            answer = await self._reader.http.request("OPTIONS", f"{API}orders", lane=lane, idempotent=False)
        except CallFailed as failed:
            if failed.kind != "host" or not failed.answered:
                raise
            look.issues.append(in_words("woocommerce.does_not_say_which", name=self._reader.name))
            return self._more_statuses
        look.saw(answer)
        properties = record(record(record(answer.json).get("schema")).get("properties"))
        known = record(properties.get("status")).get("enum")
        words = [word for word in known if isinstance(word, str)] if isinstance(known, list) else []
        if words:
            self._more_statuses = [word for word in words if word not in UNPAID | ENDED | {"completed", *OPEN_STATUSES}]
        return self._more_statuses

    async def by_id(self, ids: Sequence[str], lane: Lane, look: Look) -> list[Item]:
        """These orders afresh; those in the bin are left out of a plain read and asked for by their state."""
        wanted = [id_ for each in dict.fromkeys(ids) if (id_ := whole(each)) and id_ > 0]
        found = await self._reader.included("orders", wanted, {"_fields": ORDER_FIELDS}, lane, look)
        lacking = sorted(set(wanted) - {id_of(order) or 0 for order in found})
        binned = await self._reader.included(
            "orders", lacking, {"_fields": ORDER_FIELDS, "status": "trash"}, lane, look
        )
        return found + binned

    async def refunds_of(self, order: Item, lane: Lane, look: Look) -> list[Item]:
        """The refunds' lines. They never change, so that the same ones are asked for once."""
        ids = tuple(sorted(id_ for each in records(order.get("refunds")) if (id_ := id_of(each))))
        key = (id_of(order) or 0, *ids)
        if ids and key not in self._refunds:
            params: Params = {"per_page": PAGE, "_fields": "id,date_created_gmt,line_items"}
            try:
                answer = await self._reader.get(f"orders/{key[0]}/refunds", params, lane, look)
            except Declined as declined:
                look.issues.append(
                    in_words("woocommerce.order_refunds_cannot_read", key=key[0], declined=declined.what)
                )
                return []
            while len(self._refunds) >= 2000:
                self._refunds.pop(next(iter(self._refunds)))
            self._refunds[key] = records(answer.json)
        return self._refunds[key] if ids else []


@dataclass(frozen=True)
class _Order:
    """The times and state of one version of an order."""

    state: str
    created: datetime | None
    paid: datetime | None
    completed: datetime | None
    modified: datetime | None
    offline: bool

    @property
    def is_open(self) -> bool:
        """Also for a word that WooCommerce does not have: another plugin's state may well be one of work to do."""
        return self.state not in UNPAID | ENDED | {"completed"}

    @property
    def ended(self) -> bool:
        """It needs its units no more. Where its lines' notes show none, WooCommerce gave them back, if it ever took
        any: that shows in `sold`, or in an earlier version that held them."""
        return self.state in ENDED or (self.state in UNPAID and self.paid is not None)

    @property
    def sold(self) -> datetime | None:
        """When WooCommerce took the units: at the order for ways of paying that need no answer, else at the payment,
        else at the order if it has gone on without one. None: nothing shows that it ever took them."""
        if self.state in UNPAID:
            return self.paid
        if self.offline:
            return self.created
        return self.paid or (self.created if self.is_open or self.state == "completed" else None)

    @property
    def shipped(self) -> datetime | None:
        """Completed, if only once; but not when it is back in work (observed 133: the date stays)."""
        if self.is_open or self.state in UNPAID:
            return None
        return self.completed or (self.modified if self.state == "completed" else None)


def order_rows(channel: str, order: Item, refunds: list[Item], look: Look) -> list[Row]:
    """ORDER_LINES rows of one order."""
    id_, state, lines = id_of(order), text(order.get("status")), order.get("line_items")
    if id_ is None or state is None or not isinstance(lines, list):
        look.issues.append(in_words("woocommerce.order_unreadable", order=id_))
        look.partial.append(str(id_))
        return []
    created = moment(order.get("date_created_gmt"))
    about = _Order(
        state=state,
        created=created,
        paid=moment(order.get("date_paid_gmt")),
        completed=moment(order.get("date_completed_gmt")),
        modified=moment(order.get("date_modified_gmt")) or created,
        offline=text(order.get("payment_method")) in OFFLINE and order.get("created_via") in CHECKOUT,
    )
    rows = [row for line in lines if (row := _line(channel, id_, about, record(line), refunds))]
    lacks_lines(id_, lines, rows, look)
    return rows


def _line(channel: str, order: int, about: _Order, line: Item, refunds: list[Item]) -> Row | None:
    id_, ordered = id_of(line), _units(line.get("quantity"))
    if id_ is None or ordered is None:
        return None
    before, after, given_back = _refunded(id_, refunds, about.shipped)
    shipped = max(0, ordered - before) if about.shipped else 0
    open_ = max(0, ordered - before - after) if about.is_open else 0
    back_in_full = about.state in ("cancelled", "refunded")
    reduced, restocked = note_on(line, "_reduced_stock"), note_on(line, "_restock_refunded_items")
    freed = about.modified if about.ended and not reduced else None
    return (
        channel,
        str(order),
        str(id_),
        _listing(line),
        text(line.get("sku")),
        ordered,
        open_,
        shipped,
        shipped if back_in_full else min(after, shipped),
        open_ > 0 and (reduced > 0 if reduced is not None else about.state in OPEN_STATUSES),
        about.state,
        about.sold,
        given_back if restocked else freed,
        about.shipped if shipped else None,
        about.modified,
        "seller",
        None if about.ended or reduced is None else reduced + (restocked or 0),
    )


def _listing(line: Item) -> str | None:
    """The variation or product that was sold; None where it was deleted since, or the line never had one."""
    id_ = whole(line.get("variation_id")) or whole(line.get("product_id"))
    return str(id_) if id_ else None


def _units(value: object) -> int | None:
    """Ordered units; a fraction needs a whole unit more."""
    found = whole(value)
    return None if found is None else max(0, math.ceil(value) if isinstance(value, float) else found)


def note_on(line: Item, key: str) -> int | None:
    """What WooCommerce noted on the line: units taken and not given back (`_reduced_stock`), units put back by refunds.
    0 where it noted nothing; None where the notes are not shown at all."""
    notes = line.get("meta_data")
    if not isinstance(notes, list):
        return None
    return next((whole(note.get("value")) or 0 for note in records(notes) if note.get("key") == key), 0)


def _refunded(line: int, refunds: list[Item], shipped: datetime | None) -> tuple[int, int, datetime | None]:
    """Units of this line refunded before it was shipped (all, while it is not), after, and when last. The order's own
    quantity never falls; a refund names the line by `_refunded_item_id` (observed 130). Shops tell whole seconds: what
    is refunded in the second of the shipment had left before."""
    before = after = 0
    last: datetime | None = None
    for refund in refunds:
        when = moment(refund.get("date_created_gmt"))
        parts = [part for part in records(refund.get("line_items")) if note_on(part, "_refunded_item_id") == line]
        units = sum(abs(whole(part.get("quantity")) or 0) for part in parts)
        later = shipped is not None and (when is None or when >= shipped)
        before, after = before + units * (not later), after + units * later
        last = max(filter(None, (last, when)), default=None) if parts else last
    return before, after, last
