"""Shopee: takes units at the order, splits into parcels, gives up units before they are sent; orders never grow."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar

from agent.practice import shopee
from tests.scenarios.stage import Stage


class Front:
    """See `order_stage.Front`."""

    can = frozenset({"at order", "parcels", "parts", "undo"})
    states: ClassVar = {"paid": "READY_TO_SHIP", "unpaid": "UNPAID", "waiting": "PENDING"}

    def __init__(self, stage: Stage, name: str) -> None:
        self.shop = shopee.Shop(clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep)
        self.transport = shopee.transport(self.shop)
        granted = f"https://localhost/?code={self.shop.authorise()}&shop_id={self.shop.shop_id}"
        self.settings = {
            "partner_id": str(self.shop.partner_id), "partner_key": self.shop.partner_key, "granted": granted,
        }  # fmt: skip

    def books(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> Any:
        return self.shop.book_order(lines, self.states[state]).sn

    def pays(self, order: Any) -> None:
        self.shop.pay(order)

    def ships(self, order: Any, units: int | None = None) -> None:
        self.shop.arrange(order)
        self.shop.ship(order, units)

    def cancels(self, order: Any, *, restock: bool = True) -> None:
        self.shop.cancel(order)

    def refunds(self, order: Any, line: int, units: int, *, restock: bool = True) -> None:
        if self.shop.orders[order].picked_up:
            self.shop.send_back(order, line, units)
        else:
            self.shop.cancel_units(order, line, units)

    def edits(self, order: Any, line: int, units: int) -> None:
        """Only fewer."""
        self.shop.cancel_units(order, line, self.shop.orders[order].lines[line].active - units)

    def undoes(self, order: Any) -> None:
        self.shop.fail_pickup(order)

    def deletes(self, order: Any) -> None:
        self.shop.forget_order(order)

    def unlists(self, listing: Any) -> None:
        self.shop.remove(listing)
