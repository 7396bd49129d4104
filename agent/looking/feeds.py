"""Suppliers' feeds: lists of what they have, read in their own time, and what they mean for our items.

A feed is named in the settings file ([feeds.NAME], a path or an https address; never in a cell, R16) and pointed to by
the column *Feed* of Item Master. Its figure is the item's OnHand as of the list's own time: what we ship after that is
taken off by the ledger, what is sold and not shipped is Allocated (DESIGN section 5, *Feeds*; S1-13). A list that is
too old, empty, unreadable or without the item never raises anything, and is never a zero: such items are frozen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from agent.asking import questions
from agent.core import feed
from agent.deciding import ledger
from agent.frames import ALIASES, TIME, Schema, frame
from agent.looking.seams import FeedOut
from agent.state import Agent
from agent.store import Store

QUESTION = "feed_swing"
CODES = ("feed_unknown", "feed_unread", "feed_old", "feed_held", "not_in_feed", "feed_taken_away")
"""Why an item that has a feed is lowered only."""


# --- looking ----------------------------------------------------------------------------------------------------------


def jobs(agent: Agent) -> dict[str, Coroutine[Any, Any, None]]:
    """A look at each feed that is due and not being looked at."""
    now, busy = agent.clock.now(), set(agent.behind.values())
    due = [name for name in agent.feeds if agent.due.get(_job(name), now) <= now and _job(name) not in busy]
    return {_job(name): look(agent, name) for name in due}


def _job(name: str) -> str:
    return f"feed:{name}"  # no shop has such a name


async def look(agent: Agent, name: str) -> None:
    """Read a list if it changed, and keep it. Records trouble; never raises FeedOut."""
    store, one = agent.store, agent.feeds[name]
    known, now = row_of(store, name), agent.clock.now()
    agent.due[_job(name)] = now + one.every
    try:
        read = await one.read(str(known["token"]) if known.get("token") else None)
    except FeedOut as out:
        _keep(store, name, known, problem_what=out.what, problem_fix=out.fix)
        return
    if read is None:
        _keep(store, name, known, problem_what=None, problem_fix=None)
        return
    at = min(read.at or now, now)  # a clock that is ahead must not make a list younger than it is
    with store.transaction():
        _keep_rows(store, name, read.figures)
        new = {"at": at, "read_at": now, "token": read.token, "rows": read.figures.height, "unread": read.unread}
        _keep(store, name, known, problem_what=None, problem_fix=None, **new)


def _keep_rows(store: Store, name: str, figures: pl.DataFrame) -> None:
    known = store.table("feed_row")
    kept = known.filter(pl.col("feed") != name)
    rows = figures.with_columns(feed=pl.lit(name)).select(known.columns)
    store.replace("feed_row", pl.concat([kept, rows]))


def row_of(store: Store, name: str) -> dict[str, object]:
    return next((row for row in store.table("feed").iter_rows(named=True) if row["feed"] == name), {})


def _keep(store: Store, name: str, known: Mapping[str, object], **values: object) -> None:
    schema = dict(store.table("feed").schema)
    row = {column: {**known, "feed": name, **values}.get(column) for column in schema}
    if row != known:
        with store.transaction():
            store.put("feed", pl.DataFrame([row], schema=schema))


# --- what a feed means for the items ----------------------------------------------------------------------------------


def take(agent: Agent) -> None:
    """Post what new lists say of our items, as of the lists' own time; ask first where a list swings as a whole.

    Inside the caller's transaction.
    """
    store, now = agent.store, agent.clock.now()
    if not agent.feeds and store.table("fed").is_empty():
        return
    _forget(store)
    figures = said(agent)
    held = [name for name in agent.feeds if _held(agent, name, figures, now)]
    questions.withdraw(store, QUESTION, pl.Series(held, dtype=pl.String), now)
    new = figures.filter(pl.col("figure").is_not_null() & ~pl.col("feed").is_in(held)).join(
        store.table("fed"), on=["sku", "feed", "figure", "at"], how="anti"
    )
    if new.is_empty():
        return
    _post(store, new, now)
    store.put("fed", new.select("sku", "feed", "figure", "at"))


def _post(store: Store, new: pl.DataFrame, now: datetime) -> None:
    """OnHand as of the list's time becomes its figure; what happened after it stays on top."""
    rows = new.join(store.table("level").select("sku", "on_hand"), on="sku", how="left").rename({"at": "saved_at"})
    later = ledger.moved_after(store, rows.select("sku", "saved_at"))
    rows = rows.join(later, on="sku", how="left").with_columns(
        (pl.col("figure") - pl.col("on_hand").fill_null(0) + pl.col("later").fill_null(0)).alias("change"),
        pl.when(pl.col("on_hand").is_null()).then(pl.lit("opening")).otherwise(pl.lit("feed")).alias("kind"),
        pl.format("feed {}: {}", "feed", "figure").alias("cause"),
        pl.col("saved_at").alias("at"),
    )
    entries = rows.filter((pl.col("change") != 0) | (pl.col("kind") == "opening"))
    ledger.post(store, entries.select("at", "sku", "change", "kind", "cause"), now)


def _forget(store: Store) -> None:
    """An item that has a number of its own again, and no feed: what the feed had said is over."""
    fed = store.table("fed")
    own = store.table("item").filter(pl.col("feed").is_null() & pl.col("stocked").is_not_null())
    store.delete("fed", fed.join(own, on="sku", how="semi").select("sku"))


def said(agent: Agent) -> pl.DataFrame:
    """`sku, feed, figure, found, at`: what the lists say of our counted items; kept until something changes."""
    store = agent.store
    if not agent.feeds:
        return frame([], _SAID)
    versions = tuple(store.version(name) for name in ("feed_row", "feed", "item", "alias"))
    cached = agent.cache.get("feeds")
    if cached and cached[0] == versions:
        assert isinstance(cached[1], pl.DataFrame)
        return cached[1]
    items = fed_items(store)
    rows = feed.of_items(store.table("feed_row"), items, store.table("alias").select(list(ALIASES)))
    names = {name.lower(): name for name in agent.feeds}
    times = store.table("feed").select("feed", "at").filter(pl.col("feed").is_in(list(agent.feeds)))
    known = pl.col("feed").str.to_lowercase().replace_strict(names, default=None, return_dtype=pl.String)
    named = rows.with_columns(known.alias("feed"))
    made = named.join(times, on="feed").filter(pl.col("at").is_not_null())
    agent.cache["feeds"] = (versions, made)
    return made


_SAID: Schema = {"sku": pl.String, "feed": pl.String, "figure": pl.Int64, "found": pl.String, "at": TIME}


def fed_items(store: Store) -> pl.DataFrame:
    """The counted items that have a Feed: a bundle's parts have their own, an untracked item needs none."""
    return store.table("item").filter(pl.col("feed").is_not_null() & pl.col("tracked") & ~pl.col("bundle"))


def _held(agent: Agent, name: str, figures: pl.DataFrame, now: datetime) -> bool:
    """A new list whose figures swing as a whole waits for a yes; what was known before holds, for lowering only."""
    store = agent.store
    before = store.table("fed").filter(pl.col("feed") == name).select("sku", "figure")
    mine = figures.filter(pl.col("feed") == name).select("sku", "figure")
    # an item that left the feed by its own row is no change of the list
    before = before.join(fed_items(store).select("sku"), on="sku", how="semi")
    facts = feed.swing(before, mine)
    if facts is None:
        return False
    causes = f"{name}/{hashlib.sha256(mine.sort('sku').write_csv().encode()).hexdigest()[:16]}"
    if questions.approved(store, QUESTION, name, causes, now):
        return False
    questions.ask(store, QUESTION, name, causes, {"feed": name, **facts}, now)
    return True


# --- what it stops ----------------------------------------------------------------------------------------------------


def freezes(agent: Agent) -> pl.DataFrame:
    """`sku, frozen` (a code): items whose feed cannot be relied on now. They are lowered, never raised."""
    states = {name.lower(): state(agent, name) for name in agent.feeds}
    return agent.store.derived("frozen by feeds", lambda: _freezes(agent, states), states)


def _freezes(agent: Agent, states: Mapping[str, str | None]) -> pl.DataFrame:
    store = agent.store
    items = fed_items(store).select("sku", "feed")
    left = store.table("fed").join(store.table("item").filter(pl.col("feed").is_null()), on="sku", how="semi")
    gone = left.select("sku", pl.lit("feed_taken_away").alias("frozen"))
    if items.is_empty():
        return gone
    codes = {name: code for name, code in states.items() if code}
    key = pl.col("feed").str.to_lowercase()
    here = items.join(said(agent).select("sku", "figure"), on="sku", how="left")
    why = (
        pl.when(~key.is_in(list(states)))
        .then(pl.lit("feed_unknown"))
        .when(key.is_in(list(codes)))
        .then(key.replace_strict(codes, default=None, return_dtype=pl.String))
        .when(pl.col("figure").is_null())
        .then(pl.lit("not_in_feed"))
    )
    return pl.concat([here.select("sku", why.alias("frozen")).filter(pl.col("frozen").is_not_null()), gone])


def state(agent: Agent, name: str) -> str | None:
    """The code why a feed as a whole cannot be relied on; None where it can."""
    row = row_of(agent.store, name)
    at = row.get("at")
    if not isinstance(at, datetime):
        return "feed_unread"
    if agent.clock.now() - at > agent.feeds[name].max_age:
        return "feed_old"
    asked = questions.open_questions(agent.store)
    return "feed_held" if asked.filter((pl.col("kind") == QUESTION) & (pl.col("key") == name)).height else None
