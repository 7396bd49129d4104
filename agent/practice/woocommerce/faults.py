"""What can go wrong between a shop and its caller. Every field may be changed while the shop runs."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from agent.practice.wire import ConnectionLost, Request, Response

Chance = bool | int | float
"""True: always. A whole number n: the next n times. A fraction p: each time with that probability."""

_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


@dataclass
class Faults:
    """The faults of one shop; by default there are none."""

    down: Chance = False  # 503 with an HTML page
    html_403: Chance = False  # a firewall's page
    throttle: Chance = False  # 429
    retry_after: int | None = 5  # seconds named with the 429; None: not named
    throttle_html: bool = False  # the 429 is the host's page, not JSON
    expired_key: Chance = False  # the key is answered as an unknown one
    answer_lost_before_apply: Chance = False  # the connection breaks, nothing was done
    answer_lost_after_apply: Chance = False  # a write is done, then the connection breaks
    slow: float = 0.0  # seconds a request takes: half before it is applied, half after
    order_visible_after: float = 0.0  # seconds until a new or changed order can be read
    stale_reads: float = 0.0  # seconds for which a cache repeats an earlier answer to the same GET
    batch_limit: int = 100  # items in one batch; more are refused with 413
    reject_ids: set[int] = field(default_factory=set)  # an error for these items, HTTP 200 for their batch
    eat_writes: set[int] = field(default_factory=set)  # accepted with 200, but nothing changes

    def strikes(self, name: str, rng: random.Random) -> bool:
        """Whether the fault of that name happens now; counts a counted one down."""
        chance: Chance = getattr(self, name)
        if isinstance(chance, bool):
            return chance
        if isinstance(chance, float):
            return chance > 0 and rng.random() < chance
        setattr(self, name, max(0, chance - 1))
        return chance > 0

    def intercept(self, rng: random.Random) -> Response | None:
        """What stands before the shop itself: a broken line, a host that is down, a limit, a firewall."""
        if self.strikes("answer_lost_before_apply", rng):
            raise ConnectionLost
        if self.strikes("down", rng):
            return _html(503, "Service Unavailable")
        if self.strikes("throttle", rng):
            return self._too_many()
        return _html(403, "403 Forbidden") if self.strikes("html_403", rng) else None

    def loses_answer(self, request: Request, rng: random.Random) -> bool:
        """Whether the answer to a request that was applied gets lost."""
        return request.writes and self.strikes("answer_lost_after_apply", rng)

    def _too_many(self) -> Response:
        page = _html(429, "Too Many Requests")
        if not self.throttle_html:
            page.body = b'{"code":"too_many_requests","message":"Too many requests.","data":{"status":429}}'
            page.headers["Content-Type"] = "application/json; charset=UTF-8"
        if self.retry_after is not None:
            page.headers["Retry-After"] = str(self.retry_after)
        return page


def _html(status: int, title: str) -> Response:
    return Response(status, _PAGE.format(title).encode(), {"Content-Type": "text/html; charset=UTF-8"})
