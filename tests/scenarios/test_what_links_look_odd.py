"""Listings that do not point back to the right item, and links that are changed: noted once, asked once (S2-27)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.scenarios.stage import Listing, Stage, perform, scene, tells
from tests.scenarios.test_what_parks_a_listing import live, parked
from tests.scenarios.test_what_waits_in_imports import notes

PRODUCTS = ("Enamel mug", "Wool blanket", "Olive soap", "Desk lamp", "Steel bottle", "Linen towel", "Green tea",
            "Honey jar", "Leather notebook", "Canvas backpack", "Silk scarf")  # fmt: skip


@scene("two_items")
async def test_two_items_on_one_listing_without_units_are_a_bundle_or_a_slip(stage: Stage) -> None:
    for sku in ("B", "C"):
        stage.types(sku, stocked=9)
    stage.sells("SET", north=2)
    stage.sells("SIX", north=2)
    stage.adds("Matches", Channel="north", Listing="SIX", SKU="B", Units=6)
    for sku in ("B", "C"):
        stage.adds("Matches", Channel="north", Listing="SET", SKU=sku)
    await stage.cycle()
    row = stage.row_about("Matches links")
    assert (row.bad, row.answers, row.where) == ("note", "fine", "Listings")
    assert row.what == (
        "Matches links 1 listing of north to several items, one unit each: Item SET = B + C. "
        "Each sale takes one of all of them."
    )
    stage.answers("fine", about="Matches links")
    await stage.cycle()
    assert [row.answers for row in stage.attention()] == ["yes"]


@scene("unlike_titles")
async def test_a_link_between_very_different_titles_is_offered_once(stage: Stage) -> None:
    """The same SKU means another product in the shop. Where titles are alike as a rule, that stands out."""
    for number, title in enumerate(PRODUCTS):
        stage.types(f"P{number}", title=title, stocked=5)
        there = "Garden gnome with hat" if number == 10 else f"NORDLYS {title}"
        stage.ids["north", f"P{number}"] = stage.shops["north"].add_simple(f"P{number}", there, 5)
    await stage.cycle()
    row = stage.row_about("nothing in common")
    assert row.what == (
        "1 link of north may be wrong, as the titles have nothing in common: "
        '"Garden gnome with hat" is linked to P10, "Silk scarf".'
    )
    assert row.bad == "note"
    stage.answers("fine", about="in common")
    await stage.cycle()
    await stage.restarts()
    await stage.cycle()
    assert not [row for row in stage.attention() if "in common" in row.what]


PATTERNS = {
    "pattern_prefix": ("WEB-{}", "10 SKUs of north that are not linked begin with WEB-, "
                       "such as WEB-0X00 for your 0X00. Without it they are SKUs of yours."),
    "pattern_suffix": ("{}-FBM", "10 SKUs of north that are not linked end in -FBM, such as 0X00-FBM for your 0X00. "
                       "Without it they are SKUs of yours."),
    "pattern_fulfilled": ("{}-FBA", "10 SKUs of north that are not linked end in -FBA, such as 0X00-FBA. "
                          "The marketplace itself seems to store and ship them."),
    "pattern_spelled": ("OX{:.0}{}", "10 SKUs of north are spelled a little differently from yours, "
                        "such as OX00 for your 0X00."),
}  # fmt: skip


@pytest.mark.parametrize("code", PATTERNS)
def test_what_many_skus_have_in_common_is_one_row_with_what_to_type_where_S2_25(code: str) -> None:
    made, sentence = PATTERNS[code]

    async def story(stage: Stage) -> None:
        for number in range(10):
            sku = f"0X{number:02}"
            there = f"OX{number:02}" if code == "pattern_spelled" else made.format(sku)
            stage.types(sku, stocked=5)
            stage.sells(there, north=1)
        await stage.cycle()
        (row,) = stage.attention()
        if code not in ("pattern_prefix", "pattern_suffix"):
            assert (row.what, row.bad, row.answers) == (sentence, "note", None)
        else:
            side = code.removeprefix("pattern_")
            affix = "WEB-" if side == "prefix" else "-FBM"
            assert (row.what, row.bad, row.answers) == (sentence, "decide", "yes / no")
            assert f"For new ones to link by themselves, type {affix} in Ignore {side} of north" in row.todo
            stage.adds("Channels", Channel="north", **{f"Ignore_{side}": affix})
            await stage.cycle()
            assert stage.book.results("Listings").height == 10
            assert not [row for row in stage.attention() if "SKUs of north" in row.what]

    assert code in perform(story).seen


tells(test_what_many_skus_have_in_common_is_one_row_with_what_to_type_where_S2_25, PATTERNS)

DAMAGE = {
    "pattern_zeros_there": ("00{}", "{}", "10 SKUs of north lost their leading zeros, such as 4710 for your 004710."),
    "pattern_zeros_here": ("{}", "00{}", "10 SKUs of Item Master seem to have lost their leading zeros, "
                           "such as 4710, which is 004710 in north."),
    "pattern_damaged": ("{}E2", "{}00", "10 SKUs of north look as if a spreadsheet had made dates or rounded numbers "
                        "of them, such as 471000 for your 4710E2."),
}  # fmt: skip


@pytest.mark.parametrize("code", DAMAGE)
def test_what_a_spreadsheet_did_to_many_skus_is_one_row_S2_25(code: str) -> None:
    ours, theirs, sentence = DAMAGE[code]

    async def story(stage: Stage) -> None:
        for number in range(4710, 4720):
            stage.types(ours.format(number), stocked=5)
            stage.sells(theirs.format(number), north=1)
        await stage.cycle()
        assert [row.what for row in stage.attention()] == [sentence]

    assert code in perform(story).seen


tells(test_what_a_spreadsheet_did_to_many_skus_is_one_row_S2_25, DAMAGE)


# --- Change -----------------------------------------------------------------------------------------------------------


@scene("decision_unknown_sku", "new_link_waiting")
async def test_another_sku_in_change_relinks_after_a_yes_and_clearing_the_cell_keeps_it_S3_11(stage: Stage) -> None:
    """A hand-made link is never overruled by the exact match, not even when the cell is cleared or the tab deleted."""
    stage.types("B", stocked=7)
    await live(stage)
    stage.decides("Listings", "north", "A", "B")
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("new, waits for your yes", 7, "7 stocked - 0 allocated = 7", 20)
    stage.answers("yes")
    await stage.cycle()
    relinked = Listing("in sync", 7, "7 stocked - 0 allocated = 7", 7)
    assert stage.listing("north", "A") == relinked
    stage.decides("Listings", "north", "A", "")
    await stage.cycle()
    await stage.restarts()
    await stage.cycle()
    assert (stage.listing("north", "A"), stage.attention()) == (relinked, [])
    stage.decides("Listings", "north", "A", "halt")
    await stage.cycle()
    assert stage.listing("north", "A") == relinked
    number = stage.ids["north", "A"]
    row = stage.row_about("not in Item Master")
    assert row.what == f"You linked the listing {number} of north to a SKU that is not in Item Master: halt."
    assert "This cell takes: a SKU, unlink, pause." in row.todo
    assert row.where == "Listings!M2"
    stage.decides("Listings", "north", "A", "")
    await stage.cycle()
    assert (stage.listing("north", "A"), notes(stage)) == (relinked, {})


@scene("paused")
async def test_a_pause_ends_when_its_cell_is_cleared_and_not_when_the_tab_is_deleted(stage: Stage) -> None:
    await live(stage)
    stage.decides("Listings", "north", "A", "Pause")
    stage.types("A", stocked=30)
    await stage.cycle()
    rest = {name: results for name, results in stage.book.saved.results.items() if name != "Listings"}
    stage.book.restore(replace(stage.book.saved, results=rest))
    await stage.cycles(400)
    assert stage.listing("north", "A") == parked("paused")
    stage.decides("Listings", "north", "A", "pause")
    await stage.cycle()
    stage.decides("Listings", "north", "A", "")
    await stage.cycle()
    assert stage.shows("north", "A") == 30


@scene("relinked_behind_shipped")
async def test_relinking_behind_shipped_orders_asks_once_and_leaves_or_counts_again(stage: Stage) -> None:
    """Two units of A were shipped from a listing that really sells B. `count again` puts them right on both."""
    stage.types("B", stocked=7)
    await live(stage)
    order = stage.buys("north", "A", 2)
    await stage.cycle()
    stage.ships("north", order)
    await stage.cycle()
    assert (stage.levels("A"), stage.levels("B")) == ((18, 0, 18, None), (7, 0, 7, None))
    stage.decides("Listings", "north", "A", "B")
    await stage.cycle()
    row = stage.row_about("were shipped before")
    assert row.what == (
        "Listings of north were linked anew or got other parts, now B, and 2 units were shipped before. "
        "They came off the items that were linked then."
    )
    assert (row.bad, row.answers, row.where) == ("decide", "leave / count again", "Listings")
    stage.answers("yes", about="new links")
    stage.answers("count again", about="shipped before")
    await stage.cycle()
    assert (stage.levels("A"), stage.levels("B")) == ((20, 0, 20, None), (5, 0, 5, None))
    await stage.cycle()
    assert (stage.stocked("A"), stage.stocked("B"), stage.attention()) == (20, 5, [])
    assert stage.shows("north", "A") == 5
    stage.decides("Listings", "north", "A", "A")
    await stage.cycle()
    stage.answers("leave", about="shipped before")
    await stage.cycle()
    await stage.restarts()
    await stage.cycle()
    assert not [row for row in stage.attention() if "shipped before" in row.what]
    assert (stage.levels("A"), stage.levels("B")) == ((20, 0, 20, None), (5, 0, 5, None))


@scene()
async def test_what_was_counted_since_is_not_asked_about(stage: Stage) -> None:
    stage.types("B", stocked=7)
    await live(stage)
    order = stage.buys("north", "A", 2)
    await stage.cycle()
    stage.ships("north", order)
    await stage.cycle()
    await stage.cycles(120)
    stage.types("A", stocked=11)
    stage.types("B", stocked=12)
    await stage.cycle()
    stage.decides("Listings", "north", "A", "B")
    await stage.cycle()
    assert [row.what.split(":")[0] for row in stage.attention()] == ["north has new links"]


@scene("late_shipments_named")
async def test_what_was_shipped_before_a_listing_was_linked_is_named_once_and_open_units_are_allocated(
    stage: Stage,
) -> None:
    """Two of ODD are shipped and three are open when it is linked to A."""
    stage.sells("A", north=20, south=20)
    stage.types("A", stocked=20)
    await stage.goes_live()
    stage.sells("ODD", north=9)
    shipped = stage.buys("north", "ODD", 2)
    stage.buys("north", "ODD", 3)
    await stage.cycle()
    stage.ships("north", shipped)
    await stage.cycles(1000, every=250)
    stage.decides("Imports", "north", "ODD", "A")
    await stage.cycle()
    assert stage.levels("A")[:3] == (20, 3, 17)
    row = stage.row_about("before the listing was linked")
    assert row.what == "Orders of A in north were shipped before the listing was linked: 2 units. " + (
        "They took nothing off Stocked."
    )
    assert (row.bad, row.where, row.answers) == ("note", "Item Master", "fine")
    stage.types("A", stocked=18)
    stage.answers("fine", about="before the listing was linked")
    await stage.cycle()
    stage.answers("yes", about="new links")
    await stage.cycles(300, every=60)
    assert (stage.levels("A")[:3], stage.attention()) == ((18, 3, 15), [])
    assert (stage.shows("north", "ODD"), stage.shows("south", "A")) == (15, 15)
