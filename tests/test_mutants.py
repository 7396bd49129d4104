"""Every planted fault is found: by a seed of the simulation, a story, or the pure test of the decision table.

A mutant that survives means that the simulation has grown blind to something.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from agent.core import plan
from agent.frames import MIRROR, frame
from agent.workbooks.base import Mark
from tests.core.test_plan import CALM, CASES
from tests.mutants import MUTANTS, Mutant
from tests.scenarios import test_what_a_shop_changed as drift
from tests.scenarios import test_what_an_undo_does as undo
from tests.scenarios import test_what_comes_in_and_goes_out as rows
from tests.scenarios import test_what_control_stops as control
from tests.scenarios.stage import Stage, Story, perform
from tests.scenarios.test_what_freezes_an_item import renames_column
from tests.scenarios.test_what_parks_a_listing import live
from tests.world.run import simulate

NEARBY = 4
"""Seeds tried from the recorded one on: the agent's own changes shift what a seed does."""


async def a_late_order_is_found(stage: Stage) -> None:
    """An order that becomes readable a minute late lies before the cursor by then: the overlap finds it (I16)."""
    await live(stage)
    stage.shops["north"].faults.order_visible_after = 60
    stage.buys("north", "A", 2)
    await stage.cycles(150, every=10)
    assert stage.levels("A")[1] == 2


async def a_spoiled_sheet_only_lowers(stage: Stage) -> None:
    """While the headers are spoiled, units that come free are raised nowhere (I1)."""
    await live(stage)
    order = stage.buys("north", "A", 2)
    await stage.cycles(60, every=10)
    assert stage.shows("south", "A") == 18
    renames_column(stage, Stocked="Old")
    await stage.cycle()
    stage.cancels("north", order)
    await stage.cycles(120, every=10)
    assert stage.shows("south", "A") == 18


async def an_edit_under_a_mirror_stays(stage: Stage) -> None:
    """What a person saves between our read and our write is never written over (I7)."""
    stage.types("A", stocked=10)
    stage.saves()
    seen = await stage.book.read()
    mirror = frame([(int(seen.tabs["Item Master"]["row"][0]), "A", "10", 8)], MIRROR)
    stage.types("A", stocked=12)
    stage.saves()
    written = await stage.book.write({}, mirror, Mark("mine", 1), seen)
    assert (written.outcome, stage.stocked("A")) == ("moved", 12)


async def a_count_holds_as_of_its_time(stage: Stage) -> None:
    """Three went out after the shelf was counted, and before the count was entered."""
    await live(stage)
    order = stage.buys("north", "A", 3)
    await stage.cycles(120)
    stage.ships("north", order)
    await stage.cycle()
    stage.adds("Stock In and Out", SKU="A", Change_or_Count="Count", Value=15, When="2026-11-23 08:01")
    await stage.cycle()
    assert stage.levels("A")[0] == 12


async def a_row_that_came_back_is_asked_about(stage: Stage) -> None:
    """Deleted, seen so, and put back: it is no second delivery by itself."""
    await live(stage)
    for _ in range(2):
        stage.adds("Stock In and Out", SKU="A", Change_or_Count="Change", Value=5, When="2026-11-23")
        await stage.cycle()
        assert stage.levels("A")[0] == 25
        stage.book.delete_row("Stock In and Out", 2)
        stage.book.save()
        await stage.cycle()


def told_in(test: Any) -> Story:
    """The story that a scenario tells."""
    story: Story = test.__wrapped__
    return story


STORIES: dict[str, Story] = {
    "When is ignored": a_count_holds_as_of_its_time,
    "a row that came back counts unasked": a_row_that_came_back_is_asked_about,
    "no overlap": a_late_order_is_found,
    "a rejected snapshot is accepted": a_spoiled_sheet_only_lowers,
    "mirror without comparing": an_edit_under_a_mirror_stays,
    "an undo never ends": told_in(undo.test_release_beside_a_listing_lets_that_one_go),
    "a stop never ends": told_in(control.test_a_time_of_day_in_until_is_kept_to),
    "a stop is overlooked": told_in(control.test_a_freeze_on_one_shop_leaves_the_other_and_the_lowest_of_several_holds),
    "a vanished row is taken back": told_in(
        rows.test_a_row_that_disappears_takes_nothing_back_and_is_asked_about_when_it_is_back
    ),
    "missing is never booked": told_in(drift.test_on_drift_put_back_answers_for_all_after_the_same_wait),
}
"""Mutants that seeds find too seldom or too late to be waited for: a story finds each; with `-m slow` a seed, too."""

SIMULATED = [mutant for mutant in MUTANTS if mutant.seed is not None]
PURE = [mutant for mutant in MUTANTS if mutant.row is not None]


def found_by(mutant: Mutant, seed: int) -> bool:
    """Whether this seed breaks an invariant, or breaks down altogether, with the fault planted."""
    with mutant.plant():
        try:
            return bool(simulate(seed, to_the_end=False).violations)
        except Exception:  # an agent that falls over is found, too
            return True


def _waited_for(mutant: Mutant) -> Any:
    marks = pytest.mark.slow if mutant.name in STORIES else ()
    return pytest.param(mutant, marks=marks, id=mutant.name)


@pytest.mark.parametrize("mutant", [_waited_for(mutant) for mutant in SIMULATED])
def test_the_simulation_finds(mutant: Mutant) -> None:
    assert mutant.seed is not None
    assert any(found_by(mutant, seed) for seed in range(mutant.seed, mutant.seed + NEARBY)), f"{mutant.name} survives"


@pytest.mark.parametrize("name", STORIES)
def test_a_story_finds(name: str) -> None:
    perform(STORIES[name])
    mutant = next(each for each in MUTANTS if each.name == name)
    with mutant.plant(), pytest.raises(AssertionError):
        perform(STORIES[name])


@pytest.mark.parametrize("mutant", PURE, ids=lambda mutant: mutant.name)
def test_the_pure_table_finds(mutant: Mutant) -> None:
    case = pl.DataFrame([{**CALM, **CASES[str(mutant.row)]}], schema=plan.CELLS)
    sane = plan.decide(case).select("action", "reason", "row").row(0)
    with mutant.plant():
        assert plan.decide(case).select("action", "reason", "row").row(0) != sane


def test_every_row_of_the_table_has_its_mutant_and_every_mutant_is_looked_for() -> None:
    assert {mutant.row for mutant in PURE} == {row.number for row in plan.TABLE}
    assert {mutant.name for mutant in MUTANTS} == {mutant.name for mutant in (*SIMULATED, *PURE)} | set(STORIES)
