"""The practice Etsy: it declares what the vendor's contract says, and behaves where it matters to stock."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest

from agent.practice.etsy import ConnectionLost, Request, Response, Shop, handle, stock
from agent.practice.etsy.declared import FORM, misfits_of_answer, misfits_of_request
from agent.practice.etsy.tokens import CONNECT
from tests.channels.clock import FakeClock
from tests.practice import cut_etsy

API = "https://etsy.example/v3/application/"


class Client:
    """Calls the shop as its contract says, with nothing of Stocksheet's in between."""

    def __init__(self, **more: Any) -> None:
        self.clock = FakeClock()
        self.shop = Shop(clock=self.clock.now, rng=random.Random(1), per_second=1000, **more)
        self.token = self.shop.new_pair().access
        self.headers = {
            "x-api-key": f"{self.shop.keystring}:{self.shop.shared_secret}", "Authorization": f"Bearer {self.token}",
        }  # fmt: skip
        self.last: tuple[Request, Response]

    def call(
        self, method: str, path: str, body: object = None, form: dict[str, str] | None = None, **query: Any
    ) -> Any:
        """Status and answer of one call."""
        kind = {"content-type": FORM if form is not None else "application/json"} if body or form else {}
        sent = urlencode(form).encode() if form is not None else json.dumps(body).encode() if body else b""
        asked = Request.of(method, f"{API}{path}?{urlencode(query)}", {**self.headers, **kind}, sent)
        self.last = (asked, handle(self.shop, asked))
        return self.last[1].status, json.loads(self.last[1].body)

    def sets(self, listing: int, *quantities: int, **more: Any) -> Any:
        """PUT with these quantities, all else as it is."""
        _, found = self.call("GET", "listings/batch/inventory", listing_ids=listing)
        told = found["results"][0]["inventory"]
        products = [
            {
                "sku": each["sku"],
                "property_values": [
                    {name: value[name] for name in ("property_id", "property_name", "scale_id", "value_ids", "values")}
                    for value in each["property_values"]
                ],
                "offerings": [{"price": 22.0, "quantity": units, "is_enabled": True, "readiness_state_id": 1}],
            }
            for each, units in zip(told["products"], quantities, strict=False)
        ]
        on = {name: told[name] for name in told if name.endswith("_on_property")}
        return self.call("PUT", f"listings/{listing}/inventory", {"products": products, **on, **more})

    def state(self, listing: int, state: str) -> Any:
        return self.call("PATCH", f"shops/{self.shop.shop_id}/listings/{listing}", form={"state": state})


@pytest.fixture
def client() -> Iterator[Client]:
    yield Client()


def test_what_is_declared_is_what_the_vendors_contract_says() -> None:
    if not cut_etsy.SPEC.exists():
        pytest.skip("Etsy's contract is not on this computer; what the practice shop declares was not compared")
    assert cut_etsy.TARGET.read_text(encoding="utf-8") == cut_etsy.told(), "python -m tests.practice.cut_etsy"


@pytest.mark.parametrize(
    ("method", "path", "body", "wrong"),
    [
        ("GET", "shops/7/listings?state=sold", b"", "state does not take sold"),
        ("GET", "shops/7/listings?limit=101", b"", "limit is out of its limits"),
        ("GET", "shops/7/listings?includes=Stock", b"", "does not take Stock"),
        ("GET", "shops/7/receipts?min_modified=1", b"", "there is no parameter min_modified"),
        ("GET", "listings/batch/inventory", b"", "parameter listing_ids is missing"),
        ("GET", "listings/batch/inventory?listing_ids=1,two", b"", "is no integer"),
        ("PUT", "listings/7/inventory", b'{"products": [], "quantity": 3}', "there is no field body.quantity"),
        ("PUT", "listings/7/inventory", b'{"products": [{"offerings": [{"price": 1, "quantity": 2}]}]}',
         "is_enabled is missing"),
        ("PUT", "listings/7/inventory", b'{"products": [{"product_id": 1, "offerings": []}]}',
         "no field body.products[0].product_id"),
        ("POST", "listings/7/inventory", b"", "there is no POST"),
        ("GET", "shops/0/listings", b"", "there is no GET"),
    ],
)  # fmt: skip
def test_a_wrong_name_or_value_in_a_request_is_found(method: str, path: str, body: bytes, wrong: str) -> None:
    asked = Request.of(method, API + path, {"content-type": "application/json"}, body)
    assert any(wrong in each for each in misfits_of_request(asked)), misfits_of_request(asked)


def test_a_state_is_sent_as_a_form_and_a_wrong_field_of_it_is_found() -> None:
    path = f"{API}shops/7/listings/8"
    right = Request.of("PATCH", path, {"content-type": FORM}, b"state=inactive")
    wrong = Request.of("PATCH", path, {"content-type": "application/json"}, b'{"state": "inactive"}')
    assert misfits_of_request(right) == [] and misfits_of_request(wrong) == [f"the body must be {FORM}"]
    odd = Request.of("PATCH", path, {"content-type": FORM}, b"state=sold_out&quantity=1")
    assert misfits_of_request(odd) == ["body.state does not take sold_out", "there is no field body.quantity"]


def test_a_field_that_etsy_does_not_have_is_found_in_an_answer(client: Client) -> None:
    client.shop.add_simple("A", "Mug", 5)
    client.call("GET", f"shops/{client.shop.shop_id}/listings", includes="Inventory")
    asked, told = client.last
    assert misfits_of_answer(asked, told) == []
    told.body = told.body.replace(b'"is_enabled"', b'"enabled"')
    assert misfits_of_answer(asked, told) == [
        "there is no field answer.results[0].inventory.products[0].offerings[0].enabled"
    ]


def test_every_answer_of_every_call_is_as_declared(client: Client) -> None:
    stock(client.shop, 40)
    first = next(each for each in client.shop.listings.values() if not each.digital and each.units)
    order = client.shop.book_order([(first.id, 1)])
    client.shop.ship(order.id)
    client.shop.refund_part(order.id, 100)
    shop = f"shops/{client.shop.shop_id}"
    calls = [
        ("GET", "users/me", {}), ("GET", shop, {}), ("GET", f"{shop}/listings", {"includes": "Inventory", "limit": 50}),
        ("GET", f"listings/{first.id}", {}), ("GET", "listings/batch/inventory", {"listing_ids": first.id}),
        ("GET", f"{shop}/receipts", {"sort_on": "updated"}), ("GET", f"{shop}/receipts/{order.id}", {}),
        ("GET", f"{shop}/receipts/1", {}), ("GET", "listings/batch/inventory", {"listing_ids": f"{first.id},1"}),
    ]  # fmt: skip
    for method, path, query in calls:
        client.call(method, path, **query)
        assert misfits_of_answer(*client.last) == [], path


def test_an_inventory_without_a_unit_is_refused_and_what_is_left_out_is_deleted(client: Client) -> None:
    each = [{"sku": f"S{n}", "options": {"Size": str(n)}, "quantity": 5} for n in range(3)]
    listing, keys = client.shop.add_product("Shirt", each)
    assert client.sets(listing, 0, 0, 0) == (400, {"error": "One offering must have quantity greater than 0"})
    assert client.sets(listing, 1000, 1, 1)[0] == 400
    assert client.sets(listing, 0, 4)[0] == 200
    assert [client.shop.quantity(key) for key in keys] == [0, 4, None]


def test_products_that_share_a_quantity_must_have_the_same(client: Client) -> None:
    each = [{"sku": f"S{n}", "options": {"Size": str(n)}, "quantity": 5} for n in range(2)]
    listing, keys = client.shop.add_product("Ring", each, [])
    assert client.sets(listing, 3, 4)[0] == 400 and client.sets(listing, 3, 3)[0] == 200
    client.shop.sell(keys[0], 2)
    assert [client.shop.quantity(key) for key in keys] == [1, 1]


def test_the_last_sale_sells_a_listing_out_and_a_quantity_alone_does_not_bring_it_back(client: Client) -> None:
    mug = client.shop.add_simple("A", "Mug", 2)
    assert client.shop.sell(mug, 3) is None and client.shop.sell(mug, 2)
    assert client.shop.listings[mug].state == "sold_out"
    assert client.sets(mug, 5)[0] == 200 and client.shop.quantity(mug) == 0
    assert client.state(mug, "active")[1]["quantity"] == 1 and client.shop.fees == 1


def test_inactive_and_active_again_costs_nothing_but_after_its_end(client: Client) -> None:
    mug = client.shop.add_simple("A", "Mug", 2)
    assert client.state(mug, "inactive")[1]["state"] == "inactive" and client.shop.quantity(mug) == 0
    assert client.state(mug, "active")[0] == 200 and (client.shop.fees, client.shop.quantity(mug)) == (0, 2)
    client.state(mug, "inactive")
    client.clock.advance(timedelta(days=121).total_seconds())
    client.headers["Authorization"] = f"Bearer {client.shop.new_pair().access}"
    assert client.state(mug, "active")[0] == 200 and client.shop.fees == 1


def test_units_are_taken_at_the_order_and_given_back_by_nothing(client: Client) -> None:
    mug = client.shop.add_simple("A", "Mug", 9)
    first, second = client.shop.sell(mug, 2, "open"), client.shop.sell(mug, 3)
    assert client.shop.quantity(mug) == 4
    assert first and second
    client.shop.cancel(first)
    client.shop.refund_all(second)
    assert client.shop.quantity(mug) == 4


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 4), ({"was_shipped": "false", "was_canceled": "false"}, 2), ({"was_canceled": "true"}, 1),
     ({"was_paid": "false"}, 1), ({"min_last_modified": 1_795_348_805}, 2)],
)  # fmt: skip
def test_receipts_are_found_by_their_filters(client: Client, query: dict[str, Any], count: int) -> None:
    mug = client.shop.add_simple("A", "Mug", 9)
    _, _, shipped, cancelled = [client.shop.book_order([(mug, 1)], s).id for s in ("open", "paid", "paid", "paid")]
    client.clock.advance(int(1_795_348_805 - client.clock.now().timestamp()))
    client.shop.ship(shipped)
    client.shop.cancel(cancelled)
    assert client.call("GET", f"shops/{client.shop.shop_id}/receipts", **query)[1]["count"] == count


def test_the_door_wants_both_parts_of_the_key_a_token_in_time_and_its_scope(client: Client) -> None:
    good = dict(client.headers)
    client.headers["x-api-key"] = client.shop.keystring
    assert client.call("GET", "users/me")[0] == 403
    client.headers["x-api-key"] = f"{client.shop.keystring}:wrong"
    assert client.call("GET", "users/me")[0] == 401
    client.headers = {**good, "Authorization": f"Bearer {client.shop.new_pair(('shops_r',)).access}"}
    assert client.call("GET", "users/me")[0] == 200
    assert client.call("GET", f"shops/{client.shop.shop_id}/receipts")[0] == 403
    client.headers = good
    client.clock.advance(3601)
    assert client.call("GET", "users/me")[1]["error"] == "invalid_token"


def test_calls_are_counted_by_the_second_and_by_the_last_24_hours() -> None:
    client = Client(per_day=5)
    client.shop.per_second = 2
    assert [client.call("GET", "users/me")[0] for _ in range(3)] == [200, 200, 429]
    client.clock.advance(1)
    assert client.call("GET", "users/me")[0] == 200
    assert client.last[1].headers["x-remaining-today"] == "2" and client.last[1].headers["x-limit-per-second"] == "2"
    client.clock.advance(1)
    assert [client.call("GET", "users/me")[0] for _ in range(2)] == [200, 200]
    client.clock.advance(1)
    assert client.call("GET", "users/me") == (429, {"error": "Exceeded daily rate limit"})
    client.clock.advance(86_399)
    client.headers["Authorization"] = f"Bearer {client.shop.new_pair().access}"
    assert client.call("GET", "users/me")[0] == 200, "a sliding window"


def test_the_page_of_the_yes_takes_only_the_registered_callback(client: Client) -> None:
    asked = {"response_type": "code", "client_id": client.shop.keystring, "code_challenge_method": "S256",
             "code_challenge": sha256(b"x").hexdigest(), "scope": "shops_r", "state": "s"}  # fmt: skip
    for back, status in (("http://127.0.0.1:5/yes", 400), ("https://localhost/", 302)):
        url = f"https://etsy.example{CONNECT}?{urlencode({**asked, 'redirect_uri': back})}"
        assert handle(client.shop, Request.of("GET", url)).status == status


def test_faults_strike_where_they_should(client: Client) -> None:
    mug = client.shop.add_simple("A", "Mug", 5)
    client.shop.faults.write_lost_before_apply = 1
    with pytest.raises(ConnectionLost):
        client.sets(mug, 3)
    assert client.shop.quantity(mug) == 5
    client.shop.faults.answer_lost_after_apply = 1
    with pytest.raises(ConnectionLost):
        client.sets(mug, 3)
    assert client.shop.quantity(mug) == 3
    client.shop.faults.day_limit = 1
    assert client.call("GET", "users/me")[0] == 429 and client.last[1].headers["Retry-After"] == "86400"
