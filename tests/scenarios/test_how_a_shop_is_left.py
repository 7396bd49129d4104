"""Leaving a shop frees nothing by itself, touches nothing there, and coming back begins with a plan (S2, DESIGN 8)."""

from __future__ import annotations

from agent.looking import leaving
from tests.scenarios.stage import Stage, scene
from tests.scenarios.test_what_parks_a_listing import live


@scene("first_plan")
async def test_what_a_left_shop_sold_and_not_shipped_does_not_become_free_I9(stage: Stage) -> None:
    """South sells 3 that are not shipped, then it is left. North goes on showing 17; Stocked says 17; south keeps what
    it shows. Connected again, the order is Allocated again, Stocked says 20, and nothing is pushed before the yes."""
    await live(stage)
    order = stage.buys("south", "A", 3)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.levels("A")[:3]) == (17, (20, 3, 17))
    means = leaving.meaning(stage.agent.store, "south")
    assert (means.listings, means.shown, means.orders, means.open_units, means.missing) == (1, 17, 1, 3, 0)

    await stage.leaves("south")
    sent = len(stage.log("south"))
    await stage.cycles(120)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (17, 17)
    assert stage.levels("A")[:3] == (17, 0, 17) and stage.stocked("A") == 17
    assert stage.attention() == []
    because = stage.book.results("Movements")["Because"].to_list()
    assert f"order {order} of south, not shipped yet when you left the shop" in because
    assert len(stage.log("south")) == sent  # history stays, nothing new
    assert stage.book.results("Channel Status")["Channel"].to_list() == ["north"]

    stage.buys("north", "A", 1)
    await stage.joins("south")
    await stage.cycle()
    assert stage.levels("A")[:3] == (20, 4, 16) and stage.shows("south", "A") == 17
    assert "first plan for south" in stage.row_about("first plan").what
    stage.answers("yes", "first plan for south")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (16, 16)
    stage.ships("south", order)
    await stage.cycles(60)
    assert stage.levels("A")[:3] == (17, 1, 16)


@scene("first_plan")
async def test_an_order_shipped_while_the_shop_was_left_stays_off_the_shelf(stage: Stage) -> None:
    await live(stage)
    order = stage.buys("south", "A", 3)
    await stage.cycle()
    await stage.leaves("south")
    stage.ships("south", order)
    await stage.cycle()
    await stage.joins("south")
    await stage.cycles(60)
    assert stage.levels("A")[:3] == (17, 0, 17)
    assert "first plan for south" in stage.row_about("first plan").what


@scene("channel_access")
async def test_only_leaving_frees_what_is_kept_back_for_a_shop_that_cannot_be_read(stage: Stage) -> None:
    """South's key is revoked. 15 more arrive; north gets none of what south last showed. Once the person leaves south,
    north shows all."""
    await live(stage)
    stage.revokes_key("south")
    await stage.cycle()
    stage.types("A", stocked=35)
    await stage.cycles(600)
    assert stage.shows("north", "A") == 20
    await stage.leaves("south")
    await stage.cycles(60)
    assert (stage.shows("north", "A"), stage.shows("south", "A"), stage.attention()) == (35, 20, [])


@scene("missing_units")
async def test_units_that_vanished_in_a_left_shop_do_not_come_back_by_that(stage: Stage) -> None:
    await live(stage)
    stage.sells_by_hand("south", "A", 4)
    await stage.cycles(1800, every=120)
    assert stage.row_about("vanished from south").answers == "gone / put back"
    assert stage.shows("north", "A") == 16
    await stage.leaves("south")
    await stage.cycles(60)
    assert (stage.shows("north", "A"), stage.levels("A")[:3], stage.attention()) == (16, (16, 0, 16), [])


@scene("first_plan")
async def test_leaving_twice_is_leaving_once(stage: Stage) -> None:
    """The computer goes off in the middle: the command is run again."""
    await live(stage)
    stage.buys("south", "A", 3)
    await stage.cycle()
    leaving.forget(stage.agent.store, "south", stage.clock.now())
    await stage.leaves("south")
    await stage.cycle()
    assert stage.levels("A")[:3] == (17, 0, 17)


@scene("kept_back_long")
async def test_after_an_hour_of_keeping_back_it_is_asked_what_becomes_of_the_shop(stage: Stage) -> None:
    """South's key is revoked. `renew access` puts the question off for a day; the renewal itself ends it."""
    await live(stage)
    stage.revokes_key("south")
    await stage.cycles(3000, every=300)
    assert stage.questions() == []
    await stage.cycles(900, every=300)
    row = stage.row_about("not been read for over an hour")
    assert "20 units kept back" in row.what and row.answers == "renew access / forget this shop"
    stage.answers("renew access")
    await stage.cycles(600, every=300)
    assert stage.questions() == []
    await stage.cycles(25 * 3600, every=3600)
    assert [each.id for each in stage.questions()] != [row.id]
    stage.connects_again("south")
    await stage.cycles(60, every=20)
    assert stage.questions() == []


@scene("kept_back_long", "first_plan")
async def test_a_shop_that_is_forgotten_frees_what_was_kept_back_and_begins_with_a_plan_if_it_comes_back(
    stage: Stage,
) -> None:
    await live(stage)
    order = stage.buys("south", "A", 3)
    await stage.cycle()
    stage.revokes_key("south")
    stage.types("A", stocked=35)
    await stage.cycles(4200, every=300)
    assert stage.shows("north", "A") == 17, "35 less 3 sold, less the 17 that south shows: nothing is raised"
    stage.answers("forget this shop")
    await stage.cycles(60, every=20)
    assert (stage.shows("north", "A"), stage.levels("A")[:3]) == (32, (32, 0, 32))
    assert stage.shows("south", "A") == 17, "nothing is touched there"
    stage.connects_again("south")
    await stage.cycles(60, every=20)
    assert stage.levels("A")[:3] == (35, 3, 32), "its open order counts again"
    assert "first plan for south" in stage.row_about("first plan").what
    stage.ships("south", order)
    await stage.cycle()
    assert stage.levels("A")[:3] == (32, 0, 32)
