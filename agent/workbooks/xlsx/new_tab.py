"""A new tab for a workbook that has none yet: header, widths, frozen header, colours of a status.

An agent's tab; or, in a workbook that is being adopted, one of the people's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.words import in_words
from agent.workbooks import looks
from agent.workbooks.cells import letters_of
from agent.workbooks.tabs import Column, Tab
from agent.workbooks.xlsx.draft import XML, Draft
from agent.workbooks.xlsx.splice import attribute, text


def look_of(column: Column) -> str:
    """The kind of cell (`styles.LOOKS`) of a column."""
    if column.owner == "person":
        return "person"
    if looks.wraps(column):
        return "code" if column.kind == "sku" else "cell" if column.kind == "cell" else "why"
    return "signed" if column.signed else column.kind


def header_look(column: Column) -> str:
    """The kind of header cell of a column."""
    whose = "header person" if column.owner == "person" else "header"
    return f"{whose} right" if looks.is_number(column) else whose


def new_sheet(draft: Draft, tab: Tab) -> bytes:
    """The XML of an empty agent's tab; its rows and table are written as those of any other."""
    top = looks.header_row(tab)
    widths = "".join(_width(c, i) for i, c in enumerate(tab.columns, 1))
    notes = [_note(column, f"{letters_of(i)}{top}") for i, column in enumerate(tab.columns)]
    return _sheet(draft, tab, widths, "", notes)


def new_person_sheet(draft: Draft, tab: Tab, rows: Sequence[Mapping[str, str]], lists: Mapping[str, str]) -> bytes:
    """The XML of one of the people's tabs with these rows of text.

    `lists`: `Tab!Column` -> where the choices of `Column.choices_from` stand in this workbook (a formula).
    """
    styles = [draft.styles.look(look_of(column) if column.owner == "agent" else column.kind) for column in tab.columns]
    widths = "".join(_width(c, i, style) for i, (c, style) in enumerate(zip(tab.columns, styles, strict=True), 1))
    made = ""
    for number, row in enumerate(rows or [{}], 2):
        cells = zip(tab.columns, styles, strict=True)
        inside = "".join(_cell(f"{letters_of(i)}{number}", s, row.get(c.name, "")) for i, (c, s) in enumerate(cells))
        made += f'<row r="{number}">{inside}</row>'
    notes = [_note(column, f"{letters_of(i)}1") for i, column in enumerate(tab.columns)]
    notes += [one for i, c in enumerate(tab.columns) if (one := _dropdown(c, letters_of(i), lists))]
    return _sheet(draft, tab, widths, made, notes)


def _width(column: Column, number: int, style: int = 0) -> str:
    look = f' style="{style}"' if style else ""
    return f'<col min="{number}" max="{number}" width="{looks.width_of(column):.2f}"{look} customWidth="1"/>'


def _cell(address: str, style: int, value: str) -> str:
    if not value:
        return f'<c r="{address}" s="{style}"/>'
    return f'<c r="{address}" s="{style}" t="inlineStr"><is><t>{text(value)}</t></is></c>'


def _dropdown(column: Column, letters: str, lists: Mapping[str, str]) -> str:
    """The choices of a person's column; only a `choice` forbids other words. Empty where there is no list."""
    choices = '"' + ",".join(column.choices) + '"' if column.choices else ""
    formula = lists.get(column.choices_from, choices) if column.choices_from else choices
    if not formula:
        return ""
    strict = int(column.kind == "choice")
    head = f'<dataValidation type="list" allowBlank="1" showErrorMessage="{strict}" errorTitle="Stocksheet" error='
    asks = attribute(in_words("new_tab.choose_from_list", note=column.note)[:225])
    where = f'sqref="{letters}2:{letters}{looks.REACH}"'
    return f"{head}{asks} {where}><formula1>{text(formula)}</formula1></dataValidation>"


def _sheet(draft: Draft, tab: Tab, widths: str, rows: str, notes: list[str]) -> bytes:
    top, last = looks.header_row(tab), letters_of(len(tab.columns) - 1)
    header = "".join(header_cell(draft, column, f"{letters_of(i)}{top}") for i, column in enumerate(tab.columns))
    owner = looks.owner_of(tab)
    view = (
        f'<sheetView workbookViewId="0" showGridLines="{int(owner == "person")}"><pane ySplit="{top}" '
        f'topLeftCell="A{top + 1}" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView>'
    )
    return (
        f'{XML}<worksheet xmlns="{draft.main_namespace}">'
        f'<sheetPr><tabColor rgb="FF{looks.TAB_COLOURS[owner]}"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{last}{top + 1}"/><sheetViews>{view}</sheetViews>'
        f'<sheetFormatPr defaultRowHeight="{looks.ROW_HEIGHT}" customHeight="1"/>'
        f'<cols>{widths}</cols><sheetData>{_lines(draft, tab)}<row r="{top}" ht="{looks.HEADER_HEIGHT}" '
        f'customHeight="1">{header}</row>{rows}</sheetData>'
        f'{_colours(draft, tab)}<dataValidations count="{len(notes)}">{"".join(notes)}</dataValidations>'
        '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup orientation="landscape" fitToHeight="0"/></worksheet>'
    ).encode()


def _lines(draft: Draft, tab: Tab) -> str:
    """What stands above the table."""
    found = ""
    for line in looks.lines(tab):
        start = f'<c r="A{line.row}" s="{draft.styles.look(line.kind)}"'
        inside = f"<f>{text(line.text[1:])}</f>" if line.text.startswith("=") else f"<is><t>{text(line.text)}</t></is>"
        kind = "" if line.text.startswith("=") else ' t="inlineStr"'
        found += f'<row r="{line.row}" ht="{line.height}" customHeight="1">{start}{kind}>{inside}</c></row>'
    return found


def header_cell(draft: Draft, column: Column, address: str, style: int | None = None, prefix: str = "") -> str:
    """One header cell; its text equals the table column's name."""
    style = draft.styles.look(header_look(column)) if style is None else style
    p = prefix
    return f'<{p}c r="{address}" s="{style}" t="inlineStr"><{p}is><{p}t>{text(column.name)}</{p}t></{p}is></{p}c>'


def _note(column: Column, address: str) -> str:
    """What the column means, shown when its header is selected."""
    title, prompt = attribute(column.name[:32]), attribute(looks.note_of(column)[:255])
    return (
        f'<dataValidation allowBlank="1" showInputMessage="1" promptTitle={title} prompt={prompt} sqref="{address}"/>'
    )


def _colours(draft: Draft, tab: Tab) -> str:
    """States by colour, beside their words."""
    top, found, priority = looks.header_row(tab), "", 0
    columns = [(f"{letters_of(i)}{top + 1}", c) for i, c in enumerate(tab.columns) if looks.coloured(tab, c)]
    tests = [(cell, [looks.state_test(cell, state) for state in looks.SIGNALS]) for cell, _ in columns]
    if any(line.kind == "light" for line in looks.lines(tab)):
        light = f"A{looks.LIGHT_ROW}:{letters_of(len(tab.columns) - 1)}{looks.LIGHT_ROW}"
        tests.append((light, [looks.light_test(state) for state in looks.SIGNALS]))
    for where, formulas in tests:
        rules = ""
        for state, formula in zip(looks.SIGNALS, formulas, strict=True):
            priority += 1
            rules += (
                f'<cfRule type="expression" dxfId="{draft.styles.signal(state)}" priority="{priority}">'
                f"<formula>{text(formula)}</formula></cfRule>"
            )
        found += f'<conditionalFormatting sqref="{where}">{rules}</conditionalFormatting>'
    return found
