"""Every small story there is: none to three units shipped, one edit, two looks with the file open or closed.

A story is an order of these events: T the person looks at the shelf and types, V saves, C the agent looks (the file
open elsewhere, or closed), S a unit is shipped. Each is played as a count and as a change, up and down; all those that
share the order of T, V and C are played at once, each by an item of its own: one world for each such order.

Shown: nothing is ever shown above what is there without a question, from the first look at the edit on. And once all is
answered no edit is lost: a change is exact; a count is, but for units shipped while it may have been made, never above.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import combinations_with_replacement, product
from typing import Any

import pytest

from agent import cycle as agent_cycle
from tests.scenarios.stage import SHOPS, Stage, perform

ORDERS = ("TVCC", "TCVC", "TCCV", "CTVC", "CTCV", "CCTV")
MOST = 3
"""Units shipped, at the most."""
APART = 40.0
"""Seconds between two events: which came first is not in doubt by the clocks."""


def _looks(order: str) -> list[int]:
    return [at for at, event in enumerate(order) if event == "C"]


def worlds() -> list[tuple[str, tuple[bool, bool]]]:
    """Order of the common events, and whether the file is open elsewhere at each look. While typing it always is."""
    found = []
    for order in ORDERS:
        typing = [order.index("T") < at < order.index("V") for at in _looks(order)]
        choices = [(True,) if busy else (False, True) for busy in typing]
        found += [(order, (first, second)) for first, second in product(*choices)]
    return found


@dataclass
class Small:
    """One story, told by one item."""

    sku: str
    counted: bool
    difference: int
    ships: tuple[int, ...]
    """The gaps between the common events in which a unit is shipped; 0: before the first."""
    shelf: int
    orders: list[int] = field(default_factory=list)
    typed: int = 0

    @property
    def available(self) -> int:
        """What may be sold in truth: every order is of one unit, and is open or off the shelf."""
        return self.shelf - len(self.orders)


def stories(order: str) -> list[Small]:
    """Every story of this order; each item has numbers of its own, so that no edit looks like another's."""
    gaps = range(len(order) + 1)
    ships = [each for units in range(MOST + 1) for each in combinations_with_replacement(gaps, units)]
    told = product(ships, (True, False), (4, -3))
    return [
        Small(f"I{at:03}", counted, difference, each, 100 * (at + 1))
        for at, (each, counted, difference) in enumerate(told)
    ]


class Play:
    """One world, in which all stories of one order happen at once."""

    def __init__(self, stage: Stage, order: str, opened: tuple[bool, bool]) -> None:
        self.stage, self.order = stage, order
        self.opened = iter(opened)
        self.written = [at for at, shut in zip(_looks(order), opened, strict=True) if not shut]
        """The looks at which the file can be written."""
        self.stories = stories(order)

    async def plays(self) -> int:
        """The number of stories that were played."""
        await self._begins()
        for at in range(len(self.order) + 1):
            self._ships(at)
            await asyncio.sleep(APART)
            if at < len(self.order):
                await self._happens(self.order[at])
                await asyncio.sleep(APART)
        await self._ends()
        return len(self.stories)

    async def _begins(self) -> None:
        """Live, with every order that will be shipped open, and *Stocked* as it is on the shelf."""
        stage = self.stage
        for story in self.stories:
            stage.sells(story.sku, **dict.fromkeys(SHOPS, story.shelf))
            stage.types(story.sku, stocked=story.shelf)
        await stage.goes_live()
        await stage.cycle()
        for story in self.stories:
            story.orders = [stage.buys("north", story.sku, 1) for _ in story.ships]
        await stage.cycle()
        assert all(stage.shows("south", story.sku) == story.available for story in self.stories)

    def _ships(self, gap: int) -> None:
        """A unit leaves the shelf in the moment in which its order is marked."""
        for story in self.stories:
            for _ in range(story.ships.count(gap)):
                self.stage.ships("north", story.orders.pop())
                story.shelf -= 1

    async def _happens(self, event: str) -> None:
        if event == "C":
            await self._looks(opened=next(self.opened))
        elif event == "V":
            self.stage.book.save()
        else:
            self._types()

    def _types(self) -> None:
        """The shelf is not as the sheet says; each says so in its own way."""
        for story in self.stories:
            story.shelf += story.difference
            cell = self.stage.stocked(story.sku)
            assert isinstance(cell, int)
            story.typed = story.shelf if story.counted else cell + story.difference
            self.stage.book.type_cell("Item Master", story.sku, "Stocked", story.typed)

    async def _looks(self, *, opened: bool) -> None:
        """One cycle. What it saw of the edit may not stand above what is there, but with a question."""
        book = self.stage.book
        typing = book.typing
        if opened and not typing:
            book.open_by_person()
        await agent_cycle.cycle(self.stage.agent)
        if opened and not typing:
            book.close_by_person()
        saved = "V" in self.order and not typing and any(story.typed for story in self.stories)
        if saved:
            self._nothing_is_overstated()

    def _nothing_is_overstated(self) -> None:
        asked = {key for (key,) in self.stage.disk.execute("SELECT key FROM question WHERE closed_at IS NULL")}
        for story in self.stories:
            shown = self.stage.shows("south", story.sku)
            assert shown is not None
            assert shown <= story.available or story.sku in asked, (story, shown)

    async def _ends(self) -> None:
        """The file is closed, everything is answered truly, and no edit was lost."""
        for _ in range(3):
            await self._looks(opened=False)
            self._answers()
            await asyncio.sleep(APART)
        await self._looks(opened=False)
        await self._looks(opened=False)
        assert all("always / ask me" in str(row.answers) for row in self.stage.questions()), self.stage.questions()
        for story in self.stories:
            short = story.available - (self.stage.shows("south", story.sku) or 0)
            assert 0 <= short <= (self._in_doubt(story) if story.counted else 0), (story, short)
            assert self.stage.stocked(story.sku) == story.shelf - short, story
            assert self.stage.levels(story.sku)[2] == story.available - short, story

    def _answers(self) -> None:
        """What each edit was meant as."""
        counted = {story.sku: story.counted for story in self.stories}
        rows = self.stage.disk.execute("SELECT id, key FROM question WHERE kind = 'edit_meaning' AND closed_at IS NULL")
        for question, sku in rows.fetchall():
            self.stage.sets("Attention", question, "Answer", "counted" if counted[sku] else "added or taken away")
        self.stage.saves()

    def _in_doubt(self, story: Small) -> int:
        """Units shipped after the revision of the file before the count, and before its save: the least is taken."""
        typed, saved = self.order.index("T"), self.order.index("V")
        revision = max((at for at in self.written if at < typed), default=-1)
        return sum(revision < gap <= saved for gap in story.ships)


def _each() -> list[Any]:
    """All worlds; without `-m slow` one of each order, so that the file is open and closed at both looks among them."""
    tried = [[world for world in worlds() if world[0] == order] for order in ORDERS]
    chosen = [some[at % len(some)] for at, some in enumerate(tried)]
    return [pytest.param(*world, marks=() if world in chosen else pytest.mark.slow) for world in worlds()]


@pytest.mark.parametrize(("order", "opened"), _each(), ids=str)
def test_no_edit_is_lost_and_nothing_is_overstated_without_a_question_in_any_small_story_I7_I9(
    order: str, opened: tuple[bool, bool]
) -> None:
    played: list[int] = []

    async def play(stage: Stage) -> None:
        played.append(await Play(stage, order, opened).plays())

    perform(play)
    print(f"{order} {opened}: {played[0]} stories")  # noqa: T201 - the evidence
    assert played == [len(stories(order))]


def test_there_are_as_many_small_stories_as_are_told() -> None:
    """17 orders of looking, typing and saving; in each, every way to ship none to three units, as count and change."""
    assert (len(worlds()), sum(len(stories(order)) for order, _ in worlds())) == (17, 17 * 56 * 4)
