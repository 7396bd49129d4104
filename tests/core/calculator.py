"""A small calculator that works out a why-sentence from its text alone. It shares no line with the program.

`result(sentence)` gives the number that the sentence ends in; a sentence with a wrong step raises `Wrong`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction

N = r"(-?\d+)"
BASE = re.compile(
    rf"(?:.+ is the tightest: )?{N} stocked - {N} allocated = {N}(?: - {N} missing = {N})?"
    rf"(?: - {N} only for .+? = {N})?(.*)",
    re.DOTALL,
)
KEPT = re.compile(rf" - {N} kept back for .+?(?= - \d+ kept back for | = -?\d+$)", re.DOTALL)
FIXED = re.compile(rf"not tracked, fixed quantity {N} = {N}")


class Wrong(AssertionError):
    """The sentence does not add up."""


@dataclass
class State:
    """What the sentence has said so far."""

    number: int
    available: int
    several: bool
    units: int = 1
    after_units: int = 0


def result(sentence: str) -> int:
    """Work the sentence out, step by step."""
    if sentence == "not active = 0":
        return 0
    base, *clauses = sentence.split(" -> ")
    state = _base(base)
    state.after_units = max(0, state.number)
    for clause in clauses:
        _step(state, clause)
    return state.number


def _same(said: int, is_so: int, where: str) -> None:
    if said != is_so:
        raise Wrong(f"{where!r}: says {said}, is {is_so}")


def _base(text: str) -> State:
    if fixed := FIXED.fullmatch(text):
        _same(int(fixed[2]), int(fixed[1]), text)
        return State(int(fixed[1]), int(fixed[1]), several=False)
    found = BASE.fullmatch(text)
    if not found:
        raise Wrong(f"not understood: {text!r}")
    stocked, allocated, available, missing, sellable, given, left = (
        None if part is None else int(part) for part in found.groups()[:7]
    )
    number = stocked - allocated
    _same(available, number, text)
    if missing is not None:
        number -= missing
        _same(sellable, number, text)
    if given is not None:
        number -= given
        _same(left, number, text)
    if rest := found[8]:
        kept, _, end = rest.rpartition(" = ")
        number -= sum(int(units) for units in KEPT.findall(rest))
        _same(int(end), number, text)
        if not kept:
            raise Wrong(f"nothing kept back: {text!r}")
    return State(number, number, several=" is the tightest: " in text)


def _step(state: State, clause: str) -> None:
    """Find what the clause says, work it out, compare."""
    for pattern, work in STEPS:
        if found := re.fullmatch(pattern, clause, re.DOTALL):
            before = state.number
            state.number = work(state, *found.groups()[:-1])
            _same(int(found.groups()[-1]), state.number, clause)
            if before == state.number and not clause.startswith(("frozen", "to 0")):
                raise Wrong(f"says nothing new: {clause!r}")
            return
    raise Wrong(f"not understood: {clause!r}")


def _room(state: State) -> int:
    return max(0, state.available) // state.units


def _reserve(state: State, units: str) -> int:
    state.after_units = max(0, state.number - int(units))
    return state.after_units


def _units(state: State, units: str) -> int:
    state.units = int(units)
    state.after_units = state.number // state.units
    return state.after_units


def _out(state: State, limit: str) -> int:
    if _room(state) > int(limit):
        raise Wrong(f"{_room(state)} is not at or below {limit}")
    return 0


def _percent(state: State, percent: str, rounding: str | None) -> int:
    how = {None: ROUND_FLOOR, " rounded up": ROUND_CEILING, " to the nearest": ROUND_HALF_UP}[rounding or None]
    return int((Decimal(state.number) * Decimal(percent) / 100).quantize(Decimal(1), rounding=how))


def _minimum(state: State, minimum: str, beyond: str | None, stock: str | None) -> int:
    if state.after_units < 1:
        raise Wrong("a minimum without a unit to sell")
    if beyond is not None:
        _same(int(beyond), int(minimum) - int(stock), "beyond")
        if not state.several:
            _same(int(stock), _room(state), "stock")
    elif not state.several and int(minimum) > _room(state):
        raise Wrong("promises more than there is and does not say so")
    return max(state.number, int(minimum))


def more_than(units: int, mean: Fraction) -> float:
    """P(Poisson(mean) > units), as a sum from its end."""
    return sum(math.exp(-float(mean) + k * math.log(mean) - math.lgamma(k + 1)) for k in range(units + 1, units + 400))


def _last(state: State, left: str, sold: str | None, window: str | None, delay: str | None) -> int:
    if sold is None and int(left) > 2:
        raise Wrong(f"{left} are not the last units")
    if sold and window and not state.several:
        hours = {"hour": 1, "day": 24, "week": 168}[window]
        chance = more_than(max(0, state.available), Fraction(int(sold) * int(delay or 0), hours * 3_600))
        if chance <= 0.001:
            raise Wrong(f"{left} are sold twice with a chance of {chance:.5f} only")
    if not state.several:
        _same(int(left), _room(state), "the last")
    return 0


def _frozen(state: State, limit: str) -> int:
    return min(state.number, int(limit))


def _smaller(state: State, limit: str) -> int:
    return min(state.number, int(limit))


STEPS: list[tuple[str, Callable[..., int]]] = [
    (rf"not below zero = {N}", lambda state: max(0, state.number)),
    (rf"reserve {N} = {N}", _reserve),
    (rf"{N} a listing = {N}", _units),
    (rf"out of stock at {N} = {N}", _out),
    (rf"(\d+(?:\.\d+)?)%( rounded up| to the nearest)? = {N}", _percent),
    (rf"max {N} = {N}", _smaller),
    (rf"min {N}(?: \({N} beyond the stock of {N}\))? = {N}", _minimum),
    (
        rf"the last {N} are for .+?(?: \((\d+) sold in one (hour|day|week), known everywhere after (\d+) s\))? = {N}",
        _last,
    ),
    (rf"frozen at {N}(?: until \d\d\d\d-\d\d-\d\d)? = {N}", _frozen),
    (rf"frozen at {N} in Control(?: until \d\d\d\d-\d\d-\d\d(?: \d\d:\d\d)?)? = {N}", _frozen),
    (rf"to 0 in Control(?: until \d\d\d\d-\d\d-\d\d)? = {N}", lambda state: min(state.number, 0)),
    (rf".+ takes at most {N} = {N}", _smaller),
]
