"""Which rule holds for which listing (DESIGN section 4, *Rules*), and what the lint finds (section 7)."""

from __future__ import annotations

import json
import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.rules import effective, lint, work_out
from agent.core.scopes import EFFECTIVE
from tests.core.worlds import item, known, rules, tags

LISTINGS = pl.DataFrame(
    [("etsy", "1", "X"), ("etsy", "2", "Y"), ("shop", "1", "X")], schema=["channel", "listing", "sku"], orient="row"
)
SCOPES: dict[str, dict[str, str]] = {
    "blank": {},
    "Channel": {"channel": "etsy"},
    "Tag": {"tag": "red"},
    "Tag and Channel": {"tag": "red", "channel": "etsy"},
    "SKU": {"sku": "X"},
    "SKU and Channel": {"sku": "X", "channel": "etsy"},
    "SKU and Tag": {"sku": "X", "tag": "red"},
    "SKU, Tag and Channel": {"sku": "X", "tag": "red", "channel": "etsy"},
}
"""The wider first: each wins over all before it."""
NAMES = list(SCOPES)


def of(found: pl.DataFrame, channel: str = "etsy", listing: str = "1") -> dict[str, Any]:
    return found.filter(channel=channel, listing=listing).row(0, named=True)


@pytest.mark.parametrize(("wide", "narrow"), [(a, b) for n, a in enumerate(NAMES) for b in NAMES[n + 1 :]])
@pytest.mark.parametrize("value", [1, 9])
def test_the_more_specific_row_wins_whatever_its_place_and_size(wide: str, narrow: str, value: int) -> None:
    cells = [{"setting": "reserve", "value": value} | SCOPES[narrow], {"setting": "reserve", "value": 5} | SCOPES[wide]]
    for order in (cells, cells[::-1]):
        assert of(effective(LISTINGS, rules(*order), tags(X="red")))["reserve"] == value


@pytest.mark.parametrize("narrow", NAMES[1:])
def test_none_takes_a_wider_rule_away(narrow: str) -> None:
    found = effective(
        LISTINGS, rules({"setting": "maximum", "value": 5}, {"setting": "maximum", "none": True} | SCOPES[narrow]),
        tags(X="red"),
    )  # fmt: skip
    assert of(found)["maximum"] is None
    assert of(found, "etsy", "2")["maximum"] == (None if narrow == "Channel" else 5)


def test_each_cell_goes_its_own_way() -> None:
    found = of(effective(
        LISTINGS,
        rules(
            {"setting": "percent", "value": 8000},
            {"setting": "rounding", "text": "up"},
            {"setting": "percent", "value": 5000, "sku": "X"},
            {"setting": "sync", "text": "no", "channel": "etsy"},
        ),
        tags(),
    ))  # fmt: skip
    assert (found["percent"], found["rounding"], found["sync"], found["maximum"]) == (5000, "up", "no", None)


def test_a_rule_holds_only_within_its_scope() -> None:
    found = effective(LISTINGS, rules({"setting": "fixed", "value": 4, "sku": "X", "channel": "shop"}), tags())
    assert found.filter(pl.col("fixed").is_not_null()).select("channel", "listing").rows() == [("shop", "1")]


@pytest.mark.parametrize(
    ("setting", "one", "other", "lower"),
    [
        ("reserve", {"value": 1}, {"value": 4}, 4),
        ("reserve", {"value": 1}, {"none": True}, 1),
        ("maximum", {"value": 1}, {"value": 4}, 1),
        ("maximum", {"none": True}, {"value": 4}, 4),
        ("minimum", {"value": 1}, {"value": 4}, 1),
        ("minimum", {"value": 1}, {"none": True}, None),
        ("percent", {"value": 5000}, {"value": 9000}, 5000),
        ("out_at", {"value": 1}, {"value": 4}, 4),
        ("rounding", {"text": "up"}, {"text": "nearest"}, "nearest"),
        ("last_units", {"text": "share"}, {"text": "one channel"}, "one channel"),
        ("sync", {"text": "no"}, {"text": "yes"}, "no"),
        ("freeze_at", {"value": 2}, {"value": 3}, 2),
        ("until", {"value": 20_000}, {"value": 20_001}, 20_001),
        ("until", {"value": 20_000}, {"none": True}, None),
    ],
)
def test_two_tags_that_disagree_have_the_lower_effect(setting: str, one: Any, other: Any, lower: Any) -> None:
    cells = [{"setting": setting, "tag": "red"} | one, {"setting": setting, "tag": "blue"} | other]
    for order in (cells, cells[::-1]):
        assert of(effective(LISTINGS, rules(*order), tags(X="red blue")))[setting] == lower


def test_a_listing_of_several_items_has_one_row_with_the_lower_effect() -> None:
    both = LISTINGS.with_columns(channel=pl.lit("etsy"), listing=pl.lit("1")).head(2)
    found = effective(
        pl.concat([both, LISTINGS.tail(1)]),
        rules({"setting": "maximum", "value": 5, "sku": "X"}, {"setting": "maximum", "value": 3, "sku": "Y"}),
        tags(),
    )
    assert found.height == 2
    assert (of(found)["maximum"], of(found, "shop")["maximum"]) == (3, 5)


def test_without_rules_every_setting_is_empty() -> None:
    found = effective(LISTINGS, rules(), tags())
    assert found.columns == list(EFFECTIVE)
    assert found.select(pl.exclude("channel", "listing").null_count()).sum_horizontal().item() == 33


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_the_rules_are_those_found_by_hand_whatever_the_order_of_rows(seed: int) -> None:
    chance = random.Random(seed)
    cells = [
        {"setting": "reserve", "channel": chance.choice([None, "etsy", "shop"]),
         "sku": chance.choice([None, None, "X", "Y"]), "tag": chance.choice([None, None, "red", "blue"])}
        | chance.choice([{"none": True}, {"value": chance.randint(0, 9)}])
        for _ in range(chance.randint(0, 12))
    ]  # fmt: skip
    of_tag = {"X": {"red"}, "Y": {"red", "blue"}}
    found = effective(LISTINGS, rules(*cells), tags(X="red", Y="red blue"))
    assert found.select("channel", "listing").rows() == LISTINGS.select("channel", "listing").rows()
    for (channel, _, sku), got in zip(LISTINGS.rows(), found["reserve"].to_list(), strict=True):
        ranked = [
            (4 * (c["sku"] is not None) + 2 * (c["tag"] is not None) + (c["channel"] is not None), c.get("value", -1))
            for c in cells
            if c["channel"] in (None, channel)
            and c["sku"] in (None, sku)
            and (c["tag"] is None or c["tag"] in of_tag[sku])
        ]
        best = max(ranked)[1] if ranked else -1
        assert got == (None if best == -1 else best)


# --- lint ------------------------------------------------------------------------------------------------------------


def issues(
    rule: pl.DataFrame, *, tag: pl.DataFrame | None = None, tracked: bool = True, stocked: int = 5
) -> dict[str, Any]:
    """code -> (cell, sku, facts) of the lint of two listings, X and Y."""
    tag = tags() if tag is None else tag
    items = [item("X"), item("Y", tracked=tracked)]
    world = known(
        [("etsy", "1", "X", "X", 1), ("etsy", "2", "Y", "Y", 1)],
        {"X": (stocked, 0, 0), "Y": (stocked, 0, 0)},
        items=items,
    )
    world["effective"] = effective(world["parts"], rule, tag)
    letters = {"Fixed quantity": "F", "Minimum": "I", "Out of stock at": "J", "Percent": "D", "Reserve": "G"}
    found = lint(rule, tag, world["items"], work_out(**world, words=False), letters)
    return {row["code"]: (row["cell"], row["sku"], json.loads(row["facts"])) for row in found.iter_rows(named=True)}


def test_two_tags_that_disagree_are_an_issue_on_both_cells() -> None:
    rule = rules({"setting": "reserve", "value": 1, "tag": "red"}, {"setting": "reserve", "value": 2, "tag": "blue"})
    tag = tags(X="red blue", Y="blue")
    world = known([("etsy", "1", "X", "X", 1)], {"X": (5, 0, 0)})
    found = lint(rule, tag, world["items"], work_out(**world), {"Reserve": "G"})
    assert found.select("code", "tab", "cell", "sku").rows() == [
        ("rule_conflict", "Rules", "G2", "X"), ("rule_conflict", "Rules", "G3", "X"),
    ]  # fmt: skip
    assert json.loads(found["facts"][0]) == {"column": "Reserve", "rows": "2, 3", "items": 1, "tags": ["blue", "red"]}


def test_two_tags_that_agree_or_meet_on_no_item_are_no_issue() -> None:
    same = rules({"setting": "reserve", "value": 1, "tag": "red"}, {"setting": "reserve", "value": 1, "tag": "blue"})
    differ = rules({"setting": "reserve", "value": 1, "tag": "red"}, {"setting": "reserve", "value": 2, "tag": "blue"})
    assert issues(same, tag=tags(X="red blue")) == {}
    assert issues(differ, tag=tags(X="red", Y="blue")) == {}


@pytest.mark.parametrize("scope", [{}, {"channel": "etsy"}, {"sku": "X"}, {"tag": "red"}])
def test_a_fixed_quantity_of_tracked_items_only_is_an_issue_S4_22(scope: dict[str, str]) -> None:
    found = issues(rules({"setting": "fixed", "value": 4} | scope), tag=tags(X="red"))
    assert found["fixed_on_tracked"][:2] == ("F2", "X")


@pytest.mark.parametrize("scope", [{}, {"sku": "Y"}, {"tag": "red"}])
def test_a_fixed_quantity_that_serves_an_untracked_item_is_no_issue(scope: dict[str, str]) -> None:
    assert issues(rules({"setting": "fixed", "value": 4} | scope), tag=tags(X="red", Y="red"), tracked=False) == {}


def test_a_minimum_above_stock_says_by_how_much_S4_23() -> None:
    found = issues(rules({"setting": "minimum", "value": 7}))
    assert found == {"minimum_above_stock": ("I2", "X", {"row": 2, "value": 7, "listings": 2, "beyond": 2})}
    assert issues(rules({"setting": "minimum", "value": 5})) == {}


def test_a_cut_off_above_everything_is_an_issue() -> None:
    found = issues(rules({"setting": "out_at", "value": 5}))
    assert found == {"cutoff_above_all": ("J2", "X", {"row": 2, "value": 5, "listings": 2})}
    assert issues(rules({"setting": "out_at", "value": 4})) == {}


def test_a_percent_that_hides_the_last_unit_is_an_issue_S4_21() -> None:
    rule = rules({"setting": "percent", "value": 8000})
    assert issues(rule, stocked=1) == {"percent_hides_last": ("D2", "X", {"row": 2, "percent": 80.0, "listings": 2})}
    assert issues(rule, stocked=2) == {}


def test_a_rule_for_another_listing_is_not_blamed() -> None:
    rule = rules(
        {"setting": "percent", "value": 8000, "channel": "shop"}, {"setting": "percent", "value": 8000, "sku": "Y"}
    )
    assert issues(rule, stocked=1)["percent_hides_last"][0] == "D3"
