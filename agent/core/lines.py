"""Order lines: the join of all versions seen, what they allocate, what their shipment takes (DESIGN section 5).

The effect of a line is a function of the join of all its versions, never of the events that brought them, so reading
again, in any order, changes nothing (I2). A unit once shipped stays shipped when it is cancelled or refunded later;
only when the channel itself shows it open again does it return to OnHand and Allocated together (I9, I10).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from agent.frames import ORDER_LINES, TIME, UNTOLD

KEY = ["channel", "order", "line"]
STORED = {
    **ORDER_LINES, "posted": pl.Int64, "counted": pl.Int64, "open_at": TIME, "more": pl.Int64, "more_at": TIME,
    "back_at": TIME,
}  # fmt: skip
EDGE = timedelta(seconds=5)
"""A line within this of a read counts on the side that makes the gap smaller."""


def join(stored: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """The lines that `seen` brings, each joined with what was known of it.

    `stored`: order_line rows; `seen`: ORDER_LINES. Gives STORED columns for the lines in `seen` only.
    Shipped units: the most ever seen, unless the newest version shows open units and fewer shipped ones (undone).
    """
    known = stored.select(*KEY, pl.col(_KEPT).name.prefix("known_"), *_OURS)
    orders = stored.select(KEY[:2]).unique().with_columns(order_known=pl.lit(value=True))
    both = _once(seen).join(known, on=KEY, how="left", nulls_equal=True).join(orders, on=KEY[:2], how="left")
    is_new = pl.col("known_updated_at").is_null()
    newer = is_new | (pl.col("updated_at") > pl.col("known_updated_at"))
    same = pl.col("updated_at") == pl.col("known_updated_at")
    further = newer | (same & (pl.col("shipped") >= pl.col("known_shipped")))
    took_before = pl.col("known_sale_at").is_not_null() & (
        pl.col("known_holds") | (pl.col("known_shipped") > 0) | pl.col("known_freed_at").is_not_null()
    )
    # ended, and marked as shipped before a version that showed it unshipped: that was undone, whatever dates it keeps
    older = (pl.col("shipped_at") < pl.col("known_updated_at")) & (pl.col("known_shipped") < pl.col("shipped"))
    older &= pl.col("shipped_at") != UNTOLD
    undone = older & (pl.col("returned") >= pl.col("shipped"))
    most = pl.when(undone).then("known_shipped").otherwise(pl.max_horizontal("shipped", "known_shipped"))
    shown_open = pl.when(further).then(pl.col("open")).otherwise(pl.col("known_open"))
    shown_shipped = pl.when(further).then(pl.col("shipped")).otherwise(pl.col("known_shipped"))
    joined = (
        both.with_columns(
            pl.when(shown_open > 0).then(shown_shipped).otherwise(most).alias("shipped"),
            # a bank transfer takes its units when it is ordered and is paid days later: the first time is the sale;
            # a line that is new in a known order was put in later than the order was made
            pl.when(took_before)
            .then("known_sale_at")
            .when(is_new & pl.col("order_known") & pl.col("sale_at").is_not_null())
            .then("updated_at")
            .otherwise("sale_at")
            .alias("sale_at"),
            *(pl.when(further).then(pl.col(c)).otherwise(pl.col(f"known_{c}")).alias(c) for c in _SHOWN),
            # a channel forgets which listing it was when that is deleted; the units are still to be sent
            pl.coalesce(pl.when(further).then("listing"), "known_listing", "listing").alias("listing"),
        )
        .with_columns(_shipped_at(is_new).alias("shipped_at"))
        .with_columns(
            pl.col("posted", "counted", "more").fill_null(0),
            pl.max_horizontal("ordered", "known_ordered").alias("ordered"),
            pl.max_horizontal("taken", "known_taken").alias("taken"),
            pl.min_horizontal("returned", "shipped").alias("returned"),
        )
    )
    return _moved_at_the_channel(joined).select(list(STORED))


_OURS = [c for c in STORED if c not in ORDER_LINES]
_KEPT = [c for c in ORDER_LINES if c not in KEY]
_SHOWN = [c for c in _KEPT if c not in ("shipped", "sale_at", "listing", "taken")]


def _shipped_at(is_new: pl.Expr) -> pl.Expr:
    """When a line was shipped. Where nobody says, a line that was known unshipped was shipped by its newest version; of
    one that was never seen before it stays UNTOLD."""
    said = pl.coalesce("shipped_at", pl.when(pl.col("shipped") > 0).then("updated_at"))
    known = pl.when(pl.col("known_shipped") > 0).then("known_shipped_at")
    return pl.when((said == UNTOLD) & ~is_new).then(pl.coalesce(known, "updated_at")).otherwise(said)


def _moved_at_the_channel(joined: pl.DataFrame) -> pl.DataFrame:
    """When the platform took more of a line off its listing than at the sale, and when units of it were given up.

    An order that is edited up, or taken up again after a cancellation, takes units at that time (`more`, `more_at`);
    what was given back is dated once, by the version that first showed it, however often the order changes after it.
    `ordered` is the most that was ever ordered: what an edit takes away was given up.
    """
    back, known_back = _back(), _back("known_")
    held = pl.col("known_sale_at").is_not_null() & (pl.col("known_holds") | (pl.col("known_shipped") > 0))
    longer = pl.when(held).then((pl.col("ordered") - pl.col("known_ordered")).clip(0)).otherwise(0)
    grown = pl.when(held).then((_taken() - _taken("known_")).clip(0)).otherwise(0)
    freed = pl.col("freed_at").is_null() & pl.col("known_freed_at").is_not_null()
    given, known_given = back + pl.col("returned"), known_back + pl.col("known_returned")
    kept = pl.col("open") + pl.col("shipped") - pl.col("known_open") - pl.col("known_shipped") - longer
    held_now = pl.col("holds") | (pl.col("shipped") > 0)
    retaken = (
        pl.when(freed & held_now).then((known_given - given + grown).clip(0))
        .when(pl.col("holds") & (pl.col("known_open") > 0)).then(kept.clip(0))
        .otherwise(0)
    ).fill_null(0)  # fmt: skip
    rises = (grown + retaken).fill_null(0)
    dated = pl.col("freed_at").is_not_null() & (given <= known_given)
    return joined.with_columns(
        (pl.col("more") + rises).clip(0, _taken()).alias("more"),
        pl.when(rises > 0).then("updated_at").otherwise("more_at").alias("more_at"),
        (pl.col("counted") - retaken).clip(0).alias("counted"),
        pl.when(dated).then(pl.coalesce("known_freed_at", "freed_at")).otherwise("freed_at").alias("freed_at"),
        pl.when(back <= 0).then(None)
        .when((back > known_back) | known_back.is_null()).then("updated_at")
        .otherwise(pl.coalesce("back_at", "updated_at")).alias("back_at"),
    )  # fmt: skip


def _taken(prefix: str = "") -> pl.Expr:
    """Units of a line that the platform took off its listing, where it took any: all, if it does not say how many."""
    return pl.min_horizontal(f"{prefix}taken", f"{prefix}ordered")


def _back(prefix: str = "") -> pl.Expr:
    """Units of a line that were given up before they were shipped."""
    return pl.col(f"{prefix}ordered") - pl.col(f"{prefix}open") - pl.col(f"{prefix}shipped")


def left_out(stored: pl.DataFrame, seen: pl.DataFrame, partial: Sequence[str] = ()) -> pl.DataFrame:
    """Open lines that an order, read whole, does not have any more: they were taken out of it. ORDER_LINES, none open.

    `seen`: ORDER_LINES of whole orders; `partial`: orders of which a line could not be read: nothing is said of those.
    """
    orders = seen.group_by("channel", "order").agg(
        pl.col("updated_at").max().alias("now"), pl.col("state").first().alias("state_now")
    )
    rows = stored.filter((pl.col("open") > 0) & ~pl.col("order").is_in(list(partial))).join(
        orders, on=["channel", "order"]
    )
    gone = rows.filter(pl.col("now") >= pl.col("updated_at")).join(seen, on=KEY, how="anti", nulls_equal=True)
    return gone.with_columns(
        open=pl.lit(0, pl.Int64), holds=pl.lit(value=False), state="state_now", updated_at="now"
    ).select(list(ORDER_LINES))


def _once(seen: pl.DataFrame) -> pl.DataFrame:
    """One version a line: the newest, and of two equally new ones the further shipped."""
    if seen.is_empty() or not seen.select(pl.struct(KEY).is_duplicated().any()).item():
        return seen
    return seen.sort("updated_at", "shipped", nulls_last=False).unique(KEY, keep="last", maintain_order=True)


def ours(lines: pl.DataFrame) -> pl.DataFrame:
    """Only lines that the seller ships: a marketplace's own stock is never ours."""
    return lines.filter(pl.col("fulfilled_by") != "marketplace")


def allocated(lines: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Units sold and not shipped, an item: `sku`, `allocated` (item units). Open lines follow the present link.

    `lines`: order_line rows; `parts`: LISTING_PARTS.
    """
    opened = ours(lines).filter(pl.col("open") > 0).group_by("channel", "listing").agg(pl.col("open").sum())
    return (
        parts.join(opened, on=["channel", "listing"])
        .group_by(pl.col("part").alias("sku"))
        .agg((pl.col("open") * pl.col("units")).sum().alias("allocated"))
    )


def postings(lines: pl.DataFrame, first_sight: pl.DataFrame, parts: pl.DataFrame, opened: pl.DataFrame) -> pl.DataFrame:
    """What shipped lines take from OnHand that the ledger does not have yet.

    `lines`: order_line rows whose shipped differs from posted. `first_sight`: line_part rows (wins over the present
    link). `parts`: LISTING_PARTS with `linked_at`. `opened`: level rows (`sku`, `opened_at`).
    Gives `channel, order, line, part, units, change, at, effective`: one row a part of each line whose listing is
    linked or that was posted before; `change` in item units, negative for a shipment, positive when one is undone;
    `effective` is false for history: shipped before the item's ledger opened or its listing was linked, and never known
    open (`open_at`) since.
    """
    moved = ours(lines).filter(pl.col("shipped") != pl.col("posted"))
    if moved.is_empty():
        return _NO_POSTINGS
    known = moved.join(first_sight, on=KEY, nulls_equal=True).with_columns(
        linked_at=pl.lit(None, TIME), came_off=pl.lit(value=True)
    )
    fresh = moved.join(first_sight.select(KEY), on=KEY, how="anti", nulls_equal=True).join(
        parts.select("channel", "listing", "part", "units", "linked_at", came_off=pl.lit(value=False)),
        on=["channel", "listing"],
    )
    columns = [*moved.columns, "part", "units", "linked_at", "came_off"]
    rows = pl.concat([known.select(columns), fresh.select(columns)]).join(
        opened.select(pl.col("sku").alias("part"), "opened_at"), on="part", how="left"
    )
    # marks are whole seconds: what was marked in the second of the count is taken to have left after it; what was
    # shipped at some time since its sale is history only where all of that may be, and else left as late as it may have
    begin = pl.max_horizontal("opened_at", "linked_at")
    untold = pl.col("shipped_at") == UNTOLD
    earliest = pl.when(untold).then("sale_at").otherwise("shipped_at")
    later = (earliest >= begin.dt.truncate("1s")) | (pl.col("open_at") > begin)
    undone = pl.col("shipped") < pl.col("posted")
    return rows.select(
        *KEY,
        "part",
        "units",
        ((pl.col("posted") - pl.col("shipped")) * pl.col("units")).alias("change"),
        pl.when(undone | untold).then("updated_at").otherwise("shipped_at").alias("at"),
        pl.when(undone)
        .then("came_off")  # what never came off does not come back: an item that is not counted
        .otherwise(pl.col("opened_at").is_not_null() & later)
        .fill_null(value=False)
        .alias("effective"),
    )


_NO_POSTINGS = pl.DataFrame(
    schema={
        **dict.fromkeys(KEY, pl.String),
        "part": pl.String,
        "units": pl.Int64,
        "change": pl.Int64,
        "at": TIME,
        "effective": pl.Boolean,
    }
)


def sold(lines: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """What order lines took from Available and gave back: `at, kind (sale / cancel), channel, order, part, change` in
    item units. A line that never held stock sold nothing.

    `lines`: order_line rows; `parts`: LISTING_PARTS.
    """
    rows = ours(lines).filter(_took_any()).join(parts, on=["channel", "listing"], maintain_order="left_right")
    back = pl.col("ordered") - pl.col("open") - pl.col("shipped")
    sale = rows.select(
        pl.col("sale_at").alias("at"), pl.lit("sale").alias("kind"), "channel", "order", "part",
        (-pl.col("ordered") * pl.col("units")).alias("change"),
    )  # fmt: skip
    cancel = rows.filter(back > 0).select(
        pl.coalesce("freed_at", "updated_at").alias("at"), pl.lit("cancel").alias("kind"), "channel", "order", "part",
        (back * pl.col("units")).alias("change"),
    )  # fmt: skip
    return pl.concat([sale, cancel])


def newest_open(lines: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """`sku, channel, order, sale_at`: the last order of each item that is not shipped yet."""
    rows = ours(lines).filter(pl.col("open") > 0).join(parts, on=["channel", "listing"])
    last = rows.sort("sale_at", nulls_last=False).unique("part", keep="last", maintain_order=True)
    return last.select(pl.col("part").alias("sku"), "channel", "order", "sale_at")


def took(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines with `took`: listing units that the platform itself took off the stock cell at `sale_at`, 0 if none."""
    return ours(lines).with_columns(pl.when(_took_any()).then(_taken()).otherwise(0).alias("took"))


def _took_any() -> pl.Expr:
    """Whether the platform took units of the line off its listing."""
    held = pl.col("holds") | (pl.col("shipped") > 0) | pl.col("freed_at").is_not_null()
    return pl.col("sale_at").is_not_null() & held
