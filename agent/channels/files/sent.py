"""What was sent and does not show yet: which reads of a stock cell speak of a time before its import was carried out.

An import file waits until somebody carries it, and the shop may take its time. Until then an export that still shows
the old number says nothing about ours: such a cell is left unread, so that the plan knows it as in flight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from agent.channels.files.place import Sent
from agent.frames import TIME, Schema

GRACE = timedelta(hours=1)
"""After a file was taken, an export of another number than the old one counts from then on."""
_SCHEMA: Schema = {
    "cell": pl.String,
    "sent": pl.Int64,
    "before": pl.Int64,
    "at": TIME,
    "file": pl.String,
    "taken": TIME,
}


def noticed(sent: Mapping[str, Sent], waits: Callable[[str], bool], now: datetime) -> dict[str, Sent]:
    """With the files that were carried away since the last look."""
    there = {file: waits(file) for file in {each.file for each in sent.values()}}
    return {
        cell: each if each.taken or there[each.file] else replace(each, taken=now.isoformat())
        for cell, each in sent.items()
    }


def settled(
    frame: pl.DataFrame, sent: Mapping[str, Sent], at: datetime, patience: timedelta
) -> tuple[pl.DataFrame, dict[str, Sent], set[str]]:
    """(LISTINGS with the quantities left out that say nothing yet; what is still waited for; the import files that the
    export shows as carried out though they lie there still). `at`: when the export was made."""
    if not sent:
        return frame, {}, set()
    rows = [
        (cell, each.quantity, each.before, datetime.fromisoformat(each.at), each.file,
         datetime.fromisoformat(each.taken) if each.taken else None)
        for cell, each in sent.items()
    ]  # fmt: skip
    made = pl.DataFrame(rows, schema=dict(_SCHEMA), orient="row").join(
        frame.select("cell", "quantity").unique("cell"), on="cell", how="left"
    )
    newer, taken = pl.col("at") < at, pl.col("taken")
    shows = newer & (pl.col("quantity") == pl.col("sent")).fill_null(value=False)
    other = (pl.col("quantity") != pl.col("before")).fill_null(value=True)
    over = taken.is_not_null() & ((other & (taken + GRACE <= at)) | (taken + patience <= at))
    made = made.with_columns(shows=shows, done=taken.is_not_null() & (shows | over.fill_null(value=False)), newer=newer)
    of_file = made.filter(pl.col("taken").is_null()).group_by("file").agg(pl.col("shows").all())
    carried = set(of_file.filter("shows")["file"].to_list())
    made = made.with_columns(pl.col("done") | pl.col("file").is_in(list(carried)))
    silent = made.filter(pl.col("newer") & ~pl.col("done") & ~pl.col("shows"))["cell"]
    left = set(made.filter(~pl.col("done"))["cell"].to_list())
    hidden = pl.when(~pl.col("cell").is_in(silent.implode())).then("quantity")
    return frame.with_columns(hidden.alias("quantity")), {c: each for c, each in sent.items() if c in left}, carried
