"""What is sold: items, their models, what lies where, and what campaigns have locked of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

DELETED = frozenset({"SELLER_DELETE", "SHOPEE_DELETE"})


@dataclass(slots=True, eq=False)
class Campaign:
    """A promotion of one model that keeps units for itself, from when it is agreed (upcoming) until it ends."""

    id: int
    kind: str
    starts: datetime
    ends: datetime
    reserved: int

    def staging(self, now: datetime) -> str | None:
        """ongoing, upcoming, or None once it is over."""
        return None if now >= self.ends else "ongoing" if now >= self.starts else "upcoming"


@dataclass(slots=True, eq=False)
class Model:
    """One thing to buy. Its id is 0 where the item has no models."""

    id: int
    item: Item
    sku: str
    options: dict[str, str]
    stock: dict[str, int]
    """Location ("" where the shop has no warehouses) -> units of the seller's own that can be sold."""
    price: float = 9.9
    barcode: str = ""
    status: str = "MODEL_NORMAL"
    by_shopee: bool = False
    """Shopee keeps and ships it; `at_shopee` units lie there."""
    at_shopee: int = 0
    campaigns: list[Campaign] = field(default_factory=list)

    @property
    def key(self) -> str:
        """How people of this computer call it: 34001, or 34001-77 for a model."""
        return f"{self.item.id}-{self.id}" if self.id else str(self.item.id)

    @property
    def units(self) -> int:
        """The seller's own, at all places."""
        return sum(self.stock.values())

    def reserved(self, now: datetime) -> int:
        """What campaigns that run or are agreed have locked."""
        return sum(each.reserved for each in self.campaigns if each.staging(now))

    def campaign(self, now: datetime) -> Campaign | None:
        """The one that runs now."""
        return next((each for each in self.campaigns if each.staging(now) == "ongoing"), None)


@dataclass(slots=True, eq=False)
class Item:
    """What stands on one page of the shop."""

    id: int
    name: str
    sku: str
    created: datetime
    updated: datetime
    status: str = "NORMAL"
    kit: bool = False
    models: list[Model] = field(default_factory=list)

    @property
    def has_model(self) -> bool:
        return any(model.id for model in self.models)
