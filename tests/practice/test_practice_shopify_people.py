"""The practice Shopify: what people do in it, and what Shopify's own bookkeeping makes of it."""

from __future__ import annotations

import random
from typing import Any

import pytest

from agent.demo.world import OUTLET, WEB, make
from agent.practice.shopify import fill, fill_many, gid
from tests.practice.shopify_stage import Stage

ORDER = """query Order($id: ID!) { order(id: $id) {
  name closed cancelledAt cancelReason test edited displayFinancialStatus displayFulfillmentStatus updatedAt
  lineItems(first: 10) { nodes {
    sku quantity currentQuantity unfulfilledQuantity nonFulfillableQuantity refundableQuantity variant { id } } }
  fulfillments { status totalQuantity location { id } fulfillmentLineItems(first: 5) { nodes { quantity } } }
  fulfillmentOrders(first: 10) { nodes { status assignedLocation { location { id name } }
    lineItems(first: 10) { nodes { remainingQuantity totalQuantity } } } }
  refunds { refundLineItems(first: 10) { nodes { quantity restockType restocked location { id } } } } } }"""


@pytest.fixture
def stage() -> Stage:
    return Stage()


def order_of(stage: Stage, order: int | None) -> Any:
    assert order is not None
    return stage.data(ORDER, {"id": gid("Order", order)})


def line_of(stage: Stage, order: int | None) -> int:
    assert order is not None
    return stage.shop.orders[order].lines[0].id


# -- buying ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("financial", ["PAID", "PENDING", "AUTHORIZED"])
def test_an_order_takes_its_units_from_available_at_once_and_they_stay_on_hand(stage: Stage, financial: str) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    assert stage.shop.sell(mug, 2, financial) is not None
    assert stage.counts(mug) == (3, 2, 5)


def test_a_buyer_is_refused_what_is_not_there_unless_nobody_minds(stage: Stage) -> None:
    mug, cap = stage.shop.add_simple("MUG", "Mug", 1), stage.shop.add_simple("CAP", "Cap", 1, policy="CONTINUE")
    assert stage.shop.sell(mug, 2) is None
    assert stage.counts(mug) == (1, 0, 1)
    assert stage.shop.sell(cap, 2) is not None
    assert stage.counts(cap) == (-1, 2, 1)


@pytest.mark.parametrize(
    ("status", "sold"), [("ACTIVE", True), ("UNLISTED", True), ("DRAFT", False), ("ARCHIVED", False)]
)
def test_only_what_is_shown_can_be_bought(stage: Stage, status: str, sold: bool) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5, status=status)
    assert (stage.shop.sell(mug, 1) is not None) is sold


def test_variants_of_one_inventory_item_share_its_units(stage: Stage) -> None:
    single = stage.shop.add_simple("ONE", "One candle", 5)
    _, (pair,) = stage.shop.add_product("Candle, second listing", [{"sku": "ONE-B", "shares": single}])
    assert stage.shop.place_order([(single, 3), (pair, 3)]) is None
    assert stage.shop.place_order([(single, 3), (pair, 2)]) is not None
    assert stage.counts(single) == stage.counts(pair) == (0, 5, 5)
    found = stage.data(
        "query I($id: ID!) { inventoryItem(id: $id) { variants(first: 5) { nodes { id } } } }", {"id": stage.item(pair)}
    )
    assert [each["id"] for each in found["variants"]["nodes"]] == [
        gid("ProductVariant", each) for each in (single, pair)
    ]


def test_nothing_is_counted_of_what_nobody_tracks(stage: Stage) -> None:
    card = stage.shop.add_simple("CARD", "Engraving", None)
    order = stage.shop.sell(card, 99)
    assert order is not None
    stage.shop.fulfil(order)
    assert stage.counts(card) == (0, 0, 0)


def test_the_location_that_has_enough_is_asked_to_send_it(stage: Stage) -> None:
    barn = stage.shop.add_location("Barn")
    mug = stage.shop.add_simple("MUG", "Mug", {stage.shop.main_location: 1, barn: 5})
    order = stage.shop.sell(mug, 3)
    (waiting,) = order_of(stage, order)["fulfillmentOrders"]["nodes"]
    assert waiting["assignedLocation"]["location"] == {"id": gid("Location", barn), "name": "Barn"}
    assert (stage.counts(mug), stage.counts(mug, barn)) == ((1, 0, 1), (2, 3, 5))


# -- sending ---------------------------------------------------------------------------------------------------------


def test_sending_takes_units_from_committed_and_on_hand(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    order = stage.shop.sell(mug, 3)
    assert order is not None
    stage.shop.fulfil(order, {line_of(stage, order): 1})
    assert stage.counts(mug) == (2, 2, 4)
    partly = order_of(stage, order)
    assert partly["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED" and not partly["closed"]
    assert partly["fulfillmentOrders"]["nodes"][0]["status"] == "IN_PROGRESS"
    assert partly["lineItems"]["nodes"][0]["unfulfilledQuantity"] == 2
    stage.shop.fulfil(order)
    assert stage.counts(mug) == (2, 0, 2)
    whole = order_of(stage, order)
    assert whole["displayFulfillmentStatus"] == "FULFILLED" and whole["closed"]
    assert [each["totalQuantity"] for each in whole["fulfillments"]] == [1, 2]
    assert whole["fulfillmentOrders"]["nodes"][0]["status"] == "CLOSED"


def test_what_is_held_is_not_sent(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    order = stage.shop.sell(mug, 1)
    assert order is not None
    stage.shop.hold(order)
    stage.shop.fulfil(order)
    held = order_of(stage, order)
    assert held["displayFulfillmentStatus"] == held["fulfillmentOrders"]["nodes"][0]["status"] == "ON_HOLD"
    stage.shop.hold(order, False)
    stage.shop.fulfil(order)
    assert order_of(stage, order)["displayFulfillmentStatus"] == "FULFILLED"


@pytest.mark.parametrize("status", ["SCHEDULED", "INCOMPLETE", "IN_PROGRESS"])
def test_what_waits_to_be_sent_keeps_its_units_whatever_it_is_called(stage: Stage, status: str) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    order = stage.shop.sell(mug, 2)
    assert order is not None
    stage.shop.waiting_becomes(order, status)
    (waiting,) = order_of(stage, order)["fulfillmentOrders"]["nodes"]
    assert waiting["status"] == status
    assert waiting["lineItems"]["nodes"] == [{"remainingQuantity": 2, "totalQuantity": 2}]
    assert stage.counts(mug) == (3, 2, 5)


def test_moving_an_order_to_another_location_moves_its_units(stage: Stage) -> None:
    barn = stage.shop.add_location("Barn")
    mug = stage.shop.add_simple("MUG", "Mug", {stage.shop.main_location: 5, barn: 5})
    order = stage.shop.sell(mug, 2)
    assert order is not None
    stage.shop.send_from(order, barn)
    assert (stage.counts(mug), stage.counts(mug, barn)) == ((5, 0, 5), (3, 2, 5))


# -- taking back -----------------------------------------------------------------------------------------------------


def test_cancelling_with_a_restock_makes_units_available_again(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    order = stage.shop.sell(mug, 2)
    assert order is not None
    stage.shop.cancel(order)
    assert stage.counts(mug) == (5, 0, 5)
    shown = order_of(stage, order)
    assert shown["cancelledAt"] and shown["cancelReason"] == "CUSTOMER" and shown["closed"]
    (line,) = shown["lineItems"]["nodes"]
    assert (line["quantity"], line["currentQuantity"], line["unfulfilledQuantity"]) == (2, 0, 0)
    assert shown["fulfillmentOrders"]["nodes"][0]["lineItems"]["nodes"][0]["remainingQuantity"] == 0
    (given_back,) = shown["refunds"][0]["refundLineItems"]["nodes"]
    assert (given_back["quantity"], given_back["restockType"], given_back["restocked"]) == (2, "CANCEL", True)


def test_cancelling_without_a_restock_leaves_them_gone(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    order = stage.shop.sell(mug, 2, "PENDING")
    assert order is not None
    stage.shop.cancel(order, restock=False)
    assert stage.counts(mug) == (3, 0, 3)
    assert order_of(stage, order)["displayFinancialStatus"] == "VOIDED"


@pytest.mark.parametrize(
    ("sent", "restock", "kind", "counts"),
    [
        (False, True, "CANCEL", (4, 1, 5)),
        (False, False, "NO_RESTOCK", (3, 1, 4)),
        (True, True, "RETURN", (4, 0, 4)),
        (True, False, "NO_RESTOCK", (3, 0, 3)),
    ],
)
def test_a_refund_says_what_became_of_the_units(
    stage: Stage, sent: bool, restock: bool, kind: str, counts: tuple[int, ...]
) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    order = stage.shop.sell(mug, 2)
    assert order is not None
    if sent:
        stage.shop.fulfil(order)
    stage.shop.refund(order, {line_of(stage, order): 1}, restock)
    assert stage.counts(mug) == counts
    shown = order_of(stage, order)
    (back,) = shown["refunds"][0]["refundLineItems"]["nodes"]
    assert (back["quantity"], back["restockType"], back["location"] is not None) == (1, kind, restock)
    (line,) = shown["lineItems"]["nodes"]
    assert (line["quantity"], line["currentQuantity"]) == (2, 1)
    assert line["unfulfilledQuantity"] == (0 if sent else 1)
    assert shown["displayFinancialStatus"] == "PARTIALLY_REFUNDED"


def test_a_refund_of_a_partly_sent_line_cancels_before_it_returns(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    order = stage.shop.sell(mug, 3)
    assert order is not None
    stage.shop.fulfil(order, {line_of(stage, order): 2})
    stage.shop.refund(order, {line_of(stage, order): 3})
    kinds = [
        (each["restockType"], each["quantity"])
        for each in order_of(stage, order)["refunds"][0]["refundLineItems"]["nodes"]
    ]
    assert kinds == [("CANCEL", 1), ("RETURN", 2)]
    assert stage.counts(mug) == (5, 0, 5)
    assert order_of(stage, order)["displayFinancialStatus"] == "REFUNDED"


def test_an_edited_order_leaves_no_refund_behind(stage: Stage) -> None:
    mug, cap = stage.shop.add_simple("MUG", "Mug", 9), stage.shop.add_simple("CAP", "Cap", 9)
    order = stage.shop.sell(mug, 3)
    assert order is not None
    stage.shop.edit_order(order, {line_of(stage, order): 1}, add=[(cap, 2)])
    assert (stage.counts(mug), stage.counts(cap)) == ((8, 1, 9), (7, 2, 9))
    shown = order_of(stage, order)
    assert shown["edited"] and shown["refunds"] == []
    lines = [(each["quantity"], each["currentQuantity"]) for each in shown["lineItems"]["nodes"]]
    assert lines == [(3, 1), (2, 2)]
    stage.shop.edit_order(order, {line_of(stage, order): 4})
    assert stage.counts(mug) == (5, 4, 9)


def test_a_test_order_takes_stock_as_any_other(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    order = stage.shop.sell(mug, 1, test=True)
    assert order_of(stage, order)["test"] is True
    assert stage.counts(mug) == (4, 1, 5)


# -- the owner -------------------------------------------------------------------------------------------------------


def test_a_person_types_what_is_available_or_what_lies_there(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    stage.shop.sell(mug, 2)
    stage.shop.type_quantity(mug, 10)
    assert stage.counts(mug) == (10, 2, 12)
    stage.shop.type_on_hand(mug, 4)
    assert stage.counts(mug) == (2, 2, 4)


def test_a_line_outlives_its_variant(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    order = stage.shop.sell(mug, 2)
    assert order is not None
    stage.shop.delete_variant(mug)
    assert not stage.shop.products and not stage.shop.items
    stage.shop.cancel(order)
    (line,) = order_of(stage, order)["lineItems"]["nodes"]
    assert line["variant"] is None and line["sku"] == "MUG"


@pytest.mark.parametrize("touches", [True, False])
def test_whether_a_sale_touches_the_variant_can_be_chosen_the_product_is_always_touched(
    stage: Stage, touches: bool
) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    stage.shop.stock_touches_variant = touches
    stage.time.pass_(60)
    stage.shop.sell(mug, 1)
    query = "query V($id: ID!) { productVariant(id: $id) { createdAt updatedAt product { updatedAt } } }"
    shown = stage.data(query, {"id": gid("ProductVariant", mug)})
    assert (shown["updatedAt"] > shown["createdAt"]) is touches
    assert shown["product"]["updatedAt"] > shown["createdAt"]


def test_an_order_can_be_read_only_after_a_while_and_then_as_it_was(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    stage.shop.faults.order_visible_after = 30
    order = stage.shop.sell(mug, 2)
    assert order is not None
    assert order_of(stage, order) is None
    stage.time.pass_(30)
    assert order_of(stage, order)["displayFulfillmentStatus"] == "UNFULFILLED"
    stage.shop.fulfil(order)
    assert order_of(stage, order)["displayFulfillmentStatus"] == "UNFULFILLED"
    assert stage.counts(mug) == (3, 0, 3)
    stage.time.pass_(30)
    assert order_of(stage, order)["displayFulfillmentStatus"] == "FULFILLED"


def test_deleting_an_order_leaves_stock_alone(stage: Stage) -> None:
    mug = stage.shop.add_simple("MUG", "Mug", 5)
    order = stage.shop.sell(mug, 2)
    assert order is not None
    stage.shop.delete_order(order)
    assert order_of(stage, order) is None
    assert stage.counts(mug) == (3, 2, 5)


@pytest.mark.parametrize("seed", range(5))
def test_units_are_neither_made_nor_lost_by_what_people_do(seed: int) -> None:
    """Committed is always what waits to be sent, and every unit is on hand, sent, or gone without a restock."""
    stage, chance = Stage(), random.Random(seed)
    barn = stage.shop.add_location("Barn")
    variants = [
        stage.shop.add_simple(f"S{n}", f"Thing {n}", {stage.shop.main_location: 20, barn: 10}) for n in range(4)
    ]
    start = dict.fromkeys(variants, 30)
    for _ in range(60):
        some_day(stage, chance, variants, barn)
        for variant in variants:
            assert balance(stage, variant, barn) == start[variant]
            committed = sum(stage.shop.quantity(variant, place, "committed") or 0 for place in stage.shop.locations)
            assert committed == waiting(stage, variant)


def some_day(stage: Stage, chance: random.Random, variants: list[int], barn: int) -> None:
    shop = stage.shop
    orders = [each.id for each in shop.orders.values() if each.cancelled_at is None]
    deed = chance.choice(["sell", "sell", "sell", "fulfil", "refund", "cancel", "edit", "move"])
    if deed == "sell" or not orders:
        shop.place_order([(each, chance.randint(1, 3)) for each in chance.sample(variants, 2)])
        return
    order = shop.orders[chance.choice(orders)]
    line = chance.choice(order.lines)
    if deed == "fulfil":
        shop.fulfil(order.id, {line.id: chance.randint(1, 3)})
    elif deed == "refund" and line.current_quantity:
        shop.refund(order.id, {line.id: chance.randint(1, line.current_quantity)})
    elif deed == "cancel":
        shop.cancel(order.id)
    elif deed == "edit":
        shop.edit_order(order.id, {line.id: chance.randint(0, 4)})
    elif deed == "move":
        shop.send_from(order.id, chance.choice([barn, shop.main_location]))


def lines_of(stage: Stage, variant: int) -> list[Any]:
    return [line for order in stage.shop.orders.values() for line in order.lines if line.variant_id == variant]


def balance(stage: Stage, variant: int, barn: int) -> int:
    there = sum(stage.shop.quantity(variant, place, "on_hand") or 0 for place in stage.shop.locations)
    return there + sum(line.fulfilled - line.returned for line in lines_of(stage, variant))


def waiting(stage: Stage, variant: int) -> int:
    return sum(line.unfulfilled_quantity for line in lines_of(stage, variant))


# -- made shops ------------------------------------------------------------------------------------------------------


def test_a_grown_shop_has_what_grown_shops_have_and_is_the_same_for_the_same_seed() -> None:
    made, again = fill_many(Stage().shop, 400), fill_many(Stage().shop, 400)
    variants = list(made.variants.values())
    assert 400 <= len(variants) < 410
    assert [(each.id, each.sku, each.inventory_quantity) for each in variants] == [
        (each.id, each.sku, each.inventory_quantity) for each in again.variants.values()
    ]
    assert sum(each.sku is None for each in variants) > 10
    assert sum(each.inventory_quantity == 0 for each in variants) > 30
    assert sum(not each.inventory_item.tracked for each in variants) > 5
    assert sum(len(each.options) > 1 for each in variants) > 30
    assert any(len(made.owners(each.sku)) > 1 for each in variants if each.sku)
    assert any(len(each.variants) > 1 for each in made.items.values())
    assert {each.status for each in made.products.values()} == {"ACTIVE", "DRAFT", "ARCHIVED"}


def test_the_demo_world_can_be_sold_here_as_well() -> None:
    world = make(60, 1)
    for name in (WEB, OUTLET):
        shop = fill(Stage().shop, world.shops[name])
        assert len(shop.variants) == sum(len(each.variants) for each in world.shops[name])
    (scarf,) = {each.inventory_item.id for each in fill(Stage().shop, world.shops[WEB]).owners("SCARF-WOOL")}
    assert scarf
