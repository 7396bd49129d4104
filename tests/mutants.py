"""Faults planted into the agent at run time. The simulation or the pure test of the decision table must find each.

A mutant replaces one function (or one row) while its `with` block runs; no file is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import polars as pl

from agent import act
from agent.accepting import copies, in_out
from agent.core import check, gaps, lines, plan
from agent.core import in_out as core_rows
from agent.deciding import decide, ledger, quantities, stops
from agent.deciding import undone as held
from agent.deciding.decide import Decision
from agent.frames import TIME
from agent.looking import channel_rows, clock_jumps, look, orders
from agent.state import Agent
from agent.workbooks.memory import MemoryWorkbook

Plant = Callable[[], Any]


@dataclass(frozen=True)
class Mutant:
    """One planted fault."""

    name: str
    plant: Plant
    """Gives a context manager."""
    seed: int | None
    """A seed that finds it; None: it cannot be reached from end to end yet, the pure test of the table finds it."""
    row: str | None = None
    """The row of the decision table that it takes away."""


@contextmanager
def _patched(owner: Any, name: str, value: Any) -> Iterator[None]:
    kept = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, kept)


# --- reading orders ---------------------------------------------------------------------------------------------------


def cursor_before_lines() -> Any:
    """The cursor is committed first, the lines after it: a crash in between loses them for ever."""

    async def read_orders(agent: Agent, name: str) -> None:
        known = channel_rows.channel_row(agent.store, name).get("orders_cursor")
        cursor = known if isinstance(known, datetime) else None
        asked = agent.clock.now()
        read = await agent.channels[name].orders(cursor - orders.OVERLAP if cursor else None, also=[])
        agent.skew[name] = read.began - asked
        with agent.store.transaction():
            newest = max(cursor, read.began) if cursor else read.began
            channel_rows.set_channel(agent.store, name, orders_cursor=newest, orders_ok_at=asked)
        with agent.store.transaction():
            orders.take_lines(agent.store, read, agent.clock.now())

    return _patched(look, "read_orders", read_orders)


def no_overlap() -> Any:
    """Orders are read from the cursor on: one that becomes readable late is never seen."""
    return _patched(orders, "OVERLAP", timedelta(0))


def shipped_comes_back() -> Any:
    """A shipped line that is cancelled gives its units back."""
    join = lines.join

    def forgets(stored: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
        ended = pl.col("state").is_in(["cancelled", "refunded"])
        return join(stored, seen).with_columns(pl.when(ended).then(0).otherwise("shipped").alias("shipped"))

    return _patched(lines, "join", forgets)


def shipment_not_posted() -> Any:
    """Shipping lowers Allocated, and OnHand stays."""

    def post(store: Any, parts: pl.DataFrame, now: Any) -> pl.DataFrame:
        return pl.DataFrame()

    return _patched(ledger, "post_shipments", post)


# --- pushing ----------------------------------------------------------------------------------------------------------


def result_before_call() -> Any:
    """The result is written down before the call is made."""
    intend = act._intend

    def sure(agent: Agent, *given: Any) -> pl.DataFrame:
        ids = intend(agent, *given)
        hoped = ids.select("id").with_columns(outcome=pl.lit("accepted"), finished_at=pl.lit(agent.clock.now(), TIME))
        with agent.store.transaction():
            agent.store.put("push", hoped)
        return ids

    return _patched(act, "_intend", sure)


def wait_before_lower() -> Any:
    """A lowering takes its time."""
    push = act.push

    async def slow(agent: Agent, decision: Decision, action: Any) -> bool:
        if action == "lower" and decision.plan.filter(pl.col("action") == "lower").height:
            await agent.clock.sleep(45)
        return await push(agent, decision, action)

    return _patched(act, "push", slow)


def nothing_kept_back() -> Any:
    """A shop whose orders cannot be read is not thought of."""
    kept = quantities.kept_back
    return _patched(decide, "kept_back", lambda *given: kept(*given).clear())


def missing_never_booked() -> Any:
    """Units that vanish without an order are taken for nothing."""
    settle = gaps.settle

    def blind(*given: Any, **more: Any) -> gaps.Settled:
        found = settle(*given, **more)
        return replace(found, gaps=found.gaps.clear())

    return _patched(gaps, "settle", blind)


# --- the workbook -----------------------------------------------------------------------------------------------------


def blank_is_zero() -> Any:
    """A blank Stocked cell is read as 0."""
    original = check.check

    def zero(*given: Any) -> check.Checked:
        found = original(*given)
        counted = pl.col("tracked") & ~pl.col("bundle") & pl.col("frozen").is_null()
        filled = pl.when(counted).then(pl.col("stocked").fill_null(0)).otherwise("stocked").alias("stocked")
        return replace(found, items=found.items.with_columns(filled))

    return _patched(check, "check", zero)


def mirror_without_comparing() -> Any:
    """Stocked is mirrored over whatever stands there by now."""
    write = MemoryWorkbook.write

    async def blindly(self: MemoryWorkbook, tabs: Any, mirror: pl.DataFrame, mark: Any, seen: Any) -> Any:
        now = await self.read()
        cells = now.tabs["Item Master"]
        if "Stocked" in cells.columns and mirror.height:
            texts = cells.select(pl.col("row"), pl.col("Stocked").alias("there"))
            mirror = mirror.join(texts, on="row").with_columns(pl.col("there").alias("old")).drop("there")
        return await write(self, tabs, mirror, mark, now)

    return _patched(MemoryWorkbook, "write", blindly)


def edit_counted_twice() -> Any:
    """An edit of Stocked is taken into the ledger, and then once more."""
    take = ledger.take_edits

    def twice(*given: Any, **settings: Any) -> pl.DataFrame:
        take(*given, **settings)
        return take(*given, **settings)

    return _patched(ledger, "take_edits", twice)


def older_copy_taken() -> Any:
    """A copy of the workbook from before is taken for the newest one."""
    return _patched(copies, "_another", lambda *given: None)


def clock_believed() -> Any:
    """A computer's clock that is set back is not noticed."""
    return _patched(clock_jumps, "notice", lambda agent: False)


def lost_answer_is_applied() -> Any:
    """A push without an answer is taken for one that stands."""
    record = act._record

    def sure(agent: Agent, name: str, ids: Any, rows: pl.DataFrame, results: pl.DataFrame) -> None:
        unheard = pl.col("outcome") == "unknown"
        wanted = results.join(rows.select("cell", "to"), on="cell", how="left", maintain_order="left").with_columns(
            outcome=pl.when(unheard).then(pl.lit("accepted")).otherwise(pl.col("outcome").cast(pl.String)),
            quantity_after=pl.when(unheard).then("to").otherwise("quantity_after"),
        )
        record(agent, name, ids, rows, wanted.cast({"outcome": results.schema["outcome"]}).drop("to"))

    return _patched(act, "_record", sure)


def late_is_at_once() -> Any:
    """What a slow platform has only taken is thought to stand there."""
    shown = decide.shown_now

    def forgets(agent: Agent) -> pl.DataFrame:
        answered = pl.when(pl.col("answer") == "sent").then("answered")
        found = shown(agent)
        return found.with_columns(
            pl.lit(None, pl.Int64).alias("sending"),
            pl.coalesce(answered, "shown").alias("shown"),
            pl.coalesce(answered, "read").alias("read"),
            pl.coalesce(answered, "confirmed").alias("confirmed"),
        )

    return _patched(decide, "shown_now", forgets)


def rejected_is_accepted() -> Any:
    """A snapshot that was rejected is no reason to hold anything."""
    return _patched(decide, "sheet_frozen", lambda agent: None)


def row_counted_each_time() -> Any:
    """A row of Stock In and Out counts with every revision in which it stands."""
    compared = core_rows.compared

    def forgets(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
        return compared(rows, known.clear())

    return _patched(in_out, "compared", forgets)


def vanished_row_taken_back() -> Any:
    """A row that is deleted takes its units back."""
    take = in_out.take

    def undone(agent: Agent, sheet: Any, *given: Any) -> None:
        before = agent.store.table("stock_row")
        take(agent, sheet, *given)
        gone = before.join(agent.store.table("stock_row"), on=["sku", "kind", "value", "said"], suffix="_now")
        gone = gone.filter((pl.col("seen_now") < pl.col("seen")) & (pl.col("kind") == "change"))
        now = agent.clock.now()
        ledger.post(agent.store, gone.select(
            pl.lit(now, TIME).alias("at"), "sku", change=-pl.col("value"), kind=pl.lit("receipt"), cause=pl.lit("gone"),
        ), now)  # fmt: skip

    return _patched(in_out, "take", undone)


def when_ignored() -> Any:
    """A count holds from when it is read, not from when the shelf was counted."""
    placed = in_out._placed

    def now(*given: Any) -> pl.DataFrame:
        rows = placed(*given)
        return rows.with_columns(begin=pl.lit(given[4], TIME), end=pl.lit(given[4], TIME), at=pl.lit(given[4], TIME))

    return _patched(in_out, "_placed", now)


def came_back_unasked() -> Any:
    """A row that was there before counts again without a question."""
    compared = core_rows.compared

    def eager(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
        return compared(rows, known.with_columns(peak="seen"))

    return _patched(in_out, "compared", eager)


def stop_overlooked() -> Any:
    """What Control freezes, or sets to 0, is not thought of."""
    caps = stops.caps
    return _patched(stops, "caps", lambda *given: caps(*given).clear())


def stop_never_ends() -> Any:
    """A stop goes on after its Until."""
    return _patched(stops, "in_force", lambda store, now: store.table("stop"))


def undo_never_ends() -> Any:
    """What an undone run holds is never let go."""
    return _patched(held, "release", lambda *given: None)


# --- the decision table -----------------------------------------------------------------------------------------------


def without_row(number: str) -> Plant:
    """The decision table lacks one row."""

    def plant() -> Any:
        table = [row for row in plan.TABLE if row.number != number]
        return _patched(plan, "decide", partial(plan.decide, table=table))

    return plant


_FOUND_BY: dict[str, int | None] = {}
"""Row of the table -> the seed that finds its loss."""

MUTANTS: tuple[Mutant, ...] = (
    Mutant("cursor before lines", cursor_before_lines, 0),
    Mutant("no overlap", no_overlap, 4),
    Mutant("a shipped line that is cancelled gives units back", shipped_comes_back, 8),
    Mutant("a shipment is not posted", shipment_not_posted, 9),
    Mutant("result before the call", result_before_call, 0),
    Mutant("wait before lowering", wait_before_lower, 0),
    Mutant("nothing is kept back", nothing_kept_back, 7),
    Mutant("missing is never booked", missing_never_booked, 4),
    Mutant("blank is zero", blank_is_zero, 1),
    Mutant("mirror without comparing", mirror_without_comparing, 84),
    Mutant("an edit is counted twice", edit_counted_twice, 1),
    Mutant("a rejected snapshot is accepted", rejected_is_accepted, 6),
    Mutant("a row is counted each time", row_counted_each_time, 0),
    Mutant("a vanished row is taken back", vanished_row_taken_back, 0),
    Mutant("an older copy is taken", older_copy_taken, 8),
    Mutant("a clock set back is believed", clock_believed, 33),
    Mutant("a lost answer is taken for a yes", lost_answer_is_applied, 2),
    Mutant("late is taken for at once", late_is_at_once, 4),
    Mutant("When is ignored", when_ignored, None),
    Mutant("a row that came back counts unasked", came_back_unasked, None),
    Mutant("a stop is overlooked", stop_overlooked, 1),
    Mutant("a stop never ends", stop_never_ends, 11),
    Mutant("an undo never ends", undo_never_ends, 5),
    *(
        Mutant(f"table without row {row.number}", without_row(row.number), _FOUND_BY.get(row.number), row.number)
        for row in plan.TABLE
    ),
)
