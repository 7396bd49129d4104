"""Orders, their lines and parcels, as Amazon keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

OPEN = ("PENDING_AVAILABILITY", "PENDING", "UNSHIPPED", "PARTIALLY_SHIPPED")


@dataclass(slots=True, eq=False)
class Line:
    """One SKU in an order. `took`: units that were taken off the offer, and are not given back."""

    item_id: str
    sku: str
    asin: str
    title: str
    quantity: int
    price: str
    took: int = 0
    sent: int = 0
    cancelled_by: str = ""

    @property
    def left(self) -> int:
        return 0 if self.cancelled_by else self.quantity - self.sent


@dataclass(slots=True, eq=False)
class Parcel:
    """Units of the order's lines, and when the carrier had them."""

    number: int
    sent: datetime
    units: dict[str, int]


@dataclass(slots=True, eq=False)
class Order:
    """One order. Moments are whole seconds."""

    number: int
    id: str
    status: str
    created: datetime
    updated: datetime
    lines: list[Line]
    fulfilled_by: str = "MERCHANT"
    country: str = ""  # where it was sold; "": at home
    parcels: list[Parcel] = field(default_factory=list)

    def copy(self) -> Order:
        """As it stands now, for readers who are late."""
        return replace(self, lines=[replace(line) for line in self.lines], parcels=list(self.parcels))
