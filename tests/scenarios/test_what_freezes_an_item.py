"""Row 8: whatever is not clear in the workbook is only ever lowered, and a row of Attention says where to mend it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from agent.workbooks.base import Copy, WorkbookOut
from agent.workbooks.memory import Typed
from tests.scenarios.stage import Entry, Listing, Stage, scene, tells
from tests.scenarios.test_what_parks_a_listing import live

SOLD_ONE = "20 stocked - 1 allocated = 19"
HOLDS = "Until then Stocksheet uses what stood here before."
LOWERED = "Until then the shop numbers of {} only go down, never up."

BAD_CELLS: dict[str, tuple[dict[str, Entry], str, str, str, str]] = {
    "date_in_number": (
        {"stocked": date(2026, 5, 3)}, "held: date instead of a number",
        "Stocked needs a number, and a date stands there: 2026-05-03.",
        f"Set the cell to Number and type the number. {HOLDS}", "C",
    ),
    "negative": (
        {"stocked": -3}, "held: number below zero", "Stocked is below zero: -3.", f"Type 0 or more. {HOLDS}", "C",
    ),
    "not_whole": (
        {"stocked": 2.5}, "held: no whole number", "Stocked is not a whole number: 2.5.",
        f"Type a whole number. {HOLDS}", "C",
    ),
    "not_a_number": (
        {"stocked": "about 20"}, "held: not a number", 'Stocked is not a number: "about 20".',
        f"Type the digits alone, without words, units, commas or points. {HOLDS}", "C",
    ),
    "too_large": (
        {"stocked": 4006381333931}, "held: number too large", "Stocked is far too large: 4006381333931.",
        f"Look whether a barcode or a price was typed here, and type the right number. {HOLDS}", "C",
    ),
    "formula_no_value": (
        {"stocked": Typed(None, True)}, "held: formula without a result", "The formula in Stocked has no result yet.",
        f"Open the workbook, let it work out its formulas and save. {HOLDS}", "C",
    ),
    "choice_unknown": (
        {"active": "perhaps"}, "held: unknown word", 'Active takes a word from its list, not "perhaps".',
        f"Pick one from the list: yes, no. {HOLDS}", "F",
    ),
    "bundle_stocked": (
        {"made_of": "B x 2"}, "held: Stocked on a bundle",
        "{sku} is made of other items, and a number stands in its Stocked: 20.",
        "Clear Stocked in this row: the number of a bundle comes from its parts. "
        "Until then its shop numbers only go down, never up.", "C",
    ),
    "made_of_unclear": (
        {"made_of": "B x 0", "stocked": None}, "held: Made of is unclear", 'Made of cannot be understood: "B x 0".',
        "Write it like MUG x 2 + BOX. " + LOWERED, "G",
    ),
    "part_unknown": (
        {"made_of": "NOPE", "stocked": None}, "held: unknown part",
        "Made of names a part that is not in Item Master: NOPE.",
        "Correct the SKU of the part, or add a row for it. " + LOWERED, "G",
    ),
    "bundle_loop": (
        {"made_of": "bundle_loop x 2", "stocked": None}, "held: made of itself",
        '{sku} is made of itself: "bundle_loop x 2".',
        "Take its own SKU out of Made of. Until then its shop numbers only go down, never up.", "G",
    ),
    "bundle_in_bundle": (
        {"made_of": "KIT", "stocked": None}, "held: bundle in a bundle",
        "{sku} has a part that is a bundle itself: KIT.",
        "Write the single items into Made of instead. Until then its shop numbers only go down, never up.", "G",
    ),
}  # fmt: skip
"""Code -> what is typed into the row, and what a person then sees: status, What, What to do, the column."""


@scene(*BAD_CELLS)
async def test_a_row_that_cannot_be_used_freezes_its_item_and_no_other(stage: Stage) -> None:
    """A bad morning: a cell goes wrong in each of a dozen rows (each item is named as what befalls it). Shops keep
    what was accepted before, less what is sold; B, whose row is fine, goes on."""
    for sku in (*BAD_CELLS, "B"):
        stage.sells(sku, north=5)
        stage.types(sku, stocked=20)
    stage.types("KIT", made_of="B x 2")
    await stage.goes_live()
    for sku, (cells, *_) in BAD_CELLS.items():
        stage.types(sku, **cells)
        stage.buys("north", sku, 1)
    stage.types("B", stocked=25)
    await stage.cycle()
    told = {row.where: row for row in stage.attention()}
    rows = {sku: 2 + n for n, sku in enumerate(BAD_CELLS)}
    for sku, (_, status, what, todo, column) in BAD_CELLS.items():
        assert stage.listing("north", sku) == Listing(status, 19, SOLD_ONE, 19)
        assert stage.shows("north", sku) == 19
        row = told.pop(f"Item Master!{column}{rows[sku]}")
        assert (row.bad, row.what, row.todo) == ("stop", what.format(sku=sku), todo.format(sku))
    assert told == {}
    assert stage.shows("north", "B") == 25


@scene("sku_duplicate")
async def test_a_sku_in_two_rows_freezes_it(stage: Stage) -> None:
    """The row of A is copied: nobody knows which one counts. The copy goes, and everything goes on."""
    await live(stage)
    stage.adds("Item Master", SKU="A", Title="A again", Stocked=90)
    stage.buys("south", "A", 1)
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("held: SKU in several rows", 19, SOLD_ONE, 19)
    assert stage.shows("north", "A") == 19
    assert {(row.bad, row.what, row.todo, row.where) for row in stage.attention()} == {
        (
            "stop", "The SKU A stands in more than one row: 2, 3.",
            "Keep one row and delete or rename the others. Until then its shop numbers only go down, never up.", where,
        )
        for where in ("Item Master!A2", "Item Master!A3")
    }  # fmt: skip
    stage.deletes(3)
    await stage.cycle()
    assert (stage.listing("north", "A").status, stage.attention()) == ("in sync", [])


@scene("row_missing")
async def test_a_deleted_row_freezes_its_item_until_it_is_put_back(stage: Stage) -> None:
    """The row of A is deleted by accident. Its shops are lowered by sales, never zeroed, never raised."""
    stage.types("B", stocked=5)
    await live(stage)
    stage.deletes("A")
    stage.buys("south", "A", 1)
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("held: its row is gone", 19, SOLD_ONE, 19)
    assert stage.shows("north", "A") == 19
    (row,) = stage.attention()
    assert (row.bad, row.where) == ("stop", "Item Master")
    assert row.what == "The row of A is no longer in Item Master. Its shop numbers only go down, never up."
    assert row.todo == "Put the row back. If it has a new SKU, type that one in Change in Listings."
    stage.types("A", stocked=25)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (24, [])


@scene("sheet_unreadable")
async def test_a_workbook_that_cannot_be_read_only_lowers(stage: Stage) -> None:
    """The file is away for a while; what is sold still lowers the other shop. Back again, the edit in it counts."""
    await live(stage)
    stage.types("A", stocked=30)
    stage.saves()
    stage.book.out = WorkbookOut("The file is not in its place.", "Put it back.")
    stage.buys("south", "A", 1)
    decision = await stage.cycle()
    assert set(decision.plan["reason"]) == {"sheet_unreadable"}
    assert stage.shows("north", "A") == 19
    stage.book.out = None
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("in sync", 29, "30 stocked - 1 allocated = 29", 29)


def renames_column(stage: Stage, **names: str) -> None:
    """Give columns of Item Master other names."""
    sheet = stage.book.sheet("Item Master")
    header = tuple(names.get(name, name) for name in sheet.header)
    stage.book.replace_sheet("Item Master", replace(sheet, header=header))
    stage._typed = True


WHOLE = {
    "no_item_master": (
        "held: no Item Master", "The workbook has no tab Item Master.",
        "Put the tab back, or rename the tab that you use instead. Until then shop numbers only go down, never up.",
    ),
    "header_missing": (
        "held: a column is missing", "A column that is needed is missing in Item Master: Stocked.",
        "Type its name into the top row, over the right column. Until then shop numbers only go down, never up.",
    ),
    "header_twice": (
        "held: a column is there twice", "Two columns have the same heading: Stocked, in C1 and D1.",
        "Rename or delete one of them, so that it is clear which one counts. Neither is used until then.",
    ),
    "header_unclear": (
        "held: a column is unclear", "It is not clear which column is meant by Stocked: Qty and On hand, in C1 and D1.",
        "Rename the right one to Stocked. The column is not used until then.",
    ),
    "no_items": (
        "held: no items", "Item Master has no SKU in any row.",
        "Put the rows back, for example from a backup. Until then shop numbers only go down, never up.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", WHOLE)
@scene()
async def test_a_workbook_that_is_not_understood_as_a_whole_only_lowers_I11(stage: Stage, code: str) -> None:
    """A tab is renamed, a column goes, or all rows: no shop is zeroed, sales still lower, and it is said once."""
    await live(stage)
    before = stage.book.saved.sheets
    if code == "no_item_master":
        stage.renames_tab("Item Master", "Inventory")
    elif code == "no_items":
        stage.deletes("A")
    else:
        renames_column(stage, **{"header_missing": {"Stocked": "Old"}, "header_twice": {"Barcode": "Stocked"},
                                 "header_unclear": {"Barcode": "On hand", "Stocked": "Qty"}}[code])  # fmt: skip
    stage.buys("south", "A", 1)
    await stage.cycle()
    status, what, todo = WHOLE[code]
    assert stage.listing("north", "A") == Listing(status, 19, SOLD_ONE, 19)
    assert stage.shows("north", "A") == 19
    row = stage.row_about(what)
    assert (row.bad, row.todo) == ("stop", todo)
    assert code in stage.seen
    assert "tab_missing" not in stage.seen  # said once
    stage.book.restore(replace(stage.book.saved, sheets=before))
    await stage.cycle()
    assert (stage.listing("north", "A").status, stage.attention()) == ("in sync", [])


tells(test_a_workbook_that_is_not_understood_as_a_whole_only_lowers_I11, WHOLE)


@scene("older_copy")
async def test_an_older_copy_only_lowers_until_it_is_chosen(stage: Stage) -> None:
    """Yesterday's copy is put in the place of the workbook: 20 in it are not counted before the person says so."""
    await live(stage)
    old = stage.book.saved
    stage.types("A", stocked=30)
    await stage.cycle()
    stage.book.restore(old)
    stage.buys("south", "A", 1)
    await stage.cycle()
    assert stage.listing("north", "A") == Listing(
        "held: older copy of the workbook", 29, "30 stocked - 1 allocated = 29", 29
    )
    (row,) = stage.attention()
    saved = f"{old.saved_at.astimezone():%Y-%m-%d}"
    assert row.what.startswith(f"This looks like an older copy of your workbook, saved {saved}")
    assert row.what.endswith("Meanwhile shop numbers only go down, never up.")
    assert row.todo == "Put the newest copy back in its place. If this one is right, answer: use this one."
    assert (row.bad, row.answers) == ("stop", "use this one")
    stage.answers("use this one")
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("in sync", 19, SOLD_ONE, 19)
    assert (stage.shows("north", "A"), stage.attention()) == (19, [])


@scene("mark_missing")
async def test_a_workbook_without_the_mark_only_lowers_until_it_is_chosen(stage: Stage) -> None:
    """Another program saved the workbook and dropped the hidden mark."""
    await live(stage)
    stage.types("A", stocked=30)
    stage.saves()
    stage.book.restore(replace(stage.book.saved, mark=None))
    stage.buys("south", "A", 1)
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("held: hidden mark is missing", 19, SOLD_ONE, 19)
    (row,) = stage.attention()
    assert row.what == (
        "The hidden mark of Stocksheet is no longer in this workbook, as when it was saved by another program."
    )
    assert (
        row.todo
        == "If this is the right workbook, answer: use this one. Until then shop numbers only go down, never up."
    )
    assert (row.bad, row.answers) == ("stop", "use this one")
    stage.answers("use this one")
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("in sync", 29, "30 stocked - 1 allocated = 29", 29)
    assert stage.attention() == []


@scene("conflicted_copy")
async def test_a_conflicted_copy_beside_the_workbook_only_lowers_until_it_is_gone_or_settled(stage: Stage) -> None:
    """Two computers saved at the same time. Which file counts is asked; sales still lower. The copy is moved away and
    all goes on; when it is back, `use this one` settles it for good."""
    await live(stage)
    assert stage.book.saved.mark is not None
    other = Copy("Stock (Anna's conflicted copy 2026-11-23).xlsx", "another content", stage.book.saved.mark, sure=True)
    stage.types("A", stocked=30)
    stage.saves()
    stage.book.copies = (other,)
    stage.buys("south", "A", 1)
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("held: two copies of the workbook", 19, SOLD_ONE, 19)
    (row,) = stage.attention()
    assert (row.bad, row.answers) == ("stop", "use this one")
    assert row.what == (
        "Another copy of your workbook lies beside it and holds something else: Stock (Anna's conflicted copy "
        "2026-11-23).xlsx, as when two computers save at the same time. Meanwhile shop numbers only go down, never up."
    )
    stage.book.copies = ()
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (29, [])
    stage.book.copies = (other,)
    await stage.cycle()
    stage.answers("use this one")
    stage.types("A", stocked=31)
    for _ in range(3):
        await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (30, [])


@scene()
async def test_a_copy_that_a_person_made_long_ago_is_no_conflict(stage: Stage) -> None:
    """`Stock-2025.xlsx` has an older generation than the workbook: it was a copy once, and nobody is asked."""
    await live(stage)
    mark = stage.book.saved.mark
    assert mark is not None
    stage.book.copies = (Copy("Stock-2025.xlsx", "old", replace(mark, generation=mark.generation - 1), sure=False),)
    stage.types("A", stocked=30)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (30, [])


@scene("braked", "zeros_in_a_row")
async def test_a_held_row_is_lowered_by_orders_and_by_nothing_else_I6(stage: Stage) -> None:
    """Five zeros one below the other wait for a yes; a sale of one of these items still lowers the other shop."""
    stage.sells("A", south=5)
    for sku in "ABCDEF":
        stage.sells(sku, north=5)
        stage.types(sku, stocked=20 if sku != "F" else 400)
    await stage.goes_live()
    for sku in "ABCDE":
        stage.types(sku, stocked=0)
    stage.buys("south", "A", 2)
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("held: waits for your yes", 18, "20 stocked - 2 allocated = 18", 18)
    assert [stage.shows("north", sku) for sku in "ABCDEF"] == [18, 20, 20, 20, 20, 400]
    stage.answers("yes", about="set to 0")
    await stage.cycle()
    assert [stage.shows("north", sku) for sku in "ABCDEF"] == [0, 0, 0, 0, 0, 400]
    assert [row.what[:29] for row in stage.attention()] == ["More of A was sold than you h"]
