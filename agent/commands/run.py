"""`stocksheet run`: look, decide and act for ever, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio

from agent import app, loop
from agent.awake import kept_awake
from agent.commands import DONE
from agent.commands._news import News
from agent.commands._screen import Screen
from agent.commands._settings import add_config, alone, with_shops
from agent.deciding.decide import Decision
from agent.telling.attention import attention
from agent.telling.away import Away
from agent.telling.notices import Notices
from agent.words import in_words, say

HELP = "Keep every shop in step for as long as it runs. Ctrl-C ends it."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `run` takes."""
    add_config(parser)


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: it was ended. Raises ConfigProblems, SecretsOut, WorkbookOut, AlreadyRunning."""
    return asyncio.run(_run(chosen, screen))


async def _run(chosen: argparse.Namespace, screen: Screen) -> int:
    settings = with_shops(chosen)
    app.start_log(settings)
    stop = asyncio.Event()
    loop.stop_on_signals(stop)
    with alone(settings):
        agent = app.build(settings)
        news, notices = News(agent), Notices() if settings.notices else None

        def tell(decision: Decision) -> None:
            rows = attention(agent, decision)
            for sign, sentence in news.since(agent, decision, rows):
                screen.sign(sign, f"{agent.clock.now().astimezone():%H:%M:%S} {sentence}")
            if notices is not None:
                notices.tell(agent, decision, rows)

        screen.say(in_words("run.stocksheet_looks_after_ctrl", channels=", ".join(settings.channels)))
        screen.say(f"Your workbook: {settings.workbook}")
        with kept_awake(settings.keep_awake):
            await loop.run(agent, stop, tell, lambda left: _told(screen, left))
    return DONE


def _told(screen: Screen, left: Away) -> None:
    """What the stop means for the shops."""
    facts = {"lowered": left.lowered or None, "count": left.still_at_risk}
    screen.say(str(say("stopped_at_risk" if left.still_at_risk else "stopped", facts)))
