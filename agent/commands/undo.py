"""`stocksheet undo RUN`: show what undoing a run would do, ask, and hold it so (DESIGN section 8)."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import polars as pl

from agent import app
from agent.asking import undo
from agent.commands import DONE, NEEDS_YOU
from agent.commands._screen import Screen
from agent.commands._settings import add_config, add_json, agent_on, alone, must_be_read, with_shops
from agent.config import Settings
from agent.cycle import cycle
from agent.deciding import undone
from agent.deciding.structure import link_parts
from agent.loop import AlreadyRunning
from agent.ports import SystemClock
from agent.words import causes, in_words

HELP = "Take back what a run did: shown first, then held there until you change the cause or release it."
LATEST = 10
"""Runs that are named where none is chosen."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `undo` takes."""
    parser.add_argument(
        "run", nargs="?", metavar="RUN", help="the run, as in Sync Log: R12 (none: the latest are shown)"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_config(parser)
    add_json(parser)


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: undone, or shown. 1: it waits for you. Raises LookupError where there is no such run, and ConfigProblems,
    SecretsOut, WorkbookOut."""
    settings = with_shops(chosen)
    if chosen.run is None:
        return _show_runs(settings, screen)
    number = undone.run_of(chosen.run)
    found, sentences = asyncio.run(_preview(settings, number, chosen.run, screen))
    name = undone.named(number)
    content: dict[str, Any] = {"run": name, "listings": found.to_dicts(), "undone": False}
    if found.is_empty():
        screen.say(in_words("undo.changed_nothing", run=name))
    else:
        screen.table(found)
    for sentence in sentences:
        screen.say(sentence)
    code = DONE if found.is_empty() else _ask(settings, number or 0, chosen, screen)
    screen.data(content | {"undone": code == DONE and not found.is_empty()})
    return code


def _ask(settings: Settings, number: int, chosen: argparse.Namespace, screen: Screen) -> int:
    name = undone.named(number)
    if not chosen.yes and (chosen.json or screen.ask(f"Undo {name}? (yes / no)").lower() not in ("yes", "y")):
        screen.say(in_words("leave.nothing_changed"))
        return NEEDS_YOU
    try:
        with alone(settings):
            _record(settings, number)
    except AlreadyRunning:
        screen.sign("fix", in_words("undo.running_does_it", run=name))
        return NEEDS_YOU
    screen.sign("ok", in_words("undo.is_undone", run=name))
    screen.say(in_words("undo.is_held"))
    return DONE


def _record(settings: Settings, number: int) -> None:
    store = app.open_store(settings)
    try:
        with store.transaction():
            parts = link_parts(store)
            undone.record(store, undo.linked(store, number, parts), number, parts, SystemClock().now())
    finally:
        store.close()


async def _preview(
    settings: Settings, number: int | None, typed: str, screen: Screen
) -> tuple[pl.DataFrame, list[str]]:
    """What it would do, as a person reads it, and what is to be said beside it. Raises LookupError."""
    app.start_log(settings)
    store = app.copy_store(settings)
    if number is None or store.table("push").filter(pl.col("run") == number).is_empty():
        raise LookupError(in_words("undo.no_such_run", found=typed))
    async with agent_on(settings, store) as agent:
        with screen.working(in_words("verify.reading_workbook", names=", ".join(settings.channels))):
            decision = await cycle(agent, push=False, write=False)
        must_be_read(agent)
        rows = undo.preview(agent, decision, number)
    sentences = [undo.say_preview(store, number, rows)] if rows.height else []
    if rows.is_empty() and (orders := undone.by_orders(store, number)):
        sentences = [in_words("undo.orders_lowered", orders=orders)]
    return _shown(rows), sentences


def _shown(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        pl.col("channel").alias("Channel"), pl.col("sku").alias("SKU"), pl.col("listing").alias("Listing"),
        pl.col("cause").replace(causes()).alias("Changed by"), pl.col("quantity").alias("Before"),
        pl.col("sent").alias("Run set"), pl.col("shown").alias("Shows"), pl.col("target").alias("Then"),
        pl.col("why").alias("Why"),
    )  # fmt: skip


def _show_runs(settings: Settings, screen: Screen) -> int:
    rows = undone.runs(app.copy_store(settings), LATEST)
    said = rows.select(
        pl.format("R{}", "run").alias("Run"),
        pl.Series("When", [f"{at.astimezone():%Y-%m-%d %H:%M:%S}" for at in rows["at"]], dtype=pl.String),
        pl.col("lowered").alias("Lowered"),
        pl.col("raised").alias("Raised"),
        pl.col("causes").list.eval(pl.element().replace(causes())).list.join(", ").alias("Because of"),
    )
    if said.is_empty():
        screen.say(in_words("undo.nothing_pushed"))
    else:
        screen.table(said)
        screen.say(in_words("undo.how_to_see"))
    screen.data({"runs": said.rename({name: name.lower().replace(" ", "_") for name in said.columns}).to_dicts()})
    return DONE
