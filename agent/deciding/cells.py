"""How each stock cell stands: what the decision table looks at (agent.core.plan, DESIGN section 8)."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from agent.looking.stock_cells import cell_takings, uncertain
from agent.state import Agent
from agent.store import Store

CELL = ["channel", "cell"]
RETRY = timedelta(hours=1)
"""A target that was answered but does not stand is tried again after this."""
SLEPT = timedelta(minutes=2)
"""What was read or decided longer ago than this, by the computer's clock, was so before it slept: nothing is raised on
it (I3). A cycle takes seconds, and a decision stands for a minute at the most."""


def shown_now(agent: Agent) -> pl.DataFrame:
    """`channel, cell, read, shown, sending, unknown, confirmed, ...`: the most a buyer may see now, a stock cell.

    The settled read; else the largest of last read, last confirmed, and every value in flight or of unknown outcome.
    """
    return agent.store.derived("shown now", lambda: _shown_now(agent.store))


def _shown_now(store: Store) -> pl.DataFrame:
    cells = store.table("cell")
    # what cannot be read speaks by its answers alone: an accepted one ends the doubts before it
    heard = pl.when(pl.col("read").is_null() & (pl.col("answer") == "accepted")).then("answered_at")
    said = cells.select(*CELL, pl.coalesce("seen_at", heard).alias("seen_at"))
    pushed = uncertain(store).join(said, on=CELL, how="left")
    # a doubt is over with the next read, or the next answer, that was asked for after it ended
    pending = pushed.filter(
        pl.col("finished_at").is_null() | pl.col("seen_at").is_null() | (pl.col("seen_at") < pl.col("finished_at"))
    )
    in_flight = pl.col("outcome").is_null() | (pl.col("outcome") == "sent")
    sums = (
        pending.sort("id")
        .group_by(CELL)
        .agg(
            pl.col("quantity").filter(in_flight).last().alias("sending"),
            pl.col("quantity").max().alias("most"),
            (pl.col("outcome") == "unknown").any().alias("unknown"),
            pl.col("server_at").max().alias("sent_last"),
        )
    )
    rows = cells.join(sums, on=CELL, how="left")
    # what cannot be read shows what was last accepted
    last = pl.coalesce("read", pl.when(pl.col("answer") == "accepted").then("answered"))
    doubtful = pl.max_horizontal(last, "confirmed", "most")
    return rows.with_columns(
        pl.col("unknown").fill_null(value=False),
        pl.when(pl.col("most").is_null()).then(last).otherwise(doubtful).alias("shown"),
    )


def plan_cells(agent: Agent, merged: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """Merged listings with how their stock cell stands: what the decision table looks at."""
    out, unreadable = channels_out(agent), [n for n, ch in agent.channels.items() if ch.can.read == "no"]
    now = agent.clock.now()
    read = sorted(key for key, (_, at) in agent.fresh.items() if now - at <= SLEPT)
    fresh = pl.DataFrame(read, schema={"channel": pl.String, "cell": pl.String}, orient="row")
    rows = merged.join(shown, on=CELL, how="left")
    if read:
        rows = rows.join(fresh.with_columns(fresh=pl.lit(value=True)), on=CELL, how="left")
    else:
        rows = rows.with_columns(fresh=pl.lit(value=False))
    rows = _with_sales_since(agent, rows)
    same = pl.any_horizontal(pl.col("answered") == pl.col(c) for c in ("target", "safe", "sold_down_to"))
    recent = pl.col("answered_at") > now - RETRY
    stands = (pl.col("read") == pl.col("after_answer")) & (pl.col("read") != pl.col("answered"))
    refused = (pl.col("answer") == "refused") & (
        pl.col("after_answer").is_null() | (pl.col("read") == pl.col("after_answer"))
    )
    recent_pushes = agent.store.table("push").filter(pl.col("sent_at") > now - RETRY)
    rows = _with_contested(rows, recent_pushes)
    contested = pl.col("contested") & (pl.col("target") >= pl.col("answered"))
    stuck = (
        pl.when(contested)
        .then(pl.lit("contested"))
        .when(same & recent & refused)
        .then(pl.lit("shop_refuses"))
        .when(same & recent & stands)
        .then(pl.lit("shop_keeps"))
        .when(_lost_again_and_again(now))
        .then(pl.lit("shop_refuses"))
        .when(pl.col("channel").is_in(list(agent.too_old)) & (pl.col("target") > pl.col("shown")))
        .then(pl.lit("export_first"))
    )
    rows = rows.join(_lost(recent_pushes), left_on=[*CELL, "target"], right_on=[*CELL, "quantity"], how="left")
    return rows.with_columns(
        pl.lit(value=True).alias("linked"),
        pl.col("channel").is_in(out).alias("channel_out"),
        (~pl.col("channel").is_in(unreadable)).alias("readable"),
        pl.col("channel").is_in(list(agent.read_failed)).alias("read_failed"),
        pl.col("fresh").fill_null(value=False),
        pl.col("unknown").fill_null(value=False),
        pl.when(pl.col("channel").is_in(unreadable))
        .then(pl.col("shown").fill_null(0))
        .otherwise("shown")
        .alias("shown"),
        stuck.alias("stuck"),
        # a settled read is the channel's own word for what stands, whoever put it there
        pl.when(
            ~pl.col("channel").is_in(unreadable)
            & pl.col("sending").is_null()
            & ~pl.col("unknown").fill_null(value=False)
        )
        .then(pl.coalesce("read", "confirmed"))
        .otherwise("confirmed")
        .alias("confirmed"),
    )


def _with_sales_since(agent: Agent, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `sold_down_to` where units are kept back: what is shown, less what was sold there since it was read or sent.

    Orders can be known before the listing is read again: the shop has taken their units off by itself meanwhile.
    """
    kept = rows.filter((pl.col("safe") < pl.col("target")) & pl.col("sending").is_null())
    if kept.is_empty():
        return rows.with_columns(pl.lit(None, pl.Int64).alias("sold_down_to"))
    since = kept.select(*CELL, "shown", pl.max_horizontal("read_at", "sent_last").alias("since"))
    takings = cell_takings(agent.store, agent.store.table("order_line")).join(since, on=CELL)
    later = takings.filter(pl.col("sale_at") >= pl.col("since").dt.truncate("1s"))  # shops tell whole seconds
    sold = later.group_by(CELL).agg((pl.col("took") - pl.col("counted")).sum().alias("sold"))
    left = since.join(sold, on=CELL).select(*CELL, (pl.col("shown") - pl.col("sold")).clip(0).alias("sold_down_to"))
    return rows.join(left, on=CELL, how="left")


FIGHT = 4
"""Changes of another's in an hour that were undone by us: then it is not undone again (I15)."""


def _with_contested(rows: pl.DataFrame, recent: pl.DataFrame) -> pl.DataFrame:
    """Adds `contested`: another tool keeps writing the stock cell. It is lowered below what we last sent, and held
    otherwise; after an hour it is tried again. `recent`: the pushes of the last hour."""
    undone = recent.filter(pl.col("cause") == "drift").group_by(CELL).len().filter(pl.col("len") >= FIGHT)
    if undone.is_empty():
        return rows.with_columns(contested=pl.lit(value=False))
    marked = undone.select(*CELL, contested=pl.lit(value=True))
    return rows.join(marked, on=CELL, how="left").with_columns(pl.col("contested").fill_null(value=False))


def _lost(recent: pl.DataFrame) -> pl.DataFrame:
    """`channel, cell, quantity, lost, lost_at`: how often a value was sent in the last hour and not heard of."""
    sent = recent.filter(pl.col("outcome").is_in(["lost", "unknown"]))
    return sent.group_by(*CELL, "quantity").agg(pl.len().alias("lost"), pl.col("sent_at").max().alias("lost_at"))


def _lost_again_and_again(now: datetime) -> pl.Expr:
    """A shop that fails over one listing is asked more and more seldom: from the third time on the pause doubles."""
    pause = pl.duration(seconds=pl.lit(20) * pl.lit(2).pow(pl.col("lost").clip(0, 8)))
    return (pl.col("lost") >= 3) & (pl.col("lost_at") + pause > now)


def channels_out(agent: Agent) -> list[str]:
    """Channels that are out: a problem stands, or nobody has looked yet who answers there (S2-9)."""
    rows = agent.store.table("channel").filter(pl.col("problem_kind").is_not_null())
    return [*rows["channel"], *(name for name in agent.channels if name not in agent.verified)]
