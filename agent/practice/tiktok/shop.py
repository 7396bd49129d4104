"""The shop as a whole: the app that may call it, its tokens, and what it is called."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.practice.base import Clock, Pair
from agent.practice.tiktok.sales import Sales

ACCESS_LIFE, REFRESH_LIFE, CODE_LIFE = timedelta(days=7), timedelta(days=365), timedelta(minutes=30)
CURRENCIES = {"GB": "GBP", "US": "USD", "MY": "MYR", "SG": "SGD", "ID": "IDR", "TH": "THB", "VN": "VND", "PH": "PHP"}


@dataclass(frozen=True, slots=True)
class Named:
    """A shop that a token may speak for."""

    id: str
    name: str
    cipher: str
    region: str


class Shop(Sales):
    """One shop in memory. Time comes from `clock` only, chance from `rng` only."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        name: str = "Practice shop",
        shop_id: str = "7494726673780148744",
        app_key: str = "6practice7key",
        app_secret: str = "tts_practice",  # noqa: S107 - made up
        region: str = "GB",
        warehouses: Mapping[str, str] | None = None,
        others: tuple[Named, ...] = (),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`warehouses`: id -> name, for a seller with several. `others`: empty shops of the same seller."""
        super().__init__(clock, dict(warehouses) if warehouses else None)
        self.rng, self.name, self.sleep = rng, name, sleep
        self.app_key, self.app_secret = app_key, app_secret
        self.own = Named(shop_id, name, f"ROW_{shop_id[-6:]}+/Ab==", region)
        self.others = others
        self.active = True
        self.missing: set[str] = set()  # operations that the app's scopes do not include
        self.gateway_status: int | None = None  # of refusals of who calls, instead of their own
        self.item_status = 200  # of refusals of what is asked
        self.refresh_life = REFRESH_LIFE
        self.codes: dict[str, datetime] = {}

    @property
    def currency(self) -> str:
        return CURRENCIES[self.own.region]

    def server_now(self) -> datetime:
        """By TikTok's own clock."""
        return self.moment() + timedelta(seconds=self.faults.clock_ahead)

    # -- the app -----------------------------------------------------------------------------------------------------

    def authorise(self) -> str:
        """The seller says yes on TikTok's page: the code that the browser is sent back with."""
        self.linked = True
        code = f"ROW_{self.rng.getrandbits(64):016x}"
        self.codes[code] = self.moment() + CODE_LIFE
        return code

    def new_pair(self) -> Pair:
        """A token for a week, and a refresh token that is good for one use."""
        now = self.server_now()
        access, renewal = (f"TTP_{self.rng.getrandbits(128):032x}" for _ in range(2))
        pair = Pair(access, renewal, now + ACCESS_LIFE, now + self.refresh_life)
        self.pairs.append(pair)
        return pair
