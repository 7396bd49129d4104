"""Why a quantity is sent: an order, an edit, a rule, an undo, a new link, or what a shop changed itself (DESIGN 8)."""

from __future__ import annotations

import hashlib

import polars as pl

from agent.deciding.structure import cell_parts, link_parts
from agent.state import Agent

CELL = ["channel", "cell"]


def with_causes(agent: Agent, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the plan with `cause` (order, edit, undo, rule, structure, drift) and what it was judged by.

    `basis_edit`, `basis_rules`: the newest edit and the rules that the new target rests on.
    """
    store = agent.store
    posted = ["opening", "net", "count", "receipt", "correction", "feed"]
    edited = store.table("ledger").filter(pl.col("kind").is_in(posted))
    newest = edited.group_by(pl.col("sku").alias("part")).agg(pl.col("id").max())
    of_cell = (
        cell_parts(store, link_parts(store))
        .join(newest, on="part")
        .group_by(CELL)
        .agg(pl.col("id").max().alias("newest"))
    )
    rule_text = store.table("rule").drop("row", "id").sort(pl.all()).write_csv()
    rules_hash = hashlib.sha256(rule_text.encode()).hexdigest()[:16]
    undo = pl.format("undo {}", "undo_run")
    rules_now = pl.concat_str(pl.lit(rules_hash), "stop_words", undo, separator=" ", ignore_nulls=True)
    undoing = undo.is_not_null() | pl.col("basis_rules").str.contains("undo ").fill_null(value=False)
    cause = (
        pl.when(pl.col("answered").is_null() & pl.col("basis_rules").is_null())
        .then(pl.lit("structure"))
        .when((pl.col("drifted_at") >= pl.col("said_at")) & (pl.col("target") == pl.col("answered")))
        .then(pl.lit("drift"))  # not where sales and cancellations say why it shows another number
        .when(pl.col("newest") > pl.col("basis_edit").fill_null(0))
        .then(pl.lit("edit"))
        .when((pl.col("basis_rules") != rules_now) & undoing)
        .then(pl.lit("undo"))
        .when(pl.col("basis_rules") != rules_now)
        .then(pl.lit("rule"))
        .otherwise(pl.lit("order"))
    )
    drifted = store.table("cell").select(*CELL, "drifted_at", said_at="answered_at")
    rows = rows.join(of_cell, on=CELL, how="left").join(drifted, on=CELL, how="left")
    return rows.with_columns(cause.alias("cause"), pl.col("newest").alias("basis_edit"), rules_now.alias("basis_rules"))
