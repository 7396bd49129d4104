"""What was understood of a seller's own list of items: shown, and asked where it is not clear; for a file and a sheet.

Nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from agent.commands._news import issue_words
from agent.commands._screen import Screen
from agent.commands.check import GOOD_TO_KNOW
from agent.core import check
from agent.ports import SystemClock
from agent.words import in_words
from agent.workbooks.adopt.columns import ColumnLook
from agent.workbooks.adopt.sheets import MOST_ROWS, SheetLook
from agent.workbooks.adopt.understand import Question, Understood, item_tabs, nearly
from agent.workbooks.base import Snapshot, WorkbookOut
from agent.workbooks.tabs import ITEM_MASTER, Book

YES = ("yes", "y")
NOT_A_LIST = in_words("adopt.none_tabs_looks_like")
MOST_ISSUES = 5
_TRIES = 3


class Stopped(Exception):
    """The seller did not go on."""


def understood(screen: Screen, name: str, sheets: Sequence[SheetLook], book: Book = "excel") -> Understood:
    """The list of items in a workbook of this name, after the seller's answers. Raises WorkbookOut, Stopped."""
    found = item_tabs(sheets)
    if not found:
        raise WorkbookOut(f"{name}: {_why_none(sheets)}", what_it_needs(book))
    chosen = found[0] if len(found) == 1 else _which_tab(screen, found)
    for question in tuple(chosen.questions):
        if question in chosen.questions:
            chosen.answer(question, _answer(screen, chosen, question, book))
    return chosen


def what_it_needs(book: Book) -> str:
    """What a list of items must have."""
    return in_words("adopt.stocksheet_needs_one_tab", quantity=ITEM_MASTER.column("Stocked").heading(book))


def _why_none(sheets: Sequence[SheetLook]) -> str:
    close = nearly(sheets)
    if close is None:
        return NOT_A_LIST
    missing = in_words("adopt.says_how_many_there") if "SKU" in close.meaning else in_words("adopt.holds_each_item_own")
    return in_words("adopt.tab_no_column_so", name=close.sheet.name, missing=missing)


def _which_tab(screen: Screen, found: Sequence[Understood]) -> Understood:
    screen.say(in_words("adopt.several_tabs_look_like"))
    lines = [in_words("adopt.heading_row", name=one.sheet.name, one=_rows(one), row=one.header_row) for one in found]
    return found[_number(screen, in_words("adopt.which_is_your_list"), lines, none=False) - 1]


def _rows(one: Understood) -> str:
    return f"{one.items} rows" if one.items < MOST_ROWS - 1 else f"about {one.sheet.height} rows"


def _answer(screen: Screen, found: Understood, question: Question, book: Book) -> ColumnLook | None:
    open_choices = [one for one in question.choices if one not in _settled(found)]
    if not open_choices:
        if question.may_be_none:
            return None
        raise WorkbookOut(
            in_words("adopt.tab_no_column_left", name=found.sheet.name, column=question.column), what_it_needs(book)
        )
    lines = [f"{one.title or '(no heading)'}  (column {one.letters}: {_examples(one)})" for one in open_choices]
    screen.say()
    counted = book == "google" and question.column == "Stocked"
    text = in_words("understand.which_column_is_counted") if counted else question.text
    number = _number(screen, text, lines, none=question.may_be_none)
    return open_choices[number - 1] if number else None


def _settled(found: Understood) -> list[ColumnLook]:
    """Columns that are no choice any more. A name gives way: what a list calls `Item` may be its code."""
    return [one for name, one in found.meaning.items() if name != "Title"]


def _number(screen: Screen, question: str, lines: Sequence[str], *, none: bool) -> int:
    """A number from 1 on; 0: none of these. Raises Stopped."""
    screen.say(question)
    for number, line in enumerate(lines, 1):
        screen.say(f"  {number}  {line}")
    screen.say(f"  0  {in_words('adopt.none_of_these' if none else 'adopt.none_stop')}")
    for _ in range(_TRIES):
        typed = screen.ask(in_words("adopt.type_number"))
        if typed.isdigit() and int(typed) <= len(lines):
            if typed == "0" and not none:
                break
            return int(typed)
        screen.say(in_words("adopt.please_type_number_from", count=len(lines)))
    raise Stopped


def _examples(one: ColumnLook) -> str:
    return ", ".join(text[:24] for text in one.examples) or "empty"


def show(screen: Screen, name: str, found: Understood, snapshot: Snapshot, book: Book = "excel") -> None:
    """What was understood, and what the real reader makes of it."""
    checked = check.check(snapshot, [], SystemClock().now().astimezone().date())
    screen.say()
    where = in_words("adopt.tab_heading_row", workbook=name, name=found.sheet.name, row=found.header_row)
    screen.table(_table(found, book), where)
    others = [one.title for one in found.columns if one.header and one not in found.meaning.values()]
    if others:
        screen.say(f"Left alone: {', '.join(others[:12])}{' ...' if len(others) > 12 else ''}")
    screen.say()
    for sign, sentence in _says(snapshot, checked):
        screen.sign(sign, sentence)


def confirm(screen: Screen, yes: bool) -> None:
    """The seller's yes, unless it was given beforehand. Raises Stopped."""
    if not yes and screen.ask(in_words("adopt.is_that_right")).lower() not in YES:
        raise Stopped


def _table(understood: Understood, book: Book) -> pl.DataFrame:
    order = [column for column in ITEM_MASTER.columns if column.name in understood.meaning]
    found = [(column.heading(book), understood.meaning[column.name]) for column in order]
    return pl.DataFrame(
        {
            "Stocksheet says": [name for name, _ in found],
            "your column": [f"{one.letters}  {one.title}" for _, one in found],
            "for example": [_examples(one) for _, one in found],
        }
    )


def _says(snapshot: Snapshot, checked: check.Checked) -> list[tuple[str, str]]:
    """What the new version reads like."""
    items = checked.items
    counted = items.filter(pl.col("stocked").is_not_null())
    units = int(counted["stocked"].sum())
    told = [("ok", in_words("adopt.items_them_with_quantity", count=items.height, counted=counted.height, units=units))]
    usual = pl.col("frozen").is_null() & ~pl.col("bundle") & pl.col("tracked")
    blank = items.filter(pl.col("stocked").is_null() & usual).height
    if blank:
        told.append(("note", in_words("adopt.without_quantity_not_managed", blank=blank)))
    formulas = int(items["stocked_formula"].sum())
    if formulas:
        how = in_words("adopt.read_as_they_stand")
        told.append(("note", in_words("adopt.quantities_formulas_they", formulas=formulas, how=how)))
    return [*told, *_wrong(snapshot, checked)]


def _wrong(snapshot: Snapshot, checked: check.Checked) -> list[tuple[str, str]]:
    issues = [*checked.issues.iter_rows(named=True), *snapshot.issues.iter_rows(named=True)]
    known = {f"{_where(issue)}{issue_words(issue)}": issue["code"] in GOOD_TO_KNOW for issue in issues}
    lines = [("note" if harmless else "fix", line) for line, harmless in known.items()]
    if len(lines) > MOST_ISSUES:
        more = in_words("adopt.more_stocksheet_check_tells", count=len(lines) - MOST_ISSUES)
        return [*lines[:MOST_ISSUES], ("fix", more)]
    return lines


def _where(issue: Mapping[str, object]) -> str:
    where = "!".join(str(part) for part in (issue["tab"], issue["cell"]) if part)
    return f"{where}: " if where else ""
