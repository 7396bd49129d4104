"""`inventorySetQuantities`: what a validator cannot know is checked here; nothing is written unless all is right.

Sentences and codes are those recorded of 2026-04, unless a comment says otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graphql import GraphQLError

from agent.practice.shopify.context import Info, field_of
from agent.practice.shopify.idempotency import once
from agent.practice.shopify.ids import number
from agent.practice.shopify.shop import Shop
from agent.practice.shopify.stock import Item, Level, Location

REASONS = (
    "correction",
    "cycle_count_available",
    "damaged",
    "movement_canceled",
    "movement_created",
    "movement_received",
    "movement_updated",
    "other",
    "promotion",
    "quality_control",
    "received",
    "reservation_created",
    "reservation_deleted",
    "reservation_updated",
    "restock",
    "safety_stock",
    "shrinkage",
)
LIMIT = 1_000_000_000
Problem = dict[str, Any]


@dataclass(slots=True)
class Change:
    """One quantity that was moved; `quantityAfterChange` is null, as recorded."""

    name: str
    delta: int
    item: Item
    location: Location
    quantity_after_change: int | None = None
    ledger_document_uri: str | None = None


@dataclass(slots=True)
class Group:
    """What one call changed."""

    id: int
    created_at: datetime
    reason: str
    reference_document_uri: str | None
    changes: list[Change] = field(default_factory=list)


@field_of("InventoryAdjustmentGroup", "changes")
def changes(one: Group, info: Info, **asked: list[str]) -> list[Change]:
    """Of these items, locations or names only, where they are named."""
    items = [number(each, "InventoryItem") for each in asked.get("inventoryItemIds") or ()]
    places = [number(each, "Location") for each in asked.get("locationIds") or ()]
    names = asked.get("quantityNames") or ()
    return [
        each
        for each in one.changes
        if (not items or each.item.id in items)
        and (not places or each.location.id in places)
        and (not names or each.name in names)
    ]


@field_of("Mutation", "inventorySetQuantities")
def set_quantities(_: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """All or nothing. Setting what is there already changes nothing and answers without a group."""
    if any("changeFromQuantity" not in each for each in input["quantities"]):
        said = "InventoryQuantityInput must include the following argument: changeFromQuantity."
        raise GraphQLError(said, extensions={"code": "INVALID_FIELD_ARGUMENTS"})
    shop: Shop = info.context.shop
    other = _problem((), "IDEMPOTENCY_KEY_PARAMETER_MISMATCH", _OTHER_INPUT)
    return dict(once(info, input, lambda: _run(shop, input), _answer(None, [{**other, "field": None}])))


_OTHER_INPUT = "The idempotency key was used with other parameters."  # not recorded


def _answer(group: Group | None, problems: list[Problem]) -> dict[str, Any]:
    return {"inventory_adjustment_group": group, "user_errors": problems}


def _run(shop: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    rows = asked["quantities"]
    for problems in (_wrong_input(asked), _unknown(shop, rows), _stale(shop, asked["name"], rows)):
        listed = list(problems)
        if listed:
            return _answer(None, listed)
    group = Group(
        shop.new_id("InventoryAdjustmentGroup"), shop.moment(), asked["reason"], asked.get("referenceDocumentUri")
    )
    for row in rows:
        group.changes.extend(_set(shop, asked["name"], row))
    return _answer(group if group.changes else None, [])


def _problem(path: tuple[str | int, ...], code: str, message: str) -> Problem:
    return {"field": ["input", *map(str, path)], "message": message, "code": code}


def _wrong_input(asked: dict[str, Any]) -> Iterator[Problem]:
    if asked["name"] not in {"available", "on_hand"}:
        yield _problem(("name",), "INVALID_NAME", "The quantity name must be either 'available' or 'on_hand'.")
    if asked["reason"] not in REASONS:
        said = f"The specified reason is invalid. Valid values are: {', '.join(REASONS)}."
        yield _problem(("reason",), "INVALID_REASON", said)
    uri = asked.get("referenceDocumentUri")
    if uri is not None and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://\S+$", uri):  # the sentence was not recorded
        yield _problem(("referenceDocumentUri",), "INVALID_REFERENCE_DOCUMENT", "The specified URI is invalid.")
    yield from _bounds(asked["name"], asked["quantities"])
    yield from _doubles(asked["quantities"])


def _bounds(name: str, rows: list[dict[str, Any]]) -> Iterator[Problem]:
    for at, row in enumerate(rows):
        path = ("quantities", at, "quantity")
        if row["quantity"] > LIMIT:
            yield _problem(path, "INVALID_QUANTITY_TOO_HIGH", "The quantity can't be higher than 1,000,000,000.")
        elif name == "on_hand" and row["quantity"] < 0:
            yield _problem(path, "INVALID_QUANTITY_NEGATIVE", "The quantity can't be negative.")
        elif row["quantity"] < -LIMIT:
            yield _problem(path, "INVALID_QUANTITY_TOO_LOW", "The quantity can't be lower than -1,000,000,000.")


def _doubles(rows: list[dict[str, Any]]) -> Iterator[Problem]:
    pairs = [(row["inventoryItemId"], row["locationId"]) for row in rows]
    often = Counter(pairs)
    for at, pair in enumerate(pairs):
        if often[pair] > 1:
            said = "The combination of inventoryItemId and locationId must be unique."
            yield _problem(("quantities", at, "locationId"), "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR", said)


def _unknown(shop: Shop, rows: list[dict[str, Any]]) -> Iterator[Problem]:
    for at, row in enumerate(rows):
        item = shop.items.get(number(row["inventoryItemId"], "InventoryItem"))
        if item is None:
            said = "The specified inventory item could not be found."
            yield _problem(("quantities", at, "inventoryItemId"), "INVALID_INVENTORY_ITEM", said)
        elif item.id in shop.faults.reject_items or item.is_bundle:  # the sentence was not recorded
            said = "The specified inventory item is not allowed to be adjusted via API."
            yield _problem(("quantities", at, "inventoryItemId"), "NON_MUTABLE_INVENTORY_ITEM", said)
        if number(row["locationId"], "Location") not in shop.locations:
            said = "The specified location could not be found."
            yield _problem(("quantities", at, "locationId"), "INVALID_LOCATION", said)


def _found(shop: Shop, row: dict[str, Any]) -> tuple[Item, Location, Level | None]:
    item = shop.items[number(row["inventoryItemId"], "InventoryItem")]
    location = shop.locations[number(row["locationId"], "Location")]
    return item, location, item.levels.get(location.id)


def _stale(shop: Shop, name: str, rows: list[dict[str, Any]]) -> Iterator[Problem]:
    for at, row in enumerate(rows):
        _, _, level = _found(shop, row)
        have = level.quantity(name) if level is not None else 0
        if row["changeFromQuantity"] is not None and row["changeFromQuantity"] != have:  # sentence and path likewise
            said = "The changeFromQuantity argument no longer matches the persisted quantity."
            yield _problem(("quantities", at, "changeFromQuantity"), "CHANGE_FROM_QUANTITY_STALE", said)


def _set(shop: Shop, name: str, row: dict[str, Any]) -> list[Change]:
    """Available follows what is set on hand, and the other way round.

    Since 2026-10 an item that is not stocked at a location can be written there, which does not stock it (told in
    Shopify's developer forum): the quantity waits in an inactive level.
    """
    item, location, level = _found(shop, row)
    delta = row["quantity"] - (level.quantity(name) if level is not None else 0)
    if not delta:
        return []
    vanishes = item.id in shop.faults.eat_writes or (level is None and shop.faults.unstocked_writes_vanish)
    if not vanishes:
        shop.move(shop.stock_at(item, location, active=False), "available", delta)
    return [Change(each, delta, item, location) for each in ("available", "on_hand")]
