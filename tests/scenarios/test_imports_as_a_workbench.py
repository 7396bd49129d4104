"""Deciding about hundreds of unlinked listings in one sitting: suggestions, words and their clearing, new rows."""

from __future__ import annotations

from dataclasses import replace

from tests.scenarios.stage import Import, Stage, scene
from tests.scenarios.test_what_parks_a_listing import live
from tests.scenarios.test_what_waits_in_imports import notes

IGNORED = "You asked to ignore this listing. Stocksheet does not push it, and it may sell more than you have."
MUGS = ("Enamel Mug Blue 350 ml", "Enamel Mug Red 350 ml", "Stoneware Bowl Grey L", "Olive Soap 100 g")


def loses_tab(stage: Stage, tab: str) -> None:
    """The person deletes a whole tab of the agent's and saves."""
    rest = {name: results for name, results in stage.book.saved.results.items() if name != tab}
    stage.book.restore(replace(stage.book.saved, results=rest))


@scene("no_sku", "unknown_sku", "never_push")
async def test_titles_and_options_suggest_an_item_and_link_nothing(stage: Stage) -> None:
    """Shops write brand, other word order, another language. What fits two items, or none, is not suggested."""
    for number, title in enumerate(MUGS):
        stage.types(f"I-{number}", title=title, stocked=9)
    shop = stage.shops["north"]
    names = {
        "brand": ("", "NORDLYS enamel mug 350ml - blau"),
        "order": ("X-77", "Mug Enamel 350 ml rot"),
        "either": ("", "Enamel Mug 350 ml"),
        "other": ("", "Enamel Mug Green 350 ml"),
        "fba": ("OWN-FBA", "Strange thing"),
    }
    for name, (sku, title) in names.items():
        stage.ids["north", name] = shop.add_simple(sku, title, 3)
    stage.adds("Channels", Channel="north", **{"Never_push_suffix": "-FBA"})
    await stage.cycle()
    found = {name: stage.imported("north", name) for name in names}
    assert found["brand"] == Import(
        None, "The listing has no SKU in the shop. From its title it may be I-0.", "I-0", found["brand"].score
    )
    assert found["order"] == Import(
        "X-77", "The SKU X-77 is not in Item Master. From its title it may be I-1.", "I-1", found["order"].score
    )
    for name in ("either", "other"):
        assert found[name] == Import(None, "The listing has no SKU in the shop.", None, None)
    assert found["fba"] == Import(
        "OWN-FBA", "The SKU of this listing has the ending that you never push (OWN-FBA).", None, None
    )
    assert stage.book.results("Listings").is_empty()
    assert "4 wait in Imports" in stage.book.results("Start here")["How it stands"][2]


@scene("ignored")
async def test_ignore_is_taken_back_by_clearing_and_survives_a_deleted_tab(stage: Stage) -> None:
    stage.sells("X", north=1)
    await live(stage)
    stage.decides("Imports", "north", "X", "ignore")
    await stage.cycle()
    loses_tab(stage, "Imports")
    await stage.cycles(400)
    assert stage.imported("north", "X") == Import("X", IGNORED, None, None)
    await stage.restarts()
    await stage.cycle()
    assert stage.imported("north", "X") == Import("X", IGNORED, None, None)
    stage.decides("Imports", "north", "X", "Ignore")
    await stage.cycle()
    stage.decides("Imports", "north", "X", "")
    await stage.cycle()
    assert stage.imported("north", "X") == Import("X", "The SKU X is not in Item Master.", None, None)


@scene("unlinked")
async def test_words_typed_beside_an_open_workbook_stand_although_its_own_rows_are_old(stage: Stage) -> None:
    """The results stand in a file beside it; the rows of the open workbook still have blank cells when it is saved."""
    stage.sells("X", north=1)
    stage.types("B", stocked=7)
    await live(stage)
    stage.book.open_by_person()
    stage.types("B", stocked=8)  # something to tell
    await stage.cycle()
    stage.book.type_in_sidecar("Imports", ("north", str(stage.ids["north", "X"])), "Link to SKU", "B")
    stage.book.type_in_sidecar("Listings", ("south", str(stage.ids["south", "A"])), "Change", "unlink")
    await stage.cycle()
    stage.types("B", stocked=9)
    await stage.cycle()
    stage.book.close_by_person()
    await stage.cycle()
    assert stage.listing("north", "X").status == "new, waits for your yes"
    assert stage.imported("south", "A") == Import("A", "You took the link of this listing away.", None, None)


@scene("decision_unclear", "decision_unknown_sku")
async def test_hundreds_are_linked_by_fill_down_and_a_slip_concerns_its_own_row_only(stage: Stage) -> None:
    """300 rows, each with its SKU, one of them wrong: 299 are linked, without a question a row."""
    for number in range(300):
        stage.types(f"I{number:03}", title=None, stocked=5)
        stage.sells(f"there-{number:03}", north=1)
    await stage.cycle()
    for number in range(300):
        stage.decides("Imports", "north", f"there-{number:03}", "I999" if number == 7 else f"I{number:03}")
    await stage.cycle()
    assert stage.book.results("Listings").height == 299
    assert stage.imported("north", "there-007") is not None
    rows = [row for row in stage.attention() if not row.answers]
    assert [row.what.split(" to a SKU")[1] for row in rows] == [" that is not in Item Master: I999."]
    assert rows[0].where == "Imports!N9"  # where it stood when it was typed
    stage.decides("Imports", "north", "there-007", "")
    await stage.cycle()
    assert notes(stage) == {}


@scene("new_waiting", "new_items", "new_no_sku", "new_exists", "new_link_waiting")
async def test_new_adds_a_row_for_the_listing_and_asks_to_count_it(stage: Stage) -> None:
    """Two listings of one SKU, one without a SKU, one whose SKU could mean two items: `new` filled down over all."""
    await live(stage)
    stage.sells("LAMP", north=6, south=8)
    stage.sells("", "nameless", north=2)
    stage.sells("pen blue", "pen", north=2)
    stage.types("PEN BLUE", stocked=1)
    stage.types("PENBLUE", stocked=1)
    await stage.cycle()
    stage.buys("north", "LAMP", 2)
    await stage.cycle()
    for shop, name in (("north", "LAMP"), ("south", "LAMP"), ("north", "nameless"), ("north", "pen")):
        stage.decides("Imports", shop, name, "new")
    stage.saves()
    stage.book.open_by_person()
    await stage.cycle()
    assert stage.book.sheet("Item Master").rows[-1][0] == "PENBLUE"
    stage.book.close_by_person()
    await stage.cycle()
    assert [stage.book.cell("Item Master", "LAMP", column) for column in ("Title", "Stocked")] == ["Item LAMP", 6]
    assert stage.levels("LAMP") == (6, 2, 4, None)
    assert {stage.listing(shop, "LAMP").status for shop in ("north", "south")} == {"new, waits for your yes"}
    assert stage.row_about("was added to Item Master").what == (
        "1 item was added to Item Master as you asked: LAMP. "
        "Stocked is what north, south shows, with its open orders: please count."
    )
    assert stage.row_about("no SKU in the shop").where == "Imports!N3"
    assert "in Item Master already: pen blue" in stage.row_about("pen blue").what
    assert (stage.shows("north", "LAMP"), stage.shows("south", "LAMP")) == (4, 8)
    for words in ("new links: 1 listing, 0 lower", "new links: 1 listing, 1 lower"):
        stage.answers("yes", about=words)
    stage.answers("counted", about="was added")
    await stage.cycle()
    assert (stage.shows("north", "LAMP"), stage.shows("south", "LAMP")) == (4, 4)
    stage.deletes("LAMP")
    await stage.cycle()
    await stage.cycle()
    assert "LAMP" not in [row[0] for row in stage.book.sheet("Item Master").rows]  # asked once, added once


@scene("line_unlinked")
async def test_what_was_just_sold_of_an_unlinked_listing_stands_first_S0_24(stage: Stage) -> None:
    """Its sale lowers nothing. It stands at the top of Imports and in Attention until it is linked or ignored."""
    for name, quantity in (("dull", 0), ("shown", 9), ("sold", 4)):
        stage.sells(name.upper(), name, north=quantity)
    await live(stage)
    order = stage.buys("north", "sold", 3)
    await stage.cycle()
    rows = stage.book.results("Imports").select("SKU there", "Shows", "Sold").rows()
    assert rows == [("SOLD", 1, 3), ("SHOWN", 9, None), ("DULL", 0, None)]
    row = stage.row_about("not linked")
    assert (
        row.what == f"north sold 3 units of a listing that is not linked: Item sold (order {order}). It lowers nothing."
    )
    assert (row.bad, row.where) == ("stop", "Imports")
    stage.decides("Imports", "north", "sold", "ignore")
    await stage.cycle()
    assert notes(stage) == {}


@scene("unknown_sku")
async def test_the_variants_of_a_partly_matched_product_stand_together_S0_9(stage: Stage) -> None:
    shop = stage.shops["north"]
    stage.types("TEE-M", stocked=5)
    for title, skus in (("Tee", ("TEE-S", "TEE-M", "TEE-L")), ("Cap", ("CAP-1", "CAP-2"))):
        options = [{"sku": sku, "quantity": 5 if sku == "TEE-L" else 0, "options": {"Size": sku[-1]}} for sku in skus]
        shop.add_variable("", title, options)
    await stage.cycle()
    rows = stage.book.results("Imports").select("SKU there", "Product").rows()
    assert rows == [
        ("TEE-L", "1 of 3 variants matched"),
        ("TEE-S", "1 of 3 variants matched"),
        ("CAP-1", "0 of 2 variants matched"),
        ("CAP-2", "0 of 2 variants matched"),
    ]


@scene("not_listed")
async def test_items_in_stock_that_no_shop_sells_are_named_once_S0_25(stage: Stage) -> None:
    """Not at once, as a listing may follow; as one note; after `fine` only what is new is named."""
    await live(stage)
    for sku in ("B", "C"):
        stage.types(sku, stocked=4)
    stage.types("D", stocked=0)
    await stage.cycle()
    assert stage.attention() == []
    await stage.cycles(25 * 3600, every=3600)
    row = stage.row_about("in no connected shop")
    assert (row.bad, row.what) == ("note", "2 items are in stock and in no connected shop: B and C.")
    stage.answers("fine")
    stage.types("D", stocked=3)
    await stage.cycle()
    assert [row.what for row in stage.attention()] == ["1 item is in stock and in no connected shop: D."]
