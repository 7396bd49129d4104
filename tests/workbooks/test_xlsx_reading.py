"""Reading Excel files into snapshots: files made by openpyxl, parts written by hand, and files of real Excel."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.table import Table

from agent.workbooks.base import Snapshot
from agent.workbooks.cells import cell_of, format_class, index_of, letters_of, number_text
from agent.workbooks.headers import Headers
from agent.workbooks.xlsx import reading
from agent.workbooks.xlsx.package import Package, Refused
from agent.workbooks.xlsx.reading import read_snapshot
from agent.workbooks.xlsx.sheet_cells import careful_cells, quick_cells, styles

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
CORPUS = Path(__file__).parents[3] / "shared" / "xlsx_corpus"
SHEET = "xl/worksheets/sheet1.xml"


def made(rows: list[list[Any]], change: Callable[[Any], None] | None = None) -> bytes:
    """An Item Master by openpyxl."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Item Master"
    for row in rows:
        sheet.append(row)
    if change:
        change(sheet)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def patched(content: bytes, **parts: Callable[[bytes], bytes]) -> bytes:
    """The file with some parts changed: sheet, workbook, styles."""
    names = {"sheet": SHEET, "workbook": "xl/workbook.xml", "styles": "xl/styles.xml"}
    changes = {names[name]: change for name, change in parts.items()}
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, lambda data: data)(old.read(name)))
    return held.getvalue()


def with_cells(*cells: str) -> bytes:
    """An Item Master whose second row is written by hand: A2 is the SKU, then these cells."""
    row = f'<row r="2"><c r="A2" t="inlineStr"><is><t>MUG</t></is></c>{"".join(cells)}</row></sheetData>'
    header = made([["SKU", "Stocked", "Title", "Tags"]])
    return patched(header, sheet=lambda xml: xml.replace(b"</sheetData>", row.encode()))


def read(content: bytes) -> Snapshot:
    return read_snapshot(content, NOON)


def items(content: bytes) -> pl.DataFrame:
    return read(content).tabs["Item Master"]


def first(content: bytes) -> dict[str, Any]:
    return items(content).row(0, named=True)


@pytest.mark.parametrize(
    ("written", "text"),
    [("12", "12"), ("12.0", "12"), ("1E3", "1000"), ("4006381333931", "4006381333931"), ("1e15", "1000000000000000"),
     ("0.1", "0.1"), ("0.30000000000000004", "0.30000000000000004"),
     ("-3", "-3"), ("1E+20", "1e+20"), ("1.5E-7", "1.5e-07"),
     ("0", "0"), ("-0", "0")],
)  # fmt: skip
def test_a_number_is_told_in_its_shortest_exact_form(written: str, text: str) -> None:
    row = first(with_cells(f'<c r="B2"><v>{written}</v></c>'))
    assert (row["Stocked"], row["Stocked|kind"]) == (text, "number")
    assert number_text(float(written)) == text


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ('<c r="B2" t="str"><f>A1</f><v>12 pcs</v></c>', ("12 pcs", "text", True)),
        ('<c r="B2" t="str"><f>A1</f><v></v></c>', (None, "blank", True)),
        ('<c r="B2"><f>A1+1</f><v>13</v></c>', ("13", "number", True)),
        ('<c r="B2"><f>A1+1</f></c>', (None, "blank", True)),
        ('<c r="B2"><f>IF(A1&gt;1,"a","b")</f><v>13</v></c>', ("13", "number", True)),
        ('<c r="B2" t="b"><v>1</v></c>', ("TRUE", "bool", False)),
        ('<c r="B2" t="b"><f>TRUE()</f><v>0</v></c>', ("FALSE", "bool", True)),
        ('<c r="B2" t="e"><v>#REF!</v></c>', ("#REF!", "error", False)),
        ('<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', ("#DIV/0!", "error", True)),
        ('<c r="B2" t="e"><f>x</f><v>#N/A</v></c>', ("#N/A", "error", True)),
        ('<c r="B2" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>', (" a ", "text", False)),
        (
            '<c r="B2" t="inlineStr"><is><r><t>20</t></r><r><rPr><b/></rPr><t>26</t></r></is></c>',
            ("2026", "text", False),
        ),
        ('<c r="B2" t="inlineStr"><is><t>a &amp; &lt;b&gt; &#233;</t></is></c>', ("a & <b> é", "text", False)),
        ('<c r="B2" t="d"><v>2026-11-22T14:03:00</v></c>', ("2026-11-22T14:03:00", "date", False)),
        ('<c r="B2" t="e"><f>x</f><v>#SPILL!</v></c>', ("#SPILL!", "error", True)),
        ('<c r="B2"></c>', (None, "blank", False)),
        ('<c r="B2"/>', (None, "blank", False)),
        ("", (None, "blank", False)),
    ],
)
def test_every_type_of_cell_is_told_apart(cell: str, told: tuple[str | None, str, bool]) -> None:
    content = with_cells(cell)
    assert read(content).issues.is_empty()
    row = first(content)
    assert (row["Stocked"], row["Stocked|kind"], row["Stocked|formula"]) == told


def shared(*strings: str, use: int) -> bytes:
    """An Item Master whose B2 is a shared string."""
    content = made([["SKU", "Stocked"], ["MUG", None]])
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        names = file.namelist()
        data = {name: file.read(name) for name in names}
    part = next((name for name in names if name.endswith("sharedStrings.xml")), "xl/sharedStrings.xml")
    old = data.get(part, b"")
    known = re.findall(rb"<si>.*?</si>", old)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    data[part] = f'<sst xmlns="{space}">{b"".join(known).decode()}{"".join(strings)}</sst>'.encode()
    if not old:
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
        data["xl/_rels/workbook.xml.rels"] = data["xl/_rels/workbook.xml.rels"].replace(
            b"</Relationships>",
            f'<Relationship Id="rId99" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'.encode(),
        )
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        data["[Content_Types].xml"] = data["[Content_Types].xml"].replace(
            b"</Types>", f'<Override PartName="/{part}" ContentType="{kind}"/></Types>'.encode()
        )
    cell = f'<c r="B2" t="s"><v>{len(known) + use}</v></c></row></sheetData>'.encode()
    data[SHEET] = re.sub(rb'(?:<c r="B2"[^>]*/>)?</row></sheetData>', cell, data[SHEET])
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for name, part_data in data.items():
            file.writestr(name, part_data)
    return held.getvalue()


@pytest.mark.parametrize(
    ("string", "text"),
    [
        ("<si><t>plain</t></si>", "plain"),
        ("<si><r><t>ri</t></r><r><rPr><b/></rPr><t>ch</t></r></si>", "rich"),
        ('<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si>', "東京"),
        ("<si><t>two\nlines &amp; more</t></si>", "two\nlines & more"),
    ],
)
def test_shared_strings_are_read_without_their_pronunciation(string: str, text: str) -> None:
    row = first(shared("<si><t>other</t></si>", string, use=1))
    assert (row["Stocked"], row["Stocked|kind"]) == (text, "text")


# --- formats and dates


@pytest.mark.parametrize(
    ("code", "name"),
    [("General", "general"), ("0", "integer"),
     ("#,##0", "integer"), ('0" pcs"', "integer"), ("[Red]0;-0", "integer"),
     ("00000", "zeros"), ("000-000", "zeros"),
     ("0%", "percent"), ("0.00%", "percent"), ("yyyy-mm-dd", "date"),
     ("d.m.yy", "date"),
     ('yyyy"年"m"月"', "date"),
     ("[$-409]h:mm AM/PM;@", "date"), ("0.00E+00", "scientific"), ("@", "text"), ("0.00", "other"),
     ("#,##0.00 [$€-407]", "other"), ("_-* #,##0_-", "integer"), ("0.0,", "other"), ("# ?/?", "other"),
     ('"day "0', "integer")],
)  # fmt: skip
def test_number_formats_have_a_class(code: str, name: str) -> None:
    assert format_class(code) == name


def dated(number: float, code: str = "yyyy-mm-dd hh:mm", date1904: bool = False) -> dict[str, Any]:
    def change(sheet: Any) -> None:
        sheet["B2"].number_format = code

    content = made([["SKU", "Tags", "Stocked"], ["MUG", number, 1]], change)
    if date1904:
        content = patched(content, workbook=lambda xml: re.sub(rb"<workbookPr\b", b'<workbookPr date1904="1"', xml))
    return first(content)


@pytest.mark.parametrize(
    ("number", "text"),
    [(46348, "2026-11-22"), (46348.5854166667, "2026-11-22T14:03:00"), (1, "1900-01-01"), (59, "1900-02-28"),
     (61, "1900-03-01"),
     (0.5, "12:00:00"), (46348.999999, "2026-11-23")],
)  # fmt: skip
def test_days_are_told_as_dates(number: float, text: str) -> None:
    row = dated(number)
    assert (row["Tags"], row["Tags|kind"], row["Tags|format"]) == (text, "date", "date")


def test_days_count_from_1904_where_the_workbook_says_so() -> None:
    assert dated(46348 - 1462, date1904=True)["Tags"] == "2026-11-22"


@pytest.mark.parametrize("number", [-5, 3_000_000])
def test_a_number_that_is_no_day_stays_a_number(number: int) -> None:
    row = dated(number)
    assert (row["Tags"], row["Tags|kind"]) == (str(number), "number")


def test_elapsed_time_is_a_number() -> None:
    row = dated(1.25, "[h]:mm")
    assert (row["Tags"], row["Tags|kind"], row["Tags|format"]) == ("1.25", "number", "other")


def test_formats_of_conditional_styles_do_not_disturb_cell_formats() -> None:
    """Observed in a workbook of Excel: `dxfs` holds a numFmt of the same number."""
    dxf = b'<dxfs count="1"><dxf><numFmt numFmtId="14" formatCode="0.0%"/></dxf></dxfs>'
    content = made([["SKU", "Tags", "Stocked"], ["MUG", dt.date(2026, 11, 22), 1]])
    content = patched(
        content, styles=lambda xml: re.sub(rb'numFmtId="\d+"( fontId="0"[^>]*applyNum)', rb'numFmtId="14"\1', xml)
    )
    content = patched(content, styles=lambda xml: re.sub(rb"<dxfs[^>]*/>|<dxfs.*?</dxfs>", dxf, xml))
    assert first(content)["Tags|kind"] == "date"


# --- ways of writing


ROWS = [["SKU", "Title", "Stocked"], ["MUG", "Mug & cup", 5], ["00123", None, 0], ["CALC", "x", "=1+1"]]


def prefixed(xml: bytes) -> bytes:
    xml = re.sub(rb"<(/?)([A-Za-z])", rb"<\1x:\2", xml)
    return xml.replace(b"xmlns=", b"xmlns:x=")


def swapped(xml: bytes) -> bytes:
    return re.sub(rb'<c (r="\w+")((?: [a-z]+="\w+")+)', rb"<c\2 \1", xml)


def quoted(xml: bytes) -> bytes:
    return re.sub(rb'<c r="(\w+)"', rb"<c r='\1'", xml)


def spaced(xml: bytes) -> bytes:
    return re.sub(rb"><(?!/v|/t)", b">\n  <", xml)


def without_addresses(xml: bytes) -> bytes:
    return re.sub(rb'<(row|c) r="\w+"', rb"<\1", xml)


def commented(xml: bytes) -> bytes:
    return xml.replace(b"<sheetData>", b'<sheetData><!-- <c r="C2"><v>99</v></c> -->')


@pytest.mark.parametrize("change", [prefixed, swapped, quoted, spaced, commented], ids=lambda change: change.__name__)
def test_every_way_of_writing_the_same_sheet_reads_the_same(change: Callable[[bytes], bytes]) -> None:
    content = made(ROWS)
    found = read(patched(content, sheet=change))
    assert found.issues.is_empty()
    assert found.tabs["Item Master"].equals(items(content))


def test_the_quick_and_the_careful_pass_agree() -> None:
    package = Package.open(made(ROWS))
    data, formats = package.data(SHEET), styles(package)
    quick = quick_cells(data, formats).cast({"row": pl.Int64, "code": pl.Int64})
    assert quick.equals(careful_cells(data, formats))


def test_cells_without_addresses_follow_one_another() -> None:
    data = Package.open(made([["SKU", "Stocked"], ["MUG", 5], ["BOX", 6]])).data(SHEET)
    assert careful_cells(without_addresses(data), [0]).equals(careful_cells(data, [0]))


def test_cells_that_two_readers_read_differently_are_issues_and_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in one reader: it takes the number in C2 for a text, and does not see C3."""

    def faulty(data: bytes, formats: Any) -> pl.DataFrame:
        cells = careful_cells(data, formats).filter(~((pl.col("letters") == "C") & (pl.col("row") == 3)))
        wrong = (pl.col("letters") == "C") & (pl.col("row") == 2)
        return cells.with_columns(pl.when(wrong).then(2 * 16).otherwise("code").cast(pl.Int64).alias("code"))

    monkeypatch.setattr(reading, "quick_cells", faulty)
    monkeypatch.setattr(reading, "careful_cells", faulty)
    found = read(made(ROWS))
    unclear = found.issues.filter(pl.col("code") == "cell_unclear")
    assert unclear["cell"].to_list() == ["C2", "C3"]
    assert json.loads(unclear["facts"][0])["column"] == "Stocked"
    assert found.tabs["Item Master"]["Stocked|kind"].to_list() == ["error", "error", "blank"]


def test_a_fault_of_the_quick_pass_alone_is_mended_by_the_careful_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "quick_cells", lambda data, formats: careful_cells(data, formats).clear())
    assert read(made(ROWS)).issues.is_empty()
    assert items(made(ROWS))["Stocked"].to_list() == ["5", "0", None]


@pytest.mark.parametrize("cell", ["<v>abc</v>", "<v>NaN</v>", "<v>1e999</v>"])
def test_a_number_that_is_none_is_an_issue_and_no_value(cell: str) -> None:
    content = with_cells(f'<c r="B2">{cell}</c>')
    assert read(content).issues["cell"].to_list() == ["B2"]
    assert first(content)["Stocked|kind"] == "error"


# --- size


def test_formatted_blank_rows_are_no_rows() -> None:
    def change(xml: bytes) -> bytes:
        rows = "".join(f'<row r="{r}"><c r="A{r}" s="0"/><c r="C{r}" s="0"/></row>' for r in range(5, 200_005))
        return xml.replace(b"</sheetData>", rows.encode() + b"</sheetData>")

    assert items(patched(made(ROWS), sheet=change))["row"].to_list() == [2, 3, 4]


def test_a_stray_cell_far_away_is_said_in_plain_words_R13() -> None:
    stray = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    content = patched(made(ROWS), sheet=lambda xml: xml.replace(b"</sheetData>", stray))
    with pytest.raises(Refused, match="XFD1048576"):
        read(content)


def test_definitions_in_a_sheet_are_refused_R12() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    with pytest.raises(Refused, match="definitions"):
        read(patched(made(ROWS), sheet=lambda xml: bomb + xml))


def test_several_chunks_are_read_as_one() -> None:
    rows = [["SKU", "Stocked", "Title"], *([f"S{i}", i, "x" * 300] for i in range(20_000))]
    found = items(made(rows))
    assert found["row"].to_list() == list(range(2, 20_002))
    assert found["Stocked"].to_list() == [str(i) for i in range(20_000)]


# --- tabs and tables


def test_a_row_of_totals_is_no_item() -> None:
    def change(sheet: Any) -> None:
        table = Table(displayName="Goods", ref="A1:C5", totalsRowCount=1)
        sheet.add_table(table)

    content = made([*ROWS, ["Total", None, 5]], change)
    assert items(content)["SKU"].to_list() == ["MUG", "00123", "CALC"]


def test_a_required_tab_that_is_missing_is_said() -> None:
    book = openpyxl.Workbook()
    held = io.BytesIO()
    book.save(held)
    assert read(held.getvalue()).issues["code"].to_list() == ["tab_missing"]


def test_a_persons_own_tab_with_the_name_of_an_agents_is_left_alone() -> None:
    content = made(ROWS)
    book = openpyxl.load_workbook(io.BytesIO(content))
    book.create_sheet("Listings").append(["House", "Price"])
    held = io.BytesIO()
    book.save(held)
    found = read(held.getvalue())
    assert set(found.tabs) == {"Item Master"}
    assert found.issues.is_empty()


def test_the_same_bytes_have_the_same_revision() -> None:
    content = made(ROWS)
    assert read(content).revision == read(content).revision != read(made(ROWS[:2])).revision


# --- files of real Excel


def corpus(folder: str) -> list[Path]:
    return sorted((CORPUS / folder).glob("*")) if CORPUS.exists() else []


def each_cell(content: bytes) -> Any:
    """(sheet, frame of every used column read by both readers, cells that are unclear)."""
    package = Package.open(content)
    values, formats = reading._calamine(content, package), styles(package)
    for sheet in package.sheets:
        if sheet.kind == "worksheet":
            reader = reading._SheetReader(package, sheet, values, formats)
            reader.load()
            used = reader.cells["letters"].unique().to_list()
            yield sheet.name, *reader.frame(Headers(0, {letters: index_of(letters) for letters in used}))


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real Excel files is not here (../shared/xlsx_corpus)")
def test_real_excel_files_are_read_as_a_second_reader_reads_them() -> None:
    """Every third file of the corpus, every cell: address, value, kind, formula against openpyxl."""
    cells = different = 0
    for path in corpus("real")[::3]:
        content = path.read_bytes()
        try:
            found = list(each_cell(content))
        except Refused:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                values, formulas = (openpyxl.load_workbook(io.BytesIO(content), data_only=v) for v in (True, False))
            except Exception:  # what openpyxl cannot load is no second opinion
                continue
        for name, frame, unclear in found:
            assert not unclear, (path.name, name, unclear[:3])
            if name in values.sheetnames:
                seen, wrong = compared(frame, values[name], formulas[name])
                cells, different = cells + seen, different + wrong
    assert cells > 20_000
    assert different <= cells / 2_000  # merged cells, days before 1900


def compared(frame: pl.DataFrame, values: Any, formulas: Any) -> tuple[int, int]:
    letters = [name for name in frame.columns if "|" not in name and name != "row"]
    different = 0
    for row in frame.iter_rows(named=True):
        for column in letters:
            value = values[f"{column}{row['row']}"].value
            formula = formulas[f"{column}{row['row']}"].data_type == "f"
            told = None if isinstance(value, dt.timedelta) else without_returns(cell_of(value).text)
            same = told == without_returns(row[column]) or (isinstance(value, dt.timedelta) and row[column] is not None)
            different += not same or formula != row[f"{column}|formula"]
    return len(letters) * frame.height, different


def without_returns(text: str | None) -> str:
    return (text or "").replace("_x000D_", "").replace("\r", "")


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of odd Excel files is not here (../shared/xlsx_corpus)")
@pytest.mark.parametrize("path", corpus("odd"), ids=lambda path: path.name)
def test_odd_files_are_read_or_refused_in_plain_words(path: Path) -> None:
    try:
        read(path.read_bytes())
    except Refused as refused:
        assert refused.what.endswith(".") and refused.fix.endswith((".", ")."))


def test_letters_and_indexes_turn_into_each_other() -> None:
    assert [letters_of(i) for i in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(index_of(letters_of(i)) == i for i in range(16384))
