"""The tab Stock In and Out: which rows say something exact, which of them are new, and what a count makes of OnHand.

Rows count as a multiset of their content (DESIGN section 4): SKU, change or count, value, when. The note is not part of
it, nor is the place: a row that is sorted, moved or commented on is the same row. The same row twice is two rows.
"""

from __future__ import annotations

import polars as pl

from agent.core import readers
from agent.core.cells import Sheet
from agent.frames import STOCK_ROWS, empty

READERS = {
    "SKU": readers.CODE,
    "Change or Count": readers.one_of("change", "count"),
    "Value": readers.SIGNED,
    "When": readers.MOMENT,
}
NEEDED = ("SKU", "Change or Count", "Value")
CODES: dict[str, tuple[str, ...]] = {
    "row_incomplete": ("column",),
    "when_missing": (),
}
"""code -> keys of its facts."""

CONTENT = ["sku", "kind", "value", "said"]
KNOWN = {
    **dict.fromkeys(["sku", "kind", "said"], pl.String), "value": pl.Int64, "seen": pl.Int64, "peak": pl.Int64,
}  # fmt: skip
"""A content that was counted: how many of it the last read found and accounts for, and the most there ever were."""


def check_rows(sheet: Sheet) -> tuple[pl.DataFrame | None, list[pl.DataFrame]]:
    """STOCK_ROWS of the complete rows, and issues; None where the tab or one of its columns is not there: then nothing
    is known of any row."""
    if not set(READERS) <= set(sheet.frame.columns):
        return None, []
    if sheet.frame.is_empty():
        return empty(STOCK_ROWS), []
    note = {"Note": readers.TEXT} if "Note" in sheet.frame.columns else {}
    rows = readers.read(sheet.frame, READERS | note)
    rows = rows.filter(pl.any_horizontal(readers.is_filled(name) for name in READERS))
    rows = rows.with_columns(_negative_count())
    issues = [piece for name in READERS for piece in _problems(sheet, rows, name)]
    whole = rows.filter(pl.all_horizontal(pl.col(f"{name}|value").is_not_null() for name in READERS))
    return _complete(sheet, whole, noted=bool(note)), issues


def _negative_count() -> pl.Expr:
    below = (pl.col("Change or Count|value") == "count") & (pl.col("Value|value") < 0)
    return pl.coalesce("Value|problem", pl.when(below).then(pl.lit("negative"))).alias("Value|problem")


def _problems(sheet: Sheet, rows: pl.DataFrame, name: str) -> list[pl.DataFrame]:
    """What is wrong with the cells of a column, and where it is blank in a row that says something."""
    issues = sheet.problems(rows, name, pl.col("SKU|value"), choices="Change, Count")
    blank = rows.filter(~readers.is_filled(name))
    if blank.is_empty():
        return issues
    code = "when_missing" if name == "When" else "row_incomplete"
    return [*issues, sheet.issues(blank, name, code, pl.col("SKU|value"), {"column": pl.lit(name)})]


def _complete(sheet: Sheet, rows: pl.DataFrame, *, noted: bool) -> pl.DataFrame:
    good = rows.filter(pl.all_horizontal(pl.col(f"{name}|problem").is_null() for name in READERS))
    return good.select(
        "row",
        found="SKU|value",
        kind="Change or Count|value",
        value="Value|value",
        said="When|value",
        note=pl.col("Note|value") if noted else pl.lit(None, pl.String),
        tab=pl.lit(sheet.name),
        sku_cell=sheet.cell("SKU"),
        value_cell=sheet.cell("Value"),
        when_cell=sheet.cell("When"),
    ).select(pl.col(name).cast(kind) for name, kind in STOCK_ROWS.items())


def compared(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Each content with `present`, `ready`, `new` (to be counted now), `back` (was there before: asked about), and the
    `seen` and `peak` to remember if the new ones are counted and those that came back are not.

    `rows`: CONTENT and `ready`, one a row of the tab that means a known item; `known`: KNOWN. What is not ready yet is
    not new, and a row that is gone takes nothing back.
    """
    there = rows.group_by(CONTENT).agg(pl.len().cast(pl.Int64).alias("present"), pl.col("ready").all())
    both = there.join(known, on=CONTENT, how="full", coalesce=True).with_columns(
        *(pl.col(name).fill_null(0) for name in ("present", "seen", "peak")), ready=pl.col("ready").fill_null(False)
    )
    known_ones = pl.min_horizontal("present", "peak")
    both = both.with_columns(
        new=pl.when("ready").then(pl.col("present") - known_ones).otherwise(0),
        back=(known_ones - pl.col("seen")).clip(0),
    )
    return both.with_columns(
        seen=known_ones + pl.col("new") - pl.col("back"), peak=pl.max_horizontal("peak", known_ones + pl.col("new"))
    )


def settled(counts: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    """`sku, owes`: what is missing from the ledger so that the newest counts hold; only where it is not 0.

    `counts`: `sku, value, begin, end`: `value` units lay there at some moment between the two; the moment that leaves
    the fewest now is taken. Of several whose times overlap the lowest holds; older ones say nothing any more.
    `entries`: `sku, at, change, own` of these items' ledgers; `own`: it came from one of these counts.
    """
    newest = counts.filter(pl.col("end") >= pl.col("begin").max().over("sku")).with_row_index("count")
    others = entries.filter(~pl.col("own")).group_by("sku", "at").agg(pl.col("change").sum())
    moved = newest.join(others, on="sku").sort("at")
    gone = pl.col("change").filter(pl.col("at") <= pl.col("begin")).sum().alias("gone")
    moved = moved.with_columns(pl.col("change").cum_sum().over("count").alias("until_then"))
    within = pl.col("until_then").filter((pl.col("at") > pl.col("begin")) & (pl.col("at") <= pl.col("end")))
    sums = newest.join(moved.group_by("count").agg(gone, within.max().alias("most")), on="count", how="left")
    # as if it was counted in the moment up to which most had come in: that leaves the fewest
    before_it = pl.max_horizontal(pl.col("gone").fill_null(0), "most")
    holds = sums.group_by("sku").agg((pl.col("value") - before_it).min().alias("holds"))
    own = entries.filter("own").group_by("sku").agg(pl.col("change").sum().alias("had"))
    owes = holds.join(own, on="sku", how="left").select("sku", owes=pl.col("holds") - pl.col("had").fill_null(0))
    return owes.filter(pl.col("owes") != 0)
