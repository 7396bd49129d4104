"""From Enter in *Counted* of a Google Sheet until the shops show it, and the sheet says so (DESIGN 11: p95 <= 16 s).

    python benchmarks/edit_to_confirmed.py --edits 100

The simulation's world in virtual time, so that an hour of edits takes a minute: two practice shops, the practice Google
with its quota of 60 reads and 60 writes a minute, the whole agent in its usual rhythm. Every call takes its time (0.04
to 0.8 s to a shop, 0.04 to 0.6 s to Google), and Drive tells of an edit at once or minutes late (`--lag`). Each edit is
a count of one item that both shops list, half of them more than before, half less. What is measured is the time until

* both shops show it;
* the tab *Listings* says `in sync` at that number for both: the shop itself was read, and the sheet was written.

The computer's own seconds are not in it (see google_sheet.py for those).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

os.environ.setdefault("POLARS_MAX_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

from agent.practice.google.faults import Faults
from tests.world.run import World, _watched
from tests.world.sheet_book import SheetBook
from tests.world.sheet_line import SheetLife
from tests.world.stage import Size
from tests.world.timeline import VirtualLoop

CALM = Size(orders=1, minds=0, packings=0, actions=0, episodes=0, crashes=0, edits=0)
ITEMS = ("CUP-1", "CUP-2", "TEE-L")
"""Without a rule: what is counted is what both shops show."""
GIVEN_UP = 600.0


class Bench:
    """One world, live, in which a person counts."""

    def __init__(self, virtual: VirtualLoop, lag: float) -> None:
        self.world = World(1, virtual, CALM, None, (), google=True)
        assert isinstance(self.world.book, SheetBook)
        self.book, self.rng, self.lag = self.world.book, Random(1), lag

    async def run(self, edits: int) -> list[tuple[float, float]]:
        """(seconds until the shops, seconds until the sheet), one an edit."""
        world = self.world
        world.poll, self.book.look = 10.0, 10.0
        SheetLife.dawdles = (0.0,)
        self.book.google.faults = Faults(reads_a_minute=60, writes_a_minute=60, drive_lag=self.lag)
        world.boot()
        await world._first_plan()
        world.calm = True
        await asyncio.sleep(600)
        return [await self.edit() for _ in range(edits)]

    async def edit(self) -> tuple[float, float]:
        """One count."""
        await asyncio.sleep(self.rng.uniform(20, 240))
        sku, now = self.rng.choice(ITEMS), self.world.loop.time()
        before = self.book.cell("Item Master", sku, "Stocked")
        value = self.rng.choice([n for n in range(12, 60) if n != before])
        self.book.type_cell("Item Master", sku, "Stocked", value)
        self.book.save()
        item = self.world.books.items[sku]
        item.shelf = item.told = value
        self.world.changed(f"person: {sku} = {value}")
        opened = self.world.books.open(sku)
        listings = [each for each in self.world.books.listings.values() if each.sku == sku and each.units == 1]
        wanted = value - opened
        await self.until(lambda: all(self.shown(each.channel, each.id) == wanted for each in listings))
        shops = self.world.loop.time() - now
        await self.until(lambda: all(self.told(each.channel, each.id, wanted) for each in listings))
        return shops, self.world.loop.time() - now

    def shown(self, channel: str, product: int) -> int | None:
        return self.world.shops[channel].quantity(product)

    def told(self, channel: str, product: int, wanted: int) -> bool:
        """The row of the listing says that the shop has it."""
        shown = self.book.shown("Listings")
        assert shown is not None
        return any(
            (shown.value(row, "Channel"), str(shown.value(row, "Listing"))) == (channel, str(product))
            and shown.value(row, "Confirmed") == wanted
            and shown.value(row, "Status") == "in sync"
            for row in shown.rows()
        )

    async def until(self, holds: Callable[[], bool]) -> None:
        ends = self.world.loop.time() + GIVEN_UP
        while not holds():
            if self.world.loop.time() > ends:
                raise TimeoutError("\n".join(self.world.trace[-30:]))
            await asyncio.sleep(0.1)


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--edits", type=int, default=100)
    reader.add_argument("--lag", type=float, default=60.0, help="seconds until Drive tells of an edit")
    chosen = reader.parse_args()
    virtual = VirtualLoop()
    asyncio.set_event_loop(virtual)
    bench = Bench(virtual, chosen.lag)
    began = time.process_time()
    with _watched(bench.world):
        took = virtual.run_until_complete(bench.run(chosen.edits))
    for name, found in (("both shops show it", 0), ("the sheet says so", 1)):
        ordered = sorted(each[found] for each in took)
        p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
        half = statistics.median(ordered)
        print(f"Enter until {name}: p50 {half:.1f} s, p95 {p95:.1f} s, longest {ordered[-1]:.1f} s")
    bad, spent, hours = len(bench.world.violations), time.process_time() - began, virtual.time() / 3600
    print(f"{len(took)} edits in {hours:.1f} virtual hours, {bad} violations, {spent:.0f} s of CPU")


if __name__ == "__main__":
    main()
