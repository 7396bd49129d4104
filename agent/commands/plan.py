"""`stocksheet plan`: read everything, push nothing, write nothing, and show what would be done and why."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import polars as pl

from agent import app
from agent.commands import DONE, NEEDS_YOU
from agent.commands._news import needs_you, told
from agent.commands._screen import Screen
from agent.commands._settings import add_config, add_json, agent_on, must_be_read, with_shops
from agent.cycle import cycle
from agent.deciding.decide import Decision
from agent.telling import attention, imports
from agent.telling.listed import status_words
from agent.words import in_words

HELP = "Read everything, push nothing, and show what each shop should show and why."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `plan` takes."""
    add_config(parser)
    add_json(parser)
    parser.add_argument("--all", action="store_true", help="also the listings that are right already")


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: shown. 1: something needs you. Raises ConfigProblems, SecretsOut, WorkbookOut."""
    return asyncio.run(_plan(chosen, screen))


async def _plan(chosen: argparse.Namespace, screen: Screen) -> int:
    settings = with_shops(chosen)
    app.start_log(settings)
    async with agent_on(settings, app.copy_store(settings)) as agent:
        with screen.working(in_words("plan.reading_workbook", channels=", ".join(settings.channels))):
            decision = await cycle(agent, push=False, write=False)
        must_be_read(agent)
        waiting = needs_you(attention.attention(agent, decision))
        issues = attention.all_issues(agent, decision).height
    rows = shown_rows(decision)
    changes = rows.filter(pl.col("Change") != "right already")
    if (shown := rows if chosen.all else changes).height:
        screen.table(shown)
    elif rows.is_empty():
        screen.say(in_words("plan.no_listing_linked_item"))
    counts = dict(rows.group_by("Change", maintain_order=True).len().iter_rows())
    counts["waiting in Imports"] = imports.waiting(decision.structure.matched.imports)
    told_counts = ", ".join(f"{number} {what}" for what, number in counts.items())
    screen.say(in_words("plan.nothing_pushed", counts=told_counts))
    for row in waiting.iter_rows(named=True):
        screen.sign("stop" if row["How bad"] == "stop" else "fix", told(row))
    screen.data(_content(rows, counts, waiting, issues))
    return NEEDS_YOU if waiting.height else DONE


def shown_rows(decision: Decision) -> pl.DataFrame:
    """One row a stock cell, as a person reads it: what changes come first."""
    words = status_words(decision).rename({"words": "Status"})
    down, up = pl.col("target") < pl.col("shown"), pl.col("target") > pl.col("shown")
    what = (
        pl.when(pl.col("target").is_null() | ~pl.col("managed")).then(pl.lit("left alone"))
        .when(down).then(pl.lit("down")).when(up).then(pl.lit("up"))
        .when(pl.col("target") == pl.col("shown")).then(pl.lit("right already"))
        .otherwise(pl.lit("not read yet"))
    )  # fmt: skip
    order = pl.Enum(["down", "up", "not read yet", "left alone", "right already"])
    return (
        decision.plan.join(words, on="reason", how="left")
        .select(
            pl.col("channel").alias("Channel"), pl.col("sku").alias("SKU"), pl.col("listing").alias("Listing"),
            what.alias("Change"), pl.col("shown").alias("Shows"), pl.col("target").alias("Target"),
            pl.col("Status"), pl.col("why").alias("Why"),
        )
        .sort(pl.col("Change").cast(order), "Channel", "SKU", maintain_order=True)
    )  # fmt: skip


def _content(rows: pl.DataFrame, counts: dict[str, int], waiting: pl.DataFrame, issues: int) -> dict[str, Any]:
    lower = {name: name.lower().replace(" ", "_") for name in rows.columns}
    needs = waiting.select(id="Id", what="What", what_to_do="What to do", where="Where", answers="Answers").to_dicts()
    return {"listings": rows.rename(lower).to_dicts(), "counts": counts, "needs_you": needs, "issues": issues}
