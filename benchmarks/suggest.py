"""Suggestions for unlinked listings: how often they are right, and what they cost.

    python benchmarks/suggest.py --listings 5000 --items 20000

A made catalogue with a seed: products in sizes and colours, with titles as shops write them (a brand in front, other
word order, colours and sizes in another language, units spelled out, slips of the pen, no or a strange SKU). Half of
the listings sell an item of the sheet, half sell something that is not in it: a suggestion for one of those is wrong.
Precision: of what was offered, how much is right. Recall: of the listings that have an item, how many got it offered.
"""

from __future__ import annotations

import argparse
import resource
import time
from random import Random

import polars as pl

from agent.core import alike

KINDS = {
    "Shirt": ("Cotton", "Linen", "Oxford", "Flannel", "Polo"), "Mug": ("Enamel", "Stoneware", "Travel", "Glass"),
    "Lamp": ("Desk", "Floor", "Bedside", "Solar"), "Candle": ("Soy", "Beeswax", "Scented", "Pillar"),
    "Backpack": ("Canvas", "Hiking", "School", "Laptop"), "Blanket": ("Wool", "Fleece", "Picnic", "Baby"),
    "Soap": ("Olive", "Goat Milk", "Lavender", "Charcoal"), "Notebook": ("Dotted", "Ruled", "Leather", "Spiral"),
    "Bottle": ("Steel", "Glass", "Sports", "Insulated"), "Towel": ("Beach", "Bath", "Tea", "Hammam"),
    "Cable": ("USB-C", "HDMI", "Lightning", "Ethernet"), "Tea": ("Green", "Rooibos", "Chai", "Earl Grey"),
    "Socks": ("Merino", "Bamboo", "Hiking", "Ankle"), "Planter": ("Terracotta", "Hanging", "Concrete", "Zinc"),
    "Pillow": ("Feather", "Memory Foam", "Linen", "Travel"), "Honey": ("Acacia", "Forest", "Manuka", "Clover"),
}  # fmt: skip
NAMES = (
    "Aurora", "Bergen", "Coast", "Dune", "Ember", "Fjord", "Grove", "Harbor", "Isla", "Juniper", "Karoo", "Lagoon",
    "Meadow", "Nordic", "Olive", "Prairie", "Quarry", "Ridge", "Summit", "Tundra", "Umber", "Valley", "Willow",
    "Yarrow",
)  # fmt: skip
SYLLABLES = ("bel", "mar", "tor", "vin", "sol", "ka", "ri", "no", "lun", "fe", "dra", "mi", "os", "ta", "pel", "za")
COLOURS = ("black", "white", "red", "blue", "green", "grey", "navy", "yellow")
SIZES = ("S", "M", "L", "XL")
MEASURES = {"Candle": ("200 g", "400 g"), "Soap": ("100 g", "250 g"), "Bottle": ("500 ml", "750 ml", "1 l"),
            "Cable": ("1 m", "2 m", "5 m"), "Tea": ("50 g", "100 g", "250 g"), "Honey": ("250 g", "500 g")}  # fmt: skip
BRANDS = ("Kestrel & Co", "NORDLYS", "Tidewater", "Maple Row")
GERMAN = {"black": "schwarz", "white": "weiß", "red": "rot", "blue": "blau", "green": "grün", "grey": "grau",
          "yellow": "gelb", "navy": "marine"}  # fmt: skip
LONG = {"S": "Small", "M": "Medium", "L": "Large", "XL": "X-Large", "g": "Gramm", "ml": "milliliter", "l": "Liter"}
FILLER = ("Premium", "Handmade", "Gift", "Organic", "Best Seller", "Free Shipping", "NEW", "Eco")


def product(chance: Random) -> tuple[str, ...]:
    """A product: name, material, kind, and what its variants are called."""
    kind = chance.choice(list(KINDS))
    name = chance.choice(NAMES)
    if chance.random() < 0.6:  # most collections have a name of their own; others share theirs with many kinds
        name = "".join(chance.sample(SYLLABLES, 3)).title()
    if chance.random() < 0.2:
        name += f" {chance.choice(NAMES)}"
    if chance.random() < 0.1:
        name = f"{chance.choice(FILLER)} {name}"
    return name, chance.choice(KINDS[kind]), kind


def catalogue(chance: Random, variants: int) -> list[dict[str, str]]:
    """Items: title and SKU, all variants of a product together. Titles may repeat, as in real sheets."""
    made: list[dict[str, str]] = []
    seen: set[tuple[str, ...]] = set()
    while len(made) < variants:
        name, material, kind = product(chance)
        line = chance.randrange(1, 60)
        if (name, material, kind) in seen and chance.random() < 0.9:  # few products have quite the same name
            name = f"{name} {line}"
        seen.add((name, material, kind))
        measures = MEASURES.get(kind, SIZES)
        colours = ("",) if kind in MEASURES else tuple(chance.sample(COLOURS, chance.randrange(1, 5)))
        for colour in colours:
            for size in chance.sample(measures, chance.randrange(1, len(measures) + 1)):
                number = len(made)
                sku = f"{kind[:3]}{name[:3]}-{number % 9973:04}-{colour[:3]}{size.replace(' ', '')}".upper()
                title = " ".join(part for part in (name, material, kind, colour.title(), size) if part)
                made.append({"sku": sku, "title": title, "name": name, "material": material, "kind": kind,
                             "colour": colour, "size": size})  # fmt: skip
    return made[:variants]


def slip(chance: Random, text: str) -> str:
    """One letter lost or doubled in a long word."""
    place = chance.randrange(2, max(3, len(text) - 2))
    return text[:place] + text[place + 1 :] if chance.random() < 0.5 else text[:place] + text[place] + text[place:]


def as_a_shop_has_it(chance: Random, item: dict[str, str]) -> dict[str, str | None]:
    """The same item as a listing: title, options, SKU, with a shop's noise."""
    colour, size = item["colour"], item["size"]
    if chance.random() < 0.3:
        colour = GERMAN.get(colour, colour)
    if chance.random() < 0.4:
        size = " ".join(LONG.get(word, word) for word in size.split())
    words = [item["name"], item["material"], item["kind"]]
    if chance.random() < 0.3:
        words = [item["material"], item["kind"], item["name"]]
    if chance.random() < 0.15:
        words[0] = slip(chance, words[0])
    if chance.random() < 0.5:
        words.insert(0, chance.choice(BRANDS))
    if chance.random() < 0.3:
        words.append(chance.choice(FILLER))
    variant = [part for part in (size, colour) if part]
    options = ", ".join(variant)
    if chance.random() < 0.5:
        words, options = [*words, "-", *variant], ""
    sku = chance.choice((None, f"{chance.randrange(10**6)}", item["sku"].replace("-", "")[:-1], "P-" + item["sku"][:8]))
    return {"title": " ".join(words), "options": options, "sku": sku}


def world(seed: int, listings: int, items: int) -> tuple[pl.DataFrame, pl.DataFrame, dict[int, str]]:
    """Listings, items, and the right item of those listings that have one."""
    chance = Random(seed)
    whole = catalogue(chance, items * 2)
    groups: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for item in whole:
        groups.setdefault((item["name"], item["material"], item["kind"]), []).append(item)
    kept: list[dict[str, str]] = []
    left: list[dict[str, str]] = []
    for group in groups.values():  # some products are missing as a whole, of some only a few variants
        fate = chance.random()
        for item in group:
            inside = fate < 0.45 or (fate < 0.6 and chance.random() < 0.5)
            (kept if inside else left).append(item)
    kept = kept[:items]
    sold = chance.sample(kept, min(listings // 2, len(kept)))
    strange = chance.sample(left, min(listings - len(sold), len(left)))
    rows = [as_a_shop_has_it(chance, item) for item in (*sold, *strange)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("title", "options", "sku"), pl.String)).with_row_index("n")
    sheet = pl.DataFrame(kept).select("sku", "title").unique("sku", maintain_order=True)
    return frame, sheet, {number: item["sku"] for number, item in enumerate(sold)}


def measured(found: pl.DataFrame, right: dict[int, str]) -> tuple[int, int, float, float]:
    """Offered, right, precision, recall."""
    good = sum(right.get(n) == sku for n, sku in found.select("n", "suggestion").iter_rows())
    return found.height, good, good / max(1, found.height), good / max(1, len(right))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listings", type=int, default=5000)
    parser.add_argument("--items", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    listings, items, right = world(chosen.seed, chosen.listings, chosen.items)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    found = alike.suggest(listings, items)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    offered, good, precision, recall = measured(found, right)
    print(f"{listings.height} unlinked listings x {items.height} items: {seconds:.2f} s, peak {peak / 1024:.0f} MB "
          f"({(peak - before) / 1024:.0f} MB more than before)")  # fmt: skip
    print(
        f"offered {offered}, right {good}: precision {precision:.4f}, recall {recall:.3f} of {len(right)} with an item"
    )


if __name__ == "__main__":
    main()
