"""One seed: a world is made, a storm blows, it grows calm, and everything must be right (reliability.md, 4.6)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from agent import cycle, loop
from agent.channels.http import Ports
from agent.channels.woocommerce import connect
from agent.decide import Decision, decide
from agent.practice.woocommerce import Faults, transport
from agent.practice.woocommerce.orders import Order
from agent.state import Agent
from agent.store import Store
from agent.workbooks.memory import MemoryWorkbook, Saved
from tests.world import people
from tests.world.books import OPEN, Books, Item, Listing, Rule, open_units
from tests.world.computer import Book, Connection, Disk, Killed, Life, Line
from tests.world.keeper import Keeper
from tests.world.timeline import EPOCH, OWNER, VirtualClock, VirtualLoop
from tests.world.watch import Watch, WatchedChannel, WatchedShop

SHOPS = ("north", "south")
URL = "https://{}.example.com"
DESKS = 0.4
"""Share of the worlds whose seller works on orders in the shops' own admin; the others are as they were without it."""


@dataclass(frozen=True)
class Size:
    """How much happens in one seed."""

    orders: int = 26
    minds: int = 6
    packings: int = 9
    actions: int = 10
    episodes: int = 2
    crashes: int = 2
    edits: int = 7
    """What the seller does to orders in the shops' own admin, in the worlds that have such a seller."""
    rounds: int = 14
    """Length of the storm, in looks at the orders."""


@dataclass
class Outcome:
    """What became of a seed."""

    seed: int
    violations: list[str]
    trace: list[str]
    steps: int
    cycles: int
    sold: int
    by_lag: int
    by_agent: int
    virtual: float
    points: int
    recounted: int
    names: dict[str, int] = field(default_factory=dict)


class World:
    """Everything outside the agent, and the agent in it."""

    def __init__(self, seed: int, virtual: VirtualLoop, size: Size, crash_at: int | None = None) -> None:
        self.seed, self.loop, self.size = seed, virtual, size
        self.rng = Random(f"{seed}/world")
        self.poll = self.rng.choice((20.0, 60.0, 60.0, 300.0, 3600.0))
        self.memory = 2 * self.poll + 200
        """Seconds after which what is true must have been known to the agent."""
        self.trace: list[str] = []
        self.violations: list[str] = []
        self.names: dict[str, str] = {}
        """SKU -> what the item is called now, where it was renamed."""
        self.former: dict[str, str] = {}
        """What items were or are called -> their first SKU."""
        self.losses: list[tuple[str, int, str, float]] = []
        self.unshipped: set[tuple[str, int]] = set()
        """(channel, order) of which a shipment was undone."""
        self.murky: set[str] = set()
        """Items of such orders that were shipped again: WooCommerce keeps the first date, so that one that is given up
        afterwards looks as if it had never left. They are counted anew in the end, and judged then."""
        self.edited: set[tuple[str, int]] = set()
        """(channel, order) that were edited."""
        self.came_back: dict[tuple[str, str, str], list[tuple[str, int, float]]] = {}
        """(channel, order, line) -> (SKU, units, when) that lie on the shelf again, and that the agent was not told."""
        self.disk = Disk()
        self.points = 0
        self.point_names: dict[str, int] = {}
        self.crash_after: int | None = None
        self._crash_at = crash_at
        self._downtime = self._chance("downtime")
        self.context = copy_context()
        self.cycles = self.lives = 0
        self.started = self.calm = False
        self.by_lag = self.by_agent = self.sold = 0
        self.faulty_until = 0.0
        self.latest_lateness = 0.0
        self.counter_sales = 2 if self.rng.random() < 0.3 else 0
        self.pc = VirtualClock(virtual, ahead=self.rng.choice((0.0, 0.0, -2.0, 1.5)))
        self.watch = Watch(self)
        self._make()
        self.person = people.Person(self, self._chance("person"), self._chance("stops"))
        self.keeper = Keeper(self, self._chance("rows"))
        self.agent: Agent
        self.life = Life(0, lambda _: False, virtual)

    def _chance(self, name: str) -> Random:
        return Random(f"{self.seed}/{name}")

    # --- the shops and the workbook

    def _make(self) -> None:
        rng = self.rng
        shop_clock = VirtualClock(self.loop)
        shops = {
            name: WatchedShop(clock=shop_clock.now, rng=self._chance(name), name=name, sleep=shop_clock.sleep)
            for name in SHOPS
        }
        cups = [Item(f"CUP-{n}", shelf=rng.randint(4, 30)) for n in range(1, 6)]
        tees = [Item(f"TEE-{s}", shelf=rng.randint(2, 15)) for s in ("S", "M", "L")]
        items = [
            *cups, *tees, Item("POT", shelf=rng.randint(5, 20)), Item("NEW", shelf=rng.randint(1, 9)),
            Item("KIT", parts={"CUP-1": 2, "CUP-2": 1}), Item("GIFT", tracked=False),
        ]  # fmt: skip
        for item in items:
            item.told = item.shelf if item.sku != "NEW" else None
        rules = [
            Rule("CUP-3", percent=80), Rule("CUP-4", reserve=1), Rule("CUP-5", maximum=8), Rule("TEE-S", out_at=1),
            Rule("TEE-M", channel="south", percent=50), Rule("GIFT", fixed=5), Rule("KIT", maximum=4),
        ]  # fmt: skip
        listings = [each for name, shop in shops.items() for each in self._fill(name, shop)]
        self.shops = shops
        self.books = Books(dict(shops), items, rules, listings)
        self.cells = {(each.channel, each.cell): each for each in listings}
        self.book = MemoryWorkbook(self.pc, self._content(items, rules))
        for each in listings:
            if each.sku != "CUP-4" or each.channel != "south":
                self.books.linked.add((each.channel, each.id))
        for name, shop in shops.items():  # orders from before the agent was there
            for product in rng.sample(self.sold_in(name), k=2):
                shop.sell(product, 1)
        self.books.note(0.0)

    def _fill(self, name: str, shop: WatchedShop) -> Iterator[Listing]:
        rng = self.rng
        for number in range(1, 6):
            sku = "ODD-4" if (name, number) == ("south", 4) else f"CUP-{number}"
            made = shop.add_simple(sku, f"Cup {number}", rng.randint(0, 6))
            yield Listing(name, made, f"CUP-{number}", 1, made)
        sizes = [{"sku": f"TEE-{s}", "options": {"Size": s}, "quantity": rng.randint(0, 4)} for s in ("S", "M", "L")]
        for size, made in zip(("S", "M", "L"), shop.add_variable("TEE", "Tee", sizes)[1], strict=True):
            yield Listing(name, made, f"TEE-{size}", 1, made)
        colours = [{"sku": "", "options": {"Colour": c}, "quantity": "parent"} for c in ("red", "blue")]
        parent, children = shop.add_variable("POT", "Pot", colours, parent_quantity=rng.randint(0, 5))
        for made in children:
            yield Listing(name, made, "POT", 1, parent)
        for sku, quantity in (("KIT", 1), ("GIFT", 3), ("NEW", 2)):
            made = shop.add_simple(sku, sku.title(), quantity)
            yield Listing(name, made, sku, 1, made)
        if name == "south":
            made = shop.add_simple("CUP-3-TRIO", "Three cups", 1)
            yield Listing(name, made, "CUP-3", 3, made)

    def _content(self, items: list[Item], rules: list[Rule]) -> dict[str, list[dict[str, Any]]]:
        def row(item: Item) -> dict[str, Any]:
            made = " + ".join(f"{part} x {units}" for part, units in item.parts.items())
            counted = item.told if item.tracked and not item.parts else None
            return {
                "SKU": item.sku, "Title": item.sku.title(), "Stocked": counted, "Made of": made or None,
                "Track stock": None if item.tracked else "no", "Barcode": f"BAR-{item.sku}",
            }  # fmt: skip

        return {
            "Item Master": [row(item) for item in items],
            "Rules": [people.rule_row(rule) for rule in rules],
            "Matches": [{"Channel": "south", "Listing": "CUP-3-TRIO", "SKU": "CUP-3", "Units": 3}],
        }

    # --- the agent's lives

    def boot(self) -> None:
        """Switch the computer on."""
        self.lives += 1
        self.watch.lowering.clear()
        life = self.life = Life(self.lives, self._point, self.loop)
        chance = self._chance(f"life {self.lives}")
        store = Store(":memory:", Connection(self.disk, life, self.watch.committed))  # type: ignore[arg-type]
        channels = {name: self._channel(name, life, chance) for name in SHOPS}
        self.agent = Agent(
            clock=self.pc, store=store, workbook=Book(self.book, life, chance, self.watch.wrote), channels=channels,
            rng=chance, poll=self.poll, audit=6 * self.poll, workbook_refresh=max(300.0, 5 * self.poll),
        )  # fmt: skip
        context = copy_context()
        context.run(OWNER.set, life.number)
        running = loop.run(self.agent, asyncio.Event(), tell=self.watch.cycle_over)
        task = self.loop.create_task(running, context=context)
        task.add_done_callback(self._ended)
        self.tell(f"--- life {self.lives} begins")

    def _channel(self, name: str, life: Life, chance: Random) -> WatchedChannel:
        line = Line(
            transport(self.shops[name]), life, chance,
            lambda request: self.watch.leaves(name, request),
            lambda request, response: self.watch.arrives(name, request, response),
        )  # fmt: skip
        settings = {"url": URL.format(name), "consumer_key": "ck_practice", "consumer_secret": "cs_practice"}
        return WatchedChannel(connect(name, settings, Ports(self.pc, chance, line)), self)

    def _point(self, name: str) -> bool:
        self.points += 1
        self.point_names[name] = self.point_names.get(name, 0) + 1
        if self.crash_after is None or self.points < self.crash_after:
            return False
        self.crash_after = None
        self.disk.crash()
        self.tell(f"--- crash at point {self.points}: {name}")
        self.loop.call_later(self._downtime.choice((0.1, 0.5, 1, 3)) * self.poll, self._revive, context=self.context)
        return True

    def _revive(self) -> None:
        if not self.life.alive:
            self.boot()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None and not isinstance(task.exception(), Killed):
            self.broken("crash", f"the agent stopped by itself: {task.exception()!r}")

    # --- what happens

    def sell(self, channel: str, lines: list[tuple[int, int]], status: str) -> None:
        """Buyers order what the shop shows."""
        before = self._below()
        shop = self.shops[channel]
        order = shop.place_order(lines, status)
        if order is None:
            return
        self.sold += sum(units for _, units in lines)
        self._oversold(channel, [product for product, _ in lines], before)
        names = ", ".join(f"{units} {self.name_of(channel, product)}" for product, units in lines)
        self.changed(f"{channel}: order {order} ({status}): {names}")

    def _below(self) -> dict[str, int]:
        opened = self.books.all_open()
        return {
            sku: max(0, opened[sku] - item.shelf)
            for sku, item in self.books.items.items()
            if item.tracked and not item.parts
        }

    def _oversold(self, channel: str, products: list[int], before: dict[str, int]) -> None:
        units = sum(max(0, now - before[sku]) for sku, now in self._below().items())
        if units and any((channel, self.cell_of(channel, product)) in self.watch.bad for product in products):
            self.by_agent += units
            self.broken("oversold", f"{units} units oversold on {channel}, by a value that the agent set too high")
        elif units:
            self.by_lag += units

    def set_status(self, channel: str, order: int, status: str) -> None:
        before = self._below()
        self.shops[channel].set_status(order, status)
        self.by_lag += sum(max(0, now - before[sku]) for sku, now in self._below().items())
        self.changed(f"{channel}: order {order} is {status}")

    def edit_order(self, channel: str, order: int, rng: Random) -> None:
        """One unit more or less of a line, the line taken out, or a line more."""
        shop, before = self.shops[channel], self._below()
        lines = shop.orders[order].lines
        line, deed = rng.choice(lines), rng.choice(("more", "more", "less", "out", "add"))
        other = rng.choice(self.sold_in(channel))
        if deed == "more" and (shop.quantity(line.listing) or 0) > 0:
            shop.edit_order(order, {line.id: line.quantity + 1})
        elif deed == "less" and line.quantity > 1:
            shop.edit_order(order, {line.id: line.quantity - 1})
        elif deed == "out" and len(lines) > 1:
            shop.edit_order(order, {line.id: 0})
        elif deed == "add" and (shop.quantity(other) or 0) > 0:
            shop.edit_order(order, add=[(other, 1)])
        else:
            return
        self.edited.add((channel, order))
        self.by_lag += sum(max(0, now - before[sku]) for sku, now in self._below().items())
        self.changed(f"{channel}: order {order} is edited: {deed} of {self.name_of(channel, line.listing)}")

    def unship(self, channel: str, order_id: int) -> None:
        """It was marked by mistake: the units never left."""
        order = self.shops[channel].orders[order_id]
        self.unshipped.add((channel, order_id))
        for line in order.lines:
            for sku, units in self.books.takes(channel, line).items():
                item, back = self.books.items[sku], units * line.quantity
                item.shelf += back
                item.told = None if item.told is None else item.told + back
                self.person.unsure.add(sku)
        self.shops[channel].set_status(order_id, "processing")
        self.changed(f"{channel}: order {order_id} is not shipped after all")

    def take_back(self, channel: str, order_id: int, rng: Random) -> None:
        """A unit that was sent comes back, to be sold again or not; the shop may put it on its listing by itself."""
        order = self.shops[channel].orders[order_id]
        line = rng.choice(order.lines)
        if line.quantity < 1:
            return
        whole, restock = rng.random() < 0.5, rng.random() < 0.5
        self.shops[channel].refund(order_id, {line.id: 1}, restock=restock)
        parts = self.books.takes(channel, line)
        if whole:
            key = (channel, str(order_id), str(line.id))
            for sku, units in parts.items():
                self.books.items[sku].shelf += units
                self.came_back.setdefault(key, []).append((sku, units, self.loop.time()))
                self.person.unsure.add(sku)
        self.edited.add((channel, order_id))
        said = "can be sold again" if whole else "is broken"
        self.changed(f"{channel}: a unit of order {order_id} came back and {said}, restock {restock}")

    def what_came_back(self, facts: dict[str, Any]) -> str:
        """The truth about returned units. What was counted since is in Stocked already."""
        lying = self.came_back.pop((facts["channel"], facts["order"], facts["line"]), [])
        counted = any(
            edit.counted and edit.sku == sku and edit.saved_at > at
            for sku, _, at in lying
            for edit in self.person.edits
        )
        if not lying or counted:
            return "never"
        for sku, units, _ in lying:
            item = self.books.items[sku]
            item.told = None if item.told is None else item.told + units
        self.changed(f"what came back of order {facts['order']} is put back")
        return "put back"

    def refund_one(self, channel: str, order: int, rng: Random, *, restock: bool = True) -> None:
        shop = self.shops[channel]
        line = rng.choice(shop.orders[order].lines)
        if open_units(shop.orders[order], line) > 1:
            shop.refund(order, {line.id: 1}, restock=restock)
            self.changed(f"{channel}: order {order} loses a unit of {self.name_of(channel, line.listing)}")

    def can_ship(self, channel: str, order: Order) -> bool:
        need: dict[str, int] = {}
        for line in order.lines:
            if (channel, line.listing) not in self.books.linked:
                return False  # put aside until it is linked
            for sku, units in self.books.takes(channel, line).items():
                need[sku] = need.get(sku, 0) + units * open_units(order, line)
        return all(self.books.items[sku].shelf >= units for sku, units in need.items())

    def ship(self, channel: str, order_id: int) -> None:
        """The units leave the shelf in the moment in which the order is marked."""
        order = self.shops[channel].orders[order_id]
        now = self.loop.time()
        for line in order.lines:
            for sku, units in self.books.takes(channel, line).items():
                item, gone = self.books.items[sku], units * open_units(order, line)
                item.shelf -= gone
                item.told = None if item.told is None else item.told - gone
                self.books.ships += [(sku, now)] * gone
                if item.told is None:
                    self.person.unsure.add(sku)
                if (channel, order_id) in self.unshipped:
                    self.murky.add(sku)
                    self.person.unsure.add(sku)
        self.shops[channel].set_status(order_id, "completed")
        self.changed(f"{channel}: order {order_id} is shipped")

    def link(self, listing: Listing) -> None:
        """The person has linked an import."""
        self.books.linked.add((listing.channel, listing.id))
        self.changed(f"person: links {listing.channel} {listing.id} to {listing.sku}")

    def what_became_of(self, facts: dict[str, Any]) -> str | None:
        """The truth about missing units; None while an order that explains them cannot be read yet."""
        since, until = (_seconds(facts[name]) for name in ("since", "until"))
        sku = self.first(facts["parts"][0][0]) if facts["parts"] else None
        for at, loss in enumerate(self.losses):
            if loss[0] == facts["channel"] and loss[2] == sku and since - 15 <= loss[3] <= until + 15:
                del self.losses[at]
                counted = any(
                    edit.sku == sku and edit.counted and edit.saved_at > loss[3] for edit in self.person.edits
                )
                if counted:
                    return "put back"
                item = self.books.items[loss[2]]
                item.told = None if item.told is None else item.told - 1
                self.changed(f"the one {loss[2]} sold by hand is gone")
                return "gone"
        return "put back" if self.calm else None

    def hidden_losses(self) -> set[str]:
        """Items of which one was sold by hand while an order was given up: what came back may hide what went."""
        given_up = {
            (channel, self.cell_of(channel, line.listing))
            for channel, shop in self.shops.items()
            for order in shop.orders.values()
            if order.refunds or order.status not in (*OPEN, "completed") or (channel, order.id) in self.edited
            for line in order.lines
        }
        return {sku for channel, cell, sku, _ in self.losses if (channel, cell) in given_up}

    # --- what is known of the agent

    def name(self, sku: str) -> str:
        """What the item is called in the sheet now."""
        return self.names.get(sku, sku)

    def first(self, name: str) -> str:
        """The first SKU of the item that is or was called so."""
        return self.former.get(name, name)

    def called(self, sku: str) -> set[str]:
        """Everything that it is or was called."""
        return {sku, *(name for name, first in self.former.items() if first == sku)}

    def frozen_sku(self, sku: str) -> bool:
        frozen = self.disk.rows("SELECT sku FROM item WHERE frozen IS NOT NULL")
        return bool(self.called(sku) & {name for (name,) in frozen}) or bool(
            self.agent.sheet is None or self.agent.sheet.verdict
        )

    def known_since(self) -> float:
        """Whatever happened before this moment must be known to the agent: all its shops were read after it."""
        read = [at for (at,) in self.disk.rows("SELECT orders_ok_at FROM channel")]
        now = self.loop.time()
        if len(read) < len(SHOPS) or None in read:
            return 0.0
        oldest = float(min(read)) / 1e6 - EPOCH.timestamp() - self.pc.ahead
        return min(now - self.memory, oldest - self.latest_lateness - 5)

    def frozen(self, listing: Listing) -> bool:
        return any(self.frozen_sku(part) for part in self.books.recipe(listing))

    def in_doubt(self, listing: Listing) -> bool:
        """The agent may take units off for a reason of its own: missing ones, or an edit that may mean two things."""
        since = self.loop.time() - 12 * self.poll - 900
        parts = {*self.books.recipe(listing), listing.sku}
        asked = {self.first(key) for (key,) in self.disk.rows("SELECT key FROM question WHERE closed_at IS NULL")}
        missing = self.disk.rows("SELECT 1 FROM missing WHERE units > 0")
        missing += self.disk.rows("SELECT 1 FROM undone WHERE over IS NULL")  # it may have shown 0 before that run
        edited = {edit.sku for edit in self.person.edits if edit.saved_at > since}
        rows = {sku for sku, at in self.keeper.touched if at > since}
        unsure = self.person.unsure | self.person.ambiguous()
        return bool(missing or parts & asked or parts & edited or parts & rows or parts & unsure)

    def taken_in(self, sku: str, saved: Saved) -> bool:
        """The agent has taken in what the cell now holds, and asks nothing about it."""
        cell = (
            saved.sheets["Item Master"].cell(None, self.name(sku), "Stocked")
            if "Stocked" in saved.sheets["Item Master"].header
            else None
        )
        known = self.disk.rows("SELECT value FROM stocked WHERE sku = ?", self.name(sku))
        return bool(known) and known[0][0] == cell

    def window_from(self, sku: str) -> float:
        """From when on shipments may or may not be in the count that is saved now."""
        revision = self.disk.rows("SELECT value FROM meta WHERE key = 'revision_at'")
        held = [
            row
            for name in sorted(self.called(sku))
            for row in self.disk.rows("SELECT held_at FROM stocked WHERE sku = ? AND held_at IS NOT NULL", name)
        ]
        known = [_seconds(revision[0][0].strip('"'))] if revision else [0.0]
        return float(min([*known, *(at / 1e6 - EPOCH.timestamp() for (at,) in held)]))

    def learned_late(self, sku: str, saved_at: float) -> bool:
        """A shipment marked before this save became known after it: it widens the window of the edit (DESIGN 5)."""
        save = (EPOCH.timestamp() + saved_at) * 1e6
        sql = "SELECT 1 FROM ledger WHERE kind = 'shipment' AND sku = ? AND at <= ? AND learned_at >= ?"
        return any(self.disk.rows(sql, name, save + 12e6, save - 12e6) for name in sorted(self.called(sku)))

    def settled(self, channel: str) -> bool:
        """Nothing is late or under way in this shop: a loss now is found as one gap."""
        return self.shops[channel].faults == Faults() and self.loop.time() - self.faulty_until > 300

    def name_of(self, channel: str, product: int) -> str:
        listing = self.books.listings.get((channel, product)) or self.cells.get((channel, product))
        return listing.sku + (f"*{listing.units}" if listing.units > 1 else "") if listing else str(product)

    def cell_of(self, channel: str, product: int) -> int:
        listing = self.books.listings.get((channel, product))
        return listing.cell if listing else product

    def books_cell(self, channel: str, product: int) -> Listing | None:
        listing = self.cells.get((channel, product))
        return listing if listing and (channel, listing.id) in self.books.linked else None

    def sold_in(self, channel: str) -> list[int]:
        return [product for name, product in self.books.listings if name == channel]

    # --- telling

    def note_lateness(self, seconds: float) -> None:
        self.latest_lateness = max(self.latest_lateness, seconds)
        self.memory = max(self.memory, 2 * self.poll + 200 + seconds)

    def changed(self, what: str) -> None:
        """Something is different now: in the books, and in the trace."""
        self.tell(what)
        self.books.note(self.loop.time())

    def tell(self, what: str) -> None:
        self.trace.append(f"{self.loop.time():9.2f} {what}")
        if any(shop.faults != Faults() for shop in self.shops.values()):
            self.faulty_until = self.loop.time()

    def broken(self, invariant: str, what: str) -> None:
        """A violation."""
        line = f"{invariant}: {what} (at {self.loop.time():.1f})"
        if len(self.violations) < 50:
            self.violations.append(line)
        self.tell(f"!!! {line}")

    # --- one seed

    async def live(self) -> None:
        """The storm, then the calm."""
        self.boot()
        await self._first_plan()
        if self._crash_at is not None:
            self.crash_after = self.points + self._crash_at
        await self._storm()
        await self._calm()

    async def _first_plan(self) -> None:
        """The person approves the first plans, and links the import."""
        for _ in range(12):
            await asyncio.sleep(self.poll / 2)
            await self.person.attend()
            live = self.disk.rows("SELECT SUM(live) FROM channel")
            if live and live[0][0] == len(SHOPS):
                return
        self.broken("start", "the first plans did not go live")

    async def _storm(self) -> None:
        size, long = self.size, self.size.rounds * self.poll
        chance = self._chance("desk")
        seller = chance.random() < DESKS and size.edits > 0
        await asyncio.gather(
            people.buyers(self, self._chance("buyers"), size.orders, long / size.orders),
            people.changes_of_mind(self, self._chance("minds"), size.minds, long / max(1, size.minds)),
            people.packer(self, self._chance("packer"), size.packings, long / max(1, size.packings)),
            people.trouble(self, self._chance("trouble"), size.episodes, long / (3 * max(1, size.episodes)), self.poll),
            people.crashes(self, self._chance("crashes"), size.crashes, long / (2 * max(1, size.crashes))),
            self.person.work(size.actions, long / (2 * max(1, size.actions))),
            *([people.desk(self, chance, size.edits, long / (2 * max(1, size.edits)))] if seller else []),
            self.keeper.work(size.actions, long / (2 * max(1, size.actions))),
        )

    async def _calm(self) -> None:
        """Faults end, nobody buys or packs: everything must come right."""
        self.calm = True
        self.crash_after = None
        self.tell("--- calm")
        for shop in self.shops.values():
            shop.faults = Faults()
        self.book.close_by_person()
        self.person.lets_everything_go()
        self._revive()
        await asyncio.sleep(self.latest_lateness + 2 * self.poll)
        problems = ["never looked"]
        ends = self.loop.time() + 7200 + 15 * self.poll
        rounds = 0
        while problems and self.loop.time() < ends:
            await self.person.attend()
            if rounds % 3 == 2:
                self.person.recount()
            await asyncio.sleep(self.poll)
            rounds += 1
            problems = self.problems() if rounds > 3 else problems
        for problem in problems:
            self.broken("calm", problem)
        if not problems:
            await self._still()

    def _not_in_sync(self) -> Iterator[str]:
        """I14: at the end every live listing is called in sync, for the shop itself said so."""
        decision = self.watch.last
        for channel, cell, reason in decision.plan.select("channel", "cell", "reason").iter_rows() if decision else ():
            product = int(cell.rsplit("/", 1)[1])
            listing = self.cells[channel, product]
            if reason != "in_sync" and all(
                self.books.items[part].told is not None for part in self.books.recipe(listing)
            ):
                yield f"{channel} {self.name_of(channel, product)} is not called in sync but {reason}"

    async def _still(self) -> None:
        """Two more cycles send nothing."""
        pushes = self.watch.pushes
        cycles = self.cycles
        for _ in range(12):
            if self.cycles < cycles + 3:
                await asyncio.sleep(self.poll)
        if self.watch.pushes != pushes:
            self.broken("I4", f"{self.watch.pushes - pushes} pushes although nothing has changed")

    def problems(self) -> list[str]:
        """What is not yet as it must be."""
        return [*self._listings_wrong(), *self._stock_wrong(), *self._rest_wrong(), *self._not_in_sync()]

    def _listings_wrong(self) -> Iterator[str]:
        for (channel, product), wanted in self.books.now_expected().items():
            shown = self.shops[channel].quantity(product)
            if wanted is not None and shown != wanted:
                yield f"{channel} {self.name_of(channel, product)} shows {shown}, should show {wanted}"

    def _stock_wrong(self) -> Iterator[str]:
        levels = dict(self.disk.rows("SELECT sku, on_hand FROM level"))
        for sku, item in self.books.items.items():
            if not item.tracked or item.parts or item.told is None:
                continue
            name = self.name(sku)
            if levels.get(name) != item.shelf:
                yield f"{sku}: {item.shelf} on the shelf, {levels.get(name)} in the ledger of {name}"
            cell = self.book.cell("Item Master", name, "Stocked")
            if cell != item.shelf:
                yield f"{sku}: {item.shelf} on the shelf, {cell} in the workbook"

    def _rest_wrong(self) -> Iterator[str]:
        for stop in self.books.stops:
            if stop.ends is not None:
                yield f"the stop of {stop.sku} at {stop.value} is still to end by itself"
        for channel, cell, units in self.disk.rows("SELECT channel, cell, units FROM missing WHERE units > 0"):
            yield f"{units} units are missing on {channel} {cell}"
        for kind, key in self.disk.rows("SELECT kind, key FROM question WHERE closed_at IS NULL"):
            yield f"still asked: {kind} {key}"
        for sku, frozen in self.disk.rows("SELECT sku, frozen FROM item WHERE frozen IS NOT NULL"):
            yield f"{sku} is frozen: {frozen}"
        for channel, what in self.disk.rows("SELECT channel, problem_what FROM channel WHERE problem_kind IS NOT NULL"):
            yield f"{channel} is out: {what}"
        for channel, shop in self.shops.items():
            for order in shop.orders.values():
                if order.status in OPEN:
                    yield from self._lines_wrong(channel, order)

    def _lines_wrong(self, channel: str, order: Order) -> Iterator[str]:
        for line in order.lines:
            stored = self.disk.rows(
                'SELECT open FROM order_line WHERE channel = ? AND "order" = ? AND line = ?',
                channel, str(order.id), str(line.id),
            )  # fmt: skip
            if not stored or stored[0][0] != open_units(order, line):
                yield f"{channel}: order {order.id} has {open_units(order, line)} open, the store says {stored}"


def _seconds(moment: str) -> float:
    from datetime import datetime

    return (datetime.fromisoformat(moment) - EPOCH) / timedelta(seconds=1)


class _Faults(logging.Handler):
    """A cycle that failed is logged and retried by the agent; here it is a violation."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and not isinstance(record.exc_info[1], Killed):
            self._world.broken("fault", f"{record.exc_info[1]!r}")
            self._world.trace.append(logging.Formatter().formatException(record.exc_info))


@contextmanager
def _watched(world: World) -> Iterator[None]:
    """Every decision of this world is looked at; a fault in a cycle is a violation."""
    kept, longest = vars(cycle)["decide"], loop.LONGEST

    def looked_at(agent: Agent) -> Decision:
        decision = decide(agent)
        world.watch.decided(decision)
        return decision

    handler = _Faults(world)
    log = logging.getLogger("agent")
    log.addHandler(handler)
    propagate, log.propagate = log.propagate, False
    setattr(cycle, "decide", looked_at)  # noqa: B010 - a name that it imported
    loop.LONGEST = max(60.0, world.poll)
    try:
        yield
    finally:
        setattr(cycle, "decide", kept)  # noqa: B010
        loop.LONGEST = longest
        log.removeHandler(handler)
        log.propagate = propagate


def simulate(
    seed: int, size: Size | None = None, *, crash_at: int | None = None, prepare: Callable[[World], None] | None = None
) -> Outcome:
    """Run one seed. The same seed gives the same trace.

    `crash_at`: crash at the so many-th point after the shops went live. `prepare`: what a test changes in the world.
    """
    virtual = VirtualLoop()
    asyncio.set_event_loop(virtual)
    world = World(seed, virtual, size or Size(), crash_at)
    virtual.set_exception_handler(lambda _, context: _unhandled(world, context))
    if prepare:
        prepare(world)
    with _watched(world):
        try:
            virtual.run_until_complete(world.live())
        except Exception as error:  # the world itself stumbled
            world.broken("world", repr(error))
            raise
        finally:
            world.life.end()
            for task in asyncio.all_tasks(virtual):
                task.cancel()
            virtual.run_until_complete(asyncio.sleep(0))
            virtual.run_until_complete(asyncio.sleep(0))
            asyncio.set_event_loop(None)
            virtual.close()
    return Outcome(
        seed, world.violations, world.trace, virtual.steps, world.cycles, world.sold, world.by_lag, world.by_agent,
        virtual.time(), world.points, len(world.person.unsure), world.point_names,
    )  # fmt: skip


def _unhandled(world: World, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if not isinstance(error, Killed | asyncio.CancelledError):
        world.broken("unhandled", f"{context.get('message')}: {error!r}")
