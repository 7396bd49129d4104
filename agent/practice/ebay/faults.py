"""What can go wrong between eBay and its caller."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any

from agent.practice.faults import Chance, Chances, after
from agent.practice.wire import Response


@dataclass(kw_only=True)
class Faults(Chances):
    """The faults of one account; by default there are none."""

    write_lost_before_apply: Chance = False  # as above, of calls that set quantities
    throttle: Chance = False  # 429 with errorId 2001
    retry_after: float | None = 5  # seconds named with it; None: not named
    trouble: Chance = False  # 500 with a system error
    expired_token: Chance = False  # the access token is answered as an unknown one
    trading_busy: Chance = False  # Trading API: internal error, with status 200
    usage_limit: Chance = False  # Trading API: the calls of the day are used up, with status 200
    one_sku_only: bool = False  # bulk_update_price_quantity takes one SKU a call, as its description says
    whole_call: bool = False  # Trading API: one listing that is refused refuses the whole call
    reject: set[int] = field(default_factory=set)  # listings that refuse any new quantity
    eat_writes: set[int] = field(default_factory=set)  # taken without an error, and nothing changes
    silent: set[str] = field(default_factory=set)  # SKUs that a bulk answer does not name
    stops_early: Chance = False  # a page of the active list shows one listing less

    def intercept(self, rng: random.Random) -> Response | None:
        """What stands before eBay itself: a broken line, a platform that is down, a limit."""
        if stopped := super().intercept(rng):
            return stopped
        if self.strikes("throttle", rng):
            return error(429, 2001, "Too many requests.", "API_LIMIT", **after(self.retry_after))
        if self.strikes("trouble", rng):
            return error(500, 25001, "A system error has occurred.", category="APPLICATION")
        return None


def plain(status: int, body: Any, **headers: str) -> Response:
    """An answer in JSON. Header names with a dash: `plain(429, {}, **{"Retry-After": "5"})`."""
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})


def told(number: int, message: str, domain: str = "API_INVENTORY", category: str = "REQUEST") -> dict[str, Any]:
    """One error as REST words it."""
    return {"errorId": number, "domain": domain, "category": category, "message": message, "longMessage": message}


def error(
    status: int, number: int, message: str, domain: str = "API_INVENTORY", category: str = "REQUEST", **headers: str
) -> Response:
    """An answer that is nothing but an error."""
    return plain(status, {"errors": [told(number, message, domain, category)]}, **headers)
