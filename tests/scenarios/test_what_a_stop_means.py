"""The computer is off: what can be oversold meanwhile, the three choices of Channels, and clocks that jump (I19)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from agent import loop as agent_loop
from agent.deciding.decide import decide
from agent.telling import away
from agent.telling.away import Away
from tests.scenarios.stage import Listing, Stage, scene
from tests.world.timeline import VirtualClock


async def live(stage: Stage, **channels: str) -> None:
    """A in both shops with 20, B in both with 2, C in one only."""
    for sku in ("A", "B"):
        stage.sells(sku, north=1, south=1)
    stage.sells("C", north=1)
    for sku, count in (("A", 20), ("B", 2), ("C", 4)):
        stage.types(sku, stocked=count)
    for name, policy in channels.items():
        stage.adds("Channels", Channel=name, **{"When this computer is off": policy})
    await stage.goes_live()


async def stops(stage: Stage) -> Away:
    """The agent is started and stopped again, cleanly."""
    told: list[Away] = []
    stop = asyncio.Event()
    stage.agent.store.close = lambda: None  # type: ignore[method-assign]  # the next start goes on with it
    run = asyncio.ensure_future(agent_loop.run(stage.agent, stop, None, told.append))
    await asyncio.sleep(3)
    stop.set()
    await asyncio.wait_for(run, 30)
    return told[0]


def shown(stage: Stage, *keys: str) -> list[int | None]:
    return [stage.shows(*key.split("/")) for key in keys]


@scene()
async def test_left_as_they_are_all_listings_of_what_two_shops_show_can_oversell(stage: Stage) -> None:
    """What one shop alone sells cannot: it counts its own sales."""
    await live(stage)
    assert await stops(stage) == Away(at_risk=4, lowered=0, still_at_risk=4)
    assert shown(stage, "north/A", "south/A", "north/B", "south/B", "north/C") == [20, 20, 2, 2, 4]


@scene()
async def test_lower_to_lowers_that_shop_at_a_stop_and_the_next_start_raises_it_with_proof(stage: Stage) -> None:
    await live(stage, south="lower to 3")
    assert await stops(stage) == Away(at_risk=4, lowered=1, still_at_risk=4)
    assert shown(stage, "north/A", "south/A", "south/B") == [20, 3, 2]
    await stage.restarts()
    await stage.cycle()
    assert stage.listing("south", "A") == Listing("in sync", 20, "20 stocked - 0 allocated = 20", 20)
    assert (3, "Stocksheet was stopped") in stage.book.results("Sync Log").select("To", "Cause").rows()
    assert stage.questions() == []


@scene()
async def test_lower_to_nothing_leaves_nothing_that_can_oversell(stage: Stage) -> None:
    await live(stage, south="lower to 0")
    assert await stops(stage) == Away(at_risk=4, lowered=2, still_at_risk=0)
    assert shown(stage, "north/A", "south/A", "north/B", "south/B", "north/C") == [20, 0, 2, 0, 4]


@scene()
async def test_last_units_are_shown_on_one_channel_only_while_it_is_off(stage: Stage) -> None:
    """North leads by its Priority (the first in the settings): the last two of B are its alone."""
    await live(stage, north="last units on one channel", south="last units on one channel")
    assert await stops(stage) == Away(at_risk=4, lowered=1, still_at_risk=2)
    assert shown(stage, "north/A", "south/A", "north/B", "south/B") == [20, 20, 2, 0]
    await stage.restarts()
    await stage.cycle()
    assert shown(stage, "north/B", "south/B") == [2, 2]


@scene()
async def test_what_is_paused_is_left_alone_at_a_stop(stage: Stage) -> None:
    await live(stage, south="lower to 0")
    stage.decides("Listings", "south", "A", "pause")
    await stage.cycle()
    assert (await stops(stage)).lowered == 1
    assert shown(stage, "south/A", "south/B") == [20, 0]


@scene()
async def test_what_a_stop_would_mean_is_foreseen_without_sending_anything(stage: Stage) -> None:
    await live(stage, south="lower to 0")
    assert away.foreseen(stage.agent, decide(stage.agent)) == Away(at_risk=4, lowered=2, still_at_risk=0)
    assert shown(stage, "south/A") == [20]


@scene("off_at_risk")
async def test_control_and_dashboard_say_how_many_listings_could_oversell_while_it_is_off(stage: Stage) -> None:
    await live(stage, south="lower to 3")
    await stage.cycle()
    assert stage.came_of("When this computer is off") == (
        "4 listings could sell more than there is while Stocksheet does not run, as one shop does not know what "
        "another sells; 1 listing is lowered before a stop, and 4 still could then."
    )
    rows = stage.book.results("Dashboard").filter(pl.col("Figure") == "While this computer is off")
    assert rows.select("Value", "Status", "Meaning").rows() == [
        (
            "4 listings",
            None,
            "Could sell more than there is, as one shop does not know what another sells; 4 as they stand now, before "
            "Channels lowers at a stop.",
        )
    ]


@scene("off_safe")
async def test_where_each_item_is_in_one_shop_only_nothing_can_oversell(stage: Stage) -> None:
    stage.sells("A", north=1)
    stage.types("A", stocked=5)
    await stage.goes_live()
    await stage.cycle()
    told = "While Stocksheet does not run, each shop sells at most what there is."
    assert stage.came_of("When this computer is off") == told
    rows = stage.book.results("Dashboard").filter(pl.col("Figure") == "While this computer is off")
    assert rows.select("Value", "Status").rows() == [("0 listings", "good")]


@scene()
async def test_a_shop_that_is_down_at_the_stop_does_not_keep_it_from_ending(stage: Stage) -> None:
    await live(stage, south="lower to 0", north="lower to 1")
    stage.shops["south"].faults.down = True
    await stops(stage)
    assert shown(stage, "north/A", "south/A") == [1, 20]


# --- clocks -----------------------------------------------------------------------------------------------------------


@scene()
async def test_a_clock_that_is_set_back_stops_nothing_and_makes_no_old_read_look_new_I19(stage: Stage) -> None:
    """Three hours back, with the south down: what it may have sold is kept back all the same."""
    await live(stage)
    clock = stage.agent.clock = VirtualClock(stage.loop)  # this computer's; the shops have their own
    stage.shops["south"].faults.down = True
    clock.ahead -= 3 * 3600
    stage.types("A", stocked=30)
    await stage.cycle()
    assert stage.listing("north", "A").status == "kept back"
    stage.shops["south"].faults.down = False
    await stage.cycles(120, every=20)
    assert shown(stage, "north/A", "south/A") == [30, 30]
    stage.buys("south", "A", 2)
    await stage.cycle()
    assert shown(stage, "north/A", "south/A") == [28, 28]


@scene()
async def test_a_night_asleep_and_a_clock_that_runs_ahead_are_caught_up_with_I19(stage: Stage) -> None:
    await live(stage)
    clock = stage.agent.clock = VirtualClock(stage.loop)
    stage.buys("south", "A", 2)
    clock.ahead += 9 * 3600
    await stage.cycle()
    assert shown(stage, "north/A", "south/A") == [18, 18]
    clock.ahead -= 9 * 3600
    stage.buys("north", "A", 1)
    await stage.cycle()
    assert shown(stage, "north/A", "south/A") == [17, 17]
    assert stage.questions() == []


@scene()
async def test_what_was_read_before_a_sleep_raises_nothing_after_it_I3(stage: Stage) -> None:
    """Seed 109: the computer went to sleep between two raises. The cycle went on 41 hours later where it had stopped,
    and sent the second one, on what was read before."""
    await live(stage)
    clock = stage.agent.clock = VirtualClock(stage.loop)
    south = stage.agent.channels["south"]
    south.can = replace(south.can, batch=1)
    listings, push = south.listings, south.push
    read_at: list[datetime] = []
    ages: list[bool] = []

    async def reads(**asked: Any) -> Any:
        found = await listings(**asked)
        read_at.append(clock.now())
        return found

    async def then_sleeps(changes: pl.DataFrame, lane: str) -> Any:
        ages.append(clock.now() - read_at[-1] < timedelta(minutes=2))
        results = await push(changes, lane)
        clock.ahead += 9 * 3600 if len(ages) == 1 else 0
        return results

    south.listings, south.push = reads, then_sleeps
    stage.types("A", stocked=30)
    stage.types("B", stocked=6)
    await stage.cycle()
    await stage.cycle()
    assert shown(stage, "south/A", "south/B") == [30, 6]
    assert ages == [True, True]


@scene()
async def test_a_clock_that_is_set_back_in_the_middle_of_a_look_makes_no_later_read_old_I19(stage: Stage) -> None:
    """Seed 8 of clock jumps: the look that was under way wrote the new time of its orders, and the quantities kept the
    old, later one. What was read for the next two hours was thought to be older than what was known."""
    await live(stage)
    clock = stage.agent.clock = VirtualClock(stage.loop)
    clock.ahead += 2 * 3600
    await stage.cycle()

    def back(*_: object) -> None:
        clock.ahead = 0.0

    stage.shops["north"].on_exchange = stage.shops["south"].on_exchange = back
    await stage.cycle()
    stage.shops["north"].on_exchange = stage.shops["south"].on_exchange = None
    stage.sells_by_hand("north", "A", 3)
    await stage.cycle()
    assert stage.listing("north", "A").shows == 17


@scene()
async def test_after_a_long_stop_a_lowering_waits_for_the_orders_that_are_just_being_read_I12(stage: Stage) -> None:
    """Seed 149: the south had sold 3 of 20 by itself, and answers slowly. By what it showed before the stop 19 was a
    lowering; sent before its orders were read it gave back 2 of the sold units."""
    await live(stage)
    stage.buys("south", "A", 3)
    stage.types("A", stocked=19)
    stage.saves()
    await stage.waits(3 * 3600)
    await stage.restarts()
    south = stage.agent.channels["south"]
    orders = south.orders

    async def slowly(*asked: Any, **how: Any) -> Any:
        await asyncio.sleep(4)
        return await orders(*asked, **how)

    south.orders = slowly
    before = stage.book.saved
    await stage.cycle()
    assert stage.book.saved is before  # seed 274: a slow write of the workbook must not come before the lowering either
    await stage.cycles(60, every=20)
    assert shown(stage, "north/A", "south/A") == [16, 16]
    assert [new for _, new, _ in stage.log("south")] == [16, 2, 20]


@scene()
async def test_a_first_count_is_not_of_tomorrow_where_the_clock_was_set_back_meanwhile_I19(stage: Stage) -> None:
    """Seed 290: the clock was a day ahead when the workbook was last read, then the computer was off, and the clock was
    put right. What shipped after the count was taken to lie in it, for a day."""
    await live(stage)
    clock = stage.clock = stage.agent.clock = stage.book._clock = VirtualClock(stage.loop)  # the shops have their own
    clock.ahead += 24 * 3600
    stage.sells("D", north=1, south=1)
    stage.types("D", stocked=None)
    await stage.cycle()
    order = stage.buys("north", "D", 1)
    stage.types("D", stocked=9)
    stage.saves()
    await stage.waits(600)
    stage.ships("north", order)
    await stage.waits(600)
    stage.types("C", title="Item C again")
    stage.saves()
    clock.ahead = 0.0
    await stage.restarts()
    await stage.cycles(60, every=20)
    assert stage.levels("D")[:3] == (8, 0, 8)
    stage.ships("south", stage.buys("south", "D", 1))
    await stage.cycles(60, every=20)
    assert stage.levels("D")[:3] == (7, 0, 7)
