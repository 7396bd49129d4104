"""A first Stocked from what shops show: their open units on top, never more than is known (DESIGN section 5, S2-5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from agent.core.first_count import first_count
from agent.core.lines import STORED
from agent.frames import LISTINGS, TIME, frame

READ = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CELLS = {"channel": pl.String, "cell": pl.String, "read": pl.Int64, "read_at": TIME}


def counted(shows: list[tuple[str, str, str, int | None]], lines: list[dict[str, Any]] | None = None) -> list[Any]:
    """`shows`: channel, listing, SKU, quantity (None: not counted there)."""
    rows = [
        {"channel": shop, "listing": number, "cell": number, "code": sku, "title": "Lamp", "managed": shown is not None}
        for shop, number, sku, shown in shows
    ]
    schema = {**LISTINGS, "code": pl.String}
    wanted = frame([{name: row.get(name) for name in schema} for row in rows], schema)
    cells = frame([(shop, number, shown, READ) for shop, number, _, shown in shows if shown is not None], CELLS)
    kept = frame([{name: row.get(name) for name in STORED} for row in lines or []], STORED)
    return first_count(wanted, cells, kept).select("sku", "stocked", "channels").rows()


def line(number: int, units: int, sold_before: float, listing: str = "1", holds: bool = True) -> dict[str, Any]:
    return {"channel": "a", "order": "o", "fulfilled_by": "seller", "line": str(number), "listing": listing,
            "open": units, "holds": holds, "sale_at": READ - timedelta(seconds=sold_before)}  # fmt: skip


def test_open_units_that_the_shop_had_taken_off_are_on_the_shelf_still() -> None:
    assert counted([("a", "1", "LAMP", 5)], [line(1, 2, 60), line(2, 1, 3600)]) == [("LAMP", 8, "a")]


def test_units_sold_after_the_read_or_near_it_or_never_taken_off_are_in_the_number_already() -> None:
    lines = [line(1, 2, -60), line(2, 2, 3), line(3, 2, 60, holds=False)]
    assert counted([("a", "1", "LAMP", 5)], lines) == [("LAMP", 5, "a")]


def test_of_several_listings_and_shops_the_lowest_holds() -> None:
    assert counted([("a", "1", "LAMP", 5), ("a", "2", "lamp ", 7)], [line(1, 1, 60, "2")]) == [("LAMP", 6, "a")]
    assert counted([("a", "1", "LAMP", 5), ("b", "2", "Lamp", 3)]) == [("LAMP", 3, "a, b")]


def test_what_is_not_counted_there_has_no_number_and_below_zero_is_zero() -> None:
    assert counted([("a", "1", "LAMP", None)]) == [("LAMP", None, "a")]
    assert counted([("a", "1", "LAMP", -4)]) == [("LAMP", 0, "a")]
