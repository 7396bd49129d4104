"""A stocked shop to practise on, and the command that serves it."""

from __future__ import annotations

from urllib.parse import urlencode

from agent.practice.goods import in_colours, named, units
from agent.practice.tiktok.routes import opens
from agent.practice.tiktok.shop import Shop


def stock(shop: Shop, items: int) -> Shop:
    """About so many things to buy: a third of the products have several SKUs, a few are in a campaign or kept by
    TikTok."""
    while len(shop.skus) < items:
        _stock_one(shop, len(shop.products) + 1)
    return shop


def _stock_one(shop: Shop, number: int) -> None:
    name, sku = named(shop.rng, number)
    if shop.rng.random() < 0.35:
        shop.add_product(name, in_colours(shop.rng, sku))
        return
    id_ = shop.add_simple(sku, name, units(shop.rng))
    if shop.rng.random() < 0.1 and (shown := shop.quantity(id_)):
        shop.allocate(id_, max(1, shown // 4))


def _told(shop: Shop, address: str) -> str:
    back = f"https://localhost/?{urlencode({'app_key': shop.app_key, 'code': shop.authorise()})}"
    return (
        f"{shop.name} is open at {address} with {len(shop.skus)} things to sell.\n"
        f"Its made-up app key is {shop.app_key} and the app secret {shop.app_secret}.\n"
        f"Within thirty minutes, the address that a yes would lead to is {back}"
    )


def main(arguments: list[str]) -> int:
    """`python -m agent.practice tiktok --port 8080`."""
    return opens.alone("TikTok", arguments, Shop, stock, _told)
