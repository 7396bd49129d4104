"""A Shopee practice shop for the contract suite."""

from __future__ import annotations

import json
import random
from datetime import UTC, timedelta
from typing import Any

from agent.channels import find
from agent.channels.base import Channel
from agent.channels.http import Ports
from agent.channels.tokens import InMemory, Keeper, Tokens
from agent.practice.shopee import Request, Response, Shop, transport
from agent.practice.shopee.declared import documented, endpoints, misfits_of_answer, misfits_of_request
from agent.practice.shopee.routes import SET
from tests.channels.clock import FakeClock
from tests.channels.wire.base import Deeds, Spoiling

PARTNER, KEY = 2_001_887, "shpk_canary0123456789"
STATES = {"paid": "READY_TO_SHIP", "unpaid": "UNPAID", "waiting": "PENDING"}


def settings(shop: Shop, **more: str) -> dict[str, str]:
    """What a seller has after saying yes to Stocksheet."""
    granted = f"https://localhost/?code={shop.authorise()}&shop_id={shop.shop_id}"
    return {"partner_id": str(shop.partner_id), "partner_key": shop.partner_key, "granted": granted, **more}


def connected(shop: Shop) -> InMemory:
    """The tokens of a shop that was connected a while ago."""
    pair = shop.new_pair()
    return InMemory(Tokens(pair.access, pair.access_ends, pair.refresh))


def spoil(found: Any, spoiled: set[object]) -> None:
    """Nonsense in the stock of these, wherever it stands. Named as people name them: item, or item and model."""
    items = found.get("response") or {} if isinstance(found, dict) else {}
    for each in items.get("item_list", []) + items.get("model", []) if isinstance(items, dict) else []:
        if {each.get("model_id"), each.get("item_id")} & spoiled and "stock_info_v2" in each:
            each["stock_info_v2"]["seller_stock"][0]["stock"] = {"oops": "a proxy was here"}


def misfits(request: Request, response: Response) -> list[str]:
    """What of an exchange is not as Shopee's documents declare it."""
    if response.headers.get("Content-Type") != "application/json":
        return []
    found = misfits_of_request(request.path, request.method, request.query, request.body)
    answer = json.loads(response.body)
    found += misfits_of_answer(request.path, answer)
    if answer["error"] and not documented(request.path, answer["error"], answer["message"]):
        found.append(f"{answer['error']}, {answer['message']} is not documented")
    return found


class ShopeeWorld(Deeds[Shop]):
    """See World."""

    misfits = staticmethod(misfits)

    def __init__(
        self, clock: FakeClock, rng: random.Random, tokens: Keeper | None = None, place: str = "", **more: Any
    ) -> None:
        self.clock = clock
        given = {"partner_id": PARTNER, "partner_key": KEY, **more}
        self.shop = Shop(clock=clock.now, rng=rng, sleep=clock.sleep, **given)
        self.listens()
        self.wire = Spoiling(transport(self.shop), spoil)
        self.shop.refresh_life = timedelta(days=3650)  # a channel that runs renews within thirty days
        ports = Ports(clock=clock, rng=rng, transport=self.wire, tokens=tokens or connected(self.shop))
        self.channel: Channel = find("shopee").connect("my-shop", settings(self.shop, location=place), ports)

    def add(self, sku: str, quantity: int | None) -> str:
        return str(self.shop.add_simple(sku, f"Thing {sku}", quantity))

    def add_variants(self, sku: str, quantities: list[int]) -> list[str]:
        each = [{"sku": f"{sku}-{n}", "options": {"Size": str(n)}, "quantity": q} for n, q in enumerate(quantities)]
        return self.shop.add_product(f"Thing {sku}", each)[1]

    def add_shared(self, sku: str, variants: int, quantity: int) -> list[str]:
        return self.add_variants(sku, [quantity] * variants)  # Shopee has no common stock

    def sell(self, listing: str, units: int, state: str = "paid") -> str:
        return self.shop.book_order([(listing, units)], STATES[state]).sn

    def refund(self, order: str, units: int) -> None:
        """Shopee takes units out of an order before it is sent; after that they come back."""
        if self.shop.orders[order].picked_up:
            self.shop.send_back(order, 0, units)
        else:
            self.shop.cancel_units(order, 0, units)

    def stop_counting(self, listing: str) -> None:
        """The nearest that Shopee has: from now on it keeps and counts the stock itself."""
        self.shop.keep_at_shopee(listing)

    def spoil(self, listing: str) -> None:
        self.wire.spoiled.add(int(listing.rpartition("-")[2]))

    def refuse(self, listing: str) -> None:
        self.shop.faults.reject_items.add(int(listing.partition("-")[0]))

    def asked(self, tail: str) -> list[tuple[Request, Response]]:
        """The calls of one endpoint."""
        return [each for each in self.exchanges if each[0].path.endswith(tail)]

    def writes(self) -> int:
        return sum(json.loads(request.body)["item_id"] != 0 for request, _ in self.asked(SET))

    def reads(self) -> int:
        return sum(endpoints().get(request.path, {}).get("method") == "GET" for request, _ in self.exchanges)


def world(clock: FakeClock, rng: random.Random) -> ShopeeWorld:
    """A fresh shop without listings."""
    assert clock.now().tzinfo is UTC
    return ShopeeWorld(clock, rng)
