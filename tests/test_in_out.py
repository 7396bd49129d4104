"""Rows of Stock In and Out under crashes: counted once, whichever commit was the last (DESIGN sections 2 and 5)."""

from __future__ import annotations

from typing import Any

import pytest

from agent.act import recover
from tests.scenarios.stage import Stage, perform

COMMITS = 7


class PowerCut(Exception):
    """The computer is off."""


class Fragile:
    """A connection whose so-manieth commit is the last: it fails before it, or right after it."""

    def __init__(self, real: Any, commits: int, *, after: bool) -> None:
        self.real, self.left, self.after = real, commits, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def execute(self, sql: str, *given: Any) -> Any:
        if sql == "ROLLBACK" and not self.real.in_transaction:
            return None
        if sql != "COMMIT":
            return self.real.execute(sql, *given)
        self.left -= 1
        if self.left == 0 and not self.after:
            raise PowerCut
        done = self.real.execute(sql)
        if self.left == 0:
            raise PowerCut
        return done


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("commits", range(1, COMMITS + 1))
def test_a_row_counts_once_whichever_commit_was_the_last(commits: int, after: bool) -> None:
    async def story(stage: Stage) -> None:
        stage.sells("A", north=5)
        stage.types("A", stocked=20)
        await stage.goes_live()
        order = stage.buys("north", "A", 2)
        await stage.cycle()
        stage.ships("north", order)
        stage.adds("Stock In and Out", SKU="A", Change_or_Count="Change", Value=10, When="2026-11-23")
        stage.adds("Stock In and Out", SKU="A", Change_or_Count="Change", Value=10, When="2026-11-23")
        stage.agent.store._db = Fragile(stage.disk, commits, after=after)
        try:
            await stage.cycles(30, every=10)
        except PowerCut:
            if stage.disk.in_transaction:
                stage.disk.rollback()
        else:
            assert stage.agent.store._db.left > 0
        await stage.restarts()
        recover(stage.agent)
        await stage.cycles(120)
        assert (stage.levels("A"), stage.stocked("A"), stage.shows("north", "A")) == ((38, 0, 38, None), 38, 38)
        assert stage.attention() == []

    perform(story)
