"""What practice shops stand on: a clock, who listens to their exchanges, and the tokens that a seller's yes brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent.practice.wire import Request, Response

Clock = Callable[[], datetime]


class Base:
    """The lowest layer of a shop: its time comes from `clock` only."""

    on_exchange: Callable[[Request, Response], None] | None = None
    """Is told of each exchange (agent.practice.faults.send)."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def moment(self) -> datetime:
        """Now, in UTC and whole seconds, as most platforms tell them."""
        return self.clock().astimezone(UTC).replace(microsecond=0)


@dataclass(slots=True)
class Pair:
    """An access token and the refresh token that was given with it; `used`: the latter is gone."""

    access: str
    refresh: str
    access_ends: datetime
    refresh_ends: datetime
    used: bool = False
    scopes: tuple[str, ...] = ()


class Linked(Base):
    """A shop whose seller says yes to an app, which then calls it with pairs of tokens. How tokens look and how long
    they last is the platform's."""

    linked = True
    """The seller has not taken the app's access away."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.pairs: list[Pair] = []

    def pair_of(self, access: str) -> Pair | None:
        """The last one with this access token."""
        return next((each for each in reversed(self.pairs) if each.access == access), None)

    def pair_with(self, refresh: str | None) -> Pair | None:
        """The one with this refresh token."""
        return next((each for each in self.pairs if each.refresh == refresh), None)

    def knows(self, access: str) -> bool:
        """Whether the token is good now."""
        pair = self.pair_of(access)
        return pair is not None and pair.access_ends > self.moment()

    def end_access_tokens(self) -> None:
        """Every access token has had its time; the refresh tokens are still good."""
        for each in self.pairs:
            each.access_ends = self.moment() - timedelta(days=1)

    def unlink(self) -> None:
        """The seller takes the app's access away: all its tokens are over."""
        self.linked = False
        self.pairs.clear()
