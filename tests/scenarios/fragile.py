"""A stage whose agent lives on a computer that can crash at any await, and whose disk can be full."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from random import Random
from typing import Any

from agent import cycle as agent_cycle
from agent.act import recover
from agent.channels.http import Ports
from agent.channels.woocommerce import connect
from agent.practice.woocommerce import transport
from agent.state import Agent
from agent.store import Store
from tests.scenarios.stage import POLL, SHOPS, Stage
from tests.world.computer import Book, Connection, Disk, Life, Line
from tests.world.timeline import OWNER, VirtualLoop


class Fragile(Stage):
    """A stage whose agent lives on a computer that crashes at a given await."""

    sent: int
    given_up: int

    def __init__(self, loop: VirtualLoop) -> None:
        self.computer = Disk()
        self.life = self._new_life(1, loop)
        super().__init__(loop)
        self.disk = self.computer.real

    def _new_agent(self, **places: str) -> Agent:
        if hasattr(self, "agent"):
            self.life = self._new_life(self.life.number + 1, self.loop)
        connection: Any = Connection(self.computer, self.life, lambda: None)
        book = Book(self.book, self.life, Random(1), lambda *_: None)
        channels = {name: self._channel(name, None) for name in SHOPS}
        return Agent(self.clock, Store(":memory:", connection), book, channels, self.rng, poll=POLL)

    def _new_life(self, number: int, loop: VirtualLoop) -> Life:
        """Before and after each call of a port it can end, too."""

        def point(_: str) -> bool:
            loop.step(number)
            return False

        return Life(number, point, loop)

    def _channel(self, name: str, place: str | None) -> Any:
        line = Line(transport(self.shops[name]), self.life, Random(2), lambda _: None, lambda *_: None)
        key, secret = self.keys[name]
        settings = {"url": f"https://{name}.example.com", "consumer_key": key, "consumer_secret": secret}
        return connect(name, settings, Ports(self.clock, self.rng, line))

    async def looks(self, crash_at: int | None = None) -> bool:
        """One cycle as a life of its own tasks. True: it came to its end, and was not cut off."""
        context = copy_context()
        context.run(OWNER.set, self.life.number)
        self.loop.crash_at(self.life.number, crash_at, self._crash)
        task = self.loop.create_task(agent_cycle.cycle(self.agent), context=context)
        await asyncio.wait([task])
        if self.life.alive:
            task.result()
            return True
        return False

    def _crash(self) -> None:
        self.computer.crash()
        self.life.end()

    async def begins_anew(self) -> None:
        """The computer is switched on again."""
        await asyncio.sleep(POLL)
        self.agent = self._new_agent()
        recover(self.agent)
