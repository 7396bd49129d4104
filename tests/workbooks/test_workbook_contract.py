"""The contract suite over every workbook."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from google_desk import Desk, seen
from workbook_contract import NOON, Bench, Grid, WorkbookContract

from agent.workbooks import looks
from agent.workbooks.cells import Cell, cell_of, date_text
from agent.workbooks.excel import ExcelWorkbook
from agent.workbooks.google import marks
from agent.workbooks.memory import MemoryWorkbook
from agent.workbooks.memory_tabs import Entry, Sheet, Typed, seen_as
from agent.workbooks.tabs import AGENT_TABS, BY_NAME
from agent.workbooks.xlsx.package import Package
from agent.workbooks.xlsx.sidecar import sidecar_path

AGENTS = {tab.name for tab in AGENT_TABS}
CODES = {"zeros": "0000", "percent": "0%", "text": "@", "scientific": "0.00E+00", None: "General"}


class StandingClock:
    """Always noon."""

    def now(self) -> dt.datetime:
        return NOON

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None: ...


class MemoryBench:
    """The in-memory workbook."""

    def __init__(self) -> None:
        self.book = MemoryWorkbook(StandingClock())

    def give(self, sheets: Mapping[str, Grid]) -> None:
        names = {name.lower(): name for name in BY_NAME}
        for name, grid in sheets.items():
            header, *rows = grid
            declared = names.get(name.lower(), name)
            texts = tuple("" if value is None else str(value) for value in header)
            self.book.replace_sheet(declared, Sheet(name, texts, tuple(map(tuple, rows))))
        self.book.save()

    def type(self, tab: str, key: str | tuple[str, ...] | int, column: str, entry: Entry) -> None:
        self.book.type_cell(tab, key, column, entry)
        self.book.save()

    def open(self) -> None:
        self.book.open_by_person()

    def close(self) -> None:
        self.book.close_by_person()

    def type_beside(self, tab: str, key: tuple[str, ...], column: str, entry: Entry) -> None:
        self.book.type_in_sidecar(tab, key, column, entry)

    def cells(self, tab: str) -> list[dict[str, Cell]]:
        results = self.book.saved.results[tab]
        rows = [{name: _seen(value) for name, value in row.items()} for row in results.frame.to_dicts()]
        for row, key in zip(rows, results.keys, strict=True) if results.tab.key else ():
            row.update({name: _seen(entry) for name, entry in results.answers.get(key, {}).items()})
        return rows

    def people(self) -> dict[str, object]:
        return {name: sheet.digest for name, sheet in self.book.saved.sheets.items()}


def _seen(entry: Entry) -> Cell:
    return Cell(date_text(entry), "date", format="date") if isinstance(entry, dt.datetime) else seen_as(entry)


class ExcelBench:
    """A file, and a person with openpyxl and owner files in the place of Excel."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "Stock.xlsx"
        self.book = ExcelWorkbook(self.path, StandingClock(), zone=dt.UTC)

    def give(self, sheets: Mapping[str, Grid]) -> None:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for name, grid in sheets.items():
            sheet = book.create_sheet(name)
            for row, entries in enumerate(grid, 1):
                for column, entry in enumerate(entries, 1):
                    _type(sheet.cell(row, column), entry)
        book.save(self.path)

    def type(self, tab: str, key: str | tuple[str, ...] | int, column: str, entry: Entry) -> None:
        self._type_into(self.path, tab, key, column, entry)

    def type_beside(self, tab: str, key: tuple[str, ...], column: str, entry: Entry) -> None:
        self._type_into(sidecar_path(self.path), tab, key, column, entry)

    @staticmethod
    def _type_into(path: Path, tab: str, key: str | tuple[str, ...] | int, column: str, entry: Entry) -> None:
        book = openpyxl.load_workbook(path)
        sheet = book[tab]
        top = looks.header_row(BY_NAME[tab])
        header = [cell.value for cell in sheet[top]]
        parts = (key,) if isinstance(key, str) else key
        places = [header.index(name) for name in BY_NAME[tab].key]
        rows = [row for row in sheet.iter_rows(min_row=top + 1) if tuple(row[i].value for i in places) == parts]
        _type(rows[0][header.index(column)], entry)
        book.save(path)

    def open(self) -> None:
        self.path.with_name(f"~${self.path.name}").write_bytes(b"\x05Ann")

    def close(self) -> None:
        self.path.with_name(f"~${self.path.name}").unlink()

    def cells(self, tab: str) -> list[dict[str, Cell]]:
        sheet = openpyxl.load_workbook(self.path)[tab]
        top = looks.header_row(BY_NAME[tab])
        header = [cell.value for cell in sheet[top]]
        rows = [[cell_of(c.value, c.data_type == "f") for c in row] for row in sheet.iter_rows(min_row=top + 1)]
        return [dict(zip(header, row, strict=True)) for row in rows if any(cell.text for cell in row)]

    def people(self) -> dict[str, object]:
        package = Package.open(self.path.read_bytes())
        with zipfile.ZipFile(self.path) as file:
            return {sheet.name: file.read(sheet.part) for sheet in package.sheets if sheet.name not in AGENTS}


def _type(cell: Any, entry: Entry) -> None:
    typed = entry if isinstance(entry, Typed) else Typed(entry)
    cell.value = "=1+1" if typed.formula else typed.value
    if isinstance(typed.value, str):
        cell.data_type = "s"
    if typed.format:
        cell.number_format = CODES[typed.format]


class RealClock(StandingClock):
    """Always noon, and yet time passes."""

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class GoogleBench:
    """The emulator in this process; the person uses the sheet's own calls."""

    def __init__(self) -> None:
        self.desk = Desk(RealClock(), look=0.3)
        self.book = self.desk.book

    def give(self, sheets: Mapping[str, Grid]) -> None:
        self.desk.give(sheets)

    def type(self, tab: str, key: str | tuple[str, ...] | int, column: str, entry: Entry) -> None:
        grid = self._texts(tab)
        top = next(at for at, row in enumerate(grid) if column in row)
        parts = (key,) if isinstance(key, str) else key
        places = [grid[top].index(name) for name in BY_NAME[tab].key]
        row = next(
            at for at, one in enumerate(grid) if len(one) > max(places) and tuple(one[i] for i in places) == parts
        )
        self.desk.person.types(self.desk.person.sheets()[tab]["sheetId"], row, grid[top].index(column), entry)

    def _texts(self, tab: str) -> list[list[str | None]]:
        return [[seen(cell).text for cell in row] for row in self.desk.person.grid(tab)]

    def open(self) -> None:
        pytest.skip("a Google Sheet is never open elsewhere: everybody works in it at once")

    def close(self) -> None: ...

    def type_beside(self, tab: str, key: tuple[str, ...], column: str, entry: Entry) -> None:
        raise AssertionError("there is no sidecar")

    def cells(self, tab: str) -> list[dict[str, Cell]]:
        top = looks.header_row(BY_NAME[tab])
        grid = [[seen(cell) for cell in row] for row in self.desk.person.grid(tab)]
        header = [cell.text for cell in grid[top - 1]]
        wide = [row + [cell_of(None)] * (len(header) - len(row)) for row in grid[top:]]
        named = [{name: cell for name, cell in zip(header, row, strict=True) if name} for row in wide]
        return [row for row in named if any(cell.text for name, cell in row.items() if name != "Rank")]

    def people(self) -> dict[str, object]:
        titles = [title for title in self.desk.person.sheets() if title not in AGENTS and title != marks.TITLE]
        return {title: self.desk.person.grid(title) for title in titles}


class TestGoogleWorkbook(WorkbookContract):
    @pytest.fixture
    def bench(self) -> Bench:
        return GoogleBench()


class TestMemoryWorkbook(WorkbookContract):
    @pytest.fixture
    def bench(self) -> Bench:
        return MemoryBench()


class TestExcelWorkbook(WorkbookContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        return ExcelBench(tmp_path)
