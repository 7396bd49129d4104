"""A Google Sheet as the seller's workbook (DESIGN section 4, Google; google-sheets.md).

Everybody works in it at once, and Google knows no compare-and-set: what keeps people's work safe is that each cell has
one owner, and that the agent writes only into rows of its own (`writing`). Nothing is mirrored into a person's column.

Every look is compared by content; times and versions only say when to look closer. While `changed` is awaited, it does
the looking, and a cycle never waits for Google before it lowers a quantity.
"""

from __future__ import annotations

import logging
from asyncio import FIRST_COMPLETED, Event, Lock, ensure_future, wait
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from random import Random
from typing import Any

import polars as pl

from agent.ports import Clock, SystemClock
from agent.words import in_words, say
from agent.workbooks.base import Mark, Snapshot, WorkbookOut, Written
from agent.workbooks.google import furniture, looking, reading, shape, where, writing
from agent.workbooks.google.calls import BUDGET, Calls, SheetOut
from agent.workbooks.google.charts import charts_made
from agent.workbooks.google.eyes import UNSETTLED, Eyes
from agent.workbooks.google.looking import Look, Place
from agent.workbooks.google.marks import LEASE, MARK_ID, Marks
from agent.workbooks.google.session import Session
from agent.workbooks.headers import workbook_issues
from agent.workbooks.tabs import AGENT_TABS, BY_NAME, PERSON_TABS, Book, Tab

log = logging.getLogger(__name__)

WHOLE = 60.0
"""Seconds after which all tabs are looked at, whatever the version says."""
CALM = 60.0
"""Seconds between two writes while nobody is looking."""
LOOKING = 120.0
"""Seconds for which somebody who changed something is taken to be looking."""
BACK_OFF = 60.0
"""Seconds without a write after one that failed."""
UNREADABLE = ("host", "access", "gone")
"""Kinds of trouble in which the sheet cannot be read either; the next look finds out whether it still is so."""
CLAIM = 3.0
"""Seconds after which a lease that was taken is looked at: whose it is then, has it."""


class GoogleWorkbook:
    """The spreadsheet `sheet_id`, called through `session`.

    `me`: the name of this agent, the same after a restart. `zone`: the time zone in which times are written; None is
    the computer's. `look`: seconds between looks. `settle`: seconds between two looks that must be equal.
    """

    kind: Book = "google"

    def __init__(
        self,
        sheet_id: str,
        session: Session,
        clock: Clock | None = None,
        *,
        me: str = "Stocksheet",
        zone: tzinfo | None = None,
        look: float = 10.0,
        settle: float = 2.0,
        rng: Random | None = None,
    ) -> None:
        self.name = "Google Sheet"
        self._clock = clock or SystemClock()
        self.calls = Calls(sheet_id, session, self._clock, rng)
        self._me, self._zone = me, zone
        self._look_each, self._eyes = look, Eyes(self.calls, self._clock, settle)
        self._one, self._stirred = Lock(), Event()
        self._seen: Look | None = None
        self._seen_at = self._clock.now()
        self._began, self._looked, self._looked_whole = -1e9, -1e9, -1e9
        self._asked_whole: tuple[str, str] | None = None
        self._out: SheetOut | None = None
        self._pending, self._settling = False, False
        self._watching, self._closed = False, False
        self._delivered = ""
        self._edited, self._written, self._not_before = -1e9, -1e9, -1e9
        self._snapshot: Snapshot | None = None
        self._people: tuple[tuple[str, ...], dict[str, pl.DataFrame]] | None = None
        self._levels: pl.DataFrame | None = None
        self._models: dict[str, pl.DataFrame] = {}

    # --- the Workbook protocol

    async def revision(self) -> str | None:
        """The hash of the content, as last looked at; None when the sheet cannot be read now.

        While somebody looks, nothing is waited for: not for a look that is under way, not for a sheet that is out.
        """
        if self._watching and (self._one.locked() or self._out is not None):
            return self._known()
        async with self._one:
            if not self._watching or self._late():
                with suppress(SheetOut):
                    await self._look()
            self._pending = self._out is None
            return self._known()

    def _known(self) -> str | None:
        return self._seen.token if self._seen is not None and self._out is None else None

    async def read(self) -> Snapshot:
        """Read all declared tabs. Raises WorkbookOut."""
        if self._out is not None and (self._watching or self._pending):
            raise self._out
        async with self._one:
            if not self._pending:
                await self._look()
            self._pending = False
            try:
                return await self._read()
            except SheetOut as out:
                self._out = out
                raise

    async def write(
        self, tabs: Mapping[str, pl.DataFrame], mirror: pl.DataFrame, mark: Mark, seen: Snapshot
    ) -> Written:
        """See `agent.workbooks.base.Workbook.write`. Never mirrors. In pieces, each of them all or nothing."""
        if not mirror.is_empty():
            return Written("refused", detail=in_words("google.no_mirror"))
        if self._watching and self._out is not None:
            return self._not_written(self._out)
        async with self._one:
            self.calls.hasty = True
            try:
                return await self._write(tabs, mark, seen)
            except SheetOut as out:
                return self._not_written(out)
            finally:
                self.calls.hasty = False

    async def append_rows(self, tab: str, rows: pl.DataFrame, seen: Snapshot) -> Written:
        """See `agent.workbooks.base.Workbook.append_rows`. The rows come into room of their own."""
        async with self._one:
            try:
                return await self._append(tab, rows, seen)
            except SheetOut as out:
                return self._not_written(out)

    async def busy(self) -> bool:
        """Never: it may be written while people work in it."""
        return False

    def welcome(self) -> bool:
        """At most one write a minute, unless somebody is looking; none for a minute after one that failed, nor while
        somebody is seen to be in the middle of something: that is read first."""
        now = self._clock.monotonic()
        if now < self._not_before or (self._watching and self._settling):
            return False
        return now - self._written >= CALM or now - self._edited < LOOKING

    async def hold(self) -> str | None:
        """Take or keep the lease. Gives who else has it. Raises WorkbookOut.

        While somebody looks, they keep it (`changed`), and nothing is waited for.
        """
        if self._watching and self._out is not None:
            raise self._out
        if self._watching and self._seen is not None and self._holds(self._seen.marks):
            return None
        async with self._one:
            if self._seen is None:
                await self._look()
            if self._holds(self._look_of().marks, LEASE / 2):
                return None
            return await self._claim()

    def _holds(self, held: Marks, longer: timedelta = timedelta(0)) -> bool:
        """Whether this agent has the lease for so much longer."""
        return held.holder == self._me and held.until is not None and held.until - self._clock.now() > longer

    async def changed(self) -> None:
        """Look every few seconds, and keep the lease; ends when the content is another one than was read or written
        last."""
        self._watching = True
        while not self._closed:
            await self._next_look()
            if self._closed:
                return
            async with self._one:
                was_out = self._out
                with suppress(SheetOut):
                    await self._look()
                    held = self._look_of().marks
                    if self._holds(held) and not self._holds(held, LEASE / 2):
                        await self._claim()
                if (self._out is None) != (was_out is None):
                    return
                if self._out is None and self._look_of().token != self._delivered:
                    return

    async def _next_look(self) -> None:
        """Wait until it is time to look: at once where a write saw that something has changed."""
        left = self._look_each - (self._clock.monotonic() - self._began)
        if left <= 0 or self._stirred.is_set():
            return
        waits = [ensure_future(self._clock.sleep(left)), ensure_future(self._stirred.wait())]
        try:
            await wait(waits, return_when=FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    async def close(self) -> None:
        """Stop looking, and let another agent have the sheet."""
        self._watching, closed, self._closed = False, self._closed, True
        if not closed:
            async with self._one:
                held = self._seen.marks if self._seen is not None else Marks()
                if held.holder == self._me:
                    with suppress(SheetOut):
                        await self.calls.update([writing.lease(replace(held, holder="", until=None))])
                self.calls.close()

    # --- looking

    def _late(self) -> bool:
        return self._seen is None or self._clock.monotonic() - self._looked > 3 * self._look_each + UNSETTLED

    def _look_of(self) -> Look:
        assert self._seen is not None
        return self._seen

    async def _look(self) -> None:
        """Look, and see whether the content differs. Raises SheetOut, and keeps why."""
        self._began = self._clock.monotonic()
        self._stirred.clear()
        try:
            await self._look_closer()
        except SheetOut as out:
            self._out = out
            raise
        self._out, self._looked = None, self._clock.monotonic()

    async def _look_closer(self) -> None:
        late = self._clock.monotonic() - self._looked_whole >= WHOLE
        if self._watching and self._seen is not None and not late and not await self._eyes.differs(self._seen):
            return
        before, look = self._seen, await self._eyes.whole(self._seen)
        if before is not None and look.token != before.token:
            look = await self._settled(look)
            self._edited = self._clock.monotonic()
        self._take(look)

    async def _settled(self, look: Look) -> Look:
        """Two equal looks; what will be asked for then is read between them."""
        self._settling = True
        try:
            return await self._eyes.settled(look, self._people_of)
        finally:
            self._settling = False

    def _moved(self, look: Look) -> Written:
        """Somebody is at work: what it is is found out by the next look, at once."""
        self._edited = self._clock.monotonic()
        self._began = self._looked_whole = -1e9
        self._stirred.set()
        return Written("moved", detail=f"{look.title} was changed meanwhile.")

    def _take(self, look: Look) -> None:
        before = self._seen
        self._forget_moved(look)
        if before is None or before.token != look.token:
            self._seen_at = self._clock.now()
            self._eyes.forget_the_glance()
        self._seen, self.name = look, look.title
        self._looked_whole = self._clock.monotonic()

    def _forget_moved(self, look: Look) -> None:
        """What was written in the moment of a move may stand in a wrong cell."""
        before = self._seen
        for name in [one for one in self._models if before is None or where.moved(before, look, one)]:
            self._models.pop(name)

    # --- reading

    async def _read(self) -> Snapshot:
        look = self._look_of()
        if self._snapshot is not None and self._snapshot.revision == look.token:
            return self._snapshot
        frames, look = await self._people_of(look)
        if self._levels is None:
            self._levels = await self._read_levels(look)
        for tab in AGENT_TABS:
            if tab.name in look.places:
                frames[tab.name] = reading.agent_frame(look.places[tab.name], look.rows[tab.name])
        self._take(look)
        places = look.places
        self._delivered = look.token
        self._snapshot = Snapshot(
            revision=look.token,
            saved_at=self._seen_at,
            mark=look.marks.mark,
            tabs=frames,
            letters={name: looking.issue_letters(place) for name, place in places.items()},
            names={name: place.sheet.title for name, place in places.items()},
            issues=workbook_issues({n: p.headers for n, p in places.items() if p.tab.owner == "person"}),
            levels=self._levels,
        )
        return self._snapshot

    async def _people_of(self, look: Look) -> tuple[dict[str, pl.DataFrame], Look]:
        """People's tabs with formulas and formats, read only where they differ; and the look of that very content."""
        places = {tab.name: look.places[tab.name] for tab in PERSON_TABS if tab.name in look.places}
        if self._people is not None and self._people[0] == look.of_people():
            return dict(self._people[1]), look
        filled = [place for place in places.values() if place.headers.row < place.sheet.rows]
        answer = await self.calls.grid([reading.grid_range(place) for place in filled]) if filled else {}
        grids = reading.grids_of(answer)
        made = await self.calls.run(
            lambda: {name: reading.grid_frame(place, grids.get(place.sheet.id, {})) for name, place in places.items()}
        )
        look = replace(look, rows={**look.rows, **{name: rows for name, (_, rows) in made.items()}})
        frames = {name: frame for name, (frame, _) in made.items()}
        self._people = look.of_people(), frames
        return dict(frames), look

    async def _read_levels(self, look: Look) -> pl.DataFrame:
        """What Stock Levels said when this program began: the shelf, as it was known to a store that may be lost."""
        none = pl.DataFrame(schema={"sku": pl.String, "stocked": pl.Int64})
        place = look.places.get("Stock Levels")
        at = (place.index("SKU"), place.index("Stocked")) if place is not None else (None, None)
        if place is None or at[0] is None or at[1] is None:
            return none
        skus, stocked = await self.calls.values(
            [looking.column(place.sheet, i, place.headers.row) for i in at if i is not None]
        )
        pairs = [(str(s[0]), int(n[0])) for s, n in zip(skus, stocked, strict=False) if s and n and _whole(n[0])]
        return pl.DataFrame(pairs, schema=none.schema, orient="row").unique("sku", keep="none") if pairs else none

    # --- writing

    async def _write(self, tabs: Mapping[str, pl.DataFrame], mark: Mark, seen: Snapshot) -> Written:
        asked: list[str] = []
        look, values = await self._eyes.whole_and(self._seen, lambda places: self._keys_of(tabs, places, asked))
        if look.token != seen.revision:
            return self._moved(look)
        now = self._clock.now()
        if look.marks.held_by_another(self._me, now):
            words = say("google_other_agent", {"holder": look.marks.holder})
            return Written("refused", detail=f"{words.what} {words.fix}")
        self._forget_moved(look)
        look, made = await self._with_tabs(look, tabs)
        plans = await self._plans(look, tabs, dict(zip(asked, values, strict=True)))
        requests = [one for name, plan in plans.items() for one in self._shown(look, name, plan)]
        if not requests and not made:
            self._take(look)
            known = look.marks.mark
            return Written("unchanged", look.token, self._seen_at, known.generation if known else None)
        stamped = replace(look.marks.taken(self._me, now), mark=mark, tabs=writing.own_ids(look))
        for name, plan in plans.items():
            if plan.requests:
                self._models.pop(name, None)  # unknown until Google has said yes to all of it
        for piece in writing.pieces([*requests, writing.mark(stamped, self._stamps(look, now))]):
            await self.calls.update(piece)
        return self._done(look, plans, stamped)

    def _done(self, look: Look, plans: Mapping[str, writing.Plan], stamped: Marks) -> Written:
        rows = {
            n: where.rows_after(look.places[n], look.rows[n], plan.model)
            for n, plan in plans.items()
            if writing.is_kept(BY_NAME[n])
        }
        after = replace(look, rows={**look.rows, **rows}, marks=stamped)
        self._written = self._clock.monotonic()
        self._take(after)
        self._models.update({name: plan.model for name, plan in plans.items()})
        self._delivered = after.token
        generation = stamped.mark.generation if stamped.mark else None
        return Written("written", after.token, self._seen_at, generation)

    def _not_written(self, out: SheetOut) -> Written:
        """What arrived of it is found out by the next look."""
        if out.kind in UNREADABLE:
            self._out = out
        self._models.clear()
        self._seen = None
        self._not_before = self._clock.monotonic() + BACK_OFF
        if out.kind in ("protected", "access"):
            return Written("refused", detail=f"{out.what} {out.fix}")
        return Written("moved", detail=f"{out.what} {out.fix}")

    async def _with_tabs(self, look: Look, tabs: Mapping[str, pl.DataFrame]) -> tuple[Look, bool]:
        """Make the tabs that are missing."""
        missing = [
            BY_NAME[n] for n, f in tabs.items() if n not in look.places and (BY_NAME[n].shown or not f.is_empty())
        ]
        requests = list(self._making(look, missing))
        if not requests:
            return look, False
        await self.calls.update(requests)
        after = await self._eyes.whole(self._seen)
        return replace(after, rows={**after.rows, **look.rows}), True  # what was typed meanwhile is the next look's

    def _making(self, look: Look, missing: Sequence[Tab]) -> Iterator[dict[str, Any]]:
        titles = {sheet.title.casefold() for sheet in look.sheets.values()}
        if MARK_ID not in look.sheets:
            yield from furniture.mark_made()
            yield from furniture.names_made(look.named)
        for tab in missing:
            title = f"{tab.name} (Stocksheet)" if tab.name.casefold() in titles else tab.name
            yield from furniture.made(tab, title=title)
        made = {tab.name for tab in missing}
        there = made | look.places.keys()
        if {"Dashboard", "Chart Data"} <= there and "Dashboard" in made:
            yield from charts_made()

    async def _plans(
        self, look: Look, tabs: Mapping[str, pl.DataFrame], columns: Mapping[str, Any]
    ) -> dict[str, writing.Plan]:
        wanted = {n: shape.shaped(BY_NAME[n], f, self._zone) for n, f in tabs.items() if n in look.places}
        await self._know(look, wanted, columns)
        return await self.calls.run(
            lambda: {
                name: writing.plan(look.places[name], self._models[name], want, look.rows[name])
                for name, want in wanted.items()
            }
        )

    async def _know(self, look: Look, wanted: Mapping[str, pl.DataFrame], columns: Mapping[str, Any]) -> None:
        """Read whole what is not known to stand as it was written: keys elsewhere, a tab that was never read."""
        known = {
            name
            for name in self._models.keys() & wanted.keys()
            if (
                self._keys_stand(look, name)
                if writing.is_kept(BY_NAME[name])
                else name in columns and where.stands(self._models[name], columns[name], look.places[name])
            )
        }
        unknown = [name for name in wanted if name not in known]
        values = await self.calls.values([looking.whole(look.places[name].sheet) for name in unknown])
        for name, cells in zip(unknown, values, strict=True):
            self._models[name] = shape.read_back(look.places[name], cells, wanted[name])

    def _keys_of(
        self, tabs: Mapping[str, pl.DataFrame], places: Mapping[str, Place], asked: list[str]
    ) -> list[looking.Range]:
        """What tells whether the agent's own tabs stand as they were written. `asked`: their names, in that order."""
        mine = [n for n in tabs if n in places and n in self._models and not writing.is_kept(BY_NAME[n])]
        found = where.naming([places[name] for name in mine])
        asked[:] = found
        return list(found.values())

    def _keys_stand(self, look: Look, name: str) -> bool:
        """Each row that was written stands where it did."""
        model, place = self._models[name], look.places[name]
        at = [place.columns.index(column) for column in place.tab.key]
        there = {number: tuple(row[i] for i in at) for number, row in look.rows[name]}
        mine = model.select("row", *place.tab.key).rows()
        stands = all(there.get(row, (None,) * len(at)) == tuple(key) for row, *key in mine)
        return stands and len(there) <= len(mine)

    def _shown(self, look: Look, name: str, plan: writing.Plan) -> list[dict[str, Any]]:
        """The plan's requests; a tab that has its first rows comes out."""
        sheet, tab = look.places[name].sheet, BY_NAME[name]
        first = (
            sheet.hidden
            and not tab.hidden
            and plan.requests
            and self._models[name].drop("row").filter(~pl.all_horizontal(pl.all().is_null())).is_empty()
        )
        return [*([furniture.unhidden(sheet.id)] if first else []), *plan.requests]

    def _stamps(self, look: Look, now: datetime) -> tuple[object, ...]:
        local = now.astimezone(self._zone)
        return f"Refreshed {local:%Y-%m-%d %H:%M}.", shape.local_serial(now, look.zone), f"{local:%H:%M}", self._used()

    def _used(self) -> str:
        used, now = self.calls.used, self._clock.monotonic()
        return f"{used.minute('read', now)} reads and {used.minute('write', now)} writes"

    async def preflight(self) -> list[tuple[str, str]]:
        """What `check` says about the access (sign, sentence). Raises WorkbookOut."""
        async with self._one:
            file = await self.calls.file()
            held, now = self._look_of().marks if self._seen is not None else Marks(), self._clock.now()
        may = file.get("capabilities", {}).get("canEdit", False)
        told = [("ok", in_words("google.may_be_written", name=file.get("name", self.name)))] if may else []
        if not may:
            words = say("google_not_shared", {})
            told.append(("fix", f"{words.what} {words.fix}"))
        facts = {"reads": BUDGET["read"], "writes": BUDGET["write"], "used": held.used}
        told.append(("ok", in_words("google.budget", **facts)))
        if held.held_by_another(self._me, now):
            words = say("google_other_agent", {"holder": held.holder})
            told.append(("note", f"{words.what} {words.fix}"))
        return told

    async def _append(self, name: str, rows: pl.DataFrame, seen: Snapshot) -> Written:
        look = await self._eyes.whole(self._seen)
        if look.token != seen.revision or name not in look.places:
            return self._moved(look)
        place = look.places[name]
        named = rows.select(n for n in rows.columns if n in place.headers.columns)
        typed = named.select(
            pl.col(n).cast(pl.Float64 if kind.is_numeric() else pl.String) for n, kind in named.schema.items()
        )
        last = writing.last_row(place, look.rows[name])
        await self.calls.update(list(writing.appended(place, typed, last)))
        self._people, self._snapshot = None, None
        self._take(await self._eyes.whole(self._seen))
        return Written("written", self._look_of().token, self._seen_at)

    # --- the lease

    async def _claim(self) -> str | None:
        look = self._look_of()
        if MARK_ID not in look.sheets:
            await self.calls.update([*furniture.mark_made(), *furniture.names_made(look.named)])
            look = await self._eyes.whole(self._seen)
            self._take(look)
        found, now = await self._eyes.marks(look.sheets), self._clock.now()
        if found.held_by_another(self._me, now):
            self._seen = replace(look, marks=replace(look.marks, holder=found.holder, until=found.until))
            return found.holder
        mine = found.taken(self._me, now)
        await self.calls.update([writing.lease(mine)])
        if found.holder != self._me:  # two that claim at once: the later one has it
            await self._clock.sleep(CLAIM)
            mine = await self._eyes.marks(look.sheets)
        self._seen = replace(look, marks=replace(look.marks, holder=mine.holder, until=mine.until))
        return None if mine.holder == self._me else mine.holder


def _whole(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()


__all__ = ["GoogleWorkbook", "WorkbookOut"]
