"""The demo's made-up seller: items, rules, and what two shops sell of them. The same seed makes the same world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

WEB, OUTLET = "web-shop", "outlet"
"""The two shops, as their channels are called."""
Rows = list[dict[str, Any]]

_COLOURS = ("Red", "Blue", "Green")
_SIZES = ("S", "M", "L")
_THINGS = ("Mug", "Scarf", "Lamp", "Notebook", "Cap", "Candle", "Bag", "Plate", "Vase", "Tray")


@dataclass(frozen=True)
class Product:
    """One product of a shop: `variants` of (SKU, options, quantity, barcode); a simple one has one without options.

    A quantity of None is not counted by the shop; "parent" leaves it to the product, which then has `shared` units.
    """

    title: str
    variants: tuple[tuple[str, dict[str, str], int | str | None, str], ...]
    sku: str = ""
    shared: int | None = None


@dataclass
class World:
    """What the workbook says, tab by tab, and what stands in each shop."""

    tabs: dict[str, Rows]
    shops: dict[str, list[Product]] = field(default_factory=lambda: {WEB: [], OUTLET: []})

    @property
    def items(self) -> Rows:
        """The rows of Item Master."""
        return self.tabs["Item Master"]


def make(items: int = 60, seed: int = 1) -> World:
    """A world with about so many items; at least those that show something special."""
    chance = Random(seed)
    master = [*_shirts(chance), *_posters(chance), *_specials()]
    master += list(_others(chance, items - len(master)))
    world = World({"Item Master": master, "Rules": _rules(), "Channels": [{"Channel": WEB}, {"Channel": OUTLET}]})
    _stock_web(world, chance)
    _stock_outlet(world, chance)
    return world


# --- the workbook ---------------------------------------------------------------------------------------------------


def _item(sku: str, title: str, stocked: int | None, **more: object) -> dict[str, Any]:
    return {"SKU": sku, "Title": title, "Stocked": stocked, **{k.replace("_", " "): v for k, v in more.items()}}


def _shirts(chance: Random) -> Iterator[dict[str, Any]]:
    for colour in _COLOURS:
        for size in _SIZES:
            sku = f"SHIRT-{colour[:3].upper()}-{size}"
            yield _item(sku, f"Shirt, {colour.lower()}, {size}", chance.randint(6, 30), Tags="shirts")


def _posters(chance: Random) -> Iterator[dict[str, Any]]:
    """SKUs that Excel would take for numbers: they stand in the workbook as text."""
    for number in range(123, 128):
        barcode = f"40000000{number:05d}"
        yield _item(f"00{number}", f"Poster no. {number}", chance.randint(10, 40), Barcode=barcode, Tags="posters")


def _specials() -> Rows:
    return [
        _item("MUG-WHITE", "White mug", 24, Tags="kitchen"),
        _item("CANDLE-VANILLA", "Vanilla candle", 15, Barcode="4000000090015", Tags="kitchen"),
        _item("BOX", "Gift box", 30),
        _item("GIFT-SET", "Gift set: two mugs in a box", None, Made_of="MUG-WHITE x 2 + BOX", Tags="kitchen"),
        _item("EVENING-SET", "Evening set: mug and candle", None, Made_of="MUG-WHITE + CANDLE-VANILLA", Tags="kitchen"),
        _item("ENGRAVING", "Engraving, made to order", None, Track_stock="no"),
        _item("SCARF-WOOL", "Wool scarf (all colours from one shelf)", 18),
        _item("LAMP-OLD", "Old lamp, sold no more", 3, Active="no"),
        _item("TEA-TIN", "Tea tin", None),  # blank: not managed yet, never zero
    ]


def _others(chance: Random, count: int) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        sku = f"{chance.choice(_THINGS).upper()}-{number:04d}"
        title = f"{sku.split('-', maxsplit=1)[0].capitalize()} no. {number}"
        yield _item(sku, title, chance.randint(0, 40), Barcode=f"41{number:011d}", Tags="various")


def _rules() -> Rows:
    return [
        {"Channel": OUTLET, "Percent": 0.8},
        {"Tag": "posters", "Reserve": 2},
        {"Channel": OUTLET, "SKU": "MUG-WHITE", "Maximum": 8},
        {"SKU": "ENGRAVING", "Fixed quantity": 5},
    ]


# --- the shops ------------------------------------------------------------------------------------------------------


def _simple(sku: str, title: str, quantity: int | None, barcode: str = "") -> Product:
    return Product(title, ((sku, {}, quantity, barcode),))


def _stock_web(world: World, chance: Random) -> None:
    shop = world.shops[WEB]
    by_sku = {row["SKU"]: row for row in world.items}
    for colour in _COLOURS:
        codes = [(f"SHIRT-{colour[:3].upper()}-{size}", size) for size in _SIZES]
        variants = [(sku, {"Color": colour, "Size": size}, by_sku[sku]["Stocked"], "") for sku, size in codes]
        shop.append(Product(f"Shirt {colour.lower()}", tuple(variants)))
    shared = [("", {"Color": colour}, "parent", "") for colour in _COLOURS]  # no SKU of their own: the product's
    shop.append(Product("Wool scarf", tuple(shared), sku="SCARF-WOOL", shared=18))
    shop.append(_simple("MUG-WHITE", "White mug, second listing", 20))
    shop.append(_simple("TEA-TIN", "Tea tin", 6))
    shop.append(_simple("GIFT-SET", "Gift set: two mugs in a box", 4))
    shop.append(_simple("EVENING-SET", "Evening set: mug and candle", 9))
    shop.append(_simple("ENGRAVING", "Engraving, made to order", 1))
    shop.append(_simple("LAMP-OLD", "Old lamp", 2))
    shop.append(_simple("BOX", "Gift box", None))  # the shop does not count it
    shop.append(_simple("", "Vanilla candle", 15))  # no SKU: waits in Imports
    shop.append(_simple("HANDMADE-77", "Something we forgot to write down", 2))
    for row in _plain_items(world):
        shop.append(_simple(row["SKU"], row["Title"], _about(row["Stocked"], chance), row.get("Barcode", "")))


def _stock_outlet(world: World, chance: Random) -> None:
    shop = world.shops[OUTLET]
    for row in [row for row in world.items if row.get("Tags") == "shirts"]:
        shop.append(_simple(row["SKU"].replace("-", "_"), row["Title"], row["Stocked"]))  # another spelling
    shop.append(_simple("mug-white", "White mug", 12))  # another case
    shop.append(_simple("OLD-4711", "Vanilla candle", 15, "4000000090015"))  # its barcode tells
    shop.append(_simple("SCARF-WOOL", "Wool scarf", 10))
    for row in _plain_items(world):
        if row["SKU"] != "MUG-WHITE" and chance.random() < 0.7:
            shop.append(_simple(row["SKU"], row["Title"], _about(row["Stocked"], chance), row.get("Barcode", "")))


def _plain_items(world: World) -> Rows:
    """Everything that is sold as one simple listing."""
    special = {"SCARF-WOOL", "TEA-TIN", "GIFT-SET", "EVENING-SET", "ENGRAVING", "LAMP-OLD", "BOX", "CANDLE-VANILLA"}
    return [row for row in world.items if row["SKU"] not in special and row.get("Tags") != "shirts"]


def _about(stocked: int, chance: Random) -> int:
    """What a shop that nobody kept in step shows."""
    return stocked if chance.random() < 0.6 else max(0, stocked + chance.randint(-4, 4))
