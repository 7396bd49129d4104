"""Every kind of cell that cannot be used, in one bad morning: each is named with its cell, freezes its own item and no
other, and what is sold still lowers it (DESIGN sections 4 and 8; reliability 3.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import openpyxl
import pytest

from agent.workbooks.memory import Typed
from tests.input.cells import BAD, FINE, Bad
from tests.input.seller import Cell, Told, letter, place, put, seller
from tests.scenarios.stage import Stage, perform

SKUS = [*BAD, *FINE, "GOOD"]
ROW = {sku: at for at, sku in enumerate(SKUS, 2)}
MORE = [{"SKU": "KIT", "Made of": "GOOD x 2"}, {"SKU": "LOOP", "Made of": "two-step"}]


@dataclass
class Morning:
    """What the seller sees afterwards."""

    checked: Told
    synced: Told
    listings: dict[str, dict[str, Any]]
    attention: list[dict[str, Any]]
    shows: dict[str, int | None]


def _spoil(book: openpyxl.Workbook) -> None:
    sheet = book["Item Master"]
    for sku, bad in BAD.items():
        put(place(sheet, sku, bad.column), bad.entry)
        if bad.column == "Made of":
            place(sheet, sku, "Stocked").value = None
    for sku, (entry, _) in FINE.items():
        put(place(sheet, sku, "Stocked"), entry)
    place(sheet, "GOOD", "Stocked").value = 25


@pytest.fixture(scope="module")
def excel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """A real file, the command line, one unit of each sold."""
    with seller(tmp_path_factory.mktemp("cells") / "here") as here:
        for sku in SKUS:
            here.sells(sku, 5)
        here.writes([*({"SKU": sku, "Title": f"Item {sku}", "Stocked": 20} for sku in SKUS), *MORE])
        here.goes_live()
        here.changes(_spoil)
        for sku in SKUS:
            here.shop.sell(here.ids[sku], 1)
        checked, synced = here.run("check"), here.run("sync")
        listings = {sku: here.listing(sku) for sku in SKUS}
        yield Morning(checked, synced, listings, here.attention(), {sku: here.shows(sku) for sku in SKUS})


@pytest.fixture(scope="module")
def memory() -> Stage:
    """The same in an in-memory workbook."""

    async def story(stage: Stage) -> None:
        for sku in SKUS:
            stage.sells(sku, north=5)
            stage.types(sku, stocked=20)
        for row in MORE:
            stage.adds("Item Master", **row)
        await stage.goes_live()
        for sku, bad in BAD.items():
            if not bad.excel_only:
                stage.sets("Item Master", sku, bad.column, _typed(bad.entry))
                if bad.column == "Made of":
                    stage.types(sku, stocked=None)
        for sku, (entry, _) in FINE.items():
            stage.types(sku, stocked=_typed(entry))
        for sku in SKUS:
            stage.buys("north", sku, 1)
        await stage.cycle()

    return perform(story)


def _typed(entry: Any) -> Any:
    if not isinstance(entry, Cell):
        return entry
    if str(entry.value).startswith("="):
        return Typed(None, formula=True)
    return Typed(entry.value, False, "percent" if entry.format == "0%" else "integer")


@pytest.mark.parametrize("sku", BAD)
def test_a_bad_cell_in_excel_is_named_and_only_lowered(excel: Morning, sku: str) -> None:
    bad = BAD[sku]
    cell = f"Item Master!{letter(bad.column)}{ROW[sku]}"
    row = excel.listings[sku]
    assert (row["Status"], row["Target"], excel.shows[sku]) == (bad.status, 19, 19)
    lines = [*excel.checked.lines(f"{cell}: "), *excel.checked.lines("more like these")]
    assert f"{bad.what} {bad.todo}" in lines[0] or lines[0].startswith("fix  And "), lines
    told = [row for row in excel.attention if row["Where"] == cell]
    if told:  # of one kind, twelve are told one by one
        assert (told[0]["What"], told[0]["How bad"]) == (bad.what, "stop")
        assert told[0]["What to do"].startswith(bad.todo)
        assert excel.synced.lines(f"{cell}: {bad.what}")
    else:
        assert bad.status == "held: not a number"


@pytest.mark.parametrize("sku", [sku for sku, bad in BAD.items() if not bad.excel_only])
def test_a_bad_cell_in_memory_is_held_just_so(memory: Stage, sku: str) -> None:
    assert memory.listing("north", sku).status == BAD[sku].status
    assert memory.shows("north", sku) == 19


@pytest.mark.parametrize("sku", FINE)
def test_a_number_that_only_looks_odd_counts(excel: Morning, memory: Stage, sku: str) -> None:
    left = max(0, FINE[sku][1] - 1)
    assert (excel.listings[sku]["Status"], excel.shows[sku]) == ("in sync", left)
    assert (memory.listing("north", sku).status, memory.shows("north", sku)) == ("in sync", left)


def test_the_row_that_is_right_goes_on(excel: Morning) -> None:
    assert (excel.listings["GOOD"]["Status"], excel.shows["GOOD"]) == ("in sync", 24)


def test_check_exits_1_and_tells_how_many(excel: Morning) -> None:
    assert (excel.checked.code, excel.synced.code) == (1, 1)
    assert "things need you." in excel.checked.text


def test_every_row_of_the_table_says_what_and_what_to_do() -> None:
    assert all(isinstance(bad, Bad) and bad.what.endswith(".") and bad.todo for bad in BAD.values())
