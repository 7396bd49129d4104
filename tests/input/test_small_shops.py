"""Shops with nothing in them, and with one thing: every command says so, and nothing stumbles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.input.seller import Seller, seller


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Seller]:
    with seller(tmp_path / "here") as one:
        one.writes([{"SKU": "MUG", "Title": "Mug", "Stocked": 5}])
        yield one


def test_a_shop_that_sells_nothing_is_said_so_and_is_no_mistake(small: Seller) -> None:
    assert "my-shop sells nothing yet." in small.run("verify").text
    assert small.run("check").code == 0
    assert "Nothing to add" in small.run("init", "--from", "my-shop", "--yes").text
    plan = small.run("plan")
    assert (plan.code, plan.lines("Channel")) == (0, [])
    assert "No listing is linked to an item yet." in plan.text
    assert small.run("sync").code == 0
    assert "No listing of my-shop sells MUG." in small.run("verify", "MUG").text


def test_a_shop_of_one_product_without_a_sku_waits_for_a_link_and_pushes_nothing(small: Seller) -> None:
    small.sells("", 3, name="odd")
    told = small.run("verify")
    assert "The listing has no SKU in the shop." in told.text
    assert "0 would change, 0 would stay as they are, 1 is not linked." in told.text
    assert small.run("sync").code == 0
    (row,) = small.person.look("Imports")
    assert row["Why not linked"] == "The listing has no SKU in the shop."
    small.person.types("Imports", {"Listing": row["Listing"]}, "Link to SKU", "MUG")
    small.run("sync")
    small.answers("The first plan")
    assert small.run("sync").code == 0
    assert small.shows("odd") == 5
