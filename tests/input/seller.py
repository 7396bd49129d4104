"""A seller with a real folder, a real .xlsx file and a practice shop on a real socket; and what each command said."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import polars as pl

from agent import log
from agent.__main__ import main
from agent.practice.woocommerce import Shop, serve
from agent.workbooks.starter import make_starter
from agent.workbooks.tabs import ITEM_MASTER
from tests.commands.conftest import Folder, opened

Entry = str | int | float | bool | None | date


@dataclass(frozen=True)
class Cell:
    """A cell that is more than its value: a number format, a formula, a formula whose result was never saved."""

    value: Entry
    format: str | None = None


@dataclass(frozen=True)
class Told:
    """What one command said, and how it exited."""

    code: int
    text: str

    def lines(self, words: str) -> list[str]:
        """The lines that hold these words."""
        return [line for line in self.text.splitlines() if words in line]


@dataclass
class Seller(Folder):
    """A seller who says what each command told, and calls products by names."""

    ids: dict[str, int] = field(default_factory=dict)

    def run(self, command: str, *more: str) -> Told:
        """One command, in this process, with everything that it says. Never a traceback."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main([command, *more, "--config", str(self.config)])
        log.stop()
        assert "Traceback" not in out.getvalue(), out.getvalue()
        assert "stumbled over a mistake of its own" not in out.getvalue(), out.getvalue()
        return Told(code, out.getvalue())

    def sells(self, sku: str, quantity: int, name: str | None = None) -> None:
        """A simple product in the shop; `name`: what the tests call it, where that is not its SKU."""
        self.ids[name or sku] = self.shop.add_simple(sku, f"Item {name or sku}", quantity)

    def shows(self, name: str) -> int | None:
        """What a buyer sees in the shop now."""
        return self.shop.quantity(self.ids[name])

    def writes(self, items: Sequence[Mapping[str, Any]], **tabs: Sequence[Mapping[str, Any]]) -> None:
        """A new starter workbook with these items; further tabs by name, `_` for the space."""
        self.workbook.write_bytes(make_starter(pl.DataFrame(list(items), infer_schema_length=None)))
        if tabs:
            self.changes(lambda book: _fill_tabs(book, tabs))

    def changes(self, change: Callable[[openpyxl.Workbook], None]) -> None:
        """Somebody else's program opens the workbook, changes it and saves it."""
        book = openpyxl.load_workbook(self.workbook)
        change(book)
        book.save(self.workbook)

    def answers(self, words: str, answer: str = "yes") -> None:
        """Answer the question of Attention that says these words."""
        (row,) = [row for row in self.attention() if row["Answers"] and words in row["What"]]
        self.person.types("Attention", {"Id": row["Id"]}, "Answer", answer)

    def goes_live(self) -> None:
        """Look once, approve the first plan, push it."""
        self.run("sync")
        self.answers("The first plan")
        self.run("sync")

    def attention(self) -> list[dict[str, Any]]:
        """The rows of Attention in the workbook."""
        return self.person.look("Attention")

    def listing(self, name: str) -> dict[str, Any]:
        """The row of Listings."""
        (row,) = [row for row in self.person.look("Listings") if str(row["Listing"]) == str(self.ids[name])]
        return row


def _fill_tabs(book: openpyxl.Workbook, tabs: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    for name, rows in tabs.items():
        sheet = book[name.replace("_", " ")]
        header = {cell.value: cell.column for cell in sheet[1] if cell.value}
        for at, row in enumerate(rows, 2):
            for column, value in row.items():
                put(sheet.cell(at, header[column]), value)


def put(cell: Any, entry: Entry | Cell) -> None:
    """Put an entry into a cell of openpyxl."""
    cell.value = entry.value if isinstance(entry, Cell) else entry
    if isinstance(entry, Cell) and entry.format:
        cell.number_format = entry.format


def place(sheet: Any, sku: str, column: str) -> Any:
    """The cell of Item Master in the row of this SKU."""
    names = [cell.value for cell in sheet[1]]
    keys = names.index("SKU")
    row = next(row for row in sheet.iter_rows(min_row=2) if row[keys].value == sku)
    return row[names.index(column)]


def letter(column: str) -> str:
    """The letter of a column of the starter's Item Master."""
    return chr(65 + [one.name for one in ITEM_MASTER.columns].index(column))


@contextmanager
def seller(folder: Path) -> Iterator[Seller]:
    """A seller with an empty shop and no workbook yet."""
    shop = Shop(clock=lambda: datetime.now(UTC), rng=Random(1), name="Anna's shop")
    with opened(serve, shop) as port:
        made = Seller(folder, shop, port)
        folder.mkdir(parents=True)
        made.settle(folder / "data")
        made.add_shop()
        yield made
