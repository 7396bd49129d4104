"""How things stand: the tabs Channel Status and Start here."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from agent.asking import questions
from agent.core import report
from agent.core.evidence import LOST
from agent.core.lags import PUSHED, SEEN
from agent.deciding.decide import Decision
from agent.deciding.structure import channel_settings
from agent.frames import TIME
from agent.looking import feed_report, lags
from agent.state import Agent
from agent.telling import control, imports
from agent.words import in_words, short
from agent.workbooks import tabs
from agent.workbooks.starter_content import PLACES


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
    shops = report.shaped(
        tabs.CHANNEL_STATUS,
        rows.with_columns(
            pl.col("account_name").alias("Account"),
            state.alias("Mode"),
            pl.format("{} of {}", pl.col("synced").fill_null(0), pl.col("Linked").fill_null(0)).alias("In sync"),
            pl.col("orders_ok_at").alias("Orders read"),
            pl.col("full_at").alias("Listings read"),
            pl.col("access_ends").alias("Access ends"),
            pl.concat_str("problem_what", pl.lit(" "), "problem_fix").alias("Trouble"),
            pl.Series("Next look", due, dtype=TIME),
            pl.Series("Orders read after", [lags.told(store, n, SEEN) for n in agent.channels], dtype=pl.String),
            pl.Series("Pushes confirmed after", [lags.told(store, n, PUSHED) for n in agent.channels], dtype=pl.String),
        ),
    )
    return pl.concat([shops, report.shaped(tabs.CHANNEL_STATUS, feed_report.standing(agent))])


def start_here(agent: Agent, decision: Decision, listed: pl.DataFrame) -> pl.DataFrame:
    """The five steps: each is done when it is so now, and says what it waits for."""
    steps = [
        _items_filled_in(agent),
        _shops_connected(agent),
        _listings_linked(agent, decision, listed),
        _plans_approved(agent),
        _in_sync(agent, listed),
    ]
    frame = pl.DataFrame(steps, schema=["What to do", "done", "How it stands"], orient="row").with_row_index("Step", 1)
    names = agent.sheet.snapshot.names if agent.sheet else {}
    mine = names.get(tabs.ITEM_MASTER.name, tabs.ITEM_MASTER.name)
    yes, not_yet = tabs.DONE
    return report.shaped(
        tabs.START_HERE,
        frame.with_columns(
            pl.col("What to do").str.replace(tabs.ITEM_MASTER.name, mine, literal=True),
            pl.when("done").then(pl.lit(yes)).otherwise(pl.lit(not_yet)).alias("Done"),
            pl.Series("Go there", [names.get(name, name) if _is_open(agent, name) else None for name in PLACES]),
        ),
    )


def _is_open(agent: Agent, tab: str) -> bool:
    """A link into a hidden tab leads nowhere; the agent's appear with the first shop."""
    return bool(agent.channels) or tabs.BY_NAME[tab].shown


StepHere = tuple[str, bool, str]
"""What to do, whether it is done, how it stands."""


def _items_filled_in(agent: Agent) -> StepHere:
    what = in_words("standing.fill_item_master_one")
    if agent.sheet_problem is not None:
        return what, False, in_words("standing.workbook_cannot_read_now")
    items = agent.store.table("item").filter(pl.col("frozen").is_null() | ~pl.col("frozen").is_in(LOST))
    counted = items.filter(pl.col("tracked") & ~pl.col("bundle"))
    blank = counted.filter(pl.col("stocked").is_null()).height
    some = items.height > 0 and (blank < counted.height or counted.is_empty())
    if items.is_empty():
        return what, False, in_words("standing.no_item_yet")
    return what, some, in_words("standing.items", items=items.height, blank=blank or None)


def _channels(agent: Agent) -> pl.DataFrame:
    """The channels of the settings as they stand, those that were never looked at included."""
    named = pl.DataFrame({"channel": list(agent.channels)}, schema={"channel": pl.String})
    return named.join(agent.store.table("channel"), on="channel", how="left", maintain_order="left")


def _shops_connected(agent: Agent) -> StepHere:
    what, rows = in_words("standing.connect_a_shop"), _channels(agent)
    if rows.is_empty():
        return what, False, in_words("standing.no_shop_yet_type")
    out = rows.filter(pl.col("problem_kind").is_not_null() | pl.col("orders_ok_at").is_null())["channel"].to_list()
    looked = rows["orders_ok_at"].max()
    at = (
        in_words("standing.last_looked", at=f"{looked.astimezone():%H:%M}")
        if isinstance(looked, datetime)
        else in_words("standing.never_looked_yet")
    )
    well = rows.height - len(out)
    return what, not out, in_words("standing.shops_answer", well=well, shops=rows.height, at=at, out=", ".join(out))


def _listings_linked(agent: Agent, decision: Decision, listed: pl.DataFrame) -> StepHere:
    what = in_words("standing.look_at_imports_link")
    rows = _channels(agent)
    if not rows["full_count"].count():
        return what, False, in_words("standing.comes_after_step_listings")
    unread = rows.filter(pl.col("full_count").is_null())["channel"].to_list()
    waiting = imports.waiting(decision.structure.matched.imports)
    told = in_words("standing.linked", linked=listed.height, waiting=waiting, unread=", ".join(unread))
    return what, waiting == 0 and not unread, told


def _plans_approved(agent: Agent) -> StepHere:
    what = in_words("standing.look_at_first_plan")
    rows = _channels(agent)
    live = rows.filter(pl.col("live").fill_null(value=False))["channel"].to_list()
    asked = questions.open_questions(agent.store).filter(pl.col("kind") == "first_plan")
    waits = [
        in_words("standing.waits_for_your_yes", name=name, id=id_)
        for name, id_ in asked.select("key", "id").iter_rows()
    ]
    off = _not_to_go_live(agent)
    rest = [n for n in rows["channel"].to_list() if n not in [*live, *asked["key"].to_list(), *off]]
    told = [in_words("standing.live", live=", ".join(live))] if live else []
    told += [*waits, *([in_words("standing.no_plan_yet", rest=", ".join(rest))] if rest else [])]
    told += [in_words("standing.not_go_live", off=", ".join(off))] if off else []
    text = "; ".join(told) or in_words("standing.comes_after_step")
    return what, bool(live) and not waits and not rest, f"{text[0].upper()}{text[1:]}."


def _not_to_go_live(agent: Agent) -> list[str]:
    """Shops that the seller keeps at looking: Mode Off, or Go live no."""
    off = channel_settings(agent).filter((pl.col("mode") == "Off") | ~pl.col("go_live"))["channel"].to_list()
    live = agent.store.table("channel").filter(pl.col("live"))["channel"].to_list()
    return [name for name in agent.channels if name in off and name not in live]


def _in_sync(agent: Agent, listed: pl.DataFrame) -> StepHere:
    what = in_words("standing.go_working_item_master")
    synced = listed.filter(pl.col("Status") == short("in_sync")).height
    if not _channels(agent)["live"].fill_null(value=False).any():
        return what, False, in_words("standing.comes_after_step_nothing")
    if agent.mode() != "Live":
        return what, False, in_words("standing.mode_control_nothing_pushed", mode=agent.mode())
    rest = listed.height - synced
    told = in_words("standing.in_sync", synced=synced, listings=listed.height, rest=rest or None)
    return what, synced > 0, f"{told} {_stopped(agent)}".strip()


def _stopped(agent: Agent) -> str:
    """What the person has stopped, in a sentence; "" where nothing is."""
    told = "; ".join(control.summary(agent))
    return f"{told[0].upper()}{told[1:]}." if told else ""
