"""The orders of a shop, and which of them can be read already: an order may show up, or change, only after a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from agent.practice.shopify.catalogue import Catalogue, Clock
from agent.practice.shopify.faults import Faults
from agent.practice.shopify.orders import Order


class Visible(Catalogue):
    """Orders as they are, and as the API shows them."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.faults = Faults()
        self.orders: dict[int, Order] = {}
        self._readable: dict[int, Order] = {}
        self._late: list[tuple[datetime, int, Order | None]] = []

    def show(self, order_id: int, order: Order | None) -> None:
        """An order as it now stands becomes readable, at once or late."""
        due = self.clock() + timedelta(seconds=self.faults.order_visible_after)
        self._late = [each for each in self._late if each[1] != order_id or each[0] < due]
        self._late.append((due, order_id, order))
        self.readable_orders()

    def readable_orders(self) -> dict[int, Order]:
        """The orders that the API can show now, each as it was when it last became readable."""
        now = self.clock()
        due = [each for each in self._late if each[0] <= now]
        if due:
            self._late = [each for each in self._late if each[0] > now]
        for _, order_id, order in sorted(due, key=lambda each: each[0]):
            if order is None:
                self._readable.pop(order_id, None)
            else:
                self._readable[order_id] = order
        return self._readable
