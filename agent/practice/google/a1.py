"""Addresses: column letters, A1 notation, and areas of a tab's grid, counted from 0 and half-open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LAST_COLUMN = 18_278
"""Columns a tab may have (ZZZ)."""

_PART = re.compile(r"\$?([A-Za-z]{1,3})?\$?([0-9]+)?")
_LIKE_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*[Cc][0-9]*")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@lru_cache(maxsize=4096)
def letters(column: int) -> str:
    """The letters of a column: 0 is A."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


@lru_cache(maxsize=4096)
def column_of(name: str) -> int:
    """The column of these letters: A is 0."""
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def cell(row: int, column: int) -> str:
    """The address of a cell."""
    return f"{letters(column)}{row + 1}"


def quoted(title: str) -> str:
    """A tab's title as it stands before the `!`: quoted unless nothing else can be meant."""
    if _PLAIN_TITLE.fullmatch(title) and (not _LIKE_CELL.fullmatch(title) or len(title.rstrip("0123456789")) > 3):
        return title
    return "'" + title.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a grid: rows `top` to before `bottom`, columns `left` to before `right`; None is without an end."""

    top: int | None = None
    bottom: int | None = None
    left: int | None = None
    right: int | None = None

    @classmethod
    def of(cls, grid_range: Mapping[str, Any]) -> Area:
        """From a GridRange."""
        get = grid_range.get
        return cls(get("startRowIndex"), get("endRowIndex"), get("startColumnIndex"), get("endColumnIndex"))

    def within(self, rows: int, columns: int) -> Box:
        """The cells of a grid of that size which lie in it."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Box(self.top or 0, max(bottom, self.top or 0), self.left or 0, max(right, self.left or 0))

    def told(self, sheet_id: int) -> dict[str, int]:
        """As a GridRange, without what is not set; the id of the first tab, 0, counts as not set."""
        names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
        found = zip(names, (self.top, self.bottom, self.left, self.right), strict=True)
        bounds = {name: value for name, value in found if value is not None}
        return ({"sheetId": sheet_id} if sheet_id else {}) | bounds


@dataclass(frozen=True, slots=True)
class Box:
    """An area with all its ends."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def rows(self) -> range:
        """Its rows."""
        return range(self.top, self.bottom)

    @property
    def columns(self) -> range:
        """Its columns."""
        return range(self.left, self.right)

    @property
    def height(self) -> int:
        """How many rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """How many columns."""
        return self.right - self.left

    @property
    def area(self) -> Area:
        """The same as an area."""
        return Area(self.top, self.bottom, self.left, self.right)

    def has(self, row: int, column: int) -> bool:
        """Whether a cell lies in it."""
        return self.top <= row < self.bottom and self.left <= column < self.right

    def meets(self, other: Box) -> bool:
        """Whether they share a cell."""
        rows = self.top < other.bottom and other.top < self.bottom
        return rows and self.left < other.right and other.left < self.right

    def covers(self, other: Box) -> bool:
        """Whether all of the other lies in it."""
        rows = self.top <= other.top and other.bottom <= self.bottom
        return rows and self.left <= other.left and other.right <= self.right

    def cells(self) -> Iterator[tuple[int, int]]:
        """Every place in it, row by row."""
        return ((row, column) for row in self.rows for column in self.columns)

    def named(self, title: str) -> str:
        """In A1 notation."""
        first, last = cell(self.top, self.left), cell(self.bottom - 1, self.right - 1)
        return f"{quoted(title)}!{first}" + (f":{last}" if last != first else "")


def split(text: str) -> tuple[str | None, str]:
    """Title and the rest of an A1 address; the title is None where there is no `!`."""
    if text.startswith("'"):
        end = re.match(r"'((?:[^']|'')*)'(?:!(.*))?$", text, re.DOTALL)
        return (end[1].replace("''", "'"), end[2] or "") if end else (None, text)
    title, mark, rest = text.rpartition("!")
    return (title, rest) if mark else (None, text)


def parse(text: str) -> Area | None:
    """The area of an address without a title (`B2`, `A1:C`, `2:3`, `A:A`); None where it is none."""
    first, mark, last = text.partition(":")
    start = _part(first)
    if start is None or (not mark and None in start):
        return None
    end = _part(last) if mark else start
    return None if end is None else _joined(start, end)


def _part(text: str) -> tuple[int | None, int | None] | None:
    found = _PART.fullmatch(text.strip())
    if not found or not text.strip() or found[2] == "0":
        return None
    return (int(found[2]) - 1 if found[2] else None, column_of(found[1]) if found[1] else None)


def _joined(start: tuple[int | None, int | None], end: tuple[int | None, int | None]) -> Area:
    top, bottom = _ordered(start[0], end[0])
    left, right = _ordered(start[1], end[1])
    return Area(top, bottom, left, right)


def _ordered(start: int | None, end: int | None) -> tuple[int | None, int | None]:
    if start is None or end is None:
        return (start if start is not None else end), None
    return min(start, end), max(start, end) + 1
