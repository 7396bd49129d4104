"""Reading the shop, its locations, products and variants, and anything by its id."""

from __future__ import annotations

from typing import Any

from agent.practice.shopify import filters
from agent.practice.shopify.access import may_see
from agent.practice.shopify.context import (
    Info,
    Resolver,
    by_id,
    counted,
    field_of,
    found,
    listed,
    matching,
    shown_moment,
    sort_key,
)
from agent.practice.shopify.ids import gid, level_gid, number, parts
from agent.practice.shopify.pages import Page
from agent.practice.shopify.shop import Shop
from agent.practice.shopify.stock import Location, Product, Variant

PLANS = {"Plus": True}


def _shop(info: Info) -> Shop:
    return info.context.shop


# -- the shop and the app --------------------------------------------------------------------------------------------


@field_of("QueryRoot", "shop")
def shop(_: Any, info: Info) -> dict[str, Any]:
    own = _shop(info)
    home = f"https://{own.domain}"
    return {
        "id": gid("Shop", _shop(info).number),
        "name": own.name,
        "email": f"owner@{own.domain}",
        "myshopify_domain": own.domain,
        "url": home,
        "primary_domain": {"id": gid("Domain", 1), "host": own.domain, "url": home, "ssl_enabled": True},
        "currency_code": own.currency,
        "plan": {
            "partner_development": False,
            "public_display_name": own.plan,
            "shopify_plus": PLANS.get(own.plan, False),
        },
        "iana_timezone": "Etc/UTC",
        "timezone_offset_minutes": int(own.offset.total_seconds() // 60),
        "shop_address": {
            "id": gid("ShopAddress", 1),
            "city": None,
            "country": own.country,
            "country_code_v2": own.country,
            "zip": None,
        },
        "created_at": own.created_at,
    }


@field_of("QueryRoot", "currentAppInstallation")
def installation(_: Any, info: Info) -> dict[str, Any]:
    app = {"id": gid("App", 1), "handle": "practice-app", "title": "Practice app"}
    scopes = [{"handle": scope, "description": scope.replace("_", " ").capitalize()} for scope in _shop(info).scopes]
    return {"id": gid("AppInstallation", 1), "access_scopes": scopes, "app": app}


# -- locations -------------------------------------------------------------------------------------------------------


@field_of("QueryRoot", "locations")
def locations(_: Any, info: Info, **asked: Any) -> Page:
    """Places of fulfilment services come with the others; inactive ones only for who asks."""
    key = sort_key(asked, "NAME", {"NAME": lambda each: each.name, "ID": by_id})
    shown = [each for each in _shop(info).locations.values() if each.is_active or asked.get("includeInactive")]
    return found(shown, info, asked, filters.LOCATIONS, key)


@field_of("QueryRoot", "location")
def location(_: Any, info: Info, id: str | None = None) -> Location | None:
    own = _shop(info)
    return own.locations.get(number(id, "Location") if id else own.main_location)


@field_of("Location", "deactivatedAt")
def deactivated_at(one: Location, info: Info) -> str | None:
    """A String in the contract, not a DateTime."""
    return shown_moment(one.deactivated_at) if one.deactivated_at is not None else None


@field_of("Location", "address")
def address(_: Location, info: Info) -> dict[str, Any]:
    country = _shop(info).country
    return {"city": None, "country": country, "country_code": country, "zip": None}


# -- products and variants -------------------------------------------------------------------------------------------

_PRODUCT_KEYS = {
    "ID": by_id,
    "TITLE": lambda each: each.title,
    "UPDATED_AT": lambda each: each.updated_at,
    "CREATED_AT": lambda each: each.created_at,
}
_VARIANT_KEYS = {
    "ID": by_id,
    "SKU": lambda each: each.sku or "",
    "TITLE": lambda each: each.title,
    "FULL_TITLE": lambda each: each.display_name,
    "INVENTORY_QUANTITY": lambda each: each.inventory_quantity,
}


@field_of("QueryRoot", "products")
def products(_: Any, info: Info, **asked: Any) -> Page:
    return found(_shop(info).products.values(), info, asked, filters.PRODUCTS, sort_key(asked, "ID", _PRODUCT_KEYS))


@field_of("QueryRoot", "product")
def product(_: Any, info: Info, id: str) -> Product | None:
    return _shop(info).products.get(number(id, "Product"))


@field_of("QueryRoot", "productVariants")
def variants(_: Any, info: Info, **asked: Any) -> Page:
    return found(_shop(info).variants.values(), info, asked, filters.VARIANTS, sort_key(asked, "ID", _VARIANT_KEYS))


@field_of("QueryRoot", "productVariantsCount")
def variants_count(_: Any, info: Info, limit: int | None = None, **asked: Any) -> dict[str, Any]:
    return counted(len(matching(_shop(info).variants.values(), info, asked, filters.VARIANTS)), limit)


@field_of("QueryRoot", "productVariant")
def variant(_: Any, info: Info, id: str) -> Variant | None:
    return _shop(info).variants.get(number(id, "ProductVariant"))


@field_of("Product", "variants")
def variants_of_product(one: Product, info: Info, **asked: Any) -> Page:
    return listed(one.variants, info, asked)


@field_of("Product", "variantsCount")
def count_of_product(one: Product, info: Info, limit: int | None = None) -> dict[str, Any]:
    return counted(len(one.variants), limit)


@field_of("Product", "onlineStoreUrl")
def address_of_product(one: Product, info: Info) -> str | None:
    """None where the online store does not show it."""
    return f"https://{_shop(info).domain}/products/{one.handle}" if one.is_shown else None


@field_of("Product", "options")
def options(one: Product, info: Info, first: int | None = None) -> list[dict[str, Any]]:
    names = dict.fromkeys(name for each in one.variants for name in each.options)
    return [
        {
            "id": gid("ProductOption", one.id + place),
            "name": name,
            "position": place,
            "values": list(dict.fromkeys(each.options[name] for each in one.variants if name in each.options)),
        }
        for place, name in enumerate(names, 1)
    ][:first]


@field_of("ProductVariant", "selectedOptions")
def selected_options(one: Variant, info: Info) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in one.options.items()]


# -- anything by its id ----------------------------------------------------------------------------------------------

LOOK_UP: dict[str, Resolver] = {
    "Location": location,
    "Product": product,
    "ProductVariant": variant,
}
"""By kind; other files put theirs in."""


@field_of("QueryRoot", "node")
def node(_: Any, info: Info, id: str) -> Any:
    """None for what is not there, whatever its kind."""
    told = parts(id)
    look_up = LOOK_UP.get(told[0]) if told is not None else None
    if told is None or look_up is None:
        return None
    may_see(told[0], info)
    return look_up(None, info, id=id)


@field_of("QueryRoot", "nodes")
def nodes(_: Any, info: Info, ids: list[str]) -> list[Any]:
    """In the order of the ids, null where there is nothing."""
    return [node(None, info, id=each) for each in ids]


def global_id(kind: str) -> Any:
    """What resolves the `id` of that kind."""
    if kind == "InventoryLevel":
        return lambda one, info: level_gid(one.id, one.item.id)
    return lambda one, info: one["id"] if isinstance(one, dict) else gid(kind, one.id)
