"""Units that set out for a marketplace's own warehouse, as its shipments say (Amazon FBA): proposed once as a transfer.

Whether they came off the seller's shelf or straight from a supplier, only the seller knows: until the answer they count
as they did (S3-12, S3-13). Where the workbook says the same units already, nothing is asked.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from agent.accepting.renames import present
from agent.asking import questions
from agent.asking.questions import facts_of
from agent.deciding import ledger
from agent.frames import TIME
from agent.state import Agent
from agent.store import Store
from agent.words import in_words

KIND = "units_sent_in"
LISTING = ["channel", "listing"]
SAID = timedelta(days=3)
"""So long before they were seen to set out, the seller may have taken them off Stocked."""
GIVEN_UP = timedelta(days=30)
"""What is not linked by then is not asked about any more."""
NAMED = 10


def ask(agent: Agent, parts: pl.DataFrame, now: datetime) -> None:
    """One question a shop and look. In a transaction. `parts`: LISTING_PARTS."""
    store = agent.store
    open_ones = store.table("transfer").filter((pl.col("units") > 0) & (pl.col("booked_at") > now - GIVEN_UP))
    rows = _not_said(store, _items(store, open_ones, parts)) if open_ones.height else open_ones
    keys = []
    for (name, at), sent in rows.group_by("channel", "booked_at", maintain_order=True) if rows.height else ():
        assert isinstance(at, datetime)
        items = sent.group_by("sku", maintain_order=True).agg(pl.col("item_units").sum())
        told = [f"{units} x {sku}" for sku, units in items.rows()]
        facts = {
            "channel": name, "units": int(items["item_units"].sum()), "at": at.isoformat(),
            "sku": items["sku"][0] if items.height == 1 else None,
            "examples": ", ".join(told[:NAMED]), "rest": max(0, len(told) - NAMED) or None,
            "items": items.rows(), "ids": sent["id"].unique().sort().to_list(),
        }  # fmt: skip
        keys.append(f"{name}/{at.isoformat()}")
        questions.ask(store, KIND, keys[-1], str(facts["ids"]), facts, now)
    questions.withdraw(store, KIND, pl.Series(keys, dtype=pl.String), now)


def _items(store: Store, rows: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """With `sku` and `item_units`, of the linked ones whose items are counted in the sheet."""
    fed = store.table("item").filter(pl.col("feed").is_not_null()).select("sku")
    each = parts.select(*LISTING, sku="part", each="units")
    known = rows.join(each, on=LISTING).join(store.table("level").select("sku"), on="sku", how="semi")
    counted = known.join(fed, on="sku", how="anti").sort("id", "sku")
    return counted.with_columns(item_units=pl.col("units") * pl.col("each"))


def _not_said(store: Store, rows: pl.DataFrame) -> pl.DataFrame:
    """Without those of which the workbook took just as many off Stocked in these days. `rows`: id, sku, item_units,
    booked_at."""
    typed = store.table("ledger").filter(pl.col("kind").is_in(["count", "receipt"]) & (pl.col("change") < 0))
    both = rows.join(typed.select("sku", "at", item_units=-pl.col("change")), on=["sku", "item_units"])
    said = both.filter(pl.col("at") > pl.col("booked_at") - SAID).select("id", "sku").unique()
    return rows.join(said, on=["id", "sku"], how="anti")


def answered(store: Store, question: dict[str, object], now: datetime) -> None:
    """`transfer`: they leave Stocked, but for what was taken off it in the same save. `no`: they are not from this
    shelf, or taken off already."""
    facts = facts_of(str(question["facts"]))
    if question["answer"] == "transfer":
        items = pl.DataFrame(facts["items"], schema={"sku": pl.String, "item_units": pl.Int64}, orient="row")
        booked = pl.lit(datetime.fromisoformat(facts["at"]), TIME)
        items = _not_said(store, items.with_row_index("id").with_columns(booked_at=booked))
        cause = in_words("ledger.gone", channel=facts["channel"], by=in_words("ledger.by_transfer"))
        entries = items.select(
            pl.lit(now, TIME).alias("at"), present(store, pl.col("sku")).alias("sku"),
            change=-pl.col("item_units"), kind=pl.lit("correction"), cause=pl.lit(cause),
            row=pl.lit(f"{ledger.TRANSFER} {question['id']}"), channel=pl.lit(facts["channel"], pl.String),
        )  # fmt: skip
        ledger.post(store, entries.join(store.table("level").select("sku"), on="sku", how="semi"), now)
    ids = pl.DataFrame({"id": facts["ids"]}, schema={"id": pl.Int64})
    store.put("transfer", ids.with_columns(units=pl.lit(0, pl.Int64)))
