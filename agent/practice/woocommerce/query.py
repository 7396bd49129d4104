"""Query parameters: their types, WordPress's complaints about them, dates, pages and `_fields`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from agent.practice.wire import Request
from agent.practice.woocommerce.errors import Bad, invalid_params, not_in, unsupported, wrong_type

Check = Callable[[str, str], Any]
Spec = Mapping[str, Check]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}(:\d{2})?)?")


class _BadValueError(Exception):
    def __init__(self, bad: Bad) -> None:
        super().__init__(bad.message)
        self.bad = bad


def integer(low: int | None = None, high: int | None = None) -> Check:
    """A whole number, within bounds where there are any."""

    def check(name: str, raw: str) -> int:
        if not re.fullmatch(r"[+-]?\d+(\.0*)?", raw) or len(raw) > 18:
            raise _BadValueError(wrong_type(name, "integer"))
        value = int(float(raw))
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = f"between {low} (inclusive) and {high} (inclusive)" if high else f"greater than or equal to {low}"
            raise _BadValueError(Bad("rest_out_of_bounds", f"{name} must be {bounds}"))
        return value

    return check


def one_of(*allowed: str) -> Check:
    """One of a few words."""

    def check(name: str, raw: str) -> str:
        if raw not in allowed:
            raise _BadValueError(not_in(name, allowed))
        return raw

    return check


def some_of(*allowed: str) -> Check:
    """A comma list of a few words."""

    def check(name: str, raw: str) -> tuple[str, ...]:
        return tuple(one_of(*allowed)(f"{name}[{at}]", each) for at, each in enumerate(_split(raw)))

    return check


def ids(name: str, raw: str) -> tuple[int, ...]:
    """A comma list of ids."""
    return tuple(integer()(f"{name}[{at}]", each) for at, each in enumerate(_split(raw)))


def words(_name: str, raw: str) -> tuple[str, ...]:
    """A comma list of anything: so a SKU with a comma cannot be asked for."""
    return tuple(_split(raw))


def text(_name: str, raw: str) -> str:
    return raw


def yes_no(name: str, raw: str) -> bool:
    if raw.lower() not in {"true", "false", "1", "0"}:
        raise _BadValueError(wrong_type(name, "boolean"))
    return raw.lower() in {"true", "1"}


def date(_name: str, raw: str) -> datetime:
    """A moment with or without a zone; a date alone is refused (observed on WooCommerce 11.0.1)."""
    try:
        if _DATE.fullmatch(raw):
            return datetime.fromisoformat(raw.upper())
    except ValueError:
        pass
    raise _BadValueError(Bad("rest_invalid_date", "Invalid date."))


def lacking(_name: str, raw: str) -> str:
    """A real shop knows this parameter, the practice shop does not."""
    raise unsupported(f"the parameter {_name}={raw}")


def _split(raw: str) -> list[str]:
    return [each.strip() for each in raw.split(",") if each.strip()]


def parse(spec: Spec, request: Request) -> dict[str, Any]:
    """The known parameters with their values; unknown ones are ignored, as WordPress does."""
    given: dict[str, str] = {}
    for name, raw in request.query:
        plain = re.sub(r"\[\d*\]$", "", name)
        given[plain] = f"{given[plain]},{raw}" if plain != name and plain in given else raw
    values: dict[str, Any] = {}
    problems: dict[str, Bad] = {}
    for name in spec.keys() & given.keys():
        try:
            values[name] = spec[name](name, given[name])
        except _BadValueError as problem:
            problems[name] = problem.bad
    if problems:
        raise invalid_params({name: problems[name] for name in given if name in problems})
    return values


def threshold(moment: datetime, dates_are_gmt: bool, offset: timedelta, table: str) -> datetime:
    """The UTC moment, without a zone, that a date filter compares with.

    Without a zone the time is the site's own unless `dates_are_gmt`. With a zone it is first turned into the site's
    own time; the order tables then compare that with UTC, and so does anything asked with `dates_are_gmt`: shifted by
    the site's offset (observed on WooCommerce 8.6.0 in New York; the samples of 11.0.1 lie too far apart to tell).
    """
    zoned = moment.tzinfo is not None
    wall = moment.astimezone(UTC).replace(tzinfo=None) + offset if zoned else moment
    shifted = dates_are_gmt or (zoned and table == "orders")
    return wall if shifted else wall - offset


def within(values: Mapping[str, Any], offset: timedelta, table: str) -> Callable[[datetime, datetime], bool]:
    """A test of (created, modified) against after, before, modified_after and modified_before, all of them strict."""
    gmt = bool(values.get("dates_are_gmt"))
    names = ("after", "before", "modified_after", "modified_before")
    limits = {name: threshold(values[name], gmt, offset, table) for name in names if name in values}

    def test(created: datetime, modified: datetime) -> bool:
        return not (
            ("after" in limits and created <= limits["after"])
            or ("before" in limits and created >= limits["before"])
            or ("modified_after" in limits and modified <= limits["modified_after"])
            or ("modified_before" in limits and modified >= limits["modified_before"])
        )

    return test


def page_of(rows: Sequence[Any], values: Mapping[str, Any], request: Request) -> tuple[Sequence[Any], dict[str, str]]:
    """One page and its headers: X-WP-Total, X-WP-TotalPages, and Link where there are neighbours."""
    size, page = values.get("per_page", 10), values.get("page", 1)
    start = values.get("offset", (page - 1) * size)
    pages = -(-len(rows) // size)
    headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(pages)}
    links = [(min(page - 1, pages), "prev")] if page > 1 and pages else []
    links += [(page + 1, "next")] if page < pages else []
    if links:
        headers["Link"] = ", ".join(f'<{_page_url(request, number)}>; rel="{rel}"' for number, rel in links)
    return rows[start : start + size], headers


def _page_url(request: Request, page: int) -> str:
    given = dict(request.query) | {"page": str(page)}
    joined = "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in given.items())
    return f"{request.base}{request.path}?{joined}"


def trimmed(body: Any, request: Request) -> Any:
    """`_fields`. Lists inside an object cannot be reached into, so a batch is emptied (observed on 11.0.1)."""
    wanted = _split(dict(request.query).get("_fields", ""))
    if not wanted:
        return body
    tree = _tree(wanted)
    if isinstance(body, list):
        return [_pick(each, tree) for each in body]
    return _pick(body, tree) or []  # PHP writes an empty object as a list


def _tree(names: Iterable[str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name in names:
        head, _, tail = name.partition(".")
        tree.setdefault(head, {})
        if tail:
            tree[head] |= _tree([tail])
    return tree


def _pick(body: Any, tree: Mapping[str, Any]) -> dict[str, Any]:
    picked: dict[str, Any] = {}
    for name in body.keys() & tree.keys():
        below = tree[name]
        if not below:
            picked[name] = body[name]
        elif isinstance(body[name], list):
            picked[name] = []
        elif isinstance(body[name], dict):
            picked[name] = _pick(body[name], below)
    return picked
