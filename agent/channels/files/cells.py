"""What single cells of an export say: codes, quantities by the file's own decimal mark, times, words. Vectorised.

A text that a spreadsheet would take for a formula stands in some shops' exports behind an apostrophe. It is taken off
when it is read, and the cell goes back as it was found (`guarded`, REQUIREMENTS R10).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from agent.channels.files.columns import words
from agent.core.cells import INVISIBLE, clean
from agent.frames import TIME

FORMULA = r"[=+\-@\t\r\n\x00＝＋－＠]"
_PLAIN_NUMBER = r"^[+-]?\d{1,15}([.,]\d+)?$"
_TRIMMED = r"^[\s\u00a0\u200b\ufeff]*"
LARGEST = 10**9


def unguarded(text: pl.Expr) -> pl.Expr:
    """Without the apostrophe that keeps a spreadsheet from computing the text."""
    return text.str.replace(rf"{_TRIMMED}'({FORMULA})", "${1}")


def code(text: pl.Expr) -> pl.Expr:
    """A SKU, an id, a barcode: exact but for invisible characters and white space around it; null: none."""
    return clean(unguarded(text))


def computes(text: pl.Expr) -> pl.Expr:
    """A spreadsheet that opens a CSV would take this for a formula; plain numbers are none."""
    return text.str.contains(rf"{_TRIMMED}{FORMULA}") & ~text.str.contains(_PLAIN_NUMBER)


def decimal_mark(texts: Sequence[pl.Series]) -> str | None:
    """The decimal mark of a file, by the numbers in it: `,` or `.`; None where none of them tells."""
    every = pl.concat([each.drop_nulls().str.strip_chars() for each in texts]) if texts else pl.Series(dtype=pl.String)
    both = every.filter(every.str.contains(r"\d[.,]\d{3}[.,]\d"))
    last = every.filter(every.str.contains(r"^[^.,]*[.,](\d{1,2}|\d{4,})$"))
    told = pl.concat([both.str.extract(r"([.,])\d+\D*$"), last.str.extract(r"([.,])\d+$")]).drop_nulls()
    marks = told.unique().to_list()
    return str(marks[0]) if len(marks) == 1 else None


def quantity(text: pl.Expr, mark: str | None) -> pl.Expr:
    """Whole units, fractions rounded down; null where it is no number. `1.200` is told only where the mark is known."""
    plain = text.str.strip_chars().str.replace(r"^'", "").str.replace_all(r"(\d)[ \u00a0\u202f’'](\d{3})", "${1}${2}")
    if mark is not None:
        thousands = r"\." if mark == "," else ","
        # thousands stand in threes; anything else with that sign is no number of this file
        plain = plain.str.replace_all(rf"{thousands}(\d{{3}})(?:\b|$)", "${1}").str.replace(mark, ".", literal=True)
    else:
        plain = plain.str.replace(r"^([+-]?\d+)[.,](\d{1,2})$", "${1}.${2}")
    digits = r"\d{1,2}" if mark is None else r"\d+"
    number = pl.when(plain.str.contains(rf"^[+-]?\d{{1,12}}(\.{digits})?$")).then(plain.str.replace(r"^\+", ""))
    whole = number.cast(pl.Float64, strict=False).floor().cast(pl.Int64, strict=False)
    return pl.when(whole.abs() <= LARGEST).then(whole)


def says(text: pl.Expr, room: str, name: str) -> pl.Expr:
    """It is one of these words."""
    return compared(text).is_in(sorted(words(room, name)))


def compared(text: pl.Expr) -> pl.Expr:
    """A word without case, white space and punctuation."""
    lower = text.str.replace_all(INVISIBLE, "").str.to_lowercase()
    letters = lower.str.replace_all(r"[^\p{L}\p{N}]", "")
    return pl.when(letters == "").then(lower.str.strip_chars()).otherwise(letters)


# --- times ------------------------------------------------------------------------------------------------------------

_DAY_FIRST, _MONTH_FIRST = "day", "month"
_FORMATS = {
    "": ("%Y-%m-%d", "%Y/%m/%d", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%Y%m%d"),
    _DAY_FIRST: ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y"),
    _MONTH_FIRST: ("%m/%d/%Y", "%m-%d-%Y", "%d.%m.%Y"),
}
_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")


def times(texts: pl.Series, now: datetime) -> tuple[pl.Series, pl.Series]:
    """(TIME, whether only a day). Without a zone: this computer's. `03/04/2026`: by the others of the column."""
    unique = texts.drop_nulls().unique().to_list()
    best: dict[str, tuple[datetime, bool]] = {}
    for order in (_DAY_FIRST, _MONTH_FIRST):
        read = {text: found for text in unique if (found := _moment(text.strip(), order)) is not None}
        ahead = sum(at > now + timedelta(days=1) for at, _ in read.values())
        if len(read) - ahead > len(best) or not best:
            best = read
    moments = {text: at for text, (at, _) in best.items()}
    days = {text: day for text, (_, day) in best.items()}
    return (
        texts.replace_strict(moments, default=None, return_dtype=TIME)
        if moments
        else pl.Series(texts.name, [None] * len(texts), dtype=TIME),
        texts.replace_strict(days, default=False, return_dtype=pl.Boolean)
        if days
        else pl.Series(texts.name, [False] * len(texts), dtype=pl.Boolean),
    )


def _moment(text: str, order: str) -> tuple[datetime, bool] | None:
    try:
        found = datetime.fromisoformat(text.replace(" UTC", "+00:00").replace(" GMT", "+00:00"))
    except ValueError:
        return _written(text, order)
    only_day = len(text) <= 10
    return _aware(found), only_day


def _written(text: str, order: str) -> tuple[datetime, bool] | None:
    for days in (*_FORMATS[""], *_FORMATS[order]):
        for clock in ("", *_CLOCKS):
            for zone in ("", " %z") if clock else ("",):
                for gap in (" ", ", ") if clock else ("",):
                    try:
                        found = datetime.strptime(text, f"{days}{gap}{clock}{zone}")  # noqa: DTZ007 - see _aware
                    except ValueError:
                        continue
                    return _aware(found), not clock
    return None


def _aware(found: datetime) -> datetime:
    try:
        return found.astimezone(UTC)
    except (OverflowError, OSError, ValueError):
        return found.replace(tzinfo=UTC)


def middle_of_day(at: datetime, since: datetime | None, until: datetime) -> datetime:
    """A moment for an order of which only the day is said: the middle of the time in which it can have been made.

    It was not in the file of `since` and is in that of `until`, so that it lies between the two reads of the listings
    that it explains."""
    local = at.astimezone()
    begins = datetime.combine(date(local.year, local.month, local.day), time(), local.tzinfo).astimezone(UTC)
    low = max(begins, since) if since else begins
    high = max(low, min(begins + timedelta(days=1), until))
    return low + (high - low) / 2
