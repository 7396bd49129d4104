"""Numbers that are net: what is added once, whatever happened meanwhile (DESIGN section 5, `stock_means`)."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from agent.core import net
from agent.deciding import ledger
from agent.frames import STOCK
from tests.test_ledger import Books, at, parts

LINES = st.lists(
    st.tuples(st.booleans(), st.integers(1, 4), st.sampled_from(["open", "shipped", "cancelled"])), max_size=6
)
"""Order lines of an item: sold before its ledger opened?, units, what became of it later."""


def add(books: Books) -> None:
    with books.store.transaction():
        ledger.add_net(books.store, books.links, at(30))


@given(LINES, st.integers(0, 12))
def test_whenever_it_is_added_it_comes_to_the_same_and_available_is_what_was_typed(
    lines: list[tuple[bool, int, str]], when: int
) -> None:
    """Stocked 20, net. Then Available is 20, less what was sold after, and what was cancelled comes back."""
    books = Books(parts(A=1), A=20)
    steps = 0

    def step(minute: float, **line: object) -> None:
        nonlocal steps
        if steps >= when:
            add(books)
        steps += 1
        books.reads(minute, **line)

    for number, (before, units, _) in enumerate(lines):
        sold = at(-5 if before else 1)
        step(2, order=str(number), ordered=units, open=units, sale_at=sold)
    for number, (before, units, fate) in enumerate(lines):
        sold = at(-5 if before else 1)
        if fate == "shipped":
            step(9, order=str(number), ordered=units, shipped=units, shipped_at=at(8), sale_at=sold)
        elif fate == "cancelled":
            step(9, order=str(number), ordered=units, holds=False, freed_at=at(8), sale_at=sold)
    add(books)
    add(books)
    open_then = sum(units for before, units, _ in lines if before)
    shipped = sum(units for _, units, fate in lines if fate == "shipped")
    sold_since = sum(units for before, units, fate in lines if not before and fate != "cancelled")
    came_back = sum(units for before, units, fate in lines if before and fate == "cancelled")
    assert books.on_hand("A") == 20 + open_then - shipped
    assert books.available("A") == 20 - sold_since + came_back
    books.check()


def test_what_had_shipped_before_the_opening_adds_nothing() -> None:
    books = Books(parts(A=1), A=20)
    books.reads(2, shipped=2, shipped_at=at(-3), sale_at=at(-5))
    add(books)
    assert books.on_hand("A") == 20


def test_a_bundles_units_are_added_to_each_part() -> None:
    books = Books(parts(A=2, B=1), A=20, B=9)
    books.reads(2, ordered=3, open=3, sale_at=at(-5))
    add(books)
    assert (books.on_hand("A"), books.on_hand("B")) == (26, 12)
    assert (books.available("A"), books.available("B")) == (20, 9)


# --- is it asked


def looks(*rows: tuple[str, int, int, int], channel: str = "north") -> list[tuple[str, int, int]]:
    """SKU, shown, stocked, allocated."""
    shown = pl.DataFrame(
        [(channel, sku, shows) for sku, shows, _, _ in rows],
        schema={"channel": pl.String, "sku": pl.String, "shown": pl.Int64}, orient="row",
    )  # fmt: skip
    stock = [(sku, stocked, allocated, stocked - allocated, 0) for sku, _, stocked, allocated in rows]
    return net.looks_net(shown, pl.DataFrame(stock, schema=dict(STOCK), orient="row")).rows()  # type: ignore[return-value]


def test_most_items_with_open_orders_must_show_stocked_itself() -> None:
    assert looks(("A", 18, 18, 2), ("B", 9, 9, 1), ("C", 4, 5, 1)) == [("north", 2, 3)]
    assert looks(("A", 18, 18, 2), ("B", 8, 9, 1), ("C", 4, 5, 1)) == []
    assert looks(("A", 18, 18, 2), ("B", 9, 9, 1), ("C", 4, 5, 1), ("D", 1, 3, 2)) == []


def test_items_without_open_orders_say_nothing_and_one_alone_is_too_few() -> None:
    assert looks(("A", 18, 18, 0), ("B", 9, 9, 0), ("C", 5, 5, 0)) == []
    assert looks(("A", 18, 18, 2), ("B", 9, 9, 0)) == []
