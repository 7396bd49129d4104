"""The whole agent in seeded worlds: shops, buyers, a packer, a person, faults, crashes; all in virtual time.

`python -m tests.simulate --seeds 60` runs as many as CI does. Here are a few, one test each, so that they can be
spread. A seed that fails prints what broke and the last lines of its trace; it will do so again each time it is run.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.simulate import report
from tests.world.kinds import HAPPENINGS
from tests.world.run import Outcome, simulate
from tests.world.stage import Size

SEEDS = range(4)
SMALL = Size(orders=5, minds=1, packings=2, actions=3, episodes=0, crashes=0, edits=0, rounds=3)
SMALL_SEED = 0
KINDS = (*HAPPENINGS, "late", "feed", "unread", "compared", "far")
HALF = Size(orders=16, minds=4, packings=6, actions=6, episodes=1, crashes=1, edits=4, rounds=9)
HALF_SEED = 6
"""Its rhythm is of five minutes: slow enough for a feed of forty."""
POINTS = range(1, 61, 5)
"""Points after going live at each of which the computer crashes once (every fifth of them)."""


world = cache(simulate)
"""A seed's world, lived through once by whoever asks for it."""


def sound(outcome: Outcome) -> None:
    assert not outcome.violations, report(outcome)
    assert outcome.by_agent == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_after_the_storm_everything_is_as_the_worlds_own_books_say(seed: int) -> None:
    """I1-I5, I7, I9, I11-I16, I18 at every step; in the end every quantity, ledger and workbook; then no pushes."""
    sound(world(seed))


@pytest.mark.parametrize("kind", KINDS)
def test_what_only_some_worlds_have_does_no_harm_either(kind: str) -> None:
    """Platforms of another manner, rivals, a computer asleep or with a wrong clock, a full disk, older copies."""
    outcome = simulate(HALF_SEED, HALF, only=(kind,))
    assert outcome.kinds == (kind,)
    sound(outcome)


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_the_nth_point_does_no_harm_whatever_n_I5(point: int) -> None:
    """Before and after every request, commit, read and write of a small scenario."""
    outcome = simulate(SMALL_SEED, SMALL, crash_at=point)
    sound(outcome)
    assert sum("--- crash" in line for line in outcome.trace) == 1


def test_the_same_seed_gives_the_same_trace() -> None:
    """A failure can be run again, step by step. (Turns of the loop are not compared: one more closes an answer that
    was given up half-read, whenever the garbage is collected.)"""
    first, again = (simulate(SMALL_SEED, SMALL, crash_at=21) for _ in range(2))
    assert first.trace == again.trace
    assert (first.points, first.cycles) == (again.points, again.cycles)


def test_the_storms_are_storms() -> None:
    """The worlds do what they are for: things are sold and shipped, the computer crashes, shops fail, people type."""
    worlds = [world(seed) for seed in (0, 1, 2)]
    lines = [line for each in worlds for line in each.trace]
    for sign in ("order", "is shipped", "--- crash", "begins", "person:", "mirror", "push", "answers"):
        assert any(sign in line for line in lines), sign
    assert sum(each.sold for each in worlds) > 60
    assert {"before GET", "after POST", "before commit", "after commit", "after write"} <= set(worlds[0].names)
