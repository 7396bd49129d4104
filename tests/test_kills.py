"""The agent as a real process, killed at random moments (a smaller size of `python -m tests.kills --kills 200`)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.kills import killed


@pytest.mark.timeout(300)
def test_after_kills_at_random_moments_nothing_is_lost_or_counted_twice_I5(tmp_path: Path) -> None:
    assert asyncio.run(killed(5, 7, tmp_path)) == []
