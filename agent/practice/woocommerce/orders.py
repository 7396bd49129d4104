"""Orders, their lines and refunds, as the shop keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft")
TAKES_STOCK = frozenset({"on-hold", "processing", "completed"})
GIVES_STOCK_BACK = frozenset({"cancelled", "pending"})


@dataclass(slots=True)
class Line:
    """One line; `reduced` is what it took from stock and has not given back."""

    id: int
    product_id: int
    variation_id: int
    sku: str
    name: str
    parent_name: str | None
    barcode: str
    options: dict[str, str]
    quantity: int
    price: Decimal
    reduced: int = 0
    restocked: int = 0

    @property
    def listing(self) -> int:
        """The id of what was sold: the variation where there is one."""
        return self.variation_id or self.product_id


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Part of an order's line given back. The order's own line keeps its quantity."""

    id: int
    line: Line
    quantity: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund of an order."""

    id: int
    order_id: int
    created: datetime
    amount: Decimal
    reason: str
    full: bool
    lines: tuple[RefundLine, ...]


@dataclass(slots=True)
class Order:
    """One order. Moments are UTC without a zone, whole seconds."""

    id: int
    key: str
    status: str
    created: datetime
    modified: datetime
    lines: list[Line]
    via: str = "checkout"
    paid: datetime | None = None
    completed: datetime | None = None
    payment_method: str = ""
    billing: dict[str, str] = field(default_factory=dict)
    refunds: list[Refund] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((line.price * line.quantity for line in self.lines), Decimal(0))

    @property
    def refunded(self) -> Decimal:
        return sum((refund.amount for refund in self.refunds), Decimal(0))

    def copy(self) -> Order:
        """As it stands now, for readers who are late."""
        return replace(self, lines=[replace(line) for line in self.lines], refunds=list(self.refunds))
