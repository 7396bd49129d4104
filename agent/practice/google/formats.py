"""How a number is shown: number formats by their patterns, dates as serial days since 1899-12-30."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from agent.practice.google.locales import day_first, decimal_comma

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a serial number has no time zone
DATES = frozenset({"DATE", "TIME", "DATE_TIME"})
_DEFAULT = {
    "NUMBER": "#,##0.00",
    "PERCENT": "0.00%",
    "CURRENCY": '"$"#,##0.00',
    "DATE": "m/d/yyyy",
    "TIME": "h:mm:ss am/pm",
    "DATE_TIME": "m/d/yyyy h:mm:ss",
    "SCIENTIFIC": "0.00E+00",
    "TEXT": "@",
}
_TOKEN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|am/pm|a/p|y+|m+|d+|h+|s+|E[+-]0+|[0#?.,%]+|.', re.IGNORECASE | re.DOTALL)
_DATE_TOKEN = re.compile(r"y+|m+|d+|h+|s+|am/pm|a/p|\[h+\]|\[m+\]|\[s+\]", re.IGNORECASE)
_LITERAL = re.compile(r'"[^"]*"|\\.|\[(?:color\d+|red|black|green|white|blue|magenta|yellow|cyan|\$[^\]]*)\]', re.I)


def number_format(form: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The number format of a cell's format; empty where it has none."""
    return (form or {}).get("numberFormat") or {}


def is_text(form: Mapping[str, Any] | None) -> bool:
    """Whether what is typed into such a cell stays text."""
    return number_format(form).get("type") == "TEXT"


def is_date(form: Mapping[str, Any] | None) -> bool:
    """Whether a number in such a cell is a date or a time."""
    kind = number_format(form)
    return kind.get("type") in DATES or (not kind.get("type") and _dated(kind.get("pattern", "")))


def _dated(pattern: str) -> bool:
    return bool(pattern) and bool(_DATE_TOKEN.search(_LITERAL.sub("", pattern)))


def shown(value: Any, form: Mapping[str, Any] | None, locale: str) -> str:
    """A number, a truth value or a text as the cell shows it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    kind = number_format(form)
    pattern = kind.get("pattern") or _default(kind.get("type"), locale)
    if not pattern or pattern == "@" or pattern.lower() == "general":
        return _localised(general(value), locale)
    return by_pattern(value, pattern, locale)


def _default(kind: str | None, locale: str) -> str:
    pattern = _DEFAULT.get(kind or "", "")
    return pattern.replace("m/d/yyyy", "dd/mm/yyyy") if day_first(locale) else pattern


def _localised(text: str, locale: str) -> str:
    return text.translate({ord("."): ",", ord(","): "."}) if decimal_comma(locale) else text


def general(value: float) -> str:
    """A number without a format: up to ten digits that count, whole ones up to fifteen."""
    if math.isinf(value) or math.isnan(value):
        return "#NUM!"
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.10g}"
    if "e" not in text:
        return text
    mantissa, exponent = f"{value:.5e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}E{exponent[0]}{exponent[1:].zfill(2)}"


def by_pattern(value: float, pattern: str, locale: str) -> str:
    """A number by the section of the pattern that holds for it."""
    sections = _sections(pattern)
    section, value = _section(sections, value)
    tokens = [found[0] for found in _TOKEN.finditer(section)]
    if _dated(section):
        return _dated_text(value, tokens)
    return _number_text(value, tokens, locale)


def _sections(pattern: str) -> list[str]:
    return re.findall(r'(?:"[^"]*"|\\.|[^;])+', pattern) or [pattern]


def _section(sections: list[str], value: float) -> tuple[str, float]:
    if value < 0 and len(sections) > 1:
        return sections[1], -value
    if value == 0 and len(sections) > 2:
        return sections[2], value
    return sections[0], value


def _number_text(value: float, tokens: list[str], locale: str) -> str:
    digits = [at for at, token in enumerate(tokens) if token[0] in "0#?.,"]
    if not digits:
        return "".join(_literal(token) for token in tokens)
    core = "".join(tokens[at] for at in range(digits[0], digits[-1] + 1) if tokens[at][0] in "0#?.,%")
    percent = "%" in "".join(token for token in tokens if token[0] in "0#?.,%")
    exponent = next((token for token in tokens if re.fullmatch(r"E[+-]0+", token, re.IGNORECASE)), None)
    number = _digits(abs(value) * (100 if percent else 1), core.replace("%", ""), exponent)
    middle = _localised(number, locale) + ("%" if core.endswith("%") else "")
    before = "".join(_literal(token) for token in tokens[: digits[0]])
    after = "".join(_literal(token) for token in tokens[digits[-1] + 1 :] if token != exponent)
    return ("-" if value < 0 and number.strip("0.,") else "") + before + middle + after


def _digits(value: float, core: str, exponent: str | None) -> str:
    whole, _, fraction = core.partition(".")
    places, least = len(fraction), fraction.count("0")
    if exponent:
        mantissa, power = f"{value:.{places}e}".split("e")
        return f"{mantissa}E{power[0]}{power[1:].zfill(2)}"
    text = f"{value:{',' if ',' in whole else ''}.{places}f}"
    if value and float(f"{value:.{places}f}") != round(value, places):
        text = f"{round(value, places):.{places}f}"
    head, _, tail = text.partition(".")
    while len(tail) > least and tail.endswith("0"):
        tail = tail[:-1]
    head = head.rjust(whole.replace(",", "").count("0"), "0") if head != "0" else "0" * max(whole.count("0"), 0)
    return head + ("." + tail if tail or (fraction and core.endswith(".")) else "")


def _literal(token: str) -> str:
    if token.startswith('"'):
        return token[1:-1]
    if token.startswith("\\"):
        return token[1:]
    if token.startswith("["):
        return token[2:-1].split("-", maxsplit=1)[0] if token.startswith("[$") else ""
    return token if token not in {"_", "*", "@"} else ""


def _dated_text(value: float, tokens: list[str]) -> str:
    moment = moment_of(value)
    noon = any(token.lower() in {"am/pm", "a/p"} for token in tokens)
    out, hours = [], False
    for at, token in enumerate(tokens):
        low = token.lower()
        if low[0] == "m" and set(low) == {"m"}:
            seconds_next = next((each.lower() for each in tokens[at + 1 :] if each[0].lower() in "ymdhs"), "")
            out.append(_minutes(moment, low) if hours or seconds_next.startswith("s") else _month(moment, low))
        else:
            out.append(_moment_part(moment, value, low, noon) or _literal(token))
        if low[0] in "hmsyd" or low.startswith("[h"):
            hours = low[0] == "h" or low.startswith("[h")
    return "".join(out)


def moment_of(serial: float) -> datetime:
    """The date and time of a serial number, to the second."""
    try:
        return EPOCH + timedelta(seconds=round(serial * 86_400))
    except OverflowError:
        return EPOCH


def _minutes(moment: datetime, token: str) -> str:
    return f"{moment.minute:0{min(len(token), 2)}d}"


def _month(moment: datetime, token: str) -> str:
    if len(token) > 2:
        return moment.strftime("%b" if len(token) == 3 else "%B")
    return f"{moment.month:0{len(token)}d}"


def _moment_part(moment: datetime, value: float, token: str, noon: bool) -> str:
    if token in {"am/pm", "a/p"}:
        return "AM" if moment.hour < 12 else "PM"
    if token.startswith("[h"):
        return str(int(round(value * 86_400) // 3600))
    kind, size = token[0], min(len(token), 2)
    if set(token) != {kind} or kind not in "ydhs":
        return ""
    if kind == "y":
        return f"{moment.year:04d}" if len(token) > 2 else f"{moment.year % 100:02d}"
    if kind == "d" and len(token) > 2:
        return moment.strftime("%a" if len(token) == 3 else "%A")
    hour = (moment.hour % 12 or 12) if noon else moment.hour
    return f"{ {'d': moment.day, 'h': hour, 's': moment.second}[kind]:0{size}d}"
