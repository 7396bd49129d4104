"""Rows of an agent's tab as sheet XML, built by polars string expressions: a cell is a string, a row is their sum.

Text is always a typed string, never parsed, never a formula (R9). Absent is a blank cell, never zero (I11).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import polars as pl

MAX_TEXT = 32_767
"""Excel's longest cell, in UTF-16 units."""
MAX_EXACT = 10**15
"""Excel keeps 15 digits; a larger number is written as text."""
_NOT_XML = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
_DAYS_TO_1970 = {False: 25_569, True: 24_107}
_DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Slot:
    """One column of the sheet: its letters, the style of its cells, and the frame's column that fills it."""

    letters: str
    style: int
    source: str
    """A column of the frame: typed values, or (`raw`) finished cells without their address."""
    raw: bool = False


def plain_texts(texts: pl.Series) -> pl.Series:
    """What may stand in a cell: control characters removed, line ends as Excel has them, at most 32,767 long."""
    texts = texts.cast(pl.String)
    if texts.str.contains(r"\r").any():
        texts = texts.str.replace_all("\r\n", "\n", literal=True).str.replace_all("\r", "\n", literal=True)
    if texts.str.contains(_NOT_XML).any():
        texts = texts.str.replace_all(_NOT_XML, "")
    if (texts.str.len_bytes() > MAX_TEXT).any():
        room = MAX_TEXT - texts.str.count_matches(r"[\x{10000}-\x{10FFFF}]").cast(pl.Int64)
        texts = texts.to_frame("t").select(pl.col("t").str.slice(0, room.clip(MAX_TEXT // 2, None))).to_series()
    return texts


def escaped(texts: pl.Series) -> pl.Series:
    """Text as element content: XML's escapes, and Excel's own (`_x0041_` would be read as A)."""
    texts = plain_texts(texts)
    for character, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        texts = texts.str.replace_all(character, written, literal=True)
    return texts.str.replace_all(r"_(x[0-9A-Fa-f]{4}_)", "_x005F_${1}")


def serials(times: pl.Series, date1904: bool, zone: tzinfo | None = None) -> pl.Series:
    """Dates and times as days, in the zone's wall clock (None: the computer's), to the second."""
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None:
        times = pl.Series(times.name, [_wall(t, zone) for t in times], pl.Datetime("us"))
    microseconds = times.cast(pl.Datetime("us")).dt.round("1s").dt.epoch("us")
    return microseconds / _DAY_US + _DAYS_TO_1970[date1904]  # in full: a day short of a microsecond shows 13:59


def _wall(time: datetime | None, zone: tzinfo | None) -> datetime | None:
    return None if time is None else time.astimezone(UTC).astimezone(zone).replace(tzinfo=None)


def _number_text(values: pl.Series) -> pl.Series:
    text = values.cast(pl.String)
    return text.str.replace(r"\.0$", "")


def typed_cells(values: pl.Series, date1904: bool = False, zone: tzinfo | None = None) -> pl.Series:
    """The part of each cell behind its style: ` t="inlineStr"><is>..`, `><v>12</v>`; null where blank."""
    dtype = values.dtype
    if dtype == pl.Null:
        return values.cast(pl.String)
    if dtype == pl.Boolean:
        return _formatted(' t="b"><v>{}</v>', values.cast(pl.Int8).cast(pl.String))
    if dtype in (pl.Date, pl.Datetime):
        return _formatted("><v>{}</v>", _number_text(serials(values, date1904, zone)))
    if dtype.is_numeric():
        return _numbers(values)
    texts = escaped(values)
    return _formatted(' t="inlineStr"><is><t xml:space="preserve">{}</t></is>', texts.set(texts == "", None))


def _numbers(values: pl.Series) -> pl.Series:
    if values.dtype.is_float():
        values = values.set(~values.is_finite(), None)
    large = values.abs() >= MAX_EXACT
    cells = _formatted("><v>{}</v>", _number_text(values))
    return cells if not large.any() else cells.zip_with(~large.fill_null(False), typed_cells(values.cast(pl.String)))


def _formatted(pattern: str, texts: pl.Series) -> pl.Series:
    return texts.to_frame("t").select(pl.format(pattern, pl.col("t"))).to_series()


def prefixed(cells: pl.Series, prefix: str) -> pl.Series:
    """The same cells for a sheet whose elements carry a namespace prefix."""
    if not prefix:
        return cells
    for name in ("v", "is", "t"):
        for mark in (f"<{name}>", f"</{name}>", f"<{name} "):
            cells = cells.str.replace_all(mark, mark.replace(name, prefix + name, 1), literal=True)
    return cells


def rows_xml(
    frame: pl.DataFrame,
    slots: list[Slot],
    first_row: int,
    *,
    prefix: str = "",
    date1904: bool = False,
    zone: tzinfo | None = None,
) -> str:
    """The rows of `frame` as sheet XML, from row `first_row` on."""
    if frame.is_empty():
        return ""
    p = prefix
    number = pl.Series("number", range(first_row, first_row + frame.height), pl.Int64).cast(pl.String)
    parts: list[pl.Series] = [number]
    pieces: list[pl.Expr] = [pl.lit(f'<{p}row r="'), pl.col("number"), pl.lit('">')]
    for index, slot in enumerate(slots):
        cells = frame[slot.source]
        bodies = cells if slot.raw else _bodies(prefixed(typed_cells(cells, date1904, zone), p), slot.style, p)
        parts.append(bodies.alias(f"c{index}"))
        address = pl.format(f'<{p}c r="{slot.letters}{{}}"{{}}', pl.col("number"), pl.col(f"c{index}"))
        pieces.append(address.fill_null(""))
    pieces.append(pl.lit(f"</{p}row>"))
    return str(pl.DataFrame(parts).select(pl.concat_str(pieces).str.join("")).item())


def _bodies(values: pl.Series, style: int, p: str) -> pl.Series:
    """Cells without their address: ` s="3"><v>12</v></c>`; a blank keeps its style, a plain blank is left out."""
    start = f' s="{style}"' if style else ""
    cells = _formatted(start + "{}" + f"</{p}c>", values)
    return cells.fill_null(start + "/>") if style else cells
