"""What only Amazon does: each oddity of its models and documents, errors sorted, calls counted, limits kept."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import polars as pl
import pytest

from agent.channels import find
from agent.channels.amazon.errors import meaning, said
from agent.channels.amazon.feeds import Message, judged
from agent.channels.amazon.listings import is_parent, keeper_of
from agent.channels.amazon.markets import MARKETS, market_of
from agent.channels.amazon.orders import order_rows
from agent.channels.amazon.reports import decoded, skus_of, unpacked
from agent.channels.answers import Answer, Look
from agent.channels.base import ChannelOut
from agent.channels.http import Ports
from agent.channels.tokens import InMemory
from agent.frames import ORDER_LINES, UNTOLD
from agent.practice.amazon import serve
from agent.practice.amazon.declared import contract
from agent.practice.amazon.shop import LIMITS
from tests.channels import doing
from tests.channels.clock import FakeClock
from tests.channels.doing import OVERLAP, listed, maker, run, watched
from tests.channels.wire.amazon import KEYS, AmazonWorld, settings
from tests.channels.wire.base import changes

ODD = ["A/B #1", "50%+ off", "Größe,L", "two  spaces ", "A&amp;B", "-"]
"""SKUs as sellers have them."""


make = maker(AmazonWorld)
world = watched(make)


def push(world: AmazonWorld, wanted: dict[str, int]) -> dict[str, dict[str, Any]]:
    asked = changes(pl.DataFrame({"listing": list(wanted), "cell": list(wanted)}), wanted)
    return {row["cell"]: row for row in run(world.channel.push(asked, "lower")).iter_rows(named=True)}


def outcomes(world: AmazonWorld, wanted: dict[str, int]) -> list[str]:
    return [row["outcome"] for row in push(world, wanted).values()]


def lines(world: AmazonWorld, since: datetime | None = None) -> dict[str, dict[str, Any]]:
    return doing.lines(world, since, by="order")


def paths(world: AmazonWorld) -> list[str]:
    return [request.path for request, _ in world.exchanges]


# --- the way in -------------------------------------------------------------------------------------------------------


def test_a_login_is_good_for_an_hour_of_calls_and_is_then_renewed_with_the_same_refresh_token(
    world: AmazonWorld,
) -> None:
    world.add("A", 1)
    for _ in range(3):
        listed(world)
    assert paths(world).count("/auth/o2/token") == 1
    world.clock.advance(3600)
    listed(world)
    assert paths(world).count("/auth/o2/token") == 2
    call = next(request for request, _ in world.exchanges if request.path.startswith("/listings"))
    assert call.headers["x-amz-access-token"].startswith("Atza|")
    assert call.headers["x-amz-date"] == "20261122T120000Z" and "(Language=" in call.headers["user-agent"]


def test_an_access_token_that_is_refused_with_403_is_renewed_once_and_a_push_goes_on(world: AmazonWorld) -> None:
    world.add("A", 5)
    listed(world)
    world.shop.end_tokens()
    assert outcomes(world, {"A": 3}) == ["accepted"]
    assert paths(world).count("/auth/o2/token") == 2


def test_a_403_without_details_is_a_missing_role_and_never_asks_for_another_token(world: AmazonWorld) -> None:
    world.shop.roles = {"listings"}
    with pytest.raises(ChannelOut) as out:
        run(world.channel.orders(None))
    assert out.value.kind == "access" and "Inventory and Order Tracking" in out.value.fix
    assert paths(world).count("/auth/o2/token") == 1


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ({"refresh_token": "Atzr|another"}, "refresh token"),
        ({"client_secret": "another"}, "client ID and client secret"),
    ],
)
def test_a_login_that_is_refused_says_which_part_is_wrong_and_what_to_do(deed: dict[str, str], words: str) -> None:
    world = make()
    for name, value in deed.items():
        setattr(world.shop, name, value)
    with pytest.raises(ChannelOut, match=words) as out:
        run(world.channel.account())
    assert out.value.kind == "access" and "stocksheet connect my-shop" in out.value.fix
    assert "canary" not in out.value.what + out.value.fix


@pytest.mark.parametrize(
    ("typed", "host"),
    [("US", "na"), ("gb", "eu"), ("UK", "eu"), ("www.amazon.de", "eu"), ("A1VC38T7YXB528", "fe"), (" jp ", "fe")],
)
def test_a_country_is_understood_however_it_is_typed_and_has_its_host(typed: str, host: str) -> None:
    market = market_of(typed)
    assert market is not None and market.host == f"https://sellingpartnerapi-{host}.amazon.com"


def test_a_country_without_an_amazon_is_told_at_once_with_those_there_are() -> None:
    assert len(MARKETS) == 23 and len({market.id for market in MARKETS.values()}) == 23
    with pytest.raises(ChannelOut, match="no Amazon in Atlantis") as out:
        find("amazon").connect("north", {**KEYS, "country": "Atlantis"}, Ports(FakeClock(), random.Random(1)))
    assert "US" in out.value.fix


def test_each_region_is_called_at_its_own_host() -> None:
    world = make(country="DE")
    world.add("A", 1)
    row = listed(world).row(0, named=True)
    hosts = {request.host for request, _ in world.exchanges}
    assert hosts == {"api.amazon.com", "sellingpartnerapi-eu.amazon.com"}
    assert row["currency"] == "EUR" and row["link"].startswith("https://www.amazon.de/dp/B")


def test_the_account_is_one_seller_in_one_country_and_says_what_the_role_allows_beyond(world: AmazonWorld) -> None:
    world.add("A", 1)
    account = run(world.channel.account())
    assert account.id == f"{KEYS['seller_id']}@ATVPDKIKX0DER" and account.currency == "USD"
    assert "prices" in account.beyond and world.shown("A") == 1 and list(world.shop.offers) == ["A"]


def test_missing_roles_are_named_together_R5(world: AmazonWorld) -> None:
    world.shop.roles = set()
    with pytest.raises(ChannelOut, match="Product Listing and Inventory and Order Tracking"):
        run(world.channel.account())


def test_an_account_that_does_not_sell_in_this_country_is_told(world: AmazonWorld) -> None:
    world.shop.participating = False
    with pytest.raises(ChannelOut, match="does not sell on Amazon") as out:
        run(world.channel.account())
    assert out.value.fix.startswith("It sells in: US.")


def test_a_merchant_token_of_somebody_else_is_told_at_connect() -> None:
    world = make()
    world.shop.seller_id = "ASOMEBODYELSE"
    with pytest.raises(ChannelOut, match="no seller of my-shop's Merchant Token"):
        run(world.channel.account())


def test_offers_that_are_switched_off_are_told_in_preflight(world: AmazonWorld) -> None:
    world.shop.switched_off = True
    found = run(world.channel.preflight())  # type: ignore[attr-defined]
    assert [each.sign for each in found] == ["ok", "fix", "note"] and "Listing Status" in found[1].fix


def test_secrets_stand_in_no_sentence_whatever_goes_wrong_R6(world: AmazonWorld) -> None:
    world.add("A", 1)
    for fault in ("html_403", "trouble", "too_many", "cut_off", "down"):
        setattr(world.shop.faults, fault, 8)
        try:
            told = str(run(world.channel.listings()).issues)
        except ChannelOut as out:
            told = out.what + out.fix
        setattr(world.shop.faults, fault, False)
        world.clock.advance(60)
        assert "canary" not in told and "Atza" not in told


# --- limits -----------------------------------------------------------------------------------------------------------


def test_the_limits_here_are_those_of_the_vendors_models_and_are_never_exceeded() -> None:
    """At the real limits: a search of orders each three minutes, five reads and five patches a second."""
    world = make(limits={})
    for n in range(45):
        world.add(f"S{n}", 5)
    for _ in range(25):
        run(world.channel.orders(world.clock.now() - OVERLAP))
    run(world.channel.orders(None))
    began = world.clock.now()
    assert set(outcomes(world, {f"S{n}": 4 for n in range(45)})) == {"accepted"}
    listed(world)
    assert not [1 for _, response in world.exchanges if response.status == 429]
    assert world.clock.now() - began >= timedelta(seconds=8), "45 patches, five at once and five a second"
    assert LIMITS["searchOrders"] == (0.0056, 20)
    world.validate()


def test_orders_that_are_used_up_stop_no_quantity() -> None:
    world = make(limits={"searchOrders": (0.0056, 1)})
    world.add("A", 5)
    run(world.channel.orders(None))
    with pytest.raises(ChannelOut) as out:
        run(world.channel.orders(None))
    assert out.value.kind == "wait" and (out.value.retry_after or 0) > 170
    assert outcomes(world, {"A": 3}) == ["accepted"]


def test_a_higher_limit_that_the_answers_tell_is_used(world: AmazonWorld) -> None:
    began = world.clock.now()
    for _ in range(60):
        run(world.channel.orders(world.clock.now()))
    assert world.clock.now() - began < timedelta(seconds=60), (
        "five a second, as its answers say, not one in three minutes"
    )


def test_a_limit_without_a_named_time_is_waited_for_by_its_rate(world: AmazonWorld) -> None:
    world.add("A", 5)
    listed(world)
    world.shop.buckets["searchListingsItems"].tokens = 0
    world.shop.limits["searchListingsItems"] = (0.1, 5)
    began = world.clock.now()
    assert listed(world)["quantity"].to_list() == [5]
    assert world.clock.now() - began >= timedelta(seconds=10)


ERRORS = {
    "renew": (403, {"code": "Unauthorized", "message": "Access to requested resource is denied.",
                    "details": "The access token you provided has expired."}),
    "denied": (403, {"code": "Unauthorized", "message": "Access to requested resource is denied.", "details": ""}),
    "often": (429, {"code": "QuotaExceeded", "message": "You exceeded your quota for the requested resource."}),
    "gone": (404, {"code": "NOT_FOUND", "message": "SKU 'X' not found"}),
    "item": (400, {"code": "InvalidInput", "message": "Request has missing or invalid parameters."}),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(ERRORS))
def test_errors_are_sorted_by_what_they_mean(kind: str) -> None:
    status, error = ERRORS[kind]
    now = datetime(2026, 11, 22, tzinfo=UTC)
    answer = Answer(status, {"errors": [error]}, httpx.Headers({"x-amzn-RateLimit-Limit": "0.5"}), now, now)
    assert meaning(answer).kind == kind
    found = said(answer, 5, 5)
    assert found.refused == (kind == "renew") and found.wait == (2.0 if kind == "often" else None)


# --- listings ---------------------------------------------------------------------------------------------------------


def test_what_amazon_keeps_is_marked_and_its_twin_that_the_seller_ships_is_kept_in_sync(world: AmazonWorld) -> None:
    fba = world.add("MUG", None)
    world.shop.add_simple("MUG-FBM", "Mug", 7, asin=world.shop.offers[fba].asin)
    rows = {row["listing"]: row for row in listed(world).iter_rows(named=True)}
    assert rows["MUG"]["product"] == rows["MUG-FBM"]["product"], "two offers of one product"
    assert (rows["MUG"]["fulfilled_by"], rows["MUG"]["managed"], rows["MUG"]["quantity"]) == (
        "marketplace",
        False,
        None,
    )
    assert (rows["MUG-FBM"]["fulfilled_by"], rows["MUG-FBM"]["quantity"]) == ("seller", 7)
    assert outcomes(world, {"MUG-FBM": 4, "MUG": 4}) == ["accepted", "refused"]
    assert world.shown("MUG-FBM") == 4 and world.shop.offers["MUG"].channels == {"AMAZON_NA": None}


@pytest.mark.parametrize(
    ("channels", "keeper"),
    [
        ({"AMAZON_NA": None, "DEFAULT": 4}, "amazon"),
        ({"DEFAULT": 4}, "seller"),
        ({"supply-source-1": 4}, "elsewhere"),
        ({"DEFAULT": 4, "supply-source-1": 2}, "elsewhere"),
        ({}, "unsaid"),
    ],
)
def test_only_stock_that_is_the_sellers_alone_is_ever_set(
    world: AmazonWorld, channels: dict[str, int], keeper: str
) -> None:
    world.shop.add_simple("A", "Thing", 1)
    world.shop.offers["A"].channels = dict(channels)
    item = {"fulfillmentAvailability": [{"fulfillmentChannelCode": code} for code in channels]}
    assert keeper_of(item) == keeper
    row = listed(world).row(0, named=True)
    assert row["managed"] == (keeper == "seller") == (row["quantity"] == 4)
    before = world.writes()
    assert outcomes(world, {"A": 2}) == ["accepted" if keeper == "seller" else "refused"]
    assert world.writes() - before == (keeper == "seller")


def test_an_offer_without_any_stock_yet_is_said_and_not_called_zero_I11(world: AmazonWorld) -> None:
    world.add("A", 1)
    world.shop.offers["A"].channels = {}
    found = run(world.channel.listings())
    assert found.frame["quantity"].to_list() == [None] and "(such as Thing A (A))" in found.issues[0]


def test_the_head_of_a_family_is_no_listing_and_a_box_of_others_is(world: AmazonWorld) -> None:
    parent, children = world.shop.add_product("Shirt", [{"sku": "S-S", "name": "Shirt, S", "quantity": 3}])
    rows = listed(world)
    assert rows["listing"].to_list() == children and rows["product"].to_list() == [parent]
    assert outcomes(world, {parent: 1}) == ["refused"]
    relation = {"type": "PACKAGE_HIERARCHY", "childSkus": ["X"]}
    assert not is_parent({"relationships": [{"relationships": [relation]}]})


def test_sold_out_offers_are_active_and_hidden_ones_are_not(world: AmazonWorld) -> None:
    world.add("SOLD OUT", 0)
    world.add("HIDDEN", 3)
    world.shop.offers["HIDDEN"].suppressed = True
    assert dict(listed(world).select("listing", "status").iter_rows()) == {"SOLD OUT": "active", "HIDDEN": "inactive"}


@pytest.mark.parametrize("sku", ODD)
def test_a_sku_is_what_it_is_whatever_stands_in_it(world: AmazonWorld, sku: str) -> None:
    world.add(sku, 5)
    world.add("OTHER", 5)
    assert set(listed(world)["listing"]) == {sku, "OTHER"}
    assert run(world.channel.listings(only=[sku])).frame["quantity"].to_list() == [5]
    assert outcomes(world, {sku: 2}) == ["accepted"] and world.shown(sku) == 2
    patch = world.asked("patchListingsItem")[0][0]
    assert patch.path.count("/") == 5 and "#" not in patch.path, "a gateway answers 403 to a bare slash or hash"
    order = world.sell(sku, 1)
    assert lines(world)[order]["listing"] == sku


def test_a_barcode_is_asked_for_once_and_remembered(world: AmazonWorld) -> None:
    world.shop.add_simple("A", "Thing", 5, barcode="4006381333931")
    for _ in range(3):
        assert listed(world)["barcode"].to_list() == ["4006381333931"]
    assert run(world.channel.listings(only=["A"])).frame["barcode"].to_list() == ["4006381333931"]
    heavy = [
        1 for request, _ in world.asked("searchListingsItems") if "attributes" in dict(request.query)["includedData"]
    ]
    assert len(heavy) == 1


def test_offers_that_go_while_the_pages_are_read_hide_no_other_I16(world: AmazonWorld) -> None:
    for n in range(50):
        world.add(f"S{n:02}", n)
        world.clock.advance(1)
    counted = world.shop.on_exchange
    assert counted is not None

    def meanwhile(request: Any, response: Any) -> None:
        counted(request, response)
        if request.path.startswith("/listings/") and "S49" in world.shop.offers:
            world.remove("S49")  # the newest, of the first page: the second begins one too late

    world.shop.on_exchange = meanwhile
    found = run(world.channel.listings())
    assert {f"S{n:02}" for n in range(49)} <= set(found.frame["listing"])
    assert len(world.asked("searchListingsItems")) == 6, "all is read again"


@pytest.mark.parametrize("answer", [{}, {"numberOfResults": 0}, {"items": []}, {"errors": "?"}])
def test_an_answer_without_what_was_asked_for_is_no_empty_shop_I11(answer: object) -> None:
    world = make()
    world.add("A", 1)
    inner = world.wire._inner

    class Emptied(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if "listings" in request.url.path:
                return httpx.Response(200, json=answer, request=request)
            return await inner.handle_async_request(request)

    world.wire._inner = Emptied()
    with pytest.raises(ChannelOut, match="without what was asked for"):
        run(world.channel.listings())


# --- many listings: the report ----------------------------------------------------------------------------------------


def test_10_000_listings_are_read_by_a_report_and_20_a_call_and_then_20_a_call() -> None:
    world = make(limits={"searchListingsItems": (500, 500)})
    for n in range(10_000):
        world.shop.add_simple(f"S{n}", "Thing", n % 40)
    counts = []
    for _ in range(2):
        world.exchanges.clear()
        found = run(world.channel.listings())
        assert found.complete and found.frame.height == 10_000 and found.issues == ()
        counts.append((len(world.asked("searchListingsItems")), world.reads()))
    (searches, cold), (again, warm) = counts
    assert searches == again == warm == 500, "20 a call is the most that a search takes"
    assert len(found.frame.filter(pl.col("quantity").is_null())) == 0
    assert cold - searches <= 6, "a few questions whether the report is ready, where it is, and the file"


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> Iterator[AmazonWorld]:
    """An account with more offers than a search shows: 45, where it shows 40."""
    monkeypatch.setattr("agent.channels.amazon.listings.FARTHEST", 40)
    monkeypatch.setattr("agent.practice.amazon.listing_calls.FARTHEST", 40)
    made = make()
    for n in range(45):
        made.shop.add_simple(f"S{n:02}", f"Größe {n}", n, barcode=f"400{n:010d}")
        made.clock.advance(1)
    yield made
    made.validate()


@pytest.mark.parametrize(("zipped", "encoding"), [(True, "utf-8"), (False, "cp1252"), (True, "utf-8-sig")])
def test_a_report_is_understood_packed_or_not_in_whatever_letters(
    many: AmazonWorld, zipped: bool, encoding: str
) -> None:
    many.shop.zipped, many.shop.encoding = zipped, encoding
    found = run(many.channel.listings())
    assert found.complete and sorted(found.frame["quantity"].to_list()) == list(range(45))
    assert found.frame["barcode"].null_count() == 0


def test_quantities_are_never_those_of_a_report_that_may_be_hours_old(many: AmazonWorld) -> None:
    counted = many.shop.on_exchange
    assert counted is not None

    def sold(request: Any, response: Any) -> None:
        counted(request, response)
        if request.path.startswith("/files/"):
            many.shop.type_quantity("S07", 3)

    many.shop.on_exchange = sold
    assert dict(listed(many).select("listing", "quantity").iter_rows())["S07"] == 3


def test_new_offers_are_found_without_another_report_and_deleted_ones_are_gone(many: AmazonWorld) -> None:
    listed(many)
    many.shop.add_simple("NEW", "New thing", 9)
    many.shop.remove("S03")
    many.clock.advance(900)
    found = run(many.channel.listings())
    assert found.complete and {"NEW"} == set(found.frame["listing"]) - {f"S{n:02}" for n in range(45)}
    assert "S03" not in found.frame["listing"].to_list() and len(many.asked("createReport")) == 1
    many.clock.advance(90_000)
    listed(many)
    assert len(many.asked("createReport")) == 2, "once a day all are asked for anew"


@pytest.mark.parametrize("ends", ["FATAL", "CANCELLED"])
def test_a_report_that_is_not_made_leaves_the_read_incomplete_and_nothing_is_called_gone(
    many: AmazonWorld, ends: str
) -> None:
    many.shop.faults.report_ends = ends
    found = run(many.channel.listings())
    assert not found.complete and found.frame.height == 40 and ends in found.issues[0]


def test_what_is_in_a_report_is_read_with_care() -> None:
    assert skus_of("seller-sku\tproduct-id\tproduct-id-type\nA\t400\t4\nB\tB0X\t1\n\t\t\n") == {"A": "400", "B": None}
    assert unpacked(gzip.compress(b"x"), "GZIP") == b"x" and unpacked(b"x", None) == b"x"
    assert decoded("é".encode("cp1252"), "cp1252") == "é" and decoded("型".encode("cp932"), "cp932") == "型"
    for wrong in ("Händler-SKU\tPreis\nA\t1\n", ""):
        with pytest.raises(ValueError, match="no column of SKUs"):
            skus_of(wrong)
    for broken in (b"not packed", gzip.compress(b"x" * 1000)[:-9]):
        with pytest.raises(ValueError, match="unpacked"):
            unpacked(broken, "GZIP")


# --- orders -----------------------------------------------------------------------------------------------------------


def test_nothing_about_buyers_is_asked_for_R8(world: AmazonWorld) -> None:
    order = world.sell(world.add("A", 9), 1)
    run(world.channel.account())
    run(world.channel.orders(None))
    run(world.channel.orders(world.clock.now(), also=[order]))
    asked = {part for request, _ in world.asked("searchOrders", "getOrder")
             for part in dict(request.query)["includedData"].split(",")}  # fmt: skip
    assert asked == {"FULFILLMENT", "CANCELLATION", "PACKAGES"}
    for _, response in world.asked("searchOrders", "getOrder"):
        assert not {"buyer", "recipient", "payment"} & set(str(json.loads(response.body)).split("'"))


def test_an_order_is_shown_only_after_two_minutes_and_the_overlap_finds_it(world: AmazonWorld) -> None:
    world.shop.behind = 120.0
    order = world.sell(world.add("A", 9), 1)
    first = run(world.channel.orders(world.clock.now() - OVERLAP))
    assert first.frame.is_empty() and world.channel.can.lag > 120
    world.clock.advance(150)
    assert order in lines(world, first.began - OVERLAP)


def test_what_amazon_ships_is_not_asked_for_and_marked_where_it_is_shown(world: AmazonWorld) -> None:
    theirs, ours = world.sell(world.add("FBA", None), 2), world.sell(world.add("FBM", 9), 2)
    assert list(lines(world)) == [ours]
    found = run(world.channel.orders(world.clock.now(), also=[theirs])).frame
    assert found.filter(pl.col("order") == theirs)["fulfilled_by"].to_list() == ["marketplace"]


def test_a_shipment_is_dated_by_its_parcel_and_not_by_the_orders_last_change(world: AmazonWorld) -> None:
    order = world.sell(world.add("A", 9), 3)
    world.clock.advance(60)
    left = world.clock.now()
    world.ship(order)
    world.clock.advance(7 * 86_400)
    world.shop.touch_order(order)  # the parcel has arrived
    line = lines(world)[order]
    assert line["updated_at"] == world.clock.now() and line["shipped_at"] == left


def test_of_a_shipment_without_a_parcel_no_time_is_told() -> None:
    order = {
        "orderId": "1", "createdTime": "2026-11-01T10:00:00Z", "lastUpdatedTime": "2026-11-20T10:00:00Z",
        "fulfillment": {"fulfillmentStatus": "SHIPPED"},
        "orderItems": [{"orderItemId": "7", "quantityOrdered": 2, "product": {"sellerSku": "A"}}],
    }  # fmt: skip
    row = _only(order)
    assert (row["open"], row["shipped"], row["shipped_at"]) == (0, 2, UNTOLD)


def _only(order: dict[str, Any]) -> dict[str, Any]:
    class Asking:
        name, look = "north", Look()

    (row,) = order_rows(order, Asking())  # type: ignore[arg-type]
    return dict(zip(ORDER_LINES, row, strict=False))


@pytest.mark.parametrize(
    ("state", "done", "left", "expected"),
    [
        ("PENDING_AVAILABILITY", 0, 3, (3, 0)),
        ("PENDING", None, None, (3, 0)),
        ("UNSHIPPED", 0, 3, (3, 0)),
        ("PARTIALLY_SHIPPED", 1, 2, (2, 1)),
        ("SHIPPED", 3, 0, (0, 3)),
        ("CANCELLED", 0, 0, (0, 0)),
        ("CANCELLED", None, None, (0, 0)),
        ("A_NEW_ONE", None, None, (3, 0)),
    ],
)
def test_each_status_means_allocated_shipped_or_free_and_a_new_one_is_allocated(
    state: str, done: int | None, left: int | None, expected: tuple[int, int]
) -> None:
    units = {name: n for name, n in (("quantityFulfilled", done), ("quantityUnfulfilled", left)) if n is not None}
    row = _only({
        "orderId": "1", "createdTime": "2026-11-01T10:00:00Z", "lastUpdatedTime": "2026-11-01T10:00:00Z",
        "fulfillment": {"fulfillmentStatus": state, "fulfilledBy": "MERCHANT"},
        "orderItems": [{"orderItemId": "7", "quantityOrdered": 3, "product": {"sellerSku": "A"}, "fulfillment": units}],
    })  # fmt: skip
    assert (row["open"], row["shipped"]) == expected and row["holds"] == (expected[0] > 0)


def test_an_item_that_was_given_up_frees_its_units_and_the_others_stay(world: AmazonWorld) -> None:
    a, b = world.add("A", 9), world.add("B", 9)
    order = world.shop.book_order([(a, 2), (b, 3)]).id
    world.shop.cancel_item(order, 0)
    found = run(world.channel.orders(world.clock.now() - OVERLAP)).frame
    assert dict(found.select("listing", "open").iter_rows()) == {"A": 0, "B": 3}


@pytest.mark.parametrize(("by", "back"), [("BUYER", 9), ("MERCHANT", 6)])
def test_units_come_back_where_the_buyer_gave_up_and_nothing_is_claimed_of_it(
    world: AmazonWorld, by: str, back: int
) -> None:
    order = world.sell(world.add("A", 9), 3)
    world.shop.cancel(order, by)
    line = lines(world)[order]
    assert (line["open"], line["freed_at"], world.shown("A")) == (0, None, back)
    assert not world.channel.can.restocks_cancel, "the next read shows which it was"


def test_all_open_orders_are_one_search_back_to_two_years(world: AmazonWorld) -> None:
    order = world.sell(world.add("A", 9), 1)
    world.clock.advance(700 * 86_400)
    assert list(lines_of_open(world)) == [order]
    ((request, _),) = world.asked("searchOrders")
    query = dict(request.query)
    assert "lastUpdatedAfter" not in query and query["fulfilledBy"] == "MERCHANT"
    assert query["fulfillmentStatuses"] == "PENDING_AVAILABILITY,PENDING,UNSHIPPED,PARTIALLY_SHIPPED"


def lines_of_open(world: AmazonWorld) -> list[str]:
    return run(world.channel.orders(None)).frame["order"].to_list()


# --- push -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "sets", "hands_in", "looks"), [(1, 1, 0, 1), (50, 50, 0, 3), (51, 1, 2, 3), (100, 1, 2, 5)]
)
def test_a_phase_makes_exactly_the_fewest_calls(
    world: AmazonWorld, number: int, sets: int, hands_in: int, looks: int
) -> None:
    """Up to 50: a patch each. More: document, file and feed, whatever the number. Who keeps them is read 20 a call."""
    wanted = {world.add(f"S{n}", 5): 4 for n in range(number)}
    assert set(outcomes(world, wanted)) == {"accepted"}
    assert world.writes() == sets
    files = [1 for request, _ in world.exchanges if request.method == "PUT"]
    assert len(world.asked("createFeedDocument")) + len(files) == hands_in
    assert len(world.asked("searchListingsItems")) == 2 * looks, "before, and once after"


def test_10_000_quantities_are_one_feed_of_three_calls() -> None:
    world = make(limits={"searchListingsItems": (500, 500)})
    wanted = {world.shop.add_simple(f"S{n}", "Thing", 5): 4 for n in range(10_000)}
    assert set(outcomes(world, wanted)) == {"sent"}, "read back with the next look: now it would take minutes"
    assert (world.writes(), len(world.asked("createFeedDocument")), len(world.asked("searchListingsItems"))) == (
        1,
        1,
        500,
    )
    file = next(request for request, _ in world.exchanges if request.method == "PUT")
    assert len(file.body) < 10 * 1024 * 1024
    assert {world.shown(sku) for sku in wanted} == {4}


def test_only_the_quantity_is_sent_and_what_stands_beside_it_stays(world: AmazonWorld) -> None:
    world.add("A", 5)
    world.shop.offers["A"].product_type = "SHOES"
    push(world, {"A": 2})
    ((request, _),) = world.asked("patchListingsItem")
    value = [{"fulfillment_channel_code": "DEFAULT", "quantity": 2}]
    patch = {"op": "merge", "path": "/attributes/fulfillment_availability", "value": value}
    assert json.loads(request.body) == {"productType": "SHOES", "patches": [patch]}
    assert world.shop.offers["A"].handling_days == 2, "replaced, the handling time would be gone"


def test_200_may_say_invalid_and_the_reason_is_told(world: AmazonWorld) -> None:
    world.add("A", 5)
    world.refuse("A")
    row = push(world, {"A": 2})["A"]
    assert row["outcome"] == "refused" and "conflicts with the Amazon catalog" in row["message"]


def test_a_sku_that_does_not_exist_would_be_accepted_and_is_never_sent(world: AmazonWorld) -> None:
    world.add("A", 5)
    assert world.shop.offers.keys() == {"A"}
    row = push(world, {"GHOST": 2})["GHOST"]
    assert row["outcome"] == "refused" and world.writes() == 0


def test_an_accepted_quantity_that_takes_long_is_sent_and_the_next_read_shows_it(world: AmazonWorld) -> None:
    world.add("A", 5)
    world.shop.faults.apply_after = 90
    assert outcomes(world, {"A": 2}) == ["sent"] and listed(world)["quantity"].to_list() == [5]
    world.clock.advance(90)
    assert listed(world)["quantity"].to_list() == [2]


def test_an_accepted_quantity_that_is_never_applied_is_not_called_accepted(world: AmazonWorld) -> None:
    world.add("A", 5)
    world.shop.faults.eat_writes.add("A")
    assert outcomes(world, {"A": 2}) == ["sent"] and world.shown("A") == 5


def some(world: AmazonWorld, number: int = 60) -> dict[str, int]:
    return {world.add(f"S{n:02}", 5): 4 for n in range(number)}


def test_a_feed_tells_of_each_message_what_became_of_it(world: AmazonWorld) -> None:
    wanted = some(world)
    world.refuse("S07")
    found = push(world, wanted)
    assert {sku for sku, row in found.items() if row["outcome"] == "refused"} == {"S07"}
    assert "conflicts" in found["S07"]["message"] and world.shown("S08") == 4 and world.shown("S07") == 5


def test_a_feed_that_is_not_worked_off_within_a_minute_is_sent(world: AmazonWorld) -> None:
    wanted = some(world)
    world.shop.faults.feed_seconds = 300
    assert set(outcomes(world, wanted)) == {"sent"} and world.shown("S00") == 5
    world.clock.advance(300)
    assert set(listed(world)["quantity"].to_list()) == {4}


@pytest.mark.parametrize(("ends", "outcome"), [("CANCELLED", "not_sent"), ("FATAL", "unknown")])
def test_a_feed_that_ended_badly_is_not_called_sent(world: AmazonWorld, ends: str, outcome: str) -> None:
    wanted = some(world)
    world.shop.faults.feed_ends = ends
    assert set(outcomes(world, wanted)) == {outcome}


def test_a_file_that_could_not_be_laid_down_changes_nothing(world: AmazonWorld) -> None:
    wanted = some(world)
    world.shop.faults.upload_fails = True
    assert set(outcomes(world, wanted)) == {"not_sent"} and world.writes() == 0


@pytest.mark.parametrize("applied", [True, False])
def test_a_feed_whose_answer_is_lost_is_unknown_and_never_handed_in_again(world: AmazonWorld, applied: bool) -> None:
    wanted = some(world)
    world.lose_answer_of_next_write(applied)
    assert set(outcomes(world, wanted)) == {"unknown"}
    assert world.writes() == applied, "what is lost before it arrives is not even heard of"
    world.clock.advance(60)
    assert set(listed(world)["quantity"].to_list()) == {4 if applied else 5}


def test_a_report_that_refuses_the_whole_feed_refuses_each_of_it() -> None:
    issue = {"code": "4002005", "severity": "ERROR", "message": "Attribute 'Merchant' is required"}
    found = judged({"issues": [issue], "summary": {"messagesAccepted": 0}})
    assert found.all_refused == issue["message"]
    partly = judged({"issues": [{**issue, "messageId": 4}, {**issue, "messageId": 5, "severity": "WARNING"}]})
    assert partly.refused == {4: issue["message"]} and not partly.all_refused


def test_a_role_that_is_taken_away_stops_a_push_after_its_first_call(world: AmazonWorld) -> None:
    wanted = some(world, 5)
    listed(world)
    world.shop.roles = set()
    found = push(world, wanted)
    assert {(row["outcome"], row["kind"]) for row in found.values()} == {("not_sent", "access")}


# --- the judge --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"product_type": "PRODUCT", "patches": [{"op": "merge", "path": "/a"}]},
        {"productType": "PRODUCT", "patches": [{"op": "upsert", "path": "/a"}]},
        {"productType": "PRODUCT", "patch": []},
        {"productType": "PRODUCT", "patches": [{"op": "merge", "path": "/a", "quantity": 1}]},
    ],
)
def test_a_wrong_field_name_in_our_request_is_refused_by_the_shop_and_by_the_judge(wrong: dict[str, Any]) -> None:
    world = make()
    world.add("A", 5)
    doors = world.channel._doors  # type: ignore[attr-defined]
    asked = {"marketplaceIds": "ATVPDKIKX0DER"}
    path = f"listings/2021-08-01/items/{KEYS['seller_id']}/A"
    with pytest.raises(ChannelOut, match="body"):
        run(doors.call("patch", "PATCH", path, params=asked, json=wrong, lane="lower", idempotent=False))
    with pytest.raises(AssertionError, match="body"):
        world.validate()


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("orders/2026-01-01/orders", {"lastUpdatedSince": "2026-11-22T00:00:00Z"}),
        ("orders/2026-01-01/orders", {"lastUpdatedAfter": "2026-11-22T00:00:00Z", "includedData": "BUYERS"}),
        ("sellers/v1/marketplaceParticipations", {"seller": "A"}),
    ],
)
def test_a_wrong_parameter_is_refused_too(path: str, query: dict[str, str]) -> None:
    world = make()
    doors = world.channel._doors  # type: ignore[attr-defined]
    with pytest.raises(ChannelOut):
        run(doors.call("orders", "GET", path, params=query, lane="orders", idempotent=True))
    with pytest.raises(AssertionError):
        world.validate()


def test_a_wrong_field_in_a_feed_is_found_by_the_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make()
    monkeypatch.setattr(Message, "patches", property(lambda self: [{"op": "merge", "pfad": "/x"}]), raising=False)
    monkeypatch.setattr("agent.channels.amazon.push.Message", lambda sku, kind, patches: _Wrong(sku, kind))
    assert set(outcomes(world, some(world))) == {"refused"}
    with pytest.raises(AssertionError, match="feed"):
        world.validate()


class _Wrong:
    def __init__(self, sku: str, kind: str) -> None:
        self.sku, self.kind, self.patches = sku, kind, [{"op": "merge", "pfad": "/x"}]


def test_what_is_on_the_way_to_amazon_is_read_whole_once_and_then_what_changed() -> None:
    world = make()
    for number in range(60):
        world.shop.add_simple(f"MUG-{number}-FBA", "Mug", None)
    world.clock.advance(3600)
    world.shop.ship_to_amazon("MUG-3-FBA", 5)
    first = run(world.channel.listings())
    assert (len(first.inbound), first.inbound["MUG-3-FBA"]) == (60, 5)
    world.clock.advance(3600)
    world.shop.ship_to_amazon("MUG-4-FBA", 2)
    world.shop.unpack("MUG-3-FBA", 1)
    assert run(world.channel.listings()).inbound == {"MUG-3-FBA": 4, "MUG-4-FBA": 2}
    assert run(world.channel.listings(only=["MUG-4-FBA"])).inbound == {}
    world.validate()


def test_every_call_of_the_channel_has_a_contract(world: AmazonWorld) -> None:
    assert set(contract()["calls"]) == set(LIMITS)


# --- together ---------------------------------------------------------------------------------------------------------


def test_two_countries_of_one_seller_are_two_channels(world: AmazonWorld) -> None:
    other = make(country="CA")
    accounts = {run(each.channel.account()).id for each in (world, other)}
    assert accounts == {f"{KEYS['seller_id']}@ATVPDKIKX0DER", f"{KEYS['seller_id']}@A2EUQ1WTGCTBG2"}


def test_what_it_can_is_said_with_reasons(world: AmazonWorld) -> None:
    notes = world.channel.can.notes
    assert {"write", "batch", "restocks_cancel", "lag", "poll", "keep_active", "untracked"} <= set(notes)
    assert all(note.endswith(".") for note in notes.values())


def test_over_a_real_socket(world: AmazonWorld) -> None:
    world.add("A/B", 5)
    for n in range(60):
        world.add(f"S{n}", 5)

    async def work() -> list[str]:
        port, stop = await serve(world.shop)
        ports = Ports(world.clock, random.Random(1), tokens=InMemory())
        given = settings(world.shop, url=f"http://127.0.0.1:{port}", allow_private="yes", allow_http="yes")
        channel = find("amazon").connect("north", given, ports)
        rows = (await channel.listings()).frame
        found = await channel.push(changes(rows, dict.fromkeys(rows["listing"], 2)), "lower")
        one = await channel.push(changes(rows, {"A/B": 1}), "lower")
        await channel.close()
        await stop()
        return [*found["outcome"], *one["outcome"]]

    assert set(run(work())) == {"accepted"} and world.shown("A/B") == 1


def test_a_kept_token_of_another_start_is_used() -> None:
    keeper = InMemory()
    first = make(tokens=keeper)
    first.add("A", 1)
    listed(first)
    tokens = keeper.read()
    assert tokens is not None and tokens.refresh is None
    second = make(tokens=keeper)
    second.shop.tokens = dict(first.shop.tokens)
    listed(second)
    assert "/auth/o2/token" not in paths(second)
