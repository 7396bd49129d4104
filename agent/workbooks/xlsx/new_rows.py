"""Rows that the person asked for, below those of a person's tab: where that is in this file."""

from __future__ import annotations

import polars as pl

from agent.core.cells import clean
from agent.words import in_words
from agent.workbooks.base import Snapshot
from agent.workbooks.cells import index_of
from agent.workbooks.tabs import BY_NAME
from agent.workbooks.xlsx.append import Place, append
from agent.workbooks.xlsx.layout import Area
from agent.workbooks.xlsx.marks import find_tabs
from agent.workbooks.xlsx.package import Package, Refused


def with_rows(package: Package, tab: str, rows: pl.DataFrame, seen: Snapshot) -> bytes:
    """The workbook with these rows. Columns that the tab does not have are left out. Raises Refused."""
    sheet, letters = find_tabs(package).get(tab), seen.letters.get(tab, {})
    there = [name for name in rows.columns if name in letters]
    numbers = _rows(seen, tab)
    if sheet is None or not there or numbers.is_empty():
        raise Refused(in_words("new_rows.tab_no_row_add", tab=tab), in_words("new_rows.type_first_row_yourself"))
    first, last = (int(str(edge)) for edge in (numbers.min(), numbers.max()))
    index = index_of(letters[there[0]])
    areas = [area for t in package.tables if t.sheet_part == sheet.part and (area := Area.of(t.ref))]
    around = [area.top for area in areas if area.left <= index <= area.right and area.top < first <= area.bottom]
    place = Place(sheet, letters, around[0] if around else first - 1, last)
    return append(package, place, list(rows.select(there).iter_rows(named=True)), {})


def _rows(seen: Snapshot, tab: str) -> pl.Series:
    """The numbers of the rows that are filled in: a total further down is none of them."""
    needed = next((column.name for column in BY_NAME[tab].columns if column.required), "")
    if tab not in seen.tabs or needed not in seen.tabs[tab].columns:
        return pl.Series([], dtype=pl.Int64)
    return seen.tabs[tab].filter(clean(pl.col(needed)).is_not_null())["row"]
