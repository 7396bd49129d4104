"""A Lazada practice shop for the contract suite."""

from __future__ import annotations

import json
import random
from datetime import UTC, timedelta
from typing import Any

from agent.channels import find
from agent.channels.base import Channel
from agent.channels.http import Ports
from agent.channels.tokens import InMemory, Keeper, Tokens
from agent.practice.lazada import Request, Response, Shop, transport
from agent.practice.lazada.declared import SET, documented, misfits_of_answer, misfits_of_request
from agent.practice.lazada.routes import params_of, path_of
from tests.channels.clock import FakeClock
from tests.channels.wire.base import Deeds, Spoiling

SECRET = "lazada_canary0123456789"
STATES = {"paid": "pending", "unpaid": "unpaid", "waiting": "packed"}


def settings(shop: Shop, **more: str) -> dict[str, str]:
    """What a seller has after saying yes to Stocksheet."""
    granted = f"https://localhost/?code={shop.authorise()}"
    given = {"country": shop.country, "app_key": shop.app_key, "app_secret": shop.app_secret, "granted": granted}
    return {**given, **more}


def connected(shop: Shop) -> InMemory:
    """The tokens of a shop that was connected a while ago."""
    pair = shop.new_pair()
    return InMemory(Tokens(pair.access, pair.access_ends - timedelta(hours=48), pair.refresh, pair.refresh_ends))


def spoil(found: Any, spoiled: set[object]) -> None:
    """Nonsense in the stock of these SKUs, wherever it stands."""
    data = found.get("data") if isinstance(found, dict) else None
    if not isinstance(data, dict):
        return
    for item in data.get("products", [data]):
        for sku in item.get("skus", []):
            if sku["SkuId"] in spoiled:
                for shelf in sku["multiWarehouseInventories"]:
                    shelf["sellableQuantity"] = {"oops": "a proxy was here"}


def misfits(request: Request, response: Response) -> list[str]:
    """What of an exchange is not as Lazada's contract declares it."""
    if response.headers.get("Content-Type") != "application/json":
        return []
    path = path_of(request)
    found = misfits_of_request(path, request.method, params_of(request))
    answer = json.loads(response.body)
    found += misfits_of_answer(path, answer)
    if answer["code"] != "0" and not documented(path, answer["code"], answer["message"]):
        found.append(f"{answer['code']}, {answer['message']} is not documented")
    return found


class LazadaWorld(Deeds[Shop]):
    """See World."""

    misfits = staticmethod(misfits)

    def __init__(
        self, clock: FakeClock, rng: random.Random, tokens: Keeper | None = None, place: str = "", **more: Any
    ) -> None:
        self.clock = clock
        given = {"app_secret": SECRET, **more}
        self.shop = Shop(clock=clock.now, rng=rng, sleep=clock.sleep, **given)
        self.listens()
        self.wire = Spoiling(transport(self.shop), spoil)
        self.shop.authorise()
        self.shop.yes_ends += timedelta(days=3650)  # a channel that runs for years is given a new yes in time
        ports = Ports(clock=clock, rng=rng, transport=self.wire, tokens=tokens or connected(self.shop))
        self.channel: Channel = find("lazada").connect("my-shop", settings(self.shop, location=place), ports)

    def add(self, sku: str, quantity: int | None) -> str:
        return self.shop.add_simple(sku, f"Thing {sku}", quantity)

    def add_variants(self, sku: str, quantities: list[int]) -> list[str]:
        each = [{"sku": f"{sku}-{n}", "options": {"Size": str(n)}, "quantity": q} for n, q in enumerate(quantities)]
        return self.shop.add_product(f"Thing {sku}", each)

    def add_shared(self, sku: str, variants: int, quantity: int) -> list[str]:
        return self.add_variants(sku, [quantity] * variants)  # Lazada has no common stock

    def sell(self, listing: str, units: int, state: str = "paid") -> str:
        return str(self.shop.book_order([(listing, units)], STATES[state]).id)

    def ship(self, order: str) -> None:
        self.shop.ship(int(order))

    def cancel(self, order: str) -> None:
        self.shop.cancel(int(order))

    def refund(self, order: str, units: int) -> None:
        """Units are cancelled before they are sent; after that they come back."""
        if any(unit.status == "shipped" for unit in self.shop.orders[int(order)].units):
            self.shop.send_back(int(order), 0, units)
        else:
            self.shop.cancel_units(int(order), 0, units)

    def remove_order(self, order: str) -> None:
        self.shop.forget_order(int(order))

    def stop_counting(self, listing: str) -> None:
        """The nearest that Lazada has: from now on it keeps and counts the stock itself."""
        self.shop.keep_at_lazada(listing)

    def spoil(self, listing: str) -> None:
        self.wire.spoiled.add(int(listing.rpartition("-")[2]))

    def throttle(self, times: int, retry_after: int) -> None:
        self.shop.faults.too_many, self.shop.faults.ban = times, retry_after

    def refuse(self, listing: str) -> None:
        self.shop.faults.reject_skus.add(int(listing.rpartition("-")[2]))

    def asked(self, path: str) -> list[tuple[Request, Response]]:
        """The calls of one path."""
        return [each for each in self.exchanges if path_of(each[0]) == path]

    def writes(self) -> int:
        """Without the call about nothing, which only asks for permission."""
        return sum("<Sku>" in dict(params_of(request))["payload"] for request, _ in self.asked(SET))

    def reads(self) -> int:
        return sum(request.method == "GET" for request, _ in self.exchanges)


def world(clock: FakeClock, rng: random.Random) -> LazadaWorld:
    """A fresh shop without listings."""
    assert clock.now().tzinfo is UTC
    return LazadaWorld(clock, rng)
