"""A stocked shop to practise on, and the command that serves it."""

from __future__ import annotations

import random

from agent.ports import SystemClock
from agent.practice.woocommerce.routes import opens
from agent.practice.woocommerce.shop import Shop

KEY, SECRET = "ck_practice", "cs_practice"
_THINGS = ("Shirt", "Mug", "Scarf", "Lamp", "Notebook", "Cap", "Candle", "Bag", "Poster", "Plate")
_COLOURS = ("Red", "Blue", "Green")
_SIZES = ("S", "M", "L")


def stock(shop: Shop, items: int) -> Shop:
    """Put about so many sellable things into a shop: most of them simple, every tenth one with six variations."""
    while sum(product.type != "variable" for product in shop.products.values()) < items:
        _stock_one(shop, len(shop.products) + 1)
    return shop


def _stock_one(shop: Shop, number: int) -> None:
    thing = shop.rng.choice(_THINGS)
    price = f"{shop.rng.randint(5, 60)}.90"
    if shop.rng.random() < 0.1:
        sku = f"P-{number:04d}"
        shop.add_variable(
            sku,
            f"{thing} {number}",
            [
                {
                    "sku": f"{sku}-{colour[:3].upper()}-{size}",
                    "options": {"Color": colour, "Size": size},
                    "quantity": shop.rng.randint(0, 25),
                    "price": price,
                }
                for colour in _COLOURS[:2]
                for size in _SIZES
            ],
        )
    else:
        shop.add_simple(
            f"P-{number:04d}",
            f"{thing} {number}",
            shop.rng.randint(0, 40),
            price=price,
            barcode=f"20000000{number:05d}",
        )


def _made(rng: random.Random, items: int) -> Shop:
    return stock(Shop(clock=SystemClock().now, rng=rng, consumer_key=KEY, consumer_secret=SECRET), items)


def _told(shop: Shop, address: str) -> str:
    sellable = sum(product.type != "variable" for product in shop.products.values())
    return (
        f"{shop.name} is open at {address} with {sellable} things to sell.\n"
        f"Its made-up key is {KEY} and its made-up secret is {SECRET}."
    )


def main(arguments: list[str]) -> int:
    """`python -m agent.practice woocommerce --port 8080`."""
    return opens.alone("WooCommerce", arguments, _made, _told)
