"""The seams through which the agent looks out, besides its channels: suppliers' lists, and where shops are opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import polars as pl

from agent.channels.base import Channel


class FeedOut(Exception):
    """A feed cannot be read now, or not understood. `what` and `fix` are plain sentences."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.fix = what, fix


@dataclass(frozen=True)
class FeedRead:
    """One list, as it was found."""

    at: datetime | None
    """Its own time: what it says held then. None: it does not say; as of when it was read."""
    figures: pl.DataFrame
    """core.feed.FIGURES."""
    token: str
    """While the source has this token, there is nothing new to read."""
    unread: int = 0
    """Rows whose figure could not be read."""


class Feed(Protocol):
    """A supplier's list."""

    @property
    def max_age(self) -> timedelta:
        """A list that is older raises nothing."""

    @property
    def every(self) -> timedelta:
        """How long between two looks."""

    async def read(self, token: str | None) -> FeedRead | None:
        """The list; None: it has not changed since `token`. Raises FeedOut."""


class Doors(Protocol):
    """Where channels are opened."""

    def renewed(self) -> Mapping[str, Channel]:
        """The channels that were connected again since they were opened, or since the last question, opened anew."""
