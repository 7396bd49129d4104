"""The running agent: its ports, and the little it keeps in memory. Everything that matters is in the store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import polars as pl

from agent.channels.base import Channel
from agent.core.check import Checked
from agent.frames import ISSUES, MATCHES, empty
from agent.looking.seams import Doors, Feed
from agent.ports import Clock
from agent.store import Store
from agent.workbooks.base import Snapshot, Workbook


@dataclass
class Sheet:
    """What the last read of the workbook said."""

    snapshot: Snapshot
    checked: Checked
    verdict: str | None
    """The code why this revision as a whole may only lower; null: it is in force."""
    issues: pl.DataFrame = field(default_factory=lambda: empty(ISSUES))
    waiting: pl.DataFrame = field(default_factory=lambda: empty(ISSUES))
    """Why rows of Stock In and Out wait."""
    next_row: datetime | None = None
    """When the next row of it comes due, if one waits for its day."""
    serial: int = 0
    """Rises with each revision that people made; our own writes keep it."""


@dataclass
class Agent:
    """One agent over one workbook and its channels."""

    clock: Clock
    store: Store
    workbook: Workbook
    channels: Mapping[str, Channel]
    rng: Random = field(default_factory=Random)
    poll: float | None = None
    """Seconds between looks at orders; None: each platform's own rhythm."""
    audit: float = 900.0
    """Seconds between two complete reads of all listings."""
    patience: float = 20.0
    """Seconds that one step of a cycle waits for the only channel; it goes on in the background."""
    hurry: float = 2.0
    """The same where there are several: a slow one must not keep the others waiting, so no cycle waits for it twice."""
    workbook_refresh: float = 300.0
    """Seconds after which a workbook in which only times would change is written all the same."""

    means: str | None = None
    """What Stocked means by the settings (core/net); None: as was answered, else `count`."""

    sheet: Sheet | None = None
    sheet_problem: tuple[str, str] | None = None
    """What is wrong and the fix, while the workbook cannot be read."""
    seen_token: str | None = None
    """The workbook's cheap token of the last read."""
    fresh: dict[tuple[str, str], tuple[float, datetime]] = field(default_factory=dict)
    """Stock cells read in this cycle, or while nobody waited for it, with their channel's orders read after: when."""
    sent_now: set[tuple[str, str, int]] = field(default_factory=set)
    """Channel, stock cell and value of what was sent in this cycle: the same is not sent twice in one."""
    run: int | None = None
    """The number of what this cycle sends, once it has sent something."""
    refusals: dict[tuple[str, str], int] = field(default_factory=dict)
    """Channel and stock cell -> how often compare-and-set refused it in this cycle."""
    read_failed: set[str] = field(default_factory=set)
    """Channels whose fresh read failed in this cycle."""
    too_old: set[str] = field(default_factory=set)
    """Channels whose list, read in this cycle, is too old for a raise to rest on."""
    verified: dict[str, datetime] = field(default_factory=dict)
    """When each channel's account was last checked, since the start."""
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    """Suppliers' lists, by their names in the settings."""
    doors: Doors | None = None
    """Where a channel is opened again whose access was renewed."""
    retired: list[Channel] = field(default_factory=list)
    """Channels that were opened again, as they were before: let go of in the end."""
    remarks: dict[str, dict[str, datetime]] = field(default_factory=dict)
    """What a channel's reads could not understand, a sentence each, with when it was last read so."""
    looking: set[str] = field(default_factory=set)
    """Channels that are being looked at now, wholly or at some listings: one look at a time."""
    catching_up: dict[str, asyncio.Event] = field(default_factory=dict)
    """Of these, the ones whose orders were not read for long (a start, a sleep); each is set when they are known."""
    withheld: set[str] = field(default_factory=set)
    """Of these, the ones to which this cycle would have sent something."""
    pushing: set[asyncio.Future[object]] = field(default_factory=set)
    """What is under way; it may outlive the cycle that began it."""
    behind: dict[asyncio.Future[object], str] = field(default_factory=dict)
    """Of these, what no cycle waits for any more, with its channel."""
    came_late: dict[str, float] = field(default_factory=dict)
    """Channels of which something has ended that nobody waited for, and when: there is something to do at once."""
    locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    skew: dict[str, timedelta] = field(default_factory=dict)
    """Server clock less ours, a channel."""
    due: dict[str, datetime] = field(default_factory=dict)
    """When each channel is to be looked at again (our time)."""
    sync_now: str | None = None
    """The last seen content of Control's *Sync now*."""
    told: dict[str, pl.DataFrame] = field(default_factory=dict)
    """The agent's tabs as last written."""
    asked_about: object = None
    """The decision that the open questions are in step with."""
    told_of: object = None
    """The decision that they tell of."""
    told_at: datetime | None = None
    cache: dict[str, tuple[object, object]] = field(default_factory=dict)
    """Derived frames by name, each with the versions that it was made from."""
    write_result: str = ""
    """What the last write of the workbook came to, in a word."""
    write_detail: str = ""
    refused_rows: str = ""
    """Why rows that the person asked for cannot be added to Item Master; "": nothing stands in the way."""

    def lock(self, channel: str) -> asyncio.Lock:
        """One push at a time on one channel."""
        return self.locks.setdefault(channel, asyncio.Lock())

    def server_now(self, channel: str) -> datetime:
        """Now, in the channel's own clock."""
        return self.clock.now() + self.skew.get(channel, timedelta())

    def poll_of(self, channel: str) -> float:
        """Seconds between two looks at this channel's orders."""
        return self.poll if self.poll is not None else self.channels[channel].can.poll

    def matches(self) -> pl.DataFrame:
        """The MATCHES in force."""
        return self.sheet.checked.matches if self.sheet else empty(MATCHES)

    def control(self, name: str) -> str:
        """The value of a row of Control, or ''."""
        if self.sheet is None:
            return ""
        rows = self.sheet.checked.controls
        values = self.store.derived("controls", lambda: _by_name(rows), rows)
        return values.get(name.lower(), "")

    def mode(self) -> str:
        """Live, Preview or Paused, as last understood."""
        return str(self.store.meta("mode", "Live"))

    def stock_means(self) -> str:
        """What the numbers in Stocked mean: count, net or external."""
        return self.means or str(self.store.meta("stock_means", "count"))

    def sheet_tabs(self) -> frozenset[str]:
        """The declared tabs that the last read found."""
        return frozenset(self.sheet.snapshot.tabs) if self.sheet else frozenset()


def _by_name(controls: pl.DataFrame) -> dict[str, str]:
    """Control, in lower case -> its value; of one that is there twice, the first."""
    pairs = controls.select("control", "value").rows()
    return {str(control).lower(): str(value or "") for control, value in reversed(pairs)}
