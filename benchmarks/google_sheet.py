"""A Google Sheet at scale: calls, bytes, seconds and memory of a quiet minute, one sale, one edit, a full rewrite.

    python benchmarks/google_sheet.py [ITEMS] [LISTINGS]

The practice Google stands in this process; its own seconds are taken out (`google`), so that what is shown is ours.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random
from typing import Any

import google.oauth2.credentials
import polars as pl

from agent.core.report import shaped
from agent.frames import MIRROR, empty
from agent.ports import SystemClock
from agent.practice.google import AGENT, SELLER, Google, Request, Response, handle
from agent.practice.google.values import enter
from agent.practice.in_process import InProcess
from agent.workbooks.base import Mark, Snapshot
from agent.workbooks.google import GoogleWorkbook, Session
from agent.workbooks.google.setup import set_up
from agent.workbooks.tabs import BY_NAME


class Meter:
    """Counts what goes over the line."""

    def __init__(self, google_: Google) -> None:
        self.google = google_
        self.forget()

    def forget(self) -> None:
        self.calls, self.sent, self.got, self.theirs = 0, 0, 0, 0.0

    def handle(self, request: Request) -> Response:
        began = time.process_time()
        answer = handle(self.google, request)
        self.theirs += time.process_time() - began
        self.calls += 1
        self.sent += len(request.body)
        self.got += len(answer.body)
        return answer


class Bench:
    """One sheet with items and listings, and an agent's workbook on it."""

    def __init__(self, items: int, listings: int) -> None:
        self.items, self.count = items, listings
        self.google = Google(rng=Random(1))
        self.book = self.google.new_book("Stock", share={AGENT: "writer"})
        self.meter = Meter(self.google)
        session = Session(transport=InProcess(self.meter.handle))
        session.credentials = google.oauth2.credentials.Credentials(self.google.accept("practice", AGENT))
        self.agents = GoogleWorkbook(self.book.id, session, SystemClock(), zone=dt.UTC, settle=0.0)
        self.generation = 0

    def frames(self, sold: int = 0) -> dict[str, pl.DataFrame]:
        n = pl.int_range(0, self.count, eager=True)
        target = pl.Series("Target", [5 - (i < sold) for i in range(self.count)])
        rows = pl.DataFrame({"Listing": n.cast(pl.String), "SKU": (n % self.items).cast(pl.String), "Target": target})
        now = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
        rows = rows.with_columns(
            Channel=pl.lit("my-shop"), Title=pl.format("Title of the product {}", "Listing"), Units=1,
            Since=pl.lit(now), Status=pl.lit("in sync"),
            Why=pl.format("20 stocked - 5 allocated = 15 -> max {} = {}", "Target", "Target"),
        ).with_columns(pl.col("Target").alias("Shows now"), pl.col("Target").alias("Confirmed"))  # fmt: skip
        levels = pl.DataFrame({"SKU": [f"SKU-{i}" for i in range(self.items)]}).with_columns(
            Title=pl.format("Title of {}", "SKU"), Stocked=20, Allocated=5, Available=15, Shown=pl.lit("5 + 5"),
            Status=pl.lit("in sync"),
        )  # fmt: skip
        return {
            "Listings": shaped(BY_NAME["Listings"], rows),
            "Stock Levels": shaped(BY_NAME["Stock Levels"], levels),
        }

    async def fill(self) -> None:
        rows = [
            {"SKU": f"SKU-{i}", "Title": f"Title of the product {i}", "Stocked": 20, "Barcode": f"{4000000000000 + i}"}
            for i in range(self.items)
        ]
        await set_up(self.agents.calls, items=rows[:100])
        tab = self.book.titled("Item Master")
        assert tab is not None
        self.book.resize(tab, self.items + 50, tab.column_count)
        for at, row in enumerate(rows[100:], 101):
            for column, value in zip((0, 1, 2, 3), row.values(), strict=True):
                enter(self.book, tab, at, column, value, "RAW")

    async def write(self, sold: int = 0) -> None:
        seen = await self.agents.read()
        self.generation += 1
        mark = Mark("bench", self.generation)
        written = await self.agents.write(self.frames(sold), empty(MIRROR), mark, seen)
        assert written.outcome in ("written", "unchanged"), written

    async def measure(self, name: str, work: Callable[[], Awaitable[Any]]) -> None:
        self.meter.forget()
        began = time.process_time()
        await work()
        ours = time.process_time() - began - self.meter.theirs
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        m = self.meter
        sys.stdout.write(
            f"{name:34} {m.calls:4} calls {m.sent / 1e6:8.2f} MB sent {m.got / 1e6:8.2f} MB got {ours:7.2f} s ours "
            f"{m.theirs:7.2f} s google {memory:7.0f} MB peak, both\n"
        )
        sys.stdout.flush()

    async def run(self) -> None:
        await self.measure("filling the sheet", self.fill)
        await self.measure("first read", self.agents.read)
        await self.measure("first write, all rows", self.write)
        self.agents._watching = True  # looked at as while it runs: by glances
        await self.agents.revision()
        seen = self.agents._look_of()
        await self.measure("a glance", partial(self.agents._eyes.differs_at_a_glance, seen))
        await self.measure("a look at all tabs", partial(self.agents._eyes.whole, seen))
        self.agents._watching = False
        await self.measure("one sale (1 listing)", partial(self.write, 1))
        tab = self.book.titled("Item Master")
        assert tab is not None
        enter(self.book, tab, 5, 2, 21, "RAW")
        self.google.changed(self.google.files[self.book.id], SELLER)
        reads: list[Snapshot] = []

        async def edit() -> None:
            reads.append(await self.agents.read())

        await self.measure("one edit, until it is read", edit)
        assert reads[0].tabs["Item Master"]["Stocked"][4] == "21"
        await self.measure("every listing changes", partial(self.write, self.count))


if __name__ == "__main__":
    sizes = [int(text) for text in sys.argv[1:]] or [20_000, 60_000]
    asyncio.run(Bench(*sizes).run())
