"""What can go wrong between Takealot and its caller."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field

from agent.practice.faults import Chance, Chances, html
from agent.practice.wire import Response


@dataclass(kw_only=True)
class Faults(Chances):
    """The faults of one seller's account; by default there are none."""

    challenge: Chance = False  # 403 with Cloudflare's web page: temporary, says nothing of the key
    throttle: Chance = False  # 429
    retry_after: float | None = 5  # seconds named with the 429; None: not named
    trouble: Chance = False  # 500 in JSON
    stops_early: Chance = False  # a page of offers that is not the last one names no next one (a known bug)
    batch_seconds: float = 1.0  # until a batch is worked off
    batch_fails: Chance = False  # a batch ends as FAILURE, without a word of its offers
    reject_offers: set[int] = field(default_factory=set)  # E17, whatever is sent
    eat_writes: set[int] = field(default_factory=set)  # taken without an error, and nothing changes

    def intercept(self, rng: random.Random) -> Response | None:
        """What stands before Takealot itself: a broken line, a platform that is down, a limit, a challenge."""
        if stopped := super().intercept(rng):
            return stopped
        if self.strikes("challenge", rng):
            return html(403, "Just a moment...")
        if self.strikes("throttle", rng):
            return too_many(self.retry_after)
        if self.strikes("trouble", rng):
            return plain(500, {"message": "Internal Server Error"})
        return None


def too_many(after: float | None) -> Response:
    """The limit of the moment is reached; it is dynamic, and no number of it is published."""
    named = {} if after is None else {"Retry-After": f"{after:g}"}
    errors = [{"status": "429", "title": "Too Many Requests"}]
    return plain(429, {"message": "Too Many Requests", "errors": errors}, **named)


def plain(status: int, body: object, **headers: str) -> Response:
    """An answer in JSON. Header names with a dash: `plain(429, {}, **{"Retry-After": "5"})`."""
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
