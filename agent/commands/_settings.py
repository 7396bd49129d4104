"""What several commands need: their arguments, the settings that these lead to, and an agent on them."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from filelock import FileLock

from agent import app, config, loop
from agent.channels.base import ChannelOut
from agent.config import ConfigProblems, Settings
from agent.state import Agent
from agent.store import Store
from agent.words import in_words
from agent.workbooks.base import WorkbookOut

NO_SHOP = in_words("settings.no_shop_connected_yet")

UNHURRIED = 3600.0
"""Seconds that a single cycle waits for its slowest shop: there is no next one that would find its answers."""


def add_config(parser: argparse.ArgumentParser) -> None:
    """--config and --workbook."""
    parser.add_argument("--config", metavar="FILE", help="the settings file (default: ~/Stocksheet/config.toml)")
    parser.add_argument("--workbook", metavar="FILE", help="another workbook than the one in the settings")


def add_json(parser: argparse.ArgumentParser) -> None:
    """--json."""
    parser.add_argument("--json", action="store_true", help="one JSON object for a script, instead of sentences")


def settings(chosen: argparse.Namespace) -> Settings:
    """The settings that the arguments name. Raises ConfigProblems."""
    found = config.load(chosen.config)
    if chosen.workbook is None:
        return found
    return replace(found, workbook=str(Path(chosen.workbook).expanduser().absolute()))


def with_shops(chosen: argparse.Namespace) -> Settings:
    """The settings, with at least one shop. Raises ConfigProblems."""
    found = settings(chosen)
    if not found.channels:
        raise ConfigProblems([NO_SHOP])
    return found


@contextmanager
def alone(found: Settings) -> Iterator[None]:
    """No other agent works with this data folder, or this Excel workbook, meanwhile. Raises AlreadyRunning."""
    lock = loop.only_one(config.make_data_folder(found.data_folder))
    beside: FileLock | None = None
    try:
        beside = None if found.google else loop.only_writer(Path(found.workbook))
        yield
    finally:
        if beside is not None:
            beside.release()
        lock.release()


@asynccontextmanager
async def agent_on(found: Settings, store: Store | None = None) -> AsyncIterator[Agent]:
    """An agent on these settings, for one cycle: it waits for every shop, however slow. Lets go of everything in the
    end. Raises what `app.build` raises."""
    made = app.build(found, store)
    made.patience = made.hurry = UNHURRIED
    try:
        yield made
    finally:
        with suppress(ChannelOut):
            await loop.finish(made)


def must_be_read(agent: Agent) -> None:
    """Raises WorkbookOut where the workbook could not be read."""
    if agent.sheet is None and agent.sheet_problem is not None:
        raise WorkbookOut(*agent.sheet_problem)
