"""Reading other people's JSON: every function takes anything and never raises.

`None` means absent or not understandable, never zero (I11).
"""

from __future__ import annotations

import html
import math
import re
from datetime import UTC, datetime

LONGEST = 500
"""Text from a channel is cut here (R11)."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,12})?")
_LARGEST = 10**15


def whole(value: object) -> int | None:
    """A whole number, from a number or the text of one; a fraction is rounded down (never promises more)."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        head, _, tail = value.strip().partition(".")
        return whole(int(head) - (value.strip().startswith("-") and tail.strip("0") != ""))
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return math.floor(value) if abs(value) <= _LARGEST else None


def text(value: object) -> str | None:
    """Plain text: entities resolved, control and direction characters removed, trimmed, at most 500 characters."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    cleaned = " ".join(_CONTROL.sub(" ", html.unescape(str(value))).split())
    return cleaned[:LONGEST] or None


def moment(value: object) -> datetime | None:
    """An ISO time as aware UTC; one without a zone is taken as UTC (the platforms' `_gmt` fields)."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def record(value: object) -> dict[str, object]:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[dict[str, object]] | None:
    """A list of JSON objects, with nothing else in it; else None: what cannot be read is not passed over (I11)."""
    found = records(value)
    return found if isinstance(value, list) and len(found) == len(value) else None


def records(value: object) -> list[dict[str, object]]:
    """The JSON objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
