"""Sellers' workbooks made after the words for headings were settled: how well they serve files that nobody had seen."""

from __future__ import annotations

from tests.workbooks.made import saved
from tests.workbooks.seller_books import Book, book, ean, fill, name, new, simple


@book
def lightspeed_like_export() -> Book:
    headers = ["System ID", "UPC", "EAN", "Custom SKU", "Manufact. SKU", "Item", "Vendor ID", "Qty.", "Price", "Tax",
               "Brand", "Publish to eCom", "Season", "Department", "Default Cost"]  # fmt: skip
    return simple(
        "item_listings",
        headers,
        lambda i: [f"2100000{i:05d}", None, ean(i), f"LS-{i}", f"MF{i}", name(i), "Acme", i, 5.0, "Yes", "X", "Yes",
                   "", "Home", 2.0],
        {"SKU": "D", "Title": "F", "Stocked": "H", "Barcode": "C"},
    )  # fmt: skip


@book
def square_like_export() -> Book:
    headers = ["Token", "Item Name", "Variation Name", "SKU", "Description", "Category", "Price", "GTIN",
               "Current Quantity Old Town", "New Quantity Old Town", "Stock Alert Enabled Old Town"]  # fmt: skip
    return simple(
        "catalog",
        headers,
        lambda i: [f"TK{i:06d}XYZ", name(i), "Regular", f"SQ{i}", "nice", "Home", 4.5, ean(30 + i), i, None, "N"],
        {"SKU": "D", "Title": "B", "Stocked": "I", "Barcode": "H"},
    )


@book
def polish_wholesale() -> Book:
    made, sheet = new("Stany")
    sheet["A1"] = "Stany magazynowe na dzień 22.11.2026"
    headers = ["Lp.", "Indeks towaru", "Nazwa asortymentu", "J.m.", "Stan na magazynie", "Cena zakupu", "Kod EAN"]
    rows = [[i, f"PL-{i:03d}", name(i), "szt", i, 12.0, ean(220 + i)] for i in range(1, 17)]
    fill(sheet, 3, 1, [headers, *rows])
    means = {"SKU": "B", "Title": "C", "Stocked": "E", "Barcode": "G"}
    return Book(saved(made), "Stany", 3, means, 16)


@book
def craft_fair_list() -> Book:
    return simple(
        "Autumn",
        ["Piece", "Tag no.", "Glaze", "Left after market", "Asking price"],
        lambda i: [name(i), f"G{i:02d}", "blue", i, 18],
        {"SKU": "B", "Title": "A", "Stocked": "D"},
    )


@book
def dutch_two_row_heading() -> Book:
    made, sheet = new("Voorraadlijst")
    sheet["A1"], sheet["C1"] = "Artikel", "Voorraad"
    sheet.merge_cells("A1:B1")
    sheet.merge_cells("C1:E1")
    headers = ["Artikelcode", "Omschrijving artikel", "Technische voorraad", "Gereserveerd", "Besteld", "Inkoop excl."]
    rows = [[f"NL{i:04d}", name(i), i, 1, 0, 3.3] for i in range(1, 13)]
    fill(sheet, 2, 1, [headers, *rows])
    return Book(saved(made), "Voorraadlijst", 2, {"SKU": "A", "Title": "B", "Stocked": "C"}, 12)


@book
def japanese_stock_book() -> Book:
    return simple(
        "在庫表",
        ["管理番号", "商品名称", "カラー", "在庫数(個)", "安全在庫", "JANコード", "仕入単価"],
        lambda i: [f"K-{i:04d}", f"マグカップ {i}番", "白", i, 5, ean(4900 + i), 300],
        {"SKU": "A", "Title": "B", "Stocked": "D", "Barcode": "F"},
    )


@book
def amazon_all_listings() -> Book:
    headers = ["item-name", "item-description", "listing-id", "seller-sku", "price", "quantity", "open-date",
               "image-url", "item-is-marketplace", "product-id-type", "zshop-shipping-fee", "item-note",
               "item-condition", "asin1", "product-id", "pending-quantity", "fulfillment-channel"]  # fmt: skip
    return simple(
        "All+Listings+Report",
        headers,
        lambda i: [name(i), "nice", f"1126ABC{i:04d}", f"AM-{i}", 9.0, i, "2026-05-01", "", "y", 4, "", "", 11,
                   f"B0{i:08d}", ean(70 + i), 0, "DEFAULT"],
        {"SKU": "D", "Title": "A", "Stocked": "F", "Barcode": "O"},
    )  # fmt: skip


@book
def spare_parts_with_side_notes() -> Book:
    made, sheet = new("Parts")
    sheet["J1"] = "last count by Tom, 3 Nov"
    headers = ["Part #", "Part description", "Fits model", "Qty in drawer", "Drawer", "Reorder @", "Unit £"]
    rows = [[f"{i:03d}-{i * 7:04d}", name(i), "M4", i, "A1", 5, 0.4] for i in range(1, 21)]
    fill(sheet, 2, 2, [headers, *rows])
    return Book(saved(made), "Parts", 2, {"SKU": "B", "Title": "C", "Stocked": "E"}, 20)
