"""Tokens that change by themselves: kept before they are used, renewed one at a time (R27).

A marketplace gives an access token for an hour or a day and, often, a refresh token that is good for one use. The new
pair is kept for good before the first call is made with it: after a crash the next start has it. A platform that only
exchanges its id and secret for a token uses the same, without a refresh token.

    access = Access(ports.tokens, ports.clock, renew)      # renew: async (Tokens | None) -> Tokens, one call
    token = await access.token()                           # good for a while yet
    token = await access.after_refusal(token)              # the shop says that it is not: a newer one
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from agent.ports import Clock

EARLY = timedelta(minutes=2)
"""A token is renewed this long before its end: a call and a slow clock still find it good."""


@dataclass(frozen=True)
class Tokens:
    """A pair as the platform gave it. Shows no token where it is looked at."""

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
    """A token that is good now. Several calls that need one at once share one renewal."""

    def __init__(self, keeper: Keeper, clock: Clock, renew: Renew) -> None:
        self._keeper, self._clock, self._renew = keeper, clock, renew
        self._tokens: Tokens | None = None
        self._one = asyncio.Lock()

    async def token(self) -> str:
        """A token with some time left. Raises ChannelOut, as `renew` does; SecretsOut where it cannot be kept."""
        async with self._one:
            return self._tokens.access if self._tokens and self._lasts(self._tokens) else await self._next(None)

    async def after_refusal(self, refused: str) -> str:
        """Another token than the one that the shop refused: the one that came meanwhile, or a new one."""
        async with self._one:
            fresh = self._tokens is not None and self._tokens.access != refused
            return self._tokens.access if self._tokens and fresh else await self._next(refused)

    async def _next(self, refused: str | None) -> str:
        """The tokens that are kept, if another start or program of ours renewed them; else new ones."""
        kept = self._keeper.read()
        if kept is None or kept.access == refused or not self._lasts(kept):
            kept = await self._renew(kept)
            self._keeper.keep(kept)  # before anything is done with it
        self._tokens = kept
        return kept.access

    def _lasts(self, tokens: Tokens) -> bool:
        return tokens.access_ends is None or tokens.access_ends - self._clock.now() > EARLY
