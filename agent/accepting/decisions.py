"""What people type beside listings, in Imports (*Link to SKU*) and Listings (*Change*): kept, and taken back.

A decision acts when its cell changes, and lives on in the store: rows move from one tab to the other, and a whole tab
may be deleted and made anew. So a blank cell takes something back only if the row was seen with that word just before.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from agent.core.cells import clean
from agent.core.check_settings import DECIDED
from agent.deciding import undone
from agent.frames import TIME
from agent.store import Store
from agent.workbooks.base import Snapshot

KEY = ["tab", "channel", "key"]
TABS = ("Imports", "Listings")
RELEASE = "release"


def take_decisions(store: Store, snapshot: Snapshot, decisions: pl.DataFrame, now: datetime) -> None:
    """Keep what was typed since the last revision; take back what was cleared. `decisions`: DECISIONS as checked."""
    typed = decisions.filter(pl.col("tab").is_in(TABS)).select(*KEY, "value")
    known = store.table("typed")
    if typed.is_empty() and known.is_empty():
        return
    seen = known.filter("here").join(_rows(snapshot), on=KEY, how="left")
    cleared = seen.filter("blank")
    store.put("typed", seen.filter(pl.col("blank").is_null()).select(KEY).with_columns(here=pl.lit(value=False)))
    store.delete("typed", cleared.select(KEY))
    _take_back(store, cleared.select(*KEY, "value"))
    new = typed.join(known.filter("here"), on=[*KEY, "value"], how="anti")
    store.put("typed", new.with_columns(here=pl.lit(value=True)))
    _keep(store, new, now)


def _rows(snapshot: Snapshot) -> pl.DataFrame:
    """KEY, `blank`: the rows of both tabs, and whether the person's cell is blank."""
    pieces = [pl.DataFrame(schema={**dict.fromkeys(KEY, pl.String), "blank": pl.Boolean})]
    for tab in TABS:
        frame = snapshot.tabs.get(tab)
        if frame is not None and {"Channel", "Listing", DECIDED[tab]} <= set(frame.columns):
            cells = (clean(pl.col(name)) for name in ("Channel", "Listing", DECIDED[tab]))
            rows = frame.select(pl.lit(tab).alias("tab"), *(c.alias(n) for c, n in zip(cells, "abc", strict=True)))
            pieces.append(rows.select("tab", channel="a", key="b", blank=pl.col("c").is_null()))
    return pl.concat(pieces).group_by(KEY).agg(pl.col("blank").all())


def _keep(store: Store, new: pl.DataFrame, now: datetime) -> None:
    """A pause is no decision about the link: it is a state of its cell. `release` ends the hold of an undone run."""
    word = pl.col("value").str.to_lowercase()
    undone.release_listings(store, new.filter(word == RELEASE).select("channel", listing="key"), now)
    rows = new.filter(~word.is_in(["pause", RELEASE])).unique(["channel", "key"], keep="last")
    store.put("decision", rows.select("channel", "value", listing="key").with_columns(at=pl.lit(now, TIME)))


def _take_back(store: Store, cleared: pl.DataFrame) -> None:
    """The word no longer counts. A link that it made, or took away, stands: its row has left the tab, and a blank cell
    there is only an old row of a workbook that is still open, or a cell that was tidied up."""
    if cleared.is_empty():
        return
    said = cleared.rename({"key": "listing"})
    made = store.table("link").filter(pl.col("how") == "decision").with_columns(tab=pl.lit("Imports"))
    said = said.join(made, on=["tab", "channel", "listing"], how="anti")
    said = said.filter(pl.col("value").str.to_lowercase() != "unlink")
    stands = store.table("decision").join(said, on=["channel", "listing", "value"], how="semi")
    store.delete("decision", stands.select("channel", "listing"))
