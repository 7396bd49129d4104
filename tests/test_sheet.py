"""Taking in the workbook: which file this is, what is accepted, what holds (DESIGN sections 4, 5 and 8; I7, I11)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.workbooks.base import Mark, Written
from agent.workbooks.memory import Saved, Typed
from tests.scenarios.stage import Stage, scene


async def live(stage: Stage, **cells: Any) -> None:
    """Item A, 20 on the shelf, in both shops, live and in sync."""
    stage.sells("A", north=5, south=5)
    stage.types("A", **({"stocked": 20} | cells))
    await stage.goes_live()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 20)


async def ships_two(stage: Stage) -> None:
    stage.ships("north", stage.buys("north", "A", 2))
    await stage.cycle()


def known(stage: Stage) -> tuple[Any, Any]:
    """What the cell of A is known to hold, and what is meant to be written there."""
    rows = stage.agent.store.table("stocked").select("sku", "value", "intended").rows()
    return next((value, intended) for sku, value, intended in rows if sku == "A")


# --- the mirror


@scene()
async def test_a_shipment_is_mirrored_into_the_cell_and_is_no_edit(stage: Stage) -> None:
    """The agent's own number is not read back as something that the person typed."""
    await live(stage)
    await ships_two(stage)
    assert stage.stocked("A") == 18
    assert known(stage) == (18, None)
    await stage.cycle()
    assert (stage.levels("A"), stage.attention()) == ((18, 0, 18, None), [])
    assert stage.agent.store.table("edit").is_empty()


async def crashes_in_a_write(stage: Stage, *, published: bool) -> None:
    """The program dies while it publishes the workbook: just after the file is there, or just before."""
    write = stage.book.write

    async def dies(*args: Any) -> Written:
        if published:
            await write(*args)
        raise KeyboardInterrupt

    stage.book.write = dies  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        await ships_two(stage)
    stage.book.write = write  # type: ignore[method-assign]
    assert known(stage) == (20, 18)
    await stage.restarts()


@scene()
async def test_an_intended_mirror_counts_when_the_file_has_its_generation(stage: Stage) -> None:
    """The file was published and the program died before it could note it: 18 in the cell is no edit."""
    await live(stage)
    await crashes_in_a_write(stage, published=True)
    await stage.cycle()
    assert known(stage) == (18, None)
    assert (stage.stocked("A"), stage.levels("A"), stage.attention()) == (18, (18, 0, 18, None), [])
    assert stage.agent.store.table("edit").is_empty()


@scene()
async def test_an_intended_mirror_is_dropped_when_the_file_does_not_have_it(stage: Stage) -> None:
    """The program died before the file was published: 20 in the cell is the old number, not an edit to 20."""
    await live(stage)
    await crashes_in_a_write(stage, published=False)
    await stage.cycle()
    assert (stage.stocked("A"), stage.levels("A"), stage.attention()) == (18, (18, 0, 18, None), [])
    assert known(stage) == (18, None)
    assert stage.agent.store.table("edit").is_empty()


@scene()
async def test_a_person_who_types_over_a_mirror_that_was_published_has_edited_it(stage: Stage) -> None:
    """18 was written, the program died; the person typed 25 over the 18 before it came back: seven were added."""
    await live(stage)
    await crashes_in_a_write(stage, published=True)
    stage.types("A", stocked=25)
    await stage.cycle()
    assert stage.agent.store.table("edit").select("old", "value").rows() == [(18, 25)]


@scene()
async def test_a_formula_is_never_written_over_I7(stage: Stage) -> None:
    """Stocked of A is the result of a formula: it is read like a number, and never mirrored."""
    await live(stage, stocked=Typed(20, True))
    await ships_two(stage)
    assert stage.stocked("A") == Typed(20, True)
    assert stage.levels("A") == (18, 0, 18, None)
    await stage.cycle()
    assert stage.stocked("A") == Typed(20, True)
    assert (stage.shows("north", "A"), stage.attention()) == (18, [])


@scene()
async def test_an_edit_that_was_not_read_yet_is_never_written_over_I7(stage: Stage) -> None:
    """The person saves between the agent's look and its write."""
    await live(stage)
    write = stage.book.write

    async def saved_meanwhile(*args: Any) -> Written:
        stage.book.write = write  # type: ignore[method-assign]
        stage.types("A", stocked=30)
        stage.saves()
        return await write(*args)

    stage.book.write = saved_meanwhile  # type: ignore[method-assign]
    await ships_two(stage)
    assert (stage.stocked("A"), stage.agent.write_result) == (30, "moved")
    await stage.cycle()
    assert stage.agent.store.table("edit").select("old", "value").rows() == [(20, 30)]


@scene()
async def test_nothing_is_mirrored_into_a_row_that_is_asked_about(stage: Stage) -> None:
    """What the person typed stays until it is clear what it meant."""
    await live(stage)
    order = stage.buys("north", "A", 10)
    await stage.cycle()
    stage.ships("north", order)
    stage.types("A", stocked=18)
    for _ in range(2):
        await stage.cycle()
        assert (stage.stocked("A"), stage.levels("A")[0]) == (18, 8)


# --- which file is this


async def an_older_copy_comes_back(stage: Stage) -> tuple[Saved, Saved]:
    """A copy with 20 is put back after 30 was taken in: the copy, and the newest."""
    old = stage.book.saved
    stage.types("A", stocked=30)
    await stage.cycle()
    newest = stage.book.saved
    stage.book.restore(old)
    return old, newest


@scene()
async def test_an_older_copy_lowers_only_and_is_asked_about_once(stage: Stage) -> None:
    await live(stage)
    await an_older_copy_comes_back(stage)
    for _ in range(3):
        await stage.cycle()
        assert (stage.shows("north", "A"), len(stage.questions())) == (30, 1)
    assert stage.agent.store.table("question").filter(kind="older_copy").height == 1
    stage.buys("south", "A", 1)
    await stage.cycle()
    assert stage.shows("north", "A") == 29


@scene()
async def test_an_edit_in_an_older_copy_does_not_count_before_the_copy_is_chosen(stage: Stage) -> None:
    """Then its numbers are counts: there is no known number that they could be a difference from."""
    await live(stage)
    await an_older_copy_comes_back(stage)
    stage.types("A", stocked=25)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.levels("A")[0]) == (30, 30)
    stage.answers("use this one")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.levels("A")[0], stage.attention()) == (25, 25, [])


@scene()
async def test_our_question_in_an_older_copy_does_not_make_it_the_newest(stage: Stage) -> None:
    """The person reads the question, edits on without an answer and saves: still nothing of that copy counts."""
    await live(stage)
    await an_older_copy_comes_back(stage)
    await stage.cycle()
    stage.types("A", stocked=25)
    await stage.cycle()
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.levels("A")[0], len(stage.questions())) == (30, 30, 1)


@scene()
async def test_choosing_a_copy_chooses_it_once(stage: Stage) -> None:
    """A month later the same old copy comes back: it is asked about again."""
    await live(stage)
    old, newest = await an_older_copy_comes_back(stage)
    await stage.cycle()
    stage.answers("use this one")
    await stage.cycle()
    assert stage.shows("north", "A") == 20
    for copy in (newest, old):
        stage.book.restore(copy)
        await stage.cycle()
        assert (stage.shows("north", "A"), len(stage.questions())) == (20, 1)


@scene()
async def test_the_newest_copy_put_back_goes_on_as_if_nothing_had_been(stage: Stage) -> None:
    """The question is withdrawn by itself."""
    await live(stage)
    _, newest = await an_older_copy_comes_back(stage)
    await stage.cycle()
    assert len(stage.questions()) == 1
    stage.book.restore(newest)
    await stage.cycle()
    await stage.cycle()
    assert (stage.listing("north", "A").status, stage.levels("A")[0]) == ("in sync", 30)
    assert stage.attention() == []


@scene()
async def test_another_workbook_lowers_only_until_it_is_chosen(stage: Stage) -> None:
    """The mark of another agent's workbook, with a higher generation than ours."""
    await live(stage)
    stage.types("A", stocked=50)
    stage.saves()
    stage.book.restore(replace(stage.book.saved, mark=Mark("another", 99)))
    await stage.cycle()
    assert stage.shows("north", "A") == 20
    assert stage.listing("north", "A").status == "held: hidden mark is missing"
    stage.answers("use this one")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (50, [])


@scene()
async def test_every_workbook_gets_an_id_of_its_own(stage: Stage) -> None:
    """A second agent with a store and a workbook of its own: the one is another workbook for the other."""
    await live(stage)
    mine = stage.book.saved.mark
    stage.loses_its_store()
    stage.book.restore(replace(stage.book.saved, mark=None))
    await stage.cycle()
    theirs = stage.book.saved.mark
    assert mine is not None
    assert theirs is not None
    assert mine.workbook_id != theirs.workbook_id


@scene()
async def test_a_lost_store_adopts_the_workbook_and_previews_until_approved(stage: Stage) -> None:
    """DESIGN section 9: losing the store is a nuisance. The workbook is known by its mark; nothing goes out unasked."""
    await live(stage)
    mark = stage.book.saved.mark
    stage.loses_its_store()
    stage.types("A", stocked=30)
    await stage.cycle()
    assert (stage.listing("north", "A").status, stage.shows("north", "A")) == ("not live yet", 20)
    assert [row.what[:14] for row in stage.questions()] == ["The first plan", "The first plan"]
    after = stage.book.saved.mark
    assert mark is not None
    assert after == Mark(mark.workbook_id, mark.generation + 1)
    for shop in ("north", "south"):
        stage.answers("yes", about=shop)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A"), stage.attention()) == (30, 30, [])


@scene()
async def test_a_lost_store_is_rebuilt_from_the_mirror_with_its_open_orders(stage: Stage) -> None:
    """One order was shipped and is off the mirrored number, one is open: what is left is the same afterwards."""
    await live(stage)
    stage.ships("north", stage.buys("north", "A", 2))
    stage.buys("south", "A", 3)
    await stage.cycles(30, every=10)
    before = (stage.stocked("A"), stage.levels("A"), stage.shows("north", "A"), stage.shows("south", "A"))
    assert before == (18, (18, 3, 15, None), 15, 15)
    stage.loses_its_store()
    await stage.cycle()
    assert stage.listing("north", "A").status == "not live yet"
    for shop in ("north", "south"):
        stage.answers("yes", about=shop)
    await stage.cycle()
    assert (stage.stocked("A"), stage.levels("A"), stage.shows("north", "A"), stage.shows("south", "A")) == before


# --- a snapshot that is not in force


@scene()
async def test_a_rejected_snapshot_lowers_only_and_is_taken_in_whole_once_it_is_mended_I1(stage: Stage) -> None:
    """A header is missing: neither the edit nor the rule of that save counts; sales do. Mended, both count."""
    await live(stage)
    sheet = stage.book.sheet("Item Master")
    stage.types("A", stocked=40)
    stage.adds("Rules", SKU="A", Maximum=9)
    stage.saves()
    edited = stage.book.sheet("Item Master")
    stage.book.replace_sheet("Item Master", replace(edited, header=("Thing", *sheet.header[1:])))
    stage.book.save()
    stage.buys("south", "A", 1)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.stocked_known()) == (19, 20)
    stage.book.replace_sheet("Item Master", edited)
    stage.book.save()
    await stage.cycle()
    assert stage.levels("A") == (40, 1, 39, None)


@scene()
async def test_a_count_typed_while_the_header_is_spoiled_may_not_hold_what_was_shipped_before_it(stage: Stage) -> None:
    """Two units are shipped, the shelf's number is typed, and the header is broken: our own results go into that file,
    but its Stocked cell is known to have held the old number only before. Counted or taken away, 15 are left."""
    await live(stage)
    order = stage.buys("north", "A", 2)
    await stage.cycle()
    stage.ships("north", order)
    await stage.waits(30)
    stage.types("A", stocked=17)
    stage.saves()
    edited = stage.book.sheet("Item Master")
    stage.book.replace_sheet("Item Master", replace(edited, header=("Thing", *edited.header[1:])))
    stage.book.save()
    await stage.cycles(600)
    stage.book.replace_sheet("Item Master", edited)
    stage.book.save()
    await stage.cycle()
    assert "while 2 units were marked shipped" in stage.row_about("Did you count").what
    assert stage.levels("A") == (15, 0, 15, None)
    stage.answers("counted")
    await stage.cycle()
    assert stage.levels("A") == (15, 0, 15, None)


@scene()
async def test_a_renamed_channels_tab_switches_no_shop_on(stage: Stage) -> None:
    """The north is Off. The tab Channels is renamed by accident: it stays Off."""
    await live(stage)
    stage.adds("Channels", Channel="north", Mode="Off")
    await stage.cycle()
    stage.renames_tab("Channels", "My shops")
    stage.types("A", stocked=30)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 30)
    assert stage.status("north")["Mode"] == "Off"


@scene()
async def test_a_renamed_rules_tab_lifts_no_rule(stage: Stage) -> None:
    """Maximum 9 holds although the tab Rules is not found any more."""
    await live(stage)
    stage.types("B", stocked=1)
    stage.adds("Rules", Channel="north", SKU="A", Maximum=9)
    await stage.cycle()
    for row in stage.questions():
        stage.sets("Attention", row.id, "Answer", "yes")
    await stage.cycle()
    assert stage.shows("north", "A") == 9
    stage.renames_tab("Rules", "Old rules")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (9, 20)


@scene()
async def test_a_renamed_control_tab_does_not_end_a_pause(stage: Stage) -> None:
    await live(stage)
    stage.switches("Mode", "Paused")
    await stage.cycle()
    stage.renames_tab("Control", "Switches")
    stage.types("A", stocked=30)
    await stage.cycle()
    assert stage.shows("north", "A") == 20


@scene()
async def test_a_bad_cell_of_a_rule_keeps_what_was_accepted_for_it(stage: Stage) -> None:
    """Maximum 9 becomes `nine`: 9 holds, and the other cell of the same row counts at once."""
    await live(stage)
    stage.adds("Rules", Channel="north", SKU="A", Maximum=9)
    await stage.cycle()
    for row in stage.questions():
        stage.sets("Attention", row.id, "Answer", "yes")
    await stage.cycle()
    assert stage.shows("north", "A") == 9
    stage.book.type_cell("Rules", 2, "Maximum", "nine")
    stage.book.type_cell("Rules", 2, "Reserve", 15)
    stage.book.save()
    await stage.cycle()
    assert stage.listing("north", "A").why == "20 stocked - 0 allocated = 20 -> reserve 15 = 5"
    stage.book.type_cell("Rules", 2, "Reserve", 1)
    stage.book.save()
    await stage.cycle()
    assert stage.shows("north", "A") == 9


@scene()
async def test_a_blank_stocked_cell_is_not_zero_I11(stage: Stage) -> None:
    """The number is deleted: the shops keep what they show. Typed again, it is a count."""
    await live(stage)
    stage.types("A", stocked=None)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 20)
    stage.types("A", stocked=7)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.levels("A")[0]) == (7, 7)


@scene()
async def test_a_typed_zero_is_zero(stage: Stage) -> None:
    await live(stage)
    stage.types("A", stocked=0)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A"), stage.attention()) == (0, 0, [])


@scene()
async def test_an_unchanged_workbook_is_not_read_again(stage: Stage) -> None:
    await live(stage)
    await stage.cycle()
    sheet = stage.agent.sheet
    await stage.cycle()
    assert stage.agent.sheet is sheet
    stage.types("A", stocked=21)
    await stage.cycle()
    assert stage.agent.sheet is not sheet


@scene()
async def test_an_answer_stays_in_its_cell_and_is_used_once(stage: Stage) -> None:
    """Put back, the units vanish again some day: the old answer does not answer the new question."""
    await live(stage)
    for _ in range(2):
        stage.sells_by_hand("north", "A", 1)
        await stage.cycles(1300, every=325)
        assert len(stage.questions()) == 1
        stage.answers("put back")
        await stage.cycle()
        assert (stage.questions(), stage.shows("north", "A")) == ([], 20)


@scene()
async def test_rows_that_went_one_by_one_do_not_vanish_together_later(stage: Stage) -> None:
    """Two discontinued items last week, two today: four gone of forty, and never more than two at once."""
    names = [f"{letter}{number}" for letter in "ABCD" for number in range(10)]
    for sku in names:
        stage.types(sku, stocked=20)
    await stage.cycle()
    for pair in (("A1", "B1"), ("C1", "D1")):
        for sku in pair:
            stage.deletes(sku)
        await stage.cycle()
        assert stage.questions() == []
    for sku in ("A2", "B2", "C2"):
        stage.deletes(sku)
    for _ in range(2):
        stage.types("A3", stocked=21)
        await stage.cycle()
        (row,) = stage.questions()
        assert "gone from Item Master" in row.what
    assert stage.levels("A3")[0] == 20
