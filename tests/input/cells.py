"""One row an input: what stands in a cell of Item Master, what is said, and what becomes of its item."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from tests.input.seller import Cell, Entry

DIGITS = (
    "Type the digits alone, without words, units, commas or points. Until then Stocksheet uses what stood here before."
)
WHOLE = "Type a whole number. Until then Stocksheet uses what stood here before."
ZERO = "Type 0 or more. Until then Stocksheet uses what stood here before."
LARGE = "Look whether a barcode or a price was typed here, and type the right number."
DATE = "Set the cell to Number and type the number. Until then Stocksheet uses what stood here before."
MEND = "Mend the formula, or type the value. Until then Stocksheet uses what stood here before."
RECIPE = "Write it like MUG x 2 + BOX."


class Bad(NamedTuple):
    """A cell that cannot be used: its item is frozen at what was accepted (20, less what is sold)."""

    entry: Entry | Cell
    what: str
    todo: str
    status: str
    column: str = "Stocked"
    excel_only: bool = False
    """Only a file has it (an error value)."""


def no_number(entry: Entry) -> Bad:
    return Bad(entry, f'Stocked is not a number: "{entry}".', DIGITS, "held: not a number")


BAD: dict[str, Bad] = {
    "half": Bad(3.5, "Stocked is not a whole number: 3.5.", WHOLE, "held: no whole number"),
    "half-text": Bad("3,5", "Stocked is not a whole number: 3,5.", WHOLE, "held: no whole number"),
    "below-zero": Bad(-2, "Stocked is below zero: -2.", ZERO, "held: number below zero"),
    "below-zero-text": Bad("\u22123", "Stocked is below zero: \u22123.", ZERO, "held: number below zero"),
    "unit": no_number("12 pcs"),
    "thousands": no_number("1,000"),
    "thousands-german": no_number("1.000"),
    "thousands-space": no_number("1 000"),
    "thousands-swiss": no_number("1'000"),
    "wide-digits": no_number("\uff11\uff12"),
    "arabic-digits": no_number("\u0661\u0662"),
    "plus": no_number("+5"),
    "exponent": no_number("1e3"),
    "words": no_number("sold out"),
    "dash": no_number("-"),
    "question": no_number("?"),
    "letter-O": no_number("O"),
    "nan": no_number("NaN"),
    "yes-no": Bad(True, 'Stocked is not a number: "TRUE".', DIGITS, "held: not a number"),
    "barcode": Bad(
        4006381333931, "Stocked is far too large: 4006381333931.", LARGE, "held: number too large"
    ),
    "huge": Bad(1e20, "Stocked is far too large: 1e+20.", LARGE, "held: number too large"),
    "percent": Bad(Cell(0.5, "0%"), "Stocked is not a whole number: 0.5.", WHOLE, "held: no whole number"),
    "date": Bad(
        datetime(2026, 5, 3), "Stocked needs a number, and a date stands there: 2026-05-03.", DATE,
        "held: date instead of a number",
    ),
    "date-format": Bad(
        Cell(12, "yyyy-mm-dd"), "Stocked needs a number, and a date stands there: 1900-01-12.", DATE,
        "held: date instead of a number", excel_only=True,
    ),
    "formula": Bad(
        Cell("=10+2"), "The formula in Stocked has no result yet.",
        "Open the workbook, let it work out its formulas and save.", "held: formula without a result",
    ),
    **{
        f"error-{at}": Bad(error, f"Stocked shows an error: {error}.", MEND, "held: error in a cell", excel_only=True)
        for at, error in enumerate(("#REF!", "#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!"))
    },
    "track": Bad(
        "maybe", 'Track stock takes a word from its list, not "maybe".', "Pick one from the list: yes, no.",
        "held: unknown word", "Track stock",
    ),
    "active": Bad(
        "nope", 'Active takes a word from its list, not "nope".', "Pick one from the list: yes, no.",
        "held: unknown word", "Active",
    ),
    "itself": Bad(
        "itself x 2", 'itself is made of itself: "itself x 2".', "Take its own SKU out of Made of.",
        "held: made of itself", "Made of",
    ),
    "two-step": Bad(
        "LOOP", "two-step has a part that is a bundle itself: LOOP.", "Write the single items into Made of instead.",
        "held: bundle in a bundle", "Made of",
    ),
    "kit-in-kit": Bad(
        "KIT", "kit-in-kit has a part that is a bundle itself: KIT.", "Write the single items into Made of instead.",
        "held: bundle in a bundle", "Made of",
    ),
    "no-such-part": Bad(
        "NOPE x 2", "Made of names a part that is not in Item Master: NOPE.", "Correct the SKU of the part",
        "held: unknown part", "Made of",
    ),
    "minus-part": Bad(
        "GOOD x -1", 'Made of cannot be understood: "GOOD x -1".', RECIPE, "held: Made of is unclear", "Made of"
    ),
    "half-part": Bad(
        "GOOD x 1.5", 'Made of cannot be understood: "GOOD x 1.5".', RECIPE, "held: Made of is unclear", "Made of"
    ),
    "no-part": Bad(
        "GOOD x 0", 'Made of cannot be understood: "GOOD x 0".', RECIPE, "held: Made of is unclear", "Made of"
    ),
}  # fmt: skip
"""SKU -> what is typed into its row."""

FINE: dict[str, tuple[Entry | Cell, int]] = {
    "spaces": (" 12 ", 12),
    "text": ("12", 12),
    "no-break": ("\u00a012\u200b", 12),
    "typed-zero": ("0", 0),
    "zero": (0, 0),
    "accounting": (Cell(12, "_-* #,##0_-"), 12),
    "twelve-percent": (Cell(12, "0%"), 12),
    "rounding-noise": (12.000000000000002, 12),
}
"""SKU -> what is typed into its Stocked, and what it means."""
