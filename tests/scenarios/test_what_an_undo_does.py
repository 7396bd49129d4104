"""Undo RUN: previewed, approved, held less what was sold since, and let go (DESIGN section 8, *Undo*)."""

from __future__ import annotations

import polars as pl
import pytest

from agent.deciding import undone
from tests.scenarios.order_stage import FRONTS, OrderStage
from tests.scenarios.stage import Stage, perform, scene


async def live(stage: Stage, **items: int) -> None:
    """Items in two live shops that show what is stocked."""
    for sku, units in items.items():
        stage.sells(sku, north=units, south=units)
        stage.types(sku, stocked=units)
    await stage.goes_live()


def last_run(stage: Stage) -> str:
    """The newest run in Sync Log."""
    return str(stage.book.results("Sync Log")["Run"][0])


def shown(stage: Stage, sku: str) -> tuple[int | None, int | None]:
    return stage.shows("north", sku), stage.shows("south", sku)


async def undoes(stage: Stage, run: str) -> None:
    """Type the run beside Undo, look at what it would do, and say yes."""
    stage.adds("Control", Control="Undo", Value=run)
    await stage.cycle()
    stage.answers("yes", about="would be undone")
    await stage.cycle()


async def percent_slips(stage: Stage) -> str:
    """A rule with a slip in it lowers A and B; the run that did it."""
    await live(stage, A=20, B=8)
    stage.adds("Rules", Percent="10 %")
    await stage.cycle()
    stage.answers("yes", about="moves very many")
    await stage.cycle()
    assert (shown(stage, "A"), shown(stage, "B")) == ((2, 2), (0, 0))
    return last_run(stage)


@scene("undo", "undo_waits", "undo_done", "undone")
async def test_an_undo_is_shown_first_and_holds_what_was_there_before(stage: Stage) -> None:
    run = await percent_slips(stage)
    stage.adds("Control", Control="Undo", Value=run.lower())
    await stage.cycle()
    row = stage.row_about("would be undone")
    assert f"{run} of " in row.what
    assert "4 listings go back to what was shown before it, less what was sold since, 0 down and 4 up." in row.what
    assert row.what.endswith("A on north 2 -> 20, A on south 2 -> 20, B on north 0 -> 8, B on south 0 -> 8.")
    assert (row.bad, row.answers) == ("decide", "yes")
    assert stage.came_of(f"Undo {run.lower()}") == "What would be undone stands in Attention, and waits for your yes."
    assert shown(stage, "A") == (2, 2), "nothing is done before the yes"
    stage.answers("yes", about="would be undone")
    await stage.cycle()
    assert (shown(stage, "A"), shown(stage, "B")) == ((20, 20), (8, 8))
    assert stage.came_of(f"Undo {run.lower()}") == f"{run} is undone: 4 of 4 listings are held."
    held = stage.listing("north", "A")
    assert (held.status, held.target) == ("held: undone", 20)
    assert held.why == f"20 stocked - 0 allocated = 20 -> {run} undone: 20 before it = 20"
    note = stage.row_about("is undone")
    assert (note.bad, note.answers) == ("note", None)
    assert "A on north" in note.what and "its rules" in note.todo and "release" in note.todo
    assert stage.book.results("Sync Log").filter(pl.col("Run") != run)["Cause"][0] == "an undo"


@scene("undone")
async def test_what_was_sold_since_is_taken_off_and_nothing_is_shown_that_is_not_there(stage: Stage) -> None:
    run = await percent_slips(stage)
    stage.buys("north", "A", 2)
    await stage.cycle()
    await undoes(stage, run)
    assert shown(stage, "A") == (18, 18)
    stage.buys("south", "A", 5)
    await stage.cycle()
    assert shown(stage, "A") == (13, 13), "sales go on lowering what is held"
    assert stage.listing("north", "A").why == (
        f"20 stocked - 7 allocated = 13 -> {run} undone: 20 before it - 7 sold since = 13"
    )


@scene("undone")
async def test_the_hold_ends_once_the_rule_that_caused_it_is_changed(stage: Stage) -> None:
    run = await percent_slips(stage)
    await undoes(stage, run)
    stage.types("A", stocked=30)
    await stage.cycle()
    assert shown(stage, "A") == (20, 20), "a count is not what caused it: the slip in Rules is still there"
    stage.sets("Rules", 2, "Percent", "50 %")
    await stage.cycle()
    stage.answers("yes", about="moves very many")
    await stage.cycle()
    assert (shown(stage, "A"), shown(stage, "B")) == ((15, 15), (4, 4))
    assert not any("is undone" in row.what for row in stage.attention())


@scene("undone")
async def test_a_slip_in_stocked_that_was_raised_is_undone_and_ends_with_the_next_count(stage: Stage) -> None:
    await live(stage, A=20)
    stage.types("A", stocked=25)
    await stage.cycle()
    run = last_run(stage)
    assert shown(stage, "A") == (25, 25)
    await undoes(stage, run)
    assert shown(stage, "A") == (20, 20)
    assert stage.levels("A") == (25, 0, 25, None), "Stocked is the person's: an undo never changes it"
    stage.types("A", stocked=22)
    await stage.cycle()
    assert shown(stage, "A") == (22, 22)
    assert stage.listing("north", "A").status == "in sync"


@scene("undo", "undone")
async def test_an_undo_never_shows_more_than_there_is_and_says_so_beforehand_I12(stage: Stage) -> None:
    """Stocked was lowered by a slip: the undo cannot raise what Stocked does not have."""
    await live(stage, A=20)
    stage.types("A", stocked=12)
    await stage.cycle()
    run = last_run(stage)
    stage.adds("Control", Control="Undo", Value=run)
    await stage.cycle()
    assert "2 cannot: there are not that many now." in stage.row_about("would be undone").what
    stage.answers("yes", about="would be undone")
    await stage.cycle()
    assert shown(stage, "A") == (12, 12)


@scene("undone")
async def test_release_beside_a_listing_lets_that_one_go(stage: Stage) -> None:
    run = await percent_slips(stage)
    await undoes(stage, run)
    stage.decides("Listings", "north", "A", "release")
    await stage.cycle()
    assert shown(stage, "A") == (2, 20)
    assert stage.came_of(f"Undo {run}") == (
        f"{run} is undone: 3 of 4 listings are held. 1 listing was let go: the cause was changed, or you typed release."
    )


@scene("undo_released")
async def test_release_in_control_lets_the_whole_run_go(stage: Stage) -> None:
    run = await percent_slips(stage)
    await undoes(stage, run)
    stage.adds("Control", Control="Release", Value=run)
    await stage.cycle()
    assert (shown(stage, "A"), shown(stage, "B")) == ((2, 2), (0, 0))
    assert stage.came_of(f"Release {run}") == "Released: what was held goes back to what your sheet says."
    await stage.restarts()
    await stage.cycles(300)
    assert shown(stage, "A") == (2, 2), "and the row Undo that still stands does nothing a second time"
    assert not any("undone" in row.what for row in stage.attention())


@scene("undo_unknown", "undo_nothing")
async def test_a_run_that_is_none_and_one_that_orders_made_undo_nothing(stage: Stage) -> None:
    await live(stage, A=20)
    stage.buys("north", "A", 3)
    await stage.cycle()
    run = last_run(stage)
    stage.adds("Control", Control="Undo", Value=run)
    stage.adds("Control", Control="Undo", Value="yesterday")
    await stage.cycle()
    assert stage.questions() == []
    assert stage.came_of(f"Undo {run}") == (
        f"{run} changed nothing that can be undone. 1 listing it changed because of orders: what is sold is sold."
    )
    assert str(stage.came_of("Undo yesterday")).startswith('There is no run of this name: "yesterday".')
    assert shown(stage, "A") == (17, 17)


@scene("undo")
async def test_a_yes_given_after_the_cause_was_mended_undoes_nothing(stage: Stage) -> None:
    """The person mends the number and says yes in one save: the question was about another sheet."""
    await live(stage, A=20)
    stage.types("A", stocked=25)
    await stage.cycle()
    stage.adds("Control", Control="Undo", Value=last_run(stage))
    await stage.cycle()
    stage.types("A", stocked=22)
    stage.answers("yes", about="would be undone")
    await stage.cycle()
    assert not any("is undone" in row.what for row in stage.attention())
    assert shown(stage, "A") == (22, 22)


@scene("undo")
async def test_the_question_goes_with_its_row_in_control(stage: Stage) -> None:
    run = await percent_slips(stage)
    stage.adds("Control", Control="Undo", Value=run)
    await stage.cycle()
    rows = stage.book.sheet("Control")
    stage.clears(rows.header_row + len(rows.rows))
    await stage.cycle()
    assert stage.questions() == []
    assert shown(stage, "A") == (2, 2)


@scene("undone")
async def test_a_bundle_is_held_less_the_sets_that_its_parts_went_into_since(stage: Stage) -> None:
    for sku, units in (("MUG", 20), ("SET", 10)):
        stage.sells(sku, north=units, south=units)
    stage.types("MUG", stocked=20)
    stage.types("SET", made_of="MUG x 2")
    await stage.goes_live()
    stage.types("MUG", stocked=24)
    await stage.cycle()
    assert (shown(stage, "MUG"), shown(stage, "SET")) == ((24, 24), (12, 12))
    await undoes(stage, last_run(stage))
    assert (shown(stage, "MUG"), shown(stage, "SET")) == ((20, 20), (10, 10))
    stage.buys("north", "MUG", 3)
    await stage.cycle()
    assert (shown(stage, "MUG"), shown(stage, "SET")) == ((17, 17), (8, 8)), "three mugs are one set and a half"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("R12", 12), ("r12", 12), (" 12 ", 12), ("R 012", 12), ("12.5", None), ("RUN", None), ("", None), (None, None)],
)
def test_a_run_is_typed_as_people_type(typed: str | None, meant: int | None) -> None:
    assert undone.run_of(typed) == meant


@pytest.mark.parametrize("platform", sorted(FRONTS))
def test_an_undone_run_is_held_and_let_go_on_every_platform(platform: str) -> None:
    async def story(stage: OrderStage) -> None:
        await stage.opens("A")
        stage.types("A", stocked=14)
        await stage.cycle()
        assert shown(stage, "A") == (14, 14)
        await undoes(stage, last_run(stage))
        assert shown(stage, "A") == (10, 10)
        stage.books(("A", 3))
        await stage.cycle()
        assert shown(stage, "A") == (7, 7)
        stage.adds("Control", Control="Release", Value="all")
        await stage.cycle()
        assert shown(stage, "A") == (11, 11)

    perform(story, lambda loop: OrderStage(loop, platform))
