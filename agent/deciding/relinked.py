"""A listing was linked to another item behind shipped orders: asked once, counted again where the person says so."""

from __future__ import annotations

import hashlib
from datetime import datetime

import polars as pl

from agent.asking import questions
from agent.asking.questions import facts_of
from agent.core import relinked
from agent.core.lines import KEY
from agent.deciding import ledger
from agent.deciding.structure import link_parts
from agent.frames import TIME
from agent.state import Agent
from agent.store import Store
from agent.words import in_words

KIND = "relinked_behind_shipped"
LISTING = ["channel", "listing"]


def behind(store: Store, parts: pl.DataFrame) -> pl.DataFrame:
    """`relinked.behind` of what is not answered yet, with `recipe`: the listing and its present link."""
    counts = store.table("ledger").filter(pl.col("kind").is_in(["opening", "count"]))
    counted = counts.group_by("sku").agg(pl.col("at").max().alias("counted_at"))
    rows = relinked.behind(store.table("order_line"), store.table("line_part"), parts, counted)
    if rows.is_empty():
        return rows.with_columns(recipe=pl.lit(None, pl.String))
    name = pl.format("{}x{}", "part", "units").sort().str.join("+")
    recipes = parts.group_by(LISTING).agg(
        pl.concat_str("channel", "listing", name, separator="|").first().alias("recipe")
    )
    return questions.not_fine(store, KIND, rows.join(recipes, on=LISTING), pl.col("recipe"))


def ask(agent: Agent, parts: pl.DataFrame, now: datetime) -> None:
    """One question a channel about all its relinked listings. Looked at anew when what it looks at changed."""
    store = agent.store
    seen = tuple(store.version(name) for name in ("link", "part", "line_part", "ledger", "fine", "question"))
    cached = agent.cache.get("relinked")
    if cached and cached[0] == seen:
        return
    agent.cache["relinked"] = (seen, None)
    rows = behind(store, parts)
    for (name,), group in rows.group_by("channel", maintain_order=True):
        recipes = group["recipe"].unique().sort().to_list()
        lines = group.unique(KEY)
        facts = {
            "channel": name, "units": int(lines["shipped"].sum()), "keys": recipes,
            "skus": group.filter(pl.col("units").is_not_null())["part"].unique().sort().to_list(),
        }  # fmt: skip
        causes = hashlib.sha256("\n".join(recipes).encode()).hexdigest()[:16]
        questions.ask(store, KIND, str(name), causes, facts, now)
    questions.withdraw(store, KIND, rows["channel"].unique(), now)


def settle(store: Store, question: dict[str, object], now: datetime) -> None:
    """`leave`: never asked again for these links. `count again`: the shipped units count for the present item."""
    keys = facts_of(str(question["facts"])).get("keys", [])
    if question["answer"] == "count again":
        _count_again(store, behind(store, link_parts(store)).filter(pl.col("recipe").is_in(keys)), now)
    questions.keep_fine(store, KIND, keys, now)


def _count_again(store: Store, rows: pl.DataFrame, now: datetime) -> None:
    cause = pl.format(in_words("relinked.order", order="{}"), "order").alias("cause")
    entries = rows.filter(pl.col("change") != 0).select(
        pl.lit(now, TIME).alias("at"), pl.col("part").alias("sku"), "change", cause, *KEY, kind=pl.lit("correction")
    )
    ledger.post(store, entries, now)
    store.delete("line_part", rows.select(*KEY, "part"))
    store.put("line_part", rows.filter(pl.col("units").is_not_null()).select(*KEY, "part", "units"))
