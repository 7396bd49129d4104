"""What the store keeps: every table as a polars schema with its key, and what it remembers (DESIGN section 2).

What was seen, never what is to be done. `agent.store` makes them, reads them and writes them.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from agent.frames import CHANNELS, ITEMS, LISTINGS, ORDER_LINES, RULES, TIME, Schema


@dataclass(frozen=True)
class Table:
    """One table: its columns, its key, and what it remembers."""

    schema: Schema
    key: tuple[str, ...]
    note: str


TABLES: dict[str, Table] = {
    "channel": Table(
        {
            "channel": pl.String,
            "account_id": pl.String,
            "account_name": pl.String,
            "access_ends": TIME,  # when a person must renew the access; null: it does not end, or is not known
            "live": pl.Boolean,
            "orders_cursor": TIME,  # server time: orders are known complete up to here, less the lag
            "orders_ok_at": TIME,  # our time of the last complete read of orders
            "orders_from": TIME,  # server time of the first one: what was over by then is history
            "swept_at": TIME,  # our time of the last sweep
            "changed_cursor": TIME,  # server time of the last read of changed listings
            "full_at": TIME,  # our time of the last complete read of all listings
            "full_count": pl.Int64,
            "problem_kind": pl.String,
            "problem_what": pl.String,
            "problem_fix": pl.String,
            "problem_since": TIME,
            "failures": pl.Int64,
            "next_try": TIME,
        },
        ("channel",),
        "how each channel stood when it was last looked at",
    ),
    "listing": Table(
        {**LISTINGS, "first_seen": TIME, "absent": pl.Int64},
        ("channel", "listing"),
        "each variant as last read; `absent` counts complete reads without it, 2 = gone",
    ),
    "cell": Table(
        {
            "channel": pl.String,
            "cell": pl.String,
            "read": pl.Int64,  # last read quantity
            "read_at": TIME,  # server time when that read began
            "seen_at": TIME,  # our time when it was asked for
            "confirmed": pl.Int64,  # what the channel itself last said stands
            "confirmed_at": TIME,
            "baseline": pl.Int64,
            "baseline_at": TIME,
            "answered": pl.Int64,  # the target last answered or finished
            "answered_at": TIME,  # our time
            "answer": pl.String,  # accepted / sent / refused
            "after_answer": pl.Int64,  # the first quantity seen after that answer
            "message": pl.String,  # why it was refused
            "basis_edit": pl.Int64,  # the newest edit (ledger id) that the answered target rests on
            "basis_rules": pl.String,  # the rules that it rests on
            "drifted_at": TIME,  # our time, when a read last showed a change that no order explains
        },
        ("channel", "cell"),
        "each stock cell: last read, last confirmed, baseline",
    ),
    "order_line": Table(
        {
            **ORDER_LINES,
            "posted": pl.Int64,  # shipped units that the ledger has (or that are history)
            "counted": pl.Int64,  # taken units that explained a gap near a read's edge, or cleared missing
            "open_at": TIME,  # our time when it was last known open, with its listing linked and its items opened
            "seen_at": TIME,  # our time when it was last read (within the hour)
            "first_seen": TIME,  # our time when it was first read
            "more": pl.Int64,  # units that the platform took after `sale_at`: the order was edited, or taken up again
            "more_at": TIME,  # the last time that it did
            "back_at": TIME,  # of the version that first showed the most units given up before they were shipped
            "settled": pl.Int64,  # returned units about which was decided; null: none
            "put_back": pl.Int64,  # of these, those that are in OnHand again; null: none
            "gone_at": TIME,  # our time since when the channel no longer has the order; null: it has
            "asked_at": TIME,  # our time when a gone order was last asked for
        },
        ("channel", "order", "line"),
        "the join of all versions of each order line",
    ),
    "line_part": Table(
        {"channel": pl.String, "order": pl.String, "line": pl.String, "part": pl.String, "units": pl.Int64},
        ("channel", "order", "line", "part"),
        "item units a shipped line took, a listing unit: link and recipe of first sight, never recomputed",
    ),
    "ledger": Table(
        {
            "id": pl.Int64,
            "at": TIME,  # when it happened (a shipment: when it was marked)
            "learned_at": TIME,
            "sku": pl.String,
            "change": pl.Int64,
            "after": pl.Int64,
            "kind": pl.String,  # opening / count / receipt / shipment / correction / gone
            "cause": pl.String,  # plain words
            "channel": pl.String,
            "order": pl.String,
            "line": pl.String,
            "row": pl.String,  # the content of the row of Stock In and Out that it comes from
            "who": pl.String,  # who saved the workbook that says so; null: not said by the workbook
        },
        ("id",),
        "everything that moved OnHand",
    ),
    "level": Table(
        {"sku": pl.String, "on_hand": pl.Int64, "opened_at": TIME},
        ("sku",),
        "the ledger's sum a SKU, kept with it",
    ),
    "item": Table({**ITEMS, "held_value": pl.Int64}, ("sku",), "each item row as last accepted"),
    "part": Table(
        {"sku": pl.String, "part": pl.String, "units": pl.Int64}, ("sku", "part"), "Made of, as last accepted"
    ),
    "tag": Table({"sku": pl.String, "tag": pl.String}, ("sku", "tag"), "Tags, as last accepted"),
    "alias": Table({"alias": pl.String, "sku": pl.String}, ("alias",), "Other SKUs and old names, as last accepted"),
    "former": Table(
        {"alias": pl.String, "sku": pl.String, "at": TIME}, ("alias",), "the names that renamed items had before"
    ),
    "rule": Table({**RULES, "id": pl.Int64}, ("id",), "the rules as last accepted"),
    "stop": Table(
        {
            "id": pl.Int64,
            "kind": pl.String,  # pause / freeze / to_zero
            "channel": pl.String,  # null: every shop
            "sku": pl.String,  # null: every item
            "value": pl.Int64,  # freeze: how many to show
            "until": TIME,  # null: until its row is cleared
            "since": TIME,  # when it was taken in
            "row": pl.Int64,
        },
        ("id",),
        "the stop cells of Control, as last accepted",
    ),
    "asked": Table(
        {"about": pl.String, "answer": pl.String, "at": TIME},
        ("about",),
        "the questions that stand in Control, and their answers",
    ),
    "setting": Table(dict(CHANNELS), ("channel",), "how each channel is treated, as last accepted"),
    "stocked": Table(
        {
            "sku": pl.String,
            "value": pl.Int64,  # what the cell is known to hold (null: blank)
            "intended": pl.Int64,  # what the write of generation `meta.intended` puts there
            "held_at": TIME,  # the last revision in which it held that, if the cell was unreadable since
        },
        ("sku",),
        "the known content of each Stocked cell: the base of the next edit",
    ),
    "edit": Table(
        {
            "id": pl.Int64,
            "sku": pl.String,
            "old": pl.Int64,
            "value": pl.Int64,
            "on_hand_before": pl.Int64,
            "window_from": TIME,
            "saved_at": TIME,
            "shipped": pl.Int64,  # units marked shipped in the window, as known so far
            "reading": pl.Int64,  # OnHand as of the save, as read now
            "late": pl.Int64,  # of `shipped`, learned after the edit was read
            "answer": pl.String,
            "question": pl.String,
            "twin": pl.String,  # the content of the row of Stock In and Out that says the same: the two count once
        },
        ("id",),
        "each edit of a Stocked cell and how it was read",
    ),
    "stock_row": Table(
        {
            "sku": pl.String,
            "kind": pl.String,  # change / count
            "value": pl.Int64,
            "said": pl.String,  # its When, as typed
            "seen": pl.Int64,  # how many the last read found, those that came back and were not asked about yet aside
            "peak": pl.Int64,  # the most there ever were
        },
        ("sku", "kind", "value", "said"),
        "the rows of Stock In and Out that were counted, by content",
    ),
    "stock_count": Table(
        {"sku": pl.String, "value": pl.Int64, "said": pl.String, "begin": TIME, "end": TIME},
        ("sku", "value", "said"),
        "the newest counts of Stock In and Out: when so many lay on the shelf",
    ),
    "link": Table(
        {
            "channel": pl.String,
            "listing": pl.String,
            "sku": pl.String,
            "units": pl.Int64,
            "how": pl.String,
            "linked_at": TIME,
            "live": pl.Boolean,
        },
        ("channel", "listing", "sku"),
        "listing -> item, keyed by the channel's ids",
    ),
    "once": Table(
        {"channel": pl.String, "listing": pl.String, "at": TIME},
        ("channel", "listing"),
        "listings of shops with New listings = set once, and when they showed their quantity",
    ),
    "decision": Table(
        {"channel": pl.String, "listing": pl.String, "value": pl.String, "at": TIME},
        ("channel", "listing"),
        "what a person decided about a listing",
    ),
    "typed": Table(
        {
            "tab": pl.String,  # Imports / Listings
            "channel": pl.String,
            "key": pl.String,  # the listing's id
            "value": pl.String,
            "here": pl.Boolean,  # the cell held it when it was last seen; false: row or tab was not there
        },
        ("tab", "channel", "key"),
        "what people's cells in Imports and Listings were last seen to hold: so that clearing one is seen",
    ),
    "fine": Table(
        {"kind": pl.String, "key": pl.String, "at": TIME},
        ("kind", "key"),
        "what a person said is fine as it is: it is not said again",
    ),
    "push": Table(
        {
            "id": pl.Int64,
            "channel": pl.String,
            "cell": pl.String,
            "listing": pl.String,
            "sku": pl.String,
            "old": pl.Int64,
            "quantity": pl.Int64,
            "cause": pl.String,
            "sent_at": TIME,  # our time
            "server_at": TIME,  # the same in the server's clock
            "finished_at": TIME,
            "outcome": pl.String,  # null: in flight
            "after": pl.Int64,
            "message": pl.String,
            "run": pl.Int64,  # the cycle that sent it: R12
        },
        ("id",),
        "every intent before its call, and its result after",
    ),
    "undone": Table(
        {
            "channel": pl.String,
            "cell": pl.String,
            "run": pl.Int64,  # the run that was undone
            "quantity": pl.Int64,  # what was shown before it
            "since": TIME,  # server time of its first push there: what was sold since is taken off
            "cause": pl.String,  # of that push
            "causes": pl.String,  # what the hold rests on: once that differs, it is over
            "at": TIME,  # our time when it was undone
            "over": pl.String,  # null: held; else released / changed
            "over_at": TIME,
        },
        ("channel", "cell"),
        "the stock cells that undone runs hold, and those that they held",
    ),
    "undo": Table(
        {"about": pl.String, "at": TIME, "done_at": TIME},
        ("about",),
        "the rows Undo and Release that stand in Control, and when they were carried out",
    ),
    "feed": Table(
        {
            "feed": pl.String,
            "at": TIME,  # the list's own time
            "read_at": TIME,  # our time when it was last new
            "token": pl.String,
            "rows": pl.Int64,
            "unread": pl.Int64,  # of these, whose figure could not be read
            "problem_what": pl.String,
            "problem_fix": pl.String,
        },
        ("feed",),
        "how each supplier's feed stood when it was last looked at",
    ),
    "feed_row": Table(
        {"feed": pl.String, "code": pl.String, "figure": pl.Int64, "found": pl.String},
        ("feed", "code"),
        "what each feed says, as last read",
    ),
    "fed": Table(
        {"sku": pl.String, "feed": pl.String, "figure": pl.Int64, "at": TIME},
        ("sku",),
        "the figure that each item's OnHand rests on",
    ),
    "missing": Table(
        {
            "id": pl.Int64,
            "channel": pl.String,
            "cell": pl.String,
            "units": pl.Int64,  # listing units still unexplained
            "since": TIME,  # the interval between the two reads, server time
            "until": TIME,
            "booked_at": TIME,
            "found": pl.Int64,  # listing units when it was booked
            "who": pl.String,  # who did it, as far as it is known: drift_someone / drift_tool / ... (words)
            "set_out": pl.Int64,  # of them, those that seem to be on the way to the marketplace's own warehouse
        },
        ("id",),
        "units that vanished from a stock cell without an order",
    ),
    "inbound": Table(
        {"channel": pl.String, "listing": pl.String, "units": pl.Int64},
        ("channel", "listing"),
        "units on the way to a marketplace's own warehouse, as last read",
    ),
    "transfer": Table(
        {
            "id": pl.Int64,
            "channel": pl.String,
            "listing": pl.String,
            "units": pl.Int64,  # listing units; 0: answered
            "booked_at": TIME,  # our time when they were first seen to be on the way
        },
        ("id",),
        "units that set out for a marketplace's own warehouse, and may have left the shelf",
    ),
    "rise": Table(
        {
            "id": pl.Int64,
            "channel": pl.String,
            "cell": pl.String,
            "units": pl.Int64,  # listing units still unexplained, and not answered
            "since": TIME,  # the interval between the two reads, server time
            "until": TIME,
            "booked_at": TIME,
            "found": pl.Int64,  # listing units when it was booked
            "gave": pl.Int64,  # what cancellations and refunds in the interval gave back, as known then
            "times": pl.Int64,  # how often it was raised anew since
            "who": pl.String,  # as in `missing`
        },
        ("id",),
        "units that a stock cell showed beyond what was expected",
    ),
    "share": Table(
        {
            "channel": pl.String,
            "sku": pl.String,
            "units": pl.Int64,  # item units that are left of it
            "basis": pl.String,  # the seller's last number (ledger id) and the rules that it was worked out from
        },
        ("channel", "sku"),
        "what a channel whose orders can never be read has of an item for itself",
    ),
    "oversell": Table(
        {
            "sku": pl.String,
            "channel": pl.String,
            "order": pl.String,
            "line": pl.String,
            "at": TIME,  # when the order was made, server time
            "learned_at": TIME,
            "units": pl.Int64,  # item units of the line above what there was
            "cause": pl.String,  # oversold_late / oversold_unread / oversold_edit / ... (words)
            "facts": pl.String,
        },
        ("sku", "channel", "order", "line"),
        "each order that sold more than there was, and why it could",
    ),
    "late_find": Table(
        {
            "channel": pl.String,
            "order": pl.String,
            "made_at": TIME,  # when the order was made, or changed, server time
            "found_at": TIME,  # our time
            "at_least": pl.Int64,  # seconds for which it could not be read, at the least
            "at_most": pl.Int64,
        },
        ("channel", "order"),
        "orders that only the sweep found",
    ),
    "lag": Table(
        {"channel": pl.String, "kind": pl.String, "samples": pl.String},
        ("channel", "kind"),
        "the last measured delays of each channel, in seconds, newest last (JSON)",
    ),
    "question": Table(
        {
            "id": pl.String,
            "kind": pl.String,
            "key": pl.String,
            "causes": pl.String,
            "facts": pl.String,
            "asked_at": TIME,
            "answer": pl.String,
            "closed_at": TIME,
        },
        ("id",),
        "what was asked in Attention; an answer belongs to its id and is used once",
    ),
    "notice": Table(
        {"key": pl.String, "id": pl.String, "since": TIME}, ("key",), "since when an issue stands, and its id"
    ),
}
