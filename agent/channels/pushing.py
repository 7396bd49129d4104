"""What becomes of the quantities of a push, on whatever platform: CHANGES in, RESULTS out (agent.channels.base)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

import polars as pl

from agent import frames
from agent.channels.answers import CallFailed
from agent.words import in_words

GONE = in_words("pushing.shop_no_such_listing")
SILENT = in_words("pushing.shop_said_nothing_about")


class Placed(Protocol):
    """One quantity to set, as a platform sends it. `at`: its place in CHANGES."""

    @property
    def at(self) -> int: ...


Change = TypeVar("Change")
One = TypeVar("One", bound=Placed)
Make = Callable[[int, str, int | None, int | None], Change | None]
"""(place in CHANGES, cell, quantity, expected) -> what the platform sends; None: nothing that can be set there."""


@dataclass(frozen=True)
class Result:
    """One of RESULTS. `after`: what the shop says that stands now; `at`: when, by its own clock."""

    outcome: str
    after: int | None = None
    message: str | None = None
    at: datetime | None = None
    kind: str | None = None


Results = dict[int, Result]
"""By the place in CHANGES."""
Sent = tuple[Results, CallFailed | None]
"""What became of some of them, and why the ones after them should not be tried."""

Later = Callable[[], Awaitable[pl.DataFrame]]
"""Asks what became of values that were only accepted: RESULTS of those of which more is known by then."""
Handed = tuple[pl.DataFrame, Later | None]
"""RESULTS as they were answered, and how to hear more of them: that may take minutes."""


async def pushed(handed: Awaitable[Handed]) -> pl.DataFrame:
    """RESULTS of a push, waited for to the end."""
    results, later = await handed
    more = {} if later is None else {row[0]: row for row in (await later()).iter_rows()}
    return frames.frame([more.get(row[0], row) for row in results.iter_rows()], frames.RESULTS)


def some_as_frame(changes: pl.DataFrame, found: Results, redact: Callable[[str], str]) -> pl.DataFrame:
    """As `as_frame`, of those changes alone of which something was found."""
    known = sorted(found)
    return as_frame(changes[known], {place: found[at] for place, at in enumerate(known)}, redact)


def sort_out(changes: pl.DataFrame, make: Make[Change]) -> tuple[list[Change], Results]:
    """What can be sent, and the refusals of what cannot."""
    good, refused = [], {}
    for at, (cell, quantity, expected) in enumerate(changes.select("cell", "quantity", "expected").iter_rows()):
        change = make(at, cell, quantity, expected)
        if change is None:
            refused[at] = Result("refused", message=in_words("pushing.nothing_can_set", cell=cell, quantity=quantity))
        else:
            good.append(change)
    return good, refused


def lost(failed: CallFailed) -> Result:
    """Of each quantity of a call that failed. A lost answer is unknown, never failed (observed at WooCommerce: 80 of 80
    were applied after the client had gone)."""
    if not failed.reached:
        return not_sent(failed)
    said = in_words("pushing.quantity_may_been_set", said=failed.what)
    return Result("unknown", message=said, kind=failed.kind)


def not_sent(failed: CallFailed) -> Result:
    """Certainly not applied."""
    return Result("not_sent", message=failed.what, kind=failed.kind)


def stops(failed: CallFailed) -> CallFailed | None:
    """What failed so that the calls after it should not be tried."""
    return failed if not failed.reached or not failed.answered else None


def all_of(changes: Iterable[Placed], result: Result) -> Results:
    """The same of each."""
    return dict.fromkeys((change.at for change in changes), result)


async def in_turn(
    batches: Iterable[Sequence[One]],
    send: Callable[[Sequence[One]], Awaitable[Sent]],
    out: CallFailed | None = None,
) -> Sent:
    """One call after the other, until one says why no further should be tried (`out`: there is such a reason already):
    the rest is not sent. `batches` may be made on the way, so that a call can change the size of the next."""
    found: Results = {}
    for batch in batches:
        done, out = (all_of(batch, not_sent(out)), out) if out else await send(batch)
        found |= done
    return found, out


def halves(batch: Sequence[One]) -> tuple[Sequence[One], Sequence[One]]:
    """Of a call that was refused as a whole for one of its quantities: halves find which."""
    half = len(batch) // 2
    return batch[:half], batch[half:]


def as_frame(changes: pl.DataFrame, found: Mapping[int, Result], redact: Callable[[str], str]) -> pl.DataFrame:
    """RESULTS, in the order of CHANGES. What the shop said of an item stands in the workbook: without our secrets,
    whatever it echoes (R6)."""
    rows: list[tuple[object, ...]] = []
    for at, cell in enumerate(changes["cell"]):
        one = found[at]
        rows.append((cell, one.outcome, one.after, redact(one.message) if one.message else None, one.at, one.kind))
    return frames.frame(rows, frames.RESULTS)
