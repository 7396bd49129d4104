"""Spreadsheets from CSV and to it, as Drive converts them."""

from __future__ import annotations

import csv
import io
from typing import Any

from agent.practice.google.a1 import Area
from agent.practice.google.book import Book
from agent.practice.google.service import File
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
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            enter(book, tab, at, column, value, "USER_ENTERED")


def told(found: File, who: str, created: str, modified: str, kind: str) -> dict[str, Any]:
    """The file as the older Drive API tells it."""
    return {
        "kind": "drive#file",
        "id": found.id,
        "title": found.name,
        "mimeType": kind,
        "createdDate": created,
        "modifiedDate": modified,
        "ownerNames": [found.owner],
        "lastModifyingUserName": who,
        "editable": True,
        "writersCanShare": True,
    }
