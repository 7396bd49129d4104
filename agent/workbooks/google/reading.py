"""From what Google says of cells to the frames of a Snapshot: text, kind, formula, format of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import polars as pl

from agent.workbooks.cells import BLANK, Cell, cell_of, format_class, number_text, tab_frame
from agent.workbooks.google.looking import Place, Range, Row, Scalar, scalar
from agent.workbooks.headers import wanted
from agent.workbooks.tabs import DONE_ROW

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a cell's day has no time zone
_DAY = 86_400
_ERRORS = {
    "REF": "#REF!", "N_A": "#N/A", "NAME": "#NAME?", "DIVIDE_BY_ZERO": "#DIV/0!", "NULL_VALUE": "#NULL!",
    "VALUE": "#VALUE!", "NUM": "#NUM!",
}  # fmt: skip
_CLASSES = {
    "TEXT": "text", "PERCENT": "percent", "DATE": "date", "TIME": "date", "DATE_TIME": "date",
    "SCIENTIFIC": "scientific", "CURRENCY": "other",
}  # fmt: skip


def grid_range(place: Place) -> Range:
    """The cells of a person's tab that have a meaning."""
    columns = [place.headers.columns[name] for name in place.columns if name in place.headers.columns]
    return {
        "sheetId": place.sheet.id,
        "startRowIndex": place.headers.row,
        "startColumnIndex": min(columns, default=0),
        "endColumnIndex": max(columns, default=0) + 1,
    }


def grids_of(answer: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """sheet id -> the one block of cells that was asked for."""
    return {
        one.get("properties", {}).get("sheetId", 0): (one.get("data") or [{}])[0] for one in answer.get("sheets", ())
    }


def grid_frame(place: Place, data: Mapping[str, Any]) -> tuple[pl.DataFrame, list[Row]]:
    """The Snapshot frame of a person's tab, and its rows as a look sees them."""
    first, left = data.get("startRow", 0), data.get("startColumn", 0)
    names = [name for name in place.columns if name in place.headers.columns]
    indexes = [place.headers.columns[name] - left for name in names]
    rows = [one.get("values", ()) for one in data.get("rowData", ())]
    below = max(0, place.headers.row - first)
    cells = {
        name: [_cell(row[index]) if 0 <= index < len(row) else BLANK for row in rows[below:]]
        for name, index in zip(names, indexes, strict=True)
    }
    numbers = range(first + below + 1, first + 1 + len(rows))
    seen = _as_looked(place, numbers, rows[below:], left)
    return tab_frame(numbers, cells), [(number, row) for number, row in seen if any(v is not None for v in row)]


def _as_looked(
    place: Place, numbers: Sequence[int], rows: Sequence[Sequence[Mapping[str, Any]]], left: int
) -> Iterator[Row]:
    indexes = [None if (i := place.index(name)) is None else i - left for name in place.columns]
    for number, row in zip(numbers, rows, strict=True):
        yield number, tuple(_scalar(row[i]) if i is not None and 0 <= i < len(row) else None for i in indexes)


def _scalar(cell: Mapping[str, Any]) -> Scalar:
    said = cell.get("effectiveValue") or {}
    if "errorValue" in said:
        return _ERRORS.get(said["errorValue"].get("type"), "#ERROR!")
    return scalar(next(iter(said.values()), None))


def _cell(cell: Mapping[str, Any]) -> Cell:
    """One cell as a Snapshot tells it."""
    said = cell.get("effectiveValue") or {}
    formula = "formulaValue" in (cell.get("userEnteredValue") or {})
    kind = _class(cell.get("effectiveFormat", {}).get("numberFormat") or {})
    if "errorValue" in said:
        return Cell(_ERRORS.get(said["errorValue"].get("type"), "#ERROR!"), "error", formula, kind)
    value = next(iter(said.values()), None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(float(value), formula, kind)
    return cell_of(value, formula, kind)


def _class(number_format: Mapping[str, Any]) -> str:
    kind, pattern = number_format.get("type", ""), number_format.get("pattern", "")
    return _CLASSES.get(kind) or (format_class(pattern) if pattern else "general")


def _number(value: float, formula: bool, kind: str) -> Cell:
    if kind == "date" and (day := day_of(value)) is not None:
        return cell_of(day, formula, kind)
    return Cell(number_text(value), "number", formula, kind)


@lru_cache(maxsize=4096)
def day_of(serial: float) -> date | datetime | time | None:
    """What a serial day says, to the second; None: no day of the calendar."""
    seconds = round(serial * _DAY)
    try:
        moment = EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    if 0 <= seconds < _DAY:
        return moment.time()
    return moment


def serial_of(moment: datetime) -> float:
    """The serial day of a moment without a zone, to the second."""
    return round((moment - EPOCH) / timedelta(seconds=1)) / _DAY


# --- the agent's tabs


def agent_frame(place: Place, rows: Sequence[Row]) -> pl.DataFrame:
    """The Snapshot frame of an agent's tab: keys and the person's columns. Rows that are over are left out."""
    at = {name: i for i, name in enumerate(place.columns)}
    state = at.get("State")
    kept = [(n, row) for n, row in rows if state is None or row[state] != DONE_ROW]
    names = [name for name in wanted(place.tab) if name in place.headers.columns]
    cells = {name: [_plain(row[at[name]]) for _, row in kept] for name in names}
    return tab_frame([number for number, _ in kept], cells)


def _plain(value: Scalar) -> Cell:
    return cell_of(value) if not isinstance(value, float) else Cell(number_text(value), "number")
