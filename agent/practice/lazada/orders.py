"""Orders and their units, as the platform keeps them: every unit has a status of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

HOLDING = frozenset({"unpaid", "pending", "packed", "repacked", "ready_to_ship"})
"""Statuses in which a unit can still be cancelled."""
TABS = {
    "topack": frozenset({"pending", "repacked"}), "toship": frozenset({"packed", "ready_to_ship"}),
    "shipping": frozenset({"shipped"}),
}  # fmt: skip
"""What the Seller Center's tabs hold, which can be asked for like a status. Not documented in detail."""


@dataclass(slots=True, eq=False)
class Unit:
    """One unit of one SKU. `line`: in what place of the order it was booked, which Lazada itself does not keep."""

    id: int
    line: int
    item_id: int
    sku_id: int
    seller_sku: str
    name: str
    variation: str
    price: float
    warehouse: str
    is_fbl: bool
    status: str
    created: datetime
    updated: datetime
    reason: str = ""
    by: str = ""


@dataclass(slots=True, eq=False)
class Order:
    """One order. Moments are whole seconds."""

    id: int
    created: datetime
    units: list[Unit]

    @property
    def updated(self) -> datetime:
        return max((unit.updated for unit in self.units), default=self.created)

    @property
    def statuses(self) -> list[str]:
        """Each status of its units, once."""
        return list(dict.fromkeys(unit.status for unit in self.units))

    def of(self, line: int, *statuses: str) -> list[Unit]:
        """The units of a line that are in one of these statuses."""
        return [unit for unit in self.units if unit.line == line and unit.status in statuses]

    def copy(self) -> Order:
        """As it stands now, for readers who are late."""
        return replace(self, units=[replace(unit) for unit in self.units])
