"""The person of the demo and the tests types into a real file as a spreadsheet program does."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from agent.practice.person import Person, Typing

starter = pytest.importorskip("agent.workbooks.starter")


@pytest.fixture
def person(tmp_path: Path) -> Person:
    file = tmp_path / "Stock.xlsx"
    file.write_bytes(starter.make_starter())
    return Person(file)


def members(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_typing_changes_one_cell_and_no_other_part_of_the_file(person: Person) -> None:
    before = members(person.file)
    person.types("Item Master", {"SKU": "MUG"}, "Stocked", 50)
    after = members(person.file)
    assert [name for name in before if before[name] != after[name]] == ["xl/worksheets/sheet2.xml"]
    assert {row["SKU"]: row["Stocked"] for row in person.look("Item Master")}["MUG"] == 50


def test_what_is_typed_opens_in_another_program_with_its_format(person: Person) -> None:
    person.save([Typing("Item Master", {"SKU": "MUG"}, "Title", "Mug & saucer <new>"),
                 Typing("Item Master", {"SKU": "BOX"}, "Stocked", None)])  # fmt: skip
    sheet = openpyxl.load_workbook(person.file)["Item Master"]
    rows = {row[0].value: row for row in sheet.iter_rows(min_row=2)}
    assert rows["MUG"][1].value == "Mug & saucer <new>"
    assert rows["BOX"][2].value is None
    assert rows["00123"][0].number_format == "@"


def test_rows_are_added_below_and_the_table_grows(person: Person) -> None:
    person.adds("Rules", [{"Percent": 0.8, "Channel": "my-shop"}, {"SKU": "MUG", "Reserve": 2}, {"Maximum": 8}])
    assert [row.get("Reserve") for row in person.look("Rules")[:3]] == [None, 2, None]
    sheet = openpyxl.load_workbook(person.file)["Rules"]
    assert next(iter(sheet.tables.values())).ref.endswith("4")
    assert sheet.cell(2, 4).number_format == "0%"


def test_a_row_that_is_not_there_is_a_mistake(person: Person) -> None:
    with pytest.raises(KeyError):
        person.types("Item Master", {"SKU": "NO-SUCH"}, "Stocked", 1)
