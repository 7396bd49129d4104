"""The hidden tab of a Google Sheet: whose workbook it is, how often it was written, which tab is which, who works.

A tab keeps its id whatever it is called. Tabs that Stocksheet makes have ids that follow from their names, so that
making one twice is refused instead of done twice; of a tab that was the seller's own, the id is kept here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.workbooks import looks
from agent.workbooks.base import Mark
from agent.workbooks.tabs import TABS

TITLE = "Stocksheet mark"
LEASE = timedelta(minutes=10)
"""An agent that has not written for so long has ended."""
_NAMES = (
    "workbook",
    "generation",
    "tabs",
    "agent",
    "agent until",
    "refreshed",
    "looked",
    "looked at",
    "used",
    "adopted",
)
ROWS = len(_NAMES)
STAMPS = {looks.REFRESHED: 5, looks.LOOKED: 6, looks.LOOKED_AT: 7}
"""Named range -> its row, from 0: the formulas of titles and light draw on them."""


def fixed_id(name: str, what: str = "tab") -> int:
    """The id of what Stocksheet makes under this name: 1 to 2^31 - 1."""
    digest = hashlib.blake2b(f"stocksheet/{what}/{name}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") % (2**31 - 1) or 1


MARK_ID = fixed_id(TITLE)


@dataclass(frozen=True)
class Adopted:
    """What was settled about the seller's own list of items: its columns are known by their headings."""

    headings: Mapping[str, str]
    """declared column -> the seller's heading."""
    without: frozenset[str] = frozenset()
    """Declared columns that the list does not have, whatever its headings say."""


@dataclass(frozen=True)
class Marks:
    """What the hidden tab says."""

    mark: Mark | None = None
    tabs: Mapping[str, int] = field(default_factory=dict)
    """declared tab -> sheet id, of tabs that were the seller's own."""
    holder: str = ""
    """Which agent works with the sheet."""
    until: datetime | None = None
    used: str = ""
    """How much of Google's budget the agent used in the minute before its last write."""

    adopted: Adopted | None = None
    """Of a list that was the seller's own."""

    def held_by_another(self, me: str, now: datetime) -> bool:
        """Whether another agent works with it now."""
        return bool(self.holder) and self.holder != me and self.until is not None and self.until > now

    def taken(self, me: str, now: datetime) -> Marks:
        """The same, held by this agent."""
        return replace(self, holder=me, until=now + LEASE)

    def content(self) -> str:
        """What a new look is compared by; who works is no content of the workbook."""
        return f"{self.mark}"


def parse(values: Sequence[Sequence[Any]]) -> Marks:
    """The hidden tab's cells -> what they say. Damaged cells say nothing."""
    said = {str(row[0]): row[1] for row in values if len(row) > 1}
    workbook, generation = str(said.get("workbook") or ""), said.get("generation")
    mark = Mark(workbook, int(generation)) if workbook and isinstance(generation, int | float) else None
    return Marks(
        mark,
        _tabs(said.get("tabs")),
        str(said.get("agent") or ""),
        _time(said.get("agent until")),
        str(said.get("used") or ""),
        _adopted(said.get("adopted")),
    )


def _tabs(text: object) -> dict[str, int]:
    try:
        found = json.loads(str(text)) if text else {}
        return {name: int(found[name]) for name in (tab.name for tab in TABS) if name in found}
    except (ValueError, TypeError):
        return {}


def _adopted(text: object) -> Adopted | None:
    try:
        found = json.loads(str(text)) if text else None
        return Adopted(dict(found["headings"]), frozenset(found["without"])) if found else None
    except (ValueError, TypeError, KeyError):
        return None


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC) if text else None
    except ValueError:
        return None


def rows(marks: Marks, stamps: Sequence[object] = ("", 0.0, "", "")) -> list[tuple[str, object]]:
    """The hidden tab's cells: name, value."""
    mark = marks.mark
    until = marks.until.isoformat(timespec="seconds") if marks.until else ""
    own = marks.adopted
    kept = (
        json.dumps({"headings": dict(own.headings), "without": sorted(own.without)}, ensure_ascii=False) if own else ""
    )
    values = [
        mark.workbook_id if mark else "", mark.generation if mark else None,
        json.dumps(dict(marks.tabs)), marks.holder, until, *stamps, kept,
    ]  # fmt: skip
    return list(zip(_NAMES, values, strict=True))
