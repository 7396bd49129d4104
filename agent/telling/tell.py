"""Telling: the agent's tabs, mirrored Stocked cells, and the mark, written into the workbook in one go.

What cells are meant to hold is committed before the file is published; the generation in the file says on the next
start whether it was (DESIGN section 5, *Mirror*).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from agent.accepting import copies, sheet
from agent.asking import questions
from agent.asking.questions import facts_of
from agent.core import lines, match, report
from agent.deciding import drift
from agent.deciding.decide import Decision
from agent.frames import MIRROR, conform, empty
from agent.state import Agent
from agent.store import Store
from agent.telling import control, dashboard, imports, oversell
from agent.telling.attention import attention
from agent.telling.listed import listed_rows
from agent.telling.standing import channel_status, start_here
from agent.words import causes, in_words, say
from agent.workbooks.base import Mark, Snapshot, Written

MOST = 2000
"""Rows of Movements and Sync Log."""
OUTCOMES = {
    "accepted": "confirmed",
    "landed": in_words("tell.confirmed_by_later_read"),
    "sent": in_words("tell.sent_not_applied_yet"),
    "refused": "refused",
    "stale": in_words("tell.shop_had_changed_decided"),
    "unknown": in_words("tell.no_answer_read_again"),
    "lost": in_words("tell.did_not_arrive"),
    "not_sent": "not sent",
    None: in_words("tell.on_its_way"),
}


async def write(agent: Agent, decision: Decision) -> Written | None:
    """Write what changed. None: nothing worth writing, or no workbook of ours to write to."""
    if agent.sheet is None or agent.sheet_problem is not None or not copies.is_a_stock_book(agent.sheet.snapshot):
        return None
    if not agent.workbook.welcome():
        return None
    was_open = agent.write_result == "open"
    still_open = was_open and await agent.workbook.busy()
    folds_in = was_open and not still_open
    if decision is agent.told_of and not folds_in and not _refresh_due(agent):
        return None
    frames = of_content(agent, decision)
    mirror = mirrored(agent, agent.sheet.snapshot)
    waits = mirror.is_empty() or still_open  # an open book is not written: its sidecar only when something changed
    if waits and not folds_in and not _worth_it(agent, frames):
        agent.told_of = decision
        return None
    frames |= of_times(agent, decision, frames["Listings"])
    return await _publish(agent, decision, frames, mirror, agent.sheet.snapshot)


def _worth_it(agent: Agent, frames: Mapping[str, pl.DataFrame]) -> bool:
    if _refresh_due(agent):
        return True
    return not all(name in agent.told and frame.equals(agent.told[name]) for name, frame in frames.items())


def _refresh_due(agent: Agent) -> bool:
    limit = timedelta(seconds=agent.workbook_refresh)
    return agent.told_at is None or agent.clock.now() - agent.told_at >= limit


async def _publish(
    agent: Agent, decision: Decision, frames: dict[str, pl.DataFrame], mirror: pl.DataFrame, seen: Snapshot
) -> Written:
    store = agent.store
    generation = int(str(store.meta("generation", 0))) + 1
    others = copies.mark_of_write(agent, seen)
    mark = others or Mark(str(store.meta("workbook_id")), generation)
    if others is None:
        with store.transaction():
            store.put("stocked", mirror.select("sku", pl.col("new").alias("intended")))
            store.set_meta(intended_generation=generation)
    written = await agent.workbook.write(frames, mirror, mark, seen)
    with store.transaction():
        if others is not None:
            _written_beside(agent, written, mark, mirror)
        elif written.outcome == "written":
            _written(agent, written, mark, mirror)
        elif written.outcome != "moved":  # moved: the next read says what the file is
            _not_written(agent)
    agent.write_result, agent.write_detail = written.outcome, written.detail
    if written.outcome == "moved":
        agent.seen_token = None
    else:
        agent.told, agent.told_of, agent.told_at = frames, decision, agent.clock.now()
    return written


def _written(agent: Agent, written: Written, mark: Mark, mirror: pl.DataFrame) -> None:
    """The file is published: the intended values are what its cells hold, and our revision is the one we know."""
    rows = agent.store.table("stocked").filter(pl.col("intended").is_not_null())
    agent.store.put("stocked", rows.with_columns(value=pl.col("intended"), intended=pl.lit(None, pl.Int64)))
    saved = written.saved_at or agent.clock.now()
    agent.store.set_meta(
        generation=mark.generation,
        intended_generation=None,
        revision=written.revision,
        revision_at=saved.isoformat(),
    )
    copies.copy_is_ours(agent.store)
    if written.revision is not None:
        sheet.wrote(agent, written.revision, saved, mark, mirror)


def _written_beside(agent: Agent, written: Written, mark: Mark, mirror: pl.DataFrame) -> None:
    """Another copy has our question now; it is not ours by that."""
    if written.outcome == "written" and written.revision is not None:
        sheet.wrote(agent, written.revision, written.saved_at or agent.clock.now(), mark, mirror)


def _not_written(agent: Agent) -> None:
    rows = agent.store.table("stocked").filter(pl.col("intended").is_not_null())
    agent.store.put("stocked", rows.with_columns(intended=pl.lit(None, pl.Int64)))
    agent.store.set_meta(intended_generation=None)


def mirrored(agent: Agent, seen: Snapshot) -> pl.DataFrame:
    """MIRROR: the Stocked cells that no longer say what is on the shelf.

    Never over a formula, a frozen row, an unread edit, or a number that is being asked about; never in a Google Sheet.
    """
    sheet = agent.sheet
    if agent.workbook.kind == "google":  # the column is the person's: what is on the shelf stands beside it
        return empty(MIRROR)
    if sheet is None or sheet.verdict is not None or not agent.channels or agent.stock_means() == "external":
        return empty(MIRROR)
    items = sheet.checked.items
    return agent.store.derived("mirrored", lambda: _mirrored(agent.store, items), items)


def _mirrored(store: Store, items: pl.DataFrame) -> pl.DataFrame:
    asked = questions.open_questions(store).filter(pl.col("kind") == "edit_meaning")["key"].to_list()
    frozen = store.table("item").filter(pl.col("frozen").is_not_null())["sku"].to_list()
    rows = (
        items.filter(
            ~pl.col("stocked_formula")
            & pl.col("tracked")
            & ~pl.col("bundle")
            & pl.col("feed").is_null()
            & pl.col("stocked").is_not_null()
        )
        .join(store.table("level").select("sku", "on_hand"), on="sku")
        .join(store.table("stocked").select("sku", "value"), on="sku")
        .filter(
            (pl.col("on_hand") != pl.col("value"))
            & (pl.col("stocked") == pl.col("value"))
            & (pl.col("on_hand") >= 0)
            & ~pl.col("sku").is_in(asked)
            & ~pl.col("sku").is_in(frozen)
        )
    )
    return conform(rows.rename({"stocked_text": "old", "on_hand": "new"}), MIRROR)


def everything(agent: Agent, decision: Decision) -> dict[str, pl.DataFrame]:
    """All agent tabs."""
    frames = of_content(agent, decision)
    return frames | of_times(agent, decision, frames["Listings"])


def of_content(agent: Agent, decision: Decision) -> dict[str, pl.DataFrame]:
    """The tabs that are written as soon as something in them changes. Each is made again only when something that it
    tells of has changed (`Store.derived`); Attention and Control Status speak of times, too, and are made in parts."""
    store, parts = agent.store, decision.structure.parts
    targets, plan = decision.targets, decision.plan
    listed = store.derived("Listings", lambda: listed_rows(agent, decision), targets, plan)
    return {
        "Imports": _imports(agent, decision),
        "Listings": listed,
        "Attention": attention(agent, decision),
        "Stock Levels": store.derived(
            "Stock Levels",
            lambda: report.stock_levels(store.table("item"), decision.stock, listed), decision.stock, listed,
        ),
        "Movements": store.derived("Movements", lambda: _movements(agent, decision), parts),
        "Control Status": control.status(agent, decision),
        "Sync Log": store.derived(
            "Sync Log", lambda: report.sync_log(_newest(agent, "push"), _outcomes(), causes(), MOST)
        ),
    }  # fmt: skip


def of_times(agent: Agent, decision: Decision, listed: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The tabs in which something changes with every look: alone they are not worth a write each time. `listed`: the
    tab Listings."""
    return {
        "Channel Status": channel_status(agent, decision, listed),
        **dashboard.tabs_of(agent, decision),
        "Start here": start_here(agent, decision, listed),
    }


def _movements(agent: Agent, decision: Decision) -> pl.DataFrame:
    """The newest of everything that moved stock; older rows stay in the store."""
    newest = agent.store.table("order_line").sort("sale_at", "updated_at", *lines.KEY, nulls_last=False).tail(MOST)
    sold = lines.sold(newest, decision.structure.parts)
    oversold = oversell.told(oversell.events(agent.store).head(MOST))
    drifted = drift.told(agent.store, decision.structure.parts, MOST)
    buyer, sent = in_words("tell.a_buyer"), _newest(agent, "push")
    return report.movements(_newest(agent, "ledger"), sold, sent, oversold, drifted, buyer=buyer, most=MOST)


def _newest(agent: Agent, name: str) -> pl.DataFrame:
    return agent.store.table(name).sort("id").tail(MOST).reverse()


def _outcomes() -> pl.DataFrame:
    return pl.DataFrame({"outcome": list(OUTCOMES), "words": list(OUTCOMES.values())})


def _imports(agent: Agent, decision: Decision) -> pl.DataFrame:
    found = imports.rows(agent, decision)
    return agent.store.derived("Imports", lambda: _imports_told(agent, found), found)


def _imports_told(agent: Agent, found: pl.DataFrame) -> pl.DataFrame:
    listings = agent.store.table("listing").filter(pl.col("absent") < 2)
    distinct = found.select("reason", "facts").unique()
    said = [(c, f, say(c, facts_of(f)).what) for c, f in distinct.iter_rows()]
    sentences = pl.DataFrame(said, schema={"code": pl.String, "facts": pl.String, "text": pl.String}, orient="row")
    partly = match.partly(listings, agent.store.table("link"))
    return report.imports(found, listings, partly, sentences)
