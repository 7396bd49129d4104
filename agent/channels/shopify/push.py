"""Setting quantities at Shopify: batches, and what became of each of their items (CHANGES in, RESULTS out).

Always `available` = target: Shopify keeps sold units apart (`committed`). Each change says from which quantity (compare
and set) and each attempt has a key of its own (idempotency): the same key only for the very same request. A batch is
taken as a whole or not at all: what Shopify names as wrong is taken out, and the rest goes again with a new key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from uuid import UUID

import polars as pl

from agent.channels.answers import Answer, CallFailed, Look, Ports
from agent.channels.base import ChannelOut, Lane
from agent.channels.pushing import SILENT, Result, as_frame, lost, not_sent, sort_out, stops
from agent.channels.shopify.listings import Catalogue, level_of, quantity_of
from agent.channels.shopify.outcomes import (
    NEW_KEY,
    NOT_COUNTED,
    SAME_KEY,
    Batch,
    Change,
    Said,
    change_of,
    read_answer,
    take_out,
)
from agent.channels.shopify.queries import ACTIVATE, PAGE, SET, gid, number
from agent.channels.shopify.reader import Asking, Declined, Item, Problem, Reader, problem_of
from agent.channels.values import record, records, text
from agent.words import in_words

BATCH = PAGE
ATTEMPTS = 12
"""How often what is left of a batch goes again."""
BUSY = 2.0
"""Seconds to wait while Shopify still works on the same request."""


class Pusher:
    """The write side."""

    def __init__(self, reader: Reader, catalogue: Catalogue, ports: Ports) -> None:
        self._reader = reader
        self._catalogue = catalogue
        self._clock, self._rng = ports.clock, ports.rng
        self._limit = BATCH

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """See agent.channels.base."""
        good, found = sort_out(changes, change_of)
        out: CallFailed | None = None
        while good:
            batch, good = Batch(good[: self._limit]), good[self._limit :]
            if out is None:
                await self._work_off(batch, lane)
                out = batch.out
            else:
                batch.settle(batch.changes, not_sent(out))
            found |= batch.results
        return as_frame(changes, found, self._reader.http.redact)

    async def _work_off(self, batch: Batch, lane: Lane) -> None:
        await self._stock_there(batch, lane)
        key = _key(self._rng)
        for _ in range(ATTEMPTS):
            if not batch.changes or batch.out:
                break
            try:
                answer = await self._send(batch.changes, key, lane)
            except CallFailed as failed:
                batch.settle(batch.changes, lost(failed))
                batch.out = stops(failed)
                break
            said = read_answer(answer)
            codes = {text(error.get("code")) for error in said.errors}
            if SAME_KEY in codes:
                await self._clock.sleep(BUSY)
            elif codes & NEW_KEY:
                key = _key(self._rng)
            elif said.problem:
                self._refuse_all(batch, answer)
                key = _key(self._rng)
            elif not said.errors:
                done, batch.changes = batch.changes, []
                await self._judge(batch, done, said, answer, lane)
            else:
                take_out(batch, said.errors, answer)
                key = _key(self._rng)
        what = in_words("shopify.shop_took_none_several")
        left = not_sent(batch.out) if batch.out else Result("unknown", message=what)
        batch.settle(batch.changes, left)

    async def _send(self, changes: Sequence[Change], key: str, lane: Lane) -> Answer:
        quantities = [change.input() for change in changes]
        asked = {"name": "available", "reason": "correction", "quantities": quantities}
        variables = {"input": asked, "key": key, "location": changes[0].location}
        return await self._reader.send(SET, variables, lane, idempotent=False)

    # --- not stocked at the location ---------------------------------------------------------------------------------

    async def _stock_there(self, batch: Batch, lane: Lane) -> None:
        """A quantity of something that is not stocked at the location is taken with a friendly answer and shown to
        nobody (2026-10): it is stocked there first, and only where there is something to sell."""
        for change in [change for change in batch.changes if change.cell in self._catalogue.unstocked]:
            if change.quantity == 0:
                batch.settle([change], Result("accepted", 0))
            elif batch.out is None:
                await self._activate(batch, change, lane)

    async def _activate(self, batch: Batch, change: Change, lane: Lane) -> None:
        asked = {"item": gid("InventoryItem", change.item), "location": change.location, "key": _key(self._rng)}
        try:
            answer = await self._reader.send(ACTIVATE, asked, lane, idempotent=False)
        except CallFailed as failed:
            batch.settle([change], lost(failed))
            batch.out = stops(failed)
            return
        payload = record(record(record(answer.json).get("data")).get("inventoryActivate"))
        error = next(iter(records(payload.get("userErrors"))), None)
        problem = problem_of(answer.json)
        if error is None and problem is None:
            self._catalogue.unstocked.discard(change.cell)
            stands, _ = quantity_of(payload)
            if change.expected is not None and stands is not None:  # the units that it had there before are back
                again = replace(change, expected=stands)
                batch.changes = [again if each is change else each for each in batch.changes]
            return
        said = text(error.get("message")) if error else problem.said if problem else None
        said = self._reader.http.redact(said or in_words("shopify.no_reason_given"))
        message = in_words("shopify.not_stocked_here", said=said)
        batch.settle([change], Result("refused", message=message, at=answer.server_time))

    # --- what became of it -------------------------------------------------------------------------------------------

    def _refuse_all(self, batch: Batch, answer: Answer) -> None:
        """An answer with errors and without data: nothing was done."""
        problem = problem_of(answer.json) or Problem("refused", "", in_words("shopify.said_nothing"))
        if problem.kind == "too many" and len(batch.changes) > 1:
            self._limit = max(1, len(batch.changes) // 2)
            late = batch.changes[self._limit :]
            batch.settle(late, Result("not_sent", message=in_words("shopify.shop_takes_fewer_at")))
            return
        declined = Declined(self._reader.name, self._reader.http, problem)
        if problem.kind == "access":
            batch.settle(batch.changes, not_sent(declined))
            batch.out = declined
        else:
            batch.settle(batch.changes, Result("refused", message=declined.what, at=answer.server_time))

    async def _judge(self, batch: Batch, done: list[Change], said: Said, answer: Answer, lane: Lane) -> None:
        """Accepted. But was it seen? Shopify also takes quantities that it does not count, and those of items that
        are not stocked there. An item that it does not mention stood at this quantity before."""
        mentioned = {id_: item for item in said.items if (id_ := number(item.get("id")))}
        silent = [change.item for change in done if change.item not in mentioned]
        levels = await self._levels(silent, lane) if silent else {}
        for change in done:
            item = mentioned.get(change.item, levels.get(change.item))
            batch.results[change.at] = self._seen(change, item, change.item in mentioned, answer.server_time)

    def _seen(self, change: Change, item: Item | None, mentioned: bool, at: datetime) -> Result:
        if item is None:
            return Result("unknown", message=SILENT, at=at)
        if item.get("tracked") is False:
            return Result("refused", message=NOT_COUNTED, at=at)
        if level_of(item) is None:
            self._catalogue.unstocked.add(change.cell)
            what = in_words("shopify.not_stocked_at_location")
            return Result("stale" if change.quantity else "accepted", message=what if change.quantity else None, at=at)
        if mentioned:
            return Result("accepted", change.quantity, at=at)
        stands, _ = quantity_of(item)
        if stands != change.quantity:
            return Result("unknown", message=in_words("shopify.shop_shows_another_quantity"), at=at)
        return Result("accepted", stands, at=at)

    async def _levels(self, items: Sequence[str], lane: Lane) -> Mapping[str, Item]:
        try:
            return await self._catalogue.levels(items, Asking(self._reader, lane, Look()))
        except ChannelOut:
            return {}


def _key(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))
