"""The practice Shopify on the wire: who may ask, what can be read and written, what it costs, what goes wrong."""

from __future__ import annotations

import asyncio
import json
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from agent.practice.__main__ import platforms
from agent.practice.shopify import ConnectionLost, Request, Response, Shop, fill_many, gid, handle, serve, transport
from tests.practice.shopify_stage import ACTIVATE, API, BASE, SET, TOKEN, Stage

VARIANTS = """query Variants($first: Int, $after: String, $q: String, $place: ID!) {
  productVariants(first: $first, after: $after, sortKey: ID, query: $q) {
    pageInfo { hasNextPage endCursor } nodes { id sku product { id status }
      inventoryItem { id tracked duplicateSkuCount inventoryLevel(locationId: $place) {
        isActive quantities(names: ["available", "on_hand", "committed"]) { name quantity updatedAt } } } } } }"""
ORDERS = """query Orders($first: Int, $after: String, $q: String) {
  orders(first: $first, after: $after, sortKey: UPDATED_AT, query: $q) {
    pageInfo { hasNextPage endCursor } nodes { id name updatedAt } } }"""
SHOP = "{ shop { name } }"
GRANT = f"{BASE}/admin/oauth/access_token"


@pytest.fixture
def stage() -> Stage:
    return Stage()


def skus(stage: Stage, query: str | None, **more: Any) -> list[str]:
    asked = {"first": 250, "q": query, "place": stage.place(), **more}
    return [each["sku"] for each in stage.data(VARIANTS, asked)["nodes"]]


def names(stage: Stage, query: str | None = None) -> list[str]:
    return [each["name"] for each in stage.data(ORDERS, {"first": 50, "q": query})["nodes"]]


def grant(stage: Stage, **told: str) -> Response:
    given = {
        "grant_type": "client_credentials", "client_id": "practice-client-id", "client_secret": "shpss_practice", **told
    }  # fmt: skip
    body = str(httpx.QueryParams(given)).encode()
    return handle(stage.shop, Request.of("POST", GRANT, {"Content-Type": "application/x-www-form-urlencoded"}, body))


# -- who may ask -----------------------------------------------------------------------------------------------------


def test_a_wrong_token_is_answered_with_401_and_shopifys_sentence(stage: Stage) -> None:
    response = stage.respond(SHOP, token="shpat_another")
    assert response.status == 401
    told = {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}
    assert json.loads(response.body) == told


def test_client_credentials_give_a_token_for_a_day(stage: Stage) -> None:
    told = json.loads(grant(stage).body)
    assert told["scope"] == ",".join(stage.shop.scopes) and told["expires_in"] == 86_399
    token = told["access_token"]
    assert token.startswith("shpat_")
    stage.time.pass_(86_398)
    assert stage.ask(SHOP, token=token)["data"]["shop"] == {"name": "Practice shop"}
    stage.time.pass_(1)
    assert stage.respond(SHOP, token=token).status == 401
    again = json.loads(grant(stage).body)["access_token"]
    assert again != token
    assert stage.respond(SHOP, token=again).status == 200


def test_another_token_does_not_end_the_first(stage: Stage) -> None:
    first, second = (json.loads(grant(stage).body)["access_token"] for _ in range(2))
    assert stage.respond(SHOP, token=first).status == stage.respond(SHOP, token=second).status == 200
    stage.shop.revoke_tokens()
    assert stage.respond(SHOP, token=first).status == 401


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"client_secret": "shpss_wrong"}, "invalid_client"),
        ({"client_id": "somebody"}, "application_cannot_be_found"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_grant_is_refused_with_400(stage: Stage, told: dict[str, str], code: str) -> None:
    response = grant(stage, **told)
    assert response.status == 400
    assert json.loads(response.body)["error"] == code


@pytest.mark.parametrize(
    ("lost", "query", "field"),
    [
        ("read_products", "{ productVariants(first: 1) { nodes { id } } }", "productVariants"),
        ("read_orders", "{ orders(first: 1) { nodes { id } } }", "orders"),
        ("write_inventory", SET, "inventorySetQuantities"),
    ],
)
def test_a_scope_that_is_not_granted_is_named(lost: str, query: str, field: str) -> None:
    granted = {"read_products", "read_inventory", "write_inventory", "read_locations", "read_orders"}
    stage = Stage(scopes=granted - {lost})
    told = {"name": "available", "reason": "correction", "quantities": []}
    answer = stage.ask(query, {"input": told, "key": "k"} if query == SET else None)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "ACCESS_DENIED" and error["path"] == [field]
    assert error["message"].startswith(f"Access denied for {field} field. Required access: `{lost}` access scope")


def test_who_may_write_may_read_and_the_app_can_ask_for_its_scopes() -> None:
    stage = Stage(scopes=["write_products"])
    assert stage.data("{ productVariants(first: 1) { nodes { id } } }") == {"nodes": []}
    assert stage.data("{ currentAppInstallation { accessScopes { handle } } }")["accessScopes"] == [
        {"handle": "write_products"}
    ]


def test_what_a_fulfilment_service_sends_is_seen_with_another_scope() -> None:
    query = "query O($id: ID!) { order(id: $id) { fulfillmentOrders(first: 5) { nodes { id } } } }"
    stage = Stage()
    service = stage.shop.add_location("Service", fulfillment_service=True)
    mug = stage.shop.add_simple("MUG", "Mug", {service: 5})
    order = stage.shop.sell(mug, 1)
    assert order is not None
    asked = {"id": gid("Order", order)}
    assert stage.data(query, asked)["fulfillmentOrders"]["nodes"] == []
    stage.shop.scopes.append("read_third_party_fulfillment_orders")
    assert len(stage.data(query, asked)["fulfillmentOrders"]["nodes"]) == 1
    stage.shop.scopes[:] = ["read_orders"]
    assert stage.refused(query, asked) == "ACCESS_DENIED"


def test_orders_older_than_60_days_need_a_scope_of_their_own(stage: Stage) -> None:
    stage.shop.sell(stage.shop.add_simple("MUG", "Mug", 5), 1)
    stage.time.pass_(61 * 86_400)
    assert names(stage) == []
    stage.shop.scopes.append("read_all_orders")
    assert names(stage) == ["#1001"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/admin/api/2020-01/graphql.json"),
        ("POST", "/admin/api/2026-10/products.json"),
        ("GET", "/admin/api/2026-10/graphql.json"),
        ("GET", "/"),
    ],
)
def test_there_is_nothing_at_other_addresses(stage: Stage, method: str, path: str) -> None:
    response = handle(stage.shop, Request.of(method, f"{BASE}{path}", {"X-Shopify-Access-Token": TOKEN}))
    assert response.status == 404
    assert json.loads(response.body) == {"errors": "Not Found"}


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b'{"query": null}'])
def test_a_body_without_a_query_is_refused_with_400(stage: Stage, body: bytes) -> None:
    assert handle(stage.shop, Request.of("POST", API, {"X-Shopify-Access-Token": TOKEN}, body)).status == 400


def test_the_date_is_that_of_the_shops_own_clock(stage: Stage) -> None:
    stage.time.pass_(3600)
    assert parsedate_to_datetime(stage.respond(SHOP).headers["Date"]) == stage.time.now


# -- reading ---------------------------------------------------------------------------------------------------------


def test_every_variant_is_on_one_page_however_many_pages_there_are(stage: Stage) -> None:
    fill_many(stage.shop, 600)
    seen, after = [], None
    for more in (True, True, False):
        found = stage.data(VARIANTS, {"first": 250, "after": after, "place": stage.place()})
        seen += [each["id"] for each in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
        assert found["pageInfo"]["hasNextPage"] is more
    assert seen == [gid("ProductVariant", each) for each in stage.shop.variants]


def test_an_order_that_changes_while_it_is_paged_takes_no_other_along(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 50)
    orders = []
    for _ in range(6):
        orders.append(stage.shop.sell(mug, 1))
        stage.time.pass_(60)
    first = stage.data(ORDERS, {"first": 3})
    assert [each["name"] for each in first["nodes"]] == ["#1001", "#1002", "#1003"]
    assert orders[2] is not None
    stage.shop.fulfil(orders[2])  # the one that the cursor names moves to the end
    rest = stage.data(ORDERS, {"first": 50, "after": first["pageInfo"]["endCursor"]})
    assert [each["name"] for each in rest["nodes"]] == ["#1004", "#1005", "#1006", "#1003"]


def test_pages_are_turned_backwards_and_in_reverse_as_well(stage: Stage) -> None:
    for number in range(5):
        stage.shop.add_simple(f"S{number}", "Thing", 1)
    query = """query P($first: Int, $last: Int, $after: String, $before: String, $reverse: Boolean) {
      productVariants(first: $first, last: $last, after: $after, before: $before, reverse: $reverse) {
        edges { cursor node { sku } } pageInfo { hasNextPage hasPreviousPage } } }"""

    def page(**asked: Any) -> tuple[str, bool, bool]:
        found = stage.data(query, asked)
        shown = "".join(each["node"]["sku"][1:] for each in found["edges"])
        return shown, found["pageInfo"]["hasPreviousPage"], found["pageInfo"]["hasNextPage"]

    cursors = [each["cursor"] for each in stage.data(query, {"first": 5})["edges"]]
    assert page(last=2) == ("34", True, False)
    assert page(last=2, before=cursors[3]) == ("12", True, True)
    assert page(first=2, after=cursors[1]) == ("23", True, True)
    assert page(first=2, reverse=True) == ("43", False, True)
    assert page(first=9, after=cursors[3], reverse=True) == ("210", True, False)
    assert page(last=1, before=cursors[3], reverse=True) == ("4", False, True)


@pytest.mark.parametrize("wrong", ["nonsense", "eyJsYXN0X2lkIjoxfQ=="])
def test_a_cursor_that_shopify_never_gave_is_refused(stage: Stage, wrong: str) -> None:
    assert stage.refused(VARIANTS, {"first": 5, "after": wrong, "place": stage.place()}) == "BAD_REQUEST"


@pytest.mark.parametrize("first", [None, -1, 251])
def test_a_page_has_up_to_250_things(stage: Stage, first: int | None) -> None:
    assert stage.refused(VARIANTS, {"first": first, "place": stage.place()}) == "BAD_REQUEST"


def test_nothing_is_told_of_a_location_where_the_item_is_not_stocked(stage: Stage) -> None:
    barn = stage.shop.add_location("Barn")
    mug = stage.shop.add_simple("MUG", "Mug", 5)

    def level(place: int) -> Any:
        (found,) = stage.data(VARIANTS, {"first": 5, "place": stage.place(place)})["nodes"]
        return found["inventoryItem"]["inventoryLevel"]

    assert level(barn) is None
    assert {each["name"]: each["quantity"] for each in level(stage.shop.main_location)["quantities"]} == {
        "available": 5,
        "on_hand": 5,
        "committed": 0,
    }
    stage.shop.unstock(mug, stage.shop.main_location)
    assert level(stage.shop.main_location) is None


def test_a_sku_may_be_used_twice_and_an_item_says_so(stage: Stage) -> None:
    stage.shop.add_simple("SAME", "Mug", 1)
    stage.shop.add_simple("same", "Cup", 1)
    stage.shop.add_simple(None, "No SKU", 1)
    found = stage.data(VARIANTS, {"first": 5, "place": stage.place()})["nodes"]
    assert [each["inventoryItem"]["duplicateSkuCount"] for each in found] == [1, 1, 0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (None, ["A", "B-1", "B-2", "C"]),
        ("sku:a", ["A"]),
        ("sku:B*", ["B-1", "B-2"]),
        ("sku:'B-1' OR sku:C", ["B-1", "C"]),
        ("-sku:A", ["B-1", "B-2", "C"]),
        ("NOT (sku:A OR sku:C)", ["B-1", "B-2"]),
        ("product_status:DRAFT", ["C"]),
        ("product_status:ACTIVE,DRAFT inventory_quantity:<=1", ["B-1", "C"]),
        ("exclude_composite:true", ["A", "B-1", "C"]),
        ("managed:false", ["C"]),
        ("candle", ["B-1", "B-2"]),
        ("nonsense:7 sku:A", ["A"]),
        ("nonsense:7", ["A", "B-1", "B-2", "C"]),
    ],
)
def test_variants_are_found_by_what_the_contract_names(stage: Stage, query: str | None, found: list[str]) -> None:
    stage.shop.add_simple("A", "Mug", 5)
    candles = [{"sku": "B-1", "quantity": 1, "options": {"Size": "S"}}, {"sku": "B-2", "quantity": 9, "bundle": True}]
    stage.shop.add_product("Candle", candles)
    stage.shop.add_simple("C", "Draft", None, status="DRAFT")
    assert skus(stage, query) == found


def test_a_field_that_nobody_can_search_by_is_ignored_with_a_warning(stage: Stage) -> None:
    answer = stage.ask(VARIANTS, {"first": 5, "q": "nonsense:7", "place": stage.place()})
    (told,) = answer["extensions"]["search"]
    assert told["path"] == ["productVariants"]
    assert told["warnings"] == [
        {"field": "nonsense", "message": "Invalid search field for this query.", "code": "invalid_field"}
    ]


def test_a_filter_that_the_practice_shop_has_not_is_refused_and_not_ignored(stage: Stage) -> None:
    stage.shop.add_simple("A", "Mug", 5)
    asked = {"first": 5, "q": "collection:7", "place": stage.place()}
    assert stage.refused(VARIANTS, asked) == "PRACTICE_SHOP_UNSUPPORTED"


def test_a_moment_needs_quotes_or_it_ends_at_its_first_colon_in_the_shops_own_time() -> None:
    stage = Stage(utc_offset_minutes=-300)
    stage.shop.add_simple("OLD", "Mug", 5)
    stage.time.pass_(1800)
    new = stage.shop.add_simple("NEW", "Cup", 5)
    assert skus(stage, "updated_at:>='2026-11-22T12:30:00Z'") == ["NEW"]
    assert skus(stage, "updated_at:>'2026-11-22T12:30:00Z'") == []
    assert skus(stage, "updated_at:>=2026-11-22T12:30:00Z") == []  # 12:00 in the shop's time is 17:00 UTC
    assert skus(stage, "updated_at:>=2026-11-22T07:30:00Z") == ["OLD", "NEW"]
    stage.time.pass_(60)
    stage.shop.type_quantity(new, 6)
    assert skus(stage, "updated_at:>'2026-11-22T12:30:00Z'") == ["NEW"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status:open", ["#1001", "#1002"]),
        ("status:closed", ["#1003", "#1004"]),
        ("status:cancelled", ["#1003"]),
        ("status:not_closed", ["#1001", "#1002"]),
        ("fulfillment_status:shipped", ["#1004"]),
        ("fulfillment_status:partial", ["#1002"]),
        ("fulfillment_status:unshipped status:open", ["#1001"]),
        ("financial_status:pending", ["#1001"]),
        ("test:true", ["#1002"]),
        ("name:1004 OR name:#1001", ["#1001", "#1004"]),
        ("id:{0} OR id:{3}", ["#1001", "#1004"]),
        ("id:>={2}", ["#1003", "#1004"]),
        ("sku:mug", ["#1001", "#1002", "#1003", "#1004"]),
    ],
)
def test_orders_are_found_by_what_the_contract_names(stage: Stage, query: str, found: list[str]) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 50)
    states = [("PENDING", False), ("PAID", True), ("PAID", False), ("PAID", False)]
    ids = [stage.shop.book_order([(mug, 2)], financial, test=test).id for financial, test in states]
    stage.shop.fulfil(ids[1], {stage.shop.orders[ids[1]].lines[0].id: 1})
    stage.shop.cancel(ids[2])
    stage.shop.fulfil(ids[3])
    assert sorted(names(stage, query.format(*ids))) == found


def test_things_are_found_by_their_ids_in_that_order_and_null_where_there_is_nothing(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    order = stage.shop.sell(mug, 1)
    assert order is not None
    query = """query N($ids: [ID!]!) { nodes(ids: $ids) { id ... on ProductVariant { sku } ... on Order { name }
      ... on InventoryLevel { quantities(names: ["available"]) { quantity } } } }"""
    level = f"gid://shopify/InventoryLevel/143273001266?inventory_item_id={stage.item(mug).rpartition('/')[2]}"
    ids = [gid("Order", order), gid("ProductVariant", 9), level, gid("Collection", 1), gid("ProductVariant", mug)]
    found = stage.data(query, {"ids": ids})
    assert [each and each["id"] for each in found] == [ids[0], None, level, None, ids[4]]
    assert found[2]["quantities"] == [{"quantity": 4}]


@pytest.mark.parametrize("wrong", ["7", "", "gid:/Order/7"])
def test_what_is_no_global_id_is_an_invalid_variable(stage: Stage, wrong: str) -> None:
    assert stage.refused("query O($id: ID!) { order(id: $id) { id } }", {"id": wrong}) == "INVALID_VARIABLE"


def test_locations_are_read_by_name_and_those_that_are_closed_only_when_asked_for(stage: Stage) -> None:
    stage.shop.add_location("Barn")
    stage.shop.add_location("Service", fulfillment_service=True)
    stage.shop.add_location("Attic", active=False)
    query = """query L($all: Boolean) { locations(first: 50, includeInactive: $all) {
      nodes { name isActive isFulfillmentService fulfillsOnlineOrders } } }"""
    assert [each["name"] for each in stage.data(query)["nodes"]] == ["Barn", "Service", "Shop location"]
    everything = stage.data(query, {"all": True})["nodes"]
    assert [each["name"] for each in everything if not each["isActive"]] == ["Attic"]
    assert [each["name"] for each in everything if each["isFulfillmentService"]] == ["Service"]


def test_a_closed_location_stocks_nothing_until_it_is_opened_again(stage: Stage) -> None:
    barn = stage.shop.add_location("Barn")
    mug = stage.shop.add_simple("MUG", "Mug", {stage.shop.main_location: 1, barn: 5})
    query = """query C($place: ID!, $item: ID!) { location(id: $place) { isActive deactivatedAt }
      inventoryItem(id: $item) { variants(first: 1) { nodes { inventoryQuantity } }
        inventoryLevel(locationId: $place) { isActive } } }"""
    asked = {"place": stage.place(barn), "item": stage.item(mug)}
    for closed in (True, False):
        stage.shop.close_location(barn, closed)
        answer = stage.ask(query, asked)["data"]
        assert answer["location"]["isActive"] is not closed
        assert answer["location"]["deactivatedAt"] == ("2026-11-22T12:00:00Z" if closed else None)
        assert (answer["inventoryItem"]["inventoryLevel"] is None) is closed
        assert answer["inventoryItem"]["variants"]["nodes"] == [{"inventoryQuantity": 1 if closed else 6}]
    assert stage.shop.sell(mug, 5) is not None


# -- setting quantities ----------------------------------------------------------------------------------------------


def test_a_quantity_is_set_whatever_is_committed_and_on_hand_follows(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    stage.shop.sell(mug, 2)
    payload = stage.set(stage.row(mug, 7, was=3))
    assert payload["userErrors"] == []
    changes = [(each["name"], each["delta"]) for each in payload["inventoryAdjustmentGroup"]["changes"]]
    assert changes == [("available", 4), ("on_hand", 4)]
    assert stage.counts(mug) == (7, 2, 9)
    stage.set(stage.row(mug, 5, was=9), key="other", name="on_hand")
    assert stage.counts(mug) == (3, 2, 5)


def test_one_bad_row_leaves_everything_as_it_was_and_each_bad_row_is_named(stage: Stage) -> None:
    mug, cap = stage.shop.add_simple("MUG", "Mug", 5), stage.shop.add_simple("CAP", "Cap", 5)
    gone = {**stage.row(mug, 1), "inventoryItemId": gid("InventoryItem", 9)}
    nowhere = {**stage.row(cap, 1), "locationId": gid("Location", 9)}
    assert stage.codes(stage.row(mug, 1), gone, nowhere) == [
        ("INVALID_INVENTORY_ITEM", "quantities.1.inventoryItemId"),
        ("INVALID_LOCATION", "quantities.2.locationId"),
    ]
    assert (stage.counts(mug), stage.counts(cap)) == ((5, 0, 5), (5, 0, 5))


def test_a_stale_comparison_is_refused_and_null_compares_nothing(stage: Stage) -> None:
    mug, cap = stage.shop.add_simple("MUG", "Mug", 5), stage.shop.add_simple("CAP", "Cap", 5)
    stage.shop.sell(cap, 1)
    rows = [stage.row(mug, 1, was=5), stage.row(cap, 1, was=5)]
    assert stage.codes(*rows) == [("CHANGE_FROM_QUANTITY_STALE", "quantities.1.changeFromQuantity")]
    assert stage.counts(mug) == (5, 0, 5)
    assert stage.codes(stage.row(mug, 1), stage.row(cap, 1), key="2") == []
    assert stage.counts(cap) == (1, 1, 2)


def test_more_than_250_rows_are_refused_whole(stage: Stage) -> None:
    many = [stage.shop.add_simple(f"S{n}", "Thing", 1) for n in range(251)]
    told = {"name": "available", "reason": "correction", "quantities": [stage.row(each, 2) for each in many]}
    assert stage.refused(SET, {"input": told, "key": "k"}) == "MAX_INPUT_SIZE_EXCEEDED"
    assert {stage.shop.quantity(each) for each in many} == {1}
    assert stage.codes(*told["quantities"][:250]) == []
    assert [stage.shop.quantity(each) for each in many].count(2) == 250


def test_the_same_key_does_nothing_twice_and_answers_what_it_answered(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    first = stage.set(stage.row(mug, 9, was=5))
    stage.shop.sell(mug, 4)
    assert stage.set(stage.row(mug, 9, was=5)) == first
    assert stage.counts(mug) == (5, 4, 9)
    assert stage.codes(stage.row(mug, 8, was=5)) == [("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "")]
    assert stage.counts(mug) == (5, 4, 9)


def test_a_refusal_is_remembered_under_its_key_too(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    assert stage.codes(stage.row(mug, 9, was=4))
    stage.shop.type_quantity(mug, 4)
    assert stage.codes(stage.row(mug, 9, was=4))[0][0] == "CHANGE_FROM_QUANTITY_STALE"
    assert stage.codes(stage.row(mug, 9, was=4), key="fresh") == []


def test_a_key_of_blanks_is_no_key(stage: Stage) -> None:
    told = {"name": "available", "reason": "correction", "quantities": []}
    assert stage.refused(SET, {"input": told, "key": "  "}) == "BAD_REQUEST"


def test_an_answer_that_got_lost_is_asked_for_again_with_the_same_key(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    stage.shop.faults.answer_lost_after_apply = 1
    with pytest.raises(ConnectionLost):
        stage.set(stage.row(mug, 9, was=5))
    assert stage.counts(mug) == (9, 0, 9)
    assert stage.set(stage.row(mug, 9, was=5))["inventoryAdjustmentGroup"]["changes"][0]["delta"] == 4
    assert stage.counts(mug) == (9, 0, 9)


def test_a_bundle_or_an_item_that_is_set_apart_cannot_be_written(stage: Stage) -> None:
    _, (bundle,) = stage.shop.add_product("Set", [{"sku": "SET", "quantity": 1, "bundle": True}])
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    stage.shop.faults.reject_items = {stage.shop.variants[mug].inventory_item.id}
    assert stage.codes(stage.row(bundle, 2), stage.row(mug, 2)) == [
        ("NON_MUTABLE_INVENTORY_ITEM", "quantities.0.inventoryItemId"),
        ("NON_MUTABLE_INVENTORY_ITEM", "quantities.1.inventoryItemId"),
    ]


def test_a_write_may_be_accepted_and_do_nothing(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    stage.shop.faults.eat_writes = {stage.shop.variants[mug].inventory_item.id}
    assert stage.codes(stage.row(mug, 2)) == []
    assert stage.counts(mug) == (5, 0, 5)


@pytest.mark.parametrize("vanish", [False, True])
def test_a_write_where_the_item_is_not_stocked_is_taken_and_does_not_stock_it(stage: Stage, vanish: bool) -> None:
    barn = stage.shop.add_location("Barn")
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    stage.shop.faults.unstocked_writes_vanish = vanish
    assert stage.codes(stage.row(mug, 4, was=0, location=barn)) == []
    (found,) = stage.data(VARIANTS, {"first": 5, "place": stage.place(barn)})["nodes"]
    assert found["inventoryItem"]["inventoryLevel"] is None
    asked = {"item": stage.item(mug), "place": stage.place(barn), "key": "a"}
    level = stage.data(ACTIVATE, asked)["inventoryLevel"]
    assert level["isActive"] and level["quantities"] == [{"name": "available", "quantity": 0 if vanish else 4}]
    assert stage.data(ACTIVATE, {**asked, "place": stage.place(9)})["userErrors"][0]["field"] == []


def test_an_item_can_be_tracked_and_a_variant_go_on_selling_at_zero(stage: Stage) -> None:
    product, (mug,) = stage.shop.add_product("Mug", [{"sku": "MUG", "quantity": None}])
    track = """mutation T($id: ID!) { inventoryItemUpdate(id: $id, input: {tracked: true}) {
      inventoryItem { tracked } userErrors { message } } }"""
    assert stage.data(track, {"id": stage.item(mug)})["inventoryItem"] == {"tracked": True}
    keep = """mutation K($product: ID!, $variants: [ProductVariantsBulkInput!]!) {
      productVariantsBulkUpdate(productId: $product, variants: $variants, allowPartialUpdates: true) {
        productVariants { inventoryPolicy } userErrors { field code } } }"""
    told = [{"id": gid("ProductVariant", each), "inventoryPolicy": "CONTINUE"} for each in (9, mug)]
    payload = stage.data(keep, {"product": gid("Product", product), "variants": told})
    assert payload["productVariants"] == [{"inventoryPolicy": "CONTINUE"}]
    assert payload["userErrors"][0]["field"] == ["variants", "0", "id"]


# -- what it costs ---------------------------------------------------------------------------------------------------


def test_the_bucket_empties_refills_and_refuses(stage: Stage) -> None:
    stage.shop.bucket.left = 60
    asked = {"first": 250, "place": stage.place()}
    cost = stage.ask(VARIANTS, asked)["extensions"]["cost"]
    assert cost["requestedQueryCost"] == 57 and cost["actualQueryCost"] == 2  # there are no variants
    stage.shop.bucket.left = 40
    refused = stage.ask(VARIANTS, asked)
    assert refused["errors"][0]["extensions"]["code"] == "THROTTLED" and "data" not in refused
    status = refused["extensions"]["cost"]["throttleStatus"]
    assert status == {"maximumAvailable": 2000, "currentlyAvailable": 40, "restoreRate": 100}
    stage.time.pass_(0.17)
    assert "data" in stage.ask(VARIANTS, asked)
    stage.time.pass_(60)
    assert stage.ask(SHOP)["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 1999


def test_a_query_that_costs_more_than_1000_is_never_run(stage: Stage) -> None:
    query = """{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { variant { id } product { id } } }
      fulfillmentOrders(first: 250) { nodes { lineItems(first: 250) { nodes { id } } } } } } }"""
    (error,) = stage.ask(query)["errors"]
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED" and error["extensions"]["maxCost"] == 1000
    assert "exceeds the single query max cost limit (1000)" in error["message"]


# -- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "value", "status"),
    [
        ("down", 1, 503),
        ("html_page", 1, 200),
        ("too_many", 1, 429),
        ("rejected", 1, 430),
        ("shop_status", 402, 402),
        ("shop_status", 423, 423),
        ("expired_token", 1, 401),
        ("throttled", 1, 200),
        ("internal_error", 1, 200),
    ],
)
def test_what_is_refused_is_not_done(stage: Stage, fault: str, value: Any, status: int) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    setattr(stage.shop.faults, fault, value)
    told = {"input": {"name": "available", "reason": "correction", "quantities": [stage.row(mug, 9)]}, "key": "k"}
    response = stage.respond(SET, told)
    assert response.status == status and b'"data"' not in response.body
    assert response.headers.get("Retry-After") == ("2.0" if status == 429 else None)
    assert stage.counts(mug) == (5, 0, 5)
    setattr(stage.shop.faults, fault, None if fault == "shop_status" else False)
    assert stage.codes(stage.row(mug, 9)) == []


def test_an_answer_lost_before_it_was_applied_changes_nothing(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    stage.shop.faults.answer_lost_before_apply = 1
    with pytest.raises(ConnectionLost):
        stage.set(stage.row(mug, 9))
    assert stage.counts(mug) == (5, 0, 5)


def test_answers_to_questions_do_not_get_lost_after_apply(stage: Stage) -> None:
    stage.shop.faults.answer_lost_after_apply = True
    assert stage.data(SHOP) == {"name": "Practice shop"}


def test_a_slow_shop_does_its_work_whether_or_not_anyone_still_waits(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    stage.shop.faults.slow = 0.2
    told = {"input": {"name": "available", "reason": "correction", "quantities": [stage.row(mug, 9)]}, "key": "k"}

    async def story() -> None:
        async with httpx.AsyncClient(
            transport=transport(stage.shop), headers={"X-Shopify-Access-Token": TOKEN}
        ) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.post(API, json={"query": SET, "variables": told}, timeout=0.05)
            await asyncio.sleep(0.3)

    asyncio.run(story())
    assert stage.counts(mug) == (9, 0, 9)


def test_over_a_socket_it_answers_and_cuts_the_line(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    told = {"input": {"name": "available", "reason": "correction", "quantities": [stage.row(mug, 9)]}, "key": "k"}

    async def story() -> None:
        port, stop = await serve(stage.shop)
        base = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=base, headers={"X-Shopify-Access-Token": TOKEN}) as client:
            found = await client.post("/admin/api/2026-10/graphql.json", json={"query": SHOP})
            assert found.json()["data"] == {"shop": {"name": "Practice shop"}}
            assert parsedate_to_datetime(found.headers["date"]) == stage.time.now
            stage.shop.faults.answer_lost_after_apply = 1
            with pytest.raises(httpx.RemoteProtocolError):
                await client.post("/admin/api/2026-10/graphql.json", json={"query": SET, "variables": told})
        await stop()

    asyncio.run(story())
    assert stage.counts(mug) == (9, 0, 9)


def test_it_is_found_by_its_name() -> None:
    assert "shopify" in platforms()


# -- bulk operations -------------------------------------------------------------------------------------------------

RUN = """mutation B($q: String!, $grouped: Boolean!) { bulkOperationRunQuery(query: $q, groupObjects: $grouped) {
  bulkOperation { id status } userErrors { field message code } } }"""
POLL = """query P($id: ID!) { bulkOperation(id: $id) {
  status errorCode objectCount rootObjectCount fileSize url completedAt } }"""
EVERYTHING = """{ productVariants { edges { node { id sku inventoryItem { id inventoryLevels { edges { node { id
  location { id } quantities(names: ["available"]) { name quantity } } } } } } } } }"""


def begin(stage: Stage, query: str = EVERYTHING, grouped: bool = False) -> dict[str, str]:
    payload = stage.data(RUN, {"q": query, "grouped": grouped})
    assert payload["userErrors"] == [] and payload["bulkOperation"]["status"] == "CREATED"
    return {"id": payload["bulkOperation"]["id"]}


def lines(shop: Shop, url: str) -> list[Any]:
    response = handle(shop, Request.of("GET", url))
    assert response.status == 200
    return [json.loads(each) for each in response.body.decode().splitlines()]


@pytest.mark.parametrize("grouped", [False, True])
def test_a_whole_catalogue_is_read_in_the_background(stage: Stage, grouped: bool) -> None:
    fill_many(stage.shop, 300)
    count = len(stage.shop.variants)
    operation = begin(stage, grouped=grouped)
    stage.time.pass_(2)
    assert stage.data(POLL, operation)["status"] == "RUNNING" and stage.data(POLL, operation)["url"] is None
    stage.time.pass_(3)
    done = stage.data(POLL, operation)
    assert done["status"] == "COMPLETED" and done["completedAt"] == "2026-11-22T12:00:05Z"
    assert (done["objectCount"], done["rootObjectCount"]) == (str(count * 2), str(count))
    found = lines(stage.shop, done["url"])
    parents, children = [each for each in found if "__parentId" not in each], found[1::2] if grouped else found[count:]
    assert [each["id"] for each in parents] == [gid("ProductVariant", each) for each in stage.shop.variants]
    assert [each["__parentId"] for each in children] == [each["id"] for each in parents]
    assert [each["quantities"][0]["quantity"] for each in children] == [
        stage.shop.quantity(each) for each in stage.shop.variants
    ]


def test_what_is_sold_while_it_runs_is_not_in_it(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    operation = begin(stage)
    stage.shop.sell(mug, 2)
    stage.time.pass_(5)
    assert lines(stage.shop, stage.data(POLL, operation)["url"])[1]["quantities"][0]["quantity"] == 5


def test_an_empty_list_makes_no_file_and_a_file_is_gone_after_a_week(stage: Stage) -> None:
    empty = begin(stage)
    stage.shop.add_simple("MUG", "Mug", 5)
    full = begin(stage)
    stage.time.pass_(5)
    assert stage.data(POLL, empty)["status"] == "COMPLETED" and stage.data(POLL, empty)["url"] is None
    url = stage.data(POLL, full)["url"]
    stage.time.pass_(7 * 86_400)
    assert stage.data(POLL, full)["status"] == "EXPIRED"
    assert handle(stage.shop, Request.of("GET", url)).status == 403
    assert handle(stage.shop, Request.of("GET", f"{BASE}/bulk-results/1-x.jsonl")).status == 403


@pytest.mark.parametrize(("lost", "code"), [(True, "ACCESS_DENIED"), (False, "TIMEOUT")])
def test_a_bulk_operation_may_fail(stage: Stage, lost: bool, code: str) -> None:
    stage.shop.add_simple("MUG", "Mug", 5)
    stage.shop.scopes[:] = ["read_locations"] if lost else stage.shop.scopes
    stage.shop.faults.bulk_fails = None if lost else "TIMEOUT"
    operation = begin(stage)
    stage.time.pass_(5)
    done = stage.data(POLL, operation)
    assert (done["status"], done["errorCode"], done["url"]) == ("FAILED", code, None)
