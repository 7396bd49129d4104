"""`stocksheet explain SKU`: everything behind one item's numbers, from the workbook and what was last seen."""

from __future__ import annotations

import argparse
import asyncio
from datetime import date, timedelta
from typing import Any

import polars as pl

from agent import app, feed_report, sheet, tell
from agent.commands import DONE
from agent.commands._screen import Screen
from agent.commands._settings import add_config, add_json, agent_on, must_be_read, settings
from agent.config_check import nearest
from agent.core import report, rules
from agent.core.scopes import COLUMNS
from agent.decide import Decision, decide
from agent.ports import SystemClock
from agent.state import Agent

HELP = "Say where one item's numbers come from: stock, orders, listings, rules, pushes."
LAST = 8
"""Entries of the ledger, and pushes."""
Parts = dict[str, pl.DataFrame]


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `explain` takes."""
    parser.add_argument("sku", help="the item's SKU, as it stands in Item Master")
    add_config(parser)
    add_json(parser)


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: told. Raises LookupError where no item has that SKU, and ConfigProblems, SecretsOut, WorkbookOut."""
    return asyncio.run(_explain(chosen, screen))


async def _explain(chosen: argparse.Namespace, screen: Screen) -> int:
    found = settings(chosen)
    async with agent_on(found, app.copy_store(found)) as agent:
        await sheet.read(agent)
        must_be_read(agent)
        decision = decide(agent)
        sku = _sku(agent, chosen.sku)
        parts = told(agent, decision, sku)
    title = parts["stock"]["Title"].to_list()
    screen.say("  ".join([sku, *(str(each) for each in title if each)]), "bold")
    for name, rows in parts.items():
        screen.say()
        if rows.height:
            screen.table(rows, name.capitalize())
        else:
            screen.say(f"{name.capitalize()}: none")
    screen.data({"sku": sku, **{name.replace(" ", "_"): _plain(rows) for name, rows in parts.items()}})
    return DONE


def _sku(agent: Agent, typed: str) -> str:
    """The item that is meant: its SKU in any case, or one of its Other SKUs. Raises LookupError."""
    known = agent.store.table("item")["sku"].to_list()
    also = dict(agent.store.table("alias").iter_rows())
    wanted = typed.strip().casefold()
    meant = next((sku for sku in known if sku == typed.strip()), None)
    meant = meant or next((sku for sku in [*known, *also] if sku.casefold() == wanted), None)
    if meant is None:
        like = nearest(typed, {sku.lower(): sku for sku in known})
        hint = f" Do you mean {next(sku for sku in known if sku.lower() == like)}?" if like else ""
        raise LookupError(f"Item Master has no item {typed}.{hint}")
    return str(also.get(meant, meant)) if meant not in known else meant


def told(agent: Agent, decision: Decision, sku: str) -> Parts:
    """Every table about one item, by what it tells."""
    mine = decision.structure.parts.filter((pl.col("part") == sku) | (pl.col("sku") == sku))
    keys = mine.select("channel", "listing").unique()
    status = tell.status_words(decision)
    listed = report.listings(decision.targets, decision.plan, status)
    listed = listed.join(keys, left_on=["Channel", "Listing"], right_on=["channel", "listing"], how="semi")
    made_of = agent.store.table("part").filter(pl.col("sku") == sku).select(Part="part", Units="units")
    parts = {"stock": _stock(agent, decision, sku)}
    if made_of.height:
        parts["made of"] = made_of
    if (fed := feed_report.told(agent, sku)).height:
        parts["feed"] = fed.with_columns(_when("As of").alias("As of"), _when("Read").alias("Read"))
    return parts | {
        "last movements": _movements(agent, sku),
        "open orders": _open_orders(agent, mine, sku),
        "listings": listed.select("Channel", "Listing", "SKU", "Units", "Shows now", "Target", "Status", "Why"),
        "rules in force": _rules(agent, decision, keys),
        "last pushes": _pushes(agent, keys),
    }


def _stock(agent: Agent, decision: Decision, sku: str) -> pl.DataFrame:
    item = agent.store.table("item").filter(pl.col("sku") == sku)
    return item.join(decision.stock, on="sku", how="left", suffix="_now").select(
        pl.col("title").alias("Title"),
        pl.col("stocked_now").alias("Stocked"),
        pl.col("allocated").alias("Allocated"),
        pl.col("available").alias("Available"),
        pl.col("missing").alias("Missing"),
        pl.when(pl.col("bundle")).then(pl.lit("a bundle: its parts are counted"))
        .when(~pl.col("tracked")).then(pl.lit("not tracked"))
        .when(~pl.col("active")).then(pl.lit("not active"))
        .when(pl.col("frozen").is_not_null()).then(pl.lit("held: see Attention"))
        .when(pl.col("stocked_now").is_null()).then(pl.lit("not managed yet: Stocked is blank"))
        .otherwise(pl.lit("counted")).alias("State"),
    )  # fmt: skip


def _movements(agent: Agent, sku: str) -> pl.DataFrame:
    rows = agent.store.table("ledger").filter(pl.col("sku") == sku).sort("id").tail(LAST).reverse()
    return rows.select(
        _when("at"), What="kind", Units="change", **{"Stocked after": "after"}, Channel="channel", Because="cause"
    )


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
        Result=pl.col("outcome").fill_null("on its way"),
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


def _plain(rows: pl.DataFrame) -> list[dict[str, Any]]:
    return rows.rename({name: name.lower().replace(" ", "_") for name in rows.columns}).to_dicts()
