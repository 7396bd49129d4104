"""Setting quantities at Lazada: up to 50 SKUs a call, of whatever items (CHANGES in, RESULTS out).

What is set is what buyers may order (sellable), with what campaigns have locked; ordered units are off it already. A
number below that lock is refused: then what is locked is read, and the lowest number that Lazada takes is set and said.
A call that is refused names the seller's SKUs that were wrong. Whether the others of it were set is not documented:
they are sent once more, as the same numbers, without those.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from xml.sax.saxutils import escape

import polars as pl

from agent.channels.answers import Answer, CallFailed, Look
from agent.channels.base import ChannelOut, Lane
from agent.channels.http import Http
from agent.channels.lazada.errors import Declined, Meaning, meaning, refusal, sort
from agent.channels.lazada.listings import Catalogue, Stock, listings_of, reserved_of, stock_of
from agent.channels.lazada.places import Places
from agent.channels.lazada.reader import Item, Reader
from agent.channels.pushing import (
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
from agent.channels.values import record, records, text
from agent.words import in_words

BATCH, SAFE = 50, 20
"""The most that a call takes, and what is advised where that is too slow."""
PATH = "product/stock/sellable/update"
EMPTY = "<Request><Product><Skus></Skus></Product></Request>"
_CELL = re.compile(r"([1-9]\d{0,18})-([1-9]\d{0,18})(?:@(.+))?")


@dataclass(frozen=True)
class Change:
    """One quantity to set."""

    at: int
    item: int
    sku: int
    warehouse: str | None
    quantity: int

    @property
    def listing(self) -> str:
        return f"{self.item}-{self.sku}"

    def sent(self) -> str:
        """Its part of the payload. The warehouse only where the shop has several: others must not name theirs. The
        seller's own SKU is left out: it need not be the only one of its name."""
        quantity = f"<SellableQuantity>{self.quantity}</SellableQuantity>"
        if self.warehouse is not None:
            code = f"<WarehouseCode>{escape(self.warehouse)}</WarehouseCode>"
            one = f"<MultiWarehouseInventory>{code}{quantity}</MultiWarehouseInventory>"
            quantity = f"<MultiWarehouseInventories>{one}</MultiWarehouseInventories>"
        return f"<Sku><ItemId>{self.item}</ItemId><SkuId>{self.sku}</SkuId>{quantity}</Sku>"


def payload(changes: Sequence[Change]) -> str:
    """What a call sends: XML, the only form that is documented for this call."""
    skus = "".join(change.sent() for change in changes)
    return f"<Request><Product><Skus>{skus}</Skus></Product></Request>"


class Pusher:
    """The write side."""

    def __init__(self, name: str, http: Http, catalogue: Catalogue, places: Places, zone: int) -> None:
        self._name, self._http, self._zone = name, http, zone
        self._catalogue, self._places = catalogue, places
        self._size = BATCH

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """As `Channel.push`: ceil(quantities / 50) calls, where nothing stands in the way."""
        good, refused = sort_out(changes, _change)
        found, _ = await in_turn(self._batches(good), partial(self._send, lane=lane))
        return as_frame(changes, refused | found, self._http.redact)

    def _batches(self, changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
        """Smaller ones as soon as a call took too long."""
        while changes:
            batch, changes = changes[: self._size], changes[self._size :]
            yield batch

    async def _send(self, batch: Sequence[Change], lane: Lane) -> Sent:
        """One call: its results, and why the ones after it should not be tried."""
        try:
            answer = await self._call(batch, lane)
        except CallFailed as failed:
            return all_of(batch, lost(failed)), stops(failed)
        meant, at = meaning(answer.json), answer.server_time
        if meant.kind == "fine":
            return {change.at: Result("accepted", change.quantity, at=at) for change in batch}, None
        if meant.kind in ("connect", "key", "stop"):
            out = Declined(self._name, self._http, meant)
            return all_of(batch, not_sent(out)), out
        if meant.kind == "slow":
            self._size = SAFE
            return all_of(batch, Result("unknown", message=in_words("lazada.took_too_long"), at=at)), None
        if len(batch) > 1:
            return await self._apart(batch, answer, lane)
        why = next(iter(_details(answer).values()), meant)
        return {batch[0].at: await self._refused(batch[0], why, at, lane)}, None

    async def _call(self, batch: Sequence[Change], lane: Lane) -> Answer:
        form = {"payload": payload(batch)}
        return await self._http.request("POST", PATH, form=form, lane=lane, idempotent=False)

    async def may(self) -> None:
        """A call about nothing is refused for that, or for want of permission. Raises CallFailed; Declined."""
        answer = await self._http.request("POST", PATH, form={"payload": EMPTY}, lane="audit", idempotent=True)
        if (meant := meaning(answer.json)).kind in ("connect", "key", "stop"):
            raise Declined(self._name, self._http, meant)

    async def _apart(self, batch: Sequence[Change], answer: Answer, lane: Lane) -> Sent:
        """A call that was refused for some of its SKUs: those that the answer names, and the rest again without them;
        where no name fits, halves find which."""
        why = _details(answer)
        names = {change.at: self._catalogue.names.get(change.listing, "") for change in batch}
        times = Counter(names.values())
        named = [change for change in batch if names[change.at] in why]
        if not named or any(times[name] != 1 for name in why):
            return await in_turn(halves(batch), partial(self._send, lane=lane))
        found: Results = {}
        for change in named:
            found[change.at] = await self._refused(change, why[names[change.at]], answer.server_time, lane)
        others = [change for change in batch if change not in named]
        rest, out = await self._send(others, lane) if others else ({}, None)
        return found | rest, out

    async def _refused(self, change: Change, meant: Meaning, at: datetime, lane: Lane) -> Result:
        if meant.kind == "place":
            self._places.forget()
        if meant.kind in ("locked", "frozen", "not_lower"):
            return await self._clamped(change, meant, at, lane)
        return Result("refused", message=refusal(meant), at=at)

    async def _clamped(self, change: Change, meant: Meaning, at: datetime, lane: Lane) -> Result:
        """As low as the campaign lets it, and said; never higher than it is."""
        plain = Result("refused", message=refusal(meant), at=at)
        try:
            sku = await self._sku(change, lane)
            stock = stock_of(sku, await self._places.chosen(self._asking(lane))) if sku else Stock()
        except ChannelOut:
            return plain
        if sku is None or stock.units is None:
            return plain
        reserved = reserved_of(sku, at, self._zone)
        told = replace(plain, message=refusal(meant, reserved or None), after=stock.units)
        least = reserved - stock.elsewhere
        if meant.kind != "locked" or not change.quantity < least < stock.units:
            return told
        return await self._least(replace(change, quantity=least), told, lane)

    async def _least(self, change: Change, told: Result, lane: Lane) -> Result:
        try:
            answer = await self._call([change], lane)
        except CallFailed as failed:
            return lost(failed) if failed.reached else told
        if (meant := meaning(answer.json)).kind != "fine":
            unknown = Result("unknown", message=in_words("lazada.took_too_long"), at=answer.server_time)
            return unknown if meant.kind == "slow" else told
        said = in_words("lazada.least_is_set", said=told.message, stands=change.quantity)
        return Result("clamped", change.quantity, said, answer.server_time)

    async def _sku(self, change: Change, lane: Lane) -> Item | None:
        """What stands there now."""
        items = await self._catalogue.these([change.listing], self._asking(lane))
        return next((sku for item in items for listing, sku in listings_of(item) if listing == change.listing), None)

    def _asking(self, lane: Lane) -> Reader:
        return Reader(self._name, self._http, lane, Look())


def _details(answer: Answer) -> dict[str, Meaning]:
    """What an answer says of single SKUs: by the name that the seller gave them."""
    told = records(record(answer.json).get("detail"))
    return {text(each.get("seller_sku")) or "": sort("501", text(each.get("message")) or "") for each in told}


def _change(at: int, cell: str, quantity: int | None, _: int | None) -> Change | None:
    found = _CELL.fullmatch(cell)
    if found is None or quantity is None or quantity < 0:
        return None
    return Change(at, int(found[1]), int(found[2]), found[3], quantity)
