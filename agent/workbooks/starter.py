"""Draws the starter workbook from the declaration of tabs and columns, with openpyxl (as a shop's import files are).

`python -m agent.workbooks.starter PATH` writes the empty-handed one; `templates/starter.xlsx` is made with it.
The bytes depend on the input alone: no time of day, no random ids.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import polars as pl
from lxml import etree
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table, TableColumn, TableFormula, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from agent.words import in_words
from agent.workbooks import looks
from agent.workbooks import starter_content as content
from agent.workbooks.cells import Value
from agent.workbooks.looks import BODY, FONT, GREEN, GREEN_TINT, GREY, INK, LINE, NAVY, RED, SIGNED, TITLE, WHITE
from agent.workbooks.tabs import CONTROLS, DONE, TABS, Column, Tab
from agent.workbooks.xlsx.heights import height_of
from agent.workbooks.xlsx.marks import hidden_name, reference, table_name

_THEN = datetime(2026, 1, 1)  # noqa: DTZ001 - written into the file as it is
_FORMATS = {"sku": "@", "whole": "0", "percent": "0%", "when": "yyyy-mm-dd hh:mm", "number": "General"}
_DAYS_ONLY = ("Until",)


def make_starter(items: pl.DataFrame | None = None, example: bool = True) -> bytes:
    """The starter workbook as the bytes of an .xlsx file.

    `items`: rows for Item Master, columns named as that tab declares them (others are left out). Without items and with
    `example`, eight example items stand there.
    """
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for tab in TABS:
        _draw(book, tab, _rows(tab, items, example))
    book.active = 0
    for name in (tab.name for tab in TABS):
        target = reference(name)
        book.defined_names[hidden_name(name)] = DefinedName(hidden_name(name), attr_text=target, hidden=True)
    for name, value in looks.NEVER.items():
        book.defined_names[name] = DefinedName(name, attr_text=value, hidden=True)
    book.calculation.fullCalcOnLoad = True
    book.properties.creator, book.properties.title = "Stocksheet", "Stocksheet"
    book.properties.created = _THEN
    held = io.BytesIO()
    book.save(held)
    return _without_time(held.getvalue())


def _rows(tab: Tab, items: pl.DataFrame | None, example: bool) -> list[dict[str, Value]]:
    if tab.name == "Item Master" and items is not None:
        return items.select(name for name in items.columns if name in tab.names).to_dicts()
    if tab.name == "Item Master" and example:
        return list(content.ITEMS)
    if tab.name == "Control":
        return [{"Control": name, "Value": value or None, "Note": note} for name, (value, note) in CONTROLS.items()]
    if tab.name == "Start here":
        steps = zip(content.STEPS, content.PLACES, strict=True)
        return [
            {"Step": i, "What to do": what, "Done": DONE[1], "Go there": place if _tab(place).shown else None}
            for i, (what, place) in enumerate(steps, 1)
        ]
    return []


# --- one tab


def _draw(book: openpyxl.Workbook, tab: Tab, rows: list[dict[str, Value]]) -> None:
    sheet, owner, top = book.create_sheet(tab.name), looks.owner_of(tab), looks.header_row(tab)
    sheet.sheet_state = "visible" if tab.shown else "hidden"
    sheet.sheet_properties.tabColor = looks.TAB_COLOURS[owner]
    sheet.sheet_view.showGridLines = owner == "person"
    sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = looks.ROW_HEIGHT, True
    columns = [*tab.columns, *_look_ups(tab)]
    _above(sheet, tab, len(columns))
    for index, column in enumerate(columns, 1):
        _draw_column(sheet, tab, column, index, top)
    for number, row in enumerate(rows, top + 1):
        for index, column in enumerate(tab.columns, 1):
            _put(sheet.cell(number, index), row.get(column.name))
    last = top + max(1, len(rows))
    _style_rows(sheet, tab, columns, top, last)
    _add_table(sheet, tab, columns, top, last)
    _page(sheet, top)
    if tab.name == "Rules":
        _rule_examples(sheet, len(columns) + 2)


def _look_ups(tab: Tab) -> list[Column]:
    ready = content.LOOK_UPS.get(tab.name, {})  # not wrapped: no program makes a row taller for what a formula says
    return [Column(name, "cell", note, owner="agent", width=width) for name, (note, width) in ready.items()]


def _above(sheet: Worksheet, tab: Tab, columns: int) -> None:
    """What stands above an agent's table, and the light."""
    fonts = {
        "title": Font(name=FONT, size=TITLE, bold=True, color=NAVY),
        "quiet": Font(name=FONT, size=BODY, color=GREY),
        "light": Font(name=FONT, size=BODY, bold=True, color=GREY),
    }
    for line in looks.lines(tab):
        cell = sheet.cell(line.row, 1, line.text)
        cell.font, cell.alignment = fonts[line.kind], Alignment(vertical="center")
        sheet.row_dimensions[line.row].height = line.height
        if line.kind == "light":
            where = f"A{line.row}:{get_column_letter(columns)}{line.row}"
            for state, colours in looks.SIGNALS.items():
                sheet.conditional_formatting.add(where, _rule(looks.light_test(state), colours))


def _draw_column(sheet: Worksheet, tab: Tab, column: Column, index: int, top: int) -> None:
    letters = get_column_letter(index)
    head = sheet.cell(top, index, column.name)
    mine = column.owner == "person"
    head.font = Font(name=FONT, size=BODY, bold=True, color=WHITE)
    head.fill = PatternFill("solid", start_color=GREEN if mine else NAVY)
    side = _alignment(column)
    beside = "right" if side.horizontal == "right" else "left"
    head.alignment = Alignment(vertical="center", wrap_text=True, horizontal=beside, indent=1)
    head.comment = _note(column)
    width = sheet.column_dimensions[letters]
    width.width = looks.width_of(column)
    width.number_format = number_format(column)
    width.font, width.alignment = Font(name=FONT, size=BODY), _alignment(column)
    below = f"{letters}{top + 1}:{letters}{looks.REACH}"
    if mine and (column.choices or column.choices_from):
        sheet.add_data_validation(_dropdown(column, below))
    if tab.name == "Control" and column.name == "Value":
        sheet.add_data_validation(
            _list('"Live,Preview,Paused"', f"{letters}2", strict=True, note=in_words("starter.live_preview_or_paused"))
        )
    if looks.coloured(tab, column):
        _colour(sheet, f"{letters}{top + 1}", below)


def number_format(column: Column) -> str:
    """The number format of a column's cells."""
    if column.name in _DAYS_ONLY:
        return "yyyy-mm-dd"
    if column.signed:
        return SIGNED
    return _FORMATS.get(column.kind, "General")


def _alignment(column: Column) -> Alignment:
    if looks.is_number(column) or column.name == "Available":
        return Alignment(vertical="top", horizontal="right", indent=1)
    if column.kind == "link":
        return Alignment(vertical="top", horizontal="fill")  # a long address ends at its own cell
    return Alignment(vertical="top", horizontal="left", indent=1, wrap_text=looks.wraps(column))


def _note(column: Column) -> Comment:
    text = looks.note_of(column)
    return Comment(text, "Stocksheet", width=280, height=40 + 18 * (len(text) // 38 + text.count("\n")))


def _put(cell: Cell, value: Value) -> None:
    cell.value = value
    if isinstance(value, str) and value.startswith("="):
        cell.data_type = "s"


def _style_rows(sheet: Worksheet, tab: Tab, columns: list[Column], top: int, last: int) -> None:
    line = Border(bottom=Side("thin", color=LINE))
    for row in range(top + 1, last + 1):
        heights = [
            height_of(str(sheet.cell(row, i).value or ""), c.width) for i, c in enumerate(columns, 1) if looks.wraps(c)
        ]
        sheet.row_dimensions[row].height = max((h for h in heights if h), default=None)
    for index, column in enumerate(columns, 1):
        for row in range(top + 1, last + 1):
            cell = sheet.cell(row, index)
            cell.number_format, cell.alignment, cell.border = number_format(column), _alignment(column), line
            cell.font = Font(name=FONT, size=BODY, color=GREY if looked_up(tab, column) else None)
            if column.kind == "figure":
                cell.font = Font(name=FONT, size=BODY, bold=True, color=NAVY)
            if column.kind == "link":
                cell.font = Font(name=FONT, size=BODY, color=NAVY, underline="single")
            if tab.owner == "agent" and column.owner == "person":
                cell.font = Font(name=FONT, size=BODY, color=INK)
                cell.fill = PatternFill("solid", start_color=GREEN_TINT)
            if column.kind == "cell" and cell.value:
                cell.hyperlink = Hyperlink(cell.coordinate, location=f"{reference(str(cell.value)).split('!')[0]}!A1")
                cell.font = Font(name=FONT, size=BODY, color=NAVY, underline="single")
            if looked_up(tab, column):
                cell.value = f"={_look_up(tab, column.name)}"


def looked_up(tab: Tab, column: Column) -> bool:
    """Whether a formula fills the column."""
    return column.name in content.LOOK_UPS.get(tab.name, {})


def _look_up(tab: Tab, column: str) -> str:
    """What the agent's tab says about this row; blank where it says nothing (absence is never zero)."""
    return _came_of(column) if tab.name == "Control" else _of_item(column)


def _came_of(column: str) -> str:
    """What Control Status says about this row of Control: found by its words, as one line."""
    told, mine, title = table_name("Control Status"), table_name("Control"), reference("Control Status")
    words = '&" "&'.join(f"{mine}[[#This Row],[{name}]]" for name in ("Control", "Value", "SKU", "Channel"))
    line = f"TRIM({words})"
    for mark in "~*?":  # a question mark in a question stands for any letter in MATCH, unless it is marked
        line = f'SUBSTITUTE({line},"{mark}","~{mark}")'
    return f'IFERROR(IF({title}="","",INDEX({told}[{column}],MATCH({line},{told}[About],0))),"")'


def _of_item(column: str) -> str:
    """What Stock Levels says about this row's SKU."""
    levels, title = table_name("Stock Levels"), reference("Stock Levels")
    sku = f"{table_name('Item Master')}[[#This Row],[SKU]]"
    found = f'INDEX({levels}[{column}],MATCH({sku}&"",{levels}[SKU],0))'
    return f'IFERROR(IF(OR({title}="",{found}=""),"",{found}),"")'


def _add_table(sheet: Worksheet, tab: Tab, columns: list[Column], top: int, last: int) -> None:
    table = Table(displayName=table_name(tab.name), ref=f"A{top}:{get_column_letter(len(columns))}{last}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    table._initialise_columns()
    for made, column in zip(table.tableColumns, columns, strict=True):
        made.name = column.name
        _calculated(made, tab, column)
    sheet.add_table(table)


def _calculated(made: TableColumn, tab: Tab, column: Column) -> None:
    if looked_up(tab, column):
        made.calculatedColumnFormula = TableFormula(attr_text=_look_up(tab, column.name))


def _page(sheet: Worksheet, top: int) -> None:
    sheet.freeze_panes = sheet.cell(top + 1, 1)
    sheet.row_dimensions[top].height = looks.HEADER_HEIGHT
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    margins = sheet.page_margins
    margins.left = margins.right = margins.top = margins.bottom = 0.4
    sheet.print_title_rows = f"{top}:{top}"


# --- dropdowns and colours


def _dropdown(column: Column, where: str) -> DataValidation:
    formula = '"' + ",".join(column.choices) + '"'
    if column.choices_from:
        tab, _, name = column.choices_from.partition("!")
        formula = f"{reference(tab).split('!')[0]}!{_whole_column(tab, name)}"
    return _list(formula, where, strict=column.kind == "choice", note=column.note)


def _whole_column(tab: str, name: str) -> str:
    letters = get_column_letter(_tab(tab).names.index(name) + 1)
    first = looks.header_row(_tab(tab)) + 1
    return f"${letters}${first}:${letters}${looks.REACH}"


def _tab(name: str) -> Tab:
    return next(tab for tab in TABS if tab.name == name)


def _list(formula: str, where: str, strict: bool, note: str) -> DataValidation:
    made = DataValidation(type="list", formula1=formula, allow_blank=True, sqref=where)
    made.showErrorMessage = strict
    made.errorTitle, made.error = "Stocksheet", in_words("starter.please_choose_from_list", note=note)[:225]
    return made


def _colour(sheet: Worksheet, first: str, below: str) -> None:
    for state, colours in looks.SIGNALS.items():
        sheet.conditional_formatting.add(below, _rule(looks.state_test(first, state), colours))


def _rule(formula: str, colours: tuple[str, str]) -> FormulaRule:
    text, ground = colours
    fill = PatternFill("solid", bgColor=ground) if ground else None
    return FormulaRule([formula], stopIfTrue=True, font=Font(color=text, bold=text == RED), fill=fill)


# --- the extras


def _rule_examples(sheet: Worksheet, first: int) -> None:
    for offset, (header, width) in enumerate(zip(content.EXAMPLE_HEADERS, (20, 38, 62), strict=True)):
        cell = sheet.cell(1, first + offset, header)
        cell.font = Font(name=FONT, size=BODY, bold=True, color=GREY)
        cell.alignment = Alignment(vertical="center")
        sheet.column_dimensions[get_column_letter(first + offset)].width = width
        for row, example in enumerate(content.RULE_EXAMPLES, 2):
            cell = sheet.cell(row, first + offset, example[offset])
            cell.font, cell.alignment = Font(name=FONT, size=BODY, color=GREY), Alignment(vertical="top")


def _without_time(data: bytes) -> bytes:
    """The same file with fixed times, so that it can be made again and compared."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            part = old.read(info)
            if info.filename == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-01-01T00:00:00Z", part)
            if info.filename == "xl/styles.xml":
                part = _in_order(part)
            same = zipfile.ZipInfo(info.filename)
            same.compress_type, same.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(same, part)
    return held.getvalue()


_FONT_ORDER = (
    "b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name", "family",
    "charset", "scheme",
)  # fmt: skip


def _in_order(styles: bytes) -> bytes:
    """What says how a font looks, in the order of Excel's schema; openpyxl has one of its own."""
    root = etree.fromstring(styles)
    for font in root.iter("{*}font"):
        font[:] = sorted(font, key=lambda element: _FONT_ORDER.index(etree.QName(element).localname))
    return bytes(etree.tostring(root, encoding="UTF-8", standalone=True))


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(make_starter())
