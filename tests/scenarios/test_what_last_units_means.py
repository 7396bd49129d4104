"""*Last units* auto: the last ones go to one shop while a sale elsewhere gets known too late (reliability.md 4.5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from agent.workbooks.tabs import CHANNELS
from tests.scenarios.stage import Listing, Stage, scene


async def sells_out(
    stage: Stage, lag: float, *, ranked: bool = True, before: Callable[[], Awaitable[None]] | None = None
) -> None:
    """A sells eight times within minutes, to its last units; the south's orders can be read `lag` seconds late."""
    south = stage.agent.channels["south"]
    south.can = replace(south.can, lag=lag)
    stage.sells("A", north=1, south=1)
    stage.types("A", stocked=10)
    stage.adds("Rules", SKU="A", Last_units="auto")
    if ranked:
        stage.adds("Channels", Channel="south", Priority=1)
    await stage.goes_live()
    if before is not None:
        await before()
    for shop in ("north", "south") * 4:
        stage.buys(shop, "A", 1)
        await stage.waits(60)
        await stage.cycle()


@scene()
async def test_the_last_units_go_to_one_shop_while_a_sale_there_is_known_late(stage: Stage) -> None:
    await sells_out(stage, lag=120)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (0, 2)
    counted = "10 stocked - 8 allocated = 2"
    last = "the last 2 are for south (8 sold in one hour, known everywhere after 135 s)"
    assert stage.listing("north", "A") == Listing("in sync", 0, f"{counted} -> {last} = 0", 0)
    assert stage.listing("south", "A") == Listing("in sync", 2, counted, 2)


@scene()
async def test_they_are_shared_where_every_sale_is_known_within_seconds(stage: Stage) -> None:
    await sells_out(stage, lag=2)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (2, 2)


@scene()
async def test_they_are_shared_again_when_it_no_longer_sells_so_fast(stage: Stage) -> None:
    await sells_out(stage, lag=120)
    await stage.cycles(2 * 3600, every=600)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (2, 2)


@scene()
async def test_a_measured_delay_counts_like_a_declared_one(stage: Stage) -> None:
    """The platform declares two seconds, and the south's last orders could not be read for two minutes."""
    stage.sells("B", south=1)
    stage.types("B", stocked=50)

    async def late_orders() -> None:
        stage.shops["south"].faults.order_visible_after = 120
        for _ in range(22):
            stage.buys("south", "B", 1)
        await stage.cycles(140, every=20)
        stage.shops["south"].faults.order_visible_after = 0

    await sells_out(stage, lag=2, before=late_orders)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (0, 2)


@scene("last_unranked")
async def test_a_shop_that_gets_the_last_units_only_by_its_name_is_named(stage: Stage) -> None:
    await sells_out(stage, lag=120, ranked=False)
    row = stage.row_about("Last units")
    assert row.what == (
        "Last units (auto) keeps the last units for one shop, and no Priority says for which: north gets them for now."
    )
    assert row.todo == "Type 1 in Priority of the shop that is to have them, in the tab Channels."
    stage.adds(CHANNELS.name, Channel="south", Priority=1)
    await stage.cycles(30, every=10)
    assert not any("no Priority" in each.what for each in stage.attention())
