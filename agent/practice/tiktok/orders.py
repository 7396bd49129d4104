"""Orders and their lines, as the platform keeps them: one line for each unit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

HOLDING = ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION")
SENT = ("IN_TRANSIT", "DELIVERED", "COMPLETED")
BACK = ("RETURN_AND_REFUND", "EXCHANGE")


@dataclass(slots=True, eq=False)
class Unit:
    """One line item. `took`: SKU -> units taken at the warehouse and neither sent nor given back."""

    id: str
    sku_id: str
    product_id: str
    seller_sku: str
    title: str
    options: str
    price: str
    status: str
    warehouse: str
    took: dict[str, int] = field(default_factory=dict)
    parts: list[tuple[str, str, str, int]] = field(default_factory=list)
    """Of a virtual bundle: (SKU, product, seller SKU, count)."""
    package: str = ""
    package_status: str = ""
    arranged: datetime | None = None
    cancel_user: str = ""


@dataclass(slots=True, eq=False)
class Return:
    """A return or refund of some units of an order."""

    id: str
    order_id: str
    units: tuple[str, ...]
    kind: str
    status: str
    updated: datetime


@dataclass(slots=True, eq=False)
class Order:
    """One order. Moments are whole seconds."""

    number: int
    id: str
    status: str
    created: datetime
    updated: datetime
    units: list[Unit]
    warehouse: str
    fulfillment: str = "FULFILLMENT_BY_SELLER"
    paid: datetime | None = None
    arranged: datetime | None = None
    collected: datetime | None = None
    delivered: datetime | None = None
    cancelled: datetime | None = None
    asked_to_cancel: bool = False

    def copy(self) -> Order:
        """As it stands now, for readers who are late."""
        return replace(self, units=[replace(each, took=dict(each.took)) for each in self.units])
