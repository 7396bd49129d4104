"""A day, or a day and a time, as sellers type it: understood where it can mean one thing only, else nothing.

`2026-11-22`, `2026-11-22 14:30`, a date cell, `22.11.2026` (with dots the day comes first everywhere), `22 Nov 2026`,
`Nov 22, 2026 2:30 pm`. With slashes or dashes the day may come first or second: `22/11/2026` is clear, `5/11/2026` is
not. No time zone: a cell has none, it means the computer's.
"""

from __future__ import annotations

import polars as pl

_CLOCK = r"(?i)(?:T|,? +)([0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[ap]\.?m\.?)?)$"
_DAYS = {
    r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$": ("%Y-%m-%d",),
    r"^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}$": ("%Y/%m/%d",),
    r"^[0-9]{1,2}\. ?[0-9]{1,2}\. ?[0-9]{4}$": ("%d.%m.%Y",),
    r"^[0-9]{1,2}\.? [A-Za-z]+\.?,? [0-9]{4}$": ("%d %b %Y", "%d %B %Y"),
    r"^[A-Za-z]+\.? [0-9]{1,2},? [0-9]{4}$": ("%b %d %Y", "%B %d %Y"),
}
"""How a day is written -> how it is read; what stands between is made plain before."""
_EITHER = r"^([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})$"


def moment(text: pl.Expr) -> pl.Expr:
    """`2026-11-22`, `2026-11-22T14:30` (to the minute) or `2026-11-22T14:30:05`; null where it is not clear."""
    clock = text.str.extract(_CLOCK)
    day, time = _day(text.str.replace(_CLOCK, "")), _time(clock)
    known = day.dt.year().is_between(2000, 2199) & (clock.is_null() | time.is_not_null())
    written = day.dt.strftime("%Y-%m-%d")
    return pl.when(known).then(
        pl.concat_str(written, pl.when(time.is_not_null()).then("T" + time).otherwise(pl.lit("")))
    )


def _day(text: pl.Expr) -> pl.Expr:
    spaced = text.str.replace_all(r"[ ,]+", " ")
    named = spaced.str.replace_all(".", "", literal=True)
    read = []
    for shape, formats in _DAYS.items():
        plain = named if "A-Z" in shape else spaced.str.replace_all(" ", "")
        read += [pl.when(text.str.contains(shape)).then(plain).str.to_date(form, strict=False) for form in formats]
    return pl.coalesce(*read, _either(text))


def _either(text: pl.Expr) -> pl.Expr:
    """Day and month in an order of which only the numbers can tell."""
    one, two = (text.str.extract(_EITHER, group).cast(pl.Int64) for group in (1, 2))
    year = text.str.extract(_EITHER, 3)
    day = pl.when((one > 12) | (one == two)).then(one).when(two > 12).then(two)
    return pl.concat_str(year, pl.lit("-"), one + two - day, pl.lit("-"), day).str.to_date("%Y-%m-%d", strict=False)


def _time(clock: pl.Expr) -> pl.Expr:
    """`14:30` or `14:30:05`; null where there is none. Seconds of 0 in a date cell are a time to the minute."""
    hour, minute, second = (
        clock.str.extract(r"^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", group).cast(pl.Int64) for group in (1, 2, 3)
    )
    half = clock.str.extract(r"(?i)([ap])\.?m").str.to_lowercase()
    whole = pl.when(half.is_null()).then(hour).when(hour.is_between(1, 12)).then(hour % 12 + 12 * (half == "p"))
    fits = (whole < 24) & (minute < 60) & (second.fill_null(0) < 60)
    digits = [part.cast(pl.String).str.zfill(2) for part in (whole, minute, second)]
    seconds = pl.when(second > 0).then(":" + digits[2]).otherwise(pl.lit(""))
    return pl.when(fits).then(pl.concat_str(digits[0], pl.lit(":"), digits[1], seconds))
