"""What each listing should show, and why (DESIGN section 7): what is known of a listing, brought to the steps.

Available - missing -> reserve -> listing units -> percent -> rounding -> maximum -> minimum -> last units -> freeze at
-> channel limits: that list is `agent.core.steps`. Here the parts of a bundle come together, and each listing keeps
only the settings that are in force for it. Null is never zero (I11): what is not known has no target; `hold` says why.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, NotRequired, TypedDict, Unpack

import polars as pl

from agent.core.last_units import LAST, leaders, scarce
from agent.core.lint import lint
from agent.core.scopes import EFFECTIVE, LISTING, conflicts, effective, repeated
from agent.core.steps import STEPS, run
from agent.frames import TARGETS

__all__ = [
    "CODES",
    "KEPT",
    "LIMITS",
    "SHARES",
    "STEPS",
    "Known",
    "conflicts",
    "effective",
    "lint",
    "targets",
    "why",
    "work_out",
]

CODES: dict[str, tuple[str, ...]] = {
    "not_managed": (),  # a tracked item without Stocked
    "part_blank": (),  # a bundle with such a part
    "untracked": (),  # not tracked, and no fixed quantity says what to show
    "sync_off": (),  # the rule Sync says no
    "row_gone": (),  # `frozen`: the item has stock and no row
}
"""The codes of `hold` and `frozen` that are made here -> the keys of their facts."""

KEPT = {"channel": pl.String, "sku": pl.String, "kept_back": pl.Int64, "note": pl.String}
"""Units (of the item) kept back from raises on `channel`, and for whom: `Etsy (not read since Mon 09:12)`."""
LIMITS = {"channel": pl.String, "max_quantity": pl.Int64}
"""The largest quantity a channel takes; null: any."""

SHARES = {"channel": pl.String, "sku": pl.String, "share": pl.Int64}
"""Units (of the item) that only `channel` sells, as nobody can read what it sold: they are no other channel's."""

CAPS = {"channel": pl.String, "listing": pl.String, "stop_at": pl.Int64, "stop_words": pl.String}
"""Listings that a stop cell of Control freezes, or holds at 0: the most they may show, and how the sentence says it."""

SMALL = 10_000
"""Rows up to which looking for a better order of the steps takes longer than the steps."""
ENGINE: Literal["in-memory"] = "in-memory"
"""Faster on a small world; and the streaming engine panicked on the sentences of an empty morsel (polars 2.1.0)."""

_C = pl.col
_ONE = [*LISTING, "less"]
"""One listing; where units are kept back it is worked out twice, with and without them."""


class Known(TypedDict):
    """What the targets are worked out from, by name."""

    parts: pl.DataFrame
    """LISTING_PARTS"""
    stock: pl.DataFrame
    """STOCK; `available` is not looked at, it is stocked - allocated (S1-16)"""
    kept: pl.DataFrame
    """KEPT; several rows for one item are added up"""
    items: pl.DataFrame
    """ITEMS: sku, tracked, active, frozen and, where channels are *Feeds only*, feed"""
    effective: pl.DataFrame
    """EFFECTIVE"""
    channels: pl.DataFrame
    """CHANNELS"""
    limits: pl.DataFrame
    """LIMITS"""
    caps: NotRequired[pl.DataFrame]
    """CAPS; no row: nothing is frozen in Control"""
    shares: NotRequired[pl.DataFrame]
    """SHARES; no row: everything is in one pool"""
    sold: NotRequired[pl.DataFrame]
    """last_units.SOLD, for *Last units* auto: of an item that is not named, nothing was sold"""
    delays: NotRequired[pl.DataFrame]
    """last_units.DELAYS"""
    today: date


def targets(*, words: bool = True, only: pl.DataFrame | None = None, **known: Unpack[Known]) -> pl.DataFrame:
    """The target of every linked listing: TARGETS, one row a listing, in no particular order.

    `only`: channel, listing of the listings that are wanted; the others still count where channels compete for the last
    units. `words=False` leaves the sentences null (then `why` makes those that are needed).
    """
    return work_out(words=words, only=only, **known).select(*TARGETS)


def why(only: pl.DataFrame, **known: Unpack[Known]) -> pl.DataFrame:
    """The sentences of the listings in `only` (channel, listing): channel, listing, why, why_safe."""
    return targets(only=only, **known).select(*LISTING, "why", "why_safe")


def work_out(*, words: bool = True, only: pl.DataFrame | None = None, **known: Unpack[Known]) -> pl.DataFrame:
    """`targets` with what it was worked out from: TARGETS, and sku, part (the tightest), units, `room` (listing units
    before the rules), `after_units` (after reserve and units) and the settings in force. For `lint` and `explain`.
    """
    parts, used = _settled(only, known)
    steps = pl.QueryOptFlags.none() if parts.height < SMALL else pl.QueryOptFlags()
    facts = _facts(parts, known).collect(engine=ENGINE, optimizations=steps)
    facts, used = _capped(facts, used, known.get("caps"))
    less = _less_kept(facts, known["kept"])
    both = facts if less.is_empty() else pl.concat([facts, less.select(facts.columns)])
    several = bool(facts["several"].any())
    day = (known["today"] - date(1970, 1, 1)).days
    rows = _in_force(_together(both, several=several), day, several=several)
    worked = (
        run(rows, used, words=words).with_columns(_C("q").alias("target")).collect(engine=ENGINE, optimizations=steps)
    )
    if less.is_empty():
        return worked.with_columns(_C("target").alias("safe"), pl.lit(None, pl.String).alias("why_safe"))
    safe = worked.filter("less").select(*LISTING, _C("target").alias("safe"), _C("why").alias("why_safe"))
    worked = worked.filter(~_C("less")).join(safe, on=LISTING, how="left")
    return worked.with_columns(pl.coalesce("safe", "target"))


def _settled(only: pl.DataFrame | None, known: Known) -> tuple[pl.DataFrame, set[str]]:
    """One row a part of each listing that is wanted, with its rules and `several` (the listing has more than one row);
    and the names of the settings that any listing has.

    What no listing has is not joined; frames in the same order are laid side by side.
    """
    parts, effective = known["parts"].select(*LISTING, "sku", "part", "units"), known["effective"]
    if only is not None:
        parts = parts.join(only.select(LISTING), on=LISTING, how="semi", maintain_order="left")
    used = [name for name in EFFECTIVE if name not in LISTING and effective[name].null_count() < effective.height]
    twice = repeated(parts)
    unused = [pl.lit(None, kind).alias(name) for name, kind in EFFECTIVE.items() if name not in (*LISTING, *used)]
    extra = [*unused, pl.lit(value=False).alias("several") if twice is None else twice.alias("several")]
    limited = known["limits"]["max_quantity"].is_not_null().any()
    names = {*used, *(["max_quantity"] if limited else []), *(["last_for"] if "last_units" in used else [])}
    if parts.height == effective.height and parts.select(LISTING).equals(effective.select(LISTING)):
        return parts.hstack(effective.select(used)).with_columns(extra), names
    rows = parts.with_columns(extra)
    return rows.join(effective.select(*LISTING, *used), on=LISTING, how="left") if used else rows, names


def _capped(facts: pl.DataFrame, used: set[str], caps: pl.DataFrame | None) -> tuple[pl.DataFrame, set[str]]:
    """The rows with `stop_at` and `stop_words`, where Control stops a listing."""
    if caps is None or caps.is_empty():
        nothing = [pl.lit(None, CAPS[name]).alias(name) for name in ("stop_at", "stop_words")]
        return facts.with_columns(nothing), used
    return facts.join(caps.select(*CAPS), on=LISTING, how="left", maintain_order="left"), {*used, "stop_at"}


def _facts(parts: pl.DataFrame, known: Known) -> pl.LazyFrame:
    """The parts with all that is known of their items."""
    numbers = known["stock"].lazy().select(_C("sku").alias("part"), "stocked", "allocated", "missing")
    limits = known["limits"].lazy().select("channel", "max_quantity")
    rows = _with_items(parts, known["items"].lazy())
    rows = rows.join(numbers, on="part", how="left").join(limits, on="channel", how="left")
    rows = _without_shares(rows, parts, known.get("shares"))
    leaders = _leaders(known)
    rows = (
        rows.with_columns(leader=pl.lit(None, pl.String), few=pl.lit(None, pl.Int64), few_words=pl.lit(None, pl.String))
        if leaders is None
        else rows.join(leaders, on="part", how="left")
    )
    return rows.with_columns(
        _C("tracked").alias("counted"),
        pl.when("tracked").then(_C("stocked") - _C("allocated") - _C("missing") - _C("given")).alias("x"),
        pl.lit(None, pl.String).alias("kept_words"),
        pl.lit(value=False).alias("less"),
        pl.coalesce("frozen", pl.when(_C("known").is_null() & _C("stocked").is_not_null()).then(pl.lit("row_gone"))),
    )


def _without_shares(rows: pl.LazyFrame, parts: pl.DataFrame, shares: pl.DataFrame | None) -> pl.LazyFrame:
    """The rows with `given` (units that only other channels sell) and `given_words` (which)."""
    if shares is None or shares.is_empty():
        return rows.with_columns(given=pl.lit(0, pl.Int64), given_words=pl.lit(None, pl.String))
    each = shares.select(_C("channel").alias("of"), _C("sku").alias("part"), "share")
    others = parts.select("channel").unique().join(each, how="cross").filter(_C("of") != _C("channel"))
    given = others.group_by("channel", "part").agg(
        _C("share").sum().alias("given"), _C("of").sort().str.join(" and ").alias("given_words")
    )
    rows = rows.join(given.lazy(), on=["channel", "part"], how="left")
    return rows.with_columns(_C("given").fill_null(0))


def _with_items(parts: pl.DataFrame, items: pl.LazyFrame) -> pl.LazyFrame:
    """tracked, active, frozen and `known` (null: there is no such row) of the link's item and of the part together."""
    item = items.select("sku", "tracked", "active", "frozen", known=pl.lit(value=True))
    rows = parts.lazy().join(item, on="sku", how="left").with_columns(_C("tracked").fill_null(value=True))
    if (parts["part"] == parts["sku"]).all():
        return rows
    of_part = item.drop("active").select(pl.all().name.prefix("part_"))
    return rows.join(of_part, left_on="part", right_on="part_sku", how="left").with_columns(
        _C("tracked") & _C("part_tracked").fill_null(value=True),
        _C("known") & _C("part_known"),
        pl.coalesce("frozen", "part_frozen"),
    )


def _less_kept(facts: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Once more the rows of the listings that units are kept back from, with these units taken off (`less`)."""
    clause = pl.format(" - {} kept back for {}", "kept_back", pl.coalesce("note", pl.lit("a shop")))
    by_part = (
        kept.filter(_C("kept_back") > 0)
        .select("channel", _C("sku").alias("part"), "kept_back", clause.alias("kept_words"))
        .sort("kept_words")
        .group_by("channel", "part")
        .agg(_C("kept_back").sum(), _C("kept_words").str.join(""))
    )
    if by_part.is_empty():
        return facts.clear()
    touched = facts.join(by_part, on=["channel", "part"], how="semi").select(LISTING)
    rows = facts.drop("kept_words").join(touched, on=LISTING, how="semi")
    rows = rows.join(by_part, on=["channel", "part"], how="left")
    return rows.with_columns(_C("x") - _C("kept_back").fill_null(0), pl.lit(value=True).alias("less"))


def _leaders(known: Known) -> pl.LazyFrame | None:
    """part, leader, few, few_words; None where no rule asks for a channel that shows the last units alone."""
    leading = leaders(known["parts"], known["items"], known["effective"], known["channels"])
    if leading is None:
        return None
    rows = leading.lazy().select("part", "leader")
    if "sold" not in known or "delays" not in known:
        return rows.with_columns(few=pl.lit(0, pl.Int64), few_words=pl.lit(None, pl.String))
    return rows.join(scarce(leading, known["sold"], known["delays"]).lazy(), on="part", how="left")


def _together(facts: pl.DataFrame, *, several: bool) -> pl.LazyFrame:
    """What the parts of one listing say together: `room` (the tightest part's listing units before the rules), flags.

    Still one row a part.
    """
    last = ((_C("last_units") == "one channel") & (_C("room") <= LAST)) | (
        (_C("last_units") == "auto") & (_C("x") < _C("few"))
    )
    elsewhere = last & _C("counted") & (_C("leader") != _C("channel"))
    rows = facts.lazy().with_columns((_C("x").clip(0) // _C("units")).alias("room"))
    rows = rows.with_columns(
        pl.when(elsewhere).then("leader").alias("last_for"),
        pl.when(elsewhere & (_C("last_units") == "auto")).then("few_words").alias("last_words"),
        (_C("counted") & _C("x").is_null()).alias("blank"),
        (~_C("active").fill_null(value=True)).alias("inactive"),
        (~_C("counted")).alias("free"),
    )
    if not several:
        return rows
    many = (
        rows.filter("several")
        .sort("part")
        .with_columns(
            _C("room").min().over(_ONE),
            _C("last_for").drop_nulls().first().over(_ONE),
            _C("last_words").drop_nulls().first().over(_ONE),
            _C("blank").any().over(_ONE),
            _C("inactive").any().over(_ONE),
            _C("free").all().over(_ONE),
            _C("frozen").drop_nulls().sort().first().over(_ONE),
        )
    )
    return pl.concat([rows.filter(~_C("several")), many])


def _in_force(rows: pl.LazyFrame, day: int, *, several: bool) -> pl.LazyFrame:
    """One row a listing: its tightest part, and only the settings that are in force for it.

    *Out of stock at* wins over everything; *Freeze at*, and a stop of Control, over all but that and the channel's
    limit. An untracked item has its fixed quantity, maximum, stop and limit; an inactive one is 0.
    """
    counted = ~_C("free") & ~_C("inactive")
    out = (counted & (_C("room") <= _C("out_at"))).fill_null(value=False)
    freeze = counted & ~out & _C("freeze_at").is_not_null() & (_C("until").is_null() | (_C("until") >= day))
    capped = counted & ~out & _C("stop_at").is_not_null()
    rows = rows.with_columns(out.alias("out"), freeze.alias("freeze"), capped.alias("capped"))
    rows = _tightest(rows) if several else rows
    frozen = _C("freeze") | _C("capped")
    by_rules = counted & ~_C("out") & ~frozen
    start = pl.when("inactive").then(0).when("free").then(_C("fixed")).when(~_C("blank")).then(_C("x"))
    no_stock = (
        pl.when(_C("free") & _C("fixed").is_null())
        .then(pl.lit("untracked"))
        .when("blank")
        .then(
            pl.when(_C("several") | (_C("part") != _C("sku")))
            .then(pl.lit("part_blank"))
            .otherwise(pl.lit("not_managed"))
        )
    )
    return rows.with_columns(
        *(pl.when(by_rules).then(name).alias(name) for name in ("reserve", "percent", "minimum", "last_for")),
        pl.when(~_C("inactive") & ~_C("out") & ~frozen).then("maximum").alias("maximum"),
        _C("out_at").alias("cutoff"),
        pl.when("out").then("out_at").alias("out_at"),
        pl.when("freeze").then("freeze_at").alias("freeze_at"),
        pl.when(~_C("inactive") & ~_C("out")).then("stop_at").alias("stop_at"),
        pl.when(~_C("inactive")).then("max_quantity").alias("max_quantity"),
        pl.when(counted).then("units").otherwise(1).alias("units"),
        start.alias("q"),
        pl.when(_C("sync") == "no").then(pl.lit("sync_off")).when(~_C("inactive")).then(no_stock).alias("hold"),
    )


def _tightest(rows: pl.LazyFrame) -> pl.LazyFrame:
    """One row a listing: the part that limits it. Where the reserve counts, it is taken off each part first."""
    available = _C("x").clip(0)
    reserved = (available - _C("reserve").fill_null(0)).clip(0)
    least = pl.when(_C("out") | _C("freeze") | _C("capped")).then(available).otherwise(reserved) // _C("units")
    many = rows.filter("several").with_columns(least.alias("least")).sort("least", "part", nulls_last=True)
    tightest = many.unique(_ONE, keep="first", maintain_order=True).drop("least")
    return pl.concat([rows.filter(~_C("several")), tightest])
