"""A SKU that is gone and a new one beside it: the same item under a new name? Offered, never assumed (DESIGN 6)."""

from __future__ import annotations

import polars as pl

PAIRS = {"old": pl.String, "new": pl.String}
REST = ("barcode", "tracked", "active", "bundle", "feed")


def pairs(gone: pl.DataFrame, fresh: pl.DataFrame) -> pl.DataFrame:
    """PAIRS: each gone item with the one new item that it may be now; nothing where it may be several.

    `gone`, `fresh`: `sku, title, stocked` and REST, `stocked` being what the cell was last known to hold. The same
    barcode, the same title and Stocked, or a row that is equal but for its SKU.
    """
    if gone.is_empty() or fresh.is_empty():
        return pl.DataFrame(schema=PAIRS)
    both = gone.select("sku", "title", "stocked", *REST).rename({"sku": "old"})
    new = fresh.select(pl.col("sku").alias("new"), "title", "stocked", *REST)
    title, counted = pl.col("title").is_not_null(), pl.col("stocked").is_not_null()
    ways = (
        (["barcode"], pl.col("barcode").is_not_null()),
        (["title", "stocked"], title & counted),
        (["title", "stocked", *REST], title),
    )
    found = [
        both.filter(some).join(new.filter(some), on=on, nulls_equal=True).select(tuple(PAIRS)) for on, some in ways
    ]
    rows = pl.concat(found).unique().sort("old", "new")
    return rows.filter(pl.col("old").is_unique() & pl.col("new").is_unique())
