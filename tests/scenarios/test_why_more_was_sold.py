"""An order above Available: kept once, with the minute and the cause, first in Attention and in Movements (S1-14)."""

from __future__ import annotations

import polars as pl

from tests.scenarios.stage import Stage, scene


async def opens(stage: Stage, stocked: int = 2) -> None:
    stage.sells("A", north=stocked, south=stocked)
    stage.types("A", stocked=stocked)
    await stage.goes_live()
    await stage.cycle()


def event(stage: Stage) -> tuple[str, int, str]:
    """Channel, units and cause of the only event."""
    rows = stage.agent.store.table("oversell")
    assert rows.height == 1, rows.to_dicts()
    return rows.select("channel", "units", "cause").row(0)


@scene("oversold", "oversold_late")
async def test_two_shops_sell_the_last_units_within_one_look(stage: Stage) -> None:
    await opens(stage)
    first = stage.buys("north", "A", 2)
    await stage.waits(3)
    at = stage.clock.now()
    stage.buys("south", "A", 2)
    await stage.cycle()
    row = stage.row_about("was sold than you have")
    assert stage.attention()[0] == row and row.bad == "stop"
    assert f"2 units short, last in south at {at.astimezone():%Y-%m-%d %H:%M}" in row.what
    assert f"north had sold one before (order {first}), and the lower number reached south" in row.what
    assert event(stage) == ("south", 2, "oversold_late")
    moved = stage.book.results("Movements").filter(pl.col("What") == "oversold")
    assert moved.height == 1 and "2 more than there was: north had sold one before" in moved["Because"][0]
    await stage.cycles(300)
    assert event(stage) == ("south", 2, "oversold_late"), "an order above what there was is one event"


@scene("oversold_unread")
async def test_a_shop_that_could_not_be_read_had_sold_them(stage: Stage) -> None:
    await opens(stage)
    stage.shops["north"].faults.down = True
    stage.buys("north", "A", 2)
    await stage.cycles(1200, every=60)
    stage.buys("south", "A", 1)
    await stage.cycle()
    stage.shops["north"].faults.down = False
    await stage.cycles(1200, every=60)
    assert event(stage) == ("south", 1, "oversold_unread")
    assert "its orders could not be read for" in stage.row_about("was sold than you have").what


@scene("oversold_edit")
async def test_stocked_is_lowered_below_what_is_sold(stage: Stage) -> None:
    await opens(stage, 5)
    stage.buys("south", "A", 4)
    await stage.cycle()
    stage.types("A", stocked=1)
    await stage.cycle()
    assert event(stage) == ("south", 3, "oversold_edit")
    assert "Stocked of A was made lower by 4 units when it was sold already" in stage.row_about("was sold than").what


@scene("oversold_shop")
async def test_a_shop_with_backorders_sells_what_is_not_there(stage: Stage) -> None:
    await opens(stage)
    stage.shops["south"].book_order([(stage.ids["south", "A"], 5)], "processing")
    await stage.cycle()
    assert event(stage) == ("south", 3, "oversold_shop")
    assert "south sold more than Stocksheet lets it show" in stage.row_about("was sold than you have").what


@scene("oversold_promised")
async def test_a_minimum_in_rules_promises_more_than_there_is(stage: Stage) -> None:
    stage.adds("Rules", SKU="A", Minimum=5)
    await opens(stage)
    assert stage.shows("south", "A") == 5
    stage.buys("south", "A", 4)
    await stage.cycle()
    assert event(stage) == ("south", 2, "oversold_promised")
    assert "Minimum in Rules lets south show more than there is" in stage.row_about("was sold than you have").what


@scene("oversold_agent")
async def test_a_number_of_our_own_that_was_too_high_is_called_so(stage: Stage) -> None:
    """Nothing in the agent brings this about: the stock is made smaller behind its back, in its own store."""
    stage.sells("A", north=9, south=9)
    stage.types("A", stocked=6)
    await stage.goes_live()
    await stage.cycles(120)
    store = stage.agent.store
    with store.transaction():
        store.put("level", store.table("level").with_columns(on_hand=pl.lit(1, pl.Int64)))
    stage.buys("south", "A", 3)
    stage.types("B", stocked=1)  # a reason to write
    await stage.cycle()
    assert event(stage) == ("south", 2, "oversold_agent")
    assert "Stocksheet's own number for south was too high" in stage.row_about("was sold than you have").what
