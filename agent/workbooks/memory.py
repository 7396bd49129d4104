"""A workbook that lives in memory: the simulation's, and the shortest complete answer to what a workbook is.

It passes the same contract suite as Excel and yields the same Snapshot frames (DESIGN section 9). A person can work in
it: type, sort, save, keep it open. It knows nothing of the agent's rules.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

import polars as pl

from agent.ports import Clock
from agent.workbooks.base import Copy, Mark, Snapshot, WorkbookOut, Written
from agent.workbooks.headers import Headers, workbook_issues
from agent.workbooks.memory_tabs import Entry, Key, Results, Sheet, Typed, seen_as
from agent.workbooks.tabs import AGENT_TABS, BY_NAME, CONTROLS, PERSON_TABS, Book, Tab

__all__ = ["MemoryWorkbook", "Saved", "Typed"]


@dataclass(frozen=True)
class Saved:
    """What is on the disk: one revision of the whole workbook."""

    sheets: Mapping[str, Sheet]
    """People's tabs by declared name, theirs that are not declared by their own."""
    results: Mapping[str, Results]
    mark: Mark | None
    saved_at: datetime
    stamp: int = 0
    """Counts the agent's writes."""
    cache: dict[str, Snapshot] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def revision(self) -> str:
        """Hash of the content."""
        people = [(name, sheet.digest) for name, sheet in self.sheets.items()]
        answers = [(name, repr(tab.answers), tab.frame.height) for name, tab in self.results.items()]
        return hashlib.sha256(repr((people, answers, self.mark, self.stamp)).encode()).hexdigest()


class MemoryWorkbook:
    """An in-memory workbook (Workbook protocol) with a person at it.

    `content`: tab -> rows, each a mapping of column to value; a declared tab gets its declared header, any other tab
    the keys of its first row. Raises WorkbookOut from `read` while `out` is set.
    """

    kind: Book = "excel"

    def __init__(
        self,
        clock: Clock,
        content: Mapping[str, Sequence[Mapping[str, Entry]]] | None = None,
        name: str = "Stock.xlsx",
        mark: Mark | None = None,
    ) -> None:
        self.name = name
        self.out: WorkbookOut | None = None
        self.sidecar: dict[str, Results] = {}
        self.copies: tuple[Copy, ...] = ()
        """Other copies that lie beside it."""
        self._clock = clock
        self._opened = False
        self._opened_to_type = False
        self._desk: dict[str, Sheet | Results] = {}
        self._woken = asyncio.Event()
        rows = {"Control": [_control(c, v, n) for c, (v, n) in CONTROLS.items()], **(content or {})}
        names = [*(tab.name for tab in PERSON_TABS), *(n for n in rows if n not in BY_NAME)]
        sheets = {n: _sheet(n, rows.get(n, ())) for n in names}
        results = {tab.name: _no_results(tab) for tab in AGENT_TABS}
        self.saved = Saved(sheets, results, mark, clock.now())

    # --- the agent's side (Workbook protocol)

    async def revision(self) -> str | None:
        return None if self.out else self._revision()

    async def read(self) -> Snapshot:
        if self.out:
            raise self.out
        key = f"{self._revision()} {self._opened}"
        if key not in self.saved.cache:
            self.saved.cache[key] = self._snapshot()
        return self.saved.cache[key]

    async def write(
        self, tabs: Mapping[str, pl.DataFrame], mirror: pl.DataFrame, mark: Mark, seen: Snapshot
    ) -> Written:
        fresh = {n: f.select(BY_NAME[n].agent_columns) for n, f in tabs.items()}
        if self._opened:
            beside = {n: self.sidecar.get(n) or _no_results(BY_NAME[n]) for n in fresh}
            self.sidecar |= {n: beside[n].with_frame(f) for n, f in fresh.items()}
            return Written("open", detail="The workbook is open; the results stand beside it.")
        if self._revision() != seen.revision:
            return Written("moved")
        saved, old_items = self.saved, self.saved.sheets.get("Item Master")
        items, different = _mirrored(old_items, mirror), self._different(fresh)
        if mirror.height and items is None:
            return Written("moved")
        self.sidecar = {}
        if not different and items is old_items:
            return Written("unchanged", self._revision(), saved.saved_at, saved.mark.generation if saved.mark else None)
        sheets = {**saved.sheets, "Item Master": items} if items else saved.sheets
        self.saved = Saved(sheets, {**saved.results, **different}, mark, self._clock.now(), saved.stamp + 1)
        return Written("written", self._revision(), self.saved.saved_at, mark.generation)

    async def append_rows(self, tab: str, rows: pl.DataFrame, seen: Snapshot) -> Written:
        if self._opened:
            return Written("open", detail="The workbook is open; rows are added when it is closed.")
        if self._revision() != seen.revision:
            return Written("moved")
        sheet, there = self.saved.sheets[tab], seen.letters.get(tab, {})
        for row in rows.iter_rows(named=True):
            cells = {name: value for name, value in row.items() if name in there and value is not None}
            sheet = sheet.with_row(BY_NAME[tab], cells)
        sheets = {**self.saved.sheets, tab: sheet}
        self.saved = replace(self.saved, sheets=sheets, saved_at=self._clock.now(), cache={})
        return Written("written", self._revision(), self.saved.saved_at)

    async def busy(self) -> bool:
        return self._opened

    def welcome(self) -> bool:
        return True

    async def hold(self) -> str | None:
        return None

    async def changed(self) -> None:
        await self._woken.wait()
        self._woken.clear()

    async def close(self) -> None:
        self._woken.set()

    # --- the person's side

    @property
    def typing(self) -> bool:
        """Something is typed and not saved yet."""
        return bool(self._desk)

    def open_by_person(self) -> None:
        """The person opens the workbook: from now on a write gives `open`."""
        self._opened, self._opened_to_type = True, False

    def close_by_person(self) -> None:
        """The person closes it; what was not saved is gone."""
        self._opened, self._opened_to_type = False, False
        self._desk = {}
        self._woken.set()

    def type_cell(self, tab: str, key: Key, column: str, entry: Entry) -> None:
        """Type into one cell (opens the workbook if it is closed). Seen by the agent after `save`."""
        sheet = self._at_desk(tab)
        if isinstance(sheet, Results):
            self._put(tab, sheet.with_answer(key, column, entry))
        else:
            self._put(tab, sheet.with_cell(BY_NAME.get(tab), key, column, entry))

    def add_row(self, tab: str, cells: Mapping[str, Entry]) -> None:
        """Append a row to a person's tab."""
        self._put(tab, self._person_sheet(tab).with_row(BY_NAME.get(tab), cells))

    def delete_row(self, tab: str, key: Key) -> None:
        """Delete a row of any tab; the rows below move up."""
        sheet = self._at_desk(tab)
        self._put(
            tab, sheet.without_row(key) if isinstance(sheet, Results) else sheet.without_row(BY_NAME.get(tab), key)
        )

    def sort(self, tab: str, column: str, descending: bool = False) -> None:
        """Sort a tab by one column."""
        sheet = self._at_desk(tab)
        if isinstance(sheet, Results):
            self._put(tab, sheet.sorted_by(column, descending))
        else:
            self._put(tab, sheet.sorted_by(BY_NAME.get(tab), column, descending))

    def replace_sheet(self, tab: str, sheet: Sheet) -> None:
        """Put a whole sheet in the place of a person's tab: other headers, other order, another name, junk above."""
        self._put(tab, sheet)

    def type_in_sidecar(self, tab: str, key: Key, column: str, entry: Entry) -> None:
        """Type into a person's column of the sidecar. KeyError if it does not stand there."""
        self.sidecar[tab] = self.sidecar[tab].with_answer(key, column, entry)
        self._woken.set()

    def save(self) -> None:
        """Save what was typed: one new revision. A workbook that was only opened to type is closed again."""
        sheets = {n: s for n, s in self._desk.items() if isinstance(s, Sheet)}
        results = {n: s for n, s in self._desk.items() if isinstance(s, Results)}
        self.restore(
            replace(self.saved, sheets={**self.saved.sheets, **sheets}, results={**self.saved.results, **results})
        )
        self._desk = {}
        if self._opened_to_type:
            self.close_by_person()

    def restore(self, saved: Saved) -> None:
        """Put a revision in the workbook's place, such as an older copy: `old = book.saved; ...; book.restore(old)`."""
        self.saved = replace(saved, saved_at=self._clock.now(), cache={})
        self._woken.set()

    def cell(self, tab: str, key: Key, column: str) -> Entry:
        """What the person sees in one cell now, unsaved edits included."""
        sheet = self._desk.get(tab) or self._tab(tab)
        return sheet.cell(key, column) if isinstance(sheet, Results) else sheet.cell(BY_NAME.get(tab), key, column)

    def sheet(self, tab: str) -> Sheet:
        """A person's tab as saved. KeyError if there is none."""
        return self.saved.sheets[tab]

    def results(self, tab: str) -> pl.DataFrame:
        """What the agent last wrote into a tab of its own. KeyError if there is none."""
        return self.saved.results[tab].frame

    # --- within

    def _tab(self, tab: str) -> Sheet | Results:
        return self.saved.results[tab] if tab in self.saved.results else self.saved.sheets[tab]

    def _at_desk(self, tab: str) -> Sheet | Results:
        return self._desk.get(tab) or self._tab(tab)

    def _person_sheet(self, tab: str) -> Sheet:
        sheet = self._at_desk(tab)
        if isinstance(sheet, Results):
            raise KeyError(f"{tab} is the agent's")
        return sheet

    def _put(self, tab: str, sheet: Sheet | Results) -> None:
        if not self._opened:
            self._opened = self._opened_to_type = True
        self._desk[tab] = sheet

    def _revision(self) -> str:
        typed = [(name, tab.answers) for name, tab in self.sidecar.items() if tab.answers]
        beside = [*typed, *(copy.revision for copy in self.copies)]
        return hashlib.sha256(f"{self.saved.revision}{beside}".encode()).hexdigest() if beside else self.saved.revision

    def _different(self, fresh: Mapping[str, pl.DataFrame]) -> dict[str, Results]:
        """The agent's tabs that would change: new results, or something typed into the sidecar."""
        tabs = {n: (self.saved.results.get(n) or _no_results(BY_NAME[n]), f) for n, f in fresh.items()}
        return {
            n: self._folded(old).with_frame(f)
            for n, (old, f) in tabs.items()
            if not f.equals(old.frame) or self._folded(old) is not old
        }

    def _snapshot(self) -> Snapshot:
        saved, frames, letters = self.saved, dict[str, pl.DataFrame](), dict[str, Mapping[str, str]]()
        found: dict[str, Headers] = {}
        for name, sheet in saved.sheets.items():
            if name in BY_NAME:
                frames[name], found[name] = sheet.snapshot(BY_NAME[name])
                letters[name] = found[name].letters
        for name, tab in saved.results.items():
            frames[name], letters[name] = self._folded(tab).snapshot, tab.letters
        names = {n: s.name for n, s in saved.sheets.items() if n in BY_NAME} | {
            n: t.name for n, t in saved.results.items()
        }
        issues = workbook_issues(found)
        return Snapshot(
            self._revision(), saved.saved_at, saved.mark, frames, letters, names, issues, self._opened, self.copies
        )

    def _folded(self, tab: Results) -> Results:
        """The tab with what was typed into the sidecar, which is newer than what the workbook holds."""
        beside = self.sidecar.get(tab.name)
        return tab.with_answers_of(beside) if beside is not None and beside.answers else tab


def _control(control: str, value: str, note: str) -> Mapping[str, Entry]:
    return {"Control": control, "Value": value, "Note": note}


def _sheet(name: str, rows: Sequence[Mapping[str, Entry]]) -> Sheet:
    tab = BY_NAME.get(name)
    header = tab.names if tab else tuple(rows[0]) if rows else ()
    extra = tuple(dict.fromkeys(column for row in rows for column in row if column not in header))
    columns = (*header, *extra)
    return Sheet(name, columns, tuple(tuple(row.get(column) for column in columns) for row in rows))


def _no_results(tab: Tab) -> Results:
    return Results(tab.name, tab, pl.DataFrame(schema=dict.fromkeys(tab.agent_columns, pl.String)))


def _mirrored(items: Sheet | None, mirror: pl.DataFrame) -> Sheet | None:
    """Item Master with the mirrored cells, the same object if none differs; None when a cell is not as it was."""
    if items is None or not mirror.height:
        return items
    tab, rows = BY_NAME["Item Master"], list(items.rows)
    try:
        sku_column, stocked = items.column(tab, "SKU"), items.column(tab, "Stocked")
    except KeyError:
        return None
    for number, sku, old, new in mirror.select("row", "sku", "old", "new").iter_rows():
        place = number - items.header_row - 1
        if not 0 <= place < len(rows):
            return None
        cell = seen_as(rows[place][stocked])
        if cell.formula or cell.text != old or seen_as(rows[place][sku_column]).text != sku:
            return None
        entry = rows[place][stocked]
        rows[place] = (*rows[place][:stocked], _same_format(entry, new), *rows[place][stocked + 1 :])
    return items if tuple(rows) == items.rows else items.with_rows(rows)


def _same_format(entry: Entry, new: int) -> Entry:
    return Typed(new, False, entry.format) if isinstance(entry, Typed) else new
