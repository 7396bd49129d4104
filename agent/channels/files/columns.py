"""Which column of a shop's export means what: settled once by its header, asked where it is unclear.

The names are data (`columns.toml`). What was settled is kept beside the files by the column's own header, so that a new
column of a later export never takes the place of one that was there (`agent.channels.files.place`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from agent.workbooks.adopt.columns import ColumnLook
from agent.workbooks.adopt.words import meanings
from agent.workbooks.headers import plain, spellings

HEADER_ROWS = 15
"""The header is looked for in this many first rows."""
SHARED = {"sku": "SKU", "title": "Title", "quantity": "Stocked", "barcode": "Barcode"}
"""What the words of the seller's own workbook know, too."""
SEVERAL = {"options"}
"""Of these all columns are meant together."""
MOST = 6
"""Columns that a question offers."""
NONE = ""
"""What is kept of a column that the person says is not there."""


@dataclass(frozen=True)
class Kind:
    """What an export must tell. One of each group is needed."""

    name: str
    needs: tuple[tuple[str, ...], ...]


PRODUCTS = Kind("products", (("sku", "id"), ("quantity",)))
ORDERS = Kind("orders", (("order",), ("sku", "listing"), ("quantity",)))


@dataclass(frozen=True)
class Unclear:
    """A column that must be asked for."""

    kind: str
    meaning: str
    """sku, quantity, order ..."""
    headers: tuple[str, ...]
    """Those that it may be, as they stand in the file; the answer is the place among them, from 1."""


@dataclass
class Mapped:
    """The columns of one file."""

    header_row: int
    """Its place among the rows."""
    header: list[str]
    places: dict[str, int] = field(default_factory=dict)
    several: dict[str, list[int]] = field(default_factory=dict)
    unclear: list[Unclear] = field(default_factory=list)

    def kept(self) -> dict[str, str]:
        """Meaning -> header, to be kept."""
        return {meaning: self.header[at] for meaning, at in self.places.items()}


@cache
def _data() -> Mapping[str, Mapping[str, Sequence[str]]]:
    return tomllib.loads(Path(__file__).with_name("columns.toml").read_text(encoding="utf-8"))


@cache
def _ranks(kind: str) -> dict[str, dict[str, int]]:
    """meaning -> spelling -> rank; small is meant rather."""
    return {
        meaning: {key: rank for rank, name in reversed([*enumerate(names)]) for key in spellings(name)[:1]}
        for meaning, names in _data()[kind].items()
    }


@cache
def words(room: str, name: str) -> frozenset[str]:
    """States of orders and other words, compared as `plain` does."""
    return frozenset(plain(word) or word for word in _data()[room][name])


def mapped(kind: Kind, rows: Sequence[Sequence[str]], kept: Mapping[str, str]) -> Mapped:
    """The columns of a file. `kept`: meaning -> header, as settled before."""
    at = max(range(min(len(rows), HEADER_ROWS)), key=lambda number: (_known(kind, rows[number], kept), -number))
    header = [text.strip() for text in rows[at]]
    found = Mapped(at, header)
    for meaning in _data()[kind.name]:
        if meaning in SEVERAL:
            found.several[meaning] = [i for i, text in enumerate(header) if _rank(kind, meaning, text) is not None]
        elif meaning in kept:
            same = [i for i, text in enumerate(header) if kept[meaning] and plain(text) == plain(kept[meaning])]
            found.places |= {meaning: same[0]} if len(same) == 1 else {}
    taken = set(found.places.values())
    for meaning in _data()[kind.name]:
        if meaning not in found.places and meaning not in SEVERAL and kept.get(meaning) != NONE:
            _settle(kind, meaning, rows[at + 1 :], found, taken)
    _ask_for_what_lacks(kind, rows[at + 1 :], found)
    return found


def _known(kind: Kind, header: Sequence[str], kept: Mapping[str, str]) -> int:
    """How many different things a row names, as a header would."""
    settled = {plain(text) for text in kept.values() if text}
    named = {plain(text) for text in header if plain(text) in settled}
    own = {m for m in _data()[kind.name] if any(_rank(kind, m, text) is not None for text in header)}
    return len(own) + len(named) if len([text for text in header if text.strip()]) > 1 else 0


def _rank(kind: Kind, meaning: str, header: str) -> int | None:
    ranks = _ranks(kind.name)[meaning]
    own = min((ranks[key] for key in spellings(header) if key in ranks), default=None)
    if own is not None or kind.name != PRODUCTS.name or meaning not in SHARED:
        return own
    sure = meanings(header).get(SHARED[meaning])
    return 100 + sure if sure is not None else None


def _settle(kind: Kind, meaning: str, body: Sequence[Sequence[str]], found: Mapped, taken: set[int]) -> None:
    """The one column that is meant; asked where two could be and what stands in them differs."""
    ranked = {i: rank for i, text in enumerate(found.header) if (rank := _rank(kind, meaning, text)) is not None}
    ranked = {i: rank for i, rank in ranked.items() if i not in taken}
    if not ranked:
        return
    best = [i for i, rank in ranked.items() if rank == min(ranked.values())]
    if min(ranked.values()) >= 100:  # words that may mean many things: each that fits is a rival
        fits = [i for i in ranked if _fits(meaning, i, found.header[i], body)]
        best = fits or best
    elif meaning in ("quantity", "sku"):  # told apart by their content alone where several are known names
        best = [*best, *(i for i, rank in ranked.items() if rank < 100 and i not in best)]
    if len(best) > 1 and _alike(best, body):
        best = best[:1]
    if len(best) > 1:
        found.unclear.append(Unclear(kind.name, meaning, tuple(found.header[i] for i in best[:MOST])))
    else:
        found.places[meaning] = best[0]
        taken.add(best[0])


def _fits(meaning: str, at: int, header: str, body: Sequence[Sequence[str]]) -> bool:
    look = _look(at, header, body)
    return look.whole if meaning == "quantity" else look.codes if meaning == "sku" else True


def _look(at: int, header: str, body: Sequence[Sequence[str]]) -> ColumnLook:
    values = [row[at].strip() for row in body[:200] if len(row) > at and row[at].strip()]
    return ColumnLook(at, header, values, len(body))


def _alike(places: Sequence[int], body: Sequence[Sequence[str]]) -> bool:
    width = max(places)
    return all(len({row[i].strip() for i in places}) == 1 for row in body if len(row) > width)


def _ask_for_what_lacks(kind: Kind, body: Sequence[Sequence[str]], found: Mapped) -> None:
    """What must be there and has no column that can be told: any that fits by its content may be it."""
    asked = {each.meaning for each in found.unclear}
    for group in kind.needs:
        if not any(meaning in found.places or meaning in asked for meaning in group):
            free = [i for i, text in enumerate(found.header) if text and i not in found.places.values()]
            fitting = [i for i in free if _fits(group[0], i, found.header[i], body)] or free
            found.unclear.append(Unclear(kind.name, group[0], tuple(found.header[i] for i in fitting[:MOST])))
    # what an optional column means is not worth a question
    needed = {meaning for group in kind.needs for meaning in group}
    found.unclear = [each for each in found.unclear if each.meaning in needed]
    settled = [any(meaning in found.places for meaning in group) for group in kind.needs]
    if all(settled):
        # a SKU that is unclear beside an id of the shop's own must still be known to link anything
        found.unclear = [each for each in found.unclear if each.meaning in ("sku", "quantity")]
