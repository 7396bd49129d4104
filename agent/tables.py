"""A list that a person or another program keeps in a file: CSV, TSV or Excel, read as rows of texts.

Nothing is guessed about what the columns mean; that is for whoever asked. Numbers are as they would be read aloud:
`12.0` in Excel is `12`, codes keep their leading zeros where the file has them.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
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
    if _is_book(content, name):
        return [[shown(value) for value in row] for row in _of_book(content)]
    return _of_text(content)


def _is_book(content: bytes, name: str) -> bool:
    return content.startswith((_ZIP, _OLE)) or PurePath(name).suffix.lower() in BOOKS


def _of_book(content: bytes) -> Sequence[Sequence[object]]:
    try:
        if content.startswith(_ZIP):
            Archive.open(content)  # the limits on what a small file may unpack to (R9-R12)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            if rows := book.get_sheet_by_name(name).to_python(skip_empty_area=False):
                return rows
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


# --- with how it is written -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """How a file is written, so that another can be written alike."""

    book: bool
    """A workbook; the rest is of texts."""
    encoding: str = "utf-8"
    delimiter: str = ","
    newline: str = "\r\n"


def table_of(content: bytes, name: str, encoding: str | None = None) -> tuple[list[list[str]], Shape]:
    """The rows of a whole file, texts exactly as they stand there, and how it is written. `encoding`: where known.

    A text file without a mark that is not UTF-8 is read as Western (cp1252): what letters look like is no proof, and a
    guess that changes from file to file would change SKUs. Raises TableOut; also where it ends within a row.
    """
    if len(content) > LARGEST:
        raise TableOut(in_words("tables.larger_than_mb", largest=LARGEST // 1024**2))
    if not content.strip():
        raise TableOut(in_words("tables.it_is_empty"))
    if _is_book(content, name):
        return [[_exact(value) for value in row] for row in _of_book(content)], Shape(book=True)
    used = encoding or _encoding(content)
    try:
        text = content.decode(used)
    except (UnicodeDecodeError, LookupError):
        raise TableOut(in_words("tables.not_encoding", encoding=used)) from None
    if "\x00" in text:
        raise TableOut(in_words("tables.not_text_file"))
    newline = "\r\n" if "\r\n" in text[:SAMPLE] or "\n" not in text[:SAMPLE] else "\n"
    first, _, rest = text.partition("\n")
    hint = re.fullmatch(r"sep=(.)\s*", first, re.IGNORECASE)  # Excel's own
    delimiter = hint[1] if hint else _fitting(text)
    csv.field_size_limit(LARGEST)
    try:
        rows = list(csv.reader(io.StringIO(rest if hint else text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise TableOut(in_words("tables.is_cut_off")) from None
    return rows, Shape(False, used, delimiter, newline)


def _exact(value: object) -> str:
    return value if isinstance(value, str) else shown(value)


_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def _encoding(content: bytes) -> str:
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if marked:
        return marked
    start = content[:SAMPLE]
    if start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    if start[::2].count(0) > len(start) // 4:
        return "utf-16-be"
    for name in ("utf-8", "cp1252"):
        try:
            content.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    best = from_bytes(start).best()  # it has bytes that are no letters in cp1252
    return best.encoding if best else "latin-1"


def _fitting(text: str) -> str:
    """The delimiter that cuts the most first rows into as many columns as the header's."""

    def fits(delimiter: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(text[:SAMPLE], newline=""), delimiter=delimiter)
        widths = [len(row) for row in itertools.islice((row for row in rows if any(row)), 50)]
        same = sum(width == widths[0] for width in widths) if widths and widths[0] > 1 else 0
        return same, widths[0] if widths else 0

    return max(DELIMITERS, key=fits)


# --- texts ------------------------------------------------------------------------------------------------------------


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
