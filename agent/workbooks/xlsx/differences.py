"""Whether a tab that was written anew says something else than before. Excel writes the same values in other bytes."""

from __future__ import annotations

import re

import polars as pl

from agent.workbooks.cells import letters_of
from agent.workbooks.xlsx.grid import SheetXml, Texts

FIRST_LOOK = 400_000
"""Bytes that are compared before the others."""
_FEW = 200
"""Rows."""
_STEP = 100_000


def begin_otherwise(texts: Texts, old: bytes, new: bytes) -> bool:
    """Among the first rows of two sheets (the first bytes of their XML) some say something else."""
    one, other = _first_rows(old), _first_rows(new)
    if one is None or other is None or one.prefix != other.prefix:
        return False
    count = min(one.table.height, other.table.height, _FEW)
    return _differ(texts, one.only(one.table.head(count)), other.only(other.table.head(count)))


def _first_rows(head: bytes) -> SheetXml | None:
    """The whole rows among the first bytes of a sheet; None where there are none."""
    match = re.search(rb"<((?:[\w.-]+:)?)sheetData[^>/]*>", head)
    close = b"</" + match[1] + b"row>" if match else b""
    end = head.rfind(close) + len(close)
    if match is None or end <= match.end():
        return None
    return SheetXml(head[: match.end()], head[match.end() : end], match.end(), match[1].decode())


def say_otherwise(texts: Texts, old: bytes, new: bytes) -> bool:
    """The old sheet shows something else than this one, its XML made anew."""
    (here, end, prefix), (there, last, _) = SheetXml.bounds(old, ""), SheetXml.bounds(new, "")
    close = f"</{prefix}row>".encode()
    same = _same_beginning(old, (here, end), new, (there, last), close)
    here, there = here + same, there + same
    same = _same_end(old, (here, end), new, (there, last), close)
    one, other = old[here : end - same], new[there : last - same]
    return _differ(texts, SheetXml(b"", one, 0, prefix), SheetXml(b"", other, 0, prefix))


def _same_beginning(old: bytes, here: tuple[int, int], new: bytes, there: tuple[int, int], close: bytes) -> int:
    """How many bytes of whole rows at the beginning are the same."""
    most, size = min(here[1] - here[0], there[1] - there[0]), 0
    while size + _STEP <= most and _part(old, here[0] + size) == _part(new, there[0] + size):
        size += _STEP
    end = old.rfind(close, here[0], here[0] + size)
    return end + len(close) - here[0] if end >= 0 else 0


def _same_end(old: bytes, here: tuple[int, int], new: bytes, there: tuple[int, int], close: bytes) -> int:
    """How many bytes of whole rows at the end are the same; the row in which these begin is not among them."""
    most, size = min(here[1] - here[0], there[1] - there[0]), 0
    while size + _STEP <= most and _part(old, here[1] - size - _STEP) == _part(new, there[1] - size - _STEP):
        size += _STEP
    first = old.find(close, here[1] - size, here[1])
    return here[1] - first - len(close) if first >= 0 else 0


def _part(data: bytes, start: int) -> bytes:
    return data[start : start + _STEP]


def _differ(texts: Texts, old: SheetXml, new: SheetXml) -> bool:
    before, after = _filled_rows(old), _filled_rows(new)
    if before.height != after.height:
        return True
    other = before["xml"] != after["xml"]
    before, after = before.filter(other), after.filter(other)
    few, many = slice(0, _FEW), slice(_FEW, None)
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
