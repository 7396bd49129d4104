"""A spreadsheet as `spreadsheets.get` tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.practice.google import formats, masks
from agent.practice.google.a1 import Area, Box
from agent.practice.google.book import Book
from agent.practice.google.cells import Cell, CellError, Effective, to_extended
from agent.practice.google.look import DEFAULT_FORMAT
from agent.practice.google.masks import Mask, Masked
from agent.practice.google.tab import Tab

Ranges = Mapping[int, Sequence[Area]]
"""Tab's id -> the areas that are asked for; without any: every tab, whole."""

Place = tuple[int, int, Cell]
PIXELS = {"ROWS": 21, "COLUMNS": 100}


def spreadsheet(book: Book, mask: Mask, ranges: Ranges, grid: bool) -> dict[str, Any]:
    """The resource Spreadsheet. `mask`: what is wanted, empty for all; `grid`: cells too, if no mask says more."""
    told: dict[str, Any] = {
        "spreadsheetId": book.id,
        "properties": {"title": book.title, **book.properties},
        "sheets": [sheet(book, tab, mask.get("sheets", {}), ranges, _grid(mask, grid)) for tab in _asked(book, ranges)],
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
    }
    if book.named:
        told["namedRanges"] = book.named
    metadata = [one for one in book.metadata if one["location"]["locationType"] == "SPREADSHEET"]
    if metadata:
        told["developerMetadata"] = metadata
    return dict(masks.shown(told, mask))


def _grid(mask: Mask, grid: bool) -> bool:
    return masks.wants(mask, "sheets", "data") if mask else grid


def _asked(book: Book, ranges: Ranges) -> list[Tab]:
    return [tab for tab in book.tabs if not ranges or tab.sheet_id in ranges]


def sheet(book: Book, tab: Tab, mask: Mask, ranges: Ranges, grid: bool) -> dict[str, Any]:
    """The resource Sheet."""
    things = tab.things
    told: dict[str, Any] = {"properties": properties(book, tab)}
    if grid:
        areas = ranges.get(tab.sheet_id) or [Area()]
        told["data"] = [grid_data(book, tab, tab.box(area), mask.get("data", {})) for area in areas]
    lists = {
        "merges": things.merges,
        "conditionalFormats": things.conditional,
        "filterViews": things.filter_views,
        "protectedRanges": things.protected,
        "charts": things.charts,
        "bandedRanges": things.banded,
        "rowGroups": things.groups["ROWS"],
        "columnGroups": things.groups["COLUMNS"],
        "developerMetadata": _metadata(book, tab, "SHEET"),
    }
    told |= {name: found for name, found in lists.items() if found}
    if things.basic_filter:
        told["basicFilter"] = things.basic_filter[0]
    return told


def _metadata(book: Book, tab: Tab, kind: str) -> list[dict[str, Any]]:
    return [
        one
        for one in book.metadata
        if one["location"]["locationType"] == kind and one["location"].get("sheetId", 0) == tab.sheet_id
    ]


def properties(book: Book, tab: Tab) -> dict[str, Any]:
    """The resource SheetProperties."""
    extra = dict(tab.things.properties)
    grid = {"rowCount": tab.row_count, "columnCount": tab.column_count, **extra.pop("gridProperties", {})}
    first = {"sheetId": tab.sheet_id, "title": tab.title}
    place = {"index": book.tabs.index(tab)} if tab in book.tabs else {}
    return {**first, **place, "sheetType": "GRID", "gridProperties": grid, **extra}


def grid_data(book: Book, tab: Tab, box: Box, mask: Mask) -> dict[str, Any]:
    """The resource GridData of these cells. Rows and cells at the end that have nothing to tell are left out."""
    told: dict[str, Any] = {}
    if box.top:
        told["startRow"] = box.top
    if box.left:
        told["startColumn"] = box.left
    if masks.wants(mask, "rowData"):
        rows = _rows(book, tab, box, mask.get("rowData", {}).get("values", {}))
        if rows:
            told["rowData"] = rows
    for name, dimension, places in (("rowMetadata", "ROWS", box.rows), ("columnMetadata", "COLUMNS", box.columns)):
        if masks.wants(mask, name):
            told[name] = [_line(book, tab, dimension, at) for at in places]
    return told


def _line(book: Book, tab: Tab, dimension: str, at: int) -> dict[str, Any]:
    told = {"pixelSize": PIXELS[dimension], **tab.things.lines[dimension].get(at, {})}
    found = [one for one in book.metadata if _is_line(one["location"], tab.sheet_id, dimension, at)]
    return told | ({"developerMetadata": found} if found else {})


def _is_line(location: Mapping[str, Any], sheet_id: int, dimension: str, at: int) -> bool:
    span = location.get("dimensionRange")
    if not span or span.get("sheetId", 0) != sheet_id or span.get("dimension") != dimension:
        return False
    return bool(span.get("startIndex", 0) == at)


def _rows(book: Book, tab: Tab, box: Box, mask: Mask) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    spilled = book.sums.spilled(tab) if book.has_arrays else {}
    alike: dict[tuple[int, int, int], Masked] = {}  # what is told of cells that only have a format, a note, a rule
    for row, column, cell in book.filled(tab, box):
        kind = (id(cell.form), id(cell.note), id(cell.rule))
        blank = cell.entered is None and not cell.extra and (row, column) not in spilled
        found = alike.get(kind) if blank else None
        if found is None:
            found = Masked(masks.shown(cell_data(book, tab, (row, column, cell), mask), mask))
            if blank:
                alike[kind] = found
        if not found:
            continue
        while len(rows) <= row - box.top:
            rows.append({})
        values = rows[-1].setdefault("values", [])
        values.extend({} for _ in range(column - box.left - len(values)))
        values.append(found)
    return rows


def cell_data(book: Book, tab: Tab, place: Place, mask: Mask) -> dict[str, Any]:
    """The resource CellData."""
    row, column, cell = place
    told: dict[str, Any] = {}
    if cell.entered is not None:
        effective = book.value(tab, row, column, cell.entered)
        told["userEnteredValue"] = to_extended(cell.entered)
        told["effectiveValue"] = to_extended(effective)
        told["formattedValue"] = shown(effective, cell.form, book.locale)
    elif (effective := book.effective(tab, row, column)) is not None:  # put there by an array
        told["effectiveValue"] = to_extended(effective)
        told["formattedValue"] = shown(effective, cell.form, book.locale)
    if cell.form:
        told["userEnteredFormat"] = cell.form
    if (cell.entered is not None or cell.form) and masks.wants(mask, "effectiveFormat"):
        told["effectiveFormat"] = effective_format(book, cell)
    if cell.note:
        told["note"] = cell.note
    if cell.rule:
        told["dataValidation"] = cell.rule
    return told | dict(cell.extra or {})


def effective_format(book: Book, cell: Cell) -> dict[str, Any]:
    """The spreadsheet's default format with that of the cell over it."""
    merged = {**DEFAULT_FORMAT, **book.properties.get("defaultFormat", {})}
    for name, value in (cell.form or {}).items():
        old = merged.get(name)
        merged[name] = {**old, **value} if isinstance(old, Mapping) and name == "textFormat" else value
    return merged


def shown(value: Effective, form: Mapping[str, Any] | None, locale: str) -> str:
    """A value as the cell shows it."""
    if isinstance(value, CellError):
        return value.shown
    return "" if value is None else formats.shown(value, form, locale)
