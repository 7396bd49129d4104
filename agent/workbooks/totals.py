"""The row of totals that many sellers have below their items is not an item."""

from __future__ import annotations

import polars as pl

from agent.workbooks.adopt.words import total_words
from agent.workbooks.headers import spellings

_LAST = 12
"""So many rows at the end are looked at: totals, an average, a line of remarks."""


def without_totals(items: pl.DataFrame) -> pl.DataFrame:
    """The rows of an Item Master (Snapshot frame) without totals at its end.

    Such a row says so in place of its SKU or title (`Total`, `Summe`), or has a formula as its quantity and no name.
    """
    if "SKU" not in items.columns or "Stocked" not in items.columns:
        return items
    kept = items.height
    for row in items.tail(_LAST).reverse().iter_rows(named=True):
        if not _is_total(row):
            break
        kept -= 1
    return items.head(kept)


def _is_total(row: dict[str, object]) -> bool:
    sku, title = str(row["SKU"] or "").strip(), str(row.get("Title") or "").strip()
    said, formula = any(key in total_words() for key in spellings(sku or title)), bool(row["Stocked|formula"])
    return (said and (formula or not (sku and title))) or (formula and not sku and not title)
