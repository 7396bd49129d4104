"""Orders above what there was: which lines, by how many units, and why a shop could sell them (S1-14). Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from agent.core.lines import EDGE, KEY, ours, took

ABOVE = {"sku": pl.String, **dict.fromkeys(KEY, pl.String), "listing": pl.String, "at": pl.Datetime("us", "UTC")}
SOON = timedelta(seconds=60)
"""An edit needs this long to reach the shops: an order of that time could not know of it."""
EDITS = ("opening", "count", "correction", "net")
"""Kinds of ledger entries that a person's word makes."""


def above(lines: pl.DataFrame, parts: pl.DataFrame, stock: pl.DataFrame) -> pl.DataFrame:
    """`sku, channel, order, line, listing, at, units`: open lines beyond OnHand, the newest ones first; item units.

    `lines`: order_line rows; `parts`: LISTING_PARTS; `stock`: STOCK.
    """
    short = stock.filter((pl.col("available") < 0) & (pl.col("allocated") > 0)).select(
        "sku", short=-pl.col("available")
    )
    rows = (
        ours(lines)
        .filter(pl.col("open") > 0)
        .join(parts.select("channel", "listing", pl.col("part").alias("sku"), "units"), on=["channel", "listing"])
        .join(short, on="sku")
        .with_columns(held=pl.col("open") * pl.col("units"))
        .sort("sale_at", "channel", "order", "line", descending=[True, False, True, True], nulls_last=False)
    )
    before = pl.col("held").cum_sum().over("sku") - pl.col("held")
    over = (pl.col("short") - before).clip(0, pl.col("held"))
    return rows.select("sku", *KEY, "listing", pl.col("sale_at").alias("at"), over.alias("units")).filter(
        pl.col("units") > 0
    )


def edited_below(ledger: pl.DataFrame, sku: str, at: datetime, short: int) -> int | None:
    """Units that people's edits took off the item after an order (or just before it), where without them there would be
    enough; else None. `at`: our time of the order."""
    rows = ledger.filter(
        (pl.col("sku") == sku) & pl.col("kind").is_in(EDITS) & (pl.col("learned_at") > at - SOON)
        & (pl.col("change") < 0)
    )  # fmt: skip
    units = -int(rows["change"].sum())
    return units if units and units >= short else None


def unheard(others: pl.DataFrame, pushes: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """Earlier orders of the item that had not lowered this stock cell when it sold: `channel, order, seen_after,
    arrived_after` (seconds from the order to its being read, and to the lower quantity here; null: not yet).

    `others`: channel, order, made (our time), first_seen. `pushes`: accepted ones to the cell: sent_at, finished_at.
    """
    made = others.filter(pl.col("made") <= at + EDGE).with_row_index("n")
    sent = made.join(pushes, how="cross").filter(pl.col("sent_at") >= pl.col("first_seen"))
    arrived = sent.group_by("n").agg(pl.col("finished_at").min().alias("arrived"))
    rows = made.join(arrived, on="n", how="left")
    known_late = pl.col("first_seen") > at
    sent_late = (pl.col("arrived") > at) & (pl.col("first_seen") > at - timedelta(hours=1))
    seconds = {name: (pl.col(name) - pl.col("made")).dt.total_seconds() for name in ("first_seen", "arrived")}
    return rows.filter(known_late | sent_late.fill_null(value=False)).select(
        "channel", "order", seconds["first_seen"].alias("seen_after"), seconds["arrived"].alias("arrived_after")
    )


def shown_then(lines: pl.DataFrame, listings: pl.DataFrame, pushes: pl.DataFrame, at: datetime) -> int | None:
    """What the stock cell still showed after the order, by our last push before it; None: nothing was pushed there.

    `lines`: order_line rows; `listings`: channel, listing of the cell; `pushes`: as above, with `quantity`, in our
    time shifted to the server's; `at`: server time.
    """
    last = pushes.filter(pl.col("finished_at") <= at).sort("finished_at").tail(1)
    if last.is_empty():
        return None
    sold = took(lines.join(listings, on=["channel", "listing"], how="semi")).filter(
        (pl.col("sale_at") > last["finished_at"].item()) & (pl.col("sale_at") <= at)
    )
    return int(last["quantity"].item()) - int(sold["took"].sum())
