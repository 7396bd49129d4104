"""The closing judgement: what is not as it must be once the storm is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.world.books import OPEN, open_units

if TYPE_CHECKING:
    from tests.world.run import World


class Judge:
    """Compares the shops, the store and the workbook with the world's own books."""

    def __init__(self, world: World) -> None:
        self.world = world

    def problems(self) -> list[str]:
        """What is not yet as it must be."""
        return [*self._listings_wrong(), *self._stock_wrong(), *self._rest_wrong(), *self._not_in_sync()]

    def _not_in_sync(self) -> Iterator[str]:
        """I14: at the end every live listing is called in sync, for the shop itself said so."""
        decision = self.world.watch.last
        for channel, cell, reason in decision.plan.select("channel", "cell", "reason").iter_rows() if decision else ():
            product = self.world.shops[channel].product_of(cell)
            listing = self.world.cells.get((channel, product))
            if listing is None or (reason == "sent_equal" and self.world.kinds.unread(channel)):
                continue
            if reason != "in_sync" and all(
                self.world.books.items[part].told is not None for part in self.world.books.recipe(listing)
            ):
                yield f"{channel} {self.world.name_of(channel, product)} is not called in sync but {reason}"

    def _listings_wrong(self) -> Iterator[str]:
        for (channel, product), wanted in self.world.books.now_expected().items():
            shown = self.world.shops[channel].quantity(product)
            if self.world.kinds.unread(channel) and self._unseen(channel, product, (wanted or 0) - (shown or 0)):
                continue
            if wanted is not None and shown != wanted:
                yield f"{channel} {self.world.name_of(channel, product)} shows {shown}, should show {wanted}"

    def _unseen(self, channel: str, product: int, short: int) -> bool:
        """Where nothing can be read: what the shop sold by itself was never seen to be gone, and is refilled when the
        target moves; what it put back by itself after a cancellation nobody can know of."""
        cell = self.world.cell_of(channel, product)
        given_up = any(
            order.status not in (*OPEN, "completed") or order.refunds or (channel, order.id) in self.world.edited
            for order in self.world.shops[channel].orders.values()
            for line in order.lines
            if self.world.cell_of(channel, line.listing) == cell
        )
        return short > 0 or given_up

    def _stock_wrong(self) -> Iterator[str]:
        levels = dict(self.world.disk.rows("SELECT sku, on_hand FROM level"))
        for sku, item in self.world.books.items.items():
            if not item.tracked or item.parts or item.told is None:
                continue
            name = self.world.name(sku)
            if levels.get(name) != item.shelf:
                yield f"{sku}: {item.shelf} on the shelf, {levels.get(name)} in the ledger of {name}"
            cell = self.world.in_the_workbook(sku)
            if cell != item.shelf:
                yield f"{sku}: {item.shelf} on the shelf, {cell} in the workbook"

    def _rest_wrong(self) -> Iterator[str]:
        for stop in self.world.books.stops:
            if stop.ends is not None:
                yield f"the stop of {stop.sku} at {stop.value} is still to end by itself"
        for channel, cell, units in self.world.disk.rows("SELECT channel, cell, units FROM missing WHERE units > 0"):
            yield f"{units} units are missing on {channel} {cell}"
        for kind, key in self.world.disk.rows("SELECT kind, key FROM question WHERE closed_at IS NULL"):
            yield f"still asked: {kind} {key}"
        for sku, frozen in self.world.disk.rows("SELECT sku, frozen FROM item WHERE frozen IS NOT NULL"):
            yield f"{sku} is frozen: {frozen}"
        for channel, what in self.world.disk.rows(
            "SELECT channel, problem_what FROM channel WHERE problem_kind IS NOT NULL"
        ):
            yield f"{channel} is out: {what}"
        for channel, shop in self.world.shops.items():
            for order in shop.orders.values():
                if order.status in OPEN:
                    yield from self._lines_wrong(channel, order)

    def _lines_wrong(self, channel: str, order: Any) -> Iterator[str]:
        if channel == "north" and self.world.platform is not None:
            yield from self._order_wrong(channel, order)
            return
        for line in order.lines:
            stored = self.world.disk.rows(
                'SELECT open FROM order_line WHERE channel = ? AND "order" = ? AND line = ?',
                channel, str(order.id), str(line.id),
            )  # fmt: skip
            if not stored or stored[0][0] != open_units(order, line):
                yield f"{channel}: order {order.id} has {open_units(order, line)} open, the store says {stored}"

    def _order_wrong(self, channel: str, order: Any) -> Iterator[str]:
        """Of a platform that counts lines in its own way: what is open of each listing."""
        shop = self.world.shops[channel]
        stored = self.world.disk.rows(
            'SELECT listing, SUM(open) FROM order_line WHERE channel = ? AND "order" = ? GROUP BY listing',
            channel, shop.order_name(order.id),
        )  # fmt: skip
        found = {shop.product_of(listing): units for listing, units in stored if units}
        wanted = Counter[int]()
        for line in order.lines:
            wanted[line.listing] += open_units(order, line)
        if found != +wanted:
            yield f"{channel}: order {shop.order_name(order.id)} has {+wanted} open, the store says {stored}"
