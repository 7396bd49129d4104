"""Setting quantities at eBay: 25 SKUs a call for listings of the Inventory API, 4 a call for all others.

Of an Inventory API listing both quantities are set, the SKU's and its offer's: a buyer sees the lower one. Its offer is
asked for once, before it is first set, and proves that the SKU belongs to this very listing; where it does not, the
listing is of the other half and set there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import polars as pl

from agent.channels.answers import Answer, CallFailed, Look
from agent.channels.base import Lane
from agent.channels.ebay.errors import Declined, Meaning, meaning, refusal, rest_errors, trading_errors
from agent.channels.ebay.quota import Quotas
from agent.channels.ebay.reader import INVENTORY, Item, Reader
from agent.channels.ebay.revisions import Revisions
from agent.channels.ebay.trading import PATH, Value, many_records
from agent.channels.ebay.zero import Zero
from agent.channels.http import Http
from agent.channels.pushing import (
    SILENT,
    Result,
    Results,
    Sent,
    all_of,
    as_frame,
    halves,
    in_turn,
    lost,
    not_sent,
    sort_out,
    stops,
)
from agent.channels.reads import parts
from agent.channels.values import record, records, text, whole
from agent.words import in_words

BATCH, TRADING_BATCH = 25, 4
BULK = f"{INVENTORY}bulk_update_price_quantity"
REVISE = "ReviseInventoryStatus"
_CELL = re.compile(r"([it])/(\d{1,19})/(.*)", re.DOTALL)


@dataclass(frozen=True)
class _Change:
    """One quantity to set."""

    at: int
    item: str
    sku: str
    inventory: bool
    quantity: int
    offer: str | None = None

    def request(self) -> dict[str, object]:
        """As the Inventory API takes it."""
        return {
            "sku": self.sku,
            "shipToLocationAvailability": {"quantity": self.quantity},
            "offers": [{"offerId": self.offer, "availableQuantity": self.quantity}],
        }

    def status(self) -> Mapping[str, Value]:
        """As the Trading API takes it: a variation is named by its SKU, too."""
        sku = {"SKU": self.sku} if self.sku else {}
        return {"ItemID": self.item, **sku, "Quantity": self.quantity}


@dataclass
class Pusher:
    """The write side."""

    name: str
    http: Http
    quotas: Quotas
    zero: Zero
    revisions: Revisions
    offers: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """(item, SKU) -> its offer; None: the listing is none of the Inventory API's."""

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """As `Channel.push`: ceil(N / 25) calls for the one half, ceil(N / 4) for the other."""
        good, found = sort_out(changes, _change)
        good = await self._allowed(good, found, lane)
        inventory, trading, out = await self._told_apart(good, found, lane)
        bulk, out = await in_turn(parts(inventory, BATCH), partial(self._bulk, lane=lane), out)
        revised, _ = await in_turn(parts(trading, TRADING_BATCH), partial(self._revise, lane=lane), out)
        return as_frame(changes, found | bulk | revised, self.http.redact)

    # --- before anything is sent --------------------------------------------------------------------------------------

    async def _allowed(self, changes: Sequence[_Change], found: Results, lane: Lane) -> list[_Change]:
        """Without zeros that would end a listing, and raises that would use up a listing's changes of this day."""
        ends: Result | None = None
        if any(change.quantity == 0 for change in changes):
            ends = await self.zero.would_end(Reader(self.name, self.http, self.quotas, lane, Look()))
        for change in changes:
            if change.quantity == 0 and ends is not None:
                found[change.at] = ends
            elif lane != "lower" and self.revisions.kept_for_lowering(change.item):
                found[change.at] = Result("refused", message=in_words("ebay.revisions_kept"))
        return [change for change in changes if change.at not in found]

    async def _told_apart(
        self, changes: Sequence[_Change], found: Results, lane: Lane
    ) -> tuple[list[_Change], list[_Change], CallFailed | None]:
        """Those of the Inventory API with their offers, the others, and what stops the rest."""
        inventory, trading = [], [change for change in changes if not change.inventory]
        out: CallFailed | None = None
        for change in changes:
            if not change.inventory:
                continue
            if out is not None:
                found[change.at] = not_sent(out)
                continue
            try:
                offer = await self._offer(change, lane)
            except CallFailed as failed:
                found[change.at], out = not_sent(failed), stops(failed)
                continue
            if offer is None:
                trading.append(change)
            else:
                inventory.append(_Change(change.at, change.item, change.sku, True, change.quantity, offer))
        return inventory, trading, out

    async def _offer(self, change: _Change, lane: Lane) -> str | None:
        """The published offer of this SKU in this listing. Raises CallFailed."""
        key = (change.item, change.sku)
        if key not in self.offers:
            ask = Reader(self.name, self.http, self.quotas, lane, Look())
            try:
                told = await ask.get(f"{INVENTORY}offer", {"sku": change.sku})
            except Declined as declined:
                if declined.meant.kind != "gone":
                    raise
                told = {}
            fitting = [each for each in records(told.get("offers")) if _fits(each, change.item)]
            self.offers[key] = text(fitting[0].get("offerId")) if fitting else None
        return self.offers[key]

    # --- the Inventory API --------------------------------------------------------------------------------------------

    async def _bulk(self, batch: Sequence[_Change], lane: Lane) -> Sent:
        body = {"requests": [change.request() for change in batch]}
        self._count(batch, BULK)
        try:
            answer = await self.http.request("POST", BULK, json=body, lane=lane, idempotent=False)
        except CallFailed as failed:
            return all_of(batch, lost(failed)), stops(failed)
        meant = meaning(answer.json)
        if meant.kind in ("connect", "key", "scope"):
            out = Declined(self.name, self.http, meant)
            return all_of(batch, not_sent(out)), out
        if answer.status >= 400 and len(batch) > 1:
            return await in_turn(halves(batch), partial(self._bulk, lane=lane))
        if answer.status >= 400:
            return {batch[0].at: self._no(batch[0], meant, answer.server_time)}, None
        told = records(record(answer.json).get("responses"))
        return {change.at: self._each(change, told, answer) for change in batch}, None

    def _each(self, change: _Change, told: Sequence[Item], answer: Answer) -> Result:
        """What the answer says of one: there may be an entry of the SKU and one of its offer, and both must be good."""
        mine = [each for each in told if each.get("sku") == change.sku or text(each.get("offerId")) == change.offer]
        codes = [whole(each.get("statusCode")) or 0 for each in mine]
        bad = [meant for each in mine for meant in rest_errors(each)]
        if not mine:
            return Result("unknown", message=SILENT, at=answer.server_time)
        if all(200 <= code < 300 for code in codes) and not bad:
            return Result("accepted", change.quantity, at=answer.server_time)
        plain = self._no(change, bad[0] if bad else Meaning("item"), answer.server_time)
        if any(200 <= code < 300 or code >= 500 for code in codes):
            return Result("unknown", message=plain.message, at=answer.server_time)
        return plain

    # --- the Trading API ----------------------------------------------------------------------------------------------

    async def _revise(self, batch: Sequence[_Change], lane: Lane) -> Sent:
        ask = Reader(self.name, self.http, self.quotas, lane, Look())
        self._count(batch, PATH)
        try:
            answer = await ask.send(
                REVISE, {"InventoryStatus": [change.status() for change in batch]}, idempotent=False
            )
        except CallFailed as failed:
            return all_of(batch, lost(failed)), stops(failed)
        told = record(answer.json)
        if told.get("Ack") in ("Success", "Warning"):
            return {c.at: Result("accepted", c.quantity, at=answer.server_time) for c in batch}, None
        if told.get("Ack") not in ("Failure", "PartialFailure"):
            return all_of(batch, Result("unknown", message=SILENT, at=answer.server_time)), None
        return await self._partly(batch, told, answer.server_time, lane)

    async def _partly(self, batch: Sequence[_Change], told: Item, at: datetime, lane: Lane) -> Sent:
        """Those that the answer names as revised stand; the only one left is what the errors are about; of several,
        each is sent once more by itself: they were not applied."""
        done = {_named(each) for each in many_records(told.get("InventoryStatus"))}
        whole_ones = {item for item, _ in done}
        left = [c for c in batch if not {(c.item, c.sku), (c.item, "")} & done and (c.sku or c.item not in whole_ones)]
        if told.get("Ack") == "Failure":
            left = list(batch)
        found: Results = {c.at: Result("accepted", c.quantity, at=at) for c in batch if c not in left}
        if len(left) == 1:
            found[left[0].at] = self._no(left[0], trading_errors(told)[0], at)
            return found, None
        if len(left) == len(batch):
            return await in_turn(halves(left), partial(self._revise, lane=lane))
        more, out = await in_turn([[change] for change in left], partial(self._revise, lane=lane))
        return found | more, out

    # --- both ---------------------------------------------------------------------------------------------------------

    def _no(self, change: _Change, meant: Meaning, at: datetime) -> Result:
        if meant.kind in ("gone", "model"):
            self.offers.pop((change.item, change.sku), None)
        if meant.kind == "revised":
            self.revisions.used_up(change.item)
        return Result("refused", message=refusal(meant), at=at)

    def _count(self, batch: Sequence[_Change], path: str) -> None:
        self.quotas.spent(path)
        for change in batch:
            self.revisions.note(change.item)


def _fits(offer: Item, item: str) -> bool:
    published = offer.get("status", "PUBLISHED") == "PUBLISHED" and offer.get("format", "FIXED_PRICE") == "FIXED_PRICE"
    return published and text(record(offer.get("listing")).get("listingId")) == item


def _named(each: Item) -> tuple[str, str]:
    sku = each.get("SKU")
    return text(each.get("ItemID")) or "", sku if isinstance(sku, str) else ""


def _change(at: int, cell: str, quantity: int | None, _: int | None) -> _Change | None:
    found = _CELL.fullmatch(cell)
    if found is None or quantity is None or quantity < 0:
        return None
    return _Change(at, found[2], found[3], found[1] == "i", quantity)
