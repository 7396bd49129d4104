"""Whether a tab that was written anew says something else than before. Excel writes the same values in other bytes."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from agent.workbooks.cells import letters_of
from agent.workbooks.xlsx.grid import SheetXml, Texts

_FIRST_LOOK = 200
"""Rows that are compared before the others: where something changed, a few rows mostly show it."""


def say_otherwise(texts: Texts, old: SheetXml, data: bytes) -> bool:
    """The old sheet shows something else than this one, its XML made anew."""
    if _differ(texts, old.top(0, _FIRST_LOOK), replace(old, rows=_first_rows(data, old.prefix))):
        return True
    return _differ(texts, old, SheetXml.split(data, ""))


def _first_rows(data: bytes, prefix: str) -> bytes:
    close = f"</{prefix}row>".encode()
    start = at = data.find(b">", data.find(f"<{prefix}sheetData".encode())) + 1
    for _ in range(_FIRST_LOOK):
        found = data.find(close, at)
        at = found + len(close) if found >= 0 else at
    return data[start:at]


def _differ(texts: Texts, old: SheetXml, new: SheetXml) -> bool:
    before, after = _filled_rows(old), _filled_rows(new)
    if before.height != after.height:
        return True
    other = before["xml"] != after["xml"]
    before, after = before.filter(other), after.filter(other)
    few, many = slice(0, _FIRST_LOOK), slice(_FIRST_LOOK, None)
    return any(_unlike(texts, old.only(before[part]), new.only(after[part])) for part in (few, many))


def _unlike(texts: Texts, old: SheetXml, new: SheetXml) -> bool:
    """Rows that are not written alike do not say the same either."""
    for index in range(max(old.last_column(), new.last_column()) + 1):
        one, other = (_comparable(texts.of(xml.cells(letters_of(index)), xml.prefix)) for xml in (old, new))
        if not one.equals(other):
            return True
    return False


def _filled_rows(xml: SheetXml) -> pl.DataFrame:
    return xml.table.filter(pl.col("xml").str.contains(rf"<{xml.prefix}(?:v|is)[\s>]"))


def _comparable(texts: pl.Series) -> pl.Series:
    """Numbers that differ only in how exactly they are written are the same."""
    numbers = texts.cast(pl.Float64, strict=False).round(5)
    return numbers.cast(pl.String).zip_with(numbers.is_not_null(), texts)
