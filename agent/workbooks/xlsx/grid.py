"""The rows and cells of one sheet as they are written in its XML, taken apart by polars string expressions.

A sheet of 100,000 rows is never made into objects: rows are strings, a column's cells are found in all rows at once.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from agent.words import in_words
from agent.workbooks.cells import index_of
from agent.workbooks.xlsx.package import UTF16, Package, Refused, local
from agent.workbooks.xlsx.splice import Edit, Node, apply, outline

_SHEET_DATA = re.compile(rb"<((?:[\w.-]+:)?)sheetData(?:\s[^>]*?)?(/)?>")
_CHUNK = 1_000_000
_LONGEST_TAG = 100
_SAVE_IN_EXCEL = in_words("grid.open_workbook_excel_save")


@dataclass
class SheetXml:
    """One worksheet's XML: `around` is everything but the rows, `rows` is what stands within `sheetData`."""

    around: bytes
    rows: bytes
    at: int
    """Where in `around` the rows belong."""
    prefix: str
    """The namespace prefix of the sheet's elements with its colon, or an empty string."""

    @classmethod
    def split(cls, data: bytes, name: str) -> SheetXml:
        """Take a worksheet's XML apart. Raises Refused."""
        start, end, prefix = cls.bounds(data, name)
        if data[start - 2 : start] == b"/>":  # <sheetData/>
            opened = data[: start - 2].rstrip() + b">"
            return cls(opened + f"</{prefix}sheetData>".encode() + data[start:], b"", len(opened), prefix)
        return cls(data[:start] + data[end:], data[start:end], start, prefix)

    @staticmethod
    def bounds(data: bytes, name: str) -> tuple[int, int, str]:
        """Where the rows of a worksheet's XML begin and end, and its prefix. Raises Refused."""
        match = _SHEET_DATA.search(data)
        if match is None and data.startswith(UTF16):
            raise Refused(in_words("grid.workbook_sheet_not_written", name=name), _SAVE_IN_EXCEL)
        if match is None:
            raise Refused(in_words("grid.workbook_damaged_sheet_no", name=name), _SAVE_IN_EXCEL)
        prefix = match[1].decode()
        if match[2]:
            return match.end(), match.end(), prefix
        end = data.rfind(f"</{prefix}sheetData>".encode())
        if end < match.end():
            raise Refused(in_words("grid.workbook_damaged_sheet_cut", name=name), _SAVE_IN_EXCEL)
        return match.end(), end, prefix

    @cached_property
    def outline(self) -> Node:
        """The elements around the rows."""
        return outline(self.around, "sheet")

    def halves(self, edits: list[Edit]) -> tuple[bytes, bytes]:
        """What stands before and behind the rows, with these edits."""
        before = [edit for edit in edits if edit.end <= self.at]
        behind = [Edit(e.start - self.at, e.end - self.at, e.new) for e in edits if e.end > self.at]
        return apply(self.around[: self.at], before), apply(self.around[self.at :], behind)

    def joined(self, edits: list[Edit], *rows: bytes) -> bytes:
        """The worksheet with these edits around the rows, and these rows (in one piece or several)."""
        return apply(self.around, [*edits, *(Edit(self.at, self.at, piece) for piece in rows)])

    def with_rows(self, rows: Iterable[bytes]) -> bytes:
        """The worksheet with these rows instead of its own."""
        return b"".join([self.around[: self.at], *rows, self.around[self.at :]])

    @cached_property
    def table(self) -> pl.DataFrame:
        """One row for each row of the sheet: `at` (its place here), `row` (Int64), `xml` (without the closing tag)."""
        p = self.prefix
        chunks = [_pieces(chunk, p) for chunk in self._chunks()]
        pieces = pl.concat(chunks, rechunk=False) if chunks else pl.Series("xml", [], pl.String)
        number = pl.col("xml").str.extract(rf'<{p}row\b[^>]*?\sr="(\d+)"').cast(pl.Int64)
        table = pl.DataFrame([pieces]).select(pl.int_range(pl.len()).alias("at"), number.alias("row"), "xml")
        if table["row"].null_count():
            raise Refused(in_words("grid.workbook_made_by_program"), _SAVE_IN_EXCEL)
        return table

    def _chunks(self) -> Iterator[bytes]:
        """The rows, some megabytes at a time: what is taken apart is held several times over."""
        close, start = f"</{self.prefix}row>".encode(), 0
        while start < len(self.rows):
            end = self.rows.find(close, start + _CHUNK)
            end = len(self.rows) if end < 0 else end + len(close)
            yield self.rows[start:end]
            start = end

    def top(self, row: int, more: int = 0) -> SheetXml:
        """The same sheet down to this row, and some of the next ones, without taking the others apart."""
        last = more
        for match in re.finditer(rf'<{self.prefix}row\b[^>]*?\sr="(\d+)"'.encode(), self.rows):
            if int(match[1]) <= row:
                continue
            if not last:
                return SheetXml(self.around, self.rows[: match.start()], self.at, self.prefix)
            last -= 1
        return self

    def let_go(self) -> None:
        """Keep the rows taken apart only: a big sheet is not held twice. `rows` is empty from here on."""
        assert self.table.height >= 0
        self.rows = b""

    def says(self, pattern: str) -> bool:
        """Some row matches."""
        return bool(self.table["xml"].str.contains(pattern).any())

    def only(self, rows: pl.DataFrame) -> SheetXml:
        """The same sheet with some rows of `table` only, numbered anew in `at`."""
        some = SheetXml(self.around, b"", self.at, self.prefix)
        some.table = rows.select(pl.int_range(pl.len()).alias("at"), "row", "xml")
        return some

    @cached_property
    def plain(self) -> bool:
        """Every cell begins with its address, as spreadsheet programs write it: columns may be looked for as text."""
        otherwise = rf'<{self.prefix}c(?:[^ a-zA-Z]| [^r]| r[^=]| r=[^"])'
        return not self.says(otherwise)

    def beyond(self, index: int) -> bool:
        """A cell stands to the right of this zero-based column."""
        if not self.plain or index > 25:
            return self.last_column() > index
        letters = f"[{chr(66 + index)}-Z]|[A-Z]{{2,3}}" if index < 25 else "[A-Z]{2,3}"
        return self.says(rf'<{self.prefix}c r="(?:{letters})\d')

    @cached_property
    def _columns(self) -> dict[str, pl.DataFrame]:
        """Column letters -> `at`, `cell` (its XML): one pass over all rows, the only index that is made."""
        p = self.prefix
        split = self.table.select("at", pl.col("xml").str.split(f"<{p}c ").list.slice(1).alias("cell"))
        cells = split.explode("cell").drop_nulls("cell")
        cells = cells.with_columns(letters=pl.col("cell").str.extract(r'^(?:[^>]*?\s)?r="([A-Z]+)\d+"'))
        count = self.table["xml"].str.count_matches(rf"<{p}c[\s>/]").sum()
        if cells["letters"].null_count() or count != cells.height:
            raise Refused(in_words("grid.workbook_made_by_program"), _SAVE_IN_EXCEL)
        cells = cells.with_columns(cell=pl.format("<" + p + "c {}", pl.col("cell").str.strip_chars_end()))
        parts = cells.partition_by("letters", as_dict=True, include_key=False)
        return {str(letters): part for (letters,), part in parts.items()}

    def cells(self, letters: str, rows: pl.DataFrame | None = None) -> pl.Series:
        """The XML of the cells of one column, null where a row has none. `rows`: some rows of `table` only."""
        found = pl.Series(letters, [None], pl.String).new_from_index(0, self.table.height)
        part = self._columns.get(letters)
        if part is not None:
            found = found.scatter(part["at"], part["cell"])
        return found if rows is None else found.gather(rows["at"])

    def last_column(self) -> int:
        """The zero-based index of the last column that has a cell in any row; -1 for an empty sheet."""
        return max((index_of(letters) for letters in self._columns), default=-1)


def _pieces(rows: bytes, prefix: str) -> pl.Series:
    """Each row without its closing tag."""
    close, text = f"</{prefix}row>", _as_text(rows)
    pieces = text.str.split(close).explode()
    later = pieces.str.slice(len(prefix) + 4)
    if f"<{prefix}row" in pieces[-1] or later.str.contains(f"<{prefix}row", literal=True).any():  # some are <row/>
        text = text.str.replace_all(rf"<({prefix}row\b[^>]*)/>", "<${1}>" + close)
        pieces = text.str.split(close).explode()
    return pieces[:-1].alias("xml")


def has_formula(sheet: bytes) -> bool:
    """Some cell of a sheet (its XML) holds a formula."""
    starts = range(0, len(sheet), _CHUNK)
    chunks = (sheet[start : start + _CHUNK + _LONGEST_TAG] for start in starts)
    return any(_as_text(chunk).str.contains(r"<(?:[\w.-]+:)?f[\s>/]").any() for chunk in chunks)


def _as_text(xml: bytes) -> pl.Series:
    """One long text, without a Python object of that size between."""
    try:
        return pl.Series([xml], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return pl.Series([xml.decode("utf-8", errors="replace")])


def in_pieces(data: bytes, start: int, end: int) -> Iterator[bytes]:
    """The bytes from `start` to `end`, some at a time: a long slice would be a copy."""
    for at in range(start, end, _CHUNK):
        yield data[at : min(at + _CHUNK, end)]


def are_same(one: bytes, here: tuple[int, int], other: bytes, there: tuple[int, int]) -> bool:
    """The bytes of both ranges are the same."""
    pairs = zip(in_pieces(one, *here), in_pieces(other, *there), strict=False)
    return here[1] - here[0] == there[1] - there[0] and all(a == b for a, b in pairs)


class Texts:
    """The text of cells from their XML."""

    def __init__(self, package: Package) -> None:
        self._package = package

    @cached_property
    def shared(self) -> pl.Series:
        """The workbook's shared strings, in their order."""
        part = self._package.shared_strings_part
        if part is None:
            return pl.Series("shared", [], pl.String)
        items = (item for item in self._package.root(part) if local(item) == "si")
        return pl.Series("shared", [_item_text(item) for item in items], pl.String)

    def of(self, cells: pl.Series, prefix: str = "") -> pl.Series:
        """What a person reads in these cells: text as it is, numbers as stored, blank as null."""
        p = prefix
        raw = cells.alias("raw").to_frame()
        kind = pl.col("raw").str.extract(rf'<{p}c\b[^>]*?\st="(\w+)"')
        value = pl.col("raw").str.extract(rf"<{p}v(?:\s[^>]*)?>([^<]*)</{p}v>")
        runs = pl.col("raw").str.replace_all(rf"(?s)<{p}rPh\b.*?</{p}rPh>", "")
        inline = runs.str.extract_all(rf"<{p}t(?:\s[^>]*)?>[^<]*</{p}t>").list.eval(
            pl.element().str.replace_all(r"<[^>]*>", "")
        ).list.join("")  # fmt: skip
        found = raw.select(kind=kind, value=value, inline=inline)
        if found["kind"].eq("s").any():
            found = self._with_shared(found)
        text = pl.when(pl.col("kind") == "inlineStr").then(pl.col("inline")).otherwise(pl.col("value"))
        texts = _plain(found.select(text.alias("text")).to_series())
        return texts.set(texts == "", None)

    def _with_shared(self, found: pl.DataFrame) -> pl.DataFrame:
        where = pl.col("value").cast(pl.Int64, strict=False)
        escaped = self.shared.str.replace_all("&", "&amp;", literal=True)
        index = found.select(pl.when(pl.col("kind") == "s").then(where)).to_series()
        index = index.set(index >= len(escaped), None)
        return found.with_columns(
            value=pl.when(pl.col("kind") == "s").then(escaped.gather(index)).otherwise(pl.col("value"))
        )


def _item_text(item: Any) -> str:
    """Plain or rich text, without the reading aids of Japanese names."""
    texts = [e for part in item for e in ((part,) if local(part) == "t" else part if local(part) == "r" else ())]
    return "".join(e.text or "" for e in texts if local(e) == "t")


_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NAMED = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def plain_text(xml: str) -> str:
    """Without XML's and Excel's escapes."""
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), html.unescape(xml))


def _plain(texts: pl.Series) -> pl.Series:
    """The same for many: escapes by number, which are rare, one by one."""
    rare = texts.str.contains(r"&#|_x[0-9A-Fa-f]{4}_").fill_null(False)
    singly = [plain_text(text) for text in texts.filter(rare)]
    where = rare.arg_true()
    if texts.str.contains("&", literal=True).any():
        for written, character in _NAMED:
            texts = texts.str.replace_all(written, character, literal=True)
    return texts.scatter(where, singly) if singly else texts
