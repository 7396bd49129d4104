"""How things stand: the tabs Channel Status, Dashboard and Start here."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from agent import questions
from agent.core import report
from agent.decide import Decision
from agent.frames import TIME
from agent.state import Agent
from agent.structure import channel_settings
from agent.workbooks import tabs


def channel_status(agent: Agent, decision: Decision, listed: pl.DataFrame) -> pl.DataFrame:
    store, settings = agent.store, channel_settings(agent)
    seen = store.table("listing").filter(pl.col("absent") < 2).group_by("channel").len("Listings")
    there = decision.targets.filter(pl.col("absent") < 2).select(
        pl.col("channel").alias("Channel"), pl.col("listing").alias("Listing")
    )
    links = (
        listed.join(there, on=["Channel", "Listing"], how="semi")
        .group_by("Channel")
        .agg(pl.len().alias("Linked"), (pl.col("Status") == "in sync").sum().alias("synced"))
    )
    pushed = store.table("push").group_by("channel").agg(pl.col("sent_at").max().alias("Last push"))
    rows = (
        pl.DataFrame({"Channel": list(agent.channels)}, schema={"Channel": pl.String})
        .join(store.table("channel"), left_on="Channel", right_on="channel", how="left")
        .join(settings.select("channel", "mode", "go_live"), left_on="Channel", right_on="channel", how="left")
        .join(seen, left_on="Channel", right_on="channel", how="left")
        .join(links, on="Channel", how="left")
        .join(pushed, left_on="Channel", right_on="channel", how="left")
    )
    live = pl.col("live").fill_null(value=False)
    state = (
        pl.when(pl.col("problem_kind").is_not_null()).then(pl.lit("out"))
        .when(pl.col("mode") == "Off").then(pl.lit("Off"))
        .when(pl.lit(agent.mode() != "Live")).then(pl.lit(agent.mode()))
        .when(~live | ~pl.col("go_live").fill_null(value=True)).then(pl.lit("not live yet"))
        .otherwise(pl.lit("Live"))
    )  # fmt: skip
    due = [agent.due.get(name) for name in agent.channels]
    return report.shaped(
        tabs.CHANNEL_STATUS,
        rows.with_columns(
            pl.col("account_name").alias("Account"),
            state.alias("Mode"),
            pl.format("{} of {}", pl.col("synced").fill_null(0), pl.col("Linked").fill_null(0)).alias("In sync"),
            pl.col("orders_ok_at").alias("Orders read"),
            pl.col("full_at").alias("Listings read"),
            pl.concat_str("problem_what", pl.lit(" "), "problem_fix").alias("Trouble"),
            pl.Series("Next look", due, dtype=TIME),
        ),
    )


def dashboard(agent: Agent, decision: Decision, listed: pl.DataFrame) -> pl.DataFrame:
    variants = agent.store.table("listing").filter(pl.col("absent") < 2).height
    linked, synced = listed.height, listed.filter(pl.col("Status") == "in sync").height
    below = decision.stock.filter(pl.col("available") < 0).height
    figures = [
        ("Variants seen", variants, "Everything that can be sold in the connected shops."),
        ("Linked to an item", linked, "The others wait in Imports."),
        ("In sync", synced, "Linked listings that show their target, said so by the shop itself."),
        ("Items sold beyond stock", below, "Items with more sold than stocked. Look at Stock Levels."),
        ("Questions open", questions.open_questions(agent.store).height, "They wait for you in Attention."),
    ]
    return report.shaped(tabs.DASHBOARD, pl.DataFrame(figures, schema=["Figure", "Value", "Meaning"], orient="row"))


def start_here(agent: Agent, decision: Decision, listed: pl.DataFrame) -> pl.DataFrame:
    store = agent.store
    items = store.table("item").height
    channels = store.table("channel")
    known = channels.filter(pl.col("account_name").is_not_null()).height
    live = channels.filter(pl.col("live")).height
    waiting = decision.structure.matched.imports.height
    synced = listed.filter(pl.col("Status") == "in sync").height
    looked = channels["orders_ok_at"].max()
    at = f"last looked {looked.astimezone():%H:%M}" if isinstance(looked, datetime) else "never looked yet"
    steps = [
        (1, "Fill in Item Master: one row a SKU, and how many you have.", items > 0, f"{items} items."),
        (2, "Connect a shop.", known > 0, f"{known} of {len(agent.channels)} shops answer; {at}."),
        (3, "Look at Imports: link what is yours, ignore the rest.", known > 0 and waiting == 0,
         f"{listed.height} listings linked, {waiting} wait in Imports."),
        (4, "Look at the first plan in Listings, then type yes in Attention.", live > 0, f"{live} shops are live."),
        (5, "Go on working in Item Master. Stocksheet does the rest.", live > 0 and synced > 0,
         f"{synced} of {listed.height} listings are in sync."),
    ]  # fmt: skip
    frame = pl.DataFrame(steps, schema=["Step", "What to do", "done", "How it stands"], orient="row")
    done = pl.when("done").then(pl.lit("yes")).otherwise(pl.lit("not yet"))
    return report.shaped(tabs.START_HERE, frame.with_columns(done.alias("Done")))
