"""What the contract suite needs of a platform's world: people's deeds in the shop, faults on the way to it."""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import httpx
import polars as pl

from agent import frames
from agent.channels.base import Channel
from agent.practice.faults import Chances
from agent.practice.wire import Request, Response
from tests.channels.clock import FakeClock


class World(Protocol):
    """A practice shop with a channel connected to it.

    Each secret of its settings has `canary` in it: the suite looks for that word in what is said (R6), and could find
    no other.
    """

    clock: FakeClock
    channel: Channel
    cannot: frozenset[str]
    """What nobody can do on this platform: parts of a line, unpaid orders; or see: returns, options (apart from
    the title); or what the way there lacks: answers, lost answers, asks to wait."""

    def add(self, sku: str, quantity: int | None) -> str:
        """A simple listing (None: its stock is not counted). Returns the listing's id."""

    def add_variants(self, sku: str, quantities: list[int]) -> list[str]:
        """A product with variants, each with its own quantity."""

    def add_shared(self, sku: str, variants: int, quantity: int) -> list[str]:
        """A product whose variants share one stock cell."""

    def sell(self, listing: str, units: int, state: str = "paid") -> str:
        """An order: paid, unpaid, or waiting (taken from stock, money to come). Returns its id."""

    def ship(self, order: str) -> None: ...

    def cancel(self, order: str) -> None: ...

    def refund(self, order: str, units: int) -> None:
        """Give back units of the order's first line; they go back on the listing."""

    def remove_order(self, order: str) -> None: ...

    def remove(self, listing: str) -> None: ...

    def stop_counting(self, listing: str) -> None: ...

    def shown(self, listing: str) -> int | None:
        """What a buyer sees."""

    def spoil(self, listing: str) -> None:
        """From now on the shop answers nonsense where the listing's quantity should be."""

    def expire_access(self) -> None: ...

    def throttle(self, times: int, retry_after: int) -> None: ...

    def lose_answer_of_next_write(self, applied: bool) -> None: ...

    def go_down(self, down: bool) -> None: ...

    def refuse(self, listing: str) -> None:
        """The shop refuses writes to this listing."""

    def delay_orders(self, seconds: float) -> None:
        """Orders can be read only so long after they happened."""

    def writes(self) -> int:
        """Calls made to set quantities."""

    def reads(self) -> int: ...

    def validate(self) -> None:
        """Every exchange so far against the platform's own contract."""


class Faulty(Protocol):
    """A practice shop."""

    @property
    def faults(self) -> Chances: ...


Shop = TypeVar("Shop", bound=Faulty)


class Deeds(Generic[Shop]):
    """What is done in the same way to most practice shops: numbers are texts, deeds have the shops' own names. A world
    says what is done otherwise. `misfits`: what of an exchange is not as the platform declares it."""

    shop: Shop
    cannot: ClassVar[frozenset[str]] = frozenset()
    misfits: Callable[[Request, Response], Sequence[str]]

    def listens(self) -> None:
        """Every exchange from now on is one of `exchanges`."""
        self.exchanges: list[tuple[Request, Response]] = []
        self._people.on_exchange = lambda request, response: self.exchanges.append((request, response))

    @property
    def _people(self) -> Any:
        return self.shop

    def ship(self, order: str) -> None:
        self._people.ship(order)

    def cancel(self, order: str) -> None:
        self._people.cancel(order)

    def remove_order(self, order: str) -> None:
        self._people.forget_order(order)

    def remove(self, listing: str) -> None:
        self._people.remove(listing)

    def shown(self, listing: str) -> int | None:
        found: int | None = self._people.quantity(listing)
        return found

    def expire_access(self) -> None:
        self._people.unlink()

    def throttle(self, times: int, retry_after: int) -> None:
        self._people.faults.too_many, self._people.faults.retry_after = times, retry_after

    def lose_answer_of_next_write(self, applied: bool) -> None:
        if applied:
            self.shop.faults.answer_lost_after_apply = 1
        else:
            self.shop.faults.answer_lost_before_apply = 1

    def go_down(self, down: bool) -> None:
        self.shop.faults.down = down

    def delay_orders(self, seconds: float) -> None:
        self.shop.faults.order_visible_after = seconds

    def validate(self) -> None:
        for request, response in self.exchanges:
            found = self.misfits(request, response)
            assert not found, f"{request.method} {request.path}: {'; '.join(found)}"


class Spoiling(httpx.AsyncBaseTransport):
    """Between channel and shop: nonsense in the place of some quantities. `spoil` puts it into the JSON of an answer,
    where that is about one of these things."""

    def __init__(self, inner: httpx.AsyncBaseTransport, spoil: Callable[[Any, set[object]], None]) -> None:
        self._inner, self._spoil = inner, spoil
        self.spoiled: set[object] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if not self.spoiled or "json" not in response.headers.get("content-type", ""):
            return response
        found = json.loads(response.content)
        self._spoil(found, self.spoiled)
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        return httpx.Response(response.status_code, headers=headers, json=found, request=request)


def world(platform: str, seed: int = 1) -> World:
    """A fresh world, found by the platform's name."""
    module = importlib.import_module(f"tests.channels.wire.{platform}")
    made: World = module.world(FakeClock(), random.Random(seed))
    return made


def changes(read: pl.DataFrame, wanted: dict[str, int]) -> pl.DataFrame:
    """CHANGES that set these listings, by the cells of a read."""
    cells = dict(read.select("listing", "cell").iter_rows())
    rows: list[tuple[object, ...]] = [(cells[listing], listing, quantity, None) for listing, quantity in wanted.items()]
    return frames.frame(rows, frames.CHANGES)
