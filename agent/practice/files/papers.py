"""How the shop's files look: what they are called, in which letters and with which signs they are written; and reading
an import file as shops do: by the names in its first row, strictly."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import openpyxl
from openpyxl.cell import WriteOnlyCell

Table = Sequence[Sequence[str | int]]


class Refused(Exception):
    """The shop does not take a file, and says why."""


@dataclass
class Look:
    """How one shop writes its files."""

    encoding: str = "utf-8"
    delimiter: str = ","
    newline: str = "\r\n"
    decimal: str = "."
    book: bool = False
    guards: bool = False
    """Texts that a spreadsheet would compute stand behind an apostrophe, which is taken off when a file is imported."""
    ending: str = ".csv"
    id: str | None = "Product ID"
    sku: str = "SKU"
    quantity: str = "Stock"

    @property
    def suffix(self) -> str:
        return ".xlsx" if self.book else self.ending

    def written(self, rows: Table) -> bytes:
        """A whole file."""
        guarded = [[self._guarded(value) for value in row] for row in rows]
        if self.book:
            return _book(guarded)
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=self.delimiter, lineterminator=self.newline).writerows(guarded)
        return out.getvalue().encode(self.encoding)

    def _guarded(self, value: str | int) -> str | int:
        risky = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r")
        return f"'{value}" if self.guards and risky and not self.book else value

    def money(self, cents: int) -> str:
        """A price as the shop writes it."""
        return f"{cents // 100}{self.decimal}{cents % 100:02}"

    def read(self, content: bytes) -> list[dict[str, str]]:
        """The rows of an import file by the names in its first row. Raises Refused."""
        rows = _rows_of_book(content) if self.book else self._rows(content)
        if not rows:
            raise Refused("the file is empty")
        header = rows[0]
        known = {self.sku, self.quantity, *([self.id] if self.id else [])}
        if set(header) - known or self.quantity not in header or len(header) < 2:
            raise Refused(f"unknown columns: {header}")
        if any(len(row) != len(header) for row in rows):
            raise Refused("a row is too short or too long")
        return [{name: self._bare(text) for name, text in zip(header, row, strict=True)} for row in rows[1:]]

    def _rows(self, content: bytes) -> list[list[str]]:
        try:
            text = content.decode(self.encoding)
        except UnicodeDecodeError:
            raise Refused(f"the file is not in {self.encoding}") from None
        if self.newline not in text:
            raise Refused("the lines end in another way")
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter, strict=True))

    def _bare(self, text: str) -> str:
        risky = text[:1] == "'" and text[1:2] in ("=", "+", "-", "@", "\t", "\r")
        return text[1:] if self.guards and risky else text


def _book(rows: Table) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Products")
    for row in rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=value)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _rows_of_book(content: bytes) -> list[list[str]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    cells = [list(row) for row in sheet.iter_rows()]
    if any(cell.data_type == "f" for row in cells for cell in row):
        raise Refused("a cell is a formula")
    return [["" if cell.value is None else str(cell.value) for cell in row] for row in cells]
