"""Learned delays: the last samples of each channel, and what they say (reliability.md 6.3). Pure.

Two delays are told to people: order made -> first read, and push -> confirmed. A third is only used: for how long an
order surely could not be read, which begins where a read that did not show it began. Outages of our own are no part of
it: after one, the read before the order is older than the order.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

SEEN, HIDDEN, PUSHED = "seen", "hidden", "pushed"
"""Order made -> first read; order made -> could surely not be read until; push sent -> confirmed."""
KEPT = 200
"""Samples that are kept, a channel and kind."""
ENOUGH = 20
"""Fewer say nothing: one strange order must not slow everything down."""
LONGEST = 86_400.0
"""A longer delay is a strange date (an order entered later by hand), not a delay."""
SLOW = 0.95


def rolled(known: Sequence[float], new: Sequence[float]) -> list[float]:
    """The samples with the new ones, the oldest beyond KEPT left out; what cannot be a delay is not taken."""
    good = [round(value, 1) for value in new if 0 <= value <= LONGEST]
    return [*known, *good][-KEPT:]


def typical(samples: Sequence[float]) -> tuple[float, float] | None:
    """(the median, the slow one in twenty), seconds; None where nothing is known."""
    if not samples:
        return None
    values = pl.Series(samples)
    middle, slow = values.quantile(0.5, "nearest"), values.quantile(SLOW, "nearest")
    assert middle is not None and slow is not None
    return middle, slow


def in_use(samples: Sequence[float], declared: float, most: float) -> float:
    """The delay to reckon with: what nineteen of twenty orders kept to, never below what the platform declares, and
    never above `most`: whatever is measured, a channel counts as late at some time."""
    return max(declared, measured(samples, declared, max(declared, most)))


def measured(samples: Sequence[float], otherwise: float, most: float) -> float:
    """What nineteen of twenty kept to, never above `most`; `otherwise` where too little is known."""
    found = typical(samples)
    return otherwise if found is None or len(samples) < ENOUGH else min(found[1], most)


def orders(fresh: pl.DataFrame, before: object, began: object) -> tuple[list[float], list[float]]:
    """(SEEN, HIDDEN) samples, one each order. `fresh`: `order, sale_at` of lines read for the first time;
    `before`, `began`: server time at which the read before, and this one, began."""
    made = fresh.group_by("order").agg(pl.col("sale_at").min()).sort("order")
    seconds = made.select(
        seen=(pl.lit(began) - pl.col("sale_at")).dt.total_milliseconds() / 1000,
        hidden=(pl.lit(before) - pl.col("sale_at")).dt.total_milliseconds() / 1000,
    ).with_columns(pl.col("seen", "hidden").clip(0))
    return seconds["seen"].to_list(), seconds["hidden"].to_list()
