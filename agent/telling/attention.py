"""Attention: what a person must decide or mend: open questions, and everything that is wrong with rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from agent.asking import questions, undo
from agent.asking.questions import facts_of
from agent.core import edits, lines, own_skus, report, rules
from agent.core.evidence import LOST
from agent.deciding.decide import Decision
from agent.deciding.structure import channel_settings
from agent.frames import ISSUES, ITEMS, TIME, Schema, empty, frame
from agent.looking import access, feed_report, listings, sweep
from agent.looking.channel_rows import channel_row
from agent.state import Agent
from agent.telling import control, imports, oversell
from agent.words import Words, say, short
from agent.workbooks import tabs

SAME = 12
"""Rows of Attention with the same words; further ones are counted."""
STOPS = (
    "channel_access", "channel_host", "channel_wait", "workbook_refused", "shop_refuses", "shop_keeps", "cell_conflict",
    "contested", "oversold", "line_unlinked", "line_without_listing", "freeze_unread",
)  # fmt: skip
"""Issues for which something is not pushed, or was sold beyond the stock, besides those of frozen items."""
ASKS = (
    "first_plan", "new_links", "edit_meaning", "missing_units", "units_set_out", "units_sent_in", "drift_up",
    "numbers_are_net", "relinked_behind_shipped", "undo", "line_gone", "returned_units",
    "row_came_back", "row_perhaps_counted", "edit_meaning_standing", "pattern_prefix", "pattern_suffix",
    "pattern_theirs", "skus_apart",
)  # fmt: skip
"""Questions that hold nothing back; the others stop something until they are answered."""
TO_DO = ("access_ends_soon", "control_unknown", "stop_unknown", "stop_unclear", "stop_incomplete", "stop_over")
"""Issues that stop nothing yet, and will (or would have: a stop with a slip in it) once a person does something."""
SHOWN = timedelta(days=1)
"""For how long the count of a rule edit stands in Attention."""
WHERE = {
    **dict.fromkeys(("first_plan", "new_links", "two_items", "unlike_titles"), tabs.LISTINGS),
    "relinked_behind_shipped": tabs.LISTINGS, "skus_apart": tabs.LISTINGS,
    **dict.fromkeys(("pattern_prefix", "pattern_suffix", "pattern_theirs"), tabs.IMPORTS),
    **dict.fromkeys(("feed_swing", "kept_back_long", "line_gone", "shop_column"), tabs.CHANNEL_STATUS),
    **dict.fromkeys(("row_came_back", "wild_row", "counted_twice", "rows_before"), tabs.STOCK_IN_OUT),
    "rule_sweep": tabs.RULES, "not_listed": tabs.STOCK_LEVELS, "edit_meaning_standing": tabs.CONTROL,
    "returned_units": tabs.CHANNELS,
}  # fmt: skip
"""The tab to look at for a question, where neither its facts name the cell nor the item has one; else Item Master."""
ROWS: Schema = {**dict.fromkeys(("id", "severity", "what", "fix", "where", "answers"), pl.String), "since": TIME}


def attention(agent: Agent, decision: Decision) -> pl.DataFrame:
    """Issues and open questions as rows of Attention."""
    asked = [_question_row(agent, row) for row in questions.open_questions(agent.store).iter_rows(named=True)]
    noticed = _issue_rows(agent, all_issues(agent, decision))
    return report.attention(_in_their_words(agent, frame([*asked, *noticed], ROWS)))


def _in_their_words(agent: Agent, rows: pl.DataFrame) -> pl.DataFrame:
    """In an adopted workbook the tab with the items has a name of the seller's own: the sentences use it."""
    mine = agent.sheet.snapshot.names.get(tabs.ITEM_MASTER.name) if agent.sheet is not None else None
    if mine is None or mine == tabs.ITEM_MASTER.name:
        return rows
    words = pl.col("what", "fix").str.replace_all(tabs.ITEM_MASTER.name, mine, literal=True)
    where = pl.col("where").str.replace(f"^{tabs.ITEM_MASTER.name}(!|$)", mine.replace("$", "$$") + "${1}")
    return rows.with_columns(words, where)


def _without_effect(row: Mapping[str, object], facts: Mapping[str, object]) -> set[str]:
    """Answers that would come to the same as another one: where nothing was shipped, where a number is only a count."""
    if row["kind"] != "edit_meaning":
        return set()
    counts_only = {edits.CHANGED} if facts.get("code") == "edit_counted" else set()
    return counts_only if facts.get("shipped") else counts_only | {edits.AFTER}


def _stocked_cell(agent: Agent, sku: object) -> str | None:
    """Where an item's number stands in the seller's workbook: `Item Master!C7`."""
    if agent.sheet is None or sku is None:
        return None
    snapshot, name = agent.sheet.snapshot, tabs.ITEM_MASTER.name
    letters = snapshot.letters.get(name, {}).get("Stocked")
    rows = agent.sheet.checked.items.filter(pl.col("sku") == str(sku))["row"]
    return f"{snapshot.names.get(name, name)}!{letters}{rows[0]}" if letters and rows.len() == 1 else None


def _question_row(agent: Agent, row: Mapping[str, object]) -> dict[str, object]:
    facts = facts_of(str(row["facts"]))
    code = str(facts.get("pattern") or facts.get("code") or row["kind"])
    words = say(code, facts)
    answers = " / ".join(
        word for word in questions.ANSWERS[str(row["kind"])] if word not in _without_effect(row, facts)
    )
    tab = WHERE.get(code) or WHERE.get(str(row["kind"])) or tabs.ITEM_MASTER
    where = facts.get("place") or _stocked_cell(agent, facts.get("sku")) or tab.name
    severity = "note" if row["kind"] in questions.NOTES else "decide" if row["kind"] in ASKS else "stop"
    return {
        "id": row["id"], "severity": severity, "what": words.what, "fix": words.fix, "where": where, "answers": answers,
        "since": row["asked_at"],
    }  # fmt: skip


def all_issues(agent: Agent, decision: Decision) -> pl.DataFrame:
    """Everything that is wrong with rows, and with channels and the workbook as a whole: ISSUES."""
    frames = [imports.with_cells(agent, decision.structure.matched.issues), *imports.issues(agent, decision)]
    live = [name for name in agent.channels if channel_row(agent.store, name).get("live")]
    if agent.sheet is not None:
        frames += [agent.sheet.checked.issues, agent.sheet.issues, agent.sheet.waiting]
    frames += [
        _of_rules(agent, decision),
        _of_rule_edit(agent),
        _of_channels(agent),
        _of_reads(agent),
        access.ends_soon(agent.store, agent.clock.now()),
        _of_listings(decision),
        agent.store.derived("issues of items", lambda: _of_items(agent)),
        _oversold(agent, decision),
        feed_report.issues(agent),
        _found_late(agent),
        agent.store.derived("unlisted lines", lambda: _without_listing(agent, live), live),
        control.issues(agent),
        agent.store.derived("undone issues", lambda: undo.issues(agent.store)),
    ]
    return pl.concat([empty(ISSUES), *(each.select(list(ISSUES)) for each in frames if each.height)])


def _of_rules(agent: Agent, decision: Decision) -> pl.DataFrame:
    """Rules that cannot mean what they say. Looked at again when rules or items change, and each quarter of an hour."""
    store = agent.store
    quarter = int(agent.clock.now().timestamp()) // 900
    versions = (*(store.version(name) for name in ("rule", "item", "tag", "link", "setting")), quarter)
    cached = agent.cache.get("lint")
    if cached and cached[0] == versions:
        assert isinstance(cached[1], pl.DataFrame)
        return cached[1]
    letters = agent.sheet.snapshot.letters.get(tabs.RULES.name) if agent.sheet else None
    items = store.table("item").select(list(ITEMS))
    known = (store.table("rule"), store.table("tag"), items, decision.worked, letters)
    found = rules.lint(*known, channels=channel_settings(agent), once=store.derived)
    agent.cache["lint"] = (versions, found)
    return found


def _of_rule_edit(agent: Agent) -> pl.DataFrame:
    """What the last edit of Rules did, with its count, for a day: a small one acts at once, and is seen all the same
    (a large one waits for a yes: core/brake)."""
    facts = rule_edit(agent)
    cells = facts.get("cells") or [None]
    return frame([("rules_moved", tabs.RULES.name, cells[0], None, json.dumps(facts))] if facts else [], ISSUES)


def rule_edit(agent: Agent) -> dict[str, Any]:
    """`count, total, down, up, zero, cells, at` of the last edit of Rules within a day; empty: none that moved any."""
    facts = agent.store.meta("rules_moved")
    if not isinstance(facts, dict) or agent.clock.now() - datetime.fromisoformat(facts["at"]) > SHOWN:
        return {}
    return facts


def _of_channels(agent: Agent) -> pl.DataFrame:
    rows = agent.store.table("channel").filter(pl.col("problem_kind").is_not_null())
    made: list[tuple[object, ...]] = []
    for row in rows.iter_rows(named=True):
        facts = {
            "channel": row["channel"],
            "what": row["problem_what"],
            "fix": row["problem_fix"],
            "of": row["channel"],
        }
        if str(row["problem_what"]).startswith(row["channel"]):
            facts["channel"] = None  # the sentence names the shop itself
        made.append((f"channel_{row['problem_kind']}", "Channel Status", None, None, json.dumps(facts)))
    if agent.write_result == "refused":
        made.append(("workbook_refused", tabs.ITEM_MASTER.name, None, None, json.dumps({"what": agent.write_detail})))
    return frame(made, ISSUES)


def _of_reads(agent: Agent) -> pl.DataFrame:
    """What the shops show and nobody could read; the rest of the shop goes on."""
    made = [
        ("channel_remark", "Channel Status", None, None, json.dumps({"channel": name, "what": said, "of": said}))
        for name, remarks in agent.remarks.items()
        for said in sorted(remarks)
    ]
    stands = [
        (name, each) for name, channel in agent.channels.items() for each in getattr(channel, "standing", tuple)()
    ]
    told = [{"channel": name, "what": each.what, "fix": each.fix, "of": f"{name}/{each.key}"} for name, each in stands]
    short_reads = [(name, found) for name in agent.channels if (found := listings.too_short(agent, name))]
    made += [
        ("listings_incomplete", "Channel Status", None, None, json.dumps(
            {"channel": name, "count": count, "before": before, "of": name}))
        for name, (count, before) in short_reads
    ]  # fmt: skip
    made += [("channel_standing", "Channel Status", None, None, json.dumps(facts)) for facts in told]
    return frame(made, ISSUES)


def _of_listings(decision: Decision) -> pl.DataFrame:
    """Listings whose shop keeps another number, or refuses ours, or whose stock cell serves two items."""
    told = ["shop_keeps", "shop_refuses", "cell_conflict", "contested"]
    rows = decision.plan.filter(pl.col("reason").is_in(told))
    made: list[tuple[object, ...]] = []
    for row in rows.iter_rows(named=True):
        facts = {k: row[k] for k in ("channel", "listing", "sku", "target")} | {"shows": row["read"]}
        facts["message"] = (row["message"] or "").rstrip(".")  # it stands within a sentence
        made.append((row["reason"], "Listings", None, row["sku"], json.dumps(facts)))
    return frame(made, ISSUES)


def _of_items(agent: Agent) -> pl.DataFrame:
    asked = questions.open_questions(agent.store).filter(pl.col("kind") == "renamed")["facts"].to_list()
    named = [old for facts in asked for old, _ in facts_of(facts)["pairs"]]  # that question speaks for them
    gone = agent.store.table("item").filter(pl.col("frozen").is_in(LOST) & ~pl.col("sku").is_in(named))
    gone = gone.select("frozen", "sku")
    return frame(
        [(code, tabs.ITEM_MASTER.name, None, sku, json.dumps({"sku": sku})) for code, sku in gone.rows()], ISSUES
    )


def _oversold(agent: Agent, decision: Decision) -> pl.DataFrame:
    """Items with more sold than stocked: by how much, and the last order that is to be shipped (S1-14)."""
    short = decision.stock.filter((pl.col("available") < 0) & (pl.col("allocated") > 0))
    if short.is_empty():
        return frame([], ISSUES)
    last = lines.newest_open(agent.store.table("order_line"), decision.structure.parts)
    known = oversell.last_of(agent)
    made: list[tuple[object, ...]] = []
    for row in short.join(last, on="sku", how="left").iter_rows(named=True):
        facts = {"units": -row["available"], "channel": row["channel"], "order": row["order"]}
        facts["at"] = row["sale_at"].isoformat() if row["sale_at"] else None
        event = known.get(row["sku"])
        facts["why"] = say(event["cause"], facts_of(event["facts"])).what.rstrip(".") if event else None
        made.append(("oversold", tabs.STOCK_LEVELS.name, None, row["sku"], json.dumps(facts)))
    return frame(made, ISSUES)


def _found_late(agent: Agent) -> pl.DataFrame:
    """Orders that only the look back over two days found."""
    made: list[tuple[object, ...]] = []
    for row in sweep.finds(agent).iter_rows(named=True):
        facts = {name: row[name] for name in ("channel", "order")} | {"of": row["order"]}
        facts |= {"at": row["made_at"].isoformat(), "found": row["found_at"].isoformat()}
        facts |= {"at_least": row["at_least"] // 60, "at_most": -(-row["at_most"] // 60)}
        made.append(("order_found_late", tabs.CHANNEL_STATUS.name, None, None, json.dumps(facts)))
    return frame(made, ISSUES)


def _without_listing(agent: Agent, live: list[str]) -> pl.DataFrame:
    """Open lines that name no listing that is known, as after their product was deleted, but the SKU of an item: they
    lower nothing."""
    store = agent.store
    waiting = lines.ours(store.table("order_line")).filter((pl.col("open") > 0) & pl.col("channel").is_in(live))
    rows = waiting.join(store.table("listing"), on=["channel", "listing"], how="anti")
    rows = own_skus.of_shop(rows, channel_settings(agent), "sku")
    rows = rows.join(store.table("item").select("sku"), on="sku", how="semi")
    named = rows.group_by("channel", "order", "sku").agg(pl.col("open").sum()).sort("channel", "order", "sku")
    return frame(
        [
            ("line_without_listing", tabs.LISTINGS.name, None, sku, json.dumps(
                {"channel": name, "order": order, "of": order, "units": units, "sku": sku}))
            for name, order, sku, units in named.iter_rows()
        ],
        ISSUES,
    )  # fmt: skip


def _issue_rows(agent: Agent, issues: pl.DataFrame) -> list[dict[str, object]]:
    """Issues as rows with an id and a since; many of one kind become some and a count."""
    stops = set(agent.store.table("item").filter(pl.col("frozen").is_not_null())["sku"].to_list())
    # the codes why the whole workbook may only lower
    whole = {agent.sheet.verdict, agent.sheet.checked.rejected} if agent.sheet else set()
    rows: list[dict[str, object]] = []
    keys: dict[str, int] = {}
    places: dict[str, str | None] = {}
    for issue in issues.unique(maintain_order=True).iter_rows(named=True):
        code = issue["code"]
        keys[code] = keys.get(code, 0) + 1
        if keys[code] > SAME:
            places[code] = issue["tab"]
            continue
        words = _words(issue)
        where = "!".join(part for part in (issue["tab"], issue["cell"]) if part) or None
        stop = (issue["sku"] in stops or code in STOPS or code in whole) and code != "row_gone"
        key = "|".join([*(str(issue[k]) for k in ("code", "tab", "cell", "sku")), *_own(issue)])
        rows.append(
            {
                "id": key,
                "severity": "stop" if stop else "decide" if code in TO_DO else "note",
                "what": words.what,
                "fix": words.fix,
                "where": where,
                "answers": None,
                "since": None,
            }
        )
    for code, count in keys.items():
        if count > SAME:
            more = say("more_of_the_same", {"count": count - SAME})
            what = f"{short(code)}: {more.what}"
            rest = {"id": f"{code}|more", "severity": "note", "what": what, "fix": more.fix}
            rows.append({**rest, "where": places[code], "answers": None, "since": None})
    return _with_ids(agent, rows)


def _own(issue: Mapping[str, object]) -> list[str]:
    """What tells issues about several shops, or several listings of an item, from each other."""
    if issue["tab"] not in (tabs.LISTINGS.name, tabs.CHANNEL_STATUS.name):
        return []
    facts = facts_of(str(issue["facts"] or "{}"))
    return [str(facts[name]) for name in ("of", "channel", "listing") if facts.get(name) is not None]


def _words(issue: Mapping[str, object]) -> Words:
    facts = {"sku": issue["sku"], "cell": issue["cell"], "tab": issue["tab"]} | facts_of(str(issue["facts"] or "{}"))
    if issue["code"] == "unknown_sku":
        facts["sku"] = None  # what was found in the cell is the SKU; the issue's own sku is the row that it stands in
    return say(str(issue["code"]), facts)


def _with_ids(agent: Agent, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """An issue keeps its id and its since as long as it stands."""
    known = {k: (i, s) for k, i, s in agent.store.table("notice").iter_rows()}
    now, number = agent.clock.now(), int(str(agent.store.meta("notice", 0)))
    fresh = []
    for row in rows:
        key = str(row["id"])
        if key not in known:
            number += 1
            known[key] = (f"N{number}", now)
            fresh.append((key, f"N{number}", now))
        row["id"], row["since"] = known[key]
    standing = {str(r["id"]) for r in rows}
    over = [key for key, (identity, _) in known.items() if identity not in standing]
    if fresh or over:
        with agent.store.transaction():
            agent.store.delete("notice", pl.DataFrame({"key": over}, schema={"key": pl.String}))
            agent.store.put(
                "notice", pl.DataFrame(fresh, schema=dict(agent.store.table("notice").schema), orient="row")
            )
            agent.store.set_meta(notice=number)
    return rows
