"""What many unlinked listings of a shop have in common, said once, with what to type where (S2-25, S3-16).

A pattern needs FEW listings of one shop, and a share of its unlinked ones, so that a chance likeness is none. An ending
or a beginning counts only if what is left is one of your SKUs, a different one nearly each time, if it holds a letter
(`-1`, `-2` are variants), if something sets it apart from the SKU (a mark, or three letters), and if it does not stand
beside others on the same items (`TEE-S`, `TEE-M`, `TEE-L` are sizes). What marketplaces put behind SKUs that they
fulfil themselves needs no such proof.
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
LONGEST = 12
"""Characters of a beginning or an ending."""
OWN = 0.9
"""Share of the hits that must lead to an item of their own."""
BESIDE = 0.2
"""Share of the items that may be hit by another ending, too."""
FULFILLED = r"([-_./ ](?:fba|afn|wfs))$"
MARKS = "-_./:# "
CODES: dict[str, tuple[str, ...]] = {
    "pattern_prefix": ("channel", "count", "affix", "found", "item"),
    "pattern_suffix": ("channel", "count", "affix", "found", "item"),
    "pattern_fulfilled": ("channel", "count", "affix", "found"),
    "pattern_zeros_there": ("channel", "count", "found", "item"),
    "pattern_zeros_here": ("channel", "count", "found", "item"),
    "pattern_damaged": ("channel", "count", "found", "item"),
    "pattern_spelled": ("channel", "count", "found", "item"),
}
"""Issue code -> keys of its facts."""


def patterns(
    imports: pl.DataFrame, listings: pl.DataFrame, items: pl.DataFrame, channels: pl.DataFrame
) -> pl.DataFrame:
    """ISSUES, a row a shop and pattern. `imports` IMPORTS as matched; `listings` LISTINGS; `items` ITEMS; `channels`
    CHANNELS: what is set there already is not proposed again."""
    if imports.is_empty():
        return empty(ISSUES)
    rows = imports.join(listings.select("channel", "listing", code=clean(pl.col("sku"))), on=["channel", "listing"])
    rows = rows.filter(pl.col("code").is_not_null())
    enough = pl.max_horizontal(pl.lit(FEW), pl.min_horizontal(pl.len() * SHARE, pl.lit(MANY)))
    needed = rows.group_by("channel").agg(enough.alias("needed"))
    lost = rows.filter(pl.col("reason") == "unknown_sku").select("channel", "listing", "code")
    pieces = [*_affixes(lost, items, channels, needed), _damage(rows, needed)]
    return pl.concat([_told(piece, code) for code, piece in _by_code(pieces)] or [empty(ISSUES)])


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


# --- beginnings and endings -------------------------------------------------------------------------------------------


def _affixes(
    lost: pl.DataFrame, items: pl.DataFrame, channels: pl.DataFrame, needed: pl.DataFrame
) -> list[pl.DataFrame]:
    if lost.is_empty():
        return []
    own = items.select("sku", rest=pl.col("sku").str.to_lowercase())
    lower, length = pl.col("code").str.to_lowercase(), pl.col("code").str.len_chars()
    proposed = []
    for side, free in (("prefix", "ignore_prefix"), ("suffix", "ignore_suffix")):
        cut = [
            lost.filter(length > size + 1).select(
                "channel",
                "listing",
                "code",
                affix=(lower.str.slice(0, size) if side == "prefix" else lower.str.slice(-size)),
                rest=(lower.str.slice(size) if side == "prefix" else lower.str.slice(0, length - size)),
            )
            for size in range(1, LONGEST + 1)
        ]
        hits = pl.concat(cut).join(own, on="rest")
        proposed.append(_proven(hits, side, needed, channels.filter(pl.col(free).is_null()).select("channel")))
    ends = lost.with_columns(affix=lower.str.extract(FULFILLED)).filter(pl.col("affix").is_not_null())
    ends = ends.join(channels.filter(pl.col("never_push_suffix").is_null()).select("channel"), on="channel", how="semi")
    theirs = _counted(ends.with_columns(sku="code")).filter(pl.col("count") >= FEW)
    theirs = theirs.sort("count").unique("channel", keep="last", maintain_order=True)
    theirs = theirs.with_columns(affix=_as_written("suffix"), code=pl.lit("pattern_fulfilled"))
    proposed[1] = proposed[1].join(theirs, on=["channel", "affix"], how="anti")
    return [*proposed, theirs]


def _counted(hits: pl.DataFrame) -> pl.DataFrame:
    """A row a shop and affix: `count`, `own` (items), an example, and the affix as it is written there."""
    ordered = hits.sort("listing")
    return ordered.group_by("channel", "affix", maintain_order=True).agg(
        pl.col("listing").n_unique().cast(pl.Int64).alias("count"),
        pl.col("sku").n_unique().alias("own"),
        pl.col("code").first().alias("found"),
        pl.col("sku").first().alias("item"),
    )


def _proven(hits: pl.DataFrame, side: str, needed: pl.DataFrame, free: pl.DataFrame) -> pl.DataFrame:
    affix = pl.col("affix")
    joint = affix.str.slice(-1) if side == "prefix" else affix.str.slice(0, 1)
    apart = joint.is_in(list(MARKS)) | affix.str.contains(r"^\p{L}{3,}$")
    beside = hits.group_by("channel", "sku").agg(pl.col("affix").n_unique().alias("others"))
    shared = (
        hits.join(beside, on=["channel", "sku"])
        .group_by("channel", "affix")
        .agg((pl.col("others") > 1).mean().alias("shared"))
    )
    found = _counted(hits).join(shared, on=["channel", "affix"]).join(needed, on="channel")
    good = found.join(free, on="channel", how="semi").filter(
        apart
        & affix.str.contains(r"\p{L}")
        & (pl.col("count") >= pl.col("needed"))
        & (pl.col("own") >= OWN * pl.col("count"))
        & (pl.col("shared") <= BESIDE)
    )
    best = good.sort("count", affix.str.len_chars()).unique("channel", keep="last", maintain_order=True)
    return best.with_columns(affix=_as_written(side), code=pl.lit(f"pattern_{side}"))


def _as_written(side: str) -> pl.Expr:
    size = pl.col("affix").str.len_chars()
    return pl.col("found").str.head(size) if side == "prefix" else pl.col("found").str.tail(size)


# --- damage -----------------------------------------------------------------------------------------------------------


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
