"""Chart Data as it stands in a workbook: which cells its columns fill, and what a chart's reference means by them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from agent.workbooks.cells import index_of, letters_of
from agent.workbooks.charts import BLOCKS
from agent.workbooks.xlsx.rows import plain_texts

_REFERENCE = re.compile(r"(?P<sheet>'(?:[^']|'')+'|[^'!]+)!\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")


@dataclass(frozen=True)
class Meant:
    """What a reference means: a column's header, or all its numbers."""

    column: str
    header: bool


@dataclass(frozen=True)
class Source:
    """The tab, where its columns stand, and what they hold."""

    sheet: str
    places: Mapping[str, int]
    header_row: int
    frame: pl.DataFrame

    def meant(self, reference: str) -> Meant | None:
        """What a reference means; None where it draws on anything else."""
        match = _REFERENCE.fullmatch(reference.strip().lstrip("="))
        if match is None or _unquoted(match["sheet"]).lower() != self.sheet.lower():
            return None
        first, top, last = match[2], int(match[3]), match[4] or match[2]
        column = next((name for name, place in self.places.items() if place == index_of(first)), None)
        if first != last or column not in BLOCKS or top - self.header_row not in (0, 1):
            return None
        return Meant(column, header=top == self.header_row)

    def reference(self, meant: Meant) -> str:
        """The cells: the header, or all that are filled below it (one at least)."""
        letters, top = letters_of(self.places[meant.column]), self.header_row + (not meant.header)
        bottom = self.header_row if meant.header else self.header_row + self._rows(meant.column)
        quoted = "'" + self.sheet.replace("'", "''") + "'"
        return f"{quoted}!${letters}${top}" + (f":${letters}${bottom}" if bottom > top else "")

    def values(self, meant: Meant) -> pl.Series:
        """What stands in these cells, as text; null where one is blank."""
        if meant.header:
            return pl.Series([meant.column])
        return plain_texts(self.frame[meant.column].head(self._rows(meant.column)))

    def _rows(self, column: str) -> int:
        """How many rows its block has: as many as have a label."""
        return max(1, self.frame.height - self.frame[BLOCKS[column]].null_count())


def _unquoted(sheet: str) -> str:
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
