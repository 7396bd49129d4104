"""The rules as a list of steps, and the one loop over it (DESIGN section 7).

Each step holds the expression for the number and the one for the words, so a sentence cannot disagree with its number:

    20 stocked - 5 allocated = 15 - 1 missing = 14 -> reserve 2 = 12 -> 2 a listing = 6 -> 80% = 4 -> max 3 = 3

Steps that change nothing are left out of the sentence. Whole numbers only; percent in hundredths of a percent.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

_C = pl.col
_Q = pl.col("q")


@dataclass(frozen=True)
class Step:
    """One step of the rules: what becomes of the running number `q`, and how the sentence says it."""

    name: str
    needs: str | None
    """The column that holds its setting."""
    number: pl.Expr
    template: str
    """The clause; its last `{}` is the number after the step."""
    words: tuple[pl.Expr, ...] = ()
    always: bool = False
    """Said whenever it is in force, not only when it changes the number: it replaces the steps before it."""


def _at_most(name: str) -> pl.Expr:
    return pl.when(_C(name) < _Q).then(_C(name)).otherwise(_Q)


def share(units: pl.Expr) -> pl.Expr:
    """`percent` of these units by `rounding`: whole numbers, halves up; exact for any quantity that a cell can hold."""
    bias = pl.when(_C("rounding") == "up").then(9_999).when(_C("rounding") == "nearest").then(5_000).otherwise(0)
    return (units // 10_000) * _C("percent") + ((units % 10_000) * _C("percent") + bias) // 10_000


_WHOLE_PERCENT = (_C("percent") // 100).cast(pl.String)
_PERCENT = (
    pl.when(_C("percent") % 100 == 0).then(_WHOLE_PERCENT).otherwise((_C("percent") / 100).cast(pl.String)),
    pl.when(_C("rounding") == "up")
    .then(pl.lit(" rounded up"))
    .when(_C("rounding") == "nearest")
    .then(pl.lit(" to the nearest"))
    .otherwise(pl.lit("")),
)
_UNTIL = pl.coalesce(pl.format(" until {}", _C("until").cast(pl.Int32).cast(pl.Date)), pl.lit(""))
_TOO_MANY = pl.format(" ({} beyond the stock of {})", _C("minimum") - _C("room"), "room")
_BEYOND = pl.when(_C("minimum") > _C("room")).then(_TOO_MANY).otherwise(pl.lit(""))
_PROMISED = pl.when((_C("minimum") > _Q) & (_C("after_units") >= 1)).then(_C("minimum")).otherwise(_Q)

STEPS: tuple[Step, ...] = (
    Step("zero", None, _Q.clip(0), " -> not below zero = {}"),
    Step("reserve", "reserve", pl.when(_C("reserve") > 0).then((_Q - _C("reserve")).clip(0)).otherwise(_Q),
         " -> reserve {} = {}", (_C("reserve"),)),
    Step("units", None, _Q // _C("units"), " -> {} a listing = {}", (_C("units"),)),
    Step("out_at", "out_at", pl.when(_C("out_at").is_not_null()).then(_Q.clip(0, 0)).otherwise(_Q),
         " -> out of stock at {} = {}", (_C("out_at"),)),
    Step("percent", "percent", pl.when(_C("percent").is_not_null()).then(share(_Q)).otherwise(_Q),
         " -> {}%{} = {}", _PERCENT),
    Step("maximum", "maximum", _at_most("maximum"), " -> max {} = {}", (_C("maximum"),)),
    Step("minimum", "minimum", _PROMISED, " -> min {}{} = {}", (_C("minimum"), _BEYOND)),
    Step("last_units", "last_for", pl.when(_C("last_for").is_not_null()).then(_Q.clip(0, 0)).otherwise(_Q),
         " -> the last {} are for {}{} = {}", (_C("room"), _C("last_for"), pl.coalesce("last_words", pl.lit("")))),
    Step("freeze_at", "freeze_at", _at_most("freeze_at"), " -> frozen at {}{} = {}", (_C("freeze_at"), _UNTIL),
         always=True),
    Step("stop_at", "stop_at", _at_most("stop_at"), " -> {} = {}", (_C("stop_words"),), always=True),
    Step("limit", "max_quantity", _at_most("max_quantity"), " -> {} takes at most {} = {}",
         (_C("channel"), _C("max_quantity"))),
)  # fmt: skip
"""The order (S4-10). *Out of stock at* and *Freeze at* look at the stock before the other rules: in a row where one of
them is in force, the settings that it overrides are null (`agent.core.rules`)."""


def run(rows: pl.LazyFrame, used: Collection[str], *, words: bool) -> pl.LazyFrame:
    """The one loop over `STEPS`: `q` becomes the target, `why` its sentence; `after_units` is what the units step left.

    `rows`: one row a listing with `q` at its start, the settings in force, and what the words name. Null stays null.
    `used`: the settings that any row has; steps that need another one are left out.
    """
    clauses = ["_base"]
    if words:
        rows = rows.with_columns(_base().alias("_base"))
    for step in STEPS:
        if step.needs is not None and step.needs not in used:
            continue
        then = [pl.col("_next").alias("q")]
        if step.name == "units":
            then.append(pl.col("_next").alias("after_units"))
        if words:
            then.append(_clause(step).alias(f"_{step.name}"))
            clauses.append(f"_{step.name}")
        rows = rows.with_columns(step.number.alias("_next")).with_columns(then)
    if not words:
        return rows.with_columns(pl.lit(None, pl.String).alias("why"))
    said = pl.when(_Q.is_not_null()).then(pl.concat_str(clauses, ignore_nulls=True))
    return rows.with_columns(said.alias("why")).drop(clauses)


def _base() -> pl.Expr:
    """The identity that each sentence begins with."""
    whose = pl.when(_C("several") | (_C("part") != _C("sku"))).then(pl.format("{} is the tightest: ", "part"))
    available = _C("stocked") - _C("allocated")
    missing = pl.when(_C("missing") != 0).then(pl.format(" - {} missing = {}", "missing", available - _C("missing")))
    given = pl.format(" - {} only for {} = {}", "given", "given_words", available - _C("missing") - _C("given"))
    kept = pl.format("{} = {}", "kept_words", _C("x"))
    identity = pl.format("{} stocked - {} allocated = {}", "stocked", "allocated", available)
    counted = pl.concat_str(whose, identity, missing, pl.when(_C("given") != 0).then(given), kept, ignore_nulls=True)
    fixed = pl.format("not tracked, fixed quantity {} = {}", "fixed", "fixed")
    return pl.when("inactive").then(pl.lit("not active = 0")).when("free").then(fixed).otherwise(counted)


def _clause(step: Step) -> pl.Expr:
    """What the sentence says of a step, where it says anything."""
    after = pl.col("_next")
    clause = pl.format(step.template, *step.words, after)
    speaks = pl.col(step.needs).is_not_null() if step.always and step.needs else after != _Q
    return pl.when(speaks).then(clause)
