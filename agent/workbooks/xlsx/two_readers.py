"""One column as two readers saw it: values from one, type, formula, error and format from the other.

The meeting point of python-calamine and our own pass (excel.md section 3). All by polars expressions; only columns that
hold several sorts of values pass through a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

import polars as pl

from agent.frames import FORMAT, KIND
from agent.workbooks.cells import date_text, number_text
from agent.workbooks.xlsx.sheet_cells import FORMATS, unpacked

_BLANK, _NUMBER, _TEXT, _BOOL, _WHEN = range(5)
"""What a value is, to the first reader."""
_SORTED = 5
_SORTS: dict[type, int] = {
    str: _TEXT, float: _NUMBER, int: _NUMBER, bool: _BOOL, datetime: _WHEN, date: _WHEN, time: _WHEN, timedelta: _WHEN,
}  # fmt: skip
_LAST_DAY = 2_958_465
_EXACT = 1e16
_DAY_ONE = datetime(1900, 1, 1)  # noqa: DTZ001 - a cell has no time zone


@dataclass(frozen=True)
class Column:
    """One declared column of a tab, from the row below the header to the last."""

    series: tuple[pl.Series, pl.Series, pl.Series, pl.Series]
    """Text, kind, formula, format."""
    filled: pl.Series
    """Not blank, or a formula that has no result yet."""
    disagreements: list[int]
    """Positions where the two readers disagree; such a cell has the kind error."""


@cache
def _tables() -> tuple[pl.Series, pl.Series, pl.Series, pl.Series]:
    codes = unpacked()
    formats = [FORMATS[i] if FORMATS[i] != "elapsed" else "other" for i in codes.get_column("format")]
    return (
        codes.get_column("type").cast(pl.Int8),
        codes.get_column("formula"),
        codes.get_column("valued"),
        pl.Series(formats, dtype=FORMAT),
    )


@cache
def _verdicts() -> tuple[pl.Series, pl.Series, pl.Series]:
    """Of every code with every sort of value, at code x sorts + sort: plain, kind, filled.

    Plain: the readers agree on a blank, a number or a text, and the file's raw content has nothing to add.
    """
    types, formulas, valued, _ = _tables()
    sorts = pl.DataFrame({"sort": range(_SORTED)}, schema={"sort": pl.Int8})
    frame = pl.DataFrame({"type": types, "formula": formulas, "valued": valued}).join(sorts, how="cross")
    frame = frame.with_columns(number=pl.lit(None, pl.Float64), raw=pl.lit(None, pl.String), dated=False)
    frame = frame.with_columns(_agree().alias("agreed"))
    frame = frame.with_columns(_kind().alias("kind"))
    plain = pl.col("agreed") & (pl.col("sort") <= _TEXT) & (pl.col("kind") != "error")
    plain_, kind, filled = frame.select(plain.alias("plain"), "kind", _filled()).get_columns()
    return plain_, kind, filled


def both_readers(ours: pl.DataFrame, values: Sequence[object], first: int, last: int, date1904: bool) -> Column:
    """Bring both readings of rows `first` to `last` together. `ours`: CELLS of this column; `values`: one a row."""
    height = last - first + 1
    codes, raw = _dense(ours, first, height)
    texts, numbers, sorts = _sorted_out(values if len(values) == height else [*values, *[""] * (height - len(values))])
    if raw.null_count() == height:
        plain = _plain_column(codes, texts, numbers, sorts)
        if plain is not None:
            return plain
    types, formulas, valued, formats = (table.gather(codes) for table in _tables())
    shown, dated = _number_texts(numbers), pl.zeros(height, pl.Boolean, eager=True)
    if raw.null_count() < height:
        raw, shown, dated = _from_raw(raw, types, formats, shown, date1904)
    parts = {"text": texts, "number": numbers, "sort": sorts, "type": types, "formula": formulas, "valued": valued}
    frame = pl.DataFrame({**parts, "format": formats, "raw": raw, "shown": shown, "dated": dated})
    frame = frame.with_columns(_agree().alias("agreed"))
    agreed = frame.get_column("agreed")
    wrong = [] if agreed.all() else (~agreed).arg_true().to_list()
    return _column(frame.with_columns(_kind().alias("kind")), wrong)


def _plain_column(codes: pl.Series, texts: pl.Series, numbers: pl.Series, sorts: pl.Series) -> Column | None:
    """A column of texts, numbers and blanks on which the readers agree, as nearly all are: by looking verdicts up.

    None where a cell is of another sort.
    """
    if not (numbers.null_count() == len(numbers) or numbers.drop_nulls().is_finite().all()):
        return None
    plain, kinds, filled = (table.gather(codes * _SORTED + sorts.cast(pl.Int32)) for table in _verdicts())
    if not plain.all():
        return None
    _, formulas, _, formats = _tables()
    shown = _number_texts(numbers) if numbers.null_count() < len(numbers) else texts.clear(len(texts))
    said = shown.zip_with(sorts == _NUMBER, texts.set(sorts != _TEXT, None))
    return Column((said.alias("text"), kinds, formulas.gather(codes), formats.gather(codes)), filled, [])


def _number_texts(numbers: pl.Series) -> pl.Series:
    """Each number in its shortest exact form, as `cells.number_text` writes it."""
    if numbers.null_count() == len(numbers):
        return pl.Series("shown", [None], pl.String).new_from_index(0, len(numbers))
    whole = (numbers == numbers.floor()) & (numbers.abs() < _EXACT)
    if whole.all():  # nulls aside
        return numbers.cast(pl.Int64).cast(pl.String)
    return pl.Series("shown", [None if v is None else number_text(v) for v in numbers.to_list()], pl.String)


def _from_raw(
    raw: pl.Series, types: pl.Series, formats: pl.Series, shown: pl.Series, date1904: bool
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Errors, dates and elapsed times are told by what the file says: raw content, text, is a date."""
    texts, dated = shown.to_list(), [False] * len(raw)
    for at in raw.is_not_null().arg_true().to_list():
        kind, content = types[at], raw[at]
        if kind == 5:
            texts[at], dated[at] = _iso(content)
        elif kind == 1:
            texts[at], dated[at] = _serial(content, date1904 if formats[at] == "date" else None)
    return raw, pl.Series("shown", texts, pl.String), pl.Series("dated", dated, pl.Boolean)


def _iso(content: str) -> tuple[str | None, bool]:
    try:
        return date_text(datetime.fromisoformat(content).replace(tzinfo=None)), True
    except ValueError:
        return None, False


def _serial(content: str, date1904: bool | None) -> tuple[str | None, bool]:
    """A day's number as ISO text; what is no day of the calendar, or elapsed time (None), stays a number."""
    try:
        number = float(content)
    except ValueError:
        return None, False
    days = number + 1462 * bool(date1904)
    if date1904 is None or not 0 <= days < _LAST_DAY + 1:
        return number_text(number), False
    if days < 1:
        return date_text((_DAY_ONE + timedelta(seconds=round(days * 86400) % 86400)).time()), True
    # Excel's calendar has a 29 February 1900 that never was.
    first = _DAY_ONE - timedelta(days=1 if days < 60 else 2)
    return date_text(first + timedelta(seconds=round(days * 86400))), True


def _column(frame: pl.DataFrame, wrong: list[int]) -> Column:
    text = (
        pl.when(pl.col("kind") == "number")
        .then("shown")
        .when(pl.col("kind") == "text")
        .then("text")
        .when(pl.col("kind") == "bool")
        .then(pl.when(pl.col("number") == 1).then(pl.lit("TRUE")).otherwise(pl.lit("FALSE")))
        .when(pl.col("kind") == "date")
        .then("shown")
        .when(pl.col("kind") == "error")
        .then(pl.coalesce("raw", "text", "shown"))
    )
    out = frame.select(text.alias("text"), "kind", "formula", "format", _filled())
    text_, kind, formula, number_format, filled = out.get_columns()
    return Column((text_, kind, formula, number_format), filled, wrong)


def _filled() -> pl.Expr:
    waiting = pl.col("formula") & (pl.col("kind") == "blank") & (pl.col("type") != 6)
    return ((pl.col("kind") != "blank") | waiting).alias("filled")


def _dense(ours: pl.DataFrame, first: int, height: int) -> tuple[pl.Series, pl.Series]:
    """Code and raw content of every row; a row without an element has code 0."""
    at = ours.get_column("row").cast(pl.Int64) - first
    codes, raw = ours.get_column("code").cast(pl.Int32), ours.get_column("raw")
    if ours.height == height and at.is_sorted() and at.n_unique() == height:
        return codes, raw
    empty = pl.zeros(height, pl.Int32, eager=True)
    some = ours.select(at.alias("at"), "raw").filter(pl.col("raw").is_not_null())
    raws = pl.Series("raw", [None], pl.String).new_from_index(0, height)
    if some.height:
        held = dict(some.iter_rows())
        raws = pl.Series("raw", [held.get(i) for i in range(height)], pl.String)
    return empty.scatter(at, codes), raws


def _sorted_out(values: Sequence[object]) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Texts ('' where blank), numbers (bools as 1 and 0), and the sort of each value."""
    types = set(map(type, values))
    if types <= {str}:
        texts = pl.Series("text", values, pl.String)
        numbers = pl.Series("number", [None], pl.Float64).new_from_index(0, len(values))
        return texts, numbers, (texts != "").cast(pl.Int8) * _TEXT
    texts = pl.Series("text", [v if type(v) is str else None for v in values], pl.String)
    numbers = pl.Series("number", [v if type(v) is float else None for v in values], pl.Float64)
    if types <= {str, float}:
        sorts = pl.select(
            pl.when(numbers.is_not_null()).then(_NUMBER).when(texts != "").then(_TEXT).otherwise(_BLANK).cast(pl.Int8)
        )
        return texts, numbers, sorts.to_series()
    plain = [float(v) if isinstance(v, int | float) else None for v in values]
    sorts_list = [_BLANK if v == "" else _SORTS.get(type(v), _BLANK) for v in values]
    return texts, pl.Series("number", plain, pl.Float64), pl.Series("sort", sorts_list, pl.Int8)


def _agree() -> pl.Expr:
    kind, sort = pl.col("type"), pl.col("sort")
    endless = pl.col("number").is_not_null() & ~pl.col("number").is_finite()
    return (
        pl.when(endless)
        .then(pl.lit(False))
        .when(kind == 1)
        .then(
            pl.when(pl.col("valued"))
            .then(sort.is_in([_NUMBER, _WHEN]) & ((sort == _NUMBER) | pl.col("raw").is_not_null()))
            .otherwise((sort == _BLANK) | (pl.col("formula") & sort.is_in([_NUMBER, _WHEN])))
        )
        .when(kind.is_in([2, 6]))
        .then(sort.is_in([_TEXT, _BLANK]))
        .when(kind == 3)
        .then(sort == _BOOL)
        .when(kind == 4)
        .then(sort == _BLANK)
        .when(kind == 5)
        .then(sort.is_in([_WHEN, _TEXT]) & pl.col("dated"))
        .otherwise(sort == _BLANK)
    )


def _kind() -> pl.Expr:
    kind, sort = pl.col("type"), pl.col("sort")
    name = (
        pl.when(~pl.col("agreed") | (kind == 4))
        .then(pl.lit("error"))
        .when((kind == 5) | pl.col("dated"))
        .then(pl.lit("date"))
        .when(sort.is_in([_NUMBER, _WHEN]))
        .then(pl.lit("number"))
        .when(sort == _TEXT)
        .then(pl.lit("text"))
        .when(sort == _BOOL)
        .then(pl.lit("bool"))
        .otherwise(pl.lit("blank"))
    )
    return name.cast(KIND)
