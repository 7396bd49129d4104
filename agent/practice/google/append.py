"""`values.append`: Google looks for a table, and adds below it."""

from __future__ import annotations

from typing import Any

from agent.practice.google.a1 import Area, Box
from agent.practice.google.guards import Writer
from agent.practice.google.tab import Tab
from agent.practice.google.values import Grid, seen, write


def append(writer: Writer, text: str, grid: Grid, option: str, insert: str) -> dict[str, Any]:
    """Add rows below the table that is found from `text`; an AppendValuesResponse. The grid grows where it must."""
    book = writer.book
    tab, area = book.find(text)
    table = table_at(tab, seen(tab, area))
    top, left = (table.bottom, table.left) if table else (area.top or 0, area.left or 0)
    height, width = len(grid), max((len(line) for line in grid), default=0)
    if insert == "INSERT_ROWS" and table and top < tab.row_count:
        book.insert(tab, "ROWS", top, height, True)
    grown = (max(tab.row_count, top + height), max(tab.column_count, left + width))
    if grown != (tab.row_count, tab.column_count):
        book.resize(tab, *grown)
    told = write(writer, tab, Area(top, top + 1, left, left + 1), grid, option).told(book)
    found = {"tableRange": table.named(tab.title)} if table else {}
    return {"spreadsheetId": book.id, **found, "updates": told}


def table_at(tab: Tab, box: Box) -> Box | None:
    """The last block of filled cells that touches the box, with no empty row or column through it."""
    filled = {(row, column) for row, column, cell in tab.filled(tab.everything()) if cell.entered is not None}
    inside = [place for place in filled if place[0] in box.rows and place[1] in box.columns]
    if not inside:
        return None
    last = max(inside)
    return _grown(filled, Box(last[0], last[0] + 1, last[1], last[1] + 1))


def _grown(filled: set[tuple[int, int]], box: Box) -> Box:
    while True:
        near = [
            place for place in filled if box.top - 1 <= place[0] <= box.bottom and box.left - 1 <= place[1] <= box.right
        ]
        rows, columns = [row for row, _ in near], [column for _, column in near]
        new = Box(min(rows), max(rows) + 1, min(columns), max(columns) + 1)
        if new == box:
            return box
        box = new
