"""From a save of the workbook to the new quantity standing in every shop (DESIGN section 11: p95 <= 5 s).

    python benchmarks/save_to_confirmed.py --items 1000 --edits 20

The demo's world: two practice shops over loopback HTTP, a real .xlsx, real folder events, the whole agent. Each edit
types another Stocked for one item that both shops list, saves by rename, and waits until both shops show it. Half of
the edits raise (a fresh read and the orders come first), half lower. The alternative in the same run: the channel's own
rhythm, that is, how long an edit would wait on average if saves did not wake the agent (half of the poll).
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import tempfile
import time
from collections import deque
from pathlib import Path

import polars as pl

from agent import app, loop
from agent.channels.woocommerce import CAN
from agent.deciding.decide import Decision
from agent.demo import place, shops, world
from agent.practice.person import Person, Typing


async def until(holds: object, seconds: float) -> float:
    """Wait until `holds()`; gives the seconds it took."""
    start = time.perf_counter()
    while not holds():  # type: ignore[operator]
        if time.perf_counter() - start > seconds:
            raise TimeoutError
        await asyncio.sleep(0.02)
    return time.perf_counter() - start


async def measure(items: int, edits: int) -> list[float]:
    """Seconds from save to both shops, one an edit."""
    made = world.make(items)
    both = shops.make(made)
    await both.open()
    heard: deque[Decision] = deque(maxlen=1)
    with tempfile.TemporaryDirectory() as folder:
        settings = place.make(Path(folder), made, both)
        person, stop = Person(Path(settings.workbook)), asyncio.Event()
        agent = app.build(settings)
        running = asyncio.create_task(loop.run(agent, stop, heard.append))
        try:
            begin = time.perf_counter()
            await until(lambda: len([r for r in person.look("Attention") if r["Answers"] == "yes"]) == 2, 1800)
            print(f"{items:,} items: first plans asked after {time.perf_counter() - begin:.0f} s")
            person.save(Typing("Attention", {"Id": r["Id"]}, "Answer", "yes") for r in person.look("Attention"))
            await until(lambda: settled(heard), 1800)
            print(f"both shops live and in sync after {time.perf_counter() - begin:.0f} s")
            return [await edit(agent, person, both, heard, number) for number in range(edits)]
        finally:
            stop.set()
            await running
            await both.close()


def settled(heard: deque[Decision]) -> bool:
    """Every live listing is in sync."""
    if not heard:
        return False
    plan = heard[-1].plan.filter(pl.col("parked").is_null())
    return plan.height > 0 and (plan["reason"] == "in_sync").all()


async def edit(agent: object, person: Person, both: shops.Shops, heard: deque[Decision], number: int) -> float:
    """One edit of an item that both shops list."""
    plan = heard[-1].plan.filter(pl.col("parked").is_null() & (pl.col("reason") == "in_sync"))
    pairs = (
        plan.group_by("sku")
        .agg(pl.col("channel").n_unique().alias("shops"), pl.len())
        .filter((pl.col("shops") == 2) & (pl.col("len") == 2))
    )
    sku = pairs.sort("sku")["sku"][number * 37 % pairs.height]
    now = next(r["Stocked"] for r in person.look("Item Master") if r["SKU"] == sku)
    value = int(now) + (9 if number % 2 else -5) if int(now) > 8 else int(now) + 9
    person.types("Item Master", {"SKU": sku}, "Stocked", value)
    before = {name: both.shown(name, listing_of(plan, name, sku)) for name in both.shops}
    took = await until(
        lambda: all(both.shown(name, listing_of(plan, name, sku)) != shown for name, shown in before.items()), 120
    )
    await asyncio.sleep(2.5)  # let the workbook be written, as it would be between two edits of a person
    await until(lambda: settled(heard), 120)
    return took


def listing_of(plan: pl.DataFrame, name: str, sku: str) -> str:
    """The listing of an item in one shop."""
    return str(plan.filter((pl.col("channel") == name) & (pl.col("sku") == sku))["listing"][0])


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--items", type=int, default=1000)
    reader.add_argument("--edits", type=int, default=20)
    chosen = reader.parse_args()
    took = sorted(asyncio.run(measure(chosen.items, chosen.edits)))
    p95 = took[min(len(took) - 1, round(0.95 * len(took)))]
    median = statistics.median(took)
    print(f"save to both shops: median {median:.2f} s, p95 {p95:.2f} s, longest {took[-1]:.2f} s ({len(took)} edits)")
    print(f"waiting for the {CAN.poll:.0f} s poll instead would add {CAN.poll / 2 / median:.1f} times that on average")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB, practice shops included")


if __name__ == "__main__":
    main()
