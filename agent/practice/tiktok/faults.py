"""What can go wrong between TikTok Shop and its caller."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.practice.faults import Chance, Chances, after
from agent.practice.tiktok import wording
from agent.practice.wire import Response


@dataclass(kw_only=True)
class Faults(Chances):
    """The faults of one shop; by default there are none."""

    too_many: Chance = False  # 429, with the seconds of `retry_after` where it says any
    retry_after: float | None = None
    often: Chance = False  # 200 with 36009002, and no seconds
    test_shop: Chance = False  # the calls of this hour are used up
    busy: Chance = False  # 200 with 36009003; nothing was done
    address_unknown: bool = False  # this computer's address is not on the app's list
    expired_token: Chance = False  # the token is answered as an ended one
    clock_ahead: float = 0.0  # seconds by which TikTok's clock is ahead of this computer's
    cut_off: Chance = False  # half of the JSON of the answer, after the work was done
    reject_products: set[str] = field(default_factory=set)  # products that may not be edited
    eat_writes: set[str] = field(default_factory=set)  # SKUs of which a new quantity is accepted, and nothing changes
    no_zero: bool = False  # the documented range [1, 99,999] is kept to: 0 is refused
    whole_call: bool = False  # one SKU that is refused refuses the whole call
    nameless: bool = False  # data.errors do not say which SKU they are about

    def intercept(self, rng: random.Random) -> Response | None:
        """What stands before the platform itself: a broken line, a host that is down, a limit, a firewall."""
        if stopped := super().intercept(rng):
            return stopped
        if self.strikes("too_many", rng):
            named = after(self.retry_after)
            return told(429, *wording.OFTEN[:2], named)
        return next((told(status, *said[:2]) for name, status, said in _TOLD if self.strikes(name, rng)), None)


_TOLD = (("often", 200, wording.OFTEN), ("test_shop", 429, wording.TEST_SHOP), ("busy", 200, wording.BUSY))


def told(status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """TikTok Shop's envelope around an error."""
    body = json.dumps({"code": code, "message": message, "request_id": "practice", "data": {}}).encode()
    return Response(status, body, {"Content-Type": "application/json", **(headers or {})})
