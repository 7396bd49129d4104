"""How a practice shop is reached: without a socket, on one (Starlette and uvicorn), or alone until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, Generic, Protocol, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as WebRequest
from starlette.responses import Response as WebResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from agent.ports import SystemClock
from agent.practice.faults import Chances
from agent.practice.wire import Answer, ConnectionLost, LocalTransport, Request, Response, in_its_time

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Stop = Callable[[], Awaitable[None]]


class Slow(Protocol):
    """A shop that may take its time."""

    sleep: Callable[[float], Awaitable[None]]

    @property
    def faults(self) -> Chances: ...


Shop = TypeVar("Shop")
Timed = TypeVar("Timed", bound=Slow)


def application(answer: Answer) -> Starlette:
    """An ASGI application that hands every request to `answer`."""

    async def endpoint(web: WebRequest) -> WebResponse:
        try:
            response = await answer(Request.of(web.method, str(web.url), web.headers, await web.body()))
        except ClientDisconnect:
            return WebResponse(status_code=400)  # goes nowhere: the client hung up before it had said all
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
        # Head and body are written one after the other: the second must not wait until the first was acknowledged.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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


def until_closed(open_: Coroutine[Any, Any, None], port: int) -> int:
    """Runs a shop until Ctrl-C. 1: its port could not be opened; standard error says so."""
    try:
        asyncio.run(open_)
    except KeyboardInterrupt:
        sys.stdout.write("\nClosed.\n")
    except (OSError, OverflowError) as closed:
        why = os.strerror(closed.errno) if isinstance(closed, OSError) and closed.errno else str(closed)
        sys.stderr.write(f"Port {port} cannot be opened ({why}). Say another with --port; without it any free one.\n")
        return 1
    return 0


@dataclass(frozen=True)
class Opens(Generic[Shop]):
    """The ways to the shops of one platform, from its `answer`."""

    answer: Callable[[Shop, Request], Awaitable[Response]]

    def app(self, shop: Shop) -> Starlette:
        """The shop as an ASGI application."""
        return application(partial(self.answer, shop))

    def transport(self, shop: Shop) -> LocalTransport:
        """The shop as an httpx transport, without a socket."""
        return LocalTransport(partial(self.answer, shop))

    async def serve(self, shop: Shop, host: str = "127.0.0.1", port: int = 0) -> tuple[int, Stop]:
        """The shop on a socket, in the running loop: the bound port, and a function that stops it."""
        return await serve(self.app(shop), host, port)

    def alone(
        self,
        title: str,
        arguments: Sequence[str],
        made: Callable[..., Shop],
        stock: Callable[[Shop, int], Shop],
        told: Callable[[Shop, str], str],
    ) -> int:
        """`python -m agent.practice <platform> --port 8080`: one shop until Ctrl-C. `made`: an empty one, of a clock
        and chance; `stock` gives it so many things to sell; `told`: what is said of it, from its address."""
        parser = argparse.ArgumentParser(
            prog=f"python -m agent.practice {title.lower()}",
            description=f"A {title} shop to practise on, on this computer only.",
        )
        parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
        parser.add_argument("--items", type=int, default=60, help="how many things it sells")
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same shop")
        chosen = parser.parse_args(arguments)
        shop = stock(made(clock=SystemClock().now, rng=Random(chosen.seed)), chosen.items)
        return until_closed(self._stay_open(shop, chosen.port, told), chosen.port)

    async def _stay_open(self, shop: Shop, port: int, told: Callable[[Shop, str], str]) -> None:
        bound, _ = await self.serve(shop, port=port)
        sys.stdout.write(f"{told(shop, f'http://127.0.0.1:{bound}')}\nCtrl-C closes it.\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def in_time(handle: Callable[[Timed, Request], Response]) -> Opens[Timed]:
    """The ways to shops that answer by `handle`, each in its time."""

    async def answer(shop: Timed, request: Request) -> Response:
        return await in_its_time(partial(handle, shop, request), shop.faults.slow, shop.sleep)

    return Opens(answer)
