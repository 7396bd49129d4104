"""The rows of Listings: each linked listing with its status, its why, and what a pause of the person does to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from agent.core import report
from agent.deciding import stops
from agent.deciding.decide import Decision
from agent.state import Agent
from agent.words import say, short

LISTING = ["channel", "listing"]
CELL = ["channel", "cell"]
PAUSED = ("paused", *stops.PAUSES)
"""The codes of listings that the person has paused."""


def listed_rows(agent: Agent, decision: Decision) -> pl.DataFrame:
    """The tab Listings."""
    rows = report.listings(decision.targets, decision.plan, status_words(decision), notes(agent, decision))
    held = decision.targets.filter(pl.col("undo_run").is_not_null()).select(Channel="channel", Listing="listing")
    if held.is_empty():
        return rows
    words = pl.when(pl.col("held") & (pl.col("Status") == short("in_sync"))).then(pl.lit(short("undone")))
    held = held.with_columns(held=pl.lit(value=True))
    rows = rows.join(held, on=["Channel", "Listing"], how="left", maintain_order="left")
    return rows.with_columns(words.otherwise("Status").alias("Status")).drop("held")


def status_words(decision: Decision) -> pl.DataFrame:
    """`reason, words`: the few words of each reason that stands in the plan."""
    codes = pl.concat([decision.plan["reason"], decision.targets["parked"]]).drop_nulls().unique().to_list()
    return pl.DataFrame([(c, short(c)) for c in codes], schema={"reason": pl.String, "words": pl.String}, orient="row")


def notes(agent: Agent, decision: Decision) -> pl.DataFrame:
    """NOTES: since when a listing is paused, and by how many units it shows too many meanwhile (what is at risk)."""
    rows = decision.targets.filter(pl.col("parked").is_in(PAUSED))
    if rows.is_empty():
        return pl.DataFrame(schema=report.NOTES)
    shown = decision.plan.select(*CELL, "shown")
    rows = rows.select(*LISTING, "cell", "parked", "stop_id", "target").join(shown, on=CELL, how="left")
    rows = rows.with_columns(
        pl.when(pl.col("shown") > pl.col("target")).then(pl.col("shown") - pl.col("target")).alias("over")
    )
    known = {row["id"]: row for row in agent.store.table("stop").iter_rows(named=True)}
    since = [
        (code, number, say(code, stop_facts(known[number])).what)
        for code, number in rows.select("parked", "stop_id").unique().rows()
        if code != "paused" and number in known
    ]
    risks = [(units, say("pause_risk", {"units": units}).what) for units in rows["over"].drop_nulls().unique()]
    rows = rows.join(
        _frame(since, {"parked": pl.String, "stop_id": pl.Int64, "said": pl.String}),
        on=["parked", "stop_id"],
        how="left",
    )
    rows = rows.join(_frame(risks, {"over": pl.Int64, "risk": pl.String}), on="over", how="left")
    note = pl.concat_str("said", "risk", separator=" ", ignore_nulls=True)
    return rows.select(*LISTING, note.alias("note")).filter(pl.col("note") != "")


def _frame(rows: Sequence[tuple[object, ...]], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict(schema), orient="row")


def stop_facts(stop: Mapping[str, object]) -> dict[str, object]:
    """What the sentences need to know of a stop."""
    since = stop["since"]
    return {
        "sku": stop["sku"], "channel": stop["channel"], "until": stops.until_words(stop["until"]),
        "since": since.isoformat() if hasattr(since, "isoformat") else None,
    }  # fmt: skip
