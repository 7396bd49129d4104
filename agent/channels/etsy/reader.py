"""Questions to one Etsy shop, and what each read gathers on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.channels.answers import CallFailed, Look
from agent.channels.base import Lane
from agent.channels.etsy.errors import Declined
from agent.channels.http import TRY_AGAIN, Http
from agent.channels.values import objects, record
from agent.ports import Clock
from agent.words import in_words

Item = dict[str, object]
Params = Mapping[str, str | int]
PAGE = 100
DAY = 86_400.0
SHARE = 1 / 4
"""Of a day's calls, what full reads may take once the day's calls are short."""


class Day:
    """The calls of a day: how many there are, and whether a full read is within its share of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.limit: int | None = None
        self.left: int | None = None
        self._calls = 0
        self._read_at: float | None = None

    def was_read(self, calls: int) -> None:
        """All listings were read with so many calls."""
        self._calls, self._read_at = calls, self._clock.monotonic()

    def may_read_all(self) -> bool:
        """Not where half of the day's calls are gone and the last full read, by its price, is too near."""
        if self.limit is None or self.left is None or self._read_at is None or self.left >= self.limit / 2:
            return True
        return self._clock.monotonic() - self._read_at >= self._calls * DAY / (self.limit * SHARE)


@dataclass(frozen=True)
class Reader:
    """Questions of one read, in its lane. All raise CallFailed; Declined where Etsy understood and said no."""

    name: str
    http: Http
    lane: Lane
    look: Look
    day: Day

    async def ask(self, path: str, params: Params | None = None) -> Item:
        """An answer's object."""
        answer = await self.http.request("GET", f"application/{path}", params=params, lane=self.lane, idempotent=True)
        self.look.saw(answer)
        self.day.limit = answer.number("x-limit-per-day") or self.day.limit
        left = answer.number("x-remaining-today")
        self.day.left = self.day.left if left is None else left
        if answer.status != 200:
            raise Declined(self.name, self.http, answer)
        if not isinstance(answer.json, dict):
            raise self.unclear()
        return record(answer.json)

    async def listed(self, path: str, params: Params) -> tuple[list[Item], object]:
        """`results` and `count`: a list that is not there is no empty one (I11)."""
        found = await self.ask(path, params)
        rows = objects(found.get("results"))
        if rows is None:
            raise self.unclear()
        return rows, found.get("count")

    def unclear(self) -> CallFailed:
        """What was asked for is not in the answer."""
        return CallFailed("host", in_words("etsy.answer_without", name=self.name), TRY_AGAIN, reached=False)
