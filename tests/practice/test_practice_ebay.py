"""The eBay practice account against the vendor's pages and contracts, called without any of the channel's code."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from lxml import etree

from agent.practice.ebay import ConnectionLost, Request, Response, Shop, handle
from agent.practice.ebay.shop import ALL_SCOPES, BASE
from tests.channels.wire import ebay_contract

NAMES = {"e": "urn:ebay:apis:eBLBaseComponents"}
HOST = "https://api.ebay.com"


class Caller:
    """A program of somebody's that calls the account."""

    def __init__(self, **more: Any) -> None:
        self.now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
        self.shop = Shop(clock=lambda: self.now, rng=Random(1), **more)
        self.seen: list[tuple[Request, Response]] = []
        self.shop.on_exchange = lambda request, response: self.seen.append((request, response))

    @property
    def access(self) -> str:
        """A good one for each call."""
        return self.shop.new_grant("somebody's", ALL_SCOPES).access

    def rest(
        self, path: str, body: object = None, method: str = "", access: str | None = None, **query: str
    ) -> tuple[int, Any]:
        told = f"?{urlencode(query)}" if query else ""
        headers = {"Authorization": f"Bearer {access or self.access}", "Content-Type": "application/json"}
        content = b"" if body is None else json.dumps(body).encode()
        method = method or ("GET" if body is None else "POST")
        answer = handle(self.shop, Request.of(method, f"{HOST}{path}{told}", headers, content))
        return answer.status, json.loads(answer.body)

    def token(self, secret: str = "", **form: str) -> tuple[int, Any]:
        who = base64.b64encode(f"{self.shop.app_id}:{secret or self.shop.cert_id}".encode()).decode()
        headers = {"Authorization": f"Basic {who}", "Content-Type": "application/x-www-form-urlencoded"}
        url = f"{HOST}/identity/v1/oauth2/token"
        answer = handle(self.shop, Request.of("POST", url, headers, urlencode(form).encode()))
        return answer.status, json.loads(answer.body)

    def trading(self, call: str, inner: str, headers: Mapping[str, str] | None = None) -> Any:
        body = f'<{call}Request xmlns="{NAMES["e"]}">{inner}</{call}Request>'.encode()
        sent = {"X-EBAY-API-CALL-NAME": call, "X-EBAY-API-SITEID": "0", "X-EBAY-API-COMPATIBILITY-LEVEL": "1451",
                "X-EBAY-API-IAF-TOKEN": self.access, **(headers or {})}  # fmt: skip
        return etree.fromstring(handle(self.shop, Request.of("POST", f"{HOST}/ws/api.dll", sent, body)).body)

    def set(self, *statuses: tuple[int, str, int]) -> Any:
        inner = "".join(f"<InventoryStatus><ItemID>{id_}</ItemID>{f'<SKU>{sku}</SKU>' if sku else ''}"
                        f"<Quantity>{units}</Quantity></InventoryStatus>" for id_, sku, units in statuses)  # fmt: skip
        return self.trading("ReviseInventoryStatus", inner)

    def quantity(self, id_: int) -> tuple[int, int]:
        """Quantity and QuantitySold of GetItem."""
        told = self.trading("GetItem", f"<ItemID>{id_}</ItemID>")
        paths = ("e:Item/e:Quantity", "e:Item/e:SellingStatus/e:QuantitySold")
        return tuple(int(told.findtext(path, namespaces=NAMES)) for path in paths)  # type: ignore[return-value]


def said(told: Any, path: str) -> list[str]:
    return [each.text or "" for each in told.findall(path, NAMES)]


@pytest.fixture
def caller() -> Caller:
    return Caller()


def test_quantities_after_a_sale_and_a_revision_are_those_of_the_vendors_own_example(caller: Caller) -> None:
    """15 listed, 7 sold: 15 and 7; then set to 1: 8 and 7 (vendor's knowledge base, 1525)."""
    listing = caller.shop.add_simple("A", "Thing", 15)
    caller.shop.sell(listing, 7)
    assert caller.quantity(listing) == (15, 7)
    assert said(caller.set((listing, "", 1)), "e:Ack") == ["Success"]
    assert caller.quantity(listing) == (8, 7) and caller.shop.quantity(listing) == 1


def test_a_variation_must_be_named_by_its_sku_and_five_at_once_are_too_many(caller: Caller) -> None:
    caller.shop.add_product("Shirt", [{"sku": f"S{n}", "options": {"Size": str(n)}, "quantity": 3} for n in range(5)])
    (id_,) = caller.shop.listings
    assert said(caller.set((id_, "", 1)), "e:Errors/e:ErrorCode") == ["21916664"]
    assert said(caller.set(*((id_, f"S{n}", 1) for n in range(5))), "e:Ack") == ["Failure"]
    assert said(caller.set(*((id_, f"S{n}", 1) for n in range(4))), "e:Ack") == ["Success"]
    assert [each.available for each in caller.shop.listings[id_].variations] == [1, 1, 1, 1, 3]


def test_the_trading_api_may_not_change_what_the_inventory_api_made(caller: Caller) -> None:
    listing = caller.shop.add_simple("A", "Thing", 5, model="inventory")
    assert said(caller.set((listing, "A", 1)), "e:Errors/e:ErrorCode") == ["21919474"]
    assert caller.shop.quantity(listing) == 5


def test_a_buyer_sees_the_lower_of_the_two_quantities(caller: Caller) -> None:
    listing = caller.shop.add_simple("A", "Thing", 5, model="inventory")
    bulk = "/sell/inventory/v1/bulk_update_price_quantity"
    asked = {"sku": "A", "shipToLocationAvailability": {"quantity": 2}}
    assert caller.rest(bulk, {"requests": [asked]})[0] == 200 and caller.shop.quantity(listing) == 2
    caller.rest(bulk, {"requests": [{**asked, "shipToLocationAvailability": {"quantity": 9}}]})
    assert caller.shop.quantity(listing) == 5, "the offer still says 5"
    requests = [{"sku": str(n), "shipToLocationAvailability": {"quantity": 1}} for n in range(26)]
    assert caller.rest(bulk, {"requests": requests})[0] == 400, "25 at the most"


@pytest.mark.parametrize("model", ["inventory", "trading"])
def test_a_listing_at_0_ends_without_out_of_stock_control_and_stays_with_it(model: str) -> None:
    for control in (True, False):
        caller = Caller(model=model)
        caller.shop.out_of_stock_control = control
        listing = caller.shop.add_simple("A", "Thing", 5)
        if model == "trading":
            caller.set((listing, "", 0))
        else:
            offer = next(iter(caller.shop.offers))
            asked = {"sku": "A", "shipToLocationAvailability": {"quantity": 0},
                     "offers": [{"offerId": offer, "availableQuantity": 0}]}  # fmt: skip
            caller.rest("/sell/inventory/v1/bulk_update_price_quantity", {"requests": [asked]})
        assert caller.shop.listings[listing].status == ("Active" if control else "Completed")


def test_the_251st_change_of_a_day_is_refused_and_the_next_day_takes_it(caller: Caller) -> None:
    listing = caller.shop.add_simple("A", "Thing", 5)
    for n in range(250):
        assert said(caller.set((listing, "", 300 - n)), "e:Ack") == ["Success"]
    assert said(caller.set((listing, "", 1)), "e:Errors/e:ErrorCode") == ["21919165"]
    caller.now += timedelta(days=1)
    assert said(caller.set((listing, "", 1)), "e:Ack") == ["Success"]


def test_offsets_are_pages_of_inventory_items_but_places_of_orders(caller: Caller) -> None:
    listing = caller.shop.add_simple("A", "Thing", 50)
    for n in range(5):
        caller.shop.record(f"R{n}", "Thing", 1)
        caller.shop.sell(listing, 1)
    items = "/sell/inventory/v1/inventory_item"
    second = caller.rest(items, limit="2", offset="1")[1]
    assert [each["sku"] for each in second["inventoryItems"]] == ["R2", "R3"] and second["total"] == 5
    assert "next" not in caller.rest(items, limit="2", offset="2")[1]
    orders = caller.rest("/sell/fulfillment/v1/order", limit="2", offset="1")[1]
    assert [each["orderId"] for each in orders["orders"]] == list(caller.shop.orders)[1:3]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ("lastmodifieddate:[2026-11-23T00:00:00.000Z..]", 30850),
        ("creationdate:[2024-01-01T00:00:00.000Z..]", 30830),
        ("modified:[2026-11-22T00:00:00.000Z..]", 30700),
        ("lastmodifieddate:[2026-11-22..]", 30700),
    ],
)
def test_filters_that_ebay_does_not_take_are_refused(caller: Caller, wanted: str, error: int) -> None:
    status, told = caller.rest("/sell/fulfillment/v1/order", filter=wanted)
    assert (status, told["errors"][0]["errorId"]) == (400, error)


def test_without_a_filter_only_orders_of_90_days_are_shown_and_unpaid_ones_never(caller: Caller) -> None:
    listing = caller.shop.add_simple("A", "Thing", 50)
    old = caller.shop.sell(listing, 1)
    caller.now += timedelta(days=100)
    caller.shop.book_order([(listing, 1)], "UNPAID")
    new = caller.shop.sell(listing, 1)
    path = "/sell/fulfillment/v1/order"
    assert [each["orderId"] for each in caller.rest(path)[1]["orders"]] == [new]
    wanted = "creationdate:[2026-01-01T00:00:00.000Z..],orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}"
    assert [each["orderId"] for each in caller.rest(path, filter=wanted)[1]["orders"]] == [old, new]
    assert caller.shop.quantity(listing) == 47


def test_tokens_are_given_for_a_code_once_and_for_a_refresh_token_always(caller: Caller) -> None:
    code = caller.shop.authorise()
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": caller.shop.runame}
    assert caller.token(secret="wrong", **asked)[0] == 401
    status, told = caller.token(**asked)
    assert (status, told["expires_in"], told["refresh_token_expires_in"]) == (200, 7200, 47_304_000)
    assert caller.token(**asked) == (400, {"error": "invalid_grant", "error_description":
                                           "the provided authorization grant code is invalid or was issued to another "
                                           "client"})  # fmt: skip
    for _ in range(2):
        again = caller.token(grant_type="refresh_token", refresh_token=told["refresh_token"], scope=BASE)[1]
        assert "refresh_token" not in again and again["access_token"] != told["access_token"]
    caller.now += timedelta(hours=3)
    assert caller.rest("/commerce/identity/v1/user/", access=again["access_token"])[0] == 401


def test_each_call_needs_its_scope_and_quotas_the_apps_own_token(caller: Caller) -> None:
    narrow = caller.shop.new_grant("x", frozenset({BASE, f"{BASE}/sell.fulfillment.readonly"})).access
    assert caller.rest("/sell/fulfillment/v1/order", access=narrow)[0] == 200
    assert caller.rest("/sell/inventory/v1/inventory_item", access=narrow)[0] == 403
    limits = "/developer/analytics/v1_beta/rate_limit/"
    assert caller.rest(limits)[0] == 403
    app = caller.token(grant_type="client_credentials", scope=BASE)[1]["access_token"]
    caller.trading("GetUserPreferences", "")
    (rate,) = caller.rest(limits, access=app)[1]["rateLimits"][0]["resources"][0]["rates"]
    assert (rate["limit"], rate["remaining"]) == (5000, 4999)


def test_selectors_choose_what_is_answered_and_nothing_else(caller: Caller) -> None:
    listing = caller.shop.add_simple("A", "Thing", 5)
    told = caller.trading("GetItem", f"<OutputSelector>Item.SKU</OutputSelector><ItemID>{listing}</ItemID>")
    (item,) = told.findall("e:Item", NAMES)
    assert [etree.QName(each).localname for each in item] == ["SKU"]
    assert said(told, "e:Ack") == ["Success"]


def test_a_lost_answer_was_or_was_not_applied_as_the_fault_says(caller: Caller) -> None:
    listing = caller.shop.add_simple("A", "Thing", 5)
    caller.shop.faults.answer_lost_after_apply = 1
    with pytest.raises(ConnectionLost):
        caller.set((listing, "", 2))
    caller.shop.faults.write_lost_before_apply = 1
    with pytest.raises(ConnectionLost):
        caller.set((listing, "", 1))
    assert caller.shop.quantity(listing) == 2


def test_a_cancel_puts_units_back_only_where_the_account_is_said_to(caller: Caller) -> None:
    listing = caller.shop.add_simple("A", "Thing", 5)
    for restocks, left in ((False, 3), (True, 3)):
        caller.shop.restocks = restocks
        order = caller.shop.sell(listing, 2 if not restocks else 1)
        caller.shop.cancel(order or "")
        assert caller.shop.quantity(listing) == left


def test_every_answer_here_is_one_that_the_contract_has(caller: Caller) -> None:
    """What a real account could have answered: judged as the channel's exchanges are."""
    shop = caller.shop
    shop.add_simple("A", "Thing", 5, model="inventory", barcode="4006381333931")
    shop.add_product("Shirt", [{"sku": "S", "options": {"Size": "S"}, "quantity": 3}])
    shop.records["A"].warehouses = {"east": 5}
    order = shop.sell(next(iter(shop.listings)), 2)
    assert order is not None
    shop.ship(order, 1)
    shop.orders[order].by_ebay = True
    shop.ask_cancel(order)
    shop.cancel(order)
    inventory, fulfillment = "/sell/inventory/v1", "/sell/fulfillment/v1"
    for path, query in (
        (f"{inventory}/inventory_item", {}),
        (f"{inventory}/offer", {"sku": "A"}),
        (f"{inventory}/offer", {"sku": "none"}),
        (f"{fulfillment}/order", {}),
        (f"{fulfillment}/order", {"orderIds": order}),
        (f"{fulfillment}/order/{order}/shipping_fulfillment", {}),
        ("/commerce/identity/v1/user/", {}),
    ):
        caller.rest(path, **query)
    caller.trading("GetMyeBaySelling", "<ActiveList><Include>true</Include></ActiveList>")
    wanted = "<ShowOutOfStockControlPreference>true</ShowOutOfStockControlPreference>"
    caller.trading("GetUserPreferences", wanted)
    caller.set((shop.listings[110_000_000_002].id, "S", 3))
    bulk = "/sell/inventory/v1/bulk_update_price_quantity"
    wrong = [{"sku": sku, "offers": [{"offerId": "1", "availableQuantity": 1}]} for sku in "BC"]
    told = caller.rest(bulk, {"requests": wrong})
    assert told[0] == 207 and {each["statusCode"] for each in told[1]["responses"]} == {400}
    faults = [fault for request, response in caller.seen for fault in ebay_contract.judge(request, response)]
    assert faults == [] and len(caller.seen) == 11
