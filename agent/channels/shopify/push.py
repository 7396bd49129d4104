"""Setting quantities at Shopify: batches, and what became of each of their items (CHANGES in, RESULTS out).

Always `available` = target: Shopify keeps sold units apart (`committed`). Each change says from which quantity (compare
and set) and each attempt has a key of its own (idempotency): the same key only for the very same request. A batch is
taken as a whole or not at all: what Shopify names as wrong is taken out, and the rest goes again with a new key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from uuid import UUID

import polars as pl

from agent import frames
from agent.channels.answers import Answer, CallFailed, Look, Ports
from agent.channels.base import ChannelOut, Lane
from agent.channels.shopify.listings import Catalogue, level_of, quantity_of
from agent.channels.shopify.queries import ACTIVATE, PAGE, SET, gid, number
from agent.channels.shopify.reader import Asking, Declined, Item, Problem, Reader, Row, problem_of
from agent.channels.values import record, records, text

BATCH = PAGE
LARGEST = 1_000_000_000
ATTEMPTS = 12
"""How often what is left of a batch goes again."""
BUSY = 2.0
"""Seconds to wait while Shopify still works on the same request."""

SAME_KEY = "IDEMPOTENCY_CONCURRENT_REQUEST"
NEW_KEY = frozenset({"IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"})
STALE = frozenset({"CHANGE_FROM_QUANTITY_STALE", "COMPARE_QUANTITY_STALE"})
WORDS = {
    "INVALID_INVENTORY_ITEM": "The shop has no such listing any more.",
    "INVALID_LOCATION": "The shop has no such location any more.",
    "NON_MUTABLE_INVENTORY_ITEM": "It is a bundle; its stock is that of its parts.",
}
NOT_COUNTED = "The shop does not count its stock any more (Track quantity is off), so buyers see no change."


@dataclass(frozen=True)
class _Change:
    """One quantity to set."""

    at: int
    cell: str
    item: str
    location: str
    quantity: int
    expected: int | None

    def input(self) -> dict[str, object]:
        """`changeFromQuantity` is always said: null means that whatever stands is overwritten (recorded 2026-04)."""
        return {
            "inventoryItemId": gid("InventoryItem", self.item),
            "locationId": self.location,
            "quantity": self.quantity,
            "changeFromQuantity": self.expected,
        }


@dataclass(frozen=True)
class _Result:
    outcome: str
    after: int | None = None
    message: str | None = None
    at: datetime | None = None
    kind: str | None = None


Results = dict[int, _Result]


@dataclass
class _Batch:
    """What is left of a batch, and what became of the rest."""

    changes: list[_Change]
    results: Results = field(default_factory=dict)
    out: CallFailed | None = None
    """Why the batches after it should not be tried."""

    def settle(self, changes: Iterable[_Change], result: _Result) -> None:
        done = {change.at for change in changes}
        self.results |= dict.fromkeys(done, result)
        self.changes = [change for change in self.changes if change.at not in done]


class Pusher:
    """The write side."""

    def __init__(self, reader: Reader, catalogue: Catalogue, ports: Ports) -> None:
        self._reader = reader
        self._catalogue = catalogue
        self._clock, self._rng = ports.clock, ports.rng
        self._limit = BATCH

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """See agent.channels.base."""
        results: Results = {}
        good: list[_Change] = []
        for at, (cell, quantity, expected) in enumerate(changes.select("cell", "quantity", "expected").iter_rows()):
            change = _change(at, cell, quantity, expected)
            if change is None:
                results[at] = _Result("refused", message=f"{cell} = {quantity} is nothing that can be set.")
            else:
                good.append(change)
        out: CallFailed | None = None
        while good:
            batch, good = _Batch(good[: self._limit]), good[self._limit :]
            if out is None:
                await self._work_off(batch, lane)
                out = batch.out
            else:
                batch.settle(batch.changes, _not_sent(out))
            results |= batch.results
        return _frame(changes, results)

    async def _work_off(self, batch: _Batch, lane: Lane) -> None:
        await self._stock_there(batch, lane)
        accepted: list[_Change] = []
        key = _key(self._rng)
        for _ in range(ATTEMPTS):
            if not batch.changes or batch.out:
                break
            try:
                answer = await self._send(batch.changes, key, lane)
            except CallFailed as failed:
                batch.settle(batch.changes, _lost(failed))
                batch.out = _stops(failed)
                break
            said = _said(answer)
            codes = {text(error.get("code")) for error in said.errors}
            if SAME_KEY in codes:
                await self._clock.sleep(BUSY)
            elif codes & NEW_KEY:
                key = _key(self._rng)
            elif said.problem:
                self._refuse_all(batch, answer)
                key = _key(self._rng)
            elif not said.errors:
                accepted, batch.changes = batch.changes, []
                await self._judge(batch, accepted, said, answer, lane)
            else:
                _take_out(batch, said.errors, answer)
                key = _key(self._rng)
        if batch.changes:
            what = "The shop took none of it in several attempts; the next look shows how it stands."
            batch.settle(batch.changes, _Result("unknown", message=what))

    async def _send(self, changes: Sequence[_Change], key: str, lane: Lane) -> Answer:
        quantities = [change.input() for change in changes]
        asked = {"name": "available", "reason": "correction", "quantities": quantities}
        variables = {"input": asked, "key": key, "location": changes[0].location}
        return await self._reader.send(SET, variables, lane, idempotent=False)

    # --- not stocked at the location ---------------------------------------------------------------------------------

    async def _stock_there(self, batch: _Batch, lane: Lane) -> None:
        """A quantity of something that is not stocked at the location is taken with a friendly answer and shown to
        nobody (2026-10): it is stocked there first, and only where there is something to sell."""
        for change in [change for change in batch.changes if change.cell in self._catalogue.unstocked]:
            if change.quantity == 0:
                batch.settle([change], _Result("accepted", 0))
            elif batch.out is None:
                await self._activate(batch, change, lane)

    async def _activate(self, batch: _Batch, change: _Change, lane: Lane) -> None:
        asked = {"item": gid("InventoryItem", change.item), "location": change.location, "key": _key(self._rng)}
        try:
            answer = await self._reader.send(ACTIVATE, asked, lane, idempotent=False)
        except CallFailed as failed:
            batch.settle([change], _lost(failed))
            batch.out = _stops(failed)
            return
        payload = record(record(record(answer.json).get("data")).get("inventoryActivate"))
        error = next(iter(records(payload.get("userErrors"))), None)
        problem = problem_of(answer.json)
        if error is None and problem is None:
            self._catalogue.unstocked.discard(change.cell)
            stands, _ = quantity_of(payload)
            if change.expected is not None and stands is not None:  # the units that it had there before are back
                again = _Change(change.at, change.cell, change.item, change.location, change.quantity, stands)
                batch.changes = [again if each is change else each for each in batch.changes]
            return
        said = text(error.get("message")) if error else problem.said if problem else None
        message = f"The shop does not stock it at this location: {self._reader.http.redact(said or 'no reason given')}"
        batch.settle([change], _Result("refused", message=message, at=answer.server_time))

    # --- what became of it -------------------------------------------------------------------------------------------

    def _refuse_all(self, batch: _Batch, answer: Answer) -> None:
        """An answer with errors and without data: nothing was done."""
        problem = problem_of(answer.json) or Problem("refused", "", "it said nothing")
        if problem.kind == "too many" and len(batch.changes) > 1:
            self._limit = max(1, len(batch.changes) // 2)
            late = batch.changes[self._limit :]
            batch.settle(late, _Result("not_sent", message="The shop takes fewer at once; it goes with the next look."))
            return
        declined = Declined(self._reader.name, self._reader.http, problem)
        if problem.kind == "access":
            batch.settle(batch.changes, _not_sent(declined))
            batch.out = declined
        else:
            batch.settle(batch.changes, _Result("refused", message=declined.what, at=answer.server_time))

    async def _judge(self, batch: _Batch, done: list[_Change], said: _Said, answer: Answer, lane: Lane) -> None:
        """Accepted. But was it seen? Shopify also takes quantities that it does not count, and those of items that
        are not stocked there. An item that it does not mention stood at this quantity before."""
        mentioned = {id_: item for item in said.items if (id_ := number(item.get("id")))}
        silent = [change.item for change in done if change.item not in mentioned]
        levels = await self._levels(silent, lane) if silent else {}
        for change in done:
            item = mentioned.get(change.item, levels.get(change.item))
            batch.results[change.at] = self._seen(change, item, change.item in mentioned, answer.server_time)

    def _seen(self, change: _Change, item: Item | None, mentioned: bool, at: datetime) -> _Result:
        if item is None:
            return _Result(
                "unknown", message="The shop said nothing about this listing; the next read shows it.", at=at
            )
        if item.get("tracked") is False:
            return _Result("refused", message=NOT_COUNTED, at=at)
        if level_of(item) is None:
            self._catalogue.unstocked.add(change.cell)
            what = "It is not stocked at this location; it will be as soon as it is read again."
            return _Result("stale" if change.quantity else "accepted", message=what if change.quantity else None, at=at)
        if mentioned:
            return _Result("accepted", change.quantity, at=at)
        stands, _ = quantity_of(item)
        if stands != change.quantity:
            return _Result("unknown", message="The shop shows another quantity; the next read shows which.", at=at)
        return _Result("accepted", stands, at=at)

    async def _levels(self, items: Sequence[str], lane: Lane) -> Mapping[str, Item]:
        try:
            return await self._catalogue.levels(items, Asking(self._reader, lane, Look()))
        except ChannelOut:
            return {}


CELL = re.compile(r"item/(?P<item>\d{1,20})/location/(?P<location>\d{1,20})", re.ASCII)


def _change(at: int, cell: str, quantity: int | None, expected: int | None) -> _Change | None:
    found = CELL.fullmatch(cell)
    if found is None or quantity is None or not 0 <= quantity <= LARGEST:
        return None
    return _Change(at, cell, found["item"], gid("Location", found["location"]), quantity, expected)


def _key(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


@dataclass(frozen=True)
class _Said:
    """The answer to a batch."""

    problem: bool
    """It was not carried out at all: errors, and no payload."""
    errors: list[Item]
    items: list[Item]
    """The inventory items whose quantity changed."""


def _said(answer: Answer) -> _Said:
    payload = record(record(record(answer.json).get("data")).get("inventorySetQuantities"))
    changes = records(record(payload.get("inventoryAdjustmentGroup")).get("changes"))
    items = [record(each.get("item")) for each in changes if each.get("name") == "available"]
    return _Said(not payload, records(payload.get("userErrors")), items)


def _take_out(batch: _Batch, errors: Sequence[Item], answer: Answer) -> None:
    """The changes that Shopify names as wrong; where it names none, all of them."""
    named: Results = {}
    for error in errors:
        at = _place(error)
        if at is not None and at < len(batch.changes):
            named.setdefault(at, _refusal(error, answer.server_time))
    if not named:
        batch.settle(batch.changes, _refusal(errors[0], answer.server_time))
    for at, change in enumerate(list(batch.changes)):
        if at in named:
            batch.settle([change], named[at])


def _place(error: Item) -> int | None:
    """`["input", "quantities", "3", "quantity"]` -> 3."""
    path = error.get("field")
    place = path[2] if isinstance(path, list) and len(path) > 2 and path[1] == "quantities" else None
    return int(place) if isinstance(place, str) and place.isascii() and place.isdigit() else None


def _refusal(error: Item, at: datetime) -> _Result:
    code, said = text(error.get("code")) or "", text(error.get("message")) or "no reason given"
    if code in STALE:
        return _Result("stale", at=at)
    return _Result("refused", message=WORDS.get(code, f"The shop refused it: {said}"), at=at)


def _lost(failed: CallFailed) -> _Result:
    """A lost answer is unknown, never failed."""
    if not failed.reached:
        return _not_sent(failed)
    said = f"{failed.what} The quantity may have been set; the next read shows it."
    return _Result("unknown", message=said, kind=failed.kind)


def _stops(failed: CallFailed) -> CallFailed | None:
    """What failed so that the batches after it should not be tried."""
    return failed if not failed.reached or not failed.answered else None


def _not_sent(failed: CallFailed) -> _Result:
    return _Result("not_sent", message=failed.what, kind=failed.kind)


def _frame(changes: pl.DataFrame, results: Mapping[int, _Result]) -> pl.DataFrame:
    rows: list[Row] = []
    for at, cell in enumerate(changes["cell"]):
        found = results[at]
        rows.append((cell, found.outcome, found.after, found.message, found.at, found.kind))
    return frames.frame(rows, frames.RESULTS)
