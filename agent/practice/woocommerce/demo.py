"""A stocked shop to practise on, and the command that serves it."""

from __future__ import annotations

from functools import partial

from agent.practice.goods import COLOURS, SIZES, named
from agent.practice.woocommerce.routes import opens
from agent.practice.woocommerce.shop import Shop

KEY, SECRET = "ck_practice", "cs_practice"


def stock(shop: Shop, items: int) -> Shop:
    """Put about so many sellable things into a shop: most of them simple, every tenth one with six variations."""
    while sum(product.type != "variable" for product in shop.products.values()) < items:
        _stock_one(shop, len(shop.products) + 1)
    return shop


def _stock_one(shop: Shop, number: int) -> None:
    (title, sku), price = named(shop.rng, number), f"{shop.rng.randint(5, 60)}.90"
    if shop.rng.random() >= 0.1:
        shop.add_simple(sku, title, shop.rng.randint(0, 40), price=price, barcode=f"20000000{number:05d}")
        return
    variations = [
        {"sku": f"{sku}-{colour[:3].upper()}-{size}", "options": {"Color": colour, "Size": size},
         "quantity": shop.rng.randint(0, 25), "price": price}
        for colour in COLOURS[:2] for size in SIZES
    ]  # fmt: skip
    shop.add_variable(sku, title, variations)


def _told(shop: Shop, address: str) -> str:
    sellable = sum(product.type != "variable" for product in shop.products.values())
    return (
        f"{shop.name} is open at {address} with {sellable} things to sell.\n"
        f"Its made-up key is {KEY} and its made-up secret is {SECRET}."
    )


def main(arguments: list[str]) -> int:
    """`python -m agent.practice woocommerce --port 8080`."""
    return opens.alone("WooCommerce", arguments, partial(Shop, consumer_key=KEY, consumer_secret=SECRET), stock, _told)
