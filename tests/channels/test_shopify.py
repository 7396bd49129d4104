"""What only Shopify does: its schema and recorded answers, tokens, locations, prices of calls, compare-and-set."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import httpx
import polars as pl
import pytest

from agent import frames
from agent.channels.base import Account, Channel, ChannelOut
from agent.channels.http import Ports
from agent.channels.shopify import connect, listings
from agent.channels.shopify.access import lacking, shop_address
from agent.channels.shopify.queries import ALL, bulk_variants, number, repr_id
from agent.channels.shopify.reader import Problem, problem_of
from agent.ports import SystemClock
from agent.practice.shopify import Shop, serve
from agent.practice.shopify.shop import SCOPES, BulkOperation
from tests.channels import doing
from tests.channels.clock import FakeClock
from tests.channels.doing import OVERLAP, maker, run, watched
from tests.channels.wire.admin_schema import RECORDED, faults_of, schema
from tests.channels.wire.base import changes
from tests.channels.wire.shopify import CLIENT, SECRET, SETTINGS, ShopifyWorld

TOKEN = {"url": "https://practice-shop.myshopify.com", "access_token": "shpat_practice"}
Json = Any


make = maker(ShopifyWorld)
world = watched(make)


def rows(world: ShopifyWorld) -> dict[str, dict[str, Json]]:
    """Listings by their SKU."""
    return doing.rows(world, by="sku")


def lines(world: ShopifyWorld, since: timedelta | None = OVERLAP) -> dict[str, dict[str, Json]]:
    """Order lines by their SKU."""
    found = run(world.channel.orders(None if since is None else world.clock.now() - since))
    return {row["sku"]: row for row in found.frame.iter_rows(named=True)}


def at_another(world: ShopifyWorld, location: str) -> None:
    """The same shop, with this location chosen."""
    ports = Ports(world.clock, random.Random(2), world.wire)
    world.channel = connect("my-shop", {**SETTINGS, "location": location}, ports)


def set_calls(world: ShopifyWorld) -> list[dict[str, Json]]:
    return [body["variables"] for body, _ in world.asked() if "inventorySetQuantities" in body["query"]]


# --- the vendor's schema and recorded answers -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_every_question_is_one_of_the_vendors_schema(name: str) -> None:
    if schema() is None:
        pytest.skip("Shopify's schema (../shared) is not on this computer")
    assert faults_of(ALL[name]) == []


@pytest.mark.parametrize("name", ALL)
def test_no_question_is_about_a_buyer_R8(name: str) -> None:
    words = set(re.findall(r"[a-z]+", re.sub(r"([A-Z])", r" \1", ALL[name]).lower()))
    assert not words & {"customer", "email", "phone", "billing", "shipping", "note", "ip", "recipient", "destination"}
    assert "address" not in words or name == "account"  # the shop's own country


def test_a_bulk_question_is_made_of_ids_only() -> None:
    assert '"gid://shopify/Location/7"' in bulk_variants("gid://shopify/Location/7")
    for bad in ('gid://shopify/Location/7") { id } }', "gid://shopify/Location/", "gid://shopify/1/7"):
        with pytest.raises(ValueError, match=r"not an id|unpack"):
            repr_id(bad)
    assert number("gid://shopify/InventoryLevel/143?inventory_item_id=5") == "143"
    assert number("12") is number(None) is number("gid://shopify/Order/x") is None


def recorded() -> list[tuple[str, Json]]:
    """Every answer of Shopify that is on record, with where it stands."""
    found: list[tuple[str, Json]] = []

    def gather(thing: Json, place: str) -> None:
        if isinstance(thing, dict):
            if "data" in thing or "errors" in thing:
                found.append((place, thing))
            for key, value in thing.items():
                gather(value, f"{place}/{key}")
        elif isinstance(thing, list):
            for at, value in enumerate(thing):
                gather(value, f"{place}/{at}")

    for file in sorted(RECORDED.glob("*.json")):
        gather(json.loads(file.read_text(encoding="utf-8")), file.stem)
    if not found:
        pytest.skip("The recorded answers of Shopify (../shared) are not on this computer")
    return found


def test_every_recorded_error_is_sorted() -> None:
    expected = {"ACCESS_DENIED": "access", "INTERNAL_SERVER_ERROR": "unwell", "THROTTLED": "wait"}
    seen: set[str] = set()
    for place, answer in recorded():
        problem = problem_of(answer)
        errors = answer.get("errors")
        if not errors:
            assert problem is None, place
            continue
        assert problem is not None and problem.said, place
        codes = {e.get("extensions", {}).get("code", "") for e in errors if isinstance(e, dict)}
        kinds = {expected.get(code, "refused") for code in codes}
        assert problem.kind in kinds, place
        seen |= codes
        if problem.kind == "access":
            assert problem.scopes and all(scope.startswith(("read_", "write_")) for scope in problem.scopes), place
    assert {
        "ACCESS_DENIED",
        "INTERNAL_SERVER_ERROR",
        "BAD_REQUEST",
        "INVALID_FIELD_ARGUMENTS",
        "INVALID_VARIABLE",
    } <= seen


def test_errors_by_published_examples_are_sorted() -> None:
    throttled = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}
    costly = {"errors": [{"message": "Query cost is 1002", "extensions": {"code": "MAX_COST_EXCEEDED", "cost": 1002}}]}
    assert (problem_of(throttled) or Problem("refused", "", "")).kind == "wait"
    assert (problem_of({"errors": [{"message": "Throttled"}]}) or Problem("refused", "", "")).kind == "wait"
    assert (problem_of(costly) or Problem("refused", "", "")).kind == "too costly"
    assert problem_of({"errors": "Not Found"}) == Problem("refused", "", "Not Found")
    assert problem_of({"data": {}}) is problem_of([]) is problem_of(None) is None


def test_every_recorded_answer_to_a_set_quantity_is_understood() -> None:
    """One change is answered by each recorded answer in turn: a refusal is refused, an acceptance accepted."""
    outcomes: dict[str, list[str]] = {}
    for place, answer in recorded():
        payload = (answer.get("data") or {}).get("inventorySetQuantities", "none")
        if payload == "none":
            continue
        (result,) = run(_answered(answer).push(ONE, "lower")).iter_rows(named=True)
        outcomes.setdefault(result["outcome"], []).append(place)
        errors = (payload or {}).get("userErrors") or answer.get("errors")
        if errors:
            assert result["outcome"] == "refused" and result["message"], place
        else:
            assert result["outcome"] in ("accepted", "unknown"), place
    assert len(outcomes["refused"]) >= 8 and len(outcomes["unknown"]) >= 8


ONE = frames.frame([("item/5/location/6", "4", 3, 9)], frames.CHANGES)


def _answered(answer: Json) -> Channel:
    """A shop that gives this one answer to all."""
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))
    return connect("my-shop", {**TOKEN, "location": "6"}, Ports(FakeClock(), random.Random(1), transport))


# --- address, tokens, permissions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "https://my-shop.myshopify.com", "my-shop.myshopify.com", " My-Shop.myshopify.com/ ", "my-shop",
        "https://my-shop.myshopify.com/admin/products", "https://admin.shopify.com/store/my-shop/orders?x=1",
        "admin.shopify.com/store/my-shop",
    ],
)  # fmt: skip
def test_the_shops_address_is_understood_from_whatever_was_copied(typed: str) -> None:
    assert shop_address(typed) == "https://my-shop.myshopify.com"


def test_addresses_of_ones_own_computer_stay_what_they_are() -> None:
    assert shop_address("http://127.0.0.1:8080") == "http://127.0.0.1:8080"
    assert shop_address("http://localhost:80/") == "http://localhost:80"


def test_a_token_is_asked_for_once_and_again_before_it_ends(world: ShopifyWorld) -> None:
    world.add("A", 1)
    run(world.channel.account())
    run(world.channel.listings())
    assert granted(world) == 1
    world.clock.advance(86_000)
    run(world.channel.listings())
    assert granted(world) == 1
    world.clock.advance(200)
    run(world.channel.listings())
    assert granted(world) == 2 and all(answer.status == 200 for _, answer in world.asked())


def granted(world: ShopifyWorld) -> int:
    return sum(request.path.endswith("access_token") for request, _ in world.exchanges)


def test_a_refused_token_is_exchanged_once_and_nobody_notices(world: ShopifyWorld) -> None:
    listing = world.add("A", 5)
    asked = changes(run(world.channel.listings()).frame, {listing: 3})
    world.shop.revoke_tokens()
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["accepted"]
    assert granted(world) == 2 and world.shown(listing) == 3


def test_a_wrong_secret_is_told_without_showing_it_R6(world: ShopifyWorld) -> None:
    world.shop.client_secret = "shpss_another"
    with pytest.raises(ChannelOut) as out:
        run(world.channel.account())
    assert out.value.kind == "access" and "client id and secret" in out.value.what and "Dev Dashboard" in out.value.fix
    assert SECRET not in out.value.what + out.value.fix + str(out.value.args)


def test_an_older_app_comes_with_a_token_that_does_not_end() -> None:
    world = ShopifyWorld(FakeClock(), random.Random(1), TOKEN)
    world.add("A", 1)
    account: Account = run(world.channel.account())
    assert account.access_ends is None and granted(world) == 0
    world.shop.revoke_tokens()
    with pytest.raises(ChannelOut) as out:
        run(world.channel.account())
    assert out.value.kind == "access"


def test_what_is_missing_to_connect_is_named() -> None:
    ports = Ports(FakeClock(), random.Random(1))
    with pytest.raises(ChannelOut, match="Client ID, Client secret missing"):
        connect("my-shop", {"url": "https://a.myshopify.com"}, ports)
    with pytest.raises(ChannelOut, match="Client secret missing"):
        connect("my-shop", {"url": "https://a.myshopify.com", "client_id": "x"}, ports)


def test_missing_permissions_are_named_in_words(world: ShopifyWorld) -> None:
    world.shop.scopes = ["read_products", "write_inventory"]
    with pytest.raises(ChannelOut) as out:
        run(world.channel.account())
    assert out.value.kind == "access"
    assert "see the orders (read_orders)" in out.value.what and "see the locations (read_locations)" in out.value.what
    assert "stock" not in out.value.what, "who may write may read"
    assert lacking(SCOPES) == []


def test_a_permission_taken_away_later_is_named_too(world: ShopifyWorld) -> None:
    run(world.channel.account())
    world.shop.scopes = [scope for scope in world.shop.scopes if "fulfillment" not in scope]
    world.sell(world.add("A", 5), 1)
    with pytest.raises(ChannelOut) as out:
        run(world.channel.orders(None))
    assert out.value.kind == "access" and "see what is still to be shipped" in out.value.what


def test_the_account_is_told_with_country_currency_and_locations(world: ShopifyWorld) -> None:
    world.shop.add_location("Market hall")
    world.shop.add_location("Parcel service", fulfillment_service=True)
    account = run(world.channel.account())
    assert (account.name, account.country, account.currency) == ("Practice shop", "RO", "EUR")
    assert account.locations == ("Market hall", "Shop location")


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [(402, "access", "bill"), (423, "access", "locked"), (404, "host", "no Shopify shop")],
)
def test_a_shop_that_is_closed_says_why(world: ShopifyWorld, status: int, kind: str, words: str) -> None:
    world.shop.faults.shop_status = status
    with pytest.raises(ChannelOut) as out:
        run(world.channel.listings())
    assert out.value.kind == kind and words in out.value.what and out.value.fix


def test_a_web_page_in_the_place_of_an_answer_is_no_shop(world: ShopifyWorld) -> None:
    run(world.channel.account())
    world.shop.faults.html_page = True
    with pytest.raises(ChannelOut) as out:
        run(world.channel.listings())
    assert out.value.kind == "host"


# --- locations --------------------------------------------------------------------------------------------------------


def test_where_there_are_several_locations_one_must_be_chosen_and_all_are_named(world: ShopifyWorld) -> None:
    world.shop.add_location("Market hall")
    world.add("A", 5)
    with pytest.raises(ChannelOut) as out:
        run(world.channel.listings())
    assert out.value.kind == "access" and "Market hall, Shop location" in out.value.what and "location" in out.value.fix
    at_another(world, "Cellar")
    with pytest.raises(ChannelOut, match="no active location called Cellar"):
        run(world.channel.orders(None))


def test_the_preflight_says_where_stock_is_kept_and_how_far_back_orders_are_seen(world: ShopifyWorld) -> None:
    run(world.channel.account())
    assert [each.sign for each in run(world.channel.preflight())] == ["ok"]  # type: ignore[attr-defined]
    assert "Shop location" in run(world.channel.preflight())[0].what  # type: ignore[attr-defined]
    world.shop.scopes = [scope for scope in world.shop.scopes if scope != "read_all_orders"]
    run(world.channel.account())
    assert [each.sign for each in run(world.channel.preflight())] == ["ok", "note"]  # type: ignore[attr-defined]


def test_the_chosen_locations_stock_is_read_and_written_and_the_others_left_alone(world: ShopifyWorld) -> None:
    hall = world.shop.add_location("Market hall")
    both = world.shop.add_simple("BOTH", "Both", {world.shop.main_location: 7, hall: 3})
    for name in ("market HALL", str(hall)):
        at_another(world, name)
        assert rows(world)["BOTH"]["quantity"] == 3
    asked = changes(run(world.channel.listings()).frame, {str(both): 1})
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["accepted"]
    assert world.shop.quantity(both, hall) == 1 and world.shop.quantity(both) == 7


def test_a_location_that_is_closed_stops_the_channel_and_shows_no_zeros_I11(world: ShopifyWorld) -> None:
    hall = world.shop.add_location("Market hall")
    variant = world.shop.add_simple("A", "Thing", {hall: 9})
    at_another(world, "Market hall")
    assert rows(world)["A"]["quantity"] == 9
    world.shop.locations[hall].is_active = False
    with pytest.raises(ChannelOut, match="closed its location Market hall"):
        run(world.channel.listings(only=[str(variant)]))
    with pytest.raises(ChannelOut, match="no active location called Market hall"):
        run(world.channel.listings())


# --- listings ---------------------------------------------------------------------------------------------------------


def test_drafts_and_archived_products_are_inactive_and_unlisted_ones_are_sold(world: ShopifyWorld) -> None:
    for status in ("ACTIVE", "UNLISTED", "DRAFT", "ARCHIVED"):
        world.shop.add_simple(status, status, 1, status=status)
    found = {sku: row["status"] for sku, row in rows(world).items()}
    assert found == {"ACTIVE": "active", "UNLISTED": "active", "DRAFT": "inactive", "ARCHIVED": "inactive"}


def test_a_listing_has_its_barcode_price_currency_and_a_link_to_open_it(world: ShopifyWorld) -> None:
    run(world.channel.account())
    one = world.shop.add_simple("A", "Mug", 5, barcode="4006381333931", price="12.50")
    draft = world.shop.add_simple("B", "Cup", 5, status="DRAFT")
    found = rows(world)
    assert (found["A"]["barcode"], found["A"]["price"], found["A"]["currency"]) == ("4006381333931", "12.50", "EUR")
    assert found["A"]["title"] == "Mug" and found["A"]["options"] is None
    assert found["A"]["link"].startswith("https://") and str(one) in found["A"]["link"]
    assert found["B"]["link"] == (
        f"https://practice-shop.myshopify.com/admin/products/{found['B']['product']}/variants/{draft}"
    )


def test_bundles_are_left_out_and_said(world: ShopifyWorld) -> None:
    world.shop.add_product("Set", [{"sku": "SET", "quantity": 1, "bundle": True}])
    world.add("A", 1)
    found = run(world.channel.listings())
    assert found.frame["sku"].to_list() == ["A"] and found.complete
    assert found.issues == ("1 variant is a bundle whose stock is that of its parts; it is left out.",)


def test_more_sold_than_there_was_is_read_as_it_is(world: ShopifyWorld) -> None:
    listing = world.add("A", 1)
    world.sell(listing, 3)
    assert rows(world)["A"]["quantity"] == -2


def test_a_variant_without_sku_is_a_listing_like_others(world: ShopifyWorld) -> None:
    world.shop.add_simple(None, "Nameless", 4)
    frame = run(world.channel.listings()).frame
    assert frame["sku"].to_list() == [None] and frame["quantity"].to_list() == [4]


def test_what_is_not_stocked_at_the_location_shows_0_and_is_named_where_it_lies_elsewhere(world: ShopifyWorld) -> None:
    hall = world.shop.add_location("Market hall")
    world.shop.add_simple("ELSEWHERE", "Teapot", {hall: 3})
    world.shop.add_simple("NOWHERE", "Cup", {})
    at_another(world, "Shop location")
    found = run(world.channel.listings())
    assert found.frame["quantity"].to_list() == [0, 0] and found.frame["managed"].all()
    assert len(found.issues) == 1 and "Teapot" in found.issues[0] and "Shop location" in found.issues[0]


@pytest.mark.parametrize("touched", [True, False])
def test_a_change_of_stock_is_found_by_its_product(world: ShopifyWorld, touched: bool) -> None:
    """Whether it also moves the variant's own time is documented nowhere: it is not relied on."""
    world.shop.stock_touches_variant = touched
    sold, _ = world.add("SOLD", 9), world.add("STILL", 9)
    world.clock.advance(120)
    began = run(world.channel.listings()).ended
    before = world.reads()
    assert run(world.channel.listings(since=began, lane="orders")).frame.is_empty()
    assert world.reads() == before + 1, "a calm shop costs one call"
    world.clock.advance(60)
    world.shop.type_quantity(int(sold), 4)
    frame = run(world.channel.listings(since=began, lane="orders")).frame
    assert dict(frame.select("sku", "quantity").iter_rows()) == {"SOLD": 4}


def test_a_big_shop_is_read_by_one_bulk_operation(world: ShopifyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "BULK_FROM", 300)
    for n in range(310):
        world.add(f"S{n}", n)
    shared = world.add_shared("CUP", 3, 17)
    found = run(world.channel.listings())
    quantities = dict(found.frame.select("sku", "quantity").iter_rows())
    assert found.complete and len(found.frame) == 313 and quantities["S77"] == 77 and quantities["CUP-2"] == 17
    assert found.frame.filter(pl.col("listing").is_in(shared))["cell"].n_unique() == 1
    assert found.began < found.ended
    asked = [body["query"] for body, _ in world.asked()]
    assert sum("bulkOperationRunQuery" in query for query in asked) == 1
    assert not any("productVariants(" in query for query in asked)
    (file,) = [request for request, _ in world.exchanges if request.method == "GET"]
    assert not any("token" in name for name in file.headers), "the file's host is given no key"


def test_half_a_file_is_no_read_I16(world: ShopifyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "BULK_FROM", 3)
    for n in range(5):
        world.add(f"S{n}", n)
    whole = BulkOperation.__post_init__

    def torn(one: BulkOperation) -> None:
        one.lines = one.lines[:3]
        whole(one)

    monkeypatch.setattr(BulkOperation, "__post_init__", torn)
    found = run(world.channel.listings())
    assert found.complete and len(found.frame) == 5, "it was read in pages"


@pytest.mark.parametrize("fault", ["INTERNAL_SERVER_ERROR", "TIMEOUT", "busy"])
def test_a_bulk_operation_that_fails_is_read_in_pages(
    world: ShopifyWorld, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(listings, "BULK_FROM", 3)
    for n in range(5):
        world.add(f"S{n}", n)
    if fault == "busy":
        world.shop.faults.bulk_seconds = 3600
        query = bulk_variants(f"gid://shopify/Location/{world.shop.main_location}")
        for _ in range(6):
            body = {"query": ALL["run bulk"], "variables": {"query": query}}
            run(httpx.AsyncClient(transport=world.wire).post(
                "https://practice-shop.myshopify.com/admin/api/2026-10/graphql.json", json=body,
                headers={"X-Shopify-Access-Token": world.shop.new_token()},
            ))  # fmt: skip
    else:
        world.shop.faults.bulk_fails = fault
    found = run(world.channel.listings())
    assert found.complete and sorted(found.frame["quantity"]) == [0, 1, 2, 3, 4]


# --- orders -----------------------------------------------------------------------------------------------------------


def test_an_order_with_more_lines_than_a_page_is_read_whole(world: ShopifyWorld) -> None:
    variants = [int(world.add(f"S{n}", 50)) for n in range(130)]
    order = world.shop.book_order([(variant, 2) for variant in variants])
    world.shop.fulfil(order.id, {line.id: 1 for line in order.lines})
    found = lines(world)
    assert len(found) == 130
    assert {(row["ordered"], row["open"], row["shipped"]) for row in found.values()} == {(2, 1, 1)}
    world.shop.refund(order.id, {line.id: 1 for line in order.lines})
    found = lines(world)
    assert {(row["open"], row["shipped"], row["freed_at"] is not None) for row in found.values()} == {(0, 1, True)}


def test_a_partly_sent_order_is_open_for_the_rest(world: ShopifyWorld) -> None:
    order = int(world.sell(world.add("A", 10), 5))
    line = world.shop.orders[order].lines[0].id
    world.clock.advance(60)
    world.shop.fulfil(order, {line: 2})
    first = lines(world)["A"]
    assert (first["ordered"], first["open"], first["shipped"]) == (5, 3, 2) and first["holds"]
    world.clock.advance(60)
    world.shop.fulfil(order)
    second = lines(world)["A"]
    assert (second["open"], second["shipped"]) == (0, 5) and second["shipped_at"] > first["shipped_at"]


def test_what_is_on_hold_is_still_to_be_sent(world: ShopifyWorld) -> None:
    order = int(world.sell(world.add("A", 10), 2))
    world.shop.hold(order)
    assert lines(world)["A"]["open"] == 2


def test_a_refund_without_a_restock_frees_nothing_on_the_listing(world: ShopifyWorld) -> None:
    order = int(world.sell(world.add("A", 10), 3))
    world.shop.refund(order, {world.shop.orders[order].lines[0].id: 1}, restock=False)
    line = lines(world)["A"]
    assert (line["open"], line["freed_at"]) == (2, None)


def test_units_edited_away_are_neither_open_nor_returned(world: ShopifyWorld) -> None:
    order = int(world.sell(world.add("A", 10), 3))
    world.shop.edit_order(order, {world.shop.orders[order].lines[0].id: 1})
    world.shop.fulfil(order)
    line = lines(world)["A"]
    assert (line["ordered"], line["open"], line["shipped"], line["returned"]) == (3, 0, 1, 0)


def test_a_test_order_takes_stock_like_any_other_and_is_called_one(world: ShopifyWorld) -> None:
    listing = int(world.add("A", 10))
    world.shop.sell(listing, 2, test=True)
    line = lines(world)["A"]
    assert line["open"] == 2 and line["holds"] and "test" in line["state"] and world.shown(str(listing)) == 8


def test_units_that_another_location_sends_are_not_ours(world: ShopifyWorld) -> None:
    hall = world.shop.add_location("Market hall")
    variant = world.shop.add_simple("A", "Thing", {world.shop.main_location: 9, hall: 9})
    at_another(world, "Shop location")
    order = world.shop.book_order([(variant, 4)], location_id=world.shop.main_location).id
    assert lines(world)["A"]["open"] == 4
    world.clock.advance(60)
    world.shop.send_from(order, hall)
    moved = lines(world)["A"]
    assert (moved["ordered"], moved["open"], moved["holds"]) == (0, 0, False)
    world.shop.fulfil(order)
    assert (lines(world)["A"]["open"], lines(world)["A"]["shipped"]) == (0, 0)


def test_orders_older_than_sixty_days_are_said_to_be_out_of_sight(world: ShopifyWorld) -> None:
    world.shop.scopes.remove("read_all_orders")
    run(world.channel.account())
    listing = world.add("A", 10)
    world.sell(listing, 1)
    world.clock.advance(70 * 86_400)
    recent = world.sell(listing, 1)
    found = run(world.channel.orders(None))
    assert found.frame["order"].to_list() == [recent]
    assert len(found.issues) == 1 and "60 days" in found.issues[0] and "read_all_orders" in found.issues[0]


# --- quantities -------------------------------------------------------------------------------------------------------


def test_every_push_says_from_what_with_a_key_and_of_available(world: ShopifyWorld) -> None:
    listing = world.add("A", 5)
    asked = changes(run(world.channel.listings()).frame, {listing: 3})
    run(world.channel.push(asked.with_columns(expected=pl.lit(5, pl.Int64)), "lower"))
    run(world.channel.push(asked.with_columns(quantity=pl.lit(2, pl.Int64)), "lower"))
    first, second = set_calls(world)
    assert first["input"]["name"] == "available" and first["input"]["quantities"][0]["changeFromQuantity"] == 5
    assert second["input"]["quantities"][0]["changeFromQuantity"] is None
    assert first["key"] != second["key"] and re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", first["key"]
    )
    assert world.shown(listing) == 2


def test_a_stale_quantity_is_stale_and_the_others_go_with_a_new_key(world: ShopifyWorld) -> None:
    a, b, c = (world.add(sku, 5) for sku in "ABC")
    asked = changes(run(world.channel.listings()).frame, {a: 3, b: 3, c: 3}).with_columns(expected=pl.lit(5, pl.Int64))
    world.sell(b, 1)
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["accepted", "stale", "accepted"]
    assert [world.shown(each) for each in (a, b, c)] == [3, 4, 3]
    calls = set_calls(world)
    assert [len(call["input"]["quantities"]) for call in calls] == [3, 2] and calls[0]["key"] != calls[1]["key"]


def test_a_throttled_push_goes_again_with_the_same_key(world: ShopifyWorld) -> None:
    listing = world.add("A", 5)
    asked = changes(run(world.channel.listings()).frame, {listing: 3})
    world.shop.faults.throttled = 2
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["accepted"]
    keys = [call["key"] for call in set_calls(world)]
    assert len(keys) == 3 and len(set(keys)) == 1


def test_trouble_of_shopifys_own_leaves_the_outcome_unknown(world: ShopifyWorld) -> None:
    listing = world.add("A", 5)
    asked = changes(run(world.channel.listings()).frame, {listing: 3})
    world.shop.faults.internal_error = 1
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["unknown"] and len(set_calls(world)) == 1


def test_a_read_that_meets_trouble_of_shopifys_own_is_repeated(world: ShopifyWorld) -> None:
    world.add("A", 5)
    run(world.channel.account())
    world.shop.faults.internal_error = 2
    assert len(run(world.channel.listings()).frame) == 1


def _set_answers(*answers: Json) -> tuple[Channel, list[Json]]:
    """A shop that answers quantities by a list."""
    asked: list[Json] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content)["variables"])
        return httpx.Response(200, json=left.pop(0))

    ports = Ports(FakeClock(), random.Random(1), httpx.MockTransport(answer))
    return connect("my-shop", {**TOKEN, "location": "6"}, ports), asked


def _said(code: str | None, *path: str) -> Json:
    errors = [{"field": ["input", *path], "message": "No.", "code": code}] if code else []
    changes = [{"name": "available", "delta": -6, "item": {
        "id": "gid://shopify/InventoryItem/5", "tracked": True, "inventoryLevel": {"isActive": True}}}]  # fmt: skip
    group = None if code else {"id": "gid://shopify/InventoryAdjustmentGroup/1", "changes": changes}
    return {"data": {"inventorySetQuantities": {"inventoryAdjustmentGroup": group, "userErrors": errors}}}


def test_a_request_that_shopify_still_works_on_goes_again_with_the_same_key_and_a_failed_one_with_another() -> None:
    channel, asked = _set_answers(
        _said("IDEMPOTENCY_CONCURRENT_REQUEST"), _said("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"), _said(None)
    )
    assert run(channel.push(ONE, "lower"))["outcome"].to_list() == ["accepted"]
    keys = [each["key"] for each in asked]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("INVALID_INVENTORY_ITEM", "no such listing"), ("INVALID_LOCATION", "no such location"),
        ("NON_MUTABLE_INVENTORY_ITEM", "bundle"), ("INVALID_QUANTITY_TOO_HIGH", "No."), ("INVALID_REASON", "No."),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_a_sentence(code: str, words: str) -> None:
    path = ("reason",) if code == "INVALID_REASON" else ("quantities", "0", "quantity")
    channel, _ = _set_answers(_said(code, *path))
    (result,) = run(channel.push(ONE, "lower")).iter_rows(named=True)
    assert result["outcome"] == "refused" and words in result["message"]


def test_too_many_at_once_are_halved_and_the_rest_goes_later() -> None:
    too_many = {"errors": [{"message": "Too many.", "extensions": {"code": "MAX_INPUT_SIZE_EXCEEDED"}}]}
    channel, asked = _set_answers(too_many, _said(None))
    two = frames.frame([("item/5/location/6", "4", 3, 9), ("item/7/location/6", "8", 3, 9)], frames.CHANGES)
    assert run(channel.push(two, "lower"))["outcome"].to_list() == ["accepted", "not_sent"]
    assert [len(each["input"]["quantities"]) for each in asked] == [2, 1]


def test_a_push_of_six_hundred_takes_three_calls(world: ShopifyWorld) -> None:
    wanted = {world.add(f"S{n}", 5): 4 for n in range(600)}
    asked = changes(run(world.channel.listings()).frame, wanted).with_columns(expected=pl.lit(5, pl.Int64))
    before = world.writes()
    assert set(run(world.channel.push(asked, "lower"))["outcome"]) == {"accepted"}
    assert world.writes() - before == 3


def test_the_same_quantity_again_is_accepted_when_the_shop_shows_it(world: ShopifyWorld) -> None:
    listing = world.add("A", 5)
    asked = changes(run(world.channel.listings()).frame, {listing: 5})
    results = run(world.channel.push(asked, "raise"))
    assert results.select("outcome", "quantity_after").rows() == [("accepted", 5)]


def test_what_was_unstocked_is_stocked_again_from_the_units_it_had(world: ShopifyWorld) -> None:
    listing = world.add("A", 5)
    world.shop.unstock(int(listing), world.shop.main_location)
    frame = run(world.channel.listings()).frame
    assert frame["quantity"].to_list() == [0]
    none = changes(frame, {listing: 0}).with_columns(expected=pl.lit(0, pl.Int64))
    assert run(world.channel.push(none, "lower"))["outcome"].to_list() == ["accepted"] and not set_calls(world)
    some = changes(frame, {listing: 8}).with_columns(expected=pl.lit(0, pl.Int64))
    results = run(world.channel.push(some, "raise"))
    assert results.select("outcome", "quantity_after").rows() == [("accepted", 8)]
    level = world.shop.level(int(listing))
    assert level is not None and level.is_active and world.shown(listing) == 8


def test_what_could_not_be_stocked_was_not_sent(world: ShopifyWorld) -> None:
    a, b = world.add("A", 5), world.add("B", 5)
    world.shop.unstock(int(a), world.shop.main_location)
    asked = changes(run(world.channel.listings()).frame, {a: 3, b: 3})
    world.expire_access()
    results = run(world.channel.push(asked, "raise"))
    assert results.select("outcome", "kind").rows() == [("not_sent", "access")] * 2
    assert not set_calls(world)


def test_what_was_unstocked_behind_our_back_is_read_and_decided_again(world: ShopifyWorld) -> None:
    listing = world.add("A", 5)
    frame = run(world.channel.listings()).frame
    world.shop.unstock(int(listing), world.shop.main_location)
    asked = changes(frame, {listing: 3})
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["stale"]


# --- the price of calls -----------------------------------------------------------------------------------------------


def test_no_question_costs_more_than_shopify_allows(world: ShopifyWorld) -> None:
    listing = world.add("A", 5)
    order = world.sell(listing, 1)
    run(world.channel.account())
    frame = run(world.channel.listings()).frame
    run(world.channel.listings(only=[listing]))
    run(world.channel.listings(since=world.clock.now()))
    run(world.channel.orders(None, also=[order]))
    run(world.channel.push(changes(frame, {listing: 3}), "lower"))
    costs = [json.loads(answer.body)["extensions"]["cost"]["requestedQueryCost"] for _, answer in world.asked()]
    assert max(costs) <= 1000


def test_a_shop_with_few_points_is_read_at_the_pace_that_it_gives(world: ShopifyWorld) -> None:
    world.shop.bucket.size = world.shop.bucket.left = 300
    world.shop.bucket.rate = 20
    for n in range(1500):
        world.add(f"S{n}", 1)
    before = world.clock.now()
    assert len(run(world.channel.listings()).frame) == 1500
    throttled = sum(b"THROTTLED" in answer.body for _, answer in world.asked())
    assert throttled <= 2, "it is paced by what each answer says, not by being refused"
    assert world.clock.now() - before > timedelta(seconds=5)


def test_a_lowering_overtakes_an_audit_that_waits_for_points(world: ShopifyWorld) -> None:
    world.shop.bucket.size = world.shop.bucket.left = 300
    world.shop.bucket.rate = 20
    listing = world.add("A", 5)
    for n in range(1500):
        world.add(f"S{n}", 1)
    asked = changes(run(world.channel.listings(only=[listing])).frame, {listing: 3})
    done: list[str] = []

    async def both() -> None:
        async def named(name: str, work: Coroutine[Any, Any, object]) -> None:
            await work
            done.append(name)

        async def later() -> object:
            await world.clock.sleep(4)
            return await world.channel.push(asked, "lower")

        await asyncio.gather(named("audit", world.channel.listings()), named("lowering", later()))

    run(both())
    assert done == ["lowering", "audit"]


# --- over a real socket -----------------------------------------------------------------------------------------------


def test_over_a_real_socket_with_the_shops_own_token(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> list[tuple[object, ...]]:
        clock = SystemClock()
        real = Shop(clock=clock.now, rng=random.Random(1), client_id=CLIENT, client_secret=SECRET)
        real.faults.bulk_seconds = 0.1
        mug = real.add_simple("A", "Cup", 4)
        port, stop = await serve(real)
        local = connect("my-shop", SETTINGS | {"url": f"http://127.0.0.1:{port}"}, Ports(clock, random.Random(1)))
        try:
            assert (await local.account()).listings == 1
            asked = changes((await local.listings()).frame, {str(mug): 9}).with_columns(expected=pl.lit(4, pl.Int64))
            assert (await local.push(asked, "lower"))["outcome"].to_list() == ["accepted"]
            monkeypatch.setattr(listings, "BULK_FROM", 1)
            assert len((await local.listings()).frame) == 1
            return (await local.listings(only=[str(mug)])).frame.select("sku", "quantity").rows()
        finally:
            await local.close()
            await stop()

    assert run(scenario()) == [("A", 9)]
