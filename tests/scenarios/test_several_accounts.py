"""Several accounts of one platform; equal SKUs that are one item, and equal SKUs that are two (S3-19, S3-20, S3-25)."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import polars as pl

from agent.channels import find
from agent.channels.http import Ports
from agent.practice import shopee
from tests.scenarios.order_stage import OrderStage
from tests.scenarios.stage import SCENES, Stage, perform, scene


class TwoShopees(Stage):
    """A stage whose two shops are two accounts of one Shopee partner app, with the same numbers for their listings."""

    def _shop(self, name: str) -> Any:
        number = {"north": 7001, "south": 7002}[name]
        return shopee.Shop(
            clock=self.clock.now, rng=Random(name), name=f"{name} mugs", shop_id=number, sleep=self.clock.sleep
        )

    def _channel(self, name: str, place: str | None) -> Any:
        shop: Any = self.shops[name]
        granted = f"https://localhost/?code={shop.authorise()}&shop_id={shop.shop_id}"
        settings = {"partner_id": str(shop.partner_id), "partner_key": shop.partner_key, "granted": granted}
        return find("shopee").connect(name, settings, Ports(self.clock, self.rng, shopee.transport(shop)))


Story = Callable[[Any], Awaitable[None]]


def story(told: Story) -> Callable[[], None]:
    """Make a test of a story of the two accounts."""

    @functools.wraps(told)
    def test() -> None:
        perform(told, TwoShopees)

    del test.__wrapped__  # type: ignore[attr-defined]  # pytest would ask for the story's argument
    return test


def both(stage: Stage, sku: str = "MUG") -> tuple[int | None, int | None]:
    return stage.shows("north", sku), stage.shows("south", sku)


# --- one stock --------------------------------------------------------------------------------------------------------


@story
async def test_two_accounts_of_one_platform_sell_one_sku_out_of_one_stock_S3_20(stage: TwoShopees) -> None:
    stage.sells("MUG", north=10, south=10)
    assert stage.ids["north", "MUG"] == stage.ids["south", "MUG"], "the platform numbers each shop by itself"
    stage.types("MUG", stocked=10)
    await stage.goes_live()
    assert [stage.status(name)["Account"] for name in ("north", "south")] == ["north mugs", "south mugs"]
    shops: dict[str, Any] = dict(stage.shops)
    orders = {name: shops[name].sell(stage.ids[name, "MUG"], units) for name, units in (("north", 3), ("south", 2))}
    await stage.cycles(120, every=30)
    assert (both(stage), stage.levels("MUG")) == ((5, 5), (10, 5, 5, None)), "each order counted once"
    for name, order in orders.items():
        shops[name].arrange(order)
        shops[name].ship(order)
    await stage.cycles(120, every=30)
    assert (both(stage), stage.levels("MUG")[:3], stage.questions()) == ((5, 5), (5, 0, 5), [])


@story
async def test_access_that_ends_for_one_account_leaves_the_other_one_alone(stage: TwoShopees) -> None:
    stage.sells("MUG", north=10, south=10)
    stage.types("MUG", stocked=10)
    await stage.goes_live()
    south: Any = stage.shops["south"]
    south.unlink()
    await stage.cycles(120, every=30)
    stage.types("MUG", stocked=4)
    await stage.cycle()
    assert both(stage) == (4, 10)
    assert stage.status("south")["Trouble"] and not stage.status("north")["Trouble"]


@scene("account_twice")
async def test_one_account_under_two_names_is_read_and_pushed_once(stage: Stage) -> None:
    """As where the settings file was written by hand: each order would be counted twice."""
    stage.sells("MUG", north=10, south=10)
    stage.types("MUG", stocked=10)
    stage.shops["south"] = stage.shops["north"]
    await stage.restarts(south="https://north.example.com")
    await stage.cycle()
    for row in stage.questions():
        stage.sets("Attention", row.id, "Answer", "yes")
    stage.buys("north", "MUG", 3)
    await stage.cycles(60, every=20)
    assert stage.levels("MUG") == (10, 3, 7, None)
    assert stage.status("south")["Trouble"].startswith("south is the same account as north.")
    assert not stage.status("north")["Trouble"]


# --- the same SKU, another item ---------------------------------------------------------------------------------------


@scene()
async def test_a_shop_whose_skus_are_its_own_takes_nothing_of_the_others_items_S3_20(stage: Stage) -> None:
    stage.sells("1001", north=10)
    stage.ids["south", "1001"] = stage.shops["south"].add_simple("1001", "Blue candle", 4)
    stage.types("1001", stocked=10)
    stage.adds("Channels", Channel="south", Add_prefix="S-")
    await stage.goes_live()
    row = stage.imported("south", "1001")
    assert row is not None and row.why.startswith("The SKU S-1001 is not in Item Master.")
    stage.decides("Imports", "south", "1001", "new")
    await stage.cycle()
    await stage.cycle()
    for asked in stage.questions():
        stage.sets("Attention", asked.id, "Answer", "yes")
    await stage.cycle()
    stage.buys("south", "1001", 3)
    await stage.cycle()
    assert (stage.levels("1001")[2], stage.levels("S-1001")[2]) == (10, 1)
    assert (stage.shows("north", "1001"), stage.shows("south", "1001")) == (10, 1)


@scene()
async def test_other_skus_and_matches_name_the_item_of_a_shop_that_stands_apart(stage: Stage) -> None:
    for sku in ("1001", "1002", "1003"):
        stage.types(sku, stocked=10)
        stage.sells(sku, south=5)
    stage.types("CANDLE", stocked=6, other="S-1001")
    stage.types("s-1002", stocked=7)
    stage.types("BOWL", stocked=8)
    stage.adds("Matches", Channel="south", Listing="1003", SKU="BOWL")
    stage.adds("Channels", Channel="south", Add_prefix="S-")
    await stage.cycle()
    assert {sku: stage.listing("south", sku).target for sku in ("1001", "1002", "1003")} == {
        "1001": 6, "1002": 7, "1003": 8,
    }  # fmt: skip


async def pooled(stage: Stage) -> None:
    """Two shops sell 1001, and the seller says only then that they are two things."""
    stage.sells("1001", north=10, south=10)
    stage.types("1001", stocked=10)
    await stage.goes_live()
    stage.adds("Channels", Channel="south", Add_prefix="S-")
    await stage.cycle()


@scene("skus_apart")
async def test_what_was_linked_by_equal_skus_is_let_go_at_a_word_only_S3_20(stage: Stage) -> None:
    await pooled(stage)
    row = stage.row_about("mean other items")
    assert row.what == (
        "1 listing of south is linked by its SKU, but Channels says that the SKUs there mean other items "
        "(Add prefix S-): Item 1001 = 1001."
    )
    assert (row.bad, row.answers) == ("decide", "unlink / keep")
    stage.buys("north", "1001", 2)
    await stage.cycle()
    assert stage.shows("south", "1001") == 8, "until then it is as it was"
    stage.answers("unlink", "mean other items")
    await stage.cycle()
    assert stage.imported("south", "1001") is not None
    stage.buys("south", "1001", 1)
    await stage.cycle()
    assert (stage.levels("1001")[2], stage.shows("north", "1001")) == (8, 8)


@scene("skus_apart")
async def test_a_link_that_is_right_as_it_is_stays_and_is_not_asked_about_again(stage: Stage) -> None:
    await pooled(stage)
    stage.answers("keep", "mean other items")
    await stage.cycle()
    await stage.restarts()
    await stage.cycle()
    assert stage.listing("south", "1001").target == 10 and not stage.questions()


# --- letters of the shop's own ----------------------------------------------------------------------------------------


@scene("pattern_suffix", "affix_sku")
async def test_hundreds_of_skus_with_letters_more_are_linked_by_one_yes_S3_15(stage: Stage) -> None:
    skus = [f"MUG{number:03}" for number in range(200)]
    for sku in skus:
        stage.types(sku, stocked=5)
        stage.sells(f"{sku}-FBM", north=9)
    await stage.cycle()
    row = stage.imported("north", "MUG007-FBM")
    assert row is not None and (row.looks_like, row.score) == ("MUG007", 93)
    assert row.why == "The SKU MUG007-FBM is not in Item Master, but without -FBM it is MUG007."
    assert stage.book.results("Listings").is_empty(), "nothing is linked silently"
    stage.answers("yes", "200 SKUs of north that are not linked end in -FBM")
    await stage.cycle()
    assert stage.book.results("Listings").height == 200 and stage.shows("north", "MUG007-FBM") == 9
    stage.answers("yes", "first plan")
    await stage.cycle()
    assert {stage.shows("north", f"{sku}-FBM") for sku in skus} == {5}


@scene("pattern_prefix")
async def test_a_no_is_not_asked_again_and_a_row_of_ones_own_holds(stage: Stage) -> None:
    for number in range(6):
        stage.types(f"MUG{number}", stocked=5)
        stage.sells(f"amz_MUG{number}", north=9)
    stage.types("CUP", stocked=3)
    await stage.cycle()
    stage.decides("Imports", "north", "amz_MUG0", "CUP")
    stage.answers("no", "begin with amz_")
    await stage.cycle()
    await stage.cycle()
    assert stage.listing("north", "amz_MUG0").target == 3
    assert stage.book.results("Listings").height == 1 and not [row for row in stage.questions() if "amz_" in row.what]


def test_what_amazon_keeps_and_ships_is_shown_beside_the_item_and_never_pushed_S3_15() -> None:
    async def told(stage: OrderStage) -> None:
        for number in range(6):
            sku = f"MUG{number}"
            stage.types(sku, stocked=5)
            stage.front.shop.add_simple(f"{sku}-FBA", f"Item {sku}", None)
        await stage.cycle()
        row = stage.row_about("which the marketplace itself stores and ships")
        assert row.what.startswith("6 listings of north, which the marketplace itself stores and ships, have -FBA in")
        stage.answers("yes", "stores and ships")
        await stage.cycle()
        listed = stage.book.results("Listings").filter(pl.col("Channel") == "north")
        assert sorted(listed["SKU"]) == [f"MUG{number}" for number in range(6)]
        assert not stage.questions(), "there is nothing to push"
        stage.front.shop.sell("MUG1-FBA", 2)
        await stage.cycles(600, every=100)
        assert stage.levels("MUG1")[:3] == (5, 0, 5)

    assert "pattern_theirs" in perform(told, lambda loop: OrderStage(loop, "amazon")).seen  # type: ignore[arg-type]


SCENES.setdefault("pattern_theirs", []).append(
    test_what_amazon_keeps_and_ships_is_shown_beside_the_item_and_never_pushed_S3_15.__name__
)


def test_a_sale_in_another_country_of_the_account_comes_off_the_one_stock_it_has() -> None:
    """Amazon keeps one quantity a SKU for all countries of a region: the order explains what the home shop lost."""

    async def told(stage: OrderStage) -> None:
        stage.front.shop.also = ("CA",)
        await stage.opens("MUG")
        stage.front.shop.book_order([("MUG", 3)], country="CA")
        await stage.cycles(1600, every=400)
        assert (both(stage), stage.levels("MUG")) == ((7, 7), (10, 3, 7, None))
        assert not stage.questions()

    perform(told, lambda loop: OrderStage(loop, "amazon"))  # type: ignore[arg-type]
