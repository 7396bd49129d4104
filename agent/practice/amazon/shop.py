"""The seller's account as a whole: who may call, tokens, limits, files, reports and feeds, and what it is called."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from agent.practice.amazon.sales import Sales
from agent.practice.base import Clock

KEY, GRANT = "amzn1.oa2-cs.v1.practice", "Atzr|practice"
TOKEN_LIFE = timedelta(hours=1)
LIMITS: dict[str, tuple[float, int]] = {
    "getMarketplaceParticipations": (0.016, 15), "searchListingsItems": (5, 5), "getListingsItem": (5, 10),
    "patchListingsItem": (5, 5), "searchOrders": (0.0056, 20), "getOrder": (0.5, 30), "createReport": (0.0167, 15),
    "getReport": (2, 15), "getReportDocument": (0.0167, 15), "createFeedDocument": (0.5, 15),
    "createFeed": (0.0083, 15), "getFeed": (2, 15), "getFeedDocument": (0.0222, 10),
    "getInventorySummaries": (2, 2),
}  # fmt: skip
"""Operation -> calls a second, and how many at once, as the contract tells them."""
COUNTRIES = {
    "US": ("ATVPDKIKX0DER", "Amazon.com", "www.amazon.com", "USD", "en_US", "AMAZON_NA"),
    "CA": ("A2EUQ1WTGCTBG2", "Amazon.ca", "www.amazon.ca", "CAD", "en_CA", "AMAZON_NA"),
    "DE": ("A1PA6795UKMFR9", "Amazon.de", "www.amazon.de", "EUR", "de_DE", "AMAZON_EU"),
    "JP": ("A1VC38T7YXB528", "Amazon.co.jp", "www.amazon.co.jp", "JPY", "ja_JP", "AMAZON_JP"),
}
"""Country -> marketplace, its name, its domain, currency, language, and what Amazon's own stock is called there."""


@dataclass(slots=True)
class Bucket:
    """A limit of one operation."""

    rate: float
    burst: int
    tokens: float
    at: datetime

    def takes(self, now: datetime) -> bool:
        """Whether one more call is within it."""
        self.tokens = min(self.burst, self.tokens + max(0.0, (now - self.at).total_seconds()) * self.rate)
        self.at = now
        if self.tokens < 1 - 1e-6:
            return False
        self.tokens -= 1
        return True


@dataclass(slots=True)
class Job:
    """A report or a feed that is worked off."""

    id: str
    kind: str
    created: datetime
    ready: datetime
    ends: str
    document: str = ""
    source: str = ""
    started: bool = False
    marketplaces: list[str] = field(default_factory=list)


class Shop(Sales):
    """One seller in memory. Time comes from `clock` only, chance from `rng` only."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        name: str = "Practice shop",
        country: str = "US",
        seller_id: str = "A2PRACTICE00001",
        client_id: str = "amzn1.application-oa2-client.practice",
        client_secret: str = KEY,
        refresh_token: str = GRANT,
        limits: Mapping[str, tuple[float, int]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`limits`: those that differ from the usual ones, as busy sellers have them."""
        (self.marketplace, self.market_name, self.domain, self.currency, self.language, keeper) = COUNTRIES[country]
        super().__init__(clock, keeper)
        self.rng, self.name, self.sleep, self.country, self.seller_id = rng, name, sleep, country, seller_id
        self.client_id, self.client_secret, self.refresh_token = client_id, client_secret, refresh_token
        self.limits = {**LIMITS, **(limits or {})}
        self.buckets: dict[str, Bucket] = {}
        self.roles = {"listings", "orders"}
        self.participating, self.switched_off = True, False
        self.also: tuple[str, ...] = ()  # further countries of the same account, where it sells the same SKUs
        self.tokens: dict[str, datetime] = {}
        self.behind = 120.0  # orders changed within so many seconds are not shown by a search
        self.files: dict[str, bytes] = {}
        self.addresses: dict[str, tuple[str, datetime]] = {}
        self.jobs: dict[str, Job] = {}
        self.pages: dict[str, list[str]] = {}
        self.zipped, self.encoding = True, "utf-8"

    def market(self, country: str) -> tuple[str, str]:
        """The marketplace of a country and its name; "": at home."""
        return COUNTRIES[country or self.country][:2]

    def new_id(self, digits: int = 64) -> str:
        return f"{self.rng.getrandbits(digits):0{digits // 4}x}"

    def within_limit(self, operation: str) -> bool:
        """Whether a call of this operation is taken now."""
        rate, burst = self.limits[operation]
        bucket = self.buckets.setdefault(operation, Bucket(rate, burst, burst, self.clock()))
        bucket.rate, bucket.burst = rate, burst
        return bucket.takes(self.clock())

    # -- who may call ------------------------------------------------------------------------------------------------

    def new_token(self) -> str:
        """An access token for an hour."""
        token = f"Atza|{self.new_id(4096)}"  # longer than most texts
        self.tokens[token] = self.moment() + TOKEN_LIFE
        return token

    def end_tokens(self) -> None:
        """Every access token has had its hour."""
        self.tokens = dict.fromkeys(self.tokens, self.moment())

    def revoke(self) -> None:
        """The seller takes the app's authorisation away in Seller Central."""
        self.refresh_token = f"Atzr|{self.new_id()}"
        self.tokens.clear()

    # -- files -------------------------------------------------------------------------------------------------------

    def address(self, base: str, file: str) -> str:
        """Where a file can be put or fetched for five minutes, without any other key."""
        key = self.new_id()
        self.addresses[key] = (file, self.clock() + timedelta(minutes=5))
        return f"{base}/files/{key}"

    def store(self, content: bytes) -> str:
        """A new file; gives its id."""
        file = f"amzn1.tortuga.4.na.{self.new_id()}"
        self.files[file] = content
        return file

    def begin(self, kind: str, seconds: float, ends: str, **more: Any) -> Job:
        """A report or a feed is asked for."""
        now = self.moment()
        job = Job(str(len(self.jobs) + 50_001), kind, now, self.clock() + timedelta(seconds=seconds), ends, **more)
        self.jobs[job.id] = job
        return job
