"""The small tabs: Channels, Control, and what people typed into their one column of Imports, Listings and Attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from agent.core import readers
from agent.core.cells import Sheet
from agent.core.check_control import is_own
from agent.core.check_rules import known_channel
from agent.core.readers import Reader
from agent.frames import CHANNELS, CONTROLS, DECISIONS, UNREAD, empty, frame

MODES = {"live": "Live", "preview": "Preview", "paused": "Paused", "pause": "Paused"}
DECIDED = {"Imports": "Link to SKU", "Listings": "Change", "Attention": "Answer"}
"""Tab -> the person's column in it."""

CODES: dict[str, tuple[str, ...]] = {
    "channel_blank": ("column", "found"),
    "channel_twice": ("column", "found", "rows"),
    "control_twice": ("column", "found", "rows"),
    "decision_twice": ("column", "found", "rows"),
}
"""code -> keys of its facts."""


YES_NO = ("yes", "no")
OPTIONS: dict[str, tuple[str, Reader, tuple[str, ...]]] = {
    "Mode": ("mode", readers.one_of("All", "Feeds only", "Off"), ("All", "Feeds only", "Off")),
    "Go live": ("go_live", readers.YES_OR_NO, YES_NO),
    "Location": ("location", readers.CODE, ()),
    "Ignore prefix": ("ignore_prefix", readers.CODE, ()),
    "Ignore suffix": ("ignore_suffix", readers.CODE, ()),
    "Add prefix": ("add_prefix", readers.CODE, ()),
    "Never push suffix": ("never_push_suffix", readers.CODE, ()),
    "Priority": ("priority", readers.WHOLE, ()),
    "Keep active": ("keep_active", readers.YES_OR_NO, YES_NO),
    "Returned units": ("returned_units", readers.one_of("ask", "put back", "never"), ("ask", "put back", "never")),
    "On drift": ("on_drift", readers.one_of("ask", "put back", "adopt"), ("ask", "put back", "adopt")),
    "New listings": ("new_listings", readers.one_of("keep in sync", "set once"), ("keep in sync", "set once")),
    "New exact matches go live": ("new_matches_live", readers.YES_OR_NO, YES_NO),
    "When this computer is off": ("when_off", readers.OFF_POLICY, readers.WHEN_OFF),
}
"""Column of Channels -> column of CHANNELS, its reader, the words it takes."""
DEFAULTS: dict[str, Any] = {
    "mode": "All",
    "go_live": True,
    "keep_active": True,
    "returned_units": "ask",
    "on_drift": "ask",
    "new_listings": "keep in sync",
    "new_matches_live": False,
    "when_off": "leave",
}
LAST_IN_LINE = 100
"""Channels without a Priority come after those with one, in the order in which they are configured."""


def _defaults(configured: Sequence[str]) -> pl.DataFrame:
    rows = [{"channel": name, "priority": LAST_IN_LINE + place, **DEFAULTS} for place, name in enumerate(configured)]
    return frame([{name: row.get(name) for name in CHANNELS} for row in rows], CHANNELS)


def check_channels(sheet: Sheet, configured: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame, list[pl.DataFrame]]:
    """CHANNELS, one row a configured channel in that order; UNREAD; issues. Rows that disagree say nothing."""
    defaults = _defaults(configured)
    if sheet.frame.is_empty():
        return defaults, empty(UNREAD), []
    rows = _read_channels(sheet, configured)
    issues = sheet.problems(rows, "Channel")
    rows = rows.filter(pl.col("channel").is_not_null())
    used = [column for column in OPTIONS if readers.is_used(rows, column)]
    for column in used:
        issues += sheet.problems(rows, column, choices=", ".join(OPTIONS[column][2]))
    twice = rows["channel"].n_unique() < rows.height
    if twice:
        issues += _twice(sheet, rows.filter(pl.col("channel").is_duplicated()), "Channel", "channel_twice", ["channel"])
        rows = _disagreeing(rows, used)
    names = [OPTIONS[column][0] for column in used]
    said = rows.select("channel", *names).unique("channel") if twice else rows.select("channel", *names)
    merged = defaults.join(said, on="channel", how="left", suffix=" said", maintain_order="left")
    chosen = (pl.coalesce(f"{name} said", name).alias(name) if name in names else name for name in CHANNELS)
    return merged.select(chosen), _unread_options(rows, used), issues


def _disagreeing(rows: pl.DataFrame, used: Sequence[str]) -> pl.DataFrame:
    """Several rows of one channel: each says what all of them say; what they disagree on is a problem and no value."""
    for column in used:
        name, problem = OPTIONS[column][0], f"{column}|problem"
        said = pl.col(name).drop_nulls()
        differ = said.n_unique().over("channel") > 1
        rows = rows.with_columns(
            pl.when(~differ).then(said.first().over("channel")).alias(name),
            pl.coalesce(problem, pl.when(differ).then(pl.lit("channel_twice"))).alias(problem),
        )
    return rows


def _read_channels(sheet: Sheet, configured: Sequence[str]) -> pl.DataFrame:
    """The rows with `channel`, the options' values by their names in CHANNELS, and `problem: COLUMN`."""
    options = {column: reader for column, (_, reader, _) in OPTIONS.items() if readers.is_used(sheet.frame, column)}
    rows = readers.read(sheet.frame, {"Channel": readers.TEXT, **options})
    rows = rows.with_columns(
        known_channel(pl.col("Channel|value"), configured).alias("channel"),
        pl.any_horizontal(False, *(readers.is_filled(column) for column in options)).alias("filled"),
        *(pl.col(f"{column}|value").alias(OPTIONS[column][0]) for column in options),
    )
    unnamed = pl.when(pl.col("Channel|value").is_null() & pl.col("filled")).then(pl.lit("channel_blank"))
    lost = pl.col("channel").is_null() & pl.col("Channel|value").is_not_null()
    unknown = pl.when(lost).then(pl.lit("unknown_channel"))
    return rows.with_columns(pl.coalesce("Channel|problem", unnamed, unknown).alias("Channel|problem"))


def _unread_options(rows: pl.DataFrame, used: Sequence[str]) -> pl.DataFrame:
    """UNREAD for cells that cannot be read, and for those on which two rows of one channel disagree."""
    pieces = [empty(UNREAD)]
    for column in used:
        code = pl.col(f"{column}|problem").alias("code")
        if rows[f"{column}|problem"].null_count() < rows.height:
            pieces.append(_unread(rows.with_columns(code), "Channels", pl.lit(OPTIONS[column][0]), pl.col("channel")))
    return pl.concat(pieces)


def _unread(rows: pl.DataFrame, tab: str, column: pl.Expr, channel: pl.Expr) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=pl.String)
    bad = rows.filter(pl.col("code").is_not_null())
    where = {"column": column, "channel": channel, "sku": nothing, "tag": nothing}
    return bad.select(pl.lit(tab).alias("tab"), "row", **where, code="code")


def _twice(sheet: Sheet, rows: pl.DataFrame, column: str, code: str, key: list[str]) -> list[pl.DataFrame]:
    """An issue on each of several rows that are about the same thing."""
    if rows.is_empty():
        return []
    named = rows.sort("row").with_columns(pl.col("row").cast(pl.String).str.join(", ").over(key).alias("rows"))
    facts = {"column": pl.lit(column), "found": pl.col(column), "rows": pl.col("rows")}
    return [sheet.issues(named, column, code, None, facts)]


def check_controls(sheet: Sheet) -> tuple[pl.DataFrame, pl.DataFrame, list[pl.DataFrame]]:
    """CONTROLS with a value; UNREAD; issues. A control whose rows disagree, and an unknown Mode, are left out. Stops
    and questions are not looked at: check_control."""
    if sheet.frame.is_empty():
        return empty(CONTROLS), empty(UNREAD), []
    rows = readers.read(sheet.frame, {"Control": readers.TEXT, "Value": readers.TEXT})
    rows = rows.filter(~is_own(pl.col("Control|value")).fill_null(value=False))
    is_mode = pl.col("Control|value").str.to_lowercase() == "mode"
    mode = pl.col("Value|value").str.to_lowercase().replace_strict(MODES, default=None, return_dtype=pl.String)
    unknown = pl.when(is_mode & pl.col("Value|value").is_not_null() & mode.is_null()).then(pl.lit("choice_unknown"))
    rows = rows.filter(pl.col("Control|value").is_not_null()).with_columns(
        pl.when(is_mode).then(pl.lit("Mode")).otherwise("Control|value").alias("control"),
        pl.when(is_mode).then(mode).otherwise("Value|value").alias("value"),
        pl.coalesce("Value|problem", unknown).alias("Value|problem"),
    )
    issues = sheet.problems(rows, "Value", choices="Live, Preview, Paused")
    differ = pl.col("value").drop_nulls().n_unique().over("control") > 1
    issues += _twice(sheet, rows.filter(differ), "Control", "control_twice", ["control"])
    rows = rows.with_columns(pl.coalesce("Value|problem", pl.when(differ).then(pl.lit("control_twice"))).alias("code"))
    unread = _unread(rows, "Control", pl.col("control"), pl.lit(None, dtype=pl.String))
    good = rows.filter(pl.col("code").is_null() & pl.col("value").is_not_null())
    return good.unique("control", keep="first", maintain_order=True).select(tuple(CONTROLS)), unread, issues


def read_decisions(sheets: Sequence[tuple[str, Sheet]]) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """DECISIONS of all three tabs, and issues. Two rows of one key that disagree decide nothing."""
    pieces, issues = [empty(DECISIONS)], []
    for tab, sheet in sheets:
        if sheet.frame.height and DECIDED[tab] in sheet.frame.columns:
            found, more = _decisions(tab, sheet)
            pieces.append(found)
            issues += more
    return pl.concat(pieces), issues


def _decisions(tab: str, sheet: Sheet) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    column = DECIDED[tab]
    keys = ("Id",) if tab == "Attention" else ("Channel", "Listing")
    answer = readers.TEXT if tab == "Attention" else readers.CODE
    rows = readers.read(sheet.frame, {**dict.fromkeys(keys, readers.TEXT), column: answer})
    channel = pl.lit(None, dtype=pl.String) if tab == "Attention" else pl.col("Channel|value")
    rows = rows.with_columns(
        pl.lit(tab).alias("tab"),
        channel.alias("channel"),
        pl.col(f"{keys[-1]}|value").alias("key"),
        pl.col(f"{column}|value").alias("value"),
    )
    issues = sheet.problems(rows, column, pl.col("key"))
    said = rows.filter(pl.col("value").is_not_null() & pl.col("key").is_not_null())
    key = ["channel", "key"]
    if said.select(key).is_duplicated().any():
        differ = pl.col("value").n_unique().over(key) > 1
        issues += _twice(sheet, said.filter(differ), column, "decision_twice", key)
        said = said.filter(~differ).unique(key, keep="first", maintain_order=True)
    return said.select(tuple(DECISIONS)), issues
