"""Which file is this: ours, an older copy, another one (DESIGN section 5, *Mirror*).

The generation in the file's hidden mark tells whether what we meant to mirror reached it. Another copy may only lower
until a person chooses it.
"""

from __future__ import annotations

from datetime import datetime
from random import Random

import polars as pl

from agent.asking import questions
from agent.frames import TIME
from agent.state import Agent
from agent.store import Store
from agent.workbooks.base import Mark, Snapshot

OTHER_COPY = ("older_copy", "mark_missing", "conflicted_copy")
UNMARKED = Mark("none", 0)
"""What is stamped into a copy without a mark while it is asked about: it must not become ours by that."""


def which_copy(store: Store, snapshot: Snapshot, now: datetime, rng: Random) -> str | None:
    """The code why this revision may only lower, or None. Settles whether an intended mirror reached the file."""
    return _another(store, snapshot, now, rng) or _conflicted(store, snapshot, now)


def _another(store: Store, snapshot: Snapshot, now: datetime, rng: Random) -> str | None:
    ours, known = store.meta("workbook_id"), int(str(store.meta("generation", 0)))
    mark = snapshot.mark
    if not is_a_stock_book(snapshot):
        return None
    if ours is None:
        _adopt(store, mark, rng)
        return None
    if mark is None or mark.workbook_id != ours:
        return _unless_approved(store, "mark_missing", snapshot, now)
    intended = store.meta("intended_generation")
    if intended is not None and mark.generation == intended:
        _promote(store, int(str(intended)))
        return None
    if mark.generation < known:
        return _unless_approved(store, "older_copy", snapshot, now)
    if intended is not None:
        _drop_intended(store)
    return None


def is_a_stock_book(snapshot: Snapshot) -> bool:
    """It has our mark or an Item Master. Any other workbook was named by mistake, and is never written."""
    return snapshot.mark is not None or "Item Master" in snapshot.tabs


def _adopt(store: Store, mark: Mark | None, rng: Random) -> None:
    """First contact with this workbook (then it gets an id of its own), or with a workbook whose store was lost."""
    identity = mark.workbook_id if mark else f"{rng.getrandbits(48):012x}"
    store.set_meta(workbook_id=identity, generation=mark.generation if mark else 0)


def _unless_approved(store: Store, code: str, snapshot: Snapshot, now: datetime) -> str | None:
    """Another file than the one we know: lowering only, one question. `use this one` makes its numbers counts."""
    asked = store.table("question").filter(
        (pl.col("kind") == "older_copy")
        & (pl.col("causes") == _identity(snapshot))
        & (pl.col("answer") == "use this one")
    )
    if asked.is_empty():
        facts = {"saved_at": snapshot.saved_at.isoformat(), "code": code}
        questions.ask(store, "older_copy", "workbook", _identity(snapshot), facts, now)
        return code
    _drop_intended(store)
    store.put("stocked", store.table("stocked").with_columns(value=pl.lit(None, pl.Int64), held_at=pl.lit(None, TIME)))
    mark, known = snapshot.mark, int(str(store.meta("generation", 0)))
    ours = mark.workbook_id if mark and mark != UNMARKED else store.meta("workbook_id")
    # our next write is newer than every copy that we know of, those that were not chosen included
    store.set_meta(workbook_id=ours, generation=max(known, mark.generation if mark else 0))
    return None


def _conflicted(store: Store, snapshot: Snapshot, now: datetime) -> str | None:
    """Another copy beside this one, written after the same moment: each may hold edits that the other lacks. Which one
    counts is asked once; it is over when the other copy is gone, or with `use this one` for exactly these copies."""
    settled = store.meta("settled_copies", [])
    assert isinstance(settled, list)
    mark, own = snapshot.mark, snapshot.revision.partition("+")[0]
    others = [
        copy
        for copy in snapshot.copies
        if mark is not None and copy.mark.workbook_id == mark.workbook_id and copy.revision not in (own, *settled)
        if copy.sure or copy.mark.generation >= mark.generation
    ]
    if not others:
        return None
    causes = " ".join(sorted(copy.revision for copy in others))
    said = store.table("question").filter(
        (pl.col("kind") == "older_copy") & (pl.col("causes") == causes) & (pl.col("answer") == "use this one")
    )
    if said.height:
        store.set_meta(settled_copies=[*settled, *(copy.revision for copy in others)][-50:])
        return None
    facts = {"code": "conflicted_copy", "copies": [copy.name for copy in others]}
    questions.ask(store, "older_copy", "workbook", causes, facts, now)
    return "conflicted_copy"


def mark_of_write(agent: Agent, seen: Snapshot) -> Mark | None:
    """The mark that a write of this file leaves as it is, because it is another copy and nobody has chosen it; None: it
    is ours, and the write is a new generation."""
    if agent.sheet is not None and agent.sheet.verdict in OTHER_COPY:
        return seen.mark or UNMARKED
    return None


def copy_is_ours(store: Store) -> None:
    """A chosen copy has our mark now: the answer that chose it is used up."""
    chosen = store.table("question").filter((pl.col("kind") == "older_copy") & (pl.col("answer") == "use this one"))
    store.put("question", chosen.with_columns(answer=pl.lit("used")))


def _identity(snapshot: Snapshot) -> str:
    """What an approval of another copy binds to: that copy's mark (its answer is typed into it, so not its content)."""
    mark = snapshot.mark
    return f"{mark.workbook_id}/{mark.generation}" if mark and mark != UNMARKED else "no mark"


def _promote(store: Store, generation: int) -> None:
    """The file of the intended generation is there: what we meant to mirror is what the cells hold."""
    rows = store.table("stocked").filter(pl.col("intended").is_not_null())
    store.put("stocked", rows.with_columns(value=pl.col("intended"), intended=pl.lit(None, pl.Int64)))
    store.set_meta(generation=generation, intended_generation=None)


def _drop_intended(store: Store) -> None:
    rows = store.table("stocked").filter(pl.col("intended").is_not_null())
    store.put("stocked", rows.with_columns(intended=pl.lit(None, pl.Int64)))
    store.set_meta(intended_generation=None)


def remember(store: Store, snapshot: Snapshot) -> None:
    store.set_meta(revision=snapshot.revision, revision_at=snapshot.saved_at.isoformat())
