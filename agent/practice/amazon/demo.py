"""A stocked account to practise on, and the command that serves it."""

from __future__ import annotations

from agent.practice.amazon.routes import opens
from agent.practice.amazon.shop import Shop
from agent.practice.goods import in_sizes, named


def stock(shop: Shop, items: int) -> Shop:
    """About so many offers: families of three sizes, some that Amazon keeps, some with a twin that the seller ships."""
    while len(shop.offers) < items:
        _stock_one(shop, len(shop.offers) + 1)
    return shop


def _stock_one(shop: Shop, number: int) -> None:
    (name, sku), chance = named(shop.rng, number), shop.rng.random()
    if chance < 0.15:
        sizes = in_sizes(shop.rng, sku)
        offers = [{"sku": one, "name": f"{name}, {size}", "quantity": units} for one, size, units in sizes]
        shop.add_product(name, offers, sku)
        return
    shop.add_simple(sku, name, None if chance < 0.3 else shop.rng.randint(0, 40), barcode=f"400{number:010d}")
    if 0.15 <= chance < 0.22:
        shop.add_simple(f"{sku}-FBM", name, shop.rng.randint(0, 12), asin=shop.offers[sku].asin)


def _told(shop: Shop, address: str) -> str:
    return (
        f"{shop.name} is open at {address} with {len(shop.offers)} offers.\n"
        f"Connect: stocksheet connect amazon --way practice --private\n"
        f"Made up, for practice only: country {shop.country}, Merchant Token {shop.seller_id},\n"
        f"client ID {shop.client_id}, client secret {shop.client_secret}, refresh token {shop.refresh_token}"
    )


def main(arguments: list[str]) -> int:
    """`python -m agent.practice amazon --port 8080`."""
    return opens.alone("Amazon", arguments, Shop, stock, _told)
