"""What the world knows of the agent, by its disk: what it calls things, what it must have read, what it doubts."""

from __future__ import annotations

from datetime import datetime, timedelta

from agent.workbooks.memory import Saved
from tests.world.books import Listing
from tests.world.marketplaces import Marketplace
from tests.world.sheet_book import SheetBook
from tests.world.stage import SHOPS, Stage
from tests.world.timeline import EPOCH

UNTOLD_BY = ("takealot", "lazada")
"""Platforms that do not tell (always) when something was shipped."""
LATE = 130.0
"""Seconds that may lie between a number and the look that found it, in a Google Sheet."""


class Known(Stage):
    """The stage, and what is seen of the agent there."""

    def name(self, sku: str) -> str:
        """What the item is called in the sheet now."""
        return self.names.get(sku, sku)

    def first(self, name: str) -> str:
        """The first SKU of the item that is or was called so."""
        return self.former.get(name, name)

    def called(self, sku: str) -> set[str]:
        """Everything that it is or was called."""
        return {sku, *(name for name, first in self.former.items() if first == sku)}

    def frozen_sku(self, sku: str) -> bool:
        frozen = self.disk.rows("SELECT sku FROM item WHERE frozen IS NOT NULL")
        return bool(self.called(sku) & {name for (name,) in frozen}) or bool(
            self.agent.sheet is None or self.agent.sheet.verdict
        )

    def known_since(self) -> float:
        """Whatever happened before this moment must be known to the agent: all its shops were read after it."""
        return min(self.loop.time() - self.memory, self.orders_read() - 5)

    def orders_read(self) -> float:
        """The orders of all shops were read after this moment, late ones as well; 0: not yet."""
        read = [at for (at,) in self.disk.rows("SELECT orders_ok_at FROM channel")]
        if len(read) < len(SHOPS) or None in read:
            return 0.0
        return self.by_our_time(float(min(read)) / 1e6 - EPOCH.timestamp()) - self.latest_lateness

    def by_our_time(self, at: float) -> float:
        """A time of the computer's clock, which may have jumped, in the world's: the earliest that it can mean."""
        aheads = self.kinds.aheads
        ends = [since for since, _ in aheads[1:]] + [self.loop.time()]
        fits = [
            at - ahead for (since, ahead), end in zip(aheads, ends, strict=True) if since - 1 <= at - ahead <= end + 1
        ]
        return min(fits, default=at - aheads[-1][1])

    def frozen(self, listing: Listing) -> bool:
        return any(self.frozen_sku(part) for part in self.books.recipe(listing))

    def in_doubt(self, listing: Listing) -> bool:
        """The agent may take units off for a reason of its own: missing ones, or an edit that may mean two things."""
        since = self.loop.time() - 12 * self.poll - 900
        parts = {*self.books.recipe(listing), listing.sku}
        asked = {self.first(key) for (key,) in self.disk.rows("SELECT key FROM question WHERE closed_at IS NULL")}
        missing = self.disk.rows("SELECT 1 FROM missing WHERE units > 0")
        missing += self.disk.rows("SELECT 1 FROM undone WHERE over IS NULL")  # it may have shown 0 before that run
        edited = {edit.sku for edit in self.person.edits if edit.saved_at > since}
        rows = {sku for sku, at in self.keeper.touched if at > since}
        unsure = self.person.unsure | self.person.ambiguous()
        return bool(missing or parts & asked or parts & edited or parts & rows or parts & unsure)

    def taken_in(self, sku: str, saved: Saved) -> bool:
        """The agent has taken in what the cell now holds, and asks nothing about it."""
        cell = (
            saved.sheets["Item Master"].cell(None, self.name(sku), "Stocked")
            if "Stocked" in saved.sheets["Item Master"].header
            else None
        )
        known = self.disk.rows("SELECT value FROM stocked WHERE sku = ?", self.name(sku))
        return bool(known) and known[0][0] == cell

    def window_from(self, sku: str) -> float:
        """From when on shipments may or may not be in the count that is saved now."""
        revision = self.disk.rows("SELECT value FROM meta WHERE key = 'revision_at'")
        held = [
            row
            for name in sorted(self.called(sku))
            for row in self.disk.rows("SELECT held_at FROM stocked WHERE sku = ? AND held_at IS NOT NULL", name)
        ]
        known = [seconds(revision[0][0].strip('"'))] if revision else [0.0]
        first = float(min([self.loop.time(), *known, *(at / 1e6 - EPOCH.timestamp() for (at,) in held)]))
        return first - LATE if self.google else first

    def in_the_workbook(self, sku: str) -> object:
        """What the workbook says lies on the shelf; in a Google Sheet it stands beside the person's own number."""
        if isinstance(self.book, SheetBook):
            return self.book.worked_out(self.name(sku), "Stocked now")
        return self.book.cell("Item Master", self.name(sku), "Stocked")

    def learned_late(self, sku: str, saved_at: float) -> bool:
        """A shipment marked before this save became known after it: it widens the window of the edit (DESIGN 5). One
        of which the platform does not tell the time may be among those that the agent dates later."""
        save = (EPOCH.timestamp() + saved_at) * 1e6
        sql = "SELECT 1 FROM ledger WHERE kind = 'shipment' AND sku = ? AND at <= ? AND learned_at >= ?"
        names = sorted(self.called(sku))
        if any(self.disk.rows(sql, name, save + 12e6, save - 12e6) for name in names):
            return True
        if self.platform not in UNTOLD_BY:
            return False
        sql = "SELECT COALESCE(SUM(-change), 0) FROM ledger WHERE kind = 'shipment' AND sku = ? AND learned_at < ?"
        known = sum(self.disk.rows(sql, name, save - 12e6)[0][0] for name in names)
        return known < sum(each == sku and at <= saved_at + 12 for each, at in self.books.ships)

    def settled(self, channel: str) -> bool:
        """Nothing is late or under way in this shop: a loss now is found as one gap."""
        shop = self.shops[channel]
        on_its_way = isinstance(shop, Marketplace) and shop.lags.waits
        calm = self.well(channel) and self.loop.time() - self.faulty_until > 300
        return calm and not on_its_way and not self.kinds.unread(channel)

    def name_of(self, channel: str, product: int) -> str:
        listing = self.books.listings.get((channel, product)) or self.cells.get((channel, product))
        return listing.sku + (f"*{listing.units}" if listing.units > 1 else "") if listing else str(product)

    def cell_of(self, channel: str, product: int) -> int:
        listing = self.books.listings.get((channel, product))
        return listing.cell if listing else product

    def books_cell(self, channel: str, product: int) -> Listing | None:
        listing = self.cells.get((channel, product))
        return listing if listing and (channel, listing.id) in self.books.linked else None

    def sold_in(self, channel: str) -> list[int]:
        return [product for name, product in self.books.listings if name == channel]


def seconds(moment: str) -> float:
    """A time as the store writes it, in seconds of the world."""
    return (datetime.fromisoformat(moment) - EPOCH) / timedelta(seconds=1)
