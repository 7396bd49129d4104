"""What is odd about links, offered once as a note: answered `fine`, it is not said again (S0-25, S2-27).

Two items on one listing without units; titles that have nothing in common; items in stock that no shop sells.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from agent.asking import questions
from agent.core import reverse
from agent.deciding.decide import Decision
from agent.state import Agent
from agent.store import Store
from agent.words import in_words

LISTING = ["channel", "listing"]
AT_ONCE = 20_000
"""Titles compared in one look: the rest follows in the next ones."""
SETTLED = timedelta(hours=24)
"""An item that was entered lately may get its listing yet."""


def ask(agent: Agent, decision: Decision, now: datetime) -> None:
    """Keep these notes in step with what stands. Looked at anew only when that changed, and each hour."""
    store = agent.store
    tables = tuple(store.version(name) for name in ("link", "item", "part", "fine", "level", "question"))
    there = store.table("listing")["absent"].sum(), store.table("channel")["live"].sum()
    seen = (tables, there, int(now.timestamp()) // 3600)
    cached = agent.cache.get("links_asked")
    if cached and cached[0] == seen:
        return
    _two_items(agent, decision, now)
    _unlike_titles(agent, now)
    _not_listed(agent, now)
    if agent.cache["alike"][0] is not None:  # else there are links left to compare
        agent.cache["links_asked"] = (seen, None)


def _two_items(agent: Agent, decision: Decision, now: datetime) -> None:
    links = decision.structure.matched.links
    found = agent.store.derived("two items", lambda: reverse.two_items(links), links)
    if found.is_empty():
        _note(agent, "two_items", found.with_columns(key=pl.lit(""), example=pl.lit("")), now)
        return
    found = found.join(agent.store.table("listing").filter(pl.col("absent") < 2), on=LISTING)
    key = pl.concat_str("channel", "listing", "items", separator="|")
    open_ones = questions.not_fine(agent.store, "two_items", found, key).with_columns(key=key)
    examples = open_ones.select(pl.concat_str(pl.coalesce("title", "listing"), pl.lit(" = "), "items")).to_series()
    _note(agent, "two_items", open_ones.with_columns(example=examples), now)


def _unlike_titles(agent: Agent, now: datetime) -> None:
    alike = _alike(agent)
    odd = reverse.unlike(alike)
    key = pl.concat_str("channel", "listing", "sku", separator="|")
    open_ones = questions.not_fine(agent.store, "unlike_titles", odd, key).with_columns(key=key)
    if open_ones.height:
        listings = agent.store.table("listing").select(*LISTING, pl.col("title").alias("there"))
        items = agent.store.table("item").select("sku", "title")
        open_ones = open_ones.join(listings, on=LISTING, maintain_order="left").join(
            items, on="sku", maintain_order="left"
        )
        example = pl.format(in_words("asking_links.linked", there="{}", sku="{}", title="{}"), "there", "sku", "title")
        open_ones = open_ones.with_columns(example=example)
    _note(agent, "unlike_titles", open_ones, now)


def _note(agent: Agent, kind: str, rows: pl.DataFrame, now: datetime) -> None:
    """A row a channel. `rows`: channel, key, example."""
    standing = [key for each, key in questions.asked_about(agent.store) if each == kind]
    for name in sorted({*standing, *rows["channel"].to_list()}):
        mine = rows.filter(pl.col("channel") == name)
        examples = mine["example"].head(3).to_list() if mine.height else []
        facts = {"channel": name, "count": mine.height, "examples": "; ".join(examples)}
        questions.note(agent.store, kind, name, mine["key"].to_list() if mine.height else [], facts, now)


def _alike(agent: Agent) -> pl.DataFrame:
    """`channel, listing, sku, title, alike` of the links that stand (null: their titles tell nothing), kept: only new
    links, and those whose item has another title now, are compared, so many in one look."""
    store = agent.store
    versions = (store.version("link"), store.version("item"))
    cached = agent.cache.get("alike")
    if cached and cached[0] == versions:
        assert isinstance(cached[1], pl.DataFrame)
        return cached[1]
    listings = store.table("listing").filter(pl.col("absent") < 2)
    links = store.table("link").join(listings, on=LISTING, how="semi").select(*LISTING, "sku")
    links = links.join(store.table("item").select("sku", "title"), on="sku", how="left")
    new = links
    known = cached[1] if cached else None
    assert known is None or isinstance(known, pl.DataFrame)
    if known is not None:
        key = [*LISTING, "sku", "title"]
        known = known.join(links, on=key, how="semi", nulls_equal=True)
        new = links.join(known, on=key, how="anti", nulls_equal=True)
    some = new.head(AT_ONCE)
    found = reverse.compared(some, listings, store.table("item"))
    more = some.join(found, on=[*LISTING, "sku"], how="left")
    both = more if known is None else pl.concat([known, more])
    agent.cache["alike"] = (versions if new.height <= AT_ONCE else None, both)
    return both


def _not_listed(agent: Agent, now: datetime) -> None:
    """Items in stock that no shop has a listing of (S0-11: a normal state; S0-25: one would like to know)."""
    store = agent.store
    if not store.table("channel")["live"].any():
        return
    unsold = store.derived("sold nowhere", lambda: _sold_nowhere(store))
    old = store.table("level").filter((pl.col("on_hand") > 0) & (pl.col("opened_at") < now - SETTLED))
    idle = unsold.join(old, on="sku", how="semi").sort("sku")
    idle = questions.not_fine(store, "not_listed", idle, pl.col("sku"))
    skus = idle["sku"].to_list()
    questions.note(store, "not_listed", "all", skus, {"count": len(skus), "skus": skus}, now)


def _sold_nowhere(store: Store) -> pl.DataFrame:
    """`sku` of the tracked, active items of which no shop has a listing."""
    linked = store.table("link").join(store.table("listing").filter(pl.col("absent") < 2), on=LISTING, how="semi")
    sold = pl.concat([linked["sku"], store.table("part").join(linked, on="sku", how="semi")["part"]]).unique()
    items = store.table("item").filter(pl.col("tracked") & pl.col("active") & pl.col("frozen").is_null())
    return items.filter(~pl.col("sku").is_in(sold.implode())).select("sku")
