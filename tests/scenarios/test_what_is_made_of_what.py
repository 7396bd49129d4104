"""Bundles, packs and links to several items: one pool for all of them, the tightest part named (DESIGN section 5)."""

from __future__ import annotations

from tests.scenarios.stage import Stage, scene


async def live(stage: Stage) -> None:
    """20 mugs, 3 boxes, a set of two mugs and a box in both shops; in the south, by Matches, a pack of six mugs and a
    duo of a mug and two boxes."""
    for sku, shops in (("MUG", {"north": 5, "south": 5}), ("BOX", {"north": 5}), ("SET", {"north": 5, "south": 5})):
        stage.sells(sku, **shops)
    stage.types("MUG", stocked=20)
    stage.types("BOX", stocked=3)
    stage.types("SET", made_of="MUG x 2 + BOX")
    for name, parts in (("PACK", {"MUG": 6}), ("DUO", {"MUG": 1, "BOX": 2})):
        stage.sells(name, south=1)
        for sku, units in parts.items():
            stage.adds("Matches", Channel="south", Listing=str(stage.ids["south", name]), SKU=sku, Units=units)
    await stage.goes_live()


def shown(stage: Stage) -> dict[str, tuple[int | None, int | None]]:
    """What buyers see: of items in both shops north and south, of the others one shop."""
    return {
        "MUG": (stage.shows("north", "MUG"), stage.shows("south", "MUG")),
        "SET": (stage.shows("north", "SET"), stage.shows("south", "SET")),
        "BOX, PACK": (stage.shows("north", "BOX"), stage.shows("south", "PACK")),
        "DUO": (stage.shows("south", "DUO"), None),
    }


@scene()
async def test_bundles_packs_and_several_items_on_one_listing_draw_on_one_pool(stage: Stage) -> None:
    await live(stage)
    assert shown(stage) == {"MUG": (20, 20), "SET": (3, 3), "BOX, PACK": (3, 3), "DUO": (1, None)}
    assert stage.listing("north", "SET").why == "BOX is the tightest: 3 stocked - 0 allocated = 3"
    assert stage.listing("south", "PACK").why == "20 stocked - 0 allocated = 20 -> 6 a listing = 3"
    assert stage.listing("south", "DUO").why == "BOX is the tightest: 3 stocked - 0 allocated = 3 -> 2 a listing = 1"
    orders = [("north", stage.buys("north", "SET", 1)), ("south", stage.buys("south", "PACK", 2))]
    await stage.cycle()
    assert (stage.levels("MUG")[:3], stage.levels("BOX")[:3]) == ((20, 14, 6), (3, 1, 2))
    assert shown(stage) == {"MUG": (6, 6), "SET": (2, 2), "BOX, PACK": (2, 1), "DUO": (1, None)}
    for shop, order in orders:
        stage.ships(shop, order)
    await stage.cycle()
    assert (stage.levels("MUG")[:3], stage.levels("BOX")[:3]) == ((6, 0, 6), (2, 0, 2)), "shipping moves nothing (I9)"
    assert shown(stage) == {"MUG": (6, 6), "SET": (2, 2), "BOX, PACK": (2, 1), "DUO": (1, None)}
    assert (stage.stocked("MUG"), stage.stocked("BOX"), stage.attention()) == (6, 2, [])


@scene("missing_units")
async def test_a_set_that_vanished_takes_each_of_its_parts_with_it(stage: Stage) -> None:
    await live(stage)
    stage.sells_by_hand("north", "SET", 1)
    await stage.cycle()
    assert (stage.levels("MUG"), stage.levels("BOX")) == ((20, 0, 20, 2), (3, 0, 3, 1))
    assert shown(stage) == {"MUG": (18, 18), "SET": (2, 2), "BOX, PACK": (2, 3), "DUO": (1, None)}
    await stage.cycles(1080, every=240)
    stage.answers("gone", about="vanished")
    await stage.cycle()
    assert (stage.levels("MUG")[:3], stage.levels("BOX")[:3]) == ((18, 0, 18), (2, 0, 2))


@scene("relinked_behind_shipped")
async def test_another_recipe_counts_for_open_orders_and_never_for_shipped_ones(stage: Stage) -> None:
    """Two sets are sold and one is shipped; then a set takes three mugs."""
    await live(stage)
    shipped = stage.buys("north", "SET", 1)
    stage.buys("south", "SET", 1)
    await stage.cycle()
    stage.ships("north", shipped)
    await stage.cycle()
    assert stage.levels("MUG")[:3] == (18, 2, 16)
    stage.types("SET", made_of="MUG x 3 + BOX")
    await stage.cycle()
    assert stage.levels("MUG")[:3] == (18, 3, 15), "the shipped one took two"
    assert (stage.shows("north", "MUG"), stage.shows("north", "SET")) == (15, 1)
    assert "1 unit was shipped before" in stage.row_about("got other parts").what
    stage.answers("leave", about="got other parts")
    await stage.cycle()
    assert (stage.levels("MUG")[:3], stage.attention()) == ((18, 3, 15), [])
