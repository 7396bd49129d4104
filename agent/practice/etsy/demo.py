"""A stocked shop to practise on, and the command that serves it."""

from __future__ import annotations

from agent.practice.etsy.routes import opens
from agent.practice.etsy.shop import Shop
from agent.practice.goods import COLOURS, SIZES, named, units


def stock(shop: Shop, items: int) -> Shop:
    """About so many things to buy: a third of the listings have variations, some of these share one quantity."""
    while sum(len(listing.products) for listing in shop.listings.values()) < items:
        _stock_one(shop, len(shop.listings) + 1)
    return shop


def _stock_one(shop: Shop, number: int) -> None:
    name, sku = named(shop.rng, number)
    if shop.rng.random() >= 0.35:
        shop.add_simple(sku, name, units(shop.rng))
        return
    on = shop.rng.choice([None, None, ["Primary color"], []])
    colours = shop.rng.sample(COLOURS, 2)
    shared = {colour: shop.rng.randint(1, 25) for colour in colours}
    products = [
        {"sku": f"{sku}-{colour[:1]}{size}", "options": {"Primary color": colour, "Size": size},
         "quantity": shared[colour] if on == ["Primary color"] else 12 if on == [] else shop.rng.randint(0, 25)}
        for colour in colours for size in SIZES
    ]  # fmt: skip
    shop.add_product(name, products, on)


def _told(shop: Shop, address: str) -> str:
    return (
        f"{shop.name} is open at {address} with {sum(len(each.products) for each in shop.listings.values())} things to "
        f"sell.\nIts made-up keystring is {shop.keystring} and the shared secret {shop.shared_secret}; its callback "
        f"{shop.callback}\n"
        f"To connect it: stocksheet connect etsy --name my-etsy --url {address} --private"
    )


def main(arguments: list[str]) -> int:
    """`python -m agent.practice etsy --port 8080`."""
    return opens.alone("Etsy", arguments, Shop, stock, _told)
