"""One tab: its grid of cells, and what lies on it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agent.practice.google.a1 import Area, Box
from agent.practice.google.cells import EMPTY, Cell, Formula
from agent.practice.google.spans import Moves, deleted, followed, inserted, moved

Row = dict[int, Cell]
Dimension = str
"""ROWS or COLUMNS."""


@dataclass
class Things:
    """What lies on a tab beside its cells, each as on the wire, and so copied when a change may have to be undone."""

    properties: dict[str, Any] = field(default_factory=dict)  # SheetProperties but id, title, index and grid size
    lines: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: {"ROWS": {}, "COLUMNS": {}})
    merges: list[dict[str, Any]] = field(default_factory=list)
    conditional: list[dict[str, Any]] = field(default_factory=list)
    protected: list[dict[str, Any]] = field(default_factory=list)
    basic_filter: list[dict[str, Any]] = field(default_factory=list)  # at most one
    filter_views: list[dict[str, Any]] = field(default_factory=list)
    banded: list[dict[str, Any]] = field(default_factory=list)
    charts: list[dict[str, Any]] = field(default_factory=list)
    groups: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"ROWS": [], "COLUMNS": []})


MOVING = ("merges", "conditional", "protected", "basic_filter", "filter_views", "banded", "charts")


class Tab:
    """A grid of `row_count` x `column_count`; only cells with something in them are kept."""

    def __init__(self, sheet_id: int, title: str, rows: int = 1000, columns: int = 26) -> None:
        self.sheet_id, self.title = sheet_id, title
        self.row_count, self.column_count = rows, columns
        self.rows: list[Row] = []
        self.things = Things()
        self._kept: set[int] | None = None  # rows made since a change began that may be undone; None: none began

    # -- cells

    def cell(self, row: int, column: int) -> Cell:
        """The cell at that place."""
        return self.rows[row].get(column, EMPTY) if row < len(self.rows) else EMPTY

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Set the cell at that place, which lies in the grid."""
        if row >= len(self.rows):
            if cell.empty:
                return
            self._reach(row)
        cells = self._own(row)
        if cell.empty:
            cells.pop(column, None)
        else:
            cells[column] = cell

    def _reach(self, row: int) -> None:
        new: list[Row] = [{} for _ in range(row + 1 - len(self.rows))]
        self.rows.extend(new)
        if self._kept is not None:
            self._kept.update(id(each) for each in new)

    def _own(self, row: int) -> Row:
        cells = self.rows[row]
        if self._kept is not None and id(cells) not in self._kept:
            cells = self.rows[row] = dict(cells)
            self._kept.add(id(cells))
        return cells

    def filled(self, box: Box) -> Iterator[tuple[int, int, Cell]]:
        """The cells in the box that are not wholly empty, row by row."""
        for row in range(box.top, min(box.bottom, len(self.rows))):
            cells = self.rows[row]
            for column in sorted(cells):
                if box.left <= column < box.right:
                    yield row, column, cells[column]

    def entered(self, box: Box) -> Iterator[tuple[int, int, Cell]]:
        """The cells in the box in which something was entered, row by row; most others only have a format."""
        one = box.left if box.right - box.left == 1 else None
        for row in range(box.top, min(box.bottom, len(self.rows))):
            cells = self.rows[row]
            if one is not None:
                if (cell := cells.get(one)) is not None and cell.entered is not None:
                    yield row, one, cell
                continue
            for column in sorted(at for at, cell in cells.items() if cell.entered is not None):
                if box.left <= column < box.right:
                    yield row, column, cells[column]

    def everything(self) -> Box:
        """The whole grid."""
        return Box(0, self.row_count, 0, self.column_count)

    def box(self, area: Area) -> Box:
        """The part of the grid that lies in the area."""
        return area.within(self.row_count, self.column_count)

    @property
    def cell_count(self) -> int:
        """Cells of the grid, empty ones too."""
        return self.row_count * self.column_count

    # -- rows and columns

    def count(self, dimension: Dimension) -> int:
        """How many rows or columns."""
        return self.row_count if dimension == "ROWS" else self.column_count

    def resize(self, rows: int, columns: int) -> None:
        """Rows and columns are added at the end, or taken from there with all that is in them."""
        if rows < self.row_count:
            self.delete("ROWS", rows, self.row_count)
        if columns < self.column_count:
            self.delete("COLUMNS", columns, self.column_count)
        self.row_count, self.column_count = rows, columns

    def insert(self, dimension: Dimension, at: int, count: int, inherit: bool) -> None:
        """Empty rows or columns come at `at`, formatted as the ones before (`inherit`) or behind."""
        if dimension == "ROWS":
            if at < len(self.rows):
                self.rows[at:at] = [{} for _ in range(count)]
                self._kept_too(range(at, at + count))
            self.row_count += count
        else:
            self._columns(inserted(at, count))
            self.column_count += count
        self._follow(dimension, inserted(at, count))
        self._inherit(dimension, at, count, inherit)

    def _kept_too(self, rows: range) -> None:
        if self._kept is not None:
            self._kept.update(id(self.rows[row]) for row in rows)

    def _inherit(self, dimension: Dimension, at: int, count: int, before: bool) -> None:
        source = at - 1 if before else at + count
        if source < 0 or source >= self.count(dimension):
            return
        line = Box(source, source + 1, 0, self.column_count)
        box = line if dimension == "ROWS" else Box(0, self.row_count, source, source + 1)
        for row, column, cell in list(self.filled(box)):
            if cell.form or cell.rule:
                new = Cell(form=cell.form, rule=cell.rule)
                for step in range(at, at + count):
                    self.put(*((step, column) if dimension == "ROWS" else (row, step)), new)

    def delete(self, dimension: Dimension, start: int, end: int) -> None:
        """The rows or columns from `start` to before `end` go."""
        if dimension == "ROWS":
            del self.rows[start:end]
            self.row_count -= end - start
        else:
            self._columns(deleted(start, end))
            self.column_count -= end - start
        self._follow(dimension, deleted(start, end))

    def move(self, dimension: Dimension, start: int, end: int, to: int) -> None:
        """The rows or columns from `start` to before `end` go to before what is at `to`."""
        if dimension == "ROWS":
            if max(end, to) > len(self.rows):
                self._reach(max(end, to) - 1)
            taken = self.rows[start:end]
            del self.rows[start:end]
            place = to - len(taken) if to > start else to
            self.rows[place:place] = taken
        else:
            self._columns(moved(start, end, to))
        self._follow(dimension, moved(start, end, to))

    def _columns(self, moves: Moves) -> None:
        found: dict[int, int | None] = {}
        for at, row in enumerate(self.rows):
            if not row:
                continue
            new: Row = {}
            for column, cell in row.items():
                if column not in found:
                    span = moves(column, column + 1)
                    found[column] = span[0] if span else None
                place = found[column]
                if place is not None:
                    new[place] = cell
            self.rows[at] = new
            self._kept_too(range(at, at + 1))

    def _follow(self, dimension: Dimension, moves: Moves) -> None:
        for name in MOVING:
            setattr(self.things, name, followed(getattr(self.things, name), self.sheet_id, dimension, moves))
        lines = ((moves(at, at + 1), line) for at, line in self.things.lines[dimension].items())
        self.things.lines[dimension] = {span[0]: line for span, line in lines if span}
        groups = self.things.groups[dimension]
        self.things.groups[dimension] = followed(groups, self.sheet_id, dimension, moves)

    def formulas(self) -> Iterator[tuple[int, int, Cell]]:
        """Every cell with a formula."""
        for at, row in enumerate(self.rows):
            for column, cell in row.items():
                if isinstance(cell.entered, Formula):
                    yield at, column, cell

    # -- undoing

    def checkpoint(self) -> tuple[Any, ...]:
        """All there is now, for `restore`; cheap, since rows are copied only when they are changed."""
        self._kept = set()
        size = (self.title, self.row_count, self.column_count)
        return size, list(self.rows), copy.deepcopy(self.things)

    def restore(self, kept: tuple[Any, ...]) -> None:
        """As it was at that checkpoint."""
        (self.title, self.row_count, self.column_count), self.rows, self.things = kept
        self._kept = None

    def settle(self) -> None:
        """What was changed since the checkpoint stays."""
        self._kept = None
