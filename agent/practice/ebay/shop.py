"""The account as a whole: the app that may call it, its tokens, and how many calls it has."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent.practice.base import Clock
from agent.practice.ebay.sales import Sales

ACCESS_LIFE, REFRESH_LIFE, CODE_LIFE = timedelta(hours=2), timedelta(seconds=47_304_000), timedelta(minutes=5)
BASE = "https://api.ebay.com/oauth/api_scope"
ALL_SCOPES = frozenset(
    {BASE, f"{BASE}/sell.inventory", f"{BASE}/sell.fulfillment.readonly", f"{BASE}/commerce.identity.readonly"}
)


@dataclass
class Grant:
    """An access token. `refresh`: the yes that it came of; None: the app's own."""

    access: str
    ends: datetime
    refresh: str | None
    scopes: frozenset[str]


@dataclass
class Yes:
    """What a seller agreed to."""

    refresh: str
    ends: datetime
    scopes: frozenset[str]
    revoked: bool = False


@dataclass
class Quota:
    """Calls of one family a day."""

    limit: int
    used: int = 0
    day: datetime | None = None


@dataclass
class Counts:
    """As eBay counts them."""

    trading: Quota = field(default_factory=lambda: Quota(5_000))
    inventory: Quota = field(default_factory=lambda: Quota(2_000_000))
    fulfillment: Quota = field(default_factory=lambda: Quota(100_000))


class Shop(Sales):
    """One account in memory. Time comes from `clock` only, chance from `rng` only."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        name: str = "practice-seller",
        app_id: str = "Practice-App-PRD-0",
        cert_id: str = "PRD-practice-cert",
        runame: str = "Practice-PracticeA-Stocks-abcdef",
        user_id: str = "practiceUserId01",
        marketplace: str = "EBAY_US",
        model: str = "trading",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`model`: how listings are made where nothing else is said, `trading` or `inventory`."""
        super().__init__(clock)
        self.rng, self.name, self.sleep, self.usual_model = rng, name, sleep, model
        self.app_id, self.cert_id, self.runame = app_id, cert_id, runame
        self.user_id, self.marketplace, self.status = user_id, marketplace, "CONFIRMED"
        self.counts = Counts()
        self.codes: dict[str, tuple[datetime, frozenset[str]]] = {}
        self.yeses: list[Yes] = []
        self.grants: list[Grant] = []
        self.refresh_life = REFRESH_LIFE

    # -- the app -----------------------------------------------------------------------------------------------------

    def authorise(self, scopes: frozenset[str] = ALL_SCOPES) -> str:
        """The seller says yes on eBay's page: the code that the browser is sent back with."""
        code = f"v^1.1#i^1#{self.rng.getrandbits(64):016x}"
        self.codes[code] = (self.moment() + CODE_LIFE, scopes)
        return code

    def new_yes(self, scopes: frozenset[str] = ALL_SCOPES) -> Yes:
        """What a code is good for."""
        yes = Yes(f"v^1.1#r^1#{self.rng.getrandbits(64):016x}", self.moment() + self.refresh_life, scopes)
        self.yeses.append(yes)
        return yes

    def new_grant(self, refresh: str | None, scopes: frozenset[str]) -> Grant:
        """A token of two hours."""
        grant = Grant(f"v^1.1#t^1#{self.rng.getrandbits(96):024x}", self.moment() + ACCESS_LIFE, refresh, scopes)
        self.grants.append(grant)
        return grant

    def end_access_tokens(self) -> None:
        """Every access token has had its two hours; the refresh tokens are still good."""
        for each in self.grants:
            each.ends = self.moment()

    def unlink(self) -> None:
        """The seller takes the app's access away."""
        for yes in self.yeses:
            yes.revoked = True
        self.grants.clear()

    def grant(self, access: str) -> Grant | None:
        """The token, where it is good now."""
        return next((each for each in self.grants if each.access == access and each.ends > self.moment()), None)

    def count(self, family: str) -> bool:
        """A call is counted; False: there was none left."""
        quota: Quota = getattr(self.counts, family)
        today = self.tomorrow()
        if quota.day != today:
            quota.day, quota.used = today, 0
        quota.used += 1
        return quota.used <= quota.limit
