"""Lazada: takes units at the order; each unit is packed, sent, given up or sent back by itself."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar

from agent.practice import lazada
from agent.practice.lazada.orders import HOLDING
from tests.scenarios.stage import Stage


class Front:
    """See `order_stage.Front`."""

    can = frozenset({"at order", "parcels", "parts", "single units"})
    states: ClassVar = {"paid": "pending", "unpaid": "unpaid", "waiting": "packed"}

    def __init__(self, stage: Stage, name: str) -> None:
        self.shop = lazada.Shop(clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep)
        self.transport = lazada.transport(self.shop)
        self.settings = {
            "country": "sg", "app_key": self.shop.app_key, "app_secret": self.shop.app_secret,
            "granted": f"https://localhost/?code={self.shop.authorise()}",
        }  # fmt: skip

    def books(self, lines: Sequence[tuple[Any, int]], state: str = "paid") -> int:
        return self.shop.book_order(lines, self.states[state]).id

    def pays(self, order: int) -> None:
        self.shop.pay(order)

    def ships(self, order: int, units: int | None = None) -> None:
        self.shop.pack(order)
        self.shop.ready(order)
        self.shop.ship(order, units)

    def cancels(self, order: int, *, restock: bool = True) -> None:
        self.shop.cancel(order)

    def refunds(self, order: int, line: int, units: int, *, restock: bool = True) -> None:
        if self.shop.orders[order].of(line, "shipped", "delivered"):
            self.shop.send_back(order, line, units)
        else:
            self.shop.cancel_units(order, line, units)

    def edits(self, order: int, line: int, units: int) -> None:
        """Only fewer."""
        self.shop.cancel_units(order, line, len(self.shop.orders[order].of(line, *HOLDING)) - units)

    def deletes(self, order: int) -> None:
        self.shop.forget_order(order)

    def unlists(self, listing: Any) -> None:
        self.shop.remove(listing)
