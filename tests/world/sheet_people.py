"""Who works in a Google Sheet: the person, who counts what there is, and a colleague who is never quiet; and what goes
wrong with Google.

Nothing is mirrored into *Counted*, so that nobody adds to what stands there: whatever came in, the shelf is counted. A
count that says what the cell says already is a row of *Stock In and Out*.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from agent.practice.google import AGENT
from agent.practice.google.faults import Faults
from tests.world.person import MASTER, Edit, Person
from tests.world.sheet_book import ANSWERED, Shown

if TYPE_CHECKING:
    from tests.world.run import World
    from tests.world.sheet_book import SheetBook

SHEETS = ("Imports", "Listings", "Attention")
RESTLESS = (0.0, 0.01, 0.04, 0.15)
"""How often the colleague does something while a call of the agent's is under way."""
MOST = 40
"""What the colleague does at the most: a sheet has an end."""


class SheetPerson(Person):
    """The person of `Person`, at a Google Sheet."""

    async def receive(self) -> None:
        """Units come in, and the shelf is counted."""
        sku = self._pick()
        self.world.books.items[sku].shelf += self.rng.randint(1, 9)
        self.unsure.add(sku)  # until it is typed nobody can know
        await self._count(sku)

    async def _something(self) -> None:
        if self.rng.random() < 0.2:
            self.paste_counts()
        else:
            await super()._something()

    async def _count(self, sku: str) -> None:
        item = self.world.books.items[sku]
        if self._cell(sku) != item.shelf:
            await self._type(sku, item.shelf, counted=True, told=item.shelf)
        elif item.told != item.shelf:
            self._says_again(sku)

    def _says_again(self, sku: str) -> None:
        """The cell says so already, and nobody looks at it: a row says it."""
        if self.world.kinds.has("clock jumps"):  # a time of day would mean something else
            self.unsure.add(sku)
        else:
            self.world.keeper.counts_of(sku)

    def paste_counts(self) -> None:
        """The shelf is counted, and three neighbouring cells are pasted at once."""
        sheet = self.book.sheet(MASTER)
        names = [self.world.first(str(row[sheet.header.index("SKU")])) for row in sheet.rows]
        items = self.world.books.items
        plain = [n in items and items[n].tracked and not items[n].parts and items[n].told is not None for n in names]
        starts = [at for at in range(len(names) - 2) if all(plain[at : at + 3])]
        if not starts:
            return
        at = self.rng.choice(starts)
        for sku in names[at : at + 3]:
            item, now = items[sku], self.world.loop.time()
            if self._cell(sku) == item.shelf:
                continue
            muddled = not self.world.taken_in(sku, self.book.saved)
            self.edits.append(Edit(sku, True, self.world.window_from(sku), now, muddled))
            self.book.type_cell(MASTER, self.world.name(sku), "Stocked", item.shelf)
            item.told, self.last[sku] = item.shelf, True
        self.book.save()
        self.world.changed(f"person: pastes the counts of {names[at : at + 3]}")

    async def _wrong_for_a_while(self, entry: Any) -> None:
        sku = self._pick()
        before, item = self._cell(sku), self.world.books.items[sku]
        self.book.type_cell(MASTER, self.world.name(sku), "Stocked", entry)
        self.book.save()
        self.world.changed(f"person: {sku} = {entry!r}")
        await asyncio.sleep(self.rng.uniform(0.2, 3) * self.world.poll)
        if before == item.shelf and item.told != item.shelf:  # nobody may have seen that it was gone
            self._says_again(sku)
        await self._type(sku, item.shelf, counted=True, told=item.shelf)

    def _type_for(self, tab: str, key: Any, column: str, word: str) -> None:
        """Once: what stands there already is the agent's to take in, however long that takes it."""
        try:
            if self.book.cell(tab, key, column) == word:
                return
        except KeyError:
            pass
        super()._type_for(tab, key, column, word)

    def recount(self) -> None:
        """Count again what nobody could have known for certain; a row of Stock In and Out where the cell says so."""
        world = self.world
        self.unsure |= self.ambiguous() | world.hidden_losses() | world.keeper.unsure()
        for sku in sorted(self.unsure):
            item, name = world.books.items[sku], world.name(sku)
            if not item.tracked or item.parts:
                continue
            known = world.disk.rows("SELECT on_hand FROM level WHERE sku = ?", name)
            if self._cell(sku) != item.shelf:
                self.book.type_cell(MASTER, name, "Stocked", item.shelf)
                self.book.save()
                self.edits.append(Edit(sku, True, world.loop.time(), world.loop.time(), False))
            elif known and known[0][0] != item.shelf:
                world.keeper.count_exactly(sku)
            elif item.told == item.shelf:
                continue
            item.told, self.last[sku] = item.shelf, True
            world.changed(f"person: {sku} = {item.shelf} (counted again)")


class Colleague:
    """Somebody else in the sheet, who sorts, inserts, filters, moves and renames while the agent is at it."""

    def __init__(self, world: World, book: SheetBook, rng: Random) -> None:
        self.world, self.book, self.rng = world, book, rng
        self.restless = rng.choice(RESTLESS)
        self.done = self.columns = 0
        self._acting = False

    def between(self) -> None:
        """A call of the agent's is under way."""
        world = self.world
        quiet = world.calm or not world.started or world.desk.locked() or self.book.typing or self.done >= MOST
        if quiet or self._acting or self.rng.random() >= self.restless:
            return
        self._acting = True
        try:
            self.done += 1
            self.act()
        finally:
            self._acting = False

    def act(self) -> None:
        """One thing, in one of the tabs."""
        name = self.rng.choice((MASTER, *SHEETS, *SHEETS, "Rules", "Stock In and Out"))
        shown = self.book.shown(name)
        if shown is None or shown.top < 0:
            return
        agents = name in SHEETS
        doings = [self.sorts, self.sorts, self.inserts_row, self.filters, self.renames, self.inserts_column]
        doings += [self.deletes_row, self.deletes_column] if agents else [self.notes, self.moves_column]
        if name == "Rules":  # the world knows its rows by number
            doings = [self.filters, self.renames, self.notes]
        self.rng.choice(doings)(name, shown)

    def _does(self, what: str, *requests: Mapping[str, Any]) -> None:
        self.book.asks(*requests)
        self.world.tell(f"colleague: {what}")

    def _lines(self, shown: Shown, dimension: str, at: int) -> dict[str, Any]:
        return {"sheetId": shown.grid.sheet_id, "dimension": dimension, "startIndex": at, "endIndex": at + 1}

    def sorts(self, name: str, shown: Shown) -> None:
        where = {"sheetId": shown.grid.sheet_id, "startRowIndex": shown.top + 1}
        column = self.rng.choice(sorted(shown.columns))
        order = {
            "dimensionIndex": shown.columns[column],
            "sortOrder": self.rng.choice(("ASCENDING", "DESCENDING")),
        }
        self._does(f"sorts {name} by {column}", {"sortRange": {"range": where, "sortSpecs": [order]}})

    def inserts_row(self, name: str, shown: Shown) -> None:
        at = self.rng.randint(shown.top + 1, max(shown.top + 1, len(shown.grid.rows)))
        if at >= shown.grid.row_count:
            return
        where = self._lines(shown, "ROWS", at)
        self._does(f"inserts row {at} in {name}", {"insertDimension": {"range": where, "inheritFromBefore": False}})

    def inserts_column(self, name: str, shown: Shown) -> None:
        self.columns += 1
        if self.columns > 4:
            return
        where = self._lines(shown, "COLUMNS", self.rng.randint(0, max(shown.columns.values())))
        self._does(f"inserts a column in {name}", {"insertDimension": {"range": where, "inheritFromBefore": False}})

    def moves_column(self, name: str, shown: Shown) -> None:
        at, to = self.rng.sample(sorted(shown.columns.values()), k=2)
        source = self._lines(shown, "COLUMNS", at)
        self._does(
            f"moves column {at} of {name} to {to}", {"moveDimension": {"source": source, "destinationIndex": to}}
        )

    def deletes_column(self, name: str, shown: Shown) -> None:
        """One of the agent's that is no key and not its state; twice at the most."""
        self.columns += 2
        tab = next(tab for tab in ANSWERED if tab.name == name)
        free = sorted(shown.columns.keys() & {*tab.agent_columns} - {*tab.key, "State", "Answers"})
        if free and self.columns <= 4:
            column = self.rng.choice(free)
            where = self._lines(shown, "COLUMNS", shown.columns[column])
            self._does(f"deletes {column} of {name}", {"deleteDimension": {"range": where}})

    def deletes_row(self, name: str, shown: Shown) -> None:
        """A row beside which nothing is typed."""
        tab = next(tab for tab in ANSWERED if tab.name == name)
        free = [row for row in shown.rows() if all(shown.value(row, column) is None for column in tab.person_columns)]
        if free:
            row = self.rng.choice(free)
            self._does(f"deletes row {row} of {name}", {"deleteDimension": {"range": self._lines(shown, "ROWS", row)}})

    def filters(self, name: str, shown: Shown) -> None:
        where = {"sheetId": shown.grid.sheet_id, "startRowIndex": shown.top}
        value = str(shown.value(shown.top + 1, sorted(shown.columns)[0]))
        spec = {"columnIndex": min(shown.columns.values()), "filterCriteria": {"hiddenValues": [value]}}
        self._does(f"filters {name}", {"setBasicFilter": {"filter": {"range": where, "filterSpecs": [spec]}}})

    def renames(self, name: str, shown: Shown) -> None:
        about = {"sheetId": shown.grid.sheet_id, "title": f"{name} {self.rng.randrange(9)}"}
        if any(tab.title == about["title"] for tab in self.book.book.tabs):
            return
        self._does(
            f"renames {name}: {about['title']}", {"updateSheetProperties": {"properties": about, "fields": "title"}}
        )

    def notes(self, name: str, shown: Shown) -> None:
        """Words in a cell far right, which mean nothing to anybody else."""
        start = {
            "sheetId": shown.grid.sheet_id,
            "rowIndex": self.rng.randint(shown.top + 1, shown.top + 8),
            "columnIndex": shown.grid.column_count - 1,
        }
        rows = [{"values": [{"userEnteredValue": {"stringValue": f"note {self.done}"}}]}]
        self._does(
            f"notes something in {name}", {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}
        )


# --- Google -----------------------------------------------------------------------------------------------------------


def usual(rng: Random) -> Faults:
    """Google when nothing is the matter: its quota, and Drive telling of changes now or minutes later."""
    return Faults(reads_a_minute=60, writes_a_minute=60, drive_lag=rng.choice((0.0, 0.0, 45.0, 180.0)))


async def sheet_trouble(world: World, book: SheetBook, rng: Random, episodes: int, gap: float) -> None:
    """Episodes in which Google is down, busy, forgetful, or the access is taken away."""
    for _ in range(episodes):
        await asyncio.sleep(rng.expovariate(1 / gap))
        if world.calm:
            return
        right = book.google.faults
        name, faults = _fault(rng, right)
        lasts = rng.uniform(0.5, 5) * world.poll
        world.tell(f"google: {name} begins")
        world.sheet_ill = True
        world.memory = max(world.memory, 2 * world.poll + 380 + lasts)  # what is typed meanwhile is read afterwards
        book.google.faults = faults
        if name == "not shared":
            book.google.revoke(book.id, AGENT)
        await asyncio.sleep(lasts)
        book.google.share(book.id, AGENT, "writer")
        book.google.faults = right
        world.sheet_ill = False
        world.sheet_ill_until = world.loop.time()
        world.tell(f"google: {name} ends")


def _fault(rng: Random, right: Faults) -> tuple[str, Faults]:
    return rng.choice([
        ("unavailable", replace(right, unavailable=0.5)),
        ("unavailable after apply", replace(right, unavailable_after_apply=0.7)),
        ("down", replace(right, down=True)),
        ("throttled", replace(right, throttled=0.6, retry_after=rng.choice((None, 5, 30)))),
        ("little quota", replace(right, reads_a_minute=8, writes_a_minute=4)),
        ("lost answers", replace(right, answer_lost_after_apply=0.7)),
        ("lost requests", replace(right, answer_lost_before_apply=0.5)),
        ("bad gateway", replace(right, bad_gateway=0.5)),
        ("cut answers", replace(right, truncated=0.4)),
        ("an old token", replace(right, expired_token=True)),
        ("busy Drive", replace(right, drive_throttled=True)),
        ("not shared", right),
    ])  # fmt: skip
