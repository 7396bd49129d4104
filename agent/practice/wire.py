"""One HTTP exchange as plain values, and an httpx transport that reaches a practice shop without a socket."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

import httpx


class ConnectionLost(Exception):
    """The connection broke and no answer came; the request may or may not have been applied."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent; header names in lower case."""

    method: str
    scheme: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Request:
        """A request from its whole URL."""
        parts = urlsplit(url)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        named = {name.lower(): value for name, value in (headers or {}).items()}
        return cls(method.upper(), parts.scheme, parts.netloc, parts.path, query, named, body)

    @property
    def base(self) -> str:
        """Scheme and host: how the shop calls itself in its answers."""
        return f"{self.scheme}://{self.host}"

    def form(self) -> list[tuple[str, str]]:
        """The fields of a form, blank ones too. Bytes that are not UTF-8 are read as the sign for that."""
        return parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True)

    def json(self) -> Any:
        """The body as JSON; see `parsed`."""
        return parsed(self.body)

    @property
    def writes(self) -> bool:
        """Whether the method may change something."""
        return self.method not in {"GET", "HEAD", "OPTIONS"}


def parsed(body: bytes) -> Any:
    """JSON that a stranger sent. ValueError: it is none, has numbers without end, or is nested deeper than anybody
    reads."""
    try:
        return json.loads(body, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits)


def whole(said: str) -> int | None:
    """A whole number as servers keep them, 19 digits at most; None for what is none."""
    return int(said) if len(said) <= 19 and said.isascii() and said.isdigit() else None


@dataclass(slots=True)
class Response:
    """What the shop answers."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Answer = Callable[[Request], Awaitable[Response]]


async def in_its_time(
    handle: Callable[[], Response], seconds: float, sleep: Callable[[float], Awaitable[None]]
) -> Response:
    """What a slow shop answers: the request is applied half-way through, whether or not anyone still waits."""
    if seconds > 0:
        await sleep(seconds / 2)
    try:
        return handle()
    finally:
        if seconds > 0:
            await sleep(seconds / 2)


class LocalTransport(httpx.AsyncBaseTransport):
    """Hands requests straight to a shop. As with a real server, a client that stops waiting does not stop the work."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._working: set[asyncio.Task[Response]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        task = asyncio.ensure_future(self._begin(request, await request.aread()))
        self._working.add(task)
        task.add_done_callback(self._finished)
        response = await _wait(task, request)
        return httpx.Response(response.status, headers=response.headers, content=response.body, request=request)

    async def _begin(self, request: httpx.Request, body: bytes) -> Response:
        return await self._answer(Request.of(request.method, str(request.url), request.headers, body))

    def _finished(self, task: asyncio.Task[Response]) -> None:
        self._working.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, so that nobody is warned of a client that had gone


async def _wait(task: asyncio.Task[Response], request: httpx.Request) -> Response:
    try:
        async with asyncio.timeout(request.extensions.get("timeout", {}).get("read")):
            return await asyncio.shield(task)
    except TimeoutError:
        raise httpx.ReadTimeout("The practice shop took too long.", request=request) from None
    except ConnectionLost:
        lost = "Server disconnected without sending a response."
        raise httpx.RemoteProtocolError(lost, request=request) from None
