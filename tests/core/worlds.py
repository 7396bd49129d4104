"""Small worlds for the tests of the rules: frames from a few words, and random ones from a seed."""

from __future__ import annotations

import random
from datetime import date

import polars as pl

from agent.core.last_units import DELAYS, SOLD
from agent.core.rules import CAPS, KEPT, LIMITS, Known
from agent.core.scopes import EFFECTIVE
from agent.frames import CHANNELS, ITEMS, LISTING_PARTS, RULES, STOCK, TAGS, frame

TODAY = date(2026, 11, 22)
DAY = (TODAY - date(1970, 1, 1)).days


def item(sku: str, **cells: object) -> dict[str, object]:
    """A row of ITEMS; tracked and active unless said otherwise."""
    return {"sku": sku, "tracked": True, "active": True, "bundle": False, "feed": None, "frozen": None} | cells


def rules(*cells: dict[str, object]) -> pl.DataFrame:
    """RULES: each cell is a scope, a setting and `value`, `text` or `none`."""
    return frame([{"row": row, "none": False} | cell for row, cell in enumerate(cells, start=2)], RULES)


def tags(**of: str) -> pl.DataFrame:
    """TAGS: `tags(X="red blue")`."""
    return frame([(sku, tag) for sku, names in of.items() for tag in names.split()], TAGS)


def known(
    parts: list[tuple[object, ...]],
    stock: dict[str, tuple[int | None, int, int]],
    *,
    items: list[dict[str, object]] | None = None,
    settings: dict[tuple[str, str], dict[str, object]] | None = None,
    kept: list[tuple[object, ...]] | None = None,
    channels: list[dict[str, object]] | None = None,
    limits: dict[str, int | None] | None = None,
    sold: list[tuple[object, ...]] | None = None,
    delays: list[tuple[object, ...]] | None = None,
) -> Known:
    """What `targets` takes.

    `parts`: channel, listing, sku, part, units. `stock`: sku -> stocked, allocated, missing. `settings`: (channel,
    listing) -> the settings in force. `sold`: part, hour, day, week. `delays`: channel, known, shown.
    """
    rows = [(sku, s, a, None if s is None else s - a, m) for sku, (s, a, m) in stock.items()]
    named = sorted({str(row[0]) for row in parts})
    in_force = [
        {"channel": channel, "listing": listing} | (settings or {}).get((channel, listing), {})
        for channel, listing in dict.fromkeys((str(row[0]), str(row[1])) for row in parts)
    ]
    return {
        "parts": frame(parts, LISTING_PARTS),
        "stock": frame(rows, STOCK),
        "items": frame(items if items is not None else [item(sku) for sku in stock], ITEMS),
        "effective": pl.DataFrame(in_force, schema=EFFECTIVE, orient="row"),
        "kept": pl.DataFrame(kept or [], schema=KEPT, orient="row"),
        "channels": frame(
            channels or [{"channel": name, "mode": "All", "go_live": True, "priority": None} for name in named],
            CHANNELS,
        ),
        "limits": pl.DataFrame(list((limits or {}).items()), schema=LIMITS, orient="row"),
        "sold": pl.DataFrame(sold or [], schema=SOLD, orient="row"),
        "delays": pl.DataFrame(delays or [], schema=DELAYS, orient="row"),
        "today": TODAY,
    }


def random_settings(chance: random.Random) -> dict[str, object]:
    """The rules of one listing: mostly a few, sometimes none."""
    every: dict[str, object] = {
        "percent": chance.choice([0, 1_000, 3_333, 5_000, 6_667, 8_000, 8_750, 9_999, 10_000]),
        "rounding": chance.choice(["down", "nearest", "up"]),
        "fixed": chance.randint(0, 9),
        "reserve": chance.randint(0, 6),
        "maximum": chance.randint(0, 30),
        "minimum": chance.randint(0, 8),
        "out_at": chance.randint(0, 4),
        "last_units": chance.choice(["share", "one channel", "auto"]),
        "sync": chance.choice(["yes", "no"]),
        "freeze_at": chance.randint(0, 9),
        "until": DAY + chance.randint(-2, 2),
    }
    rare = {"out_at": 0.15, "freeze_at": 0.15, "sync": 0.1, "minimum": 0.3}
    return {name: value for name, value in every.items() if chance.random() < rare.get(name, 0.4)}


def random_caps(seed: int, world: Known) -> pl.DataFrame:
    """CAPS: some of the listings are frozen in Control, or held at 0."""
    chance = random.Random(f"{seed}/caps")
    rows: list[tuple[object, ...]] = []
    for channel, listing in world["parts"].select("channel", "listing").unique(maintain_order=True).rows():
        if chance.random() < 0.15:
            most = chance.choice([0, 0, 1, 4, 12])
            words = (
                f"frozen at {most} in Control until 2026-12-2{chance.randint(0, 9)} 14:30"
                if most
                else "to 0 in Control"
            )
            rows.append((channel, listing, most, words))
    return pl.DataFrame(rows, schema=CAPS, orient="row")


def random_known(seed: int, listings: int) -> Known:
    """A world with packs, bundles, blanks, untracked, inactive and vanished items, and shops that are behind."""
    chance = random.Random(seed)
    skus = [f"SKU-{number}" for number in range(max(4, listings // 3))]
    channels = ["etsy", "shop", "web 2"]
    stock: dict[str, tuple[int | None, int, int]] = {
        sku: (chance.randint(0, 60) if chance.random() < 0.93 else None, chance.choice([0, 0, 1, 3, 9]),
              chance.choice([0, 0, 0, 0, 1, 2]))
        for sku in skus
    }  # fmt: skip
    items = [
        item(sku, tracked=chance.random() < 0.9, active=chance.random() < 0.95,
             frozen=chance.choice([None] * 9 + ["sku_duplicate"]))
        for sku in skus if chance.random() < 0.98
    ]  # fmt: skip
    parts: list[tuple[object, ...]] = []
    settings = {}
    for number in range(listings):
        channel, sku = chance.choice(channels), chance.choice(skus)
        several = chance.random() < 0.15
        of = chance.sample(skus, chance.randint(1, 3)) if several else [sku]
        parts.extend((channel, f"{number}", sku, part, chance.choice([1, 1, 1, 2, 6])) for part in of)
        settings[channel, f"{number}"] = random_settings(chance)
    kept = [
        (chance.choice(channels), sku, chance.randint(0, 9), f"{shop} (not read since Mon 09:1{chance.randint(0, 9)})")
        for sku in skus for shop in ("Etsy", "eBay = 2") if chance.random() < 0.2
    ]  # fmt: skip
    live = [
        {"channel": name, "mode": chance.choice(["All", "All", "Off"]), "go_live": chance.random() < 0.8,
         "priority": chance.choice([None, 1, 2])}
        for name in channels
    ]  # fmt: skip
    limits = {"shop": 25, "etsy": None}
    sold: list[tuple[object, ...]] = []
    for sku in skus:
        hour = chance.choice([0, 0, 1, 3, 9])
        day = hour + chance.choice([0, 2, 40])
        sold.append((sku, hour, day, day + chance.choice([0, 500])))
    delays: list[tuple[object, ...]] = [
        (name, chance.choice([15, 130, 900]), chance.choice([5, 60])) for name in channels
    ]
    return known(
        parts, stock, items=items, settings=settings, kept=kept, channels=live, limits=limits, sold=sold[1:],
        delays=delays,
    )  # fmt: skip
