"""A practice shop on a real socket: the Starlette application and the uvicorn server around it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as WebRequest
from starlette.responses import Response as WebResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from agent.practice.wire import Answer, ConnectionLost, Request

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Stop = Callable[[], Awaitable[None]]


def application(answer: Answer) -> Starlette:
    """An ASGI application that hands every request to `answer`."""

    async def endpoint(web: WebRequest) -> WebResponse:
        request = Request.of(web.method, str(web.url), web.headers, await web.body())
        try:
            response = await answer(request)
        except ConnectionLost:
            return await _hang_up(web)
        return WebResponse(response.body, response.status, response.headers)

    return Starlette(routes=[Route("/{path:path}", endpoint, methods=METHODS)])


async def _hang_up(web: WebRequest) -> WebResponse:
    """Close the socket without a word. Where there is no socket, the application fails instead."""
    connection = web.scope.get("state", {}).get("connection")
    if connection is None:
        raise ConnectionLost
    connection.abort()
    await web.receive()  # the server notices that the client is gone
    return WebResponse(status_code=500)  # goes nowhere


class _Protocol(H11Protocol):
    """uvicorn's protocol, telling the application which connection it is on, so that one can be cut."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "connection": transport}


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to whoever owns the process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: Starlette, host: str = "127.0.0.1", port: int = 0) -> tuple[int, Stop]:
    """Serve inside the running loop; returns the bound port and a function that stops serving."""
    listener = socket.create_server((host, port))
    # The shop sets Date itself, from its own clock.
    config = uvicorn.Config(
        app,
        http=_Protocol,
        lifespan="off",
        log_level="error",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    await server.ready.wait()

    async def stop() -> None:
        server.should_exit = True
        await running

    return listener.getsockname()[1], stop
