"""Odd kinds of workbooks: read, written so that one cell differs and all else stands, or left alone in a sentence."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from made import agent_frames, opened
from odd_kinds import MOVED, READ_AND_WRITTEN, REFUSED, UNREADABLE
from test_foreign_files import MIRROR, ONE, values, written

from agent.frames import empty
from agent.workbooks.base import Mark, WorkbookOut
from agent.workbooks.excel import ExcelWorkbook
from agent.workbooks.xlsx.marks import find_tabs
from agent.workbooks.xlsx.mirror import Moved
from agent.workbooks.xlsx.package import Package, Refused
from agent.workbooks.xlsx.reading import read_snapshot

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize("name", READ_AND_WRITTEN)
def test_an_odd_kind_is_read(name):
    items = read_snapshot(READ_AND_WRITTEN[name](), NOW).tabs["Item Master"]
    assert items["SKU"].to_list() == [f"SKU-{n}" for n in range(2, 7)]
    assert items["Stocked"].to_list() == [str(10 * n) for n in range(2, 7)]


@pytest.mark.parametrize("name", READ_AND_WRITTEN)
def test_one_cell_of_an_odd_kind_is_written_and_all_else_stands(name):
    content = READ_AND_WRITTEN[name]()
    built = written(content)
    old, new = Package.open(content), Package.open(built.content)
    ours = {old.workbook_part, old.relations_part(old.workbook_part), old.styles_part, "[Content_Types].xml"}
    assert [
        n for n in old.members if n not in ours | {built.item_master} and not old.archive.same(n, new.archive)
    ] == []
    before, after = values(content, len(old.sheets)), values(built.content, len(old.sheets))
    items = find_tabs(old)["Item Master"].name
    assert before[items][2][2] == 30 and after[items][2][2] == 29
    after[items][2][2] = before[items][2][2]
    assert after == before
    one, other = (package.data(built.item_master) for package in (old, new))
    assert abs(len(one) - len(other)) <= 12 and one[:200] == other[:200] and one[-300:] == other[-300:]


@pytest.mark.parametrize("name", READ_AND_WRITTEN)
def test_a_second_write_of_an_odd_kind_adds_nothing(name):
    first = written(READ_AND_WRITTEN[name](), empty(MIRROR)).content
    assert not written(first, empty(MIRROR), generation=2).changed


@pytest.mark.parametrize("name", REFUSED)
def test_an_odd_kind_that_cannot_be_written_is_refused_in_words(name):
    maker, words = REFUSED[name]
    with pytest.raises(Refused) as caught:
        written(maker())
    assert words in caught.value.what and caught.value.what.endswith(".") and caught.value.fix.endswith(".")


@pytest.mark.parametrize("name", MOVED)
def test_a_cell_that_is_no_plain_number_is_left_alone(name):
    maker, words = MOVED[name]
    with pytest.raises(Moved) as caught:
        written(maker())
    assert words in caught.value.what


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_odd_kind_that_cannot_even_be_read_is_refused_in_words(name):
    maker, words = UNREADABLE[name]
    with pytest.raises(Refused) as caught:
        read_snapshot(maker(), NOW)
    assert words in caught.value.what and caught.value.what.endswith(".") and caught.value.fix.endswith(".")


@pytest.mark.parametrize("name", [*REFUSED, *UNREADABLE, *MOVED])
def test_an_odd_kind_that_is_not_written_stays_as_it_is_and_the_results_stand_beside_it(name, tmp_path):
    """The whole way: read, write; never a traceback, never a byte of the file."""
    content = ({**REFUSED, **UNREADABLE, **MOVED})[name][0]()
    path = tmp_path / "Shop.xlsx"
    path.write_bytes(content)
    workbook = ExcelWorkbook(path, backup_dir=tmp_path / "backups", zone=UTC)
    try:
        seen = asyncio.run(workbook.read())
    except WorkbookOut as out:
        assert "Shop.xlsx" in out.what and out.fix.endswith(".")
    else:
        done = asyncio.run(workbook.write(agent_frames(2), ONE, Mark("shop", 1), seen))
        assert done.outcome in ("refused", "moved") and done.detail.endswith(".")
        assert (done.outcome == "refused") == (tmp_path / "Shop - results.xlsx").exists()
    assert path.read_bytes() == content


@pytest.mark.filterwarnings("ignore::UserWarning")  # openpyxl says what it does not keep
@pytest.mark.parametrize("name", READ_AND_WRITTEN)
def test_openpyxl_opens_an_odd_kind_that_it_opened_before(name):
    content = READ_AND_WRITTEN[name]()
    if opens(content):
        assert opens(written(content).content)


def opens(content: bytes) -> bool:
    try:
        opened(content).close()
    except Exception:
        return False
    return True


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")
def test_libreoffice_opens_every_odd_kind_that_was_written(tmp_path):
    made = {}
    for number, (name, maker) in enumerate(READ_AND_WRITTEN.items()):
        made[f"{number}"] = name
        (tmp_path / f"{number}.xlsx").write_bytes(written(maker()).content)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    files = [str(tmp_path / f"{number}.xlsx") for number in made]
    command = ["soffice", profile, "--headless", "--convert-to", "ods", "--outdir", str(tmp_path / "ods"), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=800)
    unopened = [name for number, name in made.items() if not (tmp_path / "ods" / f"{number}.ods").exists()]
    assert unopened == []
