"""Products and variations as WooCommerce writes them in JSON (shapes as recorded from WooCommerce 11.0.1 and 8.6.0)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from agent.practice.woocommerce.shop import Shop
from agent.practice.woocommerce.stock import Product

ITEM_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_BLANK: dict[str, Any] = {
    "description": "",
    "sale_price": "",
    "date_on_sale_from": None,
    "date_on_sale_from_gmt": None,
    "date_on_sale_to": None,
    "date_on_sale_to_gmt": None,
    "on_sale": False,
    "virtual": False,
    "downloadable": False,
    "downloads": [],
    "download_limit": -1,
    "download_expiry": -1,
    "tax_status": "taxable",
    "tax_class": "",
    "weight": "",
    "dimensions": {"length": "", "width": "", "height": ""},
    "shipping_class": "",
    "shipping_class_id": 0,
    "menu_order": 0,
    "meta_data": [],
}
_BLANK_PRODUCT: dict[str, Any] = _BLANK | {
    "featured": False,
    "catalog_visibility": "visible",
    "short_description": "",
    "total_sales": 0,
    "external_url": "",
    "button_text": "",
    "sold_individually": False,
    "shipping_required": True,
    "shipping_taxable": True,
    "reviews_allowed": True,
    "average_rating": "0.00",
    "rating_count": 0,
    "upsell_ids": [],
    "cross_sell_ids": [],
    "purchase_note": "",
    "categories": [],
    "brands": [],
    "tags": [],
    "images": [],
    "default_attributes": [],
    "grouped_products": [],
    "related_ids": [],
    "post_password": "",
}
_NEWER_PRODUCT = ("brands", "global_unique_id")
_NEWER_VARIATION = ("type", "gallery_image_ids", "global_unique_id")


def stamp(shop: Shop, name: str, moment: datetime | None) -> dict[str, str | None]:
    """A moment twice: in the site's own time, and in UTC."""
    if moment is None:
        return {name: None, f"{name}_gmt": None}
    return {name: (moment + shop.offset).isoformat(), f"{name}_gmt": moment.isoformat()}


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def links(shop: Shop, own: str, **others: str) -> dict[str, Any]:
    """`_links`; what one may do stands in them since WordPress 6.7."""
    target: dict[str, Any] = {"href": own}
    if shop.version >= (9,):
        target["targetHints"] = {"allow": list(ITEM_METHODS)}
    return {"self": [target]} | {name: [{"href": href}] for name, href in others.items()}


def product(shop: Shop, base: str, item: Product, context: str = "view") -> dict[str, Any]:
    """As /products shows it, variations included; after a write (context edit) with two fields more."""
    root = f"{base}/wp-json/wc/v3/products"
    up = {"up": f"{root}/{item.parent.id}"} if item.parent else {}
    body = (
        _BLANK_PRODUCT
        | item.rest
        | _common(shop, base, item)
        | {
            "name": item.title,
            "slug": _slug(item),
            "type": item.type,
            "parent_id": item.parent.id if item.parent else 0,
            "attributes": _option_list(item) if item.parent else _attributes(item),
            "variations": [child.id for child in item.children],
            "has_options": item.type == "variable",
            "price_html": _price_html(shop, item),
            "_links": links(shop, f"{root}/{item.id}", collection=root, **up),
        }
    )
    body |= {"variable": {"regular_price": ""}, "variation": {"total_sales": "0"}}.get(item.type, {})
    if context == "edit":
        body |= {"permalink_template": f"{base}/product/%pagename%/", "generated_slug": slug(item.title)}
    return _for_version(shop, body, _NEWER_PRODUCT)


def variation(shop: Shop, base: str, item: Product) -> dict[str, Any]:
    """As /products/<id>/variations shows it."""
    assert item.parent is not None
    up = f"{base}/wp-json/wc/v3/products/{item.parent.id}"
    own = f"{up}/variations"
    body = (
        _BLANK
        | item.rest
        | _common(shop, base, item)
        | {
            "type": "variation",
            "image": None,
            "gallery_image_ids": [],
            "attributes": _option_list(item),
            "name": ", ".join(item.options.values()),
            "parent_id": item.parent.id,
            "_links": links(shop, f"{own}/{item.id}", collection=own, up=up),
        }
    )
    return _for_version(shop, body, _NEWER_VARIATION)


def _common(shop: Shop, base: str, item: Product) -> dict[str, Any]:
    backorders = item.shown_backorders
    quantity = item.shown_quantity
    waiting = backorders != "no"
    return {
        "id": item.id,
        **stamp(shop, "date_created", item.created),
        **stamp(shop, "date_modified", item.modified),
        "permalink": _permalink(base, item),
        "status": item.status,
        "sku": item.shown_sku,
        "global_unique_id": item.barcode,
        "price": item.price,
        "regular_price": item.price,
        "purchasable": item.buyable and bool(item.price),
        "manage_stock": item.shown_manage,
        "stock_quantity": quantity,
        "stock_status": item.shown_status,
        "backorders": backorders,
        "backorders_allowed": waiting,
        "backordered": waiting and quantity is not None and quantity < 0,
        "low_stock_amount": item.low_stock_amount,
    }


def _for_version(shop: Shop, body: dict[str, Any], newer: tuple[str, ...]) -> dict[str, Any]:
    if shop.version < (9,):
        for name in newer:
            del body[name]
    return body


def _slug(item: Product) -> str:
    return f"{slug(item.title)}__trashed" if item.status == "trash" else slug(item.title)


def _permalink(base: str, item: Product) -> str:
    if item.status != "publish":
        return f"{base}/?post_type=product&p={item.id}"
    page = f"{base}/product/{slug(item.name)}/"
    chosen = "&".join(f"attribute_{slug(name)}={value}" for name, value in item.options.items())
    return f"{page}?{chosen}" if chosen else page


def _price_html(shop: Shop, item: Product) -> str:
    return f'<span class="woocommerce-Price-amount amount"><bdi>{item.price} {shop.currency}</bdi></span>'


def _option_list(item: Product) -> list[dict[str, Any]]:
    return [{"id": 0, "name": name, "slug": slug(name), "option": value} for name, value in item.options.items()]


def _attributes(item: Product) -> list[dict[str, Any]]:
    names = {name: None for child in item.children for name in child.options}
    return [
        {
            "id": 0,
            "name": name,
            "slug": name,
            "position": at,
            "visible": True,
            "variation": True,
            "options": list(dict.fromkeys(child.options[name] for child in item.children if name in child.options)),
        }
        for at, name in enumerate(names)
    ]
