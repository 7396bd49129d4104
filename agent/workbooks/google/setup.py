"""Setting a sheet up: an empty one is filled with the starter tabs, a seller's own gets the tabs that it lacks.

May be done again at any time: what is there is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.words import say
from agent.workbooks import starter_content
from agent.workbooks.base import WorkbookOut
from agent.workbooks.cells import Value
from agent.workbooks.google import furniture, looking, marks, shape
from agent.workbooks.google.calls import Calls
from agent.workbooks.google.charts import charts_made
from agent.workbooks.google.looking import Place, Sheet
from agent.workbooks.google.marks import MARK_ID, Marks
from agent.workbooks.tabs import CONTROLS, DONE, ITEM_MASTER, TABS, Tab

AS_TEXT = ("SKU", "Barcode")


@dataclass(frozen=True)
class Made:
    """What was done: the title of the sheet, the tabs that were made, the tab that was taken over as Item Master."""

    title: str
    tabs: tuple[str, ...]
    taken_over: str | None


async def set_up(calls: Calls, *, example: bool = True, items: Sequence[Mapping[str, Value]] | None = None) -> Made:
    """Fill an empty sheet, or complete a seller's own. Raises WorkbookOut where it is not clear which tab has the
    items."""
    meta = await calls.meta()
    sheets = looking.sheets_of(meta)
    where = looking.mark_range(sheets)
    known = looking.parse_marks((await calls.values(where))[0]) if where else Marks()
    tabs = looking.known_tabs(sheets, known)
    foreign = [sheet for sheet in sheets.values() if sheet not in tabs.values() and sheet.id != MARK_ID]
    values = dict(zip(foreign, await calls.values([looking.whole(sheet) for sheet in foreign]), strict=True))
    filled = {sheet: cells for sheet, cells in values.items() if any(any(row) for row in cells)}
    own = _items_tab(filled) if ITEM_MASTER.name not in tabs and filled else None
    there = {*tabs, *([ITEM_MASTER.name] if own else [])}
    missing = [tab for tab in TABS if tab.name not in there]
    requests = list(_requests(sheets, meta, missing, example, items))
    if own is not None:
        known = replace(known, tabs={**known.tabs, ITEM_MASTER.name: own.sheet.id})
        requests += [*_taken_over(own), *_mark(known)]
    if missing and not filled and tabs.keys() <= {ITEM_MASTER.name}:  # the blank tab that a new sheet begins with
        requests += [{"deleteSheet": {"sheetId": sheet.id}} for sheet in foreign]
    if requests:
        await calls.update(requests)
    title = meta.get("properties", {}).get("title", "")
    return Made(title, tuple(tab.name for tab in missing), own.sheet.title if own else None)


def _items_tab(filled: Mapping[Sheet, Sequence[Sequence[Any]]]) -> Place | None:
    places = [looking.place_of(ITEM_MASTER, sheet, cells) for sheet, cells in filled.items()]
    good = [place for place in places if {"SKU", "Stocked"} <= place.headers.columns.keys()]
    if len(good) != 1:
        names = ", ".join(place.sheet.title for place in good)
        words = say("google_several_tabs" if good else "google_no_items_tab", {"tabs": names})
        raise WorkbookOut(words.what, words.fix)
    return good[0]


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
        return [{"Control": name, "Value": value or None, "Note": note} for name, (value, note) in CONTROLS.items()]
    if tab.name == "Start here":
        return [{"Step": at, "What to do": what, "Done": DONE[1]} for at, what in enumerate(starter_content.STEPS, 1)]
    return []


def _taken_over(place: Place) -> Iterator[dict[str, Any]]:
    """A seller's own tab: codes stay texts from now on, and the look-ups come behind its last column."""
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
        yield furniture.look_up_made(ITEM_MASTER, sheet, index, name, note, key=place.headers.columns["SKU"], top=top)
