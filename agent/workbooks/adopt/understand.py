"""Which tab holds the items, where its header is, and what its columns mean: by name, language and content.

Nothing is guessed: what could be meant in two ways becomes a Question, asked once in plain words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agent.words import in_words
from agent.workbooks.adopt.columns import ColumnLook, shown
from agent.workbooks.adopt.rows import headers, items_of
from agent.workbooks.adopt.sheets import SheetLook
from agent.workbooks.adopt.words import (
    ALIAS,
    HINT,
    NAMED,
    WEAK,
    meanings,
    means_order,
    means_other,
    says_free,
    says_shelf,
    says_sku,
)
from agent.workbooks.headers import spellings
from agent.workbooks.tabs import ITEM_MASTER


@dataclass(frozen=True)
class Question:
    """Something that only the seller knows."""

    column: str
    """The column of Item Master that it is about."""
    text: str
    choices: Sequence[ColumnLook]
    may_be_none: bool


@dataclass
class Understood:
    """What a tab's columns mean."""

    sheet: SheetLook
    header_row: int
    columns: list[ColumnLook]
    """All its columns, ours or not."""
    meaning: dict[str, ColumnLook] = field(default_factory=dict)
    """Column of Item Master -> the seller's column."""
    without: set[str] = field(default_factory=set)
    """Columns of Item Master that a header seems to name, but the cells are no such thing."""
    questions: list[Question] = field(default_factory=list)
    items: int = 0
    """Rows with something in them below the header, without totals."""

    @property
    def usable(self) -> bool:
        """It is a list of items: which item, and how many, can be told, or asked."""
        asked = {question.column for question in self.questions}
        return {"SKU", "Stocked"} <= asked | set(self.meaning)

    def answer(self, question: Question, choice: ColumnLook | None) -> None:
        """Take the seller's answer. None: no such column."""
        self.questions.remove(question)
        if choice is None:
            self.without.add(question.column)
        else:
            self.meaning[question.column] = choice
            others = {name for name, one in self.meaning.items() if one is choice and name != question.column}
            for name in others:
                del self.meaning[name]


def item_tabs(sheets: Sequence[SheetLook]) -> list[Understood]:
    """The tabs that can be the list of items, the likeliest first. Hidden tabs only where no other will do."""
    found = [understood for sheet in sheets for understood in _tries(sheet) if understood.usable]
    seen = [one for one in found if one.sheet.visible] or found
    return sorted(seen, key=lambda one: (-_clear(one), -one.items))


def nearly(sheets: Sequence[SheetLook]) -> Understood | None:
    """The tab that comes closest where none will do: it names the items, but not how many there are, or the reverse."""
    found = [understood for sheet in sheets for understood in _tries(sheet) if understood.meaning]
    named = [one for one in found if {"SKU", "Stocked"} & set(one.meaning)]
    return max(named, key=_clear, default=None)


def _clear(one: Understood) -> int:
    return len(one.meaning) - len(one.questions)


def _tries(sheet: SheetLook) -> list[Understood]:
    """The tab by its best header row: of the likeliest few the one that makes a list of items."""
    tried = [understand(sheet, row) for row in headers(sheet)]
    best = max(tried, key=lambda one: (one.usable, _clear(one)), default=None)  # the likeliest of equal ones
    return [] if best is None else [best]


def understand(sheet: SheetLook, header_row: int) -> Understood:
    """What the columns of this tab mean, with the header in this row."""
    area = next((area for area in sheet.tables if area.top == header_row), None)
    below = [(n, values) for n, values in sheet.rows if n > header_row and (area is None or n <= area.bottom)]
    header = next(values for number, values in sheet.rows if number == header_row)
    rows = items_of([values for _, values in below])
    columns = [_column(index, str(text).strip(), rows) for index, text in enumerate(header) if _inside(area, index)]
    found = Understood(sheet, header_row, columns, items=len(rows))
    if _lists_orders(columns):
        return found
    _skus(found)
    _stocked(found)
    _barcode(found)
    for name in ("Title", "Track stock", "Active", "Made of", "Other SKUs", "Feed", "Tags", "Note"):
        _optional(found, name)
    return found


def _inside(area: object, index: int) -> bool:
    left, right = getattr(area, "left", 0), getattr(area, "right", index)
    return bool(left <= index <= right)


def _column(index: int, header: str, rows: Sequence[Sequence[object]]) -> ColumnLook:
    values = [row[index] for row in rows if index < len(row) and shown(row[index])]
    return ColumnLook(index, header, values, len(rows))


def _lists_orders(columns: Sequence[ColumnLook]) -> bool:
    """A list of orders has items too, but the same one in several rows."""
    said = sum(means_order(one.header) for one in columns)
    return said > 1 or (said == 1 and not any(one.codes and "SKU" in meanings(one.header) for one in columns))


def _named(found: Understood, name: str) -> dict[int, list[ColumnLook]]:
    """How sure -> the columns whose header may mean this one and that are not taken."""
    taken = {one.index for one in found.meaning.values()}
    tiers: dict[int, list[ColumnLook]] = {NAMED: [], ALIAS: [], WEAK: [], HINT: []}
    for one in found.columns:
        tier = meanings(one.header).get(name) if one.header else None
        if tier is not None and one.index not in taken:
            tiers[tier].append(one)
    return tiers


# --- SKU


def _skus(found: Understood) -> None:
    tiers = _named(found, "SKU")
    for tier, named in tiers.items():
        fitting = [one for one in named if one.codes and (tier < WEAK or _looks_like_codes(one))]
        if tier < WEAK and len(named) == 1:
            fitting = named  # named as such; doubles are said row by row later
        if len(fitting) > 1 and tier == HINT:
            fitting = [one for one in fitting if says_sku(one.header)] or fitting
        if len(fitting) == 1 and (tier < WEAK or fitting[0].coded):
            found.meaning["SKU"] = fitting[0]
            return
        if fitting:
            _ask_sku(found, fitting)
            return
    unnamed = [one for one in found.columns if one.codes and _looks_like_codes(one) and _unknown(one)]
    if unnamed and _has_stock(found):
        _ask_sku(found, unnamed)


def _looks_like_codes(one: ColumnLook) -> bool:
    """More than a running number, and no sentences."""
    return not one.running and sum(" " in text for text in one.texts) <= 0.2 * len(one.texts)


def _has_stock(found: Understood) -> bool:
    stock = [one for one in found.columns if "Stocked" in meanings(one.header) and not one.asks]
    return any(one.whole or not one.values for one in stock)


def _ask_sku(found: Understood, choices: Sequence[ColumnLook]) -> None:
    text = in_words("understand.which_column_holds_each")
    found.questions.append(Question("SKU", text, choices, may_be_none=False))


# --- Stocked


def _stocked(found: Understood) -> None:
    tiers = {tier: [one for one in some if not one.asks] for tier, some in _named(found, "Stocked").items()}
    if len(tiers[NAMED]) == 1:
        found.meaning["Stocked"] = tiers[NAMED][0]
        return
    named = [one for tier in (NAMED, ALIAS) for one in tiers[tier] if one.whole or not one.values]
    hinted = [one for one in tiers[HINT] if one.whole]
    likely = _on_shelf([*named, *(one for one in tiers[WEAK] if one.whole), *hinted])
    if not likely and len(tiers[ALIAS]) == 1:  # `12 pcs`: said cell by cell later
        likely = named = tiers[ALIAS]
    if len(likely) == 1 and (likely[0] in (*named, *hinted) or says_shelf(likely[0].header)):
        found.meaning["Stocked"] = likely[0]
        return
    sku = found.meaning.get("SKU")
    if not likely and (sku is None or meanings(sku.header).get("SKU", HINT) < HINT):
        likely = _any_whole(found)
    if likely:
        text = in_words("understand.which_column_says_how")
        found.questions.append(Question("Stocked", text, sorted(likely, key=lambda one: one.index), may_be_none=False))


def _on_shelf(likely: list[ColumnLook]) -> list[ColumnLook]:
    """Without `On hand (new)` where it is empty beside `On hand (current)`; and of `On hand` and `Available` the first,
    as Stocked is defined."""
    twins = {spellings(one.header)[-1] for one in likely if one.values}
    filled = [one for one in likely if one.values or spellings(one.header)[-1] not in twins]
    rest = [one for one in filled if not says_free(one.header) or says_shelf(one.header)]
    return rest if len(rest) == 1 and _sure_of_stock(rest[0]) else filled


def _sure_of_stock(one: ColumnLook) -> bool:
    return says_shelf(one.header) or meanings(one.header).get("Stocked", HINT) < WEAK


def _any_whole(found: Understood) -> list[ColumnLook]:
    """Whole numbers under headers that mean nothing known."""
    asked = [one for question in found.questions for one in question.choices]
    taken = {one.index for one in (*found.meaning.values(), *asked)}
    return [one for one in found.columns if one.whole and not one.running and one.index not in taken and _unknown(one)]


def _unknown(one: ColumnLook) -> bool:
    return bool(one.header) and not means_other(one.header) and not meanings(one.header) and not one.barcodes


# --- Barcode and the others


def _barcode(found: Understood) -> None:
    tiers = _named(found, "Barcode")
    choices = tiers[NAMED] or [one for one in tiers[ALIAS] if one.barcodes] or tiers[ALIAS]
    choices = choices or [one for one in tiers[HINT] if one.barcodes or not one.values]
    if not choices:
        taken = {one.index for one in found.meaning.values()}
        content = [one for one in found.columns if one.barcodes and one.index not in taken]
        choices = [one for one in content if not means_other(one.header)]
    _take_or_ask(found, "Barcode", choices)


_FITS: dict[str, Callable[[ColumnLook], bool]] = {
    "Title": lambda one: one.words or not one.values,
    "Track stock": lambda one: one.yes_no,
    "Active": lambda one: one.yes_no,
    "Made of": lambda one: one.words or not one.values,
}


def _optional(found: Understood, name: str) -> None:
    tiers = _named(found, name)
    fits = _FITS.get(name)
    for tier in (NAMED, ALIAS, WEAK, HINT):
        fitting = [one for one in tiers[tier] if fits is None or fits(one)]
        if fitting and name in ("Made of", "Other SKUs"):
            fitting = [one for one in fitting if _names_items(found, one, name)]
        if fitting:
            _take_or_ask(found, name, _first_title(fitting) if name == "Title" else fitting)
            return
    if any(tiers.values()):
        found.without.add(name)
    if name == "Title":
        _title_by_content(found)


def _first_title(fitting: list[ColumnLook]) -> list[ColumnLook]:
    """Of several the ones that tell items apart; of `Bezeichnung 1` and `Bezeichnung 2` the first."""
    telling = [one for one in fitting if one.names] or fitting
    bare = {one.header.rstrip("0123456789. ").casefold() for one in telling}
    return telling[:1] if len(bare) == 1 else telling


def _title_by_content(found: Understood) -> None:
    """The only column of different words under a header that means nothing known (`What is it`)."""
    taken = {one.index for one in found.meaning.values()}
    words = [one for one in found.columns if one.words and one.names and one.index not in taken and _unknown(one)]
    if len(words) == 1:
        found.meaning["Title"] = words[0]
        found.without.discard("Title")


def _names_items(found: Understood, one: ColumnLook, name: str) -> bool:
    """Bundles are made of items of this list; other codes are short."""
    if not one.values or "SKU" not in found.meaning:
        return True
    if name == "Other SKUs":
        return all(len(text) <= 200 for text in one.texts)
    skus = {text.casefold() for text in found.meaning["SKU"].texts}
    known = [text for text in one.texts if any(word in skus for word in text.casefold().replace(",", " ").split())]
    return 2 * len(known) >= len(one.texts)


def _take_or_ask(found: Understood, name: str, choices: Sequence[ColumnLook]) -> None:
    filled = [one for one in choices if one.values] or list(choices)
    if len(filled) == 1:
        found.meaning[name] = filled[0]
    elif filled:
        what = ITEM_MASTER.column(name).note.rstrip(".")
        text = in_words("understand.several_columns_could_which", name=name, what=what)
        found.questions.append(Question(name, text, filled, may_be_none=True))
