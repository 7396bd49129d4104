"""Setting quantities at Etsy: the whole inventory of one listing a call (CHANGES in, RESULTS out).

There is no call for a quantity. The inventory is read, its quantities are changed, and all of it is written back at
once, with prices, SKUs and values as they were read; what was left out would be deleted. Listings are read some at a
time, just before they are written. Etsy takes no inventory without a unit: such a listing is made inactive, and active
again when it has units (agent.channels.etsy.hidden).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

import polars as pl

from agent.channels.answers import Answer, CallFailed, Look
from agent.channels.base import Lane
from agent.channels.etsy.errors import refusal
from agent.channels.etsy.hidden import Hidden
from agent.channels.etsy.inventory import MOST, Unreadable, products, whole_with
from agent.channels.etsy.listings import OFF, Catalogue, moment, state_of
from agent.channels.etsy.reader import Day, Reader
from agent.channels.etsy.work import Change, Fresh, Work, change_of, work_of
from agent.channels.http import Http
from agent.channels.pushing import GONE, SILENT, Result, Results, all_of, as_frame, lost, not_sent, sort_out, stops
from agent.channels.reads import parts
from agent.channels.values import record
from agent.ports import Clock
from agent.words import in_words

AHEAD = 20
"""Listings that are read with one call before they are written."""
FRESH = 10.0
"""Seconds after which one that waited for its turn is read again: nothing that a person changed may be undone."""


class Refused(Exception):
    """Etsy said no to a write: with its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Pusher:
    """The write side. `renew`: listings that sold out may be put up again, for Etsy's fee."""

    def __init__(
        self, name: str, http: Http, catalogue: Catalogue, *, hidden: Hidden, day: Day, clock: Clock, renew: bool
    ) -> None:
        self._name, self._http, self._catalogue, self._hidden = name, http, catalogue, hidden
        self._day, self._clock, self._renew = day, clock, renew
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def push(self, shop: int, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """As `Channel.push`: one write a listing, and one read for each 20 of them."""
        good, found = sort_out(changes, change_of)
        listings: dict[int, list[Change]] = {}
        for change in good:
            listings.setdefault(change.listing, []).append(change)
        out: CallFailed | None = None
        for some in parts(list(listings), AHEAD):
            async with self._alone_with(some):
                done, out = await self._group(shop, {id_: listings[id_] for id_ in some}, lane, out)
            found |= done
        return as_frame(changes, found, self._http.redact)

    @asynccontextmanager
    async def _alone_with(self, listings: Sequence[int]) -> AsyncIterator[None]:
        """Nobody else of ours writes between our read and our write. In the order of their numbers, so that two who
        want the same wait for each other and not in a ring."""
        async with AsyncExitStack() as held:
            for id_ in sorted(listings):
                await held.enter_async_context(self._locks.setdefault(id_, asyncio.Lock()))
            yield

    async def _group(
        self, shop: int, listings: Mapping[int, Sequence[Change]], lane: Lane, out: CallFailed | None
    ) -> tuple[Results, CallFailed | None]:
        """What became of each, and why the ones after them should not be tried."""
        results: Results = {}
        fresh: Fresh | None = None
        for number, (id_, changes) in enumerate(listings.items()):
            try:
                if out is not None:
                    raise out
                if fresh is None or self._clock.monotonic() - fresh.read_at > FRESH:
                    fresh = await self._read(list(listings)[number:], lane)
            except CallFailed as failed:
                out = failed
                results |= all_of(changes, not_sent(failed))
                continue
            counts = self._catalogue.counts(fresh.found.get(id_, {}), id_)
            refused, work = work_of(changes, fresh, lane, counts=counts)
            results |= refused
            if work is not None:
                done, out = await self._one(shop, work)
                results |= done
        return results, out

    async def _read(self, listings: Sequence[int], lane: Lane) -> Fresh:
        look, read_at = Look(), self._clock.monotonic()
        found = await self._catalogue.these(listings, Reader(self._name, self._http, lane, look, self._day))
        return Fresh(found, read_at, look.ended or self._clock.now())

    async def _one(self, shop: int, work: Work) -> tuple[Results, CallFailed | None]:
        try:
            return await self._by_state(shop, work), None
        except CallFailed as failed:
            return work.all(lost(failed)), stops(failed)
        except Unreadable:
            return work.all(Result("refused", message=in_words("etsy.cannot_read_whole"))), None
        except Refused as refused:
            return work.all(_refused(refused.answer)), None

    # --- by what state the listing is in ------------------------------------------------------------------------------

    async def _by_state(self, shop: int, work: Work) -> Results:
        state = state_of(work.found)
        if state == "active":
            return await (self._set(work) if work.on_sale else self._take_off(shop, work))
        if state in OFF:
            return await (self._put_up(shop, work) if work.on_sale else self._stays_off(work))
        if state == "sold_out":
            return await (self._renewed(shop, work) if work.on_sale else self._nothing_to_do(work))
        return work.all(Result("refused", message=in_words("etsy.not_published", state=state)))

    async def _set(self, work: Work) -> Results:
        """The whole inventory with these quantities; what it says then is what stands."""
        answer = await self._write(work, work.wanted)
        stands = {each.cell: each.quantity for each in products(work.listing, record(answer.json))}
        return {each.at: _stands(each, stands.get(each.cell), answer) for each in work.changes}

    async def _take_off(self, shop: int, work: Work) -> Results:
        """Nothing is left: off the shop first, then down to the one unit that must stay, so that a listing that
        somebody puts up by hand sells no more than that. A sum above 999 must be lowered first (vendor's issue 214)."""
        self._hidden.note(work.listing, "ours")
        least = work.least
        try:
            if work.sum_of(work.stored) > MOST:
                await self._write(work, least)
            answer = await self._to(shop, work, "inactive")
        except Refused as refused:
            self._hidden.forget(work.listing)
            return await self._as_low_as_it_goes(work, refused)
        self._hidden.note(work.listing, "ours")  # somebody may have read it as active meanwhile
        await self._quietly(work, least, work.stored)
        return {each.at: Result("accepted", 0, at=answer.server_time) for each in work.changes}

    async def _as_low_as_it_goes(self, work: Work, refused: Refused) -> Results:
        """It cannot be taken off: one unit stays for sale, and that is said."""
        least = work.least
        answer = await self._write(work, least)
        said = in_words("etsy.cannot_take_off", why=refusal(refused.answer))
        return {each.at: Result("clamped", least[each.cell], said, answer.server_time) for each in work.changes}

    async def _stays_off(self, work: Work) -> Results:
        """Nobody can buy it. The seller took it off, or we did."""
        if self._hidden.who(work.listing) is None:
            self._hidden.note(work.listing, "theirs")
        await self._quietly(work, work.least, work.stored)
        return await self._nothing_to_do(work)

    async def _nothing_to_do(self, work: Work) -> Results:
        return {each.at: Result("accepted", 0, at=work.at) for each in work.changes}

    async def _put_up(self, shop: int, work: Work) -> Results:
        """What we took off goes up again, once it has its quantities; what the seller took off stays off."""
        if self._hidden.who(work.listing) != "ours":
            results = await self._set(work)
            self._hidden.forget(work.listing)
            return results
        if self._fee_is_due(work):
            return work.all(Result("refused", 0, in_words("etsy.expired_meanwhile")))
        many = work.sum_of(work.wanted) > MOST
        results = {} if many else await self._set(work)
        if many:
            await self._write(work, {cell: min(units, 1) for cell, units in work.wanted.items()})
        try:
            await self._to(shop, work, "active")
        except Refused as refused:
            await self._quietly(work, work.least, work.wanted)
            said = in_words("etsy.cannot_put_up", why=refusal(refused.answer))
            return work.all(Result("refused", 0, said, refused.answer.server_time))
        self._hidden.forget(work.listing)
        return await self._set(work) if many else results

    def _fee_is_due(self, work: Work) -> bool:
        """It has run out while it was off: to put it up again is to renew it."""
        ends = moment(work.found.get("ending_timestamp"))
        return ends is not None and ends <= work.at and not self._renew

    async def _renewed(self, shop: int, work: Work) -> Results:
        """Etsy took it off when its last unit was sold there. To put it up again costs its fee, and sets it to 1 first
        (vendor's contract, `state` of updateListing)."""
        if not self._renew:
            return work.all(Result("refused", 0, in_words("etsy.sold_out_fee", name=self._name)))
        await self._to(shop, work, "active")
        self._hidden.forget(work.listing)
        return await self._set(work)

    # --- the two writes -----------------------------------------------------------------------------------------------

    async def _write(self, work: Work, quantities: Mapping[str, int]) -> Answer:
        """Raises CallFailed, Refused, Unreadable."""
        body = whole_with(work.listing, work.inventory, quantities)
        path = f"application/listings/{work.listing}/inventory"
        return _taken(await self._http.request("PUT", path, json=body, lane=work.lane, idempotent=False))

    async def _to(self, shop: int, work: Work, state: str) -> Answer:
        path, form = f"application/shops/{shop}/listings/{work.listing}", {"state": state}
        return _taken(await self._http.request("PATCH", path, form=form, lane=work.lane, idempotent=False))

    async def _quietly(self, work: Work, quantities: Mapping[str, int], stands: Mapping[str, int]) -> None:
        """What may fail, as nobody can buy the listing: it is tried again when there is something to say of it."""
        if quantities == stands:
            return
        try:
            await self._write(work, quantities)
        except (CallFailed, Refused, Unreadable):
            return


def _taken(answer: Answer) -> Answer:
    if answer.status != 200:
        raise Refused(answer)
    return answer


def _refused(answer: Answer) -> Result:
    """409: somebody else changed it in this moment; it is read and decided again."""
    if answer.status == 404:
        return Result("refused", message=GONE, at=answer.server_time)
    return Result("stale" if answer.status == 409 else "refused", message=refusal(answer), at=answer.server_time)


def _stands(change: Change, units: int | None, answer: Answer) -> Result:
    if units is None:
        return Result("unknown", message=SILENT, at=answer.server_time)
    if change.quantity > MOST:
        return Result("clamped", units, in_words("etsy.at_most", most=MOST), answer.server_time)
    return Result("accepted", units, at=answer.server_time)
