"""What many unlinked listings of a shop have in common, said once, with what to type where (S2-25, S3-16).

A pattern needs FEW listings of one shop, and a share of its unlinked ones, so that a chance likeness is none.
Beginnings and endings that only the shop's SKUs have are proposed as links: `affixes`.
"""

from __future__ import annotations

import polars as pl

from agent.core.cells import clean
from agent.frames import ISSUES, empty

FEW = 5
"""Listings of one shop that make a pattern."""
SHARE = 0.1
"""Of the shop's unlinked listings with a SKU; a pattern of MANY needs no share."""
MANY = 50
FULFILLED = r"([-_./ ](?:fba|afn|wfs))$"
CODES: dict[str, tuple[str, ...]] = {
    "pattern_fulfilled": ("channel", "count", "affix", "found"),
    "pattern_zeros_there": ("channel", "count", "found", "item"),
    "pattern_zeros_here": ("channel", "count", "found", "item"),
    "pattern_damaged": ("channel", "count", "found", "item"),
    "pattern_spelled": ("channel", "count", "found", "item"),
}
"""Issue code -> keys of its facts."""


def patterns(imports: pl.DataFrame, listings: pl.DataFrame, channels: pl.DataFrame) -> pl.DataFrame:
    """ISSUES, a row a shop and pattern. `imports` IMPORTS as matched; `listings` LISTINGS; `channels` CHANNELS: what is
    set there already is not proposed again."""
    if imports.is_empty():
        return empty(ISSUES)
    rows = imports.join(listings.select("channel", "listing", code=clean(pl.col("sku"))), on=["channel", "listing"])
    rows = rows.filter(pl.col("code").is_not_null())
    needed = enough(rows)
    lost = rows.filter(pl.col("reason") == "unknown_sku").select("channel", "listing", "code")
    pieces = [_fulfilled(lost, channels), _damage(rows, needed)]
    return pl.concat([_told(piece, code) for code, piece in _by_code(pieces)] or [empty(ISSUES)])


def enough(rows: pl.DataFrame) -> pl.DataFrame:
    """`channel, needed`: how many listings of a shop make a pattern. `rows`: its unlinked ones with a SKU."""
    least = pl.max_horizontal(pl.lit(FEW), pl.min_horizontal(pl.len() * SHARE, pl.lit(MANY)))
    return rows.group_by("channel").agg(least.alias("needed"))


def _by_code(pieces: list[pl.DataFrame]) -> list[tuple[str, pl.DataFrame]]:
    return [
        (code, piece.filter(pl.col("code") == code))
        for piece in pieces
        for code in CODES
        if (piece["code"] == code).any()
    ]


def _told(rows: pl.DataFrame, code: str) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=pl.String)
    told = pl.struct(CODES[code]).struct.json_encode().alias("facts")
    tab = "Channels" if "affix" in CODES[code] else "Imports"
    return rows.sort("channel").select(
        pl.lit(code).alias("code"), pl.lit(tab).alias("tab"), nothing.alias("cell"), nothing.alias("sku"), told
    )


def _fulfilled(lost: pl.DataFrame, channels: pl.DataFrame) -> pl.DataFrame:
    """What marketplaces put behind SKUs that they fulfil themselves needs no item as a proof."""
    ends = lost.with_columns(affix=pl.col("code").str.to_lowercase().str.extract(FULFILLED))
    ends = ends.filter(pl.col("affix").is_not_null())
    ends = ends.join(channels.filter(pl.col("never_push_suffix").is_null()).select("channel"), on="channel", how="semi")
    counted = (
        ends.sort("listing")
        .group_by("channel", "affix", maintain_order=True)
        .agg(pl.len().cast(pl.Int64).alias("count"), pl.col("code").first().alias("found"))
    )
    most = counted.filter(pl.col("count") >= FEW).sort("count").unique("channel", keep="last", maintain_order=True)
    written = pl.col("found").str.tail(pl.col("affix").str.len_chars())
    return most.with_columns(affix=written, code=pl.lit("pattern_fulfilled"))


def _damage(rows: pl.DataFrame, needed: pl.DataFrame) -> pl.DataFrame:
    """SKUs that a spreadsheet damaged, or that are spelled a little differently, a row a shop and kind of damage."""
    named = rows.filter(pl.col("reason").is_in(["damaged_sku", "looks_like"]) & pl.col("suggestion").is_not_null())
    digits = pl.col("code").str.contains("^[0-9]+$") & pl.col("suggestion").str.contains("^[0-9]+$")
    shorter = pl.col("code").str.len_chars() < pl.col("suggestion").str.len_chars()
    kind = (
        pl.when(pl.col("reason") == "looks_like")
        .then(pl.lit("pattern_spelled"))
        .when(digits & shorter)
        .then(pl.lit("pattern_zeros_there"))
        .when(digits)
        .then(pl.lit("pattern_zeros_here"))
        .otherwise(pl.lit("pattern_damaged"))
    )
    counted = (
        named.with_columns(kind=kind)
        .sort("listing")
        .group_by("channel", "kind", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("count"),
            pl.col("code").first().alias("found"),
            pl.col("suggestion").first().alias("item"),
        )
    )
    few = counted.join(needed, on="channel").filter(pl.col("count") >= pl.col("needed"))
    return few.rename({"kind": "code"})
