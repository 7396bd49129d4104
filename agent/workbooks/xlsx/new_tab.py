"""A new tab for a workbook that has none yet: header, widths, frozen header, colours of a status.

An agent's tab; or, in a workbook that is being adopted, one of the people's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.workbooks.cells import letters_of
from agent.workbooks.tabs import TABS, Column, Tab
from agent.workbooks.xlsx.draft import XML, Draft
from agent.workbooks.xlsx.splice import attribute, text

TAB_COLOUR, PERSON_COLOUR = "FF1F3A5F", "FF2E6B4F"
_REACH = 5000
"""Dropdowns of a person's tab reach to this row."""
_LISTED = 200
_SIGNALS = {
    "good": ("in sync", "confirmed", "yes", "accepted", "good"),
    "bad": ("stop", "refused", "no answer"),
    "waits": ("decide", "not yet", "waiting", "held", "sent", "look"),
}
_COLOURED = ("Status", "How bad", "Done", "Result")
_WRAPPED_FROM = 30


def look_of(column: Column) -> str:
    """The kind of cell (`styles.LOOKS`) of a column."""
    if column.owner == "person":
        return "person"
    return "why" if column.kind == "text" and column.width >= _WRAPPED_FROM else column.kind


def header_look(column: Column) -> str:
    """The kind of header cell of a column."""
    whose = "header person" if column.owner == "person" else "header"
    return f"{whose} right" if column.kind in ("whole", "number", "percent", "figure") else whose


def new_sheet(draft: Draft, tab: Tab) -> bytes:
    """The XML of an empty agent's tab; its rows and table are written as those of any other."""
    widths = "".join(_width(c, i) for i, c in enumerate(tab.columns, 1))
    notes = [_note(column, f"{letters_of(i)}1") for i, column in enumerate(tab.columns)]
    return _sheet(draft, tab, widths, "", notes)


def new_person_sheet(draft: Draft, tab: Tab, rows: Sequence[Mapping[str, str]], names: Mapping[str, str]) -> bytes:
    """The XML of one of the people's tabs with these rows of text. `names`: declared tab -> what it is called here."""
    styles = [draft.styles.look(look_of(column) if column.owner == "agent" else column.kind) for column in tab.columns]
    widths = "".join(_width(c, i, style) for i, (c, style) in enumerate(zip(tab.columns, styles, strict=True), 1))
    made = ""
    for number, row in enumerate(rows or [{}], 2):
        cells = zip(tab.columns, styles, strict=True)
        inside = "".join(_cell(f"{letters_of(i)}{number}", s, row.get(c.name, "")) for i, (c, s) in enumerate(cells))
        made += f'<row r="{number}">{inside}</row>'
    notes = [_note(column, f"{letters_of(i)}1") for i, column in enumerate(tab.columns)]
    notes += [_dropdown(c, letters_of(i), names) for i, c in enumerate(tab.columns) if c.choices or c.choices_from]
    return _sheet(draft, tab, widths, made, notes)


def _width(column: Column, number: int, style: int = 0) -> str:
    look = f' style="{style}"' if style else ""
    return f'<col min="{number}" max="{number}" width="{column.width}"{look} customWidth="1"/>'


def _cell(address: str, style: int, value: str) -> str:
    if not value:
        return f'<c r="{address}" s="{style}"/>'
    return f'<c r="{address}" s="{style}" t="inlineStr"><is><t>{text(value)}</t></is></c>'


def _dropdown(column: Column, letters: str, names: Mapping[str, str]) -> str:
    """The choices of a person's column; only a `choice` forbids other words."""
    formula = '"' + ",".join(column.choices) + '"'
    if column.choices_from:
        tab, _, of = column.choices_from.partition("!")
        there = letters_of(next(t for t in TABS if t.name == tab).names.index(of))
        sheet = names.get(tab, tab).replace("'", "''")
        formula = f"'{sheet}'!${there}$2:${there}${_LISTED}"
    strict = int(column.kind == "choice")
    head = f'<dataValidation type="list" allowBlank="1" showErrorMessage="{strict}" errorTitle="Stocksheet" error='
    asks = attribute(f"Please choose from the list. {column.note}"[:225])
    where = f'sqref="{letters}2:{letters}{_REACH}"'
    return f"{head}{asks} {where}><formula1>{text(formula)}</formula1></dataValidation>"


def _sheet(draft: Draft, tab: Tab, widths: str, rows: str, notes: list[str]) -> bytes:
    last = letters_of(len(tab.columns) - 1)
    header = "".join(header_cell(draft, column, f"{letters_of(i)}1") for i, column in enumerate(tab.columns))
    colour, grid = (PERSON_COLOUR, 1) if tab.owner == "person" else (TAB_COLOUR, 0)
    view = (
        f'<sheetView workbookViewId="0" showGridLines="{grid}"><pane ySplit="1" topLeftCell="A2" '
        'activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView>'
    )
    return (
        f'{XML}<worksheet xmlns="{draft.main_namespace}">'
        f'<sheetPr><tabColor rgb="{colour}"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{last}2"/><sheetViews>{view}</sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        f'<cols>{widths}</cols><sheetData><row r="1" ht="30" customHeight="1">{header}</row>{rows}</sheetData>'
        f'{_colours(draft, tab)}<dataValidations count="{len(notes)}">{"".join(notes)}</dataValidations>'
        '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup orientation="landscape" fitToHeight="0"/></worksheet>'
    ).encode()


def header_cell(draft: Draft, column: Column, address: str, style: int | None = None, prefix: str = "") -> str:
    """One header cell; its text equals the table column's name."""
    style = draft.styles.look(header_look(column)) if style is None else style
    p = prefix
    return f'<{p}c r="{address}" s="{style}" t="inlineStr"><{p}is><{p}t>{text(column.name)}</{p}t></{p}is></{p}c>'


def _note(column: Column, address: str) -> str:
    """What the column means, shown when its header is selected."""
    title, prompt = attribute(column.name[:32]), attribute(column.note[:255])
    return (
        f'<dataValidation allowBlank="1" showInputMessage="1" promptTitle={title} prompt={prompt} sqref="{address}"/>'
    )


def _colours(draft: Draft, tab: Tab) -> str:
    found = []
    priority = 0
    for index, column in enumerate(tab.columns):
        if column.name not in _COLOURED:
            continue
        cell = f"{letters_of(index)}2"
        rules = ""
        for signal, words in _SIGNALS.items():
            priority += 1
            test = ",".join(f'LEFT({cell},{len(word)})="{word}"' for word in words)
            rules += (
                f'<cfRule type="expression" dxfId="{draft.styles.signal(signal)}" priority="{priority}">'
                f"<formula>OR({text(test)})</formula></cfRule>"
            )
        found.append(f'<conditionalFormatting sqref="{cell}">{rules}</conditionalFormatting>')
    return "".join(found)
