"""The addresses inside a formula: found, and rewritten when rows, columns or tabs move."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.practice.google.a1 import column_of, letters, quoted
from agent.practice.google.cells import Formula

_REF = re.compile(
    r'"(?:[^"]|"")*"'
    r"|(?P<title>'(?:[^']|'')*'!|[A-Za-z_][A-Za-z0-9_.]*!)?"
    r"(?P<first>\$?[A-Za-z]{1,3}\$?[0-9]+|\$?[A-Za-z]{1,3}(?=:)|\$?[0-9]+(?=:))"
    r"(?::(?P<last>\$?[A-Za-z]{1,3}\$?[0-9]+|\$?[A-Za-z]{1,3}|\$?[0-9]+))?(?![A-Za-z0-9_(!.])"
    r"|[A-Za-z_][A-Za-z0-9_.]*|[0-9.]+"
)
Span = tuple[int, int]
_CORNER = re.compile(r"(\$?)([A-Za-z]{1,3})?(\$?)([0-9]+)?")


@dataclass(frozen=True, slots=True)
class Corner:
    """One end of a reference; row or column None: the whole of it."""

    row: int | None
    column: int | None
    row_fixed: bool = False
    column_fixed: bool = False

    def text(self) -> str:
        """As it stands in a formula."""
        name = "" if self.column is None else ("$" if self.column_fixed else "") + letters(self.column)
        return name + ("" if self.row is None else ("$" if self.row_fixed else "") + str(self.row + 1))


@dataclass(frozen=True, slots=True)
class Reference:
    """A cell or a range in a formula. `title`: None where it is on the formula's own tab."""

    title: str | None
    first: Corner
    last: Corner | None

    def text(self) -> str:
        """As it stands in a formula."""
        before = "" if self.title is None else quoted(self.title) + "!"
        return before + self.first.text() + (f":{self.last.text()}" if self.last else "")


def corner(text: str) -> Corner:
    """One end from its text."""
    found = _CORNER.fullmatch(text)
    if found is None:
        raise ValueError(text)
    if found[2] is None:
        return Corner(int(found[4]) - 1, None, bool(found[1] or found[3]), False)
    row = int(found[4]) - 1 if found[4] else None
    return Corner(row, column_of(found[2]), bool(found[3]), bool(found[1]))


def rewritten(formula: str, change: Callable[[Reference], str]) -> Formula:
    """The formula with each reference as `change` writes it."""

    def each(found: re.Match[str]) -> str:
        if found["first"] is None:
            return found[0]
        title = found["title"]
        named = None if title is None else title[:-1].strip("'").replace("''", "'")
        last = corner(found["last"]) if found["last"] else None
        return change(Reference(named, corner(found["first"]), last))

    return Formula(_REF.sub(each, formula))


def copied(formula: str, down: int, right: int) -> Formula:
    """The formula as it stands in a cell so many rows and columns further: what is not fixed moves along."""

    def moved(end: Corner) -> Corner:
        row = end.row if end.row is None or end.row_fixed else end.row + down
        column = end.column if end.column is None or end.column_fixed else end.column + right
        return replace(end, row=row, column=column)

    def change(ref: Reference) -> str:
        both = [moved(end) for end in (ref.first, ref.last) if end]
        if any((end.row or 0) < 0 or (end.column or 0) < 0 for end in both):
            return "#REF!"
        return Reference(ref.title, both[0], both[1] if len(both) > 1 else None).text()

    return rewritten(formula, change)


def renamed(formula: str, old: str, new: str) -> Formula:
    """The formula after a tab got another title."""
    return rewritten(formula, lambda ref: (replace(ref, title=new) if ref.title == old else ref).text())


def restructured(formula: str, own: str, title: str, rows: bool, place: Callable[[int, int], Span | None]) -> Formula:
    """The formula on tab `own` after rows or columns of `title` came or went.

    `place`: from the first and the last place of a reference to its new ones; None: they are gone.
    """

    def change(ref: Reference) -> str:
        if (own if ref.title is None else ref.title).lower() != title.lower():
            return ref.text()
        last = ref.last or ref.first
        start, end = (ref.first.row, last.row) if rows else (ref.first.column, last.column)
        if start is None or end is None:
            return ref.text()
        found = place(min(start, end), max(start, end))
        if found is None:
            return "#REF!"
        both = zip((ref.first, last), found, strict=True)
        ends = [replace(end, row=at) if rows else replace(end, column=at) for end, at in both]
        return Reference(ref.title, ends[0], ends[1] if ref.last else None).text()

    return rewritten(formula, change)
