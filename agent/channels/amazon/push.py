"""Setting quantities at Amazon: the seller's own stock and nothing else (CHANGES in, RESULTS out).

Up to 50 quantities go by a call each, more in one feed (agent.channels.amazon.feeds). Amazon accepts one of a SKU
that does not exist, and one of an offer that it keeps itself, which it may then turn over to the seller: so who keeps
each is read right before, 20 a call. Accepted is not applied: what a read right after it shows is accepted, the rest is
`sent`. The quantity is what buyers may still order: open orders are off it already (not documented in so many words).
A patch merges: replacing would wipe the handling time that stands beside the quantity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import polars as pl

from agent.channels.amazon.doors import Doors
from agent.channels.amazon.errors import Declined
from agent.channels.amazon.feeds import LARGEST, Feeds, Message
from agent.channels.amazon.listings import OWN, Catalogue, is_parent, keeper_of, product_type, quantity_of
from agent.channels.amazon.reader import Item, Reader, Seller
from agent.channels.answers import Answer, CallFailed, Look
from agent.channels.base import Lane
from agent.channels.pushing import (
    GONE,
    SILENT,
    Handed,
    Result,
    Results,
    all_of,
    as_frame,
    lost,
    not_sent,
    pushed,
    some_as_frame,
    sort_out,
    stops,
)
from agent.channels.reads import parts
from agent.channels.values import record, records, text
from agent.words import in_words

BATCH = LARGEST
SINGLY = 50
"""So many at most go by a call each: at five a second they are through before a feed is worked off."""
READ_AFTER = (1.0, 4.0, 10.0)
"""Seconds until it is read whether they have taken effect, again and again."""
READ_BACK = 1000
"""More than so many are not read back at once: that would take minutes."""


@dataclass(frozen=True)
class _Change:
    """One quantity to set."""

    at: int
    sku: str
    quantity: int
    kind: str = "PRODUCT"

    def patches(self) -> list[Item]:
        """Nothing but the quantity of the seller's own stock is ever sent."""
        value = [{"fulfillment_channel_code": OWN, "quantity": self.quantity}]
        return [{"op": "merge", "path": "/attributes/fulfillment_availability", "value": value}]


class Pusher:
    """The write side."""

    def __init__(self, doors: Doors, seller: Seller, catalogue: Catalogue) -> None:
        self._doors, self._seller, self._catalogue = doors, seller, catalogue
        self._feeds = Feeds(doors, seller)

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """As `Channel.push`: N calls that set something up to 50, ceil(N / 25,000) feeds beyond; waits for the end."""
        return await pushed(self.hand_in(changes, lane))

    async def hand_in(self, changes: pl.DataFrame, lane: Lane) -> Handed:
        """The same, without waiting."""
        wanted, found = sort_out(changes, _change)
        feeds: dict[str, Sequence[_Change]] = {}
        try:
            good = await self._may_be_set(wanted, found, lane)
        except CallFailed as failed:
            return as_frame(changes, found | all_of(wanted, not_sent(failed)), self._doors.redact), None
        if len(good) <= SINGLY:
            found |= await self._singly(good, lane)
        else:
            for some in parts(good, LARGEST):
                found |= await self._in_a_feed(some, lane, feeds)
        sent = [each for each in good if found[each.at].outcome == "sent"]
        results = as_frame(changes, found, self._doors.redact)
        return results, partial(self._later, changes, sent, feeds, lane) if sent else None

    async def _later(
        self, changes: pl.DataFrame, sent: Sequence[_Change], feeds: Mapping[str, Sequence[_Change]], lane: Lane
    ) -> pl.DataFrame:
        """What became of feeds, and which of what was accepted stands."""
        found: Results = {}
        for feed, some in feeds.items():
            found |= await self._ended(feed, some, lane)
        left = [each for each in sent if each.at not in found]
        found |= await self._read_back(left, lane) if len(left) <= READ_BACK else {}
        return some_as_frame(changes, found, self._doors.redact)

    async def _may_be_set(self, wanted: Sequence[_Change], found: Results, lane: Lane) -> list[_Change]:
        """Those whose stock is the seller's alone, as it is now; why the others are not is put into `found`."""
        ask, good = self._asking(lane), []
        items = await self._catalogue.these([each.sku for each in wanted], ask) if wanted else {}
        for each in wanted:
            item = items.get(each.sku)
            why = _refusal(item)
            if item is None or why is not None:
                found[each.at] = Result("refused", message=why, at=ask.look.ended)
            else:
                good.append(_Change(each.at, each.sku, each.quantity, product_type(item)))
        return good

    async def _singly(self, changes: Sequence[_Change], lane: Lane) -> Results:
        found: Results = {}
        out: CallFailed | None = None
        for change in changes:
            if out is not None:
                found[change.at] = not_sent(out)
                continue
            found[change.at], out = await self._patch(change, lane)
        return found

    async def _patch(self, change: _Change, lane: Lane) -> tuple[Result, CallFailed | None]:
        """What became of it, and why those after it should not be tried."""
        params = {"marketplaceIds": self._seller.market.id, "issueLocale": "en_US"}
        body = {"productType": change.kind, "patches": change.patches()}
        try:
            answer = await self._doors.call(
                "patch", "PATCH", self._seller.item(change.sku), params=params, json=body, lane=lane, idempotent=False
            )
        except Declined as declined:
            if declined.meant.kind == "denied":
                return not_sent(declined), declined
            return Result("refused", message=_said(declined.meant.message)), None
        except CallFailed as failed:
            return lost(failed), stops(failed)
        return judged(answer), None

    async def _in_a_feed(self, changes: Sequence[_Change], lane: Lane, feeds: dict[str, Sequence[_Change]]) -> Results:
        """What was taken is put into `feeds`."""
        try:
            feed = await self._feeds.hand_in([Message(c.sku, c.kind, c.patches()) for c in changes], lane)
        except CallFailed as failed:
            return all_of(changes, lost(failed))
        if feed is None:
            return all_of(changes, Result("unknown", message=SILENT))
        feeds[feed] = changes
        return all_of(changes, Result("sent"))

    async def _ended(self, feed: str, changes: Sequence[_Change], lane: Lane) -> Results:
        """How a feed ended: of what it took nothing more is known."""
        ended = await self._feeds.ended(feed, lane)
        if ended.state == "CANCELLED":
            result = Result("not_sent", message=in_words("amazon.feed_cancelled"), kind="host")
            return all_of(changes, result)
        if ended.state == "FATAL":
            return all_of(changes, Result("unknown", message=in_words("amazon.feed_fatal")))
        found: Results = {}
        for number, change in enumerate(changes, 1):
            why = ended.refused.get(number) or ended.all_refused
            if why:
                found[change.at] = Result("refused", message=_said(why))
        return found

    async def _read_back(self, sent: Sequence[_Change], lane: Lane) -> Results:
        """Which of them stand already, by what buyers may have. What is not seen stays sent: it may take minutes."""
        found: Results = {}
        left = list(sent)
        for seconds in READ_AFTER if left else ():
            await self._doors.pause(seconds)
            ask = self._asking(lane)
            try:
                items = await self._catalogue.these([each.sku for each in left], ask)
            except CallFailed:
                break
            for each in left:
                if each.sku in items and quantity_of(items[each.sku]) == each.quantity:
                    found[each.at] = Result("accepted", each.quantity, at=ask.look.ended)
            left = [each for each in left if each.at not in found]
            if not left:
                break
        return found

    def _asking(self, lane: Lane) -> Reader:
        return Reader(self._doors, self._seller, lane, Look())


def _change(at: int, cell: str, quantity: int | None, _: int | None) -> _Change | None:
    if not cell.strip() or quantity is None or quantity < 0:
        return None
    return _Change(at, cell, quantity)


_NOT_OURS = {
    "amazon": "amazon.not_ours_amazon", "elsewhere": "amazon.not_ours_elsewhere", "unsaid": "amazon.not_ours_unsaid",
    "parent": "amazon.not_ours_parent",
}  # fmt: skip


def _refusal(item: Item | None) -> str | None:
    """Why its quantity is not ours to set; None where it is."""
    if item is None:
        return GONE
    keeper = "parent" if is_parent(item) else keeper_of(item)
    return None if keeper == "seller" else in_words(_NOT_OURS[keeper])


def judged(answer: Answer) -> Result:
    """Of one patch: 200 says nothing by itself. Accepted is `sent` until it is read."""
    told = record(answer.json)
    status, at = told.get("status"), answer.server_time
    if status == "ACCEPTED":
        return Result("sent", at=at)
    if status == "INVALID":
        errors = [each for each in records(told.get("issues")) if each.get("severity") == "ERROR"]
        said: datetime | str | None = next((text(each.get("message")) for each in errors), None)
        return Result("refused", message=_said(str(said or "")), at=at)
    return Result("unknown", message=SILENT, at=at)


def _said(why: str) -> str:
    return in_words("amazon.refused", why=why.rstrip(".") or in_words("amazon.no_reason"))
