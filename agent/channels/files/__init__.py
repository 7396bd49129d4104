"""Any other shop, by its own export and import files, in the order of agent.channels.base.

The parts: `place` (the folder), `columns` and `cells` (what stands in a file), `export`, `listings`, `orders`,
`imports` and `sent`. A person carries the files, or a program that keeps two folders alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import polars as pl

from agent.channels.answers import Fixes, Ports
from agent.channels.base import (
    Account,
    Can,
    ChannelOut,
    Finding,
    Lane,
    ListingsRead,
    OrdersRead,
    Setting,
    Standing,
    Unclear,
)
from agent.channels.files import columns, imports, orders, sent
from agent.channels.files.columns import PRODUCTS
from agent.channels.files.export import Export, Reader, meaning_of
from agent.channels.files.listings import ROW, Catalogue, catalogue, key_of
from agent.channels.files.place import FROM, ORDERS, TO, Kept, Place, Sent
from agent.channels.http import not_connected
from agent.channels.pushing import Result, as_frame, sort_out
from agent.frames import ORDER_LINES, empty
from agent.words import in_words

__all__ = ["CAN", "SETTINGS", "Files", "connect"]

EVERY = 24.0
"""Hours between two exports, where nothing else is said."""
SLACK = 1.25
"""An export is late when it is older than so many times its rhythm."""
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

SETTINGS = (
    Setting(
        "folder",
        "Folder",
        False,
        r"A folder on this computer for the files of this shop, such as C:\Shop files. Three more are made in it.",
        tidy=lambda typed: str(Path(typed.strip()).expanduser().absolute()),
    ),
    Setting(
        "orders",
        "Does the shop export its orders, too (yes or no)",
        False,
        "yes: you put that export into the folder as well. no: a share of each item is kept for this shop alone.",
    ),
    Setting(
        "hours",
        "Hours between two exports",
        False,
        "How often there is a new export: 24 if you leave it empty. The more often, the fewer units must be kept back.",
        optional=True,
    ),
    Setting(
        "also",
        "Further columns",
        False,
        "Only if the shop's import needs more than id, SKU and quantity: their names, with commas between.",
        optional=True,
    ),
    Setting(
        "encoding",
        "Letters",
        False,
        "Only if letters such as ä or й come out wrong: how the shop writes them, such as cp1251.",
        optional=True,
    ),
)
_FIXES = Fixes(access="Run: {connect}.", address="")


def connect(name: str, settings: Mapping[str, str], ports: Ports) -> Files:
    """The channel of this name. Raises ChannelOut where a setting is missing or cannot be right."""
    given = {key: value.strip() for key, value in settings.items()}
    lacking = [each.label for each in SETTINGS if not each.optional and not given.get(each.key)]
    if lacking:
        raise not_connected(name, lacking, _FIXES)
    said = given["orders"].casefold()
    if said not in ("yes", "y", "true", "1", "no", "n", "false", "0"):
        raise ChannelOut("access", in_words("files.yes_or_no", name=name, said=said), _FIXES.renewal(name))
    try:
        hours = float(given.get("hours") or EVERY)
        if not 0.05 <= hours <= 24 * 31:
            raise ValueError
    except ValueError:
        what = in_words("files.no_hours", name=name, said=given["hours"])
        raise ChannelOut("access", what, _FIXES.renewal(name)) from None
    can = replace(
        CAN,
        orders="yes" if said[0] in "yt1" else "no",
        lag=hours * 3600 * SLACK,
        apply_limit=max(hours, 1.0) * 3600,
    )
    also = [text for text in given.get("also", "").split(",") if text.strip()]
    return Files(name, Path(given["folder"]).expanduser(), can, ports, also, given.get("encoding") or None)


class Files:
    """One shop, by its folder."""

    def __init__(  # noqa: PLR0917 - as `connect` reads them
        self, name: str, folder: Path, can: Can, ports: Ports, also: Sequence[str], encoding: str | None
    ) -> None:
        self.name, self.can = name, can
        self.threads = True
        """Files are read beside the others' work; False where time is not real."""
        self._clock, self._also = ports.clock, also
        self._place = Place(name, folder, ports.rng)
        self._products = Reader(name, self._place, PRODUCTS, FROM, encoding)
        self._orders = Reader(name, self._place, columns.ORDERS, ORDERS, encoding)
        self._book = orders.Book(name)
        self._catalogue: tuple[str, Catalogue] | None = None
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
            export, kept = self._products.newest(kept, self._clock.now())
            found = self._of(export, kept)[0].frame
            count, currency = found.height, str(found["currency"].drop_nulls().first() or "")
        except ChannelOut as out:
            beyond = f"{out.what} {out.fix}"
        return Account(kept.id, str(self._place.path), "", currency, count, beyond=beyond)

    async def preflight(self) -> Sequence[Finding]:
        """Which files are used, and what their columns were taken for. Raises ChannelOut."""
        return await self._work(self._preflight)

    def _preflight(self) -> Sequence[Finding]:
        kept, now = self._place.kept(), self._clock.now()
        found = []
        for reader in (self._products, *([self._orders] if self.can.orders == "yes" else [])):
            export, kept = reader.newest(kept, now)
            what = {m: export.columns.header[at] for m, at in export.columns.places.items()}
            said = ", ".join(f"{meaning.replace('_', ' ')} = {header}" for meaning, header in what.items())
            facts = {"name": self.name, "file": export.found.path.name, "count": len(export.body), "columns": said}
            found.append(Finding("ok", in_words("files.columns_found", **facts)))
        if self.can.orders == "no":
            found.append(Finding("note", in_words("files.share_note", name=self.name)))
        return found

    # --- listings

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        """The newest whole export (agent.channels.base). Raises ChannelOut."""
        return await self._work(lambda: self._listings(only, since))

    def _listings(self, only: Sequence[str] | None, since: datetime | None) -> ListingsRead:
        kept, now = self._place.kept(), self._clock.now()
        export, kept = self._products.newest(kept, now)
        made, kept = self._of(export, kept)
        frame = self._without_what_waits(made.frame, export, kept, now)
        shown = frame
        if only is not None:
            shown = frame.filter(pl.col("listing").is_in(list(only)))
        elif since is not None and self._told is not None:
            shown = frame.join(self._told, on=frame.columns, how="anti", nulls_equal=True)
        self._told = frame if only is None else self._told
        return ListingsRead(
            frame=shown,
            began=export.at,
            ended=export.at,
            complete=only is None and since is None and frame.height > 0,
            issues=made.issues,
            as_of=export.at,
            fresh=self.can.orders == "yes" or now - export.at <= FRESH,
        )

    def _of(self, export: Export, kept: Kept) -> tuple[Catalogue, Kept]:
        """What the export says, worked out once a file."""
        if kept.key is None:
            kept = replace(kept, key=key_of(export))
            self._place.keep(kept)
        mark = f"{export.found.token}/{kept.key}/{export.columns.places}"
        if self._catalogue is None or self._catalogue[0] != mark:
            self._catalogue = (mark, catalogue(self.name, export, kept.key or "sku"))
        return self._catalogue[1], kept

    def _without_what_waits(self, frame: pl.DataFrame, export: Export, kept: Kept, now: datetime) -> pl.DataFrame:
        """Without the quantities that say nothing yet about what was sent; keeps what is still waited for."""
        noticed = sent.noticed(kept.sent, self._place.waits, now)
        patience = timedelta(seconds=self.can.apply_limit)
        frame, left, carried = sent.settled(frame, noticed, export.at, patience)
        old = tuple(file for file in kept.old if not self._place.remove(file))
        for file in carried:
            self._place.put_away(file)
        new = replace(kept, sent=left, old=old)
        if new != kept:
            self._place.keep(new)
        self._note(export, left, now)
        return frame

    # --- orders

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        """The exports of orders (agent.channels.base); none where the shop has no such export. Raises ChannelOut."""
        return await self._work(lambda: self._read_orders(since, also))

    def _read_orders(self, since: datetime | None, also: Sequence[str]) -> OrdersRead:
        kept, now = self._place.kept(), self._clock.now()
        if self.can.orders == "no":
            return OrdersRead(frame=empty(ORDER_LINES), began=now)
        products, kept = self._products.newest(kept, now)
        listed, kept = self._of(products, kept)
        exports, _ = self._orders.every(kept, now, orders.FILES)
        self._book.take(exports, listed.frame)
        frame, gone = self._book.changed(since, also)
        at = exports[-1].at
        return OrdersRead(frame=frame, began=at, gone=gone, issues=tuple(self._book.issues), as_of=at)

    # --- push

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        """Write one import file. Never raises ChannelOut."""
        return await self._work(lambda: self._push(changes))

    def _push(self, changes: pl.DataFrame) -> pl.DataFrame:
        good, found = sort_out(changes, _line)
        try:
            if good:
                found |= self._write(good)
        except ChannelOut as out:
            found |= {at: Result("not_sent", message=out.what, kind=out.kind) for at, _ in good if at not in found}
        return as_frame(changes, found, str)

    def _write(self, lines: list[tuple[int, imports.Line]]) -> dict[int, Result]:
        now = self._clock.now()
        kept = self._place.kept()
        export, kept = self._products.newest(kept, now)
        made, kept = self._of(export, kept)
        results = imports.judge(lines, export, made, self._also)
        new = [line for at, line in lines if at not in results]
        if not new:
            return results
        waiting = {cell: each for cell, each in kept.sent.items() if not each.taken and self._place.waits(each.file)}
        there = set(made.rows["listing"].to_list())
        still = {cell: each for cell, each in waiting.items() if cell.removeprefix(ROW) in there}
        together = {
            **{cell: each.quantity for cell, each in still.items()},
            **{line.cell: line.quantity for line in new},
        }
        used = {each.file for each in kept.sent.values()}
        files = {*used, *kept.old}
        file = imports.name_of(self.name, now, export, dict.fromkeys(name for name in files))
        every = [imports.Line(cell, quantity) for cell, quantity in together.items()]
        self._place.write(file, imports.content(every, export, made, self._also))
        shown = dict(made.frame.select("cell", "quantity").iter_rows())
        at = now.isoformat()
        entries = {cell: replace(each, file=file) for cell, each in still.items()}
        for line in new:
            before = waiting[line.cell].before if line.cell in waiting else shown.get(line.cell)
            entries[line.cell] = Sent(line.quantity, before, at, file)
        replaced = {each.file for each in waiting.values()}
        old = tuple(sorted({*kept.old, *(each for each in replaced if not self._place.remove(each))}))
        rest = {cell: each for cell, each in kept.sent.items() if cell not in waiting}
        self._place.keep(replace(kept, sent={**rest, **entries}, old=old))
        return results | {at: Result("sent") for at, _ in lines if at not in results}

    # --- what stands

    def standing(self) -> Sequence[Standing]:
        """What a person should know now: an export that is late, a file that waits to be carried."""
        return self._notes

    def _note(self, export: Export, left: Mapping[str, Sent], now: datetime) -> None:
        notes = []
        if self._products.passed:
            fix = in_words("files.fix_passed", at=export.at.isoformat())
            notes.append(Standing("passed", self._products.passed, fix))
        if now - export.at > timedelta(seconds=self.can.lag):
            facts: dict[str, object] = {"name": self.name, "age": _age(now - export.at), "at": export.at.isoformat()}
            folder = self._place.folder(FROM)
            notes.append(Standing("late", in_words("files.late", **facts), in_words("files.fix_export", folder=folder)))
        for file in sorted({each.file for each in left.values() if not each.taken}):
            mine = [each for each in left.values() if each.file == file]
            since = min(datetime.fromisoformat(each.at) for each in mine)
            facts = {"file": file, "count": len(mine), "at": since.isoformat(), "age": _age(now - since)}
            what = in_words("files.waits", name=self.name, **facts)
            notes.append(Standing("waits", what, in_words("files.fix_waits", folder=self._place.folder(TO))))
        self._notes = notes

    def unclear(self) -> Sequence[Unclear]:
        """Columns that a person must name before anything can be read."""
        return [
            Unclear(f"{each.kind}/{each.meaning}", meaning_of(each), each.headers)
            for reader in (self._products, self._orders)
            for each in reader.unclear[:1]
        ]

    async def clear(self, key: str, choice: int | None) -> None:
        """The person's word: the so many-th of the offered columns, from 0; None: none of them. Raises ChannelOut."""
        await self._work(lambda: self._clear(key, choice))

    def _clear(self, key: str, choice: int | None) -> None:
        kind, _, meaning = key.partition("/")
        reader = self._products if kind == PRODUCTS.name else self._orders
        asked = next((each for each in reader.unclear if each.meaning == meaning), None)
        if asked is None or (choice is not None and choice >= len(asked.headers)):
            return
        kept = self._place.kept()
        header = columns.NONE if choice is None else asked.headers[choice]
        known = {**kept.columns.get(kind, {}), meaning: header}
        self._place.keep(replace(kept, columns={**kept.columns, kind: known}))
        reader.unclear = []

    async def close(self) -> None:
        """Nothing is held."""


def _line(at: int, cell: str, quantity: int | None, _: int | None) -> tuple[int, imports.Line] | None:
    if not cell.startswith(ROW) or quantity is None or quantity < 0:
        return None
    return at, imports.Line(cell, quantity)


def _age(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    if hours >= 48:
        return in_words("files.days", count=hours // 24)
    return (
        in_words("files.hours", count=hours)
        if hours >= 2
        else in_words("files.minutes", count=int(age.total_seconds() // 60))
    )
