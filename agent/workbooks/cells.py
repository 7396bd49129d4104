"""What a cell is, whatever the workbook: its text in shortest form, its kind, its number format's class.

Every workbook makes its Snapshot frames with these functions, so that the core sees no difference between them
(agent/workbooks/base.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from agent.frames import FORMAT, KIND

Value = str | int | float | bool | date | datetime | time | None
"""What a program finds in a cell."""


class Cell(NamedTuple):
    """One cell as a Snapshot tells it."""

    text: str | None
    kind: str
    formula: bool = False
    format: str = "general"


BLANK = Cell(None, "blank")


def number_text(value: float) -> str:
    """A number in its shortest exact form: `12`, `0.8`, `4006381333931`, `1e+16`."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return str(value)
    return repr(value).removesuffix(".0") if value else "0"


def date_text(value: date | datetime | time) -> str:
    """ISO: `2026-11-22` (midnight too), `2026-11-22T14:03:00`, `14:03:00` for a time without a day."""
    if not isinstance(value, datetime):
        return value.isoformat()
    plain = value.replace(tzinfo=None, microsecond=0) + timedelta(seconds=round(value.microsecond / 1e6))
    return plain.date().isoformat() if plain.time() == time() else plain.isoformat()


def cell_of(value: Value, formula: bool = False, number_format: str | None = None) -> Cell:
    """The cell that holds this value. `number_format` is a class of frames.FORMAT; None takes the value's usual one."""
    if value is None or value == "":
        return Cell(None, "blank", formula, number_format or "general")
    if isinstance(value, bool):
        return Cell("TRUE" if value else "FALSE", "bool", formula, number_format or "general")
    if isinstance(value, int | float):
        return Cell(number_text(value), "number", formula, number_format or "general")
    if isinstance(value, str):
        return Cell(value, "text", formula, number_format or "general")
    return Cell(date_text(value), "date", formula, number_format or "date")


# --- number formats

_BUILT_IN = {
    "general": (0,),
    "integer": (1, 3),
    "percent": (9, 10),
    "scientific": (11, 48),
    "date": (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)),
    "text": (49,),
}
BUILT_IN_FORMATS = {number: name for name, numbers in _BUILT_IN.items() for number in numbers}
"""Excel's built-in number formats -> class; those not named are `other`."""

_LITERAL = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


@lru_cache(maxsize=4096)
def format_class(code: str) -> str:
    """The class (frames.FORMAT) of a number format's code, such as `0%` or `yyyy-mm-dd`."""
    plain = _LITERAL.sub("", code).partition(";")[0].strip()
    if not plain or "general" in plain.lower():
        return "general" if "general" in plain.lower() or not code.strip() else "other"
    if "@" in plain:
        return "text"
    if re.search(r"e[+-]", plain, re.IGNORECASE):
        return "scientific"
    if re.search(r"[ymdhsge]", plain, re.IGNORECASE):
        return "date"
    return "percent" if "%" in plain else _digits_class(plain)


def _digits_class(plain: str) -> str:
    whole = plain.partition(".")[0].replace(",", "")
    if re.search(r"0[^#?]*0", whole):
        return "zeros"
    return "integer" if re.fullmatch(r"[#?]*0", whole) and "." not in plain and not plain.endswith(",") else "other"


# --- addresses


@lru_cache(maxsize=20000)
def letters_of(index: int) -> str:
    """Column letters of a zero-based index: 0 is A, 26 is AA."""
    letters, rest = "", index + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def index_of(letters: str) -> int:
    """The zero-based index of column letters: A is 0."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


# --- frames


@lru_cache(maxsize=4096)
def _kinds(values: tuple[str, ...]) -> pl.Series:
    return pl.Series("kind", values, KIND)


@lru_cache(maxsize=4096)
def _formats(values: tuple[str, ...]) -> pl.Series:
    return pl.Series("format", values, FORMAT)


@lru_cache(maxsize=4096)
def _flags(values: tuple[bool, ...]) -> pl.Series:
    return pl.Series("formula", values, pl.Boolean)


def column_series(name: str, cells: Sequence[Cell]) -> list[pl.Series]:
    """The four Snapshot columns of one declared column."""
    texts, kinds, formulas, formats = zip(*cells, strict=True) if cells else ((), (), (), ())
    return [
        pl.Series(name, texts, pl.String),
        _kinds(kinds).alias(f"{name}|kind"),
        _flags(formulas).alias(f"{name}|formula"),
        _formats(formats).alias(f"{name}|format"),
    ]


def tab_frame(rows: Sequence[int], columns: Mapping[str, Sequence[Cell]]) -> pl.DataFrame:
    """The wide Snapshot frame of one tab from its cells, wholly blank rows left out.

    A formula that has no result yet is not blank: its row stays.
    """
    keep = [i for i in range(len(rows)) if any(cells[i].kind != "blank" for cells in columns.values())]
    series = [pl.Series("row", [rows[i] for i in keep], pl.Int64)]
    for name, cells in columns.items():
        series += column_series(name, cells if len(keep) == len(rows) else [cells[i] for i in keep])
    return pl.DataFrame(series)
