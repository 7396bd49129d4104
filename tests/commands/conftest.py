"""A practice shop on a real socket, in a thread of its own, and settings that lead to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from agent import app, config, log
from agent.__main__ import main
from agent.config_write import add_channel, set_value
from agent.practice.person import Person
from agent.practice.woocommerce import Shop, serve

SHOP = "my-shop"
"""What the connected shop is called."""
ITEMS = [
    {"SKU": "MUG", "Title": "White mug", "Stocked": 20},
    {"SKU": "00123", "Title": "Poster", "Stocked": 7},
    {"SKU": "BOX", "Title": "Gift box", "Stocked": 9},
    {"SKU": "SET", "Title": "Two mugs in a box", "Stocked": None, "Made of": "MUG x 2 + BOX"},
]


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Everything that was said since the last look, on one line."""
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return " ".join((out + err).split())


@pytest.fixture(autouse=True)
def _no_log_stays_open() -> Iterator[None]:
    yield
    log.stop()


@dataclass
class Folder:
    """A seller's folder, and a practice shop that is open at a port."""

    folder: Path
    shop: Shop
    port: int

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def workbook(self) -> Path:
        return self.folder / "Stock.xlsx"

    @property
    def person(self) -> Person:
        return Person(self.workbook)

    def settle(self, data: Path) -> None:
        """Settings without a shop; `data`: the agent's own folder."""
        set_value(self.config, "workbook", str(self.workbook))
        set_value(self.config, "data_folder", str(data))
        set_value(self.config, "secrets", "file")

    def add_shop(self) -> None:
        """Connect the shop."""
        url = f"http://127.0.0.1:{self.port}"
        add_channel(self.config, SHOP, {"platform": "woocommerce", "url": url, "allow_private": True})
        self.keep_secrets()

    def keep_secrets(self, key: str = "ck_practice", secret: str = "cs_practice") -> None:
        """The shop's keys."""
        secrets = app.secrets_of(config.load(self.config))
        secrets.put(SHOP, "consumer_key", key)
        secrets.put(SHOP, "consumer_secret", secret)


class Place(Folder):
    """Where commands are run, and what they say is looked at as pytest captures it."""

    def run(self, command: str, *more: str) -> int:
        """One command on this place; gives the exit code."""
        return main([command, *more, "--config", str(self.config)])

    def go_live(self) -> None:
        """Look once, approve the first plan, and push it."""
        self.run("sync")
        row = next(row for row in self.person.look("Attention") if row["Answers"] == "yes")
        self.person.types("Attention", {"Id": row["Id"]}, "Answer", "yes")
        assert self.run("sync") == 0


@pytest.fixture
def shop() -> Shop:
    """A shop that sells the items, and something that nobody knows."""
    made = Shop(clock=lambda: datetime.now(UTC), rng=Random(1), name="Anna's shop")
    for sku, title, quantity in (("MUG", "White mug", 25), ("00123", "Poster", 7), ("SET", "Set", 3), ("WHAT", "?", 1)):
        made.add_simple(sku, title, quantity)
    return made


@contextmanager
def opened(served: Callable[..., Awaitable[Any]], shop: object) -> Iterator[int]:
    """A shop on a real socket, in a thread of its own: its port, while it is open."""
    ready, ports, running = threading.Event(), [], asyncio.new_event_loop()
    closed = asyncio.Event()

    async def stay_open() -> None:
        bound, stop = await served(shop)
        ports.append(bound)
        ready.set()
        await closed.wait()
        await stop()

    thread = threading.Thread(target=lambda: running.run_until_complete(stay_open()), daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield ports[0]
    finally:
        running.call_soon_threadsafe(closed.set)
        thread.join(20)
        running.close()


@pytest.fixture
def port(shop: Shop) -> Iterator[int]:
    """The shop's port, while it is open."""
    with opened(serve, shop) as bound:
        yield bound


@pytest.fixture
def empty_place(tmp_path: Path, shop: Shop, port: int) -> Place:
    """A folder with a workbook and settings, no shop connected yet."""
    starter = pytest.importorskip("agent.workbooks.starter")
    place = Place(tmp_path / "seller", shop, port)
    place.folder.mkdir()
    place.workbook.write_bytes(starter.make_starter(pl.DataFrame(ITEMS)))
    place.settle(place.folder)
    return place


@pytest.fixture
def place(empty_place: Place) -> Place:
    """The same with the shop connected."""
    empty_place.add_shop()
    return empty_place


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lines that a person types when asked."""

    def prepare(*lines: str) -> None:
        left = iter(lines)

        def answer(*_: object) -> str:
            try:
                return next(left)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr("builtins.input", answer)

    return prepare
