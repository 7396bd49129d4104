"""Sellers' workbooks of a later round: two headings, units below the heading, groups, pivots, exports pasted in."""

from __future__ import annotations

from openpyxl.styles import Font
from openpyxl.worksheet.table import Table

from tests.workbooks.made import saved
from tests.workbooks.seller_books import Book, book, ean, fill, name, new, simple

# --- headings of more than one row ----------------------------------------------------------------------------------


@book
def groups_above_the_heading() -> Book:
    made, sheet = new("Stock list")
    sheet["A1"], sheet["D1"], sheet["G1"] = "Product", "Stock", "Prices"
    for area in ("A1:C1", "D1:F1", "G1:H1"):
        sheet.merge_cells(area)
    headers = ["Code", "Description", "Colour", "On shelf", "Reserved", "Free", "Cost", "RRP"]
    rows = [[f"LMP-{i:03d}", name(i), "red", i + 2, 2, i, 3.1, 9.9] for i in range(1, 19)]
    fill(sheet, 2, 1, [headers, *rows])
    return Book(saved(made), "Stock list", 2, {"SKU": "A", "Title": "B", "Stocked": "D"}, 18)


@book
def units_below_the_heading() -> Book:
    made, sheet = new("Export")
    headers = ["product_code", "product_name", "stock_on_hand", "weight", "price_net", "ean"]
    units = ["", "", "pcs", "kg", "EUR", ""]
    rows = [[f"P{i:04d}", name(i), i, 0.5, 4.2, ean(700 + i)] for i in range(1, 13)]
    fill(sheet, 1, 1, [headers, units, *rows])
    means = {"SKU": "A", "Title": "B", "Stocked": "C", "Barcode": "F"}
    return Book(saved(made), "Export", 1, means, 12)


# --- languages ------------------------------------------------------------------------------------------------------


@book
def german_two_stores() -> Book:
    headers = [
        "Art.Nr. intern", "Bezeichnung 1", "Bezeichnung 2", "Bestand Lager Berlin", "Bestand Lager Köln",
        "Bestand gesamt", "EAN-Code 13", "VK inkl. MwSt.", "Mindestmenge",
    ]  # fmt: skip
    return simple(
        "Artikelliste",
        headers,
        lambda i: [f"BK-{i}", name(i), "Serie A", i, 2 * i, 3 * i, ean(i), 19.9, 5],
        {"SKU": "A", "Title": "B", "Stocked": "F", "Barcode": "G"},
        {"Stocked": "F"},
    )


@book
def french_shop() -> Book:
    headers = ["Code art.", "Désignation de l'article", "Rayon", "Qté dispo", "Gencode", "PV TTC", "Fourn. principal"]
    return simple(
        "Inventaire 2026",
        headers,
        lambda i: [f"FR{i:03d}", name(i), "Maison", i, ean(900 + i), 12.5, "Dupont"],
        {"SKU": "A", "Title": "B", "Stocked": "D", "Barcode": "E"},
    )


@book
def spanish_store_room() -> Book:
    made, sheet = new("Almacén")
    sheet["A1"] = "CONTROL DE ALMACÉN"
    sheet.merge_cells("A1:F1")
    headers = ["Ref. interna", "Descripción del producto", "Uds. en almacén", "Cód. barras EAN", "PVP", "Proveedor"]
    rows = [[f"ES/{i:02d}", name(i), i, ean(300 + i), 8.0, "Casa Pérez"] for i in range(1, 16)]
    fill(sheet, 3, 1, [headers, *rows])
    means = {"SKU": "A", "Title": "B", "Stocked": "C", "Barcode": "D"}
    return Book(saved(made), "Almacén", 3, means, 15)


@book
def indonesian_warehouse_and_shop() -> Book:
    headers = ["No", "Kode Brg", "Nama Brg", "Satuan", "Stok Gudang", "Stok Toko", "Harga Jual", "Barcode"]
    return simple(
        "Data Barang",
        headers,
        lambda i: [i, f"BRG-{i:03d}", name(i), "pcs", 3 * i, i, 25000, ean(100 + i)],
        {"SKU": "B", "Title": "C", "Stocked": "E", "Barcode": "H"},
        {"Stocked": "E"},
    )


@book
def chinese() -> Book:
    headers = ["序号", "货品编号", "货品名称", "规格", "实际库存", "条形码", "单价", "备注"]
    return simple(
        "库存表",
        headers,
        lambda i: [i, f"HP{i:04d}", f"马克杯 {i}号", "白色", i, ean(5000 + i), 12.5, None],
        {"SKU": "B", "Title": "C", "Stocked": "E", "Barcode": "F", "Note": "H"},
    )


# --- shapes ---------------------------------------------------------------------------------------------------------


@book
def quantity_with_its_unit_and_on_order() -> Book:
    headers = ["Item #/SKU", "Item Description", "Qty on hand (pcs)", "Qty on PO", "Bin loc.", "UPC-A", "Avg. cost"]
    return simple(
        "Inventory 11-2026",
        headers,
        lambda i: [f"00{i:03d}", name(i), i, 24, "B4", ean(40 + i), 1.75],
        {"SKU": "A", "Title": "B", "Stocked": "C", "Barcode": "F"},
    )


@book
def merged_groups_and_subtotals() -> Book:
    made, sheet = new("Stock count")
    fill(sheet, 1, 1, [["Range", "Style no.", "Style name", "Counted pcs", "Counted by"]])
    row = 2
    for group in range(3):
        rows = [[None, f"ST{group}{i}", name(i), i + group, "Jo"] for i in range(5)]
        fill(sheet, row, 1, rows)
        sheet.cell(row, 1, f"Range {group}")
        sheet.merge_cells(start_row=row, end_row=row + 4, start_column=1, end_column=1)
        fill(sheet, row + 5, 1, [["Subtotal", None, None, f"=SUM(D{row}:D{row + 4})"]])
        sheet.cell(row + 5, 1).font = Font(bold=True)
        row += 6
    fill(sheet, row + 1, 1, [["Grand total", None, None, f"=SUM(D2:D{row - 1})/2"]])
    return Book(saved(made), "Stock count", 1, {"SKU": "B", "Title": "C", "Stocked": "D"}, 15)


@book
def pivot_like() -> Book:
    made, sheet = new("Pivot")
    sheet["A1"], sheet["B1"] = "Warehouse", "(All)"
    rows = [[f"PV-{i:03d}", i] for i in range(1, 21)]
    fill(sheet, 3, 1, [["Row Labels", "Sum of Qty"], *rows, ["Grand Total", 210]])
    return Book(saved(made), "Pivot", 3, {"SKU": "A", "Stocked": "B"}, 20)


@book
def table_from_column_d_with_hidden_columns() -> Book:
    made, sheet = new("Box room")
    sheet["A2"], sheet["A3"] = "to do: count candles", "ring Ahmed"
    headers = ["SKU nr", "What it is", "Bought at", "Bought on", "Pieces in box room", "Photo"]
    rows = [[f"BX{i}", name(i), 2.5, "2026-05-01", i, "y"] for i in range(1, 15)]
    fill(sheet, 4, 4, [headers, *rows])
    for letters in "FG":
        sheet.column_dimensions[letters].hidden = True
    sheet.add_table(Table(displayName="BoxRoom", ref="D4:I18"))
    return Book(saved(made), "Box room", 4, {"SKU": "D", "Title": "E", "Stocked": "H"}, 14)


@book
def price_list_with_two_codes() -> Book:
    headers = ["SKU EU", "SKU US", "Product", "Trade", "RRP", "Carton", "Stock UK"]
    return simple(
        "Price list",
        headers,
        lambda i: [f"EU-{i:03d}", f"US-{i:03d}", name(i), 4.0, 9.9, 6, i],
        {"SKU": "A", "Title": "C", "Stocked": "G"},
        {"SKU": "A"},
    )


@book
def instructions_first() -> Book:
    made, sheet = new("Read me")
    fill(sheet, 1, 1, [
        ["How to fill in this file"], ["Column", "What to write"], ["SKU", "our own code, never change it"],
        ["Qty", "what is on the shelf on Friday"], ["Colour", "from the list"],
    ])  # fmt: skip
    data = made.create_sheet("Data")
    headers = ["Style code", "Style", "Colourway", "Size", "Variant code", "Fri count", "Barcode (EAN13)"]
    rows = [[f"T{i // 4}", name(i // 4), "navy", "SMLX"[i % 4], f"T{i // 4}-NV-{'SMLX'[i % 4]}", i, ean(80 + i)]
            for i in range(24)]  # fmt: skip
    fill(data, 1, 1, [headers, *rows])
    means = {"SKU": "E", "Title": "B", "Stocked": "F", "Barcode": "G"}
    return Book(saved(made), "Data", 1, means, 24)


# --- exports pasted in ----------------------------------------------------------------------------------------------


@book
def shopify_inventory_export() -> Book:
    headers = [
        "Handle", "Title", "Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Option3 Name",
        "Option3 Value", "SKU", "HS Code", "COO", "Location", "Bin name", "Incoming (not editable)",
        "Unavailable (not editable)", "Committed (not editable)", "Available (not editable)", "On hand (current)",
        "On hand (new)",
    ]  # fmt: skip
    return simple(
        "inventory_export_1",
        headers,
        lambda i: [f"tee-{i}", name(i), "Size", "M", "", "", "", "", f"TEE-{i}", "", "", "Shop", "", 0, 0, 1, i - 1, i,
                   None],
        {"Title": "B", "SKU": "I", "Stocked": "R"},
    )  # fmt: skip


@book
def woocommerce_full_export() -> Book:
    headers = [
        "ID", "Type", "SKU", "GTIN, UPC, EAN, or ISBN", "Name", "Published", "Is featured?", "Visibility in catalog",
        "Short description", "Description", "Date sale price starts", "Date sale price ends", "Tax status", "Tax class",
        "In stock?", "Stock", "Low stock amount", "Backorders allowed?", "Sold individually?", "Weight (kg)",
        "Length (cm)", "Width (cm)", "Height (cm)", "Allow customer reviews?", "Purchase note", "Sale price",
        "Regular price", "Categories", "Tags", "Shipping class", "Images", "Download limit", "Download expiry days",
        "Parent", "Grouped products", "Upsells", "Cross-sells", "External URL", "Button text", "Position", "Brands",
    ]  # fmt: skip

    def row(i: int) -> list[object]:
        made: list[object] = [None] * len(headers)
        made[:10] = [900 + i, "simple", f"W-{i}", ean(60 + i), name(i), 1, 0, "visible", "", "<p>Nice</p>"]
        made[12:19] = ["taxable", "", 1, i, 2, 0, 0]
        made[26:29] = [14.5, "Home", "gift, home"]
        made[39] = 0
        return made

    means = {"SKU": "C", "Barcode": "D", "Title": "E", "Active": "F", "Stocked": "P", "Tags": "AC"}
    return simple("wc-product-export-22-11-2026", headers, row, means)


@book
def amazon_fba_inventory() -> Book:
    headers = [
        "sku", "fnsku", "asin", "product-name", "condition", "your-price", "mfn-listing-exists",
        "mfn-fulfillable-quantity", "afn-listing-exists", "afn-warehouse-quantity", "afn-fulfillable-quantity",
        "afn-unsellable-quantity", "afn-reserved-quantity", "afn-total-quantity", "per-unit-volume",
    ]  # fmt: skip
    return simple(
        "fba-inventory",
        headers,
        lambda i: [f"AZ-{i}", f"X00{i:05d}", f"B0{i:08d}", name(i), "New", 9.9, "Yes", i, "Yes", 3, 2, 0, 1, 3, 0.02],
        {"SKU": "A", "Title": "D", "Stocked": "H"},
    )
