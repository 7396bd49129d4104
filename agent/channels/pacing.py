"""One budget of calls a channel, with four lanes (DESIGN section 9; I13, I21).

Lowering is served before orders, orders before raising, raising before the audit, and the audit gets a third at most.
All waiting is done on the injected clock. The budget counts calls, or points where a platform gives each call a price
and says with each answer what is left (`settle`).
"""

from __future__ import annotations

from itertools import count
from typing import get_args

from agent.channels.answers import Budget
from agent.channels.base import Lane
from agent.ports import Clock

LANES: tuple[Lane, ...] = get_args(Lane)
AUDIT = LANES.index("audit")
AUDIT_SHARE = 1 / 3
SLOWEST = 1 / 8
"""The least of its own rate that a complaining host is slowed down to."""


class Bucket:
    """A token bucket: `burst` tokens at once, then `rate` a second. A call that costs more than the whole of it waits
    for the whole."""

    def __init__(self, clock: Clock, rate: float, burst: float) -> None:
        self._clock = clock
        self.rate = rate
        self.burst = max(1.0, burst)
        self._tokens = self.burst
        self._at = clock.monotonic()

    def delay(self, cost: float, before: float = 0.0) -> float:
        """Seconds until there are tokens for a call of this cost, after those before it."""
        now = self._clock.monotonic()
        self._tokens = min(self.burst, self._tokens + max(0.0, now - self._at) * self.rate)
        self._at = now
        return max(0.0, (before + min(cost, self.burst) - self._tokens - 1e-9) / self.rate)

    def spend(self, cost: float) -> None:
        self._tokens -= cost

    def settle(self, back: float, most: float) -> None:
        """Give back what a call did not cost; there are never more than `most`."""
        self._tokens = min(self._tokens + back, most, self.burst)


class Pacer:
    """Lets calls through: in the order of the lanes, and within a lane in the order they came."""

    def __init__(self, clock: Clock, rate: float, burst: float) -> None:
        self._clock = clock
        self._rate = rate
        self._all = Bucket(clock, rate, burst)
        self._audit = Bucket(clock, rate * AUDIT_SHARE, burst * AUDIT_SHARE)
        self._tickets = count()
        self._waiting: dict[tuple[int, int], float] = {}
        """Ticket -> what its call costs."""

    async def take(self, lane: Lane, cost: float = 1.0) -> None:
        """Wait for the turn of one call."""
        mine = (LANES.index(lane), next(self._tickets))
        self._waiting[mine] = cost
        try:
            while (delay := self._delay(mine)) > 0:
                await self._clock.sleep(max(delay, 0.001))
            self._spend(mine)
        finally:
            del self._waiting[mine]

    def settle(self, lane: Lane, cost: float, budget: Budget) -> None:
        """What the platform said of the budget after a call that was thought to cost so much."""
        if (budget.rate, budget.maximum) != (self._rate, self._all.burst) and budget.rate > 0:
            pace, self._rate = self._all.rate / self._rate, budget.rate
            self._all.burst, self._audit.burst = max(1.0, budget.maximum), max(1.0, budget.maximum * AUDIT_SHARE)
            self._set(budget.rate * pace)
        self._all.settle(cost - budget.spent, budget.available)
        if lane == "audit":
            self._audit.settle(cost - budget.spent, self._audit.burst)

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
        ahead = {ticket: cost for ticket, cost in self._waiting.items() if ticket < mine}
        cost = self._waiting[mine]
        delay = self._all.delay(cost, sum(ahead.values()))
        if mine[0] != AUDIT:
            return delay
        audits = sum(each for (lane, _), each in ahead.items() if lane == AUDIT)
        return max(delay, self._audit.delay(cost, audits))

    def _spend(self, mine: tuple[int, int]) -> None:
        cost = self._waiting[mine]
        self._all.spend(cost)
        if mine[0] == AUDIT:
            self._audit.spend(cost)

    def _set(self, rate: float) -> None:
        self._all.rate = rate
        self._audit.rate = rate * AUDIT_SHARE
