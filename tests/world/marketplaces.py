"""A shop of the world that is the practice shop of a real platform, reached by its real channel.

`Marketplace` gives the world what it asks of a shop, in the words that the world has for it; what people do there is
done through `tests/scenarios/fronts`. What a platform cannot do stands in `cannot` and is left out of its world. Its
books of orders are the world's own: nothing is read back from the platform. `Heard` stands before the channel and
tells the watch what leaves and what the shop answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import polars as pl

from agent.channels import find
from agent.channels.base import Account, Can, Channel, Lane, ListingsRead, OrdersRead
from agent.channels.http import Ports
from agent.channels.notes import NotesInMemory
from agent.channels.pushing import Handed, Later
from agent.practice.woocommerce import Faults
from tests.world.books import OPEN, Listing
from tests.world.lags import Lags
from tests.world.manners import MANNERS, SIZES
from tests.world.timeline import VirtualClock

if TYPE_CHECKING:
    from tests.world.run import World

FAR = 150.0
"""Seconds by which orders are seen late in a world, at the most: what the platforms' own lags are cut to."""


@dataclass
class Line:
    """A line of an order, by its place in it as it was booked."""

    id: int
    listing: int
    quantity: int


@dataclass
class Back:
    line: Line
    quantity: int


@dataclass
class Refund:
    lines: list[Back]


@dataclass
class Order:
    """An order in the world's own words (see books.OPEN). `name`: what the platform calls it."""

    id: int
    name: Any
    status: str
    modified: datetime
    lines: list[Line]
    paid: bool = True
    refunds: list[Refund] = field(default_factory=list)

    @property
    def refunded(self) -> int:
        return len(self.refunds)


@dataclass
class _Place:
    """What a front needs of a stage."""

    clock: VirtualClock


class Marketplace:
    """A practice shop of this platform as the world asks of it. Products and orders have the world's own numbers."""

    def __init__(self, platform: str, clock: VirtualClock, rng: Random, name: str) -> None:
        self.platform, self.clock, self.manners = platform, clock.now, MANNERS[platform]
        self.name, self.lags = name, Lags()
        self._place = _Place(clock)
        self.front = import_module(f"tests.scenarios.fronts.{platform}").Front(self._place, name)
        self.shop = self.front.shop
        self.shop.rng = rng
        self.can: Can = find(platform).CAN
        self.cannot = frozenset(self._cannot())
        self.orders: dict[int, Order] = {}
        self.versions: list[tuple[datetime, int, datetime, str]] = []
        self.keys: dict[int, Any] = {}
        """The world's number of a listing -> what the practice shop calls it."""
        self.skus: dict[str, int] = {}
        self.products: dict[str, int] = {}
        """What the channel calls a listing or a stock cell -> the world's number of the listing, once it was read."""
        self._faults = Faults()
        wire = import_module(f"tests.channels.wire.{platform}")
        self._connected = getattr(wire, "connected", None)
        for setting, life in (("refresh_life", timedelta(days=3650)), ("yes_ends", clock.now() + timedelta(days=3650))):
            if hasattr(self.shop, setting):
                setattr(self.shop, setting, life)
        self._tokens = self._connected(self.shop) if self._connected else None
        self._notes = NotesInMemory()
        self._campaigns: list[Any] = []

    def _cannot(self) -> Iterator[str]:
        """The world's deeds that nobody can do here."""
        can = self.front.can
        yield from ("trash", "returns")
        yield from () if "edits" in can else ("more", "add")
        yield from () if "parts" in can else ("parts", "less", "out")
        yield from () if "undo" in can else ("undo",)
        yield from () if "cancel shipped" in can else ("cancel shipped",)
        yield from (name for name, own in self._faults_of() if own is None)

    def _faults_of(self) -> Iterator[tuple[str, str | None]]:
        own = self.manners
        yield from (("throttle", own.throttle), ("firewall", own.page), ("refused items", own.refuses))
        yield from (("eaten writes", own.eats), ("expired key", own.expired))

    def connect(self, name: str, clock: VirtualClock, rng: Random, line: Callable[..., Any]) -> Channel:
        """The platform's own channel, over this line. The computer remembers its tokens and its notes."""
        self.says_yes()
        more = {} if self._tokens is None else {"tokens": self._tokens}
        ports = Ports(clock, rng, line(self.front.transport), notes=self._notes, **more)
        made: Channel = find(self.platform).connect(name, self.front.settings, ports)
        return made

    def says_yes(self) -> None:
        """The seller connects the shop again: a token whose renewal was lost on its way is of no more use."""
        if self._connected is not None and self._tokens is not None:
            self._tokens.keep(self._connected(self.shop).read())

    # --- what is sold

    def fill(self, name: str, rng: Random) -> Iterator[Listing]:
        """What `Stage` puts into a shop; a platform without common quantities has one pot."""
        for number in range(1, 6):
            yield self._simple(name, f"CUP-{number}", f"Cup {number}", rng.randint(0, 6))
        sizes = [(f"TEE-{size}", rng.randint(0, 4)) for size in SIZES]
        for (sku, _), key in zip(sizes, self.manners.family(self.shop, "Tee", sizes), strict=True):
            yield self._listed(name, sku, key)
        yield self._simple(name, "POT", "Pot", rng.randint(0, 5))
        for sku, quantity in (("KIT", 1), ("GIFT", 3), ("NEW", 2)):
            yield self._simple(name, sku, sku.title(), quantity)

    def _simple(self, name: str, sku: str, title: str, quantity: int) -> Listing:
        if hasattr(self.shop, "usual_model"):  # eBay: listings of both its kinds
            self.shop.usual_model = ("inventory", "trading")[len(self.keys) % 2]
        return self._listed(name, sku, self.shop.add_simple(sku, title, quantity))

    def _listed(self, name: str, sku: str, key: Any) -> Listing:
        made = 101 + len(self.keys)
        self.keys[made] = key
        self.skus[sku] = made
        return Listing(name, made, sku, 1, made)

    def quantity(self, product: int) -> int | None:
        found: int | None = self.shop.quantity(self.keys[product])
        return found

    def type_quantity(self, product: int, units: int) -> None:
        self.shop.type_quantity(self.keys[product], units)

    def product_of(self, cell: str) -> int:
        """The world's number of a listing, by what the channel calls it or its stock cell; 0: it is none of ours."""
        return self.products.get(cell, 0)

    def order_name(self, order: int) -> str:
        return str(self.orders[order].name)

    # --- what people do

    def sell(self, product: int, units: int) -> int | None:
        return self.place_order([(product, units)])

    def place_order(self, lines: Sequence[tuple[int, int]], status: str = "processing") -> int | None:
        """Buyers order what the shop shows. A status of the world's: an order that takes units is open whatever was
        paid, and where nobody sees unpaid ones, nobody places one."""
        if any((self.quantity(product) or 0) < units for product, units in lines):
            return None
        wanted = {"processing": "paid", "on-hold": "waiting", "pending": "unpaid"}[status]
        if wanted == "unpaid" and "at order" not in self.front.can:
            wanted = "paid"
        name = self.front.books([(self.keys[product], units) for product, units in lines], wanted)
        booked = [Line(at, product, units) for at, (product, units) in enumerate(lines)]
        made = Order(len(self.orders) + 1, name, OPEN[wanted != "paid"], self.clock(), booked, wanted == "paid")
        self.orders[made.id] = made
        self._changed(made)
        return made.id

    def set_status(self, order: int, status: str) -> None:
        """Ships, gives up, or takes back the shipment of the whole order."""
        it = self.orders[order]
        if status == "completed":
            self._pay(it)
            self.front.ships(it.name)
        elif status in ("cancelled", "failed"):
            self.front.cancels(it.name)
        else:
            self.front.undoes(it.name)
        it.status = status
        self._changed(it)

    def _pay(self, order: Order) -> None:
        if not order.paid:
            self.front.pays(order.name)
            order.paid = True

    def refund(self, order: int, quantities: dict[int, int], *, restock: bool = True) -> None:
        it = self.orders[order]
        for line in it.lines:
            if line.id in quantities:
                self.front.refunds(it.name, line.id, quantities[line.id], restock=restock)
                it.refunds.append(Refund([Back(line, quantities[line.id])]))
        self._changed(it)

    def edit_order(self, order: int, quantities: dict[int, int]) -> None:
        """Fewer units of a line, or none."""
        it = self.orders[order]
        for line in it.lines:
            if line.id in quantities:
                line.quantity = quantities[line.id]
                self.front.edits(it.name, line.id, line.quantity)
        it.lines = [line for line in it.lines if line.quantity]
        self._changed(it)

    def _changed(self, order: Order) -> None:
        now = self.clock()
        order.modified = now.replace(microsecond=0)  # platforms tell whole seconds
        due = now + timedelta(seconds=self._faults.order_visible_after)
        self.versions.append((due, order.id, order.modified, order.status))

    def joins_campaign(self, product: int, units: int, lasts: float) -> None:
        """So many units of a listing are kept for a campaign."""
        if self.manners.locks is not None:
            self._campaigns.append(self.manners.locks(self.shop, self.keys[product], units, lasts))

    def ends_campaigns(self) -> None:
        for each in self._campaigns:
            each.ends = min(each.ends, self.shop.moment())

    # --- what goes wrong

    @property
    def late(self) -> float:
        """Seconds until an order can be read here, at the most."""
        return min(self.can.lag, FAR)

    def slows(self) -> None:
        """What is pushed now has a time of its own until it stands; in the calm, the shortest."""
        self.manners.slow(self.shop.faults, self.shop.rng)

    @property
    def faults(self) -> Faults:
        """In the world's words."""
        return self._faults

    @faults.setter
    def faults(self, told: Faults) -> None:
        """The same in the platform's own; whoever must say yes again does so when they end."""
        own, ours = self.manners, type(self.shop.faults)()
        for name in ("answer_lost_before_apply", "answer_lost_after_apply", "slow", "order_visible_after"):
            setattr(ours, name, getattr(told, name))
        ours.down = told.down or (told.expired_key and own.expired is None)
        for name, value in ((own.throttle, told.throttle), (own.page, told.html_403), (own.expired, told.expired_key)):
            if name:
                setattr(ours, name, value)
        if own.wait and told.throttle:
            setattr(ours, own.wait, told.retry_after)
        if own.refuses:
            setattr(ours, own.refuses, {own.refused(self.shop, self.keys[each]) for each in told.reject_ids})
        if own.eats:
            setattr(ours, own.eats, {own.eaten(self.shop, self.keys[each]) for each in told.eat_writes})
        self.shop.faults, self._faults = ours, told
        self.says_yes()


class Heard:
    """The channel of a marketplace: what leaves and what the shop says, told to the watch."""

    def __init__(self, inner: Channel, shop: Marketplace, world: World) -> None:
        self._inner, self._shop, self._world = inner, shop, world
        self.name, self.can = inner.name, inner.can

    async def account(self) -> Account:
        return await self._inner.account()

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        read = await self._inner.listings(only, since, lane)
        now = self._shop.clock()
        for sku, listing, cell, quantity in read.frame.select("sku", "listing", "cell", "quantity").iter_rows():
            product = self._shop.products[cell] = self._shop.products[listing] = self._shop.skus[sku]
            if quantity is not None:
                self._world.watch.hears(self.name, product, quantity)
                self._shop.lags.read(cell, quantity, now)
        return read

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        read = await self._inner.orders(since, also, lane)
        self._shop.lags.looked_at_orders(self._shop.versions, self._shop.clock())
        return read

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        self._leaves(changes)
        results = await self._inner.push(changes, lane)
        self._answered(changes, results)
        return results

    def __getattr__(self, name: str) -> Any:
        """What only some channels have."""
        if name != "hand_in":
            raise AttributeError(name)
        inner = self._inner.hand_in  # type: ignore[attr-defined]

        async def hand_in(changes: pl.DataFrame, lane: Lane) -> Handed:
            self._leaves(changes)
            results, later = await inner(changes, lane)
            self._answered(changes, results)
            return results, later and partial(self._heard, changes, later)

        return hand_in

    async def _heard(self, changes: pl.DataFrame, later: Later) -> pl.DataFrame:
        more = await later()
        self._answered(changes, more)
        return more

    def _leaves(self, changes: pl.DataFrame) -> None:
        for cell, quantity in changes.select("cell", "quantity").iter_rows():
            self._world.watch.sets(self.name, self._shop.products[cell], quantity, cell)
        self._shop.slows()

    def _answered(self, changes: pl.DataFrame, results: pl.DataFrame) -> None:
        wanted = dict(changes.select("cell", "quantity").iter_rows())
        for cell, outcome, after in results.select("cell", "outcome", "quantity_after").iter_rows():
            self._shop.lags.answered(cell, wanted[cell], outcome, after, self._shop.clock())
            stands = wanted[cell] if after is None and self.can.applies == "at once" else after
            if outcome in ("accepted", "clamped") and stands is not None:
                self._world.watch.hears(self.name, self._shop.products[cell], stands)

    async def close(self) -> None:
        await self._inner.close()


def silent(*_: httpx.Request | httpx.Response) -> None:
    """What crosses the line is told by `Heard`."""
