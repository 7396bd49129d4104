"""The calls below `/values`: reading, writing, clearing and appending values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.practice.google import formats
from agent.practice.google.a1 import Area, Box, letters
from agent.practice.google.book import Book, beyond, within
from agent.practice.google.cells import Cell, Effective, Entered, Formula, checked, plain
from agent.practice.google.entry import typed
from agent.practice.google.errors import Refused, violation
from agent.practice.google.guards import Writer
from agent.practice.google.render import shown
from agent.practice.google.tab import Tab

RENDER = ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")
WHEN = ("SERIAL_NUMBER", "FORMATTED_STRING")
INPUT = ("RAW", "USER_ENTERED")
DIMENSIONS = ("ROWS", "COLUMNS")
Options = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rendering:
    """How values are told."""

    value: str = "FORMATTED_VALUE"
    when: str = "SERIAL_NUMBER"
    by: str = "ROWS"

    @classmethod
    def of(cls, options: Options, prefix: str = "") -> Rendering:
        """From a call's options; `prefix` is `response` where they speak of the answer."""

        def named(name: str, known: Sequence[str]) -> str:
            name = prefix + (name[0].upper() + name[1:] if prefix else name)
            return chosen(options.get(name), name, known, known[0])

        by = "ROWS" if prefix else chosen(options.get("majorDimension"), "majorDimension", DIMENSIONS, "ROWS")
        return cls(named("valueRenderOption", RENDER), named("dateTimeRenderOption", WHEN), by)


def chosen(value: Any, name: str, known: Sequence[str], otherwise: str) -> str:
    """One of the known words; refused where it is another."""
    if value in (None, "") or str(value).endswith("_UNSPECIFIED"):
        return otherwise
    if value not in known:
        kind = "type.googleapis.com/google.apps.sheets.v4." + name[0].upper() + name[1:]
        raise violation(name, f"Invalid value at '{name}' ({kind}), \"{value}\"")
    return str(value)


def read(book: Book, tab: Tab, area: Area, how: Rendering) -> dict[str, Any]:
    """A ValueRange. What is empty at the end of the rows, and of each row, is left out."""
    box = seen(tab, area)
    grid = table(book, tab, box, how)
    if how.by == "COLUMNS":
        width = max((len(row) for row in grid), default=0)
        grid = [_trimmed([row[at] if at < len(row) else "" for row in grid]) for at in range(width)]
    told: dict[str, Any] = {"range": box.named(tab.title), "majorDimension": how.by}
    return told | ({"values": grid} if grid else {})


def seen(tab: Tab, area: Area) -> Box:
    """The part of the grid that is read; refused where the area begins beyond it."""
    if (area.top or 0) >= tab.row_count or (area.left or 0) >= tab.column_count:
        far = Box(area.top or 0, area.bottom or tab.row_count, area.left or 0, area.right or tab.column_count)
        raise beyond(tab, far)
    return tab.box(area)


def table(book: Book, tab: Tab, box: Box, how: Rendering) -> list[list[Any]]:
    """The values of the box by rows, without what is empty at their ends."""
    rows: list[list[Any]] = []
    for row, column, cell in book.entered(tab, box):
        value = _told(book, tab, (row, column, cell), how)
        if value == "":
            continue
        while len(rows) <= row - box.top:
            rows.append([])
        rows[-1].extend([""] * (column - box.left - len(rows[-1])))
        rows[-1].append(value)
    return rows


def _told(book: Book, tab: Tab, place: tuple[int, int, Cell], how: Rendering) -> Any:
    row, column, cell = place
    value: Effective = cell.entered
    if value is None or isinstance(value, Formula):
        value = book.effective(tab, row, column)
    if value is None:
        return ""
    if how.value == "FORMULA":
        return value if cell.entered is None else cell.entered
    if how.value == "FORMATTED_VALUE" or not isinstance(value, bool | int | float | str):
        return shown(value, cell.form, book.locale)
    if how.when == "FORMATTED_STRING" and not isinstance(value, bool | str) and formats.is_date(cell.form):
        return shown(value, cell.form, book.locale)
    return value


def _trimmed(line: list[Any]) -> list[Any]:
    while line and line[-1] == "":
        line.pop()
    return line


def clear(writer: Writer, tab: Tab, area: Area) -> str:
    """Empty the cells of an area, leaving all else; returns what was emptied, in A1 notation."""
    box = seen(tab, area)
    writer.may_edit(tab, box)
    for row, column, cell in list(tab.filled(box)):
        if cell.entered is not None:
            writer.book.put(tab, row, column, cell.but(entered=None))
    return box.named(tab.title)


Grid = Sequence[Sequence[Any]]


def grid_of(body: Mapping[str, Any], where: str = "data.values") -> list[list[Any]]:
    """The values of a ValueRange by rows; refused where they are none."""
    values = body.get("values")
    if values is None:
        values = []
    for row in values if isinstance(values, list) else [values]:
        if not isinstance(row, list):
            told = json.dumps(row, ensure_ascii=False)
            raise violation(
                where, f"Invalid value at '{where}' (type.googleapis.com/google.protobuf.ListValue), {told}"
            )
    if chosen(body.get("majorDimension"), "majorDimension", DIMENSIONS, "ROWS") == "COLUMNS":
        height = max((len(column) for column in values), default=0)
        return [[column[at] if at < len(column) else None for column in values] for at in range(height)]
    return [list(row) for row in values]


@dataclass(slots=True)
class Written:
    """What a write touched."""

    tab: Tab
    box: Box
    cells: set[tuple[int, int]]

    def told(self, book: Book) -> dict[str, Any]:
        """An UpdateValuesResponse."""
        rows, columns = {row for row, _ in self.cells}, {column for _, column in self.cells}
        counted = {"updatedRows": len(rows), "updatedColumns": len(columns), "updatedCells": len(self.cells)}
        known = {name: count for name, count in counted.items() if count}
        return {"spreadsheetId": book.id, "updatedRange": self.box.named(self.tab.title), **known}


def write(writer: Writer, tab: Tab, area: Area, grid: Grid, option: str) -> Written:
    """Write a table of values at an area; a single cell is the corner where it begins. None skips a cell."""
    box = _target(tab, area, grid)
    writer.may_edit(tab, box)
    touched = set()
    for down, line in enumerate(grid):
        for right, value in enumerate(line):
            if value is not None:
                place = (box.top + down, box.left + right)
                enter(writer.book, tab, *place, value, option)
                touched.add(place)
    return Written(tab, box, touched)


def _target(tab: Tab, area: Area, grid: Grid) -> Box:
    height, width = len(grid), max((len(line) for line in grid), default=0)
    top, left = area.top or 0, area.left or 0
    whole = area.bottom is None and area.right is None
    single = area.bottom == top + 1 and area.right == left + 1
    if whole or single:
        return within(tab, Area(top, top + max(height, 1), left, left + max(width, 1)))
    box = seen(tab, area)
    if width > box.width or height > box.height:
        over = ("column", letters(box.right)) if width > box.width else ("row", str(box.bottom + 1))
        told = f"Requested writing within range [{box.named(tab.title)}], but tried writing to {over[0]} [{over[1]}]"
        raise Refused(told)
    return Box(box.top, box.top + max(height, 1), box.left, box.left + max(width, 1))


def enter(book: Book, tab: Tab, row: int, column: int, value: Any, option: str) -> None:  # noqa: PLR0917
    """Put a value from the wire into a cell, as it is (`RAW`) or as if it were typed."""
    cell = tab.cell(row, column)
    if isinstance(value, list | Mapping):
        kind = "struct_value" if isinstance(value, Mapping) else "list_value"
        raise Refused(f"Invalid data[0]: Invalid values[{row}][{column}]: {kind} {{\n}}\n")
    if option == "USER_ENTERED" and isinstance(value, str) and value:
        found = typed(value, cell.form, book.locale, book.now().date())
        form = cell.form
        if found.number_format:
            form = {**(form or {}), "numberFormat": dict(found.number_format)}
        book.put(tab, row, column, cell.but(entered=checked(found.entered), form=form))
    else:
        entered: Entered = checked(plain(value))
        book.put(tab, row, column, cell.but(entered=entered))
