"""The practice WooCommerce shop: what people do in it, what its faults do, and how it is reached."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest

from agent.practice.woocommerce import ConnectionLost, Request, Response, Shop, app, handle, serve, stock, transport
from tests.practice.contract import ContractError, validate_exchange, watch

BASE = "http://127.0.0.1:8085"
API = f"{BASE}/wp-json/wc/v3"


class Time:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def shop(time: Time) -> Shop:
    return Shop(clock=time, rng=random.Random(1))


def ask(shop: Shop, method: str, path: str, body: Any = None, auth: str = "ck_practice:cs_practice") -> Response:
    headers = {"Content-Type": "application/json"}
    if auth:
        headers["Authorization"] = f"Basic {base64.b64encode(auth.encode()).decode()}"
    url = path if path.startswith("http") else f"{API}/{path}"
    return handle(shop, Request.of(method, url, headers, b"" if body is None else json.dumps(body).encode()))


def get(shop: Shop, path: str) -> Any:
    return json.loads(ask(shop, "GET", path).body)


def ids(shop: Shop, path: str) -> list[int]:
    return [each["id"] for each in get(shop, path)]


def since(time: Time, seconds: float) -> str:
    moment = (time.now - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"modified_after={moment}&dates_are_gmt=true"


# -- people --------------------------------------------------------------------------------------------------------


def test_a_buyer_takes_stock_and_is_refused_what_is_not_shown(shop: Shop) -> None:
    mug = shop.add_simple("MUG", "Mug", 3)
    assert shop.sell(mug, 2) is not None
    assert shop.quantity(mug) == 1
    assert shop.sell(mug, 2) is None
    assert shop.quantity(mug) == 1


def test_a_buyer_may_have_more_than_is_there_when_backorders_are_taken(shop: Shop) -> None:
    mug = shop.add_simple("MUG", "Mug", 1, backorders="notify")
    assert shop.sell(mug, 3) is not None
    assert shop.quantity(mug) == -2
    assert get(shop, f"products/{mug}")["stock_status"] == "onbackorder"


def test_drafts_and_trashed_products_cannot_be_bought(shop: Shop) -> None:
    draft, gone = shop.add_simple("D", "Draft", 5, status="draft"), shop.add_simple("G", "Gone", 5)
    shop.trash(gone)
    assert shop.sell(draft, 1) is None
    assert shop.sell(gone, 1) is None


def test_unmanaged_stock_is_always_sold_and_has_no_quantity(shop: Shop) -> None:
    card = shop.add_simple("CARD", "Card", None)
    assert shop.sell(card, 1000) is not None
    assert shop.quantity(card) is None


def test_two_variations_of_a_counting_parent_share_its_quantity(shop: Shop) -> None:
    parent, (small, large) = shop.add_variable(
        "T",
        "Tee",
        [
            {"sku": "T-S", "options": {"Size": "S"}, "quantity": "parent"},
            {"sku": "T-L", "options": {"Size": "L"}, "quantity": "parent"},
        ],
        parent_quantity=5,
    )
    assert shop.place_order([(small, 3), (large, 3)]) is None
    assert shop.place_order([(small, 3), (large, 2)]) is not None
    assert [shop.quantity(each) for each in (parent, small, large)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        (["pending"], 10),
        (["on-hold"], 7),
        (["processing"], 7),
        (["completed"], 7),
        (["failed"], 10),
        (["cancelled"], 10),
        (["pending", "processing"], 7),
        (["processing", "completed"], 7),
        (["processing", "cancelled"], 10),
        (["pending", "cancelled"], 10),
        (["processing", "cancelled", "processing"], 7),
        (["processing", "failed"], 7),
        (["processing", "refunded"], 7),
    ],
)
def test_stock_follows_an_order_through_its_states(shop: Shop, steps: list[str], left: int) -> None:
    mug = shop.add_simple("MUG", "Mug", 10)
    order = shop.sell(mug, 3, steps[0])
    assert order is not None
    for status in steps[1:]:
        shop.set_status(order, status)
    assert shop.quantity(mug) == left


def test_a_pending_checkout_keeps_its_units_for_an_hour(shop: Shop, time: Time) -> None:
    mug = shop.add_simple("MUG", "Mug", 1)
    assert shop.sell(mug, 1, "pending") is not None
    assert shop.quantity(mug) == 1
    assert shop.sell(mug, 1) is None
    time.pass_(3601)
    assert shop.sell(mug, 1) is not None


def test_a_refund_restocks_only_if_told_and_leaves_the_line_as_it_was(shop: Shop) -> None:
    mug = shop.add_simple("MUG", "Mug", 10)
    order = shop.sell(mug, 4)
    assert order is not None
    line = shop.orders[order].lines[0].id
    shop.refund(order, {line: 1})
    shop.refund(order, {line: 1}, restock=False)
    assert shop.quantity(mug) == 7
    assert get(shop, f"orders/{order}")["line_items"][0]["quantity"] == 4
    shown = get(shop, f"orders/{order}/refunds")
    assert [each["line_items"][0]["quantity"] for each in shown] == [-1, -1]
    assert shown[0]["line_items"][0]["meta_data"][0] == {
        "id": 30,
        "key": "_refunded_item_id",
        "value": str(line),
        "display_key": "_refunded_item_id",
        "display_value": str(line),
    }


def test_cancelling_after_a_restocking_refund_gives_back_the_rest_only(shop: Shop) -> None:
    mug = shop.add_simple("MUG", "Mug", 10)
    order = shop.sell(mug, 4)
    assert order is not None
    shop.refund(order, {shop.orders[order].lines[0].id: 1})
    shop.set_status(order, "cancelled")
    assert shop.quantity(mug) == 10


def test_refunding_everything_makes_the_order_refunded(shop: Shop) -> None:
    mug = shop.add_simple("MUG", "Mug", 10)
    order = shop.sell(mug, 4)
    assert order is not None
    shop.refund(order, {shop.orders[order].lines[0].id: 4})
    assert shop.orders[order].status == "refunded"
    assert shop.quantity(mug) == 10


def test_deleting_an_order_gives_nothing_back(shop: Shop) -> None:
    mug = shop.add_simple("MUG", "Mug", 10)
    order = shop.sell(mug, 4)
    assert order is not None
    shop.delete_order(order)
    assert shop.quantity(mug) == 6
    assert ask(shop, "GET", f"orders/{order}").status == 404


@pytest.mark.parametrize(
    "act",
    [
        lambda shop, mug: shop.sell(mug, 1),
        lambda shop, mug: shop.type_quantity(mug, 5),
        lambda shop, mug: shop.rename_sku(mug, "CUP"),
        lambda shop, mug: ask(shop, "POST", "products/batch", {"update": [{"id": mug, "stock_quantity": 5}]}),
    ],
)
def test_every_change_moves_the_product_into_modified_after(
    shop: Shop, time: Time, act: Callable[[Shop, int], object]
) -> None:
    mug = shop.add_simple("MUG", "Mug", 5)
    time.pass_(60)
    assert ids(shop, f"products?{since(time, 1)}") == []
    act(shop, mug)
    assert ids(shop, f"products?{since(time, 1)}") == [mug]
    assert ids(shop, f"products?{since(time, 0)}") == []  # strictly after


def test_a_change_of_a_variation_is_found_at_its_parent(shop: Shop, time: Time) -> None:
    parent, (small,) = shop.add_variable("T", "Tee", [{"sku": "T-S", "options": {"Size": "S"}, "quantity": 5}])
    time.pass_(60)
    shop.sell(small, 1)
    assert ids(shop, f"products?{since(time, 1)}") == [parent]
    assert ids(shop, f"variations?{since(time, 1)}") == [small]


# -- the wire ------------------------------------------------------------------------------------------------------


def test_dates_without_a_zone_are_the_sites_own_unless_said_otherwise(time: Time) -> None:
    shop = Shop(clock=time, rng=random.Random(1), utc_offset_minutes=-300)
    order = shop.sell(shop.add_simple("MUG", "Mug", 5), 1)
    before = (time.now - timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%S")
    assert ids(shop, f"orders?modified_after={before}&dates_are_gmt=true") == [order]
    assert ids(shop, f"orders?modified_after={before}") == []
    time.pass_(3600)
    late = time.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert ids(shop, f"orders?modified_after={late}&dates_are_gmt=true") == [order]  # shifted by the offset


def test_pages_say_how_many_there_are_and_where_the_next_one_is(shop: Shop) -> None:
    stock(shop, 25)
    first = ask(shop, "GET", "products?per_page=10&orderby=id&order=asc")
    total = int(first.headers["X-WP-Total"])
    assert int(first.headers["X-WP-TotalPages"]) == -(-total // 10)
    assert f'{API}/products?per_page=10&orderby=id&order=asc&page=2>; rel="next"' in first.headers["Link"]


def test_every_answer_has_the_shops_own_time(shop: Shop) -> None:
    assert ask(shop, "GET", "products").headers["Date"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert ask(shop, "GET", "nothing").headers["Date"] == "Sun, 01 Mar 2026 12:00:00 GMT"


def test_an_older_shop_lacks_the_newer_calls_and_fields(time: Time) -> None:
    old = Shop(clock=time, rng=random.Random(1), shop_version="8.6.0")
    old.add_simple("MUG", "Mug", 5, barcode="4006381333931")
    assert ask(old, "GET", "variations").status == ask(old, "GET", "refunds").status == 404
    assert "global_unique_id" not in get(old, "products")[0]


def test_one_call_may_write_variations_of_several_parents(shop: Shop) -> None:
    first, (one,) = shop.add_variable("A", "A", [{"sku": "A-1", "options": {"Size": "S"}, "quantity": 5}])
    second, (two,) = shop.add_variable("B", "B", [{"sku": "B-1", "options": {"Size": "S"}, "quantity": 5}])
    ask(
        shop,
        "POST",
        f"products/{first}/variations/batch",
        {
            "update": [
                {"id": one, "product_id": first, "stock_quantity": 1},
                {"id": two, "product_id": second, "stock_quantity": 2},
            ]
        },
    )
    assert [shop.quantity(one), shop.quantity(two)] == [1, 2]


def test_an_old_shop_moves_a_variation_to_the_wrong_parent_and_a_new_one_refuses(time: Time) -> None:
    for version, parent_kept in (("8.6.0", False), ("11.0.1", True)):
        shop = Shop(clock=time, rng=random.Random(1), shop_version=version)
        first, _ = shop.add_variable("A", "A", [])
        second, (two,) = shop.add_variable("B", "B", [{"sku": "B-1", "options": {"Size": "S"}, "quantity": 5}])
        ask(shop, "POST", f"products/{first}/variations/batch", {"update": [{"id": two, "stock_quantity": 2}]})
        assert (shop.products[two].parent is shop.products[second]) is parent_kept


def test_a_parameter_the_practice_shop_lacks_is_refused_loudly(shop: Shop) -> None:
    assert ask(shop, "GET", "products?category=5").status == 501


def test_json_without_its_content_type_is_not_looked_at(shop: Shop) -> None:
    mug = shop.add_simple("MUG", "Mug", 5)
    body = json.dumps({"update": [{"id": mug, "stock_quantity": 1}]}).encode()
    url = f"{API}/products/batch?consumer_key=ck_practice&consumer_secret=cs_practice"
    assert handle(shop, Request.of("POST", url, {}, body)).body == b"[]"
    assert shop.quantity(mug) == 5


def test_the_same_is_reached_by_rest_route(shop: Shop) -> None:
    stock(shop, 3)
    assert ask(shop, "GET", f"{BASE}/?rest_route=/wc/v3/products").status == 200


# -- keys ----------------------------------------------------------------------------------------------------------


def signed(path: str, secret: str, at: datetime, nonce: str = "n1", method: str = "HMAC-SHA256") -> str:
    query = {
        "per_page": "1",
        "oauth_consumer_key": "ck_practice",
        "oauth_nonce": nonce,
        "oauth_signature_method": method,
        "oauth_timestamp": str(int(at.timestamp())),
    }
    joined = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(query.items()))
    text = "&".join(quote(each, safe="~") for each in ("GET", f"{API}/{path}", joined))
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1 if method.endswith("1") else hashlib.sha256)
    query["oauth_signature"] = base64.b64encode(digest.digest()).decode()
    return f"{path}?{urlencode(query)}"


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256"])
def test_over_plain_http_a_strict_shop_takes_a_signature_once(shop: Shop, time: Time, method: str) -> None:
    shop.require_https_for_basic = True
    url = signed("products", "cs_practice", time.now, method=method)
    assert ask(shop, "GET", "products").status == 401
    assert ask(shop, "GET", url, auth="").status == 200
    again = ask(shop, "GET", url, auth="")
    assert json.loads(again.body)["message"] == "Invalid nonce - nonce has already been used."


def test_a_wrong_or_old_signature_is_refused(shop: Shop, time: Time) -> None:
    wrong = ask(shop, "GET", signed("products", "cs_wrong", time.now), auth="")
    old = ask(shop, "GET", signed("products", "cs_practice", time.now - timedelta(hours=1)), auth="")
    assert "does not match" in json.loads(wrong.body)["message"]
    assert (wrong.status, old.status) == (401, 401)


def test_the_key_may_stand_in_the_query(shop: Shop) -> None:
    assert ask(shop, "GET", "products?consumer_key=ck_practice&consumer_secret=cs_practice", auth="").status == 200


def test_the_index_needs_no_key_and_offers_application_passwords_over_https(shop: Shop) -> None:
    plain = json.loads(ask(shop, "GET", f"{BASE}/wp-json/", auth="").body)
    safe = json.loads(ask(shop, "GET", "https://shop.example/wp-json/", auth="").body)
    assert plain["name"] == "Practice shop"
    assert plain["authentication"] == []
    assert "application-passwords" in safe["authentication"]


# -- faults --------------------------------------------------------------------------------------------------------


def test_a_counted_fault_ends_by_itself(shop: Shop) -> None:
    shop.faults.down = 2
    assert [ask(shop, "GET", "products").status for _ in range(3)] == [503, 503, 200]


def test_a_throttled_shop_says_when_to_come_back(shop: Shop) -> None:
    shop.faults.throttle, shop.faults.retry_after, shop.faults.throttle_html = True, 7, True
    answer = ask(shop, "GET", "products")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    assert answer.body.startswith(b"<!DOCTYPE html>")


def test_an_answer_lost_after_apply_was_applied_and_one_lost_before_was_not(shop: Shop) -> None:
    mug = shop.add_simple("MUG", "Mug", 5)
    shop.faults.answer_lost_after_apply = 1
    with pytest.raises(ConnectionLost):
        ask(shop, "POST", "products/batch", {"update": [{"id": mug, "stock_quantity": 1}]})
    assert shop.quantity(mug) == 1
    shop.faults.answer_lost_before_apply = 1
    with pytest.raises(ConnectionLost):
        ask(shop, "POST", "products/batch", {"update": [{"id": mug, "stock_quantity": 2}]})
    assert shop.quantity(mug) == 1


def test_a_late_order_takes_stock_at_once_but_is_read_later_with_its_old_date(shop: Shop, time: Time) -> None:
    mug = shop.add_simple("MUG", "Mug", 5)
    shop.faults.order_visible_after = 90
    order = shop.sell(mug, 1)
    assert shop.quantity(mug) == 4
    assert ids(shop, "orders") == []
    time.pass_(90)
    assert ids(shop, "orders") == [order]
    assert ids(shop, f"orders?{since(time, 60)}") == []
    assert ids(shop, f"orders?{since(time, 91)}") == [order]


def test_a_late_change_shows_the_order_as_it_was_until_then(shop: Shop, time: Time) -> None:
    order = shop.sell(shop.add_simple("MUG", "Mug", 5), 1)
    assert order is not None
    shop.faults.order_visible_after = 30
    shop.set_status(order, "cancelled")
    assert get(shop, f"orders/{order}")["status"] == "processing"
    time.pass_(30)
    assert get(shop, f"orders/{order}")["status"] == "cancelled"


def test_a_rejected_item_fails_alone_and_an_eaten_write_looks_accepted(shop: Shop) -> None:
    bad, eaten, good = (shop.add_simple(sku, sku, 5) for sku in "ABC")
    shop.faults.reject_ids, shop.faults.eat_writes = {bad}, {eaten}
    answer = ask(
        shop, "POST", "products/batch", {"update": [{"id": each, "stock_quantity": 1} for each in (bad, eaten, good)]}
    )
    items = json.loads(answer.body)["update"]
    assert answer.status == 200
    assert items[0]["error"]["code"] == "db_update_error"
    assert [shop.quantity(each) for each in (bad, eaten, good)] == [5, 5, 1]


def test_a_smaller_batch_limit_is_told_with_413(shop: Shop) -> None:
    mugs = [shop.add_simple(f"M{n}", "Mug", 5) for n in range(5)]
    shop.faults.batch_limit = 4
    body = {"update": [{"id": mug, "stock_quantity": 1} for mug in mugs]}
    assert ask(shop, "POST", "products/batch", body).status == 413
    assert {shop.quantity(mug) for mug in mugs} == {5}


def test_an_expired_key_and_a_firewall_are_told_apart(shop: Shop) -> None:
    shop.faults.expired_key = True
    assert json.loads(ask(shop, "GET", "products").body)["code"] == "woocommerce_rest_cannot_view"
    shop.faults.html_403 = True
    assert ask(shop, "GET", "products").headers["Content-Type"].startswith("text/html")


def test_a_cache_repeats_an_old_answer_unless_the_address_is_new(shop: Shop, time: Time) -> None:
    mug = shop.add_simple("MUG", "Mug", 5)
    shop.faults.stale_reads = 60
    get(shop, f"products/{mug}")
    shop.type_quantity(mug, 1)
    time.pass_(10)
    stale = ask(shop, "GET", f"products/{mug}")
    assert (json.loads(stale.body)["stock_quantity"], stale.headers["Age"]) == (5, "10")
    assert get(shop, f"products/{mug}?nonce=1")["stock_quantity"] == 1
    time.pass_(60)
    assert get(shop, f"products/{mug}")["stock_quantity"] == 1


def test_the_same_seed_makes_the_same_shop_and_the_same_faults(time: Time) -> None:
    def run() -> list[Any]:
        shop = stock(Shop(clock=time, rng=random.Random(7)), 20)
        shop.faults.down = 0.5
        return [ask(shop, "GET", "products?per_page=50").body for _ in range(20)]

    assert run() == run()


# -- how it is reached ---------------------------------------------------------------------------------------------


def client(
    shop: Shop, over: httpx.AsyncBaseTransport | None = None, base: str = BASE, timeout: float = 5
) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=over or transport(shop),
        base_url=f"{base}/wp-json/wc/v3/",
        timeout=timeout,
        auth=("ck_practice", "cs_practice"),
    )


def test_a_client_that_stops_waiting_does_not_stop_the_write(shop: Shop) -> None:
    mug = shop.add_simple("MUG", "Mug", 5)
    shop.faults.slow = 0.2

    async def run() -> None:
        async with client(shop, timeout=0.02) as web:
            with pytest.raises(httpx.ReadTimeout):
                await web.put(f"products/{mug}", json={"stock_quantity": 1})
            assert shop.quantity(mug) == 5
            await asyncio.sleep(0.15)
            assert shop.quantity(mug) == 1

    asyncio.run(run())


def test_a_lost_answer_is_a_broken_connection_without_and_with_a_socket(shop: Shop) -> None:
    mug = shop.add_simple("MUG", "Mug", 5)

    async def lose(web: httpx.AsyncClient, quantity: int) -> None:
        shop.faults.answer_lost_after_apply = 1
        with pytest.raises(httpx.RemoteProtocolError):
            await web.put(f"products/{mug}", json={"stock_quantity": quantity})
        assert shop.quantity(mug) == quantity
        assert (await web.get(f"products/{mug}")).json()["stock_quantity"] == quantity

    async def run() -> None:
        async with client(shop) as web:
            await lose(web, 1)
        port, stop = await serve(shop)
        async with client(shop, httpx.AsyncHTTPTransport(), f"http://127.0.0.1:{port}") as web:
            await lose(web, 2)
        await stop()

    asyncio.run(run())


def test_several_shops_are_served_in_one_process_and_stopped_again(time: Time) -> None:
    shops = [Shop(clock=time, rng=random.Random(1), name=name) for name in ("One", "Two")]

    async def run() -> list[str]:
        served = [await serve(shop) for shop in shops]
        async with httpx.AsyncClient() as web:
            names = [(await web.get(f"http://127.0.0.1:{port}/wp-json/")).json()["name"] for port, _ in served]
            for _, stop in served:
                await stop()
            with pytest.raises(httpx.ConnectError):
                await web.get(f"http://127.0.0.1:{served[0][0]}/wp-json/")
        return names

    assert asyncio.run(run()) == ["One", "Two"]


def test_the_application_and_the_transport_answer_alike(shop: Shop) -> None:
    stock(shop, 12)

    async def run() -> None:
        async with client(shop) as near, client(shop, httpx.ASGITransport(app(shop))) as far:
            for path in ("products?per_page=3&_fields=id,sku", "orders", "products/999", "productz"):
                one, other = await near.get(path), await far.get(path)
                assert (one.status_code, one.content, one.headers) == (other.status_code, other.content, other.headers)

    asyncio.run(run())


# -- the judge of exchanges ----------------------------------------------------------------------------------------


def judged(shop: Shop, method: str, path: str, body: Any = None) -> None:
    seen = watch(shop)
    ask(shop, method, path, body)
    validate_exchange(seen[-1])


GOOD: list[tuple[str, str, Any]] = [
    (
        "GET",
        "products?per_page=100&page=1&orderby=id&order=asc&status=any&modified_after=2026-01-01T00:00:00"
        "&dates_are_gmt=true&_fields=id,sku,global_unique_id,stock_quantity,manage_stock,variations",
        None,
    ),
    ("GET", "products?sku=A,B", None),
    ("GET", "products/11", None),
    ("GET", "products/12/variations?per_page=100", None),
    ("GET", "variations?per_page=100&_fields=id,parent_id,stock_quantity", None),
    ("GET", "system_status", None),
    ("GET", "orders?status=processing,on-hold&orderby=modified&include=1,2&_fields=id,line_items,refunds", None),
    ("GET", "orders/15", None),
    ("GET", "orders/15/refunds", None),
    ("GET", "refunds?per_page=100", None),
    ("GET", f"{BASE}/wp-json/?_fields=name,namespaces,gmt_offset", None),
    ("GET", "settings/general/woocommerce_default_country", None),
    ("PUT", "products/11", {"manage_stock": True, "stock_quantity": 3}),
    ("POST", "products/batch", {"update": [{"id": 11, "manage_stock": True, "stock_quantity": 3}, {"id": 99}]}),
    ("POST", "products/12/variations/batch", {"update": [{"id": 13, "product_id": 12, "stock_quantity": 3}]}),
    ("PUT", "orders/15", {"status": "completed"}),
]
BAD: list[tuple[str, str, Any, str]] = [
    ("GET", "products?pageSize=5", None, "no query parameter pageSize"),
    ("GET", "products?per_page=500", None, "per_page=500"),
    ("GET", "products?modified_after=2026-01-01", None, "not a date and time"),
    ("GET", "orders?orderby=updated", None, "orderby=updated"),
    ("GET", "products?_fields=id,stock", None, "_fields names stock"),
    ("GET", "listings", None, "no such path"),
    ("PUT", "products/11", {"stock": 3}, "no field stock"),
    ("PUT", "products/11", {"stock_quantity": "3"}, "stock_quantity"),
    ("PUT", "products/11", {"stock_quantity": None}, "is null"),
    ("PUT", "products/11", {"permalink": "x"}, "no field permalink"),
    ("POST", "products/batch", {"update": [{"id": 11, "quantity": 3}]}, "no field update[0].quantity"),
    ("POST", "products/batch", {"update": [{"sku": "A", "stock_quantity": 3}]}, "has no id"),
    ("POST", "products/batch", {"updates": []}, "not updates"),
    ("POST", "products/batch?_fields=id", {"update": []}, "no query parameter _fields"),
    ("PUT", "orders/15", {"state": "completed"}, "no field state"),
    ("GET", "products?category=5", None, "does not serve"),
]


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    mug = shop.add_simple("A", "Mug", 5, barcode="4006381333931")
    _, (small, _) = shop.add_variable(
        "T",
        "Tee",
        [
            {"sku": "B", "options": {"Size": "S"}, "quantity": 5},
            {"sku": "C", "options": {"Size": "L"}, "quantity": None},
        ],
    )
    order = shop.place_order([(mug, 1), (small, 2)])
    assert order == 15
    shop.refund(order, {shop.orders[order].lines[1].id: 1})
    return shop


@pytest.mark.parametrize(("method", "path", "body"), GOOD)
def test_a_call_in_the_contract_passes_with_its_answer(stocked: Shop, method: str, path: str, body: Any) -> None:
    judged(stocked, method, path, body)


@pytest.mark.parametrize(("method", "path", "body", "complaint"), BAD)
def test_a_call_not_in_the_contract_fails(stocked: Shop, method: str, path: str, body: Any, complaint: str) -> None:
    with pytest.raises(ContractError) as caught:
        judged(stocked, method, path, body)
    assert complaint in str(caught.value)
