"""A WooCommerce practice shop for the contract suite."""

from __future__ import annotations

import random
from datetime import UTC
from typing import Any

from agent.channels import find
from agent.channels.base import Channel
from agent.channels.http import Ports
from agent.practice.woocommerce import Shop, transport
from tests.channels.clock import FakeClock
from tests.channels.wire.base import Deeds, Spoiling
from tests.practice.contract import validate_exchange, watch

KEY, SECRET = "ck_canary0123456789", "cs_canary9876543210"
SETTINGS = {"url": "https://shop.example", "consumer_key": KEY, "consumer_secret": SECRET}
STATES = {"paid": "processing", "unpaid": "pending", "waiting": "on-hold"}


def spoil(found: Any, spoiled: set[object]) -> None:
    """Nonsense in the quantities of these products, where they are listed."""
    for each in found if isinstance(found, list) else []:
        if each.get("id") in spoiled:
            each["stock_quantity"] = {"oops": "a plugin was here"}


class WooWorld(Deeds[Shop]):
    """See World."""

    def __init__(self, clock: FakeClock, rng: random.Random, settings: dict[str, str] | None = None) -> None:
        self.clock = clock
        self.shop = Shop(clock=clock.now, rng=rng, consumer_key=KEY, consumer_secret=SECRET, sleep=clock.sleep)
        self.exchanges = watch(self.shop)
        self.wire = Spoiling(transport(self.shop), spoil)
        ports = Ports(clock=clock, rng=rng, transport=self.wire)
        self.channel: Channel = find("woocommerce").connect("my-shop", settings or SETTINGS, ports)

    def add(self, sku: str, quantity: int | None) -> str:
        return str(self.shop.add_simple(sku, f"Thing {sku}", quantity))

    def add_variants(self, sku: str, quantities: list[int]) -> list[str]:
        each = [{"sku": f"{sku}-{n}", "options": {"Size": str(n)}, "quantity": q} for n, q in enumerate(quantities)]
        return [str(id_) for id_ in self.shop.add_variable(sku, f"Thing {sku}", each)[1]]

    def add_shared(self, sku: str, variants: int, quantity: int) -> list[str]:
        each = [{"sku": f"{sku}-{n}", "options": {"Size": str(n)}, "quantity": "parent"} for n in range(variants)]
        return [str(id_) for id_ in self.shop.add_variable(sku, f"Thing {sku}", each, parent_quantity=quantity)[1]]

    def sell(self, listing: str, units: int, state: str = "paid") -> str:
        return str(self.shop.book_order([(int(listing), units)], STATES[state]).id)

    def ship(self, order: str) -> None:
        self.shop.set_status(int(order), "completed")

    def cancel(self, order: str) -> None:
        self.shop.set_status(int(order), "cancelled")

    def refund(self, order: str, units: int) -> None:
        self.shop.refund(int(order), {self.shop.orders[int(order)].lines[0].id: units})

    def remove_order(self, order: str) -> None:
        self.shop.delete_order(int(order))

    def remove(self, listing: str) -> None:
        self.shop.delete_product(int(listing))

    def stop_counting(self, listing: str) -> None:
        self.shop.products[int(listing)].manage = False

    def shown(self, listing: str) -> int | None:
        return self.shop.quantity(int(listing))

    def spoil(self, listing: str) -> None:
        self.wire.spoiled.add(int(listing))

    def expire_access(self) -> None:
        self.shop.faults.expired_key = True

    def throttle(self, times: int, retry_after: int) -> None:
        self.shop.faults.throttle, self.shop.faults.retry_after = times, retry_after

    def refuse(self, listing: str) -> None:
        self.shop.faults.reject_ids.add(int(listing))

    def writes(self) -> int:
        return sum(each.request.writes and each.request.path.endswith("/batch") for each in self.exchanges)

    def reads(self) -> int:
        return sum(not each.request.writes for each in self.exchanges)

    def validate(self) -> None:
        for exchange in self.exchanges:
            if exchange.request.method != "OPTIONS":  # WordPress's own description of a route; not in the contract
                validate_exchange(exchange)
            for _, modified_after in [q for q in exchange.request.query if q[0] == "modified_after"]:
                assert ("dates_are_gmt", "true") in exchange.request.query, modified_after


def world(clock: FakeClock, rng: random.Random) -> WooWorld:
    """A fresh shop without listings."""
    assert clock.now().tzinfo is UTC
    return WooWorld(clock, rng)
