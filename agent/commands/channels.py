"""`stocksheet channels`: what each platform can do, and how the connected shops stand."""

from __future__ import annotations

import argparse
from typing import Any

import polars as pl

from agent import app, channels, config
from agent.channels.base import Can
from agent.commands import DONE
from agent.commands._screen import Screen
from agent.commands._settings import add_config, add_json, settings
from agent.config import ChannelSettings, Settings
from agent.store import Store
from agent.words import in_words

HELP = "Which platforms there are, what each can do, and how your connected shops stand."
SHOP = {
    **dict.fromkeys(("Shop", "Platform", "Account", "State", "Orders read", "Access ends", "Trouble"), pl.String),
    "Listings": pl.Int64,
}

SIDE_BY_SIDE = 4
"""Platforms beside each other: as many as a narrow window holds."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `channels` takes."""
    add_config(parser)
    add_json(parser)


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: shown. Raises ConfigProblems where there are settings that cannot be read."""
    screen.say(in_words("channels.what_each_can_do"))
    for some in abilities().iter_slices(SIDE_BY_SIDE):
        screen.say()
        screen.table(some.transpose(include_header=True, header_name="Platform", column_names="Platform"))
    shops = pl.DataFrame()
    if chosen.config or config.find_config().exists():
        shops = connected(settings(chosen))
        screen.say()
        screen.table(shops, "Your shops") if shops.height else screen.say(in_words("channels.no_shop_connected_yet"))
    screen.data({"platforms": [_record(name) for name in channels.platforms()], "shops": shops.to_dicts()})
    return DONE


def abilities() -> pl.DataFrame:
    """One row a platform, from its `Can`: the table of the README, too."""
    rows = [_row(name, channels.find(name).CAN) for name in channels.platforms()]
    return pl.DataFrame(rows, infer_schema_length=None)


def _row(name: str, can: Can) -> dict[str, str]:
    return {
        "Platform": can.title,
        "connect": name,
        "Quantities a call": f"{can.batch} of one product" if can.one_product else str(can.batch),
        in_words("channels.guards_against_sale_between"): "yes"
        if can.write == "compare_and_set"
        else in_words("channels.by_reading_again"),
        "Read back": can.read,
        "A push stands": can.applies,
        "Orders": f"each {can.poll:g} s" if can.orders == "yes" else in_words("channels.cannot_read"),
        in_words("channels.takes_sold_units_off"): f"at {can.decrements}",
        in_words("channels.cancelled_units_come_back"): "by themselves" if can.restocks_cancel else "pushed back",
        "Shared quantities": "yes" if can.shared_quantity else "no",
    }


def _record(name: str) -> dict[str, Any]:
    """Everything a script may want to know of a platform."""
    can = channels.find(name).CAN
    return {"platform": name, **{key: getattr(can, key) for key in can.__dataclass_fields__}}


def connected(found: Settings) -> pl.DataFrame:
    """One row a connected shop, as it stood at the last look."""
    store: Store = app.copy_store(found)
    known = {row["channel"]: row for row in store.table("channel").iter_rows(named=True)}
    listings = dict(store.table("listing").filter(pl.col("absent") < 2).group_by("channel").len().iter_rows())
    store.close()
    rows = [_shop(one, known.get(one.name, {}), listings.get(one.name)) for one in found.channels.values()]
    return pl.DataFrame(rows, schema=SHOP)


def _shop(one: ChannelSettings, known: dict[str, Any], listings: int | None) -> dict[str, Any]:
    at = known.get("orders_ok_at")
    ends = known.get("access_ends")
    state = "out" if known.get("problem_kind") else "live" if known.get("live") else in_words("channels.not_live_yet")
    return {
        "Shop": one.name,
        "Platform": one.platform,
        "Account": known.get("account_name") or one.account_name,
        "State": state,
        "Orders read": f"{at.astimezone():%Y-%m-%d %H:%M:%S}" if at else "never",
        "Access ends": f"{ends.astimezone():%Y-%m-%d}" if ends else "",
        "Trouble": " ".join(str(known[key]) for key in ("problem_what", "problem_fix") if known.get(key)),
        "Listings": listings,
    }
