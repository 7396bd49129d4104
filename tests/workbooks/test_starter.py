"""The starter workbook: what a new seller finds."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from agent.workbooks import starter
from agent.workbooks.base import Snapshot
from agent.workbooks.starter import make_starter
from agent.workbooks.starter_content import EXAMPLE_HEADERS, ITEMS, RULE_EXAMPLES
from agent.workbooks.tabs import CONTROLS, RULES, TABS
from agent.workbooks.xlsx.reading import read_snapshot

TEMPLATE = Path(__file__).parents[2] / "templates" / "starter.xlsx"


@pytest.fixture(scope="module")
def content() -> bytes:
    return make_starter()


@pytest.fixture(scope="module")
def book(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def snapshot(content: bytes) -> Snapshot:
    return read_snapshot(content, dt.datetime.now(dt.UTC))


def test_the_template_in_the_repository_is_the_one_that_the_declaration_makes(content: bytes) -> None:
    def parts(data: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            return {info.filename: file.read(info) for info in file.infolist()}

    made, kept = parts(content), parts(TEMPLATE.read_bytes())
    different = [name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name)]
    assert not different, "make it again: python -m agent.workbooks.starter templates/starter.xlsx"


def test_it_is_the_same_each_time_it_is_made(content: bytes) -> None:
    assert make_starter() == content


def test_it_has_every_tab_in_order_and_five_are_visible(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == [tab.name for tab in TABS]
    visible = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    assert visible == ["Start here", "Item Master", "Imports", "Listings", "Attention"]


def test_it_is_read_without_a_question(content: bytes) -> None:
    found = snapshot(content)
    assert found.issues.is_empty()
    assert set(found.tabs) == {tab.name for tab in TABS}
    assert found.mark is None


def test_the_example_items_are_read_as_they_stand_there(content: bytes) -> None:
    items = snapshot(content).tabs["Item Master"]
    assert items["SKU"].to_list() == [item["SKU"] for item in ITEMS]
    assert set(items["SKU|kind"]) == {"text"}
    zeros = items.row(by_predicate=pl.col("SKU") == "00123", named=True)
    assert (zeros["Stocked"], zeros["SKU|format"]) == ("250", "text")
    assert items.filter(pl.col("SKU") == "BLUE-L")["Stocked"].to_list() == ["0"]
    assert items.filter(pl.col("SKU") == "GIFT-CARD")["Stocked"].to_list() == [None]


def test_without_an_example_item_master_is_empty() -> None:
    assert snapshot(make_starter(example=False)).tabs["Item Master"].is_empty()


def test_items_of_the_seller_stand_in_the_place_of_the_example() -> None:
    mine = pl.DataFrame({"SKU": ["=A", "007"], "Stocked": [5, None], "Price": [1.0, 2.0]})
    items = snapshot(make_starter(mine)).tabs["Item Master"]
    assert items.select("SKU", "SKU|formula", "Stocked").rows() == [("=A", False, "5"), ("007", False, None)]


def test_every_rule_has_an_example_that_has_no_effect_S4_19(content: bytes, book: openpyxl.Workbook) -> None:
    assert snapshot(content).tabs["Rules"].is_empty()
    said = " ".join(name for name, _, _ in RULE_EXAMPLES)
    assert all(column.name in said for column in RULES.columns if column.name not in ("Channel", "SKU", "Tag"))
    header = [cell.value for cell in book["Rules"][1]]
    assert header[-3:] == list(EXAMPLE_HEADERS)


def test_every_header_says_what_it_means(book: openpyxl.Workbook) -> None:
    for tab in TABS:
        top = 5 if tab.name == "Start here" else 1
        for index, column in enumerate(tab.columns, 1):
            note = book[tab.name].cell(top, index).comment
            assert note is not None and column.note in note.text
            assert column.example in note.text


def test_codes_are_text_before_anything_is_typed(book: openpyxl.Workbook) -> None:
    sheet = book["Item Master"]
    assert sheet.column_dimensions["A"].number_format == "@"
    assert sheet.column_dimensions["D"].number_format == "@"


def test_the_controls_stand_in_control(content: bytes) -> None:
    rows = snapshot(content).tabs["Control"]
    assert dict(rows.select("Control", "Value").iter_rows()) == {
        name: value or None for name, (value, _) in CONTROLS.items()
    }


def test_tabs_are_found_again_after_a_rename(book: openpyxl.Workbook, content: bytes) -> None:
    again = openpyxl.load_workbook(io.BytesIO(content))
    again["Item Master"].title = "Inventaire"
    held = io.BytesIO()
    again.save(held)
    assert snapshot(held.getvalue()).names["Item Master"] == "Inventaire"


def test_the_look_up_beside_an_item_is_blank_where_nothing_is_known(book: openpyxl.Workbook) -> None:
    formula = str(book["Item Master"]["L2"].value)
    assert formula.startswith("=IFERROR(IF(") and '=""' in formula


@pytest.mark.parametrize(
    ("text", "fill"),
    [(starter.WHITE, starter.NAVY), (starter.WHITE, starter.GREEN), (starter.GREY, starter.WHITE),
     ("000000", starter.CREAM),
     starter.GOOD, starter.WAITS, starter.BAD],
)  # fmt: skip
def test_every_text_stands_out_from_its_ground(text: str, fill: str) -> None:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(text), light(fill)), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5
