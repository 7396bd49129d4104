"""Sellers for the tests of bad input."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.input.seller import Seller, seller


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seller]:
    """A seller whose A, B and C are live at 20 each; for all tests of a file, each of which leaves it well."""
    yield from _live(tmp_path_factory.mktemp("seller"))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Seller]:
    """The same for one test alone."""
    yield from _live(tmp_path)


def _live(folder: Path) -> Iterator[Seller]:
    with seller(folder / "here") as made:
        for sku in "ABC":
            made.sells(sku, 5)
        made.writes([{"SKU": sku, "Title": f"Item {sku}", "Stocked": 20} for sku in "ABC"])
        made.goes_live()
        assert [made.shows(sku) for sku in "ABC"] == [20, 20, 20]
        yield made
