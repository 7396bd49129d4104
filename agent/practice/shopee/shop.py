"""The shop as a whole: the app that may call it, its tokens, its holiday, and what it is called."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from agent.practice.base import Clock, Pair
from agent.practice.shopee.sales import Sales

ACCESS_LIFE, REFRESH_LIFE = timedelta(hours=4), timedelta(days=30)
CODE_LIFE, AUTHORISATION = timedelta(minutes=10), timedelta(days=365)
CURRENCIES = {"SG": "SGD", "MY": "MYR", "ID": "IDR", "TH": "THB", "TW": "TWD", "BR": "BRL"}


class Shop(Sales):
    """One shop in memory. Time comes from `clock` only, chance from `rng` only."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        name: str = "Practice shop",
        shop_id: int = 987_654_321,
        partner_id: int = 2_001_887,
        partner_key: str = "shpk_practice",
        region: str = "SG",
        fulfillment: str = "Others",
        warehouses: Mapping[str, str] | None = None,
        largest_offset: int | None = None,
        calls_per_second: int | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`warehouses`: location id -> name, for a shop with several places. `largest_offset`: of the list of items.
        `calls_per_second`: more are refused."""
        super().__init__(clock, dict(warehouses) if warehouses else None)
        self.rng, self.name, self.sleep = rng, name, sleep
        self.shop_id, self.partner_id, self.partner_key = shop_id, partner_id, partner_key
        self.region, self.fulfillment, self.status = region, fulfillment, "NORMAL"
        self.largest_offset, self.calls_per_second = largest_offset, calls_per_second
        self.may_write = True
        self.holiday = False
        self.gateway_status = 403  # of refusals of who calls; the documents do not say which
        self.item_status = 200  # of refusals of what is asked
        self.authorised_at = self.moment()
        self.refresh_life = REFRESH_LIFE
        self.codes: dict[str, datetime] = {}
        self.calls: deque[datetime] = deque()

    @property
    def currency(self) -> str:
        return CURRENCIES[self.region]

    def server_now(self) -> datetime:
        """By Shopee's own clock."""
        return self.moment() + timedelta(seconds=self.faults.clock_ahead)

    # -- the app -----------------------------------------------------------------------------------------------------

    def authorise(self) -> str:
        """The seller says yes on Shopee's page: the code that the browser is sent back with."""
        self.linked, self.authorised_at = True, self.moment()
        code = f"{self.rng.getrandbits(64):016x}"
        self.codes[code] = self.moment() + CODE_LIFE
        return code

    def new_pair(self) -> Pair:
        """Tokens for four hours, and a refresh token that is good for one use within thirty days."""
        now = self.moment()
        access, renewal = (f"{self.rng.getrandbits(128):032x}" for _ in range(2))
        pair = Pair(access, renewal, now + ACCESS_LIFE, now + self.refresh_life)
        self.pairs.append(pair)
        return pair
