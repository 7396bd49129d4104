"""What buyers, packers, the platform and the seller do with orders, and what that does to the stock.

Shopee takes the units when the order is placed, paid or not, and gives them back when it is cancelled before it was
picked up. What a buyer sends back later is not put up again by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from agent.practice.base import Clock
from agent.practice.late import Late
from agent.practice.shopee.catalogue import Catalogue, Key
from agent.practice.shopee.faults import Faults
from agent.practice.shopee.orders import HOLDING, Line, Order, Package
from agent.practice.shopee.stock import Model


class Sales(Catalogue):
    """Orders by their number (order_sn)."""

    def __init__(self, clock: Clock, warehouses: dict[str, str] | None = None) -> None:
        super().__init__(clock, warehouses)
        self.orders: dict[str, Order] = {}
        self.faults = Faults()
        self.late: Late[Order] = Late(clock, lambda: self.faults.order_visible_after)
        self._booked = 0

    # -- buyers ------------------------------------------------------------------------------------------------------

    def sell(self, key: Key, units: int, status: str = "READY_TO_SHIP") -> str | None:
        """A buyer orders one thing; None where the shop shows too few."""
        return self.place_order([(key, units)], status)

    def place_order(self, lines: Sequence[tuple[Key, int]], status: str = "READY_TO_SHIP") -> str | None:
        """A buyer orders several things, all or nothing."""
        wanted = [(self.model(key), units) for key, units in lines]
        if any(model.item.status != "NORMAL" or model.units + model.at_shopee < units for model, units in wanted):
            return None
        return self.book_order(lines, status).sn

    def book_order(
        self, lines: Iterable[tuple[Key, int]], status: str = "READY_TO_SHIP", location: str | None = None
    ) -> Order:
        """Write an order down without asking whether there is stock. `location`: where the platform takes it."""
        now = self.moment()
        self._booked += 1
        sn = f"{now:%y%m%d}P{self._booked:06d}"
        models = [(self.model(key), units) for key, units in lines]
        booked = [self._line(model, units, location) for model, units in models]
        order = Order(self._booked, sn, status, now, now, booked, paid=None if status == "UNPAID" else now)
        order.by_shopee = all(model.by_shopee for model, _ in models)
        self.orders[sn] = order
        self._changed(order)
        return order

    def _line(self, model: Model, units: int, location: str | None) -> Line:
        place = next(iter(model.stock)) if location is None else location
        if not model.by_shopee:
            model.stock[place] = model.stock.get(place, 0) - units
        now, item = self.moment(), model.item
        campaign = model.campaign(now)
        if campaign is not None:
            campaign.reserved = max(0, campaign.reserved - units)
        self.touch(item)
        name = ",".join(model.options.values())
        sku = model.sku if model.id else ""
        line = Line(item.id, model.id, item.name, name, item.sku, sku, units, model.price, place)
        line.took = 0 if model.by_shopee else units
        line.from_campaign = campaign.id if campaign else 0
        return line

    def pay(self, sn: str) -> None:
        """The money has come."""
        self.orders[sn].paid = self.moment()
        self._to(self.orders[sn], "READY_TO_SHIP")

    # -- packers -----------------------------------------------------------------------------------------------------

    def arrange(self, sn: str) -> None:
        """The label is printed: the parcel still stands in the warehouse."""
        self._to(self.orders[sn], "PROCESSED")

    def ship(self, sn: str, units: int | None = None) -> None:
        """The courier has picked it up: all that is left, or so many units of the first line in a parcel of its own."""
        order = self.orders[sn]
        left = {at: line.active - line.sent for at, line in enumerate(order.lines)}
        going = left if units is None else {0: min(units, left[0])}
        number = f"{order.sn}-{len(order.packages) + 1}"
        order.packages.append(Package(number, {at: n for at, n in going.items() if n}, "LOGISTICS_PICKUP_DONE"))
        for at, n in going.items():
            order.lines[at].sent += n
        if all(line.sent >= line.active for line in order.lines):
            order.picked_up = self.moment()
            self._to(order, "SHIPPED")
        else:
            self._to(order, "PROCESSED")

    def fail_pickup(self, sn: str) -> None:
        """The courier brings it back unsent: it must be arranged again."""
        order = self.orders[sn]
        order.picked_up = None
        for package in order.packages:
            package.status = "LOGISTICS_PICKUP_RETRY"
        for line in order.lines:
            line.sent = 0
        self._to(order, "RETRY_SHIP")

    def deliver(self, sn: str, status: str = "TO_CONFIRM_RECEIVE") -> None:
        """The parcel is there; later: COMPLETED."""
        self._to(self.orders[sn], status)

    # -- giving up ---------------------------------------------------------------------------------------------------

    def ask_cancel(self, sn: str) -> None:
        """The buyer asks to cancel; the seller must agree."""
        order = self.orders[sn]
        order.before = order.status
        for line in order.lines:
            line.cancel_requested = line.active
        self._to(order, "IN_CANCEL")

    def refuse_cancel(self, sn: str) -> None:
        """The seller does not agree: it goes on as before."""
        order = self.orders[sn]
        for line in order.lines:
            line.cancel_requested = 0
        self._to(order, order.before or "READY_TO_SHIP")

    def cancel(self, sn: str, by: str = "seller") -> None:
        """All that was not sent is given up and goes back on the listing; what was sent stays sent."""
        order = self.orders[sn]
        for line in order.lines:
            self._give_up(line, line.active - line.sent)
        if order.status in HOLDING and any(line.sent for line in order.lines):
            order.picked_up = self.moment()
            self._to(order, "SHIPPED")
            return
        order.cancel_by = by
        self._to(order, "CANCELLED")

    def cancel_units(self, sn: str, line: int, units: int) -> None:
        """Part of an order is given up before it is sent, as out of stock."""
        order = self.orders[sn]
        self._give_up(order.lines[line], units)
        if not any(each.active for each in order.lines):
            self._to(order, "CANCELLED")
        else:
            self._changed(order)

    def _give_up(self, line: Line, units: int) -> None:
        units = min(units, line.active - line.sent)
        line.cancelled += units
        line.cancel_requested = 0
        item = self.items.get(line.item_id)
        model = next((each for each in item.models if each.id == line.model_id), None) if item else None
        back = min(units, line.took)
        line.took -= back
        if model is not None and back:
            model.stock[line.location] = model.stock.get(line.location, 0) + back
            self.touch(model.item)

    def lose_delivery(self, sn: str) -> None:
        """A parcel could not be delivered and comes back: the order ends as cancelled; nothing is put up again."""
        order = self.orders[sn]
        order.cancel_by = "system"
        for package in order.packages:
            package.status = "LOGISTICS_DELIVERY_FAILED"
        self._to(order, "CANCELLED")

    def send_back(self, sn: str, line: int, units: int) -> None:
        """The buyer has sent units back, and has the money."""
        order = self.orders[sn]
        order.lines[line].returned += units
        self._to(order, "COMPLETED")

    def forget_order(self, sn: str) -> None:
        """It cannot be read any more."""
        self.late.show(self.orders.pop(sn).number, None)

    # -- what the API shows ------------------------------------------------------------------------------------------

    def readable(self) -> dict[str, Order]:
        """The orders that can be read now, each as it was when it last became readable."""
        return {order.sn: order for order in self.late.readable().values()}

    def _to(self, order: Order, status: str) -> None:
        order.status = status
        self._changed(order)

    def _changed(self, order: Order) -> None:
        order.updated = self.moment()
        self.late.show(order.number, order.copy())


def epoch(moment: datetime | None) -> int:
    """As Shopee tells times: whole seconds since 1970, 0 where there is none."""
    return int(moment.timestamp()) if moment else 0
