"""The polars schemas that flow between the rooms. One table of columns each; nothing else is passed around.

Units: quantities on a channel are *listing units*; quantities of an item are *item units*; a link's `units` turns one
into the other. Times are Datetime("us", "UTC"). `null` means absent, never zero (I11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import polars as pl

Schema = Mapping[str, pl.DataType | type[pl.DataType]]

TIME = pl.Datetime("us", "UTC")
KIND = pl.Enum(["blank", "text", "number", "bool", "date", "error"])
FORMAT = pl.Enum(["general", "integer", "zeros", "percent", "date", "scientific", "text", "other"])

# --- the workbook, as checked (core/check) --------------------------------------------------------

ITEMS: Schema = {
    "sku": pl.String,
    "title": pl.String,
    "stocked": pl.Int64,  # null: not managed yet (or untracked, or a bundle)
    "stocked_text": pl.String,  # the cell's own content, for compare-and-set
    "stocked_formula": pl.Boolean,
    "barcode": pl.String,
    "tracked": pl.Boolean,
    "active": pl.Boolean,
    "bundle": pl.Boolean,  # Made of is filled in
    "feed": pl.String,
    "row": pl.Int64,  # the sheet's row
    "frozen": pl.String,  # null, or the issue code that freezes the item (bad, duplicate ...)
}
"""One row an item. Duplicates: the first row stands for the SKU, frozen."""

PARTS: Schema = {"sku": pl.String, "part": pl.String, "units": pl.Int64}
"""Made of: a bundle's parts, units of the part in one bundle (>= 1)."""

ALIASES: Schema = {"alias": pl.String, "sku": pl.String}
"""Other SKUs, and old names of renamed items."""

TAGS: Schema = {"sku": pl.String, "tag": pl.String}

SETTING = pl.Enum(
    [
        "percent",  # value: hundredths of a percent, 80 % = 8000
        "rounding",  # text: down / nearest / up
        "fixed",
        "reserve",
        "maximum",
        "minimum",
        "out_at",
        "last_units",  # text: share / one channel / auto
        "sync",  # text: yes / no
        "freeze_at",
        "until",  # value: days since 1970-01-01
    ]
)
RULES: Schema = {
    "row": pl.Int64,
    "channel": pl.String,  # null: any
    "sku": pl.String,  # null: any
    "tag": pl.String,  # null: any
    "setting": SETTING,
    "value": pl.Int64,
    "text": pl.String,
    "none": pl.Boolean,  # `none` was typed: takes a wider rule away
}
"""One row a filled-in cell of the tab Rules."""

MATCHES: Schema = {
    "channel": pl.String,  # null: any
    "listing": pl.String,  # the listing's id or its SKU there
    "sku": pl.String,  # null: one of the listing's rows has an issue; nothing new is linked, what was learned holds
    "units": pl.Int64,
    "row": pl.Int64,
}

CHANNELS: Schema = {
    "channel": pl.String,
    "mode": pl.String,  # All / Feeds only / Off
    "go_live": pl.Boolean,
    "location": pl.String,
    "ignore_prefix": pl.String,
    "ignore_suffix": pl.String,
    "add_prefix": pl.String,
    "never_push_suffix": pl.String,
    "priority": pl.Int64,
    "keep_active": pl.Boolean,
    "returned_units": pl.String,
    "on_drift": pl.String,
    "new_listings": pl.String,
    "new_matches_live": pl.Boolean,
    "when_off": pl.String,
}
"""One row a configured channel: the tab's row, or the defaults where it has none."""

CONTROLS: Schema = {"control": pl.String, "value": pl.String, "row": pl.Int64}

STOCK_ROWS: Schema = {
    "row": pl.Int64,
    "found": pl.String,  # the SKU as it is typed; which item it means is looked up where it is counted
    "kind": pl.String,  # change / count
    "value": pl.Int64,  # a change may be negative
    "said": pl.String,  # 2026-11-22, 2026-11-22T14:30 or 2026-11-22T14:30:05, in this computer's time zone
    "note": pl.String,
    "tab": pl.String,  # what the person calls the tab
    "sku_cell": pl.String,
    "value_cell": pl.String,
    "when_cell": pl.String,
}
"""One complete row of Stock In and Out."""
STOPS: Schema = {
    "kind": pl.String,  # pause / freeze / to_zero
    "channel": pl.String,  # null: every shop
    "sku": pl.String,  # null: every item (a pause only)
    "value": pl.Int64,  # freeze: how many to show; null: it could not be read, nothing is raised
    "until": pl.Datetime("us"),  # the end on the seller's own clock; null: when the row is cleared
    "row": pl.Int64,
}
"""The stop cells of the tab Control."""

DECISIONS: Schema = {
    "tab": pl.String,  # Imports / Listings / Attention
    "channel": pl.String,  # null for Attention
    "key": pl.String,  # the listing's id, or the question's id
    "value": pl.String,  # what the person typed, trimmed
    "row": pl.Int64,
}
"""What people typed into their one column of an agent's tab."""

ISSUES: Schema = {
    "code": pl.String,  # a code of agent.words
    "tab": pl.String,
    "cell": pl.String,  # address such as C7; null: the whole tab
    "sku": pl.String,  # the item or listing it is about, where known
    "facts": pl.String,  # JSON object: what the sentence needs
}
"""A problem with a row is a row. The words are made by `agent.words.say(code, facts)`."""

UNREAD: Schema = {
    "tab": pl.String,  # declared name: Rules / Channels / Control
    "row": pl.Int64,
    "column": pl.String,  # the setting (RULES), the column of CHANNELS, or the control; null: the whole row of Rules
    "channel": pl.String,
    "sku": pl.String,
    "tag": pl.String,
    "code": pl.String,
}
"""A cell of the person's settings that says something, but not what: its last accepted value holds, not the default."""

MIRROR: Schema = {"row": pl.Int64, "sku": pl.String, "old": pl.String, "new": pl.Int64}
"""Stocked cells to be written: the text it must still hold (null = blank) and the new whole number."""

# --- the channels ---------------------------------------------------------------------------------

LISTINGS: Schema = {
    "channel": pl.String,
    "listing": pl.String,  # the variant's own id on the channel, never its SKU
    "cell": pl.String,  # the stock cell: where its quantity is kept; the same for listings that share one
    "product": pl.String,  # the product the variant belongs to
    "title": pl.String,
    "options": pl.String,
    "sku": pl.String,
    "barcode": pl.String,
    "link": pl.String,
    "price": pl.String,  # evidence only
    "currency": pl.String,
    "quantity": pl.Int64,  # what a buyer may buy; null: the channel does not count it
    "managed": pl.Boolean,  # the channel counts stock for it: only then may it be pushed
    "status": pl.String,  # active / inactive
    "fulfilled_by": pl.String,  # seller / marketplace
    "modified_at": TIME,
}

UNTOLD = datetime(1970, 1, 1, tzinfo=UTC)
"""ORDER_LINES.shipped_at of a line that was shipped at some time since its sale: the platform does not say when, and
the channel has not seen it unshipped."""
ORDER_LINES: Schema = {
    "channel": pl.String,
    "order": pl.String,
    "line": pl.String,
    "listing": pl.String,  # null: the channel does not say (any more); the one known of the line stays
    "sku": pl.String,  # as the order shows it, evidence only
    "ordered": pl.Int64,
    "open": pl.Int64,  # ordered, not shipped, not cancelled, and holding stock
    "shipped": pl.Int64,  # left the building (a later return does not lower it)
    "returned": pl.Int64,  # of the shipped ones, refunded or sent back
    "holds": pl.Boolean,  # the platform itself has taken the open units off the listing
    "state": pl.String,  # the platform's own word
    "sale_at": TIME,  # when the platform took the units (order or payment)
    "freed_at": TIME,  # when it gave cancelled units back; null: it did not
    "shipped_at": TIME,  # when it was marked shipped; null: not yet, or UNTOLD
    "updated_at": TIME,  # of this version
    "fulfilled_by": pl.String,  # seller / marketplace
    "taken": pl.Int64,  # where `holds`: the units of it that the platform says it took; null: all, as far as is known
}
"""The latest state of an order line. In listing units. No buyer's data, ever (R8)."""

CHANGES: Schema = {"cell": pl.String, "listing": pl.String, "quantity": pl.Int64, "expected": pl.Int64}
"""To push: one row a stock cell; `listing` is one that draws on it; `expected` for compare-and-set."""

OUTCOME = pl.Enum(["accepted", "sent", "refused", "stale", "unknown", "not_sent", "clamped"])
RESULTS: Schema = {
    "cell": pl.String,
    "outcome": OUTCOME,
    "quantity_after": pl.Int64,  # what the platform says stands now; null: it did not say
    "message": pl.String,  # a plain sentence where it is not accepted
    "answered_at": TIME,  # server time of the answer; null: none
    "kind": pl.String,  # of a whole call that failed: access / host / wait; else null
}
"""accepted: the platform says it stands. sent: taken, applies later. refused: not applied, will not be as it is.
stale: compare-and-set refused. unknown: no answer, may have been applied. not_sent: certainly not applied.
clamped: refused, and `quantity_after`, the nearest that the platform takes, was set by us instead: no sale did that."""

# --- the core -------------------------------------------------------------------------------------

LINKS: Schema = {
    "channel": pl.String,
    "listing": pl.String,
    "sku": pl.String,
    "units": pl.Int64,
    "how": pl.String,  # decision / matches / learned / exact / prefix / other sku / barcode
}
"""Listing -> item. Several rows for one listing: a bundle made in Matches."""

IMPORTS: Schema = {
    "channel": pl.String,
    "listing": pl.String,
    "reason": pl.String,  # a code of agent.words
    "facts": pl.String,
    "suggestion": pl.String,  # a SKU, or null
    "score": pl.Int64,
}

LISTING_PARTS: Schema = {
    "channel": pl.String,
    "listing": pl.String,
    "sku": pl.String,  # the item of the link (a bundle's own SKU): rules by SKU and tag look at this
    "part": pl.String,  # the item whose stock it takes
    "units": pl.Int64,  # item units of the part in one listing unit
}
"""Links with bundles taken apart."""

STOCK: Schema = {
    "sku": pl.String,
    "stocked": pl.Int64,  # OnHand by the ledger; null: not opened
    "allocated": pl.Int64,
    "available": pl.Int64,  # stocked - allocated, exactly (S1-16)
    "missing": pl.Int64,
}

TARGETS: Schema = {
    "channel": pl.String,
    "listing": pl.String,
    "target": pl.Int64,  # null: nothing may be said (blank, frozen without a past, untracked without a fixed quantity)
    "safe": pl.Int64,  # the same with kept back subtracted beside missing, never above target
    "why": pl.String,  # by the same expressions
    "hold": pl.String,  # null, or the code why there is no target: not_managed, part_blank, sync_off ...
    "why_safe": pl.String,  # the sentence of `safe`, where units are kept back
    "frozen": pl.String,  # null, or the code that freezes its item or a part: the target may only lower
}


def empty(schema: Schema) -> pl.DataFrame:
    """A frame of this schema without rows."""
    return _empty(tuple(schema.items())).clear()


@cache
def _empty(columns: tuple[tuple[str, Any], ...]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(columns))


def frame(rows: Sequence[tuple[object, ...]] | Sequence[Mapping[str, object]], schema: Schema) -> pl.DataFrame:
    """A frame of this schema from rows (tuples in the schema's order, or dicts)."""
    return pl.DataFrame(rows, schema=dict(schema), orient="row") if rows else empty(schema)


def conform(rows: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """The columns of this schema, in its order and types; others are dropped."""
    return rows.select(pl.col(name).cast(kind) for name, kind in schema.items())
