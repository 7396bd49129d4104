"""Which listings stand for a whole shop (S2-4, S2-17)."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from agent.core import sample
from agent.frames import LISTINGS, frame

CASES = ("single", "variant", "no SKU", "zero", "inactive")


def listing(number: int, case: str, channel: str = "north") -> dict[str, object]:
    """A made-up listing of a kind; variants come in pairs of one product."""
    return {
        **dict.fromkeys(LISTINGS), "channel": channel, "listing": str(number), "title": f"Title {number}",
        "product": f"p{number // 2}" if case == "variant" else f"s{number}",
        "sku": None if case == "no SKU" else f"SKU-{number}", "quantity": 0 if case == "zero" else number + 1,
        "status": "inactive" if case == "inactive" else "active", "managed": True,
    }  # fmt: skip


def shop(*cases: str, channel: str = "north") -> pl.DataFrame:
    return frame([listing(n, case, channel) for n, case in enumerate(cases)], LISTINGS)


NOBODY = pl.DataFrame(schema={"channel": pl.String, "listing": pl.String})


def test_one_of_each_kind_is_chosen() -> None:
    listings = shop("variant", "variant", "single", "single", "no SKU", "zero", "inactive", "zero", "no SKU")
    chosen = sample.choose(listings, NOBODY)
    assert chosen.select("listing", "kind").rows() == [
        ("2", "single"), ("0", "variant"), ("4", "no SKU"), ("5", "zero"), ("6", "inactive"),
    ]  # fmt: skip


def test_a_linked_one_goes_before_an_unlinked_one() -> None:
    linked = pl.DataFrame({"channel": ["north"], "listing": ["2"]})
    assert sample.choose(shop("single", "single", "single"), linked)["listing"].to_list() == ["2"]


def test_each_shop_has_its_own() -> None:
    both = pl.concat([shop("single", "zero"), shop("single", channel="south")])
    assert sample.choose(both, NOBODY).select("channel", "kind").rows() == [
        ("north", "single"), ("north", "zero"), ("south", "single"),
    ]  # fmt: skip


@given(st.lists(st.sampled_from(CASES), max_size=30))
def test_no_listing_twice_no_kind_twice_and_no_kind_forgotten(cases: list[str]) -> None:
    chosen = sample.choose(shop(*cases), NOBODY)
    assert chosen["listing"].n_unique() == chosen["kind"].n_unique() == chosen.height
    kinds = set(chosen["kind"])
    assert {"no SKU", "zero", "inactive"} & set(cases) <= kinds
    assert bool(cases) == bool(kinds)


def test_named_ones_are_found_by_the_item_and_by_the_shops_own_sku() -> None:
    parts = pl.DataFrame({"channel": ["north"], "listing": ["1"], "sku": ["SET"], "part": ["MUG"]})
    listings = shop("single", "single", "single")
    assert sample.named(listings, parts, ["mug"])["listing"].to_list() == ["1"]
    assert sample.named(listings, parts, ["Set", " sku-2"])["listing"].to_list() == ["1", "2"]
    assert sample.named(listings, parts, ["CUP"]).is_empty()
