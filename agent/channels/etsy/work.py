"""What is to be set in one listing of Etsy's: every quantity of it as it shall be, from what was just read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.channels.base import Lane
from agent.channels.etsy.inventory import MOST, Product, products
from agent.channels.etsy.listings import is_counted, number_of
from agent.channels.etsy.reader import Item
from agent.channels.pushing import GONE, Result, Results
from agent.channels.values import record
from agent.words import in_words

LEFT = 1
"""Units that stay in a listing that is off the shop, as Etsy takes no fewer."""


@dataclass(frozen=True)
class Change:
    """One quantity to set; `at`: its place in CHANGES."""

    at: int
    listing: int
    cell: str
    quantity: int


def change_of(at: int, cell: str, quantity: int | None, _: int | None) -> Change | None:
    """None: nothing that can be set at Etsy."""
    listing = number_of(cell)
    if listing is None or quantity is None or quantity < 0:
        return None
    return Change(at, listing, cell, quantity)


@dataclass(frozen=True)
class Fresh:
    """Listings as they were just read."""

    found: Mapping[int, Item]
    read_at: float
    """By this computer's clock that never jumps."""
    at: datetime
    """By Etsy's."""


@dataclass(frozen=True)
class Work:
    """One listing as it was just read, and what to set there. `wanted`: every cell's quantity as it shall be."""

    listing: int
    found: Item
    products: Sequence[Product]
    changes: Sequence[Change]
    wanted: Mapping[str, int]
    lane: Lane
    at: datetime
    """Etsy's time of that read."""

    @property
    def inventory(self) -> Item:
        return record(self.found.get("inventory"))

    @property
    def on_sale(self) -> bool:
        """Some of it can be bought with the quantities that are wanted."""
        return any(each.enabled and self.wanted[each.cell] > 0 for each in self.products)

    @property
    def stored(self) -> dict[str, int]:
        """What stands there now, whether or not anybody can buy it."""
        return {each.cell: each.quantity or 0 for each in self.products}

    @property
    def least(self) -> dict[str, int]:
        """One unit of the first product that can be bought, and of those that share it."""
        first = next((each for each in self.products if each.enabled), self.products[0])
        return {each.cell: LEFT if each.cell == first.cell else 0 for each in self.products}

    def sum_of(self, quantities: Mapping[str, int]) -> int:
        """The listing's quantity, as Etsy adds it up."""
        return sum(quantities[each.cell] for each in self.products)

    def all(self, result: Result) -> Results:
        """The same of each change."""
        return {change.at: result for change in self.changes}


def work_of(changes: Sequence[Change], fresh: Fresh, lane: Lane, *, counts: bool) -> tuple[Results, Work | None]:
    """The refusals of what cannot be set there, and the rest; None: nothing is left. `counts`: the stored quantities
    are those that count (else: all of it is at 0)."""
    listing = changes[0].listing
    found = fresh.found.get(listing)
    there = products(listing, record(found.get("inventory"))) if found else []
    if found is None or not there or not is_counted(found):
        said = GONE if found is None else in_words("etsy.no_inventory" if is_counted(found) else "etsy.not_counted")
        return {each.at: Result("refused", message=said) for each in changes}, None
    now = {each.cell: (each.quantity if counts else 0) for each in there}
    mine = [each for each in changes if each.cell in now]
    other = Result("refused", message=in_words("etsy.other_sharing"))
    refused = {each.at: other for each in changes if each.cell not in now}
    wanted = now | {each.cell: min(each.quantity, MOST) for each in mine}
    units = {cell: quantity for cell, quantity in wanted.items() if quantity is not None}
    if len(units) < len(wanted):
        half = Result("refused", message=in_words("etsy.cannot_read_whole"))
        return refused | {each.at: half for each in mine}, None
    return refused, Work(listing, found, there, mine, units, lane, fresh.at) if mine else None
