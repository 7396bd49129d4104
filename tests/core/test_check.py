"""The workbook as checked: what each cell means, and what is said about those that mean nothing (DESIGN section 4)."""

from __future__ import annotations

import dataclasses
import json
import random
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from agent.core.check import CODES, Checked, check
from agent.frames import ISSUES, frame
from tests.core.snapshots import Cell, snapshot, tab

TODAY = date(2026, 11, 22)
SHOPS = ("shop-a", "shop-b")


def checked(**tabs: Any) -> Checked:
    return check(snapshot(**tabs), SHOPS, TODAY)


COLUMNS = ("SKU", "Stocked", "Made of", "Other SKUs", "Tags")


def master(*rows: list[object], columns: tuple[str, ...] = COLUMNS) -> pl.DataFrame:
    return tab(columns, rows)


def items(*rows: list[object], columns: tuple[str, ...] = COLUMNS) -> Checked:
    return checked(Item_Master=master(*rows, columns=columns))


def codes(found: Checked) -> list[str]:
    return sorted(found.issues["code"])


def one(found: Checked, sku: str) -> dict[str, Any]:
    return found.items.row(by_predicate=pl.col("sku") == sku, named=True)


def rules(*rows: list[object], columns: tuple[str, ...]) -> Checked:
    stock = master(["MUG", 20, None, "OLDMUG", "kitchen, Summer"], ["BOX", 5])
    return checked(Item_Master=stock, Rules=tab(columns, rows))


def settings_of(found: Checked) -> list[tuple[object, ...]]:
    return found.rules.select("channel", "sku", "tag", "setting", "value", "text", "none").rows()


# --- Stocked ----------------------------------------------------------------------------------------------------------


def test_blank_and_zero_are_two_things_I11_S4_22() -> None:
    found = items(["MUG", None], ["BOX", 0], ["TIN", "   "])
    assert found.items["stocked"].to_list() == [None, 0, None]
    assert found.items["frozen"].null_count() == 3
    assert codes(found) == []


@pytest.mark.parametrize(
    "typed", ["12", " 12 ", "\u00a012", "12\u2009", "\u202f12\u200b", 12, 12.0, "0012", 12.000000000000002]
)
def test_a_text_that_is_exactly_an_integer_is_that_integer(typed: object) -> None:
    assert one(items(["MUG", typed]), "MUG")["stocked"] == 12


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12 pcs", "not_a_number"),
        ("1,000", "not_a_number"),
        ("1 000", "not_a_number"),
        ("１２", "not_a_number"),
        (True, "not_a_number"),
        (3.5, "not_whole"),
        ("3.5", "not_whole"),
        ("3,5", "not_whole"),
        (-2, "negative"),
        ("-2", "negative"),
        ("−2", "negative"),
        (date(2026, 3, 5), "date_in_number"),
        (10_000_001, "too_large"),
        (4006381333931, "too_large"),
        (Cell("1e+20"), "too_large"),
        (Cell("nan"), "not_a_number"),
        (Cell("#REF!", "error", formula=True), "cell_error"),
        (Cell(None, "blank", formula=True), "formula_no_value"),
    ],
)
def test_a_cell_that_is_no_number_of_units_freezes_its_item_and_is_never_zero_I11(typed: object, code: str) -> None:
    found = items(["BOX", 3], ["MUG", typed])
    mug = one(found, "MUG")
    assert (mug["stocked"], mug["frozen"]) == (None, code)
    assert one(found, "BOX")["frozen"] is None
    issue = found.issues.row(0, named=True)
    assert (issue["code"], issue["tab"], issue["cell"], issue["sku"]) == (code, "Item Master", "C3", "MUG")
    assert json.loads(issue["facts"])["column"] == "Stocked"


def test_the_cell_s_own_text_is_kept_for_compare_and_set() -> None:
    found = items(["MUG", " 12 "], ["BOX", Cell("7", formula=True)])
    assert one(found, "MUG")["stocked_text"] == " 12 "
    assert one(found, "BOX")["stocked_formula"] is True


def test_an_untracked_item_has_no_stocked_whatever_stands_there() -> None:
    found = items(["CARD", "made to order", "NO"], columns=("SKU", "Stocked", "Track stock"))
    card = one(found, "CARD")
    assert (card["stocked"], card["tracked"], card["frozen"]) == (None, False, None)
    assert codes(found) == []


def test_a_renamed_tab_is_called_what_the_person_calls_it() -> None:
    found = checked(Item_Master=master(["MUG", "lots"]), names={"Item Master": "Lager"})
    assert found.issues["tab"].to_list() == ["Lager"]


@given(
    st.one_of(
        st.text(max_size=12),
        st.floats(allow_nan=True, allow_infinity=True),
        st.integers(-(10**20), 10**20),
        st.booleans(),
        st.dates(),
        st.none(),
    )
)
@settings(max_examples=80, deadline=None)
def test_a_zero_is_only_ever_a_typed_zero_I11(typed: object) -> None:
    mug = one(items(["MUG", typed], ["BOX", 1]), "MUG")
    if mug["stocked"] == 0:
        assert float(str(typed).strip()) == pytest.approx(0, abs=1e-9)
    if mug["stocked"] is not None:
        assert mug["frozen"] is None
        assert 0 <= mug["stocked"] <= 10_000_000


# --- SKU --------------------------------------------------------------------------------------------------------------


def test_numbers_in_the_sku_column_read_as_their_digits_with_one_notice() -> None:
    found = items([1001, 5], [999_999_999_999_999, 6], [Cell("1002", format="integer"), 7])
    assert found.items["sku"].to_list() == ["1001", "999999999999999", "1002"]
    assert found.items["frozen"].null_count() == 3
    assert codes(found) == ["sku_number"]
    assert json.loads(found.issues["facts"][0]) == {"count": 3, "example": "1001"}


@pytest.mark.parametrize(
    "typed",
    [
        Cell("123", format="zeros"),
        Cell("123", format="scientific"),
        Cell("1000000000000000"),
        Cell("1e+15"),
        Cell("12.5"),
        Cell("2026-03-05", "date", format="date"),
        "1.23E+12",
    ],
)
def test_a_sku_that_may_have_lost_digits_freezes_that_row_only(typed: object) -> None:
    found = items([typed, 5], ["MUG", 6])
    assert found.items["frozen"].to_list() == ["sku_damaged", None]
    assert found.items["stocked"].to_list() == [None, 6]
    assert codes(found) == ["sku_damaged"]


@pytest.mark.parametrize("typed", [True, Cell("#N/A", "error"), Cell(None, "blank", formula=True)])
def test_what_is_no_code_at_all_is_an_issue_and_no_item(typed: object) -> None:
    found = items([typed, 5], ["MUG", 6])
    assert found.items["sku"].to_list() == ["MUG"]
    assert found.issues["cell"].to_list() == ["A2"]


@pytest.mark.parametrize("typed", ["MUG ", "\u00a0MUG", "MU\u200bG", "\ufeffMUG", "MUG\n"])
def test_spaces_around_and_unseen_characters_are_left_out_with_one_notice(typed: str) -> None:
    found = items([typed, 5])
    assert found.items["sku"].to_list() == ["MUG"]
    assert codes(found) == ["sku_trimmed"]


def test_control_characters_freeze_and_look_alike_letters_are_named() -> None:
    found = items(["A\x01B", 5], ["MUG-С", 6], ["ÄRGER-Ω", 1], ["ТОВАР", 2])  # the first С is Cyrillic
    assert one(found, "A\x01B")["frozen"] == "sku_control"
    assert found.issues.filter(pl.col("code") == "sku_look_alike")["sku"].to_list() == ["MUG-С"]
    assert one(found, "MUG-С")["frozen"] is None


def test_a_duplicate_sku_names_both_rows_and_is_never_summed_I18() -> None:
    found = items(["MUG", 5], ["BOX", 1], ["MUG ", 7])
    mug = one(found, "MUG")
    assert (mug["stocked"], mug["frozen"], mug["row"]) == (None, "sku_duplicate", 2)
    said = found.issues.filter(pl.col("code") == "sku_duplicate")
    assert said["cell"].to_list() == ["A2", "A4"]
    assert {json.loads(facts)["rows"] for facts in said["facts"]} == {"2, 4"}


def test_skus_that_differ_only_in_case_are_both_frozen_I18() -> None:
    found = items(["mug", 5], ["MUG", 7])
    assert found.items["frozen"].to_list() == ["sku_duplicate", "sku_duplicate"]


def test_rows_with_content_and_no_sku_are_said_once_S2_25() -> None:
    found = items(["MUG", 5], [None, 7], [None, 8], ["   ", 9])
    assert codes(found) == ["sku_blank"]
    assert json.loads(found.issues["facts"][0]) == {"found": "7", "rows": "3, 4, 5", "count": 3}


def test_a_row_with_no_more_than_a_yes_is_no_item() -> None:
    assert codes(items(["MUG", 5, "yes"], [None, None, "yes"], columns=("SKU", "Stocked", "Active"))) == []


def test_an_unknown_word_keeps_the_default_and_freezes_S4_15() -> None:
    columns = ("SKU", "Stocked", "Track stock", "Active")
    found = items(["A", 1, "YES", "No"], ["B", 1, "perhaps"], ["C", 1, None, False], ["D", 1, 0], columns=columns)
    assert found.items["active"].to_list() == [False, True, False, True]
    assert found.items["tracked"].to_list() == [True, True, True, False]
    assert found.items["frozen"].to_list() == [None, "choice_unknown", None, None]
    assert json.loads(found.issues["facts"][0]) == {"column": "Track stock", "found": "perhaps", "choices": "yes, no"}


def test_where_the_readers_disagree_the_row_is_frozen() -> None:
    disputed = frame([("readers_disagree", "Item Master", "C3", None, "{}")], ISSUES)
    found = checked(Item_Master=master(["MUG", 5], ["BOX", 6]), issues=disputed)
    assert one(found, "BOX")["frozen"] == "readers_disagree"
    assert one(found, "BOX")["stocked"] is None
    assert one(found, "MUG")["stocked"] == 5


# --- bundles, other SKUs, tags ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recipe", "parts"),
    [
        ("MUG", {"MUG": 1}),
        ("MUG x 2 + BOX", {"MUG": 2, "BOX": 1}),
        ("2 x MUG", {"MUG": 2}),
        ("MUG*2+3×BOX", {"MUG": 2, "BOX": 3}),
        ("mug x2", {"MUG": 2}),
        ("MUG + MUG", {"MUG": 2}),
        ("OLDMUG x 4", {"MUG": 4}),
        ("CABLE x 2", {"CABLE x 2": 1}),
        ("CABLE x 2 x 3", {"CABLE x 2": 3}),
        ("BIG BOX x 2", {"BIG BOX": 2}),
        (1001, {"1001": 1}),
    ],
)
def test_made_of_is_read_as_people_write_it(recipe: object, parts: dict[str, int]) -> None:
    stock = [["MUG", 1, None, "OLDMUG"], ["BOX", 1], ["CABLE x 2", 1], ["BIG BOX", 1], [1001, 1]]
    found = items(*stock, ["SET", None, recipe])
    assert dict(found.parts.select("part", "units").rows()) == parts
    assert (one(found, "SET")["bundle"], one(found, "SET")["frozen"]) == (True, None)


def test_skus_with_a_plus_are_divided_by_a_plus_with_spaces() -> None:
    found = items(["A+B", 1], ["C", 1], ["SET", None, "A+B x 2 + C"])
    assert dict(found.parts.select("part", "units").rows()) == {"A+B": 2, "C": 1}


@pytest.mark.parametrize(
    ("recipe", "code"),
    [
        ("MUG + NOPE x 2", "part_unknown"),
        ("BOX2", "part_unknown"),
        ("MUG +", "made_of_unclear"),
        ("MUG x 0", "made_of_unclear"),
        ("1 x 2", "made_of_unclear"),
        ("SET", "bundle_loop"),
        ("MUG + OTHER", "bundle_in_bundle"),
        (Cell("#REF!", "error"), "cell_error"),
    ],
)
def test_a_recipe_that_is_not_understood_freezes_the_bundle_and_gives_no_parts(recipe: object, code: str) -> None:
    stock = [["MUG", 1], ["BOX", 1], ["1", 1], ["2", 1], ["OTHER", None, "MUG x 2"]]
    found = items(*stock, ["SET", None, recipe])
    assert one(found, "SET")["frozen"] == code
    assert found.parts["sku"].to_list() == ["OTHER"]
    assert codes(found) == [code]


def test_stocked_on_a_bundle_row_is_an_issue_even_zero() -> None:
    found = items(["MUG", 1], ["SET", 0, "MUG"])
    assert (one(found, "SET")["frozen"], one(found, "SET")["stocked"]) == ("bundle_stocked", None)


def test_other_skus_and_tags_are_lists() -> None:
    found = items(["MUG", 1, None, "OLD-1, OLD-2;MUG", "Kitchen, summer,"], ["BOX", 1, None, 1042])
    assert found.aliases.rows() == [("OLD-1", "MUG"), ("OLD-2", "MUG"), ("1042", "BOX")]
    assert found.tags.rows() == [("MUG", "kitchen"), ("MUG", "summer")]


def test_an_other_sku_of_two_items_is_nobody_s_and_one_that_is_an_item_is_named_I18() -> None:
    found = items(["MUG", 1, None, "X, BOX"], ["BOX", 1, None, "X"])
    assert found.aliases.rows() == [("BOX", "MUG")]
    assert codes(found) == ["alias_is_sku", "alias_twice", "alias_twice"]


# --- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        (80, 8000),
        ("80", 8000),
        ("80 %", 8000),
        ("80\u00a0%", 8000),
        (Cell("0.8", format="percent"), 8000),
        (0.8, 8000),
        ("0.8", 8000),
        ("12,5 %", 1250),
        ("0.5 %", 50),
        (Cell("0.005", format="percent"), 50),
        (Cell("1", format="percent"), 10000),
        ("1 %", 100),
        (100, 10000),
        (0, 0),
        (33.335, 3334),
        (0.29, 2900),
    ],
)
def test_a_percent_means_the_same_however_it_is_written_S4_20(typed: object, value: int) -> None:
    assert rules(["shop-a", typed], columns=("Channel", "Percent")).rules["value"].to_list() == [value]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (1, "percent_unclear"),
        ("1", "percent_unclear"),
        (120, "percent_above_100"),
        (Cell("80", format="percent"), "percent_above_100"),
        (-5, "negative"),
        (-0.01, "negative"),
        ("lots", "not_a_percent"),
        ("1,000 %", "not_a_percent"),
        (0.00001, "percent_unclear"),
    ],
)
def test_a_percent_that_is_not_clear_is_an_issue_and_unread_S4_20(typed: object, code: str) -> None:
    found = rules(["shop-a", typed], columns=("Channel", "Percent"))
    assert found.rules.is_empty()
    assert codes(found) == [code]
    assert found.unread.select("tab", "column", "channel", "code").row(0) == ("Rules", "percent", "shop-a", code)


def test_each_filled_in_cell_is_a_rule_with_its_scope_S4_18() -> None:
    columns = ("Channel", "SKU", "Tag", "Rounding", "Maximum", "Sync", "Until", "Last units")
    found = rules(
        ["SHOP-A", "OLDMUG", None, "Down", 8, None, date(2026, 12, 31), "ONE CHANNEL"],
        [None, None, "SUMMER", None, "none", False],
        columns=columns,
    )
    assert sorted(settings_of(found), key=str) == sorted(
        [
            ("shop-a", "MUG", None, "rounding", None, "down", False),
            ("shop-a", "MUG", None, "maximum", 8, None, False),
            ("shop-a", "MUG", None, "until", 20818, None, False),
            ("shop-a", "MUG", None, "last_units", None, "one channel", False),
            (None, None, "summer", "maximum", None, None, True),
            (None, None, "summer", "sync", None, "no", False),
        ],
        key=str,
    )
    assert codes(found) == []


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        (["nowhere", None, None], "unknown_channel"),
        ([None, "NOPE", None], "unknown_sku"),
        ([None, None, "winter"], "unknown_tag"),
        ([Cell("#REF!", "error"), None, None], "cell_error"),
        ([None, Cell(None, "blank", formula=True), None], "formula_no_value"),
        ([None, Cell("12", format="zeros"), None], "sku_damaged"),
    ],
)
def test_a_row_whose_scope_is_not_known_never_becomes_a_wider_rule(scope: list[object], code: str) -> None:
    found = rules([*scope, 5], columns=("Channel", "SKU", "Tag", "Maximum"))
    assert found.rules.is_empty()
    assert codes(found) == [code]
    assert found.unread["column"].to_list() == [None]


@pytest.mark.parametrize(
    ("column", "one_cell", "other_cell", "holds"),
    [
        ("Maximum", 8, 5, (5, None)),
        ("Maximum", "none", 5, (5, None)),
        ("Reserve", 2, 3, (3, None)),
        ("Minimum", 2, "none", (None, None)),
        ("Percent", 80, 50, (5000, None)),
        ("Out of stock at", 1, 2, (2, None)),
        ("Rounding", "up", "nearest", (None, "nearest")),
        ("Sync", "yes", "no", (None, "no")),
        ("Last units", "share", "auto", (None, "auto")),
    ],
)
def test_equal_rows_that_disagree_are_both_named_and_the_lower_quantity_holds(
    column: str, one_cell: object, other_cell: object, holds: tuple[object, object]
) -> None:
    for cells in ((one_cell, other_cell), (other_cell, one_cell)):
        found = rules(*(["shop-a", cell] for cell in cells), columns=("Channel", column))
        assert found.rules.select("value", "text").rows() == [holds]
        assert codes(found) == ["rule_conflict", "rule_conflict"]
        assert json.loads(found.issues["facts"][0])["rows"] == "2, 3"


def test_equal_rows_that_agree_are_no_trouble() -> None:
    found = rules([None, "MUG", 8], [None, "OLDMUG", 8], columns=("Channel", "SKU", "Maximum"))
    assert (found.rules.height, codes(found)) == (1, [])


def test_a_freeze_whose_last_day_is_over_is_told() -> None:
    found = rules(["shop-a", 3, "2026-11-21"], ["shop-b", 3, "2026-11-22"], columns=("Channel", "Freeze at", "Until"))
    assert found.issues["cell"].to_list() == ["N2"]


@pytest.mark.parametrize("typed", ["31/12/2026", "tomorrow", 46387, "2026-13-01"])
def test_a_day_that_could_be_another_is_not_guessed_S4_31(typed: object) -> None:
    assert codes(rules(["shop-a", typed], columns=("Channel", "Until"))) == ["date_unclear"]


# --- matches, channels, control, decisions ----------------------------------------------------------------------------


def matches(*rows: list[object]) -> Checked:
    columns = ("Channel", "Listing", "SKU", "Units")
    return checked(Item_Master=master(["MUG", 1], ["BOX", 2]), Matches=tab(columns, rows))


def test_matches_are_read_with_units_and_bundles() -> None:
    found = matches(["shop-a", 1042, "mug", 6], [None, "L2", "MUG"], [None, "L2", "BOX", "2"], [None, None, None])
    assert found.matches.rows() == [
        ("shop-a", "1042", "MUG", 6, 2),
        (None, "L2", "MUG", 1, 3),
        (None, "L2", "BOX", 2, 4),
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["shop-a", "L1", "NOPE"], "unknown_sku"),
        (["shop-a", "L1", "BOX", 0], "units_zero"),
        (["shop-a", "L1", "BOX", "two"], "not_a_number"),
        (["shop-a", "L1", None], "match_incomplete"),
        (["shop-a", "L1", "MUG", 2], "match_twice"),
    ],
)
def test_one_bad_row_holds_its_whole_listing_for_half_a_bundle_would_promise_more(row: list[object], code: str) -> None:
    found = matches(["shop-a", "L1", "MUG"], row, ["shop-a", "L2", "MUG"])
    assert found.matches.select("listing", "sku").rows() == [("L1", None), ("L2", "MUG")]
    assert set(codes(found)) == {code}


def test_a_match_for_an_unknown_shop_has_no_effect() -> None:
    found = matches(["nowhere", "L1", "MUG"], [None, None, "MUG"])
    assert found.matches.is_empty()
    assert codes(found) == ["match_incomplete", "unknown_channel"]


def test_every_configured_channel_has_its_settings_S4_7() -> None:
    columns = ("Channel", "Mode", "Go live", "Priority", "When this computer is off", "Never push suffix")
    tabs = tab(columns, [["Shop-B", "feeds ONLY", "no", 1, "Lower to 3", "-FBA"]])
    found = checked(Item_Master=master(["MUG", 1]), Channels=tabs)
    a, b = found.channels.rows(named=True)
    assert a == {
        "channel": "shop-a", "mode": "All", "go_live": True, "location": None, "ignore_prefix": None,
        "ignore_suffix": None, "add_prefix": None, "never_push_suffix": None,
        "priority": 100, "keep_active": True, "returned_units": "ask",
        "on_drift": "ask", "new_listings": "keep in sync", "new_matches_live": False, "when_off": "leave",
    }  # fmt: skip
    changed = {"mode": "Feeds only", "go_live": False, "priority": 1, "when_off": "lower to 3"}
    assert b == a | {"channel": "shop-b", "never_push_suffix": "-FBA"} | changed
    assert codes(found) == []


def test_channels_that_cannot_be_read_keep_the_default_and_say_so() -> None:
    columns = ("Channel", "Mode", "Priority")
    rows = [["shop-a", "Of", "first"], ["nowhere", "Off"], ["shop-b", "Off"], ["shop-b", "All", 2], [None, "Off"]]
    found = checked(Item_Master=master(["MUG", 1]), Channels=tab(columns, rows))
    assert found.channels.select("mode", "priority").rows() == [("All", 100), ("All", 2)]
    told = ["channel_blank", "channel_twice", "channel_twice", "choice_unknown", "not_a_number", "unknown_channel"]
    assert sorted(set(codes(found))) == sorted(set(told))
    assert set(found.unread.select("column", "channel").rows()) == {
        ("mode", "shop-a"), ("priority", "shop-a"), ("mode", "shop-b")
    }  # fmt: skip


def test_an_unknown_mode_in_control_is_unread_not_live() -> None:
    control = tab(("Control", "Value"), [["mode", "Pasued"], ["Sync now", " x "], ["Undo", None]])
    found = checked(Item_Master=master(["MUG", 1]), Control=control)
    assert found.controls.rows() == [("Sync now", "x", 3)]
    assert found.unread.select("tab", "column").rows() == [("Control", "Mode")]
    control = tab(("Control", "Value"), [["MODE", "paused"]])
    assert checked(Item_Master=master(["MUG", 1]), Control=control).controls.rows() == [("Mode", "Paused", 2)]


def test_two_rows_of_one_switch_that_disagree_switch_nothing() -> None:
    control = tab(("Control", "Value"), [["Mode", "Live"], ["Mode", "Paused"]])
    found = checked(Item_Master=master(["MUG", 1]), Control=control)
    assert found.controls.is_empty()
    assert codes(found) == ["control_twice", "control_twice"]


def test_what_people_type_into_the_agent_s_tabs_is_read_by_key() -> None:
    links = [["shop-a", 77, " MUG "], ["shop-a", 78, None], ["shop-b", 77, 1001]]
    changed = [["shop-a", "5", "unlink"], ["shop-a", "6", Cell("12", format="zeros")]]
    imports = tab(("Channel", "Listing", "Link to SKU"), links)
    changes = tab(("Channel", "Listing", "Change"), changed)
    answers = tab(("Id", "Answer"), [[12, "yes"], ["a7", "  "]])
    found = checked(Item_Master=master(["MUG", 1]), Imports=imports, Listings=changes, Attention=answers)
    assert found.decisions.rows() == [
        ("Imports", "shop-a", "77", "MUG", 2),
        ("Imports", "shop-b", "77", "1001", 4),
        ("Listings", "shop-a", "5", "unlink", 2),
        ("Attention", None, "12", "yes", 2),
    ]
    assert codes(found) == ["sku_damaged"]


def test_two_answers_to_one_question_decide_nothing() -> None:
    answers = tab(("Id", "Answer"), [["q1", "gone"], ["q1", "put back"], ["q2", "yes"], ["q2", "yes"]])
    found = checked(Item_Master=master(["MUG", 1]), Attention=answers)
    assert found.decisions["key"].to_list() == ["q2"]
    assert codes(found) == ["decision_twice", "decision_twice"]


# --- the workbook as a whole ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tabs", "code"),
    [
        ({}, "no_item_master"),
        ({"Item_Master": tab(("SKU", "Title"), [["MUG", "Mug"]])}, "header_missing"),
        ({"Item_Master": tab(("Stocked",), [[1]])}, "header_missing"),
        ({"Item_Master": tab(("SKU", "Stocked"), [])}, "no_items"),
        ({"Item_Master": tab(("SKU", "Stocked"), [[None, 3], [" ", None]])}, "no_items"),
    ],
)
def test_a_workbook_that_cannot_be_trusted_is_rejected_as_a_whole_I1(tabs: dict[str, pl.DataFrame], code: str) -> None:
    control = tab(("Control", "Value"), [["Mode", "Paused"]])
    found = checked(**tabs, Control=control, Rules=tab(("SKU", "Maximum"), [["MUG", 3]]))
    assert found.rejected == code
    assert codes(found) == [code]
    assert found.items.is_empty()
    assert found.rules.is_empty()
    assert found.controls["value"].to_list() == ["Paused"]


def test_a_header_that_stands_twice_rejects_by_the_reader_s_own_issue() -> None:
    told = frame([("header_twice", "Item Master", "C1", None, '{"column": "Stocked"}')], ISSUES)
    found = checked(Item_Master=master(["MUG", 1]), issues=told)
    assert (found.rejected, codes(found)) == ("header_twice", ["header_twice"])


def test_a_header_twice_elsewhere_rejects_nothing() -> None:
    told = frame([("header_twice", "Item Master", "D1", None, '{"column": "Barcode"}')], ISSUES)
    assert checked(Item_Master=master(["MUG", 1]), issues=told).rejected is None


def test_a_workbook_without_the_other_tabs_is_a_workbook() -> None:
    found = items(["MUG", 5])
    assert found.rejected is None
    assert found.issues.is_empty()
    assert found.channels["channel"].to_list() == list(SHOPS)


# --- properties -------------------------------------------------------------------------------------------------------

SKUS = st.sampled_from(["MUG", "BOX", "TIN", "mug", " BOX", "CUP", "SET", None])
NUMBERS = st.sampled_from([None, 0, 5, "7", "x", -1, 2.5, Cell("#N/A", "error"), Cell(None, "blank", formula=True)])
RECIPES = st.sampled_from([None, None, None, "MUG x 2", "MUG + BOX", "NOPE", "SET"])
ITEM_ROWS = st.lists(
    st.tuples(SKUS, NUMBERS, RECIPES, st.sampled_from([None, "OLD", "MUG, X"]), st.sampled_from([None, "a, B"])),
    min_size=1,
    max_size=8,
)
RULE_ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, "shop-a", "nowhere"]),
        st.sampled_from([None, "MUG", "OLD"]),
        st.sampled_from([None, "b"]),
        st.sampled_from([None, 1, 2, "none", "x"]),
        st.sampled_from([None, "80 %", 50, 1]),
    ),
    max_size=6,
)
RULE_COLUMNS = ("Channel", "SKU", "Tag", "Maximum", "Percent")
WHERE = ("channel", "sku", "tag")


def said_by(found: Checked, *names: str) -> list[pl.DataFrame]:
    """Frames as sorted lines, to be compared."""
    line = pl.concat_str(pl.all().cast(pl.String), separator="|", ignore_nulls=True).alias("line")
    return [getattr(found, name).select(line).sort("line") for name in names]


@given(ITEM_ROWS, RULE_ROWS, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_in_which_rows_are_read_changes_nothing(
    stock: list[Any], ruled: list[Any], chance: random.Random
) -> None:
    shown, said = tab(COLUMNS, stock), tab(RULE_COLUMNS, ruled)
    mixed = [frame[chance.sample(range(frame.height), frame.height)] for frame in (shown, said)]
    names = ("items", "parts", "aliases", "tags", "rules", "unread", "issues")
    before, after = checked(Item_Master=shown, Rules=said), checked(Item_Master=mixed[0], Rules=mixed[1])
    for one_frame, other in zip(said_by(before, *names), said_by(after, *names), strict=True):
        assert_frame_equal(one_frame, other)


@given(ITEM_ROWS, RULE_ROWS, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_sorting_the_rows_of_a_sheet_changes_nothing_but_addresses(
    stock: list[Any], ruled: list[Any], chance: random.Random
) -> None:
    stock = list({str(row[0]).strip().lower(): row for row in stock}.values())
    seen = []
    for _ in range(2):
        found = checked(Item_Master=tab(COLUMNS, stock), Rules=tab(RULE_COLUMNS, ruled))
        moved = {name: getattr(found, name).drop("row") for name in ("items", "rules", "unread")}
        seen.append(
            said_by(dataclasses.replace(found, **moved), "items", "parts", "aliases", "tags", "rules", "unread")
        )
        chance.shuffle(stock)
        chance.shuffle(ruled)
    for one_frame, other in zip(*seen, strict=True):
        assert_frame_equal(one_frame, other)


@given(ITEM_ROWS, RULE_ROWS)
@settings(max_examples=60, deadline=None)
def test_a_sheet_of_slips_gives_whole_frames_and_only_declared_issues(stock: list[Any], ruled: list[Any]) -> None:
    found = checked(Item_Master=tab(COLUMNS, stock), Rules=tab(RULE_COLUMNS, ruled))
    assert found.items["sku"].is_unique().all()
    assert found.items.filter(pl.col("frozen").is_not_null())["stocked"].null_count() == found.items["frozen"].count()
    assert not found.rules.select(*WHERE, "setting").is_duplicated().any()
    for code, facts in found.issues.select("code", "facts").rows():
        assert set(json.loads(facts)) == set(CODES[code]), code
