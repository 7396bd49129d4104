"""A stocked shop to practise on, and the command that serves it."""

from __future__ import annotations

from urllib.parse import urlencode

from agent.practice.goods import in_colours, named, units
from agent.practice.lazada.routes import opens
from agent.practice.lazada.shop import Shop


def stock(shop: Shop, items: int) -> Shop:
    """About so many things to buy: a third of the items have variants, a few are in a campaign or kept by Lazada."""
    while sum(len(item.skus) for item in shop.items.values()) < items:
        _stock_one(shop, len(shop.items) + 1)
    return shop


def _stock_one(shop: Shop, number: int) -> None:
    name, sku = named(shop.rng, number)
    if shop.rng.random() < 0.35:
        shop.add_product(name, in_colours(shop.rng, sku))
        return
    key = shop.add_simple(sku, name, units(shop.rng))
    if shop.rng.random() < 0.1 and (shown := shop.quantity(key)):
        shop.campaign(key, max(1, shown // 4))


def _told(shop: Shop, address: str) -> str:
    back = f"https://localhost/?{urlencode({'code': shop.authorise()})}"
    return (
        f"{shop.name} (country {shop.country}) is open at {address} with "
        f"{sum(len(item.skus) for item in shop.items.values())} things to sell.\n"
        f"Its made-up app key is {shop.app_key} and the app secret {shop.app_secret}.\n"
        f"Within thirty minutes, the address that a yes would lead to is {back}"
    )


def main(arguments: list[str]) -> int:
    """`python -m agent.practice lazada --port 8080`."""
    return opens.alone("Lazada", arguments, Shop, stock, _told)
