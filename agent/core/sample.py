"""A few listings of a shop that stand for all: what a seller looks at before anything is pushed (S2-4, S2-17). Pure."""

from __future__ import annotations

import polars as pl

KEY = ["channel", "listing"]
KINDS = {
    "single": "a product by itself",
    "variant": "one of several variants",
    "no SKU": "without a SKU there",
    "zero": "at zero there",
    "inactive": "not on sale there",
}
"""Kind -> what it is. One listing of each is chosen, where the shop has one."""
SAMPLE = {"channel": pl.String, "listing": pl.String, "kind": pl.String}


def choose(listings: pl.DataFrame, linked: pl.DataFrame) -> pl.DataFrame:
    """One listing of each kind and channel, each listing once: SAMPLE, in the order of KINDS.

    `listings`: LISTINGS; `linked`: channel, listing. Linked ones are shown first: beside an item there is more to see.
    """
    variants = pl.len().over("channel", "product")
    no_sku = pl.col("sku").fill_null("").str.strip_chars() == ""
    inactive = pl.col("status") != "active"
    rows = (
        listings.join(linked.unique(KEY).with_columns(known=pl.lit(value=True)), on=KEY, how="left")
        .with_columns(pl.col("known").fill_null(value=False), variants.alias("variants"))
        .with_columns(
            kind=pl.when(no_sku)
            .then(pl.lit("no SKU"))
            .when(inactive)
            .then(pl.lit("inactive"))
            .when(pl.col("quantity") == 0)
            .then(pl.lit("zero"))
            .when(pl.col("variants") > 1)
            .then(pl.lit("variant"))
            .otherwise(pl.lit("single"))
        )
        .sort("channel", ~pl.col("known"), "listing")
    )
    first = rows.unique(["channel", "kind"], keep="first", maintain_order=True)
    return first.sort("channel", pl.col("kind").cast(pl.Enum(list(KINDS)))).select(list(SAMPLE))


def named(listings: pl.DataFrame, parts: pl.DataFrame, skus: list[str]) -> pl.DataFrame:
    """The listings of these SKUs, by the item that they sell or by the SKU that the shop has: SAMPLE."""
    wanted = [sku.strip().casefold() for sku in skus]
    low = pl.col("sku").str.strip_chars().str.to_lowercase()
    there = listings.filter(low.is_in(wanted)).select(KEY)
    part = pl.col("part").str.strip_chars().str.to_lowercase()
    items = parts.filter(low.is_in(wanted) | part.is_in(wanted)).select(KEY)
    found = listings.join(pl.concat([there, items]), on=KEY, how="semi").sort("channel", "listing")
    return found.select(*KEY, pl.lit("named").alias("kind"))
