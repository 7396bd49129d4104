"""Time that did not pass as it should: a computer's clock that is set back (I19).

A jump ahead, or a sleep, needs nothing: everything is due, and what was read before is old. A clock that is set back
would make old reads look new, and new ones older than those before them; so whatever is kept with a time that has not
come yet is taken to have been just now, and when orders were last read as not known. What the workbook said, and since
when, is set right instead, by the time that the shops' answers had meanwhile: a count taken to be of just now would
swallow what has shipped since.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from agent.frames import TIME
from agent.state import Agent

NOTICED = timedelta(seconds=30)
OUR_TIMES = {
    "channel": ("full_at", "problem_since", "next_try"),
    "cell": ("seen_at", "answered_at", "drifted_at"),
    "push": ("sent_at", "finished_at"),
    "order_line": ("seen_at", "open_at"),
    "missing": ("booked_at",),
}
"""Table -> its columns in this computer's time that are compared with now."""
SHEET_TIMES = {
    "level": ("opened_at",),
    "stocked": ("held_at",),
    "edit": ("window_from", "saved_at"),
    "stock_count": ("begin", "end"),
    "link": ("linked_at",),
}
"""Table -> its columns in this computer's time that are compared with when units were marked shipped."""


def notice(agent: Agent) -> bool:
    """Mend what a clock that was set back has made wrong. True where it was."""
    now = agent.clock.now()
    if not _ahead_of(agent, now + NOTICED):
        return False
    agent.due.clear()
    agent.told_at = None
    ahead = _was_ahead(agent, now)
    with agent.store.transaction():
        for table, columns in SHEET_TIMES.items():
            _bring_back(agent, table, columns, now, ahead)
        if (revision := _revision_at(agent)) and revision > now:
            agent.store.set_meta(revision_at=min(now, revision - ahead).isoformat())
        for table, columns in OUR_TIMES.items():
            _bring_back(agent, table, columns, now)
        channels = agent.store.table("channel").filter(pl.col("orders_ok_at") > now)
        agent.store.put("channel", channels.with_columns(pl.lit(None, TIME).alias("orders_ok_at")))
    return True


def _ahead_of(agent: Agent, moment: datetime) -> bool:
    """Something is kept with a time after this moment. The clock may be set back in the middle of a look: then some of
    what is kept is of the new time already."""
    past = {**OUR_TIMES, "channel": ("orders_ok_at", "full_at", "problem_since")}
    newest = (agent.store.table(table)[column].max() for table, columns in past.items() for column in columns)
    return any(isinstance(at, datetime) and at > moment for at in (*newest, _revision_at(agent)))


def _revision_at(agent: Agent) -> datetime | None:
    at = agent.store.meta("revision_at")
    return datetime.fromisoformat(str(at)) if at else None


def _was_ahead(agent: Agent, now: datetime) -> timedelta:
    """How far this computer's clock was ahead of the shops' when they were last heard with it; nothing, if they were
    not."""
    heard = agent.store.table("cell").filter((pl.col("seen_at") > now) & pl.col("read_at").is_not_null())
    ahead = heard.select((pl.col("seen_at") - pl.col("read_at")).sort_by("seen_at").last()).item()
    return ahead if isinstance(ahead, timedelta) else timedelta()


def _bring_back(agent: Agent, table: str, columns: tuple[str, ...], now: datetime, by: timedelta = timedelta()) -> None:
    rows = agent.store.table(table)
    late = rows.filter(pl.any_horizontal(pl.col(column) > now for column in columns))
    right = [
        pl.when(pl.col(column) > now)
        .then(pl.min_horizontal(pl.col(column) - pl.lit(by), pl.lit(now, TIME)))
        .otherwise(column)
        .alias(column)
        for column in columns
    ]
    agent.store.put(table, late.with_columns(right))
