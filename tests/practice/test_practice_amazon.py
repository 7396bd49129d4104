"""The practice Amazon: it declares what the vendor's models say, and behaves where it matters to stock."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from agent.practice.amazon import Request, Response, Shop, handle, stock
from tests.channels.clock import FakeClock
from tests.channels.wire.amazon import misfits
from tests.practice import cut_amazon

HOST = "https://amazon.example"
ITEMS, ORDERS = "/listings/2021-08-01/items/A2PRACTICE00001", "/orders/2026-01-01/orders"
HERE = {"marketplaceIds": "ATVPDKIKX0DER"}


class Client:
    """Calls the account as the models say, with nothing of Stocksheet's in between; each exchange is judged."""

    def __init__(self, **more: Any) -> None:
        self.clock = FakeClock()
        self.shop = Shop(clock=self.clock.now, rng=random.Random(1), **more)
        self.shop.on_exchange = self._judged
        self.token = self.shop.new_token()
        self.faults: list[str] = []

    def _judged(self, request: Request, response: Response) -> None:
        self.faults = misfits(request, response)

    def send(self, method: str, url: str, body: bytes = b"", **headers: str) -> Response:
        return handle(self.shop, Request.of(method, url, headers, body))

    def call(self, method: str, path: str, body: object = None, **query: Any) -> tuple[int, Any]:
        """Status and answer of one call."""
        sent = b"" if body is None else json.dumps(body).encode()
        found = self.send(method, f"{HOST}{path}?{urlencode(query)}", sent, **{"x-amz-access-token": self.token})
        return found.status, json.loads(found.body)

    def sets(self, sku: str, units: object, op: str = "merge", **more: Any) -> tuple[int, Any]:
        value = [{"fulfillment_channel_code": "DEFAULT", "quantity": units, **more}]
        patch = {"op": op, "path": "/attributes/fulfillment_availability", "value": value}
        return self.call("PATCH", f"{ITEMS}/{quote(sku, safe='')}", {"productType": "X", "patches": [patch]}, **HERE)

    def orders(self, **query: Any) -> list[str]:
        status, told = self.call("GET", ORDERS, **query)
        assert status == 200 and not self.faults
        return [order["orderId"] for order in told["orders"]]


@pytest.fixture
def client() -> Client:
    return Client(limits={"searchOrders": (5, 40)})


def test_what_is_declared_is_what_the_vendors_models_say() -> None:
    if not cut_amazon.SPECS.exists():
        pytest.skip("Amazon's models are not on this computer; what the practice account declares was not compared")
    assert cut_amazon.TARGET.read_text(encoding="utf-8") == cut_amazon.printed(), "python -m tests.practice.cut_amazon"


@pytest.mark.parametrize(
    ("path", "query", "words"),
    [
        (ITEMS, {}, "marketplaceIds is missing"),
        (ITEMS, {**HERE, "identifier": "A"}, "no parameter identifier"),
        (ITEMS, {**HERE, "pageSize": "21"}, "pageSize"),
        (ITEMS, {**HERE, "identifiers": ",".join("ABCDEFGHIJKLMNOPQRSTU"), "identifiersType": "SKU"}, "21 values"),
        (ITEMS, {**HERE, "includedData": "quantity"}, "does not take quantity"),
        (ORDERS, {"lastUpdatedAfter": "2026-11-22", "createdAfter": "2026-11-22"}, "Exactly one"),
        (ORDERS, {}, "Exactly one"),
        (ORDERS, {"lastUpdatedAfter": "2026-11-22", "lastUpdatedBefore": "2026-11-22T11:59:00Z"}, "two minutes"),
        (ITEMS.replace("PRACTICE", "ANOTHERS"), HERE, "combination"),
    ],
)
def test_a_question_that_is_not_declared_is_refused_by_name(
    client: Client, path: str, query: dict[str, str], words: str
) -> None:
    status, told = client.call("GET", path, **query)
    assert status == 400 and words in told["errors"][0]["message"]


@pytest.mark.parametrize("body", [{}, {"productType": "X"}, {"productType": "X", "patches": [{"op": "x", "path": ""}]}])
def test_a_patch_that_is_not_declared_is_refused_by_name(client: Client, body: dict[str, Any]) -> None:
    assert client.call("PATCH", f"{ITEMS}/A", body, **HERE)[0] == 400
    assert client.faults


def test_a_call_needs_a_token_of_the_last_hour_and_its_role(client: Client) -> None:
    assert client.call("GET", ITEMS, **HERE)[0] == 200 and not client.faults
    client.shop.roles = {"orders"}
    status, told = client.call("GET", ITEMS, **HERE)
    assert (status, told["errors"][0]["details"]) == (403, "")
    client.clock.advance(3600)
    assert "has expired" in client.call("GET", ORDERS, createdAfter="2026-11-01")[1]["errors"][0]["details"]
    client.token = "Atza|nobody's"
    assert "malformed" in client.call("GET", ITEMS, **HERE)[1]["errors"][0]["details"]


def test_a_limit_is_told_with_its_rate_and_fills_again_by_it() -> None:
    client = Client(limits={"searchListingsItems": (0.5, 2)})
    assert [client.call("GET", ITEMS, **HERE)[0] for _ in range(3)] == [200, 200, 429]
    found = client.send("GET", f"{HOST}{ITEMS}?{urlencode(HERE)}", **{"x-amz-access-token": client.token})
    assert found.headers["x-amzn-RateLimit-Limit"] == "0.5" and b"QuotaExceeded" in found.body
    client.clock.advance(2)
    assert client.call("GET", ITEMS, **HERE)[0] == 200


def test_units_leave_while_the_payment_is_pending_and_come_back_only_where_the_buyer_gave_up(client: Client) -> None:
    shop = client.shop
    shop.add_simple("A", "Mug", 9)
    first, second = shop.sell("A", 3, "PENDING"), shop.sell("A", 2)
    assert shop.quantity("A") == 4 and shop.sell("A", 5) is None
    shop.cancel(str(first), "BUYER")
    shop.cancel(str(second))
    assert shop.quantity("A") == 7


def test_a_search_shows_no_order_that_changed_within_two_minutes(client: Client) -> None:
    client.shop.add_simple("A", "Mug", 9)
    order = client.shop.sell("A", 1)
    assert client.orders(lastUpdatedAfter="2026-11-22T00:00:00Z") == []
    client.clock.advance(121)
    assert client.orders(lastUpdatedAfter="2026-11-22T12:00:00Z") == [order], "from the second itself"
    client.shop.ship(str(order))
    assert client.orders(lastUpdatedAfter="2026-11-22T00:00:00Z") == []
    assert client.call("GET", f"{ORDERS}/{order}", includedData="FULFILLMENT")[1]["order"]["fulfillment"] == {
        "fulfillmentStatus": "SHIPPED", "fulfilledBy": "MERCHANT"}  # fmt: skip


def test_orders_are_shown_in_pages_and_for_two_years(client: Client) -> None:
    client.shop.behind = 0
    client.shop.add_simple("A", "Mug", 9)
    for _ in range(3):
        client.shop.sell("A", 1)
    asked = {"createdAfter": "2026-11-01T00:00:00Z", "maxResultsPerPage": 2}
    told = client.call("GET", ORDERS, **asked)[1]
    token = told["pagination"]["nextToken"]
    assert (len(told["orders"]), len(client.orders(**asked, paginationToken=token))) == (2, 1)
    client.clock.advance(731 * 86_400)
    client.token = client.shop.new_token()
    assert client.orders(**asked) == []


def test_a_merged_quantity_keeps_the_handling_time_and_a_replaced_one_wipes_it(client: Client) -> None:
    client.shop.add_simple("A", "Mug", 9)
    assert client.sets("A", 4)[1]["status"] == "ACCEPTED" and not client.faults
    assert (client.shop.quantity("A"), client.shop.offers["A"].handling_days) == (4, 2)
    client.sets("A", 3, op="replace")
    assert (client.shop.quantity("A"), client.shop.offers["A"].handling_days) == (3, None)


def test_a_quantity_of_amazons_own_stock_or_of_nothing_is_accepted_all_the_same(client: Client) -> None:
    """As the vendor's issues tell: what is not the seller's must never be sent."""
    client.shop.add_simple("FBA", "Mug", None)
    assert client.sets("FBA", 4)[1]["status"] == client.sets("GHOST", 4)[1]["status"] == "ACCEPTED"
    assert client.shop.offers["FBA"].channels == {"AMAZON_NA": None, "DEFAULT": 4}
    assert "GHOST" not in client.shop.offers


@pytest.mark.parametrize("units", [-1, 1.5, "4", None, True])
def test_what_is_no_whole_number_is_invalid_with_status_200(client: Client, units: object) -> None:
    client.shop.add_simple("A", "Mug", 9)
    status, told = client.sets("A", units)
    assert (status, told["status"], client.shop.quantity("A")) == (200, "INVALID", 9)


def test_an_accepted_quantity_takes_effect_later_and_values_land_in_their_order(client: Client) -> None:
    client.shop.add_simple("A", "Mug", 9)
    client.shop.faults.apply_after = 60
    client.sets("A", 4)
    client.clock.advance(30)
    client.shop.faults.apply_after = 10
    client.sets("A", 7)
    client.clock.advance(11)
    assert client.shop.quantity("A") == 7
    client.clock.advance(30)
    assert client.shop.quantity("A") == 4, "a slow one overtakes nothing, and comes last"


def test_a_file_lies_at_its_address_for_five_minutes_and_takes_no_key(client: Client) -> None:
    made = client.call("POST", "/feeds/2021-06-30/documents", {"contentType": "application/json"})[1]
    assert client.send("PUT", made["url"], b"{}", **{"x-amz-access-token": client.token}).status == 400
    assert client.send("PUT", made["url"], b"{}").status == 200
    client.clock.advance(301)
    assert client.send("GET", made["url"]).status == 403


def test_a_feed_that_is_not_as_declared_sets_nothing_and_says_so(client: Client) -> None:
    client.shop.add_simple("A", "Mug", 9)
    made = client.call("POST", "/feeds/2021-06-30/documents", {"contentType": "application/json"})[1]
    client.send("PUT", made["url"], json.dumps({"header": {"sellerId": "X"}, "messages": []}).encode())
    body = {"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": ["ATVPDKIKX0DER"],
            "inputFeedDocumentId": made["feedDocumentId"]}  # fmt: skip
    feed = client.call("POST", "/feeds/2021-06-30/feeds", body)[1]["feedId"]
    assert client.call("GET", f"/feeds/2021-06-30/feeds/{feed}")[1]["processingStatus"] in ("IN_QUEUE", "IN_PROGRESS")
    client.clock.advance(10)
    told = client.call("GET", f"/feeds/2021-06-30/feeds/{feed}")[1]
    client.shop.zipped = False
    assert told["processingStatus"] == "DONE" and told["resultFeedDocumentId"] and client.shop.quantity("A") == 9
    assert not client.faults


def test_a_fresh_account_of_the_command_has_families_twins_and_what_amazon_keeps() -> None:
    shop = stock(Shop(clock=FakeClock().now, rng=random.Random(1)), 80)
    assert len(shop.offers) >= 80
    assert any(offer.children for offer in shop.offers.values())
    assert any(offer.by_amazon for offer in shop.offers.values())
    assert any(sku.endswith("-FBM") for sku in shop.offers)
