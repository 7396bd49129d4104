"""Setting quantities at TikTok Shop: one product a call, up to 100 of its SKUs (CHANGES in, RESULTS out).

A SKU is set in all of its warehouses at once: where the shop has several, the quantities of the others are read just
before and written back as they are. The quantity is what buyers may still order, with what campaigns and creators have
of it. A number that is not taken is answered by reading how low it may be, and setting that (`clamped`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl

from agent.channels.answers import Answer, CallFailed
from agent.channels.base import ChannelOut, Lane
from agent.channels.pushing import SILENT, Result, Results, all_of, as_frame, halves, lost, not_sent, sort_out, stops
from agent.channels.reads import parts
from agent.channels.tiktok.errors import STOPS, WHOLE, Declined, Meaning, meaning, of_sku, refusal
from agent.channels.tiktok.listings import counted
from agent.channels.tiktok.places import Places, Warehouses
from agent.channels.tiktok.reader import Item, Reader, number
from agent.channels.values import record, records, whole
from agent.words import in_words

BATCH = 100
TOGETHER = 10
"""Calls for which the other warehouses are read at once: a sale there in between is overwritten, so that few wait."""
_CELL = re.compile(r"([1-9]\d{0,18})/([1-9]\d{0,18})@([1-9]\d{0,18})")


@dataclass(frozen=True)
class _Change:
    """One quantity to set. `others`: what stands in the SKU's other warehouses."""

    at: int
    product: str
    sku: str
    place: str
    quantity: int
    others: Mapping[str, int] = field(default_factory=dict)

    def sent(self) -> Item:
        """Every warehouse of the SKU, each with its quantity."""
        stock = {self.place: self.quantity, **self.others}
        return {"id": self.sku, "inventory": [{"warehouse_id": id_, "quantity": n} for id_, n in stock.items()]}


@dataclass(frozen=True)
class _Counted:
    """What a SKU has now, by warehouse of the seller's, and how much of it is for campaigns and creators."""

    stock: Mapping[str, int]
    allocated: int


Asking = Callable[[Lane], Awaitable[Reader]]


class Pusher:
    """The write side."""

    def __init__(self, asking: Asking, warehouses: Warehouses, redact: Callable[[str], str]) -> None:
        self._asking, self._warehouses, self._redact = asking, warehouses, redact

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """As `Channel.push`: the sum of ceil(SKUs / 100) over the products calls, where nothing stands in the way and
        the shop has one warehouse; with several, one more for each ten of them."""
        good, found = sort_out(changes, _change)
        try:
            ask = await self._asking(lane)
            places = await self._warehouses.chosen(ask)
        except ChannelOut as out:
            return as_frame(changes, found | _none(good, _failed(out)), self._redact)
        call = _Call(ask, self._warehouses, places)
        for batches in parts(_batches(good), TOGETHER if not places.alone else BATCH):
            found |= await call.all(batches)
        return as_frame(changes, found, self._redact)


class _Call:
    """The calls of one push."""

    def __init__(self, ask: Reader, warehouses: Warehouses, places: Places) -> None:
        self._ask, self._warehouses, self._places = ask, warehouses, places
        self._out: CallFailed | None = None
        """Why no further call is tried."""

    async def all(self, batches: Sequence[Sequence[_Change]]) -> Results:
        found: Results = {}
        if not self._places.alone and self._out is None:
            some = [change for batch in batches for change in batch]
            known = await self._counted(some)
            batches, absent = _with_others(batches, known)
            found |= _none(absent, self._out) if self._out else all_of(absent, _misplaced())
        for batch in batches:
            found |= _none(batch, self._out) if self._out else await self._send(batch)
        return found

    async def _counted(self, changes: Sequence[_Change]) -> dict[str, _Counted]:
        """By SKU; nothing where it could not be asked, which ends the push."""
        try:
            rows = await counted([change.sku for change in changes], self._ask)
        except CallFailed as failed:
            self._out = _failed(failed)
            return {}
        return {sku: _of(row, self._places) for sku, row in rows.items()}

    async def _send(self, batch: Sequence[_Change], *, again: bool = True) -> Results:
        """One call and what follows. `again`: what was not in the right warehouses is read, and sent once more."""
        try:
            answer = await self._set(batch)
        except CallFailed as failed:
            self._out = stops(failed)
            return all_of(batch, lost(failed))
        meant = meaning(answer.json)
        if meant.kind == "fine":
            return await self._each(batch, answer, again=again)
        if meant.kind in STOPS:
            self._out = Declined(self._ask.name, self._ask.http, meant)
            return _none(batch, self._out)
        if meant.kind == "places" and again:
            return await self._replaced(batch, meant, answer.server_time)
        if len(batch) > 1 and meant.kind not in WHOLE:
            return await self._apart(batch, again=again)
        return {c.at: await self._refused(c, meant, answer.server_time) for c in batch}

    async def _set(self, batch: Sequence[_Change]) -> Answer:
        path = f"product/202309/products/{batch[0].product}/inventory/update"
        body = {"skus": [change.sent() for change in batch]}
        whose = {"shop_cipher": self._ask.cipher}
        ask = self._ask
        return await ask.http.request("POST", path, params=whose, json=body, lane=ask.lane, idempotent=False)

    async def _apart(self, batch: Sequence[_Change], *, again: bool) -> Results:
        """A call that was refused as a whole for one of its SKUs: halves find which."""
        found: Results = {}
        for some in halves(batch):
            found |= _none(some, self._out) if self._out else await self._send(some, again=again)
        return found

    async def _each(self, batch: Sequence[_Change], answer: Answer, *, again: bool) -> Results:
        """A call that was taken names the SKUs that it refused. Where one is refused without its name, each of those
        that are not named may be it."""
        errors = records(record(record(answer.json).get("data")).get("errors"))
        bad = {number(record(each.get("detail")).get("sku_id")): of_sku(each) for each in errors}
        found: Results = {}
        for change in batch:
            if change.sku not in bad:
                plain = Result("accepted", change.quantity, at=answer.server_time)
                found[change.at] = Result("unknown", message=SILENT, at=answer.server_time) if None in bad else plain
        wrong = [change for change in batch if again and change.sku in bad and bad[change.sku].kind == "places"]
        if wrong:
            found |= await self._replaced(wrong, bad[wrong[0].sku], answer.server_time)
        for change in batch:
            if change.at not in found:
                found[change.at] = await self._refused(change, bad[change.sku], answer.server_time)
        return found

    async def _replaced(self, changes: Sequence[_Change], meant: Meaning, at: datetime) -> Results:
        """The SKUs are in other warehouses than we thought: read which there are and where they are, and once more."""
        try:
            self._places = await self._warehouses.chosen(self._ask, again=True)
        except ChannelOut as out:
            self._out = _failed(out)
            return _none(changes, self._out)
        plain: Results = all_of(changes, Result("refused", message=refusal(meant), at=at))
        known = await self._counted(changes)
        better = _with_others([changes], known)[0][0]
        moved = [each for each in better if each.others != next(c for c in changes if c.at == each.at).others]
        return plain | (await self._send(moved, again=False) if moved and self._out is None else {})

    async def _refused(self, change: _Change, meant: Meaning, at: datetime) -> Result:
        if meant.kind == "count":
            return await self._clamped(change, meant, at)
        return Result("refused", message=refusal(meant), at=at)

    async def _clamped(self, change: _Change, meant: Meaning, at: datetime) -> Result:
        """As low as TikTok Shop takes it, and said; never higher than it is."""
        known = (await self._counted([change])).get(change.sku) if self._out is None else None
        current = known.stock.get(change.place) if known else None
        if known is None or current is None:
            return Result("refused", message=refusal(meant), at=at)
        least = max(known.allocated - sum(change.others.values()), 1 if change.quantity == 0 else 0)
        plain = "tiktok.least_zero" if change.quantity == 0 else "tiktok.refused_count"
        told = in_words(
            "tiktok.least_allocated" if known.allocated else plain,
            units=known.allocated,
            said=meant.message.rstrip("."),
        )
        if not change.quantity < least < current:
            return Result("refused", current, told, at)
        try:
            answer = await self._set([replace(change, quantity=least)])
        except CallFailed as failed:
            return lost(failed) if failed.reached else Result("refused", current, told, at)
        data = record(record(answer.json).get("data"))
        if meaning(answer.json).kind != "fine" or records(data.get("errors")):
            return Result("refused", current, told, at)
        return Result("clamped", least, f"{told} {in_words('tiktok.least_is_set', units=least)}", answer.server_time)


def _failed(out: ChannelOut) -> CallFailed:
    """A question that failed: whatever became of it, no quantity was sent."""
    return CallFailed(out.kind, out.what, out.fix, out.retry_after, reached=False)


def _none(changes: Sequence[_Change], out: CallFailed) -> Results:
    return all_of(changes, not_sent(out))


def _misplaced() -> Result:
    return Result("refused", message=in_words("tiktok.refused_places"))


def _change(at: int, cell: str, quantity: int | None, _: int | None) -> _Change | None:
    found = _CELL.fullmatch(cell)
    if found is None or quantity is None or quantity < 0:
        return None
    return _Change(at, found[1], found[2], found[3], quantity)


def _batches(changes: Sequence[_Change]) -> list[list[_Change]]:
    """Of each product, up to 100 SKUs at a time, in the order in which the products come."""
    products: dict[str, list[_Change]] = {}
    for change in changes:
        products.setdefault(change.product, []).append(change)
    return [same[at : at + BATCH] for same in products.values() for at in range(0, len(same), BATCH)]


def _of(row: Item, places: Places) -> _Counted:
    rows = records(row.get("warehouse_inventory"))
    stock = {number(each.get("warehouse_id")): whole(each.get("available_quantity")) for each in rows}
    given = record(row.get("total_available_inventory_distribution"))
    held = [*records(given.get("campaign_inventory")), *records(given.get("creator_inventory"))]
    own = {id_: units for id_, units in stock.items() if id_ in places.all and id_ and units is not None}
    return _Counted(own, sum(max(whole(each.get("quantity")) or 0, 0) for each in held))


def _with_others(
    batches: Sequence[Sequence[_Change]], known: Mapping[str, _Counted]
) -> tuple[list[list[_Change]], list[_Change]]:
    """The changes with what stands in the SKUs' other warehouses, and those that are not in ours any more."""
    good: list[list[_Change]] = []
    absent: list[_Change] = []
    for batch in batches:
        good.append([])
        for change in batch:
            stock = known[change.sku].stock if change.sku in known else {}
            if change.place not in stock:
                absent.append(change)
                continue
            others = {id_: units for id_, units in stock.items() if id_ != change.place}
            good[-1].append(replace(change, others=others))
    return [batch for batch in good if batch] or [[]], absent
