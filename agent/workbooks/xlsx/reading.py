"""Reading an Excel workbook into a Snapshot (excel.md section 3).

Values come in bulk from python-calamine, with the offset of its first cell; address, type, formula, error and number
format come from our own pass over the sheet's XML. Where the two disagree about a cell, it is an issue, not a value.
"""

from __future__ import annotations

import gc
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from agent.words import in_words
from agent.workbooks.base import Snapshot
from agent.workbooks.cells import index_of, letters_of
from agent.workbooks.headers import HEADER_ROWS, Headers, find_headers, issue, wanted, workbook_issues
from agent.workbooks.tabs import BY_NAME, ITEM_MASTER, Tab
from agent.workbooks.totals import without_totals
from agent.workbooks.xlsx.marks import find_tabs, read_columns, read_mark
from agent.workbooks.xlsx.package import Package, Refused, Sheet
from agent.workbooks.xlsx.plain_copy import plain_copy
from agent.workbooks.xlsx.sheet_cells import Unclear, careful_cells, quick_cells, styles
from agent.workbooks.xlsx.two_readers import Column, both_readers

MAX_AREA = 40_000_000
"""Cells between the first and the last filled one; more is a stray cell far away (R13)."""
MAX_UNCLEAR = 50
"""At most this many cells a tab are named one by one."""

_ERROR = re.compile(
    rb"""(<(?:[\w.-]+:)?c\b[^>]*\st=["']e["'][^>]*>(?:<(?:[\w.-]+:)?f\b[^>]*(?:/>|>[^<]*</[^>]*>))?<(?:[\w.-]+:)?v>)[^<]*"""
)

Values = Sequence[Sequence[object]]


@dataclass
class _Read:
    """What was read so far."""

    tabs: dict[str, pl.DataFrame] = field(default_factory=dict)
    letters: dict[str, Mapping[str, str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    found: dict[str, Headers] = field(default_factory=dict)
    issues: list[tuple[object, ...]] = field(default_factory=list)


def read_snapshot(content: bytes, saved_at: datetime, open_elsewhere: bool = False) -> Snapshot:
    """Read every declared tab of a workbook file. Raises Refused (encrypted, damaged, not a workbook, hostile).

    An agent's tab without a person's column (Movements, Sync Log ...) is found, but none of its rows are read.
    """
    package = Package.open(content, checked=False)
    with _no_collection():
        read = _read_tabs(package, content)
    package.archive.check()
    revision = hashlib.sha256(content).hexdigest()
    issues = workbook_issues(read.found, read.issues)
    tabs = (read.tabs, read.letters, read.names)
    return Snapshot(
        revision, saved_at, read_mark(package), *tabs, issues, open_elsewhere, saved_by=package.last_modified_by
    )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of plain objects are made and dropped; looking for cycles among them would double the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _read_tabs(package: Package, content: bytes) -> _Read:
    read, formats = _Read(), styles(package)
    values: CalamineWorkbook | None = None
    for name, sheet in find_tabs(package).items():
        tab = BY_NAME[name]
        if not wanted(tab):
            read.tabs[name], read.letters[name], read.names[name] = (
                pl.DataFrame(schema={"row": pl.Int64}),
                {},
                sheet.name,
            )
            continue
        values = values or _calamine(content, package)
        _read_tab(_SheetReader(package, sheet, values, formats), tab, read)
    return read


def _read_tab(reader: _SheetReader, tab: Tab, read: _Read) -> None:
    reader.load()
    kept = read_columns(reader.package, tab.name, reader.sheet) if tab.owner == "person" else None
    rows = reader.first_rows() if kept is None else [(kept.row, reader.row_texts(kept.row))]
    headers = find_headers(tab, rows, kept)
    if tab.owner == "agent" and not set(tab.key) <= set(headers.columns):
        return  # a tab of the person's own that happens to have this name
    frame, unclear = reader.frame(headers)
    frame = without_totals(frame) if tab is ITEM_MASTER else frame
    read.tabs[tab.name], read.found[tab.name] = frame, headers
    read.letters[tab.name], read.names[tab.name] = headers.letters, reader.sheet.name
    for cell, column, found in unclear[:MAX_UNCLEAR]:
        facts = {"tab": tab.name, "column": column, "found": found, "unclear": len(unclear)}
        read.issues.append(issue("cell_unclear", tab.name, cell, facts))


@dataclass
class _SheetReader:
    """One sheet, read by both readers."""

    package: Package
    sheet: Sheet
    workbook: CalamineWorkbook
    formats: Sequence[int]
    cells: pl.DataFrame = field(default_factory=pl.DataFrame)
    values: Values = ()
    start: tuple[int, int] = (0, 0)
    """Zero-based row and column of the first value."""
    careful: bool = False
    filled: pl.DataFrame = field(default_factory=pl.DataFrame)
    """`letters`, `row` of the cells that are not blank."""

    def load(self) -> None:
        """Read the sheet. Raises Refused."""
        data = self.package.data(self.sheet.part)
        _no_definitions(data, self.sheet)
        try:
            self.cells = quick_cells(data, self.formats)
        except Unclear:
            self.cells, self.careful = careful_cells(data, self.formats), True
        self.filled = _filled(self.cells)
        _check_area(self.filled, self.sheet)
        try:
            self._load_values(self.workbook)
        except CalamineError:
            self._load_values_again(data)

    def _load_values(self, workbook: CalamineWorkbook) -> None:
        sheet = workbook.get_sheet_by_name(self.sheet.name)
        self.values, self.start = sheet.to_python(), sheet.start or (0, 0)

    def _load_values_again(self, data: bytes) -> None:
        """The other reader gives up a whole sheet for one error that it does not know, such as `#SPILL!`."""
        try:
            known = {self.sheet.part: _ERROR.sub(rb"\g<1>#N/A", data)}
            self._load_values(_opened(plain_copy(self.package, [self.sheet], known)))
        except CalamineError:
            what = in_words("reading.tab_damaged_cannot_read", name=self.sheet.name)
            raise Refused(what, in_words("reading.save_again_excel")) from None

    def first_rows(self) -> list[tuple[int, list[str | None]]]:
        """(row number, texts from column A on) of the first rows."""
        above = [(row + 1, list[str | None]()) for row in range(self.start[0])]
        left: list[str | None] = [None] * self.start[1]
        texts = [
            (self.start[0] + 1 + i, left + [value if isinstance(value, str) else str(value) for value in row])
            for i, row in enumerate(self.values[:HEADER_ROWS])
        ]
        return [*above[:HEADER_ROWS], *texts][: 2 * HEADER_ROWS]

    def row_texts(self, number: int) -> list[str | None]:
        """The texts of one row from column A on."""
        at = number - 1 - self.start[0]
        found = self.values[at] if 0 <= at < len(self.values) else ()
        left: list[str | None] = [None] * self.start[1]
        return left + [value if isinstance(value, str) else str(value) for value in found]

    def frame(self, headers: Headers) -> tuple[pl.DataFrame, list[tuple[str, str, str | None]]]:
        """The Snapshot frame below the header, and (cell, column, what one reader found) where they disagree."""
        first, last = headers.row + 1, self._last_row(headers)
        columns = self._columns(headers, first, last)
        if not self.careful and any(column.disagreements for column in columns.values()):
            data = self.package.data(self.sheet.part)
            self.cells, self.careful = careful_cells(data, self.formats), True
            columns = self._columns(headers, first, last)
        unclear = [
            (f"{letters_of(headers.columns[name])}{first + at}", name, column.series[0][at])
            for name, column in columns.items()
            for at in column.disagreements
        ]
        return _wide(columns, first, last), unclear

    def _columns(self, headers: Headers, first: int, last: int) -> dict[str, Column]:
        letters = self.cells.get_column("letters")
        below = self.cells.get_column("row").is_between(first, last)
        skip = first - 1 - self.start[0]
        values = list(zip(*self.values[max(skip, 0) : last - self.start[0]], strict=True))
        blank = ("",) * (len(values[0]) if values else 0)
        columns = {}
        for name, index in headers.columns.items():
            at = index - self.start[1]
            found = (*("",) * max(-skip, 0), *(values[at] if 0 <= at < len(values) else blank))
            ours = self.cells.filter((letters == letters_of(index)) & below)
            columns[name] = both_readers(ours, found, first, last, self.package.date1904)
        return columns

    def _last_row(self, headers: Headers) -> int:
        """The last row that any reader knows; the totals row of a table does not count."""
        last = max(self.start[0] + len(self.values), headers.row)
        if self.cells.height:
            last = max(last, int(self.filled.get_column("row").max() or 0))  # type: ignore[arg-type]
        totals = _totals_rows(self.package, self.sheet)
        return last - 1 if last in totals and last > headers.row else last


def _wide(columns: Mapping[str, Column], first: int, last: int) -> pl.DataFrame:
    series = [pl.Series("row", range(first, last + 1), pl.Int64)]
    filled = [pl.lit(False)]
    for name, column in columns.items():
        series += [
            s.alias(f"{name}{suffix}")
            for s, suffix in zip(column.series, ("", "|kind", "|formula", "|format"), strict=True)
        ]
        series.append(column.filled.alias(f"{name}|filled"))
        filled.append(pl.col(f"{name}|filled"))
    frame = pl.DataFrame(series).filter(pl.any_horizontal(filled))
    return frame.drop([f"{name}|filled" for name in columns])


def _calamine(content: bytes, package: Package) -> CalamineWorkbook:
    """The other reader's view of the workbook, or of its cells alone where it does not understand the rest."""
    with suppress(CalamineError):
        return _opened(content)
    try:
        return _opened(plain_copy(package, [sheet for sheet in package.sheets if sheet.kind == "worksheet"]))
    except CalamineError:
        raise Refused(
            in_words("reading.workbook_damaged_cannot_read"), in_words("reading.open_excel_save_again")
        ) from None


def _opened(content: bytes) -> CalamineWorkbook:
    return CalamineWorkbook.from_filelike(io.BytesIO(content))


def _no_definitions(data: bytes, sheet: Sheet) -> None:
    """No spreadsheet program writes them; they serve attacks only (R12)."""
    head = data[:100_000]
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise Refused(
            in_words("reading.tab_holds_definitions_no", sheet=sheet.name), in_words("reading.save_again_excel")
        )


def _filled(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.lazy().filter(pl.col("code") & 112 > 0).select("letters", "row").collect()


def _check_area(filled: pl.DataFrame, sheet: Sheet) -> None:
    if not filled.height:
        return
    rows = filled.get_column("row")
    columns = [index_of(letters) for letters in filled.get_column("letters").unique().to_list()]
    low, high = int(rows.min() or 0), int(rows.max() or 0)  # type: ignore[arg-type]
    if (high - low + 1) * (max(columns) - min(columns) + 1) > MAX_AREA:
        corner = f"{letters_of(max(columns))}{high}"
        raise Refused(
            in_words("reading.tab_reaches_as_far", sheet=sheet.name, corner=corner),
            in_words("reading.delete_what_stands_far"),
        )


def _totals_rows(package: Package, sheet: Sheet) -> set[int]:
    rows = set()
    for table in package.tables:
        if table.sheet_part == sheet.part and package.root(table.part).get("totalsRowCount", "0") != "0":
            digits = table.ref.rpartition(":")[2].lstrip("$ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            rows.add(int(digits) if digits.isdigit() else 0)
    return rows
