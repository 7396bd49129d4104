"""Notices on the desktop: exactly three things, each cause once, and silence where there is no desktop."""

from __future__ import annotations

import asyncio
import logging

import pytest

from agent.log import redactor
from agent.telling.attention import attention
from agent.telling.notices import Notices
from tests.scenarios.stage import Stage, scene
from tests.scenarios.test_what_parks_a_listing import live


class Desktop:
    """Remembers what it was asked to show."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []

    async def show(self, title: str, sentence: str) -> None:
        self.shown.append((title, sentence))


async def cycle(stage: Stage, notices: Notices) -> None:
    decision = await stage.cycle()
    notices.tell(stage.agent, decision, attention(stage.agent, decision))
    await asyncio.sleep(0.01)


@scene()
async def test_held_access_and_oversold_are_shown_once_each_and_nothing_else_is(stage: Stage) -> None:
    """A first plan to approve, a wrong cell, a shop that is down: no notice. A wild number, a key that is refused and a
    sale above the stock: one each, also over a restart; and again when it comes up again."""
    desktop = Desktop()
    notices = Notices(desktop.show)
    stage.sells("B", north=2, south=2)
    stage.types("B", stocked=2)
    stage.sells("A", north=5, south=5)
    stage.types("A", stocked=20)
    await cycle(stage, notices)
    for shop in ("north", "south"):
        stage.answers("yes", about=f"first plan for {shop}")
    await cycle(stage, notices)
    stage.types("C", stocked="about ten")
    stage.shops["south"].faults.down = True
    await cycle(stage, notices)
    stage.shops["south"].faults.down = False
    await stage.waits(60)
    await cycle(stage, notices)
    assert desktop.shown == []
    stage.types("A", stocked=2000)
    stage.buys("north", "B", 2)
    stage.buys("south", "B", 2)
    await cycle(stage, notices)
    shown = dict(desktop.shown)
    assert len(desktop.shown) == len(shown) == 2
    assert shown["Stocksheet: something waits for your yes."].startswith("Stocked of A")
    assert shown["Stocksheet: more was sold than there is."].startswith("More of B was sold than you have")
    stage.shops["north"].faults.expired_key = True
    await cycle(stage, notices)
    assert desktop.shown[2:][0][0] == "Stocksheet: a shop no longer lets it in."
    assert "refuses the access" in desktop.shown[2][1]
    for _ in range(3):
        await cycle(stage, notices)
    await stage.restarts()
    await cycle(stage, Notices(desktop.show))
    assert len(desktop.shown) == 3
    stage.types("A", stocked=20)
    await cycle(stage, notices)
    stage.types("A", stocked=3000)
    await cycle(stage, notices)
    assert len(desktop.shown) == 4


@scene()
async def test_two_shops_whose_access_ended_are_two_causes(stage: Stage) -> None:
    desktop = Desktop()
    notices = Notices(desktop.show)
    await live(stage)
    for shop in stage.shops.values():
        shop.faults.expired_key = True
    await cycle(stage, notices)
    assert len(desktop.shown) == 2
    assert len({row.id for row in stage.attention()}) == len(stage.attention())


@scene()
async def test_no_secret_is_shown(stage: Stage) -> None:
    desktop = Desktop()
    redactor.add("a-made-up-secret-of-a-shop")
    stage.sells("a-made-up-secret-of-a-shop", north=5)
    stage.types("a-made-up-secret-of-a-shop", stocked=20)
    await stage.goes_live()
    stage.types("a-made-up-secret-of-a-shop", stocked=9000)
    await cycle(stage, Notices(desktop.show))
    assert len(desktop.shown) == 1
    assert "made-up-secret" not in desktop.shown[0][1]


@scene()
async def test_where_there_is_no_desktop_it_is_said_once_and_nothing_is_disturbed(stage: Stage) -> None:
    class Refused(Exception):
        pass

    async def refuses(title: str, sentence: str) -> None:
        raise Refused

    told: list[str] = []
    listening = logging.Handler()
    listening.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("agent.telling.notices")
    level = logger.level
    logger.addHandler(listening)
    logger.setLevel(logging.INFO)
    try:
        await live(stage)
        notices = Notices(refuses)
        for stocked in (2000, 20, 3000):
            stage.types("A", stocked=stocked)
            await cycle(stage, notices)
    finally:
        logger.removeHandler(listening)
        logger.setLevel(level)
    assert told == ["There is no desktop to show notices on (Refused); Attention has them."]


def test_the_real_library_is_quiet_on_a_computer_without_a_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a server: no session to speak to."""
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)

    async def once() -> None:
        await Notices()._send("Stocksheet", "A sentence.")

    asyncio.run(once())
