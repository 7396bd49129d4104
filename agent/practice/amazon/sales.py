"""What buyers, packers and the seller do with orders, and what that does to the stock.

Amazon takes the units of the seller's own stock when the order is placed, while it is still pending. What is cancelled
goes back on the offer only where the reason is the buyer's: a seller who has none left gets none back (vendor's help).
Refunds and returns stand nowhere in the orders.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.practice.amazon.faults import Faults
from agent.practice.amazon.offers import OWN, Catalogue
from agent.practice.amazon.orders import Line, Order, Parcel
from agent.practice.base import Clock
from agent.practice.late import Late


class Sales(Catalogue):
    """Orders by their number."""

    def __init__(self, clock: Clock, keeper: str) -> None:
        super().__init__(clock, keeper)
        self.orders: dict[str, Order] = {}
        self.faults = Faults()
        self.late: Late[Order] = Late(clock, lambda: self.faults.order_visible_after)
        self._booked = 0

    # -- buyers ------------------------------------------------------------------------------------------------------

    def sell(self, sku: str, units: int, status: str = "UNSHIPPED") -> str | None:
        """A buyer orders one thing; None where the offer shows too few."""
        offer = self.offers.get(sku)
        if offer is None or not offer.buyable or (not offer.by_amazon and (self.quantity(sku) or 0) < units):
            return None
        return self.book_order([(sku, units)], status).id

    def book_order(self, lines: Iterable[tuple[str, int]], status: str = "UNSHIPPED", country: str = "") -> Order:
        """Write an order down without asking whether there is stock."""
        self.land()
        self._booked += 1
        now, number = self.moment(), self._booked
        booked = [self._line(sku, units, f"{number:07d}{at:07d}") for at, (sku, units) in enumerate(lines)]
        theirs = all(self.offers[line.sku].by_amazon for line in booked)
        id_ = f"902-{number // 10**7:07d}-{number % 10**7:07d}"
        order = Order(number, id_, status, now, now, booked, "AMAZON" if theirs else "MERCHANT", country=country)
        self.orders[id_] = order
        self._changed(order)
        return order

    def _line(self, sku: str, units: int, item_id: str) -> Line:
        offer = self.offers[sku]
        line = Line(item_id, sku, offer.asin, offer.name, units, offer.price)
        if not offer.by_amazon:
            self._give(sku, -units)
            line.took = units
        return line

    def _give(self, sku: str, units: int) -> None:
        """Put so many on the offer, or take them off; never below zero."""
        offer = self.offers.get(sku)
        if offer is not None and OWN in offer.channels:
            offer.channels[OWN] = max(0, (offer.channels[OWN] or 0) + units)
            self.touch(sku)

    def pay(self, order: str) -> None:
        """The payment is verified: it may be sent now."""
        self._to(self.orders[order], "UNSHIPPED")

    # -- packers -----------------------------------------------------------------------------------------------------

    def ship(self, order: str, units: int | None = None) -> None:
        """The carrier has it: all that is left, or so many units of the first line in a parcel of its own."""
        found = self.orders[order]
        going = {line: line.left for line in found.lines}
        if units is not None:
            going = {found.lines[0]: min(units, found.lines[0].left)}
        sent = {line.item_id: n for line, n in going.items() if n}
        found.parcels.append(Parcel(len(found.parcels) + 1, self.moment(), sent))
        for line, n in going.items():
            line.sent += n
        self._to(found, "PARTIALLY_SHIPPED" if any(line.left for line in found.lines) else "SHIPPED")

    def touch_order(self, order: str) -> None:
        """Something else about it changed, such as where the parcel is: its time moves."""
        self._changed(self.orders[order])

    # -- giving up ---------------------------------------------------------------------------------------------------

    def cancel(self, order: str, by: str = "MERCHANT") -> None:
        """All that was not sent is given up; what was sent stays sent."""
        found = self.orders[order]
        for line in found.lines:
            self.cancel_line(line, by)
        self._to(found, "SHIPPED" if any(line.sent for line in found.lines) else "CANCELLED")

    def cancel_item(self, order: str, at: int, by: str = "MERCHANT") -> None:
        """One of several lines is given up."""
        found = self.orders[order]
        self.cancel_line(found.lines[at], by)
        self._to(found, found.status if any(line.left for line in found.lines) else "CANCELLED")

    def cancel_line(self, line: Line, by: str) -> None:
        """The units go back on the offer where the buyer gave up, and nowhere where the seller did."""
        left = line.left
        if left and by == "BUYER":
            self._give(line.sku, min(left, line.took))
            line.took -= min(left, line.took)
        line.cancelled_by = by if left else line.cancelled_by

    def forget_order(self, order: str) -> None:
        """It cannot be read any more."""
        self.late.show(self.orders.pop(order).number, None)

    # -- what the API shows ------------------------------------------------------------------------------------------

    def readable(self) -> Sequence[Order]:
        """The orders that can be read now, each as it was when it last became readable, the oldest change first."""
        return sorted(self.late.readable().values(), key=lambda order: (order.updated, order.number))

    def _to(self, order: Order, status: str) -> None:
        order.status = status
        self._changed(order)

    def _changed(self, order: Order) -> None:
        order.updated = self.moment()
        self.late.show(order.number, order.copy())
