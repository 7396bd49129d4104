"""The practice TikTok Shop: it declares what the vendor's documents say, and behaves where it matters to stock."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from agent.practice.tiktok import Request, Shop, handle, stock
from agent.practice.tiktok.declared import misfits_of_answer, misfits_of_request
from agent.practice.tiktok.stock import TIKTOKS
from tests.channels.clock import FakeClock
from tests.practice import cut_tiktok

SEARCH, ORDERS = "/product/202502/products/search", "/order/202309/orders/search"
INVENTORY = "/product/202309/inventory/search"


class Client:
    """Calls the shop as its documents say, with nothing of Stocksheet's in between."""

    def __init__(self, **more: Any) -> None:
        self.clock = FakeClock()
        self.shop = Shop(clock=self.clock.now, rng=random.Random(1), **more)
        self.token = self.shop.new_pair().access

    def call(
        self, path: str, body: Any = None, *, sign: str = "", late: int = 0, raw: bytes = b"", **query: Any
    ) -> Any:
        """The answer of one signed call."""
        now = int(self.shop.server_now().timestamp()) - late
        said = {**query, "app_key": self.shop.app_key, "timestamp": now}
        if not path.startswith("/authorization"):
            said.setdefault("shop_cipher", self.shop.own.cipher)
        sent = b"" if body is None else json.dumps(body).encode()
        text = path + "".join(f"{name}{said[name]}" for name in sorted(said))
        secret = self.shop.app_secret.encode()
        made = hmac.new(secret, secret + text.encode() + sent + secret, hashlib.sha256).hexdigest()
        url = f"https://tiktok.example{path}?{urlencode({**said, 'sign': sign or made})}"
        headers = {"x-tts-access-token": self.token, "content-type": "application/json"}
        response = handle(self.shop, Request.of("GET" if body is None else "POST", url, headers, raw or sent))
        return json.loads(response.body)

    def sets(self, sku: str, **stock: int) -> Any:
        """What became of one SKU: the codes of its error, or nothing. `stock`: w<warehouse> -> units."""
        inventory = [{"warehouse_id": name[1:], "quantity": units} for name, units in stock.items()]
        path = f"/product/202309/products/{self.shop.skus[sku].product.id}/inventory/update"
        told = self.call(path, {"skus": [{"id": sku, "inventory": inventory}]})
        if told["code"]:
            return [told["code"]]
        errors = told["data"].get("errors", [])
        return [code for each in errors for code in
                (each["code"], *(extra["code"] for extra in each["detail"]["extra_errors"]))]  # fmt: skip

    def token_of(self, **query: str) -> Any:
        kind = "refresh" if "refresh_token" in query else "get"
        said = {"app_key": self.shop.app_key, "app_secret": self.shop.app_secret, **query}
        url = f"https://auth.example/api/v2/token/{kind}?{urlencode(said)}"
        return json.loads(handle(self.shop, Request.of("GET", url)).body)


@pytest.fixture
def client() -> Iterator[Client]:
    yield Client()


def test_what_is_declared_is_what_the_vendors_documents_say() -> None:
    if not cut_tiktok.SPECS.exists():
        pytest.skip(
            "TikTok Shop's documents are not on this computer; what the practice shop declares was not compared"
        )
    assert cut_tiktok.TARGET.read_text(encoding="utf-8") == cut_tiktok.printed(), "python -m tests.practice.cut_tiktok"


def test_a_field_that_is_not_declared_is_refused_by_name(client: Client) -> None:
    mug = client.shop.add_simple("MUG", "Mug", 5)
    path = f"/product/202309/products/{client.shop.skus[mug].product.id}/inventory/update"
    place = client.shop.warehouses[0].id
    wrong: list[Any] = [
        {"sku": [{"id": mug, "inventory": [{"quantity": 1}]}]},
        {"skus": [{"sku_id": mug, "inventory": [{"quantity": 1}]}]},
        {"skus": [{"id": mug, "inventory": [{"warehouse": place, "quantity": 1}]}]},
        {"skus": [{"id": int(mug), "inventory": [{"quantity": 1}]}]},
        {"skus": [{"id": mug, "inventory": [{"quantity": "1"}]}]},
        {"skus": []},
    ]
    for body in wrong:
        assert client.call(path, body)["code"] == 36009004, body
    assert client.shop.quantity(mug) == 5
    page: dict[str, Any] = {"page_size": 5}
    for query, body in (({}, {}), ({"page_size": 101}, {}), ({**page, "page": 1}, {}), (page, {"status": "SOLD"}),
                        (page, {"sku_ids": ["1"] * 11})):  # fmt: skip
        assert client.call(SEARCH, body, **query)["code"] == 36009004, (query, body)
    assert client.call(INVENTORY, {"sku_ids": ["1"] * 601})["code"] == 36009004


def test_the_judge_names_what_is_wrong_in_a_request_and_in_an_answer() -> None:
    path = "/product/202309/products/5/inventory/update"
    common = [(name, "1") for name in ("app_key", "timestamp", "sign", "shop_cipher")]
    body = json.dumps({"skus": [{"id": "1", "inventory": [{"quantty": 1}]}]}).encode()
    assert misfits_of_request("POST", path, common, body) == [
        "skus.inventory.quantity is missing", "there is no field skus.inventory.quantty"
    ]  # fmt: skip
    assert misfits_of_request("POST", path, common[:3], body)[0] == "parameter shop_cipher is missing"
    assert misfits_of_request("PUT", path, common, body) == [f"there is no operation PUT {path}"]
    whole = {"code": 0, "message": "Success", "request_id": "1"}
    assert misfits_of_answer("updateInventory", {**whole, "data": {"error": []}}) == ["there is no field data.error"]
    assert misfits_of_answer("updateInventory", {"code": 0}) == ["the answer is not in TikTok Shop's envelope"]


def test_who_calls_is_looked_at_first_and_the_body_is_signed_as_it_came(client: Client) -> None:
    shops = "/authorization/202309/shops"
    assert client.call(shops)["data"]["shops"][0]["cipher"] == client.shop.own.cipher
    assert client.call(shops, sign="0" * 64)["code"] == 106001
    assert client.call(SEARCH, {"status": "ALL"}, page_size=5, raw=b'{"status":"ALL"}')["code"] == 106001
    assert client.call(SEARCH, {}, page_size=5, shop_cipher="another")["code"] == 106013
    assert client.call(shops, late=290)["code"] == 0 and client.call(shops, late=301)["code"] == 36009004
    assert client.call(shops, late=-31)["code"] == 36009004
    client.shop.missing.add("searchProducts")
    assert client.call(SEARCH, {}, page_size=5)["code"] == 105005
    client.shop.end_access_tokens()
    assert client.call(shops)["code"] == 105002
    client.shop.unlink()
    assert client.call(shops)["code"] == 105001


def test_a_code_and_a_refresh_token_are_good_once_and_ends_are_moments(client: Client) -> None:
    code = client.shop.authorise()
    told = client.token_of(auth_code=code, grant_type="authorized_code")["data"]
    assert told["access_token_expire_in"] == int(client.shop.server_now().timestamp()) + 7 * 86_400
    assert client.token_of(auth_code=code, grant_type="authorized_code")["code"] == 36004004
    again = {"refresh_token": told["refresh_token"], "grant_type": "refresh_token"}
    assert client.token_of(**again)["data"]["access_token"] and client.token_of(**again)["code"] == 36004001
    late = client.shop.authorise()
    client.clock.advance(1801)
    assert client.token_of(auth_code=late, grant_type="authorized_code")["code"] == 36004004


def test_units_are_committed_at_the_order_paid_or_not_and_come_back_where_auto_restock_is_on(client: Client) -> None:
    shop = client.shop
    mug = shop.add_simple("MUG", "Mug", 6)
    unpaid, sent, last = shop.sell(mug, 2, "UNPAID"), shop.sell(mug, 1), shop.sell(mug, 1)
    assert unpaid and sent and last and shop.quantity(mug) == 2 and shop.sell(mug, 3) is None
    row = client.call(INVENTORY, {"sku_ids": [mug]})["data"]["inventory"][0]["skus"][0]
    assert (row["total_available_quantity"], row["total_committed_quantity"]) == (2, 4)
    shop.cancel(unpaid)
    shop.ship(sent)
    shop.lose_delivery(sent)
    assert shop.quantity(mug) == 4, "what could not be delivered is not put up again"
    shop.skus[mug].auto_restock = False
    shop.cancel(last)
    assert shop.quantity(mug) == 4 and shop.skus[mug].committed == {shop.warehouses[0].id: 0}


def test_every_warehouse_of_a_sku_must_be_named_and_no_other() -> None:
    client = Client(warehouses={"11": "North", "12": "South", "13": "West"})
    mug = client.shop.add_simple("MUG", "Mug", {"11": 3, "12": 4, TIKTOKS: 9})
    assert client.sets(mug, w11=1) == [12052037, 12019028] == client.sets(mug, w11=1, w12=1, w13=1)
    assert client.sets(mug, w11=1, w12=1, w99=1) == [12052037, 12019022]
    assert client.sets(mug, w11=1, w12=1, **{f"w{TIKTOKS}": 9}) == [12052144]
    assert client.sets(mug, w11=1, w12=100_000) == [12052037, 12019024]
    assert client.shop.skus[mug].stock == {"11": 3, "12": 4, TIKTOKS: 9}
    assert client.sets(mug, w11=0, w12=2) == [] and client.shop.skus[mug].stock == {"11": 0, "12": 2, TIKTOKS: 9}


def test_more_than_100_skus_and_products_that_are_closed_are_refused_as_a_whole(client: Client) -> None:
    _, skus = client.shop.add_product("Shirt", [{"sku": f"S{n}", "quantity": 1} for n in range(101)])
    path = f"/product/202309/products/{client.shop.skus[skus[0]].product.id}/inventory/update"
    body = {"skus": [{"id": sku, "inventory": [{"quantity": 1}]} for sku in skus]}
    assert client.call(path, body)["code"] == 12052050
    client.shop.set_status(client.shop.skus[skus[0]].product.id, "FREEZE")
    assert client.call(path, {"skus": body["skus"][:1]})["code"] == 12052048
    assert client.call("/product/202309/products/5/inventory/update", body)["code"] == 12052031


def test_orders_are_listed_by_status_and_time_and_those_that_are_gone_are_left_out(client: Client) -> None:
    mug = client.shop.add_simple("MUG", "Mug", 9)
    first, second = client.shop.sell(mug, 2, "UNPAID"), client.shop.sell(mug, 1)
    told = client.call(ORDERS, {"order_status": "UNPAID"}, page_size=5)["data"]
    assert [each["id"] for each in told["orders"]] == [first] and len(told["orders"][0]["line_items"]) == 2
    page = client.call(ORDERS, {}, page_size=1, sort_field="create_time", sort_order="ASC")["data"]
    assert page["total_count"] == 2 and page["orders"][0]["id"] == first
    more = client.call(
        ORDERS, {}, page_size=1, sort_field="create_time", sort_order="ASC", page_token=page["next_page_token"]
    )
    assert more["data"]["orders"][0]["id"] == second and more["data"]["next_page_token"] == ""
    assert client.call(ORDERS, {}, page_size=1, page_token="nonsense")["code"] == 36009004
    both = client.call("/order/202507/orders", ids=f"{first},5")["data"]["orders"]
    assert [each["id"] for each in both] == [first]
    assert client.call("/return_refund/202602/returns/search", {}, page_size=5)["data"] == {
        "total_count": 0, "next_page_token": ""
    }  # fmt: skip


def test_a_fresh_shop_of_the_command_has_options_campaigns_and_what_tiktok_keeps() -> None:
    shop = stock(Shop(clock=FakeClock().now, rng=random.Random(1)), 300)
    skus = list(shop.skus.values())
    assert len(skus) >= 300 and any(sku.options for sku in skus) and any(TIKTOKS in sku.stock for sku in skus)
    assert any(sku.allocations for sku in skus)
