"""What only Takealot does: two interfaces and one key, pages and counts, leadtime stock, batches, days of sales."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import polars as pl
import pytest

from agent.channels import sign_command
from agent.channels.base import Channel, ChannelOut
from agent.channels.http import Ports
from agent.channels.takealot import CAN, WAYS, connect
from agent.channels.takealot.__main__ import of_vector
from agent.channels.takealot.orders import kind_of, plain
from agent.channels.takealot.refusals import KNOWN, refusal
from agent.frames import UNTOLD
from agent.ports import SystemClock
from agent.practice.takealot import Request, Response, Shop, serve
from agent.practice.takealot.changes import MESSAGES
from agent.practice.takealot.faults import plain as said
from tests.channels import doing
from tests.channels.clock import FakeClock
from tests.channels.doing import OVERLAP, maker, run, watched
from tests.channels.wire import takealot_contract
from tests.channels.wire.base import changes
from tests.channels.wire.takealot import KEY, SETTINGS, TakealotWorld

SPECS = takealot_contract.SPECS
Json = Any


make = maker(TakealotWorld)
world = watched(make)


def rows(world: TakealotWorld) -> dict[str, dict[str, Json]]:
    """Listings by their SKU."""
    return doing.rows(world, by="sku")


def lines(world: TakealotWorld) -> dict[str, dict[str, Json]]:
    """Lines of the last minutes by their order."""
    return doing.lines(world, by="order")


def set_to(world: TakealotWorld, wanted: dict[str, int], lane: Any = "lower") -> pl.DataFrame:
    """RESULTS of a push by listing."""
    return doing.push(world, wanted, lane)


def asked(world: TakealotWorld, path: str) -> list[dict[str, str]]:
    """The parameters of every call to a path so far."""
    return [dict(request.query) for request, _ in world.exchanges if request.path == path]


def facts() -> Json:
    if takealot_contract.facts() is None:
        pytest.skip("what is known of Takealot's Marketplace API is not on this computer (../shared)")
    return takealot_contract.facts()


def canned(answers: dict[str, Json]) -> Channel:
    """An account that gives each path one answer."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answers.get(request.url.path, {"items": [], "limit": 1000}))

    return connect("my-shop", SETTINGS, Ports(FakeClock(), random.Random(1), httpx.MockTransport(answer)))


# --- the contract itself ----------------------------------------------------------------------------------------------


def test_the_documented_offer_sale_and_seller_are_understood() -> None:
    known = facts()["examples"]
    seller = {**known["seller"], "warehouses": [{"seller_warehouse_id": 1, "name": "Main"}]}
    found = canned({"/v1/seller": seller, "/v1/offers": {"items": [known["offer"]], "limit": 1000, "count": 1},
                    "/v1/sales": {"items": [known["sale"]], "limit": 1000}})  # fmt: skip
    row = run(found.listings()).frame.row(0, named=True)
    assert (row["listing"], row["sku"], row["barcode"], row["quantity"]) == ("987654", "SKU-A", "6001234567890", 40)
    assert (row["price"], row["currency"], row["status"]) == ("345", "ZAR", "active")
    line = run(found.orders(datetime(2026, 1, 15, tzinfo=UTC))).frame.row(0, named=True)
    assert (line["order"], line["line"], line["listing"], line["shipped"]) == ("5551111", "7778888", "987654", 3)
    assert line["sale_at"] == datetime(2026, 1, 15, 12, 30, tzinfo=UTC)


WRONG = {
    "stock under v1's name": {"seller_warehouse_stock": [{"merchant_warehouse_id": 1, "quantity": 1}]},
    "the warehouse as it is read": {"leadtime_stock": [{"warehouse_id": 1, "quantity": 1}]},
    "the quantity as it is read": {"leadtime_stock": [{"merchant_warehouse_id": 1, "quantity_available": 1}]},
    "a quantity as text": {"leadtime_stock": [{"merchant_warehouse_id": 1, "quantity": "1"}]},
}


@pytest.mark.parametrize("swagger", ["the vendor's", "none here"])
@pytest.mark.parametrize("body", WRONG.values(), ids=list(WRONG))
def test_a_wrong_field_in_a_request_is_a_fault_with_and_without_the_vendors_contract(
    body: Json, swagger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if swagger == "none here":
        monkeypatch.setattr(takealot_contract, "swagger", lambda: None)
    elif takealot_contract.swagger() is None:
        pytest.skip("Takealot's swagger is not on this computer (../shared)")
    right = {"leadtime_stock": [{"merchant_warehouse_id": 1, "quantity": 1}]}
    for sent, is_good in ((right, True), (body, False)):
        for method, path, whole in (("PATCH", "/v2/offers/offer/ID1", sent), ("POST", "/v2/offers/batch", [sent])):
            request = Request.of(method, f"https://x.example{path}", {}, json.dumps(whole).encode())
            assert (takealot_contract.judge(request, said(400, {"message": "no"})) == []) is is_good


@pytest.mark.parametrize("query", ["page_size=1000", "order_date_gte=2026-01-01", "limit=1000&continuation_token=x"])
def test_a_wrong_parameter_is_a_fault(query: str) -> None:
    request = Request.of("GET", f"https://x.example/v1/sales?{query}", {"X-API-Key": "k"})
    answer = Response(200, b'{"items": [], "limit": 1000}', {"Content-Type": "application/json"})
    if "token" in query:
        facts()
    assert takealot_contract.judge(request, answer)


def test_both_interfaces_are_judged_by_what_is_here(world: TakealotWorld) -> None:
    set_to(world, {world.add("A", 5): 3})
    run(world.channel.account())
    run(world.channel.orders(None))
    assert {request.path.split("/")[1] for request, _ in world.exchanges} == {"v1", "v2"}
    if takealot_contract.swagger() is None:
        pytest.skip("Takealot's swagger is not on this computer (../shared): only declared fields were judged")


# --- offers -----------------------------------------------------------------------------------------------------------


def test_only_your_own_warehouse_is_counted_never_takealots(world: TakealotWorld) -> None:
    both = world.shop.add_simple("BOTH", "Both", 4, at_takealot={"jhb": 50})
    theirs = world.shop.add_simple("THEIRS", "Theirs", None, at_takealot={"cpt": 7})
    found = rows(world)
    assert (found["BOTH"]["quantity"], found["BOTH"]["fulfilled_by"], found["BOTH"]["managed"]) == (4, "seller", True)
    assert (found["THEIRS"]["quantity"], found["THEIRS"]["managed"]) == (None, False)
    assert found["THEIRS"]["fulfilled_by"] == "marketplace"
    set_to(world, {str(both): 2})
    assert world.shop.offers[both].at_takealot == {"jhb": 50} and world.shop.offers[theirs].at_takealot == {"cpt": 7}


def test_of_several_warehouses_the_chosen_one_is_kept_and_the_others_stay_as_they_are_S3_17() -> None:
    for named in ("Second", "second", "2"):
        made = TakealotWorld(FakeClock(), random.Random(1))
        second = made.shop.add_warehouse("Second")
        offer = int(made.add("A", 5))
        made.shop.type_quantity(offer, 8, second)
        wanted = {**SETTINGS, "warehouse": str(second) if named == "2" else named}
        made.channel = connect("my-shop", wanted, Ports(made.clock, random.Random(1), made.wire))
        assert rows(made)["A"]["quantity"] == 8
        assert set_to(made, {str(offer): 6})["outcome"].to_list() == ["accepted"]
        assert made.shop.offers[offer].stock == {made.shop.warehouse: 5, second: 6}
        made.validate()


def test_which_of_several_warehouses_is_asked_and_never_guessed_S3_18(world: TakealotWorld) -> None:
    world.shop.add_warehouse("Second")
    for call in (world.channel.account(), world.channel.listings()):
        with pytest.raises(ChannelOut, match=r"several warehouses.*: Main \(\d+\), Second \(") as out:
            run(call)
        assert out.value.kind == "access" and "stocksheet connect" in out.value.fix


def test_an_offer_with_leadtime_and_no_stock_at_the_warehouse_is_said_and_not_called_zero_I11(
    world: TakealotWorld,
) -> None:
    offer = int(world.add("A", 5))
    world.shop.offers[offer].stock = {}
    found = run(world.channel.listings())
    row = found.frame.row(0, named=True)
    assert (row["quantity"], row["managed"]) == (None, False)
    assert "it has no stock at Main. Type its quantity (My SoH) in the Seller Portal once" in found.issues[0]


def test_an_answer_that_leaves_out_the_stock_says_nothing_of_it_I11() -> None:
    offer = {"offer_id": 1, "sku": "A", "title": "Thing", "status": "buyable", "minimum_leadtime_days": 5}
    found = canned({"/v1/seller": {"seller_id": 1, "warehouses": [{"seller_warehouse_id": 1, "name": "Main"}]},
                    "/v1/offers": {"items": [offer], "limit": 1000}})  # fmt: skip
    read = run(found.listings())
    assert read.frame.row(0, named=True)["quantity"] is None
    assert "Takealot does not say how much of it is at your warehouses" in read.issues[0]


def test_disabled_offers_are_inactive_and_sold_out_ones_are_not(world: TakealotWorld) -> None:
    world.shop.disable(int(world.add("A", 5)))
    world.shop.disable(int(world.add("B", 5)), by_takealot=True)
    world.add("C", 0)
    assert [rows(world)[sku]["status"] for sku in "ABC"] == ["inactive", "inactive", "active"]


def test_ten_thousand_offers_are_read_in_ten_calls(world: TakealotWorld) -> None:
    for n in range(10_000):
        world.add(f"S{n}", 1)
    run(world.channel.listings())
    before = world.reads()
    found = run(world.channel.listings())
    assert (len(found.frame), found.complete, world.reads() - before) == (10_000, True, 10)
    assert asked(world, "/v1/offers")[0]["limit"] == "1000"
    assert all(list(query) == ["continuation_token"] for query in asked(world, "/v1/offers")[1:10])


def test_a_list_that_ends_too_early_is_found_by_its_count_and_nothing_is_called_gone(world: TakealotWorld) -> None:
    for n in range(1200):
        world.add(f"S{n}", 1)
    world.shop.faults.stops_early = 1
    found = run(world.channel.listings())
    assert (len(found.frame), found.complete) == (1000, False)
    assert "counts 1200 offers but showed 1000" in found.issues[-1]
    assert run(world.channel.listings()).complete


# --- sales ------------------------------------------------------------------------------------------------------------

STATES = {
    "new_lead_time_order": "open",
    "Preparing for Customer": "open",
    "inter_dc_transfer": "open",
    "in_transit_to_takealot": "open",
    "shipped_to_customer": "shipped",
    "Shipped to Customer": "shipped",
    "return_requested": "shipped",
    "returned": "returned",
    "Cancelled by Customer": "cancelled",
    "cancelled_by_takealot": "cancelled",
    "on_the_moon": "unknown",
    "": "unknown",
}


@pytest.mark.parametrize(("word", "kind"), STATES.items())
def test_states_are_understood_however_they_are_written(word: str, kind: str) -> None:
    assert kind_of(plain(word)) == kind


def test_a_state_that_nobody_knows_keeps_its_units_and_is_said(world: TakealotWorld) -> None:
    order = world.sell(world.add("A", 5), 2)
    world.shop.set_status(int(order), "on_the_moon")
    found = run(world.channel.orders(world.clock.now() - OVERLAP))
    assert found.frame["open"].to_list() == [2] and found.frame["holds"].to_list() == [True]
    assert found.issues == (f'Order {order}: Takealot calls it "on the moon", which Stocksheet does not know. '
                            "Its units stay reserved.",)  # fmt: skip


def test_what_is_sold_out_of_takealots_warehouse_is_theirs(world: TakealotWorld) -> None:
    offer = world.shop.add_simple("A", "Thing", 5, at_takealot={"jhb": 3})
    order = world.shop.sell(offer, 2)
    assert world.shop.quantity(offer) == 5, "the seller's own stock was not touched"
    line = lines(world)[str(order)]
    assert (line["fulfilled_by"], line["open"], line["holds"]) == ("marketplace", 2, False)
    mine = world.shop.book_order([(offer, 1)]).id
    own = lines(world)[str(mine)]
    assert (own["fulfilled_by"], own["holds"]) == ("seller", True)


def test_the_days_page_each_look_and_the_whole_window_every_fifteen_minutes(world: TakealotWorld) -> None:
    world.ship(world.sell(world.add("A", 500), 1))
    world.clock.advance(86_400)
    for _ in range(46):
        run(world.channel.orders(world.clock.now() - OVERLAP))
        world.clock.advance(60)
    begins = [query["order_date__gte"] for query in asked(world, "/v1/sales")]
    assert len(begins) == 46, "one call a look"
    assert [at for at, day in enumerate(begins) if day == "2026-10-24"] == [0, 15, 30, 45]
    assert set(begins) == {"2026-10-24", "2026-11-23"}


def test_the_days_of_lines_that_wait_are_read_with_each_look_in_the_same_call(world: TakealotWorld) -> None:
    """Most orders are sent a day or more after they came: that is known by the next look, not a quarter of an hour
    later, by when somebody may have counted the shelf."""
    order = world.sell(world.add("A", 5), 2)
    world.clock.advance(3 * 86_400)
    run(world.channel.orders(world.clock.now() - OVERLAP))
    world.clock.advance(60)
    world.ship(order)
    line = lines(world)[order]
    assert (line["shipped"], line["shipped_at"]) == (2, world.clock.now())
    assert [query["order_date__gte"] for query in asked(world, "/v1/sales")] == ["2026-10-26", "2026-11-22"]
    run(world.channel.orders(world.clock.now() - OVERLAP))
    assert asked(world, "/v1/sales")[-1]["order_date__gte"] == "2026-11-25", "nothing waits any more"


def test_a_busy_sellers_days_beyond_one_call_wait_for_the_window(world: TakealotWorld) -> None:
    offer = world.add("A", 5_000)
    for _ in range(3):
        for _ in range(400):
            world.shop.book_order([(int(offer), 1)])
        world.clock.advance(86_400)
    run(world.channel.orders(world.clock.now() - OVERLAP))
    world.clock.advance(60)
    run(world.channel.orders(world.clock.now() - OVERLAP))
    pages = [query.get("order_date__gte") for query in asked(world, "/v1/sales")]
    assert pages == ["2026-10-26", None, "2026-11-23"], "two days of three fit into a call"


def test_days_are_south_africas(world: TakealotWorld) -> None:
    world.clock.advance(10.5 * 3600)  # 22:30 in London's winter, half past midnight in Johannesburg
    order = world.sell(world.add("A", 5), 1)
    run(world.channel.orders(world.clock.now()))
    assert order in lines(world)
    assert asked(world, "/v1/sales")[-1]["order_date__gte"] == "2026-11-23"


def test_a_state_that_changes_days_later_is_found_by_the_window(world: TakealotWorld) -> None:
    order = world.sell(world.add("A", 5), 2)
    assert lines(world)[order]["open"] == 2
    world.clock.advance(5 * 86_400)
    world.ship(order)
    line = lines(world)[order]
    assert (line["open"], line["shipped"], line["shipped_at"]) == (0, 2, world.clock.now())


def test_of_what_was_shipped_before_anybody_looked_no_time_is_told(world: TakealotWorld) -> None:
    order = world.sell(world.add("A", 5), 2)
    world.ship(order)
    world.clock.advance(3 * 86_400)
    assert lines(world)[order]["shipped_at"] == UNTOLD
    assert run(world.channel.orders(None)).frame.is_empty(), "only what is open"


def test_the_same_state_keeps_its_time_so_that_nothing_looks_new(world: TakealotWorld) -> None:
    order = world.sell(world.add("A", 5), 2)
    first = lines(world)[order]
    world.clock.advance(600)
    assert lines(world)[order] == first


def test_all_open_lines_are_asked_for_in_four_calls(world: TakealotWorld) -> None:
    run(world.channel.orders(None))
    days = [(query["order_date__gte"], query["order_date__lte"]) for query in asked(world, "/v1/sales")]
    assert len(days) == 4
    spans = [(datetime.fromisoformat(end) - datetime.fromisoformat(begin)).days for begin, end in days]
    assert spans == [180] * 4, "no window is longer than Takealot gives at once"


def test_a_list_of_sales_that_is_not_whole_is_not_used_at_all() -> None:
    sale = {"order_id": 1, "order_item_id": 2, "offer_id": 3, "sku": "A", "quantity": 1, "sale_status": "returned",
            "order_date": "2026-11-22T10:00:00+02:00"}  # fmt: skip
    found = canned({"/v1/sales": {"items": [sale], "limit": 1000, "count": 2}})
    with pytest.raises(ChannelOut, match="counts 2 sales but showed 1"):
        run(found.orders(datetime(2026, 11, 22, tzinfo=UTC)))


def test_a_sale_that_cannot_be_read_is_said_and_the_others_stay() -> None:
    good = {"order_id": 1, "order_item_id": 2, "offer_id": 3, "sku": "A", "quantity": 1, "sale_status": "new",
            "order_date": "2026-11-22T10:00:00+02:00"}  # fmt: skip
    found = canned({"/v1/sales": {"items": [good, {**good, "order_item_id": 4, "quantity": "many"}], "limit": 1000}})
    read = run(found.orders(datetime(2026, 11, 22, tzinfo=UTC)))
    assert read.frame["line"].to_list() == ["2"] and read.partial == ("1",)
    assert "1 of its lines cannot be read" in read.issues[0]


# --- setting quantities -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "calls"), [(1, 1), (2, 1), (100, 1), (10_000, 1), (10_001, 2)])
def test_the_fewest_calls_that_set_so_many_quantities(world: TakealotWorld, number: int, calls: int) -> None:
    listings = [world.add(f"S{n}", 5) for n in range(number)]
    found = run(world.channel.listings()).frame
    writes, reads = world.writes(), world.reads()
    results = run(world.channel.push(changes(found, dict.fromkeys(listings, 4)), "lower"))
    assert set(results["outcome"]) == {"accepted"} and set(results["quantity_after"]) == {4}
    assert world.writes() - writes == calls
    assert world.reads() - reads == (0 if number == 1 else 1), "a batch's results are asked for once where it is quick"


def test_nothing_but_leadtime_stock_of_the_chosen_warehouse_is_ever_sent(world: TakealotWorld) -> None:
    a, b = world.add("A", 5), world.add("B", 5)
    set_to(world, {a: 3})
    set_to(world, {a: 2, b: 1})
    sent = [json.loads(request.body) for request, _ in world.exchanges if request.writes]
    stock = [{"merchant_warehouse_id": world.shop.warehouse, "quantity": 3}]
    assert sent[0] == {"leadtime_stock": stock}
    assert [set(each) for each in sent[1]] == [{"offer_id", "leadtime_stock"}] * 2
    assert [each["offer_id"] for each in sent[1]] == [int(a), int(b)]


def account_closed(shop: Shop, offer: int) -> None:
    shop.active = False


def leadtime_off(shop: Shop, offer: int) -> None:
    shop.leadtime_enabled = False


REFUSED: dict[str, Callable[[Shop, int], object]] = {
    "E16": leadtime_off,
    "E17": lambda shop, offer: shop.disable(offer, by_takealot=True),
    "E18": lambda shop, offer: shop.stop_counting(offer),
    "E29": account_closed,
}


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "in a batch"])
@pytest.mark.parametrize("code", REFUSED)
def test_each_refusal_has_words_for_the_seller_though_the_status_is_200(
    world: TakealotWorld, code: str, alone: bool
) -> None:
    listing, other = world.add("A", 5), world.add("B", 5)
    asked_for = changes(run(world.channel.listings()).frame, {listing: 3} if alone else {listing: 3, other: 2})
    REFUSED[code](world.shop, int(listing))
    result = run(world.channel.push(asked_for, "lower")).row(0, named=True)
    assert result["message"] == refusal(code, "")
    assert world.shop.offers[int(listing)].stock.get(world.shop.warehouse) in (5, None)
    stops = ("not_sent", "access") if code == "E29" else ("refused", None)
    assert (result["outcome"], result["kind"]) == stops


def test_every_code_that_a_quantity_can_meet_has_words() -> None:
    assert set(MESSAGES) <= set(KNOWN)
    told = [refusal(code, "Takealot's own words") for code in KNOWN]
    assert all(words.endswith(".") and "own words" not in words and "E" not in words.split()[0][:2] for words in told)


def test_a_code_that_nobody_knows_is_told_in_takealots_words() -> None:
    told = {"offer": {"offer_id": 1}, "validation_errors": [{"code": "E99", "message": "Stock is cursed"}]}
    found = canned({"/v2/offers/offer/ID1": told})
    asked_for = pl.DataFrame({"cell": ["offer/1/1"], "listing": ["1"], "quantity": [2], "expected": [None]})
    result = run(found.push(asked_for, "lower")).row(0, named=True)
    assert (result["outcome"], result["message"]) == ("refused", "Takealot refused it: Stock is cursed (E99).")


def test_a_quantity_that_is_taken_and_not_applied_is_not_called_accepted(world: TakealotWorld) -> None:
    a, b = world.add("A", 5), world.add("B", 5)
    world.shop.faults.eat_writes |= {int(a)}
    for wanted in ({a: 3}, {a: 3, b: 2}):
        result = set_to(world, wanted).row(0, named=True)
        assert (result["outcome"], result["quantity_after"]) == ("refused", 5)
        assert result["message"] == "Takealot shows 5 after it was asked for 3."


def test_a_batch_that_takes_long_is_sent_and_the_next_read_shows_it(world: TakealotWorld) -> None:
    a, b = world.add("A", 5), world.add("B", 5)
    world.shop.faults.batch_seconds = 300
    results = set_to(world, {a: 3, b: 2})
    assert results["outcome"].to_list() == ["sent", "sent"] and results["kind"].to_list() == [None, None]
    polls = [request for request, _ in world.exchanges if request.path.startswith("/v2/offers/batch/")]
    assert len(polls) == 3, "Takealot does not wish to be asked often"
    assert rows(world)["A"]["quantity"] == 5
    world.clock.advance(300)
    assert (rows(world)["A"]["quantity"], rows(world)["B"]["quantity"]) == (3, 2)


def test_of_a_batch_that_failed_without_a_word_nothing_is_claimed(world: TakealotWorld) -> None:
    a, b = world.add("A", 5), world.add("B", 5)
    world.shop.faults.batch_fails = 1
    results = set_to(world, {a: 3, b: 2})
    assert results["outcome"].to_list() == ["unknown", "unknown"] and all(results["message"])


def test_results_of_a_batch_that_cannot_be_read_leave_it_sent(world: TakealotWorld) -> None:
    a, b = world.add("A", 5), world.add("B", 5)
    found = changes(run(world.channel.listings()).frame, {a: 3, b: 2})

    def breaks(request: Request, response: Response) -> None:
        world.shop.faults.trouble = request.path.startswith("/v2/offers/batch")

    world.shop.on_exchange = breaks
    assert run(world.channel.push(found, "lower"))["outcome"].to_list() == ["sent", "sent"]
    assert world.shown(a) == 3


def test_a_batch_that_is_too_large_for_takealot_goes_again_in_halves(
    world: TakealotWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.practice.takealot.seller.LARGEST", 3)
    listings = [world.add(f"S{n}", 5) for n in range(5)]
    results = set_to(world, dict.fromkeys(listings, 1))
    assert results["outcome"].to_list() == ["accepted"] * 5 and {world.shown(each) for each in listings} == {1}


# --- errors of the host -----------------------------------------------------------------------------------------------


def test_a_new_key_for_another_tool_stops_this_one_and_it_is_said_why(world: TakealotWorld) -> None:
    world.expire_access()
    with pytest.raises(ChannelOut) as out:
        run(world.channel.listings())
    assert out.value.kind == "access" and "one active API key a seller" in out.value.fix
    assert "stocksheet connect my-shop" in out.value.fix


def test_a_web_page_with_403_is_temporary_and_says_nothing_of_the_key(world: TakealotWorld) -> None:
    world.add("A", 5)
    world.shop.faults.challenge = 1
    with pytest.raises(ChannelOut) as out:
        run(world.channel.listings())
    assert out.value.kind == "host" and "says nothing of your key" in out.value.fix
    assert len(run(world.channel.listings()).frame) == 1
    wanted = changes(run(world.channel.listings()).frame, {rows(world)["A"]["listing"]: 3})
    world.shop.faults.challenge = 1
    result = run(world.channel.push(wanted, "lower"))
    assert (result["outcome"].to_list(), result["kind"].to_list()) == (["not_sent"], ["host"])


@pytest.mark.parametrize("after", [5, None])
def test_too_many_calls_are_waited_for_with_and_without_a_named_time(world: TakealotWorld, after: float | None) -> None:
    listing = world.add("A", 5)
    found = changes(run(world.channel.listings()).frame, {listing: 3})
    world.shop.faults.throttle, world.shop.faults.retry_after = 2, after
    assert run(world.channel.push(found, "lower"))["outcome"].to_list() == ["accepted"]


def test_the_sellers_limit_headers_stand_on_each_answer_of_the_seller_api(world: TakealotWorld) -> None:
    world.shop.calls_left, world.shop.faults.retry_after = 3, 30
    listing = world.add("A", 5)
    found = changes(run(world.channel.listings()).frame, {listing: 3})
    assert run(world.channel.push(found, "lower"))["outcome"].to_list() == ["accepted"]
    headers = world.exchanges[-1][1].headers
    assert headers["x-RateLimit-Remaining"] == "0" and headers["x-RateLimit-Limit"] == "100"
    assert run(world.channel.push(found, "lower"))["kind"].to_list() == ["wait"]


def test_trouble_of_takealots_is_read_again_and_never_written_again(world: TakealotWorld) -> None:
    listing = world.add("A", 5)
    world.shop.faults.trouble = 1
    found = changes(run(world.channel.listings()).frame, {listing: 3})
    world.shop.faults.trouble = 1
    before = world.writes()
    assert run(world.channel.push(found, "lower"))["outcome"].to_list() == ["unknown"]
    assert world.writes() == before + 1


# --- who answers ------------------------------------------------------------------------------------------------------


def test_the_account_shows_the_seller_his_warehouses_and_the_one_key(world: TakealotWorld) -> None:
    world.add("A", 1)
    account = run(world.channel.account())
    assert (account.name, account.country, account.currency) == ("Practice Seller", "ZA", "ZAR")
    assert (account.listings, account.locations, account.access_ends) == (1, ("Main",), None)
    assert "one active key a seller" in account.beyond


def test_a_key_that_only_reads_is_told_at_connect_by_the_permission_that_is_missing_R5(world: TakealotWorld) -> None:
    inner = world.wire

    class NotThere(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.startswith("/v2/"):
                request.headers["Authorization"] = "Key another"
            return await inner.handle_async_request(request)

    found = connect("my-shop", SETTINGS, Ports(world.clock, random.Random(1), NotThere()))
    with pytest.raises(ChannelOut, match="a permission is missing: to set stock") as out:
        run(found.account())
    assert out.value.kind == "access"


def test_preflight_says_what_would_keep_stock_from_being_set_and_warns_of_the_one_key(world: TakealotWorld) -> None:
    signs = [each.sign for each in run(world.channel.preflight())]  # type: ignore[attr-defined]
    assert signs == ["ok", "note"]
    world.shop.leadtime_enabled, world.shop.on_vacation = False, True
    found = run(world.channel.preflight())  # type: ignore[attr-defined]
    assert [each.sign for each in found] == ["ok", "fix", "note", "note"]
    assert "leadtime is switched off" in found[1].what and "one active API key" in found[-1].what


def test_before_a_key_is_made_it_is_said_that_it_ends_the_one_of_another_tool() -> None:
    steps = WAYS[0].steps
    warned = next(at for at, step in enumerate(steps) if "one active key a seller" in step)
    made = next(at for at, step in enumerate(steps) if "Generate" in step)
    assert warned < made and "paste that same key" in steps[warned]


def test_two_accounts_of_takealots_are_two_shops() -> None:
    shops = [Shop(clock=FakeClock().now, rng=random.Random(1), name=name, api_key=f"key-{name}") for name in ("N", "S")]
    assert shops[0].seller_id != shops[1].seller_id
    answered = []
    for shop in shops:
        made = TakealotWorld(FakeClock(), random.Random(1), {"api_key": KEY})
        made.shop.name, made.shop.seller_id = shop.name, shop.seller_id
        answered.append(run(made.channel.account()))
    assert answered[0].id != answered[1].id and [each.name for each in answered] == ["N", "S"]


def test_over_a_real_socket() -> None:
    async def story() -> tuple[int | None, list[str]]:
        shop = Shop(clock=SystemClock().now, rng=random.Random(1), api_key="practice-key")
        offer = shop.add_simple("A", "Thing", 5)
        port, stop = await serve(shop)
        settings = {
            "api_key": "practice-key",
            "url": f"http://127.0.0.1:{port}",
            "allow_http": "yes",
            "allow_private": "yes",
        }
        found = connect("my-shop", settings, Ports(SystemClock(), random.Random(1)))
        try:
            read = await found.listings()
            results = await found.push(changes(read.frame, {str(offer): 2}), "lower")
            return shop.quantity(offer), results["outcome"].to_list()
        finally:
            await found.close()
            await stop()

    assert run(story()) == (2, ["accepted"])


def test_what_it_can_is_said_with_reasons() -> None:
    assert {"restocks_cancel", "apply_limit", "lag", "poll"} <= set(CAN.notes), "what nobody documents is said to be so"


# --- signatures of messages -------------------------------------------------------------------------------------------


def test_signatures_are_as_the_vectors_say() -> None:
    file = SPECS.parent / "sign_vectors.json"
    if not file.exists():
        pytest.skip("the signing vectors are not on this computer (../shared)")
    mine = [each for each in json.loads(file.read_text(encoding="utf-8"))["vectors"] if each["channel"] == "takealot"]
    assert len(mine) == 2
    for vector in mine:
        told = io.StringIO()
        assert sign_command.main("takealot", of_vector, ["sign"], io.StringIO(json.dumps(vector)), told) == 0
        assert told.getvalue().strip() == vector["expected_sign"]
