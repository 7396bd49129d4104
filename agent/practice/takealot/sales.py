"""What buyers bought: one sale an order item, with a quantity; it appears when it is ordered and paid."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

NEW, PREPARING, SHIPPED = "new_lead_time_order", "preparing_for_customer", "shipped_to_customer"
CANCELLED, RETURNED = "cancelled_by_customer", "returned"


@dataclass
class Sale:
    """An order item."""

    id: int
    offer: int
    sku: str | None
    tsin: int
    title: str
    quantity: int
    price: int
    status: str
    source: str
    """The DC's region out of which it is sold; "" where the seller's own warehouse sends it."""
    taken: int = 0
    """Units that were taken off the seller's own stock."""
    warehouse: int | None = None


@dataclass
class Order:
    """A customer's order."""

    id: int
    placed: datetime
    region: str
    sales: list[Sale] = field(default_factory=list)

    def copy(self) -> Order:
        """As it stands now."""
        return replace(self, sales=[replace(sale) for sale in self.sales])
