"""Sellers' workbooks as templates and shop systems make them, and those of which only the seller knows the meaning."""

from __future__ import annotations

from openpyxl.worksheet.table import Table

from tests.workbooks.made import saved
from tests.workbooks.seller_books import Book, book, ean, fill, name, new, simple, with_macros

# --- exports of shop systems ----------------------------------------------------------------------------------------


@book
def shopify_export() -> Book:
    headers = [
        "Handle",
        "Title",
        "Vendor",
        "Option1 Name",
        "Option1 Value",
        "Variant SKU",
        "Variant Inventory Qty",
        "Variant Price",
        "Variant Barcode",
        "Status",
    ]
    means = {"Title": "B", "SKU": "F", "Stocked": "G", "Barcode": "I"}
    return simple(
        "products_export",
        headers,
        lambda i: [f"shirt-{i}", name(i), "Me", "Size", "M", f"SH-{i}", i, 20.0, ean(i), "active"],
        means,
    )


@book
def woocommerce_export() -> Book:
    headers = ["ID", "Type", "SKU", "Name", "Published", "In stock?", "Stock", "Regular price", "Tags", "Images"]
    return simple(
        "wc-product-export",
        headers,
        lambda i: [400 + i, "simple", f"WC-{i}", name(i), 1, 1, i, 9.5, "summer", "https://shop.example/i.jpg"],
        {"SKU": "C", "Title": "D", "Active": "E", "Stocked": "G", "Tags": "I"},
    )


@book
def ebay_style_report() -> Book:
    return simple(
        "Active listings",
        ["Item number", "Title", "Custom label (SKU)", "Available quantity", "Currency", "Start price"],
        lambda i: [110_000_000 + i, name(i), f"EB-{i}", i, "EUR", 5.0],
        {"SKU": "C", "Title": "B", "Stocked": "D"},
        {"SKU": "C", "Stocked": "D"},
    )


# --- templates and exports that many sellers use --------------------------------------------------------------------


@book
def office_template() -> Book:
    made, sheet = new("Inventory List")
    sheet["B1"], sheet["G1"] = "Inventory List", "Highlight items to reorder?"
    headers = [
        "Flagged items to reorder",
        "Inventory ID",
        "Name",
        "Description",
        "Unit Price",
        "Quantity in Stock",
        "Inventory Value",
        "Reorder Level",
        "Reorder Time in Days",
        "Quantity in Reorder",
        "Discontinued?",
    ]
    rows = [
        [None, f"IN{i:04d}", name(i), f"Desc {i}", 51.0, i, f"=F{i + 3}*G{i + 3}", 29, 13, 50, None]
        for i in range(1, 26)
    ]
    fill(sheet, 3, 2, [headers, *rows])
    sheet.add_table(Table(displayName="InventoryList", ref="B3:L28"))
    return Book(saved(made), "Inventory List", 3, {"SKU": "C", "Title": "D", "Stocked": "G"}, 25)


@book
def stock_control_template() -> Book:
    made, sheet = new("Stock Inventory")
    sheet["A1"], sheet["A2"] = "STOCK INVENTORY CONTROL TEMPLATE", "Company name"
    headers = [
        "STOCK NO.",
        "DESCRIPTION",
        "LOCATION",
        "UNIT",
        "QTY",
        "REORDER QTY",
        "COST PER UNIT",
        "TOTAL VALUE",
        "SUPPLIER",
    ]
    rows = [[f"S{i}", name(i), "A1", "each", i, 5, 2.0, 2.0 * i, "ABC"] for i in range(1, 15)]
    fill(sheet, 4, 1, [headers, *rows])
    return Book(saved(made), "Stock Inventory", 4, {"SKU": "A", "Title": "B", "Stocked": "E"}, 14)


@book
def item_hash_template() -> Book:
    return simple(
        "Inventory",
        [
            "Item #",
            "Name",
            "Manufacturer",
            "Description",
            "Cost per item",
            "Stock quantity",
            "Inventory value",
            "Days per reorder",
            "Item reorder quantity",
            "Item discontinued?",
        ],
        lambda i: [f"#{i:03d}", name(i), "Acme", "long text", 2.0, i, 2.0 * i, 14, 20, "No"],
        {"SKU": "A", "Title": "B", "Stocked": "F"},
    )


@book
def amazon_listings_report() -> Book:
    return simple(
        "Sheet1",
        [
            "item-name",
            "item-description",
            "listing-id",
            "seller-sku",
            "price",
            "quantity",
            "open-date",
            "product-id-type",
            "asin1",
            "product-id",
            "fulfillment-channel",
            "status",
        ],
        lambda i: [
            name(i),
            f"About {name(i)}",
            f"0112X{i}",
            f"AZ-{i}",
            12.0,
            i,
            "2024-01-01",
            1,
            f"B00{i:07d}",
            f"B00{i:07d}",
            "DEFAULT",
            "Active",
        ],
        {"SKU": "D", "Title": "A", "Stocked": "F"},
    )


@book
def etsy_download() -> Book:
    return simple(
        "EtsyListingsDownload",
        [
            "TITLE",
            "DESCRIPTION",
            "PRICE",
            "CURRENCY_CODE",
            "QUANTITY",
            "TAGS",
            "MATERIALS",
            "IMAGE1",
            "VARIATION 1 TYPE",
            "SKU",
        ],
        lambda i: [
            name(i),
            f"Long words about {i}",
            15.0,
            "EUR",
            i,
            "gift,home",
            "wax",
            "https://i.example/1",
            None,
            f"ET{i}",
        ],
        {"Title": "A", "Stocked": "E", "Tags": "F", "SKU": "J"},
    )


@book
def till_export() -> Book:
    return simple(
        "Items",
        [
            "Token",
            "Item Name",
            "Variation Name",
            "SKU",
            "Description",
            "Category",
            "Price",
            "Current Quantity Main St",
            "New Quantity Main St",
            "Stock Alert Enabled",
            "Stock Alert Count",
        ],
        lambda i: [f"TK{i}XYZ", name(i), "Regular", f"SQ{i}", "words here", "Home", 4.0, i, None, "N", None],
        {"SKU": "D", "Title": "B", "Stocked": "H"},
    )


@book
def accounting_items() -> Book:
    return simple(
        "Items",
        [
            "*ItemCode",
            "ItemName",
            "Quantity",
            "PurchasesDescription",
            "PurchasesUnitPrice",
            "SalesUnitPrice",
            "TaxRate",
        ],
        lambda i: [f"XE{i}", name(i), i, "bought", 1.0, 2.0, "20%"],
        {"SKU": "A", "Title": "B", "Stocked": "C"},
    )


@book
def stock_summary_of_an_erp() -> Book:
    return simple(
        "Stock Summary",
        [
            "Item ID",
            "Item Name",
            "SKU",
            "UPC",
            "Opening Stock",
            "Quantity In",
            "Quantity Out",
            "Stock On Hand",
            "Committed Stock",
            "Reorder Level",
        ],
        lambda i: [9_000 + i, name(i), f"ZH-{i}", ean(i), i, 3, 3, i, 0, 2],
        {"SKU": "C", "Title": "B", "Barcode": "D", "Stocked": "H"},
    )


@book
def german_trade_software() -> Book:
    return simple(
        "Artikel",
        [
            "Artikelnummer",
            "Artikelname",
            "GTIN",
            "HAN",
            "Lagerbestand gesamt",
            "Verfügbarer Bestand",
            "Mindestlagerbestand",
            "EK Netto",
            "VK Brutto",
            "Hersteller",
            "Warengruppe",
        ],
        lambda i: [f"JT{i}", name(i), ean(i), f"H{i}", i, i - 1, 2, 3.0, 9.0, "Firma", "Deko"],
        {"SKU": "A", "Title": "B", "Barcode": "C", "Stocked": "E"},
        {"Stocked": "E"},
    )


@book
def marketplace_mass_update() -> Book:
    made, sheet = new("Sheet1")
    fill(
        sheet,
        1,
        1,
        [
            [
                "et_title_product_id",
                "et_title_product_name",
                None,
                None,
                "et_title_variation_sku",
                None,
                "et_title_stock",
            ]
        ],
    )
    headers = ["Product ID", "Product Name", "Variation ID", "Variation Name", "SKU", "Price", "Stock"]
    fill(sheet, 3, 1, [headers, *([80_000 + i, name(i), 5_000 + i, "Red", f"SP{i}", 12_000, i] for i in range(1, 11))])
    return Book(saved(made), "Sheet1", 3, {"SKU": "E", "Title": "B", "Stocked": "G"}, 10)


@book
def kitchen_table_list() -> Book:
    made, sheet = new("Tabelle1")
    sheet["A1"] = "my stuff :)"
    fill(sheet, 2, 1, [["code", "what is it", "how many", "£"], *([f"k{i}", name(i), i, 5] for i in range(1, 10))])
    return Book(saved(made), "Tabelle1", 2, {"SKU": "A", "Title": "B", "Stocked": "C"}, 9)


@book
def market_stall_count() -> Book:
    made, sheet = new("Bestandsliste")
    sheet["A1"] = "Inventur"
    sheet["C1"] = "31.12.2026"
    headers = ["Pos.", "Art.Nr.", "Artikel", "Lagerort", "Soll", "Ist", "Differenz", "EK netto", "Warenwert"]
    rows = [[i, f"{i:04d}", name(i), "Keller", i, i, 0, 2.0, 2.0 * i] for i in range(1, 19)]
    fill(sheet, 4, 1, [headers, *rows, [None, None, "Gesamt", None, None, "=SUM(F5:F22)", None, None, "=SUM(I5:I22)"]])
    return Book(saved(made), "Bestandsliste", 4, {"SKU": "B", "Title": "C", "Stocked": "F"}, 18)


@book
def point_of_sale_outlet() -> Book:
    return simple(
        "product-export",
        [
            "id",
            "handle",
            "sku",
            "composite_name",
            "name",
            "description",
            "product_category",
            "tags",
            "supply_price",
            "retail_price",
            "active",
            "track_inventory",
            "inventory_Main_Outlet",
            "reorder_point_Main_Outlet",
        ],
        lambda i: [
            f"02dcd191-ae{i:02d}",
            f"thing{i}",
            f"LS{i}",
            None,
            name(i),
            "words",
            "Home",
            "new",
            1.0,
            2.0,
            1,
            1,
            i,
            2,
        ],
        {"SKU": "C", "Title": "E", "Tags": "H", "Active": "K", "Track stock": "L", "Stocked": "M"},
    )


@book
def spanish_wholesale() -> Book:
    made, sheet = new("HOJA1")
    fill(sheet, 2, 2, [["TIENDA LA LUNA, S.L."], ["Listado de existencias"], [None]])
    headers = [
        "Ref.",
        "Cód. barras",
        "Artículo",
        "Familia",
        "Stock actual",
        "Stock mín.",
        "P. coste",
        "P.V.P.",
        "Observaciones",
    ]
    fill(sheet, 6, 2, [headers, *([f"L{i:03d}", ean(i), name(i), "Hogar", i, 2, 3.0, 6.0, None] for i in range(1, 17))])
    means = {"SKU": "B", "Barcode": "C", "Title": "D", "Stocked": "F", "Note": "J"}
    return Book(saved(made), "HOJA1", 6, means, 16)


# --- where only the seller knows ------------------------------------------------------------------------------------


@book
def several_stock_columns() -> Book:
    return simple(
        "Inventory",
        ["SKU", "Product name", "Warehouse", "Shop", "Total", "Available", "Reorder level"],
        lambda i: [f"S-{i}", name(i), i, 2, i + 2, i + 1, 3],
        {"SKU": "A", "Title": "B", "Stocked": "E"},
        {"Stocked": "E"},
    )


@book
def total_by_formula() -> Book:
    made, sheet = new("Stock 2026")
    headers = ["SKU", "Item", "Lager", "Laden", "Bestand", "Verkauft"]
    rows = [[f"F{i}", name(i), i, 1, f"=SUM(C{i + 1}:D{i + 1})", 4] for i in range(1, 11)]
    fill(sheet, 1, 1, [headers, *rows])
    return Book(saved(made), "Stock 2026", 1, {"SKU": "A", "Title": "B", "Stocked": "E"}, 10, {"Stocked": "E"})


@book
def orders_and_prices_beside() -> Book:
    made, sheet = new("Orders")
    fill(
        sheet, 1, 1, [["Order no", "Date", "Customer", "SKU", "Qty"], *([i, "1.1.26", "X", "M-1", 1] for i in range(9))]
    )
    fill(made.create_sheet("Prices"), 1, 1, [["SKU", "Price"], *([f"M-{i}", 5.0] for i in range(1, 9))])
    fill(
        made.create_sheet("Inventory"),
        1,
        1,
        [["SKU", "Name", "On hand"], *([f"M-{i}", name(i), i] for i in range(1, 9))],
    )
    return Book(saved(made), "Inventory", 1, {"SKU": "A", "Title": "B", "Stocked": "C"}, 8)


@book
def two_item_tabs() -> Book:
    made, sheet = new("Shirts")
    fill(sheet, 1, 1, [["SKU", "Name", "Qty"], *([f"SH{i}", name(i), i] for i in range(1, 9))])
    fill(made.create_sheet("Mugs"), 2, 1, [["SKU", "Name", "Qty"], *([f"MU{i}", name(i), i] for i in range(1, 6))])
    return Book(saved(made), "Mugs", 2, {"SKU": "A", "Title": "B", "Stocked": "C"}, 5, {"tab": "Mugs"})


@book
def macros() -> Book:
    plain = simple(
        "Inventory",
        ["Item code", "Description", "Stock on hand", "Unit price"],
        lambda i: [f"VB{i}", name(i), i, 3.5],
        {"SKU": "A", "Title": "B", "Stocked": "C"},
    )
    return Book(with_macros(plain.content), plain.tab, 1, plain.means, plain.items, suffix=".xlsm")
