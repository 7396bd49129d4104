"""What is sold: listings, their products with one offering each, and which of them share a quantity."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Value:
    """What a product is of one property: Size, L."""

    property: int
    name: str
    text: str
    id: int


@dataclass(slots=True, eq=False)
class Product:
    """One thing to buy. `mark`: how people of this computer know it; Etsy's own ids are others after each write."""

    mark: int
    id: int
    offering: int
    sku: str
    values: tuple[Value, ...]
    quantity: int
    cents: int = 2200
    enabled: bool = True
    readiness: int | None = 1

    def on(self, properties: tuple[int, ...]) -> tuple[str, ...]:
        """The texts of its values of these properties."""
        return tuple(value.text for value in self.values if value.property in properties)


@dataclass(slots=True, eq=False)
class Listing:
    """What stands on one page. `quantity_on` and the like: the properties that it depends on; none: all share one."""

    id: int
    title: str
    created: datetime
    updated: datetime
    ends: datetime
    state: str = "active"
    digital: bool = False
    products: list[Product] = field(default_factory=list)
    quantity_on: tuple[int, ...] = ()
    price_on: tuple[int, ...] = ()
    sku_on: tuple[int, ...] = ()

    @property
    def units(self) -> int:
        return sum(product.quantity for product in self.products)

    def sharing(self, product: Product) -> list[Product]:
        """Those that have one quantity with it, itself among them."""
        return [each for each in self.products if each.on(self.quantity_on) == product.on(self.quantity_on)]
