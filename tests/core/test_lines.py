"""Order lines: the order of reading never matters, shipping never moves Available (I2, I9, I10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core import lines
from agent.frames import LISTING_PARTS, ORDER_LINES, TIME, UNTOLD

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PARTS = pl.DataFrame([("north", "11", "CUP", "CUP", 3)], schema=dict(LISTING_PARTS), orient="row")
LINKED = PARTS.with_columns(linked_at=pl.lit(NOON - timedelta(days=1), TIME))
OPENED = pl.DataFrame([("CUP", NOON - timedelta(days=1))], schema={"sku": pl.String, "opened_at": TIME}, orient="row")
NO_SIGHT = pl.DataFrame(schema={**dict.fromkeys([*lines.KEY, "part"], pl.String), "units": pl.Int64})


def version(
    minute: int, opened: int, shipped: int, *, state: str = "processing", line: str = "1", **more: object
) -> dict[str, object]:
    """One version of a line of four, as of some minute after noon."""
    at = NOON + timedelta(minutes=minute)
    return {
        "channel": "north", "order": "70", "line": line, "listing": "11", "sku": "CUP", "ordered": 4, "open": opened,
        "shipped": shipped, "returned": 0, "holds": opened > 0, "state": state, "sale_at": NOON, "freed_at": None,
        "shipped_at": at if shipped else None, "updated_at": at, "fulfilled_by": "seller", **more,
    }  # fmt: skip


def seen(*versions: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(versions), schema=dict(ORDER_LINES))


def nothing() -> pl.DataFrame:
    return pl.DataFrame(schema=dict(lines.STORED))


def read_in_turn(*reads: pl.DataFrame) -> pl.DataFrame:
    """The store's rows after these reads, one after the other."""
    stored = nothing()
    for read in reads:
        joined = lines.join(stored, read)
        stored = pl.concat([stored.join(joined, on=lines.KEY, how="anti"), joined.select(stored.columns)])
    return stored.sort(lines.KEY)


HISTORY = [
    version(0, 4, 0),
    version(5, 1, 3),
    version(9, 0, 4, state="completed"),
    version(20, 0, 0, state="cancelled"),
]
"""Ordered, three shipped, all shipped, cancelled later (and the shop forgets what it had shipped)."""


@settings(deadline=None, max_examples=60)
@given(st.permutations([0, 1, 2, 3]), st.lists(st.integers(0, 3), max_size=4))
def test_the_order_of_reading_versions_never_matters_I2(order: Sequence[int], again: list[int]) -> None:
    found = read_in_turn(*(seen(HISTORY[at]) for at in [*order, *again]))
    straight = read_in_turn(*(seen(each) for each in HISTORY))
    assert found.select("open", "shipped", "state", "updated_at").equals(
        straight.select("open", "shipped", "state", "updated_at")
    )


def test_a_unit_once_shipped_stays_shipped_when_it_is_cancelled_later_I10() -> None:
    assert read_in_turn(*(seen(each) for each in HISTORY)).select("open", "shipped").row(0) == (0, 4)


def test_only_a_newer_version_with_open_units_takes_a_shipment_back() -> None:
    undone = version(30, 4, 0)
    assert read_in_turn(seen(HISTORY[2]), seen(undone)).select("open", "shipped").row(0) == (4, 0)
    assert read_in_turn(seen(undone), seen(HISTORY[2])).select("open", "shipped").row(0) == (4, 0)


def test_all_versions_in_one_read_are_the_same_as_one_after_the_other() -> None:
    columns = ["open", "state", "updated_at"]
    assert (
        read_in_turn(seen(*HISTORY[:3]))
        .select(columns)
        .equals(read_in_turn(*(seen(each) for each in HISTORY[:3])).select(columns))
    )


def test_the_same_version_read_twice_changes_nothing_I2() -> None:
    once = read_in_turn(seen(HISTORY[1]))
    assert read_in_turn(seen(HISTORY[1]), seen(HISTORY[1])).equals(once)


def test_the_first_time_a_line_held_stock_is_its_sale() -> None:
    """A bank transfer takes its units when it is ordered, and is paid days later."""
    waiting = version(0, 4, 0, state="on-hold")
    paid = version(600, 4, 0, sale_at=NOON + timedelta(minutes=600))
    assert read_in_turn(seen(waiting), seen(paid))["sale_at"][0] == NOON


def test_what_is_known_of_a_line_survives_its_next_version() -> None:
    stored = read_in_turn(seen(HISTORY[1])).with_columns(
        posted=pl.lit(3, pl.Int64), counted=pl.lit(2, pl.Int64), open_at=pl.lit(NOON, TIME)
    )
    found = lines.join(stored, seen(HISTORY[2]))
    assert found.select("posted", "counted", "open_at").row(0) == (3, 2, NOON)


def available(stored: pl.DataFrame, posted_units: int) -> int:
    """OnHand less Allocated of 100 cups, after so many item units were posted."""
    allocated = lines.allocated(stored, PARTS)
    return 100 - posted_units - int(allocated["allocated"].sum())


@settings(deadline=None, max_examples=80)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=5))
def test_shipping_never_moves_available_I9(shipped_by_step: list[int]) -> None:
    """Whatever is shipped, or shown as not shipped after all: OnHand and Allocated move together."""
    stored, sight, posted = read_in_turn(seen(version(0, 4, 0))), NO_SIGHT, 0
    before = available(stored, 0)
    for minute, shipped in enumerate(shipped_by_step, start=1):
        stored = lines.join(stored, seen(version(minute, 4 - shipped, shipped)))
        rows = lines.postings(stored, sight, LINKED, OPENED)
        posted -= int(rows.filter("effective")["change"].sum())
        if rows.height:
            sight = rows.select(*lines.KEY, "part", "units")
            stored = stored.with_columns(posted=pl.col("shipped"))
        assert available(stored, posted) == before
    assert posted == int(stored["shipped"][0]) * 3


def test_a_posted_shipment_is_not_posted_again_I2() -> None:
    stored = read_in_turn(seen(HISTORY[2])).with_columns(posted=pl.col("shipped"))
    assert lines.postings(stored, NO_SIGHT, LINKED, OPENED).is_empty()


def test_the_recipe_of_first_sight_holds_when_a_line_ships_further() -> None:
    """Three cups a listing when it first shipped; the link says one by now."""
    stored = read_in_turn(seen(HISTORY[2])).with_columns(posted=pl.lit(3, pl.Int64))
    sight = pl.DataFrame([("north", "70", "1", "CUP", 3)], schema=NO_SIGHT.schema, orient="row")
    now = LINKED.with_columns(units=pl.lit(1, pl.Int64))
    assert lines.postings(stored, sight, now, OPENED)["change"].to_list() == [-3]


def test_what_shipped_before_the_ledger_opened_or_the_link_was_made_is_history() -> None:
    stored = read_in_turn(seen(HISTORY[2]))
    later = NOON + timedelta(hours=1)
    new_ledger = OPENED.with_columns(opened_at=pl.lit(later, TIME))
    new_link = LINKED.with_columns(linked_at=pl.lit(later, TIME))
    assert lines.postings(stored, NO_SIGHT, LINKED, new_ledger)["effective"].to_list() == [False]
    assert lines.postings(stored, NO_SIGHT, new_link, OPENED)["effective"].to_list() == [False]
    known_open = stored.with_columns(open_at=pl.lit(later + timedelta(minutes=1), TIME))
    assert lines.postings(known_open, NO_SIGHT, new_link, OPENED)["effective"].to_list() == [True]


def test_a_shipment_of_which_nobody_tells_the_time_left_as_late_as_it_may_have() -> None:
    """Dated at its sale, it would be in every count since then, and be for sale again."""
    early = read_in_turn(seen(version(0, 4, 0)), seen(version(30, 0, 4, shipped_at=UNTOLD)))
    assert early["shipped_at"].item() == NOON + timedelta(minutes=30), "it was known unshipped"
    again = read_in_turn(early, seen(version(50, 0, 4, shipped_at=UNTOLD)))
    assert again["shipped_at"].item() == NOON + timedelta(minutes=30)
    never = read_in_turn(seen(version(30, 0, 4, shipped_at=UNTOLD)))
    posted = lines.postings(never, NO_SIGHT, LINKED, OPENED)
    assert posted.select("effective", "at").row(0) == (True, NOON + timedelta(minutes=30))
    opened_later = OPENED.with_columns(opened_at=pl.lit(NOON + timedelta(minutes=10), TIME))
    assert not lines.postings(never, NO_SIGHT, LINKED, opened_later)["effective"].item(), "it may all be history"


def test_what_came_back_before_anybody_saw_it_leave_did_leave() -> None:
    both = read_in_turn(seen(version(0, 4, 0)), seen(version(30, 0, 4, returned=4, shipped_at=UNTOLD)))
    assert both.select("shipped", "returned").row(0) == (4, 4)


def test_a_line_of_a_listing_that_nobody_linked_posts_nothing() -> None:
    stored = read_in_turn(seen(version(9, 0, 4, listing="99")))
    assert lines.postings(stored, NO_SIGHT, LINKED, OPENED).is_empty()


def test_a_marketplaces_own_stock_is_never_ours() -> None:
    stored = read_in_turn(seen(version(0, 4, 0, fulfilled_by="marketplace")))
    assert lines.allocated(stored, PARTS).is_empty()
    assert lines.took(stored).is_empty()


def test_a_line_took_its_units_from_the_shop_only_if_the_shop_says_so() -> None:
    """Held, shipped, or given back later: it was taken. An unpaid one was not."""
    unpaid = version(0, 0, 0, state="pending", sale_at=None)
    freed = version(3, 0, 0, state="cancelled", freed_at=NOON, line="2")
    assert lines.took(seen(unpaid, freed, version(4, 4, 0, line="3"))).select("line", "took").rows() == [
        ("1", 0), ("2", 4), ("3", 4),
    ]  # fmt: skip


def test_a_line_whose_listing_is_deleted_stays_with_the_item_it_was_sold_of() -> None:
    """Shopify shows a line without its variant once that is deleted; its units are still to be sent."""
    forgotten = version(5, 4, 0, listing=None)
    for reads in ([seen(version(0, 4, 0)), seen(forgotten)], [seen(forgotten), seen(version(0, 4, 0))]):
        rows = read_in_turn(*reads)
        assert rows["listing"].to_list() == ["11"]
        assert lines.allocated(rows, PARTS)["allocated"].to_list() == [12]
