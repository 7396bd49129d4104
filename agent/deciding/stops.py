"""Stops: what the seller has paused, frozen or set to 0 in the tab Control (DESIGN sections 4 and 8).

A stop is in force from the cycle after the save until its row is cleared or its *Until* is over; then the ordinary
raise with proof brings the listing back. Rules of the tab Rules are not touched by it, and the brake does not hold it.
A listing is stopped when any item that it is linked to is named; a bundle goes on while one of its parts is stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from agent.core import rules
from agent.core.check import Checked
from agent.frames import TIME
from agent.store import Store
from agent.store_tables import TABLES
from agent.workbooks.base import Snapshot

LISTING = ["channel", "listing"]
KEY = ["kind", "channel", "sku"]
"""What a stop is about: a row of Control that is moved or typed again goes on as the same stop."""
STRICTER = {"Live": 0, "Preview": 1, "Paused": 2}
PAUSES = ("pause_all", "pause_channel", "pause_sku")
"""The codes of paused listings, the widest first."""
STOPPED = {
    "channel": pl.String,
    "listing": pl.String,
    "stop_pause": pl.String,
    "stop_id": pl.Int64,
    "stop_words": pl.String,
}


# --- accepting


def accept(store: Store, snapshot: Snapshot, checked: Checked, now: datetime, *, tighten: bool) -> None:
    """Take the stops of a revision. A tab Control that is not there, and a row that cannot be read, change nothing.

    `tighten`: the revision as a whole may only lower: it may stop more, and never less (the seller's emergency brake
    works while Item Master is in trouble).
    """
    if "Control" not in snapshot.tabs:
        return
    known = store.table("stop")
    rows = _typed(checked.control.stops, known, now)
    kept = known.join(checked.control.lost, on=["row", "kind"], how="semi")
    if tighten:
        kept = known
        rows = rows.join(known, on=KEY, how="anti", nulls_equal=True)
        _stricter_mode(store, checked)
    rows = pl.concat([rows, kept.join(rows, on=KEY, how="anti", nulls_equal=True).select(rows.columns)])
    if not rows.sort(rows.columns).equals(known.select(rows.columns).sort(rows.columns)):
        numbered = rows.sort("row", *KEY).with_row_index("id")
        store.replace("stop", numbered.select(pl.col(c).cast(k) for c, k in TABLES["stop"].schema.items()))


def _typed(stops: pl.DataFrame, known: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The typed stops, one a thing stopped, with `since`. A cell that cannot be read keeps what was accepted."""
    ends = pl.Series([_moment(end) for end in stops["until"]], dtype=TIME)
    before = known.select(*KEY, pl.col("value", "until", "since").name.prefix("known_"))
    rows = stops.with_columns(ends.alias("until")).join(before, on=KEY, how="left", nulls_equal=True)
    rows = rows.with_columns(
        pl.when("unread").then(pl.coalesce("value", "known_value")).otherwise("value").alias("value"),
        pl.when("unread").then(pl.coalesce("until", "known_until")).otherwise("until").alias("until"),
    )
    began = pl.when(pl.col("known_until") > now).then("known_since")
    again = pl.when(pl.col("known_until").is_null() | (pl.col("until") <= now)).then("known_since")
    last = pl.when(pl.col("until").is_null().any()).then(None).otherwise(pl.col("until").max())
    rows = rows.with_columns(pl.coalesce(began, again, pl.lit(now, TIME)).alias("since"))
    return rows.group_by(KEY, maintain_order=True).agg(
        pl.col("value").min(), last.alias("until"), pl.col("since").min(), pl.col("row").min()
    )


def _moment(end: datetime | None) -> datetime | None:
    """A time on the seller's own clock as the moment that it is."""
    return end.astimezone(UTC) if end is not None else None


def _stricter_mode(store: Store, checked: Checked) -> None:
    typed = checked.controls.filter(pl.col("control") == "Mode")["value"]
    mode = str(typed[0]) if typed.len() else ""
    if STRICTER.get(mode, 0) > STRICTER.get(str(store.meta("mode", "Live")), 0):
        store.set_meta(mode=mode)


# --- in force


def in_force(store: Store, now: datetime) -> pl.DataFrame:
    """The stops that hold now."""
    rows = store.table("stop")
    ends = store.derived("ends of stops", lambda: store.table("stop")["until"].drop_nulls().to_list())
    over = sum(end <= now for end in ends)
    if not over:
        return rows
    return store.derived(
        "stops in force", lambda: rows.filter(pl.col("until").is_null() | (pl.col("until") > now)), rows, over
    )


def never_began(store: Store) -> pl.DataFrame:
    """Stops that were over before they were typed: a slip in the date."""
    return store.table("stop").filter(pl.col("until") <= pl.col("since"))


@dataclass(frozen=True)
class Stops:
    """What the stops that hold now do to listings."""

    caps: pl.DataFrame
    """CAPS"""
    stopped: pl.DataFrame
    """STOPPED"""
    unread: pl.DataFrame
    """channel, listing, frozen"""


def as_they_stand(store: Store, parts: pl.DataFrame, now: datetime) -> Stops:
    """What the stops that hold now do to the listings of `parts` (LISTING_PARTS)."""
    rows = in_force(store, now)
    return store.derived("stops", lambda: _as_they_stand(rows, parts), rows, parts)


def _as_they_stand(rows: pl.DataFrame, parts: pl.DataFrame) -> Stops:
    capped = caps(rows, parts)
    return Stops(capped, _stopped(rows, capped, parts), _unread(rows, parts))


def caps(rows: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """CAPS: listings that are frozen, or held at 0. Where several stops (`rows`) are about one, the lowest holds."""
    rows = rows.filter((pl.col("kind") == "to_zero") | (pl.col("value").is_not_null() & (pl.col("kind") == "freeze")))
    if rows.is_empty():
        return pl.DataFrame(schema=rules.CAPS)
    most = pl.when(pl.col("kind") == "to_zero").then(0).otherwise("value")
    words = pl.Series([cap_words(row) for row in rows.iter_rows(named=True)], dtype=pl.String)
    found = _of_items(rows.with_columns(most.alias("stop_at"), words.alias("stop_words")), parts)
    lowest = found.sort("stop_at", "stop_words").unique(LISTING, keep="first", maintain_order=True)
    return lowest.select(pl.col(c).cast(k) for c, k in rules.CAPS.items())


def _unread(rows: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """`channel, listing, frozen`: listings of a freeze whose number cannot be read: nothing is raised there."""
    rows = rows.filter((pl.col("kind") == "freeze") & pl.col("value").is_null())
    return _of_items(rows, parts).select(*LISTING, frozen=pl.lit("freeze_unread"))


def _stopped(rows: pl.DataFrame, capped: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """STOPPED: what stops a listing now: the code of its widest pause and that stop's id, and the words of its cap."""
    if rows.is_empty():
        return pl.DataFrame(schema=STOPPED)
    pauses = rows.filter(pl.col("kind") == "pause").with_columns(code().alias("stop_pause"))
    listings = parts.select(LISTING).unique()
    whole = pauses.filter(pl.col("sku").is_null())
    of_shop = listings.join(whole.filter(pl.col("channel").is_not_null()), on="channel")
    of_all = listings.join(whole.filter(pl.col("channel").is_null()).drop("channel"), how="cross")
    columns = [*LISTING, "stop_pause", pl.col("id").alias("stop_id")]
    found = pl.concat([each.select(columns) for each in (of_all, of_shop, _of_items(pauses, parts))])
    widest = found.unique(LISTING, keep="first", maintain_order=True)
    both = widest.join(capped.select(*LISTING, "stop_words"), on=LISTING, how="full", coalesce=True)
    return both.select(pl.col(c).cast(k) for c, k in STOPPED.items())


def code() -> pl.Expr:
    """The code of a pause: of everything, of a shop, of an item."""
    wide = pl.when(pl.col("channel").is_null()).then(pl.lit("pause_all")).otherwise(pl.lit("pause_channel"))
    return pl.when(pl.col("sku").is_null()).then(wide).otherwise(pl.lit("pause_sku"))


def _of_items(rows: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Stops of an item, once for each listing that they are about (`channel` is the listing's)."""
    links = parts.select(*LISTING, "sku").unique()
    here = links.join(rows.filter(pl.col("sku").is_not_null()).rename({"channel": "only"}), on="sku")
    return here.filter(pl.col("only").is_null() | (pl.col("only") == pl.col("channel")))


# --- words


def cap_words(row: dict[str, object]) -> str:
    """A freeze, or to 0, as the sentence of a target says it: `frozen at 5 in Control until 2026-12-31`."""
    what = "to 0" if row["kind"] == "to_zero" else f"frozen at {row['value']}"
    end = until_words(row["until"])
    return f"{what} in Control{f' until {end}' if end else ''}"


def until_words(until: object) -> str | None:
    """The end of a stop as the seller would type it; None where it has none."""
    if not isinstance(until, datetime):
        return None
    local = until.astimezone()
    if (local.hour, local.minute) == (0, 0):
        return f"{local - timedelta(microseconds=1):%Y-%m-%d}"
    return f"{local:%Y-%m-%d %H:%M}"
