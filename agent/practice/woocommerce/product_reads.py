"""GET products and variations: which ones, in what order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from agent.practice.woocommerce import query, render
from agent.practice.woocommerce.call import Call, Reply
from agent.practice.woocommerce.errors import RestError, invalid_id, unsupported
from agent.practice.woocommerce.stock import Product

_STATUS = ("any", "future", "trash", "draft", "pending", "private", "publish")
_TYPES = ("simple", "grouped", "external", "variable")
_LACKING = (
    "parent",
    "parent_exclude",
    "category",
    "tag",
    "shipping_class",
    "attribute",
    "attribute_term",
    "featured",
    "on_sale",
    "min_price",
    "max_price",
    "attributes",
    "has_price",
    "exclude_meta",
    "include_meta",
)

PAGING: query.Spec = {
    "page": query.integer(1),
    "per_page": query.integer(1, 100),
    "offset": query.integer(0),
    "order": query.one_of("asc", "desc"),
    "include": query.ids,
    "exclude": query.ids,
    "search": query.text,
    "after": query.date,
    "before": query.date,
    "modified_after": query.date,
    "modified_before": query.date,
    "dates_are_gmt": query.yes_no,
    "_fields": query.text,
    "context": query.one_of("view", "edit"),
}
LISTING: query.Spec = {
    **PAGING,
    "status": query.some_of(*_STATUS),
    "sku": query.words,
    "slug": query.text,
    "search_sku": query.text,
    "orderby": query.one_of(
        "date", "id", "include", "title", "slug", "modified", "popularity", "rating", "menu_order", "price"
    ),
    "stock_status": query.one_of("instock", "outofstock", "onbackorder"),
    **dict.fromkeys(_LACKING, query.lacking),
}
PRODUCTS: query.Spec = {
    **LISTING,
    "type": query.one_of(*_TYPES),
    "include_types": query.some_of(*_TYPES),
    "exclude_types": query.some_of(*_TYPES),
}
ITEM: query.Spec = {"context": query.one_of("view", "edit"), "_fields": query.text}


def list_products(call: Call) -> Reply:
    """Products; looked for by SKU, variations as well."""
    by_sku = "sku" in call.values or "search_sku" in call.values
    rows = (item for item in call.shop.products.values() if by_sku or item.parent is None)
    return _listed(call, rows, lambda item: render.product(call.shop, call.base, item))


def list_variations(call: Call) -> Reply:
    """The variations of one product."""
    parent = call.shop.products.get(call.ids["product_id"])
    return _listed(call, parent.children if parent else (), lambda item: render.variation(call.shop, call.base, item))


def list_all_variations(call: Call) -> Reply:
    """The variations of all products (since WooCommerce 10.3)."""
    rows = (item for item in call.shop.products.values() if item.parent is not None)
    return _listed(call, rows, lambda item: render.variation(call.shop, call.base, item))


def get_product(call: Call) -> Reply:
    """One product, the trashed and variations as well."""
    return Reply(render.product(call.shop, call.base, product(call, 404)))


def get_variation(call: Call) -> Reply:
    return Reply(render.variation(call.shop, call.base, variation(call)))


def product(call: Call, missing: int) -> Product:
    """The product in the path."""
    item = call.shop.products.get(call.ids["id"])
    if item is None:
        raise invalid_id("product", missing)
    return item


def variation(call: Call) -> Product:
    """The variation in the path, of the product in the path."""
    item = call.shop.products.get(call.ids["id"])
    if item is None or item.parent is None:
        raise invalid_id("product_variation", 404)
    if item.parent.id != call.ids["product_id"]:
        if call.request.writes:
            raise RestError(403, "woocommerce_rest_cannot_edit", "Parent product does not match current variation.")
        raise invalid_id("product_variation", 404)
    return item


def _listed(call: Call, rows: Iterable[Product], show: Callable[[Product], dict[str, Any]]) -> Reply:
    wanted = _filter(call)
    found = ordered([item for item in rows if wanted(item)], call.values, lambda item: item.name)
    page, headers = query.page_of(found, call.values, call.request)
    return Reply([show(item) for item in page], headers=headers)


def _filter(call: Call) -> Callable[[Product], bool]:
    values = call.values
    dated = query.within(values, call.shop.offset, "posts")
    tests: list[Callable[[Product], bool]] = [lambda item: dated(item.created, item.modified), _by_status(values)]
    tests += [test(values[name]) for name, test in _TESTS.items() if name in values]
    return lambda item: all(test(item) for test in tests)


def _by_status(values: Mapping[str, Any]) -> Callable[[Product], bool]:
    """Any status means any but the bin."""
    wanted = values.get("status", ("any",))
    return lambda item: item.status in wanted or ("any" in wanted and item.status != "trash")


def _by_sku(wanted: tuple[str, ...]) -> Callable[[Product], bool]:
    plain = {each.lower() for each in wanted}
    return lambda item: item.sku.lower() in plain


def _containing(attribute: str) -> Callable[[str], Callable[[Product], bool]]:
    return lambda part: lambda item: part.lower() in getattr(item, attribute).lower()


_TESTS: dict[str, Callable[[Any], Callable[[Product], bool]]] = {
    "sku": _by_sku,
    "search_sku": _containing("sku"),
    "search": _containing("name"),
    "include": lambda ids: lambda item: item.id in ids,
    "exclude": lambda ids: lambda item: item.id not in ids,
    "type": lambda kind: lambda item: item.type == kind,
    "include_types": lambda kinds: lambda item: item.type in kinds,
    "exclude_types": lambda kinds: lambda item: item.type not in kinds,
    "stock_status": lambda status: lambda item: item.shown_status == status,
    "slug": lambda slug: lambda item: render.slug(item.title) == slug,
}


def ordered(rows: list[Any], values: Mapping[str, Any], title: Callable[[Any], str]) -> list[Any]:
    """Newest first unless asked otherwise; ties by id."""
    by = values.get("orderby", "date")
    include = values.get("include", ())
    keys: dict[str, Callable[[Any], Any]] = {
        "date": lambda row: (row.created, row.id),
        "id": lambda row: row.id,
        "title": lambda row: (title(row), row.id),
        "slug": lambda row: (title(row).lower(), row.id),
        "modified": lambda row: (row.modified, row.id),
        "include": lambda row: include.index(row.id) if row.id in include else len(include),
    }
    if by not in keys:
        raise unsupported(f"orderby={by}")
    return sorted(rows, key=keys[by], reverse=by != "include" and values.get("order", "desc") == "desc")
