"""What the numbers in Stocked mean when Stocksheet first meets them (DESIGN section 5, `stock_means`). Pure.

`count`: what is on the shelf, sold and unshipped units included: the meaning that the tab tells.
`net`: sold and unshipped units were taken off already. The ledger of an item then opens at Stocked *and* the units that
were sold and not shipped at that moment: Available is Stocked exactly. From there on Stocked is what is on the shelf,
as it is mirrored. What is to be added is a function of the lines as they are known now, so that it comes to the same
whenever it is worked out, whatever was shipped or cancelled meanwhile.
`external`: another system keeps Stocked: it is never mirrored, and each new number is a count as of the save.
"""

from __future__ import annotations

import polars as pl

from agent.core.lines import KEY, took

ENOUGH = 2
"""So many items with open orders must speak, and most of them must say `net`, before it is asked."""


NONE = pl.DataFrame(schema={"channel": pl.String, "items": pl.Int64, "units": pl.Int64})


def to_add(lines: pl.DataFrame, parts: pl.DataFrame, first_sight: pl.DataFrame, levels: pl.DataFrame) -> pl.DataFrame:
    """`sku, units`: item units sold and not shipped when the item's ledger opened.

    `lines`: order_line rows; `parts`: LISTING_PARTS; `first_sight`: line_part rows (shipped after the opening, so they
    were open then); `levels`: level rows (`sku`, `opened_at`).
    """
    opened = levels.select(pl.col("sku").alias("part"), "opened_at")
    rows = took(lines).filter(pl.col("took") > 0).join(parts, on=["channel", "listing"]).join(opened, on="part")
    left = first_sight.select(*KEY, "part", pl.lit(value=True).alias("left_later"))
    rows = rows.join(left, on=[*KEY, "part"], how="left", nulls_equal=True)
    cancelled = pl.col("ordered") - pl.col("open") - pl.col("shipped")
    freed_later = pl.coalesce("freed_at", "updated_at") > pl.col("opened_at")
    units = (
        pl.col("open")
        + pl.when(pl.col("left_later").fill_null(value=False)).then("posted").otherwise(0)
        + pl.when(freed_later).then(cancelled.clip(0)).otherwise(0)
    )
    before = rows.filter(pl.col("sale_at") <= pl.col("opened_at"))
    return before.group_by(pl.col("part").alias("sku")).agg((units * pl.col("units")).sum().alias("units"))


def looks_net(shown: pl.DataFrame, stock: pl.DataFrame) -> pl.DataFrame:
    """`channel, items, units`: shops that show Stocked, not Stocked less Allocated, for most items with open orders.

    `shown`: `channel, sku, shown` of listings that sell one unit of one item. `stock`: STOCK.
    """
    counted = stock.filter((pl.col("allocated") > 0) & pl.col("stocked").is_not_null())
    rows = shown.join(counted, on="sku").unique(["channel", "sku"], maintain_order=True)
    net = pl.col("shown") == pl.col("stocked")
    judged = rows.group_by("channel", maintain_order=True).agg(
        pl.len().alias("of"), net.sum().alias("items"), pl.col("allocated").filter(net).sum().alias("units")
    )
    most = (pl.col("items") >= ENOUGH) & (pl.col("items") * 2 > pl.col("of"))
    return judged.filter(most).select("channel", pl.col("items").cast(pl.Int64), "units")
