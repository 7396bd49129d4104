"""Units that leave the shelf for a marketplace's own warehouse, told by its shipments: Amazon FBA (S3-12, S3-13).

Takealot's, which its own count of the seller's stock shows, stand in test_takealot_stories.py.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any

import polars as pl

from tests.scenarios.order_stage import OrderStage
from tests.scenarios.stage import SCENES, Attention, perform

KIND = "units_sent_in"
Story = Callable[[OrderStage], Awaitable[None]]


def story(told: Story) -> Callable[[], None]:
    """Make a test of a story with an Amazon in the north."""
    SCENES.setdefault(KIND, []).append(told.__name__)

    @functools.wraps(told)
    def test() -> None:
        perform(told, lambda loop: OrderStage(loop, "amazon"))  # type: ignore[arg-type]

    del test.__wrapped__  # type: ignore[attr-defined]  # pytest would ask for the story's argument
    return test


async def opens(stage: OrderStage) -> Any:
    """Ten mugs on the shelf, for sale in both shops; their twin that Amazon keeps is linked, too. Gives the shop."""
    stage.front.shop.add_simple("MUG-FBA", "Item MUG", None)
    stage.front.shop.offers["MUG-FBA"].on_the_way = 7  # sent before anybody looked: history
    stage.adds("Matches", Channel="north", Listing="MUG-FBA", SKU="MUG")
    await stage.opens("MUG")
    return stage.front.shop


def asked(stage: OrderStage) -> list[Attention]:
    return [row for row in stage.questions() if "own stock" in row.what]


def shown(stage: OrderStage) -> tuple[int | None, int | None]:
    return stage.shows("north", "MUG"), stage.shows("south", "MUG")


@story
async def test_what_was_sent_to_amazon_is_proposed_as_a_transfer_and_counted_once_S3_12(stage: OrderStage) -> None:
    shop = await opens(stage)
    shop.ship_to_amazon("MUG-FBA", 4)
    await stage.cycles(1000, every=500)
    (row,) = asked(stage)
    assert row.what.startswith("4 units set out for the marketplace's own stock in north, seen ")
    assert row.what.endswith(": 4 x MUG. In Stocked they still count as yours.")
    assert (row.bad, row.answers, shown(stage)) == ("decide", "transfer / no", (10, 10))
    stage.answers("transfer", "own stock")
    await stage.cycle()
    assert (stage.levels("MUG")[:3], stage.stocked("MUG"), shown(stage)) == ((6, 0, 6), 6, (6, 6))
    moved = stage.book.results("Movements").filter(pl.col("Units") == -4)
    assert "gone from north, sent there for its own stock, as answered" in moved["Because"].to_list()
    shop.unpack("MUG-FBA", 6)
    await stage.restarts()
    await stage.cycles(1000, every=500)
    assert (asked(stage), stage.levels("MUG")[:3], shown(stage)) == ([], (6, 0, 6), (6, 6)), "it only arrives"


@story
async def test_what_came_from_elsewhere_changes_nothing_and_the_next_one_is_asked_about_S3_13(
    stage: OrderStage,
) -> None:
    shop = await opens(stage)
    shop.ship_to_amazon("MUG-FBA", 40)
    await stage.cycles(1000, every=500)
    stage.answers("no", "own stock")
    await stage.cycles(1000, every=500)
    assert (asked(stage), stage.levels("MUG")[:3], shown(stage)) == ([], (10, 0, 10), (10, 10))
    shop.ship_to_amazon("MUG-FBA", 2)
    await stage.cycles(1000, every=500)
    assert asked(stage)[0].what.startswith("2 units set out")


@story
async def test_what_the_workbook_says_already_is_not_asked_about(stage: OrderStage) -> None:
    shop = await opens(stage)
    stage.types("MUG", stocked=6)
    await stage.cycle()
    shop.ship_to_amazon("MUG-FBA", 4)
    await stage.cycles(1000, every=500)
    assert (asked(stage), stage.levels("MUG")[:3], shown(stage)) == ([], (6, 0, 6), (6, 6))


@story
async def test_a_transfer_that_is_typed_into_stocked_with_the_answer_counts_once(stage: OrderStage) -> None:
    shop = await opens(stage)
    shop.ship_to_amazon("MUG-FBA", 4)
    await stage.cycles(1000, every=500)
    stage.answers("transfer", "own stock")
    stage.types("MUG", stocked=6)
    await stage.cycle()
    await stage.cycle()
    assert (stage.levels("MUG")[:3], stage.stocked("MUG"), shown(stage)) == ((6, 0, 6), 6, (6, 6))


@story
async def test_a_transfer_that_is_typed_into_stocked_after_the_answer_counts_once(stage: OrderStage) -> None:
    """The book was open meanwhile: its cell still says 10."""
    shop = await opens(stage)
    shop.ship_to_amazon("MUG-FBA", 4)
    await stage.cycles(1000, every=500)
    stage.answers("transfer", "own stock")
    stage.saves()
    stage.book.open_by_person()
    await stage.cycle()
    assert (shown(stage), stage.stocked("MUG")) == ((6, 6), 10)
    stage.types("MUG", stocked=6)
    await stage.cycle()
    stage.book.close_by_person()
    await stage.cycle()
    assert (stage.levels("MUG")[:3], stage.stocked("MUG"), shown(stage)) == ((6, 0, 6), 6, (6, 6))
