"""Renamed SKUs: asked about once, healed by one answer; the old name means the item for ever (DESIGN section 6).

Until it is answered the new row is not accepted: nothing is opened or pushed for it, and the old item is only lowered.
"""

from __future__ import annotations

import json
from datetime import datetime

import polars as pl

from agent.asking import questions
from agent.asking.questions import facts_of
from agent.core import renames
from agent.core.check import Checked
from agent.frames import ALIASES, TIME
from agent.store import Store
from agent.store_tables import TABLES

KIND = "renamed"
NAMED = ("item", "level", "ledger", "stocked", "edit", "tag", "part", "alias", "rule", "link", "push", "stock_row",
         "stock_count", "former")  # fmt: skip
"""Tables whose `sku` is an item's name."""
PARTS = ("part", "line_part")
"""Tables whose `part` is one."""


def former(store: Store) -> pl.DataFrame:
    """ALIASES: the names that items had before."""
    return store.table("former").select(tuple(ALIASES))


def known_by_alias(store: Store, checked: Checked, now: datetime) -> None:
    """The person has said that it is the same item: a row with a new SKU has the gone one among its Other SKUs, or the
    gone one had that SKU before, or the two differ in case only."""
    gone, fresh = _sides(store, checked)
    said = checked.aliases.join(gone, left_on="alias", right_on="sku", how="semi").join(fresh, on="sku", how="semi")
    before = former(store).join(fresh, left_on="alias", right_on="sku", how="semi").join(gone, on="sku", how="semi")
    back = before.select(alias="sku", sku="alias")
    lower = pl.col("sku").str.to_lowercase().alias("key")
    case = gone.select(lower, alias="sku").join(fresh.select(lower, "sku"), on="key").select(back.columns)
    said = pl.concat([said.select(back.columns), back, case]).unique()
    said = said.filter(pl.col("sku").is_unique() & pl.col("alias").is_unique())
    for old, new in said.select("alias", "sku").iter_rows():  # a handful at most
        rename(store, old, new, now)


def ask(store: Store, checked: Checked, now: datetime) -> pl.DataFrame:
    """PAIRS that wait for an answer; one question about all of them."""
    gone, fresh = _sides(store, checked)
    found = renames.pairs(gone, fresh)
    waiting = questions.not_fine(store, KIND, found, pl.format("{} {}", "old", "new"))
    if waiting.height:
        rows = [list(pair) for pair in waiting.iter_rows()]
        listed = [f"{old} is now {new}" for old, new in rows]
        facts = {"old": rows[0][0], "sku": rows[0][1], "pairs": rows, "count": len(rows), "examples": listed}
        facts["code"] = KIND if len(rows) == 1 else "renamed_many"
        questions.ask(store, KIND, KIND, json.dumps(rows), facts, now)
    questions.withdraw(store, KIND, pl.Series([KIND] * min(1, waiting.height), dtype=pl.String), now)
    return waiting


def _sides(store: Store, checked: Checked) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The items whose rows are gone, and the rows that nobody knew (or that are asked about)."""
    known = store.table("item")
    here = checked.items
    cells = store.table("stocked").select("sku", "value")
    gone = known.join(here, on="sku", how="anti").filter(pl.col("frozen").ne_missing("row_gone"))
    gone = gone.drop("stocked").join(cells, on="sku", how="left").rename({"value": "stocked"})
    # a row that was never good is known by its name alone
    used = pl.concat([store.table("level").select("sku"), store.table("link").select("sku")]).unique()
    settled = pl.concat([known.filter(pl.col("frozen").is_null()).select("sku"), used])
    return gone, here.filter(pl.col("frozen").is_null()).join(settled, on="sku", how="anti")


def answered(store: Store, question: dict[str, object], now: datetime) -> None:
    """`yes`: the items go on under their new names. `no`: they are others, and it is not asked again."""
    pairs = facts_of(str(question["facts"]))["pairs"]
    if question["answer"] == "yes":
        for old, new in pairs:
            rename(store, old, new, now)
    else:
        questions.keep_fine(store, KIND, [f"{old} {new}" for old, new in pairs], now)


def rename(store: Store, old: str, new: str, now: datetime) -> None:
    """Everything known of `old` is known of `new`: stock, links, rules, history. The old name stays a name of it."""
    store.delete("item", pl.DataFrame({"sku": [new]}))
    store.delete("former", pl.DataFrame({"alias": [new]}))
    for name in NAMED:
        _move(store, name, "sku", old, new)
    for name in PARTS:
        _move(store, name, "part", old, new)
    row = pl.DataFrame({"alias": [old], "sku": [new]}).with_columns(at=pl.lit(now, TIME))
    store.put("former", row)


def _move(store: Store, name: str, column: str, old: str, new: str) -> None:
    rows, key = store.table(name).filter(pl.col(column) == old), list(TABLES[name].key)
    if column in key:
        store.delete(name, rows.select(key))
    store.put(name, rows.with_columns(pl.lit(new).alias(column)))


def present(store: Store, skus: pl.Expr) -> pl.Expr:
    """The names that items have now, of names that they may have had when something was asked."""
    names = former(store)
    return skus.replace(names["alias"], names["sku"])
