"""Accepting what a revision says: items, settings and rules that are neither frozen nor held by the brake, and edits.

Frozen or braked rows are simply not accepted: whatever is planned goes on from what was last accepted, lowered by
orders (DESIGN section 8, *Frozen* and *Brake*).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from agent.accepting import edit_habit, in_out, renames
from agent.asking import questions
from agent.asking.questions import facts_of
from agent.core import brake, check, scopes
from agent.deciding import ledger, quantities
from agent.frames import CHANNELS, ITEMS, RULES, SETTING, TIME, conform
from agent.state import Agent, Sheet
from agent.store import Store
from agent.workbooks.base import Snapshot

RULES_MOVED = "rule_sweep"
SCOPE = ["channel", "sku", "tag"]
LATE = timedelta(minutes=2)
"""What is typed into a Google Sheet may have been counted so long before (DESIGN section 5, *Edits*)."""


def accept_rows(agent: Agent, sheet: Sheet, now: datetime) -> None:
    """Accept items, rules and edits that are neither frozen nor held by the brake."""
    store, checked = agent.store, sheet.checked
    renamed = renames.ask(store, checked, now)
    held = _brake(store, sheet, renamed, now)
    braked = pl.when(pl.col("pattern").is_not_null()).then(pl.lit("braked"))
    new_name = pl.when(pl.col("sku").is_in(renamed["new"].implode())).then(pl.lit(renames.KIND))
    items = checked.items.join(held.select("sku", "pattern"), on="sku", how="left").with_columns(
        pl.coalesce("frozen", new_name, braked).alias("frozen")
    )
    good = items.filter(pl.col("frozen").is_null()).drop("pattern")
    _accept_lists(store, good, checked)
    _freeze(store, items)
    if not good.is_empty():
        store.put("item", _changed(store.table("item").drop("held_value"), good, ["sku"]))
    _accept_rules(agent, checked, now)
    _take_edits(agent, good, items, sheet.snapshot, now)


def _brake(store: Store, sheet: Sheet, renamed: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """`sku, pattern` of the rows that the brake holds, less what the person approved. Asks about the rest (I6)."""
    gone = store.meta("gone", [])
    names = pl.concat([store.table("alias"), renamed.select(pl.col("old").alias("alias"), pl.col("new").alias("sku"))])
    judged = brake.judge(_before(store, gone), sheet.checked.items, names, questions.approvals(store, "brake", now))
    keys = []
    for row in judged.patterns.iter_rows(named=True):  # one a pattern or a wild value: a handful
        keys.append(row["sku"] or row["pattern"])
        facts = facts_of(row["facts"])
        runs = facts.pop("rows", None) or [[row, row] for row in (facts.get("row"),) if row]
        facts |= {"pattern": row["pattern"], **_places(sheet.snapshot, "Item Master", "Stocked", runs)}
        questions.ask(store, "brake", keys[-1], row["causes"], facts, now)
    questions.withdraw(store, "brake", pl.Series([*keys, RULES_MOVED], dtype=pl.String), now)
    if "vanished" not in keys:
        _remember_gone(store, sheet.checked.items, gone)
    return judged.held.select("sku", "pattern").unique("sku", keep="first", maintain_order=True)


def _places(snapshot: Snapshot, tab: str, column: str, runs: Sequence[Sequence[int]]) -> dict[str, object]:
    """Facts `cells` (`C7:C12`) and `place` (the first of them, with what the person calls the tab), where known."""
    letter = snapshot.letters.get(tab, {}).get(column)
    if letter is None or not runs:
        return {}
    cells = [f"{letter}{low}" if low == high else f"{letter}{low}:{letter}{high}" for low, high in runs]
    return {"cells": cells, "place": f"{snapshot.names.get(tab, tab)}!{cells[0]}"}


def _remember_gone(store: Store, items: pl.DataFrame, before: object) -> None:
    """Items without a row that nobody is asked about: they do not vanish a second time with the next ones."""
    gone = store.table("item").join(items, on="sku", how="anti")["sku"].sort().to_list()
    if gone != before:
        store.set_meta(gone=gone)


def _before(store: Store, gone: object) -> pl.DataFrame:
    """The items as last accepted, with the Stocked value that their cell is known to hold now. Rows that the person
    said were taken out, or that were gone before, are not missed again."""
    known = store.table("stocked").select("sku", "value")
    assert isinstance(gone, list)
    missing = (pl.col("frozen") == "row_gone") | ((pl.col("frozen") == "row_missing") & pl.col("sku").is_in(gone))
    items = (
        store.table("item")
        .filter(~missing.fill_null(value=False))
        .select(list(ITEMS))
        .join(known, on="sku", how="left")
    )
    return items.with_columns(pl.coalesce("value", "stocked").alias("stocked")).drop("value")


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
    """Keep each known item's present freeze: bad or held rows by their code, vanished rows as row_missing, or as
    row_gone once the person has said that they took them out."""
    known = store.table("item")
    present = items.select("sku", pl.col("frozen").alias("now"), pl.lit(value=True).alias("here"))
    rows = known.join(present, on="sku", how="left").with_columns(
        pl.when(pl.col("here").is_not_null())
        .then("now")
        .when(pl.col("frozen") == "row_gone")
        .then(pl.lit("row_gone"))
        .otherwise(pl.lit("row_missing"))
        .alias("now")
    )
    changed = rows.filter(~pl.col("now").eq_missing(pl.col("frozen")))
    store.put("item", changed.with_columns(frozen=pl.col("now")).select(known.columns))
    new = items.filter(pl.col("frozen").is_not_null()).join(known, on="sku", how="anti")
    # a row that was never good is known without a quantity: nothing is pushed for it
    store.put("item", new.select(list(ITEMS)).with_columns(stocked=pl.lit(None, pl.Int64)))


def accept_settings(store: Store, snapshot: Snapshot, checked: check.Checked, now: datetime) -> None:
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
        edit_habit.switched(store, checked.controls, now)


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


def taken_out(store: Store) -> None:
    """The person said that the rows which vanished were taken out: good to know from now on, no more to mend."""
    missing = store.table("item").filter(pl.col("frozen") == "row_missing")
    store.put("item", missing.with_columns(frozen=pl.lit("row_gone")))


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
    pattern, cells = brake.judge_rules(before, then, known, typed), _moved_rules(agent, known, typed)
    if pattern.height and pattern["causes"][0] not in questions.approvals(store, "brake", now):
        facts = _named(facts_of(pattern["facts"][0])) | cells
        return _ask_about_rules(store, {**pattern.row(0, named=True), "facts": facts}, now)
    # held ones were counted in their question
    counts = brake.rule_counts(before, then) if pattern.is_empty() else {"count": 0}
    store.set_meta(rules_moved={**_named(counts), **cells, "at": now.isoformat()} if counts["count"] else None)
    store.replace("rule", typed.with_row_index("id").with_columns(pl.col("id").cast(pl.Int64)))
    return _ask_about_rules(store, None, now)


def _named(counts: dict[str, int]) -> dict[str, object]:
    """Without those of which there are none: "0 lower" says nothing."""
    return {name: count for name, count in counts.items() if count}


def _moved_rules(agent: Agent, known: pl.DataFrame, typed: pl.DataFrame) -> dict[str, object]:
    """Facts `cells` and `place`: the cells of Rules that are new or hold something else now."""
    content = [name for name in RULES if name != "row"]
    new = typed.join(known, on=content, how="anti", nulls_equal=True).sort("row", "setting")
    if agent.sheet is None or new.is_empty():
        return {}
    letters, name = agent.sheet.snapshot.letters.get("Rules", {}), agent.sheet.snapshot.names.get("Rules", "Rules")
    places = [
        scopes.address(letters, scopes.COLUMNS[setting], row) for row, setting in new.select("row", "setting").rows()
    ]
    cells = [place for place in places if place]
    return {"cells": cells, "place": f"{name}!{cells[0]}"} if cells else {}


def _ask_about_rules(store: Store, pattern: dict[str, Any] | None, now: datetime) -> None:
    if pattern is not None:
        facts = {"pattern": RULES_MOVED, **pattern["facts"]}
        questions.ask(store, "brake", RULES_MOVED, pattern["causes"], facts, now)
        return
    standing = questions.open_questions(store).filter(pl.col("kind") == "brake")["key"]
    questions.withdraw(store, "brake", standing.filter(standing != RULES_MOVED), now)


def _take_edits(agent: Agent, good: pl.DataFrame, items: pl.DataFrame, snapshot: Snapshot, now: datetime) -> None:
    """Open ledgers, read edits, and keep what each Stocked cell is known to hold."""
    store, google = agent.store, agent.workbook.kind == "google"
    before, opened = _last_revision(store, snapshot), store.table("level").select("sku")
    if google:  # typed after that revision, however late it was seen, and counted at most so long before
        before = min(before, snapshot.saved_at) - LATE
    # what a feed says counts, not what stands beside it: a number of one's own counts from when the feed is taken away
    own = pl.when(pl.col("feed").is_null()).then("stocked").alias("now")
    counted = good.filter(pl.col("tracked") & ~pl.col("bundle")).select("sku", own)
    rows = counted.join(store.table("stocked"), on="sku", how="left").join(
        store.table("level").select("sku", "on_hand"), on="sku", how="left"
    )
    saved = pl.lit(snapshot.saved_at, TIME)
    new = rows.filter(pl.col("on_hand").is_null() & pl.col("now").is_not_null())
    # typed at some time since the last revision that we read: of what was shipped meanwhile the lowest candidate holds
    since = pl.lit(min(before, snapshot.saved_at), TIME).alias("at")
    habit = edit_habit.habit(store)
    told = snapshot.levels
    if told is not None:  # the store was lost: the last counts are old, Stock Levels says what was on the shelf
        new = new.join(told.select("sku", told="stocked"), on="sku", how="left").with_columns(
            pl.coalesce("told", "now").alias("shelf")
        )
    shelf = pl.col("now" if told is None else "shelf").alias("value")
    ledger.open_items(store, new.select("sku", shelf, since), now)
    edited = rows.filter(
        pl.col("on_hand").is_not_null() & pl.col("now").is_not_null() & pl.col("now").ne_missing(pl.col("value"))
    )
    twins = ledger.take_edits(
        store,
        edited.select(
            "sku",
            pl.col("now").alias("value"),
            pl.col("value").alias("old"),
            pl.coalesce("held_at", pl.lit(before, TIME)).alias("window_from"),
            saved.alias("saved_at"),
        ),
        now,
        external=agent.stock_means() == "external",
        habit=habit,
        count_only=google,
    )
    known = rows.filter(pl.col("now").ne_missing(pl.col("value")) | pl.col("held_at").is_not_null())
    store.put(
        "stocked",
        known.select("sku", pl.col("now").alias("value"), "intended", pl.lit(None, TIME).alias("held_at")),
    )
    # cells that could not be read keep the last time at which they held their known value
    _hold(store, items.filter(pl.col("frozen").is_not_null()).select("sku"), before)
    in_out.note_twins(store, twins.rename({"row": "key"}), now)
    assert agent.sheet is not None
    in_out.take(agent, agent.sheet, opened, before, now)


def hold_all(store: Store, snapshot: Snapshot) -> None:
    """A revision that is not accepted says of no cell that it still holds its known value."""
    _hold(store, store.table("stocked").select("sku"), _last_revision(store, snapshot))


def _hold(store: Store, skus: pl.DataFrame, since: datetime) -> None:
    unread = store.table("stocked").join(skus, on="sku", how="semi").filter(pl.col("held_at").is_null())
    store.put("stocked", unread.with_columns(held_at=pl.lit(since, TIME)))


def _last_revision(store: Store, snapshot: Snapshot) -> datetime:
    return datetime.fromisoformat(str(store.meta("revision_at", snapshot.saved_at.isoformat())))
