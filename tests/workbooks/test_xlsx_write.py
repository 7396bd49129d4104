"""Writing into a seller's own workbook: only what is ours changes, and it says what it should."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from io import BytesIO

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import agent_frame, agent_frames, mirror_frame, opened, saved, seller_book
from openpyxl.worksheet.datavalidation import DataValidation
from python_calamine import CalamineWorkbook

from agent.frames import MIRROR, empty
from agent.workbooks import looks
from agent.workbooks.base import Mark
from agent.workbooks.cells import letters_of
from agent.workbooks.starter import make_starter
from agent.workbooks.tabs import AGENT_TABS, BY_NAME
from agent.workbooks.xlsx.marks import find_tabs
from agent.workbooks.xlsx.mirror import Moved
from agent.workbooks.xlsx.package import Package, Refused
from agent.workbooks.xlsx.rows import plain_texts
from agent.workbooks.xlsx.selfcheck import self_check
from agent.workbooks.xlsx.writing import Built, Job, build, typed_in

MARK = Mark("shop", 1)
LETTERS = {"SKU": "A", "Stocked": "C"}
NOTHING = empty(MIRROR)
LINK = letters_of(BY_NAME["Imports"].names.index("Link to SKU"))


def written(
    content: bytes, tabs: dict[str, pl.DataFrame] | None = None, mirror: pl.DataFrame = NOTHING, **more
) -> Built:
    package = Package.open(content)
    job = Job({} if tabs is None else tabs, mirror, more.pop("mark", MARK), LETTERS, zone=UTC, **more)
    built = build(package, job)
    self_check(package, built)
    return built


def sheet_of(content: bytes, tab: str):
    package = Package.open(content)
    return opened(content)[find_tabs(package)[tab].name]


def values(content: bytes, tab: str) -> list[list]:
    """From the header of the agent's tab down."""
    top = looks.header_row(BY_NAME[tab])
    return [list(row) for row in sheet_of(content, tab).iter_rows(min_row=top, values_only=True)]


def test_styles_of_the_person_keep_their_numbers():
    content = seller_book()
    old = opened(content)["Item Master"]
    new = opened(written(content, agent_frames()).content)["Item Master"]
    assert [c.number_format for c in old["C"]] == [c.number_format for c in new["C"]]


# --- the mirror


def cells_of(content: bytes) -> dict[str, bytes]:
    xml = Package.open(content).data("xl/worksheets/sheet1.xml")
    return {m[1].decode(): m[0] for m in re.finditer(rb'<c r="([A-Z]+\d+)".*?(?:/>|</c>)', xml)}


def test_the_mirror_changes_exactly_one_cell_and_keeps_its_style():
    content = seller_book()
    built = written(content, mirror=mirror_frame((3, "SKU-3", "30", 28)))
    before, after = cells_of(content), cells_of(built.content)
    assert {a for a in before if before[a] != after[a]} == {"C3"} and before.keys() == after.keys()
    cell = sheet_of(built.content, "Item Master")["C3"]
    assert cell.value == 28 and cell.number_format == "0"
    assert built.mirrored == {"C3": 28}
    assert b'fullCalcOnLoad="1"' in Package.open(built.content).data("xl/workbook.xml")


def test_a_formula_is_never_written_over():
    with pytest.raises(Moved, match="formula"):
        written(seller_book(formula_row=4), mirror=mirror_frame((4, "SKU-4", "12", 5)))


@pytest.mark.parametrize(
    "wrong", [(3, "SKU-3", "31", 5), (3, "SKU-4", "30", 5), (3, "SKU-3", None, 5), (99, "SKU-3", "30", 5)]
)
def test_a_cell_that_is_not_as_it_was_read_moves_the_whole_write(wrong):
    with pytest.raises(Moved):
        written(seller_book(), mirror=mirror_frame((2, "SKU-2", "20", 19), wrong))


def test_a_blank_cell_takes_a_number_only_where_blank_was_read_I11():
    book = opened(seller_book())
    book["Item Master"]["C5"].value = None
    book["Item Master"]["C5"].number_format = "General"
    content = saved(book)
    built = written(content, mirror=mirror_frame((5, "SKU-5", None, 7)))
    assert [c.value for c in sheet_of(built.content, "Item Master")[5]] == ["SKU-5", "Title 5", 7, 1.5]
    with pytest.raises(Moved):
        written(content, mirror=mirror_frame((5, "SKU-5", "0", 7)))


def test_the_same_number_is_not_written_again():
    built = written(written(seller_book()).content, mirror=mirror_frame((3, "SKU-3", "30", 30)))
    assert not built.changed and built.mirrored == {}


def test_a_locked_cell_of_a_protected_sheet_is_refused():
    book = opened(seller_book())
    book["Item Master"].protection.enable()
    with pytest.raises(Refused, match="protected"):
        written(saved(book), mirror=mirror_frame((3, "SKU-3", "30", 28)))
    book["Item Master"]["C3"].protection = openpyxl.styles.Protection(locked=False)
    assert written(saved(book), mirror=mirror_frame((3, "SKU-3", "30", 28))).mirrored == {"C3": 28}


# --- the agent's tabs


def test_text_is_a_typed_string_never_a_formula_R9():
    texts = ['=HYPERLINK("http://x","y")', "@SUM(A1)", "+1", "-2+3", "0012", "a<b>&\"'", " spaces ", "_x0041_", "1e5"]
    tab = agent_frame("Listings", len(texts)).with_columns(Title=pl.Series(texts))
    content = written(seller_book(), {"Listings": tab}).content
    column = [row[2] for row in sheet_of(content, "Listings").iter_rows(min_row=4)]
    assert all(cell.data_type in "s" or cell.data_type == "inlineStr" for cell in column)
    with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
        assert [row[2] for row in book.get_sheet_by_name("Listings").to_python()][3:] == texts


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_text_can_be_written(text):
    tab = agent_frame("Dashboard", 1).with_columns(Meaning=pl.Series([text]))
    content = written(_SMALL, {"Dashboard": tab}).content
    shown = values(content, "Dashboard")[1][3]
    assert (shown or "") == (plain_texts(pl.Series([text]))[0] or "")


_SMALL = seller_book(1)


def test_a_cell_is_at_most_32767_long_and_free_of_control_characters():
    texts = pl.Series(["é" * 40_000, "😀" * 40_000, "a\x00\x07\x1bb\r\nc"])
    cut = plain_texts(texts)
    assert [len(t.encode("utf-16-le")) // 2 <= 32_767 for t in cut] == [True, True, True]
    assert cut[2] == "ab\nc"


def test_absent_is_a_blank_cell_and_never_zero_I11():
    tab = agent_frame("Listings", 2).with_columns(Target=pl.Series([None, 0], dtype=pl.Int64))
    rows = values(written(seller_book(), {"Listings": tab}).content, "Listings")
    assert [row[6] for row in rows] == ["Target", None, 0]


@pytest.mark.parametrize("epoch_1904", [False, True])
def test_times_are_dates_in_either_calendar(epoch_1904):
    content = written(seller_book(epoch_1904=epoch_1904), {"Movements": agent_frame("Movements", 3)}).content
    assert Package.open(content).date1904 is epoch_1904
    found = [row[0] for row in values(content, "Movements")[1:]]
    assert found == [datetime(2026, 11, 22, 14, minute) for minute in range(3)]
    cell = sheet_of(content, "Movements")["A4"]
    assert cell.is_date and "hh:mm" in cell.number_format


def test_a_new_tab_has_a_table_a_frozen_header_widths_and_dropdowns():
    content = written(seller_book(), agent_frames(4)).content
    sheet = sheet_of(content, "Imports")
    table = sheet.tables["Stocksheet_Imports"]
    assert table.ref == f"A3:{LINK}7" and table.autoFilter.ref == f"A3:{LINK}7"
    assert [c.name for c in table.tableColumns] == [c.value for c in sheet[3]]
    assert sheet.freeze_panes == "A4" and sheet.column_dimensions["C"].width == 38
    assert any(v.type == "list" and f"{LINK}4" in v.sqref for v in sheet.data_validations.dataValidation)
    web = next(letters_of(i) for i, c in enumerate(BY_NAME["Imports"].columns) if c.kind == "link")
    assert sheet[f"{web}4"].hyperlink.target == "https://shop.example/p?a=0&b=2"
    assert sheet["A3"].fill.start_color.rgb != "00000000" and sheet["A3"].font.bold
    assert sheet["A1"].value == "Imports" and sheet["A1"].font.size == looks.TITLE


def test_tabs_without_rows_appear_only_when_needed():
    empty_tabs = {name: frame.clear() for name, frame in agent_frames().items()}
    names = {s.name for s in Package.open(written(seller_book(), empty_tabs).content).sheets}
    assert {"Listings", "Attention"} <= names and not {"Sync Log", "Movements"} & names
    starter = make_starter()
    hidden = {s.name for s in Package.open(starter).sheets if s.state == "hidden"}
    assert "Sync Log" in hidden
    shown = Package.open(written(starter, {"Sync Log": agent_frame("Sync Log", 2)}).content)
    assert {s.name for s in shown.sheets if s.state == "hidden"} == hidden - {"Sync Log"}


def test_fewer_and_no_rows_leave_nothing_behind():
    content = written(seller_book(), {"Listings": agent_frame("Listings", 9)}).content
    for rows in (4, 0):
        content = written(content, {"Listings": agent_frame("Listings", rows)}).content
        sheet = sheet_of(content, "Listings")
        assert sheet.tables["Stocksheet_Listings"].ref == f"A3:M{max(rows, 1) + 3}"
        assert sum(1 for row in values(content, "Listings")[1:] if any(v is not None for v in row)) == rows


def test_a_tab_of_the_persons_own_with_our_name_is_left_alone():
    book = opened(seller_book())
    own = book.create_sheet("Dashboard")
    own["A1"], own["B7"] = "my figures", 42
    content = written(saved(book), agent_frames()).content
    assert opened(content)["Dashboard"]["B7"].value == 42
    assert sheet_of(content, "Dashboard").title == "Dashboard (Stocksheet)"
    assert not written(content, agent_frames()).changed


def test_our_tab_is_found_again_after_a_rename_and_a_move():
    content = written(seller_book(), agent_frames()).content
    book = opened(content)
    book["Listings"].title = "Offers"
    book.defined_names["_stocksheet_Listings"].attr_text = "'Offers'!$A$1"
    book.move_sheet("Offers", -3)
    again = written(saved(book), agent_frames(6)).content
    assert "Listings" not in opened(again).sheetnames
    assert len(values(again, "Listings")) == 7


# --- what the person did in the agent's tabs


def answered(content: bytes, tab: str, cell: str, text: object) -> bytes:
    book = opened(content)
    book[tab][cell].value = text
    return saved(book)


def test_a_persons_cell_stays_with_its_key_when_rows_move():
    content = written(make_starter(example=False), agent_frames(5)).content
    content = answered(content, "Imports", LINK + "6", "MUG-1")
    moved = {"Imports": agent_frame("Imports", 5).reverse()}
    rows = values(written(content, moved).content, "Imports")
    assert {row[1]: row[-1] for row in rows[1:] if row[-1]} == {"Listing 2": "MUG-1"}
    assert {k: v["Link to SKU"].to_list() for k, v in typed_in(Package.open(content)).items()} == {"Imports": ["MUG-1"]}


def test_a_persons_own_column_and_its_formulas_follow_their_rows():
    content = written(seller_book(), agent_frames(4)).content
    book = opened(content)
    sheet = book["Listings"]
    for row in range(4, 8):
        sheet.cell(row, 15).value = f"=F{row}*2" if row != 5 else "watch this"
    moved = written(saved(book), {"Listings": agent_frame("Listings", 4).reverse()}).content
    assert [row[14] for row in values(moved, "Listings")[1:]] == ["=F4*2", "=F5*2", "watch this", "=F7*2"]


def test_width_zoom_comments_and_pictures_on_our_tab_stay():
    book = opened(written(seller_book(), agent_frames(4)).content)
    sheet = book["Listings"]
    sheet.column_dimensions["C"].width = 61
    sheet.sheet_view.zoomScale = 140
    sheet["C1"].comment = openpyxl.comments.Comment("look here", "Anna")
    sheet.add_data_validation(DataValidation("whole", "greaterThan", "3", sqref="R2"))
    again = sheet_of(written(saved(book), agent_frames(7)).content, "Listings")
    assert again.column_dimensions["C"].width == 61 and again.sheet_view.zoomScale == 140
    assert again["C1"].comment.text == "look here"
    assert "R2" in " ".join(str(v.sqref) for v in again.data_validations.dataValidation)


def test_the_styles_of_an_existing_tab_are_used_for_all_its_rows():
    book = opened(written(seller_book(), agent_frames(2)).content)
    for row in (4, 5):
        book["Listings"].cell(row, 4).font = openpyxl.styles.Font(italic=True, color="FF00AA00")
    again = sheet_of(written(saved(book), agent_frames(6)).content, "Listings")
    assert all(again.cell(row, 4).font.italic for row in range(4, 10))


def test_a_filter_is_cleared_so_that_no_row_stays_hidden():
    book = opened(written(seller_book(), agent_frames(4)).content)
    sheet = book["Listings"]
    sheet.tables["Stocksheet_Listings"].autoFilter.add_filter_column(0, ["Channel 1"])
    sheet.row_dimensions[5].hidden = True
    again = sheet_of(written(saved(book), agent_frames(5)).content, "Listings")
    assert not again.tables["Stocksheet_Listings"].autoFilter.filterColumn
    assert not any(again.row_dimensions[row].hidden for row in range(4, 9))


def test_colours_of_a_status_reach_over_all_rows():
    content = written(written(seller_book(), agent_frames(2)).content, agent_frames(30)).content
    ranges = [str(c.sqref) for c in sheet_of(content, "Listings").conditional_formatting]
    assert ranges == ["I4:I33"]


def test_a_row_of_attention_leads_to_its_cell():
    places = ["Item Master!C7", "north", "Anna's items & more!AB12", "Not there!A1", None]
    book = opened(seller_book())
    book.create_sheet("Anna's items & more")
    tab = agent_frame("Attention", 5).with_columns(Where=pl.Series(places))
    content = written(saved(book), {"Attention": tab}).content
    sheet = sheet_of(content, "Attention")
    found = {cell.coordinate: cell.hyperlink.location for (cell,) in sheet["E4:E8"] if cell.hyperlink}
    assert found == {"E4": "'Item Master'!C7", "E6": "'Anna''s items & more'!AB12"}
    assert [cell.value for (cell,) in sheet["E4:E8"]] == places
    assert written(content, {"Attention": tab}).content == content
    moved = written(content, {"Attention": tab.reverse()}).content
    assert sheet_of(moved, "Attention")["E8"].hyperlink.location == "'Item Master'!C7"


def test_the_answers_of_a_question_are_its_dropdown():
    tab = agent_frame("Attention", 2).with_columns(Answers=pl.Series(["gone / put back", "yes"]))
    sheet = sheet_of(written(seller_book(), {"Attention": tab}).content, "Attention")
    found = [v for v in sheet.data_validations.dataValidation if v.formula1]
    lists = {str(v.sqref): (v.formula1, v.showErrorMessage) for v in found}
    assert lists == {"H4": ('"gone,put back"', False), "H5": ('"yes"', False)}


def test_the_starter_workbook_takes_every_tab_and_recalculates_its_look_ups():
    starter = make_starter()
    content = written(starter, agent_frames(3)).content
    old, new = Package.open(starter), Package.open(content)
    assert len(old.sheets) == len(new.sheets)
    assert b'fullCalcOnLoad="1"' in new.data(new.workbook_part)
    assert [c.value for c in sheet_of(content, "Start here")[6]][:2] == ["Step", "What to do"]
    assert len([r for r in values(content, "Start here")[1:] if r[0] is not None]) == 3


def test_protected_tabs_are_not_added_to():
    book = opened(seller_book())
    book.security = openpyxl.workbook.protection.WorkbookProtection(lockStructure=True)
    with pytest.raises(Refused, match="protected"):
        written(saved(book), agent_frames())


def test_the_list_of_formulas_goes_only_when_a_formula_goes():
    content = written(seller_book(), agent_frames(3)).content
    book = opened(content)
    book["Listings"]["P6"].value = "=1+1"
    kept = with_chain(saved(book))
    same = written(kept, {"Movements": agent_frame("Movements", 5)}).content
    assert "xl/calcChain.xml" in Package.open(same).members
    gone = Package.open(written(kept, {"Listings": agent_frame("Listings", 1)}).content)
    assert "xl/calcChain.xml" not in gone.members and b"calcChain" not in gone.data("[Content_Types].xml")


def with_chain(content: bytes) -> bytes:
    package = Package.open(content)
    rels, types = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    relation = f'<Relationship Id="rId900" Type="{kind}" Target="calcChain.xml"/></Relationships>'.encode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    override = f'<Override PartName="/xl/calcChain.xml" ContentType="{kind}"/></Types>'.encode()
    changes = {
        rels: package.data(rels).replace(b"</Relationships>", relation),
        types: package.data(types).replace(b"</Types>", override),
    }
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    chain = f'<calcChain xmlns="{namespace}"><c r="P6" i="3"/></calcChain>'.encode()
    return package.rebuild(changes, added={"xl/calcChain.xml": chain})


def test_all_tabs_have_a_header_row_with_their_columns():
    content = written(seller_book(), agent_frames(1)).content
    for tab in AGENT_TABS:
        assert tuple(values(content, tab.name)[0]) == tab.names


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")
def test_libre_office_opens_the_result_and_sees_every_row(tmp_path):
    path = tmp_path / "shop.xlsx"
    path.write_bytes(written(make_starter(), agent_frames(6)).content)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    export = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    command = ["soffice", "--headless", profile, "--convert-to", export, "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=110)
    lines = (tmp_path / "shop-Listings.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 9 and lines[3].startswith("Channel 0,Listing 0,Title 0")
    assert "2026-11-22 14:03" in (tmp_path / "shop-Movements.csv").read_text(encoding="utf-8")
