"""Telling: the agent's tabs, mirrored Stocked cells, and the mark, written into the workbook in one go.

What cells are meant to hold is committed before the file is published; the generation in the file says on the next
start whether it was (DESIGN section 5, *Mirror*).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from agent import questions, sheet
from agent.core import match, report, rules
from agent.decide import Decision
from agent.frames import IMPORTS, ISSUES, ITEMS, MIRROR, TIME, Schema, conform, empty, frame
from agent.state import Agent
from agent.structure import channel_settings
from agent.words import Words, say, short
from agent.workbooks import tabs
from agent.workbooks.base import Mark, Snapshot, Written

MOST = 2000
"""Rows of Movements and Sync Log."""
SAME = 12
"""Rows of Attention with the same words; further ones are counted."""
TIMES = ("Start here", "Channel Status", "Dashboard")
"""Tabs in which something changes with every look; alone they are not worth a write each time."""
STOPS = (
    "channel_access", "channel_host", "channel_wait", "workbook_refused", "shop_refuses", "shop_keeps", "cell_conflict",
)  # fmt: skip
"""Issues for which something is not pushed, besides those of frozen items."""
OUTCOMES = {
    "accepted": "confirmed",
    "landed": "confirmed by a later read",
    "sent": "sent, not applied yet",
    "refused": "refused",
    "stale": "the shop had changed, decided again",
    "unknown": "no answer; it is read again",
    "lost": "did not arrive",
    "not_sent": "not sent",
    None: "on its way",
}


async def write(agent: Agent, decision: Decision) -> Written | None:
    """Write what changed. None: nothing worth writing, or no workbook to write to."""
    if agent.sheet is None or agent.sheet_problem is not None:
        return None
    was_open = agent.write_result == "open"
    still_open = was_open and await agent.workbook.busy()
    folds_in = was_open and not still_open
    if decision is agent.told_of and not folds_in and not _refresh_due(agent):
        return None
    frames = everything(agent, decision)
    mirror = mirrored(agent, agent.sheet.snapshot)
    waits = mirror.is_empty() or still_open  # an open book is not written: its sidecar only when something changed
    if waits and not folds_in and not _worth_it(agent, frames):
        agent.told_of = decision
        return None
    return await _publish(agent, decision, frames, mirror, agent.sheet.snapshot)


def _worth_it(agent: Agent, frames: Mapping[str, pl.DataFrame]) -> bool:
    if _refresh_due(agent):
        return True
    return any(
        name not in TIMES and not (name in agent.told and frame.equals(agent.told[name]))
        for name, frame in frames.items()
    )


def _refresh_due(agent: Agent) -> bool:
    limit = timedelta(seconds=agent.workbook_refresh)
    return agent.told_at is None or agent.clock.now() - agent.told_at >= limit


async def _publish(
    agent: Agent, decision: Decision, frames: dict[str, pl.DataFrame], mirror: pl.DataFrame, seen: Snapshot
) -> Written:
    store = agent.store
    generation = int(str(store.meta("generation", 0))) + 1
    others = sheet.mark_of_write(agent, seen)
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
    sheet.copy_is_ours(agent.store)
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

    Never over a formula, a frozen row, an unread edit, or a number that is being asked about.
    """
    sheet = agent.sheet
    if sheet is None or sheet.verdict is not None or not agent.channels:
        return empty(MIRROR)
    asked = questions.open_questions(agent.store).filter(pl.col("kind") == "edit_meaning")["key"].to_list()
    frozen = agent.store.table("item").filter(pl.col("frozen").is_not_null())["sku"].to_list()
    rows = (
        sheet.checked.items.filter(
            ~pl.col("stocked_formula") & pl.col("tracked") & ~pl.col("bundle") & pl.col("stocked").is_not_null()
        )
        .join(agent.store.table("level").select("sku", "on_hand"), on="sku")
        .join(agent.store.table("stocked").select("sku", "value"), on="sku")
        .filter(
            (pl.col("on_hand") != pl.col("value"))
            & (pl.col("stocked") == pl.col("value"))
            & (pl.col("on_hand") >= 0)
            & ~pl.col("sku").is_in(asked)
            & ~pl.col("sku").is_in(frozen)
        )
    )
    return conform(rows.rename({"stocked_text": "old", "on_hand": "new"}), MIRROR)


# --- the tabs -------------------------------------------------------------------------------------


def everything(agent: Agent, decision: Decision) -> dict[str, pl.DataFrame]:
    """All agent tabs."""
    store = agent.store
    listed = report.listings(decision.targets, decision.plan, _status_words(decision))
    return {
        "Imports": _imports(agent, decision),
        "Listings": listed,
        "Attention": attention(agent, decision),
        "Stock Levels": report.stock_levels(store.table("item"), decision.stock, listed),
        "Movements": report.movements(_newest(agent, "ledger"), _newest(agent, "push"), MOST),
        "Channel Status": _channel_status(agent, decision, listed),
        "Sync Log": report.sync_log(_newest(agent, "push"), _outcomes(), MOST),
        "Dashboard": _dashboard(agent, decision, listed),
        "Start here": _start_here(agent, decision, listed),
    }


def _newest(agent: Agent, name: str) -> pl.DataFrame:
    return agent.store.table(name).sort("id").tail(MOST).reverse()


def _outcomes() -> pl.DataFrame:
    return pl.DataFrame({"outcome": list(OUTCOMES), "words": list(OUTCOMES.values())})


def _status_words(decision: Decision) -> pl.DataFrame:
    codes = pl.concat([decision.plan["reason"], decision.targets["parked"]]).drop_nulls().unique().to_list()
    return pl.DataFrame([(c, short(c)) for c in codes], schema={"reason": pl.String, "words": pl.String}, orient="row")


def _imports(agent: Agent, decision: Decision) -> pl.DataFrame:
    found = decision.structure.matched.imports
    listings = agent.store.table("listing").filter(pl.col("absent") < 2)
    distinct = found.select("reason", "facts").unique()
    said = [(c, f, say(c, _facts(f)).what) for c, f in distinct.iter_rows()]
    sentences = pl.DataFrame(said, schema={"code": pl.String, "facts": pl.String, "text": pl.String}, orient="row")
    partly = match.partly(listings, agent.store.table("link"))
    return report.imports(found.select(list(IMPORTS)), listings, partly, sentences)


def _facts(text: str | None) -> dict[str, object]:
    return dict(json.loads(text)) if text else {}


ROWS: Schema = {**dict.fromkeys(("id", "severity", "what", "fix", "where", "answers"), pl.String), "since": TIME}


def attention(agent: Agent, decision: Decision) -> pl.DataFrame:
    """Issues and open questions as rows of Attention."""
    asked = [_question_row(agent, row) for row in questions.open_questions(agent.store).iter_rows(named=True)]
    noticed = _issue_rows(agent, all_issues(agent, decision))
    return report.attention(frame([*asked, *noticed], ROWS))


def _question_row(agent: Agent, row: Mapping[str, object]) -> dict[str, object]:
    facts = _facts(str(row["facts"]))
    code = str(facts.get("pattern") or facts.get("code") or row["kind"])
    words = say(code, facts)
    answers = " / ".join(questions.ANSWERS[str(row["kind"])])
    tab = tabs.RULES if code == "rule_sweep" else tabs.ITEM_MASTER
    where = facts.get("channel") or facts.get("sku") or tab.name
    severity = "decide" if row["kind"] in ("first_plan", "new_links", "edit_meaning", "missing_units") else "stop"
    return {
        "id": row["id"], "severity": severity, "what": words.what, "fix": words.fix, "where": where, "answers": answers,
        "since": row["asked_at"],
    }  # fmt: skip


def all_issues(agent: Agent, decision: Decision) -> pl.DataFrame:
    """Everything that is wrong with rows, and with channels and the workbook as a whole: ISSUES."""
    frames = [decision.structure.matched.issues]
    if agent.sheet is not None:
        frames += [agent.sheet.checked.issues, agent.sheet.issues]
    return pl.concat(
        [
            f.select(list(ISSUES))
            for f in [
                *frames,
                _of_rules(agent, decision),
                _of_channels(agent),
                _of_listings(decision),
                _of_items(agent),
            ]
        ]
    )


def _of_rules(agent: Agent, decision: Decision) -> pl.DataFrame:
    """Rules that cannot mean what they say. Looked at again when rules or items change, and each quarter of an hour."""
    store = agent.store
    quarter = int(agent.clock.now().timestamp()) // 900
    versions = (*(store.version(name) for name in ("rule", "item", "tag", "link")), quarter)
    cached = agent.cache.get("lint")
    if cached and cached[0] == versions:
        assert isinstance(cached[1], pl.DataFrame)
        return cached[1]
    letters = agent.sheet.snapshot.letters.get(tabs.RULES.name) if agent.sheet else None
    items = store.table("item").select(list(ITEMS))
    found = rules.lint(store.table("rule"), store.table("tag"), items, decision.worked, letters)
    agent.cache["lint"] = (versions, found)
    return found


def _of_channels(agent: Agent) -> pl.DataFrame:
    rows = agent.store.table("channel").filter(pl.col("problem_kind").is_not_null())
    made: list[tuple[object, ...]] = []
    for row in rows.iter_rows(named=True):
        facts = {"channel": row["channel"], "what": row["problem_what"], "fix": row["problem_fix"]}
        if str(row["problem_what"]).startswith(row["channel"]):
            facts["channel"] = None  # the sentence names the shop itself
        made.append((f"channel_{row['problem_kind']}", "Channel Status", None, None, json.dumps(facts)))
    if agent.write_result == "refused":
        made.append(("workbook_refused", None, None, None, json.dumps({"what": agent.write_detail})))
    return frame(made, ISSUES)


def _of_listings(decision: Decision) -> pl.DataFrame:
    """Listings whose shop keeps another number, or refuses ours, or whose stock cell serves two items."""
    rows = decision.plan.filter(pl.col("reason").is_in(["shop_keeps", "shop_refuses", "cell_conflict"]))
    made: list[tuple[object, ...]] = []
    for row in rows.iter_rows(named=True):
        facts = {k: row[k] for k in ("channel", "listing", "sku", "target")} | {"shows": row["read"]}
        facts["message"] = (row["message"] or "").rstrip(".")  # it stands within a sentence
        made.append((row["reason"], "Listings", None, row["sku"], json.dumps(facts)))
    return frame(made, ISSUES)


def _of_items(agent: Agent) -> pl.DataFrame:
    gone = agent.store.table("item").filter(pl.col("frozen") == "row_missing")["sku"].to_list()
    return frame([("row_missing", tabs.ITEM_MASTER.name, None, sku, json.dumps({"sku": sku})) for sku in gone], ISSUES)


def _issue_rows(agent: Agent, issues: pl.DataFrame) -> list[dict[str, object]]:
    """Issues as rows with an id and a since; many of one kind become some and a count."""
    stops = set(agent.store.table("item").filter(pl.col("frozen").is_not_null())["sku"].to_list())
    whole = agent.sheet.verdict if agent.sheet else None  # the code why the whole workbook may only lower
    rows: list[dict[str, object]] = []
    keys: dict[str, int] = {}
    for issue in issues.unique(maintain_order=True).iter_rows(named=True):
        code = issue["code"]
        keys[code] = keys.get(code, 0) + 1
        if keys[code] > SAME:
            continue
        words = _words(issue)
        where = "!".join(part for part in (issue["tab"], issue["cell"]) if part) or None
        stop = issue["sku"] in stops or code in STOPS or code == whole
        key = "|".join(str(issue[k]) for k in ("code", "tab", "cell", "sku"))
        rows.append(
            {
                "id": key,
                "severity": "stop" if stop else "note",
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
            rows.append({**rest, "where": None, "answers": None, "since": None})
    return _with_ids(agent, rows)


def _words(issue: Mapping[str, object]) -> Words:
    facts = {"sku": issue["sku"], "cell": issue["cell"], "tab": issue["tab"]} | _facts(str(issue["facts"] or "{}"))
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


# --- how things stand -----------------------------------------------------------------------------


def _channel_status(agent: Agent, decision: Decision, listed: pl.DataFrame) -> pl.DataFrame:
    store, settings = agent.store, channel_settings(agent)
    seen = store.table("listing").filter(pl.col("absent") < 2).group_by("channel").len("Listings")
    links = listed.group_by("Channel").agg(
        pl.len().alias("Linked"), (pl.col("Status") == "in sync").sum().alias("synced")
    )
    pushed = store.table("push").group_by("channel").agg(pl.col("sent_at").max().alias("Last push"))
    rows = (
        pl.DataFrame({"Channel": list(agent.channels)}, schema={"Channel": pl.String})
        .join(store.table("channel"), left_on="Channel", right_on="channel", how="left")
        .join(settings.select("channel", "mode", "go_live"), left_on="Channel", right_on="channel", how="left")
        .join(seen, left_on="Channel", right_on="channel", how="left")
        .join(links, on="Channel", how="left")
        .join(pushed, left_on="Channel", right_on="channel", how="left")
    )
    live = pl.col("live").fill_null(value=False)
    state = (
        pl.when(pl.col("problem_kind").is_not_null()).then(pl.lit("out"))
        .when(pl.col("mode") == "Off").then(pl.lit("Off"))
        .when(pl.lit(agent.mode() != "Live")).then(pl.lit(agent.mode()))
        .when(~live | ~pl.col("go_live").fill_null(value=True)).then(pl.lit("not live yet"))
        .otherwise(pl.lit("Live"))
    )  # fmt: skip
    due = [agent.due.get(name) for name in agent.channels]
    return report.shaped(
        tabs.CHANNEL_STATUS,
        rows.with_columns(
            pl.col("account_name").alias("Account"),
            state.alias("Mode"),
            pl.format("{} of {}", pl.col("synced").fill_null(0), pl.col("Linked").fill_null(0)).alias("In sync"),
            pl.col("orders_ok_at").alias("Orders read"),
            pl.col("full_at").alias("Listings read"),
            pl.concat_str("problem_what", pl.lit(" "), "problem_fix").alias("Trouble"),
            pl.Series("Next look", due, dtype=TIME),
        ),
    )


def _dashboard(agent: Agent, decision: Decision, listed: pl.DataFrame) -> pl.DataFrame:
    variants = agent.store.table("listing").filter(pl.col("absent") < 2).height
    linked, synced = listed.height, listed.filter(pl.col("Status") == "in sync").height
    below = decision.stock.filter(pl.col("available") < 0).height
    figures = [
        ("Variants seen", variants, "Everything that can be sold in the connected shops."),
        ("Linked to an item", linked, "The others wait in Imports."),
        ("In sync", synced, "Linked listings that show their target, said so by the shop itself."),
        ("Items sold beyond stock", below, "Items with more sold than stocked. Look at Stock Levels."),
        ("Questions open", questions.open_questions(agent.store).height, "They wait for you in Attention."),
    ]
    return report.shaped(tabs.DASHBOARD, pl.DataFrame(figures, schema=["Figure", "Value", "Meaning"], orient="row"))


def _start_here(agent: Agent, decision: Decision, listed: pl.DataFrame) -> pl.DataFrame:
    store = agent.store
    items = store.table("item").height
    channels = store.table("channel")
    known = channels.filter(pl.col("account_name").is_not_null()).height
    live = channels.filter(pl.col("live")).height
    waiting = decision.structure.matched.imports.height
    synced = listed.filter(pl.col("Status") == "in sync").height
    looked = channels["orders_ok_at"].max()
    at = f"last looked {looked.astimezone():%H:%M}" if isinstance(looked, datetime) else "never looked yet"
    steps = [
        (1, "Fill in Item Master: one row a SKU, and how many you have.", items > 0, f"{items} items."),
        (2, "Connect a shop.", known > 0, f"{known} of {len(agent.channels)} shops answer; {at}."),
        (3, "Look at Imports: link what is yours, ignore the rest.", known > 0 and waiting == 0,
         f"{listed.height} listings linked, {waiting} wait in Imports."),
        (4, "Look at the first plan in Listings, then type yes in Attention.", live > 0, f"{live} shops are live."),
        (5, "Go on working in Item Master. Stocksheet does the rest.", live > 0 and synced > 0,
         f"{synced} of {listed.height} listings are in sync."),
    ]  # fmt: skip
    frame = pl.DataFrame(steps, schema=["Step", "What to do", "done", "How it stands"], orient="row")
    done = pl.when("done").then(pl.lit("yes")).otherwise(pl.lit("not yet"))
    return report.shaped(tabs.START_HERE, frame.with_columns(done.alias("Done")))
