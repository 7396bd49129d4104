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


@pytest.mark.parametrize("platform", MANNERS)
def test_a_platforms_shop_shows_in_the_end_what_the_worlds_own_books_say(platform: str) -> None:
    """I1-I5, I9, I11-I16, I18 at every step, over the platform's own wire; in the end every quantity and ledger."""
    outcome = simulate(SEED, SHORT, only=(), platform=platform)
    assert not outcome.violations, report(outcome)
    assert outcome.by_agent == 0
    assert any("north: push" in line for line in outcome.trace)
    assert any("north: order" in line for line in outcome.trace)


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
