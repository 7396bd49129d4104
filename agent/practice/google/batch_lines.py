"""Requests about rows and columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.practice.google import masks
from agent.practice.google.a1 import Box
from agent.practice.google.cells import EMPTY, Cell
from agent.practice.google.errors import Refused
from agent.practice.google.formats import shown
from agent.practice.google.guards import Writer
from agent.practice.google.tab import Dimension, Tab

Body = Mapping[str, Any]
Reply = dict[str, Any]
_NAMES = {"ROWS": "row", "COLUMNS": "column"}
_LINE = ("pixelSize", "hiddenByUser", "hiddenByFilter", "developerMetadata", "dataSourceColumnReference")


def span(writer: Writer, asked: Body) -> tuple[Tab, Dimension, int, int]:
    """Tab, dimension, start and end of a DimensionRange; refused where the tab has no such rows or columns."""
    tab = writer.book.tab(asked.get("sheetId", 0))
    dimension = asked.get("dimension")
    if dimension not in _NAMES:
        raise Refused("No dimension specified.")
    start, end = asked.get("startIndex", 0), asked.get("endIndex", tab.count(dimension))
    if end <= start:
        raise Refused(f"endIndex ({end}) must be greater than startIndex ({start})")
    return tab, dimension, start, end


def _stripe(tab: Tab, dimension: Dimension, start: int, end: int) -> Box:
    return Box(start, end, 0, tab.column_count) if dimension == "ROWS" else Box(0, tab.row_count, start, end)


def _insert(writer: Writer, body: Body) -> Reply:
    tab, dimension, start, end = span(writer, body.get("range", {}))
    inherit = bool(body.get("inheritFromBefore"))
    if inherit and start == 0:
        raise Refused("inheritFromBefore cannot be true if inserting at index 0.")
    size = tab.count(dimension)
    if start > size or (start == size and not inherit):
        told = f"range.startIndex[{start}] is after last {_NAMES[dimension]} in sheet[{size - 1}]"
        raise Refused(told)
    _may_insert(writer, tab, dimension, start)
    writer.book.insert(tab, dimension, start, end - start, inherit)
    return {}


def _may_insert(writer: Writer, tab: Tab, dimension: Dimension, at: int) -> None:
    """Inside of a protected range nothing may come; before it and after it, all may."""
    if 0 < at < tab.count(dimension):
        for side in (at - 1, at):
            stripe = _stripe(tab, dimension, side, side + 1)
            if side == at:
                writer.may_edit(tab, stripe)


def _delete(writer: Writer, body: Body) -> Reply:
    tab, dimension, start, end = span(writer, body.get("range", {}))
    size, name = tab.count(dimension), _NAMES[dimension]
    if end > size or start >= size:
        raise Refused(
            f"Cannot delete a {name} that doesn't exist. Tried to delete {name} index {end - 1} but there are "
            f"only {size} {name}s."
        )
    if end - start >= size:
        raise Refused(f"You can't delete all the {name}s on the sheet.")
    frozen = tab.things.properties.get("gridProperties", {}).get(f"frozen{name.capitalize()}Count", 0)
    if frozen and start <= frozen and end == size:
        raise Refused(f"Sorry, it is not possible to delete all non-frozen {name}s.")
    writer.may_edit(tab, _stripe(tab, dimension, start, end))
    writer.book.delete(tab, dimension, start, end)
    _thaw(tab, name, frozen, start, end)
    return {}


def _thaw(tab: Tab, name: str, frozen: int, start: int, end: int) -> None:
    gone = max(0, min(frozen, end) - start)
    if gone:
        tab.things.properties["gridProperties"][f"frozen{name.capitalize()}Count"] = frozen - gone


def _append(writer: Writer, body: Body) -> Reply:
    tab = writer.book.tab(body.get("sheetId", 0))
    more = body.get("length", 0)
    if more < 1:
        raise Refused("length must be greater than zero")
    rows = tab.row_count + (more if body.get("dimension") == "ROWS" else 0)
    columns = tab.column_count + (more if body.get("dimension") == "COLUMNS" else 0)
    if (rows, columns) == (tab.row_count, tab.column_count):
        raise Refused("No dimension specified.")
    writer.book.resize(tab, rows, columns)
    return {}


def _move(writer: Writer, body: Body) -> Reply:
    tab, dimension, start, end = span(writer, body.get("source", {}))
    to = body.get("destinationIndex", 0)
    if start < to < end:
        raise Refused("destinationIndex must not be within the source range.")
    writer.may_edit(tab, _stripe(tab, dimension, min(start, to), max(end, to)))
    writer.book.move(tab, dimension, start, end, to)
    return {}


def _properties(writer: Writer, body: Body) -> Reply:
    tab, dimension, start, end = span(writer, body.get("range", {}))
    mask = masks.fields(body.get("fields"), _LINE)
    lines = tab.things.lines[dimension]
    for at in range(start, min(end, tab.count(dimension))):
        found = masks.changed(lines.get(at), body.get("properties", {}), mask)
        lines[at] = {name: value for name, value in found.items() if value not in (False, None)}
    tab.things.lines[dimension] = {at: line for at, line in lines.items() if line}
    return {}


def _fit(writer: Writer, body: Body) -> Reply:
    """Columns as wide as their longest text needs, roughly as wide as Google makes them."""
    tab, dimension, start, end = span(writer, body.get("dimensions", {}))
    if dimension == "ROWS":
        return {}
    for column in range(start, min(end, tab.column_count)):
        cells = [row[column] for row in tab.rows if column in row and row[column].entered is not None]
        if cells:
            longest = max(len(shown(_plain(cell), cell.form, writer.book.locale)) for cell in cells)
            tab.things.lines["COLUMNS"].setdefault(column, {})["pixelSize"] = 21 if longest < 2 else longest * 8 + 3
    return {}


def _plain(cell: Cell) -> Any:
    return cell.entered


def _insert_range(writer: Writer, body: Body) -> Reply:
    tab, box = writer.book.ranged(body.get("range", {}))
    rows = _dimension(body) == "ROWS"
    tail = Box(box.top, tab.row_count, *_across(box)) if rows else Box(box.top, box.bottom, box.left, tab.column_count)
    writer.may_edit(tab, tail)
    _shift(writer, tab, tail, *((box.height, 0) if rows else (0, box.width)))
    return {}


def _delete_range(writer: Writer, body: Body) -> Reply:
    tab, box = writer.book.ranged(body.get("range", {}))
    rows = _dimension(body) == "ROWS"
    tail = Box(box.top, tab.row_count, *_across(box)) if rows else Box(box.top, box.bottom, box.left, tab.column_count)
    writer.may_edit(tab, tail)
    _shift(writer, tab, tail, *((-box.height, 0) if rows else (0, -box.width)))
    return {}


def _across(box: Box) -> tuple[int, int]:
    return box.left, box.right


def _dimension(body: Body) -> str:
    found = body.get("shiftDimension")
    if found not in _NAMES:
        raise Refused("No shift dimension specified.")
    return str(found)


def _shift(writer: Writer, tab: Tab, box: Box, down: int, right: int) -> None:
    """Cells of the box move; what would leave the grid below or to the right makes it larger."""
    cells = list(tab.filled(box))
    for row, column, _ in cells:
        tab.put(row, column, EMPTY)
    low = max((row + down + 1 for row, _, _ in cells), default=0)
    far = max((column + right + 1 for _, column, _ in cells), default=0)
    if low > tab.row_count or far > tab.column_count:
        writer.book.resize(tab, max(low, tab.row_count), max(far, tab.column_count))
    for row, column, cell in cells:
        if row + down >= box.top and column + right >= box.left:
            writer.book.put(tab, row + down, column + right, cell)


def _group(writer: Writer, body: Body) -> Reply:
    tab, dimension, start, end = span(writer, body.get("range", {}))
    groups = tab.things.groups[dimension]
    depth = 1 + sum(1 for one in groups if _holds(one["range"], start, end))
    for one in groups:
        if start <= one["range"]["startIndex"] and one["range"]["endIndex"] <= end:
            one["depth"] += 1
    own = {"sheetId": tab.sheet_id} if tab.sheet_id else {}
    found = {"range": {**own, "dimension": dimension, "startIndex": start, "endIndex": end}, "depth": depth}
    groups.append(found)
    name = f"{_NAMES[dimension]}GroupControlAfter"
    tab.things.properties.setdefault("gridProperties", {}).setdefault(name, True)
    groups.sort(key=lambda one: (one["depth"], one["range"]["startIndex"]))
    return {"addDimensionGroup": {"dimensionGroups": groups}}


def _holds(found: Body, start: int, end: int) -> bool:
    inside = bool(found["startIndex"] <= start and end <= found["endIndex"])
    return inside and (found["startIndex"], found["endIndex"]) != (start, end)


def _ungroup(writer: Writer, body: Body) -> Reply:
    tab, dimension, start, end = span(writer, body.get("range", {}))
    groups = tab.things.groups[dimension]
    at = next((n for n, one in enumerate(groups) if _span(one) == (start, end)), None)
    if at is None:
        raise Refused(f"There is no group at that range: {start}-{end}")
    del groups[at]
    return {"deleteDimensionGroup": {"dimensionGroups": groups} if groups else {}}


def _span(group: Body) -> tuple[int, int]:
    return group["range"]["startIndex"], group["range"]["endIndex"]


def _update_group(writer: Writer, body: Body) -> Reply:
    asked = body.get("dimensionGroup", {})
    tab, dimension, start, end = span(writer, asked.get("range", {}))
    for one in tab.things.groups[dimension]:
        if _span(one) == (start, end):
            one["collapsed"] = bool(asked.get("collapsed"))
            return {}
    raise Refused(f"There is no group at that range: {start}-{end}")


KINDS = {
    "insertDimension": _insert,
    "deleteDimension": _delete,
    "appendDimension": _append,
    "moveDimension": _move,
    "updateDimensionProperties": _properties,
    "autoResizeDimensions": _fit,
    "insertRange": _insert_range,
    "deleteRange": _delete_range,
    "addDimensionGroup": _group,
    "deleteDimensionGroup": _ungroup,
    "updateDimensionGroup": _update_group,
}
