"""ARRAYFORMULA: one formula that fills the cells below it, line by line.

A reference to a column stands for its cell of the same line, counted from the formula's own; areas that a look-up or a
sum gets stay whole. The lines reach as far down as the longest column that is named. A cell in the way, and the formula
comes to `#REF!`, as in Google. Arrays along a row are not known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.practice.google.a1 import letters
from agent.practice.google.cells import CellError, Effective, plain
from agent.practice.google.formula import Node
from agent.practice.google.functions import Failed, Here, run

if TYPE_CHECKING:
    from agent.practice.google.tab import Tab

Lines = dict[tuple[int, int], Effective]
NAME = "ARRAYFORMULA"
IN_THE_WAY = "Array result was not expanded because it would overwrite data in {}{}."


def is_array(node: Node | None) -> bool:
    """Whether the whole formula is an ARRAYFORMULA."""
    return node is not None and node.kind == "call" and node.what == NAME and len(node.parts) == 1


def lines(node: Node, here: Here) -> Lines:
    """The values of the formula at `here`, its own cell the first."""
    inner, top = node.parts[0], here.row
    height = max((_height(here, each) for each in _columns(inner)), default=1)
    height = min(height, here.tab.row_count - top)
    filled = _last_filled(here, inner)
    found: Lines = {}
    for at in range(height):
        value = _one(inner, replace(here, row=top + at, first=top))
        if value not in ("", None) or at == 0:
            found[top + at, here.column] = "" if value is None else value
        if at > filled and value in ("", None):  # below everything that is filled in each line says the same
            break
    return found


def in_the_way(tab: Tab, found: Lines) -> CellError | None:
    """What the formula comes to where something else stands in one of its lines."""
    for row, column in sorted(found)[1:]:
        if tab.cell(row, column).entered is not None:
            return CellError("REF", "#REF!", IN_THE_WAY.format(letters(column), row + 1))
    return None


def _one(inner: Node, here: Here) -> Any:
    try:
        return plain(run(inner, here))
    except Failed as failed:
        return failed.error


def _columns(node: Node) -> Iterator[Node]:
    if node.kind == "ref":
        yield node
    for part in node.parts:
        yield from _columns(part)


def _height(here: Here, ref: Node) -> int:
    """How far down a reference to one column reaches; 1 for any other."""
    try:
        box = here.range(ref.what).box
    except Failed:
        return 1
    return int(box.height) if box.width == 1 else 1


def _last_filled(here: Here, inner: Node) -> int:
    """The last line in which a column that is named has something."""
    last = 0
    for ref in _columns(inner):
        if _height(here, ref) > 1:
            where = here.range(ref.what)
            rows = [row for row, _, cell in where.tab.filled(where.box) if cell.entered is not None]
            last = max(last, (rows[-1] if rows else 0) - where.box.top)
    return last
