"""The stop cells of Control: pauses, freezes, to 0. They act at once, say why, come back by themselves, and are told
of for as long as they stand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl

from agent.workbooks.tabs import CONTROLS
from tests.scenarios.stage import Listing, Stage, scene
from tests.scenarios.test_what_freezes_an_item import renames_column
from tests.scenarios.test_what_parks_a_listing import IN_SYNC, live
from tests.scenarios.test_what_the_dashboard_says import figure

FIRST = len(CONTROLS) + 2
"""The first free row of Control."""
SINCE = "2026-11-23 08:00"
SUM = "20 stocked - 0 allocated = 20"


def tomorrow(stage: Stage) -> date:
    """The day after the story's first."""
    return (stage.clock.now().astimezone() + timedelta(days=1)).date()


def since(stage: Stage) -> str:
    at = stage.agent.store.table("stop")["since"].min()
    assert isinstance(at, datetime)
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


# --- pauses


@scene("pause_sku", "stops_in_force", "stop_in_force")
async def test_a_paused_item_is_neither_raised_nor_lowered_anywhere(stage: Stage) -> None:
    """Another item goes on. The row says since when; Attention, Dashboard and Start here do not let it be forgotten."""
    stage.sells("B", north=4)
    stage.types("B", stocked=4)
    await live(stage)
    stage.adds("Control", Control="Pause", SKU="a")
    stage.types("A", stocked=30)
    stage.types("B", stocked=6)
    await stage.cycle()
    begins = f"A is paused in Control since {since(stage)}: nothing is pushed."
    assert stage.listing("north", "A") == Listing(
        "paused: this item", 30, f"{begins} 30 stocked - 0 allocated = 30", 20
    )
    assert (stage.shows("north", "A"), stage.shows("south", "A"), stage.shows("north", "B")) == (20, 20, 6)
    told = stage.row_about("Stopped by you")
    assert (told.bad, told.what, told.where) == ("note", "Stopped by you: 1 SKU is paused (A).", "Control")
    assert stage.book.results("Start here")["How it stands"][-1].endswith(" 1 SKU is paused (A).")
    assert figure(stage, "Stops in force") == ("1 stop", "look", "Stopped by you: 1 SKU is paused (A).")
    assert stage.came_of("Pause a") == f"In force since {since(stage)}: 2 listings."
    stage.clears(FIRST)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (30, 30)
    assert stage.attention() == []
    assert figure(stage, "Stops in force") == ("0 stops", "good", "Nothing is paused, frozen or held at 0.")
    assert stage.came_of("Pause a") is None


@scene("pause_sku", "pause_risk")
async def test_a_pause_says_what_is_at_risk(stage: Stage) -> None:
    """Row 2 of the table stands before row 6: what sells elsewhere is not taken off, and that is said."""
    await live(stage)
    stage.adds("Control", Control="Pause", SKU="A", Channel="north")
    stage.buys("south", "A", 3)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 17)
    why = stage.listing("north", "A").why
    assert why == (
        f"A is paused on north in Control since {since(stage)}: nothing is pushed. "
        "It shows 3 units too many meanwhile. 20 stocked - 3 allocated = 17"
    )
    assert stage.listing("south", "A").status == "in sync"


@scene("pause_channel")
async def test_a_paused_shop_is_left_alone_and_the_others_go_on(stage: Stage) -> None:
    await live(stage)
    stage.adds("Control", Control="Pause", Channel="North")
    stage.types("A", stocked=30)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 30)
    assert stage.listing("north", "A").status == "paused: this shop"
    assert stage.row_about("Stopped by you").what == "Stopped by you: 1 shop is paused (north)."


@scene("pause_all", "stop_off")
async def test_pause_all_stops_every_push_until_the_word_in_value_is_no(stage: Stage) -> None:
    await live(stage)
    stage.adds("Control", Control="PAUSE", Value="All")
    stage.types("A", stocked=30)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 20)
    assert stage.listing("south", "A") == Listing(
        "paused: everything",
        30,
        f"Everything is paused in Control since {since(stage)}: nothing is pushed. 30 stocked - 0 allocated = 30",
        20,
    )
    stage.sets("Control", FIRST, "Value", "no")  # type: ignore[arg-type]
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (30, 30)
    assert stage.came_of("PAUSE no") == "Switched off by the word in Value."


@scene("pause_channel")
async def test_a_shop_or_an_item_may_be_typed_into_value(stage: Stage) -> None:
    """`Pause | north` and `Pause | A` mean what they say; a pause ends by itself after its Until."""
    await live(stage)
    stage.adds("Control", Control="Pause", Value="north", Until=tomorrow(stage))
    stage.adds("Control", Control="Pause", Value="A", Channel="south")
    stage.types("A", stocked=30)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 20)
    assert stage.listing("north", "A").status == "paused: this shop"
    assert stage.listing("south", "A").status == "paused: this item"
    await stage.waits(2 * 86_400)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (30, 20)


@scene("paused")
async def test_the_pauses_of_mode_and_of_listings_are_counted_too(stage: Stage) -> None:
    await live(stage)
    stage.decides("Listings", "north", "A", "pause")
    await stage.cycle()
    assert stage.row_about("Stopped by you").what == "Stopped by you: 1 listing is paused in Listings."
    stage.switches("Mode", "Paused")
    await stage.cycle()
    told = "Stopped by you: everything is paused by Mode and 1 listing is paused in Listings."
    assert stage.row_about("Stopped by you").what == told


# --- freezes


@scene("stop_ended", "stop_in_force")
async def test_a_frozen_item_shows_that_many_until_the_end_of_the_day_and_comes_back(stage: Stage) -> None:
    """It says so in each listing; the day's end is the seller's; the return is the ordinary raise, read afresh."""
    await live(stage)
    day = tomorrow(stage)
    stage.adds("Control", Control="Freeze", Value=5, SKU="A", Until=day)
    await stage.cycle()
    why = f"{SUM} -> frozen at 5 in Control until {day} = 5"
    assert stage.listing("north", "A") == stage.listing("south", "A") == Listing("in sync", 5, why, 5)
    assert stage.log("north")[0][:2] == (20, 5)
    assert stage.row_about("Stopped by you").what == f"Stopped by you: 1 SKU is frozen (A at 5 until {day})."
    ends = datetime.combine(day + timedelta(days=1), datetime.min.time()).astimezone()
    await stage.waits((ends - stage.clock.now()).total_seconds() - 30)
    await stage.cycle()
    assert stage.shows("north", "A") == 5
    await stage.waits(60)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 20)
    assert stage.listing("north", "A") == IN_SYNC
    assert stage.steps("north", "A")[:2] == ["read_first", "raise"]
    assert stage.came_of("Freeze 5 A") == f"Over since {day}: everything is back in the ordinary way."
    assert stage.attention() == []


@scene()
async def test_a_freeze_never_shows_more_than_there_are_and_follows_what_is_sold(stage: Stage) -> None:
    await live(stage)
    stage.adds("Control", Control="Freeze", Value=18, SKU="A")
    stage.adds("Rules", SKU="A", Reserve=6)
    await stage.cycle()
    assert stage.shows("north", "A") == 18  # a freeze takes the place of the reserve, as in Rules
    stage.buys("north", "A", 5)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (15, 15)
    assert stage.listing("south", "A").why == "20 stocked - 5 allocated = 15 -> frozen at 18 in Control = 15"


@scene()
async def test_a_freeze_on_one_shop_leaves_the_other_and_the_lowest_of_several_holds(stage: Stage) -> None:
    await live(stage)
    stage.adds("Control", Control="Freeze", Value=9, SKU="A", Channel="north")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (9, 20)
    stage.adds("Control", Control="Freeze", Value=12, SKU="A")
    stage.adds("Control", Control="Freeze", Value=14, SKU="A")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (9, 12)


@scene()
async def test_a_time_of_day_in_until_is_kept_to(stage: Stage) -> None:
    await live(stage)
    ends = (stage.clock.now().astimezone() + timedelta(hours=2)).replace(second=0, microsecond=0)
    stage.adds("Control", Control="Freeze", Value=5, SKU="A", Until=f"{ends:%Y-%m-%d %H:%M}")
    await stage.cycle()
    assert stage.listing("north", "A").why == f"{SUM} -> frozen at 5 in Control until {ends:%Y-%m-%d %H:%M} = 5"
    await stage.waits(2 * 3600 + 60)
    await stage.cycle()
    assert stage.shows("north", "A") == 20


# --- to 0


@scene()
async def test_to_0_empties_the_item_at_once_and_it_comes_back_by_itself(stage: Stage) -> None:
    await live(stage)
    day = tomorrow(stage)
    stage.adds("Control", Control="To 0", SKU="A", Until=day)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (0, 0)
    assert stage.listing("north", "A") == Listing("in sync", 0, f"{SUM} -> to 0 in Control until {day} = 0", 0)
    assert stage.row_about("Stopped by you").what == f"Stopped by you: 1 SKU is held at 0 (A until {day})."
    await stage.waits(2 * 86_400)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 20)


@scene()
async def test_to_0_holds_for_an_item_that_is_not_tracked_too(stage: Stage) -> None:
    stage.sells("CARD", north=1)
    stage.types("CARD", track="no")
    stage.adds("Rules", SKU="CARD", Fixed_quantity=5)
    await live(stage)
    assert stage.shows("north", "CARD") == 5
    stage.adds("Control", Control="to zero", Value="CARD")
    await stage.cycle()
    assert stage.shows("north", "CARD") == 0
    assert stage.listing("north", "CARD").why == "not tracked, fixed quantity 5 = 5 -> to 0 in Control = 0"


@scene("stop_in_force")
async def test_a_pause_comes_before_to_0_and_that_is_said(stage: Stage) -> None:
    await live(stage)
    stage.adds("Control", Control="To 0", SKU="A")
    stage.adds("Control", Control="Pause", Value="north")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 0)
    told = f"In force since {since(stage)}: 2 listings. A pause comes first on 1 of them."
    assert stage.came_of("To 0 A") == told
    assert "It shows 20 units too many meanwhile." in str(stage.listing("north", "A").why)


# --- the rest of the sheet is in trouble


@scene()
async def test_the_emergency_brake_works_while_item_master_is_spoiled(stage: Stage) -> None:
    """To 0 lowers although the sheet as a whole may only lower; Mode Paused holds; nothing is lifted meanwhile."""
    await live(stage)
    stage.adds("Control", Control="Freeze", Value=9, SKU="A", Channel="south")
    await stage.cycle()
    renames_column(stage, Stocked="Thing")
    stage.adds("Control", Control="To 0", SKU="A", Channel="north")
    stage.clears(FIRST)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (0, 9)
    stage.switches("Mode", "Paused")
    await stage.cycle()
    assert stage.listing("north", "A").status == "paused"
    stage.switches("Mode", "Live")
    await stage.cycle()
    assert stage.listing("north", "A").status == "paused"
    renames_column(stage, Thing="Stocked")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (0, 20)


@scene()
async def test_a_stop_holds_while_the_items_row_is_spoiled_and_for_as_long_as_control_is_not_found(
    stage: Stage,
) -> None:
    await live(stage)
    stage.types("A", stocked="12 pcs")
    stage.adds("Control", Control="Freeze", Value=5, SKU="A")
    await stage.cycle()
    assert stage.shows("north", "A") == 5
    stage.renames_tab("Control", "Switches")
    stage.types("A", stocked=20)
    await stage.cycle()
    assert stage.shows("north", "A") == 5
    await stage.restarts()
    await stage.cycle()
    assert stage.shows("north", "A") == 5


@scene()
async def test_an_older_copy_of_the_workbook_neither_stops_nor_lifts_anything(stage: Stage) -> None:
    await live(stage)
    old = stage.book.saved
    stage.adds("Control", Control="Freeze", Value=5, SKU="A")
    await stage.cycle()
    stage.book.restore(old)
    await stage.cycle()
    assert stage.row_about("older").bad == "stop"
    assert stage.shows("north", "A") == 5


@scene()
async def test_ten_stops_at_once_are_nothing_for_the_brake(stage: Stage) -> None:
    """The brake holds what a slip in the sheet would do; a stop is meant."""
    for sku in "BCDEFGHIJK":
        stage.sells(sku, north=7)
        stage.types(sku, stocked=7)
    await live(stage)
    for sku in "BCDEFGHIJK":
        stage.adds("Control", Control="To 0", SKU=sku)
    await stage.cycle()
    assert [stage.shows("north", sku) for sku in "BCDEFGHIJK"] == [0] * 10
    assert stage.questions() == []
    assert stage.row_about("Stopped by you").what == ("Stopped by you: 10 SKUs are held at 0 (B, C, D, 7 more).")


# --- slips


@scene("stop_unknown", "stop_nothing")
async def test_a_pause_of_something_unknown_stops_nothing_and_asks_what_is_meant(stage: Stage) -> None:
    await live(stage)
    stage.adds("Control", Control="Pause", Value="nort")
    stage.types("A", stocked=30)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (30, 30)
    row = stage.row_about("does not know")
    assert (row.bad, row.where) == ("decide", f"Control!B{FIRST}")
    assert row.what == (
        'Pause does not know what this is: "nort". Do you mean north? The row stops nothing, or what it stopped before.'
    )
    assert row.todo == "Type a SKU of Item Master in SKU, a shop in Channel, or: all."
    assert stage.came_of("Pause nort") == "Not in force: see Attention."


@scene("stop_unknown")
async def test_a_slip_in_a_row_that_stops_something_lifts_nothing(stage: Stage) -> None:
    await live(stage)
    stage.adds("Control", Control="Pause", Value="north")
    await stage.cycle()
    stage.sets("Control", FIRST, "Value", "nrth")  # type: ignore[arg-type]
    stage.types("A", stocked=30)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 30)


@scene("stop_unclear")
async def test_a_name_that_is_a_shop_and_an_item_is_asked_about(stage: Stage) -> None:
    stage.types("NORTH", stocked=3)
    await live(stage)
    stage.adds("Control", Control="Pause", Value="north")
    await stage.cycle()
    assert stage.row_about("could mean").what == (
        'Pause could mean an item or a shop of the same name: "north". The row stops nothing.'
    )
    assert stage.listing("north", "A").status == "in sync"


@scene("stop_incomplete")
async def test_a_stop_without_an_item_stops_nothing(stage: Stage) -> None:
    """A whole shop is never zeroed or frozen by a forgotten cell."""
    await live(stage)
    stage.adds("Control", Control="To 0", Channel="north")
    stage.adds("Control", Control="Freeze", Value=3)
    stage.adds("Control", Control="To 0", Value="all")
    stage.adds("Control", Control="Pause", Value="yes")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 20)
    rows = [row for row in stage.attention() if "does not say what to stop" in row.what]
    assert [row.where for row in rows] == [f"Control!A{row}" for row in range(FIRST, FIRST + 4)]
    assert rows[0].what == "To 0 does not say what to stop, so it stops nothing."


@scene("control_unknown")
async def test_a_switch_with_a_slip_in_its_name_is_named(stage: Stage) -> None:
    await live(stage)
    stage.adds("Control", Control="Puase", Value="north")
    await stage.cycle()
    row = stage.row_about("no switch")
    assert (row.bad, row.where) == ("decide", f"Control!A{FIRST}")
    assert row.what == 'Control has no switch of this name: "Puase". Do you mean Pause? The row does nothing.'


@scene("freeze_unread")
async def test_a_freeze_without_a_number_only_lowers_until_it_is_mended(stage: Stage) -> None:
    await live(stage)
    stage.adds("Control", Control="Freeze", Value="five", SKU="A")
    stage.types("A", stocked=30)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.listing("north", "A").status) == (20, "held: Freeze without a number")
    stage.buys("south", "A", 12)
    await stage.cycle()
    assert stage.shows("north", "A") == 18
    row = stage.row_about("does not say how many")
    assert (row.bad, row.where) == ("stop", f"Control!B{FIRST}")
    assert stage.row_about('not a number: "five"').where == f"Control!B{FIRST}"
    stage.sets("Control", FIRST, "Value", 5)  # type: ignore[arg-type]
    await stage.cycle()
    assert stage.shows("north", "A") == 5
    stage.sets("Control", FIRST, "Value", "5 or so")  # type: ignore[arg-type]
    await stage.cycle()
    assert stage.shows("north", "A") == 5  # what stood there before holds


@scene("date_unclear")
async def test_an_until_that_cannot_be_read_ends_nothing(stage: Stage) -> None:
    await live(stage)
    stage.adds("Control", Control="To 0", SKU="A", Until="Christmas")
    await stage.cycle()
    await stage.waits(60 * 86_400)
    await stage.cycle()
    assert stage.shows("north", "A") == 0
    assert stage.row_about("not a day").where == f"Control!E{FIRST}"


@scene("stop_over")
async def test_a_stop_that_was_over_before_it_was_typed_is_said(stage: Stage) -> None:
    """Last year's date: the seller thinks that it is in force."""
    await live(stage)
    stage.adds("Control", Control="To 0", SKU="A", Until=date(2025, 12, 24))
    await stage.cycle()
    assert stage.shows("north", "A") == 20
    row = stage.row_about("over before")
    assert (row.bad, row.where) == ("decide", f"Control!E{FIRST}")
    assert row.what == "This stop was over before it was typed: until 2025-12-24, so it never took effect."
    stage.sets("Control", FIRST, "Until", date(2026, 12, 24))  # type: ignore[arg-type]
    await stage.cycle()
    assert stage.shows("north", "A") == 0


@scene()
async def test_a_stop_on_an_item_that_is_not_managed_pushes_nothing(stage: Stage) -> None:
    """A blank Stocked is not managed yet: its number would not be known when the stop ends."""
    stage.sells("B", north=7)
    stage.types("B", stocked=None)
    await live(stage)
    stage.adds("Control", Control="To 0", SKU="B")
    await stage.cycle()
    assert (stage.shows("north", "B"), stage.listing("north", "B").status) == (7, "not managed yet")


@scene()
async def test_a_push_that_a_stop_caused_says_so_and_an_order_stays_an_order(stage: Stage) -> None:
    await live(stage)
    stage.adds("Control", Control="Freeze", Value=18, SKU="A")
    await stage.cycle()
    stage.buys("south", "A", 5)
    await stage.cycle()
    stage.clears(FIRST)
    await stage.cycle()
    log = stage.book.results("Sync Log").filter(pl.col("Channel") == "north").select("To", "Cause").rows()
    assert log[:3] == [(15, "an order"), (18, "your rules"), (20, "a link or setting")]
