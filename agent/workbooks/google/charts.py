"""The charts of Dashboard in a Google Sheet: native ones, made once with the tab; the person may do with them as they
like. What they show is declared in `agent.workbooks.charts`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agent.workbooks import looks
from agent.workbooks.charts import CHARTS, Chart, Series
from agent.workbooks.google.furniture import rgb
from agent.workbooks.google.marks import fixed_id
from agent.workbooks.google.shape import area
from agent.workbooks.tabs import CHART_DATA, DASHBOARD

ROWS = 40
"""Rows of Chart Data that a chart draws on."""
BELOW, WIDE, HIGH, ACROSS = 14, 440, 270, 3
"""The row from which charts stand, their size in pixels, how many beside each other."""


def charts_made() -> Iterator[dict[str, Any]]:
    """The requests that draw them."""
    for number, chart in enumerate(CHARTS):
        yield {"addChart": {"chart": {"chartId": chart_id(chart), "spec": _spec(chart), "position": _place(number)}}}


def chart_id(chart: Chart) -> int:
    """Its id."""
    return fixed_id(chart.title, "chart")


def _place(number: int) -> dict[str, Any]:
    down, right = divmod(number, ACROSS)
    anchor = {"sheetId": fixed_id(DASHBOARD.name), "rowIndex": BELOW, "columnIndex": 0}
    return {
        "overlayPosition": {
            "anchorCell": anchor,
            "offsetXPixels": right * (WIDE + 10),
            "offsetYPixels": down * (HIGH + 10),
            "widthPixels": WIDE,
            "heightPixels": HIGH,
        }
    }


def _spec(chart: Chart) -> dict[str, Any]:
    standing = chart.shape == "columns"
    basic: dict[str, Any] = {
        "chartType": "COLUMN" if standing else "BAR",
        "legendPosition": "BOTTOM_LEGEND" if len(chart.series) > 1 else "NO_LEGEND",
        "stackedType": "PERCENT_STACKED" if chart.shape == "share" else "STACKED",
        "headerCount": 1,
        "domains": [{"domain": _source(chart.labels)}],
        "series": [_series(one, standing=standing) for one in chart.series],
    }
    look = {"fontFamily": "Arial", "bold": True, "foregroundColorStyle": {"rgbColor": rgb(looks.NAVY)}}
    return {"title": chart.title, "titleTextFormat": look, "basicChart": basic}


def _series(one: Series, *, standing: bool) -> dict[str, Any]:
    axis = "LEFT_AXIS" if standing else "BOTTOM_AXIS"
    return {"series": _source(one.column), "targetAxis": axis, "colorStyle": {"rgbColor": rgb(one.colour)}}


def _source(column: str) -> dict[str, Any]:
    index, top = CHART_DATA.names.index(column), looks.header_row(CHART_DATA) - 1
    return {"sourceRange": {"sources": [area(fixed_id(CHART_DATA.name), top, top + 1 + ROWS, index, index + 1)]}}
