"""One agent's tab written anew: its rows, with the person's own cells carried along, and all that hangs on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import tzinfo

import polars as pl

from agent.words import in_words
from agent.workbooks import looks
from agent.workbooks.cells import letters_of
from agent.workbooks.tabs import Tab
from agent.workbooks.xlsx import furniture
from agent.workbooks.xlsx.differences import FIRST_LOOK, begin_otherwise, say_otherwise
from agent.workbooks.xlsx.draft import Draft
from agent.workbooks.xlsx.grid import SheetXml
from agent.workbooks.xlsx.heights import row_heights
from agent.workbooks.xlsx.kept import kept_cells, with_typed
from agent.workbooks.xlsx.layout import KEY, Area, Layout, find_layout, key_texts
from agent.workbooks.xlsx.marks import is_marked
from agent.workbooks.xlsx.new_tab import header_cell, look_of, new_sheet
from agent.workbooks.xlsx.package import Refused, Sheet
from agent.workbooks.xlsx.row_grammar import are_sound, is_sound
from agent.workbooks.xlsx.rows import Slot, row_texts
from agent.workbooks.xlsx.splice import text

MAX_ROWS = 1_048_576
_STYLE = r'^<[^>]*?\ss="(\d+)"'
_USUAL_WIDTH = 8.43


@dataclass(frozen=True)
class TabWritten:
    """What was written: the tab's part; whether it had rows before and has some now."""

    part: str
    new: bool
    had_rows: bool
    has_rows: bool
    differs: bool
    """It says something else than before. (Excel writes the same in other bytes.)"""
    formulas: bool
    """Formulas stood in it."""
    checked: tuple[int, int] | None
    """Checksum and size of a big sheet whose every row was checked while it was made."""


def existing(draft: Draft, tab: Tab, sheet: Sheet) -> Layout | None:
    """The layout of the tab if this sheet is the agent's; None where it is a person's tab of the same name."""
    xml = SheetXml.split(draft.data(sheet.part), sheet.name)
    layout = find_layout(draft.package, tab, sheet, xml, draft.texts)
    if layout is None and is_marked(draft.package, tab.name, sheet) and xml.table.is_empty():
        return None
    return layout


def write_tab(
    draft: Draft,
    tab: Tab,
    layout: Layout | None,
    part: str | None,
    frame: pl.DataFrame,
    *,
    typed: pl.DataFrame | None = None,
    zone: tzinfo | None = None,
    compare: bool = True,
) -> TabWritten:
    """Write the rows of `frame` into the tab at `part`, or into a new one.

    `layout`: of the tab as it is (`existing`). `typed`: what was typed in the sidecar, by key. `compare`: find out
    whether it differs; else it is taken for granted.
    """
    new = layout is None or part is None
    if layout is None or part is None:
        part, layout = _new_part(draft, tab)
    if frame.height + layout.header_row > MAX_ROWS - 1:
        raise Refused(
            in_words("agent_tab.would_more_rows_than", tab=tab.name), in_words("agent_tab.ask_for_fewer_rows")
        )
    layout.sheet.let_go()
    had_rows = _has_rows(layout.first) or _has_rows(layout)
    xml, above = layout.sheet.table["xml"], int((layout.sheet.table["row"] <= layout.header_row).sum())
    formulas = bool(xml.slice(above).str.contains(rf"<{layout.sheet.prefix}f[\s>/]").any())  # above: kept as it is
    made = _Made()
    packed = draft.put_pieces(part, _pieces(draft, part, layout, frame, typed=typed, zone=zone, made=made))
    if formulas:
        _watch_formulas(draft, part)
    differs = part in draft.changes and (not compare or _differs(draft, part))
    checked = (packed.crc, packed.size) if made.sound and packed is not None else None
    return TabWritten(part, new, had_rows, not frame.is_empty(), differs, formulas, checked)


def _has_rows(layout: Layout) -> bool:
    return bool(layout.filled(layout.places[_naming(layout)]).any())


def _naming(layout: Layout) -> str:
    """The column that every row fills."""
    return layout.tab.key[0] if layout.tab.key else min(layout.places, key=lambda name: layout.places[name])


def _new_part(draft: Draft, tab: Tab) -> tuple[str, Layout]:
    data = new_sheet(draft, tab)
    part = draft.add_part("worksheets", "sheet", data, "worksheet")
    xml, top = SheetXml.split(data, tab.name), looks.header_row(tab)
    return part, Layout(tab, xml, top, dict(enumerate(tab.names)), top)


@dataclass
class _Made:
    """What became known while a sheet was made."""

    sound: bool = True
    """Every row of it, and what stands around them."""


def _pieces(
    draft: Draft,
    part: str,
    layout: Layout,
    frame: pl.DataFrame,
    *,
    typed: pl.DataFrame | None,
    zone: tzinfo | None,
    made: _Made,
) -> Iterator[bytes]:
    """The sheet's XML, some rows at a time."""
    fresh = _fresh_columns(layout)
    columns = layout.columns | fresh
    first, height = layout.header_row + 1, max(1, frame.height)
    area = Area(min(columns), layout.header_row, max(columns), layout.header_row + height)
    wide = replace(layout, columns=columns)
    rows = tab_rows(draft, wide, frame, first, typed=typed, zone=zone)
    head, totals = _head(draft, layout, fresh).encode(), _totals(layout, area.bottom + 1).encode()
    edits = furniture.dimension(wide, area) + furniture.colours(wide, area)
    edits += furniture.table(draft, part, wide, area, [columns[i] for i in sorted(columns)])
    edits += furniture.dropdowns(wide, area, frame) + furniture.links(draft, part, wide, frame)
    before, behind = layout.sheet.halves(edits)
    made.sound = is_sound(before + head + totals + behind)
    yield before + head
    for some in rows:
        numbers = pl.int_range(first, first + some.len(), eager=True)
        made.sound = made.sound and are_sound(layout.sheet, some, numbers)
        first += some.len()
        yield some.str.join("").cast(pl.Binary).item()
    yield totals + behind


def _fresh_columns(layout: Layout) -> dict[int, str]:
    """Declared columns that the tab lacks: added at the end, unless the person's own cells stand there."""
    missing = [name for name in layout.tab.names if name not in layout.places]
    last = max(layout.columns)
    if not missing or layout.sheet.last_column() > last:
        return {}
    return {last + 1 + i: name for i, name in enumerate(missing)}


def tab_rows(
    draft: Draft,
    layout: Layout,
    frame: pl.DataFrame,
    first: int | pl.Series,
    *,
    typed: pl.DataFrame | None = None,
    zone: tzinfo | None = None,
) -> Iterator[pl.Series]:
    """The XML of the tab's rows, one for each of `frame`, from row `first` on or in the rows that it names; some
    thousand at a time: what they are made of is held several times over.

    Without rows, one blank one in the looks of the columns: a table has at least one.
    """
    numbers = pl.Series(range(first, first + frame.height), dtype=pl.Int64) if isinstance(first, int) else first
    cells, slots = _cells(draft, layout, frame, numbers, typed)
    p = layout.sheet.prefix
    if frame.is_empty():
        blanks = "".join(f'<{p}c r="{s.letters}{first}" s="{s.style}"/>' for s in slots if s.style)
        yield pl.Series("xml", [f'<{p}row r="{first}">{blanks}</{p}row>'])
        return
    wrapped = [
        (cells[slot.source], _width(layout, index))
        for index, slot in enumerate(slots)
        if slot.source and not slot.raw and cells[slot.source].dtype == pl.String and draft.styles.wraps(slot.style)
    ]
    heights, date1904 = row_heights(wrapped, frame.height), draft.package.date1904
    yield from row_texts(cells, slots, numbers, heights=heights, prefix=p, date1904=date1904, zone=zone)


def _cells(
    draft: Draft, layout: Layout, frame: pl.DataFrame, numbers: pl.Series, typed: pl.DataFrame | None
) -> tuple[pl.DataFrame, list[Slot]]:
    """The frame of all the sheet's columns, and how each is written."""
    at = {index: name for name, index in layout.places.items()}
    agents, everywhere = set(layout.tab.agent_columns), range(layout.last_column + 1)
    own = [i for i in everywhere if at.get(i) not in agents]
    keys = key_texts(frame, layout.tab) if own else pl.Series(KEY, [None], pl.String).new_from_index(0, frame.height)
    styles = {index: _style(draft, layout, index, at.get(index)) for index in everywhere}
    usual = {index: style for index, style in styles.items() if index in layout.columns}
    kept = kept_cells(layout, own, keys, numbers=numbers, texts=draft.texts, styles=usual)
    series, slots = [], []
    for index in everywhere:
        name, style, source = at.get(index), styles[index], str(index)
        if name in agents:
            if name in frame.columns:
                series.append(frame[name].alias(source))
            slots.append(Slot(letters_of(index), style, source if name in frame.columns else None))
            continue
        said = typed is not None and name in typed.columns
        if index not in kept and not said and index not in (layout.calculated or {}):
            slots.append(Slot(letters_of(index), style if index in layout.columns else 0, None))
            continue
        raw = kept[index] if index in kept else pl.Series(source, [None], pl.String).new_from_index(0, frame.height)
        if typed is not None and said:
            raw = _with_sidecar(draft, layout, raw, _said(keys, typed, str(name)), style)
        series.append(_filled(draft, layout, raw, index, style).alias(source))
        slots.append(Slot(letters_of(index), style, source, raw=True))
    return pl.DataFrame(series), slots


def _said(keys: pl.Series, typed: pl.DataFrame, name: str) -> pl.Series:
    """What the sidecar says in a column, for each key."""
    return keys.alias(KEY).to_frame().join(typed.select(KEY, name), on=KEY, how="left", maintain_order="left")[name]


def _with_sidecar(draft: Draft, layout: Layout, raw: pl.Series, said: pl.Series, style: int) -> pl.Series:
    p = layout.sheet.prefix
    whole = raw.to_frame("r").select(pl.format(f"<{p}c{{}}", pl.col("r"))).to_series()
    return with_typed(raw, said, draft.texts.of(whole, p), style, p)


def _filled(draft: Draft, layout: Layout, raw: pl.Series, index: int, style: int) -> pl.Series:
    """Blank cells keep the column's look; a table column that the person filled with a formula goes on being filled."""
    p = layout.sheet.prefix
    start = f' s="{style}"' if style else ""
    formula = (layout.calculated or {}).get(index)
    if formula is None:
        inside = index in layout.columns
        return raw.fill_null(start + "/>") if style and inside else raw
    draft.recalculate = draft.recalculate or bool(raw.null_count())
    return raw.fill_null(f"{start}><{p}f>{text(formula)}</{p}f></{p}c>")


def _style(draft: Draft, layout: Layout, index: int, name: str | None) -> int:
    """The style that the column has now, else the look of its kind."""
    sample = layout.first.cells(index).str.extract(_STYLE).cast(pl.Int64)
    style = None if sample.is_empty() or sample[0] is None else int(sample[0])
    if name is None:
        return style or 0
    column = layout.tab.column(name)
    style = _column_style(layout, index) if style is None else style
    if style is None or (column.kind == "when" and draft.styles.format_class(style) != "date"):
        return draft.styles.look(look_of(column))
    return style


def _column_style(layout: Layout, index: int) -> int | None:
    style = _column(layout, index).get("style", "0")
    return int(style) or None


def _column(layout: Layout, index: int) -> dict[str, str]:
    """What the sheet says about a whole column."""
    cols = layout.sheet.outline.find("cols")
    for node in cols.children if cols else []:
        if int(node.attributes.get("min", "0")) <= index + 1 <= int(node.attributes.get("max", "0")):
            return node.attributes
    return {}


def _width(layout: Layout, index: int) -> float:
    """A column's width in characters."""
    return float(_column(layout, index).get("width", _USUAL_WIDTH))


def _head(draft: Draft, layout: Layout, fresh: dict[int, str]) -> str:
    """The rows down to the header, as they are, with the headers of fresh columns."""
    p = layout.sheet.prefix
    head = layout.sheet.table.filter(pl.col("row") <= layout.header_row)
    sample = layout.sheet.only(head.tail(1)).cells(letters_of(max(layout.columns))).str.extract(_STYLE).cast(pl.Int64)
    style = None if sample.is_empty() or sample[0] is None else int(sample[0])
    new = "".join(
        header_cell(draft, layout.tab.column(name), f"{letters_of(i)}{layout.header_row}", style, p)
        for i, name in fresh.items()
    )
    xml = list(head["xml"])
    xml[-1] += new
    return "".join(f"{row}</{p}row>" for row in xml)


def _totals(layout: Layout, row: int) -> str:
    """The table's row of totals, moved below the last row."""
    if not layout.totals:
        return ""
    found = layout.sheet.table.filter(pl.col("row") == layout.bottom + 1)["xml"]
    p = layout.sheet.prefix
    moved = (re.sub(rf'(<{p}(?:row|c)\b[^>]*?\sr="[A-Z]*)\d+"', rf'\g<1>{row}"', xml) for xml in found)
    return "".join(f"{xml}</{p}row>" for xml in moved)


_FORMULA_CELL = re.compile(r'<(?:[\w.-]+:)?c\b[^>]*?\sr="([A-Z]+\d+)"[^>]*?>\s*<(?:[\w.-]+:)?f[\s>/]')


def _watch_formulas(draft: Draft, part: str) -> None:
    before = set(_FORMULA_CELL.findall(draft.package.data(part).decode("utf-8", errors="replace")))
    if before - set(_FORMULA_CELL.findall(draft.data(part).decode())):
        draft.formulas_moved = draft.recalculate = True


def _differs(draft: Draft, part: str) -> bool:
    """The part says something else than it did. Where something changed, its beginning mostly shows it."""
    old, new = draft.package.archive.head(part, FIRST_LOOK), draft.changes[part]
    begin = new[:FIRST_LOOK] if isinstance(new, bytes) else new.head(FIRST_LOOK)
    return begin_otherwise(draft.texts, old, begin) or say_otherwise(
        draft.texts, draft.package.data(part), draft.data(part)
    )
