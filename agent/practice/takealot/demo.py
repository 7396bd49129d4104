"""A stocked shop to practise on, and the command that serves it."""

from __future__ import annotations

from functools import partial

from agent.practice.goods import in_sizes, named
from agent.practice.takealot.routes import opens
from agent.practice.takealot.shop import Shop

KEY = "practice-key"


def stock(shop: Shop, items: int) -> Shop:
    """About so many offers: most of one variant, some of three, some with units at Takealot, some without leadtime."""
    while len(shop.offers) < items:
        _stock_one(shop, len(shop.offers) + 1)
    return shop


def _stock_one(shop: Shop, number: int) -> None:
    (title, sku), chance = named(shop.rng, number), shop.rng.random()
    if chance < 0.1:
        shop.add_product(title, [(one, f"Size: {size}", units) for one, size, units in in_sizes(shop.rng, sku)])
        return
    quantity = None if chance < 0.15 else shop.rng.randint(0, 40)
    theirs = {shop.rng.choice(("cpt", "jhb")): shop.rng.randint(1, 20)} if quantity is None or chance > 0.8 else {}
    shop.add_simple(
        sku, title, quantity, barcode=f"60{number:011d}", price=shop.rng.randint(50, 900), at_takealot=theirs
    )


def _told(shop: Shop, address: str) -> str:
    return (
        f"{shop.name} is open at {address} with {len(shop.offers)} offers.\n"
        f"Its made-up API key is {KEY}. Connect: stocksheet connect takealot --way practice --private"
    )


def main(arguments: list[str]) -> int:
    """`python -m agent.practice takealot --port 8080`."""
    return opens.alone("Takealot", arguments, partial(Shop, api_key=KEY), stock, _told)
