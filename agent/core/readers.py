"""Reading the columns of a person's tab: text in, a value and a problem code out, for all rows at once.

`read(frame, {"Stocked": WHOLE, ...})` adds `NAME|value` (null where there is none) and `NAME|problem` (null, or an
issue code) to the snapshot's four columns of each NAME (see `workbooks.base.Snapshot`). Nothing is guessed: a cell that
cannot be read has a problem and no value, a blank cell has neither. Absence is never zero (I11, DESIGN section 4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from agent.core.cells import clean
from agent.core.moments import moment
from agent.frames import FORMAT, KIND

MOST_UNITS = 10_000_000
"""A whole number above this is taken for a slip (a barcode or a price in the wrong column)."""
YES_NO = dict.fromkeys(("yes", "y", "true", "1", "on", "ja", "oui", "si", "sí", "sim", "ya"), "yes") | dict.fromkeys(
    ("no", "n", "false", "0", "off", "nein", "non", "não", "nao", "nee", "tidak"), "no"
)
SCIENTIFIC = r"^[0-9]+([.,][0-9]+)?[eE]\+[0-9]+$"
LOWER_TO = r"^lower to [0-9]{1,7}$"
WHEN_OFF = ("leave", "last units on one channel", "lower to N")

CODES: dict[str, tuple[str, ...]] = {
    "cell_error": ("column", "found"),
    "formula_no_value": ("column", "found"),
    "sku_not_text": ("column", "found"),
    "sku_damaged": ("column", "found"),
    "sku_control": ("column", "found"),
    "barcode_damaged": ("column", "found"),
    "date_in_number": ("column", "found"),
    "negative": ("column", "found"),
    "not_whole": ("column", "found"),
    "not_a_number": ("column", "found"),
    "too_large": ("column", "found"),
    "not_a_percent": ("column", "found"),
    "percent_unclear": ("column", "found"),
    "percent_above_100": ("column", "found"),
    "date_unclear": ("column", "found"),
    "when_unclear": ("column", "found"),
    "choice_unknown": ("column", "found", "choices"),
}
"""code -> keys of its facts."""


@dataclass(frozen=True)
class Reader:
    """How a column is read. The three functions take the column's name and give an expression over its cells:

    `middle` -> `NAME|middle`, what the problem and the value both look at; then the problem; then the value of those
    cells that have no problem (`keep`: of the others, too). Staged, so that no expression is worked out twice.
    """

    dtype: type[pl.DataType] | pl.DataType
    problem: Callable[[str], pl.Expr]
    value: Callable[[str], pl.Expr]
    middle: Callable[[str], pl.Expr] | None = None
    keep: bool = False


def read(frame: pl.DataFrame, readers: Mapping[str, Reader]) -> pl.DataFrame:
    """`frame` with `NAME|clean`, `NAME|value` and `NAME|problem` of each column; a missing column is blank cells."""
    used = {name: reader for name, reader in readers.items() if is_used(frame, name)}
    blank = [cell for name, reader in readers.items() if name not in used for cell in _blank(name, reader.dtype)]
    frame = frame.with_columns(blank + [expression for name in used for expression in _tidy(name)])
    for stage in (_middle, _problem, _value):
        if steps := [step for name, reader in used.items() if (step := stage(name, reader)) is not None]:
            frame = frame.with_columns(steps)
    return frame


def is_used(frame: pl.DataFrame, name: str) -> bool:
    """Whether any cell of the column holds anything."""
    if name not in frame.columns:
        return False
    return frame[name].null_count() < frame.height or bool(frame[f"{name}|formula"].any())


def is_filled(name: str) -> pl.Expr:
    """Whether a cell that was read holds anything: a formula without a saved result does, a few spaces do not."""
    return pl.col(f"{name}|clean").is_not_null() | pl.col(f"{name}|bad").is_not_null()


@cache
def _blank(name: str, dtype: type[pl.DataType] | pl.DataType) -> tuple[pl.Expr, ...]:
    texts = (name, f"{name}|clean", f"{name}|bad", f"{name}|problem")
    return (
        *(pl.lit(None, dtype=pl.String).alias(text) for text in texts),
        pl.lit("blank", dtype=KIND).alias(f"{name}|kind"),
        pl.lit(False).alias(f"{name}|formula"),
        pl.lit("general", dtype=FORMAT).alias(f"{name}|format"),
        pl.lit(None, dtype=dtype).alias(f"{name}|value"),
    )


@cache
def _tidy(name: str) -> tuple[pl.Expr, ...]:
    """Tidied text, and what no reader can read: #REF! and the like, a formula whose result was not saved."""
    error = pl.when(_is(name, "error")).then(pl.lit("cell_error"))
    bad = error.when(pl.col(f"{name}|formula") & _is(name, "blank")).then(pl.lit("formula_no_value"))
    return clean(pl.col(name)).alias(f"{name}|clean"), bad.alias(f"{name}|bad")


@cache
def _middle(name: str, reader: Reader) -> pl.Expr | None:
    return reader.middle(name).alias(f"{name}|middle") if reader.middle else None


@cache
def _problem(name: str, reader: Reader) -> pl.Expr:
    return pl.coalesce(f"{name}|bad", reader.problem(name)).alias(f"{name}|problem")


@cache
def _value(name: str, reader: Reader) -> pl.Expr:
    trusted = pl.col(f"{name}|problem").is_null()
    if reader.keep:
        trusted = pl.col(f"{name}|bad").is_null()
    return pl.when(trusted).then(reader.value(name)).cast(reader.dtype).alias(f"{name}|value")


def _is(name: str, kind: str) -> pl.Expr:
    return pl.col(f"{name}|kind") == kind


def _tidied(name: str) -> pl.Expr:
    return pl.col(f"{name}|clean")


def _between(name: str) -> pl.Expr:
    return pl.col(f"{name}|middle")


def _shown_as(name: str, *formats: str) -> pl.Expr:
    return pl.any_horizontal([pl.col(f"{name}|format") == shown for shown in formats])


def _nothing(name: str) -> pl.Expr:
    return pl.lit(None, dtype=pl.String)


def _unless(name: str, code: str) -> pl.Expr:
    """`code` where the cell says something and nothing was made of it."""
    return pl.when(_tidied(name).is_not_null() & _between(name).is_null()).then(pl.lit(code))


def _sku_problem(name: str) -> pl.Expr:
    tidy, digits = _tidied(name), pl.col(name).str.contains(r"^[0-9]{1,15}$")
    lossy = _shown_as(name, "zeros", "date", "scientific", "percent") | ~digits
    damaged = (_is(name, "number") & lossy) | _is(name, "date") | (_is(name, "text") & tidy.str.contains(SCIENTIFIC))
    return (
        pl.when(_is(name, "bool"))
        .then(pl.lit("sku_not_text"))
        .when(damaged)
        .then(pl.lit("sku_damaged"))
        .when(tidy.str.contains(r"[\x00-\x1f\x7f-\x9f]"))
        .then(pl.lit("sku_control"))
    )


def _barcode_problem(name: str) -> pl.Expr:
    digits = pl.col(name).str.contains(r"^[0-9]{1,15}$")
    lost = _is(name, "number") & (~digits | _shown_as(name, "scientific"))
    return pl.when(_is(name, "bool") | _is(name, "date") | lost).then(pl.lit("barcode_damaged"))


def _whole_number(name: str) -> pl.Expr:
    readable = _is(name, "number") | (_is(name, "text") & _tidied(name).str.contains("^[0-9]+$"))
    return pl.when(readable).then(_tidied(name).cast(pl.Float64, strict=False))


def _whole_problem(name: str) -> pl.Expr:
    number, tidy, is_text = _between(name), _tidied(name), _is(name, "text")
    part = number.is_finite() & (
        (number - number.round()).abs() > 1e-9
    )  # Excel shows 15 digits: 12.000000000000002 is its 12
    return (
        pl.when(_is(name, "date"))
        .then(pl.lit("date_in_number"))
        .when((number < 0) | (is_text & tidy.str.contains("^[-−][0-9]+([.,][0-9]+)?$")))
        .then(pl.lit("negative"))
        .when(part | (is_text & tidy.str.contains(r"^[0-9]*[.,][0-9]{1,2}$")))
        .then(pl.lit("not_whole"))
        .when(number.is_nan() | (number.is_null() & tidy.is_not_null()))
        .then(pl.lit("not_a_number"))
        .when(number > MOST_UNITS)
        .then(pl.lit("too_large"))
    )


def _signed_number(name: str) -> pl.Expr:
    plain = _tidied(name).str.replace("^[−–] ?", "-").str.replace(r"^\+ ?", "")
    readable = _is(name, "number") | (_is(name, "text") & plain.str.contains("^-?[0-9]+$"))
    return pl.when(readable).then(plain.cast(pl.Float64, strict=False))


def _signed_problem(name: str) -> pl.Expr:
    size = _between(name).abs()
    return (
        pl.when(_is(name, "date"))
        .then(pl.lit("date_in_number"))
        .when(size.is_finite() & ((size - size.round()).abs() > 1e-9))
        .then(pl.lit("not_whole"))
        .when(size.is_nan() | (size.is_null() & _tidied(name).is_not_null()))
        .then(pl.lit("not_a_number"))
        .when(size > MOST_UNITS)
        .then(pl.lit("too_large"))
    )


def _percent_number(name: str) -> pl.Expr:
    """Hundredths of a percent, not rounded; -1 where it cannot be told whether 1 means 1 % or 100 %."""
    plain = _tidied(name).str.replace(r"\s*%$", "").str.replace(",", ".", literal=True)
    readable = _is(name, "number") | (_is(name, "text") & plain.str.contains(r"^[0-9]{1,4}(\.[0-9]{1,2})?$"))
    number = pl.when(readable).then(plain.cast(pl.Float64, strict=False))
    scaled = _is(name, "number") & _shown_as(name, "percent")
    signed = _tidied(name).str.ends_with("%")
    return number * (
        pl.when(scaled)
        .then(10_000)
        .when(signed | (number > 1) | (number <= 0))
        .then(100)
        .when(number == 1)
        .then(-1)
        .otherwise(10_000)
    )


def _percent_problem(name: str) -> pl.Expr:
    hundredths, tidy = _between(name), _tidied(name)
    return (
        pl.when(((hundredths == -1) & ~tidy.str.starts_with("-")) | ((hundredths > 0) & (hundredths < 0.5)))
        .then(pl.lit("percent_unclear"))
        .when((hundredths < 0) | (_is(name, "text") & tidy.str.contains("^[-−][0-9]")))
        .then(pl.lit("negative"))
        .when(hundredths.is_nan() | (hundredths.is_null() & tidy.is_not_null()))
        .then(pl.lit("not_a_percent"))
        .when(hundredths > 10_000)
        .then(pl.lit("percent_above_100"))
    )


def _iso_day(name: str) -> pl.Expr:
    written = _tidied(name).str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?$")
    iso = (_is(name, "date") | _is(name, "text")) & written
    return pl.when(iso).then(_tidied(name).str.slice(0, 10)).str.to_date("%Y-%m-%d", strict=False)


def _end(name: str) -> pl.Expr:
    """The end of what is written: of the day where no time of day stands there (a date cell at midnight has none)."""
    written = _tidied(name).str.extract(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?$", 1)
    day = pl.when(_is(name, "date") | _is(name, "text")).then(written).str.to_date("%Y-%m-%d", strict=False)
    time = _tidied(name).str.extract(r"[T ]([0-9]{1,2}:[0-9]{2})", 1).str.to_time("%H:%M", strict=False)
    timed = time.is_not_null() & ~(_is(name, "date") & (time == pl.time(0)))
    whole = day.cast(pl.Datetime("us")) + pl.duration(days=1)
    wrong = _tidied(name).str.contains(r"[T ][0-9]") & time.is_null()
    return pl.when(wrong).then(None).when(timed).then(day.dt.combine(time)).otherwise(whole)


def _when_off(name: str) -> pl.Expr:
    word = _tidied(name).str.to_lowercase().str.replace_all(" +", " ")
    return pl.when(word.is_in(WHEN_OFF[:2]) | word.str.contains(LOWER_TO)).then(word)


@cache
def choice(words: tuple[tuple[str, str], ...]) -> Reader:
    """One of `words` (lower-case spelling -> the word meant), in any case; else `choice_unknown`."""
    meaning = dict(words)

    def meant(name: str) -> pl.Expr:
        return _tidied(name).str.to_lowercase().replace_strict(meaning, default=None, return_dtype=pl.String)

    return Reader(pl.String, lambda name: _unless(name, "choice_unknown"), _between, meant)


def one_of(*words: str) -> Reader:
    """One of these words, in any case."""
    return choice(tuple((word.lower(), word) for word in words))


TEXT = Reader(pl.String, _nothing, _tidied)
"""Any text."""
SKU = Reader(pl.String, _sku_problem, lambda name: pl.when(~_is(name, "bool")).then(_tidied(name)), keep=True)
"""A code. A whole number below 10^15 reads as its digits; `sku_damaged` where digits may be lost: a leading-zero, date,
percent or scientific format, decimals, more digits. Such a cell keeps its text as value: it names its row, no more."""
CODE = Reader(pl.String, _sku_problem, _tidied)
"""A code that points to an item: of a damaged one nothing is kept."""
BARCODE = Reader(pl.String, _barcode_problem, _tidied)
"""A barcode: digits whatever the format (leading zeros are not compared); a scientific one may have lost some."""
WHOLE = Reader(pl.Int64, _whole_problem, lambda name: _between(name).round(), _whole_number)
"""A whole number from 0 to 10,000,000. A text that is exactly an integer is that integer."""
SIGNED = Reader(pl.Int64, _signed_problem, lambda name: _between(name).round(), _signed_number)
"""A whole number with a sign: `10`, `+10`, `-5`."""
MOMENT = Reader(
    pl.String,
    lambda name: _unless(name, "when_unclear"),
    _between,
    lambda name: pl.when(_is(name, "date") | _is(name, "text")).then(moment(_tidied(name))),
)
"""A day, or a day and a time, as `core.moments.moment` writes it."""
PERCENT = Reader(pl.Int64, _percent_problem, lambda name: (_between(name) + 0.5 + 1e-6).floor(), _percent_number)
"""Hundredths of a percent, 0 to 10,000, halves up (S4-20). `80`, `80 %` and a percent-formatted 0.8 are the same; a
stored number between 0 and 1 is a fraction; 1 is 100 % only in a percent-formatted cell, else `percent_unclear`."""
DAY = Reader(pl.Int64, lambda name: _unless(name, "date_unclear"), lambda name: _between(name).to_physical(), _iso_day)
"""A day as days since 1970-01-01: a date cell, or the text 2026-12-31."""
END = Reader(pl.Datetime("us"), lambda name: _unless(name, "date_unclear"), _between, _end)
"""When something ends, on the person's own clock: 2026-12-31 (the end of that day), or 2026-12-31 14:30."""
YES_OR_NO = Reader(
    pl.Boolean,
    lambda name: _unless(name, "choice_unknown"),
    lambda name: _between(name) == "yes",
    lambda name: choice(tuple(YES_NO.items())).middle(name),  # type: ignore[misc]
)
"""Yes (true) or no (false), as words, check boxes or 1 and 0."""
OFF_POLICY = Reader(pl.String, lambda name: _unless(name, "choice_unknown"), _between, _when_off)
"""`leave`, `last units on one channel` or `lower to 3`."""
