"""Snapshots for tests, as a reader hands them over: a cell is a Python value, or a `Cell` where it is an odd one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl

from agent.frames import FORMAT, ISSUES, KIND, empty
from agent.workbooks.base import Mark, Snapshot
from agent.workbooks.tabs import BY_NAME


@dataclass(frozen=True)
class Cell:
    """A cell with a kind, formula or format of its own."""

    text: str | None
    kind: str = "number"
    formula: bool = False
    format: str = "general"


def _cell(value: object) -> Cell:
    if isinstance(value, Cell):
        return value
    if value is None:
        return Cell(None, "blank")
    if isinstance(value, bool):
        return Cell(str(value).upper(), "bool")
    if isinstance(value, date):
        return Cell(value.isoformat(), "date", format="date")
    if isinstance(value, int | float):
        return Cell(f"{value:.17g}" if isinstance(value, int) else repr(value))
    return Cell(str(value), "text")


def tab(columns: Sequence[str], rows: Sequence[Sequence[object]], first_row: int = 2) -> pl.DataFrame:
    """A tab's wide frame."""
    data: dict[str, pl.Series] = {"row": pl.Series("row", range(first_row, first_row + len(rows)), dtype=pl.Int64)}
    for place, name in enumerate(columns):
        found = [_cell(row[place] if place < len(row) else None) for row in rows]
        data[name] = pl.Series(name, [cell.text for cell in found], dtype=pl.String)
        data[f"{name}|kind"] = pl.Series([cell.kind for cell in found], dtype=KIND)
        data[f"{name}|formula"] = pl.Series([cell.formula for cell in found], dtype=pl.Boolean)
        data[f"{name}|format"] = pl.Series([cell.format for cell in found], dtype=FORMAT)
    return pl.DataFrame(data)


def snapshot(
    names: dict[str, str] | None = None, issues: pl.DataFrame | None = None, **tabs: pl.DataFrame | None
) -> Snapshot:
    """A snapshot of these tabs (`Item_Master=tab(...)`); columns are lettered from A in the declared order."""
    frames = {name.replace("_", " "): frame for name, frame in tabs.items() if frame is not None}
    letters = {
        name: {column: chr(ord("A") + place) for place, column in enumerate(BY_NAME[name].names)} for name in frames
    }
    return Snapshot(
        revision="r1",
        saved_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
        mark=Mark("workbook-1", 3),
        tabs=frames,
        letters=letters,
        names=names or {},
        issues=empty(ISSUES) if issues is None else issues,
    )
