"""Stock In and Out carried out: rows are counted once, in the same commit as they are remembered (DESIGN section 4).

What is new of the tab's multiset moves the ledger; a row that is gone takes nothing back; one that came back is asked
about. A count holds as of its own time: units that went before it are in it, whenever they become known.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from agent.asking import questions
from agent.asking.questions import facts_of
from agent.core import brake, edits
from agent.core.in_out import CONTENT, KNOWN, compared, settled
from agent.core.known import Known
from agent.core.lines import EDGE
from agent.deciding import ledger
from agent.frames import ISSUES, STOCK_ROWS, TIME, empty
from agent.state import Agent, Sheet
from agent.store import Store
from agent.words import in_words
from agent.workbooks.base import Snapshot

TAB = "Stock In and Out"
PERHAPS = "row_perhaps_counted"
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
HISTORY = pl.col("opened_now") | (pl.col("last") <= pl.col("opened_at"))
"""Rows from before the item's first Stocked, or typed in the same breath: that number has them in it."""
ROW = pl.format("{} {} {}", "kind", "value", "said").alias("key")
"""What names a content beside its item: in the ledger, and in questions."""


def take(agent: Agent, sheet: Sheet, opened: pl.DataFrame, since: datetime, now: datetime) -> None:
    """Count what is new in the tab. `opened`: `sku` of the items whose ledgers were open before this revision;
    `since`: when the revision before it was saved."""
    typed = sheet.checked.stock_rows
    if typed is None or (typed.is_empty() and agent.store.table("stock_row").is_empty()):
        sheet.waiting, sheet.next_row = empty(ISSUES), None
        return
    store, snapshot = agent.store, sheet.snapshot
    rows = _placed(store, _meant(sheet, store, typed), snapshot.saved_at, since, now)
    rows = rows.with_columns(opened_now=~pl.col("sku").is_in(opened["sku"].implode()))
    sheet.waiting = _issues(rows)
    sheet.next_row = rows.filter(pl.col("code") == "row_in_future")["first"].min()  # type: ignore[assignment]
    rows = rows.filter(pl.col("sku").is_not_null()).with_columns(ROW)
    known = store.table("stock_row").select(list(KNOWN))
    rows = _but_wild(store, rows, known, sheet, now)
    found = compared(rows.select(*CONTENT, pl.col("code").is_null().alias("ready")), known)
    _ask_back(store, found, snapshot.saved_at, now)
    new = rows.join(found.filter(pl.col("new") > 0).select(*CONTENT, "new"), on=CONTENT)
    # of rows that are alike the lowest ones are the new ones
    new = new.filter(pl.col("row").rank("ordinal", descending=True).over(CONTENT) <= pl.col("new"))
    _count(store, new, now)
    changed = found.select(list(KNOWN)).join(known, on=list(KNOWN), how="anti")
    store.put("stock_row", changed.filter(pl.col("peak") > 0))


def due(agent: Agent) -> None:
    """Rows whose day has come since the workbook was read."""
    sheet, now = agent.sheet, agent.clock.now()
    if sheet is None or sheet.next_row is None or sheet.next_row > now or sheet.verdict is not None:
        return
    with agent.store.transaction():
        take(agent, sheet, agent.store.table("level"), sheet.snapshot.saved_at, now)
    sheet.serial += 1


def _meant(sheet: Sheet, store: Store, typed: pl.DataFrame) -> pl.DataFrame:
    """STOCK_ROWS with `sku`: the item by its SKU, an old one or another one; also of items whose row is gone now."""
    items = pl.concat([sheet.checked.items.select("sku"), store.table("item").select("sku")]).unique()
    aliases = pl.concat([sheet.checked.aliases.select("alias", "sku"), store.table("alias").select("alias", "sku")])
    return Known(items, aliases.unique()).resolve(typed, "found", "sku")


def _placed(store: Store, rows: pl.DataFrame, saved: datetime, since: datetime, now: datetime) -> pl.DataFrame:
    """With `first` and `last` (the moments that When can mean), `at` (of a change), `until` (the last moment at
    which it can have happened), `opened_at`, `on_hand`, and `code`: why the row waits."""
    whens = rows.select("said").unique()
    spans = [span(text) for text in whens["said"]]  # one a different When
    first, last = ([each[side] for each in spans] for side in (0, 1))
    whens = whens.with_columns(pl.Series("first", first, dtype=TIME), pl.Series("last", last, dtype=TIME))
    items = store.table("item").select("sku", "tracked", "bundle", "feed")
    rows = rows.join(whens, on="said", how="left", maintain_order="left")
    rows = rows.join(items, on="sku", how="left", maintain_order="left")
    rows = rows.join(store.table("level"), on="sku", how="left", maintain_order="left")
    day = pl.col("said").str.len_chars() == 10
    here = pl.max_horizontal(pl.lit(saved, TIME), "first")
    # typed at some time since the last revision: units that came in are as early as can be, those that went as late
    today = pl.col("last") > here
    came = pl.when(today).then(pl.max_horizontal("first", pl.lit(since, TIME))).otherwise("first")
    at = pl.when(~day).then("first").when(pl.col("value") > 0).then(came).otherwise("last")
    return rows.with_columns(
        at=pl.max_horizontal(pl.min_horizontal(at, here), "opened_at"),
        code=pl.when(pl.col("sku").is_null())
        .then(pl.lit("unknown_sku"))
        .when("bundle")
        .then(pl.lit("row_of_bundle"))
        .when(pl.col("opened_at").is_null() | ~pl.col("tracked") | pl.col("feed").is_not_null())
        .then(pl.lit("row_not_counted"))
        .when(pl.col("first") > now)
        .then(pl.lit("row_in_future")),
        until=pl.min_horizontal("last", here),
        begin=pl.max_horizontal(pl.min_horizontal(pl.col("first") - EDGE, here), "opened_at"),
        end=pl.min_horizontal(pl.col("last") + EDGE, here),
    )


def span(said: str) -> tuple[datetime, datetime]:
    """The first and the last moment that a When can mean, in this computer's time zone: a day, a minute or a second."""
    first = datetime.fromisoformat(said).astimezone()
    if len(said) > len("2026-11-22"):
        length = timedelta(seconds=60 if len(said) == len("2026-11-22T14:30") else 1)
        return first.astimezone(UTC), (first + length - TICK).astimezone(UTC)
    ends = datetime.fromisoformat(said) + DAY
    return first.astimezone(UTC), ends.astimezone().astimezone(UTC) - TICK


def _issues(rows: pl.DataFrame) -> pl.DataFrame:
    """ISSUES: why rows wait that are complete."""
    early = pl.col("code") == "row_in_future"
    found = pl.when(early).then(pl.col("said").str.replace("T", " ")).otherwise("found")
    facts = pl.struct(column=pl.lit("SKU"), found=found).struct.json_encode()
    cell = pl.when(early).then("when_cell").otherwise("sku_cell")
    return rows.filter(pl.col("code").is_not_null()).select("code", "tab", cell.alias("cell"), "sku", facts=facts)


def _but_wild(store: Store, rows: pl.DataFrame, known: pl.DataFrame, sheet: Sheet, now: datetime) -> pl.DataFrame:
    """A new row that makes very much more of an item than is usual waits for a yes, and holds nothing else (I6)."""
    usual = pl.lit(store.table("level").filter(pl.col("on_hand") > 0)["on_hand"].median(), pl.Float64)
    was = pl.col("on_hand")
    many = pl.when(was > 0).then(pl.max_horizontal(was.cast(pl.Float64), usual / 2)).otherwise(usual)
    result = pl.when(pl.col("kind") == "count").then("value").otherwise(was + pl.col("value"))
    wild = ((result > many * brake.WILD_TIMES) & (result > brake.WILD_FROM)) | (result - was > brake.WILD_STEP)
    new = rows.join(known, on=CONTENT, how="anti").filter(pl.col("code").is_null() & ~HISTORY & wild.fill_null(False))
    causes = pl.format("{} {}", "sku", "key")
    approved = questions.approvals(store, "wild_row", now)
    waits = new.with_columns(causes=causes, becomes=result).filter(~pl.col("causes").is_in(approved))
    waits = waits.unique("causes", keep="first", maintain_order=True)
    for row in waits.iter_rows(named=True):  # a slip or two
        facts = {"sku": row["sku"], "old": row["on_hand"], "value": row["becomes"], "cells": row["value_cell"]}
        facts["place"] = f"{row['tab']}!{row['value_cell']}"
        questions.ask(store, "wild_row", row["causes"], row["causes"], facts, now)
    questions.withdraw(store, "wild_row", waits["causes"], now)
    held = pl.when(causes.is_in(waits["causes"].implode())).then(pl.lit("wild_row"))
    return rows.with_columns(code=pl.coalesce("code", held))


def _ask_back(store: Store, found: pl.DataFrame, saved: datetime, now: datetime) -> None:
    """One question about each content of which rows came back, in the revision of `saved` or an earlier one."""
    back = found.filter(pl.col("back") > 0).with_columns(ROW)
    keys = []
    for row in back.sort(CONTENT).iter_rows(named=True):
        keys.append(f"{row['sku']} {row['key']}")
        facts = {"sku": row["sku"], "value": told(row), "content": [row[name] for name in CONTENT], "back": row["back"]}
        facts["seen"] = saved.isoformat()  # a question that stands keeps what it was asked with
        questions.ask(store, "row_came_back", keys[-1], str(row["back"]), facts, now)
    questions.withdraw(store, "row_came_back", pl.Series(keys, dtype=pl.String), now)


def told(row: dict[str, object]) -> str:
    """`MUG +10, 2026-11-22`: a row as a person knows it."""
    value = int(str(row["value"]))
    number = f"{value:+d}" if row["kind"] == "change" else f"counted {value}"
    return f"{row['sku']} {number}, {str(row['said']).replace('T', ' ')}"


def answered(store: Store, question: dict[str, object], snapshot: Snapshot, now: datetime) -> None:
    """`entered again`: the rows that came back count once more. `old row`: they are what they were."""
    facts = facts_of(str(question["facts"]))
    content = _content(facts)
    known = store.table("stock_row").join(content, on=CONTENT, how="semi")
    store.put("stock_row", known.with_columns(seen=pl.min_horizontal(pl.col("seen") + facts["back"], "peak")))
    if question["answer"] != "entered again":
        return
    since = datetime.fromisoformat(str(store.meta("revision_at", now.isoformat())))
    rows = _placed(store, _as_row(content, "entered again"), snapshot.saved_at, since, now)
    seen = pl.lit(datetime.fromisoformat(facts["seen"]), TIME)
    rows = rows.with_columns(ROW, opened_now=pl.lit(False), until=pl.min_horizontal("until", seen))
    again = pl.concat([rows] * int(facts["back"]))
    _count(store, again.filter(pl.col("code").is_null()), now)


def _content(facts: dict[str, Any]) -> pl.DataFrame:
    """CONTENT, one row, of a question's facts."""
    content = pl.DataFrame([facts["content"]], schema=dict.fromkeys(CONTENT, pl.String), orient="row")
    return content.with_columns(pl.col("value").cast(pl.Int64))


def _as_row(content: pl.DataFrame, note: str) -> pl.DataFrame:
    """STOCK_ROWS and `sku`: a row that the person tells of, wherever in the tab it stands by now."""
    nowhere = {name: pl.lit(None, pl.String) for name in ("sku_cell", "value_cell", "when_cell")}
    rows = content.select(
        pl.all(), row=pl.lit(None, pl.Int64), found="sku", note=pl.lit(note), tab=pl.lit(TAB), **nowhere
    )
    return rows.select(*STOCK_ROWS, "sku")


def _count(store: Store, new: pl.DataFrame, now: datetime) -> None:
    """Rows that nobody has counted yet: into the ledger."""
    if new.is_empty():
        return
    _note_history(store, new.filter(HISTORY), now)
    new = new.filter(~HISTORY)
    changes = _but_twins(store, new.filter(pl.col("kind") == "change"), now)
    changes = _but_perhaps_counted(store, changes, now)
    _post(store, changes, "receipt", pl.col("value"), now)
    counts = new.filter(pl.col("kind") == "count")
    if counts.height:
        _hold_counts(store, counts, now)
    settle(store, new["sku"].unique(), now)


def _post(store: Store, rows: pl.DataFrame, kind: str, change: pl.Expr, now: datetime) -> None:
    number = pl.when(pl.col("row").is_not_null()).then(pl.format(", row {}", "row")).otherwise(pl.lit(""))
    sign = pl.when(pl.col("value") > 0).then(pl.lit("+")).otherwise(pl.lit(""))
    signed = pl.concat_str(sign, pl.col("value").cast(pl.String))
    words = pl.when(pl.col("kind") == "count").then(pl.format("counted {}", "value")).otherwise(signed)
    noted = pl.when(pl.col("note").is_not_null()).then(pl.format(" ({})", "note")).otherwise(pl.lit(""))
    cause = pl.concat_str(pl.lit(TAB), number, pl.lit(": "), words, noted)
    entries = rows.select(
        "at", "sku", change.alias("change"), pl.lit(kind).alias("kind"), cause.alias("cause"), row="key"
    )
    ledger.post(store, entries, now)


def _note_history(store: Store, rows: pl.DataFrame, now: datetime) -> None:
    """Rows from before the item's first Stocked are in that number."""
    if rows.is_empty():
        return
    facts = {"count": rows.height, "skus": rows["sku"].unique().sort().to_list()}
    questions.ask(store, "rows_before", now.isoformat(), str(rows.height), facts, now)


def _but_twins(store: Store, rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Without the rows that say the same as an edit of Stocked within a day: the two count once, and that is said."""
    free = store.table("edit").filter(pl.col("twin").is_null() & pl.col("old").is_not_null())
    free = free.with_columns(change=pl.col("value") - pl.col("old")).join(rows, on="sku", how="semi")
    if free.is_empty():
        return rows
    order = pl.int_range(pl.len()).over("sku", "change").alias("nth")
    numbered = rows.with_columns(change=pl.col("value")).sort("at").with_columns(order)
    recent = free.sort("id", descending=True).with_columns(order).select("sku", "change", "nth", "id", "saved_at")
    both = numbered.join(recent, on=["sku", "change", "nth"])
    twins = both.filter((pl.col("at") - pl.col("saved_at")).abs() <= DAY)
    store.put("edit", store.table("edit").join(twins.select("id", "key"), on="id").with_columns(twin="key").drop("key"))
    note_twins(store, twins, now)
    return rows.join(twins.select("row", *CONTENT), on=["row", *CONTENT], how="anti", nulls_equal=True)


def _but_perhaps_counted(store: Store, rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Without the units that came in before a number was typed in Stocked: a count has them in it, and only the person
    knows. Until the answer they are not added."""
    newest = _last_typed(store)
    perhaps = rows.filter(pl.col("value") > 0).join(newest, on="sku").filter(pl.col("until") <= pl.col("typed_at"))
    if perhaps.is_empty():
        return rows
    counted = perhaps.group_by(*CONTENT, "key", "typed", "typed_at").agg(pl.len().alias("times"))
    for row in counted.sort(CONTENT).iter_rows(named=True):  # few: a question each
        facts = {
            "sku": row["sku"], "value": told(row), "content": [row[name] for name in CONTENT], "times": row["times"],
            "number": row["typed"], "at": row["typed_at"].isoformat(), "tab": TAB,
        }  # fmt: skip
        questions.ask(store, PERHAPS, f"{row['sku']} {row['key']}", facts["at"], facts, now)
    return rows.join(counted.select(CONTENT), on=CONTENT, how="anti")


def _last_typed(store: Store) -> pl.DataFrame:
    """`sku, typed, typed_at`: the newest number in Stocked of each item that is, or may be, a count of the shelf."""
    typed = store.table("edit").filter(pl.col("answer").ne_missing(edits.CHANGED)).sort("saved_at")
    return typed.group_by("sku").agg(typed=pl.col("value").last(), typed_at=pl.col("saved_at").last())


def added_after_all(store: Store, question: dict[str, object], now: datetime) -> None:
    """`add it`: the units came on top of the number that was typed."""
    facts = facts_of(str(question["facts"]))
    if question["answer"] != "add it":
        return
    at = pl.lit(datetime.fromisoformat(facts["at"]), TIME)
    rows = _as_row(_content(facts), in_words("in_out.on_top")).with_columns(ROW, at=at)
    _post(store, pl.concat([rows] * int(facts["times"])), "receipt", pl.col("value"), now)
    settle(store, rows["sku"], now)


def note_twins(store: Store, rows: pl.DataFrame, now: datetime) -> None:
    """`sku, value, key`: counted once, one row of Attention each."""
    for sku, value, key in rows.select("sku", "value", "key").iter_rows():
        facts = {"sku": sku, "value": f"{value:+d}", "keys": [f"{sku} {key}"]}
        questions.ask(store, "counted_twice", f"{sku} {key}", "", facts, now)


def _hold_counts(store: Store, rows: pl.DataFrame, now: datetime) -> None:
    """Keep new counts beside the newest ones; what a later number in Stocked may have replaced only lowers."""
    counts = rows.select("sku", "value", "said", "begin", "end").unique(["sku", "value", "said"])
    before = store.table("stock_count").join(counts, on="sku", how="semi")
    both = pl.concat([before.join(counts, on=["sku", "value", "said"], how="anti"), counts.select(before.columns)])
    newest = both.filter(pl.col("end") >= pl.col("begin").max().over("sku"))
    passed = newest.join(_last_typed(store), on="sku").filter(pl.col("typed_at") > pl.col("end")).select("sku")
    raised = settled(newest, _entries(store, newest)).filter(pl.col("owes") > 0)
    replaced = raised.join(passed, on="sku", how="semi")
    kept = newest.join(counts.join(replaced, on="sku"), on=["sku", "value", "said"], how="anti")
    store.delete("stock_count", before.select("sku").unique())
    store.put("stock_count", kept)
    owes = settled(kept, _entries(store, kept)) if kept.height else replaced
    rows = rows.with_columns(at="end").sort("end", "value", descending=[False, True])
    last = pl.int_range(pl.len()).over("sku") == pl.len().over("sku") - 1
    change = pl.when(last).then("owes").fill_null(0)
    _post(store, rows.join(owes, on="sku", how="left", maintain_order="left"), "count", change, now)


def _entries(store: Store, counts: pl.DataFrame) -> pl.DataFrame:
    """`sku, at, change, own`: the ledgers of these items."""
    mine = counts.select("sku", pl.lit("count").alias("kind"), "value", "said").with_columns(ROW)
    mine = mine.select("sku", pl.col("key").alias("row"), pl.lit(value=True).alias("own"))
    rows = store.table("ledger").join(counts.select("sku").unique(), on="sku", how="semi")
    return rows.join(mine, on=["sku", "row"], how="left").select(
        "sku", "at", "change", pl.col("own").fill_null(value=False)
    )


def settle(store: Store, skus: pl.Series, now: datetime) -> None:
    """Let the newest counts of these items hold, whatever became known of the time before them."""
    counts = store.table("stock_count").filter(pl.col("sku").is_in(skus.implode()))
    if counts.is_empty():
        return
    owes = settled(counts, _entries(store, counts))
    newest = counts.sort("end").unique("sku", keep="last").select("sku", "value", "said", at="end")
    rows = newest.with_columns(pl.lit("count").alias("kind")).with_columns(ROW).join(owes, on="sku")
    cause = pl.format(in_words("in_out.counted", value="{}", at="{}"), "value", pl.col("said").str.replace("T", " "))
    entries = rows.select("at", "sku", change="owes", kind=pl.lit("count"), cause=cause, row="key")
    ledger.post(store, entries, now)


def settle_late(agent: Agent, now: datetime) -> None:
    """`settle` for the items whose ledgers have moved since it was last looked."""
    store = agent.store
    version = store.version("ledger")
    cached = agent.cache.get("counts")
    if store.table("stock_count").is_empty() or (cached and cached[0] == version):
        return
    settle(store, store.table("stock_count")["sku"].unique(), now)
    agent.cache["counts"] = (store.version("ledger"), None)
