"""*Last units*: which channel alone shows the last units of an item, and which units are its last (DESIGN section 7).

`one channel`: the last two. `auto`: as many as may be sold twice while a sale is not yet known in the other shops, that
is, as long as P(Poisson(pace x delay) > units left) is above 0.1 % (reliability.md 4.5). The pace is the busiest of the
last hour, day and week; the delay is measured. It does nothing for items that sell slowly, or that run out nowhere.
"""

from __future__ import annotations

from functools import cache
from math import exp

import polars as pl

from agent.core.scopes import LISTING

LAST = 2
"""*one channel* speaks of this many listing units."""
RISK = 0.001
"""*auto* lets a unit be sold twice so rarely, each time an item runs out."""
MOST = 100
"""*auto* never speaks of more units."""

WINDOWS = {"hour": 3_600, "day": 86_400, "week": 604_800}
"""Over which sales are counted -> seconds."""
SOLD = {"part": pl.String, **dict.fromkeys(WINDOWS, pl.Int64)}
"""Units of an item sold in the last hour, day and week."""
DELAYS = {"channel": pl.String, "known": pl.Int64, "shown": pl.Int64}
"""Seconds until a sale on this channel is known, and until a lower quantity stands on it: slow ones, as measured."""

_C = pl.col


def leaders(
    parts: pl.DataFrame, items: pl.DataFrame, effective: pl.DataFrame, channels: pl.DataFrame
) -> pl.DataFrame | None:
    """`part, leader, channels`: the channel that alone shows the last units of an item, and all that sell it.
    None where no rule asks for one. Arguments as in `rules.Known`.

    Of the channels that are live and list the item (itself or in a bundle): the lowest Priority number, then the name.
    """
    asks = effective.filter(_C("last_units").is_in(["one channel", "auto"])).lazy().select(LISTING)
    if not effective["last_units"].is_in(["one channel", "auto"]).any():
        return None
    off = effective.lazy().filter(_C("sync") == "no").select(LISTING)
    wanted = parts.lazy().join(asks, on=LISTING, how="semi").select("part").unique()
    live = channels.lazy().filter((_C("mode") != "Off") & _C("go_live")).select("channel", "priority", "mode")
    rows = parts.lazy().join(wanted, on="part", how="semi").join(live, on="channel").join(off, on=LISTING, how="anti")
    rows = rows.join(items.lazy().select("sku", "feed"), on="sku", how="left")
    rows = rows.filter((_C("mode") != "Feeds only") | _C("feed").is_not_null())
    ranked = rows.sort("priority", "channel", nulls_last=True).group_by("part", maintain_order=True)
    return ranked.agg(_C("channel").first().alias("leader"), _C("channel").unique().alias("channels")).collect()


def scarce(leading: pl.DataFrame, sold: pl.DataFrame, delays: pl.DataFrame) -> pl.DataFrame:
    """`part, few, few_words`: below so many units of it, *auto* shows an item on its leader only; and why.

    `leading`: of `leaders`. `sold`: SOLD. `delays`: DELAYS.
    """
    slowest = (
        leading.select("part", "channels")
        .explode("channels")
        .join(delays, left_on="channels", right_on="channel")
        .group_by("part")
        .agg((_C("known").max() + _C("shown").max()).alias("delay"))
    )
    rows = slowest.join(sold, on="part").with_columns(_busiest())
    means = rows.select(_C("units") * _C("delay") / _C("window").replace_strict(WINDOWS, default=None)).to_series()
    few = pl.Series("few", pl.Series(bounds()).search_sorted(means.cast(pl.Float64), side="left"), dtype=pl.Int64)
    words = pl.format(" ({} sold in one {}, known everywhere after {} s)", "units", "window", "delay")
    return rows.with_columns(few).select("part", "few", words.alias("few_words"))


def _busiest() -> list[pl.Expr]:
    """`units, window`: of the windows, the one with the highest pace; the shorter one of equals."""
    paces = [_C(name) / seconds for name, seconds in WINDOWS.items()]
    most = pl.max_horizontal(paces)
    found = [pl.when(pace == most) for pace in paces]
    return [
        pl.coalesce(one.then(_C(name)) for one, name in zip(found, WINDOWS, strict=True)).alias("units"),
        pl.coalesce(one.then(pl.lit(name)) for one, name in zip(found, WINDOWS, strict=True)).alias("window"),
    ]


@cache
def bounds() -> tuple[float, ...]:
    """For 0, 1, 2 ... units left: the largest expected number of sales that still sells all of them with P <= RISK."""
    return tuple(_bound(units) for units in range(MOST))


def _bound(units: int) -> float:
    low, high = 0.0, float(units + 1)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _more_than(units, middle) <= RISK else (low, middle)
    return low


def _more_than(units: int, mean: float) -> float:
    """P(Poisson(mean) > units)."""
    term = exp(-mean)
    upto = term
    for k in range(1, units + 1):
        term *= mean / k
        upto += term
    return 1 - upto
