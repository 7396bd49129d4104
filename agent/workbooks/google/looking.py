"""One look at a Google Sheet: its tabs by id, their columns by heading, what stands in the columns that have a meaning.

A look is values only (dates are serial days, no formats): it tells whether the content differs, and where the keys of
the agent's rows stand. What the cells *are* is told by `reading`, which is asked only where the content differs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from agent.workbooks import looks
from agent.workbooks.base import Mark
from agent.workbooks.cells import letters_of
from agent.workbooks.google.marks import MARK_ID, Adopted, Marks, fixed_id, parse
from agent.workbooks.google.marks import ROWS as MARK_ROWS
from agent.workbooks.headers import HEADER_ROWS, Headers, Kept, find_headers, named_by, plain, wanted
from agent.workbooks.tabs import GOOGLE_ONLY, PERSON_TABS, TABS, Tab

ADOPTED_ROWS = 60
"""The heading of an adopted list is looked for in this many first rows."""
Scalar = str | float | bool | None
Range = dict[str, int]
Row = tuple[int, tuple[Scalar, ...]]
"""The row's number in the sheet, and its values of the wanted columns."""


@dataclass(frozen=True)
class Sheet:
    """One tab of the spreadsheet, as its metadata tell."""

    id: int
    title: str
    rows: int
    columns: int
    hidden: bool = False
    protections: frozenset[int] = frozenset()
    charts: frozenset[int] = frozenset()
    views: frozenset[int] = frozenset()
    colours: tuple[str, ...] = ()
    """The formulas of its conditional formats, in order."""


@dataclass(frozen=True)
class Place:
    """Where a declared tab stands."""

    tab: Tab
    sheet: Sheet
    headers: Headers
    extra: Mapping[str, int]
    """Columns that the agent writes -> zero-based column index."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its rows here, in this order."""
        return looked_at(self.tab)

    def index(self, column: str) -> int | None:
        """The zero-based index of a column."""
        return self.headers.columns.get(column, self.extra.get(column))


@dataclass(frozen=True)
class Look:
    """What was seen in one look."""

    title: str
    zone: str
    sheets: Mapping[int, Sheet]
    places: Mapping[str, Place]
    rows: Mapping[str, Sequence[Row]]
    """declared tab -> its rows that are not wholly blank."""
    marks: Marks
    named: frozenset[str] = field(default_factory=frozenset)
    """Named ranges."""

    @cached_property
    def parts(self) -> dict[str, str]:
        """declared tab -> hash of what people may have changed in it."""
        return {name: _digest(place, self.rows.get(name, ())) for name, place in self.places.items()}

    @cached_property
    def token(self) -> str:
        """Hash of the content: equal means the same content."""
        return token_of(self.parts, self.marks.mark)

    def of_people(self) -> tuple[str, ...]:
        """The hashes of people's tabs."""
        return tuple(self.parts.get(tab.name, "") for tab in PERSON_TABS)


def token_of(parts: Mapping[str, str], mark: Mark | None) -> str:
    """The revision of this content."""
    said = json.dumps([sorted(parts.items()), str(mark)])
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _digest(place: Place, rows: Sequence[Row]) -> str:
    letters = [place.sheet.title, place.headers.row, sorted(place.headers.columns.items())]
    said = json.dumps([letters, rows], ensure_ascii=False, default=str)
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


# --- metadata


def sheets_of(meta: Mapping[str, Any]) -> dict[int, Sheet]:
    """The tabs of the spreadsheet by id."""
    return {made.id: made for made in map(_sheet, meta.get("sheets", ()))}


def _sheet(said: Mapping[str, Any]) -> Sheet:
    about = said["properties"]
    size = about.get("gridProperties", {})
    return Sheet(
        about.get("sheetId", 0),
        about.get("title", ""),
        size.get("rowCount", 0),
        size.get("columnCount", 0),
        bool(about.get("hidden")),
        frozenset(one.get("protectedRangeId", 0) for one in said.get("protectedRanges", ())),
        frozenset(one.get("chartId", 0) for one in said.get("charts", ())),
        frozenset(one.get("filterViewId", 0) for one in said.get("filterViews", ())),
        tuple(_rule(one) for one in said.get("conditionalFormats", ())),
    )


def _rule(said: Mapping[str, Any]) -> str:
    values = said.get("booleanRule", {}).get("condition", {}).get("values", [])
    return str(values[0].get("userEnteredValue", "")) if values else ""


def known_tabs(sheets: Mapping[int, Sheet], marks: Marks) -> dict[str, Sheet]:
    """declared tab -> the tab that it is: by the kept id, by the id that we gave it, else (people's) by its name."""
    titles = {sheet.title.strip().casefold(): sheet for sheet in reversed(list(sheets.values()))}
    found = {}
    for tab in TABS:
        ids = (marks.tabs.get(tab.name, -1), fixed_id(tab.name))
        sheet = next((sheets[one] for one in ids if one in sheets), None)
        if sheet is None and tab.owner == "person":
            sheet = titles.get(tab.name.casefold())
        if sheet is not None:
            found[tab.name] = sheet
    return found


# --- what to ask for


def looked_at(tab: Tab) -> tuple[str, ...]:
    """The columns that a look sees of a tab."""
    extra = tuple(column.name for column in GOOGLE_ONLY.get(tab.name, ()) if column.name == "State")
    return (*wanted(tab), *extra) if wanted(tab) else ()


def whole(sheet: Sheet) -> Range:
    """All of a tab."""
    return {"sheetId": sheet.id}


def top(sheet: Sheet) -> Range:
    """Where a heading may stand."""
    return {"sheetId": sheet.id, "startRowIndex": 0, "endRowIndex": min(HEADER_ROWS, max(1, sheet.rows))}


def column(sheet: Sheet, index: int, first: int = 0) -> Range:
    """One column from a row on (both from 0)."""
    return {"sheetId": sheet.id, "startRowIndex": first, "startColumnIndex": index, "endColumnIndex": index + 1}


def ranges_of(place: Place) -> list[Range]:
    """What a look asks for of one tab: a person's tab whole, of an agent's tab the columns with keys and answers."""
    if place.tab.owner == "person":
        return [whole(place.sheet)]
    indexes = [place.index(name) for name in place.columns]
    top_row = place.headers.row
    heading = {"sheetId": place.sheet.id, "startRowIndex": top_row - 1, "endRowIndex": top_row}
    return [heading, *(column(place.sheet, index) for index in indexes if index is not None)]


# --- what came


def place_of(tab: Tab, sheet: Sheet, values: Sequence[Sequence[Any]], adopted: Adopted | None = None) -> Place:
    """Where the columns of a tab stand, by its first rows; of an adopted list by the headings that were settled."""
    rows = values[: HEADER_ROWS if adopted is None else ADOPTED_ROWS]
    texts = [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, 1)]
    if adopted is not None:
        return Place(tab, sheet, _adopted_headers(tab, texts, adopted), {})
    headers = find_headers(tab, [(number, _renamed(tab, row)) for number, row in texts])
    heading = dict(texts).get(headers.row, [])
    ours = (*tab.agent_columns, *(one.name for one in GOOGLE_ONLY.get(tab.name, ()))) if tab.owner == "agent" else ()
    extra = {name: heading.index(name) for name in ours if name in heading}
    return Place(tab, sheet, headers, extra)


def _adopted_headers(tab: Tab, rows: Sequence[tuple[int, Sequence[str | None]]], adopted: Adopted) -> Headers:
    """The columns that bear the settled headings, wherever they stand now. A heading that is gone is not replaced
    unasked, one that is there twice is asked about; a column that is given our own name settles it."""
    own = {name: plain(text) for name, text in adopted.headings.items()}
    said = {number: [plain(text or "") for text in row] for number, row in rows}
    number = max(said, key=lambda one: (len(set(said[one]) & set(own.values())), -one), default=1)
    row = said.get(number, [])
    places = {name: [at for at, text in enumerate(row) if text == heading] for name, heading in own.items()}
    columns = {name: found[0] if len(found) == 1 else None for name, found in places.items()}
    texts = [(one, _renamed(tab, line)) for one, line in rows if one == number] or [(number, [])]
    headers = find_headers(tab, texts, Kept(number, columns, without=adopted.without))
    called = [named_by(tab, text) for text in texts[0][1]]
    for name, settled in places.items():
        found = settled or [at for at, one in enumerate(called) if one == name]
        if len(found) > 1:
            headers.columns.pop(name, None)
            headers.issues = [issue for issue in headers.issues if issue[2]["column"] != name]
            headers.ask("header_twice", tab, name, [(at, dict(rows)[number][at]) for at in found])
    return headers


def _renamed(tab: Tab, texts: Sequence[str | None]) -> list[str | None]:
    """Headings as the other kinds of workbooks call them."""
    own = {column.google.casefold(): column.name for column in tab.columns if column.google}
    there = {(text or "").strip().casefold() for text in texts}
    return [
        own[said] if (said := (text or "").strip().casefold()) in own and own[said].casefold() not in there else text
        for text in texts
    ]


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


def rows_of(place: Place, answers: Sequence[Sequence[Sequence[Any]]]) -> list[Row]:
    """The rows of one tab below its heading, from what `ranges_of` asked for."""
    if place.tab.owner == "person":
        indexes = [place.index(name) for name in place.columns]
        cells = _whole_rows(answers[0], indexes, place.headers.row)
    else:
        cells = _by_columns(place, answers)
    return [(number, row) for number, row in cells if any(value is not None for value in row)]


def _whole_rows(
    values: Sequence[Sequence[Any]], indexes: Sequence[int | None], heading: int
) -> Iterator[tuple[int, tuple[Scalar, ...]]]:
    for number, row in enumerate(values[heading:], heading + 1):
        width = len(row)
        yield number, tuple(scalar(row[i]) if i is not None and i < width else None for i in indexes)


def _by_columns(place: Place, answers: Sequence[Sequence[Sequence[Any]]]) -> Iterator[tuple[int, tuple[Scalar, ...]]]:
    given = iter(answers[1:])  # behind the heading
    columns = [next(given) if place.index(name) is not None else [] for name in place.columns]
    heading, height = place.headers.row, max(map(len, columns), default=0)
    for at in range(heading, height):
        yield at + 1, tuple(scalar(c[at][0]) if at < len(c) and c[at] else None for c in columns)


def scalar(value: object) -> Scalar:
    """A value as it is compared: numbers as floats, blank as None."""
    if value is None or value == "":
        return None
    if isinstance(value, bool | str):
        return value
    return float(value) if isinstance(value, int | float) else str(value)


def issue_letters(place: Place) -> dict[str, str]:
    """column -> its letters, as a Snapshot tells them."""
    return {name: letters_of(index) for name, index in place.headers.columns.items() if name in wanted(place.tab)}


def parse_marks(values: Sequence[Sequence[Any]]) -> Marks:
    """What the hidden tab says."""
    return parse(values)


def mark_range(sheets: Mapping[int, Sheet]) -> list[Range]:
    """The hidden tab, where it is there."""
    return [{"sheetId": MARK_ID, "startRowIndex": 0, "endRowIndex": MARK_ROWS}] if MARK_ID in sheets else []


def heading_row(tab: Tab) -> int:
    """The row of the heading in a tab that Stocksheet makes."""
    return looks.header_row(tab)
