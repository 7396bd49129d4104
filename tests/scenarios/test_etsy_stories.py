"""The whole agent with an Etsy in the north, a WooCommerce in the south: what only Etsy does, as sellers see it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from agent.channels import find
from agent.channels.http import Ports
from agent.channels.notes import NotesInMemory
from agent.channels.tokens import InMemory, Tokens
from agent.practice import etsy
from tests.scenarios.order_stage import OrderStage
from tests.scenarios.stage import scene
from tests.world.timeline import VirtualLoop


class EtsyStage(OrderStage):
    """An Etsy whose tokens and notes outlive a restart of the program; `renew`: the answer about the fee."""

    def __init__(self, loop: VirtualLoop, renew: str) -> None:
        self.renew = renew
        self.notes, self.tokens = NotesInMemory(), InMemory()
        super().__init__(loop, "etsy")

    def _channel(self, name: str, place: str | None) -> Any:
        if name == "south":
            return super()._channel(name, place)
        if self.tokens.read() is None:
            pair = self.front.shop.new_pair()
            self.tokens.keep(Tokens(pair.access, pair.access_ends, pair.refresh))
        ports = Ports(self.clock, self.rng, self.front.transport, self.tokens, self.notes)
        return find("etsy").connect(name, {**self.front.settings, "renew": self.renew}, ports)


def story(renew: str = "") -> Any:
    """Make a test of a story of the two shops."""
    return scene(on=lambda loop: EtsyStage(loop, renew))


def watch(s: OrderStage) -> list[str]:
    """Every state that a listing of Etsy's is put into from now on."""
    states: list[str] = []

    def seen(request: etsy.Request, response: etsy.Response) -> None:
        if request.method == "PATCH" and response.status == 200:
            states.append(dict(parse_qsl(request.body.decode()))["state"])

    s.front.shop.on_exchange = seen
    return states


@story()
async def test_the_last_unit_sold_elsewhere_takes_the_listing_off_and_new_stock_puts_it_up_without_a_fee(
    s: EtsyStage,
) -> None:
    await s.opens("MUG", stocked=2)
    states = watch(s)
    s.buys("south", "MUG", 2)
    await s.cycle()
    await s.cycle()
    assert s.both() == (0, 0) and states == ["inactive"] and s.listing("north", "MUG").status == "in sync"
    await s.restarts()
    await s.cycles(2000, every=500)
    assert s.both() == (0, 0) and s.levels("MUG")[:3] == (2, 2, 0) and not s.levels("MUG")[3]
    s.types("MUG", stocked=7)
    await s.cycle()
    await s.cycle()
    assert s.both() == (5, 5) and states == ["inactive", "active"] and s.front.shop.fees == 0
    assert not [row for row in s.attention() if row.answers]


@story()
async def test_a_listing_that_the_seller_takes_off_loses_no_unit_and_stays_off(s: EtsyStage) -> None:
    await s.opens("MUG", stocked=10)
    states = watch(s)
    s.front.shop.deactivate(s.ids["north", "MUG"])
    await s.cycles(2400, every=600)
    assert s.levels("MUG")[:3] == (10, 0, 10) and not s.levels("MUG")[3] and s.shows("south", "MUG") == 10
    s.types("MUG", stocked=0)
    await s.cycle()
    s.types("MUG", stocked=4)
    await s.cycles(1200, every=300)
    assert s.both() == (0, 4) and states == [], "only the seller puts it up again"
    s.front.shop.activate(s.ids["north", "MUG"])
    await s.cycles(1200, every=300)
    assert s.both() == (4, 4)


@story()
async def test_one_that_sold_out_on_etsy_waits_for_the_seller_who_is_told_of_the_fee(s: EtsyStage) -> None:
    await s.opens("MUG", stocked=3)
    s.front.ships(s.books(("MUG", 3)))
    await s.cycle()
    s.types("MUG", stocked=8)
    await s.cycle()
    await s.cycle()
    assert s.both() == (0, 8) and s.front.shop.fees == 0
    assert any("listing fee" in f"{row.what} {row.todo}" for row in s.attention()), s.attention()
    s.front.shop.activate(s.ids["north", "MUG"])
    await s.cycles(8000, every=600)
    assert s.both() == (8, 8) and s.front.shop.fees == 1 and s.levels("MUG")[:3] == (8, 0, 8)


@story("yes")
async def test_one_that_sold_out_on_etsy_is_renewed_where_the_seller_said_yes(s: EtsyStage) -> None:
    await s.opens("MUG", stocked=3)
    s.front.ships(s.books(("MUG", 3)))
    await s.cycle()
    s.types("MUG", stocked=8)
    await s.cycle()
    await s.cycle()
    assert s.both() == (8, 8) and s.front.shop.fees == 1 and s.levels("MUG")[:3] == (8, 0, 8)


@story()
async def test_variations_with_quantities_of_their_own_are_items_of_their_own(
    s: EtsyStage,
) -> None:
    shop = s.front.shop
    sizes = [{"sku": f"S-{size}", "options": {"Size": size}, "quantity": 6} for size in "SL"]
    shirt, keys = shop.add_product("Shirt", sizes)
    for size, sku in (("S", "S-S"), ("L", "S-L")):
        s.ids["north", sku] = f"{shirt}/62809790395={size}"  # type: ignore[assignment]
        s.types(sku, stocked=6)
    await s.opens("MUG", stocked=10)
    shop.sell(keys[0], 2)
    s.types("S-L", stocked=3)
    await s.cycle()
    await s.cycle()
    assert [shop.quantity(key) for key in keys] == [4, 3] and s.levels("S-S")[:3] == (6, 2, 4)


@story()
async def test_more_than_999_shows_999_and_says_why(s: EtsyStage) -> None:
    await s.opens("MUG", stocked=10)
    s.types("MUG", stocked=2500)
    await s.cycle()
    s.answers("yes") if s.questions() else None
    await s.cycle()
    await s.cycle()
    assert s.both() == (999, 2500) and "takes at most 999 = 999" in str(s.listing("north", "MUG").why)


@story()
async def test_a_cancelled_order_is_pushed_back_as_etsy_gives_nothing_back(s: EtsyStage) -> None:
    await s.opens("MUG", stocked=10)
    order = s.books(("MUG", 4))
    await s.cycle()
    s.front.cancels(order)
    await s.cycle()
    await s.cycle()
    assert s.both() == (10, 10) and s.levels("MUG")[:3] == (10, 0, 10)


@story()
async def test_a_password_that_was_changed_at_etsy_is_told_and_the_rest_goes_on(s: EtsyStage) -> None:
    await s.opens("MUG", stocked=10)
    s.front.shop.unlink()
    s.buys("south", "MUG", 3)
    await s.cycle()
    assert s.shows("south", "MUG") == 7
    await s.cycles(300, every=60)
    assert any(
        "stocksheet connect north" in row.todo and "Etsy" in f"{row.what} {row.todo}" for row in s.attention()
    ), s.attention()
