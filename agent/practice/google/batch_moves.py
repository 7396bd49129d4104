"""Requests that move cells about: sorting, copying, cutting, pasting, merging, replacing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from agent.practice.google import references
from agent.practice.google.a1 import Area, Box
from agent.practice.google.cells import EMPTY, Cell, CellError, Formula
from agent.practice.google.errors import Refused
from agent.practice.google.guards import Writer
from agent.practice.google.render import shown
from agent.practice.google.tab import Tab
from agent.practice.google.values import enter

Body = Mapping[str, Any]
Reply = dict[str, Any]


def _sort(writer: Writer, body: Body) -> Reply:
    tab, box = writer.book.ranged(body.get("range", {}))
    writer.may_edit(tab, box)
    sort(writer, tab, box, [(int(spec.get("dimensionIndex", 0)), spec) for spec in body.get("sortSpecs", [])])
    return {}


def sort(writer: Writer, tab: Tab, box: Box, keys: list[tuple[int, Body]]) -> None:
    """Sort the rows of the box; blank cells go last whichever way. `keys`: columns and their SortSpecs."""
    rows = list(range(box.top, min(box.bottom, len(tab.rows))))
    order = rows
    for column, spec in reversed(keys):
        down = spec.get("sortOrder") == "DESCENDING"
        filled = [row for row in order if writer.book.effective(tab, row, column) is not None]
        blank = [row for row in order if writer.book.effective(tab, row, column) is None]
        filled.sort(key=_by(writer, tab, column), reverse=down)
        order = filled + blank
    taken = [{column: cell for column, cell in tab.rows[row].items() if column in box.columns} for row in order]
    for at, (row, source) in enumerate(zip(rows, order, strict=True)):
        for column in box.columns:
            cell = taken[at].get(column, EMPTY)
            if isinstance(cell.entered, Formula):
                cell = cell.but(entered=references.copied(cell.entered, row - source, 0))
            if cell is not tab.cell(row, column):
                writer.book.put(tab, row, column, cell)


def _by(writer: Writer, tab: Tab, column: int) -> Callable[[int], Any]:
    def key(row: int) -> tuple[int, Any]:
        value = writer.book.effective(tab, row, column)
        if isinstance(value, CellError):
            return (3, value.shown)
        if isinstance(value, bool):
            return (2, value)
        return (1, value.lower()) if isinstance(value, str) else (0, value)

    return key


_PASTES: dict[str, Callable[[Cell, Cell], Cell]] = {
    "PASTE_NORMAL": lambda old, new: new,
    "PASTE_VALUES": lambda old, new: old.but(entered=new.entered),
    "PASTE_FORMULA": lambda old, new: old.but(entered=new.entered),
    "PASTE_FORMAT": lambda old, new: old.but(form=new.form),
    "PASTE_NO_BORDERS": lambda old, new: new,
    "PASTE_DATA_VALIDATION": lambda old, new: old.but(rule=new.rule),
}


def _pasted(kind: str, old: Cell, new: Cell) -> Cell:
    if kind not in _PASTES:
        raise Refused(f"Unsupported paste type: {kind}")
    return _PASTES[kind](old, new)


def _copy(writer: Writer, body: Body) -> Reply:
    source, taken = writer.book.ranged(body.get("source", {}))
    tab, box = writer.book.ranged(body.get("destination", {}))
    kind = body.get("pasteType", "PASTE_NORMAL")
    turned = body.get("pasteOrientation") == "TRANSPOSE"
    height, width = (taken.width, taken.height) if turned else (taken.height, taken.width)
    box = _repeated(box, height, width)
    writer.may_edit(tab, box)
    cells = {(row - taken.top, column - taken.left): source.cell(row, column) for row, column in taken.cells()}
    for row, column in box.cells():
        down, right = (row - box.top) % height, (column - box.left) % width
        at = (right, down) if turned else (down, right)
        cell = _as_pasted(writer, source, (taken.top + at[0], taken.left + at[1]), cells[at], kind)
        if isinstance(cell.entered, Formula):
            steps = (row - taken.top - at[0], column - taken.left - at[1])
            cell = cell.but(entered=references.copied(cell.entered, *steps))
        writer.book.put(tab, row, column, _pasted(kind, tab.cell(row, column), cell))
    return {}


def _as_pasted(writer: Writer, source: Tab, at: tuple[int, int], cell: Cell, kind: str) -> Cell:
    if kind == "PASTE_VALUES" and isinstance(cell.entered, Formula):
        value = writer.book.value(source, *at, cell.entered)
        return cell.but(entered=value.shown if isinstance(value, CellError) else value)
    return cell


def _repeated(box: Box, height: int, width: int) -> Box:
    """Where a copy goes: as often as it fits, at least once."""
    down = box.height // height * height if box.height % height == 0 else height
    right = box.width // width * width if box.width % width == 0 else width
    return Box(box.top, box.top + max(down, height), box.left, box.left + max(right, width))


def _cut(writer: Writer, body: Body) -> Reply:
    source, taken = writer.book.ranged(body.get("source", {}))
    to = body.get("destination", {})
    tab = writer.book.tab(to.get("sheetId", 0))
    top, left = to.get("rowIndex", 0), to.get("columnIndex", 0)
    box = Box(top, top + taken.height, left, left + taken.width)
    writer.may_edit(source, taken)
    writer.may_edit(tab, box)
    kind = body.get("pasteType", "PASTE_NORMAL")
    cells = [(row - taken.top, column - taken.left, source.cell(row, column)) for row, column in taken.cells()]
    for row, column in taken.cells():
        writer.book.put(source, row, column, EMPTY)
    for down, right, cell in cells:
        place = (top + down, left + right)
        writer.book.put(tab, *place, _pasted(kind, tab.cell(*place), cell))
    return {}


def _paste(writer: Writer, body: Body) -> Reply:
    """Text with a delimiter, as if it were typed."""
    to = body.get("coordinate", {})
    tab = writer.book.tab(to.get("sheetId", 0))
    rows = [line.split(body.get("delimiter", "\t")) for line in str(body.get("data", "")).split("\n")]
    top, left = to.get("rowIndex", 0), to.get("columnIndex", 0)
    width = max(len(row) for row in rows)
    writer.book.resize(tab, max(tab.row_count, top + len(rows)), max(tab.column_count, left + width))
    writer.may_edit(tab, Box(top, top + len(rows), left, left + width))
    for down, row in enumerate(rows):
        for right, text in enumerate(row):
            enter(writer.book, tab, top + down, left + right, text, "USER_ENTERED")
    return {}


def _merge(writer: Writer, body: Body) -> Reply:
    tab, box = writer.book.ranged(body.get("range", {}))
    writer.may_edit(tab, box)
    kind = body.get("mergeType", "MERGE_ALL")
    boxes = {
        "MERGE_ALL": [box],
        "MERGE_ROWS": [Box(row, row + 1, box.left, box.right) for row in box.rows],
        "MERGE_COLUMNS": [Box(box.top, box.bottom, column, column + 1) for column in box.columns],
    }.get(kind)
    if boxes is None:
        raise Refused(f"Unsupported merge type: {kind}")
    for old in tab.things.merges:
        if tab.box(Area.of(old)).meets(box) and not box.covers(tab.box(Area.of(old))):
            raise Refused("You must select all cells in a merged range to merge or unmerge them.")
    _unmerged(tab, box)
    for one in boxes:
        if one.height * one.width > 1:
            tab.things.merges.append(one.area.told(tab.sheet_id))
            _keep_first(writer, tab, one)
    return {}


def _keep_first(writer: Writer, tab: Tab, box: Box) -> None:
    first = (box.top, box.left)
    filled = [each for each in tab.filled(box) if each[2].entered is not None]
    if filled and tab.cell(*first).entered is None:
        writer.book.put(tab, *first, tab.cell(*first).but(entered=filled[0][2].entered))
    for row, column, cell in filled:
        if (row, column) != first:
            writer.book.put(tab, row, column, cell.but(entered=None))


def _unmerge(writer: Writer, body: Body) -> Reply:
    tab, box = writer.book.ranged(body.get("range", {}))
    writer.may_edit(tab, box)
    _unmerged(tab, box)
    return {}


def _unmerged(tab: Tab, box: Box) -> None:
    tab.things.merges = [one for one in tab.things.merges if not tab.box(Area.of(one)).meets(box)]


def _replace(writer: Writer, body: Body) -> Reply:
    book = writer.book
    if "range" in body:
        places = [book.ranged(body["range"])]
    else:
        tabs = book.tabs if body.get("allSheets") else [book.tab(body.get("sheetId", 0))]
        places = [(tab, tab.everything()) for tab in tabs]
    pattern = _pattern(body)
    counts = {"values": 0, "formulas": 0, "occurrences": 0}
    touched: set[tuple[int, int]] = set()
    for tab, box in places:
        for row, column, cell in list(tab.filled(box)):
            formula = isinstance(cell.entered, Formula)
            if cell.entered is None or (formula and not body.get("includeFormulas")):
                continue
            old = str(cell.entered) if formula else _as_text(writer, tab, row, column)
            new, times = pattern.subn(lambda _: str(body.get("replacement", "")), old)
            if times:
                writer.may_edit(tab, Box(row, row + 1, column, column + 1))
                enter(book, tab, row, column, new, "USER_ENTERED")
                counts["formulas" if formula else "values"] += 1
                counts["occurrences"] += times
                touched.add((tab.sheet_id, row))
    told = {
        "valuesChanged": counts["values"],
        "formulasChanged": counts["formulas"],
        "rowsChanged": len(touched),
        "sheetsChanged": len({sheet for sheet, _ in touched}),
        "occurrencesChanged": counts["occurrences"],
    }
    return {"findReplace": {name: count for name, count in told.items() if count}}


def _as_text(writer: Writer, tab: Tab, row: int, column: int) -> str:
    return shown(writer.book.effective(tab, row, column), tab.cell(row, column).form, writer.book.locale)


def _pattern(body: Body) -> re.Pattern[str]:
    text = str(body.get("find", ""))
    text = text if body.get("searchByRegex") else re.escape(text)
    if body.get("matchEntireCell"):
        text = rf"\A(?:{text})\Z"
    return re.compile(text, 0 if body.get("matchCase") else re.IGNORECASE)


KINDS = {
    "sortRange": _sort,
    "copyPaste": _copy,
    "cutPaste": _cut,
    "pasteData": _paste,
    "mergeCells": _merge,
    "unmergeCells": _unmerge,
    "findReplace": _replace,
}
