"""From the other side: do the listings point back to the right item? (S2-27) What is odd is offered once, as a note.

Prices that are far off are not looked at: Stocksheet does not judge prices.
"""

from __future__ import annotations

import polars as pl

from agent.core.alike import likeness
from agent.core.report import titled

FLOOR = 45
"""Two titles less alike than this may be of different things: of titles of one product, in other words and another
order, fewer than 1 in 1,000 are; of titles that have nothing to do with each other, 8 of 10."""
USUAL = 70
"""Where the titles of a shop are usually less alike than this (another language), they tell nothing."""
ENOUGH = 10
"""Links of a shop, to know what is usual there."""
KEY = ["channel", "listing"]


def two_items(links: pl.DataFrame) -> pl.DataFrame:
    """`channel, listing, items`: listings to which Matches links several items, one unit each: a bundle, or a slip."""
    written = links.filter(pl.col("how") == "matches")
    several = written.group_by(KEY, maintain_order=True).agg(
        pl.len().alias("rows"), pl.col("units").max().alias("most"), pl.col("sku").sort().str.join(" + ").alias("items")
    )
    return several.filter((pl.col("rows") > 1) & (pl.col("most") == 1)).select(*KEY, "items").sort(KEY)


def compared(links: pl.DataFrame, listings: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """`channel, listing, sku, alike`: how alike the titles of linked listings and their items are; where both have two
    words at least (a code is no title) and only one item is meant."""
    one = links.filter(~pl.struct(KEY).is_duplicated()).select(*KEY, "sku")
    rows = one.join(listings.select(*KEY, there=titled()), on=KEY).join(items.select("sku", "title"), on="sku")
    tells = (pl.col(title).fill_null("").str.count_matches(r"\p{L}{3,}") > 1 for title in ("there", "title"))
    rows = rows.filter(pl.all_horizontal(tells))
    return rows.select(*KEY, "sku", alike=likeness(rows["there"], rows["title"]))


def unlike(alike: pl.DataFrame) -> pl.DataFrame:
    """Of `compared`: the links whose titles are very different, in shops whose titles usually are alike."""
    usual = alike.group_by("channel").agg(
        pl.col("alike").median().alias("usual"), pl.col("alike").count().alias("links")
    )
    tells = usual.filter((pl.col("usual") >= USUAL) & (pl.col("links") >= ENOUGH))
    odd = alike.filter(pl.col("alike") < FLOOR).join(tells, on="channel", how="semi")
    return odd.sort("alike", *KEY)
