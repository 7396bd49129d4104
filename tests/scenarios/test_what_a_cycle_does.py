"""Rows 3 to 12 of the decision table: lowering, raising with proof, waiting, and shops that do not as they are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from agent.channels.base import ListingsRead, OrdersRead
from agent.cycle import cycle
from agent.practice.woocommerce import Request, Response
from agent.words import say, short
from tests.scenarios.stage import Listing, Stage, perform, scene
from tests.scenarios.test_what_parks_a_listing import live


def breaks_after(stage: Stage, shop: str, *words: str, **faults: object) -> None:
    """Once requests with these words on their addresses were answered, in this order, the shop has these faults."""
    waiting = list(words)

    def exchanged(request: Request, _: Response) -> None:
        if waiting and waiting[0] in f"{request.method} {request.path} {request.query}":
            waiting.pop(0)
            for name, fault in faults.items() if not waiting else ():
                setattr(stage.shops[shop].faults, name, fault)

    stage.shops[shop].on_exchange = exchanged


class LatePlatform:
    """A platform that only takes quantities and applies them later; or one whose listings cannot be read back, or its
    orders."""

    def __init__(self, channel: Any, **can: Any) -> None:
        self._channel = channel
        self.name = channel.name
        self.can = replace(channel.can, **can)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    async def listings(self, *args: Any, **kwargs: Any) -> ListingsRead:
        read: ListingsRead = await self._channel.listings(*args, **kwargs)
        blind = read.frame.with_columns(quantity=pl.lit(None, pl.Int64))
        return read if self.can.read == "yes" else replace(read, frame=blind)

    async def orders(self, *args: Any, **kwargs: Any) -> OrdersRead:
        read: OrdersRead = await self._channel.orders(*args, **kwargs)
        return read if self.can.orders == "yes" else replace(read, frame=read.frame.clear(), emptied=())

    async def push(self, changes: pl.DataFrame, lane: str) -> pl.DataFrame:
        results = await self._channel.push(changes, lane)
        outcome = pl.lit("sent" if self.can.applies == "later" else "accepted")
        nothing = {"outcome": outcome, "quantity_after": pl.lit(None, pl.Int64), "message": pl.lit(None, pl.String)}
        return results.with_columns(**nothing)


def becomes(stage: Stage, shop: str, **can: Any) -> None:
    """The shop behaves like another kind of platform."""
    channels = dict(stage.agent.channels)
    channels[shop] = LatePlatform(channels[shop], **can)
    stage.agent.channels = channels


@scene("lower", "in_sync")
async def test_a_sale_lowers_the_other_shop_at_once_and_is_confirmed(stage: Stage) -> None:
    """Two are sold in the north; the south is lowered without being read first."""
    await live(stage)
    stage.buys("north", "A", 2)
    await stage.cycle()
    assert stage.steps("south", "A") == ["lower", "in_sync"]
    assert stage.listing("south", "A") == Listing("in sync", 18, "20 stocked - 2 allocated = 18", 18)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (18, 18)
    assert stage.levels("A") == (20, 2, 18, None)
    assert stage.attention() == []


@scene("lower")
async def test_a_plan_that_is_only_looked_at_says_what_would_be_lowered(stage: Stage) -> None:
    """`stocksheet plan` looks and decides, and sends nothing."""
    await live(stage)
    stage.buys("north", "A", 2)
    await stage.cycle(push=False)
    assert stage.listing("south", "A") == Listing("being lowered", 18, "20 stocked - 2 allocated = 18", 20)
    assert stage.shows("south", "A") == 20


@scene("read_first", "raise", "in_sync")
async def test_a_raise_is_read_afresh_first(stage: Stage) -> None:
    """30 instead of 20 are typed: the shops are read once more, raised, and confirm it."""
    await live(stage)
    stage.types("A", stocked=30)
    await stage.cycle(push=False)
    assert stage.listing("north", "A") == Listing("reading", 30, "30 stocked - 0 allocated = 30", 20)
    await stage.cycle()
    assert stage.steps("north", "A") == ["read_first", "raise", "in_sync"]
    assert stage.listing("north", "A") == Listing("in sync", 30, "30 stocked - 0 allocated = 30", 30)
    assert (short("raise"), say("raise", {"shows": 20, "target": 30}).what) == (
        "being raised",
        "Being raised from 20 to 30.",
    )


@scene("channel_out")
async def test_a_shop_that_is_down_waits_and_the_other_one_goes_on(stage: Stage) -> None:
    """The south is down while the north sells: the south keeps its number, and its status says what is at risk."""
    await live(stage)
    stage.shops["south"].faults.down = True
    stage.buys("north", "A", 2)
    await stage.cycle()
    assert stage.listing("south", "A") == Listing("shop cannot be reached", 18, "20 stocked - 2 allocated = 18", 20)
    assert stage.shows("south", "A") == 20
    stage.shops["south"].faults.down = False
    await stage.cycles(120)
    assert stage.listing("south", "A") == Listing("in sync", 18, "20 stocked - 2 allocated = 18", 18)
    assert stage.attention() == []


@scene("channel_out")
async def test_a_fresh_read_that_fails_raises_nothing(stage: Stage) -> None:
    """The shop answers the look and goes down before the read that a raise must rest on."""
    await live(stage)
    stage.types("A", stocked=30)
    breaks_after(stage, "north", "products", down=True)
    await stage.cycle()
    assert stage.steps("north", "A") == ["read_first", "channel_out"]
    assert stage.listing("north", "A") == Listing("shop cannot be reached", 30, "30 stocked - 0 allocated = 30", 20)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (20, 30)


@scene("shop_refuses")
async def test_a_shop_that_does_not_take_a_quantity_is_named_and_tried_again_after_an_hour(stage: Stage) -> None:
    """The shop answers 200 and shows its old number: it is said in one row, and not tried again each ten seconds."""
    await live(stage)
    stage.shops["north"].faults.eat_writes.add(stage.ids["north", "A"])
    stage.types("A", stocked=30)
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("refused by the shop", 30, "30 stocked - 0 allocated = 30", 20)
    told = stage.row_about("refuses")
    assert (told.bad, told.answers) == ("stop", None)
    assert told.what == (
        "north refuses the quantity 30 for this listing of A: The shop shows 20 after it was asked for 30."
    )
    assert told.todo == (
        "Open the listing in the shop and look what stands in the way. It is tried again each hour, and when the "
        "target changes."
    )
    stage.shops["north"].faults.eat_writes.clear()
    await stage.cycle()
    assert stage.shows("north", "A") == 20
    await stage.cycles(3600, every=900)
    assert (stage.shows("north", "A"), stage.attention()) == (30, [])


@scene("shop_keeps")
async def test_a_platform_that_takes_a_quantity_and_keeps_its_own_is_named(stage: Stage) -> None:
    """The platform says `taken`; when it can no longer be late, its listing still shows the old number."""
    await live(stage)
    becomes(stage, "north", applies="later", apply_limit=60.0)
    stage.shops["north"].faults.eat_writes.add(stage.ids["north", "A"])
    stage.types("A", stocked=30)
    await stage.cycle()
    await stage.cycles(120, every=30)
    assert stage.listing("north", "A") == Listing("the shop keeps its number", 30, "30 stocked - 0 allocated = 30", 20)
    told = stage.row_about("keeps")
    assert told.bad == "stop"
    assert told.what == "north keeps 20, its own number for this listing of A, although it took ours, 30."


@scene("in_flight")
async def test_a_push_that_takes_long_is_waited_for_and_not_sent_twice(stage: Stage) -> None:
    """The host takes most of a minute for its answer: the quantity is on its way, and nothing more is sent."""
    await live(stage)
    stage.agent.patience = 5.0
    stage.types("A", stocked=30)
    breaks_after(stage, "north", "'include'", "orders", slow=50.0)
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("sent, waiting for the shop", 30, "30 stocked - 0 allocated = 30", 20)
    assert stage.log("north")[0] == (20, 30, "on its way")
    stage.shops["north"].faults.slow = 0
    await stage.cycle()
    assert stage.steps("north", "A") == ["in_flight"]
    await stage.cycles(60)
    assert stage.listing("north", "A") == Listing("in sync", 30, "30 stocked - 0 allocated = 30", 30)
    assert stage.log("north") == [(20, 30, "confirmed"), (5, 20, "confirmed")]


@scene("sent_equal")
async def test_a_platform_that_cannot_be_read_is_never_called_in_sync_I14(stage: Stage) -> None:
    """The platform takes the quantity and cannot be asked what it shows."""
    stage.sells("A", north=5, south=5)
    stage.types("A", stocked=20)
    becomes(stage, "north", read="no")
    await stage.goes_live()
    stage.types("A", stocked=30)
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("sent", 30, "30 stocked - 0 allocated = 30", None)
    stage.buys("south", "A", 1)
    await stage.cycle()
    assert stage.listing("north", "A") == Listing("sent", 29, "30 stocked - 1 allocated = 29", None)
    assert [(old, new) for old, new, _ in stage.log("north")] == [(30, 29), (20, 30), (0, 20)]
    assert stage.shows("north", "A") == 29


@scene()
async def test_where_nothing_can_be_read_at_all_no_unit_is_sold_twice_I12(stage: Stage) -> None:
    """Neither the north's listings nor its orders: its share is its own, is never called in sync, and nothing but the
    seller's own numbers makes it larger. What it sold is typed in Stock In and Out."""
    stage.sells("A", north=5, south=5)
    stage.types("A", stocked=20)
    becomes(stage, "north", read="no", orders="no")
    await stage.goes_live()
    await stage.cycles(60, every=20)
    assert stage.listing("north", "A") == Listing(
        "sent", 10, "20 stocked - 0 allocated = 20 -> the share of north = 10", None
    )
    assert stage.listing("south", "A").why == "20 stocked - 0 allocated = 20 - 10 only for north = 10"
    stage.buys("north", "A", 9)
    order = stage.buys("south", "A", 10)
    await stage.cycles(7200, every=600)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (1, 0), "one is left, and one can be bought"
    stage.ships("south", order)
    await stage.cycles(86_400, every=7200)
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (1, 0)
    stage.adds("Stock In and Out", SKU="A", Change_or_Count="Change", Value=-9, When="2026-11-23")
    await stage.cycles(60, every=20)
    assert stage.levels("A")[0] == 1
    assert stage.shows("north", "A") + stage.shows("south", "A") <= 1  # type: ignore[operator]


@scene()
async def test_an_answer_that_was_lost_is_in_doubt_only_until_the_next_one_where_nothing_can_be_read_I15(
    stage: Stage,
) -> None:
    """Seed 6 of unread: after one lost answer the same quantity was sent in every look, for nothing is ever read."""
    stage.sells("A", north=5, south=5)
    stage.types("A", stocked=20)
    becomes(stage, "north", read="no")
    await stage.goes_live()
    stage.shops["north"].faults.answer_lost_after_apply = 1
    stage.types("A", stocked=30)
    await stage.cycles(600, every=30)
    assert stage.shows("north", "A") == 30
    sent = len(stage.log("north"))
    await stage.cycles(600, every=30)
    assert len(stage.log("north")) == sent


@scene("kept_back")
async def test_what_an_unread_shop_may_have_sold_is_kept_back_from_raises_elsewhere(stage: Stage) -> None:
    """The south has not been read for a while and last showed 20. Of the 30 now, only 10 are sure; 50 make 30 sure."""
    await live(stage)
    stage.shops["south"].faults.down = True
    await stage.cycles(120)
    since = stage.at(stage.agent.store.table("channel").filter(pl.col("channel") == "south")["orders_ok_at"].item())
    stage.types("A", stocked=30)
    await stage.cycle()
    why = f"30 stocked - 0 allocated = 30 - 20 kept back for south (not read since {since}) = 10"
    assert stage.listing("north", "A") == Listing("kept back", 30, why, 20)
    assert stage.shows("north", "A") == 20
    stage.types("A", stocked=50)
    await stage.cycle()
    why = f"50 stocked - 0 allocated = 50 - 20 kept back for south (not read since {since}) = 30"
    assert stage.listing("north", "A") == Listing("kept back", 50, why, 30)
    assert stage.shows("north", "A") == 30
    stage.shops["south"].faults.down = False
    await stage.cycles(60, every=20)
    assert stage.listing("north", "A") == Listing("in sync", 50, "50 stocked - 0 allocated = 50", 50)


@scene()
async def test_a_lowering_from_an_older_read_goes_no_higher_than_sales_have_left_while_units_are_kept_back_I12(
    stage: Stage,
) -> None:
    """Seed 268: orders were read, the listing was not yet. 20 had been shown, five were sold there: 16 was sent as a
    lowering, and was a raise, of units that the unread south may have sold."""
    stage.sells("A", north=20, south=20)
    stage.types("A", stocked=25)
    stage.sells("B", north=9)
    stage.types("B", stocked=9)
    stage.adds("Rules", SKU="A", Percent="80 %")
    await stage.goes_live()
    assert stage.shows("north", "A") == 20
    stage.shops["south"].faults.down = True
    await stage.cycles(120)
    stage.buys("north", "A", 5)
    stage.types("B", stocked=12)  # what is to be raised is read afresh, with all orders after it
    stage.saves()
    await stage.waits(10)
    decision = await cycle(stage.agent, ())
    assert decision.plan.filter(pl.col("sku") == "A", pl.col("channel") == "north")["target"].item() == 16
    assert stage.shows("north", "B") == 12
    assert stage.shows("north", "A") == 15
    stage.shops["south"].faults.down = False
    await stage.cycles(60, every=20)
    assert stage.shows("north", "A") == 16


@scene("contested")
async def test_a_listing_that_another_tool_keeps_writing_is_not_fought_over_I15(stage: Stage) -> None:
    """Another tool sets 50 again and again. After four times it is left, said, and lowered only by what is sold."""
    await live(stage)

    def rival() -> None:
        product = stage.ids["north", "A"]
        if stage.shows("north", "A") != 50:
            stage.shops["north"].type_quantity(product, 50)

    for _ in range(8):
        rival()
        await stage.cycles(60, every=20)
    sent = [new for _, new, _ in stage.log("north")]
    assert sent.count(20) == 5, "the first plan, and four times over the other's 50"
    assert stage.listing("north", "A") == Listing(
        "held: another tool writes it", 20, "20 stocked - 0 allocated = 20", 50
    )
    row = stage.row_about("Another tool")
    assert row.bad == "stop" and "it shows 50 and should show 20" in row.what
    stage.buys("south", "A", 3)
    await stage.cycle()
    assert stage.shows("north", "A") == 17, "below what was sent it is lowered at once"
    await stage.cycles(4000, every=400)  # the other tool was switched off
    assert stage.listing("north", "A").status == "in sync"


@pytest.mark.parametrize("late", [0, 45])
def test_what_buyers_take_off_a_listing_with_a_maximum_is_no_other_tool_I15(late: int) -> None:
    """Of 100 a Maximum shows 5: each sale there is filled up again, also where its order is read later."""

    async def story(stage: Stage) -> None:
        stage.sells("A", north=20, south=20)
        stage.types("A", stocked=100)
        stage.adds("Rules", SKU="A", Maximum=5)
        await stage.goes_live()
        stage.shops["north"].faults.order_visible_after = late
        for _ in range(7):
            stage.buys("north", "A", 1)
            await stage.cycles(100, every=20)
        assert (stage.listing("north", "A").status, stage.shows("north", "A"), stage.attention()) == ("in sync", 5, [])
        assert set(stage.agent.store.table("push")["cause"]) == {"structure", "order"}

    perform(story)


@scene("oversold")
async def test_cancelled_orders_of_what_is_oversold_are_no_other_tool_and_show_nothing_again_I15(stage: Stage) -> None:
    """Fifteen are sold when only four turn out to be there. Each order that the seller gives up puts its unit on the
    northern listing again, where nothing may be sold: it is taken off each time, however often."""
    await live(stage)
    orders = [stage.buys("north", "A", 1) for _ in range(15)]
    await stage.cycle()
    stage.types("A", stocked=4)
    await stage.cycle()
    for order in orders[:8]:
        stage.cancels("north", order)
        await stage.cycles(60, every=20)
        assert (stage.shows("north", "A"), stage.listing("north", "A").status) == (0, "in sync")
    assert stage.levels("A")[:3] == (4, 7, -3)


@scene("cell_conflict")
async def test_listings_that_share_one_number_and_lead_to_different_items_are_held(stage: Stage) -> None:
    """Two colours share the stock of their product, and the seller has linked them to two items."""
    await live(stage)
    _parent, (red, blue) = stage.shops["north"].add_variable(
        "POT", "Pot", [{"sku": "RED", "options": {"Colour": "red"}, "quantity": "parent"},
                       {"sku": "BLUE", "options": {"Colour": "blue"}, "quantity": "parent"}], parent_quantity=4,
    )  # fmt: skip
    stage.ids |= {("north", "RED"): red, ("north", "BLUE"): blue}
    stage.types("RED", stocked=6)
    stage.types("BLUE", stocked=9)
    await stage.cycle()
    assert stage.row_about("new links").what == (
        "north has new links: 2 listings, 0 lower, 2 higher, 0 unchanged. The largest changes: BLUE 4 -> 9, RED 4 -> 6."
    )
    stage.answers("yes")
    await stage.cycle()
    assert stage.listing("north", "RED") == Listing("held: links disagree", 6, "6 stocked - 0 allocated = 6", 4)
    assert stage.listing("north", "BLUE") == Listing("held: links disagree", 9, "9 stocked - 0 allocated = 9", 4)
    told = stage.row_about("share one number")
    assert told.bad == "stop"
    assert told.what == (
        "Listings that share one number in north lead to different items or units, such as the one of RED."
    )
    assert stage.shows("north", "RED") == 4
    stage.decides("Listings", "north", "BLUE", "RED")
    await stage.cycle()
    stage.answers("yes")
    await stage.cycle()
    assert (stage.shows("north", "RED"), stage.attention()) == (6, [])


@scene("new_link_waiting", "new_links")
async def test_a_new_listing_that_shares_the_number_of_a_live_one_is_asked_about_too(stage: Stage) -> None:
    """A colour is added to a product whose other colour is live, and both share one number."""
    parent, (red,) = stage.shops["north"].add_variable(
        "", "Pot", [{"sku": "POT", "options": {"Colour": "red"}, "quantity": "parent"}], parent_quantity=4
    )
    stage.ids["north", "red"] = red
    stage.types("POT", stocked=6, other="POT-2")
    await stage.goes_live()
    shop = stage.shops["north"]
    stage.ids["north", "blue"] = shop._add_variation(shop.products[parent], {"sku": "POT-2", "quantity": "parent"})
    shop.touch(shop.products[parent])
    await stage.cycle()
    assert stage.listing("north", "blue").status == "new, waits for your yes"
    stage.answers("yes", about="new links")
    await stage.cycle()
    assert stage.listing("north", "blue").status == stage.listing("north", "red").status == "in sync"
