"""Learned delays in the store: measured at each read and push, told in Channel Status, used where a delay matters."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from math import ceil

import polars as pl

from agent.channels.base import OrdersRead
from agent.core import lags
from agent.core.lags import HIDDEN, PUSHED, SEEN
from agent.core.lines import KEY, ours
from agent.state import Agent
from agent.store import Store

Reckon = Callable[[Sequence[float], float, float], float]
MOST = 600.0
"""Seconds: a delay that is reckoned with is never longer (beyond what the platform declares)."""


def lag_of(agent: Agent, name: str) -> float:
    """Seconds until a new order of this channel can be read: declared, or measured if that is longer."""
    return _kept(agent, name, HIDDEN, lags.in_use, agent.channels[name].can.lag)


def _kept(agent: Agent, name: str, kind: str, reckon: Reckon, declared: float) -> float:
    """What these samples say, reckoned once until a sample is added."""
    version = agent.store.version("lag")
    cached = agent.cache.get("lags")
    known = cached[1] if cached and cached[0] == version else {}
    assert isinstance(known, dict)
    if (name, kind) not in known:
        known[name, kind] = reckon(samples(agent.store, name, kind), declared, MOST)
        agent.cache["lags"] = (version, known)
    return float(known[name, kind])


def until_known(agent: Agent, name: str) -> tuple[int, int]:
    """(seconds until a sale on this channel is known here, seconds until a lower quantity stands on it): slow ones, in
    steps of five, so that nothing hangs on a tenth of a second."""
    can = agent.channels[name].can
    declared = can.apply_limit if can.applies == "later" else 1.0
    shown = _kept(agent, name, PUSHED, lags.measured, declared)
    return _in_fives(lag_of(agent, name) + agent.poll_of(name)), _in_fives(shown)


def _in_fives(seconds: float) -> int:
    return 5 * ceil(seconds / 5)


def samples(store: Store, name: str, kind: str) -> list[float]:
    """The last measured delays, in seconds, newest last."""
    rows = store.table("lag").filter((pl.col("channel") == name) & (pl.col("kind") == kind))
    return list(json.loads(rows["samples"][0])) if rows.height else []


def note_orders(store: Store, name: str, read: OrdersRead, before: datetime) -> None:
    """Measure the orders that this read shows for the first time. Within a transaction, before they are kept."""
    if read.frame.is_empty():
        return
    since = next(iter(store.table("channel").filter(pl.col("channel") == name)["orders_from"]), None)
    new = ours(read.frame).filter(pl.col("sale_at").is_not_null() & (pl.col("sale_at") > (since or before)))
    if new.is_empty():
        return
    fresh = new.join(store.table("order_line"), on=KEY[:2], how="anti")
    if fresh.height:
        seen, hidden = lags.orders(fresh, before, read.began)
        _keep(store, name, SEEN, seen)
        _keep(store, name, HIDDEN, hidden)


def note_push(store: Store, name: str, seconds: float) -> None:
    """One push was confirmed so long after it was sent. Within a transaction."""
    _keep(store, name, PUSHED, [seconds])


def _keep(store: Store, name: str, kind: str, new: Sequence[float]) -> None:
    rolled = lags.rolled(samples(store, name, kind), new)
    row = {"channel": [name], "kind": [kind], "samples": [json.dumps(rolled)]}
    store.put("lag", pl.DataFrame(row))


def told(store: Store, name: str, kind: str) -> str | None:
    """A delay as people read it: `4 s, slow ones 12 s`."""
    found = lags.typical(samples(store, name, kind))
    if found is None:
        return None
    middle, slow = (duration(each) for each in found)
    return middle if middle == slow else f"{middle}, slow ones {slow}"


def duration(seconds: float) -> str:
    """A time span in one unit: `4.2 s`, `12 min`, `3 h`."""
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
