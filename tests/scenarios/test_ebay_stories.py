"""The whole agent with an eBay account in the north, a WooCommerce in the south: what only eBay does."""

from __future__ import annotations

from agent.channels.ebay.listings import listing_id
from tests.scenarios.order_stage import OrderStage, of

story = of("ebay")


@story()
async def test_listings_of_both_models_draw_on_one_stock(s: OrderStage) -> None:
    s.ids["north", "TOOL"] = s.front.shop.add_simple("CUP", "Cup, made by a tool", 6, model="inventory")
    s.types("CUP", stocked=6)
    await s.opens("MUG", stocked=10)
    s.front.books([(s.ids["north", "TOOL"], 2), (s.ids["north", "MUG"], 1)])
    s.types("CUP", stocked=5)
    await s.cycle()
    await s.cycle()
    assert (s.shows("north", "TOOL"), s.both()) == (3, (9, 9))


@story()
async def test_a_purchase_that_is_still_to_be_paid_is_not_sold_again_elsewhere(s: OrderStage) -> None:
    """Nobody shows an order of it yet: it is a unit that is missing, at once, and its order explains it later."""
    await s.opens("MUG", stocked=10)
    order = s.front.shop.book_order([(s.ids["north", "MUG"], 2)], "UNPAID")
    await s.cycles(1200, every=300)
    assert s.both() == (8, 8)
    s.front.pays(order.id)
    await s.cycle()
    await s.cycle()
    assert s.levels("MUG")[:3] == (10, 2, 8) and s.both() == (8, 8)
    assert not [row for row in s.attention() if "vanished" in row.what]


@story()
async def test_a_0_that_would_end_the_listing_is_told_and_goes_when_the_control_is_on(s: OrderStage) -> None:
    await s.opens("MUG", stocked=3)
    s.front.shop.out_of_stock_control = False
    s.buys("south", "MUG", 3)
    await s.cycle()
    await s.cycle()
    assert s.both() == (3, 0)
    assert any("out-of-stock control" in row.what for row in s.attention()), s.attention()
    s.front.shop.out_of_stock_control = True
    await s.cycles(7200, every=600)
    assert s.both() == (0, 0)
    assert s.front.shop.listings[s.ids["north", "MUG"]].status == "Active"


@story()
async def test_variations_are_items_of_their_own_and_keep_their_link_when_the_sku_changes(s: OrderStage) -> None:
    keys = s.front.shop.add_product("Shirt", [
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
    s.front.shop.variation(keys[0]).sku = "RENAMED"
    await s.cycles(2400, every=600)
    s.types("S-S", stocked=3)
    await s.cycle()
    await s.cycle()
    assert s.shows("north", "S-S") == 2 and s.levels("S-S")[:3] == (3, 1, 2)
    linked = s.agent.store.table("link")["listing"].to_list()
    assert listing_id(keys[0].partition("/")[0], {"Size": "S"}) in linked


@story()
async def test_a_token_that_ends_in_the_middle_of_the_day_is_renewed_and_nobody_notices(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    await s.cycles(5 * 3600, every=3000)
    s.books(("MUG", 4))
    await s.cycle()
    assert s.both() == (6, 6) and not s.attention()


@story()
async def test_access_that_was_taken_away_is_told_and_the_rest_goes_on(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.front.shop.unlink()
    s.buys("south", "MUG", 3)
    await s.cycle()
    assert s.shows("south", "MUG") == 7
    await s.cycles(900, every=150)
    assert "stocksheet connect north" in s.row_about("does not let north in").todo


@story()
async def test_calls_that_are_nearly_used_up_leave_orders_and_lowering_alone(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.front.shop.counts.trading.limit = s.front.shop.counts.trading.used + 6
    await s.cycles(3600, every=900)
    s.buys("south", "MUG", 3)
    s.books(("MUG", 1))
    await s.cycle()
    assert s.both() == (6, 6)
