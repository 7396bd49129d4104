"""Two weeks of the demo's made-up seller in a few seconds: what the pictures of the workbook show.

The demo's world, shops and agent, with a clock that is put forward from day to day; the same each time.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import polars as pl

from agent.channels.http import Ports
from agent.channels.woocommerce import connect
from agent.cycle import cycle
from agent.demo.place import WORKBOOK
from agent.demo.shops import KEY, SECRET
from agent.demo.shops import make as make_shops
from agent.demo.world import OUTLET, WEB, World
from agent.demo.world import make as make_world
from agent.practice.person import Person, Typing
from agent.practice.woocommerce import transport
from agent.state import Agent
from agent.store import Store
from agent.workbooks.excel import ExcelWorkbook
from agent.workbooks.starter import make_starter

BEGINS, DAYS = datetime(2026, 11, 9, 8, 0, tzinfo=UTC), 14
LAST_LOOK = (14, 3)
"""Hour and minute of the last day."""
SELLS_WELL = ("MUG-WHITE", "SHIRT-BLU-M", "SHIRT-RED-L", "00124")


class PutForward:
    """A clock that stands still until it is put forward, or slept by: the story is the same on a slow computer."""

    def __init__(self) -> None:
        self._now = BEGINS

    def put(self, moment: datetime) -> None:
        """Make it this time now."""
        self._now = moment

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - BEGINS).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class Fortnight:
    """Everything that the story needs, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.chance = PutForward(), Random(3)
        world = make_world(26)
        self.shops = make_shops(world, clock=self.clock)
        self.path = folder / WORKBOOK
        self.person = _workbook(self.path, world)
        channels = {name: self._channel(name) for name in self.shops.shops}
        workbook = ExcelWorkbook(self.path, self.clock, backup_dir=folder / "backups", zone=UTC)
        self.agent = Agent(self.clock, Store(folder / "stocksheet.db"), workbook, channels, Random(1))
        self.agent.hurry = self.agent.patience  # no shop is left behind because this computer is slow
        self.orders: list[tuple[str, int]] = []

    def _channel(self, name: str):  # type: ignore[no-untyped-def]
        place = {"url": f"https://{name}.example.com", "consumer_key": KEY, "consumer_secret": SECRET}
        return connect(name, place, Ports(self.clock, Random(1), transport(self.shops.shops[name])))

    async def play(self) -> None:
        """All of it."""
        await self._looks()
        asked = [row for row in self.person.look("Attention") if row["Answers"] == "yes"]
        self.types(*(Typing("Attention", {"Id": row["Id"]}, "Answer", "yes") for row in asked))
        await self._looks()
        await self._looks()
        for day in range(1, DAYS):
            await self._day(BEGINS + timedelta(days=day), last=day == DAYS - 1)
        await self.agent.workbook.close()
        self.agent.store.close()

    async def _looks(self) -> None:
        """One cycle. The file bears the story's time before and after, as if it had been saved then."""
        self._saved_now()
        await cycle(self.agent)
        self._saved_now()

    def _saved_now(self) -> None:
        moment = self.clock.now().timestamp()
        os.utime(self.path, (moment, moment))

    async def _day(self, morning: datetime, *, last: bool) -> None:
        self.clock.put(morning)
        self._ships(self.orders[:-4])
        for name, sku in self._wanted():
            self._buys(name, sku)
        await self._looks()
        self.clock.put(morning.replace(hour=14))
        if last:
            self.types(Typing("Item Master", {"SKU": "00126"}, "Stocked", "about 9"))
            self._ships([order for order in self.orders if order[0] == WEB])  # meanwhile mugs came in, or were counted?
        if morning.day in (14, 22):
            self._receives("MUG-WHITE", 24)
        await self._looks()
        if last:
            await self._looks()
            self.clock.put(morning.replace(hour=LAST_LOOK[0], minute=LAST_LOOK[1]))
            self.agent.told_at = None
            await self._looks()

    def _ships(self, orders: list[tuple[str, int]]) -> None:
        for name, order in orders:
            self.shops.shops[name].set_status(order, "completed")
        self.orders = [order for order in self.orders if order not in orders]

    def _wanted(self) -> Iterator[tuple[str, str]]:
        for sku in SELLS_WELL:
            if self.chance.random() < 0.9:
                yield self.chance.choice((WEB, WEB, OUTLET)), sku
        yield self.chance.choice((WEB, OUTLET)), "SCARF-WOOL"

    def _buys(self, name: str, sku: str) -> None:
        shop = self.shops.shops[name]
        there = {shop.products[each].shown_sku.replace("_", "-").upper(): each for each in self.shops.sellable(name)}
        listing = there.get(sku)
        order = shop.sell(listing, self.chance.choice((1, 2, 2))) if listing is not None else None
        if order is not None:
            self.orders.append((name, order))

    def _receives(self, sku: str, units: int) -> None:
        stocked = next(row["Stocked"] for row in self.person.look("Item Master") if row["SKU"] == sku)
        self.types(Typing("Item Master", {"SKU": sku}, "Stocked", stocked + units))

    def types(self, *typed: Typing) -> None:
        """The person types, and saves."""
        self.person.save(typed)


def _workbook(path: Path, world: World) -> Person:
    items = pl.DataFrame(world.items, schema_overrides={"Stocked": pl.Int64}, infer_schema_length=None)
    path.write_bytes(make_starter(items))
    person = Person(path)
    for tab, rows in world.tabs.items():
        if tab != "Item Master":
            person.adds(tab, rows)
    return person


def play(folder: Path) -> Path:
    """Play it; the workbook as it stands afterwards. Times are told in UTC, wherever this runs."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    made = Fortnight(folder)
    asyncio.run(made.play())
    return made.path
