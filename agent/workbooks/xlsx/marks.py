"""The agent's marks in a workbook: how its tabs are found again, whose the workbook is, how often it was written.

A declared tab is found by its table's name, else by a hidden defined name (both follow a rename and a move, excel.md
section 2.4), else by its own name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from agent.workbooks.base import Mark
from agent.workbooks.tabs import TABS, Tab
from agent.workbooks.xlsx.package import Package, Sheet

WORKBOOK_ID = "_stocksheet_id"
GENERATION = "_stocksheet_generation"
_MAX_GENERATION_DIGITS = 15
_REFERENCE = re.compile(r"^=?(?:'((?:[^']|'')+)'|([^'!]+))!")


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
    wanted = {hidden_name(tab.name).lower(): tab.name for tab in tabs}
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
