"""Someone at the spreadsheet in a browser: looks, types, sorts, pastes, inserts, deletes, renames, filters.

    person = Person(google, book)                       # the owner; Person(google, book, "colleague@...") for an editor
    person.look("Items")                                # the rows as shown: heading -> value, blank cells None
    person.types("Items", {"SKU": "MUG-1"}, "Counted", 5)
    person.adds("Items", [{"SKU": "CUP-2", "Counted": 3}])
    person.sorts("Items", "Title"); person.inserts_rows("Items", 3); person.deletes_columns("Items", "Notes")

What is typed is read as a browser reads it: "00123" is the number 123 unless the cell is formatted as text, and what is
pasted, too. Everything happens at once, and Drive hears of it as of any change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agent.practice.google import batch
from agent.practice.google.a1 import Box
from agent.practice.google.batch_moves import sort
from agent.practice.google.book import Book
from agent.practice.google.cells import plain
from agent.practice.google.service import SELLER, Google
from agent.practice.google.tab import Tab
from agent.practice.google.values import enter

_HEADER_ROWS = 10
Value = str | int | float | bool | None
Row = Mapping[str, Any]


class Person:
    """A person who works in the spreadsheet `book`; refused (`Refused`) what Google refuses them."""

    def __init__(self, google: Google, book: Book, email: str = SELLER) -> None:
        self.google, self.book, self.email = google, book, email

    # -- looking

    def tab(self, title: str) -> Tab:
        """The tab of that title; KeyError where there is none."""
        found = self.book.titled(title)
        if found is None:
            raise KeyError(f"There is no tab {title}")
        return found

    def titles(self) -> list[str]:
        """The tabs from left to right."""
        return [tab.title for tab in self.book.tabs]

    def look(self, title: str) -> list[dict[str, Any]]:
        """The rows of a tab: heading -> value, blank cells None. Empty where there is no such tab."""
        if self.book.titled(title) is None:
            return []
        tab, shown = self.tab(title), self._headed(title)
        rows = ({name: self._value(tab, row, at) for name, at in shown.columns.items()} for row in shown.rows)
        return [row for row in rows if any(value is not None for value in row.values())]

    def _value(self, tab: Tab, row: int, column: int) -> Any:
        value = self.book.effective(tab, row, column)
        return None if value == "" else plain(value)

    def _headed(self, title: str) -> _Headed:
        return _Headed(self.book, self.tab(title))

    def column(self, title: str, name: str) -> int:
        """Where the column of that heading stands, from 0; KeyError where there is none."""
        return self._headed(title).columns[name]

    def row(self, title: str, where: Row) -> int:
        """Where the first row stands that shows these values, from 0; KeyError where there is none."""
        shown, tab = self._headed(title), self.tab(title)
        wanted = {shown.columns[name]: str(value) for name, value in where.items()}
        for row in shown.rows:
            if all(str(self._value(tab, row, at)) == value for at, value in wanted.items()):
                return row
        raise KeyError(f"{title} has no row {dict(where)}")

    # -- typing

    def types(self, title: str, where: Row, column: str, value: Value) -> None:
        """Type into the cell of that row, under that heading. KeyError where the row is not there."""
        self._type(self.tab(title), self.row(title, where), self.column(title, column), [[value]])

    def types_at(self, title: str, address: str, value: Value) -> None:
        """Type into the cell at an address such as B2."""
        self.pastes(title, address, [[value]])

    def adds(self, title: str, rows: Iterable[Row]) -> None:
        """Type whole rows into the first free ones; where none is left, the grid grows."""
        shown, tab = self._headed(title), self.tab(title)
        for down, row in enumerate(rows):
            at = shown.free + down
            if at >= tab.row_count:
                self.book.insert(tab, "ROWS", tab.row_count, 1, True)
            for name, value in row.items():
                self._type(tab, at, shown.columns[name], [[value]])

    def pastes(self, title: str, address: str, rows: Sequence[Sequence[Value]]) -> None:
        """Paste a block of values, its corner at an address."""
        tab, area = self.book.find(address if "!" in address else f"'{title.replace(chr(39), chr(39) * 2)}'!{address}")
        self._type(tab, area.top or 0, area.left or 0, rows)

    def clears(self, title: str, address: str) -> None:
        """Empty cells; their formats stay."""
        tab, area = self.tab(title), self.book.find(f"'{title}'!{address}")[1]
        box = tab.box(area)
        self._writer().may_edit(tab, box)
        for row, column, cell in list(tab.filled(box)):
            self.book.put(tab, row, column, cell.but(entered=None))
        self._done()

    def _type(self, tab: Tab, top: int, left: int, rows: Sequence[Sequence[Value]]) -> None:
        width = max(len(row) for row in rows)
        self._writer().may_edit(tab, Box(top, top + len(rows), left, left + width))
        self.book.resize(tab, max(tab.row_count, top + len(rows)), max(tab.column_count, left + width))
        for down, row in enumerate(rows):
            for right, value in enumerate(row):
                enter(self.book, tab, top + down, left + right, "" if value is None else value, "USER_ENTERED")
        self._done()

    # -- rows and columns

    def sorts(self, title: str, column: str, descending: bool = False) -> None:
        """Sort all rows below the headings by a column."""
        tab, shown = self.tab(title), self._headed(title)
        box = Box(shown.top + 1, tab.row_count, 0, tab.column_count)
        self._writer().may_edit(tab, box)
        order = "DESCENDING" if descending else "ASCENDING"
        sort(self._writer(), tab, box, [(shown.columns[column], {"sortOrder": order})])
        self._done()

    def inserts_rows(self, title: str, before: int, count: int = 1) -> None:
        """Insert empty rows before the row of that number, as it stands at its left (1 is the first)."""
        self._insert(title, "ROWS", before - 1, count)

    def deletes_rows(self, title: str, first: int, count: int = 1) -> None:
        """Delete rows from the one of that number on."""
        self._delete(title, "ROWS", first - 1, count)

    def deletes_row(self, title: str, where: Row) -> None:
        """Delete the row that shows these values."""
        self._delete(title, "ROWS", self.row(title, where), 1)

    def inserts_columns(self, title: str, before: str, count: int = 1) -> None:
        """Insert empty columns before the one of that heading."""
        self._insert(title, "COLUMNS", self.column(title, before), count)

    def deletes_columns(self, title: str, *names: str) -> None:
        """Delete the columns of these headings."""
        for name in names:
            self._delete(title, "COLUMNS", self.column(title, name), 1)

    def moves_column(self, title: str, name: str, before: str) -> None:
        """Move a column to before another."""
        at, to = self.column(title, name), self.column(title, before)
        source = self._span(title, "COLUMNS", at, 1)
        self._ask({"moveDimension": {"source": source, "destinationIndex": to}})

    def moves_row(self, title: str, first: int, before: int) -> None:
        """Move the row of that number to before another."""
        source = self._span(title, "ROWS", first - 1, 1)
        self._ask({"moveDimension": {"source": source, "destinationIndex": before - 1}})

    def renames_column(self, title: str, old: str, new: str) -> None:
        """Type another heading over one."""
        shown = self._headed(title)
        self._type(self.tab(title), shown.top, shown.columns[old], [[new]])

    def _span(self, title: str, dimension: str, start: int, count: int) -> dict[str, Any]:
        own = {"sheetId": self.tab(title).sheet_id}
        return {**own, "dimension": dimension, "startIndex": start, "endIndex": start + count}

    def _insert(self, title: str, dimension: str, start: int, count: int) -> None:
        before = {"range": self._span(title, dimension, start, count), "inheritFromBefore": start > 0}
        self._ask({"insertDimension": before})

    def _delete(self, title: str, dimension: str, start: int, count: int) -> None:
        self._ask({"deleteDimension": {"range": self._span(title, dimension, start, count)}})

    # -- tabs

    def adds_tab(self, title: str, rows: Sequence[Sequence[Value]] = ()) -> None:
        """A new tab at the end, with these values."""
        self._ask({"addSheet": {"properties": {"title": title}}})
        if rows:
            self.pastes(title, "A1", rows)

    def renames_tab(self, title: str, new: str) -> None:
        """Give a tab another title."""
        self._change_tab(title, title=new)

    def moves_tab(self, title: str, index: int) -> None:
        """Drag a tab to that place, from 0."""
        tab = self.tab(title)
        at = self.book.tabs.index(tab)
        self._change_tab(title, index=index + 1 if index > at else index)

    def hides_tab(self, title: str, hidden: bool = True) -> None:
        """Hide a tab, or show it again."""
        self._change_tab(title, hidden=hidden)

    def deletes_tab(self, title: str) -> None:
        """Delete a tab."""
        self._ask({"deleteSheet": {"sheetId": self.tab(title).sheet_id}})

    def duplicates_tab(self, title: str) -> None:
        """Duplicate a tab; the copy comes right after it."""
        tab = self.tab(title)
        after = self.book.tabs.index(tab) + 1
        self._ask({"duplicateSheet": {"sourceSheetId": tab.sheet_id, "insertSheetIndex": after}})

    def _change_tab(self, called: str, **changed: Any) -> None:
        properties = {"sheetId": self.tab(called).sheet_id, **changed}
        self._ask({"updateSheetProperties": {"properties": properties, "fields": ",".join(changed)}})

    # -- filters and protection

    def filters(self, title: str, column: str, without: Sequence[str]) -> None:
        """Filter the tab: rows that show one of these values in that column are hidden."""
        tab, shown = self.tab(title), self._headed(title)
        place = {"sheetId": tab.sheet_id, "startRowIndex": shown.top, "endRowIndex": tab.row_count}
        place |= {"startColumnIndex": 0, "endColumnIndex": tab.column_count}
        criteria = {str(shown.columns[column]): {"hiddenValues": list(without)}}
        self._ask({"setBasicFilter": {"filter": {"range": place, "criteria": criteria}}})

    def unfilters(self, title: str) -> None:
        """Take the filter off."""
        self._ask({"clearBasicFilter": {"sheetId": self.tab(title).sheet_id}})

    def protects(self, title: str, warning: bool = False) -> None:
        """Protect a whole tab: from everyone else, or with a warning only."""
        place = {"range": {"sheetId": self.tab(title).sheet_id}, "warningOnly": warning}
        self._ask({"addProtectedRange": {"protectedRange": place}})

    # -- how it is done

    def _writer(self) -> Any:
        return self.google.writer(self.google.sheet(self.book.id, self.email, writes=True), self.email)

    def _ask(self, request: dict[str, Any]) -> None:
        batch.run(self._writer(), [request])
        self._done()

    def _done(self) -> None:
        self.google.changed(self.google.files[self.book.id], self.email)


class _Headed:
    """A tab with a row of headings: the one with most texts among the first rows."""

    def __init__(self, book: Book, tab: Tab) -> None:
        first = tab.rows[:_HEADER_ROWS]
        texts = [sum(isinstance(cell.entered, str) for cell in row.values()) for row in first]
        self.top = max(range(len(texts)), key=lambda at: texts[at], default=0)
        names = sorted((first[self.top] if first else {}).items())
        self.columns = {str(book.effective(tab, self.top, at)).strip(): at for at, cell in names if cell.entered}
        self.rows = range(self.top + 1, len(tab.rows))
        width = set(self.columns.values())
        filled = [
            at for at in self.rows if any(c in width and tab.rows[at][c].entered is not None for c in tab.rows[at])
        ]
        self.free = filled[-1] + 1 if filled else self.top + 1
