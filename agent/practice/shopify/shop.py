"""The shop as a whole: its name and plan, the app that may read and write it, and what the platform remembers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from agent.practice.base import Clock
from agent.practice.shopify.sales import Sales

VERSION = "2026-10"
TOKEN_LIFE = timedelta(seconds=86_399)  # as told in `expires_in`
SCOPES = (
    "read_products",
    "write_products",
    "read_inventory",
    "write_inventory",
    "read_locations",
    "read_orders",
    "read_merchant_managed_fulfillment_orders",
)


@dataclass(slots=True)
class Bucket:
    """Points left for queries, filling up again at `rate` a second."""

    size: float
    rate: float
    left: float
    at: datetime

    def refill(self, now: datetime) -> float:
        """Points there are now."""
        passed = max(0.0, (now - self.at).total_seconds())
        self.left, self.at = min(self.size, self.left + passed * self.rate), now
        return self.left


@dataclass(slots=True)
class Kept:
    """A mutation that was done under a key: what was asked, and the first answer."""

    asked: str
    answer: Any
    at: datetime


@dataclass(slots=True, eq=False)
class BulkOperation:
    """One bulk operation; what it found was read when it began."""

    id: int
    query: str
    created_at: datetime
    due: datetime
    lines: list[str]
    roots: int
    key: str
    fails: str | None = None
    cancelled_at: datetime | None = None
    content: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.content = "".join(f"{line}\n" for line in self.lines).encode()


class Shop(Sales):
    """One shop in memory. Time comes from `clock` only, chance from `rng` only."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        name: str = "Practice shop",
        domain: str = "practice-shop.myshopify.com",
        number: int = 63_755_419_881,
        access_token: str = "shpat_practice",  # noqa: S107 - made up
        client_id: str = "practice-client-id",
        client_secret: str = "shpss_practice",  # noqa: S107 - made up
        scopes: Iterable[str] = SCOPES,
        currency: str = "EUR",
        country: str = "RO",
        plan: str = "Basic",
        utc_offset_minutes: int = 0,
        location: str = "Shop location",
        points: float = 2000,
        restore_rate: float = 100,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(clock)
        self.rng, self.name, self.domain, self.number, self.sleep = rng, name, domain, number, sleep
        self.currency, self.country, self.plan = currency, country, plan
        self.offset = timedelta(minutes=utc_offset_minutes)
        self.client_id, self.client_secret = client_id, client_secret
        self.scopes = list(scopes)
        self.created_at = self.moment()
        self.tokens: dict[str, datetime | None] = {access_token: None}  # until when; None: for ever
        self.bucket = Bucket(points, restore_rate, points, clock())
        self.kept: dict[tuple[str, str], Kept] = {}  # by mutation and idempotency key
        self.bulk: dict[int, BulkOperation] = {}
        self.add_location(location)

    def new_token(self) -> str:
        """A token for a day, as the client credentials grant gives it."""
        token = f"shpat_{self.rng.getrandbits(128):032x}"
        self.tokens[token] = self.clock() + TOKEN_LIFE
        return token

    def knows(self, token: str) -> bool:
        """Whether the token is good now."""
        until = self.tokens.get(token, self.clock())
        return until is None or until > self.clock()

    def revoke_tokens(self) -> None:
        """Somebody uninstalls the app, or takes its tokens away."""
        self.tokens.clear()
