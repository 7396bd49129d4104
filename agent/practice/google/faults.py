"""What can go wrong between Google and its caller, and how many calls a minute are allowed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from agent.practice.faults import Chance, Chances, html
from agent.practice.google.errors import Refused, refusal
from agent.practice.wire import Response

PROJECT = "1000000000000"  # the number of the project that calls; made up
_SERVICE = "sheets.googleapis.com"


@dataclass(kw_only=True)
class Faults(Chances):
    """The faults of one Google; by default there are none, and no quota. All may be changed at any time."""

    unavailable: Chance = False  # 503 in Google's own words, before anything was done
    unavailable_after_apply: Chance = False  # a write is done, then answered with 503
    internal_error: Chance = False  # 500, nothing was done
    bad_gateway: Chance = False  # 502 with a page, as a front end sends it
    throttled: Chance = False  # 429, whatever the quota says
    drive_throttled: Chance = False  # 403 userRateLimitExceeded of the Drive API
    expired_token: Chance = False  # 401, though the token is good
    truncated: Chance = False  # the answer stops in its middle
    reads_a_minute: int | None = None  # of each user; Google's own number is 60
    writes_a_minute: int | None = None  # the same
    project_a_minute: int = 300  # reads, and as many writes, of all users together; counted where those above are
    retry_after: int | None = None  # seconds named with a 429; None: not named
    drive_lag: float = 0.0  # seconds until Drive's version and modifiedTime tell of a change
    token_refused: Chance = False  # the token endpoint answers invalid_grant: access was taken away

    def before(self, rng: random.Random) -> Response | None:
        """What stands before Google itself: a broken line, a host that is down, a front end in trouble."""
        if stopped := self.intercept(rng):
            return stopped
        if self.strikes("bad_gateway", rng):
            return html(502, "502 Bad Gateway")
        if self.strikes("internal_error", rng):
            return refusal(Refused("Internal error encountered.", 500))
        return unavailable() if self.strikes("unavailable", rng) else None


def unavailable() -> Response:
    """Google's 503."""
    return refusal(Refused("The service is currently unavailable.", 503))


@dataclass
class Quotas:
    """Calls of this minute, by user; Google counts anew each minute."""

    clock: Callable[[], datetime]
    minute: int = 0
    counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def spend(self, faults: Faults, user: str, writes: bool) -> Response | None:
        """Count one call; the answer where it is one too many. A refused call is not counted."""
        own = faults.writes_a_minute if writes else faults.reads_a_minute
        if own is None:
            return None
        minute = int(self.clock().timestamp() // 60)
        if minute != self.minute:
            self.minute, self.counts = minute, {}
        kind = "Write" if writes else "Read"
        for who, most, limit in ((user, own, "PerMinutePerUser"), ("", faults.project_a_minute, "PerMinutePerProject")):
            if self.counts.get((kind, who), 0) >= most:
                return too_many(kind, limit, most, faults.retry_after)
        for who in (user, ""):
            self.counts[(kind, who)] = self.counts.get((kind, who), 0) + 1
        return None


def too_many(kind: str, limit: str, most: int, retry_after: int | None) -> Response:
    """Google's 429. `kind`: Read or Write; `limit`: PerMinutePerUser or PerMinutePerProject."""
    words = "per minute per user" if limit.endswith("User") else "per minute"
    message = (
        f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests {words}' of service "
        f"'{_SERVICE}' for consumer 'project_number:{PROJECT}'."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "quota_limit": f"{kind}Requests{limit}",
            "quota_limit_value": str(most),
            "quota_location": "global",
            "quota_metric": f"{_SERVICE}/{kind.lower()}_requests",
            "quota_unit": "1/min/{project}" + ("/{user}" if limit.endswith("User") else ""),
            "consumer": f"projects/{PROJECT}",
            "service": _SERVICE,
        },
    }
    link = {
        "description": "Request a higher quota limit.",
        "url": "https://cloud.google.com/docs/quotas/help/request_increase",
    }
    answer = refusal(Refused(message, 429, [info, {"@type": "type.googleapis.com/google.rpc.Help", "links": [link]}]))
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer
