"""The agent's marks in a workbook: how its tabs are found again, whose the workbook is, how often it was written.

A declared tab is found by its table's name, else by a hidden defined name (both follow a rename and a move, excel.md
section 2.4), else by its own name. In a tab that was the seller's own and was adopted, each column that we read has a
hidden name that points to its header: it follows when rows or columns are put in, or the tab gets another name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from agent.workbooks.base import Mark
from agent.workbooks.cells import index_of, letters_of
from agent.workbooks.headers import Kept
from agent.workbooks.tabs import BY_NAME, TABS, Tab
from agent.workbooks.xlsx.package import Package, Sheet

WORKBOOK_ID = "_stocksheet_id"
GENERATION = "_stocksheet_generation"
CHARTS_MADE = "_stocksheet_charts"
"""Stands there once Dashboard has had its charts: one that the person deleted does not come back."""
_MAX_GENERATION_DIGITS = 15
_REFERENCE = re.compile(r"^=?(?:'((?:[^']|'')+)'|([^'!]+))!")
_CELL = re.compile(r"!\$?([A-Z]{1,3})\$?([0-9]{1,7})$")
_HEADER, _WITHOUT = ".header", '"none"'
_LONGEST_TEXT = 200


def table_name(tab: str) -> str:
    """The display name of a declared tab's table: `Stocksheet_Stock_Levels`."""
    return "Stocksheet_" + re.sub(r"\W", "_", tab)


def hidden_name(tab: str) -> str:
    """The hidden defined name that points to a declared tab: `_stocksheet_Stock_Levels` -> `'Stock Levels'!$A$1`."""
    return "_stocksheet_" + re.sub(r"\W", "_", tab)


def reference(sheet_name: str) -> str:
    """What such a hidden name says."""
    return "'" + sheet_name.replace("'", "''") + "'!$A$1"


def find_tabs(package: Package, tabs: Iterable[Tab] = TABS) -> dict[str, Sheet]:
    """Declared tab -> its sheet in this workbook. A sheet stands for one declared tab at most.

    A sheet found only by its name may be the person's own (many workbooks have a `Dashboard`): the writer looks at its
    header before it takes it for the agent's (`agent.workbooks.xlsx.agent_tab`).
    """
    found: dict[str, Sheet] = {}
    taken: set[str] = set()
    tabs = tuple(tabs)
    for pairs in (_by_table(package, tabs), _by_hidden_name(package, tabs), _by_name(package, tabs)):
        for tab, sheet in pairs:
            if tab not in found and sheet.part not in taken and sheet.kind == "worksheet":
                found[tab] = sheet
                taken.add(sheet.part)
    return found


def is_marked(package: Package, tab: str, sheet: Sheet) -> bool:
    """The sheet carries the agent's own table or hidden name for this tab."""
    pairs = [*_by_table(package, TABS), *_by_hidden_name(package, TABS)]
    return any(name == tab and found.part == sheet.part for name, found in pairs)


def _by_table(package: Package, tabs: Iterable[Tab]) -> Iterator[tuple[str, Sheet]]:
    wanted = {table_name(tab.name).lower(): tab.name for tab in tabs}
    sheets = {sheet.part: sheet for sheet in package.sheets}
    for table in package.tables:
        tab = wanted.get(table.display_name.lower())
        if tab is not None:
            yield tab, sheets[table.sheet_part]


def _by_hidden_name(package: Package, tabs: Iterable[Tab]) -> Iterator[tuple[str, Sheet]]:
    tabs = tuple(tabs)
    wanted = {hidden_name(tab.name).lower(): tab.name for tab in tabs}
    wanted |= {column_name(tab.name, column).lower(): tab.name for tab in tabs for column in tab.names}  # A1 may go
    sheets = {sheet.name.lower(): sheet for sheet in package.sheets}
    for name in package.defined_names:
        tab, match = wanted.get(name.name.lower()), _REFERENCE.match(name.text)
        if tab is None or match is None or name.scope is not None:
            continue
        sheet_name = match[1].replace("''", "'") if match[1] else match[2]
        if sheet_name.lower() in sheets:
            yield tab, sheets[sheet_name.lower()]


def _by_name(package: Package, tabs: Iterable[Tab]) -> Iterator[tuple[str, Sheet]]:
    sheets = {sheet.name.strip().lower(): sheet for sheet in package.sheets}
    for tab in tabs:
        if tab.name.lower() in sheets:
            yield tab.name, sheets[tab.name.lower()]


def read_mark(package: Package) -> Mark | None:
    """The mark that stands in the workbook; None if there is none, or only half of one."""
    values = {name.name.lower(): name.text.strip().lstrip("=") for name in package.defined_names if name.scope is None}
    workbook_id, generation = values.get(WORKBOOK_ID), values.get(GENERATION, "")
    if workbook_id is None or not generation.isdigit() or len(generation) > _MAX_GENERATION_DIGITS:
        return None
    return Mark(workbook_id.strip('"').replace('""', '"'), int(generation))


def mark_texts(mark: Mark) -> dict[str, str]:
    """Hidden defined name -> its text, for a mark that is to be stamped."""
    return {WORKBOOK_ID: '"' + mark.workbook_id.replace('"', '""') + '"', GENERATION: str(mark.generation)}


# --- the columns of an adopted tab


def column_name(tab: str, column: str) -> str:
    """The hidden defined name that points to a column's header: `_stocksheet_Item_Master.Made_of`."""
    return hidden_name(tab) + "." + re.sub(r"\W", "_", column)


def column_texts(tab: str, sheet_name: str, kept: Kept) -> dict[str, str]:
    """Hidden defined name -> its text: where each column of an adopted tab stands, and what its header says."""
    sheet, texts = reference(sheet_name).rpartition("!")[0], {hidden_name(tab): reference(sheet_name)}
    for column, index in kept.columns.items():
        if index is not None:
            texts[column_name(tab, column)] = f"{sheet}!${letters_of(index)}${kept.row}"
            header = kept.texts.get(column, "")[:_LONGEST_TEXT].replace('"', '""')
            texts[column_name(tab, column) + _HEADER] = f'"{header}"'
    return texts | {column_name(tab, column): _WITHOUT for column in kept.without}


def read_columns(package: Package, tab: str, sheet: Sheet) -> Kept | None:
    """What the hidden names say about the columns of an adopted tab; None if they say nothing, or nothing of use."""
    named = {name.name.lower(): name.text.strip() for name in package.defined_names if name.scope is None}
    found = {column: named.get(column_name(tab, column).lower()) for column in BY_NAME[tab].names}
    places = {column: _place(text, sheet) for column, text in found.items() if text and text.lstrip("=") != _WITHOUT}
    rows = [place[1] for place in places.values() if place]
    if not rows:
        return None
    row = max(set(rows), key=rows.count)
    columns = {column: place[0] if place and place[1] == row else None for column, place in places.items()}
    headers = {column: named.get((column_name(tab, column) + _HEADER).lower()) for column in places}
    texts = {column: _string(text) for column, text in headers.items() if text}
    without = frozenset(column for column, text in found.items() if text and text.lstrip("=") == _WITHOUT)
    return Kept(row, columns, texts, without)


def _place(text: str, sheet: Sheet) -> tuple[int, int] | None:
    """(zero-based column, row) of a name that points into this sheet; None where the cell is gone (`#REF!`)."""
    match, cell = _REFERENCE.match(text), _CELL.search(text)
    if match is None or cell is None:
        return None
    name = match[1].replace("''", "'") if match[1] else match[2]
    return (index_of(cell[1]), int(cell[2])) if name.lower() == sheet.name.lower() else None


def _string(text: str) -> str:
    return text.lstrip("=").removeprefix('"').removesuffix('"').replace('""', '"')
