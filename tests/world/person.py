"""The person at the workbook: edits, spoils, sorts, stops, answers; and counts again what nobody could have known."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from agent.asking.questions import ANSWERS, NOTES
from tests.world.books import COLUMNS, OPEN, Rule, Stop

if TYPE_CHECKING:
    from tests.world.run import World

MASTER = "Item Master"


@dataclass
class Edit:
    """A Stocked cell that the person has changed."""

    sku: str
    counted: bool
    window_from: float
    saved_at: float
    muddled: bool
    """On top of an edit that was not taken in or answered yet."""


class Person:
    """One person, who does one thing after the other."""

    def __init__(self, world: World, rng: Random, stops: Random) -> None:
        self.world, self.rng, self.book = world, rng, world.book
        self.stops = stops
        """The chance of stops alone: worlds without them go on as they always did."""
        self.stops_things = stops.random() < 0.3
        self.undoing = Random(f"{world.seed}/undo")
        """The chance of undoing alone."""
        self.undoes = self.undoing.random() < 0.4
        self.undo_rows: list[int] = []
        """The rows Undo of Control that stand."""
        self.slips = Random(f"{world.seed}/slips")
        """The chance of typing too much into a shop, alone."""
        self.slips_there = self.slips.random() < 0.3
        self.edits: list[Edit] = []
        self.last: dict[str, bool] = {}
        """SKU -> whether its last edit was a count."""
        self.answered: dict[str, float] = {}
        self.unsure: set[str] = set()

    async def work(self, actions: int, gap: float) -> None:
        """Do things, and look at Attention in between."""
        for _ in range(actions):
            await asyncio.sleep(self.rng.expovariate(1 / gap))
            if self.world.calm:
                return
            async with self.world.desk:
                await self.attend()
                if not self.world.started:
                    continue
                await self._something()
                if self.stops_things and self.stops.random() < 0.4:
                    self.stop_something()
                if self.undoes and self.undoing.random() < 0.5:
                    self.undo_something()
                if self.slips_there and self.world.kinds.manner is None and self.slips.random() < 0.3:
                    self.type_too_much()

    async def _something(self) -> None:
        doings: list[tuple[Callable[[], Awaitable[None]], int]] = [
            (self.receive, 6), (self.count, 5), (self.shrink, 2), (self.change_rule, 3), (self.read_a_while, 2),
            (self.blank_a_cell, 2), (self.spoil_a_cell, 2), (self.spoil_the_header, 1), (self.sort, 2),
            (self.fill_in_new, 1), (self.sell_over_the_counter, self.world.counter_sales), (self.duplicate, 1),
        ]  # fmt: skip
        chosen = self.rng.choices([doing for doing, _ in doings], [weight for _, weight in doings])[0]
        await chosen()

    # --- Stocked

    async def receive(self) -> None:
        """Units come in, and are added to what the cell says."""
        sku = self._pick()
        cell = self._cell(sku)
        if not isinstance(cell, int):
            return
        units = self.rng.randint(1, 9)
        self.world.books.items[sku].shelf += units
        await self._type(sku, cell + units, counted=False, told=units)

    async def count(self) -> None:
        """The shelf is counted, and typed if the cell says something else."""
        await self._count(self._pick())

    async def shrink(self) -> None:
        """A unit is lost or found; the shelf is counted a little later."""
        sku = self._pick()
        item = self.world.books.items[sku]
        item.shelf = max(0, item.shelf + self.rng.choice((-1, -1, 1)))
        self.unsure.add(sku)  # nobody can know before it is counted: counted again at the end, if need be
        self.world.tell(f"shelf of {sku} is now {item.shelf}, unseen")
        await asyncio.sleep(self.rng.uniform(0, 120))
        await self._count(sku)

    async def _count(self, sku: str) -> None:
        item = self.world.books.items[sku]
        if self._cell(sku) != item.shelf:
            await self._type(sku, item.shelf, counted=True, told=item.shelf)

    async def _type(self, sku: str, value: int, *, counted: bool, told: int, hurry: bool = False) -> None:
        """Type into Stocked, and save after a while; in between the file is open."""
        world, started = self.world, self.world.loop.time()
        self.book.type_cell(MASTER, world.name(sku), "Stocked", value)
        await asyncio.sleep(0 if hurry else self.rng.choice((0.0, 2.0, 20.0, 200.0)) * self.rng.random())
        asked = world.disk.rows("SELECT key FROM question WHERE closed_at IS NULL")
        waiting = bool(world.called(sku) & {key for (key,) in asked})
        pending = any(each.sku == sku and not world.taken_in(sku, self.book.saved) for each in self.edits[-6:])
        muddled = waiting or (pending and not (self.last.get(sku) is False and not counted))
        self.edits.append(Edit(sku, counted, world.window_from(sku), world.loop.time(), muddled))
        self.book.save()
        self.last[sku] = counted
        item = world.books.items[sku]
        if counted:  # what was shipped since the look is off the shelf already
            shipped = sum(1 for each, at in world.books.ships if each == sku and at >= started)
            item.told = told - shipped
        else:
            item.told = (item.told or 0) + told
        world.changed(f"person: {sku} = {value} ({'counted' if counted else f'+{told}'})")

    def _pick(self) -> str:
        return self.rng.choice([
            item.sku
            for item in self.world.books.items.values()
            if item.tracked and not item.parts and item.told is not None
        ])  # fmt: skip

    def _cell(self, sku: str) -> Any:
        return self.book.cell(MASTER, self.world.name(sku), "Stocked")

    async def blank_a_cell(self) -> None:
        """A Stocked cell is emptied and saved; counted again some time later. Blank is not zero."""
        await self._wrong_for_a_while(None)

    async def spoil_a_cell(self) -> None:
        """Something that is no quantity."""
        await self._wrong_for_a_while(self.rng.choice(("12 pcs", -2, 3.5, "x")))

    async def _wrong_for_a_while(self, entry: Any) -> None:
        sku = self._pick()
        self.book.type_cell(MASTER, self.world.name(sku), "Stocked", entry)
        self.book.save()
        self.world.changed(f"person: {sku} = {entry!r}")
        await asyncio.sleep(self.rng.uniform(0.2, 3) * self.world.poll)
        item = self.world.books.items[sku]
        await self._type(sku, item.shelf, counted=True, told=item.shelf)

    async def fill_in_new(self) -> None:
        """An item that was blank gets its first count."""
        for sku, item in self.world.books.items.items():
            if item.told is None and item.tracked and not item.parts:
                self.book.type_cell(MASTER, self.world.name(sku), "Stocked", item.shelf)
                self.edits.append(Edit(sku, True, self.world.window_from(sku), self.world.loop.time(), False))
                self.book.save()
                item.told = item.shelf
                self.world.changed(f"person: {sku} = {item.shelf} (first count)")
                return

    # --- rules and the shape of the sheet

    async def change_rule(self) -> None:
        """One cell of one row of Rules."""
        number = self.rng.randrange(len(self.world.books.rules))
        rule = self.world.books.rules[number]
        setting = self.rng.choice([name for name in COLUMNS if name != "fixed" and rule.fixed is None] or ["fixed"])
        value = {
            "percent": self.rng.choice((50, 80, 100)), "reserve": self.rng.choice((0, 1, 2)),
            "maximum": self.rng.choice((3, 8, 20)), "minimum": 0, "out_at": self.rng.choice((0, 1)),
            "fixed": self.rng.choice((3, 5, 7)),
        }[setting]  # fmt: skip
        if setting == "minimum":
            return
        self.book.type_cell("Rules", number + 2, COLUMNS[setting], rule_cell(setting, value))
        self.book.save()
        setattr(rule, setting, value)
        self.world.changed(f"person: rule {rule.sku} {setting} = {value}")

    async def read_a_while(self) -> None:
        """The workbook is open elsewhere."""
        self.book.open_by_person()
        self.world.tell("person: opens the workbook")
        await asyncio.sleep(self.rng.uniform(0.3, 4) * self.world.poll)
        self.book.close_by_person()
        self.world.tell("person: closes the workbook")

    async def sort(self) -> None:
        self.book.sort(MASTER, "Title", descending=self.rng.random() < 0.5)
        self.book.save()
        self.world.tell("person: sorts")

    async def spoil_the_header(self) -> None:
        """The header of Stocked is gone for a while: the whole snapshot is rejected."""
        sheet = self.book.sheet(MASTER)
        bad = tuple("Thing" if name == "Stocked" else name for name in sheet.header)
        self.book.replace_sheet(MASTER, _with_header(sheet, bad))
        self.book.save()
        self.world.tell("person: spoils the header")
        lasts = self.rng.uniform(0.2, 3) * self.world.poll
        await asyncio.sleep(lasts / 3)
        self._someone_gives_up()
        await asyncio.sleep(lasts * 2 / 3)
        self.book.replace_sheet(MASTER, _with_header(self.book.sheet(MASTER), sheet.header))
        self.book.save()
        self.world.tell("person: mends the header")

    def _someone_gives_up(self) -> None:
        """An open order is cancelled: units come free, which nothing may raise while the sheet is rejected."""
        orders = [
            (channel, order.id)
            for channel, shop in sorted(self.world.shops.items())
            for order in shop.orders.values()
            if order.status in OPEN and not order.refunds
        ]
        if orders and not self.world.calm:
            self.world.set_status(*self.world.chance(f"gives up {len(self.world.trace)}").choice(orders), "cancelled")

    async def receive_at_once(self, sku: str) -> None:
        """Units come in, and are typed and saved in a hurry."""
        cell = self._cell(sku)
        item = self.world.books.items[sku]
        if isinstance(cell, int) and item.told is not None and not item.parts:
            item.shelf += 2
            await self._type(sku, cell + 2, counted=False, told=2, hurry=True)

    async def duplicate(self) -> None:
        """A row stands twice for a while: the item is frozen."""
        sku = self._pick()
        self.book.add_row(MASTER, {"SKU": self.world.name(sku), "Title": "again", "Stocked": 99})
        self.book.save()
        self.world.tell(f"person: a second row of {sku}")
        await asyncio.sleep(self.rng.uniform(0.2, 3) * self.world.poll)
        sheet = self.book.sheet(MASTER)
        place = next(i for i, row in enumerate(sheet.rows) if "again" in row)
        self.book.delete_row(MASTER, place + sheet.header_row + 1)
        self.book.save()
        self.world.tell(f"person: one row of {sku} again")

    # --- stops

    def stop_something(self) -> None:
        """Freeze an item or set it to 0 in Control, for a while or until the row is cleared; or clear such a row."""
        world, rng = self.world, self.stops
        open_ended = [stop for stop in world.books.stops if stop.ends is None]
        if open_ended and rng.random() < 0.5:
            self._lift(rng.choice(open_ended))
            return
        sku = rng.choice(sorted({each.sku for each in world.books.listings.values()}))
        channel = rng.choice([None, None, *sorted(world.shops)])
        value = rng.choice([0, 0, 1, 2, 5])
        until, ends = self._until(rng.choice([None, 1, 2, 4]))
        row = {"Control": "To 0"} if value == 0 else {"Control": "Freeze", "Value": value}
        self.book.add_row("Control", {**row, "SKU": sku, "Channel": channel, "Until": until})
        self.book.save()
        sheet = self.book.sheet("Control")
        stop = Stop(sku, channel, value, sheet.header_row + len(sheet.rows), ends)
        world.books.stops.append(stop)
        world.changed(f"person: stops {sku} on {channel or 'every shop'} at {value} until {until}")
        if ends is not None:
            world.loop.call_later(ends - world.loop.time(), self._over, stop, context=world.context)

    def _until(self, looks: int | None) -> tuple[str | None, float | None]:
        """A minute some looks from now, as it is typed, and when that is."""
        if looks is None:
            return None, None
        end = self.world.pc.now().astimezone() + timedelta(seconds=looks * self.world.poll + 60)
        end = end.replace(second=0, microsecond=0)
        away = (end - self.world.pc.now()).total_seconds()
        return f"{end:%Y-%m-%d %H:%M}", self.world.loop.time() + away

    def _over(self, stop: Stop) -> None:
        self.world.books.stops.remove(stop)
        self.world.changed(f"person: the stop of {stop.sku} at {stop.value} is over by itself")

    def _lift(self, stop: Stop) -> None:
        for column in ("Control", "Value", "SKU", "Channel"):
            self.book.type_cell("Control", stop.row, column, None)
        self.book.save()
        self.world.books.stops.remove(stop)
        self.world.changed(f"person: lifts the stop of {stop.sku} at {stop.value}")

    # --- undoing

    def undo_something(self) -> None:
        """Ask in Control to undo one of the last runs that were not made by orders; or let an undone one go."""
        rng, disk = self.undoing, self.world.disk
        held = disk.rows("SELECT DISTINCT run FROM undone WHERE over IS NULL ORDER BY run")
        if held and rng.random() < 0.3:
            self._control(Control="Release", Value=f"R{rng.choice(held)[0]}")
            return
        kinds = "cause IN ('edit', 'rule', 'structure', 'drift', 'undo') AND run IS NOT NULL"
        runs = disk.rows(f"SELECT DISTINCT run FROM push WHERE {kinds} ORDER BY run DESC LIMIT 6")
        if runs:
            self.undo_rows.append(self._control(Control="Undo", Value=f"R{rng.choice(runs)[0]}"))

    def _control(self, **cells: str) -> int:
        """A row more in Control, saved; its number in the sheet."""
        self.book.add_row("Control", dict(cells))
        self.book.save()
        self.world.tell(f"person: {' '.join(cells.values())} in Control")
        sheet = self.book.sheet("Control")
        return sheet.header_row + len(sheet.rows)

    def lets_everything_go(self) -> None:
        """No run is undone any more: everything is to show what the sheet says."""
        if self.undo_rows:
            for row in self.undo_rows:
                for column in ("Control", "Value"):
                    self.book.type_cell("Control", row, column, None)
            self._control(Control="Release", Value="all")

    # --- the shop's own admin

    async def sell_over_the_counter(self) -> None:
        """A unit is sold by hand: off the shelf, and off one shop's quantity. The agent can only find it missing."""
        world = self.world
        channel = self.rng.choice(sorted(world.shops))
        key = self.rng.choice([
            key for key, each in sorted(world.books.listings.items())
            if key[0] == channel and key in world.books.linked and not world.books.items[each.sku].parts
            and world.books.items[each.sku].tracked and each.units == 1 and world.books.items[each.sku].told is not None
        ])  # fmt: skip
        listing, shop = world.books.listings[key], world.shops[channel]
        item = world.books.items[listing.sku]
        if not world.settled(channel) or item.shelf < 1 or (shop.quantity(listing.id) or 0) < 1:
            return
        if (channel, listing.cell) in world.kinds.forgotten:
            return  # one less would look as if that value had come true after all
        item.shelf -= 1
        shop.type_quantity(listing.id, (shop.quantity(listing.id) or 0) - 1)
        world.losses.append((channel, listing.cell, listing.sku, world.loop.time()))
        world.changed(f"person: sells one {listing.sku} by hand, off {channel}")

    def type_too_much(self) -> None:
        """A listing is raised in the shop itself, and nothing more lies on the shelf."""
        world, rng = self.world, self.slips
        key = rng.choice([key for key in sorted(world.books.linked) if world.books.recipe(world.books.listings[key])])
        listing, shop = world.books.listings[key], world.shops[key[0]]
        shared = [each for each in world.books.listings.values() if each.cell == listing.cell]
        if (
            len(shared) > 1
            or not world.settled(key[0])
            or any(loss[:2] == (key[0], listing.cell) for loss in world.losses)
        ):
            return
        shop.type_quantity(listing.id, (shop.quantity(listing.id) or 0) + rng.randint(1, 4))
        world.tell(f"person: types too much of {listing.sku} into {key[0]}")

    # --- what the agent asks

    async def attend(self) -> None:
        """Answer what can be answered truthfully; link imports."""
        for row in self._attention().iter_rows(named=True):
            if row["Answers"]:
                await self._answer(row["Id"])
        for row in self._frame("Imports").iter_rows(named=True):
            listing = self.world.books.listings.get(self._listed(row))
            if listing is not None and (listing.channel, listing.id) not in self.world.books.linked:
                self._type_for("Imports", (row["Channel"], row["Listing"]), "Link to SKU", listing.sku)
                self.world.link(listing)

    def _listed(self, row: dict[str, Any]) -> tuple[str, int]:
        return row["Channel"], self.world.shops[row["Channel"]].product_of(row["Listing"])

    def _frame(self, tab: str) -> Any:
        beside = self.book.sidecar.get(tab)
        return beside.frame if beside is not None else self.book.results(tab)

    def _attention(self) -> Any:
        return self._frame("Attention")

    async def _answer(self, question: str) -> None:
        asked = self.world.disk.rows("SELECT kind, key, facts, closed_at FROM question WHERE id = ?", question)
        now = self.world.loop.time()
        if not asked or asked[0][3] is not None or now - self.answered.get(question, -1e9) < 4 * self.world.poll:
            return
        kind, key, facts, _ = asked[0]
        word = self._word(kind, key, json.loads(facts))
        if word is None:
            return
        self.answered[question] = now
        if kind == "older_copy":
            self._all_in_doubt()
        self._type_for("Attention", question, "Answer", word)
        self.world.tell(f"person: answers {question} ({kind} {key}): {word}")

    def _all_in_doubt(self) -> None:
        """The numbers of a chosen copy count as they stand there: all is counted again in the end, and judged then."""
        counted = {item.sku for item in self.world.books.items.values() if item.told is not None}
        self.world.murky |= counted
        self.unsure |= counted

    def _word(self, kind: str, key: str, facts: dict[str, Any]) -> str | None:
        if kind == "edit_meaning":
            return "counted" if self.last.get(self.world.first(key), True) else "added or taken away"
        if kind == "missing_units":
            return self.world.what_became_of(facts)
        if kind == "drift_up":  # nobody brings goods by way of a shop's number
            return "put back"
        if kind == "returned_units":
            return self.world.what_came_back(facts)
        if kind == "edit_meaning_standing":
            return "ask me"
        if kind in ("row_came_back", "row_perhaps_counted", "counted_twice"):
            return self.world.keeper.word(kind, facts)
        if kind in NOTES or kind in ("relinked_behind_shipped", "kept_back_long"):
            return ANSWERS[kind][0]
        return "use this one" if kind == "older_copy" else "yes"

    def _type_for(self, tab: str, key: Any, column: str, word: str) -> None:
        """Into the workbook; into the sidecar where the workbook is open and the row stands there."""
        try:
            if tab in self.book.sidecar:
                self.book.type_in_sidecar(tab, key, column, word)
                return
            self.book.type_cell(tab, key, column, word)
            self.book.save()
        except KeyError:
            self.world.tell(f"person: {tab} has no row {key} any more")

    # --- at the end

    def ambiguous(self) -> set[str]:
        """Items counted while something was shipped: the lowest of the numbers that may be meant holds."""
        ships, found = self.world.books.ships, set()
        if self.world.kinds.has("clock jumps"):  # nobody can tell what was before what
            found |= {edit.sku for edit in self.edits}
        for edit in self.edits:
            near = any(sku == edit.sku and edit.window_from - 12 <= at <= edit.saved_at + 12 for sku, at in ships)
            if edit.muddled or (edit.counted and (near or self.world.learned_late(edit.sku, edit.saved_at))):
                found.add(edit.sku)
        return found

    def recount(self) -> None:
        """Count again what nobody could have known for certain, where the cell does not say what lies there."""
        self.unsure |= self.ambiguous()
        self.unsure |= self.world.hidden_losses() | self.world.keeper.unsure()
        for sku in sorted(self.unsure):
            item = self.world.books.items[sku]
            if sku in self.world.murky and self._cell(sku) == item.shelf:
                item.told = item.shelf  # it was counted, and says so
                self.world.books.note(self.world.loop.time())
            elif item.tracked and not item.parts and self._cell(sku) != item.shelf:
                self.book.type_cell(MASTER, self.world.name(sku), "Stocked", item.shelf)
                self.book.save()
                item.told = item.shelf
                self.last[sku] = True
                self.edits.append(Edit(sku, True, self.world.loop.time(), self.world.loop.time(), False))
                self.world.changed(f"person: {sku} = {item.shelf} (counted again)")
            elif item.tracked and not item.parts and self._below(sku):
                item.told = item.shelf
                self.world.keeper.count_exactly(sku)

    def _below(self, sku: str) -> bool:
        """The ledger is below nothing, as Attention says: the first number was dated by a clock that was wrong. The
        cell holds what lies there already, so a row of Stock In and Out says it again."""
        name = self.world.name(sku)
        return any(there < 0 for (there,) in self.world.disk.rows("SELECT on_hand FROM level WHERE sku = ?", name))


def rule_cell(setting: str, value: int) -> str | int:
    """A setting as a person types it."""
    return f"{value} %" if setting == "percent" else value


def rule_row(rule: Rule) -> dict[str, str | int | None]:
    """A row of the tab Rules."""
    cells = {COLUMNS[name]: rule_cell(name, value) for name in COLUMNS if (value := getattr(rule, name)) is not None}
    return {"Channel": rule.channel, "SKU": rule.sku, **cells}


def _with_header(sheet: Any, header: tuple[str, ...]) -> Any:
    return type(sheet)(sheet.name, header, sheet.rows, sheet.header_row)
