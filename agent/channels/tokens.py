"""Tokens that change by themselves: kept before they are used, renewed one at a time (R27).

A marketplace gives an access token for an hour or a day and, often, a refresh token that is good for one use. The new
pair is kept for good before the first call is made with it: after a crash the next start has it. A renewal that has
begun goes on when the call that wanted it is given up: its refresh token is used up, and the answer holds the next one.
A platform that only exchanges its id and secret for a token uses the same, without a refresh token.

    access = Access(ports.tokens, ports.clock, renew)      # renew: async (Tokens | None) -> Tokens, one call
    token = await access.token()                           # good for a while yet
    token = await access.after_refusal(token)              # the shop says that it is not: a newer one

`agent.channels.auth.TokenAuth` puts them on the calls of `Http`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from agent.channels.base import ChannelOut
from agent.ports import Clock

EARLY = timedelta(minutes=2)
"""A token is renewed this long before its end: a call and a slow clock still find it good."""
MEANWHILE = 2.0
"""Seconds in which another program of ours, which used our refresh token first, has kept what it got."""


@dataclass(frozen=True)
class Tokens:
    """A pair as the platform gave it. Shows no token where it is looked at.

    Both ends are by this computer's clock, however wrong it is: the moment of asking plus the seconds that a token
    lasts. Where the platform names a moment of its own clock, these are that moment less the time of its answer.
    """

    access: str = field(repr=False)
    access_ends: datetime | None = None
    """None: it does not end by itself."""
    refresh: str | None = field(default=None, repr=False)
    refresh_ends: datetime | None = None
    """When a person must say yes again: the channel's `Account.access_ends`."""


class Keeper(Protocol):
    """Where the tokens of one channel are kept."""

    def read(self) -> Tokens | None:
        """The tokens last kept, or None."""

    def keep(self, tokens: Tokens) -> None:
        """Keep them, the pair as a whole. When this returns, no crash loses them."""


class InMemory:
    """Keeps them for as long as the program runs: what is asked for anew at each start."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = tokens

    def read(self) -> Tokens | None:
        """The tokens last kept, or None."""
        return self._tokens

    def keep(self, tokens: Tokens) -> None:
        """Keep them."""
        self._tokens = tokens


Renew = Callable[[Tokens | None], Awaitable[Tokens]]
"""The platform's exchange: the tokens so far (None: there are none yet) -> new ones. Raises ChannelOut."""


class Access:
    """A token that is good now. Several calls that need one at once share one renewal.

    `renew` None: the token that is kept is for good, and only a person can replace it. `early`: how long before its end
    a token is renewed.
    """

    def __init__(self, keeper: Keeper, clock: Clock, renew: Renew | None, early: timedelta = EARLY) -> None:
        self._keeper, self._clock, self._renew, self._early = keeper, clock, renew, early
        self._tokens: Tokens | None = None
        self._unkept: Tokens | None = None
        """New ones that could not be kept yet: they are not used, and not lost either."""
        self._next: asyncio.Task[str] | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The tokens in use: no text may show them (R6)."""
        found = self._unkept or self._tokens
        return tuple(filter(None, (found.access, found.refresh))) if found else ()

    async def token(self) -> str:
        """A token with some time left. Raises ChannelOut, as `renew` does; and what the keeper raises."""
        found = self._tokens
        return found.access if found and self._lasts(found) else await self._another(None)

    async def after_refusal(self, refused: str) -> str:
        """Another token than the one that the shop refused: the one that came meanwhile, or a new one. The same where
        there is no other."""
        if self._renew is None:
            return refused
        found = self._tokens
        return found.access if found and found.access != refused else await self._another(refused)

    async def _another(self, refused: str | None) -> str:
        if self._next is None:
            self._next = asyncio.ensure_future(self._find(refused))
            self._next.add_done_callback(self._found)
        return await asyncio.shield(self._next)

    def _found(self, task: asyncio.Task[str]) -> None:
        self._next = None
        if not task.cancelled():
            task.exception()  # looked at: whoever waited may have given up

    async def _find(self, refused: str | None) -> str:
        """The tokens that are kept, if another start or program of ours renewed them; else new ones."""
        if self._unkept is not None:
            return self._keep(self._unkept)
        kept = self._keeper.read()
        if kept is not None and kept.access != refused and self._lasts(kept):
            self._tokens = kept
            return kept.access
        return self._keep(await self._renewed(kept))

    async def _renewed(self, kept: Tokens | None) -> Tokens:
        assert self._renew is not None, "what is for good is kept, and lasts"
        try:
            return await self._renew(kept)
        except ChannelOut as out:
            if out.kind != "access" or kept is None or kept.refresh is None:
                raise
            await self._clock.sleep(MEANWHILE)
            theirs = self._keeper.read()
            if theirs is None or theirs == kept or not self._lasts(theirs):
                raise
            return theirs

    def _keep(self, tokens: Tokens) -> str:
        """Before anything is done with them."""
        self._unkept = tokens
        self._keeper.keep(tokens)
        self._tokens, self._unkept = tokens, None
        return tokens.access

    def _lasts(self, tokens: Tokens) -> bool:
        return tokens.access_ends is None or tokens.access_ends - self._clock.now() > self._early
