"""Each six hours a look back over two days of orders: the proof that none was lost (reliability.md 4.4).

Whatever it finds is taken in, and reported: an order that the regular reads had passed is an incident.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from agent.core import sweep
from agent.frames import TIME
from agent.looking import lags
from agent.looking.channel_rows import channel_row, set_channel
from agent.looking.orders import OVERLAP, note_gone, take_lines, with_frame
from agent.state import Agent

EVERY = timedelta(hours=6)
BACK = timedelta(hours=48)
MARGIN = timedelta(minutes=5)
"""An order that changed so near the edge of the look back may be on either side of it."""
TOLD = timedelta(days=7)
"""A find stands in Attention for this long."""


def due(agent: Agent, name: str) -> bool:
    """Whether it is time; a clock that was set back makes it time."""
    at = channel_row(agent.store, name).get("swept_at")
    return isinstance(at, datetime) and not timedelta() <= agent.clock.now() - at < EVERY


async def run(agent: Agent, name: str) -> None:
    """Look back, in the audit lane. What it should have shown and did not is asked for by its number. Raises
    ChannelOut: then it is tried again with the next look."""
    channel, store = agent.channels[name], agent.store
    row = channel_row(store, name)
    cursor, since = row["orders_cursor"], row.get("orders_from") or row["orders_cursor"]
    assert isinstance(cursor, datetime) and isinstance(since, datetime)
    back = cursor - BACK
    read = await channel.orders(back, lane="audit")
    lost = sweep.not_shown(store.table("order_line"), read.frame, name, back + MARGIN)
    lost = [order for order in lost if order not in (*read.partial, *read.emptied)]
    asked = await channel.orders(agent.server_now(name), also=lost, lane="audit") if lost else None
    now = agent.clock.now()
    with store.transaction():
        known = store.table("order_line")
        overlap = max(OVERLAP, timedelta(seconds=3 * lags.lag_of(agent, name)))
        found = sweep.finds(known, read.frame, cursor - overlap, since)
        kept = found.with_columns(
            pl.lit(now, TIME).alias("found_at"),
            pl.lit(int(overlap.total_seconds()), pl.Int64).alias("at_least"),
            (pl.lit(read.began, TIME) - pl.col("made_at")).dt.total_seconds().alias("at_most"),
        )
        store.put("late_find", kept)
        take_lines(store, with_frame(read, sweep.of_ours(known, read.frame, since)), now, name)
        if asked is not None:
            take_lines(store, asked, now, name)
            note_gone(store, name, asked.gone, now)
        set_channel(store, name, swept_at=now, orders_from=since)


def finds(agent: Agent) -> pl.DataFrame:
    """Finds of late, as the store has them."""
    return agent.store.table("late_find").filter(pl.col("found_at") > agent.clock.now() - TOLD)
