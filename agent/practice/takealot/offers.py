"""One offer: what the seller has at his own warehouses, and what Takealot has of it at its distribution centres (DC).

Only the seller's own stock (*leadtime stock*, in the Seller Portal *My SoH*) can be set; it needs leadtime days. The
DC's stock and what is on the way there are Takealot's to count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

REGIONS = {"cpt": 1, "jhb": 3, "dbn": 6}
"""Takealot's own warehouses, and the numbers that the Seller API has for them (made up)."""


@dataclass
class Offer:
    """Price and availability of one variant of one product."""

    id: int
    tsin: int
    productline: int
    sku: str | None
    barcode: str | None
    title: str
    price: int | None
    leadtime_days: int | None
    created: datetime
    stock: dict[int, int] = field(default_factory=dict)
    """Seller's warehouse -> units."""
    at_takealot: dict[str, int] = field(default_factory=dict)
    """Region of the DC -> units."""
    on_the_way: dict[str, int] = field(default_factory=dict)
    disabled_by_seller: bool = False
    disabled_by_takealot: bool = False
    updated: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.updated = self.created

    @property
    def own_units(self) -> int:
        """At all of the seller's warehouses."""
        return sum(self.stock.values()) if self.leadtime_days is not None else 0

    @property
    def buyable(self) -> bool:
        """Takealot's own rule: a price, some stock anywhere, not disabled."""
        return self.status == "buyable"

    @property
    def status(self) -> str:
        """As the Marketplace API words it."""
        if self.disabled_by_takealot:
            return "disabled_by_takealot"
        if self.disabled_by_seller:
            return "disabled_by_seller"
        stocked = self.own_units > 0 or any(units > 0 for units in self.at_takealot.values())
        return "buyable" if self.price and stocked else "not_buyable"
