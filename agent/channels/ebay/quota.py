"""How many calls of this day are left, as eBay itself counts them (Analytics API, getRateLimits), and who may use them.

eBay counts calls of an app over a day. So that the last ones are there for lowering, a full read of all listings spends
no more than half of them, evenly over the day, and fresh reads before a raise no more than four fifths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent.channels.answers import Answer, CallFailed
from agent.channels.base import Lane
from agent.channels.http import Http
from agent.channels.values import moment, record, records, text, whole
from agent.ports import Clock

EACH = timedelta(hours=1)
"""eBay is asked so often; in between, our own calls are counted."""
A_DAY = 3600
"""A window of less is a burst's, which passes by itself."""
UNKNOWN_WAIT = 3600.0
SHARES: Mapping[Lane, float] = {"audit": 0.5, "raise": 0.8}
START = 0.1
"""Of a share, what may be spent at once when the day begins."""
TRADING = frozenset({"tradingapi", "getmyebayselling", "getitem", "reviseinventorystatus"})
FAMILIES = {"ws/api.dll": "trading", "sell/inventory/": "inventory", "sell/fulfillment/": "fulfillment"}


@dataclass(frozen=True)
class Rate:
    """Calls of one family within one window. `window`: seconds."""

    limit: int
    remaining: int
    reset: datetime
    window: float


def family_of(path: str) -> str | None:
    """Which count a call belongs to."""
    return next((family for begins, family in FAMILIES.items() if path.lstrip("/").startswith(begins)), None)


class Quotas:
    """What is known of them; nothing is known until eBay has been asked, and then nothing is held back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._http: Http | None = None
        self._rates: dict[str, Rate] = {}
        self._asked: datetime | None = None

    def counted_by(self, http: Http) -> None:
        """Where eBay is asked."""
        self._http = http

    async def refresh(self, *, again: bool = False) -> None:
        """Ask eBay, once an hour. What it does not tell stays unknown; not being told stops nothing."""
        now = self._clock.now()
        if self._http is None:
            return
        if not again and self._asked is not None and now - self._asked < EACH:
            return
        self._asked = now
        try:
            answer = await self._http.request("GET", "rate_limit/", lane="audit", idempotent=True)
        except CallFailed:
            return
        self._rates = rates_of(record(answer.json)) or self._rates

    def spent(self, path: str) -> None:
        """A call was made."""
        family = family_of(path)
        if family in self._rates:
            known = self._rates[family]
            self._rates[family] = replace(known, remaining=max(0, known.remaining - 1))

    def may(self, family: str, calls: int, lane: Lane) -> bool:
        """Whether so many calls of this lane leave enough for what is more urgent."""
        rate, share = self._known(family), SHARES.get(lane)
        if rate is None or share is None:
            return True
        passed = 1 - (rate.reset - self._clock.now()).total_seconds() / rate.window
        allowed = rate.limit * share * (START + (1 - START) * min(1.0, max(0.0, passed)))
        return rate.limit - rate.remaining + calls <= allowed

    def left(self, family: str) -> Rate | None:
        """For a person to see."""
        return self._known(family)

    def wait(self, answer: Answer) -> float:
        """Seconds until there are calls again, where eBay says that they are used up."""
        ends = [rate.reset for rate in self._rates.values() if rate.remaining <= 0 and rate.reset > self._clock.now()]
        return (min(ends) - self._clock.now()).total_seconds() if ends else UNKNOWN_WAIT

    def _known(self, family: str) -> Rate | None:
        rate = self._rates.get(family)
        return rate if rate is not None and rate.reset > self._clock.now() else None


def rates_of(told: Mapping[str, object]) -> dict[str, Rate]:
    """The tightest of each family. Names are compared without their case: the contract does not list them."""
    found: dict[str, Rate] = {}
    for api in records(told.get("rateLimits")):
        name, context = ((text(api.get(key)) or "").lower() for key in ("apiName", "apiContext"))
        for resource in records(api.get("resources")):
            family = _family(name, context, (text(resource.get("name")) or "").lower())
            for rate in [_rate(each) for each in records(resource.get("rates"))] if family else []:
                if rate is not None and family and (family not in found or rate.remaining < found[family].remaining):
                    found[family] = rate
    return found


def _family(name: str, context: str, resource: str) -> str | None:
    if "tradingapi" in (name, context):
        return "trading" if resource in TRADING else None
    return name if name in ("inventory", "fulfillment") and context in ("sell", "") else None


def _rate(told: Mapping[str, object]) -> Rate | None:
    limit, remaining, window = (whole(told.get(key)) for key in ("limit", "remaining", "timeWindow"))
    reset = moment(told.get("reset"))
    if limit is None or remaining is None or reset is None or not window or window < A_DAY:
        return None
    return Rate(limit, remaining, reset, float(window))
