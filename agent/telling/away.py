"""The computer is off: what may go wrong meanwhile, and what the seller wants done before (DESIGN section 4, Channels).

While Stocksheet does not run, what one shop sells stays on sale in the others. *When this computer is off* says for
each shop what is done at a stop: `leave` it, show the last units on one channel only, or `lower to N`. Only lowerings
are sent; the first cycle after the next start raises again, with proof. A crash or a power cut cannot be prepared for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from agent import act
from agent.deciding.decide import Decision, decide, replan
from agent.deciding.quantities import kept_back, stock, worked_out
from agent.deciding.structure import channel_settings
from agent.frames import RULES, conform
from agent.state import Agent

CELL = ["channel", "cell"]
LISTING = ["channel", "listing"]
_SHOWN = (*CELL, "linked", "shown")
LEAVE, LAST_UNITS, LOWER_TO = "leave", "last units on one channel", "lower to "


@dataclass(frozen=True)
class Away:
    """What a stop means for the shops."""

    at_risk: int
    """Listings that can sell more than there is, as the shops stand now."""
    lowered: int
    """Listings that were lowered, or would be."""
    still_at_risk: int
    """`at_risk` once that is done."""


def foreseen(agent: Agent, decision: Decision) -> Away:
    """What a stop would mean now; nothing is sent."""
    rows = lowering(agent, decision)
    rests_on = (decision.targets, decision.structure.parts, decision.stock, decision.plan.select(*_SHOWN), rows)
    return agent.store.derived("stop meant", lambda: _meaning(decision, rows), *rests_on)


def _meaning(decision: Decision, lowered: pl.DataFrame) -> Away:
    """What a stop means once these rows of a plan were sent."""
    now = at_risk(decision, decision.plan)
    then = at_risk(decision, _as_if_sent(decision.plan, lowered)) if lowered.height else now
    return Away(now, lowered.height, then)


async def go(agent: Agent) -> Away:
    """Carry out what the seller chose for a stop. Everything that is sent is a lowering."""
    decision = decide(agent)
    rows = lowering(agent, decision)
    if rows.height:
        agent.sent_now.clear()
        agent.run = None
        await act.push(agent, replace(decision, plan=rows), "lower", cause="away")
    return _meaning(decision, rows)


def lowering(agent: Agent, decision: Decision) -> pl.DataFrame:
    """The rows of a plan that lower what is to be lowered before a stop; none where every shop is left as it is."""
    settings = channel_settings(agent).select("channel", "when_off")
    if agent.mode() != "Live" or not (settings["when_off"].fill_null(LEAVE) != LEAVE).any():
        return decision.plan.clear()
    off = _targets(agent, decision, settings)
    listings = decision.targets.join(off, on=LISTING, how="left", maintain_order="left").with_columns(
        pl.min_horizontal("target", "off").alias("target"), pl.min_horizontal("safe", "off").alias("safe")
    )
    planned = replan(agent, listings.drop("off"))
    return planned.filter((pl.col("action") == "lower") & (pl.col("to") < pl.col("shown")))


def _targets(agent: Agent, decision: Decision, settings: pl.DataFrame) -> pl.DataFrame:
    """`channel, listing, off`: the most that each listing may show while this computer is off; null: as it is."""
    rows = decision.targets.select(*LISTING, "target").join(settings, on="channel", how="left")
    limit = pl.col("when_off").str.strip_prefix(LOWER_TO).cast(pl.Int64, strict=False)
    alone = settings.filter(pl.col("when_off") == LAST_UNITS)["channel"].to_list()
    if alone:
        only = _on_one_channel(agent, decision, alone)
        rows = rows.join(only, on=LISTING, how="left").with_columns(
            pl.when(pl.col("channel").is_in(alone)).then("one").alias("one")
        )
    else:
        rows = rows.with_columns(pl.lit(None, pl.Int64).alias("one"))
    return rows.select(*LISTING, pl.min_horizontal(limit, "one").alias("off"))


def _on_one_channel(agent: Agent, decision: Decision, channels: list[str]) -> pl.DataFrame:
    """`channel, listing, one`: the targets with *Last units* = one channel for these shops."""
    cells = [
        {"row": 0, "channel": name, "sku": None, "tag": None, "setting": "last_units", "value": None,
         "text": "one channel", "none": False}
        for name in channels
    ]  # fmt: skip
    known = agent.store.table("rule").select(list(RULES)).filter(pl.col("setting") != "last_units")
    parts = decision.structure.parts
    kept = kept_back(agent, parts, decision.plan)
    rules = pl.concat([known, conform(pl.DataFrame(cells), RULES)])
    worked = worked_out(agent, parts, stock(agent.store, parts), kept, rules, words=False)
    return worked.select(*LISTING, pl.col("target").alias("one"))


def at_risk(decision: Decision, plan: pl.DataFrame) -> int:
    """Listings that can sell more than there is while nobody looks: what all stock cells of an item show together is
    more than can be sold of it. One shop alone cannot: it counts its own sales."""
    shown = plan.filter(pl.col("linked") & (pl.col("shown") > 0)).select(*CELL, "shown")
    of_cell = decision.targets.select(*LISTING, "cell")
    parts = decision.structure.parts.select(*LISTING, "part", "units").join(of_cell, on=LISTING)
    offered = parts.join(shown, on=CELL)
    cells = offered.unique([*CELL, "part"])
    total = cells.group_by("part").agg(
        (pl.col("shown") * pl.col("units")).sum().alias("total"), pl.len().alias("cells")
    )
    stocked = decision.stock.select(
        pl.col("sku").alias("part"), (pl.col("available") - pl.col("missing")).clip(0).alias("sellable")
    )
    over = total.join(stocked, on="part").filter((pl.col("total") > pl.col("sellable")) & (pl.col("cells") > 1))
    return offered.join(over, on="part", how="semi").select(LISTING).n_unique()


def _as_if_sent(plan: pl.DataFrame, sent: pl.DataFrame) -> pl.DataFrame:
    new = sent.select(*CELL, pl.col("to").alias("new"))
    return plan.join(new, on=CELL, how="left", maintain_order="left").with_columns(
        pl.coalesce("new", "shown").alias("shown")
    )
