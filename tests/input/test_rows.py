"""SKUs as people and programs write them, and every slip in Rules and Matches: a real file, the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from tests.commands.conftest import SHOP
from tests.input.seller import Cell, Entry, Told, put, seller

DAMAGED = "This code looks damaged: {}. The spreadsheet seems to have made a date or a rounded number of it."
NOT_THERE = "The SKU {} is not in Item Master."
ITEM_DAMAGED = "The listing's SKU, {}, is that of a row in Item Master whose SKU looks damaged: {}."
SAME = (
    "The listing's SKU, {}, looks the same as one of your items, {}, and is written with other characters, such as "
    "letters of another alphabet."
)
LIKE = "has letters of another alphabet that look like Latin ones, and looks the same as"

LINKED: dict[str, tuple[Entry | Cell, str]] = {
    "number": (12345, "12345"),
    "fifteen digits": (123456789012345, "123456789012345"),
    "leading zeros": ("00123", "00123"),
    "Japanese": ("東京-1", "東京-1"),
    "Arabic": ("قميص", "قميص"),
    "no-break space": ("NB\u00a01", "NB 1"),
    "trailing spaces": ("TR1\u00a0 ", "TR1"),
    "zero-width": ("ZW\u200bX", "ZWX"),
    "soft hyphen": ("SO\u00adFT", "SOFT"),
    "line break": ("LI\nNE", "LI NE"),
    "other case": ("MixEd", "MIXED"),
    "equals sign": ("=SUM(1,1)", "=SUM(1,1)"),
    "plus sign": ("+PL", "+PL"),
    "minus sign": ("-MI", "-MI"),
    "at sign": ("@AT", "@AT"),
    "markup": ('<b>&"x', '<b>&"x'),
    "comma": ("A,B", "A,B"),
    "very long": ("L" * 300, "L" * 300),
}
"""What stands in the cell, and the SKU in the shop that it is."""

LEFT_ALONE: dict[str, tuple[Entry | Cell, str, str, str]] = {
    "sixteen digits": (1234567890123456, "1234567890123456", DAMAGED.format("1234567890123456"),
                       ITEM_DAMAGED.format("1234567890123456", "1234567890123456")),
    "scientific text": ("5.00638E+12", "5006381333931", DAMAGED.format("5.00638E+12"),
                        NOT_THERE.format("5006381333931")),
    "scientific format": (Cell(4006381333931, "0.00E+00"), "4006381333931", DAMAGED.format("4006381333931"),
                          ITEM_DAMAGED.format("4006381333931", "4006381333931")),
    "zeros by format": (Cell(77, "00000"), "00077", DAMAGED.format("77"), "The listing's SKU, 00077, looks damaged"),
    "a date": (datetime(2026, 3, 5), "5-MAR", DAMAGED.format("2026-03-05"), "The listing's SKU, 5-MAR, looks damaged"),
    "decimals": (12.5, "12.5", DAMAGED.format("12.5"), ITEM_DAMAGED.format("12.5", "12.5")),
    "percent": (Cell(0.5, "0%"), "50%", DAMAGED.format("0.5"), NOT_THERE.format("50%")),
    "check box": (True, "TRUE", "SKU needs a code, and a check box or a yes/no value stands there: TRUE.",
                  NOT_THERE.format("TRUE")),
    "error": ("#REF!", "#REF!", "SKU shows an error: #REF!.", NOT_THERE.format("#REF!")),
    "Cyrillic A": ("\u0410BC", "ABC", "The SKU \u0410BC has letters of another alphabet that look like Latin ones",
                   SAME.format("ABC", "\u0410BC")),
    "Greek O": ("XY\u039f", "XYO", "The SKU XY\u039f has letters of another alphabet that look like Latin ones",
                SAME.format("XYO", "XY\u039f")),
    "twice by case and space": ("twice ", "TWICE", "The SKU twice stands in more than one row",
                                "The listing TWICE fits several of your items: TWICE, twice."),
}  # fmt: skip
"""What stands in the cell, the SKU in the shop, what is said of the row, why the listing is not linked."""


@dataclass
class Day:
    checked: Told
    synced: Told
    shows: dict[str, int | None]
    listings: dict[str, dict[str, Any]]
    imports: dict[str, dict[str, Any]]
    row: dict[str, int]


@pytest.fixture(scope="module")
def skus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    entries: dict[str, Entry | Cell] = {name: entry for name, (entry, *_) in {**LINKED, **LEFT_ALONE}.items()}
    row = {name: at for at, name in enumerate(entries, 3)}

    def fill(book: openpyxl.Workbook) -> None:
        sheet = book["Item Master"]
        for name, entry in [
            *entries.items(),
            ("its twin", "TWICE"),
            ("Cyrillic", "\u0425\u0415\u04259"),
            ("Latin", "XEX9"),
        ]:
            at = row.setdefault(name, 3 + len(row))
            put(sheet.cell(at, 1), entry)
            if str(entry).startswith("="):
                sheet.cell(at, 1).data_type = "s"
            sheet.cell(at, 2).value, sheet.cell(at, 3).value = f"Title {name}", 20

    with seller(tmp_path_factory.mktemp("skus") / "here") as here:
        for name, (_, there, *_) in {**LINKED, **LEFT_ALONE}.items():
            here.sells(there, 5, name=name)
        here.sells("GOOD", 5)
        here.writes([{"SKU": "GOOD", "Title": "Good", "Stocked": 20}])
        here.changes(fill)
        checked = here.run("check")
        here.goes_live()
        synced = here.run("sync")
        named = {str(identity): name for name, identity in here.ids.items()}
        listings = {named[str(each["Listing"])]: each for each in here.person.look("Listings")}
        imports = {named[str(each["Listing"])]: each for each in here.person.look("Imports")}
        yield Day(checked, synced, {name: here.shows(name) for name in here.ids}, listings, imports, row)


@pytest.mark.parametrize("name", LINKED)
def test_a_sku_written_in_any_honest_way_is_found_and_pushed(skus: Day, name: str) -> None:
    assert (skus.listings[name]["Status"], skus.shows[name]) == ("in sync", 20)


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_a_sku_that_may_be_another_is_named_and_nothing_is_pushed(skus: Day, name: str) -> None:
    _, _, said, why = LEFT_ALONE[name]
    assert skus.checked.lines(f"Item Master!A{skus.row[name]}: {said}"), skus.checked.text
    assert skus.imports[name]["Why not linked"].startswith(why)
    assert skus.shows[name] == 5


def test_two_rows_that_an_eye_cannot_tell_apart_are_named(skus: Day) -> None:
    (line,) = skus.checked.lines(LIKE)
    assert line.startswith(f"fix  Item Master!A{skus.row['Cyrillic']}: ")
    assert f"{LIKE} XEX9, so it may not be found in the shops." in line


def test_numbers_and_spaces_are_told_once_a_column(skus: Day) -> None:
    assert skus.checked.lines("2 SKUs are stored as numbers, such as 12345. They are read as their digits.")
    assert skus.checked.lines("SKUs have spaces around or characters that cannot be seen")
    assert (skus.checked.code, skus.synced.code) == (1, 1)


# --- Rules and Matches

RULES: dict[str, tuple[dict[str, Entry | Cell], str, str]] = {
    "no such shop": ({"Channel": "esty", "Maximum": 1}, "A", 'There is no connected shop of this name: "esty".'),
    "no such item": ({"SKU": "NOPE", "Maximum": 1}, "B", "The SKU is not in Item Master: NOPE."),
    "no such tag": ({"Tag": "summer", "Maximum": 1}, "C", 'No item has this tag: "summer".'),
    "150": ({"SKU": "A", "Percent": 150}, "D", "Percent is more than 100 %: 150."),
    "1": ({"SKU": "B", "Percent": 1}, "D", "It is not clear whether this means 1 % or 100 %: 1."),
    "below zero": ({"SKU": "C", "Percent": -5}, "D", "Percent is below zero: -5."),
    "in words": ({"SKU": "D", "Percent": "eighty"}, "D", 'Percent is not a percent: "eighty".'),
    "upside down": ({"SKU": "I", "Minimum": 30, "Maximum": 25}, "I",
                    "The Minimum is above the Maximum: 30 and 25. The Minimum comes last, so it is what counts."),
    "rounding": ({"SKU": "E", "Rounding": "sideways"}, "E", 'Rounding takes a word from its list, not "sideways".'),
    "reserve": ({"SKU": "F", "Reserve": "two"}, "G", 'Reserve is not a number: "two".'),
    "day": ({"SKU": "G", "Freeze at": 3, "Until": "31/12/2026"}, "N",
            'Until is not a day that can be understood: "31/12/2026".'),
}  # fmt: skip
"""A row of Rules that says something wrong, its cell's column, what is said."""
PERCENTS: dict[str, Entry | Cell] = {"P1": 80, "P2": 0.8, "P3": "80%", "P4": "80 %", "P5": Cell(0.8, "0%")}
MATCHES: list[tuple[dict[str, Entry | Cell], str, str]] = [
    ({"Channel": SHOP, "Listing": "X1", "SKU": "A"}, "B", "Two rows of Matches link the same listing to the same item"),
    ({"Channel": SHOP, "Listing": "X1", "SKU": "A", "Units": 2}, "B", "Two rows of Matches link the same listing"),
    ({"Channel": "nope", "Listing": "X2", "SKU": "A"}, "A", 'There is no connected shop of this name: "nope".'),
    ({"Channel": SHOP, "Listing": "X3", "SKU": "NOPE"}, "C", "is not in Item Master: NOPE."),
    ({"Channel": SHOP, "Listing": "X4", "SKU": "A", "Units": 1.5}, "D", "Units is not a whole number: 1.5."),
    ({"Channel": SHOP, "Listing": "X5", "SKU": "A", "Units": 0}, "D", "Units is 0, and one sale takes at least 1."),
    ({"Channel": SHOP, "Listing": "X6"}, "B", "A row of Matches needs a listing and a SKU, and one is missing."),
]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    items = [*"ABCDEFGHI", *PERCENTS]
    rows = [row for row, *_ in RULES.values()] + [{"SKU": sku, "Percent": said} for sku, said in PERCENTS.items()]
    with seller(tmp_path_factory.mktemp("rules") / "here") as here:
        for sku in [*items, *(f"X{n}" for n in range(1, 7))]:
            here.sells(sku, 5)
        stock = [{"SKU": sku, "Title": sku, "Stocked": 20} for sku in items]
        here.writes(stock, Rules=rows, Matches=[row for row, *_ in MATCHES])
        checked = here.run("check")
        here.goes_live()
        synced = here.run("sync")
        yield Day(checked, synced, {name: here.shows(name) for name in here.ids}, {}, {}, {})


@pytest.mark.parametrize("name", RULES)
def test_a_slip_in_rules_is_named_with_its_cell(rules: Day, name: str) -> None:
    _, column, said = RULES[name]
    row = 2 + list(RULES).index(name)
    assert rules.checked.lines(f"Rules!{column}{row}: {said}"), rules.checked.text


@pytest.mark.parametrize("at", range(len(MATCHES)))
def test_a_slip_in_matches_is_named_with_its_cell_and_links_nothing(rules: Day, at: int) -> None:
    row, column, said = MATCHES[at]
    (line,) = rules.checked.lines(f"Matches!{column}{at + 2}: ")
    assert said in line
    assert rules.shows[str(row["Listing"])] == 5


def test_a_slip_in_a_rule_has_no_effect_and_80_percent_is_80_percent_however_it_is_written(rules: Day) -> None:
    assert [rules.shows[sku] for sku in "ABCDEFGHI"] == [20, 20, 20, 20, 20, 20, 3, 20, 30]
    assert [rules.shows[sku] for sku in PERCENTS] == [16] * 5
    assert rules.checked.code == 1
