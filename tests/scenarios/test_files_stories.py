"""The whole agent with a shop in the north that is reached by files alone, beside one that answers (issue of stale
exports, files that nobody carries, orders that can never be read)."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any

from agent.practice.files import Look, Shop
from tests.scenarios.fronts.files import Front as Files
from tests.scenarios.order_stage import OrderStage
from tests.scenarios.stage import SCENES, perform
from tests.world.timeline import VirtualLoop

Story = Callable[[OrderStage], Awaitable[None]]


class Blind(Files):
    """A shop that exports no orders."""

    orders = "no"


class FilesStage(OrderStage):
    """North is reached by files. `kind`: with its orders, or without."""

    def __init__(self, loop: VirtualLoop, kind: type[Files]) -> None:
        self._kind = kind
        super().__init__(loop, "files")

    def _shop(self, name: str) -> Any:
        if name == "south":
            return super()._shop(name)
        self.front = self._kind(self, name)
        return self.front.shop


def story(*codes: str, kind: type[Files] = Files) -> Callable[[Story], Callable[[], None]]:
    """Make a test of a story; `codes`: what it tells of, and each must have come up."""

    def make(told: Story) -> Callable[[], None]:
        for code in codes:
            SCENES.setdefault(code, []).append(told.__name__)

        @functools.wraps(told)
        def test() -> None:
            stage = perform(told, lambda loop: FilesStage(loop, kind))  # type: ignore[arg-type]
            assert set(codes) <= stage.seen, set(codes) - stage.seen
            shop = north(stage)  # type: ignore[arg-type]
            assert not shop.refused and not shop.unknown, "the shop took every file, and knew every row"

        del test.__wrapped__  # type: ignore[attr-defined]  # pytest would ask for the story's argument
        return test

    return make


def north(stage: OrderStage) -> Shop:
    shop = stage.front.shop
    assert isinstance(shop, Shop)
    return shop


def shown(stage: OrderStage, sku: str = "MUG") -> tuple[int | None, int | None]:
    return stage.shows("north", sku), stage.shows("south", sku)


@story()
async def test_a_sale_on_either_side_lowers_the_other(stage: OrderStage) -> None:
    await stage.opens("MUG", "CUP")
    stage.books(("MUG", 3))
    await stage.cycle()
    assert (stage.levels("MUG")[:3], shown(stage)) == ((10, 3, 7), (7, 7))
    stage.buys("south", "MUG", 2)
    await stage.cycles(60, every=20)
    assert (stage.levels("MUG")[:3], shown(stage), shown(stage, "CUP")) == ((10, 5, 5), (5, 5), (10, 10))
    assert stage.listing("north", "MUG").status == "in sync"
    stage.types("CUP", stocked=25)
    await stage.cycles(60, every=20)
    assert shown(stage, "CUP") == (25, 25) and not stage.questions()


@story("channel_standing")
async def test_a_file_that_nobody_carries_is_told_and_the_other_shop_goes_on(stage: OrderStage) -> None:
    await stage.opens("MUG", "CUP")
    north(stage).faults.imports = False
    stage.types("MUG", stocked=4)
    await stage.cycles(120, every=30)
    assert shown(stage) == (10, 4) and stage.listing("north", "MUG").status != "in sync"
    row = stage.row_about("waits to be imported")
    assert "1 quantity" in row.what and "Import it into the shop once" in row.todo
    stage.types("CUP", stocked=3)
    await stage.cycles(7200, every=900)
    assert "2 quantities" in stage.row_about("waits to be imported").what
    north(stage).faults.imports = True
    await stage.cycles(120, every=30)
    assert (shown(stage), shown(stage, "CUP")) == ((4, 4), (3, 3)) and not stage.attention()
    assert stage.listing("north", "MUG").status == "in sync" and len(north(stage).taken) == 1


@story()
async def test_a_sale_while_the_file_waits_is_lowered_further_in_the_same_file(stage: OrderStage) -> None:
    await stage.opens("MUG")
    north(stage).faults.imports = False
    stage.types("MUG", stocked=8)
    await stage.cycle()
    stage.books(("MUG", 2))
    await stage.cycles(60, every=20)
    assert stage.levels("MUG")[:3] == (8, 2, 6)
    north(stage).faults.imports = True
    await stage.cycles(60, every=20)
    assert shown(stage) == (6, 6) and len(north(stage).taken) == 1


@story()
async def test_while_exports_are_late_nothing_is_raised_elsewhere_on_what_is_not_known(stage: OrderStage) -> None:
    await stage.opens("MUG")
    north(stage).faults.exports = False
    await stage.cycles(900, every=300)
    assert "old (of " in stage.row_about("The last export of north").what
    stage.types("MUG", stocked=30)
    await stage.cycle()
    assert stage.shows("south", "MUG") == 20, "30, less the 10 that north last showed"
    assert "kept back for north (not read since" in str(stage.listing("south", "MUG").why)
    stage.types("MUG", stocked=5)
    await stage.cycle()
    assert shown(stage) == (5, 5), "lowering never waits"
    north(stage).faults.exports = True
    stage.types("MUG", stocked=30)
    await stage.cycles(60, every=20)
    assert shown(stage) == (30, 30)


@story()
async def test_an_export_that_lacks_products_is_not_believed_at_once_and_never_by_reading_it_again(
    stage: OrderStage,
) -> None:
    await stage.opens("MUG", "CUP", "CAP")
    shop = north(stage)
    lost = [shop.products.pop(stage.ids["north", sku]) for sku in ("MUG", "CUP")]
    shop.turn()
    shop.faults.exports = False
    await stage.cycles(7200, every=900)
    assert stage.listing("north", "MUG").status != "gone", "one export, read eight times"
    shop.products |= {each.id: each for each in lost}
    shop.faults.exports = True
    await stage.cycles(60, every=20)
    assert stage.listing("north", "MUG").status == "in sync" and shown(stage) == (10, 10)


@story("shop_column")
async def test_a_column_that_is_not_clear_is_asked_for_in_attention_and_the_answer_is_kept(stage: OrderStage) -> None:
    shop = north(stage)
    shop.habits.look = Look(quantity="Available")
    extra = "Inventory"
    plain = shop.product_rows
    shop.product_rows = lambda: [  # type: ignore[method-assign]
        [*row, extra if n == 0 else 99] for n, row in enumerate(plain())
    ]
    shop.habits.look.quantity = "Stock"
    stage.sells("MUG", north=10, south=10)
    stage.types("MUG", stocked=10)
    await stage.cycle()
    row = stage.row_about("which column of the shop's list is the quantity in stock?")
    assert '1 = "Stock"' in row.what and '2 = "Inventory"' in row.what and row.bad == "stop"
    stage.answers("1", "which column")
    await stage.cycle()
    await stage.cycles(60, every=20)
    for each in stage.questions():
        stage.sets("Attention", each.id, "Answer", "yes")
    await stage.cycles(60, every=20)
    assert stage.listing("north", "MUG").shows == 10


@story("line_gone")
async def test_an_order_that_vanishes_between_others_is_asked_about(stage: OrderStage) -> None:
    await stage.opens("MUG")
    for _ in range(3):
        stage.books(("MUG", 1))
        await stage.cycles(60, every=30)
    north(stage).delete_order(stage.order - 2)
    await stage.cycles(26 * 3600, every=7200)
    assert stage.levels("MUG")[:3] == (10, 3, 7)
    assert stage.row_about(f"Order {stage.order - 2} of north").answers == "gone / keep"


# --- orders that can never be read ------------------------------------------------------------------------------------


@story(kind=Blind)
async def test_a_shop_without_orders_has_a_share_that_no_other_sells_and_what_it_shows_less_is_sold(
    stage: OrderStage,
) -> None:
    await stage.opens("MUG", stocked=20)
    await stage.cycles(60, every=20)
    assert shown(stage) == (10, 10), "half each, where no rule says more"
    assert stage.listing("south", "MUG").why == "20 stocked - 0 allocated = 20 - 10 only for north = 10"
    assert stage.listing("north", "MUG").why == "20 stocked - 0 allocated = 20 -> the share of north = 10"
    stage.books(("MUG", 3))
    await stage.cycles(60, every=20)
    assert (stage.levels("MUG")[:3], shown(stage)) == ((17, 0, 17), (7, 10)), "south keeps what it had"
    assert stage.stocked("MUG") == 17
    because = stage.book.results("Movements")["Because"].to_list()
    assert "sold at north, as its export shows" in because
    stage.buys("south", "MUG", 4)
    await stage.cycles(60, every=20)
    assert (stage.levels("MUG")[:3], shown(stage)) == ((17, 4, 13), (7, 6)), "and what south sells is not north's"
    assert not stage.questions()


@story(kind=Blind)
async def test_nothing_fills_a_share_up_but_the_sellers_own_numbers(stage: OrderStage) -> None:
    stage.adds("Rules", Channel="north", Maximum=4)
    await stage.opens("MUG", stocked=20)
    await stage.cycles(60, every=20)
    assert shown(stage) == (4, 16), "as much as the rule says"
    stage.books(("MUG", 3))
    await stage.cycles(7200, every=600)
    assert shown(stage) == (1, 16)
    stage.types("MUG", stocked=30)
    await stage.cycles(60, every=20)
    assert shown(stage) == (4, 26), "a new count shares anew"


@story("export_first", kind=Blind)
async def test_a_raise_of_a_shop_without_orders_waits_for_a_new_export(stage: OrderStage) -> None:
    await stage.opens("MUG", stocked=20)
    await stage.cycles(60, every=20)
    north(stage).faults.exports = False
    await stage.cycles(7200, every=1200)
    assert north(stage).sell(stage.ids["north", "MUG"], 2) is not None
    stage.types("MUG", stocked=40)
    await stage.cycles(120, every=30)
    assert shown(stage) == (8, 20), "a raise would hide the two that were sold"
    assert stage.listing("north", "MUG").status == "waits for a new export"
    north(stage).faults.exports = True
    await stage.cycles(120, every=30)
    assert (stage.levels("MUG")[:3], shown(stage)) == ((38, 0, 38), (18, 20))


@story(kind=Blind)
async def test_a_share_ends_when_the_shop_is_left(stage: OrderStage) -> None:
    await stage.opens("MUG", stocked=20)
    await stage.cycles(60, every=20)
    await stage.leaves("north")
    await stage.cycles(120, every=30)
    assert stage.shows("south", "MUG") == 20


@story(kind=Blind)
async def test_a_shop_that_was_left_and_joins_again_with_the_same_export_is_asked_for_its_first_plan(
    stage: OrderStage,
) -> None:
    await stage.opens("MUG", stocked=20)
    north(stage).faults.exports = False
    await stage.leaves("north")
    await stage.cycle()
    await stage.joins("north")
    await stage.cycles(60, every=20)
    assert stage.row_about("first plan for north").answers == "yes"
