"""Random cells and random bytes: no exception, no cell that is neither understood nor named, no hang."""

from __future__ import annotations

import io
import resource
import zipfile
from datetime import date, datetime
from functools import cache

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.core.check import Checked, check
from agent.core.check_items import FREEZING, READERS
from agent.frames import ITEMS
from agent.ports import SystemClock
from agent.workbooks.base import Snapshot
from agent.workbooks.memory import MemoryWorkbook, Typed
from agent.workbooks.tabs import CHANNELS, ITEM_MASTER, MATCHES, RULES
from agent.workbooks.xlsx.package import Refused
from agent.workbooks.xlsx.reading import read_snapshot
from tests.input.files import small_book
from tests.workbooks.test_xlsx_reading import NOON

ODD = [
    "",
    " ",
    "0",
    "-0",
    "1,000",
    "12 pcs",
    "#REF!",
    "=A1",
    "yes",
    "none",
    "A x 2",
    "A + B",
    "\u0410",
    "\u200b",
    "1e3",
    "\x00",
]
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**18), 10**18), st.floats(), st.text(max_size=12), st.sampled_from(ODD),
    st.dates(date(1900, 1, 1), date(9999, 12, 31)), st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 30)),
)  # fmt: skip
FORMATS = st.sampled_from(["general", "integer", "zeros", "percent", "date", "scientific", "text", "other"])
ENTRY = st.one_of(PLAIN, st.builds(Typed, PLAIN, st.booleans(), FORMATS))
QUICK = settings(max_examples=60, suppress_health_check=list(HealthCheck))


def rows_of(names: tuple[str, ...]) -> st.SearchStrategy[list[dict[str, object]]]:
    return st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(names, ENTRY)), max_size=6)


def looked_at(**tabs: list[dict[str, object]]) -> tuple[Snapshot, Checked]:
    """The rows as a snapshot, checked."""
    book = MemoryWorkbook(SystemClock(), {name.replace("_", " "): rows for name, rows in tabs.items()})  # type: ignore[arg-type]
    snapshot = book._snapshot()
    return snapshot, check(snapshot, ["my-shop"], date(2026, 11, 22))


@QUICK
@given(rows_of(ITEM_MASTER.names))
def test_a_row_of_item_master_is_understood_or_named_with_its_cell(rows: list[dict[str, object]]) -> None:
    snapshot, checked = looked_at(Item_Master=[{"SKU": "KNOWN", "Stocked": 1}, *rows])
    frame = snapshot.tabs["Item Master"]
    assert checked.items.schema == pl.DataFrame(schema=dict(ITEMS)).schema
    assert checked.items["stocked"].drop_nulls().is_between(0, 10_000_000).all()
    assert checked.items["sku"].is_unique().all()
    named = set(checked.issues["cell"].drop_nulls().str.extract("([0-9]+)$").cast(pl.Int64))
    letters = snapshot.letters["Item Master"]
    own = {row: sku for sku, row in checked.items.select("sku", "row").iter_rows()}
    frozen = dict(checked.items.select("row", "frozen").iter_rows())
    for row in frame.iter_rows(named=True):
        if row["row"] in own and frozen[row["row"]]:
            assert row["row"] in named  # frozen: said where, or the row that it is a double of
        kinds = {name: row.get(f"{name}|kind") for name in READERS}
        if kinds["SKU"] in ("error", "bool"):
            assert f"{letters['SKU']}{row['row']}" in set(checked.issues["cell"])
        if any(kinds[name] == "error" for name in FREEZING if name != "Stocked") and row["row"] in own:
            assert frozen[row["row"]] is not None


@QUICK
@given(rows_of(RULES.names), rows_of(MATCHES.names), rows_of(CHANNELS.names))
def test_no_rule_match_or_setting_is_an_exception(
    rules: list[dict[str, object]], matches: list[dict[str, object]], channels: list[dict[str, object]]
) -> None:
    items: list[dict[str, object]] = [{"SKU": "A", "Stocked": 1}, {"SKU": "B", "Stocked": 2, "Tags": "new"}]
    _, checked = looked_at(Item_Master=items, Rules=rules, Matches=matches, Channels=channels)
    assert checked.rejected is None
    assert checked.channels.height == 1
    assert checked.rules.filter(pl.col("setting") == "percent")["value"].drop_nulls().is_between(0, 10_000).all()
    assert (checked.rules["value"].drop_nulls() >= 0).all()
    assert (checked.matches["units"] >= 1).all()


# --- bytes


@cache
def book() -> bytes:
    """A small workbook, its parts not compressed, so that a changed byte reaches the XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(small_book())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return out.getvalue()


def understood(content: bytes) -> None:
    """It is read, or refused in words."""
    try:
        snapshot = read_snapshot(content, NOON)
    except Refused as refused:
        assert refused.what.endswith(".")
        assert refused.fix.endswith(".")
        return
    check(snapshot, ["my-shop"], date(2026, 11, 22))


@QUICK
@given(st.lists(st.tuples(st.integers(0, 1_000_000), st.integers(0, 255)), min_size=1, max_size=20), st.booleans())
def test_a_file_with_wrong_bytes_is_read_or_refused_in_words(wrong: list[tuple[int, int]], packed: bool) -> None:
    content = bytearray(small_book() if packed else book())
    for place, value in wrong:
        content[place % len(content)] = value
    understood(bytes(content))


@QUICK
@given(st.integers(0, 20_000), st.integers(0, 20_000), st.binary(max_size=40))
def test_a_file_with_a_piece_cut_out_is_read_or_refused_in_words(start: int, length: int, instead: bytes) -> None:
    content = book()
    start %= len(content)
    understood(content[:start] + instead + content[start + length :])


PARTS = [
    "xl/worksheets/sheet1.xml",
    "xl/workbook.xml",
    "xl/styles.xml",
    "xl/_rels/workbook.xml.rels",
    "[Content_Types].xml",
]


@QUICK
@given(
    st.sampled_from(PARTS),
    st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 12), st.binary(max_size=12)), min_size=1, max_size=6),
)
def test_a_part_with_wrong_xml_and_right_checksums_is_read_or_refused_in_words(
    part: str, edits: list[tuple[int, int, bytes]]
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(small_book())) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            for start, length, instead in edits if name == part else ():
                at = start % (len(data) + 1)
                data = data[:at] + instead + data[at + length :]
            new.writestr(name, data)
    understood(out.getvalue())


def test_no_mutation_costs_much_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    content = small_book()
    for at in range(0, len(content), 97):
        understood(content[:at] + b"\xff" + content[at + 1 :])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@pytest.mark.parametrize("size", [0, 1, 3, 4, 21, 22, 29, 30, 45, 46])
def test_the_shortest_files_are_refused_in_words(size: int) -> None:
    for begin in (b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"):
        understood((begin + b"\x00" * size)[:size])
