"""`stocksheet demo`: two practice shops, a filled workbook and the real agent, without any account."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from agent import app, loop
from agent.commands._screen import Screen
from agent.commands._settings import alone
from agent.config import Settings
from agent.deciding.decide import Decision
from agent.demo import place, shops, world
from agent.demo.shops import Shops
from agent.demo.world import World
from agent.ports import SystemClock
from agent.state import Agent
from agent.words import in_words

if TYPE_CHECKING:
    from agent.demo.google import AtSheet, Sheet

HELP = "Try it without any account: two practice shops on this computer, a filled workbook, the real agent."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `demo` takes."""
    parser.add_argument("--folder", metavar="DIR", help="a new or empty folder (default: ~/Stocksheet/demo)")
    parser.add_argument("--items", type=_count, default=60, metavar="N", help="how many items (default: 60)")
    parser.add_argument(
        "--google", action="store_true", help="with a Google Sheet, on a practice Google on this computer"
    )
    parser.add_argument("--once", action="store_true", help="a scripted round without a person; exit 0 if all is right")
    parser.add_argument("--yes", action="store_true", help="approve the first plan by itself")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed makes the same demo")
    parser.add_argument("--minutes", type=float, metavar="M", help="end after so many minutes (else: Ctrl-C)")


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 200_000:
        raise argparse.ArgumentTypeError(in_words("demo.whole_number_from"))
    return int(text)


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: it ended well. 2: a step of --once did not end as it must."""
    return asyncio.run(_demo(chosen, screen))


async def _demo(chosen: argparse.Namespace, screen: Screen) -> int:
    folder = place.choose(chosen.folder)
    with screen.working(in_words("demo.making_items_two_practice", items=chosen.items)):
        made = world.make(chosen.items, chosen.seed)
        opened = shops.make(made, chosen.seed)
        await opened.open()
        sheet = await _sheet(chosen)
        settings = await (
            sheet.settle(folder, made, opened) if sheet else asyncio.to_thread(place.make, folder, made, opened)
        )
        app.start_log(settings)
    try:
        screen.say(f"Your workbook: {settings.workbook}")
        person = sheet.person if sheet else None
        return await (_once if chosen.once else _live)(chosen, screen, settings, made, opened, person)
    finally:
        await opened.close()
        if sheet:
            await sheet.close()


async def _sheet(chosen: argparse.Namespace) -> Sheet | None:
    """The practice Google with the demo's sheet, open."""
    if not chosen.google:
        return None
    from agent.demo.google import Sheet  # noqa: PLC0415 (loads the practice Google)

    sheet = Sheet(chosen.seed)
    await sheet.open()
    return sheet


async def _once(
    _: argparse.Namespace, screen: Screen, settings: Settings, made: World, opened: Shops, sheet: AtSheet | None
) -> int:
    from agent.demo.once import Round, WentWrong  # noqa: PLC0415

    try:
        with alone(settings):
            await Round(settings, made, opened, lambda step: screen.sign("ok", step), sheet).play()
    except WentWrong as wrong:
        screen.sign("stop", in_words("demo.not_as_must", wrong=wrong))
        return 2
    screen.say(in_words("demo.every_linked_live_listing"))
    return 0


async def _live(
    chosen: argparse.Namespace, screen: Screen, settings: Settings, _: World, opened: Shops, sheet: AtSheet | None
) -> int:
    from agent.commands._news import News  # noqa: PLC0415
    from agent.demo.live import Live  # noqa: PLC0415
    from agent.telling.attention import attention  # noqa: PLC0415

    news: list[News] = []

    def say(sign: str, sentence: str) -> None:
        screen.sign(sign, f"{SystemClock().now().astimezone():%H:%M:%S} {sentence}")

    def tell(agent: Agent, decision: Decision) -> None:
        news[:] = news or [News(agent, from_now=False)]
        for sign, sentence in news[0].since(agent, decision, attention(agent, decision)):
            say(sign, sentence)

    screen.say(in_words("demo.two_practice_shops_open"))
    stop = asyncio.Event()
    loop.stop_on_signals(stop)
    if chosen.minutes is not None:
        asyncio.get_running_loop().call_later(60 * chosen.minutes, stop.set)
    with alone(settings):
        await Live(settings, opened, say, tell, yes=chosen.yes, seed=chosen.seed, sheet=sheet).run(stop)
    screen.say(in_words("demo.demo_ended_folder_stays", data_folder=settings.data_folder))
    return 0
