"""*Ask* in Control: every form of question, answered in the next cycle from the store, in plain words."""

from __future__ import annotations

import pytest

from tests.scenarios.stage import Stage, scene, tells
from tests.scenarios.test_what_parks_a_listing import live

HELP = (
    "This can be asked: a SKU (BLUE-M), why 4 on my-shop, who changed BLUE-M, what if reserve 2 "
    "(or percent 50, maximum 5; for a SKU, on a shop)."
)
SUM = "20 stocked - 0 allocated = 20"


async def answer(stage: Stage, question: str) -> str:
    """What the next cycle says."""
    stage.asks(question)
    await stage.cycle()
    return str(stage.came_of(f"Ask {' '.join(question.split())}"))


async def two_shops(stage: Stage) -> None:
    """A (20) in both shops; 00123 (7) in the north only, also called OLD-1; BLUE-M and BLUE-L unlisted."""
    stage.sells("00123", north=7)
    stage.types("00123", stocked=7, other="OLD-1")
    stage.types("BLUE-M", stocked=3)
    stage.types("BLUE-L", stocked=4)
    await live(stage)


@scene("ask_item", "ask_listing")
async def test_a_sku_says_how_the_item_stands_and_what_each_shop_shows_and_why(stage: Stage) -> None:
    await two_shops(stage)
    stage.buys("south", "A", 2)
    told = await answer(stage, "A")
    assert told == (
        "A (Item A): counted; 20 on the shelf, 2 sold and not shipped, so 18 free to sell. "
        "north shows 18 (in sync): 20 stocked - 2 allocated = 18. "
        "south shows 18 (in sync): 20 stocked - 2 allocated = 18."
    )
    assert stage.log("north")[0][1] == 18  # the sale, not the question


@scene("ask_nowhere")
async def test_an_item_that_no_shop_has_says_so(stage: Stage) -> None:
    await two_shops(stage)
    told = await answer(stage, "blue-m")
    assert told == (
        "BLUE-M (Item BLUE-M): counted; 3 on the shelf, 0 sold and not shipped, so 3 free to sell. "
        "No linked listing of BLUE-M."
    )


@pytest.mark.parametrize("question", ["00123", "'00123'", "old-1", "Item 00123", "  00123 ?", "how many 00123"])
def test_a_sku_is_found_by_all_its_names(question: str) -> None:
    @scene("ask_item")
    async def story(stage: Stage) -> None:
        await two_shops(stage)
        assert (await answer(stage, question)).startswith("00123 (Item 00123): counted; 7 on the shelf")

    story()


@pytest.mark.parametrize(
    "question",
    ["why 7 on north", "Why does 00123 show 7 on North?", "why 7 north", "why is “00123” 7", "WHY 00123 on north"],
)
def test_why_a_number_stands_in_a_shop(question: str) -> None:
    @scene("ask_listing_of")
    async def story(stage: Stage) -> None:
        await two_shops(stage)
        told = await answer(stage, question)
        assert told == "00123 on north shows 7 (in sync): 7 stocked - 0 allocated = 7."

    story()


tells(test_why_a_number_stands_in_a_shop, ["ask_listing_of"])


@scene("ask_nowhere", "ask_listing_of")
async def test_a_number_that_stands_nowhere_and_one_that_stands_in_two_shops(stage: Stage) -> None:
    await two_shops(stage)
    assert await answer(stage, "why 4 on north") == "No linked listing on north shows 4 now, or should."
    assert await answer(stage, "why 20") == (
        f"A on north shows 20 (in sync): {SUM}. A on south shows 20 (in sync): {SUM}."
    )
    assert await answer(stage, "why A on south") == f"A on south shows 20 (in sync): {SUM}."
    assert await answer(stage, "why 5 for a on south") == f"A on south shows 20 (in sync): {SUM}."


@scene("ask_listing_of")
async def test_an_item_called_4_comes_before_the_number_4(stage: Stage) -> None:
    stage.sells("4", north=9)
    stage.types("4", stocked=9)
    await live(stage)
    assert await answer(stage, "why 4 on north") == "4 on north shows 9 (in sync): 9 stocked - 0 allocated = 9."


@scene("ask_change", "ask_unchanged")
async def test_who_changed_an_item(stage: Stage) -> None:
    await two_shops(stage)
    began = f"{stage.clock.now().astimezone():%Y-%m-%d %H:%M}"
    order = stage.buys("south", "A", 2)
    await stage.cycle()
    stage.ships("south", order)
    await stage.cycle()
    told = await answer(stage, "Who changed a?")
    first, *rest = told.split(f"{began}: ")
    assert first == ""
    assert rest[0].startswith(f"shipment -2 on south (order {order}")
    assert rest[0].endswith(", 18 on the shelf then. ")
    assert rest[1] == f"sale -2 on south (order {order}). "
    assert rest[2].startswith("count +20 (") and rest[2].endswith(", 20 on the shelf then.")
    assert await answer(stage, "who changed A on north") == "Nothing is known to have changed A."


@scene("ask_what_if")
async def test_what_if_says_what_would_change_and_pushes_nothing(stage: Stage) -> None:
    await two_shops(stage)
    pushes = stage.agent.store.table("push").height
    assert await answer(stage, "what if reserve 2") == (
        "With Reserve 2, 3 of 3 listings would change: 3 lower, 0 higher. "
        "The largest: 00123 on north 7 -> 5, A on north 20 -> 18, A on south 20 -> 18. Nothing was changed."
    )
    assert await answer(stage, "What if percent 50 for A on south?") == (
        "With Percent 50 % for A on south, 1 of 1 listing would change: 1 lower, 0 higher. "
        "The largest: A on south 20 -> 10. Nothing was changed."
    )
    assert await answer(stage, "what if the maximum was 0 on north") == (
        "With Maximum 0 on north, 2 of 2 listings would change: 2 lower, 0 higher, 2 sold out. "
        "The largest: A on north 20 -> 0, 00123 on north 7 -> 0. Nothing was changed."
    )
    assert await answer(stage, "what if 50 % for old-1") == (
        "With Percent 50 % for 00123, 1 of 1 listing would change: 1 lower, 0 higher. "
        "The largest: 00123 on north 7 -> 3. Nothing was changed."
    )
    assert stage.agent.store.table("push").height == pushes
    assert stage.agent.store.table("rule").is_empty()


@scene("ask_what_if", "ask_what_if_same")
async def test_what_if_a_rule_that_stands_had_another_value(stage: Stage) -> None:
    stage.adds("Rules", Reserve=5)
    stage.adds("Rules", SKU="00123", Reserve=0)
    await stage.cycle()
    stage.sells("00123", north=7)
    stage.types("00123", stocked=7)
    stage.sells("A", north=5, south=5)
    stage.types("A", stocked=20)
    await stage.goes_live()
    told = await answer(stage, "what if reserve 2")
    assert told.startswith(
        "With Reserve 2, 2 of 3 listings would change: 0 lower, 2 higher. The largest: A on north 15 -> 18"
    )
    assert await answer(stage, "what if reserve 0 for 00123") == "With Reserve 0 for 00123, no listing would change."


@scene("ask_no_number", "ask_no_item")
async def test_half_a_question_is_asked_back(stage: Stage) -> None:
    await two_shops(stage)
    assert await answer(stage, "what if reserve two") == (
        "What if needs a rule and a number, not: reserve two. Type it like: what if reserve 2, what if percent 50, "
        "what if maximum 5 for BLUE-M on my-shop."
    )
    assert (await answer(stage, "what if")).startswith("What if needs a rule and a number. ")
    assert (await answer(stage, "what if percent 150")).startswith(
        "What if needs a rule and a number, not: percent 150."
    )
    assert await answer(stage, "what if reserve 2 for BLUE-X") == (
        "There is no item and no shop of this name: BLUE-X. Most like it: BLUE-M and BLUE-L."
    )


@scene("ask_no_item")
async def test_a_sku_with_a_slip_is_offered_those_that_are_like_it(stage: Stage) -> None:
    await two_shops(stage)
    assert (
        await answer(stage, "BLU-M")
        == "There is no item and no shop of this name: BLU-M. Most like it: BLUE-M and BLUE-L."
    )
    assert await answer(stage, "why 0123 on north") == (
        "There is no item and no shop of this name: 0123. Most like it: 00123."
    )
    assert await answer(stage, "who changed ZZZZZZ") == "There is no item and no shop of this name: ZZZZZZ."


@scene("ask_help")
async def test_what_is_not_understood_gets_the_list_of_what_can_be_asked(stage: Stage) -> None:
    await two_shops(stage)
    for question in (
        "help",
        "?",
        "please be so kind and write me a long poem about the sea",
        "why",
        "north",
        "why on north",
    ):
        assert await answer(stage, question) == HELP, question


@scene("ask_more", "ask_too_many")
async def test_many_listings_and_many_questions_are_counted(stage: Stage) -> None:
    for number in range(8):
        stage.sells(f"S{number}", north=5)
        stage.types(f"S{number}", stocked=6)
    await live(stage)
    assert (await answer(stage, "why 6 on north")).endswith(" And 3 more: see Listings.")
    for number in range(25):
        stage.asks(f"why {number} on south")
    await stage.cycle()
    assert stage.came_of("Ask why 24 on south") == "Only the first 20 questions are answered."
    assert stage.came_of("Ask why 3 on south") == "No linked listing on south shows 3 now, or should."


@scene("ask_item", "ask_nowhere")
async def test_before_any_shop_was_read_there_is_an_answer_too(stage: Stage) -> None:
    stage.agent.channels.clear()  # type: ignore[attr-defined]
    stage.types("A", stocked=20)
    assert await answer(stage, "A") == (
        "A (Item A): counted; 20 on the shelf, 0 sold and not shipped, so 20 free to sell. No linked listing of A."
    )
    assert await answer(stage, "what if reserve 2") == "With Reserve 2, no listing would change."
    assert await answer(stage, "why 4 on shopify") == "There is no item and no shop of this name: shopify."


@scene("ask_help")
async def test_an_answer_stands_as_of_its_time_until_the_question_changes(stage: Stage) -> None:
    """It is no live figure: the time stands beside it. Asked again, it is answered again."""
    await two_shops(stage)
    told = await answer(stage, "why A on north")
    at = stage.book.results("Control Status")["When"][0]
    stage.types("A", stocked=30)
    await stage.cycle()
    assert stage.came_of("Ask why A on north") == told
    assert stage.book.results("Control Status")["When"][0] == at
    row = stage.book.sheet("Control").header_row + len(stage.book.sheet("Control").rows)
    stage.sets("Control", row, "Value", None)  # type: ignore[arg-type]
    await stage.cycle()
    assert stage.came_of("Ask why A on north") is None
    stage.sets("Control", row, "Value", "why A on north")  # type: ignore[arg-type]
    await stage.cycle()
    assert stage.came_of("Ask why A on north") == "A on north shows 30 (in sync): 30 stocked - 0 allocated = 30."
    assert await answer(stage, "help") == HELP
