"""Dashboard against what really happened: the figures that matter, in words (DESIGN section 4, S0-2, S0-25)."""

from __future__ import annotations

import random

from tests.scenarios.stage import Stage, scene
from tests.scenarios.test_what_parks_a_listing import live

DAY = 86_400.0


def figure(stage: Stage, name: str) -> tuple[str, str | None, str]:
    """Value, Status, Meaning."""
    rows = stage.book.results("Dashboard").rows(named=True)
    row = next(row for row in rows if row["Figure"] == name)
    return row["Value"], row["Status"], row["Meaning"]


def block(stage: Stage, *columns: str) -> list[tuple[object, ...]]:
    """The filled rows of some columns of Chart Data."""
    return stage.book.results("Chart Data").select(columns).drop_nulls(columns[0]).rows()


@scene()
async def test_a_new_workbook_says_what_is_not_known_yet(stage: Stage) -> None:
    await stage.cycle()
    assert figure(stage, "Listings matched") == (
        "not known yet",
        "not yet",
        "The listings of no shop have been read yet.",
    )
    assert figure(stage, "Open questions")[:2] == ("0 questions", "good")
    assert block(stage, "Item", "Days left") == [("not known yet", None)]


@scene()
async def test_shares_risk_and_units_are_those_of_the_shops_S0_25(stage: Stage) -> None:
    stage.sells("B", south=7)
    await live(stage)
    await stage.cycle()
    shown = stage.shows("north", "A"), stage.shows("south", "A")
    assert figure(stage, "Listings matched") == (
        "66 %", "look", "2 of 3 listings are linked to an item; 1 listing waits in Imports."
    )  # fmt: skip
    assert figure(stage, "In sync") == (
        "100 %",
        "good",
        "2 linked listings, all at the target, said so by the shop itself.",
    )
    assert figure(stage, "Oversell risk") == (
        "7 units", "look", "7 units are on sale that nobody counts (link them in Imports)."
    )  # fmt: skip
    assert figure(stage, "Units for sale")[0] == f"{sum(map(int, shown))} units"
    assert block(stage, "Shop", "Linked", "Not linked", "Units shown") == [
        ("north", 1, 0, shown[0]), ("south", 1, 1, shown[1])
    ]  # fmt: skip
    assert block(stage, "Risk in", "Not linked, on sale", "Above target") == [("south", 7, 0)]


@scene()
async def test_pushes_of_a_day_are_told_and_drawn(stage: Stage) -> None:
    await live(stage)
    stage.buys("north", "A", 3)
    await stage.cycle()
    await stage.cycle()
    lowered = sum(1 for row in stage.log("south") + stage.log("north") if row[1] < row[0])
    raised = sum(1 for row in stage.log("south") + stage.log("north") if row[1] >= row[0])
    assert figure(stage, "Pushed today")[2] == f"{lowered} lowered, {raised} raised."
    assert block(stage, "Day", "Lowered", "Raised")[-1] == ("23", lowered, raised)
    assert len(block(stage, "Day")) == 15


@scene()
async def test_what_sells_out_is_told_after_a_week_of_orders_and_not_before(stage: Stage) -> None:
    stage.types("A", stocked=40)
    stage.types("B", stocked=40)
    stage.sells("A", north=40, south=40)
    stage.sells("B", north=40)
    await stage.goes_live()
    assert figure(stage, "Sells out within 5 days") == (
        "not known yet", "not yet", "Told after a week of orders; an item needs three sales."
    )  # fmt: skip
    chance = random.Random(1)
    for _ in range(9):
        for _ in range(2):
            stage.buys(chance.choice(("north", "south")), "A", 2)
            await stage.cycle()
        await stage.waits(DAY)
        await stage.cycle()
    value, status, meaning = figure(stage, "Sells out within 5 days")
    assert (value, status) == ("1 item", "look")
    assert meaning == "A in 1 day, as things sell now."
    item, left = block(stage, "Item", "Days left")[0]
    assert item == "A" and 0.9 <= float(str(left)) <= 1.1, "4 units left, 4 a day"


@scene()
async def test_more_sold_than_stocked_is_said_with_the_item(stage: Stage) -> None:
    await live(stage)
    stage.buys("north", "A", 5)
    await stage.cycle()
    stage.types("A", stocked=3)
    await stage.cycle()
    await stage.cycle()
    assert figure(stage, "Sold beyond stock") == (
        "1 item", "stop", "More sold than stocked: A. Stock Levels has the numbers."
    )  # fmt: skip


@scene()
async def test_a_shop_that_does_not_answer_is_named(stage: Stage) -> None:
    await live(stage)
    stage.revokes_key("south")
    await stage.cycles(300)
    value, status, meaning = figure(stage, "Last looked")
    assert status == "look" and meaning.startswith("No answer from south: see Channel Status.")
    assert ":" in value
