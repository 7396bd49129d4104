"""Any other shop, by its own export and import files, in the order of agent.channels.base: CAN, SETTINGS, connect, and
the channel's verbs.

The parts: `access` (the settings), `place` (the folder), `columns` and `cells` (what stands in a file), `export` and
`reader` (the newest whole one), `listings`, `orders`, `push`, `imports` and `sent` (files that wait), `standing`. A
person carries the files, or a program that keeps two folders alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import polars as pl

from agent.channels.answers import Ports
from agent.channels.base import (
    Account,
    Can,
    ChannelOut,
    Finding,
    Lane,
    ListingsRead,
    OrdersRead,
    Standing,
    Unclear,
)
from agent.channels.files import columns, orders
from agent.channels.files.access import EVERY, SETTINGS, SLACK, Asked, asked
from agent.channels.files.columns import PRODUCTS
from agent.channels.files.export import Reader, meaning_of
from agent.channels.files.place import FROM, ORDERS, Place
from agent.channels.files.push import Pusher
from agent.channels.files.reader import Products
from agent.channels.files.standing import notes
from agent.frames import ORDER_LINES, empty
from agent.words import in_words

__all__ = ["CAN", "SETTINGS", "Files", "connect"]

FRESH = timedelta(hours=1)
"""Where orders cannot be read, a raise rests on an export that is no older: what was sold since would be lost."""
T = TypeVar("T")

CAN = Can(
    title="Files",
    write="set",
    batch=1_000_000,
    read="yes",
    changed=True,
    applies="later",
    apply_limit=EVERY * 3600,
    orders="yes",
    decrements="order",
    restocks_cancel=False,
    shared_quantity=False,
    locations=False,
    lag=EVERY * 3600 * SLACK,
    max_quantity=None,
    requests_per_second=1000.0,
    burst=1000,
    poll=15.0,
    notes={
        "write": "No compare-and-set: export right before you import, so that no sale in between is overwritten.",
        "batch": "One file a push, with only the quantities that changed; one that still lies there is taken into it.",
        "read": "By the newest whole export; how old it is stands in Attention.",
        "applies": "Somebody, or a program, must carry the file; the next export shows whether it was.",
        "orders": "Where the shop can export them; where it cannot, a share of each item is kept for this shop.",
        "decrements": "Supposed: nearly all shops that count take units off at the order.",
        "restocks_cancel": "Not known of a shop that is read by its files; units are pushed back.",
        "lag": "As often as the shop exports: a day, unless the settings say otherwise.",
    },
)


def connect(name: str, settings: Mapping[str, str], ports: Ports) -> Files:
    """The channel of this name. Raises ChannelOut where a setting is missing or cannot be right."""
    given = asked(name, settings)
    can = replace(
        CAN,
        orders="yes" if given.orders else "no",
        lag=given.hours * 3600 * SLACK,
        apply_limit=max(given.hours, 1.0) * 3600,
    )
    return Files(name, given, can, ports)


class Files:
    """One shop, by its folder."""

    def __init__(self, name: str, given: Asked, can: Can, ports: Ports) -> None:
        self.name, self.can = name, can
        self.threads = True
        """Files are read beside the others' work; False where time is not real."""
        self._clock = ports.clock
        self._place = Place(name, given.folder, ports.rng)
        self._listed = Reader(name, self._place, PRODUCTS, FROM, given.encoding)
        self._ordered = Reader(name, self._place, columns.ORDERS, ORDERS, given.encoding)
        self._products = Products(name, self._place, self._listed, timedelta(seconds=can.apply_limit))
        self._book = orders.Book(name)
        self._pusher = Pusher(name, self._place, self._products, given.also)
        self._told: pl.DataFrame | None = None
        self._notes: list[Standing] = []
        self._lock = asyncio.Lock()

    async def _work(self, work: Callable[[], T]) -> T:
        """A disk may be slow, and one in the network slower: the other shops do not wait for it."""
        async with self._lock:
            return await asyncio.to_thread(work) if self.threads else work()

    async def account(self) -> Account:
        """Whose folder it is; makes it ours the first time. What lacks yet is said in `beyond`."""
        return await self._work(self._account)

    def _account(self) -> Account:
        kept = self._place.kept()
        count, currency, beyond = None, "", in_words("files.how", folder=self._place.path)
        try:
            _, made, kept = self._products.newest(kept, self._clock.now())
            count, currency = made.frame.height, str(made.frame["currency"].drop_nulls().first() or "")
        except ChannelOut as out:
            beyond = f"{out.what} {out.fix}"
        return Account(kept.id, str(self._place.path), "", currency, count, beyond=beyond)

    async def preflight(self) -> Sequence[Finding]:
        """Which files are used, and what their columns were taken for. Raises ChannelOut."""
        return await self._work(self._preflight)

    def _preflight(self) -> Sequence[Finding]:
        kept, now = self._place.kept(), self._clock.now()
        found = []
        for reader in (self._listed, *([self._ordered] if self.can.orders == "yes" else [])):
            export, kept = reader.newest(kept, now)
            what = {m: export.columns.header[at] for m, at in export.columns.places.items()}
            said = ", ".join(f"{meaning.replace('_', ' ')} = {header}" for meaning, header in what.items())
            facts = {"name": self.name, "file": export.found.path.name, "count": len(export.body), "columns": said}
            found.append(Finding("ok", in_words("files.columns_found", **facts)))
        if self.can.orders == "no":
            found.append(Finding("note", in_words("files.share_note", name=self.name)))
        return found

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        """The newest whole export (agent.channels.base). Raises ChannelOut."""
        return await self._work(lambda: self._listings(only, since))

    def _listings(self, only: Sequence[str] | None, since: datetime | None) -> ListingsRead:
        now = self._clock.now()
        shown = self._products.shown(now)
        self._notes = notes(self.name, self._place, shown, self._listed.passed, lag=self.can.lag, now=now)
        frame, at = shown.frame, shown.export.at
        if only is not None:
            frame = frame.filter(pl.col("listing").is_in(list(only)))
        elif since is not None and self._told is not None:
            frame = frame.join(self._told, on=frame.columns, how="anti", nulls_equal=True)
        self._told = shown.frame if only is None else self._told
        return ListingsRead(
            frame=frame,
            began=at,
            ended=at,
            complete=only is None and since is None and frame.height > 0,
            issues=shown.issues,
            as_of=at,
            fresh=self.can.orders == "yes" or now - at <= FRESH,
        )

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        """The exports of orders (agent.channels.base); none where the shop has no such export. Raises ChannelOut."""
        return await self._work(lambda: self._read_orders(since, also))

    def _read_orders(self, since: datetime | None, also: Sequence[str]) -> OrdersRead:
        kept, now = self._place.kept(), self._clock.now()
        if self.can.orders == "no":
            return OrdersRead(frame=empty(ORDER_LINES), began=now)
        _, listed, kept = self._products.newest(kept, now)
        exports, _ = self._ordered.every(kept, now, orders.FILES)
        self._book.take(exports, listed.frame)
        frame, gone = self._book.changed(since, also)
        at = exports[-1].at
        return OrdersRead(frame=frame, began=at, gone=gone, issues=tuple(self._book.issues), as_of=at)

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """Write one import file. Never raises ChannelOut."""
        return await self._work(lambda: self._pusher.push(changes, self._clock.now()))

    def standing(self) -> Sequence[Standing]:
        """What a person should know now: an export that is late, a file that waits to be carried."""
        return self._notes

    def unclear(self) -> Sequence[Unclear]:
        """Columns that a person must name before anything can be read."""
        return [
            Unclear(f"{each.kind}/{each.meaning}", meaning_of(each), each.headers)
            for reader in (self._listed, self._ordered)
            for each in reader.unclear[:1]
        ]

    async def clear(self, key: str, choice: int | None) -> None:
        """The person's word: the so many-th of the offered columns, from 0; None: none of them. Raises ChannelOut."""
        kind, _, meaning = key.partition("/")
        reader = self._listed if kind == PRODUCTS.name else self._ordered
        await self._work(lambda: reader.clear(meaning, choice))

    async def close(self) -> None:
        """Nothing is held."""
