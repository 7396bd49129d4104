"""What is sold: items, their SKUs, what can be sold of them where, and what campaigns have locked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True, eq=False)
class Campaign:
    """It locks units of a SKU from when the seller takes part until it ends."""

    name: str
    starts: datetime
    ends: datetime
    locked: int


@dataclass(slots=True, eq=False)
class Shelf:
    """One SKU in one warehouse: for sale, ordered and not paid, paid and not yet ready to ship."""

    sellable: int
    withheld: int = 0
    occupied: int = 0


@dataclass(slots=True, eq=False)
class Sku:
    """One thing to buy."""

    id: int
    item: Item
    seller_sku: str
    options: dict[str, str]
    shelves: dict[str, Shelf]
    """Warehouse code -> what lies there of the seller's own."""
    price: float = 9.9
    status: str = "active"
    fbl: int | None = None
    """Units in Lazada's own warehouse; None: nothing of it lies there, nor ever did."""
    campaigns: list[Campaign] = field(default_factory=list)
    blocked: bool = False
    """A campaign lets nobody change it at all."""

    @property
    def key(self) -> str:
        """How people of this computer call it: item and SKU."""
        return f"{self.item.id}-{self.id}"

    @property
    def sellable(self) -> int:
        """Of the seller's own, in all warehouses."""
        return sum(shelf.sellable for shelf in self.shelves.values())

    def running(self, now: datetime) -> list[Campaign]:
        """Campaigns that are not over."""
        return [each for each in self.campaigns if now < each.ends]

    def locked(self, now: datetime) -> int:
        """What they have locked together, in whatever warehouse."""
        return sum(each.locked for each in self.running(now))


@dataclass(slots=True, eq=False)
class Item:
    """What stands on one page of the shop."""

    id: int
    name: str
    created: datetime
    updated: datetime
    status: str = "Active"
    skus: list[Sku] = field(default_factory=list)
