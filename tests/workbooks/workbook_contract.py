"""What every workbook must do (agent/workbooks/base.py). Run over each of them by test_workbook_contract.py.

The first one is the promise to the seller: people's tabs are the same after any write.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import polars as pl
import pytest

from agent.core.report import shaped
from agent.frames import MIRROR, frame
from agent.workbooks.base import Mark, Snapshot, Workbook, Written
from agent.workbooks.cells import Cell
from agent.workbooks.memory_tabs import Entry, Typed
from agent.workbooks.tabs import AGENT_TABS, BY_NAME

Grid = Sequence[Sequence[Entry]]
NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


class Bench(Protocol):
    """A workbook and the person in front of it."""

    book: Workbook

    def give(self, sheets: Mapping[str, Grid]) -> None:
        """A saved workbook of these tabs: rows of cells from A1 on."""

    def type(self, tab: str, key: str | tuple[str, ...] | int, column: str, entry: Entry) -> None:
        """Type into one cell and save."""

    def open(self) -> None:
        """The person opens the workbook."""

    def close(self) -> None:
        """The person closes it."""

    def type_beside(self, tab: str, key: tuple[str, ...], column: str, entry: Entry) -> None:
        """Type into the sidecar and save it."""

    def cells(self, tab: str) -> list[dict[str, Cell]]:
        """What the person sees in a tab of the agent: one mapping of header to cell for each row."""

    def people(self) -> dict[str, object]:
        """Every tab that is not the agent's, as exactly as it can be said."""


ITEMS: Grid = (
    ("SKU", "Title", "Stocked", "Barcode", "Shelf"),
    ("BLUE-M", "Blue shirt", 20, "4006381333931", "A-7"),
    ("MUG", "Mug <white> & \"blue\"", 0, None, "B-1"),
    (Typed(1042, format="zeros"), " spaced ", None, 4006381333931, None),
    ("CALC", "By formula", Typed(None, formula=True), None, "=not a formula"),
)  # fmt: skip
THEIRS: Grid = (("Notes", None, 3), (None, None, None), (dt.date(2026, 11, 22), True, 0.5))


def listings(*rows: tuple[str, str, int | None, str]) -> pl.DataFrame:
    """The tab Listings: (channel, listing, target, why)."""
    data = [
        {"Channel": c, "Listing": n, "Title": f"Title of {n}", "SKU": "00123", "Units": 1, "Target": target, "Why": why,
         "Status": "in sync", "Since": NOON} for c, n, target, why in rows
    ]  # fmt: skip
    return shaped(BY_NAME["Listings"], pl.DataFrame(data))


def attention(*ids: str) -> pl.DataFrame:
    """The tab Attention with questions of these ids."""
    return shaped(
        BY_NAME["Attention"], pl.DataFrame([{"Id": i, "How bad": "decide", "What": f"Question {i}"} for i in ids])
    )


TWO = (("shop", "1", 5, "5 stocked = 5"), ("shop", "2", None, "not managed yet"))
NO_MIRROR = frame([], MIRROR)


async def write(
    book: Workbook, tabs: Mapping[str, pl.DataFrame], mirror: Sequence[tuple[object, ...]] = (), generation: int = 1
) -> Written:
    """Read and write, as the agent does."""
    return await book.write(tabs, frame(list(mirror), MIRROR), Mark("book-1", generation), await book.read())


def run(steps: Callable[[], Awaitable[None]]) -> None:
    """Run a test's steps."""

    async def inner() -> None:
        await steps()

    asyncio.run(inner())


def item(snapshot: Snapshot, sku: str) -> dict[str, Any]:
    """The Item Master row of a SKU."""
    return snapshot.tabs["Item Master"].row(by_predicate=pl.col("SKU") == sku, named=True)


def facts(snapshot: Snapshot, code: str) -> list[dict[str, Any]]:
    """The facts of the issues of one code."""
    return [json.loads(text) for text in snapshot.issues.filter(pl.col("code") == code)["facts"]]


class WorkbookContract:
    """Inherit, and give a fixture `bench`."""

    # --- the promise

    @pytest.mark.parametrize("tab", [tab.name for tab in AGENT_TABS])
    def test_peoples_tabs_are_the_same_after_any_write(self, bench: Bench, tab: str) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS, "Their own": THEIRS, "Rules": (("SKU", "Maximum"), ("MUG", 8))})
            before = bench.people()
            rows = [
                {c.name: 1 if c.kind in ("whole", "number") else "x" for c in BY_NAME[tab].columns if c.kind != "when"}
            ]
            for generation, count in enumerate((1, 3, 2), 1):
                data = shaped(BY_NAME[tab], pl.DataFrame(rows * count).with_columns(_numbered(tab)))
                assert (await write(bench.book, {tab: data}, generation=generation)).outcome == "written"
                assert bench.people() == before
                assert len(bench.cells(tab)) == count

        run(steps)

    def test_a_mirrored_cell_is_the_only_one_that_changes(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS, "Their own": THEIRS})
            before, old = bench.people(), (await bench.book.read()).tabs["Item Master"]
            written = await write(bench.book, {"Listings": listings(*TWO)}, [(2, "BLUE-M", "20", 17)])
            if bench.book.kind == "google":  # no number of a person's is ever written over there
                assert (written.outcome, bench.people()) == ("refused", before)
                return
            assert written.outcome == "written"
            new = (await bench.book.read()).tabs["Item Master"]
            assert new.row(0, named=True)["Stocked"] == "17"
            assert new.drop("Stocked").equals(old.drop("Stocked"))
            assert new["Stocked"][1:].equals(old["Stocked"][1:])
            assert bench.people()["Their own"] == before["Their own"]

        run(steps)

    # --- reading

    def test_a_snapshot_tells_text_kind_formula_and_format_of_each_cell(self, bench: Bench) -> None:
        async def steps() -> None:
            grid = (("SKU", "Stocked", "Tags"), ("A", 12, "x"), ("B", Typed(0.8, format="percent"), True),
                    ("C", 1e16, dt.date(2026, 11, 22)), ("D", 1.5, dt.datetime(2026, 11, 22, 14, 3)))  # fmt: skip
            bench.give({"Item Master": grid})
            rows = (await bench.book.read()).tabs["Item Master"]
            assert rows["Stocked"].to_list() == ["12", "0.8", "1e+16", "1.5"]
            assert rows["Stocked|kind"].to_list() == ["number"] * 4
            assert rows["Stocked|format"].to_list() == ["general", "percent", "general", "general"]
            assert rows["Tags"].to_list() == ["x", "TRUE", "2026-11-22", "2026-11-22T14:03:00"]
            assert rows["Tags|kind"].to_list() == ["text", "bool", "date", "date"]
            assert rows["Tags|format"].to_list()[2:] == ["date", "date"]
            assert not rows["Stocked|formula"].any()

        run(steps)

    def test_blank_missing_and_zero_are_different_I11(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            snapshot = await bench.book.read()
            assert (item(snapshot, "MUG")["Stocked"], item(snapshot, "MUG")["Stocked|kind"]) == ("0", "number")
            assert (item(snapshot, "1042")["Stocked"], item(snapshot, "1042")["Stocked|kind"]) == (None, "blank")
            assert "GONE" not in snapshot.tabs["Item Master"]["SKU"].to_list()

        run(steps)

    def test_numbers_in_code_columns_keep_their_format(self, bench: Bench) -> None:
        async def steps() -> None:
            codes = (("00123", None), (123, None), (Typed(123, format="zeros"), None),
                     (Typed("77", format="text"), None),
                     (Typed(4.00638e12, format="scientific"), None))  # fmt: skip
            bench.give({"Item Master": (("SKU", "Stocked"), *codes)})
            rows = (await bench.book.read()).tabs["Item Master"]
            assert rows["SKU"].to_list() == ["00123", "123", "123", "77", "4006380000000"]
            assert rows["SKU|kind"].to_list() == ["text", "number", "number", "text", "number"]
            assert rows["SKU|format"].to_list() == ["general", "general", "zeros", "text", "scientific"]

        run(steps)

    def test_a_formula_without_a_result_is_a_row_and_no_value(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            row = item(await bench.book.read(), "CALC")
            assert (row["Stocked"], row["Stocked|kind"], row["Stocked|formula"]) == (None, "blank", True)

        run(steps)

    def test_text_is_not_trimmed(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            assert item(await bench.book.read(), "1042")["Title"] == " spaced "

        run(steps)

    def test_blank_rows_are_left_out_and_rows_keep_the_sheets_numbers(self, bench: Bench) -> None:
        async def steps() -> None:
            grid = (
                ("SKU", "Stocked", "Shelf"),
                ("A", 1, None),
                (None, None, None),
                (None, None, "theirs"),
                ("B", 2, None),
            )
            bench.give({"Item Master": grid})
            rows = (await bench.book.read()).tabs["Item Master"]
            assert rows.select("row", "SKU").rows() == [(2, "A"), (5, "B")]

        run(steps)

    # --- headers

    def test_headers_are_found_in_any_order_by_alias_and_below_a_title(self, bench: Bench) -> None:
        async def steps() -> None:
            grid = (
                ("My shop's items", None, None),
                (None, None, None),
                ("qty ON-HAND", "Shelf", "Item Code"),
                (7, "A", "MUG"),
            )
            bench.give({"item master": grid})
            snapshot = await bench.book.read()
            assert item(snapshot, "MUG")["Stocked"] == "7"
            assert item(snapshot, "MUG")["row"] == 4
            assert dict(snapshot.letters["Item Master"]) == {"SKU": "C", "Stocked": "A"}
            assert "Shelf" not in snapshot.tabs["Item Master"].columns
            assert snapshot.issues.is_empty()

        run(steps)

    def test_the_exact_name_beats_an_alias(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": (("Code", "SKU", "Qty", "Stocked"), ("no", "MUG", 1, 2))})
            snapshot = await bench.book.read()
            assert (item(snapshot, "MUG")["Stocked"], snapshot.issues.height) == ("2", 0)

        run(steps)

    def test_two_aliases_are_asked_about_and_never_guessed(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": (("SKU", "Qty", "In stock"), ("MUG", 1, 2))})
            snapshot = await bench.book.read()
            said = facts(snapshot, "header_unclear")[0]
            assert (said["column"], said["headers"], said["cells"]) == ("Stocked", ["Qty", "In stock"], ["B1", "C1"])
            assert "Stocked" not in snapshot.tabs["Item Master"].columns

        run(steps)

    def test_a_header_twice_is_asked_about(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": (("SKU", "Stocked", "stocked "), ("MUG", 1, 2))})
            snapshot = await bench.book.read()
            assert [f["column"] for f in facts(snapshot, "header_twice")] == ["Stocked"]
            assert "Stocked" not in snapshot.tabs["Item Master"].columns

        run(steps)

    def test_a_missing_header_is_said(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": (("SKU", "Title"), ("MUG", "Mug"))})
            assert facts(await bench.book.read(), "header_missing") == [{"tab": "Item Master", "column": "Stocked"}]

        run(steps)

    # --- the agent's tabs

    def test_what_was_written_stands_there_with_its_type(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            await write(bench.book, {"Listings": listings(*TWO)})
            first, second = bench.cells("Listings")
            assert (first["Listing"].text, first["Listing"].kind) == ("1", "text")
            assert (first["SKU"].text, first["SKU"].kind) == ("00123", "text")
            assert (first["Target"].text, first["Target"].kind) == ("5", "number")
            assert (first["Since"].text, first["Since"].kind) == ("2026-11-22T12:00:00", "date")
            assert second["Target"].kind == "blank"

        run(steps)

    @pytest.mark.parametrize(
        "text", ["=1+1", "+1", "-2", "@SUM(A1)", "=cmd|' /C calc'!A0", "1042", "TRUE", "2026-11-22"]
    )
    def test_text_that_looks_like_something_else_stays_text_R9(self, bench: Bench, text: str) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            await write(bench.book, {"Listings": listings(("shop", "1", 5, text))})
            why = bench.cells("Listings")[0]["Why"]
            assert (why.text, why.kind, why.formula) == (text, "text", False)

        run(steps)

    def test_what_a_person_typed_stays_with_its_key(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            await write(bench.book, {"Listings": listings(*TWO)})
            bench.type("Listings", ("shop", "2"), "Change", "pause")
            rows = (await bench.book.read()).tabs["Listings"]
            assert rows.select("Channel", "Listing", "Change").rows() == [("shop", "1", None), ("shop", "2", "pause")]
            new = listings(("other", "2", 1, ""), ("shop", "2", 4, ""), ("shop", "3", 1, ""))
            await write(bench.book, {"Listings": new}, generation=2)
            rows = (await bench.book.read()).tabs["Listings"]
            typed = rows.filter(pl.col("Change").is_not_null())
            seen = [(row["Channel"].text, row["Listing"].text) for row in bench.cells("Listings")]
            second = rows["row"].to_list()[seen.index(("shop", "2"))]
            assert set(seen) == {("other", "2"), ("shop", "2"), ("shop", "3")}
            assert typed.select("row", "Channel", "Listing", "Change").rows() == [(second, "shop", "2", "pause")]

        run(steps)

    def test_a_tab_that_gets_fewer_rows_keeps_no_old_ones(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            await write(bench.book, {"Attention": attention("q1", "q2", "q3")})
            await write(bench.book, {"Attention": attention("q3")}, generation=2)
            assert [row["Id"].text for row in bench.cells("Attention")] == ["q3"]
            await write(bench.book, {"Attention": attention("q3").clear()}, generation=3)
            assert (await bench.book.read()).tabs["Attention"].is_empty()

        run(steps)

    # --- compare and set

    @pytest.mark.parametrize(
        "cell",
        [
            (2, "BLUE-M", "19", 17),
            (2, "MUG", "20", 17),
            (3, "BLUE-M", "0", 17),
            (2, "BLUE-M", None, 17),
            (99, "X", None, 1),
        ],
    )
    def test_a_cell_that_is_not_as_it_was_read_stops_the_whole_write(
        self, bench: Bench, cell: tuple[object, ...]
    ) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            before = await bench.book.read()
            written = await write(bench.book, {"Listings": listings(*TWO)}, [(3, "MUG", "0", 5), cell])
            assert written.outcome == ("refused" if bench.book.kind == "google" else "moved")
            assert (await bench.book.read()).revision == before.revision

        run(steps)

    def test_a_formula_is_never_written_over(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            outcome = "refused" if bench.book.kind == "google" else "moved"
            assert (await write(bench.book, {}, [(5, "CALC", None, 3)])).outcome == outcome
            assert item(await bench.book.read(), "CALC")["Stocked|formula"]

        run(steps)

    def test_a_blank_cell_may_be_mirrored(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            mirrors = bench.book.kind == "excel"
            written = await write(bench.book, {}, [(4, "1042", None, 3)])
            assert written.outcome == ("written" if mirrors else "refused")
            assert item(await bench.book.read(), "1042")["Stocked"] == ("3" if mirrors else None)

        run(steps)

    def test_a_save_since_the_read_makes_it_moved(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            seen = await bench.book.read()
            bench.type("Item Master", "MUG", "Stocked", 3)
            written = await bench.book.write({"Listings": listings(*TWO)}, NO_MIRROR, Mark("book-1", 1), seen)
            assert written.outcome == "moved"
            snapshot = await bench.book.read()
            assert item(snapshot, "MUG")["Stocked"] == "3"
            assert snapshot.mark is None

        run(steps)

    # --- rows that were asked for

    def test_asked_rows_come_below_the_others_and_nothing_else_changes(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS, "Notes": THEIRS})
            before = await bench.book.read()
            rows = pl.DataFrame({"SKU": ["=LAMP", "007"], "Title": ["Lamp <1>", None], "Stocked": [6, None],
                                 "Feed": ["not a column of theirs"] * 2})  # fmt: skip
            notes = bench.people()["Notes"]
            assert (await bench.book.append_rows("Item Master", rows, before)).outcome == "written"
            after = await bench.book.read()
            assert after.tabs["Item Master"].head(4).equals(before.tabs["Item Master"])
            new = after.tabs["Item Master"].tail(2).select("row", "SKU", "SKU|kind", "Title", "Stocked", "Stocked|kind")
            assert new.rows() == [
                (6, "=LAMP", "text", "Lamp <1>", "6", "number"),
                (7, "007", "text", None, None, "blank"),
            ]
            assert bench.people()["Notes"] == notes
            assert (after.revision != before.revision, after.mark) == (True, before.mark)

        run(steps)

    def test_asked_rows_wait_while_the_workbook_is_open_or_was_saved_meanwhile(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            rows, seen = pl.DataFrame({"SKU": ["LAMP"]}), await bench.book.read()
            bench.open()
            assert (await bench.book.append_rows("Item Master", rows, seen)).outcome == "open"
            bench.close()
            bench.type("Item Master", "MUG", "Stocked", 3)
            assert (await bench.book.append_rows("Item Master", rows, seen)).outcome == "moved"
            assert (await bench.book.read()).tabs["Item Master"].height == 4
            assert (await bench.book.append_rows("Item Master", rows, await bench.book.read())).outcome == "written"
            assert item(await bench.book.read(), "LAMP")["row"] == 6

        run(steps)

    # --- revision and mark

    def test_writing_the_same_again_is_unchanged(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            first = await write(bench.book, {"Listings": listings(*TWO)})
            again = await write(bench.book, {"Listings": listings(*TWO)}, generation=2)
            assert (again.outcome, again.revision) == ("unchanged", first.revision)
            mark = (await bench.book.read()).mark
            assert mark is not None and mark.generation == 1

        run(steps)

    def test_the_mark_rises_with_each_write(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            assert (await bench.book.read()).mark is None
            for generation in (1, 2, 3):
                written = await write(bench.book, {"Attention": attention(f"q{generation}")}, generation=generation)
                assert written.generation == generation
                assert (await bench.book.read()).mark == Mark("book-1", generation)

        run(steps)

    def test_the_revision_tells_whether_the_content_differs(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            first = await bench.book.revision()
            assert first == await bench.book.revision() == (await bench.book.read()).revision
            bench.type("Item Master", "MUG", "Stocked", 3)
            second = await bench.book.revision()
            assert second not in (None, first)
            written = await write(bench.book, {"Listings": listings(*TWO)})
            assert written.revision == await bench.book.revision() != second

        run(steps)

    # --- open elsewhere

    def test_while_it_is_open_nothing_is_written_into_it(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            before = await bench.book.revision()
            bench.open()
            written = await write(bench.book, {"Listings": listings(*TWO)}, [(2, "BLUE-M", "20", 17)])
            assert written.outcome == "open"
            assert (await bench.book.read()).open_elsewhere
            assert await bench.book.revision() == before
            bench.close()
            snapshot = await bench.book.read()
            assert not snapshot.open_elsewhere
            assert item(snapshot, "BLUE-M")["Stocked"] == "20"
            assert (await write(bench.book, {"Listings": listings(*TWO)})).outcome == "written"
            assert len(bench.cells("Listings")) == 2

        run(steps)

    def test_what_is_typed_in_the_sidecar_is_read_and_folded_in(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            bench.open()
            await write(bench.book, {"Attention": attention("q1", "q2")})
            before = await bench.book.revision()
            bench.type_beside("Attention", ("q2",), "Answer", "yes")
            assert await bench.book.revision() != before
            rows = (await bench.book.read()).tabs["Attention"]
            assert rows.filter(pl.col("Answer").is_not_null()).select("Id", "Answer").rows() == [("q2", "yes")]
            bench.close()
            assert (await write(bench.book, {"Attention": attention("q2", "q1")})).outcome == "written"
            rows = (await bench.book.read()).tabs["Attention"]
            assert rows.select("Id", "Answer").rows() == [("q2", "yes"), ("q1", None)]

        run(steps)

    # --- waking

    def test_a_save_wakes_and_the_agents_own_write_does_not(self, bench: Bench) -> None:
        async def steps() -> None:
            bench.give({"Item Master": ITEMS})
            with contextlib.suppress(TimeoutError):  # the save by `give` may count as well
                await asyncio.wait_for(bench.book.changed(), 0.2)
            task = asyncio.create_task(bench.book.changed())
            await asyncio.sleep(0.2)
            await write(bench.book, {"Listings": listings(*TWO)})
            await asyncio.sleep(1.2)
            assert not task.done()
            bench.type("Item Master", "MUG", "Stocked", 3)
            await asyncio.wait_for(task, 20)
            await bench.book.close()

        run(steps)


def _numbered(tab: str) -> list[pl.Expr]:
    """A key for each row, where the tab has one."""
    numeric = {c.name for c in BY_NAME[tab].columns if c.kind == "whole"}
    numbers = pl.int_range(1, pl.len() + 1)
    return [(numbers if name in numeric else pl.format("k{}", numbers)).alias(name) for name in BY_NAME[tab].key]
