"""A stocked account to practise on, and the command that serves it."""

from __future__ import annotations

import random
from urllib.parse import urlencode

from agent.ports import SystemClock
from agent.practice.ebay.routes import opens
from agent.practice.ebay.shop import Shop

_THINGS = ("Shirt", "Mug", "Scarf", "Lamp", "Notebook", "Cap", "Candle", "Bag", "Poster", "Plate")
_SIZES = ("S", "M", "L")


def stock(shop: Shop, items: int) -> Shop:
    """About so many things to buy, of both models: some with variations, now and then an auction."""
    while sum(len(listing.variations) for listing in shop.listings.values()) < items:
        _stock_one(shop, len(shop.listings) + 1)
    return shop


def _stock_one(shop: Shop, number: int) -> None:
    title, sku, chance = f"{shop.rng.choice(_THINGS)} {number}", f"P-{number:04d}", shop.rng.random()
    model = "inventory" if shop.rng.random() < 0.3 else "trading"
    if chance < 0.2:
        shop.add_product(title, [
            {"sku": f"{sku}-{size}", "options": {"Size": size}, "quantity": shop.rng.randint(0, 25)} for size in _SIZES
        ], model=model)  # fmt: skip
        return
    quantity = None if chance > 0.97 else shop.rng.randint(0, 40)
    shop.add_simple(sku, title, quantity, model=model, barcode=f"40{number:011d}")


def _made(rng: random.Random, items: int) -> Shop:
    return stock(Shop(clock=SystemClock().now, rng=rng), items)


def _told(shop: Shop, address: str) -> str:
    back = f"https://signin.ebay.com/ws/eBayISAPI.dll?{urlencode({'code': shop.authorise(), 'expires_in': 299})}"
    return (
        f"{shop.name} is open at {address} with {len(shop.listings)} listings.\n"
        f"Its made-up App ID is {shop.app_id}, the RuName {shop.runame} and the Cert ID {shop.cert_id}.\n"
        f"Within five minutes, the address that a yes would lead to is {back}\n"
        f"Connect: stocksheet connect ebay --url {address} --private"
    )


def main(arguments: list[str]) -> int:
    """`python -m agent.practice ebay --port 8080`."""
    return opens.alone("eBay", arguments, _made, _told)
