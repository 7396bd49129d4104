"""Patterns of unlinked listings: said once, and not where chance made them (S2-25, S3-16)."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from agent.core.affixes import proposals
from agent.core.patterns import CODES, patterns
from agent.frames import CHANNELS, LISTINGS, frame
from tests.core.test_match import listing, matched

SKUS = [f"MUG{number:03}" for number in range(100, 160)]


def told(codes: list[str], skus: list[str] = SKUS, **settings: str) -> list[tuple[str, dict[str, Any]]]:
    """What is said of a shop whose listings have these SKUs."""
    there = [listing(f"{number:04}", code) for number, code in enumerate(codes)]
    rows = frame([{name: row.get(name) for name in LISTINGS} for row in there], LISTINGS)
    channels = frame([{name: {"channel": "shop", **settings}.get(name) for name in CHANNELS}], CHANNELS)
    found = matched(there, skus, **settings)
    said = patterns(found.imports, rows, channels)
    for code, facts in said.select("code", "facts").iter_rows():
        assert set(json.loads(facts)) == set(CODES[code])
    noted = [(code, json.loads(facts)) for code, facts in said.select("code", "facts").iter_rows()]
    links = proposals(found.imports, rows, pl.DataFrame({"sku": skus}), channels)
    links = links.filter(pl.col("code") != "pattern_fulfilled").sort("listing")
    grouped = links.group_by("code", "affix", "channel", maintain_order=True).agg(
        pl.len().alias("count"), pl.first("found")
    )
    return [*((row["code"], row) for row in grouped.to_dicts()), *noted]


@pytest.mark.parametrize(
    ("made", "code", "affix"),
    [
        ("WEB-{}", "pattern_prefix", "WEB-"),
        ("{}-FBM", "pattern_suffix", "-FBM"),
        ("{}_de", "pattern_suffix", "_de"),
        ("shop{}", "pattern_prefix", "shop"),
        ("{}-FBA", "pattern_fulfilled", "-FBA"),
    ],
)
def test_one_beginning_or_ending_of_many_skus_is_said_once_with_the_count(made: str, code: str, affix: str) -> None:
    ((said, facts),) = told([made.format(sku) for sku in SKUS[:38]])
    assert (said, facts["affix"], facts["count"], facts["channel"]) == (code, affix, 38, "shop")
    assert facts["found"] == made.format(SKUS[0])


def test_what_a_marketplace_fulfils_is_seen_by_its_ending_alone() -> None:
    assert [code for code, _ in told([f"STRANGE{number}-FBA" for number in range(6)])] == ["pattern_fulfilled"]


@pytest.mark.parametrize(
    "codes",
    [
        [f"WEB-{sku}" for sku in SKUS[:4]],  # too few
        [f"{sku}-1" for sku in SKUS[:20]],  # a variant's number
        [f"{sku}X" for sku in SKUS[:20]],  # a letter with nothing between
        [f"{sku}-{size}" for sku in SKUS[:20] for size in "SML"],  # sizes
        [f"WEB-{SKUS[0]}"] * 20,  # one item again and again
        [*(f"WEB-{sku}" for sku in SKUS[:6]), *(f"STRANGE{number}" for number in range(100))],  # six of 106
        [f"OTHER-{number}" for number in range(20)],  # what is left is no SKU
    ],
)
def test_a_chance_likeness_is_no_pattern(codes: list[str]) -> None:
    assert told(codes) == []


def test_a_beginning_that_is_set_already_is_not_proposed_again() -> None:
    assert told([f"WEB-{sku}" for sku in SKUS[:20]], ignore_prefix="SHOP-") == []


def test_lost_zeros_are_said_with_the_side_that_lost_them() -> None:
    long = [f"00{number}" for number in range(4711, 4753)]
    ((code, facts),) = told([sku[2:] for sku in long], long)
    assert (code, facts) == (
        "pattern_zeros_there", {"channel": "shop", "count": 42, "found": "4711", "item": "004711"}
    )  # fmt: skip
    ((code, facts),) = told(long, [sku[2:] for sku in long])
    assert (code, facts["count"], facts["item"]) == ("pattern_zeros_here", 42, "4711")


def test_dates_and_spelling_are_patterns_of_their_own() -> None:
    days = [f"{day}-MAR" for day in range(1, 9)]
    marks = [f"RED-{number}" for number in range(10, 20)]
    there = [*(f"2026-03-0{day}" for day in range(1, 9)), *(sku.replace("-", "_") for sku in marks)]
    assert [(code, facts["count"]) for code, facts in told(there, [*days, *marks])] == [
        ("pattern_damaged", 8),
        ("pattern_spelled", 10),
    ]


def test_nothing_unlinked_says_nothing() -> None:
    assert told(SKUS[:20]) == []


@pytest.mark.parametrize("made", ["{}-FBM", "amz_{}", "{}_mfn", "Amazon-{}", "{} SFP"])
def test_what_a_marketplace_calls_itself_is_proposed_for_a_single_listing(made: str) -> None:
    ((_, row),) = told([made.format(SKUS[0]), "STRANGE"])
    assert row["count"] == 1 and row["affix"].lower() in made.lower()


def test_both_ways_of_shipping_of_one_item_are_proposed_side_by_side_S3_15() -> None:
    there = [listing(f"{number}{way}", f"{sku}-{way}") | {"fulfilled_by": "marketplace" if way == "FBA" else "seller"}
             for number, sku in enumerate(SKUS[:8]) for way in ("FBA", "FBM")]  # fmt: skip
    rows = frame([{name: row.get(name) for name in LISTINGS} for row in there], LISTINGS)
    channels = frame([{name: {"channel": "shop"}.get(name) for name in CHANNELS}], CHANNELS)
    found = proposals(matched(there, SKUS).imports, rows, pl.DataFrame({"sku": SKUS}), channels)
    assert dict(found.group_by("code", "affix").len().select("code", "len").iter_rows()) == {
        "pattern_theirs": 8, "pattern_suffix": 8,
    }  # fmt: skip
    assert found.filter(pl.col("listing") == "3FBA")["sku"].to_list() == [SKUS[3]]


def test_a_marketplaces_ending_on_what_you_ship_is_no_link_before_you_said_so() -> None:
    there = [listing(str(number), f"{sku}-FBA") for number, sku in enumerate(SKUS[:8])]
    rows = frame([{name: row.get(name) for name in LISTINGS} for row in there], LISTINGS)
    channels = frame([{name: {"channel": "shop"}.get(name) for name in CHANNELS}], CHANNELS)
    found = proposals(matched(there, SKUS).imports, rows, pl.DataFrame({"sku": SKUS}), channels)
    assert found["code"].unique().to_list() == ["pattern_fulfilled"]
