"""A seller's workbook as a reader sees it before anything is known of it: its tabs, their rows, their tables."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook

from agent.words import in_words
from agent.workbooks.xlsx.layout import Area
from agent.workbooks.xlsx.marks import find_tabs, is_marked
from agent.workbooks.xlsx.package import Package, Refused

Values = Sequence[object]
MOST_ROWS, MOST_COLUMNS = 5_000, 200
"""So much of a tab is looked at: enough to know what its columns hold."""


@dataclass(frozen=True)
class SheetLook:
    """One tab. Rows are numbered as in the sheet; columns begin at A."""

    name: str
    part: str
    visible: bool
    rows: Sequence[tuple[int, Values]]
    """(row number, values from column A on) of the rows that hold something."""
    tables: Sequence[Area]
    height: int
    """The last row that holds something."""


def look(package: Package, content: bytes) -> list[SheetLook]:
    """Every worksheet of the workbook but those that Stocksheet added. Raises Refused where one cannot be read."""
    tabs = find_tabs(package).items()
    added = {s.part for tab, s in tabs if tab != "Item Master" and is_marked(package, tab, s)}
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        own = [i for i, s in enumerate(package.sheets) if s.kind == "worksheet" and s.part not in added]
        return [_sheet(package, book, i) for i in own]
    except CalamineError:
        raise Refused(
            in_words("sheets.workbook_damaged_cannot_read"), in_words("sheets.open_excel_save_again")
        ) from None


def _pivots(package: Package, part: str) -> list[Area]:
    """Where its pivot tables stand: they are worked out anew from elsewhere, so nothing in them is a list of items."""
    targets = [one.target for one in package.relations(part) if one.kind == "pivotTable" and not one.external]
    places = [e for target in targets if target in package.members for e in package.root(target).iter("{*}location")]
    return [area for place in places if (area := Area.of(place.get("ref", ""))) is not None]


def _outside(pivots: Sequence[Area], number: int, row: Values) -> list[object]:
    inside = [area for area in pivots if area.top <= number <= area.bottom]
    return ["" if any(a.left <= i <= a.right for a in inside) else value for i, value in enumerate(row)]


def _sheet(package: Package, book: CalamineWorkbook, position: int) -> SheetLook:
    sheet = package.sheets[position]
    areas = [Area.of(table.ref) for table in package.tables if table.sheet_part == sheet.part]
    tables = [area for area in areas if area is not None]
    try:
        found = book.get_sheet_by_name(sheet.name)
        values, (top, left) = found.to_python(nrows=MOST_ROWS), found.start or (0, 0)
    except CalamineError:  # one error value that this reader does not know: the other tabs can be read
        return SheetLook(sheet.name, sheet.part, sheet.state == "visible", (), tables, 0)
    before: list[object] = [""] * left
    rows = [(top + 1 + i, [*before, *row[:MOST_COLUMNS]]) for i, row in enumerate(values) if any(v != "" for v in row)]
    if pivots := _pivots(package, sheet.part):
        rows = [(n, _outside(pivots, n, row)) for n, row in rows]
    height = top + (found.total_height if found.total_height else len(values))
    return SheetLook(sheet.name, sheet.part, sheet.state == "visible", rows, tables, max(height, 0))
