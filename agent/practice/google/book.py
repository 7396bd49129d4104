"""A spreadsheet: its tabs in their order, named ranges, developer metadata, and what its cells come to."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from agent.practice.google import a1, references, spans
from agent.practice.google.a1 import Area, Box
from agent.practice.google.cells import Cell, Effective, Entered, Formula
from agent.practice.google.compute import Sums
from agent.practice.google.errors import Refused
from agent.practice.google.tab import Dimension, Tab

MOST_CELLS = 10_000_000
"""Cells a spreadsheet may have, empty ones too."""

_TOO_MANY = f"This action would increase the number of cells in the workbook above the limit of {MOST_CELLS} cells."


class Book:
    """One spreadsheet. `clock`: aware times; `rng`: where new ids come from."""

    def __init__(self, book_id: str, title: str, clock: Callable[[], datetime], rng: random.Random) -> None:
        self.id, self.title, self.clock, self.rng = book_id, title, clock, rng
        self.properties: dict[str, Any] = {"locale": "en_US", "autoRecalc": "ON_CHANGE", "timeZone": "Etc/GMT"}
        self.tabs: list[Tab] = [Tab(0, "Sheet1")]
        self.named: list[dict[str, Any]] = []
        self.metadata: list[dict[str, Any]] = []
        self.has_formulas = self.has_arrays = False
        self.sums = Sums(self)

    @property
    def locale(self) -> str:
        """The locale, such as en_US."""
        return str(self.properties["locale"])

    def now(self) -> datetime:
        """The time in the spreadsheet's own time zone."""
        return self.clock().astimezone(ZoneInfo(str(self.properties["timeZone"])))

    def new_id(self) -> int:
        """An id that is not taken by a tab; other things use it, too."""
        taken = {tab.sheet_id for tab in self.tabs}
        while (found := self.rng.randrange(1, 2**31 - 1)) in taken:
            pass
        return found

    # -- finding

    def tab(self, sheet_id: int, what: str = "grid") -> Tab:
        """The tab of that id; refused where there is none."""
        for tab in self.tabs:
            if tab.sheet_id == sheet_id:
                return tab
        raise Refused(f"No {what} with id: {sheet_id}")

    def titled(self, title: str) -> Tab | None:
        """The tab of that title, capital letters or not."""
        exact = next((tab for tab in self.tabs if tab.title == title), None)
        return exact or next((tab for tab in self.tabs if tab.title.lower() == title.lower()), None)

    def find(self, text: str) -> tuple[Tab, Area]:
        """What a range in A1 notation, a tab's title or a named range means; refused where it means nothing."""
        title, rest = a1.split(text)
        if title is None:
            found = self._untitled(text)
        else:
            tab = self.titled(title)
            area = (a1.parse(rest) if rest else Area()) if tab else None
            found = (tab, area) if tab and area else self._called(rest)
        if found is None:
            raise Refused(f"Unable to parse range: {text}")
        return found

    def _untitled(self, text: str) -> tuple[Tab, Area] | None:
        area = a1.parse(text)
        if area is not None:
            return next((tab for tab in self.tabs if not tab.things.properties.get("hidden")), self.tabs[0]), area
        tab = self.titled(text)
        return (tab, Area()) if tab else self._called(text)

    def _called(self, name: str) -> tuple[Tab, Area] | None:
        for one in self.named:
            if one["name"].lower() == name.lower():
                return self.tab(one["range"].get("sheetId", 0)), Area.of(one["range"])
        return None

    def ranged(self, grid_range: Mapping[str, Any]) -> tuple[Tab, Box]:
        """Tab and cells of a GridRange; refused where there is no such tab, or the range lies outside of it."""
        tab = self.tab(grid_range.get("sheetId", 0))
        area = Area.of(grid_range)
        if (area.top or 0) > (area.bottom if area.bottom is not None else 10**9):
            raise Refused("startRowIndex must be less than endRowIndex")
        return tab, within(tab, area)

    # -- what cells come to

    def effective(self, tab: Tab, row: int, column: int) -> Effective:
        """The value of a cell, that of its formula where it has one; of an empty one what an array puts there."""
        entered = tab.cell(row, column).entered
        if entered is None:
            return self.sums.spilled(tab).get((row, column)) if self.has_arrays else None
        return self.value(tab, row, column, entered)

    def filled(self, tab: Tab, box: Box) -> Iterator[tuple[int, int, Cell]]:
        """The cells in the box that are not wholly empty, row by row, those too that an array fills."""
        return self._with_arrays(tab, box, tab.filled(box))

    def entered(self, tab: Tab, box: Box) -> Iterator[tuple[int, int, Cell]]:
        """The same without those that only have a format, a note or a rule."""
        return self._with_arrays(tab, box, tab.entered(box))

    def _with_arrays(
        self, tab: Tab, box: Box, cells: Iterator[tuple[int, int, Cell]]
    ) -> Iterator[tuple[int, int, Cell]]:
        spilled = {at for at in self.sums.spilled(tab) if box.has(*at)} if self.has_arrays else set()
        if not spilled:
            return cells
        there = {(row, column): cell for row, column, cell in cells}
        return iter([(*at, there.get(at) or tab.cell(*at)) for at in sorted(there.keys() | spilled)])

    def value(self, tab: Tab, row: int, column: int, entered: Entered) -> Effective:
        """What this, entered at that place, comes to."""
        return self.sums.of(tab, row, column, entered) if isinstance(entered, Formula) else entered

    def put(self, tab: Tab, row: int, column: int, cell: Cell) -> None:
        """Set a cell; what formulas come to is computed anew."""
        tab.put(row, column, cell)
        if isinstance(cell.entered, Formula):
            self.has_formulas = True
            self.has_arrays = self.has_arrays or "ARRAYFORMULA" in cell.entered.upper()
        self.sums.forget()

    # -- shape

    def room_for(self, more: int) -> None:
        """Refused where so many more cells would be too many."""
        if more > 0 and sum(tab.cell_count for tab in self.tabs) + more > MOST_CELLS:
            raise Refused(_TOO_MANY)

    def insert(self, tab: Tab, dimension: Dimension, at: int, count: int, inherit: bool) -> None:
        """Empty rows or columns; formulas and ranges everywhere follow."""
        other = tab.column_count if dimension == "ROWS" else tab.row_count
        self.room_for(count * other)
        tab.insert(dimension, at, count, inherit)
        self._follow(tab, dimension, spans.inserted(at, count))

    def delete(self, tab: Tab, dimension: Dimension, start: int, end: int) -> None:
        """Rows or columns go; formulas and ranges everywhere follow."""
        tab.delete(dimension, start, end)
        self._follow(tab, dimension, spans.deleted(start, end))

    def move(self, tab: Tab, dimension: Dimension, start: int, end: int, to: int) -> None:
        """Rows or columns go to before `to`; formulas and ranges everywhere follow."""
        tab.move(dimension, start, end, to)
        self._follow(tab, dimension, spans.moved(start, end, to))

    def resize(self, tab: Tab, rows: int, columns: int) -> None:
        """The grid gets that size; what lies outside goes."""
        self.room_for(rows * columns - tab.cell_count)
        for dimension, size in (("ROWS", rows), ("COLUMNS", columns)):
            if size < tab.count(dimension):
                self.delete(tab, dimension, size, tab.count(dimension))
        tab.resize(rows, columns)

    def _follow(self, tab: Tab, dimension: Dimension, moves: spans.Moves) -> None:
        self.named = spans.followed(self.named, tab.sheet_id, dimension, moves)
        self.metadata = spans.followed(self.metadata, tab.sheet_id, dimension, moves)
        self.sums.forget()
        if self.has_formulas:
            self._rewrite(tab, dimension == "ROWS", moves)

    def _rewrite(self, tab: Tab, rows: bool, moves: spans.Moves) -> None:
        def place(first: int, last: int) -> tuple[int, int] | None:
            found = moves(first, last + 1)
            return (found[0], found[1] - 1) if found else None

        for own, row, column, cell in self.formulas():
            text = references.restructured(str(cell.entered), own.title, tab.title, rows, place)
            if text != cell.entered:
                own.put(row, column, cell.but(entered=text))

    def formulas(self) -> Iterator[tuple[Tab, int, int, Cell]]:
        """Every cell with a formula, as they stand now."""
        return iter([(tab, row, column, cell) for tab in self.tabs for row, column, cell in tab.formulas()])

    def rename(self, tab: Tab, title: str) -> None:
        """The tab gets that title; formulas follow."""
        if any(other is not tab and other.title.lower() == title.lower() for other in self.tabs):
            raise Refused(f'A sheet with the name "{title}" already exists. Please enter another name.')
        if not title:
            raise Refused("Sheet name cannot be empty.")
        old, tab.title = tab.title, title
        if self.has_formulas:
            for own, row, column, cell in self.formulas():
                own.put(row, column, cell.but(entered=references.renamed(str(cell.entered), old, title)))
        self.sums.forget()

    # -- undoing

    def checkpoint(self) -> tuple[Any, ...]:
        """All there is now, for `restore`."""
        mine = (self.title, list(self.tabs), self.has_formulas)
        return (mine, copy.deepcopy((self.properties, self.named, self.metadata)), [t.checkpoint() for t in self.tabs])

    def restore(self, kept: tuple[Any, ...]) -> None:
        """As it was at that checkpoint."""
        (self.title, self.tabs, self.has_formulas), (self.properties, self.named, self.metadata), tabs = kept
        for tab, one in zip(self.tabs, tabs, strict=True):
            tab.restore(one)
        self.sums.forget()

    def settle(self) -> None:
        """What was changed since the checkpoint stays."""
        for tab in self.tabs:
            tab.settle()


def within(tab: Tab, area: Area) -> Box:
    """The cells of the area; refused where it reaches beyond the grid."""
    bottom = tab.row_count if area.bottom is None else area.bottom
    right = tab.column_count if area.right is None else area.right
    box = Box(area.top or 0, bottom, area.left or 0, right)
    if bottom > tab.row_count or right > tab.column_count or box.top >= tab.row_count or box.left >= tab.column_count:
        raise beyond(tab, box)
    return box


def beyond(tab: Tab, box: Box) -> Refused:
    """The refusal of cells that the grid does not have."""
    size = f"Max rows: {tab.row_count}, max columns: {tab.column_count}"
    return Refused(f"Range ({box.named(tab.title)}) exceeds grid limits. {size}")
