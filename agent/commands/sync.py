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
from agent.telling.attention import attention
from agent.words import in_words

HELP = "Do everything once: read, push what may be pushed, write the results into the workbook."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `sync` takes."""
    add_config(parser)
    add_json(parser)


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: done. 1: done, and something needs you (with a workbook that was read before and cannot be now, lowering is
    what is done). Raises ConfigProblems, SecretsOut, WorkbookOut, AlreadyRunning."""
    return asyncio.run(_sync(chosen, screen))


async def _sync(chosen: argparse.Namespace, screen: Screen) -> int:
    settings = with_shops(chosen)
    app.start_log(settings)
    with alone(settings):
        async with agent_on(settings) as agent:
            news = News(agent)
            act.recover(agent)
            with screen.working(in_words("sync.looking_at_workbook", channels=", ".join(settings.channels))):
                decision = await cycle(agent)
            if agent.store.table("item").is_empty():
                must_be_read(agent)
            rows = attention(agent, decision)
            told, waiting = news.since(agent, decision, rows), needs_you(rows)
            well = waiting.is_empty() and agent.sheet_problem is None
    for sign, sentence in told or [("ok", in_words("sync.nothing_new_every_listing"))]:
        screen.sign(sign, sentence)
    lines = [{"sign": sign, "sentence": sentence} for sign, sentence in told]
    screen.data({"well": well, "lines": lines, "needs_you": waiting["Id"].to_list()})
    return DONE if well else NEEDS_YOU
