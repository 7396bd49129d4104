"""A list that a person or another program keeps in a file: CSV, TSV or Excel, read as rows of texts.

Nothing is guessed about what the columns mean; that is for whoever asked. Numbers are as they would be read aloud:
`12.0` in Excel is `12`, codes keep their leading zeros where the file has them.
"""

from __future__ import annotations

import csv
import io
from pathlib import PurePath

from charset_normalizer import from_bytes
from python_calamine import CalamineError, CalamineWorkbook

from agent.words import in_words
from agent.workbooks.adopt.columns import shown
from agent.workbooks.xlsx.archive import Archive, Refused

LARGEST = 64 * 1024 * 1024
SAMPLE = 64 * 1024
DELIMITERS = ",;\t|"
BOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class TableOut(Exception):
    """The file cannot be read as a list: what is the matter, as the end of a sentence (`it is empty`)."""


def rows_of(content: bytes, name: str) -> list[list[str]]:
    """The rows of a file, as texts; rows and cells without a text are kept. `name`: its name, for its ending.

    Of a workbook: the first sheet that holds anything. Raises TableOut.
    """
    if len(content) > LARGEST:
        raise TableOut(in_words("tables.larger_than_mb", largest=LARGEST // 1024**2))
    if not content.strip():
        raise TableOut(in_words("tables.it_is_empty"))
    if content.startswith((_ZIP, _OLE)) or PurePath(name).suffix.lower() in BOOKS:
        return _of_book(content)
    return _of_text(content)


def _of_book(content: bytes) -> list[list[str]]:
    try:
        if content.startswith(_ZIP):
            Archive.open(content)  # the limits on what a small file may unpack to (R9-R12)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            if rows := book.get_sheet_by_name(name).to_python(skip_empty_area=False):
                return [[shown(value) for value in row] for row in rows]
    except Refused as refused:
        raise TableOut(in_words("tables.cannot_used", refused=refused.what)) from None
    except (CalamineError, ValueError, OSError, EOFError):
        raise TableOut(in_words("tables.cannot_read_as_workbook")) from None
    raise TableOut(in_words("tables.it_is_empty"))


def _of_text(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    if "\x00" in text:
        raise TableOut(in_words("tables.not_text_file"))
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.lower().startswith("sep=") and len(first) == 5:  # Excel's own hint
        return list(csv.reader(io.StringIO(text.partition("\n")[2], newline=""), delimiter=first[4]))
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))


def _decoded(content: bytes) -> str:
    """UTF-8 where it is that; else what the bytes look most like."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(content[:SAMPLE]).best()
        return content.decode(best.encoding if best else "cp1252", "replace").removeprefix("\ufeff")


def _delimiter(text: str) -> str:
    sample = "\n".join(text[:SAMPLE].splitlines()[:50])
    try:
        return csv.Sniffer().sniff(sample, DELIMITERS).delimiter
    except csv.Error:  # one column, or rows of several lengths
        return max(DELIMITERS, key=sample.count)
