"""How often the brake holds what a seller meant, and how often it catches what was a slip (DESIGN sections 8 and 11).

    python -m benchmarks.false_holds --days 200

Made-up sellers work in an in-memory workbook for so many days: deliveries, stock-takes, sold-outs, new collections,
sorting, renaming. Each save goes through the real acceptance path (check, brake, ledger, store, Attention). Then the
same sellers make each known slip. Goals: at most 1 false hold in 200 seller-days, at most 3 new rows of Attention a
day.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import polars as pl

from agent.asking import questions
from agent.cycle import cycle
from agent.state import Agent
from agent.store import Store
from agent.workbooks.memory import MemoryWorkbook
from tests.world.timeline import VirtualClock, VirtualLoop

DAYS_EACH = 5
"""A seller's working days before the next seller."""
HOLDS = ("brake", "older_copy")


@dataclass
class Told:
    """What was counted."""

    days: int = 0
    saves: int = 0
    holds: Counter[str] = field(default_factory=Counter)
    """`work: pattern` of each question that an honest save raised."""
    rows: int = 0
    """New rows of Attention on honest days."""
    tried: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)


class Seller:
    """Someone with a workbook, and the agent on it. `rows`: (SKU, title, stocked) as they stand in the sheet."""

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        self.chance = random.Random(seed)
        self.clock = VirtualClock(loop)
        count, usual = self.chance.choice([40, 80, 150, 400]), self.chance.choice([4, 12, 40])
        self.rows: list[list[object]] = [
            [f"{self.chance.choice('ABCDEFG')}{n:04}", f"Thing {n}", self.some(usual)] for n in range(count)
        ]
        self.usual, self.made = usual, count
        self.header = ["SKU", "Title", "Stocked"]
        content = [dict(zip(self.header, row, strict=True)) for row in self.rows]
        self.book = MemoryWorkbook(self.clock, {"Item Master": content})
        self.agent = Agent(self.clock, Store(":memory:"), self.book, {}, random.Random(seed), poll=10.0)

    def some(self, usual: float) -> int:
        """A number on the shelf: mostly small, sometimes many, now and then none."""
        return 0 if self.chance.random() < 0.05 else max(1, round(self.chance.lognormvariate(0, 0.9) * usual))

    def picks(self, count: int) -> list[list[object]]:
        return self.chance.sample(self.rows, min(count, len(self.rows)))

    def shelf(self, count: int) -> list[list[object]]:
        """Rows one below the other."""
        at = self.chance.randrange(max(1, len(self.rows) - count))
        return self.rows[at : at + count]

    async def saves(self) -> set[str]:
        """Save, let the agent look twice, and give the patterns of the questions that are open then."""
        sheet = self.book.saved.sheets["Item Master"]
        rows = tuple((*row, *([None] * (len(self.header) - len(row)))) for row in self.rows)
        self.book.replace_sheet("Item Master", replace(sheet, header=tuple(self.header), rows=rows))
        self.book.save()
        for _ in range(2):
            await asyncio.sleep(60)
            await cycle(self.agent)
        open_now = questions.open_questions(self.agent.store).filter(pl.col("kind").is_in(HOLDS))
        verdict = self.agent.sheet.verdict if self.agent.sheet else None
        return set(open_now["key"].to_list()) | ({verdict} if verdict else set())

    async def puts_right(self, before: list[list[object]]) -> None:
        """Undo what was held, so that the next day begins well."""
        self.rows = before
        self.header = ["SKU", "Title", "Stocked"]
        await self.saves()

    def attention(self) -> int:
        """How many rows of Attention were ever told."""
        store = self.agent.store
        return int(str(store.meta("notice", 0))) + int(str(store.meta("question", 0)))


def units(row: list[object]) -> int:
    return int(str(row[2] or 0))


# --- honest work


def sold_by_hand(seller: Seller) -> None:
    for row in seller.picks(seller.chance.randint(1, 6)):
        row[2] = max(0, units(row) - seller.chance.randint(1, 3))


def delivery(seller: Seller) -> None:
    """What ran low comes in, in packs of about what the shop holds of a thing."""
    pack = max(1, round(seller.usual * seller.chance.choice([0.5, 1, 1.5])))
    for row in sorted(seller.picks(len(seller.rows) // 3), key=units)[: seller.chance.randint(3, 30)]:
        row[2] = units(row) + pack


def stock_take(seller: Seller) -> None:
    for row in seller.shelf(seller.chance.randint(20, 60)):
        if seller.chance.random() < 0.6:
            row[2] = max(0, units(row) + seller.chance.choice([-3, -2, -1, -1, -1, 1, 1, 2]))


def sold_out_at_a_market(seller: Seller) -> None:
    places = sorted(seller.chance.sample(range(len(seller.rows)), 12))
    apart = [at for at, below in pairwise([*places, len(seller.rows) + 9]) if below - at > 1]
    for at in apart[:6]:
        seller.rows[at][2] = 0


def new_collection(seller: Seller) -> None:
    for _ in range(seller.chance.choice([8, 30, 200])):
        seller.made += 1
        seller.rows.append([f"N{seller.made:04}", f"New {seller.made}", seller.some(seller.usual)])


def sorts_the_table(seller: Seller) -> None:
    column = seller.chance.randrange(3)
    seller.rows.sort(key=lambda row: (str(row[column]).zfill(6), str(row[0])), reverse=seller.chance.random() < 0.5)


def retitles(seller: Seller) -> None:
    for row in seller.picks(30):
        row[1] = f"{row[1]}, new"


def renames_the_column(seller: Seller) -> None:
    seller.header[2] = {"Stocked": "On hand", "On hand": "Qty"}.get(seller.header[2], "Stocked")


def adds_a_price_column(seller: Seller) -> None:
    if len(seller.header) < 5:
        seller.header.append(f"Price {len(seller.header)}")
    for row in seller.rows:
        row[3:] = [round(seller.chance.uniform(2, 90), 2)] * (len(seller.header) - 3)


def discontinues(seller: Seller) -> None:
    for row in seller.picks(seller.chance.randint(1, 2)):
        seller.rows.remove(row)


def restocks_the_empty(seller: Seller) -> None:
    for row in seller.rows:
        if units(row) == 0 and seller.chance.random() < 0.7:
            row[2] = seller.some(seller.usual)


def types_and_corrects(seller: Seller) -> None:
    (row,) = seller.picks(1)
    row[2] = units(row) + 1


HONEST: dict[Callable[[Seller], None], int] = {
    sold_by_hand: 30, types_and_corrects: 10, delivery: 15, stock_take: 8, sold_out_at_a_market: 4, new_collection: 2,
    sorts_the_table: 6, retitles: 4, renames_the_column: 1, adds_a_price_column: 1, discontinues: 2,
    restocks_the_empty: 5,
}  # fmt: skip
"""What people do in an ordinary week, and how often."""


# --- slips


def numbers(seller: Seller, values: list[object]) -> None:
    for row, value in zip(seller.rows, values, strict=True):
        row[2] = value


def one_column_sorted_alone(seller: Seller) -> None:
    numbers(seller, sorted((row[2] for row in seller.rows), key=lambda value: int(str(value or 0))))


def shifted_by_a_paste(seller: Seller) -> None:
    values = [row[2] for row in seller.rows]
    at = seller.chance.randrange(len(values) // 2)
    numbers(seller, [*values[:at], values[at], *values[at:-1]])


def zeros_filled_down(seller: Seller) -> None:
    for row in seller.shelf(12):
        row[2] = 0


def filled_down(seller: Seller) -> None:
    shelf = seller.shelf(13)
    for row in shelf[1:]:
        row[2] = shelf[0][2]


def units_times_twelve(seller: Seller) -> None:
    for row in seller.rows:
        row[2] = units(row) * 12


def half_the_rows_gone(seller: Seller) -> None:
    del seller.rows[len(seller.rows) // 2 :]


def prices_pasted_over_stocked(seller: Seller) -> None:
    for row in seller.rows:
        row[2] = seller.chance.randint(5, 90) * 100 - 1


def a_number_too_many_digits(seller: Seller) -> None:
    row = max(seller.rows, key=units)
    row[2] = units(row) * 1000


def stocked_cleared(seller: Seller) -> None:
    for row in seller.shelf(max(6, len(seller.rows) // 10)):
        row[2] = None


SLIPS = (
    one_column_sorted_alone, shifted_by_a_paste, zeros_filled_down, filled_down, units_times_twelve, half_the_rows_gone,
    prices_pasted_over_stocked, a_number_too_many_digits, stocked_cleared,
)  # fmt: skip


# --- days


async def an_honest_day(seller: Seller, told: Told) -> None:
    """One to five saves, each with one kind of work."""
    before = seller.attention()
    for _ in range(seller.chance.randint(1, 5)):
        (work,) = seller.chance.choices(list(HONEST), list(HONEST.values()))
        rows = [list(row) for row in seller.rows]
        work(seller)
        told.saves += 1
        held = await seller.saves()
        told.holds.update(f"{work.__name__}: {pattern}" for pattern in held)
        if held:
            await seller.puts_right(rows)
    told.days += 1
    told.rows += seller.attention() - before


async def every_slip(seller: Seller, told: Told) -> None:
    """Each slip once; undone after it."""
    seller.header = ["SKU", "Title", "Stocked"]
    seller.rows.sort(
        key=lambda row: str(row[0])
    )  # numbers in order could not be sorted alone, nor zeros be filled down
    for slip in SLIPS:
        rows = [row[:3] for row in seller.rows]
        slip(seller)
        told.tried[slip.__name__] += 1
        told.caught[slip.__name__] += bool(await seller.saves())
        await seller.puts_right(rows)
    saved = seller.book.saved
    seller.rows[0][2] = units(seller.rows[0]) + 1
    await seller.saves()
    seller.book.restore(saved)
    told.tried["an_older_copy_put_back"] += 1
    await asyncio.sleep(60)
    await cycle(seller.agent)
    assert seller.agent.sheet is not None
    told.caught["an_older_copy_put_back"] += seller.agent.sheet.verdict == "older_copy"


async def _week(seller: Seller, days: int, told: Told) -> None:
    assert not await seller.saves()
    for _ in range(days):
        await an_honest_day(seller, told)
        await asyncio.sleep(8 * 3600)
    await every_slip(seller, told)


def measure(days: int, seed: int = 1) -> Told:
    """So many seller-days, five a seller, and every slip once a seller."""
    told = Told()
    for number in range(0, days, DAYS_EACH):
        loop = VirtualLoop()
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(_week(Seller(seed * 1000 + number, loop), min(DAYS_EACH, days - number), told))
        finally:
            asyncio.set_event_loop(None)
            loop.close()
    return told


def table(told: Told) -> str:
    """One table."""
    lines = [
        f"seller-days                          {told.days:6}",
        f"saves                                {told.saves:6}",
        f"false holds                          {told.holds.total():6}   (goal: 1 in 200 seller-days)",
        *(f"    {what:33}{count:6}" for what, count in told.holds.most_common()),
        f"rows of Attention a day              {told.rows / max(1, told.days):6.2f}   (goal: 3)",
        *(f"caught: {slip.replace('_', ' '):29}{told.caught[slip]:6} of {tried}" for slip, tried in told.tried.items()),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(table(measure(chosen.days, chosen.seed)))
