"""What must be asked: the questions kept in step with what stands, and the approvals carried out (DESIGN section 8)."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

import polars as pl

from agent.asking import links, proposals, questions, shop_columns, transfers, undo
from agent.core import net
from agent.deciding import drift, ledger, relinked, returns
from agent.deciding.cells import channels_out
from agent.deciding.decide import Decision, sheet_frozen
from agent.deciding.quantities import is_stale
from agent.deciding.structure import cell_parts
from agent.looking.channel_rows import channel_row, set_channel
from agent.state import Agent
from agent.telling import oversell

CELL = ["channel", "cell"]
LONG = timedelta(hours=1)
ASKED_AGAIN = timedelta(hours=24)
LARGEST = 10
"""Changes of a first plan that its question names."""
LISTING = ["channel", "listing"]


def ask(agent: Agent, decision: Decision) -> bool:
    """Keep the open questions in step with what stands, and carry out approvals that were given.

    True when something went live by that: then the decision is no longer the last word.
    """
    if decision is agent.asked_about:
        return False
    now, before = agent.clock.now(), _live(agent)
    agent.asked_about = decision
    with agent.store.transaction():
        _ask_plans(agent, decision, now)
        _ask_edits(agent, now)
        drift.ask(agent, decision.structure.parts, now)
        transfers.ask(agent, decision.structure.parts, now)
        undo.ask(agent, decision, now)
        _ask_net(agent, decision, now)
        _ask_kept_back(agent, decision, now)
        relinked.ask(agent, decision.structure.parts, now)
        returns.ask(agent, now)
        _ask_gone(agent, decision, now)
        oversell.note(agent, decision, now)
        links.ask(agent, decision, now)
        proposals.ask(agent, decision, now)
        shop_columns.ask(agent, now)
    return _live(agent) != before


def _live(agent: Agent) -> tuple[int, ...]:
    """What a decision rests on, of what asking may change."""
    return tuple(agent.store.version(name) for name in ("link", "undone"))


def _ask_plans(agent: Agent, decision: Decision, now: datetime) -> None:
    """A channel's first plan is approved once; afterwards new links wait in one batch a channel."""
    waiting = decision.targets.filter(pl.col("parked").is_in(["not_live_yet", "new_link_waiting"]))
    if waiting.height:
        # by listing, not by stock cell: a new listing may share the cell of one that is live
        waiting = waiting.join(decision.plan.select(*CELL, "shown"), on=CELL, how="left")
    for kind, code in (("first_plan", "not_live_yet"), ("new_links", "new_link_waiting")):
        rows = waiting.filter(pl.col("parked") == code) if waiting.height else waiting
        for (name,), group in rows.group_by("channel", maintain_order=True) if rows.height else ():
            _ask_or_go_live(agent, kind, str(name), group, now)
        questions.withdraw(agent.store, kind, rows["channel"], now)


def _ask_or_go_live(agent: Agent, kind: str, name: str, rows: pl.DataFrame, now: datetime) -> None:
    if agent.sheet is None or sheet_frozen(agent) or name in channels_out(agent) or agent.mode() != "Live":
        return
    if channel_row(agent.store, name).get("full_count") is None:
        return  # all its listings are read before anything is asked about them
    causes = _causes(agent, rows)
    if questions.approved(agent.store, kind, name, causes, now) and _under_ceiling(agent, kind, name, causes, rows):
        go_live(agent, name, kind, rows)
        return
    down = rows.filter(pl.col("target") < pl.col("shown"))
    up = rows.filter(pl.col("target") > pl.col("shown"))
    facts = {
        "channel": name,
        "listings": rows.height,
        "down": down.height,
        "up": up.height,
        "same": rows.height - down.height - up.height,
        "zero": rows.filter((pl.col("target") == 0) & (pl.col("shown") > 0)).height
        or None,  # "0 would be" says nothing
        "largest": _largest(rows),
        "ceilings": dict(rows.select("listing", "target").iter_rows()),
    }
    questions.ask(agent.store, kind, name, causes, facts, now)


def _largest(rows: pl.DataFrame) -> str | None:
    """The largest changes, in a line: `MUG 25 -> 20, BOX 3 -> 9`."""
    by = (pl.col("target") - pl.col("shown")).abs()
    changes = rows.with_columns(by.alias("by")).filter(pl.col("by") > 0).sort("by", "sku", descending=[True, False])
    told = changes.head(LARGEST).select(pl.format("{} {} -> {}", "sku", "shown", "target")).to_series()
    return ", ".join(told) or None


def _causes(agent: Agent, rows: pl.DataFrame) -> str:
    """What an approval binds to: these links, the last counted quantity of their items, the rules."""
    counted = agent.store.table("ledger").filter(pl.col("kind").is_in(["opening", "count"]))
    last = counted.group_by("sku").agg(pl.col("id").max())
    text = rows.select("channel", "listing", "recipe").sort("channel", "listing").write_csv()
    text += rows.select("sku").unique().join(last, on="sku").sort("sku").write_csv()
    text += agent.store.table("rule").drop("row", "id").sort(pl.all()).write_csv()
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _under_ceiling(agent: Agent, kind: str, name: str, causes: str, rows: pl.DataFrame) -> bool:
    """Orders only lower beneath what was approved; if anything would be higher now, it is asked again."""
    asked = agent.store.table("question").filter(
        (pl.col("kind") == kind) & (pl.col("key") == name) & (pl.col("causes") == causes) & (pl.col("answer") == "yes")
    )
    ceilings = json.loads(asked["facts"][-1])["ceilings"]
    above = [
        each for each, target in rows.select("listing", "target").iter_rows() if target > (ceilings.get(each) or 0)
    ]
    if above:
        agent.store.put("question", asked.with_columns(answer=pl.lit("lapsed")))
    return not above


def go_live(agent: Agent, name: str, kind: str, rows: pl.DataFrame) -> None:
    """The person said yes: these links are live from now on, and their present reads are the baselines."""
    links = agent.store.table("link").filter(pl.col("channel") == name)
    chosen = links if kind == "first_plan" else links.join(rows.select(LISTING), on=LISTING, how="semi")
    agent.store.put("link", chosen.with_columns(live=pl.lit(value=True)))
    if kind == "first_plan":
        set_channel(agent.store, name, live=True)


def _ask_edits(agent: Agent, now: datetime) -> None:
    rows = ledger.doubtful(agent.store)
    if agent.stock_means() == "external":
        rows = rows.clear()  # another system's number is a count
    for row in rows.iter_rows(named=True):  # few: only edits that overlap a shipment
        facts = {k: row[k] for k in ("sku", "old", "value", "shipped", "count", "change")}
        facts["shipped"] = row["shipped"] or None  # "while 0 units were marked shipped" says nothing
        if row["change"] is None and row["old"] is None:
            facts["code"] = "edit_counted"
        questions.ask(agent.store, "edit_meaning", row["sku"], f"{row['id']}/{row['shipped']}", facts, now)
    questions.withdraw(agent.store, "edit_meaning", rows["sku"], now)


def _ask_kept_back(agent: Agent, decision: Decision, now: datetime) -> None:
    """A shop whose orders were not read for an hour keeps units back from the others: what is to become of it?"""
    asked = []
    for name, at in agent.store.table("channel").select("channel", "orders_ok_at").iter_rows():
        if name not in agent.channels or not is_stale(agent, name) or at is None or now - at < LONG:
            continue
        shown = decision.plan.filter(pl.col("channel") == name).select(*CELL, pl.col("shown").clip(0))
        offered = cell_parts(agent.store, decision.structure.parts).join(shown, on=CELL)
        elsewhere = decision.structure.parts.filter(pl.col("channel") != name)
        held = offered.join(elsewhere, on="part", how="semi")
        units, causes = int((held["shown"] * held["units"]).sum()), str(at)
        if not units or questions.answered_since(agent.store, "kept_back_long", name, causes, now - ASKED_AGAIN):
            continue
        facts = {"channel": name, "since": at.isoformat(), "units": units}
        questions.ask(agent.store, "kept_back_long", name, causes, facts, now)
        asked.append(name)
    questions.withdraw(agent.store, "kept_back_long", pl.Series(asked, dtype=pl.String), now)


def _ask_gone(agent: Agent, decision: Decision, now: datetime) -> None:
    """Orders that the channel no longer has: still Allocated until the person says what became of them."""
    lost = agent.store.table("order_line").filter(pl.col("gone_at").is_not_null() & (pl.col("open") > 0))
    if lost.height:
        lost = lost.join(decision.structure.parts, on=LISTING).with_columns(key=pl.format("{}/{}", "channel", "order"))
        lost = questions.not_fine(agent.store, "line_gone", lost, pl.col("key"))
    keys = []
    for (key,), rows in lost.group_by("key", maintain_order=True) if lost.height else ():
        facts = {
            "channel": rows["channel"][0], "order": rows["order"][0], "of": rows["order"][0],
            "units": int((rows["open"] * rows["units"]).sum()), "sku": ", ".join(rows["part"].unique().sort()),
        }  # fmt: skip
        keys.append(str(key))
        questions.ask(agent.store, "line_gone", str(key), str(rows["gone_at"].min()), facts, now)
    questions.withdraw(agent.store, "line_gone", pl.Series(keys, dtype=pl.String), now)


def _ask_net(agent: Agent, decision: Decision, now: datetime) -> None:
    """Before the first shop goes live, once: are the numbers in Stocked without what is sold and not shipped?
    Afterwards Stocked is what Stocksheet counts down itself (core/net)."""
    asked = agent.means is None and agent.store.meta("stock_means") is None
    asked = asked and not agent.store.table("channel")["live"].any()
    if not asked:
        questions.withdraw(agent.store, "numbers_are_net", pl.Series([], dtype=pl.String), now)
        return
    new = decision.targets.filter((pl.col("parked") == "not_live_yet") & (pl.col("units") == 1))
    shown = new.join(decision.plan.select(*CELL, "shown"), on=CELL).select("channel", "sku", "shown")
    found = net.looks_net(shown, decision.stock) if shown.height else net.NONE
    first = found.head(1)
    for name, items, units in first.iter_rows():
        facts = {"channel": name, "items": items, "units": units}
        questions.ask(agent.store, "numbers_are_net", "stock_means", "first preview", facts, now)
    questions.withdraw(agent.store, "numbers_are_net", pl.Series(["stock_means"] * first.height, dtype=pl.String), now)
