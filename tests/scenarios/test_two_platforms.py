"""The whole agent over two platforms, WooCommerce in the north and Shopify in the south; and compare-and-set."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import httpx
import pytest

from agent.channels.http import Ports
from agent.channels.shopify import connect
from agent.practice.shopify import Shop, transport
from tests.scenarios.stage import Stage, perform

SET = "inventorySetQuantities"


class Watched(httpx.AsyncBaseTransport):
    """On the way to Shopify: what quantities are set, and what happens in the shop just before one is."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.sets: list[tuple[int, int | None]] = []
        """Quantity and the one it was to be changed from."""
        self.activated = 0
        self.before: list[Callable[[], object]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = request.content.decode()
        self.activated += "inventoryActivate" in content
        if SET in content:
            if self.before:
                self.before.pop(0)()
            for each in json.loads(content)["variables"]["input"]["quantities"]:
                self.sets.append((each["quantity"], each["changeFromQuantity"]))
        return await self._inner.handle_async_request(request)


class Market(Stage):
    """A stage whose southern shop is a Shopify."""

    wire: Watched

    def _shop(self, name: str) -> Any:
        if name == "north":
            return super()._shop(name)
        return Shop(clock=self.clock.now, rng=Random(name), name=name, sleep=self.clock.sleep)

    def _channel(self, name: str, place: str | None, *more: Any) -> Any:
        if name == "north":
            return super()._channel(name, place, *more)
        self.wire = Watched(transport(self.south))
        settings = {"url": "https://south.myshopify.com", "access_token": "shpat_practice"}
        return connect(name, settings, Ports(self.clock, self.rng, self.wire))

    @property
    def south(self) -> Shop:
        """The Shopify shop."""
        shop = self.shops["south"]
        assert isinstance(shop, Shop)
        return shop

    def sells_there(self, sku: str, units: int) -> int:
        """A buyer of the Shopify shop; the order's number."""
        order = self.south.sell(self.ids["south", sku], units)
        assert order is not None, "the shop shows too few"
        return order

    async def opens(self, sku: str, stocked: int) -> None:
        """One item in both shops, live, each showing what is stocked."""
        self.sells(sku, north=stocked, south=stocked)
        self.types(sku, stocked=stocked)
        await self.goes_live()
        await self.cycle()
        assert (self.shows("north", sku), self.shows("south", sku)) == (stocked, stocked)
        self.wire.sets.clear()


Story = Callable[[Market], Awaitable[None]]


def story(told: Story) -> Callable[[], None]:
    """Make a test of a story of the two shops."""

    @functools.wraps(told)
    def test() -> None:
        perform(lambda stage: told(Market(stage.loop)))

    del test.__wrapped__  # type: ignore[attr-defined]  # pytest would ask for the story's argument
    return test


# --- two platforms ----------------------------------------------------------------------------------------------------


@story
async def test_a_sale_on_one_platform_lowers_the_other_and_shipping_changes_nothing_more(market: Market) -> None:
    await market.opens("MUG", 20)
    there = market.sells_there("MUG", 3)
    await market.cycle()
    assert (market.shows("north", "MUG"), market.shows("south", "MUG")) == (17, 17)
    here = market.buys("north", "MUG", 2)
    await market.cycle()
    assert (market.shows("north", "MUG"), market.shows("south", "MUG")) == (15, 15)
    assert market.wire.sets == [(15, 17)]
    market.south.fulfil(there)
    market.ships("north", here)
    await market.cycle()
    assert market.levels("MUG")[:3] == (15, 0, 15)
    assert market.stocked("MUG") == 15
    assert (market.shows("north", "MUG"), market.shows("south", "MUG")) == (15, 15)


@story
async def test_a_cancelled_order_gives_its_units_back_to_both(market: Market) -> None:
    await market.opens("MUG", 10)
    order = market.sells_there("MUG", 4)
    await market.cycle()
    assert market.shows("north", "MUG") == 6
    market.south.cancel(order, restock=True)
    await market.cycle()
    await market.cycle()
    assert (market.shows("north", "MUG"), market.shows("south", "MUG")) == (10, 10)


@story
async def test_an_open_order_of_a_deleted_variant_is_still_to_be_sent(market: Market) -> None:
    await market.opens("MUG", 10)
    market.sells_there("MUG", 4)
    await market.cycle()
    market.south.delete_variant(market.ids["south", "MUG"])
    await market.cycles(3600, every=300)
    assert market.levels("MUG")[:3] == (10, 4, 6)
    assert market.shows("north", "MUG") == 6


# --- compare-and-set (DESIGN section 8: In flight) --------------------------------------------------------------------


@story
async def test_a_sale_in_the_moment_of_a_push_is_not_overwritten(market: Market) -> None:
    await market.opens("MUG", 20)
    market.types("MUG", stocked=10)
    market.wire.before = [lambda: market.sells_there("MUG", 1)]
    await market.cycle()
    assert market.wire.sets == [(10, 20), (9, 19)], "refused, read with the order, decided again in the same cycle"
    assert (market.shows("north", "MUG"), market.shows("south", "MUG")) == (9, 9)
    assert [result for _, _, result in market.log("south")][1] == "the shop had changed, decided again"


@story
async def test_a_lowering_refused_three_times_goes_without_the_comparison(market: Market) -> None:
    await market.opens("MUG", 20)
    market.types("MUG", stocked=5)
    mug = market.ids["south", "MUG"]
    market.wire.before = [functools.partial(market.south.type_quantity, mug, 30 + n) for n in range(4)]
    await market.cycle()
    assert market.wire.sets == [(5, 20), (5, 30), (5, 31), (5, None)]
    assert market.shows("south", "MUG") == 5


@story
async def test_a_raise_that_is_refused_again_and_again_waits_for_the_next_cycle(market: Market) -> None:
    await market.opens("MUG", 20)
    market.types("MUG", stocked=40)
    mug = market.ids["south", "MUG"]
    market.wire.before = [functools.partial(market.south.type_quantity, mug, 30 + n) for n in range(2)]
    await market.cycle()
    assert [expected for _, expected in market.wire.sets] == [20, 30]
    assert market.shows("south", "MUG") == 31, "nothing was overwritten"
    await market.cycle()
    assert market.wire.sets[2:] == [(40, 31)] and market.shows("south", "MUG") == 40


@story
async def test_a_refusal_is_over_with_its_cycle(market: Market) -> None:
    await market.opens("MUG", 20)
    mug = market.ids["south", "MUG"]
    for stocked in (12, 11):
        market.types("MUG", stocked=stocked)
        market.wire.before = [functools.partial(market.south.type_quantity, mug, 50 + stocked + n) for n in range(2)]
        await market.cycle()
        assert market.shows("south", "MUG") == stocked
    assert all(expected is not None for _, expected in market.wire.sets)


# --- many small things at once ----------------------------------------------------------------------------------------


class Weeks:
    """A seeded life of two items in the two shops: buyers, packers, the seller, and a line that breaks."""

    def __init__(self, market: Market, seed: int) -> None:
        self.market, self.chance = market, Random(seed)
        self.orders: list[tuple[str, int]] = []
        self.stocked = {"MUG": 12, "CUP": 40}

    async def passes(self, steps: int) -> None:
        deeds = [self.buys, self.buys, self.buys, self.ships, self.cancels, self.counts, self.hurries, self.breaks]
        for _ in range(steps):
            for _ in range(self.chance.randrange(3)):
                self.chance.choice(deeds)()
            await self.market.cycle()

    def buys(self) -> None:
        shop, sku, units = self.chance.choice(["north", "south"]), self.chance.choice(list(self.stocked)), 1
        units += self.chance.randrange(3)
        if (self.market.shows(shop, sku) or 0) < units:
            return
        order = self.market.sells_there(sku, units) if shop == "south" else self.market.buys(shop, sku, units)
        self.orders.append((shop, order))

    def ships(self) -> None:
        if self.orders:
            shop, order = self.orders.pop(self.chance.randrange(len(self.orders)))
            self.market.south.fulfil(order) if shop == "south" else self.market.ships(shop, order)

    def cancels(self) -> None:
        if self.orders:
            shop, order = self.orders.pop(self.chance.randrange(len(self.orders)))
            self.market.south.cancel(order) if shop == "south" else self.market.cancels(shop, order)

    def counts(self) -> None:
        """Goods come in: so many more than stand in the cell, which may be older than what was shipped."""
        sku = self.chance.choice(list(self.stocked))
        shown = self.market.stocked(sku)
        assert isinstance(shown, int)
        self.market.types(sku, stocked=shown + self.chance.randrange(1, 6))

    def hurries(self) -> None:
        self.market.wire.before.append(self.buys)

    def breaks(self) -> None:
        faults = self.market.south.faults
        kinds = ("answer_lost_after_apply", "answer_lost_before_apply", "throttled", "internal_error", "too_many")
        setattr(faults, self.chance.choice(kinds), 1)


@pytest.mark.parametrize("seed", [0, 3])
def test_whatever_happens_both_shops_show_the_same_in_the_end_and_nothing_is_sold_twice(seed: int) -> None:
    async def told(market: Market) -> None:
        weeks = Weeks(market, seed)
        for sku, stocked in weeks.stocked.items():
            market.sells(sku, north=stocked, south=stocked)
            market.types(sku, stocked=stocked)
        await market.goes_live()
        await weeks.passes(22)
        market.south.faults = type(market.south.faults)()
        market.wire.before.clear()
        assert "stale" in market.agent.store.table("push")["outcome"], "another seed would be a calmer life"
        for _ in range(4):
            for row in market.questions():
                market.sets("Attention", row.id, "Answer", row.answers.split(" / ")[0] if row.answers else "yes")
            await market.cycle()
            await market.waits(300)
        for sku in weeks.stocked:
            available = market.levels(sku)[2]
            assert available is not None and not market.levels(sku)[3], sku
            assert (market.shows("north", sku), market.shows("south", sku)) == (max(0, available),) * 2, sku

    perform(lambda stage: told(Market(stage.loop)))


# --- what is not stocked at the location ------------------------------------------------------------------------------


@story
async def test_what_is_not_stocked_at_the_location_is_stocked_there_only_when_there_is_something_to_sell(
    market: Market,
) -> None:
    await market.opens("MUG", 20)
    cup = market.south.add_simple("CUP", "Item CUP", {})
    market.ids["south", "CUP"] = cup
    market.sells("CUP", north=0)
    market.types("CUP", stocked=0)
    market.agent.audit = 0.0  # everything is read at each look
    await market.cycles(60, every=20)
    for row in market.questions():
        market.sets("Attention", row.id, "Answer", "yes")
    await market.cycle()
    assert market.listing("south", "CUP").shows == 0 and market.wire.activated == 0
    market.types("CUP", stocked=6)
    await market.cycles(60, every=20)
    assert market.shows("south", "CUP") == 6 and market.wire.activated == 1
    level = market.south.level(cup)
    assert level is not None and level.is_active
