"""The calls of the Sheets API below `/values`: each from a request's parts to the body of its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from agent.practice.google import filters, values
from agent.practice.google.a1 import Area
from agent.practice.google.append import append
from agent.practice.google.book import Book
from agent.practice.google.calls import Body, Call
from agent.practice.google.errors import Refused, violation
from agent.practice.google.service import File
from agent.practice.google.tab import Tab
from agent.practice.google.values import Rendering

Places = Sequence[tuple[tuple[Tab, Area], values.Grid]]


def values_get(call: Call, file_id: str, text: str) -> Any:
    """spreadsheets.values.get."""
    book = call.book(file_id)
    tab, area = book.find(text)
    return values.read(book, tab, area, Rendering.of(call.options()))


def values_batch_get(call: Call, file_id: str) -> Any:
    """spreadsheets.values.batchGet."""
    book, how = call.book(file_id), Rendering.of(call.options())
    found = [values.read(book, *book.find(text), how) for text in call.ask.get("ranges", [])]
    return {"spreadsheetId": file_id} | ({"valueRanges": found} if found else {})


def values_by_filter(call: Call, file_id: str) -> Any:
    """spreadsheets.values.batchGetByDataFilter. A tab or row that one filter selects is told once for each."""
    book, how = call.book(file_id), Rendering.of(call.body)
    found: list[dict[str, Any]] = []
    for data_filter in call.body.get("dataFilters", []):
        for tab, area in filters.areas(book, data_filter):
            found.append({"valueRange": values.read(book, tab, area, how), "dataFilters": [data_filter]})
    return {"spreadsheetId": file_id} | ({"valueRanges": found} if found else {})


def _option(found: Any) -> str:
    if found in (None, "", "INPUT_VALUE_OPTION_UNSPECIFIED"):
        raise violation("valueInputOption", "'valueInputOption' is required but not specified")
    return values.chosen(found, "valueInputOption", values.INPUT, "")


def values_update(call: Call, file_id: str, text: str) -> Any:
    """spreadsheets.values.update."""
    option, grid = _option(call.one("valueInputOption")), values.grid_of(call.body)
    found = call.file(file_id, writes=True)
    assert found.book is not None
    if call.body.get("range") and _norm(found.book, call.body["range"]) != _norm(found.book, text):
        raise Refused(f"Requested range {text} does not match value range {call.body['range']}")
    told = _written(call, found, [(found.book.find(text), grid)], option)[0]
    return told | _echo(call.options(), found.book, [told], "includeValuesInResponse")


def _norm(book: Book, text: str) -> tuple[int, Area]:
    tab, area = book.find(text)
    return tab.sheet_id, area


def _written(call: Call, found: File, places: Places, option: str) -> list[dict[str, Any]]:
    """Write all or nothing; what each write touched."""
    book, writer = found.book, call.google.writer(found, call.who)
    assert book is not None
    kept = book.checkpoint()
    try:
        told = [values.write(writer, tab, area, grid, option).told(book) for (tab, area), grid in places]
    except BaseException:
        book.restore(kept)
        raise
    book.settle()
    call.google.changed(found, call.who)
    return told


def _echo(options: Body, book: Book, told: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    """`updatedData`, where the caller wants to see what stands there now."""
    if str(options.get(name, "")).lower() != "true":
        return {}
    how = Rendering.of(options, "response")
    return {"updatedData": values.read(book, *book.find(told[0]["updatedRange"]), how)}


def values_batch_update(call: Call, file_id: str) -> Any:
    """spreadsheets.values.batchUpdate."""
    found = call.file(file_id, writes=True)
    book = found.book
    assert book is not None
    option = _option(call.body.get("valueInputOption"))
    data = call.body.get("data", [])
    places = []
    for at, one in enumerate(data):
        try:
            places.append((book.find(one.get("range", "")), values.grid_of(one, f"data[{at}].values")))
        except Refused as refused:
            if refused.details:
                raise
            raise Refused(f"Invalid data[{at}]: {refused.message}") from None
    told = _written(call, found, places, option)
    responses = [one | _echo(call.body, book, [one], "includeValuesInResponse") for one in told]
    return _totals(book, told) | {"responses": responses}


def _totals(book: Book, told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rows and columns are counted once each, however often they were touched."""
    rows: set[tuple[int, int]] = set()
    columns: set[tuple[int, int]] = set()
    for one in told:
        tab, area = book.find(one["updatedRange"])
        box = tab.box(area)
        if one.get("updatedCells"):
            rows |= {(tab.sheet_id, row) for row in box.rows}
            columns |= {(tab.sheet_id, column) for column in box.columns}
    counts = {
        "totalUpdatedRows": len(rows),
        "totalUpdatedColumns": len(columns),
        "totalUpdatedCells": sum(one.get("updatedCells", 0) for one in told),
        "totalUpdatedSheets": len({sheet for sheet, _ in rows}),
    }
    return {"spreadsheetId": book.id} | {name: count for name, count in counts.items() if count}


def values_update_by_filter(call: Call, file_id: str) -> Any:
    """spreadsheets.values.batchUpdateByDataFilter."""
    found = call.file(file_id, writes=True)
    book = found.book
    assert book is not None
    option, data = _option(call.body.get("valueInputOption")), call.body.get("data", [])
    places, asked = [], []
    for one in data:
        for place in filters.areas(book, one.get("dataFilter", {})):
            places.append((place, values.grid_of(one)))
            asked.append(one.get("dataFilter", {}))
    told = _written(call, found, places, option)
    responses = []
    for one, data_filter in zip(told, asked, strict=True):
        echo = _echo(call.body, book, [one], "includeValuesInResponse")
        responses.append({n: v for n, v in one.items() if n != "spreadsheetId"} | {"dataFilter": data_filter} | echo)
    return _totals(book, told) | {"responses": responses}


def values_append(call: Call, file_id: str, text: str) -> Any:
    """spreadsheets.values.append."""
    option, grid = _option(call.one("valueInputOption")), values.grid_of(call.body)
    found = call.file(file_id, writes=True)
    assert found.book is not None
    told = append(call.google.writer(found, call.who), text, grid, option, call.one("insertDataOption"))
    call.google.changed(found, call.who)
    told["updates"] |= _echo(call.options(), found.book, [told["updates"]], "includeValuesInResponse")
    return told


def values_clear(call: Call, file_id: str, text: str) -> Any:
    """spreadsheets.values.clear."""
    return {"spreadsheetId": file_id, "clearedRange": _cleared(call, file_id, lambda book: [book.find(text)])[0]}


def values_batch_clear(call: Call, file_id: str) -> Any:
    """spreadsheets.values.batchClear."""
    texts = call.body.get("ranges", [])
    cleared = _cleared(call, file_id, lambda book: [book.find(text) for text in texts])
    return {"spreadsheetId": file_id, "clearedRanges": cleared}


def values_clear_by_filter(call: Call, file_id: str) -> Any:
    """spreadsheets.values.batchClearByDataFilter."""
    asked = call.body.get("dataFilters", [])
    cleared = _cleared(call, file_id, lambda book: [place for one in asked for place in filters.areas(book, one)])
    return {"spreadsheetId": file_id, "clearedRanges": cleared}


def _cleared(call: Call, file_id: str, places: Callable[[Book], list[tuple[Tab, Area]]]) -> list[str]:
    found = call.file(file_id, writes=True)
    assert found.book is not None
    writer = call.google.writer(found, call.who)
    wanted = places(found.book)
    for tab, area in wanted:
        writer.may_edit(tab, values.seen(tab, area))
    cleared = [values.clear(writer, tab, area) for tab, area in wanted]
    call.google.changed(found, call.who)
    return cleared
