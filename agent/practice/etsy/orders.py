"""Receipts and their transactions, as the platform keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from agent.practice.etsy.stock import Value


@dataclass(slots=True)
class Transaction:
    """One product in a receipt, as it was when it was sold."""

    id: int
    listing: int | None
    product: int | None
    title: str
    sku: str
    values: tuple[Value, ...]
    quantity: int
    cents: int
    digital: bool


@dataclass(slots=True)
class Refund:
    """Money that was given back; Etsy does not say for what."""

    cents: int
    at: datetime


@dataclass(slots=True)
class Receipt:
    """One order. Moments are whole seconds."""

    id: int
    status: str
    created: datetime
    updated: datetime
    lines: list[Transaction]
    paid: datetime | None = None
    shipped: datetime | None = None
    refunds: list[Refund] = field(default_factory=list)

    @property
    def cents(self) -> int:
        return sum(line.cents * line.quantity for line in self.lines)

    def copy(self) -> Receipt:
        """As it stands now, for readers who are late."""
        return replace(self, lines=[replace(line) for line in self.lines], refunds=list(self.refunds))
