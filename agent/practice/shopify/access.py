"""What an app's access scopes let it read and write; the sentences are the vendor's (its list of required access)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from graphql import GraphQLError

from agent.practice.shopify.context import Info

_ORDERS = "`read_orders` access scope or `read_marketplace_orders` access scope."
_PRODUCTS = "`read_products` access scope."
_INVENTORY = "`read_inventory` access scope."
_LOCATIONS = "`read_locations` access scope."
_TO_SEND = (
    "`read_assigned_fulfillment_orders` access scope, `read_merchant_managed_fulfillment_orders` access scope, "
    "`read_third_party_fulfillment_orders` access scope or `read_marketplace_fulfillment_orders` access scope."
)
_SENT = f"`read_orders` access scope, `read_marketplace_orders` access scope, {_TO_SEND}"
TYPES = {
    "Fulfillment": _SENT,
    "FulfillmentOrder": _TO_SEND,
    "InventoryAdjustmentGroup": _INVENTORY,
    "InventoryItem": "`read_inventory` access scope or `read_products` access scope.",
    "InventoryLevel": _INVENTORY,
    "LineItem": _ORDERS,
    "Location": "`read_locations` access scope, `read_inventory` access scope or `read_markets_home` access scope.",
    "Order": "`read_orders` access scope, `read_marketplace_orders` access scope or `read_quick_sale` access scope.",
    "Product": _PRODUCTS,
    "ProductVariant": _PRODUCTS,
    "Refund": _ORDERS,
}
_OF_LOCATIONS = (
    "address createdAt deactivatedAt fulfillsOnlineOrders hasActiveInventory inventoryLevel inventoryLevels isActive "
    "isFulfillmentService isPrimary shipsInventory updatedAt"
)
_MAY = "`{}` access scope. Also: The user must have a permission to {}."
FIELDS = {
    ("QueryRoot", "ordersCount"): _ORDERS,
    ("QueryRoot", "productVariantsCount"): _PRODUCTS,
    ("InventoryItem", "duplicateSkuCount"): _INVENTORY,
    ("InventoryItem", "inventoryLevel"): _INVENTORY,
    ("InventoryItem", "inventoryLevels"): _INVENTORY,
    ("InventoryItem", "locationsCount"): _INVENTORY,
    ("Location", "name"): "`read_locations` access scope or `read_markets_home` access scope.",
    **{("Location", name): _LOCATIONS for name in _OF_LOCATIONS.split()},
    ("Mutation", "inventoryActivate"): _MAY.format("write_inventory", "activate an inventory item"),
    ("Mutation", "inventoryItemUpdate"): _MAY.format("write_inventory", "update an inventory item"),
    ("Mutation", "inventorySetQuantities"): _MAY.format("write_inventory", "update an inventory"),
    ("Mutation", "productVariantsBulkUpdate"): _MAY.format("write_products", "update product variants"),
}


def required(parent: str, name: str, answers: str) -> str | None:
    """The sentence for a field of `parent` that answers with a type, or None where everybody may."""
    return FIELDS.get((parent, name)) or TYPES.get(re.sub(r"(Connection|Edge)$", "", answers))


def allowed(sentence: str, scopes: Collection[str]) -> bool:
    """Any of the named scopes will do; who may write may read."""
    wanted = re.findall(r"`(\w+)` access scope", sentence)
    return any(each in scopes or each.replace("read_", "write_", 1) in scopes for each in wanted)


def check(sentence: str, info: Info) -> None:
    """As recorded."""
    if allowed(sentence, info.context.scopes):
        return
    told: dict[str, Any] = {
        "code": "ACCESS_DENIED",
        "documentation": "https://shopify.dev/api/usage/access-scopes",
        "requiredAccess": sentence,
    }
    said = f"Access denied for {info.field_name} field. Required access: {sentence}"
    raise GraphQLError(said, extensions=told)


def may_see(kind: str, info: Info) -> None:
    """For what is asked by its id alone."""
    if kind in TYPES:
        check(TYPES[kind], info)
