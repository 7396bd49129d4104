"""Drift: what is changed in a shop itself, who did it as far as it is known, and the three answers (DESIGN 8)."""

from __future__ import annotations

import polars as pl
import pytest

from agent.channels import find
from tests.scenarios.order_stage import FRONTS, OrderStage
from tests.scenarios.stage import Stage, perform, scene


async def live(stage: Stage, on_drift: str | None = None) -> None:
    """Twenty of A in two live shops."""
    stage.sells("A", north=20, south=20)
    stage.types("A", stocked=20)
    if on_drift is not None:
        stage.adds("Channels", Channel="north", On_drift=on_drift)
    await stage.goes_live()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 20)


def drifts(stage: Stage) -> list[tuple[str, int, str]]:
    """The drifts in Movements: SKU, Units, Because."""
    rows = stage.book.results("Movements").filter(pl.col("What") == "drift")
    return list(rows.select("SKU", "Units", "Because").iter_rows())


BY_HAND = "without an order: The number was changed in the shop itself, by hand or by another program."


@scene("drift_up", "drift_someone")
async def test_a_rise_in_the_shop_is_lowered_at_once_and_asked_about_later(stage: Stage) -> None:
    await live(stage)
    stage.sells_by_hand("north", "A", -5)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 20), "lowered at once"
    assert stage.attention() == []
    await stage.cycles(960, every=240)
    row = stage.row_about("more of A than it should")
    assert row.what.startswith("north showed 5 units more of A than it should, between ")
    assert "changed in the shop itself" in row.what
    assert (row.bad, row.answers, row.where) == ("decide", "adopt / put back", "Item Master!C2")
    assert drifts(stage) == [("A", 5, BY_HAND)]
    stage.answers("adopt")
    await stage.cycle()
    assert (stage.levels("A"), stage.stocked("A"), stage.attention()) == ((25, 0, 25, None), 25, [])
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (25, 25)


@scene("drift_up")
async def test_a_rise_that_is_put_back_changes_nothing_on_the_shelf(stage: Stage) -> None:
    await live(stage)
    stage.sells_by_hand("north", "A", -5)
    await stage.cycles(1080, every=240)
    stage.answers("put back")
    await stage.cycle()
    assert (stage.levels("A"), stage.attention(), stage.shows("north", "A")) == ((20, 0, 20, None), [], 20)


@scene()
async def test_on_drift_put_back_answers_for_all_after_the_same_wait(stage: Stage) -> None:
    await live(stage, "put back")
    stage.sells_by_hand("north", "A", 3)
    await stage.cycle()
    assert stage.levels("A") == (20, 0, 20, 3), "missing is subtracted at once, whatever On drift says"
    assert stage.shows("south", "A") == 17
    await stage.cycles(1080, every=240)
    assert (stage.levels("A"), stage.attention()) == ((20, 0, 20, None), [])
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 20)


@scene()
async def test_on_drift_adopt_books_what_is_gone_and_what_came_on_top(stage: Stage) -> None:
    await live(stage, "adopt")
    stage.sells_by_hand("north", "A", 3)
    await stage.cycles(1080, every=240)
    assert (stage.levels("A"), stage.stocked("A")) == ((17, 0, 17, None), 17)
    stage.sells_by_hand("north", "A", -6)
    await stage.cycle()
    assert stage.shows("north", "A") == 17, "lowered at once whatever On drift says"
    await stage.cycles(1080, every=240)
    assert (stage.levels("A"), stage.attention()) == ((23, 0, 23, None), [])
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (23, 23)
    causes = stage.book.results("Movements").filter(pl.col("What") == "correction")["Because"].to_list()
    assert causes == ["came on top in north, as On drift says", "gone from north, as On drift says"]


@scene()
async def test_what_a_cancelled_order_gave_back_is_not_adopted(stage: Stage) -> None:
    """The shop takes the units back itself, and its order says so: no stock is made of them."""
    await live(stage, "adopt")
    order = stage.buys("north", "A", 4)
    await stage.cycle()
    stage.cancels("north", order)
    await stage.cycles(1080, every=240)
    assert (stage.levels("A"), stage.attention(), drifts(stage)) == ((20, 0, 20, None), [], [])


@scene("drift_up", "drift_tool")
async def test_a_number_that_is_set_again_and_again_is_never_adopted_unasked(stage: Stage) -> None:
    """Another tool sets 50 each time: that is no delivery of 30 units each time."""
    await live(stage, "adopt")
    for _ in range(3):
        stage.sells_by_hand("north", "A", -30)
        await stage.cycle()
        assert stage.shows("north", "A") == 20
    await stage.cycles(1080, every=240)
    row = stage.row_about("more of A than it should")
    assert row.what.startswith("north showed 30 units more of A") and "as another tool does" in row.what
    assert stage.levels("A") == (20, 0, 20, None)
    stage.answers("put back")
    await stage.cycle()
    assert (stage.levels("A"), stage.attention()) == ((20, 0, 20, None), [])


@scene("missing_units", "drift_someone")
async def test_movements_and_attention_say_who_took_units_away(stage: Stage) -> None:
    await live(stage)
    stage.sells_by_hand("north", "A", 3)
    await stage.cycles(1080, every=240)
    assert drifts(stage) == [("A", -3, BY_HAND)]
    assert (
        "changed in the shop itself, by hand or by another program. No shop sells" in stage.row_about("vanished").what
    )


@scene("missing_units", "drift_eaten")
async def test_a_quantity_that_the_shop_took_and_did_not_keep_is_told_as_that(stage: Stage) -> None:
    """It showed 20, took our 26, and shows 20 again."""
    await live(stage)
    stage.types("A", stocked=26)
    await stage.cycle()
    assert stage.shows("north", "A") == 26
    stage.shops["north"].type_quantity(stage.ids["north", "A"], 20)
    await stage.cycles(1080, every=240)
    assert "what it did before our last quantity" in stage.row_about("6 units of A vanished").what


@scene("missing_units", "drift_locked")
async def test_a_shop_that_refused_our_quantity_before_is_told_as_held_there(stage: Stage) -> None:
    await live(stage)
    stage.shops["north"].faults.reject_ids = {stage.ids["north", "A"]}
    stage.types("A", stocked=26)
    await stage.cycle()
    stage.sells_by_hand("north", "A", 2)
    await stage.cycles(1080, every=240)
    assert "The shop refused our last quantity" in stage.row_about("2 units of A vanished").what


AT_ONCE = sorted(name for name, front in FRONTS.items() if find(name).CAN.changed and "whole days" not in front.can)
"""Platforms that tell of a changed quantity before the next complete read."""


@pytest.mark.parametrize("platform", AT_ONCE)
def test_on_drift_adopt_takes_a_new_number_of_any_platform_into_stocked(platform: str) -> None:
    async def story(stage: OrderStage) -> None:
        stage.adds("Channels", Channel="north", On_drift="adopt")
        await stage.opens("A")
        stage.sells_by_hand("north", "A", 3)
        await stage.cycles(1080, every=240)
        assert (stage.levels("A"), stage.shows("south", "A")) == ((7, 0, 7, None), 7)
        stage.sells_by_hand("north", "A", -2)
        await stage.cycle()
        assert stage.shows("north", "A") == 7
        await stage.cycles(1080, every=240)
        assert (stage.levels("A"), stage.shows("south", "A"), stage.questions()) == ((9, 0, 9, None), 9, [])

    perform(story, lambda loop: OrderStage(loop, platform))


def test_what_a_line_taken_out_of_its_order_gave_back_is_not_adopted() -> None:
    """WooCommerce puts the units of a removed line on the listing again; as it stands now, the line never took any."""

    async def story(stage: OrderStage) -> None:
        stage.adds("Channels", Channel="north", On_drift="adopt")
        await stage.opens("A", "B")
        order = stage.books(("A", 2), ("B", 1))
        await stage.cycle()
        stage.front.edits(order, 0, 0)
        await stage.cycles(1080, every=240)
        assert stage.levels("A") == (10, 0, 10, None)
        assert (drifts(stage), stage.questions()) == ([], [])

    perform(story, lambda loop: OrderStage(loop, "woocommerce"))


@scene("missing_units")
async def test_units_that_the_shop_did_not_take_for_an_order_explain_none_that_vanish(stage: Stage) -> None:
    """A plug-in makes two ordered units five, and WooCommerce's quantity does not follow: it notes two as taken. Three
    that are sold at the till in that minute are not those three: both shops show what is really left."""
    await live(stage)
    order = stage.buys("north", "A", 2)
    await stage.cycle()
    await stage.waits(20)
    shop = stage.shops["north"]
    shop.edit_order(order, {shop.orders[order].lines[0].id: 5}, stock_follows=False)
    stage.sells_by_hand("north", "A", 3)
    await stage.cycle()
    assert stage.levels("A") == (20, 5, 15, 3)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (12, 12)
    stage.ships("north", order)
    await stage.cycles(1080, every=240)
    assert stage.levels("A") == (15, 0, 15, 3)
    stage.answers("gone", about="3 units of A vanished")
    await stage.cycle()
    assert (stage.levels("A"), stage.attention(), stage.shows("south", "A")) == ((12, 0, 12, None), [], 12)
