"""From listings back to their items: what is odd, and what only looks so (S2-27)."""

from __future__ import annotations

import polars as pl

from agent.core.reverse import compared, two_items, unlike
from agent.frames import ITEMS, LINKS, LISTINGS, frame

KINDS = ("Enamel mug", "Wool blanket", "Olive soap", "Desk lamp", "Steel bottle", "Linen towel", "Green tea",
         "Honey jar", "Leather notebook", "Canvas backpack", "Silk scarf")  # fmt: skip


def odd(there: list[str | None], ours: list[str | None]) -> list[str]:
    """The listings (by number) whose link looks odd."""
    numbers = range(len(there))
    links = frame([("shop", str(n), f"S{n}", 1, "exact") for n in numbers], LINKS)
    rows = [{"channel": "shop", "listing": str(n), "title": title} for n, title in zip(numbers, there, strict=True)]
    listings = frame([{name: row.get(name) for name in LISTINGS} for row in rows], LISTINGS)
    own = [{"sku": f"S{n}", "title": title} for n, title in zip(numbers, ours, strict=True)]
    items = frame([{name: row.get(name) for name in ITEMS} for row in own], ITEMS)
    return unlike(compared(links, listings, items))["listing"].to_list()


def test_a_link_to_quite_another_title_stands_out_among_likely_ones() -> None:
    assert odd([*KINDS, "Garden gnome"], [*KINDS, "Oxford shirt navy"]) == ["11"]


def test_where_titles_are_never_alike_they_tell_nothing() -> None:
    assert odd([*KINDS], [*KINDS[5:], *KINDS[:5]]) == []


def test_few_links_tell_nothing_and_codes_or_blanks_are_no_titles() -> None:
    assert odd(["Wool blanket", "Garden gnome"], ["Wool blanket", "Oxford shirt"]) == []
    assert odd([*KINDS, "A-77", None, "Lamp"], [*KINDS, "Oxford shirt", "Oxford shirt", "Oxford shirt"]) == []


def test_several_items_of_one_unit_each_are_a_bundle_or_a_slip() -> None:
    rows = [("a", "1", "MUG", 1, "matches"), ("a", "1", "BOX", 1, "matches"), ("a", "2", "MUG", 1, "matches"),
            ("a", "3", "MUG", 1, "matches"), ("a", "3", "BOX", 2, "matches")]  # fmt: skip
    assert two_items(frame(rows, LINKS)).rows() == [("a", "1", "BOX + MUG")]
    assert two_items(frame([], LINKS).with_columns(pl.lit("exact").alias("how"))).is_empty()
