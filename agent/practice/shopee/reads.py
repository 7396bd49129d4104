"""What can be asked of the shop, its items and its orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from agent.practice.shopee import wording
from agent.practice.shopee.orders import Line, Order, Package
from agent.practice.shopee.sales import epoch
from agent.practice.shopee.shop import AUTHORISATION, Shop
from agent.practice.shopee.stock import DELETED, Item, Model
from agent.practice.shopee.wording import Refusal
from agent.practice.wire import whole

Query = Sequence[tuple[str, str]]
Told = dict[str, Any]
WINDOW = timedelta(days=15).total_seconds()


def shop_info(shop: Shop, query: Query) -> Told:
    """Its fields stand beside the envelope's, not under `response`."""
    return {
        "auth_time": epoch(shop.authorised_at), "expire_time": epoch(shop.authorised_at + AUTHORISATION),
        "shop_name": shop.name, "region": shop.region, "status": shop.status, "is_cb": False, "is_sip": False,
        "shop_fulfillment_flag": shop.fulfillment, "merchant_id": None, "is_main_shop": False,
    }  # fmt: skip


def holiday(shop: Shop, query: Query) -> Told:
    return {"response": {"holiday_mode_on": shop.holiday, "holiday_mode_type": 0, "debug_msg": ""}}


def warehouses(shop: Shop, query: Query) -> Told:
    """Only for shops that have several; the others are refused, with or without places in the answer."""
    rows = [
        {"warehouse_id": at, "warehouse_name": name, "warehouse_type": 1, "location_id": location,
         "region": shop.region, "holiday_mode_state": 0}
        for at, (location, name) in enumerate(shop.warehouses.items(), 1)
    ]  # fmt: skip
    if "" in shop.warehouses:
        error, message = wording.NO_WAREHOUSES
        return {"error": error, "message": message, "response": [{**rows[0], "location_id": "SGZ"}]}
    return {"response": rows}


# -- items -------------------------------------------------------------------------------------------------------------


def item_list(shop: Shop, query: Query) -> Told:
    """A page of item ids, the oldest change first."""
    asked = dict(query)
    statuses = {value for name, value in query if name == "item_status"}
    begin, size = int(asked["offset"]), int(asked["page_size"])
    if shop.largest_offset is not None and begin > shop.largest_offset:
        raise Refusal(*wording.FAR_OFFSET)
    since, until = int(asked.get("update_time_from", 0)), int(asked.get("update_time_to", 2**40))
    if until <= since:
        raise Refusal("error_update_time_range", "Update_time_to should be later than update_time_from.")
    found = [each for each in shop.items.values() if each.status in statuses and since <= epoch(each.updated) <= until]
    found.sort(key=lambda each: (each.updated, each.id))
    page = found[begin : begin + size]
    rows = [
        {"item_id": each.id, "item_status": each.status, "update_time": epoch(each.updated), "tag": {"kit": each.kit}}
        for each in page
    ]
    told: Told = {"item": rows, "total_count": len(found), "has_next_page": begin + size < len(found)}
    if told["has_next_page"]:
        told["next_offset"] = begin + size
    return {"response": told}


def base_info(shop: Shop, query: Query) -> Told:
    """Items by id; one that is not there is left out."""
    ids = [int(each) for each in dict(query)["item_id_list"].split(",")]
    return {"response": {"item_list": [_base(shop, shop.items[id_]) for id_ in ids if id_ in shop.items]}}


def _base(shop: Shop, item: Item) -> Told:
    told: Told = {
        "item_id": item.id, "category_id": 14646, "item_name": item.name, "item_sku": item.sku,
        "create_time": epoch(item.created), "update_time": epoch(item.updated), "item_status": item.status,
        "has_model": item.has_model, "tag": {"kit": item.kit},
        "has_promotion": any(model.reserved(shop.moment()) for model in item.models),
        "image": {"image_id_list": [f"i{item.id}"], "image_url_list": [f"https://cf.shopee.example/file/i{item.id}"]},
    }  # fmt: skip
    if not item.has_model:
        (model,) = item.models
        told |= {"price_info": [_price(shop, model)], "stock_info_v2": _stock(shop, model)}
        told |= {"gtin_code": model.barcode or "00", "is_fulfillment_by_shopee": model.by_shopee}
    return told


def _price(shop: Shop, model: Model) -> Told:
    return {"currency": shop.currency, "original_price": model.price, "current_price": model.price}


def _stock(shop: Shop, model: Model) -> Told:
    own: list[Told] = []
    for location, units in model.stock.items():
        place = {"location_id": location} if location else {}
        own.append({**place, "stock": units, "if_saleable": True})
    summary = {
        "total_reserved_stock": model.reserved(shop.moment()), "total_available_stock": model.units + model.at_shopee,
    }  # fmt: skip
    return {"summary_info": summary, "seller_stock": [] if model.by_shopee else own}


def model_list(shop: Shop, query: Query) -> Told:
    """The models of one item."""
    item = shop.items.get(int(dict(query)["item_id"]))
    if item is None or item.status in DELETED:
        raise Refusal(*wording.NO_ITEM)
    names = list(dict.fromkeys(name for model in item.models for name in model.options))
    options = {name: list(dict.fromkeys(m.options.get(name, "-") for m in item.models)) for name in names}
    tiers = [{"name": name, "option_list": [{"option": each} for each in options[name]]} for name in names]
    rows = [
        {
            "model_id": model.id, "model_sku": model.sku, "model_status": model.status, "gtin_code": model.barcode,
            "tier_index": [options[name].index(model.options.get(name, "-")) for name in names],
            "has_promotion": bool(model.reserved(shop.moment())), "price_info": [_price(shop, model)],
            "stock_info_v2": _stock(shop, model), "is_fulfillment_by_shopee": model.by_shopee,
        }
        for model in item.models if model.id
    ]  # fmt: skip
    return {"response": {"tier_variation": tiers, "model": rows}}


def promotions(shop: Shop, query: Query) -> Told:
    """What campaigns have locked, of these items."""
    ids = [int(each) for each in dict(query)["item_id_list"].split(",")]
    good = [{"item_id": id_, "promotion": _promoted(shop, shop.items[id_])} for id_ in ids if id_ in shop.items]
    bad = [{"item_id": id_, "failed_reason": "Item_id is not found."} for id_ in ids if id_ not in shop.items]
    return {"response": {"success_list": good, "failure_list": bad}}


def _promoted(shop: Shop, item: Item) -> list[Told]:
    return [
        {
            "promotion_type": each.kind, "promotion_id": each.id, "model_id": model.id,
            "start_time": epoch(each.starts), "end_time": epoch(each.ends), "promotion_staging": staging,
            "promotion_stock_info_v2": {"summary_info": {"total_reserved_stock": each.reserved}},
        }
        for model in item.models for each in model.campaigns if (staging := each.staging(shop.moment()))
    ]  # fmt: skip


# -- orders ------------------------------------------------------------------------------------------------------------


def order_list(shop: Shop, query: Query) -> Told:
    """A page of order numbers. A cursor is a place in a list that moves when an order changes."""
    asked = dict(query)
    since, until = int(asked["time_from"]), int(asked["time_to"])
    if not since < until <= since + WINDOW:
        raise Refusal(*wording.WRONG_WINDOW)
    by = {"update_time": "updated", "create_time": "created"}[asked["time_range_field"]]
    wanted = asked.get("order_status")
    found = [
        each for each in shop.readable().values()
        if since <= epoch(getattr(each, by)) <= until and wanted in (None, each.status) and _told_of(each, asked)
    ]  # fmt: skip
    found.sort(key=lambda each: (getattr(each, by), each.number))
    begin, size = whole(asked.get("cursor") or "0"), int(asked["page_size"])
    if begin is None:
        raise Refusal(*wording.detail("cursor is not one that was given"))
    rows: list[Told] = [{"order_sn": each.sn} for each in found[begin : begin + size]]
    if asked.get("response_optional_fields") == "order_status":
        for row, each in zip(rows, found[begin:], strict=False):
            row["order_status"] = each.status
    more = begin + size < len(found)
    return {"response": {"more": more, "next_cursor": str(begin + size) if more else "", "order_list": rows}}


def _told_of(order: Order, asked: dict[str, str]) -> bool:
    return order.status != "PENDING" or asked.get("request_order_status_pending") == "true"


def order_detail(shop: Shop, query: Query) -> Told:
    """Orders by number; one that is not there refuses the whole call."""
    asked = dict(query)
    readable, numbers = shop.readable(), asked["order_sn_list"].split(",")
    if any(number not in readable for number in numbers):
        raise Refusal(*wording.NO_ORDER)
    optional = set(asked.get("response_optional_fields", "").split(","))
    return {"response": {"order_list": [_order(shop, readable[number], optional) for number in numbers]}}


def _order(shop: Shop, order: Order, optional: set[str]) -> Told:
    flag = "fulfilled_by_shopee" if order.by_shopee else "fulfilled_by_local_seller"
    more: Told = {
        "item_list": [_line(line) for line in order.lines],
        "package_list": [_package(order, each) for each in order.packages],
        "fulfillment_flag": flag, "pay_time": epoch(order.paid) or None, "pickup_done_time": epoch(order.picked_up),
        "split_up": len(order.packages) > 1, "cancel_by": order.cancel_by, "cancel_reason": "",
    }  # fmt: skip
    return {
        "order_sn": order.sn, "region": shop.region, "currency": shop.currency, "cod": False,
        "order_status": order.status, "create_time": epoch(order.created), "update_time": epoch(order.updated),
        "days_to_ship": 2, "message_to_seller": "", "advance_package": order.advance,
        **{name: value for name, value in more.items() if name in optional},
    }  # fmt: skip


def _line(line: Line) -> Told:
    return {
        "item_id": line.item_id, "item_name": line.item_name, "item_sku": line.item_sku, "model_id": line.model_id,
        "model_name": line.model_name, "model_sku": line.model_sku, "model_quantity_purchased": line.quantity,
        "model_original_price": line.price, "order_item_id": line.order_item_id, "promotion_id": line.from_campaign,
        "product_location_id": line.location, "active_qty": line.active, "cancelled_qty": line.cancelled,
        "cancel_requested_qty": line.cancel_requested, "return_requested_qty": 0, "returned_qty": line.returned,
    }  # fmt: skip


def _package(order: Order, package: Package) -> Told:
    rows = [
        {
            "item_id": order.lines[at].item_id, "model_id": order.lines[at].model_id, "model_quantity": units,
            "order_item_id": order.lines[at].order_item_id, "product_location_id": order.lines[at].location,
        }
        for at, units in package.units.items()
    ]  # fmt: skip
    return {"package_number": package.number, "logistics_status": package.status, "item_list": rows}
