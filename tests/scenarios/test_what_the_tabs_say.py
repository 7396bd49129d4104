"""Channel Status, Attention, Movements, Sync Log and Start here against what really happened (S0-28, S4-29)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl

from agent.telling import tell
from tests.scenarios.stage import Stage, scene
from tests.scenarios.test_what_parks_a_listing import live


def movements(stage: Stage, sku: str) -> list[tuple[str, int, int | None, str | None, str]]:
    """What, Units, Stocked after, Channel, Because: newest first."""
    rows = stage.book.results("Movements").filter(pl.col("SKU") == sku)
    return list(rows.select("What", "Units", "Stocked after", "Channel", "Because").iter_rows())  # type: ignore[arg-type]


@scene()
async def test_movements_tells_everything_that_moved_stock_newest_first_S0_28(stage: Stage) -> None:
    await live(stage)
    first, second = stage.buys("north", "A", 3), stage.buys("south", "A", 2)
    await stage.cycle()
    stage.cancels("south", second)
    await stage.cycle()
    stage.ships("north", first)
    await stage.cycle()
    stage.types("A", stocked=30)
    await stage.cycle()
    told = movements(stage, "A")
    assert [row for row in told if row[0] not in ("push", "sale", "cancel")] == [
        ("count", 13, 30, None, "Stocked typed: 17 -> 30"),
        ("shipment", -3, 17, "north", f"order {first}"),
        ("count", 20, 20, None, "first Stocked"),
    ]
    assert sorted(row for row in told if row[0] in ("sale", "cancel")) == [
        ("cancel", 2, None, "south", f"order {second}"),
        ("sale", -3, None, "north", f"order {first}"),
        ("sale", -2, None, "south", f"order {second}"),
    ]
    pushed = [row for row in told if row[0] == "push"]
    assert pushed[0] == ("push", 13, None, "south", "now shows 30") or pushed[0][3] == "north"
    times = stage.book.results("Movements")["When"].to_list()
    assert times == sorted(times, reverse=True)


@scene()
async def test_movements_says_that_a_shipment_was_undone(stage: Stage) -> None:
    await live(stage)
    order = stage.buys("north", "A", 3)
    await stage.cycle()
    stage.ships("north", order)
    await stage.cycle()
    stage.shops["north"].set_status(order, "processing")
    await stage.cycle()
    assert ("shipment", 3, 20, "north", f"order {order}, not shipped after all") in movements(stage, "A")


@scene()
async def test_movements_and_sync_log_have_a_bounded_length_and_the_store_keeps_the_rest(stage: Stage) -> None:
    await live(stage)
    most, tell.MOST = tell.MOST, 6
    try:
        for stocked in range(21, 30):
            stage.types("A", stocked=stocked)
            await stage.cycle()
    finally:
        tell.MOST = most
    assert stage.book.results("Movements").height == stage.book.results("Sync Log").height == 6
    assert stage.book.results("Sync Log")["To"].to_list()[:2] == [29, 29]
    assert stage.agent.store.table("ledger").height == 10
    assert stage.agent.store.table("push").height == 20


@scene("oversold")
async def test_more_sold_than_there_is_is_told_with_the_minute_and_the_order_S1_14(stage: Stage) -> None:
    """Both shops sell the last two in the same ten seconds."""
    stage.sells("A", north=2, south=2)
    stage.types("A", stocked=2)
    await stage.goes_live()
    stage.buys("north", "A", 2)
    await stage.waits(3)
    at = stage.clock.now()
    order = stage.buys("south", "A", 2)
    await stage.cycle()
    row = stage.row_about("was sold than you have")
    told = f"More of A was sold than you have: 2 units short, last in south at {at:%Y-%m-%d %H:%M} (order {order}). "
    assert row.what.startswith(told + "north had sold one before"), row.what
    assert (row.bad, row.where) == ("stop", "Stock Levels")
    assert stage.levels("A") == (2, 4, -2, None)
    stage.cancels("south", order)
    await stage.cycle()
    assert stage.attention() == []


@scene()
async def test_channel_status_says_what_the_store_knows_S4_29(stage: Stage) -> None:
    stage.sells("B", north=1)
    await live(stage)
    looked = stage.clock.now()
    status = stage.status("north")
    assert (status["Account"], status["Mode"], status["Listings"], status["Linked"]) == ("north", "Live", 2, 1)
    assert (status["In sync"], status["Trouble"]) == ("1 of 1", None)
    assert status["Last push"] == looked
    assert status["Orders read"] == looked
    assert status["Listings read"] == looked - timedelta(seconds=10)
    assert status["Next look"] == looked + timedelta(seconds=10)


@scene()
async def test_channel_status_counts_no_listing_that_is_gone(stage: Stage) -> None:
    for sku in "ABCDEF":
        stage.sells(sku, north=5)
        stage.types(sku, stocked=20 + ord(sku))
    stage.agent.audit = 60.0
    await stage.goes_live()
    stage.shops["north"].trash(stage.ids["north", "A"])
    for _ in range(2):
        await stage.waits(60)
        await stage.cycle()
    status = stage.status("north")
    assert (status["Listings"], status["Linked"], status["In sync"]) == (5, 5, "5 of 5")


@scene()
async def test_trouble_of_a_shop_is_told_and_goes_with_it(stage: Stage) -> None:
    await live(stage)
    stage.shops["north"].faults.expired_key = True
    await stage.cycle()
    status = stage.status("north")
    assert status["Mode"] == "out"
    assert "refuses the access" in status["Trouble"]
    stage.shops["north"].faults.expired_key = False
    await stage.restarts()
    await stage.cycle()
    assert (stage.status("north")["Mode"], stage.status("north")["Trouble"], stage.attention()) == ("Live", None, [])


@scene("not_a_number", "until_over")
async def test_attention_has_the_worst_first_with_cells_and_accepted_answers(stage: Stage) -> None:
    """A held change, a question, and something that is good to know, in this order, whatever came first."""
    for sku in "BCDEFG":
        stage.sells(sku, north=5)
        stage.types(sku, stocked=30)
    await live(stage)
    stage.sells("H", north=5)
    stage.types("H", stocked=4)
    stage.adds("Rules", SKU="B", Freeze_at=3, Until="2026-01-01")
    await stage.cycle()
    stage.types("A", stocked="about ten")
    await stage.cycle()
    assert [row.bad for row in stage.attention()] == ["stop", "decide", "note"]
    held, asked, known = stage.attention()
    assert (held.where, held.answers) == ("Item Master!C8", None)
    assert (asked.where, asked.answers) == ("Listings", "yes")
    assert known.answers is None


def steps(stage: Stage) -> dict[int, tuple[str, str]]:
    """Step -> Done, How it stands."""
    rows = stage.book.results("Start here").select("Step", "Done", "How it stands").iter_rows()
    return {step: (done, stands) for step, done, stands in rows}


@scene()
async def test_start_here_ticks_itself_off_truly_from_an_empty_sheet_to_live_shops_S2_2(stage: Stage) -> None:
    """Each step is done when it is so, says what it waits for, and is not done any more when it is not so any more."""
    stage.shops["north"].faults.down = stage.shops["south"].faults.down = True
    stage.types("A", stocked=None)
    await stage.cycle()
    told = steps(stage)
    assert [done for done, _ in told.values()] == ["not yet"] * 5
    assert told[1][1] == "1 item; 1 without a number in Stocked."
    assert told[2][1] == "0 of 2 shops answer; never looked yet. See Channel Status: north, south."
    assert told[3][1] == "Comes after step 2: the listings of no shop have been read yet."
    assert told[4][1] == "No plan yet: north, south."
    assert told[5][1] == "Comes after step 4: nothing is pushed before your yes."
    stage.sells("A", north=5, south=5)
    stage.sells("B", north=1)
    stage.shops["north"].faults.down = stage.shops["south"].faults.down = False
    stage.types("A", stocked=20)
    await stage.waits(60)
    await stage.cycle()
    told = steps(stage)
    assert [done for done, _ in told.values()] == ["✓ yes", "✓ yes", "not yet", "not yet", "not yet"]
    looked = f"{stage.clock.now().astimezone():%H:%M}"
    assert told[2][1] == f"2 of 2 shops answer; last looked {looked}."
    assert told[3][1] == "2 listings linked, 1 waits in Imports."
    ids = {row.what.split()[4]: row.id for row in stage.questions()}
    assert told[4][1] == f"North waits for your yes ({ids['north']}); south waits for your yes ({ids['south']})."
    stage.answers("yes", about="north")
    stage.decides("Imports", "north", "B", "ignore")
    await stage.cycle()
    told = steps(stage)
    assert told[3] == ("✓ yes", "2 listings linked, 0 wait in Imports.")
    assert told[4] == ("not yet", f"Live: north; south waits for your yes ({ids['south']}).")
    assert told[5] == ("✓ yes", "1 of 2 listings is in sync; of the others, Listings says why.")
    stage.answers("yes", about="south")
    await stage.cycle()
    assert steps(stage)[4] == ("✓ yes", "Live: north, south.")
    assert steps(stage)[5] == ("✓ yes", "2 of 2 listings are in sync.")
    await stage.restarts()
    await stage.cycle()
    assert [done for done, _ in steps(stage).values()] == ["✓ yes"] * 5
    stage.shops["south"].faults.down = True
    await stage.waits(stage.agent.workbook_refresh)
    await stage.cycle()
    assert steps(stage)[2][0] == "not yet"
    assert steps(stage)[2][1].endswith("See Channel Status: south.")


@scene()
async def test_start_here_waits_for_no_shop_that_is_kept_at_looking(stage: Stage) -> None:
    stage.sells("A", north=5, south=5)
    stage.types("A", stocked=20)
    stage.adds("Channels", Channel="south", Mode="Off")
    await stage.goes_live()
    assert steps(stage)[4] == ("✓ yes", "Live: north; not to go live: south.")


@scene()
async def test_a_first_plan_is_asked_about_only_when_all_listings_were_read(stage: Stage) -> None:
    """A part of the listings cannot be read: what was read is shown, and no yes is asked for yet."""
    for number in range(120):
        stage.sells(f"A{number}", north=5)
        stage.types(f"A{number}", stocked=20)
    read = stage.agent.channels["north"].listings

    async def half(*given: object, **more: object) -> object:
        found = await read(*given, **more)  # type: ignore[arg-type]
        return replace(found, frame=found.frame.head(100), complete=False)

    stage.agent.channels["north"].listings = half  # type: ignore[method-assign, assignment]
    await stage.cycle()
    assert stage.questions() == []
    stage.agent.channels["north"].listings = read  # type: ignore[method-assign]
    await stage.waits(stage.agent.audit)
    await stage.cycle()
    assert stage.row_about("first plan").what.startswith("The first plan for north is ready: 120 listings")
