"""What a seller has on Takealot: warehouses, offers, and batches of changes that wait to be worked off."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.practice.base import Base, Clock
from agent.practice.takealot.faults import Faults
from agent.practice.takealot.offers import Offer


@dataclass
class Batch:
    """Changes of many offers, worked off later."""

    id: str
    items: list[Mapping[str, object]]
    due: datetime
    results: list[dict[str, object]] | None = None
    failed: bool = False


class Catalogue(Base):
    """Offers by their number."""

    def __init__(self, clock: Clock, rng: random.Random, warehouses: Sequence[str]) -> None:
        super().__init__(clock)
        self.rng, self.faults = rng, Faults()
        self._ids = 60_142
        self.warehouses = {self.new_id(): each for each in warehouses}
        self.leadtime_enabled, self.active = True, True
        self.offers: dict[int, Offer] = {}
        self.batches: dict[str, Batch] = {}

    def new_id(self) -> int:
        self._ids += 1
        return self._ids

    @property
    def warehouse(self) -> int:
        """The seller's first warehouse."""
        return next(iter(self.warehouses))

    def touch(self, offer: int) -> None:
        self.offers[offer].updated = self.clock()
