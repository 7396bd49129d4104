"""What can go wrong between Amazon and its caller."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from agent.practice.amazon.wording import refusal
from agent.practice.faults import Chance, Chances, after
from agent.practice.wire import Response


@dataclass(kw_only=True)
class Faults(Chances):
    """The faults of one seller's account; by default there are none."""

    write_lost_before_apply: Chance = False  # the connection breaks at a patch or a feed, nothing was done
    too_many: Chance = False  # 429, with the seconds of `retry_after` where it says any
    retry_after: float | None = None
    trouble: Chance = False  # 500 InternalFailure, in JSON
    expired_token: Chance = False  # 403: the access token has ended
    cut_off: Chance = False  # half of the JSON of the answer, after the work was done
    apply_after: float = 0.0  # seconds until a patch that was accepted takes effect
    feed_seconds: float = 8.0  # until a feed is worked off
    feed_ends: str = "DONE"  # or FATAL, CANCELLED: then nothing of it is done
    report_seconds: float = 20.0  # until a report is ready
    report_ends: str = "DONE"  # or FATAL, CANCELLED
    upload_fails: Chance = False  # the store of files refuses what is put there
    reject_skus: set[str] = field(default_factory=set)  # INVALID, with an issue
    eat_writes: set[str] = field(default_factory=set)  # accepted, and nothing changes

    def intercept(self, rng: random.Random) -> Response | None:
        """What stands before Amazon itself: a broken line, a host that is down, a limit, the gateway."""
        if stopped := super().intercept(rng):
            return stopped
        if self.strikes("too_many", rng):
            return refusal(
                429, "QuotaExceeded", "You exceeded your quota for the requested resource.", **after(self.retry_after)
            )
        if self.strikes("trouble", rng):
            return refusal(500, "InternalFailure", "We encountered an internal error. Please try again.")
        return None
