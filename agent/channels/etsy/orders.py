"""Etsy's receipts: which changed, which are open, and what each of their transactions means (ORDER_LINES).

100 a call, with their lines. A receipt is paid, shipped, refunded and cancelled as a whole; refunds name no units. Of
the buyer Etsy sends more than is asked for; nothing of it is looked at (R8).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from agent.channels.etsy.errors import Declined
from agent.channels.etsy.listings import Catalogue, moment
from agent.channels.etsy.reader import PAGE, Item, Params, Reader
from agent.channels.reads import Row, lacks_lines, numbered
from agent.channels.values import records, text, whole

EARLIEST = 946_684_800
"""The earliest time that Etsy takes: the year 2000."""
OPEN: Params = {"was_shipped": "false", "was_canceled": "false"}


class OrderBook:
    """Finds receipts."""

    async def changed(self, shop: int, since: datetime | None, ask: Reader) -> list[Item]:
        """Those changed since; None: all that are open, however old."""
        if since is None:
            return await self._from(shop, "created", EARLIEST, OPEN, ask)
        return await self._from(shop, "updated", max(EARLIEST, int(since.timestamp())), {}, ask)

    async def by_number(self, shop: int, numbers: Sequence[str], ask: Reader) -> list[Item]:
        """These; what Etsy does not have any more is left out."""
        found = []
        for number in numbers:
            try:
                found.append(await ask.ask(f"shops/{shop}/receipts/{whole(number) or 0}"))
            except Declined as declined:
                if declined.status != 404:
                    raise
        return found

    async def _from(
        self, shop: int, by: Literal["created", "updated"], begin: int, more: Params, ask: Reader
    ) -> list[Item]:
        """The oldest first. What changes moves to the end, so that the next page begins at the last one's time, not at
        a number; only within one second is counted on."""
        found: dict[str, Item] = {}
        field = "min_created" if by == "created" else "min_last_modified"
        at, offset = begin, 0
        while True:
            asked = {field: at, "sort_on": by, "sort_order": "asc", "limit": PAGE, "offset": offset, **more}
            rows, _ = await ask.listed(f"shops/{shop}/receipts", asked)
            found |= numbered(rows, "receipt_id", ask.look)
            if len(rows) < PAGE:
                return list(found.values())
            last = whole(rows[-1].get(f"{by}_timestamp")) or at
            at, offset = (last, 0) if last > at else (at, offset + PAGE)


def order_rows(channel: str, receipt: Item, catalogue: Catalogue, ask: Reader) -> list[Row]:
    """ORDER_LINES of one receipt."""
    lines = records(receipt.get("transactions"))
    rows = [(channel, *row) for line in lines if (row := _row(receipt, line, catalogue)) is not None]
    lacks_lines(text(receipt.get("receipt_id")), receipt.get("transactions"), rows, ask.look)
    return rows


def _row(receipt: Item, line: Item, catalogue: Catalogue) -> Row | None:
    """All columns of ORDER_LINES but the channel."""
    id_, bought = text(line.get("transaction_id")), whole(line.get("quantity"))
    if id_ is None or bought is None or bought < 0:
        return None
    state = (text(receipt.get("status")) or "").lower()
    updated = moment(receipt.get("updated_timestamp"))
    sent_at = moment(line.get("shipped_timestamp"))
    sent = receipt.get("is_shipped") is True or sent_at is not None or state == "completed"
    given_up = state in ("canceled", "fully refunded")
    digital = line.get("is_digital") is True
    shipped = bought if sent and not digital else 0
    open_ = 0 if sent or given_up or digital else bought
    return (
        text(receipt.get("receipt_id")),
        id_,
        catalogue.listing_of(line),
        text(line.get("sku")),
        bought,
        open_,
        shipped,
        shipped if given_up else 0,
        open_ > 0,
        state,
        moment(line.get("created_timestamp")) or moment(receipt.get("created_timestamp")),
        None,
        (sent_at or _notified(receipt) or updated) if shipped else None,
        updated,
        "seller",
    )


def _notified(receipt: Item) -> datetime | None:
    """When buyers were last told of a parcel."""
    told = [moment(each.get("shipment_notification_timestamp")) for each in records(receipt.get("shipments"))]
    return max(filter(None, told), default=None)
