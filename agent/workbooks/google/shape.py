"""An agent's frame as a sheet holds it: texts, numbers, serial days; and how each becomes a typed cell.

A text is always a typed string, never parsed, so that no SKU, formula or date comes of it (R9).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from agent.workbooks.cells import letters_of
from agent.workbooks.google.looking import Place, Range
from agent.workbooks.tabs import GOOGLE_ONLY, Tab

LONGEST = 50_000
"""Characters of a cell."""
_EPOCH_US = 25_569 * 86_400_000_000
_DAY_US = 86_400_000_000


def columns_of(tab: Tab) -> tuple[str, ...]:
    """The columns that Stocksheet writes there."""
    return (*tab.agent_columns, *(one.name for one in GOOGLE_ONLY.get(tab.name, ())))


def shaped(tab: Tab, frame: pl.DataFrame, zone: tzinfo | None) -> pl.DataFrame:
    """The frame's columns as String or Float64."""
    made = []
    for name in columns_of(tab):
        if name == "State":
            made.append(pl.lit(None, pl.String).alias(name))
        elif name == "Rank":
            made.append(pl.int_range(1, pl.len() + 1).cast(pl.Float64).alias(name))
        else:
            made.append(_sheet_value(frame, name, zone))
    return frame.select(made)


def _sheet_value(frame: pl.DataFrame, name: str, zone: tzinfo | None) -> pl.Expr:
    if name not in frame.columns:
        return pl.lit(None, pl.String).alias(name)
    kind, value = frame.schema[name], pl.col(name)
    if isinstance(kind, pl.Datetime):
        return _serial(value, kind, zone).alias(name)
    if kind.is_numeric():
        return value.cast(pl.Float64)
    text = value.cast(pl.String).str.slice(0, LONGEST)
    return pl.when(text != "").then(text).alias(name)


def _serial(value: pl.Expr, kind: pl.Datetime, zone: tzinfo | None) -> pl.Expr:
    """Days since 1899-12-30 on the clock of this zone (None: this computer's), whole seconds."""
    if kind.time_zone is None:
        local = value
    elif isinstance(zone, ZoneInfo):
        local = value.dt.convert_time_zone(zone.key).dt.replace_time_zone(None)
    else:
        local = value.map_batches(lambda one: _local(one, zone), return_dtype=pl.Datetime("us"))
    seconds = (local.dt.cast_time_unit("us").cast(pl.Int64) / 1_000_000).round()
    return (seconds + _EPOCH_US // 1_000_000) / (_DAY_US // 1_000_000)


def _local(moments: pl.Series, zone: tzinfo | None) -> pl.Series:
    different = {one: one.astimezone(zone).replace(tzinfo=None) for one in moments.unique().drop_nulls()}
    return pl.Series(moments.name, [different.get(one) for one in moments], pl.Datetime("us"))


def local_serial(moment: datetime, zone: str) -> float:
    """The moment as a serial day of the sheet's own clock, as its NOW() has it."""
    try:
        here = moment.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        here = moment.astimezone(UTC)
    there = here.replace(tzinfo=None) - datetime(1899, 12, 30)  # noqa: DTZ001 - a cell's day has no zone
    return there.total_seconds() / 86_400


def read_back(place: Place, values: Sequence[Sequence[Any]], like: pl.DataFrame) -> pl.DataFrame:
    """What stands in the agent's columns of a whole tab, in the types of `like`, with `row`.

    What is no text where a text belongs reads as another text, no number where a number belongs as another number.
    """
    below = values[place.headers.row :]
    series = [pl.Series("row", range(place.headers.row + 1, place.headers.row + 1 + len(below)), pl.Int64)]
    for name, kind in like.schema.items():
        at = index_of(place, name)
        cells = [row[at] if at is not None and at < len(row) and row[at] != "" else None for row in below]
        read = _number if kind == pl.Float64 else _string
        series.append(pl.Series(name, [read(cell) for cell in cells], kind))
    return pl.DataFrame(series)


def _number(cell: Any) -> float | None:
    if cell is None:
        return None
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else float("inf")


def _string(cell: Any) -> str | None:
    return cell if cell is None or isinstance(cell, str) else f"\0{cell}"


def index_of(place: Place, name: str) -> int | None:
    """Where a column that Stocksheet writes stands."""
    return place.index(name)


# --- typed cells


def cell(value: object) -> dict[str, Any]:
    """One CellData."""
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, int | float):
        return {"userEnteredValue": {"numberValue": value}}
    return {"userEnteredValue": {"stringValue": str(value)}}


def cells(sheet_id: int, first: int, left: int, rows: Sequence[Sequence[object]]) -> dict[str, Any]:
    """A request that puts these values, and nothing else, into cells from row `first`, column `left` on (from 0)."""
    width = len(rows[0])
    return {
        "updateCells": {
            "range": area(sheet_id, first, first + len(rows), left, left + width),
            "rows": [{"values": [cell(value) for value in row]} for row in rows],
            "fields": "userEnteredValue",
        }
    }


def area(sheet_id: int, first: int, end: int, left: int, right: int) -> Range:
    """A GridRange; ends are not in it."""
    return {
        "sheetId": sheet_id,
        "startRowIndex": first,
        "endRowIndex": end,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def rows_at(sheet_id: int, first: int, end: int) -> dict[str, Any]:
    """A DimensionRange of rows."""
    return {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": first, "endIndex": end}


def a1(index: int, row: int) -> str:
    """The address of a cell; both from 0."""
    return f"{letters_of(index)}{row + 1}"
