"""`stocksheet sync`: one cycle. Reads everything, pushes what may be pushed, and writes the workbook."""

from __future__ import annotations

import argparse
import asyncio

from agent import act, app
from agent.commands import DONE, NEEDS_YOU
from agent.commands._news import News, needs_you
from agent.commands._screen import Screen
from agent.commands._settings import add_config, add_json, agent_on, alone, must_be_read, with_shops
from agent.cycle import cycle

HELP = "Do everything once: read, push what may be pushed, write the results into the workbook."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `sync` takes."""
    add_config(parser)
    add_json(parser)


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: done. 1: done, and something needs you. Raises ConfigProblems, SecretsOut, WorkbookOut, AlreadyRunning."""
    return asyncio.run(_sync(chosen, screen))


async def _sync(chosen: argparse.Namespace, screen: Screen) -> int:
    settings = with_shops(chosen)
    app.start_log(settings)
    with alone(settings):
        async with agent_on(settings) as agent:
            news = News(agent)
            act.recover(agent)
            with screen.working(f"Looking at the workbook and {', '.join(settings.channels)}"):
                decision = await cycle(agent)
            must_be_read(agent)
            told = news.since(agent, decision)
            waiting = needs_you(agent, decision)
    for sign, sentence in told or [("ok", "Nothing new: every listing that is live shows its target.")]:
        screen.sign(sign, sentence)
    lines = [{"sign": sign, "sentence": sentence} for sign, sentence in told]
    screen.data({"well": waiting.is_empty(), "lines": lines, "needs_you": waiting["Id"].to_list()})
    return NEEDS_YOU if waiting.height else DONE
