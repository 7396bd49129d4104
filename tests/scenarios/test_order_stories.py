"""What becomes of an order, step by step, on every platform; the same table for all (DESIGN section 5, I2, I9, I10).

Each step: what somebody does in the northern shop, then Stocked, Allocated, Available of an item with 10 on the shelf.
After each step both shops must show what is available, nothing may be missing, and a second look changes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import polars as pl
import pytest

from agent.channels import platforms
from tests.scenarios.order_stage import FRONTS, OrderStage
from tests.scenarios.stage import SCENES, perform

Deed = Callable[[OrderStage], object]
Step = tuple[Deed, tuple[int, int, int]]
HUGE = 10**9


def books(*lines: tuple[str, int], state: str = "paid") -> Deed:
    return lambda s: s.books(*lines, state=state)


def buys(units: int, state: str = "paid") -> Deed:
    return books(("MUG", units), state=state)


def pays(s: OrderStage) -> None:
    s.front.pays(s.order)


def ships(s: OrderStage) -> None:
    s.front.ships(s.order)


def sends(units: int) -> Deed:
    return lambda s: s.front.ships(s.order, units)


def cancels(s: OrderStage) -> None:
    s.front.cancels(s.order)


def refunds(units: int, *, restock: bool = True, line: int = 0) -> Deed:
    return lambda s: s.front.refunds(s.order, line, units, restock=restock)


def edits(units: int, line: int = 0) -> Deed:
    return lambda s: s.front.edits(s.order, line, units)


def adds(sku: str, units: int) -> Deed:
    return lambda s: s.front.adds(s.order, s.ids["north", sku], units)


def comes_back(s: OrderStage) -> None:
    s.front.comes_back(s.order)


def undoes(s: OrderStage) -> None:
    s.front.undoes(s.order)


def returned(word: str) -> Deed:
    """The column Returned units in Channels."""
    return lambda s: s.adds("Channels", Channel="north", Returned_units=word)


def answers(word: str, about: str) -> Deed:
    return lambda s: s.answers(word, about)


def moves_away(s: OrderStage) -> None:
    other = s.front.shop.add_location("Fulfilment service")
    s.front.shop.send_from(s.order, other)


def nothing(s: OrderStage) -> None:
    pass


STORIES: dict[str, tuple[str | None, list[Step]]] = {
    "sold, shipped": (None, [(buys(3), (10, 3, 7)), (ships, (7, 0, 7))]),
    "sold, cancelled": (None, [(buys(3), (10, 3, 7)), (cancels, (10, 0, 10))]),
    "money to come": (None, [(buys(3, "waiting"), (10, 3, 7)), (pays, (10, 3, 7)), (ships, (7, 0, 7))]),
    "money to come, given up": (None, [(buys(3, "waiting"), (10, 3, 7)), (cancels, (10, 0, 10))]),
    "unpaid orders take units": ("at order", [(buys(3, "unpaid"), (10, 3, 7)), (pays, (10, 3, 7)),
                                              (cancels, (10, 0, 10))]),
    "unpaid orders take none": ("unpaid", [(buys(3, "unpaid"), (10, 0, 10)), (pays, (10, 3, 7))]),
    "two parcels": ("parcels", [(buys(3), (10, 3, 7)), (sends(1), (9, 2, 7)), (ships, (7, 0, 7))]),
    "a parcel, the rest cancelled": ("parcels", [(buys(3), (10, 3, 7)), (sends(1), (9, 2, 7)), (cancels, (9, 0, 9))]),
    "a unit less before shipping": ("parts", [(buys(3), (10, 3, 7)), (refunds(1), (10, 2, 8)), (ships, (8, 0, 8))]),
    "a unit less, not put back by the shop": ("parts", [
        (buys(3), (10, 3, 7)), (refunds(1, restock=False), (10, 2, 8)), (ships, (8, 0, 8))]),
    "edited up": ("edits", [(buys(2), (10, 2, 8)), (edits(5), (10, 5, 5)), (ships, (5, 0, 5))]),
    "edited down": ("parts", [(buys(5), (10, 5, 5)), (edits(2), (10, 2, 8)), (ships, (8, 0, 8))]),
    "edited up and down": ("edits", [(buys(2), (10, 2, 8)), (edits(4), (10, 4, 6)), (edits(1), (10, 1, 9)),
                                  (edits(3), (10, 3, 7)), (ships, (7, 0, 7))]),
    "a line added": ("edits", [(books(("CUP", 2)), (10, 0, 10)), (adds("MUG", 3), (10, 3, 7)), (ships, (7, 0, 7))]),
    "a line taken out": ("parts", [(books(("CUP", 2), ("MUG", 3)), (10, 3, 7)), (edits(0, line=1), (10, 0, 10)),
                                (ships, (10, 0, 10))]),
    "the only line taken out": ("parts", [(buys(3), (10, 3, 7)), (edits(0), (10, 0, 10))]),
    "two lines of one SKU": ("parts", [(books(("MUG", 2), ("MUG", 3)), (10, 5, 5)), (refunds(1, line=1), (10, 4, 6)),
                                    (ships, (6, 0, 6))]),
    "shipped, undone, shipped": ("undo", [(buys(3), (10, 3, 7)), (ships, (7, 0, 7)), (undoes, (10, 3, 7)),
                                        (ships, (7, 0, 7))]),
    "shipped, undone, cancelled": ("undo", [(buys(3), (10, 3, 7)), (ships, (7, 0, 7)), (undoes, (10, 3, 7)),
                                          (cancels, (10, 0, 10))]),
    "cancelled, taken up again": ("cancel shipped", [(buys(3), (10, 3, 7)), (cancels, (10, 0, 10)), (pays, (10, 3, 7)),
                                                     (ships, (7, 0, 7))]),
    "came back, asked, put back": ("parts", [(buys(3), (10, 3, 7)), (ships, (7, 0, 7)), (refunds(2), (7, 0, 7)),
                                          (answers("put back", "2 units of MUG came back"), (9, 0, 9)),
                                          (nothing, (9, 0, 9))]),
    "came back broken, asked, never": ("parts", [
        (buys(3), (10, 3, 7)), (ships, (7, 0, 7)), (refunds(2, restock=False), (7, 0, 7)),
        (answers("never", "2 units of MUG came back"), (7, 0, 7)), (nothing, (7, 0, 7))]),
    "always put back; the shop's own restock counts once": ("parts", [
        (returned("put back"), (10, 0, 10)), (buys(4), (10, 4, 6)), (ships, (6, 0, 6)), (refunds(2), (8, 0, 8)),
        (refunds(1, restock=False), (9, 0, 9)), (nothing, (9, 0, 9))]),
    "never put back, whatever the shop shows": ("parts", [
        (returned("never"), (10, 0, 10)), (buys(4), (10, 4, 6)), (ships, (6, 0, 6)), (refunds(2), (6, 0, 6))]),
    "cancelled after shipping": ("cancel shipped", [
        (returned("put back"), (10, 0, 10)), (buys(3), (10, 3, 7)), (ships, (7, 0, 7)), (cancels, (10, 0, 10)),
        (ships, (7, 0, 7))]),
    "cancelled after shipping, asked": ("cancel shipped", [
        (buys(3), (10, 3, 7)), (ships, (7, 0, 7)), (cancels, (7, 0, 7)),
        (answers("put back", "3 units of MUG came back"), (10, 0, 10))]),
    "nothing ordered": (None, [(buys(0), (10, 0, 10)), (ships, (10, 0, 10))]),
    "far too many ordered": ("not single units", [(buys(HUGE), (10, HUGE, 10 - HUGE)), (cancels, (10, 0, 10))]),
    "sent from another place": ("other places", [(buys(3), (10, 3, 7)), (moves_away, (10, 0, 10)),
                                                 (ships, (10, 0, 10))]),
    "came back whole, asked, put back": ("whole orders", [
        (buys(3), (10, 3, 7)), (ships, (7, 0, 7)), (comes_back, (7, 0, 7)),
        (answers("put back", "3 units of MUG came back"), (10, 0, 10)), (nothing, (10, 0, 10))]),
    "came back whole, never put back": ("whole orders", [
        (returned("never"), (10, 0, 10)), (buys(3), (10, 3, 7)), (ships, (7, 0, 7)), (comes_back, (7, 0, 7))]),
    "two lines of one SKU, shipped": ("whole orders", [
        (books(("MUG", 2), ("MUG", 3)), (10, 5, 5)), (ships, (5, 0, 5))]),
    "never finished at the till": ("drafts", [(buys(3, "draft"), (10, 0, 10))]),
}  # fmt: skip
"""Name -> (what the platform must be able to do, `not X`: must not; the steps)."""


def _told_of(platform: str) -> list[str]:
    can = FRONTS[platform].can
    return [
        name for name, (needs, _) in STORIES.items()
        if needs is None or (needs in can if not needs.startswith("not ") else needs[4:] not in can)
    ]  # fmt: skip


CASES = [pytest.param(p, name, id=f"{p}: {name}") for p in sorted(FRONTS) for name in _told_of(p)]


def test_every_platform_is_told_of() -> None:
    assert set(platforms()) == set(FRONTS), "a file in fronts, and all these stories are told of it"


def play(platform: str, story: Callable[[OrderStage], Awaitable[None]]) -> OrderStage:
    stage = perform(story, lambda loop: OrderStage(loop, platform))
    assert isinstance(stage, OrderStage)
    return stage


@pytest.mark.parametrize(("platform", "name"), CASES)
def test_stocked_allocated_and_available_at_every_step(platform: str, name: str) -> None:
    async def story(s: OrderStage) -> None:
        await s.opens("MUG", "CUP")
        for number, (deed, expected) in enumerate(STORIES[name][1], 1):
            deed(s)
            await s.cycle()
            await s.cycle()
            level = s.levels("MUG")
            assert (level[:3], level[3] or 0) == (expected, 0), f"step {number}"
            assert s.both() == (max(0, expected[2]),) * 2, f"step {number}"
        await s.cycles(1200, every=300)  # what was missing would be asked by now
        assert not [row.what for row in s.questions() if "vanished" in row.what]
        assert (s.levels("MUG")[:3], s.levels("MUG")[3] or 0) == (expected, 0)

    play(platform, story)


def tells(code: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """This test tells of that code, and asserts it."""

    def make(test: Callable[..., None]) -> Callable[..., None]:
        SCENES.setdefault(code, []).append(test.__name__)
        return test

    return make


every = pytest.mark.parametrize("platform", sorted(FRONTS))
in_parts = pytest.mark.parametrize("platform", sorted(name for name, front in FRONTS.items() if "parts" in front.can))
by_the_second = pytest.mark.parametrize(
    "platform", sorted(name for name, front in FRONTS.items() if "whole days" not in front.can)
)
"""Platforms whose looks at orders begin at a moment, not at a day."""


@in_parts
@tells("returned_units")
def test_a_return_is_asked_about_once_and_movements_shows_what_was_put_back(platform: str) -> None:
    async def story(s: OrderStage) -> None:
        await s.opens("MUG")
        order = s.books(("MUG", 3))
        s.front.ships(order)
        await s.cycle()
        s.front.refunds(order, 0, 2)
        await s.cycle()
        row = s.row_about("came back")
        assert row.what == f"2 units of MUG came back that north had sold (order {order})."
        assert (row.bad, row.answers) == ("decide", "put back / never")
        s.answers("put back", "came back")
        await s.cycle()
        moved = s.book.results("Movements").filter(pl.col("What") == "return")
        assert moved.select("SKU", "Units", "Stocked after", "Because").rows() == [
            ("MUG", 2, 9, f"order {order}, came back")
        ]
        s.front.refunds(order, 0, 1)
        await s.cycle()
        assert s.row_about("came back").what.startswith("1 unit of MUG"), "what came back since is asked anew"
        assert s.levels("MUG")[:3] == (9, 0, 9)

    assert "returned_units" in play(platform, story).seen


@every
@tells("line_gone")
def test_an_order_that_is_gone_stays_allocated_until_the_person_says_so(platform: str) -> None:
    async def story(s: OrderStage) -> None:
        await s.opens("MUG")
        gone, kept = s.books(("MUG", 2)), s.books(("MUG", 1))
        await s.cycle()
        s.front.deletes(gone)
        s.front.deletes(kept)
        await s.cycles(7 * 3600, every=1800)
        assert s.levels("MUG")[:3] == (10, 3, 7)
        row = s.row_about(f"Order {gone} of north")
        assert (row.bad, row.answers) == ("decide", "gone / keep") and "2 units of MUG" in row.what
        s.answers("gone", f"Order {gone}")
        s.answers("keep", f"Order {kept}")
        await s.cycles(26 * 3600, every=3600)
        assert s.levels("MUG")[:3] == (10, 1, 9) and not [q for q in s.questions() if "no longer" in q.what]

    if platform == "files":
        pytest.skip("an export without any order says nothing of what it lacks: test_files_stories.py tells of others")
    assert "line_gone" in play(platform, story).seen


@by_the_second
def test_open_lines_that_left_the_window_are_asked_again_by_id(platform: str) -> None:
    async def story(s: OrderStage) -> None:
        await s.opens("MUG")
        order = s.books(("MUG", 2))
        await s.cycle()
        channel, asked = s.agent.channels["north"], []
        plain = channel.orders

        async def watched(since: object, also: tuple[str, ...] = (), lane: str = "orders") -> object:
            asked.append(list(also))
            return await plain(since, also, lane)  # type: ignore[arg-type]

        channel.orders = watched  # type: ignore[method-assign]
        await s.cycles(47 * 3600, every=7200)
        assert not any(asked), "the look back over two days still shows it"
        await s.cycles(30 * 3600, every=3600)
        assert asked.count([str(order)]) == 1, "once a day, not at each look"
        assert s.levels("MUG")[:3] == (10, 2, 8)

    play(platform, story)


@every
def test_an_order_for_a_listing_that_nobody_linked_stands_first_in_attention_S0_24(platform: str) -> None:
    async def story(s: OrderStage) -> None:
        await s.opens("MUG")
        s.ids["north", "ODD"] = s.front.shop.add_simple("ODD", "Odd thing", 5)
        order = s.books(("ODD", 2))
        await s.cycles(1000, every=250)
        first = s.attention()[0]
        assert first.bad == "stop" and "Odd thing" in first.what and f"(order {order})" in first.what
        assert "Link the listing in Imports" in first.todo and s.levels("MUG")[:3] == (10, 0, 10)

    play(platform, story)


@every
@tells("line_without_listing")
def test_an_order_line_whose_product_is_gone_is_told_with_its_sku(platform: str) -> None:
    async def story(s: OrderStage) -> None:
        await s.opens("MUG")
        s.ids["north", "TWIN"] = s.front.shop.add_simple("MUG", "Mug again", 5)
        order = s.books(("TWIN", 2))
        s.front.unlists(s.ids["north", "TWIN"])
        await s.cycle()
        row = s.row_about("names no listing")
        assert row.bad == "stop" and f"2 units of MUG (order {order})" in row.what

    if "forgets" not in FRONTS[platform].can:
        pytest.skip("an order names its listing there for ever, or one SKU cannot stand twice")
    assert "line_without_listing" in play(platform, story).seen


@every
def test_an_order_of_a_deleted_product_is_still_allocated(platform: str) -> None:
    async def story(s: OrderStage) -> None:
        await s.opens("MUG")
        s.books(("MUG", 2))
        await s.cycle()
        s.front.unlists(s.ids["north", "MUG"])
        await s.cycles(2400, every=600)
        assert s.levels("MUG")[:3] == (10, 2, 8) and s.shows("south", "MUG") == 8

    play(platform, story)


def test_an_order_in_the_bin_of_woocommerce_is_found_by_the_look_back() -> None:
    async def story(s: OrderStage) -> None:
        await s.opens("MUG")
        s.books(("MUG", 2))
        await s.cycle()
        s.front.throws_away(s.order)
        await s.cycles(7 * 3600, every=1800)
        assert s.levels("MUG")[:3] == (10, 0, 10) and s.shows("south", "MUG") == 10

    play("woocommerce", story)


@by_the_second
@tells("order_found_late")
def test_an_order_that_shows_hours_late_is_found_taken_in_and_reported(platform: str) -> None:
    async def story(s: OrderStage) -> None:
        await s.opens("MUG")
        s.front.shop.faults.order_visible_after = 1800
        order = s.books(("MUG", 2))
        made = s.clock.now()
        await s.cycles(3 * 3600, every=600)
        assert s.levels("MUG")[1] == 0, "it became readable behind the cursor"
        s.front.shop.faults.order_visible_after = 0
        await s.cycles(4 * 3600, every=600)
        assert s.levels("MUG")[:3] == (10, 2, 8) and not s.levels("MUG")[3]
        row = s.row_about("look back over two days")
        assert row.what.startswith(f"Order {order} of north, made or changed {made.astimezone():%Y-%m-%d %H:%M},")
        least = max(5, int(3 * s.agent.channels["north"].can.lag / 60))  # as far as each look goes back
        assert f"It could not be read there for more than {least} minutes, at the most for " in row.what
        await s.cycles(8 * 86_400, every=8 * 3600)
        assert not [r for r in s.attention() if "look back" in r.what], "told for a week"

    assert "order_found_late" in play(platform, story).seen


@every
def test_nothing_is_found_where_nothing_was_lost(platform: str) -> None:
    async def story(s: OrderStage) -> None:
        order = 0
        s.sells("MUG", north=10, south=10)
        s.front.ships(s.front.books([(s.ids["north", "MUG"], 1)]))
        s.types("MUG", stocked=10)
        await s.goes_live()
        for hour in range(14):
            order = s.books(("MUG", 1)) if hour % 5 == 0 else order
            if hour % 5 == 2:
                s.front.ships(order)
            await s.cycles(3600, every=1200)
        assert s.agent.store.table("late_find").is_empty()
        assert s.levels("MUG")[:3] == (7, 0, 7)

    play(platform, story)


@every
def test_measured_delays_stand_in_channel_status(platform: str) -> None:
    async def story(s: OrderStage) -> None:
        await s.opens("MUG", stocked=90)
        for _ in range(24):
            s.books(("MUG", 1))
            await s.waits(5)
            await s.cycle()
        row = s.status("north")
        after = getattr(s.front, "read_after", "15 s")
        assert row["Orders read after"] == after, "each was read at the look 15 seconds later"
        assert s.status("south")["Pushes confirmed after"] is not None
        assert s.status("south")["Orders read after"] is None

    play(platform, story)


@pytest.mark.parametrize("platform", sorted(set(FRONTS) - {"files"}))  # a file is carried later: it has its own story
def test_a_sale_on_either_lowers_the_other_and_shipping_changes_nothing_more(platform: str) -> None:
    async def story(s: OrderStage) -> None:
        await s.opens("MUG", stocked=20)
        there = s.books(("MUG", 3))
        await s.cycle()
        assert s.both() == (17, 17)
        here = s.buys("south", "MUG", 2)
        await s.cycle()
        assert s.both() == (15, 15)
        s.front.ships(there)
        s.ships("south", here)
        await s.cycle()
        await s.cycle()
        assert s.levels("MUG")[:3] == (15, 0, 15) and s.both() == (15, 15)

    play(platform, story)
