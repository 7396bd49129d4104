"""What becomes of typed text (`USER_ENTERED`): numbers, truth values, dates, percents, money, formulas, text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from agent.practice.google.cells import Entered, Formula, plain
from agent.practice.google.formats import EPOCH, is_text, number_format
from agent.practice.google.locales import day_first, decimal_comma

_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)?(\.\d*)?(?:[eE]([+-]?\d{1,3}))?")
_MONEY = re.compile(r"([+-]?)\s*([$€£¥])\s*(.+)|(.+?)\s*([€£])")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?")
_NAMED = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})|([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


@dataclass(frozen=True, slots=True)
class Typed:
    """What typing leaves: the value, and the number format that comes with it (None: the cell's own stays)."""

    entered: Entered
    number_format: Mapping[str, str] | None = None


def typed(text: str, form: Mapping[str, Any] | None, locale: str, today: date) -> Typed:
    """What typing `text` into a cell of that format leaves there."""
    if text.startswith("'"):
        return Typed(text[1:])
    if is_text(form):
        return Typed(text)
    if text.startswith("=") and len(text) > 1:
        return Typed(Formula(text))
    found = _read(text.strip(), locale, today) if text.strip() else None
    if found is None:
        return Typed(text)
    return Typed(found.entered) if number_format(form) and _keeps(form, found) else found


def _keeps(form: Mapping[str, Any] | None, found: Typed) -> bool:
    """Whether the cell's own format stays: a date typed into a dated cell, any number into a formatted one."""
    return found.number_format is None or found.number_format["type"] in {number_format(form).get("type"), "NUMBER"}


def _read(text: str, locale: str, today: date) -> Typed | None:
    if text.upper() in {"TRUE", "FALSE"}:
        return Typed(text.upper() == "TRUE")
    return _number(text, locale) or _percent(text, locale) or _money(text, locale) or _moment(text, locale, today)


def _number(text: str, locale: str) -> Typed | None:
    plainly = text.translate({ord(","): ".", ord("."): ","}) if decimal_comma(locale) else text
    found = _NUMBER.fullmatch(plainly)
    if not found or not (found[2] or (found[3] and len(found[3]) > 1)):
        return None
    value = plain(float(plainly.replace(",", "")))
    if found[4]:
        return Typed(value, {"type": "SCIENTIFIC", "pattern": "0.00E+00"})
    if found[2] and "," in found[2]:
        return Typed(value, {"type": "NUMBER", "pattern": "#,##0.00" if found[3] else "#,##0"})
    return Typed(value)


def _percent(text: str, locale: str) -> Typed | None:
    found = _number(text[:-1].rstrip(), locale) if text.endswith("%") else None
    if found is None or not isinstance(found.entered, int | float):
        return None
    whole = float(found.entered).is_integer()
    return Typed(plain(found.entered / 100), {"type": "PERCENT", "pattern": "0%" if whole else "0.00%"})


def _money(text: str, locale: str) -> Typed | None:
    found = _MONEY.fullmatch(text)
    if not found:
        return None
    number = _number((found[1] or "") + (found[3] or found[4] or "").strip(), locale)
    if number is None:
        return None
    places = "#,##0.00" if re.search(r"[.,]\d{1,2}$", text.rstrip("€£ ")) else "#,##0"
    sign = found[2] or found[5]
    pattern = f"[${sign}]{places}" if found[2] else f"{places} [${sign}]"
    return Typed(number.entered, {"type": "CURRENCY", "pattern": pattern})


def _moment(text: str, locale: str, today: date) -> Typed | None:
    clock = _clock(text)
    if clock is not None:
        seconds, pattern = clock
        return Typed(seconds / 86_400, {"type": "TIME", "pattern": pattern})
    day_text, _, rest = text.replace("T", " ", 1).partition(" ") if text[:1].isdigit() else (text, "", "")
    clock = _clock(rest.strip()) if rest else None
    day = _day(day_text if clock else text, locale, today)
    if day is None:
        return None
    if clock is None:
        return Typed(_serial(day[0]), {"type": "DATE", "pattern": day[1]})
    value = _serial(day[0]) + clock[0] / 86_400
    return Typed(plain(value), {"type": "DATE_TIME", "pattern": f"{day[1]} {clock[1]}"})


def _serial(day: date) -> int:
    return (datetime(day.year, day.month, day.day) - EPOCH).days  # noqa: DTZ001 - a day


def _clock(text: str) -> tuple[int, str] | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3] or 0)
    if minutes > 59 or seconds > 59 or hours > 23:
        return None
    if found[4]:
        hours = hours % 12 + (12 if found[4].lower() == "pm" else 0)
    pattern = ("h:mm:ss" if found[3] else "h:mm") + (" am/pm" if found[4] else "")
    return int(timedelta(hours=hours, minutes=minutes, seconds=seconds).total_seconds()), pattern


def _day(text: str, locale: str, today: date) -> tuple[date, str] | None:
    if found := _ISO.fullmatch(text):
        return _dated(found[1], found[2], found[3], "yyyy-mm-dd")
    if found := _SLASHED.fullmatch(text):
        first, second, year = found[1], found[2], found[3] or str(today.year)
        year = str(2000 + int(year)) if len(year) == 2 else year
        if decimal_comma(locale) is False and "." in text:
            return None  # 1.2 is a number, 1.2.3 nothing
        pattern = ("d/m" if day_first(locale) else "m/d") + ("/yyyy" if found[3] else "")
        month, day = (second, first) if day_first(locale) else (first, second)
        return _dated(year, month, day, pattern)
    if found := _NAMED.fullmatch(text):
        name = (found[2] or found[4]).lower()[:3]
        month = str(_MONTHS.index(name) + 1) if name in _MONTHS else "0"
        return _dated(found[3] or found[6], month, found[1] or found[5], "d mmm yyyy")
    return None


def _dated(year: str, month: str, day: str, pattern: str) -> tuple[date, str] | None:
    try:
        return date(int(year), int(month), int(day)), pattern
    except ValueError:
        return None
