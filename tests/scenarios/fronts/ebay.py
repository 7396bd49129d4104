"""eBay: shows orders that are paid; parcels of single units, but money, never units, goes back."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar
from urllib.parse import urlencode

from agent.practice import ebay
from tests.scenarios.stage import Stage


class Front:
    """See `order_stage.Front`."""

    can = frozenset({"parcels", "whole orders"})
    states: ClassVar = {"paid": "PAID", "waiting": "PENDING"}

    def __init__(self, stage: Stage, name: str) -> None:
        self.shop = ebay.Shop(clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep)
        self.transport = ebay.transport(self.shop)
        granted = f"https://signin.ebay.com/done?{urlencode({'code': self.shop.authorise()})}"
        self.settings = {
            "app_id": self.shop.app_id, "cert_id": self.shop.cert_id, "runame": self.shop.runame, "granted": granted,
        }  # fmt: skip

    def books(self, lines: Sequence[tuple[int, int]], state: str = "paid") -> Any:
        return self.shop.book_order(lines, self.states[state]).id

    def pays(self, order: Any) -> None:
        self.shop.pay(order)

    def ships(self, order: Any, units: int | None = None) -> None:
        self.shop.ship(order, units)

    def cancels(self, order: Any, *, restock: bool = True) -> None:
        self.shop.cancel(order)

    def comes_back(self, order: Any) -> None:
        self.shop.refund(order)

    def deletes(self, order: Any) -> None:
        self.shop.forget_order(order)

    def unlists(self, listing: int) -> None:
        self.shop.remove(listing)
