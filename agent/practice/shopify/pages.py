"""Shopify's connections: pages of a sorted list, and the cursors that name a place in it."""

from __future__ import annotations

import base64
import json
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphql import GraphQLError

MOST = 250
Key = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Edge:
    """One thing and its cursor."""

    cursor: str
    node: Any


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class Page:
    """Part of a list; cursors are worked out only for who asks."""

    def __init__(self, nodes: Sequence[Any], key: Key, more: bool, before: bool) -> None:
        self.nodes, self._key, self._more, self._before = nodes, key, more, before

    @property
    def edges(self) -> list[Edge]:
        return [Edge(cursor(each, self._key), each) for each in self.nodes]

    @property
    def page_info(self) -> PageInfo:
        ends = [cursor(each, self._key) for each in (self.nodes[0], self.nodes[-1])] if self.nodes else [None, None]
        return PageInfo(self._more, self._before, ends[0], ends[1])


def page(things: Iterable[Any], key: Key, asked: dict[str, Any], *, unlimited: bool = False) -> Page:
    """The page that `first`, `after`, `last`, `before` and `reverse` ask for, of things sorted by `key` and id."""
    rows = sorted(things, key=lambda each: (key(each), each.id), reverse=bool(asked.get("reverse")))
    if unlimited:
        return Page(rows, key, False, False)
    first, last = asked.get("first"), asked.get("last")
    _check(first, last)
    start = _passed(rows, key, asked["after"], asked, itself=True) if asked.get("after") else 0
    end = _passed(rows, key, asked["before"], asked, itself=False) if asked.get("before") else len(rows)
    if first is not None:
        end = min(end, start + first)
    else:
        start = max(start, end - (last or 0))
    return Page(rows[start:end], key, end < len(rows), start > 0)


def _check(first: int | None, last: int | None) -> None:
    """The sentences of these two were not recorded."""
    if first is None and last is None:
        raise GraphQLError("you must provide one of first or last", extensions={"code": "BAD_REQUEST"})
    if not 0 <= (first if first is not None else last or 0) <= MOST:
        name = "first" if first is not None else "last"
        raise GraphQLError(f"{name} must be between 0 and {MOST}", extensions={"code": "BAD_REQUEST"})


def _passed(rows: Sequence[Any], key: Key, told: str, asked: dict[str, Any], *, itself: bool) -> int:
    """How many things stand before a cursor's place; by value and id, so that a thing that moved takes nobody along."""
    place = _read(told)
    before = operator.gt if asked.get("reverse") else operator.lt
    try:
        return sum(before(where, place) or (itself and where == place) for where in (_order(one, key) for one in rows))
    except TypeError:
        raise _invalid() from None


def _read(told: str) -> tuple[Any, int]:
    try:
        found = json.loads(base64.b64decode(told, validate=True))
        value, number = found["last_value"], int(found["last_id"])
    except (ValueError, KeyError, TypeError):
        raise _invalid() from None
    return (int(value) if str(value).isdigit() else value), number


def _order(each: Any, key: Key) -> tuple[Any, int]:
    shown = _shown(key(each))
    return (int(shown) if str(shown).isdigit() else shown), each.id


def _invalid() -> GraphQLError:
    return GraphQLError("Invalid cursor for current pagination sort.", extensions={"code": "BAD_REQUEST"})


def cursor(each: Any, key: Key) -> str:
    """As recorded: base64 of `{"last_id":...,"last_value":...}`."""
    told = {"last_id": each.id, "last_value": _shown(key(each))}
    return base64.b64encode(json.dumps(told, separators=(",", ":")).encode()).decode()


def _shown(value: Any) -> Any:
    """Moments in milliseconds, ids and words as text, as recorded."""
    return int(value.timestamp() * 1000) if isinstance(value, datetime) else str(value)
