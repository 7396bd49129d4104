"""`Store.derived`: made once, made again when something has changed; and nothing that is kept is ever stale."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import polars as pl
import pytest

from agent.store import Store
from tests.test_simulation import HALF, HALF_SEED, SMALL
from tests.world.run import simulate

TABS = ("Listings", "Stock Levels", "Movements", "Sync Log", "Imports")
DECIDED = ("stock", "targets", "listings", "stops", "frozen", "matched", "cell parts", "link parts")
TOLD = ("open questions", "stop meant", "shops counted", "pushes counted", "unlisted", "stops in words")


@pytest.fixture
def store() -> Store:
    return Store(":memory:")


def tag(store: Store, *tags: str) -> None:
    with store.transaction():
        store.put("tag", pl.DataFrame({"sku": "A", "tag": list(tags)}))


def test_what_is_made_of_a_table_is_made_again_when_the_table_changes(store: Store) -> None:
    def tags() -> int:
        return store.derived("tags", lambda: made.append(1) or store.table("tag").height)

    made: list[int] = []
    assert [tags(), tags(), len(made)] == [0, 0, 1]
    tag(store, "red", "blue")
    assert [tags(), tags(), len(made)] == [2, 2, 2]


def test_another_table_and_the_same_value_kept_again_change_nothing(store: Store) -> None:
    def mode() -> object:
        return store.derived("mode", lambda: made.append(1) or store.meta("mode", "Live"))

    made: list[int] = []
    assert mode() == "Live"
    store.set_meta(mode="Paused", run=1)
    assert mode() == "Paused"
    tag(store, "red")
    store.set_meta(mode="Paused", run=2)
    assert (mode(), len(made)) == ("Paused", 2)


def test_what_was_made_from_something_derived_is_made_again_with_it(store: Store) -> None:
    def number() -> int:
        return store.derived("number", lambda: store.derived("tags", lambda: store.table("tag").height))

    assert (number(), number()) == (0, 0)
    tag(store, "red")
    assert number() == 1


def test_frames_that_are_given_are_compared_by_what_they_hold(store: Store) -> None:
    def total(frame: pl.DataFrame) -> int:
        return store.derived("total", lambda: made.append(1) or int(frame["n"].sum()), frame)

    made: list[int] = []
    assert [total(pl.DataFrame({"n": [1, 2]})), total(pl.DataFrame({"n": [1, 2]})), len(made)] == [3, 3, 1]
    assert [total(pl.DataFrame({"n": [1, 3]})), len(made)] == [4, 2]


def test_what_was_made_in_a_transaction_that_failed_stands_for_nothing(store: Store) -> None:
    def tags() -> int:
        return store.derived("tags", lambda: store.table("tag").height)

    def kept() -> object:
        return store.derived("kept", lambda: store.meta("run", 0))

    assert (tags(), kept()) == (0, 0)
    with pytest.raises(ValueError, match="fails"), store.transaction():
        store.put("tag", pl.DataFrame({"sku": ["A"], "tag": ["red"]}))
        store.set_meta(run=7)
        assert (tags(), kept()) == (1, 7)
        raise ValueError("it fails")
    assert (tags(), kept()) == (0, 0)


def the_same(kept: Any, fresh: Any) -> bool:
    """By what they hold; rows in any order."""
    if isinstance(kept, pl.DataFrame):
        return kept.equals(fresh) or kept.sort(pl.all()).equals(fresh.sort(pl.all()))
    if is_dataclass(kept):
        return all(the_same(getattr(kept, each.name), getattr(fresh, each.name)) for each in fields(kept))
    if isinstance(kept, tuple | list):
        return len(kept) == len(fresh) and all(map(the_same, kept, fresh))
    return bool(kept == fresh)


@pytest.mark.parametrize(("seed", "size"), [(0, SMALL), (HALF_SEED, HALF)], ids=["small", "half"])
def test_nothing_that_is_kept_is_stale_in_a_storm(seed: int, size: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time that something is not made again, it is made all the same, and is equal: tabs, targets, questions."""
    spared: set[str] = set()

    def check(name: str, kept: object, fresh: object) -> None:
        spared.add(name)
        assert the_same(kept, fresh), name

    monkeypatch.setattr(Store, "check", staticmethod(check))
    outcome = simulate(seed, size)
    assert not outcome.violations, outcome.violations
    assert spared >= {*TABS, *DECIDED, *TOLD}
