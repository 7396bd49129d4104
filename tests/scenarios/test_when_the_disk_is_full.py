"""No room on the disk: nothing can be kept, and afterwards everything is as if it had been (I5)."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest

from agent import cycle as agent_cycle
from tests.scenarios.fragile import Fragile
from tests.scenarios.stage import POLL, perform
from tests.scenarios.test_what_a_cycle_does import becomes


@pytest.mark.parametrize("read", ["yes", "no"])
def test_an_answer_that_could_not_be_kept_is_in_doubt_and_no_quantity_is_sent_for_ever_I5_I15(read: str) -> None:
    """The south takes 18, and the disk is full just then. Where nothing can be read, it stood as in flight for ever,
    and the next quantity was sent in every look."""

    async def story(stage: Any) -> None:
        stage.sells("A", north=5, south=5)
        stage.types("A", stocked=20)
        becomes(stage, "south", read=read)
        await stage.goes_live()
        await stage.cycle()
        stage.buys("north", "A", 2)
        stage.shops["south"].on_exchange = lambda *_: setattr(stage.computer, "full", True)
        await asyncio.sleep(POLL)
        with pytest.raises(sqlite3.OperationalError):
            await agent_cycle.cycle(stage.agent)
        stage.shops["south"].on_exchange = None
        stage.computer.full = False
        await stage.cycles(120, every=20)
        stage.buys("north", "A", 1)
        await stage.cycles(120, every=20)
        assert [stage.shows(shop, "A") for shop in ("north", "south")] == [17, 17]
        assert [new for _, new, _ in stage.log("south")].count(17) == 1
        open_ = stage.disk.execute("SELECT COUNT(*) FROM push WHERE outcome IS NULL").fetchone()
        assert open_ == (0,)

    perform(story, Fragile)


def test_a_number_that_was_typed_while_the_disk_was_full_counts_as_soon_as_there_is_room_I5() -> None:
    """Seed 204: the revision was read, could not be kept, and was not looked at again before the next save."""

    async def story(stage: Any) -> None:
        stage.sells("A", north=5, south=5)
        stage.types("A", stocked=20)
        await stage.goes_live()
        await stage.cycle()
        stage.types("A", stocked=12)
        stage.saves()
        stage.computer.full = True
        await asyncio.sleep(POLL)
        with pytest.raises(sqlite3.OperationalError):
            await agent_cycle.cycle(stage.agent)
        stage.computer.full = False
        await stage.cycles(60, every=20)
        assert stage.levels("A") == (12, 0, 12, None)
        assert [stage.shows(shop, "A") for shop in ("north", "south")] == [12, 12]

    perform(story, Fragile)
