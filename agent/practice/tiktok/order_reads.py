"""What can be asked of orders and returns."""

from __future__ import annotations

from typing import Any

from agent.practice.tiktok.orders import Order, Return, Unit
from agent.practice.tiktok.reads import Told, page_of
from agent.practice.tiktok.sales import epoch
from agent.practice.tiktok.shop import Shop
from agent.practice.tiktok.wording import misfit

MOST_IDS = 50


def search_orders(shop: Shop, asked: Told) -> Told:
    """A page of orders, by the time of their last change of status or of their creation."""
    wanted = asked.get("order_status")
    found = [
        each for each in shop.readable().values()
        if wanted in (None, each.status) and _within(asked, "update_time", epoch(each.updated))
        and _within(asked, "create_time", epoch(each.created))
    ]  # fmt: skip
    by = {"create_time": "created", "update_time": "updated"}.get(asked.get("sort_field", "create_time"))
    if by is None or asked.get("sort_order", "DESC") not in ("ASC", "DESC"):
        raise misfit("sort_field or sort_order")
    found.sort(key=lambda each: (getattr(each, by), each.number), reverse=asked.get("sort_order", "DESC") == "DESC")
    rows, told = page_of(found, asked)
    return {**told, "orders": [_order(shop, each) for each in rows]}


def _within(asked: Told, name: str, moment: int) -> bool:
    return int(asked.get(f"{name}_ge", 0)) <= moment < int(asked.get(f"{name}_lt", 2**40))


def orders_by_id(shop: Shop, asked: Told) -> Told:
    """Orders by id; one that is not there is left out."""
    ids = asked["ids"].split(",")
    if len(ids) > MOST_IDS:
        raise misfit(f"ids has more than {MOST_IDS} entries")
    readable = shop.readable()
    return {"orders": [_order(shop, readable[each]) for each in ids if each in readable]}


def _order(shop: Shop, order: Order) -> Told:
    """With the buyer's name, as the real one tells it: nobody may keep that."""
    times = {"paid_time": order.paid, "rts_time": order.arranged, "collection_time": order.collected,
             "delivery_time": order.delivered, "cancel_time": order.cancelled}  # fmt: skip
    return {
        "id": order.id, "status": order.status, "create_time": epoch(order.created),
        "update_time": epoch(order.updated), "fulfillment_type": order.fulfillment, "warehouse_id": order.warehouse,
        "is_buyer_request_cancel": order.asked_to_cancel, "shipping_type": "TIKTOK",
        "buyer_email": "ada.buyer@example.com", "recipient_address": {"name": "Ada Buyer", "phone_number": "(+44)7**"},
        "payment": {"currency": shop.currency}, "line_items": [_line(shop, each) for each in order.units],
        **{name: epoch(moment) for name, moment in times.items() if moment},
    }  # fmt: skip


def _line(shop: Shop, unit: Unit) -> Told:
    more: dict[str, Any] = {"package_status": unit.package_status, "package_id": unit.package,
                            "cancel_user": unit.cancel_user, "rts_time": epoch(unit.arranged)}  # fmt: skip
    told = {
        "id": unit.id, "sku_id": unit.sku_id, "product_id": unit.product_id, "product_name": unit.title,
        "sku_name": unit.options, "seller_sku": unit.seller_sku, "display_status": unit.status, "is_gift": False,
        "sale_price": unit.price, "currency": shop.currency, **{name: value for name, value in more.items() if value},
    }  # fmt: skip
    if unit.parts:
        told["combined_listing_skus"] = [
            {"sku_id": sku, "product_id": product, "seller_sku": seller, "sku_count": count}
            for sku, product, seller, count in unit.parts
        ]
    return told


def search_returns(shop: Shop, asked: Told) -> Told:
    """A page of returns; the list is left out where there are none, as documented."""
    orders = set(asked.get("order_ids", ()))
    found = [
        each for each in shop.returns.values()
        if (not orders or each.order_id in orders) and _within(asked, "update_time", epoch(each.updated))
        and each.status in asked.get("return_status", (each.status,))
    ]  # fmt: skip
    rows, told = page_of(found, {"page_size": 10, **asked})
    return {**told, "return_orders": [_return(shop, each) for each in rows]} if rows else told


def _return(shop: Shop, made: Return) -> Told:
    units = {each.id: each for order in shop.orders.values() if order.id == made.order_id for each in order.units}
    return {
        "return_id": made.id, "order_id": made.order_id, "return_type": made.kind, "return_status": made.status,
        "update_time": epoch(made.updated),
        "return_line_items": [
            {"return_line_item_id": f"1{each}", "order_line_item_id": each, "sku_id": units[each].sku_id,
             "seller_sku": units[each].seller_sku}
            for each in made.units if each in units
        ],
    }  # fmt: skip
