"""Missing: units that vanished from a stock cell without an order (DESIGN section 8, *Missing*).

Each stock cell has a baseline: value and server time of its last settled read or confirmed push. A later settled read
is compared with what the baseline and the known sales since then let us expect; a shortfall is booked as missing, with
the interval between the two reads, and the read becomes the baseline. Only a sale in that interval, or a person, clears
it.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from agent.core.lines import EDGE, KEY

CELL = ["channel", "cell"]


@dataclass(frozen=True)
class Settled:
    """What a batch of reads means."""

    cells: pl.DataFrame
    """channel, cell, baseline, baseline_at: the new baselines (only of settled reads)."""
    gaps: pl.DataFrame
    """channel, cell, units (> 0), since, until: to be booked as missing."""
    risen: pl.DataFrame
    """channel, cell, units (> 0), since, until: units that came back by themselves, or on top."""
    counted: pl.DataFrame
    """channel, order, line, counted: lines whose units a baseline now includes."""
    landed: pl.DataFrame
    """id: doubtful pushes that the read shows applied."""
    lost: pl.DataFrame
    """id: doubtful pushes that can no longer take effect and did not."""


def settle(reads: pl.DataFrame, takings: pl.DataFrame, doubts: pl.DataFrame, *, restocks: bool = False) -> Settled:
    """Compare fresh reads with what was expected. `restocks`: the platform puts up again what is cancelled.

    `reads`: channel, cell, read, began, ended (server time), baseline, baseline_at (null: none yet).
    `takings`: channel, cell, order, line, took, counted, sale_at, gave, freed_at (listing units, server time), surely
    (the channel itself says that it gave them back).
    `doubts`: channel, cell, id, quantity, server_at, may_land (it can still take effect).
    """
    first = reads.filter(pl.col("baseline").is_null())
    judged = _explain(reads.filter(pl.col("baseline").is_not_null()), takings, doubts, restocks=restocks)
    may_land = doubts.filter("may_land").select(CELL).unique()
    # a push that can still take effect may yet explain a gap: such a read settles nothing
    waiting = may_land.join(judged.filter(pl.col("gap") != 0), on=CELL, how="semi")
    done = judged.join(waiting, on=CELL, how="anti")
    landed = done.filter(pl.col("id").is_not_null() & (pl.col("gap") == 0) & ~pl.col("base_fits")).select("id")
    cells = pl.concat([done.select(*CELL, "read", "began"), first.select(*CELL, "read", "began")])
    over = doubts.filter(~pl.col("may_land")).join(cells, on=CELL, how="semi").select("id")
    return Settled(
        cells=cells.select(*CELL, pl.col("read").alias("baseline"), pl.col("began").alias("baseline_at")),
        gaps=done.filter(pl.col("gap") > 0).select(
            *CELL, pl.col("gap").alias("units"), pl.col("from").alias("since"), pl.col("ended").alias("until")
        ),
        risen=done.filter(pl.col("gap") < 0).select(
            *CELL, (-pl.col("gap")).alias("units"), pl.col("from").alias("since"), pl.col("ended").alias("until")
        ),
        counted=_count(done, takings),
        landed=landed,
        lost=over.join(landed, on="id", how="anti"),
    )


def _explain(
    reads: pl.DataFrame, takings: pl.DataFrame, doubts: pl.DataFrame, *, restocks: bool = False
) -> pl.DataFrame:
    """One row a read: the explanation (baseline, or a push in doubt) that leaves the smallest gap.

    Units that a cancellation gave back may be in the read or not. Where more is gone than sales explain, they are gone
    as well: they are free again elsewhere, and the listing that should show them does not.

    Adds `from` (its time), `gap`, `id` (of the push, null: the baseline), `base_fits`, `flexible` (units used of sales
    that lie so near a read that they may be on either side).
    """
    starts = reads.with_columns(
        pl.col("baseline").alias("value"), pl.col("baseline_at").alias("from"), pl.lit(None, pl.Int64).alias("id")
    )
    if doubts.height:
        pushed = reads.join(doubts, on=CELL).with_columns(
            pl.col("quantity").alias("value"), pl.col("server_at").alias("from")
        )
        starts = pl.concat([starts, pushed.select(starts.columns)])
    starts = starts.with_row_index("start")
    sums = _sums(starts, takings)
    certain, flexible, gave, back = (pl.col(c).fill_null(0) for c in ("certain", "flexible", "gave", "back"))
    low = pl.col("value") - certain - flexible - pl.col("read")
    high = pl.col("value") - certain + gave - pl.col("read")
    gap = pl.when(low > 0).then(low + back * restocks).when(high < 0).then(high).otherwise(0)
    rows = starts.join(sums, on="start", how="left").with_columns(
        gap.alias("gap"),
        (pl.col("value") - certain - pl.col("read")).clip(0, flexible).alias("used"),
    )
    fits = rows.filter(pl.col("id").is_null()).select(*CELL, (pl.col("gap") == 0).alias("base_fits"))
    best = rows.sort(pl.col("gap").abs(), "id", nulls_last=False).unique(CELL, keep="first", maintain_order=True)
    return best.join(fits, on=CELL).drop("certain", "flexible", "gave", "back")


def _sums(starts: pl.DataFrame, takings: pl.DataFrame) -> pl.DataFrame:
    """start -> certain, flexible, gave, back: units sold surely between the two moments, near one of them, given back,
    and of these surely not before the first."""
    rows = starts.select("start", *CELL, "from", "began", "ended").join(takings, on=CELL)
    left = pl.col("took") - pl.col("counted")
    after = pl.col("sale_at") >= pl.col("from") - EDGE
    sure = (pl.col("sale_at") > pl.col("from") + EDGE) & (pl.col("sale_at") < pl.col("began") - EDGE)
    near = after & ~sure & (pl.col("sale_at") <= pl.col("ended") + EDGE)
    freed = (pl.col("freed_at") >= pl.col("from") - EDGE) & (pl.col("freed_at") <= pl.col("ended") + EDGE)
    return rows.group_by("start").agg(
        left.filter(sure).sum().alias("certain"),
        left.filter(near).sum().alias("flexible"),
        pl.col("gave").filter(freed).sum().alias("gave"),
        pl.col("gave")
        .filter(freed & pl.col("surely") & (pl.col("freed_at") > pl.col("from") + EDGE))
        .sum()
        .alias("back"),
    )


def _count(done: pl.DataFrame, takings: pl.DataFrame) -> pl.DataFrame:
    """The lines that this read's baseline now includes: the sure ones wholly, of the near ones as much as was used."""
    rows = takings.join(done.select(*CELL, "from", "began", "ended", "used"), on=CELL).filter(
        (pl.col("took") > pl.col("counted"))
        & (pl.col("sale_at") >= pl.col("from") - EDGE)
        & (pl.col("sale_at") <= pl.col("ended") + EDGE)
    )
    if rows.is_empty():
        return takings.clear().select(*KEY, "counted")
    sure = (pl.col("sale_at") > pl.col("from") + EDGE) & (pl.col("sale_at") < pl.col("began") - EDGE)
    left = pl.col("took") - pl.col("counted")
    near = pl.when(sure).then(0).otherwise(left)
    before = (near.cum_sum() - near).over(CELL, order_by=["sale_at", "order", "line"])
    used = pl.when(sure).then(left).otherwise((pl.col("used") - before).clip(0, left))
    return (
        rows.with_columns((pl.col("counted") + used).alias("now"))
        .filter(pl.col("now") > pl.col("counted"))
        .select(*KEY, pl.col("now").alias("counted"))
    )


def given(rises: pl.DataFrame, takings: pl.DataFrame) -> pl.DataFrame:
    """`channel, cell, gave`: units that cancellations and refunds gave back in the interval of each rise (+- 5 s).

    `rises`: channel, cell, since, until; one row a cell.
    """
    rows = rises.select(*CELL, "since", "until").join(takings, on=CELL)
    freed = (pl.col("freed_at") >= pl.col("since") - EDGE) & (pl.col("freed_at") <= pl.col("until") + EDGE)
    return rows.filter(freed).group_by(CELL).agg(pl.col("gave").sum())


def clear(missing: pl.DataFrame, takings: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sales that explain missing units after all: a line whose sale time lies in the entry's interval (+- 5 s).

    `missing`: id, channel, cell, units, since, until. Gives (`id, units` left of each entry that shrank,
    `channel, order, line, counted` of the lines used).
    """
    rows = (
        missing.join(takings.filter(pl.col("took") > pl.col("counted")), on=CELL)
        .filter((pl.col("sale_at") >= pl.col("since") - EDGE) & (pl.col("sale_at") <= pl.col("until") + EDGE))
        .sort("id", "sale_at", "order", "line")
    )
    left: dict[int, int] = {}
    counted: dict[tuple[str, str, str], int] = {}
    for row in rows.select("id", "units", *KEY, "took", "counted").iter_rows(named=True):  # few: only unexplained ones
        line = (row["channel"], row["order"], row["line"])
        had, used = left.get(row["id"], row["units"]), counted.get(line, row["counted"])
        step = min(had, row["took"] - used)
        left[row["id"]] = had - step
        counted[line] = used + step
    entries = pl.DataFrame(list(left.items()), schema={"id": pl.Int64, "units": pl.Int64}, orient="row")
    lines = pl.DataFrame(
        [(*line, n) for line, n in counted.items()],
        schema={**dict.fromkeys(KEY, pl.String), "counted": pl.Int64},
        orient="row",
    )
    return entries, lines


def give_back(missing: pl.DataFrame, risen: pl.DataFrame) -> pl.DataFrame:
    """Units that came back by themselves in the same cell shrink its entries, oldest first: `id, units` left."""
    rows = missing.join(risen.rename({"units": "back"}), on=CELL)
    if rows.is_empty():
        return rows.select("id", "units")
    before = (pl.col("units").cum_sum() - pl.col("units")).over(CELL, order_by="id")
    used = (pl.col("back") - before).clip(0, pl.col("units"))
    return (
        rows.with_columns((pl.col("units") - used).alias("now"))
        .filter(pl.col("now") < pl.col("units"))
        .select("id", pl.col("now").alias("units"))
    )
