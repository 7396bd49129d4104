"""A stocked shop to practise on, and the command that serves it."""

from __future__ import annotations

import random
from urllib.parse import urlencode

from agent.ports import SystemClock
from agent.practice.tiktok.routes import opens
from agent.practice.tiktok.shop import Shop

_THINGS = ("Shirt", "Mug", "Scarf", "Lamp", "Notebook", "Cap", "Candle", "Bag", "Poster", "Plate")
_COLOURS, _SIZES = ("Red", "Blue", "Green"), ("S", "M", "L")


def stock(shop: Shop, items: int) -> Shop:
    """About so many things to buy: a third of the products have several SKUs, a few are in a campaign or kept by
    TikTok."""
    while len(shop.skus) < items:
        _stock_one(shop, len(shop.products) + 1)
    return shop


def _stock_one(shop: Shop, number: int) -> None:
    name, sku = f"{shop.rng.choice(_THINGS)} {number}", f"P-{number:04d}"
    if shop.rng.random() < 0.35:
        skus = [
            {"sku": f"{sku}-{colour[:1]}{size}", "options": {"Colour": colour, "Size": size},
             "quantity": shop.rng.randint(0, 25)}
            for colour in shop.rng.sample(_COLOURS, 2) for size in _SIZES
        ]  # fmt: skip
        shop.add_product(name, skus)
        return
    id_ = shop.add_simple(sku, name, None if shop.rng.random() < 0.04 else shop.rng.randint(0, 40))
    if shop.rng.random() < 0.1 and (units := shop.quantity(id_)):
        shop.allocate(id_, max(1, units // 4))


def _made(rng: random.Random, items: int) -> Shop:
    return stock(Shop(clock=SystemClock().now, rng=rng), items)


def _told(shop: Shop, address: str) -> str:
    back = f"https://localhost/?{urlencode({'app_key': shop.app_key, 'code': shop.authorise()})}"
    return (
        f"{shop.name} is open at {address} with {len(shop.skus)} things to sell.\n"
        f"Its made-up app key is {shop.app_key} and the app secret {shop.app_secret}.\n"
        f"Within thirty minutes, the address that a yes would lead to is {back}"
    )


def main(arguments: list[str]) -> int:
    """`python -m agent.practice tiktok --port 8080`."""
    return opens.alone("TikTok", arguments, _made, _told)
