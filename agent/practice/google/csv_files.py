"""Spreadsheets from CSV and to it, as Drive converts them."""

from __future__ import annotations

import csv
import io

from agent.practice.google.a1 import Area
from agent.practice.google.book import Book
from agent.practice.google.tab import Tab
from agent.practice.google.values import Rendering, enter, table


def exported(book: Book, sign: str) -> str:
    """The first tab as text; no line break after the last row."""
    tab = book.tabs[0]
    rows = table(book, tab, tab.box(Area()), Rendering())
    width = max((len(row) for row in rows), default=0)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=sign, lineterminator="\r\n")
    writer.writerows([*row, *[""] * (width - len(row))] for row in rows)
    return out.getvalue().removesuffix("\r\n")


def imported(book: Book, text: str) -> None:
    """All that was there goes; the text comes into a new tab named after the file, as if it were typed."""
    rows = list(csv.reader(io.StringIO(text)))
    width = max((len(row) for row in rows), default=0)
    tab = Tab(book.new_id(), book.title, max(len(rows), 1000), max(width, 26))
    book.tabs, book.named, book.metadata = [tab], [], []
    book.properties["timeZone"] = "America/Los_Angeles"  # Google's own, whatever it was before
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            enter(book, tab, at, column, value, "USER_ENTERED")
