"""A batch of quantities on its way, and what Shopify's answer to it means for each of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agent.channels.answers import Answer, CallFailed
from agent.channels.pushing import GONE, Result, Results
from agent.channels.shopify.queries import gid
from agent.channels.shopify.reader import Item
from agent.channels.values import record, records, text
from agent.words import in_words

LARGEST = 1_000_000_000
SAME_KEY = "IDEMPOTENCY_CONCURRENT_REQUEST"
NEW_KEY = frozenset({"IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"})
STALE = frozenset({"CHANGE_FROM_QUANTITY_STALE", "COMPARE_QUANTITY_STALE"})
WORDS = {
    "INVALID_INVENTORY_ITEM": GONE,
    "INVALID_LOCATION": in_words("shopify.shop_no_such_location"),
    "NON_MUTABLE_INVENTORY_ITEM": in_words("shopify.bundle_stock_parts"),
}
NOT_COUNTED = in_words("shopify.shop_does_not_count")


@dataclass(frozen=True)
class Change:
    """One quantity to set."""

    at: int
    cell: str
    item: str
    location: str
    quantity: int
    expected: int | None

    def input(self) -> dict[str, object]:
        """`changeFromQuantity` is always said: null means that whatever stands is overwritten (recorded 2026-04)."""
        return {
            "inventoryItemId": gid("InventoryItem", self.item),
            "locationId": self.location,
            "quantity": self.quantity,
            "changeFromQuantity": self.expected,
        }


@dataclass
class Batch:
    """What is left of a batch, and what became of the rest."""

    changes: list[Change]
    results: Results = field(default_factory=dict)
    out: CallFailed | None = None
    """Why the batches after it should not be tried."""

    def settle(self, changes: Iterable[Change], result: Result) -> None:
        done = {change.at for change in changes}
        self.results |= dict.fromkeys(done, result)
        self.changes = [change for change in self.changes if change.at not in done]


CELL = re.compile(r"item/(?P<item>\d{1,20})/location/(?P<location>\d{1,20})", re.ASCII)


def change_of(at: int, cell: str, quantity: int | None, expected: int | None) -> Change | None:
    found = CELL.fullmatch(cell)
    if found is None or quantity is None or not 0 <= quantity <= LARGEST:
        return None
    return Change(at, cell, found["item"], gid("Location", found["location"]), quantity, expected)


@dataclass(frozen=True)
class Said:
    """The answer to a batch."""

    problem: bool
    """It was not carried out at all: errors, and no payload."""
    errors: list[Item]
    items: list[Item]
    """The inventory items whose quantity changed."""


def read_answer(answer: Answer) -> Said:
    payload = record(record(record(answer.json).get("data")).get("inventorySetQuantities"))
    changes = records(record(payload.get("inventoryAdjustmentGroup")).get("changes"))
    items = [record(each.get("item")) for each in changes if each.get("name") == "available"]
    return Said(not payload, records(payload.get("userErrors")), items)


def take_out(batch: Batch, errors: Sequence[Item], answer: Answer) -> None:
    """The changes that Shopify names as wrong; where it names none, all of them."""
    named: Results = {}
    for error in errors:
        at = _place(error)
        if at is not None and at < len(batch.changes):
            named.setdefault(at, _refusal(error, answer.server_time))
    if not named:
        batch.settle(batch.changes, _refusal(errors[0], answer.server_time))
    for at, change in enumerate(list(batch.changes)):
        if at in named:
            batch.settle([change], named[at])


def _place(error: Item) -> int | None:
    """`["input", "quantities", "3", "quantity"]` -> 3."""
    path = error.get("field")
    place = path[2] if isinstance(path, list) and len(path) > 2 and path[1] == "quantities" else None
    return int(place) if isinstance(place, str) and place.isascii() and place.isdigit() else None


def _refusal(error: Item, at: datetime) -> Result:
    code, said = text(error.get("code")) or "", text(error.get("message")) or in_words("shopify.no_reason_given")
    if code in STALE:
        return Result("stale", at=at)
    return Result("refused", message=WORDS.get(code, in_words("shopify.shop_refused", said=said)), at=at)
