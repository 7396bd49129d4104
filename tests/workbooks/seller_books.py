"""Workbooks as sellers really have them: titles, blank rows, tables, filters, totals, other tabs, many languages.

Each is a `Book`: its bytes, and what a person who knows it would say its columns mean. They stand in
`seller_books_own.py` and `seller_books_made.py`; `all_books()` has them all.
"""

from __future__ import annotations

import importlib
import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from tests.workbooks.made import saved

NAMES = ("Candle", "Mug white", "Poster A2", "Gift box", "Soap lavender", "Tea towel", "Notebook", "Pen", "Bag", "Card")


@dataclass(frozen=True)
class Book:
    """One seller's workbook."""

    content: bytes
    tab: str
    header: int
    means: Mapping[str, str]
    """Column of Item Master -> letters of the seller's column."""
    items: int
    answers: Mapping[str, str] = field(default_factory=dict)
    """What only the seller can say: column (or `tab`) -> letters (or the tab's name)."""
    suffix: str = ".xlsx"


BOOKS: dict[str, Callable[[], Book]] = {}


def all_books() -> dict[str, Callable[[], Book]]:
    """Name -> what makes that workbook."""
    for module in ("own", "made", "later", "last"):
        importlib.import_module(f"tests.workbooks.seller_books_{module}")
    return BOOKS


def book(make: Callable[[], Book]) -> Callable[[], Book]:
    """Register a workbook under its function's name."""
    BOOKS[make.__name__] = make
    return make


def ean(number: int) -> str:
    """An EAN-13 with its check digit."""
    digits = f"40{number:010d}"
    total = sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(digits))
    return f"{digits}{-total % 10}"


def fill(sheet: Worksheet, row: int, column: int, rows: Sequence[Sequence[object]]) -> None:
    """Put rows of values at a place."""
    for i, values in enumerate(rows):
        for j, value in enumerate(values):
            if value is not None:
                sheet.cell(row + i, column + j, value)  # type: ignore[arg-type]


def new(title: str) -> tuple[openpyxl.Workbook, Worksheet]:
    made = openpyxl.Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    return made, sheet


def simple(
    tab: str, headers: Sequence[str], make: Callable[[int], Sequence[object]], means: Mapping[str, str],
    answers: Mapping[str, str] | None = None, count: int = 12,
) -> Book:  # fmt: skip
    """A header in row 1 and `count` rows."""
    made, sheet = new(tab)
    fill(sheet, 1, 1, [headers, *(make(i) for i in range(1, count + 1))])
    return Book(saved(made), tab, 1, means, count, answers or {})


def name(i: int) -> str:
    return f"{NAMES[i % len(NAMES)]} {i}"


def with_macros(content: bytes) -> bytes:
    """The same as a macro workbook: another content type, and a part with (unreadable) macros."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as out:
        for info in old.infolist():
            part = old.read(info)
            if info.filename == "[Content_Types].xml":
                part = part.replace(b"spreadsheetml.sheet.main+xml", b"MAIN").replace(
                    b"application/vnd.openxmlformats-officedocument.MAIN",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                )
                part = part.replace(
                    b"</Types>",
                    b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>',
                )
            if info.filename == "xl/_rels/workbook.xml.rels":
                part = part.replace(
                    b"</Relationships>",
                    b'<Relationship Id="rIdVba" Target="vbaProject.bin" '
                    b'Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject"/></Relationships>',
                )
            out.writestr(info.filename, part)
        out.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0made-up macros" * 40)
    return held.getvalue()


# --- the same, saved by another program -----------------------------------------------------------------------------


def through_libre_office(folder: Path, books: Mapping[str, Book]) -> dict[str, Book] | None:
    """These workbooks opened and saved by LibreOffice, all in one go; None where it is not installed."""
    program = shutil.which("soffice")
    if program is None:
        return None
    source, target = folder / "made", folder / "saved"
    source.mkdir()
    for key, made in books.items():
        (source / f"{key}.xlsx").write_bytes(made.content)
    command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx",
               "--outdir", str(target), *(str(source / f"{key}.xlsx") for key in books)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return {
        key: Book((target / f"{key}.xlsx").read_bytes(), b.tab, b.header, b.means, b.items, b.answers)
        for key, b in books.items()
    }
