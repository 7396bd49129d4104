"""`new` beside an unlinked listing: a row is added to Item Master, because the person asked for it (DESIGN section 2).

Nothing else is ever added there. The row has the listing's SKU, title and barcode, and as Stocked what the shop shows
and its open units: a first guess, which the person is asked to count. It then links by its SKU, like any other, and
waits with the new links of its shop for a yes. While the workbook is open elsewhere, the word waits.
"""

from __future__ import annotations

import json

import polars as pl

from agent.asking import questions
from agent.asking.questions import facts_of
from agent.core import own_skus
from agent.core.cells import clean
from agent.core.first_count import first_count, same_sku
from agent.deciding.decide import Decision
from agent.frames import IMPORTS, ISSUES, LISTINGS, empty, frame
from agent.state import Agent
from agent.store import Store
from agent.words import in_words
from agent.workbooks.tabs import ITEM_MASTER

LISTING = ["channel", "listing"]
THERE = ("several_items",)
"""Reasons for which the SKU stands in Item Master already; so does one that an unclear row has (score 100)."""


async def add(agent: Agent, decision: Decision) -> bool:
    """Add the rows that were asked for. True: the workbook has them now, and must be read anew."""
    wanted = _wanted(agent, decision.structure.matched.imports)
    agent.refused_rows = ""
    if wanted.is_empty():
        return False
    good = wanted.filter(pl.col("code").is_not_null() & ~pl.col("there"))
    if good.is_empty() or agent.sheet is None or agent.sheet_problem or agent.sheet.verdict:
        return False
    store = agent.store
    lines = store.table("order_line")
    net = agent.stock_means() == "net"  # then the ledger itself adds what is sold and not shipped
    new = first_count(good, store.table("cell"), lines.clear() if net else lines)
    day = f"{agent.clock.now().astimezone():%Y-%m-%d}"
    rows = new.select(
        pl.col("sku").alias("SKU"), pl.col("title").alias("Title"), pl.col("barcode").alias("Barcode"),
        pl.col("stocked").alias("Stocked"),
        pl.when(pl.col("stocked").is_null()).then(pl.lit("no")).alias("Track stock"),
        pl.format(in_words("new_items.note", channels="{}", day=day), "channels").alias("Note"),
    )  # fmt: skip
    written = await agent.workbook.append_rows(ITEM_MASTER.name, rows, agent.sheet.snapshot)
    if written.outcome == "refused":
        agent.refused_rows = written.detail
    if written.outcome != "written":
        return False
    with store.transaction():
        store.delete("decision", good.select(LISTING))
        _ask_to_count(agent, new)
    return True


def _wanted(agent: Agent, imports: pl.DataFrame) -> pl.DataFrame:
    """The unlinked listings beside which `new` stands: LISTINGS with `code`, and `there`: Item Master has that SKU."""
    return agent.store.derived("new rows", lambda: _asked_for(agent.store, imports), imports)


def _asked_for(store: Store, imports: pl.DataFrame) -> pl.DataFrame:
    asked = store.table("decision").filter(pl.col("value").str.to_lowercase() == "new").select(LISTING)
    if asked.is_empty() or imports.is_empty():
        return pl.DataFrame(schema={**LISTINGS, "code": pl.String, "there": pl.Boolean})
    rows = imports.join(asked, on=LISTING, how="semi").select(*LISTING, "reason", "score")
    listings = rows.join(store.table("listing"), on=LISTING, maintain_order="left")
    listings = own_skus.of_shop(listings.with_columns(code=clean(pl.col("sku"))), store.table("setting"), "code")
    known = store.table("item").select(same_sku(pl.col("sku")))["sku"]
    there = (
        pl.col("reason").is_in(THERE)
        | (pl.col("score") == 100).fill_null(False)
        | same_sku(pl.col("code")).is_in(known.implode())
    )
    return listings.with_columns(there=there.fill_null(False)).sort("channel", "title", "options", "listing")


def marked(agent: Agent, imports: pl.DataFrame) -> pl.DataFrame:
    """IMPORTS, with the listings whose row in Item Master is still to come."""
    wanted = _wanted(agent, imports)
    if wanted.is_empty():
        return imports
    wanted = wanted.filter(pl.col("code").is_not_null() & ~pl.col("there")).select(LISTING)
    both = imports.join(wanted.with_columns(comes=pl.lit(value=True)), on=LISTING, how="left")
    return both.with_columns(
        pl.when("comes").then(pl.lit("new_waiting")).otherwise("reason").alias("reason"),
        pl.when("comes").then(pl.lit("{}")).otherwise("facts").alias("facts"),
    ).select(list(IMPORTS))


def issues(agent: Agent, imports: pl.DataFrame) -> pl.DataFrame:
    """ISSUES: rows that were asked for and cannot be added."""
    wanted = _wanted(agent, imports)
    if wanted.is_empty():
        return empty(ISSUES)
    code = (
        pl.when(pl.col("code").is_null()).then(pl.lit("new_no_sku")).when("there").then(pl.lit("new_exists"))
        .when(pl.lit(bool(agent.refused_rows))).then(pl.lit("new_refused"))
    )  # fmt: skip
    bad = wanted.with_columns(issue=code).filter(pl.col("issue").is_not_null())
    if bad.is_empty():
        return empty(ISSUES)
    made: list[tuple[object, ...]] = []
    for row in bad.iter_rows(named=True):  # one a word that cannot be followed
        facts = {"channel": row["channel"], "listing": row["listing"], "found": row["code"], "title": row["title"]}
        facts["what"] = agent.refused_rows if row["issue"] == "new_refused" else None
        made.append((row["issue"], "Imports", None, row["listing"], json.dumps(facts)))
    return frame(made, ISSUES)


def _ask_to_count(agent: Agent, new: pl.DataFrame) -> None:
    standing = questions.open_questions(agent.store).filter(pl.col("kind") == "new_items")
    before = [key for text in standing["facts"] for key in facts_of(text).get("keys", [])]
    skus = list(dict.fromkeys([*before, *new["sku"].to_list()]))
    facts = {"count": len(skus), "skus": skus, "channel": ", ".join(new["channels"].unique().sort())}
    questions.note(agent.store, "new_items", "all", skus, facts, agent.clock.now())
