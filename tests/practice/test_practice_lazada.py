"""The practice Lazada: it declares what the vendor's documents say, and behaves where it matters to stock."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from agent.practice.lazada import Request, Shop, handle, stock
from agent.practice.lazada.declared import (
    SET,
    documented,
    endpoints,
    misfits_of_answer,
    misfits_of_payload,
    misfits_of_request,
)
from tests.channels.clock import FakeClock
from tests.practice import cut_lazada


def xml(*skus: str) -> str:
    return f"<Request><Product><Skus>{''.join(f'<Sku>{sku}</Sku>' for sku in skus)}</Skus></Product></Request>"


def wish(key: str, units: object, warehouse: str = "") -> str:
    """One SKU's part of a payload."""
    item, _, sku = key.partition("-")
    quantity = f"<SellableQuantity>{units}</SellableQuantity>"
    if warehouse:
        one = f"<MultiWarehouseInventory><WarehouseCode>{warehouse}</WarehouseCode>{quantity}</MultiWarehouseInventory>"
        quantity = f"<MultiWarehouseInventories>{one}</MultiWarehouseInventories>"
    return f"<ItemId>{item}</ItemId><SkuId>{sku}</SkuId>{quantity}"


class Client:
    """Calls the shop as its documents say, with nothing of Stocksheet's in between."""

    def __init__(self, **more: Any) -> None:
        self.clock = FakeClock()
        self.shop = Shop(clock=self.clock.now, rng=random.Random(1), **more)
        self.token = self.shop.new_pair().access

    def call(self, path: str, *, late: float = 0, sign: str = "", root: str = "/rest", **own: Any) -> Any:
        """The answer to one signed call; its own parameters in the query, or in the form where it is a POST."""
        method = endpoints()[path]["method"]
        now = int((self.shop.server_now().timestamp() - late) * 1000)
        system = {"app_key": self.shop.app_key, "timestamp": str(now), "sign_method": "sha256"}
        system |= {} if path.startswith("/auth/") else {"access_token": self.token}
        text = path + "".join(f"{name}{value}" for name, value in sorted({**system, **own}.items()))
        made = hmac.new(self.shop.app_secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()
        query = {**system, "sign": sign or made, **({} if method == "POST" else own)}
        body = urlencode(own).encode() if method == "POST" else b""
        response = handle(
            self.shop, Request.of(method, f"https://lazada.example{root}{path}?{urlencode(query)}", {}, body)
        )
        return json.loads(response.body) if response.status == 200 else response.status

    def sets(self, *skus: str) -> Any:
        return self.call(SET, payload=xml(*skus))


@pytest.fixture
def client() -> Iterator[Client]:
    yield Client()


def test_what_is_declared_is_what_the_vendors_contract_says() -> None:
    if not cut_lazada.SPECS.exists():
        pytest.skip("Lazada's contract is not on this computer; what the practice shop declares was not compared")
    assert cut_lazada.TARGET.read_text(encoding="utf-8") == cut_lazada.printed(), "python -m tests.practice.cut_lazada"


def test_a_field_that_is_not_declared_is_refused(client: Client) -> None:
    mug = client.shop.add_simple("MUG", "Mug", 5)
    item, _, sku = mug.partition("-")
    wrong = [
        xml(wish(mug, 1)).replace("SellableQuantity", "Quantity"),
        xml(f"<ItemId>{item}</ItemId><SkuID>{sku}</SkuID><SellableQuantity>1</SellableQuantity>"),
        xml(wish(mug, "many")), xml(wish(mug, -1)), "no xml", "<Product/>",
    ]  # fmt: skip
    for payload in wrong:
        assert client.call(SET, payload=payload)["code"] == "5", payload
        assert misfits_of_payload(payload)
    assert client.sets()["code"] == "30" and client.sets(*[wish(mug, 1)] * 51)["code"] == "204"
    assert client.shop.quantity(mug) == 5
    for query in ({"filter": "sold"}, {"filter": "all", "limit": 51}, {"filter": "all", "page": 1},
                  {"filter": "all", "offset": 10_001}, {"filter": "all", "create_after": "2026-11-22"}):  # fmt: skip
        assert client.call("/products/get", **query)["code"] == "5", query
    assert client.call("/orders/get", limit=10)["code"] == "16", "neither update_after nor created_after"


def test_the_judge_names_what_is_wrong_in_a_request_and_in_an_answer() -> None:
    system = [(name, "1") for name in ("app_key", "timestamp", "sign_method", "sign", "access_token")]
    path = "/orders/items/get"
    assert misfits_of_request(path, "GET", [*system, ("order_ids", "[1,2]")]) == []
    assert misfits_of_request(path, "POST", [*system, ("order_id", "")]) == [
        "/orders/items/get is called with GET, not POST", "parameter order_id is empty",
        "parameter order_ids is missing", "there is no parameter order_id",
    ]  # fmt: skip
    too_many = ("order_ids", json.dumps(list(range(51))).replace(" ", ""))
    assert "no list of up to 50" in misfits_of_request(path, "GET", [*system, too_many])[0]
    assert misfits_of_request("/product/set", "GET", []) == ["there is no call /product/set"]
    told = {"code": "0", "request_id": "x", "data": [{"order_id": 1, "order_items": [{"quantity": 2}]}]}
    assert misfits_of_answer(path, told) == ["there is no field data.order_items.quantity"]
    assert misfits_of_answer(path, {**told, "data": {}}) == ["data is no list"]
    assert documented(SET, "501", "E501: Update product failed") and not documented(SET, "501", "Out of luck")


def test_who_calls_is_looked_at_first_in_the_words_of_the_real_one(client: Client) -> None:
    assert client.call("/seller/get", sign="0" * 64)["code"] == "IncompleteSignature"
    assert client.call("/seller/get", late=7300)["code"] == "IllegalTimestamp"
    assert client.call("/seller/get", late=7100)["code"] == "0"
    client.shop.end_access_tokens()
    assert client.call("/seller/get")["code"] == "IllegalAccessToken"
    assert client.call("/seller/get", root="") == 404


def test_a_signature_over_the_path_with_rest_is_refused(client: Client) -> None:
    path, now = "/seller/get", int(client.shop.server_now().timestamp() * 1000)
    params = {"app_key": client.shop.app_key, "timestamp": now, "sign_method": "sha256", "access_token": client.token}
    text = f"/rest{path}" + "".join(f"{name}{value}" for name, value in sorted(params.items()))
    made = hmac.new(client.shop.app_secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()
    assert client.call(path, sign=made)["code"] == "IncompleteSignature"


def test_a_code_and_a_refresh_token_are_good_once_and_the_yes_ends_when_it_ends(client: Client) -> None:
    code = client.shop.authorise()
    pair = client.call("/auth/token/create", code=code)
    assert (pair["expires_in"], pair["refresh_expires_in"]) == (30 * 86_400, str(180 * 86_400))
    assert client.call("/auth/token/create", code=code)["code"] == "InvalidCode"
    client.clock.advance(86_400)
    again = client.call("/auth/token/refresh", refresh_token=pair["refresh_token"])
    assert again["refresh_expires_in"] == str(179 * 86_400), "a renewal does not lengthen it"
    assert client.call("/auth/token/refresh", refresh_token=pair["refresh_token"])["code"] == "IllegalRefreshToken"
    client.clock.advance(180 * 86_400)
    assert client.call("/auth/token/refresh", refresh_token=again["refresh_token"])["code"] == "IllegalRefreshToken"
    late = client.shop.authorise()
    client.clock.advance(1801)
    assert client.call("/auth/token/create", code=late)["code"] == "InvalidCode"


def test_units_go_from_sellable_to_withheld_to_occupied_and_out_as_the_guide_says(client: Client) -> None:
    shop = client.shop
    mug = shop.add_simple("MUG", "Mug", 9)
    order = shop.sell(mug, 2, "unpaid")

    def shelf() -> tuple[int, int, int]:
        found = client.call("/product/item/get", item_id=mug.partition("-")[0])["data"]["skus"][0]
        (only,) = found["multiWarehouseInventories"]
        return only["sellableQuantity"], only["withholdQuantity"], only["occupyQuantity"]

    assert order is not None and shelf() == (7, 2, 0)
    shop.pay(order)
    assert shelf() == (7, 0, 2)
    shop.pack(order)
    shop.ready(order)
    assert shelf() == (7, 0, 0)
    shop.cancel(order)
    assert shelf() == (9, 0, 0)
    assert shop.sell(mug, 10) is None
    shop.sell(mug, 4, "unpaid")
    client.clock.advance(1801)
    assert shelf() == (9, 0, 0), "not paid within half an hour"


def test_a_seller_who_cancels_as_it_is_out_of_stock_finds_the_sku_at_0(client: Client) -> None:
    mug = client.shop.add_simple("MUG", "Mug", 9)
    order = client.shop.sell(mug, 2)
    assert order is not None
    client.shop.cancel_units(order, 0, 1)
    assert client.shop.quantity(mug) == 8
    client.shop.cancel(order, "Out of Stock")
    assert client.shop.quantity(mug) == 0


def test_a_campaign_locks_units_until_it_ends_and_all_but_that_sku_is_set(client: Client) -> None:
    mug, cup = client.shop.add_simple("MUG", "Mug", 9), client.shop.add_simple("CUP", "Cup", 9)
    client.shop.campaign(mug, 6, lasts=3600)
    told = client.sets(wish(mug, 5), wish(cup, 5))
    assert (told["code"], told["message"]) == ("501", "E501: Update product failed")
    assert told["detail"] == [
        {"seller_sku": "MUG", "field": "sellable_quantity", "message": "negative sellable on channel inventory"}
    ]
    assert (client.shop.quantity(mug), client.shop.quantity(cup)) == (9, 5)
    client.shop.sell(mug, 2)
    assert client.sets(wish(mug, 4))["code"] == "0", "sold ones are unlocked"
    client.clock.advance(3700)
    assert client.sets(wish(mug, 0))["code"] == "0"


def test_a_seller_with_one_warehouse_must_not_name_it_and_the_plain_form_sets_dropshipping(client: Client) -> None:
    mug = client.shop.add_simple("MUG", "Mug", 9)
    assert "single warehouse" in client.sets(wish(mug, 1, "dropshipping"))["detail"][0]["message"]
    two = Client(warehouses={"dropshipping": "Home", "WH-2": "Harbour"})
    cup = two.shop.add_simple("CUP", "Cup", {"dropshipping": 3, "WH-2": 4})
    assert two.sets(wish(cup, 1))["code"] == two.sets(wish(cup, 2, "WH-2"))["code"] == "0"
    assert {code: shelf.sellable for code, shelf in two.shop.sku(cup).shelves.items()} == {"dropshipping": 1, "WH-2": 2}
    assert two.sets(wish(cup, 2, "ATTIC"))["code"] == "501"
    two.sets(wish(cup, 0, "WH-2"))
    sku = two.call("/products/get", filter="all")["data"]["products"][0]["skus"][0]
    assert [each["warehouseCode"] for each in sku["multiWarehouseInventories"]] == ["dropshipping"], "0 is not shown"


def test_orders_are_listed_by_time_and_status_and_no_more_than_5000_can_be_skipped(client: Client) -> None:
    mug = client.shop.add_simple("MUG", "Mug", 99)
    first, second = client.shop.sell(mug, 2), client.shop.sell(mug, 1)
    assert first and second
    client.clock.advance(60)
    client.shop.pack(first)
    asked = {"update_after": "2026-11-22T20:00:00+08:00", "sort_by": "updated_at", "sort_direction": "ASC"}
    found = client.call("/orders/get", **asked)["data"]
    assert [order["order_id"] for order in found["orders"]] == [second, first] and found["countTotal"] == 2
    assert found["orders"][1]["updated_at"] == "2026-11-22 20:01:00 +0800"
    for status, numbers in (("packed", [first]), ("toship", [first]), ("topack", [second]), ("shipped", [])):
        told = client.call("/orders/get", **asked, status=status)["data"]["orders"]
        assert [order["order_id"] for order in told] == numbers, status
    assert client.call("/orders/get", **asked, offset=4950, limit=100)["code"] == "14"
    units = client.call("/orders/items/get", order_ids=f"[{first}]")["data"][0]["order_items"]
    assert [unit["status"] for unit in units] == ["packed"] * 2 and len({unit["order_item_id"] for unit in units}) == 2
    assert client.call("/orders/items/get", order_ids=f"[{first},7]")["code"] == "37"


def test_a_ban_names_its_seconds_and_the_status_is_200(client: Client) -> None:
    client.shop.faults.too_many, client.shop.faults.ban = 1, 7
    assert client.call("/seller/get")["message"].endswith("this ban will last 7 seconds")
    assert client.call("/seller/get")["code"] == "0"


def test_a_fresh_shop_of_the_command_has_variants_campaigns_and_what_lazada_keeps() -> None:
    shop = stock(Shop(clock=FakeClock().now, rng=random.Random(1)), 300)
    skus = [sku for item in shop.items.values() for sku in item.skus]
    assert len(skus) >= 300 and any(len(item.skus) > 1 for item in shop.items.values())
    assert any(sku.fbl is not None for sku in skus) and any(sku.campaigns for sku in skus)
