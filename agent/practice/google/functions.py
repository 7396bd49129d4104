"""The functions that formulas may use here; every other one comes to `#NAME?`, as a misspelt one does.

Arithmetic, comparison, `&`; IF, IFS, IFERROR, IFNA, AND, OR, NOT, ISBLANK, ISNUMBER, ISTEXT, ISERROR, ISNA; INDEX,
MATCH (exact and ascending), VLOOKUP, XLOOKUP (exact), ROW, COLUMN, ROWS, COLUMNS; SUM, COUNT, COUNTA, COUNTBLANK, MIN,
MAX, AVERAGE, SUMPRODUCT, COUNTIF(S), SUMIF(S); ROUND, ROUNDUP, ROUNDDOWN, INT, ABS, MOD; LEN, TRIM, UPPER, LOWER, LEFT,
RIGHT, MID, SUBSTITUTE, CONCATENATE, TEXT, VALUE, N, T, HYPERLINK; TODAY, NOW, DATE; ARRAYFORMULA around the whole of a
formula (`spill`). An area as a result shows its first cell.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.practice.google.a1 import Area, Box
from agent.practice.google.cells import CellError
from agent.practice.google.formats import general
from agent.practice.google.formula import Node
from agent.practice.google.references import Reference

if TYPE_CHECKING:
    from agent.practice.google.book import Book
    from agent.practice.google.tab import Tab

ERRORS = {
    "#REF!": "REF",
    "#N/A": "N_A",
    "#VALUE!": "VALUE",
    "#DIV/0!": "DIVIDE_BY_ZERO",
    "#NAME?": "NAME",
    "#NUM!": "NUM",
    "#NULL!": "NULL_VALUE",
}


class Failed(Exception):
    """The formula fails with this error."""

    def __init__(self, shown: str, message: str = "") -> None:
        super().__init__(message)
        self.error = CellError(ERRORS[shown], shown, message)


@dataclass(frozen=True, slots=True)
class Range:
    """Cells of a tab, as a function gets them."""

    sheets: Sheets
    tab: Tab
    box: Box

    def get(self, row: int, column: int) -> Any:
        """The value at that place of the grid; raises what the cell failed with."""
        return raised(self.sheets.book.effective(self.tab, row, column))

    def values(self) -> list[Any]:
        """What is filled in, row by row; errors too."""
        book, tab = self.sheets.book, self.tab
        found = (book.effective(tab, row, column) for row, column, _ in book.entered(tab, self.box))
        return [value for value in found if value is not None]

    def line(self) -> list[Any]:
        """Every value of one row or column, blank ones too."""
        return [self.sheets.book.effective(self.tab, row, column) for row, column in self.seen().cells()]

    def seen(self) -> Box:
        """The part of it down to the last row that has anything."""
        return Box(self.box.top, max(self.box.top, min(self.box.bottom, len(self.tab.rows))), *self._sides())

    def _sides(self) -> tuple[int, int]:
        return self.box.left, self.box.right


class Sheets:
    """The spreadsheet as formulas see it, until something changes. `calls`: the functions by their names."""

    def __init__(self, book: Book, calls: Mapping[str, Call]) -> None:
        self.book, self.calls = book, calls
        self._places: dict[tuple[int, Box], dict[Any, int]] = {}

    def at(self, tab: Tab, row: int, column: int) -> Here:
        """As a formula at that place sees it."""
        return Here(self, tab, row, column)

    def places(self, where: Range) -> dict[Any, int]:
        """Where each value stands first in a row or column, counted from 0."""
        key = (where.tab.sheet_id, where.box)
        if key not in self._places:
            found: dict[Any, int] = {}
            for at, value in enumerate(where.line()):
                if value is not None and not isinstance(value, CellError):
                    found.setdefault(alike(value), at)
            self._places[key] = found
        return self._places[key]


@dataclass(frozen=True, slots=True)
class Here:
    """The place of a formula."""

    sheets: Sheets
    tab: Tab
    row: int
    column: int
    first: int | None = None
    """In an ARRAYFORMULA: the row of its own cell; `row` is then the line that is worked out."""

    def range(self, ref: Reference) -> Range:
        """The cells of a reference."""
        tab = self.tab if ref.title is None else self.sheets.book.titled(ref.title)
        if tab is None:
            raise Failed("#REF!", "Unresolved sheet name.")
        last = ref.last or ref.first
        rows = _ends(ref.first.row, last.row)
        area = Area(*rows, *_ends(ref.first.column, last.column))
        if (area.top or 0) >= tab.row_count or (area.left or 0) >= tab.column_count:
            raise Failed("#REF!", "Reference does not exist.")
        return Range(self.sheets, tab, tab.box(area))


Parts = tuple[Node, ...]
Call = Callable[[Here, Parts], Any]
"""A function of formulas: from where it stands and its arguments, not yet looked at, to its value."""


def _ends(first: int | None, last: int | None) -> tuple[int | None, int | None]:
    if first is None or last is None:
        return first if first is not None else last, None
    return min(first, last), max(first, last) + 1


def raised(value: Any) -> Any:
    """The value; an error is raised."""
    if isinstance(value, CellError):
        raise Failed(value.shown if value.shown in ERRORS else "#VALUE!", value.message)
    return value


def alike(value: Any) -> Any:
    """What two values that count as equal have in common."""
    if isinstance(value, bool):
        return ("truth", value)
    return value.lower() if isinstance(value, str) else float(value)


def run(node: Node, here: Here) -> Any:
    """What a piece of a formula comes to: one value."""
    found = given(node, here)
    return first_of(found, here) if isinstance(found, Range) else found


def first_of(found: Range, here: Here) -> Any:
    """One value of an area: the one in the formula's own row or column, else its first."""
    box = found.box
    if here.first is not None and box.width == 1 and box.height > 1:
        at = box.top + here.row - here.first
        if at >= box.bottom:
            raise Failed("#N/A", "Argument not found.")
        return found.get(at, box.left)
    if box.width == 1 and box.height > 1 and here.row in box.rows and found.tab is here.tab:
        return found.get(here.row, box.left)
    return found.get(box.top, box.left)


def given(node: Node, here: Here) -> Any:
    """What a function gets for an argument: a value, or a Range."""
    if node.kind != "call":
        return _KINDS[node.kind](node, here)
    call = here.sheets.calls.get(node.what)
    if call is None:
        raise Failed("#NAME?", f"Unknown function: '{node.what}'.")
    return call(here, node.parts)


def _error(node: Node, _: Here) -> Any:
    raise Failed(node.what)


_KINDS: dict[str, Callable[[Node, Here], Any]] = {
    "value": lambda node, here: node.what,
    "error": _error,
    "ref": lambda node, here: here.range(node.what),
    "named": lambda node, here: _named(node.what, here),
    "minus": lambda node, here: -number(run(node.parts[0], here)),
    "percent": lambda node, here: number(run(node.parts[0], here)) / 100,
    "op": lambda node, here: _operation(node.what, run(node.parts[0], here), run(node.parts[1], here)),
}


def _named(name: str, here: Here) -> Range:
    for one in here.sheets.book.named:
        if one["name"].lower() == name.lower():
            tab = here.sheets.book.tab(one["range"].get("sheetId", 0))
            return Range(here.sheets, tab, tab.box(Area.of(one["range"])))
    raise Failed("#NAME?", f"Unknown range name: '{name.upper()}'.")


def number(value: Any) -> float:
    """A value as a number; raises #VALUE!."""
    if value is None or value == "":
        return 0
    if isinstance(value, str):
        try:
            return float(value.replace(",", ""))
        except ValueError:
            raise Failed("#VALUE!", f"'{value}' is a text and cannot be coerced to a number.") from None
    return float(value) if isinstance(value, float) else int(value)


def text(value: Any) -> str:
    """A value as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value if isinstance(value, str) else general(value)


def _operation(sign: str, left: Any, right: Any) -> Any:
    if sign == "&":
        return text(left) + text(right)
    if sign in _COMPARED:
        return _COMPARED[sign](compared(left, right))
    a, b = number(left), number(right)
    if sign == "/":
        if not b:
            raise Failed("#DIV/0!", "Function DIVIDE parameter 2 cannot be zero.")
        return a / b
    return _ARITHMETIC[sign](a, b)


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "^": operator.pow,
}
_COMPARED: dict[str, Callable[[int], bool]] = {
    "=": lambda way: way == 0,
    "<>": lambda way: way != 0,
    "<": lambda way: way < 0,
    ">": lambda way: way > 0,
    "<=": lambda way: way <= 0,
    ">=": lambda way: way >= 0,
}


def compared(left: Any, right: Any) -> int:
    """-1, 0 or 1: numbers before texts before truth values; a blank equals 0, no text and FALSE."""
    a, b = _sortable(left, right), _sortable(right, left)
    return (a > b) - (a < b)


def _sortable(value: Any, other: Any) -> tuple[int, Any]:
    if value is None:
        value = "" if isinstance(other, str) else False if isinstance(other, bool) else 0
    if isinstance(value, bool):
        return (2, value)
    return (1, value.lower()) if isinstance(value, str) else (0, value)
