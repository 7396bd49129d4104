"""What can go wrong between a shop and its caller."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from agent.practice.faults import Chance, Chances, html
from agent.practice.wire import Response


@dataclass(kw_only=True)
class Faults(Chances):
    """The faults of one shop; by default there are none."""

    throttle: Chance = False  # 429
    retry_after: int | None = 5  # seconds named with the 429; None: not named
    throttle_html: bool = False  # the 429 is the host's page, not JSON
    expired_key: Chance = False  # the key is answered as an unknown one
    stale_reads: float = 0.0  # seconds for which a cache repeats an earlier answer to the same GET
    batch_limit: int = 100  # items in one batch; more are refused with 413
    reject_ids: set[int] = field(default_factory=set)  # an error for these items, HTTP 200 for their batch
    eat_writes: set[int] = field(default_factory=set)  # accepted with 200, but nothing changes

    def intercept(self, rng: random.Random) -> Response | None:
        """What stands before the shop itself: a broken line, a host that is down, a limit, a firewall."""
        if stopped := super().intercept(rng):
            return stopped
        if self.strikes("throttle", rng):
            return self._too_many()
        return None

    def _too_many(self) -> Response:
        page = html(429, "Too Many Requests")
        if not self.throttle_html:
            page.body = b'{"code":"too_many_requests","message":"Too many requests.","data":{"status":429}}'
            page.headers["Content-Type"] = "application/json; charset=UTF-8"
        if self.retry_after is not None:
            page.headers["Retry-After"] = str(self.retry_after)
        return page
