"""The inventory of one listing: its products, who shares a quantity, and the whole of it with other quantities.

A product's ids, and the ids of its values, are other ones after each write (vendor's issues 432, 523); what stays
is the texts of its values. A product is known by them: `1001/200=White/513=L`, or `1001` without variations.
Products that differ only in what the quantity does not depend on (`quantity_on_property`) share one stock cell.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from agent.channels.etsy.reader import Item
from agent.channels.values import record, records, text, whole

ON_PROPERTY = ("price_on_property", "quantity_on_property", "sku_on_property", "readiness_state_on_property")
MOST = 999
"""Units of one offering (vendor's issue 214)."""


class Unreadable(Exception):
    """Something of an inventory cannot be read: it is never written back in part."""


@dataclass(frozen=True)
class Product:
    """One thing to buy. `quantity` None: it cannot be read."""

    listing: str
    cell: str
    id: int | None
    sku: str | None
    options: str | None
    quantity: int | None
    enabled: bool
    price: str | None
    currency: str | None


def products(listing: int, inventory: Item) -> list[Product]:
    """Those that are there (not deleted). Where it cannot be read what their quantities depend on, none can be."""
    found, on = _there(inventory.get("products")), _quantity_on(inventory)
    made = [_product(listing, each, on or ()) for each in found]
    return [replace(each, quantity=None) for each in made] if on is None and len(found) > 1 else made


def _quantity_on(inventory: Item) -> list[int] | None:
    on = inventory.get("quantity_on_property")
    return on if isinstance(on, list) and all(type(each) is int for each in on) else None


def _product(listing: int, found: Item, quantity_on: Collection[int]) -> Product:
    offerings, values = _there(found.get("offerings")), records(found.get("property_values"))
    one = offerings[0] if len(offerings) == 1 else {}
    units, price = whole(one.get("quantity")), _price(one)
    parts = _parts(values)
    return Product(
        listing=f"{listing}{_key(parts)}",
        cell=f"{listing}{_key(parts, quantity_on)}",
        id=whole(found.get("product_id")),
        sku=text(found.get("sku")),
        options=options_of(values),
        quantity=units if units is not None and units >= 0 else None,
        enabled=one.get("is_enabled") is not False,
        price=None if price is None else f"{price:g}",
        currency=text(record(one.get("price")).get("currency_code")),
    )


def key_of(values: Collection[Item], only: Collection[int] | None = None) -> str:
    """`/200=White/513=L`, whatever their order; `only`: of these properties."""
    return _key(_parts(values), only)


def _parts(values: Collection[Item]) -> list[tuple[int, str]]:
    return sorted((whole(each.get("property_id")) or 0, _texts(each)) for each in values)


def _key(parts: Collection[tuple[int, str]], only: Collection[int] | None = None) -> str:
    return "".join(f"/{id_}={said}" for id_, said in parts if only is None or id_ in only)


def _texts(value: Item) -> str:
    said = value.get("values")
    return "+".join(filter(None, map(text, said))) if isinstance(said, list) else ""


def options_of(values: Collection[Item]) -> str | None:
    """`Primary color: White, Size: L`."""
    named = [(text(each.get("property_name")), _texts(each)) for each in values]
    return text(", ".join(f"{name}: {said}" if name else said for name, said in named if said))


def whole_with(listing: int, inventory: Item, quantities: Mapping[str, int]) -> Item:
    """All of it as Etsy wants it back, with these quantities by cell; prices, SKUs and values as they were read. Raises
    Unreadable, as what was left out would be deleted."""
    told = inventory.get("products")
    found = _there(told)
    if _quantity_on(inventory) is None and len(found) > 1:
        raise Unreadable
    if not found or not isinstance(told, list) or len(records(told)) < len(told):
        raise Unreadable
    cells = [product.cell for product in products(listing, inventory)]
    body: Item = {"products": [_written(each, quantities.get(cell)) for each, cell in zip(found, cells, strict=True)]}
    return body | {name: inventory[name] for name in ON_PROPERTY if isinstance(inventory.get(name), list)}


def _written(product: Item, quantity: int | None) -> Item:
    offerings = _there(product.get("offerings"))
    if not offerings:
        raise Unreadable
    return {
        "sku": product.get("sku") if isinstance(product.get("sku"), str) else "",
        "property_values": [_value(each) for each in records(product.get("property_values"))],
        "offerings": [_offering(each, quantity) for each in offerings],
    }


def _value(found: Item) -> Item:
    kept = {"property_id": found.get("property_id"), "value_ids": found.get("value_ids"), "values": found.get("values")}
    if not kept["property_id"] or not isinstance(kept["value_ids"], list) or not isinstance(kept["values"], list):
        raise Unreadable
    named = {"property_name": found["property_name"]} if isinstance(found.get("property_name"), str) else {}
    return {**kept, **named, "scale_id": found.get("scale_id")}


def _offering(found: Item, quantity: int | None) -> Item:
    units, price = whole(found.get("quantity")) if quantity is None else quantity, _price(found)
    if units is None or price is None or not isinstance(found.get("is_enabled"), bool):
        raise Unreadable
    return {
        "price": price,
        "quantity": units,
        "is_enabled": found["is_enabled"],
        "readiness_state_id": found.get("readiness_state_id"),
    }


def _price(offering: Item) -> float | None:
    """Amount by divisor, as a number: so the vendor's contract wants it back."""
    money = record(offering.get("price"))
    amount, divisor = whole(money.get("amount")), whole(money.get("divisor"))
    return amount / divisor if amount is not None and divisor else None


def _there(found: object) -> list[Item]:
    return [each for each in records(found) if each.get("is_deleted") is not True]
