"""A seller's own workbook with what Stocksheet needs added: its tabs, the people's tabs it lacks, the hidden names.

By the package patch: no byte of the seller's tabs changes. Nothing touches the disk here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from agent.frames import MIRROR, TIME, empty
from agent.workbooks import looks
from agent.workbooks.adopt.understand import Understood
from agent.workbooks.base import Mark, Snapshot
from agent.workbooks.cells import letters_of
from agent.workbooks.headers import Kept, named_by
from agent.workbooks.starter_content import STEPS
from agent.workbooks.tabs import AGENT_TABS, CHANNEL_STATUS, CONTROLS, DONE, PERSON_TABS, START_HERE, Tab
from agent.workbooks.xlsx import furniture
from agent.workbooks.xlsx.draft import Draft
from agent.workbooks.xlsx.grid import SheetXml
from agent.workbooks.xlsx.layout import Area, Layout
from agent.workbooks.xlsx.marks import (
    column_texts,
    find_tabs,
    hidden_name,
    is_marked,
    reference,
)
from agent.workbooks.xlsx.new_tab import new_person_sheet
from agent.workbooks.xlsx.package import Package, Sheet
from agent.workbooks.xlsx.selfcheck import self_check
from agent.workbooks.xlsx.workbook_xml import NewSheet, edit_workbook
from agent.workbooks.xlsx.writing import Built, Job, build, free_name

ITEM_MASTER = "Item Master"


def adopted_already(package: Package, snapshot: Snapshot) -> bool:
    """Stocksheet made this workbook, or has adopted it, and still finds the items and quantities in it."""
    sheet = find_tabs(package).get(ITEM_MASTER)
    if sheet is None or not {"SKU", "Stocked"} <= set(snapshot.letters.get(ITEM_MASTER, {})):
        return False
    return is_marked(package, ITEM_MASTER, sheet)


def kept_of(understood: Understood) -> Kept:
    """What is remembered in the workbook of what was understood and answered."""
    meaning = understood.meaning
    columns = {name: one.index for name, one in meaning.items()}
    named = {named_by_header(one.header) for one in understood.columns} - {None} - set(meaning)
    without = frozenset(understood.without | {str(name) for name in named})
    return Kept(understood.header_row, columns, {name: one.header for name, one in meaning.items()}, without)


def named_by_header(header: str) -> str | None:
    """The column of Item Master that this header names outright."""
    return named_by(next(tab for tab in PERSON_TABS if tab.name == ITEM_MASTER), header)


def adopt(package: Package, understood: Understood, mark: Mark) -> bytes:
    """The workbook as adopted; what is there of an earlier time stays. Raises Refused: it cannot be written, or did not
    pass our own check."""
    middle = Package.open(_with_person_tabs(package, understood))
    there = find_tabs(package)
    frames = {tab: rows for tab, rows in _agent_frames(understood.sheet.name).items() if not _has(package, tab, there)}
    job = Job(frames, empty(MIRROR), mark)
    built = build(middle, job)
    self_check(middle, built)
    return built.content


def _has(package: Package, tab: str, there: Mapping[str, Sheet]) -> bool:
    return tab in there and is_marked(package, tab, there[tab])


def _with_person_tabs(package: Package, understood: Understood) -> bytes:
    """First the people's tabs and the hidden names: the agent's tabs are added as at any write."""
    draft, found = Draft(package), find_tabs(package)
    missing = [tab for tab in PERSON_TABS if tab.name != ITEM_MASTER and not _is_ours(draft, tab, found.get(tab.name))]
    names = {tab.name: free_name(package, tab) for tab in missing}
    lists = _lists(understood)
    new = [_person_tab(draft, tab, names[tab.name], lists) for tab in missing]
    texts = column_texts(ITEM_MASTER, understood.sheet.name, kept_of(understood))
    texts |= {hidden_name(tab): reference(name) for tab, name in names.items()}
    edit_workbook(draft, new, (), texts)
    content = draft.finish()
    self_check(package, Built(content, changed=True, agent_parts={one.part for one in new}))
    return content


def _is_ours(draft: Draft, tab: Tab, sheet: Sheet | None) -> bool:
    """The tab is there already: with our mark, or as somebody copied it, with all its columns."""
    if sheet is None or is_marked(draft.package, tab.name, sheet):
        return sheet is not None
    xml = SheetXml.split(draft.data(sheet.part), sheet.name)
    if xml.table.is_empty():
        return False
    first = xml.only(xml.table.head(1))
    headers = [draft.texts.of(first.cells(letters_of(i)), xml.prefix)[0] for i in range(first.last_column() + 1)]
    return set(tab.names) <= {header or "" for header in headers}


def _lists(understood: Understood) -> dict[str, str]:
    """`Tab!Column` -> where the choices stand: the seller's own SKUs, and the shops that Channel Status names.

    That tab comes later, and may be called otherwise by then: a list of what is not there is an empty one.
    """
    kept, sheet = kept_of(understood), reference(understood.sheet.name).rpartition("!")[0]
    first = looks.header_row(CHANNEL_STATUS) + 1
    lists = {"Channel Status!Channel": f"INDIRECT(\"'{CHANNEL_STATUS.name}'!$A${first}:$A${looks.REACH}\")"}
    index = kept.columns.get("SKU")
    if index is not None:
        letters = letters_of(index)
        lists["Item Master!SKU"] = f"{sheet}!${letters}${kept.row + 1}:${letters}${kept.row + looks.REACH}"
    return lists


def _person_tab(draft: Draft, tab: Tab, name: str, lists: Mapping[str, str]) -> NewSheet:
    rows = _rows(tab)
    data = new_person_sheet(draft, tab, rows, lists)
    part = draft.add_part("worksheets", "sheet", data, "worksheet")
    xml = SheetXml.split(data, tab.name)
    last = 1 + max(1, len(rows))
    layout = Layout(tab, xml, 1, dict(enumerate(tab.names)), last)
    area = Area(0, 1, len(tab.names) - 1, last)
    edits = furniture.table(draft, part, layout, area, list(tab.names))
    draft.put(part, xml.joined(edits, xml.rows))
    return NewSheet(name, part, hidden=not tab.shown)


def _rows(tab: Tab) -> Sequence[Mapping[str, str]]:
    if tab.name != "Control":
        return []
    return [{"Control": name, "Value": value, "Note": note} for name, (value, note) in CONTROLS.items()]


_KINDS: dict[str, pl.DataType] = {"whole": pl.Int64(), "number": pl.Float64(), "when": TIME}


def _agent_frames(item_tab: str) -> dict[str, pl.DataFrame]:
    """The agent's tabs of a workbook that it has not looked at yet: empty, with the five steps in *Start here*."""
    frames = {tab.name: pl.DataFrame(schema=_schema(tab)) for tab in AGENT_TABS}
    steps = [(n, step.replace(ITEM_MASTER, item_tab), DONE[1], None, None) for n, step in enumerate(STEPS, 1)]
    frames[START_HERE.name] = pl.DataFrame(steps, schema=_schema(START_HERE), orient="row")
    return frames


def _schema(tab: Tab) -> dict[str, pl.DataType]:
    return {c.name: _KINDS.get(c.kind, pl.String()) for c in tab.columns if c.owner == "agent"}
