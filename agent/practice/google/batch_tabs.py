"""Requests about tabs and the spreadsheet itself."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from agent.practice.google import masks
from agent.practice.google.a1 import Box
from agent.practice.google.errors import Refused
from agent.practice.google.guards import Writer
from agent.practice.google.look import colours, with_styles
from agent.practice.google.render import properties
from agent.practice.google.tab import Tab

Body = Mapping[str, Any]
Reply = dict[str, Any]
_GRID = ("rowCount", "columnCount")
_OWN = ("sheetId", "title", "index", "sheetType", "gridProperties")


def _add(writer: Writer, body: Body) -> Reply:
    book, asked = writer.book, body.get("properties", {})
    sheet_id = asked.get("sheetId", book.new_id())
    if any(tab.sheet_id == sheet_id for tab in book.tabs):
        raise Refused(f"A sheet with id {sheet_id} already exists.")
    tab = Tab(sheet_id, "", asked.get("gridProperties", {}).get("rowCount", 1000))
    tab.column_count = asked.get("gridProperties", {}).get("columnCount", 26)
    if tab.row_count < 1 or tab.column_count < 1:
        raise Refused("The sheet must have at least one row and one column.")
    book.room_for(tab.cell_count)
    book.rename(tab, asked.get("title") or _fresh_title(writer))
    book.tabs.insert(min(asked.get("index", len(book.tabs)), len(book.tabs)), tab)
    _dress(tab, asked)
    return {"addSheet": {"properties": properties(book, tab)}}


def _fresh_title(writer: Writer) -> str:
    taken = {tab.title for tab in writer.book.tabs}
    return next(title for at in range(1, 10**6) if (title := f"Sheet{at}") not in taken)


def _dress(tab: Tab, asked: Body) -> None:
    extra = {name: value for name, value in asked.items() if name not in _OWN}
    grid = {name: value for name, value in asked.get("gridProperties", {}).items() if name not in _GRID}
    tab.things.properties = _tidy({**extra, **({"gridProperties": grid} if grid else {})})


def _tidy(found: dict[str, Any]) -> dict[str, Any]:
    """Properties as they are kept: without what is off, colours in both their ways."""
    on = {name: value for name, value in found.items() if value not in (False, None)}
    kept: dict[str, Any] = with_styles(colours(on))
    if kept.get("tabColorStyle") in ({}, {"rgbColor": {}}) and not found.get("tabColor"):
        kept.pop("tabColorStyle"), kept.pop("tabColor", None)
    grid = {name: value for name, value in kept.pop("gridProperties", {}).items() if value}
    return kept | ({"gridProperties": grid} if grid else {})


def _delete(writer: Writer, body: Body) -> Reply:
    book = writer.book
    tab = book.tab(body.get("sheetId", 0), "sheet")
    writer.may_shape(tab)
    if all(other is tab or other.things.properties.get("hidden") for other in book.tabs):
        raise Refused("You can't remove all the visible sheets in a document.")
    book.tabs.remove(tab)
    book.named = [one for one in book.named if one["range"].get("sheetId", 0) != tab.sheet_id]
    book.metadata = [one for one in book.metadata if not _on(one["location"], tab.sheet_id)]
    return {}


def _on(location: Body, sheet_id: int) -> bool:
    if location["locationType"] == "SHEET":
        return bool(location.get("sheetId", 0) == sheet_id)
    span = location.get("dimensionRange")
    return span is not None and span.get("sheetId", 0) == sheet_id


def _update(writer: Writer, body: Body) -> Reply:
    book, asked = writer.book, body.get("properties", {})
    mask = masks.fields(body.get("fields"))
    if "*" in mask:
        mask = {name: {} for name in asked if name != "sheetId"}
    tab = book.tab(asked.get("sheetId", 0), "sheet")
    if "title" in mask:
        book.rename(tab, asked.get("title", ""))
    if "hidden" in mask and asked.get("hidden"):
        _check_visible(writer, tab)
    grid = mask.get("gridProperties", {}) if "gridProperties" in mask else None
    if grid is not None:
        _resize(writer, tab, asked.get("gridProperties", {}), list(grid) or list(asked.get("gridProperties", {})))
    if "index" in mask:
        _place(writer, tab, asked.get("index", 0))
    _change(tab, asked, mask)
    return {}


def _check_visible(writer: Writer, tab: Tab) -> None:
    if not any(other is not tab and not other.things.properties.get("hidden") for other in writer.book.tabs):
        raise Refused("You can't hide all the sheets in a document.")


def _resize(writer: Writer, tab: Tab, asked: Body, names: list[str]) -> None:
    rows = asked.get("rowCount", 0) if "rowCount" in names else tab.row_count
    columns = asked.get("columnCount", 0) if "columnCount" in names else tab.column_count
    frozen = {**tab.things.properties.get("gridProperties", {}), **{n: asked.get(n, 0) for n in names}}
    for size, line, name in ((rows, "row", "frozenRowCount"), (columns, "column", "frozenColumnCount")):
        if size < 1:
            raise Refused(f"You can't delete all the {line}s on the sheet.")
        if frozen.get(name, 0) >= size:
            raise Refused(f"You can't freeze all visible {line}s on the sheet.")
    if rows < tab.row_count or columns < tab.column_count:
        writer.may_edit(tab, Box(rows, tab.row_count, 0, tab.column_count))
        writer.may_edit(tab, Box(0, tab.row_count, columns, tab.column_count))
    writer.book.resize(tab, rows, columns)


def _place(writer: Writer, tab: Tab, index: int) -> None:
    tabs = writer.book.tabs
    if index > len(tabs) or index < 0:
        raise Refused(f"The sheet index must be between 0 and {len(tabs)}.")
    at = tabs.index(tab)
    tabs.remove(tab)
    tabs.insert(index - 1 if index > at else index, tab)


def _change(tab: Tab, asked: Body, mask: masks.Mask) -> None:
    rest = {name: below for name, below in mask.items() if name not in {"title", "index", "sheetId", "sheetType"}}
    for name in ("tabColor", "tabColorStyle"):
        if name in rest:
            rest |= {"tabColor": {}, "tabColorStyle": {}}
    if "gridProperties" in rest:
        below: masks.Mask = {name: {} for name in rest["gridProperties"] if name not in _GRID}
        new = {name: value for name, value in asked.get("gridProperties", {}).items() if name not in _GRID}
        if not below and rest["gridProperties"]:
            del rest["gridProperties"]
        else:
            rest["gridProperties"], asked = below, {**asked, "gridProperties": new}
    if rest:
        tab.things.properties = _tidy(masks.changed(tab.things.properties, asked, rest))


def _duplicate(writer: Writer, body: Body) -> Reply:
    book = writer.book
    source = book.tab(body.get("sourceSheetId", 0), "sheet")
    book.room_for(source.cell_count)
    title = body.get("newSheetName") or _copy_title(writer, source.title)
    tab = copied(source, body.get("newSheetId", book.new_id()), book.new_id)
    if any(other.sheet_id == tab.sheet_id for other in book.tabs):
        raise Refused(f"A sheet with id {tab.sheet_id} already exists.")
    book.rename(tab, title)
    book.tabs.insert(body.get("insertSheetIndex", 0), tab)
    return {"duplicateSheet": {"properties": properties(book, tab)}}


def _copy_title(writer: Writer, title: str) -> str:
    taken = {tab.title for tab in writer.book.tabs}
    names = (f"Copy of {title}" + (f" {at}" if at > 1 else "") for at in range(1, 10**6))
    return next(name for name in names if name not in taken)


def copied(source: Tab, sheet_id: int, new_id: Any) -> Tab:
    """A copy of a tab with another id; what lies on it gets new ids, too."""
    tab = Tab(sheet_id, source.title, source.row_count, source.column_count)
    tab.rows = [dict(row) for row in source.rows]
    tab.things = _moved_over(copy.deepcopy(source.things), source.sheet_id, sheet_id, new_id)
    return tab


def _moved_over(things: Any, old: int, new: int, new_id: Any) -> Any:
    for name in ("merges", "conditional", "protected", "basic_filter", "filter_views", "banded", "charts"):
        setattr(things, name, _re_id(getattr(things, name), old, new, new_id))
    for dimension in things.groups:
        things.groups[dimension] = _re_id(things.groups[dimension], old, new, new_id)
    return things


_IDS = ("protectedRangeId", "filterViewId", "bandedRangeId", "chartId")
_RANGE = {"startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex", "startIndex", "rowIndex", "sheetId"}


def _re_id(thing: Any, old: int, new: int, new_id: Any) -> Any:
    if isinstance(thing, list):
        return [_re_id(each, old, new, new_id) for each in thing]
    if not isinstance(thing, Mapping):
        return thing
    found = {name: _re_id(value, old, new, new_id) for name, value in thing.items()}
    found |= {name: new_id() for name in _IDS if name in found}
    if _RANGE & set(found) and found.get("sheetId", 0) == old:
        found["sheetId"] = new
    return found


_BOOK = ("title", "locale", "autoRecalc", "timeZone", "defaultFormat", "iterativeCalculationSettings")


def _update_book(writer: Writer, body: Body) -> Reply:
    book, asked = writer.book, body.get("properties", {})
    mask = masks.fields(body.get("fields"), (*_BOOK, "spreadsheetTheme", "importFunctionsExternalUrlAccessAllowed"))
    if "*" in mask:
        mask = {name: {} for name in asked}
    if "title" in mask:
        book.title = asked.get("title", book.title)
    for name in mask:
        if name != "title" and name in asked:
            _check_named(name, asked[name])
            book.properties[name] = asked[name]
    return {}


def _check_named(name: str, value: Any) -> None:
    if name == "timeZone" and value not in available_timezones():
        raise Refused(f"Invalid time zone: {value}")


KINDS = {
    "addSheet": _add,
    "deleteSheet": _delete,
    "updateSheetProperties": _update,
    "duplicateSheet": _duplicate,
    "updateSpreadsheetProperties": _update_book,
}
