"""The seller's computer: the agent runs on it, and dies with it at any moment.

A crash is a `Killed` raised at a *point*: before and after each HTTP exchange, workbook call and commit. From then on
every port of that life is dead: whatever of the agent still runs can read and write nothing. What had left the computer
(a request on its way) goes on.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from contextvars import copy_context
from datetime import datetime
from random import Random
from typing import Any

import httpx
import polars as pl

from agent.workbooks.base import Mark, Snapshot, Written
from agent.workbooks.memory import MemoryWorkbook
from tests.world.timeline import OWNER, VirtualLoop

NO_ROOM = "database or disk is full"


def full(error: object) -> bool:
    """Whether this is what a full disk says."""
    return isinstance(error, sqlite3.OperationalError) and str(error) == NO_ROOM


class Killed(BaseException):
    """The computer has crashed. Not an Exception: nothing of the agent may catch it and go on."""


class Life:
    """One run of the agent, from its start to its crash."""

    def __init__(
        self, number: int, on_point: Callable[[str], bool], loop: VirtualLoop,
        disk_is_full: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        self.number = number
        self.disk_is_full = disk_is_full
        self.alive = True
        self._on_point = on_point
        self._loop = loop

    def point(self, name: str) -> None:
        """A place where the computer may crash. Raises Killed from the crash on."""
        if self.alive and self._on_point(name):
            self.end()
        self.check()

    def check(self) -> None:
        """Raises Killed if this life is over."""
        if not self.alive:
            raise Killed

    def end(self) -> None:
        """The crash. Tasks are let go of in the next step of the loop."""
        self.alive = False
        self._loop.call_soon(self._bury)

    def _bury(self) -> None:
        for task in list(self._loop.tasks_of.get(self.number, ())):
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            task.cancel()


class Disk:
    """The store's connection: survives a crash, an open transaction does not."""

    def __init__(self) -> None:
        self.real = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.commits = 0
        self.full = False

    def crash(self) -> None:
        if self.real.in_transaction:
            self.real.execute("ROLLBACK")

    def rows(self, sql: str, *values: object) -> list[Any]:
        """For the world's own eyes; no rows while the agent has no tables yet."""
        try:
            return self.real.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            return []


class Connection:
    """What one life of the agent sees of the disk: sqlite3's execute, executemany, close."""

    def __init__(self, disk: Disk, life: Life, committed: Callable[[], None]) -> None:
        self._disk, self._life, self._committed = disk, life, committed

    def execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        self._life.check()
        if sql != "COMMIT":
            return self._disk.real.execute(sql, values)
        self._life.point("before commit")
        if self._disk.full:
            raise sqlite3.OperationalError(NO_ROOM)
        done = self._disk.real.execute(sql)
        self._disk.commits += 1
        self._committed()
        self._life.point("after commit")
        return done

    def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:
        self._life.check()
        return self._disk.real.executemany(sql, rows)

    def close(self) -> None:
        self._life.check()


class Line(httpx.AsyncBaseTransport):
    """The network between the computer and one shop: every request takes its time, each way."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, life: Life, rng: Random,
        leaves: Callable[[httpx.Request], None], arrives: Callable[[httpx.Request, httpx.Response], None],
        sleeps: Callable[[], int] = lambda: 0,
    ) -> None:  # fmt: skip
        self._inner, self._life, self._rng = inner, life, rng
        self._leaves, self._arrives, self._sleeps = leaves, arrives, sleeps
        self._world = copy_context()
        self._world.run(OWNER.set, 0)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._life.point(f"before {request.method}")
        self._leaves(request)
        await request.aread()
        sleeps = self._sleeps()
        going = asyncio.get_running_loop().create_task(self._travel(request), context=self._world)
        going.add_done_callback(lambda done: done.cancelled() or done.exception())
        response = await asyncio.shield(going)
        self._life.point(f"after {request.method}")
        if self._sleeps() != sleeps:
            raise httpx.ReadError("the computer slept")
        self._arrives(request, response)
        return response

    async def _travel(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self._rng.uniform(0.02, 0.4))
        response = await self._inner.handle_async_request(request)
        await asyncio.sleep(self._rng.uniform(0.02, 0.4))
        return response


class Book:
    """The workbook as one life of the agent reaches it (agent.workbooks.base.Workbook)."""

    def __init__(
        self, inner: MemoryWorkbook, life: Life, rng: Random, wrote: Callable[[Any, Any, pl.DataFrame, Written], None],
        writing: Callable[[pl.DataFrame], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._inner, self._life, self._rng, self._wrote = inner, life, rng, wrote
        self._writing = writing
        self.name = inner.name

    async def revision(self) -> str | None:
        self._life.check()
        return await self._inner.revision()

    async def read(self) -> Snapshot:
        self._life.point("before read")
        snapshot = await self._inner.read()
        await asyncio.sleep(self._rng.uniform(0.01, 0.8))
        self._life.point("after read")
        return snapshot

    async def write(
        self, tabs: Mapping[str, pl.DataFrame], mirror: pl.DataFrame, mark: Mark, seen: Snapshot
    ) -> Written:
        self._life.point("before write")
        self._writing(mirror)
        await asyncio.sleep(self._rng.choice((0.3, 0.6, 1.5, 30.0)) * self._rng.random())
        self._life.check()
        if self._life.disk_is_full():
            return Written("refused", detail=NO_ROOM)
        before = self._inner.saved
        written = await self._inner.write(tabs, mirror, mark, seen)
        self._wrote(before, seen, mirror, written)
        self._life.point("after write")
        return written

    async def busy(self) -> bool:
        self._life.check()
        return await self._inner.busy()

    @property
    def kind(self) -> Any:
        return self._inner.kind

    def welcome(self) -> bool:
        self._life.check()
        return self._inner.welcome()

    async def hold(self) -> str | None:
        self._life.check()
        return await self._inner.hold()

    async def changed(self) -> None:
        self._life.check()
        await self._inner.changed()

    async def close(self) -> None:
        self._life.check()


def moment(value: datetime | None) -> str:
    """A time as the trace tells it."""
    return f"{value:%d %H:%M:%S}" if value else "-"
