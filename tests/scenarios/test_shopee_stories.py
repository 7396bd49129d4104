"""The whole agent with a Shopee in the north, a WooCommerce in the south: what only Shopee does, as sellers see it."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from agent.channels.http import Ports
from agent.channels.shopee import connect
from agent.practice import shopee
from tests.scenarios.order_stage import OrderStage, of

story = of("shopee")


def watch(s: OrderStage) -> list[tuple[str, Any]]:
    """Every quantity that is set at Shopee from now on: (model, units)."""
    sets: list[tuple[str, Any]] = []

    def seen(request: shopee.Request, response: shopee.Response) -> None:
        if request.path.endswith("update_stock"):
            body = json.loads(request.body)
            sets.extend((str(body["item_id"]), each["seller_stock"][0]["stock"]) for each in body["stock_list"])

    s.front.shop.on_exchange = seen
    return sets


@story()
async def test_a_campaigns_lock_is_not_undercut_and_the_shop_that_keeps_more_is_told(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.front.shop.campaign(s.ids["north", "MUG"], 6)
    s.types("MUG", stocked=2)
    await s.cycle()
    await s.cycle()
    assert s.both() == (6, 2), "as low as Shopee takes it; the other shop is not held up by it"
    assert s.listing("north", "MUG").target == 2
    assert any("keeps 6" in row.what or "locked 6 units" in row.what for row in s.attention()), s.attention()
    await s.cycles(26 * 3600, every=3600)
    assert s.both() == (2, 2), "the campaign is over, and it was tried again"


@story()
async def test_a_token_that_ends_in_the_middle_of_the_day_is_renewed_and_nobody_notices(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    await s.cycles(9 * 3600, every=1800)
    s.books(("MUG", 4))
    await s.cycle()
    assert s.both() == (6, 6) and not s.attention()
    assert sum(pair.used for pair in s.front.shop.pairs) >= 2


@story()
async def test_an_authorisation_that_was_taken_away_is_told_and_the_rest_goes_on(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.front.shop.unlink()
    s.buys("south", "MUG", 3)
    await s.cycle()
    assert s.shows("south", "MUG") == 7
    row = s.row_about("does not let north in")
    assert "stocksheet connect north" in row.todo


@story()
async def test_a_holiday_is_told_and_quantities_are_set_when_it_is_over(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.front.shop.holiday = True
    s.buys("south", "MUG", 3)
    await s.cycle()
    await s.cycle()
    assert s.both() == (10, 7)
    s.front.shop.holiday = False
    await s.cycles(7200, every=600)
    assert s.both() == (7, 7)


@story()
async def test_an_order_that_shows_late_is_never_given_back_by_a_raise(s: OrderStage) -> None:
    """A raise that did not know of the order would sell its units twice."""
    await s.opens("MUG", stocked=10)
    s.front.shop.faults.order_visible_after = 25
    s.books(("MUG", 4))
    await s.cycle()
    s.types("MUG", stocked=12)
    await s.cycle()
    await s.cycle()
    await s.cycle()
    await s.cycle()
    assert s.levels("MUG")[1] == 4 and s.both() == (8, 8)


@story()
async def test_what_shopee_keeps_and_sells_itself_is_never_pushed_or_counted(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.ids["north", "FBS"] = s.front.shop.add_simple("FBS", "Kept by Shopee", None)
    s.types("FBS", stocked=9)
    sets = watch(s)
    s.front.shop.sell(s.ids["north", "FBS"], 2)
    await s.cycles(2400, every=600)
    assert s.levels("FBS")[:3] == (9, 0, 9) and not [each for each in sets if each[0] == str(s.ids["north", "FBS"])]


@story()
async def test_models_of_one_item_are_items_of_their_own(s: OrderStage) -> None:
    _, keys = s.front.shop.add_product("Shirt", [
        {"sku": "S-S", "options": {"Size": "S"}, "quantity": 4},
        {"sku": "S-L", "options": {"Size": "L"}, "quantity": 6},
    ])  # fmt: skip
    s.ids["north", "S-S"], s.ids["north", "S-L"] = keys
    s.types("S-S", stocked=4)
    s.types("S-L", stocked=6)
    await s.opens("MUG", stocked=10)
    s.front.shop.sell(keys[0], 1)
    s.types("S-L", stocked=5)
    await s.cycle()
    await s.cycle()
    assert (s.shows("north", "S-S"), s.shows("north", "S-L")) == (3, 5)
    assert s.levels("S-S")[:3] == (4, 1, 3)


@story()
async def test_two_shopee_shops_share_one_stock(s: OrderStage) -> None:
    """Several accounts of one platform: each has its tokens, and equal SKUs draw on one item."""
    west = shopee.Shop(clock=s.clock.now, rng=Random("west"), name="west", shop_id=222, sleep=s.clock.sleep)
    granted = f"https://localhost/?code={west.authorise()}&shop_id=222"
    given = {"partner_id": str(west.partner_id), "partner_key": west.partner_key, "granted": granted}
    s.shops["west"] = west  # type: ignore[assignment]
    s.agent.channels["west"] = connect("west", given, Ports(s.clock, s.rng, shopee.transport(west)))  # type: ignore[index]
    s.ids["west", "MUG"] = west.add_simple("MUG", "Mug", 10)
    await s.opens("MUG")
    s.books(("MUG", 2))
    west.sell(s.ids["west", "MUG"], 3)
    await s.cycle()
    await s.cycle()
    assert (*s.both(), s.shows("west", "MUG")) == (5, 5, 5) and s.levels("MUG")[:3] == (10, 5, 5)
