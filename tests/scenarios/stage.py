"""A small stage: two practice shops, a workbook with a person at it, the real agent, and time that never really passes.

A scene is a story in the language of the domain (`types`, `buys`, `ships`, `answers`) and asserts what a person sees
afterwards: the rows of Listings and Attention, and what the shops really show. `scene` names the codes it tells of;
`tests/scenarios/test_every_code_has_a_scenario.py` looks after that list.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import polars as pl

from agent import cycle as agent_cycle
from agent.act import recover
from agent.asking import undo
from agent.channels.http import Ports
from agent.channels.woocommerce import connect
from agent.core import feed
from agent.deciding import drift
from agent.deciding.decide import Decision
from agent.looking import leaving, look
from agent.looking.seams import FeedOut, FeedRead
from agent.practice.woocommerce import Shop, transport
from agent.state import Agent
from agent.store import Store
from agent.telling import answers, attention, control, listed, tell
from agent.workbooks.memory import MemoryWorkbook, Typed
from tests.inline import inline
from tests.world.timeline import VirtualClock, VirtualLoop

SHOPS = ("north", "south")
POLL = 10.0
COLUMNS = {
    "stocked": "Stocked", "title": "Title", "barcode": "Barcode", "track": "Track stock", "active": "Active",
    "made_of": "Made of", "other": "Other SKUs", "feed": "Feed", "tags": "Tags",
}  # fmt: skip
SCENES: dict[str, list[str]] = {}
"""Code -> the scenes that tell of it."""
Entry = str | int | float | bool | None | Typed | date | time


@dataclass(frozen=True)
class Listing:
    """A row of Listings, as a person sees it."""

    status: str
    target: int | None
    why: str | None
    shows: int | None


@dataclass(frozen=True)
class Attention:
    """A row of Attention, as a person sees it."""

    id: str
    bad: str
    what: str
    todo: str
    where: str | None
    answers: str | None


@dataclass(frozen=True)
class Import:
    """A row of Imports, as a person sees it."""

    sku: str | None
    why: str
    looks_like: str | None
    score: int | None


@dataclass
class MemoryFeed:
    """A supplier's list in memory (agent.looking.seams.Feed)."""

    name: str
    rows: list[tuple[str, str]] = field(default_factory=list)
    at: datetime | None = None
    out: FeedOut | None = None
    max_age: timedelta = timedelta(hours=26)
    every: timedelta = timedelta()

    async def read(self, token: str | None) -> FeedRead | None:
        if self.out is not None:
            raise self.out
        assert self.at is not None
        mark = f"{self.at.isoformat()} {hash(tuple(self.rows))}"
        if mark == token:
            return None
        rows = feed.figures([code for code, _ in self.rows], [found for _, found in self.rows])
        return FeedRead(self.at, rows, mark, rows["figure"].null_count())


class Ending:
    """A channel whose access ends by itself, as on marketplaces: the practice shop's own keys never do."""

    def __init__(self, inner: Any, stage: Stage) -> None:
        self._inner, self._stage = inner, stage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def account(self) -> Any:
        return replace(await self._inner.account(), access_ends=self._stage.ends[self._inner.name])


class Stage:
    """Everything that a story needs. Time begins on Monday, 23 November 2026, 08:00 UTC."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.clock = VirtualClock(loop)
        self.rng = Random(7)
        self.shops = {name: self._shop(name) for name in SHOPS}
        self.book = MemoryWorkbook(self.clock)
        self.disk = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.connected = list(SHOPS)
        self.keys = dict.fromkeys(SHOPS, ("ck_practice", "cs_practice"))
        """What each shop is connected with."""
        self.ends: dict[str, datetime] = {}
        """When the access to a shop ends."""
        self.feeds: dict[str, MemoryFeed] = {}
        """The suppliers' lists, by the names that config.toml gives them."""
        self._renewed: list[str] = []
        self.ids: dict[tuple[str, str], int] = {}
        self.seen: set[str] = set()
        """Every code that reached a plan or a sentence."""
        self.passed: list[pl.DataFrame] = []
        """The plans of the last cycle, one a round."""
        self._typed = False
        self.agent = self._new_agent()

    def _shop(self, name: str) -> Shop:
        return Shop(clock=self.clock.now, rng=Random(name), name=name, sleep=self.clock.sleep)

    def _new_agent(self, **places: str) -> Agent:
        channels = {name: self._channel(name, places.get(name)) for name in self.connected}
        store = Store(":memory:", self.disk)
        return Agent(self.clock, store, self.book, channels, self.rng, poll=POLL, doors=self, feeds=self.feeds)

    def _channel(self, name: str, place: str | None) -> Any:
        key, secret = self.keys[name]
        settings = {
            "url": place or f"https://{name}.example.com", "consumer_key": key, "consumer_secret": secret,
        }  # fmt: skip
        made = connect(name, settings, Ports(self.clock, self.rng, transport(self.shops[name])))
        return Ending(made, self) if name in self.ends else made

    def renewed(self) -> Mapping[str, Any]:
        """The shops that the person connected again while the agent runs (agent.looking.seams.Doors)."""
        names, self._renewed = self._renewed, []
        return {name: self._channel(name, None) for name in names}

    # --- the shops

    def opens(self, name: str) -> None:
        """One shop more, connected at once."""
        self.shops[name] = self._shop(name)
        self.keys[name] = ("ck_practice", "cs_practice")
        self.agent.channels[name] = self._channel(name, None)  # type: ignore[index]

    def sells(self, sku: str, name: str | None = None, **quantities: int | None) -> None:
        """A simple product in these shops: `stage.sells("A", north=5, south=5)`. None: not counted there."""
        for shop, quantity in quantities.items():
            self.ids[shop, name or sku] = self.shops[shop].add_simple(sku, f"Item {name or sku}", quantity)

    def supplies(self, feed: str, **figures: str) -> None:
        """The supplier's list says now: `stage.supplies("acme", A="12")`."""
        made = self.feeds.setdefault(feed, MemoryFeed(feed))
        made.rows, made.at, made.out = list(figures.items()), self.clock.now(), None

    def buys(self, shop: str, sku: str, units: int, status: str = "processing") -> int:
        """A buyer's order; its number."""
        order = self.shops[shop].sell(self.ids[shop, sku], units, status)
        assert order is not None, "the shop shows too few"
        return order

    def ships(self, shop: str, order: int) -> None:
        """The packer marks the order as completed."""
        self.shops[shop].set_status(order, "completed")

    def cancels(self, shop: str, order: int) -> None:
        """The order is cancelled."""
        self.shops[shop].set_status(order, "cancelled")

    def sells_by_hand(self, shop: str, sku: str, units: int) -> None:
        """Somebody changes the quantity in the shop's own admin."""
        product = self.ids[shop, sku]
        self.shops[shop].type_quantity(product, (self.shops[shop].quantity(product) or 0) - units)

    def shows(self, shop: str, sku: str) -> int | None:
        """What a buyer really sees there now."""
        return self.shops[shop].quantity(self.ids[shop, sku])

    def revokes_key(self, shop: str) -> None:
        """The owner deletes the key that Stocksheet uses, in the shop's admin."""
        self.shops[shop].keys.clear()

    # --- the person

    def connects_again(
        self, shop: str, key: str = "ck_renewed", secret: str = "cs_renewed", *, right: bool = True
    ) -> None:
        """`stocksheet connect` with a new key while the agent runs. `right`: the shop knows it."""
        if right:
            self.shops[shop].add_key(key, secret)
        self.keys[shop] = (key, secret)
        self._renewed.append(shop)

    def types(self, sku: str, **cells: Entry) -> None:
        """Type into the row of an item (a new row where there is none): `stage.types("A", stocked=20)`."""
        named = {COLUMNS[name]: entry for name, entry in cells.items()}
        try:
            for column, entry in named.items():
                self.book.type_cell("Item Master", sku, column, entry)
        except KeyError:
            self.book.add_row("Item Master", {"SKU": sku, "Title": f"Item {sku}", **named})
        self._typed = True

    def adds(self, tab: str, **cells: Entry) -> None:
        """A new row in a person's tab; column names with _ for the space."""
        self.book.add_row(tab, {name.replace("_", " "): entry for name, entry in cells.items()})
        self._typed = True

    def sets(self, tab: str, key: str, column: str, entry: Entry) -> None:
        """Type into one cell of any tab."""
        self.book.type_cell(tab, key, column, entry)
        self._typed = True

    def deletes(self, sku: str | int) -> None:
        """Delete an item's row (by its number in the sheet where it is there twice)."""
        self.book.delete_row("Item Master", sku)
        self._typed = True

    def switches(self, control: str, value: Entry) -> None:
        """Set a switch of Control."""
        self.sets("Control", control, "Value", value)

    def decides(self, tab: str, shop: str, sku: str, word: str) -> None:
        """Type into the person's column of Imports or Listings."""
        column = {"Imports": "Link to SKU", "Listings": "Change"}[tab]
        self.book.type_cell(tab, (shop, str(self.ids[shop, sku])), column, word)
        self._typed = True

    def answers(self, word: str, about: str = "") -> None:
        """Answer the open question whose text has these words."""
        asked = [row for row in self.questions() if about in row.what]
        assert len(asked) == 1, [row.what for row in self.questions()]
        self.sets("Attention", asked[0].id, "Answer", word)

    def saves(self) -> None:
        """Save what was typed."""
        if self._typed:
            self.book.save()
        self._typed = False

    def renames_tab(self, tab: str, name: str) -> None:
        """The person gives a tab another name, under which it is not found any more."""
        sheets = dict(self.book.saved.sheets)
        sheets[name] = replace(sheets.pop(tab), name=name)
        self.book.restore(replace(self.book.saved, sheets=sheets))

    # --- the agent

    async def waits(self, seconds: float) -> None:
        """Time passes, and the agent does not look."""
        await asyncio.sleep(seconds)

    async def cycle(self, *, push: bool = True) -> Decision:
        """Save what was typed; ten seconds later the agent looks, decides and acts once."""
        self.saves()
        await asyncio.sleep(POLL)
        self.passed = []
        with self._watched():
            return await agent_cycle.cycle(self.agent, push=push)

    async def cycles(self, seconds: float, every: float = 60.0) -> None:
        """The agent goes on looking for this long."""
        ends = self.loop.time() + seconds
        while self.loop.time() < ends:
            await asyncio.sleep(every - POLL)
            await self.cycle()

    async def goes_live(self) -> None:
        """The first look, the person's yes to every first plan, and the first pushes."""
        await self.cycle()
        for row in self.questions():
            assert "first plan" in row.what
            self.sets("Attention", row.id, "Answer", "yes")
        await self.cycle()

    async def restarts(self, **places: str) -> None:
        """The program ends and starts again; the store and the workbook stay. `places`: another address of a shop."""
        for task in list(self.agent.pushing):
            task.cancel()  # what has left the computer goes on in the shop
        await asyncio.sleep(0)
        self.agent = self._new_agent(**places)
        recover(self.agent)

    async def leaves(self, shop: str) -> None:
        """The person ends the program, leaves a shop for good, and starts it again."""
        await self.restarts()
        leaving.forget(self.agent.store, shop, self.clock.now())
        self.connected.remove(shop)
        await self.restarts()

    async def joins(self, shop: str) -> None:
        """The person connects a shop and starts the program again."""
        self.connected.append(shop)
        await self.restarts()

    def loses_its_store(self) -> None:
        """The data folder is lost; the workbook stays."""
        self.disk = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.agent = self._new_agent()

    # --- what a person sees

    def listing(self, shop: str, sku: str) -> Listing:
        """The row of Listings."""
        wanted = (pl.col("Channel") == shop) & (pl.col("Listing") == str(self.ids[shop, sku]))
        row = self.book.results("Listings").filter(wanted).row(0, named=True)
        return Listing(row["Status"], row["Target"], row["Why"], row["Shows now"])

    def imported(self, shop: str, sku: str) -> Import | None:
        """The row of Imports, if the listing stands there."""
        wanted = (pl.col("Channel") == shop) & (pl.col("Listing") == str(self.ids[shop, sku]))
        rows = self.book.results("Imports").filter(wanted).rows(named=True)
        return Import(*(rows[0][c] for c in ("SKU there", "Why not linked", "Looks like", "Score"))) if rows else None

    def attention(self) -> list[Attention]:
        """The rows of Attention."""
        columns = ["Id", "How bad", "What", "What to do", "Where", "Answers"]
        return [Attention(*row) for row in self.book.results("Attention").select(columns).iter_rows()]

    def questions(self) -> list[Attention]:
        """Those that take an answer."""
        return [row for row in self.attention() if row.answers]

    def row_about(self, words: str) -> Attention:
        """The one row of Attention that says these words."""
        found = [row for row in self.attention() if words in row.what]
        assert len(found) == 1, [row.what for row in self.attention()]
        return found[0]

    def came_of(self, about: str) -> str | None:
        """What Control Status says of a row of Control (`Freeze 5 A`)."""
        rows = self.book.results("Control Status").filter(pl.col("About") == about)
        return rows["What came of it"].item() if rows.height else None

    def asks(self, question: str) -> None:
        """Type a question into Control."""
        self.adds("Control", Control="Ask", Value=question)

    def clears(self, row: int) -> None:
        """Clear a row of Control (its number in the sheet)."""
        for column in ("Control", "Value", "SKU", "Channel", "Until", "Note"):
            self.sets("Control", row, column, None)  # type: ignore[arg-type]

    def status(self, shop: str) -> Mapping[str, Any]:
        """The row of Channel Status."""
        return self.book.results("Channel Status").filter(pl.col("Channel") == shop).row(0, named=True)

    def log(self, shop: str) -> list[tuple[int, int, str]]:
        """From, To and Result of the Sync Log, newest first."""
        rows = self.book.results("Sync Log").filter(pl.col("Channel") == shop)
        return list(rows.select("From", "To", "Result").iter_rows())

    def levels(self, sku: str) -> tuple[int | None, int | None, int | None, int | None]:
        """Stocked, Allocated, Available, Missing of Stock Levels."""
        rows = self.book.results("Stock Levels").filter(pl.col("SKU") == sku)
        return rows.select("Stocked", "Allocated", "Available", "Missing").row(0)  # type: ignore[return-value]

    def levels_beside(self, sku: str) -> int | None:
        """Stocked by the sidecar, while the workbook is open."""
        rows = self.book.sidecar["Stock Levels"].frame.filter(pl.col("SKU") == sku)
        units: int | None = rows["Stocked"].item()
        return units

    def stocked(self, sku: str) -> Entry:
        """What stands in the person's own cell."""
        return self.book.cell("Item Master", sku, "Stocked")

    def stocked_known(self) -> int | None:
        """OnHand of the only item, by the ledger."""
        on_hand: int | None = self.agent.store.table("level")["on_hand"].item()
        return on_hand

    def steps(self, shop: str, sku: str) -> list[str]:
        """The reasons that the rounds of the last cycle gave for this listing's stock cell, without repeats."""
        mine = (pl.col("channel") == shop) & (pl.col("listing") == str(self.ids[shop, sku]))
        reasons = [plan.filter(mine)["reason"].item() for plan in self.passed]
        return [reason for n, reason in enumerate(reasons) if n == 0 or reasons[n - 1] != reason]

    def at(self, moment: datetime) -> str:
        """A moment as sentences tell it: in this computer's time zone."""
        return f"{moment.astimezone():%a %H:%M}"

    @contextmanager
    def _watched(self) -> Iterator[None]:
        decide, say = agent_cycle.decide, tell.say

        def decided(agent: Agent) -> Decision:
            decision = decide(agent)
            self.passed.append(decision.plan)
            self.seen |= set(decision.plan["reason"].drop_nulls())
            self.seen |= set(decision.targets["parked"].drop_nulls())
            return decision

        def said(code: str, facts: Mapping[str, object] | None = None) -> Any:
            self.seen.add(code)
            return say(code, facts)

        rooms = (tell, attention, look, listed, control, answers, drift, undo)
        agent_cycle.decide = decided
        for room in rooms:
            room.say = said  # type: ignore[attr-defined]
        try:
            yield
        finally:
            agent_cycle.decide = decide
            for room in rooms:
                room.say = say  # type: ignore[attr-defined]


def tells(test: Callable[..., None], codes: Iterable[str]) -> None:
    """A parametrised scene that tells of one of these codes at a time (and asserts itself that it came up)."""
    for code in codes:
        SCENES.setdefault(code, []).append(test.__name__)


Story = Callable[..., Awaitable[None]]


@inline
def perform(story: Callable[[Any], Awaitable[None]], make: Callable[[VirtualLoop], Stage] | None = None) -> Stage:
    """Play a story in virtual time. Gives the stage, as it stands afterwards. `make`: another kind of stage."""
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    try:
        stage = (make or Stage)(loop)
        loop.run_until_complete(story(stage))  # type: ignore[arg-type]
        return stage
    finally:
        loop.end()


def scene(*codes: str, on: Callable[[VirtualLoop], Stage] | None = None) -> Callable[[Story], Callable[..., None]]:
    """Make a test of a story. `codes`: what it tells of; each must really have come up. `on`: another kind of stage."""

    def make(story: Story) -> Callable[..., None]:
        for code in codes:
            SCENES.setdefault(code, []).append(story.__name__)

        @functools.wraps(story)
        def test(**values: Any) -> None:
            stage = perform(lambda stage: story(stage, **values), on)
            assert set(codes) <= stage.seen, set(codes) - stage.seen

        signature = inspect.signature(story)
        test.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])  # type: ignore[attr-defined]
        return test

    return make
