"""Every real workbook of the corpus: written, and nothing that is not ours differs; refused exactly where it must be.

The corpus lies outside this repository (`made.CORPUS`); without it these tests are skipped. The odd files (encrypted,
broken, signed, hostile) pass the same tests.
"""

from __future__ import annotations

from datetime import UTC
from io import BytesIO

import polars as pl
import pytest
from made import agent_frames, corpus, mirror_frame
from python_calamine import CalamineError, CalamineWorkbook

from agent.frames import MIRROR, empty
from agent.workbooks.base import Mark
from agent.workbooks.cells import letters_of, number_text
from agent.workbooks.xlsx.draft import Draft
from agent.workbooks.xlsx.grid import SheetXml, Texts
from agent.workbooks.xlsx.marks import read_mark
from agent.workbooks.xlsx.mirror import Moved, mirror
from agent.workbooks.xlsx.package import Package, Refused, Sheet
from agent.workbooks.xlsx.plain_copy import plain_copy
from agent.workbooks.xlsx.selfcheck import self_check
from agent.workbooks.xlsx.writing import Built, Job, build

FILES = [*corpus("real"), *corpus("odd")]
FRAMES = agent_frames(4)
_EDITS = 3
"""Cells that are mirrored in each workbook, one a tab."""


def written(package: Package, generation: int = 1) -> Built:
    built = build(package, Job(FRAMES, empty(MIRROR), Mark("shop", generation), zone=UTC))
    self_check(package, built)
    return built


def opened(path, refused: bool) -> Package | None:
    """The package; None where it is refused, as it must be."""
    try:
        package = Package.open(path.read_bytes())
        Draft(package).styles.look("text")
    except Refused as said:
        assert refused, said.what
        assert said.what and said.fix
        return None
    assert not refused, "this file was to be refused"
    return package


def seen(package: Package, sheets: list[Sheet], content: bytes | None = None) -> dict[str, list]:
    """What the second reader sees on these tabs, of a plain copy where it does not know the file's way of writing."""
    found = {}
    for sheet in sheets:
        for source in (content or package.archive.content, None):
            try:
                book = CalamineWorkbook.from_filelike(BytesIO(source or plain_copy(package, [sheet])))
                found[sheet.name] = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
                break
            except CalamineError as error:
                found[sheet.name] = [[f"unread: {error}"]]
    return found


def worksheets(package: Package) -> list[Sheet]:
    return [sheet for sheet in package.sheets if sheet.kind == "worksheet"]


@pytest.mark.parametrize(("path", "refused"), FILES)
def test_untouched_parts_stay_byte_for_byte_and_a_second_reader_sees_the_same(path, refused):
    old = opened(path, refused)
    if old is None:
        return
    built = written(old)
    new = Package.open(built.content)
    shared = {old.workbook_part, old.relations_part(old.workbook_part), old.styles_part, "[Content_Types].xml"}
    changed = [n for n in old.members if not (n in new.members and old.archive.same(n, new.archive))]
    assert {name.lower() for name in changed} <= {name.lower() for name in shared if name}
    assert [s.name for s in new.sheets][: len(old.sheets)] == [s.name for s in old.sheets]
    assert read_mark(new) == Mark("shop", 1)
    assert repr(seen(old, worksheets(old))) == repr(seen(new, worksheets(old)))
    again = written(new)
    assert again.content == built.content
    assert not written(new, generation=2).changed


@pytest.mark.parametrize(("path", "refused"), FILES)
def test_one_mirrored_cell_is_the_only_difference(path, refused):
    package = opened(path, refused)
    if package is None:
        return
    tried = 0
    for sheet in worksheets(package):
        cell = candidate(package, sheet)
        if cell is None or tried == _EDITS:
            continue
        sku, letters, frame = cell
        draft = Draft(package)
        try:
            done = mirror(draft, sheet, sku, letters, frame)
        except (Refused, Moved) as said:
            assert "protected" in str(said) or "formula" in str(said) or "merged" in str(said), said
            continue
        tried += 1
        new = Package.open(draft.finish())
        row, number = frame.select("row", "new").row(0)
        assert done == {f"{letters}{row}": number} and sheet.part in draft.changes
        assert set(draft.changes) <= {sheet.part, "[Content_Types].xml"}  # where it did not declare relations
        before, after = seen(package, worksheets(package)), seen(new, worksheets(package))
        differs = [
            (name, at, column)
            for name in before
            for at, (one, other) in enumerate(zip(before[name], after[name], strict=True))
            for column, (a, b) in enumerate(zip(one, other, strict=True))
            if repr(a) != repr(b)
        ]
        assert [(name, at + 1, letters_of(column)) for name, at, column in differs] == [(sheet.name, row, letters)]


def candidate(package: Package, sheet: Sheet) -> tuple[str, str, pl.DataFrame] | None:
    """A number in this tab and a text in its row, as if they were Stocked and SKU: (letters, letters, MIRROR)."""
    xml = SheetXml.split(package.data(sheet.part), sheet.name)
    try:
        rows = xml.table.head(60)
        texts = Texts(package)
        columns = {letters_of(i): xml.only(rows).cells(letters_of(i)) for i in range(xml.only(rows).last_column() + 1)}
        said = {letters: texts.of(cells, xml.prefix) for letters, cells in columns.items()}
    except Refused:
        return None  # cells without addresses, hostile texts
    for at, row in enumerate(rows["row"]):
        for letters, cells in columns.items():
            plain = cells[at] is not None and f"<{xml.prefix}v>" in cells[at] and "<f" not in cells[at]
            if not plain or f"<{xml.prefix}f" in cells[at] or ' t="' in cells[at].replace(' t="n"', ""):
                continue
            others = [name for name in columns if name != letters and said[name][at]]
            if others and (old := _short(said[letters][at])):
                return others[0], letters, mirror_frame((row, said[others[0]][at], old, 4711))
    return None


def _short(text: str | None) -> str | None:
    return None if text is None else number_text(float(text))
