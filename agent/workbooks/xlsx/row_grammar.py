"""The grammar of the rows that the agent writes: stricter than XML, and checked in a tenth of the time."""

from __future__ import annotations

from xml.parsers import expat

import polars as pl

from agent.workbooks.xlsx.grid import SheetXml

_TEXT = r"(?:[^<&\x00-\x08\x0B\x0C\x0E-\x1F]|&(?:amp|lt|gt|quot|apos);)*"
_ROW = (
    r'^\s*<row r="[0-9]+"(?: ht="[0-9.]+" customHeight="1")?>(?:<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]+")?(?:/>|(?:'
    rf' t="inlineStr"><is><t(?: xml:space="preserve")?>{_TEXT}</t></is>'
    r"|><v>-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?</v>"
    r'| t="b"><v>[01]</v>'
    r")</c>))*(?:</row>)?$"
)
"""A row as `rows.row_texts` writes it, with or without its closing tag."""


def other_rows(rows: pl.Series) -> pl.Series:
    """The rows that are not of this grammar: a person's own cells stand in them, or they are broken."""
    return rows.filter(~rows.str.contains(_ROW))


def is_sound(xml: bytes) -> bool:
    """A sheet, or one without its rows, is well-formed."""
    try:
        expat.ParserCreate().Parse(xml, True)
    except expat.ExpatError:
        return False
    return True


def are_sound(sheet: SheetXml, rows: pl.Series, numbers: pl.Series) -> bool:
    """Rows just made are well-formed and stand at these rising numbers."""
    found = rows.str.extract(rf'^<{sheet.prefix}row r="(\d+)"').cast(pl.Int64)
    if not found.equals(numbers.cast(pl.Int64), check_names=False) or not (found.diff().drop_nulls() > 0).all():
        return False
    return is_sound(sheet.with_rows(row.encode() for row in other_rows(rows)))
