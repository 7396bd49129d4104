"""How each platform names what the world does to its shop: its faults, its campaigns, what it is slow at by nature.

What is slow is drawn anew before each push, so that values overtake each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

FEED_AFTER = 2400.0
"""Seconds that Amazon takes for a feed on a bad day."""
SIZES = ("S", "M", "L")


def _itself(_: Any, key: Any) -> Any:
    return key


def _first(_: Any, key: Any) -> int:
    """The item of `34001-77`, the listing of `1001#7` or `1100/0`."""
    return int(re.split("[-#/]", str(key))[0])


def _last(_: Any, key: Any) -> int:
    return int(str(key).rpartition("-")[2])


def _at_once(faults: Any, rng: Random) -> None:
    """What is accepted stands."""


def _amazon(faults: Any, rng: Random) -> None:
    """Most of what is accepted stands at once or within a minute, some of it only after many."""
    faults.apply_after = rng.choice((0.0, 0.0, rng.uniform(1, 60), rng.uniform(60, 1500)))
    faults.feed_seconds = rng.choice((8.0, rng.uniform(20, 300), FEED_AFTER))


def _takealot(faults: Any, rng: Random) -> None:
    """A batch takes seconds or many minutes, and now and then ends without a word."""
    faults.batch_seconds = rng.choice((1.0, rng.uniform(1, 60), rng.uniform(60, 1500)))
    faults.batch_fails = rng.random() < 0.05


Sizes = Sequence[tuple[str, int]]
"""(SKU, quantity) of each size."""


def _one_product(shop: Any, name: str, sizes: Sizes) -> list[Any]:
    """All sizes on one page of the shop; the keys of each."""
    told = [{"sku": sku, "options": {"Size": sku[-1]}, "quantity": units} for sku, units in sizes]
    made: Any = shop.add_product(name, told)
    return list(made[1] if isinstance(made, tuple) else made)


def _each_by_itself(shop: Any, name: str, sizes: Sizes) -> list[Any]:
    return [shop.add_simple(sku, f"{name} {sku[-1]}", units) for sku, units in sizes]


@dataclass(frozen=True)
class Manners:
    """None: there is no such fault, or nothing that locks units."""

    throttle: str | None = None
    wait: str | None = None
    page: str | None = None
    expired: str | None = None
    refuses: str | None = None
    eats: str | None = None
    refused: Callable[[Any, Any], Any] = _itself
    """Shop, key of a listing -> by what `refuses` goes."""
    eaten: Callable[[Any, Any], Any] = _itself
    slow: Callable[[Any, Random], None] = _at_once
    locks: Callable[[Any, Any, int, float], Any] | None = None
    """Shop, key, units, seconds -> what has an `ends`: the seller takes part in a campaign."""
    family: Callable[[Any, str, Sizes], list[Any]] = _one_product


MANNERS = {
    "shopee": Manners(
        "too_many", "retry_after", "html_403", "expired_token", "reject_items", "eat_writes", _first, _first,
        locks=lambda shop, key, units, lasts: shop.campaign(key, units, lasts=lasts),
    ),
    "lazada": Manners(
        "too_many", "ban", "html_403", "expired_token", "reject_skus", "eat_writes", _last, _last,
        locks=lambda shop, key, units, lasts: shop.campaign(key, units, lasts=lasts),
    ),
    "tiktok": Manners(
        "too_many", "retry_after", "html_403", "expired_token", "reject_products", "eat_writes",
        lambda shop, key: shop.skus[key].product.id,
        locks=lambda shop, key, units, lasts: shop.allocate(key, units, lasts=lasts),
    ),
    "takealot": Manners(
        "throttle", "retry_after", "challenge", None, "reject_offers", "eat_writes", slow=_takealot,
        family=_each_by_itself,
    ),
    "amazon": Manners(
        "too_many", "retry_after", "html_403", "expired_token", "reject_skus", "eat_writes", slow=_amazon,
        family=_each_by_itself,
    ),
    "ebay": Manners("throttle", "retry_after", None, "expired_token", "reject", "eat_writes", _first, _first),
    "etsy": Manners(
        "too_many", "retry_after", "html_403", "expired_token", "reject_listings", "eat_writes", _first, _first
    ),
    "shopify": Manners(
        "too_many", "retry_after", "html_page", "expired_token", "reject_items", "eat_writes",
        lambda shop, key: shop.variants[key].inventory_item.id, lambda shop, key: shop.variants[key].inventory_item.id,
    ),
}  # fmt: skip
"""Platform -> its manners: the platforms that a world can have."""
