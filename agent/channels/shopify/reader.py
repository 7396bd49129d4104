"""Asking Shopify questions: one answer, these ids, every page; what an answer's errors mean.

Shopify says by HTTP 200 nearly everything that others say by the status: that it is throttled, that something is not
allowed, that it has trouble of its own (recorded 2026-04; THROTTLED and MAX_COST_EXCEEDED by published examples). Pages
come by a cursor that is a place in the order asked for, so that nothing moves past our reading place (I16).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.channels.answers import SAID_NOTHING, Answer, Budget, CallFailed, Look, Said
from agent.channels.base import Lane
from agent.channels.http import TRY_AGAIN, Http
from agent.channels.reads import left_out, same_page
from agent.channels.shopify.access import FIXES, SCOPES, must_be_open
from agent.channels.values import objects, record, records, text
from agent.words import in_words

Item = dict[str, object]
UNKNOWN_COST = 100.0
"""What a question is thought to cost before Shopify has said so."""

Kind = Literal["wait", "unwell", "access", "too costly", "too many", "refused"]
KINDS: dict[str, Kind] = {
    "THROTTLED": "wait",
    "INTERNAL_SERVER_ERROR": "unwell",
    "TIMEOUT": "unwell",
    "ACCESS_DENIED": "access",
    "MAX_COST_EXCEEDED": "too costly",
    "MAX_INPUT_SIZE_EXCEEDED": "too many",
}
"""`errors[].extensions.code` -> what it means to us; any other: it will not be answered as it is asked."""


@dataclass(frozen=True)
class Problem:
    """What the errors of an answer come to: the worst of them."""

    kind: Kind
    code: str
    said: str
    scopes: tuple[str, ...] = ()
    """Access denied: the permissions that would do."""


def problem_of(found: object) -> Problem | None:
    """Sorts the top-level errors of an answer; None: there are none."""
    said = record(found).get("errors")
    if isinstance(said, str | Mapping) and said:
        return Problem("refused", "", text(said) or text(str(said)) or in_words("shopify.no_reason_given"))
    problems = [_problem(error) for error in records(said)]
    order: list[Kind] = ["wait", "unwell", "access", "too costly", "too many", "refused"]
    return min(problems, key=lambda each: order.index(each.kind), default=None)


def _problem(error: Item) -> Problem:
    extensions = record(error.get("extensions"))
    code, said = text(extensions.get("code")) or "", text(error.get("message")) or in_words("shopify.no_reason_given")
    if not code and said == "Throttled":
        code = "THROTTLED"  # as it was told before there were codes
    needed = tuple(re.findall(r"`([a-z_]+)`", text(extensions.get("requiredAccess")) or ""))
    return Problem(KINDS.get(code, "refused"), code, said, needed)


def said(answer: Answer) -> Said:
    """What an answer says of our budget, and of itself."""
    cost = record(record(record(answer.json).get("extensions")).get("cost"))
    problem = problem_of(answer.json)
    budget = _budget(cost)
    if problem and problem.kind == "wait":
        lacks = _points(cost.get("requestedQueryCost")) - (budget.available if budget else 0.0)
        return Said(budget, wait=max(0.5, lacks / budget.rate) if budget and budget.rate > 0 else 1.0)
    return Said(budget, unwell=bool(problem and problem.kind == "unwell")) if budget or problem else SAID_NOTHING


def _budget(cost: Item) -> Budget | None:
    status = record(cost.get("throttleStatus"))
    maximum, rate = _points(status.get("maximumAvailable")), _points(status.get("restoreRate"))
    if maximum <= 0 or rate <= 0:
        return None
    return Budget(_points(cost.get("actualQueryCost")), _points(status.get("currentlyAvailable")), maximum, rate)


MOST_POINTS = 10**7
"""No plan has so many: what is beyond is no budget."""


def _points(value: object) -> float:
    points = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
    return points if 0 <= points <= MOST_POINTS else 0.0


class Declined(CallFailed):
    """Shopify answered, but not what was asked."""

    def __init__(self, name: str, http: Http, problem: Problem) -> None:
        self.problem = problem
        if problem.kind == "access":
            super().__init__("access", _denied(name, problem), FIXES.renewal(name), reached=False)
        else:
            what = (
                http.redact(in_words("shopify.does_not_answer_question", name=name, said=problem.said)).rstrip(".")
                + "."
            )
            super().__init__("host", what, TRY_AGAIN, reached=False)


def _denied(name: str, problem: Problem) -> str:
    needed = [f"{SCOPES[scope]} ({scope})" for scope in problem.scopes if scope in SCOPES] or list(problem.scopes)
    may = f"may not {needed[0]}" if needed else in_words("shopify.not_allowed_what_stocksheet")
    return in_words("shopify.the_app_of", name=name, may=may)


Check = Callable[[Item], None]


def _fine(data: Item) -> None:
    """Nothing to check."""


class Reader:
    """The way to one shop."""

    def __init__(self, name: str, http: Http) -> None:
        self.name = name
        self.http = http
        self._costs: dict[str, float] = {}

    async def send(self, query: str, variables: Mapping[str, object], lane: Lane, *, idempotent: bool) -> Answer:
        """One call, answered by GraphQL; its errors are left to the caller. Raises CallFailed."""
        body = {"query": query, "variables": dict(variables)}
        cost = self._costs.get(query, UNKNOWN_COST)
        answer = await self.http.request("POST", "graphql.json", json=body, lane=lane, idempotent=idempotent, cost=cost)
        self._must_be_shopify(answer)
        price = record(record(record(answer.json).get("extensions")).get("cost")).get("requestedQueryCost")
        if _points(price):
            self._costs[query] = _points(price)
        return answer

    def _must_be_shopify(self, answer: Answer) -> None:
        must_be_open(self.name, answer.status)
        if answer.status != 200 or not (record(answer.json).get("data") or problem_of(answer.json)):
            what = in_words("shopify.answers_but_not_as", name=self.name, status=answer.status)
            raise CallFailed("host", what, FIXES.address, reached=True)


@dataclass(frozen=True)
class Asking:
    """The questions of one read. All raise CallFailed; Declined where the shop understood and said no."""

    reader: Reader
    lane: Lane
    look: Look

    @property
    def name(self) -> str:
        """The channel's name."""
        return self.reader.name

    async def data(self, query: str, variables: Mapping[str, object]) -> Item:
        """The `data` of the answer, whole."""
        answer = await self.reader.send(query, variables, self.lane, idempotent=True)
        self.look.saw(answer)
        problem = problem_of(answer.json)
        if problem:
            raise Declined(self.name, self.reader.http, problem)
        return record(record(answer.json).get("data"))

    async def pages(self, query: str, field: str, variables: Mapping[str, object], check: Check = _fine) -> list[Item]:
        """Every page of a connection of the root. `check` sees each answer's data."""
        found: list[Item] = []
        after: str | None = None
        while True:
            data = await self.data(query, {**variables, "after": after})
            check(data)
            page = record(data.get(field))
            if (nodes := objects(page.get("nodes"))) is None:  # silence is no empty shop (I11)
                raise left_out(self.name, TRY_AGAIN)
            found += nodes
            before, after = after, next_page(page)
            if after is None:
                return found
            if after == before:
                raise same_page(self.name, TRY_AGAIN)

    async def these(
        self, query: str, ids: Sequence[str], size: int, variables: Mapping[str, object], check: Check = _fine
    ) -> list[Item]:
        """Things by their whole ids; what no longer exists is left out."""
        found: list[Item] = []
        left = list(dict.fromkeys(ids))
        while left:
            try:
                data = await self.data(query, {**variables, "ids": left[:size]})
            except Declined as declined:
                if declined.problem.kind not in ("too costly", "too many") or size == 1:
                    raise
                size = max(1, size // 2)
                continue
            check(data)
            found += records(data.get("nodes"))
            left = left[size:]
        return found


def next_page(connection: Item) -> str | None:
    """The cursor of the page after this one, if there is one."""
    info = record(connection.get("pageInfo"))
    cursor = info.get("endCursor")
    return cursor if info.get("hasNextPage") is True and isinstance(cursor, str) else None
