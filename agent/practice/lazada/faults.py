"""What can go wrong between Lazada and its caller."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field

from agent.practice.faults import Chance, Chances
from agent.practice.lazada import wording
from agent.practice.wire import Response


@dataclass(kw_only=True)
class Faults(Chances):
    """The faults of one shop; by default there are none."""

    too_many: Chance = False  # 200 with ApiCallLimit, and a ban of `ban` seconds
    ban: int = 1
    busy_901: Chance = False  # 200 with 901, and no seconds
    internal: Chance = False  # 200 with 6 or 1000: trouble of its own, nothing was done
    shut: Chance = False  # 200 with 998: switched off at the start of a large campaign
    times_out: Chance = False  # 200 with ServiceTimeout, after a write was done
    slow_beyond: int | None = None  # more SKUs than this in one page or one payload take too long; nothing is done
    expired_token: Chance = False  # the token is answered as an unknown one
    clock_ahead: float = 0.0  # seconds by which Lazada's clock is ahead of this computer's
    cut_off: Chance = False  # half of the JSON of the answer, after the work was done
    reject_skus: set[int] = field(default_factory=set)  # SKUs whose stock may not be set
    eat_writes: set[int] = field(default_factory=set)  # of these a new quantity is accepted, and nothing changes
    whole_call: bool = False  # one SKU that is refused refuses the whole call
    nameless: bool = False  # refusals do not say which SKU it was
    missing: set[str] = field(default_factory=set)  # calls that the app has no permission for, by their path

    def intercept(self, rng: random.Random) -> Response | None:
        """What stands before the platform itself: a broken line, a host that is down, a limit, a firewall."""
        if stopped := super().intercept(rng):
            return stopped
        if self.strikes("too_many", rng):
            return refused(*wording.ban(self.ban))
        return next((refused(*said) for name, said in _TOLD if self.strikes(name, rng)), None)


_TOLD = (("busy_901", wording.OFTEN), ("internal", wording.INTERNAL), ("shut", wording.SHUT))


def refused(code: str, message: str) -> Response:
    """Lazada's envelope around an error: the status is 200 all the same."""
    body = {"code": code, "type": "ISP", "message": message, "request_id": "practice"}
    return Response(200, json.dumps(body).encode(), {"Content-Type": "application/json"})
