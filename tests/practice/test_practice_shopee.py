"""The practice Shopee: it declares what the vendor's documents say, and behaves where it matters to stock."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from agent.practice.shopee import Request, Shop, handle, stock
from agent.practice.shopee.declared import endpoints, misfits_of_answer, misfits_of_request
from tests.channels.clock import FakeClock
from tests.practice import cut_shopee

API = "/api/v2/"


class Client:
    """Calls the shop as its documents say, with nothing of Stocksheet's in between."""

    def __init__(self, **more: Any) -> None:
        self.clock = FakeClock()
        self.shop = Shop(clock=self.clock.now, rng=random.Random(1), **more)
        self.token = self.shop.new_pair().access

    def call(self, path: str, body: object = None, *, sign: str | None = None, **query: Any) -> tuple[int, Any]:
        """Status and answer of one signed call."""
        full = f"{API}{path}"
        now = int(self.shop.server_now().timestamp())
        kind = endpoints().get(full, {"kind": "shop"})["kind"]
        owner = {"access_token": self.token, "shop_id": self.shop.shop_id} if kind == "shop" else {}
        text = "".join(map(str, [self.shop.partner_id, full, now, *owner.values()]))
        made = hmac.new(self.shop.partner_key.encode(), text.encode(), hashlib.sha256).hexdigest()
        said = {**query, "partner_id": self.shop.partner_id, "timestamp": now, **owner, "sign": sign or made}
        url = f"https://shopee.example{full}?{urlencode(said, doseq=True)}"
        sent = b"" if body is None else json.dumps(body).encode()
        response = handle(self.shop, Request.of("GET" if body is None else "POST", url, {}, sent))
        return response.status, json.loads(response.body)

    def sets(self, item: int, **stock: Any) -> Any:
        """update_stock of an item without models."""
        return self.call("product/update_stock", {"item_id": item, "stock_list": [{"seller_stock": [stock]}]})[1]


@pytest.fixture
def client() -> Iterator[Client]:
    yield Client()


def test_what_is_declared_is_what_the_vendors_documents_say() -> None:
    if not cut_shopee.SPECS.exists():
        pytest.skip("Shopee's documents are not on this computer; what the practice shop declares was not compared")
    assert cut_shopee.TARGET.read_text(encoding="utf-8") == cut_shopee.printed(), "python -m tests.practice.cut_shopee"


def test_a_field_that_is_not_declared_is_refused_by_name(client: Client) -> None:
    mug = client.shop.add_simple("MUG", "Mug", 5)
    wrong = [
        {"item": mug, "stock_list": [{"seller_stock": [{"stock": 1}]}]},
        {"item_id": mug, "stock_list": [{"model_id": 0, "normal_stock": 1}]},
        {"item_id": mug, "stock_list": [{"seller_stock": [{"quantity": 1}]}]},
        {"item_id": mug, "stock_list": [{"seller_stock": [{"stock": "1"}]}]},
        {"item_id": mug, "stock_list": []},
        {"item_id": mug, "stock_list": [{"model_id": n, "seller_stock": [{"stock": 1}]} for n in range(51)]},
    ]
    for body in wrong:
        told = client.call("product/update_stock", body)[1]
        assert told["error"] == "error_param" and told["message"].startswith("Wrong parameters"), body
    assert client.shop.quantity(mug) == 5
    for query in ({"offset": 0, "page_size": 101, "item_status": "NORMAL"}, {"offset": 0, "page_size": 10},
                  {"offset": 0, "page_size": 10, "item_status": "SOLD"},
                  {"offset": 0, "page_size": 10, "item_status": "NORMAL", "page": 1}):  # fmt: skip
        assert client.call("product/get_item_list", **query)[1]["error"] == "error_param", query


def test_the_judge_names_what_is_wrong_in_a_request_and_in_an_answer() -> None:
    path = f"{API}product/update_stock"
    common = [(name, "1") for name in endpoints()[path]["common"]]
    body = json.dumps({"item_id": 1, "stock_list": [{"seller_stock": [{"stok": 1}]}]}).encode()
    assert misfits_of_request(path, "POST", common, body) == [
        "stock_list.seller_stock.stock is missing", "there is no field stock_list.seller_stock.stok"
    ]  # fmt: skip
    assert misfits_of_request(path, "GET", common, b"")[0].endswith("is called with POST, not GET")
    assert misfits_of_request("/api/v2/product/set", "POST", [], b"") == ["there is no endpoint /api/v2/product/set"]
    assert misfits_of_answer(path, {"error": "", "response": {"success": []}}) == ["there is no field response.success"]


def test_who_calls_is_looked_at_first_in_the_words_of_the_real_one(client: Client) -> None:
    status, told = client.call("shop/get_shop_info", sign="0" * 64)
    assert (status, told["error"], told["message"]) == (403, "error_sign", "Wrong sign.")
    client.shop.end_access_tokens()
    assert client.call("shop/get_shop_info")[1]["error"] == "invalid_acceess_token"
    client.shop.unlink()
    assert client.call("shop/get_shop_info")[1]["error"] == "shop_no_linked"


def test_an_old_time_is_refused_after_five_minutes(client: Client) -> None:
    now = client.shop.server_now()
    query = {"partner_id": client.shop.partner_id, "timestamp": int(now.timestamp()) - 301, "sign": "x"}
    url = f"https://shopee.example{API}shop/get_shop_info?{urlencode(query)}"
    assert b"Timestamp is expired." in handle(client.shop, Request.of("GET", url)).body


def test_a_code_and_a_refresh_token_are_good_once(client: Client) -> None:
    shop = client.shop
    whose = {"partner_id": shop.partner_id, "shop_id": shop.shop_id}
    code = {"code": shop.authorise(), **whose}
    pair = client.call("auth/token/get", code)[1]
    assert pair["expire_in"] == 14_400 and client.call("auth/token/get", code)[1]["error"] == "error_auth"
    again = {"refresh_token": pair["refresh_token"], **whose}
    assert client.call("auth/access_token/get", again)[1]["access_token"]
    assert client.call("auth/access_token/get", again)[1]["message"] == "Invalid refresh_token."
    late = {"code": shop.authorise(), **whose}
    client.clock.advance(601)
    assert client.call("auth/token/get", late)[1]["error"] == "invalid_code"


def test_units_leave_at_the_order_paid_or_not_and_come_back_when_it_is_cancelled_before_pick_up(client: Client) -> None:
    shop = client.shop
    mug = shop.add_simple("MUG", "Mug", 5)
    unpaid, sent = shop.sell(mug, 2, "UNPAID"), shop.sell(mug, 1)
    assert unpaid and sent and shop.quantity(mug) == 2 and shop.sell(mug, 3) is None
    shop.cancel(unpaid)
    shop.ship(sent)
    shop.lose_delivery(sent)
    assert shop.quantity(mug) == 4, "what could not be delivered is not put up again"


def test_a_campaign_locks_units_from_when_it_is_agreed_until_it_ends(client: Client) -> None:
    mug = client.shop.add_simple("MUG", "Mug", 9)
    client.shop.campaign(mug, 6, begins=3600, lasts=3600)
    assert client.sets(mug, stock=5)["message"] == "Total stock must be more than reserved stock."
    assert client.sets(mug, stock=6)["error"] == ""
    staged = client.call("product/get_item_promotion", item_id_list=mug)[1]["response"]["success_list"][0]["promotion"]
    assert staged[0]["promotion_staging"] == "upcoming"
    client.clock.advance(3700)
    client.shop.sell(mug, 2)
    assert client.sets(mug, stock=3)["error"] and client.sets(mug, stock=4)["error"] == "", "sold ones are unlocked"
    client.clock.advance(4000)
    assert client.sets(mug, stock=0)["error"] == ""


def test_a_location_is_needed_where_stock_has_one_and_refused_where_it_has_none(client: Client) -> None:
    mug = client.shop.add_simple("MUG", "Mug", 9)
    assert "different stock structure" in client.sets(mug, stock=1, location_id="SGA")["message"]
    two = Client(warehouses={"SGA": "North", "SGB": "South"})
    cup = two.shop.add_simple("CUP", "Cup", {"SGA": 3})  # type: ignore[arg-type]
    assert "Lack of location_id" in two.sets(cup, stock=1)["message"]
    assert "not matched" in two.sets(cup, stock=1, location_id="SGB")["message"]
    assert two.sets(cup, stock=1, location_id="SGA")["response"]["success_list"] == [
        {"model_id": 0, "location_id": "SGA", "stock": 1}
    ]


def test_orders_are_listed_in_windows_of_fifteen_days_and_pending_ones_only_when_asked_for(client: Client) -> None:
    mug = client.shop.add_simple("MUG", "Mug", 9)
    client.shop.sell(mug, 1, "PENDING")
    now = int(client.clock.now().timestamp())
    asked = {"time_range_field": "update_time", "time_from": now - 9, "time_to": now + 9, "page_size": 5}
    assert client.call("order/get_order_list", **asked)[1]["response"]["order_list"] == []
    told = client.call("order/get_order_list", **asked, request_order_status_pending="true")[1]
    assert len(told["response"]["order_list"]) == 1
    wide = {**asked, "time_from": now - 16 * 86_400}
    assert client.call("order/get_order_list", **wide)[1]["error"] == "order.order_list_invalid_time"


def test_an_order_that_is_not_there_refuses_the_whole_question(client: Client) -> None:
    order = client.shop.sell(client.shop.add_simple("MUG", "Mug", 9), 1)
    told = client.call("order/get_order_detail", order_sn_list=f"{order},NONE")[1]
    assert (told["error"], told["message"]) == ("error_not_found", "Wrong parameters, detail: the order is not found.")


def test_a_fresh_shop_of_the_command_has_models_campaigns_and_what_shopee_keeps() -> None:
    shop = stock(Shop(clock=FakeClock().now, rng=random.Random(1)), 300)
    models = [model for item in shop.items.values() for model in item.models]
    assert len(models) >= 300 and any(model.id for model in models) and any(model.by_shopee for model in models)
    assert any(model.campaigns for model in models)
