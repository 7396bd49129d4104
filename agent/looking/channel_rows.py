"""What is known of a channel as a whole: how it stands, when it is looked at next, what could not be understood."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from agent.channels.base import ChannelOut
from agent.state import Agent
from agent.store import Store

REMARK = timedelta(hours=24)
"""A remark that no read repeats fades within this time."""


def channel_row(store: Store, name: str) -> dict[str, object]:
    """What is known of a channel, as a dict; empty when nothing is."""
    rows = store.derived("channels", lambda: {row["channel"]: row for row in store.table("channel").to_dicts()})
    return rows.get(name, {})


def set_channel(store: Store, name: str, **values: object) -> None:
    """Keep something about a channel."""
    if values:
        known = channel_row(store, name) or {"channel": name, "live": False, "failures": 0}
        schema = dict(store.table("channel").schema)
        store.put("channel", pl.DataFrame([{**dict.fromkeys(schema), **known, **values}], schema=schema))


def record_trouble(agent: Agent, name: str, out: ChannelOut) -> None:
    """The channel is out: say so, and try once again later, with back-off."""
    now, known = agent.clock.now(), channel_row(agent.store, name)
    failures = int(str(known.get("failures") or 0)) + 1
    if out.kind == "access":
        agent.verified.pop(name, None)  # whoever answers there next is looked at first
    wait = out.retry_after or min(600.0, agent.poll_of(name) * 2 ** min(failures - 1, 8))
    with agent.store.transaction():
        set_channel(
            agent.store,
            name,
            problem_kind=out.kind,
            problem_what=out.what,
            problem_fix=out.fix,
            problem_since=known.get("problem_since") or now,
            failures=failures,
            next_try=now + timedelta(seconds=wait),
        )
    agent.due[name] = now + timedelta(seconds=wait)


def record_well(agent: Agent, name: str) -> None:
    """The channel answers: what was wrong with it is over."""
    now = agent.clock.now()
    agent.due[name] = now + timedelta(seconds=agent.poll_of(name))
    if channel_row(agent.store, name).get("problem_kind") is not None:
        with agent.store.transaction():
            none = dict.fromkeys(("problem_kind", "problem_what", "problem_fix", "problem_since", "next_try"))
            set_channel(agent.store, name, failures=0, **none)


def remark(agent: Agent, name: str, sentences: Sequence[str]) -> None:
    """Keep what could not be understood for as long as reads go on saying it; an old remark fades within a day."""
    now = agent.clock.now()
    known = {told: at for told, at in agent.remarks.get(name, {}).items() if now - at < REMARK}
    agent.remarks[name] = known | dict.fromkeys(sentences, now)
