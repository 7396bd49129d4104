"""Rows added below a person's items, and blank cells of theirs filled in, because the person asked for it (DESIGN 2).

By compare-and-set: only cells that are blank are written; every other byte of the rows stays. A table around the items
grows with them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from agent.words import in_words
from agent.workbooks.cells import index_of, letters_of
from agent.workbooks.xlsx.draft import Draft
from agent.workbooks.xlsx.grid import SheetXml
from agent.workbooks.xlsx.layout import Area
from agent.workbooks.xlsx.package import Package, Refused, Sheet, Table
from agent.workbooks.xlsx.rows import escaped
from agent.workbooks.xlsx.selfcheck import self_check
from agent.workbooks.xlsx.splice import Edit, apply, outline, set_attribute, text
from agent.workbooks.xlsx.workbook_xml import edit_workbook
from agent.workbooks.xlsx.writing import Built

Value = str | int | None
_CELL = re.compile(r'<(?:[\w.-]+:)?c\b[^>]*?\sr="([A-Z]+)\d+"[^>]*?(?:/>|>.*?</(?:[\w.-]+:)?c>)', re.DOTALL)
_STYLE = re.compile(r'^<[^>]*?\ss="(\d+)"')
_FULL = re.compile(r"<(?:[\w.-]+:)?(?:v|is)\b[^>/]*>|<(?:[\w.-]+:)?f[\s>/]")
_VALUE = re.compile(r"<(?:[\w.-]+:)?(?:v|t)\b[^>]*>[^<]")
_FORMULA = re.compile(r"<(?:[\w.-]+:)?f[\s>/]")
_SUM = re.compile(r"<(?:[\w.-]+:)?f\b[^>]*>[^<]*\b(?:SUM|SUBTOTAL|AGGREGATE)\(")


@dataclass(frozen=True)
class Place:
    """Where a person's items stand."""

    sheet: Sheet
    letters: Mapping[str, str]
    """Column of Item Master -> its letters."""
    header: int
    """The header's row."""
    last: int
    """The last row with an item, or the header's."""


def append(
    package: Package,
    place: Place,
    rows: Sequence[Mapping[str, Value]],
    filled: Mapping[tuple[int, str], Value],
) -> bytes:
    """The workbook with these rows below the last item, and these blank cells (row, column) filled. Raises Refused."""
    draft, sheet = Draft(package), place.sheet
    xml = SheetXml.split(draft.data(sheet.part), sheet.name)
    _refuse_protected(xml, sheet)
    table = _table_around(package, place)
    area = Area.of(table.ref) if table else None
    if rows:
        _refuse_below(package, xml, place, table)
    new = _with_cells(xml, _cells(place, rows, filled), place, _formulas(draft, table) if table else {})
    draft.put(sheet.part, xml.joined(_dimension(xml, place.last + len(rows)), new.encode()))
    if table and area and rows:
        _stretch(draft, table, area, max(area.bottom, place.last + len(rows)))
    draft.recalculate = True
    edit_workbook(draft)
    content = draft.finish()
    self_check(package, Built(content, changed=True, agent_parts={sheet.part}))
    return content


def _cells(
    place: Place, rows: Sequence[Mapping[str, Value]], filled: Mapping[tuple[int, str], Value]
) -> dict[int, dict[str, Value]]:
    """Row -> letters -> value."""
    letters = place.letters
    cells: dict[int, dict[str, Value]] = {
        number: {letters[name]: value for name, value in row.items() if value is not None and name in letters}
        for number, row in enumerate(rows, place.last + 1)
    }
    for (number, name), value in filled.items():
        cells.setdefault(number, {})[letters[name]] = value
    return cells


def _refuse_protected(xml: SheetXml, sheet: Sheet) -> None:
    node = xml.outline.find("sheetProtection")
    if node is not None and node.attributes.get("sheet", "0") in ("1", "true"):
        raise Refused(
            in_words("append.tab_protected", sheet=sheet.name), in_words("append.excel_review_unprotect_sheet")
        )


def _table_around(package: Package, place: Place) -> Table | None:
    sku = index_of(place.letters["SKU"])
    for table in package.tables:
        area = Area.of(table.ref) if table.sheet_part == place.sheet.part else None
        if area and area.top == place.header and area.left <= sku <= area.right:
            return table
    return None


def _refuse_below(package: Package, xml: SheetXml, place: Place, table: Table | None) -> None:
    """Nothing of the person's may stand where the rows go: a total, a remark."""
    if table and package.root(table.part).get("totalsRowCount", "0") != "0":
        raise Refused(
            in_words("append.table_tab_row_totals", name=place.sheet.name),
            in_words("append.excel_table_design_switch"),
        )
    area = Area.of(table.ref) if table else None
    columns = [index_of(letters) for letters in place.letters.values()]
    left, right = (area.left, area.right) if area else (min(columns), max(columns))
    for number, row in xml.table.filter(pl.col("row") > place.last).select("row", "xml").iter_rows():
        for match in _CELL.finditer(row):
            typed = _VALUE.search(match[0]) and not _FORMULA.search(match[0])
            if left <= index_of(match[1]) <= right and (typed or _SUM.search(match[0])):
                raise Refused(
                    in_words("append.below_your_items_stands", name=place.sheet.name, match=match[1], number=number),
                    in_words("append.move_above_your_items"),
                )


def _formulas(draft: Draft, table: Table) -> dict[str, str]:
    """Letters -> the formula that the table fills its column with."""
    data, area = draft.data(table.part), Area.of(table.ref)
    holder = outline(data, table.part).find("tableColumns")
    found: dict[str, str] = {}
    for index, node in enumerate(holder.all("tableColumn") if holder and area else []):
        formula = node.find("calculatedColumnFormula")
        if formula is not None and area:
            found[letters_of(area.left + index)] = html.unescape(data[formula.inner : formula.inner_end].decode())
    return found


# --- the rows


@dataclass(frozen=True)
class _Model:
    """What a new row looks like."""

    prefix: str
    styles: Mapping[str, str]
    """Letters -> the style of the last item's cell."""
    formulas: Mapping[str, str]
    last: int


def _with_cells(
    xml: SheetXml, cells: Mapping[int, Mapping[str, Value]], place: Place, formulas: Mapping[str, str]
) -> str:
    """The sheet's rows with these cells; a new row looks like the last item, or like what stands below the header."""
    p = xml.prefix
    table = xml.table.select("row", "xml")
    like = table.filter(pl.col("row") == max(place.last, place.header + 1))["xml"]
    model = _Model(p, _styles(like[0]) if like.len() else {}, formulas, place.last)
    there = dict(table.iter_rows())
    fresh = {number: f'<{p}row r="{number}">' for number in cells if number not in there}
    rows = sorted({**there, **fresh}.items())
    close = f"</{p}row>"
    return "".join(_row(model, xml_, n, cells[n]) if n in cells else xml_ + close for n, xml_ in rows)


def _styles(row: str) -> dict[str, str]:
    """Letters -> the style of this row's cell."""
    return {match[1]: style[1] for match in _CELL.finditer(row) if (style := _STYLE.match(match[0]))}


def _row(model: _Model, row: str, number: int, values: Mapping[str, Value]) -> str:
    p = model.prefix
    there = {match[1]: match[0] for match in _CELL.finditer(row)}
    head = re.sub(r'\sspans="[^"]*"', "", row[: row.index(">") + 1])
    for column, value in values.items():
        if column in there and _FULL.search(there[column]):
            raise Refused(
                in_words("append.cell_not_blank", column=column, number=number),
                in_words("append.nothing_changed_look_at"),
            )
        style = _STYLE.match(there[column]) if column in there else None
        there[column] = _cell(p, f"{column}{number}", style[1] if style else model.styles.get(column), value)
    if number > model.last:
        for column, formula in model.formulas.items():
            if column not in there or not _FULL.search(there[column]):
                there[column] = _calculated(p, f"{column}{number}", model.styles.get(column), formula)
        for column, style_id in model.styles.items():
            there.setdefault(column, f'<{p}c r="{column}{number}" s="{style_id}"/>')
    return head + "".join(there[column] for column in sorted(there, key=index_of)) + f"</{p}row>"


def _calculated(p: str, address: str, style: str | None, formula: str) -> str:
    look = f' s="{style}"' if style else ""
    return f'<{p}c r="{address}"{look}><{p}f>{text(formula)}</{p}f></{p}c>'


def _cell(p: str, address: str, style: str | None, value: Value) -> str:
    look = f' s="{style}"' if style else ""
    if isinstance(value, int):
        return f'<{p}c r="{address}"{look}><{p}v>{value}</{p}v></{p}c>'
    inside = escaped(pl.Series([str(value)]))[0]
    return f'<{p}c r="{address}"{look} t="inlineStr"><{p}is><{p}t xml:space="preserve">{inside}</{p}t></{p}is></{p}c>'


def _dimension(xml: SheetXml, bottom: int) -> list[Edit]:
    node = xml.outline.find("dimension")
    area = Area.of(node.attributes.get("ref", "")) if node else None
    if node is None or area is None or area.bottom >= bottom:
        return []
    return set_attribute(xml.around, node, "ref", str(Area(area.left, area.top, area.right, bottom)))


def _stretch(draft: Draft, table: Table, area: Area, bottom: int) -> None:
    """The table, and its filter, reach to the new last row."""
    data = draft.data(table.part)
    root = outline(data, table.part)
    ref = str(Area(area.left, area.top, area.right, bottom))
    edits = set_attribute(data, root, "ref", ref)
    for node in root.all("autoFilter"):
        edits += set_attribute(data, node, "ref", ref)
    draft.put(table.part, apply(data, edits))
