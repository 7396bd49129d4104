"""How a new tab is made: headings with notes, formats, dropdowns, colours, frozen heading, protection, charts.

One list of requests a tab. What is made has ids that follow from its name: making it twice is refused, not done twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agent.workbooks import looks
from agent.workbooks.cells import Value, letters_of
from agent.workbooks.google import marks
from agent.workbooks.google.marks import MARK_ID, fixed_id
from agent.workbooks.google.shape import area, cell, cells
from agent.workbooks.starter_content import GOOGLE_LOOK_UPS
from agent.workbooks.tabs import BY_NAME, DONE_ROW, GOOGLE_ONLY, NOT_IN_GOOGLE, TABS, Column, Tab

Request = dict[str, Any]
ROWS = 200
"""Rows of a new tab below its heading; the agent adds more as it needs them."""
SPARE = 2
"""Empty columns between the keys and what is written anew, and between that and the person's column. Never written:
where a column is inserted or deleted in the moment of a write, a key, or the person's column, comes to stand in their
place and not in a written one."""
_CHARACTER = 7.5
"""Pixels."""
_FORMATS = {
    "sku": ("TEXT", "@"),
    "whole": ("NUMBER", "0"),
    "percent": ("PERCENT", "0%"),
    "when": ("DATE_TIME", "yyyy-mm-dd hh:mm"),
}


def columns_of(tab: Tab) -> list[Column | None]:
    """The columns of a new tab, in order; None: spare."""
    mine = [column for column in tab.columns if column.owner == "agent"]
    theirs = [column for column in tab.columns if column.owner == "person"]
    if tab.owner == "person" or not theirs:
        return [*tab.columns]
    keys = [column for column in mine if column.name in tab.key]
    rest = [column for column in mine if column.name not in tab.key]
    spare: list[Column | None] = [None] * SPARE
    return [*keys, *spare, *GOOGLE_ONLY.get(tab.name, ()), *rest, *spare, *theirs]


def made(tab: Tab, rows: Sequence[Mapping[str, Value]] = (), title: str | None = None) -> Iterator[Request]:
    """The requests that make a tab, with these rows in it."""
    sheet, columns, top = fixed_id(tab.name), columns_of(tab), looks.header_row(tab)
    extra = GOOGLE_LOOK_UPS.get(tab.name, {}) if tab.owner == "person" else {}
    width = len(columns) + len(extra)
    yield _sheet(tab, sheet, title or tab.name, top + max(ROWS, len(rows) + 50), width + 1)
    yield from _above(tab, sheet)
    yield _headings(sheet, top, columns)
    for index, column in enumerate(columns):
        yield from _column(tab, sheet, column, index, top)
    if rows:
        named = [[row.get(column.name) if column else None for column in columns] for row in rows]
        yield cells(sheet, top, 0, [[None if value == "" else value for value in row] for row in named])
    for index, (name, (note, size)) in enumerate(extra.items(), len(columns)):
        yield look_up_made(tab, sheet, index, name, note=note, heading=name)
        yield _width(sheet, index, size * _CHARACTER)
    yield from _colours(tab, sheet, columns, top)
    yield from _protection(tab, sheet, top, columns)


def _sheet(tab: Tab, sheet: int, title: str, rows: int, columns: int) -> Request:
    place = next(i for i, one in enumerate(TABS) if one.name == tab.name)
    return {
        "addSheet": {
            "properties": {
                "sheetId": sheet,
                "title": title,
                "index": place,
                "hidden": not tab.shown,
                "gridProperties": {
                    "rowCount": rows,
                    "columnCount": columns,
                    "frozenRowCount": looks.header_row(tab),
                    "hideGridlines": tab.owner == "agent",
                },
                "tabColorStyle": {"rgbColor": rgb(looks.TAB_COLOURS[looks.owner_of(tab)])},
            }
        }
    }


def _above(tab: Tab, sheet: int) -> Iterator[Request]:
    for line in looks.lines(tab):
        text = tab.name if line.kind == "title" and line.text.startswith("=") else line.text
        value = {"formulaValue": text} if text.startswith("=") else {"stringValue": text}
        colour, size = (looks.NAVY, looks.TITLE) if line.kind == "title" else (looks.GREY, looks.BODY)
        look = {"textFormat": _text(colour, bold=line.kind != "quiet", size=size)}
        yield {
            "updateCells": {
                "range": area(sheet, line.row - 1, line.row, 0, 1),
                "rows": [{"values": [{"userEnteredValue": value, "userEnteredFormat": look}]}],
                "fields": "userEnteredValue,userEnteredFormat.textFormat",
            }
        }


def _headings(sheet: int, top: int, columns: Sequence[Column | None]) -> Request:
    return {
        "updateCells": {
            "range": area(sheet, top - 1, top, 0, len(columns)),
            "rows": [{"values": [_heading(column) for column in columns]}],
            "fields": "userEnteredValue,note,userEnteredFormat(backgroundColorStyle,textFormat,wrapStrategy,"
            "verticalAlignment)",
        }
    }


def _heading(column: Column | None) -> dict[str, Any]:
    if column is None:
        return {}
    note = column.meaning("google") + (f"\nExample: {column.example}" if column.example else "")
    ground = looks.GREEN if column.owner == "person" else looks.NAVY
    return {**cell(column.heading("google")), "note": note, "userEnteredFormat": _head_look(ground)}


def _head_look(ground: str) -> dict[str, Any]:
    return {
        "backgroundColorStyle": {"rgbColor": rgb(ground)},
        "textFormat": _text(looks.WHITE, bold=True),
        "wrapStrategy": "WRAP",
        "verticalAlignment": "MIDDLE",
    }


def _column(tab: Tab, sheet: int, column: Column | None, index: int, top: int) -> Iterator[Request]:
    below: dict[str, int] = {"sheetId": sheet, "startRowIndex": top}
    below |= {"startColumnIndex": index, "endColumnIndex": index + 1}
    yield _width(sheet, index, looks.width_of(column) * _CHARACTER if column else 12)
    if column is None:
        return
    look: dict[str, Any] = {"wrapStrategy": "WRAP" if looks.wraps(column) else "CLIP", "verticalAlignment": "TOP"}
    if kind := number_format(column):
        look["numberFormat"] = kind
    if tab.owner == "agent" and column.owner == "person":
        look["backgroundColorStyle"] = {"rgbColor": rgb(looks.GREEN_TINT)}
    yield {"repeatCell": {"range": below, "cell": {"userEnteredFormat": look}, "fields": _fields(look)}}
    if column.owner == "person" and (column.choices or column.choices_from):
        yield {"setDataValidation": {"range": below, "rule": _dropdown(column)}}


def _fields(look: Mapping[str, object]) -> str:
    return ",".join(f"userEnteredFormat.{name}" for name in look)


def number_format(column: Column) -> dict[str, str] | None:
    """The number format of a column's cells; None: as it comes."""
    if column.name == "Until":
        return {"type": "DATE", "pattern": "yyyy-mm-dd"}
    if column.signed:
        return {"type": "NUMBER", "pattern": looks.SIGNED}
    kind = _FORMATS.get(column.kind)
    return {"type": kind[0], "pattern": kind[1]} if kind else None


def _dropdown(column: Column) -> dict[str, Any]:
    if column.choices_from:
        tab, _, name = column.choices_from.partition("!")
        source = BY_NAME[tab]
        letter = letters_of([c.name if c else "" for c in columns_of(source)].index(name))
        where = f"='{tab}'!${letter}${looks.header_row(source) + 1}:${letter}"
        condition: dict[str, Any] = {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": where}]}
    else:
        offered = [choice for choice in column.choices if choice not in NOT_IN_GOOGLE]
        condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": choice} for choice in offered]}
    strict = column.kind == "choice"
    return {"condition": condition, "strict": strict, "showCustomUi": True, "inputMessage": column.note}


def _width(sheet: int, index: int, pixels: float) -> Request:
    return {
        "updateDimensionProperties": {
            "range": {"sheetId": sheet, "dimension": "COLUMNS", "startIndex": index, "endIndex": index + 1},
            "properties": {"pixelSize": round(pixels)},
            "fields": "pixelSize",
        }
    }


# --- look-ups, colours, protection


def look_up_made(
    tab: Tab, sheet: int, index: int, name: str, *, note: str, heading: str, key: int = 0, top: int = 1
) -> Request:
    """A column that the sheet itself works out, from its heading down: a row that is inserted or sorted has it, too.

    `key`: the column of the SKU (from 0). `top`: the row of the heading (from 1).
    """
    value = {"userEnteredValue": {"formulaValue": look_up(tab, name, heading, letters_of(key), top)}, "note": note}
    look = _head_look(looks.GREY)
    return {
        "updateCells": {
            "range": area(sheet, top - 1, top, index, index + 1),
            "rows": [{"values": [{**value, "userEnteredFormat": look}]}],
            "fields": f"userEnteredValue,note,{_fields(look)}",
        }
    }


def look_up(tab: Tab, name: str, heading: str, key: str = "A", top: int = 1) -> str:
    """The formula in the heading of a look-up column, which gives the heading, too."""
    source = "Control Status" if tab.name == "Control" else "Stock Levels"
    declared = "Stocked" if name == "Stocked now" else name
    number = [c.name if c else "" for c in columns_of(BY_NAME[source])].index(declared) + 1
    column = f"${key}{top}:${key}"
    words = 'TRIM($A:$A&" "&$B:$B&" "&$C:$C&" "&$D:$D)' if tab.name == "Control" else f'{column}&""'
    for mark in "~*?":
        words = f'SUBSTITUTE({words},"{mark}","~{mark}")'
    found = f"IFNA(VLOOKUP({words},'{source}'!$A:$I,{number},FALSE),\"\")"
    return f'=ARRAYFORMULA(IF(ROW({column})={top},"{heading}",IF({column}="","",{found})))'


def _colours(tab: Tab, sheet: int, columns: Sequence[Column | None], top: int) -> Iterator[Request]:
    for index, column in enumerate(columns):
        if column is None or not (looks.coloured(tab, column) or column.name == "State"):
            continue
        where = {"sheetId": sheet, "startRowIndex": top, "startColumnIndex": index, "endColumnIndex": index + 1}
        first = f"{letters_of(index)}{top + 1}"
        if column.name == "State":
            yield _rule(where, f'{first}="{DONE_ROW}"', looks.GREY, "")
            continue
        for state, (text, ground) in looks.SIGNALS.items():
            yield _rule(where, looks.state_test(first, state), text, ground)
    if tab.name == "Start here":
        for state, (text, ground) in looks.SIGNALS.items():
            line = area(sheet, looks.LIGHT_ROW - 1, looks.LIGHT_ROW, 0, len(columns))
            yield _rule(line, looks.light_test(state), text, ground)


def _rule(where: Mapping[str, int], test: str, text: str, ground: str) -> Request:
    look: dict[str, Any] = {"textFormat": {"foregroundColorStyle": {"rgbColor": rgb(text)}, "bold": text == looks.RED}}
    if ground:
        look["backgroundColorStyle"] = {"rgbColor": rgb(ground)}
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": f"={test}"}]}
    rule = {"ranges": [dict(where)], "booleanRule": {"condition": condition, "format": look}}
    return {"addConditionalFormatRule": {"rule": rule, "index": 0}}


def _protection(tab: Tab, sheet: int, top: int, columns: Sequence[Column | None]) -> Iterator[Request]:
    """Where all only look, only Stocksheet may write; where people have a column, a warning keeps the rest."""
    if tab.owner == "person":
        return
    mine = [index for index, column in enumerate(columns) if column and column.owner == "person"]
    about: dict[str, Any] = {
        "protectedRangeId": fixed_id(tab.name, "protection"),
        "range": {"sheetId": sheet},
        "description": "Written by Stocksheet",
    }
    if mine:
        theirs = {"sheetId": sheet, "startRowIndex": top, "startColumnIndex": mine[0], "endColumnIndex": mine[-1] + 1}
        about |= {"warningOnly": True, "unprotectedRanges": [theirs]}
    yield {"addProtectedRange": {"protectedRange": about}}
    if tab.name == "Attention":
        yield _open_view(sheet, columns, top)


def _open_view(sheet: int, columns: Sequence[Column | None], top: int) -> Request:
    """The filter view *Open*: what is not over, the worst first."""
    names = [column.name if column else "" for column in columns]
    hide = {"columnIndex": names.index("State"), "filterCriteria": {"hiddenValues": [DONE_ROW]}}
    view = {
        "filterViewId": fixed_id("Open", "view"),
        "title": "Open",
        "range": {"sheetId": sheet, "startRowIndex": top - 1, "startColumnIndex": 0, "endColumnIndex": len(columns)},
        "sortSpecs": [{"dimensionIndex": names.index("Rank"), "sortOrder": "ASCENDING"}],
        "filterSpecs": [hide],
    }
    return {"addFilterView": {"filter": view}}


# --- the hidden tab


def mark_made() -> Iterator[Request]:
    """The hidden tab with its named ranges."""
    yield {
        "addSheet": {
            "properties": {
                "sheetId": MARK_ID,
                "title": marks.TITLE,
                "hidden": True,
                "gridProperties": {"rowCount": 20, "columnCount": 3},
            }
        }
    }
    yield {
        "repeatCell": {
            "range": {"sheetId": MARK_ID, "startRowIndex": 0, "endRowIndex": 1},
            "cell": {"userEnteredFormat": {"numberFormat": {"type": "TEXT", "pattern": "@"}}},
            "fields": "userEnteredFormat.numberFormat",
        }
    }
    about = {"protectedRangeId": fixed_id(marks.TITLE, "protection"), "range": {"sheetId": MARK_ID}}
    yield {"addProtectedRange": {"protectedRange": {**about, "description": "Written by Stocksheet"}}}


def names_made(there: frozenset[str]) -> Iterator[Request]:
    """The named ranges that titles and light draw on."""
    for name, row in marks.STAMPS.items():
        if name not in there:
            where = area(MARK_ID, row, row + 1, 1, 2)
            yield {"addNamedRange": {"namedRange": {"namedRangeId": f"stocksheet{row}", "name": name, "range": where}}}


# --- small ones


def rgb(colour: str) -> dict[str, float]:
    """`1F3A5F` as Google says it."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return dict(zip(("red", "green", "blue"), parts, strict=True))


def _text(colour: str, *, bold: bool, size: int = looks.BODY) -> dict[str, Any]:
    return {"foregroundColorStyle": {"rgbColor": rgb(colour)}, "bold": bold, "fontSize": size}


def unhidden(sheet: int) -> Request:
    """A tab that has something to say comes out."""
    return {"updateSheetProperties": {"properties": {"sheetId": sheet, "hidden": False}, "fields": "hidden"}}
