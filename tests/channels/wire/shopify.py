"""A Shopify practice shop for the contract suite."""

from __future__ import annotations

import json
import random
from datetime import UTC
from typing import Any

from agent.channels import find
from agent.channels.base import Channel
from agent.channels.http import Ports
from agent.practice.shopify import Response, Shop, gid, transport
from agent.practice.shopify.shop import SCOPES
from tests.channels.clock import FakeClock
from tests.channels.wire.admin_schema import faults_of, misfits_of_answer
from tests.channels.wire.base import Deeds, Spoiling

CLIENT, SECRET = "canary-client-id", "shpss_canary9876543210"
SETTINGS = {"url": "https://practice-shop.myshopify.com", "client_id": CLIENT, "client_secret": SECRET}
STATES = {"paid": "PAID", "unpaid": "PENDING", "waiting": "AUTHORIZED"}
Body = dict[str, Any]


def spoil(found: Any, spoiled: set[object]) -> None:
    """Nonsense in the quantities of these variants, wherever they stand."""
    if isinstance(found, list):
        for each in found:
            spoil(each, spoiled)
    elif isinstance(found, dict):
        if found.get("id") in spoiled:
            for each in found["inventoryItem"]["inventoryLevel"]["quantities"]:
                each["quantity"] = {"oops": "an app was here"}
        for each in found.values():
            spoil(each, spoiled)


class ShopifyWorld(Deeds[Shop]):
    """See World."""

    def __init__(self, clock: FakeClock, rng: random.Random, settings: dict[str, str] | None = None) -> None:
        self.clock = clock
        may = (*SCOPES, "read_all_orders")
        self.shop = Shop(
            clock=clock.now, rng=rng, client_id=CLIENT, client_secret=SECRET, sleep=clock.sleep, scopes=may
        )
        self.listens()
        self.wire = Spoiling(transport(self.shop), spoil)
        ports = Ports(clock=clock, rng=rng, transport=self.wire)
        self.channel: Channel = find("shopify").connect("my-shop", settings or SETTINGS, ports)

    def add(self, sku: str, quantity: int | None) -> str:
        return str(self.shop.add_simple(sku, f"Thing {sku}", quantity))

    def add_variants(self, sku: str, quantities: list[int]) -> list[str]:
        each = [{"sku": f"{sku}-{n}", "options": {"Size": str(n)}, "quantity": q} for n, q in enumerate(quantities)]
        return [str(id_) for id_ in self.shop.add_product(f"Thing {sku}", each)[1]]

    def add_shared(self, sku: str, variants: int, quantity: int) -> list[str]:
        first = {"sku": f"{sku}-0", "options": {"Size": "0"}, "quantity": quantity}
        product, ids = self.shop.add_product(f"Thing {sku}", [first])
        for n in range(1, variants):
            more = {"sku": f"{sku}-{n}", "options": {"Size": str(n)}, "shares": ids[0]}
            ids.append(self.shop.add_variant(product, more))
        return [str(id_) for id_ in ids]

    def sell(self, listing: str, units: int, state: str = "paid") -> str:
        return str(self.shop.book_order([(int(listing), units)], STATES[state]).id)

    def ship(self, order: str) -> None:
        self.shop.fulfil(int(order))

    def cancel(self, order: str) -> None:
        self.shop.cancel(int(order))

    def refund(self, order: str, units: int) -> None:
        self.shop.refund(int(order), {self.shop.orders[int(order)].lines[0].id: units})

    def remove_order(self, order: str) -> None:
        self.shop.delete_order(int(order))

    def remove(self, listing: str) -> None:
        self.shop.delete_variant(int(listing))

    def stop_counting(self, listing: str) -> None:
        self.shop.set_tracked(int(listing), False)

    def shown(self, listing: str) -> int | None:
        tracked = self.shop.variants[int(listing)].inventory_item.tracked
        return self.shop.quantity(int(listing)) if tracked else None

    def spoil(self, listing: str) -> None:
        self.wire.spoiled.add(gid("ProductVariant", int(listing)))

    def expire_access(self) -> None:
        self.shop.revoke_tokens()
        self.shop.client_secret = "shpss_another"

    def refuse(self, listing: str) -> None:
        self.shop.faults.reject_items.add(self.shop.variants[int(listing)].inventory_item.id)

    def asked(self) -> list[tuple[Body, Response]]:
        """Every question in GraphQL so far, with its answer."""
        asked = [(request, answer) for request, answer in self.exchanges if request.path.endswith("graphql.json")]
        return [(json.loads(request.body), answer) for request, answer in asked]

    def writes(self) -> int:
        return sum("inventorySetQuantities" in body["query"] for body, _ in self.asked())

    def reads(self) -> int:
        return sum("mutation" not in body["query"] for body, _ in self.asked())

    def validate(self) -> None:
        for body, answer in self.asked():
            assert faults_of(body["query"], body["variables"]) == [], body
            told = answer.status == 200 and answer.body.startswith(b"{") and b'"errors"' not in answer.body
            if told:
                data = json.loads(answer.body)["data"]
                assert misfits_of_answer(body["query"], body["variables"], data) == [], body["query"]


def world(clock: FakeClock, rng: random.Random) -> ShopifyWorld:
    """A fresh shop without listings."""
    assert clock.now().tzinfo is UTC
    return ShopifyWorld(clock, rng)
