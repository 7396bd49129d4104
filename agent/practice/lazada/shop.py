"""The shop as a whole: the app that may call it, its tokens, its habits, and what it is called."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta, timezone

from agent.practice.base import Clock, Pair
from agent.practice.lazada.sales import Sales

ACCESS_LIFE, YES_LIFE = timedelta(days=30), timedelta(days=180)
"""Of an app that is online; of one that is still in test, 7 and 14 days."""
CODE_LIFE = timedelta(minutes=30)
COUNTRIES = {"sg": ("SGD", 8), "my": ("MYR", 8), "ph": ("PHP", 8), "th": ("THB", 7), "vn": ("VND", 7), "id": ("IDR", 7)}


class Shop(Sales):
    """One shop in memory. Time comes from `clock` only, chance from `rng` only."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        name: str = "Practice shop",
        seller_id: int = 1_000_000_077,
        app_key: str = "100132",
        app_secret: str = "lazada_practice_secret",  # noqa: S107 - of a shop that does not exist
        country: str = "sg",
        warehouses: Mapping[str, str] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`warehouses`: code -> name, for a shop with several; then the first is `dropshipping` as a rule."""
        super().__init__(clock, warehouses)
        self.rng, self.name, self.sleep = rng, name, sleep
        self.seller_id, self.app_key, self.app_secret = seller_id, app_key, app_secret
        self.country, self.token_country = country, country
        self.status, self.verified, self.semi_hosted = "ACTIVE", True, False
        self.mega = False  # a large campaign runs: nobody may lower stock
        self.largest_offset = 10_000  # of the list of items
        self.access_life = ACCESS_LIFE
        self.yes_ends = self.moment() + YES_LIFE
        self.codes: dict[str, datetime] = {}

    @property
    def currency(self) -> str:
        return COUNTRIES[self.country][0]

    @property
    def zone(self) -> timezone:
        return timezone(timedelta(hours=COUNTRIES[self.country][1]))

    def server_now(self) -> datetime:
        """By Lazada's own clock."""
        return self.moment() + timedelta(seconds=self.faults.clock_ahead)

    # -- the app -----------------------------------------------------------------------------------------------------

    def authorise(self) -> str:
        """The seller says yes on Lazada's page: the code that the browser is sent back with."""
        self.linked, self.yes_ends = True, self.moment() + YES_LIFE
        code = f"0_{self.app_key}_{self.rng.getrandbits(64):016x}"
        self.codes[code] = self.moment() + CODE_LIFE
        return code

    def new_pair(self) -> Pair:
        """An access token, and a refresh token that is good as long as the yes: a renewal does not lengthen it."""
        access, refresh = (f"{self.rng.getrandbits(128):032x}" for _ in range(2))
        pair = Pair(access, refresh, self.moment() + self.access_life, self.yes_ends)
        self.pairs.append(pair)
        return pair
