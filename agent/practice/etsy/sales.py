"""What buyers, packers and the seller do with orders, and what that does to the stock.

Etsy takes units at the order, paid or not, and gives none back by itself: not for a cancelled order, not for a refund.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.practice.base import Clock
from agent.practice.etsy.catalogue import Catalogue, Key
from agent.practice.etsy.faults import Faults
from agent.practice.etsy.orders import Receipt, Refund, Transaction
from agent.practice.late import Late


class Sales(Catalogue):
    """Receipts by id."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.orders: dict[int, Receipt] = {}
        self.faults = Faults()
        self.late: Late[Receipt] = Late(clock, lambda: self.faults.order_visible_after)

    # -- buyers ------------------------------------------------------------------------------------------------------

    def sell(self, key: Key, units: int, status: str = "paid") -> int | None:
        """A buyer orders one thing; None where the shop shows too few."""
        return self.place_order([(key, units)], status)

    def place_order(self, lines: Sequence[tuple[Key, int]], status: str = "paid") -> int | None:
        """A buyer orders several things, all or nothing."""
        if any((self.quantity(key) or 0) < units for key, units in lines):
            return None
        return self.book_order(lines, status).id

    def book_order(self, lines: Iterable[tuple[Key, int]], status: str = "paid") -> Receipt:
        """Write an order down without asking whether there is stock."""
        now = self.moment()
        booked = [self._line(key, units) for key, units in lines]
        receipt = Receipt(self.new_id(), status, now, now, booked, paid=now if status == "paid" else None)
        self.orders[receipt.id] = receipt
        self._changed(receipt)
        return receipt

    def _line(self, key: Key, units: int) -> Transaction:
        listing, product = self.listing(key), self.product(key)
        if not listing.digital:
            for each in listing.sharing(product):
                each.quantity = max(0, each.quantity - units)
            self._note(listing)
        return Transaction(
            self.new_id(), listing.id, product.id, listing.title, product.sku, product.values, units, product.cents,
            listing.digital,
        )  # fmt: skip

    def pay(self, id_: int) -> None:
        """The money has come."""
        self.orders[id_].paid = self.moment()
        self._to(self.orders[id_], "paid")

    # -- packers and the seller --------------------------------------------------------------------------------------

    def ship(self, id_: int) -> None:
        """The seller completes the order."""
        self.orders[id_].shipped = self.moment()
        self._to(self.orders[id_], "completed")

    def cancel(self, id_: int) -> None:
        """All the money is given back, and the order is over; what was shipped stays shipped."""
        self.orders[id_].refunds.append(Refund(self.orders[id_].cents, self.moment()))
        self._to(self.orders[id_], "canceled")

    def refund_all(self, id_: int) -> None:
        """All the money is given back."""
        self.orders[id_].refunds.append(Refund(self.orders[id_].cents, self.moment()))
        self._to(self.orders[id_], "fully refunded")

    def refund_part(self, id_: int, cents: int) -> None:
        """Some of the money is given back: Etsy does not say for what."""
        self.orders[id_].refunds.append(Refund(cents, self.moment()))
        self._to(self.orders[id_], "partially refunded")

    def delete_order(self, id_: int) -> None:
        """It cannot be read any more."""
        del self.orders[id_]
        self.late.show(id_, None)

    # -- what the API shows ------------------------------------------------------------------------------------------

    def readable(self) -> list[Receipt]:
        """The orders that can be read now, each as it was when it last became readable."""
        return list(self.late.readable().values())

    def _to(self, receipt: Receipt, status: str) -> None:
        receipt.status = status
        self._changed(receipt)

    def _changed(self, receipt: Receipt) -> None:
        receipt.updated = self.moment()
        self.late.show(receipt.id, receipt.copy())
