"""Orders, their lines and parcels, as the platform keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

HOLDING = ("UNPAID", "PENDING", "INVOICE_PENDING", "READY_TO_SHIP", "RETRY_SHIP", "PROCESSED", "IN_CANCEL")
SENT = ("SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED", "TO_RETURN")


@dataclass(slots=True, eq=False)
class Line:
    """One model in an order. `took`: where its units were taken, and how many are not given back."""

    item_id: int
    model_id: int
    item_name: str
    model_name: str
    item_sku: str
    model_sku: str
    quantity: int
    price: float
    location: str
    took: int = 0
    cancelled: int = 0
    cancel_requested: int = 0
    returned: int = 0
    from_campaign: int = 0
    """The campaign whose units these were, or 0."""
    sent: int = 0

    @property
    def active(self) -> int:
        return self.quantity - self.cancelled

    @property
    def order_item_id(self) -> int:
        """The item's own number: two models of an item in one order share it, as documented."""
        return self.item_id


@dataclass(slots=True, eq=False)
class Package:
    """What goes in one parcel: units of the order's lines, by their place."""

    number: str
    units: dict[int, int]
    status: str = "LOGISTICS_READY"


@dataclass(slots=True, eq=False)
class Order:
    """One order. Moments are whole seconds."""

    number: int
    sn: str
    status: str
    created: datetime
    updated: datetime
    lines: list[Line]
    paid: datetime | None = None
    picked_up: datetime | None = None
    by_shopee: bool = False
    advance: bool = False
    cancel_by: str = ""
    before: str = ""
    """The status before a buyer asked to cancel."""
    packages: list[Package] = field(default_factory=list)

    def copy(self) -> Order:
        """As it stands now, for readers who are late."""
        parcels = [replace(each, units=dict(each.units)) for each in self.packages]
        return replace(self, lines=[replace(line) for line in self.lines], packages=parcels)
