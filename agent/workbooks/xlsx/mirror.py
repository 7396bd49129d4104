"""The one thing the agent changes in a person's tab: the number in a `Stocked` cell, by compare-and-set.

Exactly that cell's bytes change; its style stays. A formula is never written over (DESIGN sections 2.4 and 5, Mirror).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from agent.words import in_words
from agent.workbooks.cells import index_of, number_text
from agent.workbooks.xlsx.draft import Draft
from agent.workbooks.xlsx.grid import SheetXml
from agent.workbooks.xlsx.layout import Area
from agent.workbooks.xlsx.package import Refused, Sheet
from agent.workbooks.xlsx.splice import Edit, Node, apply

_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s>/]")
_SPILL = re.compile(rb'<(?:[\w.-]+:)?f\b(?=[^>]*?\st="(?:array|dataTable)")[^>]*?\sref="([A-Z0-9:]+)"')
_CELL = rb'<%sc\b[^>]*?\sr="%s%d"[^>]*?(?:/>|>.*?</%sc>)'
_ADDRESS = re.compile(rb'<(?:[\w.-]+:)?c\b[^>]*?\sr="([A-Z]+)\d+"')
_STYLE = re.compile(rb'<[^>]*?\ss="(\d+)"')
_NO_CELLS = re.compile(rb"<!--|<\?|<!\[CDATA\[[^\]]*<")
"""What may hold text that only looks like a cell."""
_SAVE_IN_EXCEL = in_words("mirror.open_workbook_excel_save")


class Moved(Exception):
    """A cell no longer holds what the write was based on. `what` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True)
class Target:
    """One cell to be mirrored, and where its row stands in the sheet's rows."""

    row: int
    sku: str
    old: str | None
    new: int
    start: int
    end: int


def mirror(draft: Draft, sheet: Sheet, sku_letters: str, stocked_letters: str, cells: pl.DataFrame) -> dict[str, int]:
    """Write the MIRROR frame's numbers. Returns address -> number of the cells that changed.

    Raises Moved where a cell holds a formula, another text than `old`, or stands beside another SKU; Refused where the
    sheet is protected and the cell locked.
    """
    if cells.is_empty():
        return {}
    xml = SheetXml.split(draft.data(sheet.part), sheet.name)
    targets = _targets(xml, cells, sheet.name)
    _check_skus(draft, xml, sku_letters, targets, sheet.name)
    spills = [area for m in _SPILL.finditer(xml.rows) if (area := Area.of(m[1].decode()))]
    edits: dict[str, tuple[Edit, int]] = {}
    for target in targets:
        edit = _edit(draft, xml, target, stocked_letters, spills)
        if edit is not None:
            edits[f"{stocked_letters}{target.row}"] = (edit, target.new)
    if edits:
        rows = apply(xml.rows, [edit for edit, _ in edits.values()])
        draft.put(sheet.part, xml.joined([], rows))
        draft.recalculate = True
    return {address: new for address, (_, new) in edits.items()}


def _targets(xml: SheetXml, cells: pl.DataFrame, name: str) -> list[Target]:
    """Where the rows stand. Raises Moved where one is gone, Refused where rows or cells cannot be told apart."""
    if _NO_CELLS.search(xml.rows):
        raise Refused(in_words("mirror.tab_holds_comments_among", name=name), _SAVE_IN_EXCEL)
    wanted = {row["row"]: row for row in cells.iter_rows(named=True)}
    p, found, seen = xml.prefix.encode(), list[Target](), set[int]()
    close = b"</" + p + b"row>"
    for match in re.finditer(rb'<%srow\b(?:[^>]*?\sr="(\d+)")?[^>]*>' % p, xml.rows):
        number = int(match[1] or 0)
        if number in seen or not number:
            what = (
                in_words("mirror.holds_row_twice", number=number)
                if number
                else in_words("mirror.leaves_out_addresses_rows")
            )
            raise Refused(f"The tab {name} {what}.", _SAVE_IN_EXCEL)
        seen.add(number)
        row = wanted.pop(number, None)
        if row is not None:
            empty = match[0].endswith(b"/>")
            end = match.end() if empty else xml.rows.index(close, match.end())
            _check_cells(xml, number, match.end(), end, name)
            found.append(Target(number, row["sku"], row["old"], row["new"], match.start(), end))
    if wanted:
        raise Moved(in_words("mirror.row_gone", tab=next(iter(wanted))))
    return found


def _check_cells(xml: SheetXml, row: int, start: int, end: int, name: str) -> None:
    """Each cell of the row has an address of its own in this row."""
    p = xml.prefix.encode()
    count = len(re.findall(rb"<%sc[\s/>]" % p, xml.rows[start:end]))
    letters = re.findall(rb'<%sc\b[^>]*?\sr="([A-Z]+)%d"' % (p, row), xml.rows[start:end])
    if len(letters) != count:
        raise Refused(in_words("mirror.tab_leaves_out_addresses", name=name), _SAVE_IN_EXCEL)
    ends = len(re.findall(rb"<%sc\b[^>]*/>|</%sc>" % (p, p), xml.rows[start:end]))
    if ends != count:
        raise Refused(in_words("mirror.tab_written_way_excel", name=name), _SAVE_IN_EXCEL)
    if len(set(letters)) != count:
        raise Refused(in_words("mirror.tab_holds_cell_row", name=name, row=row), _SAVE_IN_EXCEL)


def _cell(xml: SheetXml, target: Target, letters: str) -> re.Match[bytes] | None:
    p = xml.prefix.encode()
    pattern = re.compile(_CELL % (p, letters.encode(), target.row, p), re.DOTALL)
    return pattern.search(xml.rows, target.start, target.end)


def _check_skus(draft: Draft, xml: SheetXml, letters: str, targets: list[Target], name: str) -> None:
    matches = [_cell(xml, target, letters) for target in targets]
    found = pl.Series("sku", [m[0].decode() if m else None for m in matches], pl.String)
    for target, text in zip(targets, draft.texts.of(found, xml.prefix), strict=True):
        if _same_text(text, target.sku) is False:
            raise Moved(in_words("mirror.no_longer", name=name, letters=letters, row=target.row, sku=target.sku))


def _same_text(stored: str | None, wanted: str | None) -> bool:
    """The stored text, or the stored number in its shortest form, is what was seen."""
    if stored is None or wanted is None:
        return (stored or "") == (wanted or "")
    if stored.strip() == wanted.strip():
        return True
    try:
        return number_text(float(stored)) == wanted.strip()
    except ValueError:
        return False


def _edit(draft: Draft, xml: SheetXml, target: Target, letters: str, spills: list[Area]) -> Edit | None:
    match = _cell(xml, target, letters)
    address = f"{letters}{target.row}"
    column = index_of(letters)
    spilled = any(a.left <= column <= a.right and a.top <= target.row <= a.bottom for a in spills)
    if spilled or (match and _FORMULA.search(match[0])):
        raise Moved(f"{address} holds a formula")
    if _merged_away(xml, column, target.row):
        raise Moved(in_words("mirror.hidden_within_merged_cells", address=address))
    stored = draft.texts.of(pl.Series("c", [match[0].decode() if match else None], pl.String), xml.prefix)[0]
    if not _same_text(stored, target.old):
        raise Moved(f"{address} holds {stored or 'nothing'}, not {target.old or 'nothing'}")
    if _same_text(stored, str(target.new)):
        return None
    style = _style_of(xml, target, letters, match)
    _check_lock(draft, xml, style, address)
    p = xml.prefix
    kept = f' s="{style}"' if style else ""
    new = f'<{p}c r="{address}"{kept}><{p}v>{target.new}</{p}v></{p}c>'.encode()
    at = match.span() if match else _gap(xml, target, column)
    return Edit(*at, new)


def _merged_away(xml: SheetXml, column: int, row: int) -> bool:
    """The cell is part of a merged one and not its first: what stands there is never seen."""
    holder = xml.outline.find("mergeCells")
    areas = [area for node in (holder.children if holder else []) if (area := Area.of(node.attributes.get("ref", "")))]
    inside = [a for a in areas if a.left <= column <= a.right and a.top <= row <= a.bottom]
    return any((a.left, a.top) != (column, row) for a in inside)


def _style_of(xml: SheetXml, target: Target, letters: str, match: re.Match[bytes] | None) -> int:
    """The cell's own style; an absent cell looks like its row or its column."""
    if match:
        style = _STYLE.match(match[0])
        return int(style[1]) if style else 0
    row = _STYLE.match(xml.rows, target.start)
    if row and b"customFormat" in xml.rows[target.start : xml.rows.index(b">", target.start)]:
        return int(row[1])
    number = index_of(letters) + 1
    cols = xml.outline.find("cols")
    inside = [n for n in (cols.children if cols else []) if _covers(n, number)]
    return int(inside[0].attributes.get("style", "0")) if inside else 0


def _covers(node: Node, number: int) -> bool:
    return int(node.attributes.get("min", "0")) <= number <= int(node.attributes.get("max", "0"))


def _check_lock(draft: Draft, xml: SheetXml, style: int, address: str) -> None:
    protection = xml.outline.find("sheetProtection")
    on = protection is not None and protection.attributes.get("sheet", "0") in ("1", "true")
    if on and draft.styles.locked(style):
        raise Refused(
            in_words("mirror.sheet_protected_cell_locked", address=address),
            in_words("mirror.excel_review_unprotect_sheet"),
        )


def _gap(xml: SheetXml, target: Target, column: int) -> tuple[int, int]:
    """Where an absent cell belongs: before the first cell to the right of it."""
    for match in _ADDRESS.finditer(xml.rows, target.start, target.end):
        if index_of(match[1].decode()) > column:
            return match.start(), match.start()
    return target.end, target.end
