"""SQLite: what was seen, never what is to be done (DESIGN section 2).

One file, WAL, synchronous FULL. Every table is declared once below as a polars schema with its key; rows come and go as
frames. A read gives a cached frame; a write inside `transaction()` updates cache and file together, or neither. What is
made from tables is made once until one of them changes: `derived` is the one place where that is decided.

Times are kept as whole microseconds since 1970 in UTC. Losing this file is a nuisance, not a loss: everything becomes a
preview until approved.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

import polars as pl

from agent.frames import CHANNELS, ITEMS, LISTINGS, ORDER_LINES, RULES, TIME, Schema

T = TypeVar("T")
VERSION = 1


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


@dataclass(frozen=True)
class Derived:
    """What was made from tables, with all that it rests on."""

    made: object
    read: Mapping[str, int]
    """Each table, and each value kept under a key (`meta/KEY`), that was looked at: its version then."""
    given: tuple[object, ...]


class Store:
    """The store. Not thread-safe: one control thread uses it."""

    check: ClassVar[Callable[[str, object, object], None] | None] = None
    """For tests: told the name, what `derived` would give again, and the same made afresh."""

    def __init__(self, path: Path | str, connection: sqlite3.Connection | None = None) -> None:
        self._db = connection or sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._cache: dict[str, pl.DataFrame] = {}
        self._meta: dict[str, str] = {}
        self._derived: dict[str, Derived] = {}
        self._reading: list[dict[str, int]] = []
        self._touched: set[str] = set()
        self._depth = 0
        self._versions: dict[str, int] = {}
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._create()

    def _create(self) -> None:
        with self.transaction():
            self._db.execute("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
            for name, table in TABLES.items():
                self._db.execute(_create_sql(name, table))
                self._add_columns(name, table)
            self._db.execute('CREATE INDEX IF NOT EXISTS ledger_sku ON ledger ("sku", "at")')
            self._db.execute('CREATE INDEX IF NOT EXISTS push_cell ON push ("channel", "cell", "id")')
            found = self.meta("version", VERSION)
            if found != VERSION:
                raise RuntimeError(f"the store is of version {found}, this program knows {VERSION}")
            self.set_meta(version=VERSION)

    def _add_columns(self, name: str, table: Table) -> None:
        """A store of an earlier version lacks the columns that came later: nothing is known there yet."""
        there = {row[1] for row in self._db.execute(f'PRAGMA table_info("{name}")')}
        for column, kind in table.schema.items():
            if column not in there:
                self._db.execute(f'ALTER TABLE "{name}" ADD COLUMN "{column}" {_sql_type(kind)}')

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, in file and cache. Nested use joins the outer one."""
        if self._depth:
            yield
            return
        self._depth = 1
        self._touched.clear()
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            self._meta.clear()
            for name in self._touched:
                self._cache.pop(name, None)
                self._versions[name] = self._versions.get(name, 0) + 1  # what was derived within stands for nothing
            raise
        finally:
            self._depth = 0

    # --- meta -------------------------------------------------------------------------------------------------------

    def meta(self, key: str, default: object = None) -> object:
        """A small value kept under a key, or the default."""
        self._looked_at(f"meta/{key}")
        if key not in self._meta:
            row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
            self._meta[key] = row[0] if row else ""
        return json.loads(self._meta[key]) if self._meta[key] else default

    def set_meta(self, **values: object) -> None:
        """Keep small values (JSON) under keys."""
        rows = [(key, json.dumps(value)) for key, value in values.items()]
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)
        for key, text in rows:
            if self._meta.get(key) != text:
                self._mark(f"meta/{key}")
            self._meta[key] = text

    # --- frames -----------------------------------------------------------------------------------------------------

    def table(self, name: str) -> pl.DataFrame:
        """The whole table as a frame of its schema (cached)."""
        self._looked_at(name)
        if name not in self._cache:
            columns = ", ".join(f'"{column}"' for column in TABLES[name].schema)
            self._cache[name] = self.query(f'SELECT {columns} FROM "{name}"', TABLES[name].schema)  # noqa: S608
        return self._cache[name]

    def version(self, name: str) -> int:
        """Rises with each change of the table in this process; for caching what is derived from it."""
        self._looked_at(name)
        return self._versions.get(name, 0)

    def derived(self, name: str, make: Callable[[], T], *given: object) -> T:
        """What `make()` gives; made again only when something has changed that it rests on.

        Which tables and kept values it looks at is seen by itself. `given`: all else that it rests on, such as frames
        or the minute; frames are compared by what they hold. `name` says what is made: one is kept of each.
        """
        known = self._derived.get(name)
        if known is None or not self._stands(known, given):
            return self._derive(name, make, given)
        for each, version in known.read.items():
            self._looked_at(each, version)
        check = type(self).check
        if check is not None:
            check(name, known.made, make())
        return cast(T, known.made)

    def _stands(self, known: Derived, given: tuple[object, ...]) -> bool:
        return all(self._versions.get(name, 0) == version for name, version in known.read.items()) and _same(
            known.given, given
        )

    def _derive(self, name: str, make: Callable[[], T], given: tuple[object, ...]) -> T:
        self._reading.append({})
        try:
            made = make()
        finally:
            read = self._reading.pop()
            for each, version in read.items():
                self._looked_at(each, version)
        self._derived[name] = Derived(made, read, given)
        return made

    def _looked_at(self, name: str, version: int | None = None) -> None:
        """What is being made rests on this table as it was when it was first looked at."""
        if self._reading:
            self._reading[-1].setdefault(name, self._versions.get(name, 0) if version is None else version)

    def query(self, sql: str, schema: Schema, values: tuple[object, ...] = ()) -> pl.DataFrame:
        """A frame of this schema from SQL (times in microseconds)."""
        rows = self._db.execute(sql, values).fetchall()
        stored = {name: pl.Int64 if kind == TIME else kind for name, kind in schema.items()}
        found = pl.DataFrame(rows, schema=_sqlite_schema(stored), orient="row")
        return found.with_columns(pl.col(n).cast(k) for n, k in schema.items() if found.schema[n] != k)

    def put(self, name: str, rows: pl.DataFrame) -> None:
        """Insert or replace whole rows by the table's key. Columns the frame lacks become null in new rows and keep
        their value in known ones."""
        if rows.is_empty():
            return
        table = TABLES[name]
        columns = [c for c in table.schema if c in rows.columns]
        chosen = _typed(rows.select(columns), table)
        self._execute_many(_upsert_sql(name, tuple(columns)), chosen, table)
        self._change(name, chosen, table)

    def append(self, name: str, rows: pl.DataFrame) -> list[int]:
        """Append rows to a table with a whole-number `id` key; gives the new ids."""
        start = 1 + int(self._db.execute(f'SELECT COALESCE(MAX(id), 0) FROM "{name}"').fetchone()[0])  # noqa: S608
        ids = list(range(start, start + rows.height))
        self.put(name, rows.with_columns(pl.Series("id", ids, dtype=pl.Int64)))
        return ids

    def delete(self, name: str, keys: pl.DataFrame) -> None:
        """Delete rows by (a part of) the key: every column of `keys` must match."""
        if keys.is_empty():
            return
        where = " AND ".join(f'"{c}" = ?' for c in keys.columns)
        self._execute_many(f'DELETE FROM "{name}" WHERE {where}', _typed(keys, TABLES[name]), TABLES[name])  # noqa: S608
        if name in self._cache:
            self._cache[name] = self._cache[name].join(keys, on=keys.columns, how="anti")
        self._mark(name)

    def replace(self, name: str, rows: pl.DataFrame) -> None:
        """Let the table hold exactly these rows."""
        self._db.execute(f'DELETE FROM "{name}"')  # noqa: S608
        self._cache.pop(name, None)
        self._mark(name)
        self.put(name, rows)

    def _execute_many(self, sql: str, rows: pl.DataFrame, table: Table) -> None:
        assert self._depth, "every write stands in a transaction"
        times = [c for c in rows.columns if table.schema[c] == TIME]
        stored = rows.with_columns(pl.col(times).cast(pl.Int64)) if times else rows
        self._db.executemany(sql, stored.iter_rows())

    def _change(self, name: str, rows: pl.DataFrame, table: Table) -> None:
        cached = self._cache.get(name)
        if cached is not None:
            key = list(table.key)
            rest = [c for c in table.schema if c not in rows.columns]
            whole = rows
            if rest:
                whole = rows.join(cached.select(*key, *rest), on=key, how="left", nulls_equal=True)
                whole = whole.select(list(table.schema))
            self._cache[name] = pl.concat([cached.join(whole, on=key, how="anti", nulls_equal=True), whole])
        self._mark(name)

    def _mark(self, name: str) -> None:
        self._touched.add(name)
        self._versions[name] = self._versions.get(name, 0) + 1

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _same(known: Any, now: Any) -> bool:
    """Whether two values are the same: frames by what they hold, anything else as Python compares it."""
    if known is now:
        return True
    if isinstance(known, pl.DataFrame) or isinstance(now, pl.DataFrame):
        return isinstance(now, pl.DataFrame) and isinstance(known, pl.DataFrame) and known.equals(now)
    if isinstance(known, tuple) and isinstance(now, tuple):
        return len(known) == len(now) and all(map(_same, known, now))
    if is_dataclass(known) and type(known) is type(now):
        return all(_same(getattr(known, each.name), getattr(now, each.name)) for each in fields(known))
    return bool(known == now)


def _typed(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The same columns, of the types that the table declares."""
    other = [pl.col(c).cast(table.schema[c]) for c, kind in rows.schema.items() if kind != table.schema[c]]
    return rows.with_columns(other) if other else rows


def _create_sql(name: str, table: Table) -> str:
    columns = ", ".join(f'"{c}" {_sql_type(k)}' for c, k in table.schema.items())
    key = ", ".join(f'"{c}"' for c in table.key)
    return f'CREATE TABLE IF NOT EXISTS "{name}" ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID'


@cache
def _upsert_sql(name: str, columns: tuple[str, ...]) -> str:
    table = TABLES[name]
    names = ", ".join(f'"{c}"' for c in columns)
    marks = ", ".join("?" * len(columns))
    key = ", ".join(f'"{c}"' for c in table.key)
    rest = ", ".join(f'"{c}" = excluded."{c}"' for c in columns if c not in table.key)
    action = f"UPDATE SET {rest}" if rest else "NOTHING"
    return f'INSERT INTO "{name}" ({names}) VALUES ({marks}) ON CONFLICT ({key}) DO {action}'  # noqa: S608


def _sql_type(kind: object) -> str:
    return "TEXT" if kind == pl.String or isinstance(kind, pl.Enum) else "INTEGER"


def _plain(kind: object) -> type[pl.DataType]:
    return pl.String if kind == pl.String or isinstance(kind, pl.Enum) else pl.Int64


def _sqlite_schema(schema: Mapping[str, object]) -> dict[str, type[pl.DataType]]:
    return {name: _plain(kind) for name, kind in schema.items()}
