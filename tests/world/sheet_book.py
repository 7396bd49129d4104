"""A Google Sheet as the world's workbook: the practice Google in virtual time, and what people do in the sheet.

People work in it as they do in a `MemoryWorkbook`, so that the same persons can sit at either: what is typed counts
from `save` on, which is when they press Enter. The agent reaches it over a line on which every call takes its time, and
on which people, and the computer's crash, come in between.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

import google.oauth2.credentials
import polars as pl

from agent.practice.google import AGENT, Google, Request, Response, handle
from agent.practice.google.a1 import letters
from agent.practice.google.cells import Formula
from agent.practice.google.person import Person as Visitor
from agent.practice.google.tab import Tab as Grid
from agent.practice.in_process import InProcess
from agent.workbooks.google import GoogleWorkbook, Session
from agent.workbooks.google.marks import fixed_id
from agent.workbooks.google.reading import day_of
from agent.workbooks.google.setup import set_up
from agent.workbooks.memory_tabs import Entry, Key, Results, Sheet
from agent.workbooks.tabs import AGENT_TABS, BY_NAME, DONE_ROW, ITEM_MASTER, PERSON_TABS
from tests.world.timeline import VirtualClock, VirtualLoop

if TYPE_CHECKING:
    from tests.world.computer import Life

T = TypeVar("T")
MASTER = ITEM_MASTER.name
HEADINGS = {(tab.name, c.heading("google")): c.name for tab in PERSON_TABS for c in tab.columns}
"""(tab, what stands above the column) -> what the column is."""
ANSWERED = [tab for tab in AGENT_TABS if tab.person_columns]
Answers = dict[tuple[str, tuple[str, ...]], tuple[object, ...]]


@dataclass(frozen=True)
class Version:
    """One version of the sheet, as its history keeps it."""

    tabs: list[Any]
    sheets: Mapping[str, Sheet]


@dataclass(frozen=True)
class Shown:
    """Where things stand in one tab now."""

    grid: Grid
    top: int
    """The row of the headings, from 0; -1: there is none."""
    columns: Mapping[str, int]
    """Heading -> column, from 0."""

    def value(self, row: int, column: str) -> object:
        """What was entered there."""
        return plain(self.grid.cell(row, self.columns[column]).entered) if column in self.columns else None

    def rows(self) -> Iterator[int]:
        """The rows below the headings."""
        return iter(range(self.top + 1, len(self.grid.rows))) if self.top >= 0 else iter(())


class SheetBook:
    """The sheet, with people at it (what `MemoryWorkbook` is to them). `content`: tab -> rows."""

    kind = "google"

    def __init__(
        self, clock: VirtualClock, loop: VirtualLoop, rng: Random, content: Mapping[str, Sequence[Mapping[str, Any]]]
    ) -> None:
        self.sidecar: dict[str, Results] = {}
        self.rng, self.clock = rng, clock
        world_clock = VirtualClock(loop)
        self.google = Google(clock=world_clock.now, rng=Random(rng.random()), sleep=world_clock.sleep)
        self.google.faults.reads_a_minute = self.google.faults.writes_a_minute = 60
        self.id = self.google.new_book("Stock", share={AGENT: "writer"}).id
        book = self.google.files[self.id].book
        assert book is not None
        self.book = book
        self.visitor = Visitor(self.google, book)
        self.look = 10.0
        self.between: Callable[[], None] = lambda: None
        """Called while a call of the agent's is on its way."""
        self.broken: Callable[[str, str], None] = lambda code, what: None
        self._desk: list[Callable[[], None]] = []
        self._held = self._cells(), self.answers()
        loop.run_until_complete(set_up(self.agents(None, rng).calls, items=content[MASTER]))
        for tab, rows in content.items():
            for row in rows if tab != MASTER else ():
                self._add(tab, row)
        self.touched()
        self.google.on_exchange = self._exchanged

    # --- the agent's side

    def agents(self, life: Life | None, rng: Random) -> GoogleWorkbook:
        """The workbook as one life of the agent reaches it."""
        session = Session(transport=InProcess(partial(handle, self.google)))
        session.credentials = google.oauth2.credentials.Credentials(self.google.accept("practice-agent", AGENT))
        made = GoogleWorkbook(self.id, session, self.clock, me="this computer", look=self.look, rng=rng)
        if life is not None:
            made.calls.travel = partial(self._travel, life, rng)  # type: ignore[method-assign]
            made.calls.run = partial(self._work, life, rng)  # type: ignore[method-assign]
        return made

    async def _travel(self, life: Life, rng: Random, work: Callable[[], T]) -> T:
        """One call: there and back again, people at work meanwhile."""
        life.point("before google")
        await asyncio.sleep(rng.uniform(0.02, 0.3))
        life.check()
        self.between()
        done = work()
        self.between()
        await asyncio.sleep(rng.uniform(0.02, 0.3))
        life.point("after google")
        return done

    async def _work(self, life: Life, rng: Random, work: Callable[[], T]) -> T:
        """The computer's own work, off the event loop."""
        await asyncio.sleep(rng.uniform(0.0, 0.05))
        life.check()
        return work()

    def _exchanged(self, request: Request, response: Response) -> None:
        """I7: whatever the agent writes, people's cells stay, and each answer stays beside its key."""
        if request.method == "GET" or ":batchUpdate" not in request.path:
            return
        cells, answers = self._cells(), self.answers()
        for name, now in cells.items():
            if now != self._held[0].get(name):
                self.broken("I7", f"{name} was changed")
        if answers != self._held[1]:
            said = sorted(answers.items() ^ self._held[1].items(), key=str)
            self.broken("I7", f"answers were lost or stand beside another key: {said[:4]}")
        self._held = cells, answers

    def touched(self) -> None:
        """People have changed something: this is what must stand from now on."""
        self._held = self._cells(), self.answers()

    def _cells(self) -> dict[str, list[tuple[int, int, object]]]:
        """All that stands in people's tabs."""
        return {
            tab.name: [(r, c, cell.entered) for r, c, cell in grid.entered(grid.everything())]
            for tab in PERSON_TABS
            if (grid := self.grid(tab.name)) is not None
        }

    def answers(self) -> Answers:
        """(tab, key) -> what people typed beside it, where they did."""
        found: Answers = {}
        for tab in ANSWERED:
            shown = self.shown(tab.name)
            for row in shown.rows() if shown else ():
                assert shown is not None
                said = tuple(shown.value(row, name) for name in tab.person_columns)
                key = tuple(str(shown.value(row, name) or "") for name in tab.key)
                if any(each is not None for each in said):
                    found[tab.name, key] = said
        return found

    # --- what people see

    def grid(self, tab: str) -> Grid | None:
        """A declared tab, whatever it is called now."""
        return next((each for each in self.book.tabs if each.sheet_id == fixed_id(tab)), None)

    def shown(self, tab: str) -> Shown | None:
        """Where a tab's headings stand, by what most of them are called."""
        grid = self.grid(tab)
        if grid is None:
            return None
        declared = {column.heading("google") for column in BY_NAME[tab].columns}
        rows = [
            {str(cell.entered).strip(): at for at, cell in sorted(row.items()) if _is_text(cell.entered)}
            for row in grid.rows[:12]
        ]
        fits = [len(declared & row.keys()) for row in rows]
        top = max(range(len(rows)), key=lambda at: fits[at], default=-1)
        if top < 0 or not fits[top]:
            return Shown(grid, -1, {})
        return Shown(grid, top, {HEADINGS.get((tab, name), name): at for name, at in rows[top].items()})

    @property
    def typing(self) -> bool:
        """Something is being typed."""
        return bool(self._desk)

    def cell(self, tab: str, key: Key, column: str) -> Entry:
        """What stands in one cell. KeyError where there is no such row or column."""
        shown, row = self._row(tab, key)
        if column not in shown.columns:
            raise KeyError(f"{tab} has no column {column}")
        return shown.value(row, column)  # type: ignore[return-value]

    def worked_out(self, sku: str, column: str) -> object:
        """What a column that the sheet works out shows beside a SKU in Item Master; None: nothing."""
        shown, row = self._row(MASTER, sku)
        width = range(shown.grid.column_count)
        at = next((at for at in width if self.book.effective(shown.grid, shown.top, at) == column), None)
        return None if at is None else plain(self.book.effective(shown.grid, row, at))

    def sheet(self, tab: str) -> Sheet:
        """A person's tab as it stands. KeyError if there is none."""
        shown = self.shown(tab)
        if shown is None or shown.top < 0:
            raise KeyError(f"{tab} has no headings")
        width = max(shown.columns.values()) + 1
        names = {at: name for name, at in shown.columns.items()}
        header = tuple(names.get(at, "") for at in range(width))
        rows = [tuple(self._entry(shown.grid, row, at, names.get(at)) for at in range(width)) for row in shown.rows()]
        while rows and not any(entry is not None for entry in rows[-1]):
            rows.pop()
        return Sheet(tab, header, tuple(rows), shown.top + 1)

    @staticmethod
    def _entry(grid: Grid, row: int, at: int, name: str | None) -> Any:
        value = plain(grid.cell(row, at).entered)
        if name in ("When", "Until") and isinstance(value, int | float):
            day = day_of(float(value))
            return f"{day:%Y-%m-%d}" if float(value).is_integer() else f"{day:%Y-%m-%d %H:%M}"
        return value

    def results(self, tab: str) -> pl.DataFrame:
        """What the agent's tab shows: rows that are over are hidden."""
        shown, names = self.shown(tab), BY_NAME[tab].agent_columns
        kept: list[dict[str, str | None]] = []
        for row in shown.rows() if shown else ():
            assert shown is not None
            said = {name: None if (v := shown.value(row, name)) is None else str(v) for name in names}
            if any(said[name] for name in BY_NAME[tab].key) and shown.value(row, "State") != DONE_ROW:
                kept.append(said)
        return pl.DataFrame(kept, schema=dict.fromkeys(names, pl.String))

    @property
    def saved(self) -> Version:
        """The present version."""
        sheets = {tab.name: self.sheet(tab.name) for tab in PERSON_TABS if (s := self.shown(tab.name)) and s.top >= 0}
        return Version(copy.deepcopy(self.book.tabs), sheets)

    # --- what people do

    def open_by_person(self) -> None:
        """Looking keeps nobody from writing."""

    def close_by_person(self) -> None:
        """What was not entered is gone."""
        self._desk.clear()

    def save(self) -> None:
        """Enter."""
        desk, self._desk = self._desk, []
        for entering in desk:
            entering()
        self.touched()

    def type_cell(self, tab: str, key: Key, column: str, entry: Any) -> None:
        """Type into one cell. KeyError where the row is not there."""
        if isinstance(key, int):
            self._row(tab, key)
        else:
            self.cell(tab, key, column)
        self._desk.append(lambda: self._type(tab, key, column, entry))

    def _type(self, tab: str, key: Key, column: str, entry: Any) -> None:
        shown, row = self._row(tab, key)
        self._enter(shown.grid, row, shown.columns[column], entry)

    def _enter(self, grid: Grid, row: int, column: int, entry: Any) -> None:
        self.visitor.pastes(grid.title, f"{letters(column)}{row + 1}", [[entry]])

    def add_row(self, tab: str, cells: Mapping[str, Any]) -> None:
        """Type a row below the others."""
        self._desk.append(lambda: self._add(tab, cells))

    def _add(self, tab: str, cells: Mapping[str, Any]) -> None:
        shown = self.shown(tab)
        assert shown is not None
        row = shown.top + 1 + len(self.sheet(tab).rows)
        for name, entry in cells.items():
            if entry is not None:
                self._enter(shown.grid, row, shown.columns[name], entry)

    def delete_row(self, tab: str, key: Key) -> None:
        """Delete a row."""

        def delete() -> None:
            shown, row = self._row(tab, key)
            self.visitor.deletes_rows(shown.grid.title, row + 1)

        self._desk.append(delete)

    def sort(self, tab: str, column: str, descending: bool = False) -> None:
        """Sort a tab by a column."""

        def sort() -> None:
            shown = self.shown(tab)
            assert shown is not None
            where = {"sheetId": shown.grid.sheet_id, "startRowIndex": shown.top + 1}
            order = {"dimensionIndex": shown.columns[column], "sortOrder": "DESCENDING" if descending else "ASCENDING"}
            self.asks({"sortRange": {"range": where, "sortSpecs": [order]}})

        self._desk.append(sort)

    def replace_sheet(self, tab: str, sheet: Sheet) -> None:
        """Paste over a person's tab: other headings, other rows."""

        def paste() -> None:
            shown = self.shown(tab)
            assert shown is not None
            called = {column.name: column.heading("google") for column in BY_NAME[tab].columns}
            rows = [[called.get(name, name) for name in sheet.header], *map(list, sheet.rows)]
            rows += [[None] * len(sheet.header)] * max(0, len(shown.grid.rows) - sheet.header_row + 1 - len(rows))
            self.visitor.pastes(shown.grid.title, f"A{sheet.header_row}", rows)

        self._desk.append(paste)

    def restore(self, version: Version) -> None:
        """An older version is brought back from the history, all tabs of it."""
        self.book.tabs[:] = copy.deepcopy(version.tabs)
        self.book.sums.forget()
        self.google.changed(self.google.files[self.id], self.visitor.email)
        self.touched()

    def asks(self, *requests: Mapping[str, Any]) -> None:
        """What a person does by other means than typing."""
        for request in requests:
            self.visitor._ask(dict(request))
        self.touched()

    def _row(self, tab: str, key: Key) -> tuple[Shown, int]:
        shown = self.shown(tab)
        if shown is None or shown.top < 0:
            raise KeyError(f"{tab} has no headings")
        if isinstance(key, int):
            return shown, key - 1
        names = BY_NAME[tab].key or BY_NAME[tab].names[:1]
        wanted = (key,) if isinstance(key, str) else key
        for row in shown.rows():
            if all(str(shown.value(row, name)) == text for name, text in zip(names, wanted, strict=True)):
                return shown, row
        raise KeyError(f"{tab} has no row {key}")


def _is_text(entered: object) -> bool:
    return isinstance(entered, str) and not isinstance(entered, Formula)


def plain(value: object) -> object:
    """A whole number as one; a blank as None."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None if value == "" else value
