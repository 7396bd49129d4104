"""A stocked shop to practise on, and the command that serves it."""

from __future__ import annotations

import random

from agent.ports import SystemClock
from agent.practice.etsy.routes import opens
from agent.practice.etsy.shop import Shop

_THINGS = ("Print", "Mug", "Scarf", "Ring", "Notebook", "Candle", "Bag", "Poster", "Plate", "Pillow")
_COLOURS, _SIZES = ("Red", "Blue", "Green"), ("S", "M", "L")


def stock(shop: Shop, items: int) -> Shop:
    """About so many things to buy: a third of the listings have variations, some of these share one quantity."""
    while sum(len(listing.products) for listing in shop.listings.values()) < items:
        _stock_one(shop, len(shop.listings) + 1)
    return shop


def _stock_one(shop: Shop, number: int) -> None:
    name, sku = f"{shop.rng.choice(_THINGS)} {number}", f"P-{number:04d}"
    if shop.rng.random() >= 0.35:
        shop.add_simple(sku, name, None if shop.rng.random() < 0.04 else shop.rng.randint(0, 40))
        return
    on = shop.rng.choice([None, None, ["Primary color"], []])
    colours = shop.rng.sample(_COLOURS, 2)
    units = {colour: shop.rng.randint(1, 25) for colour in colours}
    products = [
        {"sku": f"{sku}-{colour[:1]}{size}", "options": {"Primary color": colour, "Size": size},
         "quantity": units[colour] if on == ["Primary color"] else 12 if on == [] else shop.rng.randint(0, 25)}
        for colour in colours for size in _SIZES
    ]  # fmt: skip
    shop.add_product(name, products, on)


def _made(rng: random.Random, items: int) -> Shop:
    return stock(Shop(clock=SystemClock().now, rng=rng), items)


def _told(shop: Shop, address: str) -> str:
    return (
        f"{shop.name} is open at {address} with {sum(len(each.products) for each in shop.listings.values())} things to "
        f"sell.\nIts made-up keystring is {shop.keystring} and the shared secret {shop.shared_secret}; its callback "
        f"{shop.callback}\n"
        f"To connect it: stocksheet connect etsy --name my-etsy --url {address} --private"
    )


def main(arguments: list[str]) -> int:
    """`python -m agent.practice etsy --port 8080`."""
    return opens.alone("Etsy", arguments, _made, _told)
