"""Shopify: takes units at the order, sends in parcels, from several places."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import ClassVar

from agent.practice import shopify
from tests.scenarios.stage import Stage


class Front:
    """See `order_stage.Front`."""

    can = frozenset({"at order", "parcels", "other places", "parts", "undo", "edits", "forgets"})
    states: ClassVar = {"paid": "PAID", "unpaid": "PENDING", "waiting": "AUTHORIZED"}

    def __init__(self, stage: Stage, name: str) -> None:
        self.shop = shopify.Shop(clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep)
        self.transport = shopify.transport(self.shop)
        self.settings = {"url": f"https://{name}.myshopify.com", "access_token": "shpat_practice"}

    def _line(self, order: int, line: int) -> int:
        return self.shop.orders[order].lines[line].id

    def books(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> int:
        return self.shop.book_order(lines, self.states[state]).id

    def pays(self, order: int) -> None:
        self.shop.pay(order)

    def ships(self, order: int, units: int | None = None) -> None:
        self.shop.fulfil(order, None if units is None else {self._line(order, 0): units})

    def cancels(self, order: int, *, restock: bool = True) -> None:
        self.shop.cancel(order, restock)

    def refunds(self, order: int, line: int, units: int, *, restock: bool = True) -> None:
        self.shop.refund(order, {self._line(order, line): units}, restock)

    def edits(self, order: int, line: int, units: int) -> None:
        self.shop.edit_order(order, {self._line(order, line): units})

    def adds(self, order: int, listing: int, units: int) -> None:
        self.shop.edit_order(order, add=[(listing, units)])

    def undoes(self, order: int) -> None:
        self.shop.undo_fulfilment(order)

    def deletes(self, order: int) -> None:
        self.shop.delete_order(order)

    def unlists(self, listing: int) -> None:
        self.shop.delete_variant(listing)
