"""Oversell events: kept once each order line, with the minute and the cause; told in Attention and Movements."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from agent.asking.questions import facts_of
from agent.core import oversell
from agent.core.lines import KEY, ours
from agent.deciding.decide import Decision
from agent.looking import lags
from agent.state import Agent
from agent.store import Store
from agent.words import say

LISTING = ["channel", "listing"]
EVENT = ["sku", *KEY]
LATE, UNREAD, EDIT = "oversold_late", "oversold_unread", "oversold_edit"
SHOP, PROMISED, OURS = "oversold_shop", "oversold_promised", "oversold_agent"


def note(agent: Agent, decision: Decision, now: datetime) -> None:
    """Keep each order above Available, with why it could be sold. Within a transaction."""
    if decision.stock.filter((pl.col("available") < 0) & (pl.col("allocated") > 0)).is_empty():
        return
    store, known = agent.store, agent.store.table("oversell")
    rows = oversell.above(store.table("order_line"), decision.structure.parts, decision.stock)
    fresh = rows.join(known.select(*EVENT, had="units"), on=EVENT, how="left", nulls_equal=True)
    new = fresh.filter(pl.col("units") > pl.col("had").fill_null(0))
    made = [{**row, **_cause(agent, decision, row)} for row in new.iter_rows(named=True)]  # few: only beyond the stock
    if made:
        kept = [{**{name: row[name] for name in (*EVENT, "at", "units", "cause", "facts")}, "learned_at": now}
                for row in made]  # fmt: skip
        store.put("oversell", pl.DataFrame(kept, schema=dict(known.schema)))


def _cause(agent: Agent, decision: Decision, row: dict[str, Any]) -> dict[str, str]:
    """`cause` and `facts` of one line: the first that explains it."""
    name, sku = row["channel"], row["sku"]
    at = row["at"] - agent.skew.get(name, timedelta())  # our time
    short = -int(decision.stock.filter(pl.col("sku") == sku)["available"].item())
    edited = oversell.edited_below(agent.store.table("ledger"), sku, at, short)
    if edited is not None:
        return _named(EDIT, {"sku": sku, "units": edited})
    pushes, mine = _pushes(agent, name, row["listing"])
    late = oversell.unheard(_others(agent, decision, row), pushes, at)
    if late.height:
        worst = late.sort("seen_after", descending=True).row(0, named=True)
        return _of_lag(agent, name, worst)
    plan = decision.targets.filter((pl.col("channel") == name) & (pl.col("listing") == row["listing"]))
    if plan["parked"].drop_nulls().len():
        return _named(SHOP, {"channel": name})
    shown = oversell.shown_then(agent.store.table("order_line"), mine, pushes, at)
    if shown is None or shown < 0:
        return _named(SHOP, {"channel": name})
    promised = decision.worked.filter((pl.col("channel") == name) & (pl.col("listing") == row["listing"]))["minimum"]
    return _named(PROMISED if (promised.drop_nulls() > 0).any() else OURS, {"channel": name})


def _named(cause: str, facts: dict[str, object]) -> dict[str, str]:
    return {"cause": cause, "facts": json.dumps(facts)}


def _of_lag(agent: Agent, name: str, late: dict[str, Any]) -> dict[str, str]:
    """The channel whose order came late, or was not read at all for too long."""
    source, seconds = late["channel"], late["seen_after"]
    limit = 0.0
    if source in agent.channels:
        limit = max(2 * agent.poll_of(source), lags.lag_of(agent, source) + agent.poll_of(source))
    facts = {"from": source, "of": late["order"], "channel": name}
    if seconds > limit + 60:
        return _named(UNREAD, {**facts, "minutes": max(1, round(seconds / 60))})
    arrived = late["arrived_after"]
    return _named(LATE, {**facts, "seconds": arrived if arrived is not None else seconds})


def _others(agent: Agent, decision: Decision, row: dict[str, Any]) -> pl.DataFrame:
    """Earlier orders of the item, in our time: channel, order, made, first_seen."""
    parts = decision.structure.parts.filter(pl.col("part") == row["sku"]).select(LISTING).unique()
    lines = ours(agent.store.table("order_line")).join(parts, on=LISTING, how="semi")
    skew = pl.DataFrame(
        [(name, shift) for name, shift in agent.skew.items()],
        schema={"channel": pl.String, "skew": pl.Duration("us")}, orient="row",
    )  # fmt: skip
    same = (pl.col("channel") == row["channel"]) & (pl.col("order") == row["order"])
    return (
        lines.filter(~same & pl.col("sale_at").is_not_null())
        .join(skew, on="channel", how="left")
        .select(
            "channel", "order", (pl.col("sale_at") - pl.col("skew").fill_null(timedelta())).alias("made"), "first_seen"
        )
    )


def _pushes(agent: Agent, name: str, listing: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pushes that stood at the listing's stock cell (our time), and the listings of that cell."""
    listings = agent.store.table("listing").filter(pl.col("channel") == name)
    cell = listings.filter(pl.col("listing") == listing)["cell"]
    of_cell = pl.col("cell").is_in(cell.implode())
    stood = pl.col("outcome").is_in(["accepted", "landed"])
    rows = agent.store.table("push").filter((pl.col("channel") == name) & of_cell & stood)
    return rows.select("sent_at", "finished_at", "quantity"), listings.filter(of_cell).select(LISTING)


def events(store: Store) -> pl.DataFrame:
    """The events as the store has them, the newest first."""
    return store.table("oversell").sort("learned_at", "at", descending=True)


def last_of(agent: Agent) -> dict[str, dict[str, Any]]:
    """SKU -> its newest event."""
    rows = agent.store.table("oversell").sort("learned_at", "at")
    return {row["sku"]: row for row in rows.iter_rows(named=True)}


def told(found: pl.DataFrame) -> pl.DataFrame:
    """These events with `why`: the sentence of each one's cause."""
    why = [say(cause, facts_of(facts)).what for cause, facts in found.select("cause", "facts").iter_rows()]
    return found.with_columns(pl.Series("why", why, dtype=pl.String))
