"""And not by cowardice (DESIGN section 11): how long raises wait, how often a brake holds, what is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.world.run import World

BRAKES = ("brake", "wild_row")
MASS = ("halved", "older copy")
"""Kinds of worlds in which somebody does what a brake is there for."""


class Measure:
    """Counts, in cycles, how long each raise that nothing stood in the way of has waited."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.waits: list[int] = []
        """In which cycle each raise left: 1 is the first that could know that there is more."""
        self._waiting: dict[tuple[str, int], int] = {}
        self._shown: dict[tuple[str, int], tuple[int | None, float]] = {}
        """What each listing showed, and since when: a sale there must have been read, too."""

    def cycle_over(self) -> None:
        """After each cycle."""
        clear, read = self._clear(), self.world.orders_read()
        for key in sorted(self.world.books.linked):
            wanted, shown = self.world.books.wanted[key], self.world.shops[key[0]].quantity(key[1])
            if self._shown.get(key, (None, 0.0))[0] != shown:
                self._shown[key] = shown, self.world.loop.time()
            known = bool(wanted) and max(wanted[-1][0], self._shown[key][1]) < read
            due = known and (wanted[-1][1] or 0) > (shown or 0)
            if due and clear and self._free(key):
                self._waiting[key] = self._waiting.get(key, 0) + 1
            else:
                self._waiting.pop(key, None)

    def raising(self, key: tuple[str, int], quantity: int) -> None:
        """Before a raise leaves."""
        wanted = self.world.books.wanted[key]
        if wanted and wanted[-1][1] == quantity and self._clear():
            self.waits.append(1 + self._waiting.pop(key, 0))
            if self.waits[-1] > 2:
                self.world.tell(f"{key[0]}: {self.world.name_of(*key)} is raised in cycle {self.waits[-1]}")

    def _clear(self) -> bool:
        """Nothing is the matter with a shop, a platform, the sheet or the disk."""
        world = self.world
        well = all(world.well(name) for name in world.shops) and world.loop.time() - world.faulty_until > 2 * world.poll
        sheet = world.agent.sheet
        out = world.disk.rows(
            "SELECT 1 FROM channel WHERE problem_kind IS NOT NULL"
        )  # it is asked more and more seldom
        return (
            well
            and not out
            and not world.disk.full
            and not world.sheet_ill
            and world.agent.sheet_problem is None
            and world.kinds.manner is None
            and world.platform is None
            and sheet is not None
            and not sheet.verdict
        )

    def _free(self, key: tuple[str, int]) -> bool:
        """Nobody is asked about what the listing is made of, and nothing of it is missing or frozen."""
        world = self.world
        listing = world.books.listings[key]
        parts = {*world.books.recipe(listing), listing.sku}
        waiting = world.disk.rows("SELECT key, json_extract(facts, '$.sku') FROM question WHERE closed_at IS NULL")
        asked = {world.first(each) for names in waiting for each in names if each}  # a row of a tab has a longer key
        missing = world.disk.rows("SELECT 1 FROM missing WHERE units > 0")
        missing += world.disk.rows("SELECT 1 FROM undone WHERE over IS NULL")
        doubted = asked | world.person.unsure | world.person.ambiguous() | world.murky
        return not (missing or parts & doubted or world.frozen(listing))

    def asked(self) -> int:
        """Questions put to the person, but for those that a first plan is."""
        return len(self.world.disk.rows("SELECT 1 FROM question WHERE kind NOT IN ('first_plan', 'new_links')"))

    def false_holds(self) -> int:
        """Brakes in a world in which nobody did anything that they are there for."""
        if any(self.world.kinds.has(kind) for kind in MASS):
            return 0
        marks = ", ".join("?" * len(BRAKES))
        return len(self.world.disk.rows(f"SELECT 1 FROM question WHERE kind IN ({marks})", *BRAKES))
