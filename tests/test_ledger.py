"""The ledger: what moves OnHand, and what must not (DESIGN section 5; I9, I10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from agent.channels.base import OrdersRead
from agent.core.lines import allocated
from agent.deciding import ledger
from agent.frames import LISTING_PARTS, ORDER_LINES, TIME
from agent.looking.channel_rows import set_channel
from agent.looking.orders import take_lines
from agent.store import Store

T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def parts(linked: float = 0, **units: int) -> pl.DataFrame:
    """Listing 1 of the north sells these units of these items."""
    rows = [("north", "1", "ITEM", part, count, at(linked)) for part, count in units.items()]
    return pl.DataFrame(rows, schema={**LISTING_PARTS, "linked_at": TIME}, orient="row")


class Books:
    """A store with items, and the orders of one shop."""

    def __init__(self, links: pl.DataFrame, **stocked: int) -> None:
        self.store, self.links = Store(":memory:"), links
        opening = pl.DataFrame({"sku": list(stocked), "value": list(stocked.values())}).with_columns(
            at=pl.lit(T0, TIME)
        )
        with self.store.transaction():
            ledger.open_items(self.store, opening, T0)

    def reads(self, minute: float, **line: object) -> None:
        """The shop's orders are read: order 7, line 1 as given; then what has shipped is posted."""
        plain = {
            "channel": "north", "order": "7", "line": "1", "listing": "1", "sku": "A", "ordered": 2, "open": 0,
            "shipped": 0,
            "returned": 0, "holds": True, "state": "processing", "sale_at": at(1), "freed_at": None, "shipped_at": None,
            "updated_at": at(minute), "fulfilled_by": "seller",
        }  # fmt: skip
        read = OrdersRead(pl.DataFrame([plain | line], schema=dict(ORDER_LINES)), began=at(minute))
        with self.store.transaction():
            take_lines(self.store, read, at(minute))
            set_channel(self.store, "north", orders_ok_at=at(minute))
            self.named = ledger.post_shipments(self.store, self.links, at(minute))

    def edits(self, minute: float, sku: str, old: int | None, value: int, since: float = 0) -> None:
        """A person types another number; the file was last saved with the old one at `since`."""
        rows = [(sku, value, old, at(since), at(minute))]
        kinds = {"sku": pl.String, "value": pl.Int64, "old": pl.Int64, "window_from": TIME, "saved_at": TIME}
        with self.store.transaction():
            ledger.take_edits(self.store, pl.DataFrame(rows, schema=kinds, orient="row"), at(minute))

    def answers(self, answer: str) -> None:
        with self.store.transaction():
            rows = self.store.table("edit").filter(pl.col("question") == "open").with_columns(answer=pl.lit(answer))
            ledger.read_again(self.store, rows, "answered", at(60))

    def on_hand(self, sku: str) -> int:
        return dict(self.store.table("level").select("sku", "on_hand").iter_rows())[sku]

    def available(self, sku: str) -> int:
        taken = dict(allocated(self.store.table("order_line"), self.links).iter_rows())
        return self.on_hand(sku) - taken.get(sku, 0)

    def sums(self) -> dict[str, int]:
        """The ledger's own sums: what the levels must say."""
        return dict(self.store.table("ledger").group_by("sku").agg(pl.col("change").sum()).iter_rows())

    def check(self) -> None:
        assert self.sums() == dict(self.store.table("level").select("sku", "on_hand").iter_rows())
        newest = self.store.table("ledger").sort("id").unique("sku", keep="last")
        assert dict(newest.select("sku", "after").iter_rows()) == self.sums()


@pytest.fixture
def books() -> Books:
    return Books(parts(A=1), A=20)


def test_an_item_opens_with_its_first_number(books: Books) -> None:
    assert books.store.table("level").rows() == [("A", 20, T0)]
    assert books.store.table("ledger").select("kind", "change", "after").rows() == [("opening", 20, 20)]


def test_a_shipment_takes_from_the_shelf_and_leaves_available_as_it_is_I9(books: Books) -> None:
    books.reads(2, open=2)
    assert (books.on_hand("A"), books.available("A")) == (20, 18)
    books.reads(5, shipped=2, shipped_at=at(4), state="completed")
    assert (books.on_hand("A"), books.available("A")) == (18, 18)
    entry = books.store.table("ledger").sort("id").row(-1, named=True)
    assert (entry["kind"], entry["change"], entry["at"], entry["order"]) == ("shipment", -2, at(4), "7")
    books.check()


def test_a_number_saved_by_a_clock_that_was_set_back_is_no_more_than_it_says_I19(books: Books) -> None:
    """An hour back, the save seems to come before the first number: that one is not on top of it (seed 140)."""
    books.edits(-60, "A", 20, 13, since=-61)
    assert books.on_hand("A") == 13
    books.check()


def test_the_same_shipment_read_again_changes_nothing_I2(books: Books) -> None:
    for minute in (2, 5, 5, 9):
        books.reads(minute, shipped=2, shipped_at=at(1.5), updated_at=at(2))
    assert books.on_hand("A") == 18
    assert books.store.table("ledger").height == 2


def test_a_part_of_an_order_ships_first(books: Books) -> None:
    books.reads(2, open=2)
    books.reads(3, open=1, shipped=1, shipped_at=at(3))
    assert (books.on_hand("A"), books.available("A")) == (19, 18)
    books.reads(4, shipped=2, shipped_at=at(3))
    assert (books.on_hand("A"), books.available("A")) == (18, 18)
    books.check()


def test_a_shipment_that_is_undone_returns_to_shelf_and_allocated_together(books: Books) -> None:
    """The packer has marked the wrong order: Available is the same all the way."""
    books.reads(2, open=2)
    books.reads(5, shipped=2, shipped_at=at(4))
    books.reads(6, open=2)
    assert (books.on_hand("A"), books.available("A")) == (20, 18)
    assert books.store.table("ledger").sort("id")["kind"].to_list() == ["opening", "shipment", "unshipped"]
    books.reads(7, shipped=2, shipped_at=at(7))
    assert (books.on_hand("A"), books.available("A")) == (18, 18)
    books.check()


def test_a_refund_after_shipping_gives_nothing_back_I10(books: Books) -> None:
    books.reads(2, open=2)
    books.reads(5, shipped=2, shipped_at=at(4))
    books.reads(8, shipped=0, returned=2, state="refunded")
    assert (books.on_hand("A"), books.available("A")) == (18, 18)


def test_a_cancel_before_shipping_frees_the_units_once_I10(books: Books) -> None:
    books.reads(2, open=2)
    books.reads(3, open=0, state="cancelled", freed_at=at(3))
    books.reads(4, open=0, state="cancelled", freed_at=at(3))
    assert (books.on_hand("A"), books.available("A")) == (20, 20)
    assert books.store.table("ledger").height == 1


def test_what_was_shipped_before_the_first_count_is_history(books: Books) -> None:
    books.reads(2, shipped=2, shipped_at=at(-30), sale_at=at(-60))
    assert books.on_hand("A") == 20
    assert books.named.height == 1
    books.check()


def test_what_was_open_at_the_first_count_counts_however_old_it_is(books: Books) -> None:
    books.reads(2, open=2, sale_at=at(-60 * 24 * 90))
    assert books.available("A") == 18
    books.reads(5, shipped=2, shipped_at=at(4))
    assert (books.on_hand("A"), books.available("A")) == (18, 18)


def test_a_bundle_takes_each_of_its_parts_by_the_recipe_of_first_sight() -> None:
    """Re-cooked later, what was shipped stays as it was; undone, it comes back by the same recipe."""
    books = Books(parts(A=2, B=1), A=20, B=20)
    books.reads(2, open=2)
    books.reads(5, shipped=2, shipped_at=at(4))
    assert (books.on_hand("A"), books.on_hand("B")) == (16, 18)
    books.links = parts(A=1, B=5)
    books.reads(6, shipped=2, shipped_at=at(4))
    assert (books.on_hand("A"), books.on_hand("B")) == (16, 18)
    books.reads(7, open=2)
    assert (books.on_hand("A"), books.on_hand("B")) == (20, 20)
    books.check()


def test_a_marketplaces_own_shipments_are_never_ours(books: Books) -> None:
    books.reads(2, open=2, fulfilled_by="marketplace")
    books.reads(5, shipped=2, shipped_at=at(4), fulfilled_by="marketplace")
    assert (books.on_hand("A"), books.available("A")) == (20, 20)


# --- edits


def test_an_edit_in_quiet_times_is_both_a_count_and_a_change(books: Books) -> None:
    books.edits(10, "A", old=20, value=25)
    assert books.on_hand("A") == 25
    assert ledger.doubtful(books.store).is_empty()
    assert books.store.table("ledger").sort("id")["cause"][-1] == "Stocked typed: 20 -> 25"


def test_a_number_after_a_blank_is_a_count(books: Books) -> None:
    books.edits(10, "A", old=None, value=7)
    assert books.on_hand("A") == 7


def test_an_edit_over_a_number_that_was_not_mirrored_is_asked_about_and_the_lowest_reading_holds(books: Books) -> None:
    """The file was open all day: 20 stands in the cell, 18 are on the shelf, and 25 is typed."""
    books.reads(5, shipped=2, shipped_at=at(4))
    books.edits(10, "A", old=20, value=25, since=6)
    assert books.on_hand("A") == 23
    (row,) = ledger.doubtful(books.store).rows(named=True)
    assert (row["count"], row["change"]) == (25, 23)
    books.answers("counted")
    assert books.on_hand("A") == 25
    assert ledger.doubtful(books.store).is_empty()
    books.check()


def test_a_shipment_learned_after_the_edit_reopens_it(books: Books) -> None:
    """The parcel left before the save, and the shop was down: were those two in the count? The lowest reading holds."""
    books.edits(10, "A", old=20, value=25)
    assert books.on_hand("A") == 25
    books.reads(15, shipped=2, shipped_at=at(8))
    assert books.on_hand("A") == 23
    (row,) = ledger.doubtful(books.store).rows(named=True)
    assert (row["shipped"], row["late"]) == (2, 2)
    books.answers("counted")
    assert books.on_hand("A") == 23
    books.check()


def test_a_shipment_learned_after_the_answer_reopens_it_once_more(books: Books) -> None:
    books.reads(5, shipped=2, shipped_at=at(4))
    books.edits(10, "A", old=20, value=25)
    books.answers("counted")
    assert ledger.doubtful(books.store).is_empty()
    books.reads(15, order="8", shipped=2, shipped_at=at(9))
    assert ledger.doubtful(books.store)["shipped"].to_list() == [4]
    books.check()


def test_a_shipment_after_the_save_is_simply_taken_off(books: Books) -> None:
    books.edits(10, "A", old=20, value=25)
    books.reads(15, shipped=2, shipped_at=at(12))
    assert books.on_hand("A") == 23
    assert ledger.doubtful(books.store).is_empty()


def test_a_save_read_late_does_not_take_back_what_shipped_after_it(books: Books) -> None:
    """The edit was saved at 10; before it is read, a parcel leaves at 12."""
    books.reads(15, shipped=2, shipped_at=at(12))
    books.edits(10, "A", old=20, value=25)
    assert books.on_hand("A") == 23
    books.check()


def test_units_that_are_gone_leave_the_shelf(books: Books) -> None:
    with books.store.transaction():
        ledger.drifted(
            books.store, pl.DataFrame({"sku": ["A"], "change": [-3], "channel": ["north"]}), at(30), "as answered"
        )
    assert books.on_hand("A") == 17
    entry = books.store.table("ledger").sort("id").row(-1, named=True)
    assert (entry["kind"], entry["cause"], entry["change"]) == ("correction", "gone from north, as answered", -3)
    books.check()
