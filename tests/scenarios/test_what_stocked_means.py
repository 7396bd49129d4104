"""What the numbers in Stocked mean: asked once at the first preview, kept, and carried out (DESIGN section 5)."""

from __future__ import annotations

import pytest

from tests.scenarios.stage import Listing, Stage, scene


async def first_preview(stage: Stage, *, net: bool) -> dict[str, int]:
    """Three items, two units of each sold and not shipped. `net`: the seller took them off the sheet, too."""
    orders = {}
    for sku in "ABC":
        stage.sells(sku, north=20)
        orders[sku] = stage.buys("north", sku, 2)
        stage.types(sku, stocked=18 if net else 20)
    stage.sells("D", north=7)
    stage.types("D", stocked=9)
    await stage.cycle()
    return orders


@scene("numbers_are_net")
async def test_numbers_that_are_net_are_recognised_and_what_is_not_shipped_is_added_once(stage: Stage) -> None:
    orders = await first_preview(stage, net=True)
    row = stage.row_about("sold and not shipped yet")
    assert row.what == (
        "north shows just what Stocked says for 3 items, although 6 units of them are sold and not shipped yet. "
        "Are sold units taken off your numbers already?"
    )
    assert (row.bad, row.answers, row.where) == ("decide", "net / count", "Item Master")
    assert stage.listing("north", "A").target == 16
    stage.answers("net", about="sold and not shipped yet")
    await stage.cycle()
    assert stage.levels("A") == (20, 2, 18, None)
    assert stage.stocked("A") == 20
    assert stage.listing("north", "A") == Listing("not live yet", 18, "20 stocked - 2 allocated = 18", 18)
    await stage.restarts()
    await stage.cycle()
    assert len(stage.questions()) == 1  # the first plan
    stage.answers("yes")
    await stage.cycle()
    stage.ships("north", orders["A"])
    stage.cancels("north", orders["B"])
    await stage.cycle()
    assert (stage.levels("A"), stage.stocked("A")) == ((18, 0, 18, None), 18)
    assert (stage.levels("B"), stage.shows("north", "B")) == ((20, 0, 20, None), 20)
    stage.types("A", stocked=25)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (25, [])


@scene("numbers_are_net")
async def test_an_item_that_is_counted_later_is_read_in_the_same_way(stage: Stage) -> None:
    """The answer holds for the numbers of new items, too."""
    await first_preview(stage, net=True)
    stage.answers("net", about="sold and not shipped yet")
    stage.sells("E", north=10)
    stage.buys("north", "E", 3)
    await stage.cycle()
    stage.types("E", stocked=7)
    await stage.cycle()
    assert stage.levels("E") == (10, 3, 7, None)
    stage.buys("north", "E", 1)
    await stage.cycle()
    assert stage.levels("E") == (10, 4, 6, None)


@scene("numbers_are_net")
async def test_count_is_kept_and_never_asked_again(stage: Stage) -> None:
    await first_preview(stage, net=True)
    stage.answers("count", about="sold and not shipped yet")
    await stage.cycle()
    await stage.restarts()
    await stage.cycle()
    assert len(stage.questions()) == 1
    assert stage.levels("A") == (18, 2, 16, None)


@scene()
async def test_numbers_that_are_counts_are_not_asked_about(stage: Stage) -> None:
    await first_preview(stage, net=False)
    assert [row.what[:14] for row in stage.questions()] == ["The first plan"]


@pytest.mark.parametrize("means", ["count", "net", "external"])
@scene()
async def test_what_the_settings_say_is_not_asked(stage: Stage, means: str) -> None:
    stage.agent.means = means
    await first_preview(stage, net=True)
    assert [row.what[:14] for row in stage.questions()] == ["The first plan"]
    assert stage.levels("A")[2] == (18 if means == "net" else 16)


@scene()
async def test_stocked_that_another_system_keeps_is_never_written_and_each_number_is_a_count(stage: Stage) -> None:
    """The other system takes off what was shipped, in its own time: its number is never counted down twice."""
    stage.agent.means = "external"
    stage.sells("A", north=5)
    stage.types("A", stocked=20)
    await stage.goes_live()
    order = stage.buys("north", "A", 4)
    await stage.cycle()
    stage.ships("north", order)
    await stage.cycle()
    assert (stage.stocked("A"), stage.levels("A")) == (20, (16, 0, 16, None))
    stage.types("A", stocked=16)
    await stage.cycle()
    assert (stage.stocked("A"), stage.shows("north", "A"), stage.attention()) == (16, 16, [])
    order = stage.buys("north", "A", 1)
    await stage.cycle()
    stage.ships("north", order)
    await stage.cycle()
    assert stage.levels("A") == (15, 0, 15, None)
    stage.types("A", stocked=35)
    await stage.cycle()
    assert (stage.stocked("A"), stage.shows("north", "A"), stage.attention()) == (35, 35, [])


@scene("numbers_are_net")
async def test_once_a_shop_is_live_it_is_not_asked_any_more(stage: Stage) -> None:
    """The first plan is approved instead of an answer: the numbers are what they are said to be, and the safe ones."""
    await first_preview(stage, net=True)
    stage.answers("yes", about="first plan")
    await stage.cycle()
    assert stage.questions() == []
    assert (stage.shows("north", "A"), stage.levels("A")) == (16, (18, 2, 16, None))
