"""A stocked shop to practise on, and the command that serves it."""

from __future__ import annotations

from urllib.parse import urlencode

from agent.practice.goods import in_colours, named, units
from agent.practice.shopee.routes import opens
from agent.practice.shopee.shop import Shop


def stock(shop: Shop, items: int) -> Shop:
    """About so many things to buy: a third of the items have models, a few are in a campaign or kept by Shopee."""
    while sum(len(item.models) for item in shop.items.values()) < items:
        _stock_one(shop, len(shop.items) + 1)
    return shop


def _stock_one(shop: Shop, number: int) -> None:
    name, sku = named(shop.rng, number)
    if shop.rng.random() < 0.35:
        shop.add_product(name, in_colours(shop.rng, sku), sku)
        return
    id_ = shop.add_simple(sku, name, units(shop.rng))
    if shop.rng.random() < 0.1 and (shown := shop.quantity(id_)):
        shop.campaign(id_, max(1, shown // 4))


def _told(shop: Shop, address: str) -> str:
    back = f"https://localhost/?{urlencode({'code': shop.authorise(), 'shop_id': shop.shop_id})}"
    return (
        f"{shop.name} is open at {address} with {sum(len(item.models) for item in shop.items.values())} things to "
        f"sell.\nIts made-up partner ID is {shop.partner_id} and the partner key {shop.partner_key}.\n"
        f"Within ten minutes, the address that a yes would lead to is {back}"
    )


def main(arguments: list[str]) -> int:
    """`python -m agent.practice shopee --port 8080`."""
    return opens.alone("Shopee", arguments, Shop, stock, _told)
