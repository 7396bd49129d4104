"""Taking over sellers' own workbooks: what is understood, what is asked, what changes in the file and what must not."""

from __future__ import annotations

import asyncio
import io
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from python_calamine import CalamineWorkbook

from agent.core import check
from agent.workbooks.adopt.columns import is_barcode
from agent.workbooks.adopt.sheets import look
from agent.workbooks.adopt.understand import Understood, item_tabs, nearly
from agent.workbooks.adopt.words import meanings
from agent.workbooks.adopt.write import adopt, adopted_already
from agent.workbooks.base import Mark, Snapshot
from agent.workbooks.excel import ExcelWorkbook
from agent.workbooks.tabs import TABS
from agent.workbooks.xlsx.grid import SheetXml
from agent.workbooks.xlsx.package import Package, Refused
from agent.workbooks.xlsx.reading import read_snapshot
from tests.workbooks.made import corpus, mirror_frame, saved
from tests.workbooks.seller_books import Book, all_books, ean, fill, new, simple, through_libre_office

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MARK = Mark("abc", 0)
SHARED = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "xl/styles.xml")
"""The parts that adding tabs must change; all others stay byte for byte."""

BOOKS = all_books()


@pytest.fixture(scope="module")
def books() -> dict[str, Book]:
    return {key: make() for key, make in BOOKS.items()}


@pytest.fixture(scope="module")
def resaved(books: dict[str, Book], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Book]:
    """Ten of them as LibreOffice writes them."""
    some = {key: books[key] for key in sorted(books) if books[key].suffix == ".xlsx"}
    made = through_libre_office(tmp_path_factory.mktemp("office"), dict(list(some.items())[::3]))
    if made is None:
        pytest.skip("LibreOffice is not installed: the workbooks that it saves are not tried")
    return made


def tabs_of(book: Book) -> list[Understood]:
    return item_tabs(look(Package.open(book.content), book.content))


def understood(book: Book) -> Understood:
    """What was understood, with the seller's answers."""
    found = tabs_of(book)
    one = next(one for one in found if one.sheet.name == book.tab)
    assert len(found) == 1 or book.answers.get("tab") == book.tab, "the tab was not clear, and is not in the answers"
    for question in tuple(one.questions):
        if question in one.questions:
            wanted = book.answers.get(question.column)
            one.answer(question, next((c for c in question.choices if c.letters == wanted), None))
    return one


def adopted(book: Book) -> bytes:
    return adopt(Package.open(book.content), understood(book), MARK)


def read(content: bytes) -> Snapshot:
    return read_snapshot(content, NOW)


def is_adopted(content: bytes) -> bool:
    return adopted_already(Package.open(content), read(content))


def checked(content: bytes) -> check.Checked:
    return check.check(read(content), [], NOW.date())


def values(content: bytes) -> dict[str, list[list[object]]]:
    """Every tab's values by a reader of another make."""
    reader = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: reader.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in reader.sheet_names}


# --- what is understood ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", BOOKS)
def test_the_columns_of_a_sellers_workbook_are_understood(books: dict[str, Book], key: str) -> None:
    book = books[key]
    one = understood(book)
    assert {name: column.letters for name, column in one.meaning.items()} == dict(book.means)
    assert (one.header_row, one.items) == (book.header, book.items)


def test_workbooks_saved_by_libre_office_are_understood_alike(resaved: dict[str, Book]) -> None:
    for key, book in resaved.items():
        assert {name: one.letters for name, one in understood(book).meaning.items()} == dict(book.means), key


def test_of_the_columns_that_mean_something_95_percent_are_understood_without_a_question(
    books: dict[str, Book], capsys: pytest.CaptureFixture[str]
) -> None:
    unasked, all_of_them = 0, 0
    for book in books.values():
        one = next(one for one in tabs_of(book) if one.sheet.name == book.tab)
        right = [name for name, column in one.meaning.items() if column.letters == book.means.get(name)]
        assert len(right) == len(one.meaning), "what is understood without a question is right"
        unasked += len(right)
        all_of_them += len(book.means)
    with capsys.disabled():
        figures = f"{unasked} of {all_of_them} columns understood without a question ({unasked / all_of_them:.1%})"
        sys.stdout.write(f"\n{len(books)} sellers' workbooks: {figures}\n")
    assert unasked >= 0.95 * all_of_them


def test_what_only_the_seller_knows_is_asked_and_not_guessed(books: dict[str, Book]) -> None:
    for key, book in books.items():
        found = tabs_of(book)
        one = next(one for one in found if one.sheet.name == book.tab)
        asked = {question.column for question in one.questions} | ({"tab"} if len(found) > 1 else set())
        assert asked == set(book.answers), key


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Qty\u00a0(pcs):", "Stocked"), ("ARTIKEL-NR.", "SKU"), ("référence", "SKU"), ("Stock Stk", "Stocked"),
        ("Code barres", "Barcode"), ("Nama  Barang", "Title"), ("On hand 2026", "Stocked"), ("Mindest-\nbestand", None),
        ("Min. stock / Stock", None), ("Stock value", None), ("Price (pcs)", None), ("", None), ("Supplier SKU", None),
    ],
)  # fmt: skip
def test_a_header_is_compared_without_case_accents_spaces_brackets_and_units(header: str, column: str | None) -> None:
    assert next(iter(meanings(header)), None) == column


def test_a_barcode_is_known_by_its_check_digit() -> None:
    assert is_barcode(ean(7)) and is_barcode("96385074") and is_barcode("036000291452")
    assert not is_barcode(ean(7)[:-1] + "x") and not is_barcode("4000000000076") and not is_barcode("0" * 13)


def test_a_tab_of_orders_is_no_list_of_items() -> None:
    made, sheet = new("Orders")
    fill(sheet, 1, 1, [["Order no", "Customer", "SKU", "Qty"], *([i, "X", f"A{i}", 1] for i in range(9))])
    content = saved(made)
    assert item_tabs(look(Package.open(content), content)) == []


def test_a_list_without_quantities_is_told_apart_from_no_list() -> None:
    book = simple("Products", ["SKU", "Name", "Price"], lambda i: [f"A{i}", f"n {i}", 2.5], {})
    sheets = look(Package.open(book.content), book.content)
    assert item_tabs(sheets) == []
    close = nearly(sheets)
    assert close is not None and close.sheet.name == "Products" and "SKU" in close.meaning


@pytest.mark.parametrize(("file", "refusal"), [*corpus("real"), *corpus("odd")])
def test_real_workbooks_that_are_no_item_lists_are_not_guessed_at(file: Path, refusal: bool) -> None:
    content = file.read_bytes()
    try:
        package = Package.open(content)
        found = item_tabs(look(package, content))
    except Refused as refused:
        assert refused.what.endswith(".") and refused.fix.endswith((".", ")"))
        return
    lists = {"Ersatzteilliste", "Grocery List"}
    assert {one.sheet.name for one in found} <= lists
    if any(one.sheet.name == "Ersatzteilliste" for one in found):  # a true list of parts, two counts in it
        assert {n: c.header for n, c in found[0].meaning.items()} == {"SKU": "Artikelnr", "Title": "Bezeichnung"}
        assert [c.header for c in found[0].questions[0].choices] == ["Menge", "Bestand am Mann"]


# --- what adopting changes in the file ------------------------------------------------------------------------------


@pytest.mark.parametrize("key", BOOKS)
def test_adopting_changes_no_byte_of_the_sellers_tabs(books: dict[str, Book], key: str) -> None:
    book = books[key]
    content = adopted(book)
    with zipfile.ZipFile(io.BytesIO(book.content)) as old, zipfile.ZipFile(io.BytesIO(content)) as now:
        others = [name for name in old.namelist() if name not in SHARED]
        assert len(others) > 3
        assert [name for name in others if old.read(name) != now.read(name)] == []
    before, after = values(book.content), values(content)
    assert {name: after[name] for name in before} == before
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames[: len(before)] == list(before)


@pytest.mark.parametrize("key", BOOKS)
def test_an_adopted_workbook_reads_as_the_seller_means_it(books: dict[str, Book], key: str) -> None:
    book = books[key]
    content = adopted(book)
    snapshot = read(content)
    assert is_adopted(content) and not is_adopted(book.content)
    assert snapshot.names["Item Master"] == book.tab
    assert snapshot.letters["Item Master"] == dict(book.means)
    assert snapshot.mark == MARK
    assert {"Channels", "Rules", "Matches", "Stock In and Out", "Control", "Imports", "Listings"} <= set(snapshot.tabs)
    found = check.check(snapshot, [], NOW.date())
    skus = [row for row in snapshot.tabs["Item Master"]["SKU"].to_list() if row]
    assert found.rejected is None
    assert found.items.height == len(set(skus)) >= book.items - 2  # headings of sections have no SKU
    assert not {"Total", "Summe"} & set(skus)
    bad = found.issues.filter(~pl.col("code").is_in(["sku_number", "formula_no_value", "sku_blank"]))
    assert bad.is_empty(), bad


def test_libre_office_reads_the_same_from_adopted_workbooks(books: dict[str, Book], tmp_path: Path) -> None:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed: it does not open the adopted workbooks")
    some = {key: book for key, book in list(books.items())[1::3] if book.suffix == ".xlsx"}
    for key, book in some.items():
        (tmp_path / f"{key}.xlsx").write_bytes(adopted(book))
        (tmp_path / f"{key} before.xlsx").write_bytes(book.content)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "xlsx",
               "--outdir", str(tmp_path / "out"), *map(str, sorted(tmp_path.glob("*.xlsx")))]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    for key, book in some.items():
        before, after = (values((tmp_path / "out" / f"{key}{end}.xlsx").read_bytes()) for end in (" before", ""))
        assert {name: after[name] for name in before} == before, key
        again = (tmp_path / "out" / f"{key}.xlsx").read_bytes()  # saved there, the memory is still in it
        assert read(again).letters["Item Master"] == dict(book.means), key


def test_a_tab_of_the_seller_that_has_the_name_of_ours_stays_theirs() -> None:
    made, sheet = new("Inventory")
    fill(sheet, 1, 1, [["SKU", "Name", "On hand"], *([f"A{i}", "x", i] for i in range(1, 9))])
    for name in ("Rules", "Listings", "Dashboard", "Control"):
        made.create_sheet(name)["A1"] = "our own"
    book = Book(saved(made), "Inventory", 1, {"SKU": "A", "Title": "B", "Stocked": "C"}, 8)
    snapshot = read(adopted(book))
    assert snapshot.names["Rules"] == "Rules (Stocksheet)"
    assert snapshot.names["Listings"] == "Listings (Stocksheet)"
    assert values(adopted(book))["Rules"] == [["our own"]]


def test_a_workbook_with_locked_tabs_is_refused_in_plain_words() -> None:
    made = openpyxl.load_workbook(io.BytesIO(BOOKS["plain_english"]().content))
    made.security = openpyxl.workbook.protection.WorkbookProtection(lockStructure=True)
    book = Book(saved(made), "Sheet1", 1, {}, 12)
    with pytest.raises(Refused, match="protected"):
        adopted(book)


# --- what is remembered ---------------------------------------------------------------------------------------------


def as_a_program_would(content: bytes, *, rename: str = "", rows: int = 0, columns: int = 0) -> bytes:
    """The tab renamed, rows put in above and columns before: cells move, and the names follow, as in any program."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    tab = book.sheetnames[0]
    sheet = book[tab]
    sheet.insert_rows(1, rows)
    sheet.insert_cols(1, columns)
    sheet.title = rename or tab
    for key, name in list(book.defined_names.items()):
        match = re.fullmatch(rf"'?{re.escape(tab)}'?!\$([A-Z]+)\$(\d+)", name.attr_text or "")
        if match:
            letters = openpyxl.utils.get_column_letter(openpyxl.utils.column_index_from_string(match[1]) + columns)
            text = f"'{sheet.title}'!${letters}${int(match[2]) + rows}"
            book.defined_names[key] = DefinedName(key, attr_text=text, hidden=True)
    return saved(book)


def test_the_columns_are_found_again_after_renames_and_moves(books: dict[str, Book]) -> None:
    content = adopted(books["several_stock_columns"])
    moved = as_a_program_would(content, rename="Stock 2027", rows=3, columns=2)
    snapshot = read(moved)
    assert snapshot.names["Item Master"] == "Stock 2027"
    assert snapshot.letters["Item Master"] == {"SKU": "C", "Title": "D", "Stocked": "G"}
    assert checked(moved).items["stocked"].to_list() == checked(content).items["stocked"].to_list()


def with_header(content: bytes, **headers: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    for cell, text in headers.items():
        book.worksheets[0][cell] = text
    return saved(book)


def test_a_renamed_header_is_still_the_same_column(books: dict[str, Book]) -> None:
    content = with_header(adopted(books["several_stock_columns"]), E1="What we have", A1="Our codes")
    assert read(content).letters["Item Master"]["Stocked"] == "E"
    assert checked(content).rejected is None


def test_a_header_that_changed_places_is_asked_about_and_nothing_is_read_from_it(books: dict[str, Book]) -> None:
    content = with_header(adopted(books["several_stock_columns"]), E1="Available", F1="Total")
    assert checked(content).rejected == "header_unclear"


def test_a_stock_column_that_was_deleted_is_missed_and_not_replaced_by_another(books: dict[str, Book]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(adopted(books["several_stock_columns"])))
    name = "_stocksheet_Item_Master.Stocked"
    book.defined_names[name] = DefinedName(name, attr_text="Inventory!#REF!", hidden=True)
    content = saved(book)
    assert checked(content).rejected == "header_missing"
    assert not is_adopted(content)


def test_a_header_that_is_given_our_own_name_settles_it(books: dict[str, Book]) -> None:
    swapped = with_header(adopted(books["several_stock_columns"]), E1="Available", F1="Stocked", C1="Total")
    assert checked(swapped).rejected is None
    assert read(swapped).letters["Item Master"]["Stocked"] == "F"


def test_what_was_lost_is_settled_by_adopting_again_and_the_agents_rows_stay(books: dict[str, Book]) -> None:
    book = books["several_stock_columns"]
    content = with_header(adopted(book), E1="Available", F1="Total")
    steps = openpyxl.load_workbook(io.BytesIO(content))
    steps["Start here"]["C2"] = "yes"
    content = saved(steps)
    again = Book(content, book.tab, 1, book.means, book.items, {"Stocked": "F"})
    made = adopt(Package.open(content), understood(again), MARK)
    assert read(made).letters["Item Master"]["Stocked"] == "F"
    assert checked(made).rejected is None
    after = openpyxl.load_workbook(io.BytesIO(made))
    assert after.sheetnames == steps.sheetnames
    assert after["Start here"]["C2"].value == "yes"


def test_the_tab_is_found_when_its_first_row_and_column_were_deleted(books: dict[str, Book]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(adopted(books["far_from_the_corner"])))
    name = "_stocksheet_Item_Master"
    book.defined_names[name] = DefinedName(name, attr_text="Stock!#REF!", hidden=True)
    assert read(saved(book)).names["Item Master"] == "Stock"


def test_a_column_of_ours_that_the_seller_adds_later_is_found_by_its_own_name(books: dict[str, Book]) -> None:
    content = with_header(adopted(books["plain_english"]), E1="Tags", F1="Warehouse")
    assert read(content).letters["Item Master"] == {"SKU": "A", "Title": "B", "Stocked": "C", "Tags": "E"}


# --- counting down in their cell ------------------------------------------------------------------------------------


async def counted_down(file: Path, to: int) -> dict[str, Any]:
    """The fifth item's quantity mirrored; its row as it was read."""
    workbook = ExcelWorkbook(file)
    snapshot = await workbook.read()
    row = snapshot.tabs["Item Master"].row(4, named=True)
    mirror = mirror_frame((row["row"], row["SKU"], row["Stocked"], to))
    written = await workbook.write({}, mirror, Mark("abc", 1), snapshot)
    await workbook.close()
    assert written.outcome == "written", written.detail
    return row


@pytest.mark.parametrize("key", ["table_in_the_middle", "far_from_the_corner", "table_with_totals_row", "macros"])
def test_the_quantity_is_counted_down_in_the_sellers_own_cell(books: dict[str, Book], key: str, tmp_path: Path) -> None:
    book = books[key]
    file = tmp_path / f"own{book.suffix}"
    file.write_bytes(adopted(book))
    row = asyncio.run(counted_down(file, 77))
    before, after = values(book.content)[book.tab], values(file.read_bytes())[book.tab]
    assert [
        (i + 1, j) for i, line in enumerate(before) for j, value in enumerate(line) if value != after[i][j]
    ] == [(row["row"], ord(book.means["Stocked"]) - ord("A"))]  # fmt: skip
    assert after[row["row"] - 1][ord(book.means["Stocked"]) - ord("A")] == 77


def test_every_declared_tab_can_be_added() -> None:
    content = adopted(BOOKS["plain_english"]())
    names = openpyxl.load_workbook(io.BytesIO(content)).sheetnames
    assert {tab.name for tab in TABS if tab.owner == "person" and tab.name != "Item Master"} <= set(names)


def test_dropdowns_of_the_peoples_tabs_offer_what_is_understood() -> None:
    book = openpyxl.load_workbook(io.BytesIO(adopted(BOOKS["plain_english"]())))
    lists: Mapping[str, str] = {
        str(one.sqref): one.formula1 for one in book["Channels"].data_validations.dataValidation if one.type == "list"
    }
    assert lists["B2:B5000"] == '"All,Feeds only,Off"'
    rules = {str(v.sqref): v.formula1 for v in book["Rules"].data_validations.dataValidation if v.type == "list"}
    assert rules["A2:A5000"] == "INDIRECT(\"'Channel Status'!$A$4:$A$5000\")"  # a tab that comes with the first shop
    assert rules["B2:B5000"].endswith("'!$A$2:$A$5001")
    assert book["Control"]["A2"].value == "Mode" and book["Control"]["B2"].value == "Live"


def test_the_last_row_of_a_sheet_is_a_row_too() -> None:
    rows = b'<row r="1"><c r="A1"/></row><row r="2"><c r="A2"/></row><row r="3"/>'
    xml = SheetXml.split(b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>", "x")
    assert xml.table["row"].to_list() == [1, 2, 3]
    one = SheetXml.split(b'<worksheet><sheetData><row r="7"><c r="A7"/></row>\n</sheetData></worksheet>', "x")
    assert one.table["row"].to_list() == [7]


# --- what stands around the items -----------------------------------------------------------------------------------


def test_a_row_of_units_below_the_heading_is_no_item_and_nothing_to_mend(books: dict[str, Book]) -> None:
    assert checked(adopted(books["units_below_the_heading"])).issues.is_empty()


def test_a_true_pivot_table_is_no_list_of_items() -> None:
    file = Path(str(corpus("real")[0].values[0])).parent / "088-calamine-pivots.xlsx"
    if not file.is_file():
        pytest.skip("the corpus of real workbooks is not here")
    sheets = {sheet.name: sheet for sheet in look(Package.open(file.read_bytes()), file.read_bytes())}
    assert not [value for _, row in sheets["PivotSheet1"].rows for value in row if value == "Row Labels"]
    assert sheets["DataSheet"].rows[0][1][0] == "Id"


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Qty in", None), ("Qty in stock", "Stocked"), ("Pieces in box room", "Stocked"), ("Pieces per box", None),
        ("Stock in transit", None), ("Low stock amount", None), ("Qty on PO", None),
        ("Warenbestand Halle 2", "Stocked"),
        ("实际库存", "Stocked"), ("安全库存", None), ("货品编号", "SKU"), ("在庫数(個)", "Stocked"),
        ("Count of Qty", None),
        ("Part #", "SKU"), ("EAN-Code 13", "Barcode"), ("Option1 Name", None), ("Désignation de l'article", "Title"),
        ("what is on the shelf when we count on Friday evening after closing time", None), ("Review count", None),
    ],
)  # fmt: skip
def test_a_heading_that_is_not_known_as_a_whole_is_understood_word_by_word(header: str, column: str | None) -> None:
    assert next(iter(meanings(header)), None) == column
