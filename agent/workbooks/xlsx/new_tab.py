"""A new agent's tab for a workbook that has none yet: header, widths, frozen header, colours of a status."""

from __future__ import annotations

from agent.workbooks.cells import letters_of
from agent.workbooks.tabs import Column, Tab
from agent.workbooks.xlsx.draft import XML, Draft
from agent.workbooks.xlsx.splice import attribute, text

TAB_COLOUR = "FF1F3A5F"
_SIGNALS = {
    "good": ("in sync", "confirmed", "yes", "accepted"),
    "bad": ("stop", "refused", "no answer"),
    "waits": ("decide", "not yet", "waiting", "held", "sent"),
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
    return "header person" if column.owner == "person" else "header"


def new_sheet(draft: Draft, tab: Tab) -> bytes:
    """The XML of an empty agent's tab; its rows and table are written as those of any other."""
    names = tab.columns
    last = letters_of(len(names) - 1)
    widths = "".join(f'<col min="{i}" max="{i}" width="{c.width}" customWidth="1"/>' for i, c in enumerate(names, 1))
    header = "".join(header_cell(draft, column, f"{letters_of(i)}1") for i, column in enumerate(names))
    notes = [_note(column, f"{letters_of(i)}1") for i, column in enumerate(names)]
    view = (
        '<sheetView workbookViewId="0" showGridLines="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
        'state="frozen"/><selection pane="bottomLeft"/></sheetView>'
    )
    return (
        f'{XML}<worksheet xmlns="{draft.main_namespace}">'
        f'<sheetPr><tabColor rgb="{TAB_COLOUR}"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{last}2"/><sheetViews>{view}</sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        f'<cols>{widths}</cols><sheetData><row r="1" ht="30" customHeight="1">{header}</row></sheetData>'
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
