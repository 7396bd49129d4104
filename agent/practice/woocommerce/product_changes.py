"""POST, PUT and DELETE of products and variations, alone and in batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agent.practice.woocommerce import product_writes as writes
from agent.practice.woocommerce import render
from agent.practice.woocommerce.call import Call, Reply
from agent.practice.woocommerce.errors import RestError, broken, invalid_id, unsupported
from agent.practice.woocommerce.product_reads import product, variation
from agent.practice.woocommerce.stock import Product, whole

Work = Callable[[Call, Any], dict[str, Any]]


def create_product(call: Call) -> Reply:
    item = writes.create(call.shop, call.body(), single=True)
    shown = render.product(call.shop, call.base, item, "edit")
    return Reply(shown, 201, {"Location": f"{call.base}/wp-json/wc/v3/products/{item.id}"})


def update_product(call: Call) -> Reply:
    item = _no_variation(product(call, 400))
    writes.update(call.shop, item, call.body(), single=True)
    return Reply(render.product(call.shop, call.base, item, "edit"))


def delete_product(call: Call) -> Reply:
    """To the bin, or with force gone; the answer shows it as it was."""
    item = _no_variation(product(call, 404))
    shown = render.product(call.shop, call.base, item, "edit")
    (call.shop.delete_product if call.values.get("force") else call.shop.trash)(item.id)
    return Reply(shown)


def update_variation(call: Call) -> Reply:
    item = variation(call)
    writes.update(call.shop, item, call.body(), single=True)
    return Reply(render.variation(call.shop, call.base, item))


def batch_products(call: Call) -> Reply:
    return _batch(call, {"create": _create_one, "update": _update_one, "delete": _delete_one})


def batch_variations(call: Call) -> Reply:
    return _batch(call, {"create": _cannot, "update": _update_one_variation, "delete": _cannot})


def _batch(call: Call, works: dict[str, Work]) -> Reply:
    """HTTP 200 whatever becomes of the items: each answers for itself, in its place."""
    body = call.body()
    items = {name: _entries(body.get(name)) for name in works}
    limit = call.shop.faults.batch_limit
    if sum(map(len, items.values())) > limit:
        message = f"Unable to accept more than {limit} items for this request."
        raise RestError(413, "woocommerce_rest_request_entity_too_large", message)
    done = {name: [_one(call, works[name], item) for item in items[name]] for name in works if items[name]}
    return Reply(done or [])


def _entries(given: Any) -> list[Any]:
    """PHP runs over an object's values as over a list."""
    if isinstance(given, dict):
        return list(given.values())
    return given if isinstance(given, list) else []


def _one(call: Call, work: Work, item: Any) -> dict[str, Any]:
    if work is not _delete_one and (item is None or isinstance(item, str)):
        raise broken()
    try:
        return work(call, item)
    except RestError as problem:
        return {"id": _named(work, item), "error": problem.body}


def _named(work: Work, item: Any) -> Any:
    if work is _create_one:
        return 0
    return item.get("id") if isinstance(item, dict) else item if work is _delete_one else None


def _create_one(call: Call, item: Any) -> dict[str, Any]:
    made = writes.create(call.shop, item if isinstance(item, dict) else {}, single=False)
    return render.product(call.shop, call.base, made, "edit")


def _update_one(call: Call, item: Any) -> dict[str, Any]:
    found = call.shop.products.get(_id(item))
    if found is None:
        raise invalid_id("product", 400)
    writes.update(call.shop, _no_variation(found), item, single=False)
    return render.product(call.shop, call.base, found, "edit")


def _delete_one(call: Call, item: Any) -> dict[str, Any]:
    found = call.shop.products.get(whole(item))
    if found is None:
        raise invalid_id("product", 404)
    shown = render.product(call.shop, call.base, _no_variation(found), "edit")
    call.shop.delete_product(found.id)
    return shown


def _update_one_variation(call: Call, item: Any) -> dict[str, Any]:
    """An item's own product_id wins over the one in the path (observed on WooCommerce 8.6.0)."""
    found = call.shop.products.get(_id(item))
    claimed = call.shop.products.get(whole(item.get("product_id", call.ids["product_id"])) if found else 0)
    if found is None or found.parent is None or claimed is None:
        raise invalid_id("product_variation", 404)
    if claimed is not found.parent:
        _move(call, found, claimed)
    writes.update(call.shop, found, item, single=False)
    return render.variation(call.shop, call.base, found)


def _move(call: Call, child: Product, parent: Product) -> None:
    """The wrong parent: 11.0.1 refuses; 8.6.0 silently moved the variation to it."""
    if call.shop.version >= (9,):
        raise invalid_id("product_variation", 404)
    assert child.parent is not None
    child.parent.children.remove(child)
    child.parent = parent
    parent.children.append(child)


def _cannot(_call: Call, _item: Any) -> dict[str, Any]:
    raise unsupported("creating or deleting variations")


def _id(item: Any) -> int:
    return whole(item.get("id")) if isinstance(item, dict) else 0


def _no_variation(item: Product) -> Product:
    if item.parent is not None:
        message = (
            "To manipulate product variations you should use the /products/&lt;product_id&gt;/variations/"
            "&lt;id&gt; endpoint."
        )
        raise RestError(404, "woocommerce_rest_invalid_product_id", message)
    return item
