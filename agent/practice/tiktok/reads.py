"""What can be asked of the shop, its warehouses and its products."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, TypeVar

from agent.practice.tiktok.sales import epoch
from agent.practice.tiktok.shop import Shop
from agent.practice.tiktok.stock import Product, Sku
from agent.practice.tiktok.wording import NO_PRODUCT, Refusal, misfit

Told = dict[str, Any]
Row = TypeVar("Row")


def shops(shop: Shop, asked: Told) -> Told:
    return {
        "shops": [
            {"id": each.id, "name": each.name, "region": each.region, "seller_type": "LOCAL", "cipher": each.cipher,
             "code": f"{each.region}LC{each.id[-5:]}"}
            for each in (shop.own, *shop.others)
        ]
    }  # fmt: skip


def warehouses(shop: Shop, asked: Told) -> Told:
    return {
        "warehouses": [
            {"id": each.id, "name": each.name, "effect_status": each.status, "type": each.kind,
             "sub_type": "DOMESTIC_WAREHOUSE", "is_default": each.default}
            for each in shop.warehouses
        ]
    }  # fmt: skip


def page_of(rows: Sequence[Row], asked: Told) -> tuple[list[Row], Told]:
    """So many rows, and what the answer says of them. A token is a place in a list that moves when rows leave it."""
    size, at = int(asked["page_size"]), 0
    if token := asked.get("page_token"):
        try:
            at = int(base64.b64decode(token, validate=True).removeprefix(b"offset="))
        except ValueError:
            raise misfit("page_token is invalid") from None
    further = at + size
    more = base64.b64encode(f"offset={further}".encode()).decode() if further < len(rows) else ""
    return list(rows[at:further]), {"total_count": len(rows), "next_page_token": more}


# -- products ----------------------------------------------------------------------------------------------------------


def search_products(shop: Shop, asked: Told) -> Told:
    """A page of products, the newest first."""
    status, skus = asked.get("status", "ALL"), set(asked.get("sku_ids", ()))
    since = asked.get("update_time_ge", 0)
    found = [
        each for each in shop.products.values()
        if status in ("ALL", each.status) and epoch(each.updated) >= since
        and (not skus or any(sku.id in skus for sku in each.skus))
    ]  # fmt: skip
    rows, told = page_of(found[::-1], asked)
    return {**told, "products": [_product(shop, each) for each in rows]}


def _product(shop: Shop, product: Product) -> Told:
    return {
        "id": product.id, "title": product.title, "status": product.status, "create_time": epoch(product.created),
        "update_time": epoch(product.updated), "sales_regions": [shop.own.region],
        "skus": [
            {
                "id": sku.id, "seller_sku": sku.seller_sku, "inventory": _inventory(shop, sku),
                "price": {"currency": shop.currency, "sale_price": sku.price, "tax_exclusive_price": sku.price},
                "status_info": {"status": sku.status},
            }
            for sku in product.skus
        ],
    }  # fmt: skip


def _inventory(shop: Shop, sku: Sku) -> list[Told]:
    return [{"warehouse_id": place, "quantity": shop.units(sku, place)} for place in sku.stock]


def get_product(shop: Shop, product_id: str) -> Told:
    """All that is known of one product; deleted ones can still be asked for."""
    product = shop.products.get(product_id)
    if product is None:
        raise Refusal(*NO_PRODUCT)
    told = _product(shop, product)
    del told["sales_regions"]
    for row, sku in zip(told["skus"], product.skus, strict=True):
        row["sales_attributes"] = [
            {"id": "100000", "name": name, "value_id": "1", "value_name": value} for name, value in sku.options.items()
        ]
        if sku.barcode:
            row["identifier_code"] = {"code": sku.barcode, "type": "EAN"}
    bundle = any(sku.parts for sku in product.skus)
    return {**told, "description": "<p>Practice</p>", "product_types": ["COMBINED_PRODUCT"] if bundle else []}


def inventory(shop: Shop, asked: Told) -> Told:
    """Quantities by SKU or by product; what is not there is left out."""
    wanted = set(asked.get("sku_ids", ()))
    products = shop.products.values() if wanted else [
        shop.products[each] for each in asked.get("product_ids", ()) if each in shop.products
    ]  # fmt: skip
    rows = []
    for product in products:
        skus = [sku for sku in product.skus if product.status != "DELETED" and (not wanted or sku.id in wanted)]
        if skus:
            rows.append({"product_id": product.id, "skus": [_counted(shop, sku) for sku in skus]})
    return {"inventory": rows}


def _counted(shop: Shop, sku: Sku) -> Told:
    places = [
        {"warehouse_id": place, "available_quantity": shop.units(sku, place),
         "committed_quantity": sku.committed.get(place, 0)}
        for place in sku.stock
    ]  # fmt: skip
    now, available = shop.moment(), sum(shop.units(sku, place) for place in sku.stock)
    given: dict[str, list[Told]] = {"campaign": [], "creator": []}
    for each in sku.allocations:
        if each.ends > now:
            given[each.kind].append({"quantity": each.units, f"{each.kind}_name": each.name})
    return {
        "id": sku.id, "seller_sku": sku.seller_sku, "total_available_quantity": available,
        "total_committed_quantity": sum(sku.committed.values()), "warehouse_inventory": places,
        "total_available_inventory_distribution": {
            "campaign_inventory": given["campaign"], "creator_inventory": given["creator"],
            "in_shop_inventory": {"quantity": available - sku.allocated(now)},
        },
    }  # fmt: skip
