"""Reading a channel's listings: all, or those that changed; and who is gone from a complete read."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from agent.channels.base import Channel, ListingsRead
from agent.frames import LISTINGS, TIME
from agent.looking.channel_rows import channel_row, remark, set_channel
from agent.looking.stock_cells import take_quantities
from agent.state import Agent
from agent.store import Store

CHANGED_OVERLAP = timedelta(seconds=10)
SHORT = 0.8
"""A complete read with less than this share of the last one's listings is taken as incomplete."""


def audit_due(agent: Agent, name: str) -> bool:
    """Whether all listings are to be read again."""
    full_at = channel_row(agent.store, name).get("full_at")
    return not isinstance(full_at, datetime) or agent.clock.now() - full_at >= timedelta(seconds=agent.audit)


async def read_all(agent: Agent, channel: Channel) -> None:
    """Read every listing of a channel."""
    asked = agent.clock.now()
    read = await channel.listings(lane="audit")
    take_listings(agent, channel.name, read, asked, moves_cursor=True)


async def read_changed(agent: Agent, channel: Channel) -> None:
    """Read the listings that changed since the last time."""
    since = channel_row(agent.store, channel.name).get("changed_cursor")
    assert isinstance(since, datetime), "all listings are read before changed ones"
    asked = agent.clock.now()
    read = await channel.listings(since=since - CHANGED_OVERLAP, lane="orders")
    take_listings(agent, channel.name, read, asked, moves_cursor=True)


def take_listings(agent: Agent, name: str, read: ListingsRead, asked: datetime, *, moves_cursor: bool = False) -> None:
    """Keep a read of listings: the listings, what it says of their stock cells, and who is gone."""
    store, now = agent.store, agent.clock.now()
    asked = min(asked, read.as_of or asked)
    remark(agent, name, read.issues)
    with store.transaction():
        if read.frame.height:
            _keep_listings(store, name, read, now)
            take_quantities(agent, name, read, asked)
            _note_set_out(store, name, read)
        _note_inbound(store, name, read, now)
        if read.complete:
            _complete(agent, name, read, now)
        if moves_cursor:
            set_channel(store, name, changed_cursor=read.began)


def _note_set_out(store: Store, name: str, read: ListingsRead) -> None:
    """Missing units that seem to be on the way to the marketplace's own warehouse: what fills it up leaves the seller's
    stock without an order (S3-12)."""
    if not read.set_out:
        return
    waiting = store.table("missing").filter((pl.col("channel") == name) & (pl.col("units") > 0))
    seen = pl.DataFrame(list(read.set_out.items()), schema={"listing": pl.String, "sent": pl.Int64}, orient="row")
    cells = seen.join(read.frame.select("listing", "cell"), on="listing").group_by("cell").agg(pl.col("sent").sum())
    found = waiting.join(cells, on="cell").select("id", pl.min_horizontal("units", "sent").alias("set_out"))
    store.put("missing", found)


def _note_inbound(store: Store, name: str, read: ListingsRead, now: datetime) -> None:
    """More on the way to the marketplace's own warehouse than before: so many units set out (S3-12). What was on the
    way when it was first looked at is history."""
    if not read.inbound:
        return
    seen = pl.DataFrame(list(read.inbound.items()), schema={"listing": pl.String, "units": pl.Int64}, orient="row")
    seen = seen.with_columns(channel=pl.lit(name))
    known = store.table("inbound").rename({"units": "before"})
    more = seen.join(known, on=["channel", "listing"]).with_columns(pl.col("units") - pl.col("before"))
    new = more.filter(pl.col("units") > 0).select("channel", "listing", "units", booked_at=pl.lit(now, TIME))
    store.append("transfer", new)
    store.put("inbound", seen)


def _keep_listings(store: Store, name: str, read: ListingsRead, now: datetime) -> None:
    known = store.table("listing")
    mine = known.filter(pl.col("channel") == name)
    rows = read.frame.select(list(LISTINGS)).unique(["channel", "listing"], keep="last", maintain_order=True)
    back = mine.filter(pl.col("absent") > 0).select("channel", "listing")
    changed = rows.join(mine, on=list(LISTINGS), how="anti", nulls_equal=True)
    returned = rows.join(back, on=["channel", "listing"], how="semi")
    touched = pl.concat([changed, returned]).unique(["channel", "listing"], keep="last", maintain_order=True)
    first = touched.join(mine.select("channel", "listing", "first_seen"), on=["channel", "listing"], how="left")
    store.put("listing", first.with_columns(pl.col("first_seen").fill_null(now), absent=pl.lit(0, pl.Int64)))


def _complete(agent: Agent, name: str, read: ListingsRead, now: datetime) -> None:
    """Who is absent from a complete read: gone after two. One much shorter than the last counts as incomplete."""
    store = agent.store
    before = channel_row(store, name).get("full_count")
    again = read.as_of is not None and not _is_another(agent, name, read.as_of)
    if again and isinstance(before, int):
        set_channel(store, name, full_at=now)
        return
    if (
        isinstance(before, int)
        and read.frame.height < before * SHORT
        and not _short_again(agent, name, read.frame.height)
    ):
        set_channel(store, name, full_at=now)
        return
    if isinstance(store.meta(f"short/{name}"), list):
        store.set_meta(**{f"short/{name}": None})
    mine = store.table("listing").filter(pl.col("channel") == name)
    absent = mine.join(read.frame.select("channel", "listing"), on=["channel", "listing"], how="anti")
    store.put("listing", absent.with_columns((pl.col("absent") + 1).alias("absent")))
    set_channel(store, name, full_at=now, full_count=read.frame.height)


def _is_another(agent: Agent, name: str, as_of: datetime) -> bool:
    """A list that was made earlier, read again, is no second witness of what it lacks."""
    key, at = f"list/{name}", as_of.isoformat()
    known = agent.store.meta(key)
    agent.store.set_meta(**{key: at})
    return known != at


def too_short(agent: Agent, name: str) -> tuple[int, int] | None:
    """(listings in the last complete read, in the one before) while the last one is not believed."""
    last, before = agent.store.meta(f"short/{name}"), channel_row(agent.store, name).get("full_count")
    return (last[0], before) if isinstance(last, list) and isinstance(before, int) else None


def _short_again(agent: Agent, name: str, height: int) -> bool:
    """A short read is believed once three in a row agree on it."""
    key = f"short/{name}"
    last = agent.store.meta(key) or [0, 0]
    assert isinstance(last, list)
    times = last[1] + 1 if last[0] == height else 1
    agent.store.set_meta(**{key: [height, times]})
    return bool(times >= 3)
