"""How the workbook looks, declared once: five calm colours, one type scale, widths, what stands above a table.

The starter workbook, the agent's tabs in an adopted one, the results beside an open one and `status.html` all draw on
this. Every text stands out from its ground at 4.5 to 1 or more (`CONTRASTS`; a test computes it), and every colour says
what a word beside it says too, so that a grey print loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agent.words import in_words
from agent.workbooks.tabs import Column, Tab

INK, WHITE = "000000", "FFFFFF"
NAVY, GREEN, AMBER, RED, GREY = "1F3A5F", "2A6B4A", "7A5300", "9C1C1C", "595959"
"""The five colours: Stocksheet's own; yours, and good; waits; bad; quiet."""
GREEN_TINT, AMBER_TINT, RED_TINT = "E7F3EC", "FFF3D1", "FBE6E4"
"""Light grounds of the same colours."""
LINE = "D0D5DB"
"""Hairlines between rows: a light grey."""

FONT = "Calibri"
TITLE, BODY = 16, 11
"""The type scale in points: a tab's title; everything else. Headers and states are bold, nothing is smaller."""
HEADER_HEIGHT, TITLE_HEIGHT, ROW_HEIGHT = 32, 28, 18
"""Points."""

TAB_COLOURS = {"person": GREEN, "agent": NAVY, "both": AMBER}
SIGNED = "+0;-0;0"
"""The number format of what comes and goes."""
WRAPPED_FROM = 30
"""Characters: a person's text columns from this width on break long texts into lines."""
REACH = 5000
"""Dropdowns and colours of a person's tab reach to this row."""

SIGNALS: dict[str, tuple[str, str]] = {"good": (GREEN, ""), "bad": (RED, RED_TINT), "waits": (AMBER, AMBER_TINT)}
"""State -> its text and ground; what is as it should be stays calm and has no ground."""
STATES: dict[str, tuple[str, ...]] = {
    "good": ("in sync", "confirmed", "accepted", "✓", "Live", "good"),
    "bad": (
        "stop", "refused", "no answer", "shop cannot", "sold more", "missing", "unknown", "out",
        "access", "does not answer", "cannot", "the shop keeps", "another account",
    ),
    "waits": (
        "held", "wait", "sent", "reading", "new", "decide", "not yet", "not live", "not managed", "preview", "paused",
        "kept back", "being", "look",
    ),
}  # fmt: skip
"""State -> the words it begins with: the colour only repeats them."""
STATE_COLUMNS = ("Status", "How bad", "Done", "Result", "Mode")

CONTRASTS: tuple[tuple[str, str], ...] = (
    (WHITE, NAVY), (WHITE, GREEN), (NAVY, WHITE), (GREY, WHITE), (INK, WHITE), (INK, GREEN_TINT),
    *((text, ground or WHITE) for text, ground in SIGNALS.values()),
)  # fmt: skip
"""Every text with the ground that it stands on."""


# --- tabs and columns


def owner_of(tab: Tab) -> Literal["person", "agent", "both"]:
    """Whose the tab is; `both`: Stocksheet writes it, and one column of it is the person's."""
    if tab.owner == "person":
        return "person"
    return "both" if tab.person_columns else "agent"


def width_of(column: Column) -> float:
    """The column's width in characters: no word of its header is cut, with the room of a filter's button."""
    return max(column.width, 1.2 * max(map(len, column.name.split())) + 5)


def wraps(column: Column) -> bool:
    """Its cells break long texts into lines: all that Stocksheet writes, so that no name or code is cut off."""
    if column.owner == "person":
        return column.kind == "text" and column.width >= WRAPPED_FROM
    return column.kind in ("text", "why", "choice", "sku", "cell")


def is_number(column: Column) -> bool:
    """Its cells stand to the right."""
    return column.kind in ("whole", "number", "percent", "figure")


def coloured(tab: Tab, column: Column) -> bool:
    """Its cells say a state. (*Mode* of a person's tab is a choice.)"""
    return column.name in STATE_COLUMNS and (tab.owner == "agent" or column.owner == "agent")


def note_of(column: Column) -> str:
    """What the column means, with an example where a person fills it in."""
    return f"{column.note}\nExample: {column.example}" if column.example else column.note


def state_test(cell: str, state: str) -> str:
    """The formula that is true where a cell says this state."""
    tests = ",".join(f'LEFT({cell},{len(word)})="{word}"' for word in STATES[state])
    return f"OR({tests})"


# --- what stands above an agent's table

REFRESHED, LOOKED, LOOKED_AT = "_stocksheet_refreshed", "_stocksheet_looked", "_stocksheet_looked_at"
"""Hidden names, stamped at each write: when the tabs were written (text); when the shops were last looked at, as a
number of days (0: never) and as text. Formulas draw on them, so that no other cell must change for it."""
NEVER = {REFRESHED: f'"{in_words("looks.not_refreshed")}"', LOOKED: "0", LOOKED_AT: '""'}
FRESH, STALE = 6, 10
"""Minutes up to which what the tabs say is up to date, and from which on it is not. (They are written each 5.)"""
LIGHT_ROW = 2
LIGHTS = {state: in_words(f"looks.{state}") for state in ("good", "waits", "bad")}
LOOKED_UP = ("Stock Levels", "Control Status")
"""The tabs that look-up columns draw on. Their title is a HYPERLINK, and the look-ups depend on it:
LibreOffice by itself believes the results that it stored, and works out anew only what hangs on a HYPERLINK or a clock.
(NOW would do the same and make Excel look up every row again at each typed cell.)"""
_TOPS = {"Start here": 6, "Dashboard": 1, "Chart Data": 1}


@dataclass(frozen=True)
class Line:
    """One line above a table. A text that begins with `=` is a formula."""

    row: int
    text: str
    kind: Literal["title", "quiet", "light"]

    @property
    def height(self) -> float:
        """Points."""
        return TITLE_HEIGHT if self.kind == "title" else ROW_HEIGHT


def header_row(tab: Tab) -> int:
    """The row of the table's header in a new tab."""
    return 1 if tab.owner == "person" else _TOPS.get(tab.name, 3)


def lines(tab: Tab) -> tuple[Line, ...]:
    """What stands above the table of a new tab."""
    if header_row(tab) == 1:
        return ()
    if tab.name == "Start here":
        return _start_here()
    first = f"$A${header_row(tab) + 1}"
    nothing = f'IFERROR(IF({first}="",{_quoted(in_words("looks.nothing_here") + " ")},""),"")'
    told = f"={_quoted(tab.note + ' ')}&{nothing}&{_volatile(REFRESHED)}"
    title = f'=HYPERLINK("#A1",{_quoted(tab.name)})' if tab.name in LOOKED_UP else tab.name
    return Line(1, title, "title"), Line(2, told, "quiet")


def _start_here() -> tuple[Line, ...]:
    return (
        Line(1, in_words("looks.title"), "title"),
        Line(LIGHT_ROW, _light(), "light"),
        Line(3, in_words("looks.colours"), "quiet"),
        Line(4, in_words("looks.more_tabs"), "quiet"),
    )


def _light() -> str:
    """The last-looked light: the sheet itself works out how old the look is."""
    said = {state: _quoted(f"{word} {in_words('looks.last_looked')} ") for state, word in LIGHTS.items()}
    old = in_words("looks.is_it_running")
    age = f"(NOW()-{LOOKED})*1440"
    bad = f"{said['bad']}&{LOOKED_AT}&{_quoted('. ' + old)}"
    well = f'IF({age}>{FRESH},{said["waits"]},{said["good"]})&{LOOKED_AT}&"."'
    return f"=IF({LOOKED}=0,{_quoted(in_words('looks.not_looked_yet'))},IF({age}>{STALE},{bad},{well}))"


def light_test(state: str) -> str:
    """The formula that is true while the light says this state."""
    word = LIGHTS[state]
    return f'LEFT($A${LIGHT_ROW},{len(word)})="{word}"'


def _volatile(name: str) -> str:
    """Worked out at each opening, also where a program kept the last result."""
    return f'IF(NOW()>0,{name},"")'


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
