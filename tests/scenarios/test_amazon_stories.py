"""The whole agent with an Amazon in the north, a WooCommerce in the south: what only Amazon does, as sellers see it."""

from __future__ import annotations

import json
from typing import Any

from agent.channels.amazon import push
from agent.practice import amazon
from tests.scenarios.order_stage import OrderStage, of

story = of("amazon")


def watch(s: OrderStage) -> list[tuple[str, Any]]:
    """Every quantity that is set at Amazon from now on: (SKU, units)."""
    sets: list[tuple[str, Any]] = []

    def seen(request: amazon.Request, response: amazon.Response) -> None:
        if request.method == "PATCH" and "mode" not in dict(request.query):
            (patch,) = json.loads(request.body)["patches"]
            sets.append((request.path.rpartition("/")[2], patch["value"][0]["quantity"]))

    s.front.shop.on_exchange = seen
    return sets


@story()
async def test_a_sale_on_either_lowers_the_other_and_shipping_changes_nothing_more(s: OrderStage) -> None:
    await s.opens("MUG", stocked=20)
    there = s.books(("MUG", 3), state="unpaid")
    await s.cycle()
    assert s.both() == (17, 17), "a pending order counts"
    here = s.buys("south", "MUG", 2)
    await s.cycle()
    assert s.both() == (15, 15)
    s.front.pays(there)
    s.front.ships(there)
    s.ships("south", here)
    await s.cycle()
    await s.cycle()
    assert s.levels("MUG")[:3] == (15, 0, 15) and s.both() == (15, 15)


@story()
async def test_an_order_that_amazon_shows_after_two_minutes_is_no_loss_and_sells_nothing_twice(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.front.shop.behind = 120.0
    s.books(("MUG", 4))
    await s.cycles(900, every=30)
    assert s.both() == (6, 6) and s.levels("MUG")[:3] == (10, 4, 6) and not s.levels("MUG")[3]
    assert not [row.what for row in s.questions() if "vanished" in row.what]


@story()
async def test_a_quantity_that_amazon_applies_late_is_waited_for_and_never_sent_twice(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.front.shop.faults.apply_after = 240.0
    sets = watch(s)
    s.buys("south", "MUG", 3)
    await s.cycles(1200, every=60)
    assert s.both() == (7, 7) and sets == [("MUG", 7)]
    assert s.listing("north", "MUG").target == 7 and not s.attention()


@story()
async def test_what_amazon_keeps_is_left_alone_and_its_twin_is_kept_in_sync(s: OrderStage) -> None:
    shop = s.front.shop
    shop.add_simple("MUG", "Mug", None)
    twin = shop.add_simple("MUG-FBM", "Mug", 10, asin=shop.offers["MUG"].asin)
    s.adds("Matches", Channel="north", Listing=twin, SKU="MUG")
    s.sells("MUG", south=10)
    s.types("MUG", stocked=10)
    await s.goes_live()
    await s.cycle()
    sets = watch(s)
    s.front.books([("MUG", 5)])  # out of Amazon's own stock
    s.buys("south", "MUG", 4)
    await s.cycle()
    await s.cycle()
    assert sets == [("MUG-FBM", 6)] and shop.offers["MUG"].channels == {"AMAZON_NA": None}
    assert s.levels("MUG")[:3] == (10, 4, 6), "what Amazon ships is none of yours"


@story()
async def test_an_authorisation_that_was_taken_away_is_told_and_the_rest_goes_on(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.front.shop.revoke()
    s.buys("south", "MUG", 3)
    await s.cycle()
    assert s.shows("south", "MUG") == 7
    row = s.row_about("refresh token of north")
    assert "stocksheet connect north" in row.todo


@story()
async def test_a_feed_that_is_applied_after_forty_minutes_over_a_later_patch_is_lowered_again(s: OrderStage) -> None:
    """In which order Amazon applies a feed and a patch of one SKU nobody promises."""
    await s.opens("MUG", "CUP", stocked=10)
    s.front.shop.faults.feed_seconds = 2400.0
    for sku in ("MUG", "CUP"):
        s.types(sku, stocked=14)
    usual, push.SINGLY = push.SINGLY, 1
    try:
        await s.cycle()
    finally:
        push.SINGLY = usual
    s.buys("south", "MUG", 8)
    await s.cycles(120)
    assert s.both() == (6, 6) and s.shows("north", "CUP") == 10, "the feed waits; the sale does not"
    await s.cycles(4200, every=300)
    assert (s.both(), s.both("CUP")) == ((6, 6), (14, 14))


@story()
async def test_a_lowering_does_not_wait_until_another_quantity_stands_I13(s: OrderStage) -> None:
    await s.opens("MUG", "CUP", stocked=10)
    s.front.shop.faults.apply_after = 300.0
    s.types("MUG", stocked=14)
    await s.cycle()
    sets = watch(s)
    s.buys("south", "CUP", 3)
    await s.cycle()
    await s.waits(1)
    assert sets == [("CUP", 7)]
