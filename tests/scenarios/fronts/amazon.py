"""Amazon: takes units while the payment is pending, splits into parcels; what is shipped stays shipped, orders
never change, and what came back stands nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar

from agent.practice import amazon
from tests.scenarios.stage import Stage


class Front:
    """See `order_stage.Front`."""

    can = frozenset({"at order", "parcels"})
    states: ClassVar = {"paid": "UNSHIPPED", "unpaid": "PENDING", "waiting": "PENDING"}

    def __init__(self, stage: Stage, name: str) -> None:
        busy = {"searchOrders": (5.0, 40), "getOrder": (5.0, 40)}  # so many looks in no time are no busy seller's
        self.shop = amazon.Shop(
            clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep, limits=busy
        )
        self.shop.behind = 0.0
        self.transport = amazon.transport(self.shop)
        self.settings = {
            "country": "US", "seller_id": self.shop.seller_id, "client_id": self.shop.client_id,
            "client_secret": self.shop.client_secret, "refresh_token": self.shop.refresh_token,
        }  # fmt: skip

    def books(self, lines: Sequence[tuple[Any, int]], state: str = "paid") -> Any:
        return self.shop.book_order(lines, self.states[state]).id

    def pays(self, order: Any) -> None:
        self.shop.pay(order)

    def ships(self, order: Any, units: int | None = None) -> None:
        self.shop.ship(order, units)

    def cancels(self, order: Any, *, restock: bool = True) -> None:
        self.shop.cancel(order, "BUYER" if restock else "MERCHANT")

    def deletes(self, order: Any) -> None:
        self.shop.forget_order(order)

    def unlists(self, listing: Any) -> None:
        self.shop.remove(listing)
