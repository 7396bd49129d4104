"""Imports as a workbench: what each unlinked listing may be, what was sold of it, what many of them have in common.

Suggestions are looked up only for listings and item titles that were not compared before, and kept in memory.
"""

from __future__ import annotations

import json
from datetime import timedelta

import polars as pl

from agent.accepting import new_items
from agent.asking import proposals
from agent.core import alike, patterns
from agent.core.check_settings import DECIDED
from agent.deciding.decide import Decision
from agent.deciding.structure import channel_settings
from agent.frames import IMPORTS, ISSUES, empty, frame
from agent.state import Agent

LISTING = ["channel", "listing"]
RECENT = timedelta(days=7)
IDLE = ("ignored", "never_push", "marketplace_fulfilled")
"""Reasons that need nobody."""
GUESSED = ("no_sku", "unknown_sku")
"""Reasons of listings whose title is compared with those of the items: nothing better is known of them."""
ANSWERS = {"Imports": "a SKU, ignore, new", "Listings": "a SKU, unlink, pause"}
TEXT = ["title", "options", "sku"]
LETTERS = 93
"""The score of an item whose SKU a listing has but for some letters of the shop's own."""
CODES = {
    "affix_sku": ("sku", "item", "affix"),
    "no_sku": ("item",),
    "unknown_sku": ("item",),
    "decision_unknown_sku": ("answers",),
}
"""Code -> facts that are added here."""


def waiting(imports: pl.DataFrame) -> int:
    """How many listings wait for a person."""
    return imports.filter(~pl.col("reason").is_in(IDLE)).height


def rows(agent: Agent, decision: Decision) -> pl.DataFrame:
    """IMPORTS with `sold` and `idle`: the unlinked listings, and the ignored ones, so that they can be taken back."""
    matched = decision.structure.matched
    if matched.imports.is_empty() and matched.ignored.is_empty():
        return matched.imports.with_columns(sold=pl.lit(None, pl.Int64), idle=pl.lit(value=False))
    nothing = pl.lit(None, pl.String)
    ignored = matched.ignored.select(
        *LISTING, reason=pl.lit("ignored"), facts=pl.lit("{}"), suggestion=nothing, score=nothing.cast(pl.Int64)
    )
    found = pl.concat([new_items.marked(agent, _suggested(agent, _proposed(agent, matched.imports))), ignored])
    return found.join(_sold(agent).select(*LISTING, "sold"), on=LISTING, how="left").with_columns(
        pl.when(pl.col("reason") != "ignored").then("sold").alias("sold"), idle=pl.col("reason").is_in(IDLE)
    )


def _proposed(agent: Agent, imports: pl.DataFrame) -> pl.DataFrame:
    """IMPORTS with the items that listings are but for some letters of the shop's own."""
    found = proposals.proposed(agent, imports)
    if found.is_empty():
        return imports
    told = pl.struct(sku="found", item="sku", affix="affix").struct.json_encode()
    both = imports.join(found.select(*LISTING, "sku", told=told), on=LISTING, how="left")
    is_told = pl.col("sku").is_not_null() & (pl.col("reason") == "unknown_sku")
    return both.with_columns(
        pl.when(is_told).then(pl.lit("affix_sku")).otherwise("reason").alias("reason"),
        pl.when(is_told).then("told").otherwise("facts").alias("facts"),
        pl.coalesce("sku", "suggestion").alias("suggestion"),
        pl.when(pl.col("sku").is_not_null()).then(pl.lit(LETTERS, pl.Int64)).otherwise("score").alias("score"),
    ).select(list(IMPORTS))


def _suggested(agent: Agent, imports: pl.DataFrame) -> pl.DataFrame:
    """IMPORTS with what a listing may be by its title. It is told in `facts`, too."""
    asked = imports.filter(pl.col("reason").is_in(GUESSED) & pl.col("suggestion").is_null())
    if asked.is_empty():
        return imports
    listings = agent.store.table("listing").select(*LISTING, *TEXT)
    texts = asked.select(LISTING).join(listings, on=LISTING)
    best = texts.join(_compared(agent, texts.select(TEXT).unique()), on=TEXT, nulls_equal=True)
    both = imports.join(
        best.filter(pl.col("item").is_not_null()).select(*LISTING, "item", "alike"), on=LISTING, how="left"
    )
    told = pl.concat_str(
        pl.col("facts").str.strip_suffix("}"),
        pl.when(pl.col("facts") == "{}").then(pl.lit("")).otherwise(pl.lit(",")),
        pl.struct(item="item").struct.json_encode().str.slice(1),
    )
    return both.with_columns(
        pl.when(pl.col("item").is_not_null()).then(told).otherwise("facts").alias("facts"),
        pl.coalesce("suggestion", "item").alias("suggestion"),
        pl.coalesce("score", "alike").alias("score"),
    ).select(list(IMPORTS))


def _compared(agent: Agent, texts: pl.DataFrame) -> pl.DataFrame:
    """TEXT, `item`, `alike` (null: none) for these texts; only new ones are compared, while items and titles stand."""
    items = agent.store.table("item").filter(pl.col("frozen").is_null()).select("sku", "title")
    key = (items.height, int(items.hash_rows(seed=1).sum()) if items.height else 0)
    cached = agent.cache.get("suggested")
    known = cached[1] if cached and cached[0] == key else None
    assert known is None or isinstance(known, pl.DataFrame)
    new = texts if known is None else texts.join(known, on=TEXT, how="anti", nulls_equal=True)
    if known is None or new.height:
        numbered = new.with_row_index("n")
        found = alike.suggest(numbered, items)
        best = numbered.join(found, on="n", how="left").select(*TEXT, item="suggestion", alike="score")
        known = best if known is None else pl.concat([known, best])
        agent.cache["suggested"] = (key, known)
    return known


def _sold(agent: Agent) -> pl.DataFrame:
    """`channel, listing, sold, order`: units in open orders or sold lately, and the newest order."""
    since = agent.clock.now() - RECENT
    lines = agent.store.table("order_line").filter(
        (pl.col("open") > 0) | ((pl.col("sale_at") > since) & (pl.col("shipped") > 0))
    )
    ours = lines.filter(pl.col("fulfilled_by") != "marketplace").sort("sale_at", "order", nulls_last=False)
    return ours.group_by(LISTING).agg((pl.col("open") + pl.col("shipped")).sum().alias("sold"), pl.col("order").last())


# --- what is said in Attention ----------------------------------------------------------------------------------------


def issues(agent: Agent, decision: Decision) -> list[pl.DataFrame]:
    """ISSUES: orders for unlinked listings, patterns, and rows that were asked for and cannot be added."""
    found = decision.structure.matched.imports
    if found.is_empty():
        return []
    return [_unlinked_sales(agent, found), _patterns(agent, found), with_cells(agent, new_items.issues(agent, found))]


def _unlinked_sales(agent: Agent, imports: pl.DataFrame) -> pl.DataFrame:
    """Once a shop is live, each order for a listing that nobody has linked or ignored (S0-24)."""
    live = agent.store.table("channel").filter(pl.col("live"))["channel"].to_list()
    open_ones = imports.filter(~pl.col("reason").is_in([*IDLE, "unlinked"]) & pl.col("channel").is_in(live))
    sold = open_ones.select(LISTING).join(_sold(agent), on=LISTING)
    if sold.is_empty():
        return empty(ISSUES)
    named = sold.join(agent.store.table("listing").select(*LISTING, "title", "sku"), on=LISTING).sort("order")
    return frame(
        [
            ("line_unlinked", "Imports", None, row["listing"], json.dumps({
                "units": row["sold"], "channel": row["channel"], "order": row["order"],
                "listing": row["title"] or row["sku"] or row["listing"],
            }))
            for row in named.iter_rows(named=True)  # few: only unlinked listings with a fresh order
        ],
        ISSUES,
    )  # fmt: skip


def _patterns(agent: Agent, imports: pl.DataFrame) -> pl.DataFrame:
    store = agent.store
    content = int(imports.select(*LISTING, "reason", "suggestion").hash_rows(seed=1).sum())
    versions = (*(store.version(name) for name in ("setting",)), imports.height, content)
    cached = agent.cache.get("patterns")
    if cached and cached[0] == versions:
        assert isinstance(cached[1], pl.DataFrame)
        return cached[1]
    found = patterns.patterns(imports, store.table("listing"), channel_settings(agent))
    agent.cache["patterns"] = (versions, found)
    return found


def with_cells(agent: Agent, issues: pl.DataFrame) -> pl.DataFrame:
    """Issues about what was typed beside a listing, with the cell and the words that it takes."""
    about = issues["code"].is_in(["decision_unknown_sku", "new_no_sku", "new_exists", "new_refused"])
    if agent.sheet is None or not about.any():
        return issues
    snapshot = agent.sheet.snapshot
    cells = {
        (channel, key): (tab, f"{snapshot.letters.get(tab, {}).get(DECIDED[tab], '')}{row}")
        for tab, channel, key, row in agent.sheet.checked.decisions.select("tab", "channel", "key", "row").iter_rows()
        if tab in ANSWERS
    }
    made: list[tuple[object, ...]] = []
    for row in issues.filter(about).iter_rows(named=True):  # one a word that cannot be followed
        facts = json.loads(row["facts"])
        tab, cell = cells.get((facts["channel"], facts["listing"]), (row["tab"], None))
        facts["answers"] = ANSWERS[tab]
        made.append((row["code"], snapshot.names.get(tab, tab), cell, row["sku"], json.dumps(facts)))
    return pl.concat([issues.filter(~about), frame(made, ISSUES)])
