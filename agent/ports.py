"""The seams to the outside world: time. (HTTP, workbook and store have rooms of their own.)

Everything that needs the time asks a `Clock`, so that the whole agent runs under a virtual clock in the simulation.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time as the agent sees it."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never jump; for intervals."""

    async def sleep(self, seconds: float) -> None:
        """Wait, letting others run."""


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
