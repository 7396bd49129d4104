"""The stage with a Google Sheet as the workbook: the same stories, the emulator in this process, virtual time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import polars as pl

sys.path.append(str(Path(__file__).parents[1] / "workbooks"))

from google_desk import Desk

from agent.practice.google.person import Person
from agent.state import Agent
from agent.workbooks.google.setup import set_up
from agent.workbooks.tabs import BY_NAME
from tests.scenarios.stage import Entry, Stage
from tests.world.timeline import VirtualLoop

HEADINGS = {("Item Master", "Stocked"): "Counted"}


class SheetBook:
    """An agent's workbook, and what a story does at it in the place of a MemoryWorkbook."""

    def __init__(self, desk: Desk) -> None:
        self._inner = desk.agents()
        book = desk.google.files[desk.id].book
        assert book is not None
        self.visitor = Person(desk.google, book)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def type_cell(self, tab: str, key: Any, column: str, entry: Entry) -> None:
        """Type into one cell."""
        names = BY_NAME[tab].key
        where = dict(zip(names, (key,) if isinstance(key, str) else key, strict=True))
        self.visitor.types(tab, where, HEADINGS.get((tab, column), column), entry)  # type: ignore[arg-type]

    def add_row(self, tab: str, cells: dict[str, Entry]) -> None:
        """Type a new row."""
        self.visitor.adds(tab, [{HEADINGS.get((tab, name), name): value for name, value in cells.items()}])

    def save(self) -> None:
        """A sheet saves by itself."""

    def results(self, tab: str) -> pl.DataFrame:
        """What an agent's tab shows now; rows that are over are hidden."""
        rows = [row for row in self.visitor.look(tab) if row.get("State") != "done"]
        named = [{name: row.get(name) for name in BY_NAME[tab].agent_columns} for row in rows]
        kinds = {
            c.name: pl.Int64 if c.kind == "whole" else pl.String for c in BY_NAME[tab].columns if c.owner == "agent"
        }
        return pl.DataFrame(named, schema=kinds, strict=False)

    def cell(self, tab: str, key: str, column: str) -> Entry:
        """What stands in one cell."""
        (name,) = BY_NAME[tab].key
        rows = [row for row in self.visitor.look(tab) if str(row[name]) == key]
        found: Entry = rows[0][HEADINGS.get((tab, column), column)]
        return found


class GoogleStage(Stage):
    """A story begins with `await stage.begins()`."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.desk: Desk | None = None
        super().__init__(loop)
        self.desk = Desk(self.clock, settle=2.0)
        self.desk.google.sleep = self.clock.sleep
        self.agent = self._new_agent()

    def _new_agent(self, **places: str) -> Agent:
        if self.desk is not None:
            self.book = SheetBook(self.desk)  # type: ignore[assignment]
        return super()._new_agent(**places)

    async def begins(self) -> None:
        """The sheet gets its tabs."""
        assert self.desk is not None
        await set_up(self.desk.agents().calls, example=False)
