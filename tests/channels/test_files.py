"""What only a shop has that is reached by files: how files are written, which are whole, and what is carried when."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from agent import frames
from agent.channels.answers import Ports
from agent.channels.base import ChannelOut, ListingsRead, OrdersRead
from agent.channels.files import connect
from agent.channels.files.columns import ORDERS as OF_ORDERS
from agent.channels.files.columns import PRODUCTS, mapped
from agent.channels.files.place import DONE, FROM, MARK, ORDERS, TO, Place
from agent.practice.files import Look, Shop, main
from tests.channels.clock import FakeClock
from tests.channels.wire.base import changes

HEADER = ("SKU", "Name", "Stock", "Price")
Rows = Sequence[Sequence[str | int]]


def table(
    rows: Rows, delimiter: str = ",", encoding: str = "utf-8", newline: str = "\r\n", header: Sequence[str] = HEADER
) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows([header, *rows])
    return out.getvalue().encode(encoding)


class Desk:
    """A folder, its channel, and a clock."""

    def __init__(self, folder: Path, orders: str = "no", **more: str) -> None:
        self.folder, self.clock = folder, FakeClock()
        folder.mkdir(exist_ok=True)
        self.settings = {"folder": str(folder), "orders": orders, **more}
        self.again()
        asyncio.run(self.channel.account())

    def again(self) -> None:
        """The program is started again."""
        self.channel: Any = connect("corner", self.settings, Ports(self.clock, random.Random(1)))

    def put(self, content: bytes, name: str = "products.csv", folder: str = FROM, age: float = 10.0) -> Path:
        """A file that was written so many seconds ago."""
        path = self.folder / folder / name
        path.write_bytes(content)
        at = (self.clock.now() - timedelta(seconds=age)).timestamp()
        os.utime(path, (at, at))
        return path

    def read(self) -> ListingsRead:
        found: ListingsRead = asyncio.run(self.channel.listings())
        return found

    def quantities(self) -> dict[str, int | None]:
        return dict(self.read().frame.select("listing", "quantity").iter_rows())

    def orders(self, since: datetime | None = None) -> OrdersRead:
        found: OrdersRead = asyncio.run(self.channel.orders(since))
        return found

    def push(self, **wanted: int) -> list[tuple[str, str | None]]:
        asked = changes(self.read().frame, wanted)
        results = asyncio.run(self.channel.push(asked, "lower"))
        return list(results.select("outcome", "message").iter_rows())

    def imports(self) -> list[Path]:
        return sorted(path for path in (self.folder / TO).iterdir() if path.is_file())

    def carried(self) -> bytes:
        """Somebody takes the only import file away."""
        (file,) = self.imports()
        content = file.read_bytes()
        file.unlink()
        return content

    def notes(self) -> list[str]:
        return [each.key for each in self.channel.standing()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# --- how files are written --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_import_is_written_as_the_export_in_letters_signs_and_order(
    desk: Desk, encoding: str, delimiter: str
) -> None:
    desk.put(table([("GRÖSSE-É", "Crème, 5; x", 5, "1.50"), ("00123", "B", 7, "2.00")], delimiter, encoding))
    assert desk.quantities() == {"GRÖSSE-É": 5, "00123": 7}
    assert desk.push(**{"GRÖSSE-É": 2})[0][0] == "sent"
    content = desk.carried()
    assert content.decode(encoding) == table([("GRÖSSE-É", 2)], delimiter, encoding, header=("SKU", "Stock")).decode(
        encoding
    )
    if encoding in ("utf-8-sig", "utf-16"):
        assert content[:2] == table([], delimiter, encoding)[:2], "the same mark stands in front"


def test_other_letters_are_read_where_the_settings_name_them(tmp_path: Path) -> None:
    desk = Desk(tmp_path, encoding="cp1251")
    desk.put(table([("КРУЖКА", "Синяя", 5, "1.50")], ";", "cp1251", newline="\n"))
    assert desk.quantities() == {"КРУЖКА": 5}
    desk.push(КРУЖКА=1)
    assert desk.carried() == "SKU;Stock\nКРУЖКА;1\n".encode("cp1251")


@pytest.mark.parametrize(
    ("price", "said", "units"),
    [
        ("12,50", "1.200", 1200), ("12.50", "1,200", 1200), ("12,50", "3,00", 3), ("12.50", "2.9", 2), ("", "7.0", 7),
        ("12.50", "1 200", 1200), ("12.50", "-3", -3), ("", "1.200", None), ("12.50", "many", None),
        ("1.50", "1e3", None),
        ("12.50", "'4", 4),
    ],
)  # fmt: skip
def test_the_files_own_decimal_mark_tells_what_a_quantity_says_I12(
    desk: Desk, price: str, said: str, units: int | None
) -> None:
    desk.put(table([("A", "Mug", said, price)], ";"))
    found = desk.read()
    assert found.frame["quantity"].to_list() == [units] and len(found.issues) == (units is None)


@pytest.mark.parametrize(("said", "managed"), [("", False), ("unlimited", False), ("0", True), ("oops", True)])
def test_a_blank_a_word_and_a_zero_are_three_things_I11(desk: Desk, said: str, managed: bool) -> None:
    desk.put(table([("A", "Mug", said, "1.00"), ("B", "Cup", 4, "1.00")]))
    row = desk.read().frame.row(0, named=True)
    assert (row["managed"], row["quantity"]) == (managed, 0 if said == "0" else None)


def test_line_breaks_and_quotes_in_a_title_are_no_rows(desk: Desk) -> None:
    desk.put(table([("A", 'A "big"\nmug;\r\nblue', 5, "1.00"), ("B", "Cup", 4, "1.00")]))
    assert desk.quantities() == {"A": 5, "B": 4}


def test_a_title_above_the_header_and_excels_own_hint_are_passed_over(desk: Desk) -> None:
    desk.put(b"sep=;\r\nProducts of Corner;;\r\n\r\nSKU;Name;Stock\r\nA;Mug;5\r\n")
    assert desk.quantities() == {"A": 5}
    desk.push(A=4)
    assert desk.carried() == b"SKU;Stock\r\nA;4\r\n"


def test_a_workbook_is_read_and_written_with_texts_that_stay_texts(desk: Desk) -> None:
    rows = [("SKU", "Stock"), ("00123", 5), ("1E5", 6), ("12345678901234567890", 7), ("=1+1", 8), ("A  B", 9)]
    desk.put(Look(book=True).written(rows), "products.xlsx")
    assert desk.quantities() == {"00123": 5, "1E5": 6, "12345678901234567890": 7, "=1+1": 8, "A  B": 9}
    listed = desk.read().frame["listing"].to_list()
    assert {outcome for outcome, _ in desk.push(**dict.fromkeys(listed, 1))} == {"sent"}
    sheet = openpyxl.load_workbook(io.BytesIO(desk.carried())).worksheets[0]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == ["00123", "1E5", "12345678901234567890", "=1+1", "A  B"]
    assert {cell.data_type for cell in cells} == {"s"}, "nothing is computed, no zero is lost (R9)"


# --- formulas, and the same SKU on the way back -----------------------------------------------------------------------


@pytest.mark.parametrize("sku", ["=1+1", "+A", "-A", "@HOME", "\tA", "=HYPERLINK(1)", "＝1"])
def test_a_sku_that_a_spreadsheet_would_compute_goes_out_only_as_the_shop_guards_it_R10(desk: Desk, sku: str) -> None:
    desk.put(table([(f"'{sku}", "Mug", 5, "1.00"), ("B", "Cup", 4, "1.00")]))
    named = sku.strip()
    assert desk.quantities() == {named: 5, "B": 4}, "the apostrophe is no part of it"
    assert [outcome for outcome, _ in desk.push(**{named: 1})] == ["sent"]
    assert desk.carried() == table([(f"'{sku}", 1)], header=("SKU", "Stock"))
    desk.put(table([(sku, "Mug", 5, "1.00"), ("B", "Cup", 4, "1.00")]), age=5)
    (bare, other) = desk.push(**{named: 2, "B": 2})
    assert bare[0] == "refused" and "formula" in str(bare[1]) and other[0] == "sent"
    assert desk.carried() == table([("B", 2)], header=("SKU", "Stock")), "an apostrophe would name another SKU"


@pytest.mark.parametrize("sku", ["-5", "+49123", "1E5", "00123", "123456789012345678901234"])
def test_numbers_are_no_formulas_and_keep_every_digit(desk: Desk, sku: str) -> None:
    desk.put(table([(sku, "Mug", 5, "1.00")]))
    assert desk.push(**{sku: 1}) == [("sent", None)]
    assert desk.carried().splitlines()[1] == f"{sku},1".encode()


CODES = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zs", "Zl", "Zp", "Cf", "Co")), min_size=1, max_size=20
)


@given(st.lists(st.one_of(CODES, st.from_regex(r"[=+\-@'][A-Z0-9]{1,6}", fullmatch=True)), min_size=1, max_size=6, unique=True),
       st.booleans(), st.booleans())  # fmt: skip
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_sku_comes_back_to_the_shop_as_the_very_same_R10(
    tmp_path_factory: pytest.TempPathFactory, skus: list[str], book: bool, guards: bool
) -> None:
    assume(not any(sku[:1] == "'" and sku[1:2] in "=+-@" for sku in skus))  # a shop that guards cannot have such a one
    desk = Desk(tmp_path_factory.mktemp("shop"))
    shop = Shop(clock=desk.clock.now, rng=random.Random(1), folder=desk.folder)
    shop.habits.look = Look(id=None, book=book, guards=guards)
    shop.habits.exports_orders = False
    ids = {shop.add_simple(sku, "Thing", 5): sku for sku in skus}
    shop.turn()
    frame = desk.read().frame
    asked = changes(frame, dict.fromkeys(frame.filter(pl.col("quantity").is_not_null())["listing"].to_list(), 3))
    results = asyncio.run(desk.channel.push(asked, "lower"))
    sent = results.filter(pl.col("outcome") == "sent").height
    shop.turn()
    assert not shop.refused and not shop.unknown
    assert sum(shop.quantity(id_) == 3 for id_ in ids) == sent
    if (book or guards) and not any(sku.startswith("'") for sku in skus):
        assert sent == len(ids)


def test_only_id_sku_and_quantity_are_written_unless_the_shop_needs_more(tmp_path: Path) -> None:
    rows, header = [("red", 5, "9.00", "A", "17")], ("Colour", "Stock", "Price", "SKU", "Product ID")
    plain, more = Desk(tmp_path / "one"), Desk(tmp_path / "two", also="colour")
    for desk, wanted in ((plain, b"Stock,SKU,Product ID\r\n3,A,17\r\n"),
                         (more, b"Colour,Stock,SKU,Product ID\r\nred,3,A,17\r\n")):  # fmt: skip
        desk.put(table(rows, header=header))
        desk.push(**{"17": 3})
        assert desk.carried() == wanted, "in the shop's own order; no price is ever set back"


# --- which file counts ------------------------------------------------------------------------------------------------


def test_the_newest_whole_file_counts_and_one_that_is_being_written_is_waited_for(desk: Desk) -> None:
    desk.put(table([("A", "Mug", 5, "1.00")]), "monday.csv", age=100)
    desk.put(table([("A", "Mug", 9, "1.00")]), "tuesday.csv", age=1)
    desk.put(table([("A", "Mug", 1, "1.00")]), ".hidden.csv", age=5)
    desk.put(b"notes", "notes.pdf", age=5)
    assert desk.quantities() == {"A": 5}
    desk.clock.advance(5)
    assert desk.quantities() == {"A": 9}


@pytest.mark.parametrize(
    "cut", [b"SKU,Name,Stock\r\nA,Mug,5\r\nB,Cu", b'SKU,Name,Stock\r\nA,Mug,5\r\nB,"Cu', b"", b"PK\x03\x04 broken"]
)
def test_a_file_that_ends_in_the_middle_is_not_used_and_the_one_before_holds(desk: Desk, cut: bytes) -> None:
    desk.put(cut, "cut.csv", age=20)
    with pytest.raises(ChannelOut) as out:
        desk.read()
    assert out.value.kind == "host" and "cut.csv" in out.value.what and out.value.fix
    desk.put(table([("A", "Mug", 5, "1.00"), ("B", "Cup", 3, "1.00")]), "whole.csv", age=50)
    assert desk.quantities() == {"A": 5, "B": 3}
    assert desk.notes() == ["passed"]


def test_a_file_that_is_replaced_while_it_is_read_is_left_for_the_next_look(desk: Desk) -> None:
    path = desk.put(table([("A", "Mug", 5, "1.00")]))
    place = Place("corner", desk.folder, random.Random(1))
    (found,) = place.whole(FROM, desk.clock.now())
    desk.put(table([("A", "Mug", 55, "1.00")]))
    assert place.read(found) is None
    path.unlink()
    assert place.read(found) is None


def test_an_export_with_a_header_alone_is_not_an_empty_shop_I11(desk: Desk) -> None:
    desk.put(table([]))
    found = desk.read()
    assert found.frame.is_empty() and not found.complete


def test_the_time_of_a_read_is_that_of_the_file_whatever_the_clock_says(desk: Desk) -> None:
    desk.put(table([("A", "Mug", 5, "1.00")]), age=7200)
    found = desk.read()
    assert found.as_of == found.began == found.ended == desk.clock.now() - timedelta(hours=2)
    assert not found.fresh, "no orders: what was sold in two hours is not known"
    desk.put(table([("A", "Mug", 5, "1.00")]), age=-9000)
    assert desk.read().as_of == desk.clock.now(), "a file from the future is not younger than now"


def test_a_late_export_is_told_with_its_age(desk: Desk) -> None:
    desk.put(table([("A", "Mug", 5, "1.00")]), age=3 * 86_400 + 60)
    desk.read()
    (note,) = desk.channel.standing()
    assert note.what == "The last export of corner is 3 days old (of 2026-11-19 11:59)."
    assert "from shop" in note.fix


def test_a_hundred_thousand_rows_are_one_read_and_one_file(desk: Desk) -> None:
    desk.put(table([(f"S-{n:06}", f"Thing {n}", n % 50, "1.00") for n in range(100_000)]))
    frame = desk.read().frame
    assert frame.height == 100_000 and frame["quantity"].sum() == sum(n % 50 for n in range(100_000))
    asked = frame.select(
        "cell", "listing", pl.lit(1, pl.Int64).alias("quantity"), pl.lit(None, pl.Int64).alias("expected")
    )
    results = asyncio.run(desk.channel.push(asked.select(list(frames.CHANGES)), "lower"))
    assert results["outcome"].unique().to_list() == ["sent"]
    assert desk.carried().count(b"\n") == 100_001


def test_rows_of_one_sku_without_an_id_cannot_be_told_apart_and_are_left_alone(desk: Desk) -> None:
    desk.put(table([("A", "Mug", 5, "1.00"), ("A", "Mug again", 9, "1.00"), ("B", "Cup", 4, "1.00")]))
    found = desk.read()
    assert dict(found.frame.select("listing", "quantity").iter_rows()) == {"A": None, "B": 4}
    assert found.issues == (
        "1 product stands in several rows of the export and cannot be told apart, so that it is left alone: A. Give "
        "each row a SKU of its own in the shop.",
    )
    assert [outcome for outcome, _ in desk.push(A=1, B=1)] == ["refused", "sent"]


def test_rows_of_one_sku_with_an_id_each_are_listings_of_their_own(desk: Desk) -> None:
    desk.put(table([("1", "A", 5), ("2", "A", 9)], header=("Product ID", "SKU", "Stock")))
    assert desk.quantities() == {"1": 5, "2": 9}
    desk.push(**{"2": 3})
    assert desk.carried() == b"Product ID,SKU,Stock\r\n2,A,3\r\n"


# --- carrying ---------------------------------------------------------------------------------------------------------


def test_a_file_that_was_not_carried_away_is_taken_into_the_next_one(desk: Desk) -> None:
    desk.put(table([("A", "Mug", 5, "1.00"), ("B", "Cup", 4, "1.00"), ("C", "Cap", 3, "1.00")]))
    desk.push(A=4, B=3)
    (first,) = desk.imports()
    desk.clock.advance(60)
    desk.push(B=2, C=1)
    (second,) = desk.imports()
    assert second.name > first.name and second.read_bytes() == b"SKU,Stock\r\nA,4\r\nB,2\r\nC,1\r\n"
    desk.carried()
    desk.clock.advance(60)
    desk.push(C=0)
    assert desk.carried() == b"SKU,Stock\r\nC,0\r\n", "what was carried away is not written again"


def test_what_waits_to_be_carried_is_in_flight_whatever_an_export_still_shows(desk: Desk) -> None:
    rows = [("A", "Mug", 5, "1.00"), ("B", "Cup", 4, "1.00")]
    desk.put(table(rows))
    desk.push(A=2)
    desk.clock.advance(90_000)
    desk.put(table(rows))
    assert desk.quantities() == {"A": None, "B": 4} and desk.notes() == ["waits"]
    desk.again()
    assert desk.quantities() == {"A": None, "B": 4}, "a new start forgets nothing"
    desk.carried()
    assert desk.quantities() == {"A": None, "B": 4} and desk.notes() == []
    desk.clock.advance(600)
    desk.put(table([("A", "Mug", 2, "1.00"), ("B", "Cup", 4, "1.00")]))
    assert desk.quantities() == {"A": 2, "B": 4}


def test_a_file_that_the_shop_shows_as_carried_out_is_put_away(desk: Desk) -> None:
    desk.put(table([("A", "Mug", 5, "1.00"), ("B", "Cup", 4, "1.00")]))
    desk.push(A=2, B=1)
    desk.clock.advance(600)
    desk.put(table([("A", "Mug", 2, "1.00"), ("B", "Cup", 4, "1.00")]))
    assert desk.quantities() == {"A": 2, "B": None} and len(desk.imports()) == 1
    desk.clock.advance(600)
    desk.put(table([("A", "Mug", 2, "1.00"), ("B", "Cup", 1, "1.00")]))
    assert desk.quantities() == {"A": 2, "B": 1} and desk.imports() == []
    assert len(list((desk.folder / TO / DONE).iterdir())) == 1 and desk.notes() == []


def test_a_shop_that_does_not_carry_it_out_is_believed_in_the_end(desk: Desk) -> None:
    rows = [("A", "Mug", 5, "1.00")]
    desk.put(table(rows))
    desk.push(A=2)
    desk.carried()
    for hours, shown in ((2, None), (25, 5)):
        desk.read()
        desk.clock.advance(hours * 3600)
        desk.put(table(rows))
        assert desk.quantities() == {"A": shown}, hours


def test_nothing_is_written_for_what_cannot_be_set(desk: Desk) -> None:
    desk.put(table([("A", "Mug", "", "1.00"), ("B", "Cup", 4, "1.00")]))
    asked = frames.frame([("row/A", "A", 1, None), ("row/GONE", "GONE", 1, None), ("B", "B", 1, None)], frames.CHANGES)
    results = asyncio.run(desk.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["refused"] * 3 and all(results["message"].to_list())
    assert desk.imports() == []


def test_a_folder_that_cannot_be_written_says_so_and_nothing_is_lost(desk: Desk) -> None:
    desk.put(table([("A", "Mug", 5, "1.00")]))
    asked = changes(desk.read().frame, {"A": 1})
    (desk.folder / TO).rmdir()
    (desk.folder / TO).write_text("a file in its place")
    results = asyncio.run(desk.channel.push(asked, "lower"))
    assert (results["outcome"].to_list(), results["kind"].to_list()) == (["not_sent"], ["host"])
    assert desk.quantities() == {"A": 5}


@pytest.mark.parametrize(("content", "kind"), [("{}", "access"), (None, "access"), ("shop", "access")])
def test_a_folder_that_is_not_the_one_is_not_written_to_S2_9(desk: Desk, content: str | None, kind: str) -> None:
    desk.put(table([("A", "Mug", 5, "1.00")]))
    desk.read()
    mark = desk.folder / MARK
    mark.unlink() if content is None else mark.write_text(content)
    with pytest.raises(ChannelOut) as out:
        desk.read()
    assert out.value.kind == kind and "stocksheet connect corner" in out.value.fix


# --- columns ----------------------------------------------------------------------------------------------------------

# ruff: noqa: E501
EXPORTS = {
    "WooCommerce": ("ID,Type,SKU,Name,Published,In stock?,Stock,Low stock amount,Regular price,Parent,Position", "ID", "SKU", "Stock"),
    "Shopify": ("Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Variant Barcode,Status", None, "Variant SKU", "Variant Inventory Qty"),
    "BigCommerce": ("Item Type,Product ID,Product Name,Product Code/SKU,Current Stock Level,Low Stock Level,Price", "Product ID", "Product Code/SKU", "Current Stock Level"),
    "Ecwid": ("type,product_internal_id,product_sku,product_name,product_price,product_quantity,is_product_available", "product_internal_id", "product_sku", "product_quantity"),
    "Lightspeed eCom": ("Internal_ID,Internal_Variant_ID,Visible,Brand,US_Title_Short,Price,Article_Code,EAN,Stock_Track,Stock_Level", "Internal_Variant_ID", "Article_Code", "Stock_Level"),
    "German": ("Artikelnummer;Bezeichnung;Bestand;Preis", None, "Artikelnummer", "Bestand"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
def test_the_columns_of_common_exports_are_known(name: str) -> None:
    header, id_, sku, quantity = EXPORTS[name]
    names = header.split(";" if ";" in header else ",")
    found = mapped(PRODUCTS, [names, [f"{n}" for n in range(len(names))]], {})
    told = {meaning: names[at] for meaning, at in found.places.items()}
    assert not found.unclear and (told.get("id"), told["sku"], told["quantity"]) == (id_, sku, quantity)


def test_the_columns_of_an_export_of_orders_are_known() -> None:
    names = ["Name", "Email", "Financial Status", "Fulfillment Status", "Created at", "Lineitem quantity", "Lineitem sku",
             "Lineitem name", "Lineitem price", "Cancelled at", "Billing Name"]  # fmt: skip
    told = {m: names[at] for m, at in mapped(OF_ORDERS, [names, ["1"] * len(names)], {}).places.items()}
    assert told == {
        "order": "Name", "status": "Fulfillment Status", "ordered_at": "Created at", "quantity": "Lineitem quantity",
        "sku": "Lineitem sku", "cancelled_at": "Cancelled at",
    }  # fmt: skip


def test_a_column_that_is_not_clear_is_asked_for_once_and_kept(desk: Desk) -> None:
    header = ("SKU", "Stock", "Quantity")
    desk.put(table([("A", 5, 50), ("B", 4, 40)], header=header))
    with pytest.raises(ChannelOut, match="which column is the quantity in stock"):
        desk.read()
    (asked,) = desk.channel.unclear()
    assert (asked.key, asked.headers) == ("products/quantity", ("Stock", "Quantity"))
    asyncio.run(desk.channel.clear(asked.key, 1))
    assert desk.channel.unclear() == [] and desk.quantities() == {"A": 50, "B": 40}
    desk.again()
    desk.put(table([(1, "A", 6, 60)], header=("Units", "SKU", "Stock", "Quantity")), age=5)
    assert desk.quantities() == {"A": 60}, "a new column takes no one's place"
    desk.put(table([("A", 6)], header=("SKU", "Stock")), age=4)
    assert desk.quantities() == {"A": 6}, "the column that was named is gone, and one alone is left"


def test_two_columns_that_say_the_same_need_no_question(desk: Desk) -> None:
    desk.put(table([("A", 5, 5), ("B", 4, 4)], header=("SKU", "Stock", "Quantity")))
    assert desk.quantities() == {"A": 5, "B": 4}


def test_a_file_without_any_known_column_is_asked_about_by_what_stands_in_it(desk: Desk) -> None:
    desk.put(table([("A-1", "Red mug", 5), ("B-2", "Blue cup", 4)], header=("Kennung X", "Was es ist", "Da")))
    with pytest.raises(ChannelOut):
        desk.read()
    first = desk.channel.unclear()[0]
    assert first.key == "products/sku" and "Kennung X" in first.headers and "Da" in first.headers


# --- orders -----------------------------------------------------------------------------------------------------------

ORDER_HEADER = ("Order number", "SKU", "Quantity", "Status", "Order date", "Customer")


def with_orders(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path, "yes")
    desk.put(table([("A", "Mug", 5, "1.00"), ("B", "Cup", 4, "1.00")]))
    return desk


def lines(found: OrdersRead) -> dict[tuple[str, str], tuple[Any, ...]]:
    columns = ("listing", "ordered", "open", "shipped", "returned")
    return {row[:2]: row[2:] for row in found.frame.select("order", "sku", *columns).iter_rows()}


def test_states_say_what_is_open_shipped_given_up_and_back_I9_I10(tmp_path: Path) -> None:
    desk = with_orders(tmp_path)
    states = ["paid", "On hold", "shipped", "Cancelled", "refunded", "Storniert", "versendet", "curious"]
    rows = [(n, "A", 2, state, "2026-11-22 10:00", "Canary Buyer") for n, state in enumerate(states)]
    desk.put(table(rows, header=ORDER_HEADER), "orders.csv", ORDERS)
    found = desk.orders(datetime(2020, 1, 1, tzinfo=UTC))
    told = [each[2:] for _, each in sorted(lines(found).items())]
    assert told == [(2, 0, 0), (2, 0, 0), (0, 2, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 2, 0), (2, 0, 0)]
    assert found.issues == (
        "The orders are in states that Stocksheet does not know, and count as still to be sent: curious.",
    )
    assert "Canary" not in found.frame.write_csv() + (desk.folder / MARK).read_text(), "nothing of buyers (R8)"


def test_what_only_the_first_row_of_an_order_says_holds_for_all_its_lines(tmp_path: Path) -> None:
    desk = with_orders(tmp_path)
    rows = [
        ("#1", "A", 2, "fulfilled", "2026-11-22 10:00", "X"),
        ("#1", "B", 1, "", "", ""),
        ("#2", "B", 3, "", "", "Y"),
    ]
    desk.put(table(rows, header=ORDER_HEADER), "orders.csv", ORDERS)
    assert lines(desk.orders(datetime(2020, 1, 1, tzinfo=UTC))) == {
        ("#1", "A"): ("A", 2, 0, 2, 0), ("#1", "B"): ("B", 1, 0, 1, 0), ("#2", "B"): ("B", 3, 3, 0, 0),
    }  # fmt: skip


def test_exports_of_single_days_add_up_and_the_later_word_counts(tmp_path: Path) -> None:
    desk = with_orders(tmp_path)
    desk.put(table([(1, "A", 2, "paid", "2026-11-20", ""), (2, "A", 1, "paid", "2026-11-20", "")], header=ORDER_HEADER),
             "20.csv", ORDERS, age=2 * 86_400)  # fmt: skip
    desk.put(table([(3, "B", 1, "paid", "2026-11-21", "")], header=ORDER_HEADER), "21.csv", ORDERS, age=86_400)
    desk.put(table([(1, "A", 2, "shipped", "2026-11-20", "")], header=ORDER_HEADER), "22.csv", ORDERS, age=60)
    found = desk.orders()
    assert {key: each[2] for key, each in lines(found).items()} == {("2", "A"): 1, ("3", "B"): 1}
    assert found.as_of == desk.clock.now() - timedelta(seconds=60)
    late = desk.orders(desk.clock.now() - timedelta(hours=1))
    assert {key[0] for key in lines(late)} == {"1"}, "the others did not change since"


def test_an_order_of_which_only_the_day_is_said_lies_between_the_files_that_it_came_with(tmp_path: Path) -> None:
    desk = with_orders(tmp_path)
    desk.put(table([(1, "A", 2, "paid", "2026-11-22", "")], header=ORDER_HEADER), "a.csv", ORDERS, age=3600)
    desk.put(table([(1, "A", 2, "paid", "2026-11-22", ""), (2, "A", 2, "paid", "2026-11-22", "")], header=ORDER_HEADER),
             "b.csv", ORDERS, age=60)  # fmt: skip
    at = dict(desk.orders().frame.select("order", "sale_at").iter_rows())
    assert desk.clock.now() - timedelta(seconds=3600) < at["2"] < desk.clock.now() - timedelta(seconds=60)
    assert at["1"] < desk.clock.now() - timedelta(seconds=3600)


def test_an_order_that_the_shop_no_longer_exports_is_gone_only_inside_the_time_of_the_file(tmp_path: Path) -> None:
    desk = with_orders(tmp_path)
    every = [(n, "A", 1, "paid", f"2026-11-2{n} 10:00", "") for n in range(3)]
    desk.put(table(every, header=ORDER_HEADER), "a.csv", ORDERS, age=600)
    desk.orders()
    desk.put(table([every[0], every[2]], header=ORDER_HEADER), "b.csv", ORDERS, age=60)
    assert asyncio.run(desk.channel.orders(desk.clock.now(), also=["0", "1", "2", "9"])).gone == ("1", "9")
    desk.put(table([every[2]], header=ORDER_HEADER), "c.csv", ORDERS, age=30)
    assert asyncio.run(desk.channel.orders(desk.clock.now(), also=["0", "1"])).gone == ()


@pytest.mark.parametrize(
    ("texts", "day"),
    [
        (["22.11.2026 09:30"], 22), (["11/22/2026 9:30 AM"], 22), (["2026-11-22T09:30:00Z"], 22),
        (["2026-11-22 09:30:00 +0000"], 22), (["03/11/2026 09:30", "22/11/2026 09:30"], 3),
        (["Nov 22, 2026 09:30"], 22), (["20 November 2026"], 20),
    ],
)  # fmt: skip
def test_times_are_read_as_shops_write_them(tmp_path: Path, texts: list[str], day: int) -> None:
    desk = with_orders(tmp_path)
    rows = [(n, "A", 1, "paid", text, "") for n, text in enumerate(texts)]
    desk.put(table(rows, header=ORDER_HEADER), "orders.csv", ORDERS, age=5)
    first = desk.orders().frame.filter(pl.col("order") == "0")["sale_at"][0]
    assert (first.month, first.day) == (11, day)


def test_an_order_with_a_quantity_that_is_no_number_stays_as_it_was(tmp_path: Path) -> None:
    desk = with_orders(tmp_path)
    rows = [(1, "A", "two", "paid", "2026-11-22", ""), (2, "B", 1, "paid", "2026-11-22", "")]
    desk.put(table(rows, header=ORDER_HEADER), "orders.csv", ORDERS)
    found = desk.orders()
    assert list(lines(found)) == [("2", "B")] and len(found.issues) == 1 and "1" in found.issues[0]


# --- the rest ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "words"), [("orders", "perhaps", "neither yes nor no"), ("hours", "often", "no number of hours")]
)
def test_settings_that_cannot_be_right_are_named(tmp_path: Path, key: str, value: str, words: str) -> None:
    given = {"folder": str(tmp_path), "orders": "yes", key: value}
    with pytest.raises(ChannelOut, match=words):
        connect("corner", given, Ports(FakeClock(), random.Random(1)))


def test_a_new_folder_is_made_ready_and_says_what_to_put_where(tmp_path: Path) -> None:
    channel = connect("corner", {"folder": str(tmp_path), "orders": "no"}, Ports(FakeClock(), random.Random(1)))
    account = asyncio.run(channel.account())
    assert {path.name for path in tmp_path.iterdir()} == {FROM, ORDERS, TO, MARK}
    assert account.listings is None and "export the products" in account.beyond and channel.can.orders == "no"


def test_the_preflight_says_what_each_column_was_taken_for_S3_2(desk: Desk) -> None:
    desk.put(table([("A", "Mug", 5, "1.00")]))
    first, second = asyncio.run(desk.channel.preflight())
    assert first.what.startswith("corner: products.csv is read, with 1 row: sku = SKU, title = Name, quantity = Stock")
    assert second.sign == "note" and "share" in second.what


def test_the_practice_shop_keeps_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--folder", str(tmp_path), "--items", "5", "--once"]) == 0
    assert "products into" in capsys.readouterr().out
    assert (tmp_path / FROM / "products.csv").read_bytes().count(b"\n") > 5
