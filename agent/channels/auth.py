"""Who calls: a good token on each call, signed where the platform wants that; one that is refused is renewed once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import httpx

from agent.channels.answers import CallFailed
from agent.channels.base import ChannelOut
from agent.channels.tokens import Access
from agent.ports import Clock
from agent.secret_files import SecretsOut

Put = Callable[[httpx.Request, str, datetime], None]
"""Puts a token on a request, and the signature where there is one: (request, token, the server's time). A request that
is sent again comes again: what was put before is replaced."""


class TokenAuth(httpx.Auth):
    """For the calls of one `Http`. What goes wrong with a token is CallFailed: the call itself was never sent."""

    def __init__(self, access: Access, put: Put, clock: Clock) -> None:
        self._access, self._put, self._clock = access, put, clock
        self._ahead = timedelta(0)
        self._used: WeakKeyDictionary[httpx.Request, str] = WeakKeyDictionary()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no text may show (R6)."""
        return self._access.secrets

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """See httpx.Auth."""
        try:
            token = self._used[request] = await self._access.token()
        except (ChannelOut, SecretsOut) as out:
            raise _not_sent(out) from None
        self._put(request, token, self._clock.now() + self._ahead)
        yield request

    async def renewed(self, request: httpx.Request) -> bool:
        """Whether there is another token now than the one with which this request was refused. Raises CallFailed."""
        refused = self._used[request]
        try:
            return await self._access.after_refusal(refused) != refused
        except (ChannelOut, SecretsOut) as out:
            raise _not_sent(out) from None

    def heard(self, server_time: datetime) -> None:
        """What the server's clock shows: signatures hold a time, and are refused where it is off by minutes."""
        self._ahead = server_time - self._clock.now()


def _not_sent(out: ChannelOut | SecretsOut) -> CallFailed:
    if isinstance(out, SecretsOut):
        return CallFailed("access", out.what, out.fix, reached=False)
    return CallFailed(out.kind, out.what, out.fix, out.retry_after, reached=False)
