"""Core alone: stock, targets and plan for many listings (goal: 1,000,000 in <= 3 s and <= 3 GB on 2 cores).

    python benchmarks/plan.py --listings 1000000

Half as many SKUs as listings, as many order lines as listings, two channels, a few rules. Prints seconds a part and the
peak memory of the process. The alternative beside it, in the same run: the same arithmetic in a plain Python loop over
a hundredth of the listings, scaled up.
"""

from __future__ import annotations

import argparse
import resource
import time
from datetime import date

import polars as pl

from agent.core import lines, plan, rules
from agent.core.rules import KEPT, LIMITS
from agent.frames import CHANNELS, ITEMS, LISTING_PARTS, ORDER_LINES, RULES, STOCK, empty, frame

FILLED = ("sku", "title", "stocked", "tracked", "active", "bundle")


def world(listings: int) -> dict[str, pl.DataFrame]:
    """Frames of a big shop."""
    count = listings // 2
    number = pl.int_range(listings, dtype=pl.Int64)
    skus = pl.select(pl.format("SKU-{}", pl.int_range(count))).to_series()
    base = pl.select(
        pl.when(number < listings // 2).then(pl.lit("north")).otherwise(pl.lit("south")).alias("channel"),
        number.cast(pl.String).alias("id"),
        (number % count).alias("owner"),
        (number * 7919 % 3).alias("open"),
        (number * 104729 % 60).alias("shown"),
    )
    channel, ids, owner = base["channel"], base["id"], base["owner"]
    parts = pl.DataFrame(
        {"channel": channel, "listing": ids, "sku": skus.gather(owner), "part": skus.gather(owner), "units": 1},
        schema_overrides=dict(LISTING_PARTS),
    )
    items = pl.DataFrame({"sku": skus}).with_columns(
        title=pl.col("sku"), stocked=pl.lit(1, pl.Int64), tracked=True, active=True, bundle=False,
        **{c: pl.lit(None, k) for c, k in ITEMS.items() if c not in FILLED},
    ).select(list(ITEMS))  # fmt: skip
    sold = pl.DataFrame(
        {
            "channel": channel,
            "order": ids,
            "line": "1",
            "listing": ids,
            "open": base["open"],
            "shipped": 0,
            "ordered": 2,
            "fulfilled_by": "seller",
        }
    ).with_columns(
        pl.lit(None, k).alias(c)
        for c, k in ORDER_LINES.items()
        if c not in ("channel", "order", "line", "listing", "open", "shipped", "ordered", "fulfilled_by")
    )
    level = pl.DataFrame({"sku": skus, "stocked": base["shown"].head(count)})
    shown = pl.DataFrame({"channel": channel, "cell": ids, "read": base["shown"].reverse()})
    return {"parts": parts, "items": items, "lines": sold, "level": level, "shown": shown}


def timed(what: str, seconds: dict[str, float], start: float) -> float:
    now = time.perf_counter()
    seconds[what] = now - start
    return now


def decide(w: dict[str, pl.DataFrame]) -> dict[str, float]:
    """One pass of the core. Gives seconds a part."""
    seconds: dict[str, float] = {}
    at = time.perf_counter()
    allocated = lines.allocated(w["lines"], w["parts"])
    stock = (
        w["level"].join(allocated, on="sku", how="left")
        .with_columns(pl.col("allocated").fill_null(0), missing=pl.lit(0, pl.Int64))
        .with_columns((pl.col("stocked") - pl.col("allocated")).alias("available")).select(list(STOCK))
    )  # fmt: skip
    at = timed("stock", seconds, at)
    rule_rows = frame(
        [(2, None, None, None, "reserve", 1, None, False), (3, "north", None, None, "maximum", 20, None, False)], RULES
    )
    linked = w["parts"].select("channel", "listing", "sku")
    effective = rules.effective(linked, rule_rows, pl.DataFrame(schema={"sku": pl.String, "tag": pl.String}))
    targets = rules.targets(
        parts=w["parts"], stock=stock, kept=empty(KEPT), items=w["items"], effective=effective,
        channels=empty(CHANNELS), limits=empty(LIMITS), today=date(2026, 11, 22), words=True,
    )  # fmt: skip
    at = timed("targets and why", seconds, at)
    merged = plan.merge(
        targets.with_columns(
            pl.col("listing").alias("cell"),
            parked=pl.lit(None, pl.String),
            frozen=pl.lit(None, pl.String),
            recipe=pl.lit("x"),
        )
    )
    cells = merged.join(w["shown"], on=["channel", "cell"]).with_columns(
        linked=True, channel_out=False, readable=True, read_failed=False, fresh=False, stuck=pl.lit(None, pl.String),
        shown=pl.col("read"), sending=pl.lit(None, pl.Int64), unknown=False, confirmed=pl.col("read"),
        sold_down_to=pl.lit(None, pl.Int64),
    )  # fmt: skip
    decided = plan.decide(cells)
    timed("merge and plan", seconds, at)
    assert decided["action"].null_count() == 0
    return seconds


def loop(w: dict[str, pl.DataFrame], share: int) -> float:
    """The same numbers in a plain loop over every `share`-th listing; seconds scaled to all of them."""
    parts = w["parts"].gather_every(share)
    at = time.perf_counter()
    stocked = dict(w["level"].join(parts, on="sku", how="semi").iter_rows())
    opened: dict[str, int] = {}
    owner = dict(parts.select("listing", "sku").iter_rows())
    for listing, units in w["lines"].gather_every(share).select("listing", "open").iter_rows():
        opened[owner[listing]] = opened.get(owner[listing], 0) + units
    made = []
    for channel, sku in parts.select("channel", "sku").iter_rows():
        have = stocked[sku] - opened.get(sku, 0)
        left = max(0, have - 1)
        target = min(left, 20) if channel == "north" else left
        made.append((target, f"{stocked[sku]} stocked - {opened.get(sku, 0)} allocated = {have} -> reserve 1 = {left}"))
    return (time.perf_counter() - at) * share


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--listings", type=int, default=1_000_000)
    count = reader.parse_args().listings
    made = world(count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    runs = sorted((decide(made) for _ in range(3)), key=lambda run: sum(run.values()))
    seconds, plain = runs[1], loop(made, 10)
    total = sum(seconds.values())
    parts = ", ".join(f"{what} {value:.2f} s" for what, value in seconds.items())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count:,} listings: {total:.2f} s (median of 3: {parts})")
    print(
        f"peak memory {peak:,.0f} MB, of which the world {before:,.0f} MB; "
        f"a plain loop takes {plain / total:.1f} times as long"
    )


if __name__ == "__main__":
    main()
