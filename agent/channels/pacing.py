"""One budget of calls a channel, with four lanes (DESIGN section 9; I13, I21).

Lowering is served before orders, orders before raising, raising before the audit, and the audit gets a third at most.
All waiting is done on the injected clock.
"""

from __future__ import annotations

from itertools import count
from typing import get_args

from agent.channels.base import Lane
from agent.ports import Clock

LANES: tuple[Lane, ...] = get_args(Lane)
AUDIT = LANES.index("audit")
AUDIT_SHARE = 1 / 3
SLOWEST = 1 / 8
"""The least of its own rate that a complaining host is slowed down to."""


class Bucket:
    """A token bucket: `burst` calls at once, then `rate` a second."""

    def __init__(self, clock: Clock, rate: float, burst: float) -> None:
        self._clock = clock
        self.rate = rate
        self._burst = max(1.0, burst)
        self._tokens = self._burst
        self._at = clock.monotonic()

    def delay(self, calls: int) -> float:
        """Seconds until there are tokens for so many calls."""
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self.rate)
        self._at = now
        return max(0.0, (calls - self._tokens - 1e-9) / self.rate)

    def spend(self) -> None:
        self._tokens -= 1


class Pacer:
    """Lets calls through: in the order of the lanes, and within a lane in the order they came."""

    def __init__(self, clock: Clock, rate: float, burst: float) -> None:
        self._clock = clock
        self._rate = rate
        self._all = Bucket(clock, rate, burst)
        self._audit = Bucket(clock, rate * AUDIT_SHARE, burst * AUDIT_SHARE)
        self._tickets = count()
        self._waiting: set[tuple[int, int]] = set()

    async def take(self, lane: Lane) -> None:
        """Wait for the turn of one call."""
        mine = (LANES.index(lane), next(self._tickets))
        self._waiting.add(mine)
        try:
            while (delay := self._delay(mine)) > 0:
                await self._clock.sleep(max(delay, 0.001))
            self._spend(mine)
        finally:
            self._waiting.discard(mine)

    def complain(self) -> None:
        """The host complained: half as many calls from now on."""
        self._set(max(self._all.rate / 2, self._rate * SLOWEST))

    def thank(self) -> None:
        """The host answered: a little faster again, up to the platform's own rate."""
        if self.slowed:
            self._set(min(self._rate, self._all.rate * 1.1))

    @property
    def slowed(self) -> bool:
        """The host complained lately, so that calls are made more slowly."""
        return self._all.rate < self._rate

    def _delay(self, mine: tuple[int, int]) -> float:
        """Every earlier caller of this or a better lane has a token before this one."""
        ahead = [ticket for ticket in self._waiting if ticket < mine]
        delay = self._all.delay(len(ahead) + 1)
        if mine[0] != AUDIT:
            return delay
        return max(delay, self._audit.delay(sum(lane == AUDIT for lane, _ in ahead) + 1))

    def _spend(self, mine: tuple[int, int]) -> None:
        self._all.spend()
        if mine[0] == AUDIT:
            self._audit.spend()

    def _set(self, rate: float) -> None:
        self._all.rate = rate
        self._audit.rate = rate * AUDIT_SHARE
