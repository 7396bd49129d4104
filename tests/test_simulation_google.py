"""The whole agent in seeded worlds whose workbook is a Google Sheet (issue 6, point 7).

`python -m tests.simulate --google --seeds 50` runs more. The judge is that of every world; besides, whatever the agent
writes, each cell of a person stays as it is, and each answer beside its key (`tests/world/sheet_book.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from tests.simulate import report
from tests.world.run import World, _watched, simulate
from tests.world.sheet_book import SheetBook
from tests.world.stage import Size
from tests.world.timeline import VirtualLoop

TINY = Size(orders=2, minds=1, packings=1, actions=1, episodes=0, crashes=0, edits=0, rounds=2)
RESTLESS_SEED = 3
"""Its colleague does something at every sixth call of the agent's."""


def often(world: World) -> None:
    """The orders are looked at every twenty seconds."""
    world.poll = 20.0


def test_a_person_a_colleague_and_the_agent_work_in_one_google_sheet_and_nothing_is_lost() -> None:
    """I1-I5, I7, I9, I11-I16, I18; 0 wrong links, 0 lost decisions, 0 overwritten cells of a person."""
    outcome = simulate(RESTLESS_SEED, TINY, only=(), google=True, prepare=often)
    assert not outcome.violations, report(outcome)
    assert outcome.by_agent == 0
    for sign in ("colleague: ", "person: ", "google: ", "push", "sheet: written"):
        assert any(sign in line for line in outcome.trace), sign


def in_a_world(story: Callable[[World, SheetBook], Awaitable[None]]) -> World:
    """A quiet world that is live, with a look at the orders every twenty seconds."""
    virtual = VirtualLoop()
    asyncio.set_event_loop(virtual)
    world = World(5, virtual, TINY, None, (), google=True)
    world.poll = 20.0

    async def play() -> None:
        world.boot()
        await world._first_plan()
        world.calm = True
        assert isinstance(world.book, SheetBook)
        await story(world, world.book)

    try:
        with _watched(world):
            virtual.run_until_complete(play())
    finally:
        world.life.end()
        virtual.end()
    assert not world.violations, world.violations
    return world


@pytest.mark.parametrize("fault", ["unavailable", "throttled"])
def test_what_is_sold_is_lowered_at_once_while_google_does_not_answer(fault: str) -> None:
    """A look that is repeated again and again, and a lease that cannot be kept, hold up no cycle (DESIGN 2, idea 3)."""

    async def story(world: World, book: SheetBook) -> None:
        book.google.faults = replace(book.google.faults, **{fault: True})
        await asyncio.sleep(50)  # retries are under way
        north, south = (
            next(each for each in world.books.listings.values() if (each.channel, each.sku) == (channel, "CUP-2"))
            for channel in ("north", "south")
        )
        for _ in range(2):
            before = world.shops["south"].quantity(south.id) or 0
            world.sell("north", [(north.id, 1)], "processing")
            sold = world.loop.time()
            while world.shops["south"].quantity(south.id) == before:
                await asyncio.sleep(0.5)
                assert world.loop.time() - sold < world.poll + 5
        assert world.agent.sheet_problem is not None

    in_a_world(story)


def test_two_counts_at_the_same_time_of_a_crash_are_not_lost() -> None:
    """What is typed while the computer is off is read when it is on again; the sheet keeps it meanwhile."""

    async def story(world: World, book: SheetBook) -> None:
        world.crash_after = world.points + 1
        await asyncio.sleep(12)
        for sku, value in (("CUP-1", 41), ("TEE-L", 17)):
            book.type_cell("Item Master", sku, "Stocked", value)
            book.save()
            world.books.items[sku].shelf = world.books.items[sku].told = value
            world.changed(f"person: {sku} = {value}")
        await asyncio.sleep(60 + 4 * world.poll)
        assert any("--- crash" in line for line in world.trace)
        levels = dict(world.disk.rows("SELECT sku, on_hand FROM level"))
        assert (levels["CUP-1"], levels["TEE-L"]) == (41, 17)
        assert [book.worked_out(sku, "Stocked now") for sku in ("CUP-1", "TEE-L")] == [41, 17]

    in_a_world(story)
