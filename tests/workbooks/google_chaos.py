"""Small seeded worlds in which a person sorts, inserts, deletes, filters, pastes and types between any two calls of the
agent. Nothing typed may be lost, come to stand beside another key, or be written over.

    python tests/workbooks/google_chaos.py 2000
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from google_desk import Desk
from workbook_contract import NO_MIRROR, NOON

from agent.core.report import shaped
from agent.practice.google import Request, Response
from agent.workbooks.base import Mark, Snapshot, WorkbookOut
from agent.workbooks.google.marks import fixed_id
from agent.workbooks.tabs import BY_NAME, DONE_ROW

Key = tuple[str, str]
TABS = {"Imports": "Link to SKU", "Listings": "Change"}
ITEMS = [("SKU", "Title", "Counted", "Theirs"), *((f"SKU-{n}", f"Item {n}", n, f"note {n}") for n in range(8))]
KEYS = [("shop", f"L{n}") for n in range(34)]


class Ticking:
    """A clock on which a second passes at each look at it; nothing waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOON

    def monotonic(self) -> float:
        self.seconds += 1.0
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class World:
    """One world. `truth`: tab -> key -> the word that the person last left beside it."""

    seed: int
    chance: Random = field(init=False)
    truth: dict[str, dict[Key, str]] = field(default_factory=lambda: {tab: {} for tab in TABS})
    typed: dict[str, tuple[str, Key]] = field(default_factory=dict)
    """word -> where it was typed: each word is typed once."""
    wrong: list[str] = field(default_factory=list)
    did: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.desk = Desk(Ticking(), self.seed, settle=0.0)
        self.book = self.desk.book
        self._acting, self.restless = False, 0.0
        self.known = 4
        self.deleted_columns: dict[str, int] = {}

    # --- the person

    def between(self, request: Request, response: Response) -> None:
        """After each call of the agent."""
        if self._acting or self.chance.random() >= self.restless:
            return
        self._acting = True
        try:
            for _ in range(self.chance.choice((1, 1, 2, 3))):
                self.act()
        finally:
            self._acting = False

    def tab(self, name: str) -> Any:
        """The emulator's own tab, looked at directly; None where there is none."""
        book = self.desk.google.files[self.desk.id].book
        wanted = 100 if name == "Item Master" else fixed_id(name)
        return next((tab for tab in book.tabs if tab.sheet_id == wanted), None)

    def grid(self, name: str) -> list[list[object]]:
        tab = self.tab(name)
        if tab is None:
            return []
        return [[tab.cell(r, c).entered for c in range(tab.column_count)] for r in range(len(tab.rows))]

    def rows(self, name: str) -> tuple[int, int, list[tuple[int, Key]], list[list[object]]]:
        """Heading row (from 0), the person's column, the rows with a key, and the grid."""
        grid = self.grid(name)
        top = next((at for at, row in enumerate(grid) if TABS[name] in row and "Listing" in row), -1)
        if top < 0:
            return -1, -1, [], grid
        at = [grid[top].index("Channel"), grid[top].index("Listing")]
        keys = [(n, (str(row[at[0]]), str(row[at[1]]))) for n, row in enumerate(grid) if n > top and row[at[1]]]
        return top, grid[top].index(TABS[name]), keys, grid

    def act(self) -> None:
        name = self.chance.choice(list(TABS))
        top, mine, keys, grid = self.rows(name)
        acts = [self.types_item, self.sorts_items, self.inserts_item]
        if keys:
            acts = [*acts, *[lambda: self.types(name, mine, keys)] * 5, lambda: self.pastes(name, mine, keys)]
            acts += [*[lambda: self.sorts(name, top, grid)] * 3, *[lambda: self.inserts_row(name, top, grid)] * 3]
            acts += [lambda: self.inserts_column(name, mine), lambda: self.deletes_row(name, keys)]
            acts += [lambda: self.filters(name, top, grid), *[lambda: self.deletes_column(name, top, mine, grid)] * 3]
            acts += [lambda: self.renames(name), lambda: self.clears(name, mine, keys)]
        self.chance.choice(acts)()

    def _does(self, what: str, *requests: dict[str, Any]) -> None:
        self.did.append(what)
        self.desk.person.does(*requests)

    def _left(self, name: str, key: Key, word: str | None) -> None:
        if word is None:
            self.truth[name].pop(key, None)
        else:
            self.truth[name][key] = word
            self.typed[word] = (name, key)

    def _once(self, keys: Sequence[tuple[int, Key]]) -> list[tuple[int, Key]]:
        """Rows whose key stands there once."""
        all_keys = [key for _, key in keys]
        return [(row, key) for row, key in keys if all_keys.count(key) == 1]

    def types(self, name: str, mine: int, keys: Sequence[tuple[int, Key]]) -> None:
        row, key = self.chance.choice(self._once(keys) or [(0, ("", ""))])
        if key[1]:
            word = f"word-{len(self.typed)}"
            self.did.append(f"types {word} beside {key} in {name}")
            self.desk.person.types(fixed_id(name), row, mine, word)
            self._left(name, key, word)

    def clears(self, name: str, mine: int, keys: Sequence[tuple[int, Key]]) -> None:
        for row, key in self._once(keys)[:1]:
            self.did.append(f"clears {key} in {name}")
            self.desk.person.types(fixed_id(name), row, mine, None)
            self._left(name, key, None)

    def pastes(self, name: str, mine: int, keys: Sequence[tuple[int, Key]]) -> None:
        """Words into neighbouring rows at once."""
        some = self._once(keys)
        first = self.chance.randrange(len(some)) if some else 0
        block = [some[first]] if some else []
        for row, key in some[first + 1 : first + 4]:
            if row == block[-1][0] + 1:
                block.append((row, key))
        words = [f"word-{len(self.typed) + i}" for i in range(len(block))]
        if block:
            start = {"sheetId": fixed_id(name), "rowIndex": block[0][0], "columnIndex": mine}
            rows = [{"values": [{"userEnteredValue": {"stringValue": word}}]} for word in words]
            self._does(
                f"pastes {words} in {name}",
                {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}},
            )
            for (_, key), word in zip(block, words, strict=True):
                self._left(name, key, word)

    def sorts(self, name: str, top: int, grid: Sequence[Sequence[object]]) -> None:
        spec = {
            "dimensionIndex": self.chance.randrange(len(grid[0])),
            "sortOrder": self.chance.choice(("ASCENDING", "DESCENDING")),
        }
        where = {"sheetId": fixed_id(name), "startRowIndex": top + 1, "endRowIndex": len(grid)}
        if len(grid) > top + 1:
            self._does(f"sorts {name}", {"sortRange": {"range": where, "sortSpecs": [spec]}})

    def inserts_row(self, name: str, top: int, grid: Sequence[Sequence[object]]) -> None:
        at = self.chance.randint(top + 1, max(top + 1, len(grid) - 1))
        where = {"sheetId": fixed_id(name), "dimension": "ROWS", "startIndex": at, "endIndex": at + 1}
        self._does(f"inserts row {at} in {name}", {"insertDimension": {"range": where, "inheritFromBefore": False}})

    def deletes_row(self, name: str, keys: Sequence[tuple[int, Key]]) -> None:
        row, key = self.chance.choice(list(keys))
        where = {"sheetId": fixed_id(name), "dimension": "ROWS", "startIndex": row, "endIndex": row + 1}
        self._does(f"deletes row {row} {key} of {name}", {"deleteDimension": {"range": where}})
        self._left(name, key, None)

    def inserts_column(self, name: str, mine: int) -> None:
        at = self.chance.randint(0, mine + 1)
        where = {"sheetId": fixed_id(name), "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}
        self._does(f"inserts column {at} in {name}", {"insertDimension": {"range": where, "inheritFromBefore": False}})

    def deletes_column(self, name: str, top: int, mine: int, grid: Sequence[Sequence[object]]) -> None:
        """One of the agent's that is no key, once in a world and tab."""
        free = [
            i for i, head in enumerate(grid[top]) if head and head not in ("Channel", "Listing", "State") and i != mine
        ]
        if free and name not in self.deleted_columns:
            at = self.chance.choice(free)
            self.deleted_columns[name] = at
            where = {"sheetId": fixed_id(name), "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}
            self._does(f"deletes column {at} of {name}", {"deleteDimension": {"range": where}})

    def filters(self, name: str, top: int, grid: Sequence[Sequence[object]]) -> None:
        where = {"sheetId": fixed_id(name), "startRowIndex": top, "endRowIndex": max(top + 2, len(grid))}
        spec = {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["L1", "L2"]}}
        self._does(f"filters {name}", {"setBasicFilter": {"filter": {"range": where, "filterSpecs": [spec]}}})

    def renames(self, name: str) -> None:
        about = {"sheetId": fixed_id(name), "title": f"{name} {self.chance.randrange(99)}"}
        self._does(f"renames {name}", {"updateSheetProperties": {"properties": about, "fields": "title"}})

    def types_item(self) -> None:
        row = self.chance.randrange(1, 9)
        self.did.append(f"types in Item Master, row {row}")
        self.desk.person.types(100, row, 2, self.chance.randrange(50))
        self._remember_items()

    def sorts_items(self) -> None:
        where = {"sheetId": 100, "startRowIndex": 1, "endRowIndex": len(self.grid("Item Master"))}
        spec = {"dimensionIndex": self.chance.randrange(3), "sortOrder": "DESCENDING"}
        self._does("sorts Item Master", {"sortRange": {"range": where, "sortSpecs": [spec]}})
        self._remember_items()

    def inserts_item(self) -> None:
        where = {"sheetId": 100, "dimension": "ROWS", "startIndex": 3, "endIndex": 4}
        self._does("inserts into Item Master", {"insertDimension": {"range": where, "inheritFromBefore": False}})
        self._remember_items()

    def _remember_items(self) -> None:
        self.items_now = self.grid("Item Master")

    # --- the agent

    def frames(self) -> dict[str, pl.DataFrame]:
        chance = self.chance
        self.known = min(len(KEYS), self.known + chance.randint(2, 5))  # new ones come with each turn
        cut = chance.sample(KEYS[: self.known], chance.randint(self.known // 2, self.known))
        split = chance.randint(1, len(cut) - 1)
        made = {}
        for name, keys in (("Imports", cut[:split]), ("Listings", cut[split:])):
            last = {"Imports": "Open it", "Listings": "Matched by"}[name]  # stands near the person's column
            rows = [
                {"Channel": c, "Listing": n, "Title": f"T{chance.randrange(4)} of {n}", last: f"{chance.random()}"}
                for c, n in keys
            ]
            made[name] = shaped(BY_NAME[name], pl.DataFrame(rows))
        levels = [{"SKU": f"SKU-{n}", "Stocked": chance.randrange(20)} for n in range(chance.randint(1, 8))]
        made["Stock Levels"] = shaped(BY_NAME["Stock Levels"], pl.DataFrame(levels))
        return made

    async def turn(self, frames: dict[str, pl.DataFrame], generation: int) -> str:
        try:
            snapshot = await self.book.read()
        except WorkbookOut:  # columns were moved about faster than they could be read
            return "out"
        self.judge(snapshot)
        return (await self.book.write(frames, NO_MIRROR, Mark("world", generation), snapshot)).outcome

    def judge(self, snapshot: Snapshot) -> None:
        """No word stands beside another key than it was typed to."""
        for name, column in TABS.items():
            rows = snapshot.tabs.get(name, pl.DataFrame())
            if column in rows.columns:
                for key in rows.filter(pl.col(column).is_not_null()).select("Channel", "Listing", column).rows():
                    if self.typed.get(key[2]) != (name, key[:2]):
                        self.wrong.append(f"wrong link: {key}, typed {self.typed.get(key[2])}")

    async def play(self) -> list[str]:
        self.desk.give({"Item Master": ITEMS})
        self._remember_items()
        self.desk.google.on_exchange = self.between
        await self.turn(self.frames(), 1)
        self.restless = self.chance.choice((0.1, 0.3, 0.5))
        for generation in range(2, 7):
            await self.turn(self.frames(), generation)
        self.restless, frames = 0.0, self.frames()
        outcomes = [await self.turn(frames, 7 + again) for again in range(3)]
        if outcomes[-1] not in ("unchanged", "written"):
            self.wrong.append(f"never quiet: {outcomes}")
        self.end(frames)
        return self.wrong

    def end(self, frames: dict[str, pl.DataFrame]) -> None:
        """What stands in the sheet itself when all is quiet."""
        if self.grid("Item Master") != self.items_now:
            self.wrong.append("Item Master was overwritten")
        for name in TABS:
            top, mine, keys, grid = self.rows(name)
            beside = {key: str(grid[row][mine]) for row, key in keys if grid[row][mine] is not None}
            if beside != self.truth[name]:
                self.wrong.append(f"{name}: {sorted(beside.items() ^ self.truth[name].items())}")
            self._told(name, top, keys, grid, frames[name])

    def _told(self, name: str, top: int, keys: Sequence[tuple[int, Key]], grid: Any, frame: pl.DataFrame) -> None:
        head = grid[top]
        state = head.index("State")
        alive = {key: row for row, key in keys if grid[row][state] != DONE_ROW}
        wanted = {(c, n): title for c, n, title in frame.select("Channel", "Listing", "Title").rows()}
        if alive.keys() != wanted.keys():
            self.wrong.append(f"{name} shows {sorted(alive)} instead of {sorted(wanted)}")
        elif "Title" in head:
            said = {key: grid[row][head.index("Title")] for key, row in alive.items()}
            if said != wanted:
                self.wrong.append(f"{name} says {said} instead of {wanted}")


def play(seed: int) -> World:
    """One world, to its end."""
    world = World(seed)
    asyncio.run(world.play())
    return world


def main(count: int, first: int = 0) -> int:
    """Play so many worlds; 1 where one went wrong."""
    began, bad, acts = time.process_time(), 0, 0
    for seed in range(first, first + count):
        world = play(seed)
        acts += len(world.did)
        if world.wrong:
            bad += 1
            sys.stdout.write(f"seed {seed}: {world.wrong[:3]}\n")
    spent = (time.process_time() - began) / count
    sys.stdout.write(f"{count} worlds, {acts} acts of a person, {bad} wrong, {spent:.3f} s of CPU each\n")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
