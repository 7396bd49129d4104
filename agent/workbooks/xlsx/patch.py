"""Some rows of an agent's tab written anew where the rest of it stands as the agent itself wrote it a moment ago.

One sale changes one row of 40,000. Where the file is still the very bytes of the last write (`Remembered.revision`),
what its cells hold is known without reading them; rows that differ are made anew and put in the place of the old ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

import polars as pl

from agent.workbooks.tabs import Tab
from agent.workbooks.xlsx.agent_tab import tab_rows
from agent.workbooks.xlsx.draft import Draft
from agent.workbooks.xlsx.furniture import ROW_CHOICES
from agent.workbooks.xlsx.grid import SheetXml, in_pieces
from agent.workbooks.xlsx.layout import find_layout, key_texts, sheet_keys
from agent.workbooks.xlsx.package import Sheet

_MOST = 0.2
"""Where more than this share of the rows differ, the whole tab is written."""


@dataclass(frozen=True)
class Remembered:
    """What the last write of this process left in the file."""

    revision: str
    """Of the whole file: any other content, and nothing here holds."""
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    """tab -> what its cells say."""
    ours: frozenset[str] = frozenset()
    """Tabs whose rows the agent wrote itself, one below the other (Excel may have saved the others since)."""
    looked_up: bool = False
    """Formulas draw on the agent's tabs."""


@dataclass(frozen=True)
class Span:
    """One row that was written anew: its number, and where it stood and stands in the part (bytes)."""

    number: int
    old: tuple[int, int]
    new: tuple[int, int]


def changed_rows(tab: Tab, old: pl.DataFrame, new: pl.DataFrame) -> pl.Series | None:
    """The positions of rows that differ; None where the tab must be written whole.

    That is so where rows came, went or moved, where many differ, and where what hangs on the rows would change too.
    """
    if old.schema != new.schema or old.height != new.height or new.is_empty():
        return None
    standing = {
        *tab.key,
        *(c.name for c in tab.columns if c.kind in ("link", "cell")),
        *ROW_CHOICES.get(tab.name, {}).values(),
    }
    for name in standing & set(new.columns):
        if not old[name].equals(new[name]):
            return None
    differs = [old[name].ne_missing(new[name]).alias(name) for name in new.columns]
    positions = pl.DataFrame(differs).select(pl.any_horizontal(pl.all())).to_series().arg_true()
    return positions if positions.len() <= max(50, _MOST * new.height) else None


def patch_tab(
    draft: Draft, tab: Tab, sheet: Sheet, frame: pl.DataFrame, positions: pl.Series, *, zone: tzinfo | None = None
) -> list[Span] | None:
    """Write these rows of `frame` anew. None, and nothing is changed, where they do not stand where they should."""
    data = draft.data(sheet.part)
    start, end, prefix = SheetXml.bounds(data, sheet.name)
    xml = SheetXml(data[:start] + data[end:], b"", start, prefix)
    layout = find_layout(draft.package, tab, sheet, xml, draft.texts) if draft.package.tables else None
    if layout is None or layout.table is None or layout.header_row + frame.height > layout.bottom:
        return None
    numbers = positions.cast(pl.Int64) + (layout.header_row + 1)
    places = _places(data, start, end, numbers=numbers, prefix=prefix)
    if places is None:
        return None
    some = pl.DataFrame({"row": numbers, "xml": [data[a:b].decode() for a, b in places]})
    close = f"</{xml.prefix}row>"
    layout = layout.only(some.with_columns(pl.col("xml").str.strip_suffix(close)))
    new = frame[positions]
    if tab.key and not sheet_keys(layout, draft.texts).equals(key_texts(new, tab)):
        return None
    rows = [row.encode() for some in tab_rows(draft, layout, new, numbers, zone=zone) for row in some]
    draft.put_pieces(sheet.part, _pieces(data, places, rows))
    return _spans(numbers, places, rows)


def _places(data: bytes, at: int, last: int, *, numbers: pl.Series, prefix: str) -> list[tuple[int, int]] | None:
    """Where these rows (rising) stand in a sheet's XML, between `at` and `last`."""
    found, close = [], f"</{prefix}row>".encode()
    for number in numbers:
        start = data.find(f'<{prefix}row r="{number}"'.encode(), at, last)
        if start < 0:
            return None
        at = data.find(close, start, last) + len(close)
        if at < start or data[data.find(b">", start) - 1] == ord("/"):
            return None
        found.append((start, at))
    return found


def _pieces(data: bytes, places: list[tuple[int, int]], rows: list[bytes]) -> Iterator[bytes]:
    at = 0
    for (start, end), row in zip(places, rows, strict=True):
        yield from in_pieces(data, at, start)
        yield row
        at = end
    yield from in_pieces(data, at, len(data))


def _spans(numbers: pl.Series, places: list[tuple[int, int]], rows: list[bytes]) -> list[Span]:
    spans, shift = [], 0
    for number, (start, end), row in zip(numbers, places, rows, strict=True):
        spans.append(Span(number, (start, end), (start + shift, start + shift + len(row))))
        shift += len(row) - (end - start)
    return spans
