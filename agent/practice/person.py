"""Someone at the workbook with a spreadsheet program: looks at a tab, types into a cell, saves.

Saving is done as spreadsheet programs do it: a whole new file beside, then a rename over the old one. Everything but
the typed cells stays as it is. Shares no code with the rooms that read and write workbooks for the agent.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree
from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_HEADER_ROWS = 10
Value = str | int | float | None
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Typing:
    """One cell to type: on `tab`, in the row where each column of `where` shows that value, under `column`."""

    tab: str
    where: Row
    column: str
    value: Value


class Person:
    """A person who works in the workbook at `file`."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def look(self, tab: str) -> list[dict[str, Any]]:
        """The rows of a tab as shown: header -> value, blank cells None. Empty where there is no such tab."""
        return _Tab(self.file.read_bytes(), tab).rows

    def types(self, tab: str, where: Row, column: str, value: Value) -> None:
        """Type one cell and save. KeyError where the row is not there."""
        self.save([Typing(tab, where, column, value)])

    def adds(self, tab: str, rows: Iterable[Row]) -> None:
        """Type whole rows into the first free ones of a tab, and save; a table around it grows, as programs do it."""
        content = self.file.read_bytes()
        shown = _Tab(content, tab)
        cells = {
            (shown.free + at, shown.header.index(name) + 1): value
            for at, row in enumerate(rows)
            for name, value in row.items()
        }
        self._put(_with_cells(content, {tab: cells}))

    def save(self, typed: Iterable[Typing]) -> None:
        """Type cells into the file as it is now, and save once. KeyError where a row is not there."""
        wanted = list(typed)
        while True:
            before = self.file.read_bytes()
            after = _with_cells(before, _places(before, wanted))
            if self.file.read_bytes() == before:  # a program warns of a file that changed under it
                return self._put(after)

    def _put(self, content: bytes) -> None:
        beside = self.file.with_name(f"{self.file.stem}.tmp")
        beside.write_bytes(content)
        beside.replace(self.file)


def _places(content: bytes, typed: Iterable[Typing]) -> dict[str, dict[tuple[int, int], Value]]:
    cells: dict[str, dict[tuple[int, int], Value]] = {}
    for one in typed:
        place = _Tab(content, one.tab).place(one.where, one.column)
        cells.setdefault(one.tab, {})[place] = one.value
    return cells


class _Tab:
    """What one tab shows."""

    def __init__(self, content: bytes, name: str) -> None:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False) if name in book.sheet_names else []
        self.name = name
        self.top = max(range(min(_HEADER_ROWS, len(grid))), key=lambda at: _filled(grid[at]), default=0)
        self.header = [str(cell).strip() for cell in grid[self.top]] if grid else []
        self._grid = grid[self.top + 1 :]

    @property
    def rows(self) -> list[dict[str, Any]]:
        named = [{n: _plain(v) for n, v in zip(self.header, row, strict=False) if n} for row in self._grid]
        return [row for row in named if any(value is not None for value in row.values())]

    @property
    def free(self) -> int:
        """The number of the first row below everything that is filled in."""
        filled = [at for at, row in enumerate(self._grid) if any(cell != "" for cell in row[: self._width])]
        return self.top + 2 + (filled[-1] + 1 if filled else 0)

    @property
    def _width(self) -> int:
        """Columns up to the first empty heading: what stands further right is beside the table."""
        return next((at for at, name in enumerate(self.header) if not name), len(self.header))

    def place(self, where: Row, column: str) -> tuple[int, int]:
        """Row and column of a cell, counted from 1."""
        wanted = {self.header.index(name): str(value) for name, value in where.items()}
        for at, row in enumerate(self._grid):
            if all(str(_plain(row[place])) == value for place, value in wanted.items()):
                return self.top + 2 + at, self.header.index(column) + 1
        raise KeyError(f"{self.name} has no row {dict(where)}")


def _filled(row: list[Any]) -> int:
    return sum(isinstance(cell, str) and bool(cell.strip()) for cell in row)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None if value == "" else value


def _with_cells(content: bytes, typed: Mapping[str, Mapping[tuple[int, int], Value]]) -> bytes:
    """The same package with these cells of these tabs changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {_part(old, tab): cells for tab, cells in typed.items()}
        changed = {part: _sheet_with(old.read(part), cells) for part, cells in parts.items()}
        for part, cells in parts.items():
            changed |= _grown_tables(old, part, max(row for row, _ in cells))
        for member in old.infolist():
            new.writestr(member, changed.get(member.filename) or old.read(member))
    return out.getvalue()


def _grown_tables(package: zipfile.ZipFile, sheet: str, last: int) -> dict[str, bytes]:
    """The sheet's tables that end above the last typed row, made to reach it."""
    folder, name = posixpath.split(sheet)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in package.namelist():
        return {}
    grown = {}
    for each in etree.fromstring(package.read(relations)):
        if str(each.get("Type")).endswith("/table"):
            part = posixpath.normpath(posixpath.join(folder, str(each.get("Target")))).lstrip("/")
            part = str(each.get("Target")).lstrip("/") if str(each.get("Target")).startswith("/") else part
            grown[part] = _reaching(package.read(part), last)
    return grown


def _reaching(table: bytes, last: int) -> bytes:
    root = etree.fromstring(table)
    if int(str(root.get("ref")).rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) >= last:
        return table
    for each in (root, *root.iter(f"{_MAIN}autoFilter")):
        start, _, end = str(each.get("ref")).partition(":")
        letters, number = end.rstrip("0123456789"), int(end.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        each.set("ref", f"{start}:{letters}{max(number, last)}")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _part(package: zipfile.ZipFile, tab: str) -> str:
    """The part that holds a tab."""
    workbook = etree.fromstring(package.read("xl/workbook.xml"))
    number = next(sheet.get(_RELATION) for sheet in workbook.iter(f"{_MAIN}sheet") if sheet.get("name") == tab)
    relations = etree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    target = next(str(each.get("Target")) for each in relations if each.get("Id") == number)
    return target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)


def _sheet_with(data: bytes, cells: Mapping[tuple[int, int], Value]) -> bytes:
    root = etree.fromstring(data)
    sheet = next(root.iter(f"{_MAIN}sheetData"))
    rows = {int(row.get("r")): row for row in sheet}
    for (number, column), value in sorted(cells.items()):
        row = rows.get(number)
        if row is None:  # below all others: typed rows are not left apart
            row = rows[number] = etree.SubElement(sheet, f"{_MAIN}row", r=str(number))
        row.attrib.pop("spans", None)
        cell = _cell(row, f"{get_column_letter(column)}{number}", column)
        _fill(cell, value)
        above = rows.get(number - 1)
        if cell.get("s") is None and above is not None:  # programs go on with the format of the row above
            _style_as(cell, above, f"{get_column_letter(column)}{number - 1}")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _style_as(cell: Any, row: Any, address: str) -> None:
    found = next((each.get("s") for each in row if each.get("r") == address), None)
    if found is not None:
        cell.set("s", found)


def _cell(row: Any, address: str, column: int) -> Any:
    """The cell of that address; a new one where there is none."""
    for at, cell in enumerate(row):
        found = cell.get("r")
        if found == address:
            return cell
        letters = found.rstrip("0123456789")
        if (len(letters), letters) > (len(get_column_letter(column)), get_column_letter(column)):
            new = etree.Element(f"{_MAIN}c", r=address)
            row.insert(at, new)
            return new
    return etree.SubElement(row, f"{_MAIN}c", r=address)


def _fill(cell: Any, value: Value) -> None:
    """What is typed takes the place of content and type; the cell's style stays."""
    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", None)
    if isinstance(value, str):
        cell.set("t", "inlineStr")
        inner = etree.SubElement(etree.SubElement(cell, f"{_MAIN}is"), f"{_MAIN}t")
        inner.text = value
    elif value is not None:
        etree.SubElement(cell, f"{_MAIN}v").text = str(value)
