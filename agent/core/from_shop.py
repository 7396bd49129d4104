"""Items from what a shop sells: one row a SKU, with the quantity that the shop shows and its own open units.

The quantity is a first guess for a person to count: never more than is known. What a listing shows and what was sold
but not shipped are read at different moments, so of the open units only those count that were open before and after.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from agent.core.cells import clean
from agent.core.lines import ours
from agent.core.match import Matched

KEY = ["channel", "listing"]
TAKEN = "taken from"
"""How the note of such a row begins; a row that has it is never filled in again."""
ROWS = {
    "sku": pl.String,
    "title": pl.String,
    "barcode": pl.String,
    "stocked": pl.Int64,  # null: not known (or not counted there)
    "tracked": pl.Boolean,
    "shown": pl.String,  # `5 and 8`, where several listings of the SKU show different quantities
    "shared": pl.Boolean,  # its quantity in the shop is that of other SKUs, too
}


@dataclass(frozen=True)
class Taken:
    """What a shop brings to an Item Master."""

    new: pl.DataFrame
    """ROWS, in the shop's order."""
    filled: pl.DataFrame
    """`sku`, `row`, `stocked`, `shown` of items whose Stocked is blank."""
    without_sku: int
    """Listings without a SKU."""
    unclear: int
    """Listings whose SKU looks like an item's, or could mean several."""
    doubled: int
    """Variants of one product that have the same SKU, often the product's own: they are different things."""
    elsewhere: int
    """Listings that the marketplace ships from its own stock."""
    known: int
    """Items that were there already and stay as they are."""


def take(
    listings: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame, items: pl.DataFrame, matched: Matched
) -> Taken:
    """`listings` LISTINGS of one shop; `before`, `after`: its open ORDER_LINES read before and after these.

    `items` ITEMS with `note`; `matched`: these listings matched with these items.
    """
    own = listings.filter(pl.col("fulfilled_by").fill_null("seller") != "marketplace")
    own = _own_quantity(own.with_columns(clean(pl.col("sku")).alias("sku")))
    own = own.join(_open(before, after), on=KEY, how="left", maintain_order="left")
    reasons = own.join(matched.imports.select(*KEY, "reason"), on=KEY, how="inner", maintain_order="left")
    linked = own.drop("sku").join(_alone(matched.links), on=KEY, how="inner", maintain_order="left")
    new = reasons.filter((pl.col("reason") == "unknown_sku") & pl.col("sku").is_not_null())
    doubled = pl.struct("product", pl.col("sku").str.to_lowercase()).is_duplicated()
    filled = _filled(_by_sku(linked), items)
    return Taken(
        new=_by_sku(new.filter(~doubled)).select(tuple(ROWS)),
        filled=filled,
        without_sku=own["sku"].null_count(),
        unclear=reasons.filter((pl.col("reason") != "unknown_sku") & pl.col("sku").is_not_null()).height,
        doubled=new.filter(doubled).height,
        elsewhere=listings.height - own.height,
        known=linked["sku"].n_unique() - filled.height,
    )


def _own_quantity(rows: pl.DataFrame) -> pl.DataFrame:
    """Where several SKUs share one quantity, none of them has it alone: only counting tells how many there are."""
    several = pl.col("sku").str.to_lowercase().n_unique().over("channel", "cell") > 1
    return rows.with_columns(pl.when(~several).then("quantity").alias("quantity"), several.alias("shared"))


def _open(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """KEY, `open`: units sold, not shipped and already taken off the listing, as known before and after the read."""
    sums = [
        ours(lines).filter((pl.col("open") > 0) & pl.col("holds")).group_by(KEY).agg(pl.col("open").sum())
        for lines in (before, after)
    ]
    both = sums[0].join(sums[1], on=KEY, suffix="_after")
    return both.select(*KEY, pl.min_horizontal("open", "open_after").alias("open"))


def _alone(links: pl.DataFrame) -> pl.DataFrame:
    """Links of listings that sell one unit of one item."""
    single = links.filter(~pl.struct(KEY).is_duplicated() & (pl.col("units") == 1) & ~pl.col("never_push"))
    return single.select(*KEY, "sku")


def _by_sku(rows: pl.DataFrame) -> pl.DataFrame:
    """ROWS: one a SKU, whatever its case. Its listings draw on one shelf: the lowest quantity, all open units."""
    counted = pl.col("managed").fill_null(False) & pl.col("quantity").is_not_null()
    shows = pl.col("quantity").filter(counted)
    shelf = shows.min() + pl.col("open").fill_null(0).sum()
    differ = shows.n_unique() > 1
    name = pl.when(pl.col("options").fill_null("") != "").then(
        pl.format("{} - {}", pl.col("title").fill_null(""), pl.col("options"))
    )
    grouped = rows.with_columns(name.otherwise("title").alias("name")).group_by(
        pl.col("sku").str.to_lowercase().alias("key"), maintain_order=True
    )
    return grouped.agg(
        pl.col("sku").first(),
        pl.col("name").first().alias("title"),
        pl.col("barcode").drop_nulls().first().alias("barcode"),
        pl.when(shelf >= 0).then(shelf).alias("stocked"),
        pl.col("managed").fill_null(False).any().alias("tracked"),
        pl.col("shared").any(),
        pl.when(differ).then(shows.cast(pl.String).str.join(" and ")).alias("shown"),
    )


def _filled(rows: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Items whose Stocked is blank, counted in the shop, and not taken from a shop before."""
    blank = items.filter(
        pl.col("stocked").is_null() & pl.col("stocked_text").is_null() & ~pl.col("stocked_formula")
        & pl.col("frozen").is_null() & pl.col("tracked") & ~pl.col("bundle")
        & ~pl.col("note").fill_null("").str.contains(TAKEN, literal=True)
    )  # fmt: skip
    found = rows.drop_nulls("stocked").select("sku", "stocked", "shown")
    return (
        blank.select("sku", "row").join(found, on="sku", maintain_order="left").select("sku", "row", "stocked", "shown")
    )
