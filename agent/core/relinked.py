"""Shipped lines whose listing now leads to another item, or to other units: what counting them again would change.

A shipment keeps the link and recipe of first sight (DESIGN section 5). Relinked behind it, it took its units from an
item that the listing no longer sells. What was counted since is right already, whatever the link was then.
"""

from __future__ import annotations

import polars as pl

from agent.core.lines import KEY

LISTING = ["channel", "listing"]
BEHIND = {
    **dict.fromkeys([*KEY, "listing", "part"], pl.String),
    "change": pl.Int64,
    "units": pl.Int64,
    "shipped": pl.Int64,
}


def behind(lines: pl.DataFrame, first_sight: pl.DataFrame, parts: pl.DataFrame, counted: pl.DataFrame) -> pl.DataFrame:
    """BEHIND of the lines that would move anything: `change` of each part's OnHand if they counted the present way;
    `units` of the part in one listing unit by the present link (null: it is no part of it any more); `shipped` in
    listing units.

    `lines`: order_line rows; `first_sight`: line_part rows; `parts`: LISTING_PARTS; `counted`: `sku`, `counted_at`, the
    time of the item's last count or opening.
    """
    posted = lines.filter(pl.col("posted") > 0).select(*KEY, "listing", "posted", "shipped_at")
    taken = first_sight.join(posted, on=KEY)
    if taken.is_empty():
        return pl.DataFrame(schema=BEHIND)
    now = parts.select(*LISTING, "part", pl.col("units").alias("present"))
    linked = taken.join(now.select(LISTING).unique(), on=LISTING, how="semi")
    differs = linked.join(now, left_on=[*LISTING, "part", "units"], right_on=[*LISTING, "part", "present"], how="anti")
    if differs.is_empty():
        return pl.DataFrame(schema=BEHIND)
    affected = posted.join(differs.select(KEY).unique(), on=KEY, how="semi")
    before = taken.join(affected.select(KEY), on=KEY, how="semi")
    both = affected.join(now, on=LISTING).join(
        before.select(*KEY, "part", "units"), on=[*KEY, "part"], how="full", coalesce=True
    )
    both = both.drop("listing", "posted", "shipped_at").join(affected, on=KEY)
    rows = both.join(counted, left_on="part", right_on="sku", how="left").with_columns(
        change=(pl.col("units").fill_null(0) - pl.col("present").fill_null(0)) * pl.col("posted")
    )
    moves = (pl.col("counted_at") < pl.col("shipped_at")).fill_null(False)
    told = rows.with_columns(change=pl.when(moves).then("change").otherwise(0)).drop("units")
    told = told.filter((pl.col("change") != 0).any().over(KEY))
    return told.select(*KEY, "listing", "part", "change", units="present", shipped="posted").select(tuple(BEHIND))
