"""Every column of the tab Rules, by shop, SKU and tag, from the seller's cells to what buyers see (DESIGN 4 and 7)."""

from __future__ import annotations

from random import Random

from agent.workbooks.memory import Entry
from tests.scenarios.stage import Stage, scene

WIDE: list[dict[str, Entry]] = [
    {"Percent": "80 %", "Maximum": 50},
    {"Channel": "south", "Reserve": 2},
    {"Tag": "slow", "Maximum": 5},
    {"Tag": "slow", "Channel": "south", "Maximum": 3},
    {"SKU": "ALL", "Percent": "none", "Maximum": "none"},
    {"SKU": "ALL", "Channel": "south", "Reserve": "none", "Percent": "50 %", "Rounding": "up"},
    {"SKU": "LAST", "Out of stock at": 4},
    {"SKU": "LAST", "Channel": "north", "Out of stock at": 3},
    {"SKU": "FEW", "Minimum": 2},
    {"SKU": "PRINT", "Fixed quantity": 99},
    {"SKU": "OWN", "Channel": "south", "Sync": "no"},
    {"SKU": "COLD", "Freeze at": 1, "Until": "2026-11-25"},
    {"SKU": "ONE", "Last units": "one channel", "Percent": "none"},
    {"SKU": "ONE", "Channel": "south", "Reserve": "none"},
]
SHOWN = {
    "PLAIN": (16, 14),  # 80 % of 20; of 18 in the south: 14.4
    "SLOW": (5, 3),
    "ALL": (101, 51),  # no wider rule; half of 101, upwards
    "LAST": (3, 0),  # four left: at 4 the south stops, the north at 3 does not: 80 % of 4
    "FEW": (2, 0),  # 80 % of 1 is 0, the minimum 2; with two in reserve there is nothing to promise
    "PRINT": (50, 50),  # not counted: 99, and the maximum of all
    "OWN": (16, 20),  # left as the south has it
    "COLD": (1, 1),
    "ONE": (0, 2),  # the last two are the south's, by Priority
}
"""SKU -> what the north and the south show."""


async def opens(stage: Stage, rules: list[dict[str, Entry]]) -> None:
    stocked = {"PLAIN": 20, "SLOW": 40, "ALL": 101, "LAST": 4, "FEW": 1, "OWN": 20, "COLD": 20, "ONE": 2}
    for sku in SHOWN:
        stage.sells(sku, north=20, south=20)
        if sku in stocked:
            stage.types(sku, stocked=stocked[sku])
    stage.types("PRINT", track="no")
    stage.types("SLOW", tags="slow, heavy")
    stage.adds("Channels", Channel="south", Priority=1)
    for row in rules:
        stage.adds("Rules", **{name.replace(" ", "_"): entry for name, entry in row.items()})
    await stage.goes_live()


@scene()
async def test_the_more_specific_row_wins_cell_by_cell_whatever_its_place_S4_18(stage: Stage) -> None:
    await opens(stage, Random(5).sample(WIDE, len(WIDE)))
    assert {sku: (stage.shows("north", sku), stage.shows("south", sku)) for sku in SHOWN} == SHOWN
    assert stage.listing("south", "SLOW").why == (
        "40 stocked - 0 allocated = 40 -> reserve 2 = 38 -> 80% = 30 -> max 3 = 3"
    )
    await stage.cycles(3 * 86_400, every=43_200)
    assert (stage.shows("north", "COLD"), stage.shows("south", "COLD")) == (16, 14), "its Until is over"
