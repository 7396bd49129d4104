"""The functions that look something up."""

from __future__ import annotations

import re
from typing import Any

from agent.practice.google.a1 import Box
from agent.practice.google.functions import Failed, Here, Parts, Range, alike, compared, given, number, run, text

MISSING = "Did not find value '{}' in {} evaluation."


def _found(where: Any, wanted: Any, what: str) -> int:
    if not isinstance(where, Range):
        where_value = where
        if compared(where_value, wanted) == 0:
            return 0
        raise Failed("#N/A", MISSING.format(text(wanted), what))
    place = None if wanted is None else where.sheets.places(where).get(alike(wanted))
    if place is None:
        raise Failed("#N/A", MISSING.format(text(wanted), what))
    return place


def match(here: Here, parts: Parts) -> int:
    """MATCH: exact, or the last that is not larger."""
    wanted, where = run(parts[0], here), given(parts[1], here)
    if len(parts) > 2 and run(parts[2], here) == 0:
        return _found(where, wanted, "MATCH") + 1
    last = 0
    for at, value in enumerate(where.line()):
        if value is not None and compared(value, wanted) <= 0:
            last = at + 1
    if not last:
        raise Failed("#N/A", MISSING.format(text(wanted), "MATCH"))
    return last


def index(here: Here, parts: Parts) -> Any:
    """INDEX: one cell, a whole row or a whole column."""
    found = given(parts[0], here)
    row = int(number(run(parts[1], here))) if len(parts) > 1 else 0
    column = int(number(run(parts[2], here))) if len(parts) > 2 else 0
    if not isinstance(found, Range):
        return found
    box = found.box
    if box.height == 1 and len(parts) == 2:
        row, column = 1, row
    if row > box.height or column > box.width or row < 0 or column < 0:
        raise Failed("#REF!", "INDEX evaluates to an out of bounds range.")
    top, left = box.top + max(row - 1, 0), box.left + max(column - 1, 0)
    return Range(
        found.sheets,
        found.tab,
        Box(top, top + 1 if row else box.bottom, left, left + 1 if column or box.width == 1 else box.right),
    )


_MARKED = re.compile(r"~([~*?])")


def unmarked(wanted: str) -> str:
    """`~*`, `~?` and `~~` stand for the signs themselves. Signs that stand for other letters are not known here."""
    return _MARKED.sub(r"\1", wanted)


def vlookup(here: Here, parts: Parts) -> Any:
    """VLOOKUP, exact."""
    wanted, table = run(parts[0], here), given(parts[1], here)
    column = int(number(run(parts[2], here)))
    box = table.box
    if isinstance(wanted, str):
        wanted = unmarked(wanted)
    if column > box.width:
        raise Failed("#REF!", "VLOOKUP evaluates to an out of bounds range.")
    keys = Range(table.sheets, table.tab, Box(box.top, box.bottom, box.left, box.left + 1))
    return table.get(box.top + _found(keys, wanted, "VLOOKUP"), box.left + column - 1)


def xlookup(here: Here, parts: Parts) -> Any:
    """XLOOKUP, exact."""
    wanted, keys, results = run(parts[0], here), given(parts[1], here), given(parts[2], here)
    try:
        at = _found(keys, wanted, "XLOOKUP")
    except Failed:
        if len(parts) > 3:
            return run(parts[3], here)
        raise
    along = keys.box.height > 1 or keys.box.width == 1
    return results.get(*((results.box.top + at, results.box.left) if along else (results.box.top, at)))
