"""Suggestions by title, options and SKU: right nearly always, or none (DESIGN section 6, S0-16)."""

from __future__ import annotations

import polars as pl
import pytest

from agent.core.alike import likeness, suggest
from benchmarks.suggest import measured, world

ITEMS = {
    "MUG-B": "Enamel Mug Blue 350 ml", "MUG-R": "Enamel Mug Red 350 ml", "MUG-B5": "Enamel Mug Blue 500 ml",
    "TEE-M": "Oxford Shirt Navy M", "TEE-L": "Oxford Shirt Navy L", "TEE-XL": "Oxford Shirt Navy XL",
    "SOAP": "Olive Soap", "SOAP-2": "Olive Soap Gift Box", "HON-25": "Acacia Honey 0.25 kg", "Z1": None,
}  # fmt: skip


def suggested(title: str | None, options: str = "", sku: str | None = None) -> str | None:
    listings = pl.DataFrame([(7, title, options, sku)], schema=["n", "title", "options", "sku"], orient="row").cast(
        {"n": pl.UInt32, "title": pl.String, "sku": pl.String}
    )
    items = pl.DataFrame({"sku": list(ITEMS), "title": list(ITEMS.values())})
    found = suggest(listings, items)
    return found["suggestion"][0] if found.height else None


@pytest.mark.parametrize(
    ("title", "options", "sku"),
    [
        ("NORDLYS Enamel Mug 350ml", "Blau", "MUG-B"),
        ("blue mug, enamel - 350 Milliliter", "", "MUG-B"),
        ("Enammel Mug", "red, 350 ml", "MUG-R"),
        ("Chemise Oxford Shirt", "Large, Navy", "TEE-L"),
        ("Oxford Shirt", "X-Large / navy", "TEE-XL"),
        ("Acacia Honey 0,25kg", "", "HON-25"),
        ("Olive soap", "", "SOAP"),
    ],
)
def test_brand_order_language_units_and_slips_do_not_matter(title: str, options: str, sku: str) -> None:
    assert suggested(title, options) == sku


@pytest.mark.parametrize(
    ("title", "options"),
    [
        ("Enamel Mug 350 ml", ""),  # blue or red
        ("Enamel Mug", "Green, 350 ml"),  # neither
        ("Enamel Mug Blue", "750 ml"),
        ("Oxford Shirt", "Navy, S"),
        ("Mug", ""),
        ("Leather wallet", "Navy"),
        ("", ""),
        (None, ""),
    ],
)
def test_another_variant_or_too_little_to_go_by_is_no_suggestion(title: str | None, options: str) -> None:
    assert suggested(title, options) is None


def test_a_sku_alone_is_no_reason_and_a_near_one_helps() -> None:
    assert suggested("Wallet", "", "TEE-L1") is None
    assert suggested("Shirt Oxford Hemd Herren Navy", "L", "TEEL") == "TEE-L"


def test_two_items_of_one_title_are_told_apart_by_nothing() -> None:
    items = pl.DataFrame({"sku": ["A-1", "B-1"], "title": ["Desk lamp oak"] * 2})
    listings = pl.DataFrame({"n": [0], "title": ["Desk lamp oak"], "options": [""], "sku": [None]}).cast(
        {"sku": pl.String}
    )
    assert suggest(listings, items).is_empty()
    assert suggest(listings.clear(), items).is_empty()
    assert suggest(listings, items.clear()).is_empty()


@pytest.mark.parametrize("seed", [3, 4])
def test_nearly_all_suggestions_on_a_made_catalogue_are_right(seed: int) -> None:
    """Half of the listings sell nothing of the sheet. `benchmarks/suggest.py` measures the same at full size."""
    listings, items, right = world(seed, 800, 4000)
    found = suggest(listings, items)
    _, _, precision, recall = measured(found, right)
    assert precision >= 0.98
    assert recall >= 0.7
    again = suggest(listings.reverse(), items.reverse())
    assert again.sort("n").equals(found.sort("n"))


def test_likeness_forgives_order_and_extra_words_and_nothing_else() -> None:
    left = pl.Series(["NORDLYS mug enamel blau 350 ml", "Garden gnome", None])
    right = pl.Series(["Enamel Mug Blue 350ml", "Oxford Shirt Navy", "Mug"])
    alike = likeness(left, right)
    assert alike[0] == 100
    assert alike[1] < 45
    assert alike[2] == 0
