"""The rows of a seller's tab: which may be the header, and which of those below it are items."""

from __future__ import annotations

from collections.abc import Sequence

from agent.workbooks.adopt.columns import shown
from agent.workbooks.adopt.sheets import SheetLook
from agent.workbooks.adopt.words import (
    ALIAS,
    HINT,
    LONGEST,
    NAMED,
    WEAK,
    is_measure,
    keys_of,
    meanings,
    means_other,
    total_words,
)

HEADER_WITHIN = 40
"""The header is looked for in this many first filled rows."""
HEADERS_TRIED = 4
"""So many of these rows are tried as the header: a line of groups may stand above it (`Product`, `Stock`, `Prices`)."""


def headers(sheet: SheetLook) -> list[int]:
    """Rows that name some of our columns, the likeliest first: most columns, or a table begins there."""
    tops = {area.top for area in sheet.tables}
    scored = [(_score(values, number in tops), number) for number, values in sheet.rows[:HEADER_WITHIN]]
    likely = sorted((-score, number) for score, number in scored if score > 1.0)
    return [number for _, number in likely[:HEADERS_TRIED]]


def _score(values: Sequence[object], begins_table: bool) -> float:
    texts = [shown(value) for value in values if isinstance(value, str) and value.strip()]
    texts = [text for text in texts if len(text) <= LONGEST]
    tiers: dict[str, int] = {}
    for text in texts:
        for column, tier in meanings(text).items():
            tiers[column] = min(tier, tiers.get(column, HINT))
    sure, weak, hinted = (list(tiers.values()).count(tier) for tier in (ALIAS, WEAK, HINT))
    sure += list(tiers.values()).count(NAMED)
    known = sum(means_other(text) for text in texts)
    score = sure + 0.6 * min(weak, 2) + 0.55 * hinted + 0.1 * min(known, 5) + 0.5 * begins_table
    return score if len(texts) >= 2 and tiers else 0.0


def items_of(rows: list[Sequence[object]]) -> list[Sequence[object]]:
    """Without a row of units right below the header, subtotals, and the totals at the end."""
    if rows and (texts := _texts(rows[0])) and len(texts) == _filled(rows[0]) and all(map(is_measure, texts)):
        rows = rows[1:]
    while rows and any(_is_total(text) for text in _texts(rows[-1])):
        rows = rows[:-1]
    return [row for row in rows if not (texts := _texts(row)) or not _is_total(texts[0])]


def _texts(row: Sequence[object]) -> list[str]:
    return [value for value in row if isinstance(value, str) and value.strip()]


def _filled(row: Sequence[object]) -> int:
    return sum(bool(shown(value)) for value in row)


def _is_total(text: str) -> bool:
    return any(key in total_words() for key in keys_of(text))
