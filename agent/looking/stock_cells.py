"""What reads say of stock cells: baselines, missing units, doubtful pushes, and the sales that explain them (DESIGN
section 8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from agent.channels.base import ListingsRead
from agent.core import gaps, lines
from agent.core.lines import KEY
from agent.deciding import drift, shares
from agent.deciding.structure import set_once_done
from agent.frames import TIME
from agent.state import Agent
from agent.store import Store

CELL = ["channel", "cell"]
MORE = "\x1fmore"
"""After the line's id: the units that the platform took off the listing later than at the sale."""


def take_quantities(agent: Agent, name: str, read: ListingsRead, asked: datetime) -> None:
    """What a read says of each stock cell: last read, baseline, missing units, doubtful pushes settled."""
    store = agent.store
    known = store.table("cell").filter(pl.col("channel") == name)
    rows = (
        read.frame.filter(pl.col("managed") & pl.col("quantity").is_not_null())
        .unique(CELL, keep="last", maintain_order=True)
        .select(*CELL, pl.col("quantity").alias("read"))
        .join(known.drop("read"), on=CELL, how="left")
        .filter(pl.col("seen_at").is_null() | (pl.col("seen_at") <= asked))  # an older read says nothing new
        .with_columns(
            pl.lit(read.began, TIME).alias("began"),
            pl.lit(read.ended, TIME).alias("ended"),
            pl.lit(read.began, TIME).alias("read_at"),
            pl.lit(asked, TIME).alias("seen_at"),
        )
    )
    answered = pl.col("answered_at").is_not_null() & (pl.col("answered_at") <= asked)
    rows = rows.with_columns(
        pl.when(answered).then(pl.coalesce("after_answer", "read")).otherwise("after_answer").alias("after_answer"),
        pl.when(pl.col("read") == pl.col("answered")).then("read").otherwise("confirmed").alias("confirmed"),
        pl.when(pl.col("read") == pl.col("answered")).then("read_at").otherwise("confirmed_at").alias("confirmed_at"),
    )
    store.put("cell", rows.select(known.columns))
    _settle(agent, name, rows)


def _settle(agent: Agent, name: str, rows: pl.DataFrame) -> None:
    """Compare with the baselines of live stock cells; the others' baselines simply follow."""
    store, now = agent.store, agent.clock.now()
    live = live_cells(store).filter(pl.col("channel") == name)
    idle = rows.join(live, on=CELL, how="anti")
    store.put("cell", idle.select(*CELL, pl.col("read").alias("baseline"), pl.col("began").alias("baseline_at")))
    reads = rows.join(live, on=CELL, how="semi").select(*CELL, "read", "began", "ended", "baseline", "baseline_at")
    if reads.is_empty():
        return
    takings = cell_takings(store, store.table("order_line").filter(pl.col("channel") == name))
    can = agent.channels[name].can
    found = gaps.settle(reads, takings, doubts(agent, name), restocks=can.restocks_cancel)
    store.put("cell", found.cells)
    if can.orders == "no":
        shares.sell(agent, name, found.gaps, now)
        found = replace(found, gaps=found.gaps.clear())
    _count(store, found.counted)
    drift.book(store, rows, found, takings, now)
    for ids, outcome in ((found.landed, "landed"), (found.lost, "lost")):
        store.put("push", ids.with_columns(outcome=pl.lit(outcome)))
    clear_missing(store, store.table("order_line").filter(pl.col("channel") == name))


def live_cells(store: Store) -> pl.DataFrame:
    """`channel, cell` of listings with a live link, but for those that the seller keeps by hand (set once)."""
    return store.derived("live cells", lambda: _live_cells(store))


def _live_cells(store: Store) -> pl.DataFrame:
    links = store.table("link").filter(pl.col("live")).select("channel", "listing").unique()
    links = links.join(set_once_done(store), on=["channel", "listing"], how="anti")
    return store.table("listing").join(links, on=["channel", "listing"], how="semi").select(CELL).unique()


def cell_takings(store: Store, order_lines: pl.DataFrame) -> pl.DataFrame:
    """What order lines took from stock cells and gave back, as `gaps` wants it."""
    cells = store.table("listing").select("channel", "listing", "cell")
    rows = lines.took(order_lines).filter(pl.col("took") > 0).join(cells, on=["channel", "listing"])
    back = pl.col("ordered") - pl.col("open") - pl.col("shipped")
    # what was given up before it was shipped may be on the listing again, also where the channel does not say so
    freed = pl.col("freed_at").is_not_null()
    rows = rows.with_columns(
        pl.when(freed).then(back + pl.col("returned").fill_null(0)).otherwise(back.clip(0)).alias("gave"),
        pl.coalesce("freed_at", "back_at").alias("freed_at"),
        freed.alias("surely"),
        pl.col("more").fill_null(0),
    )
    columns = (*CELL, "order", "line", "took", "counted", "sale_at", "gave", "freed_at", "surely")
    if not (rows["more"] > 0).any():
        return rows.select(columns)
    base = pl.col("took") - pl.col("more")
    later = rows.filter(pl.col("more") > 0).with_columns(
        pl.col("line") + MORE, pl.col("more").alias("took"), (pl.col("counted") - base).clip(0).alias("counted"),
        pl.col("more_at").alias("sale_at"), pl.lit(0, pl.Int64).alias("gave"),
    )  # fmt: skip
    first = rows.with_columns(base.alias("took"), pl.min_horizontal("counted", base).alias("counted"))
    return pl.concat([first.select(columns), later.select(columns)])


def doubts(agent: Agent, name: str) -> pl.DataFrame:
    """Pushes of a channel whose effect is not certain: `channel, cell, id, quantity, server_at, may_land`."""
    limit = agent.clock.now() - timedelta(seconds=agent.channels[name].can.apply_limit)
    rows = uncertain(agent.store).filter(pl.col("channel") == name)
    return rows.select(*CELL, "id", "quantity", "server_at", (pl.col("sent_at") > limit).alias("may_land"))


def uncertain(store: Store) -> pl.DataFrame:
    """Pushes in flight, sent but not yet applied, or without an answer."""
    return store.derived("uncertain", lambda: _uncertain(store.table("push")))


def _uncertain(pushes: pl.DataFrame) -> pl.DataFrame:
    return pushes.filter(pl.col("outcome").is_null() | pl.col("outcome").is_in(["unknown", "sent"]))


def clear_missing(store: Store, order_lines: pl.DataFrame) -> None:
    """Sales that explain missing units after all."""
    waiting = store.table("missing").filter(pl.col("units") > 0)
    if waiting.is_empty():
        return
    entries, counted = gaps.clear(waiting, cell_takings(store, order_lines))
    _shrink(store, entries)
    _count(store, counted)
    drift.explained(store, waiting.join(entries.filter(pl.col("units") == 0), on="id", how="semi"))


def _shrink(store: Store, entries: pl.DataFrame) -> None:
    store.put("missing", entries.select("id", "units"))


def _count(store: Store, counted: pl.DataFrame) -> None:
    """Keep how much of each line is explained; of one that took units twice, both together."""
    if counted["line"].str.ends_with(MORE).any() or (store.table("order_line")["more"] > 0).any():
        keys = counted.with_columns(pl.col("line").str.strip_suffix(MORE)).select(KEY).unique()
        known = cell_takings(store, store.table("order_line").join(keys, on=KEY, how="semi")).select(*KEY, "counted")
        rows = known.update(counted.select(*KEY, "counted"), on=KEY)
        counted = rows.group_by("channel", "order", pl.col("line").str.strip_suffix(MORE)).agg(pl.col("counted").sum())
    store.put("order_line", counted.select(*KEY, "counted"))
