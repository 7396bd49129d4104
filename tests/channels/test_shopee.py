"""What only Shopee does: each oddity of its documents, documented errors sorted, calls counted, tokens, signing."""

from __future__ import annotations

import io
import json
import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from agent import frames
from agent.channels import find, sign_command
from agent.channels.answers import Ports
from agent.channels.base import ChannelOut
from agent.channels.shopee import push as pushing
from agent.channels.shopee.access import grant_of
from agent.channels.shopee.errors import meaning, refusal, sort, until_midnight
from agent.channels.shopee.orders import windows
from agent.channels.shopee.signing import Signer, of_vector
from agent.channels.tokens import InMemory, Tokens
from agent.practice.shopee.declared import endpoints
from agent.practice.shopee.routes import SET
from tests.channels.doing import OVERLAP, lines, maker, push, run, vectors, watched
from tests.channels.wire.base import changes
from tests.channels.wire.shopee import ShopeeWorld, connected, settings

make = maker(ShopeeWorld)
world = watched(make)


# --- signing ----------------------------------------------------------------------------------------------------------


def test_a_call_is_signed_as_its_vector_when_it_is_put_on_the_wire() -> None:
    for vector in vectors("shopee"):
        inputs = vector["inputs"]
        if inputs["kind"] not in ("public", "shop"):
            continue
        signer = Signer(str(inputs["partner_id"]), inputs["partner_key"], str(inputs.get("shop_id", "")))
        request = httpx.Request(inputs["method"], f"https://shopee.example{inputs['path']}", params=inputs["query"])
        for _ in range(2):  # a request that comes again is signed anew, not twice
            signer.put(request, inputs.get("access_token", ""), datetime.fromtimestamp(inputs["timestamp"], UTC))
        assert request.url.params["sign"] == vector["expected_sign"]
        assert len(request.url.params.get_list("sign")) == 1
        assert {name: request.url.params[name] for name, _ in inputs["query"]} == dict(inputs["query"])


def test_the_sign_command_signs_one_vector_and_says_what_it_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    inputs = {"kind": "public", "path": "/api/v2/auth/token/get", "partner_id": 1, "partner_key": "k", "timestamp": 2}
    for said in (inputs, {"id": "x", "inputs": inputs}):
        told = io.StringIO()
        assert sign_command.main("shopee", of_vector, ["sign"], io.StringIO(json.dumps(said)), told) == 0
        assert re.fullmatch(r"[0-9a-f]{64}\n", told.getvalue())
    for broken in ('{"kind": "shop", "partner_key": "k"}', '{"kind": "?", "partner_key": "k"}', "no JSON", "[]"):
        assert sign_command.main("shopee", of_vector, ["sign"], io.StringIO(broken), io.StringIO()) == 2
    assert sign_command.main("shopee", of_vector, [], io.StringIO(), io.StringIO()) == 2
    assert "Traceback" not in capsys.readouterr().err


# --- tokens and the server's clock ------------------------------------------------------------------------------------


def test_the_code_of_a_yes_is_exchanged_once_and_the_pair_is_kept_before_its_first_use_R27() -> None:
    world = make(tokens=InMemory())
    kept: list[str] = []
    world.channel._doors[0]._auth._access._keeper.keep = _kept(world, kept)  # type: ignore[attr-defined]
    run(world.channel.orders(None))
    assert kept == ["/api/v2/auth/token/get"], "kept when nothing but the exchange had been asked"
    world.validate()


def _kept(world: ShopeeWorld, kept: list[str]) -> Any:
    def keep(tokens: Tokens) -> None:
        kept.extend(request.path for request, _ in world.exchanges)

    return keep


def test_a_token_of_four_hours_is_renewed_and_each_refresh_token_is_used_once() -> None:
    keeper = InMemory()
    world = make(tokens=keeper)
    seen = set()
    for _ in range(4):
        run(world.channel.orders(world.clock.now() - OVERLAP))
        tokens = keeper.read()
        assert tokens is not None and tokens.refresh not in seen
        seen.add(tokens.refresh)
        world.clock.advance(4 * 3600)
    assert len(world.asked("auth/access_token/get")) == 3 and len(world.asked("auth/token/get")) == 1
    world.validate()


@pytest.mark.parametrize("status", [200, 401, 403])
@pytest.mark.parametrize("other_words", [False, True])
def test_a_token_that_is_refused_is_renewed_once_whatever_the_status_and_a_push_goes_on(
    world: ShopeeWorld, status: int, other_words: bool
) -> None:
    listing = world.add("A", 5)
    asked = changes(run(world.channel.listings()).frame, {listing: 3})
    world.shop.gateway_status, world.shop.faults.wrong_token_twice = status, other_words
    world.shop.end_access_tokens()
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["accepted"]
    assert len(world.asked("auth/access_token/get")) == 1 and world.shown(listing) == 3


def test_a_stock_error_that_is_called_error_auth_never_uses_up_a_refresh_token(world: ShopeeWorld) -> None:
    listing = world.add("A", 9)
    world.shop.campaign(listing, 6)
    for status in (200, 403):
        world.shop.item_status = status
        results = push(world, {listing: 2})
        assert results["outcome"][0] in ("clamped", "refused"), "not: no access"
    assert not world.asked("auth/access_token/get")


def test_a_shop_whose_name_has_two_words_is_named_as_it_is_typed(world: ShopeeWorld) -> None:
    ports = Ports(world.clock, random.Random(1), world.wire, connected(world.shop))
    channel = find("shopee").connect("my shop", settings(world.shop), ports)
    world.shop.linked = False
    with pytest.raises(ChannelOut) as out:
        run(channel.orders(None))
    assert out.value.fix == 'Say yes to Stocksheet once more: stocksheet connect "my shop"'


def test_a_refresh_token_that_is_used_up_asks_for_a_new_yes_in_words(world: ShopeeWorld) -> None:
    run(world.channel.orders(None))
    for pair in world.shop.pairs:
        pair.used = True
    world.shop.end_access_tokens()
    with pytest.raises(ChannelOut, match="Invalid refresh_token") as out:
        run(world.channel.orders(None))
    assert out.value.kind == "access" and "stocksheet connect my-shop" in out.value.fix


def test_a_computer_whose_clock_is_days_behind_still_sees_todays_orders_and_changes() -> None:
    world = make()
    world.shop.clock = lambda: world.clock.now() + timedelta(days=3)
    listing = world.add("A", 9)
    began = run(world.channel.listings()).ended
    world.sell(listing, 2)
    assert run(world.channel.listings(since=began)).frame["quantity"].to_list() == [7]
    for since in (None, began, began - timedelta(days=5)):
        assert run(world.channel.orders(since)).frame["open"].to_list() == [2], since


def test_two_shops_of_one_app_have_tokens_of_their_own() -> None:
    keepers = [InMemory(), InMemory()]
    worlds = [make(tokens=keeper, shop_id=shop) for keeper, shop in zip(keepers, (111, 222), strict=True)]
    ids = [run(world.channel.account()).id for world in worlds]
    tokens = [keeper.read() for keeper in keepers]
    assert ids == ["111", "222"] and all(tokens) and tokens[0] is not tokens[1]
    listing = worlds[0].add("SAME", 5)
    worlds[1].add("SAME", 7)
    assert push(worlds[0], {listing: 1})["outcome"].to_list() == ["accepted"]
    assert run(worlds[1].channel.listings()).frame["quantity"].to_list() == [7]


def test_the_address_of_a_yes_is_read_and_others_are_told_in_words() -> None:
    assert grant_of("s", "https://localhost/?code=abc&shop_id=12").shop == "12"
    with pytest.raises(ChannelOut, match="main account"):
        grant_of("s", "https://localhost/?code=abc&main_account_id=12")
    for wrong in ("https://localhost/?shop_id=12", "https://shopee.sg/", "https://localhost/?code=a&shop_id=x"):
        with pytest.raises(ChannelOut, match="neither a code nor"):
            grant_of("s", wrong)


# --- errors -----------------------------------------------------------------------------------------------------------

SORTED = {
    "renew": ["invalid_acceess_token|Invalid access_token, please have a check.", "error_auth|Invalid access_token."],
    "connect": ["shop_no_linked|Partner and shop has no linked.", "error_auth|Invalid partner_id or shopid.",
                "refresh_token_expired|Your refresh_token expired.", "error_auth|Invalid refresh_token."],
    "key": ["error_sign|Wrong sign.", "error_param|Invalid partner_id."],
    "stop": ["shop_banned|", "error_auth|No permission to current api.", "api_suspended|", "source_ip_undeclared|",
             "error_seller_under_penalty|The shop is under penalty.", "error_kyc_auth|No permission. Please inform"],
    "clock": ["error_param|Timestamp is expired."],
    "often": ["error_rate_limit|Too many requests. You have reached the rate limit. Please try again later."],
    "day": ["error_limit|The total API call number made by your APP has reached the daily API call limit, please"],
    "unwell": ["error_inner|System error, please try again later", "error_server|Something wrong. Please try later.",
               "error_system_busy|", "error_network|Inner http call failed",
               "error_auth|System error, please try again later."],
    "locked": ["error_auth|Total stock must be more than reserved stock.", "error_cannt_edit_stock_in_promotion|",
               "error.param|Can not update item with stock less than reserved stock",
               "error_param|Can not update item with stock less than reserve stock",
               "error_model_update_stock_model_in_promotion|", "error_promotion_cantnot_update_stock|"],
    "holiday": ["error_holiday_mode_change_stock|Cannot change stock in holiday mode.",
                "error_auth|Please wait for the holiday mode set then to edit item. Please try later."],
    "place": ["error_auth|Lack of location_id, please double check.", "error_inner|Invalid stock location ID",
              "error_busi|The merchant/shop has multi warehouse, please input location id"],
    "theirs": ["error_wms_shop_block_upate_stock|Warehouse shop can't update stock.",
               "error_server|The current item belong to the full FBS shop, so normal stock must be equal to 0"],
    "gone": ["error_item_not_found|Item_id is not found.", "product.error_item_not_belong_shop|",
             "error_param|Wrong model_id."],
    "item": ["error_item_uneditable|Can't edit this item. item status can not support editing.",
             "error_busi_cannot_edit_vsku|", "error_edit_item_stock_for_item_has_model|", "never_heard_of|"],
}  # fmt: skip


@pytest.mark.parametrize("kind", SORTED)
def test_errors_are_sorted_by_what_they_mean_with_words_for_the_seller(kind: str) -> None:
    for each in SORTED[kind]:
        error, _, message = each.partition("|")
        for prefix in ("", "product.", "common."):
            assert sort(prefix + error, message).kind == kind, each
    said = refusal(sort(error, message))
    assert said.endswith(".") and not re.search(r"error_|\{|  ", said)


def test_every_documented_error_of_update_stock_has_a_meaning_and_none_means_that_all_is_well() -> None:
    kinds: dict[str, int] = {}
    for error, message in endpoints()[SET]["errors"]:
        kind = sort(error, message).kind
        kinds[kind] = kinds.get(kind, 0) + 1
        assert kind != "fine"
    assert {"locked", "holiday", "place", "theirs", "gone", "unwell", "stop", "renew", "connect"} <= kinds.keys()
    assert meaning({"error": "", "message": "success"}).kind == "fine"


def test_a_day_whose_calls_are_used_up_is_waited_for_until_midnight_in_singapore(world: ShopeeWorld) -> None:
    assert until_midnight(datetime(2026, 11, 22, 12, 0, tzinfo=UTC)) == 4 * 3600
    run(world.channel.orders(None))
    world.shop.faults.day_limit = True
    with pytest.raises(ChannelOut) as out:
        run(world.channel.orders(None))
    assert out.value.kind == "wait" and 3 * 3600 < (out.value.retry_after or 0) <= 4 * 3600


def test_too_many_calls_told_with_status_200_slow_the_channel_down_and_are_made_again(world: ShopeeWorld) -> None:
    listing = world.add("A", 5)
    run(world.channel.listings())
    world.shop.faults.often = 2
    assert push(world, {listing: 3})["outcome"].to_list() == ["accepted"]
    assert world.channel._doors[0].slowed  # type: ignore[attr-defined]


def test_a_shop_that_refuses_more_than_so_many_calls_a_second_is_still_read_whole() -> None:
    world = make(calls_per_second=3)
    ids = [world.add(f"S{n}", n) for n in range(60)]
    models = [key for n in range(12) for key in world.add_variants(f"V{n}", [1, 2])]
    assert sorted(run(world.channel.listings()).frame["listing"]) == sorted(ids + models)


def test_trouble_of_shopees_own_told_with_200_may_have_been_applied_and_is_unknown(world: ShopeeWorld) -> None:
    listing = world.add("A", 5)
    asked = changes(run(world.channel.listings()).frame, {listing: 3})
    world.shop.faults.busy = 1
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["unknown"] and results["kind"].to_list() == ["host"]


@pytest.mark.parametrize("deed", ["banned", "address", "write"])
def test_what_only_a_person_can_mend_at_shopee_stops_the_channel_with_words(world: ShopeeWorld, deed: str) -> None:
    first, second = world.add("A", 5), world.add("B", 5)
    asked = changes(run(world.channel.listings()).frame, {first: 3, second: 3})
    world.shop.status = "BANNED" if deed == "banned" else "NORMAL"
    world.shop.faults.address_unknown, world.shop.may_write = deed == "address", deed != "write"
    before = world.writes()
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["not_sent"] * 2 and results["kind"].to_list() == ["access"] * 2
    assert world.writes() == before + 1, "the second is not tried"


def test_missing_permissions_are_named_together_R5(world: ShopeeWorld) -> None:
    world.shop.may_write = False
    with pytest.raises(ChannelOut, match="write stock") as out:
        run(world.channel.account())
    assert out.value.kind == "access" and "Seller In House System" in out.value.fix


def test_a_frozen_shop_is_told_and_not_worked_with(world: ShopeeWorld) -> None:
    world.shop.status = "FROZEN"
    with pytest.raises(ChannelOut, match="closed the shop"):
        run(world.channel.account())


# --- listings ---------------------------------------------------------------------------------------------------------


def test_the_account_says_when_the_yes_ends(world: ShopeeWorld) -> None:
    account = run(world.channel.account())
    assert account.access_ends == world.shop.authorised_at + timedelta(days=365)
    assert (account.country, account.currency, account.locations) == ("SG", "SGD", ())


def test_a_list_too_long_for_its_offsets_is_read_in_slices_of_time() -> None:
    world = make(largest_offset=150)
    ids = []
    for n in range(420):
        ids.append(world.add(f"S{n}", n))
        world.clock.advance(30)
    found = run(world.channel.listings())
    assert found.complete and sorted(found.frame["listing"]) == sorted(ids)
    world.validate()


def test_an_item_that_changes_while_the_pages_are_read_is_not_lost_I16(world: ShopeeWorld) -> None:
    ids = [world.add(f"S{n}", n) for n in range(150)]
    world.clock.advance(60)
    plain, pages = world.shop.on_exchange, []

    def meanwhile(request: Any, response: Any) -> None:
        plain(request, response)  # type: ignore[misc]
        if request.path.endswith("get_item_list"):
            pages.append(1)
            if len(pages) == 1:
                world.shop.type_quantity(ids[3], 77)  # it moves to the end, and item 100 past our reading place

    world.shop.on_exchange = meanwhile
    found = run(world.channel.listings())
    assert found.complete and sorted(found.frame["listing"]) == sorted(ids) and len(pages) == 4


def test_kits_and_deleted_items_are_left_out_and_hidden_ones_are_inactive(world: ShopeeWorld) -> None:
    normal, kit, gone, hidden = (world.add(sku, 3) for sku in ("A", "KIT", "GONE", "HIDDEN"))
    world.shop.items[int(kit)].kit = True
    world.shop.set_status(int(gone), "SELLER_DELETE")
    world.shop.set_status(int(hidden), "UNLIST")
    found = run(world.channel.listings())
    assert dict(found.frame.select("listing", "status").iter_rows()) == {normal: "active", hidden: "inactive"}
    assert found.complete and found.issues == ("1 kit is made of other listings, whose stock counts; it is left out.",)


def test_what_shopee_keeps_and_ships_is_marked_and_never_pushed(world: ShopeeWorld) -> None:
    theirs = world.add("FBS", None)
    row = run(world.channel.listings()).frame.row(0, named=True)
    assert (row["fulfilled_by"], row["managed"], row["quantity"]) == ("marketplace", False, None)
    assert push(world, {theirs: 4})["outcome"].to_list() == ["refused"]


def test_a_model_has_its_sku_options_and_barcode_and_00_is_none(world: ShopeeWorld) -> None:
    world.shop.add_product("Shirt", [
        {"sku": "S-R", "options": {"Colour": "Red", "Size": "S"}, "quantity": 3, "barcode": "4006381333931"},
        {"sku": "", "options": {"Colour": "Blue", "Size": "S"}, "quantity": 4, "barcode": "00"},
    ], "SHIRT")  # fmt: skip
    first, second = run(world.channel.listings()).frame.iter_rows(named=True)
    assert (first["sku"], first["options"], first["barcode"]) == ("S-R", "Colour: Red, Size: S", "4006381333931")
    assert (second["sku"], second["barcode"]) == ("SHIRT", None)


@pytest.mark.parametrize(
    "answer", [{}, {"error": "", "response": {}}, {"error": "", "response": None}, {"error": "", "response": []}]
)
def test_an_answer_without_what_was_asked_for_is_no_empty_shop_I11(answer: object) -> None:
    world = make()
    world.add("A", 5)
    world.sell("34001", 1)
    run(world.channel.listings())

    async def hollow(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answer)

    world.channel._doors[0]._client._transport = httpx.MockTransport(hollow)  # type: ignore[attr-defined]
    with pytest.raises(ChannelOut):
        run(world.channel.listings())
    if answer != {"error": "", "response": {}}:  # an order list without orders looks like that
        with pytest.raises(ChannelOut):
            run(world.channel.orders(None))


# --- several warehouses -----------------------------------------------------------------------------------------------

TWO = {"SGA": "North", "SGB": "South"}


def test_a_shop_with_several_warehouses_must_say_which_and_they_are_named() -> None:
    world = make(warehouses=TWO)
    world.add("A", 5)
    with pytest.raises(ChannelOut, match=r"North \(SGA\), South \(SGB\)") as out:
        run(world.channel.listings())
    assert out.value.kind == "access" and "location" in out.value.fix


@pytest.mark.parametrize("place", ["South", "sgb"])
def test_one_warehouse_is_read_and_set_and_the_other_is_left_alone(place: str) -> None:
    world = make(warehouses=TWO, place=place)
    listing = str(world.shop.add_simple("A", "Thing", {"SGA": 4, "SGB": 6}))
    elsewhere = str(world.shop.add_simple("B", "Thing", {"SGA": 4}))
    found = run(world.channel.listings()).frame
    assert found["quantity"].to_list() == [6, None] and found["managed"].to_list() == [True, False]
    assert push(world, {listing: 1})["outcome"].to_list() == ["accepted"]
    assert world.shop.model(listing).stock == {"SGA": 4, "SGB": 1} and world.shop.model(elsewhere).stock == {"SGA": 4}
    assert run(world.channel.account()).locations == ("North", "South")
    world.validate()


def test_an_order_that_another_warehouse_sends_takes_nothing_of_ours() -> None:
    world = make(warehouses=TWO, place="South")
    listing = str(world.shop.add_simple("A", "Thing", {"SGA": 4, "SGB": 6}))
    world.shop.book_order([(listing, 2)], location="SGA")
    row = lines(world)[listing]
    assert (row["ordered"], row["open"], row["holds"]) == (0, 0, False)


def test_a_warehouse_that_changed_is_asked_for_anew_after_a_refusal() -> None:
    world = make(warehouses=TWO, place="South")
    listing = str(world.shop.add_simple("A", "Thing", {"SGA": 4, "SGB": 6}))
    asked = changes(run(world.channel.listings()).frame, {listing: 1})
    world.shop.model(listing).stock = {"SGA": 4}
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["refused"] and "another warehouse" in results["message"][0]
    before = len(world.asked("get_warehouse_detail"))
    run(world.channel.listings())
    assert len(world.asked("get_warehouse_detail")) == before + 1


# --- orders -----------------------------------------------------------------------------------------------------------


def test_windows_are_of_15_days_at_most_and_leave_no_gap() -> None:
    spans = windows(0, 400 * 86_400)
    assert all(0 < end - begin <= 15 * 86_400 for begin, end in spans)
    assert [end for _, end in spans[:-1]] == [begin for begin, _ in spans[1:]] and spans[-1][1] == 400 * 86_400


def test_nothing_about_buyers_is_asked_for_R8(world: ShopeeWorld) -> None:
    world.sell(world.add("A", 5), 1)
    run(world.channel.orders(None))
    asked = {value for request, _ in world.exchanges for _, value in request.query}
    assert not re.search("buyer|recipient|address|phone|note|invoice", ",".join(asked))


STATUSES = {
    "UNPAID": (3, 0), "PENDING": (3, 0), "INVOICE_PENDING": (3, 0), "READY_TO_SHIP": (3, 0), "RETRY_SHIP": (3, 0),
    "PROCESSED": (3, 0), "IN_CANCEL": (3, 0), "SHIPPED": (0, 3), "TO_CONFIRM_RECEIVE": (0, 3), "COMPLETED": (0, 3),
    "TO_RETURN": (0, 3), "CANCELLED": (0, 0), "A_NEW_WORD": (3, 0),
}  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_means_allocated_shipped_or_free_and_a_new_one_is_allocated(
    world: ShopeeWorld, status: str
) -> None:
    listing = world.add("A", 10)
    world.shop.book_order([(listing, 3)], status)
    row = lines(world)[listing]
    assert (row["open"], row["shipped"]) == STATUSES[status] and row["state"] == status
    assert (row["freed_at"] is not None) == (status == "CANCELLED")


def test_units_that_somebody_asks_to_cancel_stay_allocated_until_it_is_agreed(world: ShopeeWorld) -> None:
    listing = world.add("A", 10)
    order = world.sell(listing, 3)
    world.shop.ask_cancel(order)
    assert lines(world)[listing]["open"] == 3
    world.shop.refuse_cancel(order)
    assert lines(world)[listing]["open"] == 3
    world.shop.cancel(order)
    assert lines(world)[listing]["open"] == 0


def test_two_models_of_an_item_in_one_order_are_two_lines_and_a_bundle_deal_is_one(world: ShopeeWorld) -> None:
    small, large = world.add_variants("V", [9, 9])
    order = world.shop.book_order([(small, 1), (large, 2), (small, 3)])
    found = run(world.channel.orders(world.clock.now() - OVERLAP))
    assert sorted(found.frame.select("listing", "ordered").iter_rows()) == [(small, 4), (large, 2)]
    assert found.partial == () and found.issues == ()
    world.shop.ship(order.sn, 1)
    assert lines(world)[small]["shipped"] == 1 and lines(world)[small]["open"] == 3


def test_a_parcel_that_comes_back_undelivered_was_shipped_and_has_come_back(world: ShopeeWorld) -> None:
    listing = world.add("A", 10)
    order = world.sell(listing, 3)
    world.shop.ship(order)
    world.shop.lose_delivery(order)
    row = lines(world)[listing]
    assert (row["open"], row["shipped"], row["returned"], row["freed_at"]) == (0, 3, 3, None)
    assert world.shown(listing) == 7, "Shopee does not put it up again"


def test_what_shopee_sends_is_marked_and_not_ours(world: ShopeeWorld) -> None:
    theirs, ours = world.add("FBS", None), world.add("A", 9)
    world.sell(theirs, 1)
    advance = world.shop.book_order([(ours, 1)])
    advance.advance = True
    world.shop.pay(advance.sn)
    assert {row["fulfilled_by"] for row in lines(world).values()} == {"marketplace"}


def test_an_order_that_changes_while_the_list_is_read_is_not_lost_I16(world: ShopeeWorld) -> None:
    listing = world.add("A", 500)
    orders = []
    for _ in range(150):
        orders.append(world.sell(listing, 1))
        world.clock.advance(10)
    world.clock.advance(60)
    plain, pages = world.shop.on_exchange, []

    def meanwhile(request: Any, response: Any) -> None:
        plain(request, response)  # type: ignore[misc]
        pages.append(request.path.endswith("get_order_list"))
        if pages.count(True) == 1 and pages[-1]:
            world.clock.advance(5)
            world.shop.arrange(orders[0])  # it leaves its place, and order 101 moves past our reading place

    world.shop.on_exchange = meanwhile
    found = run(world.channel.orders(world.clock.now() - timedelta(hours=2)))
    assert sorted(found.frame["order"]) == sorted(orders)


# --- push -------------------------------------------------------------------------------------------------------------


def test_a_number_below_a_campaigns_lock_is_set_as_low_as_shopee_takes_it_and_said(world: ShopeeWorld) -> None:
    listing = world.add("A", 9)
    world.shop.campaign(listing, 6)
    (row,) = push(world, {listing: 2}).iter_rows(named=True)
    assert (row["outcome"], row["quantity_after"]) == ("clamped", 6) and world.shown(listing) == 6
    assert row["message"] == (
        "A campaign on Shopee has locked 6 units of it; Shopee takes no lower number before it is over. 6 are set, "
        "the least it takes."
    )
    before = world.writes()
    (row,) = push(world, {listing: 2}).iter_rows(named=True)
    assert (row["outcome"], row["quantity_after"]) == ("refused", 6) and world.writes() == before + 1, (
        "nothing to lower"
    )
    world.clock.advance(2 * 86_400)
    assert push(world, {listing: 2})["outcome"].to_list() == ["accepted"]


def test_a_campaign_that_is_only_agreed_locks_too_and_the_other_models_of_the_call_are_set(world: ShopeeWorld) -> None:
    first, second = world.add_variants("V", [9, 9])
    world.shop.campaign(first, 4, begins=3600)
    results = push(world, {first: 1, second: 1})
    assert results["outcome"].to_list() == ["clamped", "accepted"]
    assert (world.shown(first), world.shown(second)) == (4, 1)


def test_a_raise_under_a_campaign_is_just_set(world: ShopeeWorld) -> None:
    listing = world.add("A", 9)
    world.shop.campaign(listing, 6)
    assert push(world, {listing: 20})["outcome"].to_list() == ["accepted"]


def test_a_shop_in_holiday_mode_refuses_in_words_and_preflight_tells_it_before(world: ShopeeWorld) -> None:
    listing = world.add("A", 9)
    world.shop.holiday = True
    results = push(world, {listing: 2})
    assert results["outcome"].to_list() == ["refused"] and "holiday" in results["message"][0]
    found = run(world.channel.preflight())  # type: ignore[attr-defined]
    assert any(each.sign == "fix" and "holiday" in each.what for each in found)


def test_a_shop_whose_stock_all_lies_at_shopee_is_told_in_preflight() -> None:
    world = make(fulfillment="Pure - FBS Shop")
    found = run(world.channel.preflight())  # type: ignore[attr-defined]
    assert any(each.sign == "fix" and "Shopee's warehouse" in each.what for each in found)


def test_a_call_refused_as_a_whole_for_one_model_is_taken_apart(world: ShopeeWorld) -> None:
    keys = world.add_variants("V", [5] * 7)
    asked = changes(run(world.channel.listings()).frame, dict.fromkeys(keys, 3))
    world.shop.faults.whole_call = True
    world.remove(keys[2])
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["accepted"] * 2 + ["refused"] + ["accepted"] * 4
    assert results["message"][2] == "Shopee has no such listing any more."


def test_a_model_that_the_answer_does_not_name_is_unknown_whatever_the_rest(world: ShopeeWorld) -> None:
    first, second = world.add_variants("V", [5, 5])
    world.shop.faults.silent_models.add(int(first.partition("-")[2]))
    assert push(world, {first: 3, second: 3})["outcome"].to_list() == ["unknown", "accepted"]


def test_a_wrong_field_name_in_our_request_is_refused_by_the_shop_and_by_the_judge(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = make()
    listing = world.add("A", 5)
    monkeypatch.setattr(pushing._Change, "sent", lambda self: {"model_id": self.model, "normal_stock": self.quantity})
    assert push(world, {listing: 3})["outcome"].to_list() == ["refused"] and world.shown(listing) == 5
    with pytest.raises(AssertionError, match="normal_stock"):
        world.validate()


# --- calls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("simple", "items", "models"), [(1, 0, 0), (60, 8, 5), (8_200, 12, 150)])
def test_a_phase_makes_exactly_the_fewest_calls(simple: int, items: int, models: int) -> None:
    """1, 100 and 10,000 changed quantities: one call an item, and one more for each further 50 models of it."""
    world = make()
    rows: list[tuple[object, ...]] = []
    keys = [world.add(f"S{n}", 5) for n in range(simple)]
    keys += [key for n in range(items) for key in world.add_variants(f"V{n}", [5] * models)]
    random.Random(3).shuffle(keys)
    rows = [(key, key, 4, None) for key in keys]
    results = run(world.channel.push(frames.frame(rows, frames.CHANGES), "lower"))
    assert results["outcome"].unique().to_list() == ["accepted"] and len(rows) in (1, 100, 10_000)
    assert world.writes() == simple + items * -(-models // 50)
    assert len([request for request, _ in world.exchanges if request.path != SET]) == 0, "and nothing else"


def test_10_000_listings_are_read_in_the_fewest_calls_there_are() -> None:
    world = make()
    for n in range(4_000):
        world.add(f"S{n}", 5)
    for n in range(600):
        world.add_variants(f"V{n}", [5] * 10)
    found = run(world.channel.listings())
    assert len(found.frame) == 10_000 and found.complete
    calls = {tail: len(world.asked(tail)) for tail in ("get_item_list", "get_item_base_info", "get_model_list")}
    assert calls == {"get_item_list": 46, "get_item_base_info": 92, "get_model_list": 600}
