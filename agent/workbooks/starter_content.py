"""The words and example rows of the starter workbook."""

from __future__ import annotations

from agent.words import in_words
from agent.workbooks.cells import Value

STEPS = (
    in_words("standing.fill_item_master_one"),
    in_words("standing.connect_a_shop"),
    in_words("standing.look_at_imports_link"),
    in_words("standing.look_at_first_plan"),
    in_words("standing.go_working_item_master"),
)
"""The five steps as they stand in a new workbook; the agent writes the same ones, ticked (S2-2)."""

PLACES = ("Item Master", "Channel Status", "Imports", "Attention", "Item Master")
"""The tab in which each step is done, or seen."""

ITEMS: tuple[dict[str, Value], ...] = (
    {"SKU": "BLUE-S", "Title": "Blue shirt, small", "Stocked": 12, "Barcode": "2000000000015",
     "Tags": "shirts, summer"},
    {"SKU": "BLUE-M", "Title": "Blue shirt, medium", "Stocked": 20, "Barcode": "2000000000022",
     "Tags": "shirts, summer"},
    {"SKU": "BLUE-L", "Title": "Blue shirt, large", "Stocked": 0, "Barcode": "2000000000039",
     "Tags": "shirts, summer",
     "Other SKUs": "BLU-L, 1042"},
    {"SKU": "MUG", "Title": "Mug, white", "Stocked": 48, "Tags": "kitchen"},
    {"SKU": "BOX", "Title": "Gift box", "Stocked": 30},
    {"SKU": "MUG-SET", "Title": "Two mugs in a gift box", "Made of": "MUG x 2 + BOX", "Tags": "kitchen"},
    {"SKU": "GIFT-CARD", "Title": "Gift card (made to order)", "Track stock": "no"},
    {"SKU": "00123", "Title": "Postcard; its code begins with zeros", "Stocked": 250},
)  # fmt: skip
"""Example items: variants, a typed 0, a bundle and its parts, an untracked item, a code with leading zeros."""

EXAMPLE_HEADERS = ("Examples (not read)", "How to fill it in", "What happens then")
RULE_EXAMPLES = (
    ("Percent", "Channel my-shop, Percent 80 %", "20 available: my-shop shows 16."),
    ("Rounding", "Percent 50 %, Rounding nearest", "7 available: 3.5 becomes 4. Blank rounds down, to 3."),
    ("Fixed quantity", "SKU GIFT-CARD, Fixed quantity 5", "An item that is not tracked always shows 5."),
    ("Reserve", "Tag shirts, Reserve 2", "20 available: every shirt shows 18."),
    ("Maximum", "Channel my-shop, Maximum 8", "20 available: my-shop shows 8."),
    ("Minimum", "SKU MUG, Minimum 3", "1 available: shows 3, a promise beyond the stock. At 0 it shows 0."),
    ("Out of stock at", "Out of stock at 1", "1 available: every shop shows 0. 2 available: 2."),
    ("Last units", "Last units: one channel", "The last 2 units are shown in one shop only: the first in Priority."),
    ("Last units", "Last units: auto", "The same, only while an item sells fast and orders get known late."),
    ("Sync", "Channel my-shop, SKU BOX, Sync no", "The box is left alone in my-shop."),
    (
        "Freeze at and Until",
        "SKU MUG, Freeze at 3, Until 2026-12-31",
        "Shows 3, never more than there are, until then.",
    ),
    ("none", "SKU BLUE-M, Maximum none", "Takes a wider Maximum away for this item."),
)
"""One example a rule (S4-19). They stand beside the table, under headings that mean nothing to the reader."""

LOOK_UPS: dict[str, dict[str, tuple[str, int]]] = {
    "Item Master": {
        "Available": ("Look-up: free to sell, from Stock Levels. Written by a formula; do not type here.", 11),
        "Status": ("Look-up: how this item stands, from Stock Levels. Written by a formula; do not type here.", 24),
    },
    "Control": {
        "What came of it": (
            "Look-up: what holds now, or the answer, from Control Status. Written by a formula; do not type here.",
            80,
        ),
    },
}
"""Ready columns right of Item Master's own: what Stocksheet says about a row, beside it (DESIGN section 2, idea 4)."""

GOOGLE_LOOK_UPS: dict[str, dict[str, tuple[str, int]]] = {
    "Item Master": {
        "Stocked now": ("Look-up: what is on the shelf now, from Stock Levels. Written by a formula.", 11),
        **LOOK_UPS["Item Master"],
    },
    "Control": LOOK_UPS["Control"],
}
"""The same in a Google Sheet, where nothing is mirrored into the person's own column: it stands beside it."""
