"""What is said of suppliers' feeds: rows of Attention and of Channel Status, and what `explain` shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from agent.frames import ISSUES, TIME, Schema, frame
from agent.looking import feeds, lags
from agent.state import Agent
from agent.words import short

OF_ITEMS = ("feed_unknown", "not_in_feed", "feed_taken_away")
"""Codes of one item's freeze; the others are said once, of the whole feed."""
_STANDING: Schema = {
    "Channel": pl.String,
    "Mode": pl.String,
    "Listings": pl.Int64,
    "In sync": pl.String,
    "Listings read": TIME,
    "Trouble": pl.String,
}


def issues(agent: Agent) -> pl.DataFrame:
    """What is the matter with feeds, and with the rows that name one: ISSUES."""
    found = [issue for name in agent.feeds for issue in _of_feed(agent, name)]
    stopped = feeds.freezes(agent).filter(pl.col("frozen").is_in(OF_ITEMS))
    rows = stopped.join(agent.store.table("item").select("sku", "feed"), on="sku")
    for sku, code, name in rows.select("sku", "frozen", "feed").iter_rows():
        found.append(_issue(code, sku, {"feed": name, "sku": sku, "feeds": list(agent.feeds)}))
    found += [_issue("feed_stocked", sku, {"feed": name, "sku": sku}) for sku, name in _typed_over(agent)]
    return frame(found, ISSUES)


def _of_feed(agent: Agent, name: str) -> list[tuple[object, ...]]:
    row = feeds.row_of(agent.store, name)
    at = row.get("at")
    if row.get("problem_what"):
        return [_issue("feed_out", None, {"feed": name, "what": row["problem_what"], "fix": row["problem_fix"]})]
    if isinstance(at, datetime) and feeds.state(agent, name) == "feed_old":
        return [_issue("feed_old", None, {"feed": name, "at": at.isoformat()})]
    return []


def _typed_over(agent: Agent) -> Sequence[tuple[str, str]]:
    """Rows with a Feed and a number in Stocked, which has no effect there."""
    if agent.sheet is None:
        return []
    rows = agent.sheet.checked.items.filter(pl.col("feed").is_not_null() & pl.col("stocked").is_not_null())
    return rows.filter(pl.col("tracked") & ~pl.col("bundle")).select("sku", "feed").rows()


def _issue(code: str, sku: str | None, facts: Mapping[str, object]) -> tuple[object, ...]:
    return (code, "Item Master", None, sku, json.dumps(facts))


def standing(agent: Agent) -> pl.DataFrame:
    """One row a feed for Channel Status: of how many of our items it speaks, when it is of, and its trouble."""
    spoken = feeds.said(agent).filter(pl.col("figure").is_not_null())
    items, found = feeds.fed_items(agent.store), []
    for name in agent.feeds:
        row, code = feeds.row_of(agent.store, name), feeds.state(agent, name)
        mine = items.filter(pl.col("feed").str.to_lowercase() == name.lower()).height
        here = spoken.filter(pl.col("feed") == name).height
        trouble = " ".join(str(row[part]) for part in ("problem_what", "problem_fix") if row.get(part)) or None
        mode = short(code) if code else "feed"
        found.append((f"feed {name}", mode, row.get("rows"), f"{here} of {mine}", row.get("at"), trouble))
    return pl.DataFrame(found, schema=_STANDING, orient="row")


def told(agent: Agent, sku: str) -> pl.DataFrame:
    """`Feed, Says, As of, Age, Read` of one item, for `explain`; no row where it has none (S1-9)."""
    item = agent.store.table("item").filter((pl.col("sku") == sku) & pl.col("feed").is_not_null())
    name = item["feed"][0] if item.height else None
    here = feeds.said(agent).filter(pl.col("sku") == sku)
    row = feeds.row_of(agent.store, next((known for known in agent.feeds if known.lower() == str(name).lower()), ""))
    says = here["figure"][0] if here.height else None
    at = row.get("at")
    age = lags.duration((agent.clock.now() - at).total_seconds()) if isinstance(at, datetime) else None
    schema: Schema = {"Feed": pl.String, "Says": pl.Int64, "As of": TIME, "Age": pl.String, "Read": TIME}
    return frame([(name, says, at, age, row.get("read_at"))] if name else [], schema)
