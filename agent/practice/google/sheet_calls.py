"""The calls of the Sheets API, but those of values: each from a request's parts to the body of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.practice.google import batch, filters, masks, render
from agent.practice.google.a1 import Area
from agent.practice.google.batch_tabs import copied
from agent.practice.google.book import Book
from agent.practice.google.calls import Body, Call
from agent.practice.google.errors import Refused
from agent.practice.google.nulls import without_nulls
from agent.practice.google.service import File


def get(call: Call, file_id: str) -> Any:
    """spreadsheets.get. The mask is put over the answer here, since it decides what is looked at."""
    book = call.book(file_id)
    ranges: dict[int, list[Area]] = {}
    for text in call.ask.get("ranges", []):
        tab, area = book.find(text)
        ranges.setdefault(tab.sheet_id, []).append(area)
    return render.spreadsheet(book, _mask(call), ranges, call.flag("includeGridData"))


def _mask(call: Call) -> masks.Mask:
    return masks.parse(call.one("fields")) if call.one("fields") else {}


def get_by_filter(call: Call, file_id: str) -> Any:
    """spreadsheets.getByDataFilter."""
    book = call.book(file_id)
    ranges: dict[int, list[Area]] = {}
    for data_filter in call.body.get("dataFilters", []):
        for tab, area in filters.areas(book, data_filter):
            ranges.setdefault(tab.sheet_id, []).append(area)
    return render.spreadsheet(book, _mask(call), ranges, bool(call.body.get("includeGridData")))


def create(call: Call) -> Any:
    """spreadsheets.create."""
    asked = without_nulls(call.body)
    properties = asked.get("properties", {})
    found = call.google.new_file(properties.get("title") or "Untitled spreadsheet", call.who)
    book = found.book
    assert book is not None
    book.properties |= {name: value for name, value in properties.items() if name != "title"}
    sheets = asked.get("sheets", [])
    if sheets:
        book.tabs = []
        writer = call.google.writer(found, call.who)
        for at, one in enumerate(sheets):
            given = {"sheetId": book.new_id() if at else 0, **one.get("properties", {})}
            batch.run(writer, [{"addSheet": {"properties": given}}])
            for data in one.get("data", []):
                _fill(call, found, given["sheetId"], data)
    return render.spreadsheet(book, _mask(call), {}, False)


def _fill(call: Call, found: File, sheet_id: int, data: Body) -> None:
    start = {"sheetId": sheet_id, "rowIndex": data.get("startRow", 0), "columnIndex": data.get("startColumn", 0)}
    cells = {"start": start, "rows": data.get("rowData", []), "fields": "userEnteredValue,userEnteredFormat,note"}
    batch.run(call.google.writer(found, call.who), [{"updateCells": cells}])


def batch_update(call: Call, file_id: str) -> Any:
    """spreadsheets.batchUpdate."""
    found = call.file(file_id, writes=True)
    requests = call.body.get("requests", [])
    replies = batch.run(call.google.writer(found, call.who), requests if isinstance(requests, list) else [requests])
    call.google.changed(found, call.who)
    told: dict[str, Any] = {"spreadsheetId": file_id, "replies": replies}
    if call.body.get("includeSpreadsheetInResponse"):
        assert found.book is not None
        ranges: dict[int, list[Area]] = {}
        for text in call.body.get("responseRanges", []):
            tab, area = found.book.find(text)
            ranges.setdefault(tab.sheet_id, []).append(area)
        grid = bool(call.body.get("responseIncludeGridData"))
        told["updatedSpreadsheet"] = render.spreadsheet(found.book, {}, ranges, grid)
    return told


def copy_to(call: Call, file_id: str, sheet_id: str) -> Any:
    """spreadsheets.sheets.copyTo."""
    home = call.book(file_id)
    source = home.tab(int(sheet_id), "sheet")
    found = call.file(str(call.body.get("destinationSpreadsheetId", "")), writes=True)
    book = found.book
    assert book is not None
    book.room_for(source.cell_count)
    tab = copied(source, book.new_id(), book.new_id)
    taken, title = {each.title.lower() for each in book.tabs}, f"Copy of {source.title}"
    names = [title, *(f"{title} {at}" for at in range(2, len(taken) + 3))]
    tab.title = next(name for name in names if name.lower() not in taken)
    book.tabs.append(tab)
    book.has_formulas = book.has_formulas or any(True for _ in tab.formulas())
    book.has_arrays = book.has_arrays or home.has_arrays
    call.google.changed(found, call.who)
    return render.properties(book, tab)


def metadata_get(call: Call, file_id: str, one_id: str) -> Any:
    """spreadsheets.developerMetadata.get."""
    for one in call.book(file_id).metadata:
        if str(one["metadataId"]) == one_id:
            return one
    raise Refused(f"No developer metadata with id: {one_id}", 404)


def metadata_search(call: Call, file_id: str) -> Any:
    """spreadsheets.developerMetadata.search."""
    asked, book = call.body.get("dataFilters", []), call.book(file_id)
    matched = [
        {"developerMetadata": one, "dataFilters": _who(book, asked, one)}
        for one in filters.matching_metadata(book, asked)
    ]
    return {"matchedDeveloperMetadata": matched} if matched else {}


def _who(book: Book, asked: Sequence[Body], one: Body) -> list[Body]:
    return [each for each in asked if one in filters.matching_metadata(book, [each])]
