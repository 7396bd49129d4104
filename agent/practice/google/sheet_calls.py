"""The calls of the Sheets API: each from a request's parts to the body of its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.practice.google import batch, filters, masks, render, values
from agent.practice.google.a1 import Area
from agent.practice.google.append import append
from agent.practice.google.book import Book
from agent.practice.google.errors import Refused, violation
from agent.practice.google.service import File, Google
from agent.practice.google.tab import Tab
from agent.practice.google.values import Rendering

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `ask`: its query, each name with all its values; `body`: its JSON; `who`: the caller's address."""

    google: Google
    who: str
    ask: Mapping[str, Sequence[str]]
    body: Body

    def one(self, name: str, otherwise: str = "") -> str:
        """A value of the query."""
        return self.ask.get(name, [otherwise])[-1]

    def flag(self, name: str) -> bool:
        """A truth value of the query."""
        return self.one(name).lower() in {"true", "1"}

    def options(self) -> dict[str, Any]:
        """The query's single values."""
        return {name: found[-1] for name, found in self.ask.items()}

    def file(self, file_id: str, writes: bool) -> File:
        """The spreadsheet that is called."""
        return self.google.sheet(file_id, self.who, writes)

    def book(self, file_id: str) -> Book:
        """The same to be read."""
        found = self.file(file_id, writes=False).book
        assert found is not None
        return found


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
    asked = batch.without_nulls(call.body)
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
    from agent.practice.google.batch_tabs import copied  # noqa: PLC0415

    source = call.book(file_id).tab(int(sheet_id), "sheet")
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
    call.google.changed(found, call.who)
    return render.properties(book, tab)


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


Places = Sequence[tuple[tuple[Tab, Area], values.Grid]]


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
