"""What is listed: by hand or with the Trading API, by the Inventory API, as an auction; and what a buyer may buy of it.

A listing of the Inventory API has two quantities a SKU, the item's and its offer's; a buyer sees the lower one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Key = int | str
"""A listing's number; of a variation `number/place`, places counted from 0."""


@dataclass
class Record:
    """An inventory item of the Inventory API."""

    sku: str
    title: str
    quantity: int
    barcode: str | None = None
    warehouses: dict[str, int] = field(default_factory=dict)
    auction: int = 0
    """Units that an auction of the same SKU holds."""


@dataclass
class Offer:
    """An offer of one SKU; `listing`: where it is published, or None."""

    id: str
    sku: str
    listing: int | None
    available: int
    format: str = "FIXED_PRICE"


@dataclass
class Variation:
    """What is bought as one thing: a variation, or the whole of a listing without any."""

    sku: str | None
    specifics: dict[str, str]
    units: int = 0
    sold: int = 0
    price: str = "10.0"
    record: Record | None = None
    offer: Offer | None = None
    gone: bool = False

    @property
    def available(self) -> int:
        """What a buyer may buy now."""
        if self.record is not None and self.offer is not None:
            return min(self.record.quantity, self.offer.available)
        return self.units

    def set(self, units: int) -> None:
        """Both quantities."""
        self.units = units
        if self.record is not None and self.offer is not None:
            self.record.quantity = self.offer.available = units

    def take(self, units: int) -> None:
        """Sold, or, where negative, given back."""
        self.sold += units
        self.units -= units
        if self.record is not None and self.offer is not None:
            self.record.quantity -= units
            self.offer.available -= units


@dataclass
class Listing:
    """One number, with all that is sold under it."""

    id: int
    title: str
    variations: list[Variation]
    kind: str = "FixedPriceItem"
    status: str = "Active"
    varied: bool = False
    revisions: deque[datetime] = field(default_factory=deque)

    @property
    def inventory(self) -> bool:
        """Made with the Inventory API: the Trading API may not change it."""
        return any(each.offer is not None for each in self.variations)

    def by_sku(self, sku: str | None) -> list[Variation]:
        """Those of that SKU; without variations, the listing itself."""
        if not self.varied:
            return self.variations if sku in (None, "", self.variations[0].sku) else []
        return [each for each in self.shown if sku and each.sku == sku]

    @property
    def shown(self) -> list[Variation]:
        """Those that were not taken out."""
        return [each for each in self.variations if not each.gone]


Variants = Mapping[str, object]
"""sku, options (name -> value), quantity, barcode."""
