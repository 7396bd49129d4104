"""`stocksheet check`: look at everything before it matters, and say how to mend what is wrong. Changes nothing."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from agent import app, config
from agent.commands import DONE, NEEDS_YOU, _preflight
from agent.commands._news import Told, issue_words
from agent.commands._screen import Screen
from agent.commands._settings import NO_SHOP, add_config, add_json, settings
from agent.config import ConfigProblems, Settings
from agent.core import check
from agent.ports import SystemClock
from agent.secrets import SecretsOut
from agent.words import in_words
from agent.workbooks.base import WorkbookOut

HELP = "Look at settings, workbook, keys and shops, and say how to mend what is wrong."
GOOD_TO_KNOW = frozenset(
    {
        "sku_number",
        "sku_trimmed",
        "until_over",
        "minimum_above_stock",
        "cutoff_above_all",
        "percent_hides_last",
        "last_unranked",
    }
)
"""Issues that stop nothing."""
MOST = 40
"""Rows of the workbook that are told one by one."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `check` takes."""
    add_config(parser)
    add_json(parser)


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: all well. 1: something needs you."""
    told = asyncio.run(_all(chosen, screen))
    needs = sum(sign in ("fix", "stop") for sign, _ in told)
    screen.say(in_words("check.things_need_you", count=needs) if needs else in_words("check.all_is_well"))
    screen.data({"well": not needs, "lines": [{"sign": sign, "sentence": sentence} for sign, sentence in told]})
    return NEEDS_YOU if needs else DONE


async def _all(chosen: argparse.Namespace, screen: Screen) -> list[Told]:
    told = []
    async for sign, sentence in _looks(chosen):
        screen.sign(sign, sentence)
        told.append((sign, sentence))
    return told


async def _looks(chosen: argparse.Namespace) -> AsyncIterator[Told]:
    try:
        found = settings(chosen)
        config.make_data_folder(found.data_folder)
    except ConfigProblems as problems:
        for problem in problems.problems:
            yield "fix", problem
        return
    yield "ok", f"Settings: {found.file}"
    for line in _preflight.computer(found):
        yield line
    async for told in _workbook(found):
        yield told
    async for told in _shops(found):
        yield told
    async for told in _preflight.feeds(found):
        yield told


@runtime_checkable
class Preflight(Protocol):
    """A workbook that has more to say about the access to it."""

    async def preflight(self) -> list[Told]:
        """Signs and sentences. Raises WorkbookOut."""


# --- the workbook ---------------------------------------------------------------------------------------------------


async def _workbook(found: Settings) -> AsyncIterator[Told]:
    try:
        workbook = app.open_workbook(found)
        try:
            snapshot = await workbook.read()
            about = await workbook.preflight() if isinstance(workbook, Preflight) else []
        finally:
            await workbook.close()
    except WorkbookOut as out:
        yield "fix", f"{out.what} {out.fix}"
        return
    checked = check.check(snapshot, list(found.channels), SystemClock().now().astimezone().date())
    if checked.rejected is None:
        yield "ok", f"Workbook: {found.workbook}, {checked.items.height} items, {checked.rules.height} rules"
    else:
        yield (
            "stop",
            in_words("check.workbook_cannot_used_as", workbook=found.workbook),
        )
    for told in [*about, *_preflight.workbook_place(found)]:
        yield told
    if snapshot.open_elsewhere:
        yield "note", in_words("check.open_another_program_results")
    for told in _issues(checked):
        yield told


def _issues(checked: check.Checked) -> list[Told]:
    """Every row that is wrong, with its cell and what to do."""
    rows = list(checked.issues.iter_rows(named=True))  # those of the snapshot are among them
    told: dict[str, str] = {}
    for issue in rows:
        where = "!".join(part for part in (issue["tab"], issue["cell"]) if part)
        words = issue_words(issue)
        told[f"{where}: {words}" if where else str(words)] = "note" if issue["code"] in GOOD_TO_KNOW else "fix"
    lines = [(sign, sentence) for sentence, sign in told.items()]
    more = [("fix", in_words("check.more_like_these", count=len(lines) - MOST))] if len(lines) > MOST else []
    return [*lines[:MOST], *more]


# --- the shops ------------------------------------------------------------------------------------------------------


async def _shops(found: Settings) -> AsyncIterator[Told]:
    if not found.channels:
        yield "fix", NO_SHOP
        return
    try:
        secrets = app.secrets_of(found)
    except SecretsOut as out:
        yield "fix", f"{out.what} {out.fix}"
        return
    yield ("note", secrets.warning) if secrets.warning else ("ok", in_words("check.keys_computer_own_key"))
    for lines in await asyncio.gather(*(_preflight.shop(one, secrets) for one in found.channels.values())):
        for told in lines:
            yield told
