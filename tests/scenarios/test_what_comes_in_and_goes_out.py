"""Stock In and Out: rows that say `10 came in` or `counted 9`, exactly and once (DESIGN sections 4 and 5)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from tests.scenarios.stage import Stage, scene

TAB = "Stock In and Out"


async def live(stage: Stage, stocked: int = 20, **more: int) -> None:
    """One item (and more) in one shop, live."""
    for sku, number in {"A": stocked, **more}.items():
        stage.sells(sku, north=5)
        stage.types(sku, stocked=number)
    await stage.goes_live()


def row(stage: Stage, sku: str, kind: str, value: Any, when: Any, note: str | None = None) -> None:
    """Type a row below the others."""
    stage.adds(TAB, SKU=sku, Change_or_Count=kind, Value=value, When=when, Note=note)


def day(stage: Stage, days: int = 0) -> str:
    return f"{stage.clock.now().astimezone():%Y-%m-%d}" if not days else f"2026-11-{23 + days}"


def minute(stage: Stage) -> str:
    return f"{stage.clock.now().astimezone():%Y-%m-%d %H:%M}"


def moved(stage: Stage, kind: str = "receipt") -> list[tuple[int, int, str]]:
    """Units, Stocked after, Because of Movements, newest first."""
    rows = stage.book.results("Movements").filter(pl.col("What") == kind)
    return list(rows.select("Units", "Stocked after", "Because").iter_rows())


@scene()
async def test_ten_that_came_in_are_counted_once_and_movements_says_so(stage: Stage) -> None:
    await live(stage)
    row(stage, "A", "Change", 10, day(stage), "delivery 881")
    await stage.cycle()
    assert (stage.levels("A"), stage.stocked("A"), stage.shows("north", "A")) == ((30, 0, 30, None), 30, 30)
    assert moved(stage) == [(10, 30, "Stock In and Out, row 2: +10 (delivery 881)")]
    row(stage, "A", "Change", -3, minute(stage))
    await stage.cycle()
    await stage.restarts()
    await stage.cycles(120)
    assert (stage.stocked("A"), stage.shows("north", "A"), stage.attention()) == (27, 27, [])
    assert (-3, 27, "Stock In and Out, row 3: -3") in moved(stage)  # its minute began before the ten were seen


@scene()
async def test_the_same_row_twice_is_twice_and_sorted_or_annotated_rows_are_nothing_new(stage: Stage) -> None:
    await live(stage)
    row(stage, "A", "Change", 10, day(stage), "first van")
    await stage.cycle()
    row(stage, "A", "Change", 10, day(stage), "second van")
    row(stage, "A", "Change", 4, day(stage))
    await stage.cycle()
    assert stage.shows("north", "A") == 44
    stage.book.sort(TAB, "Value")
    stage.book.type_cell(TAB, 3, "Note", "checked")
    stage.book.type_cell(TAB, 2, "SKU", "  a ")
    stage.book.save()
    await stage.cycle()
    assert (stage.shows("north", "A"), len(moved(stage)), stage.attention()) == (44, 3, [])


@scene("row_came_back")
async def test_a_row_that_disappears_takes_nothing_back_and_is_asked_about_when_it_is_back(stage: Stage) -> None:
    await live(stage)
    row(stage, "A", "Change", 10, day(stage))
    await stage.cycle()
    stage.book.delete_row(TAB, 2)
    stage.book.save()
    await stage.cycle()
    await stage.restarts()
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (30, [])
    row(stage, "A", "Change", 10, "2026-11-23")
    await stage.cycle()
    asked = stage.row_about("was there before")
    assert asked.what == "A row of Stock In and Out that was there before is back: A +10, 2026-11-23."
    assert (asked.bad, asked.answers) == ("decide", "entered again / old row")
    assert stage.shows("north", "A") == 30
    stage.answers("entered again")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (40, [])
    await stage.cycles(120)
    assert stage.stocked("A") == 40
    stage.book.delete_row(TAB, 2)
    stage.book.save()
    await stage.cycle()
    row(stage, "A", "Change", 10, "2026-11-23")
    await stage.cycle()
    stage.answers("old row")
    await stage.cycle()
    row(stage, "A", "Change", 10, "2026-11-23")  # another one: two now, and there was only ever one
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (50, [])


@scene("row_came_back")
async def test_a_question_about_a_row_is_over_when_the_row_is_gone_again(stage: Stage) -> None:
    await live(stage)
    row(stage, "A", "Change", 10, day(stage))
    await stage.cycle()
    for _ in range(2):
        stage.book.delete_row(TAB, 2)
        stage.book.save()
        await stage.cycle()
        assert stage.questions() == []
        row(stage, "A", "Change", 10, day(stage))
        await stage.cycle()
        assert len(stage.questions()) == 1
    assert stage.shows("north", "A") == 30


@scene("when_missing", "row_incomplete", "when_unclear", "unknown_sku", "negative", "choice_unknown", "not_a_number")
async def test_a_row_that_is_not_clear_says_where_and_waits(stage: Stage) -> None:
    await live(stage)
    rows: list[tuple[Any, ...]] = [
        ("A", "Change", 10, None), ("A", "Change", None, "2026-11-23"), ("A", "Change", 10, "5/11/2026"),
        ("Z", "Change", 10, "2026-11-23"), ("A", "Count", -2, "2026-11-23"), ("A", "Chnge", 10, "2026-11-23"),
        ("A", "Change", "ten", "2026-11-23"),
    ]  # fmt: skip
    for each in rows:
        row(stage, *each)
    stage.adds(TAB, Note="nothing but a note")
    await stage.cycle()
    assert {(each.where, each.bad) for each in stage.attention()} == {
        (f"{TAB}!{cell}", "note") for cell in ("D2", "C3", "D4", "A5", "C6", "B7", "C8")
    }
    assert stage.row_about("has no day").todo == "Type the day in When, such as 2026-11-22. The row waits until then."
    assert stage.row_about("for certain").what == 'When is not a day that can be understood for certain: "5/11/2026".'
    assert stage.row_about("Value is empty").where == f"{TAB}!C3"
    assert (stage.shows("north", "A"), moved(stage)) == (20, [])
    stage.sets(TAB, 2, "When", "2026-11-23")  # type: ignore[arg-type]
    stage.sets(TAB, 4, "When", "5.11.2026")  # type: ignore[arg-type]
    await stage.cycle()
    assert stage.shows("north", "A") == 30
    assert stage.row_about("came before the first number").what == (
        "1 row of Stock In and Out came before the first number in Stocked of A. That number has them in it: nothing "
        "was added or taken off."
    )


DAYS = ["23.11.2026", "2026-11-23", "23 Nov 2026", "Nov 23, 2026", "11/23/2026", "23/11/2026 07:59"]


@pytest.mark.parametrize("when", [*DAYS, datetime(2026, 11, 23, 7, 59)])
@scene()
async def test_days_are_understood_as_they_are_usually_typed(stage: Stage, when: Any) -> None:
    await live(stage)
    row(stage, "A", "Change", 5, when)
    await stage.cycle()
    history = "07:59" in str(when) or isinstance(when, datetime)
    assert stage.shows("north", "A") == (20 if history else 25)


@scene("row_of_bundle", "row_not_counted")
async def test_bundles_and_items_that_are_not_counted_have_no_stock_of_their_own(stage: Stage) -> None:
    await live(stage)
    stage.types("KIT", made_of="A x 2")
    stage.types("B", title="Not counted yet")
    row(stage, "KIT", "Change", 1, day(stage))
    row(stage, "B", "Change", 5, day(stage))
    await stage.cycle()
    assert stage.row_about("KIT is made of other items").where == f"{TAB}!A2"
    assert stage.row_about("B is not counted here").where == f"{TAB}!A3"
    stage.types("B", stocked=7)
    await stage.cycle()
    assert stage.levels("B")[0] == 7  # typed in the same breath: the number has it in it
    stage.answers("fine", about="came before the first number")
    await stage.cycle()
    assert [each.where for each in stage.attention()] == [f"{TAB}!A2"]


@scene("row_in_future")
async def test_a_row_of_a_later_day_waits_for_its_day(stage: Stage) -> None:
    await live(stage)
    row(stage, "A", "Change", 6, "2026-11-24")
    await stage.cycle()
    found = stage.row_about("has not come yet")
    assert (found.what, found.where) == (
        "This row of Stock In and Out says a time that has not come yet: 2026-11-24.", f"{TAB}!D2"
    )  # fmt: skip
    assert stage.shows("north", "A") == 20
    await stage.waits(24 * 3600)
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (26, [])


@scene()
async def test_another_code_of_the_item_is_the_item(stage: Stage) -> None:
    await live(stage)
    stage.types("A", other="OLD-A")
    row(stage, "old-a", "Change", 2, day(stage))
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (22, [])


@scene()
async def test_a_count_holds_as_of_its_time_and_what_was_shipped_since_comes_off(stage: Stage) -> None:
    await live(stage)
    first, second = stage.buys("north", "A", 2), stage.buys("north", "A", 3)
    await stage.cycle()
    stage.ships("north", first)
    await stage.cycles(180)
    counted = minute(stage)
    await stage.cycles(180)
    stage.ships("north", second)
    await stage.cycles(60)
    assert stage.levels("A") == (15, 0, 15, None)
    row(stage, "A", "Count", 12, counted)
    await stage.cycle()
    assert (stage.levels("A"), stage.stocked("A"), stage.shows("north", "A")) == ((9, 0, 9, None), 9, 9)
    assert moved(stage, "count")[0] == (-6, 9, "Stock In and Out, row 2: counted 12")
    assert stage.attention() == []


@scene()
async def test_what_was_shipped_before_a_count_and_is_learned_later_is_in_the_count(stage: Stage) -> None:
    await live(stage)
    order = stage.buys("north", "A", 4)
    await stage.cycle()
    stage.shops["north"].faults.down = True
    stage.ships("north", order)
    await stage.cycles(180)
    row(stage, "A", "Count", 11, minute(stage))
    await stage.cycles(60)
    assert stage.levels("A") == (11, 4, 7, None)
    stage.shops["north"].faults.down = False
    await stage.cycles(600)
    assert (stage.levels("A"), stage.stocked("A"), stage.questions()) == ((11, 0, 11, None), 11, [])


@scene()
async def test_a_count_of_a_day_takes_the_lowest_result_of_that_day(stage: Stage) -> None:
    await live(stage)
    row(stage, "A", "Change", 10, minute(stage))
    await stage.cycles(120)
    order = stage.buys("north", "A", 3)
    await stage.cycle()
    stage.ships("north", order)
    await stage.cycle()
    assert stage.levels("A")[0] == 27
    row(stage, "A", "Count", 25, day(stage))
    await stage.cycle()
    assert stage.levels("A")[0] == 22  # counted after the ten came in and before the three went out
    row(stage, "A", "Count", 24, day(stage))
    await stage.cycle()
    assert stage.levels("A")[0] == 21
    row(stage, "A", "Count", 26, day(stage))  # of that day, too: the lowest holds
    await stage.cycle()
    assert (stage.levels("A")[0], stage.attention()) == (21, [])


@scene()
async def test_a_count_that_a_later_count_has_replaced_changes_nothing(stage: Stage) -> None:
    await live(stage)
    await stage.cycles(120)
    earlier = minute(stage)
    await stage.cycles(180)
    row(stage, "A", "Count", 9, minute(stage))
    await stage.cycles(120)
    row(stage, "A", "Count", 50, earlier)
    await stage.cycles(60)
    assert (stage.levels("A")[0], stage.shows("north", "A")) == (9, 9)
    row(stage, "A", "Change", 5, earlier)  # came in before the nine were counted
    await stage.cycle()
    assert (stage.levels("A")[0], stage.attention()) == (9, [])
    await stage.cycles(120)
    row(stage, "A", "Change", 5, minute(stage))
    await stage.cycle()
    assert stage.levels("A")[0] == 14


@scene("counted_twice")
async def test_a_row_that_says_the_same_as_an_edit_of_stocked_counts_once(stage: Stage) -> None:
    await live(stage)
    stage.types("A", stocked=30)
    await stage.cycle()
    row(stage, "A", "Change", 10, minute(stage))
    await stage.cycle()
    assert (stage.levels("A")[0], stage.stocked("A")) == (30, 30)
    found = stage.row_about("counted once")
    assert found.what == "A change row and an edit of Stocked for A say the same (+10). It is counted once."
    assert found.answers == "fine"
    row(stage, "A", "Change", 10, minute(stage))  # both were true
    await stage.cycle()
    assert stage.levels("A")[0] == 40
    stage.answers("fine")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (40, [])


@scene("counted_twice")
async def test_an_edit_that_says_the_same_as_a_row_counts_once(stage: Stage) -> None:
    await live(stage)
    stage.book.open_by_person()
    row(stage, "A", "Change", 10, day(stage))
    await stage.cycle()
    assert (stage.levels_beside("A"), stage.stocked("A")) == (30, 20)  # the workbook is open: it is not mirrored
    stage.types("A", stocked=30)
    await stage.cycle()
    stage.book.close_by_person()
    await stage.cycle()
    assert (stage.levels("A")[0], stage.stocked("A"), stage.shows("north", "A")) == (30, 30, 30)
    assert [each.what[:30] for each in stage.attention()] == ["A change row and an edit of St"]


@scene("counted_twice")
async def test_a_row_and_an_edit_in_the_same_save_count_once(stage: Stage) -> None:
    await live(stage)
    row(stage, "A", "Change", -4, day(stage))
    stage.types("A", stocked=16)
    await stage.cycle()
    assert (stage.levels("A")[0], len(stage.questions())) == (16, 1)


@scene("row_perhaps_counted")
@pytest.mark.parametrize(("answer", "stocked"), [("already in it", 26), ("add it", 34)])
async def test_units_that_came_in_before_a_number_was_typed_are_not_added_to_it_unasked(
    stage: Stage, answer: str, stocked: int
) -> None:
    await live(stage)
    came = minute(stage)
    await stage.cycles(120)
    stage.types("A", stocked=26)  # counted, or six added: only the person knows
    await stage.cycle()
    row(stage, "A", "Change", 8, came)
    await stage.cycle()
    asked = stage.row_about("came in before")
    assert asked.what == (
        f"A +8, {came} in Stock In and Out came in before the number 26 was typed in Stocked. A count has it in it: "
        "it is not added until you answer."
    )
    assert (asked.bad, asked.answers, stage.shows("north", "A")) == ("decide", "already in it / add it", 26)
    await stage.restarts()
    stage.answers(answer)
    await stage.cycle()
    await stage.cycles(120)
    assert (stage.stocked("A"), stage.shows("north", "A"), stage.attention()) == (stocked, stocked, [])


@scene("row_perhaps_counted")
async def test_a_row_entered_again_before_a_count_was_counted_then_seed_198(stage: Stage) -> None:
    await live(stage)
    row(stage, "A", "Change", 8, "2026-11-23")
    await stage.cycle()
    stage.book.delete_row(TAB, 2)
    stage.book.save()
    await stage.cycle()
    row(stage, "A", "Change", 8, "2026-11-23")
    await stage.cycle()
    stage.types("A", stocked=34)  # all that lies there, with the eight that came in again
    await stage.cycle()
    stage.answers("entered again")
    await stage.cycle()
    assert stage.shows("north", "A") == 34
    stage.answers("already in it")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (34, [])


@scene("wild_row")
async def test_a_slip_of_a_digit_waits_for_a_yes_and_holds_nothing_else(stage: Stage) -> None:
    await live(stage, B=30, C=25)
    row(stage, "A", "Change", 4000, day(stage))
    row(stage, "B", "Change", 5, day(stage))
    await stage.cycle()
    found = stage.row_about("very much at once")
    assert (found.what, found.bad, found.where) == (
        "A row of Stock In and Out, C2, would change A very much at once: from 20 to 4020. The row waits for your yes.",
        "stop", f"{TAB}!C2",
    )  # fmt: skip
    assert (stage.shows("north", "A"), stage.shows("north", "B")) == (20, 35)
    stage.answers("yes")
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (4020, [])


@scene("rows_before")
async def test_rows_from_before_the_first_look_are_in_the_first_number(stage: Stage) -> None:
    """A seller's own log of last year, taken over with the workbook, moves nothing."""
    for units in (5, 7):
        row(stage, "A", "Change", units, "2026-10-01")
    row(stage, "A", "Change", 9, day(stage))
    stage.sells("A", north=5)
    stage.types("A", stocked=20)
    await stage.cycle()
    stage.answers("yes", about="first plan")
    await stage.cycle()
    assert (stage.levels("A")[0], stage.shows("north", "A")) == (20, 20)
    assert stage.row_about("came before").what.startswith("3 rows of Stock In and Out")
    stage.answers("fine")
    await stage.cycle()
    row(stage, "A", "Change", 9, minute(stage))
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (29, [])


@scene()
async def test_a_tab_or_column_that_is_not_there_says_nothing_of_its_rows(stage: Stage) -> None:
    await live(stage)
    row(stage, "A", "Change", 10, day(stage))
    await stage.cycle()
    stage.renames_tab(TAB, "Old log")
    await stage.cycle()
    stage.renames_tab("Old log", TAB)
    await stage.cycle()
    sheet = stage.book.sheet(TAB)
    stage.book.replace_sheet(TAB, type(sheet)(sheet.name, ("SKU", "Change or Count", "Value", "Moment"), sheet.rows))
    stage.book.save()
    await stage.cycle()
    stage.book.replace_sheet(TAB, sheet)
    stage.book.save()
    await stage.cycle()
    assert (stage.shows("north", "A"), stage.attention()) == (30, [])


@scene("row_missing")
async def test_rows_of_an_item_whose_row_is_gone_stay_known(stage: Stage) -> None:
    await live(stage, B=5)
    row(stage, "A", "Change", 10, day(stage))
    await stage.cycle()
    stage.deletes("A")
    await stage.cycle()
    assert [each.what for each in stage.attention()] == [
        "The row of A is no longer in Item Master. Its shop numbers only go down, never up."
    ]
    stage.types("A", stocked=30)
    await stage.cycle()
    assert (stage.levels("A")[0], stage.attention()) == (30, [])


def test_utc_is_what_these_stories_mean_by_a_day() -> None:
    assert datetime(2026, 11, 23).astimezone().astimezone(UTC).tzinfo is UTC
