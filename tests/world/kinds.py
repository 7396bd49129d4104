"""What only some worlds have: a platform of another manner, and rare things that befall a shop or a computer.

Each world draws a few from a chance of its own, so that worlds which draw none go on as they always did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import polars as pl

from agent.practice.woocommerce import Faults
from tests.world.books import OPEN
from tests.world.marketplaces import Marketplace
from tests.world.platforms import Manner, manners

if TYPE_CHECKING:
    from tests.world.run import World

MASTER = "Item Master"
MANNERS = 0.35
"""Share of the worlds whose southern shop is a platform of another manner."""
EVENTS = 0.5
"""Share of the worlds in which something rare happens."""
HOT = "CUP-2"
"""What everybody wants in the world of a far platform: an item without a rule, sold in both shops."""
SMALL_PAGE = 4
DAY = 86400.0


class Kinds:
    """What this world has drawn, and what its odd platform still has to apply."""

    def __init__(self, world: World, rng: Random, only: tuple[str, ...] | None = None) -> None:
        self.world, self.rng = world, rng
        manner = rng.choice(manners(world.poll)) if rng.random() < MANNERS else None
        drawn = rng.sample(sorted(HAPPENINGS), k=rng.choice((1, 1, 2))) if rng.random() < EVENTS else []
        if only is not None:
            manner = next((each for each in manners(world.poll) if each.name in only), None)
            drawn = [name for name in HAPPENINGS if name in only]
        self.manner: Manner | None = manner
        self.drawn = drawn
        self.waiting: list[tuple[float, str, int, int]] = []
        """(when, channel, product, quantity) that a late platform has accepted and not applied."""
        self.forgotten: set[tuple[str, int]] = set()
        """(channel, product) of which the last value was accepted and will never take effect."""
        self.sleeps = 0
        self.aheads: list[tuple[float, float]] = [(0.0, world.pc.ahead)]
        """(from when on, how far ahead the computer's clock was)."""
        self.extras: list[tuple[str, int]] = []
        """(channel, product) that nobody ever linked."""
        if self.has("clock jumps"):  # what is typed with a time of day would mean something else
            world.person.stops_things = False
            world.keeper.here = False
        if manner:
            self.usual_for("south", manner)
            world.tell(f"the south is a platform of the manner: {self.manner.name}")

    @property
    def names(self) -> list[str]:
        """Everything that was drawn."""
        return [*([self.manner.name] if self.manner else []), *self.drawn]

    def has(self, name: str) -> bool:
        return name in self.drawn

    def usual_for(self, channel: str, manner: Manner) -> None:
        """The faults that are none on this platform."""
        self.world.usual[channel] = Faults(**manner.usual)
        self.world.shops[channel].faults = Faults(**manner.usual)
        self.world.note_lateness(manner.usual.get("order_visible_after", 0.0))
        if self.unread(channel):  # what was never sent there is thought to show nothing
            for product in self.world.sold_in(channel):
                self.world.shops[channel].type_quantity(product, 0)

    @property
    def slowest(self) -> float:
        """Seconds until a value that was accepted has taken effect, at the most."""
        own = self.manner.can.get("apply_limit", 0.0) if self.manner and self.manner.apply_after else 0.0
        said = [shop.can.apply_limit for shop in self.world.shops.values() if self._later(shop)]
        return max([own, *said])

    @staticmethod
    def _later(shop: Any) -> bool:
        """A marketplace that applies what it takes in its own time."""
        return isinstance(shop, Marketplace) and shop.can.applies == "later"

    def unread(self, channel: str) -> bool:
        """Nobody can see what this shop shows."""
        return bool(self.manner and channel == "south" and self.manner.can.get("read") == "no")

    # --- a platform that applies late

    def sent_late(self, channel: str, product: int, quantity: int, manner: Manner, rng: Random) -> None:
        """Accepted: it takes effect in a while, or never."""
        assert manner.apply_after is not None
        forgotten, after = rng.random() < manner.forgets, rng.uniform(*manner.apply_after)
        self.forgotten.discard((channel, product))
        if forgotten and not self.world.calm:
            self.world.tell(f"{channel}: {self.world.name_of(channel, product)} = {quantity} is accepted and forgotten")
            self.forgotten.add((channel, product))
            return
        self.waiting.append((self.world.loop.time() + after, channel, product, quantity))
        self.world.loop.call_later(after, self.apply_due, context=self.world.context)

    def apply_due(self) -> None:
        """What is due takes effect, in the order in which it comes due."""
        now = self.world.loop.time() + 1e-6
        due = sorted(each for each in self.waiting if each[0] <= now)
        self.waiting = [each for each in self.waiting if each[0] > now]
        for _, channel, product, quantity in due:
            shop = self.world.shops[channel]
            if product not in shop.faults.eat_writes:
                shop.type_quantity(product, quantity)
                self.world.tell(f"{channel}: {self.world.name_of(channel, product)} = {quantity} takes effect")

    # --- a list that changes while it is read

    def page_was_read(self, channel: str, path: str) -> None:
        """A product comes or goes between two pages of a list."""
        if not self.has("shifting pages") or self.world.calm or not path.endswith("/products"):
            return
        shop, rng = self.world.shops[channel], self.rng
        if rng.random() > 0.2:
            return
        mine = [each for each in self.extras if each[0] == channel]
        if mine and rng.random() < 0.5:
            gone = rng.choice(mine)
            self.extras.remove(gone)
            shop.trash(gone[1])
            self.world.tell(f"{channel}: product {gone[1]} goes while pages are read")
        else:
            made = shop.add_simple("", "Something else", 1)
            self.extras.append((channel, made))
            self.world.tell(f"{channel}: product {made} comes while pages are read")

    # --- a person who saves while the agent writes

    def writing(self, mirror: pl.DataFrame) -> None:
        """The agent begins to write the workbook: somebody saves just now what it is about to mirror over."""
        world = self.world
        if not self.has("edits under a write") or world.calm or mirror.is_empty() or world.desk.locked():
            return
        if not world.book.typing and self.rng.random() < 0.4:
            going = self._hurries(world.first(self.rng.choice(mirror["sku"].to_list())))
            world.loop.create_task(going, context=world.context)

    async def _hurries(self, sku: str) -> None:
        async with self.world.desk:
            await self.world.person.receive_at_once(sku)

    # --- in the storm

    async def work(self, long: float) -> None:
        """Everything that was drawn, each once in the storm; and the buyers of the hot item."""
        doings = [HAPPENINGS[name](self.world, self.world.chance(name), long) for name in self.drawn]
        if self.manner and self.manner.name == "far":
            doings.append(everybody_wants(self.world, self.world.chance("hot"), long))
        await asyncio.gather(*doings)


# --- the shops --------------------------------------------------------------------------------------------------------


async def everybody_wants(world: World, rng: Random, long: float) -> None:
    """One item sells fast in both shops, and one of them tells of it two minutes late."""
    for _ in range(8):
        await asyncio.sleep(rng.expovariate(1 / (long / 12)))
        channel = rng.choice(sorted(world.shops))
        product = next(each.id for each in world.books.listings.values() if (each.channel, each.sku) == (channel, HOT))
        world.sell(channel, [(product, rng.choice((1, 1, 2)))], "processing")


async def rival(world: World, rng: Random, long: float) -> None:
    """Another tool writes a quantity that it remembers, over whatever stands there."""
    channel = rng.choice([name for name in sorted(world.shops) if not world.kinds.unread(name)])
    chosen = rng.sample(_plain(world, channel), k=2)
    remembers = {product: world.shops[channel].quantity(product) or 0 for product in chosen}
    for _ in range(3):
        await asyncio.sleep(rng.expovariate(1 / (long / 5)))
        if world.calm or not world.settled(channel):
            continue
        for product in chosen:
            world.shops[channel].type_quantity(product, max(0, remembers[product] + rng.choice((-1, 0, 0, 1))))
        world.changed(f"{channel}: another tool writes {[world.name_of(channel, product) for product in chosen]}")


async def second_agent(world: World, rng: Random, long: float) -> None:
    """Somebody else's Stocksheet, on a copied folder: it writes what was right a while ago, on every listing."""
    channel = rng.choice([name for name in sorted(world.shops) if not world.kinds.unread(name)])
    await asyncio.sleep(rng.expovariate(1 / (long / 3)))
    wanted = {key: units for key, units in world.books.now_expected().items() if key[0] == channel}
    await asyncio.sleep(rng.uniform(0.2, 2) * world.poll)
    if world.calm or not world.settled(channel):
        return
    for (_, product), units in wanted.items():
        if units is not None and world.shops[channel].quantity(product) != units:
            world.shops[channel].type_quantity(product, units)
    world.changed(f"{channel}: a second Stocksheet writes what was right a while ago")


async def week_without_access(world: World, rng: Random, long: float) -> None:
    """The access to one shop has ended; the computer is on for a while each day, and after a week it is renewed."""
    await asyncio.sleep(rng.uniform(0, long / 2))
    if world.calm:
        return
    channel = rng.choice(sorted(world.shops))
    world.shops[channel].faults = replace(world.usual_faults(channel), expired_key=True)
    world.tell(f"{channel}: the access ends for a week")
    for _ in range(7):
        await asyncio.sleep(1.2 * world.poll)
        await _sleep(world, rng, rng.uniform(0.8, 0.95) * DAY)
        world.shops[channel].faults = replace(world.usual_faults(channel), expired_key=True)
    await asyncio.sleep(1.2 * world.poll)
    world.shops[channel].faults = world.usual_faults(channel)
    world.tell(f"{channel}: the access is renewed")


# --- the computer -----------------------------------------------------------------------------------------------------


async def asleep_for_days(world: World, rng: Random, long: float) -> None:
    """The computer sleeps, and the shops go on."""
    await asyncio.sleep(rng.uniform(0.1, 0.8) * long)
    if not world.calm:
        await _sleep(world, rng, rng.uniform(0.3, 3) * DAY)


async def _sleep(world: World, rng: Random, seconds: float) -> None:
    """Time passes for everybody but the computer: nothing of the agent runs. Open lines are broken by then."""
    world.tell(f"--- asleep for {seconds / 3600:.0f} hours")
    world.kinds.sleeps += 1
    for _ in range(3):
        world.loop.jumped += seconds / 3
        world.kinds.apply_due()
        channel = rng.choice(sorted(world.shops))
        world.sell(channel, [(rng.choice(world.sold_in(channel)), 1)], "processing")
        _ships_one(world, rng, channel)
    world.watch.wakes()
    world.tell("--- awake")


def _ships_one(world: World, rng: Random, channel: str) -> None:
    orders = world.shops[channel].orders.values()
    waiting = [order.id for order in orders if order.status in OPEN and world.can_ship(channel, order)]
    if waiting and rng.random() < 0.5:
        world.ship(channel, rng.choice(waiting))


async def clock_jumps(world: World, rng: Random, long: float) -> None:
    """The computer's clock goes wrong, by minutes or by a day, ahead or back; and is put right again."""
    right = world.pc.ahead
    for _ in range(2):
        await asyncio.sleep(rng.uniform(0.05, 0.4) * long)
        if world.calm:
            break
        _clock(world, right + rng.choice((-1, 1)) * rng.choice((120.0, 3600.0, DAY)))
    await asyncio.sleep(rng.uniform(0.3, 2) * world.poll)
    _clock(world, right)


def _clock(world: World, ahead: float) -> None:
    if world.pc.ahead != ahead:
        world.pc.ahead = ahead
        world.kinds.aheads.append((world.loop.time(), ahead))
        world.tell(f"--- the computer's clock is {ahead:.0f} s ahead")


async def disk_full(world: World, rng: Random, long: float) -> None:
    """No room on the disk for a while: nothing can be committed, and no workbook written."""
    await asyncio.sleep(rng.uniform(0.1, 0.8) * long)
    if world.calm:
        return
    world.disk.full = True
    world.tell("--- the disk is full")
    await asyncio.sleep(rng.uniform(0.3, 2.5) * world.poll)
    world.disk.full = False
    world.tell("--- there is room on the disk again")


# --- the workbook -----------------------------------------------------------------------------------------------------


async def older_copy(world: World, rng: Random, long: float) -> None:
    """A copy from before is put in the workbook's place, and after a while the right one is put back."""
    await asyncio.sleep(rng.uniform(0.05, 0.4) * long)
    async with world.desk:
        old = world.book.saved
    await asyncio.sleep(rng.uniform(0.5, 4) * world.poll)
    async with world.desk:
        if world.calm:
            return
        newest = world.book.saved
        world.book.restore(old)
        world.tell("person: an older copy of the workbook comes back")
        await asyncio.sleep(rng.uniform(0.3, 3) * world.poll)
        world.book.restore(newest)
        world.tell("person: the right copy is back")


async def halved(world: World, rng: Random, long: float) -> None:
    """Half of the items are deleted by mistake, and come back."""
    await asyncio.sleep(rng.uniform(0.1, 0.7) * long)
    async with world.desk:
        if world.calm:
            return
        rows = world.book.sheet(MASTER).rows
        gone = rng.sample(rows, k=len(rows) // 2)
        _rows(world, tuple(row for row in rows if row not in gone))
        world.tell("person: half of the items are gone")
        await asyncio.sleep(rng.uniform(0.3, 3) * world.poll)
        _rows(world, (*world.book.sheet(MASTER).rows, *gone))
        world.tell("person: all items are there again")


def _rows(world: World, rows: tuple[Any, ...]) -> None:
    world.book.replace_sheet(MASTER, world.book.sheet(MASTER).with_rows(list(rows)))
    world.book.save()


def _plain(world: World, channel: str) -> list[int]:
    """Linked listings of one item each, with a quantity of their own."""
    return [
        product for name, product in sorted(world.books.linked)
        if name == channel and not world.books.items[(each := world.books.listings[name, product]).sku].parts
        and each.units == 1 and each.cell == each.id and world.books.items[each.sku].tracked
    ]  # fmt: skip


HAPPENINGS: dict[str, Callable[[World, Random, float], Awaitable[None]]] = {
    "rival": rival,
    "second agent": second_agent,
    "week without access": week_without_access,
    "asleep for days": asleep_for_days,
    "clock jumps": clock_jumps,
    "disk full": disk_full,
    "older copy": older_copy,
    "halved": halved,
    "edits under a write": lambda world, rng, long: asyncio.sleep(0),
    "shifting pages": lambda world, rng, long: asyncio.sleep(0),
}
"""What may befall a world, by name."""
