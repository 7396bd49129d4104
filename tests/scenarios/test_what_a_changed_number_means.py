"""What a changed number in Stocked means: asked where it matters, and for good if wanted (DESIGN section 5)."""

from __future__ import annotations

from tests.scenarios.stage import Stage, scene


async def asked(stage: Stage) -> None:
    """Two of A are shipped while the workbook is open, and a new number is typed into it."""
    stage.sells("A", north=5)
    stage.types("A", stocked=20)
    await stage.goes_live()
    await changes(stage, 30)


async def changes(stage: Stage, value: int) -> None:
    order = stage.buys("north", "A", 2)
    await stage.cycle()
    stage.book.open_by_person()
    stage.ships("north", order)
    await stage.cycles(60)
    stage.types("A", stocked=value)
    await stage.cycle()
    stage.book.close_by_person()
    await stage.cycle()


@scene("edit_meaning", "edit_meaning_standing")
async def test_the_first_answer_is_offered_for_good_and_then_nothing_is_asked(stage: Stage) -> None:
    await asked(stage)
    assert stage.levels("A")[0] == 28
    stage.answers("added or taken away", about="You changed Stocked")
    await stage.cycle()
    offered = stage.row_about("The same answer can hold")
    assert offered.what == (
        "You have answered what a changed number in Stocked means: added or taken away. The same answer can hold from "
        "now on, without asking."
    )
    assert (offered.bad, offered.answers) == ("decide", "always / ask me")
    stage.answers("always")
    await stage.cycle()
    assert stage.attention() == []
    await stage.restarts()
    await changes(stage, 35)  # the cell said 28: seven came in, and two went
    assert (stage.levels("A")[0], stage.stocked("A"), stage.attention()) == (33, 33, [])
    stage.switches("When I change Stocked", "counted")
    await stage.cycle()
    await changes(stage, 40)
    assert (stage.levels("A")[0], stage.attention()) == (38, [])
    stage.switches("When I change Stocked", "ask me")
    await stage.cycle()
    await changes(stage, 50)
    assert stage.row_about("You changed Stocked").answers == "counted / counted after / added or taken away"


@scene("edit_meaning_standing")
async def test_who_wants_to_be_asked_is_asked_each_time_and_offered_nothing_more(stage: Stage) -> None:
    await asked(stage)
    stage.answers("counted", about="You changed Stocked")
    await stage.cycle()
    stage.answers("ask me")
    await stage.cycle()
    assert stage.attention() == []
    await changes(stage, 40)
    stage.answers("counted", about="You changed Stocked")
    await stage.cycle()
    assert stage.attention() == []
