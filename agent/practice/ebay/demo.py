"""A stocked account to practise on, and the command that serves it."""

from __future__ import annotations

from urllib.parse import urlencode

from agent.practice.ebay.routes import opens
from agent.practice.ebay.shop import Shop
from agent.practice.goods import in_sizes, named


def stock(shop: Shop, items: int) -> Shop:
    """About so many things to buy, of both models: some with variations, now and then an auction."""
    while sum(len(listing.variations) for listing in shop.listings.values()) < items:
        _stock_one(shop, len(shop.listings) + 1)
    return shop


def _stock_one(shop: Shop, number: int) -> None:
    (title, sku), chance = named(shop.rng, number), shop.rng.random()
    model = "inventory" if shop.rng.random() < 0.3 else "trading"
    if chance < 0.2:
        sizes = in_sizes(shop.rng, sku)
        variations = [{"sku": one, "options": {"Size": size}, "quantity": units} for one, size, units in sizes]
        shop.add_product(title, variations, model=model)
        return
    quantity = None if chance > 0.97 else shop.rng.randint(0, 40)
    shop.add_simple(sku, title, quantity, model=model, barcode=f"40{number:011d}")


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
    return opens.alone("eBay", arguments, Shop, stock, _told)
