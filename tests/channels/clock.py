"""A clock that never makes anybody wait: sleeping moves it on. Shared by a channel and its practice shop."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count


class FakeClock:
    """Sleepers wake in the order of their times, once all others have nothing left to do."""

    def __init__(self, start: datetime = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._passed = 0.0
        self._sleepers: set[tuple[float, int]] = set()
        self._numbers = count()
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    def advance(self, seconds: float) -> None:
        self._passed += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        mine = (self._passed + seconds, next(self._numbers))
        self._sleepers.add(mine)
        try:
            for _ in range(20):
                await asyncio.sleep(0)  # others may fall asleep earlier than this one wakes
            while min(self._sleepers) != mine:  # noqa: ASYNC110 - no event: the earliest sleeper goes first
                await asyncio.sleep(0)
            self._passed = max(self._passed, mine[0])
        finally:
            self._sleepers.discard(mine)
