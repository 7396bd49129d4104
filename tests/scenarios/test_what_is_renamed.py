"""A SKU gets another name: healed by one answer, and the old name means the item for ever (DESIGN section 6)."""

from __future__ import annotations

from tests.scenarios.stage import Stage, scene


async def live(stage: Stage) -> None:
    """Two mugs and a kit of them in one shop, live; rules, matches and rows that speak of MUG."""
    stage.sells("MUG", north=5)
    stage.sells("BOX", north=5)
    stage.sells("KIT", north=1)
    stage.sells("SIX", north=1)
    stage.types("MUG", stocked=40, barcode="4006381333931")
    stage.types("BOX", stocked=9)
    stage.types("KIT", made_of="MUG x 2 + BOX")
    stage.adds("Rules", SKU="MUG", Reserve=4)
    stage.adds("Matches", Channel="north", Listing="SIX", SKU="MUG", Units=6)
    stage.adds("Stock In and Out", SKU="MUG", Change_or_Count="Change", Value=3, When="2026-11-23")
    await stage.cycle()
    for asked in stage.questions():
        stage.sets("Attention", asked.id, "Answer", "fine" if "before the first" in asked.what else "yes")
    await stage.cycle()


def shown(stage: Stage) -> tuple[int | None, ...]:
    return tuple(stage.shows("north", sku) for sku in ("MUG", "BOX", "KIT", "SIX"))


def renames(stage: Stage, old: str, new: str) -> None:
    stage.sets("Item Master", old, "SKU", new)


@scene("renamed")
async def test_a_renamed_sku_is_offered_and_one_answer_heals_stock_links_rules_and_parts(stage: Stage) -> None:
    await live(stage)
    assert shown(stage) == (36, 9, 9, 6)
    renames(stage, "MUG", "CUP")
    await stage.cycle()
    assert [(row.what, row.bad, row.answers) for row in stage.attention() if row.answers] == [
        (
            "The SKU MUG seems to have a new name: CUP. Until you answer, its shop numbers only go down, never up.",
            "stop",
            "yes / no",
        )
    ]
    order = stage.buys("north", "MUG", 1)
    await stage.cycle()
    assert shown(stage) == (35, 9, 9, 5)
    stage.answers("yes")
    await stage.cycle()
    assert stage.attention() == []
    assert stage.levels("CUP") == (40, 1, 39, None)
    stage.ships("north", order)
    stage.types("CUP", stocked=50)
    await stage.cycles(60)
    stage.answers("added or taken away", about="You changed Stocked")
    await stage.cycle()
    stage.answers("ask me")
    await stage.cycles(60)
    assert (stage.levels("CUP"), shown(stage), stage.attention()) == ((49, 0, 49, None), (45, 9, 9, 7), [])
    stage.adds("Stock In and Out", SKU="MUG", Change_or_Count="Change", Value=-9, When="2026-11-23 08:30")
    await stage.waits(3600)
    await stage.cycle()
    await stage.restarts()
    await stage.cycle()
    assert (stage.levels("CUP")[0], shown(stage), stage.attention()) == (40, (36, 9, 9, 6), [])
    assert stage.listing("north", "SIX").why is not None


@scene("renamed")
async def test_another_item_in_the_place_of_one_that_is_gone_is_another(stage: Stage) -> None:
    await live(stage)
    renames(stage, "BOX", "CRATE")
    await stage.cycle()
    stage.answers("no", about="seems to have a new name")
    await stage.cycle()
    assert [row.what[:30] for row in stage.attention() if "new name" in row.what] == []
    assert stage.levels("CRATE")[0] == 9
    stage.row_about("The row of BOX is no longer in Item Master")


@scene()
async def test_the_old_name_among_the_other_skus_needs_no_answer(stage: Stage) -> None:
    await live(stage)
    renames(stage, "MUG", "CUP")
    stage.types("CUP", other="MUG")
    await stage.cycle()
    assert (stage.levels("CUP"), shown(stage), stage.attention()) == ((40, 0, 40, None), (36, 9, 9, 6), [])


@scene("renamed")
async def test_a_name_that_goes_back_and_forth_keeps_its_item(stage: Stage) -> None:
    await live(stage)
    for old, new in (("MUG", "CUP"), ("CUP", "TASSE")):
        renames(stage, old, new)
        await stage.cycle()
        stage.answers("yes")
        await stage.cycle()
    renames(stage, "TASSE", "MUG")  # it was called so before: nothing to ask
    await stage.cycle()
    assert (stage.levels("MUG"), shown(stage), stage.attention()) == ((40, 0, 40, None), (36, 9, 9, 6), [])
    assert set(stage.agent.store.table("former").select("alias", "sku").rows()) == {("CUP", "MUG"), ("TASSE", "MUG")}


@scene()
async def test_a_sku_in_another_case_is_the_same_item(stage: Stage) -> None:
    await live(stage)
    renames(stage, "MUG", "Mug")
    stage.types("Mug", title="Another title")
    await stage.cycle()
    assert (stage.levels("Mug"), shown(stage), stage.attention()) == ((40, 0, 40, None), (36, 9, 9, 6), [])


@scene("renamed_many")
async def test_many_new_names_are_one_question(stage: Stage) -> None:
    skus = [f"S{number}" for number in range(6)]
    for at, sku in enumerate(skus):
        stage.sells(sku, north=5)
        stage.types(sku, stocked=20 + at)
    await stage.goes_live()
    for sku in skus:
        renames(stage, sku, f"NEW-{sku}")
    await stage.cycle()
    assert len(stage.attention()) == 1
    assert stage.row_about("new names").what.startswith("6 SKUs seem to have new names: S0 is now NEW-S0, S1 is now")
    stage.answers("yes")
    await stage.cycle()
    assert (stage.attention(), [stage.shows("north", sku) for sku in skus]) == ([], [20, 21, 22, 23, 24, 25])


@scene()
async def test_a_sku_renamed_in_the_shop_changes_nothing(stage: Stage) -> None:
    """A link is kept by the shop's own ids (S3-7)."""
    await live(stage)
    stage.shops["north"].rename_sku(stage.ids["north", "MUG"], "M-2027")
    await stage.cycles(1000)
    stage.types("MUG", stocked=30)
    await stage.cycle()
    assert (shown(stage), stage.attention()) == ((26, 9, 9, 4), [])


@scene("row_missing")
async def test_what_may_be_one_of_two_is_not_offered(stage: Stage) -> None:
    await live(stage)
    stage.deletes("BOX")
    stage.types("CRATE", title="Item BOX", stocked=9)
    stage.types("CHEST", title="Item BOX", stocked=9)
    await stage.cycle()
    assert [row for row in stage.attention() if "new name" in row.what] == []
    stage.row_about("The row of BOX is no longer in Item Master")
