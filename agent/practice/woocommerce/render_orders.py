"""Orders and refunds as WooCommerce writes them in JSON (shapes as recorded from WooCommerce 11.0.1 and 8.6.0)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from agent.practice.woocommerce.orders import Line, Order, Refund
from agent.practice.woocommerce.render import links, stamp
from agent.practice.woocommerce.shop import Shop

_BILLING = (
    "first_name",
    "last_name",
    "company",
    "address_1",
    "address_2",
    "city",
    "state",
    "postcode",
    "country",
    "email",
    "phone",
)
_BLANK: dict[str, Any] = {
    "parent_id": 0,
    "prices_include_tax": False,
    "discount_total": "0.00",
    "discount_tax": "0.00",
    "shipping_total": "0.00",
    "shipping_tax": "0.00",
    "cart_tax": "0.00",
    "total_tax": "0.00",
    "customer_id": 0,
    "payment_method_title": "",
    "transaction_id": "",
    "customer_ip_address": "",
    "customer_user_agent": "",
    "customer_note": "",
    "cart_hash": "",
    "meta_data": [],
    "tax_lines": [],
    "shipping_lines": [],
    "fee_lines": [],
    "coupon_lines": [],
    "currency_symbol": "€",
    "needs_processing": True,
}
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "RON": "lei"}


def order(shop: Shop, base: str, item: Order) -> dict[str, Any]:
    """One order; a line's quantity is what was ordered, refunds are only named with their totals."""
    unpaid = item.status in {"pending", "failed"}
    address = {name: item.billing.get(name, "") for name in _BILLING}
    root = f"{base}/wp-json/wc/v3/orders"
    return _BLANK | {
        "id": item.id,
        "number": str(item.id),
        "status": item.status,
        "version": shop.shop_version,
        "currency": shop.currency,
        "currency_symbol": _SIGNS.get(shop.currency, shop.currency),
        "total": money(item.total),
        "order_key": item.key,
        "created_via": item.via,
        "billing": address,
        "shipping": {name: "" for name in _BILLING if name != "email"},
        "payment_method": item.payment_method,
        **stamp(shop, "date_created", item.created),
        **stamp(shop, "date_modified", item.modified),
        **stamp(shop, "date_completed", item.completed),
        **stamp(shop, "date_paid", item.paid),
        "line_items": [_line(shop, each) for each in item.lines],
        "refunds": [_short_refund(each) for each in item.refunds],
        "payment_url": f"{base}/checkout/order-pay/{item.id}/?pay_for_order=true&key={item.key}",
        "is_editable": item.status in {"pending", "on-hold"},
        "needs_payment": unpaid,
        "_links": links(shop, f"{root}/{item.id}", collection=root) | _templates(shop, f"{root}/{item.id}"),
    }


def refund(shop: Shop, base: str, item: Refund, with_parent: bool = False) -> dict[str, Any]:
    """One refund; its lines have negative quantities and name the order's line in `_refunded_item_id`."""
    up = f"{base}/wp-json/wc/v3/orders/{item.order_id}"
    own = f"{up}/refunds"
    kind = {"id": item.id, "key": "_refund_type", "value": "full" if item.full else "partial"}
    lines = [_refund_line(shop, each.id, each.line, each.quantity, each.total) for each in item.lines]
    return {
        "id": item.id,
        **({"parent_id": item.order_id} if with_parent else {}),
        **stamp(shop, "date_created", item.created),
        "amount": money(item.amount),
        "reason": item.reason,
        "refunded_by": 1,
        "refunded_payment": False,
        "meta_data": [kind],
        "line_items": lines,
        "shipping_lines": [],
        "tax_lines": [],
        "fee_lines": [],
        "_links": links(shop, f"{own}/{item.id}", collection=own, up=up),
    }


def money(value: Decimal) -> str:
    return f"{value:.2f}"


def _templates(shop: Shop, own: str) -> dict[str, Any]:
    if shop.version < (9,):
        return {}
    return {"email_templates": [{"embeddable": True, "href": f"{own}/actions/email_templates"}]}


def _short_refund(item: Refund) -> dict[str, Any]:
    return {"id": item.id, "reason": item.reason, "total": money(-item.amount), "total_tax": "0.00"}


def _line(shop: Shop, line: Line) -> dict[str, Any]:
    total = money(line.price * line.quantity)
    meta = [_meta(line.id * 10 + at, name, value) for at, (name, value) in enumerate(_notes(line).items())]
    return _any_line(shop, line) | {
        "id": line.id,
        "quantity": line.quantity,
        "subtotal": total,
        "total": total,
        "price": _number(line.price),
        "meta_data": meta,
    }


def _refund_line(shop: Shop, line_id: int, line: Line, quantity: int, total: Decimal) -> dict[str, Any]:
    worth = money(-total)
    price = _number(total / quantity) if quantity else 0
    meta = [_meta(line_id * 10, "_refunded_item_id", str(line.id))]
    return _any_line(shop, line) | {
        "id": line_id,
        "quantity": -quantity,
        "subtotal": worth,
        "total": worth,
        "price": price,
        "meta_data": meta,
    }


def _any_line(shop: Shop, line: Line) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": line.name,
        "product_id": line.product_id,
        "variation_id": line.variation_id,
        "tax_class": "",
        "subtotal_tax": "0.00",
        "total_tax": "0.00",
        "taxes": [],
        "sku": line.sku,
        "image": {"id": "", "src": ""},
        "parent_name": line.parent_name,
    }
    return body | ({"global_unique_id": line.barcode} if shop.version >= (9,) else {})


def _notes(line: Line) -> dict[str, str]:
    notes = {name.lower(): value for name, value in line.options.items()}
    if line.reduced or line.restocked:
        notes["_reduced_stock"] = str(line.reduced)
    if line.restocked:
        notes["_restock_refunded_items"] = str(line.restocked)
    return notes


def _meta(number: int, key: str, value: str) -> dict[str, Any]:
    return {"id": number, "key": key, "value": value, "display_key": key, "display_value": value}


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
