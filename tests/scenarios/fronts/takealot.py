"""Takealot: shows paid orders only, whole days at a look; an order goes, ends and comes back as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import ClassVar

from agent.practice import takealot
from tests.scenarios.stage import Stage


class Front:
    """See `order_stage.Front`."""

    can = frozenset({"whole orders", "whole days"})
    states: ClassVar = {"paid": "new_lead_time_order", "waiting": "preparing_for_customer"}

    def __init__(self, stage: Stage, name: str) -> None:
        self.shop = takealot.Shop(clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep)
        self.transport = takealot.transport(self.shop)
        self.settings = {"api_key": "practice-key"}

    def books(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> int:
        return self.shop.book_order(lines, self.states[state]).id

    def pays(self, order: int) -> None:
        self.shop.set_status(order, "preparing_for_customer")

    def ships(self, order: int, units: int | None = None) -> None:
        if all(sale.status != "cancelled_by_customer" for sale in self.shop.orders[order].sales):
            self.shop.ship(order)

    def cancels(self, order: int, *, restock: bool = True) -> None:
        self.shop.cancel(order)

    def comes_back(self, order: int) -> None:
        self.shop.give_back(order)

    def deletes(self, order: int) -> None:
        self.shop.delete_order(order)

    def unlists(self, listing: int) -> None:
        self.shop.remove(listing)
