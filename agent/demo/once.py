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
from agent.deciding.decide import Decision
from agent.demo.proof import Books, wrong
from agent.demo.shops import Shops
from agent.demo.world import OUTLET, WEB, World
from agent.ports import SystemClock
from agent.practice.person import Person, Typing
from agent.words import in_words

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
        self.say(in_words("once.read_both_shops_listings", linked=decision.targets.height, waiting=waiting))
        plan = decision.plan.filter(pl.col("reason") == "not_live_yet")
        down = plan.filter(pl.col("target") < pl.col("shown")).height
        up = plan.filter(pl.col("target") > pl.col("shown")).height
        self.say(in_words("once.first_plan_down_up", down=down, up=up, same=plan.height - down - up))

    async def _approve(self) -> None:
        answers = [Typing("Attention", {"Id": row["Id"]}, "Answer", "yes") for row in self._questions()]
        self.workbook.save(answers)
        await self._until(self._wrong)
        self.say(in_words("once.typed_yes_attention_listings", count=self._live().height))

    async def _sell(self, name: str, sku: str, parts: dict[str, int], units: int) -> int:
        order = self.shops.shops[name].sell(self.shops.listing(name, sku), units)
        if order is None:
            raise WentWrong(in_words("once.could_not_sell_x", name=name, units=units, sku=sku))
        self.books.sold(parts)
        await self._until(self._wrong)
        self.say(in_words("once.sold_x_every_listing", units=units, sku=sku, name=name))
        return order

    async def _edit(self, sku: str, more: int) -> None:
        was = self.books.stocked[sku]
        self.workbook.types("Item Master", {"SKU": sku}, "Stocked", was + more)
        self.books.stocked[sku] = was + more
        if self.typed is not None:
            self.typed[sku] = was + more
        await self._until(self._wrong)
        self.say(in_words("once.typed_over_as_stocked", value=was + more, was=was, sku=sku))

    async def _ship(self, order: int, parts: dict[str, int]) -> None:
        self.shops.shops[WEB].set_status(order, "completed")
        self.books.shipped(parts)
        await self._until(self._wrong)
        self.say(in_words("once.order_marked_shipped_stocked", order=order))

    async def _restart(self) -> None:
        await self.stop()
        self.shops.shops[OUTLET].sell(self.shops.listing(OUTLET, "SCARF-WOOL"), 2)
        self.books.sold({"SCARF-WOOL": 2})
        self.start()
        await self._until(self._wrong)
        self.say(in_words("once.ended_agent_sold_x"))

    # --- looking

    def _questions(self) -> list[dict[str, object]]:
        return [row for row in self.workbook.look("Attention") if row["Answers"] == "yes"]

    def _unasked(self) -> list[str]:
        asked = len(self._questions()) == len(self.shops.shops)
        return [] if asked and self.decision is not None else [in_words("once.first_plans_do_not")]

    def _decided(self) -> Decision:
        if self.decision is None:
            raise WentWrong(in_words("once.agent_decided_nothing_yet"))
        return self.decision

    def _live(self) -> pl.DataFrame:
        return self._decided().targets.filter(pl.col("parked").is_null()).select("channel", "listing")

    def _wrong(self) -> list[str]:
        if self.decision is None or self._live().is_empty():
            return [in_words("once.nothing_live_yet")]
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
