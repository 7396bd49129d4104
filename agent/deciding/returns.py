"""Returned units (column of Channels: ask / put back / never): asked about with their order, or settled by the column.

A shop that puts returned units back on its own listing does not count: OnHand is ours, and what the listing should show
follows from it.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from agent.asking import questions
from agent.asking.questions import facts_of
from agent.core import returns
from agent.core.lines import KEY
from agent.deciding import ledger
from agent.frames import TIME
from agent.state import Agent
from agent.store import Store
from agent.words import in_words

KIND = "returned_units"


def settle(store: Store, now: datetime) -> None:
    """What the column Channels > Returned units decides, and what was not returned after all. In a transaction."""
    store.derived("returns settled", lambda: _settle(store, now))  # nothing of it hangs on the time


def _settle(store: Store, now: datetime) -> None:
    rows = returns.changed(store.table("order_line"), store.table("line_part"))
    if rows.is_empty():
        return
    words = store.table("setting").select("channel", pl.col("returned_units").alias("answer"))
    _carry_out(store, rows.join(words, on="channel", how="left"), now)


def _carry_out(store: Store, rows: pl.DataFrame, now: datetime) -> None:
    done = returns.settled(rows)
    parts = store.table("line_part").join(done.filter(pl.col("moves") != 0), on=KEY, nulls_equal=True)
    came = (
        pl.when(pl.col("moves") > 0)
        .then(pl.lit(in_words("returns.came_back")))
        .otherwise(pl.lit(in_words("returns.not_after_all")))
    )
    ledger.post(
        store,
        parts.select(
            pl.lit(now, TIME).alias("at"),
            pl.col("part").alias("sku"),
            (pl.col("moves") * pl.col("units")).alias("change"),
            pl.format("order {}, {}", "order", came).alias("cause"),
            *KEY,
            kind=pl.lit("return"),
        ),
        now,
    )
    store.put("order_line", done.select(*KEY, "settled", "put_back"))


def ask(agent: Agent, now: datetime) -> None:
    """One question a line whose returned units nobody has decided about."""
    store = agent.store
    seen = tuple(store.version(name) for name in ("order_line", "line_part", "question", "setting"))
    cached = agent.cache.get(KIND)
    if cached and cached[0] == seen:
        return
    rows = returns.changed(store.table("order_line"), store.table("line_part"))
    parts = store.table("line_part").group_by(KEY).agg(pl.col("part").sort(), pl.col("units").sort_by("part"))
    keys = []
    for row in rows.join(parts, on=KEY, nulls_equal=True).sort(KEY).iter_rows(named=True):  # few: only undecided ones
        key = "/".join(row[name] for name in KEY)
        several = len(row["part"]) > 1
        fresh = row["back"] - row["settled"]
        facts = {
            **{name: row[name] for name in KEY},
            "of": f"order {row['order']}",
            "sku": " + ".join(row["part"]),
            "units": fresh if several else fresh * row["units"][0],
        }
        keys.append(key)
        questions.ask(store, KIND, key, f"{row['settled']}-{row['back']}", facts, now)
    questions.withdraw(store, KIND, pl.Series(keys, dtype=pl.String), now)
    agent.cache[KIND] = (
        tuple(store.version(name) for name in ("order_line", "line_part", "question", "setting")),
        None,
    )


def answered(store: Store, question: dict[str, object], now: datetime) -> None:
    """The person's word about one line; what came back since is asked anew."""
    facts = facts_of(str(question["facts"]))
    asked = pl.lit(value=True)
    for name in KEY:
        asked &= pl.col(name) == facts.get(name)
    rows = returns.changed(store.table("order_line"), store.table("line_part")).filter(asked)
    same = pl.format("{}-{}", "settled", "back") == question["causes"]
    _carry_out(store, rows.filter(same).with_columns(answer=pl.lit(str(question["answer"]))), now)
