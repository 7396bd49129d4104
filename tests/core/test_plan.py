"""The decision table, row by row: the pure half of the mutants (DESIGN section 8)."""

from __future__ import annotations

import itertools

import polars as pl
import pytest

from agent.core import plan

CALM = {
    "channel": "north", "cell": "product/11", "linked": True, "parked": None, "channel_out": False, "readable": True,
    "read": 5, "read_failed": False, "fresh": True, "stuck": None, "target": 5, "safe": 5, "shown": 5, "sending": None,
    "unknown": False, "frozen": None, "confirmed": 5, "sold_down_to": None,
}  # fmt: skip
"""A stock cell that shows its target, said so by the shop."""

CASES: dict[str, dict[str, object]] = {
    "1": {"linked": False, "target": None, "safe": None},
    "2": {"parked": "paused", "target": 3},
    "3": {"channel_out": True, "target": 3},
    "4a": {"read": None, "shown": None, "confirmed": None, "read_failed": True},
    "4b": {"read": None, "shown": None, "confirmed": None, "fresh": False},
    "5": {"stuck": "shop_keeps", "target": 3},
    "6": {"target": 3, "safe": 3},
    "7": {"sending": 5, "unknown": True},
    "8": {"frozen": "not_whole", "target": 9, "safe": 9},
    "9a": {},
    "9b": {"confirmed": 4},
    "10a": {"target": 9, "safe": 9, "read_failed": True},
    "10b": {"target": 9, "safe": 9, "fresh": False},
    "11": {"target": 9, "safe": 9},
    "12": {"target": 9, "safe": 4},
}
"""Row -> the least that a calm cell must differ in for that row to be the one that decides."""


def decided(*changes: dict[str, object], without: str | None = None) -> pl.DataFrame:
    cells = pl.DataFrame([{**CALM, **each} for each in changes], schema=plan.CELLS)
    return plan.decide(cells, [row for row in plan.TABLE if row.number != without])


@pytest.mark.parametrize("number", CASES)
def test_each_row_of_the_table_decides_its_own_case(number: str) -> None:
    row = next(row for row in plan.TABLE if row.number == number)
    found = decided(CASES[number]).row(0, named=True)
    assert (found["row"], found["action"]) == (number, row.action)
    if isinstance(row.reason, str):
        assert found["reason"] == row.reason


@pytest.mark.parametrize("number", CASES)
def test_a_table_without_a_row_decides_that_case_otherwise(number: str) -> None:
    """Each row is needed: this finds the loss of any one of them."""
    assert decided(CASES[number], without=number)["row"][0] != number
    assert number in {row.number for row in plan.TABLE}


def test_the_table_has_exactly_the_rows_that_the_design_numbers() -> None:
    assert [row.number for row in plan.TABLE] == list(CASES)


def test_named_reasons_are_the_codes_of_the_cell_itself() -> None:
    found = decided(CASES["2"], CASES["5"], CASES["8"])
    assert found["reason"].to_list() == ["paused", "shop_keeps", "not_whole"]


def test_only_a_push_has_a_quantity() -> None:
    found = decided(*CASES.values())
    pushed = found.filter(pl.col("to").is_not_null())
    assert set(pushed["action"]) == {"lower", "raise"}
    assert pushed.select("action", "to").rows() == [("lower", 3), ("raise", 9)]


def test_what_sales_have_brought_down_is_read_first_while_units_are_kept_back_I12() -> None:
    """Shown 8 when it was read, 3 sold since: 6 would be a raise to units that another shop may have sold."""
    kept: dict[str, object] = {"shown": 8, "read": 8, "target": 6, "safe": 0, "sold_down_to": 5, "fresh": False}
    assert decided(kept)["action"].item() == "read"
    lowered = decided({**kept, "sold_down_to": 7}, {**kept, "sold_down_to": None})
    assert lowered.select("action", "to").rows() == [("lower", 6), ("lower", 6)]


def test_a_lowering_does_not_go_above_what_sales_have_left_while_units_are_kept_back_I12() -> None:
    """The same, where it was read just before the sale, or cannot be read."""
    kept: dict[str, object] = {"shown": 8, "read": 8, "target": 6, "safe": 0, "sold_down_to": 5}
    found = decided(kept, {**kept, "safe": 6}, {**kept, "safe": 5}, {**kept, "fresh": False, "read_failed": True})
    assert found.select("action", "to").rows() == [("lower", 5), ("lower", 6), ("lower", 5), ("lower", 5)]


def test_lowering_goes_before_flight_freeze_and_reading() -> None:
    """Down at once: nothing but rows 1 to 5 stands before it (I13)."""
    below: dict[str, object] = {"target": 2, "safe": 2}
    stale = {**below, "fresh": False, "read_failed": True}
    frozen, flying = {**below, "frozen": "braked"}, {**below, "sending": 7, "shown": 7}
    assert decided(below, stale, frozen, flying)["action"].to_list() == ["lower"] * 4


def test_a_raise_never_goes_above_what_is_safe() -> None:
    found = decided({"target": 9, "safe": 7})
    assert found.select("action", "to").row(0) == ("raise", 7)


def test_an_unknown_outcome_at_the_target_is_sent_again_with_proof() -> None:
    found = decided({"unknown": True}, {"unknown": True, "fresh": False})
    assert found["action"].to_list() == ["raise", "read"]


def test_an_unreadable_shop_needs_no_read_and_is_never_in_sync() -> None:
    unreadable: dict[str, object] = {"readable": False, "read": None, "fresh": False, "confirmed": None}
    found = decided(unreadable, {**unreadable, "shown": 0}, {**unreadable, "shown": 8})
    assert found["reason"].to_list() == ["sent_equal", "raise", "lower"]


def test_the_table_is_total_every_cell_gets_an_action_and_a_reason() -> None:
    """Every combination of what the table looks at, small numbers: no row is left without an answer."""
    choices: dict[str, list[object]] = {
        "linked": [True, False], "parked": [None, "off"], "channel_out": [True, False], "readable": [True, False],
        "read": [None, 1], "read_failed": [True, False], "fresh": [True, False], "stuck": [None, "shop_keeps"],
        "target": [None, 0, 2], "safe": [0, 2], "shown": [None, 1], "sending": [None, 1], "unknown": [True, False],
        "frozen": [None, "braked"], "confirmed": [1], "sold_down_to": [None, 1],
    }  # fmt: skip
    combinations = itertools.product(*choices.values())
    rows = [dict(zip(choices, values, strict=True)) for values in combinations]
    frame = pl.DataFrame(rows, schema={c: plan.CELLS[c] for c in choices})
    found = plan.decide(frame)
    assert found["action"].null_count() == 0
    assert found["reason"].null_count() == 0
    assert (
        found.filter(pl.col("action") == "lower").filter(pl.col("target") >= pl.coalesce("sending", "shown")).is_empty()
    )
    assert found.filter(pl.col("action") == "raise").filter(pl.col("to") < pl.col("shown")).is_empty()


def listing(name: str, target: int | None, **more: object) -> dict[str, object]:
    return {
        "channel": "north", "cell": "product/20", "listing": name, "target": target, "safe": target,
        "why": f"why {name}", "parked": None, "frozen": None, "recipe": "POTx1", **more,
    }  # fmt: skip


SCHEMA = {
    **dict.fromkeys(("channel", "cell", "listing", "why", "parked", "frozen", "recipe"), pl.String),
    "target": pl.Int64, "safe": pl.Int64,
}  # fmt: skip


def merged(*rows: dict[str, object]) -> dict[str, object]:
    found = plan.merge(pl.DataFrame(list(rows), schema=SCHEMA))
    assert found.height == 1
    return found.row(0, named=True)


def test_listings_of_one_stock_cell_are_one_row_with_the_lowest_target_and_its_sentence() -> None:
    found = merged(listing("21", 7), listing("22", 4), listing("23", 9))
    assert (found["target"], found["listing"], found["why"], found["frozen"]) == (4, "22", "why 22", None)


def test_listings_of_one_cell_that_lead_to_different_items_freeze_it() -> None:
    assert merged(listing("21", 7), listing("22", 4, recipe="CUPx1"))["frozen"] == "cell_conflict"


def test_a_paused_listing_does_not_speak_for_a_cell_that_another_one_speaks_for() -> None:
    found = merged(listing("21", 1, parked="paused"), listing("22", 4))
    assert (found["target"], found["parked"]) == (4, None)


def test_the_docs_table_has_a_line_for_every_row() -> None:
    lines = plan.describe().strip().splitlines()
    assert len(lines) == 2 + len(plan.TABLE)
