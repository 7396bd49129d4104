"""A stocked shop to practise on, and the command that serves it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Protocol

from agent.practice.shopify.routes import opens
from agent.practice.shopify.shop import VERSION, Shop

TOKEN, CLIENT_ID, CLIENT_SECRET = "shpat_practice", "practice-client-id", "shpss_practice"
_THINGS = ("Shirt", "Mug", "Scarf", "Lamp", "Notebook", "Cap", "Candle", "Bag", "Poster", "Plate", "Rug", "Vase")
_MAKES = ("Linen", "Oak", "Wool", "Ceramic", "Brass", "Paper", "Cotton", "Glass")
_COLOURS = ("Red", "Blue", "Green", "Sand", "Black")
_SIZES = ("S", "M", "L", "XL")
_ODD = ("{0} ", "{0}-FBA", "0{0}", "{0}/2", "ЖК-{0}", "{0}.0", "№{0}")  # SKUs as sellers have them


def fill_many(shop: Shop, listings: int = 400) -> Shop:
    """About so many listings as a grown shop has them.

    Most products have several variants; some variants have no SKU, an odd one, or one that another has too; some have
    no stock, are not tracked, or are of a draft or an archived product; a few share one inventory item.
    """
    while len(shop.variants) < listings:
        _add_product(shop, len(shop.products) + 1)
    return shop


def _add_product(shop: Shop, number: int) -> None:
    chance, thing, make = shop.rng.random(), shop.rng.choice(_THINGS), shop.rng.choice(_MAKES)
    code, title = f"{make[:2]}{thing[:3]}-{number:04d}".upper(), f"{make} {thing.lower()} no. {number}"
    status = "DRAFT" if chance < 0.05 else "ARCHIVED" if chance < 0.1 else "ACTIVE"
    if chance > 0.97 and shop.variants:  # a second listing of the same units
        shares = shop.rng.choice(list(shop.variants))
        shop.add_product(f"{title}, second listing", [{"sku": f"{code}-B", "shares": shares}], vendor="Practice")
        return
    if shop.rng.random() < 0.45:
        shop.add_product(title, [_variant(shop, code, {})], status=status, vendor="Practice")
        return
    colours = shop.rng.sample(_COLOURS, 2)
    sizes = _SIZES[: shop.rng.randint(2, 4)] if shop.rng.random() < 0.5 else ("",)
    several = [_variant(shop, code, _options(colour, size)) for colour in colours for size in sizes]
    shop.add_product(title, several, status=status, vendor="Practice")


def _options(colour: str, size: str) -> dict[str, str]:
    return {"Color": colour, **({"Size": size} if size else {})}


def _variant(shop: Shop, code: str, options: dict[str, str]) -> dict[str, Any]:
    sku: str | None = "-".join([code, *(value[:3].upper() for value in options.values())])
    chance = shop.rng.random()
    if chance < 0.08:
        sku = None
    elif chance < 0.14:
        sku = shop.rng.choice(_ODD).format(sku)
    elif chance < 0.16 and shop.variants:
        sku = shop.rng.choice(list(shop.variants.values())).sku
    return {
        "sku": sku,
        "options": options,
        "quantity": _quantity(shop),
        "price": f"{shop.rng.randint(5, 90)}.90",
        "barcode": f"20{shop.rng.randrange(10**11):011d}" if shop.rng.random() < 0.6 else None,
        "policy": "CONTINUE" if shop.rng.random() < 0.04 else "DENY",
    }


def _quantity(shop: Shop) -> int | None:
    """Some are not tracked, many are sold out."""
    chance = shop.rng.random()
    return None if chance < 0.04 else 0 if chance < 0.2 else shop.rng.randint(1, 40)


class Made(Protocol):
    """A product of a made-up world: its variants are (SKU, options, quantity, barcode).

    A quantity of None is not tracked; "parent" is of the `shared` units that all such variants have together.
    """

    @property
    def title(self) -> str: ...
    @property
    def variants(self) -> Sequence[tuple[str, dict[str, str], int | str | None, str]]: ...
    @property
    def sku(self) -> str: ...
    @property
    def shared(self) -> int | None: ...


def fill(shop: Shop, products: Iterable[Made]) -> Shop:
    """Put a made-up world's products into a shop; what shares units there shares an inventory item here."""
    for made in products:
        number, shares = shop.add_product(made.title, [])[0], None
        for sku, options, quantity, barcode in made.variants:
            given: dict[str, Any] = {"sku": sku or None, "options": options, "barcode": barcode or None}
            if quantity == "parent":
                given |= {"sku": sku or made.sku or None, "quantity": made.shared, "shares": shares}
                shares = shop.add_variant(number, given)
            else:
                shop.add_variant(number, {**given, "quantity": quantity})
    return shop


def _told(shop: Shop, address: str) -> str:
    return (
        f"{shop.name} is open at {address} with {len(shop.variants)} things to sell.\n"
        f"It answers as Shopify's Admin API {VERSION} does.\n"
        f"Its made-up access token is {TOKEN}; its made-up client ID is {CLIENT_ID} and the secret {CLIENT_SECRET}."
    )


def main(arguments: list[str]) -> int:
    """`python -m agent.practice shopify --port 8080`."""
    made = partial(Shop, access_token=TOKEN, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    return opens.alone("Shopify", arguments, made, fill_many, _told)
