"""One core for one process: polars hands each small operation to a thread of its own, and across cores that costs ten
times the operation (a join of 40 rows: 53 us on one core, 400 us on two)."""

from __future__ import annotations

import os


def stay_on_one(number: int) -> None:
    """Keep this process and its children on the `number`-th of its cores, counted round, where that can be set."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})
