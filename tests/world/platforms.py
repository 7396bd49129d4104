"""Shops that take quantities in another manner: late, in another order, not at all, unread, or by compare-and-set.

Their orders and listings come from the practice shop as ever; what is pushed goes a way of its own. The agent knows
nothing of them but their `Can`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any

import polars as pl

from agent.channels.base import Account, Can, Channel, Lane, ListingsRead, OrdersRead
from agent.frames import RESULTS

if TYPE_CHECKING:
    from tests.world.run import World
    from tests.world.watch import WatchedShop


@dataclass(frozen=True)
class Manner:
    """How a platform behaves, and what it says of itself."""

    name: str
    can: dict[str, Any]
    apply_after: tuple[float, float] | None = None
    """Seconds after which an accepted value takes effect: each has its own, so that they overtake each other."""
    forgets: float = 0.0
    """Share of the accepted values that never take effect."""
    usual: dict[str, Any] = field(default_factory=dict)
    """Faults of the practice shop that are none on this platform."""

    @property
    def own_way(self) -> bool:
        """Whether its pushes do not go over the practice shop's own wire."""
        return bool(self.can) and self.name != "far"


def manners(poll: float) -> list[Manner]:
    """Those that a world of this rhythm can have: a feed of 40 minutes needs a slow one, to be over some day."""
    late = (0.05 * poll, min(2.5 * poll, 1500.0))
    found = [
        Manner("late", {"applies": "later", "apply_limit": late[1] + 30}, late, forgets=0.1),
        Manner("unread", {"read": "no", "changed": False}),
        Manner("compared", {"write": "compare_and_set"}),
        Manner("far", {"lag": 120.0}, usual={"order_visible_after": 120.0}),
    ]
    if poll >= 300:
        found.append(Manner("feed", {"applies": "later", "apply_limit": 3600.0}, (2300.0, 2500.0), forgets=0.05))
    return found


class Platform:
    """A channel over a practice shop, in another manner."""

    def __init__(self, inner: Channel, manner: Manner, world: World, life: Any, rng: Random) -> None:
        self._inner, self._manner, self._world, self._life, self._rng = inner, manner, world, life, rng
        self.name = inner.name
        self.can: Can = replace(inner.can, **manner.can)

    async def account(self) -> Account:
        return await self._inner.account()

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        read = await self._inner.listings(only, since, lane)
        if self.can.read == "yes":
            return read
        return replace(read, frame=read.frame.with_columns(quantity=pl.lit(None, pl.Int64)))

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        return await self._inner.orders(since, also, lane)

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        if not self._manner.own_way:
            return await self._inner.push(changes, lane)
        self._life.point("before POST")
        wanted = [
            (cell, int(cell.rsplit("/", 1)[1]), quantity, expected)
            for cell, quantity, expected in changes.select("cell", "quantity", "expected").iter_rows()
        ]
        for _, product, quantity, _ in wanted:
            self._world.watch.sets(self.name, product, quantity)
        going = asyncio.get_running_loop().create_task(self._travel(wanted), context=self._world.context)
        going.add_done_callback(lambda done: done.cancelled() or done.exception())
        results = await asyncio.shield(going)
        self._life.point("after POST")
        for cell, outcome, after, *_ in results:
            if outcome == "accepted" and after is not None:
                self._world.watch.hears(self.name, int(cell.rsplit("/", 1)[1]), after)
        return pl.DataFrame(results, schema=RESULTS, orient="row")

    async def close(self) -> None:
        await self._inner.close()

    # --- at the platform

    async def _travel(self, wanted: list[tuple[str, int, int, int | None]]) -> list[tuple[Any, ...]]:
        shop, rng = self._world.shops[self.name], self._rng
        await asyncio.sleep(rng.uniform(0.02, 0.4))
        if shop.faults.expired_key or shop.faults.strikes("down", rng):
            return [(cell, "not_sent", None, "the platform does not answer", None, "host") for cell, *_ in wanted]
        lost = shop.faults.strikes("answer_lost_before_apply", rng)
        results = [] if lost else [self._take(shop, *each) for each in wanted]
        await asyncio.sleep(rng.uniform(0.02, 0.4))
        if lost or shop.faults.strikes("answer_lost_after_apply", rng):
            return [(cell, "unknown", None, "no answer", None, None) for cell, *_ in wanted]
        return results

    def _take(self, shop: WatchedShop, cell: str, product: int, quantity: int, expected: int | None) -> tuple[Any, ...]:
        now = shop.clock()
        if product in shop.faults.reject_ids:
            return (cell, "refused", None, "the platform does not take it", now, None)
        if self._manner.apply_after is not None:
            self._world.kinds.sent_late(self.name, product, quantity, self._manner, self._rng)
            return (cell, "sent", None, None, now, None)
        if self.can.write == "compare_and_set" and expected not in (None, shop.quantity(product)):
            return (cell, "stale", None, "another quantity stands there", now, None)
        if product not in shop.faults.eat_writes:
            shop.type_quantity(product, quantity)
        read = self.can.read == "yes"
        return (cell, "accepted", shop.quantity(product) if read else None, None, now, None)
