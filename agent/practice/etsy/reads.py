"""What can be asked of the shop, its listings and its receipts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agent.practice.etsy import wording
from agent.practice.etsy.orders import Receipt, Transaction
from agent.practice.etsy.shop import Shop
from agent.practice.etsy.stock import Listing, Product, Value
from agent.practice.etsy.wording import Refusal

Told = dict[str, Any]
Query = Mapping[str, str]
BATCH = 100


def me(shop: Shop) -> Told:
    return {"user_id": shop.user_id, **({"shop_id": shop.shop_id} if shop.has_shop else {})}


def about(shop: Shop) -> Told:
    return {
        "shop_id": shop.shop_id, "user_id": shop.user_id, "shop_name": shop.name, "currency_code": "USD",
        "is_vacation": shop.on_vacation, "shop_location_country_iso": "US",
        "url": f"https://www.etsy.com/shop/{shop.shop_id}",
        "listing_active_count": sum(each.state == "active" for each in shop.listings.values()),
    }  # fmt: skip


# -- listings ----------------------------------------------------------------------------------------------------------


def listings(shop: Shop, query: Query) -> Told:
    """A page of those of one state, the newest first."""
    state, offset, limit = query.get("state", "active"), int(query.get("offset", 0)), int(query.get("limit", 25))
    found = [each for each in shop.listings.values() if each.state == state]
    found.sort(key=lambda each: (each.created, each.id), reverse=True)
    page = found[offset : offset + limit]
    with_inventory = "Inventory" in query.get("includes", "")
    return {"count": len(found), "results": [listing_told(each, with_inventory=with_inventory) for each in page]}


def listing(shop: Shop, id_: int) -> Told:
    return listing_told(known(shop, id_), with_inventory=False)


def known(shop: Shop, id_: int) -> Listing:
    """Raises Refusal."""
    if id_ not in shop.listings:
        raise Refusal(*wording.NOT_FOUND)
    return shop.listings[id_]


def batch(shop: Shop, query: Query) -> Told:
    """The inventories of up to 100 listings; one that is not there refuses all."""
    ids = [int(each) for each in query["listing_ids"].split(",")]
    if len(ids) > BATCH:
        raise Refusal(400, "No more than 100 listing IDs.")
    found = [listing_told(known(shop, id_), with_inventory=True) for id_ in ids]
    if shop.faults.batch_without_state:
        found = [{name: each[name] for name in ("listing_id", "inventory")} for each in found]
    return {"count": len(found), "results": found}


def listing_told(found: Listing, *, with_inventory: bool) -> Told:
    cheapest = min((each.cents for each in found.products), default=0)
    told = {
        "listing_id": found.id, "title": found.title.replace("&", "&amp;").replace('"', "&quot;"), "state": found.state,
        "quantity": found.units, "url": f"https://www.etsy.com/listing/{found.id}",
        "listing_type": "download" if found.digital else "physical", "should_auto_renew": False,
        "created_timestamp": epoch(found.created), "updated_timestamp": epoch(found.updated),
        "last_modified_timestamp": epoch(found.updated), "ending_timestamp": epoch(found.ends),
        "has_variations": any(each.values for each in found.products), "price": money(cheapest),
        "skus": [each.sku for each in found.products],
    }  # fmt: skip
    return {**told, "inventory": inventory(found)} if with_inventory else told


def inventory(found: Listing) -> Told:
    return {
        "products": [_product(each) for each in found.products],
        "price_on_property": list(found.price_on),
        "quantity_on_property": list(found.quantity_on),
        "sku_on_property": list(found.sku_on),
        "readiness_state_on_property": [],
    }


def _product(found: Product) -> Told:
    offering = {
        "offering_id": found.offering, "quantity": found.quantity, "is_enabled": found.enabled, "is_deleted": False,
        "price": money(found.cents), "readiness_state_id": found.readiness,
    }  # fmt: skip
    return {
        "product_id": found.id, "sku": found.sku, "is_deleted": False, "offerings": [offering],
        "property_values": [value_told(each) for each in found.values],
    }  # fmt: skip


def value_told(found: Value) -> Told:
    return {
        "property_id": found.property, "property_name": found.name, "scale_id": None, "scale_name": None,
        "value_ids": [found.id], "values": [found.text],
    }  # fmt: skip


def money(cents: int) -> Told:
    return {"amount": cents, "divisor": 100, "currency_code": "USD"}


def epoch(moment: datetime) -> int:
    return int(moment.timestamp())


# -- receipts ----------------------------------------------------------------------------------------------------------


def receipts(shop: Shop, query: Query) -> Told:
    """A page of receipts."""
    by = {"created": "created", "updated": "updated", "receipt_id": "id"}[query.get("sort_on", "created")]
    found = [each for each in shop.readable() if _wanted(each, query)]
    if shop.faults.hide_cancelled:
        found = [each for each in found if each.status != "canceled"]
    down = query.get("sort_order", "desc") in ("desc", "descending", "down")
    found.sort(key=lambda each: (getattr(each, by), each.id), reverse=down)
    offset, limit = int(query.get("offset", 0)), int(query.get("limit", 25))
    page = [receipt_told(shop, each) for each in found[offset : offset + limit]]
    if shop.faults.empty_product_data:
        page = [
            {**each, "transactions": [{**line, "product_data": []} for line in each["transactions"]]} for each in page
        ]
    return {"count": len(found), "results": page}


def _wanted(receipt: Receipt, query: Query) -> bool:
    created, updated = epoch(receipt.created), epoch(receipt.updated)
    facts = {
        "was_paid": receipt.paid is not None, "was_shipped": receipt.shipped is not None,
        "was_canceled": receipt.status == "canceled",
    }  # fmt: skip
    return (
        int(query.get("min_created", 0)) <= created <= int(query.get("max_created", 2**40))
        and int(query.get("min_last_modified", 0)) <= updated <= int(query.get("max_last_modified", 2**40))
        and all(query[name] == str(so).lower() for name, so in facts.items() if name in query)
    )


def receipt(shop: Shop, id_: int) -> Told:
    """One, whatever became of it. Raises Refusal."""
    found = next((each for each in shop.readable() if each.id == id_), None)
    if found is None:
        raise Refusal(*wording.NOT_FOUND)
    return receipt_told(shop, found)


def receipt_told(shop: Shop, found: Receipt) -> Told:
    shipment = {"receipt_shipping_id": found.id, "carrier_name": "usps", "tracking_code": "practice"}
    sent = [{**shipment, "shipment_notification_timestamp": epoch(found.shipped)}] if found.shipped else []
    return {
        "receipt_id": found.id, "receipt_type": 0, "seller_user_id": shop.user_id, "buyer_user_id": 77,
        "name": "Ann Canary", "first_line": "1 Canary Street", "city": "Canary", "country_iso": "US",
        "status": found.status, "is_paid": found.paid is not None, "is_shipped": found.shipped is not None,
        "created_timestamp": epoch(found.created), "updated_timestamp": epoch(found.updated),
        "create_timestamp": epoch(found.created), "update_timestamp": epoch(found.updated),
        "grandtotal": money(found.cents), "shipments": sent,
        "transactions": [_line(shop, found, each) for each in found.lines],
        "refunds": [
            {"amount": money(each.cents), "created_timestamp": epoch(each.at), "status": "completed"}
            for each in found.refunds
        ],
    }  # fmt: skip


def _line(shop: Shop, order: Receipt, line: Transaction) -> Told:
    return {
        "transaction_id": line.id, "receipt_id": order.id, "title": line.title, "seller_user_id": shop.user_id,
        "buyer_user_id": 77, "created_timestamp": epoch(order.created), "create_timestamp": epoch(order.created),
        "paid_timestamp": epoch(order.paid) if order.paid else None,
        "shipped_timestamp": epoch(order.shipped) if order.shipped else None,
        "quantity": line.quantity, "listing_id": line.listing, "product_id": line.product, "sku": line.sku,
        "is_digital": line.digital, "price": money(line.cents), "transaction_type": "listing",
        "product_data": [value_told(each) for each in line.values],
        "variations": [
            {"property_id": each.property, "value_id": each.id, "formatted_name": each.name,
             "formatted_value": each.text}
            for each in line.values
        ] + [{"property_id": 54, "value_id": None, "formatted_name": "Personalization", "formatted_value": "For Ann"}],
    }  # fmt: skip
