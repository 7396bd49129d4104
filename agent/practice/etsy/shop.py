"""The shop as a whole: the app that may call it, its tokens, its calls of a second and of a day, its vacation."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.practice.base import Clock, Pair
from agent.practice.etsy.sales import Sales

ACCESS_LIFE, REFRESH_LIFE, CODE_LIFE = timedelta(hours=1), timedelta(days=90), timedelta(minutes=10)
SCOPES = ("listings_r", "listings_w", "transactions_r", "shops_r")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Code:
    """What a yes brought."""

    challenge: str
    back: str
    ends: datetime
    scopes: tuple[str, ...]


class Shop(Sales):
    """One shop in memory. Time comes from `clock` only, chance from `rng` only."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        name: str = "Practice shop",
        shop_id: int = 33_264_519,
        keystring: str = "practice0keystring",
        shared_secret: str = "practice-secret",  # noqa: S107 - made up
        callback: str = "https://localhost/",
        per_second: int = 10,
        per_day: int = 10_000,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`callback`: the one that is registered with the app. `per_second`, `per_day`: calls that the app may make."""
        super().__init__(clock)
        self.rng, self.name, self.sleep = rng, name, sleep
        self.shop_id, self.user_id = shop_id, shop_id + 1
        self.keystring, self.shared_secret, self.callback = keystring, shared_secret, callback
        self.per_second, self.per_day = per_second, per_day
        self.has_shop, self.on_vacation = True, False
        self.refresh_life = REFRESH_LIFE
        self.codes: dict[str, Code] = {}
        self.calls: deque[datetime] = deque()
        """Of the last 24 hours."""

    # -- the app -----------------------------------------------------------------------------------------------------

    def authorise(self, challenge: str, scopes: tuple[str, ...] = SCOPES) -> str:
        """The seller says yes on Etsy's page: the code that the browser is sent back with."""
        code = f"{self.rng.getrandbits(128):032x}"
        self.codes[code] = Code(challenge, self.callback, self.moment() + CODE_LIFE, scopes)
        return code

    def new_pair(self, scopes: tuple[str, ...] = SCOPES) -> Pair:
        """Tokens for an hour, and a refresh token that is good for one use within ninety days."""
        access, renewal = (f"{self.user_id}.{self.rng.getrandbits(256):064x}" for _ in range(2))
        now = self.moment()
        self.pairs.append(Pair(access, renewal, now + ACCESS_LIFE, now + self.refresh_life, scopes=scopes))
        return self.pairs[-1]

    # -- how often ---------------------------------------------------------------------------------------------------

    def count_call(self) -> tuple[int, int]:
        """One call more; what is left of this second and of the last 24 hours, below 0 where it was too many."""
        now = self.clock()
        while self.calls and now - self.calls[0] >= DAY:
            self.calls.popleft()
        lately = 0
        for at in reversed(self.calls):
            if now - at >= SECOND or lately >= self.per_second:
                break
            lately += 1
        left = self.per_second - lately - 1, self.per_day - len(self.calls) - 1
        if min(left) >= 0:
            self.calls.append(now)
        return left
