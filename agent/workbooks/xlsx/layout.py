"""Where the columns of an agent's tab stand in the person's workbook, and what the person wrote beside them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from agent.workbooks.cells import index_of, letters_of
from agent.workbooks.headers import HEADER_ROWS, plain
from agent.workbooks.tabs import Tab
from agent.workbooks.xlsx.grid import SheetXml, Texts, plain_text
from agent.workbooks.xlsx.package import Package, Sheet, Table
from agent.workbooks.xlsx.rows import plain_texts
from agent.workbooks.xlsx.splice import outline

KEY = "key"
_BETWEEN = "\x1f"
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")


@dataclass(frozen=True)
class Area:
    """A range of cells: zero-based columns, rows from 1, ends included."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def of(cls, text: str) -> Area | None:
        """`B2:D9`; None for what is no plain range."""
        match = _RANGE.fullmatch(text.strip())
        if match is None:
            return None
        left, top, right, bottom = match.groups()
        return cls(index_of(left), int(top), index_of(right or left), int(bottom or top))

    def __str__(self) -> str:
        first, last = f"{letters_of(self.left)}{self.top}", f"{letters_of(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"


@dataclass
class Layout:
    """An agent's tab as it stands: its header row and its columns."""

    tab: Tab
    sheet: SheetXml
    header_row: int
    columns: dict[int, str]
    """zero-based column -> the header there."""
    bottom: int
    """The last data row of the table, else of the sheet."""
    table: Table | None = None
    totals: bool = False
    """The person switched on the table's row of totals: it stands just below `bottom`."""
    calculated: dict[int, str] | None = None
    """column -> the formula (XML) with which the person's own table column is filled."""

    @cached_property
    def places(self) -> dict[str, int]:
        """declared column -> zero-based column, of those that are there."""
        by_plain = {plain(text): index for index, text in reversed(self.columns.items())}
        return {name: by_plain[plain(name)] for name in self.tab.names if plain(name) in by_plain}

    @cached_property
    def data(self) -> pl.DataFrame:
        """`row`, `xml` of the rows between header and totals."""
        row = pl.col("row")
        return self.sheet.table.filter((row > self.header_row) & (row <= self.bottom))

    @cached_property
    def last_column(self) -> int:
        """The last column that the table or any cell reaches."""
        last = max(self.columns)
        return max(last, self.sheet.last_column()) if self.sheet.beyond(last) else last

    @cached_property
    def first(self) -> Layout:
        """The same tab with its first data row only, which shows how its columns look."""
        return self.only(self.data.head(1))

    def only(self, rows: pl.DataFrame) -> Layout:
        """The same tab with some rows of its sheet only."""
        return replace(self, sheet=self.sheet.only(rows))

    def filled(self, index: int) -> pl.Series:
        """Whether a column's cell in each data row holds something."""
        if not self.sheet.plain:
            return self.cells(index).str.contains(r"<[\w.:-]*(?:v|is|f)[\s>]").fill_null(value=False)
        return self.data["xml"].str.contains(rf'<{self.sheet.prefix}c r="{letters_of(index)}\d+"[^>]*[^/]>\s*<[^/]')

    def cells(self, index: int) -> pl.Series:
        """The XML of a column's cells in the data rows."""
        return self.sheet.cells(letters_of(index), self.data)


def find_layout(package: Package, tab: Tab, sheet: Sheet, xml: SheetXml, texts: Texts) -> Layout | None:
    """The layout of an agent's tab by its table, else by its header; None if this is not such a tab."""
    tables = [t for t in package.tables if t.sheet_part == sheet.part]
    for table in tables:
        layout = _by_table(package, tab, xml, table)
        if layout is not None:
            return layout
    return None if tables else _by_header(tab, xml, texts)


def _by_table(package: Package, tab: Tab, xml: SheetXml, table: Table) -> Layout | None:
    area = Area.of(table.ref)
    root = outline(package.data(table.part), table.part)
    holder = root.find("tableColumns")
    if area is None or holder is None or root.attributes.get("headerRowCount", "1") != "1":
        return None
    names = {area.left + i: plain_text(n.attributes.get("name", "")) for i, n in enumerate(holder.all("tableColumn"))}
    calculated = {}
    data = package.data(table.part)
    for index, node in enumerate(holder.all("tableColumn")):
        formula = node.find("calculatedColumnFormula")
        if formula is not None:
            calculated[area.left + index] = html.unescape(data[formula.inner : formula.inner_end].decode())
    totals = root.attributes.get("totalsRowCount", "0") != "0"
    layout = Layout(tab, xml, area.top, names, area.bottom - totals, table, totals, calculated)
    return layout if _is_ours(layout) else None


def _by_header(tab: Tab, xml: SheetXml, texts: Texts) -> Layout | None:
    last = xml.table["row"].max()
    head = xml.only(xml.table.filter(pl.col("row") <= HEADER_ROWS))
    top = head.table
    found = [texts.of(head.cells(letters_of(i)), xml.prefix) for i in range(min(200, head.last_column() + 1))]
    for position, row in enumerate(top["row"]):
        names = {index: column[position] for index, column in enumerate(found) if column[position] is not None}
        layout = Layout(tab, xml, int(row), names, int(str(last)))
        if names and _is_ours(layout):
            return layout
    return None


def _is_ours(layout: Layout) -> bool:
    """All key columns and half of the others are there: not a tab of the person's that has the same name."""
    names = layout.places
    return all(k in names for k in layout.tab.key) and 2 * len(names) >= len(layout.tab.names)


# --- what the person wrote, by key


def key_texts(frame: pl.DataFrame, tab: Tab) -> pl.Series:
    """The key of each row as one text; null without a key."""
    if not tab.key or not all(name in frame.columns for name in tab.key):
        return pl.Series(KEY, [None] * frame.height, pl.String)
    parts = [plain_texts(frame[name]).fill_null("") for name in tab.key]
    return pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator=_BETWEEN).alias(KEY)).to_series()


def sheet_keys(layout: Layout, texts: Texts) -> pl.Series:
    """The key of each data row as it stands in the sheet."""
    found = [texts.of(layout.cells(layout.places[n]), layout.sheet.prefix).alias(n) for n in layout.tab.key]
    if not found:
        return pl.Series(KEY, [None] * layout.data.height, pl.String)
    return key_texts(pl.DataFrame(found), layout.tab)


def typed_texts(layout: Layout, texts: Texts) -> pl.DataFrame:
    """`key`, and what the person typed in each of their columns as text; one row a key, wholly blank ones left out."""
    names = [name for name in layout.tab.person_columns if name in layout.places]
    if not names:
        return pl.DataFrame(schema={KEY: pl.String})
    layout = layout.only(layout.data.filter(any_of(layout.filled(layout.places[n]) for n in names)))
    found = [texts.of(layout.cells(layout.places[n]), layout.sheet.prefix).str.strip_chars().alias(n) for n in names]
    frame = pl.DataFrame([sheet_keys(layout, texts), *found])
    filled = pl.any_horizontal(pl.col(n).fill_null("") != "" for n in names)
    return frame.filter(filled & pl.col(KEY).is_not_null()).unique(KEY, keep="first", maintain_order=True)


def any_of(masks: Iterable[pl.Series]) -> pl.Series:
    """Row by row: one of the masks says so."""
    frame = pl.DataFrame([mask.alias(str(i)) for i, mask in enumerate(masks)])
    return frame.select(pl.any_horizontal(pl.all())).to_series()
