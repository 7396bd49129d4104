"""The live demo: the real agent, two practice shops where somebody buys now and then, and a person at the workbook."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import polars as pl

from agent import app, loop
from agent.config import Settings
from agent.deciding.decide import Decision
from agent.demo.customers import Customers
from agent.demo.shops import Shops
from agent.demo.world import WEB
from agent.ports import SystemClock
from agent.practice.person import Person, Typing
from agent.state import Agent
from agent.words import in_words

if TYPE_CHECKING:
    from agent.demo.google import AtSheet

FIRST, SHORTEST, LONGEST = 4.0, 6.0, 14.0
"""Seconds until the first customer comes, and between two of them."""
Say = Callable[[str, str], None]
"""(sign, sentence)."""
Tell = Callable[[Agent, Decision], None]


class Live:
    """One run of the live demo. `yes`: the first plan is approved without waiting for the person."""

    def __init__(
        self,
        settings: Settings,
        shops: Shops,
        say: Say,
        tell: Tell,
        *,
        yes: bool,
        seed: int,
        sheet: AtSheet | None = None,
    ) -> None:
        self._settings, self._shops, self._say, self._tell, self._yes = settings, shops, say, tell, yes
        self._customers, self._chance = Customers(shops, Random(seed)), Random(seed + 1)
        self._person = sheet or Person(Path(settings.workbook))
        self._name = sheet.name if sheet else Path(settings.workbook)
        self._asked: set[str] = set()
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
        waiting = set(decision.plan.filter(pl.col("reason") == "not_live_yet")["channel"].to_list())
        if waiting - self._asked:
            self._ask(first=not self._asked)
            self._asked |= waiting
        live = agent.store.table("channel").filter(pl.col("live")).height
        if live == len(self._shops.shops) and not self._is_live.is_set():
            self._is_live.set()
            file = getattr(self._name, "name", self._name)
            self._say("note", in_words("live.both_shops_live_now", file=file))

    # --- the first plan

    def _ask(self, *, first: bool) -> None:
        if self._yes:
            self._approve()
        elif first:
            words = in_words("live.nothing_pushed_yet_you", file=self._name)
            self._say("fix", words + self._offer())

    def _offer(self) -> str:
        """Where somebody sits at the keyboard, Enter is enough."""
        if sys.stdin is None or not sys.stdin.isatty():
            return ""
        running = asyncio.get_running_loop()
        threading.Thread(target=self._wait_for_enter, args=(running,), daemon=True).start()
        return f" {in_words('live.or_press_enter')}"

    def _wait_for_enter(self, running: asyncio.AbstractEventLoop) -> None:
        while sys.stdin.readline():
            with contextlib.suppress(RuntimeError):  # the demo has ended
                running.call_soon_threadsafe(self._approve)

    def _approve(self) -> None:
        rows = [row for row in self._person.look("Attention") if row["Answers"] == "yes" and not row["Answer"]]
        if not rows:
            return
        try:
            self._person.save(Typing("Attention", {"Id": row["Id"]}, "Answer", "yes") for row in rows)
        except OSError:
            self._say("fix", in_words("live.workbook_held_by_another"))
            return
        self._say("note", in_words("live.typed_yes_attention_for", rows=", ".join(str(row["Id"]) for row in rows)))

    # --- customers

    async def _sell(self) -> None:
        await self._is_live.wait()
        await SystemClock().sleep(FIRST)
        happened: str | None = self._customers.buy(
            WEB, "MUG-WHITE", 2
        )  # two listings, the outlet and two sets draw on it
        while True:
            if happened:
                self._say("note", happened)
            await SystemClock().sleep(self._chance.uniform(SHORTEST, LONGEST))
            happened = self._customers.act()
