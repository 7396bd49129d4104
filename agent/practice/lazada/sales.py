"""What buyers, packers, couriers and the seller do with orders, and what that does to the stock.

A unit goes from sellable to withheld when it is ordered, to occupied when it is paid, and out when its parcel is ready
to ship. One that is not paid within thirty minutes, or is cancelled, is for sale again; but a seller who cancels as it
is out of stock, or its price wrong, finds the SKU at 0 (the vendor's guides to inventory and to cancelling).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from agent.practice.base import Clock
from agent.practice.late import Late
from agent.practice.lazada.catalogue import FBL, Catalogue
from agent.practice.lazada.faults import Faults
from agent.practice.lazada.orders import HOLDING, Order, Unit
from agent.practice.lazada.stock import Shelf

UNPAID_LIFE = timedelta(minutes=30)
EMPTIES = ("Out of Stock", "Wrong Price or Pricing Error")
"""Reasons of a seller's that set the SKU to 0."""


class Sales(Catalogue):
    """Orders by their number."""

    def __init__(self, clock: Clock, warehouses: Mapping[str, str] | None = None) -> None:
        super().__init__(clock, warehouses)
        self.orders: dict[int, Order] = {}
        self.faults = Faults()
        self.late: Late[Order] = Late(clock, lambda: self.faults.order_visible_after)
        self._booked = 400_100_200_000_000

    # -- buyers ------------------------------------------------------------------------------------------------------

    def sell(self, key: str, units: int, status: str = "pending") -> int | None:
        """A buyer orders one thing; None where the shop shows too few."""
        return self.place_order([(key, units)], status)

    def place_order(self, lines: Sequence[tuple[str, int]], status: str = "pending") -> int | None:
        """A buyer orders several things, all or nothing."""
        wanted = [(self.sku(key), units) for key, units in lines]
        if any(sku.item.status != "Active" or sku.sellable + (sku.fbl or 0) < units for sku, units in wanted):
            return None
        return self.book_order(lines, status).id

    def book_order(
        self, lines: Iterable[tuple[str, int]], status: str = "pending", warehouse: str | None = None
    ) -> Order:
        """Write an order down without asking whether there is stock. `warehouse`: where the platform takes it."""
        now = self.moment()
        self._booked += 1_009
        order = Order(self._booked, now, [])
        for line, (key, units) in enumerate(lines):
            order.units += [self._unit(line, key, status, warehouse) for _ in range(units)]
        self.orders[order.id] = order
        self._changed(order)
        return order

    def _unit(self, line: int, key: str, status: str, warehouse: str | None) -> Unit:
        sku, now = self.sku(key), self.moment()
        place = warehouse or (next(iter(sku.shelves)) if sku.shelves else FBL)
        self._booked += 10
        unit = Unit(
            self._booked, line, sku.item.id, sku.id, sku.seller_sku, sku.item.name, ", ".join(sku.options.values()),
            sku.price, place, not sku.shelves, status, now, now,
        )  # fmt: skip
        if (shelf := sku.shelves.get(place)) is not None:
            shelf.sellable -= 1
            self._keep(shelf, status, 1)
        for campaign in sku.running(now)[:1]:
            campaign.locked = max(0, campaign.locked - 1)
        return unit

    @staticmethod
    def _keep(shelf: Shelf, status: str, units: int) -> None:
        if status == "unpaid":
            shelf.withheld += units
        elif status in ("pending", "packed", "repacked"):
            shelf.occupied += units

    def pay(self, order: int) -> None:
        """The money has come."""
        self._all(order, {"unpaid"}, "pending")

    # -- packers and couriers ----------------------------------------------------------------------------------------

    def pack(self, order: int) -> None:
        """It is packed; it still stands in the warehouse."""
        self._all(order, {"pending", "repacked"}, "packed")

    def ready(self, order: int) -> None:
        """The parcel waits for the courier."""
        self._all(order, {"packed"}, "ready_to_ship")

    def ship(self, order: int, units: int | None = None) -> None:
        """The courier has it: all that is left, or so many units in a parcel of their own."""
        left = [unit for unit in self.orders[order].units if unit.status in HOLDING - {"unpaid"}]
        self._to(order, left if units is None else left[:units], "shipped")

    def repack(self, order: int) -> None:
        """What was packed is packed anew."""
        self._all(order, {"packed", "ready_to_ship"}, "repacked")

    def deliver(self, order: int) -> None:
        self._all(order, {"shipped"}, "delivered")

    def fail_delivery(self, order: int) -> None:
        """The courier could not hand it over: it comes back."""
        self._all(order, {"shipped"}, "failed")

    def come_back(self, order: int) -> None:
        """What could not be handed over is with the seller again."""
        self._all(order, {"failed"}, "shipped_back_success")

    def lose(self, order: int) -> None:
        self._all(order, {"shipped"}, "lost_by_3pl")

    # -- giving up ---------------------------------------------------------------------------------------------------

    def cancel(self, order: int, reason: str = "Sourcing Delay", by: str = "cancellation-seller") -> None:
        """All that has not left is given up, and is for sale again."""
        left = [unit for unit in self.orders[order].units if unit.status in HOLDING]
        self._give_up(order, left, reason, by)

    def cancel_units(self, order: int, line: int, units: int, reason: str = "Sourcing Delay") -> None:
        """Some units of a line are given up before they leave."""
        left = self.orders[order].of(line, *HOLDING)[:units]
        self._give_up(order, left, reason, "cancellation-seller")

    def _give_up(self, order: int, units: Sequence[Unit], reason: str, by: str) -> None:
        for unit in units:
            unit.reason, unit.by = reason, by
        for unit in units:
            if (shelf := self._shelf(unit)) is not None:
                shelf.sellable += 1
        self._to(order, units, "canceled")
        for unit in units:
            if reason in EMPTIES and (shelf := self._shelf(unit)) is not None:
                shelf.sellable = 0

    def send_back(self, order: int, line: int, units: int) -> None:
        """The buyer has sent units back, and has the money; nothing is put up again."""
        self._to(order, self.orders[order].of(line, "shipped", "delivered")[:units], "returned")

    def forget_order(self, order: int) -> None:
        """It cannot be read any more."""
        del self.orders[order]
        self.late.show(order, None)

    def expire(self) -> None:
        """Orders that were not paid in time are given up by the platform."""
        due = self.moment() - UNPAID_LIFE
        for order in self.orders.values():
            late = [unit for unit in order.units if unit.status == "unpaid" and unit.created <= due]
            if late:
                self._give_up(order.id, late, "Payment expired", "system-cancel")

    # -- what the API shows ------------------------------------------------------------------------------------------

    def readable(self) -> dict[int, Order]:
        """The orders that can be read now, each as it was when it last became readable."""
        return self.late.readable()

    def _shelf(self, unit: Unit) -> Shelf | None:
        item = self.items.get(unit.item_id)
        sku = next((each for each in item.skus if each.id == unit.sku_id), None) if item else None
        return sku.shelves.get(unit.warehouse) if sku else None

    def _all(self, order: int, statuses: Iterable[str], status: str) -> None:
        wanted = set(statuses)
        self._to(order, [unit for unit in self.orders[order].units if unit.status in wanted], status)

    def _to(self, order: int, units: Sequence[Unit], status: str) -> None:
        now = self.moment()
        for unit in units:
            if (shelf := self._shelf(unit)) is not None:
                self._keep(shelf, unit.status, -1)
                self._keep(shelf, status, 1)
            unit.status, unit.updated = status, now
        self._changed(self.orders[order])

    def _changed(self, order: Order) -> None:
        self.late.show(order.id, order.copy())
