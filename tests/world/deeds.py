"""What happens to orders and to what lies on the shelf: in the shops, and in the world's own books at once."""

from __future__ import annotations

from random import Random
from typing import Any

from agent.practice.woocommerce.orders import Order
from tests.world.books import OPEN, Listing, open_units
from tests.world.known import Known, seconds


class Deeds(Known):
    """A world in which things can be done."""

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
        shop = self.shops[channel]
        if shop.orders[order].status == "completed" and "cancel shipped" in shop.cannot:
            return
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
        if deed in shop.cannot:
            return
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
        if "undo" in self.shops[channel].cannot:
            return
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
        if line.quantity < 1 or "returns" in self.shops[channel].cannot:
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
        counted = any(self.counted_since(sku, at) for sku, _, at in lying)
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
        if open_units(shop.orders[order], line) > 1 and "parts" not in shop.cannot:
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

    def counted_since(self, sku: str, at: float) -> bool:
        """The shelf was counted after that moment, in the cell or by a row."""
        cells = any(edit.counted and edit.sku == sku and edit.saved_at > at for edit in self.person.edits)
        return cells or any(each == sku and counted > at for each, counted in self.keeper.counts)

    def what_became_of(self, facts: dict[str, Any]) -> str | None:
        """The truth about missing units; None while an order that explains them cannot be read yet."""
        since, until = (seconds(facts[name]) for name in ("since", "until"))
        sku = self.first(facts["parts"][0][0]) if facts["parts"] else None
        for at, loss in enumerate(self.losses):
            if loss[0] == facts["channel"] and loss[2] == sku and since - 15 <= loss[3] <= until + 15:
                del self.losses[at]
                if self.counted_since(loss[2], loss[3]):
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
