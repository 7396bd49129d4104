"""Links that many listings have in common, asked about once a shop (S0-32, S3-16, S3-20).

Letters that only the shop's SKUs have (`MUG-RED-FBM` for MUG-RED): a yes links all of them at once. SKUs that mean
other items in a shop that stands apart (*Add prefix*): links by the letters alone are let go at the person's word.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import polars as pl

from agent.asking import questions
from agent.asking.questions import facts_of
from agent.core import affixes
from agent.deciding.decide import Decision
from agent.deciding.structure import channel_settings
from agent.frames import ITEMS, TIME
from agent.state import Agent
from agent.store import Store

LISTING = ["channel", "listing"]
LETTERS, APART = ("pattern_prefix", "pattern_suffix", "pattern_theirs"), "skus_apart"
KINDS = (*LETTERS, APART)
FEW = 5
"""Listings that are worth a question; fewer are proposed in Imports alone."""
NAMED = 3


def proposed(agent: Agent, imports: pl.DataFrame) -> pl.DataFrame:
    """affixes.PROPOSED of these IMPORTS, as matched. Made again when these change, not with each quantity in a shop."""
    if imports.is_empty():
        return pl.DataFrame(schema=affixes.PROPOSED)
    content = int(imports.select(*LISTING, "reason", "facts").hash_rows(seed=1).sum())
    seen = (*(agent.store.version(name) for name in ("item", "setting", "decision")), imports.height, content)
    cached = agent.cache.get("proposed")
    if cached is None or cached[0] != seen:
        agent.cache["proposed"] = cached = (seen, _proposed(agent, imports))
    assert isinstance(cached[1], pl.DataFrame)
    return cached[1]


def _proposed(agent: Agent, imports: pl.DataFrame) -> pl.DataFrame:
    store = agent.store
    items = store.table("item").filter(pl.col("frozen").is_null()).select(list(ITEMS))
    listings = store.table("listing").select(*LISTING, "sku", "fulfilled_by")
    found = affixes.proposals(imports, listings, items, channel_settings(agent))
    return found.join(store.table("decision"), on=LISTING, how="anti")  # `new` stands beside it


def ask(agent: Agent, decision: Decision, now: datetime) -> None:
    """Keep these questions in step with what stands. In a transaction."""
    _ask_letters(agent, decision, now)
    _ask_apart(agent, decision, now)


def _ask_letters(agent: Agent, decision: Decision, now: datetime) -> None:
    store = agent.store
    found = proposed(agent, decision.structure.matched.imports)
    key = pl.concat_str("channel", pl.col("affix").str.to_lowercase(), separator="|")
    found = found.with_columns(key=key).sort(LISTING)
    for kind in LETTERS:
        rows = questions.not_fine(store, kind, found.filter(pl.col("code") == kind), pl.col("key"))
        rows = rows.filter(pl.len().over("key") >= FEW)
        for (each,), same in rows.group_by("key", maintain_order=True) if rows.height else ():
            first = same.row(0, named=True)
            facts = {
                "channel": first["channel"], "count": same.height, "affix": first["affix"], "found": first["found"],
                "item": first["sku"], "links": same.select("listing", "sku").rows(),
            }  # fmt: skip
            questions.ask(store, kind, str(each), _of(same), facts, now)
        questions.withdraw(store, kind, rows["key"], now)


def _ask_apart(agent: Agent, decision: Decision, now: datetime) -> None:
    store, keys = agent.store, []
    found = decision.structure.matched.apart
    key = pl.concat_str(*LISTING, "sku", separator="|")
    found = questions.not_fine(store, APART, found.with_columns(key=key), key) if found.height else found
    if found.height:
        prefixes = channel_settings(agent).select("channel", "add_prefix")
        there = store.table("listing").select(*LISTING, title=pl.coalesce("title", "sku"))
        found = found.join(prefixes, on="channel").join(there, on=LISTING).sort(LISTING)
    for (name,), rows in found.group_by("channel", maintain_order=True) if found.height else ():
        named = [f"{title} = {sku}" for title, sku in rows.select("title", "sku").head(NAMED).iter_rows()]
        facts = {
            "channel": name, "count": rows.height, "affix": rows["add_prefix"][0], "examples": "; ".join(named),
            "keys": rows["key"].to_list(), "links": rows.select("listing", "sku").rows(),
        }  # fmt: skip
        keys.append(str(name))
        questions.ask(store, APART, keys[-1], _of(rows), facts, now)
    questions.withdraw(store, APART, pl.Series(keys, dtype=pl.String), now)


def _of(rows: pl.DataFrame) -> str:
    """An answer binds to these very links."""
    return hashlib.sha256(rows.select(*LISTING, "sku").write_csv().encode()).hexdigest()[:16]


def answered(store: Store, question: dict[str, object], now: datetime) -> None:
    """The person's word: `yes` links them, as if each had been typed; `unlink` lets them go; `no` and `keep` leave all
    as it is, and are not asked again."""
    kind, facts = str(question["kind"]), facts_of(str(question["facts"]))
    links = pl.DataFrame(facts["links"], schema={"listing": pl.String, "sku": pl.String}, orient="row")
    links = links.with_columns(channel=pl.lit(facts["channel"], pl.String))
    if question["answer"] == "yes":
        new = links.join(store.table("decision"), on=LISTING, how="anti")
        store.put("decision", new.select(*LISTING, value="sku").with_columns(at=pl.lit(now, TIME)))
    elif question["answer"] == "unlink":
        store.delete("link", links.select(*LISTING, "sku"))
    else:
        questions.keep_fine(store, kind, facts.get("keys", [str(question["key"])]), now)
