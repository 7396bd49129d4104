"""One call: who asks, what for, and of which spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.practice.google.book import Book
from agent.practice.google.service import File, Google

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `ask`: its query, each name with all its values; `body`: its JSON; `who`: the caller's address."""

    google: Google
    who: str
    ask: Mapping[str, Sequence[str]]
    body: Body

    def one(self, name: str, otherwise: str = "") -> str:
        """A value of the query."""
        return self.ask.get(name, [otherwise])[-1]

    def flag(self, name: str) -> bool:
        """A truth value of the query."""
        return self.one(name).lower() in {"true", "1"}

    def options(self) -> dict[str, Any]:
        """The query's single values."""
        return {name: found[-1] for name, found in self.ask.items()}

    def file(self, file_id: str, writes: bool) -> File:
        """The spreadsheet that is called."""
        return self.google.sheet(file_id, self.who, writes)

    def book(self, file_id: str) -> Book:
        """The same to be read."""
        found = self.file(file_id, writes=False).book
        assert found is not None
        return found
