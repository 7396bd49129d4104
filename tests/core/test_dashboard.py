"""The figures of Dashboard and the numbers behind its charts (DESIGN section 4, S0-25, I11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from agent.core import dashboard
from agent.core.plan import CELLS
from agent.frames import STOCK, TIME, frame
from agent.workbooks.tabs import CHART_DATA

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ZERO = {"silent": 0, "questions": 0, "stops": 0, "oversold": 0, "missing": 0, "unlisted": 0, "off": 0}
LEVEL = {"sku": pl.String, "on_hand": pl.Int64, "opened_at": TIME}
SOLD = {
    "at": TIME, "kind": pl.String, "channel": pl.String, "order": pl.String, "part": pl.String, "change": pl.Int64,
}  # fmt: skip
NO_SHOPS = dashboard.shops([], *(pl.DataFrame(schema=s) for s in ({"channel": pl.String, "listing": pl.String,
    "quantity": pl.Int64}, {"channel": pl.String, "cell": pl.String, "listing": pl.String, "absent": pl.Int64,
    "parked": pl.String}, {"channel": pl.String, "listing": pl.String},
    {**CELLS, "reason": pl.String, "action": pl.String})))  # fmt: skip


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def days(count: int = 15) -> pl.DataFrame:
    midnights = [datetime(2026, 11, 23, tzinfo=UTC) - timedelta(days=back) for back in range(count - 1, -1, -1)]
    return frame([(str(day.day), day) for day in midnights], dashboard.DAYS)


# --- shops


def shop(*cells: tuple[object, ...], waiting: tuple[int | None, ...] = ()) -> dict[str, object]:
    """The row of one shop. `cells`: (reason, action, shown, target, safe, parked) of its linked listings; `waiting`:
    what each unlinked listing shows."""
    linked = [("north", f"c{n}", f"c{n}", 0, cell[5] if len(cell) > 5 else None) for n, cell in enumerate(cells)]
    plan = [
        {"channel": "north", "cell": f"c{n}", "reason": cell[0], "action": cell[1], "shown": cell[2],
         "target": cell[3], "safe": cell[4] if len(cell) > 4 else cell[3], "linked": True}
        for n, cell in enumerate(cells)
    ]  # fmt: skip
    seen = [("north", f"c{n}", 1) for n in range(len(cells))] + [("north", f"w{n}", q) for n, q in enumerate(waiting)]
    columns = {"channel": pl.String, "cell": pl.String, "listing": pl.String, "absent": pl.Int64, "parked": pl.String}
    rows = dashboard.shops(
        ["north"],
        pl.DataFrame(seen, schema={"channel": pl.String, "listing": pl.String, "quantity": pl.Int64}, orient="row"),
        pl.DataFrame(linked, schema=columns, orient="row"),
        pl.DataFrame(
            [("north", f"w{n}") for n in range(len(waiting))],
            schema={"channel": pl.String, "listing": pl.String}, orient="row",
        ),
        pl.DataFrame(plan, schema={**CELLS, "reason": pl.String, "action": pl.String}),
    )  # fmt: skip
    return rows.row(0, named=True)


def test_linked_waiting_and_in_sync_listings_are_counted_a_shop() -> None:
    row = shop(("in_sync", "keep", 5, 5), ("lower", "lower", 7, 5), waiting=(3, None))
    assert (row["linked"], row["waiting"], row["synced"], row["shown"]) == (2, 2, 1, 12)


def test_a_parked_listing_is_not_in_sync_whatever_its_cell_says() -> None:
    assert shop(("in_sync", "keep", 5, 5, 5, "paused"))["synced"] == 0


def test_oversell_risk_is_what_nobody_counts_and_what_is_shown_beyond_the_target_S0_25() -> None:
    row = shop(("not_live_yet", "hold", 9, 5, 5, "not_live_yet"), ("in_sync", "keep", 3, 4), waiting=(3, None, 2))
    assert (row["loose"], row["above"]) == (5, 4)


def test_what_is_held_by_stocksheet_itself_is_counted_and_what_the_person_parked_is_not() -> None:
    assert shop(("zero_pattern", "hold", 5, 0), ("paused", "hold", 5, 5, 5, "paused"))["held"] == 1


def test_kept_back_are_the_units_between_target_and_what_is_safe() -> None:
    assert shop(("kept_back", "wait", 3, 9, 4), ("in_sync", "keep", 4, 4, 1))["kept"] == 5


def test_a_shop_that_was_never_read_has_no_numbers_and_no_zeros_I11() -> None:
    read = shop(("in_sync", "keep", 5, 5))
    rows = dashboard.shops(["south"], *(pl.DataFrame(schema=s) for s in (
        {"channel": pl.String, "listing": pl.String, "quantity": pl.Int64},
        {"channel": pl.String, "cell": pl.String, "listing": pl.String, "absent": pl.Int64, "parked": pl.String},
        {"channel": pl.String, "listing": pl.String}, {**CELLS, "reason": pl.String, "action": pl.String},
    )))  # fmt: skip
    assert set(rows.drop("channel").row(0)) == {None}
    assert read["waiting"] == 0


def test_a_read_shop_without_a_readable_quantity_shows_nothing_known_and_not_zero_I11() -> None:
    assert shop(("never_read", "read", None, 5))["shown"] is None


# --- pushes


def push(sent_at: datetime, old: int | None, quantity: int, outcome: str | None = "accepted") -> dict[str, object]:
    return {"sent_at": sent_at, "old": old, "quantity": quantity, "outcome": outcome}


def test_pushes_are_counted_on_the_day_they_were_sent() -> None:
    pushes = [push(ago(0), 5, 3), push(ago(0.4), 5, 9), push(ago(1), 5, 4), push(ago(1), 5, 3), push(ago(30), 5, 3)]
    schema = {"sent_at": TIME, "old": pl.Int64, "quantity": pl.Int64, "outcome": pl.String}
    rows = dashboard.pushed(pl.DataFrame(pushes, schema=schema), days())
    assert rows.tail(2).rows() == [("22", 2, 0, 0), ("23", 1, 1, 0)]
    assert rows["lowered"].sum() == 3 and rows.height == 15


def test_what_did_not_arrive_is_not_counted_and_a_refusal_is_counted_apart() -> None:
    pushes = [push(ago(0), 5, 3, outcome) for outcome in ("refused", "lost", "not_sent", "unknown", None, "landed")]
    schema = {"sent_at": TIME, "old": pl.Int64, "quantity": pl.Int64, "outcome": pl.String}
    assert dashboard.pushed(pl.DataFrame(pushes, schema=schema), days()).row(-1) == ("23", 1, 0, 1)


# --- what sells out


def pace(
    *sales: tuple[float, int], opened: float = 20, available: int = 10, missing: int = 0, kind: str = "sale"
) -> dict[str, object] | None:
    """PACE of the item MUG. `sales`: (days ago, units)."""
    sold = [(ago(day), kind, "north", f"{n}", "MUG", -units) for n, (day, units) in enumerate(sales)]
    rows = dashboard.pace(
        frame(sold, SOLD),
        frame([("MUG", available, 0, available, missing)], STOCK),
        frame([("MUG", available, ago(opened))], LEVEL),
        NOW,
    )
    return rows.row(0, named=True) if rows.height else None


def test_an_item_sells_out_when_its_units_are_gone_at_the_pace_since_it_was_opened() -> None:
    row = pace((1, 4), (5, 4), (9, 2), opened=10, available=4)
    assert row is not None and row["left"] == pytest.approx(4.0) and row["known"]


def test_only_the_last_four_weeks_count() -> None:
    row = pace((1, 7), (2, 7), (3, 14), (40, 500), opened=100, available=10)
    assert row is not None and row["left"] == pytest.approx(10.0)


def test_missing_units_cannot_be_sold() -> None:
    row = pace((1, 10), (2, 5), (3, 5), opened=20, available=10, missing=5)
    assert row is not None and row["left"] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("sales", "opened"), [(((1, 4), (2, 4), (3, 4)), 6.9), (((1, 50),), 20), (((1, 50), (2, 50)), 20)]
)
def test_with_too_little_history_nothing_is_said(sales: tuple[tuple[float, int], ...], opened: float) -> None:
    row = pace(*sales, opened=opened)
    assert row is not None and row["left"] is None and not row["known"]


def test_an_item_that_did_not_sell_for_a_week_does_not_sell_out() -> None:
    row = pace(opened=20)
    assert row is not None and row["left"] is None and row["known"]


def test_what_is_sold_out_already_is_not_foretold() -> None:
    assert pace((1, 4), (2, 4), (3, 4), available=0) is None


def test_cancelled_units_do_not_make_the_pace() -> None:
    sold = [(ago(n), "sale", "north", str(n), "MUG", -10) for n in range(1, 4)]
    sold += [(ago(1), "cancel", "north", "1", "MUG", 10), (ago(1), "cancel", "north", "2", "MUG", 10)]
    rows = dashboard.pace(
        frame(sold, SOLD), frame([("MUG", 10, 0, 10, 0)], STOCK), frame([("MUG", 10, ago(10))], LEVEL), NOW
    )
    assert rows["left"].to_list() == pytest.approx([10.0])


def test_soon_is_within_five_days_the_first_one_first() -> None:
    paces = frame(
        [("A", 1, 9.0, 5.1, True), ("B", 1, 9.0, 5.0, True), ("C", 1, 9.0, 0.5, True), ("D", 0, 9.0, None, True)],
        dashboard.PACE,
    )
    assert dashboard.soon(paces)["sku"].to_list() == ["C", "B"]


# --- the figures


def figures(shops: pl.DataFrame = NO_SHOPS, paces: pl.DataFrame | None = None, **counts: int) -> dict[str, tuple]:
    none = pl.DataFrame(schema={"sent_at": TIME, "old": pl.Int64, "quantity": pl.Int64, "outcome": pl.String})
    known = pl.DataFrame(schema=dict(dashboard.PACE)) if paces is None else paces
    rows = dashboard.figures(shops, dashboard.pushed(none, days()), known, {**ZERO, **counts})
    return {name: rest for name, *rest in rows.iter_rows()}  # type: ignore[misc]


def test_the_same_figures_stand_there_from_the_first_day_so_that_no_chart_lies_on_one() -> None:
    assert len(figures()) == 15


def test_in_a_new_workbook_what_cannot_be_known_is_not_yet_and_never_zero_I11() -> None:
    said = figures()
    for name in ("looked", "matched", "synced", "held", "risk", "off", "kept", "unlisted", "soon", "shown"):
        assert said[name][2] == "not yet", name
        assert name == "looked" or said[name][0] is None, name


def test_more_sold_than_stocked_is_worst_and_a_question_is_worth_a_look() -> None:
    said = figures(oversold=1, questions=2)
    assert (said["oversold"][2], said["questions"][2], said["missing"][2]) == ("stop", "look", "good")


def test_matched_is_good_only_when_all_are() -> None:
    one = {"channel": "north", "linked": 99, "waiting": 1, "synced": 99, "held": 0, "shown": 5, "loose": 0, "above": 0,
           "kept": 0}  # fmt: skip
    assert figures(frame([one], dashboard.SHOPS))["matched"] == [99, 100, "look"]
    assert figures(frame([one | {"waiting": 0}], dashboard.SHOPS))["matched"] == [99, 99, "good"]


# --- in stock, sold nowhere


def test_units_that_no_shop_sells_are_told_S0_25() -> None:
    stock = frame([(sku, 5, 0, units, 0) for sku, units in (("A", 5), ("B", 5), ("C", 0), ("D", 5))], STOCK)
    items = pl.DataFrame({"sku": ["A", "B", "C", "D"], "title": [""] * 4, "active": [True, True, True, False]})
    parts = pl.DataFrame({"channel": ["n", "n"], "listing": ["1", "2"], "part": ["A", "B"]})
    linked = pl.DataFrame({"channel": ["n", "n"], "listing": ["1", "2"], "absent": [0, 2]})
    assert dashboard.unlisted(stock, items, parts, linked)["sku"].to_list() == ["B"]


# --- behind the charts


def test_each_chart_has_a_block_filled_from_its_top_and_words_where_there_is_nothing() -> None:
    none = pl.DataFrame(schema={"sent_at": TIME, "old": pl.Int64, "quantity": pl.Int64, "outcome": pl.String})
    data = dashboard.chart_data(NO_SHOPS, dashboard.pushed(none, days()), pl.DataFrame(schema=dict(dashboard.PACE)))
    assert tuple(data.columns) == CHART_DATA.names and data.height == 1
    said = {name: data[name][0] for name in ("Shop", "Risk in", "Day", "Item")}
    assert said == {
        "Shop": "no shop yet", "Risk in": "not known yet", "Day": "nothing was pushed in two weeks",
        "Item": "not known yet",
    }  # fmt: skip
    assert set(data.drop(list(said)).row(0)) == {None}


def test_long_names_leave_room_for_the_bars() -> None:
    paces = frame([("A" * 40, 1, 9.0, 2.04, True)], dashboard.PACE)
    none = pl.DataFrame(schema={"sent_at": TIME, "old": pl.Int64, "quantity": pl.Int64, "outcome": pl.String})
    data = dashboard.chart_data(NO_SHOPS, dashboard.pushed(none, days()), paces)
    assert data.select("Item", "Days left").row(0) == ("A" * 17 + "…", 2.0)
