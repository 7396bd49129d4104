"""Workbooks as other programs write them: only the mirrored cell differs, or the file is refused in words."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from foreign import REFUSED, SHEET, WRITTEN, changed
from made import agent_frames, mirror_frame
from python_calamine import CalamineError, CalamineWorkbook

from agent.frames import MIRROR, empty
from agent.workbooks.base import Mark
from agent.workbooks.xlsx.mirror import Moved
from agent.workbooks.xlsx.package import Package, Refused, Sheet
from agent.workbooks.xlsx.plain_copy import plain_copy
from agent.workbooks.xlsx.reading import read_snapshot
from agent.workbooks.xlsx.selfcheck import self_check
from agent.workbooks.xlsx.writing import Built, Job, build

MARK = Mark("shop", 1)
LETTERS = {"SKU": "A", "Stocked": "C"}
ONE = mirror_frame((3, "SKU-3", "30", 29))


def written(content: bytes, mirror=ONE, generation: int = 1) -> Built:
    package = Package.open(content)
    built = build(package, Job(agent_frames(2), mirror, Mark("shop", generation), LETTERS, zone=UTC))
    self_check(package, built)
    return built


def values(content: bytes, tabs: int) -> dict[str, list]:
    """What a second reader sees on the first tabs, of a plain copy where it cannot open the file itself."""
    package = Package.open(content)
    sheets = [sheet for sheet in package.sheets[:tabs] if sheet.kind == "worksheet"]
    try:
        return _read(content, sheets)
    except CalamineError:
        return _read(plain_copy(package, sheets), sheets)


def _read(content: bytes, sheets: list[Sheet]) -> dict[str, list]:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {sheet.name: book.get_sheet_by_name(sheet.name).to_python() for sheet in sheets}


@pytest.mark.parametrize("name", WRITTEN)
def test_exactly_the_mirrored_cell_differs_whatever_program_wrote_the_file(name):
    content = WRITTEN[name]()
    built = written(content)
    old, new = Package.open(content), Package.open(built.content)
    ours = {old.workbook_part, old.relations_part(old.workbook_part), old.styles_part, "[Content_Types].xml"}
    kept = [n for n in old.members if n not in ours | {built.item_master}]
    assert [n for n in kept if old.archive.compressed(n) != new.archive.compressed(n)] == []
    before, after = values(content, len(old.sheets)), values(built.content, len(old.sheets))
    items = next(n for n in before if n.lower().strip() == "item master")
    assert before[items][2][2] == 30 and after[items][2][2] == 29
    after[items][2][2] = before[items][2][2]
    assert after == before
    assert len(new.tables) == len(old.tables) + len([s for s in new.sheets if s not in old.sheets])


@pytest.mark.parametrize("name", WRITTEN)
def test_a_second_write_adds_nothing_whatever_program_wrote_the_file(name):
    first = written(WRITTEN[name](), empty(MIRROR)).content
    assert written(first, empty(MIRROR)).content == first
    assert not written(first, empty(MIRROR), generation=2).changed


@pytest.mark.parametrize("name", WRITTEN)
def test_it_is_read_whatever_program_wrote_the_file(name):
    items = read_snapshot(WRITTEN[name](), datetime(2026, 11, 22, tzinfo=UTC)).tabs["Item Master"]
    assert items["SKU"].to_list() == [f"SKU-{n}" for n in range(2, 7)]
    assert items["Stocked"].to_list() == [str(10 * n) for n in range(2, 7)]
    assert set(items["Stocked|kind"].to_list()) == {"number"}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_written_safely_is_refused_in_words(name):
    maker, words = REFUSED[name]
    with pytest.raises(Refused) as caught:
        written(maker())
    assert words in caught.value.what and caught.value.fix.endswith(".")


@pytest.mark.parametrize(("area", "moved"), [("C2:C3", True), ("B3:D3", True), ("C3:D3", False), ("A1:B1", False)])
def test_a_cell_hidden_within_merged_ones_is_not_written(area, moved):
    content = changed(SHEET, ("</sheetData>", f'</sheetData><mergeCells><mergeCell ref="{area}"/></mergeCells>'))()
    if moved:
        with pytest.raises(Moved, match="merged"):
            written(content)
    else:
        assert written(content).mirrored == {"C3": 29}


@pytest.mark.parametrize("error", ["#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#BUSY!", "#PYTHON!"])
def test_an_error_that_the_second_reader_does_not_know_does_not_stop_the_mirror(error):
    cell = f'<c r="E2" t="e"><f>SORT(A2:A3)</f><v>{error}</v></c></row><row r="3"'
    content = changed(SHEET, ('</row><row r="3"', cell))()
    assert written(content).mirrored == {"C3": 29}


def test_a_damaged_tab_of_ours_is_noticed_though_the_second_reader_did_not_open_the_file_before():
    package = Package.open(WRITTEN["an unknown state of a tab"]())
    built = build(package, Job(agent_frames(2), ONE, MARK, LETTERS, zone=UTC))
    new = Package.open(built.content)
    part = next(sheet.part for sheet in new.sheets if sheet.name == "Listings")
    built.content = new.rebuild({part: _with_an_unknown_kind(new.data(part), "E4")})
    with pytest.raises(Refused, match="own check: a second reader"):
        self_check(package, built)


def _with_an_unknown_kind(sheet: bytes, address: str) -> bytes:
    """Well-formed, and no number for any reader."""
    cell = f'<c r="{address}"'.encode()
    assert sheet.count(cell) == 1
    return sheet.replace(cell, cell + b' t="wrong"')
