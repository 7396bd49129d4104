"""What is sold: products, their SKUs, what lies in which warehouse, and what campaigns and creators have of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

EDITABLE = frozenset({"DRAFT", "PENDING", "FAILED", "ACTIVATE", "SELLER_DEACTIVATED"})
TIKTOKS = "7068517275539700001"
"""The warehouse of TikTok's own, where it keeps and ships for sellers; not among the seller's warehouses."""


@dataclass(slots=True)
class Warehouse:
    """A place of the seller's."""

    id: str
    name: str
    kind: str = "SALES_WAREHOUSE"
    status: str = "ENABLED"
    default: bool = False


@dataclass(slots=True, eq=False)
class Allocation:
    """Units of a SKU that are set aside for a campaign or a creator; they are part of what is available."""

    kind: str
    name: str
    units: int
    ends: datetime


@dataclass(slots=True, eq=False)
class Sku:
    """One thing to buy. `stock`: warehouse -> units that can be ordered; `committed`: ordered and not sent yet."""

    id: str
    product: Product
    seller_sku: str
    options: dict[str, str]
    stock: dict[str, int]
    price: str = "9.90"
    barcode: str = ""
    status: str = "NORMAL"
    committed: dict[str, int] = field(default_factory=dict)
    backorder: int = 0
    allocations: list[Allocation] = field(default_factory=list)
    parts: dict[str, int] = field(default_factory=dict)
    """Of a virtual bundle: SKU id -> how many of it are in one."""
    auto_restock: bool = True

    def allocated(self, now: datetime) -> int:
        """What campaigns and creators have now."""
        return sum(each.units for each in self.allocations if each.ends > now)


@dataclass(slots=True, eq=False)
class Product:
    """What stands on one page of the shop."""

    id: str
    title: str
    created: datetime
    updated: datetime
    status: str = "ACTIVATE"
    skus: list[Sku] = field(default_factory=list)
