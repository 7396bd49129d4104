"""Listings as people put them up, take them off, and type quantities in Shop Manager."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from agent.practice.base import Clock, Linked
from agent.practice.etsy.stock import Listing, Product, Value

Key = int | str
"""What people call a thing to buy: 1001, or "1001#7" for one of its variations."""
LIFE = timedelta(days=120)
PROPERTIES = {"Primary color": 200, "Size": 62_809_790_395, "Style": 513}


class Catalogue(Linked):
    """Listings by id."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.listings: dict[int, Listing] = {}
        self.fees = 0
        """How often a listing was renewed."""
        self._next = 1_001

    def new_id(self) -> int:
        self._next += 1
        return self._next - 1

    def add_simple(self, sku: str, name: str, quantity: int | None, **more: Any) -> int:
        """A listing without variations; quantity None: a download. Gives its id."""
        listing = self._new(name, digital=quantity is None, **more)
        self._product(listing, sku, {}, 1 if quantity is None else quantity)
        return listing.id

    def add_product(
        self, name: str, products: Sequence[Mapping[str, Any]], on: Sequence[str] | None = None
    ) -> tuple[int, list[str]]:
        """A listing with variations: {sku, options, quantity}. `on`: what the quantity depends on (None: on all of it).
        Gives ids and keys."""
        listing = self._new(name)
        named = list(products[0]["options"])
        listing.quantity_on = tuple(PROPERTIES[each] for each in (named if on is None else on))
        listing.sku_on = tuple(PROPERTIES[each] for each in named)
        for each in products:
            self._product(listing, each["sku"], each["options"], each["quantity"])
        self._note(listing)
        return listing.id, [f"{listing.id}#{product.mark}" for product in listing.products]

    def _new(self, name: str, *, digital: bool = False, state: str = "active") -> Listing:
        now = self.moment()
        made = Listing(self.new_id(), name, now, now, now + LIFE, state, digital)
        self.listings[made.id] = made
        return made

    def _product(self, listing: Listing, sku: str, options: Mapping[str, str], quantity: int) -> None:
        values = tuple(Value(PROPERTIES[name], name, said, self.new_id()) for name, said in options.items())
        mark = self.new_id()
        listing.products.append(Product(mark, mark, self.new_id(), sku, values, quantity))
        self._note(listing)

    def product(self, key: Key) -> Product:
        """The thing to buy of that name."""
        listing, _, mark = str(key).partition("#")
        there = self.listings[int(listing)].products
        return next(each for each in there if not mark or each.mark == int(mark))

    def listing(self, key: Key) -> Listing:
        return self.listings[int(str(key).partition("#")[0])]

    # -- what people do ----------------------------------------------------------------------------------------------

    def quantity(self, key: Key) -> int | None:
        """What a buyer may buy; None of a download, and of what is gone."""
        listing, _, mark = str(key).partition("#")
        found = self.listings.get(int(listing))
        if found is None or found.digital or (mark and all(each.mark != int(mark) for each in found.products)):
            return None
        product = self.product(key)
        return product.quantity if found.state == "active" and product.enabled else 0

    def type_quantity(self, key: Key, units: int) -> None:
        """Somebody types a number in Shop Manager."""
        for each in self.listing(key).sharing(self.product(key)):
            each.quantity = units
        self._note(self.listing(key))

    def rename_sku(self, key: Key, sku: str) -> None:
        self.product(key).sku = sku
        self.touch(self.listing(key))

    def set_price(self, key: Key, cents: int) -> None:
        """Somebody changes a price."""
        self.product(key).cents = cents
        self.touch(self.listing(key))

    def make_digital(self, key: Key) -> None:
        self.listing(key).digital = True
        self.touch(self.listing(key))

    def deactivate(self, key: Key) -> None:
        """Somebody takes it off the shop."""
        self.listing(key).state = "inactive"
        self.touch(self.listing(key))

    def activate(self, key: Key) -> None:
        """Somebody puts it up (again), with what is stored."""
        self.publish(self.listing(key))

    def publish(self, listing: Listing) -> None:
        """Active again: one that sold out or has expired is renewed, for a fee; the former has one unit then."""
        if listing.state == "sold_out":
            for each in listing.products[:1]:
                for one in listing.sharing(each):
                    one.quantity = 1
        if listing.state == "sold_out" or listing.ends <= self.moment():
            self.fees += 1
            listing.ends = self.moment() + LIFE
        listing.state = "active"
        self.touch(listing)

    def remove(self, key: Key) -> None:
        """Somebody deletes a listing, or one of its variations."""
        listing, product = self.listing(key), self.product(key)
        if "#" in str(key) and len(listing.products) > 1:
            listing.products.remove(product)
            self.touch(listing)
        else:
            del self.listings[listing.id]

    def touch(self, listing: Listing) -> None:
        listing.updated = self.moment()

    def _note(self, listing: Listing) -> None:
        """One that is on sale without a unit is sold out."""
        if listing.state == "active" and listing.products and not listing.units:
            listing.state = "sold_out"
        elif listing.state == "sold_out" and listing.units and listing.updated == listing.created:
            listing.state = "active"  # while it is put up
        self.touch(listing)
