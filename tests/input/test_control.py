"""Stops and questions typed into a real .xlsx file, and answered in it: the command line, a shop on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest

from agent.workbooks.tabs import CONTROLS
from tests.input.seller import Told, seller

FIRST = len(CONTROLS) + 2
TODAY = datetime.now().astimezone().date()
ROWS: list[dict[str, Any]] = [
    {"Control": "Freeze", "Value": 5, "SKU": "BLUE-M", "Until": TODAY + timedelta(days=3)},
    {"Control": "To 0", "SKU": "00123"},
    {"Control": "Pause", "Value": "MUG"},
    {"Control": "To 0", "SKU": "BOX", "Until": date(2020, 1, 1)},
    {"Control": "Pause", "Value": "MGU"},
    {"Control": "Ask", "Value": "why 5 on my-shop?"},
    {"Control": "Ask", "Value": "00123"},
    {"Control": "Ask", "Value": 77},
    {"Control": "Ask", "Value": "what if reserve 2 for BOX"},
]


@dataclass
class Day:
    shows: dict[str, int | None]
    status: dict[str, str]
    attention: list[dict[str, Any]]
    why: dict[str, str]
    formulas: list[str]
    explained: Told
    asked: Told
    later: dict[str, int | None]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    stocked = {"BLUE-M": 20, "00123": 9, "MUG": 8, "BOX": 7, "77": 3}

    def fill(book: openpyxl.Workbook) -> None:
        sheet = book["Control"]
        heads = {cell.value: cell.column for cell in sheet[1]}
        for number, row in enumerate(ROWS, FIRST):
            for name, value in row.items():
                sheet.cell(number, heads[name], value)
        book["Item Master"].cell(4, 3, 30)  # MUG: 30 now, and it is paused

    def clear(book: openpyxl.Workbook) -> None:
        for row in book["Control"].iter_rows(min_row=FIRST, max_row=FIRST + 2):
            for cell in row:
                cell.value = None

    with seller(tmp_path_factory.mktemp("control") / "here") as here:
        for sku, units in stocked.items():
            here.sells(sku, units)
        here.writes([{"SKU": sku, "Title": f"Title {sku}", "Stocked": units} for sku, units in stocked.items()])
        here.goes_live()
        here.changes(fill)
        here.run("sync")
        shows = {sku: here.shows(sku) for sku in stocked}
        told = {row["About"]: row["What came of it"] for row in here.person.look("Control Status")}
        attention = here.attention()
        why = {sku: here.listing(sku)["Why"] for sku in stocked}
        with_formulas = openpyxl.load_workbook(here.workbook)["Control"]
        formulas = [str(with_formulas.cell(row, 7).value) for row in (2, 3)]
        explained, asked = here.run("explain", "00123"), here.run("explain", "what", "if", "reserve", "2", "for", "box")
        here.changes(clear)
        here.run("sync")
        yield Day(shows, told, attention, why, formulas, explained, asked, {sku: here.shows(sku) for sku in stocked})


def test_stops_act_with_the_next_look_and_the_listing_says_why(day: Day) -> None:
    assert day.shows == {"BLUE-M": 5, "00123": 0, "MUG": 8, "BOX": 7, "77": 3}
    until = TODAY + timedelta(days=3)
    assert day.why["BLUE-M"] == f"20 stocked - 0 allocated = 20 -> frozen at 5 in Control until {until} = 5"
    assert day.why["00123"] == "9 stocked - 0 allocated = 9 -> to 0 in Control = 0"
    assert day.why["MUG"].startswith("MUG is paused in Control since ")
    assert day.why["MUG"].endswith(": nothing is pushed. 30 stocked - 0 allocated = 30")


def test_each_row_is_answered_in_the_file(day: Day) -> None:
    assert day.status["Freeze 5 BLUE-M"].endswith(f", until {TODAY + timedelta(days=3)}: 1 listing.")
    assert day.status["To 0 00123"].startswith("In force since ")
    assert day.status["Pause MGU"] == "Not in force: see Attention."
    assert day.status["To 0 BOX"] == "Not in force: see Attention."
    assert day.status["Ask why 5 on my-shop?"] == f"BLUE-M on my-shop shows 5 (in sync): {day.why['BLUE-M']}."
    assert day.status["Ask 00123"] == (
        "00123 (Title 00123): counted; 9 on the shelf, 0 sold and not shipped, so 9 free to sell. "
        "my-shop shows 0 (in sync): 9 stocked - 0 allocated = 9 -> to 0 in Control = 0."
    )
    assert day.status["Ask 77"].startswith("77 (Title 77): counted; 3 on the shelf")
    assert day.status["Ask what if reserve 2 for BOX"] == (
        "With Reserve 2 for BOX, 1 of 1 listing would change: 1 lower, 0 higher. "
        "The largest: BOX on my-shop 7 -> 5. Nothing was changed."
    )


def test_slips_are_rows_of_attention_at_their_cell(day: Day) -> None:
    rows = {row["Where"]: row for row in day.attention}
    assert rows[f"Control!B{FIRST + 4}"]["What"].startswith('Pause does not know what this is: "MGU". Do you mean MUG?')
    assert rows[f"Control!E{FIRST + 3}"]["What"] == (
        "This stop was over before it was typed: until 2020-01-01, so it never took effect."
    )
    assert rows["Control"]["What"] == (
        "Stopped by you: 1 SKU is paused (MUG), "
        f"1 SKU is frozen (BLUE-M at 5 until {TODAY + timedelta(days=3)}) and 1 SKU is held at 0 (00123)."
    )


def test_the_answer_stands_beside_the_row_by_a_formula_that_finds_it_by_its_words(day: Day) -> None:
    """Nothing while the tab it is found in has no title: what the title hangs on works the look-up out anew."""
    begins = '=IFERROR(IF(\'Control Status\'!$A$1="","",INDEX(Stocksheet_Control_Status['
    assert all(formula.startswith(begins) for formula in day.formulas), day.formulas


def test_explain_says_the_same_words_as_ask(day: Day) -> None:
    assert day.explained.code == day.asked.code == 0
    flat = " ".join(day.explained.text.split())
    assert "00123 (Title 00123): counted; 9 on the shelf, 0 sold and not shipped, so 9 free to sell." in flat
    assert day.status["Ask what if reserve 2 for BOX"] in " ".join(day.asked.text.split())


def test_what_is_cleared_comes_back(day: Day) -> None:
    assert day.later == {"BLUE-M": 20, "00123": 9, "MUG": 30, "BOX": 7, "77": 3}
