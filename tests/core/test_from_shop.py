"""What a shop brings to an Item Master: SKUs, quantities with their open units, and what is left to a person."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from agent.core.from_shop import Taken, take
from agent.core.match import match
from agent.frames import ALIASES, CHANNELS, ITEMS, LINKS, LISTINGS, MATCHES, ORDER_LINES, empty

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
DECISIONS = pl.DataFrame(schema=dict.fromkeys(("channel", "listing", "value", "how"), pl.String))


def listing(number: str, sku: str | None, quantity: int | None, **more: object) -> dict[str, object]:
    row: dict[str, object] = {
        "channel": "shop", "listing": number, "cell": number, "product": number, "title": f"Title {number}",
        "options": None, "sku": sku, "barcode": None, "quantity": quantity, "managed": quantity is not None,
        "status": "active", "fulfilled_by": "seller",
    }  # fmt: skip
    return row | more


def line(number: str, units: int, *, holds: bool = True, by: str = "seller") -> dict[str, object]:
    known: dict[str, object] = {"channel": "shop", "order": "1", "line": number, "listing": number, "shipped": 0}
    known |= {"ordered": units, "open": units, "returned": 0, "holds": holds, "fulfilled_by": by}
    return known | {"sale_at": AT, "updated_at": AT}


def item(sku: str, stocked: int | None = None, **more: object) -> dict[str, object]:
    text = None if stocked is None else str(stocked)
    row: dict[str, object] = {
        "sku": sku, "stocked": stocked, "stocked_text": text, "stocked_formula": False, "tracked": True, "active": True,
        "bundle": False, "row": 2, "note": None,
    }  # fmt: skip
    return row | more


def taken(
    listings: list[dict[str, object]],
    before: tuple[dict[str, object], ...] = (),
    after: tuple[dict[str, object], ...] | None = None,
    items: tuple[dict[str, object], ...] = (),
) -> Taken:
    frame = pl.DataFrame(listings, schema=LISTINGS)
    lines = [pl.DataFrame(list(some), schema=ORDER_LINES) for some in (before, before if after is None else after)]
    have = pl.DataFrame(list(items), schema={**ITEMS, "note": pl.String})
    found = match(
        frame, have.select(list(ITEMS)), empty(ALIASES), empty(MATCHES), empty(CHANNELS), DECISIONS, empty(LINKS)
    )
    return take(frame, lines[0], lines[1], have, found)


def stocked(found: Taken) -> dict[str, int | None]:
    return dict(found.new.select("sku", "stocked").iter_rows())


def test_each_sku_is_one_row_in_the_shops_order() -> None:
    found = taken([listing("1", "B", 4), listing("2", "A", 6), listing("3", "b", 4), listing("4", None, 9)])
    assert stocked(found) == {"B": 4, "A": 6}
    assert found.without_sku == 1


def test_own_open_units_are_on_the_shelf_too() -> None:
    assert stocked(taken([listing("1", "A", 4)], (line("1", 3),))) == {"A": 7}


def test_open_units_that_the_shop_has_not_taken_off_are_not_added() -> None:
    assert stocked(taken([listing("1", "A", 4)], (line("1", 3, holds=False),))) == {"A": 4}


def test_a_sale_or_a_shipment_between_the_reads_never_makes_more_than_there_are() -> None:
    assert stocked(taken([listing("1", "A", 4)], (), (line("1", 3),))) == {"A": 4}
    assert stocked(taken([listing("1", "A", 4)], (line("1", 3),), ())) == {"A": 4}


def test_listings_of_one_sku_count_once_the_lowest_holds_and_it_is_said() -> None:
    found = taken([listing("1", "A", 8), listing("2", "A", 5)], (line("1", 1), line("2", 2)))
    assert stocked(found) == {"A": 8}
    assert found.new["shown"].to_list() == ["8 and 5"]


def test_what_is_not_counted_in_the_shop_is_not_tracked_and_has_no_quantity() -> None:
    found = taken([listing("1", "CARD", None)])
    assert found.new.select("stocked", "tracked").row(0) == (None, False)


def test_skus_that_share_one_quantity_have_none_of_their_own() -> None:
    found = taken([listing("1", "S", 9, cell="p"), listing("2", "M", 9, cell="p")])
    assert stocked(found) == {"S": None, "M": None}
    assert found.new["shared"].all() and found.new["tracked"].all()


def test_less_than_nothing_is_left_to_be_counted() -> None:
    assert stocked(taken([listing("1", "A", -3)])) == {"A": None}
    assert stocked(taken([listing("1", "A", -3)], (line("1", 5),))) == {"A": 2}


def test_variants_of_one_product_with_one_sku_are_different_things_and_left_to_the_seller() -> None:
    found = taken(
        [listing("1", "SHIRT", 8, product="p", options="S"), listing("2", "SHIRT", 5, product="p", options="M")]
    )
    assert found.new.is_empty() and found.doubled == 2


def test_options_stand_behind_the_title_and_the_barcode_comes_along() -> None:
    found = taken([listing("1", "A", 1, options="Blue / M", barcode="4006381333931")])
    assert found.new.select("title", "barcode").row(0) == ("Title 1 - Blue / M", "4006381333931")


def test_what_the_marketplace_ships_itself_is_not_ours() -> None:
    found = taken([listing("1", "A", 50, fulfilled_by="marketplace")])
    assert found.new.is_empty() and found.elsewhere == 1


def test_items_that_are_there_stay_as_they_are() -> None:
    found = taken([listing("1", "A", 4), listing("2", "B", 6)], items=(item("A", 1),))
    assert stocked(found) == {"B": 6}
    assert (found.known, found.filled.height) == (1, 0)


def test_a_blank_quantity_is_filled_in_once() -> None:
    found = taken([listing("1", "A", 4)], (line("1", 1),), items=(item("A"),))
    assert found.filled.select("sku", "row", "stocked").row(0) == ("A", 2, 5)
    again = taken([listing("1", "A", 4)], items=(item("A", note="taken from shop on 2026-11-22, please count"),))
    assert again.filled.is_empty()


def test_a_blank_quantity_that_means_something_stays_blank() -> None:
    for more in ({"tracked": False}, {"bundle": True}, {"stocked_formula": True}, {"stocked_text": "x"}):
        assert taken([listing("1", "A", 4)], items=(item("A", **more),)).filled.is_empty(), more
    assert taken([listing("1", "A", 4)], items=(item("A", frozen="sku_damaged"),)).filled.is_empty()


def test_what_looks_like_an_item_is_left_to_the_seller() -> None:
    found = taken([listing("1", "123", 4)], items=(item("00123", 4),))
    assert found.new.is_empty() and found.unclear == 1


def test_running_again_brings_nothing() -> None:
    shop = [listing("1", "A", 4), listing("2", "CARD", None), listing("3", None, 1)]
    first = taken(shop)
    there = tuple(item(row["sku"], row["stocked"], tracked=row["tracked"], row=n) for n, row in
                  enumerate(first.new.iter_rows(named=True), 2))  # fmt: skip
    again = taken(shop, items=there)
    assert again.new.is_empty() and again.filled.is_empty()
