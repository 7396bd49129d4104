"""What can go wrong between Etsy and its caller."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field

from agent.practice.etsy import wording
from agent.practice.faults import Chance, Chances, after
from agent.practice.wire import ConnectionLost, Request, Response


@dataclass(kw_only=True)
class Faults(Chances):
    """The faults of one shop; by default there are none."""

    too_many: Chance = False  # 429, with the seconds of `retry_after` where it says any
    retry_after: float | None = None
    day_limit: Chance = False  # 429: the calls of this day are used up; come again in 24 hours
    server_error: Chance = False  # 500 with "Server Error"; nothing was done
    conflict: Chance = False  # 409 to a write; nothing was done
    write_lost_before_apply: Chance = False  # of a write: the connection breaks, nothing was done
    expired_token: Chance = False  # the token is answered as one that has expired
    empty_product_data: bool = False  # lists of receipts tell nothing of a product's values (vendor's issue 476)
    hide_cancelled: bool = False  # lists of receipts leave out cancelled ones (vendor's issue 629)
    batch_without_state: bool = False  # the batch of inventories tells numbers and inventories only
    reject_listings: set[int] = field(default_factory=set)  # whose inventory may not be set
    cannot_deactivate: set[int] = field(default_factory=set)
    cannot_activate: set[int] = field(default_factory=set)
    eat_writes: set[int] = field(default_factory=set)  # of these a new quantity is answered 200, and nothing changes

    def stops(self, request: Request, rng: random.Random) -> Response | None:
        """What stands before the platform itself: a broken line, a host that is down, a limit, a firewall."""
        if stopped := self.intercept(rng):
            return stopped
        if request.method in ("PUT", "PATCH") and self.strikes("write_lost_before_apply", rng):
            raise ConnectionLost
        if self.strikes("too_many", rng):
            return refused(*wording.PER_SECOND, retry_after=self.retry_after)
        if self.strikes("day_limit", rng):
            return refused(*wording.PER_DAY, retry_after=86_400)
        return refused(*wording.SERVER) if self.strikes("server_error", rng) else None


def refused(status: int, error: str, description: str | None = None, retry_after: float | None = None) -> Response:
    """Etsy's error."""
    told = {"error": error, **({"error_description": description} if description else {})}
    named = after(retry_after)
    return Response(status, json.dumps(told).encode(), {"Content-Type": "application/json", **named})
