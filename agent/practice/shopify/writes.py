"""The other mutations: stocking an item at a location, tracking it, and going on selling at zero."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from graphql import GraphQLError

from agent.practice.shopify.context import Info, field_of
from agent.practice.shopify.idempotency import once
from agent.practice.shopify.ids import number
from agent.practice.shopify.quantities import LIMIT
from agent.practice.shopify.shop import Shop
from agent.practice.shopify.stock import Item, Level, Location, Variant


def _problem(path: list[str], message: str) -> dict[str, Any]:
    return {"field": path, "message": message}


# -- stocking --------------------------------------------------------------------------------------------------------


@field_of("Mutation", "inventoryActivate")
def activate(_: Any, info: Info, inventoryItemId: str, locationId: str, **asked: Any) -> dict[str, Any]:  # noqa: N803
    """Stock an item at a location. Without quantities it has what it last had there, or nothing."""
    shop: Shop = info.context.shop
    given = {"inventoryItemId": inventoryItemId, "locationId": locationId, **asked}
    other = [_problem([], "The idempotency key was used with other parameters.")]  # not recorded
    return dict(once(info, given, lambda: _activate(shop, given), _stocked(None, other)))


def _stocked(level: Level | None, problems: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inventory_level": level, "user_errors": problems}


def _activate(shop: Shop, given: dict[str, Any]) -> dict[str, Any]:
    item = shop.items.get(number(given["inventoryItemId"], "InventoryItem"))
    location = shop.locations.get(number(given["locationId"], "Location"))
    if location is None:
        said = "The product couldn't be stocked because the location wasn't found."
        return _stocked(None, [_problem(["locationId"], said)])
    if item is None:  # the sentence was not recorded
        said = "The product couldn't be stocked because the product was deleted."
        return _stocked(None, [_problem(["inventoryItemId"], said)])
    level = item.levels.get(location.id)
    if level is not None and level.is_stocked:
        return _stocked(level, _already(given))
    problems = _not_possible(location, given)
    return _stocked(None, problems) if problems else _stocked(_stock(shop, item, location, given), [])


def _already(given: dict[str, Any]) -> list[dict[str, Any]]:
    said = "Not allowed to set {} quantity when the item is already active at the location."
    words = {"available": "available", "onHand": "an on_hand"}
    return [_problem([name], said.format(word)) for name, word in words.items() if given.get(name) is not None]


def _not_possible(location: Location, given: dict[str, Any]) -> list[dict[str, Any]]:
    told = {name: given[name] for name in ("available", "onHand") if given.get(name) is not None}
    refused = f"The product couldn't be stocked at {location.name} because"
    if len(told) > 1:
        said = f"{refused} not allowed to set available and on_hand quantities at the same time."
        return [_problem([name], said) for name in told]
    said = f"{refused} the quantity needs to be between -1 billion and 1 billion."
    return [_problem([name], said) for name, units in told.items() if abs(units) > LIMIT]


def _stock(shop: Shop, item: Item, location: Location, given: dict[str, Any]) -> Level:
    level = shop.stock_at(item, location)
    level.updated_at = shop.moment()
    if given.get("available") is not None:
        shop.move(level, "available", given["available"] - level.quantity("available"))
    elif given.get("onHand") is not None:
        shop.move(level, "available", given["onHand"] - level.quantity("on_hand"))
    return level


# -- items and variants ----------------------------------------------------------------------------------------------


@field_of("Mutation", "inventoryItemUpdate")
def update_item(_: Any, info: Info, id: str, input: dict[str, Any]) -> dict[str, Any]:
    shop: Shop = info.context.shop
    item = shop.items.get(number(id, "InventoryItem"))
    if item is None:
        said = "The product couldn't be updated because it does not exist."
        return {"inventory_item": None, "user_errors": [_problem(["id"], said)]}
    _change_item(shop, item, input)
    return {"inventory_item": item, "user_errors": []}


def _change_item(shop: Shop, item: Item, given: dict[str, Any]) -> None:
    if given.get("tracked") is not None:
        shop.set_tracked(item.variants[0].id, given["tracked"])
    if "sku" in given:
        shop.rename_sku(item.variants[0].id, given["sku"])
    if given.get("requiresShipping") is not None:
        item.requires_shipping = given["requiresShipping"]


@field_of("Mutation", "productVariantsBulkUpdate")
def update_variants(
    _: Any,
    info: Info,
    productId: str,  # noqa: N803
    variants: list[dict[str, Any]],
    allowPartialUpdates: bool | None = None,  # noqa: N803
) -> dict[str, Any]:
    """All of them or, where that is allowed, those that can be; the sentences were not recorded."""
    shop: Shop = info.context.shop
    product = shop.products.get(number(productId, "Product"))
    if product is None:
        missing = {**_problem(["productId"], "Product does not exist"), "code": "PRODUCT_DOES_NOT_EXIST"}
        return {"product": None, "product_variants": None, "user_errors": [missing]}
    found = [
        (at, shop.variants.get(number(given.get("id") or "", "ProductVariant"))) for at, given in enumerate(variants)
    ]
    own = {at: one for at, one in found if one is not None and one.product is product}
    problems = [
        {
            **_problem(["variants", str(at), "id"], "Product variant does not exist"),
            "code": "PRODUCT_VARIANT_DOES_NOT_EXIST",
        }
        for at, _ in found
        if at not in own
    ]
    if problems and not allowPartialUpdates:
        return {"product": product, "product_variants": None, "user_errors": problems}
    for at, one in own.items():
        _change_variant(shop, one, variants[at])
    return {"product": product, "product_variants": list(own.values()), "user_errors": problems}


def _change_variant(shop: Shop, one: Variant, given: dict[str, Any]) -> None:
    if given.get("inventoryPolicy") is not None:
        one.inventory_policy = given["inventoryPolicy"]
    if "barcode" in given:
        one.barcode = given["barcode"]
    if given.get("price") is not None:
        one.price = _price(given["price"])
    if given.get("inventoryItem"):
        _change_item(shop, one.inventory_item, given["inventoryItem"])
    shop.touch(one)


def _price(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except ArithmeticError:
        raise GraphQLError("invalid decimal", extensions={"code": "BAD_REQUEST"}) from None
