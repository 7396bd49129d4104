"""The one time that Stocksheet listens: a shop sends the person's browser back here with its yes (R25, R27).

On 127.0.0.1 alone, at a port and under a path that nobody can guess, while it waits and not a moment longer: the first
right call ends it, as do many wrong ones. What came is never logged and never shown.

    async with waiting() as door:
        ...open the shop's page with door.yes and door.no...
        came = await door.came(300)
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from html import escape
from secrets import token_urlsafe
from urllib.parse import parse_qsl, urlsplit

from agent.words import in_words

HOST = "127.0.0.1"
LONGEST = 16_384
"""Bytes of a call's head."""
SLOWEST = 10.0
"""Seconds that one call may take to arrive."""
STRANGERS = 20
"""Wrong calls after which nobody is waited for any longer."""
YES = in_words("loopback.stocksheet_what_needs_you")
NO = in_words("loopback.you_said_no_nothing")
_SHOWN = """HTTP/1.1 {status}\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Length: {length}\r\n\
Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'; \
script-src 'nonce-{nonce}'\r\nConnection: close\r\n\r\n"""


class Door:
    """Where the browser comes to. `yes` and `no` are its two addresses."""

    def __init__(self) -> None:
        self.port = 0
        self._state = token_urlsafe(24)
        self._strangers = 0
        self._came: asyncio.Future[Mapping[str, str] | None] = asyncio.get_running_loop().create_future()

    @property
    def yes(self) -> str:
        """Where a yes leads, with what the shop adds to it."""
        return f"http://{HOST}:{self.port}/{self._state}/yes"

    @property
    def no(self) -> str:
        """Where a no leads."""
        return f"http://{HOST}:{self.port}/{self._state}/no"

    async def came(self, seconds: float) -> Mapping[str, str] | None:
        """What the browser brought along with a yes; None for a no. Raises TimeoutError where nobody came in time, or
        many came whom nobody sent."""
        async with asyncio.timeout(seconds):
            return await asyncio.shield(self._came)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One call."""
        try:
            async with asyncio.timeout(SLOWEST):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                await self._answer(head, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            self._stranger()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, head: str, writer: asyncio.StreamWriter) -> None:
        first, *lines = head.split("\r\n")
        method, _, rest = first.partition(" ")
        parts = urlsplit(rest.partition(" ")[0])
        named = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        said = self._said(parts.path) if method == "GET" and named.get("host") == f"{HOST}:{self.port}" else ""
        if not said or self._came.done():
            await _show(writer, "404 Not Found", in_words("loopback.there_nothing_here"))
            self._stranger()
            return
        await _show(writer, "200 OK", YES if said == "yes" else NO)
        if not self._came.done():
            self._came.set_result(dict(parse_qsl(parts.query)) if said == "yes" else None)

    def _said(self, path: str) -> str:
        for word in ("yes", "no"):
            if hmac.compare_digest(path.encode(), f"/{self._state}/{word}".encode()):
                return word
        return ""

    def _stranger(self) -> None:
        self._strangers += 1
        if self._strangers >= STRANGERS and not self._came.done():
            self._came.set_exception(TimeoutError())


async def _show(writer: asyncio.StreamWriter, status: str, sentence: str) -> None:
    """A page that takes what was brought out of the address bar at once."""
    nonce = token_urlsafe(12)
    clean = f'<script nonce="{nonce}">history.replaceState(null, "", "/")</script>'
    body = f"<!DOCTYPE html><title>Stocksheet</title>{clean}<p>{escape(sentence)}</p>".encode()
    writer.write(_SHOWN.format(status=status, length=len(body), nonce=nonce).encode() + body)
    await writer.drain()


@asynccontextmanager
async def waiting() -> AsyncIterator[Door]:
    """A door that is open for as long as this lasts."""
    door = Door()
    server = await asyncio.start_server(door.serve, HOST, 0, limit=LONGEST)
    door.port = server.sockets[0].getsockname()[1]
    try:
        yield door
    finally:
        server.close()
        await server.wait_closed()
