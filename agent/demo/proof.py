"""Is everything right? The practice shops themselves and the file on the disk are asked, not the agent.

What must be on the shelf and sold is kept in `Books` by the demo, from what it typed, sold and shipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from agent.demo.shops import Shops
from agent.demo.world import World
from agent.words import in_words


class Shown(Protocol):
    """What a person sees of the workbook."""

    def look(self, tab: str) -> list[dict[str, Any]]:
        """The rows of a tab."""


@dataclass
class Books:
    """What the demo knows of each counted item: on the shelf, and sold but not shipped."""

    stocked: dict[str, int]
    allocated: dict[str, int]

    @classmethod
    def of(cls, world: World) -> Books:
        """The books of a world in which nothing was sold yet."""
        stocked = {row["SKU"]: row["Stocked"] for row in world.items if row.get("Stocked") is not None}
        return cls(stocked, dict.fromkeys(stocked, 0))

    def sold(self, parts: Mapping[str, int]) -> None:
        """Units were ordered."""
        for sku, units in parts.items():
            self.allocated[sku] += units

    def shipped(self, parts: Mapping[str, int]) -> None:
        """Ordered units left the building."""
        for sku, units in parts.items():
            self.allocated[sku] -= units
            self.stocked[sku] -= units


def wrong(
    shops: Shops, workbook: Shown, live: pl.DataFrame, books: Books, typed: Mapping[str, int] | None = None
) -> list[str]:
    """Everything that is not as it must be, each a sentence; empty: all is right.

    `live`: channel, listing of the linked listings that are kept in step. `typed`: what the person typed last, where
    the workbook mirrors nothing: the cells must still say it.
    """
    cells = (
        _wrong_cells(workbook, "Stocked", books.stocked) if typed is None else _wrong_cells(workbook, "Counted", typed)
    )
    return [*_wrong_listings(shops, workbook, live), *_wrong_levels(workbook, books), *cells]


def _wrong_listings(shops: Shops, workbook: Shown, live: pl.DataFrame) -> Iterator[str]:
    """Each live listing: what its shop shows is the Target that the file says, and the file says that it is in sync."""
    told = {(row["Channel"], str(row["Listing"])): row for row in workbook.look("Listings")}
    for name, listing in live.select("channel", "listing").iter_rows():
        row = told.get((name, listing))
        shown = shops.shown(name, listing)
        if row is None:
            yield in_words("proof.not_tab_listings", name=name, listing=listing)
        elif shown != row["Target"]:
            yield in_words("proof.shows_target", name=name, sku=row["SKU"], shown=shown, target=row["Target"])
        elif row["Status"] != "in sync":
            yield in_words("proof.is_said_to_be", name=name, sku=row["SKU"], status=row["Status"])


def _wrong_levels(workbook: Shown, books: Books) -> Iterator[str]:
    levels = {str(row["SKU"]): row for row in workbook.look("Stock Levels")}
    for sku, stocked in books.stocked.items():
        allocated = books.allocated[sku]
        row = levels.get(sku, {})
        found = (row.get("Stocked"), row.get("Allocated"), row.get("Available"))
        if found != (stocked, allocated, stocked - allocated):
            yield in_words(
                "proof.stock_levels_says_books", found=found, sku=sku, what=(stocked, allocated, stocked - allocated)
            )


def _wrong_cells(workbook: Shown, column: str, right: Mapping[str, int]) -> Iterator[str]:
    """The cells of the person's own tab."""
    for row in workbook.look("Item Master"):
        sku = str(row["SKU"])
        if sku in right and row[column] != right[sku]:
            yield in_words("proof.item_master_says_books", stocked=row[column], sku=sku, stocked_2=right[sku])
