"""Made-up people who buy in the practice shops, and a made-up Anna who ships what they bought."""

from __future__ import annotations

from random import Random

from agent.demo.shops import Shops
from agent.words import in_words


class Customers:
    """One thing happens at a time, by chance; the same seed makes the same days."""

    def __init__(self, shops: Shops, chance: Random) -> None:
        self._shops, self._chance = shops, chance
        self._open: list[tuple[str, int]] = []

    def act(self) -> str | None:
        """Somebody buys, or an order is shipped or cancelled. Says what, or None where a shop refused."""
        what = self._chance.random()
        if self._open and what < 0.3:
            return self._settle("completed" if what < 0.22 else "cancelled")
        return self._buy()

    def _buy(self) -> str | None:
        name = self._chance.choice(sorted(self._shops.shops))
        shop = self._shops.shops[name]
        wanted = [each for each in self._shops.sellable(name) if (shop.quantity(each) or 0) > 0]
        if not wanted:
            return None
        return self._order(name, self._chance.choice(wanted), self._chance.choice((1, 1, 1, 2)))

    def buy(self, name: str, sku: str, units: int) -> str | None:
        """Somebody buys just this."""
        return self._order(name, self._shops.listing(name, sku), units)

    def _order(self, name: str, listing: int, units: int) -> str | None:
        shop = self._shops.shops[name]
        order = shop.sell(listing, units)
        if order is None:
            return None
        self._open.append((name, order))
        return in_words("customers.customer_buys_x", name=name, units=units, title=shop.products[listing].title)

    def _settle(self, status: str) -> str:
        name, order = self._open.pop(0)
        self._shops.shops[name].set_status(order, status)
        done = in_words("customers.packed_marked_shipped") if status == "completed" else "is cancelled"
        return f"Order {order} of {name} {done}."
