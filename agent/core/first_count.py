"""A first Stocked for items that the person asks to add from listings: what the shop shows and its open units.

It is a guess for the person to count, and never more than is known: where listings of one SKU show different numbers,
or several shops sell it, the lowest holds. A line counts only if the shop had taken its units off before it was read.
"""

from __future__ import annotations

import polars as pl

from agent.core.lines import EDGE, ours

LISTING = ["channel", "listing"]
NEW = {
    "sku": pl.String,
    "title": pl.String,
    "barcode": pl.String,
    "stocked": pl.Int64,  # null: not counted there
    "channels": pl.String,
}


def first_count(wanted: pl.DataFrame, cells: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """NEW, one row a SKU, in the order of `wanted`.

    `wanted`: LISTINGS with `code`, the SKU without odd spaces; `cells`: stock cells with read and read_at; `lines`:
    order_line rows.
    """
    rows = wanted.join(cells.select("channel", "cell", "read", "read_at"), on=["channel", "cell"], how="left")
    taken = ours(lines).filter((pl.col("open") > 0) & pl.col("holds")).select(*LISTING, "open", "sale_at")
    before = rows.select(*LISTING, "read_at").join(taken, on=LISTING)
    before = before.filter(pl.col("sale_at") < pl.col("read_at") - EDGE).group_by(LISTING).agg(pl.col("open").sum())
    rows = rows.join(before, on=LISTING, how="left", maintain_order="left")
    options = pl.col("options").fill_null("")
    name = pl.when(options != "").then(pl.concat_str(pl.col("title").fill_null(""), pl.lit(" - "), options))
    rows = rows.with_columns(
        same_sku(pl.col("code")).alias("key"),
        name.otherwise("title").alias("name"),
        pl.when(pl.col("managed").fill_null(False)).then("read").alias("read"),
    )
    shelf = pl.col("read").min().clip(0) + pl.col("open").fill_null(0).sum()
    first = [pl.col("code").first(), pl.col("name").first(), pl.col("barcode").drop_nulls().first()]
    shops = rows.group_by("key", "channel", maintain_order=True).agg(*first, shelf.alias("shelf"))
    items = shops.group_by("key", maintain_order=True).agg(
        *first, pl.col("shelf").min(), pl.col("channel").unique().sort().str.join(", ")
    )
    return items.select(sku="code", title="name", barcode="barcode", stocked="shelf", channels="channel")


def same_sku(code: pl.Expr) -> pl.Expr:
    """SKUs that differ in case and spaces only are one."""
    return code.str.to_lowercase().str.replace_all(r"\s", "")
