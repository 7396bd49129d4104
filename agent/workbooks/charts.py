"""The charts of the tab Dashboard, declared once: what each one shows, of which columns of Chart Data.

What draws them in an .xlsx file is `agent.workbooks.xlsx.charts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["share", "bars", "columns"]


@dataclass(frozen=True)
class Series:
    """One column of Chart Data, and how its bars look. A light one stands beside a dark one also in grey print."""

    column: str
    colour: str
    on_it: str = "FFFFFF"
    """Of the numbers that stand in the bars."""


@dataclass(frozen=True)
class Chart:
    """One chart. `share`: bars of equal length, `bars`: lying, `columns`: standing."""

    title: str
    shape: Shape
    labels: str
    """The column of Chart Data that names each bar."""
    series: tuple[Series, ...]
    number_format: str = "#,##0;;"
    """Of the numbers at the bars; a zero needs no number where there is no bar."""


_DARK, _LIGHT, _INK, _RISK, _MILD, _SOON = "1F3A5F", "C3CEDC", "1F1F1F", "9C1C1C", "EDBDB8", "7A5300"

CHARTS: tuple[Chart, ...] = (
    Chart("Listings matched", "share", "Shop", (Series("Linked", _DARK), Series("Not linked", _LIGHT, _INK))),
    Chart("Listings in sync", "share", "Shop", (Series("In sync", _DARK), Series("Not in sync", _LIGHT, _INK))),
    Chart("Units that each shop shows", "bars", "Shop", (Series("Units shown", _DARK),)),
    Chart(
        "Oversell risk, in units",
        "bars",
        "Risk in",
        (Series("Not linked, on sale", _RISK), Series("Above target", _MILD, _INK)),
    ),
    Chart("Pushes a day", "columns", "Day", (Series("Lowered", _DARK), Series("Raised", _LIGHT, _INK))),
    Chart("Sells out within 5 days", "bars", "Item", (Series("Days left", _SOON),), '0.0" days";;"today"'),
)
"""In their order: three beside each other."""

BLOCKS = {column: chart.labels for chart in CHARTS for column in (chart.labels, *(s.column for s in chart.series))}
"""Column of Chart Data -> the column that says how far down it is filled."""
