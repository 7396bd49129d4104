"""Which rows a tab's basic filter hides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent.practice.google.a1 import Area
from agent.practice.google.book import Book
from agent.practice.google.functions import compared
from agent.practice.google.render import shown
from agent.practice.google.tab import Tab


def filtered(book: Book, tab: Tab) -> None:
    """Rows that the filter leaves out are hidden, all others shown again."""
    lines = tab.things.lines["ROWS"]
    for line in lines.values():
        line.pop("hiddenByFilter", None)
    for found in tab.things.basic_filter:
        for row in hidden(book, tab, found):
            lines.setdefault(row, {})["hiddenByFilter"] = True
    tab.things.lines["ROWS"] = {at: line for at, line in lines.items() if line}


def hidden(book: Book, tab: Tab, found: Mapping[str, Any]) -> list[int]:
    """The rows of a filter, its header not among them, that its criteria leave out."""
    box = tab.box(Area.of(found["range"]))
    criteria = {int(column): one for column, one in found.get("criteria", {}).items()}
    for spec in found.get("filterSpecs", []):
        criteria[int(spec.get("columnIndex", 0))] = spec.get("filterCriteria", {})
    rows = range(box.top + 1, min(box.bottom, len(tab.rows)))
    return [row for row in rows if not all(_passes(book, tab, row, at, one) for at, one in criteria.items())]


def _passes(book: Book, tab: Tab, row: int, column: int, one: Mapping[str, Any]) -> bool:
    value = book.effective(tab, row, column)
    text = shown(value, tab.cell(row, column).form, book.locale)
    if text in one.get("hiddenValues", []):
        return False
    condition = one.get("condition")
    return condition is None or _meets(value, text, condition)


def _meets(value: Any, text: str, condition: Mapping[str, Any]) -> bool:
    kind = condition.get("type", "")
    goals = [str(each.get("userEnteredValue", "")) for each in condition.get("values", [])]
    if kind in _TEXTS:
        return _TEXTS[kind](text.lower(), goals[0].lower() if goals else "")
    if not kind.startswith("NUMBER_"):
        return True
    if isinstance(value, bool) or not isinstance(value, int | float) or kind not in _NUMBERS:
        return False
    return _NUMBERS[kind]([compared(value, float(each)) for each in goals])


_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "BLANK": lambda text, goal: text == "",
    "NOT_BLANK": lambda text, goal: text != "",
    "TEXT_CONTAINS": lambda text, goal: goal in text,
    "TEXT_NOT_CONTAINS": lambda text, goal: goal not in text,
    "TEXT_EQ": lambda text, goal: text == goal,
    "TEXT_STARTS_WITH": lambda text, goal: text.startswith(goal),
    "TEXT_ENDS_WITH": lambda text, goal: text.endswith(goal),
}
_NUMBERS: dict[str, Callable[[list[int]], bool]] = {
    "NUMBER_GREATER": lambda ways: ways[0] > 0,
    "NUMBER_GREATER_THAN_EQ": lambda ways: ways[0] >= 0,
    "NUMBER_LESS": lambda ways: ways[0] < 0,
    "NUMBER_LESS_THAN_EQ": lambda ways: ways[0] <= 0,
    "NUMBER_EQ": lambda ways: ways[0] == 0,
    "NUMBER_NOT_EQ": lambda ways: ways[0] != 0,
    "NUMBER_BETWEEN": lambda ways: ways[0] >= 0 and ways[1] <= 0,
}
