"""Reading a channel's orders; what was seen goes to the store in the commit that moves the cursor (I16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from agent.channels.base import OrdersRead
from agent.core import lines
from agent.core.lines import KEY
from agent.frames import ORDER_LINES, TIME
from agent.looking import lags, leaving
from agent.looking.channel_rows import channel_row, remark, set_channel
from agent.looking.stock_cells import clear_missing
from agent.state import Agent
from agent.store import Store

OVERLAP = timedelta(minutes=5)
"""Orders are read again from this long before the cursor: late ones are found, doubles change nothing."""
UNSEEN = timedelta(hours=24)
"""Open lines not seen for this long are asked again by id."""
SEEN_EACH = timedelta(hours=1)
"""How often it is written down that an unchanged line was read again."""


async def read_orders(agent: Agent, name: str) -> None:
    """Read changed orders (the first time: every open line) and keep them with the cursor, in one commit."""
    channel, store = agent.channels[name], agent.store
    cursor = channel_row(store, name).get("orders_cursor")
    assert cursor is None or isinstance(cursor, datetime)
    asked = agent.clock.now()
    since = cursor - max(OVERLAP, timedelta(seconds=3 * lags.lag_of(agent, name))) if cursor else None
    read = await channel.orders(since, also=_unseen(agent, name))
    if read.as_of is None:
        agent.skew[name] = read.began - asked
    known_at = min(asked, read.as_of or asked)  # a list that was made earlier is as old as it is
    remark(agent, name, read.issues)
    with store.transaction():
        if cursor is None:
            leaving.rejoin(store, name, read.frame, agent.clock.now())
            set_channel(store, name, orders_from=read.began, swept_at=agent.clock.now())
        else:
            lags.note_orders(store, name, read, cursor)
        take_lines(store, read, agent.clock.now(), name)
        note_gone(store, name, read.gone, agent.clock.now())
        newest = max(cursor, read.began) if cursor else read.began
        set_channel(store, name, orders_cursor=newest, orders_ok_at=known_at)


def with_frame(read: OrdersRead, frame: pl.DataFrame) -> OrdersRead:
    """The same read with fewer lines; nothing is said of the orders that it lacks."""
    return replace(read, frame=frame)


def take_lines(store: Store, read: OrdersRead, now: datetime, name: str | None = None) -> None:
    """Join what was read with what was known, and let late sales clear the missing units that they explain."""
    if read.frame.is_empty() and not read.emptied:
        return
    known = store.table("order_line")
    taken_out = lines.left_out(known, read.frame, read.partial)
    emptied = [_emptied(known, read, name)] if read.emptied else []
    seen = pl.concat([read.frame, taken_out, *emptied])
    if seen.is_empty():
        return
    before = known.select(*KEY, "first_seen", known_seen="seen_at", was_gone=pl.col("gone_at").is_not_null())
    joined = lines.join(known, seen).join(before, on=KEY, how="left", nulls_equal=True)
    recent = (pl.col("known_seen") > now - SEEN_EACH) & ~pl.col("was_gone")
    same = joined.filter(recent).join(known, on=list(lines.STORED), how="semi", nulls_equal=True).select(KEY)
    fresh = joined.join(same, on=KEY, how="anti", nulls_equal=True).drop("known_seen", "was_gone")
    store.put(
        "order_line",
        fresh.with_columns(pl.col("first_seen").fill_null(now), seen_at=pl.lit(now, TIME), gone_at=pl.lit(None, TIME)),
    )
    clear_missing(store, joined)


def _emptied(known: pl.DataFrame, read: OrdersRead, name: str | None) -> pl.DataFrame:
    """The open lines of orders that have no line at all any more."""
    emptied = (pl.col("channel") == (name or "")) & pl.col("order").is_in(list(read.emptied)) & (pl.col("open") > 0)
    updated = pl.max_horizontal("updated_at", pl.lit(read.began, TIME))
    none = known.filter(emptied).with_columns(open=pl.lit(0, pl.Int64), holds=pl.lit(value=False), updated_at=updated)
    return none.select(list(ORDER_LINES))


def note_gone(store: Store, name: str, orders: Sequence[str], now: datetime) -> None:
    """Orders that the channel no longer has: their open lines stay Allocated, and a person is asked."""
    if orders:
        lost = (pl.col("channel") == name) & pl.col("order").is_in(list(orders)) & (pl.col("open") > 0)
        rows = store.table("order_line").filter(lost)
        since = pl.col("gone_at").fill_null(now)
        store.put("order_line", rows.select(*KEY, since.alias("gone_at"), asked_at=pl.lit(now, TIME)))


def _unseen(agent: Agent, name: str) -> list[str]:
    """Orders with open lines that no read has shown for a day."""
    limit = agent.clock.now() - UNSEEN
    rows = agent.store.derived(f"open orders of {name}", lambda: _open_orders(agent.store, name))
    return sorted(rows.filter(pl.col("last") < limit)["order"].unique().to_list()) if rows.height else []


def _open_orders(store: Store, name: str) -> pl.DataFrame:
    """`order, last`: the open lines of a channel, with when each was last seen or asked for."""
    rows = store.table("order_line").filter((pl.col("channel") == name) & (pl.col("open") > 0))
    return rows.select("order", pl.max_horizontal("seen_at", "asked_at").alias("last"))
