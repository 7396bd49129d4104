"""What an order's later life does to its lines: edits, lines put in and taken out, returns, and the look back."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from agent.core import lags, lines, returns, sweep
from tests.core.test_lines import NOON, read_in_turn, seen, version


def only(frame: pl.DataFrame) -> dict[str, object]:
    return frame.row(0, named=True)


def test_an_edit_that_adds_units_takes_them_at_the_edit() -> None:
    line = only(read_in_turn(seen(version(0, 4, 0)), seen(version(9, 6, 0, ordered=6))))
    assert (line["ordered"], line["more"], line["more_at"], line["sale_at"]) == (
        6,
        2,
        NOON + timedelta(minutes=9),
        NOON,
    )


def test_of_an_edit_that_the_platform_did_not_follow_nothing_more_was_taken() -> None:
    """A plug-in made four units six, and the platform says that it took four."""
    rows = read_in_turn(seen(version(0, 4, 0, taken=4)), seen(version(9, 6, 0, ordered=6, taken=4)))
    line = only(rows)
    assert (line["ordered"], line["open"], line["more"]) == (6, 6, 0)
    assert lines.took(rows)["took"].to_list() == [4]
    shipped = read_in_turn(rows, seen(version(20, 0, 6, ordered=6, taken=4)))
    assert only(lines.took(shipped))["took"] == 4 and only(shipped)["more"] == 0


def test_what_the_platform_took_at_most_is_known_after_it_gave_all_back() -> None:
    freed = version(5, 0, 0, state="cancelled", freed_at=NOON + timedelta(minutes=5))
    rows = read_in_turn(seen(version(0, 4, 0, taken=4)), seen(freed))
    assert only(lines.took(rows))["took"] == 4


def test_an_edit_that_takes_units_away_keeps_what_was_ordered_as_given_up() -> None:
    line = only(read_in_turn(seen(version(0, 4, 0)), seen(version(9, 1, 0, ordered=1))))
    assert (line["ordered"], line["open"], line["back_at"], line["more"]) == (4, 1, NOON + timedelta(minutes=9), 0)


def test_an_order_taken_up_again_takes_its_units_again() -> None:
    freed = NOON + timedelta(minutes=5)
    cancelled = version(5, 0, 0, state="cancelled", freed_at=freed)
    line = only(read_in_turn(seen(version(0, 4, 0)), seen(cancelled), seen(version(9, 4, 0))))
    assert (line["more"], line["more_at"], line["back_at"]) == (4, NOON + timedelta(minutes=9), None)


def test_what_was_given_back_keeps_its_first_date() -> None:
    """WooCommerce dates a cancellation by the order's last change, whatever that was."""
    first, later = (NOON + timedelta(minutes=minute) for minute in (5, 50))
    line = only(read_in_turn(
        seen(version(0, 4, 0)),
        seen(version(5, 0, 0, state="cancelled", freed_at=first)),
        seen(version(50, 0, 0, state="cancelled", freed_at=later)),
    ))  # fmt: skip
    assert line["freed_at"] == first


def test_a_line_put_into_a_known_order_was_sold_when_it_was_put_in() -> None:
    both = read_in_turn(seen(version(0, 4, 0)), seen(version(9, 4, 0), version(9, 2, 0, line="2", ordered=2)))
    dates = dict(both.select("line", "sale_at").iter_rows())
    assert dates == {"1": NOON, "2": NOON + timedelta(minutes=9)}


def test_a_shipment_that_was_undone_is_none_when_the_order_is_cancelled_later() -> None:
    """WooCommerce keeps the date of completion of an order that went back into work."""
    once = NOON + timedelta(minutes=3)
    line = only(read_in_turn(
        seen(version(3, 0, 4, state="completed")),
        seen(version(6, 4, 0, shipped_at=None)),
        seen(version(9, 0, 4, state="cancelled", shipped_at=once, returned=4)),
    ))  # fmt: skip
    assert (line["open"], line["shipped"], line["returned"]) == (0, 0, 0)
    again = seen(version(9, 0, 4, state="cancelled", shipped_at=once, returned=4))
    assert only(lines.join(pl.DataFrame([line], schema=dict(lines.STORED)), again))["shipped"] == 0, "read once more"


def test_a_line_that_an_order_does_not_have_any_more_is_not_open() -> None:
    stored = read_in_turn(seen(version(0, 4, 0), version(0, 2, 0, line="2")))
    now = seen(version(9, 4, 0))
    assert lines.left_out(stored, now).select("line", "open", "holds").rows() == [("2", 0, False)]
    assert lines.left_out(stored, now, partial=["70"]).is_empty(), "it may be the one that cannot be read"
    assert lines.left_out(stored, seen(version(-5, 4, 0))).is_empty(), "an older version says nothing"


def back(**line: object) -> pl.DataFrame:
    row = version(9, 0, 4, state="completed") | line
    whole = {**row, "posted": 4, "settled": line.get("settled"), "put_back": line.get("put_back")}
    return pl.DataFrame([whole], schema_overrides={"settled": pl.Int64, "put_back": pl.Int64})


SIGHT = pl.DataFrame([("north", "70", "1", "CUP", 3)], schema=[*lines.KEY, "part", "units"], orient="row")


@pytest.mark.parametrize(
    ("line", "answer", "settled", "put_back", "moves"),
    [
        ({"returned": 2}, "put back", 2, 2, 2),
        ({"returned": 2}, "never", 2, 0, 0),
        ({"returned": 3, "settled": 2, "put_back": 2}, "put back", 3, 3, 1),
        ({"returned": 3, "settled": 2, "put_back": 0}, "put back", 3, 1, 1),
        ({"returned": 0, "settled": 3, "put_back": 3}, "ask", 0, 0, -3),
        ({"returned": 1, "settled": 3, "put_back": 2}, "ask", 1, 1, -1),
        ({"returned": 0, "settled": 3, "put_back": 0}, "ask", 0, 0, 0),
    ],
)
def test_what_goes_back_is_a_function_of_the_return_and_what_was_decided_I10(
    line: dict[str, object], answer: str, settled: int, put_back: int, moves: int
) -> None:
    rows = returns.changed(back(**line), SIGHT).with_columns(answer=pl.lit(answer))
    done = returns.settled(rows)
    assert done.select("settled", "put_back", "moves").row(0) == (settled, put_back, moves)


def test_a_return_waits_for_the_answer_and_what_never_left_us_cannot_come_back() -> None:
    rows = returns.changed(back(returned=2), SIGHT)
    assert returns.settled(rows.with_columns(answer=pl.lit("ask"))).is_empty()
    assert returns.changed(back(returned=2), SIGHT.clear()).is_empty(), "history: it came off before the ledger began"
    assert returns.changed(back(returned=9, settled=4), SIGHT).is_empty(), "never more than was shipped"


def test_a_delay_is_what_nineteen_of_twenty_keep_to_and_never_below_what_is_declared() -> None:
    assert lags.in_use([500.0] * 19, declared=2, most=600) == 2, "too few to say anything"
    assert lags.in_use([1.0] * 40, declared=2, most=600) == 2
    assert lags.in_use([9.0] * 40, declared=2, most=600) == 9
    assert lags.in_use([1.0] * 99 + [5000.0], declared=2, most=600) == 2, "one outlier is none"
    assert lags.in_use([5000.0] * 99, declared=2, most=600) == 600
    assert lags.in_use([5000.0] * 99, declared=900, most=600) == 900


def test_samples_roll_and_impossible_delays_are_not_taken() -> None:
    assert lags.rolled([], [-3.0, 4.26, 1e9]) == [4.3]
    rolled = lags.rolled([1.0] * lags.KEPT, [2.0, 3.0])
    assert len(rolled) == lags.KEPT and rolled[-2:] == [2.0, 3.0]
    assert lags.typical([]) is None and lags.typical([4.0, 1.0, 9.0]) == (4.0, 9.0)


def test_an_order_could_surely_not_be_read_only_since_the_read_before_it_was_made() -> None:
    """After an outage of ours the read before is older than the order: that is no delay of the channel's."""
    fresh = seen(
        version(0, 4, 0), version(10, 4, 0, line="2") | {"order": "71", "sale_at": NOON + timedelta(minutes=10)}
    )
    at = {minute: NOON + timedelta(minutes=minute) for minute in (5, 12)}
    assert lags.orders(fresh, at[5], at[12]) == ([720.0, 120.0], [300.0, 0.0])


def test_the_look_back_finds_what_the_regular_reads_had_passed_and_only_that() -> None:
    known = read_in_turn(seen(version(0, 4, 0)))
    back_then = seen(
        version(0, 4, 0),
        version(10, 4, 0) | {"order": "71"},
        version(55, 4, 0) | {"order": "72"},
        version(-90, 0, 4) | {"order": "60"},
    )
    passed, since = NOON + timedelta(minutes=50), NOON - timedelta(hours=1)
    found = sweep.finds(known, back_then, passed, since)
    assert found.select("order", "made_at").rows() == [("71", NOON + timedelta(minutes=10))]
    newer = seen(version(20, 2, 2))
    assert sweep.finds(known, newer, passed, since)["order"].to_list() == ["70"], "a change can be lost, too"
    assert sweep.of_ours(known, back_then, since)["order"].to_list() == ["70", "71", "72"]
    assert sweep.not_shown(known, back_then.filter(pl.col("order") != "70"), "north", since) == ["70"]
    assert sweep.not_shown(known, back_then, "north", since) == []
