"""The world's own books: the true shelf, the true open lines, what the person said; and the rules, restated by hand.

Nothing here is taken from the agent: the expected quantity of every listing is worked out anew from what is true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from agent.practice.woocommerce import Shop
from agent.practice.woocommerce.orders import Line, Order

OPEN = ("processing", "on-hold")


@dataclass
class Item:
    """One item as the seller knows it."""

    sku: str
    """What it was called first; what it is called in the sheet now: `World.name`."""
    tracked: bool = True
    parts: dict[str, int] = field(default_factory=dict)
    """Of a bundle: part -> units."""
    shelf: int = 0
    """What truly lies there."""
    told: int | None = None
    """What the shelf would be by what the person has saved in the sheet, and what was shipped since. None: blank."""


@dataclass
class Rule:
    """One row of Rules, by SKU and perhaps channel."""

    sku: str
    channel: str | None = None
    percent: int | None = None
    reserve: int | None = None
    maximum: int | None = None
    minimum: int | None = None
    out_at: int | None = None
    fixed: int | None = None


@dataclass(frozen=True)
class Stop:
    """A row of Control: what an item may show at the most, in one shop or in all."""

    sku: str
    channel: str | None
    value: int
    """0: to 0."""
    row: int
    """Its row in the sheet."""
    ends: float | None = None
    """When it is over by itself; None: when the row is cleared."""


COLUMNS = {
    "percent": "Percent", "reserve": "Reserve", "maximum": "Maximum", "minimum": "Minimum", "out_at": "Out of stock at",
    "fixed": "Fixed quantity",
}  # fmt: skip
"""Setting -> the column of the tab Rules."""


@dataclass(frozen=True)
class Listing:
    """One listing: where it stands, and what of which item one sold unit takes."""

    channel: str
    id: int
    sku: str
    units: int
    cell: int
    """The product that keeps its quantity: several listings may share it."""


def whole_share(units: int, percent: int) -> int:
    """A percentage of whole units, rounded down."""
    return units * percent // 100


class Books:
    """What is true, and what each listing should show."""

    def __init__(self, shops: dict[str, Shop], items: list[Item], rules: list[Rule], listings: list[Listing]) -> None:
        self.shops = shops
        self.items = {item.sku: item for item in items}
        self.rules = rules
        self.listings = {(each.channel, each.id): each for each in listings}
        self.stops: list[Stop] = []
        """The stops that are in force."""
        self.linked: set[tuple[str, int]] = set()
        """Listings that the person (or their SKU) has linked."""
        self.history: dict[str, list[tuple[float, int]]] = {item.sku: [] for item in items}
        """SKU -> (time, units that may be sold, as the sheet and the orders say)."""
        self.wanted: dict[tuple[str, int], list[tuple[float, int | None]]] = {key: [] for key in self.listings}
        """Listing -> (time, what it should show)."""
        self.ships: list[tuple[str, float]] = []
        """(SKU, time) of every unit that left the shelf with an order."""

    # --- what is true

    def recipe(self, listing: Listing) -> dict[str, int]:
        """The items that one sold unit of the listing takes."""
        item = self.items[listing.sku]
        whole = item.parts or {item.sku: 1}
        return {part: units * listing.units for part, units in whole.items() if self.items[part].tracked}

    def takes(self, channel: str, line: Line) -> dict[str, int]:
        """Item units in one unit of an order's line; nothing while its listing is not linked."""
        key = (channel, line.listing)
        return self.recipe(self.listings[key]) if key in self.linked else {}

    def open(self, sku: str) -> int:
        """Units of the item sold and not shipped, in all shops."""
        return sum(
            open_units(order, line) * self.takes(channel, line).get(sku, 0)
            for channel, shop in self.shops.items()
            for order in shop.orders.values()
            if order.status in OPEN
            for line in order.lines
        )

    def all_open(self) -> dict[str, int]:
        """`open` of every item at once."""
        found = dict.fromkeys(self.items, 0)
        for channel, shop in self.shops.items():
            for order in shop.orders.values():
                if order.status in OPEN:
                    for line in order.lines:
                        for sku, units in self.takes(channel, line).items():
                            found[sku] += units * open_units(order, line)
        return found

    # --- the rules, restated

    def rule(self, channel: str, sku: str, name: str) -> int | None:
        """The setting in force: SKU and channel before SKU."""
        rows = [rule for rule in self.rules if rule.sku == sku and getattr(rule, name) is not None]
        own = [rule for rule in rows if rule.channel == channel]
        wide = [rule for rule in rows if rule.channel is None]
        found: int | None = getattr((own or wide)[0], name) if own or wide else None
        return found

    def expected(self, listing: Listing, free: Callable[[str], int | None]) -> int | None:
        """What the listing should show; None: nothing may be said. `free`: units of an item to sell."""

        def setting(name: str) -> int | None:
            return self.rule(listing.channel, listing.sku, name)

        maximum = setting("maximum")
        stopped = [
            each.value
            for each in self.stops
            if each.sku == listing.sku and (each.channel is None or each.channel == listing.channel)
        ]
        recipe = self.recipe(listing)
        if not self.items[listing.sku].tracked:
            fixed = setting("fixed")
            return None if fixed is None else min([fixed, *([] if maximum is None else [maximum]), *stopped])
        known = {part: free(part) for part in recipe}
        if any(units is None for units in known.values()):
            return None
        at_hand = {part: max(0, units or 0) for part, units in known.items()}
        out_at = setting("out_at")
        if out_at is not None and min(at_hand[part] // units for part, units in recipe.items()) <= out_at:
            return 0
        if stopped:  # it takes the place of the other rules, and never shows more than there are
            return min([*stopped, *(at_hand[part] // units for part, units in recipe.items())])
        reserve = setting("reserve") or 0
        room = min(max(0, at_hand[part] - reserve) // units for part, units in recipe.items())
        shown = room
        percent = setting("percent")
        if percent is not None:
            shown = whole_share(shown, percent)
        if maximum is not None:
            shown = min(shown, maximum)
        minimum = setting("minimum")
        if minimum is not None and room >= 1:
            shown = max(shown, minimum)
        return shown

    def now_expected(self) -> dict[tuple[str, int], int | None]:
        """What each linked stock cell should show now, by one of its listings."""
        opened = self.all_open()

        def free(sku: str) -> int | None:
            told = self.items[sku].told
            return None if told is None else told - opened[sku]

        return {key: self.expected(self.listings[key], free) for key in sorted(self.linked)}

    # --- remembering

    def note(self, at: float) -> None:
        """Something may have changed: remember what holds from now on."""
        opened = self.all_open()
        for sku, item in self.items.items():
            _append(self.history[sku], at, (item.shelf if item.told is None else item.told) - opened[sku])
        for key, units in self.now_expected().items():
            _append(self.wanted[key], at, units)

    def most(self, listing: Listing, since: float) -> int | None:
        """The most whole units of the listing that the agent may believe in (`most_of`); None: never known."""
        found = [(self.most_of(part, since), units) for part, units in self.recipe(listing).items()]
        known = [max(0, most) // units for most, units in found if most is not None]
        return min(known) if found and len(known) == len(found) else None

    def most_of(self, sku: str, since: float) -> int | None:
        """The most units of an item that the agent may believe in, if it knows everything up to a moment, and of what
        happened since only what is good. None: not known at all."""
        return self._believed(sku, since, -1)

    def _believed(self, sku: str, since: float, sign: int) -> int | None:
        history = self.history[sku]
        if not history:
            return None
        moves = [(at, after - before) for (_, before), (at, after) in pairwise(history)]
        return history[-1][1] - sum(move for at, move in moves if at > since and move * sign > 0)

    def least_wanted(self, key: tuple[str, int], since: float) -> int | None:
        """The least the listing should have shown, whatever the agent did not know of what happened since a moment."""
        values = within(self.wanted[key], since)
        worst = self.expected(self.listings[key], lambda sku: self._believed(sku, since, 1))
        return min([worst, *values]) if values and worst is not None else None


def open_units(order: Order, line: Line) -> int:
    """Units of a line still to be shipped: refunded ones are not."""
    back = sum(each.quantity for refund in order.refunds for each in refund.lines if each.line.id == line.id)
    return max(0, line.quantity - back) if order.status in OPEN else 0


def within(history: list[tuple[float, int]] | list[tuple[float, int | None]], since: float) -> list[int]:
    """The values that held at some time since a moment: the one in force then, and all later ones."""
    before = [value for at, value in history if at <= since][-1:]
    return [value for value in [*before, *(value for at, value in history if at > since)] if value is not None]


def _append(history: list[tuple[float, int]] | list[tuple[float, int | None]], at: float, value: int | None) -> None:
    if not history or history[-1][1] != value:
        history.append((at, value))  # type: ignore[arg-type]
