"""The look-up columns beside the items: the sheet itself works them out from the agent's tabs, nobody writes them."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from agent.core import report
from agent.frames import MIRROR, empty
from agent.workbooks import looks
from agent.workbooks.base import Mark
from agent.workbooks.starter import make_starter
from agent.workbooks.starter_content import ITEMS, LOOK_UPS
from agent.workbooks.tabs import BY_NAME
from agent.workbooks.xlsx.marks import find_tabs
from agent.workbooks.xlsx.package import Package
from agent.workbooks.xlsx.reading import read_snapshot
from agent.workbooks.xlsx.writing import Job, build

SKUS = [str(item["SKU"]) for item in ITEMS]
NOW = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)
office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")


def told(content: bytes, available: int, looked: datetime | None = None, *, generation: int = 1) -> bytes:
    """The workbook after the agent wrote Stock Levels; the last item is not in it."""
    known = SKUS[:-1]
    rows = pl.DataFrame({"SKU": known, "Available": [available] * len(known), "Status": ["in sync"] * len(known)})
    tabs = {"Stock Levels": report.shaped(BY_NAME["Stock Levels"], rows)}
    status = pl.DataFrame({"Channel": ["north"], "Orders read": [looked]})
    tabs["Channel Status"] = report.shaped(BY_NAME["Channel Status"], status)
    job = Job(tabs, empty(MIRROR), Mark("shop", generation), now=NOW, zone=UTC)
    return build(Package.open(content), job).content


def item_master(content: bytes) -> bytes:
    package = Package.open(content)
    return package.data(find_tabs(package)["Item Master"].part)


def test_the_agent_never_writes_a_look_up_nor_anything_else_beside_the_items() -> None:
    content = make_starter()
    assert item_master(told(content, 7)) == item_master(content)


def test_a_look_up_is_never_read_as_input() -> None:
    book = openpyxl.load_workbook(io.BytesIO(make_starter()))
    book["Item Master"]["L2"], book["Item Master"]["M2"] = 999, "typed over"
    held = io.BytesIO()
    book.save(held)
    found = read_snapshot(held.getvalue(), NOW)
    assert found.issues.is_empty()
    assert not set(LOOK_UPS) & set(found.tabs["Item Master"].columns)
    assert "999" not in found.tabs["Item Master"].select(pl.col(pl.String)).to_series(2).to_list()


def test_the_times_stand_in_hidden_names_in_the_seller_s_zone() -> None:
    names = {n.name: n.text for n in Package.open(told(make_starter(), 7, NOW)).defined_names}
    assert names[looks.REFRESHED] == '"Refreshed 2026-11-22 14:03."'
    assert names[looks.LOOKED_AT] == '"2026-11-22 14:03"'
    assert float(names[looks.LOOKED]) == pytest.approx(46348 + (14 * 60 + 3) / 1440, abs=1e-5)


@office
def test_libre_office_works_the_look_ups_out_also_where_it_stored_older_results(tmp_path: Path) -> None:
    """It believes stored results unless something says otherwise; the title of Stock Levels does."""
    stored = converted(tmp_path, "xlsx", {"shop": told(make_starter(), 7)})["shop"]
    assert b"<v>7</v>" in item_master(stored)
    shown = rows_of(tmp_path, {"shop": told(stored, 5, generation=2)}, 2)["shop"]
    assert [row[11:13] for row in shown[1:]] == [["5", "in sync"]] * 7 + [["", ""]]


LIGHTS = {1: "Up to date.", 8: "A new look is due.", 11: "Not up to date."}
"""Minutes since the shops were looked at -> what the light says."""


@office
def test_the_light_is_worked_out_by_the_sheet_itself(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    books = {f"m{minutes}": told(make_starter(), 7, now - timedelta(minutes=minutes)) for minutes in LIGHTS}
    books["never"] = told(make_starter(), 7)
    shown = rows_of(tmp_path, books, 1)
    assert shown["never"][1][0] == "No shop has been looked at yet."
    for minutes, word in LIGHTS.items():
        assert shown[f"m{minutes}"][1][0].startswith(f"{word} Last looked ")


def converted(folder: Path, kind: str, books: Mapping[str, bytes]) -> dict[str, bytes]:
    """Workbooks as LibreOffice saves or exports them, in one go."""
    out, paths = folder / "out", [folder / f"{name}.xlsx" for name in books]
    shutil.rmtree(out, ignore_errors=True)
    for path, content in zip(paths, books.values(), strict=True):
        path.write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", "--headless", profile, "--convert-to", kind, "--outdir", str(out), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return {name: next(out.glob(f"{name}[.-]*")).read_bytes() for name in books}


def rows_of(folder: Path, books: Mapping[str, bytes], sheet: int) -> dict[str, list[list[str]]]:
    """A tab (by its number) as LibreOffice shows it in each workbook."""
    export = f"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,{sheet}"
    made = converted(folder, export, books)
    return {name: list(csv.reader(io.StringIO(text.decode()))) for name, text in made.items()}
