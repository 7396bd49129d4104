"""Draws the declared charts as parts of a workbook: one chart part each, and where they stand on the sheet.

openpyxl writes them (it knows the grammar of charts, and the program has it for the starter workbook): a blank workbook
with the charts on its tab is made, and its chart parts are taken out. No person's file goes through it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.workbooks.charts import CHARTS, Chart, Series
from agent.workbooks.xlsx.chart_source import Meant, Source

_INK, _QUIET, _LINE = "1F3A5F", "595959", "D9D9D9"
_TITLE_SIZE, _SIZE = 1200, 900
"""Hundredths of a point."""
_PIXEL = 9525
"""English metric units."""
_BESIDE, _GAP, _NEAR = 3, 10, 8
"""Charts beside each other; pixels between them; so many pixels are as good as none."""
_ROWS = 13
"""Sheet rows that a chart takes, the blank one below it included."""


@dataclass(frozen=True)
class Drawn:
    """The parts of the charts. They refer to Chart Data as the workbook calls it."""

    charts: list[bytes]
    drawing: bytes
    """Anchors for all of them; the n-th chart is `rId{n}`."""


def draw(tab: str, source: Source, first_row: int, widths: Sequence[float]) -> Drawn:
    """All charts, for the tab called `tab` here.

    `first_row`: where they begin; `widths`: of the tab's columns, in characters, over which they spread.
    """
    import openpyxl  # noqa: PLC0415 - slow to load, needed once a workbook
    from openpyxl.drawing.spreadsheet_drawing import TwoCellAnchor  # noqa: PLC0415

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = tab
    whole = sum(map(_pixels, widths))
    for number, chart in enumerate(CHARTS):
        row, place = divmod(number, _BESIDE)
        left, right, top = whole * place // _BESIDE, whole * (place + 1) // _BESIDE, first_row - 1 + row * _ROWS
        made = _drawn(chart, source)
        begin, end = _marker(widths, left, top, gap=_GAP if place else 0), _marker(widths, right, top + _ROWS - 1)
        made.anchor = TwoCellAnchor(editAs="twoCell", _from=begin, to=end)
        sheet.add_chart(made)
    held = io.BytesIO()
    book.save(held)
    with zipfile.ZipFile(held) as parts:
        charts = [_own_formats(parts.read(f"xl/charts/chart{number}.xml")) for number in range(1, len(CHARTS) + 1)]
        return Drawn(charts, parts.read("xl/drawings/drawing1.xml"))


def _own_formats(chart: bytes) -> bytes:
    """The numbers at the bars have the format said here, not that of their cells; openpyxl does not say so."""
    return re.sub(rb'(<numFmt formatCode="[^"]*")/>', rb'\1 sourceLinked="0"/>', chart)


def _marker(widths: Sequence[float], pixel: int, row: int, gap: int = 0) -> Any:
    """The cell at which about so many pixels from the left end, and how far in."""
    from openpyxl.drawing.spreadsheet_drawing import AnchorMarker  # noqa: PLC0415

    column, offset = _at(widths, pixel)
    return AnchorMarker(col=column, colOff=(offset + gap) * _PIXEL, row=row, rowOff=0)


def _pixels(width: float) -> int:
    """A column of so many characters, in a font whose digits are 7 pixels wide (Calibri 11)."""
    return int(width * 7 + 5)


def _at(widths: Sequence[float], pixel: int) -> tuple[int, int]:
    """The column in which a pixel lies, and how far in; a few pixels beside the edge of a column, that edge, which is
    the same place in whatever font."""
    for index, width in enumerate(widths):
        if pixel < _NEAR:
            return index, 0
        if pixel < _pixels(width) - _NEAR:
            return index, pixel
        pixel -= _pixels(width)
    return len(widths), 0


# --- one chart


def _drawn(chart: Chart, source: Source) -> Any:
    from openpyxl.chart import BarChart  # noqa: PLC0415

    made: Any = BarChart()
    made.type = "col" if chart.shape == "columns" else "bar"
    stacked = chart.shape == "share" or len(chart.series) > 1
    made.grouping = "percentStacked" if chart.shape == "share" else "stacked" if stacked else "clustered"
    made.overlap, made.gapWidth, made.varyColors = (100 if stacked else None), 60, False
    made.title, made.legend = _title(chart.title), _legend() if len(chart.series) > 1 else None
    made.series = [_series(one, chart, source, inside=stacked) for one in chart.series]
    _quiet_axes(made, lying=chart.shape != "columns")
    if not stacked:
        made.layout = _room_at_the_right()
    made.graphical_properties = _box()
    made.roundedCorners, made.visible_cells_only, made.display_blanks = False, False, "gap"
    return made


def _series(one: Series, chart: Chart, source: Source, *, inside: bool) -> Any:
    from openpyxl.chart.data_source import AxDataSource, NumDataSource, NumRef, StrRef  # noqa: PLC0415
    from openpyxl.chart.label import DataLabelList  # noqa: PLC0415
    from openpyxl.chart.series import SeriesLabel, XYSeries  # noqa: PLC0415
    from openpyxl.chart.shapes import GraphicalProperties  # noqa: PLC0415

    number = [s.column for s in chart.series].index(one.column)
    made: Any = XYSeries(idx=number, order=number)
    made.tx = SeriesLabel(strRef=StrRef(f=source.reference(Meant(one.column, header=True))))
    made.cat = AxDataSource(strRef=StrRef(f=source.reference(Meant(chart.labels, header=False))))
    made.val = NumDataSource(numRef=NumRef(f=source.reference(Meant(one.column, header=False))))
    made.graphicalProperties = GraphicalProperties(solidFill=one.colour)
    made.graphicalProperties.line.noFill, made.graphicalProperties.line.prstDash = True, None
    made.invertIfNegative = False
    labels: Any = DataLabelList()
    labels.showVal, labels.numFmt = True, chart.number_format
    labels.showSerName = labels.showCatName = labels.showLegendKey = labels.showPercent = labels.showBubbleSize = False
    labels.position = "ctr" if inside else "outEnd"
    labels.txPr = _text(_SIZE, one.on_it if inside else _INK)
    made.dLbls = labels
    return made


def _quiet_axes(made: Any, *, lying: bool) -> None:
    """Names of the bars, no lines, no scale: the numbers stand at the bars."""
    made.x_axis.delete, made.y_axis.delete = False, True
    made.x_axis.majorTickMark = made.y_axis.majorTickMark = "none"
    made.x_axis.graphicalProperties, made.y_axis.majorGridlines = _line("" if lying else _LINE), None
    made.x_axis.txPr, made.x_axis.number_format = _text(_SIZE, _QUIET), "General"
    made.x_axis.scaling.orientation = "maxMin" if lying else "minMax"
    made.y_axis.scaling.min = 0
    made.x_axis.axPos, made.y_axis.axPos = ("l", "b") if lying else ("b", "l")


def _title(words: str) -> Any:
    from openpyxl.chart.text import RichText, Text  # noqa: PLC0415
    from openpyxl.chart.title import Title  # noqa: PLC0415
    from openpyxl.drawing.text import Paragraph, ParagraphProperties, RegularTextRun  # noqa: PLC0415

    look = _characters(_TITLE_SIZE, _INK, bold=True)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=look), r=[RegularTextRun(rPr=look, t=words)])
    return Title(tx=Text(rich=RichText(p=[paragraph])), overlay=False)


def _legend() -> Any:
    from openpyxl.chart.legend import Legend  # noqa: PLC0415

    made: Any = Legend(legendPos="b", txPr=_text(_SIZE, _QUIET))
    made.overlay = False
    return made


def _text(size: int, colour: str) -> Any:
    from openpyxl.chart.text import RichText  # noqa: PLC0415
    from openpyxl.drawing.text import Paragraph, ParagraphProperties  # noqa: PLC0415

    properties = ParagraphProperties(defRPr=_characters(size, colour))
    paragraph: Any = Paragraph(pPr=properties, endParaRPr=_characters(size, colour))
    paragraph.r = []  # a look, no words
    return RichText(p=[paragraph])


def _characters(size: int, colour: str, *, bold: bool = False) -> Any:
    from openpyxl.drawing.text import CharacterProperties  # noqa: PLC0415

    return CharacterProperties(sz=size, b=bold, solidFill=colour)


def _room_at_the_right() -> Any:
    """Where numbers stand behind the bars' ends: programs do not leave room for those of the longest bar."""
    from openpyxl.chart.layout import Layout, ManualLayout  # noqa: PLC0415

    return Layout(ManualLayout(layoutTarget="inner", xMode="edge", yMode="edge", x=0.34, y=0.2, w=0.5, h=0.72))


def _line(colour: str) -> Any:
    from openpyxl.chart.shapes import GraphicalProperties  # noqa: PLC0415

    made: Any = GraphicalProperties()
    made.line.noFill, made.line.solidFill, made.line.prstDash = (None if colour else True), colour or None, None
    return made


def _box() -> Any:
    from openpyxl.chart.shapes import GraphicalProperties  # noqa: PLC0415

    made: Any = GraphicalProperties(solidFill="FFFFFF")
    made.line.solidFill = _LINE
    return made
