"""What only Lazada does: each oddity of its documents, errors sorted, calls counted, tokens, signing."""

from __future__ import annotations

import io
import json
import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import polars as pl
import pytest

from agent import frames
from agent.channels import sign_command
from agent.channels.base import ChannelOut
from agent.channels.http import Ports
from agent.channels.lazada import connect
from agent.channels.lazada import push as pushing
from agent.channels.lazada.access import SITES, code_of, country_of
from agent.channels.lazada.errors import meaning, refusal, sort
from agent.channels.lazada.listings import reserved_of, stock_of
from agent.channels.lazada.orders import DONE, ids_of
from agent.channels.lazada.reader import time_of
from agent.channels.lazada.signing import Signer, of_vector
from agent.channels.places import Place
from agent.channels.tokens import InMemory, Tokens
from agent.frames import UNTOLD
from agent.practice.lazada.declared import SET, TAKES, endpoints
from agent.practice.lazada.routes import params_of, path_of
from tests.channels.clock import FakeClock
from tests.channels.doing import OVERLAP, lines, maker, push, run, vectors, watched
from tests.channels.wire.base import changes
from tests.channels.wire.lazada import SECRET, LazadaWorld

TWO = {"dropshipping": "Home", "SG-WH-2": "Harbour"}


make = maker(LazadaWorld)
world = watched(make)


def meanwhile(world: LazadaWorld, path: str, deed: Any) -> list[int]:
    """Do this once, after the first call of that path was answered. Gives a list with one entry a call of it."""
    plain, calls = world.shop.on_exchange, []

    def seen(request: Any, response: Any) -> None:
        plain(request, response)  # type: ignore[misc]
        if path_of(request) == path:
            calls.append(1)
            if len(calls) == 1:
                deed()

    world.shop.on_exchange = seen
    return calls


# --- signing ----------------------------------------------------------------------------------------------------------


def test_a_call_is_signed_as_its_vector_when_it_is_put_on_the_wire() -> None:
    """Whatever stands in query or form, in whatever encoding; /rest is not signed; a call that comes again is signed
    anew, not twice."""
    for vector in vectors("lazada"):
        inputs = vector["inputs"]
        if "timestamp" not in inputs["params"] or "partner_id" in inputs["params"]:
            continue
        params = dict(inputs["params"])
        system = {name: params.pop(name, "") for name in ("app_key", "timestamp", "sign_method", "access_token")}
        address = f"https://lazada.example/rest{inputs['path']}"
        where = {"data": params} if inputs["method"] == "POST" else {"params": params}
        request = httpx.Request(inputs["method"], address, **where)  # type: ignore[arg-type]
        signer = Signer(system["app_key"], inputs["app_secret"])
        for _ in range(2):
            signer.put(request, system["access_token"], datetime.fromtimestamp(int(system["timestamp"]) / 1000, UTC))
        assert request.url.params["sign"] == vector["expected_sign"], vector["id"]
        assert len(request.url.params.get_list("sign")) == len(request.url.params.get_list("timestamp")) == 1


def test_the_sign_command_signs_one_vector_and_what_lazada_sends_and_says_what_it_lacks() -> None:
    inputs = {"path": "/seller/get", "app_secret": "s", "params": {"app_key": "1", "timestamp": 2}}
    message = {"app_key": "1", "app_secret": "s", "body": "{}"}
    for said, shape in ((inputs, r"[0-9A-F]{64}\n"), ({"inputs": inputs}, r"[0-9A-F]{64}\n"),
                        (message, r"[0-9a-f]{64}\n")):  # fmt: skip
        told = io.StringIO()
        assert sign_command.main("lazada", of_vector, ["sign"], io.StringIO(json.dumps(said)), told) == 0
        assert re.fullmatch(shape, told.getvalue())
    for broken in ('{"path": "/seller/get"}', '{"path": "/x", "app_secret": "s", "params": 3}', "no JSON", "[]"):
        assert sign_command.main("lazada", of_vector, ["sign"], io.StringIO(broken), io.StringIO()) == 2


def test_nothing_is_sent_without_a_value_and_no_secret_but_the_access_token_stands_in_an_address() -> None:
    world = make(tokens=InMemory())
    listing = world.add("", 5)
    run(world.channel.account())
    assert push(world, {listing: 3})["outcome"].to_list() == ["accepted"]
    assert all(value for request, _ in world.exchanges for _, value in params_of(request))
    (request, _) = world.asked("/auth/token/create")[0]
    assert SECRET not in str(request.query) and "code" not in dict(request.query), "a code stands in the form"


# --- tokens, countries and the server's clock -------------------------------------------------------------------------


def test_the_code_of_a_yes_is_exchanged_once_and_the_pair_is_kept_before_its_first_use_R27() -> None:
    world = make(tokens=InMemory())
    kept: list[str] = []

    def keep(tokens: Tokens) -> None:
        kept.extend(path_of(request) for request, _ in world.exchanges)

    world.channel._doors[0]._auth._access._keeper.keep = keep  # type: ignore[attr-defined]
    run(world.channel.orders(None))
    assert kept == ["/auth/token/create"], "kept when nothing but the exchange had been asked"
    world.validate()


def test_a_token_is_renewed_two_days_ahead_and_each_refresh_token_is_used_once() -> None:
    keeper = InMemory()
    world = make(tokens=keeper)
    world.shop.access_life = timedelta(days=7)
    seen = set()
    for _ in range(3):
        run(world.channel.orders(world.clock.now() - OVERLAP))
        tokens = keeper.read()
        assert tokens is not None and tokens.refresh not in seen
        seen.add(tokens.refresh)
        world.clock.advance(5 * 86_400 + 60)
    assert len(world.asked("/auth/token/refresh")) == 2 and len(world.asked("/auth/token/create")) == 1
    world.validate()


def test_a_token_of_minutes_is_not_renewed_at_every_call() -> None:
    world = make(tokens=InMemory())
    world.shop.access_life = timedelta(minutes=20)
    for _ in range(4):
        run(world.channel.orders(world.clock.now() - OVERLAP))
        world.clock.advance(60)
    assert len(world.asked("/auth/token/refresh")) == 0


def test_the_account_says_when_the_yes_ends_which_a_renewal_does_not_lengthen() -> None:
    keeper = InMemory()
    world = make(tokens=keeper)
    world.shop.yes_ends, world.shop.access_life = world.clock.now() + timedelta(days=14), timedelta(days=7)
    first = run(world.channel.account())
    assert first.access_ends == world.shop.yes_ends
    assert (first.id, first.country, first.currency) == (str(world.shop.seller_id), "SG", "SGD")
    world.clock.advance(6 * 86_400)
    assert run(world.channel.account()).access_ends == world.shop.yes_ends
    assert len(world.asked("/auth/token/refresh")) == 1


@pytest.mark.parametrize("deed", ["read", "push"])
def test_a_token_that_is_refused_is_renewed_once_and_the_call_goes_on(world: LazadaWorld, deed: str) -> None:
    listing = world.add("A", 5)
    asked = changes(run(world.channel.listings()).frame, {listing: 3})
    world.shop.end_access_tokens()
    if deed == "push":
        assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["accepted"]
        assert world.shown(listing) == 3
    else:
        assert run(world.channel.orders(None)).frame.is_empty()
    assert len(world.asked("/auth/token/refresh")) == 1


def test_a_yes_that_has_ended_asks_for_a_new_one_in_words(world: LazadaWorld) -> None:
    run(world.channel.orders(None))
    for pair in world.shop.pairs:
        pair.refresh_ends = world.clock.now() - timedelta(days=1)
    world.shop.end_access_tokens()
    with pytest.raises(ChannelOut, match="refresh token") as out:
        run(world.channel.orders(None))
    assert out.value.kind == "access" and "stocksheet connect my-shop" in out.value.fix


def test_each_country_has_its_own_address_and_currency_and_is_typed_by_name_or_letters() -> None:
    assert [country_of(each) for each in ("SG", " viet nam ", "Vietnam", "the Philippines")] == [
        "sg", "viet nam", "vn", "ph"
    ]  # fmt: skip
    for code, site in SITES.items():
        given = {"country": site.name, "app_key": "1", "app_secret": "s", "granted": "https://localhost/?code=c"}
        channel = connect("shop", given, Ports(FakeClock(), random.Random(1)))
        assert str(channel._doors[0]._client.base_url) == f"{site.host}/rest/", code  # type: ignore[attr-defined]
        assert str(channel._doors[1]._client.base_url) == "https://auth.lazada.com/rest/", "one for all"
    with pytest.raises(ChannelOut, match='no site in "brazil"') as out:
        connect("my shop", {**given, "country": "Brazil"}, Ports(FakeClock(), random.Random(1)))
    assert 'stocksheet connect "my shop"' in out.value.fix


def test_a_yes_of_another_countrys_shop_is_told_and_a_cross_border_one_is_good_everywhere() -> None:
    world = make(tokens=InMemory())
    world.shop.token_country = "my"
    with pytest.raises(ChannelOut, match="a shop in Malaysia, but its country is set to Singapore") as out:
        run(world.channel.account())
    assert out.value.kind == "access" and out.value.fix.endswith("stocksheet connect my-shop")
    world = make(tokens=InMemory())
    world.shop.token_country = "cb"
    assert run(world.channel.account()).country == "SG"


def test_the_address_of_a_yes_is_read_and_others_are_told_in_words() -> None:
    assert code_of("s", "https://localhost/?code=0_100132_abc&state=1") == "0_100132_abc"
    for wrong in ("https://localhost/?state=1", "https://auth.lazada.com/oauth/authorize", "code"):
        with pytest.raises(ChannelOut, match="there is no code in it"):
            code_of("s", wrong)


# --- errors -----------------------------------------------------------------------------------------------------------

SORTED = {
    "renew": ["IllegalAccessToken|The specified access token is invalid or expired"],
    "connect": ["IllegalRefreshToken|The specified refresh token is invalid or expired", "InvalidCode|",
                "AUTH_TYPE_UNSUPPORTED|appkey can only be authorized by market, not support refresh"],
    "key": ["IncompleteSignature|The request signature does not conform to lazop standards"],
    "stop": ["SellerNotVerified|Seller not verified,please check seller status", "InsufficientPermission|",
             "Mp3SellerApiLimit|Mp3 Seller not support the api", "4128|THD_IC_F_IC_DOMAIN_ACTOR_006"],
    "clock": ["IllegalTimestamp|", "InvalidTimeStamp|The timestamp is too old"],
    "often": ["ApiCallLimit|Api access frequency exceeds the limit. this ban will last 1 seconds", "AppCallLimit|",
              "901|E901: The request is too frequent, or the requested functionality is temporarily disabled."],
    "shut": ["998|To ensure stability of service, this API service is disabled"],
    "unwell": ["6|E006: Unexpected internal error", "1000|Internal Application Error", "6|E006: System Error"],
    "slow": ["ServiceTimeout|", "513|Internal call exception"],
    "locked": ["501|negative sellable on channel inventory"],
    "frozen": ["501|THD_IC_ERR_F_IC_ABILITY_PG_004:THD_IC_ERR_F_IC_ABILITY_PG_004", "4162|", "504|",
               "501|This product is under campaign participation and cannot be edited during campaign period."],
    "not_lower": ["4170|During the Bday Mega campaign, there are restrictions ... but may not decrease stocks."],
    "theirs": ["501|FBL stock can not be edited"],
    "place": ["501|The warehouse code does not exist"],
    "gone": ["208|E208: Item not exist", "207|SKU not exist", "37|E037: One or more order id in the list are incorrect",
             "EDIT_ITEM_NOT_BELONG_SELLER|You are not authorized to edit the item.", "16|Invalid Order ID"],
    "item": ["501|E501: Update product failed", "212|Sellable inventory cannot be negative", "6|Invalid status filter",
             "4225|Your product participated in semi-hosted program", "never_heard_of|"],
}  # fmt: skip


@pytest.mark.parametrize("kind", SORTED)
def test_errors_are_sorted_by_what_they_mean_with_words_for_the_seller(kind: str) -> None:
    for each in SORTED[kind]:
        code, _, message = each.partition("|")
        assert sort(code, message).kind == kind, each
    said = refusal(sort(code, message))
    assert said.endswith(".") and not re.search(r"E\d{3}|\{|  |\[", said)


def test_every_documented_error_of_a_call_has_a_meaning_and_none_means_that_all_is_well() -> None:
    kinds = {sort(code, said).kind for path in endpoints() for code, said in endpoints()[path]["errors"]}
    assert "fine" not in kinds
    assert {"renew", "connect", "key", "often", "unwell", "slow", "not_lower", "gone", "stop"} <= kinds
    assert meaning({"code": "0", "data": {}}).kind == "fine" and meaning({"data": {}}).kind == "item"


def test_too_many_calls_are_told_with_status_200_and_the_seconds_of_the_ban_are_kept_by_all(
    world: LazadaWorld,
) -> None:
    listing = world.add("A", 5)
    run(world.channel.listings())
    world.shop.faults.too_many, world.shop.faults.ban = 1, 3
    before = world.clock.now()
    assert push(world, {listing: 3})["outcome"].to_list() == ["accepted"]
    assert world.clock.now() - before >= timedelta(seconds=3)
    assert world.channel._doors[0].slowed  # type: ignore[attr-defined]
    world.shop.faults.busy_901 = 2
    assert len(run(world.channel.listings()).frame) == 1
    assert all(answer.status == 200 for _, answer in world.exchanges)


def test_a_service_that_is_switched_off_for_a_campaign_is_waited_for_and_nothing_was_set(world: LazadaWorld) -> None:
    listing = world.add("A", 5)
    asked = changes(run(world.channel.listings()).frame, {listing: 3})
    world.shop.faults.shut = 1
    results = run(world.channel.push(asked, "lower"))
    assert (results["outcome"].to_list(), results["kind"].to_list()) == (["not_sent"], ["wait"])
    assert world.shown(listing) == 5


def test_trouble_of_lazadas_own_told_with_200_is_asked_again_when_reading_and_unknown_when_setting(
    world: LazadaWorld,
) -> None:
    listing = world.add("A", 5)
    world.shop.faults.internal = 1
    asked = changes(run(world.channel.listings()).frame, {listing: 3})
    world.shop.faults.internal = 1
    results = run(world.channel.push(asked, "lower"))
    assert (results["outcome"].to_list(), results["kind"].to_list()) == (["unknown"], ["host"])


def test_missing_permissions_are_named_together_R5(world: LazadaWorld) -> None:
    world.shop.faults.missing = {SET, "/orders/get"}
    with pytest.raises(ChannelOut, match="to read orders and to write stock") as out:
        run(world.channel.account())
    assert out.value.kind == "access" and "groups Product, Order and Seller" in out.value.fix
    assert world.writes() == 0, "the question whether it may write sets nothing"


def test_a_push_without_permission_stops_at_the_first_call(world: LazadaWorld) -> None:
    keys = [world.add(f"S{n}", 5) for n in range(60)]
    asked = changes(run(world.channel.listings()).frame, dict.fromkeys(keys, 3))
    world.shop.faults.missing = {SET}
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].unique().to_list() == ["not_sent"] and results["kind"].unique().to_list() == ["access"]
    assert world.writes() == 1, "the second is not tried"


def test_a_closed_shop_is_told_and_one_whose_stock_is_lazadas_own_in_preflight(world: LazadaWorld) -> None:
    world.shop.semi_hosted, world.shop.verified = True, False
    found = run(world.channel.preflight())  # type: ignore[attr-defined]
    assert [each.sign for each in found] == ["ok", "fix", "fix"]
    assert "Marketplace Ease Mode" in found[1].what and "verified" in found[2].what
    world.shop.status = "INACTIVE"
    with pytest.raises(ChannelOut, match="has closed the shop") as out:
        run(world.channel.account())
    assert out.value.kind == "access"


# --- listings ---------------------------------------------------------------------------------------------------------


def test_more_items_than_can_be_skipped_are_read_in_slices_by_the_time_they_were_put_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agent.channels.lazada.listings.FARTHEST", 150)
    world = make()
    world.shop.largest_offset = 150
    ids = []
    for n in range(420):
        ids.append(world.add(f"S{n}", n))
        world.clock.advance(30)
    found = run(world.channel.listings())
    assert found.complete and sorted(found.frame["listing"]) == sorted(ids)
    world.validate()


def test_an_item_that_is_deleted_while_the_pages_are_read_hides_no_other_I16(world: LazadaWorld) -> None:
    ids = [world.add(f"S{n}", n) for n in range(120)]
    meanwhile(world, "/products/get", lambda: world.remove(ids[3]))
    found = run(world.channel.listings())
    assert found.complete and set(found.frame["listing"]) >= set(ids) - {ids[3]}


def test_pages_that_take_lazada_too_long_are_asked_for_with_fewer_items(world: LazadaWorld) -> None:
    ids = [key for n in range(20) for key in world.add_variants(f"V{n}", [1] * 12)]
    world.shop.faults.slow_beyond = 100
    found = run(world.channel.listings())
    assert found.complete and sorted(found.frame["listing"]) == sorted(ids)
    limits = [dict(request.query)["limit"] for request, _ in world.asked("/products/get")]
    assert limits[:3] == ["50", "25", "12"] and set(limits[3:]) <= {"12", "6"}


def test_a_fresh_look_at_some_asks_by_name_50_a_call_and_one_by_one_only_where_that_finds_none() -> None:
    world = make()
    ids = [world.add(f"S{n}", n) for n in range(120)]
    cold = run(world.channel.listings(only=ids[:3]))
    assert len(cold.frame) == 3 and len(world.asked("/product/item/get")) == 3, "no name is known yet"
    run(world.channel.listings())
    before, alone = len(world.asked("/products/get")), len(world.asked("/product/item/get"))
    world.shop.rename_sku(ids[7], "RENAMED")
    found = run(world.channel.listings(only=ids[:100]))
    assert sorted(found.frame["listing"]) == sorted(ids[:100])
    assert len(world.asked("/products/get")) == before + 2 and len(world.asked("/product/item/get")) == alone + 1
    world.validate()


def test_two_items_with_the_same_seller_sku_and_one_without_any_stay_apart(world: LazadaWorld) -> None:
    first, second, blank = world.add("SAME", 3), world.add("SAME", 4), world.add("", 5)
    run(world.channel.listings())
    found = run(world.channel.listings(only=[second, blank]))
    assert dict(found.frame.select("listing", "quantity").iter_rows()) == {second: 4, blank: 5}
    assert push(world, {first: 1, second: 2, blank: 0})["outcome"].unique().to_list() == ["accepted"]
    assert [world.shown(each) for each in (first, second, blank)] == [1, 2, 0]


def test_a_variant_has_its_sku_options_page_price_and_product(world: LazadaWorld) -> None:
    (key,) = world.shop.add_product("Shirt", [
        {"sku": "áo-Đỏ & 100%+é", "options": {"Colour": "Red", "Size": "S"}, "quantity": 3, "price": 12.5},
    ])  # fmt: skip
    row = run(world.channel.listings()).frame.row(0, named=True)
    assert (row["sku"], row["options"], row["title"]) == ("áo-Đỏ & 100%+é", "Colour: Red, Size: S", "Shirt")
    assert (row["product"], row["price"], row["currency"]) == (key.partition("-")[0], "12.5", "SGD")
    assert row["link"].startswith("https://www.lazada.") and row["barcode"] is None
    assert push(world, {key: 1})["outcome"].to_list() == ["accepted"]


def test_deleted_items_are_left_out_and_hidden_ones_are_inactive(world: LazadaWorld) -> None:
    normal, gone, hidden = (world.add(sku, 3) for sku in ("A", "GONE", "HIDDEN"))
    world.shop.set_status(gone, "Deleted")
    world.shop.set_status(hidden, "InActive")
    found = run(world.channel.listings())
    assert dict(found.frame.select("listing", "status").iter_rows()) == {normal: "active", hidden: "inactive"}
    assert found.complete and found.issues == ()


def test_what_lies_at_lazada_is_marked_and_never_pushed(world: LazadaWorld) -> None:
    theirs = world.add("FBL", None)
    row = run(world.channel.listings()).frame.row(0, named=True)
    assert (row["fulfilled_by"], row["managed"], row["quantity"]) == ("marketplace", False, None)
    results = push(world, {theirs: 4})
    assert results["outcome"].to_list() == ["refused"] and "Lazada's own warehouse" in results["message"][0]


@pytest.mark.parametrize(
    ("sku", "units", "managed"),
    [
        ({"multiWarehouseInventories": [{"warehouseCode": "B", "sellableQuantity": 4}], "Available": 4}, 0, True),
        ({"multiWarehouseInventories": [], "Available": 0}, 0, True),
        ({"multiWarehouseInventories": [], "Available": 7}, None, True),
        ({"multiWarehouseInventories": []}, None, True),
        ({"Available": 0}, None, True),
        ({"multiWarehouseInventories": [], "fblWarehouseInventories": [{"sellableQuantity": 3}]}, None, False),
        ({"multiWarehouseInventories": [{"warehouseCode": "A"}]}, None, True),
        (
            {"multiWarehouseInventories": [{"warehouseCode": "A", "sellableQuantity": "6", "occupyQuantity": 9}]},
            6,
            True,
        ),
    ],
)
def test_a_warehouse_that_is_not_shown_is_0_only_where_the_total_proves_it_I11(
    sku: dict[str, object], units: int | None, managed: bool
) -> None:
    found = stock_of(sku, Place("A", "Home"))
    assert (found.units, found.managed) == (units, managed)


@pytest.mark.parametrize("answer", [{}, {"code": "0"}, {"code": "0", "data": None}, {"code": "0", "data": {}},
                                    {"code": "0", "data": {"total_products": 3}}])  # fmt: skip
def test_an_answer_without_what_was_asked_for_is_no_empty_shop_I11(answer: object) -> None:
    world = make()
    run(world.channel.listings())

    async def hollow(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answer)

    world.channel._doors[0]._client._transport = httpx.MockTransport(hollow)  # type: ignore[attr-defined]
    for question in (world.channel.listings(), world.channel.orders(None), world.channel.account()):
        with pytest.raises(ChannelOut):
            run(question)


# --- several warehouses -----------------------------------------------------------------------------------------------


def test_a_shop_with_several_warehouses_must_say_which_and_they_are_named() -> None:
    world = make(warehouses=TWO)
    with pytest.raises(ChannelOut, match=r"Home \(dropshipping\), Harbour \(SG-WH-2\)") as out:
        run(world.channel.listings())
    assert out.value.kind == "access" and "location" in out.value.fix
    with pytest.raises(ChannelOut, match="no warehouse called Attic"):
        run(make(place="Attic").channel.listings())


@pytest.mark.parametrize("place", ["Harbour", "sg-wh-2"])
def test_one_warehouse_is_read_and_set_and_the_other_is_left_alone(place: str) -> None:
    world = make(warehouses=TWO, place=place)
    listing = world.shop.add_simple("A", "Thing", {"dropshipping": 4, "SG-WH-2": 6})
    nothing_here = world.shop.add_simple("B", "Thing", {"dropshipping": 4})
    found = run(world.channel.listings()).frame
    assert found["quantity"].to_list() == [6, 0] and found["managed"].to_list() == [True, True]
    assert push(world, {listing: 1, nothing_here: 2})["outcome"].to_list() == ["accepted"] * 2
    shelves = {code: shelf.sellable for code, shelf in world.shop.sku(listing).shelves.items()}
    assert shelves == {"dropshipping": 4, "SG-WH-2": 1} and world.shown(nothing_here) == 6
    assert run(world.channel.account()).locations == ("Home", "Harbour")
    world.validate()


def test_a_shop_with_one_warehouse_never_names_it_and_one_with_several_always_does() -> None:
    for place, more, named in (("", {}, False), ("Home", {"warehouses": TWO}, True)):
        world = make(place=place, **more)
        listing = world.add("A", 5)
        assert push(world, {listing: 3})["outcome"].to_list() == ["accepted"]
        sent = dict(params_of(world.asked(SET)[0][0]))["payload"]
        assert ("<WarehouseCode>dropshipping</WarehouseCode>" in sent) == named
        assert "SellerSku" not in sent and "<SellableQuantity>3</SellableQuantity>" in sent


def test_an_order_that_another_warehouse_sends_takes_nothing_of_ours() -> None:
    world = make(warehouses=TWO, place="Harbour")
    listing = world.shop.add_simple("A", "Thing", {"dropshipping": 4, "SG-WH-2": 6})
    world.shop.book_order([(listing, 2)], warehouse="dropshipping")
    row = lines(world)[listing]
    assert (row["ordered"], row["open"], row["holds"]) == (0, 0, False)


def test_a_second_warehouse_that_was_opened_meanwhile_is_found_after_a_refusal(world: LazadaWorld) -> None:
    listing = world.add("A", 5)
    run(world.channel.listings())
    before = len(world.asked("/seller/warehouse/get"))
    world.shop.sku(listing).shelves.clear()
    world.shop.sku(listing).shelves["OTHER"] = world.shop.sku(world.add("B", 1)).shelves["dropshipping"]
    results = run(world.channel.push(changes_of(listing, 1), "lower"))
    assert results["outcome"].to_list() == ["refused"] and "another warehouse" in results["message"][0]
    run(world.channel.listings())
    assert len(world.asked("/seller/warehouse/get")) == before + 1


def changes_of(listing: str, quantity: int) -> pl.DataFrame:
    rows: list[tuple[object, ...]] = [(listing, listing, quantity, None)]
    return frames.frame(rows, frames.CHANGES)


# --- orders -----------------------------------------------------------------------------------------------------------


def test_orders_of_many_pages_are_read_from_time_to_time_and_never_by_skipping_far(world: LazadaWorld) -> None:
    listing = world.add("A", 900)
    orders = []
    for _ in range(330):
        orders.append(world.sell(listing, 1))
        world.clock.advance(2)
    found = run(world.channel.orders(world.clock.now() - timedelta(hours=1)))
    assert sorted(found.frame["order"]) == sorted(orders)
    offsets = [dict(request.query)["offset"] for request, _ in world.asked("/orders/get")]
    assert offsets == ["0"] * 4


def test_more_orders_in_one_second_than_a_page_holds_are_skipped_over_and_too_many_are_told(
    world: LazadaWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = world.add("A", 900)
    orders = [world.sell(listing, 1) for _ in range(250)]
    found = run(world.channel.orders(world.clock.now() - OVERLAP))
    assert sorted(found.frame["order"]) == sorted(orders)
    monkeypatch.setattr("agent.channels.lazada.orders.FARTHEST", 250)
    with pytest.raises(ChannelOut, match="too many orders in one second"):
        run(world.channel.orders(world.clock.now() - OVERLAP))


def test_an_order_that_changes_while_the_list_is_read_hides_no_other_I16(world: LazadaWorld) -> None:
    listing = world.add("A", 500)
    orders = []
    for _ in range(150):
        orders.append(world.sell(listing, 1))
        world.clock.advance(10)

    def packed() -> None:
        world.clock.advance(5)
        for order in orders[:30]:
            world.shop.pack(int(order))  # they leave their places, and those behind move past our reading place

    meanwhile(world, "/orders/get", packed)
    found = run(world.channel.orders(world.clock.now() - timedelta(hours=2)))
    assert sorted(found.frame["order"]) == sorted(orders)
    assert found.frame.filter(pl.col("state") == "packed").height == 30


def test_every_unit_is_a_row_of_its_own_and_those_of_a_sku_are_one_line(world: LazadaWorld) -> None:
    small, large = world.add_variants("V", [9, 9])
    order = world.shop.book_order([(small, 1), (large, 2), (small, 3)])
    found = run(world.channel.orders(world.clock.now() - OVERLAP))
    assert sorted(found.frame.select("listing", "ordered").iter_rows()) == [(small, 4), (large, 2)]
    world.clock.advance(60)
    world.shop.ship(order.id, 1)
    world.shop.cancel_units(order.id, 2, 1)
    row = lines(world)[small]
    assert (row["ordered"], row["open"], row["shipped"], row["returned"]) == (4, 2, 1, 0)
    assert row["state"] == "canceled, pending, shipped" and row["freed_at"] == row["shipped_at"] == world.clock.now()


STATUSES = {
    "unpaid": (3, 0, 0), "pending": (3, 0, 0), "packed": (3, 0, 0), "repacked": (3, 0, 0), "ready_to_ship": (3, 0, 0),
    "shipped": (0, 3, 0), "delivered": (0, 3, 0), "failed": (0, 3, 0), "lost_by_3pl": (0, 3, 0),
    "damaged_by_3pl": (0, 3, 0), "package_scrapped": (0, 3, 0), "shipped_back": (0, 3, 0), "returned": (0, 3, 3),
    "shipped_back_success": (0, 3, 3), "canceled": (0, 0, 0), "a_new_word": (3, 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_means_allocated_shipped_back_or_free_and_a_new_one_is_allocated(
    world: LazadaWorld, status: str
) -> None:
    listing = world.add("A", 10)
    world.shop.book_order([(listing, 3)], status)
    row = lines(world)[listing]
    assert (row["open"], row["shipped"], row["returned"]) == STATUSES[status] and row["state"] == status
    assert (row["freed_at"] is not None) == (status == "canceled")
    assert (row["shipped_at"] is not None) == bool(row["shipped"])


def test_every_documented_filter_of_a_finished_status_is_known_as_finished() -> None:
    assert TAKES["/orders/get", "status"] - DONE == {"unpaid", "pending", "packed", "ready_to_ship", "topack", "toship"}


def test_open_orders_are_found_by_their_status_however_old_and_an_odd_status_for_thirty_days(
    world: LazadaWorld,
) -> None:
    listing = world.add("A", 90)
    statuses = ("packed", "repacked", "ready_to_ship", "pending")
    old = [str(world.shop.book_order([(listing, 1)], status).id) for status in statuses]
    world.shop.book_order([(listing, 1)], "delivered")
    world.clock.advance(500 * 86_400)
    odd = str(world.shop.book_order([(listing, 1)], "a_new_word").id)
    done = str(world.shop.book_order([(listing, 1)], "delivered").id)
    found = run(world.channel.orders(None)).frame["order"].to_list()
    assert sorted(found) == sorted([*old, odd]) and done not in found


def test_an_unpaid_order_holds_its_units_for_half_an_hour_and_is_free_then(world: LazadaWorld) -> None:
    listing = world.add("A", 10)
    world.sell(listing, 3, "unpaid")
    assert lines(world)[listing]["open"] == 3 and world.shown(listing) == 7
    world.clock.advance(1801)
    row = lines(world, world.clock.now() - timedelta(hours=1))[listing]
    assert (row["open"], row["state"]) == (0, "canceled") and row["freed_at"] is not None and world.shown(listing) == 10


def test_a_unit_is_dated_when_it_was_shipped_not_when_it_arrived(world: LazadaWorld) -> None:
    listing = world.add("A", 10)
    order = world.sell(listing, 2)
    world.clock.advance(3600)
    world.ship(order)
    left = world.clock.now()
    assert lines(world)[listing]["shipped_at"] == left
    world.clock.advance(3 * 86_400)
    world.shop.deliver(int(order))
    assert lines(world)[listing]["shipped_at"] == left
    run(world.channel.close())
    late = LazadaWorld(world.clock, random.Random(2))
    late.shop = world.shop
    late.wire._inner = world.wire._inner
    late.channel._tokens.keep(Tokens(world.shop.new_pair().access))  # type: ignore[attr-defined]
    assert lines(late)[listing]["shipped_at"] == UNTOLD, "never seen unshipped"


def test_a_unit_that_was_seen_here_and_arrived_between_two_looks_left_at_its_last_change(world: LazadaWorld) -> None:
    listing = world.add("A", 10)
    order = world.sell(listing, 1)
    lines(world)
    world.clock.advance(86_400)
    world.ship(order)
    world.clock.advance(86_400)
    world.shop.deliver(int(order))
    assert lines(world)[listing]["shipped_at"] == world.clock.now()


def test_what_lazada_sends_itself_is_marked_and_a_line_of_its_own(world: LazadaWorld) -> None:
    theirs, ours = world.add("FBL", None), world.add("A", 9)
    order = world.shop.book_order([(theirs, 1), (ours, 2)])
    order.units[2].is_fbl = True
    world.shop.pay(order.id)
    found = run(world.channel.orders(world.clock.now() - OVERLAP)).frame
    assert sorted(found.select("listing", "ordered", "fulfilled_by").iter_rows()) == sorted(
        [(theirs, 1, "marketplace"), (ours, 1, "seller"), (ours, 1, "marketplace")]
    )
    assert found.select("line").n_unique() == 3


@pytest.mark.parametrize(
    ("unit", "ids"),
    [
        ({"sku_id": "502", "product_id": "300"}, (300, 502)),
        ({"shop_sku": "1000000306_VNAMZ-2000000363"}, (1000000306, 2000000363)),
        ({"sku_id": "502", "shop_sku": "300_ID-502"}, (300, 502)),
        ({"shop_sku": "AB123ELAA1ABSGAMZ-1100001",
          "product_detail_url": "https://www.lazada.vn/products/i1306-s5058.html?urlFlag=true"}, (1306, 5058)),
        ({"sku_id": 7}, (None, 7)),
        ({"sku_id": "", "shop_sku": "", "product_detail_url": ""}, (None, None)),
    ],
)  # fmt: skip
def test_the_item_of_a_unit_is_found_by_its_ids_by_lazadas_own_sku_or_by_the_address_of_its_page(
    unit: dict[str, object], ids: tuple[int | None, int | None]
) -> None:
    assert ids_of(unit) == ids


@pytest.mark.parametrize(
    ("said", "hour"),
    [("2026-11-22 20:00:00 +0800", 12), ("2026-11-22T20:00:00+08:00", 12), ("2026-11-22 20:00:00", 13), ("", None)],
)
def test_times_of_orders_are_read_in_each_of_their_forms_and_in_the_countrys_own_time(
    said: str, hour: int | None
) -> None:
    found = time_of(said, 7)
    assert (found and found.hour) == hour


def test_an_order_whose_lines_are_not_shown_is_said_and_stops_no_other(world: LazadaWorld) -> None:
    listing = world.add("A", 5)
    odd, plain = world.sell(listing, 1), world.sell(listing, 2)
    meanwhile(world, "/orders/get", lambda: world.remove_order(odd))
    found = run(world.channel.orders(world.clock.now() - OVERLAP))
    assert found.frame["order"].to_list() == [plain] and found.partial == (odd,)
    assert len(found.issues) == 1 and odd in found.issues[0]


def test_nothing_about_buyers_leaves_the_channel_R8(world: LazadaWorld) -> None:
    world.sell(world.add("A", 5), 1)
    found = run(world.channel.orders(None))
    assert "anary" not in repr(found) and "anary" not in repr(found.frame.rows())
    assert any(b"Canary" in answer.body for _, answer in world.exchanges), "though Lazada sends it along"


# --- push -------------------------------------------------------------------------------------------------------------


def test_a_number_below_a_campaigns_lock_is_set_as_low_as_lazada_takes_it_and_said(world: LazadaWorld) -> None:
    listing = world.add("A", 9)
    world.shop.campaign(listing, 6)
    (row,) = push(world, {listing: 2}).iter_rows(named=True)
    assert (row["outcome"], row["quantity_after"]) == ("clamped", 6) and world.shown(listing) == 6
    assert row["message"] == (
        "A campaign on Lazada has locked 6 units of it; Lazada takes no lower number before it is over. 6 are set, "
        "the least it takes."
    )
    before = world.writes()
    (row,) = push(world, {listing: 2}).iter_rows(named=True)
    assert (row["outcome"], row["quantity_after"]) == ("refused", 6) and world.writes() == before + 1
    world.clock.advance(2 * 86_400)
    assert push(world, {listing: 2})["outcome"].to_list() == ["accepted"]


def test_a_campaign_that_is_only_agreed_locks_too_and_the_other_skus_of_the_call_are_set(world: LazadaWorld) -> None:
    keys = [world.add(f"S{n}", 9) for n in range(5)]
    world.shop.campaign(keys[1], 4, begins=3600)
    world.shop.campaign(keys[3], 2)
    before = world.writes()
    results = push(world, dict.fromkeys(keys, 1))
    assert results["outcome"].to_list() == ["accepted", "clamped", "accepted", "clamped", "accepted"]
    assert [world.shown(key) for key in keys] == [1, 4, 1, 2, 1]
    assert world.writes() == before + 4, "the call, the two that it names, and the rest once more"


def test_a_raise_under_a_campaign_is_just_set_and_what_another_warehouse_has_counts_for_the_lock() -> None:
    world = make(warehouses=TWO, place="Home")
    listing = world.shop.add_simple("A", "Thing", {"dropshipping": 9, "SG-WH-2": 4})
    world.shop.campaign(listing, 6)
    assert push(world, {listing: 20})["outcome"].to_list() == ["accepted"]
    (row,) = push(world, {listing: 0}).iter_rows(named=True)
    assert (row["outcome"], row["quantity_after"]) == ("clamped", 2), "4 of the 6 lie in the other warehouse"


def test_the_times_of_a_campaign_are_the_countrys_own_and_one_without_counts() -> None:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # 20:00 in Singapore, 19:00 in Bangkok
    over = {"endTime": "2026-11-22 19:30:00", "sellableQuantity": 7}
    sku: dict[str, object] = {"channelInventories": [over, {"sellableQuantity": 2}, {"endTime": "?"}]}
    assert (reserved_of(sku, now, 8), reserved_of(sku, now, 7)) == (2, 9)


def test_while_a_large_campaign_lets_nobody_lower_stock_raises_go_and_the_rest_is_said(world: LazadaWorld) -> None:
    down, up = world.add("A", 9), world.add("B", 2)
    world.shop.mega = True
    low, high = push(world, {down: 3, up: 5}).iter_rows(named=True)
    assert (low["outcome"], low["quantity_after"], high["outcome"]) == ("refused", 9, "accepted")
    assert "can be raised there, but not lowered" in low["message"]
    world.shop.mega, world.shop.sku(down).blocked = False, True
    (row,) = push(world, {down: 3}).iter_rows(named=True)
    assert (row["outcome"], row["quantity_after"]) == ("refused", 9) and "takes no new number" in row["message"]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("nameless", [False, True])
def test_a_call_that_is_refused_for_some_sets_all_others_whether_it_set_them_or_not(
    world: LazadaWorld, whole: bool, nameless: bool
) -> None:
    keys = [world.add("SAME" if n in (2, 5) else f"S{n}", 5) for n in range(9)]
    asked = changes(run(world.channel.listings()).frame, dict.fromkeys(keys, 3))
    world.shop.faults.whole_call, world.shop.faults.nameless = whole, nameless
    world.refuse(keys[2])
    world.refuse(keys[7])
    results = run(world.channel.push(asked, "lower"))
    expected = ["refused" if n in (2, 7) else "accepted" for n in range(9)]
    assert results["outcome"].to_list() == expected, "two SKUs of one name are told apart"
    assert [world.shown(key) for key in keys] == [5 if n in (2, 7) else 3 for n in range(9)]


def test_a_name_that_is_one_skus_alone_costs_one_call_more_and_no_halves(world: LazadaWorld) -> None:
    keys = [world.add(f"S{n}", 5) for n in range(50)]
    asked = changes(run(world.channel.listings()).frame, dict.fromkeys(keys, 3))
    world.refuse(keys[17])
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list().count("refused") == 1 and world.writes() == 2


def test_fifty_skus_in_a_campaign_are_not_looked_for_in_halves(world: LazadaWorld) -> None:
    keys = [world.add(f"S{n}", 9) for n in range(50)]
    asked = changes(run(world.channel.listings()).frame, dict.fromkeys(keys, 1))
    for key in keys:
        world.shop.campaign(key, 6)
    assert run(world.channel.push(asked, "lower"))["outcome"].unique().to_list() == ["clamped"]
    assert world.writes() == 1 + 50, "the call, and the least that it takes of each"


def test_fifty_that_take_too_long_are_unknown_and_twenty_go_in_a_call_from_then_on(world: LazadaWorld) -> None:
    keys = [world.add(f"S{n}", 5) for n in range(90)]
    asked = changes(run(world.channel.listings()).frame, dict.fromkeys(keys, 3))
    world.shop.faults.slow_beyond = 30
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["unknown"] * 50 + ["accepted"] * 40
    assert "Fewer go in one call" in results["message"][0]
    assert run(world.channel.push(asked, "lower"))["outcome"].unique().to_list() == ["accepted"]
    assert world.writes() == 1 + 2 + 5
    world.shop.faults.slow_beyond = None


def test_a_cancellation_as_out_of_stock_sets_the_listing_to_0_there_and_is_read_so(world: LazadaWorld) -> None:
    listing = world.add("A", 9)
    order = world.sell(listing, 2)
    world.shop.cancel(int(order), "Out of Stock")
    assert lines(world)[listing]["freed_at"] is not None
    assert run(world.channel.listings()).frame["quantity"].to_list() == [0]


def test_a_wrong_field_name_in_our_request_is_refused_by_the_shop_and_by_the_judge(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = make()
    listing = world.add("A", 5)
    right = pushing.payload
    monkeypatch.setattr(pushing, "payload", lambda batch: right(batch).replace("SellableQuantity", "Quantity"))
    assert push(world, {listing: 3})["outcome"].to_list() == ["refused"] and world.shown(listing) == 5
    with pytest.raises(AssertionError, match=r"there is no element Request\.Product\.Skus\.Sku\.Quantity"):
        world.validate()


# --- calls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "fewest"), [(1, 1), (100, 2), (10_000, 200)])
def test_a_phase_makes_exactly_the_fewest_calls(count: int, fewest: int) -> None:
    """1, 100 and 10,000 changed quantities, of items with one SKU and with ten: 50 a call, and nothing else."""
    world = make()
    keys = [world.add(f"S{n}", 5) for n in range(count % 10 or count // 2)]
    keys += [key for n in range((count - len(keys)) // 10) for key in world.add_variants(f"V{n}", [5] * 10)]
    random.Random(3).shuffle(keys)
    rows: list[tuple[object, ...]] = [(key, key, 4, None) for key in keys]
    results = run(world.channel.push(frames.frame(rows, frames.CHANGES), "lower"))
    assert results["outcome"].unique().to_list() == ["accepted"] and len(rows) == count
    assert world.writes() == len(world.exchanges) == fewest


def test_10_000_listings_are_read_in_the_fewest_calls_there_are() -> None:
    world = make()
    for n in range(4_000):
        world.add(f"S{n}", 5)
    for n in range(600):
        world.add_variants(f"V{n}", [5] * 10)
    found = run(world.channel.listings())
    assert len(found.frame) == 10_000 and found.complete
    assert len(world.asked("/products/get")) == 92 and len(world.exchanges) == 93, "and one for the warehouses"


def test_orders_are_asked_for_with_one_call_where_nothing_changed_and_two_where_up_to_50_did(
    world: LazadaWorld,
) -> None:
    listing = world.add("A", 90)
    run(world.channel.orders(world.clock.now() - OVERLAP))
    assert [path_of(request) for request, _ in world.exchanges] == ["/orders/get"]
    for _ in range(50):
        world.sell(listing, 1)
    world.exchanges.clear()
    run(world.channel.orders(world.clock.now() - OVERLAP))
    asked = [path_of(request) for request, _ in world.exchanges]
    assert asked == ["/orders/get", "/orders/items/get", "/seller/warehouse/get"], "the last one once for all"
