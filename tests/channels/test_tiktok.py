"""What only TikTok Shop does: each oddity of its documents, errors sorted, calls counted, tokens, signing."""

from __future__ import annotations

import io
import json
import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from agent import frames
from agent.channels import sign_command
from agent.channels.answers import Look
from agent.channels.base import ChannelOut
from agent.channels.tiktok import push as pushing
from agent.channels.tiktok.access import code_of
from agent.channels.tiktok.errors import GENERIC, Meaning, meaning, of_sku, refusal, sort
from agent.channels.tiktok.orders import order_rows
from agent.channels.tiktok.reader import Reader
from agent.channels.tiktok.signing import Signer, of_vector, sign
from agent.channels.tokens import InMemory
from agent.practice.tiktok import Named, Response
from agent.practice.tiktok.stock import TIKTOKS
from tests.channels.doing import OVERLAP, lines, listed, maker, push, run, vectors, watched
from tests.channels.wire.base import changes
from tests.channels.wire.tiktok import SECRET, TikTokWorld

make = maker(TikTokWorld)
world = watched(make)


# --- signing ----------------------------------------------------------------------------------------------------------


def test_a_call_is_signed_as_its_vector_when_it_is_put_on_the_wire() -> None:
    for vector in vectors("tiktok_shop"):
        inputs = vector["inputs"]
        said = dict(inputs.get("query", {}))
        if inputs.get("kind") == "push" or "sign" in said:
            continue
        who, now = said.pop("app_key"), datetime.fromtimestamp(int(said.pop("timestamp")), UTC)
        own = [(name, value) for name, value in inputs["query"] if name in said]
        url = f"https://tiktok.example{inputs['path']}?{urlencode(own)}"
        headers = {"content-type": inputs["content_type"]}
        request = httpx.Request(inputs["method"], url, headers=headers, content=(inputs["body"] or "").encode())
        for _ in range(2):  # a request that comes again is signed anew, not twice
            Signer(who, inputs["app_secret"]).put(request, "TTP_x", now)
        sent = parse_qsl(request.url.query.decode())
        assert [value for name, value in sent if name == "sign"] == [vector["expected_sign"]], vector["id"]
        assert request.headers["x-tts-access-token"] == "TTP_x" and [pair for pair in sent if pair in own] == own


def test_the_bytes_that_are_signed_are_the_bytes_that_are_sent(world: TikTokWorld) -> None:
    """One space more in the body is another signature; the practice shop signs the raw bytes that came."""
    push(world, {world.add("Áo đỏ ☕", 5): 3})
    (request, _) = world.asked("updateInventory")[0]
    query = dict(request.query)
    assert sign(SECRET, request.path, request.query, request.body) == query["sign"]
    assert sign(SECRET, request.path, request.query, request.body.replace(b":", b": ")) != query["sign"]
    assert "access_token" not in query and request.headers["x-tts-access-token"].startswith("TTP_")


def test_the_sign_command_signs_one_vector_and_says_what_it_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    inputs = {"path": "/x", "query": [["app_key", "k"]], "body": None, "app_secret": "s"}
    for said in (inputs, {"id": "x", "inputs": inputs}):
        told = io.StringIO()
        assert sign_command.main("tiktok", of_vector, ["sign"], io.StringIO(json.dumps(said)), told) == 0
        assert re.fullmatch(r"[0-9a-f]{64}\n", told.getvalue())
    for broken in ('{"path": "/x"}', '{"path": "/x", "query": 3, "body": "", "app_secret": "s"}', "no JSON", "[]"):
        assert sign_command.main("tiktok", of_vector, ["sign"], io.StringIO(broken), io.StringIO()) == 2
    assert "Traceback" not in capsys.readouterr().err


# --- tokens and the server's clock ------------------------------------------------------------------------------------


def test_the_code_of_a_yes_is_exchanged_once_and_a_token_of_a_week_is_renewed_R27() -> None:
    keeper = InMemory()
    world = make(tokens=keeper)
    seen = set()
    for _ in range(4):
        run(world.channel.orders(world.clock.now() - OVERLAP))
        tokens = keeper.read()
        assert tokens is not None and tokens.refresh not in seen
        seen.add(tokens.refresh)
        world.clock.advance(7 * 86_400)
    assert (len(world.asked("getToken")), len(world.asked("refreshToken"))) == (1, 3)
    world.validate()


@pytest.mark.parametrize("ahead", [-86_400, 0, 86_400])
def test_the_ends_that_tiktok_tells_by_its_own_clock_are_kept_by_ours(ahead: float) -> None:
    keeper = InMemory()
    world = make(tokens=keeper)
    world.shop.faults.clock_ahead = ahead
    world.shop.refresh_life = timedelta(days=365)
    asked = world.clock.now()
    account = run(world.channel.account())
    tokens = keeper.read()
    assert tokens is not None and tokens.access_ends == asked + timedelta(days=7)
    assert account.access_ends == tokens.refresh_ends == asked + timedelta(days=365)


@pytest.mark.parametrize("status", [None, 200, 400])
def test_a_token_that_is_refused_is_renewed_once_whatever_the_status_and_a_push_goes_on(
    world: TikTokWorld, status: int | None
) -> None:
    listing = world.add("A", 5)
    asked = changes(listed(world), {listing: 3})
    world.shop.gateway_status = status
    world.shop.end_access_tokens()
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["accepted"]
    assert len(world.asked("refreshToken")) == 1 and world.shown(listing) == 3


def test_a_refresh_token_that_is_used_up_asks_for_a_new_yes_in_words(world: TikTokWorld) -> None:
    run(world.channel.orders(None))
    for pair in world.shop.pairs:
        pair.used = True
    world.shop.end_access_tokens()
    with pytest.raises(ChannelOut, match="Invalid refresh token") as out:
        run(world.channel.orders(None))
    assert out.value.kind == "access" and "stocksheet connect my-shop" in out.value.fix


def test_the_address_of_a_yes_is_read_and_others_are_told_in_words() -> None:
    assert code_of("s", "https://localhost/?app_key=k&code=ROW_abc&locale=en") == "ROW_abc"
    for wrong in ("https://localhost/?app_key=k", "https://seller.tiktok.com/", "nothing"):
        with pytest.raises(ChannelOut, match="no code in it"):
            code_of("s", wrong)


# --- which shop -------------------------------------------------------------------------------------------------------


def test_a_yes_to_several_shops_must_say_which_and_they_are_named() -> None:
    others = (Named("7494726673780148799", "South", "ROW_other", "GB"),)
    world = make(name="North", others=others)
    with pytest.raises(ChannelOut, match=r"North \(7494726673780148744\), South \(7494726673780148799\)") as out:
        listed(world)
    assert out.value.kind == "access" and "name the shop" in out.value.fix
    world.channel._shops._wanted = "north"  # type: ignore[attr-defined]
    assert run(world.channel.account()).id == "7494726673780148744"
    world.channel._shops._wanted = "west"  # type: ignore[attr-defined]
    world.channel._shops.forget()  # type: ignore[attr-defined]
    with pytest.raises(ChannelOut, match="no shop called west"):
        listed(world)


def test_the_cipher_goes_with_each_call_of_a_shop_and_with_no_other(world: TikTokWorld) -> None:
    world.sell(world.add("A", 5), 1)
    run(world.channel.account())
    run(world.channel.orders(None))
    listed(world)
    for request, _ in world.exchanges:
        wanted = world.shop.own.cipher if "/authorization/" not in request.path else None
        assert dict(request.query).get("shop_cipher") == wanted, request.path


# --- errors -----------------------------------------------------------------------------------------------------------

SORTED = {
    "renew": [105002], "connect": [105001, 36004001, 36004004, 36004005], "key": [101000, 106001], "scope": [105005],
    "stop": [36009033, 36009043, 36009044], "often": [36009002], "hour": [36009037],
    "unwell": [36009003, 36009007, 12052109, 12052881, 12001000, 33001002],
    "bug": [106013, 36009009, 36009010, 36009014, 36009022, 36009023, 12052050],
    "places": [12019022, 12019028, 12052037, 12052097], "theirs": [12052144], "count": [12019024, 12052055],
    "gone": [12052031], "closed": [12052032, 12052036, 12052048, 12052141], "no_sku": [12052557],
    "item": [4_000_000, -1], "fine": [0],
}  # fmt: skip


@pytest.mark.parametrize("kind", SORTED)
def test_errors_are_sorted_by_what_they_mean_with_words_for_the_seller(kind: str) -> None:
    for code in SORTED[kind]:
        assert sort(code, "Said by TikTok.").kind == kind, code
    for message in ("Said by TikTok.", ""):
        said = refusal(Meaning(kind, message))  # type: ignore[arg-type]
        assert said.endswith(".") and not re.search(r"\{|\[|  |\.\.", said)


def test_a_general_error_is_the_clocks_where_it_says_so_and_no_code_is_trouble() -> None:
    assert sort(GENERIC, "Invalid params: Timestamp is expired").kind == "clock"
    assert sort(GENERIC, "Invalid params: page_size").kind == "item"
    for nothing in ({}, [], None, {"message": "Success"}, {"code": None}):
        assert meaning(nothing).kind == "unwell", nothing


def test_of_a_skus_errors_the_most_precise_one_counts() -> None:
    extra = {"warehouse_id": "1", "code": 12019024, "message": "Stock count is invalid."}
    error = {
        "code": 12052037,
        "message": "Couldn't update inventory",
        "detail": {"sku_id": "5", "extra_errors": [extra]},
    }
    assert of_sku(error).kind == "count"
    assert of_sku({**error, "detail": {"sku_id": "5"}}).kind == "places"
    assert of_sku({**error, "detail": {"extra_errors": [{**extra, "code": 12019028}]}}).kind == "places"
    assert of_sku({}).kind == "item"


def test_too_many_calls_told_with_status_200_slow_the_channel_down_and_are_made_again(world: TikTokWorld) -> None:
    listing = world.add("A", 5)
    asked = changes(listed(world), {listing: 3})
    world.shop.faults.often = 2
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["accepted"]
    assert world.channel._doors[0].slowed  # type: ignore[attr-defined]


def test_a_test_shop_whose_hour_is_used_up_is_left_alone_for_a_while(world: TikTokWorld) -> None:
    run(world.channel.orders(None))
    world.shop.faults.test_shop = True
    with pytest.raises(ChannelOut) as out:
        run(world.channel.orders(None))
    assert out.value.kind == "wait" and (out.value.retry_after or 0) >= 600


def test_trouble_of_tiktoks_own_told_with_200_may_have_been_applied_and_is_unknown(world: TikTokWorld) -> None:
    listing = world.add("A", 5)
    asked = changes(listed(world), {listing: 3})
    world.shop.faults.busy = 1
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["unknown"] and results["kind"].to_list() == ["host"]


@pytest.mark.parametrize("deed", ["inactive", "address", "write"])
def test_what_only_a_person_can_mend_at_tiktok_stops_the_channel_with_words(world: TikTokWorld, deed: str) -> None:
    first, second = world.add("A", 5), world.add("B", 5)
    asked = changes(listed(world), {first: 3, second: 3})
    world.shop.active, world.shop.faults.address_unknown = deed != "inactive", deed == "address"
    if deed == "write":
        world.shop.missing.add("updateInventory")
    before = world.writes()
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["not_sent"] * 2 and results["kind"].to_list() == ["access"] * 2
    assert world.writes() == before + 1, "the second is not tried"


def test_missing_permissions_are_named_together_R5(world: TikTokWorld) -> None:
    world.shop.missing |= {"updateInventory", "searchReturns"}
    with pytest.raises(ChannelOut, match="to read returns and to write stock") as out:
        run(world.channel.account())
    assert out.value.kind == "access" and "partner.tiktokshop.com" in out.value.fix


# --- listings ---------------------------------------------------------------------------------------------------------


def test_the_account_says_who_where_and_in_what_money(world: TikTokWorld) -> None:
    account = run(world.channel.account())
    assert (account.name, account.country, account.currency) == ("Practice shop", "GB", "GBP")
    assert account.locations == ("Main warehouse",)


def test_a_sku_has_its_options_and_a_blank_one_its_barcode_from_its_own_page_asked_for_once(world: TikTokWorld) -> None:
    world.shop.add_product("Shirt", [
        {"sku": "S-R", "options": {"Colour": "Red", "Size": "S"}, "quantity": 3},
        {"sku": "S-B", "options": {"Colour": "Blue", "Size": "S"}, "quantity": 4},
    ])  # fmt: skip
    blank = world.shop.add_simple("", "Mug", 5, barcode="4006381333931")
    plain = world.add("PLAIN", 6)
    rows = {row["listing"]: row for row in listed(world).iter_rows(named=True)}
    assert {row["options"] for row in rows.values()} == {"Colour: Red, Size: S", "Colour: Blue, Size: S", None}
    assert (rows[blank]["sku"], rows[blank]["barcode"]) == (None, "4006381333931")
    assert rows[plain]["link"] == f"https://shop.tiktok.com/view/product/{rows[plain]['product']}?region=GB"
    assert (rows[plain]["price"], rows[plain]["currency"]) == ("9.90", "GBP")
    assert len(world.asked("getProduct")) == 2
    assert run(world.channel.listings()).frame.equals(listed(world)) and len(world.asked("getProduct")) == 2


def test_a_fresh_read_of_known_listings_shows_all_that_a_whole_one_does_in_one_call(world: TikTokWorld) -> None:
    keys = world.add_variants("V", [3, 4, 5]) + [world.add(f"S{n}", n) for n in range(40)]
    before = listed(world).sort("listing")
    calls = len(world.exchanges)
    fresh = run(world.channel.listings(only=keys, lane="raise")).frame
    assert fresh.sort("listing").equals(before) and len(world.exchanges) == calls + 1
    world.sell(keys[0], 2)
    assert run(world.channel.listings(only=[keys[0]])).frame["quantity"].to_list() == [1]


def test_a_product_that_is_edited_while_the_pages_are_read_is_not_lost_I16(world: TikTokWorld) -> None:
    ids = [world.add(f"S{n}", n) for n in range(150)]
    plain, pages = world.shop.on_exchange, []

    def meanwhile(request: Any, response: Any) -> None:
        plain(request, response)  # type: ignore[misc]
        if request.path.endswith("products/search"):
            pages.append(1)
            if len(pages) == 1:  # one of the first page goes, and the 101st past our reading place
                del world.shop.products[world.shop.skus[ids[-1]].product.id]

    world.shop.on_exchange = meanwhile
    found = run(world.channel.listings())
    assert found.complete and set(ids[:-1]) <= set(found.frame["listing"]) and len(pages) == 4


def test_a_shop_that_never_shows_as_many_as_it_counts_is_not_complete(world: TikTokWorld) -> None:
    world.add("A", 5)
    world.add("B", 5)

    def short(found: Any, _: Any) -> None:
        found.get("data", {}).get("products", [])[1:] = []

    world.wire._spoil = short
    world.wire.spoiled.add("yes")
    found = run(world.channel.listings())
    assert not found.complete and found.issues == (
        "my-shop counts 2 products but showed 1; this read is not complete.",
    )


STATUSES = {
    "ACTIVATE": "active", "SELLER_DEACTIVATED": "inactive", "PLATFORM_DEACTIVATED": "inactive", "FREEZE": "inactive",
    "PENDING": "inactive", "FAILED": "inactive", "DRAFT": None, "DELETED": None, "A_NEW_WORD": "inactive",
}  # fmt: skip


def test_each_status_of_a_product_is_active_inactive_or_left_out(world: TikTokWorld) -> None:
    ids = {status: world.add(status, 3) for status in STATUSES}
    for status, listing in ids.items():
        world.shop.set_status(world.shop.skus[listing].product.id, status)
    found = run(world.channel.listings())
    shown = dict(found.frame.select("listing", "status").iter_rows())
    assert {status: shown.get(listing) for status, listing in ids.items()} == STATUSES and found.complete


def test_a_deactivated_sku_is_inactive(world: TikTokWorld) -> None:
    first, second = world.add_variants("V", [1, 2])
    world.shop.skus[second].status = "DEACTIVATED"
    assert dict(listed(world).select("listing", "status").iter_rows()) == {first: "active", second: "inactive"}


def test_what_tiktok_keeps_and_ships_is_marked_and_never_pushed(world: TikTokWorld) -> None:
    theirs = world.add("FBT", None)
    row = listed(world).row(0, named=True)
    assert (row["fulfilled_by"], row["managed"], row["quantity"]) == ("marketplace", False, None)
    assert push(world, {theirs: 4})["outcome"].to_list() == ["refused"]


@pytest.mark.parametrize("answer", [{}, {"code": 0}, {"code": 0, "data": None}, {"code": 0, "data": []},
                                    {"code": 0, "data": {}}, {"code": 0, "data": {"orders": None}}])  # fmt: skip
def test_an_answer_without_what_was_asked_for_is_no_empty_shop_I11(answer: object) -> None:
    world = make()
    world.sell(world.add("A", 5), 1)
    listed(world)

    async def hollow(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answer)

    world.channel._doors[0]._client._transport = httpx.MockTransport(hollow)  # type: ignore[attr-defined]
    for ask in (world.channel.listings, lambda: world.channel.orders(None)):
        with pytest.raises(ChannelOut):
            run(ask())  # type: ignore[operator]


# --- several warehouses -----------------------------------------------------------------------------------------------

NORTH, SOUTH = "7068517275539719001", "7068517275539719002"
TWO = {NORTH: "North", SOUTH: "South"}


def two(place: str = "South", stock: tuple[int, int] = (4, 6)) -> tuple[TikTokWorld, str]:
    world = make(warehouses=TWO, place=place)
    return world, world.shop.add_simple("A", "Thing", dict(zip(TWO, stock, strict=True)))


def test_a_shop_with_several_warehouses_must_say_which_and_they_are_named() -> None:
    world, _ = two("")
    with pytest.raises(ChannelOut, match=rf"North \({NORTH}\), South \({SOUTH}\)") as out:
        listed(world)
    assert out.value.kind == "access" and "location" in out.value.fix


@pytest.mark.parametrize("place", ["South", SOUTH])
def test_every_warehouse_of_a_sku_is_written_ours_anew_and_the_others_as_they_are(place: str) -> None:
    world, listing = two(place)
    elsewhere = world.shop.add_simple("B", "Thing", {NORTH: 4})
    found = {row["listing"]: row for row in listed(world).iter_rows(named=True)}
    assert (found[listing]["quantity"], found[listing]["managed"]) == (6, True)
    assert (found[elsewhere]["managed"], found[elsewhere]["fulfilled_by"]) == (False, "seller")
    world.sell(listing, 0)
    world.shop.book_order([(listing, 1)], warehouse=NORTH)
    assert push(world, {listing: 1})["outcome"].to_list() == ["accepted"]
    assert world.shop.skus[listing].stock == {NORTH: 3, SOUTH: 1}, "what was sold in the north stays sold"
    assert run(world.channel.account()).locations == ("North", "South")
    world.validate()


def test_tiktoks_own_warehouse_is_never_written_beside_ours() -> None:
    world = make()
    listing = world.shop.add_simple("A", "Thing", {world.shop.warehouses[0].id: 5, TIKTOKS: 30})
    assert listed(world)["quantity"].to_list() == [5]
    assert push(world, {listing: 2})["outcome"].to_list() == ["accepted"]
    assert world.shop.skus[listing].stock[TIKTOKS] == 30 and world.shown(listing) == 2


def test_an_order_that_another_warehouse_sends_takes_nothing_of_ours() -> None:
    world, listing = two()
    world.shop.book_order([(listing, 2)], warehouse=NORTH)
    row = lines(world)[listing]
    assert (row["ordered"], row["open"], row["holds"]) == (0, 0, False)


def test_a_sku_that_got_a_second_warehouse_since_it_was_read_is_read_again_and_set() -> None:
    world = make()
    first, second = world.add_variants("V", [5, 5])
    asked = changes(listed(world), {first: 3, second: 2})
    world.shop.warehouses.append(type(world.shop.warehouses[0])(NORTH, "North"))
    world.shop.skus[first].stock[NORTH] = 7
    world.channel._warehouses._wanted = "main warehouse"  # type: ignore[attr-defined]
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["accepted"] * 2 and world.writes() == 2
    assert world.shop.skus[first].stock == {world.shop.warehouses[0].id: 3, NORTH: 7}


def test_a_second_warehouse_of_which_nothing_is_said_stops_the_push_in_words() -> None:
    world = make()
    first, second = world.add("A", 5), world.add("B", 5)
    asked = changes(listed(world), {first: 3, second: 3})
    world.shop.warehouses.append(type(world.shop.warehouses[0])(NORTH, "North"))
    world.shop.skus[first].stock[NORTH] = 7
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["not_sent"] * 2 and results["kind"].to_list() == ["access"] * 2
    assert "several warehouses" in results["message"][0]


def test_a_sku_that_moved_between_the_read_and_the_push_is_sent_once_more() -> None:
    world, listing = two()
    asked = changes(listed(world), {listing: 1})
    plain = world.shop.on_exchange

    def meanwhile(request: Any, response: Any) -> None:
        plain(request, response)  # type: ignore[misc]
        if request.path.endswith("inventory/search"):
            world.shop.skus[listing].stock.pop(NORTH, None)

    world.shop.on_exchange = meanwhile
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["accepted"]
    assert world.shop.skus[listing].stock == {SOUTH: 1} and world.writes() == 2


def test_a_warehouse_in_holiday_mode_is_told_in_preflight(world: TikTokWorld) -> None:
    for status, word in (("RESTRICTED", "holiday mode"), ("DISABLED", "switched off")):
        world.shop.warehouses[0].status = status
        found = run(world.channel.preflight())  # type: ignore[attr-defined]
        assert any(each.sign == "fix" and word in each.what for each in found)


# --- orders -----------------------------------------------------------------------------------------------------------


def test_nothing_about_buyers_comes_in_though_tiktok_tells_it_unasked_R8(world: TikTokWorld) -> None:
    world.sell(world.add("A", 5), 1)
    found = run(world.channel.orders(None))
    assert b"Ada Buyer" in world.asked("getOrderList")[-1][1].body
    assert not re.search("Ada|buyer|example|44", repr(found.frame.rows()))


def test_units_are_folded_into_one_line_a_sku_whatever_way_each_goes(world: TikTokWorld) -> None:
    mug, cup = world.add("MUG", 10), world.add("CUP", 10)
    order = world.shop.book_order([(mug, 3), (cup, 1), (mug, 2)]).id
    found = lines(world)
    assert (found[mug]["ordered"], found[cup]["ordered"]) == (5, 1) and len(found) == 2
    world.shop.cancel_units(order, mug, 1)
    world.shop.ship(order, 2)
    row = lines(world)[mug]
    assert (row["ordered"], row["open"], row["shipped"], row["state"]) == (5, 2, 2, "PARTIALLY_SHIPPING")
    assert row["freed_at"] == row["shipped_at"] == world.clock.now()


ORDERS = {
    "UNPAID": (3, 0), "ON_HOLD": (3, 0), "AWAITING_SHIPMENT": (3, 0), "AWAITING_COLLECTION": (3, 0),
    "IN_TRANSIT": (0, 3), "DELIVERED": (0, 3), "COMPLETED": (0, 3), "CANCELLED": (0, 0), "A_NEW_WORD": (3, 0),
}  # fmt: skip


@pytest.mark.parametrize("status", ORDERS)
def test_each_status_means_allocated_shipped_or_free_and_a_new_one_is_allocated(
    world: TikTokWorld, status: str
) -> None:
    listing = world.add("A", 10)
    world.shop.book_order([(listing, 3)], status)
    row = lines(world)[listing]
    assert (row["open"], row["shipped"]) == ORDERS[status] and row["state"] == status
    assert (row["freed_at"] is not None) == (status == "CANCELLED")


def test_a_buyer_who_asks_to_cancel_frees_nothing_until_it_is_agreed(world: TikTokWorld) -> None:
    listing = world.add("A", 10)
    order = world.sell(listing, 3)
    world.shop.ask_cancel(order)
    assert lines(world)[listing]["open"] == 3
    world.shop.cancel(order, "BUYER")
    assert lines(world)[listing]["open"] == 0


def test_of_a_virtual_bundle_its_parts_are_ordered(world: TikTokWorld) -> None:
    mug, box = world.add("MUG", 10), world.add("BOX", 10)
    gift = world.shop.add_bundle("GIFT", "Gift box", {mug: 2, box: 1})
    order = world.shop.book_order([(gift, 2), (mug, 1)]).id
    found = lines(world)
    assert {listing: row["open"] for listing, row in found.items()} == {mug: 5, box: 2}
    assert (world.shown(mug), world.shown(box)) == (5, 8) and found[mug]["sku"] == "MUG"
    world.shop.ship(order)
    assert {listing: row["shipped"] for listing, row in lines(world).items()} == {mug: 5, box: 2}
    results = push(world, {gift: 1})
    assert results["outcome"].to_list() == ["refused"] and "divides it itself" in results["message"][0]


def test_parts_of_a_bundle_that_have_states_of_their_own_go_their_own_ways(world: TikTokWorld) -> None:
    ask = Reader("my-shop", world.channel._doors[0], "orders", Look())  # type: ignore[attr-defined]
    parts = [{"id": "21", "sku_id": "5", "seller_sku": "MUG", "display_status": "IN_TRANSIT"},
             {"id": "22", "sku_id": "5", "seller_sku": "MUG", "display_status": "AWAITING_SHIPMENT"}]  # fmt: skip
    line = {"id": "1", "sku_id": "9", "display_status": "AWAITING_SHIPMENT", "sub_item_info": parts,
            "combined_listing_skus": [{"sku_id": "5", "sku_count": 2}]}  # fmt: skip
    order: dict[str, object] = {"id": "7", "status": "PARTIALLY_SHIPPING", "create_time": 1, "line_items": [line]}
    (row,) = (
        dict(zip(frames.ORDER_LINES, each, strict=False)) for each in order_rows("s", order, None, frozenset(), ask)
    )
    assert (row["listing"], row["ordered"], row["open"], row["shipped"]) == ("5", 2, 1, 1)
    broken: dict[str, object] = {**order, "line_items": [line, {"id": "2", "sku_id": "MUG"}]}
    assert len(order_rows("s", broken, None, frozenset(), ask)) == 1 and ask.look.partial == ["7"]
    order_rows("s", {"id": "8"}, None, frozenset(), ask)
    assert "8" in ask.look.partial, "lines that are not told are not no lines"


def test_orders_that_are_all_gone_may_leave_the_list_out(world: TikTokWorld) -> None:
    def bare(found: Any, _: Any) -> None:
        if found.get("data", {}).get("orders") == []:
            del found["data"]["orders"]

    run(world.channel.orders(None))
    world.wire._spoil = bare
    world.wire.spoiled.add("yes")
    found = run(world.channel.orders(world.clock.now(), also=["576461413038785999", "nonsense"]))
    assert found.gone == ("576461413038785999", "nonsense") and found.frame.is_empty()


def test_what_tiktok_sends_is_marked_and_not_ours(world: TikTokWorld) -> None:
    world.sell(world.add("FBT", None), 1)
    assert {row["fulfilled_by"] for row in lines(world).values()} == {"marketplace"}


def test_a_parcel_that_comes_back_undelivered_was_shipped_and_has_come_back(world: TikTokWorld) -> None:
    listing = world.add("A", 10)
    order = world.sell(listing, 3)
    world.shop.ship(order)
    world.shop.lose_delivery(order)
    row = lines(world)[listing]
    assert (row["open"], row["shipped"], row["returned"], row["freed_at"]) == (0, 3, 3, None)
    assert world.shown(listing) == 7, "TikTok does not put it up again"


def test_units_come_back_when_they_are_here_and_a_refund_alone_brings_nothing(world: TikTokWorld) -> None:
    listing = world.add("A", 10)
    order = world.sell(listing, 4)
    world.shop.ship(order)
    world.clock.advance(86_400)
    world.shop.send_back(order, listing, 1, kind="REFUND")
    waiting = world.shop.send_back(order, listing, 2, status="BUYER_SHIPPED_ITEM")
    assert lines(world, world.clock.now() - timedelta(days=2))[listing]["returned"] == 0
    world.clock.advance(86_400)
    world.shop.set_return(waiting, "RETURN_OR_REFUND_REQUEST_COMPLETE")
    row = lines(world)[listing]
    assert (row["shipped"], row["returned"]) == (4, 2), "the order itself did not change; its return did"


def test_an_order_that_changes_while_the_list_is_read_is_not_lost_I16(world: TikTokWorld) -> None:
    listing = world.add("A", 500)
    orders = []
    for _ in range(150):
        orders.append(world.sell(listing, 1))
        world.clock.advance(10)
    plain, pages = world.shop.on_exchange, []

    def meanwhile(request: Any, response: Any) -> None:
        plain(request, response)  # type: ignore[misc]
        pages.append(request.path.endswith("orders/search"))
        if pages.count(True) == 1 and pages[-1]:
            world.shop.arrange(orders[0])  # it leaves its place, and order 101 moves past our reading place

    world.shop.on_exchange = meanwhile
    found = run(world.channel.orders(world.clock.now() - timedelta(hours=2)))
    assert sorted(found.frame["order"]) == sorted(orders)


def test_an_open_order_that_is_pushed_out_of_its_place_by_others_is_not_lost_I16(world: TikTokWorld) -> None:
    """One leaves the list of a status and another comes: its count alone shows nothing."""
    listing = world.add("A", 500)
    orders = [world.sell(listing, 1) for _ in range(150)]
    plain, pages = world.shop.on_exchange, []

    def meanwhile(request: Any, response: Any) -> None:
        plain(request, response)  # type: ignore[misc]
        if b"AWAITING_SHIPMENT" in request.body:
            pages.append(1)
            if len(pages) == 1:
                world.clock.advance(5)
                world.shop.ship(orders[0])
                orders.append(world.sell(listing, 1))

    world.shop.on_exchange = meanwhile
    found = run(world.channel.orders(None))
    assert sorted(found.frame["order"]) == sorted(orders)


def test_an_order_that_moves_on_or_back_between_the_lists_of_its_status_is_found(world: TikTokWorld) -> None:
    listing = world.add("A", 50)
    on, back = world.sell(listing, 1, "unpaid"), world.sell(listing, 1)
    world.shop.arrange(back)
    plain = world.shop.on_exchange

    def meanwhile(request: Any, response: Any) -> None:
        plain(request, response)  # type: ignore[misc]
        if b'"UNPAID"' in request.body:
            world.shop.pay(on)
        if b'"PARTIALLY_SHIPPING"' in request.body:
            world.clock.advance(1)
            world.shop.fail_pickup(back)

    world.shop.on_exchange = meanwhile
    assert sorted(run(world.channel.orders(None)).frame["order"]) == sorted([on, back])


# --- push -------------------------------------------------------------------------------------------------------------


def test_a_number_below_what_campaigns_and_creators_have_is_set_as_low_as_it_goes_and_said(world: TikTokWorld) -> None:
    listing = world.add("A", 9)
    world.shop.allocate(listing, 4)
    world.shop.allocate(listing, 2, kind="creator")
    (row,) = push(world, {listing: 2}).iter_rows(named=True)
    assert (row["outcome"], row["quantity_after"]) == ("clamped", 6) and world.shown(listing) == 6
    assert row["message"] == (
        "Campaigns and creators on TikTok Shop have 6 units of it set aside; TikTok takes no lower number before they "
        "are given back. 6 are set, the least it takes."
    )
    before = world.writes()
    (row,) = push(world, {listing: 2}).iter_rows(named=True)
    assert (row["outcome"], row["quantity_after"]) == ("refused", 6) and world.writes() == before + 1
    world.clock.advance(2 * 86_400)
    assert push(world, {listing: 2})["outcome"].to_list() == ["accepted"]


def test_where_0_is_refused_1_is_set_and_said_and_the_other_skus_of_the_call_are_set(world: TikTokWorld) -> None:
    first, second, third = world.add_variants("V", [9, 9, 1])
    world.shop.faults.no_zero = True
    results = push(world, {first: 0, second: 4, third: 0})
    assert results["outcome"].to_list() == ["clamped", "accepted", "refused"]
    assert [world.shown(each) for each in (first, second, third)] == [1, 4, 1]
    assert (
        results["message"][0]
        == "TikTok Shop does not take 0 for it: Stock count is invalid. 1 is set, the least it takes."
    )


def test_an_error_inside_an_answer_of_success_belongs_to_its_sku_alone(world: TikTokWorld) -> None:
    first, second = world.add_variants("V", [5, 5])
    asked = changes(listed(world), {first: 3, second: 3})
    world.remove(first)
    results = run(world.channel.push(asked, "lower"))
    assert json.loads(world.asked("updateInventory")[-1][1].body)["code"] == 0
    assert results["outcome"].to_list() == ["refused", "accepted"]
    assert results["message"][0] == "TikTok Shop has no such listing any more."


def test_an_error_that_names_no_sku_leaves_each_unknown(world: TikTokWorld) -> None:
    first, second = world.add_variants("V", [5, 5])
    asked = changes(listed(world), {first: 3, second: 3})
    world.shop.faults.nameless = True
    world.remove(first)
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["unknown"] * 2


def test_a_call_refused_as_a_whole_for_one_sku_is_taken_apart_and_for_the_product_is_not(world: TikTokWorld) -> None:
    keys = world.add_variants("V", [5] * 7)
    asked = changes(listed(world), dict.fromkeys(keys, 3))
    world.shop.faults.whole_call = True
    world.remove(keys[2])
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["accepted"] * 2 + ["refused"] + ["accepted"] * 4
    before = world.writes()
    world.shop.set_status(world.shop.skus[keys[0]].product.id, "FREEZE")
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["refused"] * 7
    assert world.writes() == before + 1


def test_a_deactivated_product_still_takes_its_stock_and_is_never_activated(world: TikTokWorld) -> None:
    listing = world.add("A", 5)
    world.shop.set_status(world.shop.skus[listing].product.id, "SELLER_DEACTIVATED")
    assert push(world, {listing: 0})["outcome"].to_list() == ["accepted"] and world.shown(listing) == 0
    assert not any("activate" in request.path for request, _ in world.exchanges)


def test_units_that_wait_for_their_supplier_are_left_as_they_are(world: TikTokWorld) -> None:
    listing = world.add("A", 5)
    push(world, {listing: 3})
    body = json.loads(world.asked("updateInventory")[-1][0].body)
    assert body["skus"][0]["inventory"] == [{"warehouse_id": world.shop.warehouses[0].id, "quantity": 3}]


def test_a_wrong_field_name_in_our_request_is_refused_by_the_shop_and_by_the_judge(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = make()
    listing = world.add("A", 5)
    monkeypatch.setattr(pushing._Change, "sent", lambda self: {"id": self.sku, "stock": [{"quantity": self.quantity}]})
    assert push(world, {listing: 3})["outcome"].to_list() == ["refused"] and world.shown(listing) == 5
    with pytest.raises(AssertionError, match=r"skus\.stock"):
        world.validate()


def test_a_wrong_field_name_in_the_practice_shops_answer_is_found_by_the_judge() -> None:
    world = make()
    run(world.channel.account())
    request, response = world.asked("getWarehouseList")[0]
    world.exchanges = [
        (request, Response(200, response.body.replace(b"effect_status", b"effective"), response.headers))
    ]
    with pytest.raises(AssertionError, match=r"data\.warehouses\.effective"):
        world.validate()


# --- calls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("simple", "products", "skus"), [(1, 0, 0), (60, 8, 5), (100, 66, 150)])
def test_a_phase_makes_exactly_the_fewest_calls(simple: int, products: int, skus: int) -> None:
    """1, 100 and 10,000 changed quantities: one call a product, and one more for each further 100 SKUs of it."""
    world = make()
    keys = [world.add(f"S{n}", 5) for n in range(simple)]
    keys += [key for n in range(products) for key in world.add_variants(f"V{n}", [5] * skus)]
    run(world.channel.account())
    random.Random(3).shuffle(keys)
    place = world.shop.warehouses[0].id
    rows: list[tuple[object, ...]] = [
        (f"{world.shop.skus[key].product.id}/{key}@{place}", key, 4, None) for key in keys
    ]
    before = len(world.exchanges)
    results = run(world.channel.push(frames.frame(rows, frames.CHANGES), "lower"))
    assert results["outcome"].unique().to_list() == ["accepted"] and len(rows) in (1, 100, 10_000)
    assert world.writes() == simple + products * -(-skus // 100)
    assert len(world.exchanges) - before - world.writes() == 1, "and the warehouses, once"


def test_10_000_listings_are_read_in_the_fewest_calls_there_are() -> None:
    world = make()
    for n in range(1_600):
        world.add(f"S{n}", 5)
    for n in range(100):
        world.add_variants(f"V{n}", [5] * 84)
    found = run(world.channel.listings())
    calls = {name: len(world.asked(name)) for name in ("searchProducts", "getProduct", "inventorySearch")}
    assert len(found.frame) == 10_000 and found.complete
    assert calls == {"searchProducts": 17, "getProduct": 100, "inventorySearch": 0}
    run(world.channel.listings())
    assert len(world.asked("searchProducts")) == 34 and len(world.asked("getProduct")) == 100, "names are asked once"
    run(world.channel.listings(only=found.frame["listing"].to_list()))
    assert len(world.asked("inventorySearch")) == 17 and len(world.asked("searchProducts")) == 34
