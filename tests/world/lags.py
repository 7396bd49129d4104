"""What a platform is late with by its own nature, as the agent met it: how often each happened is told of each world.

An order that is there and not shown yet, a value that was accepted and does not stand, one that a campaign's lock keeps
up, and the campaigns themselves.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.world.marketplaces import Marketplace
    from tests.world.run import World

MINUTES = 60.0
"""Seconds after which a value that was accepted is called late."""
Version = tuple[datetime, int, datetime, str]
"""(when it can be read, order, when it was made, status)."""


class Lags:
    """Counts what happened."""

    def __init__(self) -> None:
        self.met: Counter[str] = Counter()
        self._unseen: set[tuple[datetime, int]] = set()
        self._sent: dict[str, tuple[int, datetime]] = {}

    @property
    def waits(self) -> bool:
        """A value was accepted, and nobody has seen it stand."""
        return bool(self._sent)

    def looked_at_orders(self, versions: Sequence[Version], now: datetime) -> None:
        """A look at the orders, and what it could not show yet."""
        late = {(due, order) for due, order, made, _ in versions[-20:] if made < now < due}
        self.met["orders not shown yet"] += len(late - self._unseen)
        self._unseen |= late

    def answered(self, cell: str, quantity: int, outcome: str, after: int | None, now: datetime) -> None:
        """What was said of a value that was pushed, and of what stands after it."""
        if outcome == "sent":
            self.met["values only accepted"] += 1
            self._sent[cell] = (quantity, now)
        else:
            self._sent.pop(cell, None)
        kept_up = outcome in ("clamped", "refused") and after is not None and after > quantity
        self.met["values kept up by a campaign"] += kept_up

    def read(self, cell: str, quantity: int, now: datetime) -> None:
        """What a read shows of a value that was only accepted."""
        if cell not in self._sent:
            return
        wanted, at = self._sent[cell]
        long = (now - at).total_seconds() > MINUTES
        if quantity != wanted:
            self.met["reads before a value stood"] += 1
        else:
            del self._sent[cell]
            self.met["values that stood minutes later"] += long


async def campaigns(world: World, shop: Marketplace, rng: Random, long: float) -> None:
    """Now and then the seller takes part in a campaign, which keeps units of a listing for itself for a while."""
    for _ in range(4):
        await asyncio.sleep(rng.expovariate(1 / (long / 6)))
        shown = [(product, shop.quantity(product) or 0) for product in sorted(shop.keys)]
        full = [(product, units) for product, units in shown if units > 1]
        if world.calm or not full:
            continue
        product, units = rng.choice(full)
        locked = rng.randint(units // 2, units)
        shop.joins_campaign(product, locked, rng.uniform(1, 8) * world.poll)
        world.tell(f"{shop.name}: a campaign keeps {locked} of {world.name_of(shop.name, product)}")
