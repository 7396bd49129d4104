"""Suppliers' feeds: the figure as of its own time, less what we shipped since; old, empty or odd: no raise (S1-13)."""

from __future__ import annotations

from datetime import timedelta

from agent.looking.seams import FeedOut
from tests.scenarios.stage import Listing, Stage, scene


async def fed(stage: Stage, **figures: str) -> None:
    """Items of the supplier acme in both shops, live."""
    for sku in figures:
        stage.sells(sku, north=5, south=5)
        stage.types(sku, feed="acme")
    stage.supplies("acme", **figures)
    await stage.goes_live()


def rows(stage: Stage, about: str) -> list[str]:
    return [f"{row.what} {row.todo}" for row in stage.attention() if about in row.what]


@scene()
async def test_what_the_supplier_has_is_shown_and_our_sales_are_taken_off(stage: Stage) -> None:
    """12 there; 2 sold and open; shipped: as of the list's time they had them still, so they stay taken off."""
    await fed(stage, A="12")
    assert stage.listing("north", "A") == Listing("in sync", 12, "12 stocked - 0 allocated = 12", 12)
    order = stage.buys("north", "A", 2)
    await stage.cycle()
    assert stage.levels("A") == (12, 2, 10, None)
    stage.ships("north", order)
    await stage.cycle()
    assert stage.levels("A") == (10, 0, 10, None)
    await stage.waits(600)
    stage.supplies("acme", A="11")  # after our shipment: it counts anew
    await stage.cycle()
    assert stage.levels("A") == (11, 0, 11, None)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (11, 11)
    assert stage.status("feed acme")["In sync"] == "1 of 1"
    assert stage.stocked("A") is None, "the number of a feed is not written into Stocked"


@scene()
async def test_a_list_made_before_a_shipment_that_is_read_after_it_still_has_the_units_taken_off(stage: Stage) -> None:
    await fed(stage, A="12")
    order = stage.buys("north", "A", 2)
    await stage.cycle()
    made = stage.clock.now()
    await stage.waits(60)
    stage.ships("north", order)
    await stage.cycle()
    stage.supplies("acme", A="20")
    stage.feeds["acme"].at = made
    await stage.cycle()
    assert stage.levels("A") == (18, 0, 18, None)


@scene("not_in_feed")
async def test_what_is_no_longer_in_the_list_is_not_zero_and_only_lowered_I11(stage: Stage) -> None:
    await fed(stage, A="12", B="7")
    stage.supplies("acme", B="9")
    await stage.cycle()
    assert stage.listing("north", "A").status == "held: not in the feed"
    assert (stage.shows("north", "A"), stage.shows("north", "B")) == (12, 9)
    stage.buys("north", "A", 3)
    await stage.cycle()
    assert stage.shows("south", "A") == 9
    assert rows(stage, "A")[0].startswith("The feed acme says nothing that can be read about A. That is not a zero")
    stage.supplies("acme", B="9", A="in stock")
    await stage.cycle()
    assert stage.listing("north", "A").status == "held: not in the feed"
    stage.supplies("acme", B="9", A="12+")
    await stage.cycle()
    assert stage.shows("south", "A") == 9  # 12 there, 3 of them sold


@scene("feed_old")
async def test_a_list_that_is_too_old_raises_nothing_and_is_no_zero(stage: Stage) -> None:
    await fed(stage, A="12")
    stage.feeds["acme"].max_age = timedelta(hours=1)
    order = stage.buys("north", "A", 2)
    await stage.cycles(4000, every=400)
    assert stage.listing("north", "A").status == "held: feed too old"
    stage.cancels("north", order)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (12, 10), "nothing is raised; the shop gave back 2"
    assert rows(stage, "feed acme is too old")
    stage.supplies("acme", A="12")
    await stage.cycles(60, every=20)
    assert stage.shows("south", "A") == 12


@scene("feed_out", "feed_unread")
async def test_a_list_that_cannot_be_read_says_why_and_what_was_known_holds(stage: Stage) -> None:
    stage.sells("A", north=5)
    stage.types("A", feed="acme")
    stage.supplies("acme", A="12")
    stage.feeds["acme"].out = FeedOut("There is no file acme.csv of the feed acme.", "Look whether it was moved.")
    await stage.goes_live()
    assert stage.listing("north", "A").status == "feed not read yet"
    assert stage.shows("north", "A") == 5
    stage.feeds["acme"].out = None
    await stage.cycles(60, every=20)
    stage.answers("yes")
    await stage.cycles(60, every=20)
    assert stage.shows("north", "A") == 12
    stage.feeds["acme"].out = FeedOut("The feed acme does not answer.", "Stocksheet tries again by itself.")
    await stage.cycle()
    assert stage.listing("north", "A").status == "in sync"
    assert rows(stage, "does not answer")


@scene("feed_unknown")
async def test_a_feed_that_the_settings_do_not_have_is_named_and_nothing_is_raised(stage: Stage) -> None:
    await fed(stage, A="12")
    stage.types("A", feed="akme")
    await stage.cycle()
    assert stage.listing("north", "A").status == "feed not known"
    assert "config.toml has no feed of this name; it has acme" in rows(stage, "akme")[0]
    assert stage.shows("north", "A") == 12


@scene("feed_stocked", "feed_taken_away")
async def test_a_number_beside_a_feed_has_no_effect_until_the_feed_is_taken_away(stage: Stage) -> None:
    await fed(stage, A="12")
    stage.types("A", stocked=4)
    await stage.cycle()
    assert stage.levels("A") == (12, 0, 12, None)
    assert rows(stage, "the number in Stocked has no effect")
    stage.types("A", stocked=None, feed=None)
    await stage.cycle()
    assert stage.listing("north", "A").status == "held: Stocked is blank"
    assert stage.shows("north", "A") == 12
    stage.types("A", stocked=3)
    await stage.cycle()
    assert stage.levels("A") == (3, 0, 3, None)
    assert stage.shows("north", "A") == 3


@scene("feed_swing", "feed_held")
async def test_a_list_that_empties_many_items_at_once_waits_for_a_yes(stage: Stage) -> None:
    """The supplier's export broke: everything is 0. Nothing is zeroed; a yes would."""
    skus = [f"S{n}" for n in range(12)]
    await fed(stage, **dict.fromkeys(skus, "8"))
    stage.supplies("acme", **dict.fromkeys(skus, "0"))
    await stage.cycle()
    assert {stage.shows("north", sku) for sku in skus} == {8}
    assert stage.listing("north", "S3").status == "held: feed waits for your yes"
    stage.buys("north", "S3", 5)
    await stage.cycle()
    assert stage.shows("south", "S3") == 3, "sales still lower"
    asked = stage.row_about("feed acme changed very much")
    assert "12 of 12 items at zero now" in asked.what
    stage.answers("yes", about="feed acme")
    await stage.cycle()
    assert {stage.shows("north", sku) for sku in skus} == {0}


@scene()
async def test_a_swing_that_the_next_list_takes_back_needs_no_answer(stage: Stage) -> None:
    skus = [f"S{n}" for n in range(12)]
    await fed(stage, **dict.fromkeys(skus, "8"))
    stage.supplies("acme", **dict.fromkeys(skus, "0"))
    await stage.cycle()
    stage.supplies("acme", **dict.fromkeys(skus, "7"))
    await stage.cycle()
    assert {stage.shows("north", sku) for sku in skus} == {7}
    assert stage.questions() == []


@scene()
async def test_other_skus_and_barcodes_lead_to_the_item_and_a_bundle_counts_its_fed_parts(stage: Stage) -> None:
    stage.sells("MUG", north=1)
    stage.sells("BOX", north=1)
    stage.sells("SET", north=1)
    stage.types("MUG", feed="Acme", other="ac-77")
    stage.types("BOX", feed="acme", barcode="4006381333931")
    stage.types("SET", made_of="MUG x 2 + BOX")
    stage.supplies("acme", **{"AC-77": "9", "4006381333931": "3"})
    await stage.goes_live()
    assert [stage.shows("north", sku) for sku in ("MUG", "BOX", "SET")] == [9, 3, 3]
