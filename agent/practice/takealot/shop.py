"""A seller's account as the world sees it: people buy, cancel and return, and the seller works in the Seller Portal."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.practice.base import Clock
from agent.practice.late import Late
from agent.practice.takealot import changes
from agent.practice.takealot.catalogue import Catalogue
from agent.practice.takealot.offers import Offer
from agent.practice.takealot.sales import CANCELLED, NEW, PREPARING, RETURNED, SHIPPED, Order, Sale


@dataclass
class Habits:
    """What nobody says of Takealot; each may be so or otherwise."""

    cancel_gives_back: bool = False
    """A cancelled sale puts its units back on the seller's own stock."""
    names_source_of_own: bool = False
    """A sale out of the seller's own warehouse names a region, too."""


class Shop(Catalogue):
    """One seller in memory. Time comes from `clock` only, chance from `rng` only."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        name: str = "Practice Seller",
        api_key: str = "practice-key",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        warehouses: Sequence[str] = ("Main",),
    ) -> None:
        super().__init__(clock, rng, warehouses)
        self.name, self.sleep = name, sleep
        self.api_key = api_key  # one active key a seller
        self.seller_id = 29_000_000 + sum(name.encode())
        self.habits = Habits()
        self.on_vacation = False
        self.orders: dict[int, Order] = {}
        self.late: Late[Order] = Late(clock, lambda: self.faults.order_visible_after)
        self.calls_left: int | None = None  # in this window; None: as many as one likes

    # -- the seller, in the Seller Portal ----------------------------------------------------------------------------

    def add_simple(self, sku: str | None, title: str, quantity: int | None, **more: Any) -> int:
        """An offer of a product of its own; None: without leadtime days, so that the seller's stock is not counted."""
        return self._add(sku, title, quantity, self.new_id(), **more)

    def add_product(self, title: str, variants: Sequence[tuple[str, str, int | None]]) -> list[int]:
        """Offers of the variants of one product: (SKU, `Size: S`, quantity) each."""
        line = self.new_id()
        return [self._add(sku, f"{title} ({options})", quantity, line) for sku, options, quantity in variants]

    def _add(
        self, sku: str | None, title: str, quantity: int | None, line: int, *,
        barcode: str | None = None, price: int | None = 199, at_takealot: Mapping[str, int] | None = None,
    ) -> int:  # fmt: skip
        leadtime = None if quantity is None else 5
        offer = Offer(self.new_id(), self.new_id(), line, sku, barcode, title, price, leadtime, self.clock())
        offer.stock = {} if quantity is None else {self.warehouse: quantity}
        offer.at_takealot = dict(at_takealot or {})
        self.offers[offer.id] = offer
        return offer.id

    def add_warehouse(self, name: str) -> int:
        """One warehouse more of the seller's own."""
        made = self.new_id()
        self.warehouses[made] = name
        return made

    def type_quantity(self, offer: int, quantity: int, warehouse: int | None = None) -> None:
        """Type into *My SoH*."""
        changes.work_off(self)
        self.offers[offer].stock[warehouse or self.warehouse] = quantity
        self.touch(offer)

    def stop_counting(self, offer: int) -> None:
        """Leadtime days set to None: the leadtime stock is gone with it."""
        self.offers[offer].leadtime_days, self.offers[offer].stock = None, {}
        self.touch(offer)

    def disable(self, offer: int, *, by_takealot: bool = False) -> None:
        """The offer is switched off."""
        name = "disabled_by_takealot" if by_takealot else "disabled_by_seller"
        setattr(self.offers[offer], name, True)
        self.touch(offer)

    def remove(self, offer: int) -> None:
        """The offer is gone for good."""
        del self.offers[offer]

    def new_key(self, key: str) -> None:
        """A new key is made: the one before is good for nothing from now on."""
        self.api_key = key

    def replenish(self, offer: int, units: int, region: str = "jhb", *, decrease: bool = True) -> None:
        """Send units to a DC. `decrease`: "Yes, decrease the quantity from My SoH"."""
        found = self.offers[offer]
        found.on_the_way[region] = found.on_the_way.get(region, 0) + units
        if decrease:
            found.stock[self.warehouse] = max(0, found.stock.get(self.warehouse, 0) - units)
        self.touch(offer)

    def receive(self, offer: int, units: int, region: str = "jhb") -> None:
        """What was on the way has arrived at the DC."""
        found = self.offers[offer]
        found.on_the_way[region] = found.on_the_way.get(region, 0) - units
        found.at_takealot[region] = found.at_takealot.get(region, 0) + units
        self.touch(offer)

    # -- buyers ------------------------------------------------------------------------------------------------------

    def quantity(self, offer: int) -> int | None:
        """What the seller's first warehouse offers; None where it is not counted, or the offer is gone."""
        changes.work_off(self)
        found = self.offers.get(offer)
        return found.stock.get(self.warehouse) if found and found.leadtime_days is not None else None

    def sell(self, offer: int, quantity: int, region: str = "cpt") -> int | None:
        """A buyer orders one thing: out of a DC that has it, else from the seller. None: too few are shown."""
        found = self.offers[offer]
        source = next((dc for dc, units in found.at_takealot.items() if units >= quantity), "")
        if not found.buyable or (not source and (self.quantity(offer) or 0) < quantity):
            return None
        return self.book_order([(offer, quantity)], region=region, source=source).id

    def book_order(
        self, lines: Iterable[tuple[int, int]], status: str = NEW, *, region: str = "cpt", source: str = ""
    ) -> Order:
        """An order, whether or not there is stock. `source`: the DC's region out of which it is sold."""
        changes.work_off(self)
        order = Order(self.new_id(), self.clock(), region)
        order.sales = [self._sale(self.offers[offer], quantity, status, source) for offer, quantity in lines]
        self.orders[order.id] = order
        self.late.show(order.id, order.copy())
        return order

    def _sale(self, offer: Offer, quantity: int, status: str, source: str) -> Sale:
        """The units are taken at the sale, off where they are."""
        named = source or ("cpt" if self.habits.names_source_of_own else "")
        status = PREPARING if source else status
        price = (offer.price or 0) * quantity
        sale = Sale(self.new_id(), offer.id, offer.sku, offer.tsin, offer.title, quantity, price, status, named)
        if source:
            offer.at_takealot[source] = offer.at_takealot.get(source, 0) - quantity
        elif offer.leadtime_days is not None:
            sale.warehouse, sale.taken = self.warehouse, quantity
            offer.stock[self.warehouse] = max(0, offer.stock.get(self.warehouse, 0) - quantity)
        self.touch(offer.id)
        return sale

    def ship(self, order: int) -> None:
        """On the way to the customer: the end, but for a return."""
        self.set_status(order, SHIPPED)

    def cancel(self, order: int) -> None:
        """Cancelled by the customer."""
        for sale in self.orders[order].sales:
            offer = self.offers.get(sale.offer)
            if self.habits.cancel_gives_back and offer is not None and sale.warehouse is not None:
                offer.stock[sale.warehouse] = offer.stock.get(sale.warehouse, 0) + sale.taken
            sale.taken = 0
        self.set_status(order, CANCELLED)

    def give_back(self, order: int) -> None:
        """Everything came back; Takealot has it, not the seller."""
        self.set_status(order, RETURNED)

    def set_status(self, order: int, status: str) -> None:
        """The order's sales go on to another state."""
        for sale in self.orders[order].sales:
            sale.status = status
        self.late.show(order, self.orders[order].copy())

    def delete_order(self, order: int) -> None:
        """The order is not shown any more."""
        del self.orders[order]
        self.late.show(order, None)
