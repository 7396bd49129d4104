"""Setting quantities at Takealot: leadtime stock of the seller's own warehouse, and nothing else.

One quantity is set by a call of its own and stands with the answer. More go in one batch of up to 10,000 that Takealot
works off later: its results are asked for a few times, slowly, as Takealot wishes it; what has no result by then is
`sent`, and the next read shows it. An answer of 200 says nothing of an offer: its `validation_errors` do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import polars as pl

from agent.channels.answers import Answer, CallFailed, Ports
from agent.channels.base import Lane
from agent.channels.http import Http
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
from agent.channels.takealot.reader import Declined, Item, said_by
from agent.channels.takealot.refusals import INACTIVE, NOT_THERE, refusal
from agent.channels.values import record, records, text, whole
from agent.words import in_words

BATCH = 10_000
ASKED_AFTER = (5.0, 25.0, 30.0)
"""Seconds until the results of a batch are asked for, again and again."""
CELL = re.compile(r"offer/(?P<offer>\d{1,15})/(?P<warehouse>\d{1,15})", re.ASCII)


@dataclass(frozen=True)
class Change:
    """One quantity to set."""

    at: int
    offer: int
    warehouse: int
    quantity: int

    def body(self) -> dict[str, object]:
        """Only this warehouse is named: the others keep what they have. Nothing but the quantity is ever sent."""
        return {"leadtime_stock": [{"merchant_warehouse_id": self.warehouse, "quantity": self.quantity}]}


def _change(at: int, cell: str, quantity: int | None, _: int | None) -> Change | None:
    found = CELL.fullmatch(cell)
    if found is None or quantity is None or quantity < 0:
        return None
    return Change(at, int(found["offer"]), int(found["warehouse"]), quantity)


class Pusher:
    """The write side."""

    def __init__(self, name: str, http: Http, ports: Ports) -> None:
        self._name, self._http, self._clock = name, http, ports.clock
        self._limit = BATCH

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """See agent.channels.base: ceil(N / 10,000) calls that set something; waits for batches."""
        return await pushed(self.hand_in(changes, lane))

    async def hand_in(self, changes: pl.DataFrame, lane: Lane) -> Handed:
        """The same, without waiting for batches."""
        good, found = sort_out(changes, _change)
        out: CallFailed | None = None
        batches: dict[str, Sequence[Change]] = {}
        while good:
            some, good = good[: self._limit], good[self._limit :]
            if out is not None:
                found |= all_of(some, not_sent(out))
                continue
            done, left, out = await (self._one(some[0], lane) if len(some) == 1 else self._batch(some, lane, batches))
            found |= done
            good = [*left, *good]
        results = as_frame(changes, found, self._http.redact)
        return results, partial(self._later, changes, batches, lane) if batches else None

    async def _later(self, changes: pl.DataFrame, batches: Mapping[str, Sequence[Change]], lane: Lane) -> pl.DataFrame:
        """What became of batches, as far as Takealot says within a minute."""
        found: Results = {}
        for batch, some in batches.items():
            found |= await self._results(batch, some, lane)
        return some_as_frame(changes, found, self._http.redact)

    async def _one(self, change: Change, lane: Lane) -> tuple[Results, list[Change], CallFailed | None]:
        path = f"offers/offer/ID{change.offer}"
        try:
            answer = await self._http.request("PATCH", path, json=change.body(), lane=lane, idempotent=False)
        except CallFailed as failed:
            return {change.at: lost(failed)}, [], stops(failed)
        if answer.status == 404:
            return {change.at: Result("refused", message=GONE, at=answer.server_time)}, [], None
        if answer.status != 200:
            return {change.at: self._refused(answer)}, [], None
        return {change.at: judge(change, record(answer.json), answer.server_time)}, [], None

    async def _batch(
        self, some: Sequence[Change], lane: Lane, batches: dict[str, Sequence[Change]]
    ) -> tuple[Results, list[Change], CallFailed | None]:
        """What became of them, those that must go again in smaller batches, and why the rest should not be tried. What
        was taken is put into `batches`."""
        body = [{"offer_id": change.offer, **change.body()} for change in some]
        try:
            answer = await self._http.request("POST", "offers/batch", json=body, lane=lane, idempotent=False)
        except CallFailed as failed:
            return all_of(some, lost(failed)), [], stops(failed)
        if answer.status in (400, 413) and re.search("size|limit|large", (said_by(answer) or "").casefold()):
            self._limit = max(1, len(some) // 2)
            return {}, list(some), None
        if answer.status != 200:
            return all_of(some, self._refused(answer)), [], None
        batch = text(record(answer.json).get("batch_id"))
        if batch is None or not re.fullmatch(r"[\w.-]{1,80}", batch):
            return all_of(some, Result("unknown", message=SILENT, at=answer.server_time)), [], None
        batches[batch] = some
        return all_of(some, Result("sent")), [], None

    async def _results(self, batch: str, some: Sequence[Change], lane: Lane) -> Results:
        for seconds in ASKED_AFTER:
            await self._clock.sleep(seconds)
            try:
                answer = await self._http.request("GET", f"offers/batch/{batch}", lane=lane, idempotent=True)
            except CallFailed:
                continue  # it was taken; how it ended is seen by the next read
            found = record(answer.json)
            ended = (text(record(found.get("status")).get("description")) or "").casefold()
            told = {whole(record(each.get("offer")).get("offer_id")): each for each in records(found.get("result"))}
            if answer.status == 200 and (len(told) >= len(some) or _is_over(ended)):
                return {change.at: judge(change, told.get(change.offer), answer.server_time) for change in some}
        return {}

    def _refused(self, answer: Answer) -> Result:
        said = Declined(self._name, self._http, answer).what
        return Result("refused", message=said, at=answer.server_time)


def _is_over(ended: str) -> bool:
    """How a batch that is worked off is called, as far as anybody says."""
    return any(word in ended for word in ("success", "complete", "fail", "error", "done"))


def judge(change: Change, told: Item | None, at: datetime) -> Result:
    """One offer's part of an answer: refused with a code, or what stands there now."""
    stock = record(record(told).get("offer")).get("leadtime_stock")
    errors = records(record(told).get("validation_errors"))
    if errors:
        code, said = (text(errors[0].get(name)) or "" for name in ("code", "message"))
        if code == INACTIVE:
            return Result("not_sent", message=refusal(code, said), kind="access")
        return Result("refused", message=refusal(code, said), at=at)
    if not isinstance(stock, list):
        return Result("unknown", message=SILENT, at=at)
    return _stands(change, records(stock), at)


def _stands(change: Change, stock: Sequence[Item], at: datetime) -> Result:
    places = {whole(record(each.get("merchant_warehouse")).get("warehouse_id")): each for each in stock}
    if change.warehouse not in places:
        return Result("refused", message=NOT_THERE, at=at)
    stands = whole(places[change.warehouse].get("quantity_available"))
    if stands == change.quantity:
        return Result("accepted", stands, at=at)
    shown = in_words("takealot.no_quantity") if stands is None else stands
    return Result("refused", stands, in_words("takealot.shows_another", shown=shown, asked=change.quantity), at)
