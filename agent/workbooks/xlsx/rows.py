"""Rows of an agent's tab as sheet XML, built by one polars expression: a cell is a string, a row is their sum.

Text is always a typed string, never parsed, never a formula (R9). Absent is a blank cell, never zero (I11).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import polars as pl

MAX_TEXT = 32_767
"""Excel's longest cell, in UTF-16 units."""
MAX_EXACT = 10**15
"""Excel keeps 15 digits; a larger number is written as text."""
_NOT_XML = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
_NOT_PLAIN = r"[&<>\r\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]|_x[0-9A-Fa-f]{4}_"
_SPACED = r"^\s|\s$|\s\s|[\t\n]"
"""White space that readers drop unless the cell says that it counts."""
_DAYS_TO_1970 = {False: 25_569, True: 24_107}
_AT_ONCE = 2_000
"""Rows."""
_DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Slot:
    """One column of the sheet: its letters, the style of its cells, and the frame's column that fills it."""

    letters: str
    style: int
    source: str | None
    """A column of the frame: typed values, or (`raw`) finished cells without their address. None: all blank."""
    raw: bool = False


@dataclass(frozen=True)
class _Cells:
    """A column's cells behind their style: `before`, the text, `after`; the text is null where the cell is blank."""

    before: str
    texts: pl.Series
    after: str


def plain_texts(texts: pl.Series) -> pl.Series:
    """What may stand in a cell: control characters removed, line ends as Excel has them, at most 32,767 long."""
    texts = texts.cast(pl.String)
    if texts.str.contains(_NOT_PLAIN).any():
        texts = texts.str.replace_all("\r\n", "\n", literal=True).str.replace_all("\r", "\n", literal=True)
        texts = texts.str.replace_all(_NOT_XML, "")
    if _too_long(texts):
        room = MAX_TEXT - texts.str.count_matches(r"[\x{10000}-\x{10FFFF}]").cast(pl.Int64)
        texts = texts.to_frame("t").select(pl.col("t").str.slice(0, room.clip(MAX_TEXT // 2, None))).to_series()
    return texts


def _too_long(texts: pl.Series) -> bool:
    return bool((texts.str.len_bytes() > MAX_TEXT).any())


def escaped(texts: pl.Series) -> pl.Series:
    """Text as element content: XML's escapes, and Excel's own (`_x0041_` would be read as A)."""
    texts = texts.cast(pl.String)
    if not texts.str.contains(_NOT_PLAIN).any():
        return plain_texts(texts) if _too_long(texts) else texts
    texts = plain_texts(texts)
    for character, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        texts = texts.str.replace_all(character, written, literal=True)
    return texts.str.replace_all(r"_(x[0-9A-Fa-f]{4}_)", r"_x005F_${1}")


def serials(times: pl.Series, date1904: bool, zone: tzinfo | None = None) -> pl.Series:
    """Dates and times as days, in the zone's wall clock (None: the computer's), to the second."""
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None:
        times = _wall_times(times, zone)
    microseconds = times.cast(pl.Datetime("us")).dt.round("1s").dt.epoch("us")
    return microseconds / _DAY_US + _DAYS_TO_1970[date1904]  # in full: a day short of a microsecond shows 13:59


def _wall_times(times: pl.Series, zone: tzinfo | None) -> pl.Series:
    """Without a zone, as the zone's clock shows them; clocks change between minutes, so each minute is asked once."""
    named = "UTC" if zone is UTC else zone.key if isinstance(zone, ZoneInfo) else None
    if named is not None:
        return times.dt.convert_time_zone(named).dt.replace_time_zone(None)
    plain = times.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(pl.Datetime("us")).alias("time")
    minutes = plain.dt.truncate("1m").alias("minute")
    known = minutes.drop_nulls().unique()
    shifts = pl.Series("shift", [_shift(m, zone) for m in known], pl.Duration("us"))
    joined = pl.DataFrame([plain, minutes]).join(
        pl.DataFrame([known, shifts]), on="minute", how="left", maintain_order="left"
    )
    return (joined["time"] + joined["shift"]).alias(times.name)


def _shift(minute: datetime, zone: tzinfo | None) -> object:
    return minute.replace(tzinfo=UTC).astimezone(zone).utcoffset()


def _number_text(values: pl.Series) -> pl.Series:
    text = values.cast(pl.String)
    return text.str.replace(r"\.0$", "") if values.dtype.is_float() else text


def _cells(values: pl.Series, prefix: str = "", date1904: bool = False, zone: tzinfo | None = None) -> _Cells:
    """The cells of typed values."""
    dtype, p = values.dtype, prefix
    number = (f"><{p}v>", f"</{p}v>")
    if dtype == pl.Null:
        return _Cells("", values.cast(pl.String), "")
    if dtype == pl.Boolean:
        return _Cells(f' t="b"><{p}v>', values.cast(pl.Int8).cast(pl.String), number[1])
    if dtype in (pl.Date, pl.Datetime):
        return _Cells(number[0], _number_text(serials(values, date1904, zone)), number[1])
    if dtype.is_numeric():
        values = values.set(~values.is_finite(), None) if dtype.is_float() else values
        large = (values.abs() >= MAX_EXACT).fill_null(value=False)
        if not large.any():
            return _Cells(number[0], _number_text(values), number[1])
        as_number = _whole(_Cells(number[0], _number_text(values), number[1]))
        return _Cells("", as_number.zip_with(~large, typed_cells(values.cast(pl.String), p)), "")
    odd = values.cast(pl.String).str.contains(f"{_NOT_PLAIN}|{_SPACED}").any() or _too_long(values)
    texts = escaped(values) if odd else values.cast(pl.String)
    spaced = ' xml:space="preserve"' if odd and texts.str.contains(_SPACED).any() else ""
    return _Cells(f' t="inlineStr"><{p}is><{p}t{spaced}>', texts.set(texts == "", None), f"</{p}t></{p}is>")


def _whole(cells: _Cells) -> pl.Series:
    pattern = f"{cells.before}{{}}{cells.after}"
    return cells.texts.to_frame("t").select(pl.format(pattern, pl.col("t"))).to_series()


def typed_cells(values: pl.Series, prefix: str = "", date1904: bool = False, zone: tzinfo | None = None) -> pl.Series:
    """The part of each cell behind its style: ` t="inlineStr"><is>..`, `><v>12</v>`; null where blank."""
    return _whole(_cells(values, prefix, date1904, zone))


def row_texts(
    frame: pl.DataFrame,
    slots: list[Slot],
    numbers: pl.Series,
    *,
    heights: pl.Series | None = None,
    prefix: str = "",
    date1904: bool = False,
    zone: tzinfo | None = None,
) -> Iterator[pl.Series]:
    """Each row of `frame` as sheet XML, some thousand at a time: all of a big tab would take the room of it twice.

    `numbers`: the rows' numbers there; `heights`: in points, null = usual.
    """
    p = prefix
    parts = [numbers.cast(pl.String).alias("number")]
    pieces: list[pl.Expr | str] = [f'<{p}row r="', pl.col("number"), '"']
    if heights is not None and heights.null_count() < heights.len():
        parts.append(heights.alias("height"))
        pieces += [pl.format(' ht="{}" customHeight="1"', pl.col("height")).fill_null("")]
    pieces.append(">")
    for index, slot in enumerate(slots):
        made, name = _slot(frame, slot, p, date1904, zone), f"c{index}"
        if made is not None and made.texts.null_count() < made.texts.len():
            parts.append(made.texts.alias(name))
        pieces += _cell_pieces(slot, made, name, p)
    pieces.append(f"</{p}row>")
    whole, row = pl.DataFrame(parts), pl.concat_str(_merged(pieces)).alias("xml")
    for start in range(0, whole.height, _AT_ONCE):
        yield whole[start : start + _AT_ONCE].select(row).to_series()


def _slot(frame: pl.DataFrame, slot: Slot, p: str, date1904: bool, zone: tzinfo | None) -> _Cells | None:
    if slot.source is None:
        return None
    values = frame[slot.source]
    return _Cells("", values, "") if slot.raw else _cells(values, p, date1904, zone)


def _cell_pieces(slot: Slot, made: _Cells | None, name: str, p: str) -> list[pl.Expr | str]:
    """One cell of every row: a blank keeps its style, a plain blank is left out."""
    start, number = f'<{p}c r="{slot.letters}', pl.col("number")
    style = f' s="{slot.style}"' if slot.style and not slot.raw else ""
    blank: list[pl.Expr | str] = [start, number, f'"{style}/>'] if style else []
    if made is None or made.texts.null_count() == made.texts.len():
        return blank
    end = made.after + ("" if slot.raw else f"</{p}c>")
    filled: list[pl.Expr | str] = [start, number, f'"{style}{made.before}', pl.col(name), end]
    if not made.texts.null_count():
        return filled
    empty = pl.concat_str(_merged(blank)) if blank else pl.lit("")
    return [pl.when(pl.col(name).is_null()).then(empty).otherwise(pl.concat_str(_merged(filled)))]


def _merged(pieces: list[pl.Expr | str]) -> list[pl.Expr]:
    """Neighbouring literals as one."""
    found: list[pl.Expr] = []
    waiting = ""
    for piece in pieces:
        if isinstance(piece, str):
            waiting += piece
            continue
        found += [pl.lit(waiting), piece] if waiting else [piece]
        waiting = ""
    return [*found, pl.lit(waiting)] if waiting else found
