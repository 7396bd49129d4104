"""The whole agent in seeded worlds whose workbook is a Google Sheet (issue 6, point 7).

`python -m tests.simulate --google --seeds 50` runs more. The judge is that of every world; besides, whatever the agent
writes, each cell of a person stays as it is, and each answer beside its key (`tests/world/sheet_book.py`).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.simulate import report
from tests.world.run import Outcome, World, _watched, simulate
from tests.world.sheet_book import SheetBook
from tests.world.sheet_people import RESTLESS, Colleague
from tests.world.stage import Size
from tests.world.timeline import VirtualLoop

SMALL = Size(orders=5, minds=1, packings=2, actions=3, episodes=0, crashes=1, edits=0, rounds=3)
SEEDS = (0, 1, 2)


def sound(outcome: Outcome) -> None:
    assert not outcome.violations, report(outcome)
    assert outcome.by_agent == 0


def never_quiet(world: World) -> None:
    """The colleague does something at every sixth call of the agent's."""
    world.chance = lambda name, known=world.chance: _Restless(known(name)) if name == "colleague" else known(name)  # type: ignore[method-assign, misc]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_person_a_colleague_and_the_agent_work_in_one_google_sheet_and_nothing_is_lost(seed: int) -> None:
    """I1-I5, I7, I9, I11-I16, I18; 0 wrong links, 0 lost decisions, 0 overwritten cells of a person."""
    sound(simulate(seed, SMALL, only=(), google=True))
