"""The functions by their names; what each does stands in `functions`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from agent.practice.google import criteria, formats, lookups
from agent.practice.google.cells import CellError
from agent.practice.google.functions import Call, Failed, Here, Parts, Range, given, number, raised, run, text


def _each(here: Here, parts: Parts) -> Iterator[tuple[Any, bool]]:
    """Every value of the arguments, and whether it stood in a cell."""
    for part in parts:
        found = given(part, here)
        if isinstance(found, Range):
            yield from ((value, True) for value in found.values())
        else:
            yield found, False


def _numbers(here: Here, parts: Parts) -> list[float]:
    found = []
    for value, in_cell in _each(here, parts):
        raised(value)
        if not in_cell:
            found.append(number(value))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.append(value)
    return found


def _truth(value: Any) -> bool:
    if isinstance(value, str):
        if value.upper() in {"TRUE", "FALSE"}:
            return value.upper() == "TRUE"
        raise Failed("#VALUE!", f"'{value}' is a text and cannot be coerced to a boolean.")
    return bool(value)


def _if(here: Here, parts: Parts) -> Any:
    if _truth(run(parts[0], here)):
        return given(parts[1], here)
    return given(parts[2], here) if len(parts) > 2 else False


def _ifs(here: Here, parts: Parts) -> Any:
    for condition, value in zip(parts[::2], parts[1::2], strict=False):
        if _truth(run(condition, here)):
            return given(value, here)
    raise Failed("#N/A", "No match.")


def _rescued(only: str | None) -> Call:
    def call(here: Here, parts: Parts) -> Any:
        try:
            return run(parts[0], here)
        except Failed as failed:
            if only and failed.error.shown != only:
                raise
            return run(parts[1], here) if len(parts) > 1 else ""

    return call


def _is(test: Callable[[Any], bool]) -> Call:
    def call(here: Here, parts: Parts) -> bool:
        try:
            return test(run(parts[0], here))
        except Failed as failed:
            return test(failed.error)

    return call


def _rounded(how: Callable[[float], float]) -> Call:
    def call(here: Here, parts: Parts) -> float:
        places = int(number(run(parts[1], here))) if len(parts) > 1 else 0
        value = number(run(parts[0], here))
        scaled = math.copysign(how(abs(value) * 10**places), value)
        return float(scaled / 10**places)

    return call


def _mod(here: Here, parts: Parts) -> float:
    divisor = number(run(parts[1], here))
    if not divisor:
        raise Failed("#DIV/0!", "Function MOD parameter 2 cannot be zero.")
    return number(run(parts[0], here)) % divisor


def _texted(how: Callable[..., Any]) -> Call:
    def call(here: Here, parts: Parts) -> Any:
        first, *rest = [run(part, here) for part in parts]
        return how(text(first), *(int(number(each)) for each in rest))

    return call


def _substitute(here: Here, parts: Parts) -> str:
    found, old, new = (text(run(part, here)) for part in parts[:3])
    if len(parts) < 4 or not old:
        return found.replace(old, new) if old else found
    pieces, which = found.split(old), int(number(run(parts[3], here)))
    if which >= len(pieces):
        return found
    return old.join(pieces[:which]) + new + old.join(pieces[which:])


def _average(here: Here, parts: Parts) -> float:
    found = _numbers(here, parts)
    if not found:
        raise Failed("#DIV/0!", "Evaluation of function AVERAGE caused a divide by zero error.")
    return sum(found) / len(found)


def _value(here: Here, parts: Parts) -> float:
    return number(run(parts[0], here))


def _text(here: Here, parts: Parts) -> str:
    value, pattern = run(parts[0], here), text(run(parts[1], here))
    return text(value) if isinstance(value, str) else formats.by_pattern(number(value), pattern, _locale(here))


def _locale(here: Here) -> str:
    return here.sheets.book.locale


def _today(here: Here, _: Parts) -> int:
    return (here.sheets.book.now().replace(tzinfo=None) - formats.EPOCH).days


def _now(here: Here, _: Parts) -> float:
    return (here.sheets.book.now().replace(tzinfo=None) - formats.EPOCH).total_seconds() / 86_400


def _date(here: Here, parts: Parts) -> int:
    year, month, day = (int(number(run(part, here))) for part in parts)
    start = datetime.combine(date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1), datetime.min.time())
    return (start - formats.EPOCH).days + day - 1


def _at(name: str) -> Call:
    def call(here: Here, parts: Parts) -> int:
        if not parts:
            return int(getattr(here, name)) + 1
        box = given(parts[0], here).box
        line = here.row - here.first if here.first is not None and name == "row" and box.height > 1 else 0
        return int(box.top if name == "row" else box.left) + 1 + line

    return call


def _size(name: str) -> Call:
    return lambda here, parts: getattr(given(parts[0], here).box, name)


def _blank_count(here: Here, parts: Parts) -> int:
    found = given(parts[0], here)
    full = sum(1 for value in found.values() if value != "")
    return int(found.box.height * found.box.width) - full


CALLS: dict[str, Call] = {
    "IF": _if,
    "IFS": _ifs,
    "IFERROR": _rescued(None),
    "IFNA": _rescued("#N/A"),
    "AND": lambda here, parts: all(_truth(raised(value)) for value, _ in _each(here, parts)),
    "OR": lambda here, parts: any(_truth(raised(value)) for value, _ in _each(here, parts)),
    "NOT": lambda here, parts: not _truth(run(parts[0], here)),
    "ISBLANK": _is(lambda value: value is None),
    "ISNUMBER": _is(lambda value: isinstance(value, int | float) and not isinstance(value, bool)),
    "ISTEXT": _is(lambda value: isinstance(value, str)),
    "ISERROR": _is(lambda value: isinstance(value, CellError)),
    "ISNA": _is(lambda value: isinstance(value, CellError) and value.shown == "#N/A"),
    "INDEX": lookups.index,
    "MATCH": lookups.match,
    "VLOOKUP": lookups.vlookup,
    "XLOOKUP": lookups.xlookup,
    "ROW": _at("row"),
    "COLUMN": _at("column"),
    "ROWS": _size("height"),
    "COLUMNS": _size("width"),
    "SUM": lambda here, parts: sum(_numbers(here, parts)),
    "COUNT": lambda here, parts: len(_numbers(here, parts)),
    "COUNTA": lambda here, parts: sum(1 for _ in _each(here, parts)),
    "COUNTBLANK": _blank_count,
    "MIN": lambda here, parts: min(_numbers(here, parts), default=0),
    "MAX": lambda here, parts: max(_numbers(here, parts), default=0),
    "AVERAGE": _average,
    "SUMPRODUCT": criteria.sumproduct,
    "COUNTIF": lambda here, parts: len(criteria.chosen(here, parts)),
    "COUNTIFS": lambda here, parts: len(criteria.chosen(here, parts)),
    "SUMIF": criteria.sumif,
    "SUMIFS": lambda here, parts: criteria.sum_at(criteria.chosen(here, parts[1:]), given(parts[0], here)),
    "ROUND": _rounded(lambda value: math.floor(value + 0.5)),
    "ROUNDUP": _rounded(math.ceil),
    "ROUNDDOWN": _rounded(math.floor),
    "INT": lambda here, parts: math.floor(number(run(parts[0], here))),
    "ABS": lambda here, parts: abs(number(run(parts[0], here))),
    "MOD": _mod,
    "LEN": _texted(len),
    "TRIM": _texted(lambda found: " ".join(found.split())),
    "UPPER": _texted(str.upper),
    "LOWER": _texted(str.lower),
    "LEFT": _texted(lambda found, size=1: found[:size]),
    "RIGHT": _texted(lambda found, size=1: found[-size:] if size else ""),
    "MID": _texted(lambda found, start, size: found[start - 1 : start - 1 + size]),
    "SUBSTITUTE": _substitute,
    "CONCATENATE": lambda here, parts: "".join(text(raised(value)) for value, _ in _each(here, parts)),
    "TEXT": _text,
    "VALUE": _value,
    "N": lambda here, parts: _number_or_zero(run(parts[0], here)),
    "T": lambda here, parts: found if isinstance(found := run(parts[0], here), str) else "",
    "HYPERLINK": lambda here, parts: run(parts[-1], here),
    "TODAY": _today,
    "NOW": _now,
    "DATE": _date,
}


def _number_or_zero(value: Any) -> float:
    return value if isinstance(value, int | float) else 0
