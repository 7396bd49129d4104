"""SKUs that a shop shares with others by their letters only: there they mean other items (S3-20).

By default equal SKUs of several shops are one item with one stock. A shop with *Add prefix* in Channels stands apart:
its 1001 is looked up as B-1001, in Item Master and among Other SKUs, and never as 1001.
"""

from __future__ import annotations

import polars as pl

from agent.core.known import Known

KEY = ["channel", "listing"]
BY_ITSELF = ("exact", "prefix", "other sku")
"""How links came about that rest on the letters of a SKU alone."""


def owned(code: pl.Expr, prefix: pl.Expr) -> pl.Expr:
    """A shop's SKU as it is looked up. One that has the prefix already is that one; no prefix changes nothing."""
    has = code.str.to_lowercase().str.starts_with(prefix.str.to_lowercase())
    return pl.when(prefix.is_null() | has).then(code).otherwise(pl.concat_str(prefix, code))


def of_shop(rows: pl.DataFrame, channels: pl.DataFrame, column: str) -> pl.DataFrame:
    """`rows` (with `channel`) with the SKUs in `column` as they are looked up. `channels`: CHANNELS."""
    scoped = channels.filter(pl.col("add_prefix").is_not_null()).select("channel", "add_prefix")
    if scoped.is_empty():
        return rows
    both = rows.join(scoped, on="channel", how="left", maintain_order="left")
    return both.with_columns(owned(pl.col(column), pl.col("add_prefix")).alias(column)).drop("add_prefix")


def apart(linked: pl.DataFrame, channels: pl.DataFrame, known: Known) -> pl.DataFrame:
    """`channel, listing, sku`: links of shops that stand apart which were made by letters that mean something else now.

    `linked`: KEY, `code` and `stripped` as they are looked up, `linked` (the item), `was` (how it came about).
    """
    scoped = channels.filter(pl.col("add_prefix").is_not_null())
    rows = linked.join(scoped, on="channel", how="semi").filter(pl.col("was").is_in(BY_ITSELF))
    if rows.is_empty():
        return rows.select(*KEY, sku="linked")
    rows = known.resolve(known.resolve(rows, "code", "meant"), "stripped", "meant_bare")
    same = pl.any_horizontal(
        (pl.col(means) == pl.col("linked")).fill_null(value=False) for means in ("meant", "meant_bare")
    ) | (_squeezed(pl.col("code")) == _squeezed(pl.col("linked")))
    return rows.filter(~same).select(*KEY, sku="linked")


def _squeezed(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"\s", "").fill_null("")
