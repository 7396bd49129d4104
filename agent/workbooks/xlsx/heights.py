"""How tall a row must be so that its wrapped texts can be read: spreadsheet programs do not work it out on opening."""

from __future__ import annotations

import math

import polars as pl

LINE = 15.0
"""Points of one line of an 11 point font; a row of one line keeps the usual height."""
MOST = 409.0
"""Excel's tallest row."""
_AROUND = 3.0
"""Points that a row leaves around its lines."""
_INDENT = 1.5
"""Characters of a width that the cells' indent takes."""
_PER_WIDTH = 1.15
"""Characters of plain text in a width of one digit. (In wide fonts 1.25 were counted, in Calibri more.)"""
_LOST = 2.5
"""Characters that a line leaves empty at its end, where the next word no longer fits."""


def height_of(text: str, width: float) -> float | None:
    """Points for one text in a column of that width (in characters); None where one line is enough."""
    whole, broken = _room(width), _room(width, _LOST)
    lines = sum(1 if len(part) <= whole else max(2, math.ceil(len(part) / broken)) for part in text.split("\n"))
    return None if lines <= 1 else min(MOST, LINE * lines + _AROUND)


def row_heights(texts: list[tuple[pl.Series, float]], rows: int) -> pl.Series:
    """Points for each row from its wrapped texts and their columns' widths; null where one line is enough."""
    none = pl.Series("height", [None], pl.Float64).new_from_index(0, rows)
    if not texts or not rows:
        return none
    counts = [_lines(series.cast(pl.String), width).alias(str(i)) for i, (series, width) in enumerate(texts)]
    lines = pl.DataFrame(counts).select(pl.max_horizontal(pl.all()).fill_null(1)).to_series()
    return (lines * LINE + _AROUND).clip(None, MOST).zip_with(lines > 1, none).alias("height")


def _lines(texts: pl.Series, width: float) -> pl.Series:
    """A line each for every full width and every line end: at most one more than there are."""
    length = texts.str.len_chars()
    several = (length / _room(width, _LOST)).ceil().clip(2, None)
    ones = pl.Series([1.0], dtype=pl.Float64).new_from_index(0, texts.len())
    lines = several.zip_with(length > _room(width), ones.set(length == 0, 0.0))
    return lines + texts.str.count_matches("\n", literal=True)


def _room(width: float, lost: float = 0.0) -> float:
    """Characters of one line."""
    return max(4.0, (width - _INDENT) * _PER_WIDTH - lost)
