"""A stocked shop to practise on, and the command that keeps its folder."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from pathlib import Path

from agent.ports import SystemClock
from agent.practice.files.shop import IMPORTS, Shop
from agent.practice.goods import in_sizes, named


def stock(shop: Shop, items: int) -> Shop:
    """About so many products: most of one variant, some of three, some that are not counted."""
    while len(shop.products) < items:
        number = len(shop.products) + 1
        (title, sku), chance = named(shop.rng, number), shop.rng.random()
        if chance < 0.1:
            shop.add_product(title, [(one, f"Size: {size}", units) for one, size, units in in_sizes(shop.rng, sku)])
        else:
            shop.add_simple(sku, title, None if chance < 0.15 else shop.rng.randint(0, 40))
    return shop


def main(arguments: list[str]) -> int:
    """`python -m agent.practice files --folder PATH`: exports and imports each few seconds, and sells a little."""
    parser = argparse.ArgumentParser(
        prog="python -m agent.practice files",
        description="A shop that exports into a folder and imports from it, to practise on.",
    )
    parser.add_argument("--folder", type=Path, required=True, help="the folder of its files")
    parser.add_argument("--items", type=int, default=60, help="how many things it sells")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same shop")
    parser.add_argument("--every", type=float, default=20.0, help="seconds between two exports")
    parser.add_argument("--once", action="store_true", help="export once, and end")
    chosen = parser.parse_args(arguments)
    shop = Shop(clock=SystemClock().now, rng=random.Random(chosen.seed), folder=chosen.folder)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    (chosen.folder / IMPORTS).mkdir(exist_ok=True)
    stock(shop, chosen.items).turn()
    sys.stdout.write(f"{shop.name} exports {len(shop.products)} products into {chosen.folder}.\n")
    sys.stdout.write("Connect: stocksheet connect files\n")
    try:
        if not chosen.once:
            asyncio.run(_stay_open(shop, chosen.every))
    except KeyboardInterrupt:
        sys.stdout.write("\nClosed.\n")
    return 0


async def _stay_open(shop: Shop, every: float) -> None:
    clock = SystemClock()
    while True:
        await clock.sleep(every)
        _sell_something(shop)
        shop.turn()


def _sell_something(shop: Shop) -> None:
    some = [each.id for each in shop.products.values() if each.quantity]
    if some and (order := shop.sell(shop.rng.choice(some), 1)) is not None:
        sys.stdout.write(f"Sold: order {order}.\n")
        sys.stdout.flush()
