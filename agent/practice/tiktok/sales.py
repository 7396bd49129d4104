"""What buyers, packers, the platform and the seller do with orders, and what that does to the stock.

TikTok Shop takes the units when the order is placed, paid or not (they are `committed`), and gives them back when it
is cancelled before it was collected, unless auto-restock is off for the SKU. What a buyer sends back later, or a parcel
that could not be delivered, is not put up again by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from agent.practice.base import Clock
from agent.practice.late import Late
from agent.practice.tiktok.catalogue import Catalogue
from agent.practice.tiktok.faults import Faults
from agent.practice.tiktok.orders import HOLDING, Order, Return, Unit
from agent.practice.tiktok.stock import TIKTOKS, Sku


class Sales(Catalogue):
    """Orders by their id, returns by theirs."""

    def __init__(self, clock: Clock, warehouses: dict[str, str] | None = None) -> None:
        super().__init__(clock, warehouses)
        self.orders: dict[str, Order] = {}
        self.returns: dict[str, Return] = {}
        self.faults = Faults()
        self.late: Late[Order] = Late(clock, lambda: self.faults.order_visible_after)
        self._booked = 0

    # -- buyers ------------------------------------------------------------------------------------------------------

    def sell(self, sku: str, units: int, status: str = "AWAITING_SHIPMENT") -> str | None:
        """A buyer orders one thing; None where the shop shows too few."""
        return self.place_order([(sku, units)], status)

    def place_order(self, lines: Sequence[tuple[str, int]], status: str = "AWAITING_SHIPMENT") -> str | None:
        """A buyer orders several things, all or nothing."""
        for sku, units in lines:
            found = self.skus[sku]
            there = sum(self.units(found, place) for place in found.stock)
            if found.product.status != "ACTIVATE" or found.status != "NORMAL" or there < units:
                return None
        return self.book_order(lines, status).id

    def book_order(
        self, lines: Iterable[tuple[str, int]], status: str = "AWAITING_SHIPMENT", warehouse: str | None = None
    ) -> Order:
        """Write an order down without asking whether there is stock. `warehouse`: where the platform takes it."""
        now = self.moment()
        self._booked += 1
        wanted = [(self.skus[sku], units) for sku, units in lines]
        place = warehouse or next((next(iter(sku.stock)) for sku, _ in wanted), self.warehouses[0].id)
        booked = [self._unit(sku, status, place) for sku, units in wanted for _ in range(units)]
        id_ = str(576_461_413_038_785_000 + self._booked)
        order = Order(self._booked, id_, status, now, now, booked, place)
        order.paid = None if status == "UNPAID" else now
        if wanted and place == TIKTOKS:
            order.fulfillment = "FULFILLMENT_BY_TIKTOK"
        self.orders[id_] = order
        self._changed(order)
        return order

    def _unit(self, sku: Sku, status: str, place: str) -> Unit:
        parts = sku.parts or {sku.id: 1}
        for part, count in parts.items():
            self._take(self.skus[part], place, count)
        shown = "AWAITING_SHIPMENT" if status in ("ON_HOLD", "PARTIALLY_SHIPPING") else status
        made = Unit(
            self.new_id(), sku.id, sku.product.id, sku.seller_sku, sku.product.title, ", ".join(sku.options.values()),
            sku.price, shown, place, dict(parts),
        )  # fmt: skip
        made.parts = [
            (part, self.skus[part].product.id, self.skus[part].seller_sku, n) for part, n in sku.parts.items()
        ]
        return made

    def _take(self, sku: Sku, place: str, units: int) -> None:
        sku.stock[place] = sku.stock.get(place, 0) - units
        sku.committed[place] = sku.committed.get(place, 0) + units

    def pay(self, id_: str) -> None:
        """The money has come: the order may be sent."""
        self.orders[id_].paid = self.moment()
        self._to(self.orders[id_], "AWAITING_SHIPMENT")

    # -- packers -----------------------------------------------------------------------------------------------------

    def arrange(self, id_: str) -> None:
        """The label is printed: the parcel still stands in the warehouse."""
        order = self.orders[id_]
        order.arranged = self.moment()
        for unit in self._waiting(order):
            unit.arranged, unit.package_status = order.arranged, "PROCESSING"
        self._to(order, "AWAITING_COLLECTION")

    def ship(self, id_: str, units: int | None = None) -> None:
        """The carrier has collected it: all that is left, or so many units in a parcel of their own."""
        order = self.orders[id_]
        now = self.moment()
        for unit in self._waiting(order)[:units]:
            unit.status, unit.package_status, unit.package = "IN_TRANSIT", "FULFILLING", f"11{order.id}"
            unit.arranged = unit.arranged or now
            self._sent(unit)
        order.arranged = order.arranged or now
        if self._waiting(order):
            self._to(order, "PARTIALLY_SHIPPING")
        else:
            order.collected = now
            self._to(order, "IN_TRANSIT")

    def _waiting(self, order: Order) -> list[Unit]:
        return [each for each in order.units if each.status in HOLDING]

    def _sent(self, unit: Unit) -> None:
        for sku, count in unit.took.items():
            if sku in self.skus:
                self.skus[sku].committed[unit.warehouse] -= count

    def fail_pickup(self, id_: str) -> None:
        """The carrier brings it back unsent: it must be arranged again."""
        order = self.orders[id_]
        order.collected = order.arranged = None
        for unit in order.units:
            if unit.status == "IN_TRANSIT":
                unit.status, unit.package_status, unit.arranged = "AWAITING_SHIPMENT", "TO_FULFILL", None
                for sku, count in unit.took.items():
                    self.skus[sku].committed[unit.warehouse] += count
        self._to(order, "AWAITING_SHIPMENT")

    def deliver(self, id_: str, status: str = "DELIVERED") -> None:
        """The parcel is there; later: COMPLETED."""
        order = self.orders[id_]
        order.delivered = order.delivered or self.moment()
        for unit in order.units:
            if unit.status != "CANCELLED":
                unit.status, unit.package_status = status, "COMPLETED"
        self._to(order, status)

    # -- giving up ---------------------------------------------------------------------------------------------------

    def ask_cancel(self, id_: str, asked: bool = True) -> None:
        """The buyer asks to cancel; the seller must agree. False: the seller did not."""
        self.orders[id_].asked_to_cancel = asked
        self._changed(self.orders[id_])

    def cancel(self, id_: str, by: str = "SELLER") -> None:
        """All that was not sent is given up; what was sent stays sent."""
        order = self.orders[id_]
        self._give_up(order, self._waiting(order), by)

    def cancel_units(self, id_: str, sku: str, units: int) -> None:
        """Some units of an order are given up before they are sent."""
        order = self.orders[id_]
        self._give_up(order, [each for each in self._waiting(order) if each.sku_id == sku][:units], "SELLER")

    def _give_up(self, order: Order, units: Sequence[Unit], by: str) -> None:
        order.asked_to_cancel = False
        for unit in units:
            unit.status, unit.cancel_user = "CANCELLED", by
            for sku, count in unit.took.items():
                if sku in self.skus:
                    self._back(self.skus[sku], unit.warehouse, count)
        if all(each.status == "CANCELLED" for each in order.units):
            order.cancelled = self.moment()
            self._to(order, "CANCELLED")
        elif not self._waiting(order):
            order.collected = order.collected or self.moment()
            self._to(order, "IN_TRANSIT")
        else:
            self._changed(order)

    def _back(self, sku: Sku, place: str, units: int) -> None:
        sku.committed[place] -= units
        if sku.auto_restock:
            sku.stock[place] = sku.stock.get(place, 0) + units

    def lose_delivery(self, id_: str) -> None:
        """A parcel could not be delivered and comes back: the order ends as cancelled; nothing is put up again."""
        order = self.orders[id_]
        order.cancelled = self.moment()
        for unit in order.units:
            unit.status, unit.package_status, unit.cancel_user = "CANCELLED", "CANCELLED", "SYSTEM"
        self._to(order, "CANCELLED")

    def send_back(
        self, id_: str, sku: str, units: int, kind: str = "RETURN_AND_REFUND",
        status: str = "RETURN_OR_REFUND_REQUEST_COMPLETE",
    ) -> str:  # fmt: skip
        """A buyer sends units back, or is refunded without. The order itself does not change."""
        taken = {unit for each in self.returns.values() if each.order_id == id_ for unit in each.units}
        fitting = [each.id for each in self.orders[id_].units if each.sku_id == sku and each.id not in taken]
        made = Return(self.new_id(), id_, tuple(fitting[:units]), kind, status, self.moment())
        self.returns[made.id] = made
        return made.id

    def set_return(self, return_id: str, status: str) -> None:
        self.returns[return_id].status, self.returns[return_id].updated = status, self.moment()

    def forget_order(self, id_: str) -> None:
        """It cannot be read any more."""
        self.late.show(self.orders.pop(id_).number, None)

    # -- what the API shows ------------------------------------------------------------------------------------------

    def readable(self) -> dict[str, Order]:
        """The orders that can be read now, each as it was when it last became readable."""
        return {order.id: order for order in self.late.readable().values()}

    def _to(self, order: Order, status: str) -> None:
        order.status = status
        if status in ("UNPAID", "AWAITING_SHIPMENT", "AWAITING_COLLECTION"):
            for unit in self._waiting(order):
                unit.status = status
        self._changed(order)

    def _changed(self, order: Order) -> None:
        order.updated = self.moment()
        self.late.show(order.number, order.copy())


def epoch(moment: datetime | None) -> int:
    """As TikTok Shop tells times: whole seconds since 1970, 0 where there is none."""
    return int(moment.timestamp()) if moment else 0
