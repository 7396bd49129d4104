"""What the agent tells: frames of its own tabs, from what was decided and what the store remembers. Pure.

Every function gives a frame with exactly the agent's columns of one tab (`workbooks/tabs.py`), in its order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import polars as pl

from agent.workbooks import tabs
from agent.workbooks.tabs import Tab

CELL = ["channel", "cell"]
LISTING = ["channel", "listing"]
Say = Callable[[str, Mapping[str, object]], str]
WORST = {"stop": 0, "decide": 1, "note": 2}


def shaped(tab: Tab, rows: pl.DataFrame) -> pl.DataFrame:
    """The tab's agent columns in order, typed; what a frame lacks is blank."""
    return rows.select(_shape(tab.name, tuple(rows.columns)))


@cache
def _shape(tab: str, there: tuple[str, ...]) -> list[pl.Expr]:
    kinds: dict[str, pl.DataType | type[pl.DataType]] = {
        "whole": pl.Int64,
        "number": pl.Float64,
        "when": pl.Datetime("us", "UTC"),
    }
    return [
        (pl.col(c.name) if c.name in there else pl.lit(None)).cast(kinds.get(c.kind, pl.String)).alias(c.name)
        for c in tabs.BY_NAME[tab].columns
        if c.owner == "agent"
    ]


def imports(found: pl.DataFrame, listings: pl.DataFrame, partly: pl.DataFrame, sentences: pl.DataFrame) -> pl.DataFrame:
    """`found`: IMPORTS with `sold` (units, null: none) and `idle` (needs nobody); `partly`: channel, product, linked,
    total; `sentences`: code, facts, text.

    Products of which an unlinked variant was just sold come first, then those that show stock; the variants of a
    product stand together; what needs nobody stands last.
    """
    product = ["channel", "product"]
    pressing = pl.when(pl.col("sold") > 0).then(0).when(pl.col("quantity") > 0).then(1).otherwise(2)
    rows = (
        found.join(listings, on=LISTING)
        .join(partly, on=product, how="left")
        .join(sentences, left_on=["reason", "facts"], right_on=["code", "facts"], how="left", nulls_equal=True)
        .with_columns(pressing.min().over(*product, "idle").alias("first"), pl.col("title").min().over(product))
        .sort("idle", "first", "channel", "title", "product", "options", "listing", nulls_last=True)
    )
    several = pl.col("total") > 1
    return shaped(
        tabs.IMPORTS,
        rows.select(
            pl.col("channel").alias("Channel"),
            pl.col("listing").alias("Listing"),
            titled().alias("Title"),
            pl.col("sku").alias("SKU there"),
            pl.col("barcode").alias("Barcode there"),
            pl.col("quantity").alias("Shows"),
            pl.col("sold").alias("Sold"),
            pl.col("text").alias("Why not linked"),
            pl.col("suggestion").alias("Looks like"),
            pl.col("score").alias("Score"),
            pl.when(several).then(pl.format("{} of {} variants matched", "linked", "total")).alias("Product"),
            pl.col("first_seen").alias("First seen"),
            pl.col("link").alias("Open it"),
        ),
    )


def titled() -> pl.Expr:
    """Title and options of a listing, as a person knows it."""
    options = pl.when(pl.col("options").str.len_chars() > 0).then(pl.concat_str(pl.lit(" ("), "options", pl.lit(")")))
    return pl.concat_str(pl.col("title").fill_null(""), options.fill_null(""))


NOTES = {"channel": pl.String, "listing": pl.String, "note": pl.String}


def listings(decided: pl.DataFrame, plan: pl.DataFrame, status: pl.DataFrame, notes: pl.DataFrame) -> pl.DataFrame:
    """`decided`: one row a linked listing (Decision.targets); `plan`: one row a cell; `status`: reason -> words;
    `notes`: NOTES, what is said of a listing before its why."""
    cells = plan.select(*CELL, "reason", "action", "read", "confirmed", "safe", pl.col("target").alias("cell_target"))
    rows = (
        decided.drop("read", "confirmed", "safe", "reason", strict=False)
        .join(cells, on=CELL, how="left")
        .with_columns(pl.coalesce("parked", "reason").alias("reason"))
        .join(status, on="reason", how="left")
        .join(notes, on=LISTING, how="left")
        .sort("channel", "title", "options", "listing")
    )
    return shaped(
        tabs.LISTINGS,
        rows.select(
            pl.col("channel").alias("Channel"),
            pl.col("listing").alias("Listing"),
            titled().alias("Title"),
            pl.col("sku").alias("SKU"),
            pl.col("units").alias("Units"),
            pl.coalesce("read", "quantity").alias("Shows now"),
            pl.col("target").alias("Target"),
            pl.col("confirmed").alias("Confirmed"),
            pl.col("words").alias("Status"),
            _noted(
                pl.when(pl.col("reason").is_in(["raise", "kept_back"]))
                .then(pl.coalesce("why_safe", "why"))
                .otherwise("why")
            ).alias("Why"),
            pl.col("how").alias("Matched by"),
            pl.col("linked_at").alias("Since"),
        ),
    )


def _noted(why: pl.Expr) -> pl.Expr:
    return (
        pl.when(pl.col("note").is_null())
        .then(why)
        .otherwise(pl.concat_str("note", why, separator=" ", ignore_nulls=True))
    )


def stock_levels(items: pl.DataFrame, stock: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """`items`: item rows; `stock`: STOCK; `listed`: the frame of Listings (what each channel shows, and status)."""
    one = (
        listed.group_by("SKU", "Channel", maintain_order=True)
        .agg(pl.col("Shows now").cast(pl.String).fill_null("?").str.join(" + "), pl.col("Status"))
        .with_columns(pl.concat_str("Channel", pl.lit(": "), "Shows now").alias("shows"))
    )
    shown = one.group_by("SKU").agg(
        pl.col("shows").sort().str.join(", "),
        pl.col("Status").list.explode(keep_nulls=True, empty_as_null=True).alias("states"),
    )
    worst = pl.col("states").list.drop_nulls().list.unique().list.sort()
    state = (
        pl.when(pl.col("states").is_null())
        .then(pl.lit("not listed anywhere"))
        .when(worst.list.len() == 1)
        .then(worst.list.first())
        .otherwise(worst.list.set_difference(pl.lit(["in sync"])).list.join(", "))
    )
    rows = (
        items.select("sku", "title", "tracked", "bundle", "frozen")
        .join(stock, on="sku", how="left")
        .join(shown, left_on="sku", right_on="SKU", how="left")
        .sort("sku")
    )
    counted = pl.col("tracked") & ~pl.col("bundle") & pl.col("stocked").is_not_null()
    return shaped(
        tabs.STOCK_LEVELS,
        rows.select(
            pl.col("sku").alias("SKU"),
            pl.col("title").alias("Title"),
            pl.when(counted).then("stocked").alias("Stocked"),
            pl.when(counted).then("allocated").alias("Allocated"),
            pl.when(counted).then("available").alias("Available"),
            pl.when(counted & (pl.col("missing") > 0)).then("missing").alias("Missing"),
            pl.col("shows").alias("Shown"),
            state.alias("Status"),
        ),
    )


KINDS = {"opening": "count", "net": "correction", "unshipped": "shipment", "gone": "correction", "sold": "sale"}
"""Kinds of ledger entries that Movements calls otherwise; the sign and the cause tell them apart."""


def movements(
    ledger: pl.DataFrame,
    sold: pl.DataFrame,
    pushes: pl.DataFrame,
    oversold: pl.DataFrame,
    drifted: pl.DataFrame,
    *,
    buyer: str,
    most: int,
) -> pl.DataFrame:
    """Newest first: ledger entries, sales and cancellations, orders above what there was, changes in the shops
    themselves, confirmed pushes.

    `sold`: as `lines.sold` gives it; `oversold`: the store's events with `why`; `drifted`: as `drift.told` gives it;
    `buyer`: what somebody who buys is called."""
    undone = pl.when(pl.col("kind") == "unshipped").then(pl.lit(", not shipped after all")).otherwise(pl.lit(""))
    moved = ledger.select(
        pl.col("at").alias("When"),
        pl.col("kind").replace(KINDS).alias("What"),
        pl.col("sku").alias("SKU"),
        pl.col("change").alias("Units"),
        pl.col("after").alias("Stocked after"),
        pl.col("channel").alias("Channel"),
        pl.concat_str("cause", undone).alias("Because"),
        pl.col("who").alias("Who"),
    )
    taken = sold.select(
        pl.col("at").alias("When"),
        pl.col("kind").alias("What"),
        pl.col("part").alias("SKU"),
        pl.col("change").alias("Units"),
        pl.lit(None, pl.Int64).alias("Stocked after"),
        pl.col("channel").alias("Channel"),
        pl.concat_str(pl.lit("order "), "order").alias("Because"),
        pl.when(pl.col("kind") == "sale").then(pl.lit(buyer)).alias("Who"),
    )
    beyond = oversold.select(
        pl.col("at").alias("When"),
        pl.lit("oversold").alias("What"),
        pl.col("sku").alias("SKU"),
        pl.lit(None, pl.Int64).alias("Units"),  # the sale stands in a row of its own
        pl.lit(None, pl.Int64).alias("Stocked after"),
        pl.col("channel").alias("Channel"),
        pl.format("order {}, {} more than there was: {}", "order", "units", "why").alias("Because"),
        pl.lit(buyer).alias("Who"),
    )
    changed = drifted.select(
        pl.col("at").alias("When"),
        pl.lit("drift").alias("What"),
        pl.col("part").alias("SKU"),
        pl.col("change").alias("Units"),
        pl.lit(None, pl.Int64).alias("Stocked after"),  # the shelf moves by an answer alone
        pl.col("channel").alias("Channel"),
        pl.format("without an order: {}", "why").alias("Because"),
        pl.lit(None, pl.String).alias("Who"),
    )
    sent = pushes.filter(pl.col("outcome").is_in(["accepted", "landed"])).select(
        pl.col("finished_at").alias("When"),
        pl.lit("push").alias("What"),
        pl.col("sku").alias("SKU"),
        (pl.col("quantity") - pl.col("old")).alias("Units"),
        pl.lit(None, pl.Int64).alias("Stocked after"),
        pl.col("channel").alias("Channel"),
        pl.format("now shows {}", "quantity").alias("Because"),
        pl.lit("Stocksheet").alias("Who"),
    )
    return shaped(
        tabs.MOVEMENTS,
        pl.concat([moved, taken, beyond, changed, sent]).sort("When", descending=True, maintain_order=True).head(most),
    )


def sync_log(pushes: pl.DataFrame, outcomes: pl.DataFrame, causes: Mapping[str, str], most: int) -> pl.DataFrame:
    """Newest first: every quantity that was sent. `outcomes`: outcome -> words; `causes`: cause -> words."""
    rows = pushes.sort("id", descending=True).head(most).join(outcomes, on="outcome", how="left", nulls_equal=True)
    return shaped(
        tabs.SYNC_LOG,
        rows.select(
            pl.col("sent_at").alias("When"),
            pl.col("channel").alias("Channel"),
            pl.col("listing").alias("Listing"),
            pl.col("sku").alias("SKU"),
            pl.col("old").alias("From"),
            pl.col("quantity").alias("To"),
            pl.col("cause").replace(dict(causes)).alias("Cause"),
            pl.when(pl.col("message").is_not_null() & (pl.col("outcome") != "accepted"))
            .then(pl.concat_str("words", pl.lit(": "), "message"))
            .otherwise("words")
            .alias("Result"),
            pl.format("R{}", "run").alias("Run"),
        ),
    )


def attention(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows`: id, severity, what, fix, where, answers, since. Worst first, then oldest."""
    ordered = rows.with_columns(rank=pl.col("severity").replace_strict(WORST, return_dtype=pl.Int64)).sort(
        "rank", "since", pl.col("id").str.extract("([0-9]+)").cast(pl.Int64), "id"
    )
    return shaped(
        tabs.ATTENTION,
        ordered.select(
            pl.col("id").alias("Id"),
            pl.col("severity").alias("How bad"),
            pl.col("what").alias("What"),
            pl.col("fix").alias("What to do"),
            pl.col("where").alias("Where"),
            pl.col("answers").alias("Answers"),
            pl.col("since").alias("Since"),
        ),
    )
