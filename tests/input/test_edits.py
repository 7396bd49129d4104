"""Edits that look wrong, and honest ones that only look so: a real file, the command line (DESIGN section 8)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from agent.workbooks.xlsx.beside import is_copy
from tests.input.seller import Seller, seller

COUNT = 60
SKUS = [f"SKU-{n:02}" for n in range(COUNT)]
CHANCE = Random(5)
STOCK = [CHANCE.randint(3, 60) for _ in SKUS]
SOLD = SKUS[30]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Seller, Path]]:
    """A seller of sixty items who is live, and a copy of how everything lies then."""
    folder = tmp_path_factory.mktemp("edits")
    with seller(folder / "here") as here:
        for sku in SKUS:
            here.sells(sku, 5)
        here.writes([{"SKU": sku, "Title": f"Item {sku}", "Stocked": n} for sku, n in zip(SKUS, STOCK, strict=True)])
        here.goes_live()
        shutil.copytree(here.folder, folder / "kept")
        yield here, folder / "kept"


@pytest.fixture
def shop(template: tuple[Seller, Path]) -> Seller:
    """The seller, everything as it was on the first day."""
    here, kept = template
    shutil.rmtree(here.folder)
    shutil.copytree(kept, here.folder)
    for order in list(here.shop.orders):
        here.shop.set_status(order, "cancelled")
    for sku, stocked in zip(SKUS, STOCK, strict=True):
        here.shop.type_quantity(here.ids[sku], stocked)
    return here


def numbers(change: Callable[[list[Any]], list[Any]]) -> Callable[[openpyxl.Workbook], None]:
    """The cells of Stocked, from the second row to the last, replaced."""

    def apply(book: openpyxl.Workbook) -> None:
        sheet = book["Item Master"]
        old = [sheet.cell(row, 3).value for row in range(2, COUNT + 2)]
        for row, value in enumerate(change(old), 2):
            sheet.cell(row, 3).value = value

    return apply


def _half_gone(book: openpyxl.Workbook) -> None:
    book["Item Master"].delete_rows(2, COUNT // 2)


WRONG: dict[str, tuple[Callable[[openpyxl.Workbook], None], str, str]] = {
    "one column sorted alone": (numbers(sorted), "The numbers in Stocked seem to have moved to other rows", "C2"),
    "a cell pasted in": (
        numbers(lambda old: [*old[:20], 7, *old[20:-1]]), "The numbers in Stocked seem to have moved to other rows",
        "C22",
    ),
    "zeros filled down": (
        numbers(lambda old: [*old[:9], *[0] * 6, *old[15:]]), "Cells of Stocked one below the other were all set to 0: "
        "6 of 60", "C11:C16",
    ),
    "a number filled down": (
        numbers(lambda old: [*old[:9], *[old[8]] * 8, *old[17:]]),
        "Cells of Stocked one below the other all took the number of the cell beside them", "C11:C16",
    ),
    "units times twelve": (
        numbers(lambda old: [12 * each for each in old]), "All of Stocked together has at least doubled", "C2:C61"
    ),
    "half of everything": (
        numbers(lambda old: [each // 2 for each in old]), "All of Stocked together fell to half or less", "C2:C61"
    ),
    "half the rows gone": (_half_gone, "Many items are gone from Item Master or have lost their number: 30 of 60", ""),
    "cleared": (
        numbers(lambda old: [*old[:9], *[None] * 9, *old[18:]]),
        "Many items are gone from Item Master or have lost their number: 9 of 60", "blank now: C11:C19",
    ),
    "one digit too many": (
        numbers(lambda old: [*old[:5], 40_000, *old[6:]]), "Stocked of SKU-05, in C7, changed very much at once", "C7"
    ),
}  # fmt: skip
"""What slipped, what the brake says, and the cells."""


@pytest.mark.parametrize("name", WRONG)
def test_a_slip_is_held_named_with_its_cells_and_let_go_by_yes_I6(shop: Seller, name: str) -> None:
    change, sentence, cells = WRONG[name]
    shop.changes(change)
    shop.shop.sell(shop.ids[SOLD], 1)  # lowering by orders is never held
    told = shop.run("sync")
    (line,) = shop_lines(told.text)
    assert sentence in line
    assert cells in line
    assert told.code == 1
    held = dict(zip(SKUS, STOCK, strict=True)) | {SOLD: STOCK[30] - 1}
    if name != "one digit too many":
        assert {sku: shop.shows(sku) for sku in SKUS} == held
    shop.answers(sentence.partition(":")[0])
    shop.run("sync")
    assert not [row for row in shop.attention() if row["Answers"]]
    if "gone" not in name and name != "cleared":
        assert {sku: shop.shows(sku) for sku in SKUS} != held


def shop_lines(text: str) -> list[str]:
    """The lines of what was told that ask for an answer."""
    return [line for line in text.splitlines() if "Answers: " in line]


def test_a_slip_that_is_undone_asks_nothing_any_more(shop: Seller) -> None:
    shop.changes(numbers(sorted))
    shop.run("sync")
    shop.changes(numbers(lambda _: list(STOCK)))
    assert shop.run("sync").code == 0
    assert [shop.shows(sku) for sku in SKUS] == STOCK


def test_a_yes_does_not_let_another_slip_through(shop: Seller) -> None:
    """An approval is bound to exactly these cells and numbers."""
    shop.changes(numbers(lambda old: [0, 0, 0, 0, 0, *old[5:]]))
    shop.run("sync")
    shop.answers("one below the other")
    shop.changes(numbers(lambda old: [0, 0, 0, 0, 0, 0, 0, *old[7:]]))
    told = shop.run("sync")
    assert "7 of 60" in told.text
    assert [shop.shows(sku) for sku in SKUS] == STOCK


# --- honest


def _sorted_whole(book: openpyxl.Workbook) -> None:
    sheet = book["Item Master"]
    rows = sorted(([cell.value for cell in row] for row in sheet.iter_rows(min_row=2, max_row=COUNT + 1, max_col=10)),
                  key=lambda row: row[2])  # fmt: skip
    for at, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            sheet.cell(at, column).value = value


def _rows_between(book: openpyxl.Workbook) -> None:
    sheet = book["Item Master"]
    for at in (40, 20, 10):
        sheet.insert_rows(at)
    sheet["B10"] = "a heading of my own"


def _a_column_before(book: openpyxl.Workbook) -> None:
    sheet = book["Item Master"]
    for row in range(1, COUNT + 2):
        sheet.cell(row, 13).value = "Price" if row == 1 else 9.99 + row


def _new_collection(book: openpyxl.Workbook) -> None:
    sheet = book["Item Master"]
    for n in range(200):
        for column, value in enumerate((f"NEW-{n}", f"New {n}", 12), 1):
            sheet.cell(COUNT + 2 + n, column).value = value


def _hidden(book: openpyxl.Workbook) -> None:
    sheet = book["Item Master"]
    for row in range(10, 40):
        sheet.row_dimensions[row].hidden = True
    sheet.auto_filter.ref = f"A1:J{COUNT + 1}"
    book.move_sheet("Item Master", 2)


def _alias(book: openpyxl.Workbook) -> None:
    book["Item Master"]["C1"] = "On hand"


def _six_scattered(old: list[Any]) -> list[Any]:
    return [0 if at in (3, 11, 20, 33, 41, 55) else each for at, each in enumerate(old)]


HONEST: dict[str, tuple[Callable[[openpyxl.Workbook], None], dict[str, int]]] = {
    "a stock-take of forty": (
        numbers(lambda old: [max(1, n + (-1, 0, 1, -2)[at % 4]) if at < 40 else n for at, n in enumerate(old)]),
        {sku: max(1, n + (-1, 0, 1, -2)[at % 4]) for at, (sku, n) in enumerate(zip(SKUS[:40], STOCK, strict=False))},
    ),
    "sold out at a market: six zeros": (
        numbers(_six_scattered), dict(zip(SKUS, _six_scattered(STOCK), strict=True))
    ),
    "the whole table sorted": (_sorted_whole, {}),
    "rows inserted": (_rows_between, {}),
    "a season's new prices": (_a_column_before, {}),
    "a new collection of 200": (_new_collection, {}),
    "hidden, filtered, moved": (_hidden, {}),
    "a column renamed by alias": (_alias, {}),
}  # fmt: skip
"""What people really do, and the items that show another number then."""


@pytest.mark.parametrize("name", HONEST)
def test_honest_work_that_only_looks_wrong_is_not_held(shop: Seller, name: str) -> None:
    change, then = HONEST[name]
    shop.changes(change)
    told = shop.run("sync")
    assert told.code == 0, told.text
    assert {sku: shop.shows(sku) for sku in SKUS} == dict(zip(SKUS, STOCK, strict=True)) | then


# --- other copies


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Stock (Anna's conflicted copy 2026-11-22).xlsx", "sure"),
        ("Stock (conflicted copy 2026-11-22 101112).xlsx", "sure"),
        ("Stock (Annas Kopie in Konflikt).xlsx", "sure"), ("Stock.sync-conflict-20261122-101112-ABCDEFG.xlsx", "sure"),
        ("Stock-DESKTOP-4F7Q2.xlsx", "sure"), ("Stock-LAPTOP-A1B2C3-2.xlsx", "sure"), ("STOCK-anna-pc.xlsx", "sure"),
        ("Stock 2.xlsx", "maybe"), ("Stock (1).xlsx", "maybe"), ("Stock-OFFICE.xlsx", "maybe"),
        ("Stock-2025.xlsx", "maybe"),
        ("Stock.xlsx", None), ("Stock - results.xlsx", None), ("Stock 2026 old.xlsx", None), ("~$Stock.xlsx", None),
        ("Stock (2).xlsm", None), ("Stocktake.xlsx", None), ("Prices 2.xlsx", None),
    ],
)  # fmt: skip
def test_copies_of_sync_services_are_known_by_their_names(name: str, is_one: str | None) -> None:
    assert is_copy("Stock.xlsx", name, computer="anna-pc") == is_one


@pytest.mark.parametrize("name", ["Stock-DESKTOP-4F7Q2.xlsx", "Stock (Anna's conflicted copy).xlsx", "Stock 2.xlsx"])
def test_a_conflicted_copy_beside_the_file_holds_until_it_is_gone(shop: Seller, name: str) -> None:
    other = shop.workbook.with_name(name)
    shutil.copy(shop.workbook, other)
    shop.changes(numbers(lambda old: [old[0] + 1, *old[1:]]))
    shop.shop.sell(shop.ids[SOLD], 1)
    told = shop.run("sync")
    (line,) = shop_lines(told.text)
    assert f"Another copy of your workbook lies beside it and holds something else: {name}" in line
    assert (shop.shows(SKUS[0]), shop.shows(SOLD)) == (STOCK[0], STOCK[30] - 1)
    before = other.read_bytes()
    shop.run("sync")
    assert other.read_bytes() == before
    other.unlink()
    assert shop.run("sync").code == 0
    assert shop.shows(SKUS[0]) == STOCK[0] + 1


def test_use_this_one_settles_a_copy_for_good(shop: Seller) -> None:
    shutil.copy(shop.workbook, shop.workbook.with_name("Stock (conflicted copy).xlsx"))
    shop.changes(numbers(lambda old: [old[0] + 1, *old[1:]]))
    shop.run("sync")
    shop.answers("Another copy", "use this one")
    assert shop.run("sync").code == 0
    shop.changes(numbers(lambda old: [old[0] + 1, *old[1:]]))
    assert shop.run("sync").code == 0
    assert shop.shows(SKUS[0]) == STOCK[0] + 2


def test_an_older_copy_put_back_only_lowers(shop: Seller) -> None:
    old = shop.workbook.read_bytes()
    shop.changes(numbers(lambda now: [now[0] + 1, *now[1:]]))
    shop.run("sync")
    shop.workbook.write_bytes(old)
    shop.shop.sell(shop.ids[SOLD], 1)
    (line,) = shop_lines(shop.run("sync").text)
    assert "This looks like an older copy of your workbook" in line
    assert (shop.shows(SKUS[0]), shop.shows(SOLD)) == (STOCK[0] + 1, STOCK[30] - 1)


def test_words_pasted_over_stocked_freeze_just_these_rows(shop: Seller) -> None:
    shop.changes(numbers(lambda old: [f"Item {n}" if 5 <= n < 20 else each for n, each in enumerate(old)]))
    told = shop.run("sync")
    assert not shop_lines(told.text)
    assert 'Item Master!C7: Stocked is not a number: "Item 5".' in told.text
    assert [shop.shows(sku) for sku in SKUS] == STOCK


def test_a_formula_that_became_its_value_changes_nothing(shop: Seller) -> None:
    shop.changes(numbers(lambda old: [f"={old[0] - 1}+1", *old[1:]]))
    assert shop.run("sync").code == 1  # openpyxl saves no results
    shop.changes(numbers(lambda old: [STOCK[0], *old[1:]]))
    assert shop.run("sync").code == 0
    assert [shop.shows(sku) for sku in SKUS] == STOCK


def test_a_mistake_of_the_reader_is_a_workbook_that_is_out(shop: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever we stumble over in a file, sales still lower."""

    def stumble(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("agent.workbooks.excel.read_snapshot", stumble)
    shop.shop.sell(shop.ids[SOLD], 1)
    told = shop.run("sync")
    assert told.code == 1
    assert "Stock.xlsx cannot be read: Stocksheet stumbled over it" in told.text
