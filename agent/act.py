"""Acting: fresh reads, and pushes with their intent committed before the first byte and the result after (I5)."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from agent.channels.base import Channel, ChannelOut, Lane
from agent.channels.pushing import Handed, Later
from agent.deciding.causes import with_causes
from agent.deciding.cells import SLEPT
from agent.deciding.decide import Decision, basis
from agent.frames import RESULTS, TIME
from agent.looking import lags, look
from agent.looking.channel_rows import record_trouble
from agent.looking.stock_cells import uncertain
from agent.state import Agent
from agent.words import in_words, typed

log = logging.getLogger(__name__)

CELL = ["channel", "cell"]


JUST_BEFORE = 0.5
"""Seconds between the end of a fresh read and the end of its job, at the most."""
FRESH_FOR = 5.0
"""Seconds for which a fresh read that ended when no cycle waited for it is fresh for the next one."""


def forget_what_is_old(agent: Agent) -> None:
    """A cycle begins: what earlier ones read afresh counts no more, but for what has only just arrived."""
    since = agent.clock.monotonic() - FRESH_FOR
    late = {name: max(since, ended - JUST_BEFORE) for name, ended in agent.came_late.items()}
    agent.fresh = {key: when for key, when in agent.fresh.items() if when[0] >= late.get(key[0], math.inf)}
    agent.came_late.clear()


async def read_afresh(agent: Agent, plan: pl.DataFrame) -> bool:
    """Read what the plan wants read, channels side by side. True when something was tried.

    A channel that is being looked at is left to finish; its raises wait.
    """
    if not (plan["action"] == "read").any():
        return False
    wanted = plan.filter((pl.col("action") == "read") & ~pl.col("channel").is_in(list(agent.looking)))
    reads = {
        str(name): look.look_afresh(agent, str(name), sorted(rows["listing"].to_list()))
        for (name,), rows in wanted.group_by("channel", maintain_order=True)
    }
    await within(agent, reads)
    return bool(reads)


async def push(agent: Agent, decision: Decision, action: Lane, cause: str | None = None) -> bool:
    """Push the plan's rows of one action (`lower` or `raise`), channels side by side. True when something was sent.
    `cause`: why, where it is none of the usual causes.

    A slow channel goes on in the background: its rows are in flight for the next plans. To one whose orders are being
    caught up with nothing is sent: by what it showed long ago a lowering could raise what it has sold down to since.
    """
    if not (decision.plan["action"] == action).any():
        return False
    planned = decision.plan.filter(pl.col("action") == action)
    waiting = pl.col("channel").is_in(list(agent.catching_up))
    agent.withheld.update(planned.filter(waiting)["channel"].to_list())
    rows = _not_yet_sent(agent, planned.filter(~waiting))
    if rows.is_empty():
        return False
    rows = with_causes(agent, rows)
    rows = rows if cause is None else rows.with_columns(cause=pl.lit(cause))
    rows = rows.with_columns(run=pl.lit(_run(agent), pl.Int64))
    newest = _last_push(agent)
    jobs = {
        str(name): _push_channel(agent, str(name), group, action, (newest, decision.basis, decision.at))
        for (name,), group in rows.group_by("channel", maintain_order=True)
    }
    await within(agent, jobs)
    return bool(jobs)


def note_basis(agent: Agent, decision: Decision) -> None:
    """Listings that were right before anything was sent: what that rests on is kept, so that the first push to them can
    say its cause, too."""
    if not decision.plan["basis_rules"].null_count():
        return
    right = (pl.col("action") == "keep") & pl.col("answered").is_null() & pl.col("basis_rules").is_null()
    rows = decision.plan.filter(right)
    if rows.height:
        with agent.store.transaction():
            agent.store.put("cell", with_causes(agent, rows).select(*CELL, "basis_edit", "basis_rules"))


def _run(agent: Agent) -> int:
    """The number of this cycle's run, by which a person can undo it; a new one where the cycle has sent nothing."""
    if agent.run is None:
        agent.run = int(str(agent.store.meta("run", 0))) + 1
        with agent.store.transaction():
            agent.store.set_meta(run=agent.run)
    return agent.run


def _not_yet_sent(agent: Agent, rows: pl.DataFrame) -> pl.DataFrame:
    """Without what this cycle has sent already: a value without an answer waits for the next look."""
    if not agent.sent_now or rows.is_empty():
        return rows
    sent = pl.DataFrame(
        list(agent.sent_now), schema={"channel": pl.String, "cell": pl.String, "to": pl.Int64}, orient="row"
    )
    return rows.join(sent, on=["channel", "cell", "to"], how="anti")


async def within(agent: Agent, jobs: Mapping[str, Coroutine[Any, Any, None]]) -> None:
    """Run one job a channel, side by side. Who does not keep up goes on in the background, and is not waited for again
    until that has ended: the others' lowerings must not stand behind a slow shop (I13). While no shop is live nothing
    can be lowered, and each is given more time: what has been sold is to be known first."""
    slow = set(agent.behind.values())
    tasks: dict[asyncio.Future[Any], str]
    tasks = {asyncio.ensure_future(_noted(agent, job)): name for name, job in jobs.items()}
    for task in tasks:
        agent.pushing.add(task)
        task.add_done_callback(agent.pushing.discard)
        task.add_done_callback(_report)
    in_step = [task for task, name in tasks.items() if name not in slow]
    if in_step:
        in_no_hurry = len(agent.channels) == 1 or not agent.store.table("channel")["live"].any()
        await asyncio.wait(in_step, timeout=agent.patience if in_no_hurry else agent.hurry)
    for task, name in tasks.items():
        if task.done():
            task.result()  # a fault in our own code must not pass silently
        else:
            agent.behind[task] = name


async def _noted(agent: Agent, job: Coroutine[Any, Any, None]) -> None:
    """A job that says, in the moment in which it ends, whether anybody had still waited for it."""
    try:
        await job
    finally:
        task = asyncio.current_task()
        if task in agent.behind:
            agent.came_late[agent.behind.pop(task)] = agent.clock.monotonic()


def _report(task: asyncio.Future[object]) -> None:
    """A fault of our own in what outlived its cycle must not pass silently."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("something under way failed", exc_info=error)


async def _push_channel(
    agent: Agent, name: str, rows: pl.DataFrame, lane: Lane, rests_on: tuple[int, tuple[object, ...], datetime]
) -> None:
    """One channel's pushes, a batch at a time, so that a lowering never waits behind many raises.

    `rests_on`: the newest push that the plan knew of, its basis, and when it was made. A raise is sent only while
    everything that it rests on still stands, and nothing for a stock cell that was pushed since; the rest is left to
    the next plan. A computer that slept meanwhile wakes with its old plan: it raises nothing of it (I3).
    """
    newest, stands, decided_at = rests_on
    heard: list[tuple[pl.DataFrame, pl.DataFrame, Later]] = []
    size = agent.channels[name].can.batch * (50 if lane == "lower" else 1)
    until = agent.clock.monotonic() + agent.patience
    for whole in rows.iter_slices(size):
        async with agent.lock(name):
            if agent.clock.monotonic() > until:
                break  # the cycle went on without us: a newer plan speaks for what was not begun
            if lane == "raise" and (basis(agent) != stands or agent.clock.now() - decided_at > SLEPT):
                break
            batch = _not_sent_since(agent, name, whole, newest, lane)
            if batch.is_empty():
                continue
            agent.sent_now.update(batch.select("channel", "cell", "to").iter_rows())
            ids = _intend(agent, name, batch)
            expected = _expected(agent, name, lane)
            changes = batch.select("cell", "listing", pl.col("to").alias("quantity"), expected.alias("expected"))
            results, later = await _hand_in(agent.channels[name], changes, lane)
            _record(agent, name, ids, batch, results)
            heard += [(ids, batch, later)] if later is not None else []
        await _look_again(agent, name, batch, results, lane)
    for ids, batch, later in heard:
        more = await later()
        if more.height:
            mine = ids.join(more, on="cell", how="semi")
            _record(agent, name, mine, batch.join(more, on="cell", how="semi"), more)


async def _hand_in(channel: Channel, changes: pl.DataFrame, lane: Lane) -> Handed:
    """Push. Where it takes minutes until more is known than that it was taken, that is heard after the channel's turn:
    no lowering stands behind it (I13)."""
    hand_in = getattr(channel, "hand_in", None)
    if hand_in is None:
        return await channel.push(changes, lane), None
    handed: Handed = await hand_in(changes, lane)
    return handed


INSIST = 3
"""A lowering that compare-and-set refused so often in one cycle goes without the comparison (DESIGN section 8)."""


def insists(agent: Agent) -> bool:
    """A lowering is to go without the comparison."""
    return any(times >= INSIST for times in agent.refusals.values())


def _expected(agent: Agent, name: str, lane: Lane) -> pl.Expr:
    """From which quantity a change is made: what was last read there. Null: from whatever stands."""
    if lane != "lower" or not insists(agent):
        return pl.col("read")
    cells = [cell for (channel, cell), times in agent.refusals.items() if channel == name and times >= INSIST]
    return pl.when(~pl.col("cell").is_in(cells)).then("read")


async def _look_again(agent: Agent, name: str, rows: pl.DataFrame, results: pl.DataFrame, lane: Lane) -> None:
    """What compare-and-set refused was not applied: it is read, and decided again in this cycle."""
    stale = rows.join(results.filter(pl.col("outcome") == "stale"), on="cell", how="semi")
    for cell, to in stale.select("cell", "to").iter_rows():  # few: a buyer came in the same moment
        agent.refusals[name, cell] = agent.refusals.get((name, cell), 0) + 1
        agent.sent_now.discard((name, cell, to))
    if stale.height:
        await look.look_afresh(agent, name, stale["listing"].to_list(), lane)


def _last_push(agent: Agent) -> int:
    return int(str(agent.store.table("push")["id"].max() or 0))


def _not_sent_since(agent: Agent, name: str, rows: pl.DataFrame, newest: int, lane: Lane) -> pl.DataFrame:
    """Without the stock cells to which another task sent something after this plan was made, while it waited for its
    turn; a lowering goes on where what was sent is higher."""
    if _last_push(agent) == newest:
        return rows
    sent = agent.store.table("push").filter((pl.col("channel") == name) & (pl.col("id") > newest))
    last = sent.group_by(CELL).agg(pl.col("quantity").sort_by("id").last().alias("since"))
    overtaken = (pl.col("since") <= pl.col("to")) if lane == "lower" else pl.col("since").is_not_null()
    return rows.join(last, on=CELL, how="left").filter(~overtaken.fill_null(value=False)).drop("since")


def _intend(agent: Agent, name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Commit what is about to be sent. Gives `id, cell`."""
    intents = rows.select(
        "channel",
        "cell",
        "listing",
        "sku",
        pl.col("shown").alias("old"),
        pl.col("to").alias("quantity"),
        "cause",
        "run",
        pl.lit(agent.clock.now(), TIME).alias("sent_at"),
        pl.lit(agent.server_now(name), TIME).alias("server_at"),
        pl.lit(None, TIME).alias("finished_at"),
        *(
            pl.lit(None, kind).alias(c)
            for c, kind in (("outcome", pl.String), ("after", pl.Int64), ("message", pl.String))
        ),
    )
    with agent.store.transaction():
        ids = agent.store.append("push", intents)
    return intents.select("cell").with_columns(pl.Series("id", ids, dtype=pl.Int64))


def _record(agent: Agent, name: str, ids: pl.DataFrame, rows: pl.DataFrame, results: pl.DataFrame) -> None:
    """Commit what became of a push."""
    now = agent.clock.now()
    answered = ids.join(results.select(list(RESULTS)), on="cell", how="left").with_columns(
        pl.col("outcome").cast(pl.String).fill_null("unknown"), channel=pl.lit(name), finished_at=pl.lit(now, TIME)
    )
    clamped = pl.col("outcome") == "clamped"
    answered = answered.with_columns(pl.col("outcome").replace("clamped", "refused"), clamped=clamped)
    with agent.store.transaction():
        agent.store.put(
            "push",
            answered.select("id", "finished_at", "outcome", pl.col("quantity_after").alias("after"), "message"),
        )
        if (answered["outcome"] == "accepted").any():
            sent = agent.store.table("push").filter(pl.col("id").is_in(ids["id"].to_list()))["sent_at"].min()
            lags.note_push(agent.store, name, (now - sent).total_seconds() if isinstance(sent, datetime) else -1.0)
        said = answered.join(rows.select("cell", "to", "basis_edit", "basis_rules"), on="cell")
        _record_cells(agent, name, _not_overtaken(agent, name, said), now)
    trouble = answered.filter(pl.col("kind").is_not_null())
    if trouble.height:
        kind, what = trouble["kind"][0], trouble["message"][0] or in_words("act.shop_did_not_take")
        record_trouble(agent, name, ChannelOut(kind, what, _fix(kind, name)))


def _not_overtaken(agent: Agent, name: str, said: pl.DataFrame) -> pl.DataFrame:
    """Without the stock cells to which something newer was sent while this was waited for: it says nothing of those."""
    sent = agent.store.table("push").filter((pl.col("channel") == name) & (pl.col("id") > said["id"].min()))
    newest = sent.group_by("cell").agg(pl.col("id").max().alias("newest"))
    known = said.join(newest, on="cell", how="left")
    return known.filter(pl.col("newest").is_null() | (pl.col("newest") <= pl.col("id"))).drop("newest")


def _fix(kind: str, name: str) -> str:
    if kind == "access":
        return in_words("act.renew_access_with", name=typed(name))
    return in_words("act.stocksheet_tries_again_by")


def _record_cells(agent: Agent, name: str, rows: pl.DataFrame, now: datetime) -> None:
    """An answer that says what stands is a read; one that confirms what we have set is a baseline too."""
    final = rows.filter(pl.col("outcome").is_in(["accepted", "sent", "refused"]))
    before = agent.store.table("cell").select(*CELL, pl.col(_FROM_ANSWER).name.prefix("known_"))
    clamped = pl.col("clamped")
    says = ((pl.col("outcome") == "accepted") | clamped) & pl.col("quantity_after").is_not_null()
    stands = says & ((pl.col("quantity_after") == pl.col("to")) | clamped)
    # accepted without a word on the quantity is no read, but what stands from now on: no unit of it is missing
    based = stands | ((pl.col("outcome") == "accepted") & pl.col("quantity_after").is_null())
    at = pl.coalesce("answered_at", pl.lit(agent.server_now(name), TIME))
    said = {"read": pl.col("quantity_after"), "read_at": at, "seen_at": pl.lit(now, TIME)}
    there = pl.coalesce("quantity_after", "to")
    sure = {"confirmed": there, "confirmed_at": at}
    base = {"baseline": there, "baseline_at": at}
    agent.store.put(
        "cell",
        final.join(before, on=CELL, how="left").select(
            *CELL,
            *(pl.when(says).then(value).otherwise(f"known_{name}").alias(name) for name, value in said.items()),
            *(pl.when(stands).then(value).otherwise(f"known_{name}").alias(name) for name, value in sure.items()),
            *(pl.when(based).then(value).otherwise(f"known_{name}").alias(name) for name, value in base.items()),
            pl.col("to").alias("answered"),
            pl.lit(now, TIME).alias("answered_at"),
            pl.col("outcome").alias("answer"),
            pl.when(says).then("quantity_after").alias("after_answer"),
            "message",
            "basis_edit",
            "basis_rules",
        ),
    )


_FROM_ANSWER = ["read", "read_at", "seen_at", "confirmed", "confirmed_at", "baseline", "baseline_at"]


def recover(agent: Agent) -> None:
    """After a restart: what was in flight has an unknown outcome."""
    _not_known(agent, agent.store.table("push").filter(pl.col("outcome").is_null()))


def recover_unkept(agent: Agent) -> None:
    """What was sent and answered, and could not be kept (a full disk): as after a restart. Whatever is under way holds
    its channel's lock."""
    lost = uncertain(agent.store)
    if lost.is_empty():
        return
    busy = [name for name, lock in agent.locks.items() if lock.locked()]
    lost = lost.filter(pl.col("outcome").is_null() & ~pl.col("channel").is_in(busy))
    if lost.height:
        _not_known(agent, lost)


def _not_known(agent: Agent, lost: pl.DataFrame) -> None:
    with agent.store.transaction():
        agent.store.put(
            "push",
            lost.select("id").with_columns(outcome=pl.lit("unknown"), finished_at=pl.lit(agent.clock.now(), TIME)),
        )
