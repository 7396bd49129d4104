"""What each list of Shopify can be searched by; the names are those of the contract's `query` arguments."""

from __future__ import annotations

from agent.practice.shopify.orders import Order
from agent.practice.shopify.search import Fields, Term, moment, text, truth, unsupported, whole
from agent.practice.shopify.stock import Variant

_FULFILLMENT = {
    "unshipped": {"UNFULFILLED"},
    "unfulfilled": {"UNFULFILLED", "PARTIALLY_FULFILLED"},
    "shipped": {"FULFILLED"},
    "fulfilled": {"FULFILLED"},
    "partial": {"PARTIALLY_FULFILLED"},
    "on_hold": {"ON_HOLD"},
    "scheduled": {"SCHEDULED"},
}


def _unserved(names: str) -> Fields:
    return {name: unsupported(name) for name in names.split()}


def _default(term: Term, title: str, sku: str | None) -> bool:
    return term.value.lower() in f"{title} {sku or ''}".lower()


def _status(term: Term, order: Order) -> bool:
    states = {
        "open": order.closed_at is None and order.cancelled_at is None,
        "closed": order.closed_at is not None,
        "cancelled": order.cancelled_at is not None,
        "not_closed": order.closed_at is None,
    }
    return any(states.get(one, True) for one in term.value.lower().split(","))


def _fulfillment(term: Term, order: Order) -> bool:
    wanted = (_FULFILLMENT.get(one, set()) for one in term.value.lower().split(","))
    return any(order.display_fulfillment_status in each for each in wanted)


def _option(place: int) -> Fields:
    return {f"option{place}": text(lambda each: ([*each.options.values(), "", "", ""])[place - 1])}


def _variant_at(term: Term, variant: Variant) -> bool:
    return any(str(level.location.id) in term.value.split(",") for level in variant.inventory_item.active_levels)


VARIANTS: Fields = {
    "": lambda term, each, _: _default(term, each.display_name, each.sku),
    "id": whole(lambda each: each.id),
    "sku": text(lambda each: each.sku),
    "barcode": text(lambda each: each.barcode),
    "title": text(lambda each: each.title),
    "product_id": whole(lambda each: each.product.id),
    "product_ids": whole(lambda each: each.product.id),
    "product_status": text(lambda each: each.product.status),
    "product_type": text(lambda each: each.product.product_type),
    "vendor": text(lambda each: each.product.vendor),
    "inventory_quantity": whole(lambda each: each.inventory_quantity),
    "updated_at": moment(lambda each: each.updated_at),
    "managed": truth(lambda each: each.inventory_item.tracked),
    "exclude_composite": lambda term, each, _: term.value.lower() != "true" or not each.requires_components,
    "requires_components": truth(lambda each: each.requires_components),
    "gift_card": truth(lambda each: each.product.is_gift_card),
    "location_id": lambda term, each, _: _variant_at(term, each),
    "tag": lambda term, each, _: term.value in each.product.tags,
    "tag_not": lambda term, each, _: term.value not in each.product.tags,
    **_option(1),
    **_option(2),
    **_option(3),
    **_unserved(
        "collection delivery_profile_id exclude_variants_with_components managed_by product_publication_status "
        "publishable_status published_status taxable"
    ),
}

PRODUCTS: Fields = {
    "": lambda term, each, _: _default(term, each.title, None),
    "id": whole(lambda each: each.id),
    "title": text(lambda each: each.title),
    "handle": text(lambda each: each.handle),
    "status": text(lambda each: each.status),
    "vendor": text(lambda each: each.vendor),
    "product_type": text(lambda each: each.product_type),
    "created_at": moment(lambda each: each.created_at),
    "updated_at": moment(lambda each: each.updated_at),
    "inventory_total": whole(lambda each: each.total_inventory),
    "sku": lambda term, each, zone: any(VARIANTS["sku"](term, one, zone) for one in each.variants),
    "barcode": lambda term, each, zone: any(VARIANTS["barcode"](term, one, zone) for one in each.variants),
    "tag": lambda term, each, _: term.value in each.tags,
}

ITEMS: Fields = {  # `tracked` is recorded as an invalid one
    "": lambda term, each, _: _default(term, "", each.sku),
    "id": whole(lambda each: each.id),
    "sku": text(lambda each: each.sku),
    "created_at": moment(lambda each: each.created_at),
    "updated_at": moment(lambda each: each.updated_at),
}

LEVELS: Fields = {  # of an inventory item; `location_id` is recorded as an invalid one
    "inventory_item_id": whole(lambda each: each.item.id),
    "created_at": moment(lambda each: each.created_at),
    "updated_at": moment(lambda each: each.updated_at),
}

LOCATIONS: Fields = {
    "": lambda term, each, _: _default(term, each.name, None),
    "name": text(lambda each: each.name),
    "location_id": whole(lambda each: each.id),
    "active": truth(lambda each: each.is_active),
    "created_at": moment(lambda each: each.created_at),
}

ORDERS: Fields = {
    "": lambda term, each, _: _default(term, each.name, None),
    "id": whole(lambda each: each.id),
    "name": lambda term, each, _: term.value.lstrip("#") == str(each.number),
    "created_at": moment(lambda each: each.created_at),
    "processed_at": moment(lambda each: each.created_at),
    "updated_at": moment(lambda each: each.updated_at),
    "status": lambda term, each, _: _status(term, each),
    "financial_status": text(lambda each: each.financial),
    "fulfillment_status": lambda term, each, _: _fulfillment(term, each),
    "test": truth(lambda each: each.test),
    "source_name": text(lambda each: each.source_name),
    "sku": lambda term, each, _: any((line.sku or "").lower() == term.value.lower() for line in each.lines),
    **_unserved(
        "cart_token channel channel_id chargeback_status checkout_token confirmation_number credit_card_last4 "
        "current_total_price customer_id delivery_method discount_code email fraud_protection_level "
        "fulfillment_location_id gateway location_id payment_id payment_provider_id po_number reference_location_id "
        "return_status risk_level sales_channel source_identifier subtotal_line_items_quantity tag tag_not total_weight"
    ),
}
