"""What one read gives, on whatever platform: rows in, ListingsRead and OrdersRead out (agent.channels.base)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

import polars as pl

from agent import frames
from agent.channels.answers import CallFailed, Look
from agent.channels.base import ListingsRead, OrdersRead
from agent.channels.values import text
from agent.ports import Clock
from agent.words import in_words

Row = tuple[object, ...]
T = TypeVar("T")
NOT_SAID = (None,) * len(frames.ORDER_LINES)
Item = dict[str, object]
CELL, QUANTITY = list(frames.LISTINGS).index("cell"), list(frames.LISTINGS).index("quantity")
ORDER = list(frames.ORDER_LINES).index("order")


def listings_read(
    rows: Sequence[Row], look: Look, clock: Clock, only: Sequence[str] | None, since: datetime | None
) -> ListingsRead:
    """`rows`: LISTINGS, in the order in which they were read; `only` and `since`: what was asked for.

    Of a stock cell that several listings share, all show what was read last.
    """
    latest = {row[CELL]: row[QUANTITY] for row in rows}
    told = [(*row[:QUANTITY], latest[row[CELL]], *row[QUANTITY + 1 :]) for row in rows]
    frame, now = frames.frame(told, frames.LISTINGS), clock.now()
    return ListingsRead(
        frame=frame if only is None else frame.filter(pl.col("listing").is_in(list(only))),
        began=look.began or now,
        ended=look.ended or now,
        complete=look.complete and only is None and since is None,
        issues=tuple(look.issues),
    )


def orders_read(
    rows: Sequence[Row], look: Look, clock: Clock, also: Sequence[str], seen: Collection[str | None]
) -> OrdersRead:
    """`rows`: ORDER_LINES (without `taken`, where a platform does not say it). `seen`: the ids of all orders that were
    found; what of `also` is not among them is gone."""
    named = [row for row in rows if row[ORDER]]
    if len(named) < len(rows):
        look.issues.append(in_words("reads.lines_without_order", count=len(rows) - len(named)))
    return OrdersRead(
        frame=frames.frame([(*row, *NOT_SAID[len(row) :]) for row in named], frames.ORDER_LINES),
        began=look.began or clock.now(),
        gone=tuple(id_ for id_ in dict.fromkeys(also) if id_ not in seen),
        issues=tuple(look.issues),
        partial=tuple(look.partial),
        emptied=tuple(look.emptied),
    )


def lacks_lines(order: object, lines: object, rows: Sequence[Row], look: Look) -> None:
    """Says so where some lines of an order could not be said as rows, and where it has no line at all any more.

    `lines`: what the shop shows in their place. Where that is no list, nothing is said of them: none was taken out.
    """
    if order is None:
        return  # orders_read says it
    shown = lines if isinstance(lines, list) else [lines]
    if not shown:
        look.emptied.append(str(order))
    if len(rows) < len(shown):
        look.partial.append(str(order))
        look.issues.append(in_words("reads.order_lines_cannot_read", order=order, count=len(shown) - len(rows)))


def numbered(orders: Sequence[Item], name: str, look: Look) -> dict[str, Item]:
    """Orders by their number, which stands under this name; says so where one has none that can be read."""
    found = {id_: order for order in orders if (id_ := text(order.get(name)))}
    nameless = sum(text(order.get(name)) is None for order in orders)
    if nameless:
        look.issues.append(in_words("reads.orders_without_number", count=nameless))
    return found


def parts(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """So many at a time."""
    return (things[at : at + size] for at in range(0, len(things), size))


def left_out(name: str, fix: str) -> CallFailed:
    """What was asked for is not in the answer."""
    return CallFailed("host", in_words("reads.left_out", name=name), fix, reached=False)


def same_page(name: str, fix: str) -> CallFailed:
    """A host that does not move on would keep us reading for ever."""
    return CallFailed("host", in_words("reads.gives_same_page_again", name=name), fix, reached=False)
