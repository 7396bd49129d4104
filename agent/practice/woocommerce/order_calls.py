"""Orders and refunds over REST."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from agent.practice.woocommerce import query, render_orders
from agent.practice.woocommerce.call import Call, Reply
from agent.practice.woocommerce.errors import RestError, invalid_id, invalid_params, not_in, unsupported
from agent.practice.woocommerce.orders import STATUSES, Order, Refund
from agent.practice.woocommerce.product_reads import PAGING, ordered
from agent.practice.woocommerce.stock import truth, whole

_HIDDEN = frozenset({"checkout-draft", "trash", "auto-draft"})  # not part of "any"
_ORDERBY = query.one_of("date", "id", "include", "title", "slug", "modified")
_LACKING = dict.fromkeys(("parent", "parent_exclude", "customer", "product"), query.lacking)
_SHOWN: query.Spec = {"dp": query.lacking, "order_item_display_meta": query.lacking}

REFUNDS: query.Spec = {**PAGING, **_SHOWN, "orderby": _ORDERBY, **_LACKING}
ORDERS: query.Spec = {**REFUNDS, "status": query.some_of("any", "trash", "auto-draft", *STATUSES)}
FORCE: query.Spec = {"force": query.yes_no}


def list_orders(call: Call) -> Reply:
    """Orders that can be read by now; modified_after is strictly after, in whole seconds."""
    wanted = _filter(call)
    rows = [item for item in call.shop.late.readable().values() if wanted(item)]
    page, headers = query.page_of(ordered(rows, call.values, lambda item: item.key), call.values, call.request)
    return Reply([render_orders.order(call.shop, call.base, item) for item in page], headers=headers)


def _filter(call: Call) -> Callable[[Order], bool]:
    values = call.values
    statuses = values.get("status", ("any",))
    dated = query.within(values, call.shop.offset, "orders")
    include, exclude = values.get("include"), values.get("exclude", ())
    search = values.get("search", "")

    def wanted(item: Order) -> bool:
        seen = item.status in statuses or ("any" in statuses and item.status not in _HIDDEN)
        chosen = (not include or item.id in include) and item.id not in exclude and search in str(item.id)
        return seen and chosen and dated(item.created, item.modified)

    return wanted


def get_order(call: Call) -> Reply:
    item = call.shop.late.readable().get(call.ids["id"])
    if item is None:
        raise invalid_id("shop_order", 404)
    return Reply(render_orders.order(call.shop, call.base, item))


def create_order(call: Call) -> Reply:
    """An order is written down whether or not there is stock for it (observed on WooCommerce 11.0.1)."""
    body = call.body()
    status = _status(body) or "pending"
    lines = [_wanted(call, each) for each in body.get("line_items") or []]
    item = call.shop.book_order(lines, status, via="rest-api")
    item.payment_method = str(body.get("payment_method", ""))
    item.billing = dict(body.get("billing") or {})
    if truth(body.get("set_paid")):
        call.shop.set_status(item.id, _once_paid(item))
    shown = render_orders.order(call.shop, call.base, item)
    return Reply(shown, 201, {"Location": f"{call.base}/wp-json/wc/v3/orders/{item.id}"})


def _once_paid(item: Order) -> str:
    return "completed" if item.payment_method == "cod" else "processing"


def _wanted(call: Call, given: Mapping[str, Any]) -> tuple[int, int]:
    owners = call.shop.owners(str(given.get("sku", "")))
    listing = whole(given.get("variation_id")) or whole(given.get("product_id")) or (owners[0].id if owners else 0)
    if listing not in call.shop.products:
        raise RestError(400, "woocommerce_rest_required_product_reference", "Product ID or SKU is required.")
    return listing, whole(given.get("quantity", 1))


def update_order(call: Call) -> Reply:
    item = _order(call)
    body = call.body()
    other = body.keys() - {"id", "status", "set_paid", "transaction_id"}
    if other:
        raise unsupported(f"changing {', '.join(sorted(other))} of an order")
    status = _status(body) or (_once_paid(item) if truth(body.get("set_paid")) and item.paid is None else None)
    if status:
        call.shop.set_status(item.id, status)
    return Reply(render_orders.order(call.shop, call.base, item))


def _status(body: Mapping[str, Any]) -> str | None:
    status = body.get("status")
    if status is not None and status not in STATUSES:
        raise invalid_params({"status": not_in("status", STATUSES)})
    return status


def delete_order(call: Call) -> Reply:
    item = _order(call)
    shown = render_orders.order(call.shop, call.base, item)
    call.shop.delete_order(item.id, bool(call.values.get("force")))
    return Reply(shown)


def _order(call: Call) -> Order:
    item = call.shop.orders.get(call.ids.get("order_id", call.ids.get("id", 0)))
    if item is None:
        if "order_id" in call.ids:
            raise RestError(404, "woocommerce_rest_invalid_order", "Invalid order ID.")
        raise invalid_id("shop_order", 400 if call.request.method in {"PUT", "POST", "PATCH"} else 404)
    return item


def list_refunds(call: Call) -> Reply:
    """The refunds of one order."""
    item = call.shop.late.readable().get(call.ids["order_id"])
    if item is None:
        raise RestError(404, "woocommerce_rest_invalid_order", "Invalid order ID.")
    return _refunds(call, item.refunds, with_parent=False)


def list_all_refunds(call: Call) -> Reply:
    """The refunds of all orders (since WooCommerce 9.0)."""
    rows = [refund for item in call.shop.late.readable().values() for refund in item.refunds]
    return _refunds(call, rows, with_parent=True)


def _refunds(call: Call, rows: list[Refund], with_parent: bool) -> Reply:
    dated = query.within(call.values, call.shop.offset, "orders")
    found = [each for each in rows if dated(each.created, each.created)]
    page, headers = query.page_of(sorted(found, key=lambda each: each.id, reverse=True), call.values, call.request)
    return Reply([render_orders.refund(call.shop, call.base, each, with_parent) for each in page], headers=headers)


def create_refund(call: Call) -> Reply:
    """A refund over REST puts units back on the shelf unless told not to (observed on WooCommerce 8.6.0)."""
    item, body = _order(call), call.body()
    lines = [each for each in body.get("line_items") or [] if isinstance(each, dict)]
    quantities = {whole(each.get("id")): whole(each.get("quantity")) for each in lines}
    totals = {whole(each.get("id")): Decimal(str(each["refund_total"])) for each in lines if "refund_total" in each}
    amount = Decimal(str(body["amount"])) if body.get("amount") else None
    made = call.shop.refund(
        item.id,
        quantities,
        truth(body.get("api_restock", True)),
        reason=str(body.get("reason") or ""),
        amount=amount,
        totals=totals,
    )
    refund = next(each for each in item.refunds if each.id == made)
    place = rf"{call.base}/wp-json/wc/v3/orders/(?P<order_id>[\d]+)/refunds/{made}"  # so it was observed on 11.0.1
    return Reply(render_orders.refund(call.shop, call.base, refund), 201, {"Location": place})
