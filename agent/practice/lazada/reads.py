"""What can be asked of the shop, its items and its orders."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from agent.practice.lazada import wording
from agent.practice.lazada.catalogue import FBL
from agent.practice.lazada.orders import TABS, Order, Unit
from agent.practice.lazada.shop import Shop
from agent.practice.lazada.stock import Item, Sku
from agent.practice.lazada.wording import Refusal

Asked = dict[str, str]
Told = dict[str, Any]
FARTHEST_ORDERS = 5_000
FILTERS = {
    "live": ("Active",), "inactive": ("InActive",), "deleted": ("Deleted",), "pending": ("Pending QC",),
    "rejected": ("Suspended",),
}  # fmt: skip


def seller(shop: Shop, asked: Asked) -> Told:
    return {"data": {
        "name_company": f"{shop.name} Pte. Ltd.", "name": shop.name, "seller_id": shop.seller_id,
        "short_code": "SG10132", "logo_url": "", "email": "anna@example.com", "cb": False, "location": "Singapore",
        "status": shop.status, "verified": shop.verified, "marketplaceEaseMode": shop.semi_hosted,
    }}  # fmt: skip


def warehouses(shop: Shop, asked: Asked) -> Told:
    rows = [
        {"code": code, "name": name, "detailAddress": "1 Made-up Road", "needToUpdate": False,
         "defaultAddress": at == 0, "status": "ACTIVE"}
        for at, (code, name) in enumerate(shop.warehouses.items())
    ]  # fmt: skip
    return {"result": {"success": True, "module": rows, "error_code": {}}}


# -- items -------------------------------------------------------------------------------------------------------------


def products(shop: Shop, asked: Asked) -> Told:
    """A page of items with their SKUs, the oldest first."""
    offset, limit = int(asked.get("offset", "0")), int(asked.get("limit", "20"))
    if offset > shop.largest_offset:
        raise Refusal(wording.BAD_OFFSET[0], wording.BAD_OFFSET[1].format(offset))
    names = set(json.loads(asked["sku_seller_list"])) if "sku_seller_list" in asked else None
    found = [each for each in shop.items.values() if _wanted(each, asked, names)]
    found.sort(key=lambda each: (each.created, each.id))
    page = found[offset : offset + limit]
    slow = shop.faults.slow_beyond
    if slow is not None and sum(len(each.skus) for each in page) > slow:
        raise Refusal(*wording.TIMEOUT)
    return {"data": {"total_products": len(found), "products": [_item(shop, each) for each in page]}}


def _wanted(item: Item, asked: Asked, names: set[str] | None) -> bool:
    status = asked.get("filter", "all")
    if status == "sold-out":
        fits = all(sku.sellable <= 0 for sku in item.skus)
    else:
        fits = status == "all" or item.status in FILTERS[status]
    named = names is None or any(sku.seller_sku in names for sku in item.skus)
    return fits and named and _between(item.created, asked, "create") and _between(item.updated, asked, "update")


def _between(when: datetime, asked: Asked, name: str) -> bool:
    """Both ends count."""
    after, before = asked.get(f"{name}_after"), asked.get(f"{name}_before")
    return (after is None or when >= datetime.fromisoformat(after)) and (
        before is None or when <= datetime.fromisoformat(before)
    )


def item(shop: Shop, asked: Asked) -> Told:
    """One item."""
    found = shop.items.get(int(asked["item_id"]))
    if found is None:
        raise Refusal(*wording.NO_ITEM)
    return {"data": _item(shop, found)}


def _item(shop: Shop, item: Item) -> Told:
    names = list(dict.fromkeys(name for sku in item.skus for name in sku.options))
    variation = {
        f"Variation{at}": {
            "name": _field(name), "label": name, "hasImage": False, "customize": False,
            "options": sorted({sku.options[name] for sku in item.skus if name in sku.options}),
        }
        for at, name in enumerate(names, 1)
    }  # fmt: skip
    return {
        "item_id": item.id, "primary_category": 8707, "status": item.status, "subStatus": None, "images": [],
        "created_time": _milliseconds(item.created), "updated_time": _milliseconds(item.updated),
        "attributes": {"name": item.name, "brand": "No Brand"}, "variation": variation, "suspendedSkus": [],
        "skus": [_sku(shop, sku) for sku in item.skus], "trialProduct": False, "marketImages": [],
    }  # fmt: skip


def _field(name: str) -> str:
    return name.lower().replace(" ", "_") + "_text"


def _milliseconds(when: datetime) -> str:
    return str(int(when.timestamp() * 1000))


def _sku(shop: Shop, sku: Sku) -> Told:
    """A warehouse where there is nothing is not shown, where the seller has several."""
    shown = {
        c: s for c, s in sku.shelves.items() if len(shop.warehouses) == 1 or s.sellable or s.withheld or s.occupied
    }
    shelves = [
        {"warehouseCode": code, "sellableQuantity": each.sellable, "quantity": each.sellable,
         "withholdQuantity": each.withheld, "occupyQuantity": each.occupied,
         "totalQuantity": each.sellable + each.withheld + each.occupied}
        for code, each in shown.items()
    ]  # fmt: skip
    at_lazada = [] if sku.fbl is None else [{"warehouseCode": FBL, "sellableQuantity": sku.fbl, "quantity": sku.fbl}]
    address = f"https://www.lazada.{shop.country}.example/-i{sku.item.id}-s{sku.id}.html"
    return {
        "SkuId": sku.id, "SellerSku": sku.seller_sku, "ShopSku": f"{sku.item.id}_SGAMZ-{sku.id}", "Status": sku.status,
        "Url": address, "quantity": sku.sellable, "Available": sku.sellable + (sku.fbl or 0), "price": sku.price,
        "special_price": 0.0, "Images": [], "multiWarehouseInventories": shelves,
        "fblWarehouseInventories": at_lazada,
        "channelInventories": [
            {"channelName": each.name, "startTime": _local(shop, each.starts), "endTime": _local(shop, each.ends),
             "sellableQuantity": each.locked}
            for each in sku.campaigns
        ],
        **{_field(name): value for name, value in sku.options.items()},
    }  # fmt: skip


def _local(shop: Shop, when: datetime) -> str:
    """In the country's own time, and without saying so."""
    return when.astimezone(shop.zone).strftime("%Y-%m-%d %H:%M:%S")


# -- orders ------------------------------------------------------------------------------------------------------------


def orders(shop: Shop, asked: Asked) -> Told:
    """A page of orders, without their units."""
    offset, limit = int(asked.get("offset", "0")), int(asked.get("limit", "100"))
    if offset + limit > FARTHEST_ORDERS:
        raise Refusal("14", f'E014: "{offset}" Invalid Offset')
    found = [each for each in shop.readable().values() if _asked_for(each, asked)]
    newest = asked.get("sort_direction") == "DESC"
    field = "created" if asked.get("sort_by") == "created_at" else "updated"
    found.sort(key=lambda each: (getattr(each, field), each.id), reverse=newest)
    page = found[offset : offset + limit]
    rows = [_order(shop, each) for each in page]
    return {"data": {"countTotal": len(found), "count": len(rows), "orders": rows}}


def _asked_for(order: Order, asked: Asked) -> bool:
    status = asked.get("status")
    fits = status is None or any(each in TABS.get(status, {status}) for each in order.statuses)
    return fits and _between(order.updated, asked, "update") and _between(order.created, asked, "created")


def _order(shop: Shop, order: Order) -> Told:
    """Buyers' names and addresses come along whether one asks for them or not."""
    buyer = {"first_name": "Canary Buyer", "last_name": "", "phone": "65******12", "address1": "9 Canary Lane",
             "city": "Singapore", "country": "Singapore", "post_code": "000000"}  # fmt: skip
    return {
        "order_id": order.id, "order_number": order.id, "statuses": order.statuses, "items_count": len(order.units),
        "created_at": _stamp(shop, order.created), "updated_at": _stamp(shop, order.updated),
        "price": f"{sum(unit.price for unit in order.units):.2f}", "payment_method": "COD", "warehouse_code":
        order.units[0].warehouse if order.units else "", "customer_first_name": "Canary Buyer",
        "customer_last_name": "", "address_shipping": buyer, "address_billing": buyer, "is_cancel_pending": "false",
        "need_cancel_confirm": False, "remarks": "", "voucher": 0, "shipping_fee": 0.0,
    }  # fmt: skip


def _stamp(shop: Shop, when: datetime) -> str:
    return when.astimezone(shop.zone).strftime("%Y-%m-%d %H:%M:%S %z")


def order_items(shop: Shop, asked: Asked) -> Told:
    """The units of several orders; one that is not there refuses the whole call."""
    numbers = [int(each) for each in json.loads(asked["order_ids"])]
    readable = shop.readable()
    if any(number not in readable for number in numbers):
        raise Refusal(*wording.NO_ORDER)
    return {"data": [_with_items(shop, readable[number]) for number in numbers]}


def _with_items(shop: Shop, order: Order) -> Told:
    units = [_unit(shop, order, unit) for unit in order.units]
    return {"order_id": order.id, "order_number": order.id, "order_items": units}


def _unit(shop: Shop, order: Order, unit: Unit) -> Told:
    return {
        "order_id": order.id, "order_item_id": unit.id, "status": unit.status, "sku": unit.seller_sku,
        "shop_sku": f"{unit.item_id}_SGAMZ-{unit.sku_id}", "sku_id": str(unit.sku_id), "name": unit.name,
        "variation": unit.variation, "is_fbl": int(unit.is_fbl), "warehouse_code": unit.warehouse,
        "shipping_type": "Warehouse" if unit.is_fbl else "Dropshipping", "order_type": "Normal", "is_digital": 0,
        "created_at": _stamp(shop, unit.created), "updated_at": _stamp(shop, unit.updated), "currency": shop.currency,
        "item_price": unit.price, "paid_price": unit.price, "reason": unit.reason, "cancel_return_initiator":
        unit.by or "null-null", "return_status": "", "shop_id": shop.name, "buyer_id": 30001, "digital_delivery_info":
        "canary@example.com", "product_detail_url":
        f"https://www.lazada.{shop.country}.example/products/i{unit.item_id}-s{unit.sku_id}.html?urlFlag=true",
    }  # fmt: skip
