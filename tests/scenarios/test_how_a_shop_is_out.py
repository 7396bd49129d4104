"""A shop or a workbook that is out stops only itself, and says in Attention what to do."""

from __future__ import annotations

from typing import Any

import pytest

from agent.workbooks.base import Written
from tests.scenarios.stage import Listing, Stage, scene, tells
from tests.scenarios.test_what_parks_a_listing import live

WAIT = "Nothing to do: Stocksheet tries again by itself. If it lasts, open the shop in a browser and see if it answers."
TROUBLE: dict[str, tuple[dict[str, Any], str, str]] = {
    "channel_access": (
        {"expired_key": True},
        "south refuses the access: Sorry, you cannot list resources.",
        "Run: stocksheet connect south. It says step by step what to click (WooCommerce > Settings > Advanced > "
        "REST API, Permissions Read/Write).",
    ),
    "channel_host": ({"down": True}, "south has trouble of its own (it answered 503).", WAIT),
    "channel_wait": ({"throttle": True, "retry_after": 90}, "south asks us to wait.", WAIT),
}
"""Code -> the faults, and what a person then reads."""


@pytest.mark.parametrize("code", TROUBLE)
@scene("channel_out")
async def test_a_shop_that_is_out_stops_only_itself(stage: Stage, code: str) -> None:
    """The south refuses the key, is down, or asks to wait; the north sells one. South's listings say what is at risk,
    one row says why and what to do, and when the shop is back, it is made right by itself."""
    faults, what, todo = TROUBLE[code]
    await live(stage)
    for name, fault in faults.items():
        setattr(stage.shops["south"].faults, name, fault)
    stage.buys("north", "A", 1)
    await stage.cycle()
    assert stage.listing("south", "A") == Listing("shop cannot be reached", 19, "20 stocked - 1 allocated = 19", 20)
    assert stage.listing("north", "A") == Listing("in sync", 19, "20 stocked - 1 allocated = 19", 19)
    (row,) = stage.attention()
    assert (row.bad, row.what, row.todo, row.where) == ("stop", what, todo, "Channel Status")
    assert code in stage.seen
    status = stage.status("south")
    assert (status["Mode"], status["Trouble"], status["In sync"]) == ("out", f"{what} {todo}", "0 of 1")
    for name in faults:
        setattr(stage.shops["south"].faults, name, False)
    await stage.cycles(120, every=40)
    assert (stage.shows("south", "A"), stage.status("south")["Mode"], stage.attention()) == (19, "Live", [])


tells(test_a_shop_that_is_out_stops_only_itself, TROUBLE)


@scene("channel_remark")
async def test_what_a_shop_shows_and_nobody_can_read_is_a_row_and_stops_nothing_else(stage: Stage) -> None:
    """One product is a group of others: it has no quantity of its own, and the seller is told so once."""
    await live(stage)
    shop = stage.shops["north"]
    shop.products[shop.add_simple("SET", "Tea set", None)].type = "grouped"
    stage.switches("Sync now", "x")
    await stage.cycles(1000, every=100)
    (row,) = stage.attention()
    told = "north: 1 product is made of other products (grouped) and has no stock of its own; it is left out."
    assert (row.bad, row.what, row.where) == ("note", told, "Channel Status")
    assert stage.listing("north", "A").status == "in sync"


@scene("channel_access", "channel_out", "wrong_account")
async def test_another_account_behind_the_same_name_is_never_pushed_S2_9(stage: Stage) -> None:
    """The settings now lead to another shop. After the restart it is found out before anything is sent there."""
    await live(stage)
    await stage.restarts(south="https://other.example.com")
    stage.types("A", stocked=30)
    await stage.cycle()
    (row,) = stage.attention()
    assert row.what == (
        "south now answers as another account: other.example.com instead of south.example.com. "
        "Nothing is read or pushed there."
    )
    assert row.todo == "Connect it with the keys of the right one: stocksheet connect south."
    assert (stage.shows("north", "A"), stage.shows("south", "A")) == (30, 20)


@scene("workbook_refused")
async def test_a_workbook_that_cannot_be_written_does_not_stop_the_shops(stage: Stage) -> None:
    """The file is protected for a while: the shops are kept right, and it is said as soon as something can be said."""
    await live(stage)
    write = stage.book.write

    async def refuses(*_: object) -> Written:
        return Written("refused", detail="It is protected with a password.")

    stage.book.write = refuses  # type: ignore[method-assign]
    stage.types("A", stocked=30)
    await stage.cycle()
    assert stage.shows("north", "A") == 30
    stage.book.write = write  # type: ignore[method-assign]
    stage.types("A", stocked=32)
    await stage.cycle()
    (row,) = stage.attention()
    assert row.what == "The workbook cannot be written: It is protected with a password."
    assert row.todo == "Save it as an Excel workbook (.xlsx) without protection. Shops are kept right meanwhile."
    assert (row.bad, row.where) == ("stop", "Item Master")
    await stage.cycle()
    assert stage.attention() == []


@scene("more_of_the_same", "negative")
async def test_many_rows_with_the_same_trouble_are_named_in_part_and_counted(stage: Stage) -> None:
    """Fourteen numbers below zero: twelve rows, and one for the other two."""
    for number in range(14):
        stage.types(f"S{number:02}", stocked=-1 - number)
    await stage.cycle()
    assert len(stage.attention()) == 13
    row = stage.row_about("of the same kind")
    assert row.what == "held: number below zero: 2 more rows are of the same kind."
    assert row.todo == "Mend those that are named; the next ones come up by themselves."
