"""Files that are no workbook, or one that cannot be used: how to make each from a good one."""

from __future__ import annotations

import functools
import io
import random
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

OPEN_AND_SAVE = "Open it in Excel, save it as an Excel Workbook (.xlsx), and try again."
SHEET = "xl/worksheets/sheet1.xml"
Change = Callable[[bytes], bytes]


def patched(content: bytes, change: Change, part: str = SHEET) -> bytes:
    """The file with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return out.getvalue()


def edited(content: bytes, change: Callable[[openpyxl.Workbook], None]) -> bytes:
    """The file after another program changed and saved it."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def small_book() -> bytes:
    """An Item Master of three rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Item Master"
    for row in (("SKU", "Title", "Stocked"), *((f"A{n}", "Thing", n) for n in range(3))):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_xml(content: bytes, rows: bytes) -> bytes:
    """The first sheet with these rows appended."""
    return patched(content, lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>"))


@functools.cache
def converted(content: bytes, kind: str, ending: str) -> bytes:
    """The workbook as LibreOffice writes it in another format. Skips where there is no LibreOffice."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not here: it makes the real .xls, .ods and password-protected files")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "book.xlsx"
        file.write_bytes(content)
        out = Path(folder) / "out"
        profile = f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"
        command = [office, profile, "--headless", "--convert-to", kind, "--outdir", str(out), str(file)]
        subprocess.run(command, capture_output=True, timeout=110, check=True)
        return (out / f"book.{ending}").read_bytes()


def with_password(_: bytes) -> bytes:
    """An Item Master encrypted with the password `open sesame`, as Excel 2010 and later do it (MS-OFFCRYPTO, agile)."""
    return Path(__file__).with_name("password.xlsx").read_bytes()


def _random_bytes(_: bytes) -> bytes:
    return random.Random(1).randbytes(20_000)


def _two_headers(book: openpyxl.Workbook) -> None:
    book["Item Master"]["D1"] = "Stocked"


def _no_tab(book: openpyxl.Workbook) -> None:
    del book["Item Master"]


def _no_header(book: openpyxl.Workbook) -> None:
    book["Item Master"]["C1"] = None


def _no_rows(book: openpyxl.Workbook) -> None:
    book["Item Master"].delete_rows(2, 10)


NOT_READ: dict[str, tuple[Change, str]] = {
    "empty": (lambda _: b"", "The workbook is empty (0 bytes). Put it back from a backup"),
    "random bytes": (_random_bytes, f"This file is not an Excel workbook (.xlsx), or it was damaged. {OPEN_AND_SAVE}"),
    "half a file": (lambda b: b[: len(b) // 2], "The workbook is damaged or was only half saved: its end is missing."),
    "its last bytes lost": (lambda b: b[:-10], "The workbook is damaged or was only half saved: its end is missing."),
    "one byte wrong": (
        lambda b: b[:5000] + bytes([b[5000] ^ 0xFF]) + b[5001:],
        "The workbook is damaged or was only half saved: the part",
    ),
    "csv": (
        lambda _: b"SKU;Title;Stocked\r\nA;Caf\xe9;3\r\n",
        f"This file is plain text (as .csv files are) with the ending .xlsx, not an Excel workbook. {OPEN_AND_SAVE}",
    ),
    "web page": (
        lambda _: b"\xef\xbb\xbf<html><table><tr><td>SKU</td></tr></table></html>",
        f"This file is a web page or XML with the ending .xlsx, not an Excel workbook. {OPEN_AND_SAVE}",
    ),
    "pdf": (lambda _: b"%PDF-1.7\n%\xe2\xe3", "This file is a document with the ending .xlsx, not an Excel workbook."),
    "zip of other things": (
        lambda b: patched(b, lambda _: b"<Types/>", "[Content_Types].xml"),
        "This file is not an Excel workbook (.xlsx).",
    ),
    "old xls": (
        lambda b: converted(b, "xls", "xls"),
        f"The workbook is in the old .xls format, whatever its name says. {OPEN_AND_SAVE}",
    ),
    "ods": (
        lambda b: converted(b, "ods", "ods"),
        "This file is an OpenDocument file (.ods) with the ending .xlsx, not an Excel workbook.",
    ),
    "password": (with_password, "The workbook is protected by a password, so it cannot be read. In Excel: File, Info"),
    "zip bomb R13": (
        lambda b: patched(b, lambda xml: xml + b" " * 120_000_000, "xl/worksheets/sheet2.xml"),
        "The workbook is too large to be read safely: its part xl/worksheets/sheet2.xml unpacks to 120 MB.",
    ),
    "billion laughs R12": (
        lambda b: patched(
            b,
            lambda xml: re.sub(rb"<worksheet", b'<!DOCTYPE a [<!ENTITY a "ha">]><worksheet', xml, count=1),
            "xl/worksheets/sheet2.xml",
        ),
        "holds definitions that no spreadsheet program writes.",
    ),
    "a cell at the far end R13": (
        lambda b: patched(
            b,
            lambda xml: xml.replace(
                b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            ),
            "xl/worksheets/sheet2.xml",
        ),
        "The tab Item Master reaches as far as cell XFD1048576, too far to be read. Delete what stands far away",
    ),
}
"""Name -> how it is made of a good workbook, and what is said. None of them can be read; none may be touched."""

NOT_USED: dict[str, tuple[Change, str, str]] = {
    "no Item Master": (
        lambda b: edited(b, _no_tab),
        "Item Master: The workbook has no tab Item Master. Put the tab back, or rename the tab that you use instead.",
        "held: no Item Master",
    ),
    "header missing": (
        lambda b: edited(b, _no_header),
        "Item Master: A column that is needed is missing in Item Master: Stocked. Type its name into the top row",
        "held: a column is missing",
    ),
    "header doubled": (
        lambda b: edited(b, _two_headers),
        "Item Master!D1: Two columns have the same heading: Stocked, in C1 and D1. Rename or delete one of them",
        "held: a column is there twice",
    ),
    "no rows": (
        lambda b: edited(b, _no_rows),
        "Item Master: Item Master has no SKU in any row. Put the rows back, for example from a backup.",
        "held: no items",
    ),
}
"""Name -> how it is made, what is said, and the status of every listing. It is read, and holds the sheet as a whole."""
