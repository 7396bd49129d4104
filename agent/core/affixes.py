"""Beginnings and endings that only a shop's SKUs have: `MUG-RED-FBM`, `amz_MUG-RED` for your MUG-RED (S3-15, S3-16).

Proposed as links, never acted on. An affix counts only if what is left is one of your SKUs, a different one nearly
each time, if it holds a letter (`-1`, `-2` are variants), if something sets it apart from the SKU (a mark, or three
letters), and if it does not stand beside others on the same items (`TEE-S`, `TEE-M`, `TEE-L` are sizes). A
marketplace's own name or way of shipping, set off by a mark, needs no such proof: there a single listing is enough.
"""

from __future__ import annotations

import polars as pl

from agent.core.cells import clean
from agent.core.patterns import enough

LONGEST = 12
"""Characters of a beginning or an ending."""
OWN = 0.9
"""Share of the hits that must lead to an item of their own."""
BESIDE = 0.2
"""Share of the items that may be hit by another ending, too."""
MARKS = "-_./:# "
BY_THEM = "fba|afn|wfs|fbl|fbt|fbs"
"""Ways in which a marketplace stores and ships by itself."""
KNOWN = f"{BY_THEM}|fbm|mfn|sfp|mcf|fbn|amz|amazon|ebay|etsy|lazada|shopee|shopify|takealot|tiktok|woo"
PROPOSED = dict.fromkeys(("channel", "listing", "sku", "found", "affix", "code"), pl.String)
"""A listing, the item that it may be, its SKU there, the affix as it is written there, and what is said of all such:
`pattern_prefix`, `pattern_suffix`, `pattern_theirs` (the marketplace itself keeps and ships them: they are never
pushed), `pattern_fulfilled` (it seems to; a person must say so first)."""
LISTING = ["channel", "listing"]
SIDES = {"prefix": "ignore_prefix", "suffix": "ignore_suffix"}


def proposals(
    imports: pl.DataFrame, listings: pl.DataFrame, items: pl.DataFrame, channels: pl.DataFrame
) -> pl.DataFrame:
    """PROPOSED, a row a listing at most. `imports` IMPORTS as matched; `listings` LISTINGS; `items` ITEMS without
    frozen ones; `channels` CHANNELS: where one is set there already, none is looked for on that side."""
    nothing = pl.DataFrame(schema=PROPOSED)
    codes = listings.select(*LISTING, "fulfilled_by", code=clean(pl.col("sku")))
    named = imports.join(codes, on=LISTING).filter(pl.col("code").is_not_null())
    lost = named.filter(pl.col("reason").is_in(["unknown_sku", "marketplace_fulfilled"]))
    plain = channels.filter(pl.col("add_prefix").is_null())  # where SKUs stand apart, letters prove nothing
    lost = lost.join(plain.select("channel"), on="channel", how="semi")
    if lost.is_empty():
        return nothing
    own = items.select("sku", rest=pl.col("sku").str.to_lowercase())
    pieces = [_side(lost, own, side, enough(named), channels) for side in SIDES]
    both = pl.concat(pieces).sort(*LISTING, pl.col("affix").str.len_chars())
    return both.unique(LISTING, keep="last", maintain_order=True).select(list(PROPOSED))


def _side(
    lost: pl.DataFrame, own: pl.DataFrame, side: str, needed: pl.DataFrame, channels: pl.DataFrame
) -> pl.DataFrame:
    hits = _hits(lost.join(channels.filter(pl.col(SIDES[side]).is_null()), on="channel", how="semi"), own, side)
    mark = f"[{MARKS}]"
    known = rf"(?i)^{mark}(?:{KNOWN})$" if side == "suffix" else rf"(?i)^(?:{KNOWN}){mark}$"
    sure = hits.filter(pl.col("affix").str.contains(known))
    rest = hits.join(sure, on=LISTING, how="anti")
    good = pl.concat([sure, rest.join(_proven(rest, side, needed), on=["channel", "affix"], how="semi")])
    by_them = pl.col("affix").str.contains(rf"(?i)^{mark}?(?:{BY_THEM}){mark}?$")
    size = pl.col("affix").str.len_chars()
    written = pl.col("code").str.head(size) if side == "prefix" else pl.col("code").str.tail(size)
    return good.select(
        *LISTING, "sku", found="code", affix=written,
        code=pl.when(pl.col("fulfilled_by") == "marketplace").then(pl.lit("pattern_theirs"))
        .when(by_them).then(pl.lit("pattern_fulfilled")).otherwise(pl.lit(f"pattern_{side}")),
    )  # fmt: skip


def _hits(lost: pl.DataFrame, own: pl.DataFrame, side: str) -> pl.DataFrame:
    """Every listing whose SKU without some letters is an item's: LISTING, code, affix (in lower case), sku."""
    lower, length = pl.col("code").str.to_lowercase(), pl.col("code").str.len_chars()
    cut = [
        lost.filter(length > size + 1).select(
            *LISTING, "code", "fulfilled_by",
            affix=(lower.str.slice(0, size) if side == "prefix" else lower.str.slice(-size)),
            rest=(lower.str.slice(size) if side == "prefix" else lower.str.slice(0, length - size)),
        )
        for size in range(1, LONGEST + 1)
    ]  # fmt: skip
    return pl.concat(cut).join(own.filter(pl.col("rest").is_unique()), on="rest")


def _proven(hits: pl.DataFrame, side: str, needed: pl.DataFrame) -> pl.DataFrame:
    """`channel, affix`: the affix that most listings of a shop have, where it is no chance."""
    affix = pl.col("affix")
    joint = affix.str.slice(-1) if side == "prefix" else affix.str.slice(0, 1)
    apart = joint.is_in(list(MARKS)) | affix.str.contains(r"^\p{L}{3,}$")
    beside = hits.group_by("channel", "sku").agg(affix.n_unique().alias("others"))
    counted = (
        hits.join(beside, on=["channel", "sku"])
        .group_by("channel", "affix")
        .agg(
            pl.col("listing").n_unique().cast(pl.Int64).alias("count"),
            pl.col("sku").n_unique().alias("own"),
            (pl.col("others") > 1).mean().alias("shared"),
        )
    )
    good = counted.join(needed, on="channel").filter(
        apart
        & affix.str.contains(r"\p{L}")
        & (pl.col("count") >= pl.col("needed"))
        & (pl.col("own") >= OWN * pl.col("count"))
        & (pl.col("shared") <= BESIDE)
    )
    best = good.sort("count", affix.str.len_chars()).unique("channel", keep="last", maintain_order=True)
    return best.select("channel", "affix")
