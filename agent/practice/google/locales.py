"""What a spreadsheet's locale changes: the decimal sign, and whether the day comes before the month."""

from __future__ import annotations

_COMMA = frozenset("bg cs da de el es fi fr hr hu it lt lv nb nl pl pt ro ru sk sl sr sv tr uk".split())  # noqa: SIM905


def decimal_comma(locale: str) -> bool:
    """Whether 1.5 is written 1,5."""
    language, _, country = locale.partition("_")
    return language in _COMMA and country not in {"MX", "CH"}


def day_first(locale: str) -> bool:
    """Whether 1/2 is the first of February."""
    return locale not in {"en_US", "en", "en_PH"}
