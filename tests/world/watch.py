"""The invariants, checked as things happen: at every request that leaves, every commit, every decision, every write."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx
import polars as pl

from agent.channels.base import Account, Can, Channel, Lane, ListingsRead, OrdersRead
from agent.deciding.decide import Decision
from agent.practice.late import Late
from agent.practice.woocommerce import Shop
from agent.practice.woocommerce.orders import TAKES_STOCK, Order
from agent.workbooks.base import Snapshot, Written
from agent.workbooks.memory import Saved
from tests.world.timeline import EPOCH

if TYPE_CHECKING:
    from tests.world.run import World

AT_ONCE = 5.0
"""Seconds within which a lowering must leave when nothing is the matter with its shop."""
SHORTLY = 5.0
"""Seconds within which a read and a push that were under way together were both answered."""


class WatchedShop(Shop):
    """A practice shop that remembers when each version of an order could first be read."""

    cannot: frozenset[str] = frozenset()
    """What nobody can do here; see `marketplaces`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.versions: list[tuple[datetime, int, datetime, str]] = []
        self.late = _WatchedOrders(self)

    def product_of(self, cell: str) -> int:
        """The product of a listing or a stock cell, as the channel names it."""
        return int(cell.rsplit("/", 1)[-1])

    def order_name(self, order: int) -> str:
        """As the channel names it."""
        return str(order)


class _WatchedOrders(Late[Order]):
    def __init__(self, shop: WatchedShop) -> None:
        super().__init__(shop.clock, lambda: shop.faults.order_visible_after)
        self._shop = shop

    def show(self, order_id: int, order: Order | None) -> None:
        if order is not None:
            due = self._shop.clock() + timedelta(seconds=self._shop.faults.order_visible_after)
            self._shop.versions.append((due, order_id, order.modified, order.status))
        super().show(order_id, order)


class WatchedChannel:
    """A channel with the lane of each push looked at before it goes on."""

    def __init__(self, inner: Channel, world: World) -> None:
        self._inner, self._world = inner, world
        self.name = inner.name
        self.can: Can = inner.can

    async def account(self) -> Account:
        return await self._inner.account()

    async def listings(
        self, only: Sequence[str] | None = None, since: datetime | None = None, lane: Lane = "audit"
    ) -> ListingsRead:
        return await self._inner.listings(only, since, lane)

    async def orders(self, since: datetime | None, also: Sequence[str] = (), lane: Lane = "orders") -> OrdersRead:
        return await self._inner.orders(since, also, lane)

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        self._world.watch.pushing(self.name, changes, lane)
        return await self._inner.push(changes, lane)

    def __getattr__(self, name: str) -> Any:
        """What only some channels have."""
        if name != "hand_in":
            raise AttributeError(name)
        inner = self._inner.hand_in  # type: ignore[attr-defined]

        async def hand_in(changes: pl.DataFrame, lane: Lane) -> Any:
            self._world.watch.pushing(self.name, changes, lane)
            return await inner(changes, lane)

        return hand_in

    async def close(self) -> None:
        await self._inner.close()


class Watch:
    """What the world sees of the agent."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.told: dict[tuple[str, int], list[tuple[float, int]]] = {}
        """(channel, cell) -> (time, quantity) that the shop told the agent, in answers that arrived."""
        self.sent: dict[tuple[str, int, int], list[float]] = {}
        """(channel, cell, quantity) -> when it was sent."""
        self.bad: set[tuple[str, int]] = set()
        """Stock cells whose last SET was above what could be known."""
        self.lowering: dict[tuple[str, str], float] = {}
        """Stock cells that a decision wants lowered, since when."""
        self.last: Decision | None = None
        self.over_at = 0.0
        """When the last cycle ended."""
        self.pushes = 0
        self.last_push = 0.0
        self._cursor: dict[str, int] = {}
        self._first_cursor: dict[str, int] = {}
        self._unread: dict[str, int] = {}

    # --- requests

    def leaves(self, channel: str, request: httpx.Request) -> None:
        """Before the first byte of a request."""
        if request.method != "POST" or not request.url.path.endswith("/batch"):
            return
        for change in json.loads(request.content).get("update", []):
            self.sets(channel, change["id"], change["stock_quantity"])

    def sets(self, channel: str, product: int, quantity: int, cell: str | None = None) -> None:
        """Before a quantity leaves."""
        world = self.world
        now = world.loop.time()
        self.pushes += 1
        self.last_push = now
        world.tell(f"{channel}: push {world.name_of(channel, product)} -> {quantity}")
        self._intent(channel, product, quantity, cell or f"%/{product}")
        if not self.world.disk.rows("SELECT 1 FROM channel WHERE channel = ? AND live", channel):
            self.world.broken("I18", f"{channel} was written before its first plan was approved")
        times = self.sent.setdefault((channel, product, quantity), [])
        times.append(now)
        if sum(at > now - 3600 for at in times) > 12:
            self.world.broken("I15", f"{channel} {product} = {quantity} was sent {len(times)} times")
        listing = world.books_cell(channel, product)
        if listing is None:
            world.broken("I18", f"{channel} {product} was written, but nobody linked it")
            return
        self._order_of_lanes(channel, product, now)
        raising = quantity > (world.shops[channel].quantity(listing.id) or 0)
        # a raise must stand even if a shop could not be read: what it shows is kept back; a lowering waits for nothing
        most = world.books.most(listing, now - world.memory if raising else world.known_since())
        if raising:
            world.measure.raising((channel, listing.id), quantity)
        promised = world.books.rule(channel, listing.sku, "minimum") or 0
        self.bad.discard((channel, product))
        above = most is not None and quantity > max(most, promised)
        murky = not world.murky.isdisjoint(world.books.recipe(listing))
        if above and not murky and (raising or not world.frozen(listing)):
            self.bad.add((channel, product))
            world.broken("I12", f"{channel} {listing.sku} set to {quantity}; there were at most {most} units to sell")
        zeroed = quantity == 0 and world.shops[channel].quantity(listing.id) != 0  # sold out is not zeroed
        if zeroed and not world.in_doubt(listing):
            least = world.books.least_wanted((channel, listing.id), now - 12 * world.poll - 900)
            if least is not None and least > 0:
                world.broken("I11", f"{channel} {listing.sku} set to 0; it should have shown at least {least}")

    def _intent(self, channel: str, product: int, quantity: int, cell: str) -> None:
        disk = self.world.disk
        found = disk.rows(
            "SELECT id FROM push WHERE channel = ? AND cell LIKE ? AND quantity = ? AND outcome IS NULL",
            channel, cell, quantity,
        )  # fmt: skip
        if not found or disk.real.in_transaction:
            self.world.broken("I5", f"{channel} {product} = {quantity} left without a committed intent")

    def _order_of_lanes(self, channel: str, product: int, now: float) -> None:
        """I13: a lowering does not wait for anything."""
        shop = self.world.shops[channel]
        for key in [key for key in self.lowering if key[0] == channel and shop.product_of(key[1]) == product]:
            since = self.lowering.pop(key)
            calm = self.world.well(channel) and self.world.faulty_until < since - 60
            waited = now - since
            if waited > AT_ONCE and calm:
                self.world.broken("I13", f"{channel} {product} waited {waited:.0f} s to be lowered")

    def arrives(self, channel: str, request: httpx.Request, response: httpx.Response) -> None:
        """An answer that reached the agent."""
        self.world.kinds.page_was_read(channel, request.url.path)
        path = request.url.path
        if response.status_code != 200 or not ("/products" in path or "/variations" in path):
            return
        found = json.loads(response.content)
        for row in found if isinstance(found, list) else found.get("update", []):
            if isinstance(row, dict) and isinstance(row.get("stock_quantity"), int):
                self.hears(channel, self.world.cell_of(channel, row["id"]), row["stock_quantity"])

    def hears(self, channel: str, cell: int, quantity: int) -> None:
        """The shop has told the agent what stands there."""
        self.told.setdefault((channel, cell), []).append((self.world.loop.time(), quantity))

    def wakes(self) -> None:
        """The computer has slept: nothing could leave meanwhile."""
        now = self.world.loop.time()
        self.lowering = dict.fromkeys(self.lowering, now)

    # --- decisions

    def decided(self, decision: Decision) -> None:
        """Every decision of every cycle."""
        now = self.world.loop.time()
        lower = decision.plan.filter(pl.col("action") == "lower").select("channel", "cell").rows()
        wanted = set(lower)
        self.lowering = {key: since for key, since in self.lowering.items() if key in wanted}
        for channel, cell in lower:
            self.lowering.setdefault((channel, cell), now)
        self._stock(decision, now)

    def _stock(self, decision: Decision, now: float) -> None:
        """I9 and I12: Available never stands above what the sheet and the orders said of late."""
        for name, stocked, allocated, available in decision.stock.select(
            "sku", "stocked", "allocated", "available"
        ).iter_rows():
            sku = self.world.first(name)
            if stocked is None or self.world.frozen_sku(sku):
                continue
            if available != stocked - allocated:
                self.world.broken("S1-16", f"{sku}: {stocked} - {allocated} is not {available}")
            most = self.world.books.most_of(sku, self.world.known_since())
            if most is not None and available > most and sku not in self.world.murky:
                self.world.broken("I9", f"{sku}: available {available}, there were at most {most}")

    def cycle_over(self, decision: Decision) -> None:
        """I14: in sync is said only of what the shop itself said."""
        self.last = decision
        self.world.cycles += 1
        self.world.started = True
        self.world.measure.cycle_over()
        plan = decision.plan
        for channel, cell, target, row_reason in plan.select("channel", "cell", "target", "reason").iter_rows():
            if row_reason == "in_sync" and target not in self._told_of_late(
                channel, self.world.shops[channel].product_of(cell)
            ):
                self.world.broken("I14", f"{channel} {cell} is called in sync at {target}, the shop never said so")
        if plan.select(pl.struct("channel", "cell").is_duplicated().any()).item():
            self.world.broken("plan", "two rows for one stock cell")
        self.over_at = self.world.loop.time()
        if plan["action"].null_count():
            self.world.broken("plan", "a row without an action")
        sums = self.world.disk.rows(
            "SELECT level.sku FROM level WHERE on_hand != (SELECT SUM(change) FROM ledger WHERE ledger.sku = level.sku)"
        )
        for (sku,) in sums:
            self.world.broken("ledger", f"{sku}: OnHand is not the sum of its ledger")

    def _told_of_late(self, channel: str, cell: int) -> list[int]:
        """What the shop said of a cell last, and what it said shortly before: one read is several answers, and a read
        that was asked before a push may be answered after it. A cycle may have slept for days with its computer."""
        told, since = self.told.get((channel, cell), []), min(self.over_at, self.world.loop.time() - 300)
        last = told[-1][0] if told else 0.0
        return [quantity for at, quantity in told[-8:] if at > last - SHORTLY] + [
            quantity for (_, quantity), (later, _) in pairwise(told[-8:]) if later > since
        ]

    def pushing(self, channel: str, changes: pl.DataFrame, lane: Lane) -> None:
        """I1: nothing is raised from a snapshot that was rejected. I3: nothing is raised unread."""
        readable = not self.world.kinds.unread(channel)
        for cell in changes["cell"] if lane == "raise" and readable else ():
            told = self.told.get((channel, self.world.shops[channel].product_of(cell)), [(-1e9, 0)])
            if told[-1][0] < self.world.loop.time() - 240:
                self.world.broken("I3", f"{channel} {cell} is raised without a fresh read")
        sheet = self.world.agent.sheet
        if lane == "raise" and sheet is not None and "Stocked" not in sheet.snapshot.tabs["Item Master"].columns:
            self.world.broken("I1", f"{channel}: {changes.height} raises from a rejected snapshot")

    # --- commits

    def committed(self) -> None:
        """I16: the cursor never stands beyond an order that could be read and is not in the store."""
        for channel, cursor in self.world.disk.rows("SELECT channel, orders_cursor FROM channel"):
            if cursor is not None and cursor != self._cursor.get(channel):
                self._first_cursor.setdefault(channel, cursor)
                self._cursor[channel] = cursor
                self._check_lines(channel, cursor)

    def _check_lines(self, channel: str, cursor: int) -> None:
        versions = self.world.shops[channel].versions
        seen = self._unread.get(channel, 0)
        late = self.world.latest_lateness
        while seen < len(versions) and micros(versions[seen][0]) + 2_000_000 < cursor:
            due, order, modified, status = versions[seen]
            seen += 1
            first = self._first_cursor[channel]
            if status not in TAKES_STOCK or (micros(due) <= first and status == "completed") or late > 270:
                continue
            stored = self.world.disk.rows(
                'SELECT MAX(updated_at) FROM order_line WHERE channel = ? AND "order" = ?',
                channel,
                self.world.shops[channel].order_name(order),
            )[0][0]
            stamp = micros(modified.replace(tzinfo=EPOCH.tzinfo))
            latest = self.world.shops[channel].orders[order].status
            if stored is None and micros(due) <= first and latest not in ("processing", "on-hold"):
                continue
            if stored is None or stored < stamp:
                self.world.broken("I16", f"{channel}: the cursor passed order {order} ({status}) without its lines")
        self._unread[channel] = seen

    # --- the workbook

    def wrote(self, before: Saved, seen: Snapshot, mirror: pl.DataFrame, written: Written) -> None:
        """I7: a person's cell is changed only by compare-and-set, and only Stocked."""
        world = self.world
        if written.outcome != "written":
            return
        after = world.book.saved
        for name, sheet in before.sheets.items():
            if name != "Item Master" and after.sheets[name] is not sheet:
                world.broken("I7", f"{name} was changed")
        old, new = before.sheets["Item Master"], after.sheets["Item Master"]
        stocked = old.header.index("Stocked") if "Stocked" in old.header else -1
        rows = seen.tabs["Item Master"]
        last_seen = dict(rows.select("row", "Stocked").iter_rows()) if "Stocked" in rows.columns else {}
        for place, (was, now) in enumerate(zip(old.rows, new.rows, strict=True)):
            changed = [column for column, (a, b) in enumerate(zip(was, now, strict=True)) if a != b]
            number = place + old.header_row + 1
            if changed and (changed != [stocked] or last_seen.get(number) != _text(was[stocked])):
                world.broken("I7", f"Item Master row {number} was changed over an unread edit ({was[stocked]!r})")
        if mirror.height:
            world.tell("mirror " + ", ".join(f"{sku}={new_}" for sku, new_ in mirror.select("sku", "new").iter_rows()))


def _text(entry: object) -> str | None:
    return None if entry is None else str(entry)


def micros(moment: datetime) -> int:
    """A time as the store keeps it: whole microseconds since 1970 in UTC."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
