"""The charts of Dashboard in the file: made once, left as the person leaves them, kept true to the numbers.

When the tab is first made (or first met without the mark `CHARTS_MADE`) the drawn parts are put in. Afterwards
only the numbers change: in each chart on Dashboard that draws on Chart Data, how far down its ranges reach, and the
copies of the numbers that a chart carries with it, for previews that show a file without working it out. Everything
else of a chart, and every other chart and drawing, keeps its bytes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

import polars as pl
from lxml import etree

from agent.words import in_words
from agent.workbooks import tabs
from agent.workbooks.charts import CHARTS
from agent.workbooks.xlsx.chart_source import Meant, Source
from agent.workbooks.xlsx.draft import XML, Draft
from agent.workbooks.xlsx.furniture import SHEET_ORDER
from agent.workbooks.xlsx.grid import SheetXml
from agent.workbooks.xlsx.layout import find_layout
from agent.workbooks.xlsx.marks import CHARTS_MADE
from agent.workbooks.xlsx.package import Sheet, local
from agent.workbooks.xlsx.splice import Edit, Node, append, apply, insert_in_order, outline, remove, text
from agent.workbooks.xlsx.workbook_xml import NewSheet

DASHBOARD, DATA = tabs.DASHBOARD.name, tabs.CHART_DATA.name
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.drawing+xml"
_OPEN, _STRICT = "http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/"
_RELATIONS = "officeDocument/2006/relationships"
_FORMER = re.compile(r"!\$[AB]\$2:\$[AB]\$6$")
"""What the one chart of earlier versions drew on: figures that are words now."""


def charts_mark(
    found: Mapping[str, Sheet], new: Mapping[str, NewSheet], frames: Mapping[str, pl.DataFrame]
) -> dict[str, str]:
    """The hidden name that says that the charts were made, where there is something to draw and to draw it on."""
    there = [tab for tab in (DASHBOARD, DATA) if tab in found or tab in new]
    told = [tab for tab in there if tab in frames and not frames[tab].is_empty()]
    return {CHARTS_MADE: "1"} if len(told) == 2 else {}


def keep_charts(
    draft: Draft, found: Mapping[str, Sheet], new: Mapping[str, NewSheet], frames: Mapping[str, pl.DataFrame]
) -> set[str]:
    """Put the charts in if they were never made here, else keep them true. Gives the parts made or changed."""
    if not charts_mark(found, new, frames):
        return set()
    source = _source(draft, found.get(DATA), new.get(DATA), frames[DATA])
    if DASHBOARD in new:
        return _put_in(draft, new[DASHBOARD], source, frames)
    charts = _chart_parts(draft, found[DASHBOARD].part)
    marked = any(name.name.lower() == CHARTS_MADE for name in draft.package.defined_names)
    if marked or any(True for part in charts for _ in _references(draft.data(part), source, part)):
        return {part for part in charts if _keep_true(draft, part, source)}
    return _put_in(draft, found[DASHBOARD], source, frames)


def _source(draft: Draft, sheet: Sheet | None, new: NewSheet | None, frame: pl.DataFrame) -> Source:
    tab = tabs.CHART_DATA
    if new is None and sheet is not None:
        xml = SheetXml.split(draft.data(sheet.part), sheet.name)
        layout = find_layout(draft.package, tab, sheet, xml, draft.texts)
        if layout is not None:
            return Source(sheet.name, layout.places, layout.header_row, frame)
    name = new.name if new is not None else DATA
    return Source(name, {column: place for place, column in enumerate(tab.names)}, 1, frame)


def _chart_parts(draft: Draft, sheet_part: str) -> list[str]:
    """The charts that stand on a sheet."""
    package = draft.package
    drawing = package.related(sheet_part, "drawing")
    relations = package.relations(drawing) if drawing is not None else []
    return [r.target for r in relations if r.kind == "chart" and r.target in package.members]


# --- the numbers


def _keep_true(draft: Draft, part: str, source: Source) -> bool:
    """Whether the chart was not true any more."""
    data = draft.data(part)
    draft.put(part, with_numbers(data, source, part))
    return part in draft.changes


def with_numbers(data: bytes, source: Source, name: str = "chart") -> bytes:
    """A chart whose references into Chart Data reach as far as the numbers do, with copies of them."""
    edits: list[Edit] = []
    for node, formula, meant in _references(data, source, name):
        reference, p = source.reference(meant), node.prefix
        if _text_of(data, formula) != reference:
            edits.append(Edit(formula.inner, formula.inner_end, text(reference).encode()))
        cache = node.find("numCache" if node.name == "numRef" else "strCache")
        whole = _cache(data, cache, source.values(meant), number=node.name == "numRef", p=p).encode()
        at = (cache.start, cache.end) if cache is not None else (formula.end, formula.end)
        if data[at[0] : at[1]] != whole:
            edits.append(Edit(*at, whole))
    return apply(data, edits)


def _references(data: bytes, source: Source, name: str) -> Iterator[tuple[Node, Node, Meant]]:
    """Each reference into Chart Data: its element, its formula, what it means."""
    for node in outline(data, name).walk():
        formula = node.find("f") if node.name in ("numRef", "strRef") else None
        meant = source.meant(_text_of(data, formula)) if formula is not None else None
        if formula is not None and meant is not None:
            yield node, formula, meant


def _text_of(data: bytes, node: Node) -> str:
    return html.unescape(data[node.inner : node.inner_end].decode())


def _cache(data: bytes, old: Node | None, values: pl.Series, *, number: bool, p: str) -> str:
    if number and values.cast(pl.Float64, strict=False).null_count() > values.null_count():
        values = pl.Series([None] * values.len(), dtype=pl.String)  # words are no numbers
    points = "".join(
        f'<{p}pt idx="{index}"><{p}v>{text(value)}</{p}v></{p}pt>'
        for index, value in enumerate(values)
        if value is not None
    )
    kept = old.find("formatCode") if old is not None else None
    code = data[kept.start : kept.end].decode() if kept is not None else f"<{p}formatCode>General</{p}formatCode>"
    kind = "numCache" if number else "strCache"
    return f'<{p}{kind}>{code if number else ""}<{p}ptCount val="{values.len()}"/>{points}</{p}{kind}>'


# --- the first time


def _put_in(draft: Draft, sheet: Sheet | NewSheet, source: Source, frames: Mapping[str, pl.DataFrame]) -> set[str]:
    """Draw the charts below the figures."""
    from agent.workbooks.xlsx.chart_parts import draw  # noqa: PLC0415 - loads openpyxl, once a workbook

    widths = [column.width for column in tabs.DASHBOARD.columns]
    below = _header_row(draft, sheet.part) + frames[DASHBOARD].height + 2
    drawn = draw(sheet.name, source, below, widths)
    charts = [draft.add_part("charts", "chart", _whole(draft, data, source), _CHART_TYPE) for data in drawn.charts]
    return {*charts, *_drawing(draft, sheet.part, charts, drawn.drawing)}


def _header_row(draft: Draft, part: str) -> int:
    refs = [table.ref for table in draft.package.tables if table.sheet_part == part]
    match = re.match(r"[A-Z]+(\d+)", refs[0]) if refs else None
    return int(match[1]) if match else 1


def _whole(draft: Draft, chart: bytes, source: Source) -> bytes:
    return XML.encode() + _in_namespace(draft, with_numbers(chart, source))


def _in_namespace(draft: Draft, data: bytes) -> bytes:
    """In a Strict workbook these parts have the namespaces of Strict, too."""
    if not draft.strict:
        return data
    data = data.replace(f"{_OPEN}{_RELATIONS}".encode(), f"{_STRICT}officeDocument/relationships".encode())
    return re.sub(_OPEN.encode() + rb"drawingml/2006/(\w+)", _STRICT.encode() + rb"drawingml/\1", data)


def _drawing(draft: Draft, part: str, charts: list[str], drawn: bytes) -> set[str]:
    """Put the anchors onto the sheet: into its drawing, else into a new one. Gives the parts of drawings."""
    own = draft.package.related(part, "drawing")
    if own is not None:
        ids = draft.relate(own, [("chart", chart) for chart in charts])
        data = draft.data(own)
        root = outline(data, own)
        former = [remove(node) for node in _former(draft, own, root)]
        anchors = _anchors(_in_namespace(draft, drawn), ids, 1 + _highest_id(root))
        draft.put(own, apply(data, [*former, *append(data, root, anchors)]))
        return {own, draft.package.relations_part(own)}
    made = draft.add_part("drawings", "drawing", b"", _DRAWING_TYPE)
    ids = draft.relate(made, [("chart", chart) for chart in charts])
    anchors, space = _anchors(_in_namespace(draft, drawn), ids, 2), "drawingml/2006/spreadsheetDrawing"
    root_tag = _in_namespace(draft, f'<xdr:wsDr xmlns:xdr="{_OPEN}{space}">'.encode()).decode()
    draft.put(made, f"{XML}{root_tag}{anchors}</xdr:wsDr>".encode())
    _show_drawing(draft, part, draft.relate(part, [("drawing", made)])[0])
    return {made}


def _show_drawing(draft: Draft, part: str, id_: str) -> None:
    data = draft.data(part)
    root = outline(data, part)
    element = f'<{root.prefix}drawing{draft.declared_r(root)} r:id="{id_}"/>'
    draft.put(part, apply(data, [insert_in_order(root, "drawing", SHEET_ORDER, element)]))


def _anchors(drawn: bytes, ids: list[str], first: int) -> str:
    """The drawn anchors, each with its relation, a number of its own, a name, and words for who cannot see it."""
    found = []
    for number, (anchor, id_, chart) in enumerate(zip(etree.fromstring(drawn), ids, CHARTS, strict=True)):
        for element in anchor.iter():
            if local(element) == "cNvPr":
                element.set("id", str(first + number))
                element.set("name", f"Stocksheet: {chart.title}")
                element.set("descr", in_words("charts.chart_numbers_stand", chart=chart.title, data=DATA))
            for key in element.attrib:
                if local(element) == "chart" and str(key).endswith("}id"):
                    element.set(key, id_)
        found.append(etree.tostring(anchor, encoding="unicode"))
    return "".join(found)


def _highest_id(root: Node) -> int:
    ids = [node.attributes.get("id", "") for node in root.walk() if node.name == "cNvPr"]
    return max([1, *(int(number) for number in ids if number.isdigit())])


def _former(draft: Draft, drawing: str, root: Node) -> list[Node]:
    """The anchors of the chart that earlier versions put there, as long as it draws on what they wrote."""
    charts = {r.id: r.target for r in draft.package.relations(drawing) if r.kind == "chart"}
    former = {id_ for id_, part in charts.items() if part in draft.package.members and _is_former(draft.data(part))}
    return [
        anchor
        for anchor in root.children
        if any(node.name == "chart" and former & set(node.attributes.values()) for node in anchor.walk())
    ]


def _is_former(data: bytes) -> bool:
    formulas = [_text_of(data, node) for node in outline(data, "chart").walk() if node.name == "f"]
    return bool(formulas) and all(_FORMER.search(formula) for formula in formulas)
