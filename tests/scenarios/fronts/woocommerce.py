"""WooCommerce: one parcel an order, a bin, drafts; the state is what a person sets it to."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import ClassVar

from agent.practice import woocommerce
from agent.practice.woocommerce.orders import Order
from tests.scenarios.stage import Stage


class Front:
    """See `order_stage.Front`."""

    can = frozenset({"unpaid", "trash", "drafts", "cancel shipped", "parts", "undo", "edits"})
    states: ClassVar = {"paid": "processing", "unpaid": "pending", "waiting": "on-hold", "draft": "checkout-draft"}

    def __init__(self, stage: Stage, name: str) -> None:
        self.shop = woocommerce.Shop(clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep)
        self.transport = woocommerce.transport(self.shop)
        self.settings = {
            "url": f"https://{name}.example.com", "consumer_key": "ck_practice", "consumer_secret": "cs_practice",
        }  # fmt: skip

    def _order(self, order: int) -> Order:
        return self.shop.orders[order]

    def books(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> int:
        return self.shop.book_order(lines, self.states[state]).id

    def pays(self, order: int) -> None:
        self.shop.set_status(order, "processing")

    def ships(self, order: int, units: int | None = None) -> None:
        self.shop.set_status(order, "completed")

    def cancels(self, order: int, *, restock: bool = True) -> None:
        self.shop.set_status(order, "cancelled")

    def refunds(self, order: int, line: int, units: int, *, restock: bool = True) -> None:
        self.shop.refund(order, {self._order(order).lines[line].id: units}, restock)

    def edits(self, order: int, line: int, units: int) -> None:
        self.shop.edit_order(order, {self._order(order).lines[line].id: units})

    def adds(self, order: int, listing: int, units: int) -> None:
        self.shop.edit_order(order, add=[(listing, units)])

    def undoes(self, order: int) -> None:
        self.shop.set_status(order, "processing")

    def deletes(self, order: int) -> None:
        self.shop.delete_order(order)

    def throws_away(self, order: int) -> None:
        self.shop.delete_order(order, force=False)

    def unlists(self, listing: int) -> None:
        self.shop.delete_product(listing)
