"""Everything that is known of one item, as frames and by its name: what `explain` shows and answers are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import polars as pl
from rapidfuzz import fuzz, process, utils

from agent.core import lines, report, rules
from agent.core.scopes import COLUMNS
from agent.deciding import drift
from agent.deciding.decide import Decision
from agent.looking import feed_report
from agent.ports import SystemClock
from agent.state import Agent
from agent.store import Store
from agent.telling import oversell
from agent.telling.listed import listed_rows
from agent.words import in_words

LAST = 8
"""Entries of the ledger, and pushes."""
ALIKE = 60
"""How alike, out of 100, a SKU must be to be offered."""
COUNTED = "counted"
LISTING = ["channel", "listing"]
Parts = dict[str, pl.DataFrame]


# --- which item is meant


def codes(store: Store) -> Mapping[str, str]:
    """What an item may be called -> its SKU: exactly so, or in any case where that means one item; its title, too."""
    items = store.table("item")
    own = {sku: sku for sku in items["sku"]}
    also = dict(store.table("alias").select("alias", "sku").rows())
    loose: dict[str, str | None] = {}
    for name, sku in [*own.items(), *also.items()]:
        low = name.casefold()
        loose[low] = sku if loose.get(low, sku) == sku else None
    titles = items.filter(pl.col("title").is_unique() & pl.col("title").is_not_null())
    named = {title.casefold(): sku for title, sku in titles.select("title", "sku").rows()}
    return {**named, **{low: sku for low, sku in loose.items() if sku}, **also, **own}


def meant(known: Mapping[str, str], typed: str) -> str | None:
    """The SKU of the item that is meant: its SKU in any case, one of its Other SKUs, or its title."""
    name = " ".join(typed.split())
    return known.get(name) or known.get(name.casefold())


def alike(store: Store, typed: str, shops: Iterable[str] = (), most: int = 3) -> list[str]:
    """The SKUs (and shops) that are most like a text that is none."""
    known = [*store.table("item")["sku"], *shops]
    found = process.extract(
        typed, known, scorer=fuzz.ratio, processor=utils.default_process, limit=most, score_cutoff=ALIKE
    )
    return [sku for sku, *_ in found]


# --- what is known of it


def told(agent: Agent, decision: Decision, sku: str) -> Parts:
    """Every table about one item, by what it tells."""
    mine = decision.structure.parts.filter((pl.col("part") == sku) | (pl.col("sku") == sku))
    keys = mine.select("channel", "listing").unique()
    made_of = agent.store.table("part").filter(pl.col("sku") == sku).select(Part="part", Units="units")
    parts = {"stock": stock(agent, decision, sku)}
    if made_of.height:
        parts["made of"] = made_of
    if (fed := feed_report.told(agent, sku)).height:
        parts["feed"] = fed.with_columns(_when("As of").alias("As of"), _when("Read").alias("Read"))
    return parts | {
        "last movements": _movements(agent, sku),
        "last sales": _sales(agent, decision, sku),
        "open orders": _open_orders(agent, mine, sku),
        "listings": listings(agent, decision, sku).select(
            "Channel", "Listing", "SKU", "Units", "Shows now", "Target", "Status", "Why"
        ),
        "rules in force": _rules(agent, decision, keys),
        "last pushes": _pushes(agent, keys),
    }


def stock(agent: Agent, decision: Decision, sku: str) -> pl.DataFrame:
    """Title, Stocked, Allocated, Available, Missing and State of the item."""
    item = agent.store.table("item").filter(pl.col("sku") == sku)
    return item.join(decision.stock, on="sku", how="left", suffix="_now").select(
        pl.col("title").alias("Title"),
        pl.col("stocked_now").alias("Stocked"),
        pl.col("allocated").alias("Allocated"),
        pl.col("available").alias("Available"),
        pl.col("missing").alias("Missing"),
        pl.when(pl.col("bundle")).then(pl.lit(in_words("explaining.bundle")))
        .when(~pl.col("tracked")).then(pl.lit("not tracked"))
        .when(~pl.col("active")).then(pl.lit("not active"))
        .when(pl.col("frozen").is_not_null()).then(pl.lit("held: see Attention"))
        .when(pl.col("stocked_now").is_null()).then(pl.lit(in_words("explaining.not_managed")))
        .otherwise(pl.lit(COUNTED)).alias("State"),
    )  # fmt: skip


def listings(agent: Agent, decision: Decision, sku: str | None = None) -> pl.DataFrame:
    """The rows of Listings that sell the item, or a bundle of it; all of them without a SKU."""
    listed = listed_rows(agent, decision)
    if sku is None:
        return listed
    mine = decision.structure.parts.filter((pl.col("part") == sku) | (pl.col("sku") == sku)).select(LISTING).unique()
    return listed.join(mine, left_on=["Channel", "Listing"], right_on=LISTING, how="semi")


def movements(agent: Agent, decision: Decision, sku: str) -> pl.DataFrame:
    """The rows of Movements about the item, newest first; pushes are none: they follow from what moved it."""
    store = agent.store
    sold = lines.sold(store.table("order_line"), decision.structure.parts.filter(pl.col("part") == sku))
    entries = store.table("ledger").filter(pl.col("sku") == sku).sort("id", descending=True)
    oversold = oversell.told(oversell.events(store).filter(pl.col("sku") == sku))
    mine = decision.structure.parts.filter(pl.col("part") == sku)
    drifted = drift.told(store, mine, entries.height + sold.height + LAST)
    most = entries.height + sold.height + drifted.height
    buyer, sent = in_words("tell.a_buyer"), store.table("push").clear()
    return report.movements(entries, sold, sent, oversold, drifted, buyer=buyer, most=most)


def _movements(agent: Agent, sku: str) -> pl.DataFrame:
    rows = agent.store.table("ledger").filter(pl.col("sku") == sku).sort("id").tail(LAST).reverse()
    return rows.select(
        _when("at"), What="kind", Units="change", **{"Stocked after": "after"}, Channel="channel", Because="cause"
    )


def _sales(agent: Agent, decision: Decision, sku: str) -> pl.DataFrame:
    """The newest orders that took units of the item, and those that gave some back, in item units."""
    parts = decision.structure.parts.filter(pl.col("part") == sku)
    sold = lines.sold(agent.store.table("order_line"), parts).sort("at", "order", nulls_last=False)
    return sold.tail(LAST).reverse().select(
        _when("at"), What=pl.when(pl.col("kind") == "sale").then(pl.lit("sold")).otherwise(pl.lit("given up")),
        Units=pl.col("change").abs(), Channel="channel", Order="order",
    )  # fmt: skip


def _open_orders(agent: Agent, mine: pl.DataFrame, sku: str) -> pl.DataFrame:
    """Sold and not shipped: these units are Allocated."""
    taken = mine.filter(pl.col("part") == sku).select("channel", "listing", "units")
    lines = agent.store.table("order_line").filter(pl.col("open") > 0).join(taken, on=["channel", "listing"])
    return lines.select(
        _when("sale_at"), Channel="channel", Order="order", Listing="listing",
        Units=pl.col("open") * pl.col("units"), State="state",
    )  # fmt: skip


def _pushes(agent: Agent, keys: pl.DataFrame) -> pl.DataFrame:
    mine = agent.store.table("listing").join(keys, on=["channel", "listing"], how="semi")
    cells = mine.select("channel", "cell").unique()
    rows = agent.store.table("push").join(cells, on=["channel", "cell"], how="semi").sort("id").tail(LAST).reverse()
    return rows.select(
        _when("sent_at"), Channel="channel", Listing="listing", From="old", To="quantity",
        Result=pl.col("outcome").fill_null(in_words("explaining.on_its_way")),
    )  # fmt: skip


def _rules(agent: Agent, decision: Decision, keys: pl.DataFrame) -> pl.DataFrame:
    links = decision.structure.parts.join(keys, on=["channel", "listing"], how="semi")
    linked = links.select("channel", "listing", "sku").unique(["channel", "listing"], keep="first", maintain_order=True)
    wide = rules.effective(linked, agent.store.table("rule"), agent.store.table("tag"))
    found = [
        (row["channel"], row["listing"], COLUMNS[name], _value(name, value))
        for row in wide.iter_rows(named=True)
        for name, value in row.items()
        if name in COLUMNS and value is not None
    ]
    return pl.DataFrame(found, schema=dict.fromkeys(("Channel", "Listing", "Rule", "Value"), pl.String), orient="row")


def _value(name: str, value: object) -> str:
    if name == "percent":
        return f"{int(str(value)) / 100:g} %"
    if name == "until":
        return str(date(1970, 1, 1) + timedelta(days=int(str(value))))
    return str(value)


def _when(column: str) -> pl.Expr:
    """A moment in this computer's time zone."""
    zone = SystemClock().now().astimezone().utcoffset() or timedelta()
    return (pl.col(column).dt.replace_time_zone(None) + zone).dt.strftime("%Y-%m-%d %H:%M:%S").alias("When")
