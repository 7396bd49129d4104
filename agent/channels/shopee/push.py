"""Setting quantities at Shopee: one item a call, up to 50 of its models (CHANGES in, RESULTS out).

The quantity is all of the seller's stock at the place, with what campaigns have locked. A number below that lock is
refused: then what is locked is read, and the lowest number that Shopee takes is set and said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import polars as pl

from agent.channels.answers import Answer, CallFailed, Look
from agent.channels.base import ChannelOut, Lane
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
from agent.channels.shopee.errors import Declined, Meaning, meaning, refusal, sort
from agent.channels.shopee.listings import Catalogue, Stock, stock_of
from agent.channels.shopee.places import Places
from agent.channels.shopee.reader import Reader, number
from agent.channels.values import record, records, text, whole
from agent.words import in_words

BATCH = 50
PATH = "product/update_stock"
_CELL = re.compile(r"([1-9]\d{0,18})(?:-([1-9]\d{0,18}))?(?:@(.+))?")


@dataclass(frozen=True)
class _Change:
    """One quantity to set."""

    at: int
    item: int
    model: int
    location: str | None
    quantity: int

    @property
    def listing(self) -> str:
        return f"{self.item}-{self.model}" if self.model else str(self.item)

    def sent(self) -> dict[str, object]:
        """The location only where the stock has one."""
        place = {"location_id": self.location} if self.location else {}
        return {"model_id": self.model, "seller_stock": [{**place, "stock": self.quantity}]}


class Pusher:
    """The write side."""

    def __init__(self, name: str, http: Http, catalogue: Catalogue, places: Places) -> None:
        self._name, self._http, self._catalogue, self._places = name, http, catalogue, places

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """As `Channel.push`: the sum of ceil(models / 50) over the items calls, where nothing stands in the way."""
        good, refused = sort_out(changes, _change)
        found, _ = await in_turn(_batches(good), partial(self._send, lane=lane))
        return as_frame(changes, refused | found, self._http.redact)

    async def _send(self, batch: Sequence[_Change], lane: Lane) -> Sent:
        """One call: its results, and why the ones after it should not be tried."""
        try:
            answer = await self._call(batch, lane)
        except CallFailed as failed:
            return all_of(batch, lost(failed)), stops(failed)
        meant = meaning(answer.json)
        if meant.kind in ("fine", "partly"):
            return await self._each(batch, answer, lane), None
        if meant.kind in ("connect", "key", "stop"):
            out = Declined(self._name, self._http, meant)
            return all_of(batch, not_sent(out)), out
        if len(batch) > 1:
            return await in_turn(halves(batch), partial(self._send, lane=lane))
        return {batch[0].at: await self._refused(batch[0], meant, answer.server_time, lane)}, None

    async def _call(self, batch: Sequence[_Change], lane: Lane) -> Answer:
        body = {"item_id": batch[0].item, "stock_list": [change.sent() for change in batch]}
        return await self._http.request("POST", PATH, json=body, lane=lane, idempotent=False)

    async def _each(self, batch: Sequence[_Change], answer: Answer, lane: Lane) -> Results:
        """What the answer says of each model; one that it does not name may stand or not."""
        told = record(record(answer.json).get("response"))
        good = {number(each.get("model_id")) or 0: each for each in records(told.get("success_list"))}
        bad = {number(each.get("model_id")) or 0: each for each in records(told.get("failure_list"))}
        found: Results = {}
        for change in batch:
            if change.model in bad:
                why = sort("failed", text(bad[change.model].get("failed_reason")) or "")
                found[change.at] = await self._refused(change, why, answer.server_time, lane)
            elif change.model in good:
                stands = whole(good[change.model].get("stock"))
                found[change.at] = Result("accepted", stands, at=answer.server_time)
            else:
                found[change.at] = Result("unknown", message=SILENT, at=answer.server_time)
        return found

    async def _refused(self, change: _Change, meant: Meaning, at: datetime, lane: Lane) -> Result:
        if meant.kind == "place":
            self._places.forget()
        if meant.kind == "locked":
            return await self._clamped(change, meant, at, lane)
        return Result("refused", message=refusal(meant), at=at)

    async def _clamped(self, change: _Change, meant: Meaning, at: datetime, lane: Lane) -> Result:
        """As low as the campaign lets it, and said; never higher than it is."""
        plain = Result("refused", message=refusal(meant), at=at)
        try:
            stock = await self._stock(change, lane)
            if stock is None or stock.units is None:
                return plain
            told = replace(plain, message=refusal(meant, stock.reserved), after=stock.units)
        except ChannelOut:
            return plain
        if not change.quantity < stock.reserved < stock.units:
            return told
        try:
            answer = await self._call([replace(change, quantity=stock.reserved)], lane)
        except CallFailed as failed:
            return lost(failed) if failed.reached else told
        done = records(record(record(answer.json).get("response")).get("success_list"))
        if not done:
            return told
        stands = whole(done[0].get("stock"))
        said = in_words("shopee.least_is_set", said=told.message, stands=stands)
        return Result("clamped", stands, said, answer.server_time)

    async def _stock(self, change: _Change, lane: Lane) -> Stock | None:
        """What stands there now."""
        ask = Reader(self._name, self._http, lane, Look())
        for item in await self._catalogue.these([change.listing], ask):
            for thing in records(item.get("models")) if change.model else [item]:
                if (number(thing.get("model_id")) or 0) == change.model:
                    return stock_of(thing, await self._places.chosen(ask))
        return None


def _change(at: int, cell: str, quantity: int | None, _: int | None) -> _Change | None:
    found = _CELL.fullmatch(cell)
    if found is None or quantity is None or quantity < 0:
        return None
    return _Change(at, int(found[1]), int(found[2] or 0), found[3], quantity)


def _batches(changes: Sequence[_Change]) -> list[list[_Change]]:
    """Of each item, up to 50 models at a time, in the order in which the items come."""
    items: dict[int, list[_Change]] = {}
    for change in changes:
        items.setdefault(change.item, []).append(change)
    return [same[at : at + BATCH] for same in items.values() for at in range(0, len(same), BATCH)]
