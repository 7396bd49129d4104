"""Orders, what is still to be sent, and what was given back, as the shop keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

OPEN = frozenset({"OPEN", "IN_PROGRESS", "SCHEDULED", "ON_HOLD", "INCOMPLETE"})


@dataclass(slots=True, eq=False)
class Line:
    """One line. `quantity` as ordered; `removed` was refunded or edited away; `fulfilled` was sent."""

    id: int
    variant_id: int
    item_id: int
    sku: str | None
    title: str
    variant_title: str | None
    quantity: int
    tracked: bool
    fulfilled: int = 0
    removed: int = 0
    returned: int = 0  # of the removed ones, those that had been sent

    @property
    def name(self) -> str:
        return f"{self.title} - {self.variant_title}" if self.variant_title else self.title

    @property
    def current_quantity(self) -> int:
        return self.quantity - self.removed

    @property
    def unfulfilled_quantity(self) -> int:
        return self.quantity - self.fulfilled - (self.removed - self.returned)

    @property
    def refundable_quantity(self) -> int:
        return self.current_quantity


@dataclass(slots=True, eq=False)
class FulfillmentLine:
    """Units of a line to be sent from one place."""

    id: int
    line: Line
    total_quantity: int
    remaining_quantity: int


@dataclass(slots=True, eq=False)
class FulfillmentOrder:
    """What one location is asked to send."""

    id: int
    order_id: int
    location_id: int
    created_at: datetime
    updated_at: datetime
    lines: list[FulfillmentLine]
    status: str = "OPEN"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def remaining(self) -> int:
        return sum(line.remaining_quantity for line in self.lines)


@dataclass(frozen=True, slots=True, eq=False)
class SentLine:
    """Units of a line that were sent together with others."""

    id: int
    line: Line
    quantity: int


@dataclass(frozen=True, slots=True, eq=False)
class Fulfillment:
    """What one location sent at one time."""

    id: int
    order_id: int
    location_id: int
    created_at: datetime
    lines: tuple[SentLine, ...]
    status: str = "SUCCESS"

    @property
    def total_quantity(self) -> int:
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True, slots=True, eq=False)
class RefundLine:
    """Units of a line given back; `restock_type` is RETURN, CANCEL or NO_RESTOCK."""

    id: int
    line: Line
    quantity: int
    restock_type: str
    location_id: int | None

    @property
    def restocked(self) -> bool:
        return self.restock_type != "NO_RESTOCK"


@dataclass(frozen=True, slots=True, eq=False)
class Refund:
    """One refund of an order."""

    id: int
    order_id: int
    created_at: datetime
    lines: tuple[RefundLine, ...]
    note: str = ""


@dataclass(slots=True, eq=False)
class Order:
    """One order; its financial status is a word of OrderDisplayFinancialStatus."""

    id: int
    number: int
    financial: str
    created_at: datetime
    updated_at: datetime
    lines: list[Line]
    fulfillment_orders: list[FulfillmentOrder] = field(default_factory=list)
    fulfillments: list[Fulfillment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    test: bool = False
    edited: bool = False
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    closed_at: datetime | None = None
    source_name: str = "web"

    @property
    def name(self) -> str:
        return f"#{self.number}"

    @property
    def display_fulfillment_status(self) -> str:
        """A word of OrderDisplayFulfillmentStatus, from what was sent and what is still to be sent."""
        sent = any(line.fulfilled for line in self.lines)
        waiting = [each for each in self.fulfillment_orders if each.is_open and each.remaining]
        if not waiting:
            return "FULFILLED" if sent else "UNFULFILLED"
        if sent:
            return "PARTIALLY_FULFILLED"
        statuses = {each.status for each in waiting}
        return statuses.pop() if len(statuses) == 1 and statuses <= {"ON_HOLD", "SCHEDULED"} else "UNFULFILLED"

    def line(self, line_id: int) -> Line:
        return next(line for line in self.lines if line.id == line_id)

    def copy(self) -> Order:
        """As it stands now, for readers who are late."""
        lines = {line.id: replace(line) for line in self.lines}
        orders = [
            replace(each, lines=[replace(one, line=lines[one.line.id]) for one in each.lines])
            for each in self.fulfillment_orders
        ]
        sent = [
            replace(each, lines=tuple(replace(one, line=lines[one.line.id]) for one in each.lines))
            for each in self.fulfillments
        ]
        refunds = [
            replace(each, lines=tuple(replace(one, line=lines[one.line.id]) for one in each.lines))
            for each in self.refunds
        ]
        return replace(self, lines=list(lines.values()), fulfillment_orders=orders, fulfillments=sent, refunds=refunds)
