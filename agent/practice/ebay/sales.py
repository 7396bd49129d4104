"""What buyers, packers and the seller do with orders, and what that does to the stock.

eBay takes the units when somebody commits to buy. An order is shown once it went through the checkout: a purchase that
is still to be paid has taken its units, and is seen by nobody. Whether a cancelled order puts its units back is not
documented: `restocks` says what this shop does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime

from agent.practice.base import Clock
from agent.practice.ebay.catalogue import Catalogue
from agent.practice.ebay.faults import Faults
from agent.practice.ebay.stock import Key
from agent.practice.late import Late


@dataclass
class Line:
    """One line item."""

    id: str
    key: Key
    listing: int
    sku: str | None
    title: str
    quantity: int
    specifics: dict[str, str]
    varied: bool


@dataclass
class Parcel:
    """One shipping fulfillment: line -> units."""

    id: str
    units: dict[str, int]
    at: datetime


@dataclass
class Order:
    """One order."""

    number: int
    id: str
    created: datetime
    modified: datetime
    lines: list[Line]
    payment: str = "PAID"
    cancel: str = "NONE_REQUESTED"
    cancelled: datetime | None = None
    parcels: list[Parcel] = field(default_factory=list)
    by_ebay: bool = False

    def sent(self, line: Line) -> int:
        """Units of a line that have left."""
        return sum(parcel.units.get(line.id, 0) for parcel in self.parcels)

    def state(self, line: Line) -> str:
        """lineItemFulfillmentStatus."""
        if self.sent(line) >= line.quantity:
            return "FULFILLED" if self.parcels else "NOT_STARTED"
        return "IN_PROGRESS" if self.sent(line) else "NOT_STARTED"

    @property
    def status(self) -> str:
        """orderFulfillmentStatus."""
        states = {self.state(line) for line in self.lines}
        if states == {"FULFILLED"}:
            return "FULFILLED"
        return "NOT_STARTED" if states <= {"NOT_STARTED"} else "IN_PROGRESS"


class Sales(Catalogue):
    """Orders by their id."""

    restocks = False

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.orders: dict[str, Order] = {}
        self.faults = Faults()
        self.late: Late[Order] = Late(clock, lambda: self.faults.order_visible_after)
        self._booked = 0

    # -- buyers ------------------------------------------------------------------------------------------------------

    def sell(self, key: Key, units: int) -> str | None:
        """A buyer buys and pays; None where the listing shows too few."""
        if self.listings[self.number(key)].status != "Active" or self.variation(key).available < units:
            return None
        return self.book_order([(key, units)]).id

    def book_order(self, lines: Iterable[tuple[Key, int]], payment: str = "PAID") -> Order:
        """Write an order down without asking whether there is stock. `payment` UNPAID: it is not shown before `pay`."""
        now = self.moment()
        self._booked += 1
        booked = [self._line(key, units, at) for at, (key, units) in enumerate(lines)]
        order = Order(self._booked, f"05-{self._booked:05d}-{10_000 + self._booked}", now, now, booked, payment)
        self.orders[order.id] = order
        for line in order.lines:
            self.variation(line.key).take(line.quantity)
        if payment != "UNPAID":
            self._changed(order)
        return order

    def _line(self, key: Key, units: int, at: int) -> Line:
        listing, variation = self.listings[self.number(key)], self.variation(key)
        id_ = f"{10_000_000_000 + self._booked * 100 + at}"
        return Line(
            id_, key, listing.id, variation.sku, listing.title, units, dict(variation.specifics), listing.varied
        )

    def pay(self, id_: str) -> None:
        """The money has come."""
        self.orders[id_].payment = "PAID"
        self._changed(self.orders[id_])

    # -- packers -----------------------------------------------------------------------------------------------------

    def ship(self, id_: str, units: int | None = None) -> None:
        """All that is left leaves, or so many units of the first line."""
        order = self.orders[id_]
        left = {line.id: line.quantity - order.sent(line) for line in order.lines}
        first = order.lines[0].id
        going = left if units is None else {first: min(units, left[first])}
        parcel = {line: n for line, n in going.items() if n > 0}
        order.parcels.append(Parcel(f"94{order.number:06d}{len(order.parcels):02d}", parcel, self.moment()))
        self._changed(order)

    # -- giving up ---------------------------------------------------------------------------------------------------

    def cancel(self, id_: str) -> None:
        """The order is given up; what was sent stays sent."""
        order = self.orders[id_]
        order.cancel, order.cancelled, order.payment = "CANCELED", self.moment(), "FULLY_REFUNDED"
        if not order.parcels and self.restocks:
            for line in order.lines:
                self.variation(line.key).take(-line.quantity)
        self._changed(order)

    def ask_cancel(self, id_: str) -> None:
        """The buyer asks for it; the seller has not agreed."""
        self.orders[id_].cancel = "IN_PROGRESS"
        self._changed(self.orders[id_])

    def refund(self, id_: str, *, whole: bool = True) -> None:
        """Money goes back: all of it, or some."""
        self.orders[id_].payment = "FULLY_REFUNDED" if whole else "PARTIALLY_REFUNDED"
        self._changed(self.orders[id_])

    def forget_order(self, id_: str) -> None:
        """It cannot be read any more."""
        self.late.show(self.orders.pop(id_).number, None)

    # -- what the API shows ------------------------------------------------------------------------------------------

    def readable(self) -> Sequence[Order]:
        """The orders that can be read now, each as it was when it last became readable."""
        return list(self.late.readable().values())

    def _changed(self, order: Order) -> None:
        order.modified = self.moment()
        self.late.show(order.number, deepcopy(order))
