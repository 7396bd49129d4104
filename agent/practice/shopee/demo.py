"""A stocked shop to practise on, and the command that serves it."""

from __future__ import annotations

import random
from urllib.parse import urlencode

from agent.ports import SystemClock
from agent.practice.shopee.routes import opens
from agent.practice.shopee.shop import Shop

_THINGS = ("Shirt", "Mug", "Scarf", "Lamp", "Notebook", "Cap", "Candle", "Bag", "Poster", "Plate")
_COLOURS, _SIZES = ("Red", "Blue", "Green"), ("S", "M", "L")


def stock(shop: Shop, items: int) -> Shop:
    """About so many things to buy: a third of the items have models, a few are in a campaign or kept by Shopee."""
    while sum(len(item.models) for item in shop.items.values()) < items:
        _stock_one(shop, len(shop.items) + 1)
    return shop


def _stock_one(shop: Shop, number: int) -> None:
    name, sku = f"{shop.rng.choice(_THINGS)} {number}", f"P-{number:04d}"
    if shop.rng.random() < 0.35:
        models = [
            {"sku": f"{sku}-{colour[:1]}{size}", "options": {"Colour": colour, "Size": size},
             "quantity": shop.rng.randint(0, 25)}
            for colour in shop.rng.sample(_COLOURS, 2) for size in _SIZES
        ]  # fmt: skip
        shop.add_product(name, models, sku)
        return
    id_ = shop.add_simple(sku, name, None if shop.rng.random() < 0.04 else shop.rng.randint(0, 40))
    if shop.rng.random() < 0.1 and (units := shop.quantity(id_)):
        shop.campaign(id_, max(1, units // 4))


def _made(rng: random.Random, items: int) -> Shop:
    return stock(Shop(clock=SystemClock().now, rng=rng), items)


def _told(shop: Shop, address: str) -> str:
    back = f"https://localhost/?{urlencode({'code': shop.authorise(), 'shop_id': shop.shop_id})}"
    return (
        f"{shop.name} is open at {address} with {sum(len(item.models) for item in shop.items.values())} things to "
        f"sell.\nIts made-up partner ID is {shop.partner_id} and the partner key {shop.partner_key}.\n"
        f"Within ten minutes, the address that a yes would lead to is {back}"
    )


def main(arguments: list[str]) -> int:
    """`python -m agent.practice shopee --port 8080`."""
    return opens.alone("Shopee", arguments, _made, _told)
