"""What only WooCommerce does: recorded answers, odd values, batches, and pages that move while they are read."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from agent import frames
from agent.channels.base import Channel, ChannelOut
from agent.channels.http import Ports
from agent.channels.woocommerce import CAN, connect
from agent.channels.woocommerce.orders import ORDER_FIELDS
from agent.ports import SystemClock
from agent.practice.woocommerce import Shop, serve, transport
from tests.channels.clock import FakeClock
from tests.channels.doing import run
from tests.channels.wire.base import changes
from tests.channels.wire.woocommerce import KEY, SECRET, SETTINGS, WooWorld

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "specs" / "woocommerce" / "recorded_11.0.1"
Json = Any


def channel(answer: Callable[[httpx.Request], httpx.Response], settings: dict[str, str] | None = None) -> Channel:
    ports = Ports(FakeClock(), random.Random(1), httpx.MockTransport(answer))
    return connect("my-shop", settings or SETTINGS, ports)


def shop(found: dict[str, Json], calls: list[httpx.Request] | None = None) -> Channel:
    """A shop that answers each path (after wc/v3/) with one page."""

    def answer(request: httpx.Request) -> httpx.Response:
        if calls is not None:
            calls.append(request)
        path = request.url.path.partition("/wc/v3/")[2]
        if path not in found:
            return httpx.Response(404, json={"code": "rest_no_route", "message": "No route.", "data": {"status": 404}})
        return httpx.Response(200, json=found[path], headers={"X-WP-TotalPages": "1"})

    return channel(answer)


def recorded(number: str) -> Json:
    if not RECORDED.exists():
        pytest.skip(f"The recorded answers of WooCommerce are not on this computer ({RECORDED.name})")
    (file,) = RECORDED.glob(f"{number}-*.json")
    return json.loads(file.read_text(encoding="utf-8"))["response"]["body"]


def product(id_: int = 11, **more: Json) -> dict[str, Json]:
    return {"id": id_, "name": "Cup", "type": "simple", "status": "publish", "sku": f"S{id_}", "manage_stock": True,
            "stock_quantity": 5, "stock_status": "instock", "variations": []} | more  # fmt: skip


def order(id_: int = 100, **more: Json) -> dict[str, Json]:
    return {"id": id_, "status": "processing", "date_created_gmt": "2026-11-22T10:00:00", "created_via": "checkout",
            "payment_method": "card", "date_modified_gmt": "2026-11-22T10:05:00",
            "date_paid_gmt": "2026-11-22T10:01:00",
            "date_completed_gmt": None, "refunds": [], "line_items": [line()]} | more  # fmt: skip


def line(id_: int = 1, **more: Json) -> dict[str, Json]:
    return {"id": id_, "product_id": 11, "variation_id": 0, "quantity": 2, "sku": "S11",
            "meta_data": [{"key": "_reduced_stock", "value": "2"}]} | more  # fmt: skip


def one_line(version: dict[str, Json], refunds: Json = None) -> dict[str, Json]:
    found = shop({"orders": [version], f"orders/{version['id']}/refunds": refunds or []})
    read = run(found.orders(datetime(2026, 11, 22, 10, tzinfo=UTC)))
    assert read.issues == ()
    return read.frame.row(0, named=True)


# --- recorded answers -------------------------------------------------------------------------------------------------


def test_recorded_products_and_variations_are_understood() -> None:
    variable, variations = recorded("022"), recorded("019")
    found = run(shop({"products": [*recorded("001"), variable], "variations": variations}).listings())
    row = found.frame.row(by_predicate=pl.col("listing") == "317", named=True)
    assert row["cell"] == "variation/311/317" and row["product"] == "311" and row["quantity"] == 9
    assert row["sku"] == "VAR-001-GRE-M" and row["options"] == "Color: Green, Size: M"
    assert row["title"] == "Variable product 01" and row["modified_at"] == datetime(2026, 11, 22, 6, 56, 52, tzinfo=UTC)


def test_recorded_variations_of_a_managed_product_share_its_cell() -> None:
    found = run(shop({"products": [recorded("047")], "variations": recorded("046")}).listings()).frame
    assert set(found["cell"]) == {"product/654"} and set(found["quantity"]) == {110} and all(found["managed"])


def test_a_recorded_order_and_its_recorded_refund_are_understood() -> None:
    refunded = one_line(recorded("129"), recorded("130"))
    assert (refunded["ordered"], refunded["open"], refunded["shipped"], refunded["state"]) == (3, 0, 0, "refunded")
    assert refunded["freed_at"] == datetime(2026, 11, 22, 6, 57, 48, tzinfo=UTC)
    open_ = one_line(recorded("128"))
    assert (open_["listing"], open_["open"], open_["holds"]) == ("32", 1, True)
    cancelled = one_line(recorded("132"))
    assert (cancelled["open"], cancelled["shipped"], cancelled["returned"]) == (0, 4, 4), "it had been completed"
    back = one_line(recorded("133"))
    assert (back["open"], back["shipped"], back["shipped_at"]) == (4, 0, None), "the fulfilment was undone"


@pytest.mark.parametrize(
    ("notes", "more", "taken"),
    [
        ({"_reduced_stock": "2"}, {}, 2),
        ({"_reduced_stock": "1", "_restock_refunded_items": "1"}, {}, 2),
        ({}, {}, 0),
        ({"_reduced_stock": "2"}, {"status": "completed"}, 2),
        ({}, {"status": "cancelled"}, None),
        (None, {}, None),
    ],
)
def test_how_many_units_the_shop_took_is_what_it_noted(
    notes: dict[str, str] | None, more: dict[str, Json], taken: int | None
) -> None:
    """Of a line of five. An ended order has given back what it took; without notes nothing is known."""
    shown = {} if notes is None else {"meta_data": [{"key": key, "value": value} for key, value in notes.items()]}
    bare = {name: value for name, value in line(quantity=5).items() if name != "meta_data"}
    assert one_line(order(line_items=[bare | shown], **more))["taken"] == taken


def test_recorded_item_errors_are_sentences() -> None:
    answer = recorded("035")
    answer["update"] = [item for item in answer["update"] if item.get("id") in (11, 999999, 317)]
    asked = [("product/11", "11", 11), ("product/999999", "999999", 1), ("product/317", "317", 1)]
    results = run(shop({"products/batch": answer}).push(_changes(asked), "lower"))
    assert results["outcome"].to_list() == ["accepted", "refused", "refused"]
    assert results["quantity_after"].to_list() == [11, None, None]


@pytest.mark.parametrize(("number", "kind"), [("097", "access"), ("098", "access"), ("110", "host")])
def test_recorded_refusals_stop_the_channel_with_a_fix(number: str, kind: str) -> None:
    body = recorded(number)
    found = channel(lambda request: httpx.Response(body["data"]["status"], json=body))
    with pytest.raises(ChannelOut) as out:
        run(found.listings())
    assert out.value.kind == kind and ("REST API" in out.value.fix or "Permalinks" in out.value.fix)


def test_a_key_that_may_only_read_is_told_apart_at_connect_R5() -> None:
    world = WooWorld(FakeClock(), random.Random(1))
    world.shop.add_key("ck_reads0000", "cs_reads0000", "read")
    settings = SETTINGS | {"consumer_key": "ck_reads0000", "consumer_secret": "cs_reads0000"}
    reader = connect("my-shop", settings, Ports(world.clock, random.Random(1), transport(world.shop)))
    with pytest.raises(ChannelOut, match="write") as out:
        run(reader.account())
    assert out.value.kind == "access" and "Read/Write" in out.value.fix


# --- listings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "understood"),
    [(7, 7), ("7", 7), (7.0, 7), ("7.000", 7), (7.9, 7), (-3, -3), ("abc", None), ("", None), ([4], None), (True, None),
     ("1,5", None), (10**40, None), (None, None)],
)  # fmt: skip
def test_quantities_as_plugins_write_them_I11(said: Json, understood: int | None) -> None:
    found = run(shop({"products": [product(stock_quantity=said), product(12)]}).listings())
    assert found.frame["quantity"].to_list() == [understood, 5] and found.complete
    assert len(found.issues) == (understood is None)
    assert found.frame["managed"].to_list() == [True, True]


def test_counting_without_a_quantity_sells_none() -> None:
    found = run(shop({"products": [product(stock_quantity=None, stock_status="outofstock")]}).listings())
    assert found.frame["quantity"].to_list() == [0] and found.issues == ()


@pytest.mark.parametrize("odd", [None, 7, "text", [], {}, {"id": None}, {"id": "x", "name": ["?"]}, {"id": 0}])
def test_a_listing_without_a_usable_id_leaves_the_read_incomplete_but_keeps_the_rest(odd: Json) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[odd, product(12)], headers={"X-WP-Total": "2", "X-WP-TotalPages": "1"})

    found = run(channel(answer).listings())
    assert found.frame["listing"].to_list() == ["12"] and not found.complete and found.issues


@pytest.mark.parametrize("field", [*product(), "price", "permalink", "attributes", "date_modified_gmt"])
@pytest.mark.parametrize("odd", [None, True, -1, 1.5, "\x00=HYPERLINK()", [], {}, [[]], {"a": [1]}])
def test_no_value_of_any_field_is_a_crash(field: str, odd: Json) -> None:
    run(shop({"products": [product(**{field: odd})]}).listings())
    parent = product(13, type="variable", variations=[14])
    run(shop({"products": [parent], "variations": [product(14, parent_id=13) | {field: odd}]}).listings())


def test_text_is_plain_text_R11() -> None:
    found = run(shop({"products": [product(name="Tea &amp; cake &#8211; 5\u202e\x07" + "x" * 600)]}).listings())
    title = found.frame["title"][0]
    assert title.startswith("Tea & cake – 5 x") and len(title) == 500


def test_drafts_are_inactive_with_their_variations_and_groups_are_left_out_in_a_sentence() -> None:
    products = [product(11), product(12, status="draft"), product(13, type="grouped"), product(14, type="external"),
                product(15, type="variable", status="private", variations=[16])]  # fmt: skip
    found = run(shop({"products": products, "variations": [product(16, parent_id=15)]}).listings())
    assert dict(found.frame.select("listing", "status").iter_rows()) == {
        "11": "active", "12": "inactive", "16": "inactive"}  # fmt: skip
    assert len(found.issues) == 2 and found.complete


def test_a_product_deleted_while_the_pages_are_read_hides_no_other_I16() -> None:
    ids = list(range(1, 251))
    turns: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        turns.append(page)
        if len(turns) == 2:
            ids.remove(50)  # all behind it move up, 101 out of sight
        rows = [product(id_) for id_ in ids[(page - 1) * 100 : page * 100]]
        return httpx.Response(200, json=rows, headers={"X-WP-Total": str(len(ids)), "X-WP-TotalPages": "3"})

    found = run(channel(answer).listings())
    assert "101" in found.frame["listing"].to_list() and len(found.frame) == 249 and found.complete
    assert turns == [1, 2, 3, 1, 2, 3]


def test_a_shop_that_shrinks_all_the_time_gives_an_incomplete_read() -> None:
    left = [400]

    def answer(request: httpx.Request) -> httpx.Response:
        left[0] -= 1
        page = int(request.url.params["page"])
        rows = [product(id_) for id_ in range(page * 100, page * 100 + 100)]
        return httpx.Response(200, json=rows, headers={"X-WP-Total": str(left[0]), "X-WP-TotalPages": "3"})

    assert not run(channel(answer).listings()).complete


def test_a_cache_that_repeats_the_first_page_is_noticed() -> None:
    rows = [product(id_) for id_ in range(1, 101)]
    found = channel(lambda request: httpx.Response(200, json=rows, headers={"X-WP-TotalPages": "9"}))
    with pytest.raises(ChannelOut, match="same page"):
        run(found.listings())


@pytest.mark.parametrize("version", ["9.7.1", "11.0.1"])
def test_variations_are_read_from_old_and_new_shops(version: str) -> None:
    clock = FakeClock()
    old = Shop(clock=clock.now, rng=random.Random(1), consumer_key=KEY, consumer_secret=SECRET, shop_version=version)
    each = [{"sku": f"V-{n}", "options": {"Size": str(n)}, "quantity": n} for n in range(120)]
    _, ids = old.add_variable("V", "Shirt", each)
    simple = old.add_simple("S", "Cup", 4)
    fresh = connect("my-shop", SETTINGS, Ports(clock, random.Random(1), transport(old)))
    wanted = [str(simple), str(ids[3]), str(ids[117])]
    assert dict(run(fresh.listings(only=wanted)).frame.select("listing", "quantity").iter_rows()) == {
        wanted[0]: 4, wanted[1]: 3, wanted[2]: 117}  # fmt: skip
    assert len(run(fresh.listings()).frame) == 121
    assert len(run(fresh.listings(only=wanted)).frame) == 3
    clock.advance(60)
    old.sell(ids[117], 2)
    changed = run(fresh.listings(since=clock.now() - timedelta(seconds=5))).frame
    assert dict(changed.select("listing", "quantity").iter_rows())[str(ids[117])] == 115


def test_a_fresh_read_takes_few_calls() -> None:
    world = WooWorld(FakeClock(), random.Random(1))
    simple = [world.add(f"S{n}", 1) for n in range(150)]
    variants = [v for n in range(40) for v in world.add_variants(f"V{n}", [1, 1, 1])]
    run(world.channel.listings())
    before = world.reads()
    assert len(run(world.channel.listings(only=simple + variants)).frame) == 270
    assert world.reads() - before == 4, "190 products and parents, 120 variations, 100 a call"


# --- orders -----------------------------------------------------------------------------------------------------------


def test_an_order_that_changes_while_the_pages_are_read_hides_no_other_I16() -> None:
    start = datetime(2026, 11, 22, 10, tzinfo=UTC)
    modified = {id_: start + timedelta(seconds=id_) for id_ in range(1, 251)}
    turns: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        turns.append(request)
        if len(turns) == 2:
            modified[5] = start + timedelta(seconds=999)
        after = datetime.fromisoformat(request.url.params["modified_after"]).replace(tzinfo=UTC)
        page = int(request.url.params["page"])
        found = sorted((when, id_) for id_, when in modified.items() if when > after)
        rows = [order(id_, date_modified_gmt=when.strftime("%Y-%m-%dT%H:%M:%S")) for when, id_ in found]
        headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(-(-len(rows) // 100))}
        return httpx.Response(200, json=rows[(page - 1) * 100 : page * 100], headers=headers)

    read = run(channel(answer).orders(start))
    assert sorted(map(int, read.frame["order"])) == list(range(1, 251))
    assert all(request.url.params["dates_are_gmt"] == "true" for request in turns)


def test_states_of_other_plugins_count_as_open_and_are_asked_for() -> None:
    calls: list[httpx.Request] = []
    known = ["pending", "processing", "on-hold", "packing", "completed", "cancelled", "refunded", "failed"]

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        if request.method == "OPTIONS":
            return httpx.Response(200, json={"schema": {"properties": {"status": {"enum": known}}}})
        return httpx.Response(200, json=[order(status="packing")], headers={"X-WP-TotalPages": "1"})

    read = run(channel(answer).orders(None))
    assert calls[1].url.params["status"] == "processing,on-hold,packing"
    assert read.frame["open"].to_list() == [2] and read.frame["state"].to_list() == ["packing"]


def test_a_shop_that_does_not_describe_itself_is_read_by_its_own_states_and_says_so() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "OPTIONS":
            return httpx.Response(403, html="<html>no</html>")
        assert request.url.params["status"] == "processing,on-hold"
        return httpx.Response(200, json=[order()], headers={"X-WP-TotalPages": "1"})

    read = run(channel(answer).orders(None))
    assert len(read.frame) == 1 and len(read.issues) == 1


def test_nothing_about_the_buyer_is_asked_for_or_kept_R8() -> None:
    assert not {"billing", "shipping", "customer_id", "customer_note", "meta_data"} & set(ORDER_FIELDS.split(","))
    world = WooWorld(FakeClock(), random.Random(1))
    id_ = world.sell(world.add("A", 9), 1)
    world.shop.orders[int(id_)].billing = {"first_name": "Canary", "email": "canary@example.invalid"}
    read = run(world.channel.orders(None))
    assert "anary" not in read.frame.write_json()
    assert all("anary" not in each.response.body.decode() for each in world.exchanges)


def test_an_abandoned_checkout_never_took_anything() -> None:
    """Cancelled by WooCommerce after an hour without payment: the most frequent of all cancelled orders. It has no time
    of sale, without which what it gave back means nothing."""
    gone = one_line(order(status="cancelled", date_paid_gmt=None, line_items=[line(meta_data=[])]))
    assert (gone["open"], gone["shipped"], gone["sale_at"], gone["holds"]) == (0, 0, None, False)


@pytest.mark.parametrize("method", ["bacs", "cheque", "cod"])
def test_an_order_to_be_paid_later_takes_its_units_when_it_is_placed(method: str) -> None:
    created = datetime(2026, 11, 22, 10, tzinfo=UTC)
    later = order(payment_method=method, date_paid_gmt="2026-11-25T09:00:00")
    assert one_line(later)["sale_at"] == created
    gone = one_line(later | {"status": "cancelled", "date_paid_gmt": None, "line_items": [line(meta_data=[])]})
    assert gone["sale_at"] == created and gone["freed_at"] == datetime(2026, 11, 22, 10, 5, tzinfo=UTC)


def test_paid_orders_take_their_units_at_the_payment() -> None:
    assert one_line(order())["sale_at"] == datetime(2026, 11, 22, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize("state", ["failed", "trash", "refunded"])
def test_a_state_that_keeps_the_units_frees_nothing(state: str) -> None:
    """Observed: only cancelling gives units back; the line's own note still has them."""
    ended = one_line(order(status=state))
    assert (ended["open"], ended["shipped"], ended["freed_at"]) == (0, 0, None)


def test_an_order_refunded_after_it_was_shipped_is_returned_whole() -> None:
    ended = one_line(order(status="refunded", date_completed_gmt="2026-11-22T10:02:00"))
    assert (ended["open"], ended["shipped"], ended["returned"]) == (0, 2, 2)


def test_a_line_of_a_product_that_the_shop_does_not_count_is_open_but_not_held() -> None:
    loose = one_line(order(line_items=[line(meta_data=[])]))
    assert (loose["open"], loose["holds"]) == (2, False)


def test_the_line_of_a_deleted_product_is_kept_and_names_no_listing() -> None:
    kept = one_line(order(line_items=[line(product_id=0)]))
    assert (kept["listing"], kept["sku"], kept["open"]) == (None, "S11", 2)


def test_an_unreadable_order_or_line_is_a_sentence_and_the_rest_is_read() -> None:
    odd = [order(1, line_items=None), order(2, line_items=[line(), line(2, quantity="many"), 7]), order(3)]
    read = run(shop({"orders": odd}).orders(datetime(2026, 11, 22, tzinfo=UTC)))
    assert read.frame["order"].to_list() == ["2", "3"] and len(read.issues) == 2


@pytest.mark.parametrize("field", list(order()))
@pytest.mark.parametrize("odd", [None, True, -1, 1.5, "x", [], {}, [[]], {"a": [1]}, "9999-99-99"])
def test_no_value_of_any_order_field_is_a_crash(field: str, odd: Json) -> None:
    run(shop({"orders": [order() | {field: odd}]}).orders(datetime(2026, 11, 22, tzinfo=UTC)))


@pytest.mark.parametrize("field", list(line()))
@pytest.mark.parametrize("odd", [None, True, -1, 1.5, "x", [], {}, [[]], {"a": [1]}])
def test_no_value_of_any_line_field_is_a_crash(field: str, odd: Json) -> None:
    found = order(line_items=[line() | {field: odd}])
    run(shop({"orders": [found]}).orders(datetime(2026, 11, 22, tzinfo=UTC)))


def test_refunds_are_asked_for_only_where_there_are_any_and_once() -> None:
    calls: list[httpx.Request] = []
    refund = {"id": 7, "date_created_gmt": "2026-11-22T10:04:00", "line_items": [
        {"id": 8, "quantity": -1, "meta_data": [{"key": "_refunded_item_id", "value": "1"}]}]}  # fmt: skip
    found = shop({"orders": [order(100, refunds=[{"id": 7}]), order(101)], "orders/100/refunds": [refund]}, calls)
    since = datetime(2026, 11, 22, tzinfo=UTC)
    for _ in range(3):
        assert run(found.orders(since)).frame["open"].to_list() == [1, 2]
    assert sum(request.url.path.endswith("/refunds") for request in calls) == 1


def test_an_order_in_the_bin_is_found_by_its_id() -> None:
    world = WooWorld(FakeClock(), random.Random(1))
    id_ = world.sell(world.add("A", 9), 1)
    world.shop.delete_order(int(id_), force=False)
    read = run(world.channel.orders(world.clock.now() + timedelta(hours=1), also=[id_, "999999", "what"]))
    assert read.frame.select("order", "state", "open").rows() == [(id_, "trash", 0)]
    assert read.gone == ("999999", "what")


# --- push -------------------------------------------------------------------------------------------------------------


def _changes(rows: list[tuple[str, str, int]]) -> pl.DataFrame:
    return frames.frame([(*row, None) for row in rows], frames.CHANGES)


def many(count: int) -> pl.DataFrame:
    return _changes([(f"product/{id_}", str(id_), 3) for id_ in range(1, count + 1)])


def batches(answer: Callable[[list[dict[str, Json]], httpx.Request], httpx.Response]) -> tuple[Channel, list[Json]]:
    """A shop that answers batches; and the sizes (or items) of what it was sent."""
    sent: list[Json] = []

    def serve(request: httpx.Request) -> httpx.Response:
        items = json.loads(request.content)["update"]
        sent.append(items)
        return answer(items, request)

    return channel(serve), sent


def applied(items: list[dict[str, Json]], **more: Json) -> httpx.Response:
    rows = [product(item["id"], stock_quantity=item["stock_quantity"], parent_id=item.get("product_id", 0)) | more
            for item in items]  # fmt: skip
    return httpx.Response(200, json={"update": rows})


def too_large(items: list[dict[str, Json]], request: httpx.Request) -> httpx.Response:
    if len(items) > 40:
        return httpx.Response(413, json={"code": "woocommerce_rest_request_entity_too_large", "message": "Too many."})
    return applied(items)


def test_a_host_that_takes_fewer_gets_fewer_and_that_is_remembered() -> None:
    shop_, sent = batches(too_large)
    assert set(run(shop_.push(many(100), "lower"))["outcome"]) == {"accepted"}
    assert [len(items) for items in sent] == [100, 50, 25, 25, 25, 25]
    sent.clear()
    run(shop_.push(many(100), "lower"))
    assert [len(items) for items in sent] == [25, 25, 25, 25]


def test_only_the_quantity_is_sent_and_a_variation_names_its_product() -> None:
    """The address's product would else become the variation's own (observed on WooCommerce 8.6.0)."""
    shop_, sent = batches(lambda items, request: applied(items))
    asked = _changes([("product/11", "11", 7), ("variation/13/15", "15", 4), ("variation/14/19", "19", 0)])
    assert run(shop_.push(asked, "lower"))["outcome"].to_list() == ["accepted"] * 3
    assert sent == [[{"id": 11, "stock_quantity": 7}],
                    [{"id": 15, "product_id": 13, "stock_quantity": 4},
                     {"id": 19, "product_id": 14, "stock_quantity": 0}]]  # fmt: skip


def test_a_shop_that_does_not_know_an_items_own_product_gets_one_batch_a_product() -> None:
    def strict(items: list[dict[str, Json]], request: httpx.Request) -> httpx.Response:
        here = int(request.url.path.split("/")[-3])
        error = {
            "code": "woocommerce_rest_product_variation_invalid_id",
            "message": "Invalid ID.",
            "data": {"status": 404},
        }
        rows = [
            applied([item]).json()["update"][0] if item["product_id"] == here else {"id": item["id"], "error": error}
            for item in items
        ]
        return httpx.Response(200, json={"update": rows})

    shop_, sent = batches(strict)
    asked = _changes([("variation/13/15", "15", 4), ("variation/14/19", "19", 5), ("variation/14/20", "20", 6)])
    assert run(shop_.push(asked, "lower"))["outcome"].to_list() == ["accepted"] * 3
    assert [len(items) for items in sent] == [3, 2]
    sent.clear()
    assert run(shop_.push(asked, "lower"))["outcome"].to_list() == ["accepted"] * 3
    assert [len(items) for items in sent] == [1, 2]


def test_a_variation_that_is_gone_is_refused_and_the_batches_stay_mixed() -> None:
    world = WooWorld(FakeClock(), random.Random(1))
    (a, gone), (b, c) = world.add_variants("V", [1, 2]), world.add_variants("W", [3, 4])
    asked = changes(run(world.channel.listings()).frame, {a: 9, b: 9, gone: 9, c: 9})
    world.remove(gone)
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == [
        "accepted",
        "accepted",
        "refused",
        "accepted",
    ]
    before = world.writes()
    run(world.channel.push(asked.filter(pl.col("listing") != gone), "lower"))
    assert world.writes() == before + 1
    world.validate()


def test_a_product_that_is_gone_with_its_variations_does_not_take_others_along() -> None:
    world = WooWorld(FakeClock(), random.Random(1))
    (a, _), (b, _) = world.add_variants("V", [1, 2]), world.add_variants("W", [3, 4])
    found = run(world.channel.listings()).frame
    asked = changes(found, {a: 9, b: 9})
    world.remove(found.filter(pl.col("listing") == a)["product"][0])
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["refused", "accepted"]


def test_a_variation_that_moved_to_another_product_is_not_called_set() -> None:
    shop_, _ = batches(lambda items, request: applied(items, parent_id=99))
    results = run(shop_.push(_changes([("variation/13/15", "15", 4)]), "lower"))
    assert results["outcome"].to_list() == ["unknown"] and "99" in results["message"][0]


def test_one_poisonous_product_is_soon_alone_and_the_others_are_pushed() -> None:
    """The host breaks on one product: each push sends its batch smaller, until nobody else is in it."""

    def poisoned(items: list[dict[str, Json]], request: httpx.Request) -> httpx.Response:
        if any(item["id"] == 42 for item in items):
            return httpx.Response(500, json={"code": "internal_server_error", "message": "There was a critical error."})
        return applied(items)

    shop_, sent = batches(poisoned)
    left = many(300)
    for _ in range(8):
        results = run(shop_.push(left, "lower"))
        left = left.filter((results["outcome"] != "accepted").alias("left"))
    assert left["listing"].to_list() == ["42"]
    sent.clear()
    run(shop_.push(many(300), "lower"))
    assert [len(items) for items in sent] == [100, 100, 99, 1]


def test_after_silence_the_batch_is_unknown_and_the_rest_is_not_sent() -> None:
    def silent(items: list[dict[str, Json]], request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("no answer")

    shop_, sent = batches(silent)
    results = run(shop_.push(many(150), "lower"))
    assert results["outcome"].to_list() == ["unknown"] * 100 + ["not_sent"] * 50
    assert set(results["kind"]) == {"host"} and len(sent) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<html>Welcome</html>"),
        httpx.Response(200, content=b""),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"update": []}),
        httpx.Response(200, json={"update": "yes"}),
        httpx.Response(200, json={"update": [None, 3]}),
        httpx.Response(200, json={"update": [{"id": 77}]}),
        httpx.Response(200, json="ok"),
        httpx.Response(204),
    ],
)
def test_a_friendly_answer_that_says_nothing_is_unknown(answer: httpx.Response) -> None:
    shop_, _ = batches(lambda items, request: answer)
    assert run(shop_.push(many(2), "lower"))["outcome"].to_list() == ["unknown", "unknown"]


@pytest.mark.parametrize(
    ("item", "outcome", "after"),
    [
        ({"stock_quantity": 3}, "accepted", 3),
        ({"stock_quantity": "3"}, "accepted", 3),
        ({"stock_quantity": 5}, "refused", 5),
        ({"stock_quantity": None, "manage_stock": False}, "refused", None),
        ({"error": {"code": "x", "message": "Not <b>today</b>"}}, "refused", None),
        ({"error": "what"}, "refused", None),
        ({"error": {"message": "Could not update", "data": {"status": 500}}}, "unknown", None),
    ],
)
def test_each_item_is_judged_by_what_stands_after_it(item: dict[str, Json], outcome: str, after: int | None) -> None:
    shop_, _ = batches(lambda items, request: httpx.Response(200, json={"update": [product(1) | item]}))
    results = run(shop_.push(many(1), "lower"))
    assert (results["outcome"][0], results["quantity_after"][0]) == (outcome, after)
    assert (results["message"][0] is None) == (outcome == "accepted")
    assert ("Manage stock is off" in (results["message"][0] or "")) == (item.get("manage_stock") is False)


@pytest.mark.parametrize("cell", ["product/x", "variation/13", "thing/11", "product/", "product/1/2", "", "../11"])
def test_a_cell_that_is_none_of_ours_is_refused_and_nothing_is_sent(cell: str) -> None:
    shop_, sent = batches(lambda items, request: applied(items))
    assert run(shop_.push(_changes([(cell, "11", 3)]), "lower"))["outcome"].to_list() == ["refused"] and not sent


def test_no_changes_are_no_calls() -> None:
    shop_, sent = batches(lambda items, request: applied(items))
    results = run(shop_.push(frames.empty(frames.CHANGES), "raise"))
    assert results.is_empty() and results.schema == pl.Schema(frames.RESULTS) and not sent


def test_over_a_real_socket_on_this_computer_everything_is_the_same() -> None:
    async def scenario() -> list[tuple[str, int]]:
        clock = SystemClock()
        real = Shop(clock=clock.now, rng=random.Random(1), consumer_key=KEY, consumer_secret=SECRET)
        simple = real.add_simple("A", "Cup", 4)
        port, stop = await serve(real)
        local = connect("my-shop", SETTINGS | {"url": f"http://127.0.0.1:{port}"}, Ports(clock, random.Random(1)))
        try:
            assert (await local.account()).listings == 1
            asked = changes((await local.listings()).frame, {str(simple): 9})
            assert (await local.push(asked, "lower"))["outcome"].to_list() == ["accepted"]
            return (await local.listings(only=[str(simple)])).frame.select("listing", "quantity").rows()
        finally:
            await local.close()
            await stop()

    assert run(scenario()) == [("11", 9)]


# --- connecting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "https://shop.example",
        "shop.example/",
        " https://shop.example/wp-admin/index.php ",
        "https://shop.example/wp-json/",
    ],
)
def test_the_address_may_be_copied_from_any_page(typed: str) -> None:
    calls: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(200, json=[], headers={"X-WP-TotalPages": "0"})

    run(channel(answer, SETTINGS | {"url": typed}).listings())
    assert str(calls[0].url).startswith("https://shop.example/wp-json/wc/v3/products?")
    assert calls[0].headers["authorization"].startswith("Basic ")


def test_plain_http_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ChannelOut) as out:
        channel(lambda request: httpx.Response(200), SETTINGS | {"url": "http://shop.example"})
    assert out.value.kind == "host" and "http://" in out.value.what


def test_a_site_without_woocommerce_says_so() -> None:
    found = channel(lambda request: httpx.Response(200, json={"name": "Blog", "namespaces": ["wp/v2"]}))
    with pytest.raises(ChannelOut, match="WooCommerce does not answer"):
        run(found.account())


def test_a_site_with_plain_permalinks_is_told_what_to_change() -> None:
    found = channel(lambda request: httpx.Response(404, html="<html>Not found</html>"))
    with pytest.raises(ChannelOut) as out:
        run(found.account())
    assert "Permalinks" in out.value.fix


def test_the_fingerprint_stays_with_www_and_https() -> None:
    from agent.channels.woocommerce import _fingerprint

    assert _fingerprint("https://www.Shop.example/", "id") == _fingerprint("http://shop.example", "id")
    assert _fingerprint("https://shop.example/de", None) != _fingerprint("https://shop.example/en", None)


def test_every_flag_that_needs_a_reason_has_one() -> None:
    assert set(CAN.notes) <= set(CAN.__dataclass_fields__) and all(CAN.notes.values())
