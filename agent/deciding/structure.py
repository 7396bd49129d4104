"""Which listing sells which item: matched, kept by the channel's own ids. It changes seldom: it is kept in memory."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from agent.core import match
from agent.frames import ITEMS, TIME
from agent.state import Agent
from agent.store import Store

CELL = ["channel", "cell"]
LISTING = ["channel", "listing"]
MOVING = ("quantity", "modified_at")
"""What of a listing moves all the time, and says nothing of what it is."""


@dataclass(frozen=True)
class Structure:
    """Which listing sells which item."""

    matched: match.Matched
    parts: pl.DataFrame
    """LISTING_PARTS with `linked_at`: bundles taken apart."""


def structure(agent: Agent) -> Structure:
    """Match all present listings; keep new links in the store. Cached until something that it looks at changes."""
    store = agent.store
    names = ("listing", "item", "part", "alias", "decision", "setting")
    versions = (tuple(store.version(n) for n in names), agent.sheet.serial if agent.sheet else 0)
    cached = agent.cache.get("structure")
    if cached and cached[0] == versions:
        assert isinstance(cached[1], Structure)
        return cached[1]
    listings = store.table("listing").filter(pl.col("absent") < 2).drop(*MOVING, "first_seen", "absent").sort(LISTING)
    learned, matches = store.table("link"), agent.matches()
    matched = store.derived("matched", lambda: _matched(store, listings, matches), listings, matches)
    with store.transaction():
        _keep_links(agent, matched.links, learned, listings)
    made = Structure(matched, link_parts(store))
    agent.cache["structure"] = (versions, made)
    return made


def _matched(store: Store, listings: pl.DataFrame, matches: pl.DataFrame) -> match.Matched:
    return match.match(
        listings=listings,
        items=store.table("item").select(list(ITEMS)),
        aliases=store.table("alias"),
        matches=matches,
        channels=store.table("setting"),
        decisions=store.table("decision").sort("at").with_columns(how=pl.lit("decision")),
        learned=store.table("link").select("channel", "listing", "sku", "units", "how"),
    )


def channel_settings(agent: Agent) -> pl.DataFrame:
    """CHANNELS in force."""
    return agent.store.table("setting")


def _keep_links(agent: Agent, links: pl.DataFrame, learned: pl.DataFrame, listings: pl.DataFrame) -> None:
    """New and changed links are kept; a link of a listing that is there, and matched otherwise now, goes."""
    store, now = agent.store, agent.clock.now()
    key = [*LISTING, "sku", "units"]
    gone = learned.join(listings, on=LISTING, how="semi").join(links, on=key, how="anti")
    store.delete("link", gone.select(*LISTING, "sku"))
    new = links.join(learned, on=key, how="anti")
    live = channel_settings(agent).filter("new_matches_live")["channel"].to_list()
    open_channels = store.table("channel").filter(pl.col("live"))["channel"].to_list()
    by_itself = pl.col("channel").is_in(live) & pl.col("channel").is_in(open_channels) & (pl.col("how") == "exact")
    store.put(
        "link",
        new.select(*LISTING, "sku", "units", "how").with_columns(linked_at=pl.lit(now, TIME), live=by_itself),
    )


def set_once(store: Store) -> list[str]:
    """The channels whose *New listings* is `set once`."""
    return store.derived("set once", lambda: _set_once(store.table("setting")))


def _set_once(settings: pl.DataFrame) -> list[str]:
    return settings.filter(pl.col("new_listings") == "set once")["channel"].to_list()


def set_once_done(store: Store) -> pl.DataFrame:
    """`channel, listing`: had their quantity since they were linked, and keep what the shop says from then on."""
    return store.derived("set once, done", lambda: _set_once_done(store))


def _set_once_done(store: Store) -> pl.DataFrame:
    done = store.table("once").filter(pl.col("channel").is_in(set_once(store)))
    since = store.table("link").group_by(LISTING).agg(pl.col("linked_at").max())
    return done.join(since, on=LISTING).filter(pl.col("at") >= pl.col("linked_at")).select(LISTING)


def link_parts(store: Store) -> pl.DataFrame:
    """LISTING_PARTS with `linked_at`: what the kept links take, bundles taken apart."""
    return store.derived("link parts", lambda: _link_parts(store))


def _link_parts(store: Store) -> pl.DataFrame:
    links = store.table("link")
    since = links.group_by(LISTING).agg(pl.col("linked_at").max())
    parts = match.explode(links.select("channel", "listing", "sku", "units", "how"), store.table("part"))
    return parts.join(since, on=LISTING, how="left")


def cell_parts(store: Store, parts: pl.DataFrame) -> pl.DataFrame:
    """`channel, cell, part, units`: what one unit of a stock cell takes (listings that share a cell count once)."""
    return store.derived("cell parts", lambda: _cell_parts(store, parts), parts)


def _cell_parts(store: Store, parts: pl.DataFrame) -> pl.DataFrame:
    cells = store.table("listing").select("channel", "listing", "cell")
    rows = parts.join(cells, on=LISTING)
    return rows.unique([*CELL, "part"], keep="first", maintain_order=True).select(*CELL, "part", "units")
