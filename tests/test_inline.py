"""Worlds live where polars works: else each operation on a frame of twenty rows is handed to another thread."""

from __future__ import annotations

import threading

import polars as pl
import pytest

from tests.inline import inline


def test_work_is_done_on_polarss_own_thread_and_hands_nothing_over_there() -> None:
    """What polars calls from there stays on that thread: it does not wait for another one."""
    pair = pl.DataFrame({"one": [1], "other": [1]})
    seen: list[int] = []

    def look(series: pl.Series) -> pl.Series:
        seen.append(threading.get_native_id())
        return series

    @inline
    def work() -> int:
        pair.select(pl.col("one").map_batches(look, return_dtype=pl.Int64), "other")
        return threading.get_native_id()

    there = work()
    assert there != threading.get_native_id()
    assert seen == [there] or pl.thread_pool_size() > 1


def test_what_fails_there_fails_here_as_it_was() -> None:
    @inline
    def fails() -> None:
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        fails()
