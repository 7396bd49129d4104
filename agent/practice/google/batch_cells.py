"""Requests about what stands in cells: their values, formats, notes and rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.practice.google import masks, references
from agent.practice.google.a1 import Box
from agent.practice.google.book import Book
from agent.practice.google.cells import Cell, Formula, from_extended
from agent.practice.google.errors import Refused
from agent.practice.google.guards import Writer
from agent.practice.google.look import colours, with_styles
from agent.practice.google.nulls import without_nulls
from agent.practice.google.tab import Tab

Body = Mapping[str, Any]
Reply = dict[str, Any]
_OTHER = ("textFormatRuns", "pivotTable", "chipRuns", "dataSourceTable", "dataSourceFormula")
_KNOWN = ("userEnteredValue", "userEnteredFormat", "note", "dataValidation", *_OTHER)
_TEXT_LIKE = ("hyperlink", "effectiveValue", "formattedValue", "effectiveFormat")


def cell_mask(text: Any) -> masks.Mask:
    """The mask of a change of cells; refused where it names what a cell does not have."""
    return masks.fields(text, (*_KNOWN, *_TEXT_LIKE))


def changed(cell: Cell, data: Body | None, mask: masks.Mask) -> Cell:
    """The cell with the fields of the mask as the CellData has them."""
    data, every = data or {}, "*" in mask
    entered, form, note, rule = cell.entered, cell.form, cell.note, cell.rule
    if every or "userEnteredValue" in mask:
        entered = from_extended(data.get("userEnteredValue"))
    if every or "userEnteredFormat" in mask:
        form = _formed(cell, data, {} if every else mask["userEnteredFormat"])
    if every or "note" in mask:
        note = data.get("note") or None
    if every or "dataValidation" in mask:
        rule = without_nulls(data.get("dataValidation")) or None
    return Cell(entered, form, note, rule, _others(cell, data, mask))


def _formed(cell: Cell, data: Body, below: masks.Mask) -> dict[str, Any] | None:
    asked = without_nulls(data.get("userEnteredFormat") or {})
    return formatted(masks.changed(cell.form, asked, below)) or None if asked or cell.form else None


def _others(cell: Cell, data: Body, mask: masks.Mask) -> Body | None:
    names = _OTHER if "*" in mask else [name for name in mask if name in _OTHER]
    if not names:
        return cell.extra
    kept = {name: value for name, value in (cell.extra or {}).items() if name not in names}
    return kept | {name: data[name] for name in names if data.get(name)} or None


def formatted(form: Body) -> dict[str, Any]:
    """A format as it is kept."""
    return dict(with_styles(colours(_filled(form))))


def _filled(form: Any) -> Any:
    if isinstance(form, Mapping):
        found = {name: _filled(value) for name, value in form.items()}
        return {name: value for name, value in found.items() if value != {} or "olor" in name}
    return form


def _update(writer: Writer, body: Body) -> Reply:
    mask = cell_mask(body.get("fields"))
    rows = body.get("rows", [])
    if "range" in body:
        tab, box = writer.book.ranged(body["range"])
        _check_size(rows, box)
    else:
        tab, box = _from_start(writer, body.get("start"), rows)
    writer.may_edit(tab, box)
    for down, row in enumerate(box.rows):
        values = (rows[down] or {}).get("values") or [] if down < len(rows) else []
        columns = box.columns if "range" in body else range(box.left, box.left + len(values))
        for right, column in enumerate(columns):
            data = values[right] if right < len(values) else {}
            put(writer.book, tab, row, column, changed(tab.cell(row, column), data, mask))
    return {}


def put(book: Book, tab: Tab, row: int, column: int, cell: Cell) -> None:
    """Set a cell, without effort where it stays empty."""
    if not cell.empty or (row < len(tab.rows) and column in tab.rows[row]):
        book.put(tab, row, column, cell)


def _check_size(rows: list[Body], box: Box) -> None:
    if len(rows) > box.height:
        last = f"beyond the last requested row of: {box.bottom - 1}"
        raise Refused(f"Attempting to write row: {box.bottom}, {last}")
    if any(len((row or {}).get("values") or []) > box.width for row in rows):
        last = f"beyond the last requested column of: {box.right - 1}"
        raise Refused(f"Attempting to write column: {box.right}, {last}")


def _from_start(writer: Writer, start: Body | None, rows: list[Body]) -> tuple[Tab, Box]:
    if start is None:
        raise Refused("Must specify one of: start, range")
    tab = writer.book.tab(start.get("sheetId", 0))
    top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
    width = max((len(((row or {}).get("values") or [])) for row in rows), default=0)
    box = Box(top, top + len(rows), left, left + width)
    if box.bottom > tab.row_count:
        last = f"beyond the last requested row of: {tab.row_count - 1}"
        raise Refused(f"Attempting to write row: {tab.row_count}, {last}")
    if box.right > tab.column_count:
        last = f"beyond the last requested column of: {tab.column_count - 1}"
        raise Refused(f"Attempting to write column: {tab.column_count}, {last}")
    return tab, box


def _repeat(writer: Writer, body: Body) -> Reply:
    mask = cell_mask(body.get("fields"))
    tab, box = writer.book.ranged(body.get("range", {}))
    writer.may_edit(tab, box)
    data = body.get("cell", {})
    plain = changed(Cell(), data, mask)
    for row, column in box.cells():
        old = tab.cell(row, column)
        new = plain if old.empty else changed(old, data, mask)
        if isinstance(plain.entered, Formula):
            moved = references.copied(plain.entered, row - box.top, column - box.left)
            new = new.but(entered=moved)
        put(writer.book, tab, row, column, new)
    return {}


def _append(writer: Writer, body: Body) -> Reply:
    tab = writer.book.tab(body.get("sheetId", 0))
    rows, mask = body.get("rows", []), cell_mask(body.get("fields"))
    top = 1 + max(
        (at for at, row in enumerate(tab.rows) if any(c.entered is not None for c in row.values())), default=-1
    )
    width = max((len(((row or {}).get("values") or [])) for row in rows), default=0)
    grown = (max(tab.row_count, top + len(rows)), max(tab.column_count, width))
    if grown != (tab.row_count, tab.column_count):
        writer.book.resize(tab, *grown)
    writer.may_edit(tab, Box(top, top + len(rows), 0, max(width, 1)))
    for down, row in enumerate(rows):
        for right, data in enumerate((row or {}).get("values") or []):
            place = (top + down, right)
            put(writer.book, tab, *place, changed(tab.cell(*place), data, mask))
    return {}


def _validate(writer: Writer, body: Body) -> Reply:
    tab, box = writer.book.ranged(body.get("range", {}))
    writer.may_edit(tab, box)
    rule = body.get("rule")
    if rule is not None and "type" not in rule.get("condition", {}):
        raise Refused("A data validation rule must have a condition.")
    for row, column in box.cells():
        cell = tab.cell(row, column)
        if not (body.get("filteredRowsIncluded") is False and _hidden(tab, row)):
            put(writer.book, tab, row, column, cell.but(rule=tidy_rule(rule)))
    return {}


def tidy_rule(rule: Body | None) -> dict[str, Any] | None:
    """A rule as it is kept: without what is off."""
    return None if rule is None else {name: value for name, value in rule.items() if value not in (False, "")}


def _hidden(tab: Tab, row: int) -> bool:
    return bool(tab.things.lines["ROWS"].get(row, {}).get("hiddenByFilter"))


_SIDES = ("top", "bottom", "left", "right", "innerHorizontal", "innerVertical")


def _borders(writer: Writer, body: Body) -> Reply:
    tab, box = writer.book.ranged(body.get("range", {}))
    writer.may_edit(tab, box)
    asked = {side: body[side] for side in _SIDES if side in body}
    for row, column in box.cells():
        sides = {
            "top": asked.get("top" if row == box.top else "innerHorizontal"),
            "bottom": asked.get("bottom" if row == box.bottom - 1 else "innerHorizontal"),
            "left": asked.get("left" if column == box.left else "innerVertical"),
            "right": asked.get("right" if column == box.right - 1 else "innerVertical"),
        }
        cell = tab.cell(row, column)
        old = dict((cell.form or {}).get("borders", {}))
        borders = old | {side: dict(style) for side, style in sides.items() if style is not None}
        borders = {side: style for side, style in borders.items() if style.get("style") != "NONE"}
        form = {name: value for name, value in (cell.form or {}).items() if name != "borders"}
        form |= {"borders": borders} if borders else {}
        put(writer.book, tab, row, column, cell.but(form=formatted(form) or None))
    return {}


KINDS = {
    "updateCells": _update,
    "repeatCell": _repeat,
    "appendCells": _append,
    "setDataValidation": _validate,
    "updateBorders": _borders,
}
