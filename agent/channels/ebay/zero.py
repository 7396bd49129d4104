"""What a quantity of 0 does: with the account's out-of-stock control a listing stays, hidden; without it, eBay ends it.

A listing that ended has lost its place, its watchers and its history, and cannot be had back by a number. So no 0 is
sent while the control is off: it is told instead, with what to click.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.channels.answers import CallFailed
from agent.channels.ebay.reader import Reader
from agent.channels.pushing import Result, not_sent
from agent.channels.values import text
from agent.ports import Clock
from agent.words import in_words

ON_FOR = timedelta(hours=6)
"""A control that is on is asked for again after so long; one that is off, at each 0, but not more often than this:"""
OFF_FOR = timedelta(minutes=1)


@dataclass
class Zero:
    """Whether the account's out-of-stock control is on."""

    clock: Clock
    _on: bool | None = None
    _asked: datetime | None = None

    async def is_on(self, ask: Reader, *, again: bool = False) -> bool:
        """Raises CallFailed."""
        now = self.clock.now()
        fresh = self._asked is not None and now - self._asked < (ON_FOR if self._on else OFF_FOR)
        if again or self._on is None or not fresh:
            told = await ask.ask("GetUserPreferences", {"ShowOutOfStockControlPreference": "true"})
            said = text(told.get("OutOfStockControlPreference"))
            if said not in ("true", "false"):
                raise ask.unclear()
            self._on, self._asked = said == "true", now
        return self._on

    async def would_end(self, ask: Reader) -> Result | None:
        """What becomes of a 0, where it is not to be sent."""
        try:
            on = await self.is_on(ask)
        except CallFailed as failed:
            return not_sent(failed)
        return None if on else Result("refused", message=in_words("ebay.zero_would_end"))
