"""Listings -> items: what is linked, what waits in Imports, what is ignored (DESIGN section 6).

In this order: the person's row in Matches or typed decision; the link learned before (keyed by the channel's ids, so
that a changed SKU text does not undo it, S3-7); exactly the item's SKU; the SKU after the channel's prefix and suffix,
case and white space; Other SKUs; the barcode. Exactly one of import, linked, ignored holds for every present listing
(S0-19). What could mean two things is never linked by itself (I18); a person's word that cannot be understood holds
what was.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from agent.core import evidence, own_skus
from agent.core.cells import clean
from agent.core.known import Known
from agent.core.said import KEY, issues_of, read_said
from agent.frames import IMPORTS, ISSUES, LINKS, LISTING_PARTS, empty

CODES: dict[str, tuple[str, ...]] = {
    "match_no_listing": ("listing", "row"),
    "match_ambiguous": ("channel", "listing", "row"),
    "match_disagrees": ("channel", "listing", "decision", "matches"),
    "decision_unknown_sku": ("channel", "listing", "found"),
    "link_sku_differs": ("channel", "listing", "found", "linked"),
}
"""Issue code -> keys of its facts."""
REASONS: dict[str, tuple[str, ...]] = evidence.REASONS | {
    "never_push": ("value",),
    "marketplace_fulfilled": (),
    "unlinked": (),
    "match_unclear": (),
    "decision_unclear": (),
    "item_unclear": (),
}
"""Reason of an import -> keys of its facts."""


@dataclass(frozen=True)
class Matched:
    """What became of every listing."""

    links: pl.DataFrame
    """LINKS, and `never_push`. Learned links keep the `how` they were made by, and stay when their listing is not among
    the present ones or their item has left the sheet; the plan holds those. `never_push`: the listing is looked at and
    reported only, by the channel's *Never push suffix* or because the marketplace itself fulfils it (S3-15)."""
    imports: pl.DataFrame
    """IMPORTS."""
    ignored: pl.DataFrame
    """channel, listing."""
    apart: pl.DataFrame
    """channel, listing, sku: links that were made before *Add prefix* said that the SKU means another item here."""
    issues: pl.DataFrame
    """ISSUES."""


def match(  # noqa: PLR0917
    listings: pl.DataFrame,
    items: pl.DataFrame,
    aliases: pl.DataFrame,
    matches: pl.DataFrame,
    channels: pl.DataFrame,
    decisions: pl.DataFrame,
    learned: pl.DataFrame,
) -> Matched:
    """Match all present listings.

    `listings` LISTINGS; `items`, `aliases`, `matches`, `channels` as checked; `decisions`: channel, listing, value (a
    SKU, `ignore`, `unlink`; others mean nothing here), how, in the order in which they were made: the last one of a
    listing holds; `learned` LINKS.
    """
    rows = _rows(listings, channels)
    aliases = aliases.join(items, on="sku", how="semi") if aliases.height else aliases
    known = Known(items, aliases)
    said, issues = read_said(rows, known, matches, decisions, learned)
    settled = said.filter(pl.col("word") != "held")
    kept = learned.join(settled, on=KEY, how="anti") if settled.height else learned
    linked = rows.join(kept.select(*KEY, linked="sku", was="how"), on=KEY, how="left") if kept.height else None
    free = rows if linked is None else linked.filter(pl.col("linked").is_null())
    held = said.filter(pl.col("word").is_in(["held", "unlink"])).join(kept, on=KEY, how="anti")
    free = (free.join(said, on=KEY, how="anti") if said.height else free).select(rows.columns)
    found, imports = _found(free, items, aliases)
    ordered = said.filter(pl.col("word") == "link").select(tuple(LINKS))
    automatic = found.select(*KEY, "sku", units=pl.lit(1, dtype=pl.Int64), how="how")
    others = learned.clear().select(*KEY, "sku")
    if linked is not None:
        if channels["add_prefix"].null_count() < channels.height:
            others = own_skus.apart(linked.filter(pl.col("linked").is_not_null()), channels, known)
            linked = linked.join(others, on=KEY, how="anti")
        issues.append(_changed_skus(linked, items))
    return Matched(
        links=_flagged(pl.concat([kept.select(tuple(LINKS)), ordered, automatic]), rows),
        imports=pl.concat([_never_to_push(imports, rows, listings), _held_imports(held)]),
        ignored=said.filter(pl.col("word") == "ignore").select(KEY),
        apart=others,
        issues=pl.concat([empty(ISSUES), *issues]),
    )


def _rows(listings: pl.DataFrame, channels: pl.DataFrame) -> pl.DataFrame:
    """channel, listing, there (the SKU), code and stripped (as they are looked up), barcode, never_push."""
    code = listings["sku"]
    odd = code.str.contains(r"[^!-~]").any() or (code == "").any()
    rows = listings.select(
        *KEY,
        (clean(pl.col("sku")) if odd else pl.col("sku")).alias("code"),
        "barcode",
        never_push=(pl.col("fulfilled_by") == "marketplace").fill_null(False),
        stripped=pl.lit(None, dtype=pl.String),
    ).with_columns(there="code")
    affixes = channels.select(
        "channel",
        *(pl.col(name).str.to_lowercase() for name in ("ignore_prefix", "ignore_suffix", "never_push_suffix")),
    ).filter(pl.any_horizontal(pl.exclude("channel").is_not_null()))
    rows = _stripped(rows, affixes) if affixes.height else rows
    return own_skus.of_shop(own_skus.of_shop(rows, channels, "code"), channels, "stripped")


def _stripped(rows: pl.DataFrame, affixes: pl.DataFrame) -> pl.DataFrame:
    """`stripped`: the SKU in lower case without the channel's prefix and suffixes, where it has one (S3-15)."""
    rows = rows.join(affixes, on="channel", how="left").with_columns(pl.col("code").str.to_lowercase().alias("lower"))
    text = pl.col("lower").str.strip_prefix(pl.col("ignore_prefix").fill_null(""))
    for suffix in ("never_push_suffix", "ignore_suffix"):
        text = text.str.strip_suffix(pl.col(suffix).fill_null(""))
    never = pl.col("lower").str.ends_with(pl.col("never_push_suffix")).fill_null(False)
    rows = rows.with_columns(text.str.strip_chars().alias("stripped"), pl.col("never_push") | never)
    changed = (pl.col("stripped") != pl.col("lower")) & (pl.col("stripped") != "")
    bare = pl.when(changed).then("stripped").alias("stripped")
    return rows.select(*KEY, "code", "there", "barcode", "never_push", bare)


def _flagged(links: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    if not rows["never_push"].any():
        return links.with_columns(never_push=pl.lit(False))
    never = rows.filter("never_push").select(*KEY, "never_push")
    return links.join(never, on=KEY, how="left").with_columns(pl.col("never_push").fill_null(False))


def _found(free: pl.DataFrame, items: pl.DataFrame, aliases: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Links (evidence.FOUND) and IMPORTS for the listings on which nobody has said anything."""
    nothing = pl.DataFrame(schema=evidence.FOUND)
    if free.is_empty():
        return nothing, empty(IMPORTS)
    found, rest = evidence.by_sku(free, items, aliases)
    if rest.is_empty():
        return found, empty(IMPORTS)
    more, still_open = evidence.by_likeness(rest, items, aliases)
    facts = {"sku": pl.col("code"), "item": pl.col("suggestion"), "items": pl.col("items")}
    told = pl.coalesce(
        pl.when(pl.col("reason") == reason).then(
            pl.struct([facts[name].alias(name) for name in names]).struct.json_encode() if names else pl.lit("{}")
        )
        for reason, names in evidence.REASONS.items()
    )
    return pl.concat([found, more]), still_open.select(*KEY, "reason", told.alias("facts"), "suggestion", "score")


def _never_to_push(imports: pl.DataFrame, rows: pl.DataFrame, listings: pl.DataFrame) -> pl.DataFrame:
    """IMPORTS: of what is never pushed, nobody needs to look for the item (S3-15)."""
    never = rows.filter("never_push") if imports.height else rows.clear()
    if never.is_empty():
        return imports
    theirs = listings.select(*KEY, theirs=pl.col("fulfilled_by") == "marketplace")
    marked = imports.join(never.select(*KEY, "code", never="never_push").join(theirs, on=KEY), on=KEY, how="left")
    idle = pl.col("never") & pl.col("reason").is_in(["no_sku", "unknown_sku"])
    told = pl.struct(value="code").struct.json_encode()
    return marked.with_columns(
        pl.when(idle & pl.col("theirs")).then(pl.lit("marketplace_fulfilled")).when(idle).then(pl.lit("never_push"))
        .otherwise("reason").alias("reason"),
        pl.when(idle & pl.col("theirs")).then(pl.lit("{}")).when(idle).then(told).otherwise("facts").alias("facts"),
    ).select(tuple(IMPORTS))  # fmt: skip


def _held_imports(held: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=pl.String)
    return held.unique(KEY, maintain_order=True).select(
        *KEY, "reason", facts=pl.lit("{}"), suggestion=nothing, score=nothing.cast(pl.Int64)
    )


def _changed_skus(linked: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Notices: a listing that was linked by its SKU has another item's SKU now. It stays linked (S3-7, S3-8)."""
    other = linked.filter(
        (pl.col("code") != pl.col("linked")) & pl.col("was").is_in(["exact", "prefix", "other sku", "barcode"])
    )
    differs = other.join(items.select("sku"), left_on="code", right_on="sku", how="semi") if other.height else other
    facts = {"channel": "channel", "listing": "listing", "found": "code", "linked": "linked"}
    return issues_of(differs, "link_sku_differs", "Listings", facts)


def partly(listings: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """channel, product, linked, total: how many of each product's present variants are linked (S0-9: `2 of 3`)."""
    is_linked = links.select(KEY).unique().with_columns(linked=pl.lit(True))
    seen = listings.select(*KEY, "product").join(is_linked, on=KEY, how="left")
    return seen.group_by("channel", "product").agg(
        pl.col("linked").fill_null(False).sum().cast(pl.Int64), pl.len().cast(pl.Int64).alias("total")
    )


def explode(links: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """LISTING_PARTS: links with bundles taken apart, one row a listing and part (units of one part are added up).

    A listing is left out as a whole when one of its parts is itself a bundle (no bundle in a bundle, DESIGN section 5).
    """
    if parts.is_empty():
        taken = links.select(*KEY, "sku", part="sku", units="units")
    else:
        bundles = links.join(parts.rename({"units": "in_one"}), on="sku", how="left")
        units = pl.col("units") * pl.col("in_one").fill_null(1)
        taken = bundles.select(*KEY, "sku", pl.coalesce("part", "sku").alias("part"), units.alias("units"))
        nested = parts.join(parts.select(part="sku").unique(), on="part", how="semi")
        if nested.height:
            bad = links.join(nested, on="sku", how="semi")
            taken = taken.join(bad, on=KEY, how="anti")
    if links.select(KEY).is_duplicated().any():
        same = [*KEY, "part"]
        taken = taken.group_by(same, maintain_order=True).agg(pl.col("sku").min(), pl.col("units").sum())
    return taken.select(tuple(LISTING_PARTS))
