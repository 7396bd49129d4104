"""How a Google Sheet is looked at: at a glance, wholly, and again until nobody is in the middle of something.

Every look costs calls of a budget a minute (`calls`): a glance is one, a whole look two, the look again one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.ports import Clock
from agent.words import say
from agent.workbooks.google import looking, where
from agent.workbooks.google.calls import Calls, SheetOut
from agent.workbooks.google.looking import Look, Place, Range, Sheet
from agent.workbooks.google.marks import Marks
from agent.workbooks.tabs import BY_NAME

UNSETTLED = 30.0
"""The longest that is waited for a person to end a paste."""
Beside = Callable[[Mapping[str, Place]], Sequence[Range]]
"""From where the tabs stand to what is asked for in the same call."""


@dataclass(frozen=True)
class _About:
    """What is known of the spreadsheet before its values are read."""

    title: str
    zone: str
    sheets: Mapping[int, Sheet]
    named: frozenset[str]


class Eyes:
    """Looks through `calls`. `settle`: seconds between two looks that must be equal."""

    def __init__(self, calls: Calls, clock: Clock, settle: float) -> None:
        self._calls, self._clock, self._settle = calls, clock, settle
        self._quick, self._version, self._values_at = "", "", -1e9

    # --- at a glance

    async def differs(self, look: Look) -> bool:
        """Whether there is anything to look at more closely."""
        return await self.differs_at_a_glance(look) or await self._version_moved()

    async def differs_at_a_glance(self, look: Look) -> bool:
        """One read of what people type into most."""
        values = await self._calls.values(list(where.glance(look)))
        said = hashlib.blake2b(json.dumps(values, ensure_ascii=False).encode(), digest_size=16).hexdigest()
        known, self._quick = self._quick, said
        return said != known

    def forget_the_glance(self) -> None:
        """The content is another one: the next glance differs."""
        self._quick = ""

    async def _version_moved(self) -> bool:
        """By Drive, which may tell of an edit minutes later: it only says when to look at everything."""
        try:
            version = str((await self._calls.file()).get("version", ""))
        except SheetOut:
            return False
        moved, self._version = version != self._version, version
        return moved

    # --- at everything

    async def whole(self, before: Look | None) -> Look:
        """All tabs: two reads (three the first time, or where headings have moved). Raises SheetOut."""
        return (await self.whole_and(before, lambda _: ()))[0]

    async def whole_and(self, before: Look | None, beside: Beside) -> tuple[Look, list[Any]]:
        """All tabs, and the values of other ranges, read in the same moment. Raises SheetOut."""
        meta = await self._calls.meta()
        sheets, about = looking.sheets_of(meta), meta.get("properties", {})
        names = frozenset(one.get("name", "") for one in meta.get("namedRanges", ()))
        known = before.marks if before is not None else await self.marks(sheets)
        places = await self._agents_places(sheets, known, before)
        asked = _About(about.get("title", ""), about.get("timeZone", "UTC"), sheets, names)
        for _ in range(3):
            look, values = await self._values(asked, known, places, beside)
            if isinstance(look, Look):
                return look, values
            known, places = look, await self._agents_places(sheets, look, None)
        words = say("google_moving", {})  # headings move faster than they can be read
        raise SheetOut("host", words.what, words.fix)

    async def _values(
        self, about: _About, known: Marks, places: Mapping[str, Place], beside: Beside
    ) -> tuple[Look | Marks, list[Any]]:
        """One read of what has a meaning; only what the hidden tab says now, where tabs or headings have moved."""
        tabs = looking.known_tabs(about.sheets, known)
        ranges = {name: where.asked_of(BY_NAME[name], tabs[name], places.get(name)) for name in tabs}
        more, mark = list(beside(places)), looking.mark_range(about.sheets)
        flat = [*mark, *(one for some in ranges.values() for one in some)]
        values = await self._calls.values([*flat, *more])
        self._values_at = self._clock.monotonic()
        now = looking.parse_marks(values[0]) if mark else Marks()
        rest = values[len(mark) : len(flat)]
        found = await self._calls.run(lambda: where.found(tabs, ranges, rest, places, known))
        if found is None or (now.tabs, now.adopted) != (known.tabs, known.adopted):
            return now, []
        return Look(about.title, about.zone, about.sheets, *found, now, about.named), values[len(flat) :]

    async def marks(self, sheets: Mapping[int, Sheet]) -> Marks:
        """What the hidden tab says. Raises SheetOut."""
        mark = looking.mark_range(sheets)
        return looking.parse_marks((await self._calls.values(mark))[0]) if mark else Marks()

    async def _agents_places(self, sheets: Mapping[int, Sheet], known: Marks, before: Look | None) -> dict[str, Place]:
        """Where the columns of the agent's tabs stand: as before, or by their first rows."""
        tabs = {n: sheet for n, sheet in looking.known_tabs(sheets, known).items() if BY_NAME[n].owner == "agent"}
        old = before.places if before is not None else {}
        kept = {n: replace(old[n], sheet=s) for n, s in tabs.items() if n in old and old[n].sheet.id == s.id}
        new = [name for name in tabs if name not in kept]
        values = await self._calls.values([looking.top(tabs[name]) for name in new])
        return kept | {n: looking.place_of(BY_NAME[n], tabs[n], v) for n, v in zip(new, values, strict=True)}

    # --- again

    async def settled(self, look: Look, meanwhile: Callable[[Look], Awaitable[object]]) -> Look:
        """Somebody may be in the middle of a paste: two equal looks. `meanwhile`: what is done between them."""
        began = self._clock.monotonic()
        while self._clock.monotonic() - began < UNSETTLED:
            before = self._values_at
            await meanwhile(look)
            await self._clock.sleep(max(0.0, self._settle - (self._clock.monotonic() - before)))
            again = await self._again(look)
            if again.token == look.token:
                return again
            look = again
        return look

    async def _again(self, look: Look) -> Look:
        """The same values once more; at everything where they do not stand as they did."""
        about = _About(look.title, look.zone, look.sheets, look.named)
        places = {name: place for name, place in look.places.items() if place.tab.owner == "agent"}
        try:
            again, _ = await self._values(about, look.marks, places, lambda _: ())
        except SheetOut as out:
            if out.kind != "refused":  # a tab that was deleted meanwhile
                raise
            return await self.whole(None)
        return again if isinstance(again, Look) else await self.whole(None)
