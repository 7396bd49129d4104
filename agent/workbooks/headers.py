"""Finding the declared columns in what a person calls them: by name or alias, in any order, never guessed (DESIGN 4).

The same for every workbook: it sees only the texts of a tab's first rows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from agent.frames import ISSUES, frame
from agent.workbooks.cells import letters_of
from agent.workbooks.tabs import BY_NAME, Tab, aliases

HEADER_ROWS = 15
"""The header is looked for in this many first rows; a title or a logo may stand above it."""


@dataclass
class Headers:
    """Where the declared columns of one tab stand."""

    row: int
    """The header's row number in the sheet, from 1."""
    columns: dict[str, int] = field(default_factory=dict)
    """declared column -> zero-based column index."""
    issues: list[tuple[str, str | None, dict[str, object]]] = field(default_factory=list)
    """(code, cell, facts)."""

    @property
    def letters(self) -> dict[str, str]:
        """declared column -> column letters."""
        return {name: letters_of(index) for name, index in self.columns.items()}

    def ask(self, code: str, tab: Tab, column: str, places: Sequence[tuple[int, str | None]]) -> None:
        """Add an issue about headers at these (column index, text)."""
        cells = [f"{letters_of(index)}{self.row}" for index, _ in places]
        headers = [text for _, text in places]
        facts: dict[str, object] = {"tab": tab.name, "column": column, "headers": headers, "cells": cells}
        self.issues.append((code, cells[-1], facts))


def plain(text: str) -> str:
    """A header without case, white space and punctuation."""
    return "".join(c for c in text.casefold() if c.isalnum())


def wanted(tab: Tab) -> tuple[str, ...]:
    """The columns that are read: all of a person's tab; of an agent's tab the key and a person's column, if any."""
    if tab.owner == "person":
        return tab.names
    return (
        tuple(name for name in tab.names if name in tab.key or name in tab.person_columns) if tab.person_columns else ()
    )


@cache
def _meanings(tab_name: str) -> tuple[Mapping[str, str], Mapping[str, tuple[str, ...]]]:
    """plain header -> the column of that name; plain header -> the columns it is an alias of."""
    tab, exact = BY_NAME[tab_name], {plain(name): name for name in BY_NAME[tab_name].names}
    other: dict[str, tuple[str, ...]] = {}
    for column in tab.names:
        for alias in aliases().get(tab_name, {}).get(column, ()):
            key = plain(alias)
            if key not in exact and column not in other.get(key, ()):
                other[key] = (*other.get(key, ()), column)
    return exact, other


def find_headers(tab: Tab, rows: Sequence[tuple[int, Sequence[str | None]]]) -> Headers:
    """The header row and its columns. `rows`: (row number, texts from column A on) of the tab's first rows.

    The row that names the most columns is the header; the first of them where several do. A column that is missing
    though required, there twice, or claimed by two headers, is an issue and is not read.
    """
    best, most = Headers(rows[0][0] if rows else 1), 0
    texts: Sequence[str | None] = ()
    for number, candidate in rows[:HEADER_ROWS]:
        count = _count(tab, candidate)
        if count > most:
            best, most, texts = Headers(number), count, candidate
    _assign(tab, best, texts)
    _say_missing(tab, best)
    return best


def _count(tab: Tab, texts: Sequence[str | None]) -> int:
    exact, other = _meanings(tab.name)
    keys = {plain(text) for text in texts if text}
    found = {exact[key] for key in keys if key in exact}
    return len(found.union(*(other[key] for key in keys if key in other)))


def _assign(tab: Tab, headers: Headers, texts: Sequence[str | None]) -> None:
    exact, other = _meanings(tab.name)
    named: dict[str, list[int]] = {}
    called: dict[str, list[int]] = {}
    for index, text in enumerate(texts):
        key = plain(text) if text else ""
        if key in exact:
            named.setdefault(exact[key], []).append(index)
        for column in other.get(key, ()):
            called.setdefault(column, []).append(index)
    open_columns = [column for column in wanted(tab) if column not in named]
    for column in wanted(tab):
        if len(named.get(column, ())) == 1:
            headers.columns[column] = named[column][0]
        elif column in named:
            headers.ask("header_twice", tab, column, [(i, texts[i]) for i in named[column]])
    for column in open_columns:
        places = called.get(column, [])
        rivals = [c for c in open_columns if c != column and set(places) & set(called.get(c, ()))]
        if len(places) == 1 and not rivals:
            headers.columns[column] = places[0]
        elif places:
            headers.ask("header_unclear", tab, column, [(i, texts[i]) for i in places])


def _say_missing(tab: Tab, headers: Headers) -> None:
    asked = {facts["column"] for _, _, facts in headers.issues}
    for column in tab.columns:
        if column.required and column.name not in headers.columns and column.name not in asked:
            headers.issues.append(("header_missing", None, {"tab": tab.name, "column": column.name}))


def issue(code: str, tab: str, cell: str | None, facts: Mapping[str, object]) -> tuple[object, ...]:
    """One row of ISSUES."""
    return (code, tab, cell, None, json.dumps(facts, ensure_ascii=False))


def workbook_issues(found: Mapping[str, Headers], more: Sequence[tuple[object, ...]] = ()) -> pl.DataFrame:
    """ISSUES about the workbook: required tabs that are missing, headers that are missing, twice or unclear."""
    rows = [
        issue("tab_missing", t.name, None, {"tab": t.name})
        for t in BY_NAME.values()
        if t.required and t.name not in found
    ]
    for tab, headers in found.items():
        rows += [issue(code, tab, cell, facts) for code, cell, facts in headers.issues]
    return frame([*rows, *more], ISSUES)
