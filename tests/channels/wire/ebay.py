"""An eBay practice account for the contract suite."""

from __future__ import annotations

import random
import re
from datetime import UTC
from typing import Any, ClassVar

import httpx

from agent.channels import find
from agent.channels.base import Channel
from agent.channels.ebay.listings import listing_id
from agent.channels.http import Ports
from agent.channels.tokens import InMemory, Keeper, Tokens
from agent.practice.ebay import Request, Response, Shop, transport
from agent.practice.ebay.routes import sets
from agent.practice.ebay.shop import ALL_SCOPES
from tests.channels.clock import FakeClock
from tests.channels.wire.base import Deeds
from tests.channels.wire.ebay_contract import judge

CERT = "PRD-canary0123456789"
NO_READS = ("/oauth2/token", "/rate_limit/")


def settings(shop: Shop, **more: str) -> dict[str, str]:
    """What a seller has after saying yes to Stocksheet."""
    granted = str(httpx.URL("https://signin.ebay.com/done", params={"code": shop.authorise(), "expires_in": "299"}))
    return {"app_id": shop.app_id, "cert_id": shop.cert_id, "runame": shop.runame, "granted": granted, **more}


def connected(shop: Shop) -> InMemory:
    """The tokens of an account that was connected a while ago."""
    yes = shop.new_yes()
    grant = shop.new_grant(yes.refresh, ALL_SCOPES)
    return InMemory(Tokens(grant.access, grant.ends, yes.refresh, yes.ends))


class _Spoiling(httpx.AsyncBaseTransport):
    """Between channel and account: nonsense in the place of the quantities of some listings."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.spoiled: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if not self.spoiled or "xml" not in response.headers.get("content-type", ""):
            return response
        items = response.content.decode().split("<Item>")
        for at, item in enumerate(items):
            if any(f"<ItemID>{id_}</ItemID>" in item for id_ in self.spoiled):
                items[at] = re.sub(r"<(Quantity|QuantityAvailable)>\d+<", r"<\1>a proxy was here<", item)
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        text = "<Item>".join(items)
        return httpx.Response(response.status_code, headers=headers, text=text, request=request)


class EbayWorld(Deeds[Shop]):
    """See World. An order is cancelled and refunded as a whole, and seen when it is paid."""

    cannot: ClassVar = frozenset({"parts of a line", "unpaid orders"})

    def __init__(
        self,
        clock: FakeClock,
        rng: random.Random,
        tokens: Keeper | None = None,
        model: str = "inventory",
        url: str = "",
        **more: Any,
    ) -> None:
        self.clock = clock
        self.shop = Shop(clock=clock.now, rng=rng, cert_id=CERT, sleep=clock.sleep, model=model, **more)
        self.listens()
        self.wire = _Spoiling(transport(self.shop))
        self.keys: dict[str, int | str] = {}
        """Listing -> the shop's own key."""
        ports = Ports(clock=clock, rng=rng, transport=self.wire, tokens=tokens or connected(self.shop))
        self.channel: Channel = find("ebay").connect("my-shop", settings(self.shop, url=url), ports)

    def lose_answer_of_next_write(self, applied: bool) -> None:
        """What belongs to an offer is asked for before it is set: only the write is meant."""
        if applied:
            self.shop.faults.answer_lost_after_apply = 1
        else:
            self.shop.faults.write_lost_before_apply = 1

    def add(self, sku: str, quantity: int | None) -> str:
        key = self.shop.add_simple(sku, f"Thing {sku}", quantity)
        self.keys[str(key)] = key
        return str(key)

    def add_variants(self, sku: str, quantities: list[int]) -> list[str]:
        each = [{"sku": f"{sku}-{n}", "options": {"Size": str(n)}, "quantity": q} for n, q in enumerate(quantities)]
        return self.named(self.shop.add_product(f"Thing {sku}", each))

    def named(self, keys: list[str]) -> list[str]:
        """The listings of a product's keys."""
        found = [listing_id(str(self.shop.number(key)), self.shop.variation(key).specifics) for key in keys]
        self.keys |= dict(zip(found, keys, strict=True))
        return found

    def add_shared(self, sku: str, variants: int, quantity: int) -> list[str]:
        raise NotImplementedError("eBay has no shared quantities")

    def sell(self, listing: str, units: int, state: str = "paid") -> str:
        if state == "unpaid":
            return "none"  # it takes its units, and nobody sees an order: told in test_ebay.py
        payment = {"paid": "PAID", "waiting": "PENDING"}[state]
        return self.shop.book_order([(self.keys[listing], units)], payment).id

    def refund(self, order: str, units: int) -> None:
        self.shop.refund(order)

    def remove(self, listing: str) -> None:
        self.shop.remove(self.keys[listing])

    def stop_counting(self, listing: str) -> None:
        """The nearest that eBay has: it is an auction now."""
        self.shop.make_auction(self.keys[listing])

    def shown(self, listing: str) -> int | None:
        return self.shop.quantity(self.keys[listing])

    def spoil(self, listing: str) -> None:
        self.wire.spoiled.add(listing.partition("-")[0])

    def throttle(self, times: int, retry_after: int) -> None:
        self.shop.faults.throttle, self.shop.faults.retry_after = times, retry_after

    def refuse(self, listing: str) -> None:
        self.shop.faults.reject.add(self.shop.number(self.keys[listing]))

    def asked(self, what: str) -> list[tuple[Request, Response]]:
        """The calls of one path's end, or of one name of the Trading API."""
        return [
            each for each in self.exchanges
            if each[0].path.endswith(what) or each[0].headers.get("x-ebay-api-call-name") == what
        ]  # fmt: skip

    def writes(self) -> int:
        return sum(sets(request) and b'"offerId":"0"' not in request.body for request, _ in self.exchanges)

    def reads(self) -> int:
        return sum(not sets(request) and not request.path.endswith(NO_READS) for request, _ in self.exchanges)

    def validate(self) -> None:
        faults = [fault for request, response in self.exchanges for fault in judge(request, response)]
        assert not faults, faults[:5]


def world(clock: FakeClock, rng: random.Random) -> EbayWorld:
    """A fresh account whose listings are made with the Inventory API."""
    assert clock.now().tzinfo is UTC
    return EbayWorld(clock, rng)
