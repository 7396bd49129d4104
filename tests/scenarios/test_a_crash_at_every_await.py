"""The computer crashes at the n-th await of a story, for every n; after a restart everything comes right (I5, 4.6).

The story: sales in both shops, a shipment, a cancellation, a count and a rule, in three looks. An await is a step of
any task of the agent, and each call of a port (request, commit, workbook) has one before and one after it; at the n-th
one the whole agent stops where it stands. What had left the computer goes on, an open transaction is undone, and the
next life begins with the files as they are.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.scenarios.fragile import Fragile
from tests.scenarios.stage import POLL, perform

AWAITS = 200
EACH = 10
"""Of the awaits, how many are left out between two that are tried each time; all of them are tried with `-m slow`."""


def _orders_change(stage: Fragile) -> None:
    stage.buys("south", "A", 1)
    stage.buys("north", "C", 2)
    stage.ships("north", stage.sent)
    stage.cancels("north", stage.given_up)


def _the_sheet_changes(stage: Fragile) -> None:
    stage.types("C", stocked=30)
    stage.adds("Rules", SKU="B", Reserve=1)
    stage.saves()


def _more_is_sold(stage: Fragile) -> None:
    stage.buys("south", "D", 2)


async def story(stage: Fragile, crash_at: int | None) -> int:
    """Play it; where it is cut off, start again and go on. Gives the number of awaits that it took."""
    for sku, stocked in (("A", 20), ("B", 12), ("C", 9), ("D", 5)):
        stage.sells(sku, north=stocked, south=stocked)
        stage.types(sku, stocked=stocked)
    await stage.goes_live()
    stage.sent, stage.given_up = stage.buys("north", "A", 3), stage.buys("north", "B", 2)
    await stage.cycle()
    for happens in (_orders_change, _the_sheet_changes, _more_is_sold):
        happens(stage)
        await asyncio.sleep(POLL)
        if stage.life.alive:
            await stage.looks(crash_at)
    steps = stage.loop.stepped
    if not stage.life.alive:
        await stage.begins_anew()
    for _ in range(4):
        await asyncio.sleep(POLL)
        assert await stage.looks()
    return steps


def as_it_must_be(stage: Any) -> None:
    """By the shelf: 17 A of which one is sold, 12 B of which one is in reserve, 30 C and 5 D of which two are sold."""
    assert [stage.shows("north", sku) for sku in "ABCD"] == [16, 11, 28, 3]
    assert [stage.shows("south", sku) for sku in "ABCD"] == [16, 11, 28, 3]
    assert [stage.stocked(sku) for sku in "ABCD"] == [17, 12, 30, 5]
    assert [stage.levels(sku)[:3] for sku in "ABCD"] == [(17, 1, 16), (12, 0, 12), (30, 2, 28), (5, 2, 3)]
    assert stage.questions() == []
    shipped = stage.disk.execute("SELECT SUM(change), COUNT(*) FROM ledger WHERE kind = 'shipment'").fetchall()
    assert shipped == [(-3, 1)]


def crashed_at(number: int | None) -> int:
    steps: list[int] = []

    async def play(stage: Any) -> None:
        steps.append(await story(stage, number))

    stage = perform(play, Fragile)
    as_it_must_be(stage)
    assert isinstance(stage, Fragile)
    assert stage.life.number == (1 if number is None else 2)
    return steps[0]


def test_the_story_has_as_many_awaits_as_are_tried() -> None:
    assert crashed_at(None) >= AWAITS


@pytest.mark.parametrize("number", range(1, AWAITS + 1, EACH))
def test_a_crash_at_an_await_loses_nothing_and_counts_nothing_twice_I5(number: int) -> None:
    assert crashed_at(number) >= number


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_crash_at_every_await_loses_nothing_and_counts_nothing_twice_I5() -> None:
    assert all(crashed_at(number) >= number for number in range(1, AWAITS + 1))
