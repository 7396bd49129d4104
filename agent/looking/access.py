"""The access to each shop: taken anew when a person renewed it, its end known ahead, a lost one shut by itself."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

import polars as pl

from agent.channels.base import Account, Can, Channel, ChannelOut, Lane, ListingsRead, OrdersRead
from agent.frames import ISSUES, RESULTS, frame
from agent.state import Agent
from agent.store import Store

log = logging.getLogger(__name__)

AHEAD = timedelta(days=14)
"""An access that ends is told this long before,"""
SOON = timedelta(days=3)
"""and from then on as something that a person must do."""


def take_renewed(agent: Agent) -> list[str]:
    """Go on with channels that were connected again: verified and read at once, before anything is sent there."""
    renewed = agent.doors.renewed() if agent.doors is not None else {}
    for name, channel in renewed.items():
        agent.retired.append(agent.channels[name])  # what is under way on it may end
        agent.channels = {**agent.channels, name: channel}
        agent.verified.pop(name, None)
        agent.due[name] = agent.clock.now()
    return list(renewed)


class FileDoors:
    """The channels of the settings file. `stocksheet connect` writes it last: it changes when keys were renewed.

    `look`: name -> what the channel is opened with now (an opaque text) and how it is opened. May raise anything that
    is a sentence about settings or secrets: then nothing is taken anew until the file changes again.
    """

    def __init__(self, file: Path, look: Callable[[], Mapping[str, tuple[str, Callable[[], Channel]]]]) -> None:
        self._file = file
        self._look = look
        self._stamp = _stamp(file)
        self._known = {name: content for name, (content, _) in look().items()}

    def renewed(self) -> Mapping[str, Channel]:
        """See Doors. A channel that is new in the file waits for the next start."""
        stamp = _stamp(self._file)
        if stamp == self._stamp:
            return {}
        self._stamp = stamp
        try:
            found = self._look()
            changed = {n: o for n, (c, o) in found.items() if n in self._known and c != self._known[n]}
            opened = {name: open_it() for name, open_it in changed.items()}
        except Exception as error:  # half-typed settings, a key store that is locked: what runs goes on as it is
            log.warning("The settings have changed and cannot be used yet: %s", error)
            return {}
        self._known |= {name: found[name][0] for name in opened}
        return opened


def _stamp(file: Path) -> tuple[int, ...]:
    try:
        about = file.stat()
    except OSError:
        return ()
    return about.st_mtime_ns, about.st_size, about.st_ino


def content_of(parts: Sequence[object]) -> str:
    """A text that differs where the parts do, and tells nothing of them."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


class Shut:
    """A channel that cannot be opened: it says why whenever it is looked at, and sends nothing."""

    def __init__(self, name: str, can: Can, what: str, fix: str) -> None:
        self.name = name
        self.can = can
        self._what, self._fix = what, fix

    def _out(self) -> NoReturn:
        raise ChannelOut("access", self._what, self._fix)

    async def account(self) -> Account:
        """Raises ChannelOut."""
        self._out()

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        """Raises ChannelOut."""
        self._out()

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        """Raises ChannelOut."""
        self._out()

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """Nothing is sent."""
        rows = [(cell, "not_sent", None, self._what, None, "access") for cell in changes["cell"]]
        return frame(rows, RESULTS)

    async def close(self) -> None:
        """There is nothing to let go of."""


# --- its end ----------------------------------------------------------------------------------------------------------


def ends_soon(store: Store, now: datetime) -> pl.DataFrame:
    """ISSUES: the accesses that end within a fortnight (or have ended, and the shop did not say so yet)."""
    rows = store.table("channel").filter(pl.col("access_ends").is_not_null() & pl.col("problem_kind").is_null())
    made = [
        issue for name, ends in rows.select("channel", "access_ends").iter_rows() if (issue := _issue(name, ends, now))
    ]
    return frame(made, ISSUES)


def _issue(name: str, ends: datetime, now: datetime) -> tuple[object, ...] | None:
    left = ends - now
    if left > AHEAD:
        return None
    code = "access_ends_soon" if left <= SOON else "access_ends"
    facts = {"channel": name, "access_ends": ends.isoformat(), "days": max(0, round(left / timedelta(days=1)))}
    return (code, "Channel Status", None, None, json.dumps(facts))
