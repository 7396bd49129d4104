"""An Amazon practice account for the contract suite, and the vendor's models as a judge of every exchange."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC
from functools import cache
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import jsonschema  # type: ignore[import-untyped]

from agent.channels import find
from agent.channels.base import Channel
from agent.channels.http import Ports
from agent.channels.tokens import InMemory, Keeper
from agent.practice.amazon import Request, Response, Shop, transport
from agent.practice.amazon.declared import contract, misfits_of_request, operation_of
from tests.channels.clock import FakeClock
from tests.channels.wire.base import Deeds, Spoiling

KEYS = {
    "seller_id": "A2CANARY0123456789",
    "client_id": "amzn1.application-oa2-client.canary0123456789",
    "client_secret": "canary-amzn1.oa2-cs.v1.0123456789",
    "refresh_token": "Atzr|canary0123456789",
}
STATES = {"paid": "UNSHIPPED", "unpaid": "PENDING", "waiting": "PENDING"}
BUSY = {"searchOrders": (5.0, 40), "getOrder": (5.0, 40)}
"""Limits of a busy seller's account: many looks in short time are no subject of most tests."""


def settings(shop: Shop, **more: str) -> dict[str, str]:
    """What a seller types."""
    return {
        "country": shop.country, "seller_id": shop.seller_id, "client_id": shop.client_id,
        "client_secret": shop.client_secret, "refresh_token": shop.refresh_token, **more,
    }  # fmt: skip


def spoil(found: Any, spoiled: set[object]) -> None:
    """Nonsense in the quantities of these SKUs."""
    for each in found.get("items", []) if isinstance(found, dict) else []:
        if each.get("sku") in spoiled:
            for entry in each.get("fulfillmentAvailability", []):
                entry["quantity"] = {"oops": "a proxy was here"}


# --- the judge --------------------------------------------------------------------------------------------------------


@cache
def _strict() -> dict[str, Any]:
    found: dict[str, Any] = _closed(contract())
    return found


def _closed(schema: Any) -> Any:
    """No field beyond those that are named."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(each) for name, each in schema.items()}
    return (
        {"additionalProperties": False, **closed}
        if schema.get("type") == "object" and "properties" in schema
        else closed
    )


@cache
def _judge(*where: str) -> jsonschema.Draft7Validator:
    """Of one schema of the contract, by the way to it."""
    schema = _strict()
    for name in where:
        schema = schema[name]
    return jsonschema.Draft7Validator({**schema, "definitions": _strict()["definitions"]})


def _misfits(found: Any, *where: str) -> Iterator[str]:
    for error in _judge(*where).iter_errors(found):
        yield f"{where[-1]} {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def misfits(request: Request, response: Response) -> list[str]:
    """What of an exchange is not as Amazon's models declare it."""
    if request.path == "/auth/o2/token":
        return [] if set(dict(parse_qsl(request.body.decode()))) == _LOGIN else ["the login has other fields"]
    if request.path.startswith("/files/"):
        return _file(request)
    found = operation_of(request)
    if found is None:
        return ["there is no such call"]
    operation = found[0]
    faults = misfits_of_request(operation, request)
    if request.body:
        faults += _misfits(json.loads(request.body), "calls", operation, "body")
    if response.headers.get("Content-Type") != "application/json":
        return faults
    if str(response.status) not in _strict()["calls"][operation]["answers"]:
        return [*faults, f"there is no answer {response.status}"]
    return faults + list(_misfits(json.loads(response.body), "calls", operation, "answers", str(response.status)))


_LOGIN = {"grant_type", "refresh_token", "client_id", "client_secret"}


def _file(request: Request) -> list[str]:
    """What is put there is a feed; no key is ever sent along."""
    faults = [f"{name} is sent to the store of files" for name in ("x-amz-access-token", "authorization")
              if name in request.headers]  # fmt: skip
    if request.method == "PUT":
        faults += _misfits(json.loads(request.body), "files", "feed")
    return faults


# --- the world --------------------------------------------------------------------------------------------------------


class AmazonWorld(Deeds[Shop]):
    """See World. An order's lines are given up as a whole; refunds and returns stand nowhere in the orders."""

    cannot: ClassVar = frozenset({"parts of a line", "options", "returns"})

    def __init__(
        self, clock: FakeClock, rng: random.Random, tokens: Keeper | None = None, limits: Any = None, **more: Any
    ) -> None:
        self.clock = clock
        given = {**KEYS, **more}
        self.shop = Shop(
            clock=clock.now, rng=rng, sleep=clock.sleep, limits=BUSY if limits is None else limits, **given
        )
        self.shop.behind = 0.0
        self.listens()
        self.wire = Spoiling(transport(self.shop), spoil)
        ports = Ports(clock=clock, rng=rng, transport=self.wire, tokens=tokens or InMemory())
        self.channel: Channel = find("amazon").connect("my-shop", settings(self.shop), ports)

    def add(self, sku: str, quantity: int | None) -> str:
        return self.shop.add_simple(sku, f"Thing {sku}", quantity)

    def add_variants(self, sku: str, quantities: list[int]) -> list[str]:
        each = [
            {"sku": f"{sku}-{n}", "name": f"Thing {sku}, Size {n}", "quantity": q} for n, q in enumerate(quantities)
        ]
        return self.shop.add_product(f"Thing {sku}", each)[1]

    def add_shared(self, sku: str, variants: int, quantity: int) -> list[str]:
        raise NotImplementedError("each SKU of Amazon has a quantity of its own")

    def sell(self, listing: str, units: int, state: str = "paid") -> str:
        return self.shop.book_order([(listing, units)], STATES[state]).id

    def refund(self, order: str, units: int) -> None:
        self.shop.touch_order(order)

    def stop_counting(self, listing: str) -> None:
        """The nearest that Amazon has: from now on it keeps and counts the stock itself."""
        self.shop.send_to_amazon(listing)

    def spoil(self, listing: str) -> None:
        self.wire.spoiled.add(listing)

    def expire_access(self) -> None:
        self.shop.revoke()

    def refuse(self, listing: str) -> None:
        self.shop.faults.reject_skus.add(listing)

    def lose_answer_of_next_write(self, applied: bool) -> None:
        """What is read right before a write is no write."""
        if applied:
            super().lose_answer_of_next_write(applied)
        else:
            self.shop.faults.write_lost_before_apply = 1

    def asked(self, *operations: str) -> list[tuple[Request, Response]]:
        """The calls of these operations."""
        named = ((operation_of(request), request, response) for request, response in self.exchanges)
        return [(request, response) for found, request, response in named if found and found[0] in operations]

    def writes(self) -> int:
        return sum("VALIDATION_PREVIEW" not in dict(request.query).values()
                   for request, _ in self.asked("patchListingsItem", "createFeed"))  # fmt: skip

    def reads(self) -> int:
        return sum(request.method == "GET" for request, _ in self.exchanges)

    def validate(self) -> None:
        faults = [f"{request.method} {request.path}: {fault}"
                  for request, response in self.exchanges for fault in misfits(request, response)]  # fmt: skip
        assert not faults, "\n".join(list(dict.fromkeys(faults))[:9])


def world(clock: FakeClock, rng: random.Random) -> AmazonWorld:
    """A fresh account without offers."""
    assert clock.now().tzinfo is UTC
    return AmazonWorld(clock, rng)
