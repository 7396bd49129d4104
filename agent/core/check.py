"""A snapshot of the workbook -> checked frames, and an issue for every cell that is not understood (DESIGN section 4).

Checked is what the workbook says *now*. What was accepted before, and holds where a row is frozen or a cell unread, is
the cycle's to lay beneath it. A problem with a row is a row; only a workbook that cannot be trusted as a whole is
`rejected`: no Item Master, no or two SKU or Stocked columns, no items at all (I1, I11).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from agent.core import cells, check_control, check_items, check_rules, check_settings, in_out, readers
from agent.core.cells import Sheet
from agent.core.known import Known
from agent.core.once import Once, each_time
from agent.frames import ISSUES, MATCHES, RULES, empty
from agent.workbooks.base import Snapshot
from agent.workbooks.tabs import ITEM_MASTER

REQUIRED = tuple(column.name for column in ITEM_MASTER.columns if column.required)
CODES: dict[str, tuple[str, ...]] = {
    "no_item_master": (),
    "header_missing": ("column",),
    "no_items": (),
    **readers.CODES,
    **check_items.CODES,
    **check_rules.CODES,
    **check_settings.CODES,
    **in_out.CODES,
    **check_control.CODES,
}
"""Every issue code that `check` gives -> the keys of its facts. (Issues of the snapshot itself pass through.)"""


@dataclass(frozen=True)
class Checked:
    """What a snapshot says. Frames are those of `agent.frames`.

    `items.frozen` carries an issue code where the item's row may not be used; such a row has no `stocked`.
    `matches.sku` is null where the person's row for that listing has an issue. `channels` has one row a configured
    channel. `unread`: settings that hold something that was not understood; the frames then hold the default.
    `stock_rows`: the complete rows of Stock In and Out; None: the tab, or a column of it, is not there.
    `control`: the stops and questions.
    `rejected`: the code why the snapshot as a whole may not be used; then only channels, controls, decisions are read.
    """

    items: pl.DataFrame
    parts: pl.DataFrame
    aliases: pl.DataFrame
    tags: pl.DataFrame
    rules: pl.DataFrame
    matches: pl.DataFrame
    channels: pl.DataFrame
    controls: pl.DataFrame
    control: check_control.Control
    decisions: pl.DataFrame
    unread: pl.DataFrame
    stock_rows: pl.DataFrame | None
    issues: pl.DataFrame
    rejected: str | None


def check(  # noqa: PLR0917 - a snapshot is checked against just these
    snapshot: Snapshot,
    configured: Sequence[str],
    today: date,
    former: pl.DataFrame | None = None,
    before: Known | None = None,
    once: Once = each_time,
) -> Checked:
    """Check a whole snapshot. `configured`: the names of the connected channels. `today`: for rules that have ended.
    `former`: ALIASES, the names that renamed items had before. `before`: the items of earlier revisions: a stop is
    understood also where Item Master is not. `once`: spares the tabs that are as they were in the revision before."""
    sheet = _sheet(snapshot, "Channels")
    channels, not_read, told = once(
        "Channels checked", lambda: check_settings.check_channels(sheet, configured), sheet, configured
    )
    typed = _sheet(snapshot, "Control")
    controls, more_not_read, more = once("controls checked", lambda: check_settings.check_controls(typed), typed)
    unread, issues = [not_read, more_not_read], [_of_snapshot(snapshot), *told, *more]
    decisions, more = check_settings.read_decisions([(tab, _sheet(snapshot, tab)) for tab in check_settings.DECIDED])
    issues += more
    moved = _sheet(snapshot, "Stock In and Out")
    stock_rows, more = once("in and out", lambda: in_out.check_rows(moved), moved)
    issues += more
    rejection = _rejection(snapshot)
    rules, matches = empty(RULES), empty(MATCHES)
    if rejection.height:
        issues += [] if rejection["code"][0] in set(snapshot.issues["code"]) else [rejection]
        found = check_items.no_items()
    else:
        found = check_items.check_items(_sheet(snapshot, "Item Master"), _disputed(snapshot), former)
        if (ruled := _sheet(snapshot, "Rules")).frame.height:
            rests_on = (ruled, configured, found.known, found.tags, today)
            rules, not_read, more = once("Rules checked", lambda: check_rules.check_rules(*rests_on), *rests_on)
            unread.append(not_read)
            issues += more
        if (paired := _sheet(snapshot, "Matches")).frame.height:
            made_of = (paired, configured, found.known)
            matches, more = once("Matches checked", lambda: check_rules.check_matches(*made_of), *made_of)
            issues += more
        issues += found.issues
    stopped = (typed, configured, _both(found.known, before))
    control = once("Control checked", lambda: check_control.check_control(*stopped), *stopped)
    issues.append(control.issues)
    return Checked(
        items=found.items,
        parts=found.parts,
        aliases=found.aliases,
        tags=found.tags,
        rules=rules,
        matches=matches,
        channels=channels,
        controls=controls,
        control=control,
        decisions=decisions,
        unread=pl.concat(unread),
        stock_rows=stock_rows,
        issues=pl.concat([piece for piece in issues if piece.height] or [empty(ISSUES)]),
        rejected=rejection["code"][0] if rejection.height else None,
    )


def _both(known: Known, before: Known | None) -> Known:
    if before is None:
        return known
    items = pl.concat([known.items.select("sku"), before.items.select("sku")]).unique(maintain_order=True)
    aliases = pl.concat([known.aliases, before.aliases.select(known.aliases.columns)]).unique(maintain_order=True)
    return Known(items, aliases)


def _of_snapshot(snapshot: Snapshot) -> pl.DataFrame:
    """What the workbook's reader says, but for a missing Item Master: `no_item_master` speaks for it."""
    lost = (pl.col("code") == "tab_missing") & (pl.col("tab") == "Item Master")
    return snapshot.issues.filter(~lost.fill_null(value=False)) if snapshot.issues.height else snapshot.issues


def _sheet(snapshot: Snapshot, tab: str) -> Sheet:
    frame = snapshot.tabs.get(tab)
    if frame is not None and not frame["row"].is_sorted():
        frame = frame.sort("row")
    return Sheet(
        name=snapshot.names.get(tab, tab),
        frame=pl.DataFrame(schema={"row": pl.Int64}) if frame is None else frame,
        letters=snapshot.letters.get(tab, {}),
    )


def _rejection(snapshot: Snapshot) -> pl.DataFrame:
    """ISSUES: one row if this snapshot may not be used as a whole, else none."""
    frame, name = snapshot.tabs.get("Item Master"), snapshot.names.get("Item Master", "Item Master")
    if frame is None:
        return cells.one_issue("no_item_master", name, None)
    for column in REQUIRED:
        told = _header_issue(snapshot, name, column)
        if told.height:
            return told.head(1)
        if column not in frame.columns:
            return cells.one_issue("header_missing", name, None, column=column)
    if not frame.select(cells.clean(pl.col("SKU")).is_not_null().any()).item():
        return cells.one_issue("no_items", name, None)
    return empty(ISSUES)


def _header_issue(snapshot: Snapshot, tab: str, column: str) -> pl.DataFrame:
    """What the workbook's reader itself says about that header: codes `header_...`, fact `column`."""
    said = snapshot.issues.filter(pl.col("tab").is_in([tab, "Item Master"]) & pl.col("code").str.starts_with("header"))
    return said.filter([json.loads(facts).get("column") == column for facts in said["facts"]]) if said.height else said


def _disputed(snapshot: Snapshot) -> pl.DataFrame:
    """`row`, `disputed`: the rows of Item Master where the reader has an issue with a cell of a column that freezes."""
    nothing = pl.DataFrame(schema={"row": pl.Int64, "disputed": pl.String})
    name = snapshot.names.get("Item Master", "Item Master")
    cell = snapshot.issues.filter(pl.col("tab").is_in([name, "Item Master"]) & pl.col("cell").is_not_null())
    places = snapshot.letters.get("Item Master", {})
    letters = [places[column] for column in check_items.FREEZING if column in places]
    if cell.is_empty():
        return nothing
    here = cell.filter(pl.col("cell").str.extract("^([A-Z]+)").is_in(letters))
    row = pl.col("cell").str.extract("([0-9]+)$").cast(pl.Int64)
    return here.select(row=row, disputed="code").unique("row", keep="first", maintain_order=True)
