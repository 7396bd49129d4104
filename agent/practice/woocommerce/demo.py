"""A stocked shop to practise on, and the command that serves it."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys

from agent.ports import SystemClock
from agent.practice.serve import serve
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


async def _serve_for_ever(shop: Shop, port: int) -> None:
    from agent.practice.woocommerce import app  # noqa: PLC0415 - the package imports this file

    bound, _ = await serve(app(shop), port=port)
    sellable = sum(product.type != "variable" for product in shop.products.values())
    sys.stdout.write(
        f"{shop.name} is open at http://127.0.0.1:{bound} with {sellable} things to sell.\n"
        f"Its made-up key is {KEY} and its made-up secret is {SECRET}.\nCtrl-C closes it.\n"
    )
    sys.stdout.flush()
    await asyncio.Event().wait()


def main(arguments: list[str]) -> int:
    """`python -m agent.practice woocommerce --port 8080`."""
    parser = argparse.ArgumentParser(
        prog="python -m agent.practice woocommerce",
        description="A WooCommerce shop to practise on, on this computer only.",
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--items", type=int, default=60, help="how many things it sells")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same shop")
    chosen = parser.parse_args(arguments)
    shop = Shop(clock=SystemClock().now, rng=random.Random(chosen.seed), consumer_key=KEY, consumer_secret=SECRET)
    try:
        asyncio.run(_serve_for_ever(stock(shop, chosen.items), chosen.port))
    except KeyboardInterrupt:
        sys.stdout.write("\nClosed.\n")
    return 0
