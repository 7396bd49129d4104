"""Imports: why a listing is not linked, in words; and what the person's word does to it."""

from __future__ import annotations

from tests.scenarios.stage import Import, Listing, Stage, scene
from tests.scenarios.test_what_parks_a_listing import live

DAMAGED = (
    "The listing's SKU, {}, looks damaged, as if a spreadsheet had taken its zeros, or made a date or a rounded number "
    "of it. It may be {}."
)


def notes(stage: Stage) -> dict[str, str]:
    """What -> What to do of the rows of Attention that ask nothing."""
    return {row.what: row.todo for row in stage.attention() if not row.answers}


@scene("no_sku", "unknown_sku", "several_items", "looks_like", "damaged_sku")
async def test_every_listing_that_is_not_linked_says_why(stage: Stage) -> None:
    """A shop with all the usual trouble in its SKUs. Nothing is linked by guess (I18), nothing is pushed."""
    stage.sells("", "nameless", north=1)
    stage.sells("NOBODY", north=2)
    stage.sells("pen blue", "pen", north=3)
    stage.sells("RED_MUG", "mug", north=4)
    stage.sells("1E+05", "five", north=5)
    stage.sells("2026-03-05", "date", north=6)
    stage.sells("7", "zeros", north=7)
    for sku in ("PEN BLUE", "PENBLUE", "RED-MUG", "1E5", "5-MAR", "007"):
        stage.types(sku, stocked=20)
    await stage.cycle()
    expected = {
        "nameless": Import(None, "The listing has no SKU in the shop.", None, None),
        "NOBODY": Import("NOBODY", "The SKU NOBODY is not in Item Master.", None, None),
        "pen": Import("pen blue", "The listing pen blue fits several of your items: PEN BLUE, PENBLUE.", None, None),
        "mug": Import(
            "RED_MUG",
            "The listing RED_MUG looks like one of your items: RED-MUG. It is linked only when you say so.",
            "RED-MUG",
            90,
        ),
        "five": Import("1E+05", DAMAGED.format("1E+05", "1E5"), "1E5", 96),
        "date": Import("2026-03-05", DAMAGED.format("2026-03-05", "5-MAR"), "5-MAR", 95),
        "zeros": Import("7", DAMAGED.format("7", "007"), "007", 98),
    }
    for name, row in expected.items():
        assert stage.imported("north", name) == row
    assert stage.attention() == []
    assert [stage.shows("north", name) for name in expected] == [1, 2, 3, 4, 5, 6, 7]


@scene("look_alike_sku", "item_damaged", "sku_damaged")
async def test_a_sku_that_only_looks_the_same_is_offered_and_a_damaged_row_is_named(stage: Stage) -> None:
    """АВС in Cyrillic letters is not ABC, an accent written as a sign of its own is not the letter; and the number of
    an item that Excel has rounded links nothing, even where the shop shows the same digits."""
    stage.sells("ABC", north=1)
    stage.sells("CAF\u00c9", "coffee", north=2)
    stage.sells("4.00638E+12", "rounded", north=3)
    for sku in ("\u0410\u0412\u0421", "CAFE\u0301", "4.00638E+12"):
        stage.types(sku, stocked=20)
    await stage.cycle()
    same = (
        "The listing's SKU, {}, looks the same as one of your items, {}, and is written with other characters, such as "
        "letters of another alphabet."
    )
    assert stage.imported("north", "ABC") == Import(
        "ABC", same.format("ABC", "\u0410\u0412\u0421"), "\u0410\u0412\u0421", 99
    )
    assert stage.imported("north", "coffee") == Import(
        "CAF\u00c9", same.format("CAF\u00c9", "CAFE\u0301"), "CAFE\u0301", 99
    )
    assert stage.imported("north", "rounded") == Import(
        "4.00638E+12",
        "The listing's SKU, 4.00638E+12, is that of a row in Item Master whose SKU looks damaged: 4.00638E+12.",
        "4.00638E+12",
        100,
    )
    assert [stage.shows("north", name) for name in ("ABC", "coffee", "rounded")] == [1, 2, 3]


@scene("unlinked", "new_link_waiting")
async def test_a_link_is_taken_away_and_made_again(stage: Stage) -> None:
    """`unlink` in Listings: the listing is an import again and left alone. Its SKU typed in Imports links it anew."""
    await live(stage)
    stage.decides("Listings", "north", "A", "unlink")
    stage.types("A", stocked=30)
    await stage.cycle()
    assert stage.imported("north", "A") == Import("A", "You took the link of this listing away.", None, None)
    assert (stage.shows("north", "A"), stage.shows("south", "A"), stage.attention()) == (20, 30, [])
    stage.decides("Imports", "north", "A", "A")
    await stage.cycle()
    assert stage.imported("north", "A") is None
    assert stage.listing("north", "A").status == "new, waits for your yes"
    stage.answers("yes")
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("in sync", 30, "30 stocked - 0 allocated = 30", 30)


@scene("ignored")
async def test_an_ignored_listing_stands_last_in_imports_and_is_never_pushed(stage: Stage) -> None:
    """`ignore` in Imports: it waits for nobody any more, and stands there only so that it can be taken back."""
    stage.sells("X", north=1)
    stage.sells("Y", north=0)
    await live(stage)
    stage.decides("Imports", "north", "X", "ignore")
    await stage.cycle()
    ignored = "You asked to ignore this listing. Stocksheet does not push it, and it may sell more than you have."
    assert stage.imported("north", "X") == Import("X", ignored, None, None)
    assert stage.book.results("Imports")["SKU there"].to_list() == ["Y", "X"]
    assert "1 waits in Imports" in stage.book.results("Start here")["How it stands"][2]
    assert stage.book.results("Listings").height == 2
    assert (stage.shows("north", "X"), stage.attention()) == (1, [])


@scene("decision_unclear", "decision_unknown_sku")
async def test_a_link_to_a_sku_that_is_not_there_holds(stage: Stage) -> None:
    """A slip in the SKU: nothing is linked, and it is said in both places; the right one links."""
    stage.sells("X", north=1)
    stage.types("A", stocked=5)
    await stage.cycle()
    number = stage.ids["north", "X"]
    stage.decides("Imports", "north", "X", "AA")
    await stage.cycle()
    assert stage.imported("north", "X") == Import(
        "X", "What you typed for this listing cannot be followed.", None, None
    )
    assert notes(stage) == {
        f"You linked the listing {number} of north to a SKU that is not in Item Master: AA.":
        "Correct the SKU, or add the item to Item Master. This cell takes: a SKU, ignore, new. "
        "Nothing new is linked until then."
    }  # fmt: skip
    assert stage.row_about("You linked").where == "Imports!N2"
    stage.decides("Imports", "north", "X", "A")
    await stage.cycle()
    assert (stage.imported("north", "X"), notes(stage)) == (None, {})


@scene("item_unclear", "sku_duplicate")
async def test_a_link_to_an_item_that_stands_twice_holds(stage: Stage) -> None:
    """The item that was named has two rows."""
    stage.sells("X", north=1)
    stage.types("A", stocked=5)
    stage.saves()
    stage.adds("Item Master", SKU="A", Stocked=6)
    await stage.cycle()
    stage.decides("Imports", "north", "X", "A")
    await stage.cycle()
    assert stage.imported("north", "X") == Import(
        "X", "The item that you named for this listing has an unclear row in Item Master.", None, None
    )


@scene("match_unclear", "match_ambiguous", "match_no_listing", "match_disagrees", "unknown_sku")
async def test_rows_of_matches_that_cannot_be_followed_link_nothing(stage: Stage) -> None:
    """A row names a listing that no shop has, one fits two listings, one names no item, one is against an answer."""
    stage.types("A", stocked=5)
    stage.types("B", stocked=5)
    for name in ("X", "Y", "Z"):
        stage.sells(name, north=1)
    number = str(stage.ids["north", "Y"])
    stage.sells(number, "twin", north=1)  # its SKU is the other one's id
    stage.adds("Matches", Channel="north", Listing=number, SKU="A")
    stage.adds("Matches", Channel="north", Listing="NONE", SKU="A")
    stage.adds("Matches", Channel="north", Listing="X", SKU="NOPE")
    stage.adds("Matches", Channel="north", Listing="Z", SKU="A")
    await stage.cycle()
    unclear = "Matches has a row for this listing that cannot be followed."
    for name in ("X", "Y", "twin"):
        row = stage.imported("north", name)
        assert row is not None
        assert row.why == unclear
    assert notes(stage) == {
        "This row of Matches names a listing that no shop has: NONE.":
        "Correct the listing's id or SKU, or delete the row. It has no effect until then.",
        f"This row of Matches fits several listings of north: {number}.":
        "Name the listing by its id, which stands in the column Listing of Imports and Listings. "
        "Nothing new is linked until then.",
        "The SKU is not in Item Master: NOPE.":
        "Add the item to Item Master, or type the right SKU in SKU. It has no effect until then.",
    }  # fmt: skip
    assert stage.listing("north", "Z").target == 5
    stage.decides("Listings", "north", "Z", "B")
    await stage.cycle()
    said = f"For the listing {stage.ids['north', 'Z']} of north, Matches says one item, A, and your answer another, B."
    assert notes(stage)[said] == "Correct one of them. Nothing new is linked until then."
    assert stage.listing("north", "Z").target == 5


@scene("link_sku_differs")
async def test_a_linked_listing_whose_sku_changes_keeps_its_link_S3_7(stage: Stage) -> None:
    """In the shop, the SKU of A's listing becomes B. The link stays; it is said."""
    stage.types("B", stocked=7)
    await live(stage)
    stage.shops["north"].rename_sku(stage.ids["north", "A"], "B")
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("in sync", 20, "20 stocked - 0 allocated = 20", 20)
    number = stage.ids["north", "A"]
    assert notes(stage) == {
        f"The listing {number} of north is linked to one item, A, and now has the SKU of another: B. The link stays.":
        "If the new SKU is right, type it in Change in Listings. If not, correct it in the shop."
    }  # fmt: skip
