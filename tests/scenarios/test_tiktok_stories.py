"""The whole agent with a TikTok Shop in the north, a WooCommerce in the south: what only TikTok does."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from agent.channels.http import Ports
from agent.channels.tiktok import connect
from agent.practice import tiktok
from agent.practice.tiktok.routes import sets as sets_stock
from agent.practice.tiktok.stock import TIKTOKS, Warehouse
from tests.scenarios.order_stage import OrderStage, of

story = of("tiktok")


def watch(s: OrderStage) -> list[tuple[str, dict[str, int]]]:
    """Every quantity that is set at TikTok Shop from now on: (SKU, warehouse -> units)."""
    sets: list[tuple[str, dict[str, int]]] = []

    def seen(request: tiktok.Request, response: tiktok.Response) -> None:
        if sets_stock(request) and "/products/0/" not in request.path:
            skus = json.loads(request.body)["skus"]
            sets.extend((each["id"], {r["warehouse_id"]: r["quantity"] for r in each["inventory"]}) for each in skus)

    s.front.shop.on_exchange = seen
    return sets


@story()
async def test_what_campaigns_have_is_not_undercut_and_the_shop_that_keeps_more_is_told(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.front.shop.allocate(s.ids["north", "MUG"], 6, lasts=3600)
    s.types("MUG", stocked=2)
    await s.cycle()
    await s.cycle()
    assert s.both() == (6, 2), "as low as TikTok takes it; the other shop is not held up by it"
    assert any("keeps 6" in row.what or "6 units of it set aside" in row.what for row in s.attention()), s.attention()
    await s.cycles(3 * 3600, every=1800)
    assert s.both() == (2, 2), "the campaign is over, and it was tried again"


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
async def test_a_token_that_ends_in_the_middle_of_the_day_is_renewed_and_nobody_notices(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.front.shop.end_access_tokens()
    s.books(("MUG", 4))
    await s.cycle()
    assert s.both() == (6, 6) and not s.attention()
    assert sum(pair.used for pair in s.front.shop.pairs) == 1


@story()
async def test_an_order_that_shows_late_is_never_given_back_by_a_raise(s: OrderStage) -> None:
    """A raise that did not know of the order would sell its units twice."""
    await s.opens("MUG", stocked=10)
    s.front.shop.faults.order_visible_after = 25
    s.books(("MUG", 4))
    await s.cycle()
    s.types("MUG", stocked=12)
    for _ in range(4):
        await s.cycle()
    assert s.levels("MUG")[1] == 4 and s.both() == (8, 8)


@story()
async def test_a_bundle_that_is_sold_there_lowers_its_parts_everywhere(s: OrderStage) -> None:
    await s.opens("MUG", "BOX", stocked=10)
    gift = s.front.shop.add_bundle("GIFT", "Gift box", {s.ids["north", "MUG"]: 2, s.ids["north", "BOX"]: 1})
    s.front.shop.book_order([(gift, 2)])
    await s.cycle()
    await s.cycle()
    assert s.levels("MUG")[:3] == (10, 4, 6) and s.levels("BOX")[:3] == (10, 2, 8)
    assert s.both() == (6, 6) and s.both("BOX") == (8, 8)


@story()
async def test_units_of_a_cancelled_order_that_tiktok_does_not_put_up_again_are_pushed(s: OrderStage) -> None:
    """Auto-restock is a switch of each SKU that nobody can read."""
    await s.opens("MUG", stocked=10)
    s.front.shop.skus[s.ids["north", "MUG"]].auto_restock = False
    s.books(("MUG", 3))
    await s.cycles(1800, every=600)
    s.front.cancels(s.order)
    assert s.shows("north", "MUG") == 7
    await s.cycles(1800, every=600)
    assert s.levels("MUG")[:3] == (10, 0, 10) and s.both() == (10, 10) and not s.attention()


@story()
async def test_what_tiktok_keeps_and_sells_itself_is_never_pushed_or_counted(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.ids["north", "FBT"] = s.front.shop.add_simple("FBT", "Kept by TikTok", None)
    s.types("FBT", stocked=9)
    sets = watch(s)
    s.front.shop.sell(s.ids["north", "FBT"], 2)
    await s.cycles(2400, every=600)
    assert s.levels("FBT")[:3] == (9, 0, 9) and not [each for each in sets if each[0] == s.ids["north", "FBT"]]


@story()
async def test_a_second_warehouse_stops_the_shop_until_it_is_said_which_and_keeps_its_own_units(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    sku, ours = s.front.shop.skus[s.ids["north", "MUG"]], s.front.shop.warehouses[0].id
    s.front.shop.warehouses.append(Warehouse("7068517275539719777", "Annexe"))
    sku.stock["7068517275539719777"] = 5
    sku.stock[TIKTOKS] = 30
    s.types("MUG", stocked=7)
    await s.cycle()
    await s.cycle()
    s.row_about("several warehouses")
    assert s.shows("south", "MUG") == 7
    s.agent.channels["north"]._warehouses._wanted = ours  # type: ignore[attr-defined]
    sets = watch(s)
    await s.cycles(3600, every=600)
    assert sku.stock == {ours: 7, "7068517275539719777": 5, TIKTOKS: 30}
    assert all(set(stock) == {ours, "7068517275539719777"} for _, stock in sets)


@story()
async def test_two_tiktok_shops_share_one_stock(s: OrderStage) -> None:
    """Several accounts of one platform: each has its tokens, and equal SKUs draw on one item."""
    west = tiktok.Shop(
        clock=s.clock.now, rng=Random("west"), name="west", shop_id="7494726673780148222", sleep=s.clock.sleep
    )
    granted = f"https://localhost/?code={west.authorise()}"
    given = {"app_key": west.app_key, "app_secret": west.app_secret, "granted": granted}
    s.shops["west"] = west  # type: ignore[assignment]
    made: Any = connect("west", given, Ports(s.clock, s.rng, tiktok.transport(west)))
    s.agent.channels["west"] = made  # type: ignore[index]
    s.ids["west", "MUG"] = west.add_simple("MUG", "Mug", 10)  # type: ignore[assignment]
    await s.opens("MUG")
    s.books(("MUG", 2))
    west.sell(s.ids["west", "MUG"], 3)  # type: ignore[arg-type]
    await s.cycle()
    await s.cycle()
    assert (*s.both(), s.shows("west", "MUG")) == (5, 5, 5) and s.levels("MUG")[:3] == (10, 5, 5)
