"""Taking in the workbook: read it when it changed, check it, accept what may be accepted, carry out what was typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import polars as pl

from agent.accepting import edit_habit, in_out, renames
from agent.accepting.accept import accept_rows, accept_settings, hold_all, taken_out
from agent.accepting.copies import remember, which_copy
from agent.accepting.decisions import take_decisions
from agent.asking import proposals, questions, transfers, undo
from agent.asking.questions import facts_of
from agent.core import check
from agent.core.known import Known
from agent.deciding import drift, ledger, relinked, returns, stops
from agent.frames import ISSUES, ITEMS, conform, frame
from agent.looking import leaving
from agent.state import Agent, Sheet
from agent.store import Store
from agent.words import say
from agent.workbooks.base import Mark, Snapshot, WorkbookOut
from agent.workbooks.tabs import ITEM_MASTER


async def read(agent: Agent) -> bool:
    """Read the workbook if it changed. True when a new revision was taken in."""
    try:
        token = await agent.workbook.revision()
        if token is not None and token == agent.seen_token and agent.sheet is not None:
            agent.sheet_problem = None
            in_out.due(agent)
            return False
        snapshot = await agent.workbook.read()
    except WorkbookOut as out:
        agent.sheet_problem = (out.what, out.fix)
        return False
    # saved by a clock that was or is ahead of ours: it was no later than now
    snapshot = replace(snapshot, saved_at=min(snapshot.saved_at, agent.clock.now()))
    agent.sheet_problem = None
    before = agent.sheet
    try:
        take_in(agent, snapshot)
    except BaseException:
        agent.sheet = before  # what could not be kept was not read: the next look takes it in
        raise
    agent.seen_token = token
    return True


async def hold(agent: Agent) -> bool:
    """Whether this agent is the one that works with the workbook: two would push against each other. One that had it
    goes on while the workbook cannot be asked."""
    if agent.sheet_problem is not None:
        return True
    try:
        other = await agent.workbook.hold()
    except WorkbookOut as out:
        agent.sheet_problem = (out.what, out.fix)
        return True
    if other is not None:
        words = say("google_other_agent", {"holder": other})
        agent.sheet_problem = (words.what, words.fix)
    return other is None


def wrote(agent: Agent, revision: str, saved_at: datetime, mark: Mark, mirror: pl.DataFrame) -> None:
    """Our own write is the new revision: what people typed is as it was, but for the cells that we mirrored."""
    sheet = agent.sheet
    assert sheet is not None
    tabs, items = dict(sheet.snapshot.tabs), sheet.checked.items
    if mirror.height:
        new = mirror.select("row", "new", pl.col("new").cast(pl.String).alias("text"))
        items = items.join(new, on="row", how="left", maintain_order="left").with_columns(
            pl.coalesce("new", "stocked").alias("stocked"), pl.coalesce("text", "stocked_text").alias("stocked_text")
        )
        raw = tabs[ITEM_MASTER.name].join(new, on="row", how="left", maintain_order="left")
        tabs[ITEM_MASTER.name] = raw.with_columns(pl.coalesce("text", "Stocked").alias("Stocked")).drop("new", "text")
    agent.sheet = replace(
        sheet,
        snapshot=replace(sheet.snapshot, revision=revision, saved_at=saved_at, mark=mark, tabs=tabs),
        checked=replace(sheet.checked, items=conform(items, ITEMS)),
    )
    agent.seen_token = revision


def asks_sync_now(agent: Agent) -> bool:
    """*Sync now* acts when its content changes."""
    typed = agent.control("Sync now")
    changed = agent.sync_now is not None and typed != agent.sync_now and bool(typed)
    agent.sync_now = typed
    return changed


def take_in(agent: Agent, snapshot: Snapshot) -> None:
    """Check a revision and accept what may be accepted, in one commit."""
    now = agent.clock.now()
    store = agent.store
    checked = _check(agent, snapshot, now)
    with store.transaction():
        store.set_meta(saved_by=snapshot.saved_by, book=agent.workbook.kind)
        answered, unclear = questions.take_answers(store, _typed(checked, "Attention"), now)
        for row in answered.filter(pl.col("kind") == renames.KIND).iter_rows(named=True):
            renames.answered(store, row, now)
            checked = _check(agent, snapshot, now)  # what the old names point to
        other_copy = which_copy(store, snapshot, now, agent.rng)
        if other_copy is None:
            questions.withdraw(store, "older_copy", pl.Series([], dtype=pl.String), now)
        verdict = other_copy or checked.rejected
        serial = agent.sheet.serial + 1 if agent.sheet else 1
        agent.sheet = Sheet(snapshot, checked, verdict, _unclear(unclear), serial=serial)
        for row in answered.filter(pl.col("kind") == "row_came_back").iter_rows(named=True):
            in_out.answered(store, row, snapshot, now)
        for row in answered.filter(pl.col("kind") == in_out.PERHAPS).iter_rows(named=True):
            in_out.added_after_all(store, row, now)
        if other_copy is None:
            take_decisions(store, snapshot, checked.decisions, now)
        if verdict is None:
            renames.known_by_alias(store, checked, now)
            accept_settings(store, snapshot, checked, now)
            accept_rows(agent, agent.sheet, now)
        else:
            hold_all(store, snapshot)
        if other_copy is None:
            stops.accept(store, snapshot, checked, now, tighten=verdict is not None)
        for row in answered.iter_rows(named=True):  # one a typed answer
            _apply(store, row, now)
        remember(store, snapshot)


def _check(agent: Agent, snapshot: Snapshot, now: datetime) -> check.Checked:
    store, today = agent.store, now.astimezone().date()
    before = Known(store.table("item").select("sku"), store.table("alias"))
    return check.check(snapshot, list(agent.channels), today, renames.former(store), before, store.derived)


def _typed(checked: check.Checked, tab: str) -> pl.DataFrame:
    return checked.decisions.filter(pl.col("tab") == tab)


def _unclear(rows: pl.DataFrame) -> pl.DataFrame:
    """Typed answers that are none of the offered ones: ISSUES."""
    made = [
        {"value": value, "id": key, "answers": _offered(kind)}
        for value, key, kind in rows.select("value", "key", "kind").iter_rows()
    ]
    return frame([("decision_unknown", "Attention", None, None, json.dumps(facts)) for facts in made], ISSUES)


def _offered(kind: str) -> str:
    return " / ".join(questions.ANSWERS[kind])


def _apply(store: Store, question: dict[str, object], now: datetime) -> None:
    """Carry out an answer. Approvals (`yes`) are looked up where they are needed."""
    kind, answer = str(question["kind"]), str(question["answer"])
    if kind in CARRIED_OUT:
        CARRIED_OUT[kind](store, question, now)
    elif kind == "edit_meaning":
        rows = store.table("edit").filter(pl.col("id") == int(str(question["causes"]).split("/")[0]))
        ledger.read_again(store, rows.with_columns(answer=pl.lit(answer)), f"answered: {answer}", now)
        edit_habit.offer(store, answer, now)
    elif kind == edit_habit.KIND:
        edit_habit.answered(store, question)
    elif kind in questions.NOTES:
        questions.keep_fine(store, kind, facts_of(str(question["facts"])).get("keys", []), now)
    elif kind == "kept_back_long" and answer == "forget this shop":
        leaving.forget(store, str(question["key"]), now, keep_account=True)
    elif kind == "numbers_are_net":
        store.set_meta(stock_means=answer)
    elif kind == "brake" and facts_of(str(question["facts"])).get("pattern") == "vanished":
        taken_out(store)


def _settle_gone(store: Store, question: dict[str, object], now: datetime) -> None:
    """`gone`: nothing of the order is to be shipped. `keep`: it is, and this is not asked again. Should the channel
    show it again, what it shows holds."""
    facts = facts_of(str(question["facts"]))
    if question["answer"] == "keep":
        questions.keep_fine(store, "line_gone", [str(question["key"])], now)
        return
    mine = (pl.col("channel") == facts.get("channel")) & (pl.col("order") == facts.get("order"))
    lost = store.table("order_line").filter(mine & pl.col("gone_at").is_not_null())
    store.put("order_line", lost.with_columns(open=pl.lit(0, pl.Int64), holds=pl.lit(value=False)))


CARRIED_OUT: dict[str, Callable[[Store, dict[str, object], datetime], None]] = {
    **dict.fromkeys(("missing_units", drift.SET_OUT, drift.RISEN), drift.answered),
    **dict.fromkeys(proposals.KINDS, proposals.answered),
    "relinked_behind_shipped": relinked.settle,
    "returned_units": returns.answered,
    "line_gone": _settle_gone,
    undo.KIND: undo.answered,
    transfers.KIND: transfers.answered,
}
"""Kind of question -> what carries an answer to it out: the store, the question with its `answer`, now."""
