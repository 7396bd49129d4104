"""The functions that count and add up what meets a criterion."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from agent.practice.google.cells import CellError
from agent.practice.google.functions import Here, Parts, Range, compared, given, run, text


def _criterion(wanted: Any) -> Callable[[Any], bool]:
    found = re.fullmatch(r"(<=|>=|<>|<|>|=)?(.*)", text(wanted), re.DOTALL)
    sign, rest = (found[1] or "=", found[2]) if found else ("=", "")
    try:
        goal: Any = float(rest)
    except ValueError:
        goal = rest
    if isinstance(goal, str) and re.search(r"[*?]", goal):
        pattern = re.compile(re.escape(goal).replace(r"\*", ".*").replace(r"\?", "."), re.IGNORECASE | re.DOTALL)
        return lambda value: (
            (bool(pattern.fullmatch(text(value))) if isinstance(value, str) else False) == (sign == "=")
        )
    return lambda value: _meets(value, sign, goal)


def _meets(value: Any, sign: str, goal: Any) -> bool:
    if isinstance(value, CellError):
        return False
    if value is None and goal != "":
        return sign == "<>"
    if sign not in {"=", "<>"} and isinstance(value, str) != isinstance(goal, str):
        return False
    way = compared(value, goal)
    return {"=": way == 0, "<>": way != 0, "<": way < 0, ">": way > 0, "<=": way <= 0, ">=": way >= 0}[sign]


def chosen(here: Here, parts: Parts) -> list[int]:
    """The places, counted from 0, at which every pair of range and criterion holds."""
    held: set[int] | None = None
    for where_part, wanted in zip(parts[::2], parts[1::2], strict=False):
        where, test = given(where_part, here), _criterion(run(wanted, here))
        found = {at for at, value in enumerate(where.line()) if test(value)}
        held = found if held is None else held & found
    return sorted(held or ())


def sum_at(places: list[int], where: Range) -> float:
    """The sum of the numbers at these places of a range."""
    line = where.line()
    values = [line[at] for at in places if at < len(line)]
    return sum(value for value in values if isinstance(value, int | float) and not isinstance(value, bool))


def sumif(here: Here, parts: Parts) -> float:
    """SUMIF."""
    where = given(parts[2] if len(parts) > 2 else parts[0], here)
    return sum_at(chosen(here, parts[:2]), where)


def sumproduct(here: Here, parts: Parts) -> float:
    """SUMPRODUCT."""
    lines = [given(part, here).line() for part in parts]
    numeric = [[v if isinstance(v, int | float) and not isinstance(v, bool) else 0 for v in line] for line in lines]
    return float(sum(math.prod(row) for row in zip(*numeric, strict=False)))
