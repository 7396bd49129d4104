"""Quantities from the store, through the pure core: stock levels, what is kept back, targets."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from agent.core import last_units, lines, rules
from agent.deciding import shares, stops, undone
from agent.deciding.structure import cell_parts, channel_settings, link_parts
from agent.frames import ITEMS, STOCK, empty
from agent.looking import lags
from agent.looking.channel_rows import channel_row
from agent.state import Agent
from agent.store import Store
from agent.words import in_words

CELL = ["channel", "cell"]
LISTING = ["channel", "listing"]


def stock(store: Store, parts: pl.DataFrame) -> pl.DataFrame:
    """STOCK: one row an item that has a ledger, open lines or missing units."""
    return store.derived("stock", lambda: _stock(store, parts), parts)


def _stock(store: Store, parts: pl.DataFrame) -> pl.DataFrame:
    levels = store.table("level").select("sku", pl.col("on_hand").alias("stocked"))
    allocated = lines.allocated(store.table("order_line"), parts)
    missing = missing_units(store, parts)
    rows = levels.join(allocated, on="sku", how="full", coalesce=True).join(
        missing, on="sku", how="full", coalesce=True
    )
    filled = rows.with_columns(pl.col("allocated").fill_null(0), pl.col("missing").fill_null(0))
    return filled.with_columns((pl.col("stocked") - pl.col("allocated")).alias("available")).select(list(STOCK))


def missing_units(store: Store, parts: pl.DataFrame) -> pl.DataFrame:
    """`sku, missing` in item units."""
    waiting = store.table("missing").filter(pl.col("units") > 0).group_by(CELL).agg(pl.col("units").sum().alias("gap"))
    if waiting.is_empty():
        return pl.DataFrame(schema={"sku": pl.String, "missing": pl.Int64})
    return (
        cell_parts(store, parts)
        .join(waiting, on=CELL)
        .group_by(pl.col("part").alias("sku"))
        .agg((pl.col("gap") * pl.col("units")).sum().alias("missing"))
    )


def kept_back(agent: Agent, parts: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """`channel, sku, kept_back, note`: what channels with too old orders last showed, kept from raises elsewhere."""
    stale = [name for name in agent.channels if is_stale(agent, name)]
    if not stale:
        return empty(rules.KEPT)
    held = (
        cell_parts(agent.store, parts)
        .join(shown.filter(pl.col("channel").is_in(stale)).select(*CELL, "shown"), on=CELL)
        .group_by("channel", pl.col("part").alias("sku"))
        .agg((pl.col("shown").clip(0) * pl.col("units")).sum().alias("kept_back"))
        .rename({"channel": "from"})
    )
    late = {name: agent.channels[name].can.applies == "later" for name in agent.channels}
    targets = pl.DataFrame({"channel": list(agent.channels)})
    both = held.join(targets, how="cross").filter(
        (pl.col("from") != pl.col("channel")) | pl.col("channel").is_in([n for n, is_late in late.items() if is_late])
    )
    notes = pl.DataFrame({"from": stale, "note": [_since(agent, name) for name in stale]})
    return (
        both.filter(pl.col("kept_back") > 0)
        .join(notes, on="from")
        .group_by("channel", "sku")
        .agg(pl.col("kept_back").sum(), pl.col("note").sort().str.join(", "))
        .select(pl.col(c).cast(k) for c, k in rules.KEPT.items())
    )


def is_stale(agent: Agent, name: str) -> bool:
    """The channel's orders are older than max(2 x poll, lag + poll)."""
    at, poll, lag = (
        channel_row(agent.store, name).get("orders_ok_at"),
        agent.poll_of(name),
        lags.lag_of(agent, name),
    )
    limit = timedelta(seconds=max(2 * poll, lag + poll))
    return not isinstance(at, datetime) or agent.clock.now() - at > limit


def _since(agent: Agent, name: str) -> str:
    at = channel_row(agent.store, name).get("orders_ok_at")
    when = (
        in_words("quantities.not_read_since", at=f"{at.astimezone():%a %H:%M}")
        if isinstance(at, datetime)
        else "never read"
    )
    return f"{name} ({when})"


def targets_with(agent: Agent, rule_rows: pl.DataFrame) -> pl.DataFrame:
    """`channel, listing, target` of the live listings, with these rules instead of the accepted ones; what
    undone runs hold is left aside: a changed rule ends that."""
    store = agent.store
    parts = link_parts(store).join(store.table("link").filter("live"), on=LISTING, how="semi")
    if parts.is_empty():
        return pl.DataFrame(schema={"channel": pl.String, "listing": pl.String, "target": pl.Int64})
    caps = stops.as_they_stand(store, parts, agent.clock.now()).caps
    worked = worked_out(agent, parts, stock(store, parts), empty(rules.KEPT), rule_rows, words=False, caps=caps)
    return worked.select(*LISTING, "target")


def worked_out(
    agent: Agent,
    parts: pl.DataFrame,
    levels: pl.DataFrame,
    kept: pl.DataFrame,
    rule_rows: pl.DataFrame,
    *,
    words: bool,
    caps: pl.DataFrame | None = None,
    given: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """`rules.work_out` over what is known now. `caps`: CAPS, where they are worked out already; `given`: SHARES."""
    store = agent.store
    if caps is None:
        stopped = stops.as_they_stand(store, parts, agent.clock.now()).caps
        caps = undone.capped(stopped, undone.caps(store, parts))
    limits = pl.DataFrame(
        [(name, channel.can.max_quantity) for name, channel in agent.channels.items()],
        schema={"channel": pl.String, "max_quantity": pl.Int64},
        orient="row",
    )
    in_force = store.derived("rules in force", lambda: _effective(store, parts, rule_rows), parts, rule_rows)
    known: rules.Known = {
        "parts": parts,
        "stock": levels,
        "kept": kept,
        # a frozen row goes on from what was accepted: its freeze is the plan's business, not the rules'
        "items": store.derived("items, thawed", lambda: _thawed(store)),
        "effective": in_force,
        "channels": channel_settings(agent),
        "limits": limits,
        "caps": caps,
        "shares": shares.in_force(store, shares.blind(agent)) if given is None else given,
        "today": agent.clock.now().astimezone().date(),
    }
    if (in_force["last_units"] == "auto").any():
        known["sold"], known["delays"] = _automatic(agent, parts)
    return store.derived("targets", lambda: rules.work_out(words=words, **known), words, *known.items())


def _effective(store: Store, parts: pl.DataFrame, rule_rows: pl.DataFrame) -> pl.DataFrame:
    linked = parts.select(*LISTING, "sku").unique(LISTING, keep="first", maintain_order=True)
    return rules.effective(linked, rule_rows, store.table("tag"))


def _thawed(store: Store) -> pl.DataFrame:
    return store.table("item").select(list(ITEMS)).with_columns(frozen=pl.lit(None, pl.String))


def _automatic(agent: Agent, parts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What *Last units* auto rests on (rules.Known): how fast items sell now (`sold`), and how long it takes until a
    sale is known everywhere (`delays`)."""
    now = agent.clock.now()
    since = {name: now - timedelta(seconds=seconds) for name, seconds in last_units.WINDOWS.items()}
    recent = agent.store.table("order_line").filter(pl.col("sale_at") >= min(since.values()))
    sales = lines.sold(recent, parts).filter(pl.col("kind") == "sale")
    units = ((-pl.col("change").filter(pl.col("at") >= start).sum()).alias(name) for name, start in since.items())
    delays = [(name, *lags.until_known(agent, name)) for name in agent.channels]
    return sales.group_by("part").agg(units), pl.DataFrame(delays, schema=last_units.DELAYS, orient="row")
