"""Every question: what it says, the answers that it takes, and what the shops show afterwards."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agent.commands._news import News
from agent.words import say
from tests.scenarios.stage import Attention, Listing, Stage, scene, tells
from tests.scenarios.test_what_parks_a_listing import live

HELD = "held: waits for your yes"


def in_sync(stocked: int) -> Listing:
    return Listing("in sync", stocked, f"{stocked} stocked - 0 allocated = {stocked}", stocked)


def held(stocked: int) -> Listing:
    return Listing(HELD, stocked, f"{stocked} stocked - 0 allocated = {stocked}", stocked)


async def many(stage: Stage, numbers: Mapping[str, int]) -> None:
    """These items with so many on the shelf, in the north, live."""
    for sku, stocked in numbers.items():
        stage.sells(sku, north=5)
        stage.types(sku, stocked=stocked)
    await stage.goes_live()
    for sku, stocked in numbers.items():
        assert stage.listing("north", sku) == in_sync(stocked)


def the_question(stage: Stage) -> Attention:
    (row,) = stage.questions()
    return row


# --- edits of Stocked while orders are shipped


async def packs_ten_and_types_18(stage: Stage) -> None:
    """Of 20, 10 are sold. While they are packed, the seller types 18 over the 20."""
    await live(stage)
    order = stage.buys("north", "A", 10)
    await stage.cycle()
    stage.ships("north", order)
    stage.types("A", stocked=18)
    await stage.cycle()


@scene("edit_meaning")
async def test_an_edit_while_an_order_is_shipped_is_asked_about(stage: Stage) -> None:
    """18 counted before or after the parcels left, or two taken away? The lowest reading holds at once, and the cell is
    left as it was typed until the answer."""
    await packs_ten_and_types_18(stage)
    row = the_question(stage)
    assert row.what == (
        "You changed Stocked of A from 20 to 18, while 10 units were marked shipped. "
        "Did you count the shelf, or take or add some?"
    )
    assert row.todo == (
        "If you counted, answer: counted (then there are 8). "
        "If you counted after the 10 units had left, answer: counted after (then there are 18). "
        "If you took or added some, answer: added or taken away (then there are 8)."
    )
    assert (row.bad, row.answers, row.where) == (
        "decide",
        "counted / counted after / added or taken away",
        "Item Master!C2",
    )
    assert stage.listing("north", "A") == in_sync(8)
    assert stage.stocked("A") == 18
    stage.answers("counted")
    await stage.cycle()
    assert stage.listing("north", "A") == in_sync(8)
    stage.answers("ask me", about="same answer can hold")
    await stage.cycle()
    assert (stage.stocked("A"), stage.attention()) == (8, [])


@scene("edit_meaning")
async def test_who_counted_after_the_parcels_had_left_says_so_and_the_number_stands_as_typed(stage: Stage) -> None:
    await packs_ten_and_types_18(stage)
    stage.answers("counted after")
    await stage.cycle()
    assert stage.listing("north", "A") == in_sync(18)
    assert (stage.stocked("A"), stage.attention()) == (18, [])  # that is of this count, not a habit: none is offered


@pytest.mark.parametrize(("answer", "then"), [("counted", 8), ("counted after", 18)])
@scene("edit_counted")
async def test_a_number_typed_into_a_blank_cell_is_a_count_before_or_after_the_parcels(
    stage: Stage, answer: str, then: int
) -> None:
    await live(stage)
    stage.types("A", stocked=None)
    await stage.cycle()
    order = stage.buys("north", "A", 10)
    await stage.cycle()
    stage.ships("north", order)
    stage.types("A", stocked=18)
    await stage.cycle()
    row = stage.row_about("You typed 18")
    assert row.what == (
        "You typed 18 as Stocked of A, while 10 units were marked shipped. "
        "Did you count before or after they had left the shelf?"
    )
    assert row.todo == (
        "If you counted them too, answer: counted (then there are 8). "
        "If they had left already, answer: counted after (then there are 18)."
    )
    assert (row.bad, row.answers) == ("decide", "counted / counted after")
    stage.answers(answer)
    await stage.cycle()
    assert stage.levels("A")[0] == then


@pytest.mark.parametrize(("answer", "then"), [("Counted", 19), ("added or taken away", 9)])
@scene("edit_meaning")
async def test_the_answer_says_what_a_number_typed_over_another_means(stage: Stage, answer: str, then: int) -> None:
    """Instead of an answer, the seller types 19 over the 18 that was asked about (and was read as 8)."""
    await packs_ten_and_types_18(stage)
    stage.types("A", stocked=19)
    await stage.cycle()
    row = the_question(stage)
    assert row.what == "You changed Stocked of A from 18 to 19. Did you count the shelf, or take or add some?"
    assert row.todo == (
        "If you counted, answer: counted (then there are 19). "
        "If you took or added some, answer: added or taken away (then there are 9)."
    )
    assert stage.listing("north", "A") == in_sync(9)
    stage.answers(answer)
    await stage.cycle()
    assert stage.listing("north", "A") == in_sync(then)
    stage.answers("ask me", about="same answer can hold")
    await stage.cycle()
    assert (stage.stocked("A"), stage.attention()) == (then, [])


# --- missing units


async def three_vanish(stage: Stage) -> None:
    """Three units leave the north without an order: no shop sells them meanwhile, and after a quarter of an hour it is
    asked what became of them."""
    await live(stage)
    stage.sells_by_hand("north", "A", 3)
    await stage.cycle()
    missing = Listing("in sync", 17, "20 stocked - 0 allocated = 20 - 3 missing = 17", 17)
    assert stage.listing("south", "A") == stage.listing("north", "A") == missing
    assert stage.levels("A") == (20, 0, 20, 3)
    assert stage.attention() == []
    await stage.cycles(960, every=240)
    row = the_question(stage)
    assert row.what.startswith("3 units of A vanished from north without an order, between ")
    assert row.what.endswith(". No shop sells them meanwhile.")
    assert row.todo == (
        "If they are really gone, answer: gone. If they are on the shelf, answer: put back. "
        "On drift in Channels can answer for all."
    )
    assert (row.bad, row.answers, row.where) == ("decide", "gone / put back", "Item Master!C2")


@scene("missing_units")
async def test_units_that_vanished_are_gone(stage: Stage) -> None:
    """They were sold over the counter: they leave the shelf in the books, too."""
    await three_vanish(stage)
    stage.answers("gone")
    await stage.cycle()
    assert stage.listing("south", "A") == in_sync(17)
    assert (stage.levels("A"), stage.stocked("A"), stage.attention()) == ((17, 0, 17, None), 17, [])


@scene("missing_units")
async def test_units_that_vanished_are_put_back(stage: Stage) -> None:
    """They are still on the shelf: both shops show them again."""
    await three_vanish(stage)
    stage.answers("put back")
    await stage.cycle()
    assert stage.listing("north", "A") == in_sync(20)
    assert (stage.shows("north", "A"), stage.shows("south", "A"), stage.attention()) == (20, 20, [])


# --- the brake


PATTERNS: dict[str, tuple[dict[str, int], dict[str, int], str]] = {
    "wild_value": ({"A": 20, "B": 21}, {"A": 2000},
                   "Stocked of A, in C2, changed very much at once: from 20 to 2000. Its shops wait for your yes."),
    "zeros": (dict(zip("ABCDEFGHIJKLMNOPQRSTUVWX", range(20, 44), strict=True)), dict.fromkeys("ACEGIKMOQSU", 0),
              "Many items were set to 0 at once: 11 of 24, such as A, C, E, G and I, in C2, C4, "
              "C6, C8 and 7 more. Their shops are not set to 0 yet."),
    "zeros_in_a_row": ({**dict.fromkeys("ABCDE", 20), "F": 400}, dict.fromkeys("ABCDE", 0),
                       "Cells of Stocked one below the other were all set to 0: 5 of 6, such as A, B, C, D and E, "
                       "in C2:C6. Their shops are not set to 0 yet."),
    "halved": ({"A": 40, "B": 41, "C": 42}, {"A": 11, "B": 13, "C": 15},
               "All of Stocked together fell to half or less: from 123 to 39, by C2:C4. "
               "Sales still lower what shops show; the rest waits."),
    "doubled": ({"A": 40, "B": 41, "C": 42}, {"A": 111, "B": 113, "C": 115},
                "All of Stocked together has at least doubled: from 123 to 339, by C2:C4. "
                "Nothing is raised before your yes."),
    "filled_down": ({"A": 40, "B": 41, "C": 42, "D": 43, "E": 44, "F": 45, "G": 46}, dict.fromkeys("BCDEF", 40),
                    "Cells of Stocked one below the other all took the number of the cell beside them: 5 items, "
                    "such as B, C, D, E and F, in C3:C7, as when a fill slips."),
    "shuffled": (dict(zip("ABCDEF", (23, 41, 7, 88, 12, 65), strict=True)),
                 dict(zip("ABCDEF", (7, 12, 23, 41, 65, 88), strict=True)),
                 "The numbers in Stocked seem to have moved to other rows, as when one column is sorted alone: "
                 "6 items, such as A, B, C, D and E, in C2:C7."),
}  # fmt: skip
"""Pattern -> what was on the shelf, what is typed at once, what is said."""


@pytest.mark.parametrize("pattern", PATTERNS)
@scene("braked")
async def test_a_large_change_of_numbers_waits_for_a_yes_I6(stage: Stage, pattern: str) -> None:
    """A slip of the mouse, or meant so? The old numbers hold, everywhere, until the seller says yes."""
    before, typed, what = PATTERNS[pattern]
    await many(stage, before)
    for sku, stocked in typed.items():
        stage.types(sku, stocked=stocked)
    await stage.cycle()
    row = the_question(stage)
    assert (row.what, row.todo, row.bad, row.answers) == (what, say(pattern).fix, "stop", "yes")
    assert pattern in stage.seen
    for sku in typed:
        assert stage.listing("north", sku) == held(before[sku])
        assert stage.shows("north", sku) == before[sku]
    stage.answers("yes")
    await stage.cycle()
    for sku, stocked in (before | typed).items():
        assert stage.listing("north", sku) == in_sync(stocked)
    assert stage.attention() == []


tells(test_a_large_change_of_numbers_waits_for_a_yes_I6, PATTERNS)


@scene("braked")
async def test_a_large_change_that_is_put_right_is_not_asked_about_any_more(stage: Stage) -> None:
    """The seller takes the slip back: the question goes away."""
    await many(stage, {"A": 20, "B": 21})
    stage.types("A", stocked=2000)
    await stage.cycle()
    assert the_question(stage).where == "Item Master!C2"
    stage.types("A", stocked=22)
    await stage.cycle()
    assert (stage.listing("north", "A"), stage.attention()) == (in_sync(22), [])


@scene("vanished", "row_missing", "row_gone", "braked")
async def test_many_rows_that_vanish_hold_everything(stage: Stage) -> None:
    """Three of five rows are gone, and A was raised in the same save: nothing of that save counts before a yes.
    After it, A goes on; the vanished ones stay where they are, never zero (I11)."""
    await many(stage, dict(zip("ABCDE", range(20, 25), strict=True)))
    for sku in "BCD":
        stage.deletes(sku)
    stage.types("A", stocked=25)
    await stage.cycle()
    row = the_question(stage)
    assert row.what == (
        "Many items are gone from Item Master or have lost their number: 3 of 5, such as B, C and D. "
        "Shop numbers only go down, never up."
    )
    assert row.todo == (
        "If you took them out, answer: yes. If not, put the rows and numbers back, and look whether a filter or a sort "
        "hid them."
    )
    assert (row.bad, row.answers) == ("stop", "yes")
    assert stage.listing("north", "A") == held(20)
    assert stage.listing("north", "B").status == "held: its row is gone"
    stage.answers("yes")
    await stage.cycle()
    assert stage.listing("north", "A") == in_sync(25)
    assert stage.listing("north", "B") == Listing("held: its row is gone", 21, "21 stocked - 0 allocated = 21", 21)
    assert [stage.shows("north", sku) for sku in "ABCDE"] == [25, 21, 22, 23, 24]
    assert [(row.bad, row.what) for row in stage.attention()] == [
        ("note", f"You took the row of {sku} out of Item Master. Its shop numbers only go down, never up.")
        for sku in "BCD"
    ]
    await stage.waits(8 * 86400)
    stage.types("E", stocked=30)
    await stage.cycle()
    assert (stage.questions(), stage.shows("north", "E")) == ([], 30)  # the yes is not asked for again a week later
    stage.types("B", stocked=21)
    await stage.cycle()
    assert (stage.listing("north", "B"), len(stage.attention())) == (in_sync(21), 2)


@scene("zeros")
async def test_one_slip_is_one_question(stage: Stage) -> None:
    """Zeros pasted over most of the numbers also halve the sum of all: that is the same slip."""
    await many(stage, dict.fromkeys("ABCDEFGHIJKLMNOPQRST", 20))
    for sku in "ABCDEFGHIJKL":
        stage.types(sku, stocked=0)
    await stage.cycle()
    assert the_question(stage).what.startswith("Many items were set to 0 at once: 12 of 20")
    stage.answers("yes")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("north", "T"), stage.attention()) == (0, 20, [])


@scene("rule_sweep")
async def test_a_rule_that_moves_very_many_listings_waits_for_a_yes(stage: Stage) -> None:
    """A row without shop, SKU and tag: 50 % for everything. The old rules hold until the yes."""
    await many(stage, {"A": 20, "B": 21, "C": 22})
    stage.adds("Rules", Percent="50 %")
    await stage.cycle()
    row = the_question(stage)
    assert row.what == (
        "A change in Rules moves very many listings: 3 of 3, 3 lower, by D2. The old rules hold before your yes."
    )
    assert row.todo == "If it is meant so, answer: yes. If not, put the rule back."
    assert (row.bad, row.answers, row.where) == ("stop", "yes", "Rules!D2")
    assert stage.listing("north", "A") == in_sync(20)
    stage.answers("yes")
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("in sync", 10, "20 stocked - 0 allocated = 20 -> 50% = 10", 10)
    assert stage.attention() == []


@scene("rules_moved")
async def test_a_rule_edit_that_moves_a_few_listings_acts_at_once_and_says_how_many_S4_8(stage: Stage) -> None:
    """Of ten items two are held at 0 and one is raised by rules; a day later that is no news any more. An edit that
    moves nothing says nothing."""
    items = dict(zip("ABCDEFGHIJ", range(20, 30), strict=True))
    await many(stage, items)
    stage.adds("Rules", SKU="C", Maximum=5)
    await stage.cycle()
    assert "1 of 10 listings shows another number, 1 lower." in stage.row_about("Rules were changed").what
    news = News(stage.agent)
    stage.sets("Rules", 2, "Maximum", 8)
    for sku in "AB":
        stage.adds("Rules", SKU=sku, Out_of_stock_at=100)
    decision = await stage.cycle()
    row = stage.row_about("Rules were changed")
    assert row.what == (
        "Rules were changed in H2, J3 and J4: 3 of 10 listings show another number, 2 lower, 1 higher, 2 sold out."
    )
    assert (row.bad, row.where, row.answers) == ("note", "Rules!H2", None)
    assert [stage.shows("north", sku) for sku in "ABCD"] == [0, 0, 8, 23], "nothing waits for it"
    said = [sentence for _, sentence in news.since(stage.agent, decision, stage.book.results("Attention"))]
    told = said.index(row.what)
    assert said[told + 1 :] == [f"Pushed to north: {change}." for change in ("A 20 -> 0", "B 21 -> 0", "C 5 -> 8")]
    assert row.what not in [each for _, each in news.since(stage.agent, decision, stage.book.results("Attention"))]
    await stage.waits(86_400)
    await stage.cycle()
    assert not [row for row in stage.attention() if "Rules were changed" in row.what]
    stage.adds("Rules", SKU="D", Maximum=500)
    await stage.cycle()
    assert not [row for row in stage.attention() if "Rules were changed" in row.what]


# --- answers


@scene("decision_unknown")
async def test_an_answer_that_is_none_of_the_offered_ones_is_named(stage: Stage) -> None:
    """The seller types `maybe`: nothing is done, and it is said which answers there are."""
    stage.sells("A", north=5)
    stage.types("A", stocked=20)
    await stage.cycle()
    question = the_question(stage)
    stage.answers("maybe")
    await stage.cycle()
    row = stage.row_about("not understood")
    assert row.what == f'This answer to {question.id} is not understood: "maybe".'
    assert row.todo == ("Type one of the answers offered there: yes, or a SKU of Item Master where one is asked for.")
    assert stage.shows("north", "A") == 5
    stage.answers("yes", about="first plan")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (20, [])
