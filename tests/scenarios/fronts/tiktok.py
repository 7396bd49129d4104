"""TikTok Shop: takes units at the order, one line for each; sends parcels, gives up single units; orders never
grow."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar

from agent.practice import tiktok
from tests.scenarios.stage import Stage


class Front:
    """See `order_stage.Front`."""

    can = frozenset({"at order", "parcels", "parts", "undo", "single units"})
    states: ClassVar = {"paid": "AWAITING_SHIPMENT", "unpaid": "UNPAID", "waiting": "ON_HOLD"}

    def __init__(self, stage: Stage, name: str) -> None:
        self.shop = tiktok.Shop(clock=stage.clock.now, rng=Random(name), name=name, sleep=stage.clock.sleep)
        self.transport = tiktok.transport(self.shop)
        granted = f"https://localhost/?app_key={self.shop.app_key}&code={self.shop.authorise()}"
        self.settings = {
            "app_key": self.shop.app_key, "app_secret": self.shop.app_secret, "granted": granted,
        }  # fmt: skip
        self.lines: dict[str, list[str]] = {}
        """Order -> the SKU of each of its lines, as they were booked."""

    def books(self, lines: Sequence[tuple[Any, int]], state: str = "paid") -> Any:
        order = self.shop.book_order(lines, self.states[state]).id
        self.lines[order] = [sku for sku, _ in lines]
        return order

    def pays(self, order: Any) -> None:
        self.shop.pay(order)

    def ships(self, order: Any, units: int | None = None) -> None:
        self.shop.arrange(order)
        self.shop.ship(order, units)

    def cancels(self, order: Any, *, restock: bool = True) -> None:
        self.shop.cancel(order)

    def refunds(self, order: Any, line: int, units: int, *, restock: bool = True) -> None:
        sku = self.lines[order][line]
        if self.shop.orders[order].collected:
            self.shop.send_back(order, sku, units)
        else:
            self.shop.cancel_units(order, sku, units)

    def edits(self, order: Any, line: int, units: int) -> None:
        """Only fewer."""
        sku = self.lines[order][line]
        kept = sum(each.sku_id == sku and each.status != "CANCELLED" for each in self.shop.orders[order].units)
        self.shop.cancel_units(order, sku, kept - units)

    def undoes(self, order: Any) -> None:
        self.shop.fail_pickup(order)

    def deletes(self, order: Any) -> None:
        self.shop.forget_order(order)

    def unlists(self, listing: Any) -> None:
        self.shop.remove(listing)
