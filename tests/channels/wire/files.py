"""A practice shop that is reached by files, for the contract suite: whatever is asked, its files are new."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from agent.channels import find
from agent.channels.base import Account, Lane, ListingsRead, OrdersRead
from agent.channels.http import Ports
from agent.practice.files import Shop
from agent.practice.files.shop import IMPORTS
from tests.channels.clock import FakeClock
from tests.channels.wire.base import Deeds


class Carried:
    """The channel, with somebody who carries the files each time before it looks, and after it wrote one. `every`:
    seconds between two such turns."""

    def __init__(self, channel: Any, shop: Shop, every: float = 0.0) -> None:
        self._channel, self._shop, self._every = channel, shop, every
        self._last: datetime | None = None
        channel.threads = False
        self.looks = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def _turn(self) -> None:
        now = self._shop.clock()
        if self._last is None or (now - self._last).total_seconds() >= self._every:
            self._last = now
            self._shop.turn()

    async def account(self) -> Account:
        self._turn()
        return await self._channel.account()  # type: ignore[no-any-return]

    async def preflight(self) -> Any:
        self._turn()
        return await self._channel.preflight()

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        self._turn()
        self.looks += 1
        return await self._channel.listings(only, since, lane)  # type: ignore[no-any-return]

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        self._turn()
        self.looks += 1
        return await self._channel.orders(since, also, lane)  # type: ignore[no-any-return]

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        self._turn()
        results: pl.DataFrame = await self._channel.push(changes, lane)
        self._turn()
        return results


def folder_for(owner: object) -> Path:
    """A folder that goes when its owner does."""
    made = Path(tempfile.mkdtemp(prefix="stocksheet-files-"))
    weakref.finalize(owner, shutil.rmtree, made, ignore_errors=True)
    return made


class FilesWorld(Deeds[Shop]):
    """See World. A file cannot be lost on its way as an answer can, asks nobody to wait, and answers nothing."""

    cannot: ClassVar = frozenset({"parts of a line", "answers", "lost answers", "asks to wait"})

    def __init__(self, clock: FakeClock, rng: random.Random) -> None:
        self.clock = clock
        self.folder = folder_for(self) / "shop files"
        self.folder.mkdir()
        (self.folder / IMPORTS).mkdir()
        self.shop = Shop(clock=clock.now, rng=rng, folder=self.folder)
        settings = {"folder": str(self.folder), "orders": "yes"}
        channel = find("files").connect("my-shop", settings, Ports(clock=clock, rng=rng))
        self.carried = Carried(channel, self.shop)
        self.channel: Any = self.carried

    def add(self, sku: str, quantity: int | None) -> str:
        return str(self.shop.add_simple(sku, f"Thing {sku}", quantity))

    def add_variants(self, sku: str, quantities: list[int]) -> list[str]:
        each = [(f"{sku}-{n}", f"Size: {n}", quantity) for n, quantity in enumerate(quantities)]
        return [str(id_) for id_ in self.shop.add_product(f"Thing {sku}", each)]

    def add_shared(self, sku: str, variants: int, quantity: int) -> list[str]:
        raise NotImplementedError("a row of an export has a quantity of its own")

    def sell(self, listing: str, units: int, state: str = "paid") -> str:
        word = {"paid": "paid", "unpaid": "pending", "waiting": "on hold"}[state]
        return str(self.shop.book_order([(int(listing), units)], word).id)

    def ship(self, order: str) -> None:
        self.shop.ship(int(order))

    def cancel(self, order: str) -> None:
        self.shop.cancel(int(order))

    def refund(self, order: str, units: int) -> None:
        self.shop.give_back(int(order))

    def remove_order(self, order: str) -> None:
        self.shop.delete_order(int(order))

    def remove(self, listing: str) -> None:
        self.shop.remove(int(listing))

    def stop_counting(self, listing: str) -> None:
        self.shop.type_quantity(int(listing), None)

    def shown(self, listing: str) -> int | None:
        return self.shop.quantity(int(listing))

    def spoil(self, listing: str) -> None:
        self.shop.faults.spoiled.add(int(listing))

    def expire_access(self) -> None:
        """Another shop of the seller's is given the same folder."""
        mark = {"id": "canary0123456789", "shop": "another", "columns": {}, "key": None, "sent": {}, "old": []}
        (self.folder / "stocksheet.json").write_text(json.dumps(mark), encoding="utf-8")

    def throttle(self, times: int, retry_after: int) -> None:
        raise NotImplementedError("a folder asks nobody to wait")

    def go_down(self, down: bool) -> None:
        """The drive is not connected."""
        here, away = self.folder, self.folder.with_name("not connected")
        (here if down else away).rename(away if down else here)

    def refuse(self, listing: str) -> None:
        self.shop.faults.ignores.add(int(listing))

    def writes(self) -> int:
        return len(self.shop.taken)

    def reads(self) -> int:
        return self.carried.looks

    def validate(self) -> None:
        """The shop took every file, and knew every row of it."""
        assert not self.shop.refused and not self.shop.unknown


def world(clock: FakeClock, rng: random.Random) -> FilesWorld:
    """A fresh shop without products."""
    assert clock.now().tzinfo is UTC
    return FilesWorld(clock, rng)
