"""Calls to Amazon: each operation has a limit of its own, which its answers may change (x-amzn-RateLimit-Limit).

So there is one `Http` an operation, all behind one access token. Where the host as a whole asks for minutes of patience
(Retry-After), none of them calls; where one operation is used up, the others go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from agent.channels.amazon.access import FIXES
from agent.channels.amazon.errors import Declined, Meaning, meaning, said
from agent.channels.answers import Answer, CallFailed, Ports, Said
from agent.channels.auth import TokenAuth
from agent.channels.base import Lane
from agent.channels.http import PATIENCE, TRY_AGAIN, Allowed, Http
from agent.words import in_words

LIMITS: dict[str, tuple[float, int]] = {
    "sellers": (0.016, 15), "search": (5, 5), "item": (5, 10), "patch": (5, 5), "orders": (0.0056, 20),
    "order": (0.5, 30), "make report": (0.0167, 15), "report": (2, 15), "report file": (0.0167, 15),
    "feed file": (0.5, 15), "send feed": (0.0083, 15), "feed": (2, 15), "feed result": (0.0222, 10), "inbound": (2, 2),
}  # fmt: skip
"""Operation -> calls a second, and how many at once (vendor's models)."""


class Doors:
    """One `Http` an operation, opened when it is first needed."""

    def __init__(
        self, name: str, base: str, ports: Ports, auth: TokenAuth, *, secrets: Sequence[str], allowed: Allowed
    ) -> None:
        """Raises ChannelOut where the address may not be called."""
        self.name = name
        self._base, self._ports, self._auth, self._secrets, self._allowed = base, ports, auth, secrets, allowed
        self._open: dict[str, Http] = {}
        self._quiet_until = 0.0
        self._asked_for_quiet = False
        self._door("search")

    def _door(self, operation: str) -> Http:
        if operation not in self._open:
            rate, burst = LIMITS[operation]
            self._open[operation] = Http(
                self.name,
                self._base,
                self._ports,
                requests_per_second=rate,
                burst=burst,
                fixes=FIXES,
                auth=self._auth,
                secrets=self._secrets,
                said=partial(self._said, rate=rate, burst=burst),
                **self._allowed,
            )
        return self._open[operation]

    def _said(self, answer: Answer, rate: float, burst: int) -> Said:
        if answer.status == 429 and "retry-after" in answer.headers:
            self._asked_for_quiet = True
        return said(answer, rate, burst)

    async def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        lane: Lane,
        idempotent: bool,
    ) -> Answer:
        """An answer of 2xx. Raises CallFailed; Declined where Amazon understood and said no."""
        rest = self._quiet_until - self._ports.clock.monotonic()
        if rest > 0:
            raise CallFailed("wait", in_words("http.asked_us_wait", name=self.name), TRY_AGAIN, rest, reached=False)
        door = self._door(operation)
        try:
            answer = await door.request(method, path, params=params, json=json, lane=lane, idempotent=idempotent)
        except CallFailed as failed:
            self._remember(failed)
            raise
        if answer.status >= 300:
            meant = meaning(answer)
            raise Declined(self.name, Meaning(meant.kind, self.redact(meant.message)))
        return answer

    def _remember(self, failed: CallFailed) -> None:
        if self._asked_for_quiet and failed.kind == "wait" and (failed.retry_after or 0) > PATIENCE:
            self._quiet_until = self._ports.clock.monotonic() + (failed.retry_after or 0)
        self._asked_for_quiet = False

    async def fetch(self, url: str) -> bytes:
        """A file at the address that Amazon gave for it. Raises CallFailed."""
        return await self._door("search").fetch(url)

    async def upload(self, url: str, content: bytes, kind: str) -> None:
        """A file to the address that Amazon gave for it. Raises CallFailed."""
        await self._door("search").upload(url, content, kind)

    async def pause(self, seconds: float) -> None:
        """Wait for something that Amazon works off."""
        await self._ports.clock.sleep(seconds)

    def redact(self, told: str) -> str:
        """Without our secrets (R6)."""
        return self._door("search").redact(told)

    async def close(self) -> None:
        """Let go of connections."""
        for door in self._open.values():
            await door.close()
