"""Shopify's search syntax, as far as its documentation and the recorded `extensions.search` show it.

`updated_at:>='2026-11-01T00:00:00Z' AND (product_status:ACTIVE OR product_status:DRAFT) -sku:'OLD 1'`. A field that the
resource does not have is ignored, with a warning beside the answer. A moment that is not in quotes ends at its first
colon, in the shop's own time zone: that is recorded, and a trap for callers.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from graphql import GraphQLError

_TOKEN = re.compile(
    r"\s*(?:(?P<mark>[()])|(?P<word>AND|OR|NOT)(?=[\s(])|"
    r"(?P<minus>-?)(?:(?P<field>[\w.]+):)?(?P<op><=|>=|<|>)?(?P<value>'[^']*'|\"[^\"]*\"|[^\s():]+):?)"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_RANGE = {"<": "range_lte", "<=": "range_lte", ">": "range_gte", ">=": "range_gte"}  # as recorded, `<` too

Test = Callable[["Term", Any, timedelta], bool]
Fields = Mapping[str, Test]
Parsed = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Term:
    """`field:op value`; a term without a field searches in several."""

    field: str
    op: str
    value: str
    quoted: bool

    def shown(self) -> Parsed:
        if self.op:
            return {"field": self.field, _RANGE[self.op]: self.value}
        match = {"match_phrase" if self.quoted else "match_all": self.value}
        return {"field": self.field, **match} if self.field else match


@dataclass(slots=True)
class Search:
    """A query that was understood: whether something matches, and what Shopify says of the query itself."""

    query: str
    matches: Callable[[Any], bool]
    parsed: Parsed
    warnings: list[dict[str, str]] = field(default_factory=list)


def search(query: str | None, fields: Fields, zone: timedelta) -> Search:
    """Understand a query over the fields of one resource; a blank one matches everything."""
    reader = _Reader(list(_tokens(query or "")), fields, zone)
    matches, parsed = reader.alternatives()
    return Search(query or "", matches, parsed, reader.warnings)


def _tokens(query: str) -> Iterator[str | Term]:
    at = 0
    while found := _TOKEN.match(query, at):
        at = found.end()
        if found["mark"] or found["word"]:
            yield found["mark"] or found["word"]
            continue
        if found["minus"]:
            yield "NOT"
        value = found["value"]
        quoted = value[0] in "'\""
        yield Term(found["field"] or "", found["op"] or "", value[1:-1] if quoted else value, quoted)


class _Reader:
    """Reads tokens by descent: OR binds weaker than AND, which may be left out."""

    def __init__(self, tokens: list[str | Term], fields: Fields, zone: timedelta) -> None:
        self.tokens, self.fields, self.zone = tokens, fields, zone
        self.warnings: list[dict[str, str]] = []

    def alternatives(self) -> tuple[Callable[[Any], bool], Parsed]:
        found: list[tuple[Callable[[Any], bool] | None, Parsed]] = [self._together()]
        while self._next("OR"):
            found.append(self._together())
        return _joined("or", any, found)

    def _together(self) -> tuple[Callable[[Any], bool], Parsed]:
        found = []
        while self.tokens and self.tokens[0] not in {")", "OR"}:
            if not self._next("AND"):
                found.append(self._one())
        return _joined("and", all, found)

    def _one(self) -> tuple[Callable[[Any], bool] | None, Parsed]:
        if self._next("NOT"):
            inner, parsed = self._one()
            return (None if inner is None else lambda each: not inner(each)), {"not": parsed}
        token = self.tokens.pop(0)
        if isinstance(token, Term):
            return self._term(token), token.shown()
        inside = self.alternatives()
        self._next(")")
        return inside

    def _next(self, word: str) -> bool:
        if self.tokens and self.tokens[0] == word:
            self.tokens.pop(0)
            return True
        return False

    def _term(self, term: Term) -> Callable[[Any], bool] | None:
        test = self.fields.get(term.field)
        if test is None:
            message = "Invalid search field for this query."
            self.warnings.append({"field": term.field, "message": message, "code": "invalid_field"})
            return None
        return lambda each: test(term, each, self.zone)


def _joined(
    word: str, over: Callable[[Iterator[bool]], bool], found: list[tuple[Callable[[Any], bool] | None, Parsed]]
) -> tuple[Callable[[Any], bool], Parsed]:
    tests = [test for test, _ in found if test is not None]
    parsed = found[0][1] if len(found) == 1 else {word: [each for _, each in found]}
    return (lambda each: over(test(each) for test in tests) if tests else True), parsed


def text(read: Callable[[Any], str | None]) -> Test:
    """Words as they are written, in any case; `ABC*` is a beginning; several after commas."""

    def test(term: Term, each: Any, _: timedelta) -> bool:
        have = (read(each) or "").lower()
        return any(_same(have, wanted) for wanted in term.value.lower().split(","))

    return test


def _same(have: str, wanted: str) -> bool:
    return have.startswith(wanted[:-1]) if wanted.endswith("*") else have == wanted


def whole(read: Callable[[Any], int]) -> Test:
    """Numbers and ids, with `<` and so on; several after commas. What is no number matches nothing."""

    def test(term: Term, each: Any, _: timedelta) -> bool:
        wanted = [int(one) for one in term.value.split(",") if re.fullmatch(r"-?\d+", one.strip())]
        return any(_COMPARE[term.op](read(each), one) for one in wanted)

    return test


def truth(read: Callable[[Any], bool]) -> Test:
    """`true` or `false`."""
    return lambda term, each, _: read(each) is (term.value.lower() == "true")


def moment(read: Callable[[Any], datetime]) -> Test:
    """Moments. Without an offset they are in the shop's time zone."""

    def test(term: Term, each: Any, zone: timedelta) -> bool:
        wanted = _moment(term.value, zone)
        return wanted is not None and _COMPARE[term.op](read(each), wanted)

    return test


def _moment(value: str, zone: timedelta) -> datetime | None:
    try:
        found = datetime.fromisoformat(f"{value}-01-01" if re.fullmatch(r"\d{4}", value) else value)
    except ValueError:
        return None
    return found if found.tzinfo else (found - zone).replace(tzinfo=UTC)


def unsupported(name: str) -> Test:
    """A real shop can do this, the practice shop cannot: said loudly rather than answered wrongly."""

    def test(term: Term, each: Any, zone: timedelta) -> bool:
        said = f"The practice shop does not search by {name}."
        raise GraphQLError(said, extensions={"code": "PRACTICE_SHOP_UNSUPPORTED"})

    return test
