"""Every tab and every column, declared once (DESIGN section 4).

The declaration makes the starter workbook, its header notes and dropdowns, the reader's checks and the docs table.
`TABS` is in the order of the workbook. Names that people use for a column (`On hand`, `Item code`) are data:
`aliases.toml`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Owner = Literal["person", "agent"]
Book = Literal["excel", "google"]
"""Kinds of workbook. What differs between them is declared here, in `Column.google` and `GOOGLE_ONLY`."""
Kind = Literal["text", "sku", "whole", "percent", "number", "when", "choice", "link", "cell", "why", "figure"]

YES_NO = ("yes", "no")
DONE = ("✓ yes", "not yet")
"""Whether a step of *Start here* is done."""


@dataclass(frozen=True)
class Column:
    """One column: what stands in it, whose it is, and how it is explained to the person."""

    name: str
    kind: Kind
    note: str
    example: str = ""
    owner: Owner = "person"
    choices: tuple[str, ...] = ()
    """The dropdown. `kind='choice'` accepts nothing else; other kinds accept what the kind accepts, too."""
    choices_from: str = ""
    """A dropdown from a real list: `Tab!Column`."""
    required: bool = False
    """Without this column the tab cannot be understood."""
    width: int = 14
    signed: bool = False
    """A number that says by its sign which way: `+3`."""
    google: str = ""
    """What a Google Sheet calls it, where that differs."""
    google_note: str = ""
    """What it means there."""

    def heading(self, book: Book) -> str:
        """The column's heading in that kind of workbook."""
        return self.google if book == "google" and self.google else self.name

    def meaning(self, book: Book) -> str:
        """The note on its heading in that kind of workbook."""
        return self.google_note if book == "google" and self.google_note else self.note


@dataclass(frozen=True)
class Tab:
    """One tab."""

    name: str
    owner: Owner
    note: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    """The columns that name a row (agent tabs: a person's cell stays with its key)."""
    shown: bool = False
    """One of the five tabs visible in a new workbook; the others appear when needed."""
    required: bool = False
    hidden: bool = False
    """Never shown by itself: what stands there is for charts, not for reading."""

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if it is not declared."""
        return next(c for c in self.columns if c.name == name) if name in self.names else _missing(self.name, name)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(c.name for c in self.columns)

    @property
    def person_columns(self) -> tuple[str, ...]:
        """The columns that a person fills in."""
        return tuple(c.name for c in self.columns if c.owner == "person")

    @property
    def agent_columns(self) -> tuple[str, ...]:
        """The columns that the agent writes."""
        return tuple(c.name for c in self.columns if c.owner == "agent")


def _missing(tab: str, name: str) -> Column:
    raise KeyError(f"{tab} has no column {name}")


def _mine(name: str, kind: Kind, note: str, width: int = 14, choices: tuple[str, ...] = ()) -> Column:
    return Column(name, kind, note, owner="agent", width=width, choices=choices)


START_HERE = Tab(
    "Start here",
    "agent",
    "Five steps from a new workbook to live shops. Each ticks itself off.",
    (
        _mine("Step", "whole", "The order to do things in.", 8),
        _mine("What to do", "text", "One thing to do, in plain words.", 64),
        _mine("Done", "choice", "Ticked by Stocksheet when it sees that it is so.", 11, DONE),
        _mine("How it stands", "text", "What Stocksheet sees now.", 60),
        _mine("Go there", "cell", "Click it to go to the place in this workbook.", 18),
    ),
    key=("Step",),
    shown=True,
)

ITEM_MASTER = Tab(
    "Item Master",
    "person",
    "Your items: one row a SKU. The only place where stock is typed.",
    (
        Column("SKU", "sku", "The item's own code, once in this column.", "BLUE-M", required=True, width=18),
        Column("Title", "text", "What you call it.", "Blue shirt, medium", width=34),
        Column(
            "Stocked",
            "whole",
            "How many are on your shelf, sold but unshipped ones included. Blank = not managed yet (never zero). "
            "Stocksheet counts it down when an order is marked shipped, while this file is closed.",
            "20",
            required=True,
            width=11,
            google="Counted",
            google_note="How many you counted on your shelf, sold but unshipped ones included. Blank = not managed yet "
            "(never zero). It is yours alone: what there is now stands beside it, in Stocked now.",
        ),
        Column("Barcode", "sku", "EAN, UPC or ISBN. Helps to match listings.", "4006381333931", width=17),
        Column(
            "Track stock",
            "choice",
            "no = made to order or digital: never counted; shops show the rule's Fixed quantity.",
            "yes",
            choices=YES_NO,
            width=13,
        ),
        Column("Active", "choice", "no = shown as sold out everywhere. Blank = yes.", "yes", choices=YES_NO, width=10),
        Column("Made of", "text", "For a bundle: its parts. Leave Stocked empty.", "MUG x 2 + BOX", width=26),
        Column("Other SKUs", "text", "Other codes for the same item, with commas between.", "BLU-M, 1042", width=22),
        Column("Feed", "text", "The name of a supplier's feed that has this item.", "acme", width=12),
        Column("Tags", "text", "Words for rules, with commas between.", "shirts, summer", width=20),
        Column("Note", "text", "For yourself. Rows taken from a shop say so here.", "recount in May", width=44),
    ),
    key=("SKU",),
    shown=True,
    required=True,
)

IMPORTS = Tab(
    "Imports",
    "agent",
    "Listings that are not linked to an item yet. Type a SKU (or: ignore, new) in the last column.",
    (
        _mine("Channel", "text", "The shop.", 16),
        _mine("Listing", "text", "The listing's own id in that shop.", 16),
        _mine("Title", "text", "As the shop shows it.", 38),
        _mine("SKU there", "sku", "The SKU that the shop has for it.", 18),
        _mine("Barcode there", "sku", "The barcode that the shop has for it.", 17),
        _mine("Shows", "whole", "How many a buyer can buy there now.", 9),
        _mine(
            "Sold", "whole", "Units in open orders or of the last 7 days. They lower nothing while it is not linked.", 8
        ),
        _mine("Why not linked", "text", "What stands in the way.", 48),
        _mine("Looks like", "sku", "An item it may be. Never linked without you.", 18),
        _mine("Score", "whole", "How alike, out of 100.", 8),
        _mine("Product", "text", "How much of the whole product is linked.", 24),
        _mine("First seen", "when", "When Stocksheet first saw it.", 18),
        _mine("Open it", "link", "The listing in the shop: click it.", 28),
        Column(
            "Link to SKU",
            "sku",
            "Yours: the SKU of the item that this listing sells, or: ignore, or: new (adds a row to Item Master). Fill "
            "down as you like. To take a word back, clear the cell.",
            "BLUE-M",
            choices=("ignore", "new"),
            width=18,
        ),
    ),
    key=("Channel", "Listing"),
    shown=True,
)

LISTINGS = Tab(
    "Listings",
    "agent",
    "Every linked listing: what it shows, what it should show, and why.",
    (
        _mine("Channel", "text", "The shop.", 16),
        _mine("Listing", "text", "The listing's own id in that shop.", 16),
        _mine("Title", "text", "As the shop shows it.", 34),
        _mine("SKU", "sku", "The item that it sells.", 18),
        _mine("Units", "whole", "How many of the item one sold listing takes.", 8),
        _mine("Shows now", "whole", "The last quantity read from the shop.", 11),
        _mine("Target", "whole", "What it should show.", 9),
        _mine("Confirmed", "whole", "The last quantity that the shop itself said stands.", 11),
        _mine("Status", "text", "in sync, sent, waiting, held, or why not.", 24),
        _mine("Why", "why", "How the target came about, step by step.", 80),
        _mine("Matched by", "text", "How the link came about.", 18),
        _mine("Since", "when", "When it was linked.", 18),
        Column(
            "Change",
            "sku",
            "Yours: another SKU, or: unlink, or: pause (clear the cell to go on), or: release (end the hold of an "
            "undone run).",
            "pause",
            choices=("unlink", "pause", "release"),
            width=16,
        ),
    ),
    key=("Channel", "Listing"),
    shown=True,
)

ATTENTION = Tab(
    "Attention",
    "agent",
    "What needs you, worst first. Type one of the offered answers in the last column.",
    (
        _mine("Id", "text", "The question's own number. An answer belongs to it and is used once.", 9),
        _mine(
            "How bad",
            "choice",
            "stop = something is held, or sold beyond the stock; decide = a question; note = good to know.",
            10,
        ),
        _mine("What", "text", "What is the matter.", 70),
        _mine("What to do", "text", "How to mend it.", 54),
        _mine("Where", "cell", "The cell it is about, or the tab: click it to go there.", 26),
        _mine("Answers", "text", "The answers it takes.", 30),
        _mine("Since", "when", "When it came up.", 18),
        Column("Answer", "text", "Yours: one of the answers offered in this row.", "yes", width=16),
    ),
    key=("Id",),
    shown=True,
)

CHANNELS = Tab(
    "Channels",
    "person",
    "How Stocksheet treats each shop. One row a shop; blank means the default.",
    (
        Column(
            "Channel",
            "text",
            "The name given when the shop was connected.",
            "my-shop",
            choices_from="Channel Status!Channel",
            required=True,
            width=18,
        ),
        Column(
            "Mode",
            "choice",
            "All = keep every linked listing right. Feeds only = only items that have a Feed. Off = look, never push.",
            "All",
            choices=("All", "Feeds only", "Off"),
            width=12,
        ),
        Column("Go live", "choice", "no = look and plan, but push nothing yet.", "yes", choices=YES_NO, width=10),
        Column(
            "Location",
            "text",
            "For yourself: which of the shop's places is used. It is chosen with stocksheet connect.",
            "Main warehouse",
            width=18,
        ),
        Column("Ignore prefix", "text", "Letters in front of the shop's SKUs that are not part of yours.", "WEB-"),
        Column("Ignore suffix", "text", "Letters behind the shop's SKUs that are not part of yours.", "-FBM"),
        Column(
            "Add prefix",
            "text",
            "For a shop whose SKUs mean other items than the same SKUs elsewhere: with B- its 1001 is your B-1001.",
            "B-",
        ),
        Column("Never push suffix", "text", "SKUs with this ending are looked at, never pushed.", "-FBA", width=18),
        Column("Priority", "whole", "1 = first in line for the last units.", "1", width=10),
        Column("Keep active", "choice", "yes = a listing at 0 is never ended or hidden by us.", "yes", choices=YES_NO),
        Column(
            "Returned units",
            "choice",
            "What happens to units that come back after shipping.",
            "ask",
            choices=("ask", "put back", "never"),
        ),
        Column(
            "On drift",
            "choice",
            "When someone changes a quantity in the shop itself.",
            "ask",
            choices=("ask", "put back", "adopt"),
        ),
        Column(
            "New listings",
            "choice",
            "set once = give a newly linked listing its quantity one time only.",
            "keep in sync",
            choices=("keep in sync", "set once"),
        ),
        Column(
            "New exact matches go live",
            "choice",
            "yes = do not ask for each batch of new links.",
            "no",
            choices=YES_NO,
            width=24,
        ),
        Column(
            "When this computer is off",
            "text",
            "What to show while nobody looks: leave, last units on one channel, or lower to N.",
            "leave",
            choices=("leave", "last units on one channel", "lower to 1"),
            width=26,
        ),
    ),
    key=("Channel",),
)

RULES = Tab(
    "Rules",
    "person",
    "What each shop may show. Blank scope = everywhere. The more specific row wins, cell by cell; none takes a wider "
    "rule away.",
    (
        Column(
            "Channel",
            "text",
            "One shop; blank = every shop.",
            "my-shop",
            choices_from="Channel Status!Channel",
            width=16,
        ),
        Column("SKU", "sku", "One item; blank = every item.", "BLUE-M", choices_from="Item Master!SKU", width=16),
        Column("Tag", "text", "Every item with this tag; blank = any.", "shirts"),
        Column("Percent", "percent", "Show this share of what is available.", "80 %", width=10),
        Column(
            "Rounding",
            "choice",
            "When the share is no whole number.",
            "down",
            choices=("down", "nearest", "up", "none"),
            width=11,
        ),
        Column("Fixed quantity", "whole", "For items that are not tracked: always show this many.", "5"),
        Column("Reserve", "whole", "Keep this many units back before anything else.", "2", width=10),
        Column("Maximum", "whole", "Never show more than this.", "8", width=10),
        Column(
            "Minimum", "whole", "Show at least this while one can be sold: a promise beyond the stock.", "1", width=10
        ),
        Column("Out of stock at", "whole", "At or below this many available, show 0.", "1", width=14),
        Column(
            "Last units",
            "choice",
            "share: on every shop. one channel: the last 2 on one shop only, by Priority. auto: the last ones on one "
            "shop while the item sells faster than its sales get known in the others.",
            "share",
            choices=("share", "one channel", "auto", "none"),
            width=13,
        ),
        Column("Sync", "choice", "no = leave these listings alone.", "yes", choices=("yes", "no", "none"), width=9),
        Column("Freeze at", "whole", "Show this many (never more than there are) until the date in Until.", "3"),
        Column("Until", "when", "The last day of Freeze at.", "2026-12-31", width=13),
    ),
)

MATCHES = Tab(
    "Matches",
    "person",
    "Links that you write yourself. Several rows for one listing make it a bundle.",
    (
        Column("Channel", "text", "The shop.", "my-shop", choices_from="Channel Status!Channel", width=16),
        Column("Listing", "text", "The listing's id, or its SKU in that shop.", "1042", required=True, width=20),
        Column("SKU", "sku", "Your item.", "BLUE-M", choices_from="Item Master!SKU", required=True, width=18),
        Column("Units", "whole", "How many of the item one sold listing takes. Blank = 1.", "1", width=8),
        Column("Note", "text", "For yourself.", "six-pack", width=34),
    ),
)

STOCK_IN_OUT = Tab(
    "Stock In and Out",
    "person",
    "The exact way to say: 10 came in, or: counted 9. A row counts once; deleting it takes nothing back: add a row "
    "with the opposite sign.",
    (
        Column("SKU", "sku", "Your item.", "BLUE-M", choices_from="Item Master!SKU", required=True, width=18),
        Column(
            "Change or Count",
            "choice",
            "Change = came in or went out. Count = counted.",
            "Change",
            choices=("Change", "Count"),
            required=True,
            width=17,
        ),
        Column("Value", "whole", "How many (a Change may be negative).", "10", required=True, width=9),
        Column(
            "When",
            "when",
            "Day, or day and time, such as 2026-11-22 14:30. Needed. A Count without a time takes the lowest result of "
            "its day.",
            "2026-11-22 14:30",
            required=True,
            width=18,
        ),
        Column("Note", "text", "For yourself.", "delivery 881", width=34),
    ),
)

CONTROL = Tab(
    "Control",
    "person",
    "The switches, the stops and your questions. One row each, as many as you like; clear a row to end it.",
    (
        Column(
            "Control",
            "text",
            "What the row does.",
            "Mode",
            required=True,
            choices=(
                "Mode",
                "When I change Stocked",
                "Sync now",
                "Ask",
                "Pause",
                "Freeze",
                "To 0",
                "Undo",
                "Release",
                "When this computer is off",
            ),
            width=24,
        ),
        Column(
            "Value",
            "text",
            "Mode: Live, Preview or Paused. Ask: your question. Pause: a SKU, a shop or all. Freeze: how many to show.",
            "Live",
            required=True,
            width=32,
        ),
        Column("SKU", "sku", "The item that a Pause, a Freeze or a To 0 is about.", "BLUE-M", width=18),
        Column(
            "Channel",
            "text",
            "One shop; blank = every shop. A Pause without a SKU pauses the whole shop.",
            "my-shop",
            choices_from="Channels!Channel",
            width=16,
        ),
        Column(
            "Until",
            "when",
            "When it ends by itself: a day (to its end), or day and time. Blank = when you clear the row.",
            "2026-12-31",
            width=18,
        ),
        Column("Note", "text", "What it does, or a word for yourself.", "Live, Preview or Paused", width=60),
    ),
    key=("Control",),
)

CONTROL_STATUS = Tab(
    "Control Status",
    "agent",
    "What came of each row of Control: what is stopped and since when, and the answers to your questions.",
    (
        _mine("About", "text", "The row of Control, in one line.", 40),
        _mine("What came of it", "text", "What holds now, or the answer as of the time beside it.", 100),
        _mine("When", "when", "When it was answered, or took effect.", 18),
    ),
    key=("About",),
)

STOCK_LEVELS = Tab(
    "Stock Levels",
    "agent",
    "One row an item: on the shelf, sold but not shipped, free to sell, and what each shop shows.",
    (
        _mine("SKU", "sku", "The item.", 18),
        _mine("Title", "text", "As in Item Master.", 34),
        _mine("Stocked", "whole", "On the shelf, sold but unshipped ones included.", 11),
        _mine("Allocated", "whole", "Sold and not shipped yet.", 11),
        _mine("Available", "whole", "Stocked less Allocated.", 11),
        _mine("Missing", "whole", "Units that vanished from a shop without an order.", 10),
        _mine("Shown", "text", "What each shop shows: 8 + 8 where two listings draw on it.", 44),
        _mine("Status", "text", "in sync, or what stands in the way.", 30),
    ),
    key=("SKU",),
)

MOVEMENTS = Tab(
    "Movements",
    "agent",
    "Everything that moved stock, newest first.",
    (
        _mine("When", "when", "In this computer's time zone.", 20),
        _mine(
            "What",
            "choice",
            "count, receipt, sale, shipment, cancel, return, correction, oversold, drift (changed there) or push.",
            13,
        ),
        _mine("SKU", "sku", "The item.", 18),
        Column(
            "Units",
            "whole",
            "How many, with a sign. A push or a drift: what the shop shows more or less by it.",
            owner="agent",
            width=9,
            signed=True,
        ),
        _mine("Stocked after", "whole", "On the shelf afterwards. Blank where the shelf stays as it is.", 14),
        _mine("Channel", "text", "The shop, where one is involved.", 16),
        _mine("Because", "text", "The order, the edit, the row of Stock In and Out or the answer behind it.", 60),
        _mine("Who", "text", "Who saved the workbook, by the name in their program, or a buyer.", 16),
    ),
)

CHANNEL_STATUS = Tab(
    "Channel Status",
    "agent",
    "How each shop stands.",
    (
        _mine("Channel", "text", "The name you gave it.", 18),
        _mine("Account", "text", "Who answers there.", 26),
        _mine("Mode", "text", "What is in force now.", 16),
        _mine("Listings", "whole", "Sellable variants seen.", 10),
        _mine("Linked", "whole", "Of these, linked to an item.", 9),
        _mine("In sync", "text", "Linked listings that show their target, confirmed.", 12),
        _mine("Orders read", "when", "When its orders were last read.", 18),
        _mine("Listings read", "when", "When all its listings were last read.", 18),
        _mine("Last push", "when", "When a quantity was last sent.", 18),
        _mine("Next look", "when", "When it will be looked at again.", 18),
        _mine("Orders read after", "text", "From an order until it is read: half of them, and one in twenty.", 22),
        _mine("Pushes confirmed after", "text", "From a push until it stands: half of them, and one in twenty.", 22),
        _mine("Trouble", "text", "What is wrong now, and what to do.", 60),
        _mine("Access ends", "when", "When the access must be renewed.", 18),
    ),
    key=("Channel",),
)

SYNC_LOG = Tab(
    "Sync Log",
    "agent",
    "Every quantity that was sent, newest first.",
    (
        _mine("When", "when", "In this computer's time zone.", 20),
        _mine("Channel", "text", "The shop.", 16),
        _mine("Listing", "text", "The listing's own id in that shop.", 16),
        _mine("SKU", "sku", "The item.", 18),
        _mine("From", "whole", "What it showed.", 8),
        _mine("To", "whole", "What was sent.", 8),
        _mine(
            "Cause",
            "text",
            "an order, your edit, your rules, a link or setting, a change in the shop, an undo, or that Stocksheet was "
            "stopped.",
            20,
        ),
        _mine("Result", "text", "confirmed, sent, refused, no answer ...", 40),
        _mine("Run", "text", "What was sent in one go. To take it back, type it in Control, beside Undo.", 9),
    ),
)

DASHBOARD = Tab(
    "Dashboard",
    "agent",
    "The few figures that matter, and charts of them. Move, restyle or delete a chart as you like: it stays so.",
    (
        _mine("Figure", "text", "What is counted.", 28),
        _mine("Value", "figure", "How much it is now. What cannot be known yet is said, and is not a zero.", 19),
        _mine("Status", "text", "good, look (worth a look), stop (needs you) or not yet.", 11),
        _mine("Meaning", "text", "What it is made of, and where to look.", 85),
    ),
    key=("Figure",),
)

CHART_DATA = Tab(
    "Chart Data",
    "agent",
    "The numbers behind the charts of Dashboard. Hidden; nothing here is to be filled in.",
    (
        _mine("Shop", "text", "Each connected shop.", 20),
        _mine("Linked", "whole", "Its listings that are linked to an item.", 12),
        _mine("Not linked", "whole", "Its listings that wait in Imports.", 12),
        _mine("In sync", "whole", "Linked listings that show their target, said so by the shop itself.", 12),
        _mine("Not in sync", "whole", "The other linked listings.", 12),
        _mine("Units shown", "whole", "Units that its linked listings show to buyers.", 12),
        _mine("Risk in", "text", "The shops in which more may be sold than there is.", 20),
        _mine("Not linked, on sale", "whole", "Units shown by listings that nobody counts.", 14),
        _mine("Above target", "whole", "Units shown beyond the target.", 12),
        _mine("Day", "text", "The day of the month; the last one is today.", 9),
        _mine("Lowered", "whole", "Quantities lowered on that day.", 12),
        _mine("Raised", "whole", "Quantities raised, or set anew, on that day.", 12),
        _mine("Item", "text", "Items that sell out within 5 days, the first one first.", 24),
        _mine("Days left", "number", "At the pace of the last four weeks.", 12),
    ),
    hidden=True,
)

TABS: tuple[Tab, ...] = (
    START_HERE,
    ITEM_MASTER,
    IMPORTS,
    LISTINGS,
    ATTENTION,
    CHANNELS,
    RULES,
    MATCHES,
    STOCK_IN_OUT,
    CONTROL,
    CONTROL_STATUS,
    STOCK_LEVELS,
    MOVEMENTS,
    CHANNEL_STATUS,
    SYNC_LOG,
    DASHBOARD,
    CHART_DATA,
)
BY_NAME = {tab.name: tab for tab in TABS}
AGENT_TABS = tuple(tab for tab in TABS if tab.owner == "agent")
PERSON_TABS = tuple(tab for tab in TABS if tab.owner == "person")


def headings(book: Book) -> dict[str, str]:
    """Columns of people's tabs that this kind of workbook heads otherwise: declared name -> heading."""
    every = [column for tab in PERSON_TABS for column in tab.columns]
    return {column.name: column.heading(book) for column in every if column.heading(book) != column.name}


DONE_ROW = "done"
"""State of a row in a Google Sheet that is over: it stays, hidden, so that what was typed beside it stays its own."""
_STATE = Column("State", "choice", f"{DONE_ROW} = over; the row is hidden, never deleted.", owner="agent", width=8)
GOOGLE_ONLY: dict[str, tuple[Column, ...]] = {
    "Imports": (_STATE,),
    "Listings": (_STATE,),
    "Attention": (_mine("Rank", "whole", "The worst first: sort by it, or choose the filter view Open.", 7), _STATE),
}
"""Columns that only a Google Sheet has, behind the key: there rows keep their place and are never deleted."""

CONTROLS: dict[str, tuple[str, str]] = {
    "Mode": ("Live", "Live = push. Preview = plan and show, push nothing. Paused = look only."),
    "When I change Stocked": (
        "ask me",
        "What a changed number means: counted (the shelf), added or taken away, or ask me where the two differ.",
    ),
    "Sync now": ("", "Type anything (a letter will do) to look at every shop at once."),
    "Ask": ("", "Type a SKU, or: why 4 on my-shop, who changed BLUE-M, what if reserve 2. It changes nothing."),
    "Pause": ("", "Push nothing, up or down: type a SKU, a shop, or all. What sells elsewhere is not taken off there."),
    "Freeze": ("", "Type how many to show, and the SKU (and shop). Never more than there are. Comes back by itself."),
    "To 0": ("", "Type the SKU (and shop): it shows 0 at once, and comes back by itself after Until."),
    "When this computer is off": ("", "Nothing to type: how many listings could oversell then. Chosen in Channels."),
    "Undo": ("", "Type a run of Sync Log, such as R12: Attention shows what would be undone, and waits for your yes."),
    "Release": ("", "Type an undone run, or all: what it holds goes back to what your sheet says."),
}
"""The rows of Control in a new workbook: control -> (value, note)."""
NOT_IN_GOOGLE = ("When I change Stocked",)
"""Controls that a Google Sheet does not have: what stands in *Counted* is always a count of the shelf."""


@cache
def aliases() -> dict[str, dict[str, tuple[str, ...]]]:
    """tab -> column -> the other names that people give it (`aliases.toml`)."""
    text = Path(__file__).with_name("aliases.toml").read_text(encoding="utf-8")
    return {
        tab: {column: tuple(names) for column, names in columns.items()} for tab, columns in tomllib.loads(text).items()
    }
