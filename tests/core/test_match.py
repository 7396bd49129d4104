"""Listings and items: what is linked by itself, what waits, what a person's word does (DESIGN section 6)."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from agent.core.match import CODES, REASONS, Matched, explode, match, partly
from agent.frames import ALIASES, CHANNELS, IMPORTS, ITEMS, LINKS, LISTINGS, MATCHES, PARTS, frame

DECISIONS = dict.fromkeys(("channel", "listing", "value", "how"), pl.String)


def listing(number: str, sku: str | None = None, barcode: str | None = None, **more: Any) -> dict[str, Any]:
    row = {"channel": "shop", "listing": number, "cell": number, "product": "p", "sku": sku, "barcode": barcode}
    return row | {"quantity": 5, "managed": True, "status": "active", "fulfilled_by": "seller"} | more


def item(sku: str, barcode: str | None = None, frozen: str | None = None) -> dict[str, Any]:
    return {"sku": sku, "barcode": barcode, "frozen": frozen, "stocked": 5, "tracked": True, "active": True, "row": 2}


def matched(
    listings: Sequence[dict[str, Any]],
    items: Sequence[dict[str, Any] | str] = ("MUG", "BOX", "BLUE-M"),
    aliases: Sequence[tuple[str, str]] = (),
    matches: Sequence[tuple[str | None, str, str | None, int]] = (),
    decisions: Sequence[tuple[str, str]] = (),
    learned: Sequence[tuple[str, str]] = (),
    **affixes: str,
) -> Matched:
    rows = [item(one) if isinstance(one, str) else one for one in items]
    channels = [{"channel": "shop", "mode": "All"} | affixes, {"channel": "other", "mode": "All"}]
    return match(
        listings=frame([{name: row.get(name) for name in LISTINGS} for row in listings], LISTINGS),
        items=frame([{name: row.get(name) for name in ITEMS} for row in rows], ITEMS),
        aliases=frame([tuple(pair) for pair in aliases], ALIASES),
        matches=frame([(*row, place) for place, row in enumerate(matches, 2)], MATCHES),
        channels=frame([{name: row.get(name) for name in CHANNELS} for row in channels], CHANNELS),
        decisions=pl.DataFrame([("shop", *row, "typed") for row in decisions], schema=DECISIONS, orient="row"),
        learned=frame([("shop", number, sku, 1, "exact") for number, sku in learned], LINKS),
    )


def links(found: Matched) -> list[tuple[str, str, int, str]]:
    return sorted(found.links.select("listing", "sku", "units", "how").rows())


def why(found: Matched) -> dict[str, str]:
    return dict(found.imports.select("listing", "reason").rows())


# --- by itself --------------------------------------------------------------------------------------------------------


def test_exactly_the_same_sku_links_every_listing_that_has_it_S3_3_S0_7() -> None:
    found = matched([listing("1", "MUG"), listing("2", "MUG"), listing("3", "MUG", channel="other")])
    assert links(found) == [("1", "MUG", 1, "exact"), ("2", "MUG", 1, "exact"), ("3", "MUG", 1, "exact")]


@pytest.mark.parametrize(
    ("there", "how"),
    [
        ("mug", "prefix"),
        (" MUG", "exact"),
        ("M UG", "prefix"),
        ("\u00a0MUG\u200b", "exact"),
        ("WEB-MUG", "prefix"),
        ("web-mug-fbm", "prefix"),
        ("MUG-FBA", "prefix"),
        ("OLDMUG", "other sku"),
        ("web-oldmug", "other sku"),
    ],
)
def test_prefix_suffix_case_and_white_space_do_not_matter_S3_15(there: str, how: str) -> None:
    affixes = {"ignore_prefix": "WEB-", "ignore_suffix": "-FBM", "never_push_suffix": "-FBA"}
    found = matched([listing("1", there)], aliases=[("OLDMUG", "MUG")], **affixes)
    assert links(found) == [("1", "MUG", 1, how)]


@pytest.mark.parametrize("there", ["4006381333931", "04006381333931", "4-006381-333931", "4006381333931 "])
def test_a_barcode_links_when_nothing_else_does(there: str) -> None:
    found = matched([listing("1", None, there), listing("2", "NOPE", there)], [item("MUG", "4006381333931"), "BOX"])
    assert [how for *_, how in links(found)] == ["barcode", "barcode"]


@pytest.mark.parametrize("there", ["0", "N/A", "0000000000000", "12345"])
def test_what_is_no_barcode_links_nothing(there: str) -> None:
    assert why(matched([listing("1", None, there)], [item("MUG", there)])) == {"1": "no_sku"}


AMBIGUOUS: list[tuple[dict[str, Any], list[Any], list[tuple[str, str]]]] = [
    (listing("1", None, "4006381333931"), [item("MUG", "4006381333931"), item("BOX", "4006381333931")], []),
    (listing("1", "BOX"), ["MUG", "BOX"], [("BOX", "MUG")]),
    (listing("1", "X"), ["MUG", "BOX"], [("X", "MUG"), ("X", "BOX")]),
    (listing("1", "a b c"), ["AB C", "A BC"], []),
    (listing("1", "mug", "4006381333931"), ["MUG", item("BOX", "4006381333931")], []),
    (listing("1", "web-mug"), ["WEB-MUG", "MUG"], []),
    (listing("1", "MUG"), [item("MUG", frozen="sku_duplicate"), item("mug", frozen="sku_duplicate")], []),
    (listing("1", "MUG"), [item("MUG", frozen="sku_duplicate")], []),
]


@pytest.mark.parametrize(("one", "items", "aliases"), AMBIGUOUS)
def test_what_could_mean_two_items_is_never_linked_by_itself_I18(
    one: dict[str, Any], items: list[Any], aliases: list[tuple[str, str]]
) -> None:
    found = matched([one], items, aliases, ignore_prefix="WEB-")
    assert links(found) == []
    assert why(found) == {"1": "several_items"}


def test_a_barcode_that_agrees_settles_and_an_exact_sku_needs_none() -> None:
    shared = "4006381333931"
    items = [item("MUG", shared), item("BOX", shared)]
    found = matched([listing("1", "mug", shared), listing("2", "BOX", shared)], items)
    assert links(found) == [("1", "MUG", 1, "prefix"), ("2", "BOX", 1, "exact")]


@pytest.mark.parametrize(
    ("frozen", "reason"), [("sku_damaged", "item_damaged"), ("row_missing", "unknown_sku"), ("row_gone", "unknown_sku")]
)
def test_a_damaged_or_vanished_item_gets_no_new_link_and_keeps_the_old_ones_S0_31(frozen: str, reason: str) -> None:
    found = matched([listing("1", "MUG"), listing("2", "MUG")], [item("MUG", frozen=frozen)], learned=[("2", "MUG")])
    assert links(found) == [("2", "MUG", 1, "exact")]
    assert why(found) == {"1": reason}


def test_an_item_frozen_for_its_stock_is_still_that_item() -> None:
    assert links(matched([listing("1", "MUG")], [item("MUG", frozen="not_a_number")])) == [("1", "MUG", 1, "exact")]


@pytest.mark.parametrize(
    ("there", "sku", "reason", "score"),
    [
        ("00123", "123", "damaged_sku", 98),
        ("123", "00123", "damaged_sku", 98),
        ("1E5", "100000", "damaged_sku", 96),
        ("5-MAR", "2026-03-05", "damaged_sku", 95),
        ("Mar 5", "2026-03-05", "damaged_sku", 95),
        ("Mar-5", "5-MAR", "damaged_sku", 95),
        ("blue.m", "BLUE-M", "looks_like", 90),
        ("BLUE-M*", "BLUE-M", "looks_like", 90),
        ("1.23E+11", "123456789012", "damaged_sku", 94),
        ("1,2345E+11", "123449999999", "damaged_sku", 94),
        ("B0X-1O", "BOX-10", "looks_like", 88),
        ("ВОХ-7", "BOX-7", "look_alike_sku", 99),  # Cyrillic
        ("BLUE-M (copy 2)", "BLUE-M", "looks_like", 87),
    ],
)
def test_a_damaged_sku_is_offered_and_never_acted_on_S3_5(there: str, sku: str, reason: str, score: int) -> None:
    found = matched([listing("1", there)], [sku, "OTHER"])
    assert links(found) == []
    assert found.imports.select("reason", "suggestion", "score").rows() == [(reason, sku, score)]


@pytest.mark.parametrize("there", ["1.23E+11", "1.2E+11"])
def test_digits_that_are_cut_off_name_an_item_only_if_one_begins_so(there: str) -> None:
    found = matched([listing("1", there)], ["123456789012", "123456789013", "120000000000", "119999999999"])
    assert found.imports["suggestion"].to_list() == [None]


def test_a_suggestion_that_fits_two_items_is_none() -> None:
    assert matched([listing("1", "AB")], ["A-B", "A.B"]).imports["suggestion"].to_list() == [None]


def test_every_unlinked_variant_says_why_S0_13() -> None:
    found = matched([listing("1"), listing("2", ""), listing("3", "NOPE")])
    assert why(found) == {"1": "no_sku", "2": "no_sku", "3": "unknown_sku"}


def test_what_the_marketplace_fulfils_is_linked_and_never_pushed_S3_15() -> None:
    there = [listing("1", "MUG-fba"), listing("2", "MUG", fulfilled_by="marketplace"), listing("3", "MUG")]
    found = matched(there, learned=[("1", "MUG")], never_push_suffix="-FBA")
    assert dict(found.links.select("listing", "never_push").rows()) == {"1": True, "2": True, "3": False}


def test_what_is_never_pushed_needs_no_item_and_says_why_S3_15() -> None:
    there = [
        listing("1", "OWN-FBA"),
        listing("2", "OWN", fulfilled_by="marketplace"),
        listing("3", "OWN"),
        listing("4"),
    ]
    found = matched(there, never_push_suffix="-FBA")
    assert why(found) == {"1": "never_push", "2": "marketplace_fulfilled", "3": "unknown_sku", "4": "no_sku"}
    facts = dict(found.imports.select("listing", "facts").rows())
    assert (json.loads(facts["1"]), json.loads(facts["2"])) == ({"value": "OWN-FBA"}, {})


# --- what was learned -------------------------------------------------------------------------------------------------


def test_a_link_survives_another_sku_text_in_the_shop_and_says_so_S3_7_S3_8() -> None:
    found = matched([listing("1", "MUG-NEW"), listing("2", "BOX")], learned=[("1", "MUG"), ("2", "MUG")])
    assert links(found) == [("1", "MUG", 1, "exact"), ("2", "MUG", 1, "exact")]
    assert found.issues["code"].to_list() == ["link_sku_differs"]


def test_a_link_to_an_item_that_left_the_sheet_or_is_doubled_stays_I18() -> None:
    found = matched([listing("1", "MUG"), listing("2", "BOX")], [item("BOX", frozen="sku_duplicate")],
                    learned=[("1", "GONE"), ("2", "BOX")])  # fmt: skip
    assert links(found) == [("1", "GONE", 1, "exact"), ("2", "BOX", 1, "exact")]
    assert found.imports.is_empty()


def test_links_of_listings_that_are_not_there_now_are_kept_S0_22() -> None:
    assert links(matched([listing("1", "MUG")], learned=[("9", "BOX")])) == [
        ("1", "MUG", 1, "exact"),
        ("9", "BOX", 1, "exact"),
    ]


# --- the person's word ------------------------------------------------------------------------------------------------


def test_a_row_of_matches_beats_everything_and_may_be_a_bundle() -> None:
    matches = [("shop", "1", "BOX", 6), (None, "THERE", "MUG", 1), (None, "THERE", "BOX", 2)]
    found = matched([listing("1", "MUG"), listing("2", "THERE")], matches=matches, learned=[("1", "MUG")])
    assert links(found) == [("1", "BOX", 6, "matches"), ("2", "BOX", 2, "matches"), ("2", "MUG", 1, "matches")]


def test_a_row_for_one_shop_beats_a_row_for_all_and_an_id_beats_a_sku() -> None:
    matches = [(None, "1", "MUG", 1), ("shop", "THERE", "BOX", 1), ("shop", "2", "BLUE-M", 1)]
    found = matched([listing("1", "THERE"), listing("2", "THERE")], matches=matches)
    assert [(number, sku) for number, sku, *_ in links(found)] == [("1", "BOX"), ("2", "BLUE-M")]


def test_a_row_that_names_one_listing_by_id_and_another_by_sku_links_neither() -> None:
    found = matched([listing("1042", "MUG"), listing("7", "1042")], matches=[("shop", "1042", "BOX", 1)])
    assert links(found) == []
    assert why(found) == {"1042": "match_unclear", "7": "match_unclear"}
    assert found.issues["code"].to_list() == ["match_ambiguous"]


def test_a_row_of_matches_with_an_issue_holds_what_was_S2_24() -> None:
    there = [listing("1", "MUG"), listing("2", "MUG")]
    found = matched(there, matches=[("shop", "1", None, 1), ("shop", "2", None, 1)], learned=[("1", "BOX")])
    assert links(found) == [("1", "BOX", 1, "exact")]
    assert why(found) == {"2": "match_unclear"}


def test_a_row_of_matches_for_no_listing_is_named_once_its_shop_was_read() -> None:
    matches = [("shop", "99", "BOX", 1), ("other", "99", "BOX", 1)]
    found = matched([listing("1", "MUG")], matches=matches)
    assert [json.loads(facts) for facts in found.issues["facts"]] == [{"listing": "99", "row": 2}]


def test_typed_decisions_link_ignore_and_unlink_S0_16() -> None:
    there = [listing(str(number), "MUG") for number in range(1, 6)]
    decisions = [("1", "box"), ("2", "Ignore"), ("3", " UNLINK "), ("4", "pause"), ("5", "ignore"), ("5", "BOX")]
    found = matched(there, decisions=decisions, learned=[("2", "MUG"), ("3", "MUG"), ("4", "MUG")])
    assert links(found) == [("1", "BOX", 1, "decision"), ("4", "MUG", 1, "exact"), ("5", "BOX", 1, "decision")]
    assert found.ignored["listing"].to_list() == ["2"]
    assert why(found) == {"3": "unlinked"}


def test_a_decision_by_an_old_name_of_the_item_means_the_item() -> None:
    found = matched([listing("1", "X")], aliases=[("OLDMUG", "MUG")], decisions=[("1", "OLDMUG")])
    assert links(found) == [("1", "MUG", 1, "decision")]


def test_a_decision_for_an_unknown_sku_is_an_issue_and_holds_S0_31() -> None:
    found = matched([listing("1", "MUG"), listing("2", "BOX")], decisions=[("1", "NOPE"), ("2", "NOPE")],
                    learned=[("2", "BOX")])  # fmt: skip
    assert links(found) == [("2", "BOX", 1, "exact")]
    assert why(found) == {"1": "decision_unclear"}
    assert found.issues["code"].to_list() == ["decision_unknown_sku", "decision_unknown_sku"]


def test_a_stored_decision_whose_item_left_the_sheet_is_no_news() -> None:
    found = matched([listing("1", "X")], decisions=[("1", "GONE")], learned=[("1", "GONE")])
    assert links(found) == [("1", "GONE", 1, "exact")]
    assert found.issues.is_empty()


def test_matches_and_a_decision_that_disagree_change_nothing() -> None:
    there = [listing("1", "MUG"), listing("2", "MUG"), listing("3", "MUG")]
    matches = [("shop", "1", "BOX", 1), ("shop", "2", "BOX", 1), ("shop", "3", "BOX", 6)]
    found = matched(
        there, matches=matches, decisions=[("1", "MUG"), ("2", "unlink"), ("3", "BOX")], learned=[("1", "MUG")]
    )
    assert links(found) == [("1", "MUG", 1, "exact"), ("3", "BOX", 6, "matches")]
    assert why(found) == {"2": "match_unclear"}
    assert found.issues["code"].to_list() == ["match_disagrees", "match_disagrees"]


def test_nothing_new_is_linked_to_a_doubled_item_even_by_hand_I18() -> None:
    items = [item("DUP", frozen="sku_duplicate"), item("MUG")]
    found = matched(
        [listing("1", "MUG"), listing("2")], items, matches=[("shop", "1", "DUP", 1)], decisions=[("2", "DUP")]
    )
    assert links(found) == []
    assert why(found) == {"1": "item_unclear", "2": "item_unclear"}


# --- what follows -----------------------------------------------------------------------------------------------------


def test_a_product_is_partly_matched_S0_9() -> None:
    there = [listing("1", "MUG"), listing("2", "BOX"), listing("3", "NOPE"), listing("4", "MUG", product="q")]
    rows = frame([{name: row.get(name) for name in LISTINGS} for row in there], LISTINGS)
    found = partly(rows, matched(there, matches=[("shop", "1", "MUG", 1), ("shop", "1", "BOX", 1)]).links)
    assert sorted(found.rows()) == [("shop", "p", 2, 3), ("shop", "q", 1, 1)]


def parts_of(rows: list[tuple[str, str, str, int, str]], parts: list[tuple[str, str, int]]) -> list[tuple[Any, ...]]:
    found = explode(frame([tuple(row) for row in rows], LINKS), frame([tuple(row) for row in parts], PARTS))
    return sorted(found.select("listing", "sku", "part", "units").rows())


def test_bundles_are_taken_apart_with_the_pack_size() -> None:
    rows = [("shop", "1", "SET", 3, "exact"), ("shop", "2", "MUG", 6, "matches")]
    assert parts_of(rows, [("SET", "MUG", 2), ("SET", "BOX", 1)]) == [
        ("1", "SET", "BOX", 3),
        ("1", "SET", "MUG", 6),
        ("2", "MUG", "MUG", 6),
    ]


def test_one_part_from_two_links_of_a_listing_is_added_up() -> None:
    rows = [("shop", "1", "SET", 1, "matches"), ("shop", "1", "MUG", 1, "matches")]
    assert parts_of(rows, [("SET", "MUG", 2), ("SET", "BOX", 1)]) == [("1", "MUG", "MUG", 3), ("1", "SET", "BOX", 1)]


def test_a_bundle_in_a_bundle_leaves_the_whole_listing_out() -> None:
    rows = [("shop", "1", "BIG", 1, "matches"), ("shop", "1", "MUG", 1, "matches"), ("shop", "2", "SET", 1, "exact")]
    parts = [("BIG", "SET", 1), ("BIG", "BOX", 1), ("SET", "MUG", 2)]
    assert parts_of(rows, parts) == [("2", "SET", "MUG", 2)]


# --- properties -------------------------------------------------------------------------------------------------------

CODE = st.sampled_from(["MUG", "mug", "WEB-MUG", "BOX", "00123", "123", "X", "OLD", "DUP", "MUG-FBA", "", None])
NUMBER = st.sampled_from(["1", "2", "3", "4", "MUG"])
WORLD = st.fixed_dictionaries(
    {
        "listings": st.lists(
            st.tuples(NUMBER, CODE, st.sampled_from([None, "4006381333931"])), unique_by=lambda r: r[0]
        ),
        "items": st.lists(
            st.tuples(
                st.sampled_from(["MUG", "BOX", "123", "X", "DUP", "WEB-MUG"]),
                st.sampled_from([None, "4006381333931"]),
                st.sampled_from([None, None, "sku_duplicate", "not_whole"]),
            ),
            unique_by=lambda r: r[0],
        ),
        "aliases": st.lists(st.sampled_from([("OLD", "MUG"), ("OLD", "BOX"), ("X", "MUG")]), unique=True),
        "matches": st.lists(
            st.tuples(
                st.sampled_from([None, "shop"]), NUMBER, st.sampled_from([None, "MUG", "BOX"]), st.integers(1, 3)
            ),
            max_size=3,
            unique_by=lambda r: (r[0], r[1], r[2]),
        ),
        "decisions": st.lists(
            st.tuples(NUMBER, st.sampled_from(["MUG", "ignore", "unlink", "NOPE", "pause"])), unique_by=lambda r: r[0]
        ),
        "learned": st.lists(
            st.tuples(st.sampled_from(["1", "2", "9"]), st.sampled_from(["MUG", "GONE"])), unique_by=lambda r: r[0]
        ),
    }
)


def world(made: dict[str, list[Any]]) -> Matched:
    listings = [listing(number, sku, barcode) for number, sku, barcode in made["listings"]]
    items = [item(*row) for row in made["items"]]
    rest = {name: made[name] for name in ("aliases", "matches", "decisions", "learned")}
    return matched(listings, items, **rest, ignore_prefix="WEB-", never_push_suffix="-FBA")


@given(WORLD)
@settings(max_examples=120, deadline=None)
def test_every_present_variant_is_exactly_one_of_linked_import_ignored_S0_19(made: dict[str, list[Any]]) -> None:
    found = world(made)
    present = {number for number, *_ in made["listings"]}
    linked = set(found.links["listing"]) & present
    imports, ignored = found.imports["listing"].to_list(), found.ignored["listing"].to_list()
    assert sorted([*linked, *imports, *ignored]) == sorted(present)
    assert not found.links.select("channel", "listing", "sku").is_duplicated().any()
    assert found.imports.schema == IMPORTS
    for reason, facts in found.imports.select("reason", "facts").rows():
        assert set(json.loads(facts)) == set(REASONS[reason])
    for code, facts in found.issues.select("code", "facts").rows():
        assert set(json.loads(facts)) == set(CODES[code])


@given(WORLD)
@settings(max_examples=120, deadline=None)
def test_no_new_link_ever_leads_to_a_doubled_or_unknown_item_I18(made: dict[str, list[Any]]) -> None:
    sound = {sku for sku, _, frozen in made["items"] if frozen != "sku_duplicate"}
    by_hand = {sku for _, _, sku, _ in made["matches"]}  # checked against the sheet before it comes here
    doubled = {sku for sku, _, frozen in made["items"] if frozen == "sku_duplicate"}
    for number, sku in world(made).links.select("listing", "sku").rows():
        if (number, sku) not in made["learned"]:
            assert sku in (sound | by_hand) - doubled


@given(WORLD, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_changes_no_link(made: dict[str, list[Any]], chance: random.Random) -> None:
    mixed = {name: chance.sample(rows, len(rows)) for name, rows in made.items()}
    one, other = world(made), world(mixed)
    for name in ("links", "imports", "ignored"):
        before, after = getattr(one, name), getattr(other, name)
        assert_frame_equal(before, after, check_row_order=False)


@given(WORLD)
@settings(max_examples=60, deadline=None)
def test_what_was_linked_stays_linked_the_same_way(made: dict[str, list[Any]]) -> None:
    """Matching again with the links of the first time learned changes nothing (I4)."""
    first = world(made)
    known = first.links.filter(pl.col("units") == 1)
    if known.height < first.links.height or known.select("channel", "listing").is_duplicated().any():
        return
    again = world(made | {"learned": [(number, sku) for number, sku in known.select("listing", "sku").rows()]})
    assert sorted(again.links.select("listing", "sku").rows()) == sorted(first.links.select("listing", "sku").rows())
    assert why(again) == why(first)
