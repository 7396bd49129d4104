"""The brake on ordinary days and on slips: a small size of `python -m benchmarks.false_holds` (DESIGN section 11)."""

from __future__ import annotations

from benchmarks.false_holds import SLIPS, measure


def test_ten_ordinary_days_are_not_held_and_every_slip_is() -> None:
    told = measure(days=10, seed=1)
    assert (told.days, dict(told.holds)) == (10, {})
    assert told.rows <= 3 * told.days
    assert set(told.tried) == {*(slip.__name__ for slip in SLIPS), "an_older_copy_put_back"}
    assert told.caught == told.tried
