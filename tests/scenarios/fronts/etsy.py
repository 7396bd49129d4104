"""What people do in a practice Etsy, told in the language of `order_stage`."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import ClassVar

from agent.channels.etsy.access import challenge
from agent.practice import etsy
from tests.scenarios.stage import Stage


class Front:
    """Etsy: takes units at the order and gives none back; an order goes and ends as a whole. What sells out there may
    be renewed."""

    can = frozenset({"at order", "whole orders"})
    states: ClassVar = {"paid": "paid", "unpaid": "open", "waiting": "payment processing"}

    def __init__(self, stage: Stage, name: str) -> None:
        self.shop = etsy.Shop(clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep)
        self.transport = etsy.transport(self.shop)
        granted = f"https://localhost/?code={self.shop.authorise(challenge())}"
        self.settings = {
            "keystring": self.shop.keystring, "shared_secret": self.shop.shared_secret, "granted": granted,
            "renew": "yes",
        }  # fmt: skip

    def books(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> int:
        return self.shop.book_order(lines, self.states[state]).id

    def pays(self, order: int) -> None:
        self.shop.pay(order)

    def ships(self, order: int, units: int | None = None) -> None:
        if self.shop.orders[order].status != "canceled":
            self.shop.ship(order)

    def cancels(self, order: int, *, restock: bool = True) -> None:
        self.shop.cancel(order)

    def comes_back(self, order: int) -> None:
        self.shop.refund_all(order)

    def deletes(self, order: int) -> None:
        self.shop.delete_order(order)

    def unlists(self, listing: int) -> None:
        self.shop.remove(listing)
