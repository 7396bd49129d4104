"""Sellers' workbooks in many languages, and of many shapes."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from tests.workbooks.made import saved
from tests.workbooks.seller_books import Book, book, ean, fill, name, new, simple

# --- by language ----------------------------------------------------------------------------------------------------


@book
def plain_english() -> Book:
    return simple(
        "Sheet1",
        ["SKU", "Title", "Stocked", "Price"],
        lambda i: [f"AB-{i}", name(i), i * 2, 4.5],
        {"SKU": "A", "Title": "B", "Stocked": "C"},
    )


@book
def german_list_with_title_and_total() -> Book:
    made, sheet = new("Lagerliste")
    sheet["A1"] = "Anna's Kerzen – Lagerliste"
    sheet.merge_cells("A1:G1")
    sheet["A1"].font = Font(size=16, bold=True)
    sheet["B3"] = "Stand: 1.11.2026"
    headers = ["Lfd. Nr.", "Artikel-Nr.", "Bezeichnung", "Bestand (Stk)", "Mindest-\nbestand", "VK brutto:", "EAN"]
    fill(sheet, 5, 1, [headers, *([i, f"KZ-{i:03d}", name(i), i * 3, 5, 4.5, int(ean(i))] for i in range(1, 21))])
    fill(sheet, 26, 2, [["Summe", None, "=SUM(D6:D25)"]])
    sheet.freeze_panes = "C6"
    sheet.auto_filter.ref = "A5:G25"
    return Book(saved(made), "Lagerliste", 5, {"SKU": "B", "Title": "C", "Stocked": "D", "Barcode": "G"}, 20)


@book
def french() -> Book:
    return simple(
        "Stock 2026",
        ["Réf.", "Désignation", "Qté en stock", "PV TTC", "Code-barres", "Fournisseur", "Remarques"],
        lambda i: [f"SV{i:04d}", name(i), i, 9.9, ean(i), "Dupont", None],
        {"SKU": "A", "Title": "B", "Stocked": "C", "Barcode": "E", "Note": "G"},
    )


@book
def spanish() -> Book:
    return simple(
        "Inventario",
        ["CÓDIGO", "DESCRIPCIÓN", "EXISTENCIAS", "PVP", "PROVEEDOR", "STOCK MÍNIMO"],
        lambda i: [f"C-{i}", name(i), i, 12.5, "Pérez", 2],
        {"SKU": "A", "Title": "B", "Stocked": "C"},
    )


@book
def dutch() -> Book:
    return simple(
        "Voorraad",
        ["Artikelnummer", "Omschrijving", "Voorraad", "Min. voorraad", "Verkoopprijs", "Actief"],
        lambda i: [10_000 + i, name(i), i, 1, 3.95, "ja" if i % 4 else "nee"],
        {"SKU": "A", "Title": "B", "Stocked": "C", "Active": "F"},
    )


@book
def italian() -> Book:
    return simple(
        "Foglio1",
        ["Cod. articolo", "Descrizione", "Giacenza", "Prezzo", "Fornitore", "Codice a barre"],
        lambda i: [f"IT{i:03d}", name(i), i, 7.0, "Rossi", ean(i)],
        {"SKU": "A", "Title": "B", "Stocked": "C", "Barcode": "F"},
    )


@book
def portuguese() -> Book:
    return simple(
        "Estoque",
        ["Código do produto", "Nome do produto", "Qtde", "Preço de venda", "Estoque mínimo"],
        lambda i: [f"P{i}", name(i), i, 7.0, 3],
        {"SKU": "A", "Title": "B", "Stocked": "C"},
    )


@book
def indonesian() -> Book:
    made, sheet = new("Stok Barang")
    sheet["A1"] = "DAFTAR STOK BARANG TOKO MAJU"
    headers = ["No", "Kode Barang", "Nama Barang", "Satuan", "Stok", "Stok Minimum", "Harga Jual", "Keterangan"]
    fill(sheet, 3, 1, [headers, *([i, f"BRG{i:03d}", name(i), "pcs", i, 2, 15_000, None] for i in range(1, 16))])
    means = {"SKU": "B", "Title": "C", "Stocked": "E", "Note": "H"}
    return Book(saved(made), "Stok Barang", 3, means, 15)


@book
def polish_and_swedish_words() -> Book:
    return simple(
        "Magazyn",
        ["Kod produktu", "Nazwa towaru", "Stan magazynowy", "Cena netto", "Dostawca", "Kod kreskowy"],
        lambda i: [f"PL-{i}", name(i), i, 7.0, "Nowak", ean(i)],
        {"SKU": "A", "Title": "B", "Stocked": "C", "Barcode": "F"},
    )


@book
def japanese() -> Book:
    return simple(
        "在庫表",
        ["商品コード", "商品名", "在庫数", "単価", "JANコード", "備考"],
        lambda i: [f"JP{i:03d}", f"商品 {i}", i, 980, ean(i), None],
        {"SKU": "A", "Title": "B", "Stocked": "C", "Barcode": "E", "Note": "F"},
    )


@book
def two_languages_in_one_header() -> Book:
    return simple(
        "Bestand - Stock",
        ["Artikelnummer / SKU", "Bezeichnung / Title", "Bestand\nStock", "Preis / Price", "Notes"],
        lambda i: [f"DE-{i}", name(i), i, 7.0, None],
        {"SKU": "A", "Title": "B", "Stocked": "C", "Note": "E"},
    )


# --- by shape -------------------------------------------------------------------------------------------------------


@book
def untidy_headers() -> Book:
    return simple(
        "stock list",
        ["item\nCODE :", "  pRODUCT\u00a0name", "Qty\u00a0 ON  hand (pcs):", "Cost £", "e.a.n."],
        lambda i: [f"U-{i}", name(i), i, 1.5, int(ean(i))],
        {"SKU": "A", "Title": "B", "Stocked": "C", "Barcode": "E"},
    )


@book
def table_in_the_middle() -> Book:
    made, sheet = new("Inventory")
    sheet["A1"] = "Colour key"
    fill(sheet, 2, 1, [["red", "order soon"], ["green", "fine"]])
    headers = ["SKU", "Product", "On hand", "Retail price", "Supplier"]
    fill(sheet, 7, 3, [headers, *([f"T-{i}", name(i), i, 5.0, "ACME"] for i in range(1, 13))])
    sheet.add_table(Table(displayName="StockTable", ref="C7:G19"))
    return Book(saved(made), "Inventory", 7, {"SKU": "C", "Title": "D", "Stocked": "E"}, 12)


@book
def table_with_totals_row() -> Book:
    made, sheet = new("Items")
    headers = ["Item code", "Name", "Quantity", "Price"]
    fill(sheet, 2, 2, [headers, *([f"X{i}", name(i), i, 5.0] for i in range(1, 11)), ["Total", None, 55, None]])
    table = Table(displayName="Items", ref="B2:E12", totalsRowCount=1)
    table._initialise_columns()
    for column, header in zip(table.tableColumns, headers, strict=True):
        column.name = header
    table.tableColumns[0].totalsRowLabel = "Total"
    table.tableColumns[2].totalsRowFunction = "sum"
    sheet["D12"] = "=SUBTOTAL(109,D3:D11)"
    sheet.add_table(table)
    return Book(saved(made), "Items", 2, {"SKU": "B", "Title": "C", "Stocked": "D"}, 10)


@book
def hidden_frozen_filtered_coloured() -> Book:
    made, sheet = new("Products")
    headers = ["Product code", "Description", "Colour", "Size", "In stock", "RRP", "Bar code"]
    rows = [[f"HF-{i:02d}", name(i), "blue", "M", i, 20, ean(i)] for i in range(1, 31)]
    fill(sheet, 1, 1, [headers, *rows])
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = "A1:G31"
    sheet.auto_filter.add_filter_column(2, ["blue"])
    for row in (5, 6, 9):
        sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet.conditional_formatting.add(
        "E2:E31", CellIsRule("lessThan", ["5"], fill=PatternFill("solid", bgColor="FFC7CE"))
    )
    sheet.add_data_validation(DataValidation(type="list", formula1='"S,M,L"', sqref="D2:D31"))
    sheet["A1"].comment = Comment("ours", "Anna")
    made.create_sheet("Notes")["A1"] = "ring the printer"
    return Book(saved(made), "Products", 1, {"SKU": "A", "Title": "B", "Stocked": "E", "Barcode": "G"}, 30)


@book
def header_of_two_rows() -> Book:
    made, sheet = new("Overview")
    sheet["A1"], sheet["D1"], sheet["G1"] = "Product", "Stock", "Money"
    for cells in ("A1:C1", "D1:F1", "G1:H1"):
        sheet.merge_cells(cells)
    headers = ["SKU", "Name", "Category", "On hand", "On order", "Min", "Cost", "Price"]
    fill(sheet, 2, 1, [headers, *([f"H{i}", name(i), "home", i, 0, 2, 1.1, 2.2] for i in range(1, 13))])
    return Book(saved(made), "Overview", 2, {"SKU": "A", "Title": "B", "Stocked": "D"}, 12)


@book
def far_from_the_corner() -> Book:
    made, sheet = new("Stock")
    fill(sheet, 3, 4, [["The Little Pottery"], ["12 Kiln Lane"], [None], ["Stock list, November"]])
    headers = ["Stock code", "Item name", "Units in stock", "Location"]
    fill(sheet, 12, 4, [headers, *([f"POT-{i}", name(i), i, "Shelf A"] for i in range(1, 9))])
    return Book(saved(made), "Stock", 12, {"SKU": "D", "Title": "E", "Stocked": "F"}, 8)


@book
def sections_and_blank_rows() -> Book:
    made, sheet = new("Artikel")
    fill(sheet, 1, 1, [["Artikelnr", "Artikelname", "Lagerbestand", "EK", "VK"]])
    row = 2
    for section in ("Kerzen", "Seifen"):
        sheet.cell(row, 2, section).font = Font(bold=True)
        fill(sheet, row + 1, 1, [[f"{section[0]}{i}", name(i), i, 1, 2] for i in range(1, 7)])
        row += 9
    for blank in range(row, row + 200):
        sheet.cell(blank, 3).number_format = "0"
    return Book(saved(made), "Artikel", 1, {"SKU": "A", "Title": "B", "Stocked": "C"}, 14)


@book
def total_in_another_column() -> Book:
    made, sheet = new("Count")
    headers = ["No.", "Item number", "Item description", "Count", "Unit cost", "Value"]
    rows = [[i, f"CT{i}", name(i), i, 2.0, f"=D{i + 1}*E{i + 1}"] for i in range(1, 11)]
    fill(sheet, 1, 1, [headers, *rows, [], ["Total", None, None, "=SUM(D2:D11)", None, "=SUM(F2:F11)"]])
    return Book(saved(made), "Count", 1, {"SKU": "B", "Title": "C", "Stocked": "D"}, 10)


@book
def numbers_kept_as_text() -> Book:
    return simple(
        "export",
        ["sku", "name", "qty", "price"],
        lambda i: [f"{i:05d}", name(i), str(i), "4.50"],
        {"SKU": "A", "Title": "B", "Stocked": "C"},
    )


@book
def barcode_only_by_its_digits() -> Book:
    return simple(
        "Stock",
        ["Article number", "Title", "Scan this", "Quantity", "Weight"],
        lambda i: [f"A{i}", name(i), int(ean(i)), i, 100 + i],
        {"SKU": "A", "Title": "B", "Barcode": "C", "Stocked": "D"},
    )


@book
def bundles_and_switches() -> Book:
    def row(i: int) -> Sequence[object]:
        made_of = "B-1 x 2 + B-2" if i == 12 else None
        return [f"B-{i}", name(i), None if made_of else i, made_of, "yes" if i != 3 else "no", "gift, home", f"OLD{i}"]

    headers = ["SKU", "Product title", "Stock level", "Consists of", "For sale", "Labels", "Old SKU"]
    means = {"SKU": "A", "Title": "B", "Stocked": "C", "Made of": "D", "Active": "E", "Tags": "F", "Other SKUs": "G"}
    return simple("Master", headers, row, means)
