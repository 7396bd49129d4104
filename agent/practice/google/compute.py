"""What formulas come to: read once, computed when somebody looks, and remembered until something changes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from agent.practice.google import spill
from agent.practice.google.cells import CellError, Effective, Formula, plain
from agent.practice.google.formula import Node, Unreadable, read
from agent.practice.google.functions import Failed, Sheets, run
from agent.practice.google.library import CALLS

if TYPE_CHECKING:
    from agent.practice.google.book import Book
    from agent.practice.google.tab import Tab

PARSE = CellError("ERROR", "#ERROR!", "Formula parse error.")
CIRCULAR = CellError("REF", "#REF!", "Circular dependency detected.")


@lru_cache(maxsize=200_000)
def _read(text: str) -> Node | None:
    try:
        return read(text)
    except Unreadable:
        return None


class Sums:
    """The values of a spreadsheet's formulas."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._known: dict[tuple[int, int, int], Effective] = {}
        self._under_way: set[tuple[int, int, int]] = set()
        self._sheets: Sheets | None = None
        self._spilled: dict[int, spill.Lines] = {}

    def forget(self) -> None:
        """Something changed: nothing that was computed may be used any more."""
        if self._known or self._sheets is not None or self._spilled:
            self._known, self._sheets, self._spilled = {}, None, {}

    def of(self, tab: Tab, row: int, column: int, formula: Formula) -> Effective:
        """The value of a formula that stands there."""
        place = (tab.sheet_id, row, column)
        if place not in self._known:
            if place in self._under_way:
                return CIRCULAR
            self._under_way.add(place)
            try:
                self._known[place] = self._computed(tab, row, column, formula)
            finally:
                self._under_way.discard(place)
        return self._known[place]

    def spilled(self, tab: Tab) -> spill.Lines:
        """What array formulas put into the empty cells of a tab."""
        if tab.sheet_id not in self._spilled:
            found = self._spilled[tab.sheet_id] = {}  # while it is worked out nothing is there
            for row, column, cell in list(tab.formulas()):
                node = _read(str(cell.entered))
                if node is not None and spill.is_array(node):
                    self._sheets = self._sheets or Sheets(self._book, CALLS)
                    made = spill.lines(node, self._sheets.at(tab, row, column))
                    if spill.in_the_way(tab, made) is None:
                        made.pop((row, column), None)
                        found |= made
        return self._spilled[tab.sheet_id]

    def _array(self, tab: Tab, row: int, column: int, node: Node) -> Effective:
        self._sheets = self._sheets or Sheets(self._book, CALLS)
        made = spill.lines(node, self._sheets.at(tab, row, column))
        return spill.in_the_way(tab, made) or made[row, column]

    def _computed(self, tab: Tab, row: int, column: int, formula: Formula) -> Effective:
        node = _read(str(formula))
        if node is None:
            return PARSE
        if spill.is_array(node):
            return self._array(tab, row, column, node)
        self._sheets = self._sheets or Sheets(self._book, CALLS)
        try:
            found: Any = run(node, self._sheets.at(tab, row, column))
        except Failed as failed:
            return failed.error
        except RecursionError:
            return CIRCULAR
        return plain(found) if found is not None else 0
