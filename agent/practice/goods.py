"""What a practice shop sells by chance: names, SKUs and variants that read like a small seller's."""

from __future__ import annotations

import random

THINGS = ("Shirt", "Mug", "Scarf", "Lamp", "Notebook", "Cap", "Candle", "Bag", "Poster", "Plate")
COLOURS, SIZES = ("Red", "Blue", "Green"), ("S", "M", "L")


def named(rng: random.Random, number: int) -> tuple[str, str]:
    """The name and the SKU of the product of that number."""
    return f"{rng.choice(THINGS)} {number}", f"P-{number:04d}"


def units(rng: random.Random) -> int | None:
    """What is shown of one thing; now and then None: the shop does not count it."""
    return None if rng.random() < 0.04 else rng.randint(0, 40)


def in_sizes(rng: random.Random, sku: str) -> list[tuple[str, str, int]]:
    """(SKU, size, units) of a product's three sizes."""
    return [(f"{sku}-{size}", size, rng.randint(0, 25)) for size in SIZES]


def in_colours(rng: random.Random, sku: str) -> list[dict[str, object]]:
    """Six variants of a product, as the marketplaces' `add_product` takes them."""
    return [
        {
            "sku": f"{sku}-{colour[:1]}{size}",
            "options": {"Colour": colour, "Size": size},
            "quantity": rng.randint(0, 25),
        }
        for colour in rng.sample(COLOURS, 2)
        for size in SIZES
    ]
