"""The whole agent with a Google Sheet: no mirror, counts only, one agent a sheet, access that ends (issue 6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

pytest.importorskip("agent.practice.google")

from agent.practice.google import AGENT
from tests.scenarios.google_stage import GoogleStage
from tests.scenarios.stage import perform


def play(story: Callable[[GoogleStage], Awaitable[None]]) -> None:
    perform(story, GoogleStage)


async def live(stage: GoogleStage) -> None:
    """Twenty of A in both shops, live."""
    await stage.begins()
    stage.sells("A", north=20, south=20)
    stage.types("A", stocked=20)
    await stage.goes_live()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 20)


def test_a_sale_lowers_the_other_shop_and_the_persons_cell_is_never_written() -> None:
    async def story(stage: GoogleStage) -> None:
        await live(stage)
        order = stage.buys("north", "A", 3)
        await stage.cycle()
        assert stage.shows("south", "A") == 17
        stage.ships("north", order)
        await stage.cycles(180)
        assert stage.levels("A")[:3] == (17, 0, 17)
        assert stage.stocked("A") == 20
        assert stage.listing("south", "A").target == 17

    play(story)


def test_a_typed_number_is_a_count_whatever_was_there_before() -> None:
    async def story(stage: GoogleStage) -> None:
        await live(stage)
        stage.ships("north", stage.buys("north", "A", 3))
        await stage.cycles(900)
        assert stage.stocked_known() == 17
        stage.types("A", stocked=25)
        await stage.cycles(60)
        assert stage.stocked_known() == 25  # in a file it might have meant: five more
        assert not stage.questions()

    play(story)


def test_of_what_was_shipped_in_the_last_two_minutes_the_lowest_count_holds() -> None:
    async def story(stage: GoogleStage) -> None:
        await live(stage)
        await stage.cycles(900)
        stage.ships("north", stage.buys("north", "A", 3))
        await stage.cycle()
        stage.types("A", stocked=25)
        await stage.cycle()
        assert stage.stocked_known() == 22
        row = stage.row_about("You typed 25")
        assert row.answers == "counted / counted after"  # a number in Counted is never "five more"
        assert row.todo.endswith("If they had left already, answer: counted after (then there are 25).")
        stage.answers("counted after")
        await stage.cycles(120)
        assert stage.stocked_known() == 25
        assert not stage.questions()  # and no habit is offered that Control could not change

    play(story)


def test_a_switch_that_means_nothing_in_a_google_sheet_is_not_there_and_is_said_to_do_nothing() -> None:
    async def story(stage: GoogleStage) -> None:
        await live(stage)
        assert stage.desk is not None
        typed = [row["Control"] for row in stage.book.visitor.look("Control")]  # type: ignore[attr-defined]
        assert "Mode" in typed and "When I change Stocked" not in typed
        seen = stage.desk.person.call("GET", "?ranges=Control&fields=sheets(data(rowData(values(dataValidation))))")
        offered = str(seen)
        assert "'Freeze'" in offered and "When I change Stocked" not in offered
        stage.adds("Control", Control="When I change Stocked", Value="added or taken away")
        await stage.cycles(120)
        row = stage.row_about("does nothing in a Google Sheet")
        assert (
            row.what
            == "This switch does nothing in a Google Sheet: a number in Counted is always a count of the shelf."
        )
        stage.types("A", stocked=25)
        await stage.cycles(60)
        assert stage.stocked_known() == 25

    play(story)


def test_a_lost_store_begins_with_what_stock_levels_says_and_pushes_nothing_unasked() -> None:
    async def story(stage: GoogleStage) -> None:
        await live(stage)
        stage.ships("north", stage.buys("north", "A", 3))
        await stage.cycles(300)
        assert stage.levels("A")[0] == 17
        stage.loses_its_store()
        before = (stage.shows("north", "A"), stage.shows("south", "A"))
        await stage.cycles(120)
        assert stage.stocked_known() == 17
        assert (stage.shows("north", "A"), stage.shows("south", "A")) == before
        assert any("first plan" in row.what for row in stage.questions())

    play(story)


def test_without_access_orders_still_lower_nothing_is_raised_and_it_goes_on_by_itself() -> None:
    async def story(stage: GoogleStage) -> None:
        await live(stage)
        assert stage.desk is not None
        stage.desk.google.revoke(stage.desk.id, AGENT)
        stage.types("A", stocked=50)
        stage.buys("north", "A", 2)
        await stage.cycles(60)
        assert stage.agent.sheet_problem is not None and "shared" in stage.agent.sheet_problem[0]
        assert (stage.shows("north", "A"), stage.shows("south", "A")) == (18, 18)
        stage.desk.google.share(stage.desk.id, AGENT, "writer")
        await stage.cycles(180)
        assert stage.agent.sheet_problem is None
        assert stage.shows("south", "A") == 48

    play(story)


def test_of_two_agents_on_one_sheet_one_pushes() -> None:
    async def story(stage: GoogleStage) -> None:
        await live(stage)
        assert stage.desk is not None
        first, other = stage.agent, stage.desk.agents("another computer")
        stage.agent.workbook = other
        stage.agent.sheet, stage.agent.seen_token = None, None
        stage.buys("north", "A", 2)
        await stage.cycle()
        assert stage.shows("south", "A") == 20
        assert first.sheet_problem is not None and "Another Stocksheet" in first.sheet_problem[0]

    play(story)


def test_a_google_sheet_that_does_not_answer_holds_no_lowering_up() -> None:
    async def story(stage: GoogleStage) -> None:
        await live(stage)
        assert stage.desk is not None
        stage.desk.google.faults.unavailable = True
        stage.buys("north", "A", 4)
        await stage.cycles(120)
        assert stage.shows("south", "A") == 16
        stage.desk.google.faults.unavailable = False
        await stage.cycles(180)
        assert stage.agent.sheet_problem is None
        assert stage.levels("A")[:3] == (20, 4, 16)

    play(story)
