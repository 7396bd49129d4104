"""A new version of a workbook from its bytes: the agent's tabs, the mirrored cells, the mark. Nothing touches the disk.

DESIGN section 4 (Excel) and section 5 (Mirror).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

import polars as pl

from agent.words import in_words
from agent.workbooks import looks
from agent.workbooks.base import Mark
from agent.workbooks.tabs import AGENT_TABS, BY_NAME, Tab
from agent.workbooks.xlsx.agent_tab import TabWritten, existing, write_tab
from agent.workbooks.xlsx.charts import charts_mark, keep_charts
from agent.workbooks.xlsx.draft import Draft
from agent.workbooks.xlsx.grid import SheetXml, has_formula
from agent.workbooks.xlsx.layout import find_layout, typed_texts
from agent.workbooks.xlsx.marks import find_tabs, hidden_name, mark_texts, read_mark, reference, table_name
from agent.workbooks.xlsx.mirror import mirror as mirror_cells
from agent.workbooks.xlsx.package import Package, Refused, Sheet
from agent.workbooks.xlsx.patch import Remembered, Span, changed_rows, patch_tab
from agent.workbooks.xlsx.rows import serials
from agent.workbooks.xlsx.splice import text
from agent.workbooks.xlsx.workbook_xml import NewSheet, edit_workbook

_LONGEST_NAME = 31


@dataclass
class Built:
    """A new version of a workbook."""

    content: bytes
    changed: bool
    """Something differs besides the mark."""
    mirrored: dict[str, int] = field(default_factory=dict)
    """address in the Item Master -> its new number."""
    item_master: str | None = None
    """The part of the Item Master where cells of it were mirrored."""
    agent_parts: set[str] = field(default_factory=set)
    """The sheets that are the agent's and were written."""
    patched: dict[str, list[Span]] = field(default_factory=dict)
    """Of these, the sheets in which only some rows were written anew: part -> those rows."""
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    """What the agent's tabs say now: tab -> frame."""
    whole: set[str] = field(default_factory=set)
    """The tabs that were written whole."""
    checked: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Of their sheets, the big ones whose rows were checked while they were made: part -> checksum, size (bytes)."""
    without_formulas: set[str] = field(default_factory=set)
    """Of their sheets, those in which no formula stood."""
    looked_up: bool = False
    """Formulas somewhere draw on the agent's tabs."""
    charts: set[str] = field(default_factory=set)
    """Parts of Dashboard's charts that were made or changed."""


@dataclass(frozen=True)
class Job:
    """What is to be written."""

    tabs: Mapping[str, pl.DataFrame]
    mirror: pl.DataFrame
    mark: Mark
    letters: Mapping[str, str] = field(default_factory=dict)
    """Item Master column -> its letters, as they were read."""
    typed: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    """tab -> what was typed in the sidecar (`typed_in`)."""
    zone: tzinfo | None = None
    """Times are shown in it; None: the computer's."""
    names: Mapping[str, str] = field(default_factory=dict)
    """More hidden names."""
    now: datetime | None = None
    """When it is written, aware; None: that is not said."""


def build(package: Package, job: Job, last: Remembered | None = None) -> Built:
    """The new version. Raises Refused (cannot be written) or mirror.Moved (a cell is no longer what was read).

    `last`: what the last write left, where the package still is that very file.
    """
    if package.read_only is not None:
        raise package.read_only
    draft = Draft(package)
    found = find_tabs(package)
    built = Built(b"", changed=False)
    _mirror(draft, found, job, built)
    new, show = _agent_tabs(draft, found, job, built, last)
    _refuse_locked(package, new)
    names = _hidden_names(package, found, new) | dict(job.names) | charts_mark(found, new, job.tabs)
    built.changed |= bool(new or show or built.mirrored or not _has(package, names)) or read_mark(package) is None
    built.looked_up = _looked_up(package, found, built.without_formulas) if last is None else last.looked_up
    if not built.changed:
        built.content = package.archive.content
        return built
    draft.recalculate = draft.recalculate or built.looked_up
    built.charts = keep_charts(draft, found, new, job.tabs)
    edit_workbook(draft, list(new.values()), show, names | mark_texts(job.mark) | _times(package, job))
    built.content = draft.finish()
    return built


def _mirror(draft: Draft, found: Mapping[str, Sheet], job: Job, built: Built) -> None:
    if job.mirror.is_empty():
        return
    sheet, letters = found.get("Item Master"), job.letters
    if sheet is None or "SKU" not in letters or "Stocked" not in letters:
        raise Refused(in_words("writing.tab_item_master_with"), in_words("writing.put_tab_back"))
    built.mirrored = mirror_cells(draft, sheet, letters["SKU"], letters["Stocked"], job.mirror)
    built.item_master = sheet.part


def _agent_tabs(
    draft: Draft, found: dict[str, Sheet], job: Job, built: Built, last: Remembered | None
) -> tuple[dict[str, NewSheet], list[str]]:
    """Write each agent's tab that has a frame. Returns tab -> sheet of new ones, and the parts to unhide."""
    new: dict[str, NewSheet] = {}
    show: list[str] = []
    for tab in AGENT_TABS:
        sheet = found.get(tab.name)
        if sheet is not None and last is not None and _stands(draft, tab, sheet, job=job, built=built, last=last):
            continue
        written = _whole_tab(draft, tab, found, job, built)
        if written is None:
            continue
        if written.new:
            name, top = free_name(draft.package, tab), looks.header_row(tab)
            new[tab.name] = NewSheet(name, written.part, hidden=tab.hidden, header_row=top)
        elif sheet is not None:
            built.changed |= written.differs
            if written.has_rows and not written.had_rows and sheet.state == "hidden" and not tab.hidden:
                show.append(sheet.part)
    return new, show


def _whole_tab(draft: Draft, tab: Tab, found: dict[str, Sheet], job: Job, built: Built) -> TabWritten | None:
    """Write all rows of a tab; None where there is nothing to write. What it took is let go of before the next one."""
    frame, sheet = job.tabs.get(tab.name), found.get(tab.name)
    layout = existing(draft, tab, sheet) if sheet is not None else None
    if layout is None:
        found.pop(tab.name, None)
    if frame is None or (layout is None and frame.is_empty() and not tab.shown):
        return None
    part = sheet.part if sheet and layout else None
    typed, compare = job.typed.get(tab.name), not built.changed
    written = write_tab(draft, tab, layout, part, frame, typed=typed, zone=job.zone, compare=compare)
    built.agent_parts.add(written.part)
    if written.checked is not None:
        built.checked[written.part] = written.checked
    if not written.formulas:
        built.without_formulas.add(written.part)
    built.whole.add(tab.name)
    built.frames[tab.name] = frame
    return written


def _stands(draft: Draft, tab: Tab, sheet: Sheet, *, job: Job, built: Built, last: Remembered) -> bool:
    """The tab says already what it should, or does so by some rows written anew."""
    old, new = last.frames.get(tab.name), job.tabs.get(tab.name)
    if old is None or new is None or tab.name in job.typed:
        return False
    rows = changed_rows(tab, old, new)
    if rows is None or (rows.len() and tab.name not in last.ours):
        same = old.equals(new)
        built.frames |= {tab.name: new} if same else {}
        return same
    if rows.len():
        spans = patch_tab(draft, tab, sheet, new, rows, zone=job.zone)
        if spans is None:
            return False
        built.agent_parts.add(sheet.part)
        built.patched[sheet.part] = spans
        built.changed = True
    built.frames[tab.name] = new
    return True


def _looked_up(package: Package, found: Mapping[str, Sheet], without: set[str]) -> bool:
    """Formulas somewhere draw on the agent's tabs; their stored results are old once these are written."""
    names = [found[tab.name].name for tab in AGENT_TABS if tab.name in found]
    marks = [table_name("").encode(), *(text(f"{name}{end}!").encode() for name in names for end in ("", "'"))]
    sheets = (package.data(sheet.part) for sheet in package.sheets if sheet.part not in without)
    return any(mark in data for data in sheets if has_formula(data) for mark in marks)


def free_name(package: Package, tab: Tab) -> str:
    """A name for a new tab that no other tab has."""
    taken = {sheet.name.lower() for sheet in package.sheets}
    names = [tab.name, f"{tab.name} (Stocksheet)", *(f"{tab.name} ({n})" for n in range(2, 1000))]
    return next(name[:_LONGEST_NAME] for name in names if name[:_LONGEST_NAME].lower() not in taken)


def _refuse_locked(package: Package, new: Mapping[str, NewSheet]) -> None:
    if new and package.structure_locked:
        raise Refused(
            in_words("writing.workbook_tabs_protected_so", tab=next(iter(new))),
            in_words("writing.excel_review_protect_workbook"),
        )


def _hidden_names(package: Package, found: Mapping[str, Sheet], new: Mapping[str, NewSheet]) -> dict[str, str]:
    """The hidden names of tabs that do not have theirs yet, or whose name points elsewhere."""
    tabs = {tab: sheet.name for tab, sheet in found.items()} | {tab: sheet.name for tab, sheet in new.items()}
    named = {name.name.lower(): name.text for name in package.defined_names if name.scope is None}
    wanted = {hidden_name(tab): reference(sheet) for tab, sheet in tabs.items()}
    return {name: text for name, text in wanted.items() if not _points(named.get(name.lower()), text)}


def _times(package: Package, job: Job) -> dict[str, str]:
    """The hidden names that say when the tabs were written and the shops last looked at, in the zone's time."""
    if job.now is None:
        return {} if _has_names(package, looks.NEVER) else dict(looks.NEVER)
    status = job.tabs.get("Channel Status")
    looked = status["Orders read"].max() if status is not None and "Orders read" in status.columns else None
    texts = {looks.REFRESHED: f'"Refreshed {_clock(job.now, job.zone)}."'}
    if not isinstance(looked, datetime):
        return {**looks.NEVER, **texts}
    days = serials(pl.Series([looked]), package.date1904, job.zone)[0]
    return {**texts, looks.LOOKED: f"{days:.6f}", looks.LOOKED_AT: f'"{_clock(looked, job.zone)}"'}


def _clock(moment: datetime, zone: tzinfo | None) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _has_names(package: Package, names: Mapping[str, str]) -> bool:
    known = {name.name.lower() for name in package.defined_names if name.scope is None}
    return all(name.lower() in known for name in names)


def _points(text: str | None, wanted: str) -> bool:
    if text is None:
        return False
    sheet, _, _ = wanted.rpartition("!")
    plain = sheet.strip("'").replace("''", "'")
    return text.rpartition("!")[0] in (sheet, plain)


def _has(package: Package, names: Mapping[str, str]) -> bool:
    known = {name.name.lower(): name.text for name in package.defined_names if name.scope is None}
    return all(known.get(name.lower()) == text for name, text in names.items())


def typed_in(package: Package) -> dict[str, pl.DataFrame]:
    """What people typed into their columns of the agent's tabs: tab -> `key`, one text column each."""
    draft = Draft(package)
    typed = {}
    for tab, sheet in find_tabs(package, [tab for tab in AGENT_TABS if tab.person_columns]).items():
        xml = SheetXml.split(package.data(sheet.part), sheet.name)
        layout = find_layout(package, BY_NAME[tab], sheet, xml, draft.texts)
        if layout is not None:
            typed[tab] = typed_texts(layout, draft.texts)
    return {tab: frame for tab, frame in typed.items() if not frame.is_empty()}
