"""Shopify's global ids: `gid://shopify/ProductVariant/51364592877874`."""

from __future__ import annotations

import re

_GID = re.compile(r"gid://shopify/(\w+)/(\d+)(?:\?.*)?")


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def level_gid(level_number: int, item_id: int) -> str:
    """As recorded: the first number is of the location, the second of the inventory item."""
    return f"gid://shopify/InventoryLevel/{level_number}?inventory_item_id={item_id}"


def parts(value: str) -> tuple[str, int] | None:
    """Kind and number; None where it is no global id."""
    found = _GID.fullmatch(value)
    return (found.group(1), int(found.group(2))) if found else None


def number(value: str, kind: str) -> int:
    """The number of an id of that kind; 0, which nothing has, for any other."""
    found = parts(value)
    return found[1] if found is not None and found[0] == kind else 0


def item_of_level(value: str) -> int:
    """The inventory item in the id of an inventory level."""
    found = re.search(r"inventory_item_id=(\d+)", value)
    return int(found.group(1)) if found else 0
