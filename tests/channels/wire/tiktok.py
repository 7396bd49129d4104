"""A TikTok practice shop for the contract suite."""

from __future__ import annotations

import json
import random
from datetime import UTC, timedelta
from typing import Any

from agent.channels import find
from agent.channels.base import Channel
from agent.channels.http import Ports
from agent.channels.tokens import InMemory, Keeper, Tokens
from agent.practice.tiktok import Request, Response, Shop, transport
from agent.practice.tiktok.declared import misfits_of_answer, misfits_of_request, operation_of
from agent.practice.tiktok.routes import sets
from tests.channels.clock import FakeClock
from tests.channels.wire.base import Deeds, Spoiling

KEY, SECRET = "6canary7key", "tts_canary0123456789"
STATES = {"paid": "AWAITING_SHIPMENT", "unpaid": "UNPAID", "waiting": "ON_HOLD"}


def settings(shop: Shop, **more: str) -> dict[str, str]:
    """What a seller has after saying yes to Stocksheet."""
    granted = f"https://localhost/?app_key={shop.app_key}&code={shop.authorise()}&locale=en"
    return {"app_key": shop.app_key, "app_secret": shop.app_secret, "granted": granted, **more}


def connected(shop: Shop) -> InMemory:
    """The tokens of a shop that was connected a while ago."""
    pair = shop.new_pair()
    return InMemory(Tokens(pair.access, pair.access_ends, pair.refresh, pair.refresh_ends))


def spoil(found: Any, spoiled: set[object]) -> None:
    """Nonsense in the quantities of these SKUs, wherever they stand."""
    data = found.get("data") or {} if isinstance(found, dict) else {}
    for product in data.get("products", []) + data.get("inventory", []):
        for sku in product["skus"]:
            if sku["id"] in spoiled:
                for row in sku.get("inventory", []) + sku.get("warehouse_inventory", []):
                    row["quantity" if "quantity" in row else "available_quantity"] = {"oops": "a proxy was here"}


def misfits(request: Request, response: Response) -> list[str]:
    """What of an exchange is not as TikTok Shop's documents declare it."""
    if response.headers.get("Content-Type") != "application/json":
        return []
    found = misfits_of_request(request.method, request.path, request.query, request.body)
    called = operation_of(request.method, request.path)
    return found + (misfits_of_answer(called[0], json.loads(response.body)) if called else [])


class TikTokWorld(Deeds[Shop]):
    """See World."""

    misfits = staticmethod(misfits)

    def __init__(
        self, clock: FakeClock, rng: random.Random, tokens: Keeper | None = None, place: str = "", **more: Any
    ) -> None:
        self.clock = clock
        given = {"app_key": KEY, "app_secret": SECRET, **more}
        self.shop = Shop(clock=clock.now, rng=rng, sleep=clock.sleep, **given)
        self.listens()
        self.wire = Spoiling(transport(self.shop), spoil)
        self.shop.refresh_life = timedelta(days=3650)
        ports = Ports(clock=clock, rng=rng, transport=self.wire, tokens=tokens or connected(self.shop))
        self.channel: Channel = find("tiktok").connect("my-shop", settings(self.shop, location=place), ports)

    def add(self, sku: str, quantity: int | None) -> str:
        return self.shop.add_simple(sku, f"Thing {sku}", quantity)

    def add_variants(self, sku: str, quantities: list[int]) -> list[str]:
        each = [{"sku": f"{sku}-{n}", "options": {"Size": str(n)}, "quantity": q} for n, q in enumerate(quantities)]
        return self.shop.add_product(f"Thing {sku}", each)[1]

    def add_shared(self, sku: str, variants: int, quantity: int) -> list[str]:
        return self.add_variants(sku, [quantity] * variants)  # TikTok Shop has no common stock

    def sell(self, listing: str, units: int, state: str = "paid") -> str:
        return self.shop.book_order([(listing, units)], STATES[state]).id

    def refund(self, order: str, units: int) -> None:
        """Units are given up before they are sent; after that they come back."""
        sku = self.shop.orders[order].units[0].sku_id
        if self.shop.orders[order].collected:
            self.shop.send_back(order, sku, units)
        else:
            self.shop.cancel_units(order, sku, units)

    def stop_counting(self, listing: str) -> None:
        """The nearest that TikTok Shop has: from now on it keeps and counts the stock itself."""
        self.shop.keep_at_tiktok(listing)

    def spoil(self, listing: str) -> None:
        self.wire.spoiled.add(listing)

    def refuse(self, listing: str) -> None:
        self.shop.faults.reject_products.add(self.shop.skus[listing].product.id)

    def asked(self, operation: str) -> list[tuple[Request, Response]]:
        """The calls of one operation."""
        return [
            each for each in self.exchanges if (operation_of(each[0].method, each[0].path) or ("",))[0] == operation
        ]

    def writes(self) -> int:
        return sum(sets(request) and "/products/0/" not in request.path for request, _ in self.exchanges)

    def reads(self) -> int:
        return len(self.exchanges) - self.writes() - len(self.asked("getToken")) - len(self.asked("refreshToken"))


def world(clock: FakeClock, rng: random.Random) -> TikTokWorld:
    """A fresh shop without listings."""
    assert clock.now().tzinfo is UTC
    return TikTokWorld(clock, rng)
