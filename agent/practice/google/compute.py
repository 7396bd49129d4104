"""What formulas come to: read once, computed when somebody looks, and remembered until something changes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from agent.practice.google.cells import CellError, Effective, Formula, plain
from agent.practice.google.formula import Node, Unreadable, read
from agent.practice.google.functions import Failed, Sheets, run

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

    def forget(self) -> None:
        """Something changed: nothing that was computed may be used any more."""
        if self._known or self._sheets is not None:
            self._known, self._sheets = {}, None

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

    def _computed(self, tab: Tab, row: int, column: int, formula: Formula) -> Effective:
        node = _read(str(formula))
        if node is None:
            return PARSE
        self._sheets = self._sheets or Sheets(self._book)
        try:
            found: Any = run(node, self._sheets.at(tab, row, column))
        except Failed as failed:
            return failed.error
        except RecursionError:
            return CIRCULAR
        return plain(found) if found is not None else 0
