"""What must be sent so that a tab says what it should: changed cells only, new rows in room of their own.

In a tab with a column of the person's
 - a key is written once, into rows that the same call inserts: whatever somebody sorts, inserts or deletes at that
   moment, no key comes to stand beside an answer that was given to another one;
 - the other cells of the agent may land in a wrong row at such a moment; the next look sees that the keys stand
   elsewhere, the tab is read whole, and what is wrong is written again;
 - no row is ever deleted: one that is over gets a state and is hidden;
 - the person's column is never in a written range, and two empty columns before it are never written, so that it is not
   even where somebody deletes a column at that moment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from agent.workbooks.google import marks
from agent.workbooks.google.looking import Look, Place, Row
from agent.workbooks.google.marks import MARK_ID, Marks
from agent.workbooks.google.shape import cells, index_of, rows_at
from agent.workbooks.tabs import DONE_ROW, Tab

Request = dict[str, Any]
AT_ONCE = 400
"""Rows of one request: pieces are made of requests."""
PIECE = 1_800_000
"""Bytes of one call (2 MB are advised)."""
NEWEST = 200
"""A log is shifted where its newest rows are no more than these; else it is written anew."""


@dataclass(frozen=True)
class Plan:
    """What is to be sent for one tab, and what stands there afterwards."""

    requests: list[Request]
    model: pl.DataFrame
    """`row` and the agent's columns, as `shape.shaped`."""


# --- tabs in which rows keep their place


def plan_kept(place: Place, model: pl.DataFrame, wanted: pl.DataFrame, last: int) -> Plan:
    """A tab with a column of the person's. `last`: the last row (from 1) in which anything stands."""
    key = list(place.tab.key)
    wanted = wanted.unique(key, keep="first", maintain_order=True)
    rows = model.unique(key, keep="first", maintain_order=True).select("row", *key)
    placed = wanted.join(rows, on=key, how="left", maintain_order="left")
    there, new = placed.filter(pl.col("row").is_not_null()), placed.filter(pl.col("row").is_null())
    over = _over(model, placed, key)
    now = pl.concat([there.select(model.columns), over.select(model.columns)])
    requests = list(appended(place, new, last))  # bottom up
    requests += _changes(place, model, now, [name for name in wanted.columns if name not in key])
    requests += _hidden(place, model, now)
    added = new.with_columns(row=pl.int_range(last + 1, last + 1 + new.height, dtype=pl.Int64))
    strangers = model.join(now.select("row"), on="row", how="anti")
    return Plan(requests, pl.concat([strangers, now, added.select(model.columns)]).sort("row"))


def _over(model: pl.DataFrame, placed: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Rows whose key is no more: they keep what they say, with their new state. Rows without a key are not ours."""
    ours = model.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in key))
    gone = ours.join(placed.select("row").drop_nulls(), on="row", how="anti")
    return gone.with_columns(pl.lit(DONE_ROW).alias("State"))


def appended(place: Place, new: pl.DataFrame, last: int) -> Iterator[Request]:
    """Rows behind row `last` (from 1), which the same call makes room for."""
    if new.is_empty():
        return
    sheet = place.sheet.id
    if last >= place.sheet.rows:  # rows are inserted before one that is there
        yield {"appendDimension": {"sheetId": sheet, "dimension": "ROWS", "length": last + 1 - place.sheet.rows}}
    below = last > place.headers.row  # the looks of a row, not of the heading
    yield {"insertDimension": {"range": rows_at(sheet, last, last + new.height), "inheritFromBefore": below}}
    names = [name for name in new.columns if name != "row"]
    yield from _blocks(place, new.with_columns(row=pl.int_range(last + 1, last + 1 + pl.len())), names)


def _hidden(place: Place, model: pl.DataFrame, now: pl.DataFrame) -> Iterator[Request]:
    """Rows that are over since now, or again under way."""
    before = model.select("row", pl.col("State").alias("was"))
    changed = now.join(before, on="row").filter(pl.col("State").ne_missing(pl.col("was")))
    for over in (True, False):
        rows = changed.filter((pl.col("State") == DONE_ROW).fill_null(value=False) == over)["row"].sort()
        for first, end in runs(rows.to_list()):
            yield {
                "updateDimensionProperties": {
                    "range": rows_at(place.sheet.id, first - 1, end - 1),
                    "properties": {"hiddenByUser": over},
                    "fields": "hiddenByUser",
                }
            }


# --- tabs that are the agent's alone


def plan_owned(place: Place, model: pl.DataFrame, wanted: pl.DataFrame) -> Plan:
    """A tab without a column of the person's: its rows are those of the frame, in that order."""
    top = place.headers.row
    shift = _shift(model, wanted) if not place.tab.key else 0
    if shift:
        return _shifted(place, model, wanted, shift)
    now = wanted.with_columns(row=pl.int_range(top + 1, top + 1 + pl.len(), dtype=pl.Int64)).select(model.columns)
    below = model.filter(pl.col("row") > top + wanted.height).with_columns(pl.exclude("row").map_batches(_blanks))
    requests = list(_room(place, top + wanted.height))
    requests += _changes(place, model, pl.concat([now, below]), wanted.columns)
    return Plan(requests, now)


def _blanks(one: pl.Series) -> pl.Series:
    return pl.Series(one.name, [None] * one.len(), one.dtype)


def _room(place: Place, rows: int) -> Iterator[Request]:
    if rows > place.sheet.rows:
        more = {"sheetId": place.sheet.id, "dimension": "ROWS", "length": rows - place.sheet.rows + 20}
        yield {"appendDimension": more}


def _shift(model: pl.DataFrame, wanted: pl.DataFrame) -> int:
    """How many new rows stand before what was written last time; 0: it is not so."""
    old = model.drop("row").select(wanted.columns)
    if old.is_empty() or wanted.is_empty():
        return 0
    first = wanted.head(NEWEST + 1).with_row_index("at").join(old.head(1), on=wanted.columns, nulls_equal=True)
    for shift in first["at"].to_list():
        kept = wanted.height - shift
        if shift and wanted.slice(shift).equals(old.head(kept)):
            return int(shift)
    return 0


def _shifted(place: Place, model: pl.DataFrame, wanted: pl.DataFrame, shift: int) -> Plan:
    top, sheet = place.headers.row, place.sheet.id
    surplus = model.height + shift - wanted.height
    requests: list[Request] = []
    if surplus > 0:
        requests.append(
            {"deleteDimension": {"range": rows_at(sheet, top + model.height - surplus, top + model.height)}}
        )
    requests.append({"insertDimension": {"range": rows_at(sheet, top, top + shift), "inheritFromBefore": False}})
    now = wanted.with_columns(row=pl.int_range(top + 1, top + 1 + pl.len(), dtype=pl.Int64)).select(model.columns)
    requests += _blocks(place, now.head(shift), wanted.columns)
    return Plan(requests, now)


# --- cells


def _changes(place: Place, model: pl.DataFrame, now: pl.DataFrame, names: Sequence[str]) -> Iterator[Request]:
    """The cells that differ from what stands there, from the bottom up, so that the heading's neighbours come last."""
    old = model.select("row", *(pl.col(name).alias(f"{name}|was") for name in names))
    both = now.join(old, on="row", how="left", maintain_order="left")
    differs = [pl.col(name).ne_missing(pl.col(f"{name}|was")).alias(name) for name in names]
    marked = both.select("row", *differs).filter(pl.any_horizontal(names)) if names else both.clear().select("row")
    changed = now.join(marked.select("row"), on="row", how="semi").sort("row")
    flags = marked.sort("row")
    for first, end in reversed(list(_chunks(changed["row"].to_list()))):
        some, said = changed.slice(first, end - first), flags.slice(first, end - first)
        yield from _blocks(place, some, [name for name in names if said[name].any()])


def _chunks(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Positions of runs of neighbouring rows."""
    begin = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or rows[at] != rows[at - 1] + 1 or at - begin >= AT_ONCE:
            yield begin, at
            begin = at


def _blocks(place: Place, rows: pl.DataFrame, names: Sequence[str]) -> Iterator[Request]:
    """Requests for neighbouring rows, one for each run of neighbouring columns."""
    at = {index: name for name in names if (index := index_of(place, name)) is not None}
    for left, right in runs(sorted(at)):
        columns = [at[index] for index in range(left, right)]
        for some in rows.select("row", *columns).iter_slices(AT_ONCE):
            yield cells(place.sheet.id, some["row"][0] - 1, left, some.drop("row").rows())


def runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of neighbouring numbers: (first, the one behind the last)."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number:
            found[-1] = (found[-1][0], number + 1)
        else:
            found.append((number, number + 1))
    return found


def last_row(place: Place, rows: Sequence[Row]) -> int:
    """The last row (from 1) of a tab in which anything is known to stand."""
    return max((number for number, _ in rows), default=place.headers.row)


# --- a whole write


def is_kept(tab: Tab) -> bool:
    """Rows keep their place in it."""
    return bool(tab.person_columns)


def plan(place: Place, model: pl.DataFrame, wanted: pl.DataFrame, rows: Sequence[Row]) -> Plan:
    """What is to be sent so that a tab says what is wanted. `model`: what was written there last."""
    if is_kept(place.tab):
        return plan_kept(place, model, wanted, last_row(place, rows))
    return plan_owned(place, model, wanted)


def pieces(requests: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Some requests at a time, each piece under 2 MB; the mark comes last."""
    piece: list[dict[str, Any]] = []
    size = 0
    for one in requests:
        weight = len(json.dumps(one, ensure_ascii=False).encode())
        if piece and size + weight > PIECE:
            yield piece
            piece, size = [], 0
        piece.append(one)
        size += weight
    yield piece


# --- the hidden tab


def own_ids(look: Look) -> dict[str, int]:
    """Tabs that are known by an id of their own."""
    return {n: p.sheet.id for n, p in look.places.items() if p.sheet.id != marks.fixed_id(n)}


def mark(said: Marks, stamps: Sequence[object]) -> Request:
    """The whole hidden tab."""
    return cells(MARK_ID, 0, 0, marks.rows(said, stamps))


def lease(said: Marks) -> Request:
    """Who works, in the hidden tab."""
    rows = marks.rows(said)
    return cells(MARK_ID, 3, 0, rows[3:5])
