"""Workbooks and frames for the tests of the Excel workbook."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from agent.frames import MIRROR, frame
from agent.workbooks.tabs import AGENT_TABS, BY_NAME

CORPUS = Path(__file__).parents[3] / "shared" / "xlsx_corpus"


def corpus(kind: str, step: int = 1) -> list:
    """pytest parameters: (path, a refusal is expected) of the real or odd files; one skipped where there are none."""
    index = CORPUS / "index.json"
    if not index.is_file():
        return [pytest.param(None, False, marks=pytest.mark.skip(reason="the corpus of real workbooks is not here"))]
    entries = [e for e in json.loads(index.read_text()) if e["file"].startswith(kind)]
    return [pytest.param(CORPUS / e["file"], e["expect_refusal"], id=e["file"]) for e in entries[::step]]


_MAKERS = {
    "whole": lambda i: i,
    "number": lambda i: i + 0.5,
    "when": lambda i: datetime(2026, 11, 22, 14, i % 60, tzinfo=UTC),
    "link": lambda i: f"https://shop.example/p?a={i}&b=2",
}
_TYPES = {"whole": pl.Int64, "number": pl.Float64, "when": pl.Datetime("us", "UTC")}


def agent_frame(tab: str, rows: int) -> pl.DataFrame:
    """Typed rows for the agent's columns of a tab: texts such as `Title 3`."""
    made = {}
    for column in BY_NAME[tab].columns:
        if column.owner == "agent":
            make = _MAKERS.get(column.kind, lambda i, name=column.name: f"{name} {i}")
            made[column.name] = pl.Series([make(i) for i in range(rows)], dtype=_TYPES.get(column.kind, pl.String))
    return pl.DataFrame(made)


def agent_frames(rows: int = 3) -> dict[str, pl.DataFrame]:
    """Every agent's tab."""
    return {tab.name: agent_frame(tab.name, rows) for tab in AGENT_TABS}


def seller_book(rows: int = 5, formula_row: int | None = None, epoch_1904: bool = False) -> bytes:
    """A seller's own workbook: an Item Master (A SKU, B Title, C Stocked) and a tab of their own."""
    book = openpyxl.Workbook()
    if epoch_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    sheet.title = "Item Master"
    sheet.append(["SKU", "Title", "Stocked", "Bought for"])
    for i in range(2, rows + 2):
        sheet.append([f"SKU-{i}", f"Title {i}", 10 * i, 1.5])
        sheet.cell(i, 3).number_format = "0"
    if formula_row:
        sheet.cell(formula_row, 3).value = "=10+2"
    mine = book.create_sheet("My notes")
    mine["A1"] = "call Anna"
    mine["B2"] = "=SUM('Item Master'!C2:C6)"
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """The bytes of an openpyxl workbook."""
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def opened(content: bytes) -> openpyxl.Workbook:
    """A second reader's view."""
    return openpyxl.load_workbook(BytesIO(content))


def mirror_frame(*rows: tuple[int, str, str | None, int]) -> pl.DataFrame:
    """A MIRROR frame: (row, sku, old, new)."""
    return frame(list(rows), MIRROR)
