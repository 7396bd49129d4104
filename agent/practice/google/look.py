"""The looks that every new spreadsheet has, and colours as Google tells them."""

from __future__ import annotations

import copy
import struct
from collections.abc import Mapping
from typing import Any

WHITE: dict[str, float] = {"red": 1, "green": 1, "blue": 1}
DEFAULT_FORMAT: dict[str, Any] = {
    "backgroundColor": WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": WHITE},
}
_ACCENTS: tuple[tuple[str, dict[str, float]], ...] = (
    ("TEXT", {}),
    ("BACKGROUND", WHITE),
    ("ACCENT1", {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275}),
    ("ACCENT2", {"red": 0.91764706, "green": 0.2627451, "blue": 0.20784314}),
    ("ACCENT3", {"red": 0.9843137, "green": 0.7372549, "blue": 0.015686275}),
    ("ACCENT4", {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902}),
    ("ACCENT5", {"red": 1, "green": 0.42745098, "blue": 0.003921569}),
    ("ACCENT6", {"red": 0.27450982, "green": 0.7411765, "blue": 0.7764706}),
    ("LINK", {"red": 0.06666667, "green": 0.33333334, "blue": 0.8}),
)
THEME: dict[str, Any] = {
    "primaryFontFamily": "Arial",
    "themeColors": [{"colorType": kind, "color": {"rgbColor": color}} for kind, color in _ACCENTS],
}


def default_properties() -> dict[str, Any]:
    """Format and theme of a new spreadsheet."""
    return {"defaultFormat": copy.deepcopy(DEFAULT_FORMAT), "spreadsheetTheme": copy.deepcopy(THEME)}


def byte(part: float) -> float | int:
    """A part of a colour: kept as one of 256 steps, told as a short fraction."""
    step = max(0, min(255, int(part * 255 + 1e-4)))
    if step in {0, 255}:
        return step // 255
    short = struct.unpack("f", struct.pack("f", step / 255))[0]
    return float(next(text for digits in range(6, 10) if _same(text := f"{short:.{digits}g}", short)))


def _same(text: str, short: float) -> bool:
    return bool(struct.unpack("f", struct.pack("f", float(text)))[0] == short)


def colours(thing: Any) -> Any:
    """A thing from the wire, with every colour in it as it is kept: in steps, without what is 0."""
    if isinstance(thing, list):
        return [colours(each) for each in thing]
    if not isinstance(thing, Mapping):
        return thing
    if thing and set(thing) <= {"red", "green", "blue", "alpha"}:
        parts = ((name, byte(value)) for name, value in thing.items() if value is not None)
        return {name: value for name, value in parts if value}
    return {name: colours(value) for name, value in thing.items()}


def with_styles(form: Any) -> Any:
    """A format with each colour told in both ways, `...Color` and `...ColorStyle`, as Google does."""
    if isinstance(form, list):
        return [with_styles(each) for each in form]
    if not isinstance(form, Mapping):
        return form
    new = {name: with_styles(value) for name, value in form.items()}
    for name in ("backgroundColor", "foregroundColor", "tabColor", "color"):
        style = f"{name}Style"
        if name in new and style not in new and isinstance(new[name], Mapping):
            new[style] = {"rgbColor": new[name]}
        elif isinstance(new.get(style), Mapping) and "rgbColor" in new[style]:
            new[name] = new[style]["rgbColor"]
    return new
