"""`stocksheet init`: taking over a seller's own workbook, and items from a connected shop, as a seller meets them."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from agent import app, config
from agent.__main__ import main
from agent.config_write import add_channel, set_value
from agent.practice.person import Person
from tests.commands.conftest import Place, said
from tests.workbooks.made import CORPUS, saved
from tests.workbooks.seller_books import Book, all_books, fill, new

Types = Callable[..., None]
MUG = 11
"""The mug's id in the practice shop."""

BOOKS = all_books()


def put(folder: Path, book: Book, name: str = "Mine") -> Path:
    file = folder / f"{name}{book.suffix}"
    file.write_bytes(book.content)
    return file


def adopt(file: Path, *more: str) -> int:
    return main(["init", "--workbook", str(file), "--config", str(file.parent / "place" / "config.toml"), *more])


# --- taking over ----------------------------------------------------------------------------------------------------


def test_a_workbook_is_taken_over_with_one_yes(tmp_path: Path, types: Types, capsys) -> None:  # type: ignore[no-untyped-def]
    book = BOOKS["german_list_with_title_and_total"]()
    file = put(tmp_path, book)
    types("yes")
    assert adopt(file) == 0
    shown = said(capsys)
    assert "Artikel-Nr. KZ-001, KZ-002, KZ-003" in shown
    assert "Left alone: Lfd. Nr., Mindest- bestand, VK brutto:" in shown
    assert "20 items, 20 of them with a quantity (630 units)." in shown
    assert (tmp_path / "Mine (before Stocksheet).xlsx").read_bytes() == book.content
    assert config.load(tmp_path / "place" / "config.toml").workbook == str(file)
    assert "Imports" in openpyxl.load_workbook(file).sheetnames


def test_taking_over_again_says_that_it_is_done_and_changes_nothing(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    file = put(tmp_path, BOOKS["french"]())
    assert adopt(file, "--yes") == 0
    content = file.read_bytes()
    said(capsys)
    assert adopt(file, "--yes") == 0
    assert "taken over already. Nothing in it was changed." in said(capsys)
    assert file.read_bytes() == content


def test_a_workbook_that_stocksheet_made_is_not_taken_over_again(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "config.toml"
    assert main(["init", "--config", str(file)]) == 0
    made = tmp_path / "Stocksheet.xlsx"
    content = made.read_bytes()
    assert main(["init", "--config", str(file), "--workbook", str(made)]) == 0
    assert "taken over already" in said(capsys)
    assert made.read_bytes() == content


@pytest.mark.parametrize("more", [["--dry-run"], ["--dry-run", "--yes"]])
def test_a_try_shows_everything_and_changes_nothing(tmp_path: Path, more: list[str], capsys) -> None:  # type: ignore[no-untyped-def]
    book = BOOKS["spanish"]()
    file = put(tmp_path, book)
    assert adopt(file, *more) == 0
    assert "nothing was changed" in said(capsys)
    assert file.read_bytes() == book.content
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_a_no_changes_nothing(tmp_path: Path, types: Types, capsys) -> None:  # type: ignore[no-untyped-def]
    book = BOOKS["spanish"]()
    file = put(tmp_path, book)
    types("no")
    assert adopt(file) == 1
    assert "Nothing was changed" in said(capsys)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert file.read_bytes() == book.content


def test_several_stock_columns_are_asked_once_with_numbers_and_remembered(tmp_path: Path, types: Types, capsys) -> None:  # type: ignore[no-untyped-def]
    file = put(tmp_path, BOOKS["several_stock_columns"]())
    types("seven", "9", "3", "yes")
    assert adopt(file) == 0
    shown = said(capsys)
    assert "Which column says how many you have on the shelf" in shown
    assert "1 Warehouse (column C: 1, 2, 3)" in shown
    assert "Please type a number from 0 to 4." in shown
    assert "Stocked E Total" in shown
    assert adopt(file) == 0  # nothing is asked again: nobody would answer


def test_none_of_these_stops_and_changes_nothing(tmp_path: Path, types: Types, capsys) -> None:  # type: ignore[no-untyped-def]
    book = BOOKS["several_stock_columns"]()
    file = put(tmp_path, book)
    types("0")
    assert adopt(file) == 1
    assert file.read_bytes() == book.content
    types()
    assert adopt(file) == 2
    assert "nobody typed an answer" in said(capsys)


def test_of_several_item_tabs_one_is_chosen(tmp_path: Path, types: Types, capsys) -> None:  # type: ignore[no-untyped-def]
    file = put(tmp_path, BOOKS["two_item_tabs"]())
    types("2", "yes")
    assert adopt(file) == 0
    assert "2 Mugs (5 rows, heading in row 2)" in said(capsys)


def test_a_macro_workbook_keeps_its_macros(tmp_path: Path) -> None:
    file = put(tmp_path, BOOKS["macros"]())
    assert adopt(file, "--yes") == 0
    with zipfile.ZipFile(file) as package:
        assert package.read("xl/vbaProject.bin") == b"\xd0\xcf\x11\xe0made-up macros" * 40
        assert b"macroEnabled.main+xml" in package.read("[Content_Types].xml")


def test_a_workbook_that_is_open_is_left_alone(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    book = BOOKS["spanish"]()
    file = put(tmp_path, book)
    (tmp_path / f"~${file.name}").write_bytes(b"Anna")
    assert adopt(file, "--yes") == 2
    assert "Mine.xlsx is open in Excel. Close it there" in said(capsys)
    assert file.read_bytes() == book.content


def test_what_is_no_list_of_items_is_said_so(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    made, sheet = new("Budget")
    fill(sheet, 1, 1, [["Month", "Rent", "Light"], ["May", 900, 40], ["June", 900, 35]])
    file = put(tmp_path, Book(saved(made), "Budget", 1, {}, 2))
    assert adopt(file, "--yes") == 2
    shown = said(capsys)
    assert "No tab of it looks like a list of items" in shown
    assert "Name them SKU and Stocked" in shown


def test_a_list_without_quantities_is_told_what_it_lacks(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    made, sheet = new("Products")
    fill(sheet, 1, 1, [["SKU", "Name", "Price"], *([f"A{i}", "x", 2.5] for i in range(9))])
    file = put(tmp_path, Book(saved(made), "Products", 1, {}, 9))
    assert adopt(file, "--yes") == 2
    assert "its tab Products has no column that says how many there are" in said(capsys)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0", "not an Excel workbook (.xlsx)"),
        ("list.csv", b"sku,qty\n", "not an Excel workbook (.xlsx)"),
        ("junk.xlsx", b"hello", "junk.xlsx: "),
        ("empty.xlsx", b"", "empty.xlsx: "),
        ("locked.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000), "locked.xlsx: "),
    ],
)
def test_files_of_another_kind_are_refused_in_a_sentence(  # type: ignore[no-untyped-def]
    tmp_path: Path, name: str, content: bytes, words: str, capsys
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    assert adopt(file, "--yes") == 2
    assert words in said(capsys)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_odd_workbooks_never_give_a_traceback_and_stay_as_they_are(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    if not (CORPUS / "odd").is_dir():
        pytest.skip("the corpus of odd workbooks is not here")
    for source in sorted((CORPUS / "odd").iterdir()):
        file = tmp_path / f"odd{source.suffix if source.suffix in {'.xlsx', '.xlsm'} else '.xlsx'}"
        shutil.copyfile(source, file)
        assert adopt(file, "--yes") in (1, 2), source.name
        assert said(capsys).endswith("."), source.name
        assert file.read_bytes() == source.read_bytes(), source.name
        file.unlink()


def test_settings_of_another_workbook_are_not_changed_silently(place: Place, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    file = put(tmp_path, BOOKS["french"]())
    assert place.run("init", "--workbook", str(file), "--yes") == 2
    assert "work with another workbook" in said(capsys)
    assert config.load(place.config).workbook == str(place.workbook)


# --- the whole agent on it ------------------------------------------------------------------------------------------


@pytest.fixture
def own_book(place: Place) -> Person:
    """The connected place with a workbook of the seller's own: a table from row 7, quantities in column F."""
    made, sheet = new("Inventory")
    sheet["B2"] = "Anna's shop"
    rows = [["MUG", "White mug", "x", 20, 3.5], ["00123", "Poster", "y", 7, 9.0], ["BOX", "Gift box", "z", 9, 2.0]]
    headers = ["Item code", "Product name", "Supplier", "On hand", "Price"]
    fill(sheet, 7, 3, [headers, *rows])
    sheet.add_table(openpyxl.worksheet.table.Table(displayName="Mine", ref="C7:G10"))
    fill(sheet, 12, 4, [["remember the holidays"]])
    file = place.folder / "Own.xlsx"
    file.write_bytes(saved(made))
    set_value(place.config, "workbook", str(file))
    assert place.run("init", "--workbook", str(file), "--yes") == 0
    return Person(file)


def cells(person: Person) -> dict[str, object]:
    sheet = openpyxl.load_workbook(person.file)["Inventory"]
    return {str(sheet.cell(row, 3).value): sheet.cell(row, 6).value for row in range(8, 11)}


def go_live(place: Place, person: Person) -> None:
    place.run("sync")
    row = next(row for row in person.look("Attention") if row["Answers"] == "yes")
    person.types("Attention", {"Id": row["Id"]}, "Answer", "yes")
    assert place.run("sync") == 0


def test_a_sale_is_shipped_and_the_sellers_own_cell_counts_down(place: Place, own_book: Person, capsys) -> None:  # type: ignore[no-untyped-def]
    before = openpyxl.load_workbook(own_book.file)["Inventory"]
    shown = {cell.coordinate: cell.value for line in before.iter_rows() for cell in line if cell.value is not None}
    go_live(place, own_book)
    assert place.shop.quantity(MUG) == 20
    order = place.shop.sell(MUG, 3)
    assert order is not None
    place.run("sync")
    assert cells(own_book)["MUG"] == 20, "sold is not shipped"
    place.shop.set_status(order, "completed")
    place.run("sync")
    assert cells(own_book) == {"MUG": 17, "00123": 7, "BOX": 9}
    assert place.shop.quantity(MUG) == 17
    after = openpyxl.load_workbook(own_book.file)["Inventory"]
    assert {c.coordinate: c.value for line in after.iter_rows() for c in line if c.value is not None} == shown | {
        "F8": 17
    }
    assert not [row for row in own_book.look("Attention") if row["How bad"] == "stop"]


def test_an_edit_in_the_sellers_own_cell_is_pushed_and_named_by_its_address(place: Place, own_book: Person) -> None:
    go_live(place, own_book)
    own_book.types("Inventory", {"Item code": "MUG"}, "On hand", 12)
    place.run("sync")
    assert place.shop.quantity(MUG) == 12
    own_book.types("Inventory", {"Item code": "00123"}, "On hand", "about 5")
    place.run("sync")
    assert any("Inventory!F9" in str(row["Where"]) for row in own_book.look("Attention"))


# --- items from a shop ----------------------------------------------------------------------------------------------


@pytest.fixture
def bigger_shop(place: Place) -> Place:
    """The shop sells more: variants, one without a SKU, one that is not counted, a doubled SKU, and an open order."""
    shop = place.shop
    shop.add_variable(
        "", "Shirt", [
            {"sku": "SHIRT-S", "options": {"Size": "S"}, "quantity": 4, "barcode": "4006381333931"},
            {"sku": "SHIRT-M", "options": {"Size": "M"}, "quantity": 6},
            {"sku": "", "options": {"Size": "L"}, "quantity": 2},
        ],
    )  # fmt: skip
    shop.add_simple("CARD", "Gift card", None)
    shop.sell(MUG, 3)
    return place


def items(place: Place, file: Path | None = None, tab: str = "Item Master") -> dict[str, dict[str, object]]:
    """SKU -> the filled cells of its row, the look-ups aside."""
    rows = Person(file or place.workbook).look(tab)
    return {
        str(row["SKU"]): {k: v for k, v in row.items() if v is not None and k not in ("SKU", "Available", "Status")}
        for row in rows
    }


def start_empty(place: Place) -> None:
    from agent.workbooks.starter import make_starter

    place.workbook.write_bytes(make_starter(example=False))


def test_an_empty_item_master_is_filled_from_the_shop(bigger_shop: Place, types: Types, capsys) -> None:  # type: ignore[no-untyped-def]
    start_empty(bigger_shop)
    types("yes")
    assert bigger_shop.run("init", "--from", "my-shop") == 0
    shown = said(capsys)
    assert "7 new items from my-shop" in shown
    assert "1 listing has no SKU: it waits in Imports." in shown
    assert "Please count them" in shown
    found = items(bigger_shop)
    assert list(found) == ["MUG", "00123", "SET", "WHAT", "CARD", "SHIRT-S", "SHIRT-M"]
    assert found["MUG"]["Stocked"] == 25, "22 on the shelf of the shop and 3 sold, not shipped"
    assert found["SHIRT-S"]["Barcode"] == "4006381333931"
    assert "Shirt" in str(found["SHIRT-S"]["Title"]) and "S" in str(found["SHIRT-S"]["Title"])
    assert found["CARD"]["Track stock"] == "no" and "Stocked" not in found["CARD"]
    assert str(found["MUG"]["Note"]).startswith("taken from my-shop on 20")
    assert str(found["MUG"]["Note"]).endswith(", please count")


def test_running_again_adds_nothing_and_changes_nothing(bigger_shop: Place, capsys) -> None:  # type: ignore[no-untyped-def]
    start_empty(bigger_shop)
    assert bigger_shop.run("init", "--from", "my-shop", "--yes") == 0
    content = bigger_shop.workbook.read_bytes()
    bigger_shop.shop.sell(MUG, 2)
    said(capsys)
    assert bigger_shop.run("init", "--from", "my-shop", "--yes") == 0
    assert "Nothing to add. Nothing was changed." in said(capsys)
    assert bigger_shop.workbook.read_bytes() == content


def test_only_new_skus_are_added_and_nothing_is_overwritten(bigger_shop: Place, capsys) -> None:  # type: ignore[no-untyped-def]
    before = items(bigger_shop)
    assert bigger_shop.run("init", "--from", "my-shop", "--yes") == 0
    after = items(bigger_shop)
    assert {sku: after[sku] for sku in before} == before
    assert sorted(set(after) - set(before)) == ["CARD", "SHIRT-M", "SHIRT-S", "WHAT"]
    assert "3 items are there already and stay as they are." in said(capsys)


def test_a_blank_quantity_of_the_seller_is_filled_in_once(bigger_shop: Place) -> None:
    bigger_shop.person.types("Item Master", {"SKU": "00123"}, "Stocked", None)
    assert bigger_shop.run("init", "--from", "my-shop", "--yes") == 0
    assert items(bigger_shop)["00123"]["Stocked"] == 7
    assert str(items(bigger_shop)["00123"]["Note"]).startswith("taken from my-shop")
    bigger_shop.person.types("Item Master", {"SKU": "00123"}, "Stocked", None)
    assert bigger_shop.run("init", "--from", "my-shop", "--yes") == 0
    assert "Stocked" not in items(bigger_shop)["00123"], "once: the seller blanked it on purpose"


def test_the_filled_workbook_goes_live_and_shows_what_the_shop_showed(bigger_shop: Place, capsys) -> None:  # type: ignore[no-untyped-def]
    start_empty(bigger_shop)
    shown = {number: bigger_shop.shop.quantity(number) for number in bigger_shop.shop.products}
    assert bigger_shop.run("init", "--from", "my-shop", "--yes") == 0
    bigger_shop.go_live()
    assert {number: bigger_shop.shop.quantity(number) for number in bigger_shop.shop.products} == shown
    rows = {row["SKU"]: row for row in bigger_shop.person.look("Stock Levels")}
    assert (rows["MUG"]["Stocked"], rows["MUG"]["Allocated"], rows["MUG"]["Available"]) == (25, 3, 22)


def test_the_new_rows_belong_to_the_table_and_look_like_the_others(bigger_shop: Place) -> None:
    assert bigger_shop.run("init", "--from", "my-shop", "--yes") == 0
    sheet = openpyxl.load_workbook(bigger_shop.workbook)["Item Master"]
    table = sheet.tables["Stocksheet_Item_Master"]
    assert table.ref == "A1:M9" and table.autoFilter.ref == "A1:M9"
    assert [sheet.cell(9, column).number_format for column in (1, 3)] == ["@", "0"]
    assert sheet["A9"].value == "SHIRT-M" and str(sheet["L9"].value).startswith("=IFERROR(")
    assert sheet["A9"].font.name == sheet["A5"].font.name


def test_items_are_added_to_a_workbook_of_the_sellers_own(bigger_shop: Place, capsys) -> None:  # type: ignore[no-untyped-def]
    made, sheet = new("Stock list")
    fill(sheet, 1, 1, [["Our list"], [None], ["Item code", "Name", "Qty", "Price", "Remarks"]])
    fill(sheet, 4, 1, [["MUG", "Mug", 5, 3.5, "fragile"], ["00123", "Poster", 7, 9.0, None]])
    file = bigger_shop.folder / "Own.xlsx"
    file.write_bytes(saved(made))
    set_value(bigger_shop.config, "workbook", str(file))
    assert bigger_shop.run("init", "--workbook", str(file), "--yes") == 0
    assert bigger_shop.run("init", "--from", "my-shop", "--yes") == 0
    rows = list(openpyxl.load_workbook(file)["Stock list"].iter_rows(min_row=4, values_only=True))
    assert [row[:4] for row in rows[:2]] == [("MUG", "Mug", 5, 3.5), ("00123", "Poster", 7, 9)]
    assert [row[0] for row in rows[2:]] == ["SET", "WHAT", "CARD", "SHIRT-S", "SHIRT-M"]
    assert rows[2][2] == 3 and str(rows[2][4]).startswith("taken from my-shop")


def test_a_row_of_totals_below_the_items_is_not_buried(bigger_shop: Place, capsys) -> None:  # type: ignore[no-untyped-def]
    made, sheet = new("Stock list")
    fill(
        sheet,
        1,
        1,
        [["Item code", "Name", "Qty"], ["MUG", "Mug", 5], ["00123", "Poster", 7], ["Total", None, "=SUM(C2:C3)"]],
    )
    file = bigger_shop.folder / "Own.xlsx"
    file.write_bytes(saved(made))
    set_value(bigger_shop.config, "workbook", str(file))
    assert bigger_shop.run("init", "--workbook", str(file), "--yes") == 0
    content = file.read_bytes()
    said(capsys)
    assert bigger_shop.run("init", "--from", "my-shop", "--yes") == 2
    assert "Below your items, in Stock list!A4, stands something else (a total?)." in said(capsys)
    assert file.read_bytes() == content


def test_a_try_a_no_and_an_open_workbook_change_nothing(bigger_shop: Place, types: Types, capsys) -> None:  # type: ignore[no-untyped-def]
    content = bigger_shop.workbook.read_bytes()
    assert bigger_shop.run("init", "--from", "my-shop", "--dry-run") == 0
    types("no")
    assert bigger_shop.run("init", "--from", "my-shop") == 1
    (bigger_shop.folder / "~$Stock.xlsx").write_bytes(b"Anna")
    said(capsys)
    assert bigger_shop.run("init", "--from", "my-shop", "--yes") == 2
    assert "is open in Excel" in said(capsys)
    assert bigger_shop.workbook.read_bytes() == content


def test_an_unknown_shop_and_one_that_is_out_are_said(place: Place, capsys) -> None:  # type: ignore[no-untyped-def]
    assert place.run("init", "--from", "other") == 2
    assert "There is no connected shop other. Connected: my-shop." in said(capsys)
    place.keep_secrets(secret="cs_mistyped")
    assert place.run("init", "--from", "my-shop", "--yes") == 2
    assert "refuses the access" in said(capsys)


def test_a_second_shop_adds_only_what_is_new(bigger_shop: Place, capsys) -> None:  # type: ignore[no-untyped-def]
    start_empty(bigger_shop)
    assert bigger_shop.run("init", "--from", "my-shop", "--yes") == 0
    before = items(bigger_shop)
    bigger_shop.shop.add_simple("ONLY-HERE", "Lamp", 2)
    bigger_shop.shop.type_quantity(MUG, 99)
    url = f"http://127.0.0.1:{bigger_shop.port}"
    add_channel(bigger_shop.config, "second", {"platform": "woocommerce", "url": url, "allow_private": True})
    secrets = app.secrets_of(config.load(bigger_shop.config))
    secrets.put("second", "consumer_key", "ck_practice")
    secrets.put("second", "consumer_secret", "cs_practice")
    said(capsys)
    assert bigger_shop.run("init", "--from", "second", "--yes") == 0
    assert "1 new item from second" in said(capsys)
    after = items(bigger_shop)
    assert {sku: after[sku] for sku in before} == before
    assert list(after)[len(before) :] == ["ONLY-HERE"]
    assert str(after["ONLY-HERE"]["Note"]).startswith("taken from second")


def test_a_list_whose_only_name_may_be_its_code_is_asked_and_never_taken_without_one(  # type: ignore[no-untyped-def]
    tmp_path: Path, types: Types, capsys
) -> None:
    made, sheet = new("Groceries")
    fill(sheet, 1, 1, [["Item", "Quantity"], *([fruit, 3] for fruit in ("Oranges", "Apples", "Bananas", "Pears"))])
    file = put(tmp_path, Book(saved(made), "Groceries", 1, {}, 4))
    assert adopt(file, "--yes") == 2  # nobody there to answer
    assert "Which column holds each item's own code" in said(capsys)
    types("1")
    assert adopt(file, "--yes") == 0
    assert "SKU A Item" in said(capsys)
