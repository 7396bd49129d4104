"""Taking in the workbook: is this revision in force, what changed, what is accepted into the store.

Frozen or braked rows are simply not accepted: whatever is planned goes on from what was last accepted, lowered by
orders (DESIGN section 8, *Frozen* and *Brake*). Edits of Stocked go to the ledger.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import polars as pl

from agent import ledger, quantities, questions
from agent.core import brake, check
from agent.frames import CHANNELS, ISSUES, ITEMS, RULES, SETTING, TIME, conform, frame
from agent.state import Agent, Sheet
from agent.store import Store
from agent.workbooks.base import Mark, Snapshot, WorkbookOut
from agent.workbooks.tabs import ITEM_MASTER


async def read(agent: Agent) -> bool:
    """Read the workbook if it changed. True when a new revision was taken in."""
    try:
        token = await agent.workbook.revision()
        if token is not None and token == agent.seen_token and agent.sheet is not None:
            agent.sheet_problem = None
            return False
        snapshot = await agent.workbook.read()
    except WorkbookOut as out:
        agent.sheet_problem = (out.what, out.fix)
        return False
    agent.sheet_problem = None
    agent.seen_token = token
    take_in(agent, snapshot)
    return True


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
    checked = check.check(snapshot, list(agent.channels), now.astimezone().date())
    store = agent.store
    with store.transaction():
        answered, unclear = questions.take_answers(store, _typed(checked, "Attention"), now)
        other_copy = _generation(store, snapshot, now, agent.rng)
        if other_copy is None:
            questions.withdraw(store, "older_copy", pl.Series([], dtype=pl.String), now)
        verdict = other_copy or checked.rejected
        serial = agent.sheet.serial + 1 if agent.sheet else 1
        agent.sheet = Sheet(snapshot, checked, verdict, _unclear(unclear), serial)
        _take_decisions(store, checked.decisions, now)
        if verdict is None:
            _accept_settings(store, snapshot, checked)
            _accept(agent, agent.sheet, now)
        for row in answered.iter_rows(named=True):  # one a typed answer
            _apply(store, row, now)
        _remember(store, snapshot)


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


# --- which file is this ---------------------------------------------------------------------------


def _generation(store: Store, snapshot: Snapshot, now: datetime, rng: Random) -> str | None:
    """The code why this revision may only lower, or None. Settles whether an intended mirror reached the file."""
    ours, known = store.meta("workbook_id"), int(str(store.meta("generation", 0)))
    mark = snapshot.mark
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


OTHER_COPY = ("older_copy", "mark_missing")
UNMARKED = Mark("none", 0)
"""What is stamped into a copy without a mark while it is asked about: it must not become ours by that."""


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


def _remember(store: Store, snapshot: Snapshot) -> None:
    store.set_meta(revision=snapshot.revision, revision_at=snapshot.saved_at.isoformat())


# --- accepting ------------------------------------------------------------------------------------


def _accept(agent: Agent, sheet: Sheet, now: datetime) -> None:
    """Accept items, rules and edits that are neither frozen nor held by the brake."""
    store, checked = agent.store, sheet.checked
    held = _brake(store, checked, now)
    items = checked.items.join(held.select("sku", "pattern"), on="sku", how="left").with_columns(
        pl.coalesce("frozen", pl.when(pl.col("pattern").is_not_null()).then(pl.lit("braked"))).alias("frozen")
    )
    good = items.filter(pl.col("frozen").is_null()).drop("pattern")
    _accept_lists(store, good, checked)
    _freeze(store, items)
    if not good.is_empty():
        store.put("item", _changed(store.table("item").drop("held_value"), good, ["sku"]))
    _accept_rules(agent, checked, now)
    _take_edits(store, good, items, sheet.snapshot, now)


def _brake(store: Store, checked: check.Checked, now: datetime) -> pl.DataFrame:
    """`sku, pattern` of the rows that the brake holds, less what the person approved. Asks about the rest (I6)."""
    judged = brake.judge(_before(store), checked.items, store.table("alias"), questions.approvals(store, "brake", now))
    keys = []
    for row in judged.patterns.iter_rows(named=True):  # one a pattern or a wild value: a handful
        keys.append(row["sku"] or row["pattern"])
        facts = {"pattern": row["pattern"], **_json(row["facts"])}
        questions.ask(store, "brake", keys[-1], row["causes"], facts, now)
    questions.withdraw(store, "brake", pl.Series([*keys, RULES_MOVED], dtype=pl.String), now)
    return judged.held.select("sku", "pattern").unique("sku", keep="first", maintain_order=True)


RULES_MOVED = "rule_sweep"


def _before(store: Store) -> pl.DataFrame:
    """The items as last accepted, with the Stocked value that their cell is known to hold now."""
    known = store.table("stocked").select("sku", "value")
    items = store.table("item").select(list(ITEMS)).join(known, on="sku", how="left")
    return items.with_columns(pl.coalesce("value", "stocked").alias("stocked")).drop("value")


def _json(text: str | None) -> dict[str, Any]:
    return dict(json.loads(text)) if text else {}


def _changed(known: pl.DataFrame, rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Only the rows that differ from what is known: the store is not written for nothing."""
    return rows.join(known.select(rows.columns), on=rows.columns, how="anti", nulls_equal=True)


def _accept_lists(store: Store, good: pl.DataFrame, checked: check.Checked) -> None:
    """Parts, tags and other SKUs of the accepted items replace what was known of these items."""
    for name, rows in (("part", checked.parts), ("tag", checked.tags), ("alias", checked.aliases)):
        known = store.table(name)
        kept = known.join(good.select("sku"), on="sku", how="anti")
        now = rows.join(good.select("sku"), on="sku", how="semi").unique(maintain_order=True)
        wanted = pl.concat([kept, now.select(known.columns)])
        if not wanted.sort(known.columns).equals(known.sort(known.columns)):
            key = {"part": ["sku", "part"], "tag": ["sku", "tag"], "alias": ["alias"]}[name]
            store.replace(name, wanted.unique(key, keep="last", maintain_order=True))


def _freeze(store: Store, items: pl.DataFrame) -> None:
    """Keep each known item's present freeze: bad or held rows by their code, vanished rows as row_missing."""
    known = store.table("item")
    present = items.select("sku", pl.col("frozen").alias("now"), pl.lit(value=True).alias("here"))
    rows = known.join(present, on="sku", how="left").with_columns(
        pl.when(pl.col("here").is_null()).then(pl.lit("row_missing")).otherwise("now").alias("now")
    )
    changed = rows.filter(~pl.col("now").eq_missing(pl.col("frozen")))
    store.put("item", changed.with_columns(frozen=pl.col("now")).select(known.columns))
    new = items.filter(pl.col("frozen").is_not_null()).join(known, on="sku", how="anti")
    # a row that was never good is known without a quantity: nothing is pushed for it
    store.put("item", new.select(list(ITEMS)).with_columns(stocked=pl.lit(None, pl.Int64)))


def _accept_settings(store: Store, snapshot: Snapshot, checked: check.Checked) -> None:
    """Take the settings of Channels and the mode in Control. A cell, or a whole tab, that cannot be read keeps what was
    accepted: a tab renamed by accident must not switch shops on."""
    known, unread = store.table("setting"), checked.unread
    rows = checked.channels
    if "Channels" not in snapshot.tabs:
        rows = pl.concat([known, conform(rows.join(known, on="channel", how="anti"), CHANNELS)])
    for column, channel in unread.filter(pl.col("tab") == "Channels").select("column", "channel").iter_rows():
        before = known.filter(pl.col("channel") == channel)
        if before.height and column in rows.columns:
            here = pl.col("channel") == channel
            rows = rows.with_columns(pl.when(here).then(pl.lit(before[column][0])).otherwise(column).alias(column))
    if not rows.sort("channel").equals(known.sort("channel")):
        store.replace("setting", conform(rows, CHANNELS))
    if "Control" in snapshot.tabs and unread.filter(pl.col("tab") == "Control").is_empty():
        mode = checked.controls.filter(pl.col("control") == "Mode")["value"]
        store.set_meta(mode=mode[0] if mode.len() else "Live")


def _readable_rules(store: Store, checked: check.Checked) -> pl.DataFrame:
    """The rules as typed; a cell or row that cannot be read keeps what was accepted: a slip never lifts a rule."""
    unread = checked.unread.filter(pl.col("tab") == "Rules")
    if unread.is_empty():
        return checked.rules
    known = store.table("rule").drop("id")
    lost_rows = unread.filter(pl.col("column").is_null()).select("row")
    lost_cells = unread.filter(pl.col("column").is_not_null()).select(*SCOPE, pl.col("column").alias("setting"))
    kept = pl.concat(
        [
            known.join(lost_rows, on="row", how="semi"),
            known.join(
                lost_cells.with_columns(pl.col("setting").cast(SETTING)),
                on=[*SCOPE, "setting"],
                how="semi",
                nulls_equal=True,
            ),
        ]
    ).unique(maintain_order=True)
    typed = checked.rules.join(kept, on=[*SCOPE, "setting"], how="anti", nulls_equal=True)
    return pl.concat([typed, kept])


SCOPE = ["channel", "sku", "tag"]


def _accept_rules(agent: Agent, checked: check.Checked, now: datetime) -> None:
    """Accept the rules as a whole, unless they move too many listings at once."""
    store = agent.store
    if "Rules" not in agent.sheet_tabs():
        return None
    known, typed = store.table("rule").drop("id"), _readable_rules(store, checked)
    content = [c for c in RULES if c != "row"]
    if known.select(content).sort(content).equals(typed.select(content).sort(content)):
        return _ask_about_rules(store, None, now)
    before, then = quantities.targets_with(agent, known), quantities.targets_with(agent, typed)
    pattern = brake.judge_rules(before, then, known, typed)
    if pattern.height and pattern["causes"][0] not in questions.approvals(store, "brake", now):
        return _ask_about_rules(store, pattern.row(0, named=True), now)
    store.replace("rule", typed.with_row_index("id").with_columns(pl.col("id").cast(pl.Int64)))
    return _ask_about_rules(store, None, now)


def _ask_about_rules(store: Store, pattern: dict[str, Any] | None, now: datetime) -> None:
    if pattern is not None:
        facts = {"pattern": RULES_MOVED, **_json(pattern["facts"])}
        questions.ask(store, "brake", RULES_MOVED, pattern["causes"], facts, now)
        return
    standing = questions.open_questions(store).filter(pl.col("kind") == "brake")["key"]
    questions.withdraw(store, "brake", standing.filter(standing != RULES_MOVED), now)


def _take_edits(store: Store, good: pl.DataFrame, items: pl.DataFrame, snapshot: Snapshot, now: datetime) -> None:
    """Open ledgers, read edits, and keep what each Stocked cell is known to hold."""
    before = datetime.fromisoformat(str(store.meta("revision_at", snapshot.saved_at.isoformat())))
    counted = good.filter(pl.col("tracked") & ~pl.col("bundle")).select("sku", pl.col("stocked").alias("now"))
    rows = counted.join(store.table("stocked"), on="sku", how="left").join(
        store.table("level").select("sku", "on_hand"), on="sku", how="left"
    )
    saved = pl.lit(snapshot.saved_at, TIME)
    new = rows.filter(pl.col("on_hand").is_null() & pl.col("now").is_not_null())
    # typed at some time since the last revision that we read: of what was shipped meanwhile the lowest candidate holds
    since = pl.lit(min(before, snapshot.saved_at), TIME).alias("at")
    ledger.open_items(store, new.select("sku", pl.col("now").alias("value"), since), now)
    edited = rows.filter(
        pl.col("on_hand").is_not_null() & pl.col("now").is_not_null() & pl.col("now").ne_missing(pl.col("value"))
    )
    ledger.take_edits(
        store,
        edited.select(
            "sku",
            pl.col("now").alias("value"),
            pl.col("value").alias("old"),
            pl.coalesce("held_at", pl.lit(before, TIME)).alias("window_from"),
            saved.alias("saved_at"),
        ),
        now,
    )
    known = rows.filter(pl.col("now").ne_missing(pl.col("value")) | pl.col("held_at").is_not_null())
    store.put(
        "stocked",
        known.select("sku", pl.col("now").alias("value"), "intended", pl.lit(None, TIME).alias("held_at")),
    )
    # cells that could not be read keep the last time at which they held their known value
    bad = items.filter(pl.col("frozen").is_not_null()).select("sku")
    unread = store.table("stocked").join(bad, on="sku", how="semi").filter(pl.col("held_at").is_null())
    store.put("stocked", unread.with_columns(held_at=pl.lit(before, TIME)))


# --- decisions and answers ------------------------------------------------------------------------


def _take_decisions(store: Store, decisions: pl.DataFrame, now: datetime) -> None:
    """Keep what was typed about listings; a pause is no decision but a state of its cell."""
    typed = decisions.filter(
        pl.col("tab").is_in(["Imports", "Listings"]) & (pl.col("value").str.to_lowercase() != "pause")
    )
    rows = typed.select("channel", pl.col("key").alias("listing"), "value").unique(["channel", "listing"], keep="last")
    new = rows.join(store.table("decision"), on=["channel", "listing", "value"], how="anti")
    store.put("decision", new.with_columns(at=pl.lit(now, TIME)))


def _apply(store: Store, question: dict[str, object], now: datetime) -> None:
    """Carry out an answer. Approvals (`yes`) are looked up where they are needed."""
    kind, answer = str(question["kind"]), str(question["answer"])
    if kind == "edit_meaning":
        rows = store.table("edit").filter(
            (pl.col("sku") == question["key"]) & (pl.col("id") == int(str(question["causes"]).split("/")[0]))
        )
        ledger.read_again(store, rows.with_columns(answer=pl.lit(answer)), f"answered: {answer}", now)
    elif kind == "missing_units":
        _settle_missing(store, question, gone=answer == "gone", now=now)


def _settle_missing(store: Store, question: dict[str, object], *, gone: bool, now: datetime) -> None:
    entry = store.table("missing").filter(pl.col("id") == int(str(question["causes"])))
    if gone:
        parts = pl.DataFrame(_json(str(question["facts"])).get("parts", []), schema=["sku", "units"], orient="row")
        each = parts.with_columns(
            (pl.col("units") * entry["units"].sum()).cast(pl.Int64), channel=pl.lit(entry["channel"].first())
        )
        ledger.gone(store, each, now)
    store.put("missing", entry.with_columns(units=pl.lit(0, pl.Int64)))
