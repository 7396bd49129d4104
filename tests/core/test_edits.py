"""Edits of Stocked: what a changed number may mean, and that the reading never overstates (DESIGN section 5)."""

from __future__ import annotations

import itertools

import polars as pl

from agent.core import edits

SCHEMA = {"value": pl.Int64, "old": pl.Int64, "on_hand": pl.Int64, "shipped": pl.Int64, "answer": pl.String}


def read(value: int, old: int | None, on_hand: int, shipped: int = 0, answer: str | None = None) -> dict[str, object]:
    """One edit, read."""
    frame = pl.DataFrame([(value, old, on_hand, shipped, answer)], schema=SCHEMA, orient="row")
    return edits.read(frame).row(0, named=True)


def test_where_count_and_change_agree_nobody_is_asked() -> None:
    found = read(value=15, old=10, on_hand=10)
    assert (found["reading"], found["asks"]) == (15, False)


def test_where_they_differ_the_lowest_holds_and_it_is_asked() -> None:
    """10 in the cell, 2 shipped since and not mirrored: 15 is 13 if 5 were added, and 13 to 15 if it was counted."""
    found = read(value=15, old=10, on_hand=8, shipped=2)
    assert (found["count"], found["change"], found["reading"], found["asks"]) == (13, 13, 13, True)


def test_shipments_outside_the_window_leave_only_one_count() -> None:
    found = read(value=15, old=10, on_hand=8)
    assert (found["count"], found["change"], found["reading"], found["asks"]) == (15, 13, 13, True)


def test_an_answer_settles_it_for_good() -> None:
    counted = read(value=15, old=10, on_hand=8, answer=edits.COUNTED)
    added = read(value=15, old=10, on_hand=8, answer=edits.CHANGED)
    assert [(each["reading"], each["asks"]) for each in (counted, added)] == [(15, False), (13, False)]


def test_after_a_blank_only_a_count_exists() -> None:
    found = read(value=7, old=None, on_hand=3)
    assert (found["change"], found["reading"], found["asks"]) == (None, 7, False)


def test_a_blank_is_no_zero_a_typed_zero_is_I11() -> None:
    assert read(value=0, old=None, on_hand=3)["reading"] == 0
    assert read(value=0, old=3, on_hand=3)["reading"] == 0


def test_a_candidate_below_zero_is_no_candidate() -> None:
    found = read(value=1, old=10, on_hand=4)
    assert (found["change"], found["reading"]) == (None, 1)


def test_a_count_that_overlaps_more_shipments_than_it_holds_is_not_negative() -> None:
    assert read(value=1, old=5, on_hand=2, shipped=3)["reading"] == 0


STEPS = ("pick", "mark", "look", "save", "cycle")


def walk(steps: tuple[str, ...], *, received: int) -> tuple[int, int, dict[str, int]] | None:
    """One shipment (picked, marked), a person (looks, saves) and one cycle of the agent, in some order.

    The cell holds 10; the cycle mirrors what it knows, if the file is not being edited. `received`: units that come in
    at `look`, added to the cell; 0: the shelf is counted there, after one unit had been lost. Gives the shelf in the
    end, what was marked shipped after the save, and the edit as read when all is known; None if there was no edit.
    """
    at = {step: place for place, step in enumerate(steps)}
    shelf = (10 if received else 9) - (at["pick"] < at["look"])
    mirrored = at["mark"] < at["cycle"] < at["look"]
    cell = 9 if mirrored else 10
    value = cell + received if received else shelf
    before = at["mark"] < at["save"]
    if value == cell:
        return None
    in_the_end = shelf + received - (at["pick"] > at["look"])
    frame = {"value": value, "old": cell, "on_hand": 10 - before, "shipped": int(before and not mirrored)}
    return in_the_end, int(not before), frame


def reading(edit: dict[str, int], answer: str | None = None) -> int:
    return int(str(read(edit["value"], edit["old"], edit["on_hand"], edit["shipped"], answer)["reading"]))


def orders() -> list[tuple[str, ...]]:
    return [
        steps for steps in itertools.permutations(STEPS)
        if steps.index("pick") < steps.index("mark") and steps.index("look") < steps.index("save")
    ]  # fmt: skip


def test_of_all_interleavings_a_receipt_answered_added_is_exact_and_never_overstated_before() -> None:
    for steps in orders():
        shelf, after, edit = walk(steps, received=5) or (0, 0, {})
        assert reading(edit) - after <= shelf, steps
        assert reading(edit, edits.CHANGED) - after == shelf, steps


def test_of_all_interleavings_a_count_never_overstates_and_is_short_by_the_shipment_at_most() -> None:
    assert len(orders()) == 30
    for steps in orders():
        walked = walk(steps, received=0)
        if walked is None:
            continue
        shelf, after, edit = walked
        for answer in (None, edits.COUNTED):
            assert shelf - 1 <= reading(edit, answer) - after <= shelf, steps


def test_units_that_were_taken_away_in_two_ways_count_once() -> None:
    """4 of 10 left by a row of Stock In and Out; the cell, which still said 10, is typed 6."""
    found = read(value=6, old=10, on_hand=6, answer=edits.TWICE)
    assert (found["reading"], found["asks"]) == (6, False)
    came = read(value=14, old=10, on_hand=14, answer=edits.TWICE)
    assert came["reading"] == 14
