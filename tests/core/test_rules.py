"""What each listing should show, and why (DESIGN section 7)."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.rules import targets, why, work_out
from agent.core.steps import STEPS
from agent.frames import TARGETS
from tests.core.calculator import Wrong, more_than, result
from tests.core.worlds import DAY, item, known, random_caps, random_known

ONE = ("shop", "1")


def one(stocked: int | None, allocated: int = 0, missing: int = 0, units: int = 1, **more: Any) -> dict[str, Any]:
    """The target row of one listing of one item; `more`: settings, and `kept`, `limit`, `of` (the item's cells)."""
    kept = [("shop", "A", n, who) for n, who in more.pop("kept", [])]
    limit, of = more.pop("limit", None), more.pop("of", {})
    world = known(
        [(*ONE, "A", "A", units)],
        {"A": (stocked, allocated, missing)},
        items=[item("A", **of)],
        settings={ONE: more},
        kept=kept,
        limits={"shop": limit},
    )
    return targets(**world).row(0, named=True)


SENTENCES: list[tuple[dict[str, Any], str]] = [
    ({"stocked": 20, "allocated": 5}, "20 stocked - 5 allocated = 15"),
    ({"stocked": 20, "allocated": 5, "missing": 1}, "20 stocked - 5 allocated = 15 - 1 missing = 14"),
    (
        {"stocked": 20, "allocated": 5, "missing": 1, "units": 2, "reserve": 2, "percent": 8000, "maximum": 3},
        "20 stocked - 5 allocated = 15 - 1 missing = 14 -> reserve 2 = 12 -> 2 a listing = 6 -> 80% = 4 -> max 3 = 3",
    ),
    ({"stocked": 5, "allocated": 8, "reserve": 2}, "5 stocked - 8 allocated = -3 -> not below zero = 0"),
    ({"stocked": 1, "reserve": 4}, "1 stocked - 0 allocated = 1 -> reserve 4 = 0"),
    ({"stocked": 7, "percent": 5000}, "7 stocked - 0 allocated = 7 -> 50% = 3"),
    ({"stocked": 7, "percent": 5000, "rounding": "nearest"}, "7 stocked - 0 allocated = 7 -> 50% to the nearest = 4"),
    ({"stocked": 7, "percent": 1250, "rounding": "up"}, "7 stocked - 0 allocated = 7 -> 12.5% rounded up = 1"),
    ({"stocked": 100, "percent": 3333}, "100 stocked - 0 allocated = 100 -> 33.33% = 33"),
    ({"stocked": 5, "percent": 10_000, "maximum": 9, "minimum": 2}, "5 stocked - 0 allocated = 5"),
    (
        {"stocked": 5, "maximum": 2, "minimum": 3},
        "5 stocked - 0 allocated = 5 -> max 2 = 2 -> min 3 = 3",
    ),
    (
        {"stocked": 7, "units": 2, "minimum": 5},
        "7 stocked - 0 allocated = 7 -> 2 a listing = 3 -> min 5 (2 beyond the stock of 3) = 5",
    ),
    ({"stocked": 2, "reserve": 2, "minimum": 5}, "2 stocked - 0 allocated = 2 -> reserve 2 = 0"),
    (
        {"stocked": 5, "units": 2, "out_at": 2, "minimum": 4, "freeze_at": 9},
        "5 stocked - 0 allocated = 5 -> 2 a listing = 2 -> out of stock at 2 = 0",
    ),
    ({"stocked": 5, "out_at": 4, "reserve": 2}, "5 stocked - 0 allocated = 5 -> reserve 2 = 3"),
    (
        {"stocked": 9, "reserve": 8, "maximum": 1, "freeze_at": 3, "until": DAY},
        "9 stocked - 0 allocated = 9 -> frozen at 3 until 2026-11-22 = 3",
    ),
    ({"stocked": 2, "freeze_at": 3}, "2 stocked - 0 allocated = 2 -> frozen at 3 = 2"),
    ({"stocked": 9, "freeze_at": 3, "until": DAY - 1}, "9 stocked - 0 allocated = 9"),
    ({"stocked": 9, "limit": 4}, "9 stocked - 0 allocated = 9 -> shop takes at most 4 = 4"),
    (
        {"stocked": 9, "freeze_at": 8, "limit": 4},
        "9 stocked - 0 allocated = 9 -> frozen at 8 = 8 -> shop takes at most 4 = 4",
    ),
    (
        {"stocked": None, "of": {"tracked": False}, "fixed": 9, "maximum": 5, "reserve": 3, "percent": 1, "limit": 4},
        "not tracked, fixed quantity 9 = 9 -> max 5 = 5 -> shop takes at most 4 = 4",
    ),
    ({"stocked": None, "of": {"active": False}, "minimum": 3}, "not active = 0"),
]  # fmt: skip


@pytest.mark.parametrize(("given_", "sentence"), SENTENCES)
def test_the_sentence_tells_the_steps_that_changed_the_number_S4_10(given_: dict[str, Any], sentence: str) -> None:
    row = one(**given_)
    assert row["why"] == sentence
    assert result(sentence) == row["target"] == row["safe"]


def test_the_steps_stand_in_the_order_of_the_design_S4_10() -> None:
    assert [step.name for step in STEPS] == [
        "zero", "reserve", "units", "out_at", "percent", "maximum", "minimum", "last_units", "freeze_at", "stop_at",
        "limit",
    ]  # fmt: skip


def test_a_percent_of_a_huge_number_is_exact() -> None:
    assert one(999_999_999_999_999, percent=9_999)["target"] == 999_999_999_999_999 * 9_999 // 10_000


# --- absence ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings_", [{}, {"minimum": 3}, {"freeze_at": 2}, {"out_at": 5}, {"maximum": 0}, {"percent": 0}]
)
def test_a_blank_stocked_cell_is_not_zero_I11(settings_: dict[str, Any]) -> None:
    row = one(None, **settings_)
    assert (row["target"], row["safe"], row["why"], row["hold"]) == (None, None, None, "not_managed")


def test_a_typed_zero_is_zero_I11() -> None:
    row = one(0)
    assert (row["target"], row["hold"], row["why"]) == (0, None, "0 stocked - 0 allocated = 0")


def test_an_item_without_a_stock_row_is_not_managed_I11() -> None:
    world = known([(*ONE, "A", "A", 1)], {}, items=[item("A")])
    assert targets(**world).row(0, named=True)["hold"] == "not_managed"


def test_an_untracked_item_without_a_fixed_quantity_has_no_target_S4_22() -> None:
    row = one(5, of={"tracked": False}, maximum=3)
    assert (row["target"], row["hold"]) == (None, "untracked")


def test_a_fixed_quantity_of_a_tracked_item_has_no_effect_S4_22() -> None:
    assert one(5, fixed=9)["target"] == 5


def test_an_inactive_item_shows_0_S4_15() -> None:
    assert one(5, of={"active": False}, minimum=2, freeze_at=4)["target"] == 0


def test_sync_no_still_says_what_the_target_would_be() -> None:
    row = one(5, sync="no")
    assert (row["target"], row["hold"]) == (5, "sync_off")


def test_an_item_whose_row_is_gone_keeps_a_target_that_may_only_lower() -> None:
    world = known([(*ONE, "A", "A", 1)], {"A": (5, 1, 0)}, items=[])
    row = targets(**world).row(0, named=True)
    assert (row["target"], row["frozen"], row["hold"]) == (4, "row_gone", None)


def test_the_code_that_freezes_an_item_stays_with_its_target() -> None:
    assert one(5, of={"frozen": "sku_duplicate"})["frozen"] == "sku_duplicate"


# --- bundles ---------------------------------------------------------------------------------------------------------

MUG, BOX = (*ONE, "SET", "MUG", 2), (*ONE, "SET", "BOX", 1)
SET = item("SET", bundle=True)


def bundle(stock: dict[str, tuple[int | None, int, int]], **more: Any) -> dict[str, Any]:
    items = [SET, item("MUG", **more.pop("mug", {})), item("BOX", **more.pop("box", {}))]
    return targets(**known([MUG, BOX], stock, items=items, settings={ONE: more})).row(0, named=True)


def test_the_tightest_part_limits_a_bundle_and_is_named() -> None:
    row = bundle({"MUG": (40, 2, 0), "BOX": (9, 0, 1)})
    assert row["why"] == "BOX is the tightest: 9 stocked - 0 allocated = 9 - 1 missing = 8"
    assert row["target"] == 8


def test_the_reserve_is_taken_off_each_part_before_the_units() -> None:
    row = bundle({"MUG": (24, 0, 0), "BOX": (15, 0, 0)}, reserve=3)
    assert row["why"] == "MUG is the tightest: 24 stocked - 0 allocated = 24 -> reserve 3 = 21 -> 2 a listing = 10"


def test_the_cut_off_looks_at_the_tightest_part_before_the_other_rules() -> None:
    row = bundle({"MUG": (5, 0, 0), "BOX": (9, 0, 0)}, out_at=2, minimum=4)
    assert row["why"].endswith(
        "MUG is the tightest: 5 stocked - 0 allocated = 5 -> 2 a listing = 2 -> out of stock at 2 = 0"
    )


def test_an_untracked_part_does_not_limit() -> None:
    row = bundle({"MUG": (24, 0, 0)}, box={"tracked": False})
    assert row["target"] == 12


@pytest.mark.parametrize("stock", [{"MUG": (24, 0, 0)}, {"MUG": (24, 0, 0), "BOX": (None, 0, 0)}, {"BOX": (0, 0, 0)}])
def test_a_blank_or_missing_part_holds_the_bundle_I11(stock: dict[str, tuple[int | None, int, int]]) -> None:
    row = bundle(stock, minimum=1)
    assert (row["target"], row["hold"]) == (None, "part_blank")


def test_a_frozen_part_freezes_the_bundle() -> None:
    row = bundle({"MUG": (24, 0, 0), "BOX": (9, 0, 0)}, box={"frozen": "not_whole"})
    assert (row["target"], row["frozen"]) == (9, "not_whole")


def test_a_bundle_of_untracked_parts_is_untracked() -> None:
    off = {"tracked": False}
    assert bundle({}, mug=off, box=off)["hold"] == "untracked"
    assert bundle({}, mug=off, box=off, fixed=4)["target"] == 4


def test_a_bundle_made_in_matches_is_inactive_when_one_of_its_items_is() -> None:
    parts = [(*ONE, "A", "A", 1), (*ONE, "B", "B", 1)]
    world = known(parts, {"A": (5, 0, 0), "B": (7, 0, 0)}, items=[item("A"), item("B", active=False)])
    assert targets(**world).select("target", "why").rows() == [(0, "not active = 0")]


# --- last units ------------------------------------------------------------------------------------------------------


def last_units(
    stocked: int, channels: list[tuple[str, int | None]], rule: str = "one channel", **more: Any
) -> dict[str, int]:
    parts = [(name, "1", "A", "A", 1) for name, _ in channels]
    cells = [{"channel": n, "mode": "All", "go_live": True, "priority": p} | more.get(n, {}) for n, p in channels]
    rule_of = {(name, "1"): {"last_units": rule} for name, _ in channels}
    for name in more.pop("sync_off", []):
        rule_of[name, "1"]["sync"] = "no"
    world = known(parts, {"A": (stocked, 0, 0)}, settings=rule_of, channels=cells)
    return dict(targets(**world).select("channel", "target").rows())


def test_only_the_first_channel_shows_the_last_two_units() -> None:
    assert last_units(2, [("a", 2), ("b", 1), ("c", None)]) == {"a": 0, "b": 2, "c": 0}


def test_more_than_two_units_are_shown_everywhere() -> None:
    assert last_units(3, [("a", 2), ("b", 1)]) == {"a": 3, "b": 3}


def test_equal_priorities_go_by_name() -> None:
    assert last_units(1, [("b", None), ("a", None)]) == {"a": 1, "b": 0}


def auto(
    stocked: int, *, hour: int = 0, day: int = 0, delay: int = 15, shops: str = "ab"
) -> dict[str, tuple[int, str]]:
    """channel -> target and why, with *Last units* auto and so many sold of late."""
    world = known(
        [(name, "1", "A", "A", 1) for name in shops], {"A": (stocked, 0, 0)},
        settings={(name, "1"): {"last_units": "auto"} for name in shops},
        sold=[("A", hour, hour + day, hour + day)], delays=[("a", 10, 5), ("b", delay - 5, 5)],
    )  # fmt: skip
    return {name: (target, why) for name, target, why in targets(**world).select("channel", "target", "why").rows()}


def test_auto_gives_the_last_units_to_one_channel_while_a_sale_elsewhere_is_known_late() -> None:
    """30 in an hour are one in 125 s: five or more in that time are too likely where four are left."""
    late = auto(4, hour=30, delay=125)
    assert late["a"] == (4, "4 stocked - 0 allocated = 4")
    words = "the last 4 are for a (30 sold in one hour, known everywhere after 125 s)"
    assert late["b"] == (0, f"4 stocked - 0 allocated = 4 -> {words} = 0")
    assert auto(5, hour=30, delay=125)["b"][0] == 5


def test_auto_shares_them_where_sales_are_known_at_once_or_are_rare() -> None:
    assert auto(3, hour=12, delay=15)["b"][0] == 3
    assert auto(1, day=1, delay=125)["b"][0] == 1
    assert auto(1, delay=900)["b"][0] == 1


def test_auto_never_takes_units_from_the_only_channel() -> None:
    assert auto(1, hour=60, delay=900, shops="b")["b"][0] == 1


@pytest.mark.parametrize("rule", ["share", "auto"])
def test_shared_last_units_are_shown_everywhere(rule: str) -> None:
    assert last_units(1, [("a", 1), ("b", 2)], rule) == {"a": 1, "b": 1}


@pytest.mark.parametrize("cells", [{"mode": "Off"}, {"go_live": False}, {"mode": "Feeds only"}])
def test_a_channel_that_is_not_live_gets_no_last_units(cells: dict[str, Any]) -> None:
    assert last_units(2, [("a", 1), ("b", 2)], a=cells) == {"a": 0, "b": 2}


def test_a_listing_that_is_left_alone_gets_no_last_units() -> None:
    assert last_units(2, [("a", 1), ("b", 2)], sync_off=["a"]) == {"a": 0, "b": 2}


def test_a_bundle_on_another_channel_does_not_show_the_last_units_of_its_part() -> None:
    parts = [("a", "1", "MUG", "MUG", 1), ("b", "2", "SET", "MUG", 1), ("b", "2", "SET", "BOX", 1)]
    world = known(
        parts, {"MUG": (2, 0, 0), "BOX": (2, 0, 0)}, items=[SET, item("MUG"), item("BOX")],
        settings={("b", "2"): {"last_units": "one channel"}},
        channels=[{"channel": n, "mode": "All", "go_live": True, "priority": p} for n, p in (("a", 1), ("b", 2))],
    )  # fmt: skip
    row = targets(**world).filter(channel="b").row(0, named=True)
    assert row["target"] == 0
    assert row["why"].endswith(" -> the last 2 are for a = 0")


# --- kept back -------------------------------------------------------------------------------------------------------


def test_safe_takes_what_is_kept_back_off_and_says_for_whom() -> None:
    row = one(108, kept=[(8, "Etsy (not read since Mon 09:12)")], maximum=90)
    assert (row["target"], row["safe"]) == (90, 90)
    assert row["why_safe"] == (
        "108 stocked - 0 allocated = 108 - 8 kept back for Etsy (not read since Mon 09:12) = 100 -> max 90 = 90"
    )
    assert row["why"] == "108 stocked - 0 allocated = 108 -> max 90 = 90"


def test_what_several_shops_keep_back_adds_up() -> None:
    row = one(20, 3, 1, kept=[(8, "Etsy"), (2, "eBay")], units=2)
    assert row["why_safe"] == (
        "20 stocked - 3 allocated = 17 - 1 missing = 16 - 2 kept back for eBay - 8 kept back for Etsy = 6"
        " -> 2 a listing = 3"
    )
    assert result(row["why_safe"]) == row["safe"] == 3


def test_without_anything_kept_back_there_is_no_second_sentence() -> None:
    assert one(20, kept=[(0, "Etsy")])["why_safe"] is None


# --- random worlds ---------------------------------------------------------------------------------------------------


def room_of(row: dict[str, Any], available: int, reserve: int = 0) -> int:
    return max(0, max(0, available) - reserve) // row["units"]


def by_hand(
    listing: list[dict[str, Any]],
    rule: dict[str, Any],
    leaders: dict[str, str],
    kept: dict[str, int],
    cap: int | None = None,
    few: dict[str, int] | None = None,
) -> int | None:
    """DESIGN section 7 once more, for one listing, in plain Python."""
    channel, limit = listing[0]["channel"], {"shop": 25}.get(listing[0]["channel"])
    if any(row["active"] is False for row in listing):
        return 0
    limited = [row for row in listing if row["tracked"] is not False and row["part_tracked"] is not False]
    smallest = [n for n in (rule["maximum"], limit) if n is not None]
    if not limited:
        stopped = [] if cap is None else [cap]
        return None if rule["fixed"] is None else min([rule["fixed"], *smallest, *stopped])
    if any(row["stocked"] is None for row in limited):
        return None
    left = [(row, row["stocked"] - row["allocated"] - row["missing"] - kept.get(row["part"], 0)) for row in limited]
    room = min(room_of(row, available) for row, available in left)
    if rule["out_at"] is not None and room <= rule["out_at"]:
        return 0
    frozen = rule["freeze_at"] is not None and (rule["until"] is None or rule["until"] >= DAY)
    stops = [*([rule["freeze_at"]] if frozen else []), *([] if cap is None else [cap])]
    if stops:
        return min([*stops, room, *([] if limit is None else [limit])])
    units = min(room_of(row, available, rule["reserve"] or 0) for row, available in left)
    share = Fraction(units * (10_000 if rule["percent"] is None else rule["percent"]), 10_000)
    half_up = floor(share + Fraction(1, 2))
    shown = {None: floor(share), "down": floor(share), "nearest": half_up, "up": ceil(share)}[rule["rounding"]]
    shown = shown if rule["maximum"] is None else min(shown, rule["maximum"])
    if rule["minimum"] is not None and units >= 1:
        shown = max(shown, rule["minimum"])
    for row, available in left:
        elsewhere = leaders.get(row["part"], channel) != channel
        if rule["last_units"] == "one channel" and elsewhere and room_of(row, available) <= 2:
            shown = 0
        if rule["last_units"] == "auto" and elsewhere and available < (few or {}).get(row["part"], 0):
            shown = 0
    return shown if limit is None else min(shown, limit)


def few_of(world: Any) -> dict[str, int]:
    """part -> below so many units *auto* shows it on one channel only: counted up from nothing left."""
    delays = {row["channel"]: row for row in world["delays"].iter_rows(named=True)}
    few = {}
    for row in world["sold"].iter_rows(named=True):
        shops = [delays[name] for name in listed_on(world).get(row["part"], ())]
        if not shops:
            continue
        seconds = max(shop["known"] for shop in shops) + max(shop["shown"] for shop in shops)
        pace = max(
            Fraction(row["hour"], 3_600), Fraction(row["day"], 24 * 3_600), Fraction(row["week"], 7 * 24 * 3_600)
        )
        few[row["part"]] = 0 if not pace else next(n for n in range(500) if more_than(n, pace * seconds) <= 0.001)
    return few


def listed_on(world: Any) -> dict[str, set[str]]:
    """part -> the live channels that list it and are not left alone."""
    live = {
        row["channel"] for row in world["channels"].iter_rows(named=True) if row["mode"] != "Off" and row["go_live"]
    }
    left_alone = set(world["effective"].filter(sync="no").select("channel", "listing").rows())
    found: dict[str, set[str]] = {}
    for row in world["parts"].iter_rows(named=True):
        if row["channel"] in live and (row["channel"], row["listing"]) not in left_alone:
            found.setdefault(row["part"], set()).add(row["channel"])
    return found


def leaders_of(world: Any) -> dict[str, str]:
    cells = {row["channel"]: row for row in world["channels"].iter_rows(named=True)}
    left_alone = set(world["effective"].filter(sync="no").select("channel", "listing").rows())
    best: dict[str, tuple[float, str]] = {}
    for row in world["parts"].iter_rows(named=True):
        cell = cells[row["channel"]]
        if cell["mode"] == "Off" or not cell["go_live"] or (row["channel"], row["listing"]) in left_alone:
            continue
        rank = (float("inf") if cell["priority"] is None else cell["priority"], row["channel"])
        best[row["part"]] = min(best.get(row["part"], rank), rank)
    return {part: name for part, (_, name) in best.items()}


@pytest.mark.parametrize("seed", range(6))
def test_the_targets_are_those_of_the_rules_worked_out_by_hand(seed: int) -> None:
    world = random_known(seed, 400)
    caps = random_caps(seed, world)
    cap = {(channel, listing): most for channel, listing, most, _ in caps.rows()}
    of_item = world["items"].select("sku", "tracked", "active")
    rows = (
        world["parts"]
        .join(of_item, on="sku", how="left")
        .join(
            of_item.select(pl.col("sku").alias("part"), pl.col("tracked").alias("part_tracked")), on="part", how="left"
        )
        .join(world["stock"].rename({"sku": "part"}), on="part", how="left")
    )
    rule = {(row["channel"], row["listing"]): row for row in world["effective"].iter_rows(named=True)}
    kept = {key: dict(of.select("sku", "kept_back").rows()) for (key,), of in
            world["kept"].group_by("channel", "sku").agg(pl.col("kept_back").sum()).group_by("channel")}  # fmt: skip
    leaders, few = leaders_of(world), few_of(world)
    got = {(row["channel"], row["listing"]): row for row in targets(**world, caps=caps).iter_rows(named=True)}
    by_listing = rows.group_by("channel", "listing")
    for (channel, listing), of in by_listing:
        lines = of.rows(named=True)
        most = cap.get((channel, listing))
        expected = by_hand(lines, rule[channel, listing], leaders, {}, most, few)
        safe = by_hand(lines, rule[channel, listing], leaders, kept.get(channel, {}), most, few)
        row = got.pop((channel, listing))
        assert (row["target"], row["safe"]) == (expected, safe), (row, lines, rule[channel, listing])
    assert not got


def test_ten_thousand_sentences_are_worked_out_again_from_their_text_alone() -> None:
    worlds = {seed: random_known(seed, 3_000) for seed in range(100, 104)}
    said = pl.concat([targets(**world, caps=random_caps(seed, world)) for seed, world in worlds.items()])
    sentences = [*said.select("why", "target").rows(), *said.select("why_safe", "safe").rows()]
    sentences = [(sentence, number) for sentence, number in sentences if sentence is not None]
    assert len(sentences) > 10_000
    assert [(s, n, result(s)) for s, n in sentences if result(s) != n] == []
    assert said.filter(pl.col("why").is_null() != pl.col("target").is_null()).is_empty()
    for clause in (
        "reserve",
        "a listing",
        "out of stock",
        "%",
        "rounded up",
        "nearest",
        "max",
        "min",
        "beyond",
        "the last",
        "sold in one hour",
        "sold in one day",
        "sold in one week",
        "known everywhere after",
        "frozen",
        "in Control",
        "to 0",
        "at most",
        "kept back",
        "missing",
        "tightest",
        "not tracked",
        "not active",
        "below zero",
    ):
        assert any(clause in sentence for sentence, _ in sentences), clause  # fmt: skip


@pytest.mark.parametrize("wrong", [
    "20 stocked - 5 allocated = 14", "20 stocked - 5 allocated = 15 -> reserve 2 = 12", "6 stocked", "",
    "5 stocked - 0 allocated = 5 -> 80% = 5", "5 stocked - 0 allocated = 5 -> out of stock at 4 = 0",
    "5 stocked - 0 allocated = 5 -> the last 5 are for a (12 sold in one hour, known everywhere after 125 s) = 0",
    "1 stocked - 0 allocated = 1 -> the last 1 are for a (3 sold in one day, known everywhere after 20 s) = 0",
    "5 stocked - 0 allocated = 5 -> max 9 = 5", "5 stocked - 0 allocated = 5 -> min 7 = 7",
])  # fmt: skip
def test_the_calculator_finds_a_sentence_that_does_not_add_up(wrong: str) -> None:
    with pytest.raises(Wrong):
        result(wrong)


@given(seed=st.integers(0, 10_000), more=st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_more_allocated_never_raises_a_target_and_safe_is_never_above_it(seed: int, more: int) -> None:
    world = random_known(seed, 40)
    before = targets(**world, words=False)
    world["stock"] = world["stock"].with_columns(pl.col("allocated") + more)
    after = targets(**world, words=False).select("channel", "listing", then="target", then_safe="safe")
    both = before.join(after, on=["channel", "listing"])
    assert both.height == before.height
    assert both.filter((pl.col("then") > pl.col("target")) | (pl.col("then_safe") > pl.col("safe"))).is_empty()
    assert before.filter((pl.col("safe") > pl.col("target")) | (pl.col("target") < 0) | (pl.col("safe") < 0)).is_empty()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_without_a_promise_no_target_is_above_what_is_available_I12(seed: int) -> None:
    world = random_known(seed, 40)
    world["effective"] = world["effective"].with_columns(pl.lit(None, pl.Int64).alias("minimum"))
    rows = world["parts"].join(world["stock"].rename({"sku": "part"}), on="part").join(
        world["items"].select(pl.col("sku").alias("part"), "tracked"), on="part"
    ).filter("tracked")  # fmt: skip
    tracked = world["items"].filter("tracked").select("sku")
    rows = rows.join(tracked, on="sku", how="semi").join(targets(**world, words=False), on=["channel", "listing"])
    most = (pl.col("stocked") - pl.col("allocated") - pl.col("missing")).clip(0)
    assert rows.filter(pl.col("target") * pl.col("units") > most).is_empty()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_means_nothing(seed: int) -> None:
    world = random_known(seed, 40)
    mixed = {
        k: f.sample(fraction=1, shuffle=True, seed=seed) if isinstance(f, pl.DataFrame) else f for k, f in world.items()
    }
    by = ["channel", "listing"]
    assert targets(**world).sort(by).equals(targets(**mixed).sort(by))  # type: ignore[typeddict-item]


def test_sentences_can_be_left_out_and_made_for_the_rows_that_need_them() -> None:
    world = random_known(7, 300)
    whole = targets(**world)
    bare = targets(**world, words=False)
    by = ["channel", "listing"]
    assert bare["why"].null_count() == bare.height
    assert bare.drop("why", "why_safe").sort(by).equals(whole.drop("why", "why_safe").sort(by))
    some = whole.select(by).sort(by).head(20)
    assert why(some, **world).sort(by).equals(whole.join(some, on=by).select(*by, "why", "why_safe").sort(by))


def test_an_empty_world_has_no_targets() -> None:
    assert targets(**known([], {})).is_empty()


def test_targets_have_the_columns_of_the_contract() -> None:
    got = targets(**random_known(1, 20))
    assert dict(got.schema) == {name: kind() if isinstance(kind, type) else kind for name, kind in TARGETS.items()}
    assert {"sku", "part", "units", "room", "after_units"} <= set(work_out(**random_known(1, 20)).columns)
