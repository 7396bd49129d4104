"""The starter workbook: what a new seller finds."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from agent.frames import MIRROR, empty
from agent.workbooks import looks
from agent.workbooks.base import Mark, Snapshot
from agent.workbooks.starter import make_starter
from agent.workbooks.starter_content import EXAMPLE_HEADERS, ITEMS, RULE_EXAMPLES
from agent.workbooks.tabs import AGENT_TABS, BY_NAME, CONTROLS, RULES, TABS
from agent.workbooks.xlsx.package import Package
from agent.workbooks.xlsx.reading import read_snapshot
from agent.workbooks.xlsx.writing import Job, build

FIVE = (looks.NAVY, looks.GREEN, looks.AMBER, looks.RED, looks.GREY)
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
        top = looks.header_row(tab)
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


def light(colour: str) -> float:
    """Relative luminance (WCAG 2, 1.4.3)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("text", "ground"), looks.CONTRASTS)
def test_every_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    high, low = sorted((light(text), light(ground)), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5


COLOUR = re.compile(r'(?:rgb|lastClr)="(?:FF|00)?([0-9A-Fa-f]{6})"')


PALETTE = re.compile(r"<indexedColors>.*?</indexedColors>", re.DOTALL)


def colours_of(content: bytes) -> set[str]:
    package = Package.open(content)
    parts = [package.styles_part or "", *(sheet.part for sheet in package.sheets)]
    texts = (PALETTE.sub("", package.data(part).decode()) for part in parts)
    return {found.upper() for text in texts for found in COLOUR.findall(text)}


def test_no_colour_is_used_that_is_not_declared(content: bytes) -> None:
    declared = {looks.INK, looks.WHITE, looks.LINE, *FIVE, looks.GREEN_TINT, looks.AMBER_TINT, looks.RED_TINT}
    bare = openpyxl.Workbook()
    bare.create_sheet("Mine")
    held = io.BytesIO()
    bare.save(held)
    frames = {tab.name: pl.DataFrame(schema=dict.fromkeys(tab.agent_columns, pl.String)) for tab in AGENT_TABS}
    added = build(Package.open(held.getvalue()), Job(frames, empty(MIRROR), Mark("shop", 1))).content
    assert len(set(FIVE)) == 5
    assert colours_of(content) <= declared and colours_of(added) <= declared


def test_states_are_told_by_words_and_no_two_states_begin_alike() -> None:
    for state, words in looks.STATES.items():
        others = [other for name, more in looks.STATES.items() if name != state for other in more]
        assert not [(a, b) for a in words for b in others if a.lower().startswith(b.lower())]


def test_tabs_are_coloured_by_their_owner(book: openpyxl.Workbook) -> None:
    for tab in TABS:
        assert book[tab.name].sheet_properties.tabColor.rgb == "00" + looks.TAB_COLOURS[looks.owner_of(tab)]
    assert looks.owner_of(BY_NAME["Imports"]) == "both" and len(set(looks.TAB_COLOURS.values())) == 3


def test_every_column_of_a_person_has_an_example() -> None:
    yours = [column for tab in TABS for column in tab.columns if column.owner == "person"]
    assert [column.name for column in yours if not column.example] == []
    assert all(len(looks.note_of(column)) <= 255 for tab in TABS for column in tab.columns)  # Excel shows no more


def test_dropdowns_offer_the_real_lists(book: openpyxl.Workbook) -> None:
    def lists(tab: str) -> dict[str, str]:
        found = book[tab].data_validations.dataValidation
        return {str(one.sqref).split(":")[0]: str(one.formula1) for one in found if one.type == "list"}

    shops, items = "'Channel Status'!$A$4:$A$5000", "'Item Master'!$A$2:$A$5000"
    assert lists("Rules")["A2"] == lists("Matches")["A2"] == lists("Channels")["A2"] == shops
    assert lists("Rules")["B2"] == lists("Matches")["C2"] == lists("Stock In and Out")["A2"] == items


def test_the_light_says_in_words_what_its_colour_says(book: openpyxl.Workbook) -> None:
    sheet = book["Start here"]
    formula = str(sheet["A2"].value)
    assert all(f'"{word} Last looked "' in formula for word in looks.LIGHTS.values())
    rules = [rule for area in sheet.conditional_formatting if str(area.sqref).startswith("A2:") for rule in area.rules]
    assert [rule.formula[0] for rule in rules] == [looks.light_test(state) for state in looks.SIGNALS]


def test_no_text_within_a_formula_is_longer_than_excel_takes() -> None:
    for tab in TABS:
        for line in looks.lines(tab):
            assert all(len(part) <= 255 for part in re.findall(r'"([^"]*)"', line.text))


def test_every_agents_tab_says_what_it_is_and_when_it_was_refreshed(book: openpyxl.Workbook) -> None:
    for tab in AGENT_TABS:
        if tab.name not in ("Start here", "Dashboard", "Chart Data"):  # Chart Data is hidden: its header comes first
            assert tab.name in str(book[tab.name]["A1"].value)
            assert tab.note in str(book[tab.name]["A2"].value) and looks.REFRESHED in str(book[tab.name]["A2"].value)
        assert book[tab.name].freeze_panes == f"A{looks.header_row(tab) + 1}"
