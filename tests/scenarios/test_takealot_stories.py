"""The whole agent with a Takealot in the north: two kinds of stock, one key, late batches (S3-12, S3-15)."""

from __future__ import annotations

import polars as pl

from agent.practice.takealot import Shop
from tests.scenarios.order_stage import OrderStage, of

story = of("takealot")


def north(stage: OrderStage) -> Shop:
    """The Takealot shop."""
    shop = stage.front.shop
    assert isinstance(shop, Shop)
    return shop


async def refilled(stage: OrderStage, *, decrease: bool = True) -> None:
    """Four of ten are sent to Takealot's warehouse; a quarter of an hour and more goes by."""
    await stage.opens("MUG")
    await stage.cycles(960, every=240)
    north(stage).replenish(stage.ids["north", "MUG"], 4, "jhb", decrease=decrease)
    await stage.cycles(2400, every=240)


@story("units_set_out")
async def test_a_replenishment_of_takealots_warehouse_is_proposed_as_a_transfer_S3_12(stage: OrderStage) -> None:
    await refilled(stage)
    row = stage.row_about("set out")
    assert row.what.startswith("4 units of MUG left your own stock in north without an order, between ")
    assert ", while 4 units set out for the marketplace's own stock: it looks as if you refilled that." in row.what
    assert (row.bad, row.answers) == ("decide", "transfer / put back")
    assert (stage.both(), stage.levels("MUG")) == ((6, 6), (10, 0, 10, 4)), "no shop sells them meanwhile"
    stage.answers("transfer", "set out")
    await stage.cycle()
    assert (stage.levels("MUG"), stage.stocked("MUG"), stage.both()) == ((6, 0, 6, None), 6, (6, 6))
    moved = stage.book.results("Movements").filter((pl.col("Units") == -4) & (pl.col("What") == "correction"))
    assert moved["Because"].to_list() == ["gone from north, sent there for its own stock, as answered"]
    north(stage).receive(stage.ids["north", "MUG"], 4, "jhb")
    await stage.cycles(2400, every=240)
    assert (stage.both(), stage.attention()) == ((6, 6), []), "what arrives at Takealot is never ours again"


@story("units_set_out")
async def test_a_replenishment_that_did_not_leave_the_shelf_is_put_back(stage: OrderStage) -> None:
    await refilled(stage)
    stage.answers("put back", "set out")
    await stage.cycles(300, every=60)
    assert (stage.levels("MUG")[:3], stage.both()) == ((10, 0, 10), (10, 10))


@story()
async def test_a_replenishment_that_leaves_my_soh_as_it_is_asks_nothing(stage: OrderStage) -> None:
    await refilled(stage, decrease=False)
    assert (stage.levels("MUG")[:3], stage.both(), stage.questions()) == ((10, 0, 10), (10, 10), [])


@story("missing_units")
async def test_units_that_left_without_setting_out_are_asked_about_as_everywhere(stage: OrderStage) -> None:
    await stage.opens("MUG")
    await stage.cycles(960, every=240)
    north(stage).type_quantity(stage.ids["north", "MUG"], 7)
    await stage.cycles(2400, every=240)
    assert stage.row_about("vanished from north").answers == "gone / put back"


@story()
async def test_a_sale_out_of_takealots_warehouse_lowers_nothing_of_yours_S3_15(stage: OrderStage) -> None:
    await stage.opens("MUG")
    north(stage).offers[stage.ids["north", "MUG"]].at_takealot = {"jhb": 5}
    assert north(stage).sell(stage.ids["north", "MUG"], 3) is not None
    await stage.cycles(1800, every=300)
    assert (stage.levels("MUG"), stage.both()) == ((10, 0, 10, None), (10, 10))
    assert north(stage).offers[stage.ids["north", "MUG"]].at_takealot == {"jhb": 2}


@story()
async def test_where_a_sale_of_your_own_names_a_region_too_no_unit_is_sold_twice(stage: OrderStage) -> None:
    """That a region means Takealot's warehouse is not documented. If it is otherwise, what was sold vanishes from the
    listing without an order of ours, and no shop sells it."""
    await stage.opens("MUG")
    north(stage).habits.names_source_of_own = True
    stage.books(("MUG", 3))
    await stage.cycles(1200, every=300)
    assert (stage.both(), stage.levels("MUG")[3]) == ((7, 7), 3)


@story()
async def test_cancelled_units_that_takealot_gives_back_by_itself_are_not_counted_twice(stage: OrderStage) -> None:
    """Whether it does is not documented."""
    await stage.opens("MUG")
    north(stage).habits.cancel_gives_back = True
    order = stage.books(("MUG", 3))
    await stage.cycle()
    assert stage.both() == (7, 7)
    north(stage).cancel(order)
    await stage.cycles(2400, every=300)
    assert (stage.levels("MUG"), stage.both(), stage.questions()) == ((10, 0, 10, None), (10, 10), [])


@story()
async def test_a_new_key_for_another_tool_stops_takealot_alone_and_says_why(stage: OrderStage) -> None:
    await stage.opens("MUG")
    north(stage).new_key("of-another-tool")
    await stage.cycles(600, every=60)
    trouble = stage.status("north")["Trouble"]
    assert "one active API key a seller" in trouble and "stocksheet connect north" in trouble
    stage.types("MUG", stocked=4)
    await stage.cycle()
    assert stage.shows("south", "MUG") == 4


@story()
async def test_a_challenge_page_is_waited_out(stage: OrderStage) -> None:
    await stage.opens("MUG")
    north(stage).faults.challenge = 3
    stage.types("MUG", stocked=6)
    await stage.cycles(1200, every=60)
    assert stage.both() == (6, 6)


@story()
async def test_a_batch_that_takes_minutes_is_waited_for_and_sold_units_stay_sold(stage: OrderStage) -> None:
    await stage.opens("MUG", "CUP")
    north(stage).faults.batch_seconds = 200
    for sku in ("MUG", "CUP"):
        stage.types(sku, stocked=4)
    await stage.cycle()
    assert stage.both()[1] == 4, "the other shop does not wait for it"
    stage.books(("MUG", 1))
    await stage.cycles(3600, every=120)
    assert (stage.both(), stage.levels("MUG")[:3]) == ((3, 3), (4, 1, 3))
    assert stage.both("CUP") == (4, 4)


@story()
async def test_an_offer_without_leadtime_is_never_pushed_and_an_offer_that_loses_it_is_held(stage: OrderStage) -> None:
    await stage.opens("MUG")
    stage.ids["north", "DC"] = north(stage).add_simple("DC", "At Takealot only", None, at_takealot={"cpt": 9})
    stage.types("DC", stocked=5)
    north(stage).stop_counting(stage.ids["north", "MUG"])
    await stage.cycles(1200, every=300)
    assert north(stage).offers[stage.ids["north", "DC"]].stock == {}
    assert north(stage).offers[stage.ids["north", "MUG"]].stock == {}
    stage.types("MUG", stocked=3)
    await stage.cycles(600, every=300)
    assert (stage.shows("north", "MUG"), stage.shows("south", "MUG")) == (None, 3)


@story()
async def test_an_offer_that_takealot_disabled_is_told_in_words_and_the_others_go_on(stage: OrderStage) -> None:
    await stage.opens("MUG", "CUP")
    north(stage).disable(stage.ids["north", "MUG"], by_takealot=True)
    for sku in ("MUG", "CUP"):
        stage.types(sku, stocked=4)
    await stage.cycles(300, every=60)
    assert (stage.both(), stage.both("CUP")) == ((10, 4), (4, 4))
    assert any("disabled this offer" in row.what for row in stage.attention())


@story()
async def test_a_sale_in_the_moment_of_a_push_is_found_by_the_next_read(stage: OrderStage) -> None:
    """No compare-and-set: the push overwrites what the sale took off; the order, read later, takes it again."""
    await stage.opens("MUG")
    stage.types("MUG", stocked=6)
    stage.books(("MUG", 2))
    await stage.cycles(1200, every=60)
    assert (stage.both(), stage.levels("MUG")[:3]) == ((4, 4), (6, 2, 4))


@story()
async def test_what_was_sent_while_the_computer_was_off_is_not_in_a_count_from_before(stage: OrderStage) -> None:
    """Takealot does not say when it was sent. Dated at its sale it would be in the count, and be for sale again."""
    await stage.opens("MUG")
    order = stage.books(("MUG", 3))
    await stage.cycles(120)
    stage.types("MUG", stocked=12)
    await stage.cycle()
    assert stage.levels("MUG")[:3] == (12, 3, 9)
    north(stage).ship(order)
    await stage.waits(3600)
    await stage.restarts()
    await stage.cycles(120)
    assert (stage.levels("MUG"), stage.both()) == ((9, 0, 9, None), (9, 9))


@story()
async def test_what_was_ordered_and_sent_while_nobody_looked_is_not_in_a_count_from_between(stage: OrderStage) -> None:
    await stage.opens("MUG")
    north(stage).faults.down = True
    order = stage.books(("MUG", 2))
    await stage.cycles(60)
    stage.types("MUG", stocked=12)
    await stage.cycles(600)
    north(stage).ship(order)
    north(stage).faults.down = False
    await stage.cycles(3600, every=300)
    assert (stage.levels("MUG"), stage.both()) == ((10, 0, 10, None), (10, 10))


@story()
async def test_an_order_that_is_sent_the_next_day_is_known_by_the_next_look(stage: OrderStage) -> None:
    """Whoever counts the shelf a few minutes after packing counts without what is gone."""
    await stage.opens("MUG")
    order = stage.books(("MUG", 3))
    await stage.cycles(86_400, every=7200)
    await stage.cycles(120)
    north(stage).ship(order)
    await stage.cycle()
    assert stage.levels("MUG")[:3] == (7, 0, 7)


@story()
async def test_a_lowering_does_not_wait_for_a_batch_of_raises_I13(stage: OrderStage) -> None:
    await stage.opens("MUG", "CUP", "POT")
    north(stage).faults.batch_seconds = 50
    for sku in ("MUG", "CUP"):
        stage.types(sku, stocked=14)
    await stage.cycle()
    stage.types("POT", stocked=4)
    await stage.cycle()
    assert (stage.both("POT"), stage.shows("north", "MUG")) == ((4, 4), 10), "the batch is still worked off"
    await stage.cycles(300)
    assert (stage.both(), stage.both("CUP"), stage.both("POT")) == ((14, 14), (14, 14), (4, 4))


@story()
async def test_what_a_batch_says_of_an_offer_that_was_lowered_since_says_nothing_of_it(stage: OrderStage) -> None:
    """The batch was sent before and ends after: the offer shows what the batch set, until that is read and lowered."""
    await stage.opens("MUG", "CUP")
    north(stage).faults.batch_seconds = 20
    for sku in ("MUG", "CUP"):
        stage.types(sku, stocked=14)
    await stage.cycle()
    stage.types("MUG", stocked=4)
    await stage.cycle()
    assert stage.shows("south", "MUG") == 4
    await stage.cycles(2400, every=120)
    assert (stage.both(), stage.both("CUP")) == ((4, 4), (14, 14))
