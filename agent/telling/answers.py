"""Answers to what a person asks, in plain words, from the store: *Ask* in Control and `stocksheet explain`.

Nothing is read from a shop, and nothing is changed by an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import polars as pl

from agent.core import asked
from agent.core.asked import Asked
from agent.core.check_rules import SETTINGS
from agent.deciding import quantities
from agent.deciding.decide import Decision
from agent.frames import RULES, conform
from agent.state import Agent
from agent.telling import explaining
from agent.words import say

LISTING = ["channel", "listing"]
MOST = 20
"""Questions that are answered; more are not looked at."""
NAMED = 5
"""Listings, changes and suggestions that an answer names."""
COLUMNS = {setting: column for column, setting in SETTINGS.items()}


def answered(agent: Agent, decision: Decision, rows: pl.DataFrame) -> list[tuple[object, ...]]:
    """(about, answer, time) of each question that stands in Control. Each is answered once: to ask it again, the cell
    is cleared, saved and filled in again."""
    standing = rows.filter(pl.col("kind") == "ask").filter(pl.col("text").is_not_null())
    here, store = standing.head(MOST), agent.store
    if here.is_empty() and store.table("asked").is_empty():
        return []
    known = store.table("asked").join(here, on="about", how="semi")
    new = here.join(known, on="about", how="anti")
    gone = store.table("asked").join(here, on="about", how="anti")
    if new.height or gone.height:
        now = agent.clock.now()
        made = [(about, answer(agent, decision, text), now) for about, text in new.select("about", "text").rows()]
        with store.transaction():
            store.delete("asked", gone.select("about"))
            store.put("asked", pl.DataFrame(made, schema=known.schema, orient="row"))
    told: list[tuple[object, ...]] = list(store.table("asked").join(here, on="about", how="semi").rows())
    rest = say("ask_too_many", {"count": MOST}).what
    return told + [(about, rest, None) for about in standing.slice(MOST)["about"]]


def answer(agent: Agent, decision: Decision, text: str) -> str:
    """The answer to one question."""
    codes = explaining.codes(agent.store)
    question = asked.taken_apart(text, list(agent.channels), lambda name: explaining.meant(codes, name))
    return " ".join(_sentences(agent, decision, question))


def _sentences(agent: Agent, decision: Decision, question: Asked) -> Iterator[str]:
    if question.form == "no_item":
        like = explaining.alike(agent.store, question.found or "", agent.channels)
        yield say("ask_no_item", {"found": question.found, "like": like}).what
    elif question.form == "item":
        yield from about_item(agent, decision, str(question.sku))
    elif question.form == "why":
        yield from _why(agent, decision, question)
    elif question.form == "changed":
        yield from _changed(agent, decision, str(question.sku), question.channel)
    elif question.form == "what_if":
        yield from _what_if(agent, decision, question)
    elif question.form == "no_number":
        yield str(say("ask_no_number", {"found": question.found}))
    else:
        yield say("ask_help").what


# --- an item, a listing


def about_item(agent: Agent, decision: Decision, sku: str) -> Iterator[str]:
    """How an item stands, and what each of its listings shows and why."""
    row = explaining.stock(agent, decision, sku).row(0, named=True)
    facts: dict[str, object] = {"sku": sku, "title": row["Title"], "state": row["State"]}
    if row["Stocked"] is not None and row["State"] == explaining.COUNTED:
        facts |= {name.lower(): row[name] for name in ("Stocked", "Allocated", "Available")}
        facts["missing"] = row["Missing"] or None
    yield say("ask_item", facts).what
    listed = explaining.listings(agent, decision, sku)
    if listed.is_empty():
        yield say("ask_nowhere", {"sku": sku}).what
    yield from _listings(listed, "ask_listing")


def _listings(listed: pl.DataFrame, code: str) -> Iterator[str]:
    """A sentence a listing, and how many more there are. `listed`: the frame of Listings."""
    for row in listed.head(NAMED).iter_rows(named=True):
        facts = {"channel": row["Channel"], "sku": row["SKU"], "shows": row["Shows now"], "status": row["Status"]}
        yield say(code, facts | {"why": (row["Why"] or "").rstrip(".")}).what
    if listed.height > NAMED:
        yield say("ask_more", {"count": listed.height - NAMED}).what


def _why(agent: Agent, decision: Decision, question: Asked) -> Iterator[str]:
    listed = explaining.listings(agent, decision, question.sku)
    if question.channel is not None:
        listed = listed.filter(pl.col("Channel") == question.channel)
    if question.number is not None:
        exact = listed.filter((pl.col("Shows now") == question.number) | (pl.col("Target") == question.number))
        listed = listed if question.sku is not None and exact.is_empty() else exact
    if listed.is_empty():
        yield say("ask_nowhere", {"sku": question.sku, "channel": question.channel, "number": question.number}).what
    else:
        yield from _listings(listed, "ask_listing_of")


# --- what changed it


def _changed(agent: Agent, decision: Decision, sku: str, channel: str | None) -> Iterator[str]:
    rows = explaining.movements(agent, decision, sku)
    if channel is not None:
        rows = rows.filter(pl.col("Channel") == channel)
    for row in rows.head(NAMED).iter_rows(named=True):
        at: datetime = row["When"]
        units = None if row["Units"] is None else f"{row['Units']:+d}"
        facts = {"at": at.isoformat(), "kind": row["What"], "units": units, "channel": row["Channel"]}
        yield say("ask_change", facts | {"because": row["Because"], "after": row["Stocked after"]}).what
    if rows.is_empty():
        yield say("ask_unchanged", {"sku": sku}).what
    elif rows.height > NAMED:
        yield say("ask_more", {"count": rows.height - NAMED, "tab": "Movements"}).what


# --- what if


def _what_if(agent: Agent, decision: Decision, question: Asked) -> Iterator[str]:
    """The targets of all live listings with one rule more: counted and named, and pushed nowhere."""
    rules = agent.store.table("rule").drop("id")
    before, then = quantities.targets_with(agent, rules), quantities.targets_with(agent, _with(rules, question))
    both = before.join(then, on=LISTING, suffix="_then").with_columns(by=pl.col("target_then") - pl.col("target"))
    if question.channel is not None:
        both = both.filter(pl.col("channel") == question.channel)
    if question.sku is not None:
        mine = decision.structure.parts.filter(pl.col("sku") == question.sku)
        both = both.join(mine.select(LISTING).unique(), on=LISTING, how="semi")
    changed = both.filter(pl.col("by") != 0)
    facts: dict[str, object] = {"rule": _rule(question), "sku": question.sku, "channel": question.channel}
    if changed.is_empty():
        yield say("ask_what_if_same", facts).what
        return
    facts |= {
        "change": changed.height, "count": both.height, "down": changed.filter(pl.col("by") < 0).height,
        "up": changed.filter(pl.col("by") > 0).height, "largest": _largest(decision, changed),
        "zero": changed.filter(pl.col("target_then") == 0).height or None,
    }  # fmt: skip
    yield say("ask_what_if", facts).what


def _with(rules: pl.DataFrame, question: Asked) -> pl.DataFrame:
    """The rules with this one instead of what stands in the same scope."""
    scope = {"channel": question.channel, "sku": question.sku, "tag": None, "setting": question.setting}
    cell = {"row": 0, **scope, "value": question.number, "text": None, "none": False}
    new = conform(pl.DataFrame([cell]), RULES)
    return pl.concat([rules.select(list(RULES)).join(new, on=list(scope), how="anti", nulls_equal=True), new])


def _rule(question: Asked) -> str:
    number = question.number or 0
    value = f"{number / 100:g} %" if question.setting == "percent" else str(number)
    return f"{COLUMNS[str(question.setting)]} {value}"


def _largest(decision: Decision, changed: pl.DataFrame) -> str:
    names = decision.targets.select(*LISTING, "sku")
    rows = changed.join(names, on=LISTING, how="left").sort(
        pl.col("by").abs(), "sku", "channel", descending=[True, False, False]
    )
    told = pl.format("{} on {} {} -> {}", "sku", "channel", "target", "target_then")
    return ", ".join(rows.head(NAMED).select(told).to_series())
