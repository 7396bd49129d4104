"""SQLite: what was seen, never what is to be done (DESIGN section 2).

One file, WAL, synchronous FULL. Every table is declared once, in `agent.store_tables`; rows come and go as frames.
A read gives a cached frame; a write inside `transaction()` updates cache and file together, or neither. What is
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

from agent.frames import TIME, Schema
from agent.store_tables import TABLES, Table

T = TypeVar("T")
VERSION = 1


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
