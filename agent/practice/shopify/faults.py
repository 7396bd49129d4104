"""What can go wrong between Shopify and its caller."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field

from agent.practice.faults import Chance, Chances, html
from agent.practice.wire import Response


@dataclass(kw_only=True)
class Faults(Chances):
    """The faults of one shop; by default there are none."""

    html_page: Chance = False  # 200 with an HTML page, as of a wrong address or a proxy in between
    too_many: Chance = False  # 429
    retry_after: float | None = 2.0  # seconds named with the 429; None: not named
    rejected: Chance = False  # 430: Shopify takes the caller for a robot
    throttled: Chance = False  # 200 with the error THROTTLED, whatever is left in the bucket
    internal_error: Chance = False  # 200 with the error INTERNAL_SERVER_ERROR; nothing was done
    shop_status: int | None = None  # 402 frozen, 404 unknown address, 423 locked: until it is set back
    expired_token: Chance = False  # the token is answered as an unknown one
    bulk_fails: str | None = None  # the next bulk operations end with this errorCode
    bulk_seconds: float = 5.0  # seconds a bulk operation takes
    reject_items: set[int] = field(default_factory=set)  # inventory items whose quantity may not be set
    eat_writes: set[int] = field(default_factory=set)  # of these a new quantity is accepted, and nothing changes
    unstocked_writes_vanish: bool = False  # a quantity set where the item is not stocked is not even remembered

    def intercept(self, rng: random.Random) -> Response | None:
        """What stands before the shop itself: a broken line, a platform that is down, a limit, a page."""
        if stopped := super().intercept(rng):
            return stopped
        if self.strikes("html_page", rng):
            return html(200, "Sign in")
        if self.strikes("too_many", rng):
            named = {} if self.retry_after is None else {"Retry-After": f"{self.retry_after:.1f}"}
            return plain(429, "Exceeded 2 calls per second for api client. Reduce request rates to resume.", **named)
        if self.strikes("rejected", rng):
            return plain(430, "Shopify Security Rejection")
        return _closed(self.shop_status) if self.shop_status is not None else None


def _closed(status: int) -> Response:
    return plain(status, {402: "Unavailable Shop", 404: "Not Found", 423: "Locked"}.get(status, "Unavailable"))


def plain(status: int, sentence: str, **headers: str) -> Response:
    """Shopify's errors outside of GraphQL: one sentence in JSON."""
    body = json.dumps({"errors": sentence}).encode()
    return Response(status, body, {"Content-Type": "application/json; charset=utf-8", **headers})
