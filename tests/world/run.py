"""One seed: a world is made, a storm blows, it grows calm, and everything must be right (reliability.md, 4.6)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from agent import cycle, loop
from agent.channels.amazon import push as amazon
from agent.channels.woocommerce import reader
from agent.deciding.decide import Decision, decide
from agent.state import Agent
from tests.inline import inline
from tests.world import people
from tests.world.computer import Killed, full
from tests.world.deeds import Deeds
from tests.world.judge import Judge
from tests.world.keeper import Keeper
from tests.world.kinds import SMALL_PAGE, Kinds
from tests.world.lags import campaigns
from tests.world.marketplaces import Marketplace
from tests.world.measure import Measure
from tests.world.person import Person
from tests.world.sheet_book import SheetBook
from tests.world.sheet_people import Colleague, SheetPerson, sheet_trouble, usual
from tests.world.stage import SHOPS, Size
from tests.world.timeline import VirtualLoop
from tests.world.watch import Watch

SINGLY = 3
"""More quantities than so many go in a feed in an Amazon of this size."""
DESKS = 0.4
"""Share of the worlds whose seller works on orders in the shops' own admin; the others are as they were without it."""


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
    waits: list[int] = field(default_factory=list)
    """Cycles that each raise waited of which nothing stood in the way."""
    asked: int = 0
    false_holds: int = 0
    kinds: tuple[str, ...] = ()
    """What this world had that others have not."""
    lags: dict[str, int] = field(default_factory=dict)
    """What its platform was late with, and how often."""


class World(Deeds):
    """Everything outside the agent, and the agent in it: from the first plan to the calm."""

    def __init__(
        self, seed: int, virtual: VirtualLoop, size: Size, crash_at: int | None = None,
        only: tuple[str, ...] | None = None, *, google: bool = False, platform: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(seed, virtual, size, crash_at, google=google, platform=platform)
        self.watch = Watch(self)
        person = SheetPerson if google else Person
        self.person = person(self, self.chance("person"), self.chance("stops"))
        self.keeper = Keeper(self, self.chance("rows"))
        self.kinds = Kinds(self, self.chance("kinds"), only)
        self.judge = Judge(self)
        self.measure = Measure(self)

    async def live(self) -> None:
        """The storm, then the calm."""
        self.boot()
        if isinstance(self.book, SheetBook):
            colleague = Colleague(self, self.book, self.chance("colleague"))
            self.book.between = colleague.between
            self.book.google.faults = usual(self.chance("drive"))
        await self._first_plan()
        if self._crash_at is not None:
            self.crash_after = self.points + self._crash_at
        await self._storm()
        await self._calm()

    async def _first_plan(self) -> None:
        """The person approves the first plans, and links the import."""
        for _ in range(40 if self.google else 12):  # what Google's workbook asks stands there within a minute
            await asyncio.sleep(self.poll / 2)
            await self.person.attend()
            live = self.disk.rows("SELECT SUM(live) FROM channel")
            if live and live[0][0] == len(SHOPS):
                return
        self.broken("start", "the first plans did not go live")

    async def _storm(self) -> None:
        size, long = self.size, self.size.rounds * self.poll
        chance = self.chance("desk")
        seller = chance.random() < DESKS and size.edits > 0
        await asyncio.gather(
            people.buyers(self, self.chance("buyers"), size.orders, long / size.orders),
            people.changes_of_mind(self, self.chance("minds"), size.minds, long / max(1, size.minds)),
            people.packer(self, self.chance("packer"), size.packings, long / max(1, size.packings)),
            people.trouble(self, self.chance("trouble"), size.episodes, long / (3 * max(1, size.episodes)), self.poll),
            people.crashes(self, self.chance("crashes"), size.crashes, long / (2 * max(1, size.crashes))),
            self.person.work(size.actions, long / (2 * max(1, size.actions))),
            *([people.desk(self, chance, size.edits, long / (2 * max(1, size.edits)))] if seller else []),
            self.keeper.work(size.actions, long / (2 * max(1, size.actions))),
            self.kinds.work(long),
            *self._google_in_trouble(long),
            *self._campaigns(long),
        )

    def _campaigns(self, long: float) -> Iterator[Coroutine[Any, Any, None]]:
        for shop in self.shops.values():
            if isinstance(shop, Marketplace) and shop.manners.locks is not None:
                yield campaigns(self, shop, self.chance("campaigns"), long)

    def _google_in_trouble(self, long: float) -> Iterator[Coroutine[Any, Any, None]]:
        if isinstance(self.book, SheetBook):
            yield sheet_trouble(self, self.book, self.chance("sheet"), self.size.episodes + 1, long / 4)

    async def _calm(self) -> None:
        """Faults end, nobody buys or packs: everything must come right."""
        self.calm = True
        self.crash_after = None
        self.tell("--- calm")
        for name, shop in self.shops.items():
            shop.faults = self.usual_faults(name)
            if isinstance(shop, Marketplace):
                shop.ends_campaigns()
        self.disk.full = False
        self.book.close_by_person()
        self.person.lets_everything_go()
        self._revive()
        await asyncio.sleep(self.latest_lateness + self.kinds.slowest + 2 * self.poll)
        problems = ["never looked"]
        ends = self.loop.time() + 7200 + 15 * self.poll + 5 * self.kinds.slowest
        rounds = 0
        while problems and self.loop.time() < ends:
            await self.person.attend()
            if rounds % 3 == 2:
                self.person.recount()
            await asyncio.sleep(self.poll)
            rounds += 1
            problems = self.judge.problems() if rounds > 3 else problems
        for problem in problems:
            self.broken("calm", problem)
        if not problems:
            await self._still()

    async def _still(self) -> None:
        """Two more cycles send nothing."""
        pushes = self.watch.pushes
        cycles = self.cycles
        for _ in range(12):
            if self.cycles < cycles + 3:
                await asyncio.sleep(self.poll)
        if self.watch.pushes != pushes:
            self.broken("I4", f"{self.watch.pushes - pushes} pushes although nothing has changed")


class _Faults(logging.Handler):
    """A cycle that failed is logged and retried by the agent; here it is a violation."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and not isinstance(record.exc_info[1], Killed) and not full(record.exc_info[1]):
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
    page, singly = reader.PAGE, amazon.SINGLY
    amazon.SINGLY = SINGLY
    if world.kinds.has("shifting pages"):
        reader.PAGE = SMALL_PAGE
    loop.LONGEST = max(60.0, world.poll)
    try:
        yield
    finally:
        setattr(cycle, "decide", kept)  # noqa: B010
        loop.LONGEST = longest
        reader.PAGE, amazon.SINGLY = page, singly
        log.removeHandler(handler)
        log.propagate = propagate


@inline
def simulate(
    seed: int, size: Size | None = None, *, crash_at: int | None = None, prepare: Callable[[World], None] | None = None,
    only: tuple[str, ...] | None = None, to_the_end: bool = True, google: bool = False,
    platform: str | None = None,
) -> Outcome:  # fmt: skip
    """Run one seed. The same seed gives the same trace.

    `google`: the workbook is a Google Sheet. `platform`: the northern shop is of this one. `only`: what of `kinds` this
    world has, instead of what it draws.
    `crash_at`: crash at the so many-th point after the shops went live. `prepare`: what a test changes in the world.
    `to_the_end`: False ends it with the first violation.
    """
    virtual = VirtualLoop()
    asyncio.set_event_loop(virtual)
    world = World(seed, virtual, size or Size(), crash_at, only, google=google, platform=platform)
    virtual.set_exception_handler(lambda _, context: _unhandled(world, context))
    if prepare:
        prepare(world)
    with _watched(world):
        try:
            virtual.run_until_complete(world.live() if to_the_end else _until_broken(world))
        except Exception as error:  # the world itself stumbled
            world.broken("world", repr(error))
            raise
        finally:
            world.life.end()
            virtual.end()
    return Outcome(
        seed, world.violations, world.trace, virtual.steps, world.cycles, world.sold, world.by_lag, world.by_agent,
        virtual.time(), world.points, len(world.person.unsure), world.point_names, world.measure.waits,
        world.measure.asked(), world.measure.false_holds(), tuple(world.kinds.names),
        {name: times for shop in world.shops.values() if isinstance(shop, Marketplace)
         for name, times in shop.lags.met.items()},
    )  # fmt: skip


async def _until_broken(world: World) -> None:
    """The storm and the calm, or as much of them as passes before something is broken."""
    living = asyncio.ensure_future(world.live())
    broken = asyncio.ensure_future(world.is_broken.wait())
    await asyncio.wait({living, broken}, return_when=asyncio.FIRST_COMPLETED)
    if living.done():
        living.result()


def _unhandled(world: World, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if not isinstance(error, Killed | asyncio.CancelledError) and not full(error):
        world.broken("unhandled", f"{context.get('message')}: {error!r}")
