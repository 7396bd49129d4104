"""A colleague who keeps the tab Stock In and Out, tidies it, and renames an item now and then. In some worlds only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.world.run import World

TAB, MASTER = "Stock In and Out", "Item Master"
SHARE = 0.5
"""Of all worlds, those that have one."""
NEAR = 130.0
"""Seconds around a count to the minute in which what else happens to the item may be in it or not."""


@dataclass
class Row:
    """A row as it was entered: its content, and what it was called then."""

    sku: str
    cells: dict[str, Any]
    at: float
    """When it was entered, or put back last."""
    there: bool = True

    def __post_init__(self) -> None:
        self.first = self.at

    @property
    def content(self) -> tuple[str, int, str]:
        kind, value, when = (self.cells[name] for name in ("Change or Count", "Value", "When"))
        return kind.lower(), value, when.replace(" ", "T")


class Keeper:
    """Does one thing after the other, each in one save; from chances of its own."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world, self.rng = world, rng
        self.here = rng.random() < SHARE
        self.rows: list[Row] = []
        self.counts: list[tuple[str, float]] = []
        self.touched: list[tuple[str, float]] = []
        """(SKU, time) of everything that was said in the tab, or about its name."""
        self.meant: dict[tuple[str, str, int, str], str] = {}
        """(SKU, content) -> what a row is that came back."""
        self.doubtful: set[str] = set()

    async def work(self, actions: int, gap: float) -> None:
        """Do things, where there is somebody."""
        for _ in range(actions if self.here else 0):
            await asyncio.sleep(self.rng.expovariate(1 / gap))
            if self.world.calm:
                return
            if self.world.book.typing or not self.world.started or self.world.desk.locked():
                continue  # the other one sits at it
            doings = (self.receive, self.count, self.sort, self.delete, self.put_back, self.rename)
            self.rng.choices(doings, (6, 4, 2, 4, 5, 1))[0]()

    # --- what is said

    def receive(self) -> None:
        """Units come in: a row with the day, or with the minute."""
        sku = self._pick()
        if any(each == sku and at > self._now() - NEAR for each, at in self.counts):
            return  # within a minute of a count nobody could tell
        units = self.rng.randint(1, 9)
        by_day = self.rng.random() < 0.5 and not any(each == sku for each, _ in self.counts)
        self._come_in(sku, units)
        self._enter(sku, "Change", units, self._day() if by_day else self._minute())

    def count(self) -> None:
        """The shelf is counted, and the minute is written down."""
        self.counts_of(self._pick())

    def counts_of(self, sku: str) -> None:
        """This item is counted."""
        item = self.world.books.items[sku]
        item.told = item.shelf
        self.counts.append((sku, self._now()))
        self._enter(sku, "Count", item.shelf, self._minute())

    def count_exactly(self, sku: str) -> None:
        """A row that says what lies there, where the cell says so already."""
        self._enter(sku, "Count", self.world.books.items[sku].shelf, self._minute())

    def _come_in(self, sku: str, units: int) -> None:
        item = self.world.books.items[sku]
        item.shelf += units
        item.told = (item.told or 0) + units

    def _enter(self, sku: str, kind: str, value: int, when: str) -> None:
        cells = {"SKU": self.rng.choice(sorted(self.world.called(sku))), "Change or Count": kind, "Value": value}
        row = Row(sku, {**cells, "When": when}, self._now())
        self.rows.append(row)
        self._add(row, f"{kind} {value}, {when}")

    def _add(self, row: Row, what: str) -> None:
        row.at = self._now()
        self.world.book.add_row(TAB, row.cells)
        self.world.book.save()
        self.touched.append((row.sku, self._now()))
        self.world.changed(f"keeper: {row.sku} {what}")

    # --- what is tidied

    def sort(self) -> None:
        """Another order of the same rows."""
        self.world.book.sort(TAB, self.rng.choice(("SKU", "Value", "When")), descending=self.rng.random() < 0.5)
        self.world.book.save()
        self.world.tell("keeper: sorts the rows")

    def delete(self) -> None:
        """An old row is deleted, one that has counted: that takes nothing back."""
        there = [row for row in self.rows if row.there and self._counted(row)]
        if not there:
            return
        row = self.rng.choice(there)
        sheet = self.world.book.sheet(TAB)
        wanted = tuple(row.cells.get(name) for name in sheet.header)
        place = next(at for at, cells in enumerate(sheet.rows) if cells == wanted)
        self.world.book.delete_row(TAB, place + sheet.header_row + 1)
        self.world.book.save()
        row.there = False
        self.world.tell(f"keeper: deletes {row.cells}")

    def put_back(self) -> None:
        """A deleted row is put back, or the same comes in again: only a person can tell."""
        gone = [row for row in self.rows if not row.there and row.content[0] == "change" and self._alone(row)]
        if not gone:
            return
        row = self.rng.choice(gone)
        row.there, again = True, self.rng.random() < 0.5
        self.meant[row.sku, *row.content] = "entered again" if again else "old row"
        if again:
            self._come_in(row.sku, row.content[1])
        self._add(row, f"{row.content} is back: {self.meant[row.sku, *row.content]}")

    def _counted(self, row: Row) -> bool:
        """The agent has taken the row in, as Movements shows."""
        return bool(self._seen(row))

    def _seen(self, row: Row) -> int | None:
        """How often the row stood there when the agent looked last; None: it never saw it."""
        kind, value, said = row.content
        found = self.world.disk.rows(
            "SELECT seen FROM stock_row WHERE sku = ? AND kind = ? AND value = ? AND said = ?",
            self.world.name(row.sku), kind, value, said,
        )  # fmt: skip
        return found[0][0] if found else None

    def _alone(self, row: Row) -> bool:
        """Nobody else said just this, the agent has seen that it is gone, and nothing counted since says otherwise."""
        twins = [each for each in self.rows if (each.sku, each.content) == (row.sku, row.content)]
        counted = any(sku == row.sku for sku, _ in self.counts)
        return len(twins) == 1 and self._seen(row) == 0 and not counted

    def rename(self) -> None:
        """An item gets another SKU in Item Master; everything else still says the old one."""
        sku, world = self._pick(), self.world
        back = world.name(sku) != sku and self.rng.random() < 0.5
        new = sku if back else f"{sku}-{len(world.former) + 1}"
        world.book.type_cell(MASTER, world.name(sku), "SKU", new)
        world.book.save()
        world.names[sku] = new
        world.former |= {sku: sku, new: sku}
        self.touched.append((sku, self._now()))
        world.tell(f"keeper: {sku} is called {new} now")

    # --- what the agent asks

    def word(self, kind: str, facts: dict[str, Any]) -> str:
        """What a row is that came back; whether a number counted after a row has it in it. What counted once although
        nobody counted was twice in truth: another row says so."""
        sku = self.world.first(facts["sku"])
        if kind == "row_came_back":
            _, what, value, said = facts["content"]
            return self.meant[sku, what, value, said]
        rows = [row for row in self.rows if row.sku == sku and self._is_about(row, kind, facts)]
        # a count that says the same as a row may stand beside an earlier time at which that row was there
        since = rows[-1].at if kind == "row_perhaps_counted" else rows[0].first
        counted = any(edit.sku == sku and edit.counted and edit.saved_at >= since for edit in self._edits())
        if kind == "row_perhaps_counted":
            return "already in it" if counted else "add it"
        self.doubtful.add(sku)
        if not counted:
            self._enter(sku, "Change", int(facts["value"]), self._minute())
        return "fine"

    @staticmethod
    def _is_about(row: Row, kind: str, facts: dict[str, Any]) -> bool:
        what, value, said = row.content
        if kind == "row_perhaps_counted":
            return [what, value, said] == facts["content"][1:]
        return (what, value) == ("change", int(facts["value"]))

    def _edits(self) -> list[Any]:
        return self.world.person.edits

    def unsure(self) -> set[str]:
        """Items whose count could have been before or after something else: to be counted again."""
        world = self.world
        moves = [*world.books.ships, *((edit.sku, edit.saved_at) for edit in world.person.edits)]
        reach = NEAR + 2 * world.poll
        near = {sku for sku, at in self.counts for each, moved in moves if sku == each and abs(at - moved) < reach}
        return self.doubtful | near

    # --- within

    def _pick(self) -> str:
        """A counted item whose ledger is open."""
        opened = {self.world.first(sku) for (sku,) in self.world.disk.rows("SELECT sku FROM level")}
        items = self.world.books.items.values()
        return self.rng.choice([item.sku for item in items if item.sku in opened and item.told is not None])

    def _now(self) -> float:
        return self.world.loop.time()

    def _day(self) -> str:
        return f"{self.world.pc.now().astimezone():%Y-%m-%d}"

    def _minute(self) -> str:
        return f"{self.world.pc.now().astimezone():%Y-%m-%d %H:%M}"
