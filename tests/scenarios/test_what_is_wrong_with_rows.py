# ruff: noqa: E501 - golden sentences stand in one line
"""A messy workbook: every cell that is not understood is one row of Attention, with its place and what to do."""

from __future__ import annotations

from datetime import date

from agent.workbooks.memory import Typed
from tests.scenarios.stage import Stage, scene

EXPECTED = {
    ('note', 'Channels!A2', 'This row of Channels has settings and no shop.'):
    "Type the shop's name in Channel, or clear the row. The row has no effect until then.",
    ("note", "Channels!A3", "The shop north has more than one row in Channels: 3, 4."):
    "Keep one row a shop. Where the rows disagree, the cell has no effect until then.",
    ("note", "Channels!A4", "The shop north has more than one row in Channels: 3, 4."):
    "Keep one row a shop. Where the rows disagree, the cell has no effect until then.",
    ('note', 'Channels!B4', 'Mode takes a word from its list, not "Of".'):
    'Pick one from the list: All, Feeds only, Off. Until then Stocksheet uses what stood here before.',
    ("note", "Control!A2", "Control has several rows for the same switch, Mode: 2, 12."):
    "Keep one of them. Until then Stocksheet uses what stood there before.",
    ("note", "Control!A12", "Control has several rows for the same switch, Mode: 2, 12."):
    "Keep one of them. Until then Stocksheet uses what stood there before.",
    ("note", "Item Master!A10", "SKU needs a code, and a check box or a yes/no value stands there: TRUE."):
    "Set the cell to Text and type the code. Until then its shop numbers only go down, never up.",
    ("note", "Item Master!A11", "1 SKU is stored as numbers, such as 12345. They are read as their digits."):
    "Nothing to do, if no SKU begins with a zero. If one does, set the column to Text and type that SKU again.",
    ("stop", "Item Master!A12", "This code looks damaged: 1.23E+15. The spreadsheet seems to have made a date or a rounded number of it."):
    "Set the cell to Text and type the code again. Until then its shop numbers only go down, never up.",
    ("stop", "Item Master!A13", "SKU has characters in it that cannot be seen: HI DDEN."):
    "Type the code again by hand. Until then its shop numbers only go down, never up.",
    ("note", "Item Master!A7", "2 SKUs have spaces around or characters that cannot be seen, such as SPACED. They are read without them."):
    "Nothing to do. To be tidy, type them again.",
    ("note", "Item Master!A8", "The SKU РEN-1 has letters of another alphabet that look like Latin ones, so it may not be found in the shops."):
    "Type the SKU again by hand, with one keyboard language.",
    ('note', 'Item Master!A9', '1 row has no SKU: 9, for example the one with "Nameless".'):
    'Type a SKU in each, or clear the row. They are left out until then.',
    ("note", "Item Master!D3", "This barcode looks damaged: 4006380000000. The spreadsheet seems to have rounded it or made a date of it."):
    "Set the cell to Text and type the barcode again. It links nothing until then.",
    ("note", "Item Master!H2", "Other SKUs of A names a code that is an item itself: B."):
    "Take it out of Other SKUs, or delete the other row. It links nothing more until then.",
    ("note", "Item Master!H2", "Two items have the same code in Other SKUs: OLD, here and at B."):
    "Take it out of one of the rows. It links nothing until then.",
    ("note", "Item Master!H3", "Two items have the same code in Other SKUs: OLD, here and at A."):
    "Take it out of one of the rows. It links nothing until then.",
    ("note", "Matches!B2", "A row of Matches needs a listing and a SKU, and one is missing."):
    "Fill in both, or clear the row. The listing is left as it is until then.",
    ("note", "Matches!B3", "Two rows of Matches link the same listing to the same item: Y."):
    "Keep one of them and put the number for one sale in Units. The listing is left as it is until then.",
    ("note", "Matches!B4", "Two rows of Matches link the same listing to the same item: Y."):
    "Keep one of them and put the number for one sale in Units. The listing is left as it is until then.",
    ("note", "Matches!D5", "Units is 0, and one sale takes at least 1."):
    "Type how many of the item one sale takes, or clear the cell for 1. The listing is left as it is until then.",
    ('note', 'Rules!A2', 'There is no connected shop of this name: "nroth".'):
    'Correct the name, or connect the shop with: stocksheet connect. The row has no effect until then.',
    ("note", "Rules!B3", "The SKU is not in Item Master: NOPE."):
    "Add the item to Item Master, or type the right SKU in SKU. It has no effect until then.",
    ('note', 'Rules!C4', 'No item has this tag: "nope".'):
    'Correct the tag, or add it to items in Item Master. The row has no effect until then.',
    ("note", "Rules!D14", "The Percent of 50 % hides the last units: 1 listing shows 0 while there still are some, such as D."):
    "Set Rounding to up, or Minimum to 1, if you want to sell them.",
    ('note', 'Rules!D7', 'Percent is not a percent: "lots".'):
    'Type it like 80 %. Until then Stocksheet uses what stood here before.',
    ("note", "Rules!D8", "It is not clear whether this means 1 % or 100 %: 1."):
    "Type it with the sign: 1 % or 100 %. Until then Stocksheet uses what stood here before.",
    ("note", "Rules!D9", "Percent is more than 100 %: 120 %."):
    "Type a percent from 0 % to 100 %. Until then Stocksheet uses what stood here before.",
    ("note", "Rules!F15", "A Fixed quantity of 9 is set for items that are counted, such as A. It has no effect."):
    "Use Maximum or Minimum instead, or set Track stock to no for these items.",
    ("note", "Rules!H5", "Rows of Rules that are equally exact disagree about Maximum: rows 5, 6, for example on A."):
    "Change or delete one of them. Until then the one that shows less holds: 5.",
    ("note", "Rules!H6", "Rows of Rules that are equally exact disagree about Maximum: rows 5, 6, for example on A."):
    "Change or delete one of them. Until then the one that shows less holds: 5.",
    ("note", "Rules!I13", "The Minimum of 9 promises more than there is on 1 listing, such as C: up to 5 units too many."):
    "Lower the Minimum, if you cannot make or buy the rest in time.",
    ("note", "Rules!J12", "Out of stock at 100 is above all that you have, so 1 listing shows 0, such as E."):
    "Lower Out of stock at, if you want to sell them.",
    ("note", "Rules!I16", "The Minimum is above the Maximum: 6 and 5. The Minimum comes last, so it is what counts."):
    "Lower the Minimum or raise the Maximum.",
    ('note', 'Rules!N10', 'Until is not a day that can be understood: "someday".'):
    'Type it like 2026-12-31. Until then Stocksheet uses what stood here before.',
    ("note", "Rules!N11", "The last day of Freeze at is over: 2026-01-01, so it has no effect any more."):
    "Clear the row, or type a later day in Until.",
}  # fmt: skip
"""How bad, where, what -> what to do."""


@scene(
    "alias_is_sku",
    "alias_twice",
    "barcode_damaged",
    "channel_blank",
    "channel_twice",
    "choice_unknown",
    "control_twice",
    "cutoff_above_all",
    "date_unclear",
    "fixed_on_tracked",
    "match_incomplete",
    "match_no_listing",
    "match_twice",
    "minimum_above_maximum",
    "minimum_above_stock",
    "not_a_percent",
    "percent_above_100",
    "percent_hides_last",
    "percent_unclear",
    "rule_conflict",
    "several_items",
    "sku_blank",
    "sku_control",
    "sku_damaged",
    "sku_look_alike",
    "sku_not_text",
    "sku_number",
    "sku_trimmed",
    "units_zero",
    "unknown_channel",
    "unknown_sku",
    "unknown_tag",
    "until_over",
)
async def test_every_cell_that_is_not_understood_is_named_with_what_to_do(stage: Stage) -> None:
    """All the slips at once, in every tab that people fill in."""
    for sku in ("A", "B", "C", "D", "E"):
        stage.sells(sku, north=5)
    stage.types("A", stocked=20, tags="new", other="B, OLD")
    stage.types("B", stocked=20, other="OLD", barcode=Typed(4.00638e12, False, "scientific"))
    stage.types("C", stocked=4)
    stage.types("D", stocked=1)
    stage.types("E", stocked=20)
    stage.types(" SPACED ", stocked=1)
    stage.types("\u0420EN-1", stocked=1)
    stage.adds("Item Master", Title="Nameless", Stocked=1)
    stage.adds("Item Master", SKU=True, Title="Ticked", Stocked=1)
    stage.adds("Item Master", SKU=12345, Title="Number", Stocked=1)
    stage.adds("Item Master", SKU="1.23E+15", Title="Rounded", Stocked=1)
    stage.adds("Item Master", SKU="HI\u200bDDEN\x07", Title="Unseen", Stocked=1)
    stage.adds("Rules", Channel="nroth", Maximum=5)
    stage.adds("Rules", SKU="NOPE", Maximum=5)
    stage.adds("Rules", Tag="nope", Maximum=5)
    stage.adds("Rules", SKU="A", Maximum=5)
    stage.adds("Rules", SKU="A", Maximum=6)
    stage.adds("Rules", SKU="B", Percent="lots")
    stage.adds("Rules", SKU="C", Percent=1)
    stage.adds("Rules", Channel="south", Percent="120 %")
    stage.adds("Rules", Tag="new", Freeze_at=3, Until="someday")
    stage.adds("Rules", Channel="south", SKU="C", Freeze_at=3, Until=date(2026, 1, 1))
    stage.adds("Rules", SKU="E", Out_of_stock_at=100)
    stage.adds("Rules", SKU="C", Minimum=9)
    stage.adds("Rules", SKU="D", Percent="50 %")
    stage.adds("Rules", Channel="north", SKU="A", Fixed_quantity=9)
    stage.adds("Rules", SKU="B", Minimum=6, Maximum=5)
    stage.adds("Matches", Channel="north", Listing="X")
    stage.adds("Matches", Channel="north", Listing="Y", SKU="C")
    stage.adds("Matches", Channel="north", Listing="Y", SKU="C", Units=2)
    stage.adds("Matches", Channel="north", Listing="Z", SKU="A", Units=0)
    stage.adds("Channels", Mode="All")
    stage.adds("Channels", Channel="north", Mode="All")
    stage.adds("Channels", Channel="north", Mode="Of")
    stage.adds("Control", Control="Mode", Value="Preview")
    await stage.cycle()
    told = {
        (row.bad, row.where, row.what): row.todo for row in stage.attention() if row.where and row.where[-1].isdigit()
    }
    assert told == EXPECTED
