"""A Google Sheet as one life of the agent has it (agent.workbooks.base.Workbook), with points of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import polars as pl

from agent.workbooks.base import Mark, Snapshot, Written
from agent.workbooks.google import GoogleWorkbook
from tests.world.computer import NO_ROOM, Life


class SheetLife:
    """Passes everything on to the workbook while the life lasts; tells of each write.

    `dawdles`: seconds of which a write waits for some, now and then, so that much comes between.
    """

    dawdles: tuple[float, ...] = (0.0, 0.3, 5.0)

    def __init__(self, inner: GoogleWorkbook, life: Life, rng: Random, tell: Callable[[str], None]) -> None:
        self._inner, self._life, self._rng, self._tell = inner, life, rng, tell

    def __getattr__(self, name: str) -> Any:
        self._life.check()
        return getattr(self._inner, name)

    async def write(
        self, tabs: Mapping[str, pl.DataFrame], mirror: pl.DataFrame, mark: Mark, seen: Snapshot
    ) -> Written:
        """See `agent.workbooks.base.Workbook.write`."""
        self._life.point("before write")
        await asyncio.sleep(self._rng.choice(self.dawdles) * self._rng.random())
        self._life.check()
        if self._life.disk_is_full():
            return Written("refused", detail=NO_ROOM)
        written = await self._inner.write(tabs, mirror, mark, seen)
        self._tell(f"sheet: {written.outcome} {written.detail}")
        self._life.point("after write")
        return written
