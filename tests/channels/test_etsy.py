"""What only Etsy does: the whole inventory, shared quantities, listings at 0, the fee, tokens, budgets, counts."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import polars as pl
import pytest

from agent.channels import offered
from agent.channels.answers import Answer, Ports
from agent.channels.base import ChannelOut
from agent.channels.etsy import SETTINGS, WAYS, connect
from agent.channels.etsy.access import SCOPES, challenge, code_of, page, scopes_in
from agent.channels.etsy.errors import said
from agent.channels.etsy.hidden import Hidden
from agent.channels.etsy.inventory import Unreadable, key_of, products, whole_with
from agent.channels.etsy.listings import Catalogue, Known
from agent.channels.etsy.reader import Day
from agent.channels.notes import KeptNotes, NotesInMemory
from agent.channels.tokens import InMemory
from agent.practice.etsy.catalogue import PROPERTIES
from agent.practice.etsy.declared import EXCHANGE
from tests.channels.clock import FakeClock
from tests.channels.doing import OVERLAP, lines, maker, push, run, watched
from tests.channels.wire.base import changes
from tests.channels.wire.etsy import EtsyWorld, settings

make = maker(EtsyWorld)
world = watched(make)


def outcomes(results: pl.DataFrame) -> list[tuple[str, int | None]]:
    return list(results.select("outcome", "quantity_after").iter_rows())


def shows(world: EtsyWorld) -> dict[str, tuple[int | None, str]]:
    """Quantity and status of each listing, as the channel reads them."""
    rows = run(world.channel.listings()).frame.select("listing", "quantity", "status").iter_rows()
    return {listing: (quantity, status) for listing, quantity, status in rows}


def bodies(world: EtsyWorld) -> list[dict[str, Any]]:
    """The inventories that were written."""
    return [json.loads(request.body) for request, _ in world.asked("PUT")]


def states(world: EtsyWorld) -> list[str]:
    """The states that listings were put into; nothing else of a listing is ever changed."""
    forms = [dict(parse_qsl(request.body.decode())) for request, _ in world.asked("PATCH")]
    assert all(form.keys() == {"state"} for form in forms)
    return [form["state"] for form in forms]


# --- the whole inventory ----------------------------------------------------------------------------------------------


def test_a_write_holds_every_product_with_prices_skus_values_and_properties_as_they_were(world: EtsyWorld) -> None:
    small, middle, large = world.add_variants("S", [3, 4, 5])
    for listing, cents in ((small, 1999), (middle, 2050), (large, 10_005)):
        world.shop.set_price(world.key(listing), cents)
    world.shop.listing(world.key(small)).price_on = (PROPERTIES["Size"],)
    world.shop.product(world.key(large)).enabled = False
    before = world.shop.listing(world.key(small)).products
    push(world, {middle: 9})
    (body,) = bodies(world)
    assert [each["sku"] for each in body["products"]] == ["S-0", "S-1", "S-2"]
    offerings = [each["offerings"][0] for each in body["products"]]
    assert [each["quantity"] for each in offerings] == [3, 9, 5]
    assert [each["price"] for each in offerings] == [19.99, 20.5, 100.05], "a number, amount by divisor"
    assert [each["is_enabled"] for each in offerings] == [True, True, False]
    assert all(each["readiness_state_id"] == 1 for each in offerings)
    values = [each["property_values"][0] for each in body["products"]]
    assert [(each["values"], each["value_ids"]) for each in values] == [
        ([v.text], [v.id]) for p in before for v in p.values
    ]
    assert body["price_on_property"] == body["quantity_on_property"] == [PROPERTIES["Size"]]
    after = world.shop.listing(world.key(small)).products
    assert [each.cents for each in after] == [1999, 2050, 10_005] and len(after) == 3


def test_a_price_and_a_sale_from_just_before_the_write_are_kept(world: EtsyWorld) -> None:
    """It is read just before it is written, not with the last look at all listings."""
    small, large = world.add_variants("S", [3, 4])
    asked = changes(run(world.channel.listings()).frame, {small: 2})
    world.shop.listing(world.key(large)).price_on = (PROPERTIES["Size"],)
    world.shop.set_price(world.key(large), 7777)
    world.shop.sell(world.key(large), 1)
    assert outcomes(run(world.channel.push(asked, "lower"))) == [("accepted", 2)]
    assert world.shop.product(world.key(large)).cents == 7777 and world.shown(large) == 3


def test_what_waited_for_its_turn_is_read_again_before_it_is_written() -> None:
    world = make(per_second=2)  # one call a second: the last of twenty waits for 20 seconds
    each = [world.add(f"A{n}", 5) for n in range(20)]
    asked = changes(run(world.channel.listings()).frame, dict.fromkeys(each, 4))
    before = world.reads()
    plain = world.channel._doors[0].request  # type: ignore[attr-defined]
    written: list[str] = []

    async def watched(method: str, path: str, **more: Any) -> Answer:
        if method == "PUT":
            written.append(path)
            if len(written) == 3:
                world.shop.set_price(each[-1], 4321)  # somebody works in Shop Manager meanwhile
        answer: Answer = await plain(method, path, **more)
        return answer

    world.channel._doors[0].request = watched  # type: ignore[attr-defined]
    assert set(run(world.channel.push(asked, "raise"))["outcome"]) == {"accepted"}
    assert world.reads() - before >= 2 and world.shop.product(each[-1]).cents == 4321


@pytest.mark.parametrize("spoiled", ["price", "offerings", "value_ids", "product"])
def test_an_inventory_that_cannot_be_read_whole_is_never_written_in_part(spoiled: str) -> None:
    value = {
        "property_id": 200,
        "property_name": "Primary color",
        "value_ids": [7],
        "values": ["Red"],
        "scale_id": None,
    }
    money = {"amount": 100, "divisor": 100, "currency_code": "USD"}
    offering = {"quantity": 2, "is_enabled": True, "is_deleted": False, "price": money, "readiness_state_id": None}
    product: dict[str, Any] = {"product_id": 1, "sku": "A", "offerings": [offering], "property_values": [value]}
    whole: dict[str, Any] = {"products": [product], "quantity_on_property": []}
    assert whole_with(5, whole, {"5": 7})["products"][0]["offerings"][0]["quantity"] == 7  # type: ignore[index]
    if spoiled == "price":
        money["divisor"] = 0
    elif spoiled == "product":
        whole["products"] = [product, "half an answer"]
    elif spoiled == "offerings":
        product["offerings"] = []
    else:
        value["value_ids"] = None
    with pytest.raises(Unreadable):
        whole_with(5, whole, {"5": 7})


def test_deleted_products_and_offerings_are_not_written_back() -> None:
    money = {"amount": 5, "divisor": 1, "currency_code": "JPY"}
    offering = {"quantity": 2, "is_enabled": True, "is_deleted": False, "price": money, "readiness_state_id": 3}
    gone = {"is_deleted": True, "offerings": [], "property_values": []}
    live = {"sku": None, "is_deleted": False, "offerings": [{**offering, "is_deleted": True}, offering]}
    body: Any = whole_with(9, {"products": [gone, live]}, {})
    assert [len(each["offerings"]) for each in body["products"]] == [1] and body["products"][0]["sku"] == ""
    assert body["products"][0]["offerings"][0] == {
        "price": 5, "quantity": 2, "is_enabled": True, "readiness_state_id": 3,
    }  # fmt: skip


def test_ids_that_change_with_each_write_change_no_listing(world: EtsyWorld) -> None:
    named = world.add_variants("S", [3, 4])
    for quantity in (7, 8):
        numbers = {product.id for product in world.shop.listing(world.key(named[0])).products}
        assert outcomes(push(world, {named[0]: quantity})) == [("accepted", quantity)]
        assert numbers.isdisjoint(product.id for product in world.shop.listing(world.key(named[0])).products)
    assert shows(world) == {named[0]: (8, "active"), named[1]: (4, "active")}


def test_a_conflict_is_stale_and_decided_again(world: EtsyWorld) -> None:
    listing = world.add("A", 5)
    world.shop.faults.conflict = 1
    results = push(world, {listing: 3})
    assert results["outcome"].to_list() == ["stale"] and world.shown(listing) == 5


def test_a_write_that_etsy_answers_and_does_not_do_is_told_with_what_stands(world: EtsyWorld) -> None:
    listing = world.add("A", 5)
    world.shop.faults.eat_writes.add(int(listing))
    assert outcomes(push(world, {listing: 3})) == [("accepted", 5)], "what it says stands is not what was asked for"


def test_server_error_to_one_listing_is_unknown_and_the_others_go_on(world: EtsyWorld) -> None:
    first, second = world.add("A", 5), world.add("B", 5)
    asked = changes(run(world.channel.listings()).frame, {first: 3, second: 3})
    plain = world.channel._doors[0].request  # type: ignore[attr-defined]

    async def request(method: str, path: str, **more: Any) -> Answer:
        world.shop.faults.server_error = 1 if method == "PUT" and first in path else False
        answer: Answer = await plain(method, path, **more)
        return answer

    world.channel._doors[0].request = request  # type: ignore[attr-defined]
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["unknown", "accepted"]
    assert len(world.asked("PUT")) == 2


# --- shared quantities ------------------------------------------------------------------------------------------------


def test_one_quantity_for_all_variations_is_one_cell_and_all_are_written_alike_I18(world: EtsyWorld) -> None:
    ring = world.add_shared("RING", 3, 12)
    found = run(world.channel.listings()).frame
    assert found["cell"].unique().to_list() == [ring[0].partition("/")[0]]
    world.shop.sell(world.key(ring[1]), 2)
    assert {quantity for quantity, _ in shows(world).values()} == {10}
    assert outcomes(push(world, {ring[2]: 7})) == [("accepted", 7)]
    assert [each["offerings"][0]["quantity"] for each in bodies(world)[0]["products"]] == [7, 7, 7]


def test_variations_of_one_colour_share_and_the_other_colour_is_left_as_it_is(world: EtsyWorld) -> None:
    products_ = [
        {"sku": f"{colour}{size}", "options": {"Primary color": colour, "Size": size}, "quantity": units}
        for colour, units in (("Red", 4), ("Blue", 6)) for size in "SL"
    ]  # fmt: skip
    id_, _ = world.shop.add_product("Shirt", products_, ["Primary color"])
    found = run(world.channel.listings()).frame
    assert sorted(found["cell"].unique()) == [f"{id_}/200=Blue", f"{id_}/200=Red"]
    red = next(each for each in found["listing"] if "Red" in each)
    assert outcomes(push(world, {red: 1})) == [("accepted", 1)]
    assert [each["offerings"][0]["quantity"] for each in bodies(world)[0]["products"]] == [1, 1, 6, 6]


def test_two_changes_of_one_listing_go_in_one_write(world: EtsyWorld) -> None:
    small, large = world.add_variants("S", [3, 4])
    assert outcomes(push(world, {small: 1, large: 2})) == [("accepted", 1), ("accepted", 2)]
    assert len(bodies(world)) == 1


def test_a_cell_that_is_shared_otherwise_by_now_is_refused_and_nothing_is_written(world: EtsyWorld) -> None:
    small, _ = world.add_variants("S", [3, 3])
    asked = changes(run(world.channel.listings()).frame, {small: 1})
    world.shop.listing(world.key(small)).quantity_on = ()
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["refused"] and "share one quantity" in results["message"][0]
    assert not bodies(world)


def test_more_than_999_is_never_sent_and_is_said(world: EtsyWorld) -> None:
    listing = world.add("A", 5)
    results = push(world, {listing: 1500})
    assert outcomes(results) == [("clamped", 999)] and "999" in results["message"][0]
    assert world.channel.can.max_quantity == 999


# --- at 0 -------------------------------------------------------------------------------------------------------------


def test_a_listing_at_0_is_made_inactive_reads_as_0_and_keeps_one_unit_that_nobody_can_buy(world: EtsyWorld) -> None:
    listing = world.add("A", 5)
    assert outcomes(push(world, {listing: 0})) == [("accepted", 0)]
    assert states(world) == ["inactive"] and world.shop.listings[int(listing)].units == 1
    assert shows(world) == {listing: (0, "inactive")}


def test_it_is_active_again_with_stock_and_without_a_fee_quantity_first(world: EtsyWorld) -> None:
    listing = world.add("A", 5)
    push(world, {listing: 0})
    assert outcomes(push(world, {listing: 4})) == [("accepted", 4)]
    assert states(world) == ["inactive", "active"] and world.shown(listing) == 4 and world.shop.fees == 0
    writes = [request.method for request, _ in world.exchanges if request.method in ("PUT", "PATCH")]
    assert writes == ["PATCH", "PUT", "PUT", "PATCH"], "off first and then lowered; raised first and then on"


def test_one_variation_at_0_is_a_0_while_another_has_units(world: EtsyWorld) -> None:
    small, large = world.add_variants("S", [3, 4])
    assert outcomes(push(world, {small: 0})) == [("accepted", 0)]
    assert states(world) == [] and shows(world) == {small: (0, "active"), large: (4, "active")}
    assert outcomes(push(world, {large: 0})) == [("accepted", 0)] and states(world) == ["inactive"]
    assert {quantity for quantity, _ in shows(world).values()} == {0}
    assert outcomes(push(world, {large: 2})) == [("accepted", 2)]
    assert shows(world) == {small: (0, "active"), large: (2, "active")}, "the unit that stayed is nobody's"


def test_what_was_taken_off_is_known_after_a_restart_and_put_up_again(tmp_path: Path) -> None:
    world = make(notes=KeptNotes(tmp_path, "my-shop"))
    listing = world.add("A", 5)
    push(world, {listing: 0})
    world.notes = KeptNotes(tmp_path, "my-shop")
    world.channel = world.connect()
    assert shows(world) == {listing: (0, "inactive")}
    push(world, {listing: 3})
    assert world.shown(listing) == 3 and NotesInMemory().read() == KeptNotes(tmp_path, "my-shop").read() == {}


def test_what_the_seller_took_off_shows_its_stored_quantity_and_is_never_put_up(world: EtsyWorld) -> None:
    listing = world.add("A", 5)
    world.shop.deactivate(listing)
    assert shows(world) == {listing: (5, "inactive")}, "no unit has gone"
    assert outcomes(push(world, {listing: 3})) == [("accepted", 3)]
    assert outcomes(push(world, {listing: 0})) == [("accepted", 0)]
    assert shows(world) == {listing: (0, "inactive")} and world.shop.listings[int(listing)].units == 1
    assert outcomes(push(world, {listing: 6})) == [("accepted", 6)]
    assert states(world) == [] and shows(world) == {listing: (6, "inactive")}


def test_one_that_somebody_puts_up_by_hand_at_0_sells_one_unit_at_most_and_is_taken_off_again(world: EtsyWorld) -> None:
    listing = world.add("A", 50)
    push(world, {listing: 0})
    world.shop.activate(listing)
    assert shows(world) == {listing: (1, "active")}
    world.clock.advance(600)
    assert shows(world) == {listing: (1, "active")}
    world.shop.deactivate(listing)
    assert shows(world) == {listing: (1, "inactive")}, "this time it was the seller"
    world.shop.activate(listing)
    push(world, {listing: 0})
    assert shows(world) == {listing: (0, "inactive")}


def test_a_sold_out_listing_is_not_renewed_without_the_sellers_yes_and_the_fee_is_told(world: EtsyWorld) -> None:
    listing = world.add("A", 1)
    world.shop.sell(listing, 1)
    assert shows(world) == {listing: (0, "inactive")}
    results = push(world, {listing: 3})
    assert outcomes(results) == [("refused", 0)] and world.shop.fees == 0 and not bodies(world) + states(world)
    assert "listing fee" in results["message"][0] and "stocksheet connect" in results["message"][0]
    assert outcomes(push(world, {listing: 0})) == [("accepted", 0)]


def test_a_sold_out_listing_is_renewed_where_the_seller_said_yes_and_has_its_quantity_after_it() -> None:
    world = make(renew="yes")
    listing = world.add("A", 1)
    world.shop.sell(listing, 1)
    assert outcomes(push(world, {listing: 3})) == [("accepted", 3)]
    assert world.shown(listing) == 3 and world.shop.fees == 1 and states(world) == ["active"]
    world.validate()


def test_one_that_expired_while_it_was_off_is_not_renewed_unasked(world: EtsyWorld) -> None:
    listing = world.add("A", 5)
    push(world, {listing: 0})
    world.shop.listings[int(listing)].ends = world.clock.now() - timedelta(days=1)
    results = push(world, {listing: 3})
    assert outcomes(results) == [("refused", 0)] and "expired" in results["message"][0] and world.shop.fees == 0


def test_one_that_cannot_be_taken_off_goes_down_to_one_and_says_so(world: EtsyWorld) -> None:
    listing = world.add("A", 5)
    world.shop.faults.cannot_deactivate.add(int(listing))
    results = push(world, {listing: 0})
    assert outcomes(results) == [("clamped", 1)] and "Deactivate it in Shop Manager" in results["message"][0]
    assert shows(world) == {listing: (1, "active")}


def test_one_that_cannot_be_put_up_again_stays_at_0_and_says_so(world: EtsyWorld) -> None:
    listing = world.add("A", 5)
    push(world, {listing: 0})
    world.shop.faults.cannot_activate.add(int(listing))
    results = push(world, {listing: 4})
    assert outcomes(results) == [("refused", 0)] and "frozen" in results["message"][0]
    assert shows(world) == {listing: (0, "inactive")} and world.shop.listings[int(listing)].units == 1
    world.shop.faults.cannot_activate.clear()
    assert outcomes(push(world, {listing: 4})) == [("accepted", 4)]


def test_a_listing_of_more_than_999_in_all_is_lowered_before_and_raised_after_its_state_changes(
    world: EtsyWorld,
) -> None:
    each = world.add_variants("S", [500, 500, 500])
    assert set(outcomes(push(world, dict.fromkeys(each, 0)))) == {("accepted", 0)}
    assert set(outcomes(push(world, dict.fromkeys(each, 400)))) == {("accepted", 400)}
    assert [world.shown(listing) for listing in each] == [400, 400, 400] and states(world) == ["inactive", "active"]


def test_a_lost_answer_to_taking_it_off_is_unknown_and_the_next_read_knows(world: EtsyWorld) -> None:
    listing = world.add("A", 5)
    asked = changes(run(world.channel.listings()).frame, {listing: 0})
    world.shop.faults.answer_lost_after_apply = 1
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["unknown"]
    assert shows(world) == {listing: (0, "inactive")}


def test_drafts_and_expired_listings_are_not_read_and_downloads_are_not_counted(world: EtsyWorld) -> None:
    world.shop.listings[int(world.add("D", 5))].state = "draft"
    world.shop.listings[int(world.add("E", 5))].state = "expired"
    download = world.add("PDF", None)
    (row,) = run(world.channel.listings()).frame.iter_rows(named=True)
    assert (row["listing"], row["managed"], row["quantity"]) == (download, False, None)


# --- reading ----------------------------------------------------------------------------------------------------------


def test_10_000_listings_take_102_calls_and_a_batch_with_one_that_is_gone_is_halved() -> None:
    world = make(per_day=100_000)
    for number in range(1000):  # a tenth of them: ten pages, and one for each other state
        world.shop.add_simple(f"S{number}", "Thing", 3)
    before = world.reads()
    found = run(world.channel.listings())
    assert found.complete and found.frame.height == 1000
    assert world.reads() - before == ceil(1000 / 100) + 2 + 1, "and once whose shop it is"
    ids = found.frame["listing"].to_list()[:100]
    before = world.reads()
    assert run(world.channel.listings(only=ids, lane="raise")).frame.height == 100
    assert world.reads() - before == 1
    world.remove(ids[3])
    assert run(world.channel.listings(only=ids[:8], lane="raise")).frame.height == 7
    world.validate()


def test_a_batch_that_tells_no_state_is_asked_for_it(world: EtsyWorld) -> None:
    listing = world.add("A", 5)
    push(world, {listing: 0})
    world.shop.faults.batch_without_state = True
    found = run(world.channel.listings(only=[listing]))
    assert found.frame.select("quantity", "status").row(0) == (0, "inactive")


def test_a_listing_that_is_deleted_between_two_pages_is_found_by_the_count(world: EtsyWorld) -> None:
    each = [world.add(f"A{n}", 2) for n in range(150)]
    seen: list[str] = []

    def deleted_meanwhile(request: Any, _: Any) -> None:
        if request.path.endswith("/listings") and not seen:
            seen.append(request.path)
            world.shop.remove(each[-1])  # the newest: what follows moves up by one

    world.shop.on_exchange = deleted_meanwhile
    found = run(world.channel.listings())
    assert found.complete and sorted(found.frame["listing"]) == sorted(each[:-1])


def test_titles_are_plain_text_and_options_are_named(world: EtsyWorld) -> None:
    world.shop.add_product('8" & more', [{"sku": "A", "options": {"Primary color": "Red", "Size": "L"}, "quantity": 2}])
    row = run(world.channel.listings()).frame.row(0, named=True)
    assert (row["title"], row["options"]) == ('8" & more', "Primary color: Red, Size: L")
    assert (row["price"], row["currency"], row["barcode"]) == ("22", "USD", None)


# --- receipts ---------------------------------------------------------------------------------------------------------


def test_an_order_line_is_found_by_the_texts_of_its_values_whatever_its_ids(world: EtsyWorld) -> None:
    small, large = world.add_variants("S", [3, 4])
    world.shop.sell(world.key(large), 1)
    push(world, {small: 2})  # all ids are others now
    assert lines(world)[large]["open"] == 1


@pytest.mark.parametrize("known", [True, False])
def test_without_product_data_it_is_found_by_what_the_buyer_was_shown(world: EtsyWorld, known: bool) -> None:
    world.shop.faults.empty_product_data = True
    small, large = world.add_variants("S", [3, 4])
    simple = world.add("A", 4)
    if known:
        run(world.channel.listings())
    world.shop.place_order([(world.key(large), 1), (simple, 2)])
    assert {listing: row["open"] for listing, row in lines(world).items()} == {large: 1, simple: 2}, "not by: For Ann"
    assert small not in lines(world)


def test_a_line_that_names_no_variation_any_more_names_no_listing_but_its_sku(world: EtsyWorld) -> None:
    catalogue = Catalogue(Hidden(NotesInMemory(), world.clock))
    catalogue.known[7] = [Known("7/1=S", 71, "A-S"), Known("7/1=L", 72, "A-L"), Known("7/1=X", 73, "A-L")]
    assert catalogue.listing_of({"listing_id": 7, "product_id": 72}) == "7/1=L"
    assert catalogue.listing_of({"listing_id": 7, "sku": "A-S", "product_id": 99}) == "7/1=S"
    assert catalogue.listing_of({"listing_id": 7, "sku": "A-L"}) is None, "two have this SKU"
    assert catalogue.listing_of({"listing_id": None, "sku": "A-S"}) is None


@pytest.mark.parametrize(
    ("deed", "open_", "shipped", "returned"),
    [("ship", 0, 3, 0), ("cancel", 0, 0, 0), ("refund_all", 0, 0, 0), ("refund_part", 3, 0, 0)],
)
def test_what_each_status_of_a_receipt_means(
    world: EtsyWorld, deed: str, open_: int, shipped: int, returned: int
) -> None:
    order = world.sell(world.add("A", 9), 3)
    world.clock.advance(10)
    getattr(world.shop, deed)(int(order), *([500] if deed == "refund_part" else []))
    (line,) = lines(world).values()
    assert (line["open"], line["shipped"], line["returned"]) == (open_, shipped, returned)
    assert line["holds"] is (open_ > 0) and line["freed_at"] is None


def test_a_cancelled_receipt_that_lists_leave_out_is_found_by_its_number(world: EtsyWorld) -> None:
    order = world.sell(world.add("A", 9), 3)
    world.shop.faults.hide_cancelled = True
    world.cancel(order)
    found = run(world.channel.orders(world.clock.now() - OVERLAP, also=[order]))
    assert found.frame.select("order", "open").rows() == [(order, 0)] and found.gone == ()


def test_a_receipt_that_changes_while_pages_are_read_is_not_lost(world: EtsyWorld) -> None:
    listing = world.add("A", 999)
    orders = []
    for _ in range(130):
        orders.append(int(world.sell(listing, 1)))
        world.clock.advance(1)
    moved: list[int] = []

    def shipped_meanwhile(request: Any, _: Any) -> None:
        if request.path.endswith("/receipts") and not moved:
            moved.extend(orders[:40])
            for order in moved:
                world.shop.ship(order)  # they leave the first page for the end

    world.shop.on_exchange = shipped_meanwhile
    found = run(world.channel.orders(world.clock.now() - timedelta(hours=1)))
    assert sorted(found.frame["order"].unique()) == sorted(map(str, orders))
    assert found.frame.filter(pl.col("shipped") > 0).height == 40


def test_nothing_of_a_buyer_reaches_a_frame_R8(world: EtsyWorld) -> None:
    world.sell(world.add("A", 9), 3)
    found = run(world.channel.orders(None))
    told = world.asked("GET", "/receipts")[0][1].body.decode()
    assert "Ann Canary" in told and "Canary" not in found.frame.write_json() + "".join(found.issues)


def test_a_line_that_is_a_download_holds_nothing(world: EtsyWorld) -> None:
    world.sell(world.add("PDF", None), 2)
    (line,) = lines(world).values()
    assert (line["open"], line["shipped"]) == (0, 0)


# --- calls counted ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("listings", "each"), [(1, 1), (100, 1), (20, 100)])
def test_quantities_take_one_write_a_listing_and_one_read_for_twenty(listings: int, each: int) -> None:
    """1, 100 and 2,000 quantities. The least there can be: a write a listing, and a read for a hundred."""
    world = make(per_day=100_000)
    for number in range(listings):
        if each == 1:
            world.shop.add_simple(f"S{number}", "Thing", 5)
        else:
            some = [{"sku": f"S{number}-{n}", "options": {"Size": str(n)}, "quantity": 5} for n in range(each)]
            world.shop.add_product("Thing", some)
    found = run(world.channel.listings()).frame
    assert found.height == listings * each
    asked = changes(found, dict.fromkeys(found["listing"], 4))
    reads, writes = world.reads(), world.writes()
    results = run(world.channel.push(asked, "raise"))
    assert results["outcome"].unique().to_list() == ["accepted"]
    assert (world.writes() - writes, world.reads() - reads) == (listings, ceil(listings / 20))


# --- budgets ----------------------------------------------------------------------------------------------------------


def test_no_second_sees_more_calls_than_etsy_allows() -> None:
    world = make(per_second=4, per_day=100_000)
    for number in range(30):
        world.shop.add_simple(f"S{number}", "Thing", 5)
    found = run(world.channel.listings()).frame
    asked = changes(found, dict.fromkeys(found["listing"], 4))
    run(world.channel.push(asked, "raise"))
    assert all(answer.status == 200 for _, answer in world.exchanges[8:]), "once it has said how many it allows"


def test_the_day_is_read_from_each_answer_and_full_reads_wait_where_it_is_short(world: EtsyWorld) -> None:
    clock = FakeClock()
    day = Day(clock)
    day.limit, day.left = 10_000, 9_000
    day.was_read(102)
    assert day.may_read_all()
    day.left = 4_999
    assert not day.may_read_all()
    clock.advance(102 * 86_400 / 2_500)
    assert day.may_read_all()
    day.was_read(3)
    clock.advance(120)
    assert day.may_read_all(), "a small shop never waits"
    world.add("A", 5)
    run(world.channel.listings())
    found: Any = world.channel
    assert (found._day.limit, found._day.left) == (10_000, 10_000 - len(world.exchanges))


def test_a_read_that_waits_for_the_day_is_not_complete_and_says_nothing_is_gone(world: EtsyWorld) -> None:
    world.add("A", 5)
    run(world.channel.listings())
    found: Any = world.channel
    found._day.left, found._day._calls = 100, 102
    before = world.reads()
    skipped = run(world.channel.listings())
    assert not skipped.complete and skipped.frame.is_empty() and world.reads() == before
    assert run(world.channel.orders(world.clock.now())).frame.is_empty() and world.reads() == before + 1


def test_the_calls_of_a_day_that_are_used_up_are_waited_for_half_an_hour_not_a_day(world: EtsyWorld) -> None:
    world.add("A", 5)
    run(world.channel.listings())
    world.shop.faults.day_limit = True
    with pytest.raises(ChannelOut) as out:
        run(world.channel.orders(None))
    assert out.value.kind == "wait" and out.value.retry_after == 1800
    world.shop.faults.day_limit = False
    assert run(world.channel.orders(None)).frame.is_empty(), "they come back bit by bit"


# --- who may come in --------------------------------------------------------------------------------------------------


def test_both_parts_of_the_key_and_the_token_stand_on_each_call(world: EtsyWorld) -> None:
    run(world.channel.orders(None))
    request, _ = world.asked("GET")[0]
    assert request.headers["x-api-key"] == f"{world.shop.keystring}:{world.shop.shared_secret}"
    assert request.headers["authorization"].startswith(f"Bearer {world.shop.user_id}.")


def test_a_shared_secret_that_is_not_right_stops_the_channel_with_etsys_words(world: EtsyWorld) -> None:
    world.shop.shared_secret = "another"
    with pytest.raises(ChannelOut, match="Invalid API key") as out:
        run(world.channel.orders(None))
    assert out.value.kind == "access" and "stocksheet connect my-shop" in out.value.fix


def test_the_yes_is_exchanged_once_with_the_verifier_of_its_challenge() -> None:
    world = make(tokens=InMemory())
    run(world.channel.orders(None))
    (exchange,) = world.asked("POST", EXCHANGE)
    form = dict(parse_qsl(exchange[0].body.decode()))
    digest = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    assert digest == challenge() and form["redirect_uri"] == "https://localhost/" and len(form["code_verifier"]) >= 43
    kept = world.tokens.read()
    assert kept is not None and kept.refresh and kept.refresh_ends == world.clock.now() + timedelta(days=90)


def test_a_code_for_another_challenge_is_refused_in_words() -> None:
    world = make(tokens=InMemory())
    for code, known in list(world.shop.codes.items()):
        world.shop.codes[code] = type(known)("another", known.back, known.ends, known.scopes)
    with pytest.raises(ChannelOut, match="code_verifier is invalid") as out:
        run(world.channel.account())
    assert out.value.kind == "access" and "Say yes" in out.value.fix


def test_a_token_of_an_hour_is_renewed_and_each_refresh_token_is_used_once_R27() -> None:
    world = make(tokens=InMemory())
    seen = set()
    for _ in range(4):
        run(world.channel.orders(world.clock.now() - OVERLAP))
        kept = world.tokens.read()
        assert kept is not None and kept.refresh not in seen
        seen.add(kept.refresh)
        world.clock.advance(3600)
    assert len(world.asked("POST", EXCHANGE)) == 4


def test_a_token_that_is_refused_is_renewed_once_and_a_push_goes_on(world: EtsyWorld) -> None:
    listing = world.add("A", 5)
    asked = changes(run(world.channel.listings()).frame, {listing: 3})
    world.shop.end_access_tokens()
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["accepted"]
    assert len(world.asked("POST", EXCHANGE)) == 1


def test_every_missing_permission_is_named_at_once_R5() -> None:
    world = make(tokens=InMemory())
    code = world.shop.authorise(challenge(), ("shops_r", "listings_r"))
    given = {**settings(world.shop), "granted": f"https://localhost/?code={code}"}
    channel = connect("my-shop", given, Ports(world.clock, world.rng, world.wire, world.tokens))
    with pytest.raises(ChannelOut) as out:
        run(channel.account())
    assert out.value.kind == "access" and "listings_w" in out.value.what and "transactions_r" in out.value.what


@pytest.mark.parametrize(
    "told",
    [
        list(SCOPES),
        {"scopes": list(SCOPES)},
        {"scope": " ".join(SCOPES)},
        dict.fromkeys(SCOPES, True),
        [{"scopes": [*SCOPES]}],
    ],
)
def test_permissions_are_understood_however_they_are_written_down(told: object) -> None:
    assert scopes_in(told) == set(SCOPES) and scopes_in({"count": 4}) == scopes_in({"listings_w": False}) == set()


def test_whoever_has_no_shop_is_told(world: EtsyWorld) -> None:
    world.shop.has_shop = False
    with pytest.raises(ChannelOut, match="has no shop on Etsy"):
        run(world.channel.account())


def test_the_page_of_the_yes_asks_for_four_permissions_and_names_the_callback() -> None:
    (step,) = [each for each in WAYS[0].steps if "oauth/connect" in each]
    asked = parse_qs(urlsplit(step.format_map({"keystring": "abc"}).split()[-1]).query)
    assert asked["client_id"] == ["abc"] and asked["scope"] == ["listings_r listings_w transactions_r shops_r"]
    assert asked["redirect_uri"] == ["https://localhost/"] and asked["code_challenge"] == [challenge()]
    assert asked["code_challenge_method"] == ["S256"] and asked["state"][0] and "{url}" not in step


def test_a_practice_shop_says_yes_by_itself_and_only_there_it_is_offered() -> None:
    world = make(tokens=InMemory())
    ports = Ports(world.clock, world.rng, world.wire, world.tokens)
    assert [way.key for way in run(offered("etsy", "x", {"url": "http://127.0.0.1:1"}, ports))] == ["practice"]
    assert [way.key for way in run(offered("etsy", "x", {}, ports))] == ["address"]
    address = page("http://127.0.0.1:1").replace("{keystring}", world.shop.keystring)

    async def visit() -> str:
        async with httpx.AsyncClient(transport=world.wire) as browser:
            return (await browser.get(address)).headers["location"]

    granted = run(visit())
    assert granted.startswith("https://localhost/?code=")
    given = {**settings(world.shop), "url": "http://127.0.0.1:1", "granted": granted}
    assert run(connect("my-shop", given, ports).account()).name == "Practice shop"


def test_another_address_a_no_and_a_wrong_answer_are_told() -> None:
    assert code_of("x", "https://localhost/?code=abc&state=y") == "abc"
    with pytest.raises(ChannelOut, match="holds no yes") as out:
        code_of("x", "https://www.etsy.com/")
    assert out.value.kind == "access"
    with pytest.raises(ChannelOut, match="The user denied"):
        code_of("x", "https://localhost/?error=access_denied&error_description=The+user+denied")
    world = make()
    with pytest.raises(ChannelOut, match="yes, no or nothing"):
        connect("x", {**settings(world.shop), "renew": "perhaps"}, Ports(world.clock, world.rng))


def test_connect_asks_about_the_fee_and_it_may_be_left_open() -> None:
    (renew,) = [each for each in SETTINGS if each.key == "renew"]
    assert renew.optional and "listing fee" in renew.help and renew.tidy(" Yes ") == "yes"


@pytest.mark.parametrize("renew", ["yes", ""])
def test_the_preflight_tells_of_the_fee_and_of_a_vacation(renew: str) -> None:
    world = make(renew=renew)
    world.shop.on_vacation = True
    told = run(world.channel.preflight())  # type: ignore[attr-defined]
    assert any(("are renewed" in each.what) == (renew == "yes") and "fee" in each.what for each in told[1:])
    assert "vacation" in told[-1].what


# --- errors sorted ----------------------------------------------------------------------------------------------------


def answer(status: int, error: str, **headers: str) -> Answer:
    now = FakeClock().now()
    return Answer(status, {"error": error}, headers, now, now)


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        (403, "This listing is not publishable because it's frozen", True),
        (403, "insufficient_scope", False),
        (403, "Shared secret is required in x-api-key header.", False),
        (401, "invalid_token", False),
        (429, "Exceeded daily rate limit", True),
        (429, "Exceeded per second rate limit", False),
    ],
)
def test_a_status_alone_does_not_say_what_is_wrong(status: int, error: str, told: bool) -> None:
    assert said(answer(status, error)).told is told


def test_a_budget_is_half_of_what_etsy_says_it_allows() -> None:
    headers = {"x-limit-per-second": "10", "x-remaining-this-second": "3"}
    budget = said(answer(200, "", **headers)).budget
    assert budget is not None and (budget.rate, budget.maximum, budget.available) == (5, 5, 3)


def test_the_key_of_a_product_does_not_depend_on_the_order_of_its_values() -> None:
    red = {"property_id": 200, "values": ["Red &amp; white"]}
    small = {"property_id": 9, "values": ["S", "M"]}
    assert key_of([red, small]) == key_of([small, red]) == "/9=S+M/200=Red & white"
    assert key_of([red, small], [200]) == "/200=Red & white" and products(5, {}) == []


# --- notes ------------------------------------------------------------------------------------------------------------


def test_notes_that_are_damaged_count_as_nothing_and_are_replaced(tmp_path: Path) -> None:
    notes = KeptNotes(tmp_path, "Anna's shop / 2")
    assert notes.read() == {}
    notes.keep({"1001": "ours 5"})
    (file,) = (tmp_path / "notes").iterdir()
    assert KeptNotes(tmp_path, "Anna's shop / 2").read() == {"1001": "ours 5"} and KeptNotes(tmp_path, "b").read() == {}
    for damaged in ('{"1001": "ou', "[]", ""):
        file.write_text(damaged)
        assert notes.read() == {}
    notes.keep({"7": "theirs 9"})
    assert notes.read() == {"7": "theirs 9"} and list((tmp_path / "notes").iterdir()) == [file]


def test_a_disk_that_takes_no_note_keeps_no_listing_on_sale() -> None:
    class Full(NotesInMemory):
        def keep(self, notes: object) -> None:
            raise OSError("no space left")

    world = make(notes=Full())
    listing = world.add("A", 5)
    assert outcomes(push(world, {listing: 0})) == [("accepted", 0)]
    assert shows(world) == {listing: (0, "inactive")}, "known until the next start"
    assert outcomes(push(world, {listing: 2})) == [("accepted", 2)]
