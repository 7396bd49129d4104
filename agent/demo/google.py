"""The demo with a Google Sheet: the practice Google on a port of this computer, and a person at the sheet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from agent import app, config
from agent.config import Settings, make_data_folder
from agent.config_write import set_value
from agent.demo.place import add_shops
from agent.demo.shops import Shops
from agent.demo.world import World
from agent.practice.google import AGENT, Google, serve, service_account
from agent.practice.google.person import Person as Visitor
from agent.practice.person import Typing, Value
from agent.practice.serve import Stop
from agent.workbooks.google.access import keep_robot
from agent.workbooks.google.setup import set_up
from agent.workbooks.tabs import headings

HEADINGS = headings("google")
"""What the demo calls a column -> what the sheet does."""


class AtSheet:
    """A person at the sheet: what `agent.practice.person.Person` is at a file."""

    name = "the sheet"

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    def look(self, tab: str) -> list[dict[str, Any]]:
        """The rows of a tab as shown, rows that are over left out."""
        rows = self._visitor.look(tab)
        return [row for row in rows if row.get("State") != "done"]

    def types(self, tab: str, where: Mapping[str, Any], column: str, value: Value) -> None:
        """Type one cell. KeyError where the row is not there."""
        self._visitor.types(tab, where, _heading(tab, column), value)

    def adds(self, tab: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Type whole rows into the first free ones of a tab."""
        self._visitor.adds(tab, [{_heading(tab, name): value for name, value in row.items()} for row in rows])

    def save(self, typed: Iterable[Typing]) -> None:
        """Type cells; a sheet saves by itself."""
        for one in typed:
            self.types(one.tab, one.where, one.column, one.value)


def _heading(tab: str, column: str) -> str:
    return HEADINGS.get(column, column) if tab == "Item Master" else column


class Sheet:
    """The practice Google with one sheet of the seller's, shared with the agent."""

    def __init__(self, seed: int) -> None:
        self.google = Google(rng=Random(seed))
        self.google.faults.reads_a_minute = self.google.faults.writes_a_minute = 60
        self.book = self.google.new_book("Stocksheet demo", share={AGENT: "writer"})
        self.person = AtSheet(Visitor(self.google, self.book))
        self.address = f"https://docs.google.com/spreadsheets/d/{self.book.id}/edit"
        self.port = 0
        self._stop: Stop | None = None

    async def open(self) -> None:
        """Open it on a free port."""
        self.port, self._stop = await serve(self.google)

    async def close(self) -> None:
        """Close it."""
        if self._stop is not None:
            await self._stop()

    async def settle(self, folder: Path, world: World, shops: Shops) -> Settings:
        """Make the folder with its settings, and fill the sheet; sheet and shops are open already."""
        make_data_folder(folder)
        file, base = folder / "config.toml", f"http://127.0.0.1:{self.port}"
        set_value(file, "workbook", self.address)
        set_value(file, "data_folder", str(folder))
        set_value(file, "secrets", "file")
        set_value(file, "google_practice", base)
        text = file.read_text(encoding="utf-8").replace("# look_seconds = 10", "look_seconds = 2")
        file.write_text(text, encoding="utf-8")
        key = json.dumps(service_account(self.google, AGENT, "https://oauth2.googleapis.com"))
        set_value(file, "google_account", keep_robot(app.secrets_of(config.load(file)), key))
        settings = add_shops(file, shops)
        book = app.open_google(settings)
        try:
            await set_up(book.calls, items=world.items)
        finally:
            await book.close()
        for tab, rows in world.tabs.items():
            if tab != "Item Master":
                self.person.adds(tab, rows)
        return settings
