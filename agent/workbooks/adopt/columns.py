"""What the cells of one column of a seller's tab hold: codes, whole numbers, barcodes, words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from agent.core.readers import YES_NO
from agent.workbooks.cells import date_text, letters_of, number_text

_LONGEST_CODE = 40
_MOSTLY = 0.9
_BARCODES = (8, 12, 13, 14)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class ColumnLook:
    """One column below the header, blank cells left out."""

    index: int
    header: str
    """As it is written, line breaks included."""
    values: Sequence[object]
    rows: int
    """Rows of the tab below its header, blank cells of this column included."""

    @property
    def letters(self) -> str:
        """Its letters: `C`."""
        return letters_of(self.index)

    @cached_property
    def texts(self) -> list[str]:
        """Its values as a person reads them."""
        return [shown(value) for value in self.values]

    @property
    def title(self) -> str:
        """Its header on one line."""
        return " ".join(self.header.split())

    @property
    def asks(self) -> bool:
        """The header is a question, such as `In stock?`: the cells say yes or no."""
        return self.header.endswith("?") and self.yes_no

    @property
    def examples(self) -> list[str]:
        """Three different values."""
        return list(dict.fromkeys(text for text in self.texts if text))[:3]

    @cached_property
    def whole(self) -> bool:
        """It can be a quantity: nearly all are numbers, and nearly all of these whole and not huge."""
        numbers = [n for n in map(_number, self.values) if n is not None]
        few = [n for n in numbers if n == int(n) and abs(n) < 10_000_000]
        return bool(numbers) and len(few) >= _MOSTLY * len(self.values)

    @cached_property
    def words(self) -> bool:
        """Most are words, not numbers."""
        named = [text for value, text in zip(self.values, self.texts, strict=True) if _number(value) is None and text]
        return len(named) > 0.5 * len(self.values)

    @cached_property
    def running(self) -> bool:
        """It numbers the rows: 1, 2, 3."""
        return len(self.texts) > 1 and self.texts == [str(i) for i in range(1, len(self.texts) + 1)]

    @cached_property
    def names(self) -> bool:
        """Names of things: nearly all different, most of several words."""
        several = sum(" " in text for text in self.texts)
        return 2 * several > len(self.texts) and len({*self.texts}) >= _MOSTLY * len(self.texts)

    @cached_property
    def codes(self) -> bool:
        """It can be a SKU: short, nearly all different, one in nearly every row."""
        short = [t for t in self.texts if len(t) <= _LONGEST_CODE and t.count(" ") <= 3]
        different = len({t.casefold() for t in self.texts})
        return (
            bool(self.texts)
            and len(short) >= _MOSTLY * len(self.texts)
            and different >= _MOSTLY * len(self.texts)
            and not any(isinstance(v, date | datetime | time | timedelta) for v in self.values[:50])
        )

    @cached_property
    def coded(self) -> bool:
        """Most have a digit or are written in capitals, as codes are and names are not."""
        written = sum(any(c.isdigit() for c in t) or t.upper() == t != t.lower() for t in self.texts)
        return written >= 0.6 * len(self.texts)

    @cached_property
    def barcodes(self) -> bool:
        """Nearly all are EAN, UPC or ISBN-13 with a right check digit."""
        right = sum(is_barcode(text) for text in self.texts)
        return right >= min(3, len(self.texts)) and right >= 0.8 * len(self.texts) > 0

    @cached_property
    def yes_no(self) -> bool:
        """Every one is a word for yes or no (or there is none yet)."""
        return all(text.casefold() in YES_NO for text in self.texts)


def shown(value: object) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, date | datetime | time):
        return date_text(value)
    return " ".join(str(value).split())


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        text = value.strip() if isinstance(value, str) else ""
        return float(text) if _DIGITS.fullmatch(text) and len(text) < 16 else None
    return float(value)


def is_barcode(text: str) -> bool:
    """GS1's check digit (EAN-8, UPC-A, EAN-13 and ISBN-13, GTIN-14): weights 3 and 1 from the right."""
    if not _DIGITS.fullmatch(text) or len(text) not in _BARCODES or not int(text):
        return False
    digits = [int(c) for c in reversed(text)]
    return sum(d * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10 == 0
