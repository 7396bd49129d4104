"""Reading inventory items and what they have at each location."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError

from agent.practice.shopify import filters
from agent.practice.shopify.context import Info, by_id, counted, field_of, found, listed
from agent.practice.shopify.ids import gid, item_of_level, number, parts
from agent.practice.shopify.pages import Page
from agent.practice.shopify.reads import LOOK_UP
from agent.practice.shopify.shop import Shop
from agent.practice.shopify.stock import NAMES, Item, Level, Location, Variant


def _shop(info: Info) -> Shop:
    return info.context.shop


@field_of("QueryRoot", "inventoryItems")
def items(_: Any, info: Info, **asked: Any) -> Page:
    return found(_shop(info).items.values(), info, asked, filters.ITEMS, by_id)


@field_of("QueryRoot", "inventoryItem")
def item(_: Any, info: Info, id: str) -> Item | None:
    return _shop(info).items.get(number(id, "InventoryItem"))


@field_of("QueryRoot", "inventoryLevel")
def level(_: Any, info: Info, id: str) -> Level | None:
    """Found whether or not it is active (as recorded)."""
    told = parts(id)
    one = _shop(info).items.get(item_of_level(id))
    if told is None or one is None:
        return None
    return next((each for each in one.levels.values() if each.id == told[1]), None)


def _level(one: Item, location_id: int, asked: dict[str, Any]) -> Level | None:
    """None where it was never stocked, and, unless asked for, where it is not stocked any more."""
    have = one.levels.get(location_id)
    return have if have is not None and (have.is_stocked or asked.get("includeInactive")) else None


@field_of("InventoryItem", "inventoryLevel")
def level_at(one: Item, info: Info, locationId: str, **asked: Any) -> Level | None:  # noqa: N803
    return _level(one, number(locationId, "Location"), asked)


@field_of("InventoryItem", "inventoryLevels")
def levels_of_item(one: Item, info: Info, **asked: Any) -> Page:
    shown = [each for each in one.levels.values() if each.is_stocked or asked.get("includeInactive")]
    return found(shown, info, asked, filters.LEVELS, by_id)


@field_of("InventoryItem", "duplicateSkuCount")
def duplicate_sku_count(one: Item, info: Info) -> int:
    """How many other items have this SKU as well."""
    if not one.sku:
        return 0
    return len({each.inventory_item.id for each in _shop(info).owners(one.sku)} - {one.id})


@field_of("InventoryItem", "locationsCount")
def locations_count(one: Item, info: Info) -> dict[str, Any]:
    return counted(len(one.active_levels))


@field_of("InventoryItem", "variant")
def first_variant(one: Item, info: Info) -> Variant:
    return one.variants[0]


@field_of("InventoryItem", "variants")
def variants_of_item(one: Item, info: Info, **asked: Any) -> Page:
    return listed(one.variants, info, asked)


@field_of("InventoryLevel", "isActive")
def is_active(one: Level, info: Info) -> bool:
    return one.is_stocked


@field_of("InventoryLevel", "quantities")
def quantities(one: Level, info: Info, names: list[str]) -> list[dict[str, Any]]:
    """In the order of the names. As recorded, only `available` tells when it changed."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        said = f"The quantity name {unknown[0]} is invalid."  # the sentence was not recorded
        raise GraphQLError(said, extensions={"code": "BAD_REQUEST"})
    return [
        {
            "id": f"{gid('InventoryQuantity', one.id)}?inventory_item_id={one.item.id}&name={name}",
            "name": name,
            "quantity": one.quantity(name),
            "updated_at": one.available_at if name == "available" else None,
        }
        for name in names
    ]


LOOK_UP |= {"InventoryItem": item, "InventoryLevel": level}


# -- what lies at a location -----------------------------------------------------------------------------------------


@field_of("Location", "hasActiveInventory")
def has_active_inventory(one: Location, info: Info) -> bool:
    return any(level.quantity("on_hand") for level in _levels_at(one, info))


def _levels_at(one: Location, info: Info) -> list[Level]:
    return [item.levels[one.id] for item in _shop(info).items.values() if one.id in item.levels]


@field_of("Location", "inventoryLevel")
def level_of_item(one: Location, info: Info, inventoryItemId: str, **asked: Any) -> Level | None:  # noqa: N803
    item = _shop(info).items.get(number(inventoryItemId, "InventoryItem"))
    return _level(item, one.id, asked) if item is not None else None


@field_of("Location", "inventoryLevels")
def levels_of_location(one: Location, info: Info, **asked: Any) -> Page:
    shown = [each for each in _levels_at(one, info) if each.is_stocked or asked.get("includeInactive")]
    return found(shown, info, asked, filters.LEVELS, lambda each: each.item.id)
