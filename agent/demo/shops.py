"""Two practice shops of the demo's world, open on this computer only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from agent.demo.world import Product, World
from agent.ports import Clock, SystemClock
from agent.practice.serve import Stop
from agent.practice.woocommerce import Shop, serve

KEY, SECRET = "ck_practice", "cs_practice"
TITLES = {"web-shop": "Anna's web shop", "outlet": "Anna's outlet"}


@dataclass
class Shops:
    """The open shops by channel, and where they are."""

    shops: Mapping[str, Shop]
    ports: dict[str, int] = field(default_factory=dict)
    _stops: list[Stop] = field(default_factory=list)

    async def open(self) -> None:
        """Open every shop on a free port."""
        for name, shop in self.shops.items():
            port, stop = await serve(shop)
            self.ports[name] = port
            self._stops.append(stop)

    async def close(self) -> None:
        """Close them."""
        for stop in self._stops:
            await stop()
        self._stops.clear()

    def address(self, name: str) -> str:
        """The web address of a shop."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def shown(self, name: str, listing: str) -> int | None:
        """What a buyer may see now of a listing; None where the shop does not count it."""
        return self.shops[name].quantity(int(listing))

    def sellable(self, name: str) -> list[int]:
        """The ids of everything that can be bought, in the order in which it was put in."""
        return [each.id for each in self.shops[name].products.values() if each.type != "variable"]

    def listing(self, name: str, sku: str) -> int:
        """The first listing with that SKU, as the shop spells it. KeyError if there is none."""
        return next(
            (each for each in self.sellable(name) if self.shops[name].products[each].shown_sku == sku), None
        ) or _unknown(name, sku)


def _unknown(name: str, sku: str) -> int:
    raise KeyError(f"{name} sells no {sku}")


def make(world: World, seed: int = 1, clock: Clock | None = None) -> Shops:
    """The shops of this world, still closed."""
    clock, shops = clock or SystemClock(), enumerate(world.shops.items())
    return Shops({name: _shop(name, products, seed + at, clock) for at, (name, products) in shops})


def _shop(name: str, products: list[Product], seed: int, clock: Clock) -> Shop:
    shop = Shop(clock=clock.now, rng=Random(seed), name=TITLES[name], consumer_key=KEY, consumer_secret=SECRET)
    for product in products:
        _put(shop, product)
    return shop


def _put(shop: Shop, product: Product) -> None:
    (sku, options, quantity, barcode), *rest = product.variants
    if not options and not rest:
        assert not isinstance(quantity, str)
        shop.add_simple(sku, product.title, quantity, barcode=barcode)
        return
    variations = [
        {"sku": sku, "options": options, "quantity": quantity, "barcode": barcode}
        for sku, options, quantity, barcode in product.variants
    ]
    shop.add_variable(product.sku, product.title, variations, parent_quantity=product.shared)
