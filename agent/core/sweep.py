"""What a look back over two days finds that the regular reads had passed (reliability.md 4.4). Pure."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from agent.core.lines import KEY


def finds(known: pl.DataFrame, seen: pl.DataFrame, passed: datetime, since: datetime) -> pl.DataFrame:
    """`channel, order, made_at`: orders that changed before `passed`, and that nobody knows so.

    `known`: order_line rows; `seen`: ORDER_LINES of the look back. `passed`: server time up to which the regular reads
    will look no more; `since`: server time of the first read: what was over by then is history.
    """
    before = known.select(*KEY, had="updated_at")
    rows = seen.filter((pl.col("updated_at") < passed) & (pl.col("updated_at") > since)).join(
        before, on=KEY, how="left", nulls_equal=True
    )
    unknown = rows.filter(pl.col("had").is_null() | (pl.col("had") < pl.col("updated_at")))
    return unknown.group_by("channel", "order").agg(pl.col("updated_at").min().alias("made_at")).sort("order")


def of_ours(known: pl.DataFrame, seen: pl.DataFrame, since: datetime) -> pl.DataFrame:
    """The lines that count: those of orders that are known, or changed since the first read."""
    orders = known.select("channel", "order").unique().with_columns(known=pl.lit(value=True))
    rows = seen.join(orders, on=["channel", "order"], how="left")
    return rows.filter((pl.col("known") | (pl.col("updated_at") >= since)).fill_null(value=False)).drop("known")


def not_shown(known: pl.DataFrame, seen: pl.DataFrame, channel: str, since: datetime) -> list[str]:
    """Orders with open lines that the look back should have shown, and did not: thrown away, or gone."""
    mine = known.filter((pl.col("channel") == channel) & (pl.col("open") > 0))
    lately = mine.group_by("channel", "order").agg(pl.col("updated_at").max()).filter(pl.col("updated_at") > since)
    return sorted(lately.join(seen, on=["channel", "order"], how="anti")["order"].to_list())
