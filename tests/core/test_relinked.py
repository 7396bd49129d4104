"""Shipped lines behind a new link: what counting them again would change (DESIGN section 5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from agent.core.lines import KEY, STORED
from agent.core.relinked import behind
from agent.frames import LISTING_PARTS, TIME, frame

SHIPPED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FIRST = {**dict.fromkeys([*KEY, "part"], pl.String), "units": pl.Int64}


def moved(
    first: list[tuple[str, int]], now: list[tuple[str, int]], counted: dict[str, float]
) -> dict[str, tuple[Any, ...]]:
    """One line of 2 units. `first`, `now`: part, units; `counted`: item -> hours before shipping (negative: after)."""
    row = {"channel": "a", "order": "o", "line": "1", "listing": "9", "posted": 2, "shipped": 2, "shipped_at": SHIPPED}
    found = behind(
        lines=frame([{name: row.get(name) for name in STORED}], STORED),
        first_sight=frame([("a", "o", "1", *each) for each in first], FIRST),
        parts=frame([("a", "9", "S", *each) for each in now], LISTING_PARTS),
        counted=frame(
            [(sku, SHIPPED - timedelta(hours=hours)) for sku, hours in counted.items()],
            {"sku": pl.String, "counted_at": TIME},
        ),
    )
    return {part: (change, units) for part, change, units in found.select("part", "change", "units").rows()}


def test_the_units_go_back_to_the_old_item_and_off_the_new_one() -> None:
    assert moved([("A", 1)], [("B", 3)], {"A": 1, "B": 1}) == {"A": (2, None), "B": (-6, 3)}


def test_the_same_link_or_none_at_all_moves_nothing() -> None:
    assert moved([("A", 1)], [("A", 1)], {"A": 1}) == {}
    assert moved([("A", 1)], [], {"A": 1}) == {}


def test_other_units_of_the_same_item_move_the_difference() -> None:
    assert moved([("A", 1)], [("A", 6)], {"A": 1}) == {"A": (-10, 6)}


def test_an_item_that_was_counted_since_is_right_already() -> None:
    assert moved([("A", 1)], [("B", 1)], {"A": -1, "B": 1}) == {"A": (0, None), "B": (-2, 1)}
    assert moved([("A", 1)], [("B", 1)], {"A": -1, "B": -1}) == {}


def test_an_item_that_is_not_counted_at_all_is_left_alone() -> None:
    assert moved([("A", 1)], [("B", 1)], {"A": 1}) == {"A": (2, None), "B": (0, 1)}


def test_a_part_that_stays_in_the_recipe_stays() -> None:
    assert moved([("A", 1), ("B", 1)], [("A", 1), ("C", 1)], {"A": 1, "B": 1, "C": 1}) == {
        "A": (0, 1), "B": (2, None), "C": (-2, 1)
    }  # fmt: skip
