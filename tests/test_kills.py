"""Real processes: killed at random moments, and started twice (a smaller size of `python -m tests.kills`)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.kills import killed, two_of_them


@pytest.mark.timeout(600)
def test_after_kills_at_random_moments_nothing_is_lost_or_counted_twice_I5(tmp_path: Path) -> None:
    assert asyncio.run(killed(10, 7, tmp_path)) == []


@pytest.mark.timeout(600)
def test_of_two_processes_on_one_workbook_one_pushes_and_the_other_can_when_that_is_killed_I17(tmp_path: Path) -> None:
    """Each has a data folder of its own, a copy; the operating system's lock beside the workbook keeps them apart."""
    code, said, problems = asyncio.run(two_of_them(3, tmp_path))
    assert code == 2
    assert "Another Stocksheet already works with the workbook" in said
    assert problems == []
