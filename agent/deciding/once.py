"""*New listings: set once* in Channels: a listing gets its quantity one time only, then it is the seller's (S4-9)."""

from __future__ import annotations

import polars as pl

from agent.deciding.decide import Decision
from agent.deciding.structure import set_once
from agent.frames import TIME
from agent.state import Agent

SHOWS_IT = ("in_sync", "sent_equal")


def note(agent: Agent, decision: Decision) -> bool:
    """Remember which listings of such shops show their quantity now. True when there were new ones."""
    names = set_once(agent.store)
    if not names:
        return False
    shown = decision.plan.filter(pl.col("channel").is_in(names) & pl.col("reason").is_in(SHOWS_IT))
    rows = decision.targets.join(shown.select("channel", "cell"), on=["channel", "cell"], how="semi")
    had = rows.filter(pl.col("parked").is_null()).select("channel", "listing")
    with agent.store.transaction():
        agent.store.put("once", had.with_columns(at=pl.lit(agent.clock.now(), TIME)))
    return had.height > 0
