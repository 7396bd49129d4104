"""The tabs Rules and Matches: what shops may show, and the links that people write themselves (DESIGN 4 and 6).

A cell of Rules that cannot be read is an issue and a row of UNREAD (so that its last accepted value can hold); a row
whose Channel, SKU or Tag is not known has no effect, never a wider one. A listing with one bad row in Matches is held
as a whole: half a bundle would promise more than there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from agent.core import readers
from agent.core.cells import Sheet
from agent.core.known import Known
from agent.frames import MATCHES, RULES, UNREAD, Schema, empty

SETTINGS = {
    "Percent": "percent",
    "Rounding": "rounding",
    "Fixed quantity": "fixed",
    "Reserve": "reserve",
    "Maximum": "maximum",
    "Minimum": "minimum",
    "Out of stock at": "out_at",
    "Last units": "last_units",
    "Sync": "sync",
    "Freeze at": "freeze_at",
    "Until": "until",
}
"""Column of Rules -> setting."""
CHOICES = {
    "rounding": ("down", "nearest", "up"),
    "last_units": ("one channel", "auto", "share"),
    "sync": ("no", "yes"),
}
"""The words of a setting, the one that shows least first."""
SCOPE = ("channel", "sku", "tag")
READERS = {
    "Channel": readers.TEXT,
    "SKU": readers.CODE,
    "Tag": readers.TEXT,
    **dict.fromkeys(SETTINGS, readers.WHOLE),
    "Percent": readers.PERCENT,
    "Rounding": readers.one_of(*CHOICES["rounding"]),
    "Last units": readers.one_of(*CHOICES["last_units"]),
    "Sync": readers.choice(tuple(readers.YES_NO.items())),
    "Until": readers.DAY,
}
MATCH_READERS = {
    "Channel": readers.TEXT,
    "Listing": readers.CODE,
    "SKU": readers.CODE,
    "Units": readers.WHOLE,
}
LONG: Schema = {
    "row": pl.Int64,
    **dict.fromkeys((*SCOPE, "setting", "column", "raw"), pl.String),
    "value": pl.Int64,
    "text": pl.String,
    "none": pl.Boolean,
    "problem": pl.String,
    "filled": pl.Boolean,
}
FAR = 1 << 60
"""Beyond every quantity."""
MORE_SHOWS_LESS = ("reserve", "out_at", "until")
NONE_SHOWS_LEAST = ("minimum", "until", "rounding")
NAMED_ROWS = 8

CODES: dict[str, tuple[str, ...]] = {
    "unknown_channel": ("column", "found"),
    "unknown_sku": ("column", "found"),
    "unknown_tag": ("column", "found"),
    "rule_conflict": ("column", "found", "rows", "holds"),
    "until_over": ("found",),
    "minimum_above_maximum": ("minimum", "maximum"),
    "match_incomplete": ("column", "found"),
    "match_twice": ("column", "found"),
    "units_zero": ("column", "found"),
}
"""code -> keys of its facts."""


def known_channel(text: pl.Expr, configured: Sequence[str]) -> pl.Expr:
    """The configured channel that a cell names, in any case; null if none."""
    lower = [name.lower() for name in configured]
    words = {low: name for low, name in zip(lower, configured, strict=True) if lower.count(low) == 1}
    loose = text.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.String)
    exact = text.replace_strict({name: name for name in configured}, default=None, return_dtype=pl.String)
    return pl.coalesce(exact, loose) if configured else pl.lit(None, dtype=pl.String)


def check_rules(
    sheet: Sheet, configured: Sequence[str], known: Known, tags: pl.DataFrame, today: date
) -> tuple[pl.DataFrame, pl.DataFrame, list[pl.DataFrame]]:
    """RULES, UNREAD, issues. The tab's frame must have at least one row."""
    frame = readers.read(sheet.frame, READERS)
    rows, unread, issues = _scope(sheet, frame, configured, known, tags)
    found = _settings(rows)
    bad = found.filter(pl.col("problem").is_not_null())
    if bad.height:
        issues += _setting_issues(sheet, bad)
        more = bad.with_columns(pl.col("setting").cast(pl.String).alias("column"), pl.col("problem").alias("code"))
        unread = pl.concat([unread, more.select(pl.lit("Rules").alias("tab"), "row", "column", *SCOPE, "code")])
    good = found.filter(pl.col("problem").is_null())
    over = good.filter((pl.col("setting") == "until") & (pl.col("value") < (today - date(1970, 1, 1)).days))
    if over.height:
        issues.append(sheet.issues(over, "Until", "until_over", pl.col("sku"), {"found": pl.col("raw")}))
    good, more_issues = _settled(sheet, good)
    more_issues += _upside_down(sheet, good)
    return good.select(pl.col(name).cast(kind) for name, kind in RULES.items()), unread, issues + more_issues


def _points(name: str, said: str, meant: str, code: str) -> pl.Expr:
    """`NAME|problem` of a cell that points to something: it cannot be read, or means nothing that is known."""
    unknown = pl.when(pl.col(said).is_not_null() & pl.col(meant).is_null()).then(pl.lit(code))
    return pl.coalesce(f"{name}|problem", unknown).alias(f"{name}|problem")


def _scope(
    sheet: Sheet, frame: pl.DataFrame, configured: Sequence[str], known: Known, tags: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, list[pl.DataFrame]]:
    """The rows with their scope; of those without effect UNREAD, and issues. Rows without effect are left out."""
    channel, tag = known_channel(pl.col("Channel|value"), configured), pl.col("Tag|value").str.to_lowercase()
    rows = known.resolve(frame.with_columns(channel=channel, tag=tag), "SKU|value", "sku")
    rows = rows.with_columns(tag=pl.when(pl.col("tag").is_in(tags["tag"].unique().implode())).then("tag"))
    rows = rows.with_columns(
        _points("Channel", "Channel|value", "channel", "unknown_channel"),
        _points("SKU", "SKU|value", "sku", "unknown_sku"),
        _points("Tag", "Tag|value", "tag", "unknown_tag"),
    )
    first = pl.coalesce("Channel|problem", "SKU|problem", "Tag|problem")
    bad = rows.filter(first.is_not_null())
    if bad.is_empty():
        return rows, empty(UNREAD), []
    issues = [piece for name in ("Channel", "SKU", "Tag") for piece in sheet.problems(bad, name)]
    whole = pl.lit(None, dtype=pl.String).alias("column")
    unread = bad.select(pl.lit("Rules").alias("tab"), "row", whole, *SCOPE, first.alias("code"))
    return rows.filter(first.is_null()), unread, issues


def _settings(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each filled-in cell: scope, `setting`, `column`, `raw`, `value`, `text`, `none`, `problem`."""
    pieces = [_setting(rows, column, setting) for column, setting in SETTINGS.items() if readers.is_used(rows, column)]
    return pl.concat(pieces).filter("filled") if pieces else empty(LONG)


def _setting(rows: pl.DataFrame, column: str, setting: str) -> pl.DataFrame:
    none = (pl.col(f"{column}|clean").str.to_lowercase() == "none").fill_null(False)
    said, nothing = pl.when(~none).then(f"{column}|value"), pl.lit(None)
    is_word = setting in CHOICES
    return rows.select(
        "row",
        *SCOPE,
        pl.lit(setting).alias("setting"),
        pl.lit(column).alias("column"),
        pl.col(column).alias("raw"),
        (nothing if is_word else said).cast(pl.Int64).alias("value"),
        (said if is_word else nothing).cast(pl.String).alias("text"),
        none.alias("none"),
        pl.when(~none).then(f"{column}|problem").alias("problem"),
        readers.is_filled(column).alias("filled"),
    )


def _setting_issues(sheet: Sheet, bad: pl.DataFrame) -> list[pl.DataFrame]:
    issues = []
    for column, setting in SETTINGS.items():
        here = bad.filter(pl.col("setting") == setting)
        here = here.select("row", "sku", pl.col("raw").alias(column), pl.col("problem").alias(f"{column}|problem"))
        offered = ", ".join((*CHOICES.get(setting, ()), "none"))
        issues += sheet.problems(here, column, pl.col("sku"), choices=offered)
    return issues


def _settled(sheet: Sheet, good: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """One row a scope and setting. Rows that disagree are named, each of them, and the lower quantity holds."""
    scope = [*SCOPE, "setting"]
    if not good.select(scope).is_duplicated().any():
        return good, []
    ranked = good.with_columns(_shows().alias("shows")).sort(*scope, "shows", "row")
    differ = pl.struct("value", "text", "none").n_unique().over(scope) > 1
    fight = ranked.filter(differ).with_columns(
        pl.col("row").sort().head(NAMED_ROWS).cast(pl.String).str.join(", ").over(scope).alias("rows"),
        pl.col("raw").first().over(scope).alias("holds"),
    )
    facts = {name: pl.col(name) for name in ("column", "rows", "holds")} | {"found": pl.col("raw")}
    issues = [
        sheet.issues(rows, str(column), "rule_conflict", pl.col("sku"), facts)
        for (column,), rows in fight.sort("row").group_by("column", maintain_order=True)
    ]
    return ranked.unique(scope, keep="first", maintain_order=True).sort("row", "setting"), issues


def _upside_down(sheet: Sheet, good: pl.DataFrame) -> list[pl.DataFrame]:
    """A Minimum above the Maximum of the same scope: the Minimum comes last (DESIGN section 7)."""
    said = good.filter(~pl.col("none"))
    least, most = (said.filter(pl.col("setting") == name) for name in ("minimum", "maximum"))
    both = least.join(most.select(*SCOPE, pl.col("value").alias("most")), on=list(SCOPE), nulls_equal=True)
    wrong = both.filter(pl.col("value") > pl.col("most"))
    facts = {"minimum": pl.col("value"), "maximum": pl.col("most")}
    return [sheet.issues(wrong, "Minimum", "minimum_above_maximum", pl.col("sku"), facts)] if wrong.height else []


def _shows() -> pl.Expr:
    """A number that rises with the quantity a cell lets a shop show (ties go to the upper row)."""
    setting = pl.col("setting")
    ranks = {f"{name} {word}": rank for name, words in CHOICES.items() for rank, word in enumerate(words)}
    rank = (setting + " " + pl.col("text")).replace_strict(ranks, default=None, return_dtype=pl.Int64)
    number = pl.when(setting.is_in(MORE_SHOWS_LESS)).then(-pl.col("value")).otherwise(pl.col("value"))
    nothing = pl.when(setting.is_in(NONE_SHOWS_LEAST)).then(-FAR).otherwise(FAR)
    return pl.when("none").then(nothing).otherwise(pl.coalesce(rank, number))


def check_matches(sheet: Sheet, configured: Sequence[str], known: Known) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """MATCHES and issues. The tab's frame must have at least one row."""
    rows = readers.read(sheet.frame, MATCH_READERS).with_columns(
        channel=known_channel(pl.col("Channel|value"), configured),
        listing=pl.col("Listing|value"),
        units=pl.col("Units|value").fill_null(1),
    )
    rows = _match_problems(known.resolve(rows, "SKU|value", "sku"))
    problems = [piece for name in MATCH_READERS for piece in sheet.problems(rows, name, pl.col("listing"))]
    rows = rows.filter(pl.col("Channel|problem").is_null() & pl.col("listing").is_not_null())
    bad = pl.any_horizontal([pl.col(f"{name}|problem").is_not_null() for name in MATCH_READERS])
    return _held(rows.with_columns(bad.alias("bad"))).select(tuple(MATCHES)), problems


def _match_problems(rows: pl.DataFrame) -> pl.DataFrame:
    """What is wrong with a row of Matches, as the problem of one of its cells."""
    said_sku, said_listing = readers.is_filled("SKU"), readers.is_filled("Listing")
    half = pl.when(said_sku != said_listing).then(pl.lit("match_incomplete"))
    whole = pl.col("Channel|problem").is_null() & pl.col("listing").is_not_null() & pl.col("sku").is_not_null()
    twice = pl.when(whole & pl.struct("channel", "listing", "sku").is_duplicated()).then(pl.lit("match_twice"))
    return rows.with_columns(
        _points("Channel", "Channel|value", "channel", "unknown_channel"),
        _points("SKU", "SKU|value", "sku", "unknown_sku"),
        pl.coalesce("Units|problem", pl.when(pl.col("units") == 0).then(pl.lit("units_zero"))).alias("Units|problem"),
    ).with_columns(pl.coalesce("Listing|problem", half, twice).alias("Listing|problem"))


def _held(rows: pl.DataFrame) -> pl.DataFrame:
    """A listing with a bad row is one row without a SKU."""
    if not rows["bad"].any():
        return rows
    rows = rows.with_columns(pl.col("bad").any().over("channel", "listing"))
    held = rows.filter("bad").sort("row").unique(["channel", "listing"], keep="first", maintain_order=True)
    nothing = held.with_columns(pl.lit(None, dtype=pl.String).alias("sku"), pl.lit(1, dtype=pl.Int64).alias("units"))
    return pl.concat([rows.filter(~pl.col("bad")), nothing]).sort("row")
