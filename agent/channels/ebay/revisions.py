"""How often each listing was changed within a day: eBay takes 250 changes of a listing a day, and then none."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent.ports import Clock

MOST = 250
FOR_LOWERING = 30
"""The last ones of a day are not spent on raises."""
DAY = timedelta(days=1)


@dataclass
class Revisions:
    """Counted over any 24 hours: when eBay's day begins is not said. What others change is counted by eBay alone."""

    clock: Clock
    _times: dict[str, deque[datetime]] = field(default_factory=dict)

    def note(self, item: str) -> None:
        """One more, of a listing or of one of its variations."""
        times = self._times.setdefault(item, deque(maxlen=MOST))
        times.append(self.clock.now())

    def used_up(self, item: str) -> None:
        """eBay says so: others changed it, too."""
        for _ in range(MOST):
            self.note(item)

    def within_a_day(self, item: str) -> int:
        """How many there were."""
        times, now = self._times.get(item), self.clock.now()
        while times and now - times[0] >= DAY:
            times.popleft()
        if times is not None and not times:
            del self._times[item]
        return len(times) if times else 0

    def kept_for_lowering(self, item: str) -> bool:
        """Only the last ones are left."""
        return self.within_a_day(item) >= MOST - FOR_LOWERING
