"""What the tests of each platform do alike: make its world, run a call, push, read lines, and take vectors to sign."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
import pytest

from tests.channels.clock import FakeClock
from tests.channels.wire.base import World, changes

OVERLAP = timedelta(minutes=5)
"""How far the cycle reaches back for changed orders."""
VECTORS = Path(__file__).resolve().parents[3] / "shared" / "specs" / "sign_vectors.json"
T = TypeVar("T")
Made = TypeVar("Made", bound=World)


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def maker(kind: Callable[..., Made]) -> Callable[..., Made]:
    """Makes worlds of one platform: `make(**more)`."""
    return lambda **more: kind(FakeClock(), random.Random(1), **more)


def watched(make: Callable[..., Made]) -> Any:
    """The fixture `world`: whatever was asked in a test was within the platform's contract."""

    @pytest.fixture(name="world")
    def world() -> Iterator[Made]:
        made = make()
        yield made
        made.validate()

    return world


def listed(world: World) -> pl.DataFrame:
    """LISTINGS, all of them."""
    return run(world.channel.listings()).frame


def rows(world: World, by: str = "listing") -> dict[str, dict[str, Any]]:
    """Listings, by their ids or SKUs."""
    return {row[by]: row for row in listed(world).iter_rows(named=True)}


def push(world: World, wanted: dict[str, int], lane: Any = "lower") -> pl.DataFrame:
    """RESULTS of a push of these listings, after a full read."""
    return run(world.channel.push(changes(listed(world), wanted), lane))


def lines(world: World, since: datetime | None = None, by: str = "listing") -> dict[str, dict[str, Any]]:
    """Lines of the orders that changed lately, by their listing or their order."""
    found = run(world.channel.orders(since or world.clock.now() - OVERLAP))
    return {row[by]: row for row in found.frame.iter_rows(named=True)}


def vectors(platform: str) -> list[dict[str, Any]]:
    """What others signed, and how it came out."""
    if not VECTORS.exists():
        pytest.skip(f"the vectors of {platform} (../shared) are not on this computer; its signing was not checked")
    read = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    return [each for each in read if each["channel"] == platform]
