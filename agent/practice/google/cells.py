"""One cell: what was entered, how it is formatted, its note and its rule. A cell is never changed, only replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.practice.google.errors import Refused

LONGEST = 50_000
"""Characters a cell may hold."""

_TOO_LONG = f"Your input contains more than the maximum of {LONGEST} characters in a single cell."


class Formula(str):
    """A formula as it was entered, with its `=`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class CellError:
    """The result of a formula that failed. `kind`: Google's name of it; `shown`: what stands in the cell."""

    kind: str
    shown: str
    message: str = ""


Entered = bool | int | float | str | Formula | None
Effective = bool | int | float | str | CellError | None


@dataclass(slots=True)
class Cell:
    """A cell that is not wholly empty. `form`: its userEnteredFormat; `rule`: its data validation."""

    entered: Entered = None
    form: Mapping[str, Any] | None = None
    note: str | None = None
    rule: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] | None = None  # what else a person may put in: text runs, chips, pivot tables

    def but(self, **changed: Any) -> Cell:
        """The same cell with this changed."""
        get = changed.get
        return Cell(
            get("entered", self.entered),
            get("form", self.form),
            get("note", self.note),
            get("rule", self.rule),
            get("extra", self.extra),
        )

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it, not even a format."""
        return self.entered is None and not (self.form or self.note or self.rule or self.extra)


EMPTY = Cell()


def checked(entered: Entered) -> Entered:
    """What may be entered; the empty text empties a cell."""
    if isinstance(entered, str):
        if len(entered) > LONGEST:
            raise Refused(_TOO_LONG)
        if not entered:
            return None
    return entered


def from_extended(value: Mapping[str, Any] | None) -> Entered:
    """What an ExtendedValue enters."""
    if not value:
        return None
    if len(value) == 1 and "stringValue" in value:  # nearly all are such
        return checked(str(value["stringValue"])) if value["stringValue"] is not None else None
    if "formulaValue" in value:
        text = str(value["formulaValue"])
        return checked(Formula(text) if text.startswith("=") else text)
    if "errorValue" in value:
        raise Refused("Setting an error value is not supported.")
    for kind in ("stringValue", "numberValue", "boolValue"):
        if kind in value:
            return checked(plain(value[kind]))
    return None


def plain(value: Any) -> Any:
    """A number as Google tells it: whole ones without a fraction."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def to_extended(value: Entered | CellError) -> dict[str, Any] | None:
    """The same as an ExtendedValue."""
    if value is None:
        return None
    if isinstance(value, Formula):
        return {"formulaValue": str(value)}
    if isinstance(value, CellError):
        told = {"type": value.kind} | ({"message": value.message} if value.message else {})
        return {"errorValue": told}
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"numberValue": value} if isinstance(value, int | float) else {"stringValue": value}
