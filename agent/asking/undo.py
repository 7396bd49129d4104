"""Undo RUN: what it would do, shown before it is done; the rows Undo and Release of Control (DESIGN sections 4 and 8).

An undo is a plan like any other: it is previewed and approved, its lowerings go at once, its raises wait for their
proof, and nothing is shown that is not there. What it holds, and until when: `undone`.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

import polars as pl

from agent.asking import questions
from agent.deciding import stops, undone
from agent.deciding.decide import Decision
from agent.deciding.quantities import kept_back, stock, worked_out
from agent.deciding.structure import link_parts
from agent.deciding.undone import CELL, LISTING, named
from agent.frames import ISSUES, frame
from agent.state import Agent
from agent.store import Store
from agent.words import in_words, say
from agent.workbooks import tabs

KIND = "undo"
KINDS = ("undo", "release")
"""Rows of Control that are carried out once, as long as they stand there."""
NAMED = 5
"""Listings that a sentence names."""
ALL = ("all", "everything")


# --- the preview


def preview(agent: Agent, decision: Decision, run: int) -> pl.DataFrame:
    """What undoing a run would do now, one row a stock cell: `undone.changed` with `shown` (now), `target` (then),
    `why`. Cells whose listing is no longer linked are left out. Nothing is changed by it."""
    rows, parts = undone.changed(agent.store, run), decision.structure.parts
    if rows.is_empty():
        return rows.with_columns(pl.lit(None, pl.Int64).alias("shown"), pl.lit(None, pl.Int64).alias("target"),
                                 pl.lit(None, pl.String).alias("why"))  # fmt: skip
    held = undone.caps(agent.store, parts, rows.with_columns(run=pl.lit(run, pl.Int64)))
    before = undone.caps(agent.store, parts).join(held, on=LISTING, how="anti")  # a new undo takes an older one's place
    stopped = stops.as_they_stand(agent.store, parts, agent.clock.now()).caps
    caps = undone.capped(stopped, pl.concat([before, held]))
    kept = kept_back(agent, parts, decision.plan)
    worked = worked_out(agent, parts, stock(agent.store, parts), kept, agent.store.table("rule"), words=True, caps=caps)
    cells = agent.store.table("listing").select(*LISTING, "cell")
    lowest = worked.join(cells, on=LISTING).sort("target", nulls_last=True).unique(CELL, keep="first")
    shown = decision.plan.select(*CELL, "shown")
    found = rows.join(lowest.select(*CELL, "target", "why"), on=CELL, maintain_order="left")
    return found.join(shown, on=CELL, how="left", maintain_order="left")


def say_preview(store: Store, run: int, rows: pl.DataFrame) -> str:
    """`preview` in a sentence."""
    return say(KIND, _preview_facts(store, run, rows)).what


def _preview_facts(store: Store, run: int, rows: pl.DataFrame) -> dict[str, object]:
    by = pl.col("target") - pl.col("shown")
    order = rows.with_columns(by.abs().alias("by")).filter(pl.col("by") > 0).sort("by", "sku", descending=[True, False])
    told = order.head(NAMED).select(pl.format("{} on {} {} -> {}", "sku", "channel", "shown", "target")).to_series()
    at = rows["sent_at"].min()
    return {
        "run": named(run),
        "at": at.isoformat() if isinstance(at, datetime) else None,
        "listings": rows.height,
        "down": rows.filter(by < 0).height,
        "up": rows.filter(by > 0).height,
        "short": rows.filter(_falls_short()).height or None,
        "orders": undone.by_orders(store, run) or None,
        "largest": ", ".join(told) or None,
        "place": tabs.CONTROL.name,
    }


def _falls_short() -> pl.Expr:
    """It was higher before the run, and there are not that many to show now."""
    return (pl.col("target") <= pl.col("shown")) & (pl.col("quantity") > pl.col("sent"))


# --- Control


def ask(agent: Agent, decision: Decision, now: datetime) -> None:
    """Show what the rows Undo of Control would do, and wait for a yes; carry out the rows Release. Each once, as long
    as it stands there. In a transaction."""
    if agent.sheet is None or agent.sheet.verdict is not None:
        return  # an older copy, or one that may only lower, lets nothing go
    store, rows = agent.store, _standing(agent)
    known = store.table("undo")
    if rows.is_empty() and known.is_empty():
        questions.withdraw(store, KIND, pl.Series([], dtype=pl.String), now)
        return
    store.delete("undo", known.join(rows, on="about", how="anti").select("about"))
    fresh = rows.join(known, on="about", how="anti")
    store.put("undo", fresh.select("about").with_columns(at=pl.lit(now)))
    waiting = rows.join(store.table("undo").filter(pl.col("done_at").is_null()), on="about", maintain_order="left")
    asked = [key for row in waiting.rows(named=True) if (key := _carry_out(agent, decision, row, now)) is not None]
    questions.withdraw(store, KIND, pl.Series(asked, dtype=pl.String), now)


def _standing(agent: Agent) -> pl.DataFrame:
    """`about, kind, text`: the rows Undo and Release with something in Value."""
    assert agent.sheet is not None
    rows = agent.sheet.checked.control.rows.filter(pl.col("kind").is_in(KINDS) & pl.col("text").is_not_null())
    return rows.select("about", "kind", "text").unique("about", keep="first", maintain_order=True)


def _carry_out(agent: Agent, decision: Decision, row: dict[str, Any], now: datetime) -> str | None:
    """One row of Control; gives the key of the question that it waits for, if it does."""
    run = undone.run_of(row["text"])
    if row["kind"] == "release":
        _let_go(agent.store, run, row["text"], now)
        _done(agent.store, row["about"], now)
        return None
    if run is None:
        return None
    if (done := _undone_since(agent.store, run, row["at"])) is not None:
        _done(agent.store, row["about"], done)
        return None
    found = preview(agent, decision, run)
    if found.is_empty():
        return None
    causes = _causes(agent.store, decision.structure.parts, found)
    questions.ask(agent.store, KIND, str(run), causes, _preview_facts(agent.store, run, found), now)
    return str(run)


def _let_go(store: Store, run: int | None, text: str, now: datetime) -> None:
    rows = undone.in_force(store)
    if text.strip().lower() not in ALL:
        rows = rows.filter(pl.col("run") == (run or 0))
    undone.release(store, rows, undone.RELEASED, now)


def _undone_since(store: Store, run: int, typed: datetime) -> datetime | None:
    """When a run was undone, if that was after it was typed."""
    at = store.table("undone").filter((pl.col("run") == run) & (pl.col("at") >= typed))["at"].max()
    return at if isinstance(at, datetime) else None


def _done(store: Store, about: str, now: datetime) -> None:
    store.put("undo", pl.DataFrame({"about": [about]}).with_columns(done_at=pl.lit(now)))


def _causes(store: Store, parts: pl.DataFrame, rows: pl.DataFrame) -> str:
    """What a yes binds to: the cells that the run changed, and what had caused it, as they are."""
    text = undone.causes_now(store, parts, rows).sort(CELL).write_csv()
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def answered(store: Store, question: dict[str, object], now: datetime) -> None:
    """The person's yes: hold what the run changed, unless its causes have changed since it was asked. In a
    transaction."""
    run, parts = int(str(question["key"])), link_parts(store)
    rows = linked(store, run, parts)
    if _causes(store, parts, rows) != question["causes"]:
        return
    undone.record(store, rows, run, parts, now)


def linked(store: Store, run: int, parts: pl.DataFrame) -> pl.DataFrame:
    """`undone.changed`, of listings that are linked now."""
    listings = store.table("listing").join(parts.select(LISTING).unique(), on=LISTING, how="semi")
    return undone.changed(store, run).join(listings.select(CELL).unique(), on=CELL, how="semi", maintain_order="left")


# --- telling


def status(agent: Agent, rows: pl.DataFrame) -> list[tuple[object, ...]]:
    """(about, what came of it, when) of each row Undo and Release of Control. `rows`: `Control.rows`."""
    done = dict(agent.store.table("undo").select("about", "done_at").rows())
    told: list[tuple[object, ...]] = []
    for about, kind, text in rows.filter(pl.col("kind").is_in(KINDS)).select("about", "kind", "text").rows():
        if text is not None:
            told.append((about, _came_of(agent.store, kind, text, done.get(about)), done.get(about)))
    return told


def _came_of(store: Store, kind: str, text: str, done_at: object) -> str:
    run = undone.run_of(text)
    if kind == "release" and (run is not None or text.strip().lower() in ALL):
        return say("undo_released").what
    if run is None or store.table("push").filter(pl.col("run") == run).is_empty():
        return say("undo_unknown", {"found": text}).what
    mine = store.table("undone").filter(pl.col("run") == run)
    if done_at is not None:
        held = mine.filter(pl.col("over").is_null()).height
        facts = {"run": named(run), "held": str(held), "listings": mine.height, "gone": mine.height - held or None}
        return say("undo_done", facts).what
    if undone.changed(store, run).is_empty():
        return say("undo_nothing", {"run": named(run), "orders": undone.by_orders(store, run) or None}).what
    return say("undo_waits").what


def issues(store: Store) -> pl.DataFrame:
    """ISSUES: the runs that are undone and still hold something, so that it is not forgotten."""
    made: list[tuple[object, ...]] = []
    words = {
        "edit": in_words("undo.typed"),
        "rule": "its rules",
        "structure": "its link",
        "drift": in_words("undo.stocked_or_rules"),
    }
    for (run,), rows in undone.in_force(store).sort("run", *CELL).group_by("run", maintain_order=True):
        cells = store.table("listing").join(rows.select(CELL), on=CELL, how="semi")
        links = store.table("link").join(cells, on=LISTING, how="semi").unique(LISTING, maintain_order=True)
        at = rows["at"].min()
        facts = {
            "run": named(run), "of": named(run), "listings": rows.height,
            "at": at.isoformat() if isinstance(at, datetime) else None,
            "examples": links.select(pl.format("{} on {}", "sku", "channel")).to_series().to_list(),
            "causes": sorted({words[cause] for cause in rows["cause"] if cause in words}),
        }  # fmt: skip
        made.append(("undone", "Listings", None, None, json.dumps(facts)))
    return frame(made, ISSUES)
