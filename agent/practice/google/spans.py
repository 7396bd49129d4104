"""Where ranges go when rows or columns are inserted, deleted or moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Span = tuple[int, int]
Moves = Callable[[int, int], Span | None]
"""From a half-open span of places to its new one; None where all of it is gone."""

ENDS = {"ROWS": ("startRowIndex", "endRowIndex"), "COLUMNS": ("startColumnIndex", "endColumnIndex")}
_PLACE = {"ROWS": "rowIndex", "COLUMNS": "columnIndex"}


def inserted(at: int, count: int) -> Moves:
    """`count` places came at `at`: what lies behind moves, what lies around grows."""

    def moves(start: int, end: int) -> Span | None:
        return (start + count if start >= at else start, end + count if end > at else end)

    return moves


def deleted(first: int, last: int) -> Moves:
    """The places `first` to before `last` went."""

    def moves(start: int, end: int) -> Span | None:
        new = (_left(start, first, last), _left(end, first, last))
        return new if new[1] > new[0] else None

    return moves


def _left(place: int, first: int, last: int) -> int:
    return place - max(0, min(place, last) - first)


def moved(first: int, last: int, to: int) -> Moves:
    """The places `first` to before `last` went to before what was at `to`; a range goes only as a whole."""
    order = _order(first, last, to)

    def moves(start: int, end: int) -> Span | None:
        places = sorted(order(place) for place in range(start, min(end, start + 10_000)))
        if places and places[-1] - places[0] == len(places) - 1 and len(places) == end - start:
            return places[0], places[-1] + 1
        return start, end

    return moves


def _order(first: int, last: int, to: int) -> Callable[[int], int]:
    size = last - first

    def place(at: int) -> int:
        if first <= at < last:
            return at + (to - last if to > first else to - first)
        if to > first:
            return at - size if last <= at < to else at
        return at + size if to <= at < first else at

    return place


def followed(thing: Any, sheet_id: int, dimension: str, moves: Moves) -> Any:
    """A thing of the tab, with every range and place in it where it lies now; None where its range is gone."""
    if isinstance(thing, list):
        kept = [followed(each, sheet_id, dimension, moves) for each in thing]
        return [each for each in kept if each is not None]
    if not isinstance(thing, Mapping):
        return thing
    new: dict[str, Any] = {}
    for name, value in thing.items():
        found = followed(value, sheet_id, dimension, moves)
        if found is None and value is not None and name in {"range", "dimensionRange", "location"}:
            return None
        new[name] = found
    return _here(new, dimension, moves) if new.get("sheetId", 0) == sheet_id else new


def _here(thing: dict[str, Any], dimension: str, moves: Moves) -> dict[str, Any] | None:
    start, end = ENDS[dimension]
    if thing.get("dimension") == dimension and "startIndex" in thing and "endIndex" in thing:
        return _spanned(thing, "startIndex", "endIndex", moves)
    if start in thing or end in thing:
        return _spanned(thing, start, end, moves)
    place = _PLACE[dimension]
    if place in thing and ("columnIndex" in thing or "rowIndex" in thing):
        found = moves(thing[place], thing[place] + 1)
        return thing | {place: found[0] if found else max(0, thing[place] - 1)}
    return thing


def _spanned(thing: dict[str, Any], start: str, end: str, moves: Moves) -> dict[str, Any] | None:
    far = 10**9
    found = moves(thing.get(start, 0), thing.get(end, far))
    if found is None:
        return None
    ends = {start: found[0]} if start in thing else {}
    return thing | ends | ({end: found[1]} if end in thing else {})
