"""From a sale in one shop to a lower quantity confirmed in the others, and what is sold twice meanwhile.

    python -m benchmarks.lags_and_oversell
    python -m benchmarks.lags_and_oversell --hours 6 --seed 2 --only "fast, 10 s"

The whole agent (`agent.loop.run`, its store, a workbook in memory) in a simulated world under a virtual clock: three
practice shops, ten items that all of them list, buyers who come at random, mostly for the same few items (250 orders an
hour by default), and a seller who receives twelve of an item in *Stock In and Out* some minutes after it is sold out
everywhere. A request takes half a second; orders can be read 2, 0.5 and 5 seconds after they are made, or 120 seconds
after in the last shop (*one late*). Nothing fails. The same seed gives the same table.

`lower elsewhere`: from each sale, for each other shop that then showed more than was left, until that shop accepted a
quantity of at most that many, unless its own sales took it there before. `never`: where that did not happen until the
end. `oversold`: units sold that were not there any more. `refused`: buyers who found nothing of an item of which there
was some left (what caution costs). The rows are those of DESIGN section 11 and its evidence: 15 minutes, 60 s, 10 s,
and 10 s with *Last units* auto.

    | agent | sold | lower elsewhere, s: p50 / p95 / p99 | never | oversold | refused |
    |---|---|---|---|---|---|
    | fast, 15 minutes | 106 | 307.2 / 699.2 / 783.3 | 0 | 6 (56.6 of 1,000) | 0 |
    | fast, 60 s | 113 | 27.6 / 54.7 / 59.0 | 0 | 2 (17.7 of 1,000) | 0 |
    | fast, 10 s | 113 | 5.9 / 11.3 / 11.7 | 0 | 0 (0.0 of 1,000) | 0 |
    | fast, 10 s, last units auto | 102 | 5.9 / 11.3 / 11.7 | 0 | 0 (0.0 of 1,000) | 4 |
    | one late, 15 minutes | 106 | 337.6 / 699.2 / 783.3 | 0 | 6 (56.6 of 1,000) | 0 |
    | one late, 60 s | 113 | 27.6 / 54.7 / 59.0 | 0 | 2 (17.7 of 1,000) | 0 |
    | one late, 10 s | 113 | 5.9 / 11.3 / 11.7 | 0 | 0 (0.0 of 1,000) | 0 |
    | one late, 10 s, last units auto | 100 | 5.9 / 11.3 / 11.7 | 0 | 0 (0.0 of 1,000) | 6 |

Late orders hardly show at 60 and at 10 s: the shop takes a sold unit off its own listing at once, listings that changed
are read with the orders, and a unit that is gone is taken off everywhere before its order can be read (*missing*). A
platform whose quantity cannot be read, or that applies late, has no such help; no practice shop is one yet. So few
sales say little about oversold units at 10 s; `--hours 24` says more.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from dataclasses import dataclass, field
from random import Random
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # frames of ten rows

import polars as pl

from agent import loop
from agent.channels.http import Ports
from agent.channels.woocommerce import connect
from agent.practice.woocommerce import Shop, transport
from agent.state import Agent
from agent.store import Store
from agent.workbooks.memory import MemoryWorkbook
from tests.world.timeline import VirtualClock, VirtualLoop

VISIBLE = {"north": 2.0, "south": 0.5, "east": 5.0}
"""Seconds until an order can be read."""
LATE = 120.0
REQUEST = 0.5
"""Seconds."""
ITEMS, BATCH = 10, 12
"""Items, and how many of one come in at once."""
REST = 300.0
"""Seconds from sold out everywhere to the next delivery."""


@dataclass
class Sale:
    """One unit sold."""

    at: float
    item: str
    left: int
    waiting: set[str]
    """Shops that show more than is left."""


@dataclass
class Tally:
    """What happened."""

    sales: int = 0
    oversold: int = 0
    refused: int = 0
    seconds: list[float] = field(default_factory=list)
    open: list[Sale] = field(default_factory=list)

    def accepted(self, shop: str, item: str, quantity: int, now: float) -> None:
        """A shop accepted a quantity."""
        for sale in self.open:
            if sale.item == item and shop in sale.waiting and quantity <= max(0, sale.left):
                sale.waiting.discard(shop)
                self.seconds.append(now - sale.at)
        self.open = [sale for sale in self.open if sale.waiting]

    def overtaken(self, shop: str, item: str, shown: int) -> None:
        """A shop sold its way down to what is left by itself: there is nothing to lower any more."""
        for sale in self.open:
            if sale.item == item and shown <= max(0, sale.left):
                sale.waiting.discard(shop)
        self.open = [sale for sale in self.open if sale.waiting]


class Noting:
    """A channel whose accepted pushes are noted down."""

    def __init__(self, inner: Any, world: World) -> None:
        self._inner, self._world = inner, world

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def push(self, changes: pl.DataFrame, lane: Any) -> pl.DataFrame:
        results: pl.DataFrame = await self._inner.push(changes, lane)
        both = changes.join(results.filter(pl.col("outcome") == "accepted"), on="cell")
        for listing, quantity in both.select("listing", "quantity").iter_rows():
            item = self._world.item_of[self.name, int(listing)]
            self._world.tally.accepted(self.name, item, quantity, self._world.loop.time())
        return results


class World:
    """Shops, buyers, a seller and the agent."""

    def __init__(self, virtual: VirtualLoop, seed: int, *, poll: float, late: bool, auto: bool) -> None:
        self.loop, self.poll, self.seed = virtual, poll, seed
        self.clock = VirtualClock(virtual)
        self.tally = Tally()
        self.items = [f"ITEM-{number}" for number in range(ITEMS)]
        self.left = dict.fromkeys(self.items, BATCH)
        self.shops = {
            name: self._shop(name, LATE if late and name == "east" else after) for name, after in VISIBLE.items()
        }
        self.ids = {
            (name, item): shop.add_simple(item, item, BATCH) for name, shop in self.shops.items() for item in self.items
        }
        self.item_of = {(name, product): item for (name, item), product in self.ids.items()}
        rules = [{"Last units": "auto"}] if auto else []
        stocked = [{"SKU": item, "Title": item, "Stocked": BATCH} for item in self.items]
        self.book = MemoryWorkbook(self.clock, {"Item Master": stocked, "Rules": rules})
        rng = Random(f"{seed}/agent")
        channels = {name: self._channel(name, rng) for name in self.shops}
        self.agent = Agent(self.clock, Store(":memory:"), self.book, channels, rng, poll=poll)

    def _shop(self, name: str, visible: float) -> Shop:
        shop = Shop(clock=self.clock.now, rng=Random(f"{self.seed}/{name}"), name=name, sleep=self.clock.sleep)
        shop.faults.slow, shop.faults.order_visible_after = REQUEST, visible
        return shop

    def _channel(self, name: str, rng: Random) -> Any:
        settings = {
            "url": f"https://{name}.example.com", "consumer_key": "ck_practice", "consumer_secret": "cs_practice",
        }  # fmt: skip
        return Noting(connect(name, settings, Ports(self.clock, rng, transport(self.shops[name]))), self)

    def shown(self, name: str, item: str) -> int:
        return self.shops[name].quantity(self.ids[name, item]) or 0

    async def live(self, hours: float, orders: float) -> Tally:
        """The agent runs; the first plans are approved; then people buy."""
        stop = asyncio.Event()
        running = asyncio.ensure_future(loop.run(self.agent, stop))
        await self._goes_live()
        people = asyncio.ensure_future(self._deliveries())
        await self._buyers(hours, orders)
        await asyncio.sleep(2 * self.poll + LATE + 60)
        people.cancel()
        stop.set()
        await running
        return self.tally

    async def _goes_live(self) -> None:
        while True:
            await asyncio.sleep(30)
            asked = self.book.results("Attention").filter(pl.col("Answers") == "yes")
            for row in asked.iter_rows(named=True):
                self.book.type_cell("Attention", row["Id"], "Answer", "yes")
            if asked.height:
                self.book.save()
            elif self.agent.store.table("channel")["live"].sum() == len(self.shops):
                return

    async def _buyers(self, hours: float, orders: float) -> None:
        rng, ends = Random(f"{self.seed}/buyers"), self.loop.time() + hours * 3600
        weights = [1 / (rank + 1) for rank in range(ITEMS)]
        while self.loop.time() < ends:
            await asyncio.sleep(rng.expovariate(orders / 3600))
            self._sell(rng.choice(sorted(self.shops)), rng.choices(self.items, weights)[0])

    def _sell(self, name: str, item: str) -> None:
        if self.shops[name].sell(self.ids[name, item], 1) is None:
            self.tally.refused += self.left[item] > 0
            return
        self.left[item] -= 1
        self.tally.sales += 1
        self.tally.oversold += self.left[item] < 0
        self.tally.overtaken(name, item, self.shown(name, item))
        most = max(0, self.left[item])
        waiting = {other for other in self.shops if other != name and self.shown(other, item) > most}
        if waiting:
            self.tally.open.append(Sale(self.loop.time(), item, self.left[item], waiting))

    async def _deliveries(self) -> None:
        """Twelve more of an item that is sold out everywhere for a while."""
        out: dict[str, float] = {}
        while True:
            await asyncio.sleep(60)
            now = self.loop.time()
            for item in self.items:
                nowhere = self.left[item] <= 0 and not any(self.shown(name, item) for name in self.shops)
                since = out.setdefault(item, now) if nowhere else out.pop(item, now)
                if nowhere and now - since >= REST:
                    self._receives(item, BATCH - self.left[item])
                    out.pop(item)

    def _receives(self, item: str, units: int) -> None:
        """A delivery; what had been sold too often is taken from it first."""
        self.left[item] += units
        when = self.clock.now().astimezone().replace(tzinfo=None, microsecond=0)
        row = {"SKU": item, "Change or Count": "Change", "Value": units, "When": when}
        self.book.add_row("Stock In and Out", row)
        self.book.save()


ROWS = (
    ("15 minutes", 900.0, False),
    ("60 s", 60.0, False),
    ("10 s", 10.0, False),
    ("10 s, last units auto", 10.0, True),
)


def run(seed: int, hours: float, orders: float, *, poll: float, late: bool, auto: bool) -> Tally:
    """One row of the table."""
    virtual = VirtualLoop()
    asyncio.set_event_loop(virtual)
    try:
        return virtual.run_until_complete(World(virtual, seed, poll=poll, late=late, auto=auto).live(hours, orders))
    finally:
        asyncio.set_event_loop(None)
        virtual.close()


def line(name: str, tally: Tally) -> str:
    waits = pl.Series(tally.seconds, dtype=pl.Float64)
    slow = " / ".join(f"{waits.quantile(share, 'nearest') or 0:.1f}" for share in (0.5, 0.95, 0.99))
    never = sum(len(sale.waiting) for sale in tally.open)
    each = 1000 * tally.oversold / max(1, tally.sales)
    return f"| {name} | {tally.sales} | {slow} | {never} | {tally.oversold} ({each:.1f} of 1,000) | {tally.refused} |"


def main() -> int:
    """Print the table. Exit 1 where a goal of DESIGN section 11 is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lags_and_oversell", description=__doc__.split("\n")[0])
    parser.add_argument("--hours", type=float, default=0.5, help="of shop time, each row")
    parser.add_argument("--orders", type=float, default=250.0, help="an hour, all shops together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="rows whose name has this text")
    chosen = parser.parse_args()
    print(
        "| agent | sold | lower elsewhere, s: p50 / p95 / p99 | never | oversold | refused |\n|---|---|---|---|---|---|"
    )
    missed = measured = False
    for late in (False, True):
        for name, poll, auto in ROWS:
            whole = f"{'one late' if late else 'fast'}, {name}"
            if chosen.only not in whole:
                continue
            tally = run(chosen.seed, chosen.hours, chosen.orders, poll=poll, late=late, auto=auto)
            print(line(whole, tally), flush=True)
            waits = pl.Series(tally.seconds, dtype=pl.Float64)
            goals = ((0.5, 6.0), (0.95, 12.0), (0.99, 30.0))
            if not late and poll == 10:
                measured = True
                missed |= bool(tally.open) or any((waits.quantile(q, "nearest") or 0) > most for q, most in goals)
    if measured:
        print("Goal on fast shops at 10 s: 6 / 12 / 30, and never: 0." + (" MISSED." if missed else " Met."))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
