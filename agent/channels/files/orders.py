"""Exports of orders in our words (ORDER_LINES), over as many files as there are: one file may hold all orders, or only
those of its day. What a later file says of an order counts; an order that it does not name stays as it was.

A line changed when a file first showed it so, unless a column says when. Nothing about buyers is read (R8).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from agent.channels.files import cells
from agent.channels.files.export import Export
from agent.frames import ORDER_LINES, TIME, empty
from agent.words import in_words

KEY = ["order", "line"]
FILES = 60
"""So many older files are read at the start."""
_TEXTS = ("order", "line", "listing", "sku", "quantity", "status", "shipped", "returned", "cancelled_at")
_TIMES = ("ordered_at", "shipped_at", "updated_at")
_NAMED = 8


class Book:
    """All orders of one shop, as its exports show them together."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._taken: list[str] = []
        self._lines = empty(ORDER_LINES)
        self._changed = pl.DataFrame(schema={"order": pl.String, "content": pl.UInt64, "changed_at": TIME})
        self._last: datetime | None = None
        self._newest: set[str] = set()
        """The orders that the newest file names."""
        self._days: set[str] = set()
        """Orders of which only the day is said."""
        self.issues: list[str] = []
        """What the newest file says that could not be understood."""

    def take(self, exports: Sequence[Export], listings: pl.DataFrame) -> None:
        """Take in what is new, the oldest first. `listings`: LISTINGS of the shop, to tell which one a line is of."""
        for export in exports:
            if export.found.token not in self._taken:
                self._take(export, listings)
                self._taken = [*self._taken, export.found.token][-4 * FILES :]

    def changed(self, since: datetime | None, also: Sequence[str]) -> tuple[pl.DataFrame, tuple[str, ...]]:
        """(the lines of orders that changed since then, or that are open; those of `also` that no file names)."""
        if since is None:
            wanted = self._lines.filter(pl.col("open") > 0)["order"]
        else:
            newest = self._lines.group_by("order").agg(pl.col("updated_at").max())
            wanted = newest.filter(pl.col("updated_at") >= since.replace(microsecond=0))["order"]
        passed_over, known = self._passed_over(), set(self._lines["order"].to_list())
        gone = tuple(name for name in dict.fromkeys(also) if name not in known or name in passed_over)
        names = {*wanted.to_list(), *also} - (passed_over if since is not None else set())
        return self._lines.filter(pl.col("order").is_in(list(names))), gone

    def _passed_over(self) -> set[str]:
        """The orders that the newest file lacks though it has some that were made before and after them. What lies
        outside of its time may have been exported before."""
        made = dict(self._lines.group_by("order").agg(pl.col("sale_at").min()).iter_rows())
        there = [made[name] for name in self._newest if name in made]
        if not there:
            return set()
        first, last = min(there), max(there)
        inside = {
            name for name, at in made.items() if first < at < last or (at in (first, last) and name not in self._days)
        }
        return inside - self._newest

    def _take(self, export: Export, listings: pl.DataFrame) -> None:
        rows, self.issues = read(export, listings, self._last)
        content = rows.drop("at").group_by("order").agg(pl.struct(pl.all()).hash().sum().alias("content"))
        before = self._changed.rename({"content": "was"})
        both = content.join(before, on="order", how="left")
        same = pl.col("was") == pl.col("content")
        changed = both.with_columns(
            pl.when(same).then("changed_at").otherwise(pl.lit(export.at, TIME)).alias("changed_at")
        )
        lines = rows.join(changed.select("order", "changed_at"), on="order")
        known = self._lines.select(*KEY, pl.col("sale_at").alias("known_sale"))
        lines = lines.join(known, on=KEY, how="left").with_columns(
            sale_at=pl.when("only_day").then(pl.coalesce("known_sale", "sale_at")).otherwise("sale_at"),
            updated_at=pl.coalesce("at", "changed_at"),
        )
        fresh = _in_our_words(self._channel, lines)
        self._lines = pl.concat([self._lines.join(fresh, on="order", how="anti"), fresh])
        kept = self._changed.join(changed, on="order", how="anti")
        self._changed = pl.concat([kept, changed.select(self._changed.columns)])
        self._last, self._newest = export.at, set(rows["order"].to_list())
        self._days |= set(rows.filter("only_day")["order"].to_list())


def _in_our_words(channel: str, lines: pl.DataFrame) -> pl.DataFrame:
    return lines.with_columns(
        pl.lit(channel).alias("channel"),
        (pl.col("open") > 0).alias("holds"),
        pl.lit(None, TIME).alias("freed_at"),
        pl.lit("seller").alias("fulfilled_by"),
        pl.lit(None, pl.Int64).alias("taken"),
    ).select(pl.col(name).cast(kind) for name, kind in ORDER_LINES.items())


def read(export: Export, listings: pl.DataFrame, last: datetime | None) -> tuple[pl.DataFrame, list[str]]:
    """One row a line: KEY, listing, sku, ordered, open, shipped, returned, state, sale_at, shipped_at, `at` (of the
    last change, null: not said), `only_day` (the sale's time of day is not said); and what could not be understood.

    `last`: when the file before was written. A column that only an order's first row fills counts for all its rows.
    """
    rows = pl.DataFrame([export.texts(name) for name in (*_TEXTS, *_TIMES)]).with_columns(
        pl.all().str.strip_chars().replace("", None)
    )
    rows = rows.with_columns(cells.code(pl.col("order", "line", "listing", "sku"))).with_columns(
        pl.col("order").forward_fill()
    )
    of_order = ["status", "cancelled_at", *_TIMES]
    rows = rows.with_columns(pl.coalesce(name, pl.col(name).drop_nulls().first().over("order")) for name in of_order)
    rows = rows.filter(
        pl.col("order").is_not_null() & pl.any_horizontal(pl.col("sku", "listing", "quantity").is_not_null())
    )
    mark = cells.decimal_mark([rows["quantity"]])
    rows = rows.with_columns(
        cells.quantity(pl.col(name), mark).alias(f"{name}_n") for name in ("quantity", "shipped", "returned")
    )
    unread = rows.filter(pl.col("quantity_n").is_null() | (pl.col("quantity_n") < 0))
    rows = rows.join(unread.select("order").unique(), on="order", how="anti")
    rows = _numbered(_with_listing(_timed(rows, export, last), listings))
    return _counted(rows), [*_of_states(rows), *_of_orders(unread)]


def _timed(rows: pl.DataFrame, export: Export, last: datetime | None) -> pl.DataFrame:
    made, only_day = cells.times(rows["ordered_at"], export.at)
    sent, _ = cells.times(rows["shipped_at"], export.at)
    changed, changed_day = cells.times(rows["updated_at"], export.at)
    rows = rows.with_columns(
        sale_at=made, only_day=only_day, shipped_at=sent, at=pl.when(changed_day).then(None).otherwise(changed)
    )
    middles = {
        day: cells.middle_of_day(day, last, export.at) for day in rows.filter("only_day")["sale_at"].unique().to_list()
    }
    middle = rows["sale_at"].replace_strict(middles, default=None, return_dtype=TIME) if middles else rows["sale_at"]
    when = pl.when("only_day").then(middle).otherwise("sale_at")
    return rows.with_columns(
        sale_at=pl.min_horizontal(when.fill_null(pl.lit(export.at, TIME)), pl.lit(export.at, TIME)),
        only_day=pl.col("only_day") | pl.col("sale_at").is_null(),
    )


def _with_listing(rows: pl.DataFrame, listings: pl.DataFrame) -> pl.DataFrame:
    """The listing of each line: by the id that the order names, else by its SKU where one listing has it."""
    known = listings.select("listing").unique().with_columns(there=pl.lit(value=True))
    by_sku = listings.filter(pl.col("sku").is_not_null()).unique("sku", keep="first", maintain_order=True)
    rows = rows.join(known, on="listing", how="left").join(
        by_sku.select("sku", pl.col("listing").alias("of_sku")), on="sku", how="left"
    )
    return rows.with_columns(listing=pl.coalesce(pl.when("there").then("listing"), "of_sku")).drop("there", "of_sku")


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """A line without a number of its own is the so many-th of its SKU in the order: it stays that when others move."""
    nth = pl.int_range(pl.len()).over("order", "sku", "listing").cast(pl.String)
    named = pl.coalesce("line", pl.concat_str(pl.coalesce("sku", "listing", pl.lit("-")), pl.lit("/"), nth))
    rows = rows.with_columns(named.alias("line"))
    again = pl.int_range(pl.len()).over("order", "line")  # a number that stands there twice
    return rows.with_columns(pl.when(again > 0).then(pl.format("{}#{}", "line", again)).otherwise("line").alias("line"))


def _counted(rows: pl.DataFrame) -> pl.DataFrame:
    """Units: what is shipped stays shipped when it comes back; a state that nobody knows holds its units."""
    c = pl.col
    state = {
        name: cells.says(c("status"), "states", name).fill_null(value=False)
        for name in ("shipped", "cancelled", "returned")
    }
    cancelled = state["cancelled"] | c("cancelled_at").is_not_null()
    went = state["shipped"] | (c("shipped_at").is_not_null() & ~cancelled)
    ordered = c("quantity_n")
    shipped = pl.coalesce(
        pl.when(c("shipped_n") > 0).then(pl.min_horizontal("shipped_n", ordered)),
        pl.when(went).then(ordered),
        pl.lit(0),
    )
    rows = rows.with_columns(ordered.alias("ordered"), shipped.alias("shipped"), over=cancelled | state["returned"])
    back = pl.when(state["returned"]).then("ordered").otherwise(pl.coalesce("returned_n", pl.lit(0))).clip(0)
    given_up = pl.when(c("shipped") == 0).then(back).otherwise(0)
    rows = rows.with_columns(
        returned=pl.min_horizontal(back, "shipped"),
        open=pl.when("over").then(0).otherwise((c("ordered") - c("shipped") - given_up).clip(0)),
        state=c("status"),
    )
    return rows.select(
        *KEY,
        "listing",
        "sku",
        "ordered",
        "open",
        "shipped",
        "returned",
        "state",
        "sale_at",
        "shipped_at",
        "at",
        "only_day",
    )


def _of_states(rows: pl.DataFrame) -> list[str]:
    known = pl.any_horizontal(
        cells.says(pl.col("status"), "states", name) for name in ("open", "shipped", "cancelled", "returned")
    )
    odd = rows.filter(pl.col("status").is_not_null() & ~known)["status"].unique().sort().to_list()
    return [in_words("files.unknown_state", states=odd)] if odd else []


def _of_orders(unread: pl.DataFrame) -> list[str]:
    names = unread["order"].unique(maintain_order=True).to_list()
    return [in_words("files.order_no_number", count=len(names), orders=names[:_NAMED])] if names else []
