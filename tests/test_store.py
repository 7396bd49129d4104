"""The store: what was seen, in one file; all or nothing, in file and memory together (DESIGN section 9, I5, I16)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import store as stores
from agent.frames import TIME
from agent.store import Store
from agent.store_tables import TABLES

AT = datetime(2026, 11, 23, 8, 0, 0, 123456, tzinfo=UTC)


def levels(*rows: tuple[str, int | None, datetime | None]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(TABLES["level"].schema), orient="row")


def fresh(path: Path, name: str) -> pl.DataFrame:
    """The table as another program start reads it."""
    again = Store(path)
    rows = again.table(name)
    again.close()
    return rows


def same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    return one.schema == other.schema and one.sort(one.columns).equals(other.sort(other.columns))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stocksheet.db"


@pytest.fixture
def store(path: Path) -> Store:
    return Store(path)


def test_a_transaction_that_fails_leaves_nothing_in_file_and_memory(store: Store, path: Path) -> None:
    with store.transaction():
        store.put("level", levels(("A", 20, AT)))
        store.set_meta(mode="Live")
    assert store.table("level").height == 1
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.put("level", levels(("A", 3, AT), ("B", 4, AT)))
        store.delete("level", pl.DataFrame({"sku": ["A"]}))
        store.set_meta(mode="Paused")
        raise ZeroDivisionError
    assert store.table("level").rows() == fresh(path, "level").rows() == [("A", 20, AT)]
    assert store.meta("mode") == "Live"


def test_an_inner_transaction_is_part_of_the_outer_one(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction():
        with store.transaction():
            store.put("level", levels(("A", 20, AT)))
        raise ZeroDivisionError
    assert store.table("level").is_empty()
    with store.transaction():  # and the store goes on afterwards
        store.put("level", levels(("A", 20, AT)))
    assert store.table("level").height == 1


def test_nothing_is_written_outside_of_a_transaction(store: Store) -> None:
    with pytest.raises(AssertionError, match="transaction"):
        store.put("level", levels(("A", 20, AT)))


def test_times_come_back_to_the_microsecond_in_utc(store: Store, path: Path) -> None:
    early = datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    elsewhere = AT.astimezone().replace(microsecond=1)
    with store.transaction():
        store.put("level", levels(("A", 1, AT), ("B", 2, early), ("C", 3, elsewhere), ("D", 4, None)))
    back = dict(fresh(path, "level").select("sku", "opened_at").iter_rows())
    assert back == {"A": AT, "B": early, "C": elsewhere, "D": None}
    assert fresh(path, "level").schema["opened_at"] == TIME
    with closing(sqlite3.connect(path)) as file:
        (kept,) = file.execute("SELECT opened_at FROM level WHERE sku = 'A'").fetchone()
    assert kept == 1_795_420_800_123_456


def test_a_put_of_some_columns_keeps_the_others(store: Store, path: Path) -> None:
    """Unknown rows get null in what the frame lacks; known ones keep what they have; a given null is kept, too."""
    with store.transaction():
        store.put("level", levels(("A", 20, AT), ("B", 4, AT)))
        store.put("level", pl.DataFrame({"sku": ["A", "C"], "on_hand": [19, 7]}))
        store.put(
            "level", pl.DataFrame({"sku": ["B"], "on_hand": [None]}, schema={"sku": pl.String, "on_hand": pl.Int64})
        )
    assert sorted(store.table("level").rows()) == [("A", 19, AT), ("B", None, AT), ("C", 7, None)]
    assert same(store.table("level"), fresh(path, "level"))


def test_a_put_of_keys_alone_changes_no_known_row(store: Store, path: Path) -> None:
    with store.transaction():
        store.put("level", levels(("A", 20, AT)))
        store.put("level", pl.DataFrame({"sku": ["A", "B"]}))
    assert sorted(store.table("level").rows()) == [("A", 20, AT), ("B", None, None)]
    assert same(store.table("level"), fresh(path, "level"))


def test_appended_rows_get_rising_ids_for_ever(store: Store, path: Path) -> None:
    entry = pl.DataFrame({"sku": ["A", "B"], "change": [1, 2]})
    with store.transaction():
        assert store.append("ledger", entry) == [1, 2]
    store.close()
    again = Store(path)
    with again.transaction():
        assert again.append("ledger", entry) == [3, 4]
        assert again.append("ledger", entry.clear()) == []
    assert sorted(again.table("ledger").select("id", "sku").iter_rows()) == [(1, "A"), (2, "B"), (3, "A"), (4, "B")]


def test_rows_go_by_a_part_of_their_key(store: Store, path: Path) -> None:
    links = pl.DataFrame(
        {"channel": ["n", "n", "s"], "listing": ["1", "1", "1"], "sku": ["A", "B", "A"], "units": [1, 2, 1]}
    )
    with store.transaction():
        store.put("link", links)
        store.delete("link", pl.DataFrame({"channel": ["n"], "listing": ["1"]}))
        store.delete("link", pl.DataFrame({"channel": ["none"]}))
        store.delete("link", links.clear().select("sku"))
    assert store.table("link").select("channel", "sku").rows() == [("s", "A")]
    assert same(store.table("link"), fresh(path, "link"))


def test_replace_leaves_exactly_the_given_rows(store: Store, path: Path) -> None:
    with store.transaction():
        store.put("level", levels(("A", 20, AT), ("B", 4, AT)))
        store.replace("level", levels(("C", 1, AT)))
    assert store.table("level").rows() == fresh(path, "level").rows() == [("C", 1, AT)]
    with store.transaction():
        store.replace("level", levels())
    assert store.table("level").is_empty()
    assert fresh(path, "level").is_empty()


def test_the_version_of_a_table_rises_with_each_change(store: Store) -> None:
    seen = [store.version("level")]
    for change in (lambda: store.put("level", levels(("A", 1, AT))), lambda: store.replace("level", levels())):
        with store.transaction():
            change()
        seen.append(store.version("level"))
    assert seen == sorted(set(seen))
    with store.transaction():
        store.put("level", levels())
    assert store.version("level") == seen[-1]


def test_a_change_that_is_rolled_back_is_a_change_too(store: Store) -> None:
    """Whatever was derived within the transaction must not be taken for derived from what stands."""
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.put("level", levels(("A", 20, AT)))
        within = store.version("level")
        raise ZeroDivisionError
    assert store.version("level") > within


def test_small_values_are_kept_as_they_are(store: Store, path: Path) -> None:
    with store.transaction():
        store.set_meta(mode="Live", short=[3, 1], generation=7, nothing=None)
    store.close()
    again = Store(path)
    assert [again.meta(key) for key in ("mode", "short", "generation", "nothing")] == ["Live", [3, 1], 7, None]
    assert (again.meta("never"), again.meta("never", 5)) == (None, 5)


def test_a_store_of_another_version_is_not_touched(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.transaction():
        store.put("level", levels(("A", 20, AT)))
    store.close()
    monkeypatch.setattr(stores, "VERSION", stores.VERSION + 1)
    with pytest.raises(RuntimeError, match="version"):
        Store(path)
    monkeypatch.undo()
    assert fresh(path, "level").rows() == [("A", 20, AT)]


def test_what_was_not_committed_when_the_power_went_is_not_there(store: Store, path: Path) -> None:
    """A second connection sees what a crash would leave."""
    with store.transaction():
        store.put("level", levels(("A", 20, AT)))
    with store.transaction():
        store.put("level", levels(("A", 3, AT)))
        beside = sqlite3.connect(path)
        assert beside.execute("SELECT on_hand FROM level").fetchall() == [(20,)]
        beside.close()


# --- the cache never says anything else than the file

KEYS = st.tuples(st.sampled_from(["n", "s"]), st.sampled_from(["1", "2"]), st.sampled_from(["A", "B"]))
UNITS = st.one_of(st.none(), st.integers(-(2**62), 2**62))
MOMENTS = st.one_of(
    st.none(),
    st.integers(-(10**12), 10**15).map(lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)),
)
REST = {
    "units": UNITS,
    "how": st.one_of(st.none(), st.text(max_size=3)),
    "linked_at": MOMENTS,
    "live": st.one_of(st.none(), st.booleans()),
}
KEY = ("channel", "listing", "sku")


@st.composite
def puts(draw: st.DrawFn) -> tuple[str, pl.DataFrame]:
    columns = draw(st.lists(st.sampled_from(sorted(REST)), unique=True))
    keys = draw(st.lists(KEYS, unique=True, max_size=4))
    rows = [(*key, *(draw(REST[column]) for column in columns)) for key in keys]
    kinds = {name: TABLES["link"].schema[name] for name in (*KEY, *columns)}
    return "put", pl.DataFrame(rows, schema=kinds, orient="row")


@st.composite
def others(draw: st.DrawFn) -> tuple[str, pl.DataFrame]:
    verb = draw(st.sampled_from(["delete", "replace", "look"]))
    keys = draw(st.lists(KEYS, unique=True, max_size=3))
    return verb, pl.DataFrame(keys, schema=dict.fromkeys(KEY, pl.String), orient="row")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.one_of(puts(), others()), st.booleans()), max_size=8))
def test_the_cache_says_what_a_fresh_read_says_whatever_happens(
    steps: list[tuple[tuple[str, pl.DataFrame], bool]],
) -> None:
    """Random puts of some columns, deletions, replacements and rollbacks."""
    disk = sqlite3.connect(":memory:", isolation_level=None)
    store = Store("", disk)
    for (verb, rows), fails in steps:
        try:
            with store.transaction():
                store.table("link") if verb == "look" else getattr(store, verb)("link", rows)
                if fails:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        assert same(store.table("link"), Store("", disk).table("link"))


def test_a_store_of_an_earlier_version_gets_the_columns_that_came_later(tmp_path: Path) -> None:
    file = tmp_path / "stocksheet.db"
    store = Store(file)
    known = {"channel": "etsy", "account_id": "7", "live": True, "failures": 2}
    with store.transaction():
        store.put("channel", pl.DataFrame([known], schema_overrides={"failures": pl.Int64}))
    store.close()
    database = sqlite3.connect(file)
    database.execute("ALTER TABLE channel DROP COLUMN access_ends")
    database.commit()
    database.close()
    again = Store(file)
    (row,) = again.table("channel").to_dicts()
    assert {name: row[name] for name in known} == known and row["access_ends"] is None
    ends = datetime(2026, 12, 24, tzinfo=UTC)
    with again.transaction():
        again.put("channel", pl.DataFrame({"channel": ["etsy"], "access_ends": [ends]}))
    again.close()
    (row,) = Store(file).table("channel").to_dicts()
    assert (row["access_ends"], row["account_id"], row["failures"]) == (ends, "7", 2)
