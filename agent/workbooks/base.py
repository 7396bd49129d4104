"""What a workbook is: `revision`, `read`, `write` (DESIGN section 9).

The first contract test of every workbook: *people's tabs are the same after any write*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import polars as pl

from agent.workbooks.tabs import Book


@dataclass(frozen=True)
class Mark:
    """The agent's hidden mark in a workbook: whose it is, and how often the agent has written it."""

    workbook_id: str
    generation: int


@dataclass(frozen=True)
class Copy:
    """Another copy of the workbook that lies beside it."""

    name: str
    revision: str
    mark: Mark
    sure: bool
    """Its name says that two computers saved at the same time; else it may be a copy that a person made."""


@dataclass(frozen=True)
class Snapshot:
    """One complete read of a workbook, of one revision.

    `tabs[tab]` is a wide frame for each declared tab that was found (by its table or hidden name, else by its name):
    `row` (Int64, the sheet's own row number) and, for each declared column that was found in it, four columns:

    * `NAME`: Utf8, the cell's content as text: numbers in their shortest form (`12`, `0.8`), TRUE / FALSE, dates as ISO
      (`2026-11-22` or `2026-11-22T14:03:00`), errors as shown (`#REF!`), text as it is (not trimmed), blank as null;
    * `NAME|kind`: Enum frames.KIND (blank, text, number, bool, date, error);
    * `NAME|formula`: Boolean, the cell holds a formula;
    * `NAME|format`: Enum frames.FORMAT (general, integer, zeros, percent, date ...), the class of its number format.

    Of the agent's own tabs only the key columns and the person's columns are read. Wholly blank rows are left out.
    """

    revision: str
    """Hash of the content: equal means the same content."""
    saved_at: datetime
    """When this revision was saved, in the computer's clock, aware UTC."""
    mark: Mark | None
    tabs: Mapping[str, pl.DataFrame]
    letters: Mapping[str, Mapping[str, str]]
    """tab -> column -> column letter, for addresses: `Item Master!C7`."""
    names: Mapping[str, str]
    """declared tab -> what the person calls it now."""
    issues: pl.DataFrame
    """ISSUES about the workbook itself: a header missing or twice, readers that disagree on a cell."""
    open_elsewhere: bool = False
    copies: tuple[Copy, ...] = ()
    levels: pl.DataFrame | None = None
    """Of a workbook without mirror: `sku, stocked` (Int64) as the tab Stock Levels tells them, for a store that was
    lost; None where `Stocked` itself says it."""
    saved_by: str | None = None
    """Who saved this revision, where the workbook names them."""


@dataclass(frozen=True)
class Written:
    """What became of a write.

    `written`: in the workbook. `unchanged`: nothing differed, nothing was written. `open`: the workbook is open
    elsewhere, the results stand in the sidecar. `moved`: the content is no longer the snapshot's; read again.
    `refused`: this workbook cannot be written; `detail` says why and what to do.
    """

    outcome: Literal["written", "unchanged", "open", "moved", "refused"]
    revision: str | None = None
    saved_at: datetime | None = None
    generation: int | None = None
    detail: str = ""


class WorkbookOut(Exception):
    """The workbook cannot be read now. `what` and `fix` are plain sentences."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


class Workbook(Protocol):
    """The seller's workbook, wherever it lives."""

    name: str
    """What a person calls it: the file's name, the sheet's title."""
    kind: Book
    """excel: `Stocked` is mirrored. google: it never is, and an edit of it is a count (DESIGN section 5)."""

    async def revision(self) -> str | None:
        """A cheap token that differs whenever the content may differ; None when it cannot be read now."""

    async def read(self) -> Snapshot:
        """Read all declared tabs of one revision. Raises WorkbookOut."""

    async def write(
        self, tabs: Mapping[str, pl.DataFrame], mirror: pl.DataFrame, mark: Mark, seen: Snapshot
    ) -> Written:
        """Replace the content of the agent's tabs, mirror `Stocked` cells, and stamp the mark, all or nothing.

        `tabs`: agent tab -> frame with that tab's declared agent columns (typed). The person's columns of such a tab
        keep what they hold in the workbook, row by row, by the tab's key columns.
        `mirror`: MIRROR frame: `row`, `sku`, `old` (text the cell must still hold, null = blank), `new` (Int64).
        A cell that holds a formula, or no longer `old` beside that SKU, makes the whole write `moved`.
        `seen`: the snapshot this write is based on; another content now makes it `moved`.
        A write that would change nothing but the mark is `unchanged` and is not done.
        """

    async def append_rows(self, tab: str, rows: pl.DataFrame, seen: Snapshot) -> Written:
        """Add rows below those of a person's tab, all or nothing, because the person asked for it (DESIGN section 2).

        `rows`: declared columns of that tab (text or whole numbers; null: the cell stays blank); columns that the
        person's tab does not have are left out. `open`: nothing is added now; `moved`, `refused` as with `write`.
        """

    async def busy(self) -> bool:
        """Whether a person has it open elsewhere now; cheap, by one look."""

    def welcome(self) -> bool:
        """Whether a write is in order now. False: later, the same results may be offered again at any time."""

    async def hold(self) -> str | None:
        """Take, or keep, the right to work with it: one agent a workbook. The name of the other agent that has it, or
        None. Raises WorkbookOut. (An Excel file is locked by the operating system.)"""

    async def changed(self) -> None:
        """Wait until the workbook may have changed. Carries no data: only wakes."""

    async def close(self) -> None:
        """Stop watching, let go of locks."""
