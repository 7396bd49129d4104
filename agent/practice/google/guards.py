"""Who writes, and what of a tab they may change: protected ranges, as they bind everyone but their editors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.practice.google.a1 import Area, Box
from agent.practice.google.book import Book
from agent.practice.google.errors import PROTECTED, Refused
from agent.practice.google.tab import Tab


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who changes a spreadsheet. `owner`: nothing is protected from its owner."""

    book: Book
    email: str
    owner: bool

    def may_edit(self, tab: Tab, box: Box) -> None:
        """Refused where a protected range stands in the way."""
        if self.owner:
            return
        for one in tab.things.protected:
            if not one.get("warningOnly") and not self._is_editor(one) and self._guards(tab, one, box):
                raise Refused(PROTECTED)

    def may_shape(self, tab: Tab) -> None:
        """Refused where anything of the tab is protected: it cannot be deleted then."""
        self.may_edit(tab, tab.everything())

    def _is_editor(self, one: Mapping[str, Any]) -> bool:
        return self.email in one.get("editors", {}).get("users", [])

    def _guards(self, tab: Tab, one: Mapping[str, Any], box: Box) -> bool:
        if "range" not in one:
            return False
        guarded = tab.box(Area.of(one["range"]))
        free = (tab.box(Area.of(each)) for each in one.get("unprotectedRanges", ()))
        return guarded.meets(box) and not any(each.covers(box) for each in free)
