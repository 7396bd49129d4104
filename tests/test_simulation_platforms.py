"""The whole agent in a short world whose northern shop is a real platform's practice shop, by its own channel.

`python -m tests.simulate --seeds 20 --platform shopee` runs whole storms of one platform.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from agent.channels.base import Lane
from tests.simulate import report
from tests.world import stage
from tests.world.manners import MANNERS
from tests.world.marketplaces import Heard, Marketplace
from tests.world.run import World, simulate
from tests.world.stage import Size

SHORT = Size(orders=4, minds=1, packings=2, actions=1, episodes=0, crashes=0, edits=0, rounds=2)
SEED = 0


HOT = "CUP-2"
LATE = {"amazon", "takealot"}
"""Platforms that apply later what they accept."""


def in_a_campaign(world: World) -> None:
    """Once both shops are live, a campaign keeps all of an item in the north, and one is sold in the south."""
    of = {each.channel: each.id for each in world.books.listings.values() if each.sku == HOT and each.units == 1}
    shop = world.shops["north"]
    assert isinstance(shop, Marketplace)

    def looks() -> None:
        live = world.disk.rows("SELECT SUM(live) FROM channel")
        if not live or live[0][0] != len(world.shops) or not shop.quantity(of["north"]):
            world.loop.call_later(world.poll / 4, looks)
            return
        shop.joins_campaign(of["north"], shop.quantity(of["north"]) or 0, 1e6)
        world.sell("south", [(of["south"], 1)], "processing")

    world.loop.call_later(world.poll, looks)


@pytest.mark.parametrize("platform", MANNERS)
def test_a_platforms_shop_shows_in_the_end_what_the_worlds_own_books_say(platform: str) -> None:
    """I1-I5, I9, I11-I16, I18 at every step, over the platform's own wire; in the end every quantity and ledger. What
    the platform is late with, and what its campaigns lock, is met on the way."""
    outcome = simulate(SEED, SHORT, only=(), platform=platform, prepare=in_a_campaign)
    assert not outcome.violations, report(outcome)
    assert outcome.by_agent == 0
    assert any("north: push" in line for line in outcome.trace)
    assert any("north: order" in line for line in outcome.trace)
    assert outcome.lags["orders not shown yet"] > 0
    assert (outcome.lags.get("values only accepted", 0) > 0) == (platform in LATE)
    assert (outcome.lags["values kept up by a campaign"] > 0) == (MANNERS[platform].locks is not None)


class Greedy(Heard):
    """A channel that sets one unit more than it was asked to."""

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        return await super().push(changes.with_columns(pl.col("quantity") + 1), lane)


def test_a_channel_that_sets_one_unit_too_many_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch sees what leaves for a platform: I12, or an intent that nobody committed (I5)."""
    monkeypatch.setattr(stage, "Heard", Greedy)
    outcome = simulate(SEED, SHORT, only=(), platform="shopee", to_the_end=False)
    assert any(line.startswith(("I5", "I12")) for line in outcome.violations)


def test_what_a_platform_cannot_do_is_left_out_of_its_world() -> None:
    """Nobody edits an order at Takealot, sends back single units at Amazon, or undoes a shipment at Etsy."""
    seen: dict[str, Any] = {}

    def look(world: World) -> None:
        shop = world.shops["north"]
        assert isinstance(shop, Marketplace)
        seen[shop.platform] = shop.cannot
        world.broken("enough", "this world was only looked at")

    for platform in ("takealot", "amazon", "etsy"):
        simulate(SEED, SHORT, only=(), platform=platform, prepare=look, to_the_end=False)
    assert {"more", "less", "parts", "undo", "expired key"} <= seen["takealot"]
    assert {"parts", "less"} <= seen["amazon"]
    assert "undo" in seen["etsy"]
