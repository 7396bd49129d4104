"""The demo, end to end: real HTTP on this computer, a real .xlsx on the disk, real events of the file system."""

from __future__ import annotations

import json
import shutil
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from agent import config, log
from agent.__main__ import main
from agent.demo import place, world
from agent.demo.proof import Books, wrong
from agent.demo.shops import make as make_shops
from agent.practice.person import Person

pytest.importorskip("agent.workbooks.starter")


@pytest.fixture(autouse=True)
def _no_log_stays_open():  # type: ignore[no-untyped-def]
    yield
    log.stop()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Path]:
    """One scripted round: its exit code, and the folder that it leaves behind."""
    folder = tmp_path_factory.mktemp("demo") / "round"
    return main(["demo", "--once", "--folder", str(folder), "--items", "30", "--seed", "3"]), folder


def test_the_scripted_round_ends_with_every_live_listing_at_its_target(played: tuple[int, Path]) -> None:
    assert played[0] == 0


def test_the_workbook_that_it_leaves_tells_the_whole_story(played: tuple[int, Path]) -> None:
    person = Person(played[1] / place.WORKBOOK)
    items = {row["SKU"]: row for row in person.look("Item Master")}
    levels = {row["SKU"]: row for row in person.look("Stock Levels")}
    listings = {(row["Channel"], row["SKU"]): row for row in person.look("Listings")}
    assert items["MUG-WHITE"]["Stocked"] == 21  # 24 less the 3 that were shipped; 4 more wait in two gift sets
    assert (levels["MUG-WHITE"]["Allocated"], levels["MUG-WHITE"]["Available"]) == (4, 17)
    assert items["00123"]["SKU"] == "00123", "a text stays a text"
    assert listings["outlet", "MUG-WHITE"]["Why"] == "21 stocked - 4 allocated = 17 -> 80% = 13 -> max 8 = 8"
    assert {row["Looks like"] for row in person.look("Imports")} >= {"SHIRT-RED-S", "SHIRT-BLU-M"}
    assert any("order" in str(row["Because"]) for row in person.look("Movements"))
    assert person.look("Sync Log")


def test_nothing_that_it_says_is_cut_off_by_the_next_cell_or_the_row(played: tuple[int, Path]) -> None:
    """Letters are narrower than the digit that a width counts by: about nine tenths of it."""
    cut = []
    for sheet in openpyxl.load_workbook(played[1] / place.WORKBOOK):
        widths = {at: each.width for each in sheet.column_dimensions.values() for at in range(each.min, each.max + 1)}
        over = {(area.min_row, area.min_col): area for area in sheet.merged_cells.ranges}
        for cell in (cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)):
            area = over.get((cell.row, cell.column))
            columns = range(area.min_col, area.max_col + 1) if area else [cell.column]
            width = sum(widths.get(column, 8.43) for column in columns) / 0.9
            if not fits(cell, width, sheet.row_dimensions[cell.row].height, bool(cell.offset(0, 1).value)):
                cut.append((sheet.title, cell.coordinate, cell.value))
    assert cut == []


def fits(cell: Any, width: float, height: float | None, beside: bool) -> bool:
    """Whether a text is seen whole: in its lines where it wraps, else before the next cell that holds something."""
    if cell.value.startswith("="):
        return True
    if not cell.alignment.wrap_text:
        return len(cell.value) <= width or not beside
    lines = sum(len(textwrap.wrap(line, int(width))) or 1 for line in cell.value.split("\n"))
    size = cell.font.size or 11
    return (height is None or lines * size * 1.15 <= height) and max(map(len, cell.value.split())) <= width


@pytest.mark.skipif(not (shutil.which("soffice") and shutil.which("pdftotext")), reason="LibreOffice is not here")
def test_no_number_is_too_wide_for_its_column_in_libre_office(played: tuple[int, Path], tmp_path: Path) -> None:
    book = shutil.copy(played[1] / place.WORKBOOK, tmp_path / "book.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    draw = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(book)]
    subprocess.run(draw, check=True, capture_output=True, timeout=100)
    drawn = ["pdftotext", "-layout", str(tmp_path / "book.pdf"), "-"]
    text = subprocess.run(drawn, check=True, capture_output=True, text=True, timeout=60).stdout
    assert "MUG-WHITE" in text
    assert "##" not in text


def test_the_folder_works_with_the_other_commands(played: tuple[int, Path], capsys: pytest.CaptureFixture[str]) -> None:
    settings = played[1] / "config.toml"
    assert main(["explain", "GIFT-SET", "--json", "--config", str(settings)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {part["part"] for part in told["made_of"]} == {"MUG-WHITE", "BOX"}
    assert config.load(settings).channels["outlet"].allow_private


def test_the_shops_of_a_round_are_gone_afterwards_and_check_says_so(
    played: tuple[int, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--config", str(played[1] / "config.toml")]) == 1
    assert "cannot be reached" in capsys.readouterr().out


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert main(["demo", "--once", "--folder", str(tmp_path)]) == 2
    assert "not an empty folder" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_the_live_demo_runs_and_ends_by_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "live"
    assert main(["demo", "--folder", str(folder), "--items", "30", "--yes", "--minutes", "0.2"]) == 0
    shown = capsys.readouterr().out
    assert "Both shops are live now." in shown
    assert "Pushed to web-shop" in shown
    assert str(folder) in shown


# --- the world ------------------------------------------------------------------------------------------------------


def test_the_same_seed_makes_the_same_world() -> None:
    assert world.make(60, 5) == world.make(60, 5)
    assert world.make(60, 5) != world.make(60, 6)


def test_the_world_shows_what_sellers_meet() -> None:
    made = world.make()
    items = {row["SKU"]: row for row in made.items}
    assert 55 <= len(items) <= 65
    assert len([row for row in made.items if row.get("Made of")]) == 2
    assert items["ENGRAVING"]["Track stock"] == "no"
    assert items["TEA-TIN"]["Stocked"] is None
    assert "00123" in items
    web = [sku for product in made.shops["web-shop"] for sku, *_ in product.variants]
    assert web.count("MUG-WHITE") == 2, "one SKU on two listings of one shop"
    assert any(product.shared for product in made.shops["web-shop"]), "variations that share the product's quantity"
    assert "" in web


def test_a_big_world_is_made_in_one_go() -> None:
    made = world.make(20_000)
    assert len(made.items) == 20_000
    assert len({row["SKU"] for row in made.items}) == 20_000


def test_the_proof_is_not_content_with_a_world_that_was_never_synced(tmp_path: Path) -> None:
    import polars as pl

    from agent.workbooks.starter import make_starter

    made = world.make(30)
    shops = make_shops(made)
    file = tmp_path / "never.xlsx"
    file.write_bytes(
        make_starter(pl.DataFrame(made.items, schema_overrides={"Stocked": pl.Int64}, infer_schema_length=None))
    )
    live = pl.DataFrame({"channel": ["web-shop"], "listing": [str(shops.listing("web-shop", "MUG-WHITE"))]})
    found = wrong(shops, Person(file), live, Books.of(made))
    assert any("is not in the tab Listings" in problem for problem in found)
    assert any("Stock Levels says" in problem for problem in found)
