"""Edits of a Stocked cell: what a changed number may mean (DESIGN section 5, *Edits of Stocked*).

`count`: the shelf was counted; of the units marked shipped between the last revision that held the old value and this
save, any number may not be in that count. `change`: something was added or taken away. The lowest candidate >= 0 holds;
where they differ the person is asked, and the cell is not mirrored until answered.
"""

from __future__ import annotations

import polars as pl

COUNTED = "counted"
AFTER = "counted after"
"""The shelf was counted when whatever was marked shipped meanwhile had left it: the number as it was typed."""
CHANGED = "added or taken away"
TWICE = "counted once"
"""Not typed by anybody: a row of Stock In and Out said the same, and moved the units already."""


def read(edits: pl.DataFrame) -> pl.DataFrame:
    """Read edits of Stocked cells.

    `edits`: `value` (typed), `old` (the cell's last accepted value, null: it was blank, then only a count is possible),
    `on_hand` (OnHand as of the save, shipments marked before it taken off), `shipped` (units marked shipped in the
    window), `answer` (null, or one of the four). Adds `count` (the lowest count candidate), `change` (null: not
    possible), `reading` (OnHand as of the save) and `asks` (the candidates differ and nobody has answered).
    """
    count = (pl.col("value") - pl.col("shipped")).clip(0)
    change = pl.col("on_hand") + pl.col("value") - pl.col("old")
    possible = pl.when(change >= 0).then(change)
    lowest = pl.min_horizontal(count, possible)
    answered = (
        pl.when(pl.col("answer") == COUNTED)
        .then(count)
        .when(pl.col("answer") == AFTER)
        .then("value")
        .when(pl.col("answer") == CHANGED)
        .then(pl.coalesce(possible, count))
        .when(pl.col("answer") == TWICE)
        .then(pl.min_horizontal(count, pl.max_horizontal("on_hand", 0)))
    )
    same = (count == pl.col("value")) & ((possible == pl.col("value")) | possible.is_null())
    return edits.with_columns(
        count.alias("count"),
        possible.alias("change"),
        pl.coalesce(answered, lowest).alias("reading"),
        (~same & pl.col("answer").is_null()).alias("asks"),
    )
