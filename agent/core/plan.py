"""The plan: one row for every stock cell and its listings, always, with an action and a reason (DESIGN section 8).

`TABLE` is the decision table: first match wins. The same list decides, and prints the docs (`describe`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

Action = Literal["skip", "hold", "wait", "read", "lower", "keep", "raise"]

CELLS: dict[str, pl.DataType | type[pl.DataType]] = {
    "channel": pl.String,
    "cell": pl.String,
    "linked": pl.Boolean,
    "parked": pl.String,  # null, or the code why nothing is pushed whatever the numbers say
    "channel_out": pl.Boolean,
    "readable": pl.Boolean,
    "read": pl.Int64,  # null: never read
    "read_failed": pl.Boolean,  # tried in this cycle, and failed
    "fresh": pl.Boolean,  # read in this cycle, with the channel's orders read after it
    "stuck": pl.String,  # null, or the code why this same target was answered and does not stand
    "target": pl.Int64,
    "safe": pl.Int64,
    "shown": pl.Int64,  # the most a buyer may see now
    "sending": pl.Int64,  # the newest value in flight
    "unknown": pl.Boolean,  # a push's outcome is not known
    "frozen": pl.String,  # null, or the code why it may only be lowered
    "confirmed": pl.Int64,
    "sold_down_to": pl.Int64,  # null, or what sales since it was read have left of what is shown
}
"""What the table looks at, one row a stock cell."""


@dataclass(frozen=True)
class Row:
    """One row of the decision table."""

    number: str
    when: str
    """In words, for the docs."""
    test: pl.Expr
    action: Action
    reason: str | pl.Expr
    """A code of agent.words, or the column that holds it."""


_C = pl.col
_SOLD_DOWN = (_C("sold_down_to") <= _C("target")).fill_null(value=False) & ~_C("fresh") & ~_C("read_failed")
"""By its own sales the shop shows no more than the target already; it need only be read."""
TABLE: tuple[Row, ...] = (
    Row("1", "not linked", ~_C("linked"), "skip", "not_linked"),
    Row("2", "ignored, gone, off, paused, not live yet ...", _C("parked").is_not_null(), "hold", _C("parked")),
    Row("3", "the channel is out", _C("channel_out"), "wait", "channel_out"),
    Row(
        "4a",
        "never read, and the read failed",
        _C("readable") & _C("read").is_null() & _C("read_failed"),
        "wait",
        "read_failed",
    ),
    Row("4b", "readable and never read", _C("readable") & _C("read").is_null(), "read", "never_read"),
    Row("5", "this target was answered, and another value stands", _C("stuck").is_not_null(), "hold", _C("stuck")),
    Row(
        "6",
        "target below the newest value in flight or, with nothing in flight, below what is shown (while units are kept "
        "back, and sales since the last read have brought it down to the target: read first)",
        (_C("target") < pl.coalesce("sending", "shown")) & ~_SOLD_DOWN,
        "lower",
        "lower",
    ),
    Row("7", "something is in flight", _C("sending").is_not_null(), "wait", "in_flight"),
    Row("8", "frozen", _C("frozen").is_not_null(), "hold", _C("frozen")),
    Row(
        "9a",
        "equal, and the shop itself said so",
        (_C("target") == _C("shown")) & ~_C("unknown") & (_C("confirmed") == _C("target")),
        "keep",
        "in_sync",
    ),
    Row("9b", "equal, not confirmed", (_C("target") == _C("shown")) & ~_C("unknown"), "keep", "sent_equal"),
    Row("10a", "not read afresh, and the read failed", _C("readable") & _C("read_failed"), "wait", "read_failed"),
    Row("10b", "not read afresh in this cycle", _C("readable") & ~_C("fresh"), "read", "read_first"),
    Row(
        "11",
        "a raise that is safe whatever is not known",
        (_C("safe") > _C("shown")) | ((_C("safe") == _C("shown")) & _C("unknown")),
        "raise",
        "raise",
    ),
    Row("12", "otherwise", pl.lit(value=True), "wait", "kept_back"),
)
"""First match wins. Every plan has a row for every stock cell."""


def decide(cells: pl.DataFrame, table: Sequence[Row] = TABLE) -> pl.DataFrame:
    """CELLS in; the same with `action`, `reason` (code), `row` (of the table) and `to` (what to push, or null)."""
    hit, told = _OUTCOME if table is TABLE else _outcome(table)
    return cells.with_columns(hit).with_columns(told).drop("hit")


def _outcome(table: Sequence[Row]) -> tuple[pl.Expr, list[pl.Expr]]:
    """`hit`: the place of the first row whose test holds; and what follows from it."""
    hit = pl.coalesce(pl.when(row.test.fill_null(value=False)).then(pl.lit(i, pl.UInt8)) for i, row in enumerate(table))
    named = [(i, row.reason) for i, row in enumerate(table) if not isinstance(row.reason, str)]
    fixed = [row.reason if isinstance(row.reason, str) else None for row in table]
    action = _spelled([row.action for row in table])
    return hit.alias("hit"), [
        _spelled([row.number for row in table]).alias("row"),
        action.alias("action"),
        pl.coalesce(_spelled(fixed), *(pl.when(_C("hit") == i).then(why) for i, why in named)).alias("reason"),
        pl.when(action == "lower").then(_lowered()).when(action == "raise").then("safe").alias("to"),
    ]


def _lowered() -> pl.Expr:
    """What a lowering sends: the target. While units are kept back it may not raise, unproven, what the shop's own
    sales have brought further down since it was read: then what they left, but never less than is safe to show."""
    left = pl.min_horizontal("target", pl.max_horizontal("safe", "sold_down_to"))
    return pl.when((_C("safe") < _C("target")) & _C("sold_down_to").is_not_null()).then(left).otherwise("target")


def _spelled(words: Sequence[str | None]) -> pl.Expr:
    """The word of the row that was hit."""
    return pl.lit(pl.Series(list(words), dtype=pl.String)).gather(_C("hit"))


_OUTCOME = _outcome(TABLE)


def describe(table: Sequence[Row] = TABLE) -> str:
    """The decision table as a Markdown table, for the docs."""
    head = "| row | when | action | reason |\n|---|---|---|---|\n"
    return head + "".join(
        f"| {row.number} | {row.when} | {row.action} | {row.reason if isinstance(row.reason, str) else 'as named'} |\n"
        for row in table
    )


def merge(listings: pl.DataFrame) -> pl.DataFrame:
    """Listings of one stock cell -> one row a cell: the lowest target, with that listing's why.

    `listings`: channel, cell, listing, target, safe, why, parked, frozen, recipe (which items in which units). Gives
    one row a cell with `listing` (the one that sets the target) and `frozen` = cell_conflict where recipes differ.
    A parked listing does not speak for its cell while another one does.
    """
    several = listings.select("channel", "cell").is_duplicated()
    if not several.any():
        return listings
    alone, shared = listings.filter(~several), listings.filter(several)
    ordered = shared.sort(
        "channel", "cell", pl.col("parked").is_not_null(), "target", "safe", "listing", nulls_last=True
    )
    lead = ordered.unique(["channel", "cell"], keep="first", maintain_order=True)
    recipes = shared.group_by("channel", "cell").agg(
        pl.col("recipe").n_unique().alias("recipes"), pl.col("frozen").drop_nulls().first().alias("any_frozen")
    )
    conflict = pl.when(pl.col("recipes") > 1).then(pl.lit("cell_conflict"))
    judged = lead.join(recipes, on=["channel", "cell"], how="left").with_columns(
        pl.coalesce("frozen", conflict, "any_frozen").alias("frozen")
    )
    return pl.concat([alone, judged.select(alone.columns)])
