"""Some rows written anew beside those that stand, and the check that nothing broken is ever used."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import openpyxl
import polars as pl
import pytest
from made import agent_frame, agent_frames, opened, saved, seller_book

from agent.frames import MIRROR, empty
from agent.workbooks import excel
from agent.workbooks.base import Mark
from agent.workbooks.excel import ExcelWorkbook
from agent.workbooks.starter import make_starter
from agent.workbooks.tabs import BY_NAME
from agent.workbooks.xlsx import differences
from agent.workbooks.xlsx.archive import pack_pieces
from agent.workbooks.xlsx.deflate import checksum
from agent.workbooks.xlsx.grid import Texts
from agent.workbooks.xlsx.marks import find_tabs
from agent.workbooks.xlsx.package import Package, Refused
from agent.workbooks.xlsx.patch import Span, changed_rows
from agent.workbooks.xlsx.rows import Slot, row_texts
from agent.workbooks.xlsx.selfcheck import self_check
from agent.workbooks.xlsx.writing import Built, Job, build

NOTHING = empty(MIRROR)
ROWS = 60


class Running:
    """A workbook that one process writes again and again."""

    def __init__(self, folder, monkeypatch) -> None:
        self.path = folder / "Shop.xlsx"
        self.path.write_bytes(make_starter(example=False))
        self.workbook = ExcelWorkbook(self.path, backup_dir=folder / "backups")
        self.generation = 0
        self.builds: list[Built] = []

        def remembered(*arguments):
            self.builds.append(build(*arguments))
            return self.builds[-1]

        monkeypatch.setattr(excel, "build", remembered)

    def write(self, tabs: dict[str, pl.DataFrame]) -> str:
        self.generation += 1
        seen = asyncio.run(self.workbook.read())
        return asyncio.run(self.workbook.write(tabs, NOTHING, Mark("shop", self.generation), seen)).outcome

    def rows_patched(self) -> dict[str, list[int]]:
        return {part: [span.number for span in spans] for part, spans in self.builds[-1].patched.items()}

    def column(self, tab: str, name: str) -> list[object]:
        sheet = openpyxl.load_workbook(self.path)[tab]
        index = [cell.value for cell in sheet[3]].index(name)
        return [row[index] for row in sheet.iter_rows(min_row=4, values_only=True)]


@pytest.fixture
def running(tmp_path, monkeypatch) -> Running:
    return Running(tmp_path, monkeypatch)


def sold(tabs: dict[str, pl.DataFrame], row: int, number: int = 3) -> dict[str, pl.DataFrame]:
    """One listing has another target and another sentence."""
    here = pl.int_range(pl.len()) == row
    target = pl.when(here).then(pl.lit(number, pl.Int64)).otherwise("Target").alias("Target")
    why = pl.when(here).then(pl.lit(f"<{number}> & why")).otherwise("Why").alias("Why")
    return tabs | {"Listings": tabs["Listings"].with_columns(target, why)}


def test_after_a_sale_only_its_row_is_written_anew_and_all_else_stands_byte_for_byte(running):
    tabs = agent_frames(ROWS)
    assert running.write(tabs) == "written"
    before = Package.open(running.path.read_bytes())
    assert running.write(sold(tabs, 17)) == "written"
    after = Package.open(running.path.read_bytes())
    part = find_tabs(before)["Listings"].part
    assert running.rows_patched() == {part: [21]} and running.builds[-1].whole == set()
    changed = {name for name in after.members if not after.archive.same(name, before.archive)}
    assert changed == {part, before.workbook_part}  # the mark stands in the workbook's part
    assert running.column("Listings", "Target")[17] == 3 and running.column("Listings", "Why")[17] == "<3> & why"


def test_a_patched_tab_is_the_same_as_one_written_whole(running):
    tabs = agent_frames(ROWS)
    running.write(tabs)
    running.write(sold(tabs, 17))
    patched = running.path.read_bytes()
    part = find_tabs(Package.open(patched))["Listings"].part
    whole = build(Package.open(patched), Job(sold(tabs, 17, 4), NOTHING, Mark("shop", 9)))
    again = build(Package.open(whole.content), Job(sold(tabs, 17), NOTHING, Mark("shop", 9)))
    assert Package.open(again.content).data(part) == Package.open(patched).data(part)


def test_the_same_frames_again_are_unchanged_without_looking(running):
    tabs = agent_frames(ROWS)
    running.write(tabs)
    assert running.write(dict(tabs)) == "unchanged"
    assert running.builds[-1].whole == set() and running.builds[-1].patched == {}


def test_what_a_person_typed_and_saved_between_is_kept_and_nothing_is_taken_for_known(running):
    tabs = agent_frames(ROWS)
    running.write(tabs)
    person = opened(running.path.read_bytes())
    letters = [c.value for c in person["Listings"][3]].index("Change") + 1
    person["Listings"].cell(14, letters).value = "pause"
    person["Listings"].cell(16, 7).value = 999  # over the agent's own cell
    running.path.write_bytes(saved(person))
    assert running.write(sold(tabs, 17)) == "written"
    assert "Listings" in running.builds[-1].whole
    assert running.write(sold(tabs, 10)) == "written"  # row 14, beside what was typed
    assert sorted(next(iter(running.rows_patched().values()))) == [14, 21]
    assert running.column("Listings", "Change")[10] == "pause" and 999 not in running.column("Listings", "Target")
    assert running.column("Listings", "Target")[10] == 3


@pytest.mark.parametrize("change", ["more rows", "another order", "another link", "other answers", "everywhere"])
def test_where_more_than_a_few_cells_move_the_tab_is_written_whole(change):
    name = {"another link": "Imports", "other answers": "Attention"}.get(change, "Listings")
    old = agent_frame(name, 300)
    new = {
        "more rows": lambda: agent_frame(name, 301),
        "another order": old.reverse,
        "another link": lambda: old.with_columns(pl.col("Open it") + "&x"),
        "other answers": lambda: old.with_columns(pl.col("Answers") + " / no"),
        "everywhere": lambda: old.with_columns(pl.col("Target") + 1),
    }[change]()
    assert changed_rows(BY_NAME[name], old, new) is None
    assert changed_rows(BY_NAME[name], old, old.clone()).to_list() == []


# --- the check refuses what is broken


def test_a_patch_that_touches_another_row_is_refused(running, tmp_path):
    old, built = _patched(running)
    part, spans = next(iter(built.patched.items()))
    data = Package.open(built.content).data(part)
    self_check(old, built)
    for broken in (
        data.replace(b"<v>40</v>", b"<v>41</v>", 1),  # a number of another row
        data.replace(b'<row r="21"', b'<row r="22"'),  # another row's number
        data[: spans[0].new[1] - 6] + b"<bad" + data[spans[0].new[1] - 6 :],  # no XML
        data[: spans[0].new[0]] + data[spans[0].new[1] :],  # the row is gone
        data[:-40],
    ):
        wrong = replace(built, content=Package.open(built.content).rebuild({part: broken}))
        with pytest.raises(Refused, match="own check"):
            self_check(old, wrong)
    with pytest.raises(Refused, match="own check"):
        self_check(old, replace(built, patched={part: [Span(1, (0, 0), (0, 0))]}))


def _patched(running) -> tuple[Package, Built]:
    tabs = agent_frames(ROWS)
    running.write(tabs)
    old = Package.open(running.path.read_bytes())
    running.write(sold(tabs, 17))
    return old, running.builds[-1]


@pytest.fixture(scope="module")
def big() -> tuple[Package, Built, str]:
    """A tab of many rows, written whole."""
    old = Package.open(make_starter(example=False))
    built = build(old, Job({"Listings": agent_frame("Listings", 3000)}, NOTHING, Mark("shop", 1)))
    return old, built, find_tabs(Package.open(built.content))["Listings"].part


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"<t>Title 1500</t>", b"<t>Title < 1500</t>"),
        (b"<t>Title 1500</t>", b"<t>Title & 1500</t>"),
        (b"<t>Title 1500</t>", b"<t>Title \x01 1500</t>"),
        (b"<t>Title 1500</t>", b"<t>Title \xff 1500</t>"),
        (b"<t>Title 1500</t></is></c>", b"<t>Title 1500</is></t></c>"),
        (b"<t>Title 1500</t></is></c>", b"<t>Title 1500</t></is>"),
        (b'<row r="1504"', b'<row r="1503"'),
        (b"</sheetData>", b"</row></sheetData>"),
        (b"</worksheet>", b""),
    ],
    ids=str,
)
def test_a_deliberately_broken_row_among_thousands_is_refused(big, right, wrong):
    old, built, part = big
    package = Package.open(built.content)
    assert package.members[part].size > 1_000_000
    self_check(old, built)
    broken = package.data(part).replace(right, wrong, 1)
    assert broken != package.data(part)
    with pytest.raises(Refused, match="own check"):
        self_check(old, replace(built, content=package.rebuild({part: broken})))


def test_a_row_of_a_person_s_making_passes_the_check_if_it_is_well_formed(big):
    old, built, part = big
    package = Package.open(built.content)
    theirs = b'<c r="N1502" t="str"><f>1+1</f><v>2</v></c></row><row r="1503"'
    data = package.data(part).replace(b'</row><row r="1503"', theirs, 1)
    self_check(old, replace(built, content=package.rebuild({part: data})))


# --- how rows look


def test_a_row_with_a_long_wrapped_text_is_taller_and_the_others_are_not(running):
    tabs = agent_frames(3)
    long = pl.Series("What", ["short", "many words " * 30, "two\nlines"])
    running.write(tabs | {"Attention": tabs["Attention"].with_columns(long)})
    heights = openpyxl.load_workbook(running.path)["Attention"].row_dimensions
    assert heights[4].height is None and heights[5].height >= 60 and heights[6].height == 33


def test_white_space_at_the_ends_of_a_text_is_kept_and_said_so_only_where_it_is():
    plain, spaced = pl.DataFrame({"a": ["x", None]}), pl.DataFrame({"a": [" x", "y"]})
    rows = [next(row_texts(frame, [Slot("A", 2, "a")], pl.Series([4, 5]))) for frame in (plain, spaced)]
    assert rows[0].to_list() == [
        '<row r="4"><c r="A4" s="2" t="inlineStr"><is><t>x</t></is></c></row>',
        '<row r="5"><c r="A5" s="2"/></row>',
    ]
    assert '<t xml:space="preserve"> x</t>' in rows[1][0]


def numbered(*values: str) -> bytes:
    rows = "".join(f'<row r="{r}"><c r="A{r}"><v>{value}</v></c></row>' for r, value in enumerate(values, 1))
    return f"<worksheet><cols/><sheetData>{rows}</sheetData></worksheet>".encode()


@pytest.mark.parametrize("step", [1, 7, 60, 100_000])
@pytest.mark.parametrize(
    ("values", "otherwise"),
    [
        ("1234567", False),
        ("9234567", True),
        ("1239567", True),
        ("1234569", True),
        ("123456", True),
        ("12345678", True),
        ("1224567", True),
        ("", True),
    ],
)
def test_a_tab_says_something_else_wherever_a_cell_differs(step, values, otherwise, monkeypatch):
    """Rows that are the same at the beginning and at the end are not taken apart."""
    monkeypatch.setattr(differences, "_STEP", step)
    texts = Texts(Package.open(seller_book()))
    for one, other in ((numbered(*"1234567"), numbered(*values)), (numbered(*values), numbered(*"1234567"))):
        assert differences.say_otherwise(texts, one, other) is otherwise
        assert differences.say_otherwise(texts, one, other.replace(b"><v>", b" ><v>")) is otherwise
        assert differences.begin_otherwise(texts, one[:-40], other[:-40]) in (otherwise, False)


def test_a_big_tab_is_packed_while_it_is_made_and_comes_out_whole():
    pieces = [numbered(*"12345"), bytes(range(256)) * 5_000, b"", b"end"]
    made = pack_pieces(pieces)
    assert made.data() == b"".join(pieces) and (made.crc, made.size) == (checksum(made.data()), len(made.data()))
    assert made.head(10) == pieces[0][:10]
