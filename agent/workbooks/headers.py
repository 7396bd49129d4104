"""Finding the declared columns in what a person calls them: by name or alias, in any order, never guessed (DESIGN 4).

The same for every workbook: it sees only the texts of a tab's first rows, and what was remembered of an adopted tab.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

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


@dataclass(frozen=True)
class Kept:
    """What was settled about a tab's columns when the seller's own workbook was adopted (`agent.workbooks.adopt`)."""

    row: int
    """The header's row number now."""
    columns: Mapping[str, int | None]
    """declared column -> zero-based column index now; None: the seller has deleted it since."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """declared column -> its header at that time."""
    without: frozenset[str] = frozenset()
    """Declared columns that the tab does not have, whatever its headers say."""


def plain(text: str) -> str:
    """A header without case, white space and punctuation."""
    return "".join(c for c in text.casefold() if c.isalnum())


_BRACKETS = re.compile(r"[(\[{（【].*?[)\]}）】]")
_HYPHENATED = re.compile(r"(?<=\w)[-\u00ad]\s*\n\s*(?=[^\W\dA-Z])")
_BETWEEN = re.compile(r"[/|\n\r;]|\s[-–—]\s")


@lru_cache(maxsize=10_000)
def spellings(text: str) -> tuple[str, ...]:
    """What a header may mean, compared: whole, without brackets (`Qty (pcs)`), each part (`Bestand / Stock`).

    Without case, accents, white space and punctuation; the most telling first.
    """
    text = _HYPHENATED.sub("", text)
    bare = _BRACKETS.sub(" ", text)
    found = [text, bare, *(_BETWEEN.split(bare) if _BETWEEN.search(bare.strip()) else ())]
    folded = (plain(_without_accents(one)) for one in found)
    return tuple(dict.fromkeys(one for one in folded if one))


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if unicodedata.category(c) != "Mn")


def wanted(tab: Tab) -> tuple[str, ...]:
    """The columns that are read: all of a person's tab; of an agent's tab the key and a person's column, if any."""
    if tab.owner == "person":
        return tab.names
    return (
        tuple(name for name in tab.names if name in tab.key or name in tab.person_columns) if tab.person_columns else ()
    )


@cache
def _meanings(tab_name: str) -> tuple[Mapping[str, str], Mapping[str, tuple[str, ...]]]:
    """spelling -> the column of that name; spelling -> the columns it is an alias of."""
    tab, exact = BY_NAME[tab_name], {spellings(name)[0]: name for name in BY_NAME[tab_name].names}
    other: dict[str, tuple[str, ...]] = {}
    for column in tab.names:
        for alias in aliases().get(tab_name, {}).get(column, ()):
            key = spellings(alias)[0]
            if key not in exact and column not in other.get(key, ()):
                other[key] = (*other.get(key, ()), column)
    return exact, other


def named_by(tab: Tab, text: str | None) -> str | None:
    """The declared column that a header names outright."""
    exact, _ = _meanings(tab.name)
    return next((exact[key] for key in spellings(text or "") if key in exact), None)


def alias_of(tab: Tab, text: str | None) -> tuple[str, ...]:
    """The declared columns that a header is another name of; none where it names one outright."""
    exact, other = _meanings(tab.name)
    keys = spellings(text or "")
    return () if any(key in exact for key in keys) else next((other[key] for key in keys if key in other), ())


def find_headers(tab: Tab, rows: Sequence[tuple[int, Sequence[str | None]]], kept: Kept | None = None) -> Headers:
    """The header row and its columns. `rows`: (row number, texts from column A on) of the tab's first rows.

    The row that names the most columns is the header; the first of them where several do. A column that is missing
    though required, there twice, or claimed by two headers, is an issue and is not read. `kept`: of an adopted tab;
    then its header row stands in `rows`, and beside its columns only those are found that bear our own names.
    """
    if kept is not None:
        return _kept_headers(tab, dict(rows).get(kept.row, ()), kept)
    best, most = Headers(rows[0][0] if rows else 1), 0
    texts: Sequence[str | None] = ()
    for number, candidate in rows[:HEADER_ROWS]:
        count = _count(tab, candidate)
        if count > most:
            best, most, texts = Headers(number), count, candidate
    _assign(tab, best, texts)
    _say_missing(tab, best)
    return best


def _kept_headers(tab: Tab, texts: Sequence[str | None], kept: Kept) -> Headers:
    """The columns of an adopted tab: where they are now, unless their headers say that they changed places.

    One that is gone or unclear is not replaced unasked; a header that is given our own name settles it.
    """
    headers = Headers(kept.row)
    for column, index in kept.columns.items():
        if index is not None and (places := _doubts(tab, texts, kept, column, index)):
            headers.ask("header_unclear", tab, column, [(i, texts[i] if i < len(texts) else None) for i in places])
        elif index is not None:
            headers.columns[column] = index
    taken = set(headers.columns.values())
    for index, text in enumerate(texts):
        named = named_by(tab, text)
        if named and index not in taken and named not in headers.columns and named not in kept.without:
            headers.columns[named] = index
            headers.issues = [issue for issue in headers.issues if issue[2]["column"] != named]
    _say_missing(tab, headers)
    return headers


def _doubts(tab: Tab, texts: Sequence[str | None], kept: Kept, column: str, index: int) -> list[int]:
    """Where the column may be, if its header now says that it is no longer here; [] where it is clear."""
    now, then = texts[index] if index < len(texts) else None, kept.texts.get(column)
    if then is None or _same_header(now, then):
        return []
    elsewhere = [i for i, text in enumerate(texts) if i != index and _same_header(text, then)]
    return [*elsewhere, index] if elsewhere or _means_another(tab, column, now) else []


def _same_header(one: str | None, other: str) -> bool:
    return plain(one or "") == plain(other)


def _means_another(tab: Tab, column: str, text: str | None) -> bool:
    """A header that was changed into another column's name."""
    named = named_by(tab, text)
    return named != column if named else bool(alias_of(tab, text)) and column not in alias_of(tab, text)


def _count(tab: Tab, texts: Sequence[str | None]) -> int:
    found = {named for text in texts if (named := named_by(tab, text))}
    return len(found.union(*(alias_of(tab, text) for text in texts)))


def _assign(tab: Tab, headers: Headers, texts: Sequence[str | None]) -> None:
    named: dict[str, list[int]] = {}
    called: dict[str, list[int]] = {}
    for index, text in enumerate(texts):
        name = named_by(tab, text)
        if name:
            named.setdefault(name, []).append(index)
        for column in alias_of(tab, text):
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
