"""A practice Shopify with a clock that a test moves, asked in GraphQL; the vendor's schema judges each exchange."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.practice.shopify import Request, Response, Shop, gid, handle
from tests.channels.wire.admin_schema import faults_of, misfits_of_answer

BASE = "http://127.0.0.1:8085"
API = f"{BASE}/admin/api/2026-10/graphql.json"
TOKEN = "shpat_practice"
Body = dict[str, Any]

SET = """mutation Set($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id createdAt reason changes { name delta item { id } location { id } } }
    userErrors { field message code } } }"""
ACTIVATE = """mutation Activate($item: ID!, $place: ID!, $key: String!) {
  inventoryActivate(inventoryItemId: $item, locationId: $place) @idempotent(key: $key) {
    inventoryLevel { id isActive quantities(names: ["available"]) { name quantity } }
    userErrors { field message } } }"""


class Time:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Stage:
    """One shop, and what a caller can do."""

    def __init__(self, **settings: Any) -> None:
        self.time = Time()
        self.shop = Shop(clock=self.time, rng=random.Random(1), **settings)

    def respond(self, query: str, variables: Body | None = None, token: str = TOKEN, **more: Any) -> Response:
        told = json.dumps({"query": query, "variables": variables or {}, **more}).encode()
        return handle(self.shop, Request.of("POST", API, {"X-Shopify-Access-Token": token}, told))

    def ask(self, query: str, variables: Body | None = None, token: str = TOKEN) -> Body:
        """The whole answer. Both sides are as the vendor's schema has them, unless the answer is all errors."""
        response = self.respond(query, variables, token)
        assert response.status == 200, response.body
        answer: Body = json.loads(response.body)
        if "data" in answer:
            assert faults_of(query, variables or {}) == []
            if "errors" not in answer:
                assert misfits_of_answer(query, variables or {}, answer["data"]) == []
        return answer

    def data(self, query: str, variables: Body | None = None) -> Any:
        """What the first field answers."""
        answer = self.ask(query, variables)
        assert "errors" not in answer, answer["errors"]
        return next(iter(answer["data"].values()))

    def refused(self, query: str, variables: Body | None = None) -> str:
        """The code of the one error."""
        (error,) = self.ask(query, variables)["errors"]
        return str(error["extensions"]["code"])

    # -- inventory -----------------------------------------------------------------------------------------------------

    def item(self, variant: int) -> str:
        return gid("InventoryItem", self.shop.variants[variant].inventory_item.id)

    def place(self, location: int | None = None) -> str:
        return gid("Location", location or self.shop.main_location)

    def row(self, variant: int, quantity: int, was: int | None = None, location: int | None = None) -> Body:
        ids = {"inventoryItemId": self.item(variant), "locationId": self.place(location)}
        return {**ids, "quantity": quantity, "changeFromQuantity": was}

    def set(self, *rows: Body, key: str = "key", **more: str) -> Body:
        """The payload of inventorySetQuantities."""
        told = {"name": "available", "reason": "correction", "quantities": list(rows), **more}
        payload: Body = self.data(SET, {"input": told, "key": key})
        return payload

    def codes(self, *rows: Body, key: str = "key", **more: str) -> list[tuple[str, str]]:
        """What is wrong with each row: its code, and where."""
        errors = self.set(*rows, key=key, **more)["userErrors"]
        return [(each["code"], ".".join((each["field"] or [])[1:])) for each in errors]

    def counts(self, variant: int, location: int | None = None) -> tuple[int | None, ...]:
        """Available, committed and on hand, as the shop itself has them."""
        return tuple(self.shop.quantity(variant, location, name) for name in ("available", "committed", "on_hand"))
