"""Writing a product or a variation. Alone it is checked by its schema; in a batch it is not (observed on 11.0.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from agent.practice.woocommerce.errors import Bad, RestError, invalid_params, not_in, wrong_type
from agent.practice.woocommerce.shop import Shop
from agent.practice.woocommerce.stock import Product, amount, truth, whole

_ENUMS = {
    "status": ("draft", "pending", "private", "publish", "future", "auto-draft", "trash"),
    "stock_status": ("instock", "outofstock", "onbackorder"),
    "backorders": ("no", "notify", "yes"),
    "type": ("simple", "grouped", "external", "variable"),
}
_INTEGERS = frozenset({"stock_quantity", "low_stock_amount", "menu_order", "parent_id", "download_limit"})
_BOOLEANS = frozenset({"manage_stock", "featured", "virtual", "downloadable", "sold_individually", "reviews_allowed"})
_TEXTS = frozenset(
    {
        "name",
        "slug",
        "description",
        "short_description",
        "sku",
        "global_unique_id",
        "regular_price",
        "sale_price",
        "tax_status",
        "tax_class",
        "weight",
        "purchase_note",
    }
)
_KEPT = frozenset(
    {
        "description",
        "short_description",
        "featured",
        "virtual",
        "weight",
        "menu_order",
        "purchase_note",
        "meta_data",
        "images",
        "categories",
        "tags",
    }
)


def check(shop: Shop, fields: Mapping[str, Any], variation: bool) -> dict[str, Any]:
    """A single write by its schema: all wrong fields at once, or the fields made fit; null becomes 0 or false."""
    problems = {name: bad for name, value in fields.items() if (bad := _wrong(shop, name, value, variation))}
    if problems:
        raise invalid_params(problems)
    return {name: _fit(name, value) for name, value in fields.items()}


def _wrong(shop: Shop, name: str, value: Any, variation: bool) -> Bad | None:
    if value is None:
        return None
    if name in _ENUMS:
        return None if value in _ENUMS[name] else not_in(name, _ENUMS[name])
    if name == "manage_stock" and variation and shop.version >= (10,) and isinstance(value, str):
        return None  # "parent" sent back: accepted by 11.0.1, refused by 9.7.1
    for names, kind, good in _KINDS:
        if name in names and not good(value):
            return wrong_type(name, kind)
    return None


def _is_integer(value: Any) -> bool:
    if isinstance(value, str):
        return bool(re.fullmatch(r"[+-]?\d+(\.0*)?", value))
    return not isinstance(value, bool) and isinstance(value, (int, float)) and value == int(value)


def _is_boolean(value: Any) -> bool:
    return value in (0, 1) or (isinstance(value, str) and value.lower() in {"true", "false", "0", "1"})


_KINDS: tuple[tuple[frozenset[str], str, Callable[[Any], bool]], ...] = (
    (_INTEGERS, "integer", _is_integer),
    (_BOOLEANS, "boolean", _is_boolean),
    (_TEXTS, "string", lambda value: isinstance(value, str)),
)


def _fit(name: str, value: Any) -> Any:
    if name in _INTEGERS:
        return whole(value)
    if name in _BOOLEANS:
        return truth(value)
    return "" if value is None and name in _TEXTS else value


def create(shop: Shop, given: Mapping[str, Any], single: bool) -> Product:
    """A new simple product."""
    fields = check(shop, given, variation=False) if single else dict(given)
    sku = str(fields.get("sku") or "").strip()
    _unclaimed(shop, sku, None)
    item = shop.products[shop.add_simple("", str(fields.get("name") or "Product"), None, price="")]
    _write(shop, item, fields)
    return item


def update(shop: Shop, item: Product, given: Mapping[str, Any], single: bool) -> None:
    """Write the given fields; the rest stays. Every accepted write moves date_modified, even one of the same value."""
    if item.id in shop.faults.reject_ids:
        raise RestError(500, "db_update_error", "Could not update post in the database.")
    fields = check(shop, given, variation=item.parent is not None) if single else dict(given)
    if fields.get("sku"):
        _unclaimed(shop, str(fields["sku"]).strip(), item)
    if item.id not in shop.faults.eat_writes:
        _write(shop, item, fields)


def _unclaimed(shop: Shop, sku: str, item: Product | None) -> None:
    """One SKU, one owner: any case, blanks at its ends aside, variations too."""
    owners = [owner for owner in shop.owners(sku) if owner is not item]
    selling = [owner for owner in owners if owner.status != "trash"]
    if selling:
        raise RestError(
            400,
            "product_invalid_sku",
            "Invalid or duplicated SKU.",
            resource_id=selling[0].id,
            unique_sku=_free(shop, sku),
        )
    if owners:
        raise RestError(
            400,
            "woocommerce_rest_product_not_created",
            f"The product with SKU ({sku}) you are trying to insert is already present in the lookup table",
        )


def _free(shop: Shop, sku: str) -> str:
    number = 1
    while shop.owners(f"{sku}-{number}"):
        number += 1
    return f"{sku}-{number}"


def _write(shop: Shop, item: Product, fields: Mapping[str, Any]) -> None:
    given = {name: value for name, value in fields.items() if value is not None}
    if "sku" in given:
        shop.set_sku(item, str(given["sku"]).strip())
    _write_texts(item, given)
    _write_stock(item, given)
    item.rest |= {name: given[name] for name in _KEPT & given.keys()}
    item.settle()
    shop.touch(item)


def _write_texts(item: Product, given: Mapping[str, Any]) -> None:
    if "name" in given and item.parent is None:
        item.name = str(given["name"])
    if "regular_price" in given:
        item.price = amount(given["regular_price"])
    if "global_unique_id" in given:
        item.barcode = str(given["global_unique_id"])
    if "status" in given and item.status != "trash":
        item.status = given["status"] if given["status"] in _ENUMS["status"] else "draft"


def _write_stock(item: Product, given: Mapping[str, Any]) -> None:
    """A quantity is taken only while this product manages its stock; a status only while it does not."""
    if "manage_stock" in given:
        item.manage = truth(given["manage_stock"])
    if "backorders" in given:
        item.backorders = given["backorders"] if given["backorders"] in _ENUMS["backorders"] else "no"
    if not item.manage:
        if "stock_status" in given:
            item.stock_status = given["stock_status"] if given["stock_status"] in _ENUMS["stock_status"] else "instock"
        return
    if "low_stock_amount" in given:
        item.low_stock_amount = whole(given["low_stock_amount"])
    if "stock_quantity" in given:
        item.quantity = whole(given["stock_quantity"])
    elif "inventory_delta" in given:
        item.quantity = (item.quantity or 0) + whole(given["inventory_delta"])
