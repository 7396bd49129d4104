"""The tabs of an in-memory workbook: a person's sheet of cells, and an agent's tab with a person's column."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from agent.workbooks.cells import BLANK, Cell, Value, cell_of, tab_frame
from agent.workbooks.headers import HEADER_ROWS, Headers, find_headers, wanted
from agent.workbooks.tabs import Tab

Key = str | int | tuple[str, ...]
"""A row: the text of its key cells (one text, or a tuple in the order of Tab.key), or its row number in the sheet."""


@dataclass(frozen=True)
class Typed:
    """A cell that is more than its value: a formula's result, or a number with a format (a class of frames.FORMAT)."""

    value: Value
    formula: bool = False
    format: str | None = None


Entry = Value | Typed


def seen_as(entry: Entry) -> Cell:
    """The entry as a Snapshot tells it."""
    return cell_of(entry.value, entry.formula, entry.format) if isinstance(entry, Typed) else cell_of(entry)


def _text(entry: Entry) -> str:
    return seen_as(entry).text or ""


@dataclass(frozen=True)
class Sheet:
    """A tab as a person sees it: a header row and rows of cells. Never changed in place: an edit makes a new one."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...] = ()
    header_row: int = 1

    @cached_property
    def digest(self) -> str:
        """Hash of the content."""
        return hashlib.sha256(repr((self.name, self.header, self.rows, self.header_row)).encode()).hexdigest()

    def place(self, tab: Tab | None, key: Key) -> int:
        """The position of the first row with this key. KeyError if there is none."""
        if isinstance(key, int):
            return key - self.header_row - 1
        names = tab.key if tab and tab.key else self.header[:1]
        parts = (key,) if isinstance(key, str) else key
        columns = [self.column(tab, name) for name in names]
        found = (
            i for i, row in enumerate(self.rows) if all(_text(row[c]) == p for c, p in zip(columns, parts, strict=True))
        )
        position = next(found, None)
        if position is None:
            raise KeyError(f"{self.name} has no row {key}")
        return position

    def column(self, tab: Tab | None, name: str) -> int:
        """The position of a column by its header, or by what it is an alias of. KeyError if there is none."""
        if name in self.header:
            return self.header.index(name)
        headers = self.found(tab).columns if tab else {}
        if name not in headers:
            raise KeyError(f"{self.name} has no column {name}")
        return headers[name]

    def found(self, tab: Tab) -> Headers:
        """Where the declared columns stand."""
        above = [(row, ()) for row in range(1, self.header_row)]
        below = [
            (self.header_row + 1 + i, [seen_as(e).text for e in row]) for i, row in enumerate(self.rows[:HEADER_ROWS])
        ]
        return find_headers(tab, [*above, (self.header_row, self.header), *below])

    def cell(self, tab: Tab | None, key: Key, column: str) -> Entry:
        """What stands in one cell."""
        return self.rows[self.place(tab, key)][self.column(tab, column)]

    def with_cell(self, tab: Tab | None, key: Key, column: str, entry: Entry) -> Sheet:
        """The sheet with one cell changed."""
        position, index = self.place(tab, key), self.column(tab, column)
        row = self.rows[position]
        return self.with_rows(
            [*self.rows[:position], (*row[:index], entry, *row[index + 1 :]), *self.rows[position + 1 :]]
        )

    def with_row(self, tab: Tab | None, cells: Mapping[str, Entry]) -> Sheet:
        """The sheet with a row appended."""
        row: list[Entry] = [None] * len(self.header)
        for name, entry in cells.items():
            row[self.column(tab, name)] = entry
        return self.with_rows([*self.rows, tuple(row)])

    def without_row(self, tab: Tab | None, key: Key) -> Sheet:
        """The sheet with one row deleted; the rows below move up."""
        position = self.place(tab, key)
        return self.with_rows([*self.rows[:position], *self.rows[position + 1 :]])

    def sorted_by(self, tab: Tab | None, column: str, descending: bool = False) -> Sheet:
        """The sheet sorted by a column's texts."""
        index = self.column(tab, column)
        return self.with_rows(sorted(self.rows, key=lambda row: _text(row[index]), reverse=descending))

    def with_rows(self, rows: Iterable[tuple[Entry, ...]]) -> Sheet:
        """The sheet with other rows."""
        return replace(self, rows=tuple(rows))

    def snapshot(self, tab: Tab) -> tuple[pl.DataFrame, Headers]:
        """The Snapshot frame of the tab, and where its columns were found. Made once."""
        return self._snapshots.get(tab.name) or self._snapshots.setdefault(tab.name, self._snapshot(tab))

    @cached_property
    def _snapshots(self) -> dict[str, tuple[pl.DataFrame, Headers]]:
        return {}

    def _snapshot(self, tab: Tab) -> tuple[pl.DataFrame, Headers]:
        headers = self.found(tab)
        first = headers.row - self.header_row
        rows = self.rows[first:]
        cells = [[seen_as(entry) for entry in row] for row in rows]
        columns = {name: [row[index] for row in cells] for name, index in headers.columns.items()}
        return tab_frame(range(headers.row + 1, headers.row + 1 + len(rows)), columns), headers


@dataclass(frozen=True)
class Results:
    """An agent's tab: its frame, and what people typed into their column of it, by key."""

    name: str
    tab: Tab
    frame: pl.DataFrame
    answers: Mapping[tuple[str, ...], Mapping[str, Entry]] = field(default_factory=dict)

    @cached_property
    def keys(self) -> list[tuple[str, ...]]:
        """The key texts of each row."""
        columns = [self.frame.get_column(name).to_list() for name in self.tab.key]
        return [tuple(_text(value) for value in values) for values in zip(*columns, strict=True)]

    def place(self, key: Key) -> int:
        """The position of the row with this key. KeyError if there is none."""
        parts = (key,) if isinstance(key, str) else key
        if isinstance(parts, int):
            return parts - 2
        if parts not in self.keys:
            raise KeyError(f"{self.name} has no row {key}")
        return self.keys.index(parts)

    def cell(self, key: Key, column: str) -> Entry:
        """What stands in one cell."""
        position = self.place(key)
        if column in self.tab.person_columns:
            return self.answers.get(self.keys[position], {}).get(column)
        value: Value = self.frame.get_column(column)[position]
        return value

    def with_answer(self, key: Key, column: str, entry: Entry) -> Results:
        """The tab with something typed into a person's column. KeyError for a column of the agent."""
        if column not in self.tab.person_columns:
            raise KeyError(f"{column} of {self.name} is the agent's")
        name = self.keys[self.place(key)]
        return replace(self, answers={**self.answers, name: {**self.answers.get(name, {}), column: entry}})

    def with_frame(self, frame: pl.DataFrame) -> Results:
        """The tab with new results: what people typed stays with its key."""
        new = replace(self, frame=frame, answers={})
        return replace(new, answers={key: self.answers[key] for key in new.keys if key in self.answers})

    def with_answers_of(self, beside: Results) -> Results:
        """The tab with another one's answers over its own; rows that only the other has come last."""
        new = [i for i, key in enumerate(beside.keys) if key in beside.answers and key not in self.keys]
        frame = pl.concat([self.frame, beside.frame[new]], how="vertical_relaxed") if new else self.frame
        both = {key: {**self.answers.get(key, {}), **_filled(typed)} for key, typed in beside.answers.items()}
        return replace(self, frame=frame, answers={**self.answers, **both})

    def without_row(self, key: Key) -> Results:
        """The tab with a row deleted by a person."""
        position = self.place(key)
        return self.with_frame(pl.concat([self.frame[:position], self.frame[position + 1 :]]))

    def sorted_by(self, column: str, descending: bool = False) -> Results:
        """The tab sorted by a person."""
        return self.with_frame(self.frame.sort(column, descending=descending))

    @cached_property
    def snapshot(self) -> pl.DataFrame:
        """The Snapshot frame: the key columns and the person's columns."""
        if not wanted(self.tab):
            return pl.DataFrame({"row": pl.Series([], dtype=pl.Int64)})
        columns: dict[str, Sequence[Cell]] = {
            name: [cell_of(value) for value in self.frame.get_column(name).to_list()] for name in self.tab.key
        }
        for name in self.tab.person_columns:
            typed = [self.answers.get(key, {}).get(name) for key in self.keys]
            columns[name] = [BLANK if entry is None else seen_as(entry) for entry in typed]
        return tab_frame(range(2, 2 + self.frame.height), columns)

    @cached_property
    def letters(self) -> dict[str, str]:
        """Read column -> its letter."""
        return {name: chr(65 + self.tab.names.index(name)) for name in wanted(self.tab)}


def _filled(cells: Mapping[str, Entry]) -> dict[str, Entry]:
    return {column: entry for column, entry in cells.items() if entry is not None}
