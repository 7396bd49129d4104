"""Returned units: shipped ones that a refund or a late cancellation brought back (DESIGN section 5). Pure.

What goes back into OnHand is a function of the line's present state and of what was decided about it, like all else
of a line: should the channel show a return undone, the units leave again.
"""

from __future__ import annotations

import polars as pl

from agent.core.lines import KEY, ours

PUT_BACK, NEVER = "put back", "never"


def changed(lines: pl.DataFrame, first_sight: pl.DataFrame) -> pl.DataFrame:
    """Lines with `back` (returned units now), `settled`, `put_back`, where the two first differ.

    `lines`: order_line rows; `first_sight`: line_part rows: only units that an order took off OnHand can go back.
    """
    units = pl.min_horizontal(pl.col("returned").fill_null(0), "shipped")
    rows = ours(lines).with_columns(units.alias("back"), pl.col("settled", "put_back").fill_null(0))
    moved = rows.filter((pl.col("back") != pl.col("settled")) & (pl.col("shipped") == pl.col("posted")))
    return moved.join(first_sight.select(KEY), on=KEY, how="semi", nulls_equal=True)


def settled(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` of `changed` with `answer` (put back / never / null: wait), `settled` and `put_back` as they are to be,
    and `moves` (units that go back into OnHand now; negative: they were not returned after all)."""
    fewer = pl.col("back") < pl.col("settled")
    kept = pl.min_horizontal("put_back", "back")
    fresh = (pl.col("back") - pl.col("settled")).clip(0)
    then = (
        pl.when(fewer).then(kept)
        .when(pl.col("answer") == PUT_BACK).then(pl.col("put_back") + fresh)
        .otherwise("put_back")
    )  # fmt: skip
    decided = fewer | pl.col("answer").is_in([PUT_BACK, NEVER]).fill_null(value=False)
    return rows.filter(decided).with_columns(
        (then - pl.col("put_back")).alias("moves"), then.alias("put_back"), pl.col("back").alias("settled")
    )
