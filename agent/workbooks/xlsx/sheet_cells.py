"""Our own pass over a sheet's XML: where each cell stands, of which type it is, whether it holds a formula, its format.

`quick_cells` splits the text by cells and leaves the rest to polars; it understands what spreadsheet programs write.
`careful_cells` is a true XML parser, slower, for the rest. The values come from another reader (`reading.py`), which
also shows where the quick pass was wrong (excel.md section 3).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import polars as pl
from lxml import etree

from agent.words import in_words
from agent.workbooks.cells import BUILT_IN_FORMATS, format_class, index_of, letters_of
from agent.workbooks.xlsx.archive import Refused
from agent.workbooks.xlsx.package import Package, local

CELLS = {"letters": pl.String, "row": pl.Int64, "code": pl.Int64, "raw": pl.String}
"""One row a `<c>` element. `code`: see `pack`. `raw`: the content of `<v>` where the type alone does not tell it."""

TYPES = ("blank", "number", "text", "bool", "error", "iso", "result")
"""What `t` says: `result` is a formula's text; blank is an element without content."""
FORMATS = ("general", "integer", "zeros", "percent", "date", "scientific", "text", "other", "elapsed")
"""frames.FORMAT and elapsed time (`[h]:mm`), which is read as a number."""

_BY_T = {"": 1, "n": 1, "s": 2, "inlineStr": 2, "b": 3, "e": 4, "d": 5, "str": 6}
_CHUNK = 4_000_000
_ROOT = re.compile(rb"<(?:([A-Za-z_][\w.-]*):)?worksheet[\s>/]")
_TYPE = re.compile(r"""\st\s*=\s*["']([^"']*)""")
_STYLE = re.compile(r"""\ss\s*=\s*["'](\d+)""")
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_VALUED, _FORMULA = 256, 128
_RAW_FORMATS = (FORMATS.index("date"), FORMATS.index("elapsed"))


class Unclear(Exception):
    """The quick pass does not understand this sheet's way of writing."""


def pack(kind: int, number_format: int, formula: bool = False, valued: bool = False) -> int:
    """A cell's type (of TYPES), format (of FORMATS), formula flag and `<v>` flag in one number."""
    return kind * 16 + number_format + _FORMULA * formula + _VALUED * valued


def unpacked() -> pl.DataFrame:
    """The meaning of every code: row number = code; type, format, formula, valued."""
    rows = [
        ((code & 127) >> 4, min(code & 15, len(FORMATS) - 1), bool(code & _FORMULA), bool(code & _VALUED))
        for code in range(2 * _VALUED)
    ]
    return pl.DataFrame(rows, schema=["type", "format", "formula", "valued"], orient="row")


def styles(package: Package) -> list[int]:
    """The format (of FORMATS) of each cell style, in the order of `cellXfs`."""
    if package.styles_part is None:
        return []
    root = package.root(package.styles_part)
    lists = {local(element): element for element in root}
    formats = [e for e in lists.get("numFmts", ()) if local(e) == "numFmt"]
    codes = {e.get("numFmtId"): e.get("formatCode", "") for e in formats}
    return [_style(xf.get("numFmtId", "0"), codes) for xf in lists.get("cellXfs", ()) if local(xf) == "xf"]


def _style(number: str, codes: dict[str | None, str]) -> int:
    code = codes.get(number)
    if code is None:
        return FORMATS.index(BUILT_IN_FORMATS.get(int(number) if number.isdigit() else 0, "other"))
    return FORMATS.index("elapsed" if re.search(r"\[(h+|m+|s+)\]", code, re.IGNORECASE) else format_class(code))


def quick_cells(sheet_xml: bytes, formats: Sequence[int]) -> pl.DataFrame:
    """CELLS of a sheet, by text alone. Raises Unclear where the text is not laid out as programs do."""
    root = _ROOT.search(sheet_xml[:100_000])
    if root is None:
        raise Unclear
    prefix = f"{root[1].decode()}:" if root[1] else ""
    try:
        pieces = [_chunk(chunk, prefix, formats) for chunk in _chunks(sheet_xml, f'<{prefix}c r="'.encode())]
    except UnicodeDecodeError:
        raise Unclear from None
    return pl.concat(pieces) if pieces else pl.DataFrame(schema=CELLS)


def _chunks(sheet_xml: bytes, token: bytes) -> Iterator[str]:
    start = sheet_xml.find(token)
    while start >= 0:
        end = sheet_xml.find(token, start + _CHUNK)
        yield sheet_xml[start : end if end >= 0 else len(sheet_xml)].decode()
        start = end


def _chunk(text: str, prefix: str, formats: Sequence[int]) -> pl.DataFrame:
    pieces = pl.Series("piece", [text]).str.split(f'<{prefix}c r="').explode()[1:]
    head = pieces.str.splitn(">", 2).struct.unnest()
    body = head.get_column("field_1")
    named = head.get_column("field_0").str.splitn('"', 2).struct.unnest()
    address, attributes = named.get_columns()
    if body.null_count() or not (body.str.starts_with("<") | (body == "")).all():
        raise Unclear
    codes = {text: _code(text, formats) for text in attributes.unique().to_list()}
    formula = body.str.starts_with(f"<{prefix}f")
    valued = body.str.starts_with(f"<{prefix}v>") & ~body.str.starts_with(f"<{prefix}v></")
    try:
        letters, row = _letters_and_row(address)
        code = attributes.replace_strict(list(codes), list(codes.values()), return_dtype=pl.Int16)
    except pl.exceptions.PolarsError:
        raise Unclear from None
    frame = pl.DataFrame(
        {
            "letters": letters,
            "row": row,
            "code": code + formula.cast(pl.Int16) * _FORMULA + valued.cast(pl.Int16) * _VALUED,
        }
    )
    raw_codes = [code for code in codes.values() if _needs_raw(code)]
    if raw_codes:
        raw = pl.when(code.is_in(raw_codes)).then(body.str.extract(f"<{prefix}v>([^<]*)<"))
        return frame.with_columns(raw.alias("raw"))
    return frame.with_columns(raw=pl.lit(None, pl.String))


def _letters_and_row(address: pl.Series) -> tuple[pl.Series, pl.Series]:
    """`AB12` -> AB, 12. Raises polars' errors for what is no address."""
    row = address.str.slice(1).cast(pl.Int32, strict=False)
    if not row.null_count():  # one letter each, as in most sheets
        return address.str.head(1), row
    row = address.str.strip_chars_start("ABCDEFGHIJKLMNOPQRSTUVWXYZ").cast(pl.Int32)
    return address.str.strip_chars_end("0123456789"), row


@lru_cache(maxsize=256)
def _attributes(text: str) -> tuple[str, int]:
    kind, style = _TYPE.search(text), _STYLE.search(text)
    return (kind[1] if kind else ""), (int(style[1]) if style else 0)


def _code(attributes: str | None, formats: Sequence[int]) -> int:
    text = attributes or ""
    kind, style = _attributes(text)
    number_format = formats[style] if style < len(formats) else 0
    return pack(0 if text.endswith("/") else _BY_T.get(kind, 1), number_format)


def _needs_raw(code: int) -> bool:
    kind, number_format = (code & 127) >> 4, code & 15
    return kind in (4, 5) or (kind == 1 and number_format in _RAW_FORMATS)


def careful_cells(sheet_xml: bytes, formats: Sequence[int]) -> pl.DataFrame:
    """CELLS of a sheet, by an XML parser: any prefix, order of attributes, layout, cells without an address."""
    try:
        rows = list(_parsed(sheet_xml, formats))
    except (etree.XMLSyntaxError, ValueError):
        raise Refused(
            in_words("sheet_cells.tab_workbook_damaged_cannot"), in_words("sheet_cells.save_again_excel")
        ) from None
    return pl.DataFrame(rows, schema=CELLS, orient="row")


def _parsed(sheet_xml: bytes, formats: Sequence[int]) -> Iterator[tuple[str, int, int, str | None]]:
    events = etree.iterparse(
        io.BytesIO(sheet_xml),
        ("start", "end"),
        tag=("{*}row", "{*}c"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    row, column = 0, -1
    for event, element in events:
        name = local(element)
        if event == "start":
            if name == "row":
                number = element.get("r", "")
                row, column = int(number) if number.isdigit() else row + 1, -1
            continue
        if name == "row":
            _forget(element)
            continue
        match = _ADDRESS.fullmatch(element.get("r", ""))
        column = index_of(match[1]) if match else column + 1
        yield letters_of(column), int(match[2]) if match else row, *_parsed_cell(element, formats)


def _parsed_cell(element: Any, formats: Sequence[int]) -> tuple[int, str | None]:
    children = {local(child): child for child in element}
    value = children["v"].text if "v" in children else None
    style = element.get("s", "0")
    number_format = formats[int(style)] if style.isdigit() and int(style) < len(formats) else 0
    kind = _BY_T.get(element.get("t", ""), 1) if children else 0
    code = pack(kind, number_format)
    full = pack(kind, number_format, "f" in children, bool(value) and "f" not in children)
    return full, value if _needs_raw(code) else None


def _forget(element: Any) -> None:
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
