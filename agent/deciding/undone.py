"""Undone runs: what they hold, how much of it, and until when (DESIGN section 8, *Undo*).

A *run* is what one cycle sent. Undoing it holds each listing that it changed at what it showed before, less what was
sold since, and never above what there is: a cap like a *Freeze*. The hold ends when what caused the change is changed
(the item's Stocked, its rules, its link), or when the person types `release`. What orders lowered is not undone.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

import polars as pl

from agent.core import rules
from agent.core.lines import ours
from agent.deciding.structure import cell_parts
from agent.frames import TIME
from agent.store import Store
from agent.store_tables import TABLES

CELL = ["channel", "cell"]
LISTING = ["channel", "listing"]
CAUSES = ("edit", "rule", "structure", "drift", "undo")
"""Causes of pushes that an undo takes back. Orders are facts; what was lowered for a stop comes back by itself."""
SENT = ("accepted", "landed", "sent", "unknown")
TYPED = ["opening", "net", "count", "receipt", "feed"]
"""Kinds of ledger entries that a cell of the workbook, or a supplier's list, makes."""
RELEASED, CHANGED = "released", "changed"
"""Why a hold is over: the person let it go, or its cause was changed. A new undo takes an older one's place."""
_RUN = re.compile(r"r?\s*0*(\d{1,9})", re.IGNORECASE)


def run_of(text: str | None) -> int | None:
    """The run that a person means by `R12`, `r 12` or `12`."""
    found = _RUN.fullmatch((text or "").strip())
    return int(found.group(1)) if found else None


def named(run: object) -> str:
    """A run as people read and type it."""
    return f"R{run}"


# --- what a run did


def changed(store: Store, run: int) -> pl.DataFrame:
    """`channel, cell, listing, sku, quantity (before), sent, cause, since (server time), sent_at`: what a run changed
    that can be taken back, one row a stock cell."""
    sent = pl.col("outcome").is_null() | pl.col("outcome").is_in(SENT)
    rows = store.table("push").filter((pl.col("run") == run) & sent & pl.col("cause").is_in(CAUSES)).sort("id")
    cells = rows.group_by(CELL, maintain_order=True).agg(
        pl.col("listing", "sku").first(),
        pl.col("old").first().alias("quantity"),
        pl.col("quantity").last().alias("sent"),
        pl.col("cause").first(),
        pl.col("server_at").first().alias("since"),
        pl.col("sent_at").first(),
    )
    return cells.filter(pl.col("quantity") != pl.col("sent"))


def by_orders(store: Store, run: int) -> int:
    """How many stock cells a run changed because of orders."""
    rows = store.table("push").filter((pl.col("run") == run) & (pl.col("cause") == "order"))
    return rows.select(CELL).n_unique() if rows.height else 0


def runs(store: Store, most: int) -> pl.DataFrame:
    """`run, at, lowered, raised, causes`: the newest runs that changed something."""
    rows = store.table("push").filter(pl.col("run").is_not_null() & (pl.col("quantity") != pl.col("old")))
    by = pl.col("quantity") - pl.col("old")
    found = rows.group_by("run").agg(
        pl.col("sent_at").min().alias("at"), (by < 0).sum().alias("lowered"), (by > 0).sum().alias("raised"),
        pl.col("cause").unique().sort().alias("causes"),
    )  # fmt: skip
    return found.sort("run", descending=True).head(most)


# --- undoing, and letting go


def record(store: Store, rows: pl.DataFrame, run: int, parts: pl.DataFrame, now: datetime) -> None:
    """Hold these stock cells (`changed`) from now on. In a transaction."""
    held = rows.join(causes_now(store, parts, rows), on=CELL, how="left").with_columns(
        run=pl.lit(run, pl.Int64), at=pl.lit(now, TIME), over=pl.lit(None, pl.String), over_at=pl.lit(None, TIME)
    )
    store.put("undone", held.select(list(TABLES["undone"].schema)))


def in_force(store: Store) -> pl.DataFrame:
    """The stock cells that are held now."""
    rows = store.table("undone")
    return rows.filter(pl.col("over").is_null()) if rows.height else rows


def release(store: Store, rows: pl.DataFrame, why: str, now: datetime) -> None:
    """These stock cells are held no longer: their ordinary targets hold again. In a transaction."""
    store.put("undone", rows.select(CELL).with_columns(over=pl.lit(why), over_at=pl.lit(now, TIME)))


def release_listings(store: Store, listings: pl.DataFrame, now: datetime) -> None:
    """`release` was typed beside these (`channel, listing`). In a transaction."""
    cells = store.table("listing").join(listings, on=LISTING, how="semi").select(CELL).unique()
    release(store, in_force(store).join(cells, on=CELL, how="semi"), RELEASED, now)


def settle(store: Store, parts: pl.DataFrame, now: datetime) -> None:
    """Let go what was held because of a cell that has been changed since. In a transaction."""
    rows = in_force(store)
    if rows.is_empty():
        return
    today = causes_now(store, parts, rows).rename({"causes": "today"})
    over = rows.join(today, on=CELL, how="left").filter(pl.col("causes").ne_missing(pl.col("today")))
    release(store, over, CHANGED, now)


def causes_now(store: Store, parts: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """`channel, cell, causes`: what a hold rests on, as it is now. `rows`: channel, cell, cause.

    Always what the listings are linked to; besides, for an edit the last entry of its items, for a rule the rules that
    are in force there and the stops of Control, for what the shop itself did all of it.
    """
    listings = store.table("listing").join(rows.select(CELL), on=CELL, how="semi").select(*LISTING, "cell")
    links = parts.join(listings, on=LISTING)
    recipe = pl.concat_str("sku", pl.lit("/"), "part", pl.lit("x"), "units").unique().sort().str.join("+")
    recipes = links.group_by(CELL).agg(recipe.alias("recipe"))
    typed = store.table("ledger").filter(pl.col("kind").is_in(TYPED)).group_by(pl.col("sku").alias("part"))
    edits = links.join(typed.agg(pl.col("id").max()), on="part").group_by(CELL).agg(pl.col("id").max().alias("edit"))
    known = rows.select(*CELL, "cause").join(recipes, on=CELL, how="left").join(edits, on=CELL, how="left")
    known = known.join(_rules_now(store, links), on=CELL, how="left")
    edit = pl.format("edit {}", pl.col("edit").fill_null(0))
    code = (
        pl.when(pl.col("cause") == "edit").then(edit)
        .when(pl.col("cause") == "rule").then("rules")
        .when(pl.col("cause") == "structure").then(pl.lit(""))
        .otherwise(pl.concat_str(edit, "rules", separator=" ", ignore_nulls=True))
    )  # fmt: skip
    return known.select(*CELL, pl.concat_str("recipe", code, separator="|", ignore_nulls=True).alias("causes"))


def _rules_now(store: Store, links: pl.DataFrame) -> pl.DataFrame:
    """`channel, cell, rules`: the rules in force for a stock cell's listings, and the stops of Control, as one text."""
    linked = links.select(*LISTING, "sku").unique(LISTING, keep="first", maintain_order=True)
    asked = (linked, store.table("rule"), store.table("tag"))
    wide = store.derived("undone rules", lambda: rules.effective(*asked), *asked).join(
        links.select(*LISTING, "cell").unique(), on=LISTING
    )
    settings = [name for name in wide.columns if name not in ("channel", "listing", "cell")]
    said = pl.struct(settings).struct.json_encode()
    wide = wide.with_columns(said.alias("said")).sort("listing").group_by(CELL).agg(pl.col("said").str.join())
    stopped = store.table("stop").select(pl.exclude("id", "row", "since")).sort(pl.all()).write_csv()
    text = [hashlib.sha256(f"{each}{stopped}".encode()).hexdigest()[:16] for each in wide["said"]]
    return wide.select(CELL).with_columns(pl.Series("rules", text, dtype=pl.String))


# --- what it does to targets


def capped(stopped: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """CAPS of Control's stops and of undone runs together: the lowest holds."""
    if held.is_empty():
        return stopped
    both = pl.concat([stopped.select(list(rules.CAPS)), held.select(list(rules.CAPS))])
    return both.sort("stop_at", "stop_words").unique(LISTING, keep="first", maintain_order=True)


def caps(store: Store, parts: pl.DataFrame, rows: pl.DataFrame | None = None) -> pl.DataFrame:
    """CAPS, and `undo_run`: the listings that undone runs hold, at how many, and how the sentence says it.

    `rows`: these stock cells (`run, quantity, since`) instead of those that are held.
    """
    rows = in_force(store) if rows is None else rows
    if rows.is_empty():
        return pl.DataFrame(schema={**rules.CAPS, "undo_run": pl.Int64})
    held = rows.join(_sold_since(store, parts, rows), on=CELL, how="left").with_columns(pl.col("sold").fill_null(0))
    less = pl.when(pl.col("sold") > 0).then(pl.format(" - {} sold since", "sold")).otherwise(pl.lit(""))
    held = held.with_columns(
        (pl.col("quantity") - pl.col("sold")).clip(0).alias("stop_at"),
        pl.format("R{} undone: {} before it{}", "run", "quantity", less).alias("stop_words"),
        pl.col("run").alias("undo_run"),
    )
    listings = store.table("listing").select(*LISTING, "cell").join(parts.select(LISTING).unique(), on=LISTING)
    return listings.join(held.drop("listing", strict=False), on=CELL).select(*rules.CAPS, "undo_run")


def _sold_since(store: Store, parts: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """`channel, cell, sold` in listing units, rounded up: what all shops sold of a stock cell's items since the run,
    and was not given up. Items that nobody counts are not used up by sales."""
    counted = store.table("level").select(pl.col("sku").alias("part"))
    wanted = cell_parts(store, parts).join(counted, on="part", how="semi").join(rows.select(*CELL, "since"), on=CELL)
    selling = parts.join(wanted.select("part").unique(), on="part", how="semi")
    kept = pl.col("open") + pl.col("shipped")
    sold = ours(store.table("order_line")).filter(pl.col("sale_at").is_not_null() & (kept > 0))
    taken = sold.join(selling.select(*LISTING, "part", each="units"), on=LISTING).select(
        "part", "sale_at", "more_at", (kept * pl.col("each")).alias("kept"),
        (pl.min_horizontal(pl.col("more").fill_null(0), kept) * pl.col("each")).alias("more"),
    )  # fmt: skip
    since = pl.col("since").dt.truncate("1s")  # shops tell whole seconds
    units = pl.when(pl.col("sale_at") >= since).then("kept").when(pl.col("more_at") >= since).then("more").otherwise(0)
    by_part = wanted.join(taken, on="part").group_by(*CELL, "part", "units").agg(units.sum().alias("taken"))
    whole = -(-pl.col("taken") // pl.col("units"))
    return by_part.group_by(CELL).agg(whole.max().alias("sold"))
