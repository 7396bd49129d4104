"""Missing units: what a read may be explained by, and the five seconds on either side of it (DESIGN section 8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core import gaps
from agent.frames import TIME, Schema

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
READS: Schema = {
    "channel": pl.String, "cell": pl.String, "read": pl.Int64, "began": TIME, "ended": TIME, "baseline": pl.Int64,
    "baseline_at": TIME,
}  # fmt: skip
TAKINGS: Schema = {
    **dict.fromkeys(("channel", "cell", "order", "line"), pl.String), "took": pl.Int64, "counted": pl.Int64,
    "sale_at": TIME, "gave": pl.Int64, "freed_at": TIME, "surely": pl.Boolean,
}  # fmt: skip
DOUBTS: Schema = {
    "channel": pl.String, "cell": pl.String, "id": pl.Int64, "quantity": pl.Int64, "server_at": TIME,
    "may_land": pl.Boolean,
}  # fmt: skip
MISSING: Schema = {
    "id": pl.Int64, "channel": pl.String, "cell": pl.String, "units": pl.Int64, "since": TIME, "until": TIME,
}  # fmt: skip


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def read(quantity: int, baseline: int | None = 10) -> pl.DataFrame:
    """A read from 60 s to 62 s after the baseline."""
    row = ("north", "product/11", quantity, at(60), at(62), baseline, None if baseline is None else at(0))
    return pl.DataFrame([row], schema=dict(READS), orient="row")


def sales(*given: tuple[int, float] | tuple[int, float, int] | tuple[int, float, int, int, float]) -> pl.DataFrame:
    """(took, sale second[, counted[, gave, freed second]]) each."""
    rows = []
    for number, sale in enumerate(given):
        counted = sale[2] if len(sale) > 2 else 0
        gave, freed = (sale[3], at(sale[4])) if len(sale) > 4 else (0, None)
        rows.append(
            ("north", "product/11", "70", str(number), sale[0], counted, at(sale[1]), gave, freed, freed is not None)
        )
    return pl.DataFrame(rows, schema=dict(TAKINGS), orient="row")


def pushes(*given: tuple[int, float, bool]) -> pl.DataFrame:
    """(quantity, second, may still land) each."""
    rows = [("north", "product/11", n + 1, q, at(s), may) for n, (q, s, may) in enumerate(given)]
    return pl.DataFrame(rows, schema=dict(DOUBTS), orient="row")


def settled(reads: pl.DataFrame, takings: pl.DataFrame, doubts: pl.DataFrame | None = None) -> gaps.Settled:
    return gaps.settle(reads, takings, pushes() if doubts is None else doubts)


def units(found: gaps.Settled) -> tuple[int, int]:
    """(missing, risen)."""
    return int(found.gaps["units"].sum()), int(found.risen["units"].sum())


def test_the_first_read_is_the_baseline_and_nothing_is_missing() -> None:
    found = settled(read(3, baseline=None), sales((2, 30)))
    assert units(found) == (0, 0)
    assert found.cells.select("baseline", "baseline_at").row(0) == (3, at(60))


def test_a_sale_between_the_two_reads_explains_what_it_took() -> None:
    found = settled(read(8), sales((2, 30)))
    assert units(found) == (0, 0)
    assert found.counted["counted"].to_list() == [2]


def test_units_that_no_sale_explains_are_missing_with_the_interval_of_the_reads() -> None:
    found = settled(read(7), sales((2, 30)))
    assert found.gaps.select("units", "since", "until").row(0) == (1, at(0), at(62))
    assert found.cells["baseline"].to_list() == [7]


def test_units_that_came_back_by_themselves_are_a_rise_not_a_negative_gap() -> None:
    assert units(settled(read(12), sales())) == (0, 2)


@pytest.mark.parametrize("second", [-5, -1, 0, 4, 5, 55, 58, 60, 62, 67])
def test_a_sale_within_five_seconds_of_a_read_counts_on_the_side_that_makes_the_gap_smaller(second: float) -> None:
    """It may be in the read or not: either way nothing is missing, and nothing has risen."""
    assert units(settled(read(8), sales((2, second)))) == (0, 0)
    assert units(settled(read(10), sales((2, second)))) == (0, 0)


@pytest.mark.parametrize("second", [-6, 68])
def test_a_sale_further_off_than_five_seconds_explains_nothing(second: float) -> None:
    assert units(settled(read(8), sales((2, second)))) == (2, 0)


@pytest.mark.parametrize("second", [6, 30, 54])
def test_a_sale_well_inside_must_be_in_the_read(second: float) -> None:
    """The shop shows as much as before a sale that it surely took: two have come from somewhere."""
    assert units(settled(read(10), sales((2, second)))) == (0, 2)


def test_what_an_earlier_read_has_counted_is_not_counted_again() -> None:
    assert units(settled(read(8), sales((2, 3, 2)))) == (2, 0)
    assert units(settled(read(10), sales((2, 3, 2)))) == (0, 0)


def test_a_cancelled_order_may_have_given_its_units_back() -> None:
    assert units(settled(read(10), sales((2, 20, 0, 2, 40)))) == (0, 0)


@pytest.mark.parametrize(
    ("freed", "restocks", "missing"), [(40, True, 10), (40, False, 8), (4, True, 8), (65, True, 10)]
)
def test_where_more_is_gone_than_was_sold_units_given_back_are_gone_as_well(
    freed: float, restocks: bool, missing: int
) -> None:
    """Two of ten were sold before the baseline and are cancelled; the listing shows 0. What was given back within five
    seconds of the baseline may be in that already; a platform that gives nothing back, or does not say that it did,
    owes nothing."""
    takings = sales((2, -300, 2, 2, freed))
    silent = takings.with_columns(surely=pl.lit(value=False))
    assert units(gaps.settle(read(0, baseline=8), silent, pushes(), restocks=restocks)) == (8, 0)
    found = gaps.settle(read(0, baseline=8), takings, pushes(), restocks=restocks)
    assert units(found) == (missing, 0)
    assert units(gaps.settle(read(8, baseline=8), takings, pushes(), restocks=restocks)) == (0, 0)


def test_a_push_without_an_answer_explains_the_value_that_it_sent() -> None:
    found = settled(read(6), sales(), pushes((6, 30, False)))
    assert units(found) == (0, 0)
    assert found.landed["id"].to_list() == [1]


def test_a_push_that_did_not_land_is_lost_once_it_no_longer_can() -> None:
    found = settled(read(10), sales(), pushes((6, 30, False)))
    assert (units(found), found.lost["id"].to_list(), found.landed.height) == ((0, 0), [1], 0)


def test_while_a_push_may_still_land_a_gap_settles_nothing() -> None:
    found = settled(read(8), sales(), pushes((6, 30, True)))
    assert (units(found), found.cells.height) == ((0, 0), 0)


def test_a_sale_after_a_landed_push_is_taken_off_what_it_sent() -> None:
    found = settled(read(5), sales((1, 50)), pushes((6, 30, False)))
    assert (units(found), found.landed["id"].to_list()) == ((0, 0), [1])


def entries(*given: tuple[int, int, float, float]) -> pl.DataFrame:
    """(id, units, since, until) each."""
    rows = [(number, "north", "product/11", n, at(a), at(b)) for number, n, a, b in given]
    return pl.DataFrame(rows, schema=dict(MISSING), orient="row")


def test_a_late_sale_in_the_interval_clears_the_missing_units_and_is_used_up() -> None:
    left, counted = gaps.clear(entries((1, 3, 0, 62)), sales((2, 30)))
    assert left.rows() == [(1, 1)]
    assert counted["counted"].to_list() == [2]


@pytest.mark.parametrize(("second", "clears"), [(-6, False), (-5, True), (67, True), (68, False)])
def test_a_late_sale_outside_the_interval_by_more_than_five_seconds_clears_nothing(second: float, clears: bool) -> None:
    left, _ = gaps.clear(entries((1, 2, 0, 62)), sales((2, second)))
    assert left.rows() == ([(1, 0)] if clears else [])


def test_one_late_sale_never_clears_two_entries_with_the_same_units() -> None:
    left, counted = gaps.clear(entries((1, 2, 0, 62), (2, 2, 60, 122)), sales((3, 61)))
    assert left.rows() == [(1, 0), (2, 1)]
    assert counted["counted"].to_list() == [3]


def test_units_that_come_back_shrink_the_oldest_entry_first() -> None:
    risen = pl.DataFrame({"channel": ["north"], "cell": ["product/11"], "units": [3]})
    assert gaps.give_back(entries((1, 2, 0, 62), (2, 2, 60, 122)), risen).rows() == [(1, 0), (2, 1)]


def test_gaps_of_different_cells_never_offset_each_other() -> None:
    other = read(13).with_columns(cell=pl.lit("product/12"))
    assert units(settled(pl.concat([read(7), other]), sales())) == (3, 3)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(6, 54)), max_size=5), st.integers(0, 4))
def test_what_vanished_is_missing_to_the_unit_whatever_was_sold(sold: list[tuple[int, int]], vanished: int) -> None:
    taken = sum(number for number, _ in sold)
    found = settled(read(30 - taken - vanished, baseline=30), sales(*sold))
    assert units(found) == (vanished, 0)
    assert int(found.counted["counted"].sum()) == taken
