"""What can go wrong between Shopee and its caller."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field

from agent.practice.faults import Chance, Chances, after
from agent.practice.shopee import wording
from agent.practice.wire import Response


@dataclass(kw_only=True)
class Faults(Chances):
    """The faults of one shop; by default there are none."""

    too_many: Chance = False  # 429, with the seconds of `retry_after` where it says any
    retry_after: float | None = None
    often: Chance = False  # 200 with error_rate_limit, and no seconds
    day_limit: Chance = False  # the calls of this day are used up
    busy: Chance = False  # 200 with error_system_busy; nothing was done
    address_unknown: bool = False  # this computer's address is not on the app's list
    expired_token: Chance = False  # the token is answered as an unknown one
    wrong_token_twice: bool = False  # a refused token is told as error_auth instead of invalid_acceess_token
    clock_ahead: float = 0.0  # seconds by which Shopee's clock is ahead of this computer's
    cut_off: Chance = False  # half of the JSON of the answer, after the work was done
    reject_items: set[int] = field(default_factory=set)  # items whose stock may not be set
    eat_writes: set[int] = field(default_factory=set)  # of these a new quantity is accepted, and nothing changes
    silent_models: set[int] = field(default_factory=set)  # set, but not named in the answer
    whole_call: bool = False  # one model that is refused refuses the whole call

    def intercept(self, rng: random.Random) -> Response | None:
        """What stands before the platform itself: a broken line, a host that is down, a limit, a firewall."""
        if stopped := super().intercept(rng):
            return stopped
        if self.strikes("too_many", rng):
            return refused(429, *wording.OFTEN, **after(self.retry_after))
        return next((refused(status, *said) for name, status, said in _TOLD if self.strikes(name, rng)), None)


_TOLD = (
    ("often", 200, wording.OFTEN),
    ("day_limit", 200, wording.DAY_LIMIT),
    ("busy", 200, wording.BUSY),
)


def refused(status: int, error: str, message: str, **headers: str) -> Response:
    """Shopee's envelope around an error."""
    body = json.dumps({"error": error, "message": message, "request_id": "practice"}).encode()
    return Response(status, body, {"Content-Type": "application/json", **headers})
