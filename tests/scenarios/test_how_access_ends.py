"""Access that ends: known ahead, lost for one shop alone, renewed without a restart, and every order caught up."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from agent import cycle as agent_cycle
from tests.scenarios.stage import POLL, Attention, Listing, Stage, scene
from tests.scenarios.test_what_parks_a_listing import live

DAY = 86_400.0
TODAY = datetime(2026, 11, 23, 8, tzinfo=UTC)


def about(stage: Stage, words: str) -> list[Attention]:
    return [row for row in stage.attention() if words in row.what]


@scene("access_ends", "access_ends_soon")
async def test_the_end_of_an_access_is_known_a_fortnight_ahead_and_told_again_3_days_before(stage: Stage) -> None:
    """South's access ends on 15 December. Channel Status has the date from the first day; a fortnight before, a note
    says it; three days before, it is something to do; renewed in time, nothing stops and the row goes."""
    ends = stage.ends["south"] = TODAY + timedelta(days=22)
    await stage.restarts()
    await live(stage)
    assert stage.status("south")["Access ends"] == ends
    assert stage.status("north")["Access ends"] is None
    assert stage.attention() == []
    await stage.waits(7 * DAY)
    await stage.cycle()
    assert stage.attention() == []
    await stage.waits(1.5 * DAY)
    await stage.cycle()
    (row,) = stage.attention()
    assert row.bad == "note"
    assert row.what == f"The access to south ends in 13 days: {ends.astimezone():%Y-%m-%d %H:%M}."
    assert row.todo == "Renew it before: stocksheet connect south."
    await stage.waits(11 * DAY)
    await stage.cycle()
    (row,) = stage.attention()
    assert (row.bad, row.where, row.answers) == ("decide", "Channel Status", None)
    assert row.what.startswith("The access to south ends in 2 days")
    assert row.what.endswith("From then on nothing is read or pushed there.")
    assert row.todo == "Renew it now: stocksheet connect south."
    stage.ends["south"] = ends + timedelta(days=90)
    stage.connects_again("south")
    stage.types("A", stocked=30)
    await stage.cycle()
    assert stage.attention() == []
    assert stage.status("south")["Access ends"] == ends + timedelta(days=90)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (30, 30)


@pytest.mark.parametrize("restarted", [False, True], ids=["while it runs", "after a restart"])
@scene("channel_access", "channel_out")
async def test_a_revoked_access_stops_one_shop_and_renewed_it_catches_up_every_order(
    stage: Stage, restarted: bool
) -> None:
    """The owner deletes south's key. South alone waits, and the row says the very command. Meanwhile south sells 3 and
    cancels 1 of them, and north sells 2. The person connects south again: all of it is counted, and both are right."""
    await live(stage)
    stage.revokes_key("south")
    await stage.cycle()
    row = stage.row_about("south refuses the access")
    assert (row.bad, row.where) == ("stop", "Channel Status")
    assert row.todo.startswith("Run: stocksheet connect south.")
    stage.buys("south", "A", 2)
    cancelled = stage.buys("south", "A", 1)
    stage.cancels("south", cancelled)
    stage.buys("north", "A", 2)
    await stage.cycles(300)
    assert stage.listing("north", "A").status == "in sync"
    assert stage.status("south")["Mode"] == "out"
    assert stage.levels("A") == (20, 2, 18, None)
    stage.connects_again("south")
    if restarted:
        await stage.restarts()
    await stage.cycle()
    assert stage.levels("A") == (20, 4, 16, None)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (16, 16)
    assert stage.listing("south", "A") == Listing("in sync", 16, "20 stocked - 4 allocated = 16", 16)
    assert (stage.attention(), stage.status("south")["Mode"]) == ([], "Live")
    ordered = stage.agent.store.table("order_line").group_by("channel").agg(pl.col("ordered").sum()).sort("channel")
    assert ordered.rows() == [("north", 2), ("south", 3)]


@scene()
async def test_an_access_that_a_push_finds_lost_is_told_with_the_command_too(stage: Stage) -> None:
    await live(stage)
    stage.revokes_key("south")
    stage.types("A", stocked=5)
    stage.saves()
    await asyncio.sleep(POLL)
    await agent_cycle.cycle(stage.agent, due=["north"])  # south is not looked at, only sent to
    assert stage.row_about("south refuses the access").todo.startswith("Run: stocksheet connect south.")


@scene("channel_access")
async def test_renewing_with_a_wrong_key_says_so_again_and_loses_nothing(stage: Stage) -> None:
    await live(stage)
    stage.revokes_key("south")
    await stage.cycle()
    stage.connects_again("south", right=False)
    stage.buys("south", "A", 1)
    await stage.cycles(120)
    assert stage.row_about("south refuses the access").bad == "stop"
    stage.connects_again("south")
    await stage.cycle()
    assert (stage.levels("A"), stage.attention()) == ((20, 1, 19, None), [])


@scene("wrong_account", "channel_access")
async def test_another_shop_behind_renewed_keys_is_found_out_before_anything_is_read_or_sent_S2_9(stage: Stage) -> None:
    """Somebody renews south with the keys of a shop at another address. No order of that shop counts, no number goes
    there; the right keys put it right."""
    await live(stage)
    right = stage._channel("south", None)
    stage.agent.doors = None
    stage.agent.channels = {**stage.agent.channels, "south": stage._channel("south", "https://other.example.com")}
    stage.agent.verified.pop("south")
    stage.buys("south", "A", 5)
    stage.types("A", stocked=30)
    await stage.cycles(60, every=30)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 15)  # what south showed is kept back
    assert stage.levels("A") == (30, 0, 30, None)
    assert stage.row_about("another account").todo.endswith("stocksheet connect south.")
    stage.agent.channels = {**stage.agent.channels, "south": right}
    await stage.cycles(300)
    assert (stage.shows("north", "A"), stage.shows("south", "A"), stage.attention()) == (25, 25, [])


@scene("wrong_account")
async def test_the_account_is_looked_at_again_each_day_and_not_more_often(stage: Stage) -> None:
    """The address of south leads to another shop from Tuesday on: on Wednesday at the latest it is found out."""
    await live(stage)
    asked: list[str] = []
    channel = stage.agent.channels["south"]

    class Moved:
        def __getattr__(self, name: str) -> object:
            return getattr(channel, name)

        async def account(self) -> object:
            asked.append(f"{stage.clock.now():%a}")
            return await stage._channel("south", "https://other.example.com").account()

    stage.agent.channels = {**stage.agent.channels, "south": Moved()}
    await stage.cycles(3600, every=600)
    assert asked == []
    await stage.waits(DAY)
    await stage.cycle()
    assert asked == ["Tue"]
    assert stage.row_about("another account").bad == "stop"


@scene("channel_out")
async def test_nothing_is_sent_to_a_shop_that_has_not_said_yet_who_it_is_S2_9(stage: Stage) -> None:
    """After a restart south takes two minutes to say who it is. The sale in north lowers it only after that."""
    await live(stage)
    await stage.restarts()
    stage.agent.patience = 5.0
    account = stage.agent.channels["south"].account
    known = []

    async def slowly() -> object:
        await stage.clock.sleep(120)
        known.append(stage.clock.now())
        return await account()

    stage.agent.channels["south"].account = slowly  # type: ignore[method-assign]
    stage.buys("north", "A", 4)
    await stage.cycle()
    assert (stage.shows("south", "A"), known) == (20, [])
    assert stage.listing("south", "A").status == "shop cannot be reached"
    await stage.cycles(180, every=20)
    assert (stage.shows("south", "A"), len(known)) == (16, 1)
