"""The demo as a scripted round without a person: import, preview, approve, a sale, an edit, a shipment, a restart.

The same code as with real shops: the channel over HTTP, a real .xlsx on the disk, saves seen by watching the folder.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from agent import app, loop
from agent.config import Settings
from agent.decide import Decision
from agent.demo.proof import Books, wrong
from agent.demo.shops import Shops
from agent.demo.world import OUTLET, WEB, World
from agent.ports import SystemClock
from agent.practice.person import Person, Typing

if TYPE_CHECKING:
    from agent.demo.google import AtSheet

PATIENCE = 60.0
"""Seconds that one step may take; the big demo gets more."""
Say = Callable[[str], None]


class WentWrong(Exception):
    """A step did not end as it must."""


class Round:
    """One scripted round."""

    def __init__(self, settings: Settings, world: World, shops: Shops, say: Say, sheet: AtSheet | None = None) -> None:
        self.settings, self.shops, self.say = settings, shops, say
        self.books = Books.of(world)
        self.workbook = sheet or Person(Path(settings.workbook))
        self.typed = dict(self.books.stocked) if sheet is not None else None
        """What stands in the person's own column, where nothing is mirrored into it."""
        self.decision: Decision | None = None
        self.patience = PATIENCE + len(world.items) / 20
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def play(self) -> None:
        """All steps. Raises WentWrong."""
        try:
            await self._play()
        finally:
            await self.stop()

    async def _play(self) -> None:
        self.start()
        await self._first_look()
        await self._approve()
        order = await self._sell(WEB, "MUG-WHITE", {"MUG-WHITE": 3}, 3)
        await self._sell(WEB, "GIFT-SET", {"MUG-WHITE": 4, "BOX": 2}, 2)
        await self._edit("00123", 7)
        await self._ship(order, {"MUG-WHITE": 3})
        await self._restart()

    # --- the agent

    def start(self) -> None:
        """A new agent on whatever the data folder holds."""
        self.decision, self._stop = None, asyncio.Event()
        self._running = asyncio.create_task(loop.run(app.build(self.settings), self._stop, self._heard))

    async def stop(self) -> None:
        """End the agent as Ctrl-C does."""
        running, self._running = self._running, None
        if running is not None:
            self._stop.set()
            await running

    def _heard(self, decision: Decision) -> None:
        self.decision = decision

    # --- the steps

    async def _first_look(self) -> None:
        await self._until(self._unasked)
        decision = self._decided()
        waiting = decision.structure.matched.imports.height
        self.say(f"Read both shops: {decision.targets.height} listings are linked to items, {waiting} wait in Imports.")
        plan = decision.plan.filter(pl.col("reason") == "not_live_yet")
        down = plan.filter(pl.col("target") < pl.col("shown")).height
        up = plan.filter(pl.col("target") > pl.col("shown")).height
        self.say(f"First plan: {down} down, {up} up, {plan.height - down - up} right already. Nothing was pushed.")

    async def _approve(self) -> None:
        answers = [Typing("Attention", {"Id": row["Id"]}, "Answer", "yes") for row in self._questions()]
        self.workbook.save(answers)
        await self._until(self._wrong)
        self.say(f"Typed yes in Attention: {self._live().height} listings in two shops show their targets.")

    async def _sell(self, name: str, sku: str, parts: dict[str, int], units: int) -> int:
        order = self.shops.shops[name].sell(self.shops.listing(name, sku), units)
        if order is None:
            raise WentWrong(f"{name} could not sell {units} x {sku}")
        self.books.sold(parts)
        await self._until(self._wrong)
        self.say(f"Sold {units} x {sku} in {name}: every listing that draws on it was lowered in both shops.")
        return order

    async def _edit(self, sku: str, more: int) -> None:
        was = self.books.stocked[sku]
        self.workbook.types("Item Master", {"SKU": sku}, "Stocked", was + more)
        self.books.stocked[sku] = was + more
        if self.typed is not None:
            self.typed[sku] = was + more
        await self._until(self._wrong)
        self.say(f"Typed {was + more} over {was} as Stocked of {sku} and saved: both shops follow.")

    async def _ship(self, order: int, parts: dict[str, int]) -> None:
        self.shops.shops[WEB].set_status(order, "completed")
        self.books.shipped(parts)
        await self._until(self._wrong)
        column = "Stocked" if self.typed is None else "Stocked now"
        self.say(f"Order {order} was marked shipped: {column} counted itself down in the workbook, no shop changed.")

    async def _restart(self) -> None:
        await self.stop()
        self.shops.shops[OUTLET].sell(self.shops.listing(OUTLET, "SCARF-WOOL"), 2)
        self.books.sold({"SCARF-WOOL": 2})
        self.start()
        await self._until(self._wrong)
        self.say("Ended the agent, sold 2 x SCARF-WOOL meanwhile, began it again: it found the sale by itself.")

    # --- looking

    def _questions(self) -> list[dict[str, object]]:
        return [row for row in self.workbook.look("Attention") if row["Answers"] == "yes"]

    def _unasked(self) -> list[str]:
        asked = len(self._questions()) == len(self.shops.shops)
        return [] if asked and self.decision is not None else ["the first plans do not stand in Attention"]

    def _decided(self) -> Decision:
        if self.decision is None:
            raise WentWrong("the agent has decided nothing yet")
        return self.decision

    def _live(self) -> pl.DataFrame:
        return self._decided().targets.filter(pl.col("parked").is_null()).select("channel", "listing")

    def _wrong(self) -> list[str]:
        if self.decision is None or self._live().is_empty():
            return ["nothing is live yet"]
        return wrong(self.shops, self.workbook, self._live(), self.books, self.typed)

    async def _ask(self, problems: Callable[[], Sequence[str]]) -> Sequence[str]:
        """The practice Google is looked at from the thread in which it works."""
        return await asyncio.to_thread(problems) if self.typed is None else problems()

    async def _until(self, problems: Callable[[], Sequence[str]]) -> None:
        """Wait until nothing is wrong. Raises WentWrong."""
        found: Sequence[str] = ()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.patience):
                while found := await self._ask(problems):
                    if self._running is not None and self._running.done():
                        self._running.result()
                    await SystemClock().sleep(0.2)
                return
        raise WentWrong("; ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else ""))
