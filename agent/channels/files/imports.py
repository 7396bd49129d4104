"""Import files: only the quantities that changed, written as the shop itself writes, one file a push.

A file that was not carried away yet is never written over: the new one holds its quantities, too, and then takes its
place. A text that a spreadsheet would compute goes into a CSV only as the shop itself guards it there, by an apostrophe
that the shop takes off again; where the shop has it bare, the row is refused, for an apostrophe would name another SKU
(R10). A workbook's cells are typed texts, and nothing computes them (R9).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import openpyxl
import polars as pl
from openpyxl.cell import WriteOnlyCell

from agent.channels.files import cells
from agent.channels.files.export import Export
from agent.channels.files.listings import ROW, Catalogue
from agent.channels.pushing import GONE, Result, Results
from agent.words import in_words

ALL = "*"


@dataclass(frozen=True)
class Line:
    """One quantity for the shop."""

    cell: str
    quantity: int


def judge(changes: Sequence[tuple[int, Line]], export: Export, catalogue: Catalogue, also: Sequence[str]) -> Results:
    """What cannot be written, and why, by the place in CHANGES."""
    cut = [(at, line.cell.removeprefix(ROW)) for at, line in changes]
    asked = pl.DataFrame(cut, schema={"at": pl.Int64, "listing": pl.String}, orient="row")
    found = asked.join(catalogue.frame.select("listing", "managed"), on="listing", how="left").join(
        catalogue.rows, on="listing", how="left"
    )
    texts = pl.DataFrame([_column(export, at) for at in columns(export, also)])
    computed = texts.select(pl.any_horizontal(cells.computes(pl.all()).fill_null(value=False)).alias("computed"))
    found = found.join(computed.with_row_index("row").cast({"row": pl.Int64}), on="row", how="left")
    refused: Results = {}
    for at, managed, row, computes in found.select("at", "managed", "row", "computed").iter_rows():
        if managed is None:
            refused[at] = Result("refused", message=GONE)
        elif not managed:
            refused[at] = Result("refused", message=in_words("files.not_counted"))
        elif row is None:
            refused[at] = Result("refused", message=in_words("files.stands_twice"))
        elif computes and not export.shape.book:
            refused[at] = Result("refused", message=in_words("files.computes"))
    return refused


def columns(export: Export, also: Sequence[str]) -> list[int]:
    """The places of the columns that name a row, in the shop's own order: its id and SKU, and what the shop's import
    needs besides (`also`). Never the quantity; nothing else, so that no price or title is set back."""
    named = {name.strip().casefold() for name in also}
    wanted = {at for name in ("id", "sku") if (at := export.columns.places.get(name)) is not None}
    quantity = export.columns.places["quantity"]
    wanted |= {at for at, text in enumerate(export.columns.header) if text.casefold() in named or ALL in named}
    return sorted(wanted - {quantity})


def _column(export: Export, at: int) -> pl.Series:
    return pl.Series(str(at), [row[at] if len(row) > at else "" for row in export.body], dtype=pl.String)


def content(lines: Sequence[Line], export: Export, catalogue: Catalogue, also: Sequence[str]) -> bytes:
    """The file: a header, and a row for each quantity in the order of the export."""
    places = dict(catalogue.rows.iter_rows())
    quantity = export.columns.places["quantity"]
    chosen = sorted([*columns(export, also), quantity])
    numbered = sorted((places[line.cell.removeprefix(ROW)], line.quantity) for line in lines)
    header = [export.columns.header[at] for at in chosen]
    rows = [[_text(export, row, at) if at != quantity else units for at in chosen] for row, units in numbered]
    return _book(header, rows) if export.shape.book else _text_file(header, rows, export)


def _text(export: Export, row: int, at: int) -> str:
    """Exactly as the shop wrote it."""
    texts = export.body[row]
    return texts[at] if len(texts) > at else ""


def _text_file(header: Sequence[str], rows: Sequence[Sequence[str | int]], export: Export) -> bytes:
    shape, out = export.shape, io.StringIO(newline="")
    csv.writer(out, delimiter=shape.delimiter, lineterminator=shape.newline).writerows([header, *rows])
    return out.getvalue().encode(shape.encoding)


def _book(header: Sequence[str], rows: Sequence[Sequence[str | int]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Stock")
    for row in (header, *rows):
        made = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=value)
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula, never a number: 00123 stays 00123
                cell.number_format = "@"
            made.append(cell)
        sheet.append(made)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def name_of(shop: str, now: datetime, export: Export, taken: Mapping[str, object]) -> str:
    """A name that sorts by time: `my-shop stock 2026-11-23 101500.csv`."""
    ending = ".xlsx" if export.shape.book else export.found.path.suffix
    stem = f"{shop} stock {now.astimezone():%Y-%m-%d %H%M%S}"
    return next(name for n in range(1, 1000) if (name := f"{stem}{f' {n}' * (n > 1)}{ending}") not in taken)
