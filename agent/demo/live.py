"""The live demo: the real agent, two practice shops where somebody buys now and then, and a person at the workbook."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random

import polars as pl

from agent import app, loop
from agent.config import Settings
from agent.decide import Decision
from agent.demo.customers import Customers
from agent.demo.shops import Shops
from agent.practice.person import Person, Typing
from agent.state import Agent

FIRST, SHORTEST, LONGEST = 4.0, 6.0, 14.0
"""Seconds until the first customer comes, and between two of them."""
Say = Callable[[str, str], None]
"""(sign, sentence)."""
Tell = Callable[[Agent, Decision], None]


class Live:
    """One run of the live demo. `yes`: the first plan is approved without waiting for the person."""

    def __init__(self, settings: Settings, shops: Shops, say: Say, tell: Tell, *, yes: bool, seed: int) -> None:
        self._settings, self._shops, self._say, self._tell, self._yes = settings, shops, say, tell, yes
        self._customers, self._chance = Customers(shops, Random(seed)), Random(seed + 1)
        self._person = Person(Path(settings.workbook))
        self._asked = self._told_live = False
        self._is_live = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set."""
        agent = app.build(self._settings)
        others = [asyncio.create_task(self._sell())]
        try:
            await loop.run(agent, stop, lambda decision: self._heard(agent, decision))
        finally:
            for task in others:
                task.cancel()
            for task in others:
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    def _heard(self, agent: Agent, decision: Decision) -> None:
        self._tell(agent, decision)
        waiting = decision.plan.filter(pl.col("reason") == "not_live_yet").height
        if waiting and not self._asked:
            self._asked = True
            self._ask()
        if not waiting and decision.plan.height and not self._told_live:
            self._told_live = True
            self._is_live.set()
            self._say(
                "note",
                f"Both shops are live now. Open {self._person.file.name}, change a Stocked number, save, and watch.",
            )

    # --- the first plan

    def _ask(self) -> None:
        if self._yes:
            self._approve()
            return
        words = (
            f"Nothing was pushed yet: you approve each shop's first plan. Open {self._person.file}, look at the tab "
            "Listings, then type yes in the column Answer of the tab Attention (in both rows), and save."
        )
        if sys.stdin is not None and sys.stdin.isatty():
            words += " Or press Enter here: then I type it for you."
            running = asyncio.get_running_loop()
            threading.Thread(target=self._wait_for_enter, args=(running,), daemon=True).start()
        self._say("fix", words)

    def _wait_for_enter(self, running: asyncio.AbstractEventLoop) -> None:
        if sys.stdin.readline():
            with contextlib.suppress(RuntimeError):  # the demo has ended
                running.call_soon_threadsafe(self._approve)

    def _approve(self) -> None:
        rows = [row for row in self._person.look("Attention") if row["Answers"] == "yes" and not row["Answer"]]
        try:
            self._person.save(Typing("Attention", {"Id": row["Id"]}, "Answer", "yes") for row in rows)
        except OSError:
            self._say("fix", "The workbook is held by another program. Type yes there, in the tab Attention.")
            return
        self._say("note", f"Typed yes in Attention for you ({', '.join(str(row['Id']) for row in rows)}).")

    # --- customers

    async def _sell(self) -> None:
        await self._is_live.wait()
        await asyncio.sleep(FIRST)
        while True:
            happened = self._customers.act()
            if happened:
                self._say("note", happened)
            await asyncio.sleep(self._chance.uniform(SHORTEST, LONGEST))
