"""The whole agent with a Lazada in the north, a WooCommerce in the south: what only Lazada does, as sellers see it."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from xml.etree import ElementTree

from agent.channels.http import Ports
from agent.channels.lazada import connect
from agent.practice import lazada
from agent.practice.lazada.declared import SET
from agent.practice.lazada.routes import params_of, path_of
from tests.scenarios.order_stage import OrderStage, of

story = of("lazada")


def watch(s: OrderStage) -> list[str]:
    """Every SKU of which a quantity is set at Lazada from now on."""
    sets: list[str] = []

    def seen(request: lazada.Request, response: lazada.Response) -> None:
        if path_of(request) == SET:
            payload = ElementTree.fromstring(dict(params_of(request))["payload"])
            sets.extend(f"{sku.findtext('ItemId')}-{sku.findtext('SkuId')}" for sku in payload.iter("Sku"))

    s.front.shop.on_exchange = seen
    return sets


@story()
async def test_a_sale_on_either_lowers_the_other_and_shipping_changes_nothing_more(s: OrderStage) -> None:
    await s.opens("MUG", stocked=20)
    there = s.books(("MUG", 3))
    await s.cycle()
    assert s.both() == (17, 17)
    here = s.buys("south", "MUG", 2)
    await s.cycle()
    assert s.both() == (15, 15)
    s.front.ships(there)
    s.ships("south", here)
    await s.cycle()
    s.front.shop.deliver(there)
    await s.cycles(2 * 86_400, every=86_400)
    assert s.levels("MUG")[:3] == (15, 0, 15) and s.both() == (15, 15)


@story()
async def test_a_campaigns_lock_is_not_undercut_and_the_shop_that_keeps_more_is_told(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.front.shop.campaign(s.ids["north", "MUG"], 6)
    s.types("MUG", stocked=2)
    await s.cycle()
    await s.cycle()
    assert s.both() == (6, 2), "as low as Lazada takes it; the other shop is not held up by it"
    assert s.listing("north", "MUG").target == 2
    assert any("keeps 6" in row.what or "locked 6 units" in row.what for row in s.attention()), s.attention()
    await s.cycles(28 * 3600, every=7 * 3600)
    assert s.both() == (2, 2), "the campaign is over, and it was tried again"


@story()
async def test_an_order_that_nobody_pays_for_is_held_for_half_an_hour_and_free_in_both_shops_then(
    s: OrderStage,
) -> None:
    await s.opens("MUG", stocked=10)
    s.books(("MUG", 4), state="unpaid")
    await s.cycle()
    assert s.both() == (6, 6)
    await s.cycles(2400, every=300)
    assert s.both() == (10, 10) and s.levels("MUG")[:3] == (10, 0, 10) and not s.attention()


@story()
async def test_a_seller_who_cancels_there_as_out_of_stock_is_asked_where_the_units_are(s: OrderStage) -> None:
    """Lazada sets the listing to 0: neither what it took away nor the cancelled units are sold anywhere unasked."""
    await s.opens("MUG", stocked=10)
    order = s.books(("MUG", 2))
    await s.cycle()
    await s.waits(20)
    s.front.shop.cancel(order, "Out of Stock")
    await s.cycles(2400, every=300)
    assert s.both() == (0, 0) and s.levels("MUG") == (10, 0, 10, 10)
    row = next(row for row in s.attention() if "MUG" in row.what and row.answers)
    assert "gone" in row.answers and "put back" in row.answers
    s.answers("put back", row.what)
    await s.cycle()
    await s.cycle()
    assert s.both() == (10, 10)


@story()
async def test_tokens_end_in_a_running_week_and_nobody_notices(s: OrderStage) -> None:
    s.front.shop.access_life = timedelta(days=3)
    await s.opens("MUG", stocked=10)
    await s.cycles(2 * 86_400, every=14_400)
    s.books(("MUG", 4))
    await s.cycle()
    assert s.both() == (6, 6)
    assert sum(pair.used for pair in s.front.shop.pairs) == 1


@story()
async def test_an_authorisation_that_was_taken_away_is_told_and_the_rest_goes_on(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.front.shop.unlink()
    s.buys("south", "MUG", 3)
    await s.cycles(300, every=60)
    assert s.shows("south", "MUG") == 7
    row = s.row_about("does not let north in")
    assert "stocksheet connect north" in row.todo


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
async def test_what_was_on_its_way_when_the_shop_was_opened_never_leaves_the_shelf_again(s: OrderStage) -> None:
    """Its arrival, days later, is the first that is seen of it."""
    s.sells("MUG", north=10, south=10)
    way = s.front.books([(s.ids["north", "MUG"], 2)])
    s.front.shop.type_quantity(s.ids["north", "MUG"], 10)
    s.front.ships(way)
    await s.waits(4 * 86_400)
    s.types("MUG", stocked=10)
    await s.goes_live()
    await s.cycle()
    s.front.shop.deliver(way)
    await s.cycles(3600, every=600)
    assert s.levels("MUG")[:3] == (10, 0, 10) and s.both() == (10, 10)


@story()
async def test_what_lazada_keeps_and_sells_itself_is_never_pushed_or_counted(s: OrderStage) -> None:
    await s.opens("MUG", stocked=10)
    s.ids["north", "FBL"] = s.front.shop.add_simple("FBL", "Kept by Lazada", None)
    s.types("FBL", stocked=9)
    sets = watch(s)
    s.front.shop.sell(s.ids["north", "FBL"], 2)
    await s.cycles(2400, every=600)
    assert s.levels("FBL")[:3] == (9, 0, 9) and s.ids["north", "FBL"] not in sets


@story()
async def test_shops_in_two_countries_share_one_stock(s: OrderStage) -> None:
    """Several accounts of one platform: each has its tokens, and equal SKUs draw on one item."""
    west = lazada.Shop(clock=s.clock.now, rng=Random("west"), name="west", seller_id=222, country="th",
                       sleep=s.clock.sleep)  # fmt: skip
    given = {"country": "Thailand", "app_key": west.app_key, "app_secret": west.app_secret,
             "granted": f"https://localhost/?code={west.authorise()}"}  # fmt: skip
    s.shops["west"] = west  # type: ignore[assignment]
    s.agent.channels["west"] = connect("west", given, Ports(s.clock, s.rng, lazada.transport(west)))  # type: ignore[index]
    s.ids["west", "MUG"] = west.add_simple("MUG", "Mug", 10)  # type: ignore[assignment]
    await s.opens("MUG")
    s.books(("MUG", 2))
    west.sell(s.ids["west", "MUG"], 3)  # type: ignore[arg-type]
    await s.cycle()
    await s.cycle()
    assert (*s.both(), s.shows("west", "MUG")) == (5, 5, 5) and s.levels("MUG")[:3] == (10, 5, 5)


@story()
async def test_what_arrived_while_the_computer_was_off_is_not_in_a_count_from_before(s: OrderStage) -> None:
    """Of what has arrived Lazada does not say when it left. Dated at its sale it would be in the count, and be for sale
    again."""
    await s.opens("MUG")
    order = s.books(("MUG", 3))
    await s.cycles(120)
    s.types("MUG", stocked=12)
    await s.cycle()
    assert s.levels("MUG")[:3] == (12, 3, 9)
    s.front.ships(order)
    s.front.shop.deliver(order)
    await s.waits(3600)
    s.front.settings["granted"] = f"https://localhost/?code={s.front.shop.authorise()}"
    await s.restarts()
    await s.cycles(300)
    assert (s.levels("MUG"), s.shows("north", "MUG"), s.shows("south", "MUG")) == ((9, 0, 9, None), 9, 9)
