"""A Takealot practice shop for the contract suite."""

from __future__ import annotations

import random
from datetime import UTC
from typing import Any, ClassVar

from agent.channels import find
from agent.channels.base import Channel
from agent.channels.http import Ports
from agent.practice.takealot import Shop, transport
from tests.channels.clock import FakeClock
from tests.channels.wire.base import Deeds, Spoiling
from tests.channels.wire.takealot_contract import judge

KEY = "canary0123456789canary"
SETTINGS = {"api_key": KEY}


def spoil(found: Any, spoiled: set[object]) -> None:
    """Nonsense in the quantities of these offers."""
    for offer in found.get("items", []) if isinstance(found, dict) else []:
        if offer.get("offer_id") in spoiled:
            for each in offer["seller_warehouse_stock"]:
                each["quantity_available"] = {"oops": "a gateway was here"}


class TakealotWorld(Deeds[Shop]):
    """See World. A sale appears when it is paid; it is shipped, cancelled or returned as a whole."""

    cannot: ClassVar = frozenset({"parts of a line", "options", "unpaid orders"})

    def __init__(self, clock: FakeClock, rng: random.Random, settings: dict[str, str] | None = None) -> None:
        self.clock = clock
        self.shop = Shop(clock=clock.now, rng=rng, api_key=KEY, sleep=clock.sleep)
        self.listens()
        self.wire = Spoiling(transport(self.shop), spoil)
        ports = Ports(clock=clock, rng=rng, transport=self.wire)
        self.channel: Channel = find("takealot").connect("my-shop", settings or SETTINGS, ports)

    def add(self, sku: str, quantity: int | None) -> str:
        return str(self.shop.add_simple(sku, f"Thing {sku}", quantity))

    def add_variants(self, sku: str, quantities: list[int]) -> list[str]:
        each = [(f"{sku}-{n}", f"Size: {n}", quantity) for n, quantity in enumerate(quantities)]
        return [str(id_) for id_ in self.shop.add_product(f"Thing {sku}", each)]

    def add_shared(self, sku: str, variants: int, quantity: int) -> list[str]:
        raise NotImplementedError("Takealot has no shared quantities")

    def sell(self, listing: str, units: int, state: str = "paid") -> str:
        return str(self.shop.book_order([(int(listing), units)]).id) if state != "unpaid" else "none"

    def ship(self, order: str) -> None:
        self.shop.ship(int(order))

    def cancel(self, order: str) -> None:
        self.shop.cancel(int(order))

    def refund(self, order: str, units: int) -> None:
        self.shop.give_back(int(order))

    def remove_order(self, order: str) -> None:
        self.shop.delete_order(int(order))

    def remove(self, listing: str) -> None:
        self.shop.remove(int(listing))

    def stop_counting(self, listing: str) -> None:
        self.shop.stop_counting(int(listing))

    def shown(self, listing: str) -> int | None:
        return self.shop.quantity(int(listing))

    def spoil(self, listing: str) -> None:
        self.wire.spoiled.add(int(listing))

    def expire_access(self) -> None:
        self.shop.new_key("another-tool-has-a-new-one")

    def throttle(self, times: int, retry_after: int) -> None:
        self.shop.faults.throttle, self.shop.faults.retry_after = times, retry_after

    def refuse(self, listing: str) -> None:
        self.shop.faults.reject_offers.add(int(listing))

    def writes(self) -> int:
        return sum(request.writes for request, _ in self.exchanges)

    def reads(self) -> int:
        return len(self.exchanges) - self.writes()

    def validate(self) -> None:
        faults = [fault for request, response in self.exchanges for fault in judge(request, response)]
        assert not faults, "\n".join(dict.fromkeys(faults))


def world(clock: FakeClock, rng: random.Random) -> TakealotWorld:
    """A fresh shop without offers."""
    assert clock.now().tzinfo is UTC
    return TakealotWorld(clock, rng)
