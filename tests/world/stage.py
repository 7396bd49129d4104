"""The stage of one world: two shops, a workbook, a computer, and the agent's lives on it; and what is told of them."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from agent import loop
from agent.channels.base import Channel
from agent.channels.http import Ports
from agent.channels.woocommerce import connect
from agent.practice.woocommerce import Faults, transport
from agent.state import Agent
from agent.store import Store
from agent.workbooks.memory import MemoryWorkbook
from tests.world.books import Books, Item, Listing, Rule
from tests.world.computer import Book, Connection, Disk, Killed, Life, Line, full
from tests.world.marketplaces import Heard, Marketplace, silent
from tests.world.person import Person, rule_row
from tests.world.platforms import Platform
from tests.world.sheet_book import SheetBook
from tests.world.sheet_line import SheetLife
from tests.world.timeline import OWNER, VirtualClock, VirtualLoop
from tests.world.watch import Watch, WatchedChannel, WatchedShop

if TYPE_CHECKING:
    from tests.world.keeper import Keeper
    from tests.world.kinds import Kinds
    from tests.world.measure import Measure

SHOPS = ("north", "south")
URL = "https://{}.example.com"


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


class Stage:
    """Everything outside the agent, and the agent in it."""

    watch: Watch
    person: Person
    keeper: Keeper
    kinds: Kinds
    measure: Measure

    def __init__(
        self, seed: int, virtual: VirtualLoop, size: Size, crash_at: int | None = None, *, google: bool = False,
        platform: str | None = None,
    ) -> None:  # fmt: skip
        self.platform = platform
        """Whose practice shop the northern one is; None: WooCommerce, as the southern one always is."""
        self.seed, self.loop, self.size, self.google = seed, virtual, size, google
        self.rng = Random(f"{seed}/world")
        self.poll = self.rng.choice((20.0, 60.0, 60.0, 300.0, 3600.0))
        if google:  # it is looked at all the time, which an hour of nothing would only make long
            self.poll = min(self.poll, 300.0)
        self.memory = 2 * self.poll + 200
        """Seconds after which what is true must have been known to the agent."""
        self.trace: list[str] = []
        self.violations: list[str] = []
        self.is_broken = asyncio.Event()
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
        self._downtime = self.chance("downtime")
        self.context = copy_context()
        self.cycles = self.lives = 0
        self.started = self.calm = False
        self.by_lag = self.by_agent = self.sold = 0
        self.faulty_until = 0.0
        self.usual: dict[str, Faults] = {}
        """Faults of a shop that are none on its platform."""
        self.desk = asyncio.Lock()
        """One at a time sits at the workbook."""
        self.latest_lateness = 0.0
        self.sheet_ill, self.sheet_ill_until = False, 0.0
        """Something is the matter with Google, and until when it was."""
        self.counter_sales = 2 if self.rng.random() < 0.3 else 0
        self.pc = VirtualClock(virtual, ahead=self.rng.choice((0.0, 0.0, -2.0, 1.5)))
        self._make()
        self.agent: Agent
        self.life = Life(0, lambda _: False, virtual)

    def chance(self, name: str) -> Random:
        return Random(f"{self.seed}/{name}")

    # --- the shops and the workbook

    def _make(self) -> None:
        rng = self.rng
        shop_clock = VirtualClock(self.loop)
        shops: dict[str, Any] = {
            name: WatchedShop(clock=shop_clock.now, rng=self.chance(name), name=name, sleep=shop_clock.sleep)
            for name in SHOPS
        }
        if self.platform is not None:
            shops["north"] = Marketplace(self.platform, shop_clock, self.chance("north"), "north")
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
        content = self._content(items, rules)
        self.book: MemoryWorkbook = self._sheet(content) if self.google else MemoryWorkbook(self.pc, content)
        for each in listings:
            if each.sku != "CUP-4" or each.channel != "south":
                self.books.linked.add((each.channel, each.id))
        for name, shop in shops.items():  # orders from before the agent was there
            for product in rng.sample(self.sold_in(name), k=2):
                shop.sell(product, 1)
            if isinstance(shop, Marketplace):
                self._as_late_as_it_says(name, shop)
        self.books.note(0.0)

    def _as_late_as_it_says(self, name: str, shop: Marketplace) -> None:
        """From now on orders are seen as late as they may be there."""
        self.usual[name] = Faults(order_visible_after=shop.late)
        shop.faults = self.usual_faults(name)
        self.note_lateness(shop.late)

    def _sheet(self, content: dict[str, list[dict[str, Any]]]) -> Any:
        book = SheetBook(self.pc, self.loop, self.chance("google"), content)
        book.look, book.broken = max(10.0, self.poll / 6), self.broken
        return book

    def _workbook(self, life: Life, chance: Random) -> Any:
        if isinstance(self.book, SheetBook):
            return SheetLife(self.book.agents(life, chance), life, chance, self.tell)
        return Book(self.book, life, chance, self.watch.wrote, self.kinds.writing)

    def _fill(self, name: str, shop: Any) -> Iterator[Listing]:
        rng = self.rng
        if isinstance(shop, Marketplace):
            yield from shop.fill(name, rng)
            return
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
            "Rules": [rule_row(rule) for rule in rules],
            "Matches": [{"Channel": "south", "Listing": "CUP-3-TRIO", "SKU": "CUP-3", "Units": 3}],
        }

    # --- the agent's lives

    def boot(self) -> None:
        """Switch the computer on."""
        self.lives += 1
        self.watch.lowering.clear()
        life = self.life = Life(self.lives, self._point, self.loop, lambda: self.disk.full)
        chance = self.chance(f"life {self.lives}")
        store = Store(":memory:", Connection(self.disk, life, self.watch.committed))  # type: ignore[arg-type]
        channels: dict[str, Channel] = {name: self._channel(name, life, chance) for name in SHOPS}
        self.agent = Agent(
            clock=self.pc, store=store, channels=channels,
            workbook=self._workbook(life, chance),
            rng=chance, poll=self.poll, audit=6 * self.poll, workbook_refresh=max(300.0, 5 * self.poll),
        )  # fmt: skip
        context = copy_context()
        context.run(OWNER.set, life.number)
        running = loop.run(self.agent, asyncio.Event(), tell=self.watch.cycle_over)
        task = self.loop.create_task(running, context=context)
        task.add_done_callback(self._ended)
        self.tell(f"--- life {self.lives} begins")

    def _channel(self, name: str, life: Life, chance: Random) -> WatchedChannel:
        shop = self.shops[name]
        if isinstance(shop, Marketplace):
            over = shop.connect(
                name,
                self.pc,
                chance,
                lambda inner: Line(inner, life, chance, silent, silent, lambda: self.kinds.sleeps),
            )
            return WatchedChannel(Heard(over, shop, self), self)
        line = Line(
            transport(shop), life, chance,
            lambda request: self.watch.leaves(name, request),
            lambda request, response: self.watch.arrives(name, request, response), lambda: self.kinds.sleeps,
        )  # fmt: skip
        settings = {"url": URL.format(name), "consumer_key": "ck_practice", "consumer_secret": "cs_practice"}
        made: Channel = connect(name, settings, Ports(self.pc, chance, line))
        if self.kinds.manner is not None and name == "south":
            made = Platform(made, self.kinds.manner, self, life, chance)
        return WatchedChannel(made, self)

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
        if self.life.alive:
            return
        try:
            self.boot()
        except sqlite3.OperationalError as error:
            if not full(error):
                raise
            self.life.end()  # no room even to begin: somebody tries again
            self.loop.call_later(0.5 * self.poll, self._revive, context=self.context)

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if full(error):  # it could not even start: somebody starts it again
            self.life.end()
            self.loop.call_later(0.5 * self.poll, self._revive, context=self.context)
        elif error is not None and not isinstance(error, Killed):
            self.broken("crash", f"the agent stopped by itself: {error!r}")

    def usual_faults(self, channel: str) -> Faults:
        """How a shop is when nothing is the matter."""
        return replace(self.usual.get(channel, Faults()))

    def well(self, channel: str) -> bool:
        """Nothing is the matter with this shop now."""
        return self.shops[channel].faults == self.usual_faults(channel)

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
        if not all(self.well(name) for name in self.shops):
            self.faulty_until = self.loop.time()

    def broken(self, invariant: str, what: str) -> None:
        """A violation."""
        line = f"{invariant}: {what} (at {self.loop.time():.1f})"
        if len(self.violations) < 50:
            self.violations.append(line)
        self.is_broken.set()
        self.tell(f"!!! {line}")
