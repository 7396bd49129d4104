"""Setting a sheet up: an empty one is filled with the starter tabs, a seller's own gets the tabs that it lacks.

May be done again at any time: what is there is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from agent.words import say
from agent.workbooks import starter_content
from agent.workbooks.adopt.sheets import MOST_COLUMNS, MOST_ROWS, SheetLook
from agent.workbooks.adopt.understand import Understood, item_tabs
from agent.workbooks.base import Snapshot, WorkbookOut
from agent.workbooks.cells import Value
from agent.workbooks.google import furniture, looking, marks, reading, shape
from agent.workbooks.google.calls import Calls
from agent.workbooks.google.charts import charts_made
from agent.workbooks.google.looking import Place, Sheet
from agent.workbooks.google.marks import MARK_ID, Adopted, Marks
from agent.workbooks.headers import named_by, workbook_issues
from agent.workbooks.tabs import CONTROLS, DONE, ITEM_MASTER, NOT_IN_GOOGLE, TABS, Tab

AS_TEXT = ("SKU", "Barcode")


Choose = Callable[[str, Sequence[SheetLook]], Understood]
"""From the title of a sheet and the tabs in it to the list of items; raises what ends the setting up."""


@dataclass(frozen=True)
class Made:
    """What was done: the title of the sheet, the tabs that were made, the tab that was taken over as Item Master."""

    title: str
    tabs: tuple[str, ...]
    taken_over: str | None


@dataclass(frozen=True)
class Taken:
    """A seller's own list of items that is to be taken over."""

    title: str
    """Of the whole sheet."""
    understood: Understood
    place: Place
    adopted: Adopted
    snapshot: Snapshot
    """What the list reads like."""


async def set_up(
    calls: Calls, *, example: bool = True, items: Sequence[Mapping[str, Value]] | None = None,
    choose: Choose | None = None, confirm: Callable[[Taken], None] = lambda taken: None,
    before: Callable[[Sequence[str]], None] = lambda tabs: None,
) -> Made:  # fmt: skip
    """Fill an empty sheet, or complete a seller's own.

    `choose` finds the list of items among the seller's own tabs, and may ask; without it what is unclear is refused.
    `confirm` sees what was understood before anything is changed, and `before` which tabs are to be made: they may end
    it. Raises WorkbookOut, and theirs.
    """
    meta = await calls.meta()
    title = meta.get("properties", {}).get("title", "")
    sheets = looking.sheets_of(meta)
    where = looking.mark_range(sheets)
    known = looking.parse_marks((await calls.values(where))[0]) if where else Marks()
    tabs = looking.known_tabs(sheets, known)
    foreign = [sheet for sheet in sheets.values() if sheet not in tabs.values() and sheet.id != MARK_ID]
    values = dict(zip(foreign, await calls.values([looking.whole(sheet) for sheet in foreign]), strict=True))
    filled = {sheet: cells for sheet, cells in values.items() if any(any(row) for row in cells)}
    own = None
    if ITEM_MASTER.name not in tabs and filled:
        own = await _taken(calls, title, filled, choose or _the_only_one)
        confirm(own)
    there = {*tabs, *([ITEM_MASTER.name] if own else [])}
    missing = [tab for tab in TABS if tab.name not in there]
    before([tab.name for tab in missing])
    requests = list(_requests(sheets, meta, missing, example, items))
    if own is not None:
        kept = {**known.tabs, ITEM_MASTER.name: own.place.sheet.id}
        headings = {str(text).strip().casefold() for text in filled[own.place.sheet][own.place.headers.row - 1]}
        requests += [*_taken_over(own.place, headings), *_mark(replace(known, tabs=kept, adopted=own.adopted))]
    if missing and not filled and tabs.keys() <= {ITEM_MASTER.name}:  # the blank tab that a new sheet begins with
        requests += [{"deleteSheet": {"sheetId": sheet.id}} for sheet in foreign]
    if requests:
        await calls.update(requests)
    return Made(title, tuple(tab.name for tab in missing), own.place.sheet.title if own else None)


# --- a seller's own list


async def _taken(calls: Calls, title: str, filled: Mapping[Sheet, Sequence[Sequence[Any]]], choose: Choose) -> Taken:
    looks_of = {str(sheet.id): (sheet, cells) for sheet, cells in filled.items()}
    understood = choose(title, [_as_adopted(sheet, cells) for sheet, cells in filled.items()])
    sheet, cells = looks_of[understood.sheet.part]
    adopted = _settled(understood)
    place = looking.place_of(ITEM_MASTER, sheet, cells, adopted)
    grids = reading.grids_of(await calls.grid([reading.grid_range(place)]))
    frame, _ = reading.grid_frame(place, grids.get(sheet.id, {}))
    snapshot = Snapshot(
        "", datetime(1970, 1, 1, tzinfo=UTC), None, {ITEM_MASTER.name: frame},
        {ITEM_MASTER.name: looking.issue_letters(place)}, {ITEM_MASTER.name: sheet.title},
        workbook_issues({ITEM_MASTER.name: place.headers}),
    )  # fmt: skip
    return Taken(title, understood, place, adopted, snapshot)


def _as_adopted(sheet: Sheet, cells: Sequence[Sequence[Any]]) -> SheetLook:
    """A tab as adopting looks at any; its `part` is its id."""
    rows = [(n, row[:MOST_COLUMNS]) for n, row in enumerate(cells[:MOST_ROWS], 1) if any(value != "" for value in row)]
    return SheetLook(sheet.title, str(sheet.id), not sheet.hidden, rows, (), len(cells))


def _settled(understood: Understood) -> Adopted:
    """What is remembered in the sheet. A column without a heading cannot be known again: it is left out."""
    named = {name: one.header for name, one in understood.meaning.items() if one.header}
    claimed = {named_by(ITEM_MASTER, one.header) for one in understood.columns} - {None} - named.keys()
    nameless = understood.meaning.keys() - named.keys()
    return Adopted(named, frozenset({*understood.without, *nameless, *(str(name) for name in claimed)}))


def _the_only_one(title: str, sheets: Sequence[SheetLook]) -> Understood:
    """Nobody can be asked."""
    found = item_tabs(sheets)
    if len(found) != 1 or found[0].questions:
        names = ", ".join(one.sheet.name for one in found)
        words = say("google_several_tabs" if found else "google_no_items_tab", {"tabs": names})
        raise WorkbookOut(words.what, words.fix)
    return found[0]


def _requests(
    sheets: Mapping[int, Sheet],
    meta: Mapping[str, Any],
    missing: Sequence[Tab],
    example: bool,
    items: Sequence[Mapping[str, Value]] | None,
) -> Iterator[dict[str, Any]]:
    if MARK_ID not in sheets:
        yield from furniture.mark_made()
        yield from furniture.names_made(frozenset(one.get("name", "") for one in meta.get("namedRanges", ())))
        yield from _mark(Marks())
    titles = {sheet.title.casefold() for sheet in sheets.values()}
    every: list[dict[str, Any]] = []
    for tab in missing:
        title = f"{tab.name} (Stocksheet)" if tab.name.casefold() in titles else tab.name
        every += furniture.made(tab, _rows(tab, example, items), title)
    # the tabs first: dropdowns and look-ups draw on others
    yield from (one for one in every if "addSheet" in one)
    yield from (one for one in every if "addSheet" not in one)
    if {"Dashboard", "Chart Data"} <= {tab.name for tab in missing}:
        yield from charts_made()


def _mark(known: Marks) -> Iterator[dict[str, Any]]:
    yield shape.cells(MARK_ID, 0, 0, marks.rows(known))


def _rows(tab: Tab, example: bool, items: Sequence[Mapping[str, Value]] | None) -> list[Mapping[str, Value]]:
    if tab is ITEM_MASTER:
        return list(items) if items is not None else list(starter_content.ITEMS) if example else []
    if tab.name == "Control":
        rows = {name: said for name, said in CONTROLS.items() if name not in NOT_IN_GOOGLE}
        return [{"Control": name, "Value": value or None, "Note": note} for name, (value, note) in rows.items()]
    if tab.name == "Start here":
        return [{"Step": at, "What to do": what, "Done": DONE[1]} for at, what in enumerate(starter_content.STEPS, 1)]
    return []


def _taken_over(place: Place, headings: Collection[str]) -> Iterator[dict[str, Any]]:
    """A seller's own tab: codes stay texts from now on, and the look-ups come behind its last column. `headings`: the
    seller's own, in lower case; a look-up takes none of them."""
    sheet, top = place.sheet.id, place.headers.row
    for name in AS_TEXT:
        if (index := place.index(name)) is not None and top < place.sheet.rows:
            where = {"sheetId": sheet, "startRowIndex": top, "startColumnIndex": index, "endColumnIndex": index + 1}
            look = {"userEnteredFormat": {"numberFormat": {"type": "TEXT", "pattern": "@"}}}
            fields = "userEnteredFormat.numberFormat"
            yield {"repeatCell": {"range": where, "cell": look, "fields": fields}}
    names = starter_content.GOOGLE_LOOK_UPS[ITEM_MASTER.name]
    more = {"sheetId": sheet, "dimension": "COLUMNS", "length": len(names)}
    yield {"appendDimension": more}
    for index, (name, (note, _)) in enumerate(names.items(), place.sheet.columns):
        heading = f"{name} (Stocksheet)" if name.casefold() in headings else name
        key = place.headers.columns["SKU"]
        yield furniture.look_up_made(ITEM_MASTER, sheet, index, name, note=note, heading=heading, key=key, top=top)
